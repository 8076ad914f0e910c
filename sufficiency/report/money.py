"""What it costs: the part of the page about money, if nothing is decided."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import pandas as pd

from sufficiency.answer.money import COST_WORDS, millions, money_of, pounds, span
from sufficiency.answer.pounds import (
    LINE_WORDS,
    PART_WORDS,
    SOURCE_WORDS,
    more_millions,
    whole_pounds,
)
from sufficiency.answer.words import (
    RANGE_OF_FUTURES,
    WITHHELD,
    capital,
    chance,
    number,
    percent,
    spread,
)
from sufficiency.charts import Chart
from sufficiency.charts.money import net_cost, year_bridge
from sufficiency.comparison.pressure import AFTER, BEFORE, REST, Pressure, pressure
from sufficiency.comparison.savings import Savings, savings
from sufficiency.comparison.yearly import WHOLE_RUN, financial_years, pence
from sufficiency.report.grids import Block, Cell, Grid, Row, between, date_words
from sufficiency.results.results import BASELINE, Results

Write = Callable[[float], str]
_AVERAGE = f"average, and below it where {RANGE_OF_FUTURES} lie"


class Money(NamedTuple):
    """What is said of money."""

    pressure: Pressure
    """Of doing nothing."""
    savings: Savings
    """Of all options."""
    cheapest: Pressure | None = None
    """Of the option of the least net cost on average: why it differs is shown in full."""


def money_of_run(results: Results) -> Money | None:
    """The money of a run; None if it has no complete financial year, or was made before costs."""
    if not financial_years(results):
        return None
    cheapest = _cheapest(results)
    return Money(
        pressure=pressure(results, BASELINE),
        savings=savings(results),
        cheapest=None if cheapest is None else pressure(results, cheapest),
    )


def _cheapest(results: Results) -> str | None:
    """The option of the least net cost on average; None if there is none, or nobody knows."""
    means = {o: pence(results, "net_cost", option=o).mean() for o in results.options[1:]}
    known = [option for option, mean in means.items() if not math.isnan(mean)]
    return min(known, key=lambda option: means[option], default=None)


class Costs(NamedTuple):
    """The part of the page."""

    lead: list[str]
    charts: list[Chart]
    grids: list[Grid]


def costs(money: Money, area: str, high_cost_from: float) -> Costs:
    """Everything that is shown of what it costs if nothing is decided.

    Args:
        money: Of the run.
        area: Name of the authority.
        high_cost_from: £ a week from which a placement counts as high-cost.
    """
    found = money.pressure
    drawn = (net_cost(found, area), year_bridge(found, area))
    grids = (
        _totals(found, area),
        _variance(found, area),
        _types(found, area),
        _bridge(found, area),
        _high_cost(found, area, high_cost_from),
        _section_251(found, area),
    )
    return Costs(
        lead=[
            *money_of(found, money.savings).sentences,
            *_margin(found),
            *_tail(found, high_cost_from),
        ],
        charts=[chart for chart in drawn if chart is not None],
        grids=[grid for grid in grids if grid.blocks],
    )


def _margin(found: Pressure) -> Iterable[str]:
    net = found.totals[found.totals["measure"] == "net_cost"].set_index("period")
    if not len(net):
        return
    whole = net.loc[WHOLE_RUN]
    yearly = float(net.drop(index=WHOLE_RUN)["margin"].sum())
    text = (
        f"The margin from mean to P80 is what a reserve needs on top of the average to be enough in"
        f" 8 futures of 10: {pounds(float(whole['margin']))} over {span(found.years)}."
    )
    if len(found.years) > 1:
        text += (
            f" Averages add up over years, percentiles do not: the years' own margins add up to"
            f" {pounds(yearly)}."
        )
    yield text


def _tail(found: Pressure, high_cost_from: float) -> Iterable[str]:
    if len(found.high_cost):
        last = found.high_cost.iloc[-1]
        known = not pd.isna(last["share"])
        share = f", {percent(last['share'])} of the children in care" if known else ""
        yield (
            f"On {date_words(str(last['period']))} {number(last['mean'])} children on average"
            f" ({RANGE_OF_FUTURES}: {spread(last['p10'], last['p90'])}) live in placements of"
            f" {whole_pounds(high_cost_from)} a week or more{share}."
        )


# --- tables -----------------------------------------------------------------------------------


def _heads(periods: Sequence[str]) -> list[str]:
    return ["All years" if period == WHOLE_RUN else period for period in periods]


def _periods(found: Pressure) -> list[str]:
    """The financial years; beyond one, all of them together."""
    return [*found.years, *([WHOLE_RUN] if len(found.years) > 1 else [])]


def _row(
    words: str,
    rows: pd.DataFrame,
    periods: Sequence[str],
    write: Write = millions,
    column: str = "mean",
    *,
    ranged: bool = False,
) -> Row:
    """One line of a table of periods; empty where a period has no number.

    An average that no period has, although there are rows, is withheld.
    """
    if column == "mean" and len(rows) and rows[column].isna().all():
        return _withheld(words, periods)
    known = rows.set_index("period")
    cells = []
    for period in periods:
        value = known.loc[period, column] if period in known.index else None
        if value is None or pd.isna(value):
            cells.append(Cell())
            continue
        range_ = _range(known.loc[period], write) if ranged else ""
        cells.append(Cell(write(float(value)), range_))
    return Row(words, cells)


def _withheld(words: str, periods: Sequence[str]) -> Row:
    """A line that stays, because without it what it is about would seem to be nothing."""
    return Row(words, [Cell(WITHHELD)] * len(periods))


def _range(row: Any, write: Write) -> str:
    if write is number:
        return spread(row["p10"], row["p90"])
    low, high = write(float(row["p10"])), write(float(row["p90"]))
    return "" if low == high else f"{low} to {high}"


def _blocks(*given: tuple[str, Iterable[Row]]) -> list[Block]:
    """Rows under their headings; rows and headings without a number are left out."""
    found = [Block(h, [r for r in rows if any(c.value for c in r.cells)]) for h, rows in given]
    return [block for block in found if any(map(_has_number, block.rows))]


def _has_number(row: Row) -> bool:
    return any(cell.value not in ("", WITHHELD) for cell in row.cells)


def _totals(found: Pressure, area: str) -> Grid:
    periods = _periods(found)
    of = dict(iter(found.totals.groupby("measure")))
    net, budget = of.get("net_cost"), found.budget
    income = [
        _row(f"Income: {words}", rows, periods)
        for source, words in SOURCE_WORDS.items()
        if len(rows := found.income[found.income["source"] == source])
    ]
    cost = [
        _row(words, of[measure], periods)
        for measure, words in (
            ("cost", "Cost before income"), ("void_cost", "of it for empty places"),
        )
        if "cost" in of and measure in of
    ]  # fmt: skip
    against = [
        _row("Budget", budget, periods, column="budget"),
        _row("Net cost beyond it", budget, periods, more_millions, ranged=True),
        _row("Share of futures that overspend", budget, periods, chance, "overspending"),
    ]
    return Grid(
        name="net-cost-by-year",
        caption="Net cost by financial year, and what a reserve needs on top of the average",
        note=f"(£ million, nominal, {area}, {span(found.years)}; averages where nothing else is"
        f" said, and below them where {RANGE_OF_FUTURES} lie)",
        corner="",
        heads=_heads(periods),
        blocks=_blocks(
            ("", [*cost, *income]),
            ("Net cost", [] if net is None else [
                _row("Average", net, periods),
                *(_row(name.upper(), net, periods, column=name)
                  for name in ("p10", "p50", "p80", "p90")),
                _row("Margin from mean to P80", net, periods, column="margin"),
            ]),
            ("Against the budget", against if len(budget) else []),
            ("Not in the cost", [_row("Capital, less grants", of["capital"], periods)]
             if "capital" in of else []),
        ),
        lines=[
            "P80: four futures in five cost no more than this. Averages add up over rows and years;"
            " percentiles do not.",
        ],
    )  # fmt: skip


def _variance(found: Pressure, area: str) -> Grid:
    rows = found.variance
    years = list(dict.fromkeys(rows["period"].astype(str)))
    columns = ("variance", "volume", "price")

    def cell(row: Any, column: str) -> Cell:
        if not pd.isna(row[column]):
            return Cell(more_millions(row[column]))
        not_split = row["type"] == REST and column != "variance"
        return Cell("" if not_split else WITHHELD)

    def of_year(year: str) -> Iterable[Row]:
        for _, row in rows[rows["period"] == year].iterrows():
            cells = [cell(row, column) for column in columns]
            yield Row(capital(COST_WORDS[row["type"]]), cells)

    return Grid(
        name="variance",
        caption="Why net cost differs from the budget",
        note=f"(£ million, average, {area})",
        corner="Type of cost",
        heads=["Beyond the budget", "Number of children", "Price and who they are"],
        blocks=_blocks(*((year, of_year(year)) for year in years)),
        lines=[
            "Number of children: more or fewer than budgeted, at the budgeted unit cost. Price and"
            " who they are: the rest."
        ],
    )


def _types(found: Pressure, area: str) -> Grid:
    periods = _periods(found)
    by_type = {str(type_): rows for type_, rows in found.types.groupby("type", sort=False)}

    def block(write: Write, column: str, *, ranged: bool = False) -> Iterable[Row]:
        for type_, rows in by_type.items():
            if _is_withheld(rows, column):
                yield _withheld(capital(COST_WORDS[type_]), periods)
            elif rows[column].fillna(0).any():
                yield _row(capital(COST_WORDS[type_]), rows, periods, write, column, ranged=ranged)
                if f"budgeted_{column}" in rows:
                    words = "of it budgeted" if column == "children" else "budgeted"
                    yield _row(words, rows, periods, write, f"budgeted_{column}")

    return Grid(
        name="cost-by-type",
        caption="Cost before income, children and cost of a week, by type of placement",
        note=f"({area}, {span(found.years)}, nominal; {_AVERAGE}, for the cost)",
        corner="Type",
        heads=_heads(periods),
        blocks=_blocks(
            ("Cost, £ million", block(millions, "mean", ranged=True)),
            ("Children on average over the year", block(number, "children")),
            ("£ a child and week, empty places included", block(whole_pounds, "unit_cost")),
        ),
        lines=[],
    )


def _is_withheld(rows: pd.DataFrame, column: str) -> bool:
    """Whether a number of one type is not known; there are types without children and unit cost."""
    if column != "unit_cost":
        return bool(rows[column].isna().all())
    some = not rows["children"].eq(0).all()
    return some and bool(rows[["mean", "children"]].isna().all().any())


def _bridge(found: Pressure, area: str) -> Grid:
    years = list(found.years[1:])
    of = {str(part): rows for part, rows in found.bridge.groupby("part")}
    ends = {BEFORE: "Net cost of the year before", AFTER: "Net cost of the year"}
    known = any(of[part]["mean"].notna().any() for part in PART_WORDS if part in of)

    def rows() -> Iterable[Row]:
        yield _row(ends[BEFORE], of[BEFORE], years)
        for part, words in PART_WORDS.items():
            if of[part]["mean"].fillna(1).any() or of[part]["se"].fillna(0).any():
                yield _row(capital(words), of[part], years, more_millions)
        yield _row(ends[AFTER], of[AFTER], years)

    return Grid(
        name="bridge-by-year",
        caption="From each financial year to the next",
        note=f"(£ million, average, {area}, if nothing is decided)",
        corner="Part",
        heads=years,
        blocks=_blocks(("", rows() if years and known else [])),
        lines=[
            "The parts add up to the change, to the penny in every future; here they are rounded.",
            "Where new placements cost more than old ones, the prices of new ones add more and"
            " those of existing ones less, even while no price changes: read the two together.",
            "Full-year effect: placements open at the end of the year before, counted for the whole"
            " year. Number of nights: the rest of the change of nights at the average price. Mix of"
            " placements: that nights fall on dearer or cheaper types, needs and ages.",
            "Income that grows takes off.",
        ],
    )


def _high_cost(found: Pressure, area: str, high_cost_from: float) -> Grid:
    rows = found.high_cost
    days = [str(day) for day in rows["period"]]
    return Grid(
        name="high-cost",
        caption=f"Children in placements of {whole_pounds(high_cost_from)} a week or more",
        note=f"({area}, {between(days)}; {_AVERAGE})",
        corner="",
        heads=list(map(date_words, days)),
        blocks=_blocks(
            ("", [
                _row("Children", rows, days, number, ranged=True),
                _row("Share of the children in care", rows, days, percent, "share"),
                _row("Share of futures with such a child", rows, days, chance, "any"),
            ] if len(rows) else []),
        ),
        lines=[
            "In England 1.8% of children in care were in placements of £10,000 a week or more in"
            " 2022/23 (LGA). Few children cost much here: that is why the range of cost is wide."
        ],
    )  # fmt: skip


def _section_251(found: Pressure, area: str) -> Grid:
    periods, rows = _periods(found), found.section_251
    return Grid(
        name="section-251",
        caption="Cost by line of the section 251 return",
        note=f"(£ million before income, average, {area}, {span(found.years)})",
        corner="Line",
        heads=_heads(periods),
        blocks=_blocks(
            ("", (
                _row(words, rows[rows["line"] == line], periods)
                for line, words in LINE_WORDS.items()
            )),
        ),
        lines=[
            "Which type belongs to which line is this model's reading; what is spent on"
            " unaccompanied children stands in their own line, whatever the type."
        ],
    )  # fmt: skip
