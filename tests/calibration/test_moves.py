from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from known_lives import YEAR, authority_of_moves
from scipy.stats import binom
from small_history import Life, Stay, history

from sufficiency.calibration.estimates import Estimate
from sufficiency.calibration.intervals import multiplicities
from sufficiency.calibration.move_rates import MoveData, Regression, fit
from sufficiency.calibration.moves import (
    BREAKS,
    Moving,
    cause_counts,
    fitted_moves,
    move_data,
    move_estimates,
    move_table,
)
from sufficiency.calibration.moves_on import moving_on_estimates
from sufficiency.calibration.placed import AGES, KINDS, Placed, placed
from sufficiency.history.tables import History
from sufficiency.scenario import Scenario
from sufficiency.scenario_file import load

NONE = np.zeros((0, 0))
CAUSES = {"planned": 0.33, "breakdown": 0.36, "other": 0.31}
ENGLAND = (0.0090, 0.0030, 0.0020, 0.0021, 0.0019, 0.0011, 0.0004, 0.0002)
FACTORS = {"under_5": 0.8, "5-9": 0.9, "10-15": 1.2, "16-17": 1.2}
SHARES = {"foster": 0.55, "home": 0.15, "kin": 0.2, "parents": 0.1}
OF_KIND = {"foster": 1.0, "home": 0.55, "kin": 0.6, "parents": 0.7}


@pytest.fixture(scope="module")
def england() -> Scenario:
    """England, from whose hazard nobody goes to supported accommodation at 16."""
    base = load("england").scenario
    after = {"foster": {"16-17": {"foster": 1.0}}}
    placement = base.placement.model_copy(update={"plan_after_move": after})
    return base.model_copy(update={"placement": placement})


@pytest.fixture(scope="module")
def whole_england() -> Scenario:
    return load("england").scenario


def child(*stays: Stay, born: str = "2012-06-01", reason: str = "other", **more: object) -> Life:
    return Life(born, "10-15", stays, reason if stays[-1].ended else "", **more)


def counted(past: History, base: Scenario) -> tuple[Placed, MoveData]:
    places = placed(past)
    return places, move_data(places, base, CAUSES)


def by_band(data: MoveData, amounts: np.ndarray) -> list[float]:
    return data.by_cell(amounts).reshape(data.shape).sum(axis=(1, 2)).tolist()


def of(estimates: object, path: str) -> Estimate:
    return next(e for e in estimates if e.path == path)  # type: ignore[attr-defined]  # any iterable


# ---- Counting -----------------------------------------------------------------------------------


def test_nights_and_moves_by_time_in_placement_are_those_counted_by_hand(
    england: Scenario,
) -> None:
    _, data = counted(
        history(
            child(
                Stay("in_house", "2024-01-01", "2024-01-11", "breakdown"),  # 10 nights
                Stay("ifa", "2024-01-11", "2024-02-20", "planned"),  # 40
                Stay("ifa", "2024-02-20"),  # 405 until 31 March 2025
            ),
            # 41 days before the window, in a placement that goes on for 20 nights in it
            child(Stay("kinship", "2023-02-19", "2023-04-21"), born="2020-01-01"),
        ),
        england,
    )
    # The first night that is seen begins half a day after the start.
    assert by_band(data, data.nights) == [
        6.5 + 6.5 + 6.5, 3.5 + 23 + 23, 10.5 + 61 + 20, 91, 183, 40.5, 0, 0,
    ]  # fmt: skip
    assert by_band(data, data.events) == [0, 1, 1, 0, 0, 0, 0, 0]
    kin = data.by_cell(data.nights).reshape(data.shape)[:, 0, KINDS.index("kin")]
    assert kin.sum() == 20


def test_age_is_that_at_the_start_of_the_placement(england: Scenario) -> None:
    places, _ = counted(
        history(
            child(
                Stay("in_house", "2023-04-01", "2024-06-02", "breakdown"),
                Stay("in_house", "2024-06-02", "2024-07-01", "breakdown"),
                Stay("in_house", "2024-07-01"),
                born="2014-06-02",
            )
        ),
        england,
    )
    assert [AGES[age] for age in places.age] == ["5-9", "10-15", "10-15"]


@pytest.mark.parametrize(
    ("following", "cause"),
    [
        ("adoption", "to_adoption"),
        ("in_house", "household_left"),
        ("home_external", "home_closed"),
        ("supported", "move_on"),
        ("supported", "planned"),
    ],
)
def test_moves_with_events_of_their_own_are_none_of_the_hazard(
    england: Scenario, following: str, cause: str
) -> None:
    past = history(
        child(
            Stay("in_house", "2024-01-01", "2024-07-01", cause),
            Stay(following, "2024-07-01"),
            born="2008-01-01",
        )
    )
    _, data = counted(past, england)
    assert data.events.sum() == 0
    assert data.nights.sum() >= 182


def test_stopgaps_remands_and_placements_whose_start_is_not_known_are_left_out(
    england: Scenario,
) -> None:
    moved = (Stay("in_house", "2024-01-01", "2024-02-01", "breakdown"), Stay("ifa", "2024-02-01"))
    past = history(
        child(*moved, remand=True), child(*moved), child(Stay("unregistered", "2024-01-01"))
    )
    assert past.placements is not None
    dated = [True, True, False, True, True]
    past = replace(past, placements=past.placements.assign(dated=dated))
    _, data = counted(past, england)

    assert data.events.sum() == 0
    assert data.nights.sum() == 424  # of one placement: 1 February 2024 to 31 March 2025


def test_nights_at_16_are_thinned_by_the_moves_on_that_look_planned(
    whole_england: Scenario,
) -> None:
    past = history(child(Stay("in_house", "2023-05-01"), born="2008-06-01"))
    _, data = counted(past, whole_england)
    # 397 nights before 1 June 2024, 303 after; 34% of planned and other moves go to supported.
    kept = 1 - 0.34 * (0.33 + 0.31)
    assert data.nights.sum() == pytest.approx(397 + 303 * kept)


def test_planned_moves_beyond_their_ratio_to_others_are_moves_across(
    england: Scenario,
) -> None:
    def lives(start: str, end: str, cause: str, n: int) -> list[Life]:
        days = ("2024-01-01", "2024-02-01")
        return [child(Stay(start, *days, cause), Stay(end, days[1]))] * n

    past = history(
        *lives("in_house", "in_house", "planned", 20), *lives("in_house", "in_house", "other", 20),
        *lives("ifa", "in_house", "planned", 40), *lives("ifa", "in_house", "other", 10),
    )  # fmt: skip
    places, data = counted(past, england)

    # As many planned as others elsewhere, so 10 of the 40 from an agency are of the hazard.
    assert places.acrossness.max() == pytest.approx(0.75)
    assert data.events.sum() == pytest.approx(20 + 20 + 10 + 10)
    assert cause_counts(places, england) == pytest.approx(
        {"planned": 30, "breakdown": 0, "other": 30}
    )


# ---- The regression -----------------------------------------------------------------------------


def authority(seed: int, *, variance: float = 0.0, per_year: float = 150) -> History:
    kinds = {kind: (share, OF_KIND[kind]) for kind, share in SHARES.items()}
    return authority_of_moves(
        np.random.default_rng(seed), per_year, ENGLAND, tuple(FACTORS.values()), kinds, variance
    )


def test_without_a_prior_the_fit_is_that_of_a_poisson_regression(england: Scenario) -> None:
    _, data = counted(authority(1), england)
    found, _ = fit(data, Regression(data, 1e-6), 0.0)

    nights, moves = data.by_cell(data.nights), data.by_cell(data.events)
    here = (nights > 0) & (data.base > 0)
    time, age, kind = np.unravel_index(np.flatnonzero(here), data.shape)
    design = np.hstack([np.eye(8)[time], np.eye(4)[age][:, 1:], np.eye(len(KINDS))[kind]])
    design = design[:, design.any(axis=0)][:, :-1]  # of the kinds one is the reference
    offset = np.log(nights[here] * data.base[here])
    theirs = sm.GLM(moves[here], design, family=sm.families.Poisson(), offset=offset).fit()
    assert found.rates(data)[here] * nights[here] == pytest.approx(theirs.fittedvalues, rel=1e-3)


def test_factors_shrink_by_the_moves_that_are_expected(england: Scenario) -> None:
    drawn = multiplicities(1, 0, 1)
    past = history(
        child(Stay("in_house", "2024-01-01", "2024-01-05", "breakdown"), Stay("ifa", "2024-01-05"))
    )
    moving = fitted_moves(past, england, drawn)
    assert moving is not None
    found = of(move_estimates(moving, england), "moves.kind_factor.foster")

    assert found.weight == pytest.approx(found.n / (found.n + 5))
    assert found.value == pytest.approx(1.0, rel=0.01)  # its level is the level
    assert found.low is not None
    # Nothing is known: within 2.4 times either way
    assert found.low == pytest.approx(np.exp(-1.96 / np.sqrt(5)), rel=0.1)


def test_who_moves_often_is_less_often_there_so_plain_counts_are_too_low(
    england: Scenario,
) -> None:
    _, data = counted(authority(2, variance=1.0, per_year=600), england)
    regression = Regression(data, 1e-6)
    plain, _ = fit(data, regression, 0.0)
    true, _ = fit(data, regression, 1.0)

    late = 6  # two to five years in placement
    for found, low, high in ((plain, 0.0, 0.8), (true, 0.85, 1.15)):
        rate = found.rates(data).reshape(data.shape)[late, 1, 0]
        assert low < rate / (ENGLAND[late] * FACTORS["5-9"]) < high


def test_the_variance_between_children_is_found(england: Scenario) -> None:
    moving = fitted_moves(authority(3, variance=0.8, per_year=300), england, NONE)
    assert moving is not None
    value, low, high = moving.frailty
    assert low < 0.8 < high
    assert value == pytest.approx(0.8, rel=0.35)


def fitted(seed: int, england: Scenario) -> Moving:
    past = authority(seed, variance=0.1)
    assert past.care is not None
    drawn = multiplicities(past.care["child"].nunique(), 100, 1)
    moving = fitted_moves(past, england, drawn)
    assert moving is not None
    return moving


def test_the_table_of_moves_adds_up_however_it_is_divided(england: Scenario) -> None:
    table = move_table(fitted(4, england), england)
    totals = table.groupby("by")[["moves", "child_years"]].sum()
    assert totals["moves"].max() == pytest.approx(totals["moves"].min(), abs=0.5)
    assert totals["child_years"].max() == pytest.approx(totals["child_years"].min())
    seen = table[table["moves"] > 30]
    assert ((seen["low"] < seen["fitted"]) & (seen["fitted"] < seen["high"])).all()
    assert (seen["fitted"] / seen["observed"]).between(0.85, 1.15).all()


def test_the_same_seed_gives_the_same_intervals(england: Scenario) -> None:
    first, again = (list(move_estimates(fitted(5, england), england)) for _ in range(2))
    assert first == again


@pytest.mark.slow
def test_intervals_hold_true_hazards_as_often_as_they_should(england: Scenario) -> None:
    luck, scale = np.random.default_rng(6), england.moves.scale
    inside = []
    for _ in range(20):
        time, age = np.exp(0.3 * luck.standard_normal(8)), np.exp(0.3 * luck.standard_normal(4))
        kind = dict(zip(SHARES, np.exp(0.3 * luck.standard_normal(4)), strict=True))
        past = authority_of_moves(
            luck, 170, np.array(ENGLAND) * scale * time, np.array(list(FACTORS.values())) * age,
            {k: (share, OF_KIND[k] * kind[k]) for k, share in SHARES.items()}, 0.1,
        )  # fmt: skip
        assert past.care is not None
        drawn = multiplicities(past.care["child"].nunique(), 100, 1)
        moving = fitted_moves(past, england, drawn)
        assert moving is not None
        # Of a child of 10 to 15 with a foster family: level and factors are known only together.
        for i in range(8):
            found = moving.found
            log = found.level + found.factors[0][i] + found.factors[1][2] + found.factors[2][0]
            logs = moving.levels + moving.factors[0][:, i]
            logs = logs + moving.factors[1][:, 2] + moving.factors[2][:, 0]
            w = found.expected[0][i] / (found.expected[0][i] + 5)
            sd = np.sqrt(logs.var(ddof=1) + (1 - w) ** 2 / 5)
            inside.append(abs(log - np.log(time[i] * age[2] * kind["foster"])) < 1.96 * sd)

    n = len(inside)
    assert binom.ppf(0.0005, n, 0.92) <= sum(inside) <= binom.ppf(0.9995, n, 0.98)


# ---- Moves on -----------------------------------------------------------------------------------


def test_the_share_who_move_on_is_that_of_nights_at_16_over_two_years(
    england: Scenario,
) -> None:
    lives = [
        child(  # 16 on 1 October 2023; moves on after 200 nights, 347 more to the end
            Stay("in_house", "2023-05-01", "2024-04-18", "move_on"),
            Stay("supported", "2024-04-18"),
            born="2007-10-01",
        ),
        child(Stay("in_house", "2023-05-01"), born="2007-10-01"),  # 547 nights
        child(Stay("parents", "2023-05-01"), born="2007-10-01"),  # none from there
        child(Stay("in_house", "2023-12-01"), born="2007-10-01"),  # entered at 16
        child(Stay("in_house", "2022-05-01"), born="2007-03-01"),  # 16 before the window
    ]
    past = history(*lives)
    moving = fitted_moves(past, england, NONE)
    assert moving is not None
    found = of(moving_on_estimates(past, england, moving), "moves.move_on_share")

    at_risk = (200 + 347 + 547) / (2 * YEAR)
    assert found.local == pytest.approx(1 / at_risk)
    usual = england.moves.move_on_share
    assert found.n == pytest.approx(usual * at_risk)
    assert found.value == pytest.approx((5 + 1) / (5 / usual + at_risk), rel=1e-3)


def test_moves_hidden_among_moves_on_are_those_of_their_own_time_in_placement(
    whole_england: Scenario,
) -> None:
    """Those who live long with one carer move little, whatever others do in their first weeks."""
    settled = child(
        Stay("in_house", "2015-01-01", "2024-04-18", "move_on"),
        Stay("supported", "2024-04-18"),
        born="2007-10-01",
    )
    restless = child(
        Stay("ifa", "2024-03-01", "2024-03-20", "breakdown"),
        Stay("in_house", "2024-03-20", "2024-04-01", "other"),
        Stay("ifa", "2024-04-01"),
        born="2009-10-01",
    )
    past = history(*[settled] * 20, *[restless] * 20)
    moving = fitted_moves(past, whole_england, NONE)
    assert moving is not None
    found = of(moving_on_estimates(past, whole_england, moving), "moves.move_on_share")
    nights = 20 * 200 * 0.34 * 0.64  # from the 16th birthday on, of moves that go to supported
    hazard = whole_england.moves.scale * ENGLAND[7] * FACTORS["10-15"]
    assert found.local is not None
    at_risk = 20 * 547 / (2 * YEAR)
    assert 20 - found.local * at_risk < nights * hazard


def test_the_stage_with_adopters_is_their_mean_where_all_are_seen(england: Scenario) -> None:
    lives = [
        child(
            Stay("in_house", "2023-04-10", "2023-06-01", "to_adoption"),
            Stay("adoption", "2023-06-01", end),
            reason="adopted", born="2023-04-10",
        )
        for end in ("2023-09-09", "2024-01-01", "2024-03-27")  # 100, 214, 300 days
    ]  # fmt: skip
    past = history(*lives)
    moving = fitted_moves(past, england, NONE)
    assert moving is not None
    found = of(moving_on_estimates(past, england, moving), "moves.adoption_stage.mean_days")

    assert found.local == pytest.approx(614 / 3, rel=1e-3)
    assert found.weight == pytest.approx(3 / 8)
    assert min(198, 614 / 3) < found.value < max(198, 614 / 3)


def test_a_history_without_placements_says_nothing_of_moves(england: Scenario) -> None:
    past = replace(history(child(Stay("in_house", "2024-01-01"))), placements=None)
    assert fitted_moves(past, england, NONE) is None
    assert len(BREAKS) == 7
