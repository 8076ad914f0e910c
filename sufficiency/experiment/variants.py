"""Variants of a scenario in memory, on common random numbers, each simulated as often as asked for.

`running` runs the options of a study once and leaves a folder. Here a search decides as it goes
what to run next: more futures of one variant, a new variant. A future of a variant is that of an
option with the same edits in `run`: it has the draw and the luck of its number, whatever else was
simulated, so that variants are compared future by future. Replication 0 is not simulated.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import NamedTuple

import joblib
import numpy as np
import pandas as pd
from pydantic import ValidationError

from sufficiency.errors import SufficiencyError
from sufficiency.experiment.draws import draws, ranges
from sufficiency.experiment.entries import with_paths
from sufficiency.experiment.running import (
    WORTH_SECONDS,
    Progress,
    ReplicationError,
    chunk_size,
    study_of,
)
from sufficiency.experiment.workers import in_parallel
from sufficiency.replication import (
    MODEL,
    Drawn,
    Failure,
    Floats,
    Plan,
    Range,
    Steps,
    measured_alone,
    place_of,
    settle_in,
)
from sufficiency.results.results import BASELINE
from sufficiency.rows import Key, Measured
from sufficiency.scenario import Edit, Option, Scenario, Study, with_edits

OWN = ""
"""Name of a variant among the options of its plan; no option of a file can have it."""


@dataclass(frozen=True)
class Variant:
    """What one variant is, where edits alone do not say it."""

    edits: tuple[Edit, ...] = ()
    """Changes to the baseline, after those of the option; what they set is not drawn."""
    option: str = ""
    """The option whose edits come first, drawn as in a run; left out: none."""
    assumed: Mapping[str, float] = field(default_factory=dict)
    """Values of uncertain settings, by path, in place of the central or drawn ones. Unlike an edit
    they are true of the baseline too, and of the past before the first day."""


class _One(NamedTuple):
    """One variant, ready for the workers."""

    name: str
    plan: Plan
    columns: tuple[int, ...]
    """Of `Plan.ranges` in the draws."""
    assumed: tuple[tuple[int, float], ...]
    """Columns that do not vary, and their value."""


class _Task(NamedTuple):
    """Replications, the variants to run of each, and the drawn values of all ranges."""

    todo: tuple[tuple[int, tuple[_One, ...]], ...]
    draws: Floats
    """One row for each replication."""
    keys: tuple[Key, ...]
    kept: tuple[int, ...] | None
    """Which of the numbers are kept; None: all."""


class _Future(NamedTuple):
    """One future of one variant."""

    name: str
    replication: int
    numbers: Floats


class Variants:
    """Futures of variants of a study's baseline, each simulated once and kept."""

    def __init__(
        self,
        study: Study,
        *,
        seed: int | None = None,
        years: float | None = None,
        jobs: int | None = None,
        central: bool = False,
        keep: Collection[tuple[str, str]] | None = None,
        steps: Steps | None = None,
    ) -> None:
        """Prepare; nothing is simulated yet.

        Args:
            study: The baseline, and options whose edits variants may begin with.
            seed: Seed of the random numbers; left out: as the scenario says.
            years: Years simulated; left out: as the scenario says.
            jobs: Processes; left out: as many as there are cores.
            central: Whether nothing is drawn: every replication has the central values of what is
                uncertain, and its own luck.
            keep: Measures and groups to keep; left out: all, which is much for many variants.
            steps: Stand-ins for the simulation and measures of the model.
        """
        self._study = with_paths(study_of(study, None, years, seed))
        self._jobs, self._central, self._steps = jobs, central, steps
        self._ranges = ranges(self._study)
        self._wanted = None if keep is None else frozenset(keep)
        self._keys: tuple[Key, ...] = ()
        self._kept: tuple[int, ...] | None = None
        self._seconds = 0.0
        self._variants: dict[str, Variant] = {}
        self._ready: dict[str, _One] = {}
        self._found: dict[str, dict[int, Floats]] = {}

    @property
    def study(self) -> Study:
        """What is run: the study with the seed and years asked for."""
        return self._study

    @property
    def simulated(self) -> int:
        """Futures simulated in all."""
        return sum(map(len, self._found.values()))

    @property
    def together(self) -> int:
        """How many neighbouring replications share a draw of what is uncertain: 2, or 1."""
        return 2 if self._ranges and not self._central else 1

    def count(self, name: str) -> int:
        """Futures of a variant that there are."""
        return len(self._found.get(name, ()))

    def scenario(self, variant: Variant | tuple[Edit, ...]) -> Scenario:
        """A variant at the central values; SufficiencyError says why there cannot be one."""
        asked = self._variant(variant)
        edits = (*self._option(asked.option), *asked.edits)
        try:
            return with_edits(self._study.scenario, edits)
        except KeyError as error:
            raise SufficiencyError(f"there is no setting '{error.args[0]}'") from None
        except ValidationError as error:
            raise SufficiencyError("; ".join(_told(error))) from None
        except (TypeError, ValueError) as error:
            raise SufficiencyError(str(error)) from None

    def run(
        self,
        variants: Mapping[str, Variant | tuple[Edit, ...]],
        replications: int,
        progress: Progress | None = None,
    ) -> None:
        """Bring each variant to so many futures, 1 to `replications`, running only what is missing.

        Args:
            variants: By name. Edits are made to the baseline; edits that begin with all those of
                an option of the study have its draws, as in a run. () is the baseline itself.
            replications: How many futures each has then at least.
            progress: Called with the futures done and their number, of this call.

        Raises:
            ReplicationError: A future failed; those that are finished are kept.
            SufficiencyError: A variant is not possible, or its name is another's.
        """
        todo = self._missing(variants, replications)
        values = draws(self._ranges, self._study.scenario.seed, replications)
        total, tell = sum(len(ones) for _, ones in todo), progress or (lambda _done, _of: None)
        tell(0, total)
        with closing(self._futures(todo, values)) as futures:
            for done, future in enumerate(futures, 1):
                if isinstance(future, Failure):
                    raise ReplicationError(future, self._study.scenario.seed)
                self._found[future.name][future.replication] = future.numbers
                tell(done, total)

    def futures(self, name: str, measure: str, group: str = "") -> pd.DataFrame:
        """One row per replication from 1, one column per period of a measure and group."""
        if self._wanted is not None and (measure, group) not in self._wanted:
            raise KeyError(f"{measure} {group} was not kept")
        keys = self._keys if self._kept is None else [self._keys[place] for place in self._kept]
        columns = [place for place, key in enumerate(keys) if key[:2] == (measure, group)]
        found = self._found[name]
        rows = np.array([found[number][columns] for number in range(1, len(found) + 1)])
        return pd.DataFrame(
            rows.reshape(len(found), len(columns)),
            columns=[keys[place].period for place in columns],
            index=pd.RangeIndex(1, len(found) + 1, name="replication"),
        ).sort_index(axis=1)

    # --- what is to be run --------------------------------------------------------------------

    def _missing(
        self, variants: Mapping[str, Variant | tuple[Edit, ...]], replications: int
    ) -> list[tuple[int, tuple[_One, ...]]]:
        """What is not there yet, by replication, so that variants can share what they have."""
        ready = [self._one(name, self._variant(asked)) for name, asked in variants.items()]
        by_number = (
            (number, tuple(one for one in ready if number not in self._found[one.name]))
            for number in range(1, replications + 1)
        )
        return [(number, ones) for number, ones in by_number if ones]

    def _variant(self, asked: Variant | tuple[Edit, ...]) -> Variant:
        """A variant; bare edits that begin with those of an option are of that option."""
        if isinstance(asked, Variant):
            return asked
        begins = [o for o in self._study.options if o.edits and asked[: len(o.edits)] == o.edits]
        if not begins:
            return Variant(asked)
        longest = max(begins, key=lambda option: len(option.edits))
        return Variant(asked[len(longest.edits) :], longest.name)

    def _option(self, name: str) -> tuple[Edit, ...]:
        if not name:
            return ()
        found = next((o.edits for o in self._study.options if o.name == name), None)
        if found is None:
            raise SufficiencyError(f"there is no option '{name}'")
        return found

    def _one(self, name: str, variant: Variant) -> _One:
        """A variant made ready, once."""
        if self._variants.get(name, variant) != variant:
            raise SufficiencyError(f"another variant is called '{name}' already")
        if name not in self._ready:
            self.scenario(variant)  # told before anything is run
            self._ready[name] = self._prepared(name, variant)
            self._variants[name], self._found[name] = variant, {}
        return self._ready[name]

    def _prepared(self, name: str, variant: Variant) -> _One:
        unknown = set(variant.assumed) - {r.path for r in self._ranges}
        if unknown:
            raise SufficiencyError(f"not uncertain: {', '.join(sorted(unknown))}")
        columns = tuple(
            place
            for place, r in enumerate(self._ranges)
            if not self._central or r.path in variant.assumed
        )
        plan = Plan(
            scenario=self._study.scenario,
            options=(*self._study.options, self._own(variant)),
            run=(BASELINE, OWN),
            ranges=tuple(self._drawn(self._ranges[place], variant) for place in columns),
            keep=-1,
            steps=self._steps,
        )
        assumed = [
            (at, float(variant.assumed[r.path]))
            for at, r in enumerate(plan.ranges)
            if r.path in variant.assumed
        ]
        return _One(name, plan, columns, tuple(assumed))

    def _own(self, variant: Variant) -> Option:
        return Option(name=OWN, edits=(*self._option(variant.option), *variant.edits))

    def _drawn(self, drawn: Range, variant: Variant) -> Range:
        """A range with the variant's place among its edits, unless the variant's own set it."""
        own = [
            (OWN, path)
            for option, path in drawn.edits
            if option == variant.option and place_of(variant.edits, path) is None
        ]
        return drawn._replace(edits=(*drawn.edits, *own))

    # --- running ------------------------------------------------------------------------------

    def _futures(
        self, todo: Sequence[tuple[int, tuple[_One, ...]]], values: Floats
    ) -> Generator[_Future | Failure]:
        """The futures that are missing, in the order in which they end."""
        if todo and not self._keys:
            (number, (first, *others)), *rest = todo
            yield self._first(number, first, values[number])
            todo = [(number, tuple(others)), *rest] if others else rest
        workers = joblib.effective_n_jobs(-1 if self._jobs is None else self._jobs)
        total = sum(len(ones) for _, ones in todo)
        if workers == 1 or self._seconds * total < WORTH_SECONDS:
            yield from _simulated(self._task(todo, values))
            return
        widest = max(len(ones) for _, ones in todo)
        size = chunk_size(len(todo), self._seconds * widest, workers)
        chunks = (todo[at : at + size] for at in range(0, len(todo), size))
        yield from in_parallel(run_task, (self._task(chunk, values) for chunk in chunks), workers)

    def _task(self, todo: Sequence[tuple[int, tuple[_One, ...]]], values: Floats) -> _Task:
        return _Task(tuple(todo), values[[number for number, _ in todo]], self._keys, self._kept)

    def _first(self, number: int, one: _One, draw: Floats) -> _Future | Failure:
        """The first future of all, which shows what is measured and how long one takes."""
        began = time.perf_counter()
        try:
            keys, values = _future(one, Drawn(one.plan), draw, number)
        except Exception:
            return Failure(number, one.name, traceback.format_exc())
        self._seconds = time.perf_counter() - began
        self._keys = keys
        if self._wanted is not None:
            self._kept = tuple(p for p, key in enumerate(keys) if key[:2] in self._wanted)
            values = values[list(self._kept)]
        return _Future(one.name, number, values)


def run_task(task: _Task) -> list[_Future | Failure]:
    """Run the futures of a task, in a worker."""
    settle_in()
    return list(_simulated(task))


def _simulated(task: _Task) -> Iterator[_Future | Failure]:
    """The futures of a task: variants of one replication after one another."""
    drawn: dict[str, Drawn] = {}
    for (number, ones), draw in zip(task.todo, task.draws, strict=True):
        for one in ones:
            if one.name not in drawn:
                drawn[one.name] = Drawn(one.plan)
            try:
                keys, values = _future(one, drawn[one.name], draw, number)
                if keys != task.keys:
                    raise ValueError(f"its measures are not those of the others: {keys[:5]} ...")
                kept = values if task.kept is None else values[list(task.kept)]
                yield _Future(one.name, number, kept)
            except Exception:
                yield Failure(number, one.name, traceback.format_exc())


def _future(one: _One, drawn: Drawn, draw: Floats, number: int) -> Measured:
    """Keys and values of one future of a variant; its baseline is not simulated."""
    own = draw[list(one.columns)]
    for column, value in one.assumed:
        own[column] = value
    (baseline, scenario), _ = drawn.scenarios(own)
    steps = one.plan.steps or MODEL
    rows = steps.simulate(
        scenario, history=steps.history_of(scenario, baseline), replication=number
    )
    return measured_alone(steps, scenario, rows)


def _told(error: ValidationError) -> list[str]:
    """What a scenario says against values, in its own words."""
    return [
        ": ".join(
            part
            for part in (
                ".".join(str(step) for step in e["loc"] if "function" not in str(step)),
                e["msg"].removeprefix("Value error, "),
            )
            if part
        )
        for e in error.errors(include_url=False)
    ]
