"""Stand-ins for the simulation whose response to a lever is known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
from corners import england

from sufficiency.replication import Steps
from sufficiency.rows import Key, Measured, MeasureInfo, Rows, Table
from sufficiency.scenario import Edit, Option, Scenario, Study, with_values

LEVER = "fostering.recruitment.number"
INFOS = {
    "score": MeasureInfo("places", "up", "", "", "", ("", "kind=foster"), "years"),
    "stock": MeasureInfo("children", "", "", "", "", ("",), "quarter_ends"),
    "part": MeasureInfo("share", "down", "", "", "", ("kind=home", "kind=foster"), "marches"),
    "spent": MeasureInfo("£", "down", "", "", "", ("",), "months_and_years"),
}


def responding(response: Callable[[float], float], noise: float = 0.0) -> Steps:
    """A measure that is a function of the number recruited, with normal noise by luck.

    The functions are made here so that they travel to a worker by themselves, without this module.
    """
    key = Key("score", "", "2025-26")

    def simulate(scenario: Scenario, *, history: Scenario, replication: int) -> Rows:
        luck = np.random.default_rng([scenario.seed, replication]).normal(scale=noise)
        value = response(scenario.fostering.recruitment.number) + luck
        nothing: Any = Table(("none",), [])
        return Rows(*[nothing] * 6, 365.0, 0, np.array([value]), np.empty(0), np.empty(0))

    def measure(scenario: Scenario, rows: Rows) -> Measured:
        return Measured((key,), rows.enquiries)

    def history_of(scenario: Scenario, baseline: Scenario) -> Scenario:
        return baseline

    return Steps(simulate, history_of, (measure,), INFOS)


@lru_cache
def small() -> Study:
    """England for a year, certain: its futures differ in luck alone. One option adds a home."""
    values = {"start": date(2025, 4, 1), "years": 1.0, "fostering.households": 8}
    home = {"name": "New home", "registered": 2, "usable": 2, "opens": date(2025, 10, 1)}
    option = Option(name="new_home", edits=(Edit(action="add", path="homes", value=[home]),))
    return Study(scenario=with_values(england(), values), options=(option,))
