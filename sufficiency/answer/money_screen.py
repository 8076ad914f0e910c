"""Money on the screen: the short block in the answer of a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sufficiency.answer.money import Money, Saving, pounds, span
from sufficiency.answer.screens import Block, Heading, Paragraph, Row, Table, columns
from sufficiency.answer.words import RANGE_OF_DIFFERENCE, chance, listed, title


def blocks(money: Money, *, cost_is_told: bool = False) -> Iterator[Block]:
    """What the answer of a run says of money.

    Args:
        money: What there is to say.
        cost_is_told: Whether the cost if nothing is decided has been told already.
    """
    yield Heading(f"MONEY{', ' + span(money.years) if money.years else ''}")
    # The first sentence is that cost; the second, of several years, how it rises.
    told = min(len(money.years), 2) if cost_is_told else 0
    yield from map(Paragraph, money.sentences[told:])
    yield from savings_blocks(money.savings)


def savings_blocks(savings: Sequence[Saving]) -> Iterator[Block]:
    """What each option saves over the run, a row each."""
    if not savings:
        return
    heads = columns(
        "saves, on\naverage", RANGE_OF_DIFFERENCE, "chance of\nsaving", "paid back\nby", text=(3,)
    )
    yield Table(heads, tuple(map(_row, savings)))
    yield Paragraph(
        "Saved in these years against doing nothing, net of what the option costs; below 0 it"
        f" costs more.{_unclear(savings)} Paid back: the month by which more than half of the"
        " futures have, for good."
    )
    needs = [f"{title(s.option)} {pounds(s.capital)}" for s in savings if s.capital]
    if needs:
        yield Paragraph(
            f"Capital besides, which is not in what is saved but has to be paid back:"
            f" {listed(needs)}."
        )


def _row(saving: Saving) -> Row:
    chances = chance(saving.chance) if saving.known and saving.differs else ""
    cells = (saving.value, saving.range, chances, saving.pays_back)
    return Row((title(saving.option), *cells))


def _unclear(savings: Sequence[Saving]) -> str:
    if not any(saving.value.endswith("?") for saving in savings):
        return ""
    return " “?” marks an average that cannot be told from 0."
