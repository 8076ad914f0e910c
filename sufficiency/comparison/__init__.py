"""Options against the baseline, future by future.

Every option has the same draw of what is uncertain and the same luck, so the difference is taken
within each replication and its range is that of the difference, not of two ranges set side by side.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from sufficiency.errors import SufficiencyError
from sufficiency.results.results import BASELINE, Results
from sufficiency.results.statistics import (
    PERCENTILES,
    Floats,
    blocks,
    moments,
    percentiles,
    share_above,
)
from sufficiency.results.tables import labels
from sufficiency.rows import Key
from sufficiency.vocabulary import PlacementType

COLUMNS = (
    "option", "against", "measure", "group", "period", "unit", "better",
    "difference", "se", "low95", "high95", "probability_better",
)  # fmt: skip
"""Columns of `comparison.csv`."""
_SIGN = {"up": 1.0, "down": -1.0}


def compare(results: Results, against: str = BASELINE) -> pd.DataFrame:
    """One row per option, measure, group and period: the columns of `comparison.csv`.

    Args:
        results: A run of at least the baseline.
        against: The option that the others are compared with.
    """
    options = [option for option in results.options if option != against]
    base = results.options.index(against)
    futures = results.by_replication[:, 1:]
    parts = [
        _differences(futures[place, :, at] - futures[base, :, at], signs, results.together)
        for place in map(results.options.index, options)
        for at, signs in _signed_blocks(results, results.keys)
    ]
    table = _named(results, options, results.keys)
    table["against"] = against
    found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS[7:])
    return pd.concat([table, found], axis=1)[list(COLUMNS)]


def _named(results: Results, options: Sequence[str], keys: Sequence[Key]) -> pd.DataFrame:
    table = labels(options, keys)
    table["unit"] = table["measure"].map(results.unit)
    table["better"] = table["measure"].map(results.better)
    return table


def _signed_blocks(results: Results, keys: Sequence[Key]) -> Iterator[tuple[slice, Floats]]:
    signs = np.array([_SIGN.get(results.better(key.measure), np.nan) for key in keys])
    for columns in blocks(results.replications, len(keys)):
        yield columns, signs[columns]


def _differences(differences: Floats, signs: Floats, together: int) -> pd.DataFrame:
    """What is said of paired differences: one row per replication in, one per key out."""
    known = moments(differences, together)
    shares = percentiles(differences, (PERCENTILES["low95"], PERCENTILES["high95"]))
    better = share_above(differences * signs)
    return pd.DataFrame(
        {
            "difference": known.mean,
            "se": known.se,
            "low95": shares[0],
            "high95": shares[1],
            "probability_better": np.where(np.isnan(signs), np.nan, better),
        }
    )


def compare_runs(*runs: Results) -> pd.DataFrame:
    """One row per further run, option, measure, group and period that it shares with the first run.

    Paired where both runs have the same seed and version: replication k then had the same luck in
    both, and the range is that of the difference. Elsewhere replication k of one is set against an
    unrelated one of the other: the means and their difference hold, but the range is wider, because
    the luck of both is in it. The column `paired` says which. The means and the difference are of
    the replications that both have, so that they add up.
    """
    if len(runs) < 2:
        raise SufficiencyError("comparing runs needs at least two of them")
    names = _run_names(runs)
    others = zip(runs[1:], names[1:], strict=True)
    return pd.concat(
        [_against(runs[0], run, names[0], name) for run, name in others], ignore_index=True
    )


def _run_names(runs: Sequence[Results]) -> list[str]:
    """The scenario's name, with the folder's where that is needed to tell runs apart."""
    names = [str(run.manifest["name"]) for run in runs]
    if len(set(names)) == len(names):
        return names
    return [str(run.folder) for run in runs]


def _against(first: Results, run: Results, first_name: str, name: str) -> pd.DataFrame:
    options = [option for option in run.options if option in first.options]
    keys = [key for key in run.keys if key in first.places]
    if not keys:
        raise SufficiencyError(f"'{first_name}' and '{name}' have no measure and period in common")
    paired = all(first.manifest[k] == run.manifest[k] for k in ("seed", "version"))
    together = max(first.together, run.together)
    both = min(first.replications, run.replications)
    table = _named(run, options, keys)
    parts = []
    for option in options:
        for columns, signs in _signed_blocks(run, keys):
            a, b = (_futures(of, option, keys[columns])[:both] for of in (first, run))
            found = _differences(b - a, signs, together)
            found.insert(0, "mean", moments(b).mean)
            found.insert(0, "mean_against", moments(a).mean)
            parts.append(found)
    table.insert(0, "run", name)
    table.insert(1, "against", first_name)
    table = pd.concat([table, pd.concat(parts, ignore_index=True)], axis=1)
    table["paired"] = paired
    return table


def _futures(results: Results, option: str, keys: Sequence[Key]) -> Floats:
    """One row per replication from 1, one column per key."""
    columns = [results.places[key] for key in keys]
    return np.asarray(results.by_replication[results.options.index(option), 1:][:, columns])


# --- the numbers of the answer ----------------------------------------------------------------

_HOMES = (PlacementType.HOME_OWN, PlacementType.HOME_EXTERNAL)
ITEMS: dict[str, tuple[str, tuple[str, ...]]] = {
    **{
        f"children {name}": ("children_in_care", tuple(f"type={t}" for t in types))
        for name, types in {
            "in_house": (PlacementType.IN_HOUSE,),
            "ifa": (PlacementType.IFA,),
            "homes": _HOMES,
            **{str(home): (home,) for home in _HOMES},
            "supported": (PlacementType.SUPPORTED,),
            "unregistered": (PlacementType.UNREGISTERED,),
            "kinship": (PlacementType.KINSHIP,),
        }.items()
    },
    "foster_households": ("foster_households", ("",)),
    "unmet_need": ("unmet_need", ("",)),
}
"""What the answer is about: a measure, and the groups that are added up."""
MEAN = "mean"
"""In the column `when`: the mean over all dates after the first day."""


@dataclass(frozen=True)
class Headline:
    """The numbers that the answer needs."""

    differences: pd.DataFrame
    """One row per option, item and date: year ends, and `mean` over the run."""
    decline: pd.DataFrame
    """One row per item of the baseline: from the first day to the last."""


def headline(results: Results) -> Headline:
    """The numbers that the answer needs, from the values of a run."""
    start = date.fromisoformat(str(results.manifest["start"]))
    found = {item: _item(results, item) for item in ITEMS}
    known = {item: values for item, values in found.items() if values is not None}
    differences = [
        row
        for option in results.options[1:]
        for item in known
        for row in _item_differences(results, option, item, known[item], start)
    ]
    decline = [
        _decline(item, known[item][BASELINE], results.together)
        for item in ("children in_house", "foster_households")
        if item in known
    ]
    return Headline(pd.DataFrame(differences), pd.DataFrame(decline))


def _item(results: Results, item: str) -> dict[str, pd.DataFrame] | None:
    """Futures of an item by option, dates across; None if any part of it is not known."""
    measure, groups = ITEMS[item]
    found = {}
    for option in results.options:
        parts = [results.futures(measure, group, option) for group in groups]
        dates = [period for period in parts[0].columns if len(period) == 10]
        if not dates or any(day not in part.columns for part in parts for day in dates):
            return None  # a sum of which one part is not known is not known
        found[option] = pd.DataFrame(sum(part[dates].to_numpy() for part in parts), columns=dates)
    return found


def _item_differences(
    results: Results, option: str, item: str, futures: dict[str, pd.DataFrame], start: date
) -> Iterator[dict[str, Any]]:
    better = results.better(ITEMS[item][0])
    baseline, planned = (futures[name].to_numpy() for name in (BASELINE, option))
    dates = list(futures[BASELINE].columns)
    ends = {when: [when] for when in year_ends(start, dates)}
    for when, columns in {**ends, MEAN: [d for d in dates if d > start.isoformat()]}.items():
        places = [dates.index(day) for day in columns]
        a, b = (values[:, places].mean(axis=1) for values in (baseline, planned))
        row: dict[str, Any] = {"option": option, "item": item, "when": when}
        row |= {"baseline": a.mean(), "value": b.mean()}
        row |= _range_of(b - a, results.together, "difference")
        more = float(share_above((b - a)[:, None])[0])
        row |= {"probability_more": more, "better": better}
        row["probability_better"] = {"up": more, "down": 1 - more}.get(better, np.nan)
        yield row


def year_ends(start: date, dates: Sequence[str]) -> list[str]:
    """The last date of each year since the start, where one falls in the year's last quarter."""
    days = np.array([(date.fromisoformat(day) - start).days for day in dates])
    found = []
    for year in range(1, int(days.max(initial=0) / 365 + 0.5) + 1):
        near = np.flatnonzero((days <= year * 365.25) & (days > (year - 0.25) * 365.25))
        if len(near):
            found.append(dates[int(near[-1])])
    return found


def _range_of(values: npt.NDArray[np.float64], together: int, name: str) -> dict[str, float]:
    column = values[:, None]
    known = moments(column, together)
    shares = percentiles(column, tuple(PERCENTILES.values()))[:, 0]
    spread = dict(zip(PERCENTILES, shares.tolist(), strict=True))
    return {name: float(known.mean[0]), "se": float(known.se[0]), **spread}


def _decline(item: str, futures: pd.DataFrame, together: int) -> dict[str, Any]:
    """How far an item of the baseline falls, in per cent of the first day."""
    first, last = futures.iloc[:, 0].to_numpy(), futures.iloc[:, -1].to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.where(first > 0, 100 * (last / first - 1), np.nan)
    return {
        "item": item,
        "from": futures.columns[0],
        "to": futures.columns[-1],
        "first": first.mean(),
        "last": last.mean(),
        **_range_of(change, together, "change_percent"),
        "probability_less": 1 - float(share_above(change[:, None])[0]),
    }
