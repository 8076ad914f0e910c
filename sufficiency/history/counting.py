"""What a history holds, counted: entries, exits, children in care, moves, placements.

Every one is counted, as the model counts: a child who enters twice in a year counts twice. DfE's
published starts and ceases count only the first start and the last end in a year.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sufficiency.history.ages import BANDS, Days, Ints, band_codes, days, whole_years
from sufficiency.history.census import (
    BAND_WORDS,
    STREAMS,
    born_of,
    known,
    stock,
    stream_codes,
)
from sufficiency.history.observed_children import measured_at_dates
from sufficiency.history.observed_flows import measured_in_periods
from sufficiency.history.observed_plain import measured_in_plain_files
from sufficiency.history.observed_rows import long_form
from sufficiency.history.observed_stability import measured_on_marches
from sufficiency.history.observed_time import observed_months
from sufficiency.history.tables import History
from sufficiency.vocabulary import ExitReason, MoveCause, PlacementType

__all__ = [
    "exits_by_reason",
    "monthly",
    "moves_by_cause",
    "observed",
    "placements_started",
    "stock",
]

REASONS = tuple(reason.value for reason in ExitReason)
CAUSES = tuple(cause.value for cause in MoveCause)
TYPES = tuple(type_.value for type_ in PlacementType)


def monthly(history: History) -> pd.DataFrame:
    """Entries and exits by month, stream and age band, as `History.monthly`."""
    care = known(history.care, "periods of care")
    months = observed_months(history.first, history.last, history.gaps)
    born, streams = born_of(history), stream_codes(care["stream"])
    cells = pd.MultiIndex.from_product(
        [months.astype("datetime64[s]"), STREAMS, BAND_WORDS],
        names=["month", "stream", "age_group"],
    )
    table = cells.to_frame(index=False)
    for name, of in (("entries", days(care["entered"])), ("exits", days(care["left"]))):
        table[name] = _by_month(of, born, streams, months)
    table["exits"] = table["exits"].astype(np.float64)
    return table


def observed(history: History) -> pd.DataFrame:
    """What was measured of the past: `measure`, `group`, `period`, `value`.

    Names, groups and periods are those of `sufficiency.measures`; a share of nothing, and what the
    history cannot tell, is left out. In care of unknown length (a child who was in care before
    anything is observed), a measure of length is left out as long as it hangs on that.
    """
    if history.care is None:
        grids = measured_in_plain_files(history)
    else:
        grids = [
            *measured_at_dates(history),
            *measured_in_periods(history),
            *measured_on_marches(history),
        ]
    return long_form(grids)


def exits_by_reason(history: History) -> pd.DataFrame:
    """Periods of care that ended, by `month` and `reason`: `exits`, zeros too."""
    care = known(history.care, "periods of care")
    return _words_by_month(history, days(care["left"]), care["reason"], "reason", REASONS, "exits")


def moves_by_cause(history: History) -> pd.DataFrame:
    """Placements that ended with a move, by `month` and `cause`: `moves`, zeros too."""
    placed = known(history.placements, "placements")
    return _words_by_month(
        history, days(placed["ended"]), placed["cause"], "cause", CAUSES, "moves"
    )


def placements_started(history: History) -> pd.DataFrame:
    """Placements that began, by `month`, `type` (as they began) and `provider`: `placements`.

    Zeros are there for every type, with the provider "".
    """
    placed = known(history.placements, "placements")
    of = _first_type(placed) + "/" + placed["provider"]
    words = sorted({*(f"{type_}/" for type_ in TYPES), *of})
    table = _words_by_month(history, days(placed["started"]), of, "type", words, "placements")
    table[["type", "provider"]] = table["type"].str.split("/", n=1, expand=True)
    return table[["month", "type", "provider", "placements"]]


def _first_type(placed: pd.DataFrame) -> pd.Series[str]:
    return placed["first_type"] if "first_type" in placed else placed["type"]


def _by_month(of: Days, born: Days, streams: Ints, months: Days) -> Ints:
    """Events by month, stream and age band, flat."""
    month, inside = _places(of, months)
    bands = band_codes(whole_years(born[inside], of[inside]))
    cells = (month * len(STREAMS) + streams[inside]) * len(BANDS) + bands
    return np.bincount(cells, minlength=len(months) * len(STREAMS) * len(BANDS))


def _places(of: Days, months: Days) -> tuple[Ints, Ints]:
    """The place among the months of each event that lies in one, and which events these are."""
    firsts = np.where(np.isnat(of), np.datetime64(0, "M"), of.astype("datetime64[M]"))
    place = np.searchsorted(months, firsts)
    there = (place < len(months)) & ~np.isnat(of)
    there[there] = months[place[there]] == firsts[there]
    return place[there], np.flatnonzero(there)


def _words_by_month(
    history: History,
    of: Days,
    said: pd.Series[str],
    column: str,
    words: Sequence[str],
    counted: str,
) -> pd.DataFrame:
    months = observed_months(history.first, history.last, history.gaps)
    codes = pd.Index(words).get_indexer(said)
    month, inside = _places(np.where(codes >= 0, of, np.datetime64("NaT", "D")), months)
    cells = month * len(words) + codes[inside]
    index = pd.MultiIndex.from_product(
        [months.astype("datetime64[s]"), words], names=["month", column]
    )
    table = index.to_frame(index=False)
    table[counted] = np.bincount(cells, minlength=len(table))
    return table
