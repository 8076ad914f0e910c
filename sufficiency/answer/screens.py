"""What a command says, before anybody knows how wide the screen is.

A command makes a `Screen`: headings, paragraphs, tables and the files it wrote. On a terminal
`cli.terminal` shows it with rich; anywhere else it is `plain` text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from sufficiency.answer.fitting import Grid, Line, display_width, folded, grids
from sufficiency.answer.words import MINUS, WITHHELD, WITHHELD_NOTE

WIDTH = 80
"""Characters of a line of plain text."""
NO_BREAK = "\N{NO-BREAK SPACE}"
_KEPT = f"\n{NO_BREAK}"


@dataclass(frozen=True, slots=True)
class Heading:
    """What the next part is about, with an empty line before it."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences, folded to the width of the screen."""

    text: str
    indent: int = 0
    """Spaces before every line."""
    hang: int = 0
    """Further spaces before every line but the first."""


@dataclass(frozen=True, slots=True)
class Gap:
    """An empty line; several in a row, or one before a heading, are one."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table; a line break in its heading is kept."""

    heading: str = ""
    align: Literal["left", "right"] = "right"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: a cell for each column, or one alone, which names the rows that follow."""

    cells: tuple[str, ...]
    notes: tuple[str, ...] = ()
    """Sentences below it, over all columns."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows below columns; what does not fit side by side goes on below."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Files:
    """What was written, and where; a path is never folded, so that it can be copied."""

    places: Mapping[str, Path | str]


Block = Heading | Paragraph | Gap | Table | Files


@dataclass(frozen=True, slots=True)
class Screen:
    """All that a command says."""

    blocks: tuple[Block, ...]

    def mapped(self, change: Callable[[str], str]) -> Screen:
        """The same with every text changed, before its lines are measured."""
        return Screen(tuple(_mapped(block, change) for block in self.blocks))


def explained(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """The blocks, and what the mark for a withheld number means if it is in one of their tables."""
    found = tuple(blocks)
    rows = (row for block in found if isinstance(block, Table) for row in block.rows)
    if not any(WITHHELD in row.cells for row in rows):
        return found
    return (*found, Gap(), Paragraph(WITHHELD_NOTE))


def columns(*headings: str, label: str = "", text: Iterable[int] = ()) -> tuple[Column, ...]:
    """A column of labels, then columns of numbers.

    Args:
        headings: Those of the columns after the first.
        label: That of the first column.
        text: Which of the headings stand above words, not numbers.
    """
    words = set(text)
    others = (Column(h, "left" if n in words else "right") for n, h in enumerate(headings))
    return (Column(label, "left"), *others)


def _mapped(block: Block, change: Callable[[str], str]) -> Block:
    if isinstance(block, Table):
        heads = tuple(replace(column, heading=change(column.heading)) for column in block.columns)
        rows = (
            Row(tuple(map(change, row.cells)), tuple(map(change, row.notes))) for row in block.rows
        )
        return Table(heads, tuple(rows))
    if isinstance(block, Files):
        return Files({change(what): change(str(where)) for what, where in block.places.items()})
    return block if isinstance(block, Gap) else replace(block, text=change(block.text))


# --- plain text -------------------------------------------------------------------------------


def plain(screen: Screen, width: int = WIDTH) -> str:
    """A screen as text without colour, boxes or markup.

    Args:
        screen: What is said.
        width: Characters of a line; only a path may be longer.
    """
    lines: list[str] = []
    for block in spaced(screen.mapped(printable)):
        lines += _lines(block, width)
    return "\n".join(as_typed(line.rstrip()) for line in lines)


def spaced(screen: Screen) -> Iterator[Block]:
    """Its blocks, with one gap before a heading and never two of them."""
    before: Block = Gap()
    for block in screen.blocks:
        if isinstance(block, Heading) and not isinstance(before, Gap):
            yield Gap()
        if not (isinstance(block, Gap) and isinstance(before, Gap)):
            yield block
        before = block


def printable(text: str) -> str:
    """A text of anybody's without the characters that a terminal acts on; its lines stay."""
    return "".join(c if c.isprintable() or c in _KEPT else " " for c in text)


def as_typed(text: str) -> str:
    """A text with the signs of a keyboard, which can be searched for; as long as before."""
    return text.replace(MINUS, "-").replace(NO_BREAK, " ")


def _lines(block: Block, width: int) -> Iterator[str]:
    if isinstance(block, Gap):
        yield ""
    elif isinstance(block, Files):
        yield from file_lines(block)
    elif isinstance(block, Table):
        for number, grid in enumerate(grids_of(block, width)):
            if number:
                yield ""
            yield from _grid(grid)
    else:
        yield from text_lines(block, width)


def text_lines(block: Heading | Paragraph, width: int) -> list[str]:
    """A heading or a paragraph in lines."""
    if isinstance(block, Heading):
        return folded(block.text, width)
    first, rest = " " * block.indent, " " * (block.indent + block.hang)
    lines = folded(block.text, width - len(rest))
    return [f"{rest if number else first}{line}" for number, line in enumerate(lines)]


def file_lines(files: Files) -> Iterator[str]:
    """What was written, a line each."""
    longest = max((len(what) for what in files.places), default=0) + 2
    for what, where in files.places.items():
        yield f"{what and what + ':':<{longest}}{where}"


def grids_of(table: Table, width: int) -> Sequence[Grid]:
    """A table laid out, in as many pieces as it takes."""
    return grids(
        [column.heading for column in table.columns],
        [column.align == "left" for column in table.columns],
        [(row.cells, row.notes) for row in table.rows],
        width,
    )


def _grid(grid: Grid) -> Iterator[str]:
    if any(any(cell) for cell in grid.head):
        yield from side_by_side(grid.head, grid)
    for line in grid.lines:
        if isinstance(line, Line):
            yield from side_by_side(line.cells, grid)
        else:
            yield from line.lines


def side_by_side(cells: Sequence[Sequence[str]], grid: Grid) -> Iterator[str]:
    """Folded cells beside one another; those of headings stand at the bottom."""
    deep = max(map(len, cells), default=0)
    for place in range(deep):
        parts = []
        for lines, width, left in zip(cells, grid.widths, grid.left, strict=True):
            at = place - (deep - len(lines) if cells is grid.head else 0)
            part = lines[at] if 0 <= at < len(lines) else ""
            space = " " * (width - display_width(part))
            parts.append(part + space if left else space + part)
        yield (" " * grid.apart).join(parts)
