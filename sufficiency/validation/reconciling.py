"""Modelled spending beside the ledger, by type of placement, and the factors that would agree.

A ledger of a year of the run is set beside the cost of that year. A ledger of the year before the
run is set beside what the placements of the first day cost in a whole year, at the prices of the
ledger's year: an estimate, as the year itself is not simulated.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from sufficiency.costs.tariff import growth_of_existing, last_day, uplifts_until
from sufficiency.errors import SufficiencyError
from sufficiency.results.statistics import Floats
from sufficiency.rows import TYPES, Key
from sufficiency.scenario import Scenario, Study
from sufficiency.scenario.price_rules import gets_allowance, year_before
from sufficiency.scenario_file.reading import named_from
from sufficiency.scenario_file.writing import file_text
from sufficiency.validation.futures import Futures, Progress, futures_of
from sufficiency.vocabulary import Confidence

INSIDE = (2.5, 97.5)
"""Percentiles between which 95% of the futures lie."""
AT_ONCE = 0.25
"""Years simulated where only the first day is asked for."""
DIGITS = 4
"""Decimals of a factor."""


@dataclass(frozen=True, slots=True)
class Line:
    """What was spent on a type of placement, or in all, and what is modelled, in £."""

    name: str
    """Type of placement; empty: the types that the ledger names, together."""
    ledger: float | None
    """None of a type that the ledger does not name."""
    mean: float
    low: float
    """95% of futures lie between `low` and `high`."""
    high: float

    @property
    def difference(self) -> float | None:
        """Modelled less ledger."""
        return None if self.ledger is None else self.mean - self.ledger

    @property
    def inside(self) -> bool:
        """Whether the ledger lies in the range, to the penny."""
        return self.ledger is None or self.low - 0.005 <= self.ledger <= self.high + 0.005


@dataclass(frozen=True, slots=True)
class LedgerYear:
    """A ledger beside what is modelled of the same financial year."""

    year: str
    before: bool
    """Whether it is the year before the run, modelled by the placements of the first day."""
    lines: tuple[Line, ...]
    """By type: those of the ledger, and others on which money is spent."""
    total: Line
    """Of the types that the ledger names."""

    @property
    def left_out(self) -> float:
        """Modelled spending on types that the ledger does not name."""
        return math.fsum(line.mean for line in self.lines if line.ledger is None)


@dataclass(frozen=True, slots=True)
class Reconciled:
    """The ledgers of a scenario beside what is modelled."""

    name: str
    start: date
    years: tuple[LedgerYear, ...]
    """In order of time."""
    replications: int
    seed: int

    @property
    def passed(self) -> bool:
        """Whether the total of every ledger lies inside its range."""
        return all(year.total.inside for year in self.years)


def reconcile(
    study: Study,
    *,
    replications: int | None = None,
    seed: int | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Reconciled:
    """Simulate as much of a scenario as its ledgers ask for, and set them beside it.

    Args:
        study: A scenario with a `ledger`.
        replications: Futures simulated; left out: as the scenario says.
        seed: Seed of the random numbers; left out: as the scenario says.
        jobs: Processes; left out: one for each core.
        progress: Called with the replications done and their whole number.

    Raises:
        SufficiencyError: There is no ledger.
    """
    scenario = study.scenario
    if not scenario.ledger:
        raise SufficiencyError(
            f"{scenario.name} has no ledger to reconcile with: state £ spent by type of placement"
            f" in `ledger`, as in `ledger: {{{year_before(scenario.start)}: {{ifa: 5400000}}}}`"
        )
    futures = futures_of(
        study.model_copy(update={"options": ()}),
        {"cost", "cost_run_rate"},
        years=_years_needed(scenario),
        replications=replications,
        seed=seed,
        jobs=jobs,
        progress=progress,
    )
    return Reconciled(
        name=scenario.name,
        start=scenario.start,
        years=tuple(_year(scenario, year, futures) for year in sorted(scenario.ledger)),
        replications=len(futures.values),
        seed=scenario.seed if seed is None else seed,
    )


def _years_needed(scenario: Scenario) -> float:
    """How long to simulate: to the end of the last ledger, in whole years."""
    days = (last_day(max(scenario.ledger)) - scenario.start).days + 1
    return min(scenario.years, math.ceil(days / 366)) if days > 0 else AT_ONCE


def _year(scenario: Scenario, year: str, futures: Futures) -> LedgerYear:
    before = year == year_before(scenario.start)
    ledger = {str(type_): amount for type_, amount in scenario.ledger[year].items()}
    spent = {str(type_): _spent(scenario, year, str(type_), futures) for type_ in TYPES}
    named = [type_ for type_ in spent if type_ in ledger]
    total = np.sum([spent[type_] for type_ in named], axis=0)
    lines = [
        _line(type_, ledger.get(type_), amounts)
        for type_, amounts in spent.items()
        if type_ in ledger or amounts.any()
    ]
    return LedgerYear(year, before, tuple(lines), _line("", math.fsum(ledger.values()), total))


def _line(name: str, ledger: float | None, spent: Floats) -> Line:
    low, high = np.percentile(spent, INSIDE).tolist()
    return Line(name, ledger, float(spent.mean()), low, high)


def _spent(scenario: Scenario, year: str, type_: str, futures: Futures) -> Floats:
    """£ spent on a type of placement in a financial year, in each future."""
    group, start = f"type={type_}", scenario.start
    if year != year_before(start):
        found = futures.of(Key("cost", group, year))
        assert found is not None  # a file may name no year that is not measured
        return found
    rate = futures.of(Key("cost_run_rate", group, start.isoformat()))
    assert rate is not None
    amounts: Floats = rate * to_prices_of(scenario, year, type_)
    return amounts


def to_prices_of(scenario: Scenario, year: str, type_: str) -> float:
    """Factor from a whole year at the prices of the first day to the year before.

    Prices grow on one date a year; a date within the year counts for the days before it.
    """
    prices = scenario.prices
    uplift = prices.uplift.get(type_)  # type: ignore[call-overload]  # none: it does not grow
    last = last_day(year)
    days = [last - timedelta(days=back) for back in range((last - last_day(_before(year))).days)]
    if uplift is None:
        return len(days) / 365
    rate = growth_of_existing(uplift, prices.cpi)
    if gets_allowance(prices.model_dump(by_alias=True), type_):
        rate = uplift.new
    now = uplifts_until(uplift.month, scenario.start)
    levels = [(1 + rate) ** (uplifts_until(uplift.month, day) - now) for day in days]
    return math.fsum(levels) / 365


def _before(year: str) -> str:
    """The financial year before another."""
    first = int(year[:4])
    return f"{first - 1}-{first % 100:02d}"


# --- the factors ------------------------------------------------------------------------------


def factors(study: Study, found: Reconciled) -> dict[str, tuple[float, str]]:
    """By type: the factor on its prices that agrees with the last ledger, and where it is from.

    A type that has no spending in the ledger, or none in the model, has none.
    """
    last = found.years[-1]
    present = study.scenario.prices.factor
    made = {}
    for line in last.lines:
        if not line.ledger or not line.mean > 0:
            continue
        before = present.get(line.name, 1.0)  # type: ignore[call-overload]  # a type without one
        source = f"ledger {last.year} £{line.ledger:,.0f} / modelled £{line.mean:,.0f}"
        source += f", times the factor {before:g} of before" if before != 1 else ""
        made[line.name] = (round(before * line.ledger / line.mean, DIGITS), source)
    return made


def reconciled_text(study: Study, found: Reconciled, scenario: str | Path, to: Path) -> str:
    """A scenario file that extends another and has the factors that agree with the ledger.

    Args:
        study: What was reconciled.
        found: What came out.
        scenario: The scenario: a path, or the name of a shipped one.
        to: The file in which the text will stand.
    """
    rows = {
        type_: {"value": value, "source": source, "confidence": Confidence.DERIVED.value}
        for type_, (value, source) in factors(study, found).items()
    }
    content: dict[str, Any] = {
        "extends": named_from(to.absolute().parent, scenario),
        "name": f"{found.name} (reconciled)",
        "prices": {"factor": rows},
    }
    heading = (
        f"# {found.name} with the prices of each type of placement times a factor, so that what is"
        f" modelled\n# of {found.years[-1].year} agrees with the ledger. Written by `sufficiency"
        f" reconcile`: {found.replications} futures, seed {found.seed}.\n"
    )
    return file_text(content, heading)
