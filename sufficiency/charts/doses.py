"""Dose and response of a lever that several options of a run share: how many are enough."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import pandas as pd

from sufficiency.answer.pounds import more_millions
from sufficiency.answer.words import (
    KIND_WORDS,
    RANGE_OF_DIFFERENCE,
    RANGE_OF_FUTURES,
    TYPE_WORDS,
    capital,
    number,
    signed,
    spread,
    title,
    when,
)
from sufficiency.charts.drawing import FIRST, Chart, Line, Panel, curve_panel
from sufficiency.comparison.doses import OPENED, RECRUITED, Doses

UNITS: Mapping[str, tuple[str, str, str]] = {
    RECRUITED: ("household", "households", "Households recruited"),
    OPENED: ("home", "homes", "Homes opened"),
}
"""Of levers that count something: one of it, several, and how an axis is called."""
SHORT: Mapping[str, str] = {
    "in_house": "in-house",
    "ifa": "with agencies",
    "home_own": "in own homes",
    "home_external": "in other homes",
    "supported": "in supported accommodation",
}
"""Where children live, for a heading."""
WHERE: Mapping[str, str] = {
    name: f"{'with' if 'carers' in words else 'in'} {words}" for name, words in TYPE_WORDS.items()
}
"""Where children live, in a sentence."""
WORDS = 10
"""Of a title, at most."""


def doses_chart(
    found: Doses, area: str, times: float, years: tuple[str, ...], place: int = 1
) -> Chart | None:
    """What each amount of a lever does; None where nothing of it is known.

    Args:
        found: The amounts of one lever.
        area: Name of the authority.
        times: How many errors of an average make a finding.
        years: The financial years over which a saving is added up.
        place: Which of several such charts it is.
    """
    panels = tuple(_panels(found))
    if not panels:
        return None
    axis, over = axis_of(found), f"; saving over {years[0]} to {years[-1]}" if years else ""
    return Chart(
        name="doses" if place == 1 else f"doses-{place}",
        title=_title(found, times),
        subtitle=f"Change against doing nothing by {axis[:1].lower()}{axis[1:]}, {area},"
        f" {when(found.date)}{over if _of(found, 'saving').size else ''}",
        panels=panels,
        alternative=tuple(_words(found)),
        columns=(axis, "Option", *(heads for heads, _ in _columns(found))),
        rows=tuple(_rows(found)),
    )


def axis_of(found: Doses) -> str:
    """What the amounts of a lever are, with a capital letter."""
    leaf = found.lever.rpartition(".")[2].replace("_", " ")
    return UNITS.get(found.lever, ("", "", capital(leaf)))[2]


def clear(value: float, error: float, times: float) -> bool:
    """Whether an average can be told from 0."""
    return abs(value) > times * error  # an error may be unknown


# --- the title --------------------------------------------------------------------------------


def _title(found: Doses, times: float) -> str:
    children = _of(found, "children")
    if not len(children):
        return _money_title(found, times)
    step, error = _first_step(children)
    where, unit = SHORT[found.living], UNITS.get(found.lever)
    more, one = unit[1] if unit else axis_of(found).lower(), unit[0] if unit else ""
    if not clear(step, error, times):
        return _short(
            f"No number of {more} clearly adds children {where}",
            f"No amount clearly adds children {where}",
        )
    bend = bend_of(found, "children", times)
    verb = "adds" if step > 0 else "takes away"
    if bend is not None:
        rest = "fewer" if bend[1] * step < 0 else "more"
        return _short(
            f"Beyond {number(bend[0])} {more}, each {verb} {rest} children {where}",
            f"Beyond {number(bend[0])}, each further one {verb} {rest} children",
        )
    if one:
        about = number(abs(step)) if abs(step) >= 0.05 else f"{abs(step):.2g}"
        return f"Each {one} {verb} about {about} {'child' if about == '1' else 'children'} {where}"
    return f"More of it means {'more' if step > 0 else 'fewer'} children {where}"


def _money_title(found: Doses, times: float) -> str:
    saving = _of(found, "saving")
    if not len(saving):
        return "What it changes cannot be told"
    step, error = _first_step(saving)
    if not clear(step, error, times):
        return "No amount clearly saves or costs money"
    bend = bend_of(found, "saving", times)
    verb = "saves" if step > 0 else "costs"
    if bend is None:
        return f"More of it {verb} money"
    rest = "less" if bend[1] * step < 0 else "more"
    return f"Beyond {number(bend[0])}, each further one {verb} {rest}"


def _first_step(rows: pd.DataFrame) -> tuple[float, float]:
    return float(rows["step"].iloc[1]), float(rows["step_se"].iloc[1])


def bend_of(found: Doses, item: str, times: float) -> tuple[float, float] | None:
    """The amount from which one more clearly does something else than at first, and how much."""
    rows, amounts = found.bends[found.bends["item"] == item], [dose.amount for dose in found.doses]
    for row in rows.itertuples():
        if clear(float(row.change), float(row.se), times):
            return amounts[amounts.index(float(row.dose)) - 1], float(row.change)
    return None


def _short(text: str, shorter: str) -> str:
    """The text, or another where a name is long."""
    return text if len(text.split()) <= WORDS else shorter


# --- panels -----------------------------------------------------------------------------------


def _panels(found: Doses) -> Iterable[Panel]:
    children, unmet, saving = (_of(found, item) for item in ("children", "unmet", "saving"))
    if len(children):
        heading = f"Children more {SHORT[found.living]}"
        yield _panel(found, heading, children, ("low95", "high95"), RANGE_OF_DIFFERENCE)
    if len(unmet):
        heading = f"Without the {KIND_WORDS[found.kind]} planned"
        yield _panel(found, heading, unmet, ("p10", "p90"), RANGE_OF_FUTURES)
    if len(saving):
        millions = saving.assign(**{c: saving[c] / 1e6 for c in ("mean", "low95", "high95")})
        yield _panel(found, "Saving, £ million", millions, ("low95", "high95"), RANGE_OF_DIFFERENCE)


def _panel(
    found: Doses, heading: str, rows: pd.DataFrame, ends: tuple[str, str], range_: str
) -> Panel:
    x = [str(dose) for dose in rows["dose"]]
    band = pd.DataFrame({"p10": rows[ends[0]].tolist(), "p90": rows[ends[1]].tolist()}, index=x)
    low, high = min(0.0, *band["p10"]), max(0.0, *band["p90"])
    room = 0.08 * (high - low or 1.0)
    line = Line("average", "", x, rows["mean"].tolist(), FIRST)
    panel = curve_panel(
        heading, [line], (range_, band), ends=(low - room if low < 0 else 0.0, high + room)
    )
    panel.figure.update_xaxes(
        tickvals=rows["dose"].tolist(), ticktext=[number(dose) for dose in rows["dose"]],
        title={"text": axis_of(found), "standoff": 6},
    )  # fmt: skip
    panel.figure.update_layout(margin={"b": 54, "r": 18})
    if low < 0:
        panel.figure.add_hline(y=0, line={"color": "#0B0C0C", "width": 1})
    return panel


# --- words and table --------------------------------------------------------------------------


def _of(found: Doses, item: str) -> pd.DataFrame:
    return found.table[found.table["item"] == item]


def _columns(found: Doses) -> Iterable[tuple[str, str]]:
    """Headings of the table, and the item of each."""
    if len(_of(found, "children")):
        yield f"Children more {SHORT[found.living]}", "children"
        yield "Each one more adds", "step"
    if len(_of(found, "unmet")):
        yield f"Without the {KIND_WORDS[found.kind]} planned", "unmet"
    if len(_of(found, "saving")):
        yield "Saving, £ million", "saving"


def _rows(found: Doses) -> Iterable[tuple[str, ...]]:
    for dose in found.doses:
        name = "Doing nothing" if dose.option == "baseline" else title(dose.option)
        cells = (_cell(found, item, dose.amount) for _, item in _columns(found))
        yield number(dose.amount), name, *cells


def _cell(found: Doses, item: str, amount: float) -> str:
    rows = _of(found, "children" if item == "step" else item)
    row = rows[rows["dose"] == amount].iloc[0]
    if item == "step":
        return (
            "" if math.isnan(row["step"]) else f"{row['step']:+.2f}".replace("-", "\N{MINUS SIGN}")
        )
    if item == "saving":
        ends = f"{more_millions(row['low95'])} to {more_millions(row['high95'])}"
        return f"{more_millions(row['mean'])} ({ends})"
    if item == "unmet":
        return f"{number(row['mean'])} ({spread(row['p10'], row['p90'])})"
    return f"{signed(row['mean'])} ({spread(row['low95'], row['high95'])})"


def _words(found: Doses) -> Iterable[str]:
    unit = UNITS.get(found.lever)
    for row in _of(found, "children").iloc[1:].itertuples():
        what = (
            f"{number(row.dose)} {unit[1 if row.dose != 1 else 0]}"
            if unit
            else (f"{axis_of(found)} {number(row.dose)}")
        )
        yield (
            f"{what}: {signed(row.mean)} children {WHERE[found.living]} on average"
            f" ({RANGE_OF_DIFFERENCE}: {spread(row.low95, row.high95)})."
        )
