"""Who is in care, and where, at the end of a day."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from sufficiency.history.ages import BANDS, Days, Ints, band_codes, day, days, whole_years
from sufficiency.history.observed_time import within
from sufficiency.history.tables import History
from sufficiency.vocabulary import Stream

STREAMS = tuple(stream.value for stream in Stream)
BAND_WORDS = tuple(band.value for band in BANDS)


def stock(history: History, on: date) -> pd.DataFrame:
    """Children in care at the end of a day: `stream`, `age_group`, `type`, `children`; no zeros.

    The type is "" where the history does not hold placements.
    """
    return stock_at(history, np.array([day(on)]))[["stream", "age_group", "type", "children"]]


def stock_at_year_ends(history: History) -> pd.DataFrame:
    """Children in care on each 31 March observed, as `History.stock`."""
    years = range(history.first.year, history.last.year + 1)
    ends = [end for y in years if history.first <= (end := date(y, 3, 31)) <= history.last]
    at = np.array(ends, dtype="datetime64[D]")
    return stock_at(history, at[~within(history.gaps, at)])


def stock_at(history: History, at: Days) -> pd.DataFrame:
    """Children in care at the end of each day, as `History.stock`; no zeros."""
    care = known(history.care, "periods of care")
    where = living(history)
    period = np.searchsorted(care["period"].to_numpy(), where["period"].to_numpy())
    born, streams = born_of(history)[period], stream_codes(care["stream"])[period]
    types, names = pd.factorize(where["type"].to_numpy(dtype=object))
    rows, dates = there_at(days(where["started"]), days(where["ended"]), at)
    bands = band_codes(whole_years(born[rows], at[dates]))
    shape = (len(at), len(STREAMS), len(BANDS), max(len(names), 1))
    cells = np.ravel_multi_index((dates, streams[rows], bands, types[rows]), shape)
    filled, count = np.unique(cells, return_counts=True)
    on, stream, band, type_ = np.unravel_index(filled, shape)
    return pd.DataFrame(
        {
            "date": at[on].astype("datetime64[s]"),
            "stream": np.array(STREAMS, dtype=object)[stream],
            "age_group": np.array(BAND_WORDS, dtype=object)[band],
            "type": np.array([*names, ""], dtype=object)[type_],
            "children": count,
        }
    ).astype({"stream": "str", "age_group": "str", "type": "str"})


def there_at(started: Days, ended: Days, at: Days) -> tuple[Ints, Ints]:
    """Every pair of an interval and a date at whose end it is there: their places."""
    first = np.searchsorted(at, started)
    last = np.where(np.isnat(ended), len(at), np.searchsorted(at, ended))
    number = np.maximum(last - first, 0)
    rows = np.repeat(np.arange(len(started)), number)
    within_row = np.arange(len(rows)) - np.repeat(number.cumsum() - number, number)
    return rows, first[rows] + within_row


def living(history: History) -> pd.DataFrame:
    """Where children lived: parts of placements, or placements, or periods of care of no type."""
    if history.stretches is not None:
        return history.stretches
    if history.placements is not None:
        return history.placements
    care = known(history.care, "periods of care")
    return care.rename(columns={"entered": "started", "left": "ended"}).assign(type="")


def known(table: pd.DataFrame | None, what: str) -> pd.DataFrame:
    """A table that a count needs."""
    if table is None:
        raise ValueError(f"this history holds no {what}")
    return table


def born_of(history: History) -> Days:
    """Date of birth of the child of each period of care."""
    children, care = known(history.children, "children"), known(history.care, "periods of care")
    order = np.argsort(children["child"].to_numpy())
    place = np.searchsorted(children["child"].to_numpy()[order], care["child"].to_numpy())
    born: Days = days(children["born"])[order[place]]
    return born


def stream_codes(streams: pd.Series[str]) -> Ints:
    """The place of each stream in `STREAMS`."""
    return np.where(streams == Stream.UASC, STREAMS.index(Stream.UASC), 0)
