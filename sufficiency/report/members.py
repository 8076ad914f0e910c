"""What members ask: tables of doing nothing, in which every number is a row of the summary."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import partial
from typing import NamedTuple

import pandas as pd

from sufficiency.answer.levels import at_years
from sufficiency.answer.words import (
    AGE_WORDS,
    DISTANCE_WORDS,
    ETHNICITY_WORDS,
    TYPE_WORDS,
    capital,
    percent,
    years_words,
)
from sufficiency.measures.provision import PAID
from sufficiency.report.grids import (
    AVERAGE,
    Baseline,
    Grid,
    Row,
    between,
    blocks_of,
    covered,
    date_words,
    occurs,
    row_of,
)

ENOUGH = 30
"""Children of an ethnic group on the first day below which its share is left out: with fewer, only
a handful of placements a year begin with in-house carers."""
_AGES = {f"age={age}": words for age, words in AGE_WORDS.items()}


class Question(NamedTuple):
    """What is asked, and the tables that answer it."""

    title: str
    grids: list[Grid]


def questions(summary: pd.DataFrame, area: str, start: date) -> list[Question]:
    """What members ask, as far as the run can say.

    Args:
        summary: As `summary.csv`.
        area: The authority.
        start: First day of the run.
    """
    run = Baseline(summary, area, start)
    asked = {
        "In and out of the area, by age": [_where(run)],
        "Only for want of a carer": [_for_want(run)],
        "Carers of the child's ethnic group": [_same_group(run)],
        "Places paid for and not used": [_void(run)],
    }
    found = (Question(title, [g for g in grids if g.blocks]) for title, grids in asked.items())
    return [question for question in found if question.grids]


def _where(run: Baseline) -> Grid:
    inside = run.levels("in_area_share")
    times = _times(run, list(inside))

    def rows(place: str) -> Iterable[Row]:
        of_place = partial(run.levels, "placement_distance")
        yield row_of("All ages", of_place(f"distance={place}"), times)
        for age, words in _AGES.items():
            yield row_of(capital(words), of_place(f"{age};distance={place}"), times, ranged=False)

    def shares() -> Iterable[Row]:
        yield row_of("All ages", inside, times, percent)
        for age, words in _AGES.items():
            yield row_of(
                capital(words), run.levels("in_area_share", age), times, percent, ranged=False
            )

    return Grid(
        name="in-and-out",
        caption="Children in care by where they live and by age",
        note=f"({run.of('children, and share of the children of the age')};"
        f" {between(list(times))}; {AVERAGE}, for all ages)",
        corner="Age in years",
        heads=list(times.values()),
        blocks=blocks_of(
            *((capital(words), rows(place)) for place, words in DISTANCE_WORDS.items()),
            ("Share in the area", shares()),
        ),
        lines=[],
    )


def _times(run: Baseline, dates: Sequence[str]) -> dict[str, str]:
    """The first day and the ends of years 1, 3, 5 and the last; without a year, the last day."""
    found = at_years(run.start, dates)
    ends = {year: end for year, end in found.items() if year != 2 or year == max(found)}
    named = {end: f"After {years_words(year)}, {date_words(end)}" for year, end in ends.items()}
    if not named and len(dates) > 1:
        named = {dates[-1]: date_words(dates[-1])}
    return {d: f"At the start, {date_words(d)}" for d in dates[:1]} | named


def _for_want(run: Baseline) -> Grid:
    asked = {
        "In a children's home, though the plan is a foster family": "residential_for_want_of_carer",
        "Far away: outside the area, over 20 miles from home": "far_for_want_of_carer",
        "With an agency, for want of an in-house carer": "ifa_for_want_of_in_house",
    }
    dates = run.marches("ifa_for_want_of_in_house")
    return Grid(
        name="for-want",
        caption="Children who live where they do only because no carer was found",
        note=f"({run.of('children')}; {between(dates)}; {AVERAGE})",
        corner="Where they live",
        heads=list(map(date_words, dates)),
        blocks=blocks_of(
            ("", (row_of(w, run.levels(measure), dates) for w, measure in asked.items()))
        ),
        lines=["A child can be in more than one row, so the rows are not to be added."],
    )


def _same_group(run: Baseline) -> Grid:
    share = partial(run.levels, "same_ethnic_group_share")
    years = run.years("same_ethnic_group_share")
    first = run.start.isoformat()

    there = {
        group: run.levels("children_in_care", f"ethnicity={group}").get(first)
        for group in ETHNICITY_WORDS
    }
    withheld = "" if all(there.values()) else ", or whose numbers are withheld,"

    def rows() -> Iterable[Row]:
        yield row_of("All children", share(), years, percent)
        for group, words in ETHNICITY_WORDS.items():
            at = there[group]
            if at is not None and at.mean >= ENOUGH:
                yield row_of(capital(words), share(f"ethnicity={group}"), years, percent)

    return Grid(
        name="same-group",
        caption="Placements begun with in-house carers of the child's ethnic group",
        note=f"({run.of('share of the placements begun with in-house carers')};"
        f" {covered(years)}; {AVERAGE})",
        corner="Child's ethnic group",
        heads=years,
        blocks=blocks_of(("", rows())),
        lines=[
            f"Groups of which there are fewer than {ENOUGH} children in care at the start{withheld}"
            " are in the first row only: too few placements begin to tell a share."
        ],
    )


def _void(run: Baseline) -> Grid:
    years = run.years("void_nights")

    by_type = {type_: run.levels("void_nights", f"type={type_}") for type_ in PAID}
    without = (
        "without such a night" if all(by_type.values()) else "without such a night, or withheld,"
    )

    def rows() -> Iterable[Row]:
        yield row_of("All types", run.levels("void_nights"), years)
        for type_, found in by_type.items():
            if occurs(found):
                yield row_of(capital(TYPE_WORDS[type_]), found, years, ranged=False)

    return Grid(
        name="void",
        caption="Nights paid for on which no child slept in the bed, by type of place",
        note=f"({run.of('nights')}; {covered(years)}; {AVERAGE}, for all types)",
        corner="Type of place",
        heads=years,
        blocks=blocks_of(("", rows())),
        lines=[
            "Own homes, the guaranteed part of blocks, and emergency beds. Types"
            f" {without} are left out."
        ],
    )
