"""The tables of a run, made of the values of its replications and the rows of the first few.

Words instead of codes, dates instead of day numbers. Long tables come as a stream of arrow tables,
so that memory does not grow with the replications.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from sufficiency.results.statistics import (
    PERCENTILES,
    Floats,
    blocks,
    moments,
    percentiles,
)
from sufficiency.rows import (
    CAUSES,
    ENTRY,
    ETHNICITIES,
    GROUPS,
    KINDS,
    NEEDS,
    PATHWAYS,
    REASONS,
    SAME_CARER,
    TYPES,
    CarePeriod,
    Household,
    Key,
    Placement,
    Search,
)

ORIGINS = ("at_start", "replaced_before_start", "approved", "recruited", "from_another_agency")
"""Words for `Household.origin`."""
ROW_GROUP = 200_000
"""About as many rows of `measures` are made at a time."""

CHILD_LEVEL: Mapping[str, tuple[str, ...]] = {
    "placements": Placement._fields,
    "care_periods": CarePeriod._fields,
    "searches": Search._fields,
    "households": Household._fields,
}
"""Columns of the tables with rows of the first replications."""

_WORDS: Mapping[str, Sequence[str]] = {
    "cause": CAUSES,
    "ethnicity": ETHNICITIES,
    "got": TYPES,
    "group": GROUPS,
    "highest_need": NEEDS,
    "need": NEEDS,
    "origin": ORIGINS,
    "pathway": PATHWAYS,
    "planned": KINDS,
    "reason": REASONS,
    "type": TYPES,
}
_DATES = {
    "approved", "available", "born", "closed", "ended", "entered", "left", "needed", "registered",
    "started", "stopped",
}  # fmt: skip
_FLAGS = {
    "apart", "far_for_want", "ifa_for_want", "in_area", "over_20_miles", "uasc",
    "disabled", "no_home", "no_ifa", "no_in_house", "no_supported", "same_ethnic_group", "solo",
    "transferred",
}  # fmt: skip
_NOT_WHOLE = {"dearness"}
_NONE_BELOW_0 = {"in_house_vacancies", "provider"}


def summary(
    values: Floats,
    options: Sequence[str],
    keys: Sequence[Key],
    units: Mapping[str, str],
    together: int,
) -> pd.DataFrame:
    """One row per option, measure, group and period, over replications 1 and up.

    Args:
        values: Options, replications, keys; replication 0 is left out.
        options: Their names, in order.
        keys: Names of the numbers, in order.
        units: Unit of each measure.
        together: How many neighbouring replications share a draw of what is uncertain.
    """
    parts = [
        _spread(values[option, 1:, columns], together)
        for option in range(len(options))
        for columns in blocks(values.shape[1], len(keys))
    ]
    names = labels(options, keys)
    names["unit"] = names["measure"].map(units).fillna("")
    return pd.concat([names, pd.concat(parts, ignore_index=True)], axis=1)


def labels(options: Sequence[str], keys: Sequence[Key]) -> pd.DataFrame:
    """The columns that name a row: every key of the first option, then of the next."""
    named: dict[str, Any] = {"option": np.repeat(np.array(options, dtype=object), len(keys))}
    for place, column in enumerate(Key._fields):
        named[column] = [key[place] for key in keys] * len(options)
    return pd.DataFrame(named).astype("str")


def _spread(values: Floats, together: int) -> pd.DataFrame:
    known = moments(values, together)
    shares = percentiles(values, tuple(PERCENTILES.values()))
    return pd.DataFrame(
        {
            "mean": known.mean,
            "se": known.se,
            **dict(zip(PERCENTILES, shares, strict=True)),
            "replications": known.known,
        }
    )


def census(summary: pd.DataFrame) -> pd.DataFrame:
    """One row per option, month and type: children in care on the last day of the month."""
    rows = summary[
        (summary["measure"] == "children_in_care")
        & summary["group"].str.fullmatch("type=[^;]*")
        & summary["period"].map(_is_month_end)
    ]
    return pd.DataFrame(
        {
            "option": rows["option"],
            "month": rows["period"].str.slice(0, 7),
            "type": rows["group"].str.removeprefix("type="),
            **{name: rows[name] for name in ("mean", "p10", "p90")},
        }
    ).reset_index(drop=True)


def _is_month_end(period: str) -> bool:
    return len(period) == 10 and (date.fromisoformat(period) + timedelta(days=1)).day == 1


def costs(summary: pd.DataFrame) -> pd.DataFrame:
    """One row per option, measure in pounds, group and financial year."""
    rows = summary[summary["unit"].str.startswith("£")]
    return rows.drop(columns=["low95", "high95"]).reset_index(drop=True)


def draws(values: Floats, paths: Sequence[str]) -> pd.DataFrame:
    """One row per replication and value that is drawn: what it was."""
    replications = np.arange(len(values), dtype=np.int32)
    return pd.DataFrame(
        {
            "replication": np.repeat(replications, len(paths)),
            "path": list(paths) * len(replications),
            "value": values[:, : len(paths)].ravel(),
        }
    )


def measures(values: Floats, options: Sequence[str], keys: Sequence[Key]) -> Iterator[Any]:
    """One row per replication, option, measure, group and period; replication 0 included."""
    replications = values.shape[1]
    rows = len(options) * len(keys)
    step = max(1, ROW_GROUP // max(1, rows))
    coded = [_coded([key[place] for key in keys]) for place in range(len(Key._fields))]
    for first in range(0, replications, step):
        many = min(step, replications - first)
        number = np.repeat(np.arange(first, first + many, dtype=np.int32), rows)
        option = np.tile(np.repeat(np.arange(len(options), dtype=np.int32), len(keys)), many)
        columns = {"replication": pa.array(number), "option": _dictionary(option, options)}
        for name, (codes, words) in zip(Key._fields, coded, strict=True):
            columns[name] = _dictionary(np.tile(codes, len(options) * many), words)
        block = np.ascontiguousarray(values[:, first : first + many].swapaxes(0, 1))
        columns["value"] = pa.array(block.reshape(-1))
        yield pa.table(columns)


def _coded(words: Sequence[str]) -> tuple[npt.NDArray[np.int32], list[str]]:
    order = {word: place for place, word in enumerate(dict.fromkeys(words))}
    return np.array([order[word] for word in words], dtype=np.int32), list(order)


def _dictionary(codes: npt.NDArray[np.int32], words: Sequence[str], mask: Any = None) -> Any:
    indices = pa.array(codes, type=pa.int32(), mask=mask)
    return pa.DictionaryArray.from_arrays(indices, pa.array([str(w) for w in words], pa.string()))


def child_level(
    name: str, kept: Path, options: Sequence[str], replications: Sequence[int], start: date
) -> Iterator[Any]:
    """The rows of the first replications, one arrow table per replication and option.

    Args:
        name: Which table.
        kept: Folder of the rows as they came.
        options: Names of the options, in order.
        replications: Numbers of the replications whose rows were kept.
        start: First day of the simulation.
    """
    if not replications:
        yield _child_level(name, np.empty(0), 0, 0, options, start)
    for replication in replications:
        with np.load(kept / f"{replication}.npz") as rows:
            for place in range(len(options)):
                flat = rows[f"{place}.{name}"]
                yield _child_level(name, flat, replication, place, options, start)


def _child_level(
    name: str, flat: Floats, replication: int, option: int, options: Sequence[str], start: date
) -> Any:
    fields = CHILD_LEVEL[name]
    rows = flat.reshape(-1, len(fields))
    columns = {
        "replication": pa.array(np.full(len(rows), replication, dtype=np.int32)),
        "option": _dictionary(np.full(len(rows), option, dtype=np.int32), options),
    }
    for column, values in zip(fields, rows.T, strict=True):
        columns[column] = _column(name, column, values, start)
    return pa.table(columns)


def _column(table: str, column: str, values: Floats, start: date) -> Any:
    if column in _WORDS:
        return _words(column, values)
    if column in _DATES:
        return _dates(values, start)
    if column in _FLAGS or (table, column) == ("households", "siblings"):
        return pa.array(values > 0, mask=np.isnan(values))
    if column in _NOT_WHOLE:
        return pa.array(values)
    absent = values < 0 if column in _NONE_BELOW_0 else None
    return pa.array(values.astype(np.int64), mask=absent)


def _words(column: str, values: Floats) -> Any:
    codes, words = values.astype(np.int32), [str(word) for word in _WORDS[column]]
    if column == "cause":
        for code, word in ((ENTRY, "entry"), (SAME_CARER, "same_carer")):
            codes = np.where(codes == code, len(words), codes).astype(np.int32)
            words.append(word)
    return _dictionary(codes, words, mask=codes < 0)


def _dates(values: Floats, start: date) -> Any:
    """Day numbers as dates; `inf` and what lies beyond the year 9999 as missing."""
    within = np.abs(values) < 2_900_000
    days = np.floor(np.where(within, values, 0.0)).astype(np.int64).astype("timedelta64[D]")
    return pa.array(np.datetime64(start, "D") + days, type=pa.date32(), mask=~within)
