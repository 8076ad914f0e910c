"""The answer as text for a terminal: 80 columns, no colour, no markup."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from sufficiency.answer import Answer
from sufficiency.answer.effects import DISPLACED, IN_HOUSE, UNMET, Effect, OptionAnswer
from sufficiency.answer.levels import Need
from sufficiency.answer.words import (
    KIND_WORDS,
    MINUS,
    RANGE_OF_DIFFERENCE,
    RANGE_OF_FUTURES,
    TWO_RANGES,
    capital,
    chance,
    when,
    whole,
    years_words,
)

WIDTH = 80
_LABEL = 20
_SHORT = (
    ("in-house", "carers"),
    ("agency", "carers"),
    ("own", "homes"),
    ("other", "homes"),
    ("supported", "accomm."),
    ("unregis-", "tered"),
)
"""Types of placement over two lines, for a narrow column."""


def text(answer: Answer, places: Mapping[str, Path | str]) -> str:
    """The whole answer.

    Args:
        answer: The answer.
        places: What was written, and where.
    """
    lines = [
        *_wrapped(f"{answer.name}, {answer.span}, {answer.futures:,} futures of each option"),
        "",
        *(line for sentence in answer.decline for line in _wrapped(sentence)),
        "",
        *_wrapped(answer.best),
        *_needs(answer),
        *_missing(answer),
        *_by_type(answer),
        *_over_time(answer),
        "",
        *_wrapped(TWO_RANGES),
        "",
        *(f"{what + ':':<10}{where}" for what, where in places.items()),
    ]
    return "\n".join(line.rstrip() for line in lines).replace(MINUS, "-")


def _wrapped(sentence: str, indent: str = "") -> list[str]:
    return textwrap.wrap(
        sentence, WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    )


def _needs(answer: Answer) -> Iterable[str]:
    if not answer.needs:
        return
    yield from ("", "NEED AGAINST PLACES, if nothing is decided")
    needed = f"needed ({RANGE_OF_FUTURES})"
    yield f"{'':<14}{needed:>25}{'own':>8}{'all':>8}{'needed':>9}{'living':>8}"
    yield f"{'':<39}{'places':>8}{'places':>8}{'- places':>9}{'elsewh.':>8}{'vacant':>8}"
    shown = {answer.needs[0].period, *answer.years.values()}
    for kind, words in KIND_WORDS.items():
        rows = [need for need in answer.needs if need.kind == kind and need.period in shown]
        if rows:
            yield capital(words)
            yield from map(_need, rows)
    yield from _wrapped(
        "Places: filled, or could take a child; a market's places are those it gave. Living"
        " elsewhere: in another kind of home than planned, out of the area or apart from siblings,"
        " for want of a place. Vacant places stand beside it, because few places suit a given"
        " child. The report has every quarter."
    )


def _need(need: Need) -> str:
    needed = f"{whole(need.needed.p50)} ({need.needed.range})"
    unmet = "" if need.unmet is None else whole(need.unmet.mean)
    return (
        f"{'  ' + when(need.period):<18}{needed:>21}{_known(need.own):>8}{_known(need.usable):>8}"
        f"{_known(need.gap):>9}{unmet:>8}{_known(need.vacant):>8}"
    )


def _known(value: float) -> str:
    return "" if math.isnan(value) else whole(value)


def _missing(answer: Answer) -> Iterable[str]:
    if answer.missing:
        yield from ("", "HOW OFTEN THE RIGHT HOME IS MISSING, if nothing is decided")
        yield f"{'':<44}{'at the start':>18}{'at the end':>18}"
        for row in answer.missing:
            yield f"{row.words:<44}{row.value(row.first):>18}{row.value(row.last):>18}"
        yield f"(average, and {RANGE_OF_FUTURES}; a share is of the first and last full year)"


def _by_type(answer: Answer) -> Iterable[str]:
    if not answer.options:
        return
    yield ""
    yield f"WHAT EACH OPTION CHANGES after {years_words(answer.at)}, against doing nothing"
    yield from _wrapped(
        "Children living there, net. “?” marks an average that cannot be told from 0."
    )
    yield from _columns("", [first for first, _ in _SHORT])
    yield from _columns("", [second for _, second in _SHORT])
    for option in answer.options:
        yield from _wrapped(option.title)
        effects = [option.effect(item, answer.at) for item in DISPLACED]
        yield from _effects(effects)
        yield from _wrapped(option.recruits, "  ")


def _over_time(answer: Answer) -> Iterable[str]:
    """How the effect builds up, in children in-house and in children without the home planned."""
    for item, words in (
        (IN_HOUSE, "CHILDREN WITH IN-HOUSE CARERS, against doing nothing"),
        (UNMET, "CHILDREN WITHOUT THE HOME PLANNED FOR THEM, against doing nothing"),
    ):
        told = [option for option in answer.options if item in option.items]
        if told:
            yield from ("", words)
            heads = [f"{years_words(year)}" for year in answer.years]
            yield from _columns("after", [*heads, "average"])
            for option in told:
                yield from _wrapped(option.title)
                yield from _effects(_course(option, item, answer))


def _course(option: OptionAnswer, item: str, answer: Answer) -> Sequence[Effect | None]:
    return [option.effect(item, year) for year in (*answer.years, None)]


def _effects(effects: Sequence[Effect | None]) -> Iterable[str]:
    yield from _columns("  average", [_marked(e) for e in effects])
    ranges = ["" if effect is None else effect.range for effect in effects]
    if any(ranges):
        yield from _columns(f"  {RANGE_OF_DIFFERENCE}", ranges)
    for label, chances in (
        ("chance of better", [_chance(effect, "better") for effect in effects]),
        ("chance of more", [_chance(effect, "more") for effect in effects]),
    ):
        if any(chances):
            yield from _columns(f"  {label}", chances)
            break


def _chance(effect: Effect | None, which: str) -> str:
    share = None if effect is None or effect.verdict == "none" else getattr(effect, which)
    return "" if share is None else chance(share)


def _marked(effect: Effect | None) -> str:
    if effect is None:
        return ""
    return effect.value + ("?" if effect.verdict == "unclear" else "")


def _columns(label: str, cells: Sequence[str]) -> Iterable[str]:
    """A line of cells under a label; as many characters each as there is room for."""
    width = min(12, (WIDTH - _LABEL) // max(len(cells), 1))
    yield f"{label:<{_LABEL}}" + "".join(f"{cell:>{width}}" for cell in cells)
