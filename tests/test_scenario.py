from __future__ import annotations

import pickle
from datetime import date
from functools import lru_cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sufficiency.scenario import (
    AgeRange,
    Distribution,
    Edit,
    Emergency,
    FrozenDict,
    Home,
    Scenario,
    Surge,
    Validation,
    approvals_per_year,
    as_tree,
    edit_tree,
    entries_by_age,
    get_value,
    households_on_day_one,
    past,
    remands_per_year,
    uasc_flows,
    with_edits,
    with_values,
)
from sufficiency.scenario_file import load


@lru_cache
def england() -> Scenario:
    return load("england").scenario


def test_a_scenario_is_frozen_all_through() -> None:
    scenario = england()
    with pytest.raises(ValidationError):
        scenario.years = 3.0  # type: ignore[misc]  # the mistake is what is tested
    with pytest.raises(TypeError, match="with_values"):
        scenario.prices.weekly["ifa"] = 1.0  # type: ignore[index]  # the mistake is what is tested
    with pytest.raises(TypeError):
        scenario.homes[0] = scenario.homes[1]  # type: ignore[index]  # the mistake is what is tested


def test_a_scenario_travels_to_workers_and_through_its_tree_unchanged() -> None:
    assert pickle.loads(pickle.dumps(england())) == england()
    assert Scenario.model_validate(as_tree(england())) == england()
    assert isinstance(pickle.loads(pickle.dumps(england().prices.weekly)), FrozenDict)


def test_values_are_found_by_the_names_of_the_file() -> None:
    surge = Surge.model_validate(
        {"from": date(2026, 1, 1), "to": date(2026, 2, 1), "extra_children": 3, "stream": "uasc"}
    )
    assert get_value(surge, "from") == date(2026, 1, 1)
    assert get_value(england(), "homes.1.name") == england().homes[1].name
    assert get_value(england(), "stays.pathways.1-4") is england().stays.pathways["1-4"]
    for path in ("homes.9", "homes.x", "fostering.nothing", "start.year"):
        with pytest.raises(KeyError):
            get_value(england(), path)


def test_with_values_makes_a_new_scenario_and_validates_it() -> None:
    new = with_values(england(), {"fostering.match_chance": 0.2, "prices.weekly.ifa": 950})
    assert new.fostering.match_chance == 0.2
    assert new.prices.weekly["ifa"] == 950
    assert england().fostering.match_chance != 0.2
    with pytest.raises(ValidationError):
        with_values(england(), {"fostering.match_chance": 1.2})


@pytest.mark.parametrize(
    "path", ["fostering.nothing", "nothing", "homes.7", "homes.x", "ifa.places.deep", "name.x.y"]
)
def test_an_edit_of_a_path_that_does_not_exist_is_a_key_error(path: str) -> None:
    with pytest.raises(KeyError):
        with_values(england(), {path: 1})


def test_edits_set_append_and_add_up_in_order() -> None:
    home = {"name": "New", "registered": 2, "usable": 2}
    edits = (
        Edit(action="set", path="emergency.beds", value=2),
        Edit(action="add", path="emergency.beds", value=3),
        Edit(action="add", path="homes", value=[home]),
    )
    new = with_edits(england(), edits)
    assert new.emergency.beds == 5
    assert [h.name for h in new.homes[-1:]] == ["New"]
    assert len(england().homes) == len(new.homes) - 1
    with pytest.raises(KeyError, match="no value to add to"):
        edit_tree(as_tree(england()), (Edit(action="add", path="ifa.places", value=3),))


def test_no_edit_is_the_same_scenario() -> None:
    assert with_edits(england(), ()) is england()


@given(st.floats(0, 1), st.floats(0, 50))
def test_reading_back_what_was_set(share: float, number: float) -> None:
    values = {"fostering.match_chance": share, "fostering.recruitment.number": number}
    new = with_values(england(), values)
    assert {path: get_value(new, path) for path in values} == values


HOME = {"name": "H", "registered": 4, "usable": 3}


@pytest.mark.parametrize(
    ("part", "values", "words"),
    [
        (Home, HOME | {"usable": 5}, "usable .5. is more than registered .4."),
        (Home, HOME | {"awaiting_registration": 2}, "more than registered"),
        (
            Home,
            HOME | {"awaiting_registration": 1, "opens": date(2026, 1, 1)},
            "open on the first day",
        ),
        (
            Home,
            HOME | {"opens": date(2026, 1, 1), "closes": date(2025, 1, 1)},
            "closes .* before it opens",
        ),
        (
            Home,
            HOME
            | {"opens": date(2026, 1, 1), "closes": date(2026, 6, 1)}
            | {"registration_delay_months": 5.0},
            "closes .* before it is registered, 5 months",
        ),
        (Home, HOME | {"youngest": 12, "oldest": 11}, "ages 12 to 11 cover nobody"),
        (AgeRange, {"youngest": 18, "oldest": 18, "share": 1.0}, "cover nobody under 18"),
        (Emergency, {"beds": 1, "maximum_nights": 5, "youngest": 3, "oldest": 2}, "cover nobody"),
        (
            Validation,
            {"start": date(2023, 4, 1), "children_in_care": 3, "uasc_in_care": 4},
            "uasc_in_care: is more than children_in_care",
        ),
        (Distribution, {"distribution": "lognormal", "sigma": 1.0}, "median_days or mean_days"),
        (Distribution, {"distribution": "gamma", "mean_days": 3}, "gamma needs shape"),
        (Distribution, {"distribution": "empirical"}, "empirical needs days"),
        (
            Distribution,
            {"distribution": "piecewise_constant", "hazards_per_day": [0.1, 0.2]},
            "one entry fewer",
        ),
        (
            Distribution,
            {
                "distribution": "piecewise_constant",
                "hazards_per_day": [0.1, 0.2, 0.1],
                "breaks_days": [9, 3],
            },
            "must increase",
        ),
        (
            Distribution,
            {
                "distribution": "piecewise_constant",
                "hazards_per_day": [0.1, 0.0],
                "breaks_days": [9],
            },
            "never end",
        ),
    ],
)
def test_rules_between_settings(part: Any, values: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        part.model_validate(values)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"authority.uasc_in_care": 500}, "uasc_in_care is more than"),
        ({"fostering.staying_put": {"18": 0.3, "19": 0.4, "20": 0.1}}, "none above the one before"),
        ({"moves.causes": {"planned": 0.5, "breakdown": 0.6}}, "add up to 1.1"),
        ({"placement.need.uasc.complex": 0.5}, "add up to 1"),
        ({"stays.pathways.1-4.long": 0.9}, "pathway shares must add up to 1"),
        ({"fostering.profile.age_ranges.0.share": 0.5}, "age ranges must add up to 1"),
        ({"homes": [HOME, HOME]}, "two homes are called 'H'"),
        ({"years": True}, "valid number"),
        ({"replications": 2.0}, "valid integer"),
        ({"demand.trend_per_year": float("nan")}, "finite"),
    ],
)
def test_rules_of_the_whole_scenario(values: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        with_values(england(), values)


def test_households_and_approvals_follow_the_children_unless_stated() -> None:
    size = {"authority.children_in_care": 200, "fostering.households_per_100_in_care": 20}
    followed = with_values(england(), size | {"fostering.approvals_per_100_in_care": 3})
    assert households_on_day_one(followed) == 40
    assert approvals_per_year(followed) == pytest.approx(6)
    stated = with_values(followed, {"fostering.households": 50, "fostering.approvals_per_year": 4})
    assert households_on_day_one(stated) == 50
    assert approvals_per_year(stated) == 4


def test_entries_come_from_rates_a_population_or_a_published_number() -> None:
    rates = with_values(england(), {"authority.children_in_care": 200})
    by_rate = entries_by_age(rates)
    assert by_rate == pytest.approx(
        {age: 2 * rate for age, rate in england().demand.entries_per_100_in_care.items()}
    )
    by_population = entries_by_age(
        with_values(
            rates,
            {"authority.child_population": 40_000, "demand.entries_per_10000_children": 10},
        )
    )
    # England's remands: 0.6 per 100 in care, 1.2 of 200, are among those published.
    assert remands_per_year(rates) == pytest.approx(1.2)
    assert sum(by_population.values()) == pytest.approx(40 - 1.2)
    published = with_values(rates, {"demand.entries_per_year": 60})
    others = sum(uasc_flows(published)) + 1.2
    assert sum(entries_by_age(published).values()) == pytest.approx(60 - others)
    for other in (by_population, entries_by_age(published)):
        shares = {age: n / sum(other.values()) for age, n in other.items()}
        assert shares == pytest.approx({a: n / sum(by_rate.values()) for a, n in by_rate.items()})


def test_fewer_entries_than_uasc_leave_none_for_others() -> None:
    scenario = with_values(england(), {"demand.entries_per_year": 1})
    assert sum(entries_by_age(scenario).values()) == 0


def test_the_flow_of_uasc_is_split_into_direct_and_transferred() -> None:
    values = {
        "demand.uasc.per_100_in_care": 5,
        "demand.uasc.transfer_scheme.share_of_uasc": 0.4,
        "authority.children_in_care": 200,
    }
    direct, transferred = uasc_flows(with_values(england(), values))
    assert direct + transferred == pytest.approx(10)
    assert transferred == pytest.approx(4)
    own = with_values(
        england(),
        {"demand.uasc.direct_per_year": 7, "demand.uasc.transfer_scheme.transfers_per_year": 2},
    )
    assert uasc_flows(own) == (7, 2)


def test_the_past_has_its_own_children_and_none_of_the_plans_for_the_run() -> None:
    surge = {"from": date(2026, 4, 1), "to": date(2026, 5, 1), "extra_children": 3}
    of_the_run = {
        "changes": [{"on": date(2026, 4, 1), "path": "ifa.market", "to": 0.5}],
        "demand.surges": [surge | {"stream": "uasc"}],
        "authority.uasc_in_care": 30,
        "validation": {
            "start": date(2023, 4, 1),
            "children_in_care": 440,
            "set": {"fostering.households": 60, "homes.0.usable": 2},
        },
    }
    scenario = with_values(england(), of_the_run)
    then = past(scenario)
    assert (then.start, then.years, then.seed) == (date(2023, 4, 1), 1.0, scenario.seed)
    assert (then.authority.children_in_care, then.authority.uasc_in_care) == (440, None)
    assert (then.fostering.households, then.homes[0].usable) == (60, 2)
    assert (then.changes, then.demand.surges) == ((), ())
    assert then.placement == scenario.placement
    assert past(england()) is england()
