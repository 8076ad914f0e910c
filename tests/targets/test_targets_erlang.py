"""The least places for which 5% are turned away: on paper, and by a search of the whole model."""

from __future__ import annotations

import math
from typing import Any

import pytest
from corners import ONLY_AGENCIES, WITHIN, steady

from sufficiency.measures import MEASURES, measure
from sufficiency.replication import Steps
from sufficiency.scenario import Study
from sufficiency.simulation.system import history_of, simulate
from sufficiency.stays import YEAR
from sufficiency.targets import Target, find

STEPS = Steps(simulate, history_of, (measure,), MEASURES)
"""The model without money, which is not asked about."""


def turned_away(places: int, load: float) -> float:
    """The Erlang B formula: (load^n / n!) / (sum of load^k / k! for k up to n)."""
    terms = [load**k / math.factorial(k) for k in range(places + 1)]
    return terms[-1] / sum(terms)


def searched(load: float, mean_days: float, stay: dict[str, Any], *, high: int, n: int) -> Target:
    """The least places for which the median year turns away 5% of those who enter.

    So many enter in a year, for such short stays, that the share of a year is near that of all.
    """
    stays = {"mean_days": mean_days, **stay}
    values = {**ONLY_AGENCIES, "years": 1.0, "ifa.places": 1}
    study = Study(scenario=steady(load / mean_days * YEAR, stays, values))
    goal = "second_best_share <= 5% in 2025-26"
    return find(study, "ifa.places", 0, high, goal, 0.5, replications=n, jobs=1, steps=STEPS)


def test_the_least_pool_that_turns_away_one_in_twenty_is_erlangs() -> None:
    # On paper: 9.5% with four places, 3.7% with five
    assert turned_away(4, 2.0) > 0.05 > turned_away(5, 2.0)
    target = searched(2.0, 2.0, {"distribution": "exponential"}, high=8, n=4)
    assert (target.verdict, target.answer, target.told) == ("least", 5, True)


@pytest.mark.slow
@pytest.mark.parametrize(
    "stay",
    [{"distribution": "exponential"}, {"distribution": "lognormal", "sigma": 1.0}],
    ids=["exponential", "lognormal"],
)
def test_a_larger_pool_is_erlangs_too_however_stays_are_distributed(stay: dict[str, Any]) -> None:
    # On paper, at a load of 15: 6.4% with 19 places, 4.6% with 20
    assert turned_away(19, 15.0) > 0.05 > turned_away(20, 15.0)
    target = searched(15.0, 2.0, stay, high=40, n=10)
    assert (target.verdict, target.answer, target.told) == ("least", 20, True)
    for dose in target.doses:
        exact = turned_away(int(dose.value), 15.0)
        if exact > 0.001:  # in fewer, hardly a future turns anybody away
            # the year begins with nobody there: its first days turn nobody away
            assert dose.mean == pytest.approx(exact, abs=WITHIN * dose.se + 0.01 * exact)
