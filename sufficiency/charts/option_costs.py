"""What each option adds to net cost, or takes off it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from textwrap import wrap
from typing import Any

import pandas as pd

from sufficiency.answer.choices import NOTHING
from sufficiency.answer.levels import BASELINE
from sufficiency.answer.money import pounds_range, span
from sufficiency.answer.pounds import more_pounds
from sufficiency.answer.words import RANGE_OF_DIFFERENCE, capital, chance, count, title
from sufficiency.charts.drawing import Chart, Dot, Panel, dot_panel, escaped
from sufficiency.charts.money import years_together

_MILLION, _THOUSAND = 1e6, 1e3


def option_costs(table: pd.DataFrame, area: str, years: Sequence[str]) -> Chart | None:
    """What each option adds to net cost, or takes off it, over the run; None without options.

    Args:
        table: As `comparison.choices.side_by_side`.
        area: Name of the authority.
        years: The financial years of the run.
    """
    rows = table[(table["item"] == "net_cost") & (table["option"] != BASELINE)]
    if not len(rows):
        return None
    return Chart(
        name="option-costs",
        title=_option_title(rows, len(years)),
        subtitle=f"Change of net cost against {NOTHING}, {_unit(rows)[1]}, nominal, {area},"
        f" {span(years)}",
        panels=(_option_panel(rows),),
        alternative=tuple(_option_words(row) for _, row in rows.iterrows()),
        columns=(
            "Option", "Average change", f"Range, {RANGE_OF_DIFFERENCE}", "Finding",
            "Chance of costing less",
        ),
        rows=tuple(_option_row(row) for _, row in rows.iterrows()),
    )  # fmt: skip


def _unit(rows: Any) -> tuple[float, str]:
    """What to divide by, so that ticks are readable, and its name."""
    largest = float(rows[["low95", "high95", "difference"]].abs().max(axis=None))
    return (_MILLION, "£ million") if largest >= 2 * _MILLION else (_THOUSAND, "£ thousand")


def _option_panel(rows: Any) -> Panel:
    scale, _ = _unit(rows)
    dots = [
        Dot(
            _label(title(str(row["option"]))), row["difference"] / scale, row["low95"] / scale,
            row["high95"] / scale, row["verdict"] in ("more", "fewer"),
        )
        for _, row in rows.iterrows()
    ]  # fmt: skip
    ends = [0.0, *(end for dot in dots for end in (dot.low, dot.high, dot.value))]
    room = 0.06 * (max(ends) - min(ends) or 1.0)
    extent = (min(ends) - room, max(ends) + room)
    panel = dot_panel("Net cost", dots, extent, RANGE_OF_DIFFERENCE)
    panel.figure.update_layout(margin={"l": 128})
    panel.figure.update_xaxes(nticks=5)
    return panel


def _label(text: str) -> str:
    """An option's title in at most three short lines."""
    lines = wrap(text, 18)
    if len(lines) > 3:
        lines = [*lines[:2], lines[2][:16] + "…"]
    return "<br>".join(map(escaped, lines))


def _option_title(rows: Any, years: int) -> str:
    """Of averages, as far as they can be told from no change."""
    fewer, all_ = int((rows["verdict"] == "fewer").sum()), len(rows)
    end = f"net cost over {years_together(years)}"
    if not fewer:
        more = bool((rows["verdict"] == "more").any())
        if all_ == 1:
            return f"The option raises {end}" if more else f"No clear change of {end}"
        return f"No option clearly {'lowers' if more else 'changes'} {end}"
    if all_ == 1:
        return f"The option lowers {end}"
    if fewer == all_:
        return f"All {count(fewer)} options lower {end}"
    verb = "lowers" if fewer == 1 else "lower"
    return f"{capital(count(fewer))} of {count(all_)} options {verb} {end}"


def _option_words(row: Any) -> str:
    within = f"{RANGE_OF_DIFFERENCE}: {pounds_range(row['low95'], row['high95'])}"
    told = "" if row["verdict"] in ("more", "fewer") else ", which cannot be told from no change"
    return f"{title(str(row['option']))}: {more_pounds(row['difference'])} ({within}){told}."


def _option_row(row: Any) -> tuple[str, ...]:
    finding = {"none": "no change in any future", "unclear": "cannot be told from no change",
               "more": "costs more", "fewer": "costs less"}[row["verdict"]]  # fmt: skip
    better = row["probability_better"]
    return (
        title(str(row["option"])),
        more_pounds(row["difference"]),
        pounds_range(row["low95"], row["high95"]),
        finding,
        "" if math.isnan(better) else chance(better),
    )
