"""Children in care at the ends of months: who, in what home, for how long, how far from home."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from sufficiency.history.ages import Bools, Days, Ints, band_codes, days, whole_years
from sufficiency.history.census import (
    BAND_WORDS,
    STREAMS,
    born_of,
    known,
    living,
    stream_codes,
    there_at,
)
from sufficiency.history.observed_rows import Floats, Grid, labels, ratio, with_total
from sufficiency.history.observed_time import month_ends
from sufficiency.history.tables import History
from sufficiency.periods import YEAR
from sufficiency.vocabulary import Ethnicity, PlacementType

TYPES = tuple(type_.value for type_ in PlacementType if type_ != PlacementType.EMERGENCY_BED)
"""Types of placement that a return knows; it does not tell emergency beds from others."""
SEARCHED = ("in_house", "ifa", "home_own", "home_external", "supported")
"""Types of placement whose distance from home is measured apart."""

_ETHNICITIES = tuple(ethnicity.value for ethnicity in Ethnicity)
_AGE_GROUPS = labels("age", BAND_WORDS)
_STREAM_GROUPS = labels("stream", STREAMS)
_ETHNICITY_GROUPS = labels("ethnicity", _ETHNICITIES)
_TYPE_GROUPS = labels("type", TYPES)
_ON_REMAND = "pathway=remand"
_IN_HOUSE, _IFA, _KINSHIP = (TYPES.index(t) for t in ("in_house", "ifa", "kinship"))
_HOME_OWN, _HOME_EXTERNAL = TYPES.index("home_own"), TYPES.index("home_external")
_UNDER_12 = 12
_TIME_STARTS = np.array([0.0, 0.5, 1.0, 2.0, 5.0]) * YEAR
_TIME_GROUPS = labels(
    "band",
    ("under_6_months", "6_to_12_months", "1_to_2_years", "2_to_5_years", "5_years_or_more"),
)
_TWO_OR_MORE = "band=2_years_or_more"


class Here(NamedTuple):
    """One entry for each child in care at each date."""

    date: Ints
    """Place of the date."""
    age: Ints
    """Whole years."""
    stream: Ints
    ethnicity: Ints
    """-1 if unknown."""
    remand: Bools
    in_care: Floats
    """Days since entry; NaN where the entry is not known and the child might be in another band."""
    type: Ints
    """-1 where the history holds no placements."""
    in_area: Floats
    """1, 0 or NaN."""
    far: Floats
    """1 if over 20 miles from home, 0 or NaN."""


def measured_at_dates(history: History) -> list[Grid]:
    """Measures of children in care, at the ends of months or quarters."""
    at = month_ends(history.first, history.last, history.gaps)
    names = np.datetime_as_string(at).tolist()
    quarters = np.flatnonzero(at.astype("datetime64[M]").astype(np.int64) % 3 == 2)
    quarter_names = [names[i] for i in quarters]
    here = _here(history, at)
    groups, numbers = _numbers(here, len(at), typed=bool((here.type >= 0).any()))
    total, parts = numbers[:1], numbers[1:]
    shown = [i for i, group in enumerate(groups[1:]) if group != _ON_REMAND]
    shares = ratio(parts[shown][:, quarters], total[:, quarters])
    return [
        Grid("children_in_care", groups, names, numbers),
        Grid("children_share", [groups[1 + i] for i in shown], quarter_names, shares),
        *_time_in_care(here, total, quarters, quarter_names),
        *_homes(here, total, quarters, quarter_names),
        *_distance(here, quarters, quarter_names, len(at)),
    ]


def _here(history: History, at: Days) -> Here:
    care, children = known(history.care, "periods of care"), known(history.children, "children")
    where = living(history)
    rows, date = there_at(days(where["started"]), days(where["ended"]), at)
    row = np.searchsorted(care["period"].to_numpy(), where["period"].to_numpy())[rows]
    child = pd.Index(children["child"]).get_indexer(care["child"])[row]
    ethnic = pd.Index(_ETHNICITIES).get_indexer(children["ethnicity"])
    return Here(
        date=date,
        age=whole_years(born_of(history)[row], at[date]),
        stream=stream_codes(care["stream"])[row],
        ethnicity=ethnic[child],
        remand=care["remand"].to_numpy(dtype=np.bool_)[row],
        in_care=_days_in_care(care, row, at[date]),
        type=pd.Index(TYPES).get_indexer(where["type"])[rows],
        in_area=_floats(where, "in_area")[rows],
        far=_floats(where, "over_20_miles")[rows],
    )


def _days_in_care(care: pd.DataFrame, row: Ints, on: Days) -> Floats:
    since = (on - days(care["entered"])[row]).astype(np.float64)
    sure = care["dated"].to_numpy(dtype=np.bool_)[row] | (since >= _TIME_STARTS[-1])
    return np.where(sure, since, np.nan)


def _floats(table: pd.DataFrame, column: str) -> Floats:
    if column not in table:
        return np.full(len(table), np.nan)
    return np.asarray(table[column].to_numpy(dtype=np.float64, na_value=np.nan))


def _by(codes: Ints, n: int, date: Ints, dates: int) -> Floats:
    """Children by code (0 to `n` - 1; others are not counted) and date."""
    inside = (codes >= 0) & (codes < n)
    cells = codes[inside] * dates + date[inside]
    return np.bincount(cells, minlength=n * dates).reshape(n, dates).astype(np.float64)


def _numbers(here: Here, dates: int, *, typed: bool) -> tuple[tuple[str, ...], Floats]:
    """Children in care by all the groups there are."""
    groups = ("", *_AGE_GROUPS)
    parts = [with_total(_by(band_codes(here.age), len(BAND_WORDS), here.date, dates))]
    if typed:
        groups += _TYPE_GROUPS
        parts.append(_by(here.type, len(TYPES), here.date, dates))
    groups += _STREAM_GROUPS
    parts.append(_by(here.stream, len(STREAMS), here.date, dates))
    if (here.ethnicity >= 0).any():
        groups += _ETHNICITY_GROUPS
        parts.append(_by(here.ethnicity, len(_ETHNICITIES), here.date, dates))
    on_remand = _by(here.remand.astype(np.int64), 2, here.date, dates)[1:]
    return (*groups, _ON_REMAND), np.vstack([*parts, on_remand])


def _time_in_care(here: Here, total: Floats, quarters: Ints, names: list[str]) -> list[Grid]:
    dates = total.shape[1]
    bands = np.searchsorted(_TIME_STARTS, np.nan_to_num(here.in_care), side="right") - 1
    unsure = _by(np.isnan(here.in_care).astype(np.int64), 2, here.date, dates)[1:]
    counted = _by(bands, len(_TIME_GROUPS), here.date, dates)
    both = np.vstack([counted, counted[-2:].sum(axis=0)])
    by_band = np.where(unsure > 0, np.nan, both)[:, quarters]
    groups = (*_TIME_GROUPS, _TWO_OR_MORE)
    return [
        Grid("time_in_care", groups, names, by_band),
        Grid("time_in_care_share", groups, names, ratio(by_band, total[:, quarters])),
    ]


def _homes(here: Here, total: Floats, quarters: Ints, names: list[str]) -> list[Grid]:
    if not (here.type >= 0).any():
        return []
    dates = total.shape[1]
    types = _by(here.type, len(TYPES), here.date, dates)[:, quarters]
    everybody = total[:, quarters]
    in_house, ifa, kin = types[[_IN_HOUSE]], types[[_IFA]], types[[_KINSHIP]]
    home = np.isin(here.type, (_HOME_OWN, _HOME_EXTERNAL))
    young = _by((home & (here.age < _UNDER_12)).astype(np.int64), 2, here.date, dates)[1:, quarters]
    own = in_house + kin + types[[_HOME_OWN]]
    return [
        Grid("under_12_in_residential", ("",), names, young),
        Grid("in_house_share", ("",), names, ratio(in_house, in_house + ifa)),
        Grid("own_provision_share", ("",), names, ratio(own, everybody)),
        Grid("fostered_share", ("",), names, ratio(in_house + ifa + kin, everybody)),
    ]


def _distance(here: Here, quarters: Ints, names: list[str], dates: int) -> list[Grid]:
    """Shares of those of whom it is known: homes of unaccompanied children mostly are not."""
    types = pd.Index(SEARCHED).get_indexer(np.array([*TYPES, ""], dtype=object)[here.type])
    groups = ("", *labels("type", SEARCHED), *_AGE_GROUPS)
    grids = []
    for measure, is_so in (("in_area_share", here.in_area), ("over_20_miles_share", here.far)):
        said = ~np.isnan(is_so)
        both = []
        for which in (said & (is_so > 0), said):
            ages = np.where(which, band_codes(here.age), -1)
            of_age = _by(ages, len(BAND_WORDS), here.date, dates)
            of_type = _by(np.where(which, types, -1), len(SEARCHED), here.date, dates)
            both.append(np.vstack([of_age.sum(axis=0), of_type, of_age])[:, quarters])
        grids.append(Grid(measure, groups, names, ratio(*both)))
    return grids
