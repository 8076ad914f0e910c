"""Sample paths of monthly entries from a CSV file: month, stream, path_1, path_2 ..."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import numpy as np

from sufficiency.scenario import STREAM_NAMES, EntryPaths
from sufficiency.scenario_file.csv_files import Mistakes, Row, read_rows, shown
from sufficiency.scenario_file.problems import Problems

MOST_BYTES = 20_000_000
MOST_PATHS = 10_000
MOST_MONTHS = 12 * 26
MOST_ENTRIES = 9_999
"""In a month; England as a whole has about 2,700."""

Month = tuple[int, int]


def read_entry_paths(path: Path, problems: Problems) -> EntryPaths | None:
    """The paths of a file, or None with its mistakes noted."""
    mistakes = Mistakes(shown(path))
    rows = read_rows(path, mistakes, most_bytes=MOST_BYTES, most_rows=2 * MOST_MONTHS)
    paths = None if mistakes.number else _number_of_paths(rows[0], mistakes)
    found = None
    if paths is not None:
        found = _entry_paths(rows, paths, path, mistakes)
    mistakes.tell(problems)
    return found


def _number_of_paths(header: Row, mistakes: Mistakes) -> int | None:
    """How many paths the header names; None if they are not path_1, path_2 and so on."""
    paths = max(len(header.values) - 2, 1)
    if paths > MOST_PATHS:
        mistakes.add(header.line, 1, "", f"has more than {MOST_PATHS:,} paths")
        return None
    wanted = ["month", "stream", *(f"path_{number + 1}" for number in range(paths))]
    for place, name in enumerate(wanted):
        if place >= len(header.values) or header.values[place].lower() != name:
            text = f"must be '{name}': the columns are month, stream, path_1, path_2 and so on"
            mistakes.add(header.line, place + 1, "", text)
            return None
    return paths


def _entry_paths(rows: list[Row], paths: int, path: Path, mistakes: Mistakes) -> EntryPaths | None:
    counts: dict[str, list[list[int]]] = {}
    months: dict[str, list[Month]] = {}
    for row in rows[1:]:
        if len(row.values) != paths + 2:
            text = f"must have {paths + 2} columns, not {len(row.values)}"
            mistakes.add(row.line, 1, "", text)
            continue
        month, stream = _month(row, mistakes), _stream(row, mistakes)
        numbers = [_entries(row, place, mistakes) for place in range(2, paths + 2)]
        if month is None or stream is None:
            continue
        before = months.setdefault(stream, [])
        if before and month != _next(before[-1]):
            text = f"must be the month after the one before it of the stream '{stream}'"
            mistakes.add(row.line, 1, "month", text)
        before.append(month)
        counts.setdefault(stream, []).append(numbers)
    if not counts and not mistakes.number:
        mistakes.add(0, 0, "", "has no rows")
    if not mistakes.number and len({tuple(of_stream) for of_stream in months.values()}) > 1:
        mistakes.add(0, 0, "month", "both streams must have the same months")
    if mistakes.number:
        return None
    year, number = next(iter(months.values()))[0]
    columns = {stream: np.array(numbers).T for stream, numbers in counts.items()}
    return EntryPaths(columns, date(year, number, 1), str(path.absolute()))


def _month(row: Row, mistakes: Mistakes) -> Month | None:
    found = re.fullmatch(r"(20\d\d)-(\d\d)", row.values[0], re.ASCII)
    if found is None or not 1 <= int(found[2]) <= 12:
        mistakes.add(row.line, 1, "month", "must be a month like 2025-04")
        return None
    return int(found[1]), int(found[2])


def _next(month: Month) -> Month:
    year, number = month
    return (year + 1, 1) if number == 12 else (year, number + 1)


def _stream(row: Row, mistakes: Mistakes) -> str | None:
    stream = row.values[1].lower()
    if stream not in STREAM_NAMES:
        mistakes.add(row.line, 2, "stream", f"must be one of {', '.join(STREAM_NAMES)}")
        return None
    return stream


def _entries(row: Row, place: int, mistakes: Mistakes) -> int:
    text = row.values[place]
    name = f"path_{place - 1}"
    if not (text.isascii() and text.isdecimal()):
        mistakes.add(row.line, place + 1, name, "must be a whole number, 0 or more")
    elif len(text) > 6 or int(text) > MOST_ENTRIES:
        mistakes.add(row.line, place + 1, name, f"must be {MOST_ENTRIES:,} or less")
    else:
        return int(text)
    return 0


def entry_paths_text(given: EntryPaths) -> str:
    """Paths as the text of a file that `read_entry_paths` reads."""
    lines = [",".join(["month", "stream", *(f"path_{k + 1}" for k in range(given.paths))])]
    for stream, values in given.columns.items():
        for place, counts in enumerate(values.T.tolist()):
            months = given.first.year * 12 + given.first.month - 1 + place
            label = f"{months // 12}-{months % 12 + 1:02d}"
            lines.append(",".join([label, stream, *map(str, counts)]))
    return "\n".join(lines) + "\n"
