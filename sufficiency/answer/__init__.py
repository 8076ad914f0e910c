"""The answer in plain words, from the tables of a run: the same on the screen and in the report.

Two kinds of uncertainty are kept apart: the range of futures, and the simulation's error of an
average (`words.TWO_RANGES`). An average that is not twice its error is called unclear.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from sufficiency.answer.effects import (
    DISPLACED,
    IN_HOUSE,
    Effect,
    OptionAnswer,
    errors_to_tell,
    options,
)
from sufficiency.answer.levels import (
    LIVING_IN_HOUSE,
    Decline,
    Missing,
    Need,
    at_years,
    course_words,
    decline,
    ends,
    from_first_day,
    missing,
    needs,
    series,
    side_by_side,
)
from sufficiency.answer.words import number, when, years_words
from sufficiency.comparison import Headline
from sufficiency.scenario import Study

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
    headline: str
    """The answer in two sentences: what happens if nothing is decided, and what changes it most."""
    best: str
    """Which option changes that most; empty without options."""
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


def answer_of(
    summary: pd.DataFrame,
    comparison: pd.DataFrame,
    headline: Headline,
    study: Study,
) -> Answer:
    """Put the tables of a run into words.

    Args:
        summary: As `summary.csv`.
        comparison: As `comparison.csv`.
        headline: As `comparison.headline` makes it.
        study: The scenario and its options.
    """
    children = from_first_day(series(summary, "children_in_care", LIVING_IN_HOUSE))
    first_day = study.scenario.start
    years = tuple(at_years(first_day, map(str, children.index)))
    at = side_by_side(years)
    futures = int(summary["replications"].max()) if len(summary) else 0
    changed = options(comparison, headline, study, years, futures)
    both = ends(children)
    declining = decline(summary, headline.decline, errors_to_tell(futures))
    start = when(study.scenario.start.isoformat())
    return Answer(
        name=study.scenario.name,
        span=f"{start} to {when(both[1].period)}" if both else start,
        futures=futures,
        caution=_caution(futures),
        headline=f"{_course(declining)} {_most(changed, at)}".strip(),
        best=_most(changed, at),
        decline=declining,
        needs=needs(summary),
        missing=missing(summary),
        options=changed,
        start=first_day,
        years=years,
        at=at,
    )


def _caution(futures: int) -> str:
    if futures >= FEW_FUTURES:
        return ""
    many = "1 future was" if futures == 1 else f"{futures} futures were"
    return f"Only {many} simulated: ranges and chances are rough."


def _course(declining: Sequence[Decline]) -> str:
    if not declining:
        return "This run does not say how the number of children with in-house carers moves."
    children = declining[0]
    words = course_words(children.first, children.last, children.course, plural=True)
    return f"If nothing is decided, children with in-house foster carers {words}."


def _most(changed: Sequence[OptionAnswer], at: int | None) -> str:
    """Which option adds most children in-house."""
    if not changed or at is None:
        return ""
    found = [(option, option.effect(IN_HOUSE, at)) for option in changed]
    adding = [(option, e) for option, e in found if e is not None and e.verdict == "more"]
    if not adding:
        who = "The option does not" if len(changed) == 1 else "None of the options"
        verb = "add" if len(changed) == 1 else "adds"
        return f"{who} clearly {verb} children with in-house carers in {years_words(at)}."
    best, effect = max(adding, key=lambda pair: pair[1].difference)
    who = f"“{best.title}” adds" if len(changed) == 1 else f"“{best.title}” adds most:"
    found_now = (e for e in best.effects if e.years == at and e.item in DISPLACED)
    fewer = min((e for e in found_now if e.verdict == "fewer"), key=_difference, default=None)
    displaced = f"; {number(-fewer.difference)} fewer live {fewer.where}" if fewer else ""
    return (
        f"{who} {number(effect.difference)} children with in-house carers on average after"
        f" {years_words(at)}, against doing nothing{effect.in_brackets}{displaced}."
    )


def _difference(effect: Effect) -> float:
    return effect.difference
