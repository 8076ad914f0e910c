"""What the option that the page is about changes over time, beside doing nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from sufficiency.answer.effects import IN_HOUSE
from sufficiency.answer.leading import Leading, change_words
from sufficiency.answer.levels import LIVING_IN_HOUSE, Decline, ends, from_first_day, level, series
from sufficiency.answer.words import (
    RANGE_OF_FUTURES,
    capital,
    listed,
    number,
    spread,
    when,
    years_words,
)
from sufficiency.charts.course import trend_title
from sufficiency.charts.drawing import FIRST, SECOND, Chart, Line, Mark, Panel, escaped, time_panel

HEIGHT = 236
"""Lower than other figures: it shares a page with two tables."""
LABEL_ROOM = 0.2
"""What a line of text needs of the height of its axis, on paper."""
_MEASURES = {IN_HOUSE: ("children_in_care", LIVING_IN_HOUSE)}
_OTHER = ("unmet_need", "")


def plan_chart(
    summary: pd.DataFrame, area: str, found: Leading | None, declines: Sequence[Decline] = ()
) -> Chart | None:
    """The children whom an option is about, with it and without.

    Args:
        summary: As `summary.csv`.
        area: Name of the authority.
        found: The option that is told; None: there is none, and it is doing nothing alone.
        declines: What becomes of in-house care if nothing is decided.
    """
    measure, group = _MEASURES.get(found.goal.item, _OTHER) if found else _MEASURES[IN_HOUSE]
    about = found.goal.children if found else "children with in-house carers"
    base = from_first_day(series(summary, measure, group))
    both = ends(base)
    if both is None:
        return None
    option = None
    if found is not None:
        option = from_first_day(series(summary, measure, group, found.option.name))
        option = option if len(option) else None
    told = [("doing nothing", base)]
    if found is not None and option is not None:
        told.append((f"with “{found.option.title}”", option))
    course = declines[0].course if declines and found is None else None
    title = trend_title(capital(about), *both, course)
    if found is not None and option is not None:
        title = _title(found)
    span = f"{when(both[0].period)} to {when(both[1].period)}"
    return Chart(
        name="plan",
        title=title,
        subtitle=f"{capital(about)}, {area}, {span}, {listed([words for words, _ in told])};"
        f" average and {RANGE_OF_FUTURES}",
        panels=(_panel(capital(about), told),),
        alternative=(_alternative(told),),
        columns=("Option", "Date", "Average", f"Range, {RANGE_OF_FUTURES}"),
        rows=tuple(
            (capital(words), str(date), number(row["mean"]), spread(row["p10"], row["p90"]))
            for words, rows in told
            for date, row in rows.iterrows()
        ),
    )


def _title(found: Leading) -> str:
    """The change; after how many years, if ten words have room for it."""
    text = capital(change_words(found.goal, found.effect, ranged=False))
    return f"{text} after {years_words(found.effect.years)}"


def _panel(heading: str, told: Sequence[tuple[str, Any]]) -> Panel:
    labels = ("nothing", "option") if len(told) > 1 else ("",)
    lines = [
        Line(words, label, _dates(rows), rows["mean"].tolist(), look)
        for (words, rows), label, look in zip(told, labels, (FIRST, SECOND), strict=False)
    ]
    both = pd.concat([rows[["p10", "p90"]] for _, rows in told])
    panel = time_panel(heading, lines, (f"{RANGE_OF_FUTURES}, doing nothing", told[0][1]))
    figure, key = panel.figure, list(panel.key)
    figure.update_layout(height=HEIGHT)
    if len(told) > 1:
        name = f"{RANGE_OF_FUTURES}, with it (dotted)"
        _outline(figure, told[1][1], name)
        top = max(float(both["p90"].max()), *(max(line.y) for line in lines))
        figure.update_yaxes(range=[0, 1.05 * top])
        _part_labels(figure, top)
        key.append(Mark("band", SECOND.colour, "", "", name))
    return Panel(panel.heading, figure, tuple(key))


def _part_labels(figure: Any, top: float) -> None:
    """Move the two words beside the ends apart: the figure is lower than others, most so on paper.

    Args:
        figure: The figure.
        top: Upper end of its axis.
    """
    below, above = sorted(figure.layout.annotations, key=lambda note: note.y)
    overlap = max(LABEL_ROOM * top - (above.y - below.y), 0.0)
    below.y, above.y = below.y - overlap / 2, above.y + overlap / 2


def _dates(rows: Any) -> list[str]:
    return [str(date) for date in rows.index]


def _outline(figure: Any, rows: Any, name: str) -> None:
    """A range whose ends are dotted lines, told by them from the other that it overlaps."""
    red, green, blue = (int(SECOND.colour[i : i + 2], 16) for i in (1, 3, 5))
    for column, fill in (("p10", "none"), ("p90", "tonexty")):
        figure.add_scatter(
            x=_dates(rows),
            y=[round(float(value), 3) for value in rows[column]],
            mode="lines",
            line={"color": SECOND.colour, "width": 1.25, "dash": "dot"},
            fill=fill,
            fillcolor=f"rgba({red},{green},{blue},0.1)",
            hoverinfo="skip",
            name=escaped(name),
        )


def _alternative(told: Sequence[tuple[str, Any]]) -> str:
    parts = []
    for words, rows in told:
        last = level(rows.iloc[-1])
        value = f"{number(last.mean)} ({RANGE_OF_FUTURES}: {last.range})"
        parts.append(f"{words} {value}")
    date = when(str(told[0][1].index[-1]))
    return f"At the end, in {date}, on average: {'; '.join(parts)}."
