"""Children in care on the first day whom a file gives: where they live, and when they leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pytest
from corners import england, run
from scipy import stats

from sufficiency import experiment
from sufficiency.rows import CAUSES, GROUPS, KINDS, REASONS, TYPES, Rows
from sufficiency.scenario import NOT_KNOWN, ChildrenGiven, Scenario, Study, with_values
from sufficiency.simulation.arrivals import Children
from sufficiency.simulation.demand import children_of
from sufficiency.simulation.streams import Streams
from sufficiency.simulation.system import simulate
from sufficiency.simulation.timeline import history_of, timeline
from sufficiency.stays import YEAR, length_of_stay, quantile
from sufficiency.vocabulary import MoveCause

APRIL = date(2025, 4, 1)
MOVE_ON = CAUSES.index(MoveCause.MOVE_ON)
PLACES: dict[str, Sequence[str]] = {
    "entry_group": [g.value for g in GROUPS],
    "type": [t.value for t in TYPES],
    "ethnicity": ["white", "mixed", "asian", "black", "other"],
}


def given_children(rows: Sequence[Mapping[str, Any]]) -> ChildrenGiven:
    """Children of a file; dates as days before the first day, what is left out is not known."""
    columns: dict[str, list[int]] = {name: [] for name in ChildrenGiven.COLUMNS}
    for row in rows:
        for name, values in columns.items():
            value = row.get(name)
            if value is None:
                values.append(NOT_KNOWN)
            elif name in PLACES:
                values.append(PLACES[name].index(value))
            elif name in ("in_area", "over_20_miles"):
                values.append(int(value))
            else:
                values.append(APRIL.toordinal() - int(value))
    return ChildrenGiven({name: np.array(values) for name, values in columns.items()})


def with_children(given: ChildrenGiven, base: Scenario | None = None, **more: Any) -> Scenario:
    values = {
        "warm_up_years": 0.0,
        "authority.children_in_care": given.children,
        "authority.uasc_in_care": given.uasc,
        "authority.children": {"file": given},
        **more,
    }
    return with_values(base or england(), values)


def teenagers(count: int, elapsed: int, **more: Any) -> list[dict[str, Any]]:
    """Children who entered as many days ago at 13."""
    born = elapsed + int(13.5 * YEAR)
    row = {"entered": elapsed, "born": born, "entry_group": "10-15", "type": "ifa"}
    return [{**row, **more}] * count


def drawn(scenario: Scenario, replication: int = 1, baseline: Scenario | None = None) -> Children:
    line = timeline(scenario, history_of(scenario, baseline or scenario))
    streams = Streams(scenario.seed, replication)
    everybody = children_of(line, streams, 0.0, scenario.years * YEAR)
    return everybody.chosen(everybody.entered < 0)


def on_day_0(rows: Rows) -> Mapping[int, dict[str, float]]:
    """Each child's placement on the first day."""
    table = rows.placements
    here = np.flatnonzero((table["started"] <= 0) & (table["ended"] > 0))
    return {
        int(table["child"][i]) // 4: {name: float(table[name][i]) for name in table.columns}
        for i in here
    }


# ---- Where they live ---------------------------------------------------------------------------

MIX = {
    "in_house": 26, "ifa": 24, "kinship": 16, "home_external": 11, "supported": 9, "parents": 6,
    "adoption": 2, "unregistered": 1, "secure": 1, "other": 3, "emergency_bed": 1,
}  # fmt: skip


def usual_mix(times: int) -> list[dict[str, Any]]:
    rng = np.random.default_rng(times)
    rows = []
    for held, share in MIX.items():
        for _ in range(share * times):
            age = float(rng.uniform(16.1, 17.8) if held == "supported" else rng.uniform(4, 15.5))
            if held == "adoption":
                age = 3.0
            in_care = float(rng.uniform(0.1, min(age, 3.0) - 0.05))
            elapsed = max(int(in_care * YEAR), 2)
            at_entry = (int(age * YEAR) - elapsed) / YEAR
            group = ["under_1", "1-4", "5-9", "10-15", "16-17"][
                int(np.searchsorted([1, 5, 10, 16], at_entry, side="right"))
            ]
            rows.append(
                {
                    "entered": elapsed,
                    "born": int(age * YEAR),
                    "entry_group": group,
                    "type": held,
                    "placement_started": int(rng.integers(1, elapsed + 1)),
                    "ethnicity": str(rng.choice(PLACES["ethnicity"])),
                    "in_area": bool(rng.random() < 0.5),
                }
            )
    return rows


@pytest.mark.parametrize("replication", [0, 1, 2])
def test_on_the_first_day_everybody_lives_where_the_file_says(replication: int) -> None:
    rows = usual_mix(4)
    scenario = with_children(given_children(rows), **{"emergency.beds": 4})
    found = on_day_0(run(scenario, replication))
    assert len(found) == len(rows)
    for place, row in enumerate(rows):
        now = found[place]
        assert TYPES[int(now["type"])].value == row["type"], place
        assert now["started"] == -row["placement_started"]
        assert now["in_area"] == float(row["in_area"])
        assert now["over_20_miles"] in ((0.0,) if row["in_area"] else (0.0, 1.0))


def test_the_measured_number_in_care_and_by_type_is_that_of_the_file(tmp_path: Any) -> None:
    rows = usual_mix(1)
    scenario = with_children(
        given_children(rows), years=1.0, replications=3, **{"emergency.beds": 1}
    )
    results = experiment.run(Study(scenario=scenario), jobs=1, out=tmp_path / "one")
    first = "2025-04-01"
    assert results.futures("children_in_care")[first].tolist() == [len(rows)] * 3
    for held in ("ifa", "kinship", "supported", "home_external"):
        wanted = [float(MIX[held])] * 3
        assert results.futures("children_in_care", f"type={held}")[first].tolist() == wanted
    again = experiment.run(Study(scenario=scenario), jobs=2, out=tmp_path / "two")
    np.testing.assert_array_equal(results.by_replication, again.by_replication)


def test_what_the_file_says_of_a_child_is_kept() -> None:
    rows = usual_mix(2)
    scenario = with_children(given_children(rows))
    periods = run(scenario).care_periods
    here = periods["entered"] < 0
    order = np.argsort(periods["child"][here])
    for name, wanted in (
        ("entered", [-r["entered"] for r in rows]),
        ("born", [-r["born"] for r in rows]),
        ("group", [PLACES["entry_group"].index(r["entry_group"]) for r in rows]),
        ("ethnicity", [PLACES["ethnicity"].index(r["ethnicity"]) for r in rows]),
    ):
        assert periods[name][here][order].tolist() == wanted, name


def test_nobody_in_the_file_was_placed_by_a_search() -> None:
    rows = run(with_children(given_children(usual_mix(1)), years=0.1))
    assert not (rows.searches["needed"] <= 0).any()


def test_in_house_children_live_with_households_that_have_places() -> None:
    scenario = with_children(given_children(usual_mix(4)))
    rows = run(scenario, 2)
    households = rows.households
    places = dict(zip(households["household"].tolist(), households["places"].tolist(), strict=True))
    held = [p for p in on_day_0(rows).values() if TYPES[int(p["type"])].value == "in_house"]
    assert len(held) == 4 * MIX["in_house"]
    with_whom = np.array([p["provider"] for p in held])
    alone = np.array([p["solo"] for p in held]) > 0
    for household in np.unique(with_whom):
        here = with_whom == household
        assert here.sum() <= places[household]
        assert here.sum() == 1 or not alone[here].any()


def test_those_for_whom_there_is_no_household_begin_with_an_agency() -> None:
    rows = teenagers(30, 400, type="in_house", placement_started=100)
    few = {"fostering.households": 5}
    found = on_day_0(run(with_children(given_children(rows), **few)))
    types = [TYPES[int(p["type"])].value for p in found.values()]
    assert 5 <= types.count("in_house") <= 20  # all places of five households
    more = on_day_0(run(with_children(given_children(rows), **{"fostering.households": 40}), 2))
    assert {TYPES[int(p["type"])].value for p in more.values()} == {"in_house"}
    assert types.count("in_house") + types.count("ifa") == 30


def test_own_homes_take_those_who_live_in_them_and_no_more_than_they_have_places() -> None:
    home = {"name": "Ours", "registered": 3, "usable": 3, "youngest": 10, "oldest": 17}
    rows = teenagers(5, 400, type="home_own", placement_started=50)
    found = on_day_0(run(with_children(given_children(rows), homes=[home])))
    types = [TYPES[int(p["type"])].value for p in found.values()]
    assert types.count("home_own") == 3
    assert types.count("home_own") + types.count("home_external") == 5


def test_plans_are_those_of_the_type() -> None:
    found = on_day_0(run(with_children(given_children(usual_mix(2)))))
    kinds = {(TYPES[int(p["type"])].value, KINDS[int(p["planned"])].value) for p in found.values()}
    assert {("ifa", "foster"), ("in_house", "foster"), ("kinship", "kin")} <= kinds
    assert ("home_external", "foster") in kinds  # some are there for want of a carer
    assert {kind for held, kind in kinds if held == "supported"} == {"supported"}


# ---- Moving on ---------------------------------------------------------------------------------


def test_a_placement_that_has_lasted_goes_on_by_the_rest_of_its_hazard() -> None:
    """One hazard, so the rest of it is exponential whatever has passed; kin make no other moves."""
    values = {
        "moves.hazard_per_day": [0.004] * 8,
        "moves.scale": 1.0,
        "moves.frailty_variance": 0.0,
        "moves.age_factor": dict.fromkeys(("under_5", "5-9", "10-15", "16-17"), 1.0),
        "moves.kind_factor": dict.fromkeys(("foster", "home", "kin", "supported", "other"), 1.0),
        "moves.causes": {"planned": 0.0, "breakdown": 0.0, "other": 1.0},
        "moves.move_on_share": 0.0,
        "years": 2.0,
    }
    given = given_children(teenagers(600, 900, type="kinship", placement_started=800))
    rows = run(with_children(given, **values))
    table = rows.placements
    first = table["started"] == -800
    left = dict(zip(rows.care_periods["child"], rows.care_periods["left"], strict=True))
    last = np.array([min(left[child], rows.until) for child in table["child"][first]])
    moved = table["ended"][first] < last - 1e-9
    exposed = np.minimum(table["ended"][first], last).sum()
    rate = moved.sum() / exposed
    assert abs(rate - 0.004) < 4 * np.sqrt(moved.sum()) / exposed


def test_who_has_not_moved_for_long_is_less_likely_to_move() -> None:
    """Frailties are gamma: given no move while the hazard came to H, the mean is 1 / (1 + v H)."""
    variance, hazard = 0.5, 0.002
    values = {
        "moves.hazard_per_day": [hazard] * 8,
        "moves.scale": 1.0,
        "moves.frailty_variance": variance,
        "moves.age_factor": dict.fromkeys(("under_5", "5-9", "10-15", "16-17"), 1.0),
        "moves.kind_factor": dict.fromkeys(("foster", "home", "kin", "supported", "other"), 1.0),
        "moves.causes": {"planned": 0.0, "breakdown": 0.0, "other": 1.0},
        "moves.move_on_share": 0.0,
        "years": 0.1,
    }
    given = given_children(teenagers(1500, 1000, type="kinship", placement_started=1000))
    rows = run(with_children(given, **values))
    table = rows.placements
    first = table["started"] == -1000
    left = dict(zip(rows.care_periods["child"], rows.care_periods["left"], strict=True))
    last = np.array([min(left[child], rows.until) for child in table["child"][first]])
    moved = (table["ended"][first] < last - 1e-9).sum()
    exposed = np.minimum(table["ended"][first], last).sum()
    expected = exposed * hazard / (1 + variance * hazard * 1000)
    assert expected == pytest.approx(moved, abs=4 * np.sqrt(expected))
    assert expected < 0.6 * exposed * hazard


@pytest.mark.parametrize("option_share", [0.6, 0.3])
def test_who_has_not_moved_on_yet_moves_on_as_often_as_all_who_have_not(
    option_share: float,
) -> None:
    """Of 1,000 in care at 16 of whom six in ten move on, after a year 700 have not; 300 will."""
    usual = {
        "moves.move_on_share": 0.6,
        "moves.scale": 0.0,
        "moves.adoption_stage": {"distribution": "exponential", "mean_days": 1.0},
        "stays.every_child": {"distribution": "exponential", "mean_days": 1e7},
        "external_homes.closing_per_year": 0.0,
        "years": 1.2,
    }
    count = 1000
    row = {"entered": 900, "born": int(17 * YEAR), "entry_group": "10-15", "type": "kinship"}
    base = with_children(given_children([row] * count), **usual)
    option = with_values(base, {"moves.move_on_share": option_share})
    table = simulate(option, history=base, replication=1).placements
    to_supported = (table.code("cause") == MOVE_ON) & (table["started"] > 0)
    moved = len(np.unique(table["child"][to_supported & (table["child"] < 4 * count)]))
    expected = count * option_share * 0.5 / (1 - 0.6 * 0.5)
    assert abs(moved - expected) < 4 * np.sqrt(expected * (1 - expected / count))


def test_own_homes_hold_as_many_as_the_file_says_even_who_would_live_alone() -> None:
    names = ("A", "B")
    homes = [{"name": name, "registered": 3, "usable": 3} for name in names]
    complex_needs = {
        "homes": homes,
        "placement.solo": {"standard": 1.0, "enhanced": 1.0, "complex": 1.0},
        "years": 0.1,
    }
    rows = teenagers(6, 400, type="home_own")
    found = on_day_0(run(with_children(given_children(rows), **complex_needs)))
    assert [TYPES[int(p["type"])].value for p in found.values()] == ["home_own"] * 6


# ---- When they leave ---------------------------------------------------------------------------


def test_the_rest_of_stays_is_as_of_those_who_entered_then_and_are_still_there() -> None:
    """Nobody is adopted here, so that the type of placement says nothing of the stay."""
    pathways = {
        age: {"short": 0.5, "court": 0.2, "adoption": 0.0, "long": 0.3}
        for age in england().stays.pathways
    }
    base = with_values(england(), {"stays.pathways": pathways})
    elapsed, count = 250, 4000
    scenario = with_children(given_children(teenagers(count, elapsed)), base)
    days = drawn(scenario).left + elapsed
    rng = np.random.default_rng(1)
    age = np.full(200_000, float(int(13.5 * YEAR)))
    whole, _ = length_of_stay(base, 3, age, *rng.random((2, 200_000)))
    assert (days > elapsed).all()
    assert stats.ks_2samp(days, whole[whole > elapsed]).pvalue > 1e-3


def test_children_not_with_adopters_yet_have_the_stays_of_those_not_there_yet() -> None:
    """By brute force: stays and stages from entry, kept where neither is over on the first day."""
    elapsed, count = 500, 6000
    rows = [{"entered": elapsed, "born": elapsed + 100, "entry_group": "under_1", "type": "ifa"}]
    scenario = with_children(given_children(rows * count))
    found = drawn(scenario)
    rng = np.random.default_rng(2)
    whole, pathway = length_of_stay(scenario, 0, np.full(200_000, 100.0), *rng.random((2, 200_000)))
    stage = quantile(scenario.moves.adoption_stage, rng.random(200_000))
    there = (whole > elapsed) & ~((pathway == 2) & (whole - stage <= elapsed))
    adopted = np.array([REASONS[r].value == "adopted" for r in found.reason])
    share = (pathway[there] == 2).mean()
    assert abs(adopted.mean() - share) < 4 * np.sqrt(share * (1 - share) * (1 / count + 2e-5))
    assert stats.ks_2samp(found.left + elapsed, whole[there]).pvalue > 1e-3


def test_children_with_adopters_leave_by_adoption_after_the_rest_of_the_stage() -> None:
    since, count = 150, 3000
    rows = [
        {
            "entered": 600, "born": 700, "entry_group": "under_1", "type": "adoption",
            "placement_started": since,
        }
    ]  # fmt: skip
    scenario = with_children(given_children(rows * count))
    found = drawn(scenario)
    assert {REASONS[r].value for r in found.reason} == {"adopted"}
    stage = stats.gamma(4, scale=198 / 4)
    share = stage.sf(found.left + since) / stage.sf(since)
    assert stats.kstest(share, "uniform").pvalue > 1e-3
    held = on_day_0(run(with_values(scenario, {"years": 0.1})))
    assert {TYPES[int(p["type"])].value for p in held.values()} == {"adoption"}


def test_stays_by_group_count_for_children_already_in_care() -> None:
    stay = {
        "breaks_days": [365.25],
        "leaving_per_year": [5.0, 0.8],
        "reasons": [{"relatives": 1.0}, {"independent": 0.25, "returned_home": 0.75}],
    }
    base = with_values(england(), {"stays.by_group": {"10-15": stay}})
    scenario = with_children(given_children(teenagers(4000, 400)), base)
    found = drawn(scenario)
    early = found.left < 4.5 * YEAR - 400 - 3  # before the 18th birthday
    assert (found.left[early] > 365.25).mean() == pytest.approx(
        (np.exp(-0.8) - np.exp(-0.8 * 3.4)) / (1 - np.exp(-0.8 * 3.4)), abs=0.04
    )
    names = [REASONS[r].value for r in found.reason[early]]
    assert names.count("independent") / len(names) == pytest.approx(0.25, abs=0.03)
    assert set(names) == {"independent", "returned_home"}


def test_unaccompanied_children_in_care_stay_unaccompanied() -> None:
    rows = [
        {"entered": 200, "born": int(17.2 * YEAR), "entry_group": "uasc_16-17", "type": "supported"}
    ] * 300
    found = drawn(with_children(given_children(rows)))
    assert (found.pathway == 4).all()
    assert set(found.reason.tolist()) <= {6, 7, 8, 9}
    assert (found.left <= 0.8 * YEAR + 1).all()
    assert (found.left > 0).all()


def test_a_child_whose_birth_is_not_known_is_of_the_entry_group_and_not_18() -> None:
    groups = ("under_1", "1-4", "5-9", "10-15", "16-17", "uasc_under_16", "uasc_16-17")
    rows = [{"entered": 300, "entry_group": group, "type": "ifa"} for group in groups] * 100
    found = drawn(with_children(given_children(rows)))
    age = (found.entered - found.born) / YEAR
    bounds = ((0, 1), (1, 5), (5, 10), (10, 16), (16, 18), (14, 16), (16, 18))
    for place, (low, high) in enumerate(bounds):
        here = age[found.group == place]
        assert len(here) == 100
        assert low <= here.min() < here.max() <= high
    assert (found.born + 18 * YEAR > 0).all()


# ---- Options -----------------------------------------------------------------------------------


def test_options_share_the_children_and_what_becomes_of_them() -> None:
    scenario = with_children(given_children(usual_mix(2)))
    option = with_values(
        scenario,
        {"fostering.recruitment.number": 20.0, "demand.entries_per_year": 250.0},
    )
    one, other = drawn(scenario, 3), drawn(option, 3, scenario)
    for name in ("number", "entered", "left", "born", "reason"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    first = on_day_0(run(scenario, 3))
    assert first.keys() == on_day_0(run(option, 3, baseline=scenario)).keys()


# ---- What does not fit -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"authority.children_in_care": 7}, "says 7, but the file of authority.children has 3"),
        ({"authority.uasc_in_care": 1}, "says 1, but the file of authority.children has 0"),
        ({"warm_up_years": 2.0}, "must be 0 with authority.children"),
        ({"start": date(2024, 1, 1)}, "3 of its rows do not fit the first day"),
    ],
)
def test_what_contradicts_the_file_is_refused(values: dict[str, Any], words: str) -> None:
    scenario = with_children(given_children(teenagers(3, 100)))
    with pytest.raises(ValueError, match=words):
        with_values(scenario, values)


def test_nothing_of_a_child_is_in_what_is_printed() -> None:
    scenario = with_children(given_children(teenagers(3, 100)))
    text = f"{scenario!r} {scenario} {scenario.authority.children}"
    assert "3 children in care on the first day" in text
    assert str(APRIL.toordinal() - 100) not in text


def test_households_there_on_the_first_day_are_not_approved_in_the_first_quarter() -> None:
    rows = run(with_children(given_children(usual_mix(1))), 1)
    approved = rows.households["approved"]
    there = rows.households["origin"] == 0
    assert there.sum() > 20
    assert (approved[there] < 0).all()
