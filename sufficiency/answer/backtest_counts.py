"""The test of the forecast alone, where there are counts and no return."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from sufficiency.answer.screens import Block, Files, Gap, Paragraph, Row, Screen, Table, columns
from sufficiency.answer.words import capital, percent
from sufficiency.forecast.result import Forecast
from sufficiency.vocabulary import Stream

ONLY_COUNTS = (
    "There is no return of children, only counts: what is tested is the forecast of entries alone,"
    " not stays, moves, homes or the simulation."
)
STREAM_WORDS = {Stream.NON_UASC.value: "children other than UASC", Stream.UASC.value: "UASC"}
SPAN_WORDS = {"month": "a month", "twelve_months": "twelve months"}
COLUMNS = ("Entries of", "Of", "Candidate", "Origins", "Error (CRPS)", "50%", "80%", "95%", "Bias")


def sentence(made: Forecast) -> str:
    """What came out, in a sentence."""
    told = [_stream(made.scores, made.chosen[stream], stream) for stream in made.chosen]
    return f"Forecast of entries alone, tested on its own past: {'; '.join(filter(None, told))}."


def _stream(scores: pd.DataFrame, chosen: str, stream: str) -> str:
    rows = scores[(scores["stream"] == stream) & (scores["span"] == "twelve_months")]
    mine = rows[rows["candidate"] == chosen]
    words = STREAM_WORDS[stream]
    if mine.empty:
        return f"{words} by the {chosen}, too few years to score it"
    one = mine.iloc[0]
    ranks = int((rows["crps"] < one["crps"]).sum())
    others = "no candidate" if ranks == 0 else f"{ranks} of {len(rows) - 1} other candidates"
    return (
        f"{words} by the {chosen}, whose 80% ranges held {percent(one['cover80'])} of"
        f" {one['forecasts']:.0f} twelve-month totals from {one['origins']:.0f} origins, and"
        f" {others} had a lower error"
    )


def rows_of(made: Forecast) -> tuple[tuple[str, ...], ...]:
    """Every candidate's scores; the chosen ones are marked."""
    return tuple(
        (
            capital(STREAM_WORDS[row.stream]),
            SPAN_WORDS.get(row.span, row.span),
            row.candidate + (" (chosen)" if made.chosen.get(row.stream) == row.candidate else ""),
            f"{row.origins:.0f}",
            f"{row.crps:.2f}",
            percent(row.cover50),
            percent(row.cover80),
            percent(row.cover95),
            f"{row.bias:+.1f}",
        )
        for row in made.scores.itertuples()
    )


def screen(made: Forecast, places: Mapping[str, Path | str]) -> Screen:
    """The scores and what they come to.

    Args:
        made: The forecast, with its scores.
        places: What was written, and where.
    """
    rows = []
    for who, of, candidate, origins, error, _, c80, c95, bias in rows_of(made):
        label = f"{who.replace('Children other than UASC', 'Not UASC')}, {of}, {candidate}"
        rows.append(Row((label, origins, error, c80, c95, bias)))
    heads = columns("origins", "error", "80%", "95%", "bias")
    blocks: list[Block] = [
        Paragraph(ONLY_COUNTS),
        Gap(),
        Table(heads, tuple(rows)),
        Gap(),
        Paragraph(sentence(made)),
        *map(Paragraph, made.notes),
        Gap(),
        Files(places),
    ]
    return Screen(tuple(blocks))


def why(made: Forecast) -> tuple[str, ...]:
    """Why each candidate was chosen, and what to know."""
    told = [
        f"{capital(STREAM_WORDS[stream])}: the {made.chosen[stream]}, because {reason}."
        for stream, reason in made.why.items()
    ]
    return (ONLY_COUNTS, *told, *made.notes)
