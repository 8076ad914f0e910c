"""The episodes that count as care, numbered by period of care and by placement with one carer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sufficiency.history.ages import ADULT, Bools, Days, Ints, birthday, day, days
from sufficiency.history.codes import (
    BEGINS,
    GOES_ON,
    OTHER_CARER,
    SAME_CARER,
    SHORT_BREAKS,
    STATUS_ONLY,
    TEMPORARY,
)
from sufficiency.history.types import types_of
from sufficiency.ssda903.returns import Finding, Return

Words = npt.NDArray[np.object_]

BRIDGED_DAYS = 7
"""A gap of so many days is bridged where both episodes say that care went on: an assumption."""


@dataclass(frozen=True)
class CareEpisodes:
    """Episodes in order of child and start, without overlaps; one place in each array per episode.

    `period` and `placement` are numbers from 0 that rise: episodes of one period of care, and with
    one carer, follow one another.
    """

    child: Ints
    born: Days
    uasc_until: Days
    started: Days
    ended: Days
    """NaT if open on the last day."""
    rne: Words
    legal_status: Words
    need: Words
    provider: Words
    reason_ended: Words
    reason_changed: Words
    type: Words
    """`PlacementType`; of a temporary placement, that of the placement it interrupts."""
    in_area: npt.NDArray[np.float64]
    """1, 0 or NaN."""
    miles: npt.NDArray[np.float64]
    temporary: Bools
    period: Ints
    placement: Ints
    home: Ints
    """The last episode up to this one that is not temporary; of a period that begins with temporary
    ones, its first that is not."""


def care_episodes(returned: Return) -> tuple[CareEpisodes, list[Finding]]:
    """The episodes that count as care, and what was odd in them."""
    rows, findings = _counted(returned)
    text = {c: rows[c].to_numpy(dtype=object) for c in _TEXT}
    child, started, ended = (
        rows["child"].to_numpy(np.int64),
        days(rows["started"]),
        days(rows["ended"]),
    )
    ended = _closed(child, started, ended, findings)
    begins = _begins_period(child, started, ended, text, findings)
    period = begins.cumsum() - 1
    temporary = np.isin(text["place"], TEMPORARY)
    home = _home(period, temporary)
    other_carer = _other_carer(text, rows, home, temporary, findings)
    placement = (begins | other_carer).cumsum() - 1
    types = types_of(text["place"], text["provider"], temporary, findings)
    return (
        CareEpisodes(
            child=child,
            born=days(rows["born"]),
            uasc_until=days(rows["uasc_until"]),
            started=started,
            ended=_bridged(started, ended, period),
            rne=text["rne"],
            legal_status=text["legal_status"],
            need=text["need"],
            provider=text["provider"][home],
            reason_ended=text["reason_ended"],
            reason_changed=text["reason_changed"],
            type=types[home],
            in_area=rows["in_area"].to_numpy(dtype=np.float64, na_value=np.nan)[home],
            miles=rows["miles"].to_numpy(dtype=np.float64)[home],
            temporary=temporary,
            period=period,
            placement=placement,
            home=home,
        ),
        findings,
    )


_TEXT = (
    "rne",
    "legal_status",
    "need",
    "place",
    "provider",
    "reason_ended",
    "reason_changed",
    "urn",
)


def note(
    findings: list[Finding], rule: str, text: str, count: int, treatment: str = "mended"
) -> None:
    """Note a finding, if it concerns anything."""
    if count:
        findings.append(Finding(rule, text, treatment, int(count)))  # type: ignore[arg-type]  # one of its words


def _counted(returned: Return) -> tuple[pd.DataFrame, list[Finding]]:
    """Episodes that count as care, with the child's dates; care is over on the 18th birthday."""
    findings: list[Finding] = []
    rows = returned.episodes[~returned.episodes["legal_status"].isin(SHORT_BREAKS)]
    who = returned.children[["child", "born", "uasc_until"]]
    rows = rows.merge(who, on="child", how="left", sort=False)
    rows = rows.sort_values(["child", "started"], kind="stable", ignore_index=True)
    unknown = rows["born"].isna() | rows["started"].isna()
    note(
        findings,
        "no_dates",
        "Episodes of children without an age, kept when the files were read, cannot be counted.",
        unknown.sum(),
        "left out",
    )
    rows = rows[~unknown].reset_index(drop=True)
    return _until_adult(rows, returned, findings), findings


def _until_adult(rows: pd.DataFrame, returned: Return, findings: list[Finding]) -> pd.DataFrame:
    adult = birthday(days(rows["born"]), ADULT)
    started, ended = days(rows["started"]), days(rows["ended"])
    over = started >= adult
    note(
        findings,
        "begins_after_eighteen",
        "Episodes that begin on or after the 18th birthday are not care.",
        over.sum(),
        "left out",
    )
    # A day later is how some authorities write it, and no matter.
    still = np.isnat(ended) | (ended > adult + np.timedelta64(1, "D"))
    past = ~over & (adult <= day(returned.last)) & still
    note(
        findings,
        "goes_on_after_eighteen",
        "Care that goes on after the 18th birthday ends on it.",
        past.sum(),
    )
    rows = rows.assign(
        ended=np.where(past, adult, ended).astype("datetime64[s]"),
        reason_ended=np.where(past, "E17", rows["reason_ended"].to_numpy(dtype=object)),
    )
    return rows[~over].reset_index(drop=True)


def _closed(child: Ints, started: Days, ended: Days, findings: list[Finding]) -> Days:
    """Ends of episodes: an open one that another follows ends when that one starts."""
    closed = ended.copy()
    followed = np.zeros(len(child), dtype=np.bool_)
    if len(child) > 1:
        late = np.isnat(ended[:-1]) | (ended[:-1] > started[1:])
        followed[:-1] = (child[1:] == child[:-1]) & late
    closed[followed] = started[1:][followed[:-1]]
    note(
        findings,
        "open_but_followed",
        "Episodes that are open, or end late, though another follows end where that one starts.",
        followed.sum(),
    )
    return closed


def _begins_period(
    child: Ints, started: Days, ended: Days, text: dict[str, Words], findings: list[Finding]
) -> Bools:
    """Which episodes begin a period of care."""
    begins = np.ones(len(child), dtype=np.bool_)
    if len(child) < 2:
        return begins
    same = child[1:] == child[:-1]
    gap = (started[1:] - ended[:-1]).astype(np.int64)
    says_begins = text["rne"][1:] == BEGINS
    goes_on = np.isin(text["reason_ended"][:-1], (GOES_ON, ""))
    bridged = same & (gap > 0) & (gap <= BRIDGED_DAYS) & goes_on & ~says_begins
    apart = (gap > 0) & ~bridged
    again = (gap <= 0) & says_begins & ~goes_on
    begins[1:] = ~same | apart | again
    _note_periods(same, gap, says_begins, goes_on, bridged, text, findings)
    return begins


def _note_periods(
    same: Bools,
    gap: Ints,
    says_begins: Bools,
    goes_on: Bools,
    bridged: Bools,
    text: dict[str, Words],
    findings: list[Finding],
) -> None:
    blank = text["reason_ended"][:-1] == ""
    note(
        findings,
        "gap_bridged",
        f"Gaps of up to {BRIDGED_DAYS} days between two episodes that both say that care went on"
        " are closed.",
        bridged.sum(),
    )
    note(
        findings,
        "gap_in_care",
        "Episodes end because another begins (X1), and the next begins later: care ended in"
        " between, for a reason that is not known.",
        (same & (gap > 0) & goes_on & ~bridged).sum(),
        "kept",
    )
    note(
        findings,
        "begins_anew_in_care",
        "Episodes say that care began (RNE S) on the day the one before went on (REC X1): care went"
        " on.",
        (same & (gap <= 0) & says_begins & goes_on).sum(),
    )
    note(
        findings,
        "leaves_but_goes_on",
        "Episodes give a reason for leaving care, and the next begins the same day without saying"
        " that care began: care went on.",
        (same & (gap <= 0) & ~says_begins & ~goes_on & ~blank).sum(),
    )


def _bridged(started: Days, ended: Days, period: Ints) -> Days:
    """Ends of episodes, those before a bridged gap moved up to the next start."""
    closed = ended.copy()
    if len(period) > 1:
        inside = np.flatnonzero(period[1:] == period[:-1])
        closed[inside] = started[inside + 1]
    return closed


def _home(period: Ints, temporary: Bools) -> Ints:
    """The episode that says where the child lives: see `CareEpisodes.home`."""
    rows = np.arange(len(period))
    before = np.maximum.accumulate(np.where(temporary, -1, rows)) if len(rows) else rows
    after = np.minimum.accumulate(np.where(temporary, len(rows), rows)[::-1])[::-1]
    first = np.searchsorted(period, period)
    last = np.searchsorted(period, period, side="right")
    home: Ints = np.where(before >= first, before, np.where(after < last, after, rows))
    return home


def _other_carer(
    text: dict[str, Words],
    rows: pd.DataFrame,
    home: Ints,
    temporary: Bools,
    findings: list[Finding],
) -> Bools:
    """Which episodes begin with another carer than the one before, within a period of care."""
    other = np.zeros(len(home), dtype=np.bool_)
    if len(home) < 2:
        return other
    rne, changed = text["rne"][1:], text["reason_changed"][:-1]
    differs = _another_home(text, rows, home)
    says_same = np.isin(rne, SAME_CARER) | (changed == STATUS_ONLY)
    says_other = np.isin(rne, OTHER_CARER) & ~says_same
    after_temporary = temporary[:-1]
    moved = np.where(says_same, False, np.where(says_other & ~after_temporary, True, differs))
    other[1:] = moved & ~temporary[1:] & (home[:-1] < np.arange(1, len(home)))
    _note_carers(rne, changed, moved, after_temporary | temporary[1:], findings)
    return other


def _note_carers(
    rne: Words, changed: Words, moved: Bools, temporary: Bools, findings: list[Finding]
) -> None:
    note(
        findings,
        "status_only_with_carer_change",
        "Episodes say that the carer changed (RNE P or B) though the reason says that only the"
        " status of the placement did (PLACE): counted as no move.",
        (np.isin(rne, OTHER_CARER) & (changed == STATUS_ONLY) & ~temporary).sum(),
        "kept",
    )
    unclear = ~np.isin(rne, (*SAME_CARER, *OTHER_CARER, BEGINS))
    note(
        findings,
        "unclear_carer",
        "Episodes do not say whether the carer changed: counted as a move where the placement or"
        " its provider is another.",
        (unclear & moved).sum(),
        "kept",
    )


def _another_home(text: dict[str, Words], rows: pd.DataFrame, home: Ints) -> Bools:
    """Whether each episode but the first is elsewhere than its predecessor's home."""
    before, now = home[:-1], np.arange(1, len(home))
    miles = rows["miles"].to_numpy(dtype=np.float64)
    in_area = rows["in_area"].to_numpy(dtype=np.float64, na_value=np.nan)
    urn = text["urn"]
    elsewhere: Bools = (text["place"][now] != text["place"][before]) | (
        text["provider"][now] != text["provider"][before]
    )
    elsewhere |= (urn[now] != urn[before]) & (urn[now] != "") & (urn[before] != "")
    elsewhere |= np.abs(miles[now] - miles[before]) > 1.0
    elsewhere |= np.abs(in_area[now] - in_area[before]) > 0.5
    return elsewhere
