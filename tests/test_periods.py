from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sufficiency.periods import calendar, date_of, day_of, end_of, nights, run_days

STARTS = st.dates(date(2000, 1, 1), date(2060, 12, 31))
LENGTHS = st.sampled_from([0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 5.0])
APRIL = date(2025, 4, 1)


def test_a_year_from_april_has_four_quarters_and_one_financial_year() -> None:
    days = calendar(APRIL, 1.0)
    assert days.quarters.labels == ("2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4")
    assert days.quarters.edges.tolist() == [0, 91, 183, 275, 365]
    assert days.years.spans() == (("2025-26", 0.0, 365.0),)
    assert days.months.labels[0] == "2025-04"
    assert days.months.labels[-1] == "2026-03"
    assert len(days.months.labels) == 12
    assert days.marches.labels == ("2026-03-31",)


def test_the_fourth_quarter_carries_the_year_in_which_its_financial_year_began() -> None:
    spans = {label: (start, end) for label, start, end in calendar(APRIL, 3.0).quarters.spans()}
    first, after = spans["2027-Q4"]
    assert date_of(APRIL, first) == date(2028, 1, 1)
    assert date_of(APRIL, after) == date(2028, 4, 1)


def test_a_census_is_at_the_end_of_its_day_and_the_first_one_at_the_very_start() -> None:
    ends = calendar(APRIL, 1.0).quarter_ends
    assert ends.labels == ("2025-04-01", "2025-06-30", "2025-09-30", "2025-12-31", "2026-03-31")
    assert ends.times[0] == 0.0
    assert ends.times[1:] == pytest.approx([91, 183, 275, 365])
    assert (ends.times[1:] < [91, 183, 275, 365]).all()


def test_incomplete_periods_are_left_out_at_both_ends() -> None:
    days = calendar(date(2025, 9, 15), 1.0)
    assert days.quarters.labels == ("2025-Q3", "2025-Q4", "2026-Q1")
    assert days.years.labels == ()
    assert days.months.labels[0] == "2025-10"
    assert days.months.labels[-1] == "2026-08"
    assert days.month_ends.labels[:2] == ("2025-09-15", "2025-09-30")
    assert days.marches.labels == ("2026-03-31",)


def test_a_run_that_starts_on_a_month_end_has_one_census_that_day_at_its_start() -> None:
    ends = calendar(date(2025, 3, 31), 0.5)
    assert ends.quarter_ends.labels == ("2025-03-31", "2025-06-30")
    assert ends.quarter_ends.times[0] == 0.0
    assert ends.marches.labels == ()


def test_a_run_too_short_for_any_period_has_none() -> None:
    days = calendar(date(2025, 4, 10), 0.1)
    assert days.quarters.labels == days.years.labels == days.marches.labels == ()
    assert days.quarter_ends.labels == ("2025-04-10",)


def test_years_end_on_the_calendar_day_and_parts_of_months_are_rounded() -> None:
    assert end_of(APRIL, 5.0) == date(2030, 4, 1)
    assert run_days(APRIL, 5.0) == 1826
    assert end_of(date(2024, 2, 29), 1.0) == date(2025, 2, 28)
    assert end_of(date(2025, 7, 1), 0.25) == date(2025, 10, 1)
    assert end_of(APRIL, 0.1) == date(2025, 5, 1) + timedelta(days=6)


@given(STARTS, LENGTHS)
def test_every_label_is_the_period_of_its_days(start: date, years: float) -> None:
    days = calendar(start, years)
    for label, first, after in days.months.spans():
        assert date_of(start, first).isoformat() == f"{label}-01"
        assert 28 <= after - first <= 31
    for _, first, after in days.quarters.spans():
        assert date_of(start, first).month in (1, 4, 7, 10)
        assert 90 <= after - first <= 92
    for label, first, after in days.years.spans():
        assert date_of(start, first) == date(int(label[:4]), 4, 1)
        assert 365 <= after - first <= 366
    for label, time in zip(days.month_ends.labels[1:], days.month_ends.times[1:], strict=True):
        assert date_of(start, time).isoformat() == label
        assert date_of(start, time + 0.001).day == 1


@given(STARTS, LENGTHS)
def test_quarters_make_up_years_and_quarter_ends_are_month_ends(start: date, years: float) -> None:
    days = calendar(start, years)
    assert set(days.quarter_ends.labels) <= set(days.month_ends.labels)
    for i, (_, first, after) in enumerate(days.years.spans()):
        quarters = days.quarters.spans()[days.first_april + 4 * i :][:4]
        assert (quarters[0].from_day, quarters[3].to_day) == (first, after)
    assert days.days == day_of(start, end_of(start, years))
    assert (days.quarters.edges <= days.days).all()


@given(
    STARTS, LENGTHS, st.lists(st.integers(-9000, 9000).map(lambda quarter: quarter / 4), min_size=1)
)
def test_looking_up_a_day_finds_what_comparing_times_finds(
    start: date, years: float, moments: list[float]
) -> None:
    days, times = calendar(start, years), np.array([*moments, np.inf, 0.0])
    place = days.days_of(times)
    for dates in (days.month_ends, days.quarter_ends, days.marches):
        assert dates.first[place].tolist() == np.searchsorted(dates.times, times).tolist()
    for periods in (days.months, days.quarters, days.years):
        n = len(periods.labels)
        found = np.searchsorted(periods.edges, times, side="right") - 1
        assert periods.of[place].tolist() == np.where(found < 0, n, found).tolist()


@given(
    st.lists(st.tuples(st.floats(-50, 120), st.floats(0, 200), st.integers(0, 2)), max_size=20),
)
def test_nights_are_midnights_passed_and_split_exactly_at_edges(
    stays: list[tuple[float, float, int]],
) -> None:
    edges = np.array([0.0, 10.0, 40.0, 41.0, 100.0])
    started = np.array([start for start, _, _ in stays])
    ended = np.array([start + length for start, length, _ in stays])
    codes = np.array([code for _, _, code in stays], dtype=np.int64)
    found = nights(started, ended, codes, 3, edges)
    for code in range(3):
        for i in range(4):
            midnights = range(int(edges[i]) + 1, int(edges[i + 1]) + 1)
            expected = sum(
                start < midnight <= end
                for start, end, c in zip(started, ended, codes, strict=True)
                for midnight in midnights
                if c == code
            )
            assert found[code, i] == expected


def test_a_stay_without_an_end_is_counted_to_the_last_edge() -> None:
    open_ended = nights(
        np.array([5.5]), np.array([np.inf]), np.array([0]), 1, np.array([0.0, 10.0, 30.0])
    )
    assert open_ended.tolist() == [[5, 20]]
