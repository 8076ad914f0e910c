"""What members ask: tables of doing nothing, in which every number is a row of the summary."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import partial
from typing import NamedTuple

import pandas as pd

from sufficiency.answer.levels import LIVING_IN_HOUSE, at_years
from sufficiency.answer.words import (
    AGE_WORDS,
    CAUSE_WORDS,
    DISTANCE_WORDS,
    ETHNICITY_WORDS,
    RANGE_OF_FUTURES,
    TIME_WORDS,
    TYPE_WORDS,
    capital,
    percent,
    years_words,
)
from sufficiency.measures.flows import POSITIVE
from sufficiency.measures.provision import PAID
from sufficiency.report.grids import (
    Baseline,
    Grid,
    Row,
    between,
    blocks_of,
    cell_of,
    covered,
    date_words,
    occurs,
    rate,
    row_of,
    span,
)

ENOUGH = 30
"""Children of an ethnic group on the first day below which its share is left out: with fewer, only
a handful of placements a year begin with in-house carers."""
YEARS_BY_QUARTER = 2
"""Years, from the first, in which foster carers are shown by quarter."""

_STEPS = {
    "Enquiries": "enquiries",
    "Applications": "applications",
    "Withdrawn or refused": "applications_withdrawn",
    "Approved": "households_approved",
    "of these, from other agencies": "households_transferred_in",
    "Left": "households_left",
    "of these, to other agencies": "households_transferred_out",
    "Net": "households_net",
}
"""What becomes of enquiries: headings, and the measures that begin with `foster_`."""
_AGES = {f"age={age}": words for age, words in AGE_WORDS.items()}
_AVERAGE = f"average, and below it where {RANGE_OF_FUTURES} lie"


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
        "Foster carers: how many come of it": [_funnel(run), _benchmark(run)],
        "In and out of the area, by age": [_where(run)],
        "Why children move": [_moves(run)],
        "How long children have been in care": [_time_in_care(run)],
        "Only for want of a carer": [_for_want(run)],
        "Carers of the child's ethnic group": [_same_group(run)],
        "Places paid for and not used": [_void(run)],
    }
    found = (Question(title, [g for g in grids if g.blocks]) for title, grids in asked.items())
    return [question for question in found if question.grids]


def _funnel(run: Baseline) -> Grid:
    columns = [run.levels(f"foster_{name}") for name in _STEPS.values()]
    there = run.levels("foster_households")
    children = run.levels("places_filled", LIVING_IN_HOUSE)

    def row(period: str) -> Row:
        words, _, last = span(period)
        cells = [cell_of(found.get(period), ranged=False) for found in columns[:-1]]
        net, end = cell_of(columns[-1].get(period)), cell_of(there.get(last))
        return Row(words, [*cells, net, end, cell_of(children.get(last), ranged=False)])

    approved = "foster_households_approved"
    every = run.quarters(approved)
    quarters = every[: 4 * YEARS_BY_QUARTER]
    by_quarter = "By quarter" + (", the first two years" if len(every) > len(quarters) else "")
    years = run.years(approved)
    return Grid(
        name="funnel",
        caption="In-house foster households that come and go, and the children with them",
        note=f"({run.of('households and children')}; {covered(every)}; {_AVERAGE})",
        corner="Period",
        heads=[*_STEPS, "Households at the end", "Children with them"],
        blocks=blocks_of(
            (by_quarter, map(row, quarters)),
            ("By financial year", map(row, years)),
        ),
        lines=[
            "Enquiries, applications and approvals of one period are not the same households: each"
            " step takes months. Net is approved less left.",
        ],
    )


def _benchmark(run: Baseline) -> Grid:
    needed = "foster_households_needed"
    parts = [run.levels(needed, f"part={part}") for part in ("leavers", "growth", "choice")]
    benchmark, approved = run.levels(needed), run.levels("foster_households_approved")
    short = run.levels("foster_households_short")
    years = run.years(needed)

    def row(year: str) -> Row:
        cells = [cell_of(part.get(year), ranged=False) for part in parts]
        last = cell_of(short.get(span(year).last))
        return Row(year, [*cells, cell_of(benchmark.get(year)), cell_of(approved.get(year)), last])

    return Grid(
        name="benchmark",
        caption="The Fostering Network's benchmark beside approvals and the simulated shortage",
        note=f"({run.of('in-house foster households')}; {covered(years)}; {_AVERAGE})",
        corner="Financial year",
        heads=[
            "Leavers", "Growth", "Choice", "Benchmark: all three", "Approved",
            "Short at the year's end",
        ],
        blocks=blocks_of(("", map(row, years))),
        lines=[
            "Leavers, growth, choice: households to approve in the year to replace those that"
            " leave, to follow a rise of fostered children, and to have a choice when matching.",
            "Approved: households that were approved in the year, those from other agencies"
            " included.",
            "Short at the year's end: households more it would take for the children who then live"
            " with an agency or in another kind of home for want of an in-house carer.",
            "The benchmark keeps up with change and takes the shortage there is as given; the"
            " shortage is what has built up. They are not to be added.",
        ],
    )  # fmt: skip


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
        f" {between(list(times))}; {_AVERAGE}, for all ages)",
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


def _moves(run: Baseline) -> Grid:
    years = run.years("moves")
    per_child = partial(run.levels, "moves_per_child_year")

    return Grid(
        name="moves",
        caption="Moves from one carer to another, by reason",
        note=f"({run.of('moves of children in care')}; {covered(years)}; {_AVERAGE}, for sums)",
        corner="Reason",
        heads=years,
        blocks=blocks_of(
            ("", [row_of("All moves", run.levels("moves"), years)]),
            ("Positive for the child", _by_cause(run, years, positive=True)),
            ("Not positive, or not known to be", _by_cause(run, years, positive=False)),
            (
                "Share of moves",
                [row_of("Positive", run.levels("positive_moves_share"), years, percent)],
            ),
            (
                "Moves for each year that a child spends in care",
                [
                    row_of("All moves", per_child(), years, rate),
                    row_of("Positive", per_child("nature=positive"), years, rate),
                    row_of("Not positive", per_child("nature=not_positive"), years, rate),
                ],
            ),
        ),
        lines=[
            "Other causes count as not positive, because no publication says what these are."
            " Reasons that never occurred are left out."
        ],
    )


def _by_cause(run: Baseline, years: Sequence[str], *, positive: bool) -> Iterable[Row]:
    nature = "nature=positive" if positive else "nature=not_positive"
    yield row_of("All of these", run.levels("moves", nature), years)
    for cause, words in CAUSE_WORDS.items():
        found = run.levels("moves", f"cause={cause}")
        if (cause in POSITIVE) == positive and occurs(found):
            yield row_of(capital(words), found, years, ranged=False)


def _time_in_care(run: Baseline) -> Grid:
    bands = {words: f"band={band}" for band, words in TIME_WORDS.items()}
    dates = run.marches("time_in_care", next(iter(bands.values())))
    found = [
        row_of(capital(w), run.levels("time_in_care", band), dates) for w, band in bands.items()
    ]
    everyone = row_of("All children in care", run.levels("children_in_care"), dates)
    return Grid(
        name="time-in-care",
        caption="Children in care by how long they have been in care",
        note=f"({run.of('children')}; {between(dates)}; {_AVERAGE})",
        corner="Time in care",
        heads=list(map(date_words, dates)),
        blocks=blocks_of(("", [*found, everyone])),
        lines=["Time is counted from the day the child last entered care."],
    )


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
        note=f"({run.of('children')}; {between(dates)}; {_AVERAGE})",
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

    def rows() -> Iterable[Row]:
        yield row_of("All children", share(), years, percent)
        for group, words in ETHNICITY_WORDS.items():
            there = run.levels("children_in_care", f"ethnicity={group}").get(first)
            if there is not None and there.mean >= ENOUGH:
                yield row_of(capital(words), share(f"ethnicity={group}"), years, percent)

    return Grid(
        name="same-group",
        caption="Placements begun with in-house carers of the child's ethnic group",
        note=f"({run.of('share of the placements begun with in-house carers')};"
        f" {covered(years)}; {_AVERAGE})",
        corner="Child's ethnic group",
        heads=years,
        blocks=blocks_of(("", rows())),
        lines=[
            f"Groups of which there are fewer than {ENOUGH} children in care at the start are in"
            " the first row only: too few placements begin to tell a share."
        ],
    )


def _void(run: Baseline) -> Grid:
    years = run.years("void_nights")

    def rows() -> Iterable[Row]:
        yield row_of("All types", run.levels("void_nights"), years)
        for type_ in PAID:
            found = run.levels("void_nights", f"type={type_}")
            if occurs(found):
                yield row_of(capital(TYPE_WORDS[type_]), found, years, ranged=False)

    return Grid(
        name="void",
        caption="Nights paid for on which no child slept in the bed, by type of place",
        note=f"({run.of('nights')}; {covered(years)}; {_AVERAGE}, for all types)",
        corner="Type of place",
        heads=years,
        blocks=blocks_of(("", rows())),
        lines=[
            "Own homes, the guaranteed part of blocks, and emergency beds. Types without such a"
            " night are left out."
        ],
    )
