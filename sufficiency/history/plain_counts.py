"""`counts.csv` and `stock.csv`: children who entered and left, and children in care, by group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sufficiency.history.cells import Cells
from sufficiency.history.census import BAND_WORDS, STREAMS
from sufficiency.history.observed_plain import ALL
from sufficiency.scenario_file.problems import Problems, Where
from sufficiency.ssda903.returns import Finding
from sufficiency.vocabulary import AgeBand, PlacementType, Stream

STREAM_WORDS = (*STREAMS, ALL)
AGE_WORDS = (*BAND_WORDS, ALL)
TYPE_WORDS = (*(type_.value for type_ in PlacementType), ALL)

_NON_UASC, _UASC = Stream.NON_UASC.value, Stream.UASC.value
ALSO_STREAMS: Mapping[str, str] = {
    "total": ALL,
    "both": ALL,
    "not_uasc": _NON_UASC,
    "nonuasc": _NON_UASC,
    "excluding_uasc": _NON_UASC,
}
_OLDEST = AgeBand.FROM_16_TO_17.value
ALSO_AGES: Mapping[str, str] = {
    "total": ALL,
    "any": ALL,
    "under1": AgeBand.UNDER_1.value,
    "<1": AgeBand.UNDER_1.value,
    "0": AgeBand.UNDER_1.value,
    **{f"{word.replace('-', 'to')}": word for word in BAND_WORDS if "-" in word},
    **{f"{word.replace('-', '_')}": word for word in BAND_WORDS if "-" in word},
    "16+": _OLDEST,
    "16_and_over": _OLDEST,
    "16_plus": _OLDEST,
    "16+_(to_17)": _OLDEST,
}
ALSO_TYPES: Mapping[str, str] = {"total": ALL}
_KEY = ["when", "stream", "age_group"]
_COUNTED = ["entries", "exits"]


def count_rows(cells: Cells) -> pd.DataFrame:
    """Rows of one file of counts: `when` (a month or a year), stream, age, entries, exits."""
    yearly = is_yearly(cells)
    when = cells.years("year") if yearly else cells.months("month")
    return pd.DataFrame(
        {
            "when": when,
            "stream": cells.words("stream", STREAM_WORDS, ALSO_STREAMS),
            "age_group": cells.words("age_group", AGE_WORDS, ALSO_AGES, blank=ALL),
            "entries": cells.whole("entries"),
            "exits": cells.whole("exits", needed=False),
            "file": cells.table.file,
            "row": cells.rows,
        }
    )


def is_yearly(cells: Cells) -> bool:
    """Whether a file of counts is by year."""
    return "month" not in cells


def stock_rows(cells: Cells) -> pd.DataFrame:
    """Rows of one file of children in care at dates."""
    return pd.DataFrame(
        {
            "when": cells.dates("date", needed=True),
            "stream": cells.words("stream", STREAM_WORDS, ALSO_STREAMS, blank=ALL),
            "age_group": cells.words("age_group", AGE_WORDS, ALSO_AGES, blank=ALL),
            "type": cells.words("type", TYPE_WORDS, ALSO_TYPES, blank=ALL),
            "children": cells.whole("children"),
            "file": cells.table.file,
            "row": cells.rows,
        }
    )


def monthly_counts(rows: pd.DataFrame, problems: Problems, findings: list[Finding]) -> pd.DataFrame:
    """Counts by month as `History.monthly`; what does not fit together is noted."""
    _no_row_twice(rows, _KEY, problems)
    _no_month_missing(rows, problems)
    if problems:
        return rows
    _both_streams(rows, problems)
    kept = [_one_month(of, problems) for _, of in rows.groupby("when", sort=True)]
    if problems:
        return rows
    return _every_cell(pd.concat(kept, ignore_index=True), findings)


def yearly_counts(rows: pd.DataFrame, problems: Problems) -> pd.DataFrame:
    """Counts by financial year as `History.yearly`."""
    _no_row_twice(rows, _KEY, problems)
    if not problems:
        rows = _with_rest(rows, ["age_group"], _COUNTED, problems)
        _totals_agree(rows, ["stream", "age_group"], _COUNTED, problems)
    table = rows.rename(columns={"when": "year"})
    table = table.sort_values(["year", "stream", "age_group"], ignore_index=True)
    return table[["year", "stream", "age_group", *_COUNTED]]


def stock_counts(rows: pd.DataFrame, problems: Problems) -> pd.DataFrame:
    """Children in care at dates as `History.stock`."""
    _no_row_twice(rows, [*_KEY, "type"], problems)
    _both_streams(rows, problems)
    if not problems:
        rows = _with_rest(rows, ["age_group", "type"], ["children"], problems)
        _totals_agree(rows, ["stream", "age_group", "type"], ["children"], problems)
        rows["children"] = rows["children"].astype(np.int64)
    table = rows.rename(columns={"when": "date"})
    table = table.sort_values(["date", "stream", "age_group", "type"], ignore_index=True)
    table["type"] = table["type"].mask(table["type"] == ALL, "")
    return table[["date", "stream", "age_group", "type", "children"]]


def _at(row: Mapping[str, Any]) -> Where:
    return Where(row["file"], int(row["row"]), 1)


def _no_row_twice(rows: pd.DataFrame, key: list[str], problems: Problems) -> None:
    readable = rows[~rows[key].isna().any(axis=1) & (rows[key] != "").all(axis=1)]
    first = readable.drop_duplicates(key).set_index(key)[["file", "row"]]
    again = readable[readable.duplicated(key)]
    for row in again.to_dict("records"):
        before = first.loc[tuple(row[name] for name in key)]
        problems.add(
            _at(row), "", f"counts the same as {before['file']}:{before['row']}: leave one out"
        )


def _no_month_missing(rows: pd.DataFrame, problems: Problems) -> None:
    months = rows["when"].dropna().to_numpy(dtype="datetime64[M]")
    if not len(months):
        return
    missing = np.setdiff1d(np.arange(months.min(), months.max()), months)
    if len(missing):
        shown = ", ".join(str(month) for month in missing[:12])
        more = f" and {len(missing) - 12} more" if len(missing) > 12 else ""
        text = f"months are missing: {shown}{more}; write a row with 0 where nobody entered"
        problems.add(Where(str(rows["file"].iloc[0])), "month", text)


def _both_streams(rows: pd.DataFrame, problems: Problems) -> None:
    """Note files in which only unaccompanied children are counted."""
    if set(rows["stream"]) == {_UASC}:
        text = f"only UASC are counted; write rows of {_NON_UASC}, or of {ALL}, too"
        problems.add(Where(str(rows["file"].iloc[0])), "stream", text)


def _one_month(rows: pd.DataFrame, problems: Problems) -> pd.DataFrame:
    """One month told by stream, with ages or without: totals are checked and left out."""
    by_age = {stream: set(of["age_group"]) for stream, of in rows.groupby("stream")}
    aged = [stream for stream, ages in by_age.items() if ages != {ALL}]
    if aged and len(aged) < len(by_age):
        text = "one stream is told by age and another is not: tell both by age, or neither"
        problems.add(_at(rows.iloc[0].to_dict()), "age_group", text)
        return rows
    if set(by_age) == {ALL}:
        text = f"write UASC apart: rows of {_NON_UASC} and of {_UASC}"
        problems.add(_at(rows.iloc[0].to_dict()), "stream", text)
        return rows
    _totals_agree(rows, ["age_group"], _COUNTED, problems, within=["stream"])
    parts = rows[rows["age_group"] != ALL] if aged else rows
    parts = _with_rest(parts, ["age_group"], _COUNTED, problems)
    _totals_agree(parts, ["stream"], _COUNTED, problems, within=["age_group"])
    return parts[parts["stream"] != ALL]


def _with_rest(
    rows: pd.DataFrame, others: list[str], values: list[str], problems: Problems
) -> pd.DataFrame:
    """Where a total of both streams and one of the two are given, with the other one."""
    way = _way(rows, others)
    added = [_rest(of, others, values, problems) for _, of in rows.groupby([rows["when"], way])]
    return pd.concat([rows, *added], ignore_index=True)


def _rest(
    rows: pd.DataFrame, others: list[str], values: list[str], problems: Problems
) -> pd.DataFrame:
    streams = set(rows["stream"])
    if ALL not in streams or len(streams) != 2:
        return rows.iloc[:0]
    whole = rows[rows["stream"] == ALL].set_index(others)
    part = rows[rows["stream"] != ALL].set_index(others)
    cells = whole.index.union(part.index)
    numbers = {
        value: whole[value].reindex(cells, fill_value=0) - part[value].reindex(cells, fill_value=0)
        for value in values
    }
    first = rows.iloc[0].to_dict()
    if any((of < 0).any() for of in numbers.values()):
        problems.add(_at(first), "stream", "a total of both streams is less than one of them")
    rest = pd.DataFrame(numbers, index=cells).reset_index()
    stream = _UASC if _NON_UASC in streams else _NON_UASC
    return rest.assign(when=first["when"], stream=stream, file=first["file"], row=first["row"])


def _way(rows: pd.DataFrame, told: list[str]) -> pd.Series[int]:
    """Which of these each row tells apart, as one number."""
    way = pd.Series(0, index=rows.index, name="way")
    for place, name in enumerate(told):
        way += (rows[name] != ALL).astype(np.int64) * 2**place
    return way


def _totals_agree(
    rows: pd.DataFrame,
    told: list[str],
    values: list[str],
    problems: Problems,
    within: list[str] | None = None,
) -> None:
    """Note totals (`all`) that differ from the sum of their parts."""
    keys = ["when", *(within or [])]
    ways = rows.assign(way=_way(rows, told)).groupby([*keys, "way"], sort=True)
    for value in values:
        if rows[value].isna().any():
            continue
        sums = ways.agg({value: "sum", "file": "first", "row": "first"})
        for _, of in sums.groupby(keys):
            numbers = sorted(set(of[value]))
            if len(numbers) > 1:
                text = "a total and its parts differ, or two ways of telling them: "
                text += " and ".join(f"{number:g}" for number in numbers)
                problems.add(_at(of.iloc[0].to_dict()), value, text)


def _every_cell(rows: pd.DataFrame, findings: list[Finding]) -> pd.DataFrame:
    """Every month, stream and age band; where a month has no row of one it is 0."""
    told = rows.rename(columns={"when": "month"}).set_index(["month", "stream", "age_group"])
    ages = {
        month: (ALL,) if set(of) == {ALL} else BAND_WORDS
        for month, of in rows.groupby("when")["age_group"]
    }
    cells = [(month, stream, age) for month, of in ages.items() for stream in STREAMS for age in of]
    index = pd.MultiIndex.from_tuples(cells, names=told.index.names)
    missing = int((~index.isin(told.index)).sum())
    if missing:
        text = "Months without a row for a stream and age group count as 0 there."
        findings.append(Finding("taken_as_0", text, "kept", missing))
    table = told[["entries", "exits"]].reindex(index)
    unknown_exits = table["exits"].isna() & index.isin(told.index)
    no_exits = unknown_exits.groupby(level="month").transform("any")
    table["entries"] = table["entries"].fillna(0).astype(np.int64)
    table["exits"] = table["exits"].fillna(0.0).mask(no_exits)
    return table.reset_index()
