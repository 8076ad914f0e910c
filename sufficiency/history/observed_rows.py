"""Measured numbers by group and period, into rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]


class Grid(NamedTuple):
    """One measure: a row for each group, a column for each date or period; NaN is not known."""

    measure: str
    groups: Sequence[str]
    periods: Sequence[str]
    numbers: Floats


def labels(name: str, words: Iterable[str]) -> tuple[str, ...]:
    """The names of groups: `type=in_house`, `type=ifa`, and so on."""
    return tuple(f"{name}={word}" for word in words)


def ratio(part: Floats, whole: Floats) -> Floats:
    """Part ÷ whole; NaN where the whole is 0."""
    shape = np.broadcast_shapes(part.shape, whole.shape)
    shares: Floats = np.divide(part, whole, out=np.full(shape, np.nan), where=whole != 0)
    return shares


def with_total(parts: Floats) -> Floats:
    """The sum of all rows, above them."""
    return np.vstack([parts.sum(axis=0), parts])


def long_form(grids: Iterable[Grid]) -> pd.DataFrame:
    """`measure`, `group`, `period`, `value`; what is not known is left out."""
    tables = [
        pd.DataFrame(
            {
                "measure": np.full(grid.numbers.size, grid.measure, dtype=object),
                "group": np.repeat(np.array(grid.groups, dtype=object), len(grid.periods)),
                "period": np.tile(np.array(grid.periods, dtype=object), len(grid.groups)),
                "value": grid.numbers.ravel().astype(np.float64),
            }
        )
        for grid in grids
    ]
    columns = ["measure", "group", "period", "value"]
    rows = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)
    rows = rows.astype(dict.fromkeys(columns[:-1], "str"))
    return rows[rows["value"].notna()].reset_index(drop=True)
