"""The answer in plain words, from the tables of a run: the same on the screen and in the report.

Two kinds of uncertainty are kept apart: the range of futures, and the simulation's error of an
average (`words.TWO_RANGES`). An average that is not twice its error is called unclear.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from sufficiency.answer.effects import Futures, OptionAnswer, options
from sufficiency.answer.levels import (
    IN_HOUSE,
    Level,
    Missing,
    Need,
    at_quarter_ends,
    course_words,
    decline,
    ends,
    from_first_day,
    horizons,
    missing,
    needs,
    series,
    side_by_side,
)
from sufficiency.answer.words import number, when, years_words
from sufficiency.scenario import Study


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of a run in words and small tables."""

    name: str
    """The scenario."""
    span: str
    """The time simulated."""
    futures: int
    """Futures simulated of each option."""
    headline: str
    """The answer in two sentences: what happens if nothing is decided, and what changes it most."""
    decline: tuple[str, ...]
    """What becomes of in-house fostering if nothing is decided."""
    needs: tuple[Need, ...]
    """Need against places by quarter and kind of home, if nothing is decided."""
    missing: tuple[Missing, ...]
    """How often the right home is missing, if nothing is decided."""
    options: tuple[OptionAnswer, ...]
    """What each option changes."""
    years: Mapping[int, str]
    """Years from the start at which options are compared, and their dates."""
    at: int | None
    """The year at which they are set side by side."""


def answer_of(
    summary: pd.DataFrame,
    comparison: pd.DataFrame,
    study: Study,
    futures: Futures | None = None,
) -> Answer:
    """Put the tables of a run into words.

    Args:
        summary: As `summary.csv`.
        comparison: As `comparison.csv`.
        study: The scenario and its options.
        futures: As `Results.futures`; only for the range of an average over all dates.
    """
    children = from_first_day(series(summary, "children_in_care", IN_HOUSE))
    dates = [str(period) for period in at_quarter_ends(children).index]
    years = horizons(study.scenario.start, dates)
    at = side_by_side(years)
    changed = options(comparison, study, years, at, futures)
    both = ends(children)
    start = when(study.scenario.start.isoformat())
    return Answer(
        name=study.scenario.name,
        span=f"{start} to {when(both[1].period)}" if both else start,
        futures=int(summary["replications"].max()) if len(summary) else 0,
        headline=_headline(both, changed, at),
        decline=decline(summary),
        needs=needs(summary),
        missing=missing(summary),
        options=changed,
        years=years,
        at=at,
    )


def _headline(
    both: tuple[Level, Level] | None, changed: Sequence[OptionAnswer], at: int | None
) -> str:
    if both is None:
        return "This run is too short to say how the number of children with in-house carers moves."
    children = "If nothing is decided, children with in-house foster carers"
    return f"{children} {course_words(*both, plural=True)}. {_most(changed, at)}".strip()


def _most(changed: Sequence[OptionAnswer], at: int | None) -> str:
    """Which option adds most children in-house."""
    if not changed:
        return ""
    found = [(option, option.effect(IN_HOUSE, at)) for option in changed]
    adding = [(option, e) for option, e in found if e is not None and e.verdict == "more"]
    if not adding:
        who = "The option does not" if len(changed) == 1 else "None of the options"
        return f"{who} clearly add{'' if len(changed) == 1 else 's'} to it in {years_words(at)}."
    best, effect = max(adding, key=lambda pair: pair[1].difference)
    who = f"“{best.title}” adds" if len(changed) == 1 else f"“{best.title}” adds most:"
    children = f"{number(effect.difference)} children on average after {years_words(at)}"
    return f"{who} {children}, against doing nothing{effect.in_brackets}."
