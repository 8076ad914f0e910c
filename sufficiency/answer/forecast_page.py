"""A forecast in words and tables: the same on screen and on its page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from sufficiency.answer import screens
from sufficiency.answer.page_parts import Part, Table
from sufficiency.answer.screens import Screen
from sufficiency.answer.words import capital, number, percent, signed, spread, whole
from sufficiency.forecast.result import Forecast
from sufficiency.vocabulary import Stream

STREAM_WORDS: Mapping[str, str] = {
    Stream.NON_UASC: "children other than UASC",
    Stream.UASC: "unaccompanied children (UASC)",
}
BOTH = "all children"
TOTALS = ("Twelve months", "Average", "Median", "80% range", "95% range")
SCORES = (
    "Candidate", "Months: CRPS", "pinball", "in 50%", "in 80%", "in 95%", "bias",
    "Totals: CRPS", "pinball", "in 50%", "in 80%", "in 95%", "bias",
)  # fmt: skip
HOW_TO_READ = (
    "Each candidate forecast again and again from past months, without those that came after, and"
    " was compared with what came. CRPS is the mean error of a whole range of futures, pinball that"
    " of its quantiles, both in children: less is better. “In 80%” is the share of what came"
    " that lay inside the range of 80%; near 80% is right, less means too sure. Bias is forecast"
    " less what came. The pool takes half of its paths from the unobserved components and half from"
    " the negative binomial.",
    "Months and twelve-month totals are judged apart, because a forecast can be right about single"
    " months and far too sure of a year, and budgets are set by the year. Origins overlap, so these"
    " shares rest on fewer years than they seem to.",
)
RANGES = (
    "A range of 80% holds what comes in eight cases out of ten if the future is like the past. It"
    " knows nothing of changes of law, of practice or of the world that no past month shows."
)


CAUTION = "Small numbers are not suppressed on this page: do not publish it as it is."


def totals(paths: np.ndarray[tuple[int, int], np.dtype[np.int64]], first: date) -> Iterable[
    tuple[str, np.ndarray[tuple[int], np.dtype[np.int64]]]
]:  # fmt: skip
    """Totals of each path over each whole twelve months ahead, with their name."""
    for year in range(paths.shape[1] // 12):
        yield _span(first, 12 * year, 12), paths[:, 12 * year : 12 * year + 12].sum(axis=1)


def month_of(first: date, after: int) -> date:
    """First day of a month, so many months on."""
    year, month = divmod(first.year * 12 + first.month - 1 + after, 12)
    return date(year, month + 1, 1)


def _span(first: date, after: int, months: int) -> str:
    start, end = month_of(first, after), month_of(first, after + months - 1)
    return f"{start:%b %Y} to {end:%b %Y}"


def lead(forecast: Forecast) -> tuple[str, ...]:
    """What it comes to, a sentence for each stream."""
    return tuple(_sentence(forecast, stream) for stream in forecast.paths)


def _sentence(forecast: Forecast, stream: str) -> str:
    paths = forecast.paths[stream][:, :12]
    found = paths.sum(axis=1)
    low, high = np.quantile(found, [0.1, 0.9])
    text = (
        f"{capital(STREAM_WORDS[stream])}: about {whole(np.median(found))} entries,"
        f" {_span(forecast.first, 0, paths.shape[1])} (80% range {spread(low, high)})"
    )
    last = _last_year(forecast, stream)
    return f"{text}; {whole(last)} in the twelve months before." if last is not None else f"{text}."


def _last_year(forecast: Forecast, stream: str) -> float | None:
    """Entries counted in the last twelve months, if all of them are known."""
    rows = forecast.history[forecast.history["stream"] == stream].tail(12)
    if len(rows) < 12 or rows["entries"].isna().any():
        return None
    return float(rows["entries"].sum())


def total_rows(forecast: Forecast, stream: str | None = None) -> tuple[tuple[str, ...], ...]:
    """Twelve-month totals of a stream, or of all children: its paths, or their sum path by path."""
    paths = sum(forecast.paths.values()) if stream is None else forecast.paths[stream]
    rows = []
    for name, found in totals(np.asarray(paths), forecast.first):
        low95, low80, median, high80, high95 = np.quantile(found, [0.025, 0.1, 0.5, 0.9, 0.975])
        ranges = spread(low80, high80), spread(low95, high95)
        rows.append((name, number(float(found.mean())), whole(median), *ranges))
    return tuple(rows)


def chosen_words(forecast: Forecast, stream: str) -> str:
    """Who made the paths of a stream, why, and how its ranges did on the past."""
    text = f"Made by: {forecast.chosen[stream]}. Why: {forecast.why[stream]}."
    return f"{text}{_held(forecast, stream)}"


def _held(forecast: Forecast, stream: str) -> str:
    """How often the ranges of who made the paths held what came, if that was tested."""
    scores = forecast.scores
    rows = scores[
        (scores["stream"] == stream)
        & (scores["candidate"] == forecast.chosen[stream])
        & (scores["span"] == "twelve_months")
    ]
    if rows.empty or pd.isna(rows.iloc[0]["cover80"]):
        return ""
    row = rows.iloc[0]
    few = f"{int(row['forecasts'])} past totals of twelve months, which overlap"
    return f" Ranges of 80% by the {row['candidate']} held {percent(row['cover80'])} of {few}."


def score_rows(scores: pd.DataFrame, stream: str) -> tuple[tuple[str, ...], ...]:
    """One row per candidate: its scores over months and over twelve-month totals."""
    own = scores[scores["stream"] == stream]
    rows = []
    for candidate, of in own.groupby("candidate", sort=False):
        spans = of.set_index("span")
        cells = [_cells(spans, span) for span in ("month", "twelve_months")]
        rows.append((str(candidate), *cells[0], *cells[1]))
    return tuple(rows)


def _cells(spans: pd.DataFrame, span: str) -> tuple[str, ...]:
    if span not in spans.index or pd.isna(spans.loc[span, "crps"]):
        return ("failed", *[""] * 5) if span == "month" else ("",) * 6
    row = spans.loc[span]
    shares = (percent(row[f"cover{c}"]) for c in (50, 80, 95))
    return (f"{row['crps']:.2f}", f"{row['pinball']:.2f}", *shares, signed(row["bias"]))


def _tested(scores: pd.DataFrame, stream: str) -> str:
    own = scores[(scores["stream"] == stream) & scores["crps"].notna()]
    if own.empty:
        return ""
    counts = {span: int(own.loc[own["span"] == span, "forecasts"].max()) for span in own["span"]}
    months, years = counts.get("month", 0), counts.get("twelve_months", 0)
    return (
        f"{capital(STREAM_WORDS[stream])}: {own['origins'].max()} origins, {months} months and"
        f" {years} twelve-month totals."
    )


def parts(forecast: Forecast) -> tuple[Part, ...]:
    """The sections of the page; the first is where the charts stand."""
    streams = list(forecast.paths)
    names = [*streams, None] if len(streams) > 1 else streams
    tables = [
        Table(capital(STREAM_WORDS.get(stream or "", BOTH)), TOTALS, total_rows(forecast, stream))
        for stream in names
    ]
    scored = [stream for stream in streams if (forecast.scores["stream"] == stream).any()]
    tested = [
        Table(
            f"{capital(STREAM_WORDS[stream])}: candidates on the past",
            SCORES,
            score_rows(forecast.scores, stream),
            _tested(forecast.scores, stream),
        )
        for stream in scored
    ]
    made = tuple(f"{capital(STREAM_WORDS[s])}. {chosen_words(forecast, s)}" for s in streams)
    out = [Part("Entries to come", (RANGES,), tuple(t for t in tables if t.rows))]
    out.append(Part("How it was made", (*made, *forecast.notes)))
    if tested:
        out.append(Part("How the candidates did on the past", HOW_TO_READ, tuple(tested)))
    return tuple(out)


def screen(forecast: Forecast, name: str, written: Mapping[str, Path | str]) -> Screen:
    """The whole answer.

    Args:
        forecast: The forecast.
        name: Of whom.
        written: What was written, and where.
    """
    blocks: list[screens.Block] = [
        screens.Paragraph(f"{name}: entries from {forecast.first:%B %Y} on")
    ]
    for stream in forecast.paths:
        blocks += [
            screens.Heading(capital(STREAM_WORDS[stream]).upper()),
            screens.Paragraph(_sentence(forecast, stream)),
            screens.Paragraph(chosen_words(forecast, stream)),
            screens.Gap(),
            _totals(total_rows(forecast, stream)),
            *_scores(forecast, stream),
        ]
    if len(forecast.paths) > 1:
        blocks += [screens.Heading(BOTH.upper()), _totals(total_rows(forecast))]
    blocks += [screens.Gap(), screens.Paragraph(RANGES), *map(screens.Paragraph, forecast.notes)]
    blocks += [screens.Gap(), screens.Files(written)]
    return Screen(tuple(blocks))


def _totals(rows: Sequence[tuple[str, ...]]) -> screens.Table:
    heads = screens.columns(*TOTALS[1:], label=TOTALS[0])
    return screens.Table(heads, tuple(map(screens.Row, rows)))


def _scores(forecast: Forecast, stream: str) -> Iterable[screens.Block]:
    """The scores; pinball and the range of 50% are on the page and in the file."""
    rows = score_rows(forecast.scores, stream)
    if not rows:
        return
    shown = (0, 1, 4, 5, 7, 10, 11, 12)
    heads = ("CRPS", "in 80%", "in 95%")
    columns = screens.columns(
        *(f"months\n{head}" for head in heads),
        *(f"totals\n{head}" for head in (*heads, "bias")),
        label="Candidate",
    )
    yield screens.Gap()
    yield screens.Paragraph(
        "On the past, by months and by twelve-month totals (less CRPS is better)"
    )
    yield screens.Table(columns, tuple(screens.Row(tuple(row[i] for i in shown)) for row in rows))
