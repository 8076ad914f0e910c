"""Episodes that follow one another as periods of care: who entered, when, and why they left."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from sufficiency.history.ages import (
    ADULT,
    BANDS,
    Bools,
    Days,
    Ints,
    band_codes,
    birthday,
    day,
    whole_years,
)
from sufficiency.history.codes import BEGINS, REASON, REMAND, WHATEVER_THE_AGE
from sufficiency.history.episodes import CareEpisodes, note
from sufficiency.history.observed_time import Span, within
from sufficiency.ssda903.returns import Finding
from sufficiency.vocabulary import EntryGroup, ExitReason, Stream

Words = npt.NDArray[np.object_]

_UASC_OLDER = 16
_GROUPS = np.array(
    [*(band.value for band in BANDS), EntryGroup.UASC_UNDER_16.value, EntryGroup.UASC_16_17.value],
    dtype=object,
)


def care_periods(
    e: CareEpisodes, first: date, gaps: tuple[Span, ...]
) -> tuple[pd.DataFrame, list[Finding]]:
    """One row per period of care, as `History.care`, and what was odd."""
    findings: list[Finding] = []
    begin, end = bounds(e.period)
    entered, left = e.started[begin], e.ended[end]
    said, dated = _entries(e, begin, day(first), gaps, findings)
    uasc = ~np.isnat(e.uasc_until[begin]) & (entered < e.uasc_until[begin])
    age = whole_years(e.born[begin], entered)
    care = pd.DataFrame(
        {
            "period": np.arange(len(begin)),
            "child": e.child[begin],
            "entered": entered.astype("datetime64[s]"),
            "left": left.astype("datetime64[s]"),
            "reason": _reasons(e, end, left, findings),
            "entry_group": _GROUPS[_group_codes(age, uasc)],
            "stream": np.where(uasc, Stream.UASC.value, Stream.NON_UASC.value).astype(object),
            "need": e.need[begin],
            "legal_status": e.legal_status[begin],
            "remand": e.legal_status[begin] == REMAND,
            "dated": said | dated,
        }
    )
    text = ("reason", "entry_group", "stream", "need", "legal_status")
    return care.astype(dict.fromkeys(text, "str")), findings


def bounds(number: Ints) -> tuple[Ints, Ints]:
    """The first and the last place of each number in numbers that rise one by one."""
    begin = np.flatnonzero(np.diff(number, prepend=-1))
    return begin, np.append(begin[1:], len(number))[: len(begin)] - 1


def _entries(
    e: CareEpisodes,
    begin: Ints,
    first: np.datetime64,
    gaps: tuple[Span, ...],
    findings: list[Finding],
) -> tuple[Bools, Bools]:
    """Which periods say that care began with them, and which began in time that is observed."""
    said = e.rne[begin] == BEGINS
    entered = e.started[begin]
    observed = (entered >= first) & ~within(gaps, entered)
    note(
        findings,
        "goes_on_from_nothing",
        "Periods of care begin without an episode that says so (RNE S): they count from their first"
        " episode.",
        (observed & ~said).sum(),
        "kept",
    )
    return said, observed


def _group_codes(age: Ints, uasc: Bools) -> Ints:
    as_uasc = len(BANDS) + (age >= _UASC_OLDER)
    return np.where(uasc, as_uasc, band_codes(age))


def _reasons(e: CareEpisodes, end: Ints, left: Days, findings: list[Finding]) -> Words:
    codes = e.reason_ended[end]
    words = np.array([REASON.get(str(code), ExitReason.OTHER).value for code in codes], object)
    # Some authorities record the eve of the 18th birthday as the last day.
    eve = birthday(e.born[end], ADULT) - np.timedelta64(1, "D")
    at_18 = (left >= eve) & ~np.isin(words, [reason.value for reason in WHATEVER_THE_AGE])
    words[at_18] = ExitReason.TURNED_18.value
    open_ = np.isnat(left)
    words[open_] = ""
    note(
        findings,
        "reason_for_leaving_unknown",
        "Periods of care end without a reason for leaving, or with one that says that care goes on:"
        " the reason counts as other.",
        (~open_ & ~at_18 & np.isin(codes, ("", "X1"))).sum(),
        "kept",
    )
    return words
