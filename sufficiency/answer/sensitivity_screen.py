"""What a number hangs on, on the screen."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

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
    plain,
)
from sufficiency.answer.sensitivity_page import SHOWN, expected, hidden, lead, made, more, shown
from sufficiency.answer.words import capital
from sufficiency.sensitivity.analysing import Sensitivity
from sufficiency.sensitivity.tornado import Bar
from sufficiency.sensitivity.trials import Change

_UNCLEAR = "?"


def screen(found: Sensitivity, places: Mapping[str, Path | str], top: int = SHOWN) -> Screen:
    """The tornado and what it comes to.

    Args:
        found: What was found.
        places: What was written, and where.
        top: How many bars, beside those that decide.
    """
    rows = tuple(_row(bar, found) for bar in shown(found, top))
    unclear = any(cell.endswith(_UNCLEAR) for row in rows for cell in row.cells)
    note = f"“{_UNCLEAR}” cannot be told from no change. " if unclear else ""
    years = f"{found.years:g} year{'' if found.years == 1 else 's'}"
    blocks: list[Block] = [
        Paragraph(f"{found.name}, {years}"),
        *map(Paragraph, lead(found)),
        Heading("WHAT MOVES IT, each assumption at its low and its high end"),
        Table(columns("low", "change", "high", "change", label="assumption", text=(0, 2)), rows),
        Paragraph(f"{note}{hidden(found, top)}".strip()),
        *map(Paragraph, expected(found)),
        Gap(),
        Paragraph(made(found)),
        Gap(),
        Files(places),
    ]
    return Screen(tuple(block for block in blocks if block != Paragraph("")))


def text(found: Sensitivity, top: int = SHOWN) -> str:
    """The same as plain text: 80 columns, no colour, no markup."""
    return plain(screen(found, {}, top)).rstrip()


def _row(bar: Bar, found: Sensitivity) -> Row:
    cells = [cell for change in bar.changes for cell in _cells(change, found)]
    cells += [""] * (4 - len(cells))
    return Row((capital(bar.name) if " " in bar.name else bar.name, *cells[:4]))


def _cells(change: Change, found: Sensitivity) -> tuple[str, str]:
    mark = "" if change.clear or change.mean == 0 else _UNCLEAR
    return change.words, f"{more(change.mean, found.asked.unit)}{mark}"
