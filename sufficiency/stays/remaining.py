"""The rest of a stay that has lasted some time: the same stays, given that they are not over.

Exact: for a mixture of pathways each is as likely as its share times the chance that it lasts so
long, and its length is drawn from what lies beyond. Monotone in the uniform numbers.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import gamma as gamma_function
from scipy.special import gammaincc, gammainccinv, ndtr, ndtri

from sufficiency.periods import YEAR
from sufficiency.scenario import AGE_NAMES, Distribution, Scenario
from sufficiency.stays.by_group import (
    EIGHTEEN,
    Floats,
    Ints,
    hazard_until,
    invert_hazard,
    pieces_of,
    reason_in_group,
    stay_in_group,
)
from sufficiency.stays.lengths import pathway_shares

_A_SECOND = 1 / 86_400
"""In days: a stay that is not over lasts so much longer at least."""


def survival(distribution: Distribution, days: Floats) -> Floats:
    """Share of lengths that are longer."""
    d = distribution
    match d.distribution:
        case "exponential":
            return np.exp(-days / _given(d.mean_days))
        case "lognormal":
            with np.errstate(divide="ignore"):
                return np.asarray(ndtr(-np.log(days / _median(d)) / _given(d.sigma)))
        case "weibull":
            return np.exp(-((days / _weibull_scale(d)) ** _given(d.shape)))
        case "gamma":
            shape = _given(d.shape)
            return np.asarray(gammaincc(shape, days * shape / _given(d.mean_days)))
        case "piecewise_constant":
            return np.exp(-hazard_until(days, d.breaks_days, d.hazards_per_day))
        case "empirical":
            known = np.sort(np.asarray(d.days))
            return 1 - np.searchsorted(known, days, side="right") / len(known)


def length_at(distribution: Distribution, share: Floats) -> Floats:
    """Length in days that such a share of all exceeds: the inverse of `survival`."""
    d = distribution
    with np.errstate(divide="ignore"):
        match d.distribution:
            case "exponential":
                return np.asarray(-np.log(share) * _given(d.mean_days))
            case "lognormal":
                return np.asarray(_median(d) * np.exp(-_given(d.sigma) * ndtri(share)))
            case "weibull":
                return np.asarray(_weibull_scale(d) * (-np.log(share)) ** (1 / _given(d.shape)))
            case "gamma":
                shape = _given(d.shape)
                return np.asarray(gammainccinv(shape, share) * _given(d.mean_days) / shape)
            case "piecewise_constant":
                return invert_hazard(-np.log(share), d.breaks_days, d.hazards_per_day)
            case "empirical":
                known = np.sort(np.asarray(d.days))
                place = np.floor((1 - share) * len(known) + 1e-9).astype(np.int64)
                return known[np.minimum(place, len(known) - 1)]


def _given(value: float | None) -> float:
    """A value that validation has made sure of."""
    assert value is not None
    return value


def _median(d: Distribution) -> float:
    """Median of a lognormal distribution."""
    if d.mean_days is None:
        return _given(d.median_days)
    return d.mean_days * math.exp(-(_given(d.sigma) ** 2) / 2)


def _weibull_scale(d: Distribution) -> float:
    return _given(d.mean_days) / float(gamma_function(1 + 1 / _given(d.shape)))


def remaining_of(distribution: Distribution, elapsed: Floats, u: Floats) -> Floats:
    """Lengths all in all, in days, of those that have lasted so long already."""
    lengths = length_at(distribution, survival(distribution, elapsed) * (1 - u))
    return np.maximum(lengths, elapsed + _A_SECOND)


def rest_of_stay(
    scenario: Scenario,
    age: int,
    born_before: Floats,
    elapsed: Floats,
    u_pathway: Floats,
    u_length: Floats,
) -> tuple[Floats, Ints]:
    """Days in care, all in all, and pathway of children, UASC apart, of one age group at entry.

    Args:
        scenario: The assumptions.
        age: Place of the age group in `AgeBand`; its stays are not given by time since entry.
        born_before: Age at entry in days.
        elapsed: Days in care so far.
        u_pathway: Uniform numbers that choose the pathway.
        u_length: Uniform numbers that choose the length.
    """
    stays, name = scenario.stays, AGE_NAMES[age]
    to_18 = EIGHTEEN - born_before
    if stays.every_child is not None:
        days = remaining_of(stays.every_child, elapsed, u_length)
        return np.minimum(days, to_18), np.zeros(len(days), dtype=np.int64)
    brief = (stays.short, stays.court[name], stays.adoption[name])
    long_stays = LongStays(scenario, age, born_before)
    lasting = [survival(d, elapsed) for d in brief]
    lasting.append(np.exp(-long_stays.hazard_until(elapsed)))
    weights = np.column_stack(lasting) * pathway_shares(scenario)[age]
    ladder = np.cumsum(weights, axis=1)
    pathway = (ladder[:, :-1] <= (u_pathway * ladder[:, -1])[:, None]).sum(axis=1)
    days = np.empty(len(elapsed))
    for place, distribution in enumerate(brief):
        here = pathway == place
        days[here] = remaining_of(distribution, elapsed[here], u_length[here])
    here = pathway == len(brief)
    days[here] = long_stays.remaining(elapsed, u_length)[here]
    return np.minimum(days, to_18), pathway.astype(np.int64)


class LongStays:
    """Long-term care of some children: two constant hazards, before and after 16."""

    def __init__(self, scenario: Scenario, age: int, born_before: Floats) -> None:
        stays = scenario.stays
        self.before = stays.long_leaving_per_year[AGE_NAMES[age]] / YEAR / stays.long_stay_factor
        self.after = stays.long_leaving_per_year_at_16 / YEAR / stays.long_stay_factor
        self.to_16 = np.maximum(16 * YEAR - born_before, 0.0)

    def hazard_until(self, days: Floats) -> Floats:
        """What the hazard has accumulated to."""
        young = np.minimum(days, self.to_16)
        return np.asarray(self.before * young + self.after * (days - young))

    def remaining(self, elapsed: Floats, u: Floats) -> Floats:
        """Lengths all in all of stays that have lasted so long."""
        hazard = self.hazard_until(elapsed) - np.log1p(-u)
        at_16 = self.before * self.to_16
        with np.errstate(divide="ignore", invalid="ignore"):
            young = np.where(hazard <= at_16, hazard / self.before, np.inf)
            old = np.where(hazard > at_16, self.to_16 + (hazard - at_16) / self.after, np.inf)
        days = np.where(hazard <= at_16, young, old)
        days = np.where(np.isnan(days), np.inf, days)
        return np.asarray(np.maximum(days, elapsed + _A_SECOND))


def rest_of_uasc_stay(
    scenario: Scenario, born_before: Floats, elapsed: Floats, u_pathway: Floats, u_length: Floats
) -> tuple[Floats, Ints]:
    """Days in care of unaccompanied children, all in all, and how it ends, as in `uasc_stay`."""
    stays, stay = scenario.stays, scenario.stays.uasc
    to_18 = EIGHTEEN - born_before
    if stays.every_child is not None:
        days = np.minimum(remaining_of(stays.every_child, elapsed, u_length), to_18)
        return days, np.where(days >= to_18, 0, 2)
    lasting = survival(stay.days, elapsed)
    to_the_end = 1 - stay.age_assessed_18 - stay.other
    whole = to_the_end + (stay.age_assessed_18 + stay.other) * lasting
    u = u_pathway * whole
    assessed = u < stay.age_assessed_18 * lasting
    early = u < (stay.age_assessed_18 + stay.other) * lasting
    days = np.where(early, remaining_of(stay.days, elapsed, u_length), np.inf)
    days = np.minimum(days, to_18)
    return days, np.where(days >= to_18, 0, np.where(assessed, 1, 2))


def rest_in_group(
    scenario: Scenario,
    group: int,
    born_before: Floats,
    elapsed: Floats,
    u_reason: Floats,
    u_length: Floats,
) -> tuple[Floats, Ints]:
    """Days in care, all in all, and reason, of a group whose stays are by time since entry."""
    pieces, to_18 = pieces_of(scenario)[group], EIGHTEEN - born_before
    days = stay_in_group(pieces, to_18, u_length, elapsed)
    days = np.minimum(np.maximum(days, elapsed + _A_SECOND), to_18)
    return days, reason_in_group(pieces, days, to_18, u_reason)
