"""The bytes of a CSV file as rows of text, whatever wrote it: encoding, separator, quotes."""

from __future__ import annotations

import csv
import io
import itertools
import re

ROWS = 200_000
"""Rows of one file. The largest authorities have about 8,000 episodes a year."""
CELLS = 5_000_000
"""Cells of one file."""
COLUMNS = 300
"""Columns of one file; the widest table of the return has 16."""
LINE = 20_000
"""Characters of one line."""
SEPARATORS = (",", ";", "\t", "|")
SEPARATOR = re.compile(r"[,;\t|]")
BINARY = re.compile(rb"[\x00-\x08\x0e-\x1f]")
BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
STATES_SEPARATOR = re.compile(r'"?sep=.?"?', re.IGNORECASE)
"""A first line for a spreadsheet program only."""
TITLES = 10
"""Lines among which the header may stand below a title."""
CHILD = ("child", "childid")
"""The column of children, without blanks: what tells a header from a title."""


class NotATableError(ValueError):
    """Why a file is no table; never with what stands in it."""


def rows_of(data: bytes) -> tuple[list[list[str]], int]:
    """Every row of a file, empty ones too, and the place of the header among them.

    Raises:
        NotATableError: It is no CSV file, too large, or holds no header.
    """
    text = _text(data)
    separator = _separator(text)
    _check_size(text, separator)
    rows: list[list[str]] = []
    try:
        rows.extend(csv.reader(io.StringIO(text), delimiter=separator, strict=True))
    except csv.Error:
        where = f"in row {len(rows) + 1} or after"
        raise NotATableError(f"not CSV: a quotation mark is misplaced or open, {where}") from None
    header = _header(rows)
    if len(rows[header]) > COLUMNS:
        raise NotATableError(f"it has more than {COLUMNS} columns")
    return rows, header


def is_empty(data: bytes) -> bool:
    """Whether a file holds nothing but blanks and separators."""
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))  # each character has two bytes
    return not data.strip(b'\xef\xbb\xbf\xfe\xff\r\n\t ,;|"' + b"\x00" * marked)


def _text(data: bytes) -> str:
    """The text of a file, with line ends that are all alike."""
    encoding = next((name for mark, name in BYTE_ORDER_MARKS if data.startswith(mark)), "")
    if data.startswith(b"PK\x03\x04"):
        raise NotATableError("not CSV: it is a zip or an Excel workbook by another name")
    if encoding != "utf-16" and BINARY.search(data):
        raise NotATableError("not CSV: it holds bytes that no text has")
    for name in (encoding,) if encoding else ("utf-8", "cp1252"):
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text.replace("\r\n", "\n").replace("\r", "\n")
    raise NotATableError("not CSV: its text is neither UTF-8, UTF-16 nor Windows-1252")


def _separator(text: str) -> str:
    """What separates the cells of the header: the commonest candidate outside quotes."""
    lines = (line for line in io.StringIO(text) if is_header([line.strip(',;\t|" \n')]))
    first = [line[:LINE] for line in itertools.islice(lines, TITLES)] or [""]
    header = next((line for line in first if _names_child(SEPARATOR.split(line))), first[0])
    unquoted = re.sub(r'"[^"]*"', "", header)
    best = max(SEPARATORS, key=unquoted.count)
    if not unquoted.count(best):
        raise NotATableError("not a table: its first line has one column only")
    return best


def _header(rows: list[list[str]]) -> int:
    """The place of the header: the first row that names the child, or else the first of all."""
    written = (place for place, row in enumerate(rows) if is_header(row))
    first = list(itertools.islice(written, TITLES))
    if not first:
        raise NotATableError("not a table: no line of it can be a header")
    return next((place for place in first if _names_child(rows[place])), first[0])


def _names_child(row: list[str]) -> bool:
    return any(re.sub(r'[\s"_]', "", cell).lower() in CHILD for cell in row)


def is_header(row: list[str]) -> bool:
    """Whether this could be the names of columns."""
    text = "".join(row).strip()
    return bool(text) and not STATES_SEPARATOR.fullmatch(text)


def _check_size(text: str, separator: str) -> None:
    if text.count("\n") > ROWS:
        raise NotATableError(f"it has more than {ROWS:,} rows: too many for a return")
    if text.count(separator) > CELLS:
        raise NotATableError(f"it has more than {CELLS:,} cells: too many for a return")
    if max(map(len, io.StringIO(text))) > LINE:
        raise NotATableError(f"not CSV: it has a line of more than {LINE:,} characters")
