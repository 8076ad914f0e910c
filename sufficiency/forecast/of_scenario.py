"""What a scenario says about entries to come: its seasons, and a forecast from yearly counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import pandas as pd

from sufficiency.errors import SufficiencyError
from sufficiency.forecast.forecasting import check_asked
from sufficiency.forecast.result import Forecast
from sufficiency.forecast.scores import SCORES
from sufficiency.forecast.series import Ints
from sufficiency.forecast.yearly import yearly_paths
from sufficiency.scenario import EntryPaths, Scenario, uasc_at_start
from sufficiency.vocabulary import Stream

YEARLY, GIVEN = "yearly counts", "given paths"


def seasons(scenario: Scenario) -> dict[str, tuple[float, ...]]:
    """Month index of each stream, January first, at the strength that the scenario states."""
    demand, uasc = scenario.demand, scenario.demand.uasc
    stated = {
        str(Stream.NON_UASC): (demand.month_index, demand.season_strength),
        str(Stream.UASC): (uasc.month_index, uasc.season_strength),
    }
    out = {}
    for stream, (index, strength) in stated.items():
        factors = np.asarray(index, dtype=float) ** strength
        factors = factors / factors.mean() if factors.any() else np.ones(12)
        out[stream] = tuple(factors.tolist())
    return out


def forecast_of(scenario: Scenario, *, months: int, paths: int, seed: int) -> Forecast:
    """The entries that a scenario's own counts foretell, from its first day on.

    From the sample paths it names, or else from yearly counts: those of `demand.forecast.yearly`,
    or `demand.entries_per_year` as the count of the financial year before its start.
    """
    given = scenario.demand.forecast
    if given is not None and given.file is not None:
        return _as_given(given.file)
    return from_yearly(
        _yearly_counts(scenario),
        first=date(scenario.start.year, scenario.start.month, 1),
        uasc_per_year=sum(uasc_at_start(scenario)),
        season=seasons(scenario)[Stream.NON_UASC],
        months=months,
        paths=paths,
        seed=seed,
    )


def from_yearly(
    counts: Mapping[str, float],
    *,
    first: date,
    uasc_per_year: float,
    season: Sequence[float],
    months: int,
    paths: int,
    seed: int,
) -> Forecast:
    """A forecast of children other than UASC from yearly counts alone; see `yearly_paths`."""
    check_asked(months, paths, seed)
    made = yearly_paths(
        counts,
        first=first,
        months=months,
        paths=paths,
        seed=seed,
        season=season,
        uasc_per_year=uasc_per_year,
    )
    years = "the count of one year" if len(counts) == 1 else f"the counts of {len(counts)} years"
    why = (
        f"only yearly counts are known: a level from {years} with its uncertainty, times the month"
        " index"
    )
    notes = ["Nothing is tested on the past: yearly counts are too few for it."]
    if uasc_per_year:
        notes.insert(
            0,
            f"The counts are of all children; {uasc_per_year:.1f} UASC a year are taken off them,"
            " because the simulation brings UASC itself, by arrivals and by the transfer scheme.",
        )
    return _forecast(first, made, YEARLY, why, tuple(notes))


def _yearly_counts(scenario: Scenario) -> Mapping[str, float]:
    demand = scenario.demand
    if demand.forecast is not None and demand.forecast.yearly is not None:
        return demand.forecast.yearly
    if demand.entries_per_year is None:
        raise SufficiencyError(
            f"{scenario.name} says nothing to forecast from: state demand.entries_per_year or"
            " demand.forecast, or give a folder with counts.csv or an SSDA903 return"
        )
    year = scenario.start.year - (scenario.start.month < 4) - 1
    return {f"{year}-{(year + 1) % 100:02d}": demand.entries_per_year}


def _as_given(given: EntryPaths) -> Forecast:
    made = {name: values.astype(np.int64) for name, values in given.columns.items()}
    why = "the scenario names a file of sample paths"
    return _forecast(given.first, made, GIVEN, why, ())


def _forecast(
    first: date, made: Mapping[str, Ints], chosen: str, why: str, notes: tuple[str, ...]
) -> Forecast:
    """A forecast without a past of its own."""
    return Forecast(
        first=first,
        paths=dict(made),
        chosen=dict.fromkeys(made, chosen),
        why=dict.fromkeys(made, why),
        scores=pd.DataFrame(
            columns=["stream", "candidate", "span", "origins", "forecasts", *SCORES]
        ),
        history=pd.DataFrame(columns=["month", "stream", "entries", "left_out"]),
        notes=notes,
    )
