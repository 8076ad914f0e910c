"""Where we are going: children in care, entries, in-house carers; the past and the range ahead."""

from __future__ import annotations

from sufficiency import charts
from sufficiency.answer import Answer
from sufficiency.charts.entries import entries
from sufficiency.charts.past import dated, told
from sufficiency.report.parts import Exhibits
from sufficiency.report.tables import Tables


def exhibits(tables: Tables, answer: Answer) -> Exhibits:
    """Everything that is shown of it."""
    scenario = tables.study.scenario
    before = dated(told(scenario, "children_in_care"))
    entered = told(scenario, "entries")
    made = (
        charts.children_in_care(tables.summary, answer.name, before),
        entries(tables.summary, answer.name, entered),
        charts.in_house(tables.summary, answer.name, answer.decline),
    )
    return Exhibits(
        lead=[
            "This is what every option is compared with: the usual approvals and departures of"
            " foster carers, the homes there are, and no new decision."
        ],
        charts=[chart for chart in made if chart is not None],
        notes=[_about_past(known=bool(before or entered))],
    )


def _about_past(*, known: bool) -> str:
    if known:
        return (
            "What was before the run is as the scenario states it, published or counted. Published"
            " starts of care count a child once a year; the simulation counts every start."
        )
    return (
        "The scenario says nothing of the years before the run: add them as `history`, and these"
        " figures begin with them."
    )
