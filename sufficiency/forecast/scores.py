"""How good a set of sample paths was, once the months have come."""

from __future__ import annotations

import numpy as np

from sufficiency.forecast.series import Floats, Ints

QUANTILES = np.array([0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975])
"""Those of the pinball score: the median and the ends of the intervals."""
COVERAGES = (50, 80, 95)
"""The intervals, in per cent."""
SCORES = ("crps", "pinball", *(f"cover{c}" for c in COVERAGES), "bias")


def scored(paths: Ints | Floats, observed: Floats) -> dict[str, float]:
    """Means over what was forecast: one column of `paths` for each observed value.

    `crps` and `pinball` are in children, and less is better; `cover80` is the share that lay inside
    the interval of 80%, its ends included; `bias` is forecast less observed.
    """
    low_to_high = np.quantile(paths, QUANTILES, axis=0)
    found = {"crps": crps(paths, observed), "pinball": pinball(low_to_high, observed)}
    for coverage in COVERAGES:
        low, high = np.quantile(paths, [0.5 - coverage / 200, 0.5 + coverage / 200], axis=0)
        found[f"cover{coverage}"] = (low <= observed) & (observed <= high)
    found["bias"] = paths.mean(axis=0) - observed
    return {name: float(np.mean(values)) for name, values in found.items()}


def crps(paths: Ints | Floats, observed: Floats) -> Floats:
    """Continuous ranked probability score of each column, the fair one.

    Mean distance of a path from what came, less half the mean distance between two different
    paths: its expectation does not depend on the number of paths.
    """
    n = len(paths)
    if n < 2:
        raise ValueError("the score needs two paths")
    distance = np.abs(paths - observed).mean(axis=0)
    weights = 2 * np.arange(1, n + 1) - n - 1  # of the sorted paths in the sum over pairs
    between = (weights[:, None] * np.sort(paths, axis=0)).sum(axis=0) / (n * (n - 1))
    out: Floats = distance - between
    return out


def pinball(low_to_high: Floats, observed: Floats) -> Floats:
    """Loss of the quantiles of each column, averaged over `QUANTILES`."""
    over = observed - low_to_high
    out: Floats = np.maximum(QUANTILES[:, None] * over, (QUANTILES[:, None] - 1) * over).mean(
        axis=0
    )
    return out
