"""The workbook: which sheets, in which order, and the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sufficiency.answer.words import WITHHELD, WITHHELD_NOTE
from sufficiency.results.files import writing
from sufficiency.results.results import Results
from sufficiency.workbook import (
    answer_sheets,
    budget_sheet,
    decision_sheets,
    drawing,
    evidence_sheets,
    money_sheets,
    need_sheets,
    record_sheets,
)
from sufficiency.workbook.contents import Contents
from sufficiency.workbook.sheets import Sheet

FILE = "workbook.xlsx"
SHEETS = (
    answer_sheets.SUMMARY,
    answer_sheets.OPTIONS,
    need_sheets.GAP,
    need_sheets.PIPELINE,
    money_sheets.COST,
    money_sheets.BRIDGE,
    budget_sheet.BUDGET,
    evidence_sheets.SENSITIVITY,
    evidence_sheets.VALIDATION,
    evidence_sheets.ASSUMPTIONS,
    decision_sheets.DECISIONS,
    record_sheets.LOGS,
    record_sheets.LIMITS_SHEET,
    record_sheets.RECORD,
)
"""Names of the sheets, in order."""


def write(results: Results, folder: Path | None = None) -> Path:
    """Write `workbook.xlsx`: whole or not at all, and the same bytes for the same run.

    Args:
        results: A run.
        folder: Where to; left out: into the run's folder.
    """
    folder = results.folder if folder is None else folder
    contents = Contents(results)
    sheets = sheets_of(contents)
    made = record_sheets.started(contents) or datetime.combine(contents.start, datetime.min.time())
    folder.mkdir(parents=True, exist_ok=True)
    with writing(folder / FILE) as file:
        drawing.draw(file, sheets, f"{results.manifest['name']}: sufficiency", made)
    return folder / FILE


def sheets_of(contents: Contents) -> Sequence[Sheet]:
    """The sheets, as plain data, in order."""
    cost = money_sheets.cost(contents)
    sheets = (
        answer_sheets.summary(contents, cost),
        answer_sheets.options(contents),
        need_sheets.gap(contents),
        need_sheets.pipeline(contents),
        cost,
        money_sheets.bridge(contents),
        budget_sheet.budget(contents),
        evidence_sheets.sensitivity(contents),
        evidence_sheets.validation(contents),
        evidence_sheets.assumptions(contents),
        decision_sheets.decisions(contents),
        record_sheets.logs(contents),
        record_sheets.limits(contents),
        record_sheets.run_record(contents),
    )
    return tuple(map(_explained, sheets))


def _explained(sheet: Sheet) -> Sheet:
    """The same, with what the mark for a withheld number means if it is in the table."""
    if not any(WITHHELD in row for row in sheet.rows):
        return sheet
    first, second = sheet.reading
    return replace(sheet, reading=(first, f"{second} {WITHHELD_NOTE}"))
