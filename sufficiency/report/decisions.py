"""Who answers for the plan, what was decided, on which data, and when to look again."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from sufficiency.answer import Answer
from sufficiency.answer.levels import LIVING_IN_HOUSE, at_quarter_ends, level, series
from sufficiency.answer.published import day
from sufficiency.answer.review import review_of
from sufficiency.answer.words import RANGE_OF_DIFFERENCE, number, spread, title
from sufficiency.report.grids import Block, Cell, Grid, Row
from sufficiency.report.plan import NO_DATE, NO_OWNER, TextTable, date_or
from sufficiency.report.tables import Tables
from sufficiency.scenario import Governance

NOT_STATED = "not stated"
_WATCHED = (
    ("Children in care", "children_in_care", ""),
    ("Children with in-house carers", "children_in_care", LIVING_IN_HOUSE),
    ("In-house foster households", "foster_households", ""),
    ("Children without the home planned", "unmet_need", ""),
)
"""What an authority counts every quarter anyway."""


class Logs(NamedTuple):
    """The part of the page."""

    lead: list[str]
    tables: list[TextTable]
    grids: list[Grid]


def logs(tables: Tables, answer: Answer) -> Logs:
    """Everything that is known of decisions, owners and review."""
    scenario = tables.study.scenario
    plan = scenario.plan or Governance()
    review = review_of(scenario, tables.manifest)
    missing = "" if plan.decisions else " The scenario file states no decision."
    return Logs(
        lead=[
            f"Owner of the plan: {plan.owner or NO_OWNER}. Signed off by:"
            f" {plan.signed_off_by or 'not signed off'}.{missing}",
            review.words,
        ],
        tables=[table for table in (_decided(plan), _to_do(plan), _data(plan)) if table.rows],
        grids=[grid for grid in (_watched(tables, answer, review.made),) if grid.blocks],
    )


def _decided(plan: Governance) -> TextTable:
    return TextTable(
        "table-decided",
        "Decisions log",
        ("Decision", "Why", "Who", "When"),
        [
            (d.what, d.why or NOT_STATED, d.who or NOT_STATED, date_or(d.on, NOT_STATED))
            for d in plan.decisions
        ],
    )


def _to_do(plan: Governance) -> TextTable:
    return TextTable(
        "table-to-do",
        "Actions",
        ("Action", "Simulated as", "Owner", "By"),
        [
            (
                a.action,
                title(a.option) if a.option else "no option",
                a.owner or NO_OWNER,
                date_or(a.by, NO_DATE),
            )
            for a in plan.actions
        ],
    )


def _data(plan: Governance) -> TextTable:
    return TextTable(
        "table-data",
        "Data log; the source of each value stands with the assumptions",
        ("Data", "From", "As of", "Provided or checked by"),
        [
            (d.what, d.from_ or NOT_STATED, d.as_of or NOT_STATED, d.by or NOT_STATED)
            for d in plan.data
        ],
    )


def _watched(tables: Tables, answer: Answer, made: date | None) -> Grid:
    """Between what the next quarter's counts should lie, or the run is to be looked at early."""
    after = max(answer.start, made or answer.start).isoformat()
    rows, dates = [], set[str]()
    for words, measure, group in _WATCHED:
        known = at_quarter_ends(series(tables.summary, measure, group))
        later = [str(at) for at in known.index if str(at) > after]
        if later:
            row = known.loc[later[0]]
            dates.add(later[0])
            ends = spread(row["low95"], row["high95"])
            rows.append(Row(words, [Cell(number(level(row).mean)), Cell(ends)]))
    together = len(dates) == 1
    at = day(date.fromisoformat(min(dates))) if together else ""
    return Grid(
        name="look-earlier",
        caption=f"Look again earlier if a count of {at} lies outside its range",
        note=f"({answer.name}, if nothing is decided until then)",
        corner="",
        heads=["Average", f"{RANGE_OF_DIFFERENCE} lie between"],
        blocks=[Block("", rows)] if together else [],
        lines=["Once an option is under way its own numbers are to be compared, not these."],
    )
