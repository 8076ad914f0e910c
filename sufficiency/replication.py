"""One replication: a draw of what is uncertain, simulated in the baseline and every option.

This runs in the workers, so it loads neither pandas nor scipy. Replication 0 has the central value
of everything; the others get a row of drawn values. Every option has the same draw and the same
luck, so that what differs between two options is due to what they change.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import signal
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import ValidationError

from sufficiency.costs import MEASURES as MONEY
from sufficiency.costs import cost_measures
from sufficiency.measures import MEASURES, measure
from sufficiency.rows import Key, Measured, MeasureInfo, Rows
from sufficiency.scenario import (
    Edit,
    Option,
    Scenario,
    as_tree,
    edit_tree,
    get_value,
    settled,
    with_edits,
)
from sufficiency.simulation.system import history_of, simulate

Floats = npt.NDArray[np.float64]

KEPT = ("placements", "care_periods", "searches", "households")
"""Tables of `Rows` whose rows are kept of the first replications."""


class Steps(NamedTuple):
    """From a scenario to numbers: the steps of one replication."""

    simulate: Callable[..., Rows]
    """Of a scenario, its history and the number of the replication."""
    history_of: Callable[[Scenario, Scenario], Scenario]
    """What was in force before the first day, of an option's scenario and the baseline."""
    measures: tuple[Callable[[Scenario, Rows], Measured], ...]
    """Numbers of what was simulated."""
    definitions: Mapping[str, MeasureInfo]
    """Of each measure."""
    money: Callable[[Scenario, Rows, Any], tuple[Measured, Any]] | None = None
    """Numbers of what was spent, and the spending itself: of a scenario, its rows and the
    baseline's spending in the same replication, which is None for the baseline."""


MODEL = Steps(simulate, history_of, (measure,), {**MEASURES, **MONEY}, cost_measures)
"""The steps of the model itself."""


class Range(NamedTuple):
    """An uncertain value: of the baseline, or of an edit that options make."""

    path: str
    """The setting, as the assumptions log has it."""
    edits: tuple[tuple[str, str], ...]
    """The options whose edit it is, and the path in each; none for the baseline."""
    value: float
    """Central value."""
    low: float
    """95% of draws are between `low` and `high`, half of all below the central value."""
    high: float
    whole: bool
    """Whether it is drawn as a whole number."""


@dataclass(frozen=True)
class Plan:
    """What every replication has in common."""

    scenario: Scenario
    """The baseline."""
    options: tuple[Option, ...]
    """All options of the study: a draw must be possible in each."""
    run: tuple[str, ...]
    """What is simulated: the baseline, then the chosen options."""
    ranges: tuple[Range, ...]
    keep: int
    """Number of the last replication whose rows are kept."""
    steps: Steps | None
    """None: those of the model itself."""
    keys: tuple[Key, ...] = ()
    """Names of the numbers of every replication; empty until replication 0 has shown them."""


class Outcome(NamedTuple):
    """What one replication leaves."""

    replication: int
    values: Floats
    """One row per option, one column per key."""
    draw: Floats
    """The values used, after what was not possible was pulled back."""
    kept: dict[str, Floats] | None


class Failure(NamedTuple):
    """A replication that ended with an error: nobody's mistake but ours."""

    replication: int
    option: str
    text: str
    """The traceback."""


class Chunk(NamedTuple):
    """The replications of one task and their drawn values, a row for each."""

    replications: tuple[int, ...]
    draws: Floats


class _OptionError(Exception):
    """Carries the option in which a replication failed."""

    def __init__(self, option: str) -> None:
        super().__init__(option)
        self.option = option


def run_chunk(plan: Plan, chunk: Chunk) -> list[Outcome | Failure]:
    """Run the replications of a task, in a worker."""
    settle_in()
    return list(replicate(plan, chunk))


@cache
def settle_in() -> None:
    """Prepare a worker, once: Ctrl-C is its parent's to handle, and old objects are let alone."""
    if multiprocessing.current_process().name == "MainProcess":
        return
    with contextlib.suppress(ValueError):  # not the main thread
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.collect()
    gc.freeze()


def replicate(plan: Plan, chunk: Chunk) -> Iterator[Outcome | Failure]:
    """Run some replications, one after the other; a failure does not end the others."""
    drawn = Drawn(plan)
    for replication, draw in zip(chunk.replications, chunk.draws, strict=True):
        try:
            scenarios, used = drawn.scenarios(draw)
            keys, values, kept = _simulated(plan, scenarios, replication)
            if keys != plan.keys:
                raise ValueError(f"its measures are not those of replication 0: {keys[:5]} ...")
            yield Outcome(replication, values, used, kept)
        except Exception as error:
            option = error.option if isinstance(error, _OptionError) else ""
            yield Failure(replication, option, traceback.format_exc())


class Central(NamedTuple):
    """Replication 0, which shows what the numbers of a run are and how long one takes."""

    keys: tuple[Key, ...]
    values: Floats
    kept: dict[str, Floats] | None
    seconds: float


def central(plan: Plan) -> Central | Failure:
    """Run replication 0: the central value of everything that is uncertain."""
    began = time.perf_counter()
    try:
        found = _simulated(plan, Drawn(plan).central(), 0)
    except _OptionError as error:
        return Failure(0, error.option, traceback.format_exc())
    return Central(*found, time.perf_counter() - began)


def _simulated(
    plan: Plan, scenarios: Sequence[Scenario], replication: int
) -> tuple[tuple[Key, ...], Floats, dict[str, Floats] | None]:
    """Keys, values of each option, and their rows if they are to be kept."""
    steps = plan.steps or MODEL
    keys: tuple[Key, ...] = ()
    values: list[Floats] = []
    kept: dict[str, Floats] = {}
    spent: Any = None
    for place, (option, scenario) in enumerate(zip(plan.run, scenarios, strict=True)):
        try:
            history = steps.history_of(scenario, scenarios[0])
            rows = steps.simulate(scenario, history=history, replication=replication)
            measured, spending = _compared(steps, scenario, rows, spent)
            if place and measured.keys != keys:
                raise ValueError("its measures are not those of the baseline")
        except Exception as error:
            raise _OptionError(option) from error
        spent = spent if place else spending
        keys = measured.keys
        values.append(measured.values)
        if replication <= plan.keep:
            kept |= {f"{place}.{name}": getattr(rows, name).values for name in KEPT}
    return keys, np.stack(values), kept or None


def measured_alone(steps: Steps, scenario: Scenario, rows: Rows) -> Measured:
    """The numbers of a scenario whose spending is compared with no other."""
    return _compared(steps, scenario, rows, None)[0]


def _compared(steps: Steps, scenario: Scenario, rows: Rows, baseline: Any) -> tuple[Measured, Any]:
    """The numbers of a scenario whose spending is compared with the baseline's, and its own."""
    parts = [step(scenario, rows) for step in steps.measures]
    spending = None
    if steps.money is not None:
        money, spending = steps.money(scenario, rows, baseline)
        parts.append(money)
    keys = tuple(key for part in parts for key in part.keys)
    values = np.concatenate([part.values for part in parts]).astype(np.float64)
    return Measured(keys, values), spending


class Drawn:
    """The scenarios of a draw; two neighbouring replications that share it make them once."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._named = {option.name: option for option in plan.options}
        self._tree = as_tree(plan.scenario)
        self._last: tuple[bytes, list[Scenario], Floats] | None = None

    def central(self) -> list[Scenario]:
        """The scenarios as they are stated."""
        options = (self._named.get(name) for name in self._plan.run)
        return [
            with_edits(self._plan.scenario, option.edits) if option else self._plan.scenario
            for option in options
        ]

    def scenarios(self, draw: Floats) -> tuple[list[Scenario], Floats]:
        """The scenarios of a draw, and the values used."""
        if self._last is None or self._last[0] != draw.tobytes():
            self._last = (draw.tobytes(), *self._possible(draw))
        return self._last[1], self._last[2]

    def _possible(self, draw: Floats) -> tuple[list[Scenario], Floats]:
        """Pull back what a scenario refuses: to its range, then to the central value.

        It is pulled back in every option, those that are not simulated too: the draw does not
        depend on which options there are to run.
        """
        values, ranges = draw.copy(), self._plan.ranges
        pulled = np.zeros(len(ranges), dtype=np.int64)
        while True:
            try:
                return self._built(values), values
            except ValidationError as error:
                refused = _refused(error, ranges, pulled)
                if not refused:
                    raise
                for place in refused:
                    values[place] = _pulled_back(ranges[place], values[place], pulled[place])
                    pulled[place] += 1

    def _built(self, values: Floats) -> list[Scenario]:
        if not self._plan.ranges:
            return self.central()
        drawn = [
            (r, _number(r, v)) for r, v in zip(self._plan.ranges, values.tolist(), strict=True)
        ]
        baseline = self._baseline({r.path: value for r, value in drawn if not r.edits})
        built = {}
        for option in self._plan.options:
            own = {at: v for r, v in drawn for name, at in r.edits if name == option.name}
            built[option.name] = with_edits(baseline, redrawn(option.edits, own))
        return [built.get(name, baseline) for name in self._plan.run]

    def _baseline(self, values: Mapping[str, Any]) -> Scenario:
        if not values:
            return self._plan.scenario
        edits = tuple(Edit(action="set", path=p, value=v) for p, v in values.items())
        return settled(Scenario.model_validate(edit_tree(self._tree, edits)))


def _number(drawn: Range, value: float) -> float | int:
    return round(value) if drawn.whole else value


def _pulled_back(drawn: Range, value: float, times: int) -> float:
    return min(max(value, drawn.low), drawn.high) if times == 0 else drawn.value


def _refused(
    error: ValidationError, ranges: Sequence[Range], pulled: npt.NDArray[np.int64]
) -> list[int]:
    """The drawn values that an error is about and that can still be pulled back."""
    free = [place for place in range(len(ranges)) if pulled[place] < 2]
    about = [tuple(str(step) for step in e["loc"]) for e in error.errors(include_url=False)]
    blamed = [place for place in free if _about(ranges[place], about)]
    return blamed or free


def _about(drawn: Range, errors: Sequence[tuple[str, ...]]) -> bool:
    paths = [at for _, at in drawn.edits] or [drawn.path]
    return any(_within(path, loc) for path in paths for loc in errors)


def _within(path: str, loc: tuple[str, ...]) -> bool:
    """Whether one is a part of the other; the place in a list counts for nothing."""
    steps = path.split(".")
    shared = list(zip(steps, loc, strict=False))
    return bool(shared) and all(a == b or (a.isdecimal() and b.isdecimal()) for a, b in shared)


def redrawn(edits: tuple[Edit, ...], drawn: Mapping[str, float | int]) -> tuple[Edit, ...]:
    """An option's edits with drawn values, by path, in place of the central ones."""
    for path, value in drawn.items():
        place = place_of(edits, path)
        if place is not None:
            number, rest = place
            edits = (*edits[:number], _with(edits[number], rest, value), *edits[number + 1 :])
    return edits


def place_of(edits: tuple[Edit, ...], path: str) -> tuple[int, str] | None:
    """The last edit that holds the value at a path, and the path within its value."""
    for number in reversed(range(len(edits))):
        edit = edits[number]
        if path == edit.path:
            return number, ""
        if path.startswith(f"{edit.path}."):
            rest = path.removeprefix(f"{edit.path}.")
            with contextlib.suppress(KeyError):
                get_value(edit.value, rest)
                return number, rest
    return None


def _with(edit: Edit, rest: str, value: float | int) -> Edit:
    if not rest:
        return edit.model_copy(update={"value": value})
    change = Edit(action="set", path=f"value.{rest}", value=value)
    tree = edit_tree({"value": edit.value}, (change,))
    return edit.model_copy(update={"value": tree["value"]})
