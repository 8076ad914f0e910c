"""Why believe it: published figures beside the simulated, and what was checked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from sufficiency.answer import Answer, appendix
from sufficiency.answer.published import (
    RANGE_OF_VALIDATION,
    caution,
    day,
    exactly,
    figure,
    named,
    range_of,
    sentence,
    uncounted,
    verdict,
)
from sufficiency.answer.words import RANGE_OF_FUTURES, count
from sufficiency.charts import Chart
from sufficiency.charts.believing import Beside, published_chart
from sufficiency.report.findings import Finding, not_in, redrawn
from sufficiency.report.grids import Block, Cell, Grid, Row, date_words, span
from sufficiency.report.parts import Exhibits
from sufficiency.report.tables import Tables
from sufficiency.validation import Compared, Validated, Verdict
from sufficiency.verification import table as verification_words
from sufficiency.verification.checks import Check, Verification
from sufficiency.verification.of_a_run import Held

NOT_SHOWN = (
    "What this does not show: that the assumptions are right, or that the years ahead are like"
    " those behind. A published figure inside a wide range says little. Figures to which values"
    " were fitted, and the season of entries, which is an input, are no evidence; a range of"
    f" {RANGE_OF_FUTURES} should miss about two figures in ten."
)
ADDED_UP = (
    "Recounted when this page was made, from the numbers of every future of every option: they are"
    " worked out one by one from the rows of children and homes, and only added up here. That sums"
    " agree shows that nobody is lost or counted twice, not that the rules are true."
)
TO_DO = (
    "To simulate a past period beside what was published of it: sufficiency validate SCENARIO --out"
    " FOLDER. To check the engine against results known on paper: sufficiency verify SCENARIO --out"
    " FOLDER. Both are shown here with sufficiency report RUN --with FOLDER."
)


def exhibits(tables: Tables, answer: Answer) -> Exhibits:
    """Everything that is shown of it."""
    found = tables.findings
    charts = [_published(tables, answer)]
    lead, grids = list(_checked(tables.checks)), list(_checks(tables.checks, answer.name))
    for n, one in enumerate(found.validations, start=1):
        rows = _rows_of(one, tables.summary)
        lead.append(_validated(one.found))
        charts.append(_validation_chart(one, rows, n))
        grids += _validation(one, rows, n)
    for n, one in enumerate(found.verifications, start=1):
        lead.append(verification_words.sentence(one.found))
        grids.append(_verification(one, n))
    left = not (found.validations and found.verifications)
    return Exhibits(
        lead=lead,
        charts=[chart for chart in charts if chart is not None],
        grids=grids,
        notes=[*([ADDED_UP] if tables.checks else []), NOT_SHOWN, *([TO_DO] if left else [])],
    )


def cautions(checks: Sequence[Held]) -> list[str]:
    """What to know before anything else: checks of the run that do not hold."""
    return [
        f"A check of this run does NOT hold: “{held.what}”. {_wrong(held)} Do not use these numbers"
        " before it is known why."
        for held in checks
        if not held.holds
    ]


# --- of this run ------------------------------------------------------------------------------


def _published(tables: Tables, answer: Answer) -> Chart | None:
    """Published figures that were no inputs, on the range of this run."""
    rows = appendix.observed(tables.summary, tables.study.scenario)["rows"]
    told = [row for row in rows if row.found is not None and row.given.use == "check"]
    beside = [
        Beside(
            f"{row.what}, {_when(row.period)}",
            row.given.value,
            row.found.p10,
            row.found.p90,
            (row.published, row.range),
        )
        for row in told
    ]
    return published_chart(
        beside, "published", "published", RANGE_OF_FUTURES, f"{answer.name}, {answer.span}"
    )


def _when(period: str) -> str:
    """A date or period in words."""
    return date_words(period) if len(period) == 10 else span(period).words


def _checked(checks: Sequence[Held]) -> Iterable[str]:
    if not checks:
        return
    failed = [held for held in checks if not held.holds]
    sums = sum(held.compared for held in checks)
    what = f"{len(checks)} checks of this very run, of {sums:,} sums in all its futures"
    if failed:
        yield f"{what}: {count(len(failed))} of them FAIL."
    else:
        yield f"{what}: all hold."


def _checks(checks: Sequence[Held], area: str) -> Iterable[Grid]:
    if checks:
        yield Grid(
            name="checks",
            caption="What must hold in every future of this run, and what was found",
            note=f"({area}; sums compared, over all futures and options)",
            corner="What must hold",
            heads=["Sums compared", "Found"],
            blocks=[Block("", [_check(held) for held in checks])],
            lines=[],
        )


def _check(held: Held) -> Row:
    found = Cell("all agree") if held.holds else Cell(f"FAILS in {held.wrong:,}", held.first)
    return Row(held.what, [Cell(f"{held.compared:,}"), found])


def _wrong(held: Held) -> str:
    return f"{held.wrong:,} of {held.compared:,} sums do not agree, the first: {held.first}."


# --- of a past period -------------------------------------------------------------------------


def _validated(found: Validated) -> str:
    what = "A past period" if found.past else "The run itself"
    return (
        f"{what} beside what was published of it, {day(found.start)} to {day(found.end)},"
        f" {found.replications:,} futures: {sentence(found)} {uncounted(found)} {caution(found)}"
    ).rstrip()


def _rows_of(one: Finding, summary: pd.DataFrame) -> list[Compared]:
    """Those of which the page may show what was simulated."""
    return [
        row
        for row in one.found.rows
        if not not_in(summary, row.observed.measure, row.observed.group, row.observed.period)
    ]


def _validation_chart(one: Finding, rows: Sequence[Compared], place: int) -> Chart | None:
    beside = [
        Beside(
            f"{named(row.observed, row.unit)}, {_when(row.observed.period)}",
            row.observed.value,
            row.low,
            row.high,
            (exactly(row.observed.value, row.unit), range_of(row)),
        )
        for row in rows
        if row.counts
    ]
    found = one.found
    where = f"{found.name}, {day(found.start)} to {day(found.end)}"
    chart = published_chart(beside, "validation", "past", "9 futures in 10", where)
    return None if chart is None else redrawn(chart, one, place)


def _validation(one: Finding, rows: Sequence[Compared], place: int) -> Iterable[Grid]:
    if rows:
        found = one.found
        yield Grid(
            name=f"validation-{place}",
            caption=f"Published figures beside the simulated, {day(found.start)} to"
            f" {day(found.end)}",
            note=f"({found.name}; simulated: median, and below it the {RANGE_OF_VALIDATION};"
            f" {one.source})",
            corner="Measure",
            heads=["Period", "Published", "Simulated", "Published is"],
            blocks=[Block("", [_compared(row) for row in rows])],
            lines=[
                "A figure is not informative if its range is wider than half of its median on"
                " either side: it could hardly be missed."
            ],
        )


def _compared(row: Compared) -> Row:
    given = row.observed
    simulated = Cell()
    if row.verdict is not Verdict.NOT_SIMULATED:
        simulated = Cell(figure(row.median, row.unit), range_of(row))
    cells = [
        Cell(_when(given.period)),
        Cell(exactly(given.value, row.unit)),
        simulated,
        Cell(verdict(row)),
    ]
    return Row(named(given, row.unit), cells)


# --- of the engine ----------------------------------------------------------------------------


def _verification(one: Finding, place: int) -> Grid:
    found: Verification = one.found
    return Grid(
        name=f"verification-{place}",
        caption="The engine against results known on paper, and what must hold of every child",
        note=f"({found.name}; {one.source})",
        corner="Check",
        heads=["Compared with", "Exact", "Simulated", "Error", "Result"],
        blocks=[
            Block(f"Stripped copies, {found.replications:,} futures", _lines(found.stripped)),
            Block(f"The whole scenario, {found.full:,} futures each", _lines(found.whole)),
        ],
        lines=[
            "Error: the standard error of a mean over futures; where there is none, the two must be"
            " equal."
        ],
    )


def _lines(checks: Sequence[Check]) -> list[Row]:
    return [
        Row(
            check.name,
            [
                Cell(check.against),
                Cell(_exact(check.exact)),
                Cell(_exact(check.simulated)),
                Cell("" if check.error is None else f"{check.error:.2g}"),
                Cell("holds") if check.holds else Cell("FAILS", check.detail),
            ],
        )
        for check in checks
    ]


def _exact(value: Any) -> str:
    number = float(value)
    return f"{number:,.0f}" if number.is_integer() or abs(number) >= 1000 else f"{number:.4g}"
