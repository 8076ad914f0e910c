"""Sheets about homes: need against places, and how foster carers come and go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sufficiency.answer.words import KIND_WORDS, OWN_TYPES, WITHHELD, capital, when
from sufficiency.results.results import BASELINE
from sufficiency.workbook.cells import Cell, Quantity
from sufficiency.workbook.contents import Contents, Figure, Figures, option_title
from sufficiency.workbook.sheets import Chart, Column, Series, Sheet

GAP = "Gap and unmet need"
PIPELINE = "Recruitment pipeline"
_GAP_COLUMNS = (
    Column("Option", 26),
    Column("Kind of home", 24),
    Column("Date", 12),
    Column("Needed, mean", 10, "placements"),
    Column("Needed, P10", 10, "placements"),
    Column("Needed, P90", 10, "placements"),
    Column("Own places", 10, "places"),
    Column("All places", 10, "places"),
    Column("Gap: needed less all places", 12, "places"),
    Column("Living elsewhere, mean", 12, "children"),
    Column("Living elsewhere, P10", 12, "children"),
    Column("Living elsewhere, P90", 12, "children"),
    Column("Vacant places", 10, "places"),
)


def gap(contents: Contents) -> Sheet:
    """Need against places by kind of home, quarter by quarter, of every option."""
    rows: list[Sequence[Cell]] = []
    charts: list[Chart] = []
    for option in contents.options:
        for kind in KIND_WORDS:
            first = len(rows)
            rows += _gap_of(contents, option, kind)
            if option == BASELINE and len(rows) > first + 1:
                charts.append(_need_chart(kind, rows, first))
    return Sheet(
        name=GAP,
        title="Need against places, and children without the home planned",
        reading=(
            "Places are filled or could take a child; a market's places are those it gave. A place"
            " is not a match, so vacant places stand beside unmet need.",
            "Living elsewhere: in another kind of home than planned, out of the area or apart from"
            " siblings, for want of a place. P10 to P90: 8 futures in 10 lie there.",
        ),
        table="Gap",
        columns=_GAP_COLUMNS,
        rows=rows,
        charts=tuple(charts),
    )


def _gap_of(contents: Contents, option: str, kind: str) -> Iterable[Sequence[Cell]]:
    """A line for the first day and for the end of each quarter."""
    of_kind = f"kind={kind}"
    usable, vacant, unmet = (
        contents.known(measure, of_kind, option)
        for measure in ("places_usable", "places_vacant", "unmet_need")
    )
    own = contents.known("places_usable", f"type={OWN_TYPES.get(kind)}", option)
    for day, needed in contents.known("placements_needed", of_kind, option).items():
        places, elsewhere = usable.get(day), unmet.get(day)
        yield (
            option_title(option), capital(KIND_WORDS[kind]), day,
            needed.mean, needed.p10, needed.p90,
            _mean_of(own, day) if kind in OWN_TYPES else None, _mean_of(usable, day),
            _empty(usable) if places is None else needed.mean - places.mean,
            *((_empty(unmet),) * 3 if elsewhere is None else
              (elsewhere.mean, elsewhere.p10, elsewhere.p90)),
            _mean_of(vacant, day),
        )  # fmt: skip


def _mean_of(known: Figures, day: str) -> float | str | None:
    return known[day].mean if day in known else _empty(known)


def _empty(known: Figures) -> str | None:
    """What stands where there is no number: a mark, if there is none at any time."""
    return None if known else WITHHELD


def _need_chart(kind: str, rows: Sequence[Sequence[Cell]], first: int) -> Chart:
    """Need and places of one kind if nothing is decided: the rows from `first` to the last."""
    heads = [column.head for column in _GAP_COLUMNS]
    drawn = {
        "needed": "Needed, mean",
        "all places": "All places",
        "living elsewhere": "Living elsewhere, mean",
        "own places": "Own places",
    }
    known = {
        head: any(isinstance(row[heads.index(head)], float) for row in rows[first:])
        for head in drawn.values()
    }
    drawn = {name: head for name, head in drawn.items() if known[head]}
    began, ended = rows[first], rows[-1]

    def course(head: str) -> str:
        a, b = (row[heads.index(head)] for row in (began, ended))
        return f"{a:.0f} to {b:.0f}" if isinstance(a, float) and isinstance(b, float) else "unknown"

    told = "; ".join(f"{name} {course(head)}" for name, head in drawn.items())
    words = capital(KIND_WORDS[kind])
    return Chart(
        kind="line",
        title=f"{words}: need against places, if nothing is decided",
        across="Date",
        up="Children or places, mean",
        unit="whole",
        series=tuple(
            Series(capital(name), head, "Date", first, len(rows) - 1)
            for name, head in drawn.items()
        ),
        description=(
            f"Line chart. {words}, if nothing is decided, from {when(str(began[2]))} to"
            f" {when(str(ended[2]))}, means: {told}."
        ),
    )


# --- recruitment ------------------------------------------------------------------------------

_FLOWS = {
    "foster_enquiries": "Enquiries in the year",
    "foster_applications": "Applications in the year",
    "foster_applications_withdrawn": "Applications that ended without approval",
    "foster_households_approved": "Households approved in the year",
    "foster_households_left": "Households that left in the year",
    "foster_households_net": "Growth: approved less left",
}
_STOCKS = {
    ("foster_households", ""): "Households on 31 March",
    ("carers", ""): "Carers (people) on 31 March",
    ("places_approved", "type=in_house"): "Approved places on 31 March",
    ("places_usable", "type=in_house"): "Usable places on 31 March",
    ("places_filled", "type=in_house"): "Filled places on 31 March",
    ("places_vacant", "type=in_house"): "Vacant places on 31 March",
    ("children_in_care", "type=in_house"): "Children with in-house carers on 31 March",
    ("staying_put", ""): "Young adults staying put on 31 March",
    ("foster_households_short", ""): "Households short of need on 31 March",
}
_PIPELINE_COLUMNS = (
    Column("Option", 26),
    Column("What", 42),
    Column("Financial year", 12),
    Column("Unit", 12),
    Column("Mean", 11, "households"),
    Column("P10", 11, "households"),
    Column("P50", 11, "households"),
    Column("P80", 11, "households"),
    Column("P90", 11, "households"),
)


def pipeline(contents: Contents) -> Sheet:
    """Enquiries, approvals, leavers, households, places and children, by year and option."""
    rows: list[Sequence[Cell]] = []
    spans: dict[tuple[str, str], tuple[int, int]] = {}
    for option in contents.options:
        for what, lines in _pipeline_of(contents, option):
            first = len(rows)
            rows += lines
            spans[option, what] = (first, len(rows) - 1)
    return Sheet(
        name=PIPELINE,
        title="Recruitment pipeline: from enquiry to children with in-house carers",
        reading=(
            "Carers, households, approved places and children are four different numbers: recruits"
            " bring in fewer children than their approved places.",
            "Flows are of the financial year, numbers of households, places and children of its"
            " last day. P80: in 8 futures of 10 the number is no higher.",
        ),
        table="Pipeline",
        columns=_PIPELINE_COLUMNS,
        rows=rows,
        charts=tuple(_pipeline_charts(contents, rows, spans)),
    )


def _pipeline_of(contents: Contents, option: str) -> Iterable[tuple[str, list[Sequence[Cell]]]]:
    for measure, what in _FLOWS.items():
        found = contents.by_year(measure, option=option)
        if found:
            yield what, [_line(option, what, year, figure) for year, figure in found.items()]
    cost = contents.by_year("cost", "type=recruitment", option)
    if cost:
        what = "Cost of recruitment and assessment in the year"
        yield what, [_line(option, what, year, figure) for year, figure in cost.items()]
    for (measure, group), what in _STOCKS.items():
        found = contents.known(measure, group, option)
        last = {year: found.get(f"{int(year[:4]) + 1}-03-31") for year in contents.years}
        lines = [_line(option, what, year, figure) for year, figure in last.items() if figure]
        if lines:
            yield what, lines


def _line(option: str, what: str, year: str, figure: Figure) -> Sequence[Cell]:
    numbers = (figure.mean, figure.p10, figure.p50, figure.p80, figure.p90)
    unit = figure.unit
    return (option_title(option), what, year, unit, *(Quantity(n, unit) for n in numbers))


def _pipeline_charts(
    contents: Contents,
    rows: Sequence[Sequence[Cell]],
    spans: dict[tuple[str, str], tuple[int, int]],
) -> Iterable[Chart]:
    shown = contents.shown
    for what, up in (
        ("Households on 31 March", "Households, mean"),
        ("Children with in-house carers on 31 March", "Children, mean"),
    ):
        of = {option: spans[option, what] for option in shown if (option, what) in spans}
        if not of:
            continue
        ends = "; ".join(
            f"{option_title(option)} {_mean(rows[first])} to {_mean(rows[last])}"
            for option, (first, last) in of.items()
        )
        yield Chart(
            kind="line",
            title=what,
            across="Financial year",
            up=up,
            unit="whole",
            series=tuple(
                Series(option_title(option), "Mean", "Financial year", *span)
                for option, span in of.items()
            ),
            description=(
                f"Line chart of means from the first financial year to the last. {what}: {ends}."
                + contents.left_out
            ),
        )


def _mean(row: Sequence[Cell]) -> str:
    cell = row[4]
    return f"{cell.value:.0f}" if isinstance(cell, Quantity) else ""
