"""Runs whose money is written down by hand: two financial years, two or three futures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from sufficiency.costs.definitions import COST_TYPES, LINES, MEASURES, PARTS, SOURCES
from sufficiency.results import Results, by_hand
from sufficiency.rows import TYPES, Key
from sufficiency.scenario import Study
from sufficiency.scenario_file import load_text

YEARS = ("2025-26", "2026-27")
MONTHS = tuple(f"{2025 + (m + 3) // 12}-{(m + 3) % 12 + 1:02d}" for m in range(24))
MARCHES = ("2026-03-31", "2027-03-31")
WEEKS = 365 / 7
"""Neither of the two years has a 29 February."""

Futures = Sequence[Sequence[float]]
"""One row per future, one number per year."""
Named = Mapping[str, Futures]

SCENARIO = """\
extends: england
name: Byhand
start: 2025-04-01
years: 2
replications: 3
authority:
  children_in_care: {value: 40, unit: children, source: made up, as_of: 2025-03-31}
  uasc_in_care: 3
  child_population: 6000
"""


@dataclass(frozen=True)
class Case:
    """The money of one option; what is not named is nothing."""

    cost: Named
    """By type of cost."""
    children: Named = field(default_factory=dict)
    """On average, by type of placement."""
    income: Named = field(default_factory=dict)
    """By source."""
    void: Named = field(default_factory=dict)
    """By type of placement."""
    fixed: Futures = ()
    """Fixed cost of own homes."""
    capital: Futures = ()
    monthly: Futures = ()
    """Net cost by month; left out: a twelfth of the year's."""
    bridge: Named = field(default_factory=dict)
    """By part: from the year before; the first year's is not looked at."""
    option_bridge: Named = field(default_factory=dict)
    """By part: from the baseline."""
    high_cost: Futures = ()
    """Children on each 31 March."""


@lru_cache(maxsize=8)
def study(
    more: str = "", options: tuple[str, ...] = (), name: str = "Byhand", population: int = 6000
) -> Study:
    """A scenario for the run; options that are not in `more` change nothing that matters."""
    text = SCENARIO.replace("Byhand", name).replace("6000", str(population)) + more
    if options:
        text += "options:\n" + "".join(
            f"  {name}: {{set: {{fostering.recruitment.number: 5}}}}\n" for name in options
        )
    return load_text(text, Path("byhand.yaml"))


def study_with(**settings: Any) -> Study:
    """The scenario with some of its settings replaced; quicker than reading another file."""
    plain = study()
    return plain.model_copy(update={"scenario": plain.scenario.model_copy(update=settings)})


def run(
    folder: Path,
    cases: Mapping[str, Case],
    of: Study | None = None,
    first_year: int = 2025,
    *,
    to_save: bool = False,
    **settings: Any,
) -> Results:
    """Results of these options, the baseline first; the central replication is far away."""
    made = [_values(case, first_year) for case in cases.values()]
    values = np.array([list(of_option.values()) for of_option in made])  # option, key, future
    values = np.concatenate([np.full((*values.shape[:2], 1), -1e9), values], axis=2)
    of = study() if of is None else of
    found = by_hand(
        folder,
        values.swapaxes(1, 2),
        list(made[0]),
        list(cases),
        study=of if to_save else None,  # writing a scenario takes longer than a test may
        measures={
            name: {"unit": info.unit, "better": info.better} for name, info in MEASURES.items()
        },
        **{"name": "Byhand", **settings},
    )
    return replace(found, given=of)


def _values(case: Case, first_year: int) -> dict[Key, Any]:
    number = len(next(iter(case.cost.values())))
    later = first_year - 2025
    none = np.zeros((number, len(YEARS)))
    found: dict[Key, Any] = {}

    def put(measure: str, group: str, futures: Any, periods: Sequence[str] = YEARS) -> Any:
        table = np.asarray(futures, dtype=float) if len(futures) else none
        for at, period in enumerate(periods):
            found[Key(measure, group, _later(period, later))] = table[:, at]
        return table

    cost = sum(put("cost", f"type={t}", case.cost.get(t, ())) for t in COST_TYPES)
    income = sum(put("income", f"source={s}", case.income.get(s, ())) for s in SOURCES)
    put("cost", "", cost)
    put("income", "", income)
    net = put("net_cost", "", cost - income)
    monthly = case.monthly if len(case.monthly) else np.repeat(net / 12, 12, axis=1)
    put("net_cost", "", monthly, MONTHS)
    for type_ in TYPES:
        put("average_children", f"type={type_}", case.children.get(type_, ()))
    voids = [put("void_cost", f"type={t}", case.void.get(t, ())) for t in TYPES]
    put("void_cost", "", sum(voids))
    put("own_homes_fixed_cost", "", case.fixed)
    put("capital", "", case.capital)
    for part in PARTS:
        put("bridge", f"part={part}", case.bridge.get(part, ()))
        put("option_bridge", f"part={part}", case.option_bridge.get(part, ()))
    for place, line in enumerate(LINES):
        put("section_251_cost", f"line={line}", cost if place == 0 else ())
    put("high_cost_children", "", case.high_cost, MARCHES)
    put("high_cost_share", "", np.asarray(case.high_cost or none) / 40, MARCHES)
    return found


def _later(period: str, years: int) -> str:
    """The same period some years later, or earlier."""
    label = f"{int(period[:4]) + years}{period[4:]}"
    return f"{label[:5]}{int(period[5:]) + years:02d}" if period in YEARS else label
