"""The seam between the model and the event queue: now, at, run.

`SimpyClock` is the engine. `HeapClock` is its twin for verification: the same order of events from
twenty lines of heapq (`tests/test_twins.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any, Protocol

from simpy import Environment
from simpy.events import NORMAL, Event

Action = Callable[[Any, int], None]


class Clock(Protocol):
    """What the model needs of an engine."""

    now: float
    """Time, in days from the first day of the scenario."""

    def at(self, time: float, action: Action, who: Any, version: int) -> None:
        """Call `action(who, version)` at a time, not before now."""

    def run(self, until: float) -> None:
        """Let everything happen that is due before `until`."""


def _happen(due: Any) -> None:
    due.clock.now = due.clock.environment._now
    due.action(due.who, due.version)


class _Due(Event):
    """A SimPy event that carries what to do and to whom.

    What SimPy reads of an event is the same for all of these and stands on the class: an event is
    made for every change of state, so it sets no more than it must.
    """

    callbacks = [_happen]  # noqa: RUF012 - SimPy replaces it on the instance and never changes it
    _ok = True
    _value = None

    def __init__(self, clock: SimpyClock, action: Action, who: Any, version: int) -> None:
        self.clock = clock
        self.action = action
        self.who = who
        self.version = version


class SimpyClock:
    """The clock and queue of SimPy's `Environment`, with events as callbacks.

    SimPy takes a delay, so a time may come out one unit in the last place away from the one asked
    for; no two events that matter are that close, and the twin checks it.
    """

    def __init__(self, start: float) -> None:
        self.environment = Environment(initial_time=start)
        self.now = start

    def at(self, time: float, action: Action, who: Any, version: int) -> None:
        """Call `action(who, version)` at a time."""
        env = self.environment
        delay = time - env._now
        env.schedule(_Due(self, action, who, version), NORMAL, delay if delay > 0 else 0)

    def run(self, until: float) -> None:
        """Let everything happen that is due before `until`."""
        self.environment.run(until=until)
        self.now = until


class HeapClock:
    """The twin: the same calls on a heap."""

    def __init__(self, start: float) -> None:
        self.now = start
        self._queue: list[tuple[float, int, Action, Any, int]] = []
        self._count = 0

    def at(self, time: float, action: Action, who: Any, version: int) -> None:
        """Call `action(who, version)` at a time."""
        self._count += 1
        heappush(self._queue, (max(time, self.now), self._count, action, who, version))

    def run(self, until: float) -> None:
        """Let everything happen that is due before `until`."""
        while self._queue and self._queue[0][0] < until:
            self.now, _, action, who, version = heappop(self._queue)
            action(who, version)
        self.now = until
