"""What has moved since an earlier run as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from sufficiency.answer.money import COST_WORDS, millions, pounds, pounds_range
from sufficiency.answer.money_screen import plain, wrapped
from sufficiency.answer.pounds import more_millions
from sufficiency.answer.words import RANGE_OF_DIFFERENCE, capital
from sufficiency.comparison.movement import COMMON_YEARS, INCOME, Movement

_LABEL = 24
_LESS = "less income"
_MOST_LINES = 25
"""Assumptions that differ shown on the screen; the file has all."""


def movement_lines(moved: Movement) -> Iterator[str]:
    """Net cost then and now, by year and by type, and the assumptions that differ."""
    yield from ("", *wrapped(f"MOVEMENT SINCE {plain(moved.since)}, net cost, £m"))
    heads = ("P50 then", "P50 now", "mean then", "mean now", "change")
    yield f"{'':<{_LABEL}}" + "".join(map("{:>11}".format, heads))
    for _, row in moved.net_cost.iterrows():
        yield _moved(capital(row["period"]), row)
    if moved.paired:
        last = moved.net_cost.iloc[-1]
        range_ = pounds_range(last["low95"], last["high95"])
        yield from wrapped(f"The same luck in both: {RANGE_OF_DIFFERENCE} move by {range_} in all.")
    else:
        yield from wrapped(
            "Not the same luck in both (seed, version, first day or the list of values with a range"
            " differ): part of the movement is chance. Its error is"
            f" {pounds(moved.net_cost.iloc[-1]['se'])} in all."
        )
    yield from ("", f"BY TYPE, {COMMON_YEARS}, £m (means of costs less income are net cost)")
    for _, row in moved.types[moved.types["period"] == COMMON_YEARS].iterrows():
        words = _LESS if row["type"] == INCOME else COST_WORDS[row["type"]]
        yield _moved(words, row)
    yield from ("", "ASSUMPTIONS THAT DIFFER")
    for line in moved.assumptions[:_MOST_LINES]:
        yield from wrapped(plain(line), "  ")
    more = len(moved.assumptions) - _MOST_LINES
    if more > 0:
        yield f"  and {more} more (--out FILE writes all)"
    if not moved.assumptions:
        yield "  none"


def _moved(label: str, row: pd.Series) -> str:
    cells = [millions(row[name]) for name in ("p50_before", "p50", "mean_before", "mean")]
    return f"{label:<{_LABEL}}" + "".join(
        f"{c:>11}" for c in (*cells, more_millions(row["change"]))
    )
