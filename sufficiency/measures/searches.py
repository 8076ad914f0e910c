"""How long children wait for a registered placement, and what becomes of those who wait."""

from __future__ import annotations

import numpy as np

from sufficiency.measures.counting import (
    flow,
    quarters_and_years,
    ratio,
    with_total,
)
from sufficiency.measures.flows import SOUGHT_CODES, SOUGHT_GROUPS
from sufficiency.measures.run import Run, find, type_code
from sufficiency.periods import YEAR, Floats, Ints, Periods, nights
from sufficiency.rows import KINDS, MeasureInfo
from sufficiency.vocabulary import PlacementType

_UNREGISTERED = type_code(PlacementType.UNREGISTERED)
_EVERYBODY = ("",)
_OURS = "this model's"

MEASURES: dict[str, MeasureInfo] = {
    "days_to_place": MeasureInfo(
        "days",
        "down",
        "Mean days from when a home was needed until the child was in a registered placement;"
        " most are placed at once and count 0.",
        "Mean, over the searches for a home needed in the period, of the days from when it was"
        " needed to the first registered placement. A child who has none yet counts with the days"
        " until leaving care or the end of the run.",
        _OURS,
        (*_EVERYBODY, *SOUGHT_GROUPS),
        "quarters_and_years",
    ),
    "unregistered_nights": MeasureInfo(
        "nights",
        "down",
        "Nights that children spent in unregistered placements.",
        "Midnights passed in an unregistered placement in the period.",
        f"{_OURS}; such a placement is unlawful to provide (Care Standards Act 2000, section 11).",
        _EVERYBODY,
        "quarters_and_years",
    ),
    "unregistered_children": MeasureInfo(
        "children",
        "down",
        "Children who were in an unregistered placement at some time in the period; a year counts"
        " a child once, so quarters do not add up to it.",
        "Different children with an unregistered placement that touches the period.",
        _OURS,
        _EVERYBODY,
        "quarters_and_years",
    ),
    "unregistered_under_16": MeasureInfo(
        "children",
        "down",
        "Children who were in an unregistered placement while under 16, at some time in the"
        " period.",
        "As unregistered_children, each placement cut at the 16th birthday.",
        f"{_OURS}; Care Planning (Amendment) Regulations 2021: none under 16 may be placed so.",
        _EVERYBODY,
        "quarters_and_years",
    ),
}


def measure(run: Run) -> dict[str, Floats]:
    """How long children wait, and unregistered placements."""
    s, c, days = run.stays, run.children, run.calendar
    who = np.flatnonzero(s.type == _UNREGISTERED)
    child, started = s.child[who], s.started[who]
    ended = np.minimum(s.ended[who], run.rows.until)
    by_quarter = nights(started, ended, np.zeros_like(who), 1, days.quarters.edges)
    young = np.minimum(ended, c.born[child] + 16 * YEAR)
    return {
        "days_to_place": _days_to_place(run),
        "unregistered_nights": quarters_and_years(by_quarter, days),
        "unregistered_children": _different(run, child, started, ended),
        "unregistered_under_16": _different(run, child, started, young),
    }


def _days_to_place(run: Run) -> Floats:
    table, c, n = run.rows.searches, run.children, len(KINDS)
    needed, planned = table["needed"], table.code("planned")
    left = c.left[find(c.number, table.code("child"))]
    placed = np.minimum(np.minimum(table["registered"], left), run.rows.until)
    quarters = run.calendar.quarters.of[run.calendar.days_of(needed)]
    waited = np.maximum(placed - needed, 0.0)
    days = flow(planned, n, quarters, run.calendar, waited)
    searches = flow(planned, n, quarters, run.calendar)
    means = ratio(with_total(days), with_total(searches))
    return means[[0, *(1 + code for code in SOUGHT_CODES)]]


def _different(run: Run, child: Ints, started: Floats, ended: Floats) -> Floats:
    """Different children with an interval that touches the period, by quarter and year."""
    calendar = run.calendar
    return np.concatenate(
        [_touching(child, started, ended, p) for p in (calendar.quarters, calendar.years)]
    )[np.newaxis]


def _touching(child: Ints, started: Floats, ended: Floats, periods: Periods) -> Floats:
    n, edges = len(periods.labels), periods.edges
    touches = (started[:, None] < edges[1:]) & (ended > started)[:, None]
    row, period = np.nonzero(touches & (ended[:, None] > edges[:-1]))
    pairs = np.unique(child[row] * max(n, 1) + period)
    return np.bincount(pairs % max(n, 1), minlength=n)[:n].astype(np.float64)
