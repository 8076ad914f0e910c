"""The national indicators on 31 March 2024, worked by hand, each child a case of its own."""

import pytest
from returns_by_hand import a_history, child, episode

from sufficiency.history.counting import observed


def shares(children: list[dict], episodes: list[dict]) -> dict[str, float]:
    found = observed(a_history(children, episodes))
    found = found[found["period"] == "2024-03-31"].set_index("measure")["value"]
    return {str(name): float(value) for name, value in found.items()}


def two_homes(number: int, moved: str, rne: str = "P", **more: str) -> list[dict]:
    """In care since 2018, with other carers (or the same, as the codes say) since a day."""
    return [
        episode(number, "2018-01-01", moved, reason=more.get("reason", "CARPL")),
        episode(number, moved, None, rne, more.get("place", "U4"), more.get("provider", "PR1")),
    ]


LONG_TERM = {
    "never moved": (True, [episode(0, "2018-01-01")]),
    "moved two years ago to the day": (True, two_homes(0, "2022-03-31")),
    "moved a day less than two years ago": (False, two_homes(0, "2022-04-01")),
    "to adopters from a long placement": (
        True,
        two_homes(0, "2023-06-01", place="A4", provider="PR4"),
    ),
    "to adopters from a short placement": (
        False,
        [
            episode(0, "2018-01-01", "2023-01-01", reason="CREQB"),
            episode(0, "2023-01-01", "2023-06-01", "P", reason="CARPL"),
            episode(0, "2023-06-01", None, "P", "A4"),
        ],
    ),
    "adopted by the carers: no move": (True, two_homes(0, "2023-06-01", "U", place="A5")),
    "adopted by the carers of a short placement, whatever was before": (
        False,
        [
            episode(0, "2018-01-01", "2023-01-01", reason="CREQB"),
            episode(0, "2023-01-01", "2023-06-01", "P", "U5", reason="PLACE"),
            episode(0, "2023-06-01", None, "U", "A5"),
        ],
    ),
    "a week in hospital": (
        True,
        [
            episode(0, "2018-01-01", "2023-06-01", reason="OTHER"),
            episode(0, "2023-06-01", "2023-06-08", "P", "T1", "", reason="OTHER"),
            episode(0, "2023-06-08", None, "P"),
        ],
    ),
    "in hospital on the day": (
        True,
        [
            episode(0, "2018-01-01", "2024-03-20", reason="OTHER"),
            episode(0, "2024-03-20", None, "P", "T1", ""),
        ],
    ),
    "moved house with the same carers": (True, two_homes(0, "2023-06-01", "T")),
    "a change of status, said by the reason": (True, two_homes(0, "2023-06-01", reason="PLACE")),
    "a change of legal status": (True, two_homes(0, "2023-06-01", "L")),
    "a change of legal status, placement and carers": (False, two_homes(0, "2023-06-01", "B")),
    "carers went to an agency": (
        True,
        two_homes(0, "2023-06-01", "T", provider="PR4", reason="PLACE"),
    ),
}


@pytest.mark.parametrize(("stays", "episodes"), LONG_TERM.values(), ids=LONG_TERM)
def test_long_term_stability_of_one_child(stays: bool, episodes: list[dict]) -> None:
    found = shares([child(0, "2012-05-01")], episodes)
    assert found["long_term_stability"] == float(stays)


@pytest.mark.parametrize(
    ("born", "entered", "counts"),
    [
        ("2008-04-01", "2018-01-01", True),  # 16 tomorrow
        ("2008-03-31", "2018-01-01", False),  # 16 today
        ("2012-05-01", "2021-09-30", True),  # two and a half years ago
        ("2012-05-01", "2021-10-01", False),
    ],
)
def test_who_counts_for_long_term_stability(born: str, entered: str, counts: bool) -> None:
    found = shares([child(0, born)], [episode(0, entered)])
    assert ("long_term_stability" in found) is counts


def test_long_term_stability_of_several_children_is_the_share() -> None:
    children = [child(0, "2012-05-01"), child(1, "2012-05-01"), child(2, "2012-05-01")]
    episodes = [*two_homes(0, "2023-01-01"), episode(1, "2018-01-01"), episode(2, "2019-01-01")]
    assert shares(children, episodes)["long_term_stability"] == pytest.approx(2 / 3)


def three_in_the_year(second: str = "2023-06-01", **more: str) -> list[dict]:
    """With carers before the year, and two more in it; `more` is about the second change."""
    return [
        episode(0, "2021-05-01", second, reason="CREQB"),
        episode(0, second, "2023-10-01", "P", "U6", "PR4", reason=more.get("reason", "CREQB")),
        episode(
            *(0, "2023-10-01", None, more.get("rne", "P")),
            *(more.get("place", "U4"), more.get("provider", "PR4")),
        ),
    ]


MANY = {
    "one begun before the year and two in it": (True, three_in_the_year()),
    "the first ended on 1 April": (True, three_in_the_year("2023-04-01")),
    "the first ended on 31 March": (False, three_in_the_year("2023-03-31")),
    "the last with the same carers": (False, three_in_the_year(rne="T")),
    "the last a change of status": (False, three_in_the_year(reason="PLACE")),
    "the last a week in hospital": (False, three_in_the_year(place="T1", provider="")),
    "three homes, with hospital between two of them": (
        True,
        [
            *three_in_the_year()[:2],
            episode(0, "2023-10-01", "2023-10-05", "P", "T1", "", reason="CREQB"),
            episode(0, "2023-10-05", None, "P", "K2", "PR4"),
        ],
    ),
    "holidays from the same home": (
        False,
        [
            episode(0, "2021-05-01", "2023-07-01", reason="OTHER"),
            episode(0, "2023-07-01", "2023-07-15", "P", "T3", "", reason="OTHER"),
            episode(0, "2023-07-15", "2023-08-01", "P", reason="OTHER"),
            episode(0, "2023-08-01", "2023-08-15", "P", "T2", "", reason="OTHER"),
            episode(0, "2023-08-15", None, "P"),
        ],
    ),
}


@pytest.mark.parametrize(("many", "episodes"), MANY.values(), ids=MANY)
def test_three_or_more_placements_in_the_year(many: bool, episodes: list[dict]) -> None:
    assert shares([child(0, "2012-05-01")], episodes)["three_or_more_placements"] == float(many)


def test_two_periods_of_care_in_a_year_count_together() -> None:
    episodes = [
        episode(0, "2023-04-10", "2023-05-01", reason="CARPL"),
        episode(0, "2023-05-01", "2023-06-01", "P", rec="E4A"),
        episode(0, "2023-12-01"),
    ]
    assert shares([child(0, "2012-05-01")], episodes)["three_or_more_placements"] == 1.0


def test_two_years_of_those_in_care_for_two_years() -> None:
    """Three since 31 March 2022; who entered a day later than that does not count."""
    children = [child(0, "2012-05-01"), child(1, "2012-05-01"), child(2, "2012-05-01")]
    episodes = [
        episode(0, "2022-03-31", "2022-09-01", reason="CREQB"),
        episode(0, "2022-09-01", "2023-03-01", "P", reason="CREQB"),
        episode(0, "2023-03-01", None, "P"),
        episode(1, "2021-05-01"),
        episode(2, "2022-04-01", "2022-09-01", reason="CREQB"),
        episode(2, "2022-09-01", "2023-03-01", "P", reason="CREQB"),
        episode(2, "2023-03-01", None, "P"),
    ]
    assert shares(children, episodes)["three_or_more_in_two_years"] == 1 / 2
