"""What the sheets are made of: the tables of a run, each made once and found by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sufficiency.answer import Answer, answer_of
from sufficiency.answer.money import COST_WORDS, run_money
from sufficiency.answer.words import capital, listed, title
from sufficiency.comparison import compare, headline
from sufficiency.comparison.choices import side_by_side
from sufficiency.comparison.savings import parts
from sufficiency.comparison.yearly import financial_years, futures
from sufficiency.periods import calendar
from sufficiency.results.part import Part
from sufficiency.results.results import BASELINE, Results
from sufficiency.results.statistics import Floats, moments, percentiles
from sufficiency.scenario import Study
from sufficiency.workbook.sheets import SERIES_AT_MOST


class Figure(NamedTuple):
    """A row of the summary."""

    unit: str
    mean: float
    se: float
    p10: float
    p50: float
    p80: float
    p90: float


Figures = Mapping[str, Figure]
"""By period, in order of time."""
_NUMBERS = ("mean", "se", "p10", "p50", "p80", "p90")
_NONE: Figures = {}


@dataclass(frozen=True, eq=False)
class Contents:
    """The tables of a run."""

    results: Results

    @property
    def study(self) -> Study:
        """The scenario and its options."""
        return self.results.study

    @property
    def manifest(self) -> Mapping[str, Any]:
        """What was run, and with what."""
        return self.results.manifest

    @property
    def publication(self) -> str:
        """What to say of what is left out, where the workbook is made to be published."""
        return self.results.publication if isinstance(self.results, Part) else ""

    @property
    def options(self) -> Sequence[str]:
        """The baseline, then the options."""
        return self.results.options

    @cached_property
    def summary(self) -> pd.DataFrame:
        """As `summary.csv`."""
        return self.results.summary()

    @cached_property
    def comparison(self) -> pd.DataFrame:
        """As `comparison.csv`, which a run may have been saved without."""
        saved = (self.results.folder / "comparison.csv").is_file()
        return self.results.comparison() if saved else compare(self.results)

    @cached_property
    def answer(self) -> Answer:
        """The answer in words."""
        money = run_money(self.results)
        return answer_of(self.summary, self.comparison, headline(self.results), self.study, money)

    @cached_property
    def choices(self) -> pd.DataFrame:
        """The options side by side."""
        return side_by_side(self.results)

    @cached_property
    def savings(self) -> Mapping[str, Mapping[str, Floats]]:
        """What each option saves over the whole run in each future, in pounds, by item."""
        if not financial_years(self.results):
            return {}
        return {
            option: {
                item: pence.sum(axis=1) / 100 for item, pence in parts(self.results, option).items()
            }
            for option in self.options[1:]
        }

    @cached_property
    def _figures(self) -> dict[tuple[str, str, str], dict[str, Figure]]:
        table = self.summary
        found: dict[tuple[str, str, str], dict[str, Figure]] = {}
        names = (table[name].tolist() for name in ("option", "measure", "group", "period", "unit"))
        numbers = (table[name].tolist() for name in _NUMBERS)
        rows = zip(*names, *numbers, strict=True)
        for option, measure, group, period, unit, *values in rows:
            of = found.setdefault((option, measure, group), {})
            of[period] = Figure(unit, *values)
        return found

    def figures(self, measure: str, group: str = "", option: str = BASELINE) -> Figures:
        """The rows of the summary of one measure, group and option."""
        return self._figures.get((option, measure, group), _NONE)

    def known(self, measure: str, group: str = "", option: str = BASELINE) -> Figures:
        """The same, without those that have no value."""
        return {
            period: figure
            for period, figure in self.figures(measure, group, option).items()
            if figure.mean == figure.mean
        }

    def lacks(self, measure: str, group: str, option: str = BASELINE) -> bool:
        """Whether this part of a run lacks a group by year, but not its measure."""
        return not self.by_year(measure, group, option) and any(
            of[:2] == (option, measure) for of in self._figures
        )

    @property
    def shown(self) -> Sequence[str]:
        """The options that a chart has room for: the baseline and the first of the others."""
        return self.options[:SERIES_AT_MOST]

    @property
    def left_out(self) -> str:
        """What to say of the options that a chart has no room for."""
        rest = self.options[SERIES_AT_MOST:]
        return f" Not drawn: {listed([*map(option_title, rest)])}." if rest else ""

    @cached_property
    def start(self) -> date:
        """First day of the run."""
        return date.fromisoformat(str(self.manifest["start"]))

    @cached_property
    def years(self) -> tuple[str, ...]:
        """The complete financial years of the run."""
        return calendar(self.start, float(self.manifest["years"])).years.labels

    def by_year(self, measure: str, group: str = "", option: str = BASELINE) -> Figures:
        """The rows of complete financial years that have a value."""
        found = self.known(measure, group, option)
        return {year: found[year] for year in self.years if year in found}

    def over_years(self, measure: str, group: str = "", option: str = BASELINE) -> Figure | None:
        """The sum over all complete financial years; None if it was not measured in any."""
        years = list(self.by_year(measure, group, option))
        if not years:
            return None
        return self.figure(
            self.futures(measure, group, option, years).sum(axis=1), self.results.unit(measure)
        )

    def futures(
        self, measure: str, group: str = "", option: str = BASELINE, years: Sequence[str] = ()
    ) -> Floats:
        """One row per replication, one column per financial year (all, unless some are named)."""
        return futures(self.results, measure, group, option, years or self.years)

    def figure(self, futures: Floats, unit: str) -> Figure:
        """What is said of a number of each replication."""
        column = np.asarray(futures, dtype=np.float64)[:, None]
        known = moments(column, self.results.together)
        shares = percentiles(column, (0.1, 0.5, 0.8, 0.9))[:, 0]
        return Figure(unit, float(known.mean[0]), float(known.se[0]), *shares.tolist())


def option_title(option: str) -> str:
    """An option as it is read."""
    return "Doing nothing" if option == BASELINE else title(option)


def cost_words(type_: str) -> str:
    """A type of cost as it is read."""
    return capital(COST_WORDS[type_])
