from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from sufficiency import experiment
from sufficiency.cli import app
from sufficiency.cli.failing import answering, program_version
from sufficiency.cli.places import new_folder
from sufficiency.errors import SufficiencyError
from sufficiency.results import Interrupted

QUICK = ["-n", "2", "--years", "1", "--jobs", "1"]


def call(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small run, made by the command itself."""
    folder = tmp_path_factory.mktemp("runs") / "camden"
    result = call("run", "camden", "--only", "two_bed_home", *QUICK, "--out", folder)
    assert result.exit_code == 0, result.output
    (folder.parent / "said").write_text(result.stdout, encoding="utf-8")
    return folder


def test_run_prints_the_answer_and_writes_the_folder(finished: Path) -> None:
    said = (finished.parent / "said").read_text(encoding="utf-8")
    assert said.startswith("Camden, April 2025 to March 2026, 2 futures")
    assert "Two bed home" in said
    assert f"{finished / 'report.html'}" in said
    assert max(len(line) for line in said.splitlines() if str(finished) not in line) <= 80
    there = {path.name for path in finished.iterdir()}
    assert {"manifest.json", "scenario.yaml", "summary.csv", "comparison.csv", "tables"} < there
    assert "Camden" in (finished / "report.html").read_text(encoding="utf-8")[:2000]


def test_a_finished_folder_is_not_run_over(finished: Path) -> None:
    result = call("run", "camden", *QUICK, "--out", finished)
    assert result.exit_code == 2
    assert "exists already" in result.stderr


def test_quiet_prints_only_the_folder(tmp_path: Path) -> None:
    result = call("run", "england", *QUICK, "--quiet", "--out", tmp_path / "r")
    assert result.exit_code == 0
    assert result.output == f"{tmp_path / 'r'}\n"


@pytest.mark.slow
def test_results_go_to_a_dated_folder_unless_told_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = call("run", "england", *QUICK, "--quiet")
    assert re.fullmatch(r"outputs.england.\d{8}-\d{6}\n", result.stdout)


def test_report_is_built_again_beside_the_run(finished: Path, tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in finished.rglob("*")}
    result = call("report", finished)
    assert result.exit_code == 0
    beside = finished.with_name("camden-report")
    assert result.stdout.split() == [str(beside / "report.html"), str(beside / "workbook.xlsx")]
    assert call("report", finished, "--out", tmp_path).exit_code == 0
    assert (tmp_path / "report.html").is_file()
    assert call("report", finished, "--out", finished).exit_code == 2
    assert {path: path.stat().st_mtime_ns for path in finished.rglob("*")} == before


def test_compare_sets_runs_side_by_side(finished: Path, tmp_path: Path) -> None:
    table = tmp_path / "all.csv"
    result = call("compare", finished, finished, "--out", table)
    assert result.exit_code == 0
    assert "The same luck in both" in result.stdout
    assert table.read_text(encoding="utf-8").startswith("run,against,option,")
    assert call("compare", finished).exit_code == 2


@pytest.mark.parametrize(
    "words",
    [
        ("run", "camdn"),
        ("run", "camden", "--only", "two_bed_hom"),
        ("run", "camden", "--resume", "nowhere"),
        ("run", "camden", "--years", "0"),
        ("run", "camden", "-n", "0"),
        ("run", "camden", "--precision", "1"),
        ("check", "nowhere.yaml"),
        ("changes", "nowhere.yaml"),
        ("report", "nowhere"),
        ("new", "Harrow", "--figures", "nowhere.csv"),
        ("chek", "camden"),
    ],
)
def test_a_mistake_of_the_user_ends_with_2_and_one_message(words: tuple[str, ...]) -> None:
    result = call(*words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("years", ["0", "-1", "26", "nan"])
def test_years_out_of_bounds_are_told_in_one_line(years: str, tmp_path: Path) -> None:
    result = call("run", "camden", "--years", years, "--out", tmp_path / "r")
    assert result.exit_code == 2
    assert result.stderr == f"--years must be above 0 and at most 25, not {years}\n"
    assert list(tmp_path.iterdir()) == []


def test_the_bounds_of_years_are_those_of_the_scenario() -> None:
    from sufficiency.cli.commands import LONGEST_YEARS
    from sufficiency.scenario import Scenario

    bounds = Scenario.model_json_schema()["properties"]["years"]
    assert (bounds["exclusiveMinimum"], bounds["maximum"]) == (0, LONGEST_YEARS)
    said = " ".join(call("run", "--help").stdout.split())
    assert f"above 0 and at most {LONGEST_YEARS}" in said


@pytest.mark.parametrize("inside", ["r", "deep/er/r"])
def test_a_folder_below_a_file_is_told_in_one_line(
    finished: Path, tmp_path: Path, inside: str
) -> None:
    file = tmp_path / "file"
    file.touch()
    for words in (
        ("run", "england", *QUICK),
        ("report", finished),
        ("compare", finished, finished),
    ):
        result = call(*words, "--out", file / inside)
        assert result.exit_code == 2
        told = result.stderr.splitlines()[-1]
        assert told == f"{file / inside} cannot be written: {file} is a file, not a folder"


@pytest.mark.parametrize("damage", ["manifest.json", "summary.csv", "tables/measures.parquet"])
def test_a_run_that_is_not_whole_is_told_in_one_line(
    finished: Path, tmp_path: Path, damage: str
) -> None:
    shutil.copytree(finished, tmp_path / "half")
    for content in (b'{"replications": 2}', (finished / damage).read_bytes()[:200]):
        (tmp_path / "half" / damage).write_bytes(content)
        result = call("pressure", tmp_path / "half")
        assert result.exit_code == 2
        assert result.stderr.count("\n") == 1
        assert "run the scenario again" in result.stderr
        assert result.stdout == ""


def test_tables_never_go_into_a_finished_run(finished: Path) -> None:
    before = (finished / "summary.csv").read_bytes()
    for words in (("pressure", finished), ("compare", finished, finished)):
        result = call(*words, "--out", finished / "summary.csv")
        assert (result.exit_code, result.stdout) == (2, "")
        assert "which is never changed" in result.stderr
    assert (finished / "summary.csv").read_bytes() == before


def test_no_message_and_no_list_of_changes_works_the_terminal(tmp_path: Path) -> None:
    result = call("changes", "no\x1b]0;x\x07.yaml")
    assert result.exit_code == 2
    file = tmp_path / "s.yaml"
    file.write_text('extends: camden\nname: "A\\u001b[2J"\n', encoding="utf-8")
    for text in (result.stderr, call("changes", file).stdout):
        assert text.replace("\n", "").isprintable()


def test_names_of_folders_are_words_and_hyphens() -> None:
    assert new_folder("Our area (reconciled)").parent == Path("outputs/our-area-reconciled")
    assert new_folder("../=x", "target").parent == Path("outputs/x-target")
    assert len(new_folder("x" * 40_000).parent.name) < 255
    assert new_folder("\t").parent == Path("outputs/scenario")


def test_where_nothing_may_be_written_is_told_before_anything_is_simulated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    goal = ("--lever", "ifa.places", "--from", 0, "--to", 1, "--goal", "net_cost <= 1 in 2025-26")
    for words in (("target", "camden", *goal), ("sensitivity", "camden")):
        result = call(*words, "--out", tmp_path / "o")
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.splitlines()[-1].endswith("may only be read")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_may_not_be_written_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refused)
    result = call("run", "england", *QUICK, "--out", tmp_path / "r")
    assert result.exit_code == 2
    told = result.stderr.splitlines()[-1]
    assert told == f"{tmp_path / 'r'} cannot be written: Permission denied"


@pytest.mark.slow
def test_resuming_needs_no_scenario(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sufficiency.experiment import running

    def stop(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(running, "_outcomes", stop)
        begun = call("run", "camden", "--only", "two_bed_home", *QUICK, "--out", tmp_path / "r")
    assert begun.exit_code == 3
    assert call("run", "--resume", tmp_path / "r.partial", "-q").stdout == f"{tmp_path / 'r'}\n"
    neither = call("run")
    assert neither.exit_code == 2
    assert neither.stderr.startswith("name a SCENARIO to run")


def test_check_claims_that_entries_and_stock_agree_only_if_they_do() -> None:
    from sufficiency.scenario import with_values
    from sufficiency.scenario_file import load
    from sufficiency.scenario_file.describing import steady_state_lines

    assert "entries and stock agree" in call("check", "england").stdout
    study = load("england")
    none = with_values(study.scenario, {"demand.entries_per_year": 0})
    lines = steady_state_lines(study.model_copy(update={"scenario": none}))
    assert not any("entries and stock agree" in line for line in lines)


def test_an_interrupted_run_ends_with_3_and_says_how_to_go_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "my run.partial"

    def stopped(*_: Any, **__: Any) -> None:
        raise Interrupted(folder, "interrupted")

    monkeypatch.setattr(experiment, "run", stopped)
    result = call("run", "camden", "--out", tmp_path / "my run")
    assert result.exit_code == 3
    assert f"sufficiency run camden --resume '{folder}'" in result.stderr


def test_ctrl_c_at_any_other_time_ends_with_3(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(experiment, "run", stopped)
    result = call("run", "camden", "--out", "unused")
    assert (result.exit_code, result.stderr.splitlines()[-1]) == (3, "interrupted")


def test_an_error_of_ours_ends_with_4_and_one_paragraph(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(experiment, "run", broken)
    result = call("run", "camden", "--out", "unused")
    assert result.exit_code == 4
    told = result.stderr.splitlines()[-1]
    assert "Please report" in told
    assert "ZeroDivisionError (" in told
    assert "division by zero" not in told
    assert program_version() in told
    assert "Traceback" not in result.stderr


def test_an_error_keeps_the_status_it_names(monkeypatch: pytest.MonkeyPatch) -> None:
    class GoalError(SufficiencyError):
        exit_code = 1

    def failing(*_: Any, **__: Any) -> None:
        raise GoalError("a goal was not met")

    monkeypatch.setattr(experiment, "run", failing)
    result = call("run", "camden", "--out", "unused")
    assert (result.exit_code, result.stderr.splitlines()[-1]) == (1, "a goal was not met")


def test_check_lists_every_assumption_and_the_steady_state() -> None:
    result = call("check", "camden")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].split("\t") == ["path", "value", "range", "unit", "source", "confidence"]
    entries = next(line for line in lines if line.startswith("demand.entries_per_year\t"))
    assert entries.split("\t")[1:3] == ["109", "95 to 123"]
    assert any("children in care" in line and "long run" in line for line in lines)


def test_changes_lists_what_differs() -> None:
    result = call("changes", "camden")
    assert result.exit_code == 0
    assert "authority.children_in_care: 457 -> 205" in result.stdout
    assert "fostering.recruitment.number: 0 -> 20" in result.stdout


def test_new_writes_a_scenario_that_can_be_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = call("new", "St Helens")
    assert result.exit_code == 0
    assert Path("st_helens.yaml").is_file()
    assert call("check", "st_helens.yaml").exit_code == 0
    again = call("new", "St Helens")
    assert again.exit_code == 2
    assert "exists already" in again.stderr


def test_schema_is_json() -> None:
    import json

    assert json.loads(call("schema").stdout)["$schema"]


def test_help_has_an_example_for_every_command() -> None:
    commands = ("run", "check", "changes", "new", "schema", "report", "compare")
    listed = call("--help").stdout
    for command in commands:
        assert f"  {command} " in listed
        assert f"Example: sufficiency {command}" in call(command, "--help").stdout


def test_version_is_printed() -> None:
    assert call("--version").stdout == f"{program_version()}\n"


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from sufficiency.cli import app; from typer.testing import CliRunner;"
        "CliRunner().invoke(app, ['--help']);"
        "heavy = {'pandas', 'numpy', 'plotly', 'scipy', 'pyarrow', 'pydantic', 'joblib'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ended.stdout == "[]\n", ended.stderr


def test_the_module_is_the_command() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "sufficiency", "--version"], capture_output=True, text=True
    )
    assert ended.stdout == f"{program_version()}\n"


@pytest.mark.parametrize("command", ["calibrate", "run", "check", "report"])
def test_an_error_of_ours_says_nothing_that_data_about_children_might_hold(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise KeyError("UPN-H801200001001")

    monkeypatch.setattr("sys.argv", ["sufficiency", command, "folder"])
    with pytest.raises(typer.Exit) as ended:
        answering(broken)()
    told = capsys.readouterr().err
    assert ended.value.exit_code == 4
    assert "KeyError" in told
    assert "UPN-H801200001001" not in told
