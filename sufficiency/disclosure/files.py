"""The CSV files and the manifest of a publication."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from sufficiency.disclosure.numbers import NOTHING
from sufficiency.disclosure.protecting import LeftOut, Protected
from sufficiency.disclosure.series import Series, frequency
from sufficiency.disclosure.spec import told
from sufficiency.results.files import sha256, write_csv, write_json
from sufficiency.results.results import TEXT, Results
from sufficiency.results.statistics import PERCENTILES
from sufficiency.rows import Key

CONFIDENTIAL = "c"
"""What stands in the place of a number that is left out, as in government statistics."""


def write_tables(protected: Protected, whole: Results, folder: Path) -> None:
    """Write `summary.csv`, `comparison.csv` and `left-out.csv`.

    Args:
        protected: What may be published.
        whole: The run it is a part of: its rows are all there, those left out marked.
        folder: Where to.
    """
    gone = {row[:3] for row in protected.left_out}
    summary = _few_marked(_marked(whole.summary(), gone), protected.threshold)
    write_csv(folder / "summary.csv", summary)
    write_csv(folder / "comparison.csv", _marked(whole.comparison(), gone))
    left_out = pd.DataFrame(protected.left_out, columns=LeftOut._fields)
    write_csv(folder / "left-out.csv", left_out.astype("str"))


def _marked(rows: pd.DataFrame, gone: set[tuple[str, str, str]]) -> pd.DataFrame:
    """A table of a run with every number of what is left out marked."""
    keys = rows[list(Key._fields)].astype(str)
    named = pd.MultiIndex.from_arrays(
        [keys["measure"], keys["group"], keys["period"].map(frequency)]
    )
    hidden = named.isin(list(gone))
    for name in [column for column in rows.columns if column not in TEXT]:
        rows[name] = rows[name].astype(object).mask(hidden, CONFIDENTIAL)
    return rows


def _few_marked(rows: pd.DataFrame, threshold: int) -> pd.DataFrame:
    """Percentiles between none and the threshold of numbers of children marked one by one."""
    named = rows[["measure", "group"]].drop_duplicates().itertuples(index=False, name=None)
    counts = {(measure, group): told(Series(measure, group)).counts for measure, group in named}
    of_children = pd.MultiIndex.from_frame(rows[["measure", "group"]]).map(counts)
    for name in PERCENTILES:
        values = pd.to_numeric(rows[name], errors="coerce")
        few = of_children.to_numpy(bool) & (values > NOTHING) & (values < threshold - NOTHING)
        rows[name] = rows[name].mask(few, CONFIDENTIAL)
    return rows


def write_manifest(protected: Protected, folder: Path) -> None:
    """Write `manifest.json`: what was run, and what was done so that it may be published."""
    run = protected.part.manifest
    names = ("name", "start", "years", "replications", "options", "seed", "started", "version")
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    write_json(
        folder / "manifest.json",
        {
            **{name: run[name] for name in names if name in run},
            "publication": _done(protected),
            "files": {path.relative_to(folder).as_posix(): sha256(path) for path in files},
        },
    )


def _done(protected: Protected) -> Mapping[str, Any]:
    whys: dict[str, int] = {}
    for row in protected.left_out:
        whys[row.why] = whys.get(row.why, 0) + 1
    return {
        "threshold": protected.threshold,
        "left_out": whys,
        "said": protected.sentence,
        "version": version("sufficiency"),
    }
