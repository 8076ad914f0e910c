"""Modelled spending beside the ledger, as text for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping

from sufficiency.answer.words import MINUS, TYPE_WORDS
from sufficiency.validation.reconciling import LedgerYear, Line, Reconciled

WIDTH = 80
_COLUMNS = ("", "ledger", "modelled", "95% range", "differs", "", "inside")
_WIDTHS = (23, 8, 8, 17, 7, 5, 6)


def text(found: Reconciled) -> str:
    """Every ledger of a scenario beside what is modelled."""
    lines = [f"{found.name}: spending by type of placement, in £ thousand"]
    for year in found.years:
        lines += ["", *_said(year, found), "", _row(_COLUMNS)]
        lines += [_row(_cells(line)) for line in year.lines]
        lines += [_row(_cells(year.total)), "", *_folded(sentence(year))]
    return "\n".join(lines)


def sentence(year: LedgerYear) -> str:
    """What a ledger's total says of the model."""
    total = year.total
    assert total.ledger is not None
    where = "inside" if total.inside else "outside"
    return (
        f"{year.year}: the ledger's £{total.ledger:,.0f} lies {where} the range of 95 futures in"
        f" 100, £{total.low:,.0f} to £{total.high:,.0f}."
    )


def factor_lines(factors: Mapping[str, tuple[float, str]]) -> list[str]:
    """Each factor on prices, and where it comes from."""
    return [
        f"  prices.factor.{type_}: {value:g} ({how})" for type_, (value, how) in factors.items()
    ]


def _said(year: LedgerYear, found: Reconciled) -> list[str]:
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
    return _folded(what)


def _folded(what: str) -> list[str]:
    return textwrap.wrap(what, WIDTH, break_on_hyphens=False)


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


def _row(cells: tuple[str, ...]) -> str:
    first, *others = zip(cells, _WIDTHS, strict=True)
    return (
        first[0].ljust(first[1]) + "".join(cell.rjust(width + 1) for cell, width in others)
    ).rstrip()


def _thousands(value: float) -> str:
    return f"{value / 1000:,.0f}"


def _signed(value: float) -> str:
    text_ = f"{value:+,.0f}".replace("-", MINUS)
    return "0" if text_ in ("+0", f"{MINUS}0") else text_


def overview(found: Reconciled) -> Iterator[str]:
    """One line for each ledger."""
    for year in found.years:
        yield f"{found.name}: {sentence(year)}"
