"""Ages by birthday, on whole days.

The simulation counts a year as 365.25 days; a history has real birthdays. Somebody born on
29 February has a birthday on 1 March in other years.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sufficiency.vocabulary import AGE_BAND_STARTS, AgeBand

if TYPE_CHECKING:
    import pandas as pd

Days = npt.NDArray[np.datetime64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

BANDS = tuple(AgeBand)
ADULT = 18


def days(column: pd.Series[Any]) -> Days:
    """A column of dates as whole days."""
    whole: Days = column.to_numpy(dtype="datetime64[D]")
    return whole


def day(of: date) -> np.datetime64:
    """A date as a whole day."""
    return np.datetime64(of, "D")


def whole_years(born: Days, on: Days | np.datetime64) -> Ints:
    """Age in whole years on a day; nonsense where a date is missing."""
    years, month, of_month = _parts(on)
    birth_years, birth_month, birth_day = _parts(born)
    before = (month < birth_month) | ((month == birth_month) & (of_month < birth_day))
    age: Ints = years - birth_years - before
    return age


def birthday(born: Days, age: int) -> Days:
    """The day on which children turn an age; NaT where their birth is unknown."""
    years, month, of_month = _parts(born)
    first = np.asarray(
        ((years + age - 1970) * 12 + month - 1).astype("datetime64[M]").astype("datetime64[D]")
    )
    turned: Days = first + (of_month - 1).astype("timedelta64[D]")
    return np.where(np.isnat(born), np.datetime64("NaT", "D"), turned)


def band_codes(age: Ints) -> Ints:
    """The place of whole years of age in the age bands; 18 and over belong to the last."""
    return np.clip(np.searchsorted(AGE_BAND_STARTS, age, side="right") - 1, 0, len(BANDS) - 1)


def _parts(of: Days | np.datetime64) -> tuple[Ints, Ints, Ints]:
    """Year, month (1 to 12) and day of the month."""
    all_months = np.asarray(of).astype("datetime64[M]")
    months = all_months.astype(np.int64)
    day_of_month = (np.asarray(of) - all_months.astype("datetime64[D]")).astype(np.int64) + 1
    return 1970 + months // 12, months % 12 + 1, day_of_month
