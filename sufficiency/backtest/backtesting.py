"""The whole chain on the own past: from each year-end as if it were today.

At every year-end with enough before it and something after it, only what was known then is used:
the history is cut there, calibrated and forecast, the children then in care are simulated onwards,
and what the simulation and its peers say is set beside what happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import joblib

from sufficiency.backtest.comparing import (
    FLAT,
    MARKOV,
    OURS,
    Forecasted,
    Futures,
    Observed,
    compared,
    year_end,
)
from sufficiency.backtest.judging import Judged, judged
from sufficiency.backtest.peers import flat_futures, markov_futures
from sufficiency.backtest.settings import Settings
from sufficiency.backtest.simulating import simulated
from sufficiency.errors import SufficiencyError
from sufficiency.history.counting import observed
from sufficiency.history.truncating import known_on

if TYPE_CHECKING:
    from sufficiency.history.tables import History
    from sufficiency.scenario import Study

YEARS_BEFORE = 2
"""Full years of history that a year-end needs: with less, little can be told."""

Progress = Callable[[int, int], None]
Simulate = Callable[["History", "Study", Settings, Path], Futures]
"""Calibrate, forecast and simulate; files about children go to the folder."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A year-end from which nothing could be forecast."""

    origin: date
    why: str


@dataclass(frozen=True)
class Backtested:
    """What forecasts of the past were worth."""

    first: date
    """First day of the history."""
    last: date
    """Last day of the history."""
    base: str
    """The scenario that the calibrated ones extend."""
    origins: tuple[date, ...]
    """The year-ends that were forecast from."""
    left_out: tuple[LeftOut, ...]
    years_ahead: int
    replications: int
    bootstrap: int
    seed: int
    forecasts: tuple[Forecasted, ...]
    """Every number of every model."""
    judged: tuple[Judged, ...]


def origins_of(history: History, number: int | None = None) -> tuple[date, ...]:
    """The year-ends with enough before and a year after them, the last ones if not all are asked.

    Years without a return are gaps: what is before one counts for nothing.
    """
    first, last = history.first, history.last
    ends = [date(year, 3, 31) for year in range(first.year, last.year + 1)]
    found = [end for end in ends if _years_before(end, history) and year_end(end, 1) <= last]
    return tuple(found if number is None else found[-number:])


def _years_before(end: date, history: History) -> bool:
    """Whether a year-end has enough years before it without a gap."""
    since = end.replace(year=end.year - YEARS_BEFORE) + timedelta(days=1)
    gap = any(start <= end and since <= stop for start, stop in history.gaps)
    return since >= history.first and not gap


def backtest(
    history: History,
    base: Study,
    settings: Settings,
    *,
    origins: int | None = None,
    progress: Progress | None = None,
    simulate: Simulate = simulated,
) -> Backtested:
    """Forecast from every past year-end and score what came of it.

    Args:
        history: The whole history, of children.
        base: The scenario towards which small numbers shrink.
        settings: How far ahead, how many futures, and the like.
        origins: The last so many year-ends only; left out: all.
        progress: Called with the year-ends done and their whole number.
        simulate: Stand-in for calibration, forecast and simulation.

    Raises:
        SufficiencyError: There is no year-end to forecast from, or it failed at every one.
    """
    if history.care is None or history.placements is None:
        raise SufficiencyError("a backtest of the simulation needs an SSDA903 return")
    asked = origins_of(history, origins)
    if not asked:
        raise SufficiencyError(too_short(history))
    found = list(_found(asked, history, base, settings, simulate, progress))
    left_out = tuple(one for one in found if isinstance(one, LeftOut))
    if len(left_out) == len(asked):
        raise SufficiencyError(f"no year-end could be forecast from: {left_out[-1].why}")
    rows = tuple(row for one in found if not isinstance(one, LeftOut) for row in one)
    return Backtested(
        first=history.first,
        last=history.last,
        base=base.scenario.name,
        origins=tuple(sorted({row.origin for row in rows})),
        left_out=left_out,
        years_ahead=settings.years_ahead,
        replications=settings.replications,
        bootstrap=settings.bootstrap,
        seed=settings.seed,
        forecasts=rows,
        judged=tuple(judged(rows)),
    )


def too_short(history: History) -> str:
    """Why there is no year-end to forecast from."""
    return (
        f"the history is too short for a backtest: it has {history.first} to {history.last}, and a"
        f" year-end needs {YEARS_BEFORE} full years before it and one after it"
    )


def _found(
    origins: tuple[date, ...],
    history: History,
    base: Study,
    settings: Settings,
    simulate: Simulate,
    progress: Progress | None,
) -> Iterator[list[Forecasted] | LeftOut]:
    """Forecast from each year-end, several at once where there are processes for it.

    Files about children lie in one private folder of this process, which goes even if a worker is
    stopped.
    """
    happened = Observed(observed(history))
    workers = min(joblib.effective_n_jobs(settings.jobs or -1), len(origins))
    each = replace(settings, jobs=1) if workers > 1 else settings
    tell = progress or (lambda _done, _of: None)
    tell(0, len(origins))
    with TemporaryDirectory(prefix="sufficiency-", ignore_cleanup_errors=True) as private:
        tasks = (
            joblib.delayed(_forecast_from)(
                origin,
                known_on(history, origin),
                happened,
                base,
                each.within(origin, history.last),
                simulate,
                Path(private) / origin.isoformat(),
            )
            for origin in origins
        )
        parallel = joblib.Parallel(n_jobs=workers, return_as="generator", batch_size=1)
        for done, found in enumerate(parallel(tasks), 1):
            tell(done, len(origins))
            yield found


def _forecast_from(
    origin: date,
    known: History,
    happened: Observed,
    base: Study,
    settings: Settings,
    simulate: Simulate,
    folder: Path,
) -> list[Forecasted] | LeftOut:
    folder.mkdir()
    try:
        ours = simulate(known, base, settings, folder)
    except SufficiencyError as error:
        if error.exit_code != SufficiencyError.exit_code:
            raise  # interrupted, or an error of ours
        return LeftOut(origin, str(error))
    made: Mapping[str, Futures] = {
        OURS: ours,
        FLAT: flat_futures(origin, Observed(observed(known)), settings.years_ahead, settings.seed),
        MARKOV: markov_futures(origin, known, settings.years_ahead, settings.seed),
    }
    return list(compared(origin, happened, made, settings.years_ahead))
