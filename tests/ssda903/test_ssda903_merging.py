"""The years of a return as one: every rule on a few rows, the outcome by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_up import episodes_of, found_rules, returned


def test_an_episode_open_on_31_march_is_one_episode_in_two_files(tmp_path: Path) -> None:
    found = returned(
        tmp_path,
        {2021: "1 2020-06-01 - S -", 2022: "1 2020-06-01 2021-08-01 S E4A"},
    )
    assert episodes_of(found) == [("0", "2020-06-01", "2021-08-01", "S", "E4A")]
    assert found_rules(found) == {}


def test_an_episode_that_began_before_the_first_year_keeps_its_first_day(tmp_path: Path) -> None:
    found = returned(tmp_path, {2021: "1 2015-06-01 - S -"})
    assert episodes_of(found) == [("0", "2015-06-01", "-", "S", "-")]
    assert found_rules(found) == {}


def test_the_same_row_twice_is_one_episode(tmp_path: Path) -> None:
    row = "1 2020-06-01 2021-02-01 S E4A\n"
    found = returned(tmp_path, {2021: row * 3})
    assert episodes_of(found) == [("0", "2020-06-01", "2021-02-01", "S", "E4A")]
    assert found_rules(found) == {"row_twice": ("left out", (3, 4))}


def test_of_two_episodes_that_begin_on_one_day_the_one_that_ends_last_is_kept(
    tmp_path: Path,
) -> None:
    found = returned(
        tmp_path, {2021: "1 2020-06-01 2021-02-01 S E4A\n1 2020-06-01 2020-07-01 S E4A"}
    )
    assert episodes_of(found) == [("0", "2020-06-01", "2021-02-01", "S", "E4A")]
    assert found_rules(found) == {"two_begin_on_one_day": ("left out", (3,))}


def test_of_two_episodes_that_end_on_one_day_the_one_that_began_first_is_kept(
    tmp_path: Path,
) -> None:
    found = returned(
        tmp_path, {2021: "1 2020-08-01 2021-02-01 P E4A\n1 2020-06-01 2021-02-01 S E4A"}
    )
    assert episodes_of(found) == [("0", "2020-06-01", "2021-02-01", "S", "E4A")]
    assert found_rules(found) == {"two_end_on_one_day": ("left out", (2,))}


def test_an_overlap_is_cut_where_the_next_begins(tmp_path: Path) -> None:
    found = returned(
        tmp_path, {2021: "1 2020-06-01 2020-12-01 S X1\n1 2020-08-01 2021-02-01 P E4A"}
    )
    assert episodes_of(found) == [
        ("0", "2020-06-01", "2020-08-01", "S", "X1"),
        ("0", "2020-08-01", "2021-02-01", "P", "E4A"),
    ]
    assert found_rules(found) == {"overlap": ("mended", (2,))}


def test_an_open_episode_that_another_follows_ends_there(tmp_path: Path) -> None:
    found = returned(tmp_path, {2021: "1 2020-06-01 - S -\n1 2020-08-01 2021-02-01 P E4A"})
    assert episodes_of(found) == [
        ("0", "2020-06-01", "2020-08-01", "S", "X1"),
        ("0", "2020-08-01", "2021-02-01", "P", "E4A"),
    ]
    assert found_rules(found) == {"open_but_followed": ("mended", (2,))}


def test_a_move_in_the_next_year_ends_an_episode_whose_end_no_file_has(tmp_path: Path) -> None:
    found = returned(tmp_path, {2021: "1 2020-06-01 - S -", 2022: "1 2021-08-01 2022-02-01 P E4A"})
    assert episodes_of(found)[0] == ("0", "2020-06-01", "2021-08-01", "S", "X1")
    assert found_rules(found) == {"open_but_followed": ("mended", (2,))}


def test_an_open_episode_that_no_later_file_has_ends_the_day_after_31_march(
    tmp_path: Path,
) -> None:
    found = returned(
        tmp_path,
        {
            2021: "1 2020-06-01 - S -\n2 2020-06-01 - S -",
            2022: "2 2021-12-01 2022-02-01 S E4A",
        },
    )
    assert episodes_of(found) == [
        ("0", "2020-06-01", "2021-04-01", "S", "-"),
        ("1", "2020-06-01", "2021-04-01", "S", "-"),  # comes back anew, so had left
        ("1", "2021-12-01", "2022-02-01", "S", "E4A"),
    ]
    assert found_rules(found) == {"open_but_not_continued": ("mended", (2, 3))}


def test_an_open_episode_of_the_last_year_stays_open(tmp_path: Path) -> None:
    found = returned(tmp_path, {2021: "1 2020-06-01 - S -"})
    assert found_rules(found) == {}
    assert episodes_of(found, "ended", "reason_ended") == [("-", "-")]


def test_a_gap_year_is_found_and_what_was_open_before_and_after_goes_through_it(
    tmp_path: Path,
) -> None:
    found = returned(
        tmp_path,
        {2020: "1 2019-06-01 - S -\n2 2019-07-01 - S -", 2022: "1 2019-06-01 2021-08-01 S E4A"},
    )
    assert found.years == (2020, 2022)
    assert episodes_of(found) == [
        ("0", "2019-06-01", "2021-08-01", "S", "E4A"),
        ("1", "2019-07-01", "2020-04-01", "S", "-"),
    ]
    assert found_rules(found) == {
        "gap_year": ("kept", ()),
        "open_but_not_continued": ("mended", (3,)),
    }
    (gap,) = (f for f in found.findings if f.rule == "gap_year")
    assert (gap.count, "2021" in gap.text) == (1, True)


def test_after_a_gap_year_an_episode_may_go_on_from_one_that_no_file_has(tmp_path: Path) -> None:
    found = returned(tmp_path, {2020: "", 2022: "1 2021-04-01 - P -\n2 2021-04-02 - P -"})
    assert found_rules(found)["goes_on_from_nothing"] == ("kept", (3,))


def test_ends_before_it_begins_is_an_end_on_an_unknown_day(tmp_path: Path) -> None:
    found = returned(
        tmp_path,
        {
            2021: "1 2020-06-01 2020-05-01 S X1\n1 2020-09-01 2021-01-01 P E4A\n"
            "2 2020-06-01 2020-05-01 S E4A"
        },
    )
    assert episodes_of(found) == [
        ("0", "2020-06-01", "2020-09-01", "S", "X1"),
        ("0", "2020-09-01", "2021-01-01", "P", "E4A"),
        ("1", "2020-06-01", "2021-03-31", "S", "E4A"),
    ]
    assert found_rules(found) == {
        "ends_before_it_begins": ("kept", (2, 4)),
        "open_but_followed": ("mended", (2,)),
        "ended_on_unknown_day": ("mended", (4,)),
    }


def test_a_reason_without_an_end_is_an_end_on_an_unknown_day(tmp_path: Path) -> None:
    found = returned(tmp_path, {2021: "1 2020-06-01 - S E4A\n2 2020-06-01 - S X1"})
    assert episodes_of(found) == [
        ("0", "2020-06-01", "2021-03-31", "S", "E4A"),
        ("1", "2020-06-01", "-", "S", "-"),  # X1: still in care
    ]
    assert found_rules(found) == {
        "reason_without_end": ("kept", (2, 3)),
        "ended_on_unknown_day": ("mended", (2,)),
    }
    (text,) = (f.text for f in found.findings if f.rule == "reason_without_end")
    assert "taken to have ended, on an unknown day; with X1, care goes on" in text


def test_a_reason_without_an_end_gives_way_to_a_later_file(tmp_path: Path) -> None:
    found = returned(
        tmp_path, {2021: "1 2020-06-01 - S E4A", 2022: "1 2020-06-01 2021-09-01 S E4B"}
    )
    assert episodes_of(found) == [("0", "2020-06-01", "2021-09-01", "S", "E4B")]


def test_an_end_without_a_reason_is_x1_only_if_another_episode_follows(tmp_path: Path) -> None:
    found = returned(tmp_path, {2021: "1 2020-06-01 2020-08-01 S -\n1 2020-08-01 2021-01-01 P -"})
    assert episodes_of(found, "reason_ended") == [("X1",), ("-",)]
    assert found_rules(found) == {"end_without_reason": ("kept", (2, 3))}


def test_a_night_in_no_placement_is_no_episode_but_care_may_begin_with_it(tmp_path: Path) -> None:
    found = returned(
        tmp_path, {2021: "1 2020-06-01 2020-06-01 S X1\n1 2020-06-01 2021-01-01 P E4A"}
    )
    assert episodes_of(found) == [("0", "2020-06-01", "2021-01-01", "S", "E4A")]
    assert found_rules(found) == {"begins_and_ends_on_one_day": ("left out", (2,))}


def test_reasons_that_do_not_fit_what_follows_are_mended(tmp_path: Path) -> None:
    found = returned(
        tmp_path,
        {
            2021: "1 2020-06-01 2020-08-01 S E4A\n1 2020-08-01 2021-01-01 P X1\n"
            "2 2020-06-01 2020-08-01 S X1\n2 2020-08-01 2021-01-01 S E4A"
        },
    )
    assert episodes_of(found, "rne", "reason_ended") == [
        ("S", "X1"),  # said to leave, but goes on
        ("P", "-"),  # said to go on, but nothing follows
        ("S", "X1"),
        ("S", "E4A"),
    ]
    assert found_rules(found) == {
        "leaves_but_goes_on": ("mended", (2,)),
        "x1_but_not_followed": ("mended", (3,)),
        "begins_anew_in_care": ("kept", (4,)),
    }


def test_a_child_may_leave_and_come_back_on_the_same_day(tmp_path: Path) -> None:
    found = returned(
        tmp_path, {2021: "1 2020-06-01 2020-08-01 S E4A\n1 2020-08-01 2021-01-01 S E4A"}
    )
    assert episodes_of(found, "rne", "reason_ended") == [("S", "E4A"), ("S", "E4A")]
    assert found_rules(found) == {}


def test_care_that_goes_on_from_a_missing_episode_is_found(tmp_path: Path) -> None:
    found = returned(
        tmp_path,
        {2021: "1 2020-06-01 2020-08-01 P E4A\n2 2020-04-01 2020-08-01 P E4A"},
    )
    assert len(episodes_of(found)) == 2
    # on 1 April the episode before lies in the year before, of which there is no file
    assert found_rules(found) == {"goes_on_from_nothing": ("kept", (2,))}


def test_files_that_do_not_agree_are_found_and_the_latest_end_counts(tmp_path: Path) -> None:
    found = returned(
        tmp_path,
        {
            2021: "1 2020-06-01 2021-02-01 S E4A\n2 2020-06-01 - S - C2 U6",
            2022: "1 2020-06-01 2021-05-01 S E4B\n2 2020-06-01 2021-05-01 S E4A C2 K2",
        },
    )
    assert episodes_of(found, "ended", "reason_ended", "place") == [
        ("2021-05-01", "E4B", "U6"),
        ("2021-05-01", "E4A", "K2"),
    ]
    assert found_rules(found) == {
        "ends_told_otherwise": ("left out", (2,)),
        "told_otherwise": ("left out", (3,)),
    }


def test_what_ends_or_begins_after_the_last_day_was_not_known_on_it(tmp_path: Path) -> None:
    found = returned(
        tmp_path, {2021: "1 2020-06-01 2021-06-01 S E4A\n2 2021-05-01 2021-06-01 S E4A"}
    )
    assert found.last.isoformat() == "2021-03-31"
    assert episodes_of(found) == [("0", "2020-06-01", "-", "S", "-")]
    assert found_rules(found) == {
        "ends_after_last_day": ("mended", (2,)),
        "begins_after_last_day": ("left out", (3,)),
        "outside_year": ("kept", (3,)),
        "no_episodes": ("left out", (3,)),
    }


def test_what_ended_before_the_first_day_is_left_out(tmp_path: Path) -> None:
    found = returned(
        tmp_path, {2021: "1 2019-06-01 2020-03-31 S E4A\n2 2019-06-01 2020-04-01 S E4A"}
    )
    assert episodes_of(found) == [("0", "2019-06-01", "2020-04-01", "S", "E4A")]
    assert found_rules(found)["ended_before_first_day"] == ("left out", (2,))


def test_an_episode_of_more_than_18_years_is_a_mistake(tmp_path: Path) -> None:
    found = returned(tmp_path, {2021: "1 1920-06-01 - S -"})
    assert found_rules(found)["begins_too_early"] == ("left out", (2,))


@pytest.mark.parametrize(
    ("born", "episode", "expected", "rules"),
    [
        ("2002-07-01", "2019-05-01 2020-07-01 S E17", ("2020-07-01", "E17"), {}),
        # the day after is within 6,575 days, and not corrected
        ("2002-07-01", "2019-05-01 2020-07-02 S E17", ("2020-07-02", "E17"), {}),
        (
            "2002-07-01",
            "2019-05-01 2020-09-01 S E17",
            ("2020-07-01", "E17"),
            {"goes_on_after_eighteen": ("mended", (2,))},
        ),
        (
            "2002-07-01",
            "2019-05-01 - S -",
            ("2020-07-01", "-"),
            {"goes_on_after_eighteen": ("mended", (2,))},
        ),
        ("2004-02-29", "2019-05-01 - S -", ("-", "-"), {}),
        (
            "2003-02-28",
            "2019-05-01 - S -",
            ("2021-02-28", "-"),
            {"goes_on_after_eighteen": ("mended", (2,))},
        ),
        ("2003-04-01", "2019-05-01 - S -", ("-", "-"), {}),  # 18 the day after the last
        (
            "2003-03-31",
            "2019-05-01 - S -",
            ("2021-03-31", "-"),
            {"goes_on_after_eighteen": ("mended", (2,))},
        ),
    ],
)
def test_the_18th_birthday_is_a_hard_end(
    tmp_path: Path,
    born: str,
    episode: str,
    expected: tuple[str, str],
    rules: dict[str, tuple[str, tuple[int, ...]]],
) -> None:
    found = returned(tmp_path, {2021: f"1 {episode}"}, about=f"1 1 {born} WBRI")
    assert episodes_of(found, "ended", "reason_ended") == [expected]
    assert found_rules(found) == rules


def test_episodes_after_the_18th_birthday_are_left_out(tmp_path: Path) -> None:
    found = returned(
        tmp_path,
        {2021: "1 2019-05-01 2020-07-20 S X1\n1 2020-07-20 - P -"},
        about="1 1 2002-07-01 WBRI",
    )
    assert episodes_of(found, "ended", "reason_ended") == [("2020-07-01", "-")]
    assert found_rules(found) == {
        "goes_on_after_eighteen": ("mended", (2,)),
        "begins_after_eighteen": ("left out", (3,)),
    }


def test_short_breaks_are_kept_with_their_legal_status(tmp_path: Path) -> None:
    found = returned(
        tmp_path, {2021: "1 2020-06-01 2020-06-03 S E8 V4\n2 2020-06-01 2020-06-03 S E8 v3"}
    )
    assert episodes_of(found, "legal_status") == [("V4",), ("V3",)]
    assert found_rules(found) == {"short_break": ("kept", (2, 3))}


def test_a_first_day_moved_back_in_a_later_file_does_not_end_the_episode(tmp_path: Path) -> None:
    found = returned(
        tmp_path,
        {
            2021: "1 2020-06-01 2021-02-05 S X1\n1 2021-02-05 - P -",
            2022: "1 2021-02-01 - P -",
            2023: "1 2021-02-01 2022-08-01 P E4A",
        },
    )
    assert episodes_of(found) == [
        ("0", "2020-06-01", "2021-02-01", "S", "X1"),
        ("0", "2021-02-01", "2022-08-01", "P", "E4A"),
    ]
    assert found_rules(found) == {
        "begins_told_otherwise": ("left out", (3,)),
        "overlap": ("mended", (2,)),
    }


def test_a_first_day_moved_on_in_a_later_file_makes_no_second_episode(tmp_path: Path) -> None:
    found = returned(
        tmp_path,
        {
            2021: "1 2020-06-01 2021-02-01 S X1\n1 2021-02-01 - P -",
            2022: "1 2021-02-20 2021-08-01 P E4A",
        },
    )
    assert episodes_of(found) == [
        ("0", "2020-06-01", "2021-02-01", "S", "X1"),
        ("0", "2021-02-01", "2021-08-01", "P", "E4A"),
    ]
    assert found_rules(found) == {"begins_told_otherwise": ("left out", (3,))}


@pytest.mark.parametrize(
    "later",
    [
        "1 2021-03-20 2021-08-01 P E4A",  # long after: another move of the kind
        "1 2021-02-20 2021-08-01 B E4A",  # not the same in all else
        "1 2021-04-01 2021-08-01 P E4A",  # not there on 31 March
    ],
)
def test_a_move_recorded_late_is_a_move(tmp_path: Path, later: str) -> None:
    found = returned(tmp_path, {2021: "1 2021-02-01 - P -", 2022: later})
    assert (found.episodes["child"] == 0).sum() == 2
    assert found_rules(found)["open_but_followed"] == ("mended", (2,))


def test_two_files_may_give_other_reasons_for_one_end(tmp_path: Path) -> None:
    told = "1 2020-06-01 2021-04-05 S "
    found = returned(tmp_path, {2021: f"{told}E4A", 2022: f"{told}E13"})
    assert episodes_of(found) == [("0", "2020-06-01", "2021-04-05", "S", "E13")]
    assert found_rules(found) == {"reason_told_otherwise": ("left out", (2,))}
