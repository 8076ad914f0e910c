"""The page of a small run with everything in it, made once and shared by the tests that need it.

Each text that a user may write is `said`, so that the same page can be made of hostile text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest

from sufficiency.charts import Chart
from sufficiency.comparison import compare
from sufficiency.experiment import run
from sufficiency.report import page, tables_of
from sufficiency.report.rendering import figures
from sufficiency.results import save
from sufficiency.scenario_file import load

PLAIN = "made up"
SCENARIO = """\
extends: england
name: NAME
description: SAID
start: 2025-04-01
years: 2
authority:
  children_in_care: {value: 60, unit: children, source: SAID, as_of: 2025-03-31}
  uasc_in_care: 4
  child_population: 9000
fostering:
  households: {value: 12, low: 9, high: 15, source: SAID}
homes:
  - {name: SAID, registered: 3, usable: 3}
budget: {2025-26: 3000000, 2026-27: 3100000}
programme:
  - {name: SAID, year: 2025-26, amount: 60000}
observed:
  - {measure: children_in_care, period: 2026-03-31, value: 58, source: SAID, use: check, note: SAID}
history:
  - {measure: children_in_care, period: 2024-03-31, value: 55, source: SAID}
  - {measure: children_in_care, period: 2025-03-31, value: 60, source: SAID}
plan:
  owner: SAID
  signed_off_by: SAID
  decisions:
    - {on: 2025-03-01, what: SAID, why: SAID, who: SAID}
  actions:
    - {action: SAID, option: ten_carers, owner: SAID, by: 2025-09-30}
  data:
    - {what: SAID, from: SAID, by: SAID}
options:
  five_carers:
    description: SAID
    set: {fostering.recruitment.number: {value: 5, source: SAID}}
  ten_carers:
    set: {fostering.recruitment.number: 10}
  new_home:
    description: SAID
    add:
      homes:
        - {name: Second home, registered: 2, usable: 2, opens: 2025-10-01, capital: 500000}
"""


class Made(NamedTuple):
    """A page and its charts."""

    text: str
    charts: tuple[Chart, ...]


@cache
def full_page(said: str = PLAIN, name: str = "Smallshire") -> Made:
    """The page of a run of two years and eight futures.

    Args:
        said: What stands in each field of text.
        name: The name of the scenario.
    """
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        text = SCENARIO.replace("NAME", json.dumps(name)).replace("SAID", json.dumps(said))
        Path("scenario.yaml").write_text(text, encoding="utf-8")
        results = run(load(Path("scenario.yaml")), replications=8, jobs=1)
        tables = tables_of(save(results, comparison=compare(results), out=Path("run")))
        drawn: list[Chart] = []
        module = import_module("sufficiency.report.page")
        patch.setattr(module, "figures", lambda made: figures(kept(made, drawn)))
        return Made(page(tables), tuple(drawn))


def kept(made: Iterable[Chart], drawn: list[Chart]) -> list[Chart]:
    """The charts, which are noted."""
    drawn.extend(made)
    return drawn
