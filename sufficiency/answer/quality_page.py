"""What was read of an authority's data, and what was odd in it: for a terminal and for a page.

Counts only. No value of a row is told, only where it stands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

import pandas as pd

from sufficiency.answer import screens
from sufficiency.answer.page_parts import Part, Table
from sufficiency.answer.words import capital, count, listed, percent
from sufficiency.calibration.scenario_text import financial_year
from sufficiency.history.tables import History
from sufficiency.ssda903.returns import Finding

SHOWN = 8
"""Findings that a terminal lists; the page has them all."""
OWN_USE = (
    "For the authority's own use: it holds small numbers. It names no child, and no value of a"
    " child's record."
)
_TREATMENTS = ("left out", "mended", "kept")
_OF_FILES = ("not_csv",)
"""Rules whose findings count files, not rows."""
_TABLES = {
    "children": "children",
    "care": "periods of care",
    "placements": "placements with one carer",
    "monthly": "months of entries by stream and age",
    "stock": "counts of children in care",
    "households": "foster households",
    "homes": "children's homes",
    "prices": "prices",
    "shocks": "periods marked as unlike the future",
}
_KNOWN = (
    ("children", "born", "date of birth"),
    ("children", "sex", "sex"),
    ("children", "ethnicity", "ethnic group"),
    ("care", "need", "need on entry (CIN)"),
    ("placements", "provider", "provider of the placement"),
    ("placements", "in_area", "inside or outside the area"),
    ("placements", "over_20_miles", "distance from home"),
)
_NO_RETURN = (
    "Plain counts say how many enter and how many are in care. How long children stay, when they"
    " move, what is planned for them and where placements are stays as in the base scenario."
)


# ---- In sentences ------------------------------------------------------------------------------


def read_sentence(history: History) -> str:
    """What was read, in a sentence."""
    years = years_observed(history)
    span = years[0] if len(years) == 1 else f"{years[0]} to {years[-1]}"
    named = ("children", "care", "placements") if history.care is not None else ("monthly", "stock")
    held = [
        f"{len(table):,} {_TABLES[name]}"
        for name in named
        if (table := getattr(history, name)) is not None
    ]
    text = f"Read: {span} ({_plural(len(years), 'year')}): {listed(held) or 'nothing'}."
    gaps = [financial_year(first) for first, _ in history.gaps]
    return text + (f" No return for {listed(gaps)}." if gaps else "")


def findings_sentence(history: History) -> str:
    """How much was odd in the data, in a sentence."""
    if not history.findings:
        return "Nothing odd was found in the data."
    found, rows, files = _together(history.findings), Counter[str](), 0
    for finding in found:
        if finding.rule in _OF_FILES:
            files += finding.count
        else:
            rows[finding.treatment] += finding.count
    told = [f"{files:,} {'file' if files == 1 else 'files'} not read"] if files else []
    told += [f"{rows[t]:,} {'row' if rows[t] == 1 else 'rows'} {t}" for t in _TREATMENTS if rows[t]]
    return f"{capital(_plural(len(found), 'finding'))}: {listed(told)}."


def _plural(n: int, word: str) -> str:
    return f"{count(n)} {word}" if n == 1 else f"{count(n)} {word}s"


def years_observed(history: History) -> list[str]:
    """Financial years observed, those without a return left out."""
    missing = {financial_year(first) for first, _ in history.gaps}
    first, last = (day.year - (day.month < 4) for day in (history.first, history.last))
    labels = (financial_year(date(year, 4, 1)) for year in range(first, last + 1))
    return [label for label in labels if label not in missing]


# ---- The screen --------------------------------------------------------------------------------


def blocks(history: History) -> Iterator[screens.Block]:
    """What was read and found."""
    yield screens.Paragraph(read_sentence(history))
    yield screens.Paragraph(findings_sentence(history))
    if not history.findings:
        return
    ordered = _ordered(_together(history.findings))
    rows = tuple(
        screens.Row((finding.text, f"{finding.count:,}", finding.treatment))
        for finding in ordered[:SHOWN]
    )
    yield screens.Heading("IN THE DATA")
    yield screens.Table(screens.columns("how many", "done", text=(1,)), rows)
    if len(ordered) > SHOWN:
        yield screens.Paragraph(f"and {_plural(len(ordered) - SHOWN, 'more finding')}, on the page")


def screen_lines(history: History) -> list[str]:
    """The same as lines of plain text."""
    return screens.plain(screens.Screen(tuple(blocks(history)))).splitlines()


def _together(findings: Iterable[Finding]) -> list[Finding]:
    """The same finding in several files as one."""
    found: dict[tuple[str, str, str], Finding] = {}
    for finding in findings:
        key = (finding.rule, finding.text, finding.treatment)
        before = found[key].count if key in found else 0
        found[key] = replace(finding, count=before + finding.count, file="", rows=())
    return list(found.values())


def _ordered(findings: Iterable[Finding]) -> list[Finding]:
    """Findings that cost most first."""
    place = {treatment: i for i, treatment in enumerate(_TREATMENTS)}
    return sorted(findings, key=lambda f: (place[f.treatment], -f.count, f.rule, f.file))


def _by_rule(findings: Iterable[Finding]) -> list[Finding]:
    """Findings that cost most first, and the same finding file after file."""
    costs = [(f.rule, f.text, f.treatment) for f in _ordered(_together(findings))]
    return sorted(
        findings, key=lambda f: (costs.index((f.rule, f.text, f.treatment)), f.file, f.column)
    )


# ---- The page ----------------------------------------------------------------------------------


def lead(history: History) -> tuple[str, ...]:
    """The first sentences of the page."""
    return (read_sentence(history), findings_sentence(history))


def parts(history: History) -> tuple[Part, ...]:
    """The parts of the page on data quality."""
    no_return = (_NO_RETURN,) if history.care is None else ()
    found = [Part("What was read", no_return, tuple(_read(history))), _findings(history)]
    known = _completeness(history)
    if known is not None:
        found.append(known)
    return tuple(found)


def _read(history: History) -> Iterator[Table]:
    rows = [
        (capital(words), f"{len(table):,}")
        for name, words in _TABLES.items()
        if (table := getattr(history, name)) is not None
    ]
    yield Table("Rows by table, after merging", ("Table", "Rows"), tuple(rows))
    if history.care is None:
        return
    years = []
    for label in years_observed(history):
        first, after = (pd.Timestamp(int(label[:4]) + more, 4, 1) for more in (0, 1))
        care = history.care
        entered = care["entered"].ge(first) & care["entered"].lt(after)
        left = care["left"].ge(first) & care["left"].lt(after)
        there = care["entered"].lt(after) & ~care["left"].lt(after)
        years.append((label, *(f"{int(rows.sum()):,}" for rows in (entered, left, there))))
    columns = ("Financial year", "Entries", "Exits", "In care on 31 March")
    note = "Compare them with the figures published for the authority."
    yield Table("Periods of care by financial year", columns, tuple(years), note)


def _findings(history: History) -> Part:
    if not history.findings:
        return Part("Findings", ("Nothing odd was found.",))
    rows = tuple(
        (
            finding.text,
            f"{finding.count:,}",
            finding.treatment,
            finding.file or "-",
            _places(finding),
            finding.column or "-",
            finding.rule.replace("_", " "),
        )
        for finding in _by_rule(history.findings)
    )
    columns = ("What", "How many", "What was done", "File", "Rows", "Column", "Rule")
    note = (
        "Rows are numbered as a spreadsheet does: the header is row 1. A dash: of no one file or"
        " column."
    )
    told = (
        "Left out: the rows are not used. Mended: they are used after a correction. Kept: they are"
        " used as they are, unless the finding says what else becomes of them.",
    )
    return Part("Findings", told, (Table("Findings", columns, rows, note, text=True),))


def _places(finding: Finding) -> str:
    """The first rows of a finding."""
    told = ", ".join(map(str, finding.rows))
    return f"{told} …" if told and finding.count > len(finding.rows) else told


def _completeness(history: History) -> Part | None:
    """How much of what may be blank is known."""
    rows = []
    for name, column, words in _KNOWN:
        table = getattr(history, name)
        if table is not None and column in table and len(table):
            values = table[column]
            known = int((values.notna() & (values.astype(str) != "")).sum())
            rows.append((capital(words), _TABLES[name], f"{known:,}", percent(known / len(table))))
    if not rows:
        return None
    columns = ("What", "Of", "Known", "Share")
    note = "Distance is often unknown for unaccompanied children; kin and parents have no provider."
    return Part("Completeness", (), (Table("What is known", columns, tuple(rows), note),))
