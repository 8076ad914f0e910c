"""The checks of one scenario: what is run, future by future, and the table it makes.

Stripped copies run in many futures, since what they must agree with is a mean. The whole scenario
and its options run in a tenth as many: what they must agree with is exact in every one.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import warnings
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any, NamedTuple

import joblib
import numpy as np
import numpy.typing as npt

from sufficiency.errors import SufficiencyError
from sufficiency.periods import YEAR, calendar
from sufficiency.replication import MODEL, Range, measured_alone
from sufficiency.rows import ENTRY, Rows
from sufficiency.scenario import Edit, Scenario, Study, with_edits, with_values
from sufficiency.simulation import clock
from sufficiency.simulation.system import history_of, simulate
from sufficiency.verification import lives, places, same
from sufficiency.verification.checks import (
    Check,
    Verification,
    dispersion_agrees,
    means_agree,
    none_wrong,
    share_agrees,
)
from sufficiency.verification.lives import Counted, Little
from sufficiency.verification.on_paper import erlang_b, load_of, number_in_care
from sufficiency.verification.stripped import SETTLED_YEARS, Pools, with_pools, with_seasons

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Progress = Callable[[int, int], None]

REPLICATIONS = 100
FEWEST = 10
"""Replications from which a standard error can be estimated."""
PART = 10
"""The whole scenario, with all its options, is run for one of so many replications."""
A_TASK = 5
"""Replications of a stripped copy that a worker runs at a time."""
FURTHER = {
    "more carers": (Edit(action="add", path="fostering.recruitment.number", value=5.0),),
    "another home": (
        Edit(
            action="add",
            path="homes",
            value=[{"name": "Verification", "registered": 2, "usable": 2}],
        ),
    ),
}
"""Further options that change places only, so every child must enter and leave as before."""
_OF = {
    "flow balance, children": "month and quarter ends",
    "flow balance, types of placement": "month ends and types",
    "flow balance, foster households": "quarters",
    "one placement at a time": "placements",
    "no home over its places": "people who come",
    "no market over its limit": "placements with a limit",
    "foster households in order": "households and placements",
    "nobody under 16 in supported accommodation": "placements there",
    "nobody in care past 18": "placements",
    "twin engine": "rows of SimPy and of a heap",
    "order of events": "events at the same moment",
    "zero-change option": "measures",
    "options share their children": "entries and exits",
    "same seed again": "rows",
}
"""What is counted, by check, in the order of the table."""


class Whole(NamedTuple):
    """The whole scenario and its options, and what is drawn for the zero-change option."""

    scenarios: Mapping[str, Scenario]
    ranges: tuple[Range, ...]
    draws: Floats
    """A row for each replication from 0."""


Task = tuple[str, Whole | Scenario, tuple[int, ...]]
"""What kind of futures to run, of what, and which replications."""


class Found(NamedTuple):
    """What one task found."""

    first: int
    """Its first replication."""
    kind: str
    results: list[Any]


def verify(
    study: Study,
    *,
    replications: int = REPLICATIONS,
    seed: int | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Verification:
    """Check the engine on a scenario: against results on paper, by counting, and against itself.

    Args:
        study: Whose baseline and options are checked.
        replications: Futures of each stripped copy; a tenth of them of the whole.
        seed: Seed of the random numbers; left out: as the scenario says.
        jobs: Processes; left out: as many as there are cores.
        progress: Called with the futures done and their whole number.
    """
    if replications < FEWEST:
        raise SufficiencyError(f"a standard error needs {FEWEST} replications or more")
    base = study.scenario if seed is None else with_values(study.scenario, {"seed": seed})
    exact = replications // PART
    stripped, pools = with_pools(base)
    seasonal = with_seasons(base)
    tasks = [
        *_tasks("whole", whole_of(study, base, exact), exact, 1),
        *_tasks("pools", stripped.scenario, replications, A_TASK),
        *_tasks("seasons", seasonal.scenario, replications, A_TASK),
    ]
    found = _results(tasks, jobs, progress or (lambda _done, _of: None))
    return Verification(
        name=base.name,
        seed=base.seed,
        replications=replications,
        full=exact,
        options=len(study.options),
        stripped=(
            *erlang_checks(stripped.scenario, pools, found["pools"]),
            *number_checks(seasonal.scenario, found["seasons"]),
        ),
        whole=tuple(whole_checks(found["whole"])),
        pools=stripped.said,
        seasons=seasonal.said,
    )


def _tasks(kind: str, what: Whole | Scenario, replications: int, at_a_time: int) -> list[Task]:
    numbers = range(1, replications + 1)
    return [
        (kind, what, tuple(numbers[at : at + at_a_time]))
        for at in range(0, replications, at_a_time)
    ]


def whole_of(study: Study, base: Scenario, replications: int) -> Whole:
    """What `whole` runs: the baseline, the options, and draws for so many replications."""
    from sufficiency.experiment.draws import draws, ranges  # pandas, which no worker needs

    of_baseline = tuple(r for r in ranges(study) if not r.edits)
    scenarios = {"baseline": base}
    scenarios |= {option.name: with_edits(base, option.edits) for option in study.options}
    return Whole(scenarios, of_baseline, draws(of_baseline, base.seed, replications))


# ---- Running -----------------------------------------------------------------------------------


def _results(tasks: Sequence[Task], jobs: int | None, progress: Progress) -> dict[str, list[Any]]:
    """What all tasks found, by kind, in the order of replications whoever was first."""
    futures = sum(len(replications) for _, _, replications in tasks)
    progress(0, futures)
    done, all_found = 0, []
    with closing(_as_they_end(tasks, jobs)) as ended:
        for found in ended:
            all_found.append(found)
            done += len(found.results)
            progress(done, futures)
    by_kind: dict[str, list[Any]] = {"whole": [], "pools": [], "seasons": []}
    for found in sorted(all_found, key=lambda found: found.first):
        by_kind[found.kind] += found.results
    return by_kind


def _as_they_end(tasks: Sequence[Task], jobs: int | None) -> Generator[Found]:
    workers = joblib.effective_n_jobs(-1 if jobs is None else jobs)
    if workers == 1:
        yield from (_run(*task) for task in tasks)
        return
    parallel = joblib.Parallel(n_jobs=workers, return_as="generator_unordered", batch_size=1)
    found = parallel(joblib.delayed(_run)(*task) for task in tasks)
    try:
        yield from found
    finally:
        with warnings.catch_warnings():  # that tasks are given up is what is wanted
            warnings.filterwarnings("ignore", r"\d+ tasks", UserWarning)
            found.close()


def _run(kind: str, what: Whole | Scenario, replications: tuple[int, ...]) -> Found:
    """Run some replications of one kind, in a worker."""
    if multiprocessing.current_process().name != "MainProcess":
        with contextlib.suppress(ValueError):  # Ctrl-C is the parent's to handle
            signal.signal(signal.SIGINT, signal.SIG_IGN)
    runs: dict[str, Callable[[Any, int], Any]] = {
        "whole": whole,
        "pools": overflow,
        "seasons": in_care,
    }
    return Found(replications[0], kind, [runs[kind](what, k) for k in replications])


# ---- Erlang B ----------------------------------------------------------------------------------


class Overflow(NamedTuple):
    """Who came in one future, once it had settled, and how many found places taken."""

    places: int
    """Usable places of the households, which differ from future to future."""
    entered: int
    past_carers: int
    past_agencies: int
    past_block: int


def overflow(scenario: Scenario, replication: int) -> Overflow:
    """Run the copy for Erlang B and count where children went on entry."""
    rows = simulate(scenario, history=scenario, replication=replication)
    households, table = rows.households, rows.placements
    entered = (table["cause"] == ENTRY) & (table["started"] > SETTLED_YEARS * YEAR)
    type_, provider = table.code("type")[entered], table["provider"][entered]
    carer, agency = type_ == places.IN_HOUSE, type_ == places.IFA
    block = (type_ == places.HOME_EXTERNAL) & (provider == places.BLOCK)
    usable = households["places"] - households["blocked"]
    left = [int((~taken).sum()) for taken in (carer, carer | agency, carer | agency | block)]
    return Overflow(int(usable.sum()), int(entered.sum()), *left)


def erlang_checks(scenario: Scenario, pools: Pools, found: list[Overflow]) -> Iterator[Check]:
    """One row for each pool: the share that finds it and those before it taken."""
    load = load_of(scenario)
    further = 0
    for name, more, past in (
        ("every carer's place taken", 0, [f.past_carers for f in found]),
        ("the agencies' too", pools.agencies, [f.past_agencies for f in found]),
        ("the block of homes too", pools.block, [f.past_block for f in found]),
    ):
        further += more
        numbers = [f.places + further for f in found]
        exact = np.array([erlang_b(number, load) for number in numbers])
        low, high = min(numbers), max(numbers)
        said = f"{low}" if low == high else f"{low} to {high}"
        against = f"Erlang B, {said} places, load {load:.1f}"
        yield share_agrees(name, against, exact, past, [f.entered for f in found])


# ---- The number in care ------------------------------------------------------------------------


def in_care(scenario: Scenario, replication: int) -> Ints:
    """Run the copy with seasons and count, in the placements, who has come since the first day."""
    rows = simulate(scenario, history=scenario, replication=replication)
    periods, table = rows.care_periods, rows.placements
    new = np.isin(table["child"], periods["child"][periods["entered"] >= 0])
    started, ended = np.sort(table["started"][new]), np.sort(table["ended"][new])
    dates = census_days(scenario).astype(float)
    here: Ints = np.searchsorted(started, dates, side="right")
    gone: Ints = np.searchsorted(ended, dates, side="right")
    return here - gone


def census_days(scenario: Scenario) -> Ints:
    """The first days of months, as days from the first of all."""
    times = calendar(scenario.start, scenario.years).month_ends.times[1:]
    return np.round(times).astype(np.int64)


def number_checks(scenario: Scenario, found: list[Ints]) -> Iterator[Check]:
    """The mean number in care at month ends, and its variance."""
    exact = number_in_care(scenario, census_days(scenario))
    counts = np.array(found, dtype=float)
    labels = calendar(scenario.start, scenario.years).month_ends.labels[1:]
    yield means_agree("number in care", "M(t)/G/∞", exact, counts, labels)
    if exact.any():
        yield dispersion_agrees("its variance over its mean", "Poisson: 1", exact, counts)


# ---- The whole scenario ------------------------------------------------------------------------


class WholeFound(NamedTuple):
    """What one future of the whole scenario and its options shows."""

    counts: list[Counted]
    little: list[Little]


def whole(what: Whole, replication: int) -> WholeFound:
    """Run the baseline, every option and some more, and count what must never happen."""
    counts, little = [], []
    base = what.scenarios["baseline"]
    baseline = simulate(base, history=base, replication=replication)
    for name, scenario in what.scenarios.items():
        history = history_of(scenario, base)
        rows = simulate(scenario, history=history, replication=replication)
        found, law = _of_rows(scenario, history, rows, replication)
        if name == "baseline":
            found.append(same.same_rows("same seed again", baseline, rows))
        elif same.same_demand(base, scenario):
            found.append(_as_in_baseline(baseline, rows))
        counts += [_named(one, name, replication) for one in found]
        little.append(law)
    for name, edits in FURTHER.items():
        further = with_edits(base, edits)
        rows = simulate(further, history=history_of(further, base), replication=replication)
        counts.append(_named(_as_in_baseline(baseline, rows), name, replication))
    keys = measured_alone(MODEL, base, baseline).keys
    draw = what.draws[replication]
    zero = same.no_change_no_difference(base, what.ranges, draw, replication, keys)
    return WholeFound([*counts, zero], little)


def _as_in_baseline(baseline: Rows, rows: Rows) -> Counted:
    return same.same_entries_and_exits("options share their children", baseline, rows)


def _of_rows(
    scenario: Scenario, history: Scenario, rows: Rows, replication: int
) -> tuple[list[Counted], Little]:
    """All that is counted in the rows of one run, those of the twin engine among them."""
    told = lives.read(scenario, history, rows)
    heap = simulate(scenario, history=history, replication=replication, clock=clock.HeapClock)
    found = [
        *lives.flows_balance(told),
        *lives.published_flows_balance(scenario, MODEL.measures[0](scenario, rows)),
        *lives.one_placement_at_a_time(told),
        *places.no_home_is_overfull(told),
        *places.no_market_is_over_its_limit(told),
        *places.households_come_and_go_in_order(told),
        *lives.ages_are_kept(told),
        same.same_in_both_engines(rows, heap),
    ]
    return found, lives.little(told)


def _named(found: Counted, option: str, replication: int) -> Counted:
    """Say in which run the first fault is."""
    where = f"{option}, replication {replication}: {found.first}" if found.faults else ""
    return found._replace(first=where)


def whole_checks(found: list[WholeFound]) -> Iterator[Check]:
    """One row for each thing counted, over all futures and options."""
    laws = [law for one in found for law in one.little]
    apart = max(abs(law.number - law.product) for law in laws)
    number, product = (float(np.mean([law[i] for law in laws])) for i in range(2))
    yield Check(
        "Little's law, children in care",
        "entries x time in care",
        product,
        number,
        None,
        apart <= lives.MOMENT,
        f"they differ by {apart:.3g} children",
    )
    types, largest = max(law.types for law in laws), max(law.difference for law in laws)
    yield Check(
        "Little's law, types of placement",
        f"the same of {types} types: largest difference",
        0.0,
        largest,
        None,
        largest <= lives.MOMENT,
        f"they differ by {largest:.3g} children",
    )
    counts = [count for one in found for count in one.counts]
    checks = {c.name: c for c in none_wrong([*counts, same.same_order_of_events()], _OF)}
    yield from (checks[name] for name in _OF if name in checks)
