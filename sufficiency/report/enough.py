"""How many are enough: the answer of a lever at several values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from sufficiency.answer import Answer
from sufficiency.answer.effects import errors_to_tell
from sufficiency.answer.money import pounds
from sufficiency.answer.target_page import answer_words, goal_words, lever_words
from sufficiency.answer.words import (
    KIND_WORDS,
    MINUS,
    RANGE_OF_FUTURES,
    chance,
    listed,
    number,
    spread,
    when,
)
from sufficiency.charts import Chart
from sufficiency.charts.dose_response import dose_response
from sufficiency.charts.doses import UNITS, WHERE, axis_of, bend_of, clear, doses_chart
from sufficiency.comparison.doses import RECRUITED, Doses
from sufficiency.report.findings import LEFT_OUT, Finding, not_shown, redrawn
from sufficiency.report.parts import Exhibits
from sufficiency.report.tables import Tables

BEYOND = (
    "Between the amounts that were simulated nothing is known but what a straight line would say."
    " To find the least that meets a goal: sufficiency target, and show what it found here with"
    " sufficiency report RUN --with FOLDER."
)
HARDLY_ANY = 0.5
"""Children: fewer on average are hardly any."""
BY_PEOPLE = (
    "Carers are people, households are what is approved: an option that counts carers is shown in"
    " households, by the scenario's own carers per household."
)


def exhibits(tables: Tables, answer: Answer) -> Exhibits:
    """Everything that is shown of it."""
    times = errors_to_tell(answer.futures)
    years = tables.money.savings.years if tables.money else ()
    shown: list[Doses] = []
    charts: list[Chart] = []
    for found in tables.doses:
        chart = doses_chart(found, answer.name, times, years, place=len(charts) + 1)
        if chart is not None:
            shown.append(found)
            charts.append(chart)
    found_too = tables.findings.targets
    aims = [one for one in found_too if not not_shown(one, tables.summary)]
    lead = [text for found in shown for text in _paragraphs(found, times, years) if text]
    return Exhibits(
        lead=[*lead, *map(_of_target, aims)],
        charts=[
            *charts,
            *(redrawn(dose_response(one.found), one, n) for n, one in enumerate(aims, start=1)),
        ],
        notes=[
            *([BY_PEOPLE] if any(found.lever == RECRUITED for found in shown) else []),
            *([BEYOND] if shown and not aims else []),
            *([LEFT_OUT] if len(aims) < len(found_too) else []),
        ],
    )


# --- what the run says ------------------------------------------------------------------------


def _paragraphs(found: Doses, times: float, years: Sequence[str]) -> Iterable[str]:
    yield " ".join((*_course(found, times), *_kept(found, times)))
    yield " ".join((*_unmet(found), *_saved(found, times, years)))


def _rows(found: Doses, item: str) -> pd.DataFrame:
    return found.table[found.table["item"] == item]


def _amount(found: Doses, value: float) -> str:
    """An amount with what it counts: `12 households`."""
    unit = UNITS.get(found.lever)
    if unit is None:
        return f"{axis_of(found)} {number(value)}"
    return f"{number(value)} {unit[0] if number(value) == '1' else unit[1]}"


def _course(found: Doses, times: float) -> Iterable[str]:
    """What one more adds at first, and whether later ones add as much."""
    rows = _rows(found, "children")
    if not len(rows):
        return
    told = [
        f"{_amount(found, row.dose)} bring{'s' if number(row.dose) == '1' else ''}"
        f" {_more(row.mean)}"
        for row in rows.iloc[1:].itertuples()
    ]
    yield (
        f"Children {WHERE[found.living]} in {when(found.date)}, on average and against doing"
        f" nothing: {listed(told)}."
    )
    steps = rows["step"].tolist()[1:]
    bend = bend_of(found, "children", times)
    ends = f"{_step(steps[0])} at first and {_step(steps[-1])} at the end"
    if not clear(steps[0], float(rows["step_se"].iloc[1]), times):
        yield "What one more of it changes cannot be told from nothing."
    elif bend is None:
        yield (
            f"One more adds {ends}: that the later ones add less cannot be told, so nothing here"
            " says where it flattens."
        )
    else:
        how = "It flattens" if bend[1] * steps[0] < 0 else "It steepens"
        yield f"{how} beyond {_amount(found, bend[0])}: one more adds {ends}."


def _more(value: float) -> str:
    return f"{number(abs(value))} {'more' if value >= 0 else 'fewer'}"


def _step(value: float) -> str:
    return f"{value:.2f}".replace("-", MINUS)


def _kept(found: Doses, times: float) -> Iterable[str]:
    """Which of the amounts keeps as many children there as on the first day."""
    rows = _rows(found, "kept")
    if not len(rows) or found.lever != RECRUITED:  # of carers alone is it a goal to keep them
        return
    today = (
        f"as many children {WHERE[found.living]} until {when(found.date)} as on the first day"
        f" ({number(found.today)})"
    )
    enough, nothing, most = rows[rows["mean"] >= 0], rows.iloc[0], rows.iloc[-1]
    if not len(enough):
        yield (
            f"No amount tried keeps {today}: with {_amount(found, most['dose'])} it is"
            f" {number(-most['mean'])} fewer on average, and so many in {chance(most['not_below'])}"
            " of futures."
        )
        return
    least = enough.iloc[0]
    share = f"so many live there in {chance(least['not_below'])} of futures"
    if least["dose"] == nothing["dose"]:
        yield f"With nothing done {today} stay on average; {share}."
        return
    about = "" if clear(least["mean"], least["se"], times) else "about "
    yield (
        f"The least tried that keeps {today} on average is {about}{_amount(found, least['dose'])};"
        f" {share}."
    )


def _unmet(found: Doses) -> Iterable[str]:
    rows = _rows(found, "unmet")
    if not len(rows):
        return
    first, last = rows.iloc[0], rows.iloc[-1]
    hardly = rows[rows["mean"] < HARDLY_ANY]
    met = "No amount tried brings it near none."
    if len(hardly):
        met = f"{_amount(found, hardly['dose'].iloc[0])} leave hardly any."
    yield (
        f"Children without the {KIND_WORDS[found.kind]} planned, in {when(found.date)}:"
        f" {number(first['mean'])} on average with nothing done, {number(last['mean'])} with"
        f" {_amount(found, last['dose'])} ({RANGE_OF_FUTURES}: {spread(last['p10'], last['p90'])})."
        f" {met}"
    )


def _saved(found: Doses, times: float, years: Sequence[str]) -> Iterable[str]:
    rows = _rows(found, "saving")
    if not len(rows) or not years:
        return
    told = [
        f"{pounds(row.mean)} with {_amount(found, row.dose)}"
        + ("" if clear(row.mean, row.se, times) else " (cannot be told from nothing)")
        for row in rows.iloc[1:].itertuples()
    ]
    bend = bend_of(found, "saving", times)
    text = f"Saved from {years[0]} to {years[-1]} on average, capital apart: {listed(told)}."
    if bend is not None:
        less = "less" if bend[1] * float(rows["step"].iloc[1]) < 0 else "more"
        text += f" Beyond {_amount(found, bend[0])} one more saves clearly {less} than before."
    yield text


# --- what a target found ----------------------------------------------------------------------


def _of_target(one: Finding) -> str:
    found = one.found
    return f"{goal_words(found)} {lever_words(found)} {' '.join(answer_words(found))}"
