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
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
from pydantic import ValidationError

from sufficiency.rows import Rows
from sufficiency.scenario import (
    Edit,
    Option,
    Scenario,
    as_tree,
    edit_tree,
    get_value,
    with_edits,
)

Floats = npt.NDArray[np.float64]
Keys = tuple[tuple[str, str, str], ...]
"""Measure, group and period of each number."""

KEPT = ("placements", "care_periods", "searches", "households")
"""Tables of `Rows` whose rows are kept of the first replications."""


class Measured(Protocol):
    """Numbers of one replication, with their names."""

    @property
    def keys(self) -> Keys:
        """Names."""

    @property
    def values(self) -> Floats:
        """Numbers."""


class Definition(Protocol):
    """What a measure is counted in, and which way is better."""

    @property
    def unit(self) -> str:
        """Its unit."""

    @property
    def better(self) -> str:
        """`up`, `down` or empty."""


class Steps(NamedTuple):
    """From a scenario to numbers: the steps of one replication."""

    simulate: Callable[..., Rows]
    """Of a scenario, its history and the number of the replication."""
    history_of: Callable[[Scenario, Scenario], Scenario]
    """What was in force before the first day, of an option's scenario and the baseline."""
    measures: tuple[Callable[[Scenario, Rows], Measured], ...]
    """Numbers of what was simulated."""
    definitions: Mapping[str, Definition]
    """Of each measure."""


@cache
def model() -> Steps:
    """The steps of the model itself, loaded where they are needed: in the workers."""
    from sufficiency.costs import cost_measures
    from sufficiency.measures import MEASURES, measure
    from sufficiency.simulation.system import history_of, simulate

    return Steps(simulate, history_of, (measure, cost_measures), MEASURES)


class Range(NamedTuple):
    """An uncertain value: of the baseline, or of an edit that options make."""

    path: str
    """The setting; for an option, as its edit names it."""
    options: tuple[str, ...]
    """The options whose edit it is; none for the baseline."""
    value: float
    """Central value."""
    low: float
    """95% of draws are between `low` and `high`, half of all below the central value."""
    high: float
    whole: bool
    """Whether it is drawn as a whole number."""

    @property
    def name(self) -> str:
        """The path as the assumptions log has it."""
        return ".".join(("options", "+".join(self.options), self.path) if self.options else (self.path,))


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
    expected: tuple[Keys, ...] = ()
    """The keys of each option; empty until replication 0 has shown them."""
    places: tuple[npt.NDArray[np.intp] | None, ...] = ()
    """Where they stand among the keys of all options; None where these are the same."""
    width: int = 0
    """Number of keys of all options."""


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


class _Failed(Exception):
    """Carries the option in which a replication failed."""

    def __init__(self, option: str) -> None:
        super().__init__(option)
        self.option = option


def run_chunk(plan: Plan, chunk: Chunk) -> list[Outcome | Failure]:
    """Run the replications of a task, in a worker."""
    _settle_in()
    return list(replicate(plan, chunk))


@cache
def _settle_in() -> None:
    """Prepare a worker, once: Ctrl-C is its parent's to handle, and old objects are let alone."""
    if multiprocessing.current_process().name == "MainProcess":
        return
    with contextlib.suppress(ValueError):  # not the main thread
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.collect()
    gc.freeze()


def replicate(plan: Plan, chunk: Chunk) -> Iterator[Outcome | Failure]:
    """Run some replications, one after the other; a failure does not end the others."""
    drawn = _Drawn(plan)
    for replication, draw in zip(chunk.replications, chunk.draws, strict=True):
        try:
            scenarios, used = drawn.scenarios(draw)
            measured, kept = _simulated(plan, scenarios, replication)
            yield Outcome(replication, _stacked(plan, measured), used, kept)
        except Exception as error:
            option = error.option if isinstance(error, _Failed) else ""
            yield Failure(replication, option, traceback.format_exc())


class Central(NamedTuple):
    """Replication 0, which shows what the numbers of a run are and how long one takes."""

    keys: tuple[Keys, ...]
    values: tuple[Floats, ...]
    kept: dict[str, Floats] | None
    seconds: float


def central(plan: Plan) -> Central | Failure:
    """Run replication 0: the central value of everything that is uncertain."""
    began = time.perf_counter()
    try:
        measured, kept = _simulated(plan, _Drawn(plan).central(), 0)
    except _Failed as error:
        return Failure(0, error.option, traceback.format_exc())
    keys = tuple(named for named, _ in measured)
    values = tuple(numbers for _, numbers in measured)
    return Central(keys, values, kept, time.perf_counter() - began)


def _simulated(
    plan: Plan, scenarios: Sequence[Scenario], replication: int
) -> tuple[list[tuple[Keys, Floats]], dict[str, Floats] | None]:
    """Keys and values of each option, and their rows if they are to be kept."""
    steps = plan.steps or model()
    measured, kept = [], {}
    for place, (option, scenario) in enumerate(zip(plan.run, scenarios, strict=True)):
        try:
            history = steps.history_of(scenario, scenarios[0])
            rows = steps.simulate(scenario, history=history, replication=replication)
            measured.append(_measured(steps, scenario, rows))
        except Exception as error:
            raise _Failed(option) from error
        if replication <= plan.keep:
            kept |= {f"{place}.{name}": getattr(rows, name).values for name in KEPT}
    return measured, kept or None


def _measured(steps: Steps, scenario: Scenario, rows: Rows) -> tuple[Keys, Floats]:
    parts = [measure(scenario, rows) for measure in steps.measures]
    keys = tuple(key for part in parts for key in part.keys)
    return keys, np.concatenate([np.asarray(part.values, dtype=np.float64) for part in parts])


def _stacked(plan: Plan, measured: Sequence[tuple[Keys, Floats]]) -> Floats:
    """One row per option, every number at the place of its key."""
    stacked = np.full((len(plan.run), plan.width), np.nan)
    for row, (keys, values) in enumerate(measured):
        if keys != plan.expected[row]:
            odd = sorted(set(keys) ^ set(plan.expected[row]))[:5]
            raise _Failed(plan.run[row]) from ValueError(
                f"its measures are not those of replication 0: {odd or 'another order'}"
            )
        places = plan.places[row]
        stacked[row, slice(None) if places is None else places] = values
    return stacked


class _Drawn:
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
        drawn = list(zip(self._plan.ranges, values.tolist(), strict=True))
        baseline = self._baseline({r.path: _number(r, v) for r, v in drawn if not r.options})
        built = {"baseline": baseline}
        for option in self._plan.options:
            own = [(r, _number(r, v)) for r, v in drawn if option.name in r.options]
            built[option.name] = with_edits(baseline, redrawn(option.edits, own))
        return [built[name] for name in self._plan.run]

    def _baseline(self, values: Mapping[str, Any]) -> Scenario:
        if not values:
            return self._plan.scenario
        edits = tuple(Edit(action="set", path=p, value=v) for p, v in values.items())
        return Scenario.model_validate(edit_tree(self._tree, edits))


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
    blamed = [place for place in free if any(_within(ranges[place].path, loc) for loc in about)]
    return blamed or free


def _within(path: str, loc: tuple[str, ...]) -> bool:
    steps = tuple(path.split("."))
    shared = list(zip(steps, loc, strict=False))
    return bool(shared) and all(a == b or a.isdecimal() and b.isdecimal() for a, b in shared)


def redrawn(edits: tuple[Edit, ...], drawn: Sequence[tuple[Range, float | int]]) -> tuple[Edit, ...]:
    """An option's edits with drawn values in place of the central ones."""
    for uncertain, value in drawn:
        place = place_of(edits, uncertain.path)
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
    tree = edit_tree({"value": edit.value}, (Edit(action="set", path=f"value.{rest}", value=value),))
    return edit.model_copy(update={"value": tree["value"]})


