"""One replication, assembled: the children and households to come, the state at the start, the run.

`simulate` is the only entrance. The run begins `warm_up_years` before the first day, from the
published mix of placements, under the baseline's rates; what happens then puts homes and carers
into a usual state, the same for every option.
"""

from __future__ import annotations

import gc
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import gammaincinv

from sufficiency.periods import YEAR, run_days
from sufficiency.rows import (
    ETHNICITIES,
    NEEDS,
    CarePeriod,
    Placement,
    Rows,
    Search,
    StayingPut,
    Table,
)
from sufficiency.rows import Beds as BedsRow
from sufficiency.rows import Household as HouseholdRow
from sufficiency.scenario import NEED_AGES, NOT_KNOWN, ByNeed, Scenario, match_chance
from sufficiency.simulation import journey, living, luck, vacancies
from sufficiency.simulation.arrivals import BLOCK_SIZE, HISTORY, REMAND_PATHWAY, Children
from sufficiency.simulation.clock import Clock, SimpyClock
from sufficiency.simulation.demand import (
    adoption_starts,
    children_of,
    pair_columns,
)
from sufficiency.simulation.fostering import (
    APPROVED,
    TRANSFERRED_IN,
    Coming,
    coming_households,
    make_households,
)
from sufficiency.simulation.given_children import place_in_file
from sufficiency.simulation.matching import PAIR_SCALE, compatible_masks
from sufficiency.simulation.provision import BLOCK, Households, own_homes
from sufficiency.simulation.rules import (
    COURT_ROUTE,
    EMERGENCY_BED,
    HOME_EXTERNAL,
    IN_SUPPORTED,
    REMAND_ROUTE,
    rules_of,
)
from sufficiency.simulation.start import begin
from sufficiency.simulation.state import Child, State
from sufficiency.simulation.streams import Purpose, Streams
from sufficiency.simulation.timeline import Timeline, history_of, timeline
from sufficiency.vocabulary import EntryGroup, Pathway

__all__ = ["history_of", "simulate"]

Floats = npt.NDArray[np.float64]
_FIRST_HOME = 1_000_000_000
"""Own homes have rows of their own in the streams of pairs, by their keys."""
_FIRST_UASC = list(EntryGroup).index(EntryGroup.UASC_UNDER_16)
_COURT = list(Pathway).index(Pathway.COURT)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Keep the garbage collector out of a replication: until its end there is nothing to free."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@_collector_paused()
def simulate(
    scenario: Scenario,
    *,
    history: Scenario,
    replication: int,
    clock: Callable[[float], Clock] = SimpyClock,
) -> Rows:
    """Run one replication of one option and return its rows.

    Args:
        scenario: The option (or the baseline), in force from the first day.
        history: What was in force before it: `history_of(option, baseline)`.
        replication: Which replication: with the seed, the luck that all options share.
        clock: The engine.
    """
    streams = Streams(scenario.seed, replication)
    line = timeline(scenario, history)
    since, until = -scenario.warm_up_years * YEAR, run_days(scenario.start, scenario.years)
    children, draws = _demand(line, streams, since, until)
    coming = coming_households(line, streams, since, until)
    state = _prepare(line, streams, clock(since), children, draws, coming, since, until)
    begin(state, coming, children, since)
    state.clock.run(until)
    return _rows(state, children, draws.dearness, coming)


class Draws(NamedTuple):
    """What is drawn for each child: as an array, and as the flat list that the events read."""

    block: Floats
    flat: array[float]
    dearness: Floats
    """See `rows.CarePeriod.dearness`; no event reads it."""


class _Shared(NamedTuple):
    """The demand of one replication, with what it follows from."""

    key: tuple[object, ...]
    children: Children
    draws: Draws


_latest: list[_Shared] = []


def _demand(line: Timeline, streams: Streams, since: float, until: float) -> tuple[Children, Draws]:
    """All children of a replication and their numbers; made once for options with the same demand.

    Demand depends on nothing else (docs/decisions/0001), and a worker runs the options of one
    replication one after the other.
    """
    sections = tuple(
        (s.start, s.authority, s.demand, s.stays, s.moves.adoption_stage) for s in line.scenarios
    )
    key = (streams.seed, streams.replication, since, until, line.days, sections)
    if not _latest or _latest[0].key != key:
        children = children_of(line, streams, since, until)
        block = luck.life_draws(streams, children)
        dear = luck.dearness(streams, children)
        _latest[:] = [_Shared(key, children, Draws(block, array("d", block.tobytes()), dear))]
    return _latest[0].children, _latest[0].draws


# ---- Assembling --------------------------------------------------------------------------------


def _prepare(
    line: Timeline,
    streams: Streams,
    clock: Clock,
    children: Children,
    draws: Draws,
    coming: Coming,
    since: float,
    until: float,
) -> State:
    """The state before the first event: everybody and everything that may take part, unplaced."""
    households = make_households(line, coming)
    homes = own_homes(line.scenarios[1], since)
    state = State(
        line, streams, clock, rules_of(line.scenarios[0]), Households(households), homes, until
    )
    state.when_due = partial(journey.due, state)
    state.when_leaving = partial(journey.leave_care, state)
    state.when_adopted = partial(journey.to_adoption, state)
    state.when_moving_on = partial(journey.move_on, state)
    state.when_arriving = partial(journey.arrive, state)
    state.offer_on = partial(vacancies.offer_on, state)
    state.draws = array("d", draws.flat)
    state.children = _make_children(line, streams, children, draws.block)
    _pair(state, line, streams, children, coming)
    return state


def _make_children(
    line: Timeline, streams: Streams, children: Children, draws: Floats
) -> list[Child]:
    """Children as objects, from their columns."""
    adoption = adoption_starts(line, streams, children, draws[:, luck.ADOPTION])
    frailty = np.ones(len(children))
    need = np.zeros(len(children), dtype=np.int64)
    solo = np.zeros(len(children), dtype=np.bool_)
    disabled = np.zeros(len(children), dtype=np.bool_)
    ethnicity = np.zeros(len(children), dtype=np.int64)
    _, eldest, family = np.unique(children.family, return_index=True, return_inverse=True)
    u_ethnicity = draws[eldest[family], luck.ETHNICITY]
    for scenario, here in line.in_force(children.entered):
        variance = scenario.moves.frailty_variance
        if variance > 0:
            frailty[here] = gammaincinv(1 / variance, draws[here, luck.FRAILTY]) * variance
        some, u = children.chosen(here), draws[here]
        disabled[here] = _disabled(scenario, some, u[:, luck.DISABLED])
        need[here] = _needs(scenario, some, disabled[here], u[:, luck.NEED])
        solo[here] = u[:, luck.SOLO] < _by_need(scenario.placement.solo)[need[here]]
        ethnicity[here] = _ethnicities(scenario, some, u_ethnicity[here])
    _set_known_ethnicities(line.scenarios[0], children, ethnicity)
    remand = children.pathway == REMAND_PATHWAY
    frailty[remand] = 0.0  # where a court sends a child is not the authority's to change
    route = np.where(remand, REMAND_ROUTE, np.where(children.pathway == _COURT, COURT_ROUTE, 0))
    return list(
        map(
            Child,
            range(len(children)), children.number.tolist(), children.entered.tolist(),
            children.left.tolist(), children.born.tolist(), children.group.tolist(),
            children.reason.tolist(), route.tolist(), (children.group >= _FIRST_UASC).tolist(),
            need.tolist(), solo.tolist(), disabled.tolist(), ethnicity.tolist(), frailty.tolist(),
            draws[:, luck.STAYING_PUT].tolist(), adoption.tolist(),
        )
    )  # fmt: skip


def _disabled(scenario: Scenario, children: Children, u: Floats) -> npt.NDArray[np.bool_]:
    """Who is disabled: a share of the children, UASC apart."""
    return np.asarray((u < scenario.placement.disabled_share) & (children.group < _FIRST_UASC))


def _ethnicities(scenario: Scenario, children: Children, u: Floats) -> npt.NDArray[np.int64]:
    """Ethnic group of each child; siblings have the same number, so the same group."""
    demand, found = scenario.demand, np.empty(len(u), dtype=np.int64)
    is_uasc = children.group >= _FIRST_UASC
    for here, shares in ((~is_uasc, demand.ethnic_groups), (is_uasc, demand.uasc.ethnic_groups)):
        ladder = np.cumsum([shares.get(group.value, 0.0) for group in ETHNICITIES])[:-1]
        found[here] = np.searchsorted(ladder, u[here], side="right")
    return found


def _set_known_ethnicities(
    history: Scenario, children: Children, found: npt.NDArray[np.int64]
) -> None:
    """The ethnic groups that a file gives of children in care on the first day."""
    if history.authority.children is None:
        return
    given = np.flatnonzero(children.number // BLOCK_SIZE == HISTORY)
    said = history.authority.children.file.columns["ethnicity"]
    said = said[place_in_file(children.number[given])]
    found[given[said != NOT_KNOWN]] = said[said != NOT_KNOWN]


def _by_need(shares: ByNeed) -> Floats:
    return np.array([getattr(shares, need.value) for need in NEEDS])


def _needs(
    scenario: Scenario, children: Children, disabled: npt.NDArray[np.bool_], u: Floats
) -> npt.NDArray[np.int64]:
    """Need by age at entry, from the shares of the scenario."""
    age = (children.entered - children.born) / YEAR
    band = np.where(age < 5, 0, np.where(age < 10, 1, 2))
    band = np.where(children.group >= _FIRST_UASC, 3, np.where(disabled, 4, band))
    shares = [scenario.placement.need[name] for name in NEED_AGES]
    first = np.array([n.standard for n in shares])
    second = first + np.array([n.enhanced for n in shares])
    return np.asarray((u >= first[band]).astype(np.int64) + (u >= second[band]))


def _pair(
    state: State, line: Timeline, streams: Streams, children: Children, coming: Coming
) -> None:
    """The number of each pair of household or own home and child, and which pairs suit."""
    # Who comes from another agency has the luck of a usual approval: their numbers never meet.
    origin = np.where(coming.origin == TRANSFERRED_IN, APPROVED, coming.origin)
    rows = (origin * 1_000_000 + coming.number).tolist()
    own = [_FIRST_HOME + home.key for home in state.homes]
    chance = match_chance(line.scenarios[0])
    state.pair_of = [(0, 0)] * len(children)
    of_homes = np.zeros((len(own), len(children)))
    for key, places, columns, width in pair_columns(line.scenarios[0], children, state.until):
        drawn = streams.rows_by_counter(Purpose.PAIRS, [*rows, *own], width, key)
        of_homes[:, places] = drawn[len(rows) :, columns] / PAIR_SCALE
        stream = len(state.pair_streams)
        state.pair_streams.append((drawn[: len(rows)], places))
        masks = compatible_masks(drawn[: len(rows), columns], chance)
        for place, column, mask in zip(places.tolist(), columns.tolist(), masks, strict=True):
            state.pair_of[place] = (stream, column)
            state.children[place].compatible = mask
    state.home_pairs = of_homes.tolist()


# ---- Rows --------------------------------------------------------------------------------------


def _rows(state: State, children: Children, dearness: Floats, coming: Coming) -> Rows:
    """The tables, with what is still open at the end of the run written as open."""
    until, inf = state.until, float("inf")
    for child in state.children:
        if child.type >= 0:
            living.write_placement(state, child, inf)
    for home in state.homes:
        vacancies.write_beds(state, home)
    _write_blocks(state)
    family, size = children.family, np.bincount(np.unique(children.family, return_inverse=True)[1])
    periods = np.column_stack(
        [
            children.number, children.entered, children.left, children.born, children.group,
            children.pathway, children.reason, [c.need_at_entry for c in state.children],
            family,
            size[np.unique(family, return_inverse=True)[1]] if len(family) else family,
            [c.ethnicity for c in state.children], [c.disabled for c in state.children],
            [c.solo_at_entry for c in state.children], dearness,
        ]
    )  # fmt: skip
    return Rows(
        care_periods=Table(CarePeriod._fields, periods.ravel()),
        placements=Table(Placement._fields, state.placements),
        searches=Table(Search._fields, state.searches),
        households=Table(HouseholdRow._fields, _household_rows(state, until)),
        staying_put=Table(StayingPut._fields, state.staying_put),
        beds=Table(BedsRow._fields, state.beds),
        until=until,
        state_changes=state.state_changes,
        enquiries=coming.enquiries,
        applications=coming.applications,
        withdrawals=coming.withdrawals,
    )


def _household_rows(state: State, until: float) -> list[float]:
    flat: list[float] = []
    for h in state.households.all:
        if h.approved < until:
            flat.extend(
                (
                    h.place, h.origin, h.places, h.blocked, h.approved, h.available, h.stopped,
                    h.closed, h.youngest, h.oldest, h.highest_need, h.siblings, h.uasc,
                    h.ethnicity, h.in_area, h.transferred,
                )
            )  # fmt: skip
    return flat


def _write_blocks(state: State) -> None:
    """Blocks and emergency beds: so many places while each scenario was in force."""
    days = [-state.line.scenarios[1].warm_up_years * YEAR, *state.line.days[1:], state.until]
    for since, until, scenario in zip(days, days[1:], state.line.scenarios, strict=False):
        rules, until = rules_of(scenario), min(until, state.until)
        for kind, places, kept in (
            (IN_SUPPORTED, rules.supported_block, rules.supported_kept),
            (HOME_EXTERNAL, rules.home_block, rules.home_kept),
            (EMERGENCY_BED, rules.emergency_beds, rules.emergency_beds),
        ):
            if places and until > since:
                state.beds.extend((kind, BLOCK, since, until, places, places, kept))
