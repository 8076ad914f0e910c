"""Children who have a series of short breaks (V3, V4): in a return, but not children in care.

A few of them, so that whoever reads the return has to leave them out. All of it is an assumption.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from sufficiency.synthesis.days import birthday
from sufficiency.synthesis.episodes import Episode

PER_100_IN_CARE_A_YEAR = 0.5
"""Children who begin a series, per 100 in care and year; two at least."""
AGREEMENT, EACH_BREAK = "V4", "V3"
DISABLED = "N2"
ENDED_AT_HOME = "E4A"


def short_breaks(
    in_care: float, first: int, last: int, luck: np.random.Generator
) -> list[tuple[int, list[Episode]]]:
    """Day of birth and episodes of each child; children are numbered from -1 down."""
    years = (last - first) / 365.25
    number = max(2, round(PER_100_IN_CARE_A_YEAR * in_care / 100 * years))
    return [_child(-1 - place, first, last, luck) for place in range(number)]


def _child(
    child: int, first: int, last: int, luck: np.random.Generator
) -> tuple[int, list[Episode]]:
    began = int(luck.integers(first - 50, last - 30))
    born = began - int(luck.integers(5 * 365, 16 * 365))
    over = min(began + int(luck.integers(60, 500)), birthday(born, 18))
    if child % 2:
        return born, [_episode(child, began, over, AGREEMENT)]
    days = range(began, min(over, began + 200), 28)
    return born, [_episode(child, day, day + 2, EACH_BREAK) for day in days]


def _episode(child: int, started: int, ended: int, status: str) -> Episode:
    return Episode(
        child=child,
        started=started,
        ended=ended,
        rne="S",
        legal_status=status,
        need=DISABLED,
        place="U6" if date.fromordinal(started).day % 2 else "K2",
        provider="PR1",
        reason_ended=ENDED_AT_HOME,
        reason_changed="",
        in_area=True,
        miles=5.0,
        urn="SYN0000",
    )
