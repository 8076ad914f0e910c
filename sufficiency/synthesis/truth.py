"""The truth behind a synthetic return, in whole days: what a reader of it should find.

Unlike the return it says when children entered who were in care on the first day, and what the
model's own words for everything are. Days after the last are not in it: what is open then has no
end.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from sufficiency.rows import CAUSES, SAME_CARER
from sufficiency.synthesis.days import Home, Stay, age_on
from sufficiency.vocabulary import AGE_BAND_STARTS, EntryGroup, Pathway, Stream

if TYPE_CHECKING:
    import pandas as pd

GROUPS = tuple(EntryGroup)[: len(AGE_BAND_STARTS)]
LEFT_CARE, WITH_SAME_CARER = "left_care", "same_carer"


class Returned(NamedTuple):
    """A period of care and what the return says of it that the model does not."""

    child: int
    """Number in the return."""
    stay: Stay
    male: bool
    ethnicity_known: bool
    need: str
    legal_status: str
    """At entry."""


def care_table(returned: Iterable[Returned], last: date) -> pd.DataFrame:
    """One row per child: `child`, `born`, `sex`, `ethnicity`, `uasc`, `entered`, `left`.

    Further `reason` ("" if in care on the last day), `entry_group` (by age in whole years on the
    day of entry), `stream`, `pathway`, `need`, `legal_status` (at entry) and `remand`.
    """
    import pandas as pd

    table = pd.DataFrame([_care(one, last) for one in returned])
    return _dated(table, ("born", "entered", "left")).sort_values("child", ignore_index=True)


def placement_table(returned: Iterable[Returned], first: date, last: date) -> pd.DataFrame:
    """One row per placement that lasted into the first day: `child`, `started`, `ended`, `type`.

    Further `same_carer` (it goes on from the row before, with the same carer), `cause` (why it
    ended: a cause of a move, `same_carer`, `left_care`, or ""), `in_area` and `over_20_miles`.
    """
    import pandas as pd

    rows = [row for one in returned for row in _placements(one, first, last)]
    table = _dated(pd.DataFrame(rows), ("started", "ended"))
    return table.sort_values(["child", "started"], ignore_index=True)


def entry_group(stay: Stay) -> EntryGroup:
    """Entry group by age in whole years on the day of entry."""
    age = age_on(stay.born, stay.entered)
    if stay.uasc:
        return EntryGroup.UASC_UNDER_16 if age < AGE_BAND_STARTS[-1] else EntryGroup.UASC_16_17
    return GROUPS[sum(age >= start for start in AGE_BAND_STARTS) - 1]


def _care(one: Returned, last: date) -> dict[str, Any]:
    stay = one.stay
    here = stay.left > last.toordinal()
    return {
        "child": one.child,
        "born": stay.born,
        "sex": "male" if one.male else "female",
        "ethnicity": stay.ethnicity.value if one.ethnicity_known else "",
        "uasc": stay.uasc,
        "entered": stay.entered,
        "left": None if here else stay.left,
        "reason": "" if here else stay.reason.value,
        "entry_group": entry_group(stay).value,
        "stream": (Stream.UASC if stay.uasc else Stream.NON_UASC).value,
        "pathway": stay.pathway.value,
        "need": one.need,
        "legal_status": one.legal_status,
        "remand": stay.pathway == Pathway.REMAND,
    }


def _placements(one: Returned, first: date, last: date) -> Iterable[dict[str, Any]]:
    homes = one.stay.homes
    for home, after in zip(homes, (*homes[1:], None), strict=True):
        if home.ended < first.toordinal():
            continue
        open_still = home.ended > last.toordinal()
        yield {
            "child": one.child,
            "started": home.started,
            "ended": None if open_still else home.ended,
            "type": home.type.value,
            "same_carer": home.cause == SAME_CARER,
            "cause": "" if open_still else _ended_by(after),
            "in_area": home.in_area,
            "over_20_miles": home.over_20_miles,
        }


def _ended_by(after: Home | None) -> str:
    if after is None:
        return LEFT_CARE
    return WITH_SAME_CARER if after.cause == SAME_CARER else CAUSES[after.cause].value


def _dated(table: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """The table with days as dates."""
    for name in columns:
        table[name] = dates(table[name])
    return table


def dates(days: Iterable[float | None]) -> pd.Series:
    """Ordinals (or nothing) as dates, to the second as the rest of the tables."""
    import numpy as np
    import pandas as pd

    epoch = date(1970, 1, 1).toordinal()
    since = pd.Series(days, dtype="float64").to_numpy() - epoch
    found = np.where(np.isnan(since), 0, since).astype("datetime64[D]")
    return pd.Series(found.astype("datetime64[s]")).where(~np.isnan(since))
