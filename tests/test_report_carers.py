"""Foster carers and how settled children are: charts whose findings may be any."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest
from known_by_hand import Values, each, lines, summary_of, without

from sufficiency.charts.carers import benchmark, funnel, net_households, places
from sufficiency.charts.look import Chart
from sufficiency.charts.settled import moves_by_cause, stability
from sufficiency.vocabulary import MoveCause

YEARS = ("2025-26", "2026-27", "2027-28")
MARCHES = ("2026-03-31", "2027-03-31", "2028-03-31")
MINUS = "\N{MINUS SIGN}"


def some(chart: Chart | None) -> Chart:
    assert chart is not None
    assert 3 <= len(chart.title.split()) <= 10
    assert all(len(row) == len(chart.columns) for row in chart.rows)
    assert "Camden" in chart.subtitle
    assert chart.alternative
    for panel in chart.panels:
        assert len([mark for mark in panel.key if mark.shape == "bar"]) <= 4
        patterns = [mark.symbol for mark in panel.key if mark.shape == "bar"]
        assert len(set(patterns)) == len(patterns)
    return chart


def fostering(
    approved: float = 4.0,
    left: float = 7.0,
    enquiries: float = 80.0,
    applications: float = 10.0,
    se: float = 0.1,
) -> pd.DataFrame:
    """The same in each of three years."""
    net = approved - left
    return summary_of(
        lines("foster_enquiries", each(YEARS, enquiries)),
        lines("foster_applications", each(YEARS, applications)),
        lines("foster_households_approved", each(YEARS, (approved, se, 1, 9))),
        lines("foster_households_left", each(YEARS, (left, se, 3, 12))),
        lines("foster_households_net", each(YEARS, (net, se, net - 4, net + 4))),
    )


# ---- Enquiries to households -------------------------------------------------------------------


def test_each_step_is_a_share_of_the_one_before() -> None:
    found = some(funnel(fostering(), "Camden"))
    notes = [
        note["text"] for note in found.panels[0].figure.to_plotly_json()["layout"]["annotations"]
    ]
    assert notes == ["80", "10 (12%)", "4 (40%)", "7", f"{MINUS}3"]
    assert found.title == "About 20 enquiries for each household approved"
    assert found.rows[0][:5] == ("2025-26", "80", "80", "10", "10")
    assert "12% of enquiries" in found.alternative[-1]
    assert "Ofsted" in found.source


@pytest.mark.parametrize(
    ("settings", "title"),
    [
        ({"enquiries": 8.0}, "About 2 enquiries for each household approved"),
        ({"approved": 0.0}, "No household is approved, of 80 enquiries a year"),
    ],
)
def test_few_or_no_approvals_are_said(settings: dict[str, float], title: str) -> None:
    assert some(funnel(fostering(**settings), "Camden")).title == title


def test_the_average_year_is_the_average_of_the_years() -> None:
    values: Values = {"2025-26": 60.0, "2026-27": 80.0, "2027-28": 100.0}
    table = summary_of(
        lines("foster_enquiries", values), lines("foster_households_approved", each(YEARS, 4.0))
    )
    found = some(funnel(table, "Camden"))
    assert found.title == "About 20 enquiries for each household approved"
    assert "2025-26 to 2027-28" in found.subtitle


def test_what_is_withheld_of_the_steps_is_left_out() -> None:
    found = some(funnel(without(fostering(), "foster_applications"), "Camden"))
    words = found.panels[0].figure.to_plotly_json()["data"][0]["y"]
    assert list(words) == ["Enquiries", "Approved", "Left", "Net"]
    assert not any("%" in text for row in found.rows for text in row)
    assert "(" not in found.alternative[0]
    for measure in ("foster_enquiries", "foster_households_approved"):
        assert funnel(without(fostering(), measure), "Camden") is None


# ---- Net households ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("approved", "left", "se", "title"),
    [
        (4.0, 7.0, 0.1, "More households leave than are approved every year"),
        (7.0, 4.0, 0.1, "More households are approved than leave every year"),
        (5.0, 5.1, 0.1, "Households approved and leaving: no clear difference in number"),
        (4.0, 7.0, 2.0, "Households approved and leaving: no clear difference in number"),
    ],
)
def test_the_title_of_net_households_says_which_way(
    approved: float, left: float, se: float, title: str
) -> None:
    found = some(net_households(fostering(approved, left, se=se), "Camden"))
    assert found.title == title


def test_years_may_differ_and_one_year_is_named() -> None:
    def by_year(approved: tuple[float, ...]) -> str:
        table = summary_of(
            lines("foster_households_approved", dict(zip(YEARS, approved, strict=False))),
            lines("foster_households_left", each(YEARS, 5.0)),
            lines("foster_households_net", each(YEARS, 0.0)),
        )
        return some(net_households(table, "Camden")).title

    assert by_year((4.0, 4.0, 5.0)) == "More households leave than join in 2 of 3 years"
    assert by_year((9.0, 5.0, 5.0)) == "More households join than leave in 1 of 3 years"
    assert by_year((9.0, 1.0, 5.0)) == "Some years gain households, others lose them"
    assert by_year((1.0,)) == "More households leave than are approved in 2025-26"


def test_net_households_are_drawn_with_their_range() -> None:
    found = some(net_households(fostering(), "Camden"))
    net = found.panels[1].figure.to_plotly_json()["data"]
    assert list(net[0]["y"]) == [-3.0, -3.0, -3.0]
    assert list(net[1]["error_y"]["array"]) == [4.0, 4.0, 4.0]
    assert found.rows[0] == ("2025-26", "4", "7", f"{MINUS}3", f"{MINUS}7 to 1")
    for measure in ("approved", "left", "net"):
        table = without(fostering(), f"foster_households_{measure}")
        assert net_households(table, "Camden") is None


# ---- The benchmark -----------------------------------------------------------------------------


def needed(approved: float = 5.0, se: float = 0.1) -> pd.DataFrame:
    """A benchmark of 12 a year: 7 for leavers, 3 for growth, 2 for choice."""
    name = "foster_households_needed"
    parts = {"leavers": 7.0, "growth": 3.0, "choice": 2.0}
    return summary_of(
        lines(name, each(YEARS, (12.0, se, 9, 15))),
        *(lines(name, each(YEARS, n), f"part={part}") for part, n in parts.items()),
        lines("foster_households_approved", each(YEARS, (approved, se, 1, 9))),
        lines("foster_households_short", each(MARCHES, (40.0, 1.0, 30, 50))),
        lines("foster_households_short", {"2025-06-30": 99.0}),
    )


@pytest.mark.parametrize(
    ("approved", "se", "title"),
    [
        (5.0, 0.1, "Approvals fall short of the benchmark every year"),
        (20.0, 0.1, "Approvals exceed the benchmark every year"),
        (12.1, 0.1, "Approvals and the benchmark show no clear difference"),
        (5.0, 9.0, "Approvals and the benchmark show no clear difference"),
    ],
)
def test_the_title_of_the_benchmark_says_which_way(approved: float, se: float, title: str) -> None:
    assert some(benchmark(needed(approved, se), "Camden")).title == title


def test_parts_of_the_benchmark_stand_on_one_another_beside_the_approvals() -> None:
    found = some(benchmark(needed(), "Camden"))
    leavers, growth, choice, approved = found.panels[0].figure.to_plotly_json()["data"]
    assert [list(bars["base"]) for bars in (leavers, growth, choice, approved)] == [
        [0, 0, 0], [7, 7, 7], [10, 10, 10], [0, 0, 0],
    ]  # fmt: skip
    assert leavers["x"][0] == choice["x"][0] < approved["x"][0]
    assert found.rows[0] == ("2025-26", "7", "3", "2", "12", "5", "40")


def test_a_part_or_the_shortage_that_is_withheld_is_never_taken_for_nothing() -> None:
    part = without(needed(), "foster_households_needed", "part=growth")
    assert benchmark(part, "Camden") is None
    alone = some(benchmark(without(needed(), "foster_households_short"), "Camden"))
    assert len(alone.panels) == 1
    assert not any("short" in line for line in alone.alternative)
    assert "shortage" not in alone.subtitle
    assert "Short at the year's end" not in alone.columns
    assert {len(row) for row in alone.rows} == {len(alone.columns)}


# ---- Places ------------------------------------------------------------------------------------


def held(approved: float = 95.2, usable: float = 73.4, filled: float = 55.0) -> pd.DataFrame:
    group, dates = "type=in_house", ("2025-04-01", "2025-06-30", "2028-03-31")
    return summary_of(
        lines("places_approved", each(dates, approved), group),
        lines("places_usable", each(dates, usable), group),
        lines("places_filled", each(dates, filled), group),
        lines("places_not_available", each(dates, approved - usable), group),
        lines("staying_put", each(dates, 1.5)),
    )


def test_approved_usable_and_filled_places_differ_or_do_not() -> None:
    found = some(places(held(), "Camden"))
    assert found.title == "Of 95 approved places, 73 are usable, 55 filled"
    assert [panel.heading for panel in found.panels] == ["April 2025", "March 2028"]
    same = some(places(held(40.0, 40.0, 40.0), "Camden"))
    assert same.title == "All 40 approved places are usable and filled"
    assert places(held(0.0, 0.0, 0.0), "Camden") is None


def test_places_of_which_a_part_is_withheld_are_not_shown() -> None:
    assert places(without(held(), "places_usable"), "Camden") is None
    found = some(places(without(held(), "staying_put"), "Camden"))
    assert not any("staying put" in " ".join(row) for row in found.rows)


# ---- Moves -------------------------------------------------------------------------------------


def moved(positive: float = 65.0, other: float = 70.0, se: float = 0.5) -> pd.DataFrame:
    """Two causes, half of the moves of their kind each; the others never occur."""
    parts = [
        lines("moves", each(YEARS, (n, se, n - 9, n + 9)), f"nature={nature}")
        for nature, n in (("positive", positive), ("not_positive", other))
    ]
    occurring = {"planned": positive, "breakdown": other * 0.75, "other": other / 4}
    for cause in MoveCause:
        parts.append(lines("moves", each(YEARS, occurring.get(cause, 0.0)), f"cause={cause}"))
    return summary_of(*parts)


@pytest.mark.parametrize(
    ("positive", "other", "se", "title"),
    [
        (65.0, 70.0, 0.5, "Fewer than half of moves are positive for the child"),
        (70.0, 65.0, 0.5, "Most moves are positive for the child"),
        (65.0, 66.0, 0.5, "No clear difference between positive and other moves"),
        (65.0, 70.0, 4.0, "No clear difference between positive and other moves"),
    ],
)
def test_the_title_of_moves_says_whether_most_are_positive(
    positive: float, other: float, se: float, title: str
) -> None:
    assert some(moves_by_cause(moved(positive, other, se), "Camden")).title == title


def test_causes_are_told_apart_by_figure_and_only_those_that_occur_are_shown() -> None:
    found = some(moves_by_cause(moved(), "Camden"))
    assert [panel.heading for panel in found.panels] == [
        "Positive for the child", "Not positive, or not known to be",
    ]  # fmt: skip
    shown = [list(panel.figure.to_plotly_json()["data"][0]["y"]) for panel in found.panels]
    assert shown == [["Planned"], ["Placement broke<br>down", "Other causes"]]
    ends = {panel.figure.layout.xaxis.range[1] for panel in found.panels}
    assert len(ends) == 1
    assert not any("withheld" in line for line in found.alternative)
    assert found.alternative[3] == (
        "The most common other causes, moves a year: placement broke down 52, other causes 18."
    )


def test_a_cause_that_is_withheld_is_said_to_be_and_without_the_sums_there_is_no_chart() -> None:
    found = some(moves_by_cause(without(moved(), "moves", "cause=breakdown"), "Camden"))
    assert "Causes whose numbers are withheld are not shown." in found.alternative
    assert not any("broke" in " ".join(row) for row in found.rows)
    assert not any("most common" in line for line in found.alternative)
    assert moves_by_cause(without(moved(), "moves", "nature=positive"), "Camden") is None


def test_without_a_move_there_is_no_chart_of_moves() -> None:
    assert moves_by_cause(moved(0.0, 0.0), "Camden") is None


# ---- Stability ---------------------------------------------------------------------------------

Range = tuple[float, float, float, float]
LEVEL: Range = (0.66, 0.01, 0.60, 0.72)


def steady(first: Range = LEVEL, last: Range = LEVEL, often: Range = LEVEL) -> pd.DataFrame:
    dates = dict(zip(MARCHES, (first, first, last), strict=True))
    return summary_of(
        lines("long_term_stability", dates),
        lines("three_or_more_placements", {**each(MARCHES, LEVEL), MARCHES[-1]: often}),
        lines("three_or_more_in_two_years", each(MARCHES, LEVEL)),
    )


@pytest.mark.parametrize(
    ("last", "title"),
    [
        (LEVEL, "No clear change in children who stay with one carer"),
        ((0.80, 0.01, 0.75, 0.85), "More children stay with one carer by 2028"),
        ((0.50, 0.01, 0.45, 0.55), "Fewer children stay with one carer by 2028"),
        ((0.72, 0.01, 0.64, 0.80), "Probably more children stay with one carer by 2028"),
        ((0.60, 0.01, 0.52, 0.68), "Probably fewer children stay with one carer by 2028"),
        ((0.80, 0.30, 0.10, 0.99), "No clear change in children who stay with one carer"),
    ],
)
def test_the_title_of_stability_says_whether_it_rises(last: Range, title: str) -> None:
    assert some(stability(steady(last=last), "Camden")).title == title


@pytest.mark.parametrize(
    ("often", "title"),
    [
        ((0.80, 0.01, 0.75, 0.85), "More children have three or more placements by 2028"),
        ((0.50, 0.01, 0.45, 0.55), "Fewer children have three or more placements by 2028"),
        (LEVEL, "No clear change in children with three or more placements"),
    ],
)
def test_without_long_term_stability_the_title_is_about_many_placements(
    often: Range, title: str
) -> None:
    found = some(stability(without(steady(often=often), "long_term_stability"), "Camden"))
    assert found.title == title
    assert len(found.panels) == 2


def test_the_indicators_stand_beside_the_published_figures_of_england() -> None:
    found = some(stability(steady(), "Camden"))
    england = [panel.figure.to_plotly_json()["data"][2]["y"][0] for panel in found.panels]
    assert england == [10.0, 23.0, 69.0]
    assert "DfE" in found.source
    assert "England in March 2025: 69%" in found.alternative[2]
    assert found.rows[0] == (
        "Three or more placements in the year", "2026-03-31", "66%", "60% to 72%",
    )  # fmt: skip


def test_one_date_is_no_course_of_things() -> None:
    table = summary_of(lines("long_term_stability", {MARCHES[0]: 0.6}))
    assert stability(table, "Camden") is None


# ---- All of them -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make", [funnel, net_households, benchmark, places, moves_by_cause, stability]
)
def test_a_run_that_measured_none_of_it_has_no_chart(
    make: Callable[[pd.DataFrame, str], Chart | None],
) -> None:
    assert make(summary_of(lines("children_in_care", {"2025-04-01": 200.0})), "Camden") is None


def test_the_name_of_an_authority_reaches_no_figure() -> None:
    nasty = "<script>alert('x')</script>"
    charts = [
        net_households(fostering(), nasty), benchmark(needed(), nasty), places(held(), nasty),
        moves_by_cause(moved(), nasty), stability(steady(), nasty), funnel(fostering(), nasty),
    ]  # fmt: skip
    for chart in charts:
        assert chart is not None
        assert "script" not in "".join(panel.figure.to_json() for panel in chart.panels)
