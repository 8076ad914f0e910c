"""How the forecast has moved since an earlier run, and which assumptions differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sufficiency.comparison.yearly import (
    financial_years,
    in_option,
    in_pounds,
    joined,
    pence,
    statistics,
    with_whole_run,
    years_with_money,
)
from sufficiency.costs.definitions import COST_TYPES
from sufficiency.errors import SufficiencyError
from sufficiency.results.results import BASELINE, Results
from sufficiency.results.statistics import Floats
from sufficiency.scenario import Study, as_tree
from sufficiency.scenario_file.describing import compact, difference_lines

COMMON_YEARS = "years in common"
"""In the column `period`: the financial years that both runs have, together."""
INCOME = "income"
"""In the column `type`: what is received for children, above 0."""
_LUCK = ("seed", "version", "start")
"""What two runs must share for replication k to have the same luck in both."""


@dataclass(frozen=True)
class Movement:
    """What changed from an earlier run to this one."""

    since: str
    """Folder of the earlier run."""
    years: tuple[str, ...]
    """The financial years that both have."""
    paired: bool
    """Whether replication k had the same luck in both; then the range is that of the change."""
    net_cost: pd.DataFrame
    """One row per year, and the years in common: `p50_before`, `p50`, `mean_before`, `mean`, the
    `change` of the mean with its error, and, if paired, `low95` and `high95` of the change."""
    types: pd.DataFrame
    """One row per type of cost and period: the same of its cost; and of `INCOME`, which is taken
    off: the change of all costs less that of income is the change of net cost."""
    assumptions: tuple[str, ...]
    """What differs between the two scenarios: `path: old -> new`."""


def movement(earlier: Results, run: Results, option: str = BASELINE) -> Movement:
    """What changed from an earlier run of the same authority.

    Raises:
        SufficiencyError: It is another authority's, or there is nothing to compare.
    """
    _check_same_authority(earlier, run)
    for results in (earlier, run):
        years_with_money(results)
        in_option(results, option)
    years = [year for year in financial_years(run) if year in financial_years(earlier)]
    if not years:
        spans = (f"{found[0]} to {found[-1]}" for found in map(financial_years, (earlier, run)))
        raise SufficiencyError("the runs have no financial year in common: " + ", ".join(spans))
    types = [f"type={type_}" for type_ in COST_TYPES]
    tables = {group: _moved(earlier, run, option, years, "cost", group) for group in types}
    tables[INCOME] = _moved(earlier, run, option, years, "income")
    return Movement(
        since=str(earlier.folder),
        years=tuple(years),
        paired=_paired(earlier, run),
        net_cost=_moved(earlier, run, option, years, "net_cost"),
        types=joined(
            [
                table.assign(type=group.removeprefix("type="))
                for group, table in tables.items()
                if table[["mean_before", "mean"]].to_numpy().any()
            ]
        ),
        assumptions=tuple(_assumptions(earlier.study, run.study, option)),
    )


def _check_same_authority(earlier: Results, run: Results) -> None:
    """Runs of one authority have its name, or at least its region and child population."""
    names = [str(results.manifest["name"]) for results in (earlier, run)]
    if names[0] == names[1]:
        return
    places = [
        (authority.region, authority.child_population)
        for authority in (earlier.study.scenario.authority, run.study.scenario.authority)
    ]
    if places[0] != places[1]:
        raise SufficiencyError(
            f"{earlier.folder} is a run of '{names[0]}', this one of '{names[1]}';"
            " movement is told of one authority"
        )


def _paired(earlier: Results, run: Results) -> bool:
    """Whether luck and drawn values are the same: draws hang on nothing but seed and path."""
    return all(earlier.manifest[what] == run.manifest[what] for what in _LUCK)


def _moved(
    earlier: Results,
    run: Results,
    option: str,
    years: Sequence[str],
    measure: str,
    group: str = "",
) -> pd.DataFrame:
    """A sum of money in both runs and its change; last over all the years."""
    before, now = (
        with_whole_run(pence(results, measure, group, option, years)) for results in (earlier, run)
    )
    both = min(len(before), len(now))
    paired, together = _paired(earlier, run), max(earlier.together, run.together)
    if paired:  # the replications that both have, so that the means and the change agree
        before, now = before[:both], now[:both]
    a, b = statistics(before, together), statistics(now, together)
    found = {
        "p50_before": a["p50"], "p50": b["p50"],
        "mean_before": a["mean"], "mean": b["mean"], "change": b["mean"] - a["mean"],
        **(_of_pairs(before, now, together) if paired else _apart(a["se"], b["se"])),
    }  # fmt: skip
    return in_pounds(pd.DataFrame({"period": [*years, COMMON_YEARS], **found}), found)


def _of_pairs(before: Floats, now: Floats, together: int) -> dict[str, Floats]:
    known = statistics(now - before, together)
    return {name: known[name] for name in ("se", "low95", "high95")}


def _apart(se_before: Floats, se_now: Floats) -> dict[str, Floats]:
    """Two independent simulations: the error of the change is known, its range is not."""
    unknown = np.full_like(se_now, np.nan)
    return {"se": np.hypot(se_before, se_now), "low95": unknown, "high95": unknown}


def _assumptions(earlier: Study, run: Study, option: str) -> list[str]:
    lines = difference_lines(as_tree(earlier.scenario), as_tree(run.scenario))
    lines += _ranges(earlier, run)
    return lines + difference_lines(_edits(earlier, option), _edits(run, option))


def _edits(study: Study, option: str) -> dict[str, Any]:
    """What an option sets and adds, by path; nothing of the baseline."""
    edits = next((found.edits for found in study.options if found.name == option), ())
    return {f"option {option}, {edit.action} {edit.path}": edit.value for edit in edits}


def _ranges(earlier: Study, run: Study) -> list[str]:
    """Ranges that differ where the value does not say so."""
    old, new = ({a.path: (a.low, a.high) for a in study.assumptions} for study in (earlier, run))
    return [
        f"{path}: range {_range(old[path])} -> {_range(new[path])}"
        for path in new
        if path in old and old[path] != new[path]
    ]


def _range(ends: tuple[float | None, float | None]) -> str:
    return "none" if ends[0] is None else f"{compact(ends[0])} to {compact(ends[1])}"
