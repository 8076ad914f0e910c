"""Entries of which only yearly counts are published: the sample paths that a run uses."""

from __future__ import annotations

from sufficiency.errors import SufficiencyError
from sufficiency.periods import end_of
from sufficiency.scenario import Assumption, EntryPaths, Scenario, Study, uasc_at_start, with_values
from sufficiency.simulation.arrivals import season

PATHS = 500
"""As many whatever the number of replications: so a replication has the same path in any run."""
MOST_MONTHS = 12 * 26
"""Drawn whatever the length of the run, so that a longer one begins with the shorter."""
FORECAST = "demand.forecast"


def with_paths(study: Study) -> Study:
    """The study with sample paths in place of yearly counts; any other study as it is."""
    forecast = study.scenario.demand.forecast
    if forecast is None or forecast.yearly is None:
        return study
    given = _paths(study.scenario)
    scenario = with_values(study.scenario, {FORECAST: {"file": given}})
    assumptions = _assumptions(study, given)
    return study.model_copy(update={"scenario": scenario, "assumptions": assumptions})


def _paths(scenario: Scenario) -> EntryPaths:
    from sufficiency.forecast.yearly import yearly_paths  # few runs need it

    demand, start = scenario.demand, scenario.start
    assert demand.forecast is not None
    assert demand.forecast.yearly is not None
    if start.day != 1:
        raise SufficiencyError(f"{FORECAST}: the run must begin on the first of a month")
    paths = yearly_paths(
        demand.forecast.yearly,
        first=start,
        months=MOST_MONTHS,
        paths=PATHS,
        seed=scenario.seed,
        season=tuple(season(demand.month_index, demand.season_strength).tolist()),
        uasc_per_year=sum(uasc_at_start(scenario)),
    )
    end = end_of(start, scenario.years)
    months = (end.year - start.year) * 12 + end.month - start.month + (end.day > 1)
    return EntryPaths({name: counts[:, :months] for name, counts in paths.items()}, start)


def _assumptions(study: Study, given: EntryPaths) -> tuple[Assumption, ...]:
    """The assumptions with the counts as the source of the paths that are made of them."""
    yearly = [row for row in study.assumptions if _is_yearly(row)]
    counts = ", ".join(f"{row.path.rpartition('.')[2]} {row.value}" for row in yearly)
    sources = "; ".join(dict.fromkeys(row.source for row in yearly if row.source))
    made = Assumption(
        path=f"{FORECAST}.file",
        value=given,
        source=f"made of yearly counts ({counts}){': ' if sources else ''}{sources}",
        as_of=max((row.as_of for row in yearly), default=""),
        confidence="derived",
        where=yearly[0].where if yearly else "",
    )
    rows: list[Assumption] = []
    for row in study.assumptions:
        if not _is_yearly(row):
            rows.append(row)
        elif made not in rows:
            rows.append(made)
    return tuple(rows)


def _is_yearly(row: Assumption) -> bool:
    return row.path.startswith(f"{FORECAST}.yearly")
