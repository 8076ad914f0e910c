"""The fostering pipeline: enquiries, applications, approvals; drives; what households are like."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from corners import bare, close, england, run
from scipy import stats

from sufficiency.scenario import Scenario, approvals_per_year, with_values
from sufficiency.scenario.flows import enquiries_per_year
from sufficiency.simulation.fostering import (
    APPROVED,
    CANDIDATES_PER_YEAR,
    RECRUITED,
    TRANSFERRED_IN,
    Coming,
    Household,
    _usual,
    coming_households,
    gross_recruits,
    make_households,
)
from sufficiency.simulation.recruitment import enquiries_in_force
from sufficiency.simulation.streams import Streams
from sufficiency.simulation.timeline import Timeline, history_of, timeline
from sufficiency.stays import YEAR

Floats = npt.NDArray[np.float64]

MANY = range(1, 301)
"""Replications of the pipeline alone, which is cheap."""
YEARS = 5
P_APPLIES, P_APPROVED = 0.12, 0.48
USUAL = 10.0
"""Approvals a year."""
ENQUIRIES = USUAL / P_APPLIES / P_APPROVED

STATED: dict[str, Any] = {
    "fostering.approvals_per_year": USUAL,
    "fostering.enquiry_to_application": P_APPLIES,
    "fostering.application_to_approval": P_APPROVED,
    "fostering.transfers_in_share": 0.2,
}


def exactly(days: float) -> dict[str, Any]:
    """A length of time that is the same for everybody."""
    return {"distribution": "empirical", "days": [days]}


ON_THE_DAY: dict[str, Any] = {
    "fostering.enquiry_days": exactly(0.0),
    "fostering.assessment": exactly(0.0),
    "fostering.transfer_days": exactly(0.0),
}
FIXED: dict[str, Any] = {
    "fostering.enquiry_days": exactly(45.0),
    "fostering.assessment": exactly(183.0),
    "fostering.transfer_days": exactly(90.0),
}


def enquire(number: float) -> dict[str, Any]:
    """So many enquiries a year, in place of the approvals stated."""
    return {"fostering.enquiries_per_year": number, "fostering.approvals_per_year": None}


def usual(values: Mapping[str, Any] | None = None) -> Scenario:
    return with_values(england(), {**STATED, "years": float(YEARS), **(values or {})})


def line_of(scenario: Scenario, baseline: Scenario | None = None) -> Timeline:
    return timeline(scenario, history_of(scenario, baseline or scenario))


def coming(scenario: Scenario, replication: int = 1, baseline: Scenario | None = None) -> Coming:
    streams = Streams(scenario.seed, replication)
    return coming_households(line_of(scenario, baseline), streams, 0.0, scenario.years * YEAR)


def approvals(found: Coming) -> Floats:
    """Days of usual approvals."""
    return found.approved[(found.origin == APPROVED) | (found.origin == TRANSFERRED_IN)]


def by_year(times: Floats) -> npt.NDArray[np.int64]:
    return np.histogram(times, np.arange(YEARS + 1) * YEAR)[0]


# ---- How many come -----------------------------------------------------------------------------


def test_every_stage_is_poisson_at_its_own_rate_from_the_first_day() -> None:
    """Thinned and displaced, a Poisson process stays one: its rate is multiplied by the shares."""
    found = [coming(usual(), k) for k in MANY]
    rates = {
        "enquiries": ENQUIRIES,
        "applications": ENQUIRIES * P_APPLIES,
        "withdrawals": ENQUIRIES * P_APPLIES * (1 - P_APPROVED),
        "approvals": ENQUIRIES * P_APPLIES * P_APPROVED,
    }
    for stage, rate in rates.items():
        times = [approvals(c) if stage == "approvals" else getattr(c, stage) for c in found]
        counts = np.array([by_year(t) for t in times])
        for year in range(YEARS):
            close(counts[:, year], rate)
        # Around a known mean, the squared distance of a Poisson number has that mean.
        close(((counts - rate) ** 2 / rate).mean(axis=1), 1.0)
        # What happens in one year says nothing of the next.
        close(((counts[:, 1:] - rate) * (counts[:, :-1] - rate) / rate).mean(axis=1), 0.0)


def test_drop_out_is_binomial() -> None:
    """If every stage is over on the day, each of those who begin it goes on with its own chance."""
    shares: dict[str, list[float]] = {"applies": [], "approved": []}
    squares: dict[str, list[float]] = {"applies": [], "approved": []}
    for k in MANY:
        c = coming(usual(ON_THE_DAY), k)
        stages = (len(c.enquiries), len(c.applications), len(approvals(c)))
        assert len(c.withdrawals) == stages[1] - stages[2]
        for name, p, (begin, go_on) in zip(
            shares, (P_APPLIES, P_APPROVED), pairwise(stages), strict=True
        ):
            shares[name].append((go_on - begin * p) / begin)
            squares[name].append((go_on - begin * p) ** 2 / (begin * p * (1 - p)))
    for name in shares:
        close(shares[name], 0.0)
        close(squares[name], 1.0)


def test_enquiries_that_are_stated_say_how_many_are_approved() -> None:
    stated = usual({**enquire(320.0)})
    assert approvals_per_year(stated) == pytest.approx(320 * P_APPLIES * P_APPROVED)
    assert enquiries_per_year(stated) == pytest.approx(320)
    found = [coming(stated, k) for k in MANY]
    close([len(c.enquiries) / YEARS for c in found], 320)
    close([len(approvals(c)) / YEARS for c in found], 18.432)


def test_nobody_comes_where_nobody_enquires() -> None:
    c = coming(usual({**enquire(0.0)}))
    assert not len(approvals(c))
    assert not len(c.enquiries) + len(c.applications) + len(c.withdrawals)


# ---- How long it takes -------------------------------------------------------------------------


def test_each_stage_lasts_as_its_distribution_says() -> None:
    """Hardly anybody is approved here, so every application is among those withdrawn."""
    nobody = {"fostering.enquiry_to_application": 1.0, "fostering.application_to_approval": 1e-9}
    scenario = usual({**nobody, **enquire(240.0)})
    until_applied, until_decided = [], []
    for k in range(1, 11):
        (layer,) = _usual(line_of(scenario), Streams(scenario.seed, k), YEARS * YEAR)
        until_applied.append(layer.applications - layer.enquiries)
        until_decided.append(layer.withdrawals - layer.applications)
    applied, decided = np.concatenate(until_applied), np.concatenate(until_decided)
    assert len(applied) > 10_000
    assert stats.kstest(applied, stats.gamma(2, scale=45 / 2).cdf).pvalue > 1e-3
    assert stats.kstest(decided, stats.gamma(3, scale=183 / 3).cdf).pvalue > 1e-3


def test_who_enquired_before_still_comes_after_enquiries_have_stopped() -> None:
    """From day 0 nobody enquires: in t days come the rate times the mean of min(duration, t)."""
    before = usual({"fostering.transfers_in_share": 0.0})
    none = with_values(before, {**enquire(0.0)})
    found = [coming(none, k, before) for k in MANY]
    draw = np.random.default_rng(1)
    until_applied = draw.gamma(2, 45 / 2, 1_000_000)
    until_decided = until_applied + draw.gamma(3, 183 / 3, 1_000_000)
    assert not any(len(c.enquiries) for c in found)
    for t in (30.0, 100.0, 300.0, 1_500.0):
        applied = ENQUIRIES * P_APPLIES / YEAR * np.minimum(until_applied, t).mean()
        decided = ENQUIRIES * P_APPLIES / YEAR * np.minimum(until_decided, t).mean()
        close([(c.applications < t).sum() for c in found], applied)
        close([(approvals(c) < t).sum() for c in found], decided * P_APPROVED)
        close([(c.withdrawals < t).sum() for c in found], decided * (1 - P_APPROVED))


def test_households_go_through_the_stages_one_after_the_other() -> None:
    """Everybody applies after 45 days and is approved after 183 more, or 90 from an agency."""
    all_of_them = {
        "fostering.enquiry_to_application": 1.0,
        "fostering.application_to_approval": 1.0,
        "fostering.approvals_per_year": 200.0,
    }
    c = coming(usual({**FIXED, **all_of_them}))
    until = YEARS * YEAR
    in_time = c.enquiries[c.enquiries + 45 < until] + 45
    np.testing.assert_allclose(np.sort(c.applications[c.applications >= 45]), np.sort(in_time))
    new, other = (c.approved[c.origin == origin] for origin in (APPROVED, TRANSFERRED_IN))
    applied_before = c.approved - np.where(c.origin == TRANSFERRED_IN, 90.0, 183.0)
    inside = np.isin(c.origin, (APPROVED, TRANSFERRED_IN)) & (applied_before >= 0)
    assert np.isin(applied_before[inside].round(6), c.applications.round(6)).all()
    assert len(new) > 3 * len(other) > 0


# ---- Options -----------------------------------------------------------------------------------

HUB = {"fostering.enquiry_to_application": 0.23, "fostering.assessment": exactly(146.0)}
"""Foster with North East, first year: 23% apply instead of 12%, assessed in 4.8 months."""


def test_a_hub_brings_more_approvals_from_as_many_enquiries() -> None:
    """By hand: 10 a year until the first who enquired under the hub have been approved, then 19.2.

    In the first 183 days come those who applied before. From day 146 to day 191 come those of the
    45 days of enquiries before the hub, who were assessed faster. From day 191 the hub's own come.
    """
    base = usual({**FIXED, "fostering.transfers_in_share": 0.0})
    hub = with_values(base, HUB)
    assert enquiries_in_force(line_of(hub, base)) == pytest.approx([ENQUIRIES, ENQUIRIES])
    found = [coming(hub, k, base) for k in MANY]
    close([len(c.enquiries) / YEARS for c in found], ENQUIRIES)
    counts = np.array([by_year(approvals(c)) for c in found])
    new = ENQUIRIES * 0.23 * P_APPROVED
    assert new == pytest.approx(19.17, abs=0.005)
    close(counts[:, 0], (USUAL * (183 + 45) + new * (YEAR - 191)) / YEAR)
    for year in range(1, YEARS):
        close(counts[:, year], new)


def test_approvals_that_an_option_states_hold_whatever_its_shares() -> None:
    base = usual()
    for restated in (
        {"fostering.approvals_per_year": 20.0},
        {"fostering.approvals_per_year": None, "fostering.approvals_per_100_in_care": 2000 / 457},
    ):
        option = with_values(base, {**restated, "fostering.enquiry_to_application": 0.23})
        rates = enquiries_in_force(line_of(option, base))
        assert rates == pytest.approx([ENQUIRIES, 20 / 0.23 / P_APPROVED])
    last = np.array([by_year(approvals(coming(option, k, base)))[-1] for k in MANY])
    close(last, 20.0)


def test_a_scenario_that_is_its_own_history_has_the_approvals_it_states() -> None:
    alone = usual({"fostering.enquiry_to_application": 0.23})
    close([len(approvals(coming(alone, k))) / YEARS for k in MANY], USUAL)


def test_a_dated_change_of_a_share_holds_for_stages_that_begin_then() -> None:
    """From day 730 all who apply are approved: the last who applied before fail by day 913."""
    base = usual(FIXED)
    day = date(2027, 4, 1)
    changes = [{"on": day, "path": "fostering.application_to_approval", "to": 1.0}]
    option = with_values(base, {"changes": changes})
    assert (day - base.start).days == 730
    found = [coming(option, k, base) for k in MANY]
    last = max(c.withdrawals.max() for c in found)
    assert 910 < last < 730 + 183
    late = [((approvals(c) >= 913) & (approvals(c) < 1_826)).sum() for c in found]
    close(late, ENQUIRIES * P_APPLIES * 913 / YEAR)
    for k in (1, 2, 3):
        one, two = coming(base, k), coming(option, k, base)
        for times in ("approved", "withdrawals", "enquiries", "applications"):
            early = [getattr(c, times)[getattr(c, times) < 730] for c in (one, two)]
            np.testing.assert_array_equal(*early)


@pytest.mark.parametrize(
    "more",
    [
        {"fostering.approvals_per_year": 11.0},
        {"fostering.approvals_per_year": 60.0},
        {**enquire(1_900.0)},
        {"fostering.enquiry_to_application": 0.23},
        {"fostering.application_to_approval": 0.9},
    ],
    ids=str,
)
def test_more_only_adds_households(more: dict[str, Any]) -> None:
    """The others keep their days, their numbers and all that they are."""
    base = usual()
    for k in (1, 2, 3):
        few, many = coming(base, k), coming(with_values(base, more), k, base)
        for stage in ("enquiries", "applications"):
            assert set(getattr(few, stage)) <= set(getattr(many, stage))
        one, two = _who(few), _who(many)
        assert one.items() < two.items()


def _who(found: Coming) -> dict[tuple[int, int], tuple[float, ...]]:
    ours = np.isin(found.origin, (APPROVED, TRANSFERRED_IN))
    keys = zip(found.origin[ours].tolist(), found.number[ours].tolist(), strict=True)
    facts = np.column_stack([found.approved, found.u])[ours]
    return dict(zip(keys, map(tuple, facts.tolist()), strict=True))


def test_an_option_that_states_the_same_again_changes_nothing() -> None:
    base = usual()
    same = with_values(base, {**STATED, "name": "By another name", "ifa.market": 0.5})
    for k in (0, 1, 2):
        one, two = coming(base, k), coming(same, k, base)
        for name in Coming.__dataclass_fields__:
            np.testing.assert_array_equal(getattr(one, name), getattr(two, name))


def test_every_household_has_a_row_of_pairs_of_its_own() -> None:
    """Over several layers of candidates too (see `system._pair`)."""
    drive = {"fostering.recruitment.number": 50.0, "fostering.approvals_per_year": 150.0}
    c = coming(usual(drive))
    assert enquiries_per_year(usual(drive)) > 10 * CANDIDATES_PER_YEAR
    rows = c.origin * 1_000_000 + c.number
    assert len(np.unique(rows)) == len(rows)
    assert len(np.unique(c.u)) == c.u.size


# ---- Households from other agencies ------------------------------------------------------------


@pytest.mark.slow
def test_households_from_other_agencies_are_a_share_of_the_approvals_and_come_sooner() -> None:
    found = [coming(usual(), k) for k in MANY]
    close([(c.origin == TRANSFERRED_IN).sum() / YEARS for c in found], 0.2 * USUAL)
    close([(c.origin == APPROVED).sum() / YEARS for c in found], 0.8 * USUAL)
    # Enquiries stop on day 0: then the mean of what still comes is the rate x the mean time left.
    none = with_values(usual(), {**enquire(0.0)})
    found = [coming(none, k, usual()) for k in MANY]
    close([(c.origin == TRANSFERRED_IN).sum() for c in found], 0.2 * USUAL * (45 + 90) / YEAR)
    close([(c.origin == APPROVED).sum() for c in found], 0.8 * USUAL * (45 + 183) / YEAR)


def test_households_from_other_agencies_take_children() -> None:
    rows = run(usual({"fostering.approvals_per_year": 60.0, "years": 2.0}))
    households = rows.households
    theirs = households["household"][households["origin"] == TRANSFERRED_IN]
    assert len(theirs) > 10
    assert np.isin(theirs, rows.placements["provider"]).any()


# ---- A drive -----------------------------------------------------------------------------------


def test_a_drive_needs_as_many_applications_and_enquiries_as_the_shares_say() -> None:
    """20 households are 41.7 applications and 347 enquiries, as far as luck goes geometrically."""
    drive = {"fostering.recruitment.number": 20.0, "fostering.approvals_per_year": 0.0}
    found = [coming(usual(drive), k) for k in MANY]
    applications = np.array([len(c.applications) for c in found])
    close(applications, 20 / P_APPROVED)
    variance = 20 * (1 - P_APPROVED) / P_APPROVED**2
    close((applications - 20 / P_APPROVED) ** 2, variance)
    close([len(c.enquiries) for c in found], 20 / P_APPROVED / P_APPLIES)
    for c in found:
        assert len(c.withdrawals) == len(c.applications) - 20
        assert (c.origin == RECRUITED).sum() == 20
        assert c.enquiries.max() <= YEAR
    close([c.withdrawals.mean() for c in found if len(c.withdrawals)], YEAR / 2 + 183)


def test_a_drive_that_begins_later_has_nobody_before() -> None:
    drive = {
        "fostering.recruitment.number": 40.0,
        "fostering.recruitment.from": date(2026, 4, 1),
        "fostering.recruitment.over_months": 6.0,
    }
    base = usual({"fostering.approvals_per_year": 0.0})
    c = coming(with_values(base, drive), 1, base)
    assert c.enquiries.min() >= 365
    assert c.applications.min() > 365
    assert c.applications.max() < 365 + YEAR / 2


def households_at(rows: Any, times: Floats) -> npt.NDArray[np.int64]:
    table = rows.households
    here = table["approved"][:, None] <= times
    return np.asarray((here & (table["closed"][:, None] > times)).sum(axis=0))


NET: dict[str, tuple[dict[str, Any], float, float]] = {
    "over a year": ({}, 0.0, 12.0),
    "over two years from the second": (
        {"from": date(2026, 4, 1), "over_months": 24.0}, 365.0, 24.0,
    ),
    "carers": ({"unit": "carers", "number": 50.4}, 0.0, 12.0),
}  # fmt: skip


@pytest.mark.parametrize("name", NET)
@pytest.mark.parametrize("usually", [0.0, 10.0], ids="{:g} approved".format)
def test_net_growth_is_the_stated_one_once_the_last_have_been_assessed(
    name: str, usually: float
) -> None:
    """300 households without children: those who decide to stop close at once.

    An independent sum: dH/dt = a - L H over the months of the drive and of assessment.
    """
    drive, first, months = NET[name]
    values = {f"fostering.recruitment.{key}": value for key, value in drive.items()}
    scenario = bare(
        {
            "years": 4.0,
            "fostering.households": 300,
            "fostering.leaving_per_year": 0.138,
            "fostering.approvals_per_year": usually,
            "fostering.recruitment.basis": "net",
            "fostering.recruitment.number": 30.0,
            **values,
        }
    )
    end = first + months * YEAR / 12 + 183
    grown = []
    for k in range(1, 61):
        before, after = households_at(run(scenario, k), np.array([first, end]))
        grown.append(after - before)
    mean, error = float(np.mean(grown)), float(np.std(grown, ddof=1) / np.sqrt(len(grown)))
    assert abs(mean - 30) <= 4 * error + 0.5, f"{mean:.2f} ± {error:.2f}"  # whole households
    growing = with_values(scenario, {"fostering.approvals_per_year": 200.0})
    assert gross_recruits(growing) == 0 < 50 < gross_recruits(scenario)


def test_a_net_target_counts_what_else_an_option_changes() -> None:
    """Half the leavers from the second year, and a hub: both spare recruits."""
    base = bare(
        {
            **STATED,
            "years": 3.0,
            "fostering.households": 300,
            "fostering.leaving_per_year": 0.138,
            "fostering.approvals_per_year": 20.0,
            "fostering.recruitment.basis": "net",
            "fostering.recruitment.number": 30.0,
            "fostering.recruitment.over_months": 24.0,
        }
    )
    stays = [{"on": date(2026, 4, 1), "path": "fostering.leaving_per_year", "to": 0.069}]
    option = with_values(base, {"changes": stays, "fostering.enquiry_to_application": 0.23})
    assert gross_recruits(option, base) < gross_recruits(base) - 50
    end = 2 * YEAR + 183
    grown = []
    for k in range(1, 61):
        rows = run(option, k, baseline=base)
        before, after = households_at(rows, np.array([0.0, end]))
        grown.append(after - before)
    mean, error = float(np.mean(grown)), float(np.std(grown, ddof=1) / np.sqrt(len(grown)))
    # The effect of the hub on approvals is reckoned to begin after the mean times.
    assert abs(mean - 30) <= 4 * error + 1.5, f"{mean:.2f} ± {error:.2f}"


# ---- What they are like ------------------------------------------------------------------------


def made(values: Mapping[str, Any]) -> list[Household]:
    scenario = with_values(england(), values)
    line = line_of(scenario, england())
    return make_households(
        line, coming_households(line, Streams(scenario.seed, 1), -700.0, 5 * YEAR)
    )


def share_within(flags: list[bool], share: float) -> None:
    error = np.sqrt(share * (1 - share) / len(flags))
    assert abs(np.mean(flags) - share) <= 4 * error


def test_recruits_take_complex_need_and_are_of_the_groups_that_the_drive_looks_for() -> None:
    groups = {"white": 0.1, "mixed": 0.1, "asian": 0.3, "black": 0.4, "other": 0.1}
    profile = {"complex": 0.6, "ethnic_groups": groups}
    all_of_them = made(
        {
            "fostering.households": 3_000,
            "fostering.recruitment.number": 3_000.0,
            "fostering.recruitment.profile": profile,
        }
    )
    recruits = [h for h in all_of_them if h.origin == RECRUITED]
    others = [h for h in all_of_them if h.origin != RECRUITED]
    assert len(recruits) == 3_000
    share_within([h.highest_need == 2 for h in recruits], 0.6)
    # The rest in proportion: 0.45 of standard need to 0.40 of enhanced.
    share_within([h.highest_need == 0 for h in recruits], 0.4 * 0.45 / 0.85)
    share_within([h.highest_need == 2 for h in others], 0.15)
    usual_groups = england().fostering.profile.ethnic_groups
    for place, group in enumerate(groups):
        share_within([h.ethnicity == place for h in recruits], groups[group])
        share_within([h.ethnicity == place for h in others], usual_groups[group])  # type: ignore[index]  # the same names


def test_as_many_households_as_stated_take_a_child_who_must_live_alone() -> None:
    share_within([h.solo for h in made({"fostering.households": 4_000})], 0.6)
    few = made({"fostering.households": 4_000, "fostering.profile.solo": 0.1})
    share_within([h.solo for h in few if h.places > 1], 0.1)


def test_households_that_come_are_like_those_there_are() -> None:
    """Usual approvals, from other agencies or not, have the option's profile; nobody else has."""
    values = {
        "fostering.households": 500,
        "fostering.approvals_per_year": 300.0,
        "fostering.recruitment.number": 500.0,
        "fostering.recruitment.profile": {"complex": 1.0, "uasc": 1.0},
    }
    all_of_them = made(values)
    for origin in (APPROVED, TRANSFERRED_IN):
        own = [h for h in all_of_them if h.origin == origin]
        assert len(own) > 200
        share_within([h.highest_need == 2 for h in own], 0.15)
        share_within([h.uasc for h in own], 0.2)
        share_within([h.solo for h in own], 0.6)


# ---- Retention ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_fewer_leavers_from_a_date_keep_the_households_that_the_rates_say() -> None:
    """Of 300 households, after a year at 20% and another at 5%: 300 exp(-0.25)."""
    start = bare().start
    values = {
        "years": 2.1,
        "fostering.households": 300,
        "fostering.leaving_per_year": 0.2,
        "changes": [
            {"on": start + timedelta(days=365), "path": "fostering.leaving_per_year", "to": 0.05}
        ],
    }
    day = 365 + YEAR
    there = [households_at(run(bare(values), k), np.array([day]))[0] for k in range(1, 61)]
    close(there, 300 * np.exp(-0.2 * 365 / YEAR - 0.05))
