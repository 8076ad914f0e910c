"""Reading a history: a folder or zip with a return, with plain files, or with both."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sufficiency.errors import SufficiencyError
from sufficiency.history.from_return import from_return
from sufficiency.history.plain import kind_of_plain, read_plain
from sufficiency.history.tables import History
from sufficiency.history.together import of_plain, with_plain
from sufficiency.scenario_file.problems import Problems, ScenarioFileError
from sufficiency.ssda903.noting import Notes
from sufficiency.ssda903.reading import return_of
from sufficiency.ssda903.sources import RawTable, read_tables
from sufficiency.ssda903.tables import EPISODES, HEADER, kind_of, recognised, usual_names


class NoHistoryError(SufficiencyError):
    """A folder or zip holds nothing of the past."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} holds no history: put in the yearly CSV files of an SSDA903 return (header and"
            " episodes), or counts.csv (month, stream, age_group, entries), or stock.csv (date,"
            " children)"
        )


def read_history(path: Path) -> History:
    """Read the past of an authority from a folder or zip.

    Raises:
        UnreadableError: Something in it is unsafe, too large, or no CSV; or a return lacks a part.
        ScenarioFileError: Plain files have mistakes; the text lists every one.
        NoHistoryError: There is nothing of the past in it.
    """
    sources = read_tables(path)
    of_return = [table for table in sources.tables if _kind(table)]
    others = [table for table in sources.tables if not _kind(table)]
    problems = Problems()
    plain = read_plain(others, sources.findings, problems)
    if problems:
        raise ScenarioFileError(str(path), problems, kind="history")
    unknown = [table for table in others if not kind_of_plain(table.columns)]
    rest = replace(sources, tables=(*of_return, *unknown))
    if any(_kind(table) in (EPISODES, HEADER) for table in of_return):
        return with_plain(from_return(return_of(rest)), plain)
    notes = Notes(rest.findings)
    recognised(rest, notes)  # raises if a table looks like episodes and is none
    history = of_plain(plain, notes.all())
    if history is None:
        raise NoHistoryError(path)
    return history


def _kind(table: RawTable) -> str:
    """The kind of table of the return; "" if it is none."""
    return kind_of(usual_names(table.columns).values())
