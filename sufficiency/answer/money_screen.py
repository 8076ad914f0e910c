"""Money as text for a terminal: the short block in the answer of a run."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from sufficiency.answer.money import Money, Saving, pounds, span
from sufficiency.answer.words import RANGE_OF_DIFFERENCE, chance, title

WIDTH = 80


def block(money: Money) -> Iterator[str]:
    """What the answer of a run says of money."""
    yield ""
    yield f"MONEY{', ' + span(money.years) if money.years else ''}"
    for sentence in money.sentences:
        yield from wrapped(sentence)
    yield from savings_lines(money.savings)


def savings_lines(savings: Sequence[Saving]) -> Iterator[str]:
    """What each option saves over the run, a line each."""
    if not savings:
        return
    yield f"{'':<26}{'saves, on':>10}{RANGE_OF_DIFFERENCE:>19}{'chance of':>10}{'paid back':>15}"
    yield f"{'':<26}{'average':>10}{'':>19}{'saving':>10}{'by':>15}"
    for saving in savings:
        *above, name = textwrap.wrap(title(saving.option), 25) or [""]
        yield from above
        chances = chance(saving.chance) if saving.differs else ""
        cells = f"{saving.value:>10}{saving.range:>19}{chances:>10}{saving.pays_back:>15}"
        yield f"{name:<26}{cells}"
    yield from wrapped(
        "Saved in these years against doing nothing, net of what the option costs; below 0 it"
        " costs more. “?” marks an average that cannot be told from 0. Paid back: the month by"
        " which more than half of the futures have, for good."
    )
    for saving in savings:
        if saving.capital:
            yield from wrapped(
                f"{title(saving.option)} needs {pounds(saving.capital)} of capital besides: it is"
                " not in what is saved, but has to be paid back."
            )


def wrapped(sentence: str, indent: str = "") -> list[str]:
    """A sentence in lines of the width of the screen."""
    return textwrap.wrap(
        sentence, WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    )


def plain(text: str) -> str:
    """A name without characters that a terminal acts on."""
    return "".join(character if character.isprintable() else " " for character in text)
