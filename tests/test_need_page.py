"""Need against places, unmet need by group, and where children live: charts and tables."""

from __future__ import annotations

from datetime import date
from functools import cache
from types import SimpleNamespace

import pandas as pd
import pytest
from summary_by_hand import draw_nothing, flat, short, slope, summary

from sufficiency import charts
from sufficiency.answer.words import AGE_WORDS, KIND_WORDS, TYPE_WORDS
from sufficiency.charts import Chart
from sufficiency.charts import area as area_charts
from sufficiency.charts import need as need_charts
from sufficiency.charts import unmet as unmet_charts
from sufficiency.charts import where as where_charts
from sufficiency.charts.area import in_area_and_beyond
from sufficiency.charts.unmet import COHORT_WORDS, unmet_need
from sufficiency.report import children, need
from sufficiency.report.grids import Grid

AGES = {f"age={age}": 4.0 for age in AGE_WORDS}
COHORTS = {f"cohort={cohort}": 4.0 for cohort in COHORT_WORDS}
KINDS = {f"kind={kind}": 7.0 for kind in KIND_WORDS}


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    draw_nothing(monkeypatch, need_charts, unmet_charts, where_charts, area_charts)


def exhibits(part, table: pd.DataFrame):
    tables = SimpleNamespace(summary=table)
    return part.exhibits(tables, SimpleNamespace(name="Ayr", start=date(2025, 4, 1)))


def by_name(grids: list[Grid]) -> dict[str, Grid]:
    return {grid.name: grid for grid in grids}


def row(grid: Grid, block: str, words: str) -> list[tuple[str, str]]:
    rows = next(one.rows for one in grid.blocks if one.heading == block)
    return [tuple(cell) for cell in next(one for one in rows if one.words == words).cells]


# --- need and places ----------------------------------------------------------------------------


def need_rows(gap: float = -10.0, *, unmet: float = 6.0, vacant: float = 9.0, kinds=KIND_WORDS):
    found = []
    for kind in kinds:
        group = f"kind={kind}"
        found += [
            ("placements_needed", group, flat(50, 5)),
            ("places_usable", group, flat(50 - gap, 5)),
            ("sufficiency_gap", group, flat(gap, 4)),
            ("unmet_need", group, flat(unmet, 3)),
            ("places_vacant", group, flat(vacant, 3)),
        ]
    found += [
        ("places_usable", "type=in_house", slope(40, 20, 4)),
        ("places_usable", "type=ifa", flat(20, 4)),
        ("sufficiency_gap", "kind=foster;type=in_house", slope(10, 30, 4)),
    ]
    return found


def need_chart(table: pd.DataFrame) -> Chart:
    found = charts.need_against_places(table, "Ayr")
    assert found is not None
    assert short(found.title)
    return found


def without(table: pd.DataFrame, measure: str, group: str) -> pd.DataFrame:
    return table[~((table["measure"] == measure) & (table["group"] == group))]


@pytest.mark.usefixtures("undrawn")
def test_dates_of_need_are_named() -> None:
    chart = need_chart(summary(*need_rows()))
    assert chart.rows[0][:3] == ("Foster family", "1 April 2025", "50")
    assert {r[1] for r in chart.rows} >= {"31 March 2026", "31 March 2030"}


@pytest.mark.usefixtures("undrawn")
def test_a_sum_of_which_a_part_is_not_known_is_not_told() -> None:
    whole = summary(*need_rows())
    assert need_chart(whole).title == (
        "18 children lack the home planned, despite 27 vacant places"
    )
    for measure in ("unmet_need", "places_vacant"):
        title = need_chart(without(whole, measure, "kind=home")).title
        assert title == "No kind of home is clearly short by 2030"
    assert (
        need_chart(summary(*need_rows(kinds=["foster", "home"]))).title
        == "No kind shown is clearly short of places by 2030"
    )


@pytest.mark.usefixtures("undrawn")
def test_the_gap_table_sets_need_places_by_provider_gaps_and_vacancies_side_by_side() -> None:
    grid = by_name(exhibits(need, summary(*need_rows())).grids)["gap"]
    assert grid.heads == [
        "At the start, 1 April 2025", "After 1 year, 31 March 2026", "After 2 years, 31 March 2027",
        "After 3 years, 31 March 2028", "After 5 years, 31 March 2030",
    ]  # fmt: skip
    assert [block.heading for block in grid.blocks] == [
        "Foster family", "Children's home", "Supported accommodation",
    ]  # fmt: skip
    assert row(grid, "Foster family", "Children who need one")[0] == ("50", "45 to 55")
    assert [value for value, _ in row(grid, "Foster family", "Own places")] == [
        "40", "36", "32", "28", "20",
    ]  # fmt: skip
    assert row(grid, "Foster family", "Places with agencies (IFA)")[-1] == ("20", "16 to 24")
    assert row(grid, "Foster family", "Gap to own places")[-1] == ("30", "26 to 34")
    assert row(grid, "Foster family", "Gap to all places")[0][0] == "\N{MINUS SIGN}10"
    assert row(grid, "Foster family", "Vacant places")[0] == ("9", "6 to 12")
    assert row(grid, "Foster family", "Unmet need")[0] == ("6", "3 to 9")
    words = [one.words for one in grid.blocks[2].rows]
    assert "Own places" not in words  # an authority has none of supported accommodation


@pytest.mark.usefixtures("undrawn")
def test_a_run_of_less_than_a_year_has_its_first_and_last_day() -> None:
    days = ("2025-04-01", "2025-06-30", "2025-09-30")
    rows = [(measure, group, flat(5, 2, days)) for measure, group, _ in need_rows()]
    grid = by_name(exhibits(need, summary(*rows)).grids)["gap"]
    assert grid.heads == ["At the start, 1 April 2025", "30 September 2025"]


@pytest.mark.usefixtures("undrawn")
def test_what_is_not_known_leaves_its_row_or_the_table_out() -> None:
    table = without(summary(*need_rows()), "places_usable", "type=ifa")
    grid = by_name(exhibits(need, table).grids)["gap"]
    assert "Places with agencies (IFA)" not in [one.words for one in grid.blocks[0].rows]
    assert exhibits(need, summary()).empty
    assert exhibits(children, summary()).empty


# --- unmet need by group --------------------------------------------------------------------------


def unmet(groups, every: float | None = 20.0, **settings) -> Chart:
    rows = [("unmet_need", group, flat(value, 2)) for group, value in groups.items()]
    if every is not None:
        rows.append(("unmet_need", "", flat(every, 4)))
    found = unmet_need(summary(*rows, **settings), "Ayr")
    assert found is not None
    assert short(found.title)
    return found


ALL = AGES | COHORTS | KINDS


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(
    ("change", "every", "title"),
    [
        (
            {"cohort=siblings": 13.0}, 20.0,
            "Most unmet need is among children who entered with siblings",
        ),
        ({"cohort=teenage": 13.0}, 20.0, "Most unmet need is among teenagers"),
        ({"cohort=disabled": 13.0}, 20.0, "Most unmet need is among disabled children"),
        ({"cohort=uasc": 13.0}, 20.0, "Most unmet need is among unaccompanied children"),
        ({"cohort=uasc": 13.0, "cohort=teenage": 14.0}, 20.0, "Most unmet need is among teenagers"),
        ({"cohort=siblings": 9.0}, 20.0, "No age or cohort clearly leads in unmet need"),
        ({"age=10-15": 8.0}, 20.0, "Unmet need is largest among children aged 10 to 15"),
        ({"age=16-17": 8.0}, 20.0, "Unmet need is largest among children aged 16 and 17"),
        ({"age=under_1": 8.0}, 20.0, "Unmet need is largest among children under 1"),
        ({}, 20.0, "No age or cohort clearly leads in unmet need"),
        ({"cohort=siblings": 13.0}, None, "No age or cohort clearly leads in unmet need"),
    ],
)  # fmt: skip
def test_the_title_says_whom_unmet_need_is_about_only_where_it_is_clear(
    change, every, title
) -> None:
    assert unmet(ALL | change, every).title == title


@pytest.mark.usefixtures("undrawn")
def test_a_lead_within_the_error_or_at_one_end_only_is_not_told() -> None:
    lead = ALL | {"age=10-15": 8.0, "cohort=siblings": 13.0}
    assert unmet(lead, se=3.0).title == "No age or cohort clearly leads in unmet need"
    assert unmet(lead, se=float("nan")).title == "No age or cohort clearly leads in unmet need"
    rows = [("unmet_need", group, flat(value, 2)) for group, value in ALL.items()]
    rows[0] = ("unmet_need", rows[0][1], slope(4, 12, 2))
    found = unmet_need(summary(*rows, ("unmet_need", "", flat(20, 4))), "Ayr")
    assert found is not None
    assert found.title == "No age or cohort clearly leads in unmet need"


@pytest.mark.usefixtures("undrawn")
def test_nothing_is_claimed_of_groups_where_some_are_withheld() -> None:
    known = ALL | {"age=10-15": 8.0}
    del known["age=under_1"]
    assert unmet(known).title == "Unmet need by age and cohort, as far as known"


@pytest.mark.usefixtures("undrawn")
def test_hardly_any_unmet_need_is_called_so_only_where_the_whole_is_known() -> None:
    none = [("unmet_need", group, flat(0.0, 0.0)) for group in (*ALL, "")]
    found = unmet_need(summary(*none), "Ayr")
    assert found is not None
    assert found.title == "Hardly any need is unmet"
    found = unmet_need(summary(*none[:-1]), "Ayr")
    assert found is not None
    assert found.title == "No age or cohort clearly leads in unmet need"


def test_cohorts_are_said_to_overlap_and_both_ends_are_drawn_apart() -> None:
    chart = unmet(ALL)
    assert any("Cohorts overlap" in line for line in chart.alternative)
    assert len(chart.panels) == 3
    for panel in chart.panels:
        first, last = panel.figure.data
        assert first.marker.color != last.marker.color
        assert [mark.shape for mark in panel.key] == ["ring", "dot"]
        assert first.name.startswith("1 April 2025")
        assert last.name.startswith("31 March 2030")
    assert chart.rows[0] == ("All children", "20", "16 to 24", "20", "16 to 24")
    grid = by_name(exhibits(need, summary(*[("unmet_need", g, flat(3, 1)) for g in ALL])).grids)
    assert "Cohorts overlap" in grid["unmet-groups"].lines[0]
    assert row(grid["unmet-groups"], "Cohort", "Disabled")[0] == ("3", "2 to 4")


# --- where children live --------------------------------------------------------------------------


@cache
def types(**changes: tuple[float, float]) -> pd.DataFrame:
    numbers = dict.fromkeys(TYPE_WORDS, (20.0, 20.0)) | changes
    return summary(
        *(
            ("children_in_care", f"type={type_}", slope(first, last, 3))
            for type_, (first, last) in numbers.items()
        )
    )


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({"in_house": (50, 30)}, "Fewer with in-house carers: the largest change by 2030"),
        (
            {"ifa": (50, 80), "in_house": (50, 30)},
            "More with agency carers: the largest change by 2030",
        ),
        (
            {"ifa": (50, 66.1), "in_house": (50, 33.8)},
            "Fewer with in-house carers, more with agency carers",
        ),
        ({"supported": (50, 80)}, "More in supported accommodation: the largest change by 2030"),
        ({"home_own": (5, 1)}, "Fewer in own children's homes: the largest change by 2030"),
        ({"ifa": (50, 50.2)}, "No clear change in where children live"),
        ({}, "No clear change in where children live"),
    ],
)
def test_the_type_that_changes_most_is_named_if_any_does(changes, title) -> None:
    chart = charts.where_children_live(types(**changes), "Ayr")
    assert chart is not None
    assert chart.title == title
    assert short(title)


@pytest.mark.usefixtures("undrawn")
def test_most_is_not_said_where_another_type_is_withheld() -> None:
    table = without(types(in_house=(50, 30)), "children_in_care", "type=ifa")
    chart = charts.where_children_live(table, "Ayr")
    assert chart is not None
    assert chart.title == "Fewer children with in-house carers by 2030"
    chart = charts.where_children_live(without(types(), "children_in_care", "type=ifa"), "Ayr")
    assert chart is not None
    assert chart.title == "No clear change in the types of placement shown"
    assert all(row[0] != "Agency carers (IFA)" for row in chart.rows)


def test_each_type_has_its_own_figure_with_its_own_range_but_not_the_rarest() -> None:
    chart = charts.where_children_live(types(secure=(0.1, 0.1)), "Ayr")
    assert chart is not None
    headings = [panel.heading for panel in chart.panels]
    assert len(headings) == len(TYPE_WORDS) - 1
    assert "Secure homes" not in headings
    assert ("Secure homes", "31 March 2030", "0.1", "0 to 3") in chart.rows
    for panel in chart.panels:
        band, line = panel.figure.data
        assert line.y[0] == 20
        assert sorted(set(band.y)) == [17, 23]


# --- in the area and beyond -----------------------------------------------------------------------


def area(inside=None, far=None) -> Chart:
    rows = []
    if inside is not None:
        rows.append(("in_area_share", "", inside))
    if far is not None:
        rows.append(("over_20_miles_share", "", far))
    found = in_area_and_beyond(summary(*rows, se=0.001), "Ayr")
    assert found is not None
    assert short(found.title)
    return found


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(
    ("inside", "title"),
    [
        (slope(0.6, 0.4, 0.05), "A smaller share lives in the area: 40%, was 60%"),
        (slope(0.4, 0.6, 0.05), "A larger share lives in the area: 60%, was 40%"),
        (slope(0.54, 0.51, 0.05), "Probably a smaller share lives in the area by 2030"),
        (slope(0.51, 0.54, 0.05), "Probably a larger share lives in the area by 2030"),
        (flat(0.52, 0.05), "No clear change: 48% of children live outside the area"),
    ],
)
def test_the_share_in_the_area_is_said_to_change_only_where_it_does(inside, title) -> None:
    assert area(inside, flat(0.2, 0.02)).title == title


@pytest.mark.usefixtures("undrawn")
def test_a_withheld_share_is_not_made_of_the_other() -> None:
    chart = area(far=flat(0.2, 0.02))
    assert chart.title == "20% of children live over 20 miles away by 2030"
    assert len(chart.panels) == 1
    assert in_area_and_beyond(summary(), "Ayr") is None


def test_shares_are_in_per_cent_by_age_and_type_at_both_ends() -> None:
    rows = [
        ("in_area_share", "", flat(0.5, 0.05)),
        ("in_area_share", "type=ifa", flat(0.3, 0.1)),
        ("in_area_share", "age=10-15", slope(0.5, 0.4, 0.1)),
    ]
    chart = in_area_and_beyond(summary(*rows), "Ayr")
    assert chart is not None
    headings = [panel.heading for panel in chart.panels]
    assert headings == [
        "Living in the area, %", "Living in the area, by age in years",
        "Living in the area, by type of placement",
    ]  # fmt: skip
    assert list(chart.panels[1].figure.data[1].x) == [40.0]
    assert ("Living in the area", "10 to 15", "31 March 2030", "40%", "30% to 50%") in chart.rows


def test_the_table_of_distances_is_by_type_and_refers_to_that_by_age() -> None:
    rows = [
        ("placement_distance", "distance=in_area", flat(100, 9)),
        ("placement_distance", "distance=in_area;type=ifa", flat(30, 4)),
        ("placement_distance", "distance=in_area;type=home_own", flat(0, 0)),
    ]
    (grid,) = exhibits(children, summary(*rows)).grids
    assert [one.words for one in grid.blocks[0].rows] == ["All types", "Agency carers (IFA)"]
    assert row(grid, "In the area", "Agency carers (IFA)")[-1] == ("30", "26 to 34")
    assert "What members ask" in grid.lines[0]
