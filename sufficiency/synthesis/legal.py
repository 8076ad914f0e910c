"""Legal statuses over a period of care: the model has none, so their course follows the pathway.

From police protection or section 20 through an interim to a full care order, a placement order for
adoption, remand. Shares and times are set so that England's starts (57% section 20, 31% interim
orders, 9% police protection) and children in care (59% full orders, 16% interim, 6% placement
orders, 19% section 20) come out near; all else is an assumption.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sufficiency.synthesis.codes import Shares, pick
from sufficiency.synthesis.days import Stay, age_on
from sufficiency.vocabulary import Pathway

POLICE, EMERGENCY, VOLUNTARY, INTERIM, FULL, PLACEMENT_ORDER, REMANDED = (
    "L1", "L2", "V2", "C1", "C2", "E1", "J1",
)  # fmt: skip
SHORT_BREAKS = "V4"

AT_ENTRY: Mapping[Pathway, Shares] = {
    Pathway.SHORT: {VOLUNTARY: 0.72, INTERIM: 0.08, POLICE: 0.18, EMERGENCY: 0.02},
    Pathway.COURT: {VOLUNTARY: 0.25, INTERIM: 0.62, POLICE: 0.11, EMERGENCY: 0.02},
    Pathway.ADOPTION: {VOLUNTARY: 0.20, INTERIM: 0.72, POLICE: 0.06, EMERGENCY: 0.02},
    Pathway.LONG: {VOLUNTARY: 0.38, INTERIM: 0.48, POLICE: 0.12, EMERGENCY: 0.02},
}
AT_ENTRY_16: Shares = {VOLUNTARY: 0.88, INTERIM: 0.06, POLICE: 0.06}
"""Few proceedings begin at 16 or 17."""
PROCEEDINGS_DAYS = 301
"""Care proceedings take 43 weeks (Cafcass, 2023-24)."""
POLICE_DAYS, EMERGENCY_DAYS = 3, 8
"""Most days of police protection and of an emergency order."""
TO_PROCEEDINGS_DAYS = 120
"""Mean days under section 20 before proceedings, where there are any."""
PROCEEDINGS_AFTER_VOLUNTARY: Mapping[Pathway, float] = {
    Pathway.SHORT: 0.0,
    Pathway.COURT: 0.9,
    Pathway.ADOPTION: 1.0,
    Pathway.LONG: 0.65,
}
INTERIM_AFTER_POLICE: Mapping[Pathway, float] = {
    Pathway.SHORT: 0.15,
    Pathway.COURT: 0.8,
    Pathway.ADOPTION: 0.9,
    Pathway.LONG: 0.6,
}

Course = list[tuple[int, str]]
"""Days and the status from each, the first on the day of entry."""


def course_of(stay: Stay, adoption: int | None, luck: np.random.Generator) -> Course:
    """The legal statuses of a period of care.

    Args:
        stay: The period.
        adoption: Day of the move to adopters, if there was one: the order is there by then.
        luck: Where numbers come from.
    """
    if stay.uasc:
        return [(stay.entered, VOLUNTARY)]
    if stay.pathway == Pathway.REMAND:
        return [(stay.entered, REMANDED)]
    older = age_on(stay.born, stay.entered) >= 16
    status = pick(luck, AT_ENTRY_16 if older else AT_ENTRY[stay.pathway])
    course = [(stay.entered, status)]
    _protection(course, stay, luck)
    _proceedings(course, stay, luck, older=older)
    if stay.pathway == Pathway.ADOPTION and adoption is not None:
        course = _placement_order(course, stay, adoption)
    return tidied(course, stay.left)


def tidied(course: Course, left: int) -> Course:
    """A course without changes on or after the last day, or of nothing."""
    kept = course[:1]
    for day, status in course[1:]:
        if day < left and day > kept[-1][0] and status != kept[-1][1]:
            kept.append((day, status))
    return kept


def _protection(course: Course, stay: Stay, luck: np.random.Generator) -> None:
    """Police protection and emergency orders last for days only."""
    day, status = course[-1]
    if status == EMERGENCY:
        course.append((day + int(luck.integers(2, EMERGENCY_DAYS + 1)), INTERIM))
    elif status == POLICE:
        to_court = luck.random() < INTERIM_AFTER_POLICE[stay.pathway]
        days = int(luck.integers(1, POLICE_DAYS + 1))
        course.append((day + days, INTERIM if to_court else VOLUNTARY))


def _proceedings(course: Course, stay: Stay, luck: np.random.Generator, *, older: bool) -> None:
    """From section 20 to an interim order, and from there to a full one."""
    day, status = course[-1]
    if status == VOLUNTARY:
        if older or luck.random() >= PROCEEDINGS_AFTER_VOLUNTARY[stay.pathway]:
            return
        day += 1 + int(luck.exponential(TO_PROCEEDINGS_DAYS))
        course.append((day, INTERIM))
    if stay.pathway in (Pathway.LONG, Pathway.ADOPTION) or luck.random() < 0.3:
        day += max(30, round(luck.normal(PROCEEDINGS_DAYS, 60)))
        course.append((day, FULL))


def _placement_order(course: Course, stay: Stay, adoption: int) -> Course:
    """A placement order made with the full order or soon after, and by the move to adopters."""
    ordered = next((day for day, status in course if status == FULL), adoption)
    ordered = max(min(ordered + 30 * (stay.child % 3), adoption), stay.entered)
    before = [(day, status) for day, status in course if day < ordered]
    return [*before, (ordered, PLACEMENT_ORDER)]
