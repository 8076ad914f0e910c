"""What was before the run, joined to what is simulated: told by other marks, from other sources."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from sufficiency.answer.published import day
from sufficiency.answer.quarters import span
from sufficiency.answer.words import RANGE_OF_FUTURES, number, spread, whole
from sufficiency.charts.drawing import (
    BOTTOM,
    FIRST,
    HEIGHT,
    Line,
    Look,
    Mark,
    Panel,
    escaped,
    time_panel,
)
from sufficiency.scenario import Observed, PastValue, Scenario

BEFORE = Look("#3D3D3D", "dot", "square")
"""How the past looks."""
YEARS_BACK = 5
"""Years before the first day that are shown."""
COLUMNS = ("Period", "Median, or number", f"Range, {RANGE_OF_FUTURES}", "Average", "From")
_NAME = "before the run"
_ROOM = 0.08
_LONGEST_STEP = 400
"""Days between two dates over which a line still joins them: a year and a little."""
_SECOND_LINE = 16
"""Height of the second line of a tick's label, in pixels."""


class Told(NamedTuple):
    """A number of the past."""

    period: str
    """Date, quarter or financial year."""
    value: float
    source: str


def told(scenario: Scenario, measure: str, group: str = "") -> list[Told]:
    """What a scenario says of a measure before its first day, in order of time.

    That is its history; where this says nothing of a time, a published value to compare with, and
    the children in care when the validation period begins.
    """
    start = scenario.start.isoformat()
    said: tuple[PastValue | Observed, ...] = (
        *_stock_then(scenario),
        *scenario.observed,
        *scenario.history,
    )
    found = {
        one.period: Told(one.period, float(one.value), one.source)
        for one in said
        if (one.measure, one.group) == (measure, group)
    }
    first = f"{scenario.start.year - YEARS_BACK}{start[4:]}"
    kept = [one for one in found.values() if first <= span_of(one.period)[1] < start]
    return sorted(kept, key=lambda one: span_of(one.period))


def _stock_then(scenario: Scenario) -> Iterable[PastValue]:
    """The children in care when the validation period begins, as of the end of the day before."""
    then = scenario.validation
    if then is None:
        return
    for group, value in (("", then.children_in_care), ("stream=uasc", then.uasc_in_care)):
        if value is not None:
            yield PastValue(
                measure="children_in_care",
                group=group,
                period=(then.start - timedelta(days=1)).isoformat(),
                value=value,
                source="the scenario: children in care when its validation period begins",
            )


def span_of(period: str) -> tuple[str, str]:
    """First and last day of a date, month, quarter or financial year, to put them in order."""
    if len(period) == 10:
        return period, period
    year, _, rest = period.partition("-")
    if rest.isdigit() and int(rest) != (int(year) + 1) % 100:
        return f"{period}-01", f"{period}-31"
    _, first, last = span(period)
    return first, last


def dated(found: Iterable[Told]) -> list[Told]:
    """Those that are of a date."""
    return [one for one in found if len(one.period) == 10]


def quarterly(found: Iterable[Told]) -> list[Told]:
    """Those that are of a quarter."""
    return [one for one in found if "-Q" in one.period]


def yearly(found: Iterable[Told]) -> list[Told]:
    """Those that are of a financial year."""
    return [one for one in found if len(one.period) == 7 and "-Q" not in one.period]


def sources(found: Iterable[Told]) -> str:
    """Where they come from, each source once."""
    return "; ".join(dict.fromkeys(one.source for one in found if one.source))


def with_past(panel: Panel, past: Sequence[Told], *, from_zero: bool = True) -> Panel:
    """A panel over dates that begins with the past."""
    if not past:
        return panel
    figure = panel.figure
    _draw(figure, past)
    _make_room(figure, [one.value for one in past], from_zero)
    first = int(past[0].period[:4])
    years = int(max(str(x) for trace in figure.data for x in trace.x)[:4]) - first
    step = 1 if years <= 6 else 2 if years <= 12 else 5
    figure.update_xaxes(
        type="date", tick0=f"{first}-01-01", dtick=f"M{12 * step}", tickformat="%Y",
        hoverformat="%-d %B %Y", nticks=None,
    )  # fmt: skip
    return Panel(panel.heading, figure, (*panel.key, _mark()))


def period_panel(heading: str, rows: Any, past: Sequence[Told] = ()) -> Panel:
    """A flow by quarter or financial year: average and range of what is simulated, and the past.

    Args:
        heading: Title of the figure.
        rows: Of the summary, by period.
        past: Of the same kind of period.
    """
    lines = [Line("simulated, average", "", [str(p) for p in rows.index], rows["mean"], FIRST)]
    panel = time_panel(heading, lines, (f"simulated, {RANGE_OF_FUTURES}", rows))
    figure, key = panel.figure, panel.key
    if past:
        _draw(figure, past)
        _make_room(figure, [one.value for one in past], from_zero=True)
        key = (*key, _mark())
    periods = [*(one.period for one in past), *lines[0].x]
    _name_periods(figure, list(dict.fromkeys(periods)))
    figure.update_layout(height=HEIGHT + _SECOND_LINE, margin={"b": BOTTOM + _SECOND_LINE})
    return Panel(heading, figure, key)


def _name_periods(figure: Any, periods: Sequence[str]) -> None:
    """Periods in words, with a tick for about six of them."""
    words = {period: span(period).words for period in periods}
    for trace in figure.data:
        trace.x = [words[x] for x in trace.x]
    quarters = "-Q" in periods[0]
    starts = [p for p in periods if p.endswith("-Q1")] if quarters else list(periods)
    starts = starts or list(periods)
    shown = starts[:: 1 + (len(starts) - 1) // 6]
    figure.update_xaxes(
        type="category", categoryorder="array", categoryarray=[words[p] for p in periods],
        range=[-0.35, len(periods) - 0.65], tickvals=[words[p] for p in shown],
        ticktext=[_tick(period) for period in shown],
    )  # fmt: skip


def _tick(period: str) -> str:
    """A quarter by the month in which it begins, a financial year on two lines."""
    if "-Q" in period:
        return f"{date.fromisoformat(span(period).first):%B<br>%Y}"
    return f"{period[:4]}<br>{period[4:]}"


def _draw(figure: Any, past: Sequence[Told]) -> None:
    points = list(_with_gaps(past))
    figure.add_scatter(
        x=[period for period, _ in points],
        y=[value for _, value in points],
        mode="lines+markers",
        name=escaped(_NAME),
        line={"color": BEFORE.colour, "width": 2, "dash": BEFORE.dash},
        marker={"symbol": BEFORE.symbol, "size": 8, "color": BEFORE.colour},
        hovertemplate="%{y:,.1f}",
    )


def _with_gaps(past: Sequence[Told]) -> Iterable[tuple[str, float | None]]:
    """Points of a line that is broken where a period, or more than a year, is not told."""
    for before, one in zip((None, *past), past, strict=False):
        if before is not None and _far_apart(before.period, one.period):
            yield one.period, None
        yield one.period, round(one.value, 3)


def _far_apart(before: str, after: str) -> bool:
    days = (date.fromisoformat(span_of(after)[0]) - date.fromisoformat(span_of(before)[1])).days
    return days > (_LONGEST_STEP if len(after) == 10 else 1)


def _make_room(figure: Any, values: Sequence[float], from_zero: bool) -> None:
    """Widen the vertical axis so that the past is within it."""
    low, high = figure.layout.yaxis.range
    room = _ROOM * (max(high, *values) - min(low, *values))
    low = 0.0 if from_zero else min(low, min(values) - room)
    figure.update_yaxes(range=[low, max(high, max(values) + room)])


def _mark() -> Mark:
    return Mark("line", *BEFORE, _NAME)


def rows_of(rows: Any, past: Sequence[Told]) -> Iterable[tuple[str, ...]]:
    """The data of such a panel as text, under `COLUMNS`: the past first, which has no range."""
    for one in past:
        yield words_of(one.period), number(one.value), "", "", one.source
    for period, row in rows.iterrows():
        yield (
            words_of(str(period)),
            whole(row["p50"]),
            spread(row["p10"], row["p90"]),
            number(row["mean"]),
            "simulated",
        )


def words_of(period: str) -> str:
    """A date, quarter or financial year in words."""
    return day(date.fromisoformat(period)) if len(period) == 10 else span(period).words
