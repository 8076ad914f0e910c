"""Measures of random rows, against a count child by child."""

from collections.abc import Iterable
from itertools import pairwise
from math import inf, isnan, nan
from statistics import mean, median
from typing import NamedTuple

import numpy as np
import pytest
from by_hand import (
    ADOPTION,
    APRIL,
    EMERGENCY_BED,
    HOME_EXTERNAL,
    HOME_OWN,
    IFA,
    IN_HOUSE,
    SUPPORTED,
    Found,
    a_household,
    a_scenario,
    child,
    places_of,
    stay,
    the_rows,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from sufficiency.measures import MEASURES, measure
from sufficiency.periods import YEAR, calendar
from sufficiency.rows import (
    AGES,
    CAUSES,
    ENTRY,
    ETHNICITIES,
    GROUPS,
    KINDS,
    PATHWAYS,
    REASONS,
    SAME_CARER,
    TYPES,
    Beds,
    CarePeriod,
    Household,
    Placement,
    Rows,
)
from sufficiency.vocabulary import (
    AGE_BAND_STARTS,
    KIND_OF_TYPE,
    Kind,
)

QUARTER_DAYS = st.integers(-2400, 3200).map(lambda quarter: quarter / 4)
FLAG = st.sampled_from([0, 0, 1])
PROVIDERS = {HOME_OWN: (1, 2, 3), IN_HOUSE: (1, 2, 3), EMERGENCY_BED: (-1,)}
"""Numbers of providers by type; elsewhere 1 and 2 are blocks."""


class Stay(NamedTuple):
    """A whole placement: the row that began it, the row that ended it, and the time between."""

    first: Placement
    last: Placement
    started: float
    ended: float


class Life(NamedTuple):
    """One child's care period and placements, one after the other."""

    care: CarePeriod
    placements: tuple[Placement, ...]

    def stays(self) -> list[Stay]:
        """Whole placements: rows with the same carers are one."""
        found: list[Stay] = []
        for row in self.placements:
            if row.cause == SAME_CARER:
                found[-1] = found[-1]._replace(last=row, ended=row.ended)
            else:
                found.append(Stay(row, row, row.started, row.ended))
        return found


@st.composite
def lives(draw: st.DrawFn) -> list[Life]:
    return [draw(a_life(number)) for number in range(draw(st.integers(0, 8)))]


@st.composite
def a_life(draw: st.DrawFn, number: int) -> Life:
    entered = draw(QUARTER_DAYS)
    lengths = draw(st.lists(st.integers(1, 2000).map(lambda q: q / 4), min_size=1, max_size=5))
    times = np.cumsum([entered, *lengths]).tolist()
    open_ended = draw(st.booleans()) or times[-1] >= 730
    care = child(
        number,
        entered,
        9999.0 if open_ended else times[-1],
        age=draw(st.floats(0.01, 17)),
        group=draw(st.sampled_from(GROUPS)),
        reason=draw(st.sampled_from(REASONS)),
        pathway=draw(st.sampled_from(PATHWAYS)),
        siblings=draw(st.integers(1, 4)),
        ethnicity=draw(st.sampled_from(ETHNICITIES)),
        disabled=draw(FLAG),
    )
    placements: list[Placement] = []
    for i, (started, ended) in enumerate(pairwise(times)):
        if started < 730:
            open_ = ended >= 730 or (open_ended and i == len(lengths) - 1)
            placements.append(draw(a_row(number, started, inf if open_ else ended, placements)))
    return Life(care, tuple(placements))


@st.composite
def a_row(
    draw: st.DrawFn, number: int, started: float, ended: float, before: list[Placement]
) -> Placement:
    fostered = bool(before) and TYPES[int(before[-1].type)] in (IN_HOUSE, IFA)
    same_carer = fostered and draw(st.booleans())
    type_ = IFA if same_carer else draw(st.sampled_from((*TYPES, IN_HOUSE, IFA, HOME_OWN)))
    cause = draw(st.integers(0, len(CAUSES) - 1)) if before else ENTRY
    return stay(
        number,
        type_,
        started,
        ended,
        planned=draw(st.sampled_from(KINDS)),
        cause=SAME_CARER if same_carer else cause,
        provider=draw(st.sampled_from(PROVIDERS.get(type_, (-1, 1, 2)))),
        in_area=draw(FLAG),
        over_20_miles=draw(FLAG),
        far_for_want=draw(FLAG),
        ifa_for_want=draw(FLAG) if type_ == IFA else 0,
        apart=draw(FLAG),
        solo=draw(FLAG),
        same_ethnic_group=draw(st.sampled_from((0, 1, nan))),
    )


HELD_TYPES = (HOME_OWN, HOME_OWN, HOME_EXTERNAL, SUPPORTED, EMERGENCY_BED)


@st.composite
def some_beds(draw: st.DrawFn) -> list[Beds]:
    """Two own homes, two blocks and the emergency beds, whose places change over time."""
    found = []
    for number, type_ in enumerate(HELD_TYPES, 1):
        provider = {HOME_OWN: number, EMERGENCY_BED: 0}.get(type_, 1)
        times = sorted(draw(st.lists(QUARTER_DAYS, min_size=1, max_size=3, unique=True)))
        for started, ended in pairwise([*times, draw(st.sampled_from((inf, times[-1] + 30)))]):
            registered = draw(st.integers(0, 4))
            part = st.integers(0, registered)
            found.append(
                places_of(
                    type_,
                    provider,
                    started,
                    ended,
                    registered=registered,
                    usable=draw(part),
                    guaranteed=draw(part),
                )
            )
    return found


@st.composite
def some_households(draw: st.DrawFn) -> list[Household]:
    found = []
    for number in (1, 2, 3):
        approved = draw(st.integers(-3000, -2400)) / 4
        stopped = draw(st.just(inf) | st.integers(-2000, 3000).map(lambda q: q / 4))
        found.append(
            a_household(
                number,
                draw(st.integers(1, 4)),
                approved,
                blocked=draw(st.integers(0, 1)),
                available=approved + draw(st.integers(0, 400)),
                stopped=stopped,
                closed=stopped + draw(st.integers(0, 300)),
            )
        )
    return found


def rows_of(
    some: list[Life], households: list[Household] | None = None, beds: Iterable[Beds] = ()
) -> Rows:
    some = [life for life in some if life.placements]
    return the_rows(
        [life.care for life in some],
        [row for life in some for row in life.placements],
        households=[a_household(n, 4) for n in (1, 2, 3)] if households is None else households,
        beds=beds,
        until=730.0,
    )


def band(age_in_days: float) -> str:
    return AGES[sum(age_in_days >= start * YEAR for start in AGE_BAND_STARTS) - 1].value


def lives_at(some: list[Life], time: float) -> list[tuple[CarePeriod, Placement]]:
    return [
        (life.care, row)
        for life in some
        for row in life.placements
        if row.started <= time < row.ended
    ]


def is_unmet(row: Placement) -> bool:
    lives_in = KIND_OF_TYPE[TYPES[int(row.type)]]
    return lives_in != KINDS[int(row.planned)] or bool(row.far_for_want or row.apart)


@settings(max_examples=60, deadline=None)
@given(lives())
def test_stocks_equal_a_count_child_by_child(some: list[Life]) -> None:
    found = Found(measure(a_scenario(2.0), rows_of(some)))
    days = calendar(APRIL, 2.0)
    for label, time in zip(days.month_ends.labels, days.month_ends.times, strict=True):
        here = lives_at(some, time)
        assert found("children_in_care", label) == len(here)
        for type_ in TYPES:
            expected = sum(TYPES[int(row.type)] == type_ for _, row in here)
            assert found("children_in_care", label, f"type={type_}") == expected
        for age in AGES:
            expected = sum(band(time - care.born) == age for care, _ in here)
            assert found("children_in_care", label, f"age={age}") == expected
    for label, time in zip(days.quarter_ends.labels, days.quarter_ends.times, strict=True):
        here = lives_at(some, time)
        unmet = [(care, row) for care, row in here if is_unmet(row)]
        assert found("unmet_need", label) == len(unmet)
        teenage = sum(time - care.born >= 13 * YEAR for care, _ in unmet)
        assert found("unmet_need", label, "cohort=teenage") == teenage
        disabled = sum(care.disabled for care, _ in unmet)
        assert found("unmet_need", label, "cohort=disabled") == disabled
        far = sum(row.far_for_want for _, row in here)
        assert found("far_for_want_of_carer", label) == far
        long = sum(time - care.entered >= 2 * YEAR for care, _ in here)
        assert found("time_in_care", label, "band=2_years_or_more") == long
        for age in AGES:
            expected = sum(band(time - care.born) == age for care, _ in unmet)
            assert found("unmet_need", label, f"age={age}") == expected


def distance(row: Placement) -> str:
    if row.in_area:
        return "distance=in_area"
    return "distance=over_20_miles" if row.over_20_miles else "distance=within_20_miles"


@settings(max_examples=60, deadline=None)
@given(lives())
def test_distances_equal_a_count_child_by_child(some: list[Life]) -> None:
    found = Found(measure(a_scenario(2.0), rows_of(some)))
    days = calendar(APRIL, 2.0)
    for label, time in zip(days.quarter_ends.labels, days.quarter_ends.times, strict=True):
        here = lives_at(some, time)
        groups = {f"age={age}": [r for c, r in here if band(time - c.born) == age] for age in AGES}
        groups[""] = [row for _, row in here]
        for type_ in (IN_HOUSE, IFA, HOME_OWN, HOME_EXTERNAL, SUPPORTED):
            groups[f"type={type_}"] = [r for _, r in here if TYPES[int(r.type)] == type_]
        for group, rows in groups.items():
            for where in ("in_area", "within_20_miles", "over_20_miles"):
                parts = sorted(filter(None, (f"distance={where}", group)))
                expected = sum(distance(row) == f"distance={where}" for row in rows)
                assert found("placement_distance", label, ";".join(parts)) == expected
            for column in ("in_area", "over_20_miles"):
                share = mean(getattr(row, column) for row in rows) if rows else nan
                value = found(f"{column}_share", label, group)
                assert value == pytest.approx(share, nan_ok=True)


@settings(max_examples=60, deadline=None)
@given(lives())
def test_children_for_want_of_a_carer_equal_a_count_child_by_child(some: list[Life]) -> None:
    found = Found(measure(a_scenario(2.0), rows_of(some)))
    days = calendar(APRIL, 2.0)
    for label, time in zip(days.quarter_ends.labels, days.quarter_ends.times, strict=True):
        here = lives_at(some, time)
        foster = [(c, row) for c, row in here if KINDS[int(row.planned)] == Kind.FOSTER]
        homes = [care for care, row in foster if TYPES[int(row.type)] in (HOME_OWN, HOME_EXTERNAL)]
        assert found("residential_for_want_of_carer", label) == len(homes)
        for age in AGES:
            expected = sum(band(time - care.born) == age for care in homes)
            assert found("residential_for_want_of_carer", label, f"age={age}") == expected
        elsewhere = {
            care.child
            for care, row in foster
            if row.far_for_want or TYPES[int(row.type)] not in (IN_HOUSE, IFA)
        } | {care.child for care, row in here if row.ifa_for_want}
        in_house = sum(TYPES[int(row.type)] == IN_HOUSE for _, row in here)
        expected = len(elsewhere) / (in_house / 3) if in_house else nan  # three households
        short = found("foster_households_short", label)
        assert short == pytest.approx(expected if elsewhere else 0, nan_ok=True)


@settings(max_examples=60, deadline=None)
@given(lives())
def test_moves_and_placements_begun_equal_a_count_stay_by_stay(some: list[Life]) -> None:
    found = Found(measure(a_scenario(2.0), rows_of(some)))
    for label, first, after in calendar(APRIL, 2.0).years.spans():
        begun = [
            (life.care, stay.first)
            for life in some
            for stay in life.stays()
            if first <= stay.started < after
        ]
        moves = [CAUSES[int(row.cause)] for _, row in begun if row.cause != ENTRY]
        positive = sum(
            cause in ("planned", "to_adoption", "move_on", "step_across") for cause in moves
        )
        assert found("placements_started", label) == len(begun)
        assert found("moves", label) == len(moves)
        assert found("moves", label, "nature=positive") == positive
        share = positive / len(moves) if moves else nan
        assert found("positive_moves_share", label) == pytest.approx(share, nan_ok=True)
        unmet = mean(is_unmet(row) for _, row in begun) if begun else nan
        assert found("second_best_share", label) == pytest.approx(unmet, nan_ok=True)
        for group in ("", *(f"ethnicity={name}" for name in ETHNICITIES)):
            known = [
                row.same_ethnic_group
                for care, row in begun
                if TYPES[int(row.type)] == IN_HOUSE
                and not isnan(row.same_ethnic_group)
                and group in ("", f"ethnicity={ETHNICITIES[int(care.ethnicity)]}")
            ]
            share = mean(known) if known else nan
            value = found("same_ethnic_group_share", label, group)
            assert value == pytest.approx(share, nan_ok=True)


@settings(max_examples=60, deadline=None)
@given(lives())
def test_groups_add_up_to_everybody(some: list[Life]) -> None:
    found = Found(measure(a_scenario(2.0), rows_of(some)))
    for name, dimension in [
        ("children_in_care", "type"),
        ("children_in_care", "age"),
        ("children_in_care", "stream"),
        ("children_in_care", "ethnicity"),
        ("placements_needed", "kind"),
        ("unmet_need", "kind"),
        ("unmet_need", "age"),
        ("placements_started", "type"),
        ("moves", "cause"),
        ("moves", "nature"),
        ("residential_for_want_of_carer", "age"),
        ("entries", "age"),
        ("exits", "reason"),
        ("exits", "stream"),
    ]:
        for label in calendar(APRIL, 2.0).labels(MEASURES[name].when):
            groups = [g for g in MEASURES[name].groups if g.startswith(f"{dimension}=")]
            parts = sum(found(name, label, group) for group in groups)
            assert parts == found(name, label), (name, dimension, label)


@settings(max_examples=60, deadline=None)
@given(lives())
def test_quarters_add_up_to_years_and_flows_to_the_change_of_stock(some: list[Life]) -> None:
    found = Found(measure(a_scenario(2.0), rows_of(some)))
    for key, value in found.values.items():
        if MEASURES[key.measure].unit == "share" or key.period not in ("2025-26", "2026-27"):
            continue
        if MEASURES[key.measure].when in ("years", "first_year"):
            continue
        if key.measure in ("days_to_place", "unregistered_children", "unregistered_under_16"):
            continue
        quarters = [found(key.measure, f"{key.period[:4]}-Q{q}", key.group) for q in range(1, 5)]
        assert value == sum(quarters), key
    # the first census is at the very start: who entered or left at that moment is in or out
    change = (
        sum(found("entries", year) - found("exits", year) for year in ("2025-26", "2026-27"))
        - sum(life.care.entered == 0 for life in some)
        + sum(life.care.left == 0 for life in some)
    )
    start, end = (found("children_in_care", day) for day in ("2025-04-01", "2027-03-31"))
    assert end - start == change


@settings(max_examples=60, deadline=None)
@given(lives(), some_households())
def test_in_house_places_equal_a_count_household_by_household(
    some: list[Life], households: list[Household]
) -> None:
    found = Found(measure(a_scenario(2.0), rows_of(some, households)))
    days = calendar(APRIL, 2.0)
    for label, time in zip(days.quarter_ends.labels, days.quarter_ends.times, strict=True):
        living: dict[int, list[Placement]] = {1: [], 2: [], 3: []}
        for _, row in lives_at(some, time):
            if TYPES[int(row.type)] == IN_HOUSE:
                living[int(row.provider)].append(row)
        approved = sum(h.places for h in households if h.approved <= time < h.closed)
        vacant = sum(
            max(0, h.places - h.blocked - len(living[int(h.household)]))
            for h in households
            if h.available <= time < min(h.stopped, h.closed)
            and not any(row.solo for row in living[int(h.household)])
        )
        assert found("places_approved", label, "type=in_house") == approved
        assert found("places_vacant", label, "type=in_house") == vacant
        assert found("places_filled", label, "type=in_house") == sum(map(len, living.values()))
        assert approved == (
            found("places_usable", label, "type=in_house")
            + found("places_not_available", label, "type=in_house")
        )


def is_in(row: Placement, beds: Beds) -> bool:
    """Whether a placement is in the home, block or bed that so many places are of."""
    home = row.provider == beds.provider or TYPES[int(row.type)] == EMERGENCY_BED
    return bool(row.type == beds.type and home)


@settings(max_examples=60, deadline=None)
@given(lives(), some_beds())
def test_places_of_homes_equal_a_count_home_by_home(some: list[Life], beds: list[Beds]) -> None:
    found = Found(measure(a_scenario(2.0), rows_of(some, beds=beds)))
    days = calendar(APRIL, 2.0)
    for label, time in zip(days.quarter_ends.labels, days.quarter_ends.times, strict=True):
        here = [row for _, row in lives_at(some, time)]
        for type_ in set(HELD_TYPES):
            code = TYPES.index(type_)
            vacant = 0.0
            for bed in beds:
                if bed.type == code and bed.started <= time < bed.ended:
                    inside = [row for row in here if is_in(row, bed)]
                    alone = type_ == HOME_OWN and any(row.solo for row in inside)
                    vacant += 0 if alone else max(0, bed.usable - len(inside))
            assert found("places_vacant", label, f"type={type_}") == vacant


@settings(max_examples=25, deadline=None)
@given(lives(), some_beds())
def test_void_nights_equal_a_count_night_by_night(some: list[Life], beds: list[Beds]) -> None:
    found = Found(measure(a_scenario(2.0), rows_of(some, beds=beds)))
    rows = [row for life in some for row in life.placements]
    inside = {bed: [row for row in rows if is_in(row, bed)] for bed in beds}
    for label, first, after in calendar(APRIL, 2.0).quarters.spans():
        void = dict.fromkeys(TYPES, 0.0)
        for midnight in range(int(first) + 1, int(after) + 1):
            for bed in beds:
                if bed.started < midnight <= bed.ended:
                    asleep = sum(row.started < midnight <= row.ended for row in inside[bed])
                    void[TYPES[int(bed.type)]] += max(0, bed.guaranteed - asleep)
        assert found("void_nights", label) == sum(void.values())
        for type_ in set(HELD_TYPES):
            assert found("void_nights", label, f"type={type_}") == void[type_]


@settings(max_examples=60, deadline=None)
@given(lives())
def test_indicators_equal_a_count_child_by_child(some: list[Life]) -> None:
    found = Found(measure(a_scenario(2.0), rows_of(some)))
    march = calendar(APRIL, 2.0).marches.times[1]
    begins = {
        "three_or_more_placements": march - 365,
        "three_or_more_in_two_years": march - 2 * YEAR,
    }
    for name, since in begins.items():
        counts = [
            sum(stay.started <= march and stay.ended > since for stay in life.stays())
            for life in some
            if lives_at([life], march)
            and (name == "three_or_more_placements" or life.care.entered <= since)
        ]
        expected = sum(n >= 3 for n in counts) / len(counts) if counts else nan
        assert found(name, "2027-03-31") == pytest.approx(expected, nan_ok=True)
    stable = [
        is_stable(life, march)
        for life in some
        if lives_at([life], march)
        and life.care.entered <= march - 2.5 * YEAR
        and march - life.care.born < 16 * YEAR
    ]
    expected = sum(stable) / len(stable) if stable else nan
    assert found("long_term_stability", "2027-03-31") == pytest.approx(expected, nan_ok=True)


def is_stable(life: Life, march: float) -> bool:
    stays = life.stays()
    now = next(i for i, stay in enumerate(stays) if stay.started <= march < stay.ended)
    with_adopters = TYPES[int(stays[now].last.type)] == ADOPTION
    since = stays[max(now - 1, 0) if with_adopters else now].started
    return bool(since <= march - 2 * YEAR)


@settings(max_examples=40, deadline=None)
@given(lives())
def test_medians_and_means_are_those_of_the_lengths(some: list[Life]) -> None:
    found = Found(measure(a_scenario(2.0), rows_of(some)))
    for label, first, after in calendar(APRIL, 2.0).years.spans():
        for group, types in [("", set(TYPES)), ("kind=home", {HOME_OWN, HOME_EXTERNAL})]:
            lengths = [
                stay.ended - stay.started
                for life in some
                for stay in life.stays()
                if first <= stay.ended < after and TYPES[int(stay.last.type)] in types
            ]
            for name, of in [("mean", mean), ("median", median)]:
                expected = of(lengths) if lengths else nan
                value = found(f"placement_length_{name}", label, group)
                assert value == pytest.approx(expected, nan_ok=True)
