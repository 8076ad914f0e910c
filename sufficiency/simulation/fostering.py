"""Foster households: who they are, when they are approved, and who has enquired.

All households that may ever come are laid out before the first event, each with its own numbers,
so that recruits change nothing about the others. What happens to them then is in `journey`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from sufficiency.periods import YEAR, day_of
from sufficiency.scenario import (
    PLACES_NAMES,
    PlacesName,
    Profile,
    RecruitProfile,
    Scenario,
    approvals_per_year,
    households_on_day_one,
)
from sufficiency.simulation.streams import Purpose, Streams
from sufficiency.simulation.timeline import Timeline
from sufficiency.stays import quantile

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

AT_START, REPLACED, APPROVED, RECRUITED = range(4)
"""How a household came: see `rows.Household.origin`."""
HEADROOM = 1.5
MONTH = YEAR / 12

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
) = range(13)
COLUMNS = 13


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
    approved: float = float("inf")
    available: float = float("inf")
    stopped: float = float("inf")
    closed: float = float("inf")
    filled: int = 0
    staying: int = 0
    stop_rate: float = 0.0
    version: int = 0


@dataclass(frozen=True)
class Coming:
    """Households that will or may come, as columns, and the enquiries they come from."""

    origin: Ints
    number: Ints
    approved: Floats
    u: Floats
    enquiries: Floats
    applications: Floats


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


def gross_recruits(scenario: Scenario) -> int:
    """Households to be approved for a recruitment drive, whatever unit and basis it is stated in.

    Net growth over the drive needs the leavers of those years replaced too. With usual approvals
    a, leaving rate L and drive rate g, households follow dH/dt = a + g - L H; g is chosen so that
    H has grown by the number at the end.
    """
    fostering = scenario.fostering
    drive = fostering.recruitment
    households = {
        "households": drive.number,
        "carers": drive.number / fostering.carers_per_household,
        "places": drive.number / fostering.approved_places_per_household,
    }[drive.unit]
    if drive.basis == "net" and households > 0:
        years = drive.over_months / 12
        now, leaving = float(households_on_day_one(scenario)), fostering.leaving_per_year
        kept = np.exp(-leaving * years)
        mean_life = (1 - kept) / leaving if leaving > 0 else years
        needed = (now + households - now * kept) / mean_life - approvals_per_year(scenario)
        households = max(needed * years, 0.0)
    return round(households)


def coming_households(line: Timeline, streams: Streams, since: float, until: float) -> Coming:
    """Households at the start, replacements before the first day, approvals, recruits."""
    history, option = line.scenarios[0], line.scenarios[1]
    stock = households_on_day_one(history)
    expected = stock * history.fostering.leaving_per_year * -since / YEAR
    replaced = int(np.ceil(expected + 5 * np.sqrt(expected) + 5)) if since < 0 else 0
    rows, approved = _approvals(line, streams, until)
    applied = _recruits_apply(option, gross_recruits(option))
    drawn = streams.block(Purpose.HOUSEHOLDS_RECRUITED, len(applied), COLUMNS)
    recruits = applied + quantile(option.fostering.assessment, drawn[:, ASSESSED])
    origin = np.repeat(
        (AT_START, REPLACED, APPROVED, RECRUITED), (stock, replaced, len(rows), len(recruits))
    )
    number = np.concatenate(
        [np.arange(stock), np.arange(replaced), rows, np.arange(len(recruits))]
    ).astype(np.int64)
    times = np.concatenate([np.full(stock, since), np.full(replaced, np.inf), approved, recruits])
    u = np.concatenate(
        [
            streams.block(Purpose.HOUSEHOLDS_AT_START, stock, COLUMNS),
            streams.block(Purpose.HOUSEHOLDS_REPLACED, replaced, COLUMNS),
            streams.block(Purpose.HOUSEHOLDS_APPROVED, int(rows.max(initial=-1)) + 1, COLUMNS)[
                rows
            ],
            drawn,
        ]
    )
    enquiries, applications = _pipeline(line, streams, approved, applied, until)
    return Coming(origin, number, times, u, enquiries, applications)


def _approvals(line: Timeline, streams: Streams, until: float) -> tuple[Ints, Floats]:
    """Candidate numbers and dates of usual approvals: a Poisson process thinned to today's rate."""
    layer_rate = HEADROOM * max(approvals_per_year(line.scenarios[0]), 1.0) / YEAR
    rates = np.array([approvals_per_year(scenario) / YEAR for scenario in line.scenarios])
    layers = max(int(np.ceil(rates[1:].max() / layer_rate)), 1)
    all_rows, all_times = [], []
    for layer in range(layers):
        mean = layer_rate * until
        count = int(mean + 8 * np.sqrt(mean) + 20)
        u = streams.block(Purpose.PIPELINE, count, 2, 0, layer)
        times = np.cumsum(-np.log1p(-u[:, 0])) / layer_rate
        chance = rates[line.places(times)] / layer_rate - layer
        rows = np.flatnonzero((times < until) & (u[:, 1] < chance))
        all_rows.append(rows + layer * 100_000)
        all_times.append(times[rows])
    return np.concatenate(all_rows), np.concatenate(all_times)


def _recruits_apply(scenario: Scenario, count: int) -> Floats:
    """Days on which those who will be recruits apply, evenly over the drive."""
    drive = scenario.fostering.recruitment
    first = day_of(scenario.start, drive.from_) if drive.from_ else 0.0
    return np.maximum(
        first + (np.arange(count) + 0.5) / max(count, 1) * drive.over_months * MONTH, 0.0
    )


def _pipeline(
    line: Timeline, streams: Streams, approved: Floats, recruits: Floats, until: float
) -> tuple[Floats, Floats]:
    """When people enquired and applied, those who were not approved in the end among them.

    By the splitting of Poisson processes the unsuccessful are streams of their own, at the rate
    that the two conversion shares imply.
    """
    scenario = line.scenarios[1]
    fostering = scenario.fostering
    years = until / YEAR
    u = streams.block(Purpose.PIPELINE, len(approved), 1, 1)
    applied = approved - quantile(fostering.assessment, u[:, 0])
    rate = approvals_per_year(scenario) + len(recruits) / max(years, 1e-9)
    applications = rate / fostering.application_to_approval
    enquiries = applications / fostering.enquiry_to_application
    draw = streams.generator(Purpose.PIPELINE, 2)
    refused = draw.random(draw.poisson((applications - rate) * years)) * until
    silent = draw.random(draw.poisson((enquiries - applications) * years)) * until
    applied = np.concatenate([applied, recruits, refused])
    return np.concatenate([applied, silent]), applied


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
    need = _step(
        (
            profile.highest_need.standard,
            profile.highest_need.enhanced,
            profile.highest_need.complex,
        ),
        u[HIGHEST_NEED],
    )
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
        breadth=(oldest - youngest + 1) * (need + 1) * (1 + siblings) * (1 + uasc),
        in_area=float(u[NEAR] < fostering.in_area),
        over_20_miles=float(u[NEAR] > 1 - fostering.over_20_miles),
        wait=u[AVAILABLE] * fostering.first_available_days,
        stop_unit=float(-np.log1p(-u[STOPS])),
        at_once=u[AT_ONCE],
    )


def _step(shares: tuple[float, ...], u: float) -> int:
    total = 0.0
    for place, share in enumerate(shares):
        total += share
        if u < total:
            return place
    return len(shares) - 1


def _ages(profile: Profile, recruit: RecruitProfile, u: float) -> tuple[int, int]:
    """Age range: as in the profile, or whether it takes teenagers and a range of that sort."""
    ranges = profile.age_ranges
    if recruit.teenagers is not None:
        for_teenagers = u < recruit.teenagers
        share = recruit.teenagers if for_teenagers else 1 - recruit.teenagers
        u = u / share if for_teenagers else (u - recruit.teenagers) / share
        sort = [r for r in ranges if (r.oldest >= 16 and r.youngest >= 8) == for_teenagers]
        ranges = tuple(sort) or ranges
    total = sum(r.share for r in ranges)
    chosen = ranges[_step(tuple(r.share / total for r in ranges), u)]
    return chosen.youngest, chosen.oldest
