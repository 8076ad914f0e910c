"""Which vacancy suits which child. Pure functions: no clock, no state of their own.

A child and a household are compatible if the household's hard rules admit the child (ages, highest
need, siblings, UASC, a child who must live alone) and one chance per pair holds, drawn once for
the pair and the same in every option. A place is not a match: about one vacancy in 25 suits a given
child.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from sufficiency.simulation.fostering import Household

Pairs = npt.NDArray[np.uint16]
PAIR_SCALE = 65_536
"""A pair's number is a whole number below this."""


def compatible_masks(pair: Pairs, chance: float) -> list[int]:
    """For each child (column of `pair`) the households (rows) that suit, as bits."""
    holds = np.packbits(pair < chance * PAIR_SCALE, axis=0, bitorder="little")
    data = np.ascontiguousarray(holds.T)
    width = data.shape[1]
    raw = data.tobytes()
    read = int.from_bytes
    return (
        [read(raw[i : i + width], "little") for i in range(0, len(raw), width)]
        if width
        else [0] * len(data)
    )


def best_household(
    candidates: int,
    households: list[Household],
    pair: Callable[[int], int],
    with_siblings: int,
    ethnicity: int,
) -> Household:
    """The household to choose among compatible ones with a vacancy.

    With the child's siblings if possible, then in the area, then of the child's ethnic group, then
    the tightest fit (so that places that suit many stay free), and last by the pair's own number,
    which is the same in every option.
    """
    if candidates & (candidates - 1) == 0:
        return households[candidates.bit_length() - 1]
    best, best_score = households[0], None
    while candidates:
        bit = candidates & -candidates
        candidates ^= bit
        household = households[bit.bit_length() - 1]
        score = (
            0 if bit & with_siblings else 1,
            1.0 - household.in_area,
            household.ethnicity != ethnicity,
            household.breadth,
            pair(household.place),
        )
        if best_score is None or score < best_score:
            best, best_score = household, score
    return best
