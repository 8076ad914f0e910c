"""What is uncertain: the ranges of a study's assumptions, and the values drawn from them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.special import ndtri

from sufficiency.replication import Floats, Range, place_of
from sufficiency.scenario import Assumption, Study, as_tree, get_value

NOT_DRAWN = ("start", "years", "replications", "seed", "validation")
"""Settings that say what is run, and are never drawn."""
COLUMNS = 256
"""Draws are made in so many dimensions at least, so that options change no draw of the baseline."""


def ranges(study: Study) -> tuple[Range, ...]:
    """The uncertain values: those of the baseline, then those of the options' edits.

    Options that make the same edit, with the same range, share its draw: an option that combines
    two others has theirs.
    """
    baseline: dict[str, Range] = {}
    of_options: dict[tuple[Any, ...], Range] = {}
    tree = as_tree(study.scenario)
    for row in study.assumptions:
        if (row.low is None and row.high is None) or row.path.split(".")[0] in NOT_DRAWN:
            continue
        if not row.path.startswith("options."):
            found = _range(row, _at(tree, row.path), of_option=False)
            if found is not None:
                baseline[row.path] = found
            continue
        _, option, path = row.path.split(".", 2)
        found = _range(row, _in_option(study, option, path), of_option=True)
        if found is not None:
            same = (path, found.value, found.low, found.high)
            first = of_options.setdefault(same, found)
            of_options[same] = first._replace(edits=(*first.edits, (option, path)))
    return (*sorted(baseline.values()), *sorted(of_options.values()))


def _at(tree: Any, path: str) -> Any:
    try:
        return get_value(tree, path)
    except KeyError:
        return None


def _in_option(study: Study, name: str, path: str) -> Any:
    edits = next((option.edits for option in study.options if option.name == name), ())
    place = place_of(edits, path)
    if place is None:
        return None
    number, rest = place
    return get_value(edits[number].value, rest) if rest else edits[number].value


def _range(row: Assumption, value: Any, *, of_option: bool) -> Range | None:
    """The range of a single number; None for anything else, which cannot be drawn."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    low = min(value, value if row.low is None else row.low)
    high = max(value, value if row.high is None else row.high)
    whole = isinstance(value, int)
    if whole and of_option:  # an option may state a number of any kind without a decimal point
        whole = float(low).is_integer() and float(high).is_integer()
    elif whole:
        low, high = math.ceil(low), math.floor(high)
    return None if low == high else Range(row.path, (), value, low, high, whole)


def draws(ranges: Sequence[Range], seed: int, replications: int) -> Floats:
    """A row of values for each replication from 0: the central ones, then draws in pairs.

    Points are quasi-random (a scrambled Sobol sequence), so that a few dozen cover the ranges
    evenly. Half of the draws of a value are below the central one; `low` and `high` are the ends of
    the range that holds 95% of them, each side the half of a normal distribution. What lies beyond
    what a setting may be is pulled back in the replication.
    """
    values = np.tile(np.array([r.value for r in ranges]), (replications + 1, 1))
    if not ranges:
        return values
    points = _points(seed, (replications + 1) // 2, len(ranges))
    apart = ndtri(points) / ndtri(0.975)
    down = np.array([r.value - r.low for r in ranges])
    up = np.array([r.high - r.value for r in ranges])
    drawn = values[:1] + apart * np.where(apart < 0, down, up)
    whole = np.array([r.whole for r in ranges])
    drawn = np.where(whole, np.round(drawn), drawn)
    values[1:] = np.repeat(drawn, 2, axis=0)[:replications]
    return values


def _points(seed: int, number: int, dimensions: int) -> Floats:
    """The first points of a sequence that depends on nothing but the seed."""
    from scipy.stats.qmc import Sobol  # takes half a second, and many runs draw nothing

    columns = max(COLUMNS, 1 << (dimensions - 1).bit_length())
    stream = np.random.Generator(np.random.Philox(np.random.SeedSequence(seed, spawn_key=(1,))))
    sequence = Sobol(columns, scramble=True, rng=stream)
    block = 1024  # a power of two, which keeps the sequence balanced
    parts = [sequence.random(block)[:, :dimensions].copy() for _ in range(-(-number // block))]
    points: Floats = np.concatenate(parts)[:number]
    return np.clip(points, 2.0**-31, 1 - 2.0**-31)
