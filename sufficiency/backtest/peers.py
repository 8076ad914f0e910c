"""The forecasts that ours has to beat, made of what was known at a year-end."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from sufficiency.backtest.comparing import SHARES, STOCK, Futures, Observed, What, asked, year_end
from sufficiency.backtest.counted import TYPES, counted
from sufficiency.backtest.flat import chance_of_count, chance_of_share, flat
from sufficiency.backtest.markov import Flows, simulate, together
from sufficiency.backtest.scores import Floats

FUTURES = 400
"""Of the constant-rate model: several times as many as ours, as they cost little."""

if TYPE_CHECKING:
    from sufficiency.history.tables import History


def flat_futures(origin: date, known: Observed, years_ahead: int, seed: int) -> Futures:
    """The last values carried forward, of everything that has one."""
    luck = _luck(seed, origin, 0)
    in_care = known.at(STOCK, "", origin) or 1.0
    made: dict[What, Floats] = {}
    for what in asked(years_ahead):
        past = known.until(what.measure, what.group, origin)
        if not past:
            continue
        share = what.measure in SHARES
        chance = chance_of_share(past[-1], in_care) if share else chance_of_count(past[-1])
        futures = flat(past, what.years_ahead, chance, luck)
        made[what] = np.minimum(futures, 1.0) if share else np.round(futures)
    return made


def markov_futures(origin: date, known: History, years_ahead: int, seed: int) -> Futures:
    """The constant-rate model, started from the children in care at the year-end."""
    luck = _luck(seed, origin, 1)
    ends = [year_end(origin, lead) for lead in range(years_ahead + 1)]
    days = [float((b - a).days) for a, b in pairwise(ends)]
    streams = {
        stream: simulate(found.rates, found.stock, days, FUTURES, luck)
        for stream, found in counted(known).items()
    }
    made: dict[What, Floats] = {}
    everybody = together(streams)
    for group, flows in (("", everybody), *((f"stream={s}", f) for s, f in streams.items())):
        made |= _numbers(group, flows, years_ahead)
    for place, type_ in enumerate(TYPES):
        for lead in range(1, years_ahead + 1):
            stock = everybody.stocks[:, lead - 1, place]
            made[What(STOCK, f"type={type_}", lead)] = stock.astype(np.float64)
    return made


def _numbers(group: str, flows: Flows, years_ahead: int) -> Futures:
    named = {
        STOCK: flows.stocks.sum(axis=2),
        "entries": flows.entries,
        "exits": flows.exits,
        "moves": flows.moves,
    }
    return {
        What(measure, group, lead): values[:, lead - 1].astype(np.float64)
        for measure, values in named.items()
        for lead in range(1, years_ahead + 1)
    }


def _luck(seed: int, origin: date, peer: int) -> np.random.Generator:
    key = ((origin + timedelta(days=1)).toordinal(), peer)
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(seed, spawn_key=key)))
