"""Stays by time since entry, and the rest of stays that have lasted some time."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from corners import NOBODY, bare, england
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sufficiency.rows import GROUPS, PATHWAYS, REASONS
from sufficiency.scenario import Distribution, Scenario, with_values
from sufficiency.simulation.arrivals import Children
from sufficiency.simulation.demand import children_of
from sufficiency.simulation.streams import Streams
from sufficiency.simulation.timeline import history_of, timeline
from sufficiency.stays import (
    YEAR,
    length_of_stay,
    mean_stay,
    mean_uasc_stay,
    pathway_shares,
    quantile,
    reconcile,
    remaining_of,
    rest_in_group,
    rest_of_stay,
    rest_of_uasc_stay,
    scales_stays,
    steady_state,
    uasc_stay,
)

HOME = {"returned_home": 1.0}
TEENAGERS = 3
"""Place of 10 to 15 in the age bands."""
TWO_PIECES = {
    "breaks_days": [91.0],
    "leaving_per_year": [2.0, 0.25],
    "reasons": [
        {"returned_home": 0.7, "relatives": 0.3},
        {"special_guardianship": 0.2, "child_arrangements": 0.1, "adopted": 0.1, "other": 0.6},
    ],
}


def by_group(values: dict[str, Any], base: Scenario | None = None) -> Scenario:
    return with_values(base or england(), {"stays.by_group": values, "stays.every_child": None})


def constant(rate: float) -> dict[str, Any]:
    return {"breaks_days": [], "leaving_per_year": [rate], "reasons": [HOME]}


def grid(count: int = 20_000) -> Any:
    return (np.arange(count) + 0.5) / count


def code(reason: str) -> int:
    return [r.value for r in REASONS].index(reason)


def entrants(scenario: Scenario, replication: int = 1) -> Children:
    line = timeline(scenario, history_of(scenario, scenario))
    streams = Streams(scenario.seed, replication)
    everybody = children_of(line, streams, 0.0, scenario.years * YEAR)
    return everybody.chosen(everybody.entered >= 0)


# ---- Closed forms ------------------------------------------------------------------------------


def test_a_constant_hazard_is_an_exponential_stay_cut_at_18() -> None:
    scenario = by_group({"10-15": constant(0.5)})
    u, age = grid(), np.full(20_000, 12 * YEAR)
    days, _ = length_of_stay(scenario, TEENAGERS, age, u, u)
    for at in (30.0, 365.25, 1500.0):
        assert (days > at).mean() == pytest.approx(math.exp(-0.5 * at / YEAR), abs=1e-3)
    assert days.max() == 6 * YEAR
    assert days.mean() == pytest.approx(2 * YEAR * (1 - math.exp(-3.0)), rel=1e-3)


def test_the_mean_stay_averages_over_ages_at_entry() -> None:
    scenario = by_group({"10-15": constant(0.5)})
    # Ages even from 10 to 16: the mean of (1 - exp(-r (18 - a))) / r, with r a half.
    average = 2 - 4 * (math.exp(-1.0) - math.exp(-4.0)) / 6
    assert mean_stay(scenario, TEENAGERS) == pytest.approx(average * YEAR, rel=2e-3)


def test_two_pieces_have_the_survival_of_two_pieces() -> None:
    scenario = by_group({"10-15": TWO_PIECES})
    u, age = grid(), np.full(20_000, 12 * YEAR)
    days, _ = length_of_stay(scenario, TEENAGERS, age, u, u)
    first = math.exp(-2.0 * 91 / YEAR)
    for at, survives in (
        (50.0, math.exp(-2.0 * 50 / YEAR)),
        (91.0, first),
        (1000.0, first * math.exp(-0.25 * 909 / YEAR)),
    ):
        assert (days > at).mean() == pytest.approx(survives, abs=1e-3)
    assert (np.diff(days) >= 0).all()


def test_a_piece_in_which_nobody_leaves_is_passed_over() -> None:
    piece = {
        "breaks_days": [28.0, 182.0],
        "leaving_per_year": [3.0, 0.0, 1.0],
        "reasons": [HOME, HOME, HOME],
    }
    scenario = by_group({"10-15": piece})
    u, age = grid(), np.full(20_000, 10.5 * YEAR)
    days, _ = length_of_stay(scenario, TEENAGERS, age, u, u)
    assert not ((days > 28.0) & (days < 182.0)).any()
    never = by_group({"10-15": constant(0.0)})
    days, _ = length_of_stay(never, TEENAGERS, age, u, u)
    assert (days == 7.5 * YEAR).all()


def test_reasons_are_those_of_the_piece_in_which_a_child_leaves() -> None:
    scenario = by_group({"10-15": TWO_PIECES}, teenagers_only())
    children = [entrants(scenario, k) for k in range(1, 6)]
    days = np.concatenate([c.left - c.entered for c in children])
    born = np.concatenate([c.entered - c.born for c in children])
    reason = np.concatenate([c.reason for c in children])
    pathway = np.concatenate([c.pathway for c in children])
    at_18 = days >= 18 * YEAR - born - 1e-6
    assert (reason[at_18] == code("turned_18")).all()
    assert not (reason[~at_18] == code("turned_18")).any()
    for here, shares in (
        (~at_18 & (days < 91), TWO_PIECES["reasons"][0]),
        (~at_18 & (days > 91), TWO_PIECES["reasons"][1]),
    ):
        count = here.sum()
        assert count > 500
        for name, share in shares.items():
            found = (reason[here] == code(name)).mean()
            assert abs(found - share) < 4 * math.sqrt(share * (1 - share) / count), name
    expected = {
        "adopted": "adoption", "special_guardianship": "court", "child_arrangements": "court",
        "other": "long", "turned_18": "long",
    }  # fmt: skip
    for name, way in expected.items():
        here = reason == code(name)
        assert {PATHWAYS[p].value for p in pathway[here]} == {way}, name
    home = (reason == code("returned_home")) | (reason == code("relatives"))
    assert {PATHWAYS[p].value for p in pathway[home & (days <= 182)]} == {"short"}


def teenagers_only() -> Scenario:
    return bare(
        {
            "years": 5.0,
            "demand.entries_per_100_in_care": {**NOBODY, "10-15": 1.0},
            "demand.entries_per_year": 400.0,
        }
    )


def test_unaccompanied_children_can_have_stays_by_time_since_entry() -> None:
    stay = {
        "breaks_days": [30.0],
        "leaving_per_year": [4.0, 0.1],
        "reasons": [{"age_assessed_18": 1.0}, {"other_authority": 0.5, "independent": 0.5}],
    }
    values = {
        "years": 5.0,
        "demand.uasc.direct_per_year": 400.0,
        "demand.uasc.transfer_scheme.threshold": 1.0,  # nobody is referred on
    }
    plain = bare(values)
    scenario = by_group({"uasc_16-17": stay}, plain)
    found, before = entrants(scenario), entrants(plain)
    older = found.group == GROUPS.index("uasc_16-17")
    np.testing.assert_array_equal(found.left[~older], before.left[~older])
    days = (found.left - found.entered)[older]
    at_18 = found.reason[older] == code("turned_18")
    early = (days < 30) & ~at_18
    assert early.mean() == pytest.approx(1 - math.exp(-4 * 30 / YEAR), abs=0.04)
    assert (found.reason[older][early] == code("age_assessed_18")).all()
    late = set(found.reason[older][~early & ~at_18].tolist())
    assert late == {code("other_authority"), code("independent")}
    assert at_18.any()
    assert {PATHWAYS[p].value for p in found.pathway} == {"uasc"}
    assert mean_uasc_stay(scenario) < mean_uasc_stay(plain)
    u = grid(100)
    days, end = uasc_stay(scenario, np.full(100, 16.5 * YEAR), u, u)
    assert ((end == 0) == (days >= 1.5 * YEAR - 1e-9)).all()


# ---- With the rest of a scenario ---------------------------------------------------------------


def test_the_long_stay_factor_does_not_touch_them() -> None:
    one = by_group({"10-15": TWO_PIECES})
    other = with_values(one, {"stays.long_stay_factor": 3.0})
    assert mean_stay(one, TEENAGERS) == mean_stay(other, TEENAGERS)
    assert mean_stay(one, 0) < mean_stay(other, 0)


def test_other_groups_are_scaled_to_agree_with_the_stock_and_a_warning_says_which_are_not() -> None:
    some = by_group({"10-15": TWO_PIECES})
    reconciled, warnings = reconcile(some)
    assert steady_state(reconciled)["total"] == pytest.approx(457, rel=1e-3)
    assert any("10-15" in text for text in warnings)
    everybody = by_group(dict.fromkeys(GROUPS[:5], TWO_PIECES))
    assert not scales_stays(everybody)
    reconciled, warnings = reconcile(everybody)
    assert reconciled.stays.long_stay_factor == everybody.stays.long_stay_factor
    assert len(warnings) == 2  # it scales nothing, and the number will drift
    kept = with_values(everybody, {"stays.keep_stock_and_flow": False})
    assert not any("keep_stock_and_flow" in text for text in reconcile(kept)[1])


def test_one_distribution_for_everybody_comes_first() -> None:
    scenario = with_values(
        by_group({"10-15": TWO_PIECES}),
        {"stays.every_child": {"distribution": "exponential", "mean_days": 100.0}},
    )
    u, age = grid(100), np.full(100, 12 * YEAR)
    days, _ = length_of_stay(scenario, TEENAGERS, age, u, u)
    np.testing.assert_allclose(days, np.minimum(-np.log1p(-u) * 100, 6 * YEAR))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"breaks_days": [91.0, 182.0]}, "one entry fewer"),
        ({"breaks_days": [], "leaving_per_year": [1.0]}, "as many entries"),
        ({"leaving_per_year": []}, "at least 1"),
        ({"leaving_per_year": [-1.0, 1.0]}, "greater than or equal to 0"),
        ({"reasons": [{"turned_18": 1.0}, HOME]}, "returned_home"),
        ({"reasons": [{"relatives": 0.5}, HOME]}, "add up to 1"),
        (
            {"breaks_days": [91.0, 91.0], "leaving_per_year": [1.0] * 3, "reasons": [HOME] * 3},
            "must increase",
        ),
    ],
)
def test_stays_that_make_no_sense_are_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        by_group({"10-15": {**TWO_PIECES, **change}})


# ---- The rest of a stay ------------------------------------------------------------------------

DISTRIBUTIONS: dict[str, tuple[dict[str, Any], Any]] = {
    "exponential": ({"mean_days": 200.0}, stats.expon(scale=200.0)),
    "lognormal": ({"median_days": 26.0, "sigma": 1.4}, stats.lognorm(1.4, scale=26.0)),
    "weibull": (
        {"mean_days": 300.0, "shape": 0.7},
        stats.weibull_min(0.7, scale=300.0 / math.gamma(1 + 1 / 0.7)),
    ),
    "gamma": ({"mean_days": 198.0, "shape": 4.0}, stats.gamma(4.0, scale=49.5)),
}


@pytest.mark.parametrize("name", DISTRIBUTIONS)
@pytest.mark.parametrize("elapsed", [0.5, 40.0, 700.0])
def test_the_rest_of_a_length_has_its_conditional_survival(name: str, elapsed: float) -> None:
    values, known = DISTRIBUTIONS[name]
    distribution = Distribution(distribution=name, **values)  # type: ignore[arg-type]  # one of its names
    u = grid(999)
    days = remaining_of(distribution, np.full(999, elapsed), u)
    np.testing.assert_allclose(known.sf(days) / known.sf(elapsed), 1 - u, rtol=1e-6)
    assert (np.diff(days) >= 0).all()
    assert days.min() > elapsed


def test_of_nothing_elapsed_the_rest_is_the_whole() -> None:
    u = grid(999)
    pieces = {"breaks_days": (10.0,), "hazards_per_day": (0.1, 0.01)}
    for name, values in [
        *((name, values) for name, (values, _) in DISTRIBUTIONS.items()),
        ("piecewise_constant", pieces),
    ]:
        distribution = Distribution(distribution=name, **values)  # type: ignore[arg-type]  # one of its names
        days = remaining_of(distribution, np.zeros(999), u)
        np.testing.assert_allclose(days, quantile(distribution, u), rtol=1e-6, atol=2e-5)


def test_observed_lengths_go_on_to_those_that_are_longer() -> None:
    distribution = Distribution(distribution="empirical", days=(10.0, 20.0, 30.0, 40.0))
    days = remaining_of(distribution, np.full(10, 15.0), grid(10))
    assert days.tolist() == [20.0] * 3 + [30.0] * 4 + [40.0] * 3


@settings(max_examples=50, deadline=None)
@given(elapsed=st.floats(0.1, 2000.0), age=st.floats(10.0, 12.0))
def test_the_rest_of_a_stay_by_group_inverts_its_conditional_survival(
    elapsed: float, age: float
) -> None:
    scenario = by_group({"10-15": TWO_PIECES})

    def hazard(days: Any) -> Any:
        return (2.0 * np.minimum(days, 91.0) + 0.25 * np.maximum(days - 91.0, 0.0)) / YEAR

    u = grid(200)
    days, reason = rest_in_group(
        scenario, TEENAGERS, np.full(200, age * YEAR), np.full(200, elapsed), u, u
    )
    to_18 = (18 - age) * YEAR
    inside = days < to_18 - 1e-6
    gone_on = np.exp(-(hazard(days) - hazard(elapsed)))
    np.testing.assert_allclose(gone_on[inside], (1 - u)[inside], rtol=1e-4)
    assert (reason[~inside] == code("turned_18")).all()
    assert (days > elapsed).all()
    assert (days <= to_18 + 1e-9).all()


def mixture(scenario: Scenario, group: int, age: float, days: Any) -> Any:
    """Survival of the pathways of one age group, each by its own formula."""
    stays = scenario.stays
    name = ("under_1", "1-4", "5-9", "10-15", "16-17")[group]
    shares = pathway_shares(scenario)[group]
    factor = stays.long_stay_factor
    before = stays.long_leaving_per_year[name] / YEAR / factor  # type: ignore[index]  # a name of an age
    after = stays.long_leaving_per_year_at_16 / YEAR / factor
    to_16 = max(16 * YEAR - age, 0.0)
    long_stays = np.exp(-before * np.minimum(days, to_16) - after * np.maximum(days - to_16, 0.0))

    def lognormal(d: Distribution) -> Any:
        assert d.sigma is not None
        return stats.lognorm(d.sigma, scale=d.median_days).sf(days)

    return (
        shares[0] * lognormal(stays.short)
        + shares[1] * lognormal(stays.court[name])  # type: ignore[index]  # a name of an age
        + shares[2] * lognormal(stays.adoption[name])  # type: ignore[index]  # a name of an age
        + shares[3] * long_stays
    )


@pytest.mark.parametrize("group", range(5))
@pytest.mark.parametrize("elapsed", [3.0, 200.0, 500.0])
def test_the_rest_of_a_mixture_has_its_conditional_survival(group: int, elapsed: float) -> None:
    scenario, count = with_values(england(), {"stays.long_stay_factor": 1.3}), 20_000
    age = (0.5, 2.0, 7.0, 13.0, 16.2)[group] * YEAR
    rng = np.random.default_rng(group)
    days, _ = rest_of_stay(
        scenario, group, np.full(count, age), np.full(count, elapsed), *rng.random((2, count))
    )
    at = mixture(scenario, group, age, elapsed)
    for share in (0.05, 0.3, 0.6):
        then = elapsed + share * (18 * YEAR - age - elapsed)
        expected = mixture(scenario, group, age, then) / at
        error = math.sqrt(expected * (1 - expected) / count)
        assert abs((days > then).mean() - expected) < 4 * error


def test_the_rest_of_a_mixture_is_as_of_those_who_entered_then_and_are_still_there() -> None:
    scenario, count, elapsed = england(), 400_000, 300.0
    rng = np.random.default_rng(3)
    age = np.full(count, 13.0 * YEAR)
    whole, pathway = length_of_stay(scenario, TEENAGERS, age, *rng.random((2, count)))
    still = whole > elapsed
    wanted = still.sum()
    days, ways = rest_of_stay(
        scenario, TEENAGERS, age[:wanted], np.full(wanted, elapsed), *rng.random((2, wanted))
    )
    assert stats.ks_2samp(days, whole[still]).pvalue > 1e-3
    table = [np.bincount(pathway[still], minlength=4), np.bincount(ways, minlength=4)]
    some = np.array(table)[:, np.array(table).sum(axis=0) > 0]
    assert stats.chi2_contingency(some).pvalue > 1e-3


def test_the_rest_of_an_unaccompanied_stay_is_as_of_those_who_are_still_there() -> None:
    values = {"stays.uasc.age_assessed_18": 0.3, "stays.uasc.other": 0.3}
    scenario, count, elapsed = with_values(england(), values), 200_000, 90.0
    rng = np.random.default_rng(4)
    age = np.full(count, 16.5 * YEAR)
    whole, end = uasc_stay(scenario, age, *rng.random((2, count)))
    still = whole > elapsed
    wanted = int(still.sum())
    days, ends = rest_of_uasc_stay(
        scenario, age[:wanted], np.full(wanted, elapsed), *rng.random((2, wanted))
    )
    table = [np.bincount(end[still], minlength=3), np.bincount(ends, minlength=3)]
    assert stats.chi2_contingency(table).pvalue > 1e-3
    assert stats.ks_2samp(days, whole[still]).pvalue > 1e-3


def test_the_rest_is_longer_where_stays_are_longer() -> None:
    scenario, u = england(), grid(500)
    age, elapsed = np.full(500, 13.0 * YEAR), np.full(500, 100.0)
    longer = with_values(scenario, {"stays.long_stay_factor": 2.0})
    same_way = np.full(500, 0.99)
    one, _ = rest_of_stay(scenario, TEENAGERS, age, elapsed, same_way, u)
    other, _ = rest_of_stay(longer, TEENAGERS, age, elapsed, same_way, u)
    assert (other >= one).all()
    assert (np.diff(one) >= 0).all()
