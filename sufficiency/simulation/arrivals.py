"""Arrivals: how often children enter care, and what each of them is.

Arrivals are thinned candidates of Poisson processes at fixed rates, in layers: more demand only
adds children, and every child keeps the same number, age, stay and need.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammaincinv, ndtr, ndtri

from sufficiency.periods import YEAR, day_of
from sufficiency.rows import GROUPS, PATHWAYS, REASONS
from sufficiency.scenario import (
    PLACES_NAMES,
    Scenario,
    entries_by_age,
    remands_per_year,
    uasc_flows,
)
from sufficiency.simulation.streams import Purpose, Streams
from sufficiency.simulation.timeline import Timeline
from sufficiency.stays import (
    AGES,
    EIGHTEEN,
    age_at_entry,
    length_of_stay,
    once_per_scenario,
    pieces_of,
    reason_in_group,
    remand_age,
    remand_stay,
    uasc_age,
    uasc_group,
    uasc_stay,
)
from sufficiency.vocabulary import AGE_BAND_STARTS, EntryGroup, ExitReason, Pathway

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

HEADROOM = 1.25
"""Candidate rate of a layer over the usual rate: seasons and good years mostly stay below it."""
LARGEST_FAMILY = 4

HISTORY, UNDER_16, AT_16_17, DIRECT, TRANSFERS, REMANDS = range(6)
"""Blocks of child numbers; further layers and surges come after."""
STREAMS = 5
"""Streams of arrivals: layer n of one has the block n x this + that of the stream."""
FIRST_FORECAST = 50_000
"""Block of the first layer of children whom a forecast gives; further layers as above."""
FIRST_SURGE = 100_000
"""Block of the first surge."""
BLOCK_SIZE = 1_000_000
"""A child's number is block x this + row."""

REASON = {reason.value: place for place, reason in enumerate(REASONS)}
UASC_UNDER_16 = GROUPS.index(EntryGroup.UASC_UNDER_16)
UASC_PATHWAY = PATHWAYS.index(Pathway.UASC)
REMAND_PATHWAY = PATHWAYS.index(Pathway.REMAND)
UASC_REASONS = np.array(
    [REASON[ExitReason.TURNED_18], REASON[ExitReason.AGE_ASSESSED_18], REASON[ExitReason.OTHER]]
)
"""Reason of each end of a stay that `uasc_stay` tells apart."""


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


def joined(parts: list[Children]) -> Children:
    """All parts as one, one after the other."""
    return Children(
        **{
            name: np.concatenate([getattr(part, name) for part in parts])
            for name in Children.__dataclass_fields__
        }
    )


def together(parts: list[Children]) -> Children:
    """All parts as one, in order of entry (ties by number)."""
    whole = joined(parts)
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


def year_factors(scenario: Scenario, streams: Streams, years: int) -> Floats:
    """Factor of each financial year (rows), UASC apart and UASC (columns): gamma, truncated."""
    u = np.clip(streams.block(Purpose.YEAR_FACTORS, years + 1, 2), 0.005, 0.995)
    demand = scenario.demand
    out = np.ones_like(u)
    for column, variance in enumerate((demand.yearly_variation, demand.uasc.yearly_variation)):
        if variance > 0:
            out[:, column] = gammaincinv(1 / variance, u[:, column]) * variance
    return out


@once_per_scenario
def usual_rates(scenario: Scenario) -> tuple[float, float, float, float, float]:
    """Arrivals a day: families under 16, entrants of 16-17, UASC direct, transferred, remands."""
    by_age = entries_by_age(scenario)
    under_16 = sum(by_age[age.value] for age in AGES[:4])
    size = mean_family(scenario)
    direct, transfers = uasc_flows(scenario)
    return (
        under_16 / size / YEAR,
        by_age[AGES[4].value] / YEAR,
        direct / YEAR,
        transfers / YEAR,
        remands_per_year(scenario) / YEAR,
    )


def mean_family(scenario: Scenario) -> float:
    """Mean number of children of a family who enter together."""
    return sum(int(n) * share for n, share in scenario.demand.sibling_groups.items())


def candidate_rates(history: Scenario) -> tuple[float, ...]:
    """Rates of one layer of candidates; from history, so that every option has the same."""
    least = max(0.02 * history.authority.children_in_care, 1.0) / YEAR
    return tuple(HEADROOM * max(rate, least) for rate in usual_rates(history))


def rates_at(line: Timeline, years: Floats, stream: int, times: Floats) -> Floats:
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
        if stream == REMANDS:
            out[here] = usual_rates(scenario)[-1]
            continue
        uasc = stream >= DIRECT
        part = demand.uasc if uasc else demand
        rate = (
            usual_rates(scenario)[stream - UNDER_16]
            * season(part.month_index, part.season_strength)[month[here]]
        )
        if not uasc:
            rate = rate * (1 + demand.trend_per_year) ** (times[here] / YEAR)
        if stream == TRANSFERS and demand.uasc.transfer_scheme.joins is not None:
            joins = day_of(scenario.start, demand.uasc.transfer_scheme.joins)
            rate = np.where(times[here] >= joins, rate, 0.0)
        out[here] = rate * years[year[here], 1 if uasc else 0]
    return out


def candidate_times(u: Floats, rate: float, since: float, until: float) -> Floats:
    """Times of a Poisson process from uniform numbers; None are missing before `until`."""
    times = since + np.cumsum(-np.log1p(-u)) / rate
    return times[times < until]


def enough(rate: float, days: float) -> int:
    """So many candidates that a Poisson process will not run out (8 standard deviations)."""
    mean = rate * days
    return int(mean + 8 * np.sqrt(mean) + 20)


# ---- One stream of arrivals --------------------------------------------------------------------


def thinned(
    line: Timeline, streams: Streams, stream: int, purpose: Purpose, columns: int, until: float
) -> list[tuple[int, Ints, Floats, Floats]]:
    """Accepted candidates of a stream, layer by layer: block, rows, times, their uniforms."""
    layer_rate = candidate_rates(line.scenarios[0])[stream - UNDER_16]
    years = year_factors(line.scenarios[1], streams, int(np.ceil(line.scenarios[1].years)) + 1)
    out = []
    days = np.arange(0.0, until, 15.0)
    layers = int(np.ceil(max(rates_at(line, years, stream, days).max() / layer_rate, 1e-9)))
    for layer in range(max(layers, 1)):
        rows = enough(layer_rate, until)
        u = streams.block(purpose, rows, columns + 2, layer)
        times = candidate_times(u[:, 0], layer_rate, 0.0, until)
        chance = rates_at(line, years, stream, times) / layer_rate - layer
        accepted = np.flatnonzero(u[: len(times), 1] < chance)
        block = STREAMS * layer + stream
        out.append((block, accepted, times[accepted], u[accepted, 2:]))
    return out


def family_sizes(scenario: Scenario, u: Floats) -> Ints:
    """Children in each family, from the shares of the scenario."""
    shares = [scenario.demand.sibling_groups.get(n, 0.0) for n in PLACES_NAMES]
    return np.minimum(np.searchsorted(np.cumsum(shares), u, side="right"), 3) + 1


def under_16(
    scenario: Scenario,
    block: int,
    rows: Ints,
    times: Floats,
    u: Floats,
    sizes: Ints | None = None,
) -> Children:
    """Families of one to four children; a copula keeps the rate of each age group exact.

    Columns of `u`: size, what siblings share, then for each child age, pathway, length, reason.
    Where `sizes` are given, they count.
    """
    sizes = family_sizes(scenario, u[:, 0]) if sizes is None else sizes
    member = np.concatenate([np.arange(LARGEST_FAMILY)] * len(rows)) if len(rows) else np.empty(0)
    family = np.repeat(np.arange(len(rows)), LARGEST_FAMILY)
    there = member < sizes[family]
    family, who = family[there], member[there].astype(np.int64)
    per_child = u[:, 2 : 2 + 4 * LARGEST_FAMILY]
    own = per_child.reshape(len(rows), LARGEST_FAMILY, 4)[family, who]
    rho = scenario.demand.sibling_age_correlation
    shared = ndtri(np.clip(u[family, 1], 1e-12, 1 - 1e-12))
    z = np.sqrt(rho) * shared + np.sqrt(1 - rho) * ndtri(np.clip(own[:, 0], 1e-12, 1 - 1e-12))
    number = block * BLOCK_SIZE + rows[family] * LARGEST_FAMILY + who
    return children(scenario, number, times[family], ndtr(z), own[:, 1:], AGES[:4])


def at_16_17(scenario: Scenario, block: int, rows: Ints, times: Floats, u: Floats) -> Children:
    """Young people who enter alone at 16 or 17. Columns of `u`: age, pathway, length, reason."""
    number = block * BLOCK_SIZE + rows * LARGEST_FAMILY
    return children(scenario, number, times, u[:, 0], u[:, 1:], AGES[4:])


def children(
    scenario: Scenario,
    number: Ints,
    entered: Floats,
    u_age: Floats,
    u: Floats,
    ages: tuple[str, ...],
) -> Children:
    """Children of the given age groups, from uniforms for age, pathway, length and reason."""
    by_age = entries_by_age(scenario)
    rates = np.array([by_age[age] for age in ages])
    bounds = np.concatenate([[0.0], np.cumsum(rates) / max(rates.sum(), 1e-300)])
    place = np.clip(np.searchsorted(bounds, u_age, side="right") - 1, 0, len(ages) - 1)
    width = np.diff(bounds)[place]
    within = np.clip((u_age - bounds[place]) / np.where(width > 0, width, 1.0), 0.0, 1 - 1e-9)
    group = place + AGES.index(ages[0])
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
    reason = reasons(scenario, pathway, to_18, u[:, 2])
    _reasons_by_group(scenario, reason, group, days, age, u[:, 0])
    family = number // LARGEST_FAMILY
    return Children(number, entered, entered + days, born, group, pathway, reason, family)


def _reasons_by_group(
    scenario: Scenario, reason: Ints, group: Ints, days: Floats, age: Floats, u: Floats
) -> None:
    """Set the reasons of the groups whose stays are by time since entry."""
    for place, pieces in pieces_of(scenario).items():
        here = group == place
        reason[here] = reason_in_group(pieces, days[here], EIGHTEEN - age[here], u[here])


def reasons(scenario: Scenario, pathway: Ints, to_18: npt.NDArray[np.bool_], u: Floats) -> Ints:
    """Why each child leaves: by pathway, unless the 18th birthday comes first."""
    reason = np.full(len(u), REASON[ExitReason.TURNED_18])
    by_pathway = scenario.stays.reasons
    known = (by_pathway["short"], by_pathway["court"], None, by_pathway["long"])
    for place, shares in enumerate(known):
        if shares is None:  # adoption has one reason
            continue
        codes = np.array([REASON[r] for r in shares])
        ladder = np.cumsum(list(shares.values()))
        here = (pathway == place) & ~to_18
        picked = np.minimum(np.searchsorted(ladder, u[here], side="right"), len(codes) - 1)
        reason[here] = codes[picked]
    reason[(pathway == 2) & ~to_18] = REASON[ExitReason.ADOPTED]
    return reason


def remanded(scenario: Scenario, number: Ints, entered: Floats, u: Floats) -> Children:
    """Children whom a court remands to the authority. Columns of `u`: age, length."""
    age = remand_age(scenario, u[:, 0])
    days = remand_stay(scenario, age, u[:, 1])
    to_18 = days >= EIGHTEEN - age - 1e-9
    reason = np.where(to_18, REASON[ExitReason.TURNED_18], REASON[ExitReason.OTHER])
    group = np.where(age < AGE_BAND_STARTS[4] * YEAR, 3, 4)
    pathway = np.full(len(age), REMAND_PATHWAY)
    family = number // LARGEST_FAMILY
    return Children(number, entered, entered + days, entered - age, group, pathway, reason, family)


def uasc(scenario: Scenario, number: Ints, entered: Floats, u: Floats) -> Children:
    """Unaccompanied children. Columns of `u`: age, how it ends, when."""
    age = uasc_age(scenario, u[:, 0])
    days, end = uasc_stay(scenario, age, u[:, 1], u[:, 2])
    group, reason = uasc_group(age), UASC_REASONS[end]
    _reasons_by_group(scenario, reason, group, days, age, u[:, 1])
    pathway = np.full(len(age), UASC_PATHWAY)
    family = number // LARGEST_FAMILY
    return Children(number, entered, entered + days, entered - age, group, pathway, reason, family)
