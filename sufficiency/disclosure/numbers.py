"""The numbers of a run: what they tell, how small they are, and what adds up among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sufficiency.disclosure.relations import HIDDEN, Relation, of_numbers, relations
from sufficiency.disclosure.series import YEAR, Means, Series, days_of_year
from sufficiency.disclosure.solving import Equation, factors
from sufficiency.disclosure.spec import Told, Whole, told
from sufficiency.results.statistics import Floats

NOTHING = 1e-9
"""A mean below it is 0."""
_RESOLVED = 0.005
"""Share times whole gives a number back to about so much of the whole: means of shares are not
exact shares of means."""


@dataclass(frozen=True, eq=False)
class Numbers:
    """The series of a run, what they tell and what adds up among them."""

    means: Mapping[Series, Means]
    threshold: float

    @cached_property
    def told(self) -> Mapping[Series, Told]:
        """What each series tells."""
        return {series: told(series) for series in self.means}

    @cached_property
    def members(self) -> Mapping[Series, tuple[Series, ...]]:
        """The series that are forms of the same number."""
        found: dict[Series, list[Series]] = {}
        for series, said in self.told.items():
            found.setdefault(said.column, []).append(series)
        return {column: tuple(series) for column, series in found.items()}

    @cached_property
    def values(self) -> Mapping[Series, Means]:
        """Children, pounds or whatever adds up, of each number; of a share its numerator."""
        found = {}
        for column, members in self.members.items():
            shown = next((m for m in (column, *members) if m in self.means), None)
            if shown is not None and self.means[shown].values.size:
                found[column] = self._numerator(shown)
        return found

    def _numerator(self, series: Series) -> Means:
        given, whole = self.means[series], self.told[series].whole
        if whole is None:
            return given
        of = self._whole(whole, given.periods)
        return given if of is None else Means(given.periods, given.values * of)

    def _whole(self, whole: Whole, periods: tuple[str, ...]) -> Floats | None:
        parts = [self._at(series, periods) for series in whole.series]
        if any(part is None for part in parts):
            return None
        return np.asarray(whole.part * np.sum([p for p in parts if p is not None], axis=0))

    def _at(self, series: Series, periods: tuple[str, ...]) -> Floats | None:
        if series not in self.means:
            return None
        given = self.means[series]
        if not set(periods) <= set(given.periods):
            return None
        return given.values[:, [given.periods.index(period) for period in periods]]

    @cached_property
    def nil(self) -> frozenset[Series]:
        """Numbers that are 0 at all dates in all options, or never there: they hide nothing."""
        return frozenset(
            column
            for column, members in self.members.items()
            if all(
                not (np.nan_to_num(np.abs(self.means[m].values)) > NOTHING).any() for m in members
            )
        )

    @cached_property
    def relations(self) -> list[Relation]:
        """What adds up, of numbers rather than of forms of them."""
        there = [s for s, given in self.means.items() if not np.isnan(given.values).all()]
        sums = relations(there, self._priced(), weeks_are_exact=self._weeks_are_exact())
        made = [of_numbers(one, self._column) for one in sums]
        return [one for one in made if len(one.terms) > 1 and not self._says_nothing(one)]

    def _says_nothing(self, relation: Relation) -> bool:
        """Whether two numbers go together only in so far as neither is 0, and one is."""
        return (
            not relation.exact
            and len(relation.terms) == 2
            and any(term.series in self.nil for term in relation.terms)
        )

    def _weeks_are_exact(self) -> bool:
        """Whether cost of a week times weeks leaves of the cost just what young adults cost.

        Means of quotients are not quotients of means: how far they are apart depends on the run.
        """
        names = ("type=staying_put", "type=recruitment", "type=programme")
        costs = [self.means.get(Series("cost", group, YEAR)) for group in ("", *names)]
        week = self.means.get(Series("cost_per_child_week", "", YEAR))
        on_average = self.means.get(Series("average_children", "", YEAR))
        if week is None or on_average is None or any(cost is None for cost in costs):
            return True
        spent, young, *known = [cost.values for cost in costs if cost is not None]
        weeks = np.array([days_of_year(year) for year in week.periods]) / 7
        rest = spent - sum(known) - young - week.values * on_average.values * weeks
        return bool(np.nanmedian(np.abs(rest)) < np.nanmedian(young))

    def _column(self, series: Series) -> Series:
        return self.told[series].column if series in self.told else series

    def _priced(self) -> frozenset[str]:
        """Types of cost on which anything is spent."""
        return frozenset(
            series.group.removeprefix("type=")
            for series, given in self.means.items()
            if series.measure == "cost" and (np.nan_to_num(given.values) > NOTHING).any()
        )

    @cached_property
    def equations(self) -> list[Equation]:
        """The same, as factors of the numbers that are not known to everybody."""
        count = sum(len(relation.terms) for relation in self.relations)
        prices = iter(factors(count).tolist())
        found: list[Equation] = []
        for relation in self.relations:
            equation: dict[Series, float] = {}
            for term in relation.terms:
                times = term.times * (1.0 if relation.exact else next(prices))
                if term.series in self.nil or self._is_known(term.series):
                    continue
                equation[term.series] = equation.get(term.series, 0.0) + times
            found.append(equation)
        return found

    def _is_known(self, series: Series) -> bool:
        return series in self.told and self.told[series].known

    @cached_property
    def hidden(self) -> Mapping[Series, Means]:
        """Numbers that stand in no file but follow from those that do."""
        found: dict[Series, Means] = {}
        for relation in self.relations:
            unknown = [t for t in relation.terms if t.series.measure.startswith(HIDDEN)]
            if len(unknown) == 1 and relation.exact:
                rest = self._rest(relation, unknown[0].times)
                if rest is not None:
                    found[unknown[0].series] = rest
        return found

    def _rest(self, relation: Relation, times: float) -> Means | None:
        given = [t for t in relation.terms if not t.series.measure.startswith(HIDDEN)]
        if any(t.series not in self.values for t in given):
            return None
        first = min((self.values[t.series] for t in given), key=lambda of: len(of.periods))
        total, size = np.zeros(first.values.shape), 0.0
        for term in given:
            of = self.values[term.series]
            if not set(first.periods) <= set(of.periods):
                return None
            places = [of.periods.index(period) for period in first.periods]
            total -= term.times / times * of.values[:, places]
            size = max(size, float(np.nan_to_num(of.values).max(initial=0.0)))
        is_share = any(t.series in self.told and self.told[t.series].whole for t in given)
        noise = _RESOLVED * size if is_share else NOTHING * max(1.0, size)
        return Means(first.periods, np.where(np.abs(total) <= noise, 0.0, total))

    @cached_property
    def small(self) -> frozenset[Series]:
        """Numbers that may not be told: fewer children than the threshold, and not none."""
        found = {
            said.column
            for series, said in self.told.items()
            if series not in self.nil and self._is_small(series, said)
        }
        found |= {series for series, of in self.hidden.items() if self.few(of.values)}
        return frozenset(found)

    def _is_small(self, series: Series, said: Told) -> bool:
        given = self.means[series]
        if said.counts:
            return self.few(given.values)
        if said.whole is None:
            return False
        of = self._whole(said.whole, given.periods)
        if of is None:
            return True
        if said.whole.mean:
            return self.few(of)
        part = given.values * of
        return self.few(part) or self.few(of - part)

    def few(self, values: Floats) -> bool:
        """Whether a number of children is anywhere above 0 and below the threshold."""
        return bool(((values > NOTHING) & (values < self.threshold - NOTHING)).any())

    def counts(self, series: Series) -> bool:
        """Whether a number is one of children."""
        if series.measure.startswith(HIDDEN):
            return series in self.hidden
        said = [self.told[member] for member in self.members[series]]
        return series in self.values and any(one.counts or one.whole for one in said)

    def of(self, series: Series) -> Means:
        """The means of a number, hidden or not."""
        return self.hidden[series] if series in self.hidden else self.values[series]
