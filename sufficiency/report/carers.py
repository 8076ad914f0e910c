"""Foster carers: enquiries to households, how many come and go, and the benchmark."""

from __future__ import annotations

from sufficiency.answer import Answer
from sufficiency.answer.levels import LIVING_IN_HOUSE
from sufficiency.charts.carers import benchmark, funnel, net_households, places
from sufficiency.report.grids import (
    AVERAGE,
    Baseline,
    Grid,
    Row,
    blocks_of,
    cell_of,
    covered,
    span,
)
from sufficiency.report.parts import Exhibits
from sufficiency.report.tables import Tables

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


def exhibits(tables: Tables, answer: Answer) -> Exhibits:
    """Everything that is shown of it."""
    made = [
        make(tables.summary, answer.name) for make in (funnel, net_households, benchmark, places)
    ]
    run = Baseline(tables.summary, answer.name, answer.start)
    return Exhibits(
        lead=[
            "Carers, households, approved places and children are four different numbers. Not all"
            " who enquire are approved, some approvals only replace those who leave, and not every"
            " approved place can take a child."
        ],
        charts=[chart for chart in made if chart is not None],
        grids=[grid for grid in (_funnel(run), _benchmark(run)) if grid.blocks],
        notes=[
            "Places that are not available are blocked, held by a young adult who stays put, or of"
            " a household that is winding down or not yet ready."
        ],
    )


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
        note=f"({run.of('households and children')}; {covered(every)}; {AVERAGE})",
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


_SHORT = "Short at the year's end"
_OF_SHORT = (
    "Short at the year's end: households more it would take for the children who then live with an"
    " agency or in another kind of home for want of an in-house carer.",
    "The benchmark keeps up with change and takes the shortage there is as given; the shortage is"
    " what has built up. They are not to be added.",
)


def _benchmark(run: Baseline) -> Grid:
    needed = "foster_households_needed"
    parts = [run.levels(needed, f"part={part}") for part in ("leavers", "growth", "choice")]
    benchmark, approved = run.levels(needed), run.levels("foster_households_approved")
    short = run.levels("foster_households_short")
    years = run.years(needed)

    def row(year: str) -> Row:
        cells = [cell_of(part.get(year), ranged=False) for part in parts]
        cells += [cell_of(benchmark.get(year)), cell_of(approved.get(year))]
        return Row(year, [*cells, *([cell_of(short.get(span(year).last))] if short else [])])

    return Grid(
        name="benchmark",
        caption="The Fostering Network's benchmark beside approvals"
        + (" and the simulated shortage" if short else ""),
        note=f"({run.of('in-house foster households')}; {covered(years)}; {AVERAGE})",
        corner="Financial year",
        heads=[
            "Leavers", "Growth", "Choice", "Benchmark: all three", "Approved",
            *([_SHORT] if short else []),
        ],
        blocks=blocks_of(("", map(row, years))),
        lines=[
            "Leavers, growth, choice: households to approve in the year to replace those that"
            " leave, to follow a rise of fostered children, and to have a choice when matching.",
            "Approved: households that were approved in the year, those from other agencies"
            " included.",
            *(_OF_SHORT if short else []),
        ],
    )  # fmt: skip
