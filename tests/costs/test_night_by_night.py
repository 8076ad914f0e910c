"""Whatever happens, spending is what a night-by-night count in plain Python says, to the penny."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from night_by_night import Oracle
from whatever_happens import anything

from sufficiency.costs import spending
from sufficiency.costs.definitions import SOURCES
from sufficiency.costs.spending import BLOCKS, RETAINED
from sufficiency.periods import calendar
from sufficiency.rows import TYPES
from sufficiency.scenario import Scenario


def check(seed: int) -> None:
    scenario, rows = anything(seed)
    spent, told = spending(scenario, rows), Oracle(scenario, rows)
    assert list(spent.years) == told.years
    check_cells(spent, told)
    for place, year in enumerate(spent.years):
        found = {
            "constant": spent.constant_pence[place],
            "fixed": spent.own_homes_fixed[place],
            "void": spent.own_homes_void[place],
            "recruitment": spent.recruitment[place],
            "staying_put": spent.staying_put[place],
            "programme": spent.programme[place],
            "capital": spent.capital[place],
            **dict(zip(BLOCKS, spent.voids[:, place], strict=True)),
            **{
                f"retainer {n}": v for n, v in zip(RETAINED, spent.retainers[:, place], strict=True)
            },
            **dict(zip(SOURCES, spent.income[:, place], strict=True)),
        }
        homes = range(len(scenario.homes))
        assert found == {
            "constant": told.constant[year],
            "fixed": sum(told.fixed[home, year] for home in homes),
            "void": told.void[year],
            "recruitment": told.recruitment[year],
            "staying_put": told.staying_put[None, year],
            "programme": told.programme[year],
            "capital": told.capital[year],
            **{name: told.voids[name, year] for name in BLOCKS},
            **{f"retainer {name}": told.retainers[name, year] for name in RETAINED},
            **{name: told.income[name, year] for name in SOURCES},
        }
    check_dates(scenario, spent, told)


def check_cells(spent: Any, told: Oracle) -> None:
    for place, year in enumerate(spent.years):
        for array, money in ((spent.nights, told.nights), (spent.pence, told.pence)):
            assert by_cell(array[..., place], year) == of_year(money, year)
        found = by_cell(spent.full_year_nights[..., place], year)
        assert found == of_year(told.full_year, year)
        assert [told.uasc[type_, year] for type_ in range(12)] == spent.uasc_pence[
            :, place
        ].tolist()


def by_cell(values: Any, year: str) -> dict[Any, int]:
    """What is not 0, by cell."""
    cells = [tuple(cell) for cell in np.argwhere(values).tolist()]
    return {(*cell, year): int(values[cell]) for cell in cells}


def of_year(money: Any, year: str) -> dict[Any, int]:
    return {key: value for key, value in money.sums.items() if key[-1] == year and value}


def check_dates(scenario: Scenario, spent: Any, told: Oracle) -> None:
    days = calendar(scenario.start, scenario.years)
    months = dict(zip(days.months.labels, spent.monthly.tolist(), strict=True))
    for label, found in months.items():
        last_of_year = label[5:] == "03" and any(
            y[2:4] == f"{int(label[2:4]) - 1}" for y in spent.years
        )
        assert found == pytest.approx(float(told.by_month[label]), abs=40 if last_of_year else 0.6)
    for place, label in enumerate(days.quarter_ends.labels):
        night = (date.fromisoformat(label) - scenario.start).days
        for type_ in range(12):
            weekly = float(told.run_rate[TYPES[type_].value, night])
            assert spent.run_rate[type_, place] == pytest.approx(weekly * 365 / 100, abs=1e-4)
    for place, label in enumerate(days.marches.labels):
        night = (date.fromisoformat(label) - scenario.start).days
        assert spent.high_cost[place] == told.high_cost[night]
        assert spent.in_care[place] == told.in_care[night]


@given(st.integers(0, 2**32))
@settings(max_examples=15, deadline=None)
def test_every_penny_is_that_of_the_count_night_by_night(seed: int) -> None:
    check(seed)


@pytest.mark.slow
@given(st.integers(0, 2**32))
@settings(max_examples=300, deadline=None)
def test_every_penny_is_that_of_the_count_night_by_night_hundreds_of_times(seed: int) -> None:
    check(seed)
