"""A real run of an authority with sixty children, published, and everybody who reads it."""

import json
import re
from collections import defaultdict
from dataclasses import replace

import numpy as np
import openpyxl
import pytest
from reading_attacker import read
from typer.testing import CliRunner

from sufficiency import experiment, report, workbook
from sufficiency.cli import app
from sufficiency.comparison import compare
from sufficiency.disclosure import protect
from sufficiency.disclosure.series import Series, series_of
from sufficiency.results import load, save
from sufficiency.results.results import Results
from sufficiency.rows import Key
from sufficiency.scenario_file import load as load_scenario

pytestmark = pytest.mark.slow
SCENARIO = """
extends: england
name: Smallshire
start: 2026-04-01
years: 2
authority: {children_in_care: 60, uasc_in_care: 3, child_population: 12000}
options:
  recruit_6_carers:
    set: {fostering.recruitment.number: 6, fostering.recruitment.unit: carers}
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small")
    (folder / "small.yaml").write_text(SCENARIO)
    made = experiment.run(load_scenario(folder / "small.yaml"), replications=6, jobs=1)
    return save(made, comparison=compare(made), out=folder / "run").folder


@pytest.fixture(scope="module")
def published(run):
    result = CliRunner().invoke(app, ["report", str(run), "--publish"])
    assert result.exit_code == 0, result.output
    folder = run.with_name("run-publish")
    assert f"to publish: {folder}" in result.output
    return folder


def test_the_folder_holds_no_rows_of_children(published):
    assert {path.name for path in published.rglob("*")} == {
        "report.html", "workbook.xlsx", "summary.csv", "comparison.csv", "left-out.csv",
        "manifest.json",
    }  # fmt: skip
    manifest = json.loads((published / "manifest.json").read_text())
    assert manifest["publication"]["threshold"] == 6
    assert "scenario_hash" not in manifest


def test_page_and_workbook_say_what_is_left_out(published):
    page = (published / "report.html").read_text()
    assert "groups with fewer than six children are left out" in page
    sheet = openpyxl.load_workbook(published / "workbook.xlsx").worksheets[0]
    said = [str(cell.value) for row in sheet.iter_rows() for cell in row]
    assert any("groups with fewer than six children are left out" in text for text in said)


def test_the_workbook_does_not_point_to_files_that_are_not_published(published):
    book = openpyxl.load_workbook(published / "workbook.xlsx")
    said = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not any("scenario.yaml" in text or "sha256" in text for text in said)
    assert any("they are not published" in text for text in said)


def test_no_number_of_children_in_the_file_is_small(published):
    counted = ("children", "moves", "placements")
    for row in read(published / "summary.csv"):
        if row["unit"] in counted and row["measure"] != "sufficiency_gap":
            for name in ("mean", "p10", "p50", "p90", "low95", "high95"):
                value = row[name]
                assert value in ("c", "") or not 0 < float(value) < 6, row


def test_all_rows_are_there_and_totals_have_their_numbers(run, published):
    assert len(read(published / "summary.csv")) == len(read(run / "summary.csv"))
    assert len(read(published / "comparison.csv")) == len(read(run / "comparison.csv"))
    gone = {(row["measure"], row["group"]) for row in read(published / "left-out.csv")}
    assert ("children_in_care", "") not in gone
    assert ("net_cost", "") not in gone
    assert {row["why"] for row in read(published / "left-out.csv")} == {
        "fewer than 6",
        "so that another cannot be worked out",
    }


# --- an attacker who adds, subtracts, multiplies and divides ----------------------------------

PARTS = {
    "children_in_care": ("age", "type", "stream", "ethnicity"),
    "average_children": ("type",),
    "entries": ("age", "stream"),
    "exits": ("age", "stream", "reason"),
    "moves": ("cause", "nature"),
    "placements_started": ("type",),
    "placements_needed": ("kind",),
    "unmet_need": ("age", "kind"),
    "cost": ("type",),
    "income": ("source",),
    "void_nights": ("type",),
    "section_251_cost": ("line",),
    "residential_for_want_of_carer": ("age",),
}


def sums(keys):
    """What adds up: terms and factors."""
    by = defaultdict(list)
    for measure, group, period in keys:
        by[measure, period].append(group)
    for (measure, period), groups in by.items():
        for name in PARTS.get(measure, ()):
            parts = [g for g in groups if g.startswith(f"{name}=") and ";" not in g]
            of = "cost" if measure == "section_251_cost" else measure
            yield {(of, "", period): -1, **{(measure, g, period): 1 for g in parts}}
    yield from sums_of_cells(by)
    yield from sums_over_time(keys)
    yield from sums_of_places(keys)


def sums_of_cells(by):
    for (measure, period), groups in by.items():
        if measure == "average_children":
            for whole in [g for g in groups if g and ";" not in g]:
                cells = {(measure, g, period): 1 for g in groups if g.startswith(f"{whole};")}
                yield {(measure, whole, period): -1, **cells}
        if measure == "placement_distance":
            for whole in by["children_in_care", period]:
                cells = {(measure, g, period): 1 for g in groups if at_distances(g, whole)}
                if cells:
                    yield {("children_in_care", whole, period): -1, **cells}


def at_distances(group, whole):
    """Whether a group is the children of another at one of the distances."""
    parts = set(group.split(";"))
    return parts - {whole} == {g_distance(group)} and len(parts) == 1 + bool(whole)


def g_distance(group):
    return next((part for part in group.split(";") if part.startswith("distance=")), "")


def sums_over_time(keys):
    for measure, group, period in keys:
        if re.fullmatch(r"\d{4}-\d\d", period) and (measure, group, f"{period[:4]}-Q1") in keys:
            quarters = {(measure, group, f"{period[:4]}-Q{n}"): 1 for n in range(1, 5)}
            if measure not in ("unregistered_children", "unregistered_under_16"):
                yield {(measure, group, period): -1, **quarters}
    dates = sorted({p for m, g, p in keys if m == "places_usable"})
    quarters = sorted({p for m, g, p in keys if m == "entries" and "Q" in p})
    for before, after, quarter in zip(dates, dates[1:], quarters, strict=False):
        for group in ("", "stream=uasc", "stream=non_uasc"):
            yield {
                ("children_in_care", group, after): 1,
                ("children_in_care", group, before): -1,
                ("entries", group, quarter): -1,
                ("exits", group, quarter): 1,
            }


def sums_of_places(keys):
    for measure, group, period in keys:
        if measure == "places_filled" and group.startswith("type="):
            yield {(measure, group, period): 1, ("children_in_care", group, period): -1}
            yield {
                ("places_usable", group, period): -1,
                (measure, group, period): 1,
                ("places_vacant", group, period): 1,
            }
        if measure == "places_usable" and group == "kind=home":
            for name in ("places_usable", "places_filled", "places_vacant", "places_approved"):
                own, other = f"{name}", f"{name}"
                yield {
                    (name, group, period): -1,
                    (own, "type=home_own", period): 1,
                    (other, "type=home_external", period): 1,
                }


def products(keys):
    """Whole, share of it, part of it."""
    for measure, group, period in keys:
        total = ("children_in_care", "", period)
        if measure == "children_share":
            yield total, (measure, group, period), ("children_in_care", group, period)
        if measure == "in_area_share" and not group:
            of = ("placement_distance", "distance=in_area", period)
            yield total, (measure, group, period), of
        if measure == "high_cost_share":
            yield total, (measure, group, period), ("high_cost_children", "", period)
        if measure == "occupancy":
            usable = ("places_usable", group, period)
            yield usable, (measure, group, period), ("children_in_care", group, period)
        if measure == "unit_cost":
            yearly = ("average_children", group, period)
            yield yearly, (measure, group, period), ("cost", group, period)


def worked_out(known):
    """All that follows from some numbers, one after the other."""
    known = dict(known)
    equations = [one for one in sums(known) if set(one) <= set(known)]
    threes = [one for one in products(known) if set(one) <= set(known)]
    before = None
    while before != (before := sum(value is None for value in known.values())):
        for equation in equations:
            unknown = [key for key in equation if known[key] is None]
            if len(unknown) == 1:
                rest = sum(t * known[k] for k, t in equation.items() if k != unknown[0])
                known[unknown[0]] = -rest / equation[unknown[0]]
        for three in threes:
            multiply(known, *three)
    return known


def multiply(known, whole, share, part):
    weeks = 365.25 / 7 if share[0] == "unit_cost" else 1.0
    a, b, c = known[whole], known[share], known[part]
    if c is None and a is not None and b is not None:
        known[part] = a * b * weeks
    if a is None and b and c is not None:
        known[whole] = c / b / weeks


def numbers(folder):
    found = defaultdict(dict)
    for row in read(folder / "summary.csv"):
        if row["mean"] != "":
            key = (row["measure"], row["group"], row["period"])
            found[row["option"]][key] = None if row["mean"] == "c" else float(row["mean"])
    return found


def test_arithmetic_gives_no_small_number_back(run, published):
    truth, known = numbers(run), numbers(published)
    counted = {row["measure"] for row in read(run / "summary.csv") if row["unit"] == "children"}
    tried = 0
    for option, marked in known.items():
        for key, value in worked_out(marked).items():
            if marked[key] is None and key[0] in counted and 0 < truth[option][key] < 6:
                tried += 1
                assert value is None or abs(value - truth[option][key]) > 0.5, (key, value)
    assert tried > 500


def test_arithmetic_gives_small_numbers_back_if_only_these_are_left_out(run, published):
    truth = numbers(run)["baseline"]
    counted = {row["measure"] for row in read(run / "summary.csv") if row["unit"] == "children"}
    few = {key for key, value in truth.items() if key[0] in counted and 0 < value < 6}
    found = worked_out({key: None if key in few else value for key, value in truth.items()})
    assert sum(found[key] is not None for key in few) > 100


# --- pages that do not know what is left out ---------------------------------------------------


class Altered(Results):
    """The run, with other numbers for all that is left out, and without rows of children."""

    gone: frozenset

    @property
    def by_replication(self):
        values = np.array(super().by_replication)
        hidden = [series_of(key) in self.gone for key in self.keys]
        values[:, :, hidden] = 12_345.678
        return values

    def summary(self):
        return self._altered(super().summary())

    def comparison(self):
        return self._altered(super().comparison())

    def _altered(self, rows):
        keys = rows[["measure", "group", "period"]].itertuples(index=False, name=None)
        hidden = [series_of(Key(*key)) in self.gone for key in keys]
        for name in rows.select_dtypes("float").columns:
            rows.loc[hidden, name] = 12_345.678
        return rows

    def table(self, name):
        if name in ("placements", "care_periods", "searches", "households"):
            raise KeyError(name)
        return super().table(name)


def test_page_and_workbook_are_the_same_whatever_is_left_out(run, tmp_path):
    protected = protect(load(run))
    whole = load(run)
    altered = Altered(whole.folder, whole.manifest, whole.options, whole.keys)
    object.__setattr__(altered, "gone", frozenset(series_of_row(r) for r in protected.left_out))
    other = replace(protected.part, whole=altered)
    for name, part in (("one", protected.part), ("two", other)):
        report.write(report.tables_of(part), tmp_path / name)
        workbook.write(part, tmp_path / name)
    for file in ("report.html", "workbook.xlsx"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def series_of_row(row):
    return Series(row.measure, row.group, row.frequency)


# --- commands ----------------------------------------------------------------------------------


def test_a_publication_is_not_taken_for_a_run(published):
    result = CliRunner().invoke(app, ["report", str(published)])
    assert result.exit_code == 2
    assert "is a publication, which has no tables" in result.output


def test_a_publication_is_not_written_over(run, published):
    result = CliRunner().invoke(app, ["report", str(run), "--publish"])
    assert result.exit_code == 2
    assert "exists already" in result.output


def test_a_publication_that_fails_leaves_no_folder(run, tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sufficiency.report.write", fail)
    out = tmp_path / "out"
    result = CliRunner().invoke(app, ["report", str(run), "--publish", "--out", str(out)])
    assert result.exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_runs_side_by_side_leave_out_small_numbers(run, tmp_path):
    table = tmp_path / "all.csv"
    command = ["compare", str(run), str(run), "--publish", "--out", str(table)]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    measured = {(row["measure"], row["group"]) for row in read(table)}
    assert ("children_in_care", "") in measured
    assert ("children_in_care", "stream=uasc") not in measured


def test_the_budget_monitor_leaves_out_small_numbers(run, tmp_path):
    table = tmp_path / "all.csv"
    result = CliRunner().invoke(app, ["pressure", str(run), "--publish", "--out", str(table)])
    assert result.exit_code == 0, result.output
    assert "staying_put" not in {row.get("type") for row in read(table) if row["mean"]}
