"""Unaccompanied children: against the transfer threshold, when they come, and what that does."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import mean

from sufficiency.answer import Answer
from sufficiency.answer.quarters import months_of, span
from sufficiency.answer.threshold import POPULATION
from sufficiency.answer.words import capital, listed, number, percent
from sufficiency.charts.past import dated, told
from sufficiency.charts.uasc import against_threshold, uasc_entries
from sufficiency.report.grids import Baseline, Cell, Grid, Row, blocks_of, covered, date_words
from sufficiency.report.parts import Exhibits
from sufficiency.report.tables import Tables
from sufficiency.scenario import Assumption, Scenario, Study, uasc_flows
from sufficiency.vocabulary import Confidence

_STREAM = "stream=uasc"
_FLOWS = {
    "Unaccompanied children who enter": ("entries", _STREAM),
    "Children in an unregistered placement at some time": ("unregistered_children", ""),
}
_STOCKS = {
    "Unaccompanied children in care": ("children_in_care", _STREAM),
    "Unaccompanied children with unmet need": ("unmet_need", "cohort=uasc"),
    "Young people in supported accommodation": ("children_in_care", "type=supported"),
    "Vacant places in supported accommodation": ("places_vacant", "kind=supported"),
}


def exhibits(tables: Tables, answer: Answer) -> Exhibits:
    """Everything that is shown of it."""
    scenario = tables.study.scenario
    past = dated(told(scenario, "children_in_care", _STREAM))
    made = (
        against_threshold(
            tables.summary, scenario, tables.uasc, past, assumed=_is_assumed(tables.study)
        ),
        uasc_entries(tables.summary, answer.name, told(scenario, "entries", _STREAM)),
    )
    grid = _by_season(Baseline(tables.summary, answer.name, answer.start))
    return Exhibits(
        charts=[chart for chart in made if chart is not None],
        grids=[grid] if grid.blocks else [],
        notes=[*_about_scheme(scenario), *_about_population(tables.study), *_surges(scenario)],
    )


def _by_season(run: Baseline) -> Grid:
    """Averages of each quarter of the year over all whole years: what the peaks do."""
    quarters = run.quarters("entries")
    quarters = quarters[: len(quarters) // 4 * 4]
    heads = list(dict.fromkeys(map(months_of, quarters)))
    years = len(quarters) // 4
    note = f"; {covered(quarters)}; average over {years} years" if years > 1 else ""
    return Grid(
        name="uasc-season",
        caption="What the season of unaccompanied children does, by quarter of the year",
        note=f"({run.of('children and places')}{note}, if nothing is decided)",
        corner="Quarter",
        heads=heads,
        blocks=blocks_of(
            ("In the quarter", _rows(run, _FLOWS, {q: q for q in quarters})),
            ("At its end", _rows(run, _STOCKS, {q: span(q).last for q in quarters})),
        ),
        lines=[
            "Unregistered placements and supported accommodation are of all children: other"
            " children have seasons of their own."
        ],
    )


def _rows(run: Baseline, asked: dict[str, tuple[str, str]], times: dict[str, str]) -> Iterable[Row]:
    """Averages by quarter of the year; a row without a number where one of them is missing."""
    for words, (measure, group) in asked.items():
        found = run.levels(measure, group)
        if all(time in found for time in times.values()):
            by_months: dict[str, list[float]] = {}
            for quarter, time in times.items():
                by_months.setdefault(months_of(quarter), []).append(found[time].mean)
            yield Row(words, [Cell(number(mean(values))) for values in by_months.values()])


def _about_scheme(scenario: Scenario) -> Iterable[str]:
    """What the scenario says of the transfer scheme on the first day."""
    scheme = scenario.demand.uasc.transfer_scheme
    direct, transfers = uasc_flows(scenario)
    if scheme.joins is not None and scheme.joins > scenario.start:
        yield f"The authority joins the transfer scheme on {date_words(scheme.joins.isoformat())}."
    if transfers > 0:
        yield (
            f"Below the threshold ({percent(scheme.threshold)} of the child population) about"
            f" {percent(transfers / (direct + transfers))} of unaccompanied children come by"
            " transfer. At it or above, nobody is transferred in, and"
            f" {percent(scheme.share_referred_on)} of those who arrive directly are referred to"
            f" another authority after {number(scheme.referral_days)} days."
        )
    if scheme.quota is not None:
        quota = number(scheme.quota)
        yield f"Nobody is transferred in while there are {quota} or more, which is the quota."


def _about_population(study: Study) -> Iterable[str]:
    """What the threshold rests on; that it is assumed, where it is."""
    population = study.scenario.authority.child_population
    row = _population_row(study)
    if row is None:
        return
    within = (
        f" ({number(row.low)} to {number(row.high)})"
        if row.low is not None and row.high is not None
        else ""
    )
    assumed = (
        "an assumption, and so is the threshold" if row.confidence == "assumption" else "an input"
    )
    source = f" Source: {row.source}." if row.source else ""
    yield f"The child population of {number(population)}{within} is {assumed}.{source}"


def _population_row(study: Study) -> Assumption | None:
    return next((row for row in study.assumptions if row.path == POPULATION), None)


def _is_assumed(study: Study) -> bool:
    row = _population_row(study)
    return row is not None and row.confidence == Confidence.ASSUMPTION


def _surges(scenario: Scenario) -> Iterable[str]:
    """The dated peaks that the scenario has."""
    found = [
        f"{number(surge.extra_children)} more from {date_words(surge.from_.isoformat())} to"
        f" {date_words(surge.to.isoformat())}"
        for surge in scenario.demand.surges
        if surge.stream == "uasc"
    ]
    if found:
        yield f"{capital(listed(found))} are expected as a dated peak."
