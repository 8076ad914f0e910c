"""The constant-rate model against results on paper."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.linalg import expm

from sufficiency.backtest.markov import Rates, chances, simulate, together

YEAR = 365.0
LONG = 1e6
"""Days counted, so many that the rates are known."""


def rates(entries: list[float], moves: list[list[float]], exits: list[float]) -> Rates:
    """Rates a day, known all but exactly."""
    return Rates(
        entries=np.round(np.array(entries) * LONG).astype(np.int64),
        days=LONG,
        moves=np.round(np.array(moves) * LONG).astype(np.int64),
        exits=np.round(np.array(exits) * LONG).astype(np.int64),
        child_days=np.full(len(entries), LONG),
    )


def near(values: np.ndarray, expected: float) -> bool:
    """Whether a mean over futures is what it should be, within four standard errors."""
    return abs(values.mean() - expected) < 4 * values.std() / math.sqrt(len(values))


def test_one_type_is_an_m_m_infinity_queue() -> None:
    # N(t) = Binomial(N0, e^-mt) + Poisson(l/m (1 - e^-mt))
    entry, leaving, years = 0.2, 0.002, [YEAR, YEAR]
    found = simulate(
        rates([entry], [[0]], [leaving]), np.array([60]), years, 4000, np.random.default_rng(4)
    )
    for year, time in enumerate((YEAR, 2 * YEAR)):
        stay = math.exp(-leaving * time)
        new = entry / leaving * (1 - stay)
        stock = found.stocks[:, year, 0]
        assert near(stock, 60 * stay + new)
        assert stock.var() == pytest.approx(60 * stay * (1 - stay) + new, rel=0.1)


def test_exits_are_what_came_less_what_is_there() -> None:
    found = simulate(
        rates([0.1], [[0.001]], [0.003]), np.array([40]), [YEAR] * 3, 50, np.random.default_rng(5)
    )
    came = 40 + found.entries.cumsum(axis=1) - found.exits.cumsum(axis=1)
    assert (came == found.stocks[:, :, 0]).all()


def test_children_spread_over_types_as_the_matrix_says() -> None:
    # of 300 children in the first type, after t: the first row of exp(Qt), out of care left out
    moving = [[0, 0.002], [0.001, 0]]
    leaving = [0.0005, 0.001]
    q = np.array([[-0.0025, 0.002], [0.001, -0.002]])
    found = simulate(
        rates([0, 0], moving, leaving), np.array([300, 0]), [YEAR], 3000, np.random.default_rng(6)
    )
    expected = 300 * expm(q * YEAR)[0]
    for type_ in range(2):
        # a step holds one event at most: the second within it is left out, about 0.1% of them
        stock = found.stocks[:, 0, type_]
        assert stock.mean() == pytest.approx(expected[type_], rel=0.01)


def test_chances_of_a_hand_worked_matrix() -> None:
    # rates 0.3 and 0.1 a day: something within 2 days with 1 - e^-0.8, three quarters are moves
    moving, leaving = chances(rates([0, 0], [[0, 0.3], [0, 0]], [0.1, 0]), 2)
    assert moving[0] == pytest.approx([0, 0.75 * (1 - math.exp(-0.8))])
    assert leaving == pytest.approx([0.25 * (1 - math.exp(-0.8)), 0])
    assert moving[1] == pytest.approx([0, 0])


def test_moves_to_another_carer_of_the_same_type_count_and_change_no_stock() -> None:
    found = simulate(
        rates([0], [[0.004]], [0]), np.array([100]), [YEAR], 500, np.random.default_rng(7)
    )
    assert (found.stocks[:, 0, 0] == 100).all()
    assert near(found.moves[:, 0], 100 * 52 * -math.expm1(-0.004 * YEAR / 52))


def test_few_entries_leave_the_rate_open() -> None:
    # 20 entries in a year: Poisson alone has variance 20, the rate told from them adds as much
    few = Rates(np.array([20]), YEAR, np.zeros((1, 1), np.int64), np.array([0]), np.array([1.0]))
    found = simulate(few, np.array([0]), [YEAR], 6000, np.random.default_rng(8))
    assert near(found.entries[:, 0], 20.5)
    assert found.entries[:, 0].var() == pytest.approx(41, rel=0.1)


def test_streams_add_up_future_by_future() -> None:
    one = simulate(rates([0.1], [[0]], [0.001]), np.array([5]), [YEAR], 3, np.random.default_rng(9))
    both = together({"non_uasc": one, "uasc": one})
    assert (both.stocks == 2 * one.stocks).all()
    assert (both.entries == 2 * one.entries).all()
