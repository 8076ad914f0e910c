"""Several files that belong together: all of them are written, or none."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from sufficiency.errors import SufficiencyError
from sufficiency.results.files import writable

Write = Callable[[Path], object]
"""Writes one file to the path it is given."""


def refuse_existing(files: Sequence[Path], *, replace: bool) -> None:
    """Say which files are in the way, or cannot be written, before any work is done.

    Raises:
        SufficiencyError: With every file that is in the way.
    """
    folders = [file for file in files if file.is_dir()]
    there = folders if replace else [file for file in files if file.exists()]
    if there:
        how = "is a folder" if replace else "exists already; choose another name, or --replace"
        raise SufficiencyError("\n".join(f"{file} {how}" for file in there))
    parent = files[0].absolute().parent
    if not parent.is_dir():
        raise SufficiencyError(f"{files[0]} cannot be written: there is no folder {parent}")


@contextmanager
def drafts(beside: Path) -> Iterator[Path]:
    """A folder for drafts beside a file, which goes in the end, whatever happens."""
    with writable(beside):
        folder = Path(
            tempfile.mkdtemp(
                prefix=f".{beside.stem}.", suffix=".drafts", dir=beside.absolute().parent
            )
        )
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_drafts(files: Mapping[Path, Write], folder: Path) -> None:
    """Write every file into a folder of drafts, under its own name."""
    for file, write in files.items():
        with writable(file):
            write(folder / file.name)


def take_over(files: Sequence[Path], folder: Path, *, replace: bool) -> None:
    """Give drafts their places, or leave everything as it was."""
    kept = folder / "before"
    done: list[Path] = []
    with writable(files[0]):
        kept.mkdir()
    try:
        for file in files:
            with writable(file):
                done.append(file)
                _take(folder / file.name, file, kept, replace=replace)
    except BaseException:
        for file in done:
            _give_back(file, folder, kept)
        raise


def _take(draft: Path, file: Path, kept: Path, *, replace: bool) -> None:
    if file.exists():
        if not replace:
            raise SufficiencyError(f"{file} exists already; choose another name, or --replace")
        file.replace(kept / file.name)
    draft.replace(file)


def _give_back(file: Path, folder: Path, kept: Path) -> None:
    """Undo one: what was there before stands there again."""
    if not (folder / file.name).exists():
        file.unlink(missing_ok=True)
    if (kept / file.name).exists():
        (kept / file.name).replace(file)
