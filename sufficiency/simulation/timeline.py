"""Which scenario is in force when: history, then the option, then its dated changes."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sufficiency.periods import day_of
from sufficiency.scenario import Scenario, with_values

LONG_AGO = -1e9


@dataclass(frozen=True)
class Timeline:
    """Scenarios and the day from which each is in force; the first is history."""

    days: tuple[float, ...]
    scenarios: tuple[Scenario, ...]

    def at(self, time: float) -> Scenario:
        """The scenario in force at a time."""
        return self.scenarios[bisect_right(self.days, time) - 1]

    def places(self, times: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """Place in `scenarios` of the one in force at each time."""
        return np.searchsorted(np.asarray(self.days), times, side="right") - 1

    def in_force(
        self, times: npt.NDArray[np.float64]
    ) -> list[tuple[Scenario, npt.NDArray[np.bool_]]]:
        """The scenarios in force at the given times, each with which times are its own."""
        places = self.places(times)
        # Of no times at all the option has an empty share, so that nobody is an empty table too.
        return [
            (self.scenarios[p], places == p) for p in (np.unique(places) if len(times) else [1])
        ]


def timeline(scenario: Scenario, history: Scenario) -> Timeline:
    """Lay out history before the first day, the scenario from it, and its dated changes."""
    days, scenarios = [LONG_AGO, 0.0], [history, scenario]
    for change in sorted(scenario.changes, key=lambda change: change.on):
        day = day_of(scenario.start, change.on)
        latest = with_values(scenarios[-1], {change.path: change.to})
        if day == days[-1]:
            scenarios[-1] = latest
        else:
            days.append(day)
            scenarios.append(latest)
    return Timeline(tuple(days), tuple(scenarios))


STOCKS = (
    "households",
    "households_per_100_in_care",
    "approved_places_per_household",
    "places_mix",
    "profile",
    "blocked_share",
)
"""Settings of `fostering` that say what there is on the first day."""


def history_of(scenario: Scenario, baseline: Scenario) -> Scenario:
    """What was in force before the first day: the baseline's rates, the option's own stocks.

    An option changes the future. Only what it says of the first day itself (children, households,
    homes that are open) reaches back, so that the starting state is the same for every option.
    Where it says nothing of it, this is the baseline itself, and its tables need not be made again.
    """
    stocks = {name: getattr(scenario.fostering, name) for name in STOCKS}
    first_day = {
        "authority": scenario.authority,
        "fostering": baseline.fostering.model_copy(update=stocks),
        "seed": scenario.seed,
        "start": scenario.start,
        "years": scenario.years,
        "warm_up_years": scenario.warm_up_years,
    }
    if all(getattr(baseline, name) == value for name, value in first_day.items()):
        return baseline
    return baseline.model_copy(update=first_day)
