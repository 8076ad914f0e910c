"""Published values beside the simulated ones, and whether more lie outside than chance allows.

A published value is one future that came true. If the model is right, it lies outside the range of
nine futures in ten with a chance of one in ten: so the number of checks outside is compared with
that of so many draws. Checks are counted as if they were independent; dates of one course are not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import numpy as np

from sufficiency.errors import SufficiencyError
from sufficiency.periods import end_of
from sufficiency.replication import Steps
from sufficiency.results.statistics import percentiles
from sufficiency.rows import Key
from sufficiency.scenario import Assumption, DatedChange, Observed, Scenario, Study
from sufficiency.validation.courses import Course, courses
from sufficiency.validation.futures import RANGE, Futures, Progress, futures_of, in_order
from sufficiency.validation.period import BLOCK, study_of_the_past

OUTSIDE_BY_CHANCE = 0.1
"""Chance that a value lies outside the range between the shares of `RANGE`."""
SIGNIFICANT = 0.05
"""Checks outside that would be less likely than this by chance are too many."""
INFORMATIVE = 0.5
"""A range whose half is more than this share of the median could hardly be missed."""


class Verdict(StrEnum):
    """Where a published value lies."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    NOT_INFORMATIVE = "not informative"
    NOT_SIMULATED = "not simulated"


@dataclass(frozen=True, slots=True)
class Compared:
    """A published value beside the simulated ones; NaN where nothing was simulated."""

    observed: Observed
    unit: str
    """Of the measure; empty where there is none."""
    median: float = math.nan
    low: float = math.nan
    """Nine futures in ten lie between `low` and `high`."""
    high: float = math.nan
    known: float = 0.0
    """Share of the futures that have a value (there is no share of nothing)."""
    why_not: str = ""
    """Why nothing was simulated."""

    @property
    def verdict(self) -> Verdict:
        """Where the published value lies."""
        if self.why_not:
            return Verdict.NOT_SIMULATED
        if self.known < 0.5 or (self.high - self.low) / 2 > INFORMATIVE * abs(self.median):
            return Verdict.NOT_INFORMATIVE
        return Verdict.OUTSIDE if self.missed else Verdict.INSIDE

    @property
    def missed(self) -> bool:
        """Whether the published value lies outside the range, however wide that is."""
        return not self.why_not and not self.low <= self.observed.value <= self.high

    @property
    def counts(self) -> bool:
        """Whether it is a check that could fail."""
        settled = self.verdict in (Verdict.INSIDE, Verdict.OUTSIDE)
        return settled and self.observed.use == "check"


@dataclass(frozen=True, slots=True)
class Validated:
    """A scenario's published values beside the simulated ones."""

    name: str
    start: date
    end: date
    """Last day simulated."""
    past: bool
    """Whether a past period of its own was simulated; otherwise the run itself."""
    replications: int
    seed: int
    inputs: tuple[Assumption, ...]
    """What the past was given: the values of the `validation` block."""
    rows: tuple[Compared, ...]
    """In the order of the file."""
    courses: tuple[Course, ...]
    warnings: tuple[str, ...]
    changes: tuple[DatedChange, ...] = ()
    """What changed on a date within the past period."""

    @property
    def counted(self) -> tuple[Compared, ...]:
        """The checks that could fail."""
        return tuple(row for row in self.rows if row.counts)

    @property
    def outside(self) -> tuple[Compared, ...]:
        """Those of them that did."""
        return tuple(row for row in self.counted if row.verdict is Verdict.OUTSIDE)

    @property
    def vague_outside(self) -> tuple[Compared, ...]:
        """Checks that do not count, as their range is too wide, and lie outside it nevertheless."""
        return tuple(
            row
            for row in self.rows
            if row.observed.use == "check" and row.verdict is Verdict.NOT_INFORMATIVE and row.missed
        )

    @property
    def chance(self) -> float:
        """Chance that as many checks or more lie outside if the model is right."""
        return chance_of_so_many(len(self.outside), len(self.counted))

    @property
    def passed(self) -> bool:
        """Whether no more checks lie outside than chance allows."""
        return self.chance >= SIGNIFICANT


def chance_of_so_many(outside: int, checks: int) -> float:
    """Chance that so many checks or more lie outside: the upper tail of a binomial."""
    p = OUTSIDE_BY_CHANCE
    return math.fsum(
        math.comb(checks, k) * p**k * (1 - p) ** (checks - k) for k in range(outside, checks + 1)
    )


def validate(
    study: Study,
    *,
    replications: int | None = None,
    seed: int | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
    steps: Steps | None = None,
) -> Validated:
    """Simulate the past period of a study, and set what was published beside it.

    Args:
        study: A scenario with `observed` values.
        replications: Futures simulated; left out: as the scenario says.
        seed: Seed of the random numbers; left out: as the scenario says.
        jobs: Processes; left out: one for each core.
        progress: Called with the replications done and their whole number.
        steps: Stand-ins for the simulation and measures of the model.

    Raises:
        SufficiencyError: Nothing is observed, or the past is not possible.
    """
    published = published_values(study)
    period = study_of_the_past(study)
    futures = futures_of(
        period,
        {given.measure for given in published},
        replications=replications,
        seed=seed,
        jobs=jobs,
        progress=progress,
        steps=steps,
    )
    scenario = period.scenario
    block = (row for row in study.assumptions if row.path.startswith(f"{BLOCK}."))
    return Validated(
        name=scenario.name,
        start=scenario.start,
        end=end_of(scenario.start, scenario.years) - timedelta(days=1),
        past=scenario.validation is not None,
        replications=len(futures.values),
        seed=scenario.seed if seed is None else seed,
        inputs=tuple(block),
        rows=tuple(_compared(given, futures, scenario) for given in published),
        courses=tuple(courses(published, futures, scenario)),
        warnings=period.warnings,
        changes=scenario.changes if scenario.validation is not None else (),
    )


def published_values(study: Study) -> tuple[Observed, ...]:
    """What was published; a study of which nothing was is refused."""
    if not study.scenario.observed:
        raise SufficiencyError(
            f"{study.scenario.name} has no published values to compare with: list them in"
            " `observed`"
        )
    return study.scenario.observed


# --- what was simulated -----------------------------------------------------------------------


def _compared(given: Observed, futures: Futures, scenario: Scenario) -> Compared:
    key = Key(given.measure, given.group, given.period)
    values = futures.of(key)
    unit = futures.units.get(given.measure, "")
    if values is None:
        return Compared(given, unit, why_not=_why_not(key, futures, scenario))
    if np.isnan(values).all():
        return Compared(given, unit, why_not="it has no value in any future")
    median, low, high, *_ = percentiles(values[:, None], RANGE)[:, 0].tolist()
    return Compared(given, unit, median, low, high, float(np.mean(~np.isnan(values))))


def _why_not(key: Key, futures: Futures, scenario: Scenario) -> str:
    if key.measure not in futures.units:
        return f"there is no measure '{key.measure}'"
    wanted = in_order(key).group
    labels = [k.period for k in futures.columns if (k.measure, k.group) == (key.measure, wanted)]
    if not labels:
        return f"this measure is not taken of the group '{key.group}'"
    last = end_of(scenario.start, scenario.years) - timedelta(days=1)
    few = f"{labels[0]}, {labels[1]} … {labels[-1]}" if len(labels) > 3 else ", ".join(labels)
    return f"the period simulated ({scenario.start} to {last}) has no {key.period}: it has {few}"
