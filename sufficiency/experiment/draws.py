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
STRATA = 16
"""Every so many draws of a value are one from each of so many equally likely parts of it."""


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

    Points are stratified, so that a few dozen cover each range evenly, and a range that is added or
    taken away changes no other draw (docs/decisions/0017). Half of the draws of a value are below
    the central one; `low` and `high` are the ends of the range that holds 95% of them, each side
    the half of a normal distribution. What lies beyond what a setting may be is pulled back in the
    replication.
    """
    values = np.tile(np.array([float(r.value) for r in ranges]), (replications + 1, 1))
    if not ranges:
        return values
    points = _points(seed, (replications + 1) // 2, ranges)
    apart = ndtri(points) / ndtri(0.975)
    down = np.array([r.value - r.low for r in ranges])
    up = np.array([r.high - r.value for r in ranges])
    drawn = values[:1] + apart * np.where(apart < 0, down, up)
    whole = np.array([r.whole for r in ranges])
    drawn = np.where(whole, np.round(drawn), drawn)
    values[1:] = np.repeat(drawn, 2, axis=0)[:replications]
    return values


def _points(seed: int, number: int, ranges: Sequence[Range]) -> Floats:
    """Uniform numbers of each value: every `STRATA` points, one in each of so many equal parts.

    Each value has a stream of its own, found by its path, and an order of its own.
    """
    blocks = -(-number // STRATA)
    points = np.empty((blocks, STRATA, len(ranges)))
    for column, found in enumerate(ranges):
        key = (1, *found.path.encode())
        stream = np.random.Generator(np.random.Philox(np.random.SeedSequence(seed, spawn_key=key)))
        for block in points[:, :, column]:  # one after the other: more points change none
            block[:] = (stream.permutation(STRATA) + stream.random(STRATA)) / STRATA
    return np.clip(points.reshape(-1, len(ranges))[:number], 2.0**-31, 1 - 2.0**-31)
