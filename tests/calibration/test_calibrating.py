from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from known_lives import YEAR, authority_of_moves
from small_history import Life, Stay, history

from sufficiency.calibration.calibrating import calibrate
from sufficiency.calibration.estimates import Calibrated
from sufficiency.history.tables import History
from sufficiency.scenario import Scenario, as_tree
from sufficiency.scenario_file import load
from sufficiency.stays import mean_stay


@pytest.fixture(scope="module")
def england() -> Scenario:
    return load("england").scenario


@pytest.fixture(scope="module")
def past() -> History:
    kinds = {"foster": (0.6, 1.0), "home": (0.2, 0.55), "kin": (0.2, 0.6)}
    rates = (0.0090, 0.0030, 0.0020, 0.0021, 0.0019, 0.0011, 0.0004, 0.0002)
    made = authority_of_moves(
        np.random.default_rng(1), 250, rates, (0.8, 0.9, 1.2, 1.2), kinds, 0.1
    )
    assert made.care is not None
    groups = np.where(made.care["child"] % 4 > 0, "10-15", "5-9").astype(object)
    return replace(made, care=made.care.assign(entry_group=groups))


@pytest.fixture(scope="module")
def found(past: History, england: Scenario) -> Calibrated:
    return calibrate(past, england, bootstrap=20)


def test_no_setting_is_estimated_twice(found: Calibrated) -> None:
    paths = [e.path for e in found.estimates]
    assert len(paths) == len(set(paths))
    assert {"demand.entries_per_100_in_care.10-15", "moves.scale"} <= set(paths)


def test_intervals_hold_their_values(found: Calibrated) -> None:
    seen = [e for e in found.estimates if e.low is not None and e.high is not None]
    assert len(seen) > 100
    assert all(e.low <= e.value <= e.high for e in seen)


def test_values_lie_between_the_local_one_and_the_bases(found: Calibrated) -> None:
    rates = [
        e for e in found.estimates
        if e.path.startswith(("stays.by_group", "demand.entries_per_100"))
        and e.local is not None and e.base is not None
    ]  # fmt: skip
    assert len(rates) > 20
    for e in rates:
        ends = sorted((e.local, e.base))
        assert ends[0] * 0.999 <= e.value <= ends[1] * 1.001
        assert 0 <= e.weight <= 1


def test_the_estimates_make_a_scenario(found: Calibrated, england: Scenario) -> None:
    scenario = Scenario.model_validate(_written(found, as_tree(england)))

    stated = scenario.stays.by_group["10-15"]
    by_path = {e.path: e.value for e in found.estimates}
    assert stated.leaving_per_year[3] == by_path["stays.by_group.10-15.leaving_per_year.3"]
    assert scenario.moves.hazard_per_day[2] == by_path["moves.hazard_per_day.2"]
    assert not scenario.stays.keep_stock_and_flow


def test_the_scenario_keeps_children_as_long_as_the_data_did(
    found: Calibrated, england: Scenario
) -> None:
    scenario = Scenario.model_validate(_written(found, as_tree(england)))
    # All leave at 0.35 a year or at 18, whatever the age; those of 10 to 15 are 2 to 8 years off.
    to_18 = np.linspace(2, 8, 1001)
    truth = ((1 - np.exp(-0.35 * to_18)) / 0.35).mean()
    assert mean_stay(scenario, 3) / YEAR == pytest.approx(truth, rel=0.08)


def _written(found: Calibrated, tree: dict[str, Any]) -> dict[str, Any]:
    """The estimates put into a scenario as plain values."""
    tree["stays"]["by_group"] = {}
    for e in sorted(found.estimates, key=lambda e: [(len(p), p) for p in e.path.split(".")]):
        place: Any = tree
        *steps, last = e.path.split(".")
        for step, following in zip(steps, [*steps[1:], last], strict=True):
            if isinstance(place, list):
                place = _item(place, int(step), {})
            else:
                place = place.setdefault(step, [] if following.isdecimal() else {})
        if isinstance(place, list):
            _item(place, int(last), None)
            place[int(last)] = e.value
        else:
            place[last] = e.value
    return tree


def _item(items: list[Any], place: int, empty: Any) -> Any:
    while len(items) <= place:
        items.append(empty if empty is None else dict(empty))
    return items[place]


def test_the_same_seed_gives_the_same_and_another_gives_other_intervals(
    past: History, england: Scenario, found: Calibrated
) -> None:
    again = calibrate(past, england, bootstrap=20)
    other = calibrate(past, england, bootstrap=20, seed=2)
    assert again.estimates == found.estimates
    assert other.estimates != found.estimates
    assert [e.value for e in other.estimates] == [e.value for e in found.estimates]


def test_tables_set_the_fit_beside_the_data_and_name_nobody(found: Calibrated) -> None:
    assert set(found.tables) == {"survival", "incidence", "groups", "shapes", "moves"}
    for table in found.tables.values():
        assert not {"child", "period", "born"} & set(table.columns)
    survival = found.tables["survival"]
    near = survival[(survival["group"] == "10-15") & (survival["day"] <= 1826)]
    assert len(near) == 7
    assert (abs(near["fitted"] - near["kaplan_meier"]) < 0.03).all()
    assert any("held out" in note for note in found.notes)


def test_counts_alone_give_entries_and_nothing_of_children(england: Scenario) -> None:
    month = pd.date_range("2019-04-01", periods=72, freq="MS")
    monthly = pd.DataFrame({"month": month, "stream": "non_uasc", "age_group": "10-15"}).assign(
        entries=10, exits=np.nan
    )
    found = calibrate(History(date(2019, 4, 1), date(2025, 3, 31), monthly=monthly), england)

    assert {e.path.split(".")[0] for e in found.estimates} == {"demand"}
    assert found.tables == {}


def test_one_child_is_enough_not_to_fail(england: Scenario) -> None:
    one = Life("2012-01-01", "10-15", (Stay("in_house", "2024-01-01", in_area=True),))
    found = calibrate(history(one), england, bootstrap=20)
    hazard = next(e for e in found.estimates if e.path == "stays.by_group.10-15.leaving_per_year.0")
    assert hazard.local == 0
    assert hazard.value < hazard.base
