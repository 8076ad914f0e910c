"""`verify`: its exact answers are right, a right engine passes, and each check can fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import lru_cache
from math import exp, factorial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from corners import bare, camden, england, erlang_b, steady
from typer.testing import CliRunner, Result

from sufficiency import replication as replications
from sufficiency.answer.verification_screen import text
from sufficiency.cli import app, verifying
from sufficiency.errors import SufficiencyError
from sufficiency.periods import YEAR
from sufficiency.rows import TYPES, Rows, Table
from sufficiency.scenario import Distribution, Edit, Option, Scenario, Study, with_values
from sufficiency.simulation import arrivals, clock, living, system
from sufficiency.simulation.provision import Households
from sufficiency.simulation.rules import Rules
from sufficiency.simulation.streams import Streams
from sufficiency.stays import AGES, mean_stay, mean_uasc_stay, quantile
from sufficiency.verification import Check, Verification, on_paper, running, stripped, verify
from sufficiency.verification.checks import (
    FALSE_ALARM,
    largest_of,
    means_agree,
    most_errors,
    share_agrees,
)

Fault = Callable[[pytest.MonkeyPatch], None]

SMALL: dict[str, Any] = {
    "years": 1.5,
    "replications": 10,
    "authority.children_in_care": 60,
    "authority.child_population": 9_000.0,
    "fostering.households": 14,
    "placement.solo": {"standard": 0.3, "enhanced": 0.5, "complex": 0.8},
    "ifa.places": 8,
    "emergency.beds": 1,
    "supported.block_places": 3,
    "homes": [
        {"name": "One", "registered": 2, "usable": 2, "match_chance": 0.9},
        {"name": "Two", "registered": 2, "usable": 2, "match_chance": 0.9,
         "opens": date(2025, 10, 1), "closes": date(2026, 6, 1)},
    ],
}  # fmt: skip
"""An authority in which places run out, so that every check has something to look at."""


@lru_cache
def small() -> Scenario:
    return with_values(england(), SMALL)


def study(scenario: Scenario | None = None) -> Study:
    beds = Edit(action="set", path="emergency.beds", value=2)
    return Study(scenario=scenario or small(), options=(Option(name="beds", edits=(beds,)),))


@lru_cache
def verified() -> Verification:
    """A small authority, verified by the engine as it is."""
    return verify(study(), replications=10, jobs=1)


# ---- On paper ----------------------------------------------------------------------------------


def test_erlang_b_is_the_share_of_time_that_all_places_are_taken() -> None:
    """The truncated Poisson distribution, summed term by term."""
    for places, load in ((1, 1.0), (3, 2.5), (20, 20.0), (12, 30.0)):
        terms = [load**n / factorial(n) for n in range(places + 1)]
        assert on_paper.erlang_b(places, load) == pytest.approx(terms[-1] / sum(terms))
        assert on_paper.erlang_b(places, load) == pytest.approx(erlang_b(places, load))
    assert on_paper.erlang_b(20, 20.0) == pytest.approx(0.1589, abs=5e-5)
    assert on_paper.erlang_b(5, 0.0) == 0


DISTRIBUTIONS: list[dict[str, Any]] = [
    {"distribution": "exponential", "mean_days": 200.0},
    {"distribution": "lognormal", "mean_days": 200.0, "sigma": 1.0},
    {"distribution": "lognormal", "median_days": 26.0, "sigma": 1.4},
    {"distribution": "weibull", "mean_days": 90.0, "shape": 0.7},
    {"distribution": "gamma", "mean_days": 90.0, "shape": 2.5},
    {"distribution": "piecewise_constant", "breaks_days": [30.0, 100.0],
     "hazards_per_day": [0.01, 0.001, 0.02]},
]  # fmt: skip


@pytest.mark.parametrize("values", DISTRIBUTIONS, ids=lambda v: str(v["distribution"]))
def test_survival_is_what_the_quantiles_of_the_simulation_leave(values: dict[str, Any]) -> None:
    distribution, u = Distribution.model_validate(values), np.linspace(0.01, 0.99, 99)
    days = quantile(distribution, u)
    np.testing.assert_allclose(on_paper.survival(distribution, days), 1 - u, atol=1e-9)


def test_survival_of_observed_lengths_falls_by_a_step_at_each() -> None:
    lengths = Distribution(distribution="empirical", days=(5.0, 5.0, 9.0, 20.0))
    found = on_paper.survival(lengths, np.array([0.0, 4.9, 5.0, 9.0, 19.9, 20.0]))
    np.testing.assert_allclose(found, [1, 1, 0.5, 0.25, 0.25, 0])


@pytest.mark.parametrize("scenario", [england(), camden()], ids=["england", "camden"])
def test_mean_stays_are_those_of_the_pathways(scenario: Scenario) -> None:
    """Survival summed over time and ages, against lengths drawn on a lattice."""
    streams = on_paper.streams_of(scenario)
    means = [on_paper.days_in_care(s, 6_575)[-1] for s in streams[: len(AGES) + 1]]
    expected = [mean_stay(scenario, age) for age in range(len(AGES))]
    assert means == pytest.approx([*expected, mean_uasc_stay(scenario)], rel=0.005)


def test_the_number_in_care_from_an_empty_start_with_exponential_stays() -> None:
    """At a rate r and mean stay m it is r m (1 - exp(-t/m)): nobody turns 18 meanwhile."""
    scenario = steady(365.25, {"distribution": "exponential", "mean_days": 100.0}, {})
    days = np.array([0, 1, 30, 100, 700])
    found = on_paper.number_in_care(scenario, days)
    np.testing.assert_allclose(found, [100 * (1 - exp(-d / 100)) for d in days], rtol=1e-4)
    assert on_paper.load_of(scenario) == pytest.approx(100, rel=1e-3)


def test_the_number_in_care_follows_months_trend_and_joining() -> None:
    """Stays of exactly 10 days: those in care are the entries of the last ten days, added up."""
    index = [float(1 + month) for month in range(12)]
    values = {
        "demand.month_index": index,
        "demand.season_strength": 1.0,
        "demand.trend_per_year": 0.5,
        "demand.uasc.ages": {"14": 1.0},
        "demand.uasc.direct_per_year": 0.0,
        "demand.uasc.transfer_scheme.transfers_per_year": 36.525,
        "demand.uasc.transfer_scheme.joins": date(2026, 1, 1),
    }
    scenario = steady(365.25, {"distribution": "empirical", "days": [10.0]}, values)
    july, january = (date(2025, 7, 20), date(2026, 1, 6))
    days = np.array([(d - scenario.start).days for d in (july, january)])
    found = on_paper.number_in_care(scenario, days)

    def entries(day: int) -> float:
        month = date.fromordinal(scenario.start.toordinal() + day).month
        usual = index[month - 1] / np.mean(index) * 1.5 ** ((day + 0.5) / 365.25)
        return float(usual) + 0.1 * (day >= (date(2026, 1, 1) - scenario.start).days)

    assert found == pytest.approx([sum(entries(d - n) for n in range(1, 11)) for d in days])


# ---- When a value agrees -----------------------------------------------------------------------


def test_a_right_value_misses_once_in_sixteen_thousand() -> None:
    assert pytest.approx(15_787, abs=1) == 1 / FALSE_ALARM
    assert most_errors(100_000) == pytest.approx(4.0, abs=1e-3)
    assert 4.1 < most_errors(100) < most_errors(10) < 8
    assert largest_of(1) == pytest.approx(4.0)
    assert 4.8 < largest_of(60) < 5.0


def test_a_share_agrees_in_half_a_percent_of_wrong_alarms_at_most() -> None:
    """Coins of known chance: the standard error is right, and a chance a tenth off is seen."""
    random = np.random.default_rng(1)
    away = []
    for _ in range(400):
        of = random.poisson(200, 50)
        found = share_agrees(
            "", "", np.full(50, 0.3), random.binomial(of, 0.3).tolist(), of.tolist()
        )
        assert found.error is not None
        away.append((found.simulated - found.exact) / found.error)
        assert found.holds
    assert np.std(away) == pytest.approx(1, abs=0.15)
    of = random.poisson(200, 50)
    assert not share_agrees(
        "", "", np.full(50, 0.3), random.binomial(of, 0.36).tolist(), of.tolist()
    ).holds


def test_the_worst_date_is_shown() -> None:
    counts = np.random.default_rng(2).poisson([5.0, 50.0, 500.0], (200, 3)).astype(float)
    assert means_agree("n", "x", np.array([5.0, 50.0, 500.0]), counts, ["a", "b", "c"]).holds
    found = means_agree("n", "x", np.array([5.0, 55.0, 500.0]), counts, ["a", "b", "c"])
    assert not found.holds
    assert found.exact == 55.0
    assert found.against.endswith("b")


# ---- A right engine ----------------------------------------------------------------------------


def test_all_checks_hold_and_have_something_to_look_at() -> None:
    found = verified()
    assert found.holds, [check for check in found.checks if not check.holds]
    assert [check.against for check in found.checks if "nothing" in check.against] == []
    assert len({check.name for check in found.checks}) == len(found.checks)
    assert found.full == 1
    for check in found.stripped[:3]:
        assert 0.05 < check.exact < 0.6


@pytest.mark.parametrize("load", [0.5, 3.0, 40.0, 500.0, 3_000.0])
def test_pools_are_chosen_so_that_some_find_them_taken(load: float) -> None:
    scenario = steady(load / 200 * YEAR, {"distribution": "exponential", "mean_days": 200.0}, {})
    _, pools = stripped.with_pools(with_values(scenario, {"years": 1.0}))
    places = np.cumsum([pools.households, pools.agencies, pools.block])
    shares = [on_paper.erlang_b(int(n), load) for n in places]
    assert 0.15 < shares[0] < 0.6
    assert 0.01 < shares[2] < shares[1] < shares[0]


def test_nobody_enters_and_nothing_fails() -> None:
    found = verify(study(bare({"years": 1.0})), replications=10, jobs=1)
    assert found.holds, [check for check in found.checks if not check.holds]


def test_what_is_stripped_is_told_if_it_changes_anything() -> None:
    copy, _ = stripped.with_pools(small())
    assert "children enter one by one: no siblings" in copy.said
    assert copy.scenario.demand.sibling_groups == {"1": 1.0}
    singles = with_values(small(), {"demand.sibling_groups": {"1": 1.0}})
    assert "children enter one by one: no siblings" not in stripped.with_pools(singles)[0].said
    everything = stripped.with_seasons(small())
    again = stripped.with_seasons(everything.scenario)
    assert again.said == ()
    assert again.scenario == everything.scenario


def test_in_the_copy_for_erlang_b_nobody_moves_or_waits() -> None:
    copy, _ = stripped.with_pools(small())
    rows = system.simulate(copy.scenario, history=copy.scenario, replication=1)
    assert (rows.placements["cause"] == -1).all()
    used = {TYPES[code].value for code in rows.placements.code("type")}
    assert used == {"in_house", "ifa", "home_external"}


@pytest.mark.slow
def test_the_same_numbers_whatever_the_number_of_processes() -> None:
    assert verify(study(), replications=10, jobs=2) == verified()


def test_progress_counts_futures_and_another_seed_gives_other_numbers() -> None:
    told: list[tuple[int, int]] = []
    found = verify(
        study(), replications=10, jobs=1, seed=7, progress=lambda done, of: told.append((done, of))
    )
    assert told[0] == (0, 21)
    assert told[-1] == (21, 21)
    assert found.seed == 7
    assert found.stripped[0].simulated != verified().stripped[0].simulated


def test_too_few_replications_are_refused() -> None:
    with pytest.raises(SufficiencyError, match="10 replications or more"):
        verify(study(), replications=9)


# ---- Planted faults: rows ----------------------------------------------------------------------


def exact_rows(scenario: Scenario | None = None) -> dict[str, Check]:
    """The checks by counting, of one future."""
    base = scenario or small()
    what = running.whole_of(study(base), base, 2)
    return {check.name: check for check in running.whole_checks([running.whole(what, 1)])}


def failing(scenario: Scenario | None = None) -> set[str]:
    return {name for name, check in exact_rows(scenario).items() if not check.holds}


Spoil = Callable[[Rows], Rows]


def spoiling(spoil: Spoil) -> Fault:
    """An engine that leaves spoilt rows."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        right = running.simulate
        patch.setattr(running, "simulate", lambda *a, **k: spoil(right(*a, **k)))

    return plant


def with_column(table: Table, column: str, row: int, value: float) -> Table:
    values = table.values.copy()
    values[row, table.columns.index(column)] = value
    return Table(table.columns, values)


def an_open_end(rows: Rows) -> Rows:
    """An exit is lost: a child who has left care lives on in the last placement."""
    table, left = (
        rows.placements,
        dict(zip(*(rows.care_periods[c] for c in ("child", "left")), strict=True)),
    )
    ends = [left[c] for c in table["child"]]
    row = int(np.flatnonzero((table["ended"] == ends) & (table["ended"] > 10))[0])
    return replace(rows, placements=with_column(table, "ended", row, np.inf))


def two_places(rows: Rows) -> Rows:
    """A child stays five days in one placement after the next has begun."""
    table = rows.placements
    moved = set(table["child"][(table["cause"] >= 0) & (table["started"] > 10)])
    rows_of = [
        i for i, c in enumerate(table["child"]) if c in moved and 5 < table["ended"][i] < 500
    ]
    later = table["ended"][rows_of[0]] + 5
    return replace(rows, placements=with_column(table, "ended", rows_of[0], later))


def of_type(name: str, provider: float, age: float | None = None) -> Spoil:
    """A child's whole placement becomes one of another type, in the same place as others."""

    def spoil(rows: Rows) -> Rows:
        table, periods = rows.placements, rows.care_periods
        born = dict(zip(periods["child"], periods["born"], strict=True))
        code = [t.value for t in TYPES].index(name)
        ages = table["started"] - [born[c] for c in table["child"]]
        here = (table["started"] > 10) & (table["ended"] > table["started"] + 30)
        here &= table.code("type") != code
        if age is not None:
            here &= ages < age * YEAR
        out = table
        for row in np.flatnonzero(here)[:20]:
            out = with_column(with_column(out, "type", row, code), "provider", row, provider)
        return replace(rows, placements=out)

    return spoil


def a_household_closed_first(rows: Rows) -> Rows:
    table = rows.households
    return replace(rows, households=with_column(table, "stopped", 0, table["approved"][0] - 1))


def a_19_year_old(rows: Rows) -> Rows:
    table = rows.care_periods
    row = int(np.flatnonzero(table["left"] > 10)[0])
    return replace(
        rows, care_periods=with_column(table, "born", row, table["left"][row] - 19 * YEAR)
    )


ROW_FAULTS: dict[str, tuple[Spoil, set[str]]] = {
    "a lost exit": (
        an_open_end,
        {"Little's law, children in care", "Little's law, types of placement",
         "flow balance, children", "flow balance, types of placement", "one placement at a time"},
    ),
    "two places at once": (
        two_places,
        {"Little's law, children in care", "Little's law, types of placement",
         "one placement at a time"},
    ),
    "a crowded household": (of_type("in_house", 0.0), {"no home over its places"}),
    "a crowded own home": (of_type("home_own", 0.0), {"no home over its places"}),
    "a crowded block": (of_type("supported", 0.0), {"no home over its places"}),
    "crowded emergency beds": (of_type("emergency_bed", -1.0), {"no home over its places"}),
    "a crowded agency": (of_type("ifa", -1.0), {"no market over its limit"}),
    "too young for supported accommodation": (
        of_type("supported", -1.0, age=15.9), {"nobody under 16 in supported accommodation"}
    ),
    "a household that stops before it begins": (
        a_household_closed_first, {"foster households in order"}
    ),
    "a child past 18": (a_19_year_old, {"nobody in care past 18"}),
}  # fmt: skip


@pytest.mark.parametrize("name", ROW_FAULTS)
def test_a_fault_in_the_rows_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    spoil, expected = ROW_FAULTS[name]
    spoiling(spoil)(monkeypatch)
    assert expected <= failing()


def test_the_first_fault_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    spoiling(two_places)(monkeypatch)
    found = exact_rows()["one placement at a time"]
    assert found.simulated >= 1
    assert found.detail.startswith("baseline, replication 1: child ")


# ---- Planted faults: the engine ----------------------------------------------------------------


def no_exits(patch: pytest.MonkeyPatch) -> None:
    """Children who should leave care stay where they are."""
    patch.setattr("sufficiency.simulation.journey.leave_care", lambda *_: None)


def one_more_place(patch: pytest.MonkeyPatch) -> None:
    """Every household takes one child more than it has places."""
    right = Households.free_places
    patch.setattr(Households, "free_places", lambda self, h: right(self, h) + 1)


def sharing(patch: pytest.MonkeyPatch) -> None:
    """A child with whom nobody can live is placed with others."""
    patch.setattr(Households, "suits_alone", lambda self: self.open)


def no_limits(patch: pytest.MonkeyPatch) -> None:
    """Markets take everybody."""
    patch.setattr(Rules, "room", lambda *_: True)


def stopped_households(patch: pytest.MonkeyPatch) -> None:
    """Households take children when they have stopped."""
    right = Households.refresh

    def refresh(self: Households, household: Any, now: float) -> None:
        stopped, household.stopped = household.stopped, float("inf")
        right(self, household, now)
        household.stopped = stopped

    patch.setattr(Households, "refresh", refresh)


def until_19(patch: pytest.MonkeyPatch) -> None:
    """Nobody leaves at 18."""
    patch.setattr("sufficiency.stays.lengths.EIGHTEEN", 19 * YEAR)
    patch.setattr(system, "_latest", [])  # the demand kept of the run before


class Late(clock.HeapClock):
    """Everything happens a minute late."""

    def at(self, time: float, action: Any, who: Any, version: int) -> None:
        super().at(time + 1 / 1440, action, who, version)


class LastFirst(clock.HeapClock):
    """Of events at the same moment, the last one set comes first."""

    def at(self, time: float, action: Any, who: Any, version: int) -> None:
        self._count -= 2
        super().at(time, action, who, version)


def late_twin(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(clock, "HeapClock", Late)


def reversed_ties(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(clock, "HeapClock", LastFirst)


def another_draw_each_time(patch: pytest.MonkeyPatch) -> None:
    """The luck of a run depends on how many were run before it."""
    runs = iter(range(1_000))
    right = running.simulate

    def simulate(scenario: Scenario, *, replication: int, **rest: Any) -> Rows:
        return right(scenario, replication=replication + next(runs), **rest)

    patch.setattr(running, "simulate", simulate)
    patch.setattr(replications, "MODEL", replications.MODEL._replace(simulate=simulate))


def recruits_change_demand(patch: pytest.MonkeyPatch) -> None:
    """The children who come depend on how many carers are recruited."""
    right = system._demand

    def demand(line: Any, streams: Streams, since: float, until: float) -> Any:
        recruits = int(line.scenarios[1].fostering.recruitment.number)
        return right(line, Streams(streams.seed + recruits, streams.replication), since, until)

    patch.setattr(system, "_demand", demand)


def leavers_not_counted(patch: pytest.MonkeyPatch) -> None:
    """The measure of households that left misses them all."""
    measure, *others = running.MODEL.measures

    def wrong(scenario: Scenario, rows: Rows) -> Any:
        found = measure(scenario, rows)
        left = np.array([key.measure == "foster_households_left" for key in found.keys])
        return found._replace(values=np.where(left, 0.0, found.values))

    patch.setattr(running, "MODEL", running.MODEL._replace(measures=(wrong, *others)))


ENGINE_FAULTS: dict[str, tuple[Fault, dict[str, Any], set[str]]] = {
    "no exits": (no_exits, {}, {"one placement at a time", "flow balance, children"}),
    "one more place": (one_more_place, {}, {"no home over its places"}),
    "sharing": (sharing, {}, {"no home over its places"}),
    "no limits": (no_limits, {}, {"no market over its limit"}),
    "stopped households": (
        stopped_households, {"fostering.leaving_per_year": 1.0}, {"foster households in order"}
    ),
    "until 19": (until_19, {}, {"nobody in care past 18"}),
    "a late twin": (late_twin, {}, {"twin engine", "order of events"}),
    "reversed ties": (reversed_ties, {}, {"order of events"}),
    "another draw each time": (
        another_draw_each_time, {}, {"same seed again", "twin engine", "zero-change option",
                                     "options share their children"},
    ),
    "recruits change demand": (recruits_change_demand, {}, {"options share their children"}),
    "leavers not counted": (
        leavers_not_counted, {"fostering.leaving_per_year": 1.0},
        {"flow balance, foster households"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ENGINE_FAULTS)
def test_a_fault_in_the_engine_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plant, values, expected = ENGINE_FAULTS[name]
    scenario = with_values(small(), values)
    assert failing(scenario) == set()
    plant(monkeypatch)
    assert expected <= failing(scenario)


def test_every_check_by_counting_has_a_fault_that_it_finds() -> None:
    found = [expected for _, expected in ROW_FAULTS.values()]
    found += [expected for _, _, expected in ENGINE_FAULTS.values()]
    assert set().union(*found) == {check.name for check in verified().whole}


# ---- Planted faults: on paper ------------------------------------------------------------------

MANY = 40
SEASONAL = {
    "authority.children_in_care": 150,
    "authority.child_population": 22_000.0,
    "demand.month_index": [4.0] * 4 + [1.0] * 6 + [4.0] * 2,
    "demand.sibling_groups": {"4": 1.0},
}


def places_found() -> dict[str, Check]:
    """The checks against Erlang B."""
    copy, pools = stripped.with_pools(small())
    found = [running.overflow(copy.scenario, k) for k in range(1, MANY + 1)]
    return {check.name: check for check in running.erlang_checks(copy.scenario, pools, found)}


def numbers_in_care() -> dict[str, Check]:
    """The checks against M(t)/G/infinity."""
    scenario = stripped.with_seasons(with_values(small(), SEASONAL)).scenario
    found = [running.in_care(scenario, k) for k in range(1, MANY + 1)]
    return {check.name: check for check in running.number_checks(scenario, found)}


def wrong_formula(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(running, "erlang_b", lambda places, load: 1.7 * erlang_b(places, load))


def shorter_stays(patch: pytest.MonkeyPatch) -> None:
    """Stays are half as long as the scenario says: every row agrees with every other."""
    right = arrivals.length_of_stay

    def shorter(*given: Any) -> Any:
        days, pathway = right(*given)
        return days / 2, pathway

    patch.setattr(arrivals, "length_of_stay", shorter)
    patch.setattr(system, "_latest", [])  # the demand kept of the run before


def another_month(patch: pytest.MonkeyPatch) -> None:
    """The season comes half a year late."""
    right = arrivals.month_of
    patch.setattr(arrivals, "month_of", lambda *given: (right(*given) + 6) % 12)


def siblings_after_all(patch: pytest.MonkeyPatch) -> None:
    """Children come in families, so their number varies more than a Poisson number."""
    patch.setattr(stripped, "ONE_BY_ONE", stripped.ONE_BY_ONE[1:])


def agencies_half_used(patch: pytest.MonkeyPatch) -> None:
    """Half of the agencies' places are never used."""
    right = Rules.room
    patch.setattr(Rules, "room", lambda s, m, f, n, now: right(s, m, 2 * f, n, now))


def no_block(patch: pytest.MonkeyPatch) -> None:
    """Nobody gets a place of the block."""
    right = living.settle

    def settle(s: Any, child: Any, found: Any, *rest: Any) -> Any:
        held = found if found[0] in (0, 1) else (found[0], -1, *found[2:])
        return right(s, child, held, *rest)

    for module in ("journey", "living", "start"):
        patch.setattr(f"sufficiency.simulation.{module}.settle", settle)


Paper = Callable[[], dict[str, Check]]
PAPER_FAULTS: dict[str, tuple[Fault, Paper, set[str]]] = {
    "a wrong formula": (
        wrong_formula,
        places_found,
        {"every carer's place taken", "the agencies' too", "the block of homes too"},
    ),
    "one more place": (one_more_place, places_found, {"every carer's place taken"}),
    "no limits": (no_limits, places_found, {"the agencies' too"}),
    "agencies half used": (agencies_half_used, places_found, {"the agencies' too"}),
    "a block not used": (no_block, places_found, {"the block of homes too"}),
    "shorter stays": (shorter_stays, places_found, {"every carer's place taken"}),
    "shorter stays, by number": (shorter_stays, numbers_in_care, {"number in care"}),
    "another month": (another_month, numbers_in_care, {"number in care"}),
    "siblings after all": (siblings_after_all, numbers_in_care, {"its variance over its mean"}),
}


def test_a_right_engine_agrees_with_what_is_known_on_paper() -> None:
    found = places_found() | numbers_in_care()
    assert {name for name, check in found.items() if not check.holds} == set()
    assert set().union(*(names for _, _, names in PAPER_FAULTS.values())) == set(found)


@pytest.mark.parametrize("name", PAPER_FAULTS)
def test_a_fault_is_found_against_what_is_known_on_paper(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant, paper, expected = PAPER_FAULTS[name]
    plant(monkeypatch)
    assert expected <= {name for name, check in paper().items() if not check.holds}


def test_stays_that_are_too_short_are_seen_on_paper_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is counted agrees with itself; that is why both kinds of check are needed."""
    shorter_stays(monkeypatch)
    assert failing() == set()


# ---- The command -------------------------------------------------------------------------------


def call(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)


def test_the_table_fits_80_columns_and_says_what_was_stripped() -> None:
    told = text(verified())
    assert max(len(line) for line in told.splitlines()) <= 80
    assert told.count(" holds\n") == len(verified().checks)
    assert "- children enter one by one: no siblings" in told
    assert told.endswith(f"All {len(verified().checks)} checks of England hold.")


def test_verify_of_a_file_ends_with_0(tiny: Path) -> None:
    result = call("verify", tiny, "-n", "10", "--jobs", "1", "--seed", "3")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("Tiny, 21 checks of the engine, seed 3\n")
    assert "with 3 options, 1 future each\n" in result.stdout
    assert "\x1b" not in result.stdout


def test_a_check_that_fails_ends_with_1(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spoiling(an_open_end)(monkeypatch)
    result = call("verify", tiny, "-n", "10", "--jobs", "1", "--quiet")
    assert result.exit_code == 1
    assert "of 21 checks of Tiny do not hold: " in result.stdout
    assert "one placement at a time (baseline, replication 1: child " in result.stdout
    assert call("verify", tiny, "-n", "10", "--jobs", "1").stdout.count(" FAILS\n") >= 5


@pytest.mark.parametrize(
    "words", [("nowhere.yaml",), ("camdn",), ("camden", "-n", "9"), ("camden", "--seed", "-1")]
)
def test_a_mistake_of_the_user_ends_with_2(words: tuple[str, ...]) -> None:
    result = call("verify", *words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


def test_the_command_asks_for_as_many_replications_as_the_package() -> None:
    assert verifying.FEWEST == running.FEWEST


@pytest.mark.slow
def test_camden_holds() -> None:
    result = call("verify", "camden")
    assert result.exit_code == 0, result.output
