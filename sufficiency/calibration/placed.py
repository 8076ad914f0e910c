"""Placements as time at risk of a move: what ended each, and what a return does not say of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sufficiency.calibration.exposure import (
    Flags,
    Floats,
    Ints,
    Spells,
    birthdays,
    day_numbers,
    numbered,
    observed_time,
    spells,
)
from sufficiency.vocabulary import KIND_OF_TYPE, Kind, MoveCause, PlacementType

if TYPE_CHECKING:
    import pandas as pd

    from sufficiency.history.tables import History

AGES = ("under_5", "5-9", "10-15", "16-17")
_AGE_STARTS = (5, 10, 16)
KINDS = tuple(kind.value for kind in Kind)
BY_HAZARD = (MoveCause.PLANNED.value, MoveCause.BREAKDOWN.value, MoveCause.OTHER.value)
_REPLANNED = (MoveCause.PLANNED.value, MoveCause.OTHER.value, MoveCause.MOVE_ON.value)
_STOPGAPS = (PlacementType.EMERGENCY_BED.value, PlacementType.UNREGISTERED.value)
SUPPORTED = PlacementType.SUPPORTED.value
_IN_HOUSE, _IFA = PlacementType.IN_HOUSE.value, PlacementType.IFA.value
_HOMES = (PlacementType.HOME_OWN.value, PlacementType.HOME_EXTERNAL.value)
_FEWEST_ACROSS = 10
"""Planned moves on a way below which none of them is taken to be one across."""
_EARLY_DAYS = (91.0, 365.0)
"""Days in placement by which moves on a way are told apart; a wait mostly ends early."""
Words = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Placed:
    """Placements and what is known of each, in order of child, period and placement."""

    child: Ints
    children: int
    period: Ints
    first: Flags
    """Whether it is the first of its period of care."""
    kind: Ints
    age: Ints
    """Place in `AGES` of the age at its start."""
    started: Floats
    sixteen: Floats
    """The 16th birthday."""
    type: Words
    cause: Words
    to_supported: Flags
    """Whether it ended in a move at 16 or 17 to supported accommodation, planned afresh."""
    moved_on: Flags
    """Whether the child had moved so before, in this period of care."""
    to_adopters: Flags
    """Whether the child moved to adopters; carers who adopt become adopters without a move."""
    acrossness: Floats
    """Chance that a planned move which ended it was one across; see `_across`."""
    dated: Flags
    """Whether its start is known."""
    counts_for_age: Flags
    """Whether the child's age is known and the child is not on remand."""
    counts: Flags
    """Whether it says something about the hazard."""
    seen: Spells


def placed(history: History) -> Placed:
    """The placements of a history, with nights at risk within observed time."""
    assert history.placements is not None
    assert history.care is not None
    table = in_order(history)
    started, ended = day_numbers(table["started"]), day_numbers(table["ended"])
    born = day_numbers(table["born"])
    sixteen = birthdays(born, 16)
    types = table["type"].to_numpy(dtype=object)
    cause = table["cause"].to_numpy(dtype=object)
    period = table["period"].to_numpy()
    following = np.append(types[1:], "")
    following[np.append(period[1:] != period[:-1], True)] = ""
    to_supported = (
        (following == SUPPORTED)
        & (types != SUPPORTED)
        & np.isin(cause, _REPLANNED)
        & (ended >= sixteen)
    )
    kinds = {t.value: (k or Kind.OTHER).value for t, k in KIND_OF_TYPE.items()}
    number, children = numbered(table["child"], history.care["child"])
    dated = table["dated"].to_numpy(dtype=bool)
    of_age = ~table["remand"].to_numpy(dtype=bool) & ~np.isnan(born)
    return Placed(
        child=number,
        children=children,
        period=period,
        first=(table["order"] == 1).to_numpy(),
        kind=np.array([KINDS.index(kinds[t]) for t in types], dtype=np.int64),
        age=np.sum([birthdays(born, years) <= started for years in _AGE_STARTS], axis=0),
        started=started,
        sixteen=sixteen,
        type=types,
        cause=cause,
        to_supported=to_supported,
        moved_on=_before(to_supported, period),
        to_adopters=(table["first_type"] == PlacementType.ADOPTION.value).to_numpy(),
        acrossness=_across(types, following, cause, ended - started),
        dated=dated,
        counts_for_age=of_age,
        counts=dated & of_age & ~np.isin(types, _STOPGAPS),
        seen=spells(started, ended, observed_time(history)),
    )


def _before(flag: Flags, period: Ints) -> Flags:
    """Whether an earlier placement of the same period has the flag."""
    so_far: Ints = np.cumsum(flag) - flag
    begins = np.append(True, period[1:] != period[:-1])
    at_start: Ints = so_far[begins][np.cumsum(begins) - 1]
    return np.asarray(so_far > at_start)


def _across(types: Words, following: Words, cause: Words, days: Floats) -> Floats:
    """Chance that each planned move was one across, to the carer that was planned all along.

    The model makes such moves itself, so they are none of the hazard's, but a return calls them
    planned. They go from an agency to an in-house carer, or from a home or supported accommodation
    to a carer. By the model planned and other moves have the same plans, so elsewhere their ratio
    is that of the hazard; planned moves beyond it on these ways, early or late, are moves across.
    """
    carers, from_want = (_IN_HOUSE, _IFA), (*_HOMES, SUPPORTED)
    ways = (
        (types == _IFA) & (following == _IN_HOUSE),
        np.isin(types, from_want) & np.isin(following, carers),
    )
    planned, other = cause == MoveCause.PLANNED.value, cause == MoveCause.OTHER.value
    elsewhere = ~(ways[0] | ways[1])
    ratio = (planned & elsewhere).sum() / max((other & elsewhere).sum(), 1)
    out = np.zeros(len(types))
    late = np.searchsorted(_EARLY_DAYS, days)
    for way in ways:
        for when in range(len(_EARLY_DAYS) + 1):
            here = way & (late == when)
            n = int((planned & here).sum())
            if n >= _FEWEST_ACROSS:
                out[planned & here] = max(1 - ratio * float((other & here).sum()) / n, 0.0)
    return out


def in_order(history: History) -> pd.DataFrame:
    """Placements with what the rows of `Placed` need, in their order."""
    assert history.placements is not None
    assert history.care is not None
    table = history.placements.merge(history.care[["period", "remand"]], on="period")
    if history.children is None:
        table = table.assign(born=np.datetime64("NaT"))
    else:
        table = table.merge(history.children[["child", "born"]], on="child", how="left")
    return table.sort_values(["child", "period", "order"], ignore_index=True)
