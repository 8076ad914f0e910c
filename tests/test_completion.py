"""What Tab offers, asked for as a shell asks."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

import pytest
from typer.testing import CliRunner

from sufficiency.cli import app, completing


def offered(line: str) -> list[str]:
    """What bash is offered for the last word of a line."""
    words = line.split(" ")
    asked = {
        "_SUFFICIENCY_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
    }
    result = CliRunner().invoke(app, [], env=asked, prog_name="sufficiency")
    assert result.stderr == ""
    return result.stdout.split()


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_commands_and_their_options_are_offered(here: Path) -> None:
    assert offered("sufficiency cal") == ["calibrate"]
    assert offered("sufficiency re") == ["report", "reconcile"]
    assert offered("sufficiency run camden --prec") == ["--precision"]


def test_scenarios_are_the_shipped_ones_and_the_files_there(here: Path) -> None:
    (here / "mine.yaml").touch()
    (here / "mine.txt").touch()
    (here / "inside").mkdir()
    (here / "inside" / "other.yml").touch()
    assert offered("sufficiency run m") == ["medway", "mine.yaml"]
    assert offered("sufficiency check inside/") == ["inside/other.yml"]
    assert {"camden", "england", "mine.yaml"} <= set(offered("sufficiency verify "))


def test_options_are_those_of_the_scenario_and_of_what_it_extends(here: Path) -> None:
    (here / "base.yaml").write_text("options: {one: {}, two: {}}\n")
    (here / "mine.yaml").write_text("extends: base.yaml\noptions:\n  three: {}\n  one: {}\n")
    assert offered("sufficiency run mine.yaml --only ") == ["baseline", "three", "one", "two"]
    assert offered("sufficiency run mine.yaml --only one,t") == ["one,three", "one,two"]
    assert offered("sufficiency target mine.yaml --option tw") == ["two"]
    assert "two_bed_home" in offered("sufficiency sensitivity camden --seed 3 --option t")


def test_options_of_a_run_are_those_it_was_made_with(here: Path) -> None:
    run = here / "outputs" / "mine" / "20260101-120000"
    run.mkdir(parents=True)
    (run / "scenario.yaml").write_text("name: Mine\noptions: {one: {}}\n")
    assert offered(f"sufficiency pressure {run} --option ") == ["one"]


def test_runs_are_the_finished_ones_the_newest_first(here: Path) -> None:
    for name in ("a/20260101-120000", "b/20260301-120000", "b/20260201-120000.partial"):
        (here / "outputs" / name / "tables").mkdir(parents=True)
        (here / "outputs" / name / "manifest.json").touch()
    for name, file in (
        ("b/20260302-120000-publish", "summary.csv"),
        ("b-target/2026", "found.json"),
    ):
        (here / "outputs" / name).mkdir(parents=True)
        (here / "outputs" / name / "manifest.json").touch()
        (here / "outputs" / name / file).touch()
    finished = ["outputs/b/20260301-120000", "outputs/a/20260101-120000"]
    assert offered("sufficiency report ") == finished
    assert offered("sufficiency compare outputs/a") == finished[1:]
    assert offered("sufficiency report x --with ") == ["outputs/b-target/2026"]
    unfinished = ["outputs/b/20260201-120000.partial"]
    assert offered("sufficiency run --resume ") == unfinished


def test_measures_are_all_of_the_model(here: Path) -> None:
    from sufficiency.replication import MODEL

    assert set(completing.MEASURES) == set(MODEL.definitions)
    assert offered("sufficiency sensitivity camden --measure unmet") == ["unmet_need"]


def test_levers_are_numbers_of_the_scenario(here: Path) -> None:
    """What is offered is a path that a scenario has, of a number or of none yet."""
    from sufficiency.scenario import as_tree, get_value
    from sufficiency.scenario_file import load

    found = offered("sufficiency target camden --lever ")
    assert {"fostering.recruitment.number", "ifa.places", "demand.entries_per_year"} <= set(found)
    assert len(found) == len(set(found)) > 100
    assert not any(path.startswith(("options", "observed", "ledger")) for path in found)
    tree = as_tree(load("camden").scenario)
    assert {type(get_value(tree, path)) for path in found} <= {int, float, type(None)}


@pytest.mark.parametrize(
    "line",
    [
        "sufficiency run nowhere.yaml --only ",
        "sufficiency run broken.yaml --only ",
        "sufficiency run circle.yaml --only x",
        "sufficiency run --only ",
        "sufficiency pressure nowhere --option ",
        "sufficiency run nowhere/",
    ],
)
def test_nothing_is_offered_and_nothing_said_where_anything_is_wrong(line: str, here: Path) -> None:
    (here / "broken.yaml").write_text("options: [}\n")
    (here / "circle.yaml").write_text("extends: circle.yaml\noptions: {y: {}}\n")
    assert [word for word in offered(line) if word != "baseline"] == []


def test_completion_touches_no_network_and_loads_nothing_heavy(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any, **__: Any) -> NoReturn:
        raise AssertionError("the network was touched")

    monkeypatch.setattr(socket, "socket", refused)
    assert offered("sufficiency run camden --only kin") == ["kinship_offer"]
    code = (
        "import sys; from types import SimpleNamespace as N; from sufficiency.cli import completing"
        " as c; x = N(params={'scenario': 'camden'}, args=[]);"
        "c.options(x, ''), c.levers(x, ''), c.measures(x, ''), c.scenarios(x, '');"
        "print(sorted({'pandas', 'numpy', 'scipy', 'pydantic', 'simpy'} & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ended.stdout == "[]\n", ended.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell", "pwsh"])
def test_every_shell_is_given_its_script(shell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from typer._completion_shared import get_completion_script

    script = get_completion_script(
        prog_name="sufficiency", complete_var="_SUFFICIENCY_COMPLETE", shell=shell
    )
    assert "_SUFFICIENCY_COMPLETE" in script
    assert "sufficiency" in script


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_bash_itself_completes(here: Path) -> None:
    from typer._completion_shared import get_completion_script

    script = get_completion_script(
        prog_name="sufficiency", complete_var="_SUFFICIENCY_COMPLETE", shell="bash"
    )
    called = "import sys; sys.argv[0] = 'sufficiency'; from sufficiency.cli import main; main()"
    (here / "sufficiency").write_text(f'#!/bin/sh\nexec {sys.executable} -c "{called}" "$@"\n')
    (here / "sufficiency").chmod(0o755)
    typed = (
        f"{script}\nCOMP_WORDS=(sufficiency run camden --only kin); COMP_CWORD=4;"
        " _sufficiency_completion sufficiency; echo ${COMPREPLY[@]}"
    )
    path = f"{here}{os.pathsep}{os.environ['PATH']}"
    ended = subprocess.run(
        ["bash", "--norc", "-c", typed],
        capture_output=True, text=True, env={**os.environ, "PATH": path},
    )  # fmt: skip
    assert ended.stdout == "kinship_offer\n", ended.stderr
