"""Free values moved inside their ranges until published values with `use: fit` come out.

A search on common random numbers: every trial has the same seed and the same futures, so that two
trials differ by the values alone and the search can be repeated to the last digit. Everything else
that is uncertain has its central value meanwhile. Values with `use: check` are never looked at.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from pydantic import ValidationError

from sufficiency.errors import SufficiencyError
from sufficiency.replication import Steps
from sufficiency.results.statistics import Floats, moments
from sufficiency.rows import Key
from sufficiency.scenario import Assumption, Observed, Scenario, Study, get_value, with_values
from sufficiency.validation.futures import Futures, Progress, futures_of
from sufficiency.validation.period import past_scenario, replaced_paths, within

FUTURES = 100
"""Futures of each trial, unless told otherwise or the scenario has fewer."""
PULL = 0.01
"""Weight of the pull to the central value: moving a value by its whole range costs as much as
missing a published value by a tenth of its standard deviation. So a value on which nothing
published clearly depends stays where it is."""
CLEAR = 2.0
"""A change of an average counts if it is more than so many times its error; else it is luck, and
the search does not follow it."""
STEP = 0.1
"""Of a range: how far a value is moved to see what depends on it. Wide, so that the luck that is
left of the common random numbers does not show."""
STEPS = 10
"""The search takes so many steps at most, each of a trial and one more for every free value."""
CLOSE_ENOUGH = {"ftol": 1e-2, "xtol": 1e-3, "gtol": 0.02}
"""When the search ends: what is left to win is small against the spread of a future."""
DIGITS = 4
"""Significant digits of a fitted value, in the trials as in the file."""


class Moved(NamedTuple):
    """A free value before and after the fit."""

    path: str
    before: float
    after: float
    low: float
    high: float
    row: Assumption
    """What the scenario says of it."""

    @property
    def at_end(self) -> bool:
        """Whether it has come to an end of its range."""
        margin = 0.005 * (self.high - self.low)
        return self.after <= self.low + margin or self.after >= self.high - margin


class Target(NamedTuple):
    """A published value that the fit was to meet, and the simulated averages."""

    observed: Observed
    unit: str
    before: float
    after: float


class Fitted(NamedTuple):
    """Free values that meet the published ones best."""

    name: str
    """The scenario."""
    moved: tuple[Moved, ...]
    targets: tuple[Target, ...]
    trials: int
    replications: int
    """Futures of each trial."""


def fit(
    study: Study,
    *,
    replications: int | None = None,
    seed: int | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
    steps: Steps | None = None,
) -> Fitted:
    """Move the values named in `validation.free` to meet the published values with `use: fit`.

    The sum of squares of (simulated average - published) / standard deviation of a future is made
    as small as it can be, plus a weak pull to the central values (`PULL`).

    Raises:
        SufficiencyError: There is nothing to move or nothing to meet.
    """
    published = [given for given in study.scenario.observed if given.use == "fit"]
    free = _free(study, published)
    replications = replications or min(study.scenario.replications, FUTURES)
    settings = {"replications": replications, "seed": seed, "jobs": jobs, "steps": steps}
    trials = _Trials(study.scenario, free, published, settings, progress)
    best = _best(trials, free)
    before, after = trials.of(trials.central).means, trials.of(best).means
    return Fitted(
        name=study.scenario.name,
        moved=tuple(m._replace(after=value) for m, value in zip(free, best, strict=True)),
        targets=tuple(
            Target(given, trials.unit(given), b, a)
            for given, b, a in zip(trials.met, before.tolist(), after.tolist(), strict=True)
        ),
        trials=trials.done,
        replications=replications,
    )


# --- what is free -----------------------------------------------------------------------------


def _free(study: Study, published: Sequence[Observed]) -> tuple[Moved, ...]:
    """The free values, not moved yet."""
    scenario = study.scenario
    paths = scenario.validation.free if scenario.validation is not None else ()
    lacking = []
    if not paths:
        lacking.append("no free value: name some in `validation.free`")
    if not published:
        lacking.append("no published value with `use: fit`")
    if lacking:
        raise SufficiencyError(f"{scenario.name} cannot be fitted: it has {', and '.join(lacking)}")
    rows = {row.path: row for row in study.assumptions}
    return tuple(_moved(path, scenario, rows.get(path)) for path in dict.fromkeys(paths))


def _moved(path: str, scenario: Scenario, row: Assumption | None) -> Moved:
    why_not = _why_not_free(path, scenario, row)
    if why_not or row is None or row.low is None or row.high is None:
        raise SufficiencyError(
            f"validation.free: '{path}' cannot be fitted: {why_not or 'it has no range'}"
        )
    value = get_value(scenario, path)
    return Moved(path, value, value, row.low, row.high, row)


def _why_not_free(path: str, scenario: Scenario, row: Assumption | None) -> str:
    if within(path, replaced_paths(scenario)):
        return "the `validation` block sets it to another value in the past"
    try:
        value = get_value(scenario, path)
    except KeyError:
        return "there is no such setting"
    if _in_a_list(scenario, path):
        return "it is in a list, which a file can only replace as a whole"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "it is not a number"
    if row is None or row.low is None or row.high is None or row.low >= row.high:
        return "it has no range (low and high) to be moved in"
    return ""


def _in_a_list(tree: object, path: str) -> bool:
    for step in path.split("."):
        if isinstance(tree, tuple):
            return True
        tree = get_value(tree, step)
    return False


# --- the search -------------------------------------------------------------------------------


class _Trial(NamedTuple):
    values: Floats
    """One row per future, one column per published value that is to be met."""

    @property
    def means(self) -> Floats:
        """Simulated average of each published value."""
        return moments(self.values).mean

    @property
    def spread(self) -> Floats:
        """Its standard deviation from future to future."""
        known = moments(self.values)
        return known.se * np.sqrt(known.known)


class _Trials:
    """Simulated averages by the free values; each is simulated once."""

    def __init__(
        self,
        scenario: Scenario,
        free: Sequence[Moved],
        published: Sequence[Observed],
        settings: dict[str, Any],
        progress: Progress | None,
    ) -> None:
        self._scenario, self._free, self._settings = scenario, free, settings
        self._progress = progress or (lambda _done, _of: None)
        self._known: dict[tuple[float, ...], _Trial] = {}
        self.central = tuple(m.before for m in free)
        self.met: tuple[Observed, ...] = tuple(published)
        first = self._futures(self.central)
        self.met = tuple(given for given in published if _column(first, given) is not None)
        if not self.met:
            names = ", ".join(f"{given.measure} {given.period}" for given in published)
            raise SufficiencyError(
                f"no published value with `use: fit` belongs to the period simulated: {names}"
            )
        self._units = first.units
        self._known[self.central] = _trial(first, self.met)

    @property
    def done(self) -> int:
        """Trials so far."""
        return len(self._known)

    def unit(self, given: Observed) -> str:
        """Unit of a published value."""
        return self._units.get(given.measure, "")

    def of(self, values: tuple[float, ...]) -> _Trial:
        """The trial of some values."""
        if values not in self._known:
            self._known[values] = _trial(self._futures(values), self.met)
            self._progress(self.done, max(self.done, 1 + STEPS * (1 + len(self._free))))
        return self._known[values]

    def _futures(self, values: tuple[float, ...]) -> Futures:
        named = {m.path: value for m, value in zip(self._free, values, strict=True)}
        try:
            scenario, _ = past_scenario(with_values(self._scenario, named))
        except ValidationError as error:
            told = "; ".join(e["msg"] for e in error.errors())
            both = ", ".join(f"{path} {value:g}" for path, value in named.items())
            raise SufficiencyError(
                f"the ranges allow what is not possible, {both}: {told}"
            ) from None
        measures = {given.measure for given in self.met}
        return futures_of(Study(scenario=scenario), measures, **self._settings)


def _column(futures: Futures, given: Observed) -> Floats | None:
    """The simulated numbers of a published value; None where most futures have none."""
    values = futures.of(Key(given.measure, given.group, given.period))
    return None if values is None or np.isnan(values).mean() > 0.5 else values


def _trial(futures: Futures, met: Sequence[Observed]) -> _Trial:
    columns = [_column(futures, given) for given in met]
    missing = np.full(len(futures.values), np.nan)
    return _Trial(np.stack([missing if c is None else c for c in columns], axis=1))


def _best(trials: _Trials, free: Sequence[Moved]) -> tuple[float, ...]:
    """The values to which a bounded least-squares search comes (Gauss-Newton)."""
    from scipy.optimize import least_squares  # takes a moment, and most runs fit nothing

    published = np.array([given.value for given in trials.met])
    # The spread at the central values throughout: a fit must not be bought by a wider spread.
    scale = _scale(trials.of(trials.central).spread, published)
    central = _shares(trials.central, free)
    pull = math.sqrt(PULL)

    def missed(shares: Floats) -> Floats:
        means = np.nan_to_num(trials.of(_values(shares, free)).means, nan=math.inf)
        apart = np.clip((means - published) / scale, -1e6, 1e6)
        return np.concatenate([apart, pull * (shares - central)])

    def slopes(shares: Floats) -> Floats:
        here, columns = trials.of(_values(shares, free)), []
        for place, m in enumerate(free):
            step = np.zeros(len(free))
            step[place] = _step(m) * (1 if shares[place] + _step(m) <= 1 else -1)
            there = trials.of(_values(shares + step, free))
            columns.append(_clear_change(here, there) / step[place] / scale)
        return np.concatenate([np.stack(columns, axis=1), pull * np.eye(len(free))])

    found = least_squares(
        missed,
        central,
        jac=slopes,
        bounds=(0.0, 1.0),
        method="dogbox",
        max_nfev=STEPS,
        **CLOSE_ENOUGH,
    )
    return _values(found.x, free)


def _clear_change(before: _Trial, after: _Trial) -> Floats:
    """The change of each average, future by future; 0 where it cannot be told from luck."""
    change = moments(after.values - before.values)
    clear = np.abs(change.mean) > CLEAR * np.nan_to_num(change.se)
    return np.where(clear, change.mean, 0.0)


def _scale(spread: Floats, published: Floats) -> Floats:
    """What a miss is measured in; where every future is the same, a hundredth of the value."""
    constant = np.maximum(np.abs(published) / 100, 1e-6)
    return np.where(spread > 1e-9 * np.maximum(np.abs(published), 1.0), spread, constant)


def _step(m: Moved) -> float:
    """How far a value is moved, as a share of its range; a whole number by one at least."""
    return min(max(STEP, 1 / (m.high - m.low)), 1.0) if isinstance(m.before, int) else STEP


def _shares(values: Sequence[float], free: Sequence[Moved]) -> Floats:
    """Values as shares of the way from the low to the high end of their ranges."""
    return np.array([(v - m.low) / (m.high - m.low) for v, m in zip(values, free, strict=True)])


def _values(shares: Floats, free: Sequence[Moved]) -> tuple[float, ...]:
    """The values at some shares of their ranges, as the file will have them."""
    return tuple(_value(share, m) for share, m in zip(shares.tolist(), free, strict=True))


def _value(share: float, m: Moved) -> float:
    value = m.low + min(max(share, 0.0), 1.0) * (m.high - m.low)
    if isinstance(m.before, int):
        return min(max(round(value), math.ceil(m.low)), math.floor(m.high))
    close = abs(value - m.before) < 1e-6 * (m.high - m.low)
    return m.before if close else min(max(float(f"{value:.{DIGITS}g}"), m.low), m.high)
