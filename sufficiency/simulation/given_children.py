"""Children in care on the first day whom a file gives: when they will leave, and why.

What has happened is as the file says. The rest of a stay is drawn given that it has lasted so long,
and given whether the child lives with adopters by now: a child who does leaves by adoption, after
the rest of that stage; for the others a stay that would have taken them there is drawn again.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sufficiency.periods import YEAR
from sufficiency.scenario import NOT_KNOWN, ChildrenGiven, Scenario
from sufficiency.simulation.arrivals import (
    BLOCK_SIZE,
    HISTORY,
    LARGEST_FAMILY,
    REASON,
    UASC_PATHWAY,
    UASC_REASONS,
    UASC_UNDER_16,
    Children,
    reasons,
)
from sufficiency.simulation.streams import Purpose, Streams
from sufficiency.stays import (
    EIGHTEEN,
    age_at_entry,
    group_pathways,
    pieces_of,
    quantile,
    remaining_of,
    rest_in_group,
    rest_of_stay,
    rest_of_uasc_stay,
)
from sufficiency.vocabulary import ExitReason, Pathway, PlacementType

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

WITH_ADOPTERS = tuple(PlacementType).index(PlacementType.ADOPTION)
ADOPTED = REASON[ExitReason.ADOPTED]
ADOPTION = tuple(Pathway).index(Pathway.ADOPTION)
YOUNGEST = (0.0, 1.0, 5.0, 10.0, 16.0, 14.0, 16.0)
OLDEST = (1.0, 5.0, 10.0, 16.0, 18.0, 16.0, 18.0)
"""Age on entry, in years, of each entry group where nothing more is known."""
MOST_ATTEMPTS = 40
"""Draws of a child not yet with adopters; in the last the stage is shortened to what is left."""
BIRTH, PATHWAY, LENGTH, WHY, STAGE = range(5)
"""Columns of a child's numbers."""


class Futures(NamedTuple):
    """What is drawn of each child of the file."""

    born: Floats
    left: Floats
    pathway: Ints
    reason: Ints
    adoption: Floats
    """When the child goes to live with adopters, or did; `inf` for the others."""


def children_given(scenario: Scenario, streams: Streams) -> Children:
    """The children of the file, in its order."""
    given = _given(scenario)
    drawn = futures(scenario, streams)
    number = HISTORY * BLOCK_SIZE + np.arange(given.children) * LARGEST_FAMILY
    return Children(
        number,
        days_of(scenario, "entered"),
        drawn.left,
        drawn.born,
        given.columns["entry_group"].astype(np.int64),
        drawn.pathway,
        drawn.reason,
        number // LARGEST_FAMILY,
    )


def place_in_file(number: Ints) -> Ints:
    """Row of each child of the block of history, where a file gives them."""
    return np.asarray(number // LARGEST_FAMILY)


def days_of(scenario: Scenario, column: str) -> Floats:
    """The dates of a column as days from the first day; NaN where the file says none."""
    values = _given(scenario).columns[column]
    days = (values - scenario.start.toordinal()).astype(np.float64)
    return np.where(values == NOT_KNOWN, np.nan, days)


def _given(scenario: Scenario) -> ChildrenGiven:
    assert scenario.authority.children is not None
    return scenario.authority.children.file


def futures(scenario: Scenario, streams: Streams) -> Futures:
    """The rest of every stay; the same numbers decide it in every option."""
    given = _given(scenario)
    count, entered = given.children, days_of(scenario, "entered")
    group = given.columns["entry_group"].astype(np.int64)
    u = streams.block(Purpose.CHILDREN_GIVEN, count, STAGE + 1, 0)
    born = _births(scenario, group, entered, u[:, BIRTH])
    placed = given.columns["type"] == WITH_ADOPTERS
    nothing = np.zeros(count, dtype=np.int64)
    found = Futures(born, np.full(count, np.nan), nothing, nothing.copy(), np.full(count, np.inf))
    _with_adopters(scenario, found, placed, u)
    open_ = np.flatnonzero(~placed)
    for attempt in range(MOST_ATTEMPTS):
        if not len(open_):
            break
        if attempt:
            u = streams.block(Purpose.CHILDREN_GIVEN, count, STAGE + 1, attempt)
        open_ = _drawn(scenario, found, group, entered, u, open_, last=attempt == MOST_ATTEMPTS - 1)
    return found


def _births(scenario: Scenario, group: Ints, entered: Floats, u: Floats) -> Floats:
    """Day of birth: the file's, or drawn among those of the entry group who are not 18 yet."""
    born = days_of(scenario, "born")
    for place in np.unique(group[np.isnan(born)]):
        here = np.isnan(born) & (group == place)
        if place == 0:
            age = age_at_entry(scenario, 0, u[here])
        else:
            low, high = YOUNGEST[place] * YEAR, OLDEST[place] * YEAR
            age = low + u[here] * (np.minimum(high, EIGHTEEN + entered[here] - 1) - low)
        born[here] = entered[here] - age
    return born


def _with_adopters(
    scenario: Scenario, found: Futures, placed: npt.NDArray[np.bool_], u: Floats
) -> None:
    """Children placed for adoption leave by it after the rest of the stage, somewhere in it."""
    stage = quantile(scenario.moves.adoption_stage, u[placed, STAGE])
    somewhere = np.maximum(-stage * u[placed, WHY], days_of(scenario, "entered")[placed])
    since = days_of(scenario, "placement_started")[placed]
    known = ~np.isnan(since)
    stage[known] = remaining_of(
        scenario.moves.adoption_stage, -since[known], u[placed, STAGE][known]
    )
    since = np.where(known, since, somewhere)
    to_18 = found.born[placed] + EIGHTEEN
    found.left[placed] = np.minimum(since + stage, to_18)
    found.reason[placed] = np.where(since + stage < to_18, ADOPTED, REASON[ExitReason.TURNED_18])
    found.pathway[placed] = ADOPTION
    found.adoption[placed] = since


def _drawn(
    scenario: Scenario,
    found: Futures,
    group: Ints,
    entered: Floats,
    u: Floats,
    open_: Ints,
    *,
    last: bool,
) -> Ints:
    """Draw the rest of the stays of some children; those whose draw cannot be are drawn again."""
    for place in np.unique(group[open_]):
        here = open_[group[open_] == place]
        age, elapsed = entered[here] - found.born[here], -entered[here]
        days, found.pathway[here], found.reason[here] = _rest(
            scenario, int(place), age, elapsed, u[here]
        )
        found.left[here] = entered[here] + days
    adopted = open_[found.reason[open_] == ADOPTED]
    stage = quantile(scenario.moves.adoption_stage, u[adopted, STAGE])
    starts = found.left[adopted] - stage
    if last:
        starts = np.maximum(starts, found.left[adopted] * u[adopted, STAGE])
    found.adoption[open_] = np.inf
    found.adoption[adopted] = starts
    return np.asarray(adopted[starts <= 0])


def _rest(
    scenario: Scenario, group: int, age: Floats, elapsed: Floats, u: Floats
) -> tuple[Floats, Ints, Ints]:
    """Days in care all in all, pathway and reason of children of one group."""
    if group in pieces_of(scenario):
        days, reason = rest_in_group(scenario, group, age, elapsed, u[:, PATHWAY], u[:, LENGTH])
        pathway = group_pathways(reason, days)
    elif group >= UASC_UNDER_16:
        days, end = rest_of_uasc_stay(scenario, age, elapsed, u[:, PATHWAY], u[:, LENGTH])
        reason = UASC_REASONS[end]
        pathway = reason
    else:
        days, pathway = rest_of_stay(scenario, group, age, elapsed, u[:, PATHWAY], u[:, LENGTH])
        reason = reasons(scenario, pathway, days >= EIGHTEEN - age - 1e-9, u[:, WHY])
    if group >= UASC_UNDER_16:
        pathway = np.full(len(days), UASC_PATHWAY)
    return days, pathway, reason
