"""What has moved since an earlier run, on the screen."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pandas as pd

from sufficiency.answer.money import COST_WORDS, millions, pounds, pounds_range
from sufficiency.answer.pounds import more_millions
from sufficiency.answer.screens import Block, Heading, Paragraph, Row, Table, columns
from sufficiency.answer.words import NOT_SHOWN, RANGE_OF_DIFFERENCE, WITHHELD, capital
from sufficiency.comparison.movement import COMMON_YEARS, INCOME, Movement

_LESS = "less income"
_HEADS = columns("P50 then", "P50 now", "mean then", "mean now", "change")
_MOST_LINES = 25
"""Assumptions that differ shown on the screen; the file has all."""


def movement_blocks(moved: Movement) -> Iterator[Block]:
    """Net cost then and now, by year and by type, and the assumptions that differ."""
    yield Heading(f"MOVEMENT SINCE {moved.since}, net cost, £m")
    rows = (_moved(capital(row["period"]), row) for _, row in moved.net_cost.iterrows())
    yield Table(_HEADS, tuple(rows))
    yield Paragraph(_luck(moved))
    yield Heading(f"BY TYPE, {COMMON_YEARS}, £m (means of costs less income are net cost)")
    chosen = moved.types[moved.types["period"] == COMMON_YEARS]
    rows = (
        _moved(_LESS if row["type"] == INCOME else COST_WORDS[row["type"]], row)
        for _, row in chosen.iterrows()
    )
    yield Table(_HEADS, tuple(rows))
    yield Heading("ASSUMPTIONS THAT DIFFER")
    for line in moved.assumptions[:_MOST_LINES]:
        yield Paragraph(line, indent=2, hang=2)
    more = len(moved.assumptions) - _MOST_LINES
    if more > 0:
        yield Paragraph(f"and {more} more (--out FILE writes all)", indent=2)
    if not moved.assumptions:
        yield Paragraph("none", indent=2)


def _luck(moved: Movement) -> str:
    """Whether the movement is one of luck."""
    last = moved.net_cost.iloc[-1]
    if math.isnan(last["change"]):
        return f"By how much it moves is {NOT_SHOWN}."
    if moved.paired:
        range_ = pounds_range(last["low95"], last["high95"])
        return f"The same luck in both: {RANGE_OF_DIFFERENCE} move by {range_} in all."
    return (
        "Not the same luck in both (seed, version, first day or the list of values with a range"
        f" differ): part of the movement is chance. Its error is {pounds(last['se'])} in all."
    )


def _moved(label: str, row: pd.Series) -> Row:
    names = ("p50_before", "p50", "mean_before", "mean")
    cells = [millions(row[name]) or WITHHELD for name in names]
    return Row((label, *cells, more_millions(row["change"]) or WITHHELD))
