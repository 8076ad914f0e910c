"""Sample paths in a file: month, stream, path_1, ..., path_N, as a scenario names it."""

from __future__ import annotations

import os
from pathlib import Path

from sufficiency.errors import SufficiencyError
from sufficiency.forecast.result import Forecast
from sufficiency.scenario import EntryPaths
from sufficiency.scenario_file.entry_paths import entry_paths_text, read_entry_paths
from sufficiency.scenario_file.problems import Problems, ScenarioFileError


def entry_paths(forecast: Forecast) -> EntryPaths:
    """The paths of a forecast as a scenario has them."""
    return EntryPaths(forecast.paths, forecast.first)


def write_paths(forecast: Forecast, path: Path) -> None:
    """Write the paths of a forecast: the file is there whole or not at all, and never replaced."""
    write_new(path, entry_paths_text(entry_paths(forecast)))


def write_new(path: Path, text: str) -> None:
    """Write a text file that must not exist yet; it gets its name when it is complete."""
    if path.exists():
        raise SufficiencyError(f"{path} exists already; choose another name")
    draft = path.with_name(f"{path.name}.draft")
    try:
        with draft.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise SufficiencyError(f"{path} cannot be written: {error.strerror}") from None


def read_paths(path: Path) -> EntryPaths:
    """Read what `write_paths` wrote; every mistake is told at file:row:column."""
    problems = Problems()
    found = read_entry_paths(path, problems)
    if found is None or problems:
        raise ScenarioFileError(path.name, problems, kind="file of sample paths")
    return found
