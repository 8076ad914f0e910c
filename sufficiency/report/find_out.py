"""What to find out: the assumptions that the answer hangs on, and how much is chance."""

from __future__ import annotations

import math
from collections.abc import Iterable

from sufficiency.answer import Answer
from sufficiency.answer.sensitivity_page import finding, lead, more
from sufficiency.answer.words import RANGE_OF_FUTURES, percent
from sufficiency.charts import Chart
from sufficiency.charts.knowing import (
    correlations_chart,
    ignorance_chart,
    name_of,
    setting,
    shown,
    span,
)
from sufficiency.charts.tornado import tornado_chart
from sufficiency.report.findings import LEFT_OUT, Finding, not_shown, redrawn
from sufficiency.report.grids import Block, Cell, Grid, Row
from sufficiency.report.parts import Exhibits
from sufficiency.report.tables import Tables
from sufficiency.sensitivity.knowing import Known

NOBODY_KNOWS = (
    "Two assumptions that no publication settles decide what more carers save, and have no range in"
    " the split above: how many entries to children's homes are for want of a carer (15% to 50%),"
    " and what limits the market of agencies (IFA)."
)
TO_DO = (
    "To test them, and every range one by one: sufficiency sensitivity SCENARIO --option NAME, and"
    " show what it found here with sufficiency report RUN --with FOLDER."
)
IGNORANCE = (
    "Ignorance is what values with a range make of the spread of futures; what has no range is"
    " taken as known. The 95% interval of the share is the simulation's error: more futures narrow"
    " it. The parts are of the variance; the range itself narrows by less."
)
CORRELATIONS = (
    "Filled: told from nothing when all assumptions are looked at together; an open one may have a"
    " bar that leaves 0 out, as one in twenty does by luck. Above 0: a higher value goes with a"
    " higher cost, or a larger saving."
)


def exhibits(tables: Tables, answer: Answer) -> Exhibits:
    """Everything that is shown of it."""
    known, asked = tables.known, tables.findings.sensitivities
    told = [one for one in asked if not not_shown(one, tables.summary)]
    split = ignorance_chart(known, answer.name, answer.span)
    along = correlations_chart(known, answer.name, answer.span)
    tornados = [_tornado(one, n) for n, one in enumerate(told, start=1)]
    charts = [chart for chart in (split, along, *tornados) if chart is not None]
    return Exhibits(
        lead=[*_sentences(known), *_of_findings(told), *_structural(tables, told)],
        charts=charts,
        grids=[grid for n, one in enumerate(told, start=1) for grid in _rules(one, n)],
        notes=[
            *([IGNORANCE] if split else []),
            *([CORRELATIONS] if along else []),
            *([LEFT_OUT] if len(told) < len(asked) else []),
        ],
    )


# --- the run alone ----------------------------------------------------------------------------


def _sentences(known: tuple[Known, ...]) -> Iterable[str]:
    told = [one for one in known if not math.isnan(one.split.share)]
    yield from (f"{_split(one)} {_parts(one)}".rstrip() for one in told)
    if told:
        yield (
            f"{told[0].split.pairs} pairs of futures tell few of {len(told[0].correlations)}"
            " assumptions apart: one that is not told from nothing may matter all the same."
        )


def _split(one: Known) -> str:
    share = one.split.share
    low, high = one.split.interval
    text = (
        f"{name_of(one)}: {shown(one, one.mean)} on average, {RANGE_OF_FUTURES} between"
        f" {span(one).replace(' to ', ' and ')}. Ignorance makes {percent(share)} of this spread"
        f" ({percent(low)} to {percent(high)})"
    )
    if high < 0.01 or share < 0.01:
        return f"{text}: no part of it that could be found out can be told from nothing."
    narrower = 1 - math.sqrt(1 - share)
    return (
        f"{text}; if every uncertain value were known, the range would be about"
        f" {percent(narrower)} narrower. The rest is chance, which no knowledge takes away."
    )


def _parts(one: Known) -> str:
    if not one.parts:
        return ""
    told = "; ".join(
        f"{setting(part.path)} {percent(max(part.share, 0.0))} (± {percent(2 * part.se)})"
        for part in one.parts
    )
    return f"Of the variance, knowing one value alone would take away: {told}."


# --- with a sensitivity analysis --------------------------------------------------------------


def _tornado(one: Finding, place: int) -> Chart | None:
    chart = tornado_chart(one.found, one.found.name)
    return None if chart is None else redrawn(chart, one, place)


def _of_findings(told: list[Finding]) -> Iterable[str]:
    for one in told:
        yield " ".join(lead(one.found))


def _rules(one: Finding, place: int) -> Iterable[Grid]:
    """What no publication settles, and rules that could be otherwise."""
    found = one.found
    blocks = [
        Block(heading, rows)
        for sort, heading in (
            ("decides", "What no publication settles"),
            ("structure", "Rules that could be otherwise"),
        )
        if (
            rows := [
                Row(
                    f"{bar.name} (now: {bar.central})",
                    [
                        Cell(change.words),
                        Cell(more(change.mean, found.asked.unit)),
                        Cell(finding(change)),
                    ],
                )
                for bar in found.bars
                if bar.sort == sort
                for change in bar.changes
            ]
        )
    ]
    if blocks:
        yield Grid(
            name=f"rules-{place}",
            caption="Assumptions that have no range",
            note=f"({found.name}; change of {found.asked}; {one.source})",
            corner="Assumption",
            heads=["If it is", "Change", "Finding"],
            blocks=blocks,
            lines=[],
        )


def _structural(tables: Tables, told: list[Finding]) -> Iterable[str]:
    """The two assumptions that decide, unless they were tested."""
    tested = any(bar.sort == "decides" for one in told for bar in one.found.bars)
    if (tables.known or told) and not tested:
        yield f"{NOBODY_KNOWS} {TO_DO}"
