"""A statutory return as a history: periods of care, placements with one carer, and why they ended.

    episodes        what counts as care, and which episodes belong together
    care_periods    episodes that follow one another as periods of care
    placements      episodes with the same carer as placements

Nothing is guessed in silence: every rule that mends or leaves out rows is a finding.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from sufficiency.history.ages import birthday, day, days
from sufficiency.history.care_periods import care_periods
from sufficiency.history.census import born_of, known, living, stock_at_year_ends
from sufficiency.history.codes import ETHNIC_GROUP
from sufficiency.history.counting import monthly
from sufficiency.history.episodes import CareEpisodes, care_episodes, note
from sufficiency.history.observed_time import gaps_of
from sufficiency.history.placements import placements, stretches
from sufficiency.history.tables import History
from sufficiency.ssda903.returns import Finding, Return
from sufficiency.vocabulary import PlacementType

BREAK = ("2023-04-01", "2024-03-31")
"""The year in which supported accommodation had to be registered."""


def from_return(returned: Return) -> History:
    """Make a history of a return."""
    gaps = gaps_of(returned)
    episodes, found = care_episodes(returned)
    care, odd_care = care_periods(episodes, returned.first, gaps)
    placed, odd_placements = placements(episodes, care)
    said = {finding.rule for finding in returned.findings}
    new = [one for one in (*found, *odd_care, *odd_placements) if one.rule not in said]
    history = History(
        first=returned.first,
        last=returned.last,
        children=_children(returned, episodes),
        care=care,
        placements=placed,
        stretches=stretches(episodes),
        gaps=gaps,
        findings=(*returned.findings, *new),
    )
    history = replace(history, findings=(*history.findings, *_coding_break(history)))
    return replace(history, monthly=monthly(history), stock=stock_at_year_ends(history))


def _coding_break(history: History) -> list[Finding]:
    """Say that in one year supported accommodation was told as another placement.

    England's "other placements" went from 1,180 to 4,020 and back to 2,050 (evidence/demand.md
    §2.3), as supported accommodation that waited for registration was put there.
    """
    where = living(history)
    born = pd.Series(born_of(history), index=known(history.care, "care")["period"])
    day_16 = birthday(days(born[where["period"]]), 16)
    first, last = (np.datetime64(of, "D") for of in BREAK)
    started, ended = days(where["started"]), days(where["ended"])
    until = np.where(np.isnat(ended), day(history.last) + 1, ended)
    there = (started <= last) & (until > first) & (day_16 <= last) & (day_16 < until)
    here = there & (where["type"] == PlacementType.UNREGISTERED).to_numpy()
    found: list[Finding] = []
    note(
        found,
        "coding_break_2024",
        "Placements of children of 16 and over coded Z in the year to March 2024 count as"
        " unregistered; in many authorities they were supported accommodation that waited for"
        " registration.",
        here.sum(),
        "kept",
    )
    return found


def _children(returned: Return, episodes: CareEpisodes) -> pd.DataFrame:
    """One row per child who was ever in care, as `History.children`."""
    rows = returned.children[returned.children["child"].isin(np.unique(episodes.child))]
    codes = rows["ethnic"].to_numpy(dtype=object)
    groups = [ETHNIC_GROUP[code].value if code in ETHNIC_GROUP else "" for code in codes]
    return pd.DataFrame(
        {
            "child": rows["child"].to_numpy(np.int64),
            "born": days(rows["born"]).astype("datetime64[s]"),
            "sex": rows["sex"].to_numpy(dtype=object),
            "ethnicity": np.array(groups, dtype=object),
            "uasc": rows["uasc_until"].notna().to_numpy(),
        }
    ).astype({"sex": "str", "ethnicity": "str"})
