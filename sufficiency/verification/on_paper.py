"""Results known on paper: the share that finds every place taken, and the number in care.

They are independent of the simulation: nothing here draws a number or lets a child enter. Each
distribution of stays is written again as the share still in care after t days, where `stays` turns
a random number into a length; ages at entry, stays and monthly rates are summed on a grid of time.
Only the scenario and the entries a year that follow from it (`scenario.flows`) are shared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import gamma as gamma_function
from scipy.special import gammaincc, ndtr

from sufficiency.periods import YEAR
from sufficiency.scenario import (
    AGE_NAMES,
    AgeName,
    Distribution,
    MonthIndex,
    Scenario,
    entries_by_age,
    remands_per_year,
    uasc_flows,
)

Floats = npt.NDArray[np.float64]
Survival = Callable[[Floats, float], Floats]
"""Share still in care so many days after entry, of those who enter at an age (days)."""

BANDS = ((0.0, 1.0), (1.0, 5.0), (5.0, 10.0), (10.0, 16.0), (16.0, 18.0))
"""Ages at entry, in years, of the age groups in the order of `AGE_NAMES`."""
FIRST_WEEKS_DAYS = 28.0
AGES_IN_A_BAND = 100
"""Ages at which a band is looked at."""
STEPS_A_DAY = 2


class Stream(NamedTuple):
    """Children who enter one by one at a rate that may change from day to day."""

    per_year: float
    ages: tuple[tuple[float, float, float], ...]
    """Share, and from which age to which (days) it is spread evenly."""
    survival: Survival
    month_index: MonthIndex
    strength: float
    trend: float
    since: float
    """Day before which nobody comes."""


# ---- Places ------------------------------------------------------------------------------------


def erlang_b(places: int, load: float) -> float:
    """Share of arrivals that find all places taken, whatever the distribution of stays.

    Args:
        places: How many there are.
        load: Children who would be there on average if there were no end of places.
    """
    full = 1.0
    for n in range(1, places + 1):
        full = load * full / (n + load * full)
    return full


def load_of(scenario: Scenario) -> float:
    """Offered load: entries a day x mean days in care, over all streams at constant rates."""
    days = 18 * YEAR
    return sum(
        stream.per_year / YEAR * float(days_in_care(stream, int(np.ceil(days)))[-1])
        for stream in streams_of(scenario)
    )


# ---- The number in care ------------------------------------------------------------------------


def number_in_care(scenario: Scenario, days: npt.NDArray[np.int64]) -> Floats:
    """Mean number in care, on whole days, of those who have entered since the first day.

    M(t)/G/infinity: the entry rate of each past day times the share of its children still there,
    summed. The number is Poisson.
    """
    last = int(days.max())
    total = np.zeros(last)
    for stream in streams_of(scenario):
        there = np.diff(days_in_care(stream, last))
        total += np.convolve(daily_rates(scenario, stream, last), there)[:last]
    return np.concatenate([[0.0], total])[days]


def daily_rates(scenario: Scenario, stream: Stream, days: int) -> Floats:
    """Entries on each day from the first: the month's factor, the trend, none before a stream."""
    factors = [index**stream.strength for index in stream.month_index]
    mean = sum(factors) / 12
    month = [factors[_month(scenario.start, day)] / mean if mean else 1.0 for day in range(days)]
    day = np.arange(days) + 0.5
    rate = stream.per_year / YEAR * np.array(month) * (1 + stream.trend) ** (day / YEAR)
    return np.where(day > stream.since, rate, 0.0)


def _month(start: date, day: int) -> int:
    return (start + timedelta(days=day)).month - 1


def days_in_care(stream: Stream, until: int) -> Floats:
    """Mean days in care in the first 0, 1, 2 … days after entry: the integral of survival."""
    time = (np.arange(until * STEPS_A_DAY) + 0.5) / STEPS_A_DAY
    there = np.zeros(len(time))
    for share, low, high in stream.ages:
        for age in low + (np.arange(AGES_IN_A_BAND) + 0.5) / AGES_IN_A_BAND * (high - low):
            left = np.searchsorted(time, 18 * YEAR - age)  # nobody stays past the 18th birthday
            there[:left] += share / AGES_IN_A_BAND * stream.survival(time[:left], float(age))
    daily = there.reshape(until, STEPS_A_DAY).mean(axis=1)
    return np.concatenate([[0.0], np.cumsum(daily)])


# ---- Who enters --------------------------------------------------------------------------------


def streams_of(scenario: Scenario) -> list[Stream]:
    """Every stream of children, by age where stays differ; surges and dated changes apart."""
    demand, uasc = scenario.demand, scenario.demand.uasc
    entries, season = entries_by_age(scenario), (demand.month_index, demand.season_strength)
    never = float("-inf")
    out = [
        Stream(
            entries[name], _ages(scenario, place), _stay(scenario, name), *season,
            demand.trend_per_year, never,
        )
        for place, name in enumerate(AGE_NAMES)
    ]  # fmt: skip
    direct, transfers = uasc_flows(scenario)
    joins = uasc.transfer_scheme.joins
    theirs = (
        tuple((share, float(a) * YEAR, (float(a) + 1) * YEAR) for a, share in uasc.ages.items()),
        _uasc_stay(scenario),
        uasc.month_index,
        uasc.season_strength,
        0.0,
    )
    out.append(Stream(direct, *theirs, never))
    out.append(Stream(transfers, *theirs, never if joins is None else _days(scenario, joins)))
    ages = tuple((s, *_band(AGE_NAMES.index(a))) for a, s in demand.remand.ages.items())
    remand = _whatever_the_age(demand.remand.days)
    out.append(Stream(remands_per_year(scenario), ages, remand, (1.0,) * 12, 0.0, 0.0, never))
    return [stream for stream in out if stream.per_year > 0]


def _days(scenario: Scenario, day: date) -> float:
    return float((day - scenario.start).days)


def _band(place: int) -> tuple[float, float]:
    low, high = BANDS[place]
    return low * YEAR, high * YEAR


def _ages(scenario: Scenario, place: int) -> tuple[tuple[float, float, float], ...]:
    """Ages within a group: even, save that some newborns enter in their first weeks."""
    low, high = _band(place)
    if place > 0:
        return ((1.0, low, high),)
    early = scenario.demand.first_weeks_share
    return ((early, 0.0, FIRST_WEEKS_DAYS), (1 - early, FIRST_WEEKS_DAYS, high))


# ---- How long they stay ------------------------------------------------------------------------


def survival(distribution: Distribution, days: Floats) -> Floats:
    """Share of stays longer than so many days."""
    d, days = distribution, np.asarray(days, dtype=float)
    match d.distribution:
        case "exponential":
            return np.asarray(np.exp(-days / _given(d.mean_days)))
        case "lognormal":
            sigma = _given(d.sigma)
            middle = (
                np.log(_given(d.median_days))
                if d.mean_days is None
                else np.log(d.mean_days) - sigma**2 / 2
            )
            return np.asarray(1 - ndtr((np.log(days) - middle) / sigma))
        case "weibull":
            shape = _given(d.shape)
            scale = _given(d.mean_days) / gamma_function(1 + 1 / shape)
            return np.asarray(np.exp(-((days / scale) ** shape)))
        case "gamma":
            shape = _given(d.shape)
            return np.asarray(gammaincc(shape, days * shape / _given(d.mean_days)))
        case "piecewise_constant":
            return _piecewise(d.breaks_days, d.hazards_per_day, days)
        case "empirical":
            lengths = np.sort(d.days)
            return np.asarray(1 - np.searchsorted(lengths, days, side="right") / len(lengths))


def _given(value: float | None) -> float:
    """A value that validation has made sure of."""
    assert value is not None
    return value


def _piecewise(breaks: Iterable[float], hazards: Iterable[float], days: Floats) -> Floats:
    """Each piece lowers the share still there by its hazard, for as long as it has lasted."""
    edges = [0.0, *breaks, float("inf")]
    total = np.zeros(len(days))
    for low, high, hazard in zip(edges, edges[1:], hazards, strict=False):
        total += hazard * np.clip(days - low, 0.0, high - low)
    return np.exp(-total)


def _whatever_the_age(distribution: Distribution) -> Survival:
    return lambda days, _: survival(distribution, days)


def _stay(scenario: Scenario, name: AgeName) -> Survival:
    """The mixture of pathways of one age group; only long stays depend on the 16th birthday."""
    stays = scenario.stays
    if stays.every_child is not None:
        return _whatever_the_age(stays.every_child)
    factor, shares = stays.long_stay_factor, stays.pathways[name]
    whole = shares.short + shares.court + shares.adoption + shares.long * factor
    early = stays.long_leaving_per_year[name] / YEAR / factor
    late = stays.long_leaving_per_year_at_16 / YEAR / factor

    def still_there(days: Floats, age: float) -> Floats:
        to_16 = max(16 * YEAR - age, 0.0)
        long = np.exp(-early * np.minimum(days, to_16) - late * np.maximum(days - to_16, 0.0))
        total: Floats = (
            shares.short * survival(stays.short, days)
            + shares.court * survival(stays.court[name], days)
            + shares.adoption * survival(stays.adoption[name], days)
            + shares.long * factor * long
        ) / whole
        return total

    return still_there


def _uasc_stay(scenario: Scenario) -> Survival:
    """Some leave early, at times of one distribution; the others stay until they are 18."""
    if scenario.stays.every_child is not None:
        return _whatever_the_age(scenario.stays.every_child)
    stay = scenario.stays.uasc
    early = stay.age_assessed_18 + stay.other
    return lambda days, _: early * survival(stay.days, days) + (1 - early)
