"""What the README and docs/finance.md tell users to do, as it stands there, in a smaller size."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sufficiency.cli import app

README = Path(__file__).parent.parent / "README.md"
SMALLER = {"--children": "80", "--years": "4", "-n": "4"}
QUICKER = {"calibrate": ["--bootstrap", "20"], "backtest": ["-n", "4"], "run": ["--years", "1"]}


def commands() -> list[list[str]]:
    """The commands of the section, in order."""
    text = README.read_text(encoding="utf-8")
    section = text.split("## From your own data\n")[1].split("\n## ")[0]
    blocks = re.findall(r"```sh\n(.*?)```", section, flags=re.DOTALL)
    return [shlex.split(line) for block in blocks for line in block.splitlines() if line]


def smaller(words: list[str]) -> list[str]:
    out = [SMALLER.get(before, word) for before, word in zip(["", *words[:-1]], words, strict=True)]
    return out + QUICKER.get(words[0], [])


def test_the_section_has_both_ways() -> None:
    names = [words[1] for words in commands()]
    assert names == ["synthesise", "calibrate", "run", "backtest", "synthesise", "forecast", "run"]
    assert all(words[0] == "sufficiency" for words in commands())


@pytest.mark.slow
def test_every_command_of_the_section_works_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = {}
    for _, *words in commands():
        result = CliRunner().invoke(app, smaller(words), catch_exceptions=False)
        assert result.exit_code == 0, result.output
        said[" ".join(words[:2])] = result.stdout
    for name in ("my-area.yaml", "my-area-quality.html", "my-area-fit.html", "my-area-entries.csv"):
        assert (tmp_path / name).stat().st_size > 0
    pages = [path.name for path in tmp_path.rglob("*.html")]
    assert sorted(pages) == [
        "backtest.html", "forecast.html", "my-area-fit.html", "my-area-quality.html",
        "report.html", "report.html",
    ]  # fmt: skip
    for command, text in said.items():
        wide = [line for line in text.splitlines() if len(line) > 80 and "/" not in line]
        assert not wide, (command, wide)


FINANCE = README.parent / "docs" / "finance.md"
FEW = ["-n", "2", "--jobs", "1"]
FEWER = {
    "reconcile": FEW,
    "run": [*FEW, "--only", "recruit_20_carers"],
    "target": [*FEW, "--to", "1"],
    "sensitivity": ["-n", "8", "--futures", "2", "--years", "1", "--jobs", "1"],
}


def finance_commands() -> list[list[str]]:
    text = FINANCE.read_text(encoding="utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", text, flags=re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [shlex.split(line) for line in lines if line]


def test_the_page_for_finance_has_every_command_about_money() -> None:
    assert [words[1] for words in finance_commands()] == [
        "reconcile", "run", "pressure", "pressure", "pressure", "target", "sensitivity",
    ]  # fmt: skip
    text = FINANCE.read_text(encoding="utf-8")
    help_text = CliRunner().invoke(app, ["--help"]).stdout
    for name in re.findall(r"`sufficiency (\w+)", text):
        assert f"  {name} " in help_text


@pytest.mark.slow
def test_every_command_of_the_page_for_finance_works_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (yaml,) = re.findall(r"```yaml\n(.*?)```", FINANCE.read_text(encoding="utf-8"), re.DOTALL)
    Path("ours.yaml").write_text(yaml, encoding="utf-8")
    for _, *words in finance_commands():
        made = [str(path) for path in sorted(Path("outputs").glob("our-area-reconciled/*"))]
        stands_for = {"RUN", "DATE-TIME", "LATER", "EARLIER"}
        asked = [made[-1] if word.split("/")[-1] in stands_for else word for word in words]
        result = CliRunner().invoke(app, asked + FEWER.get(words[0], []), catch_exceptions=False)
        # The page's figures are made up: no ledger that is met, no goal that must be.
        allowed = {0, 1} if words[0] in ("reconcile", "target") else {0}
        assert result.exit_code in allowed, result.output
        told = [line for line in result.stdout.splitlines() if "/" not in line]
        assert max(map(len, told)) <= 80, (words, max(told, key=len))
    assert Path("ours-reconciled.yaml").is_file()
    assert Path("pressure.csv").is_file()
