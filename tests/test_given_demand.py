"""Entries that a forecast gives: every month as many as the path of the replication says."""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from corners import NOBODY, camden, england
from hypothesis import given, settings
from hypothesis import strategies as st

from sufficiency import experiment
from sufficiency.periods import run_days
from sufficiency.scenario import EntryPaths, Option, Scenario, Study, as_tree, with_values
from sufficiency.scenario.study import Edit
from sufficiency.simulation.arrivals import Children
from sufficiency.simulation.demand import children_of
from sufficiency.simulation.streams import Streams
from sufficiency.simulation.system import simulate
from sufficiency.simulation.timeline import history_of, timeline
from sufficiency.stays import YEAR

Ints = npt.NDArray[np.int64]
APRIL = date(2025, 4, 1)
NEVER_FULL = {
    "demand.uasc.transfer_scheme.threshold": 1.0,
    "demand.uasc.transfer_scheme.quota": None,
}
"""Nobody is refused under the transfer scheme, so that all UASC of a path enter."""
SHORT = with_values(camden(), {"warm_up_years": 0.0, "demand.forecast": None, **NEVER_FULL})
NO_HISTORY = with_values(
    SHORT,
    {
        "authority.children_in_care": 1,
        "authority.uasc_in_care": 1,
        "demand.entries_per_year": 109.0,
    },
)
"""One child in care, so that those who enter are all there is to make."""


def paths(non_uasc: Any, uasc: Any = None, first: date = APRIL) -> EntryPaths:
    columns = {"non_uasc": np.atleast_2d(non_uasc)}
    if uasc is not None:
        columns["uasc"] = np.atleast_2d(uasc)
    return EntryPaths(columns, first)


def with_forecast(base: Scenario, given: EntryPaths, **more: Any) -> Scenario:
    return with_values(
        base, {"years": given.months / 12, "demand.forecast": {"file": given}, **more}
    )


def entrants(
    scenario: Scenario, replication: int = 1, baseline: Scenario | None = None
) -> Children:
    """Everybody who enters from the first day on."""
    line = timeline(scenario, history_of(scenario, baseline or scenario))
    streams = Streams(scenario.seed, replication)
    until = run_days(scenario.start, scenario.years)
    everybody = children_of(line, streams, -scenario.warm_up_years * YEAR, until)
    return everybody.chosen(everybody.entered >= 0)


def month_numbers(scenario: Scenario, entered: Any) -> Ints:
    """Calendar months since the one of the first day, counted by the calendar."""
    days = [date.fromordinal(scenario.start.toordinal() + int(np.floor(t))) for t in entered]
    first = scenario.start.year * 12 + scenario.start.month
    return np.array([d.year * 12 + d.month - first for d in days], dtype=np.int64)


def counted(scenario: Scenario, children: Children, months: int) -> tuple[list[int], list[int]]:
    """Entries in each month of the two streams, counted one by one."""
    month = month_numbers(scenario, children.entered)
    uasc = children.group >= 5
    of = [np.bincount(month[which], minlength=months).tolist() for which in (~uasc, uasc)]
    return of[0], of[1]


# ---- Exactly as many ---------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(
    data=st.data(),
    months=st.integers(1, 30),
    replication=st.integers(0, 50),
    remands=st.sampled_from([0.0, 0.6, 30.0]),
    start=st.sampled_from([APRIL, date(2025, 12, 1), date(2024, 2, 1)]),
)
def test_each_month_has_exactly_the_children_of_the_path(
    data: st.DataObject, months: int, replication: int, remands: float, start: date
) -> None:
    counts = st.lists(
        st.one_of(st.just(0), st.integers(0, 12), st.integers(50, 90)),
        min_size=months,
        max_size=months,
    )
    one, other = data.draw(counts), data.draw(counts)
    scenario = with_forecast(
        SHORT, paths(one, other, start), start=start, **{"demand.remand.per_100_in_care": remands}
    )
    found = entrants(scenario, replication)
    assert counted(scenario, found, months) == (one, other)
    assert len(np.unique(found.number)) == len(found)
    assert (found.left > found.entered).all()


def test_children_on_remand_are_among_those_counted() -> None:
    scenario = with_forecast(
        SHORT, paths([5] * 24, [0] * 24), **{"demand.remand.per_100_in_care": 10.0}
    )
    remanded = sum((entrants(scenario, k).pathway == 5).sum() for k in range(1, 21))
    assert remanded / 20 == pytest.approx(2 * 20.5, rel=0.12)  # 205 in care, two years
    everybody = with_forecast(
        SHORT, paths([1] * 24, [0] * 24), **{"demand.remand.per_100_in_care": 60.0}
    )
    found = entrants(everybody)
    assert counted(everybody, found, 24)[0] == [1] * 24
    assert (found.pathway == 5).mean() > 0.9


@pytest.mark.parametrize("missing", ["non_uasc", "uasc"])
def test_a_stream_that_is_not_given_keeps_its_rates(missing: str) -> None:
    both = with_forecast(SHORT, paths([3] * 24, [2] * 24))
    here = {"non_uasc": [3] * 24, "uasc": [2] * 24}
    del here[missing]
    one = with_forecast(SHORT, EntryPaths({k: np.array([v]) for k, v in here.items()}, APRIL))
    by_rate = with_values(one, {"demand.forecast": None})
    place = 0 if missing == "non_uasc" else 1
    assert counted(one, entrants(one), 24)[place] == counted(one, entrants(by_rate), 24)[place]
    assert (
        counted(one, entrants(one), 24)[1 - place] == counted(both, entrants(both), 24)[1 - place]
    )


def test_replications_take_the_paths_in_turn_and_the_central_one_the_median() -> None:
    rows = [[9, 9], [1, 1], [4, 6], [0, 3], [8, 8]]  # totals 18, 2, 10, 3, 16: the median is 10
    scenario = with_forecast(SHORT, paths(rows, [[0, 0]] * 5))
    for replication, path in ((0, 2), (1, 0), (2, 1), (5, 4), (6, 0), (8, 2)):
        assert counted(scenario, entrants(scenario, replication), 2)[0] == rows[path], replication


def test_the_median_is_that_of_both_streams_over_the_months_of_the_run() -> None:
    given = paths([[1, 0, 90], [2, 0, 0], [9, 0, 0]], [[9, 0, 0], [1, 0, 0], [8, 0, 0]])
    scenario = with_values(with_forecast(SHORT, given), {"years": 2 / 12})  # totals 10, 3, 17
    assert counted(scenario, entrants(scenario, 0), 2)[0] == [1, 0]


def test_surges_come_on_top() -> None:
    surge = {
        "from": date(2025, 6, 1), "to": date(2025, 6, 30), "extra_children": 40.0,
        "stream": "non_uasc",
    }  # fmt: skip
    scenario = with_forecast(SHORT, paths([4] * 12), **{"demand.surges": [surge]})
    found = counted(scenario, entrants(scenario), 12)[0]
    assert found[:2] + found[3:] == [4] * 11
    assert 20 < found[2] - 4 < 60


def test_nobody_is_transferred_in_beyond_the_quota_and_direct_arrivals_still_come() -> None:
    values = {
        "authority.uasc_in_care": 0,
        "demand.uasc.direct_per_year": 10.0,
        "demand.uasc.transfer_scheme.transfers_per_year": 10.0,
        "demand.uasc.transfer_scheme.quota": 0,
    }
    scenario = with_forecast(SHORT, paths([0] * 12, [20] * 12), **values)
    totals = [sum(counted(scenario, entrants(scenario, k), 12)[1]) for k in range(1, 9)]
    assert np.mean(totals) == pytest.approx(120, abs=4 * np.sqrt(240 / 4 / 8))


def test_a_good_or_bad_year_does_not_come_on_top() -> None:
    scenario = with_forecast(
        SHORT,
        paths([6] * 12, [3] * 12),
        **{"demand.yearly_variation": 0.5, "demand.uasc.yearly_variation": 0.5},
    )
    assert counted(scenario, entrants(scenario, 3), 12) == ([6] * 12, [3] * 12)


# ---- What the children are ---------------------------------------------------------------------


def z_of(found: float, wanted: float, error: float) -> float:
    return (found - wanted) / error


def families_of(children: Children) -> tuple[Ints, Ints]:
    """Sizes of families under 16 who entered together, and the month of each."""
    under_16 = (children.group < 4) & (children.pathway != 5)
    _, place, sizes = np.unique(children.family[under_16], return_index=True, return_counts=True)
    return sizes, np.flatnonzero(under_16)[place]


@pytest.mark.parametrize("per_month", [6, 11, 40])
def test_families_keep_their_sizes(per_month: int) -> None:
    rng = np.random.default_rng(per_month)
    counts = rng.poisson(per_month, (40, 60))
    scenario = with_forecast(NO_HISTORY, paths(counts, np.zeros_like(counts)))
    sizes = np.concatenate([families_of(entrants(scenario, k))[0] for k in range(1, 41)])
    shares = scenario.demand.sibling_groups
    for size in (1, 2, 3, 4):
        share = shares[str(size)]
        error = np.sqrt(share * (1 - share) / len(sizes))
        assert abs(z_of(float((sizes == size).mean()), share, error)) < 4, size


def test_the_share_of_16_and_17_is_that_of_the_rates() -> None:
    counts = np.random.default_rng(5).poisson(9, (40, 60))
    scenario = with_forecast(NO_HISTORY, paths(counts, np.zeros_like(counts)))
    found = [entrants(scenario, k) for k in range(1, 41)]
    group = np.concatenate([c.group[c.pathway != 5] for c in found])
    rates = scenario.demand.entries_per_100_in_care
    share = rates["16-17"] / sum(rates.values())
    error = np.sqrt(share * (1 - share) / len(group))
    assert abs(z_of(float((group == 4).mean()), share, error)) < 4
    among = np.array([rates[age] for age in ("under_1", "1-4", "5-9", "10-15")])
    here = np.bincount(group[group < 4], minlength=4) / (group < 4).sum()
    error = 1.6 * np.sqrt(0.25 / (group < 4).sum())  # siblings are of like age
    assert np.abs(here - among / among.sum()).max() < 4 * error


def test_direct_arrivals_have_their_share() -> None:
    values = {
        "demand.uasc.direct_per_year": 3.0,
        "demand.uasc.transfer_scheme.transfers_per_year": 9.0,
    }
    counts = np.full((1, 24), 10)
    scenario = with_forecast(SHORT, paths(counts * 0, counts), **values)
    blocks = np.concatenate([entrants(scenario, k).number // 1_000_000 for k in range(1, 21)])
    direct = float((blocks % 5 == 3).mean())  # block of a layer: five times its number, and 3
    assert abs(z_of(direct, 0.25, np.sqrt(0.25 * 0.75 / len(blocks)))) < 4


def test_times_are_spread_evenly_over_each_month() -> None:
    scenario = with_forecast(SHORT, paths([30] * 60, [0] * 60))
    found = entrants(scenario)
    days = [date.fromordinal(APRIL.toordinal() + int(t)).day for t in found.entered]
    assert np.mean(days) == pytest.approx(15.72, abs=4 * 8.8 / np.sqrt(len(days) / 1.6))
    assert set(days) == set(range(1, 32))


def test_a_family_never_of_one_still_meets_every_count() -> None:
    scenario = with_forecast(
        SHORT, paths([1, 0, 3, 5, 2, 7]), **{"demand.sibling_groups": {"2": 0.5, "4": 0.5}}
    )
    assert counted(scenario, entrants(scenario), 6)[0] == [1, 0, 3, 5, 2, 7]


# ---- Options -----------------------------------------------------------------------------------

COUNTS = np.random.default_rng(8).poisson(9, (20, 60))
FEW = np.random.default_rng(9).poisson(2, (20, 60))
BASE = with_forecast(SHORT, paths(COUNTS, FEW), **{"demand.uasc.direct_per_year": 7.0})


def together(children: Children) -> set[tuple[int, float, float]]:
    """Who enters and leaves when; shares that follow from other rates may differ in rounding."""
    left = np.round(children.left, 6).tolist()
    return set(zip(children.number.tolist(), children.entered.tolist(), left, strict=True))


def test_an_option_that_changes_no_rate_has_the_same_children() -> None:
    same = with_values(BASE, {"fostering.recruitment.number": 20.0, "name": "Other"})
    for replication in range(4):
        one, other = entrants(BASE, replication), entrants(same, replication, BASE)
        assert together(one) == together(other)


def test_a_tenth_more_adds_a_tenth_and_keeps_the_others() -> None:
    rates = {age: 1.1 * rate for age, rate in BASE.demand.entries_per_100_in_care.items()}
    base = with_values(BASE, {"demand.entries_per_year": None})
    more = with_values(base, {"demand.entries_per_100_in_care": rates})
    added, kept = [], []
    for replication in range(1, 16):
        one, other = entrants(base, replication), entrants(more, replication, base)
        not_uasc = [c.chosen((c.group < 5) & (c.pathway != 5)) for c in (one, other)]
        added.append(len(not_uasc[1]) / len(not_uasc[0]))
        kept.append(len(together(not_uasc[0]) & together(not_uasc[1])) / len(not_uasc[0]))
        months = [np.array(counted(base, c, 60)[0]) for c in (one, other)]
        assert (months[1] >= months[0]).all()
        assert together(one.chosen(one.group >= 5)) == together(other.chosen(other.group >= 5))
    assert np.mean(added) == pytest.approx(1.1, abs=0.007)
    assert np.mean(kept) > 0.98


@pytest.mark.parametrize("factor", [0.0, 0.5, 0.93, 1.5, 3.0])
def test_a_rate_scales_the_counts_of_its_children_by_as_much(factor: float) -> None:
    values = {"demand.entries_per_100_in_care.16-17": 3.94 * factor}
    base = with_values(BASE, {"demand.entries_per_year": None})
    option = with_values(base, values)
    older = []
    for replication in range(1, 9):
        one, other = entrants(base, replication), entrants(option, replication, base)
        assert together(one.chosen(one.group < 4)) == together(other.chosen(other.group < 4))
        older.append([int(((c.group == 4) & (c.pathway != 5)).sum()) for c in (one, other)])
    before, after = np.sum(older, axis=0)
    assert after / before == pytest.approx(factor, abs=0.04)


def test_an_option_about_transfers_leaves_those_who_arrive_directly() -> None:
    option = with_values(BASE, {"demand.uasc.transfer_scheme.transfers_per_year": 30.0})
    one, other = entrants(BASE), entrants(option, baseline=BASE)
    assert together(one) < together(other)
    added = other.chosen(~np.isin(other.number, one.number))
    assert (added.number // 1_000_000 % 5 == 4).all()


def test_an_option_with_a_rate_where_the_baseline_has_none_adds_at_that_rate() -> None:
    late = with_values(BASE, {"demand.uasc.transfer_scheme.joins": date(2031, 1, 1)})
    joins = with_values(
        late,
        {
            "demand.uasc.transfer_scheme.joins": APRIL,
            "demand.uasc.transfer_scheme.transfers_per_year": 20.0,
        },
    )
    for replication in (1, 2):
        one, other = entrants(late, replication), entrants(joins, replication, late)
        assert together(one) <= together(other)
        assert 60 < len(other) - len(one) < 145  # 100 on average


def test_a_dated_change_scales_the_months_after_it() -> None:
    change = {"on": date(2027, 4, 1), "path": "demand.entries_per_year", "to": 320.0}
    option = with_values(BASE, {"changes": [change]})
    one, other = entrants(BASE), entrants(option, baseline=BASE)
    before, after = (np.array(counted(BASE, c, 60)[0]) for c in (one, other))
    assert before[:24].tolist() == after[:24].tolist()
    assert after[24:].sum() > 2 * before[24:].sum()


def test_drawn_rates_of_the_baseline_do_not_scale_the_counts() -> None:
    drawn = with_values(BASE, {"demand.entries_per_year": 121.0, "demand.trend_per_year": 0.04})
    assert counted(drawn, entrants(drawn), 60) == counted(BASE, entrants(BASE), 60)


def test_an_option_may_have_paths_of_its_own() -> None:
    more = paths(COUNTS + 2, FEW)
    option = with_values(BASE, {"demand.forecast": {"file": more}})
    one, other = entrants(BASE, 4), entrants(option, 4, BASE)
    assert counted(BASE, other, 60)[0] == (COUNTS[3] + 2).tolist()
    both = len(together(one) & together(other)) / len(one)
    assert both > 0.9
    none = with_values(BASE, {"demand.forecast": None})
    assert len(entrants(none, 4, BASE)) > 0


def test_a_longer_run_begins_as_the_shorter() -> None:
    short = with_values(BASE, {"years": 2.0})
    days = run_days(APRIL, 2.0)
    for replication in (1, 7):
        one, other = entrants(short, replication), entrants(BASE, replication)
        early = other.chosen(other.entered < days)
        assert together(one) == together(early)


def test_rows_of_a_run_are_the_same_whatever_was_run_before() -> None:
    first = simulate(BASE, history=BASE, replication=2)
    simulate(with_values(BASE, {"seed": 5}), history=BASE, replication=2)
    again = simulate(BASE, history=BASE, replication=2)
    np.testing.assert_array_equal(first.placements.values, again.placements.values)


# ---- In a scenario -----------------------------------------------------------------------------


def test_paths_are_equal_by_content_and_travel_whole() -> None:
    given = paths([[1, 2, 3]])
    assert given == paths([[1, 2, 3]])
    assert given != paths([[1, 2, 4]])
    assert given != paths([[1, 2, 3]], first=date(2025, 5, 1))
    assert given != paths([[1], [2], [3]])
    assert hash(given) == hash(paths([[1, 2, 3]]))
    copy = pickle.loads(pickle.dumps(given))
    assert copy == given
    with pytest.raises(ValueError, match="read-only"):
        copy.columns["non_uasc"][0, 0] = 9


def test_paths_are_never_copied() -> None:
    given = EntryPaths({"non_uasc": np.zeros((3, 60), dtype=int)}, APRIL)
    scenario = with_values(england(), {"demand.forecast": {"file": given}})
    changed = with_values(scenario, {"fostering.recruitment.number": 3.0})
    for one in (scenario, changed):
        assert one.demand.forecast is not None
        assert one.demand.forecast.file is given
    assert as_tree(scenario)["demand"]["forecast"]["file"] is given


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"start": date(2025, 5, 1)}, "begins in 2025-04, but the run in 2025-05"),
        ({"start": date(2025, 4, 2)}, "must be the first of a month"),
        ({"years": 5.1}, "covers 60 months, but the run needs 62: .*--months 62`, or .*--years 5"),
    ],
)
def test_months_that_are_not_those_of_the_run_are_refused(
    values: Mapping[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        with_values(BASE, values)


# ---- Runs --------------------------------------------------------------------------------------


def study(scenario: Scenario, options: Sequence[Option] = ()) -> Study:
    return Study(scenario=scenario, options=tuple(options))


def test_a_run_enters_the_children_of_the_paths_and_does_not_depend_on_jobs(tmp_path: Any) -> None:
    scenario = with_values(BASE, {"years": 1.0, "replications": 4})
    more = Option(
        name="nothing",
        edits=(Edit(action="set", path="fostering.recruitment.number", value=0.0),),
    )
    one = experiment.run(study(scenario, [more]), jobs=1, out=tmp_path / "one")
    two = experiment.run(study(scenario, [more]), jobs=2, out=tmp_path / "two")
    np.testing.assert_array_equal(one.by_replication, two.by_replication)
    np.testing.assert_array_equal(one.by_replication[0], one.by_replication[1])
    entered = one.futures("entries", "stream=non_uasc")["2025-26"]
    assert entered.tolist() == COUNTS[:4, :12].sum(axis=1).tolist()


def test_nobody_enters_where_the_path_says_so() -> None:
    scenario = with_forecast(SHORT, paths([0] * 12, [0] * 12))
    assert len(entrants(scenario)) == 0
    assert NOBODY  # the rates of this scenario are not nothing
    assert sum(scenario.demand.entries_per_100_in_care.values()) > 0
