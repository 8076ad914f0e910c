"""Sizes of families that add up to a given number of children in each month.

Families come one after the other, each of a size that leaves a number to which further families can
add up: size s with r children to go has the chance w(s) R(r - s) / R(r), where R(r) is the chance
that sizes drawn by w come to exactly r. Were w the shares of the sizes themselves, small months
would have too few large families; w is set so that the sizes have their shares over all months.

Each family's size follows from a number of its own, and hardly depends on how many are to go while
these are many: one child more changes the last families of the month, and no other month.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

SIZES = (1, 2, 3, 4)
ROUNDS = 12
"""Corrections of the weights; after a few the shares agree to a thousandth where they can."""
LEAST = 1e-9
"""Weight of a size that does not occur: it comes only where the others cannot add up."""
FURTHEST = 30.0
"""A weight is this many times the share of the size, or a fraction, at most: in an authority with
two children a month no weight makes a family of four."""


def size_ladders(shares: Sequence[float], months: Sequence[int], most: int) -> Floats:
    """Cumulative chances of the sizes by how many children are still to go.

    Args:
        shares: Share of families of each size.
        months: Children in each month, for which the shares are to hold together.
        most: The largest number of children to go.

    Returns:
        Row r: chances of size 1, up to 2 and up to 3 with r to go.
    """
    weights = _scaled([max(share, LEAST) for share in shares])
    number_of_months = Counter(count for count in months if count)
    for _ in range(ROUNDS if number_of_months else 0):
        found = _shares(weights, number_of_months)
        weights = _scaled(
            [
                min(max(w * share / max(is_, LEAST), share / FURTHEST, LEAST), share * FURTHEST)
                if share > LEAST
                else LEAST
                for w, share, is_ in zip(weights, shares, found, strict=True)
            ]
        )
    chances = np.array(_chances(weights, most))
    ladders: Floats = np.cumsum(chances, axis=1)[:, :-1]
    return ladders


def _scaled(weights: list[float]) -> list[float]:
    """Weights w(s) a^s that add up to 1: the chances are the same, and R does not grow or fade."""
    a = 1.0
    for _ in range(30):
        powers = [w * a**s for w, s in zip(weights, SIZES, strict=True)]
        slope = sum(s * p for s, p in zip(SIZES, powers, strict=True)) / a
        step = (sum(powers) - 1) / slope
        a = max(a - step, a / 4)
        if abs(step) < 1e-12 * a:
            break
    return [w * a**s for w, s in zip(weights, SIZES, strict=True)]


def _chances(weights: Sequence[float], most: int) -> list[list[float]]:
    """Chance of each size by how many children are still to go; of none it does not matter."""
    reached, chances = [1.0], [[1.0, 0.0, 0.0, 0.0]]
    for room in range(1, most + 1):
        ways = [
            w * reached[room - s] if s <= room else 0.0 for w, s in zip(weights, SIZES, strict=True)
        ]
        whole = sum(ways)
        reached.append(whole)
        chances.append([way / whole for way in ways])
    return chances


def _shares(weights: Sequence[float], number_of_months: Mapping[int, int]) -> list[float]:
    """Share of each size among all families that are expected in the months."""
    expected = [[0.0, 0.0, 0.0, 0.0]]
    for room, chances in enumerate(_chances(weights, max(number_of_months))[1:], start=1):
        after = [0.0, 0.0, 0.0, 0.0]
        for place, chance in enumerate(chances):
            if chance:
                later = expected[room - SIZES[place]]
                after = [a + chance * b for a, b in zip(after, later, strict=True)]
                after[place] += chance
        expected.append(after)
    total = [sum(n * expected[k][i] for k, n in number_of_months.items()) for i in range(4)]
    return [families / sum(total) for families in total]
