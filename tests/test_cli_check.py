"""What `sufficiency check` says of the entries of a run, where a forecast decides them."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from sufficiency.cli import app
from sufficiency.scenario_file import load

SCENARIO = """\
extends: england
name: Ours
start: 2025-04-01
years: 2
warm_up_years: 0
authority: {children_in_care: 200, uasc_in_care: 10, child_population: 30000}
demand: {forecast: {file: entries.csv}}
"""
STREAMS = ("non_uasc", "uasc")


def checked(name: str) -> str:
    result = CliRunner().invoke(app, ["check", name])
    assert result.exit_code == 0, result.output
    lines = [line for line in result.stdout.splitlines() if line.startswith("#")]
    here = next(n for n, line in enumerate(lines) if line.startswith("# In the long run"))
    assert all(len(line) <= 80 for line in lines[: here + 1])
    return " ".join(line.removeprefix("#").strip() for line in lines)


def with_paths(folder: Path, **counts: np.ndarray) -> str:
    """A scenario whose entries are those of paths: rows are months, columns are paths."""
    paths = next(iter(counts.values())).shape[1]
    lines = [",".join(["month", "stream", *(f"path_{n + 1}" for n in range(paths))])]
    for stream, months in counts.items():
        for month, row in enumerate(months):
            year, of_year = divmod(2025 * 12 + 3 + month, 12)
            lines.append(",".join([f"{year}-{of_year + 1:02d}", stream, *map(str, row)]))
    (folder / "entries.csv").write_text("\n".join(lines) + "\n")
    (folder / "ours.yaml").write_text(SCENARIO)
    return str(folder / "ours.yaml")


def test_check_tells_the_entries_of_a_forecast(tmp_path: Path) -> None:
    """Eleven paths of 50, 51 ... 60 a month, then others; the second year must not count."""
    first = np.tile(np.arange(50, 61), (12, 1))
    counts = np.vstack([first, first * 0])
    said = checked(with_paths(tmp_path, non_uasc=counts, uasc=np.ones_like(counts)))
    assert (
        "Entries are those of a forecast: on average 660 children other than UASC and 12 UASC in"
        " the first twelve months (80% of paths: 624 to 720 together). The rates only say how ages"
        " divide and what options scale. In the long run, if entries were those of the rates:"
    ) in said


def test_check_tells_the_stream_that_keeps_its_rates(tmp_path: Path) -> None:
    said = checked(with_paths(tmp_path, non_uasc=np.full((24, 3), 5)))
    assert "on average 60 children other than UASC in the first twelve months (80% of" in said
    assert "paths: 60). UASC enter at their own rates; the rates of the others only say" in said


def test_check_tells_the_entries_that_a_run_makes_of_yearly_counts() -> None:
    said = checked("camden")
    pattern = (
        r"Entries are those of a forecast, made of yearly counts: on average (\d+) children other"
        r" than UASC in the first twelve months \(80% of paths: (\d+) to (\d+)\)\. UASC enter"
    )
    found = re.search(pattern, said)
    assert found is not None
    mean, low, high = map(int, found.groups())
    assert low < mean < high
    assert mean == pytest.approx(109 - 11, abs=3)  # published, UASC taken off


def test_a_stock_unlike_the_rates_is_no_reason_to_expect_a_drift_beside_a_forecast(
    tmp_path: Path,
) -> None:
    name = with_paths(tmp_path, non_uasc=np.full((24, 3), 5))
    many = SCENARIO.replace("demand: {", "demand: {entries_per_year: 900, ")
    Path(name).write_text(many + "stays: {keep_stock_and_flow: false}\n")
    (warning,) = (line for line in load(name).warnings if "of the 200 stated" in line)
    assert warning.startswith("without the forecast, the rates of entry and stays would lead to")
    assert "drift" not in warning


def test_check_of_rates_speaks_of_no_forecast() -> None:
    assert checked("england").startswith("In the long run, if nothing changes:")
