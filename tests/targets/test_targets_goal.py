from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from responding import INFOS

from sufficiency.rows import MeasureInfo
from sufficiency.targets.goal import Goal, read_goal

START = date(2025, 4, 1)


def read(text: str, years: float = 5.0) -> tuple[Goal | None, list[str]]:
    problems: list[str] = []
    return read_goal(text, START, years, INFOS, problems), problems


def goal(text: str, years: float = 5.0) -> Goal:
    found, problems = read(text, years)
    assert not problems
    assert found is not None
    return found


def mistakes(text: str) -> list[str]:
    found, problems = read(text)
    assert found is None
    assert problems
    return problems


@pytest.mark.parametrize(
    ("text", "sign", "value"),
    [
        ("part[kind=home] <= 5% by 2029-03-31", "<=", 0.05),
        ("part[kind=home] < 0.05 by 2029-03-31", "<", 0.05),
        ("part [ kind=home ]≤5 % by 2029-03-31", "<=", 0.05),
        ("spent <= £21,500,000 in 2028-29", "<=", 21_500_000),
        ("spent >= £-1,200.50 in 2028-29", ">=", -1200.5),
        ("spent => 12 in 2028-29", ">=", 12),
        ("score > .5 in 2028-29", ">", 0.5),
        ("score>=-3 in 2028-29", ">=", -3),
    ],
)
def test_a_goal_is_read_as_people_write_it(text: str, sign: str, value: float) -> None:
    found = goal(text)
    assert (found.sign, found.value) == (sign, pytest.approx(value))


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("stock >= 5 by 2029-03-31", "2029-03-31"),
        ("stock >= 5 by 2029-06-29", "2029-03-31"),
        ("stock >= 5 by 2029-06-30", "2029-06-30"),
        ("stock >= 5 by 2025-04-02", "2025-04-01"),
        ("part[kind=foster] >= 5% by 2027-03-30", "2026-03-31"),
        ("score >= 5 in 2028-29", "2028-29"),
        ("score >= 5 by 2029-03-31", "2028-29"),
        ("score >= 5 by 2029-03-30", "2027-28"),
        ("spent >= 5 in 2027-05", "2027-05"),
        ("spent >= 5 by 2027-05-31", "2026-27"),
        ("spent >= 5 by 2025-07-15", "2025-06"),
    ],
)
def test_by_a_date_is_the_last_census_or_complete_year_then(text: str, period: str) -> None:
    assert goal(text).period == period


def test_a_group_is_known_whatever_the_order_of_its_parts() -> None:
    infos = {"cost": MeasureInfo("£", "down", "", "", "", ("type=ifa;age=1-4",), "years")}
    problems: list[str] = []
    found = read_goal("cost[age=1-4; type=ifa] < 5 in 2026-27", START, 5, infos, problems)
    assert found is not None
    assert found.group == "type=ifa;age=1-4"


def test_a_future_meets_it_or_not_or_has_no_value() -> None:
    values = np.array([4.0, 5.0, 6.0, np.nan])
    met = {sign: goal(f"score {sign} 5 in 2028-29").met(values) for sign in (">=", ">", "<=", "<")}
    nan = np.nan
    assert met[">="].tolist()[:3] == [0, 1, 1]
    assert met[">"].tolist()[:3] == [0, 0, 1]
    assert met["<="].tolist()[:3] == [1, 1, 0]
    np.testing.assert_equal(met["<"], [1, 0, 0, nan])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("score >= 5", "must be MEASURE[group] >= X by DATE"),
        ("score is 5 by 2029-03-31", "must be MEASURE[group] >= X by DATE"),
        ("scoer >= 5 in 2028-29", "no such measure (found 'scoer'); did you mean 'score'?"),
        ("score[kind=fosters] >= 5 in 2028-29", "did you mean 'kind=foster'? its groups: kind=fo"),
        ("part >= 5% by 2029-03-31", "not taken of everybody; its groups: kind=home, kind=foster"),
        ("stock[kind=home] >= 5 by 2029-03-31", "'stock' has no groups (found 'kind=home')"),
        ("score >= 5m in 2028-29", "the value must be a number, as 12, 15% or £1,200,000"),
        ("score >= 1,20 in 2028-29", "the value must be a number"),
        ("score >= £5 in 2028-29", "the measure is in places, not in £"),
        ("score >= 5% in 2028-29", "the measure is in places: leave out the %"),
        ("part[kind=home] >= 45 by 2029-03-31", "a share is from 0 to 1"),
        ("part[kind=home] >= 45 by 2029-03-31", "did you mean 45%?"),
        ("part[kind=home] >= 450% by 2029-03-31", "a share is from 0 to 1"),
        ("score >= 5 by 2030-04-01", "the run is from 2025-04-01 to 2030-03-31"),
        ("score >= 5 by 2030-04-01", "--years simulates more"),
        ("score >= 5 by 2024-04-01", "the run is from 2025-04-01 to 2030-03-31"),
        ("score >= 5 in 2031-32", "known of 2025-26 to 2029-30 in this run (found '2031-32')"),
        ("score >= 5 by 2026-03-30", "'score' is first known on 2026-03-31"),
        ("stock >= 5 in 2028-29", "not over a year (found '2028-29'): say `by 2029-03-31`"),
        ("stock >= 5 by 2029-02-30", "must end with a date, as by 2030-03-31"),
        ("scoer >= 5 by never", "must end with a date (2029-03-31) or a year (2028-29)"),
    ],
)
def test_a_mistake_is_told_with_what_may_be_meant(text: str, told: str) -> None:
    assert any(told in problem for problem in mistakes(text))


def test_all_mistakes_of_a_goal_are_told() -> None:
    problems = mistakes("part[kind=hom] >= £45 by 2035-01-01")
    assert len(problems) == 4
    assert all(problem.startswith("--goal: ") for problem in problems)
