"""The command `backtest`: its files, its answer, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from sufficiency.cli import app
from sufficiency.scenario_file import load
from sufficiency.synthesis import save, synthesise


def run(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["backtest", *map(str, words)])
    return result.exit_code, result.output


def written(folder: Path, years: int, children: int = 40) -> Path:
    save(synthesise(load("england"), years, children=children, seed=4), folder)
    return folder


def test_a_return_of_two_years_is_refused_with_what_is_needed(tmp_path: Path) -> None:
    status, said = run(written(tmp_path / "return", 2), "--out", tmp_path / "out")
    assert status == 2
    assert "2 full years before it and one after it" in said
    assert "Traceback" not in said
    assert not (tmp_path / "out").exists()


def test_a_folder_that_holds_something_is_not_written_into(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "kept.txt").write_text("kept")
    status, said = run(tmp_path, "--out", out)
    assert status == 2
    assert "not empty" in said
    assert [file.name for file in out.iterdir()] == ["kept.txt"]


def test_a_scenario_that_is_not_there_is_refused(tmp_path: Path) -> None:
    status, said = run(tmp_path, "--extends", "engand", "--out", tmp_path / "out")
    assert status == 2
    assert "did you mean" in said


@pytest.mark.slow
def test_the_files_hold_numbers_of_children_and_nothing_of_any_child(tmp_path: Path) -> None:
    folder, out = written(tmp_path / "return", 4), tmp_path / "out"
    before = {file.name for file in tmp_path.iterdir()}
    status, said = run(
        folder, "-n", 6, "--origins", 1, "--years-ahead", 1, "--jobs", 1, "--out", out
    )
    assert status == 0, said
    assert max(len(line) for line in said.split("page:")[0].splitlines()) <= 80
    assert {file.name for file in out.iterdir()} == {"backtest.html", "forecasts.csv", "scores.csv"}
    assert {file.name for file in tmp_path.iterdir()} == before | {"out"}
    forecasts = pd.read_csv(out / "forecasts.csv", keep_default_na=False)
    assert set(forecasts["model"]) == {"ours", "flat", "markov"}
    assert set(forecasts["origin"]) == {"2024-03-31"}
    entries = forecasts[(forecasts["measure"] == "entries") & (forecasts["group"] == "")]
    assert len(set(entries["observed"])) == 1
    page = (out / "backtest.html").read_text(encoding="utf-8")
    assert "one year-end cannot tell whether anything is better or worse" in page
    assert "do not publish it as it is" in page
    assert str(tmp_path) not in page


@pytest.mark.slow
def test_counts_alone_test_the_forecast_alone_and_say_so(tmp_path: Path) -> None:
    months = pd.date_range("2019-04-01", periods=60, freq="MS")
    counts = pd.DataFrame({"month": months.strftime("%Y-%m"), "stream": "non_uasc"})
    counts["age_group"] = "10-15"
    counts["entries"] = np.random.default_rng(1).poisson(9, len(months))
    folder, out = tmp_path / "counts", tmp_path / "out"
    folder.mkdir()
    counts.to_csv(folder / "counts.csv", index=False)
    status, said = run(folder, "-n", 50, "--out", out)
    assert status == 0, said
    assert "only counts" in said
    assert "twelve-month totals" in said
    assert [file.name for file in out.iterdir()] == ["backtest.html"]
    assert "not stays, moves, homes or the simulation" in (out / "backtest.html").read_text()
