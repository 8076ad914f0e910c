"""What was fitted to stays, beside estimates that assume no pieces: tables for the page of fit.

Kaplan-Meier and cumulative incidence have children who were in care already enter late; a log-rank
like comparison of entry groups is by proportional hazards (Cox).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sufficiency.calibration.exposure import Floats, nights_in_pieces
from sufficiency.calibration.intervals import ENDS
from sufficiency.calibration.shrinking import BREAKS, GROUPS
from sufficiency.calibration.stays import GroupHazard, Stays
from sufficiency.vocabulary import EntryGroup

DAYS = (28, 91, 182, 365, 730, 1095, 1826, 2922)
"""Days since entry at which tables say how many are still in care."""
REFERENCE = EntryGroup.FROM_10_TO_15.value
"""The group that others are compared with, where it is seen."""
FEWEST_CHILDREN = 5
"""A group with fewer is not compared."""
DRAWS = 2_000


def survival_table(stays: Stays, hazards: list[GroupHazard], seed: int) -> pd.DataFrame:
    """Share still in care, 18th birthdays apart, by group and days since entry.

    Columns: `group`, `day`, `kaplan_meier`, `se`, `fitted`, `low`, `high`, `base`, `at_risk`.
    """
    rows = []
    luck = np.random.Generator(np.random.Philox(np.random.SeedSequence(seed)))
    for hazard in hazards:
        own = stays.of(stays.group == _place(hazard.group))
        found, error = kaplan_meier(own, DAYS)
        fitted, base = (in_care(h[None, :], DAYS)[0] for h in (hazard.fitted, hazard.base))
        drawn = in_care(_drawn(hazard, luck), DAYS)
        low, high = np.quantile(drawn, ENDS, axis=0)
        for i, day in enumerate(DAYS):
            at_risk = int(((own.since < day) & (own.until >= day)).sum())
            rows.append(
                (
                    hazard.group,
                    day,
                    found[i],
                    error[i],
                    fitted[i],
                    low[i],
                    high[i],
                    base[i],
                    at_risk,
                )
            )
    columns = ["group", "day", "kaplan_meier", "se", "fitted", "low", "high", "base", "at_risk"]
    return pd.DataFrame(rows, columns=columns)


def _place(group: str) -> int:
    return [g.value for g in GROUPS].index(group)


def in_care(hazards: Floats, days: tuple[int, ...]) -> Floats:
    """Shares still in care after some days (columns), for piecewise hazards (rows)."""
    since = np.zeros(len(days))
    lasted = nights_in_pieces(since, np.array(days, dtype=float), BREAKS)
    return np.asarray(np.exp(-(hazards @ lasted.T)))


def _drawn(hazard: GroupHazard, luck: np.random.Generator) -> Floats:
    """Hazards as they might be: gammas with the mean and variance of each piece."""
    mean, variance = hazard.fitted, hazard.variance
    known = (mean > 0) & (variance > 0)
    shape = np.where(known, mean**2 / np.where(known, variance, 1.0), 1.0)
    scale = np.where(known, variance / np.where(known, mean, 1.0), 0.0)
    drawn = luck.gamma(shape, scale, size=(DRAWS, len(mean)))
    return np.where(known, drawn, mean)


def kaplan_meier(stays: Stays, days: tuple[int, ...]) -> tuple[Floats, Floats]:
    """Shares still in care after some days and their standard errors, late entry counted."""
    from statsmodels.duration.survfunc import SurvfuncRight

    since, until = stays.since, np.maximum(stays.until, 0.5)  # who left on the day of entry
    seen = since < until
    none = np.full(len(days), np.nan)
    if not stays.left[seen].any():
        return np.where(none == none, none, 1.0) if seen.any() else none, none
    with np.errstate(divide="ignore", invalid="ignore"):  # its error of a share of 0
        found = SurvfuncRight(until[seen], stays.left[seen].astype(int), entry=since[seen])
    at = np.searchsorted(found.surv_times, np.array(days, dtype=float), side="right")
    share = np.concatenate([[1.0], found.surv_prob])[at]
    error = np.concatenate([[0.0], found.surv_prob_se])[at]
    return share, error


def incidence_table(stays: Stays) -> pd.DataFrame:
    """Share who have left by days since entry: `group`, `reason`, `day`, `share`."""
    rows = []
    for place, group in enumerate(GROUPS):
        own = stays.of(stays.group == place)
        for reason in np.unique(own.reason[own.left].astype(str)):
            shares = cumulative_incidence(own, str(reason), DAYS)
            rows += [
                (group.value, str(reason), day, share)
                for day, share in zip(DAYS, shares, strict=True)
            ]
    return pd.DataFrame(rows, columns=["group", "reason", "day", "share"])


def cumulative_incidence(stays: Stays, reason: str, days: tuple[int, ...]) -> Floats:
    """Aalen-Johansen: chance to have left for a reason by some days, late entry counted.

    statsmodels' own has no late entry; without it the two agree.
    """
    until = np.maximum(stays.until, 0.5)
    times = np.unique(until[stays.left])
    ends, begins = np.sort(until), np.sort(stays.since)
    at_risk = np.searchsorted(begins, times, side="left") - np.searchsorted(ends, times, "left")
    left = _counts(until[stays.left], times)
    for_it = _counts(until[stays.left & (stays.reason == reason)], times)
    still = np.concatenate([[1.0], np.cumprod(1 - left / at_risk)])[:-1]
    reached = np.concatenate([[0.0], np.cumsum(still * for_it / at_risk)])
    return np.asarray(reached[np.searchsorted(times, np.array(days, dtype=float), side="right")])


def _counts(values: Floats, times: Floats) -> Floats:
    return np.bincount(np.searchsorted(times, values), minlength=len(times)).astype(float)


def group_table(stays: Stays) -> pd.DataFrame:
    """Hazard of leaving before 18 of each entry group relative to one, by proportional hazards.

    Columns: `group`, `against`, `ratio`, `low`, `high`, `left`.
    """
    from statsmodels.duration.hazard_regression import PHReg

    columns = ["group", "against", "ratio", "low", "high", "left"]
    left = {g.value: int((stays.left & (stays.group == i)).sum()) for i, g in enumerate(GROUPS)}
    compared = [group for group, n in left.items() if n >= FEWEST_CHILDREN]
    if len(compared) < 2:
        return pd.DataFrame(columns=columns)
    against = REFERENCE if REFERENCE in compared else compared[0]
    others = [group for group in compared if group != against]
    keep = np.isin(stays.group, [_place(group) for group in compared])
    keep &= stays.since < np.maximum(stays.until, 0.5)
    of = stays.of(keep)
    design = np.column_stack([of.group == _place(group) for group in others]).astype(float)
    model = PHReg(
        np.maximum(of.until, 0.5),
        design,
        status=of.left.astype(int),
        entry=of.since,
        ties="breslow",
    )
    found = model.fit()
    ends = np.exp(found.conf_int())
    rows = [
        (group, against, float(np.exp(found.params[i])), *map(float, ends[i]), left[group])
        for i, group in enumerate(others)
    ]
    return pd.DataFrame(rows, columns=columns)
