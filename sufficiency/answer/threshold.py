"""How many unaccompanied children an authority has before none is transferred in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import numpy as np
import pandas as pd

from sufficiency.periods import day_of
from sufficiency.results.results import Results
from sufficiency.scenario import Scenario
from sufficiency.simulation.timeline import Timeline, timeline

POPULATION = "authority.child_population"
SHARE = "demand.uasc.transfer_scheme.threshold"


def limits(scenario: Scenario, dates: Iterable[str]) -> pd.DataFrame:
    """The threshold and the quota in force on dates, in children, with dated changes.

    Columns `threshold` and `quota`, by date; NaN where there is none, or the authority has not yet
    joined the transfer scheme.
    """
    line = timeline(scenario, scenario)
    return pd.DataFrame(
        [_limits_on(line, scenario.start, text) for text in dates],
        columns=["threshold", "quota"],
        index=list(dates),
        dtype=np.float64,
    )


def _limits_on(line: Timeline, start: date, text: str) -> tuple[float, float]:
    on = date.fromisoformat(text)
    scenario = line.at(day_of(start, on))
    scheme = scenario.demand.uasc.transfer_scheme
    if scheme.joins is not None and on < scheme.joins:
        return np.nan, np.nan
    quota = np.nan if scheme.quota is None else float(scheme.quota)
    return scheme.threshold * scenario.authority.child_population, quota


def share_at_threshold(results: Results) -> pd.DataFrame | None:
    """By date: the share of futures with as many unaccompanied children as the threshold, or more.

    In each future the threshold is that of its own child population, as drawn. None where the
    number of unaccompanied children is not known by date.
    """
    children = results.futures("children_in_care", "stream=uasc")
    if children.empty:
        return None
    scenario = results.study.scenario
    at = limits(scenario, list(children.columns))["threshold"]
    factor = _drawn(results, scenario)
    line = timeline(scenario, scenario)
    reached = {}
    for text, threshold in at.items():
        if np.isnan(threshold):
            continue
        then = line.at(day_of(scenario.start, date.fromisoformat(str(text))))
        own = threshold * _still_drawn(factor, scenario, then)
        values = children[text].to_numpy()
        reached[str(text)] = float(np.mean(values >= own))
    return pd.DataFrame({"reached": pd.Series(reached, dtype=np.float64)})


def _drawn(results: Results, scenario: Scenario) -> dict[str, np.ndarray]:
    """By setting that is drawn: what each future has, as a share of the central value."""
    if not results.manifest.get("ranges"):
        return {}
    central = {
        POPULATION: float(scenario.authority.child_population),
        SHARE: float(scenario.demand.uasc.transfer_scheme.threshold),
    }
    draws = results.table("draws")
    draws = draws[draws["path"].isin(list(central)) & (draws["replication"] > 0)]
    return {
        str(path): rows.sort_values("replication")["value"].to_numpy() / central[str(path)]
        for path, rows in draws.groupby("path", observed=True)
        if central[str(path)] > 0
    }


def _still_drawn(
    factor: dict[str, np.ndarray], scenario: Scenario, then: Scenario
) -> np.ndarray | float:
    """The factor of the settings that no dated change has replaced by then."""
    scheme, first = then.demand.uasc.transfer_scheme, scenario.demand.uasc.transfer_scheme
    same = {
        POPULATION: then.authority.child_population == scenario.authority.child_population,
        SHARE: scheme.threshold == first.threshold,
    }
    product: np.ndarray | float = 1.0
    for path, values in factor.items():
        if same[path]:
            product = product * values
    return product
