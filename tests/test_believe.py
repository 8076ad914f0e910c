"""Why believe it: what must hold of a run is recounted, and published figures are set beside."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from corners import england
from test_answer import tables
from test_report import MANIFEST, page

from sufficiency.answer import Answer, answer_of
from sufficiency.charts.believing import Beside, published_chart
from sufficiency.report import Tables, believe
from sufficiency.results import Results
from sufficiency.results.part import part_of
from sufficiency.results.results import by_hand
from sufficiency.rows import Key, MeasureInfo
from sufficiency.scenario import Edit, Option, Study, with_values
from sufficiency.verification.of_a_run import Held, checks_of_run

QUARTER, YEAR, NEXT = "2025-Q1", "2025-26", "2026-27"
TYPES = ("type=a", "type=b")
INFOS = {
    "children_in_care": MeasureInfo("children", "", "", "", "", ("", *TYPES), "month_ends"),
    "cost": MeasureInfo("£", "", "", "", "", ("", *TYPES), "years"),
    "bridge": MeasureInfo("£", "", "", "", "", ("part=x", "part=y"), "years"),
    "option_bridge": MeasureInfo("£", "", "", "", "", ("part=x", "part=y"), "years"),
}
BALANCE = {
    Key("children_in_care", "", "2025-04-01"): 100.0,
    Key("children_in_care", "type=a", "2025-04-01"): 60.0,
    Key("children_in_care", "type=b", "2025-04-01"): 40.0,
    Key("children_in_care", "", "2025-06-30"): 103.0,
    Key("children_in_care", "type=a", "2025-06-30"): 61.0,
    Key("children_in_care", "type=b", "2025-06-30"): 42.0,
    Key("entries", "", QUARTER): 10.0,
    Key("exits", "", QUARTER): 7.0,
    Key("places_filled", "type=a", "2025-06-30"): 61.0,
    Key("places_vacant", "type=a", "2025-06-30"): 4.0,
    Key("places_usable", "type=a", "2025-06-30"): 65.0,
    Key("cost", "", YEAR): 500.10,
    Key("cost", "type=a", YEAR): 200.05,
    Key("cost", "type=b", YEAR): 300.05,
    Key("cost", "", NEXT): 600.0,
    Key("income", "", YEAR): 100.0,
    Key("income", "", NEXT): 100.0,
    Key("net_cost", "", YEAR): 400.10,
    Key("net_cost", "", NEXT): 500.0,
    Key("bridge", "part=x", NEXT): 90.0,
    Key("bridge", "part=y", NEXT): 9.9,
    Key("option_bridge", "part=x", YEAR): 0.0,
    Key("option_bridge", "part=y", YEAR): 0.0,
    Key("option_bridge", "part=x", NEXT): 0.0,
    Key("option_bridge", "part=y", NEXT): 0.0,
}
"""Numbers of a run in which all agrees, by hand."""
OPTIONS = (
    Option(name="nothing", edits=()),
    Option(name="carers", edits=(Edit(action="set", path="fostering.households", value=9),)),
)
BY_CHECK = {
    Key("children_in_care", "", "2025-06-30"): {"Children at the end", "Types of placement"},
    Key("children_in_care", "type=a", "2025-06-30"): {"Types of placement", "Places filled"},
    Key("entries", "", QUARTER): {"Children at the end", "As many children enter"},
    Key("places_vacant", "type=a", "2025-06-30"): {"Places filled"},
    Key("cost", "type=b", YEAR): {"Costs by type"},
    Key("income", "", NEXT): {"Net cost is cost"},
    Key("bridge", "part=y", NEXT): {"The parts of the bridge"},
    Key("option_bridge", "part=x", NEXT): {"The parts of an option's bridge"},
}
"""Which checks see that a number is wrong."""


@lru_cache
def study() -> Study:
    values = {"start": date(2025, 4, 1), "years": 2.0}
    return Study(scenario=with_values(england(), values), options=OPTIONS)


def run(folder: Path, wrong: Key | None = None, by: float = 1.0) -> Results:
    """Three futures of each option, in one of which a number is wrong: that of carers, no 2."""
    keys = tuple(BALANCE)
    values = np.tile(np.array(list(BALANCE.values())), (3, 4, 1))
    if wrong is not None:
        values[2, 2, keys.index(wrong)] += by
    names = ("baseline", "nothing", "carers")
    made = by_hand(folder / "run", values, keys, names, start="2025-04-01", years=2.0)
    return replace(made, given=study())


def failing(made: Results) -> dict[str, Held]:
    return {h.what: h for h in checks_of_run(made, INFOS) if not h.holds}


def test_a_run_that_adds_up_passes_every_check_that_can_be_done(tmp_path: Path) -> None:
    found = checks_of_run(run(tmp_path), INFOS)
    assert all(held.holds for held in found)
    compared = {held.what.split(",")[0]: held.compared for held in found}
    assert compared["Types of placement add up to all children"] == 2 * 3 * 4
    assert compared["Children at the end of a quarter are those at its start"] == 3 * 4
    assert compared["An option that changes nothing differs by nothing"] == len(BALANCE) * 4
    assert compared["As many children enter and leave in every option as with doing nothing"] == (
        2 * 2 * 4  # entries and exits, two options, four futures
    )
    assert len(found) == 9


@pytest.mark.parametrize("wrong", BY_CHECK)
def test_one_wrong_number_in_one_future_is_found_and_said(tmp_path: Path, wrong: Key) -> None:
    found = failing(run(tmp_path, wrong))
    assert len(found) == len(BY_CHECK[wrong])
    for start in BY_CHECK[wrong]:
        held = next(held for what, held in found.items() if what.startswith(start))
        assert held.wrong == 1
        assert held.first.startswith("carers, future 2")


def test_what_is_wrong_is_told_with_both_sums(tmp_path: Path) -> None:
    found = failing(run(tmp_path, Key("places_vacant", "type=a", "2025-06-30"), 2.0))
    (held,) = found.values()
    assert held.first == "carers, future 2, a, 2025-06-30: 65 against 67"


def test_a_penny_is_found_and_the_dust_of_floating_point_is_not(tmp_path: Path) -> None:
    for name, by, fails in (("penny", 0.01, True), ("dust", 1e-8, False)):
        folder = tmp_path / name
        folder.mkdir()
        assert bool(failing(run(folder, Key("bridge", "part=y", NEXT), by))) is fails


def test_an_option_that_should_change_nothing_is_caught(tmp_path: Path) -> None:
    made = run(tmp_path)
    values = np.array(made.by_replication)
    values[1, 3, 0] += 1  # the number on the first day, in the option without edits
    folder = tmp_path / "other"
    other = by_hand(folder, values, made.keys, made.options, start="2025-04-01", years=2.0)
    found = failing(replace(other, given=study()))
    assert "An option that changes nothing differs by nothing" in found


def test_options_about_demand_need_not_share_their_children(tmp_path: Path) -> None:
    made = run(tmp_path, Key("entries", "", QUARTER))
    fewer = Option(
        name="carers", edits=(Edit(action="set", path="demand.trend_per_year", value=0.1),)
    )
    other = replace(made, given=study().model_copy(update={"options": (OPTIONS[0], fewer)}))
    assert not any(what.startswith("As many") for what in failing(other))


def test_what_is_withheld_is_not_passed_but_left_out(tmp_path: Path) -> None:
    part = part_of(run(tmp_path), lambda key: key.group != "type=b")
    whats = {held.what for held in checks_of_run(part, INFOS)}
    assert not any(what.startswith(("Types of placement", "Costs by type")) for what in whats)
    assert any(what.startswith("Children at the end") for what in whats)
    nothing = part_of(run(tmp_path / "b"), lambda key: key.measure == "moves")
    assert checks_of_run(nothing, INFOS) == ()


# --- the page ---------------------------------------------------------------------------------


@lru_cache
def usual() -> tuple[Tables, Answer]:
    made = tables()
    return Tables(*made, MANIFEST), answer_of(*made)


BAD = Held("Types of placement add up to all children", 120, 3, "carers, future 2: 9 against 8")
GOOD = Held("Ages add up to all children", 120, 0)


def test_a_failed_check_is_said_at_the_top_of_the_page() -> None:
    text = page(usual()[0]._replace(checks=(GOOD, BAD)))
    top = text[: text.index("<nav")]
    assert 'class="caution">A check of this run does NOT hold' in top
    assert "3 of 120 sums do not agree, the first: carers, future 2: 9 against 8" in top
    assert "FAILS in 3" in text


def test_where_all_checks_hold_the_page_has_no_such_caution() -> None:
    assert believe.cautions((GOOD,)) == []
    made, answer = usual()
    part = believe.exhibits(made._replace(checks=(GOOD, GOOD)), answer)
    assert part.lead[0] == "2 checks of this very run, of 240 sums in all its futures: all hold."
    assert [row.cells[1].value for row in part.grids[0].blocks[0].rows] == ["all agree"] * 2
    assert any(note.startswith("What this does not show") for note in part.notes)


def test_without_checks_none_is_said_to_hold() -> None:
    made, answer = usual()
    part = believe.exhibits(made, answer)
    assert not any("hold" in line for line in part.lead)
    assert not part.grids


def beside(*published: float) -> list[Beside]:
    return [
        Beside(f"Figure {n}", value, 10.0, 20.0, (f"{value}", "10 to 20"))
        for n, value in enumerate(published)
    ]


@pytest.mark.parametrize(("published", "title"), [
    ((15.0, 12.0, 25.0), "2 of 3 published figures lie inside the range"),
    ((5.0, 12.0, 25.0), "1 of 3 published figures lies inside the range"),
    ((10.0, 20.0), "All 2 published figures lie inside the range"),
    ((9.0, 21.0), "None of 2 published figures lies inside the range"),
    ((9.0,), "The one published figure lies outside the range"),
])  # fmt: skip
def test_the_title_counts_the_figures_inside(published: tuple[float, ...], title: str) -> None:
    chart = published_chart(beside(*published), "published", "published", "8 in 10", "Camden")
    assert chart is not None
    assert chart.title == title
    assert len(chart.title.split()) <= 10


def test_each_figure_stands_where_it_lies_in_its_own_range() -> None:
    chart = published_chart(beside(15.0, 20.0, 5.0, 90.0), "p", "published", "8 in 10", "Camden")
    assert chart is not None
    _, inside, outside = chart.panels[0].figure.data
    assert list(inside.x) == [0.0, 1.0]
    assert list(outside.x) == [-2.0, 3.0]  # 15 half ranges away is drawn at the edge
    assert outside.text[1].startswith("+15")
    assert inside.marker.symbol != outside.marker.symbol
    assert chart.alternative == (
        "Outside: Figure 2 (below the range); Figure 3 (above the range).",
    )


def test_a_figure_without_a_range_is_not_drawn() -> None:
    flat = [Beside("Flat", 5.0, 5.0, 5.0, ("5", "5"))]
    assert published_chart(flat, "p", "published", "8 in 10", "Camden") is None


def test_published_figures_of_the_run_are_drawn_and_those_used_to_fit_are_not() -> None:
    made, answer = usual()  # one figure of the run is compared only, one may be used to fit
    (chart,) = believe.exhibits(made, answer).charts
    assert chart.title.startswith("The one published figure lies")
    assert [row[0] for row in chart.rows] == ["Children in care, 31 March 2026"]
