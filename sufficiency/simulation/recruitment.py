"""The fostering pipeline without luck: what is in force at each stage, and what a drive needs."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from sufficiency.periods import YEAR, day_of
from sufficiency.scenario import Distribution, Fostering, Scenario, households_on_day_one
from sufficiency.scenario.flows import enquiries_per_year
from sufficiency.simulation.timeline import Timeline
from sufficiency.stays import quantile

Floats = npt.NDArray[np.float64]

MONTH = YEAR / 12
EVEN = (np.arange(64) + 0.5) / 64
"""Shares spread evenly, to average over a distribution or over the months of a drive."""


# ---- What is in force --------------------------------------------------------------------------


def enquiries_in_force(line: Timeline) -> Floats:
    """Usual enquiries a year under each scenario of a timeline.

    Where approvals are stated, as many as they need; where a later scenario states the same, the
    enquiries stay, so that what it changes of the stages changes the approvals.
    """
    rates = [enquiries_per_year(line.scenarios[0])]
    for before, now in pairwise(line.scenarios):
        same = _stated(now.fostering) == _stated(before.fostering)
        rates.append(rates[-1] if same else enquiries_per_year(now))
    return np.array(rates)


def _stated(fostering: Fostering) -> tuple[str, float]:
    """What a scenario says of how many come, and in which setting."""
    if fostering.enquiries_per_year is not None:
        return "enquiries_per_year", fostering.enquiries_per_year
    if fostering.approvals_per_year is not None:
        return "approvals_per_year", fostering.approvals_per_year
    return "approvals_per_100_in_care", fostering.approvals_per_100_in_care


def share_in_force(line: Timeline, times: Floats, of: Callable[[Fostering], float]) -> Floats:
    """A share or rate of the scenario in force at each time."""
    return np.array([of(scenario.fostering) for scenario in line.scenarios])[line.places(times)]


def days_in_force(
    line: Timeline, begun: Floats, u: Floats, of: Callable[[Fostering], Distribution]
) -> Floats:
    """Days that a stage lasts, by the scenario in force when it begins."""
    days = np.empty(len(u))
    for scenario, here in line.in_force(begun):
        days[here] = quantile(of(scenario.fostering), u[here])
    return days


# ---- A drive to recruit ------------------------------------------------------------------------


def of_drive(scenario: Scenario, shares: Floats) -> Floats:
    """The day by which each share of a drive's months has passed."""
    drive = scenario.fostering.recruitment
    first = day_of(scenario.start, drive.from_) if drive.from_ else 0.0
    return np.maximum(first + shares * drive.over_months * MONTH, 0.0)


def recruits_needed(line: Timeline) -> int:
    """Households to be approved for a drive, whatever unit and basis it is stated in."""
    fostering = line.scenarios[1].fostering
    drive = fostering.recruitment
    households = {
        "households": drive.number,
        "carers": drive.number / fostering.carers_per_household,
        "places": drive.number / fostering.approved_places_per_household,
    }[drive.unit]
    if drive.basis == "net" and households > 0:
        households = _approvals_for_growth(line, households)
    return round(households)


def _approvals_for_growth(line: Timeline, growth: float) -> float:
    """Approvals of a drive after which the expected number of households has grown by so many.

    Growth counts from the drive's first day until those who apply on its last have been assessed,
    in the mean time this takes. Those who leave meanwhile are replaced, recruits among them.
    """
    option = line.scenarios[1]
    first, last = of_drive(option, np.array([0.0, 1.0])).tolist()
    end = last + float(quantile(line.at(last).fostering.assessment, EVEN).mean())
    middles: Floats = np.arange(math.ceil(end)) + 0.5
    leaving = share_in_force(line, middles, lambda f: f.leaving_per_year) / YEAR
    used_up: Floats = np.concatenate([np.zeros(1), np.cumsum(leaving)])
    usual = _usual_approvals(line, middles)

    def there(approved: Floats, day: float) -> Floats:
        """Chance that a household approved at each time is there on a day."""
        then, now = (np.interp(t, np.arange(len(used_up)), used_up) for t in (approved, day))
        return np.where(approved <= day, np.exp(then - now), 0.0)

    def without_the_drive(day: float) -> float:
        of_today = households_on_day_one(option) * there(np.zeros(1), day)
        return float(of_today.sum() + np.sum(usual * there(middles, day)))

    missing = without_the_drive(first) + growth - without_the_drive(end)
    each = float(there(_approved_in_drive(line), end).mean())
    return max(missing / each, 0.0)


def _approved_in_drive(line: Timeline) -> Floats:
    """Days of approval, all equally likely, of those who apply evenly over a drive."""
    applied = of_drive(line.scenarios[1], EVEN)
    assessed = [
        (applied[here, None] + quantile(scenario.fostering.assessment, EVEN)).ravel()
        for scenario, here in line.in_force(applied)
    ]
    return np.concatenate(assessed)


def _usual_approvals(line: Timeline, days: Floats) -> Floats:
    """Usual approvals expected on some days: of those who enquired the mean times before."""
    fostering = line.scenarios[1].fostering
    from_agency = fostering.transfers_in_share
    enquiry, assessment, transfer = (
        float(quantile(d, EVEN).mean())
        for d in (fostering.enquiry_days, fostering.assessment, fostering.transfer_days)
    )
    applied = days - (1 - from_agency) * assessment - from_agency * transfer
    enquired = applied - enquiry
    shares = share_in_force(line, enquired, lambda f: f.enquiry_to_application) * share_in_force(
        line, applied, lambda f: f.application_to_approval
    )
    return enquiries_in_force(line)[line.places(enquired)] / YEAR * shares
