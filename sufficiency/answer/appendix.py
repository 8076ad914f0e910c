"""The back of page and workbook: published figures, method, assumptions, words, limits, record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any, NamedTuple

import pandas as pd

from sufficiency.answer import Answer
from sufficiency.answer.levels import Level, level, series
from sufficiency.answer.published import named
from sufficiency.answer.words import (
    RANGE_OF_FUTURES,
    TWO_RANGES,
    capital,
    number,
    percent,
    title,
    whole,
)
from sufficiency.costs.definitions import MEASURES as COST_MEASURES
from sufficiency.measures import MEASURES
from sufficiency.periods import calendar
from sufficiency.scenario import Observed, Scenario, Study
from sufficiency.scenario_file.describing import NO_SOURCE, assumption_rows

UNKNOWN = "not in these results"
"""What is said of a published figure with which nothing is compared: it was not simulated, or what
was simulated is withheld."""
_USES = {"fit": "may set free values", "check": "compared only"}
_OTHER_PERIOD = {
    True: "The published figures are of an earlier period: sufficiency validate NAME compares them,"
    " where NAME is the scenario.",
    False: "The published figures are of another period than this run.",
}
"""What to say if none belongs to the run, by whether the scenario has a past period."""
_SHOWN = (
    "children_in_care", "placements_needed", "places_approved", "places_usable", "places_filled",
    "places_vacant", "sufficiency_gap", "unmet_need", "second_best_share",
    "ifa_for_want_of_in_house", "residential_for_want_of_carer", "foster_households",
    "in_area_share", "under_12_in_residential", "three_or_more_placements", "moves",
    "unregistered_nights", "net_cost", "cost", "income", "budget_variance", "void_cost",
    "own_homes_fixed_cost", "capital", "cost_per_child_week",
    "cost_per_child_week_constant_prices", "unit_cost", "cost_run_rate", "average_children",
    "high_cost_children", "high_cost_share", "section_251_cost", "bridge", "option_bridge",
)  # fmt: skip
"""Measures that the page is about."""
LIMITS = (
    "This is not a prediction. It shows what follows from the assumptions listed, and over what"
    " range.",
    "Many assumptions are national figures and some have no published source. The list says which."
    " Replace them with your own wherever you have better.",
    "What an option changes hangs above all on two things that nobody publishes: how many children"
    " enter a children's home only because no carer was found, and what limits the places of"
    " independent agencies.",
    "How long a child stays in care does not depend on where the child lives, so no option can"
    " claim shorter stays.",
    "A child who has settled is not moved to save money: new places fill as children arrive or move"
    " anyway, so that an effect builds up over time.",
    "Children are matched with homes by rules and chance, not by knowing them. Use this to plan"
    " numbers, never to decide about one child.",
)


class Published(NamedTuple):
    """A published figure beside the simulated one."""

    what: str
    period: str
    published: str
    simulated: str
    range: str
    verdict: str
    use: str
    source: str
    given: Observed
    """The same as numbers: what was published, and"""
    found: Level | None
    """what was simulated; None where the results have nothing of it."""


def observed(summary: pd.DataFrame, scenario: Scenario) -> dict[str, Any]:
    """Published figures beside what was simulated for the same measure, group and period."""
    labels = _labels(scenario)
    within = [given for given in scenario.observed if given.period in labels]
    if not within:
        return {"words": _OTHER_PERIOD[scenario.validation is not None], "rows": []}
    rows = [_published(summary, given) for given in within]
    checked = [row for row in rows if row.use == _USES["check"] and row.verdict.endswith("range")]
    inside = sum(row.verdict.startswith("inside") for row in checked)
    words = (
        "Published figures that are not inputs, beside what was simulated on average and the range"
        f" in which {RANGE_OF_FUTURES} lie."
    )
    if checked:
        words += f" Inside it lie {inside} of the {len(checked)} figures that are compared only."
    return {"words": words, "rows": rows}


def _labels(scenario: Scenario) -> frozenset[str]:
    """The dates and periods of a run."""
    c = calendar(scenario.start, scenario.years)
    taken = (c.month_ends, c.months, c.quarters, c.years)
    return frozenset(label for labels in taken for label in labels.labels)


def _published(summary: pd.DataFrame, given: Observed) -> Published:
    rows = series(summary, given.measure, given.group)
    rows = rows.loc[[str(period) == given.period for period in rows.index]]
    unit = MEASURES[given.measure].unit if given.measure in MEASURES else _unit(rows)
    share = given.measure.endswith("_share") or unit == "share"
    found = level(rows.iloc[0]) if len(rows) else None
    show = percent if share else _three_digits
    return Published(
        what=named(given, unit),
        period=given.period,
        published=show(given.value),
        simulated="" if found is None else show(found.mean),
        range="" if found is None else f"{show(found.p10)} to {show(found.p90)}",
        verdict=_verdict(given.value, found),
        use=_USES[given.use],
        source=". ".join(part for part in (given.source, capital(given.note)) if part),
        given=given,
        found=found,
    )


def _three_digits(value: float) -> str:
    return whole(value) if abs(value) >= 100 else f"{value:.3g}"


def _unit(rows: Any) -> str:
    return str(rows["unit"].iloc[0]) if len(rows) else ""


def _verdict(value: float, found: Level | None) -> str:
    if found is None:
        return UNKNOWN
    if value < found.p10:
        return "below the range"
    return "above the range" if value > found.p90 else "inside the range"


def method(study: Study, manifest: Mapping[str, Any], answer: Answer) -> list[str]:
    """How the numbers came about."""
    drawn = len(manifest.get("ranges", ()))
    uncertain = (
        f" Every second future draws the uncertain values anew ({drawn} of them), each from its"
        " range; all options meet the same draws."
        if drawn
        else " No value has a range, so the futures differ by chance alone."
    )
    return [
        "Each child is followed one by one: entry to care, the search for a home, moves, leaving."
        " Foster households come and go, take the children they suit, and fill only part of the"
        " places they are approved for. Nothing is averaged before the end.",
        f"This was done {answer.futures:,} times for each option, from the seed"
        f" {manifest.get('seed', study.scenario.seed)}: each time is one possible future."
        f"{uncertain} The same seed gives the same numbers again.",
        "A place counts as usable if it is filled or could take a child. Of markets (agencies,"
        " other providers' homes) only the places they gave are known, so these count as usable and"
        " filled at once.",
        TWO_RANGES,
    ]


class Group(NamedTuple):
    """The assumptions about one subject."""

    name: str
    rows: list[Any]


def assumptions(study: Study) -> dict[str, Any]:
    """Every value, where it comes from and how sure it is."""
    rows = assumption_rows(study)
    groups = [Group(name, list(part)) for name, part in groupby(rows, key=_subject)]
    lacking = sum(row.source == NO_SOURCE for row in rows)
    guessed = sum(row.confidence.startswith("assumption") for row in rows)
    words = (
        f"{len(rows)} values are behind this page; {guessed} of them are assumptions that no"
        " publication settles"
    )
    words += (
        f", and {lacking} have no source (marked)." if lacking else "; each says why it was chosen."
    )
    return {"words": words, "groups": groups}


def _subject(row: Any) -> str:
    first, _, rest = row.path.partition(".")
    if first == "options":
        return f"Option: {title(rest.partition('.')[0])}"
    return title(first)


class Term(NamedTuple):
    """A word and what it means."""

    name: str
    meaning: str
    formula: str = ""
    source: str = ""


_TERMS = (
    Term("Doing nothing", "No new decision: what the scenario says goes on. Every option is"
         " compared with it."),
    Term("Future", "One simulated course of events, from the first day to the last."),
    Term("In-house carers", "Foster carers whom the authority itself approves, kinship carers left"
         " out. Carers (people), households, approved places and children are four different"
         " numbers."),
    Term("Agency carers (IFA)", "Foster carers of independent fostering agencies."),
    Term("Own homes, other homes", "Children's homes that the authority runs, and those of other"
         " providers."),
    Term("Unregistered placement", "A home that should be registered with Ofsted and is not: a last"
         " resort, unlawful to provide."),
    Term("Second best", "A placement in another kind of home than planned, out of the area, or"
         " apart from siblings, for want of a place."),
    Term("P10, P50, P80, P90", "The value below which 10, 50, 80 or 90 futures in 100 lie. P50 is"
         " the middle future; the margin from mean to P80 is what a reserve needs on top of the"
         " average to be enough in four futures of five."),
    Term("Nominal", "In the prices of the time, with uplifts, not in the prices of one year."),
    Term("Chance of being the best", "Share of futures in which no other option, nor doing nothing,"
         " is better; where several are the best they share the future."),
    Term("Displaced", "Where children would have lived without the option who now live in the"
         " places it brings: simulated, future by future."),
    Term("Saving", "How much lower net cost is than with doing nothing: cost avoided on bought"
         " placements, less the cost to deliver, with the change of income. Cashable is what brings"
         " net cost below the budget of the year, or without one below the net cost of the first"
         " year; the rest is growth that does not come."),
)  # fmt: skip


def glossary(summary: pd.DataFrame) -> list[Term]:
    """The words of the page, then its measures as they are defined."""
    measured = set(summary["measure"])
    defined = {**MEASURES, **COST_MEASURES}
    return [
        *_TERMS,
        *(
            Term(title(name), info.meaning, info.formula, info.source)
            for name in _SHOWN
            if name in measured and (info := defined.get(name)) is not None
        ),
    ]


def record(manifest: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is needed to make the same run again."""
    return [(capital(name.replace("_", " ")), value) for name, value in _flat(manifest)]


def _flat(manifest: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for name, value in manifest.items():
        if name in ("measures", "files", "inputs"):  # in the glossary; made after this page
            continue
        if value is None:  # not asked for
            continue
        if isinstance(value, Mapping):
            yield name, ", ".join(f"{key} {entry}" for key, entry in value.items())
        elif isinstance(value, list | tuple):
            yield name, ", ".join(map(str, value)) or "none"
        elif isinstance(value, float):
            yield name, whole(value) if value >= 10 else number(value)
        else:
            yield name, "none" if value is None else str(value)
