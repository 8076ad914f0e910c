"""Options share their luck: what an option does not change stays the same, child by child."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from corners import (
    COMPLEX,
    WITHIN,
    camden,
    england,
    flat_england,
    in_type_at,
    mean_and_error,
    run,
    sorted_rows,
)

from sufficiency.rows import Rows, Table
from sufficiency.scenario import NEED_AGES, Scenario, with_values
from sufficiency.stays import YEAR

TWO_YEARS = with_values(england(), {"years": 2.0})
RECRUITS = {"fostering.recruitment.number": 20.0, "fostering.recruitment.over_months": 12.0}
NEW_HOME = {
    "name": "A new home", "registered": 3, "usable": 3, "opens": date(2025, 10, 1),
    "match_chance": 1.0,
}  # fmt: skip


def option(base: Scenario, values: dict[str, Any]) -> Scenario:
    return with_values(base, values)


def with_home(base: Scenario) -> Scenario:
    homes = base.model_dump()["homes"]
    return with_values(base, {"homes": [*homes, NEW_HOME]})


def assert_same(one: Rows, two: Rows) -> None:
    for field in fields(Rows):
        a, b = getattr(one, field.name), getattr(two, field.name)
        if isinstance(a, Table):
            a, b = a.values, b.values
        np.testing.assert_array_equal(a, b, err_msg=field.name)


# ---- Nothing changes ---------------------------------------------------------------------------


@pytest.mark.parametrize("base", [england(), camden()], ids=["england", "camden"])
def test_an_option_that_changes_nothing_gives_exactly_the_same_rows(base: Scenario) -> None:
    same = with_values(base, {"fostering.recruitment.number": 0.0, "name": "By another name"})
    assert same is not base
    for replication in (0, 1, 2):
        assert_same(run(base, replication), run(same, replication, baseline=base))


def test_rows_do_not_depend_on_what_was_run_before() -> None:
    base = england()
    first = run(base, 3)
    run(with_values(base, {"demand.trend_per_year": 0.1}), 3, baseline=base)
    run(camden(), 3)
    run(with_values(base, {"start": base.start + timedelta(days=91)}), 3)
    assert_same(first, run(base, 3))


def test_another_first_day_has_other_seasons() -> None:
    """A run that starts in July has its first entries in July, whatever was run before it."""
    values = {"demand.month_index": [0.0] * 6 + [1.0] + [0.0] * 5, "warm_up_years": 0.0}
    april = with_values(england(), values)
    july = with_values(april, {"start": date(2025, 7, 1)})
    for scenario, first in ((april, 91.0), (july, 0.0)):
        periods = run(scenario).care_periods
        entered = periods["entered"][(periods["entered"] > 0) & (periods["group"] < 5)]
        assert first <= entered.min() < first + 31


# ---- The children ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        RECRUITS,
        {"fostering.approvals_per_100_in_care": 6.0},
        {"fostering.leaving_per_year": 0.3},
        {"fostering.match_chance": 0.2},
        {"ifa.market": 0.5, "ifa.places": 90},
        {"external_homes.block_places": 10},
        {"emergency.beds": 3},
        {"moves.scale": 0.5},
        {"step_across.from_ifa": "always"},
        {"homes": []},
        {"homes": [NEW_HOME]},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_change_of_supply_leaves_every_arrival_stay_need_and_reason(
    change: dict[str, Any],
) -> None:
    base = TWO_YEARS
    changed = with_values(base, change)
    for replication in (1, 2):
        one, two = run(base, replication), run(changed, replication, baseline=base)
        np.testing.assert_array_equal(one.care_periods.values, two.care_periods.values)


def test_a_change_of_supply_leaves_most_placements_alone() -> None:
    """Children whom the new home does not reach live where they did."""
    base = TWO_YEARS
    for replication in (1, 2):
        one = run(base, replication)
        two = run(with_home(base), replication, baseline=base)
        same = [_story(rows) for rows in (one, two)]
        children = set(same[0])
        moved = sum(same[0][child] != same[1][child] for child in children)
        assert 0 < moved < 0.1 * len(children)


def _story(rows: Rows) -> dict[float, list[tuple[float, ...]]]:
    out: dict[float, list[tuple[float, ...]]] = {}
    for row in sorted_rows(rows.placements, "child", "started"):
        out.setdefault(row[0], []).append(tuple(np.nan_to_num(row[1:], nan=-1.0)))
    return out


def test_recruits_change_no_other_household() -> None:
    base = TWO_YEARS
    for replication in (1, 2):
        one = run(base, replication).households
        two = run(with_values(base, RECRUITS), replication, baseline=base).households
        facts = [
            "origin", "places", "blocked", "approved", "available", "youngest", "oldest",
            "highest_need", "siblings", "uasc",
        ]  # fmt: skip
        others = two["origin"] != 3
        assert (~others).sum() == 20
        for name in facts:
            np.testing.assert_array_equal(one[name], two[name][others], err_msg=name)
        # A household decides to stop on the same day; only when it is empty may differ.
        np.testing.assert_array_equal(one["stopped"], two["stopped"][others])


DEMAND = {
    "a tenth more": {"demand.entries_per_year": 190.0},
    "twice as many": {"demand.entries_per_year": 346.0},
    "five times as many": {"demand.entries_per_year": 865.0},
    "more each year": {"demand.trend_per_year": 0.2},
    "more UASC": {"demand.uasc.per_100_in_care": 6.5, "demand.entries_per_year": None},
    "a surge": {
        "demand.surges": [
            {"from": date(2025, 6, 1), "to": date(2026, 1, 31), "extra_children": 40.0,
             "stream": "non_uasc", "ages": "10-15"},
            {"from": date(2026, 6, 1), "to": date(2026, 6, 30), "extra_children": 4.0,
             "stream": "uasc", "ages": "16-17"},
        ]
    },
}  # fmt: skip


@pytest.mark.parametrize("name", DEMAND)
def test_more_demand_only_adds_children(name: str) -> None:
    base = with_values(TWO_YEARS, {"demand.entries_per_year": 173.0})
    if name == "more UASC":
        base = TWO_YEARS
    more = with_values(base, DEMAND[name])
    for replication in (1, 2):
        one, two = (
            rows.care_periods
            for rows in (run(base, replication), run(more, replication, baseline=base))
        )
        assert len(two) > len(one)
        still = two.values[np.isin(two["child"], one["child"])]
        # (Shares of ages are computed from other totals: the last digit may differ.)
        np.testing.assert_allclose(
            still[np.argsort(still[:, 0])], sorted_rows(one, "child"), rtol=0, atol=1e-9
        )


def test_less_demand_only_takes_children_away() -> None:
    base = TWO_YEARS
    less = with_values(base, {"demand.trend_per_year": -0.1, "demand.season_strength": 0.0})
    flat = with_values(base, {"demand.season_strength": 0.0})
    for replication in (1, 2):
        few = {tuple(row) for row in run(less, replication, baseline=base).care_periods.values}
        many = {tuple(row) for row in run(flat, replication, baseline=base).care_periods.values}
        assert few < many


# ---- The start and the dates -------------------------------------------------------------------


OPTIONS = {
    "recruits": RECRUITS,
    "demand": {"demand.trend_per_year": 0.3},
    "leaving": {"fostering.leaving_per_year": 0.5},
    "match": {"fostering.match_chance": 0.3},
    "moves": {"moves.scale": 2.0},
    "markets": {"ifa.places": 50, "emergency.beds": 3, "external_homes.block_places": 8},
    "a home": {"homes": [*england().model_dump()["homes"], NEW_HOME]},
    "a surge": {"demand.surges": [
        {"from": date(2025, 6, 1), "to": date(2026, 1, 31), "extra_children": 40.0,
         "stream": "non_uasc", "ages": "10-15"}]},
    "plans": {"placement.plan_at_entry": {
        **{g: {"home": 1.0} for g in ("10-15", "16-17", "uasc_under_16", "uasc_16-17")},
        **{g: {"foster": 1.0} for g in ("under_1", "1-4", "5-9")}}},
}  # fmt: skip


@pytest.mark.parametrize("name", OPTIONS)
def test_the_starting_state_is_the_same_for_every_option(name: str) -> None:
    base = TWO_YEARS
    for replication in (1, 2):
        one = run(base, replication)
        two = run(with_values(base, OPTIONS[name]), replication, baseline=base)
        _same_before(one, two, 0.0)
        assert not np.array_equal(one.placements.values, two.placements.values)


@pytest.mark.parametrize(
    ("path", "to"),
    [
        ("fostering.leaving_per_year", 0.6),
        ("fostering.match_chance", 0.4),
        ("ifa.places", 40),
        ("emergency.beds", 4),
        ("supported.block_places", 10),
        ("fostering.approvals_per_100_in_care", 8.0),
        ("placement.need", dict.fromkeys(NEED_AGES, COMPLEX)),
        ("moves.frailty_variance", 3.0),
        ("moves.scale", 2.5),
        ("moves.move_on_share", 1.0),
        ("demand.trend_per_year", 0.5),
        ("demand.uasc.per_100_in_care", 20.0),
        ("placement.distant_ifa_under", 18.0),
        ("stays.long_leaving_per_year_at_16", 3.0),
    ],
)
def test_a_dated_change_changes_nothing_before_its_day(path: str, to: Any) -> None:
    base = with_values(TWO_YEARS, RECRUITS)
    day = 500
    changes = [{"on": base.start + timedelta(days=day), "path": path, "to": to}]
    one = run(base)
    two = run(with_values(base, {"changes": changes}), baseline=base)
    _same_before(one, two, float(day))
    assert not np.array_equal(one.placements.values, two.placements.values)


def _same_before(one: Rows, two: Rows, day: float) -> None:
    """All that had begun before a day is the same, up to that day."""
    for name, begins, ends in (
        ("placements", "started", ("ended",)),
        ("searches", "needed", ("registered",)),
        ("staying_put", "started", ("ended",)),
        ("households", "approved", ("available", "stopped", "closed")),
    ):
        a, b = (_until(getattr(rows, name), begins, ends, day) for rows in (one, two))
        np.testing.assert_array_equal(a, b, err_msg=name)
    # Stays are known from the start: who had entered has the same one.
    a, b = (rows.care_periods.values[rows.care_periods["entered"] < day] for rows in (one, two))
    np.testing.assert_array_equal(a, b)


def _until(table: Table, begins: str, ends: tuple[str, ...], day: float) -> Any:
    values = table.values[table[begins] < day].copy()
    for name in ends:
        place = table.columns.index(name)
        values[values[:, place] >= day, place] = np.inf
    if "transferred" in table.columns:  # where it goes is known when it goes
        closed, place = (table.columns.index(name) for name in ("closed", "transferred"))
        values[np.isinf(values[:, closed]), place] = 0.0
    keep = [i for i, name in enumerate(table.columns) if name not in ("household", "provider")]
    # Where more households come later, their places in the list may differ: names are no content.
    return values[np.lexsort(values[:, keep].T[::-1])][:, keep]


# ---- What it buys ------------------------------------------------------------------------------


def _in_house_at_two_years(scenario: Scenario, replication: int, base: Scenario) -> float:
    return float(in_type_at(run(scenario, replication, baseline=base), "in_house", [2 * YEAR])[0])


@pytest.mark.slow
def test_common_random_numbers_make_differences_sharper() -> None:
    """In-house children at two years, with 20 households more: a fifth of the variance at most."""
    base = with_values(flat_england(), {"years": 2.01})
    more = with_values(base, RECRUITS)
    other = with_values(more, {"seed": base.seed + 1})
    paired, independent = [], []
    for k in range(1, 61):
        before = _in_house_at_two_years(base, k, base)
        paired.append(_in_house_at_two_years(more, k, base) - before)
        independent.append(_in_house_at_two_years(other, k, base) - before)
    gain = np.var(independent, ddof=1) / np.var(paired, ddof=1)
    assert gain > 5, f"variance falls {gain:.1f}-fold"
    mean, error = mean_and_error(paired)
    assert mean > WITHIN * error


@pytest.mark.slow
def test_households_that_take_anybody_bring_in_twice_as_many_children() -> None:
    """The fill-first trap: a place is not a match. If it were, 20 households would do far more."""
    everybody = {
        "fostering.match_chance": 1.0,
        "fostering.profile.age_ranges": [{"youngest": 0, "oldest": 18, "share": 1.0}],
        "fostering.profile.highest_need": {"standard": 0.0, "enhanced": 0.0, "complex": 1.0},
        "fostering.profile.siblings": 1.0,
        "fostering.profile.uasc": 1.0,
        "fostering.blocked_share": 0.0,
    }
    dates = np.arange(30.0, 5 * YEAR - 1, 30.4375)
    brought = []
    for base in (flat_england(), with_values(flat_england(), everybody)):
        more = with_values(base, RECRUITS)
        brought.append(
            [
                (in_type_at(run(more, k, baseline=base), "in_house", dates)
                 - in_type_at(run(base, k), "in_house", dates)).mean()
                for k in range(1, 25)
            ]
        )  # fmt: skip
    (real, real_error), (trap, trap_error) = (mean_and_error(b) for b in brought)
    ratio = trap / real
    error = ratio * np.hypot(real_error / real, trap_error / trap)
    assert ratio - 2 * error > 1.3, f"{ratio:.2f} ± {error:.2f}"
    assert ratio + 2 * error < 3, f"{ratio:.2f} ± {error:.2f}"
