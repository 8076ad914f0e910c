"""Measures: the rows of one replication into numbers, one for each measure, group and period.

    children    children in care at census dates, their plans and whether these are met
    distance    how far from home they live
    provision   places approved, usable, filled and vacant; the gap; nights paid for and not used
    fostering   in-house households: how they come and go, how many there are and are needed
    flows       entries, exits, placements and moves in quarters and financial years
    journeys    from entry to the first and the last placement and to leaving care
    searches    waiting for a home, unregistered placements
    stability   the national indicators on 31 March

Each module defines its measures beside the code that works them out. `run` reads the rows once for
all of them and `counting` counts. What costs money is in `costs`.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import numpy as np

from sufficiency.measures import (
    children,
    distance,
    flows,
    fostering,
    journeys,
    provision,
    searches,
    stability,
)
from sufficiency.measures.run import read
from sufficiency.periods import calendar
from sufficiency.rows import Key, Measured, MeasureInfo, Rows, measure_keys
from sufficiency.scenario import Scenario

_SUBJECTS = (children, distance, provision, fostering, searches, flows, journeys, stability)

MEASURES: dict[str, MeasureInfo] = {
    name: info for subject in _SUBJECTS for name, info in subject.MEASURES.items()
}
"""Every measure that needs no money."""


@lru_cache(maxsize=64)
def keys(start: date, years: float) -> tuple[Key, ...]:
    """What `measure` measures, in its order, of any run that starts then and is that long."""
    return measure_keys(MEASURES, calendar(start, years))


def measure(scenario: Scenario, rows: Rows) -> Measured:
    """Measure one replication of one option."""
    run = read(scenario, rows)
    found = {name: values for subject in _SUBJECTS for name, values in subject.measure(run).items()}
    return Measured(
        keys(scenario.start, scenario.years),
        np.concatenate([found[name].ravel() for name in MEASURES]),
    )
