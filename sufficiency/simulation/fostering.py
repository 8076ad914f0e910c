"""Foster households: who enquires, applies and is approved, and what households are like.

All households that may ever come are laid out before the first event, each with its own numbers,
so that recruits change nothing about the others. What happens to them then is in `journey`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from sufficiency.periods import YEAR
from sufficiency.rows import ETHNICITIES
from sufficiency.scenario import (
    PLACES_NAMES,
    EthnicityName,
    Fostering,
    PlacesName,
    Profile,
    RecruitProfile,
    Scenario,
    households_on_day_one,
    winding_down_share,
)
from sufficiency.simulation.arrivals import candidate_times, enough
from sufficiency.simulation.recruitment import (
    days_in_force,
    enquiries_in_force,
    of_drive,
    recruits_needed,
    share_in_force,
)
from sufficiency.simulation.streams import Purpose, Streams
from sufficiency.simulation.timeline import Timeline, timeline
from sufficiency.stays import quantile

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

AT_START, REPLACED, APPROVED, RECRUITED, TRANSFERRED_IN = range(5)
"""How a household came: see `rows.Household.origin`."""
CANDIDATES_PER_YEAR = 250.0
"""Households a year, in each layer of candidates, that may enquire: the same for every option."""
LAYER = 10_000_000
"""From the household numbers of one layer to those of the next: above all origins (`system`)."""
LONGEST_PIPELINE = 10 * YEAR
"""Days before the first day from which, at the most, enquiries are followed."""
(
    PLACES,
    AGES,
    HIGHEST_NEED,
    SIBLINGS,
    UASC,
    BLOCKED,
    NEAR,
    AVAILABLE,
    STOPS,
    AT_ONCE,
    WINDING,
    WOUND,
    ASSESSED,
    SOLO,
    ETHNICITY,
    TRANSFER,
) = range(16)
COLUMNS = 16
GAP, ENQUIRES, APPLIES, APPLIES_WHEN, APPROVES, DECIDED_WHEN, FROM_AGENCY = range(7)
"""Columns of a candidate."""


@dataclass(slots=True, eq=False)
class Household:
    """One approved household and its state."""

    place: int
    """Its bit in the masks of `Households`."""
    origin: int
    places: int
    blocked: int
    youngest: int
    oldest: int
    highest_need: int
    siblings: bool
    uasc: bool
    solo: bool
    ethnicity: int
    breadth: float
    """How many children it could suit: the narrower, the sooner it is used."""
    in_area: float
    over_20_miles: float
    wait: float
    """Days from approval until it can take a child."""
    stop_unit: float
    """Unit exponential of its decision to stop."""
    at_once: float
    """Uniform number that decides whether it closes at once."""
    transfer: float
    """Uniform number that decides whether it goes to another agency when it stops."""
    approved: float = float("inf")
    available: float = float("inf")
    stopped: float = float("inf")
    closed: float = float("inf")
    filled: int = 0
    children: list[Any] = field(default_factory=list)
    """Those who live there."""
    staying: int = 0
    alone: int = 0
    """Children who live there and with whom no other can, siblings apart."""
    transferred: bool = False
    """Whether it went to another agency."""
    stop_rate: float = 0.0
    version: int = 0


@dataclass(frozen=True)
class Coming:
    """Households that will or may come, as columns, and the funnel they come from, as times."""

    origin: Ints
    number: Ints
    approved: Floats
    u: Floats
    enquiries: Floats
    applications: Floats
    withdrawals: Floats


def tilted_places(mean: float, mix: Mapping[PlacesName, float]) -> tuple[float, ...]:
    """Shares of households with 1, 2, 3 and 4 places, tilted (exponentially) to a mean."""
    return _tilted(mean, tuple(mix.get(n, 0.0) for n in PLACES_NAMES))


@lru_cache(maxsize=64)
def _tilted(mean: float, mix: tuple[float, ...]) -> tuple[float, ...]:
    sizes = np.arange(1, 5)
    low, high = -20.0, 20.0
    weights = np.asarray(mix)
    for _ in range(60):
        middle = (low + high) / 2
        tilted = weights * np.exp(middle * (sizes - sizes.mean()))
        tilted = tilted / tilted.sum()
        low, high = (middle, high) if float(tilted @ sizes) < mean else (low, middle)
    return tuple(float(t) for t in tilted)


# ---- Who will come -----------------------------------------------------------------------------


def coming_households(line: Timeline, streams: Streams, since: float, until: float) -> Coming:
    """Households at the start, replacements before the first day, approvals, recruits."""
    history = line.scenarios[0]
    stock = households_on_day_one(history)
    # Besides the usual leavers some close as soon as they decide: those who go to an agency or
    # close at once, and, where winding down is stated to take very long, the empty ones before.
    fostering, winding = history.fostering, winding_down_share(history)
    at_once = fostering.transfers_out_share + fostering.closing_at_once
    sooner = max(at_once, winding - 0.25) / (1 - winding)
    expected = stock * fostering.leaving_per_year * (1 + sooner) * -since / YEAR
    replaced = int(np.ceil(expected + 5 * np.sqrt(expected) + 5)) if since < 0 else 0
    parts = [
        _there(AT_START, streams.block(Purpose.HOUSEHOLDS_AT_START, stock, COLUMNS), since),
        _there(REPLACED, streams.block(Purpose.HOUSEHOLDS_REPLACED, replaced, COLUMNS), np.inf),
        *_usual(line, streams, until),
        _drive(line, streams),
    ]
    whole = {f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Coming)}
    for name in ("enquiries", "applications", "withdrawals"):
        times = whole[name]
        whole[name] = times[(times >= 0) & (times < until)]
    return Coming(**whole)


def _there(origin: int, u: Floats, approved: float) -> Coming:
    """Households that nobody sees enquire: they are there already, or take a leaver's place."""
    many, none = len(u), np.empty(0)
    return Coming(
        np.full(many, origin), np.arange(many), np.full(many, approved), u, none, none, none
    )


def _usual(line: Timeline, streams: Streams, until: float) -> list[Coming]:
    """Households that come by themselves: candidates in layers, so that more only add to them."""
    chance = enquiries_in_force(line) / CANDIDATES_PER_YEAR
    since = -_longest(line.scenarios[0].fostering)
    layers = range(int(np.ceil(chance.max())))
    return [_layer(line, streams, layer, chance - layer, since, until) for layer in layers]


def _longest(fostering: Fostering) -> float:
    """Days from enquiry to decision that hardly any household exceeds."""
    stages = (fostering.enquiry_days, fostering.assessment, fostering.transfer_days)
    enquiry, *decision = (float(quantile(d, np.array([0.9999]))[0]) for d in stages)
    return min(enquiry + max(decision), LONGEST_PIPELINE)


def _layer(
    line: Timeline, streams: Streams, layer: int, chance: Floats, since: float, until: float
) -> Coming:
    """One layer of candidates, forward through the stages, each by what is in force as it begins.

    Row i is the same household in every option, however far it comes.
    """
    per_day = CANDIDATES_PER_YEAR / YEAR
    u = streams.block(Purpose.PIPELINE, enough(per_day, until - since), 7, 0, layer)
    times = candidate_times(u[:, GAP], per_day, since, until)
    rows = np.flatnonzero(u[: len(times), ENQUIRES] < chance[line.places(times)])
    enquired = times[rows]
    applies = u[rows, APPLIES] < share_in_force(line, enquired, lambda f: f.enquiry_to_application)
    rows, begun = rows[applies], enquired[applies]
    applied = begun + days_in_force(line, begun, u[rows, APPLIES_WHEN], lambda f: f.enquiry_days)
    approves, origin, decided = _decisions(line, applied, u[rows])
    come = approves & (decided >= 0) & (decided < until)
    rows = rows[come]
    many = int(rows.max(initial=-1)) + 1
    return Coming(
        origin=origin[come],
        number=layer * LAYER + rows,
        approved=decided[come],
        u=streams.block(Purpose.HOUSEHOLDS_APPROVED, many, COLUMNS, layer)[rows],
        enquiries=enquired,
        applications=applied,
        withdrawals=decided[~approves],
    )


def _decisions(
    line: Timeline, applied: Floats, u: Floats
) -> tuple[npt.NDArray[np.bool_], Ints, Floats]:
    """Which applications end in approval, as what, and when each ends.

    A household from another agency counts among the approvals and comes faster than a new one.
    """
    approves = u[:, APPROVES] < share_in_force(line, applied, lambda f: f.application_to_approval)
    of_agency = approves & (
        u[:, FROM_AGENCY] < share_in_force(line, applied, lambda f: f.transfers_in_share)
    )
    days = days_in_force(line, applied, u[:, DECIDED_WHEN], lambda f: f.assessment)
    days[of_agency] = days_in_force(
        line, applied[of_agency], u[of_agency, DECIDED_WHEN], lambda f: f.transfer_days
    )
    return approves, np.where(of_agency, TRANSFERRED_IN, APPROVED), applied + days


def gross_recruits(scenario: Scenario, history: Scenario | None = None) -> int:
    """Households to be approved for a recruitment drive, whatever unit and basis it is stated in.

    Args:
        scenario: The option whose drive it is.
        history: What was in force before the first day; left out: the option itself.
    """
    return recruits_needed(timeline(scenario, history or scenario))


def _drive(line: Timeline, streams: Streams) -> Coming:
    """The recruits of a drive, and those who enquire and apply beside them and drop out."""
    option, count = line.scenarios[1], recruits_needed(line)
    u = streams.block(Purpose.HOUSEHOLDS_RECRUITED, count, COLUMNS)
    applied = of_drive(option, (np.arange(count) + 0.5) / max(count, 1))
    assessed = days_in_force(line, applied, u[:, ASSESSED], lambda f: f.assessment)
    failed = _beside(line, streams, 1, applied, lambda f: f.application_to_approval)
    until_failed = days_in_force(
        line, failed, _uniform(streams, len(failed), 2), lambda f: f.assessment
    )
    applications = np.concatenate([applied, failed])
    silent = _beside(line, streams, 3, applications, lambda f: f.enquiry_to_application)
    ready = np.concatenate([applications, silent])
    before = days_in_force(line, ready, _uniform(streams, len(ready), 4), lambda f: f.enquiry_days)
    return Coming(
        origin=np.full(count, RECRUITED),
        number=np.arange(count),
        approved=applied + assessed,
        u=u,
        enquiries=np.maximum(ready - before, of_drive(option, np.zeros(1))),
        applications=applications,
        withdrawals=failed + until_failed,
    )


def _beside(
    line: Timeline,
    streams: Streams,
    key: int,
    others: Floats,
    share: Callable[[Fostering], float],
) -> Floats:
    """Days of a drive on which those stop of whom only a share, these others, goes on.

    A drive brings in so many, so those who drop out come on top: a geometric number for each.
    """
    goes_on = share_in_force(line, others, share)
    with np.errstate(divide="ignore"):
        each = np.floor(np.log1p(-_uniform(streams, len(others), key)) / np.log1p(-goes_on))
    return of_drive(line.scenarios[1], _uniform(streams, int(each.sum()), key, 0))


def _uniform(streams: Streams, count: int, *key: int) -> Floats:
    return streams.block(Purpose.PIPELINE, count, 1, *key)[:, 0]


# ---- What a household is like ------------------------------------------------------------------


def make_households(line: Timeline, coming: Coming) -> list[Household]:
    """Households from their numbers, each with its place in the masks."""
    sizes = [
        tilted_places(s.fostering.approved_places_per_household, s.fostering.places_mix)
        for s in line.scenarios[:2]
    ]
    made: list[Household] = []
    for place, (origin, u) in enumerate(
        zip(coming.origin.tolist(), coming.u.tolist(), strict=True)
    ):
        which = 0 if origin in (AT_START, REPLACED) else 1
        made.append(_household(line.scenarios[which], sizes[which], place, origin, u))
        made[-1].approved = float(coming.approved[place])
    return made


def _household(
    scenario: Scenario, sizes: tuple[float, ...], place: int, origin: int, u: list[float]
) -> Household:
    fostering = scenario.fostering
    profile = fostering.profile
    recruit = fostering.recruitment.profile if origin == RECRUITED else RecruitProfile()
    places = _step(sizes, u[PLACES]) + 1
    siblings_share = profile.siblings if recruit.siblings is None else recruit.siblings
    if recruit.siblings is not None and u[SIBLINGS] < siblings_share:
        places = max(places, 2)
    siblings = u[SIBLINGS] < siblings_share and places > 1
    youngest, oldest = _ages(profile, recruit, u[AGES])
    need = _highest_need(profile, recruit, u[HIGHEST_NEED])
    uasc = u[UASC] < (profile.uasc if recruit.uasc is None else recruit.uasc)
    return Household(
        place=place,
        origin=origin,
        places=places,
        blocked=int(places > 1 and u[BLOCKED] < fostering.blocked_share),
        youngest=youngest,
        oldest=oldest,
        highest_need=need,
        siblings=siblings,
        uasc=uasc,
        solo=u[SOLO] < profile.solo,
        ethnicity=_ethnicity(recruit.ethnic_groups or profile.ethnic_groups, u[ETHNICITY]),
        breadth=(oldest - youngest + 1) * (need + 1) * (1 + siblings) * (1 + uasc),
        in_area=float(u[NEAR] < fostering.in_area),
        over_20_miles=float(u[NEAR] > 1 - fostering.over_20_miles),
        wait=u[AVAILABLE] * fostering.first_available_days,
        stop_unit=float(-np.log1p(-u[STOPS])),
        at_once=u[AT_ONCE],
        transfer=u[TRANSFER],
    )


def _ethnicity(shares: Mapping[EthnicityName, float], u: float) -> int:
    return _step(tuple(shares.get(group.value, 0.0) for group in ETHNICITIES), u)


def _step(shares: tuple[float, ...], u: float) -> int:
    total = 0.0
    for place, share in enumerate(shares):
        total += share
        if u < total:
            return place
    return len(shares) - 1


def _highest_need(profile: Profile, recruit: RecruitProfile, u: float) -> int:
    """Highest need it takes: as in the profile, or complex need as often as the recruits'."""
    shares = profile.highest_need
    others = shares.standard + shares.enhanced
    if recruit.complex is None or others <= 0:
        return _step((shares.standard, shares.enhanced, shares.complex), u)
    scale = (1 - recruit.complex) / others
    return _step((shares.standard * scale, shares.enhanced * scale, recruit.complex), u)


def _ages(profile: Profile, recruit: RecruitProfile, u: float) -> tuple[int, int]:
    """Age range: as in the profile, or whether it takes teenagers and a range of that sort."""
    ranges = profile.age_ranges
    if recruit.teenagers is not None:
        for_teenagers = u < recruit.teenagers
        share = recruit.teenagers if for_teenagers else 1 - recruit.teenagers
        u = u / share if for_teenagers else (u - recruit.teenagers) / share
        sort = [r for r in ranges if r.for_teenagers == for_teenagers]
        ranges = tuple(sort) or ranges
    total = sum(r.share for r in ranges)
    chosen = ranges[_step(tuple(r.share / total for r in ranges), u)]
    return chosen.youngest, chosen.oldest
