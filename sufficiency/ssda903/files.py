"""The CSV files of a folder or zip, as bytes: nothing is unpacked, and nothing outside is touched.

What comes from elsewhere is not trusted: a name that points out of the folder, a zip that grows
without measure, a file too large to be a return are refused with a reason before they are read.
"""

from __future__ import annotations

import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import NamedTuple

from sufficiency.errors import SufficiencyError

MEBIBYTE = 1024 * 1024
FILE_BYTES = 64 * MEBIBYTE
"""Bytes of one file. A year of 2,000 children is about 8,000 episodes and 1 MB."""
TOTAL_BYTES = 256 * MEBIBYTE
"""Bytes of all CSV files together."""
FILES = 2_000
"""Files in a folder or zip: six years of every table are about 80."""
RATIO = 100
"""Bytes that one byte of a zip may become. CSV files of returns shrink to about a tenth."""
SMALL = MEBIBYTE
"""Bytes up to which a file in a zip may shrink as it likes: a file of one code does."""
SHOWN = 5
"""As many names of files as a message lists."""


class UnreadableError(SufficiencyError):
    """A folder or zip cannot be used; the text lists every reason."""

    def __init__(self, name: str, reasons: list[str]) -> None:
        self.reasons = tuple(reasons)
        lines = "".join(f"\n  {reason}" for reason in reasons)
        super().__init__(f"{name} cannot be read:{lines}")


class CsvFile(NamedTuple):
    """One CSV file."""

    name: str
    """Path within the folder or zip, with `/`."""
    data: bytes


class Found(NamedTuple):
    """What a folder or zip holds."""

    files: tuple[CsvFile, ...]
    """The CSV files, in order of their names."""
    others: tuple[str, ...]
    """Names of other files: never opened."""


def csv_files(path: Path) -> Found:
    """Read the CSV files of a folder (and the folders in it), of a zip, or of one CSV file.

    Hidden files, and those that office programs leave behind, are passed over.

    Raises:
        UnreadableError: Something in it is unsafe, too large, or cannot be opened.
    """
    try:
        if path.is_dir():
            return _from_folder(path)
        if not path.is_file():
            raise UnreadableError(str(path), ["there is no such folder or zip"])
        if is_csv(path.name):
            return _from_one(path)
        return _from_zip(path)
    except OSError as error:
        raise UnreadableError(str(path), [error.strerror or "it cannot be opened"]) from None


def is_csv(name: str) -> bool:
    """Whether a file is a CSV file by its name."""
    return name.lower().endswith(".csv")


def printable(name: str) -> str:
    """The name of a file as a message shows it: a stranger chose it."""
    shown = "".join(c if c.isprintable() else "?" for c in name)
    return shown if len(shown) <= 200 else f"{shown[:199]}…"


def some(names: list[str] | tuple[str, ...]) -> str:
    """The first of some names, and how many more there are."""
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _left_behind(parts: tuple[str, ...]) -> bool:
    return any(part.startswith((".", "~$")) or part == "__MACOSX" for part in parts)


def _size(size: int) -> str:
    return f"{size / MEBIBYTE:,.0f} MiB"


def _too_large(name: str, size: int) -> str:
    return f"{name}: of {_size(size)}: a return's file has at most {_size(FILE_BYTES)}"


def _too_many(count: str) -> str:
    return f"it holds {count}: too many for a return"


def _from_one(path: Path) -> Found:
    size = path.stat().st_size
    if size > FILE_BYTES:
        raise UnreadableError(str(path), [_too_large(printable(path.name), size)])
    return Found((CsvFile(printable(path.name), path.read_bytes()),), ())


# --- folders ---


def _from_folder(folder: Path) -> Found:
    reasons: list[str] = []
    wanted: list[tuple[str, Path]] = []
    others: list[str] = []
    for count, (parts, path) in enumerate(_walk(folder, reasons)):
        if count >= FILES:
            reasons.append(_too_many(f"more than {FILES:,} files"))
            break
        name = printable("/".join(parts))
        if is_csv(name):
            wanted.append((name, path))
        else:
            others.append(name)
    sizes = {name: path.stat().st_size for name, path in wanted}
    reasons += [_too_large(name, size) for name, size in sizes.items() if size > FILE_BYTES]
    reasons += _too_much(sum(sizes.values()))
    files = _opened(sorted(wanted), reasons) if not reasons else []
    if reasons:
        raise UnreadableError(str(folder), reasons)
    return Found(tuple(files), tuple(others))


def _opened(wanted: list[tuple[str, Path]], reasons: list[str]) -> list[CsvFile]:
    files: list[CsvFile] = []
    for name, path in wanted:
        try:
            files.append(CsvFile(name, path.read_bytes()))
        except OSError:
            reasons.append(f"{name}: cannot be opened")
    return files


def _too_much(total: int) -> list[str]:
    if total <= TOTAL_BYTES:
        return []
    return [f"its CSV files are {_size(total)} together, more than {_size(TOTAL_BYTES)}"]


def _walk(folder: Path, reasons: list[str]) -> Iterator[tuple[tuple[str, ...], Path]]:
    """Ordinary files below a folder; links are not followed, for they may lead in circles."""
    root = folder.resolve()

    def note(error: OSError) -> None:
        reasons.append(f"{_within(Path(error.filename), folder)}: cannot be opened")

    for base, folders, names in os.walk(folder, onerror=note):
        parents = Path(base).relative_to(folder).parts
        folders[:] = sorted(name for name in folders if not _left_behind((name,)))
        for name in (*folders, *sorted(names)):
            path = Path(base, name)
            if path.is_symlink() and not _leads_inside(path, root):
                reasons.append(f"{_within(path, folder)}: a link that leads out of the folder")
            elif _is_ordinary(path) and not _left_behind((name,)):
                yield (*parents, name), path


def _within(path: Path, folder: Path) -> str:
    return printable(path.relative_to(folder).as_posix())


def _leads_inside(path: Path, root: Path) -> bool:
    try:
        return path.resolve(strict=True).is_relative_to(root)
    except (OSError, RuntimeError):  # leads nowhere, or to itself
        return True


def _is_ordinary(path: Path) -> bool:
    """Whether it is a file, not a link to one (read elsewhere) nor a pipe (waits for ever)."""
    return stat.S_ISREG(path.lstat().st_mode)


# --- zips ---


def _from_zip(path: Path) -> Found:
    try:
        with zipfile.ZipFile(path) as archive:
            return _from_archive(path, archive)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, ValueError, EOFError):
        raise UnreadableError(str(path), ["it is neither a folder nor a zip"]) from None


def _from_archive(path: Path, archive: zipfile.ZipFile) -> Found:
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) > FILES:
        raise UnreadableError(
            str(path), [_too_many(f"{len(members):,} files, more than {FILES:,}")]
        )
    reasons = [reason for member in members for reason in _unsafe(member)]
    members = [m for m in members if not _left_behind(PurePosixPath(m.filename).parts)]
    wanted = sorted((m for m in members if is_csv(m.filename)), key=lambda m: m.filename)
    reasons += [reason for member in wanted for reason in _grows(member)]
    reasons += _too_much(sum(member.file_size for member in wanted))
    files: list[CsvFile] = []
    for member in wanted if not reasons else ():
        name, data = printable(member.filename), _bytes(archive, member)
        if data is None:
            reasons.append(f"{name}: damaged, or packed in a way that cannot be read")
        else:
            files.append(CsvFile(name, data))
    if reasons:
        raise UnreadableError(str(path), reasons)
    return Found(tuple(files), tuple(printable(m.filename) for m in members if m not in wanted))


def _unsafe(member: zipfile.ZipInfo) -> Iterator[str]:
    name = printable(member.filename)
    windows = PureWindowsPath(member.filename)  # takes both kinds of slash
    if windows.drive or windows.root or ".." in windows.parts:
        yield f"{name}: a name that points out of the zip"
    if stat.S_ISLNK(member.external_attr >> 16):
        yield f"{name}: a link"
    if name.lower().endswith(".zip"):
        yield f"{name}: a zip within the zip: unpack it first"


def _grows(member: zipfile.ZipInfo) -> Iterator[str]:
    name, size = printable(member.filename), member.file_size
    if member.flag_bits & 0x1:
        yield f"{name}: locked with a password"
    if size > FILE_BYTES:
        yield _too_large(name, size)
    elif size > SMALL and size > RATIO * member.compress_size:
        yield f"{name}: grows to more than {RATIO} times its size in the zip: no return does"


def _bytes(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes | None:
    """What a member holds, up to the size that it states; None if it cannot be read."""
    try:
        with archive.open(member) as file:
            data = file.read(member.file_size + 1)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError):
        return None
    except (NotImplementedError, RuntimeError, ValueError):  # a method or lock unknown to Python
        return None
    return data if len(data) == member.file_size else None
