"""What happens within a placement and is no move: new status with the same carer, a few days away.

A placement becomes long-term, carers move house or register anew: the return then has a new episode
with the same carer. Children also go to hospital, on holiday or to respite for some days, and come
back.
"""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np

from sufficiency.periods import YEAR
from sufficiency.rows import CAUSES, ENTRY, SAME_CARER
from sufficiency.synthesis import codes
from sufficiency.synthesis.codes import pick
from sufficiency.synthesis.days import Home, Stay, age_on
from sufficiency.synthesis.legal import PLACEMENT_ORDER, Course
from sufficiency.vocabulary import MoveCause, PlacementType

Change = Literal["first", "carer", "same", "away", "back"]
"""How a piece begins: the first of all, another carer, the same one, away for some days, back."""

STATUS_ONLY_A_YEAR = 0.18
"""New statuses with the same foster carer, a child-year in foster care: so that about 10,500 a year
for 82,650 children (18% of changes, DfE 2025) come out, 0.13 a child-year."""
AWAY_A_YEAR = 0.05
"""Temporary placements a child-year (assumption)."""
WITH_LEGAL_CHANGE = 0.25
"""Of first new statuses, the share made on the day of the next change of legal status, if there is
one (assumption)."""
ADOPTED_BY_CARERS = 0.1
"""Of children who go from foster carers to adopters, those whose carers adopt them (assumption)."""
SETTLED_DAYS, BACK_DAYS = 7, 2
"""Days from the start of a placement, or after any change, until a child is away; days at home
before the next."""
FOSTERED = (PlacementType.IN_HOUSE, PlacementType.IFA, PlacementType.KINSHIP)
NEVER_AWAY = (PlacementType.ADOPTION, PlacementType.SECURE, PlacementType.OTHER)
NEAR_MILES, FAR_MILES = (0.5, 19.5), (20.5, 150.0)
HOME_NOT_KNOWN = 0.03
"""Share of placements whose distance from home is not known, UASC apart (assumption)."""
HOME_NOT_KNOWN_UASC = 0.6
"""The same of UASC, many of whom have no home here (assumption)."""


class Piece(NamedTuple):
    """What the return says of where a child lives, from a day on."""

    day: int
    change: Change
    place: str
    provider: str
    reason: str
    """Why the episode before it ended, as REASON_PLACE_CHANGE."""
    urn: str
    in_area: bool
    miles: float
    """From home; NaN if not known."""


def with_carers_who_adopt(stay: Stay, luck: np.random.Generator) -> Stay:
    """Some children are adopted by their foster carers: they do not move when placed for it."""
    homes = list(stay.homes)
    for place, (before, home) in enumerate(pairwise(homes), start=1):
        to_adopters = home.cause >= 0 and CAUSES[home.cause] == MoveCause.TO_ADOPTION
        if to_adopters and before.type in FOSTERED and luck.random() < ADOPTED_BY_CARERS:
            homes[place] = home._replace(
                cause=SAME_CARER, in_area=before.in_area, over_20_miles=before.over_20_miles
            )
    return stay._replace(homes=tuple(homes))


def with_moves(course: Course, stay: Stay, luck: np.random.Generator) -> Course:
    """Let some legal statuses change on the day of a move that is near."""
    moves = [home.started for home in stay.homes if home.cause >= 0]
    moved = course[:1]
    for day, status in course[1:]:
        near = [move for move in moves if abs(move - day) <= 14]
        if near and luck.random() < 0.5:
            day = near[0]
        moved.append((max(day, moved[-1][0] + 1), status))
    return moved


def pieces_of(stay: Stay, course: Course, luck: np.random.Generator) -> list[Piece]:
    """Everything the return says of where a child lives, in order."""
    found: list[Piece] = []
    for home in stay.homes:
        first = _first(stay, home, course, found, luck)
        found.append(first)
        pieces = [first, *_recoded(stay, home, first, luck)]
        pieces = _with_new_statuses(home, pieces, course, luck)
        found.extend(_with_days_away(home, pieces, course, luck)[1:])
    return found


def _first(
    stay: Stay, home: Home, course: Course, before: list[Piece], luck: np.random.Generator
) -> Piece:
    same = home.cause == SAME_CARER and before
    change: Change = "first" if not before else "same" if same else "carer"
    reason = codes.SAME_CARER_REASON if same else ""
    if home.cause >= 0 and before:
        reason = pick(luck, codes.REASON_CHANGED[CAUSES[home.cause]])
    assert home.cause >= 0 or home.cause in (ENTRY, SAME_CARER)
    place, provider = _place(stay, home, course, luck), pick(luck, codes.PROVIDER[home.type])
    miles = before[-1].miles if same else _miles(stay, home, luck)
    if same and home.type == PlacementType.ADOPTION:
        place = {"A4": "A3", "A6": "A5"}[place]
    elif same and before[-1].place in codes.LONG_TERM.values():
        place = before[-1].place
    urn = _urn(home, provider, luck)
    return Piece(home.started, change, place, provider, reason, urn, home.in_area, miles)


def _place(stay: Stay, home: Home, course: Course, luck: np.random.Generator) -> str:
    ordered = any(s == PLACEMENT_ORDER and day <= home.started for day, s in course)
    if home.type == PlacementType.ADOPTION and not ordered:
        return pick(luck, codes.ADOPTED_WITH_CONSENT)
    age, day = age_on(stay.born, home.started), date.fromordinal(home.started)
    return pick(luck, codes.place_shares(home.type, day, age, stay.pathway))


def _recoded(stay: Stay, home: Home, first: Piece, luck: np.random.Generator) -> list[Piece]:
    """The placement under its new code, where codes change while it lasts."""
    day = codes.UNTIL_RECODED.get(home.type, date.max).toordinal()
    if not home.started < day < home.ended:
        return []
    shares = codes.place_shares(home.type, date.fromordinal(day), 0, stay.pathway)
    return [_again(first, day, pick(luck, shares))]


def _again(piece: Piece, day: int, place: str) -> Piece:
    return piece._replace(day=day, change="same", place=place, reason=codes.SAME_CARER_REASON)


def _with_new_statuses(
    home: Home, pieces: list[Piece], course: Course, luck: np.random.Generator
) -> list[Piece]:
    """New episodes with the same foster carer: first for the long term, later as it is."""
    if home.type not in FOSTERED:
        return pieces
    day, found = float(home.started), list(pieces)
    while True:
        day += 1 + luck.exponential(YEAR / STATUS_ONLY_A_YEAR)
        if day >= home.ended:
            return found
        on = int(day)
        if len(found) == len(pieces) and luck.random() < WITH_LEGAL_CHANGE:
            on = next((d for d, _ in course if on < d < home.ended), on)
        day = float(on)
        place = found[-1].place
        found.append(_again(found[-1], on, codes.LONG_TERM.get(place, place)))


def _with_days_away(
    home: Home, pieces: list[Piece], course: Course, luck: np.random.Generator
) -> list[Piece]:
    """Add stays elsewhere for some days, where nothing else happens meanwhile."""
    if home.type in NEVER_AWAY or not pieces[0].provider:
        return pieces
    others = sorted({*(piece.day for piece in pieces), *(day for day, _ in course), home.ended})
    found = list(pieces)
    day = float(home.started)
    while True:
        day += 1 + luck.exponential(YEAR / AWAY_A_YEAR)
        left, code = int(day), pick(luck, dict.fromkeys(codes.TEMPORARY, 1.0))
        back = left + int(luck.integers(1, codes.TEMPORARY[code] + 1))
        if back + BACK_DAYS >= home.ended:
            return sorted(found)
        if not any(left - SETTLED_DAYS < other < back + BACK_DAYS for other in others):
            there = max(piece for piece in pieces if piece.day <= left)
            away = there._replace(day=left, change="away", place=code, provider="", reason="")
            found.append(away._replace(urn="", miles=float("nan")))
            found.append(there._replace(day=back, change="back", reason=""))
        day = float(back + BACK_DAYS)


def _miles(stay: Stay, home: Home, luck: np.random.Generator) -> float:
    u, within = luck.random(2)
    if u < (HOME_NOT_KNOWN_UASC if stay.uasc else HOME_NOT_KNOWN):
        return float("nan")
    low, high = FAR_MILES if home.over_20_miles else NEAR_MILES
    return round(low + (high - low) * float(within), 1)


def _urn(home: Home, provider: str, luck: np.random.Generator) -> str:
    """A made-up number of the home or agency; none where Ofsted registers nobody."""
    number = int(luck.integers(1, 41))
    if home.type in (PlacementType.PARENTS, PlacementType.ADOPTION, PlacementType.UNREGISTERED):
        return ""
    if home.type in (PlacementType.IN_HOUSE, PlacementType.KINSHIP):
        return "SYN0000"
    if home.type == PlacementType.HOME_OWN:
        return f"SYN9{home.provider % 1000:03d}"
    return f"SYN{provider[2:]}{number:03d}"
