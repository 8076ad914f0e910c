"""The answer of a run on the screen: what is missing, what options change, what it costs.

By quarter and over time stand in the report, and here only where details are asked for.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sufficiency.answer import Answer
from sufficiency.answer.effects import DISPLACED, FAMILY, IN_HOUSE, UNMET, Effect, OptionAnswer
from sufficiency.answer.levels import Need, at_years
from sufficiency.answer.money import Money
from sufficiency.answer.money_screen import blocks as money_blocks
from sufficiency.answer.screens import (
    Block,
    Files,
    Gap,
    Heading,
    Paragraph,
    Row,
    Screen,
    Table,
    columns,
    explained,
    plain,
)
from sufficiency.answer.words import (
    FEWER_THAN_PLACES,
    KIND_WORDS,
    OWN_TYPES,
    RANGE_OF_DIFFERENCE,
    RANGE_OF_FUTURES,
    TWO_RANGES,
    WITHHELD,
    capital,
    chance,
    when,
    whole,
    years_words,
)

UNCLEAR = "“?” marks an average that cannot be told from 0."
DETAILS = "By quarter, over time and by type of home: in the report, or with --details."
_TYPES = (
    "in-house\ncarers",
    "agency\ncarers",
    "own\nhomes",
    "other\nhomes",
    "supported\naccomm.",
    "unregis-\ntered",
)
"""Types of placement over two lines, for a narrow column."""


def screen(
    answer: Answer,
    places: Mapping[str, Path | str],
    money: Money | None = None,
    best: Sequence[str] = (),
    *,
    precision: str = "",
    details: bool = False,
) -> Screen:
    """The answer, in the order in which it is asked for.

    Args:
        answer: The answer.
        places: What was written, and where.
        money: What the run says of money.
        best: Which option is best, in a few sentences below a heading.
        precision: What is said of the precision that was asked for.
        details: Whether need by quarter and effects over time are told too.
    """
    told = money is not None and money.cost in answer.sentences and not details
    said: list[Block] = [
        *_opening(answer, details),
        *(_needs(answer) if details else ()),
        *_missing(answer),
        *_by_type(answer, details),
        *(_over_time(answer) if details else ()),
        *_unmet(answer),
        *(money_blocks(money, cost_is_told=told) if money else ()),
        *map(Heading, best[:1]),
        *map(Paragraph, best[1:]),
    ]
    blocks: list[Block] = [
        *explained(said),
        Gap(),
        Paragraph(TWO_RANGES if details else DETAILS),
        Gap(),
        Files(places),
    ]
    if precision:
        blocks += [Gap(), Paragraph(precision)]
    return Screen(tuple(blocks))


def text(
    answer: Answer,
    places: Mapping[str, Path | str],
    money: Money | None = None,
    best: Sequence[str] = (),
    *,
    details: bool = False,
) -> str:
    """The same as plain text: 80 columns, no colour, no markup."""
    return plain(screen(answer, places, money, best, details=details))


def _opening(answer: Answer, details: bool) -> Iterator[Block]:
    futures = "1 future" if answer.futures == 1 else f"{answer.futures:,} futures of each option"
    yield Paragraph(f"{answer.name}, {answer.span}, {futures}")
    yield Gap()
    if answer.caution:
        yield Paragraph(answer.caution)
    for sentence in (*answer.sentences, *(part.sentence for part in answer.decline if details)):
        yield Paragraph(sentence)
        yield Gap()


def _missing(answer: Answer) -> Iterator[Block]:
    if not answer.missing:
        return
    yield Heading("HOW OFTEN THE RIGHT HOME IS MISSING, if nothing is decided")
    rows = (Row((row.words, row.value(row.first), row.value(row.last))) for row in answer.missing)
    yield Table(columns("at the start", "at the end"), tuple(rows))
    yield Paragraph(
        f"(average, and {RANGE_OF_FUTURES}; a share is of the first and last full year)"
    )


# --- options ----------------------------------------------------------------------------------


def _by_type(answer: Answer, details: bool) -> Iterator[Block]:
    if not answer.options or answer.at is None:
        return
    after = years_words(answer.at)
    effects = [[option.effect(item, answer.at) for item in DISPLACED] for option in answer.options]
    if not any(effect for found in effects for effect in found):
        yield from _recruits(answer, details)
        return
    yield Heading(f"WHAT EACH OPTION CHANGES after {after}, against doing nothing")
    unclear = any(_marked(effect).endswith("?") for found in effects for effect in found)
    yield Paragraph(f"Children living there, net.{' ' + UNCLEAR if unclear else ''}")
    rows = []
    for option, found in zip(answer.options, effects, strict=True):
        rows.append(Row((option.title,)))
        rows += _effects(found, details, _notes(option, answer.at, details))
    yield Table(columns(*_TYPES), tuple(rows))
    yield from _recruits(answer, details)


def _notes(option: OptionAnswer, at: int | None, details: bool) -> tuple[str, ...]:
    """What is said below an option: children with family and friends, who have no column."""
    family = option.effect(FAMILY, at)
    told = family is not None and family.clear
    said = f"family and friends: {family.value}{family.in_brackets}" if family and told else ""
    return (said, option.recruits if details else "")


def _effects(
    effects: Sequence[Effect | None], details: bool, notes: Sequence[str] = ()
) -> Iterator[Row]:
    """Average and range, and how often it is more or better."""
    yield Row(("  average", *map(_marked, effects)))
    last = Row((f"  {RANGE_OF_DIFFERENCE}", *("" if e is None else e.range for e in effects)))
    for label, which in (("chance of better", "better"), ("chance of more", "more")):
        chances = [_chance(effect, which) for effect in effects]
        if details and any(chances):
            yield last
            last = Row((f"  {label}", *chances))
            break
    yield Row(last.cells, tuple(f"  {note}" for note in notes if note))


def _recruits(answer: Answer, details: bool) -> Iterator[Block]:
    """That recruits are not places; without details, what the targets mean, each said once."""
    told = [option.recruits for option in answer.options if option.recruits]
    if not told:
        return
    units = list(dict.fromkeys(recruits.partition(";")[0].rstrip(".") for recruits in told))
    whole_ = [u for u in units if not any(o != u and o.startswith(u) for o in units)]
    said = "" if details else "".join(f"{unit}. " for unit in whole_)
    yield Paragraph(f"{said}{FEWER_THAN_PLACES}")


def _over_time(answer: Answer) -> Iterator[Block]:
    """How the effect on children in-house builds up."""
    told = [option for option in answer.options if IN_HOUSE in option.items and answer.years]
    if not told:
        return
    yield Heading("CHILDREN WITH IN-HOUSE CARERS, against doing nothing")
    rows = []
    for option in told:
        rows.append(Row((option.title,)))
        rows += _effects(
            [option.effect(IN_HOUSE, year) for year in (*answer.years, None)], details=True
        )
    heads = columns(*map(years_words, answer.years), "average", label="after")
    yield Table(heads, tuple(rows))


def _unmet(answer: Answer) -> Iterator[Block]:
    if answer.at is None:
        return
    told = [(option.title, option.effect(UNMET, answer.at)) for option in answer.options]
    rows = [
        Row((title, _marked(effect), effect.range, _chance(effect, "better")))
        for title, effect in told
        if effect
    ]
    if rows:
        yield Heading(f"CHILDREN WITHOUT THE HOME PLANNED, after {years_words(answer.at)}")
        yield Table(columns("average", RANGE_OF_DIFFERENCE, "better"), tuple(rows))


def _chance(effect: Effect | None, which: str) -> str:
    share = None if effect is None or effect.verdict == "none" else getattr(effect, which)
    return "" if share is None else chance(share)


def _marked(effect: Effect | None) -> str:
    if effect is None:
        return WITHHELD
    return effect.value + ("?" if effect.verdict == "unclear" else "")


# --- details ----------------------------------------------------------------------------------


def _needs(answer: Answer) -> Iterator[Block]:
    if not answer.needs:
        return
    yield Heading("NEED AGAINST PLACES, if nothing is decided")
    dates = dict.fromkeys(need.period for need in answer.needs)
    shown = {min(dates), max(dates), *at_years(answer.start, dates).values()}
    rows = []
    for kind, words in KIND_WORDS.items():
        found = [need for need in answer.needs if need.kind == kind and need.period in shown]
        rows += [Row((capital(words),)), *map(_need, found)] if found else []
    heads = (
        f"needed\n({RANGE_OF_FUTURES})", "own\nplaces", "all\nplaces", "needed\n- places",
        "living\nelsewh.", "vacant",
    )  # fmt: skip
    yield Table(columns(*heads), tuple(rows))
    yield Paragraph(
        "Places: filled, or could take a child; a market's places are those it gave. Living"
        " elsewhere: in another kind of home than planned, out of the area or apart from siblings,"
        " for want of a place. Vacant places stand beside it, because few places suit a given"
        " child."
    )
    yield from _by_quarter(answer.needs)


def _need(need: Need) -> Row:
    unmet = WITHHELD if need.unmet is None else whole(need.unmet.mean)
    needed = f"{whole(need.needed.mean)} ({need.needed.range})"
    own = _known(need.own) if need.kind in OWN_TYPES else ""
    known = map(_known, (need.usable, need.gap))
    return Row((f"  {when(need.period)}", needed, own, *known, unmet, _known(need.vacant)))


def _by_quarter(needs: Sequence[Need]) -> Iterator[Block]:
    """Children who need each kind of home at the end of each quarter, and the places there are."""
    kinds = [kind for kind in KIND_WORDS if any(need.kind == kind for need in needs)]
    at = {(need.period, need.kind): need for need in needs}
    yield Heading(f"BY QUARTER: children who need each kind of home ({RANGE_OF_FUTURES}), places")
    names = [capital(KIND_WORDS[kind]).replace("accommodation", "accomm.") for kind in kinds]
    heads = [head for name in names for head in (f"{name}\nneeded", "places")]
    rows = []
    for period in dict.fromkeys(need.period for need in needs):
        month, _, year = when(period).rpartition(" ")
        cells = [cell for kind in kinds for cell in _quarter(at.get((period, kind)))]
        rows.append(Row((f"{month[:3]} {year}", *cells)))
    yield Table(columns(*heads), tuple(rows))


def _quarter(need: Need | None) -> tuple[str, str]:
    if need is None:
        return WITHHELD, WITHHELD
    return f"{whole(need.needed.mean)} ({need.needed.range})", _known(need.usable)


def _known(value: float) -> str:
    return WITHHELD if math.isnan(value) else whole(value)
