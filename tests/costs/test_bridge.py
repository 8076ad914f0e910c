"""The bridge between years and options: by hand, and to the penny for whatever is spent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sufficiency.costs.bridge import between_options, between_years, total
from sufficiency.costs.definitions import PARTS, SOURCES
from sufficiency.costs.spending import BLOCKS, RETAINED, Spending
from sufficiency.periods import Ints
from sufficiency.rows import AGES, NEEDS, TYPES

IN_HOUSE, IFA, HOME = (
    [str(type_) for type_ in TYPES].index(name) for name in ("in_house", "ifa", "home_external")
)
STANDARD, COMPLEX, TEEN = 0, 2, 3
EXISTING, NEW = 0, 1
CELLS = (len(TYPES), len(NEEDS), len(AGES))

Entries = Mapping[tuple[int, int, int, int, int], tuple[int, int]]
"""Type, need, age, existing or new, and year: nights and pence."""


def spending(years: int, placements: Entries, **others: Any) -> Spending:
    """Spending on some placements, and nothing else but what is said."""
    nights = np.zeros((*CELLS, 2, years), dtype=np.int64)
    pence = np.zeros_like(nights)
    for cell, (n, cost) in placements.items():
        nights[cell], pence[cell] = n, cost
    of_year = np.zeros(years, dtype=np.int64)
    values: dict[str, Any] = {
        **{field.name: of_year for field in fields(Spending)},
        "years": tuple(f"{2025 + year}-{26 + year}" for year in range(years)),
        "nights": nights,
        "pence": pence,
        "full_year_nights": np.zeros((*CELLS, years), dtype=np.int64),
        "voids": np.zeros((len(BLOCKS), years), dtype=np.int64),
        "retainers": np.zeros((len(RETAINED), years), dtype=np.int64),
        "income": np.zeros((len(SOURCES), years), dtype=np.int64),
        **others,
    }
    return Spending(**values)


def parts(found: Ints, year: int = -1) -> dict[str, int]:
    """The parts of a year that are not 0."""
    values = dict(zip(PARTS, found[:, year].tolist(), strict=True))
    return {part: value for part, value in values.items() if value}


# --- by hand ----------------------------------------------------------------------------------


def two_children() -> Spending:
    # Anna is with an agency for all 365 nights of both years: 100.00 a night, then 103.00.
    # Ben enters a home on 1 January of the first year (90 nights to 31 March) at 600.00 a night,
    # and stays all of the second (275 nights more) at 630.00.
    # In the second year Cem comes to the agency for 65 nights, at 120.00.
    full_year = np.zeros((*CELLS, 2), dtype=np.int64)
    full_year[HOME, COMPLEX, TEEN, 1] = 275
    return spending(
        2,
        {
            (IFA, STANDARD, TEEN, EXISTING, 0): (365, 365 * 100_00),
            (IFA, STANDARD, TEEN, EXISTING, 1): (365, 365 * 103_00),
            (IFA, STANDARD, TEEN, NEW, 1): (65, 65 * 120_00),
            (HOME, COMPLEX, TEEN, NEW, 0): (90, 90 * 600_00),
            (HOME, COMPLEX, TEEN, EXISTING, 1): (365, 365 * 630_00),
        },
        full_year_nights=full_year,
    )


def test_the_bridge_of_two_children_and_one_who_comes() -> None:
    # First year:  365 x 100 + 90 x 600 =  36,500 +  54,000            =  90,500.00
    # Second year: 365 x 103 + 65 x 120 + 365 x 630
    #            =  37,595   +  7,800   + 229,950                      = 275,345.00
    # Change                                                           = 184,845.00
    # Price, existing: 365 x (103 - 100) + 365 x (630 - 600) = 1,095 + 10,950 = 12,045.00
    # Price, new: 65 x (120 - 100)                                     =   1,300.00
    # Full-year effect: Ben's 275 more nights x 600                    = 165,000.00
    # Volume: the 65 other nights x 90,500 / 455 = 65 x 198.901...     =  12,928.57
    # Mix: they were at the agency, at 100 and not at 198.90: 6,500 - 12,928.57 = -6,428.57
    found = between_years(two_children())
    assert parts(found, 0) == {}
    assert parts(found, 1) == {
        "price_existing": 12_045_00,
        "price_new": 1_300_00,
        "full_year_effect": 165_000_00,
        "volume": 12_928_57,
        "mix": -6_428_57,
    }
    assert total(two_children()).tolist() == [90_500_00, 275_345_00]


def test_an_option_that_has_a_child_live_elsewhere_at_the_same_prices_changes_the_mix_only() -> (
    None
):
    # 100 of 300 nights are in-house at 60.00 and not with an agency at 130.00: 100 x 70 less.
    # On top come 50.00 more income, a retainer of 20.00 less, and a carer recruited for 900.00.
    baseline = spending(
        1,
        {
            (IFA, STANDARD, TEEN, NEW, 0): (300, 300 * 130_00),
            (IN_HOUSE, STANDARD, TEEN, NEW, 0): (200, 200 * 60_00),
        },
        retainers=np.array([[20_00], [5_00]]),
    )
    option = spending(
        1,
        {
            (IFA, STANDARD, TEEN, NEW, 0): (200, 200 * 130_00),
            (IN_HOUSE, STANDARD, TEEN, NEW, 0): (300, 300 * 60_00),
        },
        retainers=np.array([[0], [5_00]]),
        recruitment=np.array([900_00]),
        income=np.array([[50_00], [0], [0]]),
    )
    assert parts(between_options(baseline, option)) == {
        "mix": -7_000_00,
        "retainers": -20_00,
        "recruitment": 900_00,
        "income": -50_00,
    }


def test_between_options_existing_and_new_are_set_against_their_own_price() -> None:
    # Existing cost 80.00 in both; new 100.00, and 90.00 in the option. There are 10 new ones more.
    baseline = spending(
        1,
        {
            (IFA, STANDARD, TEEN, EXISTING, 0): (100, 100 * 80_00),
            (IFA, STANDARD, TEEN, NEW, 0): (40, 40 * 100_00),
        },
    )
    option = spending(
        1,
        {
            (IFA, STANDARD, TEEN, EXISTING, 0): (100, 100 * 80_00),
            (IFA, STANDARD, TEEN, NEW, 0): (50, 50 * 90_00),
        },
    )
    # price of new: 50 x -10; volume: 10 x (8,000 + 4,000) / 140 = 857.14; at 100 each, 1,000.
    assert parts(between_options(baseline, option)) == {
        "price_new": -500_00,
        "volume": 857_14,
        "mix": 142_86,
    }


def test_a_cell_that_was_empty_has_the_price_of_its_type_and_else_no_price_effect() -> None:
    # Agency: 100 nights at 100.00 were standard, 10 complex ones at 150.00 come: 50 more a night.
    # Home: nobody was in one; 10 nights at 600.00 are volume and mix.
    # Volume: 20 x 100.00 = 2,000; mix: 10 x (600 - 100) = 5,000.
    found = between_years(
        spending(
            2,
            {
                (IFA, STANDARD, TEEN, EXISTING, 0): (100, 100 * 100_00),
                (IFA, STANDARD, TEEN, EXISTING, 1): (100, 100 * 100_00),
                (IFA, COMPLEX, TEEN, NEW, 1): (10, 10 * 150_00),
                (HOME, COMPLEX, TEEN, NEW, 1): (10, 10 * 600_00),
            },
        )
    )
    assert parts(found) == {"price_new": 500_00, "volume": 2_000_00, "mix": 5_000_00}


def test_between_options_a_cell_that_was_empty_has_no_price_effect() -> None:
    baseline = spending(1, {(IFA, STANDARD, TEEN, NEW, 0): (100, 100 * 100_00)})
    option = spending(1, {(IFA, COMPLEX, TEEN, NEW, 0): (100, 100 * 150_00)})
    assert parts(between_options(baseline, option)) == {"mix": 5_000_00}


def test_children_where_nobody_was_are_volume() -> None:
    nobody = spending(1, {})
    somebody = spending(1, {(HOME, COMPLEX, TEEN, NEW, 0): (10, 10 * 600_00)})
    assert parts(between_options(nobody, somebody)) == {"volume": 6_000_00}
    assert parts(between_options(somebody, nobody)) == {"volume": -6_000_00}
    assert parts(between_options(nobody, nobody)) == {}


def test_a_run_without_a_complete_year_has_no_bridge() -> None:
    assert between_years(spending(0, {})).shape == (len(PARTS), 0)
    assert between_options(spending(0, {}), spending(0, {})).shape == (len(PARTS), 0)


@pytest.mark.parametrize(
    ("field", "part", "sign", "shape"),
    [
        ("own_homes_fixed", "own_homes_fixed", 1, ()),
        ("voids", "voids", 1, (len(BLOCKS),)),
        ("retainers", "retainers", 1, (len(RETAINED),)),
        ("recruitment", "recruitment", 1, ()),
        ("staying_put", "staying_put", 1, ()),
        ("programme", "programme", 1, ()),
        ("income", "income", -1, (len(SOURCES),)),
    ],
)
def test_what_is_not_paid_for_nights_is_its_own_part(
    field: str, part: str, sign: int, shape: tuple[int, ...]
) -> None:
    lines = shape[0] if shape else 1
    values = np.broadcast_to(np.array([3_00, 10_00]), (*shape, 2))
    found = spending(2, {}, **{field: values})
    assert parts(between_years(found)) == {part: sign * 7_00 * lines}
    assert parts(between_options(spending(2, {}), found), 0) == {part: sign * 3_00 * lines}
    assert total(found).tolist() == [sign * 3_00 * lines, sign * 10_00 * lines]


@pytest.mark.parametrize("field", ["own_homes_void", "capital", "constant_pence"])
def test_what_is_part_of_something_else_or_of_nothing_is_in_no_part(field: str) -> None:
    found = spending(2, {}, **{field: np.array([3_00, 10_00])})
    assert not between_years(found).any()
    assert not total(found).any()


# --- whatever is spent ------------------------------------------------------------------------

YEARS = 3


def whole(shape: tuple[int, ...], least: int, most: int) -> st.SearchStrategy[Any]:
    return arrays(np.int64, shape, elements=st.integers(least, most), fill=st.just(0))


@st.composite
def spendings(draw: st.DrawFn) -> Spending:
    nights = draw(whole((*CELLS, 2, YEARS), 0, 40_000))
    pence = draw(whole((*CELLS, 2, YEARS), 0, 3_000_000_000))
    of_years = {
        name: draw(whole((YEARS,), 0, 10**10))
        for name in ("own_homes_fixed", "recruitment", "staying_put", "programme", "capital")
    }
    return replace(
        spending(YEARS, {}),
        nights=nights,
        pence=np.where(nights > 0, pence, 0),
        full_year_nights=draw(whole((*CELLS, YEARS), -40_000, 40_000)),
        voids=draw(whole((len(BLOCKS), YEARS), 0, 10**9)),
        retainers=draw(whole((len(RETAINED), YEARS), 0, 10**9)),
        income=draw(whole((len(SOURCES), YEARS), 0, 10**9)),
        **of_years,
    )


def spent_and_received(spent: Spending) -> list[int]:
    """Net cost by year, added up line by line."""
    plus = (spent.pence, spent.own_homes_fixed, spent.voids, spent.retainers, spent.recruitment,
            spent.staying_put, spent.programme)  # fmt: skip
    return [
        sum(int(value[..., year].sum()) for value in plus) - int(spent.income[:, year].sum())
        for year in range(YEARS)
    ]


@settings(max_examples=30, deadline=None, derandomize=True)
@given(spendings(), spendings())
def test_the_parts_add_up_to_the_change_to_the_penny(one: Spending, other: Spending) -> None:
    ones, others = spent_and_received(one), spent_and_received(other)
    assert total(one).tolist() == ones
    changes = [0, *(after - before for before, after in pairwise(ones))]
    assert between_years(one).sum(axis=0).tolist() == changes
    difference = [b - a for a, b in zip(ones, others, strict=True)]
    assert between_options(one, other).sum(axis=0).tolist() == difference
    # There and back: what is not paid for nights is the same with its sign turned.
    back = between_options(other, one)
    apart = PARTS.index("own_homes_fixed")
    assert (between_options(one, other)[apart:] == -back[apart:]).all()
    assert (between_options(one, other).sum(axis=0) == -back.sum(axis=0)).all()


@settings(max_examples=15, deadline=None, derandomize=True)
@given(spendings())
def test_an_option_that_changes_nothing_has_no_bridge(spent: Spending) -> None:
    assert not between_options(spent, replace(spent)).any()


@settings(max_examples=30, deadline=None, derandomize=True)
@given(spendings(), spendings())
def test_the_same_nights_at_other_prices_have_a_price_effect_only_there_and_back(
    one: Spending, other: Spending
) -> None:
    same = replace(other, nights=one.nights, pence=np.where(one.nights > 0, other.pence, 0))
    there, back = between_options(one, same), between_options(same, one)
    by_vintage = (same.pence - one.pence).sum(axis=(0, 1, 2))
    assert (there[:2] == by_vintage).all()
    assert not there[PARTS.index("full_year_effect") : PARTS.index("own_homes_fixed")].any()
    assert (there == -back).all()


@settings(max_examples=20, deadline=None, derandomize=True)
@given(spendings(), st.integers(1, 100_000), st.integers(-300, 300))
def test_at_one_price_for_everybody_only_the_number_of_nights_counts(
    spent: Spending, price: int, for_full_year: int
) -> None:
    nights = spent.nights.copy()
    nights[IFA, STANDARD, TEEN, EXISTING] += 1  # somebody is always there, so there is a price
    full_year = np.zeros_like(spent.full_year_nights)
    full_year[IFA, STANDARD, TEEN, 1:] = for_full_year
    flat = replace(spent, nights=nights, pence=nights * price, full_year_nights=full_year)
    change = np.diff(nights.sum(axis=(0, 1, 2, 3)))
    found = dict(zip(PARTS, between_years(flat)[:, 1:].tolist(), strict=True))
    nothing = [0] * (YEARS - 1)
    assert found["price_existing"] == found["price_new"] == found["mix"] == nothing
    assert found["full_year_effect"] == [for_full_year * price] * (YEARS - 1)
    assert found["volume"] == ((change - for_full_year) * price).tolist()
