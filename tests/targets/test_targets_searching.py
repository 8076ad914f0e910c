from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from responding import LEVER, responding, small

from sufficiency.errors import SufficiencyError
from sufficiency.scenario import Study
from sufficiency.targets import Target, find
from sufficiency.targets.curve import share_of


@pytest.fixture
def study() -> Study:
    return small()


def found(study: Study, goal: str, steps: Any, **settings: Any) -> Target:
    asked = {"low": 0, "high": 40, "confidence": 0.8, "replications": 40, "jobs": 1, **settings}
    low, high = asked.pop("low"), asked.pop("high")
    confidence = asked.pop("confidence")
    return find(study, LEVER, low, high, goal, confidence, steps=steps, **asked)


def test_the_least_value_that_meets_a_goal_is_found_where_more_always_helps(study: Study) -> None:
    # number + 2z >= 20 in 80% of futures: number >= 20 + 2 * 0.8416 = 21.7, so 22 of whole ones
    target = found(study, "score >= 20 in 2025-26", responding(lambda x: x, noise=2.0))
    assert target.verdict == "least"
    assert target.answer == 22
    assert target.spans == ((22, 40),)
    assert target.told or target.unsure[0] <= 22 <= target.unsure[1]
    shares = {dose.value: dose.share.value for dose in target.doses}
    # the normal distribution at -0.5 and -1 standard deviations, and far away
    assert shares[21] == pytest.approx(0.691, abs=0.08)
    assert shares[22] == pytest.approx(0.841, abs=0.06)
    assert shares[0] == 0
    assert shares[40] == 1


def test_the_most_is_found_where_more_harms(study: Study) -> None:
    target = found(study, "score >= 20 in 2025-26", responding(lambda x: 40 - x))
    assert (target.verdict, target.answer, target.spans) == ("most", 20, ((0, 20),))
    assert target.told


def test_a_goal_may_be_a_ceiling(study: Study) -> None:
    steps = responding(lambda x: 40 - x)
    few = {"replications": 2, "low": 20}
    assert found(study, "score <= 12 in 2025-26", steps, **few).answer == 28
    assert found(study, "score < 12 in 2025-26", steps, **few).answer == 29
    assert found(study, "score > 12 in 2025-26", steps, **few).answer == 27


def test_all_values_that_meet_it_are_found_where_more_helps_and_then_harms(study: Study) -> None:
    # (x - 20)² <= 25 from 15 to 25, and again from 38, where 400 is added
    def response(x: float) -> float:
        return 400 - (x - 20) ** 2 + (400 if x >= 38 else 0)

    target = found(study, "score >= 375 in 2025-26", responding(response), replications=2)
    assert target.verdict == "some"
    assert target.spans == ((15, 25), (38, 40))
    assert target.answer == 15
    assert len(target.doses) == 41


def test_none_is_said_with_the_best_there_is(study: Study) -> None:
    target = found(study, "score >= 50 in 2025-26", responding(lambda x: x, noise=6.0))
    assert (target.verdict, target.answer, target.spans) == ("none", 40, ())
    # 40 + 6z >= 50 in one future of 21
    assert target.at(40).share.value == pytest.approx(0.048, abs=0.04)
    assert target.told


def test_none_is_said_where_the_best_is_in_the_middle(study: Study) -> None:
    target = found(study, "score >= 450 in 2025-26", responding(lambda x: 400 - (x - 17) ** 2, 40))
    assert target.verdict == "none"
    assert abs(target.answer - 17) <= 4


def test_all_is_said_where_the_lowest_value_meets_it_already(study: Study) -> None:
    target = found(study, "score >= -5 in 2025-26", responding(lambda x: x))
    assert (target.verdict, target.answer, target.spans) == ("all", 0, ((0, 40),))


def test_values_that_cannot_be_told_apart_are_said(study: Study) -> None:
    # number + 60z >= -30 in 80%: from 20.5; one more changes the share by half a point, which 240
    # futures cannot tell
    target = found(study, "score >= -30 in 2025-26", responding(lambda x: x, noise=60.0))
    assert target.verdict == "least"
    assert not target.told
    low, high = target.unsure
    assert low <= 20.5 <= high
    assert low <= target.answer <= high


def test_one_value_that_more_of_the_lever_spoils_is_found_between_the_first_five(
    study: Study,
) -> None:
    # met from 12 on, but not at 35, which is between two of the first five values
    steps = responding(lambda x: 0 if x == 35 else x, noise=0.0)
    target = found(study, "score >= 12 in 2025-26", steps, replications=20)
    assert (target.verdict, target.spans) == ("some", ((12, 34), (36, 40)))


def test_more_futures_are_given_to_the_values_beside_the_answer_alone(study: Study) -> None:
    target = found(study, "score >= 20 in 2025-26", responding(lambda x: x, noise=2.0))
    futures = {dose.value: dose.share.futures for dose in target.doses}
    assert futures[22] > 40
    assert {futures[value] for value in (0, 10, 30, 40)} == {40}
    assert max(futures.values()) <= 8 * 40
    assert target.simulated == sum(futures.values())
    assert target.reused > 0


def test_what_a_little_more_changes_is_told_with_paired_error(study: Study) -> None:
    # 3x with noise that is the same at every value: five more bring 15, without error
    target = found(study, "score >= 60 in 2025-26", responding(lambda x: 3 * x, noise=5.0))
    doses = {dose.value: dose for dose in target.doses}
    assert target.further == 5
    for value in range(0, 40, 5):
        assert doses[value].further == pytest.approx(15)
        assert doses[value].further_se == pytest.approx(0, abs=1e-9)
    assert math.isnan(doses[40].further)
    # P10 and P90 of a normal distribution are 1.2816 standard deviations from the mean
    assert doses[10].p90 - doses[10].p10 == pytest.approx(2 * 1.2816 * 5, rel=0.35)


def test_averages_are_of_the_same_futures_though_some_values_have_more(study: Study) -> None:
    # x with the same noise at every value: on the same futures the averages are x apart, exactly
    target = found(study, "score >= 20 in 2025-26", responding(lambda x: x, noise=2.0))
    assert len({dose.share.futures for dose in target.doses}) > 1
    assert len({round(dose.mean - dose.value, 9) for dose in target.doses}) == 1
    assert len({round(dose.p90 - dose.p10, 9) for dose in target.doses}) == 1


def test_a_lever_with_steps_of_its_own_is_searched_in_them(study: Study) -> None:
    steps = responding(lambda x: x)
    few = {"step": 4, "replications": 4}
    assert found(study, "score >= 19 in 2025-26", steps, **few).answer == 20
    rate = find(
        study, "fostering.leaving_per_year", 0.0, 0.4, "score >= 0 in 2025-26", 0.8,
        replications=2, jobs=1, steps=steps,
    )  # fmt: skip
    assert (rate.verdict, rate.lever.step) == ("all", pytest.approx(0.01))
    assert rate.further == pytest.approx(0.05)


def test_the_lever_of_an_option_moves_what_the_option_adds(study: Study) -> None:
    place = len(study.scenario.homes)
    target = find(
        study, f"homes.{place}.usable", 0, 2, "score >= 5 in 2025-26", 0.8, option="new_home",
        replications=2, jobs=1, steps=responding(lambda x: x + 5),
    )  # fmt: skip
    assert (target.verdict, target.lever.whole, target.lever.values) == ("all", True, (0, 1, 2))
    assert target.scenario.homes[place].name == "New home"


def test_futures_without_a_value_count_neither_way(study: Study) -> None:
    share = share_of(np.array([1.0, np.nan, 0.0, np.nan, 1.0, 1.0]), together=1)
    assert (share.value, share.futures) == (0.75, 4)
    nobody = share_of(np.array([np.nan, np.nan]), together=1)
    assert math.isnan(nobody.value)
    assert (nobody.low, nobody.high, nobody.futures) == (0, 1, 0)


def test_the_interval_of_a_share_is_wilsons() -> None:
    # 8 of 10 by hand: (0.8 + 1.9208 / 10) / 1.38416 ± 1.96 / 1.38416 * sqrt(0.016 + 0.009604)
    share = share_of(np.array([1.0] * 8 + [0.0] * 2), together=1)
    assert share.low == pytest.approx(0.4902, abs=0.012)
    assert share.high == pytest.approx(0.9433, abs=0.012)
    sure = share_of(np.ones(10), together=1)
    assert (sure.low, sure.high) == (pytest.approx(1 / 1.38416, abs=1e-4), 1)


def test_pairs_that_share_a_draw_count_for_less_than_as_many_independent_futures() -> None:
    alike = share_of(np.repeat([1.0, 1.0, 0.0, 1.0], 10), together=2)
    apart = share_of(np.repeat([1.0, 1.0, 0.0, 1.0], 10), together=1)
    assert alike.value == apart.value == 0.75
    assert alike.high - alike.low > apart.high - apart.low


# --- mistakes -----------------------------------------------------------------------------------


def refused(
    study: Study, lever: str = LEVER, goal: str = "score >= 1 in 2025-26", **asked: Any
) -> str:
    values = {"low": 0, "high": 4, "confidence": 0.8, **asked}
    low, high, confidence = (values.pop(name) for name in ("low", "high", "confidence"))
    with pytest.raises(SufficiencyError) as told:
        find(study, lever, low, high, goal, confidence, steps=responding(lambda x: x), **values)
    assert told.value.exit_code == 2
    return str(told.value)


def test_every_mistake_is_told_at_once(study: Study) -> None:
    lines = refused(
        study, "fostering.recruit.number", "scoer >= 1 by 2035-03-31", low=4, high=0, confidence=80
    ).split("\n")
    assert len(lines) == 5
    assert "--confidence must be between 0 and 1 (found 80)" in lines[0]
    assert "--from must be below --to (found 4 and 0)" in lines[1]
    assert "did you mean 'fostering.recruitment.number'?" in lines[2]
    assert "did you mean 'score'?" in lines[3]
    assert "--goal: " in lines[4]


@pytest.mark.parametrize(
    ("lever", "told"),
    [
        ("fostering.recruitment.unit", "is not a number (found 'households')"),
        ("fostering.recruitment", "is not a number (found a group of settings)"),
        ("homes", "is not a number (found a list)"),
        ("replications", "says what is run"),
        ("homes.9.usable", "no such setting"),
        ("demand.forecast", "is not a number (found nothing)"),
    ],
)
def test_a_lever_that_is_no_number_is_refused(study: Study, lever: str, told: str) -> None:
    assert told in refused(study, lever)


def test_values_that_the_scenario_refuses_are_said(study: Study) -> None:
    text = refused(study, "fostering.leaving_per_year", low=-0.2, high=0.2, step=0.1)
    assert "-0.2 to -0.1: fostering.leaving_per_year: " in text
    assert "greater than or equal to 0" in text


def test_a_whole_number_is_not_searched_in_halves(study: Study) -> None:
    assert "is a whole number" in refused(study, step=0.5)
    assert "is a whole number" in refused(study, "fostering.households", low=0.5)


def test_a_step_that_does_not_fit_is_refused(study: Study) -> None:
    assert "--step must be above 0 and at most 4 (found 5)" in refused(study, step=5)
    assert "--step must be above 0 and at most 4 (found -1)" in refused(study, step=-1)
    path = "fostering.leaving_per_year"
    assert "more than 10,000 steps" in refused(study, path, step=0.0001)


def test_an_option_that_is_not_there_is_refused(study: Study) -> None:
    assert "did you mean 'new_home'?" in refused(study, option="new_hom")
