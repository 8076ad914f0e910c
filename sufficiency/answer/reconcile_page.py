"""Modelled spending beside the ledger, on the screen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from sufficiency.answer.screens import (
    Block,
    Files,
    Gap,
    Paragraph,
    Row,
    Screen,
    Table,
    columns,
)
from sufficiency.answer.words import MINUS, TYPE_WORDS
from sufficiency.validation.reconciling import LedgerYear, Line, Reconciled

_HEADS = columns("ledger", "modelled", "95% range", "differs", "by", "inside")


def screen(found: Reconciled) -> Screen:
    """Every ledger of a scenario beside what is modelled."""
    blocks: list[Block] = [Paragraph(f"{found.name}: spending by type of placement, in £ thousand")]
    for year in found.years:
        blocks += [
            Gap(),
            Paragraph(_said(year, found)),
            Gap(),
            Table(_HEADS, tuple(Row(_cells(line)) for line in (*year.lines, year.total))),
            Gap(),
            Paragraph(sentence(year)),
        ]
    return Screen(tuple(blocks))


def sentence(year: LedgerYear) -> str:
    """What a ledger's total says of the model."""
    total = year.total
    assert total.ledger is not None
    where = "inside" if total.inside else "outside"
    return (
        f"{year.year}: the ledger's £{total.ledger:,.0f} lies {where} the range of 95 futures in"
        f" 100, £{total.low:,.0f} to £{total.high:,.0f}."
    )


def factors_screen(year: str, factors: Mapping[str, tuple[float, str]], to: Path) -> Screen:
    """Each factor on prices, where it comes from, and the scenario that has them."""
    told = [f"prices.factor.{type_}: {value:g} ({how})" for type_, (value, how) in factors.items()]
    return Screen(
        (
            Gap(),
            Paragraph(f"Factors that agree with {year}:"),
            *(Paragraph(line, indent=2, hang=2) for line in told),
            Files({"scenario": to}),
        )
    )


def _said(year: LedgerYear, found: Reconciled) -> str:
    """What is set beside the ledger."""
    if year.before:
        what = (
            f"{year.year}, the year before the run. It is not simulated: modelled is what the"
            f" placements of {found.start} cost in a whole year, at the prices of {year.year}."
        )
    else:
        what = f"{year.year}, a year of the run: modelled is what it costs."
    what += f" {found.replications:,} futures, seed {found.seed}."
    if year.left_out >= 500:
        what += f" The ledger leaves out types on which £{year.left_out:,.0f} is modelled."
    return what


def _cells(line: Line) -> tuple[str, ...]:
    name = TYPE_WORDS.get(line.name, "all that the ledger has")
    range_ = f"{_thousands(line.low)} to {_thousands(line.high)}"
    if line.ledger is None or line.difference is None:
        return (name, "-", _thousands(line.mean), range_, "", "", "")
    percent = f"{_signed(100 * line.difference / line.ledger)}%" if line.ledger else ""
    difference = _signed(line.difference / 1000)
    within = "yes" if line.inside else "NO"
    amounts = (_thousands(line.ledger), _thousands(line.mean))
    return (name, *amounts, range_, difference, percent, within)


def _thousands(value: float) -> str:
    return f"{value / 1000:,.0f}"


def _signed(value: float) -> str:
    text_ = f"{value:+,.0f}".replace("-", MINUS)
    return "0" if text_ in ("+0", f"{MINUS}0") else text_


def overview(found: Reconciled) -> Iterator[str]:
    """One line for each ledger."""
    for year in found.years:
        yield f"{found.name}: {sentence(year)}"
