"""How many are enough: options that differ in the amount of one lever alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from corners import england
from test_answer import tables
from test_report import MANIFEST, NASTY

from sufficiency.answer import Answer, answer_of
from sufficiency.charts.doses import doses_chart
from sufficiency.comparison.doses import OPENED, RECRUITED, Doses, doses_of
from sufficiency.report import Tables, enough
from sufficiency.report.parts import Exhibits
from sufficiency.results import Results
from sufficiency.results.part import part_of
from sufficiency.results.results import by_hand
from sufficiency.rows import Key
from sufficiency.scenario import Edit, Option, Study, with_values

START, THEN = "2025-04-01", "2027-03-31"
FUTURES = 40
CHILDREN = "type=in_house"
YEARS = ("2025-26", "2026-27")


def recruits(number: float, unit: str = "households", **more: Any) -> Option:
    edits = [
        Edit(action="set", path=RECRUITED, value=number),
        Edit(action="set", path="fostering.recruitment.unit", value=unit),
        *(Edit(action="set", path=f"fostering.recruitment.{k}", value=v) for k, v in more.items()),
    ]
    return Option(name=f"recruit_{number}_{unit}{'_other' * bool(more)}", edits=tuple(edits))


def sets(path: str, value: Any, action: Any = "set", name: str = "") -> Option:
    edit = Edit(action=action, path=path, value=value)
    return Option(name=name or f"set_{value}", edits=(edit,))


def homes(number: int, places: int = 2) -> Option:
    opened = [
        {"name": f"Home {n}", "registered": places, "usable": places, "opens": "2026-04-01"}
        for n in range(number)
    ]
    return sets(OPENED, opened, "add", f"homes_{number}_of_{places}")


@lru_cache
def base() -> Study:
    values = {"start": date(2025, 4, 1), "years": 2.0, "fostering.carers_per_household": 1.6}
    return Study(scenario=with_values(england(), values))


KEYS = (
    Key("children_in_care", CHILDREN, START),
    Key("children_in_care", CHILDREN, THEN),
    Key("unmet_need", "kind=foster", THEN),
    *(Key("cost", "", year) for year in YEARS),
    *(Key("net_cost", "", year) for year in YEARS),
)


def run(
    folder: Path,
    options: Sequence[Option],
    adds: Callable[[int], float],
    *,
    noise: float = 1.0,
    keys: Sequence[Key] = KEYS,
    saves: float = 0.0,
) -> Results:
    """A run in which option number n, from 1, adds so many children, give or take some noise."""
    rng = np.random.default_rng(5)
    level = rng.normal(50, 5, FUTURES + 1)
    values = np.zeros((len(options) + 1, FUTURES + 1, len(KEYS)))
    for place in range(len(options) + 1):
        more = adds(place) + (rng.normal(0, noise, FUTURES + 1) if place else 0.0)
        values[place, :, 0] = 50.0
        values[place, :, 1] = level + (more if place else 0.0)
        values[place, :, 2] = 14 - 0.1 * place
        values[place, :, 3:] = 1e6 - saves * place
    chosen = [KEYS.index(key) for key in keys]
    study = base().model_copy(update={"options": tuple(options)})
    names = ("baseline", *(option.name for option in options))
    made = by_hand(folder / "run", values[:, :, chosen], keys, names, start=START, years=2.0)
    return replace(made, given=study)  # not given before: writing it down takes a second


THREE = (recruits(8), recruits(16), recruits(24))
COURSES: dict[str, tuple[Callable[[int], float], str]] = {
    "straight": (lambda n: 6.4 * n, "Each household adds about 0.8 children in-house"),
    "flattens": (lambda n: min(6.4 * n, 6.4 + n), "Beyond 8 households, each adds fewer children"),
    "steepens": (lambda n: 2.0 * n**2, "Beyond 8 households, each adds more children"),
    "nothing": (lambda n: 0.0, "No number of households clearly adds children in-house"),
    "backwards": (lambda n: -4.0 * n, "Each household takes away about 0.5 children in-house"),
}


@lru_cache
def usual() -> tuple[Tables, Answer]:
    made = tables()
    return Tables(*made, MANIFEST), answer_of(*made)


def shown(found: Sequence[Doses]) -> Exhibits:
    made, answer = usual()
    return enough.exhibits(made._replace(doses=tuple(found)), answer)


@pytest.mark.parametrize("course", COURSES)
def test_the_title_says_what_one_more_does_and_where_that_changes(
    tmp_path: Path, course: str
) -> None:
    adds, title = COURSES[course]
    (found,) = doses_of(run(tmp_path, THREE, adds), THEN)
    chart = doses_chart(found, "Camden", 2.1, YEARS)
    assert chart is not None
    assert chart.title.startswith(title)
    assert len(chart.title.split()) <= 10


def test_a_step_too_small_to_be_told_is_no_finding(tmp_path: Path) -> None:
    (found,) = doses_of(run(tmp_path, THREE, lambda n: 0.3 * n, noise=9.0), THEN)
    chart = doses_chart(found, "Camden", 2.1, YEARS)
    assert chart is not None
    assert chart.title == "No number of households clearly adds children in-house"
    assert "cannot be told from nothing" in " ".join(shown([found]).lead)


def test_steps_are_taken_in_each_future_and_counted_for_one_of_the_lever(tmp_path: Path) -> None:
    (found,) = doses_of(run(tmp_path, THREE, lambda n: (0, 8, 12, 12)[n], noise=0.0), THEN)
    rows = found.table[found.table["item"] == "children"]
    assert rows["dose"].tolist() == [0, 8, 16, 24]
    assert rows["mean"].tolist() == pytest.approx([0, 8, 12, 12])
    assert rows["step"].tolist()[1:] == pytest.approx([1.0, 0.5, 0.0])
    bends = found.bends[found.bends["item"] == "children"]
    assert bends["change"].tolist() == pytest.approx([-0.5, -1.0])


def test_carers_and_places_are_counted_in_households(tmp_path: Path) -> None:
    options = (recruits(16, "carers"), recruits(20))
    (found,) = doses_of(run(tmp_path, options, lambda n: float(n)), THEN)
    assert [dose.amount for dose in found.doses] == pytest.approx([0, 10, 20])  # 16 / 1.6


def test_options_that_differ_in_more_than_the_amount_are_no_doses(tmp_path: Path) -> None:
    both = Option(name="both", edits=(*recruits(9).edits, *homes(1).edits))
    for place, others in enumerate(
        ((recruits(16), both), (recruits(16), recruits(9, basis="net")), (recruits(16),), ())
    ):
        folder = tmp_path / str(place)
        folder.mkdir()
        assert doses_of(run(folder, others, lambda n: float(n)), THEN) == ()


def test_the_same_amount_twice_is_one_dose(tmp_path: Path) -> None:
    options = (recruits(16, "carers"), recruits(10))
    assert doses_of(run(tmp_path, options, lambda n: float(n)), THEN) == ()


def test_options_with_the_same_profile_are_doses_of_it(tmp_path: Path) -> None:
    options = (recruits(5, over_months=6), recruits(10, over_months=6), recruits(20))
    (found,) = doses_of(run(tmp_path, options, lambda n: float(n)), THEN)
    assert [dose.amount for dose in found.doses] == [0, 5, 10]


def test_homes_that_are_alike_are_counted_and_others_not(tmp_path: Path) -> None:
    keys = tuple(key for key in KEYS if key.measure in ("cost", "net_cost"))
    options = (homes(1), homes(2), homes(1, places=4))
    (found,) = doses_of(run(tmp_path, options, lambda n: float(n), keys=keys, saves=10.0), THEN)
    assert (found.lever, [dose.amount for dose in found.doses]) == (OPENED, [0, 1, 2])
    saving = found.table[found.table["item"] == "saving"]
    assert saving["mean"].tolist() == pytest.approx([0, 20, 40])  # two years of £10 a number


@pytest.mark.parametrize(("saves", "title"), [
    (10.0, "More of it saves money"), (-10.0, "More of it costs money"),
    (0.0, "No amount clearly saves or costs money"),
])  # fmt: skip
def test_any_number_of_the_scenario_is_a_lever(tmp_path: Path, saves: float, title: str) -> None:
    path = "placement.plan_weights.kin"
    options = (sets(path, 0.5, name="a"), sets(path, 0.25, "add", name="b"))
    (found,) = doses_of(run(tmp_path, options, lambda n: float(n), saves=saves), THEN)
    now = base().scenario.placement.plan_weights["kin"]
    amounts = sorted([now, 0.5, now + 0.25])
    assert [dose.amount for dose in found.doses] == pytest.approx(amounts)
    chart = doses_chart(found, "Camden", 2.1, YEARS)
    assert chart is not None
    ordered = saves and found.doses[1].option != "a"
    assert chart.title == title or ordered


def test_it_says_which_amount_keeps_as_many_children_as_on_the_first_day(tmp_path: Path) -> None:
    def lead(name: str, adds: Callable[[int], float]) -> str:
        folder = tmp_path / name
        folder.mkdir()
        (found,) = doses_of(run(folder, THREE, adds, noise=0.1), THEN)
        return " ".join(shown([found]).lead)

    assert "The least tried that keeps" in lead("some", lambda n: (0, -3, 12, 18)[n])
    assert "is 16 households" in lead("two", lambda n: (0, -3, 12, 18)[n])
    assert "No amount tried keeps" in lead("none", lambda n: -20.0 * n)


def test_unmet_need_is_said_with_and_without_and_whether_any_is_left(tmp_path: Path) -> None:
    (found,) = doses_of(run(tmp_path, THREE, lambda n: float(n)), THEN)
    lead = " ".join(shown([found]).lead)
    assert "14 on average with nothing done, 14 with 24 households" in lead
    assert "No amount tried brings it near none." in lead
    rows = found.table.copy()
    rows.loc[(rows["item"] == "unmet") & (rows["dose"] >= 16), "mean"] = 0.2
    lead = " ".join(shown([replace(found, table=rows)]).lead)
    assert "16 households leave hardly any." in lead


def test_what_is_withheld_is_left_out_and_nothing_is_said_of_it(tmp_path: Path) -> None:
    made = run(tmp_path, THREE, lambda n: 6.0 * n, saves=5.0)
    part = part_of(made, lambda key: key.group != CHILDREN)
    (found,) = doses_of(part, THEN)
    assert set(found.table["item"]) == {"unmet", "saving"}
    chart = doses_chart(found, "Camden", 2.1, YEARS)
    assert chart is not None
    assert [panel.heading for panel in chart.panels] == [
        "Without the foster family planned", "Saving, £ million",
    ]  # fmt: skip
    assert "in-house" not in " ".join([chart.title, *chart.columns, *shown([found]).lead])
    (found,) = doses_of(part_of(made, lambda key: key.period == START), THEN)
    assert doses_chart(found, "Camden", 2.1, YEARS) is None
    assert shown([found]).empty


def test_one_year_withheld_leaves_out_the_saving(tmp_path: Path) -> None:
    made = run(tmp_path, THREE, lambda n: 6.0 * n)
    (found,) = doses_of(part_of(made, lambda k: k != Key("net_cost", "", YEARS[0])), THEN)
    assert set(found.table["item"]) == {"children", "kept", "unmet"}


def test_a_run_without_such_options_has_no_such_part() -> None:
    assert shown([]).empty


def test_names_of_options_are_text_of_the_table_and_not_of_the_figures(tmp_path: Path) -> None:
    options = (recruits(8), recruits(16), recruits(24).model_copy(update={"name": NASTY}))
    (found,) = doses_of(run(tmp_path, options, lambda n: float(n)), THEN)
    chart = doses_chart(found, "Camden", 2.1, YEARS)
    assert chart is not None
    assert any("script" in cell for row in chart.rows for cell in row)  # the page escapes it
    assert not any("script" in panel.figure.to_json() for panel in chart.panels)


def test_figures_have_one_line_a_band_and_a_label_for_each_amount(tmp_path: Path) -> None:
    (found,) = doses_of(run(tmp_path, THREE, lambda n: 6.0 * n), THEN)
    chart = doses_chart(found, "Camden", 2.1, YEARS)
    assert chart is not None
    assert len(chart.panels) == 3
    assert chart.subtitle.startswith("Change against doing nothing by households recruited, Camden")
    for panel in chart.panels:
        assert list(panel.figure.layout.xaxis.ticktext) == ["0", "8", "16", "24"]
        assert {trace.name for trace in panel.figure.data} <= {mark.name for mark in panel.key}
    assert [row[0] for row in chart.rows] == ["0", "8", "16", "24"]
    assert isinstance(found.table, pd.DataFrame)
