"""Episodes with the same carer as placements: what type, how far away, and why they ended."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from sufficiency.history.ages import Bools, Ints, whole_years
from sufficiency.history.care_periods import bounds
from sufficiency.history.codes import CAUSE, OTHER_CARER, STATUS_ONLY
from sufficiency.history.episodes import CareEpisodes, note
from sufficiency.ssda903.returns import Finding
from sufficiency.vocabulary import MoveCause, PlacementType

Words = npt.NDArray[np.object_]

LEFT_CARE = "left_care"
"""The cause that ended a placement in which the child left care."""
FAR_MILES = 20.0
_MOVE_ON_AGE = 16
_HOMES = (PlacementType.HOME_OWN.value, PlacementType.HOME_EXTERNAL.value)
_CARERS = (PlacementType.IN_HOUSE.value, PlacementType.IFA.value, PlacementType.KINSHIP.value)
_NOT_A_BREAKDOWN = (MoveCause.PLANNED.value, MoveCause.OTHER.value)


def placements(e: CareEpisodes, care: pd.DataFrame) -> tuple[pd.DataFrame, list[Finding]]:
    """One row per placement, as `History.placements`, and what was odd."""
    findings: list[Finding] = []
    begin, end = bounds(e.placement)
    period = e.period[begin]
    first_of_period = np.diff(period, prepend=-1) > 0
    dated = care["dated"].to_numpy(dtype=np.bool_)[period]
    # A placement that was open when the first return begins may have started with an earlier
    # episode, unless its episode says that the carer changed then.
    carer_began = np.isin(e.rne[begin], OTHER_CARER)
    table = (
        _rows(e, begin, end)
        .assign(
            order=_order(period, first_of_period),
            first_type=e.type[begin],
            cause=_causes(e, begin, end, findings),
            dated=~first_of_period | dated | carer_began,
        )
        .astype({"first_type": "str", "cause": "str"})
    )
    columns = ["period", "child", "order", "started", "ended", "type", "first_type", "provider"]
    return table[[*columns, "in_area", "over_20_miles", "cause", "dated"]], findings


def stretches(e: CareEpisodes) -> pd.DataFrame:
    """One row per part of a placement in which nothing changed, as `History.stretches`."""
    changed = np.zeros(len(e.child), dtype=np.bool_)
    if len(changed):
        changed[1:] = (e.type[1:] != e.type[:-1]) | (e.provider[1:] != e.provider[:-1])
        for known in (e.in_area, np.where(np.isnan(e.miles), np.nan, e.miles > FAR_MILES)):
            changed[1:] |= ~(
                (known[1:] == known[:-1]) | (np.isnan(known[1:]) & np.isnan(known[:-1]))
            )
        changed[1:] |= e.placement[1:] != e.placement[:-1]
    begin, end = bounds(changed.cumsum())
    of_placement, _ = bounds(e.placement)
    period = e.period[of_placement]
    order = _order(period, np.diff(period, prepend=-1) > 0)
    table = _rows(e, begin, end).assign(order=order[e.placement[begin]])
    columns = ["period", "child", "order", "started", "ended", "type", "provider"]
    return table[[*columns, "in_area", "over_20_miles"]]


def _rows(e: CareEpisodes, begin: Ints, end: Ints) -> pd.DataFrame:
    over = np.where(np.isnan(e.miles), np.nan, e.miles > FAR_MILES)
    return pd.DataFrame(
        {
            "period": e.period[begin],
            "child": e.child[begin],
            "started": e.started[begin].astype("datetime64[s]"),
            "ended": e.ended[end].astype("datetime64[s]"),
            "type": e.type[end],
            "provider": e.provider[end],
            "in_area": pd.array(e.in_area[end]).astype("boolean"),
            "over_20_miles": pd.array(over[end]).astype("boolean"),
        }
    ).astype({"type": "str", "provider": "str"})


def _order(period: Ints, first_of_period: Bools) -> Ints:
    """Number of each placement within its period, from 1."""
    place = np.arange(len(period))
    begin = place[first_of_period]
    return place - begin[period] + 1 if len(period) else place


def _causes(e: CareEpisodes, begin: Ints, end: Ints, findings: list[Finding]) -> Words:
    """Why each placement ended."""
    causes = np.full(len(end), LEFT_CARE, dtype=object)
    causes[np.isnat(e.ended[end])] = ""
    moved = np.flatnonzero(e.period[begin[1:]] == e.period[begin[:-1]])
    last, next_ = end[moved], begin[moved + 1]
    causes[moved] = _of_moves(e, last, next_, findings)
    return causes


def _of_moves(e: CareEpisodes, last: Ints, next_: Ints, findings: list[Finding]) -> Words:
    """Causes of moves from the episode `last` to the episode `next_`."""
    causes = _said(e, last, findings)
    before, after = e.type[last], e.type[next_]
    closed = _code(e, last) == "CLOSE"
    causes[closed & np.isin(before, _CARERS)] = MoveCause.HOUSEHOLD_LEFT.value
    causes[closed & np.isin(before, _HOMES)] = MoveCause.HOME_CLOSED.value
    age = whole_years(e.born[next_], e.started[next_])
    supported = PlacementType.SUPPORTED.value
    move_on = (after == supported) & (before != supported) & (age >= _MOVE_ON_AGE)
    causes[move_on & np.isin(causes, _NOT_A_BREAKDOWN)] = MoveCause.MOVE_ON.value
    adoption = PlacementType.ADOPTION.value
    causes[(after == adoption) & (before != adoption)] = MoveCause.TO_ADOPTION.value
    return causes


def _code(e: CareEpisodes, last: Ints) -> Words:
    """The reason given for each change.

    Where a temporary placement lies between two carers, the reason stands with the placement before
    it or with the temporary one: the former, unless it gives none that means anything.
    """
    at_home, at_last = e.reason_changed[e.home[last]], e.reason_changed[last]
    says_little = np.isin(at_home, ("", STATUS_ONLY, "OTHER"))
    chosen: Words = np.where(says_little & (at_last != ""), at_last, at_home)
    return chosen


def _said(e: CareEpisodes, last: Ints, findings: list[Finding]) -> Words:
    codes = _code(e, last)
    note(
        findings,
        "reason_for_move_unknown",
        "Placements ended by a move without a reason, or with one that is unknown: the cause counts"
        " as other.",
        (~np.isin(codes, tuple(CAUSE))).sum(),
        "kept",
    )
    return np.array([CAUSE.get(str(code), MoveCause.OTHER).value for code in codes], dtype=object)
