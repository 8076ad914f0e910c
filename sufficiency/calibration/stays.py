"""How long children stay, by entry group: hazards of leaving before 18, and why they left.

Leaving is a competing risk for each reason; the 18th birthday is not one of them but the end of
what can be seen, as the scenario lets nobody stay past it. The hazard of all reasons together is
constant within each piece of time since entry, estimated as events over nights at risk; of those
who left in a piece, each reason has its share.

Left out: children on remand, whom the scenario has apart, and children who were in care before
anything is observed and of whom only a later day is known, as neither their time in care nor their
age at entry is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sufficiency.calibration.cells import shares, short
from sufficiency.calibration.estimates import Estimate
from sufficiency.calibration.exposure import (
    Flags,
    Floats,
    Ints,
    birthdays,
    day_numbers,
    nights_in_pieces,
    numbered,
    observed_time,
    piece_of,
    spells,
)
from sufficiency.calibration.intervals import (
    by_child,
    gamma_interval,
    rate_variance,
    shrunk_variance,
)
from sufficiency.calibration.shrinking import BREAKS, GROUPS, BaseStay, shrunk_rate
from sufficiency.periods import YEAR
from sufficiency.vocabulary import ExitReason

if TYPE_CHECKING:
    from sufficiency.history.tables import History

EVENTS_OF_THE_PRIOR = 5.0
"""The k of hazards, in events: a gamma prior of this shape, by which 95 of 100 authorities lie
between a third of England's hazard and twice it (assumption: by entry group, nothing on how much
authorities differ is published)."""
CHILDREN_OF_THE_PRIOR = 10.0
"""The k of the shares of reasons, in children who left (assumption)."""
PIECES = len(BREAKS) + 1

Words = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Stays:
    """What is seen of stays: one place in each array for each child and stretch observed."""

    child: Ints
    """Number of the child, from 0."""
    children: int
    """How many children there are, those without a stay among them."""
    group: Ints
    """Place of the entry group in `EntryGroup`."""
    since: Floats
    """Days since entry when first seen."""
    until: Floats
    """Days since entry at leaving, at the 18th birthday, or when lost from sight."""
    left: Flags
    """Whether the child left then, before 18."""
    reason: Words
    """Why; empty for those who did not."""

    def of(self, keep: Flags) -> Stays:
        """Some of them."""
        names = ("group", "since", "until", "left", "reason")
        parts = {name: getattr(self, name)[keep] for name in names}
        return Stays(self.child[keep], self.children, **parts)


@dataclass(frozen=True)
class GroupHazard:
    """The hazard of leaving of one entry group, a day, in each piece."""

    group: str
    events: Floats
    nights: Floats
    fitted: Floats
    """After shrinking."""
    base: Floats
    variance: Floats
    """Of the fitted hazards."""
    weight: Floats
    expected: Floats
    """Events that England's hazard would bring over the same nights."""


def observed_stays(history: History) -> Stays:
    """Stays of a history with periods of care."""
    assert history.care is not None
    care = history.care
    number, children = numbered(care["child"], care["child"])
    entered, left = day_numbers(care["entered"]), day_numbers(care["left"])
    eighteen = _eighteenth_birthdays(history)
    at_18 = (care["reason"] == ExitReason.TURNED_18.value).to_numpy() | (left >= eighteen)
    seen = spells(entered, np.fmin(left, eighteen), observed_time(history))
    usable = ~care["remand"].to_numpy(dtype=bool) & care["dated"].to_numpy(dtype=bool)
    seen = seen.chosen(usable[seen.row])
    gone = seen.ended & ~at_18[seen.row] & ~np.isnan(left[seen.row])
    group = care["entry_group"].map({g.value: i for i, g in enumerate(GROUPS)}).to_numpy()
    reason = np.where(gone, care["reason"].to_numpy(dtype=object)[seen.row], "")
    stays = Stays(
        number[seen.row], children, group[seen.row].astype(np.int64), seen.since, seen.until,
        gone, reason,
    )  # fmt: skip
    return stays.of((stays.until > stays.since) | gone)


def _eighteenth_birthdays(history: History) -> Floats:
    """By period of care; NaN where the date of birth is not known."""
    assert history.care is not None
    if history.children is None:
        return np.full(len(history.care), np.nan)
    born = history.children.set_index("child")["born"].reindex(history.care["child"])
    return birthdays(day_numbers(born), 18)


def hazards(
    stays: Stays, base: dict[str, BaseStay], drawn: Floats, k: float = EVENTS_OF_THE_PRIOR
) -> list[GroupHazard]:
    """Hazards of every entry group of which anything is seen."""
    nights = nights_in_pieces(stays.since, stays.until, BREAKS)
    cells = len(GROUPS) * PIECES
    at_risk = sum(
        by_child(stays.child, stays.group * PIECES + p, nights[:, p], stays.children, cells)
        for p in range(PIECES)
    )
    piece = piece_of(stays.until, BREAKS)
    events = by_child(
        stays.child, stays.group * PIECES + piece, stays.left.astype(float), stays.children, cells
    )
    sampled = rate_variance(events, np.asarray(at_risk), drawn)
    out = []
    for place, group in enumerate(GROUPS):
        cell = slice(place * PIECES, (place + 1) * PIECES)
        d, t = events[:, cell].sum(axis=0), np.asarray(at_risk)[:, cell].sum(axis=0)
        if t.sum() > 0:
            out.append(_shrunk(group.value, d, t, base[group.value].hazards, sampled[cell], k))
    return out


def _shrunk(
    group: str, events: Floats, nights: Floats, base: Floats, sampled: Floats, k: float
) -> GroupHazard:
    fitted, weights, expected, variance = (np.zeros(PIECES) for _ in range(4))
    for i in range(PIECES):
        fitted[i], weights[i], expected[i] = shrunk_rate(events[i], nights[i], base[i], k)
        # Where by chance nothing (or little) happened, the resamples know of no variance.
        by_poisson = fitted[i] / nights[i] if nights[i] > 0 else 0.0
        variance[i] = shrunk_variance(
            fitted[i], base[i], weights[i], max(sampled[i], by_poisson), k
        )
    return GroupHazard(group, events, nights, fitted, base, variance, weights, expected)


def stay_estimates(
    stays: Stays, fitted: list[GroupHazard], base: dict[str, BaseStay]
) -> Iterator[Estimate]:
    """The settings of `stays.by_group`; groups of which nothing is seen keep their pathways."""
    for hazard in fitted:
        path = f"stays.by_group.{hazard.group}"
        yield Estimate(
            f"{path}.breaks_days", [int(b) for b in BREAKS],
            unit="days since entry", note="pieces in which the hazard of leaving is constant",
        )  # fmt: skip
        for piece in range(PIECES):
            yield _hazard_estimate(path, hazard, piece)
        yield from _reasons(path, stays, hazard.group, base[hazard.group])
    if fitted:
        yield Estimate(
            "stays.keep_stock_and_flow", False,
            note="stays are as observed, so they are not scaled to the children in care",
        )  # fmt: skip


def _hazard_estimate(path: str, hazard: GroupHazard, piece: int) -> Estimate:
    value = float(hazard.fitted[piece]) * YEAR
    low, high = gamma_interval(value, float(hazard.variance[piece]) * YEAR**2)
    nights, events = float(hazard.nights[piece]), int(hazard.events[piece])
    return Estimate(
        path=f"{path}.leaving_per_year.{piece}",
        value=short(value),
        low=min(short(low), short(value)),
        high=max(short(high), short(value)),
        local=events / nights * YEAR if nights > 0 else None,
        base=float(hazard.base[piece]) * YEAR,
        n=float(hazard.expected[piece]),
        weight=float(hazard.weight[piece]),
        unit="a year",
        note=(
            f"{events} left before 18 in {nights / YEAR:.1f} child-years {_words(piece)}; n is the"
            " number that the base's hazard would bring; 95% by bootstrap over children"
        ),
        own=events,
        without_counts=f"leaving before 18, {_words(piece)}; 95% by bootstrap over children",
    )


def _words(piece: int) -> str:
    ends = ("entry", *(f"day {b:.0f}" for b in BREAKS))
    return (
        f"from {ends[piece]} on" if piece == len(BREAKS) else f"{ends[piece]} to {ends[piece + 1]}"
    )


def _reasons(path: str, stays: Stays, group: str, base: BaseStay) -> Iterator[Estimate]:
    """Shares of the reasons for leaving, in each piece."""
    place = [g.value for g in GROUPS].index(group)
    here = stays.left & (stays.group == place)
    piece = piece_of(stays.until[here], BREAKS)
    for i in range(PIECES):
        names, counts = np.unique(stays.reason[here][piece == i].astype(str), return_counts=True)
        found = {str(name): float(count) for name, count in zip(names, counts, strict=True)}
        yield from shares(
            f"{path}.reasons.{i}", found, base.reasons[i], k=CHILDREN_OF_THE_PRIOR,
            note=f"of those who left before 18, {_words(i)}",
        )  # fmt: skip
