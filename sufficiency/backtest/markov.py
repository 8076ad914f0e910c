"""A small constant-rate model of stocks and flows, made here to be beaten.

Children in care are numbers by type of placement, in two streams. They enter at a constant rate,
move from one type to another (or to another carer of the same type) and leave at constant rates,
whatever their age and however long they have been there. It is the model that planners who count
stocks and flows make in a spreadsheet, with luck added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sufficiency.backtest.scores import Floats

Ints = npt.NDArray[np.int64]

STEPS_PER_YEAR = 52
"""Short against every stay and placement; what enters within a step lives through half of it."""


@dataclass(frozen=True)
class Rates:
    """What was counted in some years: the constant rates are these numbers by the time."""

    entries: Ints
    """Children who entered, by type of their first placement."""
    days: float
    """Length of the time counted."""
    moves: Ints
    """Moves, by type before (rows) and after (columns); the same type means another carer."""
    exits: Ints
    """Children who left, by type of their last placement."""
    child_days: Floats
    """Days that children lived in each type."""


class Flows(NamedTuple):
    """Simulated futures; the first axis of each is the future."""

    stocks: Ints
    """By future, year and type: children in care at the end of the year."""
    entries: Ints
    """By future and year."""
    exits: Ints
    """By future and year."""
    moves: Ints
    """By future and year."""


def chances(rates: Rates, days: float) -> tuple[Floats, Floats]:
    """What becomes of a child of each type within so many days: chances, one event at most.

    Returns:
        Chances of a move by type before and after, and of leaving by type.
    """
    time = np.maximum(rates.child_days, 1e-9)
    moving, leaving = rates.moves / time[:, None], rates.exits / time
    total = moving.sum(axis=1) + leaving
    anything = -np.expm1(-total * days)
    part = np.divide(anything, total, out=np.zeros_like(total), where=total > 0)
    return moving * part[:, None], leaving * part


def simulate(
    rates: Rates, stock: Ints, years: Sequence[float], futures: int, luck: np.random.Generator
) -> Flows:
    """Simulate some futures.

    The entry rate of each future is drawn from what the entries counted leave open (a gamma
    distribution); the other rates are taken as known, as such models do.

    Args:
        rates: What was counted of the past.
        stock: Children in care at the start, by type.
        years: The days of each year ahead.
        futures: How many futures.
        luck: Where they are drawn from.
    """
    types = len(stock)
    now = np.tile(stock, (futures, 1))
    entering = luck.gamma(rates.entries + 0.5 / types, 1 / rates.days, (futures, types))
    shape = (futures, len(years))
    found = Flows(
        np.zeros((*shape, types), np.int64), *(np.zeros(shape, np.int64) for _ in range(3))
    )
    for year, days in enumerate(years):
        step = days / STEPS_PER_YEAR
        whole, half = chances(rates, step), chances(rates, step / 2)
        for _ in range(STEPS_PER_YEAR):
            new = luck.poisson(entering * step)
            found.entries[:, year] += new.sum(axis=1)
            now = _stepped(now, whole, found, year, luck) + _stepped(new, half, found, year, luck)
        found.stocks[:, year] = now
    return found


def _stepped(
    children: Ints,
    chance: tuple[Floats, Floats],
    found: Flows,
    year: int,
    luck: np.random.Generator,
) -> Ints:
    """Children by type after a step; moves and exits are added to those of the year."""
    moving, leaving = chance
    after = np.zeros_like(children)
    for type_ in range(children.shape[1]):
        if not children[:, type_].any():
            continue
        happens = float(moving[type_].sum() + leaving[type_])
        # Those who stay come first: then a draw ends as soon as nobody is left to be divided.
        parts = np.array([max(1 - happens, 0.0), leaving[type_], *moving[type_]])
        drawn = luck.multinomial(children[:, type_], parts / parts.sum())
        after += drawn[:, 2:]
        after[:, type_] += drawn[:, 0]
        found.exits[:, year] += drawn[:, 1]
        found.moves[:, year] += drawn[:, 2:].sum(axis=1)
    return after


def together(streams: Mapping[str, Flows]) -> Flows:
    """Streams that have nothing to do with each other, added up future by future."""
    parts = zip(*streams.values(), strict=True)
    return Flows(*(np.sum(np.stack(part), axis=0) for part in parts))
