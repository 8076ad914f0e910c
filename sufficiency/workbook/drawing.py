"""Sheets into an Excel file. The only module that knows XlsxWriter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, BinaryIO

import xlsxwriter

from sufficiency.results.files import looks_live
from sufficiency.workbook.cells import (
    Cell,
    Quantity,
    clean,
    finite,
    in_chart,
    number_format,
    one_line,
)
from sufficiency.workbook.sheets import HEADER_ROW, SERIES_AT_MOST, Chart, Column, Series, Sheet

PALETTE = ("#12436D", "#28A197", "#801650", "#F46A25")
"""The Analysis Function's colours, which people who confuse colours can tell apart."""
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
_FONT = "Arial"
_A4 = 9
_PAGE_CHARACTERS = 135
"""Characters of column width that a landscape A4 page has room for at full size."""
_SMALLEST = 40
"""Per cent to which a page is shrunk at most."""
_LINE = 15
"""Points of a line of text."""
_TALLEST = 409
"""Points of a row at most."""
_FILLED = 0.92
"""How much of a line words fill on average."""
_CHART_ROWS = 21
_CHART_SIZE = {"width": 760, "height": 390}


def draw(file: BinaryIO, sheets: Sequence[Sheet], title: str, made: datetime) -> None:
    """Write the workbook; the same sheets give the same bytes.

    Args:
        file: Where to.
        sheets: In their order.
        title: Title in the properties of the document.
        made: When the run was made: the properties state it instead of the time of writing.
    """
    with xlsxwriter.Workbook(file, _OPTIONS) as book:
        book.set_properties({"title": one_line(title)[:250], "created": made})
        formats = _Formats(book)
        drawn = {sheet.name: (sheet, book.add_worksheet(sheet.name)) for sheet in sheets}
        tables = {name: sheet for name, (sheet, _) in drawn.items()}
        for sheet, page in drawn.values():
            _write(page, sheet, formats)
            _set_up(page, sheet)
            for place, chart in enumerate(sheet.charts):
                _insert(book, page, sheet, chart, place, tables)


class _Formats:
    """The formats of a workbook, each made once."""

    def __init__(self, book: Any) -> None:
        made = cache(lambda given: book.add_format({"font_name": _FONT, **dict(given)}))
        self._made = made

    def of(self, **properties: Any) -> Any:
        return self._made(tuple(sorted(properties.items())))

    def text(self, text: str, **properties: Any) -> Any:
        """The format of a text: marked as text where it could be taken for a formula."""
        if looks_live(text):
            properties["quote_prefix"] = True
        return self.of(**properties)


def _write(page: Any, sheet: Sheet, formats: _Formats) -> None:
    """Title, how to read it, and the table."""
    _write_text(page, 0, 0, sheet.title, formats, bold=True, font_size=15)
    counts = f"One table, {sheet.table}, begins in cell A{HEADER_ROW + 1}" + (
        ", and its charts stand to its right." if sheet.charts else "."
    )
    for row, line in enumerate((*sheet.reading, counts), start=1):
        _write_text(page, row, 0, line, formats)
    rows = sheet.rows or [[sheet.empty, *(None for _ in sheet.columns[1:])]]
    heads = [{"header": clean(column.head)} for column in sheet.columns]
    style = formats.of(bold=True, text_wrap=True, valign="top", bottom=1)
    page.add_table(
        HEADER_ROW, 0, HEADER_ROW + len(rows), len(heads) - 1,
        {
            "name": sheet.table,
            "columns": [{**head, "header_format": style} for head in heads],
            "style": "Table Style Light 1",
            "title": one_line(sheet.title),
            "description": one_line(sheet.reading[0]),
        },
    )  # fmt: skip
    _set_height(page, HEADER_ROW, [column.head for column in sheet.columns], sheet)
    for row, cells in enumerate(rows, start=HEADER_ROW + 1):
        for column, cell in enumerate(cells):
            _write_cell(page, row, column, cell, sheet.columns[column], formats)
        if sheet.rows:
            _set_height(page, row, cells, sheet)


def _set_height(page: Any, row: int, cells: Sequence[Cell], sheet: Sheet) -> None:
    """Give a row the height its text needs: where a program does it later, charts are stretched."""
    lines = max(
        _lines(cell, column.width) if isinstance(cell, str) else 1
        for cell, column in zip(cells, sheet.columns, strict=True)
    )
    if lines > 1:
        page.set_row(row, min(_LINE * lines + 2, _TALLEST))


def _lines(text: str, width: int) -> int:
    if len(text) < width and "\n" not in text:
        return 1
    return sum(1 + int(len(line) / (_FILLED * width)) for line in text.split("\n"))


def _write_cell(
    page: Any, row: int, column: int, cell: Cell, of: Column, formats: _Formats
) -> None:
    if isinstance(cell, str):
        if cell:
            _write_text(page, row, column, cell, formats, text_wrap=True, valign="top")
    elif isinstance(cell, date):
        style = formats.of(num_format="d mmmm yyyy", valign="top", align="left")
        page.write_datetime(row, column, datetime(cell.year, cell.month, cell.day), style)
    elif cell is not None:
        value, unit = cell if isinstance(cell, Quantity) else (cell, of.unit)
        number = finite(value)
        if number is not None:
            style = formats.of(num_format=number_format(unit), valign="top")
            page.write_number(row, column, number, style)


def _write_text(
    page: Any, row: int, column: int, text: str, formats: _Formats, **properties: Any
) -> None:
    page.write_string(row, column, clean(text), formats.text(text, **properties))


def _set_up(page: Any, sheet: Sheet) -> None:
    """Widths, what stays in view, and how it is printed."""
    for place, column in enumerate(sheet.columns):
        page.set_column(place, place, column.width)
    page.freeze_panes(HEADER_ROW + 1, 0)
    page.set_paper(_A4)
    page.set_landscape()
    page.repeat_rows(HEADER_ROW)
    width = sum(column.width + 1 for column in sheet.columns)
    page.set_print_scale(max(_SMALLEST, min(100, 100 * _PAGE_CHARACTERS // width)))
    page.set_v_pagebreaks([len(sheet.columns)])  # charts on pages of their own
    page.set_footer("&L&A&RPage &P of &N")


# --- charts -----------------------------------------------------------------------------------


def _insert(
    book: Any, page: Any, sheet: Sheet, chart: Chart, place: int, sheets: Mapping[str, Sheet]
) -> None:
    drawn = book.add_chart({"type": chart.kind})
    for number, series in enumerate(chart.series[:SERIES_AT_MOST]):
        drawn.add_series(_series(chart, series, number, sheets[series.sheet or sheet.name]))
    drawn.set_title({"name": in_chart(chart.title), "name_font": {"size": 13, "bold": True}})
    _set_axes(drawn, chart)
    drawn.set_legend({"none": True} if len(chart.series) == 1 else {"position": "bottom"})
    drawn.set_size(_CHART_SIZE)
    drawn.show_blanks_as("gap")
    at = HEADER_ROW + place * _CHART_ROWS
    page.insert_chart(
        at,
        len(sheet.columns) + 1,
        drawn,
        {"description": one_line(chart.description), "object_position": 3},
    )


def _set_axes(drawn: Any, chart: Chart) -> None:
    plain = {"name_font": {"bold": False, "size": 10}}
    of_categories = {"name": in_chart(chart.across), "label_position": "low", **plain}
    of_values = {
        "name": in_chart(chart.up),
        "num_format": number_format(chart.unit),
        "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}},
        **plain,
    }
    if chart.kind == "bar":  # read from the top, as the table
        drawn.set_y_axis({**of_categories, "reverse": True})
        drawn.set_x_axis({**of_values, "label_position": "high"})
    else:
        drawn.set_x_axis(of_categories)
        drawn.set_y_axis(of_values)


def _series(chart: Chart, series: Series, number: int, of: Sheet) -> dict[str, Any]:
    colour = PALETTE[(number if series.colour < 0 else series.colour) % len(PALETTE)]
    first, last = (HEADER_ROW + 1 + row for row in (series.first, series.last))

    def rows(head: str) -> list[Any]:
        return [of.name, first, of.place(head), last, of.place(head)]

    given: dict[str, Any] = {
        "name": in_chart(series.name),
        "values": rows(series.values),
        "categories": rows(series.categories),
    }
    if chart.kind == "line":
        dash = {"dash_type": "dash"} if series.dashed else {}
        line = {"color": colour, "width": 1.5 if series.dashed else 2.25, **dash}
        return given | {"line": line, "marker": {"type": "none"}}
    given |= {"fill": {"color": PALETTE[2] if chart.signed else colour}, "gap": 60}
    if chart.signed:
        given |= {"invert_if_negative": True, "invert_if_negative_color": PALETTE[1]}
    return given
