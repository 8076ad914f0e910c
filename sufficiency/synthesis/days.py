"""What was simulated, in whole days: periods of care and the homes within them.

The model's times are exact; a return knows days. A child who slept nowhere between two moves did
not, for a return, live in the place between; and nobody leaves care on the day of entry: who did in
the model leaves the day after. Days are ordinals of the calendar (`date.toordinal`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from math import floor
from typing import NamedTuple

import numpy as np

from sufficiency.rows import ENTRY, ETHNICITIES, GROUPS, PATHWAYS, REASONS, SAME_CARER, TYPES, Rows
from sufficiency.vocabulary import (
    EntryGroup,
    Ethnicity,
    ExitReason,
    Pathway,
    PlacementType,
)

WHATEVER_THE_AGE = (ExitReason.ADOPTED, ExitReason.AGE_ASSESSED_18)
_UASC = (EntryGroup.UASC_UNDER_16, EntryGroup.UASC_16_17)


class Home(NamedTuple):
    """A placement in whole days, from the first to the day on which it ended."""

    started: int
    ended: int
    type: PlacementType
    cause: int
    """Cause of the move that began it, `ENTRY` or `SAME_CARER`, as in `rows.Placement`."""
    provider: int
    in_area: bool
    over_20_miles: bool


class Stay(NamedTuple):
    """A child and the period of care, in whole days; what ends after the run is known too."""

    child: int
    """The model's number."""
    family: int
    born: int
    entered: int
    left: int
    pathway: Pathway
    reason: ExitReason
    ethnicity: Ethnicity
    uasc: bool
    disabled: bool
    homes: tuple[Home, ...]
    """As far back as was simulated; each begins on the day on which the one before it ended."""


def stays_of(rows: Rows, start: date) -> Iterator[Stay]:
    """Everybody in care on the first day of a run or later, or who left on it, in whole days."""
    zero = start.toordinal()
    placed = _placements_by_child(rows)
    table = rows.care_periods
    at = {name: table.columns.index(name) for name in table.columns}
    for row in table.values.tolist():
        entered, born, left = (zero + floor(row[at[name]]) for name in ("entered", "born", "left"))
        reason = REASONS[int(row[at["reason"]])]
        reason = _reason(born, left, reason)
        born, left = _birth_and_end(born, entered, left, reason)
        if left < zero:
            continue
        group = GROUPS[int(row[at["group"]])]
        yield Stay(
            child=int(row[at["child"]]),
            family=int(row[at["family"]]),
            born=born,
            entered=entered,
            left=left,
            pathway=PATHWAYS[int(row[at["pathway"]])],
            reason=reason,
            ethnicity=ETHNICITIES[int(row[at["ethnicity"]])],
            uasc=group in _UASC,
            disabled=row[at["disabled"]] > 0,
            homes=_homes(placed[int(row[at["child"]])], zero, entered, left),
        )


def birthday(born: int, age: int) -> int:
    """The day on which somebody reaches an age; who was born on 29 February does so on 1 March."""
    day = date.fromordinal(born)
    try:
        return day.replace(year=day.year + age).toordinal()
    except ValueError:
        return date(day.year + age, 3, 1).toordinal()


def age_on(born: int, day: int) -> int:
    """Age in whole years on a day."""
    years = date.fromordinal(day).year - date.fromordinal(born).year
    return years - (birthday(born, years) > day)


def _reason(born: int, left: int, reason: ExitReason) -> ExitReason:
    """Who leaves on the eve of the 18th birthday or on it leaves for it, whatever else is said."""
    if reason in WHATEVER_THE_AGE or left < birthday(born, 18) - 1:
        return reason
    return ExitReason.TURNED_18


def _birth_and_end(born: int, entered: int, left: int, reason: ExitReason) -> tuple[int, int]:
    """Dates that fit one another: born by entry, and gone on the 18th birthday itself if for it.

    The model's year has 365.25 days, so its 18th birthday may be a day off; the birth moves.
    """
    if reason == ExitReason.TURNED_18:
        born = birthday(left, -18)
    born = min(born, entered)
    if reason == ExitReason.TURNED_18:
        left = birthday(born, 18)
    return born, max(left, entered + 1)


def _placements_by_child(rows: Rows) -> dict[int, list[dict[str, float]]]:
    """Rows of each child's placements, in order."""
    table = rows.placements
    order = np.lexsort((table["ended"], table["started"], table["child"]))
    found: dict[int, list[dict[str, float]]] = {}
    for row in table.values[order].tolist():
        values = dict(zip(table.columns, row, strict=True))
        found.setdefault(int(values["child"]), []).append(values)
    return found


def _homes(
    placed: Sequence[dict[str, float]], zero: int, entered: int, left: int
) -> tuple[Home, ...]:
    """Homes in which the child spent a night. Who leaves one with no night in the next moves once.

    The cause of a move is that which ended the home before; what only changed the carers' agency is
    no cause where the child moved on the same day.
    """
    begins = [max(zero + floor(row["started"]), entered) for row in placed]
    ends = [*begins[1:], left]
    homes: list[Home] = []
    moved_for = SAME_CARER
    for row, began, ended in zip(placed, begins, ends, strict=True):
        cause = int(row["cause"])
        moved_for = cause if moved_for == SAME_CARER else moved_for
        last_of_all = row is placed[-1] and not homes
        if min(ended, left) <= began and not last_of_all:
            moved_for = SAME_CARER if not homes else moved_for
            continue
        homes.append(_home(row, min(began, left - 1), left, ENTRY if not homes else moved_for))
        moved_for = SAME_CARER
    return tuple(
        home._replace(ended=after.started)
        for home, after in zip(homes, [*homes[1:], homes[-1]._replace(started=left)], strict=True)
    )


def _home(row: dict[str, float], began: int, ended: int, cause: int) -> Home:
    return Home(
        started=began,
        ended=ended,
        type=TYPES[int(row["type"])],
        cause=cause,
        provider=int(row["provider"]),
        in_area=row["in_area"] > 0,
        over_20_miles=row["over_20_miles"] > 0,
    )
