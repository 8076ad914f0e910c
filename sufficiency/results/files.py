"""Writing one file so that it is there whole or not at all, and CSV that is safe to open."""

from __future__ import annotations

import hashlib
import json
import math
import os
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from numbers import Integral, Real
from pathlib import Path
from typing import Any, BinaryIO

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sufficiency.errors import SufficiencyError

_OPERATORS = "=+-@"
"""How a text begins that a spreadsheet would take for a formula."""
_BREAKS = ("\t", "\r", "\n")
"""How a text begins that would break the table."""


@contextmanager
def writable(path: Path) -> Iterator[None]:
    """Say in one line why a file or folder of the user's choice cannot be written."""
    try:
        yield
    except OSError as error:
        file = next((str(p) for p in path.parents if p.is_file()), "")
        why = f"{file} is a file, not a folder" if file else error.strerror or str(error)
        raise SufficiencyError(f"{path} cannot be written: {why}") from None


@contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """Open a file that gets its name only when it is complete and on the disk."""
    draft = path.with_name(f"{path.name}.draft")
    try:
        with draft.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def write_text(path: Path, text: str) -> None:
    """Write a text file, UTF-8 with the line ends it has."""
    with writing(path) as file:
        file.write(text.encode())


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a mapping as JSON that people can read."""
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def read_json(path: Path) -> dict[str, Any]:
    """Read what `write_json` wrote."""
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """See to it that the names of a folder's files are on the disk, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_csv(path: Path, table: pd.DataFrame) -> None:
    r"""Write a table as CSV: the same table gives the same bytes on every machine.

    Text that a spreadsheet would take for a formula (`looks_live`) gets an apostrophe in front;
    numbers are written with up to ten significant digits and never changed; a missing number is
    empty.
    """
    columns = [_cells(table[name]) for name in table.columns]
    lines = [",".join(_text(str(name)) for name in table.columns)]
    lines += [",".join(row) for row in zip(*columns, strict=True)]
    write_text(path, "\n".join(lines) + "\n")


def _cells(column: pd.Series) -> list[str]:
    if pd.api.types.is_float_dtype(column.dtype):
        return [_number(value) for value in column.tolist()]
    if pd.api.types.is_integer_dtype(column.dtype):
        return [str(value) for value in column.tolist()]
    if isinstance(column.dtype, pd.StringDtype):  # long tables have few different words
        values = column.fillna("").tolist()
        words = {value: _text(value) for value in set(values)}
        return [words[value] for value in values]
    return [_cell(value) for value in column.tolist()]


def _cell(value: Any) -> str:
    """A cell of a column of words, which may have numbers among them."""
    if isinstance(value, Real) and not isinstance(value, bool):
        return str(value) if isinstance(value, Integral) else _number(float(value))
    return "" if pd.isna(value) else _text(str(value))


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value + 0.0:.10g}"


def _text(text: str) -> str:
    text = _guarded(text)
    quoted = any(character in text for character in ',"\t\r\n')
    return '"' + text.replace('"', '""') + '"' if quoted else text


def looks_live(text: str) -> bool:
    """Whether a program might take a text for a formula, or cells after it for others.

    Operators count in full width too, and after blanks and characters that nobody sees.
    """
    if text[:1].isascii() and text[:1].isalnum():
        return False
    if text.startswith(_BREAKS):
        return True
    seen = next((c for c in text if not _is_unseen(c)), "")
    return bool(seen) and unicodedata.normalize("NFKC", seen)[0] in _OPERATORS


def _is_unseen(c: str) -> bool:
    return c.isspace() or unicodedata.category(c) in ("Cc", "Cf")


def _guarded(text: str) -> str:
    """A text with an apostrophe in front where it needs one; apostrophes of its own stay."""
    return f"'{text}" if looks_live(text.lstrip("'")) else text


def _unguarded(text: str) -> str:
    """What `_guarded` was given."""
    return text[1:] if text[:1] == "'" and looks_live(text.lstrip("'")) else text


def read_csv(path: Path, text: Collection[str], whole: Collection[str] = ()) -> pd.DataFrame:
    """Read what `write_csv` wrote.

    Args:
        path: The file.
        text: Columns of words, where an empty cell is an empty word.
        whole: Columns of whole numbers; all others are numbers, where an empty cell is missing.
    """
    names = pd.read_csv(path, nrows=0, encoding="utf-8").columns
    numbers = [name for name in names if name not in text]
    table = pd.read_csv(
        path,
        encoding="utf-8",
        dtype={name: _kind(name, text, whole) for name in names},
        keep_default_na=False,
        na_values={name: [""] for name in numbers},
    )
    for name in names.difference(numbers):
        guarded = table[name].str.startswith("'")
        if guarded.any():
            table.loc[guarded, name] = table.loc[guarded, name].map(_unguarded)
    return table


def _kind(name: str, text: Collection[str], whole: Collection[str]) -> str:
    if name in text:
        return "str"
    return "int64" if name in whole else "float64"


def write_parquet(path: Path, tables: Iterable[Any]) -> None:
    """Write arrow tables of one schema to one file, each as a row group, as they come."""
    stream = iter(tables)
    first = next(stream)
    words = [field.name for field in first.schema if pa.types.is_dictionary(field.type)]
    with (
        writing(path) as file,
        pq.ParquetWriter(
            file, first.schema, compression="zstd", use_dictionary=words or False
        ) as writer,
    ):
        writer.write_table(first, row_group_size=max(1, len(first)))
        for table in stream:
            writer.write_table(table, row_group_size=max(1, len(table)))
