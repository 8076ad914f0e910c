"""Cells of a plain file as values: what is wrong is noted with file, row and column, never raised.

A word that is wrong may be quoted where the file counts children and does not name them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import partial
from typing import TypeVar

import numpy as np
import pandas as pd

from sufficiency.scenario_file.problems import Problems, Where, did_you_mean, found
from sufficiency.ssda903.dates import EARLIEST, LATEST, read_dates
from sufficiency.ssda903.sources import RawTable

V = TypeVar("V")

SHOWN_PER_COLUMN = 10
"""As many mistakes of one column as are told one by one."""
FOUND = "(found)"
"""Where in a text the wrong cell is quoted, if it may be."""
LARGEST = 1_000_000
"""No count, number of places or price is above this."""

_WHOLE = re.compile(r"\d{1,3}(,\d{3})+(\.0*)?|\d+(\.0*)?")
_NUMBER = re.compile(r"£?(\d{1,3}(,\d{3})+|\d+)(\.\d*)?|£?\.\d+")
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))
_YEAR = re.compile(r"(\d{4})\s*[-/]\s*(\d{4}|\d{2})")
_MONTH_NUMBERS = re.compile(r"(\d{4})[-/](\d{1,2})|(\d{1,2})[-/](\d{4})")
_MONTH_WORDS = re.compile(r"([a-z]{3,9})[- ]+(\d{4}|\d{2})|(\d{2}|\d{4})[- ]([a-z]{3,9})")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_EXCEL_DATE = re.compile(r"\d{1,2}-[a-z]{3}|[a-z]{3}-\d{1,2}", re.IGNORECASE)
_SUPPRESSED = ("c", "x", "*", "..", ".", "-", "z", "u", "supp", "suppressed")
_YES = ("yes", "y", "true", "1")
_NO = ("no", "n", "false", "0")


class Cells:
    """The cells of one table, and where what is wrong with them is noted."""

    def __init__(self, table: RawTable, problems: Problems, *, quoting: bool) -> None:
        """Read a table; `quoting` says whether a wrong cell may be shown."""
        self.table = table
        self.problems = problems
        self.quoting = quoting
        self.rows = table.frame.index

    def __contains__(self, column: str) -> bool:
        return column in self.table.columns

    def where(self, row: int, column: str) -> Where:
        """The place of a cell in its file."""
        return Where(self.table.file, int(row), self.table.columns.index(column) + 1)

    def wrong(self, row: int, column: str, text: str) -> None:
        """Note a mistake in a cell."""
        self.problems.add(self.where(row, column), column, text)

    def text(self, column: str) -> pd.Series[str]:
        """A column as text, "" where there is none."""
        if column in self:
            return self.table.frame[column]
        return pd.Series("", index=self.rows, dtype="str")

    def words(
        self,
        column: str,
        allowed: Iterable[str],
        also: Mapping[str, str] | None = None,
        *,
        blank: str | None = None,
    ) -> pd.Series[str]:
        """Words of the vocabulary.

        Args:
            column: The column.
            allowed: The words.
            also: Other spellings, each with the word it means.
            blank: What an empty cell means; left out: a word must be there.
        """
        allowed = tuple(allowed)
        spellings = {**{word: word for word in allowed}, **(also or {})}
        words = self._read(column, partial(_word, spellings=spellings, allowed=allowed), blank)
        return words.astype("str")

    def whole(self, column: str, *, needed: bool = True) -> pd.Series[float]:
        """Whole numbers of 0 or more; NaN where a cell that may be empty is."""
        return self._read(column, _whole, None if needed else np.nan).astype(np.float64)

    def number(self, column: str) -> pd.Series[float]:
        """Numbers of 0 or more, or sums of money; NaN where empty."""
        return self._read(column, _number, np.nan).astype(np.float64)

    def flags(self, column: str) -> pd.Series[bool]:
        """Yes and no; NA where empty."""
        return self._read(column, _flag, pd.NA).astype("boolean")

    def months(self, column: str) -> pd.Series[pd.Timestamp]:
        """First days of months, written as 2024-04 or as any day of them."""
        return pd.to_datetime(self._read(column, _month, None)).astype("datetime64[s]")

    def years(self, column: str) -> pd.Series[str]:
        """Financial years, as 2023-24."""
        return self._read(column, _year, None).astype("str")

    def dates(self, column: str, *, needed: bool = False) -> pd.Series[pd.Timestamp]:
        """Dates, British or ISO; NaT where empty."""
        text = self.text(column)
        read = read_dates(text)
        wrong = text[read.unreadable | ((text == "") if needed else False)]
        self._tell(column, [(row, cell, _no_date(cell)) for row, cell in wrong.items()])
        return read.days.astype("datetime64[s]")

    def days_or_months(self, column: str, *, last: bool = False) -> pd.Series[pd.Timestamp]:
        """Dates, or months: of these the first day, or the last."""
        text = self.text(column)
        dated = read_dates(text)
        months = self.months(column)
        if last:
            months = months + pd.offsets.MonthEnd(0)
        return dated.days.fillna(months).astype("datetime64[s]")

    def _read(
        self, column: str, read: Callable[[str], tuple[object, str]], blank: object
    ) -> pd.Series[object]:
        """Each different text of a column once; where it is wrong, the mistake is noted."""
        text = self.text(column)
        known = {cell: read(cell.translate(_DASHES)) for cell in text.unique() if cell}
        known[""] = (blank, "" if blank is not None else "is empty")
        wrong = [(row, cell, known[cell][1]) for row, cell in text.items() if known[cell][1]]
        self._tell(column, wrong)
        values = [known[cell][0] for cell in text]
        return pd.Series(values, index=text.index, dtype=object)

    def _tell(self, column: str, mistakes: list[tuple[int, str, str]]) -> None:
        """Note mistakes, each a row, its cell and what is wrong with it."""
        if not mistakes:
            return
        if column not in self:
            hint = did_you_mean(column, self.table.columns)
            self.problems.add(Where(self.table.file), column, f"there is no such column{hint}")
            return
        for row, cell, text in mistakes[:SHOWN_PER_COLUMN]:
            self.wrong(row, column, text.replace(FOUND, self._quoted(cell)))
        more = mistakes[SHOWN_PER_COLUMN:]
        if more:
            rows = f"here and in {len(more) - 1} more rows" if len(more) > 1 else "here"
            self.wrong(more[0][0], column, f"{rows}: not usable either")

    def _quoted(self, cell: str) -> str:
        printable = "".join(sign if sign.isprintable() else " " for sign in cell)
        return found(printable) if self.quoting else ""


def _word(cell: str, spellings: Mapping[str, str], allowed: tuple[str, ...]) -> tuple[str, str]:
    plain = cell.lower()
    for spelling in (plain, re.sub(r"[\s\-]+", "_", plain), re.sub(r"\s+", "", plain)):
        if spelling in spellings:
            return spellings[spelling], ""
    if _EXCEL_DATE.fullmatch(cell):
        return (
            "",
            f"a spreadsheet made a date of this; write it as text, such as 10-15{FOUND}",
        )
    return "", f"is not a word that is known{FOUND}{did_you_mean(plain, allowed)}"


def _whole(cell: str) -> tuple[float, str]:
    if _WHOLE.fullmatch(cell):
        value = float(cell.replace(",", ""))
        return (value, "") if value <= LARGEST else (np.nan, f"is too large{FOUND}")
    if cell.lower() in _SUPPRESSED:
        return np.nan, f"is suppressed{FOUND}: put in the number, or leave ages or types out"
    if re.fullmatch(r"-\s*\d.*", cell):
        return np.nan, f"must be 0 or more{FOUND}"
    if _NUMBER.fullmatch(cell):
        return np.nan, f"must be a whole number{FOUND}"
    return np.nan, f"must be a whole number of 0 or more{FOUND}"


def _number(cell: str) -> tuple[float, str]:
    if _NUMBER.fullmatch(cell):
        value = float(cell.replace(",", "").replace("£", ""))
        return (value, "") if value <= LARGEST else (np.nan, f"is too large{FOUND}")
    return np.nan, f"must be a number of 0 or more{FOUND}"


def _flag(cell: str) -> tuple[object, str]:
    if cell.lower() in _YES:
        return True, ""
    if cell.lower() in _NO:
        return False, ""
    return pd.NA, f"must be yes or no{FOUND}"


def _year(cell: str) -> tuple[str, str]:
    match = _YEAR.fullmatch(cell)
    if match and (int(match[1]) + 1) % 100 == int(match[2]) % 100 and plausible(int(match[1])):
        return f"{match[1]}-{match[2][-2:]}", ""
    return "", f"must be a financial year such as 2023-24{FOUND}"


def _month(cell: str) -> tuple[date | None, str]:
    year, month = _year_and_month(cell.lower())
    if 1 <= month <= 12 and plausible(year):
        return date(year, month, 1), ""
    return None, f"must be a month such as 2024-04{FOUND}"


def _year_and_month(cell: str) -> tuple[int, int]:
    """Year and month; 0 for what is no month."""
    if match := _MONTH_NUMBERS.fullmatch(cell):
        return int(match[1] or match[4]), int(match[2] or match[3])
    if match := _MONTH_WORDS.fullmatch(cell):
        word, year = match[1] or match[4], int(match[2] or match[3])
        month = _MONTHS.index(word[:3]) + 1 if word[:3] in _MONTHS else 0
        return year + 2000 * (year < 100), month
    read = read_dates(pd.Series([cell], dtype="str")).days[0]
    return (read.year, read.month) if not pd.isna(read) else (0, 0)


def plausible(year: int) -> bool:
    """Whether a year may be meant."""
    return EARLIEST <= year <= LATEST


def _no_date(cell: str) -> str:
    return f"must be a date such as 2024-04-01{FOUND}" if cell else "is empty"
