"""The years of a return as one: each episode once, none overlapping, none open that is not.

An episode that is open on 31 March stands in the files of both years. The order of what is done is
that of evidence/demand.md §4.3; every row that is not simply such a repetition is noted.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sufficiency.ssda903.dates import UNIT
from sufficiency.ssda903.noting import Notes
from sufficiency.ssda903.years import Span, financial_years

DAY = pd.Timedelta(days=1)
EIGHTEEN_YEARS = pd.Timedelta(days=6_575)
"""18 years, whatever leap years there are."""
SAME_CARE = ("rne", "legal_status", "place", "provider")
"""What may not differ between two rows of one episode."""
CORRECTED_DAYS = 31
"""Within so many days a later first day of the same episode is a correction, not another move."""
NEVER = np.datetime64("NaT")


def merged(rows: pd.DataFrame, span: Span, notes: Notes) -> pd.DataFrame:
    """Put the rows of all years together, in order of child and first day.

    Args:
        rows: From `with_years`, with `child` as a number.
        span: What the files cover.
        notes: Where oddities are noted.
    """
    rows = _within(rows, span, notes)
    rows = _without_empty(rows, notes)
    rows = _each_once(rows, notes)
    rows = _first_days_corrected(rows, notes)
    rows = _one_end_each(rows, notes)
    rows = _without_overlaps(rows, notes)
    rows = _with_unknown_ends(rows, span, notes)
    return _with_reasons(rows, span, notes)


def ordered(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows in order of child and first day, with the `next_started` and `next_rne` of each."""
    rows = rows.sort_values(["child", "started"], kind="stable", ignore_index=True)
    same = rows["child"] == rows["child"].shift(-1)
    return rows.assign(
        next_started=rows["started"].shift(-1).where(same),
        next_rne=rows["rne"].shift(-1).where(same, "").astype("str"),
    )


def _within(rows: pd.DataFrame, span: Span, notes: Notes) -> pd.DataFrame:
    """Only what was there between the first day and the last, as it was known on the last."""
    late = rows["started"] > span.last
    text = "The episode begins after the last year."
    notes.rows("begins_after_last_day", rows, late, "left out", text, "DECOM")
    early = rows["ended"] < span.first
    text = "The episode ended before the first year."
    notes.rows("ended_before_first_day", rows, early, "left out", text, "DEC")
    old = (rows["started"] < span.first - EIGHTEEN_YEARS) & ~early
    text = "The episode began more than 18 years before the first year."
    notes.rows("begins_too_early", rows, old, "left out", text, "DECOM")
    rows = rows[~(late | early | old)].copy()
    open_still = rows["ended"] > span.last
    text = "The episode ends after the last year; it is taken as open on its last day."
    notes.rows("ends_after_last_day", rows, open_still, "mended", text, "DEC")
    rows["ended"] = rows["ended"].where(~open_still, NEVER).astype(UNIT)
    rows["reason_ended"] = rows["reason_ended"].where(~open_still, "")
    rows["reason_changed"] = rows["reason_changed"].where(~open_still, "")
    return rows


def _without_empty(rows: pd.DataFrame, notes: Notes) -> pd.DataFrame:
    """No episode of no night; but where care began with one, it began with the next."""
    empty = rows["started"] == rows["ended"]
    text = "The episode begins and ends on one day: the child was not in it for a night."
    notes.rows("begins_and_ends_on_one_day", rows, empty, "left out", text)
    begun = pd.MultiIndex.from_frame(rows.loc[empty & (rows["rne"] == "S"), ["child", "started"]])
    rows = rows[~empty].copy()
    begins = pd.MultiIndex.from_frame(rows[["child", "started"]]).isin(begun)
    rows["rne"] = rows["rne"].mask(begins, "S")
    return rows


def _each_once(rows: pd.DataFrame, notes: Notes) -> pd.DataFrame:
    """One row for a child and a first day: one that says when it ended, the latest if several."""
    closed = rows["ended"].notna()
    rows = rows.assign(closed=closed).sort_values(
        ["child", "started", "closed", "ended", "year", "ended_somehow", "file", "row"],
        ignore_index=True,
    )
    key = ["child", "started"]
    same_file = [*key, "file", "part"]
    twice = rows.duplicated([*same_file, "ended", "reason_ended", *SAME_CARE])
    text = "The row stands twice in the file."
    notes.rows("row_twice", rows, twice, "left out", text)
    rows = rows[~twice]
    again = rows.duplicated(key, keep="last")
    clash = again & rows.duplicated(same_file, keep=False)
    text = "Two episodes of a child begin on one day; the one that ends last is kept."
    notes.rows("two_begin_on_one_day", rows, clash, "left out", text, "DECOM")
    kept = rows.groupby(key, sort=False)[list(SAME_CARE)].transform("last")
    differs = again & ~clash & (rows[list(SAME_CARE)] != kept).any(axis=1)
    text = "The episode is told otherwise in another file; the row that has its end is kept."
    notes.rows("told_otherwise", rows, differs, "left out", text)
    ends = rows.groupby(key, sort=False)["ended"].transform("last")
    moved = again & ~clash & closed_by(rows, ends)
    text = "Files do not agree on the end of the episode; the latest end is kept."
    notes.rows("ends_told_otherwise", rows, moved, "left out", text, "DEC")
    reasons = rows.groupby(key, sort=False)["reason_ended"].transform("last")
    other = again & ~clash & (rows["ended"] == ends) & (rows["reason_ended"] != reasons)
    text = "Files do not agree on why the episode ended; the last year's is kept."
    notes.rows("reason_told_otherwise", rows, other, "left out", text, "REC")
    return rows[~again].drop(columns="closed")


def closed_by(rows: pd.DataFrame, ends: pd.Series) -> pd.Series:
    """Rows that contradict these ends: with another end, or open in a year after it."""
    other = rows["ended"].notna() & (rows["ended"] != ends)
    after = rows["ended"].isna() & (rows["seen"] >= ends)
    return other | after


def _first_days_corrected(rows: pd.DataFrame, notes: Notes) -> pd.DataFrame:
    """Episodes that are open on 31 March and stand in a later file with another first day.

    The later file does not have the row as it was, but an episode of that 31 March: one that began
    earlier takes its place; one that began a little later, and is the same in all else, is it, and
    the earlier day is kept (as with two that end on one day), so that no move is made of it.
    """
    rows = ordered(rows)
    rows["place_in_order"] = np.arange(len(rows))
    still = rows[rows["ended"].isna() & ~rows["ended_somehow"]]
    goes_on = rows[rows["ended"].isna() | (rows["ended"] > still["seen"].min())]
    both = still.merge(goes_on, on="child", suffixes=("", "_later"))
    both = both[
        (both["year_later"] > both["year"])
        & (both["started_later"] <= both["seen"])
        & (both["ended_later"].isna() | (both["ended_later"] > both["seen"]))
    ]
    gone = both.loc[both["started_later"] < both["started"], "place_in_order"]
    same = both["place_in_order_later"] == both["place_in_order"] + 1
    same &= both["started_later"] - both["started"] <= CORRECTED_DAYS * DAY
    for name in (*SAME_CARE, "urn", "miles"):
        one, other = both[name], both[f"{name}_later"]
        same &= (one == other) | (one.isna() & other.isna())
    moved = both[same & ~both["place_in_order"].isin(gone)]
    again = rows["place_in_order"].isin([*gone, *moved["place_in_order"]])
    text = (
        "A later file has another first day for the episode that was open on 31 March; it is one "
        "episode, from the earlier day."
    )
    notes.rows("begins_told_otherwise", rows, again, "left out", text, "DECOM")
    started = rows["started"].to_numpy(copy=True)
    started[moved["place_in_order_later"].to_numpy()] = moved["started"].to_numpy()
    rows["started"] = started
    return rows[~again].drop(columns=["place_in_order", "next_started", "next_rne"])


def _one_end_each(rows: pd.DataFrame, notes: Notes) -> pd.DataFrame:
    """Of several episodes of a child that end on one day, the one that began first."""
    rows = rows.sort_values(["child", "started"], ignore_index=True)
    again = rows.duplicated(["child", "ended"]) & rows["ended"].notna()
    text = "Another episode of the child ends on the same day; the one that began first is kept."
    notes.rows("two_end_on_one_day", rows, again, "left out", text, "DEC")
    return rows[~again]


def _without_overlaps(rows: pd.DataFrame, notes: Notes) -> pd.DataFrame:
    """Each episode ends at the latest when the next one of the child begins."""
    rows = ordered(rows)
    over = rows["ended"] > rows["next_started"]
    text = "The episode ends after the next one begins; it is cut short there."
    notes.rows("overlap", rows, over, "mended", text, "DEC")
    return _cut(rows, over, rows["next_started"])


def _cut(rows: pd.DataFrame, where: pd.Series, ends: pd.Series) -> pd.DataFrame:
    """Rows that end elsewhere; with reason X1 if care goes on in the next."""
    goes_on = where & (ends == rows["next_started"]) & (rows["next_rne"] != "S")
    return rows.assign(
        ended=rows["ended"].mask(where, ends).astype(UNIT),
        reason_ended=rows["reason_ended"].mask(goes_on, "X1"),
    )


def _with_unknown_ends(rows: pd.DataFrame, span: Span, notes: Notes) -> pd.DataFrame:
    """Ends for episodes that have none, but cannot be open on the last day."""
    nameless = rows["ended"].isna()
    followed = nameless & rows["next_started"].notna()
    with_next = followed & ((rows["next_rne"] != "S") | (rows["next_started"] <= rows["seen"]))
    text = "The episode has no end although another follows; it is taken to end where that begins."
    notes.rows("open_but_followed", rows, with_next, "mended", text, "DEC")
    rows = _cut(rows, with_next, rows["next_started"])

    stated = nameless & ~with_next & rows["ended_somehow"]
    text = "The episode ended on an unknown day; the last of its year, 31 March, is taken."
    notes.rows("ended_on_unknown_day", rows, stated, "mended", text, "DEC")
    days = rows["seen"].where(rows["seen"] > rows["started"], rows["started"] + DAY)
    rows = _cut(rows, stated, days)

    lost = nameless & ~with_next & ~stated & (rows["seen"] < span.last)
    text = (
        "The episode is open on 31 March and in no file of a later year. It is taken to end the "
        "day after, for an unknown reason."
    )
    notes.rows("open_but_not_continued", rows, lost, "mended", text, "DEC")
    days = (rows["seen"] + DAY).where(rows["seen"] >= rows["started"], rows["started"] + DAY)
    return _cut(rows, lost, days)


def _with_reasons(rows: pd.DataFrame, span: Span, notes: Notes) -> pd.DataFrame:
    """Reasons for ends that fit what follows."""
    follows = rows["ended"].notna() & (rows["ended"] == rows["next_started"])
    goes_on = follows & (rows["next_rne"] != "S")
    leaves = goes_on & ~rows["reason_ended"].isin(["X1", ""])
    text = "The child leaves care, but an episode follows on the day; the reason is taken as X1."
    notes.rows("leaves_but_goes_on", rows, leaves, "mended", text, "REC")
    alone = (rows["reason_ended"] == "X1") & rows["ended"].notna() & ~follows
    text = "Another episode should begin on the day (X1), but none does; the reason is unknown."
    notes.rows("x1_but_not_followed", rows, alone, "mended", text, "REC")
    again = follows & (rows["next_rne"] == "S") & (rows["reason_ended"] == "X1")
    text = "The next episode begins care anew (S) on the day on which this one goes over into it."
    notes.rows("begins_anew_in_care", rows, again, "kept", text, "RNE")
    _note_beginnings(rows, follows, span, notes)
    reason = rows["reason_ended"].mask(goes_on, "X1").mask(alone | rows["ended"].isna(), "")
    return rows.assign(reason_ended=reason)


def _note_beginnings(rows: pd.DataFrame, follows: pd.Series, span: Span, notes: Notes) -> None:
    """Note episodes in years that are covered that go on from one that is not there."""
    before = (follows & (rows["child"] == rows["child"].shift(-1))).shift(1, fill_value=False)
    covered = [
        np.isin(financial_years(days), span.years)
        for days in (rows["started"], rows["started"] - DAY)
    ]
    midway = ~before & (rows["rne"] != "S") & covered[0] & covered[1]
    text = "Care does not begin here (RNE is not S), but the episode before it is missing."
    notes.rows("goes_on_from_nothing", rows, midway, "kept", text, "RNE")


def until_eighteen(rows: pd.DataFrame, span: Span, notes: Notes) -> pd.DataFrame:
    """No care after the 18th birthday, the column `eighteen`: it is a hard end."""
    adult = rows["started"] >= rows["eighteen"]
    text = "The episode begins on the 18th birthday or after."
    notes.rows("begins_after_eighteen", rows, adult, "left out", text, "DECOM")
    ends = rows["ended"].fillna(span.last + 2 * DAY)
    over = ~adult & (ends > rows["eighteen"] + DAY) & (rows["eighteen"] <= span.last)
    text = "The episode goes on after the 18th birthday; it is cut short there."
    notes.rows("goes_on_after_eighteen", rows, over, "mended", text, "DEC")
    reason = rows["reason_ended"].mask(over & (rows["reason_ended"] == "X1"), "")
    rows = rows.assign(
        ended=rows["ended"].mask(over, rows["eighteen"]).astype(UNIT), reason_ended=reason
    )
    return rows[~adult]
