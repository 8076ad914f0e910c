"""The page: what goes into it, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from plotly.offline import get_plotlyjs

from sufficiency import charts
from sufficiency.answer import Answer, answer_of, appendix
from sufficiency.answer.effects import DISPLACED, FAMILY, HOMES, Effect, OptionAnswer
from sufficiency.answer.money import Money, money_of
from sufficiency.answer.words import (
    FEWER_THAN_PLACES,
    RANGE_OF_DIFFERENCE,
    RANGE_OF_FUTURES,
    capital,
    chance,
    years_words,
)
from sufficiency.charts import Chart
from sufficiency.report import (
    ahead,
    believe,
    carers,
    children,
    decisions,
    enough,
    find_out,
    flow,
    members,
    need,
    plan,
    settled,
    uasc,
)
from sufficiency.report.choosing import Choice, choice
from sufficiency.report.grids import date_words
from sufficiency.report.money import Costs, costs
from sufficiency.report.parts import Exhibits
from sufficiency.report.rendering import figures, render
from sufficiency.report.tables import Tables, tables_of
from sufficiency.results.files import write_text
from sufficiency.results.results import Results
from sufficiency.scenario import Study
from sufficiency.scenario_file.describing import NO_SOURCE, option_lines, shown_tree

FILE = "report.html"


class Section(NamedTuple):
    """One part of the page."""

    name: str
    title: str
    group: str
    """What parts that belong together are called in the contents."""


PARTS: Mapping[str, Callable[[Tables, Answer], Exhibits]] = {
    "ahead": ahead.exhibits,
    "need": need.exhibits,
    "children": children.exhibits,
    "flow": flow.exhibits,
    "settled": settled.exhibits,
    "uasc": uasc.exhibits,
    "carers": carers.exhibits,
    "enough": enough.exhibits,
    "find_out": find_out.exhibits,
    "believe": believe.exhibits,
}
"""Parts that are sentences, charts and tables, by name; the others have a layout of their own."""


_AHEAD, _OPTIONS, _REST = "If nothing is decided", "What could be done", "What it rests on"
SECTIONS = (
    Section("plan", "The plan on a page", "In short"),
    Section("ahead", "Where we are going", _AHEAD),
    Section("need", "Need against places", _AHEAD),
    Section("children", "Where children will live", _AHEAD),
    Section("flow", "What happens to a child", _AHEAD),
    Section("settled", "How settled children are", _AHEAD),
    Section("uasc", "Unaccompanied children", _AHEAD),
    Section("carers", "Foster carers", _AHEAD),
    Section("costs", "What it costs", _AHEAD),
    Section("options", "What each option changes", _OPTIONS),
    Section("enough", "How many are enough", _OPTIONS),
    Section("choice", "Which option", _OPTIONS),
    Section("find_out", "What to find out", _OPTIONS),
    Section("believe", "Why believe it", _REST),
    Section("members", "What members ask", _REST),
    Section("method", "How this was worked out", _REST),
    Section("assumptions", "Assumptions and their sources", _REST),
    Section("decisions", "Decisions, owners and review", _REST),
    Section("words", "What the words mean", _REST),
    Section("limits", "Limits", _REST),
    Section("record", "Run record", _REST),
)
"""All parts of the page in their order; those without content are left out."""


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
    money = _money(tables)
    answer = answer_of(tables.summary, tables.comparison, tables.headline, tables.study, money)
    short = plan.on_a_page(tables, answer, money)
    spent = _costs(tables, answer)
    chosen = _choice(tables, answer)
    parts = {name: made(tables, answer) for name, made in PARTS.items()}
    drawn = {"plan": short.charts, **_charts(tables, answer, spent, chosen, parts)}
    questions = members.questions(tables.summary, answer.name, answer.start)
    context = {
        "answer": answer,
        "area": answer.name,
        "description": tables.study.scenario.description,
        "sections": _sections(
            drawn,
            questions,
            parts,
            (spent, chosen),
            published=bool(tables.study.scenario.observed),
        ),
        "parts": parts,
        "plan": short,
        "decided": decisions.logs(tables, answer),
        "source": source_of(tables.manifest, answer.name),
        "charts": drawn,
        "questions": questions,
        "costs": spent,
        "choice": chosen,
        "missing": _missing(answer),
        "options": [_option(option, answer, tables.study) for option in answer.options],
        "observed": appendix.observed(tables.summary, tables.study.scenario),
        "past": bool(tables.findings.validations),
        "wrong": believe.cautions(tables.checks),
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
        "publication": tables.publication,
        "version": str(tables.manifest.get("version", "")),
        "figures": figures(chart for group in drawn.values() for chart in group),
        "plotly": get_plotlyjs(),
    }
    return render("page.html", context)


def _money(tables: Tables) -> Money | None:
    """What the run says of money in a few figures."""
    if tables.money is None:
        return None
    return money_of(tables.money.pressure, tables.money.savings)


def _costs(tables: Tables, answer: Answer) -> Costs | None:
    if tables.money is None:
        return None
    return costs(tables.money, answer.name, tables.study.scenario.prices.high_cost_from)


def _choice(tables: Tables, answer: Answer) -> Choice | None:
    if tables.choices is None:
        return None
    return choice(tables.choices, tables.money, answer.name)


def _charts(
    tables: Tables,
    answer: Answer,
    spent: Costs | None,
    chosen: Choice | None,
    parts: Mapping[str, Exhibits],
) -> dict[str, list[Chart]]:
    """The charts that can be drawn, by section."""
    area = answer.name
    made: Mapping[str, Sequence[Chart | None]] = {
        "options": [charts.changes(answer.options, answer.at, area)],
        "costs": [] if spent is None else spent.charts,
        "choice": [] if chosen is None else chosen.charts,
        **{name: part.charts for name, part in parts.items()},
    }
    return {name: [chart for chart in group if chart is not None] for name, group in made.items()}


def _sections(
    drawn: Mapping[str, Sequence[Chart]],
    questions: Sequence[members.Question],
    parts: Mapping[str, Exhibits],
    others: tuple[Costs | None, Choice | None],
    *,
    published: bool,
) -> list[Section]:
    """The parts of the page that have content.

    Args:
        drawn: Charts by part.
        questions: What members ask.
        parts: Parts that are sentences, charts and tables.
        others: What it costs, and which option.
        published: Whether the scenario holds published figures that were no inputs.
    """
    spent, chosen = others
    empty = {name for name in ("options", "costs", "choice") if not drawn[name]}
    empty |= {name for name, part in parts.items() if part.empty}
    if published:
        empty.discard("believe")  # why they are not compared has to be said too
    if spent is not None and spent.grids:
        empty.discard("costs")
    if chosen is not None and (chosen.tables or chosen.grids or chosen.gains):
        empty.discard("choice")  # a run without money has its tables
    if not questions:
        empty.add("members")
    return [section for section in SECTIONS if section.name not in empty]


def source_of(manifest: Mapping[str, Any], area: str) -> str:
    """Where the numbers under a chart come from, in a line that can be cut out with it."""
    version, futures = manifest.get("version", ""), manifest.get("replications", "")
    day = str(manifest.get("started", ""))[:10]
    made = f", run of {date_words(day)}" if len(day) == 10 else ""
    return f"simulation of {area} with sufficiency {version}, {futures} futures{made}"


def _missing(answer: Answer) -> dict[str, Any]:
    rows = [(capital(m.words), m.value(m.first), m.value(m.last)) for m in answer.missing]
    return {"columns": ("What", "At the start", "At the end"), "rows": rows}


def _option(option: OptionAnswer, answer: Answer, study: Study) -> dict[str, Any]:
    """One option for its table: a row for each thing that may change, a column for each time."""
    times = (*answer.years, None)
    order = sorted(option.items, key=_place)
    found = {given.name: given for given in study.options}
    lines = option_lines(found[option.name], shown_tree(study)) if option.name in found else []
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
    order = [*DISPLACED[:4], HOMES, *DISPLACED[4:], FAMILY]
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
