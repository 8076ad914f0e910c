"""The first two sheets: the answer with its numbers, and the options side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sufficiency.answer.choices import FROM_WORDS, best_words
from sufficiency.answer.money import ITEM_WORDS, pay_back_words
from sufficiency.answer.published import measure_words
from sufficiency.answer.words import KIND_WORDS, NOT_SHOWN, WITHHELD, capital, percent, when, whole
from sufficiency.comparison.choices import displaced, who_gains
from sufficiency.comparison.savings import NOT_KNOWN, pay_back
from sufficiency.comparison.yearly import WHOLE_RUN
from sufficiency.results.results import BASELINE
from sufficiency.results.statistics import PERCENTILES, Floats, percentiles, share_above
from sufficiency.workbook.budget_sheet import chance_of_overspending
from sufficiency.workbook.cells import Cell, Quantity, finite
from sufficiency.workbook.contents import Contents, Figure, option_title
from sufficiency.workbook.money_sheets import COST, NET, millions, range_chart
from sufficiency.workbook.sheets import Chart, Column, Series, Sheet

SUMMARY = "Summary"
OPTIONS = "Options"
_SUMMARY_COLUMNS = (
    Column("About", 38),
    Column("Finding", 90),
    Column("Unit of the numbers", 14),
    Column("Mean", 14, "children"),
    Column("P10", 14, "children"),
    Column("P50", 14, "children"),
    Column("P80", 14, "children"),
    Column("P90", 14, "children"),
)


def summary(contents: Contents, cost: Sheet) -> Sheet:
    """The answer in sentences, each with the numbers behind it.

    Args:
        contents: What the run found.
        cost: The sheet of costs, whose numbers its chart shows.
    """
    answer = contents.answer
    return Sheet(
        name=SUMMARY,
        title=f"{answer.name}, {answer.span}: the answer",
        reading=(
            "Each line is a finding with the numbers behind it. Half of the futures lie below P50,"
            " 8 in 10 below P80; from P10 to P90 lie 8 futures in 10.",
            "This is not a prediction: it shows what follows from the assumptions on the sheet"
            " Assumptions. Limits stand on the sheet Limits and review date.",
        ),
        table="Summary",
        columns=_SUMMARY_COLUMNS,
        rows=[*_said(contents), *_need(contents), *_missing(contents), *_money(contents)],
        charts=tuple(_net_cost_chart(cost)),
    )


def _finding(about: str, words: str, figure: Figure | None = None) -> Sequence[Cell]:
    if figure is None:
        return (about, words, "", None, None, None, None, None)
    of = (figure.mean, figure.p10, figure.p50, figure.p80, figure.p90)
    return (about, words, figure.unit, *(Quantity(value, figure.unit) for value in of))


def _said(contents: Contents) -> Iterable[Sequence[Cell]]:
    answer = contents.answer
    if contents.publication:
        yield _finding("Small numbers", contents.publication)
    for sentence in answer.sentences:
        yield _finding("The answer", sentence)
    if answer.caution:
        yield _finding("Caution", answer.caution)
    for sentence in best_words(contents.choices):
        yield _finding("The best of the options", sentence)
    for part in answer.decline:
        figures = contents.known(*_DECLINE[part.item])
        yield _finding(
            f"{part.words}, {when(part.last.period)}",
            part.sentence,
            figures.get(part.last.period),
        )
    for option in answer.options:
        yield _finding(f"Option: {option.title}", option.sentence)
        if option.recruits:
            yield _finding(f"Option: {option.title}", option.recruits)


_DECLINE = {
    "children in_house": ("children_in_care", "type=in_house"),
    "foster_households": ("foster_households", ""),
}
"""What `Answer.decline` is about."""


def _need(contents: Contents) -> Iterable[Sequence[Cell]]:
    """Need against places on the last date, by kind of home."""
    needs = contents.answer.needs
    last = max((need.period for need in needs), default="")
    for need in needs:
        if need.period != last:
            continue
        unmet = "" if need.unmet is None else f"; {whole(need.unmet.mean)} live elsewhere"
        places = NOT_SHOWN if need.usable != need.usable else whole(need.usable)
        words = (
            f"{whole(need.needed.mean)} children need one ({need.needed.range}); places: {places}"
            f"{unmet}, on average if nothing is decided."
        )
        figure = contents.known("placements_needed", f"kind={need.kind}").get(last)
        yield _finding(f"{capital(KIND_WORDS[need.kind])}: needed, {when(last)}", words, figure)


def _missing(contents: Contents) -> Iterable[Sequence[Cell]]:
    for row in contents.answer.missing:
        words = f"{row.value(row.first)} at the start, {row.value(row.last)} at the end."
        level, unit = row.last, "share" if row.share else "children"
        yield (
            capital(row.words), words, unit, Quantity(level.mean, unit), Quantity(level.p10, unit),
            Quantity(level.p50, unit), None, Quantity(level.p90, unit),
        )  # fmt: skip


def _money(contents: Contents) -> Iterable[Sequence[Cell]]:
    """Net cost by year and over the run if nothing is decided, then of each option."""
    for year, figure in contents.by_year("net_cost").items():
        words = _cost_words(figure)
        if year in contents.study.scenario.budget:
            chance = chance_of_overspending(contents, BASELINE, [year])
            words += f" It is more than the budget in {percent(chance)} of futures."
        yield _finding(f"Net cost, {year}", words, figure)
    for option in contents.options:
        total = contents.over_years("net_cost", "", option)
        if total is not None:
            about = f"Net cost, {contents.years[0]} to {contents.years[-1]}: {option_title(option)}"
            yield _finding(about, _cost_words(total), total)
    for option, items in contents.savings.items():
        saved = contents.figure(items["net"], "£")
        if saved.mean != saved.mean:
            continue
        words = f"{millions(saved.mean)} on average; pay-back: {_paid_back(contents, option)}."
        yield _finding(f"Net saving over these years: {option_title(option)}", words, saved)


def _cost_words(figure: Figure) -> str:
    most = millions(figure.p80)
    return f"{millions(figure.mean)} on average; in 8 futures of 10 no more than {most}."


def _net_cost_chart(cost: Sheet) -> Iterable[Chart]:
    """The range of net cost, drawn from the sheet of costs."""
    baseline = option_title(BASELINE)
    places = [
        at
        for at, row in enumerate(cost.rows)
        if row[0] == baseline and row[1] == NET and row[2] != WHOLE_RUN
    ]
    if places:
        yield range_chart(cost.rows, (places[0], places[-1]), sheet=COST)


# --- options ----------------------------------------------------------------------------------

_OPTION_COLUMNS = (
    Column("What", 44),
    Column("Option", 26),
    Column("Unit", 12),
    Column("Over", 24),
    Column("Mean", 13, "children"),
    Column("Difference to doing nothing, mean", 13, "children"),
    Column("Error of the mean", 11, "children"),
    Column("Low end of 95 futures in 100", 13, "children"),
    Column("High end of 95 futures in 100", 13, "children"),
    Column("Told from none?", 34),
    Column("Chance of better", 10, "share"),
    Column("Chance of being the best", 10, "share"),
)
_ITEM_WORDS: Mapping[str, str] = {
    "children in_house": "Children with in-house carers",
    "children ifa": "Children with agency carers (IFA)",
    "children homes": "Children in children's homes",
    "unmet_need": "Children without the home planned",
    "unregistered_nights": "Nights in unregistered placements",
    "under_12_in_residential": "Children under 12 in children's homes",
    "in_area_share": "Share living in the area",
    "three_or_more_placements": "Share with three or more placements in the year",
    "moves": "Moves",
    "net_cost": NET,
    "cost_per_child_week": "Cost of a child and week",
    "capital": "Capital (in no other row)",
}
_OVER = {"average": "average of the run", "total": "sum of the whole years"}
_VERDICTS = {
    "none": "no future differs",
    "unclear": "cannot be told from none",
    "more": "more",
    "fewer": "fewer",
}


def options(contents: Contents) -> Sheet:
    """Every option, doing nothing included, on everything that they are judged by."""
    rows = [*_side_by_side(contents)]
    charts = tuple(_option_charts(contents, rows))
    if len(contents.options) > 1:
        rows += [*_savings(contents), *_displaced(contents), *_who_gains(contents)]
    return Sheet(
        name=OPTIONS,
        title="Options side by side, doing nothing included",
        reading=(
            "Differences are taken within each future, where all options meet the same children and"
            " the same luck. “Cannot be told from none”: the mean is too near 0 for its error.",
            "Savings are falls of net cost: cashable is what falls below the budget (or the first"
            " year's cost), the rest is only avoided. Chances share ties.",
        ),
        table="Options",
        columns=_OPTION_COLUMNS,
        rows=rows,
        charts=charts,
    )


def _side_by_side(contents: Contents) -> Iterable[Sequence[Cell]]:
    for row in contents.choices.itertuples(index=False):
        is_baseline = row.option == BASELINE
        of = (row.difference, row.se, row.low95, row.high95)
        yield (
            _ITEM_WORDS.get(row.item, measure_words(row.measure, "")),
            option_title(row.option),
            row.unit,
            _OVER[row.over],
            Quantity(row.value, row.unit),
            *(None if is_baseline else Quantity(value, row.unit) for value in of),
            "" if is_baseline else _VERDICTS[row.verdict],
            finite(row.probability_better),
            finite(row.probability_best),
        )


def _savings(contents: Contents) -> Iterable[Sequence[Cell]]:
    """Savings over the whole run, and when an option has paid back."""
    for option, items in contents.savings.items():
        for item, total in items.items():
            if total.any():
                yield _saving(contents, item, option, total)
        paid = _paid_back(contents, option)
        yield (
            "Pay-back: month", option_title(option), "", "months of the run",
            *(None,) * 5, WITHHELD if paid == NOT_SHOWN else paid, None, None,
        )  # fmt: skip


def _paid_back(contents: Contents, option: str) -> str:
    row = pay_back(contents.results, option)
    if row["month"] == NOT_KNOWN:
        return NOT_SHOWN
    words, share = pay_back_words(str(row["month"])) or "nothing differs", float(str(row["share"]))
    if share == share:
        words += f"; paid back within the run in {percent(share)} of futures"
    return words


def _saving(contents: Contents, item: str, option: str, total: Floats) -> Sequence[Cell]:
    """A line of a saving, which is a difference only."""
    named = (f"Saving: {ITEM_WORDS[item]}", option_title(option), "£", _OVER["total"])
    known = contents.figure(total, "£")
    if known.mean != known.mean:
        return (*named, None, *(WITHHELD,) * 4, "", None, None)
    low, high = percentiles(total[:, None], (PERCENTILES["low95"], PERCENTILES["high95"]))[:, 0]
    cells = (Quantity(float(value), "£") for value in (known.mean, known.se, low, high))
    more = float(share_above(total[:, None])[0])
    words = "the chance is of more than 0"
    return (*named, None, *cells, words, more, None)


def _displaced(contents: Contents) -> Iterable[Sequence[Cell]]:
    """From where the children come who fill the places that an option brings."""
    for option in contents.options[1:]:
        for row in displaced(contents.results, option).to_dict("records"):
            if row["verdict"] == "none" or not row["gained"]:
                continue
            of = (row["share"], None, row["low95"], row["high95"])
            known = row["verdict"] != "unknown"
            words = f"{row['verdict']}; the range is the simulation's error" if known else ""
            cells: list[Cell] = [
                None if value is None else Quantity(value, "share") if known else WITHHELD
                for value in of
            ]
            yield (
                f"Of the children gained, otherwise {FROM_WORDS[row['from']]}",
                option_title(option), "share", "average of the run", None, *cells, words, None,
                None,
            )  # fmt: skip


def _who_gains(contents: Contents) -> Iterable[Sequence[Cell]]:
    """Which children have the home planned more often."""
    for option in contents.options[1:]:
        found = who_gains(contents.results, option)
        for row in found[found["measure"] == "unmet_need"].to_dict("records"):
            of = (row["difference"], row["se"], row["low95"], row["high95"])
            yield (
                measure_words("unmet_need", row["group"]), option_title(option), "children",
                "average of the run", Quantity(row["baseline"] + row["difference"], "children"),
                *(Quantity(value, "children") for value in of), _VERDICTS[row["verdict"]],
                finite(row["probability_better"]), None,
            )  # fmt: skip


def _option_charts(contents: Contents, rows: Sequence[Sequence[Cell]]) -> Iterable[Chart]:
    """Differences of the options in a few things: a bar for each option."""
    if len(contents.options) < 2:
        return
    for item in ("net_cost", "unmet_need", "children in_house"):
        words = _ITEM_WORDS[item]
        at = [place for place, row in enumerate(rows) if row[0] == words][1:]
        if not at:
            continue
        shown = [rows[place] for place in at]
        unit = str(shown[0][2])
        values = [cell.value if isinstance(cell := row[5], Quantity) else 0.0 for row in shown]
        told = "; ".join(
            f"{row[1]} {_difference(value, unit)}" for row, value in zip(shown, values, strict=True)
        )
        yield Chart(
            kind="bar",
            title=f"{words}: difference to doing nothing, mean",
            across="Option",
            up=f"{capital(unit)}, {shown[0][3]}",
            unit=unit if unit == "£" else "children",
            series=(
                Series(
                    words, "Difference to doing nothing, mean", "Option", at[0], at[-1],
                ),
            ),
            description=f"Bar chart of mean differences to doing nothing. {words}: {told}.",
            signed=True,
        )  # fmt: skip


def _difference(value: float, unit: str) -> str:
    sign = "+" if value > 0 else "-" if value < 0 else ""
    return sign + (millions(abs(value)) if unit == "£" else f"{abs(value):,.1f}")
