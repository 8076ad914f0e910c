"""What the constant-rate model counts of a history: stocks and events of the last years."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from sufficiency.backtest.markov import Ints, Rates
from sufficiency.vocabulary import PlacementType, Stream

if TYPE_CHECKING:
    import pandas as pd

    from sufficiency.history.tables import History

TYPES = tuple(PlacementType)
YEARS_COUNTED = 3
"""Rates are those of the last years, as a planner would take them; fewer where fewer are known."""


class Counted(NamedTuple):
    """One stream at the end of a history."""

    rates: Rates
    stock: Ints
    """Children in care on the last day, by type."""


def counted(history: History) -> Mapping[str, Counted]:
    """Count the last years of a history of children, by stream; not across a year without data."""
    assert history.care is not None
    assert history.placements is not None
    after = history.last + timedelta(days=1)
    years_before = date(after.year - YEARS_COUNTED, after.month, after.day)
    since = max(history.first, years_before, *(end + timedelta(days=1) for _, end in history.gaps))
    lives = history.placements.merge(history.care[["period", "stream", "entered"]], on="period")
    lives = lives.sort_values(["period", "order"], ignore_index=True)
    lives["code"] = lives["type"].map({str(t): n for n, t in enumerate(TYPES)}).astype("int64")
    same = lives["period"].eq(lives["period"].shift(-1))
    lives["next"] = lives["code"].shift(-1).where(same, -1).fillna(-1).astype("int64")
    lives["first"] = lives["period"].ne(lives["period"].shift(1))
    streams = {str(s): lives[lives["stream"] == s] for s in Stream}
    return {s: _stream(rows, since, after) for s, rows in streams.items() if len(rows)}


def _stream(lives: pd.DataFrame, since: date, after: date) -> Counted:
    from_, to = np.datetime64(since), np.datetime64(after)
    n = len(TYPES)
    code = lives["code"].to_numpy()
    started, ended = _days(lives["started"]), _days(lives["ended"])
    open_ = np.isnat(ended)
    inside = ~open_ & (ended >= from_) & (ended < to)
    moved, left = inside & (lives["next"] >= 0), inside & (lives["next"] < 0)
    entered = _days(lives["entered"])
    new = lives["first"].to_numpy() & (entered >= from_) & (entered < to)
    until = np.where(open_, to, np.minimum(ended, to))
    lived = np.maximum((until - np.maximum(started, from_)).astype(np.float64), 0.0)
    pairs = code[moved] * n + lives["next"].to_numpy()[moved]
    rates = Rates(
        entries=np.bincount(code[new], minlength=n),
        days=float((after - since).days),
        moves=np.bincount(pairs, minlength=n * n).reshape(n, n),
        exits=np.bincount(code[left], minlength=n),
        child_days=np.bincount(code, lived, n).astype(np.float64),
    )
    return Counted(rates, np.bincount(code[open_], minlength=n))


def _days(column: pd.Series) -> npt.NDArray[np.datetime64]:
    days: npt.NDArray[np.datetime64] = column.to_numpy().astype("datetime64[D]")
    return days
