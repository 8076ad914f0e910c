"""Past forecasts beside what happened: children in care and entries, from each year-end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sufficiency.answer.words import number, years_words
from sufficiency.backtest.backtesting import Backtested
from sufficiency.backtest.comparing import OURS, STOCK, Forecasted, year_end
from sufficiency.charts.drawing import (
    FIRST,
    FOURTH,
    SECOND,
    THIRD,
    Chart,
    Line,
    Mark,
    Panel,
    time_panel,
)

_LOOKS = (SECOND, THIRD, FOURTH)
"""Of forecasts 1, 2 and 3 years ahead; those further ahead are in the tables."""
_ASIDE = timedelta(days=30)
"""Forecasts of the same date stand beside one another."""
_PANELS = ((STOCK, "Children in care on 31 March"), ("entries", "Entries in the year to 31 March"))


def forecasts_and_what_happened(found: Backtested, area: str) -> Chart | None:
    """What was forecast from each year-end, with 80% ranges, and what came; None of nothing."""
    told = [(heading, _totals(found, measure)) for measure, heading in _PANELS]
    told = [(heading, rows) for heading, rows in told if rows]
    if not told:
        return None
    rows = [row for _, part in told for row in part]
    inside = sum(row.score.low80 <= row.observed <= row.score.high80 for row in rows)
    return Chart(
        name="backtest",
        title=f"{inside} of {len(rows)} forecasts held what happened",
        subtitle=f"Forecast from each year-end, with the range of 8 futures in 10, beside what"
        f" happened, {area}",
        panels=tuple(_panel(heading, part) for heading, part in told),
        alternative=tuple(_words(heading, part) for heading, part in told),
        columns=("What", "From", "To", "Happened", "Median forecast", "Range"),
        rows=tuple(_cells(heading, row) for heading, part in told for row in part),
    )


def _totals(found: Backtested, measure: str) -> list[Forecasted]:
    return [
        row
        for row in found.forecasts
        if row.model == OURS and row.what.measure == measure and not row.what.group
    ]


def _end(row: Forecasted) -> date:
    return year_end(row.origin, row.what.years_ahead)


def _panel(heading: str, rows: Sequence[Forecasted]) -> Panel:
    """What happened as a line; each forecast as a point with its range."""
    happened = {_end(row).isoformat(): row.observed for row in rows}
    dates = sorted(happened)
    line = Line("what happened", "", dates, [happened[when] for when in dates], FIRST)
    panel = time_panel(heading, [line], from_zero=False)
    marks = list(panel.key)
    shown = [row for row in rows if row.what.years_ahead <= len(_LOOKS)]
    for lead in sorted({row.what.years_ahead for row in shown}):
        marks.append(_add(panel, [row for row in shown if row.what.years_ahead == lead], lead))
    ends = [end for row in shown for end in (row.score.low80, row.score.high80, row.observed)]
    room = 0.08 * (max(ends) - min(ends) or 1.0)
    panel.figure.update_yaxes(range=[min(ends) - room, max(ends) + room])
    return Panel(panel.heading, panel.figure, tuple(marks))


def _add(panel: Panel, rows: Sequence[Forecasted], lead: int) -> Mark:
    look, name = _LOOKS[lead - 1], f"forecast {years_words(lead)} before, with its range"
    panel.figure.add_scatter(
        x=[(_end(row) + _ASIDE * lead).isoformat() for row in rows],
        y=[round(row.score.median, 3) for row in rows],
        error_y={
            "type": "data", "symmetric": False, "color": look.colour, "thickness": 2, "width": 4,
            "array": [round(row.score.high80 - row.score.median, 3) for row in rows],
            "arrayminus": [round(row.score.median - row.score.low80, 3) for row in rows],
        },
        mode="markers",
        name=name,
        marker={"symbol": look.symbol, "size": 10, "color": look.colour},
        hovertemplate="%{y:,.1f}",
    )  # fmt: skip
    return Mark("dot", look.colour, look.dash, look.symbol, name)


def _words(heading: str, rows: Sequence[Forecasted]) -> str:
    above = sum(row.observed > row.score.high80 for row in rows)
    below = sum(row.observed < row.score.low80 for row in rows)
    return (
        f"{heading}: of {len(rows)} forecasts, what happened was inside the range in"
        f" {len(rows) - above - below}, above it in {above} and below it in {below}."
    )


def _cells(heading: str, row: Forecasted) -> tuple[str, ...]:
    score = row.score
    return (
        heading,
        row.origin.isoformat(),
        _end(row).isoformat(),
        number(row.observed),
        number(score.median),
        f"{number(score.low80)} to {number(score.high80)}",
    )
