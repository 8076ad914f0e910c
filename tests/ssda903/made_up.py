"""Returns made up in a test: what is true of some children, and the yearly files that tell it.

A year's file has every episode open at any time from 1 April to 31 March, as it was known on that
31 March: what ended later is still open. Nothing here uses the reader.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from sufficiency.ssda903.reading import read_return
from sufficiency.ssda903.returns import Return

EPISODE_COLUMNS = [
    *("CHILD", "DECOM", "RNE", "LS", "CIN", "PLACE", "PLACE_PROVIDER", "DEC", "REC"),
    *("REASON_PLACE_CHANGE", "HOME_POST", "PL_POST", "URN"),
]
HEADER_COLUMNS = ["CHILD", "SEX", "DOB", "ETHNIC", "UPN", "MOTHER", "MC_DOB"]
UASC_COLUMNS = ["CHILD", "SEX", "DOB", "DUC"]

Row = dict[str, str]


def day(text: str) -> date:
    """A date as written in the tests: 2020-04-01."""
    return date.fromisoformat(text)


def uk(when: date | None) -> str:
    return "" if when is None else f"{when:%d/%m/%Y}"


class Episode(NamedTuple):
    """What is true of one episode."""

    child: str
    started: date
    ended: date | None
    rne: str = "S"
    rec: str = "E8"
    ls: str = "C2"
    cin: str = "N1"
    place: str = "U6"
    provider: str = "PR1"
    change: str = ""


class Child(NamedTuple):
    """What is true of one child."""

    child: str
    born: date
    sex: str = "1"
    ethnic: str = "WBRI"
    uasc: bool = False


class Truth(NamedTuple):
    """What is true of an authority."""

    children: tuple[Child, ...]
    episodes: tuple[Episode, ...]

    def in_care(self, when: date) -> int:
        """Children in care on the night of a date."""
        return len(
            {
                e.child
                for e in self.episodes
                if e.started <= when and (e.ended is None or e.ended > when)
                if e.ls not in ("V3", "V4")
            }
        )


def year_of(truth: Truth, year: int) -> dict[str, list[Row]]:
    """The tables of the return of a year ending on 31 March."""
    first, last = date(year - 1, 4, 1), date(year, 3, 31)
    rows = [
        _row(e, last)
        for e in truth.episodes
        if e.started <= last and (e.ended is None or e.ended >= first)
    ]
    there = {row["CHILD"] for row in rows}
    children = [c for c in truth.children if c.child in there]
    return {
        "episodes": rows,
        "header": [
            {"CHILD": c.child, "SEX": c.sex, "DOB": uk(c.born), "ETHNIC": c.ethnic, "UPN": "UN1"}
            for c in children
        ],
        "uasc": [
            {"CHILD": c.child, "SEX": c.sex, "DOB": uk(c.born), "DUC": ""}
            for c in children
            if c.uasc
        ],
    }


def _row(e: Episode, last: date) -> Row:
    known = e.ended is not None and e.ended <= last
    return {
        "CHILD": e.child,
        "DECOM": uk(e.started),
        "RNE": e.rne,
        "LS": e.ls,
        "CIN": e.cin,
        "PLACE": e.place,
        "PLACE_PROVIDER": e.provider,
        "DEC": uk(e.ended) if known else "",
        "REC": e.rec if known else "",
        "REASON_PLACE_CHANGE": e.change if known else "",
    }


COLUMNS = {"episodes": EPISODE_COLUMNS, "header": HEADER_COLUMNS, "uasc": UASC_COLUMNS}


def text_of(
    kind: str, rows: Iterable[Row], columns: Iterable[str] = (), separator: str = ","
) -> str:
    """A table as the text of a CSV file."""
    out = io.StringIO()
    names = list(columns) or COLUMNS[kind]
    writer = csv.DictWriter(out, names, restval="", delimiter=separator, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def write_years(folder: Path, years: Mapping[int, dict[str, list[Row]]]) -> Path:
    """Write yearly tables, a folder a year."""
    for year, tables in years.items():
        for kind, rows in tables.items():
            if rows or kind != "uasc":
                file = folder / str(year) / f"{kind}.csv"
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text_of(kind, rows), encoding="utf-8")
    return folder


def write_truth(folder: Path, truth: Truth, years: Iterable[int]) -> Path:
    """Write what is true as yearly files."""
    return write_years(folder, {year: year_of(truth, year) for year in years})


def an_authority(
    children: int, seed: int, first: date = date(2019, 4, 1), last: date = date(2022, 3, 31)
) -> Truth:
    """Children with one period of care each, of one to four episodes."""
    luck = random.Random(seed)
    window = (last - first).days
    people: list[Child] = []
    episodes: list[Episode] = []
    for number in range(children):
        name = f"KQ{1000 + number}"
        entered = first + timedelta(days=luck.randrange(-700, window))
        born = entered - timedelta(days=luck.randrange(30, 13 * 365))
        uasc = luck.random() < 0.1
        people.append(Child(name, born, luck.choice("12"), luck.choice(["WBRI", "BAFR"]), uasc))
        episodes += _a_stay(name, entered, born + timedelta(days=18 * 365), luck)
    shown = [e for e in episodes if e.ended is None or e.ended >= first]
    there = {e.child for e in shown}
    return Truth(tuple(p for p in people if p.child in there), tuple(shown))


def _a_stay(name: str, entered: date, latest: date, luck: random.Random) -> list[Episode]:
    found = []
    pieces = luck.randrange(1, 5)
    started = entered
    for piece in range(pieces):
        ended = min(started + timedelta(days=1 + int(luck.expovariate(1 / 300))), latest)
        done = piece == pieces - 1
        found.append(
            Episode(
                name,
                started,
                ended,
                rne="S" if piece == 0 else luck.choice("LPTBU"),
                rec=luck.choice(["E4A", "E47", "E8"]) if done else "X1",
                place=luck.choice(["U4", "U6", "K2", "U1"]),
                provider=luck.choice(["PR1", "PR4"]),
                change="" if done else "CARPL",
            )
        )
        if ended == latest:
            found[-1] = found[-1]._replace(rec="E8")
            break
        started = ended
    return found


ANCHORS = 3


def returned(folder: Path, years: Mapping[int, str], about: str = "", uasc: str = "") -> Return:
    """What is read of years told in short.

    Args:
        folder: Where the files are written.
        years: The episodes of each year, one a line: child, start, end, RNE, REC and, if they
            matter, LS, PLACE and PLACE_PROVIDER; `-` is blank. Three more children a year, who
            come on 1 May and leave on 1 March, see to it that the year is beyond doubt.
        about: Children of whom more matters than that they are boys born in 2010: child, SEX, DOB,
            ETHNIC; a child not to be in the header has `-` for SEX.
        uasc: Rows of the UASC table: child, SEX, DOB, DUC.
    """
    for year, text in years.items():
        rows = [_told(line) for line in text.strip().splitlines()] + _anchors(year)
        told = {line.split()[0]: line.split() for line in about.strip().splitlines()}
        header = [
            dict(zip(HEADER_COLUMNS, told.get(c, [c, "1", "2010-01-01", "WBRI"]), strict=False))
            for c in sorted({row["CHILD"] for row in rows} | set(told))
        ]
        tables = {"episodes": rows, "header": [_dashed(h) for h in header if h["SEX"] != "-"]}
        if uasc:
            lines = [line.split() for line in uasc.strip().splitlines()]
            tables["uasc"] = [_dashed(dict(zip(UASC_COLUMNS, line, strict=True))) for line in lines]
        write_years(folder, {year: tables})
    return read_return(folder)


def _told(line: str) -> Row:
    names = ("CHILD", "DECOM", "DEC", "RNE", "REC", "LS", "PLACE", "PLACE_PROVIDER")
    usual = {"LS": "C2", "PLACE": "U6", "PLACE_PROVIDER": "PR1", "CIN": "N1"}
    return usual | _dashed(dict(zip(names, line.split(), strict=False)))


def _dashed(row: Row) -> Row:
    return {name: "" if cell == "-" else cell for name, cell in row.items()}


def _anchors(year: int) -> list[Row]:
    return [_told(f"z{year}{n} {year - 1}-05-01 {year}-03-01 S E4A") for n in range(ANCHORS)]


def episodes_of(found: Return, *columns: str) -> list[tuple[str, ...]]:
    """The episodes of all but the three children a year, as text; `-` where blank."""
    rows = found.episodes[
        found.episodes["child"] < len(found.children) - ANCHORS * len(found.years)
    ]
    names = columns or ("child", "started", "ended", "rne", "reason_ended")
    shown = [
        rows[name].dt.strftime("%Y-%m-%d").fillna("-").tolist()
        if rows[name].dtype.kind == "M"
        else [str(value) or "-" for value in rows[name].tolist()]
        for name in names
    ]
    return list(zip(*shown, strict=True))


def found_rules(found: Return) -> dict[str, tuple[str, tuple[int, ...]]]:
    """Findings by rule: what was done, and the rows of all files together."""
    rules: dict[str, tuple[str, tuple[int, ...]]] = {}
    for finding in found.findings:
        before = rules.get(finding.rule, ("", ()))[1]
        rules[finding.rule] = (finding.treatment, (*before, *finding.rows))
    return rules
