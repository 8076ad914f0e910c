"""Where a command writes: new folders by name and time, and what it may not write into."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from sufficiency.errors import SufficiencyError

LONGEST = 80
"""Letters of a scenario's name in that of a folder: systems allow 255 bytes."""


def new_folder(name: str, command: str = "") -> Path:
    """`outputs/<scenario>/<date>-<time>`, in the current folder; of a command, with its name."""
    words = "".join(c if c.isalnum() else " " for c in name.lower()).split()
    slug = "-".join(words)[:LONGEST].strip("-") or "scenario"
    place = f"{slug}-{command}" if command else slug
    return Path("outputs") / place / datetime.now().strftime("%Y%m%d-%H%M%S")


def check_folder(folder: Path) -> None:
    """Refuse a folder that could not be written, before anything is simulated."""
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        raise SufficiencyError(f"{folder} is there already; choose another folder with --out")
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not there.is_dir():
        raise SufficiencyError(f"{folder} cannot be written: {there} is a file, not a folder")
    if not os.access(there, os.W_OK | os.X_OK):
        raise SufficiencyError(f"{folder} cannot be written: {there} may only be read")


def check_table(file: Path, *runs: Path) -> None:
    """Refuse a file inside a run, which is never changed."""
    for run in runs:
        if file.resolve().is_relative_to(run.resolve()):
            raise SufficiencyError(
                f"{run} is a finished run, which is never changed: choose another --out"
            )


def write_new(file: Path, text: str, option: str = "--to") -> None:
    """Write a file that may not be there yet.

    Args:
        file: Where to.
        text: What.
        option: The option with which another place can be chosen.
    """
    try:
        with file.open("x", encoding="utf-8", newline="\n") as opened:
            opened.write(text)
    except FileExistsError:
        raise SufficiencyError(f"{file} exists already; choose another with {option}") from None
    except OSError as error:
        raise SufficiencyError(f"{file} cannot be written: {error.strerror}") from None
