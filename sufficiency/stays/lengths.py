"""How long children stay in care: pathways and their distributions, as pure functions.

Uniform numbers go in, times come out, each by a monotone inverse, so that the same luck gives a
longer stay where stays are longer.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.special import gamma as gamma_function
from scipy.special import gammaincinv, ndtri

from sufficiency.periods import YEAR
from sufficiency.scenario import AGE_NAMES, AgeName, Distribution, Scenario
from sufficiency.stays.by_group import (
    EIGHTEEN,
    UASC_16_17,
    UASC_UNDER_16,
    Floats,
    group_pathways,
    invert_hazard,
    pieces_of,
    reason_in_group,
    stay_in_group,
)
from sufficiency.stays.once import once_per_scenario
from sufficiency.vocabulary import AGE_BAND_STARTS, AgeBand, Pathway

AGES = tuple(AgeBand)
PATHWAYS = (Pathway.SHORT, Pathway.COURT, Pathway.ADOPTION, Pathway.LONG)
_FIRST_WEEKS_DAYS = 28.0


def quantile(distribution: Distribution, u: Floats) -> Floats:
    """Lengths in days at which the distribution reaches the shares `u` (0 <= u < 1)."""
    d = distribution
    match d.distribution:
        case "exponential":
            return np.asarray(-np.log1p(-u) * _given(d.mean_days))
        case "lognormal":
            sigma = _given(d.sigma)
            mean = d.mean_days
            median = _given(d.median_days) if mean is None else mean * math.exp(-(sigma**2) / 2)
            return np.asarray(median * np.exp(sigma * ndtri(u)))
        case "weibull":
            shape = _given(d.shape)
            scale = _given(d.mean_days) / float(gamma_function(1 + 1 / shape))
            return np.asarray(scale * (-np.log1p(-u)) ** (1 / shape))
        case "gamma":
            shape = _given(d.shape)
            return np.asarray(gammaincinv(shape, u) * (_given(d.mean_days) / shape))
        case "piecewise_constant":
            return invert_hazard(-np.log1p(-u), d.breaks_days, d.hazards_per_day)
        case "empirical":
            days = np.sort(np.asarray(d.days))
            return np.asarray(days[np.minimum((u * len(days)).astype(int), len(days) - 1)])


def _given(value: float | None) -> float:
    """A value that validation has made sure of."""
    assert value is not None
    return value


@once_per_scenario
def pathway_shares(scenario: Scenario) -> Floats:
    """Share of each pathway (columns) by age at entry (rows), with the long-stay factor applied."""
    stated = scenario.stays.pathways
    shares = np.array([[getattr(stated[a], p) for p in PATHWAYS] for a in AGE_NAMES])
    shares[:, 3] = shares[:, 3] * scenario.stays.long_stay_factor
    whole: Floats = shares / shares.sum(axis=1, keepdims=True)
    return whole


def length_of_stay(
    scenario: Scenario, age: int, born_before: Floats, u_pathway: Floats, u_length: Floats
) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Days in care and pathway of children, UASC apart, who enter in one age group.

    Args:
        scenario: The assumptions.
        age: Place of the age group in `AgeBand`.
        born_before: Age at entry in days.
        u_pathway: Uniform numbers that choose the pathway; the reason, where stays are by time
            since entry.
        u_length: Uniform numbers that choose the length.

    Returns:
        Days until leaving, never past the 18th birthday, and the pathway's place in `PATHWAYS`.
    """
    stays, name = scenario.stays, AGE_NAMES[age]
    to_18 = np.maximum(EIGHTEEN - born_before, 0.0)
    pieces = pieces_of(scenario).get(age)
    if pieces is not None:
        lengths = stay_in_group(pieces, to_18, u_length)
        reason = reason_in_group(pieces, lengths, to_18, u_pathway)
        return lengths, group_pathways(reason, lengths)
    if stays.every_child is not None:
        pathway = np.zeros(len(u_length), dtype=np.int64)
        return np.minimum(quantile(stays.every_child, u_length), to_18), pathway
    ladder = np.cumsum(pathway_shares(scenario)[age])[:-1]
    pathway = np.searchsorted(ladder, u_pathway, side="right")
    lengths = np.empty(len(u_length))
    for place, distribution in enumerate((stays.short, stays.court[name], stays.adoption[name])):
        chosen = pathway == place
        lengths[chosen] = quantile(distribution, u_length[chosen])
    chosen = pathway == 3
    lengths[chosen] = _long_stay(scenario, name, born_before[chosen], u_length[chosen])
    return np.minimum(lengths, to_18), pathway


def _long_stay(scenario: Scenario, age: AgeName, born_before: Floats, u: Floats) -> Floats:
    """Two constant hazards, before and after the 16th birthday; the 18th ends it (see caller)."""
    factor = scenario.stays.long_stay_factor
    before = scenario.stays.long_leaving_per_year[age] / YEAR / factor
    after = scenario.stays.long_leaving_per_year_at_16 / YEAR / factor
    to_16 = np.maximum(16 * YEAR - born_before, 0.0)
    hazard = -np.log1p(-u)
    early = hazard / before if before > 0 else np.full(len(u), np.inf)
    late = to_16 + np.maximum(hazard - before * to_16, 0.0) / after if after > 0 else np.inf
    return np.where(early <= to_16, early, late)


def uasc_stay(
    scenario: Scenario, born_before: Floats, u_pathway: Floats, u_length: Floats
) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Days in care of unaccompanied children, and how it ends: 0 at 18, 1 age assessed, 2 other.

    Of a group whose stays are by time since entry `reason_in_group` says more than 2.
    """
    stay = scenario.stays.uasc
    to_18 = np.maximum(EIGHTEEN - born_before, 0.0)
    assessed = u_pathway < stay.age_assessed_18
    other = ~assessed & (u_pathway < stay.age_assessed_18 + stay.other)
    early = quantile(stay.days, u_length)
    if scenario.stays.every_child is not None:
        lengths = np.minimum(quantile(scenario.stays.every_child, u_length), to_18)
        return lengths, np.where(lengths >= to_18, 0, 2)
    lengths = np.where(assessed | other, np.minimum(early, to_18), to_18)
    for group, pieces in pieces_of(scenario).items():
        here = uasc_group(born_before) == group
        lengths[here] = stay_in_group(pieces, to_18[here], u_length[here])
        assessed = assessed & ~here
    end = np.where(lengths >= to_18, 0, np.where(assessed, 1, 2))
    return lengths, end


def uasc_group(born_before: Floats) -> npt.NDArray[np.int64]:
    """Entry group of unaccompanied children, by age at entry in days."""
    return np.where(born_before < AGE_BAND_STARTS[4] * YEAR, UASC_UNDER_16, UASC_16_17)


def age_at_entry(scenario: Scenario, age: int, u: Floats) -> Floats:
    """Age in days of children who enter in one age group: uniform within it, newborns apart."""
    low = AGE_BAND_STARTS[age] * YEAR
    high = (*AGE_BAND_STARTS, 18.0)[age + 1] * YEAR
    if age > 0:
        return low + u * (high - low)
    early = scenario.demand.first_weeks_share
    if early >= 1:
        return u * _FIRST_WEEKS_DAYS
    first = u / max(early, 1e-300) * _FIRST_WEEKS_DAYS
    later = _FIRST_WEEKS_DAYS + (u - early) / (1 - early) * (high - _FIRST_WEEKS_DAYS)
    return np.where(u < early, first, later)


@lru_cache(maxsize=4)
def _grid(points: int = 4096) -> tuple[Floats, Floats, Floats]:
    """Three columns of evenly spread uniforms (a lattice), the same every time."""
    k = np.arange(points) + 0.5
    generators = (1.0, 1.0 / 1.32471795724475, 1.0 / 1.32471795724475**2)
    first = k / points
    return first, np.mod(k * generators[1], 1.0), np.mod(k * generators[2], 1.0)


def mean_stay(scenario: Scenario, age: int) -> float:
    """Mean days in care of children, UASC apart, who enter in one age group."""
    u_age, u_pathway, u_length = _grid()
    lengths, _ = length_of_stay(
        scenario, age, age_at_entry(scenario, age, u_age), u_pathway, u_length
    )
    return float(lengths.mean())


def mean_uasc_stay(scenario: Scenario) -> float:
    """Mean days in care of unaccompanied children, referral onward apart."""
    u_age, u_pathway, u_length = _grid()
    lengths, _ = uasc_stay(scenario, uasc_age(scenario, u_age), u_pathway, u_length)
    return float(lengths.mean())


def remand_age(scenario: Scenario, u: Floats) -> Floats:
    """Age in days at entry of children on remand: uniform within their age band."""
    younger = scenario.demand.remand.ages.get("10-15", 0.0)
    low = np.where(u < younger, 10.0, 16.0)
    share, years = np.where(u < younger, younger, 1 - younger), np.where(u < younger, 6.0, 2.0)
    within = np.where(u < younger, u, u - younger) / np.where(share > 0, share, 1.0)
    return np.asarray((low + np.clip(within, 0.0, 1 - 1e-9) * years) * YEAR)


def remand_stay(scenario: Scenario, born_before: Floats, u: Floats) -> Floats:
    """Days in care of children on remand, never past the 18th birthday."""
    lengths = quantile(scenario.demand.remand.days, u)
    return np.minimum(lengths, np.maximum(EIGHTEEN - born_before, 0.0))


def mean_remand_stay(scenario: Scenario) -> float:
    """Mean days in care of children on remand."""
    u_age, u_length, _ = _grid()
    return float(remand_stay(scenario, remand_age(scenario, u_age), u_length).mean())


def uasc_age(scenario: Scenario, u: Floats) -> Floats:
    """Age in days at entry of unaccompanied children: uniform within the year of age."""
    ages = scenario.demand.uasc.ages
    years = np.array([float(age) for age in ages])
    order = np.argsort(years)
    shares = np.array(list(ages.values()), dtype=float)[order]
    bounds = np.concatenate([[0.0], np.cumsum(shares)])
    place = np.minimum(np.searchsorted(bounds[1:], u, side="right"), len(shares) - 1)
    within = (u - bounds[place]) / np.where(shares[place] > 0, shares[place], 1.0)
    return np.asarray((years[order][place] + np.clip(within, 0.0, 1.0 - 1e-9)) * YEAR)
