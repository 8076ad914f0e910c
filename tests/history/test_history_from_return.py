"""Codes of the return in the words of the model, and what is done where they contradict."""

import pandas as pd
import pytest
from returns_by_hand import a_history, a_return, child, episode, rules, told

from sufficiency.history.from_return import from_return

BORN = "2010-05-01"


def placed(*episodes: dict, born: str = BORN) -> pd.DataFrame:
    return a_history([child(0, born)], episodes).placements


def cared(*episodes: dict, born: str = BORN, uasc_until: str | None = None) -> pd.DataFrame:
    return a_history([child(0, born, uasc_until=uasc_until)], episodes).care


@pytest.mark.parametrize(
    ("place", "provider", "type_"),
    [
        *((place, "PR1", "kinship") for place in ("U1", "U2", "U3")),
        ("U2", "PR4", "kinship"),
        *((place, "PR1", "in_house") for place in ("U4", "U5", "U6")),
        *(("U4", provider, "ifa") for provider in ("PR2", "PR3", "PR4", "PR5")),
        ("K2", "PR1", "home_own"),
        *(("K2", provider, "home_external") for provider in ("PR2", "PR3", "PR4", "PR5")),
        ("K1", "PR4", "secure"),
        *((place, "PR4", "supported") for place in ("K3", "H5", "P2")),
        ("P1", "PR0", "parents"),
        *((place, "PR1", "adoption") for place in ("A3", "A4", "A5", "A6")),
        *((place, "PR3", "other") for place in ("R1", "R2", "R3", "R5", "S1", "P3")),
        *((place, "", "unregistered") for place in ("Z1", "Z11", "Z12", "Z13", "Z14")),
        ("T3", "", "other"),
    ],
)
def test_types_of_placement(place: str, provider: str, type_: str) -> None:
    assert list(placed(episode(0, "2022-01-01", place=place, provider=provider))["type"]) == [type_]


@pytest.mark.parametrize(
    ("rec", "reason"),
    [
        *(("E11", "adopted"), ("E12", "adopted"), ("E2", "other"), ("E3", "other_authority")),
        *(("E4A", "returned_home"), ("E4B", "returned_home"), ("E13", "relatives")),
        *(("E41", "child_arrangements"), ("E5", "independent"), ("E6", "independent")),
        *((f"E{n}", "special_guardianship") for n in range(43, 49)),
        *((rec, "other") for rec in ("E7", "E8", "E9", "E14", "E16", "")),
        ("E15", "age_assessed_18"),
        ("E17", "turned_18"),
    ],
)
def test_reasons_for_leaving(rec: str, reason: str) -> None:
    assert list(cared(episode(0, "2022-01-01", "2022-06-01", rec=rec))["reason"]) == [reason]


@pytest.mark.parametrize(
    ("left", "rec", "reason"),
    [
        ("2023-05-01", "E6", "turned_18"),  # the birthday
        ("2023-04-30", "E5", "turned_18"),  # its eve, as some authorities write it
        ("2023-04-29", "E5", "independent"),
        ("2023-05-01", "E15", "age_assessed_18"),
        ("2023-05-01", "E17", "turned_18"),
        ("2023-05-01", "E4A", "turned_18"),
    ],
)
def test_care_that_ends_at_18_turned_18(left: str, rec: str, reason: str) -> None:
    assert list(cared(episode(0, "2022-01-01", left, rec=rec), born="2005-05-01")["reason"]) == [
        reason
    ]


def test_care_does_not_go_on_after_the_18th_birthday() -> None:
    history = a_history(
        [child(0, "2005-05-01"), child(1, "2004-02-29"), child(2, "2005-05-01")],
        [
            episode(0, "2022-01-01"),
            episode(1, "2021-06-01", "2021-09-01", reason="CARPL"),
            episode(1, "2021-09-01", "2023-01-01", "P", rec="E8"),
            episode(2, "2022-01-01", "2023-04-01", reason="CARPL"),
            episode(2, "2023-04-01", "2023-06-01", "P", reason="CARPL"),
            episode(2, "2023-06-01", None, "P"),
        ],
    )
    assert told(history.care, "left", "reason") == [
        ("2023-05-01", "turned_18"),
        ("2022-03-01", "turned_18"),  # no 29 February in 2022
        ("2023-05-01", "turned_18"),
    ]
    assert list(history.placements.groupby("child").size()) == [1, 2, 2]
    assert rules(history) == {"begins_after_eighteen": 1, "goes_on_after_eighteen": 3}


@pytest.mark.parametrize(
    ("reason", "before", "after", "cause"),
    [
        ("CARPL", "U4", "U6", "planned"),
        *(
            (code, "U4", "U6", "breakdown")
            for code in (
                *("CREQB", "CREQO", "CHILD", "LAREQ"),
                *("STAND", "ALLEG", "APPRR", "CUSTOD"),
            )
        ),
        ("OTHER", "U4", "U6", "other"),
        ("", "U4", "U6", "other"),
        ("CLOSE", "U4", "U6", "household_left"),
        ("CLOSE", "K2", "U6", "home_closed"),
        ("CLOSE", "H5", "U6", "breakdown"),
        ("CARPL", "U4", "A4", "to_adoption"),
        ("OTHER", "U4", "A3", "to_adoption"),
        ("CARPL", "U4", "K3", "move_on"),
        ("OTHER", "K2", "H5", "move_on"),
        ("CREQB", "U4", "H5", "breakdown"),
        ("CARPL", "H5", "K3", "planned"),  # from one supported home to another
    ],
)
def test_causes_of_moves(reason: str, before: str, after: str, cause: str) -> None:
    found = placed(
        episode(0, "2022-01-01", "2022-08-01", place=before, reason=reason),
        episode(0, "2022-08-01", None, "P", after),
        born="2006-04-15",  # 16
    )
    assert list(found["cause"]) == [cause, ""]


def test_a_child_under_16_does_not_move_on() -> None:
    found = placed(
        episode(0, "2022-01-01", "2022-08-01", reason="CARPL"),
        episode(0, "2022-08-01", None, "P", "H5", "PR4"),
        born="2006-08-02",
    )
    assert found["cause"].iloc[0] == "planned"


@pytest.mark.parametrize(
    ("code", "group"),
    [
        *((code, "white") for code in ("WBRI", "WIRI", "WOTH", "WIRT", "WROM")),
        *((code, "mixed") for code in ("MWBC", "MWBA", "MWAS", "MOTH")),
        *((code, "asian") for code in ("AIND", "APKN", "ABAN", "AOTH", "CHNE")),
        *((code, "black") for code in ("BCRB", "BAFR", "BOTH")),
        *(("OOTH", "other"), ("REFU", ""), ("NOBT", ""), ("", "")),
    ],
)
def test_ethnic_groups(code: str, group: str) -> None:
    history = a_history([child(0, BORN, code)], [episode(0, "2022-01-01")])
    assert list(history.children["ethnicity"]) == [group]


@pytest.mark.parametrize(
    ("born", "entered", "until", "group", "stream"),
    [
        ("2022-01-02", "2022-01-05", None, "under_1", "non_uasc"),
        ("2021-01-05", "2022-01-05", None, "1-4", "non_uasc"),  # the first birthday
        ("2021-01-06", "2022-01-05", None, "under_1", "non_uasc"),
        ("2017-01-05", "2022-01-05", None, "5-9", "non_uasc"),
        ("2012-01-05", "2022-01-05", None, "10-15", "non_uasc"),
        ("2006-01-05", "2022-01-05", None, "16-17", "non_uasc"),
        ("2006-01-06", "2022-01-05", "2024-01-06", "uasc_under_16", "uasc"),
        ("2006-01-05", "2022-01-05", "2024-01-05", "uasc_16-17", "uasc"),
        ("2006-01-05", "2022-01-05", "2022-01-05", "16-17", "non_uasc"),  # no longer one
        ("2008-02-29", "2024-02-28", None, "10-15", "non_uasc"),
        ("2006-02-28", "2022-02-28", None, "16-17", "non_uasc"),
        ("2016-02-29", "2021-02-28", None, "1-4", "non_uasc"),
        ("2016-02-29", "2021-03-01", None, "5-9", "non_uasc"),
    ],
)
def test_entry_groups(born: str, entered: str, until: str | None, group: str, stream: str) -> None:
    care = cared(episode(0, entered), born=born, uasc_until=until)
    assert told(care, "entry_group", "stream") == [(group, stream)]


def test_a_child_may_enter_more_than_once() -> None:
    care = cared(
        episode(0, "2022-01-01", "2022-02-01", rec="E4A"),
        episode(0, "2022-02-01", "2022-03-01", "S", rec="E13"),  # the same day
        episode(0, "2022-06-01"),
    )
    assert told(care, "period", "entered", "left", "reason") == [
        (0, "2022-01-01", "2022-02-01", "returned_home"),
        (1, "2022-02-01", "2022-03-01", "relatives"),
        (2, "2022-06-01", None, ""),
    ]


def test_care_that_goes_on_though_an_episode_says_it_begins() -> None:
    history = a_history(
        [child(0, BORN)], [episode(0, "2022-01-01", "2022-02-01"), episode(0, "2022-02-01")]
    )
    assert told(history.care, "entered", "left") == [("2022-01-01", None)]
    assert rules(history)["begins_anew_in_care"] == 1


def test_care_that_goes_on_though_an_episode_says_it_ended() -> None:
    history = a_history(
        [child(0, BORN)],
        [episode(0, "2022-01-01", "2022-02-01", rec="E4A"), episode(0, "2022-02-01", rne="P")],
    )
    assert told(history.care, "entered", "left") == [("2022-01-01", None)]
    assert rules(history)["leaves_but_goes_on"] == 1


@pytest.mark.parametrize(("again", "periods"), [("2022-02-08", 1), ("2022-02-09", 2)])
def test_a_gap_of_a_week_in_care_that_goes_on_is_closed(again: str, periods: int) -> None:
    history = a_history(
        [child(0, BORN)],
        [episode(0, "2022-01-01", "2022-02-01", reason="CREQB"), episode(0, again, rne="P")],
    )
    assert len(history.care) == periods
    assert ("gap_bridged" in rules(history)) is (periods == 1)
    ended = again if periods == 1 else "2022-02-01"
    assert told(history.placements, "ended") == [(ended,), (None,)]


def test_a_gap_before_an_episode_that_says_care_began_is_kept() -> None:
    care = cared(episode(0, "2022-01-01", "2022-02-01"), episode(0, "2022-02-03"))
    assert told(care, "left", "reason") == [("2022-02-01", "other"), (None, "")]


def test_a_child_in_care_before_the_first_return_has_no_entry() -> None:
    """The first episode known is not the one with which care began."""
    history = a_history([child(0, BORN)], [episode(0, "2020-01-01", rne="P")])
    assert told(history.care, "entered", "dated") == [("2020-01-01", False)]
    assert told(history.placements, "started", "dated") == [("2020-01-01", True)]  # a new carer
    assert rules(history) == {}
    assert history.monthly["entries"].sum() == 0


def test_an_entry_within_a_year_without_a_return_is_not_known_unless_stated() -> None:
    years = {"last": pd.Timestamp("2024-03-31").date(), "years": (2022, 2024)}
    history = from_return(
        a_return(
            [child(0, BORN), child(1, BORN)],
            [episode(0, "2022-06-01", rne="L"), episode(1, "2022-06-01")],
            **years,
        )
    )
    assert list(history.care["dated"]) == [False, True]
    assert rules(history) == {}


@pytest.mark.parametrize(
    ("back", "moves"),
    [
        ({}, 0),
        ({"miles": 3.5}, 0),  # half a mile is how distances are measured
        ({"miles": 9.0}, 1),
        ({"in_area": False}, 1),
        ({"urn": "SC1"}, 0),  # not known before
        ({"place": "U6"}, 1),
        ({"place": "U6", "rne": "T"}, 0),
        ({"provider": "PR4"}, 1),
    ],
)
def test_who_comes_back_from_a_temporary_placement_to_the_same_home(back: dict, moves: int) -> None:
    near = {"in_area": True, "miles": 3.0}
    found = placed(
        episode(0, "2022-01-01", "2022-02-01", reason="CARPL", **near),
        episode(0, "2022-02-01", "2022-02-10", "P", "T2", "", reason="OTHER"),
        episode(**{"number": 0, "started": "2022-02-10", "rne": "P", **near, **back}),
    )
    assert len(found) == 1 + moves
    if moves:
        assert told(found, "started", "ended", "cause") == [
            ("2022-01-01", "2022-02-10", "planned"),
            ("2022-02-10", None, ""),
        ]


def test_a_reason_beside_a_temporary_placement_is_the_one_that_says_something() -> None:
    found = placed(
        episode(0, "2022-01-01", "2022-02-01", reason="OTHER"),
        episode(0, "2022-02-01", "2022-02-10", "P", "T4", "", reason="CREQB"),
        episode(0, "2022-02-10", None, "P", "K2", "PR4"),
    )
    assert list(found["cause"]) == ["breakdown", ""]


def test_care_that_begins_with_a_temporary_placement_begins_in_the_home_after_it() -> None:
    found = placed(
        episode(0, "2022-01-01", "2022-01-05", place="T1", provider=""),
        episode(0, "2022-01-05", "2022-02-01", "P", "U1", reason="CREQO"),
        episode(0, "2022-02-01", None, "P", "U4"),
    )
    assert told(found, "started", "ended", "first_type", "type") == [
        ("2022-01-01", "2022-02-01", "kinship", "kinship"),
        ("2022-02-01", None, "in_house", "in_house"),
    ]


def test_an_episode_that_does_not_say_whether_the_carer_changed() -> None:
    history = a_history(
        [child(0, BORN)],
        [
            episode(0, "2022-01-01", "2022-02-01"),
            episode(0, "2022-02-01", "2022-03-01", rne=""),
            episode(0, "2022-03-01", rne="", place="K2"),
        ],
    )
    assert list(history.placements["type"]) == ["in_house", "home_own"]
    assert rules(history)["unclear_carer"] == 1


def test_a_blank_provider_is_a_finding() -> None:
    history = a_history(
        [child(0, BORN), child(1, BORN)],
        [episode(0, "2022-01-01", provider=""), episode(1, "2022-01-01", place="K2", provider="")],
    )
    assert list(history.placements["type"]) == ["in_house", "home_external"]
    assert rules(history) == {"provider_unknown": 2}


def test_children_without_a_date_of_birth_are_left_out() -> None:
    history = a_history(
        [{**child(0, BORN), "born": None}, child(1, BORN)],
        [episode(0, "2022-01-01"), episode(1, "2022-01-01")],
    )
    assert list(history.care["child"]) == [1]
    assert rules(history) == {"no_dates": 1}


def test_short_breaks_beside_care_are_not_care() -> None:
    care = cared(
        episode(0, "2022-01-01", "2022-01-03", legal_status="V4", rec="E8"),
        episode(0, "2022-02-01", "2022-03-01", legal_status="V3", rec="X1"),
        episode(0, "2022-03-01", None, "S", legal_status="V2"),
    )
    assert told(care, "entered", "legal_status") == [("2022-03-01", "V2")]


def test_other_placements_of_older_children_in_the_year_of_the_coding_break_are_a_finding() -> None:
    """Two of four: one is too young, one was over before the year."""
    history = a_history(
        [child(n, "2012-01-01" if n == 2 else "2007-01-01") for n in range(4)],
        [
            episode(0, "2023-11-01", place="Z1", provider=""),
            episode(1, "2022-02-01", "2023-04-02", place="Z1", provider="", rec="E8"),
            episode(2, "2023-11-01", place="Z1", provider=""),
            episode(3, "2022-02-01", "2023-04-01", place="Z1", provider="", rec="E8"),
        ],
    )
    assert rules(history) == {"coding_break_2024": 2}
