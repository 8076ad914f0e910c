from __future__ import annotations

from datetime import date
from functools import cache

import pytest
from summary_by_hand import (
    MARCHES,
    QUARTERS,
    YEARS,
    draw_nothing,
    flat,
    line,
    short,
    slope,
    summary,
)

from sufficiency import charts
from sufficiency.charts import Chart, course
from sufficiency.charts import entries as entries_charts
from sufficiency.charts.entries import entries
from sufficiency.charts.past import Told, dated, told
from sufficiency.scenario import PastValue, Scenario
from sufficiency.scenario_file import load

ROSE = [Told(f"{year}-03-31", 150.0 + 10 * (year - 2021), "DfE") for year in range(2021, 2026)]
FELL = [Told(f"{year}-03-31", 230.0 - 10 * (year - 2021), "DfE") for year in range(2021, 2026)]


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    draw_nothing(monkeypatch, course, entries_charts)


def children(numbers, past=()) -> Chart:
    found = charts.children_in_care(summary(("children_in_care", "", numbers)), "Ayr", past)
    assert found is not None
    assert short(found.title)
    return found


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(
    ("numbers", "past", "title"),
    [
        (flat(190, 20), ROSE, "After rising from 150, children in care stay near 190"),
        (flat(190, 20), FELL, "After falling from 230, children in care stay near 190"),
        (slope(190, 150, 20), ROSE, "After rising from 150, children in care fall to 150"),
        (slope(190, 240, 20), ROSE, "After rising from 150, children in care rise to 240"),
        (slope(190, 170, 40), ROSE, "Children in care probably fall to about 170"),
        (flat(190, 20), [], "Children in care stay near 190 to 2030"),
        (flat(150, 20), ROSE[:1], "Children in care stay near 150 to 2030"),
        (flat(170, 20), ROSE[2:3], "Children in care stay near 170 to 2030"),
        (flat(190, 20), ROSE[-1:], "Children in care stay near 190 to 2030"),
    ],
)
def test_the_title_joins_the_past_to_what_is_ahead_only_where_both_are_clear(
    numbers, past, title
) -> None:
    assert children(numbers, past).title == title


def test_the_past_is_drawn_with_marks_of_its_own_and_named_in_key_and_table() -> None:
    chart = children(flat(190, 20), ROSE)
    (panel,) = chart.panels
    before = next(trace for trace in panel.figure.data if trace.name == "before the run")
    ahead = next(trace for trace in panel.figure.data if trace.name == "median")
    assert list(before.y) == [150, 160, 170, 180, 190]
    assert before.marker.symbol != ahead.marker.symbol
    assert before.line.dash != ahead.line.dash
    assert [mark.name for mark in panel.key][-1] == "before the run"
    assert chart.rows[0] == ("31 March 2021", "150", "", "", "DfE")
    assert chart.rows[5][-1] == "simulated"
    assert chart.source == "DfE"
    low, high = panel.figure.layout.yaxis.range
    assert low < 150
    assert high > 210


def test_a_line_is_broken_where_the_past_is_not_known() -> None:
    panel = children(flat(190, 20), [ROSE[0], ROSE[1], ROSE[4]]).panels[0]
    before = next(trace for trace in panel.figure.data if trace.name == "before the run")
    assert list(before.y) == [150, 160, None, 190]


@cache
def shipped() -> Scenario:
    return load("camden").scenario


def camden(**changes) -> Scenario:
    return shipped().model_copy(update=changes)


def value(period: str, number: float, measure: str = "children_in_care", group: str = ""):
    return PastValue(measure=measure, group=group, period=period, value=number, source="DfE")


def test_the_past_is_the_history_then_published_values_then_the_validation_period() -> None:
    scenario = camden(history=(value("2022-03-31", 191), value("2025-03-31", 205)))
    found = {one.period: one.value for one in told(scenario, "children_in_care")}
    # 214 is a published value to compare with; 197 is how the validation period begins, which is
    # on 1 April 2023, as of the end of the day before.
    assert found == {"2022-03-31": 191, "2023-03-31": 197, "2024-03-31": 214, "2025-03-31": 205}


def test_history_wins_over_what_else_is_said_of_a_day() -> None:
    scenario = camden(history=(value("2024-03-31", 999),))
    found = {one.period: one.value for one in told(scenario, "children_in_care")}
    assert found["2024-03-31"] == 999


def test_only_five_years_before_the_first_day_are_told_in_order() -> None:
    scenario = camden(
        validation=None,
        observed=(),
        history=(
            value("2025-03-31", 4), value("2020-03-31", 1), value("2020-04-30", 2),
            value("2025-06-30", 9), value("2023-03-31", 3),
        ),
    )  # fmt: skip
    assert [one.value for one in told(scenario, "children_in_care")] == [2, 3, 4]


def test_flows_of_years_and_quarters_are_told_apart_from_dates_and_groups() -> None:
    scenario = camden(
        history=(
            value("2024-25", 109, "entries"), value("2024-Q4", 20, "entries"),
            value("2024-25", 12, "entries", "stream=uasc"),
        )
    )  # fmt: skip
    assert [one.period for one in told(scenario, "entries")] == ["2024-25", "2024-Q4"]
    assert dated(told(scenario, "entries")) == []
    assert [one.value for one in told(scenario, "entries", "stream=uasc")] == [12]


SEASON = line([25, 32, 27, 22] * 5, 8, QUARTERS)
LOW_WINTER = line([28, 28, 28, 20] * 5, 8, QUARTERS)
LEVEL = flat(26, 8, QUARTERS)


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(
    ("years", "quarters", "title"),
    [
        (flat(106, 20, YEARS), SEASON, "About 106 enter a year, peaking from July to September"),
        (flat(104, 20, YEARS), LOW_WINTER, "About 104 enter a year, fewest from January to March"),
        (flat(104, 20, YEARS), LEVEL, "About 104 enter a year, with no clear trend"),
        (slope(104, 60, 20, YEARS), SEASON, "Entries fall from 104 to 60 by 2029-30"),
        (slope(60, 104, 20, YEARS), SEASON, "Entries rise from 60 to 104 by 2029-30"),
        (slope(104, 96, 20, YEARS), SEASON, "Entries probably fall to about 96 a year"),
        ({}, SEASON, "Entries vary by season, peaking from July to September"),
        ({}, LEVEL, "Entries show no clear season"),
        ({}, flat(26, 8, QUARTERS[:3]), "Too short a run to tell a trend in entries"),
        (flat(104, 20, YEARS), {}, "About 104 enter a year, with no clear trend"),
    ],
)
def test_entries_are_said_to_change_or_to_have_a_season_only_where_they_do(
    years, quarters, title
) -> None:
    chart = entries(summary(("entries", "", years), ("entries", "", quarters)), "Ayr")
    assert chart is not None
    assert chart.title == title
    assert short(chart.title)


def test_entries_of_the_past_stand_before_those_ahead_with_quarters_named() -> None:
    past = [Told("2023-24", 99, "DfE"), Told("2024-25", 109, "DfE"), Told("2024-Q4", 21, "own")]
    table = summary(("entries", "", flat(106, 20, YEARS)), ("entries", "", SEASON))
    chart = entries(table, "Ayr", past)
    assert chart is not None
    years, quarters = (panel.figure for panel in chart.panels)
    assert list(years.layout.xaxis.categoryarray)[:3] == ["2023-24", "2024-25", "2025-26"]
    assert list(quarters.layout.xaxis.categoryarray)[:2] == [
        "January to March 2025", "April to June 2025",
    ]  # fmt: skip
    assert chart.rows[0] == ("2023-24", "99", "", "", "DfE")
    assert ("January to March 2025", "21", "", "", "own") in chart.rows
    assert chart.source == "DfE; own"
    assert "2023-24 to January to March 2030, simulated from April to June 2025" in chart.subtitle


def test_without_numbers_there_is_no_chart() -> None:
    empty = summary()
    assert entries(empty, "Ayr") is None
    assert charts.children_in_care(empty, "Ayr", ROSE) is None
    one_day = summary(("children_in_care", "", flat(190, 20, MARCHES[:1])))
    assert charts.children_in_care(one_day, "Ayr") is None


@pytest.mark.slow
def test_shipped_councils_tell_five_years_of_children_in_care() -> None:
    # councils.md: DfE series of 31 March 2021 to 2025; Medway's run begins in April 2024.
    published = {
        "camden": [187, 191, 197, 214, 205],
        "cambridgeshire": [640, 593, 632, 631, 705],
        "harrow": [182, 188, 179, 180, 176],
        "medway": [440, 444, 466, 476],
        "north_somerset": [213, 200, 223, 254, 280],
    }
    for name, numbers in published.items():
        found = load(name).scenario.history
        stock = [one for one in found if one.measure == "children_in_care"]
        assert [one.value for one in stock] == numbers, name
        assert [date.fromisoformat(one.period).year for one in stock] == list(
            range(2021, 2021 + len(numbers))
        )
        assert all("DfE-25" in one.source for one in found)
