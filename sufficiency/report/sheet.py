"""A page of findings about data: a title, what it comes to, and sections of text, charts, tables.

The pages on data quality, fit, forecasts and backtests are sheets; the report of a run has a page
of its own. Text comes from data and is shown as text, whatever it holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sufficiency.charts import Chart
from sufficiency.report.rendering import figures, render
from sufficiency.results.files import writable, write_text


@dataclass(frozen=True)
class SheetTable:
    """A table: the first column names its rows."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    """A line below it."""
    text: bool = False
    """Whether its cells are words, not numbers: then they stand on the left and wrap."""

    @property
    def words(self) -> tuple[int, ...]:
        """Columns whose cells are words: among numbers, they stand on the left too."""
        return tuple(
            place
            for place, cells in enumerate(zip(*self.rows, strict=True))
            if any(cells) and all(cell[0].isalpha() for cell in cells if cell)
        )


@dataclass(frozen=True)
class Section:
    """One part of a sheet: its paragraphs, then its charts, then its tables."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[SheetTable, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """A page."""

    kind: str
    """What sort of page it is, above the title: "Data quality"."""
    title: str
    subtitle: str
    """Where and when, in a sentence."""
    lead: tuple[str, ...]
    """What it comes to: the first sentences a reader sees."""
    sections: tuple[Section, ...]
    caution: str = ""
    """What must be read before it is passed on, in bold under the lead."""
    note: str = ""
    """A line at the foot: how it was made."""


def write_sheet(sheet: Sheet, path: Path) -> Path:
    """Write a sheet as one HTML file that needs nothing else: whole or not at all."""
    with writable(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, sheet_text(sheet))
    return path


def sheet_text(sheet: Sheet) -> str:
    """The whole page as text. Its charts must have names of their own."""
    drawn = [chart for section in sheet.sections for chart in section.charts]
    names = [chart.name for chart in drawn]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"two charts of a sheet have the same name: {', '.join(twice)}")
    return render(
        "sheet.html",
        {
            "sheet": sheet,
            "area": sheet.title,
            "figures": figures(drawn),
            "plotly": _plotly() if drawn else "",
        },
    )


def _plotly() -> str:
    """The script that draws: five megabytes, only where there is something to draw."""
    from plotly.offline import get_plotlyjs

    text: str = get_plotlyjs()
    return text
