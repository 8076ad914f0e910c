"""How settled children are: moves by cause, stability, time in care."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from sufficiency.answer import Answer
from sufficiency.answer.words import CAUSE_WORDS, TIME_WORDS, capital, percent
from sufficiency.charts.settled import moves_by_cause, stability
from sufficiency.measures.flows import POSITIVE
from sufficiency.report.grids import (
    AVERAGE,
    Baseline,
    Grid,
    Levels,
    Row,
    between,
    blocks_of,
    covered,
    date_words,
    occurs,
    rate,
    row_of,
)
from sufficiency.report.parts import Exhibits
from sufficiency.report.tables import Tables


def exhibits(tables: Tables, answer: Answer) -> Exhibits:
    """Everything that is shown of it."""
    made = [make(tables.summary, answer.name) for make in (moves_by_cause, stability)]
    run = Baseline(tables.summary, answer.name, answer.start)
    return Exhibits(
        lead=[
            "Not every move is bad for a child. Planned moves, and those to adopters, on to"
            " supported accommodation or across to the home the child was waiting for, are told"
            " apart from the others."
        ],
        charts=[chart for chart in made if chart is not None],
        grids=[grid for grid in (_moves(run), _time_in_care(run)) if grid.blocks],
    )


def _moves(run: Baseline) -> Grid:
    years = run.years("moves")
    by_cause = {cause: run.levels("moves", f"cause={cause}") for cause in CAUSE_WORDS}
    never = "never occurred" if all(by_cause.values()) else "never occurred, or are withheld,"
    per_child = partial(run.levels, "moves_per_child_year")

    return Grid(
        name="moves",
        caption="Moves from one carer to another, by reason",
        note=f"({run.of('moves of children in care')}; {covered(years)}; {AVERAGE}, for sums)",
        corner="Reason",
        heads=years,
        blocks=blocks_of(
            ("", [row_of("All moves", run.levels("moves"), years)]),
            ("Positive for the child", _by_cause(run, by_cause, years, positive=True)),
            ("Not positive, or not known to be", _by_cause(run, by_cause, years, positive=False)),
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
            f" Reasons that {never} are left out."
        ],
    )


def _by_cause(
    run: Baseline, by_cause: Mapping[str, Levels], years: Sequence[str], *, positive: bool
) -> Iterable[Row]:
    nature = "nature=positive" if positive else "nature=not_positive"
    yield row_of("All of these", run.levels("moves", nature), years)
    for cause, found in by_cause.items():
        if (cause in POSITIVE) == positive and occurs(found):
            yield row_of(capital(CAUSE_WORDS[cause]), found, years, ranged=False)


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
        note=f"({run.of('children')}; {between(dates)}; {AVERAGE})",
        corner="Time in care",
        heads=list(map(date_words, dates)),
        blocks=blocks_of(("", [*found, everyone])),
        lines=["Time is counted from the day the child last entered care."],
    )
