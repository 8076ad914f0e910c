"""Corners of the model in which the answer is known: small authorities with most of it turned off.

`bare` is an authority where nothing happens by itself: nobody is in care, nobody enters, no chance
is between 0 and 1, nobody moves. Each test turns on what it needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from unittest.mock import patch

import numpy as np
import numpy.typing as npt

from sufficiency.rows import GROUPS, PATHWAYS, REASONS, TYPES, Rows, Table
from sufficiency.scenario import Scenario, with_values
from sufficiency.scenario_file import load
from sufficiency.simulation import demand, system
from sufficiency.simulation.arrivals import (
    BLOCK_SIZE,
    LARGEST_FAMILY,
    UNDER_16,
    Children,
    together,
)
from sufficiency.simulation.clock import Clock, SimpyClock
from sufficiency.simulation.system import history_of, simulate
from sufficiency.stays import YEAR

Floats = npt.NDArray[np.float64]

NOBODY = {"under_1": 0.0, "1-4": 0.0, "5-9": 0.0, "10-15": 0.0, "16-17": 0.0}
NEVER = {"standard": 0.0, "enhanced": 0.0, "complex": 0.0}
ALWAYS = {"standard": 1.0, "enhanced": 1.0, "complex": 1.0}
STANDARD = {"standard": 1.0, "enhanced": 0.0, "complex": 0.0}
COMPLEX = {"standard": 0.0, "enhanced": 0.0, "complex": 1.0}
IFA_AGES = ("under_10", "10-15", "16-17")

BARE: dict[str, Any] = {
    "warm_up_years": 0.0,
    "authority.children_in_care": 0,
    "authority.uasc_in_care": None,
    "demand.entries_per_100_in_care": NOBODY,
    "demand.entries_per_year": None,
    "demand.entries_per_10000_children": None,
    "demand.trend_per_year": 0.0,
    "demand.season_strength": 0.0,
    "demand.yearly_variation": 0.0,
    "demand.sibling_groups": {"1": 1.0},
    "demand.first_weeks_share": 1.0,
    "demand.remand.per_100_in_care": 0.0,
    "demand.ethnic_groups": {"white": 1.0},
    "demand.uasc.ethnic_groups": {"white": 1.0},
    "fostering.profile.ethnic_groups": {"white": 1.0},
    "demand.uasc.per_100_in_care": 0.0,
    "demand.uasc.direct_per_year": None,
    "demand.uasc.season_strength": 0.0,
    "demand.uasc.yearly_variation": 0.0,
    "demand.uasc.transfer_scheme.transfers_per_year": None,
    "stays.keep_stock_and_flow": False,
    "stays.long_stay_factor": 1.0,
    "placement.need": dict.fromkeys(("under_5", "5-9", "10-17", "uasc", "disabled"), STANDARD),
    "placement.disabled_share": 0.0,
    "placement.solo": NEVER,
    "placement.plan_at_entry": {group.value: {"foster": 1.0} for group in GROUPS},
    "placement.plan_weights": {},
    "placement.kin_weight_court": 1.0,
    "placement.kin_weight_other": 1.0,
    "placement.acceptable": {},
    "placement.youngest_in_home": 8.0,
    "placement.distant_ifa_under": 0.0,
    "moves.scale": 0.0,
    "moves.frailty_variance": 0.0,
    "moves.move_on_share": 0.0,
    "moves.need_rises_after_breakdown": {"under_10": 0.0, "10-17": 0.0},
    "step_across.from_home": False,
    "step_across.from_ifa": "never",
    "fostering.households": 0,
    "fostering.approvals_per_year": 0.0,
    "fostering.approved_places_per_household": 1.0,
    "fostering.places_mix": {"1": 1.0},
    "fostering.leaving_per_year": 0.0,
    "fostering.first_available_days": 0.0,
    "fostering.profile.age_ranges": [{"youngest": 0, "oldest": 18, "share": 1.0}],
    "fostering.profile.highest_need": COMPLEX,
    "fostering.profile.siblings": 1.0,
    "fostering.profile.uasc": 1.0,
    "fostering.profile.solo": 1.0,
    "fostering.transfers_in_share": 0.0,
    "fostering.transfers_out_share": 0.0,
    "fostering.blocked_share": 0.0,
    "fostering.winding_down_years": 0.0,
    "fostering.closing_at_once": 0.0,
    "fostering.staying_put": {"18": 0.0, "19": 0.0, "20": 0.0},
    "fostering.match_chance": 1.0,
    "fostering.match_size": None,
    "placement.apart_at_start": 0.0,
    "placement.for_want_at_start": 0.0,
    "fostering.recruitment.number": 0.0,
    "ifa.places": None,
    "ifa.match": dict.fromkeys(IFA_AGES, NEVER),
    "ifa.market": 1.0,
    "ifa.sibling_match": 1.0,
    "ifa.found_per_day": 0.0,
    "ifa.bridging_share": 0.0,
    "homes": [],
    "external_homes.found_at_once": NEVER,
    "external_homes.market": 1.0,
    "external_homes.found_per_day": 0.0,
    "external_homes.block_places": 0,
    "external_homes.block_match": 1.0,
    "external_homes.closing_per_year": 0.0,
    "supported.block_places": 0,
    "supported.block_match": 1.0,
    "supported.spot": 0.0,
    "supported.found_per_day": 0.0,
    "emergency.beds": 0,
    "changes": [],
}

ONLY_AGENCIES: dict[str, Any] = {"ifa.match": dict.fromkeys(IFA_AGES, ALWAYS)}
"""Every search finds an agency carer, within the limit if there is one."""


@lru_cache
def england() -> Scenario:
    return load("england").scenario


@lru_cache
def camden() -> Scenario:
    return load("camden").scenario


@lru_cache
def flat_england() -> Scenario:
    """England with as many approvals as leavers, so that the number of households can be flat."""
    fostering = england().fostering
    stopping = fostering.households_per_100_in_care * fostering.leaving_per_year
    return with_values(england(), {"fostering.approvals_per_100_in_care": stopping})


def bare(values: Mapping[str, Any] | None = None) -> Scenario:
    return with_values(england(), {**BARE, **(values or {})})


def steady(rate: float, stay: Mapping[str, Any], values: Mapping[str, Any]) -> Scenario:
    """Newborn children enter one by one at a constant rate a year; one distribution of stays."""
    return bare(
        {
            "demand.entries_per_100_in_care": {**NOBODY, "under_1": 1.0},
            "demand.entries_per_year": rate,
            "stays.every_child": dict(stay),
            **values,
        }
    )


def run(
    scenario: Scenario,
    replication: int = 1,
    *,
    baseline: Scenario | None = None,
    clock: Callable[[float], Clock] = SimpyClock,
) -> Rows:
    history = history_of(scenario, baseline or scenario)
    return simulate(scenario, history=history, replication=replication, clock=clock)


# ---- A demand given as a timetable -------------------------------------------------------------


class Entrant(NamedTuple):
    """A child of a timetable. Days from the start; age in years at entry."""

    enters: float
    leaves: float
    age: float = 6.0
    family: int | None = None
    uasc: str | None = None
    """An unaccompanied child: `direct`, or `transfer` under the transfer scheme."""


def timetable(entrants: Sequence[Entrant]) -> Children:
    """These children and no others. Child i has the number i unless it has a family."""
    order = sorted(range(len(entrants)), key=lambda i: entrants[i].enters)
    families = [e.family if e.family is not None else 100 + i for i, e in enumerate(entrants)]
    members = [families[:i].count(families[i]) for i in range(len(entrants))]
    entered = np.array([e.enters for e in entrants], dtype=float)
    left = np.array([e.leaves for e in entrants], dtype=float)
    born = entered - np.array([e.age for e in entrants]) * YEAR
    adult = born + 18 * YEAR
    ages = np.array([0.0, 1.0, 5.0, 10.0, 16.0])
    group = np.searchsorted(ages, [e.age for e in entrants], side="right") - 1
    uasc = np.array([e.uasc is not None for e in entrants])
    group = np.where(uasc, np.where(group < 4, 5, 6), group)
    pathway = np.where(uasc, pathway_code("uasc"), 0)
    reasons = [r.value for r in REASONS]
    turned_18 = left >= adult - 1e-9
    reason = np.where(turned_18, reasons.index("turned_18"), reasons.index("returned_home"))
    number = UNDER_16 * BLOCK_SIZE + np.array(families) * LARGEST_FAMILY + np.array(members)
    return Children(
        number=number.astype(np.int64),
        entered=entered,
        left=np.minimum(left, adult),
        born=born,
        group=group.astype(np.int64),
        pathway=pathway.astype(np.int64),
        reason=reason.astype(np.int64),
        family=number // LARGEST_FAMILY,
    ).chosen(np.array(order, dtype=np.int64))


def run_timetable(
    scenario: Scenario, entrants: Sequence[Entrant], *, baseline: Scenario | None = None
) -> tuple[Rows, list[int]]:
    """Rows of a run with these children only, and the number of each."""
    children = timetable(entrants)
    numbers = _numbers(entrants)
    marks = {n: e.uasc for n, e in zip(numbers, entrants, strict=True) if e.uasc}
    with (
        patch.object(system, "children_of", lambda line, *_: _under_scheme(line, children, marks)),
        patch.object(system, "_latest", []),  # the demand kept of the run before
    ):
        return run(scenario, baseline=baseline), numbers


def _under_scheme(line: Any, children: Children, marks: Mapping[int, str]) -> Children:
    """The timetable after the transfer scheme has been applied to its unaccompanied children."""
    if not marks:
        return children
    uasc = np.isin(children.number, list(marks))
    theirs = children.chosen(uasc)
    direct = np.array([marks[int(n)] == "direct" for n in theirs.number])
    coming = demand._marked(theirs, np.zeros(len(theirs)), transferred=~direct)
    allowed = demand._under_transfer_scheme(line, coming, np.empty(0))
    return together([children.chosen(~uasc), allowed])


def _numbers(entrants: Sequence[Entrant]) -> list[int]:
    families = [e.family if e.family is not None else 100 + i for i, e in enumerate(entrants)]
    return [
        UNDER_16 * BLOCK_SIZE + f * LARGEST_FAMILY + families[:i].count(f)
        for i, f in enumerate(families)
    ]


# ---- Reading rows ------------------------------------------------------------------------------


def type_code(name: str) -> int:
    return [t.value for t in TYPES].index(name)


def pathway_code(name: str) -> int:
    return [p.value for p in PATHWAYS].index(name)


def in_care_at(rows: Rows, times: Sequence[float] | Floats) -> npt.NDArray[np.int64]:
    periods = rows.care_periods
    return _present(periods["entered"], periods["left"], np.asarray(times, dtype=float))


def in_type_at(rows: Rows, name: str, times: Sequence[float] | Floats) -> npt.NDArray[np.int64]:
    placements = rows.placements
    here = placements.code("type") == type_code(name)
    started, ended = placements["started"][here], placements["ended"][here]
    return _present(started, ended, np.asarray(times, dtype=float))


def _present(started: Floats, ended: Floats, times: Floats) -> npt.NDArray[np.int64]:
    begun = np.searchsorted(np.sort(started), times, side="right")
    over = np.searchsorted(np.sort(ended), times, side="right")
    return begun - over


def sorted_rows(table: Table, *columns: str) -> Floats:
    return table.values[np.lexsort([table[name] for name in reversed(columns)])]


def placements_of(rows: Rows, child: int) -> Floats:
    """A child's placements in order."""
    table = rows.placements
    own = table.values[table["child"] == child]
    return own[np.argsort(own[:, table.columns.index("started")], kind="stable")]


# ---- Tolerances --------------------------------------------------------------------------------

WITHIN = 4.0
"""Standard errors by which a mean may miss: set before looking. Seeds are fixed, and a right model
misses it once in ten thousand tests or so."""


def mean_and_error(values: Sequence[float] | Floats) -> tuple[float, float]:
    """Mean of independent replications and its standard error."""
    array = np.asarray(values, dtype=float)
    return float(array.mean()), float(array.std(ddof=1) / np.sqrt(len(array)))


def close(values: Any, exact: float) -> None:
    """The mean of independent values is within `WITHIN` of its own standard errors."""
    mean, error = mean_and_error(values)
    assert abs(mean - exact) <= WITHIN * error, f"{mean:.4f} ± {error:.4f}, on paper {exact:.4f}"


def erlang_b(places: int, load: float) -> float:
    """Share turned away by `places` places under an offered load: the recursion."""
    blocked = 1.0
    for n in range(1, places + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked
