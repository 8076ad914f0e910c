"""A tiny scenario, and the option that rewrites the golden tables; nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

# As the command line has it, and before anything loads numpy: with tests side by side, threads of
# linear algebra wait for one another, and a forecast takes minutes instead of seconds.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

TINY = """\
extends: england
name: Tiny
start: 2025-04-01
years: 1
replications: 2
authority:
  children_in_care: {value: 40, unit: children, source: made up, as_of: 2025-03-31}
  uasc_in_care: 3
  child_population: 6000
fostering:
  households: {value: 8, low: 6, high: 10, source: made up}
options:
  more_carers:
    description: Recruit five households.
    set: {fostering.recruitment.number: 5}
  new_home:
    add:
      homes:
        - {name: New home, registered: 2, usable: 2, opens: 2025-10-01}
  both: {combine: [more_carers, new_home]}
"""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `--update-golden` rewrite the golden tables, to be reviewed by their diff."""
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="rewrite tests/golden/*.csv instead of comparing with them, and review the diff",
    )


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Write a file into an empty folder that is the current one, so that messages are short."""
    monkeypatch.chdir(tmp_path)

    def write_file(text: str | bytes, name: str = "child.yaml") -> Path:
        data = text.encode() if isinstance(text, str) else text
        Path(name).write_bytes(data)
        return Path(name)

    return write_file


@pytest.fixture
def tiny(write: Callable[..., Path]) -> Path:
    """The file of a scenario of 40 children for one year, with options."""
    return write(TINY, "tiny.yaml")
