"""Who enters care and when; how long each child will stay and why they leave.

Demand does not depend on supply (docs/decisions/0001), so all of it is laid out before the first
event. Arrivals are thinned candidates of Poisson processes at fixed rates, in layers: more demand
only adds children, and every child keeps the same number, age, stay and need.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from heapq import heappop, heappush

import numpy as np
import numpy.typing as npt
from scipy.special import gammaincinv, ndtr, ndtri

from sufficiency.periods import day_of
from sufficiency.rows import GROUPS, PATHWAYS, REASONS
from sufficiency.scenario import Scenario, Surge, entries_by_age, uasc_flows
from sufficiency.simulation.streams import Purpose, Streams
from sufficiency.simulation.timeline import Timeline
from sufficiency.stays import (
    AGES,
    EIGHTEEN,
    YEAR,
    age_at_entry,
    length_of_stay,
    once_per_scenario,
    quantile,
    steady_state,
    uasc_age,
    uasc_stay,
)
from sufficiency.vocabulary import AGE_BAND_STARTS, EntryGroup, ExitReason, Pathway

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

HEADROOM = 1.25
"""Candidate rate of a layer over the usual rate: seasons and good years mostly stay below it."""
LARGEST_FAMILY = 4
LONGEST_STAY_YEARS = {False: 18.0, True: 4.0}
"""Years from entry to the 18th birthday at the most, UASC (`True`) apart."""
OVERSAMPLE = 1.4
"""History is drawn with so many times the children, who are then chosen without replacement."""

HISTORY, UNDER_16, AT_16_17, DIRECT, TRANSFERS = range(5)
"""Blocks of child numbers; further layers and surges come after."""
BLOCK_SIZE = 1_000_000
"""A child's number is block x this + row."""

_REASON = {reason.value: place for place, reason in enumerate(REASONS)}
_UASC_UNDER_16 = GROUPS.index(EntryGroup.UASC_UNDER_16)
_UASC_16_17 = GROUPS.index(EntryGroup.UASC_16_17)
_UASC_PATHWAY = PATHWAYS.index(Pathway.UASC)


@dataclass(frozen=True)
class Children:
    """Children as columns: one entry per child, in order of entry."""

    number: Ints
    entered: Floats
    left: Floats
    born: Floats
    group: Ints
    pathway: Ints
    reason: Ints
    family: Ints

    def __len__(self) -> int:
        return len(self.number)

    def chosen(self, keep: npt.NDArray[np.bool_] | Ints) -> Children:
        """Some of them, in the order given."""
        return Children(**{name: getattr(self, name)[keep] for name in self.__dataclass_fields__})


def _joined(parts: list[Children]) -> Children:
    """All parts as one, one after the other."""
    return Children(
        **{
            name: np.concatenate([getattr(part, name) for part in parts])
            for name in Children.__dataclass_fields__
        }
    )


def _together(parts: list[Children]) -> Children:
    """All parts as one, in order of entry (ties by number)."""
    whole = _joined(parts)
    return whole.chosen(np.lexsort((whole.number, whole.entered)))


# ---- Rates -------------------------------------------------------------------------------------


def season(index: tuple[float, ...], strength: float) -> Floats:
    """Twelve factors with mean 1, January first."""
    factors = np.asarray(index, dtype=float) ** strength
    return factors / factors.mean() if factors.any() else np.ones(12)


def month_of(scenario: Scenario, times: Floats) -> Ints:
    """Calendar month (0 is January) at each time."""
    days = np.datetime64(scenario.start, "D") + np.floor(times).astype("timedelta64[D]")
    return days.astype("datetime64[M]").astype(np.int64) % 12


def financial_year_of(scenario: Scenario, times: Floats) -> Ints:
    """Financial years since the one of the first day, at each time."""
    days = np.datetime64(scenario.start, "D") + np.floor(times).astype("timedelta64[D]")
    years = (days.astype("datetime64[M]").astype(np.int64) - 3) // 12
    first = (np.datetime64(scenario.start, "M").astype(np.int64) - 3) // 12
    return years - first


def _year_factors(scenario: Scenario, streams: Streams, years: int) -> Floats:
    """Factor of each financial year (rows), UASC apart and UASC (columns): gamma, truncated."""
    u = np.clip(streams.block(Purpose.YEAR_FACTORS, years + 1, 2), 0.005, 0.995)
    demand = scenario.demand
    out = np.ones_like(u)
    for column, variance in enumerate((demand.yearly_variation, demand.uasc.yearly_variation)):
        if variance > 0:
            out[:, column] = gammaincinv(1 / variance, u[:, column]) * variance
    return out


@once_per_scenario
def _usual_rates(scenario: Scenario) -> tuple[float, float, float, float]:
    """Arrivals a day: families under 16, entrants of 16-17, UASC direct, UASC transferred."""
    by_age = entries_by_age(scenario)
    under_16 = sum(by_age[age.value] for age in AGES[:4])
    size = sum(int(n) * share for n, share in scenario.demand.sibling_groups.items())
    direct, transfers = uasc_flows(scenario)
    return (
        under_16 / size / YEAR,
        by_age[AGES[4].value] / YEAR,
        direct / YEAR,
        transfers / YEAR,
    )


def _candidate_rates(history: Scenario) -> tuple[float, ...]:
    """Rates of one layer of candidates; from history, so that every option has the same."""
    least = max(0.02 * history.authority.children_in_care, 1.0) / YEAR
    return tuple(HEADROOM * max(rate, least) for rate in _usual_rates(history))


def _rates_at(line: Timeline, years: Floats, stream: int, times: Floats) -> Floats:
    """Arrivals a day of one stream at the given times, all factors included."""
    first = line.scenarios[1]
    year = np.minimum(financial_year_of(first, times), len(years) - 1)
    month = month_of(first, times)
    out = np.zeros(len(times))
    in_force = line.places(times)
    for place in np.unique(in_force):
        scenario = line.scenarios[place]
        here = in_force == place
        demand = scenario.demand
        uasc = stream >= DIRECT
        part = demand.uasc if uasc else demand
        rate = _usual_rates(scenario)[stream - UNDER_16] * season(
            part.month_index, part.season_strength
        )[month[here]]
        if not uasc:
            rate = rate * (1 + demand.trend_per_year) ** (times[here] / YEAR)
        if stream == TRANSFERS and demand.uasc.transfer_scheme.joins is not None:
            joins = day_of(scenario.start, demand.uasc.transfer_scheme.joins)
            rate = np.where(times[here] >= joins, rate, 0.0)
        out[here] = rate * years[year[here], 1 if uasc else 0]
    return out


def _candidate_times(u: Floats, rate: float, since: float, until: float) -> Floats:
    """Times of a Poisson process from uniform numbers; None are missing before `until`."""
    times = since + np.cumsum(-np.log1p(-u)) / rate
    return times[times < until]


def _enough(rate: float, days: float) -> int:
    """So many candidates that a Poisson process will not run out of them (8 standard deviations)."""
    mean = rate * days
    return int(mean + 8 * np.sqrt(mean) + 20)


# ---- One stream of arrivals --------------------------------------------------------------------


def _thinned(
    line: Timeline, streams: Streams, stream: int, purpose: Purpose, columns: int, until: float
) -> list[tuple[int, Ints, Floats, Floats]]:
    """Accepted candidates of a stream, layer by layer: block, rows, times, their uniforms."""
    layer_rate = _candidate_rates(line.scenarios[0])[stream - UNDER_16]
    years = _year_factors(line.scenarios[1], streams, int(np.ceil(line.scenarios[1].years)) + 1)
    out = []
    days = np.arange(0.0, until, 15.0)
    layers = int(np.ceil(max(_rates_at(line, years, stream, days).max() / layer_rate, 1e-9)))
    for layer in range(max(layers, 1)):
        rows = _enough(layer_rate, until)
        u = streams.block(purpose, rows, columns + 2, layer)
        times = _candidate_times(u[:, 0], layer_rate, 0.0, until)
        chance = _rates_at(line, years, stream, times) / layer_rate - layer
        accepted = np.flatnonzero(u[: len(times), 1] < chance)
        block = stream if layer == 0 else 4 * layer + stream
        out.append((block, accepted, times[accepted], u[accepted, 2:]))
    return out


def _family_sizes(scenario: Scenario, u: Floats) -> Ints:
    shares = [scenario.demand.sibling_groups.get(str(n), 0.0) for n in (1, 2, 3, 4)]  # type: ignore[call-overload]
    return np.minimum(np.searchsorted(np.cumsum(shares), u, side="right"), 3) + 1


def _under_16(scenario: Scenario, block: int, rows: Ints, times: Floats, u: Floats) -> Children:
    """Families of one to four children; a copula keeps the rate of each age group exact.

    Columns of `u`: size, then what siblings share, then for each child age, pathway, length, reason.
    """
    sizes = _family_sizes(scenario, u[:, 0])
    member = np.concatenate([np.arange(LARGEST_FAMILY)] * len(rows)) if len(rows) else np.empty(0)
    family = np.repeat(np.arange(len(rows)), LARGEST_FAMILY)
    there = member < sizes[family]
    family, who = family[there], member[there].astype(np.int64)
    own = u[:, 2:].reshape(len(rows), LARGEST_FAMILY, 4)[family, who]
    rho = scenario.demand.sibling_age_correlation
    shared = ndtri(np.clip(u[family, 1], 1e-12, 1 - 1e-12))
    z = np.sqrt(rho) * shared + np.sqrt(1 - rho) * ndtri(np.clip(own[:, 0], 1e-12, 1 - 1e-12))
    number = block * BLOCK_SIZE + rows[family] * LARGEST_FAMILY + who
    return _children(scenario, number, times[family], ndtr(z), own[:, 1:], AGES[:4])


def _at_16_17(scenario: Scenario, block: int, rows: Ints, times: Floats, u: Floats) -> Children:
    """Young people who enter alone at 16 or 17. Columns of `u`: age, pathway, length, reason."""
    number = block * BLOCK_SIZE + rows * LARGEST_FAMILY
    return _children(scenario, number, times, u[:, 0], u[:, 1:], AGES[4:])


def _children(
    scenario: Scenario, number: Ints, entered: Floats, u_age: Floats, u: Floats, ages: tuple[str, ...]
) -> Children:
    """Children of the given age groups, from uniforms for age, pathway, length and reason."""
    by_age = entries_by_age(scenario)
    rates = np.array([by_age[age] for age in ages])
    bounds = np.concatenate([[0.0], np.cumsum(rates) / max(rates.sum(), 1e-300)])
    place = np.clip(np.searchsorted(bounds, u_age, side="right") - 1, 0, len(ages) - 1)
    width = np.diff(bounds)[place]
    within = np.clip((u_age - bounds[place]) / np.where(width > 0, width, 1.0), 0.0, 1 - 1e-9)
    group = place + AGES.index(ages[0])  # type: ignore[arg-type]
    age = np.empty(len(number))
    days = np.empty(len(number))
    pathway = np.empty(len(number), dtype=np.int64)
    for g in np.unique(group):
        here = group == g
        age[here] = age_at_entry(scenario, int(g), within[here])
        days[here], pathway[here] = length_of_stay(
            scenario, int(g), age[here], u[here, 0], u[here, 1]
        )
    born = entered - age
    to_18 = days >= EIGHTEEN - age - 1e-9
    reason = _reasons(scenario, pathway, to_18, u[:, 2])
    family = number // LARGEST_FAMILY
    return Children(number, entered, entered + days, born, group, pathway, reason, family)


def _reasons(
    scenario: Scenario, pathway: Ints, to_18: npt.NDArray[np.bool_], u: Floats
) -> Ints:
    """Why each child leaves: by pathway, unless the 18th birthday comes first."""
    reason = np.full(len(u), _REASON[ExitReason.TURNED_18])
    for place, name in ((0, "short"), (1, "court"), (3, "long")):
        shares = scenario.stays.reasons[name]  # type: ignore[index]
        codes = np.array([_REASON[r] for r in shares])
        ladder = np.cumsum(list(shares.values()))
        here = (pathway == place) & ~to_18
        picked = np.minimum(np.searchsorted(ladder, u[here], side="right"), len(codes) - 1)
        reason[here] = codes[picked]
    reason[(pathway == 2) & ~to_18] = _REASON[ExitReason.ADOPTED]
    return reason


def _uasc(scenario: Scenario, number: Ints, entered: Floats, u: Floats) -> Children:
    """Unaccompanied children. Columns of `u`: age, how it ends, when."""
    age = uasc_age(scenario, u[:, 0])
    days, end = uasc_stay(scenario, age, u[:, 1], u[:, 2])
    codes = np.array(
        [
            _REASON[ExitReason.TURNED_18],
            _REASON[ExitReason.AGE_ASSESSED_18],
            _REASON[ExitReason.OTHER],
        ]
    )
    group = np.where(age < AGE_BAND_STARTS[4] * YEAR, _UASC_UNDER_16, _UASC_16_17)
    pathway = np.full(len(age), _UASC_PATHWAY)
    family = number // LARGEST_FAMILY
    return Children(
        number, entered, entered + days, entered - age, group, pathway, codes[end], family
    )


# ---- Those already in care ---------------------------------------------------------------------


def _history(scenario: Scenario, streams: Streams, since: float) -> Children:
    """Those in care on the first day, to the stated number, and those who left since `since`.

    Entries run 18 years back from the start of the warm-up with `OVERSAMPLE` times the children. Families with somebody still in
    care are chosen at random until the stated number is reached; those who had left are thinned by
    the same share, so that the places they emptied are empty.
    """
    stated = scenario.authority.children_in_care
    uasc = uasc_on_first_day(scenario)
    steady = steady_state(scenario)
    return _together(
        [
            _chosen(scenario, streams, since, stated - uasc, steady["non_uasc"], is_uasc=False),
            _chosen(scenario, streams, since, uasc, steady["uasc"], is_uasc=True),
        ]
    )


@once_per_scenario
def uasc_on_first_day(scenario: Scenario) -> int:
    """Unaccompanied children in care on the first day: stated, or their share of the steady state."""
    stated = scenario.authority.uasc_in_care
    if stated is not None:
        return stated
    steady = steady_state(scenario)
    share = steady["uasc"] / steady["total"] if steady["total"] else 0.0
    return round(share * scenario.authority.children_in_care)


def _chosen(
    scenario: Scenario,
    streams: Streams,
    since: float,
    wanted: int,
    steady: float,
    *,
    is_uasc: bool,
) -> Children:
    more = OVERSAMPLE * max(1.0, wanted / steady) if steady > 0 else 0.0
    for attempt in range(8):
        past, choice = _past(scenario, streams, more * 2**attempt, attempt, is_uasc=is_uasc)
        chosen = _choose(past, choice, wanted, since)
        if chosen is not None:
            return chosen
    return past.chosen(past.left > 0).chosen(np.arange(0))


def _past(
    scenario: Scenario, streams: Streams, more: float, attempt: int, *, is_uasc: bool
) -> tuple[Children, Floats]:
    """Entries of the past, `more` times as many as usual, and each family's number for the choice."""
    rates = _usual_rates(scenario)
    part = scenario.demand.uasc if is_uasc else scenario.demand
    factors = season(part.month_index, part.season_strength)
    years = LONGEST_STAY_YEARS[is_uasc] + scenario.warm_up_years
    parts, choices = [], []
    streams_of = (
        [(sum(rates[2:]), Purpose.HISTORY_UASC, 3, 2)]
        if is_uasc
        else [
            (rates[0], Purpose.HISTORY_FAMILIES, 2 + 4 * LARGEST_FAMILY, 0),
            (rates[1], Purpose.HISTORY_CHILDREN, 4, 1),
        ]
    )
    for usual, purpose, columns, kind in streams_of:
        rate = max(usual * more * factors.max(), 1e-9)
        count = _enough(rate, years * YEAR)
        u = streams.block(purpose, count, columns + 3, attempt)
        times = -_candidate_times(u[:, 0], rate, 0.0, years * YEAR)
        rows = np.flatnonzero(
            u[: len(times), 1] < factors[month_of(scenario, times)] / factors.max()
        )
        # Three kinds of family share the block of history: their numbers must not meet.
        base = kind * BLOCK_SIZE // 4
        children = _make(scenario, kind, rows, times[rows], u[rows, 3:])
        number = children.number + base
        parts.append(replace(children, number=number, family=number // LARGEST_FAMILY))
        choices.append(u[rows, 2][_family_place(children.family)])
    return _joined(parts), np.concatenate(choices)


def _make(scenario: Scenario, kind: int, rows: Ints, times: Floats, u: Floats) -> Children:
    if kind == 0:
        return _under_16(scenario, HISTORY, rows, times, u)
    if kind == 1:
        return _at_16_17(scenario, HISTORY, rows, times, u)
    return _uasc(scenario, rows * LARGEST_FAMILY, times, u)


def _family_place(family: Ints) -> Ints:
    """Place of each child's family among the families, in order of first mention."""
    if not len(family):
        return family
    return np.concatenate([[0], np.cumsum(np.diff(family) != 0)])


def _choose(past: Children, choice: Floats, wanted: int, since: float) -> Children | None:
    """Families at random until `wanted` are in care; None if there are too few to choose from."""
    present = past.left > 0
    if int(present.sum()) < wanted:
        return None
    order = np.lexsort((past.number, choice))
    running = np.cumsum(present[order])
    taken = np.zeros(len(past), dtype=bool)
    taken[order] = present[order] & (running <= wanted)
    share = choice[order][np.searchsorted(running, wanted)] if wanted else 0.0
    if wanted == int(present.sum()):
        share = 1.0
    gone = ~present & (past.left > since) & (choice < share)
    return past.chosen(taken | gone)


# ---- The whole ---------------------------------------------------------------------------------


def children_of(line: Timeline, streams: Streams, since: float, until: float) -> Children:
    """Every child who is in care at some time from `since` (before the first day) to `until`."""
    parts = [_history(line.scenarios[0], streams, since), *_entrants(line, streams, until)]
    uasc = _uasc_arrivals(line, streams, until)
    in_care = parts[0].left[parts[0].group >= _UASC_UNDER_16]
    parts.append(_under_transfer_scheme(line, uasc, in_care[in_care > 0]))
    return _together(parts)


def _entrants(line: Timeline, streams: Streams, until: float) -> list[Children]:
    """Children, UASC apart, who enter from the first day on."""
    out = []
    sources = (
        (UNDER_16, Purpose.FAMILIES_UNDER_16, 2 + 4 * LARGEST_FAMILY, _under_16),
        (AT_16_17, Purpose.ENTRIES_16_17, 4, _at_16_17),
    )
    for stream, purpose, columns, make in sources:
        for block, rows, times, u in _thinned(line, streams, stream, purpose, columns, until):
            for scenario, here in _by_scenario(line, times):
                out.append(make(scenario, block, rows[here], times[here], u[here]))
    for place, surge in enumerate(line.scenarios[1].demand.surges):
        if surge.stream == "non_uasc":
            out.append(_surge(line, streams, place, surge, until))
    return out


def _by_scenario(
    line: Timeline, times: Floats
) -> list[tuple[Scenario, npt.NDArray[np.bool_]]]:
    """The scenarios in force at the given times, each with which times are its own."""
    in_force = line.places(times)
    places = np.unique(in_force) if len(times) else [1]  # so that nobody is an empty table too
    return [(line.scenarios[place], in_force == place) for place in places]


def _surge(line: Timeline, streams: Streams, place: int, surge: Surge, until: float) -> Children:
    """The extra children of a dated peak; they enter one by one."""
    scenario = line.scenarios[1]
    first = day_of(scenario.start, surge.from_)
    last = day_of(scenario.start, surge.to) + 1
    rate = max(surge.extra_children / (last - first), 1e-9)
    u = streams.block(Purpose.SURGES, _enough(rate, last - first), 5, place)
    times = _candidate_times(u[:, 0], rate, first, last)
    rows = np.flatnonzero((times >= 0) & (times < until))
    number = (100 + place) * BLOCK_SIZE + rows * LARGEST_FAMILY
    if surge.stream == "uasc":
        age_u = u[rows, 1]
        if surge.ages != "all":
            low = sum(s for a, s in scenario.demand.uasc.ages.items() if int(a) < 16)
            age_u = age_u * low if surge.ages == "10-15" else low + age_u * (1 - low)
        return _uasc(scenario, number, times[rows], np.column_stack([age_u, u[rows, 2:4]]))
    ages = AGES if surge.ages == "all" else tuple(a for a in AGES if a.value == surge.ages)
    return _children(scenario, number, times[rows], u[rows, 1], u[rows, 2:5], ages)


def _uasc_arrivals(line: Timeline, streams: Streams, until: float) -> Children:
    """Unaccompanied children who would come, direct, by transfer or in a surge."""
    parts = []
    for stream, purpose in ((DIRECT, Purpose.UASC_DIRECT), (TRANSFERS, Purpose.UASC_TRANSFERS)):
        for block, rows, times, u in _thinned(line, streams, stream, purpose, 4, until):
            number = block * BLOCK_SIZE + rows * LARGEST_FAMILY
            for scenario, here in _by_scenario(line, times):
                made = _uasc(scenario, number[here], times[here], u[here, :3])
                parts.append(_marked(made, u[here, 3], transferred=stream == TRANSFERS))
    for place, surge in enumerate(line.scenarios[1].demand.surges):
        if surge.stream == "uasc":
            made = _surge(line, streams, place, surge, until)
            parts.append(_marked(made, np.ones(len(made)), transferred=False))
    return _together(parts)


def _marked(children: Children, u: Floats, *, transferred: bool) -> Children:
    """Carry the number that decides on referral in `family` until the scheme has been applied."""
    mark = np.where(transferred, -1, (u * BLOCK_SIZE).astype(np.int64))
    return replace(children, family=mark)


def _under_transfer_scheme(line: Timeline, coming: Children, in_care: Floats) -> Children:
    """Apply the National Transfer Scheme in order of arrival.

    Above the threshold nobody is transferred in, and a share of those who arrive directly is
    referred to another authority after the days that takes.
    """
    leaving: list[float] = []
    for left in in_care:
        heappush(leaving, float(left))
    left_at, reason = coming.left.copy(), coming.reason.copy()
    keep = np.ones(len(coming), dtype=bool)
    for i, time in enumerate(coming.entered):
        while leaving and leaving[0] <= time:
            heappop(leaving)
        scenario = line.at(float(time))
        scheme = scenario.demand.uasc.transfer_scheme
        above = len(leaving) >= scheme.threshold * scenario.authority.child_population
        mark = int(coming.family[i])
        if above and mark < 0:
            keep[i] = False
            continue
        if above and mark < scheme.share_referred_on * BLOCK_SIZE:
            referred = float(time) + scheme.referral_days
            if referred < left_at[i]:
                left_at[i], reason[i] = referred, _REASON[ExitReason.OTHER_AUTHORITY]
        heappush(leaving, float(left_at[i]))
    family = coming.number // LARGEST_FAMILY
    return replace(coming, left=left_at, reason=reason, family=family).chosen(keep)


# ---- What else is drawn for each child ---------------------------------------------------------

NEED, FRAILTY, PLAN, MOVE_ON, MOVE_ON_WHEN, STAYING_PUT, ADOPTION, MIX = range(8)
"""Columns of a child's life before those of searches."""
LIFE = 8
IFA, HOME, SUPPORTED, PLACE, LASTS, CAUSE, NEXT, BRIDGE, CLOSES, FOUND, BLOCK, TO_HOME = range(12)
"""Columns of one search. Those in `UNIT_HAZARDS` are handed over as unit exponentials."""
PER_SEARCH = 12
UNIT_HAZARDS = (LASTS, CLOSES, FOUND)
SEARCHES = 5
"""Searches whose numbers are drawn with the child; later ones are drawn when they come."""
COLUMNS = LIFE + SEARCHES * PER_SEARCH


def life_draws(streams: Streams, children: Children) -> Floats:
    """Uniforms of each child: `LIFE` columns, then `PER_SEARCH` for each of `SEARCHES` searches."""
    out = np.empty((len(children), COLUMNS))
    block, row = np.divmod(children.number, BLOCK_SIZE)
    for b in np.unique(block):
        here = block == b
        if b == HISTORY:
            count = int(here.sum())
            out[here] = streams.block(Purpose.LIFE_OF_HISTORY, count, COLUMNS)
        else:
            rows = _child_row(int(b), row[here])
            drawn = streams.block(
                Purpose.LIFE_OF_ENTRANTS, int(rows.max()) + 1, COLUMNS, int(b)
            )
            out[here] = drawn[rows]
    for column in UNIT_HAZARDS:
        part = out[:, LIFE + column :: PER_SEARCH]
        np.negative(np.log1p(-part), out=part)
    return out


def _child_row(block: int, row: Ints) -> Ints:
    """Row of a child among those of its block; only families under 16 have siblings to number."""
    return row if block % 4 == UNDER_16 else row // LARGEST_FAMILY


def adoption_starts(line: Timeline, children: Children, draws: Floats) -> Floats:
    """When each child to be adopted moves to the adopters; `inf` for others."""
    starts = np.full(len(children), np.inf)
    adopted = children.reason == _REASON[ExitReason.ADOPTED]
    stage = quantile(line.scenarios[0].moves.adoption_stage, draws[adopted, ADOPTION])
    starts[adopted] = np.maximum(children.left[adopted] - stage, children.entered[adopted])
    return starts


def pair_columns(history: Scenario, children: Children, until: float) -> list[tuple[int, Ints, Ints, int]]:
    """Where each child stands in the streams of pair chances.

    Returns:
        For each stream: its key, places of children, their columns, and the width it needs.
        Children at the start come first, then single entrants in blocks of fixed width, then
        families; what lies beyond the usual layer of candidates has a stream of its own. So a
        child's column is the same in every option.
    """
    block, row = np.divmod(children.number, BLOCK_SIZE)
    at_start = np.flatnonzero(block == HISTORY)
    rates = _candidate_rates(history)
    places, columns, offset = [at_start], [np.arange(len(at_start))], len(at_start)
    for b in (AT_16_17, DIRECT, TRANSFERS):
        here = np.flatnonzero(block == b)
        places.append(here)
        columns.append(offset + row[here] // LARGEST_FAMILY)
        offset += _enough(rates[b - UNDER_16], until)
    here = np.flatnonzero(block == UNDER_16)
    places.append(here)
    columns.append(offset + row[here])
    all_columns = np.concatenate(columns)
    out = [(0, np.concatenate(places), all_columns, int(all_columns.max(initial=0)) + 1)]
    for b in np.unique(block[block > TRANSFERS]):
        here = np.flatnonzero(block == b)
        own = _child_row(int(b), row[here])
        out.append((int(b), here, own, int(own.max()) + 1))
    return out
