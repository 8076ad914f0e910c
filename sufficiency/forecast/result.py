"""What a forecast is: possible futures of monthly entries, and how the method did in the past."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Forecast:
    """Sample paths of monthly entries by stream."""

    first: date
    """First day of the first month forecast."""
    paths: Mapping[str, npt.NDArray[np.int64]]
    """By stream (`non_uasc`, `uasc`): children who enter, one row per path, one column per month.
    Path k of both streams belongs together."""
    chosen: Mapping[str, str]
    """By stream, the candidate that made the paths."""
    why: Mapping[str, str]
    """By stream, why it was chosen, in a sentence."""
    scores: pd.DataFrame
    """One row per stream, candidate and span (`month` or `twelve_months`): `stream`, `candidate`,
    `span`, `origins`, `forecasts`, `crps`, `pinball`, `cover50`, `cover80`, `cover95`, `bias`."""
    history: pd.DataFrame
    """What it was made from: `month`, `stream`, `entries`, `left_out` (a dated shock)."""
    notes: tuple[str, ...] = ()
    """What a reader should know: a short series, a shock, a fall-back."""
