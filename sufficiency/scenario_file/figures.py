"""A file of published figures, as `sufficiency new --figures` takes it: YAML or CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import NamedTuple

from sufficiency.scenario_file.merging import group_of
from sufficiency.scenario_file.problems import (
    Problems,
    ScenarioFileError,
    Where,
    did_you_mean,
    found,
)
from sufficiency.scenario_file.reading import Node, display, read_text, read_utf8

COLUMNS = ("figure", "value", "source", "as_of")


class Figure(NamedTuple):
    """One published number."""

    value: int | float
    source: str = ""
    as_of: str = ""


class Known(NamedTuple):
    """A figure that a starter scenario has a place for."""

    name: str
    what: str
    """What it counts."""
    published: str
    """Where, in the short names of `PUBLICATIONS`."""
    share: bool = False
    """Whether it is a share, from 0 to 1."""


PUBLICATIONS = {
    "DfE": "'Children looked after in England including adoptions', tables by authority, each year",
    "Ofsted": "'Fostering in England' and 'Children's social care in England', each year",
    "ONS": "mid-year population estimates by local authority and age",
    "own": "the council's own register of carers, list of placements or sufficiency strategy",
}

KNOWN = (
    Known("children_in_care", "Children in care on 31 March", "DfE"),
    Known("uasc_in_care", "Of these, unaccompanied asylum-seeking children (UASC)", "DfE"),
    Known("children_in_care_year_before", "Children in care on 31 March a year before", "DfE"),
    Known("child_population", "Children under 18 who live in the authority", "ONS; DfE"),
    Known("starts", "Children who started to be looked after in a year, with UASC", "DfE"),
    Known("uasc_starts", "UASC who started to be looked after in a year", "DfE"),
    Known("leavers", "Children who ceased to be looked after in a year", "DfE"),
    Known("in_area_share", "Share of children placed inside the boundary", "DfE", share=True),
    Known("foster_households", "Approved mainstream households of the council", "own; Ofsted"),
    Known("foster_places", "Approved places in these households", "own; Ofsted"),
    Known("foster_households_left", "Households that closed in a year", "own; Ofsted"),
    Known("foster_households_approved", "Households approved in a year", "own; Ofsted"),
    Known("own_homes", "Children's homes of the council", "Ofsted"),
    Known("own_home_places", "Registered places in these homes", "Ofsted"),
    *(
        Known(f"share_{name}", f"Share of children {where}", "own; DfE", share=True)
        for name, where in {
            "in_house": "with the council's foster carers, kinship left out",
            "ifa": "with carers of independent fostering agencies",
            "kinship": "with relatives or friends as carers",
            "home_own": "in the council's children's homes",
            "home_external": "in other children's homes",
            "supported": "in supported accommodation",
            "parents": "placed with parents",
            "adoption": "placed for adoption",
            "unregistered": "in unregistered placements",
            "secure": "in secure accommodation",
            "other": "elsewhere",
        }.items()
    ),
)
"""The figures a starter scenario can be made from."""

BY_NAME = {known.name: known for known in KNOWN}
SHARES = tuple(known.name for known in KNOWN if known.name.startswith("share_"))


class _Entry(NamedTuple):
    """A figure as its file has it, in either format."""

    name: str
    value: object
    source: str
    as_of: str
    where: Where


def read_figures(path: str | Path) -> dict[str, Figure]:
    """Published figures from a file.

    YAML: `children_in_care: 320`, or `{value: 320, source: …, as_of: …}`. CSV: a row a figure,
    with the columns figure, value and, if known, source and as_of.

    Raises:
        ScenarioFileError: With every mistake in it, each at its line.
    """
    path, problems = Path(path), Problems()
    file, text = display(path), read_utf8(path, problems)
    figures: dict[str, Figure] = {}
    read = _from_csv if path.suffix.lower() == ".csv" else _from_yaml
    for entry in [] if text is None else read(text, file, problems):
        why_not = _why_not(entry, figures)
        if why_not:
            problems.add(entry.where, entry.name, why_not)
        else:
            assert isinstance(entry.value, int | float)
            figures[entry.name] = Figure(entry.value, entry.source, entry.as_of)
    if problems:
        raise ScenarioFileError(file, problems, kind="file of figures")
    return figures


def _why_not(entry: _Entry, before: Mapping[str, Figure]) -> str:
    if entry.name not in BY_NAME:
        return f"no such figure{did_you_mean(entry.name, BY_NAME)}"
    if entry.name in before:
        return "is given twice"
    return why_not_a_figure(BY_NAME[entry.name], entry.value)


def why_not_a_figure(known: Known, value: object) -> str:
    """What is wrong with the value of a figure, or nothing."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return f"must be a number{found(value)}"
    if known.share:
        hint = f"; {value}% is {value / 100:g}" if 1 < value <= 100 else ""
        return "" if 0 <= value <= 1 else f"must be a share from 0 to 1{found(value)}{hint}"
    whole = value >= 0 and float(value).is_integer()
    return "" if whole else f"must be a whole number, 0 or more{found(value)}"


def _from_yaml(text: str, file: str, problems: Problems) -> Iterator[_Entry]:
    for name, node in group_of(read_text(text, file, problems)).items():
        parts = group_of(node) or {"value": node}
        for part, inner in parts.items():
            if part not in COLUMNS[1:]:
                text = f"no such part{did_you_mean(part, COLUMNS[1:])}"
                problems.add(inner.name, f"{name}.{part}", text)
        source, as_of = (parts[k].text if k in parts else "" for k in ("source", "as_of"))
        value = parts.get("value", Node(None, node.where, node.name))
        yield _Entry(name, value.content, source, as_of, node.name)


def _from_csv(text: str, file: str, problems: Problems) -> Iterator[_Entry]:
    reader = csv.reader(StringIO(text, newline=""))
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        if not {"figure", "value"} <= set(header):
            needs = f"needs a first line with the columns {', '.join(COLUMNS)}"
            problems.add(Where(file, 1, 1), "", needs)
            return
        for line in reader:
            cells = dict(zip(header, (cell.strip() for cell in line), strict=False))
            if any(cells.values()):
                where = Where(file, reader.line_num, 1)
                name, source, as_of = (cells.get(c, "") for c in ("figure", "source", "as_of"))
                yield _Entry(name, _number(cells.get("value", "")), source, as_of, where)
    except csv.Error as error:
        problems.add(Where(file, max(reader.line_num, 1), 1), "", f"not readable as CSV: {error}")


def _number(text: str) -> object:
    """A number as spreadsheets write it, or the text itself."""
    try:
        value = float(text.replace(",", ""))
    except ValueError:
        return text
    return int(value) if value.is_integer() else value
