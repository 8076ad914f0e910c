"""Twins: two engines, and another simulator, must tell the same story from the same numbers."""

from __future__ import annotations

from datetime import date
from typing import Any

import ciw
import numpy as np
import pytest
from corners import (
    ONLY_AGENCIES,
    bare,
    camden,
    england,
    run,
    sorted_rows,
    steady,
    type_code,
)

from sufficiency.rows import Rows
from sufficiency.scenario import Scenario, with_values
from sufficiency.simulation.clock import Clock, HeapClock, SimpyClock
from sufficiency.stays import YEAR

TABLES = {
    "care_periods": ("child",),
    "placements": ("child", "started", "ended"),
    "searches": ("child", "needed"),
    "households": ("household",),
    "staying_put": ("child",),
    "beds": ("type", "provider", "started"),
}


def test_events_happen_in_order_of_time_then_in_the_order_they_were_set() -> None:
    def story(clock: Clock) -> list[tuple[float, str, int]]:
        told: list[tuple[float, str, int]] = []

        def tell(who: str, version: int) -> None:
            told.append((clock.now, who, version))
            if who == "first":
                clock.at(clock.now, tell, "at once", 0)
                clock.at(clock.now - 1, tell, "too late", 0)
                clock.at(9.0, tell, "later", 1)

        for time, who in ((5.0, "second"), (-2.5, "first"), (5.0, "third"), (10.0, "never")):
            clock.at(time, tell, who, 7)
        clock.run(10.0)
        assert clock.now == 10.0
        return told

    expected = [
        (-2.5, "first", 7),
        (-2.5, "at once", 0),
        (-2.5, "too late", 0),
        (5.0, "second", 7),
        (5.0, "third", 7),
        (9.0, "later", 1),
    ]
    assert story(HeapClock(-10.0)) == expected
    assert story(SimpyClock(-10.0)) == expected


OPTION: dict[str, Any] = {
    "fostering.recruitment.number": 20.0,
    "emergency.beds": 2,
    "ifa.places": 100,
    "external_homes.places": 40,
    "changes": [
        {"on": date(2026, 10, 1), "path": "fostering.leaving_per_year", "to": 0.25},
        {"on": date(2027, 4, 1), "path": "fostering.match_chance", "to": 0.2},
    ],
}
"""An option in which everything that has events of its own is used."""


def busy(scenario: Scenario) -> Scenario:
    homes = [
        *scenario.model_dump()["homes"],
        {"name": "New", "registered": 3, "usable": 3, "opens": date(2026, 1, 1),
         "registration_delay_months": 6.0, "ramp_months": 3.0, "closes": date(2028, 1, 1)},
    ]  # fmt: skip
    return with_values(scenario, {**OPTION, "homes": homes})


@pytest.mark.parametrize("replication", [1, 2, 3])
@pytest.mark.parametrize("name", ["england", "camden", "busy"])
def test_the_heap_engine_is_the_twin_of_simpy(name: str, replication: int) -> None:
    base = camden() if name == "camden" else england()
    scenario = busy(base) if name == "busy" else base
    one = run(scenario, replication, baseline=base, clock=SimpyClock)
    two = run(scenario, replication, baseline=base, clock=HeapClock)
    assert_same_rows(one, two, 1e-9)


def assert_same_rows(one: Rows, two: Rows, within: float) -> None:
    assert one.state_changes == two.state_changes
    for table, key in TABLES.items():
        a, b = (sorted_rows(getattr(rows, table), *key) for rows in (one, two))
        assert a.shape == b.shape, table
        finite = np.isfinite(a)
        assert (finite == np.isfinite(b)).all(), table
        assert np.abs(a[finite] - b[finite]).max(initial=0.0) <= within, table


# ---- Ciw ---------------------------------------------------------------------------------------


class StayOf(ciw.dists.Distribution):  # type: ignore[misc]  # Ciw has no types
    """The stay of each individual by number, those turned away counted."""

    def __init__(self, stays: list[float]) -> None:
        self.stays = stays

    def sample(self, t: float | None = None, ind: Any = None) -> float:
        return self.stays[ind.id_number - 1]


@pytest.mark.parametrize("waiting", [False, True], ids=["turned away", "waiting"])
def test_ciw_admits_and_discharges_the_same_children(waiting: bool) -> None:
    """The same arrivals and stays in Ciw: one pool of 20 places, with and without a queue.

    Without: an agency with 20 places. With: 20 households, and children who wait unregistered; the
    stay in the household is then what is left, so Ciw is given what our children really had.
    """
    values = {"fostering.households": 20} if waiting else {**ONLY_AGENCIES, "ifa.places": 20}
    stay = {"distribution": "lognormal", "mean_days": 200.0, "sigma": 1.0}
    rows = run(steady(18 / 200 * YEAR, stay, {**values, "years": 15.0}))
    entered, left = rows.care_periods["entered"], rows.care_periods["left"]
    number = rows.care_periods["child"]
    pool = type_code("in_house" if waiting else "ifa")
    here = rows.placements.code("type") == pool
    ours = {
        child: (start, end)
        for child, start, end in zip(
            rows.placements["child"][here],
            rows.placements["started"][here],
            rows.placements["ended"][here],
            strict=True,
        )
    }
    if waiting:
        # Children who left before their turn never joined the households; the rest queue for one.
        joined = np.array([child in ours for child in number])
        entered, left, number = entered[joined], left[joined], number[joined]
        stays = [left[i] - ours[c][0] for i, c in enumerate(number)]
    else:
        stays = (left - entered).tolist()
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Sequential([*np.diff(entered, prepend=0.0), 1e9])],
        service_distributions=[StayOf([*stays, 1.0])],
        number_of_servers=[20],
        queue_capacities=[float("inf") if waiting else 0],
    )
    theirs = ciw.Simulation(network)
    theirs.simulate_until_max_time(rows.until)
    records = theirs.get_all_records()
    served = {r.id_number: r for r in records if r.record_type == "service"}
    assert len(served) > 300
    for place, child in enumerate(number.tolist(), start=1):
        if place in served:
            start, end = ours[child]
            assert served[place].service_start_date == pytest.approx(start, abs=1e-6)
            assert served[place].service_end_date == pytest.approx(end, abs=1e-6)
        elif child in ours:
            # Still there at the end of the run.
            assert np.isinf(ours[child][1])
    turned_away = {r.id_number for r in records if r.record_type == "rejection"}
    ours_away = {i for i, child in enumerate(number.tolist(), start=1) if child not in ours}
    assert turned_away == ours_away
    assert waiting or len(turned_away) > 20


def test_an_empty_authority_is_the_same_in_both_engines() -> None:
    assert_same_rows(run(bare(), clock=SimpyClock), run(bare(), clock=HeapClock), 0.0)
