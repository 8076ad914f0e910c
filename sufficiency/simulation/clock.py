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


class _Due(Event):
    """A SimPy event that carries what to do and to whom."""

    __slots__ = ("action", "clock", "version", "who")

    def __init__(
        self, env: Environment, clock: SimpyClock, action: Action, who: Any, version: int
    ) -> None:
        self.env = env
        self.clock = clock
        self.callbacks = [_happen]
        self._ok = True
        self._value = None
        self._defused = False
        self.action = action
        self.who = who
        self.version = version


def _happen(due: Any) -> None:
    due.clock.now = due.env._now
    due.action(due.who, due.version)


class SimpyClock:
    """The clock and queue of SimPy's `Environment`, with events as callbacks.

    SimPy takes a delay, so a time may come out one unit in the last place away from the one asked
    for; no two events that matter are that close, and the twin checks it.
    """

    def __init__(self, start: float) -> None:
        self._env = Environment(initial_time=start)
        self.now = start

    def at(self, time: float, action: Action, who: Any, version: int) -> None:
        """Call `action(who, version)` at a time."""
        env = self._env
        delay = time - env._now
        env.schedule(_Due(env, self, action, who, version), NORMAL, delay if delay > 0 else 0)

    def run(self, until: float) -> None:
        """Let everything happen that is due before `until`."""
        self._env.run(until=until)
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
