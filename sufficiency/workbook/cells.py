"""What goes into a cell: numbers with their unit, and text that nothing takes for anything else."""

from __future__ import annotations

import math
import re
from datetime import date
from typing import NamedTuple

LONGEST = 32_767
"""Characters that a cell holds at most."""
LONGEST_IN_CHART = 200
"""Characters of a title or a name in a chart."""
_REPLACED = "\N{REPLACEMENT CHARACTER}"
_NO_CHARACTER = re.compile(r"[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML cannot hold, and control characters that it can."""
_FORMATS = {
    "£": "£#,##0",
    "share": "0.0%",
    "year": "0",
    "whole": "#,##0",
    "£ a week": "£#,##0.00",
    "correlation": "0.00",
    "as it is": "General",
}
_OTHER_FORMAT = "#,##0.0"


class Quantity(NamedTuple):
    """A number in a unit of its own, where a column has several."""

    value: float
    unit: str


Cell = str | float | date | Quantity | None
"""`None` leaves a cell empty, as do NaN and infinity."""


def number_format(unit: str) -> str:
    """How a spreadsheet shows numbers of a unit; shares in per cent."""
    if unit in _FORMATS:
        return _FORMATS[unit]
    return _FORMATS["£"] if unit.startswith("£") else _OTHER_FORMAT


def finite(value: float | None) -> float | None:
    """The number, or nothing where there is none."""
    return float(value) + 0.0 if value is not None and math.isfinite(value) else None


def clean(text: str, longest: int = LONGEST) -> str:
    """Text that XML can hold and a cell has room for.

    Line ends become those of cells; other control characters, halves of characters and code points
    that are no characters are replaced, so that it shows that something was there.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _NO_CHARACTER.sub(_REPLACED, text)
    if _is_markup(text):
        text += " "
    if _utf16(text) <= longest:
        return text
    cut = text[: longest - 1]
    while _utf16(cut) > longest - 1:
        cut = cut[: -max(1, (_utf16(cut) - longest + 1) // 2)]
    return cut + "…"


def _is_markup(text: str) -> bool:
    """Whether XlsxWriter would put the text into the file as it is, taking it for rich text."""
    return text.startswith("<r>") and text.endswith("</r>")


def _utf16(text: str) -> int:
    """Length as a spreadsheet counts it."""
    return len(text) + sum(c > "\uffff" for c in text)


def in_chart(text: str) -> str:
    """Text for a title, a name or a description in a chart: one line, and no reference to a cell.

    XlsxWriter takes `Sheet!A1` for a reference, so there is no exclamation mark.
    """
    words = " ".join(clean(text).replace("!", " ").split())
    short = words if len(words) <= LONGEST_IN_CHART else words[: LONGEST_IN_CHART - 1] + "…"
    return short.lstrip("=")


def one_line(text: str) -> str:
    """A description on one line, of any length."""
    return " ".join(clean(text).split())
