"""A backtest as text for a terminal, and as the parts of a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from sufficiency.answer import screens
from sufficiency.answer.backtest_words import (
    LIMITS,
    READING,
    SHORT,
    coverage,
    day,
    figure,
    losses,
    losses_words,
    made,
    named,
    verdict,
)
from sufficiency.answer.page_parts import Part, Table
from sufficiency.answer.screens import Screen
from sufficiency.answer.words import MINUS, capital, number, percent, years_words
from sufficiency.backtest.backtesting import Backtested
from sufficiency.backtest.comparing import FLAT, MARKOV, MODELS, OURS, SHARES, Forecasted
from sufficiency.backtest.judging import Judged

# --- the screen -------------------------------------------------------------------------------


def screen(found: Backtested, places: Mapping[str, Path | str]) -> Screen:
    """The table of errors and what it comes to.

    Args:
        found: What was found.
        places: What was written, and where.
    """
    heads = ("years\nahead", *(f"error,\n{SHORT[model]}" for model in MODELS))
    blocks: list[screens.Block] = [
        screens.Paragraph(f"Backtest {found.first.year} to {found.last.year}. {made(found)}"),
        *(screens.Paragraph(_left_out(out.origin, out.why)) for out in found.left_out),
        screens.Gap(),
        screens.Table(
            screens.columns(*heads, "inside\n80%", "inside\n95%"), tuple(map(_line, found.judged))
        ),
        screens.Gap(),
        screens.Paragraph(verdict(found)),
        screens.Paragraph(coverage(found)),
        screens.Gap(),
        screens.Files(places),
    ]
    return Screen(tuple(blocks))


def text(found: Backtested) -> str:
    """The same as plain text: 80 columns, no colour, no markup."""
    return screens.plain(screen(found, {})).rstrip()


def _line(row: Judged) -> screens.Row:
    label = capital(named(row.subject)) + (" (%)" if row.subject.measure in SHARES else "")
    errors = (_error(row, model) for model in MODELS)
    _, cover80, cover95 = row.errors[OURS].covers
    return screens.Row((label, str(row.years_ahead), *errors, percent(cover80), percent(cover95)))


def _error(row: Judged, model: str) -> str:
    """An error without its unit; a dash where the model says nothing of it."""
    if model not in row.errors:
        return "-"
    return figure(row, row.errors[model].crps).removesuffix(" points")


def _left_out(origin: object, why: str) -> str:
    return f"Left out: {origin}: {why}"


# --- the page ---------------------------------------------------------------------------------


def parts(found: Backtested) -> tuple[Part, ...]:
    """The page's parts, the verdict apart."""
    left = tuple(_left_out(out.origin, out.why) for out in found.left_out)
    return (
        Part("Error by measure", left, (_errors(found),)),
        Part("Where ours did worse", (losses_words(found),), tuple(_losses(found))),
        Part("Ranges and bias", (coverage(found),), (_ranges(found),)),
        Part("From each year-end", (), tuple(_courses(found))),
        Part("How to read it", READING),
        Part("What it cannot show", LIMITS),
    )


def _errors(found: Backtested) -> Table:
    rows = []
    for row in found.judged:
        cells = [_error(row, model) for model in MODELS]
        against = [_against(row, peer) for peer in (FLAT, MARKOV)]
        what = _what(row)
        happened = _value(row.subject.measure, row.observed)
        rows.append((what, str(len(row.origins)), happened, *cells, *against))
    return Table(
        "Mean error (CRPS) over year-ends",
        ("Measure", "Year-ends", "Happened, mean", "Ours", "Flat", "Markov",
         "Ours less flat", "Ours less Markov"),
        tuple(rows),
        "Below 0 ours is better. Behind ± is the standard error over year-ends; each type of home"
        " is a number of its own, and their errors are averaged; in the differences they are added"
        " up. Shares in percentage points.",
    )  # fmt: skip


def _losses(found: Backtested) -> Iterator[Table]:
    rows = tuple(
        (
            _what(loss.row),
            SHORT[loss.peer],
            _error(loss.row, OURS),
            _error(loss.row, loss.peer),
            loss.sure,
        )
        for loss in losses(found)
    )
    if rows:
        columns = ("Measure", "Other", "Ours", "The other's", "Told from chance")
        yield Table("Errors, where the other's was lower", columns, rows)


def _what(row: Judged) -> str:
    return f"{capital(named(row.subject))}, {years_words(row.years_ahead)} ahead"


def _against(row: Judged, peer: str) -> str:
    if peer not in row.against:
        return "-"
    apart, scale = row.against[peer], 100 if row.subject.measure in SHARES else 1
    error = "" if apart.number < 2 else f" ± {scale * apart.se:.1f}"
    return f"{scale * apart.mean:+.1f}{error}".replace("-", MINUS)


def _ranges(found: Backtested) -> Table:
    rows = []
    for row in found.judged:
        for model, errors in row.errors.items():
            scale = 100 if row.subject.measure in SHARES else 1
            what = _what(row)
            covers = (percent(cover) for cover in errors.covers)
            bias = f"{scale * errors.bias:+.1f}".replace("-", MINUS)
            rows.append((what, SHORT[model], str(row.numbers), *covers, bias))
    return Table(
        "Share of what happened inside each range",
        ("Measure", "Model", "Numbers", "50%", "80%", "95%", "Bias"),
        tuple(rows),
        "Bias: average forecast less what happened.",
    )


def _courses(found: Backtested) -> Iterator[Table]:
    """Every year-end's totals: what ours said and what happened."""
    totals = [row for row in found.forecasts if row.model == OURS and not row.what.group]
    for measure in dict.fromkeys(row.what.measure for row in totals):
        rows = tuple(_course(row) for row in totals if row.what.measure == measure)
        unit = "%" if measure in SHARES else "children" if measure != "moves" else "moves"
        label = measure.replace("_", " ")
        yield Table(
            f"{capital(label)} ({unit})",
            ("From", "Of", "Happened", "Our median", "80% range", "95% range"),
            rows,
        )


def _course(row: Forecasted) -> tuple[str, ...]:
    measure, score = row.what.measure, row.score
    return (
        day(row.origin),
        row.period,
        _value(measure, row.observed),
        _value(measure, score.median),
        f"{_value(measure, score.low80)} to {_value(measure, score.high80)}",
        f"{_value(measure, score.low95)} to {_value(measure, score.high95)}",
    )


def _value(measure: str, value: float) -> str:
    return f"{100 * value:.1f}" if measure in SHARES else number(value)


CAUTION = "Small numbers are not suppressed on this page: do not publish it as it is."


def note(found: Backtested) -> str:
    """How the page was made."""
    return (
        f"History from {found.first} to {found.last}; {found.replications} futures, values that are"
        f" uncertain drawn from ranges of {found.bootstrap} resamples, seed {found.seed}."
    )
