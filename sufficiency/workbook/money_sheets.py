"""Sheets about money: what it costs, and why that changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from sufficiency.answer.pounds import PART_WORDS
from sufficiency.answer.words import WITHHELD, capital
from sufficiency.comparison.pressure import AFTER, BEFORE
from sufficiency.comparison.yearly import WHOLE_RUN
from sufficiency.costs.definitions import COST_TYPES, PARTS
from sufficiency.results.results import BASELINE
from sufficiency.workbook.cells import Cell
from sufficiency.workbook.contents import Contents, Figure, cost_words, option_title
from sufficiency.workbook.sheets import SERIES_AT_MOST, Chart, Column, Series, Sheet

COST = "Cost by type and year"
BRIDGE = "Bridge"
NET, SPENDING, VOIDS, INCOME, CAPITAL = (
    "Net cost", "Spending in all", "Of it for empty places", "Income", "Capital (in no total)",
)  # fmt: skip
_FIGURE_COLUMNS = (
    Column("Mean", 14, "£"),
    Column("Error of the mean", 12, "£"),
    Column("P10", 14, "£"),
    Column("P50", 14, "£"),
    Column("P80", 14, "£"),
    Column("P90", 14, "£"),
)
_COST_COLUMNS = (
    Column("Option", 26), Column("Type", 28), Column("Financial year", 12), *_FIGURE_COLUMNS,
)  # fmt: skip
Span = tuple[int, int]
"""First and last row of what belongs together."""


def numbers(figure: Figure) -> tuple[float, ...]:
    """The numbers of a figure, in the order of the columns."""
    return (figure.mean, figure.se, figure.p10, figure.p50, figure.p80, figure.p90)


def cost(contents: Contents) -> Sheet:
    """What each option costs by type and financial year, and over the whole run."""
    rows: list[Sequence[Cell]] = []
    spans: dict[tuple[str, str], Span] = {}
    for option in contents.options:
        for words, measure, group in _cost_lines():
            years = contents.by_year(measure, group, option)
            if group and contents.lacks(measure, group, option):
                unknown = (WITHHELD,) * len(_FIGURE_COLUMNS)
                rows.append((option_title(option), words, WHOLE_RUN, *unknown))
            if not any(figure.mean or figure.p90 for figure in years.values()):
                continue
            named = (option_title(option), words)
            spans[option, words] = (len(rows), len(rows) + len(years) - 1)
            rows += [(*named, year, *numbers(figure)) for year, figure in years.items()]
            whole = contents.over_years(measure, group, option)
            if whole is not None:
                rows.append((*named, WHOLE_RUN, *numbers(whole)))
    return Sheet(
        name=COST,
        title="Cost by type and financial year, in nominal pounds",
        reading=(
            "The means of the types add up to “Spending in all”, and that less income is the net"
            " cost. Percentiles do not add up, neither over types nor over years: see “whole run”.",
            "P80: in 8 futures of 10 it costs no more. The error says how far the mean would move"
            " if everything were simulated again.",
        ),
        table="Cost",
        columns=_COST_COLUMNS,
        rows=rows,
        charts=tuple(_cost_charts(contents, rows, spans)),
    )


def _cost_lines() -> Iterable[tuple[str, str, str]]:
    yield (NET, "net_cost", "")
    yield (SPENDING, "cost", "")
    yield (VOIDS, "void_cost", "")
    yield (INCOME, "income", "")
    for type_ in COST_TYPES:
        yield (cost_words(type_), "cost", f"type={type_}")
    yield (CAPITAL, "capital", "")


def _cost_charts(
    contents: Contents, rows: Sequence[Sequence[Cell]], spans: Mapping[tuple[str, str], Span]
) -> Iterable[Chart]:
    net = spans.get((BASELINE, NET))
    if net is None:
        return
    yield range_chart(rows, net)
    named = {words for words, _, group in _cost_lines() if group}
    of_types = [(words, span) for (option, words), span in spans.items() if option == BASELINE]
    largest = sorted(
        ((words, span) for words, span in of_types if words in named),
        key=lambda pair: -number(rows[pair[1][1]], 3),
    )[:SERIES_AT_MOST]
    shown = " shown" if any(contents.lacks("cost", group) for _, _, group in _cost_lines()) else ""
    if largest:
        heading = f"The largest types of cost{shown}, if nothing is decided"
        yield _lines(heading, "Mean", largest, rows, "")
    if len(contents.options) > 1:
        of = [(option_title(o), spans[o, NET]) for o in contents.shown if (o, NET) in spans]
        yield _lines("Net cost of each option", "P50", of, rows, contents.left_out)


def number(row: Sequence[Cell], place: int) -> float:
    """A number of a row, 0 where there is none."""
    cell = row[place]
    return float(cell) if isinstance(cell, int | float) else 0.0


def millions(value: float) -> str:
    """Pounds in a sentence."""
    return f"£{value / 1e6:,.2f} million" if abs(value) >= 1e6 else f"£{value:,.0f}"


def range_chart(rows: Sequence[Sequence[Cell]], span: Span, sheet: str = "") -> Chart:
    """Net cost by year if nothing is decided: the middle of the futures and where most lie."""
    first, last = rows[span[0]], rows[span[1]]
    told = " and ".join(
        f"in {row[2]} {millions(number(row, 6))} (P10 {millions(number(row, 5))},"
        f" P90 {millions(number(row, 8))})"
        for row in (first, last)
    )
    names = {"P90: 9 futures in 10 cost no more": "P90", "P50": "P50", "P10": "P10"}
    return Chart(
        kind="line",
        title="Net cost by financial year, if nothing is decided",
        across="Financial year",
        up="£, nominal",
        unit="£",
        series=tuple(
            Series(
                name, head, "Financial year", *span,
                sheet=sheet, dashed=head != "P50", colour=0 if head == "P50" else 1,
            )
            for name, head in names.items()
        ),
        description=f"Line chart of the P10, P50 and P90 of net cost by year. The P50 is {told}.",
    )  # fmt: skip


def _lines(
    title: str,
    head: str,
    of: Sequence[tuple[str, Span]],
    rows: Sequence[Sequence[Cell]],
    rest: str,
) -> Chart:
    """A line for each of a few things, by year."""
    place = [column.head for column in _COST_COLUMNS].index(head)
    ends = "; ".join(
        f"{words} {millions(number(rows[a], place))} to {millions(number(rows[b], place))}"
        for words, (a, b) in of
    )
    return Chart(
        kind="line",
        title=title,
        across="Financial year",
        up=f"£, nominal, {head}",
        unit="£",
        series=tuple(Series(words, head, "Financial year", *span) for words, span in of),
        description=f"Line chart, {head} from the first year to the last: {ends}.{rest}",
    )


# --- bridge -----------------------------------------------------------------------------------

_PARTS: Mapping[str, str] = {
    BEFORE: "Net cost before",
    **{part: capital(PART_WORDS[part]) for part in PARTS},
    "income": "Income (more of it takes off)",
    AFTER: "Net cost after",
}
_BRIDGE_COLUMNS = (
    Column("Option", 26),
    Column("From", 26),
    Column("To", 26),
    Column("Part", 36),
    *_FIGURE_COLUMNS,
)
_CHARTS_OF_OPTIONS = 4
"""Options whose bridge is drawn."""


def bridge(contents: Contents) -> Sheet:
    """Why net cost changes: from year to year, and from doing nothing to each option."""
    rows: list[Sequence[Cell]] = []
    charts = []
    span = _year_to_year(contents, rows)
    if span and _complete(rows, span):
        charts.append(_bridge_chart(rows, span))
    for number_, option in enumerate(contents.options[1:]):
        span = _from_baseline(contents, option, rows)
        if span and number_ < _CHARTS_OF_OPTIONS and _complete(rows, span):
            charts.append(_bridge_chart(rows, span))
    return Sheet(
        name=BRIDGE,
        title="Bridge: why net cost changes, in nominal pounds",
        reading=(
            "Between “Net cost before” and “Net cost after” the parts add up, in every future and"
            " so in the means; percentiles do not. Above 0 a part adds to the cost.",
            "First from year to year, if nothing is decided; then from doing nothing to each"
            " option, in the same year and over the whole run. A saving is a part below 0.",
        ),
        table="Bridge",
        columns=_BRIDGE_COLUMNS,
        rows=rows,
        charts=tuple(charts),
    )


def _year_to_year(contents: Contents, rows: list[Sequence[Cell]]) -> Span | None:
    """Write the bridges of the baseline from year to year; rows of that over all years."""
    net = contents.by_year("net_cost")
    parts = {part: contents.by_year("bridge", f"part={part}") for part in PARTS}
    years = list(net)
    if len(years) < 2 or not any(parts.values()):
        return None
    for before, after in pairwise(years):
        of_year = {part: found.get(after) for part, found in parts.items()}
        told = {BEFORE: net[before], **of_year, AFTER: net[after]}
        _add(rows, BASELINE, (before, after), told)
    if len(years) == 2:
        return (len(rows) - len(PARTS) - 1, len(rows) - 2)
    whole = {part: contents.over_years("bridge", f"part={part}") for part in PARTS}
    told = {BEFORE: net[years[0]], **whole, AFTER: net[years[-1]]}
    return _add(rows, BASELINE, (years[0], f"{years[-1]}, all steps"), told)


def _from_baseline(contents: Contents, option: str, rows: list[Sequence[Cell]]) -> Span | None:
    """Write the bridges from doing nothing to an option; rows of that over the whole run."""
    before, after = (contents.by_year("net_cost", "", name) for name in (BASELINE, option))
    parts = {part: contents.by_year("option_bridge", f"part={part}", option) for part in PARTS}
    if not any(parts.values()):
        return None
    for year in after:
        of_year = {part: found.get(year) for part, found in parts.items()}
        named = (f"Doing nothing, {year}", f"This option, {year}")
        _add(rows, option, named, {BEFORE: before.get(year), **of_year, AFTER: after[year]})
    whole = {part: contents.over_years("option_bridge", f"part={part}", option) for part in PARTS}
    named = (f"Doing nothing, {WHOLE_RUN}", f"This option, {WHOLE_RUN}")
    ends = [contents.over_years("net_cost", "", name) for name in (BASELINE, option)]
    return _add(rows, option, named, {BEFORE: ends[0], **whole, AFTER: ends[1]})


def _add(
    rows: list[Sequence[Cell]],
    option: str,
    named: tuple[str, str],
    told: Mapping[str, Figure | None],
) -> Span:
    """Write a bridge; the rows of its parts, without what it leads from and to."""
    first = len(rows)
    nothing = (WITHHELD,) * len(_FIGURE_COLUMNS)
    for part, figure in told.items():
        shown = nothing if figure is None else numbers(figure)
        rows.append((option_title(option), *named, _PARTS[part], *shown))
    return (first + 1, len(rows) - 2)


def _complete(rows: Sequence[Sequence[Cell]], span: Span) -> bool:
    """Whether all parts of a bridge, and what it leads from and to, are known."""
    return not any(WITHHELD in row for row in rows[span[0] - 1 : span[1] + 2])


def _bridge_chart(rows: Sequence[Sequence[Cell]], span: Span) -> Chart:
    """What each part adds, as bars to either side of 0; these are right whatever the signs."""
    first, last = span
    option, before, after = (str(cell) for cell in rows[first][:3])
    values = [number(row, 4) for row in rows[first : last + 1]]
    start, end = number(rows[first - 1], 4), number(rows[last + 1], 4)
    steps = sorted(zip(values, rows[first : last + 1], strict=True), key=lambda pair: -abs(pair[0]))
    told = "; ".join(f"{row[3]} {_signed(value)}" for value, row in steps[:3] if value)
    return Chart(
        kind="bar",
        title=f"{option}: what changes net cost, {_between(before, after)}",
        across="Part of the change",
        up="£, nominal, mean; above 0 adds to the cost",
        unit="£",
        series=(Series("Change", "Mean", "Part", first, last),),
        description=(
            f"Bar chart of the parts of the change of mean net cost, {option}, from {before}"
            f" ({millions(start)}) to {after} ({millions(end)}): {_signed(end - start)} in all."
            f" The largest: {told or 'none differs from 0'}."
        ),
        signed=True,
    )


def _between(before: str, after: str) -> str:
    if before.endswith(WHOLE_RUN):
        return f"against doing nothing, {WHOLE_RUN}"
    return f"{before} to {after.partition(',')[0]}"


def _signed(value: float) -> str:
    return ("+" if value > 0 else "-" if value < 0 else "") + millions(abs(value))
