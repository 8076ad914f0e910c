"""The answer in plain words, from the tables of a run: the same on the screen and in the report.

Two kinds of uncertainty are kept apart: the range of futures, and the simulation's error of an
average (`words.TWO_RANGES`). An average that is not twice its error is called unclear.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from sufficiency.answer.effects import OptionAnswer, errors_to_tell, options
from sufficiency.answer.leading import Leading, planned_options, to_tell
from sufficiency.answer.levels import (
    LIVING_IN_HOUSE,
    Decline,
    Missing,
    Need,
    at_years,
    decline,
    from_first_day,
    missing,
    needs,
    series,
    side_by_side,
)
from sufficiency.answer.money import Money
from sufficiency.answer.sentences import sentences
from sufficiency.answer.words import when
from sufficiency.comparison import Headline
from sufficiency.periods import calendar
from sufficiency.scenario import Scenario, Study

FEW_FUTURES = 30
"""With fewer, the ends of a range rest on one or two of them."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of a run in words and small tables."""

    name: str
    """The scenario."""
    span: str
    """The time simulated."""
    futures: int
    """Futures simulated of each option."""
    caution: str
    """What to know if there are too few futures; else empty."""
    decline: tuple[Decline, ...]
    """What becomes of in-house fostering if nothing is decided."""
    needs: tuple[Need, ...]
    """Need against places by quarter and kind of home, if nothing is decided."""
    missing: tuple[Missing, ...]
    """How often the right home is missing, if nothing is decided."""
    options: tuple[OptionAnswer, ...]
    """What each option changes."""
    start: date
    """First day of the run."""
    years: tuple[int, ...]
    """The years after which options are compared; none in a run of less than a year."""
    at: int | None
    """The year after which they are set side by side."""
    leading: Leading | None
    """The option that is told: the plan's first, or else the one that does most; None: neither."""
    sentences: tuple[str, ...]
    """The answer: what happens if nothing is decided, what it costs, what a plan changes."""


def answer_of(
    summary: pd.DataFrame,
    comparison: pd.DataFrame,
    headline: Headline,
    study: Study,
    money: Money | None = None,
) -> Answer:
    """Put the tables of a run into words.

    Args:
        summary: As `summary.csv`.
        comparison: As `comparison.csv`.
        headline: As `comparison.headline` makes it.
        study: The scenario and its options.
        money: As `answer.money.run_money` makes it; None: nothing is said of money.
    """
    first_day = study.scenario.start
    days = _days(summary, study.scenario)
    years = tuple(at_years(first_day, days))
    at = side_by_side(years)
    futures = int(summary["replications"].max()) if len(summary) else 0
    changed = options(comparison, headline, study, years, futures)
    declining = decline(summary, headline.decline, errors_to_tell(futures))
    planned = planned_options(study.scenario)
    start = when(study.scenario.start.isoformat())
    return Answer(
        name=study.scenario.name,
        span=f"{start} to {when(days[-1])}" if len(days) > 1 else start,
        futures=futures,
        caution=_caution(futures),
        decline=declining,
        needs=needs(summary),
        missing=missing(summary),
        options=changed,
        start=first_day,
        years=years,
        at=at,
        leading=to_tell(changed, at, planned),
        sentences=sentences(summary, declining, changed, at, futures, money, planned),
    )


def _days(summary: pd.DataFrame, scenario: Scenario) -> list[str]:
    """The first day and the ends of quarters: of in-house care, or where it is not known of all."""
    rows = series(summary, "children_in_care", LIVING_IN_HOUSE)
    if not len(rows):
        periods = set(summary["period"].astype(str))
        days = sorted(period for period in periods if len(period) == 10)
        planned = calendar(scenario.start, scenario.years).month_ends.labels
        rows = pd.DataFrame(index=days or list(planned))
    return [str(day) for day in from_first_day(rows).index]


def _caution(futures: int) -> str:
    if futures >= FEW_FUTURES:
        return ""
    many = "1 future was" if futures == 1 else f"{futures} futures were"
    return f"Only {many} simulated: ranges and chances are rough."
