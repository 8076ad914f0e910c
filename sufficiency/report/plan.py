"""The plan on a page: a few numbers, a chart, what is to be done, what is not known."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from sufficiency.answer import Answer
from sufficiency.answer.choices import where_words
from sufficiency.answer.effects import IN_HOUSE, UNMET, Effect, OptionAnswer, errors_to_tell
from sufficiency.answer.leading import Leading, range_words
from sufficiency.answer.levels import (
    BASELINE,
    LIVING_IN_HOUSE,
    at_quarter_ends,
    at_years,
    by_financial_year,
    from_first_day,
    level,
    series,
)
from sufficiency.answer.money import Money as Spent
from sufficiency.answer.money import pounds, span
from sufficiency.answer.published import day
from sufficiency.answer.review import review_of
from sufficiency.answer.sentences import saving_told
from sufficiency.answer.words import (
    NOT_SHOWN,
    RANGE_OF_DIFFERENCE,
    RANGE_OF_FUTURES,
    TYPE_WORDS,
    capital,
    listed,
    number,
    percent,
    when,
    years_words,
)
from sufficiency.charts import Chart
from sufficiency.charts.knowing import setting
from sufficiency.charts.plan import plan_chart
from sufficiency.report.grids import Block, Cell, Grid, Row, cell_of
from sufficiency.report.tables import Tables
from sufficiency.scenario import Action
from sufficiency.sensitivity.knowing import NET_COST, Known
from sufficiency.vocabulary import PlacementType

NO_OWNER = "to be named"
NO_DATE = "not set"
NOT_SIMULATED = "no option simulates it"
NO_CHANGE = "no change that can be told"
SHOWN = 5
"""Actions that a page has room for."""
LEAST = 0.5
"""Children more in a type of placement, from which it is named: of so many types chance alone would
tell some from nothing."""
MOST_NAMED = 3
"""Assumptions that are named."""
Write = Callable[[float], str]
_NUMBERS: Sequence[tuple[str, str, str, Write]] = (
    ("Children in care", "children_in_care", "", number),
    ("With in-house carers", "children_in_care", LIVING_IN_HOUSE, number),
    ("In-house households", "foster_households", "", number),
    ("With agency carers", "children_in_care", f"type={PlacementType.IFA}", number),
    (
        "In other children's homes",
        "children_in_care",
        f"type={PlacementType.HOME_EXTERNAL}",
        number,
    ),
    ("Without the home planned", "unmet_need", "", number),
    ("Living in the area", "in_area_share", "", percent),
)
NOBODY_PUBLISHES = (
    "Nobody publishes how many children enter a children's home only because no carer was found, or"
    " what limits the places of agencies. What an option saves hangs above all on these two."
)


class TextTable(NamedTuple):
    """A table of words."""

    name: str
    caption: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]


class OnAPage(NamedTuple):
    """The part of the page."""

    numbers: Grid
    charts: list[Chart]
    actions: TextTable
    note: str
    """How the actions are read."""
    unknown: list[str]
    """What is not known, in a line each."""
    review: str


def on_a_page(tables: Tables, answer: Answer, spent: Spent | None) -> OnAPage:
    """The plan on a page.

    Args:
        tables: What the page is made of.
        answer: The answer.
        spent: What the run says of money, if it says anything.
    """
    found = answer.leading
    chart = plan_chart(tables.summary, answer.name, found, answer.decline)
    scenario = tables.study.scenario
    actions, note = _actions(tables, answer, spent)
    return OnAPage(
        numbers=_numbers(tables, answer),
        charts=[] if chart is None else [chart],
        actions=actions,
        note=note if actions.rows else "",
        unknown=[NOBODY_PUBLISHES, *_ignorance(tables.known, found)],
        review=review_of(scenario, tables.manifest).words,
    )


def _ignorance(known: Sequence[Known], found: Leading | None) -> Iterable[str]:
    """How much of a range could be found out, and which assumptions go with it."""
    option = "" if found is None else found.option.name
    asked = [one for one in known if one.asked.measure == NET_COST]
    one = next((one for one in asked if one.option == option), None)
    if one is None or found is None or math.isnan(one.split.share):
        return
    low, high = one.split.interval
    told = one.correlations[one.correlations["told"]]["path"].head(MOST_NAMED)
    names = listed([f"“{setting(str(path))}”" for path in told])
    yield f"{_cause(high, low).format(f'“{found.option.title}”')} {_share(one)}{_goes_with(names)}"


def _cause(high: float, low: float) -> str:
    """What the range of a saving comes from."""
    if high < 0.5:
        return "How much {} saves depends mostly on chance: who comes into care, and when."
    if low > 0.5:
        return "How much {} saves depends mostly on things that could be found out."
    return (
        "Whether what {} saves depends more on chance or on what could be found out is not clear."
    )


def _narrower(share: float) -> float:
    """How much a range narrows if a share of the variance goes."""
    return 1 - math.sqrt(max(1 - share, 0.0))


def _share(one: Known) -> str:
    """How much less uncertain knowing every assumption would make it."""
    low, high = one.split.interval
    return (
        "Knowing every uncertain value exactly would narrow its range by about"
        f" {percent(_narrower(one.split.share))} (95% interval: {percent(_narrower(low))} to"
        f" {percent(_narrower(high))})."
    )


def _goes_with(names: str) -> str:
    return f" It goes above all with {names}." if names else ""


# --- the numbers ------------------------------------------------------------------------------


def _numbers(tables: Tables, answer: Answer) -> Grid:
    summary = tables.summary
    known = from_first_day(series(summary, "children_in_care", LIVING_IN_HOUSE))
    if not len(known):
        known = from_first_day(series(summary, "children_in_care"))
    dates = _dates(answer, [str(day_) for day_ in known.index])
    option = answer.leading.option if answer.leading else None
    compared = at_years(answer.start, dates).get(answer.at or 0)
    columns, heads = [], []
    for day_ in dates:
        columns.append((BASELINE, day_))
        heads.append(when(day_))
        if option is not None and day_ == compared:  # beside doing nothing at the same time
            columns.append((option.name, day_))
            heads.append(f"{when(day_)}, with “{option.title}”")
    rows = [
        Row(words, [_cell(summary, measure, group, write, *of) for of in columns])
        for words, measure, group, write in _NUMBERS
    ]
    years, entering = _of_a_year(summary, columns, "entries", "Children entering in a year", number)
    costs_of, costs = _of_a_year(summary, columns, "net_cost", "Net cost of a year", pounds)
    rows = [entering, *rows, costs]
    years = years or costs_of
    rows = [row for row in rows if any(cell.value for cell in row.cells)]
    return Grid(
        name="plan-numbers",
        caption="The numbers",
        note=f"(if nothing is decided, or with the option; average and {RANGE_OF_FUTURES}{years})",
        corner="",
        heads=heads,
        blocks=[Block("", rows)] if rows else [],
        lines=[],
    )


def _dates(answer: Answer, known: Sequence[str]) -> list[str]:
    """The first day, the date at which options are compared, and the last."""
    ends = at_years(answer.start, known)
    chosen = (*known[:1], ends.get(answer.at or 0), *known[-1:])
    return list(dict.fromkeys(day_ for day_ in chosen if day_))


def _cell(summary: Any, measure: str, group: str, write: Write, option: str, day_: str) -> Cell:
    rows = series(summary, measure, group, option)
    return cell_of(level(rows.loc[day_]), write) if day_ in rows.index else Cell()


def _of_a_year(
    summary: Any, columns: Sequence[tuple[str, str]], measure: str, words: str, write: Write
) -> tuple[str, Row]:
    """A measure in the financial year that ends by each date (or the first), and which years."""
    cells, named = [], []
    for option, day_ in columns:
        rows = by_financial_year(series(summary, measure, "", option))
        years = [str(year) for year in rows.index]
        ended = [year for year in years if f"{int(year[:4]) + 1}-03-31" <= day_] or years[:1]
        named += ended[-1:]
        cells.append(cell_of(level(rows.loc[ended[-1]]), write) if ended else Cell())
    which = ", ".join(dict.fromkeys(named))
    return f"; years {which}" if which else "", Row(words, cells)


# --- the actions ------------------------------------------------------------------------------


def _actions(tables: Tables, answer: Answer, spent: Spent | None) -> tuple[TextTable, str]:
    """The first actions, or options where none is stated, and how they are read."""
    plan = tables.study.scenario.plan
    stated = plan.actions if plan is not None else ()
    actions = stated or tuple(_as_actions(answer))
    told = spent if spent is not None and spent.savings else None
    columns = ["Action", f"Expected effect after {years_words(answer.at)}"]
    if told is not None:
        columns.append("Cost or saving")
    table = TextTable(
        name="table-plan-actions",
        caption="What is to be done" if stated else "What could be done: nothing is decided yet",
        columns=(*columns, "Owner", "By"),
        rows=[_action(action, tables, answer, told) for action in actions[:SHOWN]],
    )
    where = "Decisions, owners and review" if stated else "What each option changes"
    left = len(actions) - SHOWN
    note = (
        f"Effects against doing nothing, on average; in brackets where {RANGE_OF_DIFFERENCE} lie."
    )
    note += f" Cost or saving: of {span(told.years)}." if told is not None else ""
    order = "In the order of the scenario file" if stated else "The one that does most first"
    note += f" {order}."
    return table, note + (f" {left} more: see “{where}”." if left > 0 else "")


def _as_actions(answer: Answer) -> Iterable[Action]:
    """Each option as something that could be done, the one that does most first."""
    first = answer.leading.option.name if answer.leading else ""
    for option in sorted(answer.options, key=lambda option: option.name != first):
        yield Action.model_construct(action=option.title, option=option.name, owner=None, by=None)


def _action(action: Action, tables: Tables, answer: Answer, spent: Spent | None) -> tuple[str, ...]:
    option = next((o for o in answer.options if o.name == action.option), None)
    savings = {} if spent is None else {saving.option: saving for saving in spent.savings}
    words = action.action
    if option is not None and option.title != words:
        words += f" (“{option.title}”)"
    found = None if option is None else effects_at(tables, answer, option)
    cells = [words, NOT_SIMULATED if found is None else effect_words(found)]
    if spent is not None:
        saving = savings.get(option.name) if option is not None else None
        cells.append("" if saving is None else capital(saving_told(saving)))
    return (*cells, action.owner or NO_OWNER, NO_DATE if action.by is None else day(action.by))


def effect_words(found: Sequence[Effect]) -> str:
    """What an option changes most for children, what it takes from, and who has the home planned.

    Args:
        found: Its effects at one time.
    """
    if not found:
        return NOT_SHOWN
    lives = [effect for effect in found if effect.item != UNMET]
    gains = sorted(
        (e for e in lives if e.verdict == "more" and e.difference >= LEAST),
        key=lambda e: -e.difference,
    )
    gains = [e for e in gains if e.item == IN_HOUSE] or gains
    taken = [e for e in lives if e.item == IN_HOUSE and e.verdict == "fewer"]
    told = [*gains[:1], *taken, *(e for e in found if e.item == UNMET and e.clear)]
    parts = [
        f"{number(abs(e.difference))} {e.verdict} {_where(e)} ({range_words(e)})" for e in told
    ]
    return "; ".join(parts) or NO_CHANGE


def effects_at(tables: Tables, answer: Answer, option: OptionAnswer) -> list[Effect]:
    """An option's effects on where children live, of every type, and on unmet need."""
    times = errors_to_tell(answer.futures)
    found = [
        effect for effect in option.effects if (effect.item, effect.years) == (UNMET, answer.at)
    ]
    for type_ in TYPE_WORDS:
        rows = series(tables.comparison, "children_in_care", f"type={type_}", option.name)
        date_ = at_years(answer.start, map(str, at_quarter_ends(rows).index)).get(answer.at or 0)
        if date_ is not None:
            row = rows.loc[date_]
            difference, se, low, high = (
                float(row[c]) for c in ("difference", "se", "low95", "high95")
            )
            item = f"children {type_}"
            found.append(Effect(item, answer.at, difference, se, low, high, times=times))
    return found


def _where(effect: Effect) -> str:
    if effect.item == UNMET:
        return "without the home planned"
    return where_words(effect.item.removeprefix("children ")).replace(" (IFA)", "")


def date_or(day_: date | None, otherwise: str) -> str:
    """A date as it is read, or what to say where there is none."""
    return otherwise if day_ is None else day(day_)
