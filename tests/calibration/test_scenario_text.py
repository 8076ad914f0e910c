from __future__ import annotations

import os
import re
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from small_history import Life, Stay, history

from sufficiency.calibration.calibrating import calibrate
from sufficiency.calibration.cells import share, shares
from sufficiency.calibration.estimates import Calibrated, Estimate
from sufficiency.calibration.prices import price_estimates
from sufficiency.calibration.scenario_text import (
    financial_year,
    scenario_text,
    with_estimates,
    years_of,
)
from sufficiency.calibration.shares import share_estimates
from sufficiency.scenario import Study, as_tree, get_value
from sufficiency.scenario_file import load, load_text


@pytest.fixture(scope="module")
def england() -> Study:
    return load("england")


BEFORE = Stay("in_house", "2023-06-01", "2023-09-01", "planned", True, False)
AFTER = Stay("ifa", "2023-09-01", in_area=False, over_20_miles=True)
PAST = history(
    Life("2011-06-01", "10-15", (BEFORE, AFTER)),
    Life("2008-06-01", "uasc_16-17", (Stay("supported", "2024-08-01"),), ethnicity="asian"),
    Life("2009-06-01", "10-15", (Stay("home_external", "2023-06-01", in_area=False),)),
)


def written(estimates: list[Estimate], base: Study, **more: Any) -> tuple[str, Study]:
    text = scenario_text(Calibrated(tuple(estimates)), PAST, base, name="Somewhere", **more)
    return text, load_text(text, Path("somewhere.yaml"))


def test_own_prices_and_those_of_the_base_are_of_one_year(england: Study) -> None:
    """Of 2025-26: what the base says of other types has grown by its uplift, ranges and all."""
    prices = pd.DataFrame(
        [("ifa", 900.0, 980.0, pd.Timestamp("2025-04-01"))],
        columns=["type", "existing_weekly", "new_weekly", "as_of"],
    )
    estimates = price_estimates(prices, date(2025, 3, 31), england.scenario)
    text, study = written(list(estimates), england)
    rows = {row.path: row for row in study.assumptions}
    stated = study.scenario.prices
    assert (stated.year, stated.weekly["ifa"], stated.existing["ifa"]) == ("2025-26", 980, 900)
    assert rows["prices.weekly.ifa"].source == "own prices"
    home = rows["prices.weekly.home_external"]
    assert (home.low, home.high) == pytest.approx((4500 * 1.06, 9000 * 1.06), abs=0.01)
    assert "uplift" in home.source
    assert stated.allowance == england.scenario.prices.allowance
    assert "weekly.in_house" not in text


def test_the_file_says_what_was_estimated(england: Study) -> None:
    estimates = share_estimates(PAST, england.scenario)
    _, study = written(estimates, england)
    rows = {row.path: row for row in study.assumptions}
    tree = as_tree(study.scenario)
    for estimate in estimates:
        assert get_value(tree, estimate.path) == estimate.value, estimate.path
        row = rows.get(estimate.path) or rows[estimate.path.rpartition(".")[0]]
        assert row.source
        assert row.as_of == "2025-03-31"
        assert row.confidence == estimate.confidence
        if estimate.path in rows and estimate.low is not None:
            assert (row.low, row.high) == (estimate.low, estimate.high)
    assert study.scenario.start.isoformat() == "2025-04-01"
    assert study.scenario.name == "Somewhere"


def test_what_is_not_estimated_is_the_bases(england: Study) -> None:
    _, study = written([Estimate("ifa.in_area", 0.5, 0.4, 0.6, 0.55, 0.31, 30, 0.6)], england)
    changed = dict(as_tree(study.scenario))
    before = as_tree(england.scenario)
    assert changed["ifa"] == before["ifa"] | {"in_area": 0.5}
    assert all(
        changed[section] == before[section]
        for section in before
        if section not in ("ifa", "name", "description")
    )


def test_values_in_memory_are_those_of_the_file(england: Study) -> None:
    estimates = share_estimates(PAST, england.scenario)
    _, study = written(estimates, england)
    ours = as_tree(with_estimates(england.scenario, estimates))
    theirs = as_tree(study.scenario)
    theirs["stays"]["long_stay_factor"] = ours["stays"]["long_stay_factor"]  # stock and flow
    assert ours == theirs | {word: ours[word] for word in ("name", "description")}


def test_a_shrunk_value_says_how_far_it_is_the_authoritys_own(england: Study) -> None:
    text, study = written(
        [Estimate("ifa.in_area", 0.5, 0.4, 0.6, 0.55, 0.31, 30, 0.6, note="k = 20")], england
    )
    row = next(row for row in study.assumptions if row.path == "ifa.in_area")
    assert row.note == "local 0.55, base 0.31, weight 0.6 (n 30); k = 20"
    assert row.source == "own return, 2023-24 to 2024-25"
    assert "Not calibrated" in text


def test_shares_of_a_whole_have_their_ranges_in_the_note(england: Study) -> None:
    ages = [
        Estimate(f"demand.remand.ages.{a}", v, 0.2, 0.8, v, 0.5, 10, 0.3)
        for a, v in (("10-15", 0.25), ("16-17", 0.75))
    ]
    text, study = written(ages, england)
    assert "ages: {value: {10-15: 0.25, 16-17: 0.75}, source" in text
    row = next(row for row in study.assumptions if row.path == "demand.remand.ages")
    assert "10-15 0.2 to 0.8 (local 0.25)" in row.note
    assert row.low is None


def notes_of(estimates: list[Estimate], base: Study) -> dict[str, str]:
    _, study = written(estimates, base)
    return {row.path: row.note for row in study.assumptions if row.source.startswith("own return")}


def test_small_cells_are_not_given_away(england: Study) -> None:
    few = Estimate(
        "demand.uasc.per_100_in_care", 1.5, 1.0, 2.0, 0.77, 1.3, 9.0, 0.6,
        note="3 entered; n is expected", own=3, without_counts="by month",
    )  # fmt: skip
    enough = Estimate(
        "demand.remand.per_100_in_care", 1.5, 1.0, 2.0, 0.77, 1.3, 2.0, 0.6,
        note="5 entered", own=5, without_counts="by month",
    )  # fmt: skip
    notes = notes_of([few, enough], england)
    assert notes[few.path] == "fewer than five of its own: leans on the base; by month"
    assert notes[enough.path] == "local 0.77, base 1.3, weight 0.6 (n 2); 5 entered"
    one = share("ifa.in_area", 29, 30, 0.31)  # the one outside the area
    assert notes_of([one], england)["ifa.in_area"].startswith("fewer than five of its own")


def test_one_small_cell_hides_the_shares_of_its_whole(england: Study) -> None:
    path, usual = "demand.remand.ages", {"10-15": 0.3, "16-17": 0.7}
    for counts, said in (
        ({"10-15": 3, "16-17": 1}, "fewer than five of its own: leans on the base"),
        ({"10-15": 30, "16-17": 4}, "fewer than five of its own in a part"),
        ({"10-15": 34, "16-17": 0}, "fewer than five of its own in a part"),
        ({"10-15": 30, "16-17": 5}, "weight of the local shares 0.636 (n 35)"),
    ):
        estimates = list(shares(path, counts, usual))
        note = notes_of(estimates, england)[path]
        assert note.startswith(said)
        assert ("local 0." in note) is said.startswith("weight")
        values = {e.path.rpartition(".")[2]: e.value for e in estimates}
        scenario = written(estimates, england)[1].scenario
        assert dict(scenario.demand.remand.ages) == values  # the values stay


def test_no_note_of_a_small_authority_quotes_a_small_count(england: Study) -> None:
    found = calibrate(PAST, england.scenario, bootstrap=0).estimates
    text, _ = written(list(found), england)
    quoted = r"\d+ (left before 18|entered|moves to supported|outside the area|children over)"
    assert not re.findall(quoted, text)
    assert not re.findall(r"local [\d.]+, base", text)
    assert any(re.search(quoted, row.note) for row in found)  # which the estimates have


def test_lists_are_written_place_by_place(england: Study) -> None:
    hazards = [
        Estimate(f"moves.hazard_per_day.{i}", h, h / 2, h * 2, unit="anything at all")
        for i, h in enumerate((0.01, 0.004, 0.002, 0.002, 0.001, 0.001, 0.0005, 0.0001))
    ]
    _, study = written(hazards, england)
    assert study.scenario.moves.hazard_per_day[3] == 0.002
    row = next(row for row in study.assumptions if row.path == "moves.hazard_per_day.1")
    assert (row.low, row.high) == (0.002, 0.008)


def test_places_of_a_list_of_which_nothing_was_seen_are_the_bases(england: Study) -> None:
    estimate = Estimate("moves.hazard_per_day.2", 0.5, 0.4, 0.6)
    _, study = written([estimate], england)
    hazards = study.scenario.moves.hazard_per_day
    assert hazards == (0.0090, 0.0030, 0.5, 0.0021, 0.0019, 0.0011, 0.0004, 0.0002)
    assert with_estimates(england.scenario, [estimate]).moves.hazard_per_day == hazards


def test_stays_by_group_are_written_and_not_scaled(england: Study) -> None:
    path = "stays.by_group.10-15"
    estimates = [
        Estimate(f"{path}.breaks_days", [28]),
        Estimate(f"{path}.leaving_per_year.0", 2.0, 1.5, 2.5),
        Estimate(f"{path}.leaving_per_year.1", 0.2, 0.1, 0.3),
        *(
            Estimate(f"{path}.reasons.{i}.{reason}", share, 0.0, 1.0)
            for i in (0, 1)
            for reason, share in (("returned_home", 0.75), ("relatives", 0.25))
        ),
    ]
    _, study = written(estimates, england)
    stay = (study.scenario.stays.by_group or {})["10-15"]
    assert stay.leaving_per_year == (2.0, 0.2)
    assert dict(stay.reasons[1]) == {"returned_home": 0.75, "relatives": 0.25}
    assert study.scenario.stays.keep_stock_and_flow is False


def test_what_a_base_states_instead_is_set_aside(england: Study) -> None:
    camden = load("camden")
    assert camden.scenario.demand.entries_per_year == 109
    estimate = Estimate("demand.entries_per_100_in_care.under_1", 5.0, 4.0, 6.0)
    text = scenario_text(
        Calibrated((estimate,)), PAST, camden, name="Camden again", extends="camden"
    )
    study = load_text(text, Path("again.yaml"))
    assert study.scenario.demand.entries_per_year is None
    assert with_estimates(camden.scenario, [estimate]).demand.entries_per_year is None
    assert england.scenario.demand.entries_per_year is None


def test_counts_have_whole_ranges(england: Study) -> None:
    _, study = written([Estimate("fostering.households", 50, 45.0, 55.0)], england)
    assert study.scenario.fostering.households == 50


@pytest.mark.parametrize("name", ['A "quoted" # place: {x}', "two\nlines: 1", "caf\u00e9 \\ x"])
def test_any_name_is_written_as_it_is(name: str, england: Study) -> None:
    text = scenario_text(Calibrated(()), PAST, england, name=name)
    assert load_text(text, Path("x.yaml")).scenario.name == name


def test_sections_stand_in_the_usual_order(england: Study) -> None:
    estimates = [
        Estimate("ifa.in_area", 0.5),
        Estimate("demand.trend_per_year", 0.0),
        Estimate("authority.children_in_care", 3),
    ]
    text, _ = written(estimates, england)
    places = [text.index(f"\n{name}:") for name in ("authority", "demand", "ifa")]
    assert places == sorted(places)


def test_homes_and_their_dates_are_written(england: Study) -> None:
    opens = date(2026, 1, 1)
    homes = [{"name": "The: Home", "registered": 2, "usable": 2, "opens": opens}]
    _, study = written([Estimate("homes", homes, source="own list of homes")], england)
    assert [home.name for home in study.scenario.homes] == ["The: Home"]
    assert str(study.scenario.homes[0].opens) == "2026-01-01"


def test_years_are_financial_years() -> None:
    assert years_of(PAST) == "2023-24 to 2024-25"
    assert financial_year(date(2025, 3, 31)) == "2024-25"
    assert financial_year(date(2025, 4, 1)) == "2025-26"


def test_files_beside_it_are_named(england: Study, tmp_path: Path) -> None:
    from sufficiency.calibration.children_file import children_text

    children = tmp_path / "x-children.personal-data.csv"
    children.write_text(children_text(PAST), encoding="utf-8")
    estimates = share_estimates(PAST, england.scenario)
    text = scenario_text(
        Calibrated(tuple(estimates)), PAST, england, name="X", children_file=children.name
    )
    study = load_text(text, tmp_path / "x.yaml")
    given = study.scenario.authority.children
    assert given is not None
    assert given.file.children == 3
    assert study.scenario.warm_up_years == 0
    assert os.sep not in text.split("file: {value: ")[1].split(",")[0]


def test_entries_that_are_calibrated_are_not_overruled_by_the_bases_forecast() -> None:
    camden = load("camden")
    assert camden.scenario.demand.forecast is not None
    rates = [
        Estimate(f"demand.entries_per_100_in_care.{age}", 5.0)
        for age in ("under_1", "1-4", "5-9", "10-15", "16-17")
    ]
    _, study = written(rates, camden, extends="camden")
    assert study.scenario.demand.forecast is None
    assert with_estimates(camden.scenario, rates).demand.forecast is None


def test_the_description_is_not_that_of_the_base(england: Study) -> None:
    _, study = written([Estimate("ifa.in_area", 0.5)], england)
    assert study.scenario.description != england.scenario.description
    assert study.scenario.description.startswith("Calibrated from its own return, 2023-24 to")
