"""A target in words, as a table, and as a chart."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

import pytest
from responding import LEVER, responding, small

from sufficiency.answer.target_page import answer_words, changed, plain, shown, text, title
from sufficiency.charts.dose_response import dose_response
from sufficiency.scenario import Study, with_values
from sufficiency.targets import Target, find
from sufficiency.targets.table import table

CASES: dict[str, tuple[str, Any, float]] = {
    "least": ("score >= 20 in 2025-26", lambda x: x, 0.0),
    "most": ("score >= 20 in 2025-26", lambda x: 40 - x, 0.0),
    "some": ("score >= 375 in 2025-26", lambda x: 400 - (x - 20) ** 2, 0.0),
    "all": ("score >= -5 by 2026-03-31", lambda x: x, 0.0),
    "none": ("score >= 50 in 2025-26", lambda x: x, 0.0),
    "unsure": ("score >= -30 in 2025-26", lambda x: x, 60.0),
}


@lru_cache
def made(case: str) -> Target:
    goal, response, noise = CASES[case]
    return find(
        small(), LEVER, 0, 40, goal, replications=20, jobs=1, steps=responding(response, noise)
    )


def one_line(target: Target) -> str:
    return " ".join(text(target, {}).split())


@pytest.mark.parametrize("case", CASES)
def test_the_answer_fits_a_terminal_and_its_title_is_short(case: str) -> None:
    target = made(case)
    assert max(map(len, text(target, {"page": "out/target.html"}).splitlines())) <= 80
    assert len(title(target).split()) <= 10


@pytest.mark.parametrize(
    ("case", "heading", "told"),
    [
        (
            "least",
            "20 households or more meet it in 80% of futures",
            "The least that meets the goal is 20",
        ),
        (
            "most",
            "Up to 20 households meet it in 80% of futures",
            "The most that meets the goal is 20",
        ),
        ("some", "Some values meet the goal in 80% of futures", "The goal is met with 15 to 25;"),
        (
            "all",
            "Every value tried meets the goal in 80% of futures",
            "with the lowest, 0, it is met",
        ),
        ("none", "No value tried meets the goal in 80% of futures", "its average is 40, 10 below"),
    ],
)
def test_what_was_found_is_said_in_plain_words(case: str, heading: str, told: str) -> None:
    assert title(made(case)) == heading
    assert told in one_line(made(case))


def test_the_values_beside_the_answer_are_told_with_their_shares() -> None:
    told = one_line(made("least"))
    assert "is 20: it is met in 100.0% of 20 futures. With 19 it is met in 0.0% of 20" in told
    assert "cannot be told exactly" not in told


def test_nothing_is_told_of_a_value_before_the_first() -> None:
    lowest = replace(made("least"), answer=0.0, told=False, unsure=(0.0, 40.0))
    (verdict, *_) = answer_words(lowest)
    assert verdict == "The least that meets the goal is 0: it is met in 0.0% of 20 futures."


def test_an_answer_that_cannot_be_told_from_its_neighbours_says_between_which_it_lies() -> None:
    target = made("unsure")
    assert "With so few futures the least cannot be told exactly: it is one of" in one_line(target)
    assert title(target).startswith("About ")


def test_households_are_told_in_carers_and_places_too() -> None:
    fostering = small().scenario.fostering
    carers = round(20 * fostering.carers_per_household)
    places = round(20 * fostering.approved_places_per_household)
    told = one_line(made("least"))
    assert f"20 households recruited are about {carers} carers" in told
    assert f"about {places} approved places" in told


def test_carers_are_told_in_households_and_places() -> None:
    values = {
        "fostering.recruitment.unit": "carers",
        "fostering.carers_per_household": 1.6,
        "fostering.approved_places_per_household": 2.0,
    }
    study = Study(scenario=with_values(small().scenario, values))
    target = find(
        study, LEVER, 0, 40, CASES["least"][0], replications=2, jobs=1,
        steps=responding(lambda x: x + 4),
    )  # fmt: skip
    # 16 carers: 10 households of 1.6, with 20 places
    assert "16 carers (people) recruited are about 10 households and about 20 approved" in (
        one_line(target)
    )


def test_a_lever_that_changes_nothing_is_called_that() -> None:
    goal, steps = "score >= 5 in 2025-26", responding(lambda x: 0 * x, 2.0)
    still = find(small(), LEVER, 0, 4, goal, replications=4, jobs=1, steps=steps)
    assert "The lever changes nothing here" in one_line(still)
    assert not any("changes nothing" in one_line(made(case)) for case in CASES)


def test_where_no_value_meets_the_goal_no_number_of_households_is_named() -> None:
    assert "40 households recruited" not in one_line(made("none"))


def test_where_the_nearest_cannot_be_told_from_enough_the_title_is_not_certain() -> None:
    unsure = replace(made("none"), told=False)
    assert title(unsure) == "No value clearly meets the goal in 80% of futures"


def test_the_next_few_are_no_more_than_there_are() -> None:
    goal, steps = "score >= 5 in 2025-26", responding(lambda x: 2 * x)
    few = find(small(), LEVER, 0, 3, goal, replications=2, jobs=1, steps=steps)
    assert few.further == 3
    assert few.at(0).further == pytest.approx(6)
    assert "Next 3" in one_line(few)


def test_other_levers_say_nothing_of_households() -> None:
    target = find(
        small(), "fostering.leaving_per_year", 0.0, 0.4, "score >= 0 in 2025-26", replications=2,
        jobs=1, steps=responding(lambda x: x),
    )  # fmt: skip
    assert "households" not in one_line(target)


def test_the_date_that_is_looked_at_is_said() -> None:
    assert "in 2025-26 (the last known by 2026-03-31)" in one_line(made("all"))
    assert "the last known" not in one_line(made("least"))


def test_what_it_took_is_said() -> None:
    target = made("least")
    told = one_line(target)
    assert f"{target.simulated:,} futures simulated" in told
    assert f"and {target.reused:,} used again" in told
    # five of the grid of nine were there from the coarse grid
    assert target.reused >= 5 * 20


def test_the_table_has_a_row_for_each_value_tried() -> None:
    found = table(made("least"))
    assert found["lever"].is_monotonic_increasing
    assert {0.0, 5.0, 10.0, 19.0, 20.0, 40.0} <= set(found["lever"])
    rows = found.set_index("lever")
    assert rows.loc[20.0, "enough"] == 1
    assert rows.loc[19.0, "enough"] == 0
    assert rows.loc[5.0, ["mean", "p10", "p90", "share_met", "next_change"]].tolist() == [
        5,
        5,
        5,
        0,
        5,
    ]
    assert rows.loc[5.0, "next"] == 5


@pytest.mark.parametrize("case", CASES)
def test_the_chart_shows_the_measure_against_the_goal_and_the_share_that_meets_it(
    case: str,
) -> None:
    target = made(case)
    chart = dose_response(target)
    assert chart.title == title(target)
    assert len(chart.panels) == 2
    assert len(chart.rows) == len(target.doses)
    lines = {line.name: line for line in chart.panels[0].figure.data}
    assert list(lines["goal"].y) == [target.goal.value] * 2
    assert list(lines["average"].y) == [round(dose.mean, 3) for dose in target.doses]
    shares = {line.name: line for line in chart.panels[1].figure.data}
    assert list(shares["asked for"].y) == [80, 80]


def test_a_scenarios_name_is_shown_as_it_is() -> None:
    named = with_values(small().scenario, {"name": "<b>Tiny</b>"})
    target = find(
        Study(scenario=named), LEVER, 0, 4, "score >= 2 in 2025-26", replications=2, jobs=1,
        steps=responding(lambda x: x),
    )  # fmt: skip
    from sufficiency.cli.targeting import _sheet
    from sufficiency.report.sheet import sheet_text

    page = sheet_text(_sheet(target))
    assert "&lt;b&gt;Tiny" in page
    assert "<b>Tiny" not in page


def test_numbers_are_shown_in_their_units() -> None:
    assert shown(0.153, "share") == "15%"
    assert shown(0.15, "moves") == "0.15"
    assert shown(12.34, "children") == "12"
    assert shown(float("nan"), "children") == "no value"
    assert shown(21_500_000.0, "£").startswith("£21")
    assert changed(-0.021, "share") == "\N{MINUS SIGN}2.1 points"
    assert changed(3.2, "children") == "+3.2"
    assert plain(0.35) == "0.35"
    assert plain(1200.0) == "1,200"


def test_an_answer_that_was_told_apart_is_still_read_as_about_that_number() -> None:
    told = [made(case) for case in CASES if made(case).told]
    exact = [target for target in told if target.verdict in ("least", "most")]
    assert exact
    assert all("read it as about this number" in one_line(target) for target in exact)
    others = [target for target in told if target not in exact]
    assert not any("read it as about" in one_line(target) for target in others)
