"""What follows from a scenario, worked out once: replications share a scenario."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from sufficiency.scenario import Scenario

T = TypeVar("T")


def once_per_scenario(function: Callable[[Scenario], T]) -> Callable[[Scenario], T]:
    """Keep what a function made of the last few scenarios: replications share a scenario.

    By identity, as a frozen scenario never changes and comparing two would cost more than the
    function; the scenario is kept with the result, so its identity cannot be taken by another.
    """
    known: OrderedDict[int, tuple[Scenario, T]] = OrderedDict()

    @wraps(function)
    def kept(scenario: Scenario) -> T:
        found = known.get(id(scenario))
        if found is not None and found[0] is scenario:
            return found[1]
        result = function(scenario)
        known[id(scenario)] = (scenario, result)
        if len(known) > 32:
            known.popitem(last=False)
        return result

    return kept
