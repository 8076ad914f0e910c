"""A scenario and its options many times, in parallel, into `Results`.

Replication 0 has the central value of everything. Replications 2k-1 and 2k share draw number k of
what is uncertain and differ in luck, so that their covariance is ignorance and the rest is chance.
The draws of a number of replications begin with those of a smaller number, and a replication does
not depend on which process ran it: the same seed gives the same numbers however a run was made.
A run that is to be precise enough does replications in the same order and keeps those up to the one
where it was: it equals a run of so many.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, replace
from datetime import datetime
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any

import joblib
from pydantic import ValidationError

from sufficiency.errors import SufficiencyError
from sufficiency.experiment.draws import draws, ranges
from sufficiency.experiment.entries import with_paths
from sufficiency.experiment.precision import Looking, checked, most_futures
from sufficiency.experiment.workers import in_parallel
from sufficiency.periods import calendar
from sufficiency.replication import (
    MODEL,
    Chunk,
    Failure,
    Floats,
    Outcome,
    Plan,
    Steps,
    central,
    replicate,
    run_chunk,
)
from sufficiency.results.folder import (
    PARTIAL,
    Settings,
    Unfinished,
    final_of,
    partial_of,
    stopping,
)
from sufficiency.results.results import BASELINE, Results, results_of, version_of
from sufficiency.scenario import Scenario, Study, with_values
from sufficiency.scenario_file.writing import files_beside, resolved_yaml, scenario_hash

TASK_SECONDS = 0.25
"""A task of a worker takes about so long at least: less, and handing it over would cost more."""
WORTH_SECONDS = 2.0
"""Less work than this is done in this process: workers take up to a second to start."""

Progress = Callable[[int, int], None]


class ReplicationError(SufficiencyError):
    """A replication ended with an error of ours."""

    exit_code = 4

    def __init__(self, failure: Failure, seed: int) -> None:
        self.replication, self.option = failure.replication, failure.option
        where = f"replication {failure.replication}, option '{failure.option}', seed {seed}"
        super().__init__(f"the simulation failed ({where}); please report:\n{failure.text}")


def run(
    study: Study,
    *,
    replications: int | None = None,
    years: float | None = None,
    seed: int | None = None,
    jobs: int | None = None,
    keep: int | None = None,
    only: Sequence[str] = (),
    out: str | Path | None = None,
    resume: str | Path | None = None,
    progress: Progress | None = None,
    steps: Steps | None = None,
    precision: float | None = None,
) -> Results:
    """Simulate the baseline and the options of a study; `results.save` then writes the files.

    Args:
        study: What to run.
        replications: Futures of each option; left out: as the scenario says. With `precision`: the
            most that are tried; left out: ten times as many.
        years: Years simulated; left out: as the scenario says.
        seed: Seed of the random numbers; left out: as the scenario says.
        jobs: Processes; left out: as many as there are cores (or workers of the cluster that
            `joblib.parallel_config` names).
        keep: Replications whose child-level rows are kept, next to the central one (5).
        only: The options to run, by name; the baseline is always run.
        out: Folder of the results; until they are saved, its name ends with `.partial`.
            Left out: a temporary folder, which goes when the results do.
        resume: An unfinished folder to complete instead, with the settings it was begun with.
        progress: Called with the replications done and their whole number, which is an estimate
            where that depends on the precision.
        steps: Stand-ins for the simulation and measures of the model.
        precision: Stop as soon as the simulation's error (95%) of net cost over the run is at most
            this share of it, in the baseline and in every option's difference from it.

    Raises:
        Interrupted: It was stopped or the disk is full; what is finished is kept.
        ReplicationError: A replication failed; what is finished is kept.
        SufficiencyError: What was asked for is not possible.
    """
    if resume is not None:
        unfinished = Unfinished.open(Path(resume))
        kept = unfinished.settings
        study = with_paths(study_of(study, kept.replications, kept.years, kept.seed))
        asked = {"replications": replications, "years": years, "seed": seed, "keep": keep}
        _check_same(unfinished, study, {**asked, "precision": precision}, only, out)
    else:
        if precision is not None and replications is None:
            replications = most_futures(study.scenario.replications)
        study = with_paths(study_of(study, replications, years, seed))
        _check_precision(precision, study)
        folder = _temporary() if out is None else partial_of(Path(out))
        unfinished = _begin(folder, study, 5 if keep is None else keep, only, precision)
    plan = Plan(
        scenario=study.scenario,
        options=study.options,
        run=unfinished.settings.options,
        ranges=ranges(study),
        keep=unfinished.settings.keep,
        steps=steps,
    )
    with stopping(unfinished.folder), closing(unfinished):
        study = _complete(unfinished, plan, study, jobs, progress or (lambda _done, _of: None))
    return results_of(unfinished, study, temporary=out is None and resume is None)


# --- before -----------------------------------------------------------------------------------


def study_of(
    study: Study, replications: int | None, years: float | None, seed: int | None
) -> Study:
    """The study with what was asked for on the command line."""
    asked = {"replications": replications, "years": years, "seed": seed}
    values = {name: value for name, value in asked.items() if value is not None}
    if not values:
        return study
    try:
        scenario = with_values(study.scenario, values)
    except ValidationError as error:
        told = [": ".join((*map(str, e["loc"]), _said(e["msg"]))) for e in error.errors()]
        raise SufficiencyError(f"not possible: {'; '.join(told)}") from None
    except ValueError as error:
        raise SufficiencyError(f"not possible: {error}") from None
    return study.model_copy(update={"scenario": scenario})


def _said(message: str) -> str:
    return message.removeprefix("Value error, ")


def _check_precision(precision: float | None, study: Study) -> None:
    if precision is None:
        return
    checked(precision)
    if not _months(study.scenario):
        message = "--precision is about net cost, of which a run without a whole month has none"
        raise SufficiencyError(message)


def _temporary() -> Path:
    return Path(tempfile.mkdtemp(prefix="sufficiency-")) / f"run{PARTIAL}"


def _begin(
    folder: Path, study: Study, keep: int, only: Sequence[str], precision: float | None
) -> Unfinished:
    scenario = study.scenario
    settings = Settings(
        name=scenario.name,
        scenario_hash=scenario_hash(study),
        version=version_of("sufficiency"),
        seed=scenario.seed,
        replications=scenario.replications,
        years=scenario.years,
        keep=keep,
        options=_chosen(study, only),
        ranges=tuple(r.path for r in ranges(study)),
        start=scenario.start.isoformat(),
        started=datetime.now().astimezone().isoformat(timespec="seconds"),
        precision=precision,
    )
    return Unfinished.create(folder, settings, resolved_yaml(study), files_beside(study))


def _chosen(study: Study, only: Sequence[str]) -> tuple[str, ...]:
    names = [option.name for option in study.options]
    for name in only:
        if name not in (BASELINE, *names):
            near = get_close_matches(name, names, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"there are: {', '.join(names)}"
            raise SufficiencyError(f"there is no option '{name}'; {hint}")
    return (BASELINE, *(name for name in names if name in only or not only))


def _check_same(
    unfinished: Unfinished,
    study: Study,
    asked: Mapping[str, Any],
    only: Sequence[str],
    out: str | Path | None,
) -> None:
    """A run can only be completed as it was begun."""
    begun = asdict(unfinished.settings)
    same = {name: value for name, value in asked.items() if value is not None}
    same |= {"scenario_hash": scenario_hash(study), "version": version_of("sufficiency")}
    if only:
        same["options"] = _chosen(study, only)
    differ = [f"{k} was {begun[k]}, is {v}" for k, v in same.items() if begun[k] != v]
    if out is not None and Path(out) != final_of(unfinished.folder):
        differ.append(f"it ends in {final_of(unfinished.folder)}, not in {out}")
    if differ:
        message = f"{unfinished.folder} cannot be completed: {'; '.join(differ)}"
        raise SufficiencyError(message)


# --- running ----------------------------------------------------------------------------------


def _complete(
    unfinished: Unfinished, plan: Plan, study: Study, jobs: int | None, progress: Progress
) -> Study:
    """Run what is not done yet; the study with the replications that were enough."""
    settings = unfinished.settings
    values = draws(plan.ranges, settings.seed, settings.replications)
    seconds = TASK_SECONDS
    if not unfinished.begun:
        progress(0, settings.replications + 1)
        seconds = _central(unfinished, plan, values[0])
    plan = replace(plan, keys=unfinished.keys)
    looking = _Looking(unfinished, plan)
    remaining = unfinished.remaining()
    progress(settings.replications + 1 - len(remaining), looking.expected + 1)
    if not looking.ended():
        with closing(_outcomes(plan, remaining, values, jobs, seconds)) as outcomes:
            for done, outcome in enumerate(outcomes, settings.replications + 2 - len(remaining)):
                if isinstance(outcome, Failure):
                    raise ReplicationError(outcome, settings.seed)
                unfinished.put(outcome.replication, outcome.values, outcome.draw, outcome.kept)
                ended = looking.ended()
                progress(done, done if ended else max(done, looking.expected + 1))
                if ended:
                    break
    return looking.study(study)


class _Looking:
    """Whether an unfinished run is precise enough; never where no precision was asked for."""

    def __init__(self, unfinished: Unfinished, plan: Plan) -> None:
        settings = unfinished.settings
        self._unfinished, self._enough = unfinished, settings.replications
        self._rule: Looking | None = None
        if settings.precision is None:
            return
        together = 2 if settings.ranges else 1
        self._rule = Looking(settings.precision, together, settings.replications)
        months = _months(plan.scenario)
        self._columns = [
            place
            for place, key in enumerate(unfinished.keys)
            if (key.measure, key.group) == ("net_cost", "") and key.period in months
        ]
        if not self._columns:
            raise SufficiencyError("--precision is about net_cost, which is not measured here")

    @property
    def expected(self) -> int:
        """About how many replications there will be."""
        return self._rule.expected if self._rule else self._enough

    def ended(self) -> bool:
        """Whether no more replications are needed."""
        if self._rule is None:
            return False
        enough = self._rule.ended(self._unfinished.complete(), self._net_cost)
        self._enough = enough or self._enough
        return enough is not None

    def _net_cost(self, last: int) -> Floats:
        """Options, replications: over the whole months of the run."""
        total: Floats = self._unfinished.measured(last, self._columns).sum(axis=-1)
        return total

    def study(self, study: Study) -> Study:
        """The study of a run of as many as were enough; what is beyond is dropped."""
        if self._rule is None:
            return study
        study = study_of(study, self._enough, None, None)
        scenario = (resolved_yaml(study), scenario_hash(study))
        self._unfinished.end_at(self._enough, self._rule.error, scenario)
        return study


def _months(scenario: Scenario) -> tuple[str, ...]:
    """The whole months of a run."""
    return calendar(scenario.start, scenario.years).months.labels


def _central(unfinished: Unfinished, plan: Plan, draw: Floats) -> float:
    """Run replication 0, which shows what there is to keep; the seconds that it took."""
    first = central(plan)
    if isinstance(first, Failure):
        raise ReplicationError(first, unfinished.settings.seed)
    definitions = (plan.steps or MODEL).definitions
    names = dict.fromkeys(key.measure for key in first.keys)
    unfinished.begin(first.keys, {name: _definition(definitions, name) for name in names})
    unfinished.put(0, first.values, draw, first.kept)
    return first.seconds


def _definition(definitions: Mapping[str, Any], measure: str) -> dict[str, str]:
    found = definitions.get(measure)
    return {"unit": found.unit if found else "", "better": found.better if found else ""}


def _outcomes(
    plan: Plan, remaining: Sequence[int], values: Floats, jobs: int | None, seconds: float
) -> Generator[Outcome | Failure]:
    """What the replications leave, in the order in which they end."""
    workers = joblib.effective_n_jobs(-1 if jobs is None else jobs)
    if workers == 1 or seconds * len(remaining) < WORTH_SECONDS:
        yield from replicate(plan, Chunk(tuple(remaining), values[list(remaining)]))
        return
    size = chunk_size(len(remaining), seconds, workers)
    parts = [tuple(remaining[at : at + size]) for at in range(0, len(remaining), size)]
    chunks = (Chunk(part, values[list(part)]) for part in parts)
    yield from in_parallel(partial(run_chunk, plan), chunks, workers)


def chunk_size(replications: int, seconds: float, workers: int) -> int:
    """Replications of one task: long enough to be worth it, short enough to see progress."""
    worth = math.ceil(TASK_SECONDS / max(seconds, 1e-9))
    worth += worth % 2  # neighbours share a draw
    return max(1, min(worth, math.ceil(replications / (4 * workers))))
