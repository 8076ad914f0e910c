"""Journeys through care: who enters, where they first and last live, and how they leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
import numpy.typing as npt

from sufficiency.measures.run import AGE_STARTS, Run
from sufficiency.periods import Floats, Ints
from sufficiency.rows import AGES, REASONS, TYPES, MeasureInfo
from sufficiency.vocabulary import ExitReason, PlacementType

UASC, OTHER, STILL_IN_CARE = "uasc", "other", "still_in_care"
ENTERED = (*AGES, UASC)
"""How children enter: by age at entry; unaccompanied children apart."""

_HOMES: Mapping[PlacementType, str] = {
    PlacementType.IN_HOUSE: "in_house",
    PlacementType.IFA: "ifa",
    PlacementType.KINSHIP: "kinship",
    PlacementType.HOME_OWN: "home",
    PlacementType.HOME_EXTERNAL: "home",
    PlacementType.SUPPORTED: "supported",
}
LIVED = ("in_house", "ifa", "kinship", "home", "supported", OTHER)
"""Where children live, in groups of the types of placement."""

_WAYS: Mapping[ExitReason, str] = {
    ExitReason.RETURNED_HOME: "family",
    ExitReason.RELATIVES: "family",
    ExitReason.SPECIAL_GUARDIANSHIP: "guardianship",
    ExitReason.CHILD_ARRANGEMENTS: "guardianship",
    ExitReason.ADOPTED: "adopted",
    ExitReason.TURNED_18: "turned_18",
}
LEFT = ("family", "guardianship", "adopted", "turned_18", OTHER, STILL_IN_CARE)
"""How children leave, in groups of the reasons; or that they have not left when the run ends."""

STEPS: Mapping[str, tuple[Sequence[str], Sequence[str]]] = {
    "entry_to_first": (ENTERED, LIVED),
    "first_to_last": (LIVED, LIVED),
    "last_to_leaving": (LIVED, LEFT),
}
"""The steps of a journey: from what to what. Every child takes each of them once."""

_ALL = len(LIVED)
_LIVED_OF_TYPE = np.array([LIVED.index(_HOMES.get(type_, OTHER)) for type_ in TYPES])
_LEFT_OF_REASON = np.array([LEFT.index(_WAYS.get(reason, OTHER)) for reason in REASONS])


def group_of(step: str, start: str, end: str) -> str:
    """The group of the children who took a step from one thing to another."""
    return f"step={step};from={start};to={end}"


MEASURES: dict[str, MeasureInfo] = {
    "journeys": MeasureInfo(
        "children",
        "",
        "Children who entered care in the first whole financial year, followed until they left or"
        " the run ended, by step: from age at entry (unaccompanied children apart) to the first"
        " placement, from that to the last one, and from that to how they left. Each step counts"
        " all of them once.",
        "Periods of care that began in the year. First: the placement at entry. Last: the one in"
        " which the child lived when the period ended, or when the run did. Own and other"
        " children's homes are one kind; other placements are with parents or adopters, secure,"
        " in an emergency bed, unregistered and the rest. Family: home or to relatives;"
        " guardianship: special guardianship and child arrangements orders.",
        "this model's; the groups of the national statistics, put together.",
        tuple(
            group_of(step, *ends)
            for step, (starts, goals) in STEPS.items()
            for ends in product(starts, goals)
        ),
        "first_year",
    ),
}


def measure(run: Run) -> dict[str, Floats]:
    """The steps of the children who entered in the first whole financial year."""
    if not run.calendar.years.labels:
        return {"journeys": np.zeros((len(MEASURES["journeys"].groups), 0))}
    who = _who(run)
    first, last = _first_and_last(run, who)
    steps = ((_entered(run, who), first), (first, last), (last, _left(run, who)))
    found = [np.bincount(start * _ALL + end, minlength=_ALL * _ALL) for start, end in steps]
    return {"journeys": np.concatenate(found).astype(np.float64)[:, None]}


def _who(run: Run) -> Ints:
    """Rows of the children who entered in the first whole financial year."""
    c, days = run.children, run.calendar
    return np.flatnonzero((c.entered >= 0) & (days.years.of[days.days_of(c.entered)] == 0))


def _entered(run: Run, who: Ints) -> Ints:
    c = run.children
    age = c.entered[who] - c.born[who]
    band = np.searchsorted(AGE_STARTS, age, side="right") - 1
    return np.where(c.stream[who] > 0, ENTERED.index(UASC), band)


def _first_and_last(run: Run, who: Ints) -> tuple[Ints, Ints]:
    """Where each of these children first lived, and where last."""
    s, number = run.stays, len(run.children.number)
    theirs: npt.NDArray[np.bool_] = np.zeros(number, dtype=np.bool_)
    theirs[who] = True
    rows = np.flatnonzero(theirs[s.child])
    rows = rows[np.argsort(s.started[rows], kind="stable")]
    lived = _LIVED_OF_TYPE[s.type[rows]]
    first, last = np.zeros((2, number), dtype=np.int64)
    last[s.child[rows]] = lived  # of rows of one child the latest is what remains
    first[s.child[rows[::-1]]] = lived[::-1]
    return first[who], last[who]


def _left(run: Run, who: Ints) -> Ints:
    reason = run.rows.care_periods.code("reason")[who]
    gone = run.children.left[who] < np.inf
    return np.where(gone, _LEFT_OF_REASON[reason], LEFT.index(STILL_IN_CARE))
