"""The chart of a forecast: its bands hold their share of paths, shocks are shaded."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from sufficiency.answer.forecast_page import total_rows
from sufficiency.charts.forecast import entries_ahead
from sufficiency.forecast.result import Forecast


def forecast(months: int = 24) -> Forecast:
    paths = np.arange(101)[:, None] * np.ones((1, months), dtype=np.int64)  # 0 to 100 every month
    months_past = pd.date_range("2023-04-01", periods=24, freq="MS")
    history = pd.DataFrame({"month": months_past, "stream": "uasc", "entries": 5.0})
    history["left_out"] = [4 <= place < 7 for place in range(24)]
    return Forecast(
        first=date(2025, 4, 1),
        paths={"uasc": paths.astype(np.int64)},
        chosen={"uasc": "pool"},
        why={"uasc": "it is the default"},
        scores=pd.DataFrame(columns=["stream", "candidate", "span"]),
        history=history,
    )


def band(figure: object, name: str) -> list[float]:
    trace = next(trace for trace in figure.data if trace.name == name)  # type: ignore[attr-defined]  # untyped plotly
    return list(trace.y)


def test_bands_are_the_middle_50_80_and_95_per_cent_of_the_paths() -> None:
    figure = entries_ahead(forecast(), "uasc", "Somewhere").panels[0].figure
    for name, low, high in (("50% range", 25, 75), ("80% range", 10, 90), ("95% range", 2.5, 97.5)):
        assert band(figure, name) == [high] * 24 + [low] * 24


def test_the_second_panel_has_totals_of_twelve_months() -> None:
    figure = entries_ahead(forecast(), "uasc", "Somewhere").panels[1].figure
    counted = next(trace for trace in figure.data if trace.name == "counted")
    assert list(counted.x) == ["2024-03-01", "2025-03-01"]
    assert list(counted.y) == [60, 60]
    assert band(figure, "80% range") == [12 * 90] * 2 + [12 * 10] * 2


def test_months_left_out_are_shaded_and_named_in_the_key() -> None:
    panel = entries_ahead(forecast(), "uasc", "Somewhere").panels[0]
    (shade,) = panel.figure.layout.shapes
    assert (shade.x0, shade.x1) == ("2023-08-01", "2023-10-01")
    assert "months left out" in [mark.name for mark in panel.key]


def test_lines_are_drawn_over_the_bands() -> None:
    names = [trace.name for trace in entries_ahead(forecast(), "uasc", "X").panels[0].figure.data]
    assert names.index("counted") > names.index("95% range")


def test_less_than_a_year_ahead_has_months_only_and_no_totals() -> None:
    short = forecast(months=6)
    chart = entries_ahead(short, "uasc", "Somewhere")
    assert [panel.heading for panel in chart.panels] == ["By month"]
    assert "in 6 months" in chart.title
    assert total_rows(short) == ()


def test_the_title_has_ten_words_at_most() -> None:
    assert len(entries_ahead(forecast(), "uasc", "Somewhere").title.split()) <= 10
