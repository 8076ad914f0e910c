"""Help fits 80 columns, reads without markup, and its examples work."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner, Result

from sufficiency.cli import app
from sufficiency.cli.helping import GROUPS

COMMANDS: dict[str, Any] = get_command(app).commands


def call(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)


def example_of(command: str) -> list[str]:
    """The words of the example in the help of a command, as a shell reads them."""
    said = call(*([command] if command else []), "--help").stdout
    found = re.search(r"^  Example: (.*(?:\\\n.*)*)\n\Z", said, re.MULTILINE)
    assert found is not None, said
    return shlex.split(found[1].replace("\\\n", ""))


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_fits_80_columns_and_is_not_cut(command: str) -> None:
    said = call(*([command] if command else []), "--help").stdout
    assert max(map(len, said.splitlines())) <= 80
    assert said.replace("\n", "").isprintable()
    assert not re.search(r"[a-z]\.\.\.", said)  # as click shortens a description
    assert not re.search(r"<(str|int|float|path)|9223372036854775807|x>=", said)


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_example_is_a_line_of_its_command_that_parses(command: str) -> None:
    program, name, *arguments = example_of(command)
    assert program == "sufficiency"
    assert name == (command or "run")
    if ">" in arguments:
        arguments = arguments[: arguments.index(">")]
    with COMMANDS[name].make_context(name, arguments) as context:
        assert not context.args


def test_commands_are_listed_in_groups_in_the_order_in_which_they_are_met() -> None:
    said = call("--help").stdout
    listed = re.findall(r"^  ([a-z]+)  ", said.partition("\nThe question:\n")[2], re.MULTILINE)
    grouped = [name for names in GROUPS.values() for name in names]
    assert listed == [*(name for name in grouped if name in COMMANDS), "schema"]
    assert said.index("The question:") < said.index("Your own data:") < said.index("Other commands")


def test_an_option_with_a_value_has_a_name_for_it() -> None:
    """Never the name of a type, which says nothing of the unit."""
    for name, command in COMMANDS.items():
        for param in command.params:
            flag = getattr(param, "is_flag", False)
            if param.param_type_name == "option" and not flag and param.name != "help":
                assert param.metavar, f"{name} {param.opts}"


def test_bounds_are_told_in_words() -> None:
    said = " ".join(call("calibrate", "--help").stdout.split())
    assert "[default: 200; 0 to 10,000]" in said
    assert "Seed of resamples and forecast. [default: 1] " in said


@pytest.mark.parametrize(
    ("words", "nearest"),
    [
        (("chek", "camden"), "check"),
        (("forcast", "x"), "forecast"),
        (("run", "camden", "--onyl", "x"), "--only"),
        (("run", "camden", "--precison", "1"), "--precision"),
    ],
)
def test_an_unknown_command_or_option_suggests_the_nearest(
    words: tuple[str, ...], nearest: str
) -> None:
    result = call(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert nearest in result.stderr.splitlines()[-1]


@pytest.mark.slow
def test_the_examples_about_a_scenario_and_a_run_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the order of a first hour, with fewer futures and a shorter horizon."""
    monkeypatch.chdir(tmp_path)
    for command in ("check", "changes", "schema"):
        _, *words = example_of(command)
        words = words[: words.index(">")] if ">" in words else words
        assert call(*words).exit_code == 0
    smaller = ("-n", "2", "--years", "2", "--jobs", "1")
    _, *words = example_of("run")
    assert call(*words, *smaller, "--out", "A").exit_code == 0
    for command in ("report", "pressure", "compare"):
        _, name, *words = example_of(command)
        here = ["A" if word.startswith("outputs/") else word for word in words]
        assert call(name, *here).exit_code == 0
    for command in ("target", "sensitivity"):
        _, *words = example_of(command)
        words = [word.replace("2029-03-31", "2027-03-31") for word in words]
        few = smaller if command == "target" else ("-n", "8", *smaller[2:], "--futures", "2")
        result = call(*words, *few, "--out", command)
        assert result.exit_code in (0, 1), result.output
