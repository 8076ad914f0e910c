"""A child's episodes: a new one begins whenever the legal status or the placement changes."""

from __future__ import annotations

from typing import NamedTuple

from sufficiency.synthesis.changes import Piece
from sufficiency.synthesis.days import Stay
from sufficiency.synthesis.legal import Course

CONTINUES = "X1"


class Episode(NamedTuple):
    """One row of the return; days are ordinals."""

    child: int
    started: int
    ended: int
    rne: str
    legal_status: str
    need: str
    place: str
    provider: str
    reason_ended: str
    reason_changed: str
    in_area: bool | None
    miles: float
    urn: str


_BEGINS = {
    (True, True): "B",
    (True, False): "U",
    (False, True): "P",
    (False, False): "T",
}
"""Reason for the new episode, by whether the legal status changes and whether the carer does."""


def episodes_of(
    stay: Stay, pieces: list[Piece], course: Course, need: str, reason_ended: str
) -> list[Episode]:
    """The episodes of a period of care, from the first day that is known of to the last.

    Args:
        stay: The period.
        pieces: Where the child lives.
        course: Legal statuses.
        need: Need, the same throughout.
        reason_ended: Code with which care ends.
    """
    first = pieces[0].day
    places, statuses = {piece.day: piece for piece in pieces}, dict(course)
    days = sorted({*places, *(day for day in statuses if day > first)})
    here = pieces[0]
    status = [s for day, s in course if day <= first][-1]
    found: list[Episode] = []
    for day, until in zip(days, [*days[1:], stay.left], strict=True):
        here, status = places.get(day, here), statuses.get(day, status)
        following = places.get(until)
        away = here.change == "away"
        found.append(
            Episode(
                child=stay.child,
                started=day,
                ended=until,
                rne=_begins(stay, day, places.get(day), statuses, first),
                legal_status=status,
                need=need,
                place=here.place,
                provider=here.provider,
                reason_ended=reason_ended if until == stay.left else CONTINUES,
                reason_changed=following.reason if following and until < stay.left else "",
                in_area=None if away else here.in_area,
                miles=here.miles,
                urn=here.urn,
            )
        )
    return found


def _begins(stay: Stay, day: int, piece: Piece | None, statuses: dict[int, str], first: int) -> str:
    if day == stay.entered:
        return "S"
    legal = day in statuses and day > stay.entered
    if piece is None:
        return "L"
    same = piece.change == "same" and day > first
    return _BEGINS[legal, not same]
