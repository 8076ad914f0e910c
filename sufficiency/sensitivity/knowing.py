"""What a finished run says by itself of what to find out: ignorance, chance, and what goes along.

Nothing is simulated: futures in pairs share a draw of what is uncertain (`splitting`), and drawn
values that go with a number stand out in rank correlations (`correlating`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sufficiency.errors import SufficiencyError
from sufficiency.experiment.draws import ranges
from sufficiency.results.part import Part as PartOfRun
from sufficiency.results.results import BASELINE, Results
from sufficiency.results.statistics import Floats, percentiles
from sufficiency.scenario import Study
from sufficiency.sensitivity.asked import Asked, numbers
from sufficiency.sensitivity.correlating import correlations, draws_of_pairs, relevant
from sufficiency.sensitivity.splitting import (
    FEWEST_PAIRS,
    SURE,
    Ignorance,
    Part,
    Split,
    by_assumption,
)

NET_COST = "net_cost"


@dataclass(frozen=True)
class Known:
    """How well one number of a run is known."""

    asked: Asked
    option: str
    """The option of which it is the difference from the baseline; empty: the baseline's own."""
    mean: float
    low: float
    high: float
    """8 futures in 10 lie between them."""
    ignorance: Ignorance
    correlations: pd.DataFrame
    """One row per assumption that the number can depend on, the strongest first: `path`,
    `correlation`, `se`, and whether it is `told` from nothing: all looked at together, chance alone
    would tell any of them less often than `SURE`."""

    @property
    def split(self) -> Split:
        """Ignorance and chance."""
        return self.ignorance.split

    @property
    def parts(self) -> tuple[Part, ...]:
        """Assumptions that are told from nothing."""
        return tuple(part for part in self.ignorance.parts if part.clear)


def known_of(results: Results, leading: str = "", date: str = "") -> tuple[Known, ...]:
    """What is known of net cost, of what an option saves, and of the children it brings in-house.

    Args:
        results: A run. With no range, or fewer than 4 pairs of futures, nothing is told.
        leading: The option; empty: none.
        date: When its children are counted; empty: not.

    Returns:
        One for each number that the run has and that varies.
    """
    if not results.manifest["ranges"] or results.replications < 2 * FEWEST_PAIRS:
        return ()
    cost = Asked(NET_COST, unit="£")
    asked = [(cost, "")]
    if leading:
        asked.append((cost, leading))
        if date:
            asked.append((Asked("children_in_care", "type=in_house", date, "children"), leading))
    found = (_known(results, what, option) for what, option in asked)
    return tuple(known for known in found if known is not None)


def _study(results: Results) -> Study:
    """The study with every range, also those that the log of a publication does not show."""
    while isinstance(results, PartOfRun) and results.whole is not None:
        results = results.whole
    return results.study


def _known(results: Results, asked: Asked, option: str) -> Known | None:
    compared: tuple[str, str | None] = (option, BASELINE) if option else (BASELINE, None)
    try:
        values = numbers(results, asked, *compared)
    except SufficiencyError:  # the run has no such number, or too short a time for it
        return None
    if np.isnan(values).any() or not np.ptp(values):
        return None
    low, high = percentiles(values[:, None], (0.1, 0.9))[:, 0].tolist()
    drawn = draws_of_pairs(results)
    paths = [
        r.path for r in relevant(ranges(_study(results)), option or BASELINE) if r.path in drawn
    ]
    if not paths:
        return None
    return Known(
        asked=asked,
        option=option,
        mean=float(values.mean()),
        low=low,
        high=high,
        ignorance=by_assumption(values, _columns(drawn, paths), paths),
        correlations=_told(
            correlations(
                results,
                asked.measure,
                asked.group,
                compared[0],
                against=compared[1],
                period=asked.period,
            )
        ),
    )


def _columns(drawn: dict[str, Floats], paths: list[str]) -> Floats:
    return np.column_stack([drawn[path] for path in paths])


def _told(table: pd.DataFrame) -> pd.DataFrame:
    """Correlations with whether each is told from nothing."""
    from scipy.special import ndtri

    times = float(-ndtri(SURE / 2 / max(len(table), 1)))
    told = table["correlation"].abs() > times * table["se"]
    return table[["path", "correlation", "se"]].assign(told=told & (table["se"] > 0))
