"""When to look at a run again: the date stated, or six months after it, and what to look for."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from sufficiency.answer.published import day
from sufficiency.scenario import Scenario

MONTHS = 6
"""Months after which strategies are usually looked at again, as Kent's is (evidence/supply.md §4b),
where the scenario names no date."""


class Review(NamedTuple):
    """When to look again."""

    by: date | None
    """None where neither the scenario says it nor the run when it was made."""
    made: date | None
    """When the run was made."""
    words: str
    """The same in a sentence or two."""


def review_of(scenario: Scenario, manifest: Mapping[str, Any]) -> Review:
    """When a run is to be looked at again.

    Args:
        scenario: What was run.
        manifest: As `manifest.json`.
    """
    made = made_on(manifest)
    stated = None if scenario.plan is None else scenario.plan.review_by
    if stated is not None:
        late = made is not None and stated < made
        passed = f" That had passed when this was run, on {day(made)}." if made and late else ""
        return Review(stated, made, f"Review by {day(stated)}.{passed}")
    if made is None:
        return Review(
            None, None, "No review date is stated, and the run does not say when it was made."
        )
    by = months_after(made, MONTHS)
    words = f"Review by {day(by)}: six months after this run, as is usual; no other date is stated."
    return Review(by, made, words)


def made_on(manifest: Mapping[str, Any]) -> date | None:
    """When a run was made; None if it does not say."""
    try:
        return date.fromisoformat(str(manifest.get("started", ""))[:10])
    except ValueError:
        return None


def months_after(day_: date, months: int) -> date:
    """Some months after a date; the last day of a month that is shorter."""
    year, month = divmod(day_.year * 12 + day_.month - 1 + months, 12)
    return date(year, month + 1, min(day_.day, calendar.monthrange(year, month + 1)[1]))
