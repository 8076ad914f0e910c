"""A scenario and its options many times, in parallel, into `Results`.

Replication 0 has the central value of everything. Replications 2k-1 and 2k share draw number k of
what is uncertain and differ in luck, so that their covariance is ignorance and the rest is chance.
The draws of a number of replications begin with those of a smaller number, and a replication does
not depend on which process ran it: the same seed gives the same numbers however a run was made.
"""

from __future__ import annotations

import math
import tempfile
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, replace
from datetime import datetime
from difflib import get_close_matches
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version
from shutil import rmtree
from typing import Any

import joblib
import numpy as np

from sufficiency.errors import SufficiencyError
from sufficiency.replication import (
    Chunk,
    Failure,
    Floats,
    Outcome,
    Plan,
    Range,
    Steps,
    central,
    model,
    place_of,
    replicate,
    run_chunk,
)
from sufficiency.results.folder import (
    PARTIAL,
    Key,
    Settings,
    Unfinished,
    final_of,
    partial_of,
    stopping,
)
from sufficiency.results.results import BASELINE, Results
from sufficiency.scenario import Assumption, Study, as_tree, get_value, with_values

NOT_DRAWN = ("start", "years", "replications", "seed")
"""Settings that say what is run, and are never drawn."""
TASK_SECONDS = 0.25
"""A task of a worker takes about so long at least: less, and handing it over would cost more."""
WORTH_SECONDS = 2.0
"""Less work than this is done in this process: workers take up to a second to start."""
COLUMNS = 256
"""Draws are made in so many dimensions at least, so that a further range changes no other."""

Progress = Callable[[int, int], None]


class ReplicationFailed(SufficiencyError):
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
        jobs: Processes; left out: as many as there are cores, or as `joblib.parallel_config` says.
        keep: Replications whose child-level rows are kept, next to the central one (5).
        only: The options to run, by name; the baseline is always run.
        out: Folder of the results; until they are saved, its name ends with `.partial`.
            Left out: a temporary folder, which goes when the results do.
        resume: An unfinished folder to complete instead, with the settings it was begun with.
        progress: Called with the replications done and their whole number.
        steps: Stand-ins for the simulation and measures of the model.

    Raises:
        Interrupted: It was stopped or the disk is full; what is finished is kept.
        ReplicationFailed: A replication failed; what is finished is kept.
        SufficiencyError: What was asked for is not possible.
    """
    if resume is not None:
        unfinished = Unfinished.open(Path(resume))
        kept = unfinished.settings
        study = _study_of(study, kept.replications, kept.years, kept.seed)
        asked = {"replications": replications, "years": years, "seed": seed, "keep": keep}
        _check_same(unfinished, study, asked, only, out)
    else:
        study = _study_of(study, replications, years, seed)
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
    try:
        with stopping(unfinished.folder):
            _complete(unfinished, plan, jobs, progress or (lambda _done, _of: None))
    finally:
        unfinished.close()
    results = _results(unfinished, study)
    if out is None and resume is None:
        weakref.finalize(results, rmtree, unfinished.folder.parent, ignore_errors=True)
    return results


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
    except ValueError as error:
        raise SufficiencyError(f"not possible: {error}") from None
    return study.model_copy(update={"scenario": scenario})


def _temporary() -> Path:
    return Path(tempfile.mkdtemp(prefix="sufficiency-")) / f"run{PARTIAL}"


def _begin(folder: Path, study: Study, keep: int, only: Sequence[str]) -> Unfinished:
    from sufficiency.scenario_file import resolved_yaml, scenario_hash

    scenario = study.scenario
    settings = Settings(
        name=scenario.name,
        scenario_hash=scenario_hash(study),
        version=_version("sufficiency"),
        seed=scenario.seed,
        replications=scenario.replications,
        years=scenario.years,
        keep=keep,
        options=_chosen(study, only),
        ranges=tuple(r.name for r in ranges(study)),
        started=datetime.now().astimezone().isoformat(timespec="seconds"),
    )
    return Unfinished.create(folder, settings, resolved_yaml(study))


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
    from sufficiency.scenario_file import scenario_hash

    begun = asdict(unfinished.settings)
    same = {name: value for name, value in asked.items() if value is not None}
    same |= {"scenario_hash": scenario_hash(study), "version": _version("sufficiency")}
    if only:
        same["options"] = _chosen(study, only)
    differ = [f"{k} was {begun[k]}, is {v}" for k, v in same.items() if begun[k] != v]
    if out is not None and Path(out) != final_of(unfinished.folder):
        differ.append(f"it ends in {final_of(unfinished.folder)}, not in {out}")
    if differ:
        message = f"{unfinished.folder} cannot be completed: {'; '.join(differ)}"
        raise SufficiencyError(message)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


# --- what is uncertain ------------------------------------------------------------------------


def ranges(study: Study) -> tuple[Range, ...]:
    """The uncertain values: those of the baseline, then those of the options' edits.

    An edit that several options make, with the same value and range, is one uncertainty: an option
    that combines two others shares theirs.
    """
    baseline: dict[str, Range] = {}
    of_options: dict[Range, list[str]] = {}
    tree = as_tree(study.scenario)
    for row in study.assumptions:
        if row.low is None and row.high is None:
            continue
        option, path = _split(row.path)
        found = _range(row, path, _in_option(study, option, path) if option else _at(tree, path))
        if found is None or path.split(".")[0] in NOT_DRAWN:
            continue
        if option:
            of_options.setdefault(found, []).append(option)
        else:
            baseline[path] = found
    shared = (r._replace(options=tuple(names)) for r, names in of_options.items())
    return (*baseline.values(), *shared)


def _split(path: str) -> tuple[str, str]:
    """The option an assumption belongs to, if it is one's, and the path of the setting."""
    if not path.startswith("options."):
        return "", path
    _, option, rest = path.split(".", 2)
    return option, rest


def _at(tree: Any, path: str) -> Any:
    try:
        return get_value(tree, path)
    except KeyError:
        return None


def _in_option(study: Study, name: str, path: str) -> Any:
    edits = next((option.edits for option in study.options if option.name == name), ())
    place = place_of(edits, path)
    if place is None:
        return None
    number, rest = place
    return get_value(edits[number].value, rest) if rest else edits[number].value


def _range(row: Assumption, path: str, value: Any) -> Range | None:
    """The range of a single number; None for anything else, which cannot be drawn."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    low = min(value, value if row.low is None else row.low)
    high = max(value, value if row.high is None else row.high)
    whole = isinstance(value, int) and (not path.startswith("options.") or _whole(low, high))
    if low == high:
        return None
    return Range(path, (), float(value), float(low), float(high), whole)


def _whole(*values: float) -> bool:
    return all(float(value).is_integer() for value in values)


def draws(ranges: Sequence[Range], seed: int, replications: int) -> Floats:
    """A row of values for each replication from 0: the central ones, then draws in pairs.

    Points are quasi-random (a scrambled Sobol sequence), so that a few dozen cover the ranges
    evenly. Half of the draws of a value are below the central one; `low` and `high` are the ends of
    the range that holds 95% of them, each side the half of a normal distribution. What lies beyond
    what a setting may be is pulled back in the replication.
    """
    values = np.array([[r.value for r in ranges]] * (replications + 1)).reshape(-1, len(ranges))
    if not ranges:
        return values
    from scipy.special import ndtri

    points = _points(seed, (replications + 1) // 2, len(ranges))
    apart = ndtri(points) / ndtri(0.975)
    down, up = (np.array([abs(end - r.value) for r in ranges for end in (r.low, r.high)])
                .reshape(-1, 2).T)  # fmt: skip
    drawn = values[:1] + apart * np.where(apart < 0, down, up)
    whole = np.array([r.whole for r in ranges])
    drawn = np.where(whole, np.round(drawn), drawn)
    values[1:] = np.repeat(drawn, 2, axis=0)[:replications]
    return values


def _points(seed: int, number: int, dimensions: int) -> Floats:
    """The first points of a sequence that depends on nothing but the seed."""
    from scipy.stats.qmc import Sobol

    columns = max(COLUMNS, 1 << (dimensions - 1).bit_length())
    stream = np.random.Generator(np.random.Philox(np.random.SeedSequence(seed, spawn_key=(1,))))
    sequence = Sobol(columns, scramble=True, rng=stream)
    block = 1024  # a power of two, which keeps the sequence balanced
    parts = [sequence.random(block)[:, :dimensions].copy() for _ in range(-(-number // block))]
    points: Floats = np.concatenate(parts)[:number]
    return np.clip(points, 2.0**-31, 1 - 2.0**-31)


# --- running ----------------------------------------------------------------------------------


def _complete(unfinished: Unfinished, plan: Plan, jobs: int | None, progress: Progress) -> None:
    """Run what is not done yet."""
    settings = unfinished.settings
    values = draws(plan.ranges, settings.seed, settings.replications)
    seconds = TASK_SECONDS
    if not unfinished.begun:
        progress(0, settings.replications + 1)
        seconds = _central(unfinished, plan, values[0])
    plan = _with_keys(plan, unfinished)
    remaining = unfinished.remaining()
    progress(settings.replications + 1 - len(remaining), settings.replications + 1)
    with closing(_outcomes(plan, remaining, values, jobs, seconds)) as outcomes:
        for done, outcome in enumerate(outcomes, settings.replications + 2 - len(remaining)):
            if isinstance(outcome, Failure):
                raise ReplicationFailed(outcome, settings.seed)
            unfinished.put(outcome.replication, outcome.values, outcome.draw, outcome.kept)
            progress(done, settings.replications + 1)


def _central(unfinished: Unfinished, plan: Plan, draw: Floats) -> float:
    """Run replication 0, which shows what there is to keep; the seconds that it took."""
    first = central(plan)
    if isinstance(first, Failure):
        raise ReplicationFailed(first, unfinished.settings.seed)
    definitions = (plan.steps or model()).definitions
    names = dict.fromkeys(key[0] for keys in first.keys for key in keys)
    unfinished.begin(
        [[Key(*key) for key in keys] for keys in first.keys],
        {n: _definition(definitions, n) for n in names},
    )
    values = np.full((len(plan.run), len(unfinished.keys)), np.nan)
    plan = _with_keys(plan, unfinished)
    for row, (places, numbers) in enumerate(zip(plan.places, first.values, strict=True)):
        values[row, slice(None) if places is None else places] = numbers
    unfinished.put(0, values, draw, first.kept)
    return first.seconds


def _definition(definitions: Mapping[str, Any], measure: str) -> dict[str, str]:
    found = definitions.get(measure)
    return {"unit": found.unit if found else "", "better": found.better if found else ""}


def _with_keys(plan: Plan, unfinished: Unfinished) -> Plan:
    order = {key: place for place, key in enumerate(unfinished.keys)}
    expected = tuple(tuple(map(tuple, keys)) for keys in unfinished.keys_of_options)
    places = tuple(
        None if keys is unfinished.keys else np.array([order[key] for key in keys], dtype=np.intp)
        for keys in unfinished.keys_of_options
    )
    return replace(plan, expected=expected, places=places, width=len(order))


def _outcomes(
    plan: Plan, remaining: Sequence[int], values: Floats, jobs: int | None, seconds: float
) -> Iterator[Outcome | Failure]:
    """What the replications leave, in the order in which they end."""
    workers = joblib.effective_n_jobs(-1 if jobs is None else jobs)
    if workers == 1 or seconds * len(remaining) < WORTH_SECONDS:
        yield from replicate(plan, Chunk(tuple(remaining), values[list(remaining)]))
        return
    size = chunk_size(len(remaining), seconds, workers)
    chunks = [tuple(remaining[at : at + size]) for at in range(0, len(remaining), size)]
    tasks = (joblib.delayed(run_chunk)(plan, Chunk(c, values[list(c)])) for c in chunks)
    parallel = joblib.Parallel(n_jobs=workers, return_as="generator_unordered", batch_size=1)
    with closing(parallel(tasks)) as batches:
        for batch in batches:
            yield from batch


def chunk_size(replications: int, seconds: float, workers: int) -> int:
    """Replications of one task: long enough to be worth it, short enough to see progress."""
    worth = math.ceil(TASK_SECONDS / max(seconds, 1e-9))
    worth += worth % 2  # neighbours share a draw
    return max(1, min(worth, math.ceil(replications / (4 * workers))))


# --- after ------------------------------------------------------------------------------------


def _results(unfinished: Unfinished, study: Study) -> Results:
    settings = unfinished.settings
    packages = ("joblib", "numpy", "pandas", "pyarrow", "pydantic", "scipy", "simpy")
    manifest = {
        **asdict(settings),
        "seconds": unfinished.seconds(),
        "python": python_version(),
        "packages": {name: _version(name) for name in packages},
        "measures": unfinished.definitions,
    }
    manifest["options"], manifest["ranges"] = list(settings.options), list(settings.ranges)
    return Results(unfinished.folder, manifest, settings.options, unfinished.keys, study)
