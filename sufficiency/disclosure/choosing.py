"""Which series go: those with small numbers, and as many more as it takes.

First, a series with a small number goes, with all that tells the same, and what follows from it.
Then, as long as a number that was to be left out follows from those that stay, or lies in too
narrow a range, or adds up with others to a small one, more go: those that a reader misses least.
Totals go last.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from sufficiency.disclosure.auditing import narrow
from sufficiency.disclosure.numbers import Numbers
from sufficiency.disclosure.relations import HIDDEN
from sufficiency.disclosure.series import QUARTER, Series
from sufficiency.disclosure.solving import Equation, cheapest_way, determined
from sufficiency.errors import SufficiencyError

_SAID_ELSEWHERE = ("over_20_miles_share",)
"""Measures whose groups say nearly what another measure says: missed least."""
_FAR = 3
"""Over so many equations is a number looked for that hides another."""
_NO_PRICE = 1e-4
"""Of what is gone already."""


@dataclass(eq=False)
class _Choice:
    """The numbers that go, as they become more."""

    numbers: Numbers
    gone: set[Series] = field(default_factory=set)
    wide: set[Series] = field(default_factory=set)
    """Small numbers that a reader cannot place narrowly."""

    def follow(self, gone: Iterable[Series]) -> set[Series]:
        """These, and all that goes with them."""
        gone = set(gone)
        while True:
            more = {
                said.column
                for said in self.numbers.told.values()
                if said.column not in gone
                and said.column not in self.numbers.nil
                and not gone.isdisjoint(said.follows)
            }
            if not more:
                return gone
            gone |= more

    def unknown(self, gone: set[Series]) -> list[Equation]:
        """The equations, of what is gone and what was never there."""
        return [
            {
                series: times
                for series, times in equation.items()
                if series in gone or series.measure.startswith(HIDDEN)
            }
            for equation in self.numbers.equations
        ]

    def run(self) -> set[Series]:
        """Let numbers go until none of the small ones can be worked out."""
        numbers = self.numbers
        self.gone = self.follow(series for series in numbers.small if series in numbers.members)
        harmless = {s for s, said in numbers.told.items() if said.known or said.harmless}
        wanted = (self.gone | numbers.small) - harmless
        while True:
            told_ = sorted(determined(self.unknown(self.gone), wanted))
            if told_:
                self._hide(told_[0])
                continue
            small_sum = self._small_sum()
            more = {small_sum} if small_sum is not None else self._narrow()
            if not more:
                return self.gone
            self._add(more)

    def _hide(self, series: Series) -> None:
        """Let others go, so that a number that is gone cannot be worked out."""
        names = dict.fromkeys(name for equation in self.numbers.equations for name in equation)
        prices = {name: self.price(name) if self._stays(name) else _NO_PRICE for name in names}
        found = cheapest_way(self.numbers.equations, series, prices)
        more = {name for name in found if self._stays(name)}
        if not more:
            raise SufficiencyError(
                "this run cannot be published: the numbers of children are so small that even the"
                f" totals would give them back ({series.measure} {series.group})".replace(" )", ")")
            )
        self._add(more)

    def _stays(self, series: Series) -> bool:
        return series in self.numbers.members and series not in self.gone

    def _add(self, series: Iterable[Series]) -> None:
        self.gone = self.follow({*self.gone, *series})

    def price(self, series: Series) -> float:
        """How much a reader misses a number that goes, with all that goes with it."""
        return sum(self._price(c) for c in self.follow({*self.gone, series}) - self.gone)

    def _price(self, series: Series) -> float:
        of = self.numbers.values.get(series)
        size = 0.0 if of is None else float(np.nan_to_num(np.abs(of.values)).mean())
        said = [self.numbers.told[m] for m in self.numbers.members[series]]
        price = 1.0 + math.log1p(size)
        price *= (20.0, 4.0, 1.0, 0.5)[series.group.count("=")]
        price *= 0.5 if series.frequency == QUARTER else 1.0
        price *= 0.1 if series.measure in _SAID_ELSEWHERE and series.group else 1.0
        price *= len(said) ** 0.5
        return float(price) * (1000.0 if any(t.total for t in said) else 1.0)

    def _small_sum(self) -> Series | None:
        """What to let go because numbers that are gone add up to a small one that is not."""
        for relation, equation in zip(self.numbers.relations, self.numbers.equations, strict=True):
            if not relation.exact:
                continue
            unknown = [s for s in equation if s in self.gone or s.measure.startswith(HIDDEN)]
            if not self._is_small_sum(equation, unknown):
                continue
            rest = [s for s in equation if s not in unknown]
            if rest:
                return min(rest, key=lambda s: (self.price(s), s))
        return None

    def _is_small_sum(self, equation: Equation, unknown: list[Series]) -> bool:
        numbers = self.numbers
        signs = {np.sign(equation[series]) for series in unknown}
        if len(unknown) < 2 or len(signs) != 1 or numbers.small.isdisjoint(unknown):
            return False
        if not all(map(numbers.counts, unknown)):
            return False
        of = [numbers.of(series) for series in unknown]
        first = min(of, key=lambda means: len(means.periods))
        if not all(set(first.periods) <= set(means.periods) for means in of):
            return False
        places = [[means.periods.index(p) for p in first.periods] for means in of]
        parts = [means.values[:, at] for means, at in zip(of, places, strict=True)]
        return numbers.few(np.sum(parts, axis=0))

    def _narrow(self) -> set[Series]:
        """What to let go because small numbers lie in too narrow a range."""
        unknown = self.unknown(self.gone)
        found = narrow(self.numbers, unknown, self.wide)
        self.wide |= self.numbers.small - set(found)
        return {more for series in found if (more := self._beside(series)) is not None}

    def _beside(self, series: Series) -> Series | None:
        """What is missed least of what stays and stands in an equation with a number, or beside.

        Rather a number as detailed as itself two equations away than one of more children.
        """
        reached, rings = {series}, []
        for _ in range(_FAR):
            touched = [e for e in self.numbers.equations if not reached.isdisjoint(e)]
            reached |= {name for equation in touched for name in equation}
            rings.append({s for s in reached if self._stays(s) and not self._is_total(s)})
        for detail in range(series.group.count("="), -1, -1):
            for ring in rings:
                found = [name for name in ring if name.group.count("=") >= detail]
                if found:
                    return min(found, key=lambda name: (self.price(name), name))
        return None

    def _is_total(self, series: Series) -> bool:
        return any(self.numbers.told[m].total for m in self.numbers.members[series])


def choose(numbers: Numbers) -> set[Series]:
    """The numbers that may not be published: small ones, and as many more as it takes.

    Raises:
        SufficiencyError: There are so few children that even totals give small numbers back.
    """
    return _Choice(numbers).run()
