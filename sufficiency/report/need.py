"""Need against places: by kind of home, provider and quarter, beside unmet need and vacancies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from sufficiency import charts
from sufficiency.answer import Answer
from sufficiency.answer.levels import at_years
from sufficiency.answer.words import (
    AGE_WORDS,
    KIND_WORDS,
    OWN_TYPES,
    RANGE_OF_FUTURES,
    capital,
    years_words,
)
from sufficiency.charts.unmet import COHORT_WORDS, OVERLAP, unmet_need
from sufficiency.report.grids import (
    Baseline,
    Grid,
    Row,
    between,
    blocks_of,
    date_words,
    row_of,
)
from sufficiency.report.parts import Exhibits
from sufficiency.report.tables import Tables
from sufficiency.vocabulary import Kind, PlacementType

_BOUGHT: Mapping[str, tuple[str, PlacementType]] = {
    Kind.FOSTER: ("Places with agencies (IFA)", PlacementType.IFA),
    Kind.HOME: ("Places in others' children's homes", PlacementType.HOME_EXTERNAL),
    Kind.SUPPORTED: ("Places in supported accommodation", PlacementType.SUPPORTED),
}
"""What is bought of each kind of home."""
_AVERAGE = f"average, and below it where {RANGE_OF_FUTURES} lie"


def exhibits(tables: Tables, answer: Answer) -> Exhibits:
    """Everything that is shown of it."""
    run = Baseline(tables.summary, answer.name, answer.start)
    made = (
        charts.need_against_places(tables.summary, answer.name),
        unmet_need(tables.summary, answer.name),
    )
    grids = (_gap(run), _unmet(run))
    return Exhibits(
        lead=[
            "A place is not a match. Vacant places and children without the home planned for them"
            " occur side by side, because few vacant places suit a given child. That is why the"
            " gap, unmet need and vacancies are shown together."
        ],
        charts=[chart for chart in made if chart is not None],
        grids=[grid for grid in grids if grid.blocks],
    )


def times(run: Baseline, dates: Sequence[str]) -> dict[str, str]:
    """The first day and the ends of years 1, 2, 3, 5, 10 and the last, in words.

    Without a full year, the first and the last day.
    """
    found = at_years(run.start, dates)
    named = {end: f"After {years_words(year)}, {date_words(end)}" for year, end in found.items()}
    if not named and len(dates) > 1:
        named = {dates[-1]: date_words(dates[-1])}
    return {d: f"At the start, {date_words(d)}" for d in dates[:1]} | named


def _gap(run: Baseline) -> Grid:
    needed = {kind: run.levels("placements_needed", f"kind={kind}") for kind in KIND_WORDS}
    dates = max((list(found) for found in needed.values()), key=len)
    heads = times(run, dates)
    return Grid(
        name="gap",
        caption="Children who need a home, places, and the gap, by kind of home and provider",
        note=f"({run.of('children and places')}; {between(list(heads))}; {_AVERAGE})",
        corner="Kind of home",
        heads=list(heads.values()),
        blocks=blocks_of(
            *((capital(words), _kind(run, kind, list(heads))) for kind, words in KIND_WORDS.items())
        ),
        lines=[
            "A gap below 0 says that there are more places than children who need one.",
            "Places are those filled or able to take a child. A market has no more than were"
            " asked for, so places bought are those filled, and those empty in a block or within"
            " a limit.",
            "Unmet need: children who live in another kind of home than planned, out of the area,"
            " or apart from siblings, for want of a place.",
        ],
    )


def _kind(run: Baseline, kind: str, dates: Sequence[str]) -> Iterable[Row]:
    """Need, places by provider, both gaps, and what stands beside them."""

    def row(words: str, measure: str, group: str) -> Row:
        return row_of(words, run.levels(measure, group), dates)

    bought, type_ = _BOUGHT[kind]
    yield row("Children who need one", "placements_needed", f"kind={kind}")
    if kind in OWN_TYPES:
        yield row("Own places", "places_usable", f"type={OWN_TYPES[kind]}")
    yield row(bought, "places_usable", f"type={type_}")
    if kind in OWN_TYPES:
        group = f"kind={kind};type={OWN_TYPES[kind]}"
        yield row("Gap to own places", "sufficiency_gap", group)
    yield row("Gap to all places", "sufficiency_gap", f"kind={kind}")
    yield row("Unmet need", "unmet_need", f"kind={kind}")
    yield row("Vacant places", "places_vacant", f"kind={kind}")


def _unmet(run: Baseline) -> Grid:
    of_groups = partial(run.levels, "unmet_need")
    groups = {
        "Age in years": {f"age={age}": words for age, words in AGE_WORDS.items()},
        "Cohort": {f"cohort={cohort}": words for cohort, words in COHORT_WORDS.items()},
        "Kind of home planned": {f"kind={kind}": words for kind, words in KIND_WORDS.items()},
    }
    known = (of_groups(group) for group in ("", *(g for of in groups.values() for g in of)))
    heads = times(run, max((list(found) for found in known), key=len))
    dates = list(heads)
    return Grid(
        name="unmet-groups",
        caption="Unmet need by age, cohort and kind of home planned",
        note=f"({run.of('children')}; {between(dates)}; {_AVERAGE})",
        corner="Children",
        heads=list(heads.values()),
        blocks=blocks_of(
            ("", [row_of("All children", of_groups(), dates)]),
            *(
                (heading, [row_of(capital(w), of_groups(group), dates) for group, w in of.items()])
                for heading, of in groups.items()
            ),
        ),
        lines=[OVERLAP],
    )
