from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from test_answer import START, Tables, month_ends, study_of, tables

from sufficiency import charts
from sufficiency.answer import answer_of
from sufficiency.answer.levels import Level
from sufficiency.charts import Chart
from sufficiency.charts.course import season_of, trend_title
from sufficiency.charts.drawing import FIRST, SECOND, Line, time_panel

PALETTE = {"#12436D", "#28A197", "#801650", "#F46A25", "#3D3D3D", "#A285D1"}
AREA = "Camden"


@cache
def usual() -> Tables:
    return tables()


def made_of(settings: dict[str, Any]) -> Tables:
    return tables(**settings) if settings else usual()


def need(**settings: Any) -> Chart:
    return some(charts.need_against_places(made_of(settings).summary, AREA))


def children(**settings: Any) -> Chart:
    return some(charts.children_in_care(made_of(settings).summary, AREA))


def in_house(**settings: Any) -> Chart:
    made = made_of(settings)
    return some(charts.in_house(made.summary, AREA, answer_of(*made).decline))


def where(**settings: Any) -> Chart:
    return some(charts.where_children_live(made_of(settings).summary, AREA))


def changes(**settings: Any) -> Chart:
    told = answer_of(*made_of(settings))
    return some(charts.changes(told.options, told.at, AREA))


def some(chart: Chart | None) -> Chart:
    assert chart is not None
    return chart


EVERY = (need, children, in_house, where, changes)


@pytest.mark.parametrize("make", EVERY)
def test_a_chart_has_a_short_title_a_subtitle_words_and_its_data(
    make: Callable[..., Chart],
) -> None:
    chart = make()
    assert 3 <= len(chart.title.split()) <= 10
    assert AREA in chart.subtitle
    assert chart.alternative
    assert all(len(row) == len(chart.columns) for row in chart.rows)
    assert len(chart.rows) >= 5


@pytest.mark.parametrize("make", EVERY)
def test_a_chart_uses_the_palette_at_most_four_series_and_no_colour_alone(
    make: Callable[..., Chart],
) -> None:
    for panel in make().panels:
        lines = [mark for mark in panel.key if mark.shape == "line"]
        assert {mark.colour for mark in panel.key} <= PALETTE
        assert len(lines) <= 4
        assert len({mark.dash for mark in lines}) == len({m.symbol for m in lines}) == len(lines)
        layout = panel.figure.to_plotly_json()["layout"]
        assert layout["font"]["color"] == "#0B0C0C"
        assert layout["legend"]["orientation"] == "h"
        assert layout["xaxis"]["tickangle"] == 0


@pytest.mark.parametrize("make", EVERY)
def test_the_same_tables_give_the_same_figures(make: Callable[..., Chart]) -> None:
    first, second = ([p.figure.to_json() for p in make().panels] for _ in range(2))
    assert first == second


def test_need_is_said_to_exceed_places_only_where_it_does() -> None:
    more, less = need(needed_end=1.5), need(needed_end=0.5)
    assert more.title == "Need exceeds places for every kind of home by 2030"
    assert "exceeds" not in less.title
    assert less.title == "15 children lack the home planned, despite 20 vacant places"


def test_one_kind_that_is_short_is_named() -> None:
    made = tables(needed_end=1.0)
    gap = (made.summary["measure"] == "sufficiency_gap") & (made.summary["group"] == "kind=home")
    made.summary.loc[made.summary["measure"] == "sufficiency_gap", ["p10", "p90"]] = [-5.0, 5.0]
    made.summary.loc[gap, ["p10", "p90"]] = [2.0, 9.0]
    chart = some(charts.need_against_places(made.summary, AREA))
    assert chart.title == "Need exceeds places in children's homes by 2030"


def test_nothing_is_claimed_about_need_where_nothing_can_be_told() -> None:
    made = tables()
    made.summary.loc[made.summary["measure"] == "sufficiency_gap", ["p10", "p90"]] = [-5.0, 5.0]
    made.summary.loc[made.summary["measure"].isin(["unmet_need", "places_vacant"]), "mean"] = 0.0
    chart = some(charts.need_against_places(made.summary, AREA))
    assert chart.title == "No kind of home is clearly short by 2030"


def test_children_in_care_rise_fall_or_stay() -> None:
    assert children(total_end=1.3).title == "Children in care rise from 202 to 264"
    assert children(total_end=0.7).title == "Children in care fall from 202 to 141"
    assert children(season=0.0).title == "Children in care stay near 205 to 2030"
    assert children(season=3.0).title == "Children in care stay near 202, highest around September"
    # the season runs the other way
    assert children(season=-3.0).title == "Children in care stay near 208, highest around March"


def test_a_title_claims_no_level_where_it_only_cannot_be_told() -> None:
    first, last = Level("2025-04-01", 57, 0, 57, 57, 57), Level("2030-03-31", 52, 4, 30, 52, 74)
    assert trend_title("Children", first, last) == "Children show no clear change to 2030"


def test_the_axis_that_does_not_begin_at_zero_says_so() -> None:
    chart = children()
    low, _ = chart.panels[0].figure.layout.yaxis.range
    assert low > 0
    assert "does not begin at 0" in chart.subtitle
    assert all(panel.figure.layout.yaxis.range[0] == 0 for panel in need().panels)


def test_a_season_is_told_from_noise() -> None:
    dates = month_ends(5)
    months = np.array([int(day[5:7]) for day in dates])
    noise = np.random.default_rng(3).normal(0, 1, len(dates))
    wave = 8 * np.cos(2 * np.pi * (months - 9) / 12)

    def rows(values: np.ndarray) -> pd.DataFrame:
        return pd.DataFrame({"mean": 205 + values}, index=dates)

    assert season_of(rows(noise)) is None
    found = season_of(rows(noise + wave + np.linspace(0, 40, len(dates))))
    assert found is not None
    assert found.highest in ("August", "September", "October")
    assert found.lowest in ("February", "March", "April")
    assert found.apart == pytest.approx(16, abs=2.5)
    assert season_of(rows(wave).iloc[:30]) is None  # two years and a half are too few


def test_in_house_care_shrinks_grows_or_stays() -> None:
    assert in_house(end=0.7).title == "Children with in-house carers fall from 57 to 40"
    assert in_house(end=1.3).title == "Children with in-house carers rise from 57 to 74"
    assert "fall" not in in_house(end=1.0).title
    assert "rise" not in in_house(end=1.0).title


def test_the_type_that_gains_or_loses_most_is_named() -> None:
    assert where(end=0.7).title == "Fewer with in-house carers: the largest change by 2030"
    assert where(end=1.3).title == "More with in-house carers: the largest change by 2030"
    assert where(end=1.0, noise=0.0).title == "No clear change in where children live"


@pytest.mark.parametrize(
    ("effects", "title"),
    [
        ({"a": 8, "b": 9}, "All two options add children in-house after 2 years"),
        ({"a": 8, "b": 0, "c": -8}, "One of three options adds children in-house after 2 years"),
        ({"a": -8, "b": 0}, "No option clearly adds children in-house after 2 years"),
        ({"a": 8}, "The option adds children in-house after 2 years"),
    ],
)
def test_options_are_said_to_add_children_only_where_they_do(
    effects: dict[str, float], title: str
) -> None:
    chart = changes(effects={name: {"in_house": size} for name, size in effects.items()})
    assert chart.title == title


def test_an_effect_that_cannot_be_told_is_an_open_dot() -> None:
    chart = changes(effects={"a": {"in_house": 8.0, "ifa": 0.01}})
    clear, unclear = chart.panels[0].figure.data
    assert (clear.marker.symbol, list(clear.y)) == ("circle", ["In-house<br>carers"])
    assert unclear.marker.symbol == "circle-open"
    assert "Agency<br>carers" in unclear.y
    row = next(row for row in chart.rows if row[1] == "In-house carers")
    assert row[4] == "more"


def test_figures_that_are_compared_share_an_axis() -> None:
    ranges = {tuple(panel.figure.layout.xaxis.range) for panel in changes().panels}
    assert len(ranges) == 1


def test_markup_in_names_is_shown_as_text() -> None:
    made = tables(effects={"<b>bold</b>": {"in_house": 8.0}}, study=study_of("<i>Ayr</i>"))
    told = answer_of(*made)
    chart = some(charts.changes(told.options, told.at, told.name))
    title = chart.panels[0].figure.layout.title.text
    assert title == "&lt;b&gt;bold&lt;/b&gt;"


def test_labels_at_line_ends_do_not_overlap() -> None:
    dates = ["2025-04-01", "2026-03-31"]
    lines = [Line("a", "a", dates, [10, 10], FIRST), Line("b", "b", dates, [10, 10.1], SECOND)]
    figure = time_panel("x", lines).figure
    low, high = figure.layout.yaxis.range
    below, above = (note.y for note in figure.layout.annotations)
    assert (above - below) / (high - low) * 176 > 14


def test_charts_that_cannot_be_drawn_are_left_out() -> None:
    empty = tables().summary.iloc[:0]
    assert charts.need_against_places(empty, AREA) is None
    assert charts.children_in_care(empty, AREA) is None
    assert charts.in_house(empty, AREA) is None
    assert charts.where_children_live(empty, AREA) is None
    assert charts.changes((), 2, AREA) is None


def test_figures_hold_plain_numbers_that_any_reader_of_json_can_read() -> None:
    found = json.loads(need().panels[0].figure.to_json())
    line = next(trace for trace in found["data"] if trace["name"] == "children who need it")
    assert line["x"][0] == START.isoformat()
    assert line["y"][0] == pytest.approx(121, abs=0.5)
