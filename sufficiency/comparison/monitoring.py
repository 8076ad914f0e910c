"""The budget monitor: everything finance asks of one option of a run, together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import pandas as pd

from sufficiency.comparison.break_even import break_even
from sufficiency.comparison.movement import Movement, movement
from sufficiency.comparison.pressure import Pressure, pressure
from sufficiency.comparison.savings import Savings, savings
from sufficiency.comparison.yearly import joined
from sufficiency.results.results import BASELINE, Results


@dataclass(frozen=True)
class Monitor:
    """What one option of a run costs, saves, and how it has moved."""

    name: str
    """The scenario."""
    pressure: Pressure
    """What the option costs, and why."""
    savings: Savings
    """What the option saves; of the baseline, what every option does."""
    break_even: pd.DataFrame
    """How full its homes and blocks must be; of the baseline, those of every option."""
    movement: Movement | None
    """What has moved since an earlier run, if one is given."""


def monitored(results: Results, option: str = "", since: Results | None = None) -> Monitor:
    """Everything finance asks of one option of a run.

    Raises:
        SufficiencyError: The run has no money in it, or not that option; or the earlier one cannot
            be compared with it.
    """
    name = option or BASELINE
    found = pressure(results, name)
    return Monitor(
        name=str(results.manifest["name"]),
        pressure=found,
        savings=savings(results),
        break_even=break_even(results),
        movement=movement(since, results, name) if since is not None else None,
    )


def all_rows(found: Monitor) -> pd.DataFrame:
    """Every table under the other, its name in the column `table`: a file of all that is said."""
    option = found.pressure.option
    parts = []
    for name, table in _tables(found):
        if table.empty:
            continue
        if "option" in table and option != BASELINE:
            table = table[table["option"] == option]
        part = table.copy() if "option" in table else table.assign(option=option)
        part.insert(0, "table", name)
        parts.append(part)
    first = ["table", "option", "period"]
    rows = joined(parts)
    return rows[[*first, *(column for column in rows if column not in first)]]


def _tables(found: Monitor) -> Iterator[tuple[str, pd.DataFrame]]:
    parts = (("", found.pressure), ("savings_", found.savings), ("moved_", found.movement))
    for before, part in parts:
        for field in fields(part) if part else ():
            table = getattr(part, field.name)
            if isinstance(table, pd.DataFrame):
                yield f"{before}{field.name}", table
    yield "break_even", found.break_even
    if found.movement:
        yield "assumptions_that_differ", pd.DataFrame({"differs": found.movement.assumptions})
