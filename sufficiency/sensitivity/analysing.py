"""All that is asked about one number: its range, what it hangs on, and how well it is known."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sufficiency import experiment
from sufficiency.errors import SufficiencyError
from sufficiency.experiment.draws import ranges
from sufficiency.experiment.precision import error_of_mean, replications_needed
from sufficiency.replication import Range, Steps
from sufficiency.results.results import BASELINE, Results
from sufficiency.results.statistics import Floats, percentiles
from sufficiency.scenario import Study
from sufficiency.scenario_file.problems import did_you_mean
from sufficiency.sensitivity.asked import Asked, labels_of, numbers
from sufficiency.sensitivity.correlating import correlations, draws_of_pairs, relevant
from sufficiency.sensitivity.deciding import FUTURES as SEARCH_FUTURES
from sufficiency.sensitivity.deciding import STEPS, Found, ShareSearch, deciding
from sufficiency.sensitivity.repricing import PREFIX
from sufficiency.sensitivity.splitting import Ignorance, by_assumption
from sufficiency.sensitivity.structures import structures
from sufficiency.sensitivity.tornado import Bar, Question, questions_of, tornado
from sufficiency.sensitivity.trials import CENTRAL, End, Progress, Trials

RECRUITMENT = "fostering.recruitment"
PRECISIONS = (0.01, 0.02, 0.05)
"""Wanted errors of a level, as a share of it."""
PRECISIONS_OF_DIFFERENCE = (0.05, 0.10, 0.20)
"""The same of a difference, which is small beside what it is a difference of."""


class Needed(NamedTuple):
    """How many futures a precision takes."""

    share: float
    """The error wanted, as a share of the mean."""
    futures: int


@dataclass(frozen=True)
class Sensitivity:
    """What a number hangs on."""

    name: str
    """The scenario."""
    asked: Asked
    option: str
    """The option of which the number is the difference from the baseline; empty: a level."""
    recruits: bool
    """Whether the option recruits carers."""
    years: float
    added: int
    """Financial years that the number adds up, or is the mean of; 1 of a single period or date."""
    seed: int
    central: float
    """The mean with central values."""
    mean: float
    """With all drawn."""
    error: float
    """Of the mean: half its 95% interval."""
    low: float
    high: float
    """8 futures in 10 lie between them."""
    replications: int
    """Futures of the run in which everything uncertain is drawn."""
    drawn: int
    """Assumptions that have a range and can matter here."""
    bars: tuple[Bar, ...]
    ignorance: Ignorance | None
    """None where nothing is drawn."""
    correlations: pd.DataFrame
    needed: tuple[Needed, ...]
    shares: tuple[Found, ...]
    """Of entries to homes for want of a carer: now, at the low and at the high end."""
    simulated: int
    """Futures simulated in all."""
    seconds: float


def analyse(
    study: Study,
    asked: Asked,
    option: str = "",
    *,
    replications: int | None = None,
    futures: int = 40,
    seed: int | None = None,
    years: float | None = None,
    jobs: int | None = None,
    decides: bool = True,
    progress: Progress | None = None,
    steps: Steps | None = None,
) -> Sensitivity:
    """Find out which assumptions a number hangs on.

    Args:
        study: The scenario and its options.
        asked: Which number.
        option: Ask about the option less the baseline; left out: about the baseline.
        replications: Futures in which all is drawn; left out: as the scenario says.
        futures: Futures of each end of the leading bars, on central values.
        seed: Seed of the random numbers; left out: as the scenario says.
        years: Years simulated; left out: as the scenario says.
        jobs: Processes.
        decides: Whether the two assumptions that decide the money lead the table, and rules that
            could be otherwise stand in it.
        progress: Called with the work done and its whole, roughly.
        steps: Stand-ins for the simulation and measures of the model.

    Raises:
        SufficiencyError: There is no such option, or the number has no value in this run.
    """
    began = time.perf_counter()
    check_option(study, option)
    settings: dict[str, Any] = {"seed": seed, "years": years, "jobs": jobs, "steps": steps}
    drawn = relevant(ranges(study), option or BASELINE)
    simulated = sum(not range_.path.startswith(PREFIX) for range_ in drawn)
    number = replications or study.scenario.replications
    phases = _Phases(progress, _work(simulated, number, futures, bool(option), decides))
    sampled = _sample(study, asked, option, number, drawn, settings, phases.next(number + 1))
    questions, found, searched = _questions(study, drawn, settings, decides, phases)
    trials = Trials(study, asked, option, **settings)
    bars = tornado(trials, questions, futures, phases.next(phases.left))
    edits = next((known.edits for known in study.options if known.name == option), ())
    return Sensitivity(
        name=study.scenario.name,
        asked=asked,
        option=option,
        recruits=any(edit.path.startswith(RECRUITMENT) for edit in edits),
        years=study.scenario.years if years is None else years,
        seed=study.scenario.seed if seed is None else seed,
        bars=bars,
        central=float(np.nanmean(trials.values(End(CENTRAL, "")))),
        shares=found,
        drawn=len(drawn),
        replications=number,
        simulated=(1 + bool(option)) * (number + 1) + searched + trials.simulated,
        seconds=time.perf_counter() - began,
        **sampled,
    )


def _sample(
    study: Study,
    asked: Asked,
    option: str,
    number: int,
    drawn: Sequence[Range],
    settings: dict[str, Any],
    tell: Progress,
) -> dict[str, Any]:
    """What a run in which all is drawn says of the number; nothing of it is left on the disk."""
    compared: tuple[str, str | None] = (option, BASELINE) if option else (BASELINE, None)
    with TemporaryDirectory(prefix="sufficiency-", ignore_cleanup_errors=True) as folder:
        results = experiment.run(
            study,
            replications=number,
            only=[compared[0]],
            keep=0,
            out=Path(folder) / "run",
            progress=tell,
            **settings,
        )
        values = numbers(results, asked, *compared)
        if np.isnan(values).all():
            raise SufficiencyError(f"{asked}: no future has a value")
        together = results.together
        periods = results.futures(asked.measure, asked.group, compared[0]).columns
        unit = asked.unit or results.unit(asked.measure)
        return {
            "added": len(labels_of(asked.measure, unit, [*periods], asked.period).periods),
            "ignorance": _ignorance(results, values, drawn),
            "correlations": correlations(
                results, asked.measure, asked.group, *compared, asked.period
            ),
            "needed": _needed(values, together, bool(option)),
            **_range(values, together),
        }


def check_option(study: Study, option: str) -> None:
    """Refuse an option that the study does not have."""
    names = [known.name for known in study.options]
    if option and option not in names:
        hint = did_you_mean(option, names) or "; there are none"
        raise SufficiencyError(f"--option: there is no option '{option}'{hint}")


def _questions(
    study: Study,
    drawn: Sequence[Range],
    settings: dict[str, Any],
    decides: bool,
    phases: _Phases,
) -> tuple[tuple[Question, ...], tuple[Found, ...], int]:
    """What is asked of the tornado, what was found on the way, and the futures that took."""
    own = questions_of(drawn, study)
    if not decides:
        return own, (), 0
    search = ShareSearch(study, **settings)
    work = (1 + 2 * STEPS) * SEARCH_FUTURES
    tell = phases.next(work)
    leads, found = deciding(search)
    tell(work, work)
    return (*leads, *own, *structures(study)), found, search.simulated


def _ignorance(results: Results, values: Floats, drawn: Sequence[Range]) -> Ignorance | None:
    by_path = draws_of_pairs(results)
    paths = [range_.path for range_ in drawn if range_.path in by_path]
    if not paths:
        return None
    return by_assumption(values, np.column_stack([by_path[path] for path in paths]), paths)


def _range(values: Floats, together: int) -> dict[str, float]:
    low, high = percentiles(values[:, None], (0.1, 0.9))[:, 0].tolist()
    error = float(error_of_mean(values[:, None], together)[0])
    return {"mean": float(np.nanmean(values)), "error": error, "low": low, "high": high}


def _needed(values: Floats, together: int, difference: bool) -> tuple[Needed, ...]:
    """Futures for each wanted precision; none where the mean is 0 or nothing varies."""
    known = values[~np.isnan(values)]
    mean = abs(float(known.mean()))
    wanted = PRECISIONS_OF_DIFFERENCE if difference else PRECISIONS
    if mean == 0 or len(known) < 2 * together or len(known) < len(values):
        return ()
    return tuple(
        Needed(share, replications_needed(values, together, share * mean)) for share in wanted
    )


# --- how far it is ----------------------------------------------------------------------------


def _work(simulated: int, number: int, futures: int, option: bool, decides: bool) -> int:
    """About how many futures will be simulated, of so many assumptions that need it."""
    search = (1 + 2 * STEPS) * SEARCH_FUTURES if decides else 0
    ends = 2 * simulated + (9 if decides else 0)
    return number + 1 + search + (1 + option) * (ends * math.ceil(futures / 4) + 24 * futures)


class _Phases:
    """Progress of one part of the work after the other, as progress of the whole."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._tell = progress or (lambda _done, _of: None)
        self._total, self._before = total, 0

    @property
    def left(self) -> int:
        """Work that no part has yet."""
        return max(self._total - self._before, 1)

    def next(self, work: int) -> Progress:
        """Progress of the next part."""
        before = self._before
        self._before += work

        def tell(done: int, of: int) -> None:
            part = work * done // of if of else work
            self._tell(min(before + part, self._total), self._total)

        return tell
