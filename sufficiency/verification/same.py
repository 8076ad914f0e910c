"""What must come out the same: another engine, the same seed again, an option that changes nothing.

Rows are compared as numbers. Two engines may differ in the last digit of a time, so theirs are
compared in order of child and time, within a billionth of a day; all else must agree exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields

import numpy as np

from sufficiency.replication import Chunk, Failure, Plan, Range, replicate
from sufficiency.rows import Key, Rows, Table
from sufficiency.scenario import Edit, Option, Scenario
from sufficiency.simulation import clock
from sufficiency.verification.lives import Bools, Counted, Floats

DIGIT = 1e-9
"""Days by which the engines may differ."""

_IN_ORDER = {
    "care_periods": ("child",),
    "placements": ("child", "started", "ended"),
    "searches": ("child", "needed"),
    "households": ("household",),
    "staying_put": ("child", "started"),
    "beds": ("type", "provider", "started"),
}
_ENTRIES_AND_EXITS = (
    "child", "entered", "left", "born", "group", "pathway", "reason", "family", "siblings",
)  # fmt: skip
_DEMAND = ("demand", "stays", "authority")
"""Sections that say who enters and how long they stay."""
_WHEN = ("seed", "start", "years", "warm_up_years")


# ---- Rows --------------------------------------------------------------------------------------


def same_in_both_engines(simple: Rows, heap: Rows) -> Counted:
    """The engine and its twin leave the same rows."""
    check, looked_at, faults, first = "twin engine", 0, 0, ""
    for name, key in _IN_ORDER.items():
        one, two = (_in_order(getattr(rows, name), key) for rows in (simple, heap))
        looked_at += len(one)
        if one.shape != two.shape:
            faults, first = faults + 1, first or f"{name}: {len(one)} and {len(two)} rows"
            continue
        different = ~_agree(one, two).all(axis=1)
        faults += int(different.sum())
        if different.any():
            first = first or f"{name}: {_short(one[different][0])} and {_short(two[different][0])}"
    if simple.state_changes != heap.state_changes:
        faults, first = faults + 1, first or "not as many changes of state"
    return Counted(check, looked_at, faults, first)


def _in_order(table: Table, key: Sequence[str]) -> Floats:
    return table.values[np.lexsort([table[name] for name in reversed(key)])]


def _agree(one: Floats, two: Floats) -> Bools:
    """Whether numbers are as near as makes no difference; never is never and unknown unknown."""
    with np.errstate(invalid="ignore"):
        near = np.abs(one - two) <= DIGIT
    return np.asarray(near | (one == two) | (np.isnan(one) & np.isnan(two)))


def _short(row: Floats) -> str:
    return "(" + ", ".join(f"{value:.6g}" for value in row) + ")"


def same_rows(check: str, one: Rows, two: Rows) -> Counted:
    """Two runs leave the same rows, in the same order, to the last digit."""
    looked_at, faults, first = 0, 0, ""
    for field in fields(Rows):
        a, b = (_numbers(getattr(rows, field.name)) for rows in (one, two))
        looked_at += len(a)
        if not np.array_equal(a, b, equal_nan=True):
            faults, first = faults + 1, first or f"{field.name} differ"
    return Counted(check, looked_at, faults, first)


def _numbers(part: Table | Floats | float) -> Floats:
    return part.values if isinstance(part, Table) else np.atleast_1d(np.asarray(part, dtype=float))


def same_entries_and_exits(check: str, one: Rows, two: Rows) -> Counted:
    """Every child enters and leaves on the same day for the same reason."""
    a, b = (
        np.column_stack([rows.care_periods[name] for name in _ENTRIES_AND_EXITS])
        for rows in (one, two)
    )
    if a.shape != b.shape:
        return Counted(check, len(a), 1, f"{len(a)} and {len(b)} children")
    different = (a != b).any(axis=1)
    first = f"child {int(a[different][0, 0])}" if different.any() else ""
    return Counted(check, len(a), int(different.sum()), first)


def same_demand(one: Scenario, two: Scenario) -> bool:
    """Whether two scenarios say the same of who enters and how long they stay."""
    changes = [
        [change for change in scenario.changes if change.path.split(".")[0] in _DEMAND]
        for scenario in (one, two)
    ]
    alike = all(getattr(one, name) == getattr(two, name) for name in (*_DEMAND, *_WHEN))
    return alike and changes[0] == changes[1]


# ---- The engines -------------------------------------------------------------------------------


def same_order_of_events() -> Counted:
    """Both engines let events happen by time, and at one time in the order they were set."""
    expected = [(-2.0, 1), (-2.0, 3), (-2.0, 4), (5.0, 0), (5.0, 2), (5.0, 5), (9.0, 6)]
    stories = [_story(engine) for engine in (clock.SimpyClock, clock.HeapClock)]
    wrong = [story for story in stories if story != expected]
    first = f"{wrong[0]} instead of {expected}" if wrong else ""
    return Counted("order of events", len(stories) * len(expected), len(wrong), first)


def _story(engine: Callable[[float], clock.Clock]) -> list[tuple[float, int]]:
    """What happened, and when: two events at each of two times set three more."""
    told: list[tuple[float, int]] = []
    own = engine(-10.0)

    def tell(further: tuple[tuple[float, int], ...], number: int) -> None:
        told.append((own.now, number))
        for time, which in further:
            own.at(time, tell, (), which)

    # Event 4 is set for a time that is over, so it happens at once; event 7 is after the end.
    own.at(5.0, tell, (), 0)
    own.at(-2.0, tell, ((-2.0, 3), (-3.0, 4), (5.0, 5), (9.0, 6)), 1)
    own.at(5.0, tell, (), 2)
    own.at(10.0, tell, (), 7)
    own.run(10.0)
    return told


# ---- Numbers -----------------------------------------------------------------------------------


def no_change_no_difference(
    scenario: Scenario,
    ranges: tuple[Range, ...],
    draw: Floats,
    replication: int,
    keys: tuple[Key, ...],
) -> Counted:
    """An option that changes nothing differs from the baseline by exactly 0 in every measure.

    It runs as any option does, with the values drawn for the replication. What it sets is the
    description, so that its scenario is made again and is not the baseline's by identity.
    """
    check = "zero-change option"
    edit = Edit(action="set", path="description", value=f"{scenario.description} ")
    option = Option(name="no_change", edits=(edit,))
    run = ("baseline", option.name)
    plan = Plan(scenario, (option,), run, ranges, keep=-1, steps=None, keys=keys)
    (outcome,) = replicate(plan, Chunk((replication,), draw[np.newaxis]))
    if isinstance(outcome, Failure):
        raise RuntimeError(outcome.text)
    one, two = outcome.values
    different = ~((one == two) | (np.isnan(one) & np.isnan(two)))
    first = ""
    if different.any():
        place = int(np.flatnonzero(different)[0])
        first = f"{' '.join(keys[place])}: {one[place]:g} and {two[place]:g}"
    return Counted(check, len(one), int(different.sum()), first)
