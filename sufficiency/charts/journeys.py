"""What happens to a child: from entry to the first and the last placement and to leaving."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from sufficiency.answer.levels import BASELINE
from sufficiency.answer.words import AGE_WORDS, RANGE_OF_FUTURES, number, percent, spread, whole
from sufficiency.charts.drawing import Chart, Panel
from sufficiency.charts.sankey import Flow, sankey_panel
from sufficiency.measures.journeys import (
    ENTERED,
    LEFT,
    LIVED,
    STEPS,
    STILL_IN_CARE,
    UASC,
    group_of,
)

_LARGEST = 3
"""Flows of a step that are drawn strong and told in words."""
_MARGIN = 2.0
"""Errors of the mean between two numbers that are told apart."""

_ENTERED: Mapping[str, str] = {
    age: "Unaccompanied" if age == UASC else f"Aged {AGE_WORDS[age]}" for age in ENTERED
}
_LIVED: Mapping[str, str] = dict(
    zip(
        LIVED,
        (
            "In-house carers", "Agency carers", "Family, friends", "Children's homes",
            "Supported", "Other placements",
        ),
        strict=True,
    )
)  # fmt: skip
_LEFT: Mapping[str, str] = dict(
    zip(
        LEFT,
        ("Home, relatives", "Guardianship", "Adopted", "18th birthday", "Other ways",
         "Still in care"),
        strict=True,
    )
)  # fmt: skip
_WORDS: Mapping[str, tuple[str, Mapping[str, str], Mapping[str, str]]] = {
    "entry_to_first": ("From entry to the first placement", _ENTERED, _LIVED),
    "first_to_last": ("From the first placement to the last", _LIVED, _LIVED),
    "last_to_leaving": ("From the last placement to leaving care", _LIVED, _LEFT),
}
_FIRST, _STAYED, _LAST = STEPS
_WAY: Mapping[str, str] = dict(
    zip(
        LEFT,
        (
            "return home or to relatives", "leave to a guardian", "are adopted",
            "stay until they are 18", "leave in other ways", "are still in care",
        ),
        strict=True,
    )
)  # fmt: skip
"""The end of a title that begins with `Children who enter most often`."""
_HOME: Mapping[str, str] = dict(
    zip(
        LIVED,
        ("with in-house carers", "with agency carers", "with family and friends",
         "in a children's home", "in supported accommodation", "of another kind"),
        strict=True,
    )
)  # fmt: skip
"""The end of a title that begins with `The most common first placement is`."""
COLUMNS = ("Step", "From", "To", "Children, average", f"Range, {RANGE_OF_FUTURES}")


class Taken(NamedTuple):
    """One flow of a step, over all futures."""

    start: str
    end: str
    mean: float
    se: float
    p10: float
    p90: float


class Journeys(NamedTuple):
    """The steps of the children who entered in one financial year."""

    year: str
    """When they entered."""
    steps: Mapping[str, Sequence[Taken]]
    """All flows of each step of which none is withheld."""
    known: Sequence[tuple[str, Taken]]
    """The flows, of steps of which some are withheld."""

    @property
    def children(self) -> float:
        """How many entered, on average."""
        return sum(taken.mean for taken in next(iter(self.steps.values()), ()))

    def ways(self) -> Mapping[str, float]:
        """The share of children who leave in each way, the most common first, then those still in.

        Empty where any of it is withheld.
        """
        flows = self.steps.get(_LAST, ())
        total = sum(flow.mean for flow in flows)
        if not total:
            return {}
        sums = {way: sum(f.mean for f in flows if f.end == way) / total for way in LEFT}
        order = sorted(LEFT, key=lambda way: (way == STILL_IN_CARE, -sums[way]))
        return {_WAY[way]: sums[way] for way in order if sums[way] > 0}

    def stayed(self) -> float | None:
        """The share whose first and last placement are of one kind; None where withheld."""
        flows = self.steps.get(_STAYED, ())
        return _stayed(flows) if sum(flow.mean for flow in flows) else None


def journeys_of(summary: pd.DataFrame) -> Journeys | None:
    """The journeys of a run if nothing is decided; None where none were measured."""
    rows = summary[(summary["option"] == BASELINE) & (summary["measure"] == "journeys")]
    rows = rows[rows["mean"].notna()]
    if not len(rows):
        return None
    columns = [rows[name].tolist() for name in ("mean", "se", "p10", "p90")]
    by_group = dict(zip(rows["group"], zip(*columns, strict=True), strict=True))
    steps: dict[str, Sequence[Taken]] = {}
    known: list[tuple[str, Taken]] = []
    for step, (starts, ends) in STEPS.items():
        ways = [(start, end, group_of(step, start, end)) for start in starts for end in ends]
        found = [Taken(s, e, *by_group[g]) for s, e, g in ways if g in by_group]
        if len(found) == len(ways):
            steps[step] = found
        else:
            known += [(step, taken) for taken in found]
    return Journeys(str(rows["period"].iloc[0]), steps, known)


def journeys(told: Journeys, area: str, until: str) -> Chart | None:
    """From entry to placement to exit, a figure for each step that is wholly known.

    Args:
        told: As `journeys_of` reads them.
        area: The authority.
        until: When the run ends, in words.
    """
    steps = {step: flows for step, flows in told.steps.items() if sum(f.mean for f in flows) > 0}
    if not steps:
        return None
    return Chart(
        name="journeys",
        title=_title(steps),
        subtitle=f"Children who entered care in {told.year}, {area}, followed until they left or"
        f" until {until}; the wider the band, the more children, on average of all futures",
        panels=tuple(_panel(step, flows) for step, flows in steps.items()),
        alternative=tuple(_words(step, flows) for step, flows in steps.items()),
        columns=COLUMNS,
        rows=tuple(row for step, flows in steps.items() for row in rows_of(step, flows)),
    )


def _panel(step: str, flows: Sequence[Taken]) -> Panel:
    heading, starts, ends = _WORDS[step]
    drawn = [Flow(starts[flow.start], ends[flow.end], flow.mean) for flow in flows]
    return sankey_panel(heading, drawn, list(starts.values()), list(ends.values()), _LARGEST)


def _title(steps: Mapping[str, Sequence[Taken]]) -> str:
    """How children leave; if that is withheld: where they first live, or whether they stay."""
    if _LAST in steps:
        most = _most(steps[_LAST])
        if most is None:
            return "No one way of leaving is clearly most common"
        name, share = most
        return f"{_begun(share)} {_WAY[name]}"
    if _FIRST in steps:
        most = _most(steps[_FIRST])
        if most is None:
            return "No one first placement is clearly most common"
        return f"The most common first placement is {_HOME[most[0]]}"
    return f"{percent(_stayed(steps[_STAYED]))} of children last live where they first lived"


def _begun(share: float) -> str:
    return "Most children who enter" if share > 0.5 else "Children who enter most often"


def _most(flows: Sequence[Taken]) -> tuple[str, float] | None:
    """Where most of a step end, and their share; None if it cannot be told from the next.

    The error of a sum is at most the sum of errors.
    """
    ends = {end: [flow for flow in flows if flow.end == end] for end in _ends(flows)}
    sums = {end: sum(flow.mean for flow in own) for end, own in ends.items()}
    errors = {end: sum(flow.se for flow in own) for end, own in ends.items()}
    first, second = sorted(sums, key=lambda end: -sums[end])[:2]
    if not sums[first] - sums[second] > _MARGIN * (errors[first] + errors[second]):
        return None
    return first, sums[first] / sum(sums.values())


def _ends(flows: Iterable[Taken]) -> list[str]:
    return list(dict.fromkeys(flow.end for flow in flows))


def _stayed(flows: Sequence[Taken]) -> float:
    """The share whose first and last placement are of one kind."""
    return sum(f.mean for f in flows if f.start == f.end) / sum(f.mean for f in flows)


def _words(step: str, flows: Sequence[Taken]) -> str:
    heading, starts, ends = _WORDS[step]
    total = sum(flow.mean for flow in flows)
    largest = sorted(flows, key=lambda flow: -flow.mean)[:_LARGEST]
    told = [
        f"{starts[flow.start]} to {ends[flow.end]} {number(flow.mean)}"
        f" ({percent(flow.mean / total)})"
        for flow in largest
        if flow.mean > 0
    ]
    text = f"{heading}: of {whole(total)} children, the largest flows are {'; '.join(told)}."
    if step == _STAYED:
        text += f" {percent(_stayed(flows))} last live in the kind of placement they first had."
    return text


def rows_of(step: str, flows: Iterable[Taken]) -> Iterable[tuple[str, ...]]:
    """The flows of a step that any child took in any future, as text."""
    heading, starts, ends = _WORDS[step]
    for flow in flows:
        if flow.mean > 0:
            yield (
                heading, starts[flow.start], ends[flow.end], number(flow.mean),
                spread(flow.p10, flow.p90),
            )  # fmt: skip
