"""A return of eight children over three years, every table worked out with a pencil.

Anna (0) was in care before the first return, and when she entered is not known. Ben (1) entered
before it and was adopted by his carers. Can (2) came unaccompanied. Dan (3) had a week with other
carers, left, and came back. Eva (4) was placed with kin. Finn (5) was remanded. Gus (6) has short
breaks only. Hope (7) lacks the episode with which care began.
"""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from returns_by_hand import a_return, child, episode, rules, told

from sufficiency.history.counting import (
    exits_by_reason,
    moves_by_cause,
    observed,
    placements_started,
    stock,
)
from sufficiency.history.from_return import from_return
from sufficiency.history.reading import read_history
from sufficiency.history.tables import History
from sufficiency.history.truncating import known_on
from sufficiency.ssda903.writing import write_return

CHILDREN = [
    child(0, "2012-05-10"),
    child(1, "2019-07-01", "MWBC"),
    child(2, "2004-12-25", "AOTH", uasc_until="2022-12-25"),
    child(3, "2008-02-29"),
    child(4, "2023-01-02", "BAFR"),
    child(5, "2006-06-15", "REFU"),
    child(6, "2015-01-01"),
    child(7, "2007-09-30", "APKN"),
]
NEAR = {"in_area": True, "miles": 2.0}
FAR = {"in_area": False, "miles": 25.0}
EPISODES = [
    episode(0, "2020-09-15", "2022-06-01", "L", "U4", "PR1", reason="CREQB", **NEAR),
    episode(0, "2022-06-01", None, "P", "U4", "PR4", **FAR),
    episode(1, "2020-11-20", "2021-05-03", "S", "U6", "PR1", legal_status="V2", **NEAR),
    episode(1, "2021-05-03", "2022-02-10", "L", "U6", "PR1", legal_status="C1", **NEAR),
    episode(1, "2022-02-10", "2022-12-01", "U", "A5", "PR1", rec="E11", legal_status="E1", **NEAR),
    episode(2, "2021-08-14", "2021-09-01", "S", "U6", "PR4", reason="CARPL", legal_status="V2"),
    episode(2, "2021-09-01", "2022-12-25", "P", "H5", "PR4", rec="E17", legal_status="V2"),
    episode(3, "2022-01-05", "2022-03-01", "S", "K2", "PR1", reason="OTHER", **NEAR),
    episode(3, "2022-03-01", "2022-03-08", "P", "T3", "", reason="OTHER"),
    episode(3, "2022-03-08", "2022-07-01", "P", "K2", "PR1", reason="CARPL", **NEAR),
    episode(3, "2022-07-01", "2022-09-01", "P", "K2", "PR4", reason="CREQO", **FAR),
    episode(3, "2022-09-01", "2023-02-01", "P", "U5", "PR5", rec="E4A", **NEAR),
    episode(3, "2023-03-20", "2023-05-01", "S", "U6", "PR1", reason="PLACE", **NEAR),
    episode(3, "2023-05-01", None, "P", "U4", "PR1", **NEAR),
    episode(4, "2023-01-04", "2023-01-10", "S", "R2", "PR3", reason="CARPL", legal_status="L1"),
    episode(4, "2023-01-10", "2023-12-20", "B", "U1", "PR1", rec="E45", legal_status="C1"),
    episode(5, "2023-10-02", "2023-11-11", "S", "R5", "PR3", rec="E14", legal_status="J1"),
    episode(6, "2022-05-06", "2022-05-08", "S", "U6", "PR1", rec="E8", legal_status="V4"),
    episode(6, "2022-06-06", "2022-06-08", "S", "U6", "PR1", rec="E8", legal_status="V3"),
    episode(7, "2022-05-01", "2023-09-05", "L", "U4", "PR2", reason="CLOSE", **NEAR),
    episode(7, "2023-09-05", "2023-10-15", "P", "K2", "PR4", reason="CARPL", **FAR),
    episode(7, "2023-10-15", None, "P", "K3", "PR4", in_area=True, miles=3.0),
]


@pytest.fixture(scope="module")
def history() -> History:
    return from_return(a_return(CHILDREN, EPISODES))


def test_children_are_those_who_were_ever_in_care(history: History) -> None:
    assert told(history.children, "child", "born", "ethnicity", "uasc") == [
        (0, "2012-05-10", "white", False),
        (1, "2019-07-01", "mixed", False),
        (2, "2004-12-25", "asian", True),
        (3, "2008-02-29", "white", False),
        (4, "2023-01-02", "black", False),
        (5, "2006-06-15", "", False),
        (7, "2007-09-30", "asian", False),
    ]


def test_periods_of_care(history: History) -> None:
    columns = ("child", "entered", "left", "reason", "entry_group", "stream", "dated")
    assert told(history.care, *columns) == [
        (0, "2020-09-15", None, "", "5-9", "non_uasc", False),
        (1, "2020-11-20", "2022-12-01", "adopted", "1-4", "non_uasc", True),
        (2, "2021-08-14", "2022-12-25", "turned_18", "uasc_16-17", "uasc", True),
        (3, "2022-01-05", "2023-02-01", "returned_home", "10-15", "non_uasc", True),
        (3, "2023-03-20", None, "", "10-15", "non_uasc", True),
        (4, "2023-01-04", "2023-12-20", "special_guardianship", "under_1", "non_uasc", True),
        (5, "2023-10-02", "2023-11-11", "other", "16-17", "non_uasc", True),
        (7, "2022-05-01", None, "", "10-15", "non_uasc", True),
    ]
    assert told(history.care, "legal_status", "remand")[4:7] == [
        ("C2", False),
        ("L1", False),
        ("J1", True),
    ]


def test_placements_with_one_carer(history: History) -> None:
    columns = ("child", "order", "started", "ended", "first_type", "type", "cause", "dated")
    assert told(history.placements, *columns) == [
        (0, 1, "2020-09-15", "2022-06-01", "in_house", "in_house", "breakdown", False),
        (0, 2, "2022-06-01", None, "ifa", "ifa", "", True),
        (1, 1, "2020-11-20", "2022-12-01", "in_house", "adoption", "left_care", True),
        (2, 1, "2021-08-14", "2021-09-01", "ifa", "ifa", "move_on", True),
        (2, 2, "2021-09-01", "2022-12-25", "supported", "supported", "left_care", True),
        (3, 1, "2022-01-05", "2022-07-01", "home_own", "home_own", "planned", True),
        (3, 2, "2022-07-01", "2022-09-01", "home_external", "home_external", "breakdown", True),
        (3, 3, "2022-09-01", "2023-02-01", "ifa", "ifa", "left_care", True),
        (3, 1, "2023-03-20", None, "in_house", "in_house", "", True),
        (4, 1, "2023-01-04", "2023-01-10", "other", "other", "planned", True),
        (4, 2, "2023-01-10", "2023-12-20", "kinship", "kinship", "left_care", True),
        (5, 1, "2023-10-02", "2023-11-11", "other", "other", "left_care", True),
        (7, 1, "2022-05-01", "2023-09-05", "ifa", "ifa", "household_left", True),
        (7, 2, "2023-09-05", "2023-10-15", "home_external", "home_external", "move_on", True),
        (7, 3, "2023-10-15", None, "supported", "supported", "", True),
    ]
    assert told(history.placements, "provider", "in_area", "over_20_miles")[:4] == [
        ("PR1", True, False),
        ("PR4", False, True),
        ("PR1", True, False),
        ("PR4", None, None),
    ]


def test_a_change_of_status_is_a_stretch_of_the_same_placement(history: History) -> None:
    of_ben = history.stretches[history.stretches["child"] == 1]
    assert told(of_ben, "order", "started", "ended", "type") == [
        (1, "2020-11-20", "2022-02-10", "in_house"),
        (1, "2022-02-10", "2022-12-01", "adoption"),
    ]


def test_months_with_entries_or_exits(history: History) -> None:
    monthly = history.monthly
    assert len(monthly) == 36 * 2 * 5
    assert told(
        monthly[(monthly["entries"] > 0) | (monthly["exits"] > 0)],
        *("month", "stream", "age_group", "entries", "exits"),
    ) == [
        ("2021-08-01", "uasc", "16-17", 1, 0),
        ("2022-01-01", "non_uasc", "10-15", 1, 0),
        ("2022-05-01", "non_uasc", "10-15", 1, 0),
        ("2022-12-01", "non_uasc", "1-4", 0, 1),
        ("2022-12-01", "uasc", "16-17", 0, 1),
        ("2023-01-01", "non_uasc", "under_1", 1, 0),
        ("2023-02-01", "non_uasc", "10-15", 0, 1),
        ("2023-03-01", "non_uasc", "10-15", 1, 0),
        ("2023-10-01", "non_uasc", "16-17", 1, 0),
        ("2023-11-01", "non_uasc", "16-17", 0, 1),
        ("2023-12-01", "non_uasc", "under_1", 0, 1),
    ]


def test_children_in_care_on_each_31_march(history: History) -> None:
    assert told(history.stock, "date", "stream", "age_group", "type", "children") == [
        ("2022-03-31", "non_uasc", "1-4", "adoption", 1),
        ("2022-03-31", "non_uasc", "5-9", "in_house", 1),
        ("2022-03-31", "non_uasc", "10-15", "home_own", 1),
        ("2022-03-31", "uasc", "16-17", "supported", 1),
        ("2023-03-31", "non_uasc", "under_1", "kinship", 1),
        ("2023-03-31", "non_uasc", "10-15", "in_house", 1),
        ("2023-03-31", "non_uasc", "10-15", "ifa", 2),
        ("2024-03-31", "non_uasc", "10-15", "ifa", 1),
        ("2024-03-31", "non_uasc", "16-17", "in_house", 1),
        ("2024-03-31", "non_uasc", "16-17", "supported", 1),
    ]


def test_who_leaves_on_a_day_is_not_in_care_that_night(history: History) -> None:
    assert stock(history, date(2023, 1, 31))["children"].sum() == 4  # Anna, Dan, Eva, Hope
    assert stock(history, date(2023, 2, 1))["children"].sum() == 3


def test_exits_by_reason(history: History) -> None:
    table = exits_by_reason(history)
    assert len(table) == 36 * 10
    assert told(table[table["exits"] > 0], "month", "reason", "exits") == [
        ("2022-12-01", "adopted", 1),
        ("2022-12-01", "turned_18", 1),
        ("2023-02-01", "returned_home", 1),
        ("2023-11-01", "other", 1),
        ("2023-12-01", "special_guardianship", 1),
    ]


def test_moves_by_cause(history: History) -> None:
    table = moves_by_cause(history)
    assert told(table[table["moves"] > 0], "month", "cause", "moves") == [
        ("2021-09-01", "move_on", 1),
        ("2022-06-01", "breakdown", 1),
        ("2022-07-01", "planned", 1),
        ("2022-09-01", "breakdown", 1),
        ("2023-01-01", "planned", 1),
        ("2023-09-01", "household_left", 1),
        ("2023-10-01", "move_on", 1),
    ]


def test_placements_started_by_type_and_provider(history: History) -> None:
    table = placements_started(history)
    assert told(table[table["placements"] > 0], "month", "type", "provider", "placements") == [
        ("2021-08-01", "ifa", "PR4", 1),
        ("2021-09-01", "supported", "PR4", 1),
        ("2022-01-01", "home_own", "PR1", 1),
        ("2022-05-01", "ifa", "PR2", 1),
        ("2022-06-01", "ifa", "PR4", 1),
        ("2022-07-01", "home_external", "PR4", 1),
        ("2022-09-01", "ifa", "PR5", 1),
        ("2023-01-01", "kinship", "PR1", 1),
        ("2023-01-01", "other", "PR3", 1),
        ("2023-03-01", "in_house", "PR1", 1),
        ("2023-09-01", "home_external", "PR4", 1),
        ("2023-10-01", "other", "PR3", 1),
        ("2023-10-01", "supported", "PR4", 1),
    ]


def test_findings_say_what_was_odd(history: History) -> None:
    assert rules(history) == {
        "goes_on_from_nothing": 1,  # Hope
        "status_only_with_carer_change": 1,  # Dan in May 2023
    }


MEASURED = {
    ("three_or_more_placements", "", "2022-03-31"): 0.0,
    ("three_or_more_placements", "", "2023-03-31"): 1 / 4,  # Dan, over both periods of care
    ("three_or_more_placements", "", "2024-03-31"): 1 / 3,  # Hope
    ("three_or_more_in_two_years", "", "2023-03-31"): 0.0,  # Anna alone: two
    ("three_or_more_in_two_years", "", "2024-03-31"): 0.0,
    ("long_term_stability", "", "2023-03-31"): 0.0,  # Anna alone: moved in June 2022
    ("long_term_stability", "", "2024-03-31"): 0.0,
    ("in_area_share", "", "2023-03-31"): 2 / 3,  # Dan and Hope; Eva's is not known
    ("over_20_miles_share", "", "2023-03-31"): 1 / 3,
    ("over_20_miles_share", "type=ifa", "2023-03-31"): 1 / 2,
    ("children_in_care", "", "2022-03-31"): 4,
    ("children_in_care", "type=ifa", "2023-03-31"): 2,
    ("children_in_care", "age=16-17", "2024-03-31"): 2,
    ("children_in_care", "stream=uasc", "2022-11-30"): 1,
    ("children_in_care", "pathway=remand", "2023-10-31"): 1,
    ("children_in_care", "ethnicity=white", "2023-03-31"): 2,
    ("children_share", "type=ifa", "2023-03-31"): 1 / 2,
    ("entries", "", "2021-22"): 2,
    ("entries", "", "2022-Q1"): 1,
    ("entries", "stream=uasc", "2021-22"): 1,
    ("entries", "age=10-15", "2022-23"): 2,
    ("entries", "pathway=remand", "2023-24"): 1,
    ("exits", "reason=turned_18", "2022-23"): 1,
    ("exits", "", "2023-24"): 2,
    ("moves", "", "2022-23"): 4,
    ("moves", "cause=breakdown", "2022-23"): 2,
    ("moves", "nature=positive", "2023-24"): 1,
    ("positive_moves_share", "", "2022-23"): 2 / 4,
    ("placements_started", "", "2023-24"): 3,  # Dan's change of status in May is none
    ("placement_length_mean", "", "2023-24"): (344 + 40 + 492 + 40) / 4,  # Eva, Finn, Hope twice
    ("placement_length_median", "kind=home", "2023-24"): 40,  # 5 September to 15 October 2023
    ("in_house_share", "", "2023-03-31"): 1 / 3,
    ("own_provision_share", "", "2023-03-31"): 2 / 4,
    ("fostered_share", "", "2023-03-31"): 1.0,
    ("under_12_in_residential", "", "2022-03-31"): 0,
    ("first_placements_in_area_share", "", "2022-23"): 1.0,
    # Nights in the year: Anna 365, Ben 365, Can 230 (from 14 August), Dan 86 (from 5 January).
    ("moves_per_child_year", "", "2021-22"): 365.25 / (365 + 365 + 230 + 86),
}


@pytest.mark.parametrize(("key", "value"), MEASURED.items(), ids=lambda part: str(part))
def test_measures(history: History, key: tuple[str, str, str], value: float) -> None:
    found = observed(history).set_index(["measure", "group", "period"])["value"]
    assert found[key] == pytest.approx(value)


def test_what_hangs_on_time_before_the_first_return_is_left_out(history: History) -> None:
    """Anna's entry is not known: whether she had been in care for 2.5 years in 2022 neither."""
    found = observed(history)
    long_term = found[found["measure"] == "long_term_stability"]
    assert list(long_term["period"]) == ["2023-03-31", "2024-03-31"]
    two_years = found[found["measure"] == "three_or_more_in_two_years"]
    assert list(two_years["period"]) == ["2023-03-31", "2024-03-31"]
    lengths = found[found["measure"] == "placement_length_mean"]  # Anna's first ended in 2022-23
    assert set(lengths["period"]) == {"2021-22", "2023-24"}


def test_what_was_known_on_an_earlier_31_march(history: History) -> None:
    known = known_on(history, date(2022, 3, 31))
    assert known.last == date(2022, 3, 31)
    assert list(known.children["child"]) == [0, 1, 2, 3]
    assert told(known.care, "child", "left", "reason") == [(n, None, "") for n in range(4)]
    assert told(known.placements, "child", "order", "ended", "type", "cause") == [
        (0, 1, None, "in_house", ""),
        (1, 1, None, "adoption", ""),
        (2, 1, "2021-09-01", "ifa", "move_on"),
        (2, 2, None, "supported", ""),
        (3, 1, None, "home_own", ""),
    ]
    assert known.monthly["month"].max() == pd.Timestamp("2022-03-01")
    assert known.monthly["exits"].sum() == 0
    assert list(known.stock["date"].unique()) == [pd.Timestamp("2022-03-31")]
    earlier = known_on(history, date(2022, 1, 31))
    assert told(earlier.placements, "child", "type")[1] == (1, "in_house")  # not yet adoption


def test_a_return_from_files_is_the_same_history(history: History, tmp_path: Path) -> None:
    write_return(a_return(CHILDREN, EPISODES), tmp_path / "files")
    read = read_history(tmp_path / "files")
    assert (read.first, read.last, read.gaps) == (history.first, history.last, ())
    columns = ["period", "entered", "left", "reason", "entry_group", "stream", "remand", "dated"]
    pd.testing.assert_frame_equal(read.care[columns], history.care[columns], check_dtype=False)
    columns = ["period", "order", "started", "ended", "type", "cause", "dated", "over_20_miles"]
    pd.testing.assert_frame_equal(
        read.placements[columns], history.placements[columns], check_dtype=False
    )
    pd.testing.assert_frame_equal(read.monthly, history.monthly, check_dtype=False)
