"""What happens to a child: from entry to placement to leaving."""

from __future__ import annotations

from datetime import timedelta

from sufficiency.answer import Answer
from sufficiency.answer.words import RANGE_OF_FUTURES, listed, percent, whole
from sufficiency.charts.journeys import Journeys, journeys, journeys_of, rows_of
from sufficiency.periods import end_of
from sufficiency.report.grids import Block, Cell, Grid, Row, date_words
from sufficiency.report.parts import Exhibits
from sufficiency.report.tables import Tables
from sufficiency.scenario import Scenario

_NOTES = [
    "The figures follow one another: each has all the children of the year. They do not say"
    " which child of one figure is which of the next.",
    "Other placements: with parents or adopters, in secure homes, in emergency beds, unregistered,"
    " and the rest. Supported: supported accommodation. Guardianship: special guardianship and"
    " child arrangements orders. Other ways: independent living, to another authority, assessed as"
    " an adult, and the rest.",
]


def exhibits(tables: Tables, answer: Answer) -> Exhibits:
    """Everything that is shown of it."""
    told = journeys_of(tables.summary)
    if told is None:
        return Exhibits()
    made = journeys(told, answer.name, _last_day(tables.study.scenario))
    withheld = _withheld(told, answer.name)
    grids = [withheld] if withheld.blocks else []
    if made is None and not grids:
        return Exhibits()
    return Exhibits(
        lead=[] if made is None else [_lead(told)],
        charts=[] if made is None else [made],
        grids=grids,
        notes=_NOTES if made is not None and len(made.panels) > 1 else _NOTES[1:],
    )


def _lead(told: Journeys) -> str:
    """How children leave, and whether they stay where they came to, as far as it may be told."""
    text = f"{whole(told.children)} children enter care in {told.year} on average."
    ways = told.ways()
    if ways:
        shares = [f"{percent(share)} {words}" for words, share in ways.items()]
        end = " when the run ends" if "are still in care" in ways else ""
        text += f" Of these {listed(shares)}{end}."
    stayed = told.stayed()
    if stayed is not None:
        text += f" {percent(stayed)} last live in the kind of placement in which they first lived."
    return text


def _last_day(scenario: Scenario) -> str:
    last = end_of(scenario.start, scenario.years) - timedelta(days=1)
    return date_words(last.isoformat())


def _withheld(told: Journeys, area: str) -> Grid:
    """The flows that may be shown of steps of which some are withheld."""
    blocks: dict[str, list[Row]] = {}
    for step, taken in told.known:
        for heading, start, end, value, range_ in rows_of(step, [taken]):
            row = Row(f"{start} to {end}", [Cell(value, "" if range_ == value else range_)])
            blocks.setdefault(heading, []).append(row)
    return Grid(
        name="journeys-known",
        caption="The larger flows of children who entered care",
        note=f"(children, {area}; entered in {told.year}; average, and below it where"
        f" {RANGE_OF_FUTURES} lie)",
        corner="From and to",
        heads=["Children"],
        blocks=[Block(heading, rows) for heading, rows in blocks.items()],
        lines=["Numbers that are withheld are not here, so these do not add up to all children."],
    )
