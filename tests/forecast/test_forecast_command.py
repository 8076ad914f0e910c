"""The command `forecast`, from a folder of counts to a scenario that loads and runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from sufficiency.cli import app
from sufficiency.cli.forecasting import LONGEST_MONTHS, MOST_PATHS
from sufficiency.forecast import forecasting
from sufficiency.forecast.files import read_paths
from sufficiency.scenario_file import load


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["forecast", *words])


@pytest.fixture
def counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two years of counts and the children in care after them, in the current folder."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "counts"
    folder.mkdir()
    rng = np.random.default_rng(4)
    lines = ["month,stream,age_group,entries"]
    for month in pd.period_range("2023-04", "2025-03", freq="M"):
        lines.append(f"{month},non_uasc,all,{rng.poisson(12)}")
        lines.append(f"{month},uasc,all,{rng.poisson(2)}")
    (folder / "counts.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    stock = "date,stream,age_group,type,children\n2025-03-31,non_uasc,all,all,420\n"
    stock += "2025-03-31,uasc,all,all,30\n"
    (folder / "stock.csv").write_text(stock, encoding="utf-8")
    return folder


def test_counts_become_paths_scores_a_page_and_a_scenario_that_loads(counts: Path) -> None:
    found = run("counts", "--months", "24", "--paths", "50", "--out", "made", "--to", "area.yaml")
    assert found.exit_code == 0, found.output
    assert "CHILDREN OTHER THAN UASC" in found.output
    assert "Made by: level and season" in found.output
    assert "Apr 2025 to Mar 2026" in found.output
    assert "seasonal naive" in found.output
    assert {file.name for file in Path("made").iterdir()} == {
        "entries.csv",
        "forecast.html",
        "scores.csv",
    }
    page = Path("made/forecast.html").read_text(encoding="utf-8")
    assert "do not publish" in page
    assert "chart-entries-uasc" in page
    scenario = load("area.yaml").scenario
    given = scenario.demand.forecast
    assert given is not None
    assert given.file is not None
    assert (given.file.paths, given.file.months) == (50, 24)
    assert given.file == read_paths(Path("made/entries.csv"))
    assert scenario.start.isoformat() == "2025-04-01"
    assert scenario.years == 2
    assert scenario.authority.children_in_care == 450
    assert scenario.authority.uasc_in_care == 30
    first_year = sum(values[:, :12].sum(axis=1).mean() for values in given.file.columns.values())
    assert scenario.demand.entries_per_year == pytest.approx(first_year, abs=0.06)


@pytest.mark.slow
def test_the_children_who_live_there_are_scaled_from_the_base(counts: Path) -> None:
    to = ("--months", "12", "--paths", "9", "--out")
    found = run("counts", *to, "a", "--to", "area.yaml", "--name", "My Area")
    assert found.exit_code == 0, found.output
    assert "child_population" not in found.output
    study, england = load("area.yaml"), load("england").scenario
    usual = england.authority
    scaled = round(usual.child_population * 450 / usual.children_in_care)
    assert study.scenario.authority.child_population == scaled
    row = next(r for r in study.assumptions if r.path == "authority.child_population")
    assert row.source == "England's children for each child in care (assumption)"
    assert row.confidence == "assumption"
    assert study.scenario.name == "My Area"
    assert "My Area" in Path("a/forecast.html").read_text(encoding="utf-8")
    assert study.scenario.description == (
        "Entries forecast from own counts up to March 2025 and children in care on 31 March 2025;"
        f" all else as in {england.name}."
    )
    Path("own.yaml").write_text(
        "extends: england\nname: Own\nauthority: {children_in_care: 400, uasc_in_care: 20,"
        " child_population: 54321}\n",
        encoding="utf-8",
    )
    assert run("counts", *to, "b", "--for", "own.yaml", "--to", "b.yaml").exit_code == 0
    assert load("b.yaml").scenario.authority.child_population == 54321
    text = "extends: england\nname: Other\nifa: {market: 0.8}\n"
    Path("other.yaml").write_text(text, encoding="utf-8")
    assert run("counts", *to, "c", "--for", "other.yaml", "--to", "c.yaml").exit_code == 0
    assert load("c.yaml").scenario.authority.child_population == scaled


@pytest.mark.slow
def test_without_stock_it_warns_of_the_bases_children(counts: Path) -> None:
    (counts / "stock.csv").unlink()
    found = run("counts", "--months", "12", "--paths", "9", "--out", "a", "--to", "area.yaml")
    assert found.exit_code == 0, found.output
    told = " ".join(found.stderr.split())
    children = load("england").scenario.authority.children_in_care
    assert f"area.yaml keeps the {children:,} children in care of" in told
    assert "stock.csv" in told
    assert load("area.yaml").scenario.description.startswith("Entries forecast from own counts")
    assert run("counts", "--months", "12", "--paths", "9", "--out", "b").stderr == ""


@pytest.mark.slow
def test_how_often_the_ranges_held_on_the_past_is_said(counts: Path) -> None:
    rng = np.random.default_rng(4)
    months = pd.period_range("2019-04", "2025-03", freq="M")
    lines = [f"{month},non_uasc,all,{rng.poisson(12)}" for month in months]
    text = "\n".join(["month,stream,age_group,entries", *lines]) + "\n"
    (counts / "counts.csv").write_text(text, encoding="utf-8")
    found = run("counts", "--months", "12", "--paths", "20", "--out", "made")
    assert found.exit_code == 0, found.output
    told = " ".join(found.output.split())
    scores = pd.read_csv("made/scores.csv")
    by = told.partition("Ranges of 80% by the ")[2].partition(" held ")[0]
    row = scores[(scores["candidate"] == by) & (scores["span"] == "twelve_months")].iloc[0]
    assert f"held {row['cover80']:.0%} of {row['forecasts']:.0f} past totals" in told


@pytest.mark.slow
def test_the_same_seed_writes_the_same_file(counts: Path) -> None:
    for name, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        found = run("counts", "--months", "12", "--paths", "9", "--seed", seed, "--out", name, "-q")
        assert found.output == f"{name}\n"
    texts = [Path(name, "entries.csv").read_text(encoding="utf-8") for name in "abc"]
    assert texts[0] == texts[1] != texts[2]


@pytest.mark.slow
def test_a_scenario_with_a_yearly_count_is_forecast_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = run("camden", "--months", "12", "--paths", "99", "--to", "mine.yaml", "--out", "made")
    assert found.exit_code == 0, found.output
    assert "the count of one year" in " ".join(found.output.split())
    assert "UASC a year are taken off" in " ".join(found.output.split())
    scenario = load("mine.yaml").scenario
    assert scenario.authority.children_in_care == 205
    assert scenario.demand.forecast is not None
    again = run("mine.yaml", "--out", "shown")
    assert again.exit_code == 0, again.output
    assert "given paths" in again.output
    refused = run("mine.yaml", "--paths", "5", "--out", "not")
    assert refused.exit_code == 2
    assert "--paths" in refused.output


def test_yearly_counts_of_several_years_give_a_surer_level_than_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, years in (
        ("one", "2024-25: 109"),
        ("three", "2022-23: 109, 2023-24: 109, 2024-25: 109"),
    ):
        text = f"extends: camden\nname: {name}\ndemand: {{forecast: {{yearly: {{{years}}}}}}}\n"
        Path(f"{name}.yaml").write_text(text, encoding="utf-8")
        found = run(f"{name}.yaml", "--months", "12", "--out", name, "-q")
        assert found.exit_code == 0, found.output
    widths = [
        read_paths(Path(name, "entries.csv")).columns["non_uasc"].sum(axis=1).std()
        for name in ("one", "three")
    ]
    assert widths[1] < 0.9 * widths[0]


def test_england_has_nothing_to_forecast_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = run("england")
    assert found.exit_code == 2
    assert "entries_per_year" in found.output
    assert not Path("outputs").exists()


def test_what_exists_is_refused_before_anything_is_worked_out(counts: Path) -> None:
    Path("area-entries.csv").write_text("mine", encoding="utf-8")
    Path("made").mkdir()
    Path("made/x").write_text("mine", encoding="utf-8")
    for words, told in (
        (("--to", "area.yaml"), "area-entries.csv exists already; choose another with --to"),
        (("--to", "area.csv"), "ends in .yaml"),
        (("--to", "nowhere/area.yaml"), "there is no folder"),
        (("--out", "made"), "choose another folder with --out"),
    ):
        found = run("counts", *words)
        assert found.exit_code == 2
        assert told in " ".join(found.output.split())
    assert Path("area-entries.csv").read_text(encoding="utf-8") == "mine"
    assert not Path("area.yaml").exists()


def test_a_scenario_that_would_not_load_leaves_no_paths_behind(counts: Path) -> None:
    Path("odd.yaml").write_text(
        "extends: england\nname: Odd\nauthority: {uasc_in_care: 3}\n"
        "stays: {keep_stock_and_flow: true}\n",
        encoding="utf-8",
    )
    stock = "date,stream,age_group,type,children\n2025-03-31,all,all,all,2\n"  # 3 UASC among 2
    (counts / "stock.csv").write_text(stock, encoding="utf-8")
    found = run("counts", "--for", "odd.yaml", "--months", "12", "--paths", "9", "--to", "bad.yaml")
    assert found.exit_code == 2
    assert not Path("bad.yaml").exists()
    assert not Path("bad-entries.csv").exists()


def test_the_limits_of_the_command_are_those_of_the_forecast() -> None:
    assert LONGEST_MONTHS == forecasting.LONGEST_MONTHS
    assert MOST_PATHS == forecasting.MOST_PATHS
