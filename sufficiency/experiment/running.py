"""A scenario and its options many times, in parallel, into `Results`.

Replication 0 has the central value of everything. Replications 2k-1 and 2k share draw number k of
what is uncertain and differ in luck, so that their covariance is ignorance and the rest is chance.
The draws of a number of replications begin with those of a smaller number, and a replication does
not depend on which process ran it: the same seed gives the same numbers however a run was made.
"""

from __future__ import annotations

import math
import tempfile
import warnings
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, replace
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import joblib
from pydantic import ValidationError

from sufficiency.errors import SufficiencyError
from sufficiency.experiment.draws import draws, ranges
from sufficiency.experiment.entries import with_paths
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
from sufficiency.scenario import Study, with_values
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
) -> Results:
    """Simulate the baseline and the options of a study; `results.save` then writes the files.

    Args:
        study: What to run.
        replications: Futures of each option; left out: as the scenario says.
        years: Years simulated; left out: as the scenario says.
        seed: Seed of the random numbers; left out: as the scenario says.
        jobs: Processes; left out: as many as there are cores (or workers of the cluster that
            `joblib.parallel_config` names).
        keep: Replications whose child-level rows are kept, next to the central one (5).
        only: The options to run, by name; the baseline is always run.
        out: Folder of the results; until they are saved, its name ends with `.partial`.
            Left out: a temporary folder, which goes when the results do.
        resume: An unfinished folder to complete instead, with the settings it was begun with.
        progress: Called with the replications done and their whole number.
        steps: Stand-ins for the simulation and measures of the model.

    Raises:
        Interrupted: It was stopped or the disk is full; what is finished is kept.
        ReplicationError: A replication failed; what is finished is kept.
        SufficiencyError: What was asked for is not possible.
    """
    if resume is not None:
        unfinished = Unfinished.open(Path(resume))
        kept = unfinished.settings
        study = with_paths(_study_of(study, kept.replications, kept.years, kept.seed))
        asked = {"replications": replications, "years": years, "seed": seed, "keep": keep}
        _check_same(unfinished, study, asked, only, out)
    else:
        study = with_paths(_study_of(study, replications, years, seed))
        folder = _temporary() if out is None else partial_of(Path(out))
        unfinished = _begin(folder, study, 5 if keep is None else keep, only)
    plan = Plan(
        scenario=study.scenario,
        options=study.options,
        run=unfinished.settings.options,
        ranges=ranges(study),
        keep=unfinished.settings.keep,
        steps=steps,
    )
    with stopping(unfinished.folder), closing(unfinished):
        _complete(unfinished, plan, jobs, progress or (lambda _done, _of: None))
    return results_of(unfinished, study, temporary=out is None and resume is None)


# --- before -----------------------------------------------------------------------------------


def _study_of(
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


def _temporary() -> Path:
    return Path(tempfile.mkdtemp(prefix="sufficiency-")) / f"run{PARTIAL}"


def _begin(folder: Path, study: Study, keep: int, only: Sequence[str]) -> Unfinished:
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


def _complete(unfinished: Unfinished, plan: Plan, jobs: int | None, progress: Progress) -> None:
    """Run what is not done yet."""
    settings = unfinished.settings
    values = draws(plan.ranges, settings.seed, settings.replications)
    seconds = TASK_SECONDS
    if not unfinished.begun:
        progress(0, settings.replications + 1)
        seconds = _central(unfinished, plan, values[0])
    plan = replace(plan, keys=unfinished.keys)
    remaining = unfinished.remaining()
    progress(settings.replications + 1 - len(remaining), settings.replications + 1)
    with closing(_outcomes(plan, remaining, values, jobs, seconds)) as outcomes:
        for done, outcome in enumerate(outcomes, settings.replications + 2 - len(remaining)):
            if isinstance(outcome, Failure):
                raise ReplicationError(outcome, settings.seed)
            unfinished.put(outcome.replication, outcome.values, outcome.draw, outcome.kept)
            progress(done, settings.replications + 1)


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
    chunks = [tuple(remaining[at : at + size]) for at in range(0, len(remaining), size)]
    tasks = (joblib.delayed(run_chunk)(plan, Chunk(c, values[list(c)])) for c in chunks)
    parallel = joblib.Parallel(n_jobs=workers, return_as="generator_unordered", batch_size=1)
    batches = parallel(tasks)
    try:
        for batch in batches:
            yield from batch
    finally:
        with warnings.catch_warnings():  # that tasks are given up is what is wanted
            warnings.filterwarnings("ignore", r"\d+ tasks", UserWarning)
            batches.close()


def chunk_size(replications: int, seconds: float, workers: int) -> int:
    """Replications of one task: long enough to be worth it, short enough to see progress."""
    worth = math.ceil(TASK_SECONDS / max(seconds, 1e-9))
    worth += worth % 2  # neighbours share a draw
    return max(1, min(worth, math.ceil(replications / (4 * workers))))
