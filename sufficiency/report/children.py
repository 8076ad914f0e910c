"""Where children will live: by type of placement, in the area and beyond."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from sufficiency import charts
from sufficiency.answer import Answer
from sufficiency.answer.words import DISTANCE_WORDS, RANGE_OF_FUTURES, TYPE_WORDS, capital
from sufficiency.charts.area import in_area_and_beyond
from sufficiency.report.grids import Baseline, Grid, Row, between, blocks_of, occurs, row_of
from sufficiency.report.need import times
from sufficiency.report.parts import Exhibits
from sufficiency.report.tables import Tables
from sufficiency.vocabulary import PlacementType

_TYPES = (
    PlacementType.IN_HOUSE, PlacementType.IFA, PlacementType.HOME_OWN,
    PlacementType.HOME_EXTERNAL, PlacementType.SUPPORTED,
)  # fmt: skip
"""Types whose distance from home is measured."""


def exhibits(tables: Tables, answer: Answer) -> Exhibits:
    """Everything that is shown of it."""
    made = (
        charts.where_children_live(tables.summary, answer.name),
        in_area_and_beyond(tables.summary, answer.name),
    )
    grid = _by_distance(Baseline(tables.summary, answer.name, answer.start))
    return Exhibits(
        charts=[chart for chart in made if chart is not None],
        grids=[grid] if grid.blocks else [],
    )


def _by_distance(run: Baseline) -> Grid:
    """Children by type of placement and distance; by age they are among what members ask."""
    distance = partial(run.levels, "placement_distance")
    every = {place: distance(f"distance={place}") for place in DISTANCE_WORDS}
    heads = times(run, max((list(found) for found in every.values()), key=len))
    dates = list(heads)

    def rows(place: str) -> Iterable[Row]:
        yield row_of("All types", every[place], dates)
        for type_ in _TYPES:
            found = distance(f"distance={place};type={type_}")
            if occurs(found):
                yield row_of(capital(TYPE_WORDS[type_]), found, dates)

    return Grid(
        name="distance",
        caption="Children in care by where they live and by type of placement",
        note=f"({run.of('children')}; {between(dates)}; average, and below it where"
        f" {RANGE_OF_FUTURES} lie)",
        corner="Type of placement",
        heads=list(heads.values()),
        blocks=blocks_of(*((capital(words), rows(p)) for p, words in DISTANCE_WORDS.items())),
        lines=[
            "All types includes those of which no distance is shown, such as family and friends."
            " By age, the same is under “What members ask”."
        ],
    )
