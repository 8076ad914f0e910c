"""What is compared: numbers of a year-end that the history and the models both have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from sufficiency.backtest.scores import Floats, Score, score
from sufficiency.vocabulary import PlacementType, Stream

if TYPE_CHECKING:
    import pandas as pd

OURS, FLAT, MARKOV = "ours", "flat", "markov"
MODELS = (OURS, FLAT, MARKOV)
_STREAMS = tuple(f"stream={stream}" for stream in Stream)
_TYPES = tuple(f"type={type_}" for type_ in PlacementType)

STOCK = "children_in_care"
SHARES = ("three_or_more_placements", "three_or_more_in_two_years", "long_term_stability")
"""On 31 March, as shares of children."""
ON_THE_DAY = (STOCK, *SHARES)
"""Measures of 31 March; the others are of the year before it."""
COMPARED: Mapping[str, Sequence[str]] = {
    STOCK: ("", *_TYPES, *_STREAMS),
    "entries": ("", *_STREAMS),
    "exits": ("", *_STREAMS),
    "moves": ("",),
    **dict.fromkeys(SHARES, ("",)),
}
"""Measures and their groups."""
EARLIEST = {"three_or_more_in_two_years": 2}
"""Years ahead from which a measure can be simulated: of placements that ended before the first day
nothing is known."""


class What(NamedTuple):
    """One number that is forecast."""

    measure: str
    group: str
    years_ahead: int


Futures = Mapping[What, Floats]
"""Sample futures of each number."""


@dataclass(frozen=True, slots=True)
class Forecasted:
    """One number, forecast from one year-end by one model, beside what happened."""

    origin: date
    what: What
    period: str
    model: str
    observed: float
    score: Score


def year_end(origin: date, years_ahead: int) -> date:
    """The 31 March so many years after another."""
    return origin.replace(year=origin.year + years_ahead)


def period_of(measure: str, end: date) -> str:
    """The label of a number on 31 March, or of one in the financial year that it ends."""
    return end.isoformat() if measure in ON_THE_DAY else f"{end.year - 1}-{end.year % 100:02d}"


def asked(years_ahead: int) -> Iterator[What]:
    """Every number that could be compared."""
    for measure, groups in COMPARED.items():
        for group in groups:
            for lead in range(EARLIEST.get(measure, 1), years_ahead + 1):
                yield What(measure, group, lead)


class Observed:
    """What happened, by measure, group and year-end."""

    def __init__(self, table: pd.DataFrame) -> None:
        rows = table[["measure", "group", "period", "value"]].itertuples(index=False, name=None)
        self._values = {(m, g, p): float(v) for m, g, p, v in rows}

    def at(self, measure: str, group: str, end: date) -> float | None:
        """A number on a 31 March or of the year to it; None if it is not known."""
        value = self._values.get((measure, group, period_of(measure, end)))
        return None if value is None or value != value else value

    def until(self, measure: str, group: str, end: date) -> list[float]:
        """The yearly values up to a 31 March, without a gap, oldest first."""
        values: list[float] = []
        while (value := self.at(measure, group, end)) is not None:
            values.append(value)
            end = year_end(end, -1)
        return values[::-1]


def compared(
    origin: date, happened: Observed, made: Mapping[str, Futures], years_ahead: int
) -> Iterator[Forecasted]:
    """Score what each model said at a year-end, where our own said anything at all.

    A type of placement in which nobody lives and which nobody expects is left out: every model
    would get it right.
    """
    for what in asked(years_ahead):
        end = year_end(origin, what.years_ahead)
        value = happened.at(what.measure, what.group, end)
        said = {model: made[model][what] for model in made if what in made[model]}
        if value is None or OURS not in said:
            continue
        if value == 0 and not any(futures.any() for futures in said.values()):
            continue
        for model, futures in said.items():
            period = period_of(what.measure, end)
            yield Forecasted(origin, what, period, model, value, score(futures, value))
