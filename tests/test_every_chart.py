"""What holds for every chart of every page: its title, its colours, its words and its data.

Not what its title says: that is tested where the chart is, on data that say the opposite too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from full_page import full_page

from sufficiency.charts import Chart
from sufficiency.charts.bars import Bar, bar_panel
from sufficiency.charts.calibration import entries, survival
from sufficiency.charts.dose_response import dose_response
from sufficiency.charts.forecast import entries_ahead
from sufficiency.charts.tornado import tornado_chart
from sufficiency.forecast.result import Forecast

PALETTE = {"#12436d", "#28a197", "#801650", "#f46a25"}
"""The Analysis Function's, of which four series have one each."""
GREYS = {"#3d3d3d", "#0b0c0c", "#484d50", "#858c90", "#ffffff", "#dee0e2"}
"""Of text, rules, ground, and what is not the finding."""
BAND = re.compile(r"rgba\((\d+), ?(\d+), ?(\d+), ?([\d.]+)\)")
PERIOD = re.compile(r"\b20\d\d\b")
WORDS_OF_TIME = ("month", "year", "week", "quarter")


# --- the charts ---------------------------------------------------------------------------------


@cache
def of_sheets() -> dict[str, Chart]:
    """Those of the pages on fit, forecasts, targets and assumptions."""
    found = [
        survival(_survival(), "Smallshire"),
        entries(_entries(), "Smallshire"),
        entries_ahead(_forecast(), "uasc", "Smallshire"),
        *_of_stand_ins(),
    ]
    return {chart.name: chart for chart in found if chart is not None}


def _survival() -> pd.DataFrame:
    rows = [
        {"group": group, "day": day, "at_risk": 40 - day // 100, "kaplan_meier": 1 - day / 2000,
         "se": 0.02, "low": 0.9 - day / 2000, "high": 1 - day / 2500, "fitted": 0.98 - day / 2000,
         "base": 0.97 - day / 2000}
        for group in ("1-4", "16-17")
        for day in (182, 365, 730)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _entries() -> pd.DataFrame:
    months = pd.period_range("2023-04", periods=24, freq="M")
    return pd.DataFrame({"month": months, "stream": "local", "observed": 5.0, "fitted": 5.5})


def _forecast() -> Forecast:
    past = pd.date_range("2023-04-01", periods=24, freq="MS")
    history = pd.DataFrame({"month": past, "stream": "uasc", "entries": 5.0, "left_out": False})
    return Forecast(
        first=date(2025, 4, 1),
        paths={"uasc": np.arange(101)[:, None] * np.ones((1, 24), dtype=np.int64)},
        chosen={"uasc": "pool"},
        why={"uasc": "it is the default"},
        scores=pd.DataFrame(columns=["stream", "candidate", "span"]),
        history=history,
    )


def _of_stand_ins() -> Iterator[Chart | None]:
    """Charts of results that tests of their own make with a simulation that costs nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(Path(__file__).parent / "targets"))
        from test_sensitivity import analysed, study
        from test_targets_page import made

        yield dose_response(made("unsure"))
        yield tornado_chart(analysed(study.__wrapped__()), "Smallshire")


def checked(names: Iterable[str]) -> Any:
    return pytest.mark.parametrize("name", names)


SHEETS = checked(("survival", "entries", "entries-uasc", "dose-response", "tornado"))


# --- what holds ---------------------------------------------------------------------------------


def broken(chart: Chart, area: str) -> list[str]:
    """What of the rules a chart does not keep."""
    return [
        *_of_words(chart, area),
        *_of_data(chart),
        *(
            f"{panel.heading}: {why}"
            for panel in chart.panels
            for why in (*_of_series(panel.figure), *_of_colours(panel.figure), *_of_key(panel.key))
        ),
    ]


def _of_words(chart: Chart, area: str) -> Iterator[str]:
    count = len(chart.title.split())
    if not 1 <= count <= 10:
        yield f"its title has {count} words: {chart.title}"
    if area not in chart.subtitle:
        yield f"its subtitle does not name the area: {chart.subtitle}"
    said = " ".join((chart.subtitle, *chart.columns, *chart.rows[0], *chart.alternative))
    if not PERIOD.search(said) and not any(word in said for word in WORDS_OF_TIME):
        yield "it names no period"
    if not chart.alternative or not all(line.strip() for line in chart.alternative):
        yield "it has no text alternative"
    if len({panel.heading for panel in chart.panels}) < len(chart.panels):
        yield "two of its figures have the same heading"


def _of_data(chart: Chart) -> Iterator[str]:
    if not chart.rows:
        yield "it has no data as a table"
    if any(len(row) != len(chart.columns) for row in chart.rows):
        yield "its rows are not as wide as its columns"
    if len(set(chart.columns)) < len(chart.columns) or not all(chart.columns):
        yield f"its columns are not told apart: {chart.columns}"
    if any("<" in cell and ">" in cell for row in chart.rows for cell in row):
        yield "a cell holds markup"


def series_of(figure: Any) -> list[Any]:
    """The traces that show data: no bands, no error bars on invisible points, no links."""
    return [
        trace
        for trace in figure.data
        if trace.type == "bar" or (trace.type == "scatter" and _is_shown(trace))
    ]


def _is_shown(trace: Any) -> bool:
    return trace.fill is None and trace.showlegend is not False and trace.marker.size != 1


def _of_series(figure: Any) -> Iterator[str]:
    series = series_of(figure)
    if len(series) > 4:
        yield f"it has {len(series)} series"
    for one, other in combinations(series, 2):
        if _colour(one) != _colour(other) and _shape(one) == _shape(other):
            yield f"{one.name} and {other.name} differ in colour alone"


def _colour(trace: Any) -> Any:
    return (_line(trace), trace.marker.color)


def _shape(trace: Any) -> tuple[object, ...]:
    """How a series looks to who sees no colours."""
    hollow = str(trace.marker.color).lower() == "#ffffff"
    if trace.type == "bar":
        return (trace.type, trace.marker.pattern.shape, hollow)
    dash = trace.line.dash if "lines" in (trace.mode or "lines") else None
    return (trace.type, trace.mode, dash, trace.marker.symbol, hollow)


def _of_colours(figure: Any) -> Iterator[str]:
    for colour in sorted(set(_colours(json.loads(figure.to_json())))):
        if colour not in PALETTE | GREYS and not _is_band(colour):
            yield f"{colour} is not of the palette"
    for note in figure.layout.annotations:
        if note.font.color is not None and contrast(str(note.font.color)) < 4.5:
            yield f"its label {note.text} is too faint"
    for trace in series_of(figure):
        edge, *fills = _outline(trace), *_colours([trace.marker.color, _line(trace)])
        yield from (
            f"{trace.name} is too faint: {colour}"
            for colour in fills
            if max(contrast(colour), edge) < 3
        )


def _line(trace: Any) -> Any:
    return trace.line.color if trace.type == "scatter" else None


def _outline(trace: Any) -> float:
    return max(map(contrast, _colours(trace.marker.line.color)), default=1.0)


def _colours(part: Any) -> Iterator[str]:
    """Every colour below a part of a figure."""
    if isinstance(part, dict):
        for value in part.values():
            yield from _colours(value)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from _colours(value)
    elif isinstance(part, str) and re.fullmatch(r"#[0-9A-Fa-f]{3,8}|rgba?\(.*\)", part):
        yield part.lower()


def _is_band(colour: str) -> bool:
    """Whether it is a colour of the palette, or a grey, that one can see through."""
    found = BAND.fullmatch(colour)
    if found is None:
        return False
    solid = "#" + "".join(f"{int(part):02x}" for part in found.groups()[:3])
    return float(found[4]) == 0 or solid in PALETTE | GREYS


def contrast(colour: str) -> float:
    """Against white, as the Web Content Accessibility Guidelines define it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    light = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 1.05 / (0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2] + 0.05)


def _of_key(key: Iterable[Any]) -> Iterator[str]:
    marks = list(key)
    names = [mark.name for mark in marks]
    if len(set(names)) < len(names) or not all(names):
        yield f"its key has no name of their own for all: {names}"
    if len({mark[:4] for mark in marks}) < len(marks):
        yield f"two entries of its key look the same: {names}"


def test_contrast_is_that_of_the_published_palette() -> None:
    assert contrast("#000000") == pytest.approx(21)
    assert contrast("#12436d") == pytest.approx(10.3, abs=0.1)
    assert contrast("#f46a25") == pytest.approx(3.0, abs=0.1)


@SHEETS
def test_a_chart_of_a_sheet_keeps_the_rules(name: str) -> None:
    assert broken(of_sheets()[name], "") == []


@pytest.mark.slow  # the run of two years, and its whole page
def test_every_chart_of_the_report_keeps_the_rules() -> None:
    made = full_page()
    assert len(made.charts) >= 20
    found = {chart.name: broken(chart, "Smallshire") for chart in made.charts}
    assert {name: why for name, why in found.items() if why} == {}
    names = [chart.name for chart in made.charts]
    assert len(set(names)) == len(names)


# --- bars ---------------------------------------------------------------------------------------


def test_bars_have_their_numbers_at_their_ends_and_parts_differ_in_pattern() -> None:
    panel = bar_panel(
        "Homes",
        [Bar("In the area", (3.0, 4.5)), Bar("Beyond <b>", (1.0, 0.5), "few", low=1.0, high=2.0)],
        ("own", "bought"),
        range_="8 futures in 10",
    )
    figure = panel.figure
    assert [note.text for note in figure.layout.annotations] == ["7.5", "few"]
    assert [note.x for note in figure.layout.annotations] == [
        7.5,
        2.0,
    ]  # where the line over it ends
    assert [list(trace.x) for trace in figure.data[:2]] == [[3.0, 1.0], [4.5, 0.5]]
    ranges = figure.data[2].error_x
    assert (list(ranges.array), list(ranges.arrayminus)) == ([0.5], [0.5])
    assert list(figure.layout.yaxis.categoryarray) == ["Beyond &lt;b&gt;", "In the area"]
    assert list(_of_series(figure)) == []
    assert [mark.name for mark in panel.key] == ["own", "bought", "8 futures in 10"]
