"""The test on the past: each candidate forecasts from past months what came after them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from sufficiency.forecast.candidates import candidates, paths_of
from sufficiency.forecast.scores import SCORES, scored
from sufficiency.forecast.series import FULL_MONTHS, Floats, Ints, Series

SPANS = ("month", "twelve_months")
STEP, MOST_ORIGINS = 3, 12
"""Months between origins, and how many at most: what keeps it within seconds."""
HORIZON = 24
FIRST_ORIGIN = 24
"""Months that a candidate must be able to look back on."""
TRIAL_PATHS = 400
FEWEST_KNOWN = 9
"""Months of a year that must count for its total to be scored."""


class Trial(NamedTuple):
    """One candidate at one origin."""

    origin: int
    candidate: str
    scores: Mapping[str, Mapping[str, float]] | None
    """By span; None if the candidate failed."""
    forecasts: Mapping[str, int]
    """By span, how many were scored."""


def origins(months: int) -> tuple[int, ...]:
    """Numbers of months after which a past forecast is made, the latest first.

    A year must follow each, and three years come before where the series is long enough.
    """
    earliest = FIRST_ORIGIN if months < 2 * FULL_MONTHS else FULL_MONTHS
    if months < FULL_MONTHS:
        earliest = 12
    found = range(months - 12, earliest - 1, -STEP)
    return tuple(found[:MOST_ORIGINS])


def trials(series: Series, key: tuple[int, ...]) -> list[Trial]:
    """Every candidate at every origin, with as many children entered before it as to learn from."""
    names, found = candidates(series), []
    for origin in origins(len(series)):
        past = series.until(origin)
        came = series.counts[origin : origin + HORIZON]
        if past.known.sum() < min(origin, 12) or not (~np.isnan(came)).any():
            continue
        made = paths_of(names, past, len(came), TRIAL_PATHS, (*key, origin))
        found += [_trial(origin, name, paths, came) for name, paths in made.items()]
    return found


def _trial(origin: int, name: str, paths: Ints | None, came: Floats) -> Trial:
    parts = {"month": _months(paths, came), "twelve_months": _totals(paths, came)}
    forecasts = {span: 0 if part is None else len(part[1]) for span, part in parts.items()}
    if paths is None:
        return Trial(origin, name, None, forecasts)
    scores = {span: scored(*part) for span, part in parts.items() if part is not None}
    return Trial(origin, name, scores, forecasts)


def _months(paths: Ints | None, came: Floats) -> tuple[Ints | Floats, Floats] | None:
    known = ~np.isnan(came)
    return None if paths is None else (paths[:, known], came[known])


def _totals(paths: Ints | None, came: Floats) -> tuple[Floats, Floats] | None:
    """Totals of each whole year ahead; months left out are left out of both."""
    if paths is None:
        return None
    years = len(came) // 12
    by_year = came[: years * 12].reshape(years, 12)
    known = ~np.isnan(by_year)
    enough = known.sum(axis=1) >= FEWEST_KNOWN
    if not enough.any():
        return None
    totals = (paths[:, : years * 12].reshape(-1, years, 12) * known).sum(axis=2)
    return totals[:, enough].astype(np.float64), np.nansum(by_year, axis=1)[enough]


def table(found: list[Trial]) -> list[dict[str, object]]:
    """A row per candidate and span: means over origins, each origin as its number of forecasts.

    A candidate that failed at any origin has no scores: what it would have cost is not known.
    """
    names = list(dict.fromkeys(trial.candidate for trial in found))
    return [_row(name, span, found) for name in names for span in SPANS]


def _row(name: str, span: str, found: list[Trial]) -> dict[str, object]:
    own = [trial for trial in found if trial.candidate == name]
    failed = any(trial.scores is None for trial in own)
    used = [t for t in own if t.scores is not None and span in t.scores]
    weights = [trial.forecasts[span] for trial in used]
    row: dict[str, object] = {
        "candidate": name, "span": span, "origins": len(used), "forecasts": sum(weights),
    }  # fmt: skip
    for score in SCORES:
        values = [t.scores[span][score] for t in used if t.scores is not None]
        known = bool(values) and not failed
        row[score] = float(np.average(values, weights=weights)) if known else float("nan")
    return row
