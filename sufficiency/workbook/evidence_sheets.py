"""Sheets about what the answer rests on: sensitivity, validation, assumptions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sufficiency.answer.appendix import UNKNOWN, observed
from sufficiency.answer.words import RANGE_OF_FUTURES
from sufficiency.measures import MEASURES
from sufficiency.results.results import BASELINE
from sufficiency.scenario_file.describing import NO_SOURCE, assumption_rows
from sufficiency.sensitivity import correlations, split
from sufficiency.sensitivity.asked import Asked, is_date, is_year, numbers
from sufficiency.validation.reconciling import to_prices_of
from sufficiency.workbook.cells import Cell, Quantity
from sufficiency.workbook.contents import Contents, Figure, cost_words, option_title
from sufficiency.workbook.sheets import Chart, Column, Series, Sheet

SENSITIVITY = "Sensitivity"
VALIDATION = "Validation"
ASSUMPTIONS = "Assumptions"
_STRONGEST = 10
"""Assumptions that the chart shows."""
_SENSITIVITY_COLUMNS = (
    Column("Number", 44),
    Column("Assumption", 60),
    Column("Value", 12, "as it is"),
    Column("Low", 12, "as it is"),
    Column("High", 12, "as it is"),
    Column("Rank correlation", 13, "correlation"),
    Column("Error", 10, "correlation"),
    Column("Share of the range", 12, "share"),
)


def sensitivity(contents: Contents) -> Sheet:
    """Which drawn values go with the cost, with unmet need and with what each option saves."""
    rows: list[Sequence[Cell]] = []
    charts: list[Chart] = []
    for words, measure, option, against in _asked(contents):
        rows += _split(contents, words, measure, option, against)
        first = len(rows)
        rows += _correlated(contents, words, measure, option, against)
        if len(rows) > first and (against is None or not charts):
            charts.append(_correlation_chart(words, rows, first))
    return Sheet(
        name=SENSITIVITY,
        title="Sensitivity: which uncertain assumptions go with the answer",
        reading=(
            "Rank correlation over the futures of this run, from -1 to 1: how closely a number"
            " moves with an assumption. Within about two errors of 0 it cannot be told from none.",
            "The share of the range: how much of the spread is ignorance and how much chance. What"
            " the two assumptions that decide the money make of it: `sufficiency sensitivity`.",
        ),
        table="Sensitivity",
        columns=_SENSITIVITY_COLUMNS,
        rows=rows,
        charts=tuple(charts),
        empty="Too few futures, or no assumption has a range: nothing was drawn to compare.",
    )


def _asked(contents: Contents) -> Iterable[tuple[str, str, str, str | None]]:
    """The numbers that are asked about: words, measure, option, and what it is compared with."""
    for measure, words in (
        ("net_cost", "Net cost"),
        ("unmet_need", "Children without the home planned"),
    ):
        if any(is_year(period) or is_date(period) for period in contents.known(measure)):
            yield (f"{words}, if nothing is decided", measure, BASELINE, None)
    if contents.by_year("net_cost"):
        for option in contents.options[1:]:
            words = f"Net cost, difference to doing nothing: {option_title(option)}"
            yield (words, "net_cost", option, BASELINE)


def _split(
    contents: Contents, words: str, measure: str, option: str, against: str | None
) -> Iterable[Sequence[Cell]]:
    found = split(numbers(contents.results, Asked(measure), option, against))
    if found.share == found.share:
        blank = (None,) * 5
        yield (words, "Ignorance: all assumptions with a range together", *blank, found.share)
        yield (words, "Chance: what no knowledge would take away", *blank, 1 - found.share)


def _correlated(
    contents: Contents, words: str, measure: str, option: str, against: str | None
) -> Iterable[Sequence[Cell]]:
    found = correlations(contents.results, measure, "", option, against)
    for row in found.itertuples(index=False):
        yield (words, row.path, row.value, row.low, row.high, row.correlation, row.se, None)


def _correlation_chart(words: str, rows: Sequence[Sequence[Cell]], first: int) -> Chart:
    """The strongest correlations, in order."""
    shown = rows[first : first + _STRONGEST]
    values = [cell if isinstance(cell := row[5], float) else 0.0 for row in shown]
    told = "; ".join(f"{row[1]} {value:.2f}" for row, value in zip(shown[:3], values, strict=False))
    return Chart(
        kind="bar",
        title=f"What goes with it: {words}",
        across="Assumption",
        up="Rank correlation; above 0: more of the one, more of the other",
        unit="correlation",
        series=(
            Series(
                "Rank correlation", "Rank correlation", "Assumption", first, first + len(shown) - 1
            ),
        ),
        description=f"Bar chart of the strongest rank correlations. {words}: {told}.",
        signed=True,
    )


# --- validation -------------------------------------------------------------------------------

_VALIDATION_COLUMNS = (
    Column("What", 52),
    Column("Date or period", 14),
    Column("Unit", 12),
    Column("Published or in the ledger", 14, "children"),
    Column("Simulated, mean", 14, "children"),
    Column("Simulated, P10", 14, "children"),
    Column("Simulated, P90", 14, "children"),
    Column("Simulated beside it", 18),
    Column("Use", 20),
    Column("Source", 70),
)


def validation(contents: Contents) -> Sheet:
    """Published figures and the ledger beside what was simulated."""
    said = observed(contents.summary, contents.study.scenario)
    return Sheet(
        name=VALIDATION,
        title="Validation: published figures and the ledger beside the simulated",
        reading=(
            f"Inside the range: the figure lies between P10 and P90, where {RANGE_OF_FUTURES} lie."
            " A figure that may set free values is no test of the model.",
            str(said["words"]),
        ),
        table="Validation",
        columns=_VALIDATION_COLUMNS,
        rows=[*_published(contents, said["rows"]), *_ledger(contents)],
        empty="The scenario has no published figure of this period (observed:) and no ledger.",
    )


def _published(contents: Contents, rows: Sequence[object]) -> Iterable[Sequence[Cell]]:
    for row in rows:
        given, found = row.given, row.found  # type: ignore[attr-defined]
        unit = MEASURES[given.measure].unit if given.measure in MEASURES else ""
        unit = unit or contents.results.unit(given.measure)
        of = (None,) * 3 if found is None else (found.mean, found.p10, found.p90)
        yield (
            row.what, row.period, unit, Quantity(given.value, unit),  # type: ignore[attr-defined]
            *(None if value is None else Quantity(value, unit) for value in of),
            row.verdict, row.use, row.source,  # type: ignore[attr-defined]
        )  # fmt: skip


def _ledger(contents: Contents) -> Iterable[Sequence[Cell]]:
    """What the ledger says was spent: of a year of the run, or of the year before it."""
    for year, spent in contents.study.scenario.ledger.items():
        for type_, amount in spent.items():
            figure, beside = _modelled(contents, year, type_)
            of = (None,) * 3 if figure is None else (figure.mean, figure.p10, figure.p90)
            yield (
                f"Spending: {cost_words(type_)}", year, "£", Quantity(amount, "£"),
                *(None if value is None else Quantity(value, "£") for value in of),
                _verdict(amount, figure), "ledger", f"The scenario's ledger, beside {beside}.",
            )  # fmt: skip


def _modelled(contents: Contents, year: str, type_: str) -> tuple[Figure | None, str]:
    group = f"type={type_}"
    if year in contents.years:
        return contents.by_year("cost", group).get(year), "the cost of the year"
    found = contents.known("cost_run_rate", group).get(contents.start.isoformat())
    beside = f"what the placements of the first day cost in a whole year, at the prices of {year}"
    if found is None:
        return None, beside
    factor = to_prices_of(contents.study.scenario, year, type_)
    return Figure(found.unit, *(factor * value for value in found[1:])), beside


def _verdict(value: float, figure: Figure | None) -> str:
    if figure is None:
        return UNKNOWN
    if value < figure.p10:
        return "below the range"
    return "above the range" if value > figure.p90 else "inside the range"


# --- assumptions ------------------------------------------------------------------------------

_ASSUMPTION_COLUMNS = (
    Column("Setting", 52),
    Column("Value", 22, "as it is"),
    Column("Low", 11, "as it is"),
    Column("High", 11, "as it is"),
    Column("Unit", 22),
    Column("Source", 70),
    Column("As of", 12),
    Column("Confidence", 18),
    Column("Note", 40),
)


def assumptions(contents: Contents) -> Sheet:
    """The assumptions log: every value, its range, and where it comes from."""
    given = contents.study.assumptions
    rows = [
        (
            a.path, a.value if _is_number(a.value) else shown.value, a.low, a.high, a.unit,
            a.source or NO_SOURCE, a.as_of, a.confidence, a.note,
        )
        for a, shown in zip(given, assumption_rows(contents.study), strict=True)
    ]  # fmt: skip
    guessed = sum(a.confidence.startswith("assumption") for a in given)
    lacking = sum(not a.source for a in given)
    return Sheet(
        name=ASSUMPTIONS,
        title="Assumptions log: every value of the scenario and of its options",
        reading=(
            f"{len(rows):,} values; {guessed:,} are assumptions that no publication settles, and"
            f" {lacking:,} have no source. A value with a low and a high end was drawn anew in"
            " each pair of futures.",
            "A setting is its place in the scenario file; `sufficiency check` lists them too.",
        ),
        table="Assumptions",
        columns=_ASSUMPTION_COLUMNS,
        rows=rows,
        empty="The scenario names no source of any value.",
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
