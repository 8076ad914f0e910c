"""The past of one authority as checked tables, in the words of the model.

Every later step (calibration, forecast, backtest) reads these and nothing else. A history may come
from an SSDA903 return, from plain counts, or from both; what it does not know is None.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sufficiency.ssda903.returns import Finding

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class History:
    """What is known of the past, up to and including `last`. Dates are datetime64, days only.

    Words are those of `vocabulary`, as plain text (`EntryGroup`, `Stream`, `PlacementType`, ...).
    An end is the day on which it ended: a child who left on 3 May was not in care that night.
    """

    first: date
    """First day on which everything is observed; what began earlier was seen from this day on."""
    last: date
    """Last day observed: what is open then has an empty end."""
    monthly: pd.DataFrame | None = None
    """Every complete month, stream and age band, zeros too: `month` (its first day), `stream`,
    `age_group` (at the event; `all` where ages are not given), `entries`, `exits` (NaN where exits
    are not given). Months of `gaps` are missing. Where `counts.csv` goes further than the returns,
    its months are here too."""
    stock: pd.DataFrame | None = None
    """Children in care: `date`, `stream` and `age_group` (`all` where not given), `type` ("" where
    not given), `children`. Rows of a date that give the same of the three add up to the total."""
    children: pd.DataFrame | None = None
    """One row per child: `child` (int), `born`, `sex`, `ethnicity` ("" if unknown), `uasc`."""
    care: pd.DataFrame | None = None
    """One row per period of care, short breaks apart: `period` (int), `child`, `entered`, `left`
    (NaT if in care on the last day), `reason` (`ExitReason`, "" if in care), `entry_group`,
    `stream`, `need` (CIN code), `legal_status` (at entry), `remand` (bool), `dated` (bool: False
    where the child was in care before anything is observed and only a later day is known)."""
    placements: pd.DataFrame | None = None
    """One row per placement with one carer, temporary ones absorbed: `period`, `child`, `order`
    (from 1 within the period), `started`, `ended` (NaT if open), `type` (`PlacementType`; as it
    ended, or is on the last day), `first_type` (as it began; the same carer may become another
    type), `provider` (code, "" if blank), `in_area` (boolean, NA unknown), `over_20_miles`
    (boolean, NA unknown), `cause` (`MoveCause` that ended it, "left_care", or "" if open), `dated`
    (bool: False where the start lies before the first return and is only known from the episode
    open then)."""
    stretches: pd.DataFrame | None = None
    """One row per part of a placement in which nothing changed: `period`, `child`, `order` (of the
    placement), `started`, `ended`, `type`, `provider`, `in_area`, `over_20_miles`. What type a
    child was in on a date; None where `placements` says it all."""
    households: pd.DataFrame | None = None
    """As `households.csv`."""
    homes: pd.DataFrame | None = None
    """As `homes.csv`."""
    prices: pd.DataFrame | None = None
    """As `prices.csv`."""
    shocks: pd.DataFrame | None = None
    """As `shocks.csv`: `from`, `to`, `stream`, `note`: months that say nothing about the future."""
    yearly: pd.DataFrame | None = None
    """Yearly counts, where `counts.csv` has a column `year`: `year` (2023-24), `stream` and
    `age_group` (`all` too), `entries`, `exits` (NaN where not given)."""
    gaps: tuple[tuple[date, date], ...] = ()
    """First and last days of the financial years between `first` and `last` without a return."""
    findings: tuple[Finding, ...] = ()
    """What was wrong or odd in the data."""
