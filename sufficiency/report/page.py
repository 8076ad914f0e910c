"""The page: what goes into it, and in which order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from plotly.offline import get_plotlyjs

from sufficiency import charts
from sufficiency.answer import Answer, answer_of, appendix
from sufficiency.answer.effects import DISPLACED, HOMES, Effect, OptionAnswer
from sufficiency.answer.words import (
    FEWER_THAN_PLACES,
    RANGE_OF_DIFFERENCE,
    RANGE_OF_FUTURES,
    capital,
    chance,
    years_words,
)
from sufficiency.charts import Chart
from sufficiency.comparison import Headline
from sufficiency.comparison import headline as headline_of
from sufficiency.report import members
from sufficiency.report.choosing import Choice, Choices, choice, choices_of_run
from sufficiency.report.money import Costs, Money, costs, money_of_run
from sufficiency.report.rendering import figures, render
from sufficiency.results.files import write_text
from sufficiency.results.results import Results
from sufficiency.scenario import Study, as_tree
from sufficiency.scenario_file.describing import NO_SOURCE, option_lines

FILE = "report.html"


class Tables(NamedTuple):
    """What the page is made of."""

    summary: pd.DataFrame
    """As `summary.csv`."""
    comparison: pd.DataFrame
    """As `comparison.csv`."""
    headline: Headline
    """As `comparison.headline` makes it."""
    study: Study
    """The scenario, its options, and where its values come from."""
    manifest: Mapping[str, Any]
    """As `manifest.json`."""
    money: Money | None = None
    """What it costs; None where the run has no complete financial year."""
    choices: Choices | None = None
    """Options side by side; None where there is none."""


class Section(NamedTuple):
    """One part of the page."""

    name: str
    title: str


def tables_of(results: Results, *, money: bool = True) -> Tables:
    """The tables of a run that has been written to its folder.

    Args:
        results: The run.
        money: Whether those of money are wanted too, which take a few seconds.
    """
    return Tables(
        summary=results.summary(),
        comparison=results.comparison(),
        headline=headline_of(results),
        study=results.study,
        manifest=results.manifest,
        money=money_of_run(results) if money else None,
        choices=choices_of_run(results),
    )


def write(tables: Results | Tables, folder: Path | None = None) -> Path:
    """Write `report.html`: whole or not at all.

    Args:
        tables: A run, or its tables.
        folder: Where to; left out: into the run's folder.
    """
    if isinstance(tables, Results):
        folder = tables.folder if folder is None else folder
        tables = tables_of(tables)
    if folder is None:
        raise ValueError("tables have no folder of their own: say where the report goes")
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / FILE, page(tables))
    return folder / FILE


def page(tables: Tables) -> str:
    """The whole page as text."""
    answer = answer_of(tables.summary, tables.comparison, tables.headline, tables.study)
    spent = _costs(tables, answer)
    chosen = _choice(tables, answer)
    drawn = _charts(tables, answer, spent, chosen)
    questions = members.questions(tables.summary, answer.name, answer.start)
    context = {
        "answer": answer,
        "description": tables.study.scenario.description,
        "sections": _sections(tables, drawn, questions),
        "charts": drawn,
        "questions": questions,
        "costs": spent,
        "choice": chosen,
        "missing": _missing(answer),
        "options": [_option(option, answer, tables.study) for option in answer.options],
        "observed": appendix.observed(tables.summary, tables.study.scenario),
        "method": appendix.method(tables.study, tables.manifest, answer),
        "assumptions": appendix.assumptions(tables.study),
        "flagged": {NO_SOURCE},
        "glossary": appendix.glossary(tables.summary),
        "limits": appendix.LIMITS,
        "record": appendix.record(tables.manifest),
        "words": {
            "futures": RANGE_OF_FUTURES,
            "differences": RANGE_OF_DIFFERENCE,
            "fewer": FEWER_THAN_PLACES,
        },
        "recruiting": any(option.recruits for option in answer.options),
        "version": str(tables.manifest.get("version", "")),
        "figures": figures(chart for group in drawn.values() for chart in group),
        "plotly": get_plotlyjs(),
    }
    return render("page.html", context)


def _costs(tables: Tables, answer: Answer) -> Costs | None:
    if tables.money is None:
        return None
    return costs(tables.money, answer.name, tables.study.scenario.prices.high_cost_from)


def _choice(tables: Tables, answer: Answer) -> Choice | None:
    if tables.choices is None:
        return None
    return choice(tables.choices, tables.money, answer.name)


def _charts(
    tables: Tables, answer: Answer, spent: Costs | None, chosen: Choice | None
) -> dict[str, list[Chart]]:
    """The charts that can be drawn, by section."""
    summary, area = tables.summary, answer.name
    made: Mapping[str, Sequence[Chart | None]] = {
        "nothing": [charts.in_house(summary, area, answer.decline)],
        "need": [charts.need_against_places(summary, area)],
        "options": [charts.changes(answer.options, answer.at, area)],
        "children": [
            charts.children_in_care(summary, area),
            charts.where_children_live(summary, area),
        ],
        "costs": [] if spent is None else spent.charts,
        "choice": [] if chosen is None else chosen.charts,
    }
    return {name: [chart for chart in group if chart is not None] for name, group in made.items()}


def _sections(
    tables: Tables,
    drawn: Mapping[str, Sequence[Chart]],
    questions: Sequence[members.Question],
) -> list[Section]:
    sections = [
        Section("nothing", "If nothing is decided"),
        Section("need", "Need against places"),
        Section("options", "What each option changes"),
        Section("costs", "What it costs"),
        Section("choice", "Which option"),
        Section("children", "How many children, and where"),
        Section("members", "What members ask"),
        Section("published", "Published figures beside the simulated"),
        Section("method", "How this was worked out"),
        Section("assumptions", "Assumptions and their sources"),
        Section("words", "What the words mean"),
        Section("limits", "Limits"),
        Section("record", "Run record"),
    ]
    empty = {name for name, group in drawn.items() if not group}
    if tables.choices is not None:
        empty.discard("choice")  # a run without money has its tables
    if not questions:
        empty.add("members")
    if not tables.study.scenario.observed:
        empty.add("published")
    return [section for section in sections if section.name not in empty]


def _missing(answer: Answer) -> dict[str, Any]:
    rows = [(capital(m.words), m.value(m.first), m.value(m.last)) for m in answer.missing]
    return {"columns": ("What", "At the start", "At the end"), "rows": rows}


def _option(option: OptionAnswer, answer: Answer, study: Study) -> dict[str, Any]:
    """One option for its table: a row for each thing that may change, a column for each time."""
    times = (*answer.years, None)
    order = sorted(option.items, key=_place)
    found = {given.name: given for given in study.options}
    lines = (
        option_lines(found[option.name], as_tree(study.scenario)) if option.name in found else []
    )
    return {
        "answer": option,
        "heads": [*(f"after {years_words(year)}" for year in answer.years), "on average"],
        "rows": [
            {
                "words": _row_words(option, item),
                "cells": [_cell(option.effect(item, time)) for time in times],
            }
            for item in order
        ],
        "lines": lines,
    }


def _place(item: str) -> int:
    """Types of placement in their order, homes in all after both kinds, then the outcomes."""
    order = [*DISPLACED[:4], HOMES, *DISPLACED[4:]]
    return order.index(item) if item in order else len(order)


def _row_words(option: OptionAnswer, item: str) -> str:
    effect = next(effect for effect in option.effects if effect.item == item)
    return capital(effect.words) + (" (percentage points)" if effect.share else "")


def _cell(effect: Effect | None) -> dict[str, Any] | None:
    if effect is None:
        return None
    if effect.verdict == "none":
        return {"value": "no change", "lines": []}
    likely = (
        f"better in {chance(effect.better)}"
        if effect.better is not None
        else f"more in {chance(effect.more)}"
        if effect.more is not None
        else ""
    )
    unclear = ["not clear"] if effect.verdict == "unclear" else []
    return {"value": effect.value, "lines": [*unclear, effect.range, *([likely] if likely else [])]}
