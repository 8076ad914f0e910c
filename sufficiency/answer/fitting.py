"""Texts and tables into a number of columns: folded, never cut.

A table that is too wide first has its headings and words folded, widest column first. If its
numbers do not fit even so, it goes on below with the rest of its columns, the first one beside them
again; a table that holds words as well is read across, and has its numbers folded too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rich.cells import cell_len as display_width

__all__ = ["Grid", "Line", "Span", "display_width", "folded", "grids"]

_APART = 2
"""Spaces between columns; one where that spares folding."""
_NARROW, _NARROWEST = 20, 12
"""Columns for words: longer ones are broken where the table would not fit otherwise."""
_PIECES = (re.compile(r"[^./;,=]*[./;,=]*"), re.compile(r"[^_-]*[_-]*"))
"""Where a word that is longer than its line is broken first, and where next."""

Cells = tuple[str, ...]
Folded = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Line:
    """A row with its cells folded."""

    cells: Folded


@dataclass(frozen=True, slots=True)
class Span:
    """Lines over all columns: the name of the rows that follow, or a note on the one above."""

    lines: Sequence[str]
    name: bool


@dataclass(frozen=True, slots=True)
class Grid:
    """A table, or a piece of one, that fits."""

    widths: Sequence[int]
    left: Sequence[bool]
    """Which columns hold words, aligned to the left."""
    apart: int
    head: Folded
    lines: Sequence[Line | Span]


def folded(text: str, width: int) -> list[str]:
    """A text in lines of so many columns; spaces before it are kept on every line."""
    lines = []
    for paragraph in text.split("\n"):
        if display_width(paragraph) <= width:
            lines.append(paragraph)
            continue
        inner = paragraph.lstrip(" ")
        indent = min(len(paragraph) - len(inner), max(width - 8, 0))
        lines += [" " * indent + line for line in _folded(inner, max(width - indent, 1))]
    return lines


def _folded(text: str, width: int) -> Iterator[str]:
    line = ""
    for word in text.split(" "):
        if display_width(line) + 1 + display_width(word) <= width and line:
            line += f" {word}"
            continue
        if line:
            yield line
        *above, line = _broken(word, width)
        yield from above
    yield line


def _broken(word: str, width: int) -> list[str]:
    """A word in pieces that fit: after a full stop or a slash, else a hyphen, else anywhere."""
    lines = [""]
    for piece in _parts(word, width, 0):
        if display_width(lines[-1]) + display_width(piece) > width:
            lines.append("")
        lines[-1] += piece
    return lines


def _parts(word: str, width: int, how: int) -> Iterator[str]:
    if display_width(word) <= width or how > len(_PIECES):
        yield word
    elif how == len(_PIECES):
        yield from word
    else:
        for part in _PIECES[how].findall(word):
            yield from _parts(part, width, how + 1)


# --- tables -----------------------------------------------------------------------------------


def grids(
    headings: Sequence[str],
    left: Sequence[bool],
    rows: Sequence[tuple[Cells, Cells]],
    width: int,
) -> list[Grid]:
    """A table in as few pieces as fit.

    Args:
        headings: One for each column.
        left: Which columns hold words.
        rows: Cells and notes of each row; a single cell names the rows that follow.
        width: Columns of the screen.
    """
    whole = [cells for cells, _ in rows if len(cells) == len(headings)]
    sizes = [
        _size(heading, [cells[place] for cells in whole], left[place])
        for place, heading in enumerate(headings)
    ]
    return [
        _grid(piece, headings, left, rows, _widths([sizes[c] for c in piece], width), width, at)
        for at, piece in enumerate(_pieces(sizes, left, width))
    ]


class _Size(NamedTuple):
    """Columns of the screen that a column of the table can use."""

    least: int
    """With its numbers folded."""
    usual: int
    """With its heading and its words folded, but no number."""
    most: int


def _size(heading: str, cells: Sequence[str], left: bool) -> _Size:
    most = max(display_width(line) for text in (heading, *cells) for line in text.split("\n"))
    least = max(map(_longest_word, (heading, *cells)))
    if left:
        return _Size(min(least, _NARROWEST), min(least, _NARROW), most)
    return _Size(least, max(least, *map(display_width, cells)) if cells else least, most)


def _longest_word(text: str) -> int:
    indent = len(text) - len(text.lstrip(" "))
    return indent + max(map(display_width, re.split(r"[ \n]", text)))


def _pieces(sizes: Sequence[_Size], left: Sequence[bool], width: int) -> list[list[int]]:
    """Which columns stand side by side, the first in every piece."""
    everything = list(range(len(sizes)))
    if any(left[1:]) and _together([size.least for size in sizes]) <= width:
        return [everything]
    others = everything[1:]
    for number in range(1, len(others) + 1):
        many = -(-len(others) // number)
        found = [[0, *others[at : at + many]] for at in range(0, len(others), many)]
        if all(_together([sizes[c].usual for c in piece]) <= width for piece in found):
            return found
    return [[0, other] for other in others] or [everything]


def _together(widths: Sequence[int], apart: int = 1) -> int:
    return sum(widths) + apart * (len(widths) - 1)


def _widths(sizes: Sequence[_Size], width: int) -> tuple[list[int], int]:
    """As wide as the texts, or narrower, the widest column first; and the spaces between."""
    low = [size.usual for size in sizes]
    if _together(low) > width:
        low = [size.least for size in sizes]
    apart = _APART if _together(low, _APART) <= width else 1
    widths = [size.most for size in sizes]
    while _together(widths, apart) > width:
        shrinking = [c for c, size in enumerate(widths) if size > low[c]]
        if not shrinking:
            break
        widths[max(shrinking, key=lambda c: widths[c])] -= 1
    return widths, apart


def _grid(
    piece: Sequence[int],
    headings: Sequence[str],
    left: Sequence[bool],
    rows: Sequence[tuple[Cells, Cells]],
    fit: tuple[list[int], int],
    width: int,
    at: int,
) -> Grid:
    widths, apart = fit

    def fold(cells: Sequence[str]) -> list[list[str]]:
        return [folded(cells[c], size) for c, size in zip(piece, widths, strict=True)]

    lines: list[Line | Span] = []
    for cells, notes in rows:
        named = len(cells) != len(headings)
        lines.append(Span(folded(cells[0], width), True) if named else Line(fold(cells)))
        if notes and not at:
            lines.append(Span([line for note in notes for line in folded(note, width)], False))
    return Grid(widths, [left[c] for c in piece], apart, fold(headings), lines)
