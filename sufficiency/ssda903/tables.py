"""Which table of the return a CSV file is: told by its columns, never by its name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import pandas as pd

from sufficiency.ssda903.files import UnreadableError
from sufficiency.ssda903.noting import Notes
from sufficiency.ssda903.sources import RawTable, Sources

EPISODES, HEADER, UASC = "episodes", "header", "uasc"

NEEDED = ("child", "decom", "rne", "ls", "place", "dec", "rec")
"""Columns without which a table of episodes cannot be used."""
WANTED: Mapping[str, tuple[str, ...]] = {
    EPISODES: ("cin", "place_provider", "reason_place_change"),
    HEADER: ("sex", "ethnic"),
}
"""Columns that every return has, but that can be done without."""
ALSO_IN_EPISODES = ("cin", "place_provider", "reason_place_change")
ABOUT_CHILDREN = ("sex", "ethnic", "upn", "mother", "mc_dob")
"""Columns of the header, of which a table with dates of birth has at least one."""
ENRICHED = ("pl_la", "pl_location", "pl_distance", "urn", "la", "year")
"""Columns that some files of episodes have."""

NOT_USED: Mapping[str, tuple[str, ...]] = {
    "reviews": ("review", "review_code"),
    "oc2": ("sdq_score", "sdq_reason", "convicted", "health_check", "immunisations"),
    "oc3": ("in_touch", "activ", "accom"),
    "ad1": ("date_int", "date_match", "nb_adoptr", "sex_adoptr", "ls_adoptr"),
    "placed for adoption": ("date_placed", "date_placed_ceased", "reason_placed_ceased"),
    "previous permanence": ("prev_perm", "la_perm", "date_perm"),
    "missing": ("mis_start", "mis_end"),
    "social workers": ("sw_id", "sw_decom", "sw_dec", "sw_reason"),
    "deprivation of liberty": ("dolo_start", "dolo_end"),
}
"""Tables of the return that are recognised but not needed, each by columns no other table has."""

SPELLINGS = {
    "childid": "child",
    "dateofbirth": "dob",
    "gender": "sex",
    "ethnicity": "ethnic",
    "placementprovider": "place_provider",
    "placechangereason": "reason_place_change",
}
"""Other names under which columns were seen, without blanks."""
KNOWN = {
    name.replace("_", ""): name
    for name in (*NEEDED, *ALSO_IN_EPISODES, *ABOUT_CHILDREN, *ENRICHED, "dob", "duc")
} | SPELLINGS


class Table(NamedTuple):
    """A table of the return."""

    kind: str
    file: str
    frame: pd.DataFrame
    """As in `RawTable`, under the usual names of columns."""


def recognised(sources: Sources, notes: Notes) -> list[Table]:
    """Tell the tables of the return among those of a folder or zip.

    Raises:
        UnreadableError: A table lacks a column without which it cannot be used.
    """
    found: list[Table] = []
    reasons: list[str] = []
    for raw in sources.tables:
        columns = usual_names(raw.columns)
        kind = kind_of(columns.values())
        missing = _missing(set(columns.values())) if not kind else ""
        if kind in WANTED or kind == UASC:
            frame = raw.frame[list(columns)].set_axis(list(columns.values()), axis="columns")
            found.append(Table(kind, raw.file, frame))
            notes.note("no_rows", int(frame.empty), "kept", "The table has no rows.", raw.file)
        elif missing:
            reasons.append(f"{raw.file}: {missing}")
        else:
            _note_unused(raw, kind, notes)
    if reasons:
        raise UnreadableError(str(sources.path), reasons)
    for table in found:
        _note_missing_columns(table, notes)
    return found


def kind_of(columns: Iterable[str]) -> str:
    """The kind of table with these columns (of their usual names); "" if it is none."""
    there = set(columns)
    if there.issuperset(NEEDED):
        return EPISODES
    if "child" not in there:
        return ""
    for kind, marks in NOT_USED.items():
        if there.intersection(marks):
            return kind
    if "duc" in there:
        return UASC
    if "dob" in there and there.intersection(ABOUT_CHILDREN):
        return HEADER
    return ""


def usual_names(columns: Iterable[str]) -> dict[str, str]:
    """Columns by the name they have in a file, with their usual name; each usual name once."""
    found: dict[str, str] = {}
    for name in columns:
        usual = KNOWN.get(name.replace("_", ""), name)
        if usual not in found.values():
            found[name] = usual
    return found


def _missing(there: set[str]) -> str:
    """Why a table that looks like a needed one is none; "" if it does not look like one."""
    episodes = {*NEEDED, *ALSO_IN_EPISODES} & there
    if len(episodes - {"child"}) >= 4:
        return f"looks like episodes, but has no {_listed(c for c in NEEDED if c not in there)}"
    about = there.intersection(ABOUT_CHILDREN)
    if len(about) + len(there & {"child", "dob"}) >= 3 and not {"child", "dob"} <= there:
        lacking = _listed(c for c in ("child", "dob") if c not in there)
        return f"looks like the header, but has no {lacking}"
    return ""


def _listed(columns: Iterable[str]) -> str:
    names = [name.upper() for name in columns]
    return f"column {names[0]}" if len(names) == 1 else f"columns {', '.join(names)}"


def _note_unused(raw: RawTable, kind: str, notes: Notes) -> None:
    if kind:
        text = f"The table ({kind}) is part of the return, but nothing here needs it."
        notes.note("table_not_used", 1, "left out", text, raw.file)
    else:
        text = "The columns are those of no table of the return."
        notes.note("table_not_recognised", 1, "left out", text, raw.file)


def _note_missing_columns(table: Table, notes: Notes) -> None:
    for column in WANTED.get(table.kind, ()):
        if column in table.frame.columns:
            continue
        text = "The table has no such column; it is taken as unknown throughout."
        if column == "ethnic":
            text += " If this is the table of UASC, what it lacks is DUC, and none are counted."
        rows = len(table.frame)
        notes.note("column_missing", max(rows, 1), "kept", text, table.file, column.upper())
