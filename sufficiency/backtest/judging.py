"""Forecasts of several year-ends into errors by measure, and ours beside each peer's.

The year-end is the unit: numbers of the same date move together, so types of placement are added up
within each before anything is compared. Year-ends of which more than one year ahead is forecast
overlap, so even these are not independent of each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from sufficiency.backtest.comparing import COMPARED, MODELS, OURS, STOCK, Forecasted
from sufficiency.backtest.scores import Difference, difference

TYPES = tuple(group for group in COMPARED[STOCK] if group.startswith("type="))


@dataclass(frozen=True, slots=True)
class Subject:
    """One line of the table: a number, or several of a kind together."""

    measure: str
    groups: tuple[str, ...]

    @property
    def by_type(self) -> bool:
        """Whether it is the types of placement together."""
        return len(self.groups) > 1


SUBJECTS = (
    Subject(STOCK, ("",)),
    Subject(STOCK, TYPES),
    Subject(STOCK, ("stream=uasc",)),
    Subject("entries", ("",)),
    Subject("entries", ("stream=uasc",)),
    Subject("exits", ("",)),
    Subject("moves", ("",)),
    Subject("three_or_more_placements", ("",)),
    Subject("three_or_more_in_two_years", ("",)),
    Subject("long_term_stability", ("",)),
)


@dataclass(frozen=True, slots=True)
class Errors:
    """How one model did."""

    crps: float
    """Mean error (CRPS) of a number."""
    absolute: float
    """Mean distance of the median from what happened."""
    bias: float
    """Mean of the forecast less what happened."""
    covers: tuple[float, float, float]
    """Share inside the 50, 80 and 95% range."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One subject so many years ahead, over all year-ends."""

    subject: Subject
    years_ahead: int
    origins: tuple[date, ...]
    numbers: int
    """Forecasts of one model: one for each year-end, and each type."""
    observed: float
    """Mean of what happened."""
    errors: Mapping[str, Errors]
    """By model; a peer that says nothing of it is not there."""
    against: Mapping[str, Difference]
    """By peer: error of ours less the peer's, of a year-end; below 0 ours is better."""


def every_number(rows: Sequence[Forecasted]) -> Iterator[Judged]:
    """Each measure and group on its own."""
    named = dict.fromkeys((row.what.measure, row.what.group) for row in rows)
    return judged(rows, [Subject(measure, (group,)) for measure, group in named])


def judged(rows: Sequence[Forecasted], subjects: Sequence[Subject] = SUBJECTS) -> Iterator[Judged]:
    """Every subject and lead of which something was forecast."""
    leads = sorted({row.what.years_ahead for row in rows})
    for subject in subjects:
        for lead in leads:
            mine = [
                row
                for row in rows
                if row.what.measure == subject.measure
                and row.what.group in subject.groups
                and row.what.years_ahead == lead
            ]
            if any(row.model == OURS for row in mine):
                yield _judged(subject, lead, mine)


def _judged(subject: Subject, lead: int, rows: Sequence[Forecasted]) -> Judged:
    """Of the numbers of which every model that says anything of the subject says something."""
    models = [model for model in MODELS if any(row.model == model for row in rows)]
    told = Counter((row.origin, row.what) for row in rows)
    shared = [row for row in rows if told[row.origin, row.what] == len(models)]
    by_model = {m: [row for row in shared if row.model == m] for m in models}
    ours = by_model[OURS]
    origins = tuple(sorted({row.origin for row in ours}))
    sums = {model: _sums(theirs, origins) for model, theirs in by_model.items()}
    return Judged(
        subject=subject,
        years_ahead=lead,
        origins=origins,
        numbers=len(ours),
        observed=float(np.mean([row.observed for row in ours])),
        errors={model: errors(theirs) for model, theirs in by_model.items()},
        against={m: difference(sums[OURS], sums[m]) for m in models if m != OURS},
    )


def _sums(rows: Sequence[Forecasted], origins: Sequence[date]) -> list[float]:
    """The error of each year-end, types added up."""
    return [sum(row.score.crps for row in rows if row.origin == origin) for origin in origins]


def errors(rows: Sequence[Forecasted]) -> Errors:
    """Mean scores of some forecasts."""
    apart = [abs(row.score.median - row.observed) for row in rows]
    bias = [row.score.mean - row.observed for row in rows]
    covers = [(row.score.cover50, row.score.cover80, row.score.cover95) for row in rows]
    inside = np.mean(covers, axis=0).tolist()
    return Errors(
        float(np.mean([row.score.crps for row in rows])),
        float(np.mean(apart)),
        float(np.mean(bias)),
        (inside[0], inside[1], inside[2]),
    )
