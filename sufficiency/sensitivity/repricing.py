"""The same children at other prices: an assumption about a price needs no simulation of its own.

Prices decide nothing about where children live. So what was simulated once is priced again for each
end of such an assumption, which takes a twentieth of the time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from pydantic import ValidationError

from sufficiency.replication import Steps
from sufficiency.rows import Key, Measured, Rows
from sufficiency.scenario import Scenario, Study, with_edits, with_values
from sufficiency.scenario.prices import Prices
from sufficiency.sensitivity.asked import Asked

PREFIX = "prices."


class Repriced:
    """Stands in for the money step of a simulation: the number at several sets of prices."""

    def __init__(self, steps: Steps, asked: Asked, sets: Mapping[str, Prices]) -> None:
        """Prepare.

        Args:
            steps: The simulation and measures; `money` is among them.
            asked: Which number.
            sets: Prices by the name that the number gets with them.
        """
        self._steps, self._asked, self._sets = steps, asked, dict(sets)

    def __call__(self, scenario: Scenario, rows: Rows, _: Any) -> tuple[Measured, None]:
        """The number at each set of prices, as measures of these names."""
        parts = [self._at(name, scenario, rows) for name in self._sets]
        keys = tuple(key for part in parts for key in part.keys)
        return Measured(keys, np.concatenate([part.values for part in parts])), None

    def _at(self, name: str, scenario: Scenario, rows: Rows) -> Measured:
        assert self._steps.money is not None
        priced = scenario.model_copy(update={"prices": self._sets[name]})
        measured, _ = self._steps.money(priced, rows, None)
        wanted = (self._asked.measure, self._asked.group)
        places = [place for place, key in enumerate(measured.keys) if key[:2] == wanted]
        keys = tuple(Key(name, *measured.keys[place][1:]) for place in places)
        return Measured(keys, measured.values[places])


def price_sets(
    study: Study, option: str, ends: Sequence[tuple[str, Mapping[str, float]]]
) -> dict[str, Prices]:
    """The prices of each end that is about prices alone, by its name.

    None where the option changes prices itself: then what it starts from matters.

    Args:
        study: The scenario and its options.
        option: The option that is asked about, or empty.
        ends: Names, and what is assumed.
    """
    edits = next((known.edits for known in study.options if known.name == option), ())
    if edits and with_edits(study.scenario, edits).prices != study.scenario.prices:
        return {}
    found = {}
    for name, assumed in ends:
        if assumed and all(path.startswith(PREFIX) for path in assumed):
            try:
                found[name] = with_values(study.scenario, assumed).prices
            except ValidationError:  # a run pulls such a value back: so it is simulated
                continue
    return found
