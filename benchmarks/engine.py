"""What a replication costs against a bare SimPy loop with as many changes of state.

DESIGN.md §6: a bare loop is one process per child that yields timeouts; a change of state is an
entry, a move, an exit, or a change of a household or home. Everything is included on our side:
random numbers, demand, matching, rows and measures. Both are timed in turns in one process, and
only the ratio means anything.

    python benchmarks/engine.py
"""

from __future__ import annotations

import argparse
import gc
import random
import statistics
from collections.abc import Generator
from time import process_time

import simpy

from sufficiency.costs import cost_measures
from sufficiency.measures import measure
from sufficiency.scenario import Scenario
from sufficiency.scenario_file import load
from sufficiency.simulation.clock import Clock, HeapClock, SimpyClock
from sufficiency.simulation.system import simulate

REPEATS = 3
AWAY = 10_000
"""Replications of one comparison are far apart: their numbers are not used by another."""


def bare(changes: int, children: int) -> float:
    """Seconds for a bare loop: `children` processes that share `changes` timeouts."""
    draw = random.Random(1)
    each, over = divmod(changes, children)
    gaps = [[draw.expovariate(0.005) for _ in range(each + (i < over))] for i in range(children)]
    started = process_time()
    environment = simpy.Environment()

    def child(stays: list[float]) -> Generator[simpy.Event, None, None]:
        for days in stays:
            yield environment.timeout(days)

    for stays in gaps:
        environment.process(child(stays))
    environment.run()
    return process_time() - started


def ours(scenario: Scenario, replication: int, clock: type[Clock]) -> tuple[float, float, int, int]:
    """Seconds for a replication and of it for the measures; changes of state; children."""
    started = process_time()
    rows = simulate(scenario, history=scenario, replication=replication, clock=clock)
    simulated = process_time()
    measure(scenario, rows)
    cost_measures(scenario, rows)
    ended = process_time()
    return ended - started, ended - simulated, rows.state_changes, len(rows.care_periods)


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--scenario", default="england")
    chosen = parser.parse_args()
    scenario = load(chosen.scenario).scenario
    clocks: dict[str, type[Clock]] = {"SimPy": SimpyClock, "heapq twin": HeapClock}
    for clock in clocks.values():
        ours(scenario, 0, clock)
    gc.collect()
    gc.freeze()
    ratios: dict[str, list[float]] = {name: [] for name in clocks}
    measured: list[float] = []
    changes: list[int] = []
    for replication in range(1, chosen.rounds + 1):
        for name, clock in clocks.items():
            # Luck of its own for each clock: the demand of the latest replication is kept.
            luck = replication if clock is SimpyClock else replication + chosen.rounds
            runs = [ours(scenario, luck + k * AWAY, clock) for k in range(REPEATS)]
            loops = [bare(done, children) for _, _, done, children in runs]
            # What is quickest of a few is least disturbed by whatever else the machine does.
            ratios[name].append(
                min(run[0] / run[2] for run in runs)
                / min(loop / run[2] for loop, run in zip(loops, runs, strict=True))
            )
            _, measuring, done, _ = runs[0]
            seconds = runs[0][0]
            if clock is SimpyClock:
                measured.append(measuring / seconds)
                changes.append(done)
    print(f"{chosen.scenario}: {statistics.mean(changes):.0f} changes of state a replication")
    for name, values in ratios.items():
        quarters = statistics.quantiles(values, n=4)
        print(
            f"{name}: {statistics.median(values):.2f} times a bare SimPy loop with as many changes "
            f"(quartiles {quarters[0]:.2f} to {quarters[2]:.2f})"
        )
    print(f"of which measures: {statistics.median(measured):.0%}")


if __name__ == "__main__":
    main()
