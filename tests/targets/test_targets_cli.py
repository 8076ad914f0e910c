"""The command `target`."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from sufficiency.cli import app

pytestmark = pytest.mark.usefixtures("tiny")
SEARCH = (
    "tiny.yaml", "--lever", "fostering.recruitment.number", "--from", "0", "--to", "4", "--step",
    "2", "-n", "2", "--jobs", "1",
)  # fmt: skip
"""The fixture `tiny` writes the file and makes its folder the current one."""


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["target", *words])


def test_a_search_prints_the_answer_and_writes_a_table_and_a_page() -> None:
    goal = "foster_households >= 0 by 2025-12-31"
    found = run(*SEARCH, "--goal", goal, "--out", "made")
    assert found.exit_code == 0, found.output
    assert "Every value from 0 to 4 meets the goal" in found.output
    assert "futures simulated (2 or more of each of 3 values)" in found.output
    written = {file.name for file in Path("made").iterdir()}
    assert written == {"target.csv", "target.html", "found.json", "manifest.json"}
    assert pd.read_csv("made/target.csv")["lever"].tolist() == [0, 2, 4]
    page = Path("made/target.html").read_text(encoding="utf-8")
    assert "chart-dose-response" in page
    again = run(*SEARCH, "--goal", goal, "--out", "made")
    assert again.exit_code == 2
    assert "choose another folder" in again.output


def test_a_goal_that_no_value_meets_ends_with_status_one() -> None:
    found = run(*SEARCH, "--goal", "foster_households >= 1,000 by 2025-12-31", "--quiet")
    assert found.exit_code == 1
    (folder,) = Path("outputs/tiny-target").iterdir()
    assert found.output.strip() == str(folder)
    assert (folder / "target.csv").is_file()


def test_mistakes_are_told_together_and_nothing_is_written() -> None:
    words = ["tiny.yaml", "--lever", "fostering.hoseholds", "--from", "4", "--to", "0"]
    found = run(*words, "--goal", "foster_household >= 5 by 2035-12-31", "--confidence", "8")
    assert found.exit_code == 2
    for told in (
        "--confidence must be between 0 and 1",
        "--from must be below --to",
        "did you mean 'fostering.households'?",
        "did you mean 'foster_households'?",
        "the run is from 2025-04-01 to 2026-03-31",
    ):
        assert told in found.output
    assert "Traceback" not in found.output
    assert not Path("outputs").exists()


def test_years_out_of_range_are_a_mistake() -> None:
    found = run(*SEARCH, "--goal", "foster_households >= 5 by 2025-12-31", "--years", "99")
    assert found.exit_code == 2
    assert "years" in found.output
