"""What a terminal shows: the answer of a command, and how far it is.

On a terminal with rich, as wide as it is; anywhere else as plain text that scripts can rely on.
"""

from __future__ import annotations

import codecs
import os
import sys
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

import typer

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from sufficiency.answer.fitting import Grid
    from sufficiency.answer.screens import Block, Screen

Progress = Callable[[int, int], None]

NARROWEST, WIDEST = 60, 100
"""Columns of a terminal that are used: fewer cannot hold a table, more are hard to read."""
NEAREST = "sufficiency.nearest"
"""How an encoding that lacks a character writes the nearest it has."""
_NEAR = {
    "\N{LEFT DOUBLE QUOTATION MARK}": '"', "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
    "\N{LEFT SINGLE QUOTATION MARK}": "'", "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\N{EN DASH}": "-", "\N{MINUS SIGN}": "-", "\N{HORIZONTAL ELLIPSIS}": "...", "→": "->",
    "±": "+/-", "£": "GBP ", "∞": "infinity", "≥": ">=", "≤": "<=",
}  # fmt: skip


def shown(text: str) -> str:
    """A text of anybody's without the characters that a terminal acts on; its lines stay."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)


# --- consoles that know fewer characters --------------------------------------------------------


def ready_streams() -> None:
    """Let no console fail over a character that it does not know.

    What goes into a file is UTF-8, as all that we write; a terminal keeps its own encoding, and so
    does whoever asks for one.
    """
    codecs.register_error(NEAREST, _nearest)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            own = stream.isatty() or "PYTHONIOENCODING" in os.environ
            stream.reconfigure(encoding=None if own else "utf-8", errors=NEAREST)


def _nearest(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    lost = error.object[error.start : error.end]
    return "".join(_NEAR.get(c) or _plain(c) for c in lost), error.end


def _plain(character: str) -> str:
    """A letter without its accent; a question mark for what has no letter."""
    letters = unicodedata.normalize("NFKD", character)
    return "".join(c for c in letters if c.isascii()) or "?"


def _writable(stream: TextIO) -> Callable[[str], str]:
    """A text as the stream can write it, so that it is measured as it will be seen."""
    from sufficiency.answer.screens import printable

    encoding = getattr(stream, "encoding", None) or "utf-8"
    if codecs.lookup(encoding).name.startswith("utf"):
        return printable
    codecs.register_error(NEAREST, _nearest)
    return lambda text: printable(text).encode(encoding, NEAREST).decode(encoding)


# --- the answer of a command --------------------------------------------------------------------


def show(screen: Screen) -> None:
    """Print what a command says."""
    from sufficiency.answer.screens import plain, spaced

    ready = screen.mapped(_writable(sys.stdout))
    if not sys.stdout.isatty():
        typer.echo(plain(ready))
        return
    from rich.console import Console

    console = Console(highlight=False, markup=False, emoji=False)
    width = min(max(console.width, NARROWEST), WIDEST)
    for block in spaced(ready):
        for part in _rendered(block, width):
            console.print(part, soft_wrap=True, width=width)


def _rendered(block: Block, width: int) -> Iterator[RenderableType]:
    """One block for rich, already folded to the width."""
    from rich.text import Text

    from sufficiency.answer import screens

    if isinstance(block, screens.Gap):
        yield ""
    elif isinstance(block, screens.Files):
        yield from map(Text, screens.file_lines(block))
    elif isinstance(block, screens.Table):
        for number, grid in enumerate(screens.grids_of(block, width)):
            yield from [""] if number else []
            yield from _tables(grid)
    else:
        bold = isinstance(block, screens.Heading)
        for line in screens.text_lines(block, width):
            yield Text(screens.as_typed(line), "bold" if bold else "")


def _tables(grid: Grid) -> Iterator[RenderableType]:
    """One table for each run of rows, all with the same columns; only the first has headings.

    Between them stand the lines over all columns, which no table of rich has.
    """
    from rich.text import Text

    from sufficiency.answer.fitting import Line
    from sufficiency.answer.screens import as_typed

    table = _table(grid, head=any(any(cell) for cell in grid.head))
    for line in grid.lines:
        if isinstance(line, Line):
            table.add_row(*(Text(as_typed("\n".join(cell))) for cell in line.cells))
            continue
        yield from [table] if table.row_count or table.show_header else []
        yield from (Text(as_typed(part), "bold" if line.name else "") for part in line.lines)
        table = _table(grid, head=False)
    yield from [table] if table.row_count else []


def _table(grid: Grid, *, head: bool) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(
        box=SIMPLE_HEAD if head else None, show_header=head, show_edge=False, pad_edge=False,
        padding=(0, grid.apart - head, 0, 0),
    )  # fmt: skip
    for lines, width, left in zip(grid.head, grid.widths, grid.left, strict=True):
        text = Text("\n".join(lines))
        table.add_column(
            text, width=width, no_wrap=True, justify="left" if left else "right", vertical="top"
        )
    return table


# --- progress -----------------------------------------------------------------------------------


@contextmanager
def progress(*, quiet: bool) -> Iterator[Progress | None]:
    """A bar on a terminal; elsewhere a line for every tenth."""
    if quiet:
        yield None
    elif not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield _lines()
    else:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        columns = (
            TextColumn("simulating"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("", total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)


def _lines() -> Progress:
    told = 0

    def tell(done: int, total: int) -> None:
        nonlocal told
        tenths = 10 * done // max(total, 1)
        if tenths > told:
            told = tenths
            typer.echo(f"simulated {done} of {total}", err=True)

    return tell
