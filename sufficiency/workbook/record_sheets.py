"""The last sheets: decisions and data, limits and review date, and the record of the run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sufficiency.answer.appendix import LIMITS, method, record
from sufficiency.answer.review import review_of
from sufficiency.answer.words import listed
from sufficiency.results.files import sha256
from sufficiency.scenario import Assumption
from sufficiency.scenario_file.describing import compact, option_lines, shown_tree
from sufficiency.scenario_file.writing import files_beside
from sufficiency.workbook.cells import Cell
from sufficiency.workbook.contents import Contents, option_title
from sufficiency.workbook.sheets import Column, Sheet

LOGS = "Decisions and data logs"
LIMITS_SHEET = "Limits and review date"
RECORD = "Run record"
_HASH = "A hash (SHA-256) identifies a file: if it is the same, so is every byte of the file."
_NO_FILES = "The files that the run was made from are not published, and not identified here."
_NAMED = 3
"""Settings that are named of those that a source stands behind."""


def logs(contents: Contents) -> Sheet:
    """What each option decides, what changes on a date, and which data stand behind the values."""
    return Sheet(
        name=LOGS,
        title="Decisions log and data log",
        reading=(
            "Decisions: what each option changes from the baseline, and what changes on a date"
            " whatever is decided. Data: the sources behind the values"
            + ("." if contents.publication else ", and the files of the run."),
            _NO_FILES if contents.publication else _HASH,
        ),
        table="Logs",
        columns=(
            Column("Log", 16),
            Column("Date", 14),
            Column("Subject", 40),
            Column("What", 70),
            Column("Confidence", 18),
            Column("Values", 9, "whole"),
        ),
        rows=[*_decisions(contents), *_sources(contents), *_files(contents)],
    )


def _decisions(contents: Contents) -> Iterable[Sequence[Cell]]:
    study = contents.study
    tree = shown_tree(study)
    for option in study.options:
        if option.name not in contents.options:
            continue
        name = option_title(option.name)
        if option.description:
            yield ("Decision", "", name, option.description, "", None)
        for line in option_lines(option, tree):
            yield ("Decision", "", name, line, "", None)
    for change in study.scenario.changes:
        yield ("Dated change", change.on, change.path, f"becomes {compact(change.to)}", "", None)
    for spent in study.scenario.programme:
        yield ("Programme", spent.year, spent.name, f"£{spent.amount:,.0f}, nominal", "", None)


def _sources(contents: Contents) -> Iterable[Sequence[Cell]]:
    """Each source once, with its date and confidence, and what it stands behind."""
    found: dict[tuple[str, str, str], list[Assumption]] = {}
    for row in contents.study.assumptions:
        if row.source:
            found.setdefault((row.source, row.as_of, row.confidence), []).append(row)
    for (source, as_of, confidence), rows in found.items():
        paths = [row.path for row in rows[:_NAMED]]
        more = [f"{len(rows) - _NAMED} more"] if len(rows) > _NAMED else []
        what = f"{source} (for {listed([*paths, *more])})"
        yield ("Data", as_of, "Source", what, confidence, len(rows))


def _files(contents: Contents) -> Iterable[Sequence[Cell]]:
    for name, digest in inputs(contents).items():
        yield ("Data", "", f"File: {name}", f"sha256 {digest}", "", None)


def inputs(contents: Contents) -> Mapping[str, str]:
    """The hashes of what the run was made from, as in the manifest, which is written after this."""
    results = contents.results
    names = ["scenario.yaml", *files_beside(results.study)]
    paths = {name: results.folder / name for name in names}
    found = {name: sha256(path) for name, path in paths.items() if path.is_file()}
    children = results.study.scenario.authority.children
    if children is not None:
        found["authority.children"] = children.file.digest
    stated: Mapping[str, str] = contents.manifest.get("inputs", found)
    return stated


# --- limits -----------------------------------------------------------------------------------

_ABOUT = (Column("About", 30), Column("What to know", 120))


def limits(contents: Contents) -> Sheet:
    """What the numbers cannot tell, and until when to use them."""
    return Sheet(
        name=LIMITS_SHEET,
        title="Limits of these numbers, and when to look at them again",
        reading=(
            "After the review date do not use these numbers without making them again with newer"
            " data.",
            "Read the limits before you quote a number.",
        ),
        table="Limits",
        columns=_ABOUT,
        rows=[*_dates(contents), *_limits(contents)],
    )


def _dates(contents: Contents) -> Iterable[Sequence[Cell]]:
    review = review_of(contents.study.scenario, contents.manifest)
    yield ("Review date", review.by or review.words)
    if review.made is not None:
        yield ("Run made on", review.made)


def _limits(contents: Contents) -> Iterable[Sequence[Cell]]:
    if contents.answer.caution:
        yield ("Limit", contents.answer.caution)
    for text in LIMITS:
        yield ("Limit", text)
    for warning in contents.study.warnings:
        yield ("Warning of this scenario", warning)
    for text in method(contents.study, contents.manifest, contents.answer):
        yield ("How this was worked out", text)


def started(contents: Contents) -> datetime | None:
    """When the run began, by the clock where it was made; None if it does not say."""
    try:
        moment = datetime.fromisoformat(str(contents.manifest.get("started", "")))
    except ValueError:
        return None
    return moment.replace(tzinfo=None)


_AGAIN = (
    "The same scenario, seed and version give the same numbers again. scenario.yaml beside this"
    " file holds the scenario with all its values."
)
_PUBLISHED = (
    "The same scenario, seed and version give the same numbers again. The scenario, and the files"
    " it was made from, stay with who made the run: they are not published."
)


def run_record(contents: Contents) -> Sheet:
    """What is needed to make the same run again."""
    rows = [*record(contents.manifest)]
    rows += [(f"Hash of {name}", f"sha256 {digest}") for name, digest in inputs(contents).items()]
    return Sheet(
        name=RECORD,
        title="Run record: what is needed to make the same run again",
        reading=(
            _PUBLISHED if contents.publication else _AGAIN,
            "summary.csv and comparison.csv beside this file hold every measure"
            + (" that is published." if contents.publication else "."),
        ),
        table="RunRecord",
        columns=_ABOUT,
        rows=rows,
    )
