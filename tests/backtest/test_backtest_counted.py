"""What the constant-rate model counts, against counting on one's fingers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from few_children import history

from sufficiency.backtest.counted import TYPES, counted
from sufficiency.vocabulary import PlacementType

IN_HOUSE, IFA, KINSHIP, HOME, SUPPORTED = (
    TYPES.index(PlacementType(t))
    for t in ("in_house", "ifa", "kinship", "home_external", "supported")
)


def test_the_last_three_years_are_counted_by_type() -> None:
    found = counted(history())["non_uasc"]
    assert found.rates.days == 1095  # 1 April 2020 to 31 March 2023
    assert found.rates.entries[[IN_HOUSE, IFA]].tolist() == [1, 1]
    assert found.rates.entries.sum() == 2  # not those who entered in 2018 and 2019
    assert found.rates.moves[IN_HOUSE, HOME] == 1
    assert found.rates.moves[IFA, IFA] == 1
    assert found.rates.moves.sum() == 2
    assert found.rates.exits[IFA] == 1
    assert found.rates.exits.sum() == 1  # not the one of 2019


def test_days_lived_in_each_type_are_those_within_the_three_years() -> None:
    days = counted(history())["non_uasc"].rates.child_days
    # 1 May 2020 to 1 June 2021; the home from then to the end
    assert days[IN_HOUSE] == 396
    assert days[HOME] == 669
    # 1095 of the first child, 1 April 2021 to 1 August 2022 of the third
    assert days[IFA] == 1095 + 487
    assert days[KINSHIP] == 0


def test_the_stock_is_who_is_there_on_the_last_day() -> None:
    found = counted(history())
    assert found["non_uasc"].stock[[IFA, HOME]].tolist() == [1, 1]
    assert found["non_uasc"].stock.sum() == 2
    assert found["uasc"].stock[SUPPORTED] == 1
    assert found["uasc"].rates.entries[SUPPORTED] == 1


def test_nothing_is_counted_across_a_year_without_a_return() -> None:
    gap = ((date(2020, 4, 1), date(2021, 3, 31)),)
    found = counted(replace(history(), gaps=gap))["non_uasc"].rates
    assert found.days == 730  # 1 April 2021 to 31 March 2023
    assert found.entries.sum() == 1
    assert found.child_days[IN_HOUSE] == 61  # 1 April to 1 June 2021
