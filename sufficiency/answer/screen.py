"""The answer as text for a terminal: 80 columns, no colour, no markup."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from sufficiency.answer import Answer
from sufficiency.answer.effects import DISPLACED, IN_HOUSE, UNMET, Effect
from sufficiency.answer.levels import BASELINE, Need, at_years
from sufficiency.answer.money import Money
from sufficiency.answer.money_screen import block
from sufficiency.answer.words import (
    FEWER_THAN_PLACES,
    KIND_WORDS,
    MINUS,
    RANGE_OF_DIFFERENCE,
    RANGE_OF_FUTURES,
    TWO_RANGES,
    TYPE_WORDS,
    capital,
    chance,
    number,
    signed,
    spread,
    title,
    when,
    whole,
    years_words,
)

WIDTH = 80
_LABEL = 20
_QUARTER = 11
_KIND = 23
"""Characters of a date and of one kind of home in the table by quarter."""
_SHORT = (
    ("in-house", "carers"),
    ("agency", "carers"),
    ("own", "homes"),
    ("other", "homes"),
    ("supported", "accomm."),
    ("unregis-", "tered"),
)
"""Types of placement over two lines, for a narrow column."""


def text(
    answer: Answer,
    places: Mapping[str, Path | str],
    money: Money | None = None,
    best: Sequence[str] = (),
) -> str:
    """The whole answer.

    Args:
        answer: The answer.
        places: What was written, and where.
        money: What the run says of money.
        best: Which option is best, in a few lines.
    """
    futures = "1 future" if answer.futures == 1 else f"{answer.futures:,} futures of each option"
    lines = [
        *_wrapped(f"{answer.name}, {answer.span}, {futures}"),
        "",
        *_wrapped(answer.caution),
        *(line for part in answer.decline for line in _wrapped(part.sentence)),
        *(["", *_wrapped(answer.best)] if answer.best else []),
        *_needs(answer),
        *_missing(answer),
        *_by_type(answer),
        *_over_time(answer),
        *_unmet(answer),
        *(block(money) if money else ()),
        *(["", *best] if best else []),
        "",
        *_wrapped(TWO_RANGES),
        "",
        *(f"{what and what + ':':<10}{where}" for what, where in places.items()),
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
    dates = dict.fromkeys(need.period for need in answer.needs)
    shown = {min(dates), max(dates), *at_years(answer.start, dates).values()}
    for kind, words in KIND_WORDS.items():
        rows = [need for need in answer.needs if need.kind == kind and need.period in shown]
        if rows:
            yield capital(words)
            yield from map(_need, rows)
    yield from _wrapped(
        "Places: filled, or could take a child; a market's places are those it gave. Living"
        " elsewhere: in another kind of home than planned, out of the area or apart from siblings,"
        " for want of a place. Vacant places stand beside it, because few places suit a given"
        " child."
    )
    yield from _by_quarter(answer.needs)


def _by_quarter(needs: Sequence[Need]) -> Iterable[str]:
    """Children who need each kind of home at the end of each quarter, and the places there are."""
    kinds = [kind for kind in KIND_WORDS if any(need.kind == kind for need in needs)]
    at = {(need.period, need.kind): need for need in needs}
    yield from ("", f"BY QUARTER: children who need each kind of home ({RANGE_OF_FUTURES}), places")
    heads = [capital(KIND_WORDS[kind]).replace("accommodation", "accomm.") for kind in kinds]
    yield " " * _QUARTER + "".join(f"{head:>{_KIND}}" for head in heads)
    yield " " * _QUARTER + f"{'needed':>{_KIND - 7}}{'places':>7}" * len(kinds)
    for period in dict.fromkeys(need.period for need in needs):
        cells = [_quarter(at.get((period, kind))) for kind in kinds]
        month, _, year = when(period).rpartition(" ")
        yield f"{f'  {month[:3]} {year}':<{_QUARTER}}" + "".join(cells)


def _quarter(need: Need | None) -> str:
    if need is None:
        return " " * _KIND
    needed = f"{whole(need.needed.mean)} ({need.needed.range})"
    if len(needed) > _KIND - 8:  # a large authority: the range stands in the table above
        needed = whole(need.needed.mean)
    return f"{needed:>{_KIND - 7}}{_known(need.usable):>7}"


def _need(need: Need) -> str:
    needed = f"{whole(need.needed.mean)} ({need.needed.range})"
    unmet = "" if need.unmet is None else whole(need.unmet.mean)
    return (
        f"{'  ' + when(need.period):<16}{needed:>23}{_known(need.own):>8}{_known(need.usable):>8}"
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
    if not answer.options or answer.at is None:
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
    if any(option.recruits for option in answer.options):
        yield from _wrapped(FEWER_THAN_PLACES)


def _over_time(answer: Answer) -> Iterable[str]:
    """How the effect on children in-house builds up."""
    told = [option for option in answer.options if IN_HOUSE in option.items and answer.years]
    if told:
        yield from ("", "CHILDREN WITH IN-HOUSE CARERS, against doing nothing")
        yield from _columns("after", [*map(years_words, answer.years), "average"])
    for option in told:
        yield from _wrapped(option.title)
        yield from _effects([option.effect(IN_HOUSE, year) for year in (*answer.years, None)])


def _unmet(answer: Answer) -> Iterable[str]:
    told = [(option, option.effect(UNMET, answer.at)) for option in answer.options]
    if answer.at is None:
        return
    if any(effect for _, effect in told):
        yield from ("", f"CHILDREN WITHOUT THE HOME PLANNED, after {years_words(answer.at)}")
        yield f"{'':<44}{'average':>9}{RANGE_OF_DIFFERENCE:>19}{'better':>8}"
    for option, effect in told:
        if effect:
            name = textwrap.shorten(option.title, 43, placeholder="…")
            chances = _chance(effect, "better")
            yield f"{name:<44}{_marked(effect):>9}{effect.range:>19}{chances:>8}"


def _effects(effects: Sequence[Effect | None]) -> Iterable[str]:
    yield from _columns("  average", [_marked(e) for e in effects])
    ranges = ["" if effect is None else effect.range for effect in effects]
    if max(map(len, ranges), default=0) < _width(ranges):
        yield from _columns(f"  {RANGE_OF_DIFFERENCE}", ranges) if any(ranges) else ()
    else:
        yield from _columns(f"  {RANGE_OF_DIFFERENCE}", [r.partition(" to ")[0] for r in ranges])
        yield from _columns("  to", [r.rpartition(" to ")[2] for r in ranges])
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
    yield f"{label:<{_LABEL}}" + "".join(f"{cell:>{_width(cells)}}" for cell in cells)


def _width(cells: Sequence[str]) -> int:
    return min(12, (WIDTH - _LABEL) // max(len(cells), 1))


_RUN_ROWS = (
    ("children_in_care", "", "children in care"),
    *(("children_in_care", f"type={type_}", words) for type_, words in TYPE_WORDS.items()),
    ("foster_households", "", "foster households"),
    ("unmet_need", "", "children without the home planned"),
)


def runs_text(table: pd.DataFrame) -> str:
    """Runs side by side, at the last date that they share.

    Args:
        table: As `comparison.compare_runs` makes it.
    """
    lines = []
    for (run, against, option), rows in table.groupby(["run", "against", "option"], sort=False):
        lines += [
            *_wrapped(f"{run} against {against}: {_which(str(option))}"),
            *_run_lines(rows),
            "",
        ]
    return "\n".join(line.rstrip() for line in lines).replace(MINUS, "-")


def _which(option: str) -> str:
    return "nothing is decided" if option == BASELINE else title(option)


def _run_lines(rows: pd.DataFrame) -> Iterable[str]:
    last = max((str(p) for p in rows["period"] if len(str(p)) == 10), default="")
    if bool(rows["paired"].all()):
        yield "The same luck in both: the range is that of the difference."
    else:
        yield "Not the same luck in both: the range is wider than that of the difference."
    yield f"{when(last):<36}{'before':>9}{'this':>9}{'change':>9}{RANGE_OF_DIFFERENCE:>17}"
    for measure, group, words in _RUN_ROWS:
        chosen = (rows["measure"] == measure) & (rows["group"].fillna("") == group)
        for _, row in rows[chosen & (rows["period"] == last)].iterrows():
            change = signed(row["difference"])
            range_ = spread(row["low95"], row["high95"])
            both = f"{number(row['mean_against']):>9}{number(row['mean']):>9}"
            yield f"  {words:<34}{both}{change:>9}{range_:>17}"
