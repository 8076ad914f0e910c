"""How many children enter care: the level by age, its season, and how much years differ.

The level is a mean over all that is observed; there is no trend, as a trend of a few years carried
forward is worse than none (DESIGN.md §5). Children on remand are left out, as the scenario has them
apart; where ages and streams are all that is known, the base's remands are taken off.

A bootstrap over children would make these intervals too narrow: siblings come together and years
differ. So the variance of a number of entries is taken from how many come on the same day, plus
that of a whole year. Months that a shock touches say nothing and are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sufficiency.calibration.cells import share, short
from sufficiency.calibration.estimates import Estimate
from sufficiency.calibration.exposure import Floats, day_numbers
from sufficiency.calibration.intervals import (
    gamma_interval,
    shrunk_variance,
)
from sufficiency.calibration.seasons import StreamCounts, season_estimates, variation_estimate
from sufficiency.calibration.shrinking import shrunk_rate
from sufficiency.scenario import AGE_NAMES, Scenario, entries_by_age, uasc_at_start
from sufficiency.vocabulary import Stream

if TYPE_CHECKING:
    import pandas as pd

    from sufficiency.history.tables import History

EVENTS_OF_THE_PRIOR = 11.0
"""The k of entries, in independent events. Entries per 100 in care of authorities have p10 24.2,
median 32.7 and p90 41.5 (evidence/demand.md §2.8): a coefficient of variation of 0.21. By age
nothing is published. Age groups differ more than their sum, unless all differ alike: with a
correlation of a third between them each has 0.30 (assumption), that of a gamma of shape 11."""
EVENTS_OF_THE_PRIOR_UASC = 2.7
"""The same of UASC: p10 2.1, median 5.2, p90 10.2 (evidence/demand.md §2.8), a coefficient of
variation of 0.61."""
UASC = Stream.UASC.value

Months = npt.NDArray[np.datetime64]


@dataclass(frozen=True)
class Counts:
    """Entries by month."""

    months: Months
    """The months observed, in order."""
    entries: dict[str, Floats]
    """In each month, by age group, UASC and remands apart; and `uasc`."""
    clumping: dict[str, float]
    """Variance over mean of the number that enters in a month of a usual year: siblings come
    together."""
    whole: dict[str, npt.NDArray[np.bool_]]
    """By stream: months that count (no shock)."""


def entry_counts(history: History, base: Scenario) -> Counts | None:
    """Entries by month; None where nothing is known of them."""
    if history.care is not None:
        return _from_care(history)
    if history.monthly is not None and len(history.monthly):
        return _from_monthly(history, base)
    return None


def _from_care(history: History) -> Counts:
    care = history.care
    assert care is not None
    entered = day_numbers(care["entered"])
    day = np.where(np.isnan(entered), 0, entered).astype(np.int64).astype("datetime64[D]")
    months = _observed_months(history)
    at = np.searchsorted(months, day.astype("datetime64[M]"))
    inside = at < len(months)
    inside[inside] = months[at[inside]] == day.astype("datetime64[M]")[inside]
    counts = inside & care["dated"].to_numpy(dtype=bool) & ~care["remand"].to_numpy(dtype=bool)
    uasc = (care["stream"] == UASC).to_numpy()
    entries, clumping = {}, {}
    group = care["entry_group"].to_numpy(dtype=object)
    for name in (*AGE_NAMES, UASC):
        here = counts & (uasc if name == UASC else ~uasc & (group == name))
        entries[name] = np.bincount(at[here], minlength=len(months)).astype(float)
        clumping[name] = _same_day(entered[here])
    clumping["non_uasc"] = _same_day(entered[counts & ~uasc])
    return Counts(months, entries, clumping, _without_shocks(history, months))


def _same_day(days: Floats) -> float:
    """Sum of squares over sum of the numbers that enter on one day, less what chance brings.

    Families enter on one day; in a large authority so do children who have nothing to do with one
    another, at a mean of m a day: squares of a Poisson number of singles come to m too many.
    """
    if not len(days):
        return 1.0
    _, together = np.unique(days, return_counts=True)
    mean = len(days) / max(days.max() - days.min() + 1, 1.0)
    return max(float((together**2).sum() / together.sum() - mean), 1.0)


def _from_monthly(history: History, base: Scenario) -> Counts:
    table = history.monthly
    assert table is not None
    months = np.unique(table["month"].to_numpy(dtype="datetime64[M]"))
    at = np.searchsorted(months, table["month"].to_numpy(dtype="datetime64[M]"))
    uasc = (table["stream"] == UASC).to_numpy()
    group = table["age_group"].to_numpy(dtype=object)
    numbers = table["entries"].to_numpy(dtype=float)
    entries: dict[str, Floats] = {}
    for name in (*AGE_NAMES, "all", UASC):
        here = uasc if name == UASC else ~uasc & (group == name)
        found = np.bincount(at[here], weights=numbers[here], minlength=len(months))
        entries[name] = found.astype(float)
    _spread_all(entries, base)
    siblings = _clumping_of(base)
    clumping = dict.fromkeys((*AGE_NAMES, "non_uasc"), siblings) | {UASC: 1.0}
    return Counts(months, entries, clumping, _without_shocks(history, months))


def _spread_all(entries: dict[str, Floats], base: Scenario) -> None:
    """Entries without ages are divided as the base's are; the base's remands are taken off."""
    usual = entries_by_age(base)
    total = sum(usual.values())
    ages: dict[str, float] = dict(base.demand.remand.ages.items())
    remands = base.demand.remand.per_100_in_care * base.authority.children_in_care / 100
    every = entries.pop("all")
    for name in AGE_NAMES:
        entries[name] = entries[name] + every * (usual[name] / total if total else 0.0)
        remanded = remands * ages.get(name, 0.0)
        kept = usual[name] / (usual[name] + remanded) if remanded else 1.0
        entries[name] = entries[name] * kept


def _clumping_of(base: Scenario) -> float:
    """Mean size of the family in which a child enters, of the base's families."""
    sizes = {int(n): share for n, share in base.demand.sibling_groups.items()}
    return sum(n * n * s for n, s in sizes.items()) / sum(n * s for n, s in sizes.items())


def _observed_months(history: History) -> Months:
    """The complete months observed."""
    first, last = np.datetime64(history.first, "D"), np.datetime64(history.last, "D")
    begin = first.astype("datetime64[M]") + int(first != first.astype("datetime64[M]"))
    months = np.arange(begin, (last + 1).astype("datetime64[M]"))
    for gap_first, gap_last in history.gaps:
        low, high = (np.datetime64(day, "M") for day in (gap_first, gap_last))
        months = months[(months < low) | (months > high)]
    return months


def _without_shocks(history: History, months: Months) -> dict[str, npt.NDArray[np.bool_]]:
    out = {name: np.ones(len(months), dtype=bool) for name in (s.value for s in Stream)}
    if history.shocks is not None:
        for row in history.shocks.to_dict("records"):
            low, high = (np.datetime64(row[end], "M") for end in ("from", "to"))
            for stream, kept in out.items():
                if row["stream"] in (stream, "", "all"):
                    kept &= (months < low) | (months > high)
    return out


# ---- Estimates ---------------------------------------------------------------------------------


def entry_estimates(
    history: History, base: Scenario, children_in_care: int | None
) -> Iterator[Estimate]:
    """The settings of `demand` that counts of entries say something about."""
    counts = entry_counts(history, base)
    if counts is None or not len(counts.months):
        return
    size = children_in_care or base.authority.children_in_care
    for stream in ("non_uasc", UASC):
        yield from _stream_estimates(counts, base, stream, size)
    yield from _replaced(base)
    yield from _first_weeks(history, base)


def _stream_estimates(counts: Counts, base: Scenario, stream: str, size: int) -> Iterator[Estimate]:
    kept = counts.whole[stream]
    if not kept.any():
        return
    uasc = stream == UASC
    part = base.demand.uasc if uasc else base.demand
    names = (UASC,) if uasc else AGE_NAMES
    number = counts.months[kept].astype(np.int64)
    factors = np.asarray(part.month_index, dtype=float) ** part.season_strength
    season = factors / factors.mean() if factors.any() else np.ones(12)
    known = StreamCounts(
        "demand.uasc" if uasc else "demand",
        counts=np.sum([counts.entries[name] for name in names], axis=0)[kept],
        number=number,
        clumping=counts.clumping[stream],
        season=season,
        variation=part.yearly_variation,
    )
    variation = variation_estimate(known)
    yield variation
    yield from season_estimates(known)
    years = float(season[number % 12].sum()) / 12
    usual = _usual_per_100(base)
    for name in names:
        path = "demand.uasc.per_100_in_care" if uasc else f"demand.entries_per_100_in_care.{name}"
        k = EVENTS_OF_THE_PRIOR_UASC if uasc else EVENTS_OF_THE_PRIOR
        entered = float(counts.entries[name][kept].sum())
        between = float(variation.value) / years
        yield level_estimate(path, entered, years * size / 100, usual[name], k,
                             clumping=counts.clumping[name], between=between)  # fmt: skip


def _usual_per_100(base: Scenario) -> dict[str, float]:
    """The base's entries a year per 100 in care."""
    usual: dict[str, float] = {**entries_by_age(base), UASC: sum(uasc_at_start(base))}
    size = base.authority.children_in_care
    return {name: rate / size * 100 if size else 0.0 for name, rate in usual.items()}


def level_estimate(
    path: str,
    entered: float,
    hundreds: float,
    base: float,
    k: float,
    *,
    clumping: float,
    between: float,
) -> Estimate:
    """Entries a year per 100 in care.

    Args:
        path: The setting.
        entered: Children who entered.
        hundreds: Years times hundreds of children in care.
        base: The base's rate.
        k: Of the prior, in independent events.
        clumping: Variance over mean, as siblings come together.
        between: Variance of the mean of these years about the usual year, relative.
    """
    spread = clumping + between * max(entered, base * hundreds)
    value, w, n = shrunk_rate(entered / spread, hundreds / spread, base, k)
    sampled = value / hundreds * spread if hundreds > 0 else 0.0
    low, high = gamma_interval(value, shrunk_variance(value, base, w, sampled, k))
    return Estimate(
        path, short(value), min(short(low), short(value)), max(short(high), short(value)),
        local=entered / hundreds if hundreds > 0 else None, base=base, n=n, weight=w,
        unit="children a year per 100 in care",
        note=(
            f"{entered:.0f} entered; n is the number that the base's rate would bring, over"
            f" {spread:.1f}: siblings come together and years differ, so they count as fewer"
        ),
        own=entered, without_counts="siblings come together and years differ: counted as fewer",
    )  # fmt: skip


def _replaced(base: Scenario) -> Iterator[Estimate]:
    """Levels that the base states in another way, and that would replace the local rates."""
    demand = base.demand
    stated = {
        "demand.entries_per_year": demand.entries_per_year,
        "demand.entries_per_10000_children": demand.entries_per_10000_children,
        "demand.uasc.direct_per_year": demand.uasc.direct_per_year,
        "demand.uasc.transfer_scheme.transfers_per_year": (
            demand.uasc.transfer_scheme.transfers_per_year
        ),
    }
    for path, value in stated.items():
        if value is not None:
            yield Estimate(path, None, base=value, note="entries per 100 in care say it")


def _first_weeks(history: History, base: Scenario) -> Iterator[Estimate]:
    """Of those who entered under 1, the share in the first four weeks of life."""
    if history.care is None or history.children is None:
        return
    care: pd.DataFrame = history.care
    born = history.children.set_index("child")["born"].reindex(care["child"])
    age = day_numbers(care["entered"]) - day_numbers(born)
    counts = care["dated"].to_numpy(dtype=bool) & ~np.isnan(age)
    under_1 = counts & (care["entry_group"] == "under_1").to_numpy()
    if under_1.any():
        early = float((age[under_1] < 28).sum())
        yield share(
            "demand.first_weeks_share", early, float(under_1.sum()), base.demand.first_weeks_share,
            note="of those who entered under 1, by date of birth",
        )  # fmt: skip
