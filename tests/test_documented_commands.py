"""Every command that README and docs tell users to type is run, read from there, in a smaller size.

The section on own data and the page for finance are walked through in order by `test_tutorial`;
here are all others: in blocks, in tables, within sentences, in all pages and in the notebooks.
Commands that come to the same words in the test are run once.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from sufficiency.cli import app

ROOT = Path(__file__).parent.parent
PAGES = [
    ROOT / "README.md",
    *sorted(page for page in (ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs" / "decisions").glob("*.md")),
    ROOT / "notebooks" / "README.md",
    ROOT / "outputs" / "README.md",
    *sorted((ROOT / "notebooks").glob("*.ipynb")),
]
RUN = "outputs/camden/DATE-TIME"
FOUND = "outputs/camden-target/DATE-TIME"
ONE = ["--jobs", "1"]
MEANS = {
    "calibrate": {"FOLDER": "my-return", "FILE": "calibrated.yaml"},
    "forecast": {"FOLDER": "my-counts"},
    "backtest": {"FOLDER": "my-return"},
    "synthesise": {"FOLDER": "made-up"},
    "new": {"NAME": "Harrow"},
    "reconcile": {"FILE": "ours.yaml"},
    "target": {
        "PATH": "fostering.recruitment.number", "A": "0", "B": "1", "40": "1",
        "GOAL": "unmet_need <= 90 by 2026-03-31",
        "unmet_need[kind=foster] <= 8 by 2029-03-31": "unmet_need <= 90 by 2026-03-31",
    },
}  # fmt: skip
"""What stands for what in a command."""
EVERYWHERE = {"SCENARIO": "camden", "FOLDER": RUN, "RUN": RUN, "TARGET": FOUND}
FEWER = {
    "run": ["-n", "2", "--years", "1", *ONE],
    "target": ["-n", "2", "--years", "1", *ONE],
    "sensitivity": ["-n", "8", "--futures", "2", "--years", "1", *ONE],
    "validate": ["-n", "2", *ONE],
    "verify": ["-n", "10", *ONE],
    "reconcile": ["-n", "2", *ONE],
    "calibrate": ["--bootstrap", "20"],
    "backtest": ["-n", "4"],
}
SMALLER = {"synthesise": {"--children": "80", "--years": "4"}}
HARMLESS = {"--install-completion": "--show-completion"}
"""What would write into the home of whoever runs the test."""
GOES_WRONG = {"target": {0, 1}, "reconcile": {0, 1}, "validate": {0, 1}}
"""Commands whose answer may be no: a goal that is not met, a ledger that lies outside."""
OTHERS = ("python3 -m venv ", "py -m venv ", "pip install ", "python -m pip ", "python -m pytest ")
"""What else blocks tell users to type: `.ci/run` does it."""
ALONE = ("schema",)
"""Commands that need nothing but their name."""
COMMANDS: dict[str, Any] = get_command(app).commands


def text_of(page: Path) -> str:
    """A page; of a notebook its words."""
    if page.suffix == ".ipynb":
        cells = json.loads(page.read_text(encoding="utf-8"))["cells"]
        return "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    return page.read_text(encoding="utf-8")


def typed_lines(text: str) -> Iterator[str]:
    """What the blocks of a page tell to type, command by command."""
    joined = text.replace("\\\n", " ")
    for block in re.findall(r"```(?:sh|powershell)\n(.*?)```", joined, flags=re.DOTALL):
        for line in re.split(r"\n|&&|;", block):
            if words := " ".join(line.split()):
                yield re.sub(r"^\.venv(/bin/|\\Scripts\\)", "", words)


def commands(page: Path) -> Iterator[str]:
    """Everything on a page that begins with `sufficiency`, as it stands there."""
    text = text_of(page)
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    for candidate in (*typed_lines(text), *re.findall(r"`([^`]+)`", prose)):
        words = " ".join(candidate.split())
        if re.match(r"sufficiency( |$)", words):
            yield words


def benchmarks(page: Path) -> set[str]:
    return set(re.findall(r"benchmarks/\w+\.py(?: --?\w[\w-]*(?: \d+)?)*", text_of(page)))


EVERY = sorted({command for page in PAGES for command in commands(page)})
WALKED = "From your own data"


def names_only(command: str) -> bool:
    """A command that is mentioned, not told to be typed."""
    _, *words = shlex.split(command)
    return words[:1] != [*ALONE] and len([w for w in words if not w.startswith("-")]) <= 1


def typed() -> dict[tuple[str, ...], str]:
    """What is told to be typed, apart from what `test_tutorial` walks through: as it is run."""
    section = text_of(PAGES[0]).split(f"## {WALKED}\n")[1].split("\n## ")[0]
    walked = {*typed_lines(section), *typed_lines(text_of(ROOT / "docs" / "finance.md"))}
    told = [command for command in EVERY if not names_only(command) and command not in walked]
    return {tuple(asked(command)): command for command in told}


def asked(command: str) -> list[str]:
    """A command as the test runs it: real names for those that stand for something, and smaller."""
    _, name, *words = shlex.split(command)
    stands = {**EVERYWHERE, **MEANS.get(name, {})}
    smaller = SMALLER.get(name, {})
    found = [name]
    for before, word in zip((name, *words), words, strict=False):
        found.append(smaller.get(before, stands.get(word, word)))
    found += FEWER.get(name, [])
    if name == "run" and "camden" in found and "--only" not in found:
        found += ["--only", "recruit_20_carers"]
    return found


def test_blocks_tell_to_type_nothing_that_nobody_tries() -> None:
    lines = [line for page in PAGES for line in typed_lines(text_of(page))]
    assert len(lines) > 20
    untried = [line for line in lines if not line.startswith(("sufficiency ", *OTHERS))]
    assert untried == []
    tongues = {t for page in PAGES for t in re.findall(r"^```(\w+)", text_of(page), re.MULTILINE)}
    assert tongues <= {"sh", "powershell", "yaml", "csv"}


def test_an_option_that_pages_name_beside_a_command_is_one_of_it() -> None:
    named = re.compile(rf"`({'|'.join(COMMANDS)}) ([^`\n]*)`")
    seen = 0
    for page in PAGES:
        for name, words in named.findall(re.sub(r"```.*?```", "", text_of(page), flags=re.DOTALL)):
            there = {option for param in COMMANDS[name].params for option in param.opts}
            wanted = {word for word in words.split() if word.startswith("-")}
            assert wanted <= there, (page.name, name, words)
            seen += len(wanted)
    assert seen


def test_the_pages_tell_of_every_command_that_there_is() -> None:
    told = {shlex.split(command)[1] for command in EVERY if " " in command}
    assert set(COMMANDS) <= told
    assert {name for name in told if not name.startswith("-")} <= set(COMMANDS)


@pytest.mark.parametrize("command", [c for c in EVERY if names_only(c)])
def test_a_command_that_is_mentioned_is_there(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    _, *words = shlex.split(command)
    whole = [HARMLESS.get(word, word) for word in words]
    help_too = [] if set(whole) & {*HARMLESS.values(), "--version"} else ["--help"]
    result = CliRunner().invoke(app, [*whole, *help_too])
    assert result.exit_code == 0, result.output
    assert result.stdout
    for option in (word for word in words[1:] if word.startswith("-")):
        assert option in result.stdout
    assert not any(tmp_path.iterdir())


LEVER = (
    '--lever fostering.recruitment.number --from 0 --to 1 --goal "net_cost <= 90000000 in 2025-26"'
)


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the commands are about: finished runs, a return, counts, own files."""
    folder = tmp_path_factory.mktemp("workplace")
    few = ["run", "camden", "-n", "2", "--years", "1", "--only", "recruit_20_carers", *ONE]
    england = ["synthesise", "england", "--years", "4", "--children", "80"]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for words in (
            [*few, "--out", RUN],
            ["target", "camden", *shlex.split(LEVER), *FEWER["target"]],
            [*england, "--to", "my-return"],
            [*england, "--layout", "counts", "--to", "my-counts"],
        ):
            result = CliRunner().invoke(app, words, catch_exceptions=False)
            assert result.exit_code == 0, result.output
    (found,) = folder.glob("outputs/*/2*")  # where `target` puts it by itself
    found.rename(found.with_name("DATE-TIME"))
    finance = (ROOT / "docs" / "finance.md").read_text(encoding="utf-8")
    (yaml,) = re.findall(r"```yaml\n(.*?)```", finance, re.DOTALL)
    (folder / "ours.yaml").write_text(yaml, encoding="utf-8")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("words", [pytest.param(w, id=c) for w, c in typed().items()])
def test_a_command_that_is_to_be_typed_works(
    words: tuple[str, ...], workplace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    shutil.copytree(workplace, here, copy_function=os.link)  # no command changes what is there
    monkeypatch.chdir(here)
    result = CliRunner().invoke(app, words, catch_exceptions=False)
    allowed = GOES_WRONG.get(words[0], {0})
    assert result.exit_code in allowed, (words, result.output)
    wide = [line for line in result.stdout.splitlines() if len(line) > 80 and "/" not in line]
    assert not wide or words[0] in ("check", "schema"), (words, wide)  # made for programs


@pytest.mark.slow
@pytest.mark.parametrize("line", sorted({line for page in PAGES for line in benchmarks(page)}))
def test_a_benchmark_that_is_told_of_takes_the_options_it_is_given(line: str) -> None:
    script, *words = line.split()
    made = subprocess.run(
        [sys.executable, str(ROOT / script), "--help"],
        capture_output=True, text=True, check=False, cwd=ROOT, timeout=120,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    for option in (word for word in words if word.startswith("-")):
        assert option in made.stdout
