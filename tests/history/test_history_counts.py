"""Counts against a count by hand of every day, and against the measures of the simulation."""

from collections import Counter
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from returns_by_hand import a_history, child, episode

from sufficiency.history.counting import (
    exits_by_reason,
    monthly,
    moves_by_cause,
    observed,
    placements_started,
    stock,
)
from sufficiency.history.tables import History
from sufficiency.history.truncating import known_on

FIRST, LAST = date(2021, 4, 1), date(2023, 3, 31)
DAY = timedelta(days=1)
PLACES = (
    ("U1", "PR1", "kinship"),
    ("U4", "PR1", "in_house"),
    ("U6", "PR4", "ifa"),
    ("K2", "PR1", "home_own"),
    ("K2", "PR5", "home_external"),
    ("A4", "PR4", "adoption"),
    ("T1", "", ""),
    ("T3", "", ""),
)
BANDS = ((0, "under_1"), (1, "1-4"), (5, "5-9"), (10, "10-15"), (16, "16-17"))

one_episode = st.tuples(
    st.integers(1, 400),  # days
    st.sampled_from(PLACES),
    st.sampled_from("TULPPPPBB"),
    st.sampled_from(("CARPL", "CREQB", "OTHER", "PLACE", "")),
)
one_period = st.tuples(
    st.integers(8, 200),  # days since the child last left
    st.lists(one_episode, min_size=1, max_size=5),
    st.sampled_from(("E4A", "E13", "E45", "E8")),
)
one_child = st.tuples(
    st.dates(date(2020, 6, 1), date(2023, 1, 31)),
    st.dates(date(2009, 1, 1), date(2020, 2, 29)),
    st.booleans(),
    st.lists(one_period, min_size=1, max_size=3),
)


def laid_out(lives: list) -> tuple[list[dict], list[dict]]:
    """Children and episodes of some lives, cut at the last day."""
    children, episodes = [], []
    for number, (start, born, uasc, periods) in enumerate(lives):
        until = "2040-01-01" if uasc else None
        children.append(child(number, born.isoformat(), uasc_until=until))
        day = start
        for gap, parts, left in periods:
            day += gap * DAY
            for place, (days, home, rne, reason) in enumerate(parts):
                ended = day + days * DAY
                if day > LAST:
                    break
                open_ = ended > LAST
                last = place == len(parts) - 1
                episodes.append(
                    episode(
                        number,
                        day.isoformat(),
                        None if open_ else ended.isoformat(),
                        "S" if place == 0 else rne,
                        home[0],
                        home[1],
                        rec="" if open_ else left if last else "X1",
                        reason="" if open_ else reason,
                    )
                )
                day = ended
    return children, episodes


class ByDay:
    """Where every child is on every night, told episode by episode and night by night."""

    def __init__(self, children: list[dict], episodes: list[dict]) -> None:
        self.born = {c["child"]: date.fromisoformat(c["born"]) for c in children}
        self.uasc = {c["child"]: c["uasc_until"] is not None for c in children}
        self.carer: dict[tuple[int, date], int] = {}
        self.type: dict[tuple[int, date], str] = {}
        self.left: dict[tuple[int, date], str] = {}
        carer = 0
        for number in self.born:
            own = [e for e in episodes if e["child"] == number]
            home, before = None, None
            for e in own:
                temporary = e["place"].startswith("T")
                here = (e["place"], e["provider"])
                if e["rne"] == "S":
                    carer, home = carer + 1, None
                elif home is not None and not temporary and self._moved(e, before, here, home):
                    carer += 1
                if not temporary:
                    home = here
                self._nights(number, e, carer, home)
                if e["reason_ended"] not in ("X1", ""):
                    self.left[number, date.fromisoformat(e["ended"])] = e["reason_ended"]
                before = e
        self._name_nights_before_a_first_home(own_nights=self.type)

    @staticmethod
    def _moved(e: dict, before: dict, here: tuple, home: tuple) -> bool:
        if e["rne"] in "TUL" or before["reason_changed"] == "PLACE":
            return False
        return here != home if before["place"].startswith("T") else True

    def _nights(self, number: int, e: dict, carer: int, home: tuple | None) -> None:
        day = date.fromisoformat(e["started"])
        ended = date.fromisoformat(e["ended"]) if e["ended"] else LAST + DAY
        while day < ended:
            self.carer[number, day] = carer
            self.type[number, day] = "?" if home is None else _type(home)
            day += DAY

    def _name_nights_before_a_first_home(self, own_nights: dict[tuple[int, date], str]) -> None:
        """A period that begins with a temporary placement: the type is that of its first home."""
        for number, day in sorted(own_nights, key=lambda key: (key[0], -key[1].toordinal())):
            if own_nights[number, day] == "?":
                after = number, day + DAY
                same = self.carer.get(after) == self.carer[number, day]
                own_nights[number, day] = own_nights[after] if same else "other"

    def age(self, number: int, day: date) -> str:
        born = self.born[number]
        years = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
        return [word for start, word in BANDS if years >= start][-1]

    def stream(self, number: int) -> str:
        return "uasc" if self.uasc[number] else "non_uasc"

    def in_months(self) -> tuple[Counter, Counter, Counter, Counter]:
        """Entries, exits, moves and placements begun, by month and group."""
        entries, exits, moves, begun = Counter(), Counter(), Counter(), Counter()
        for number in self.born:
            day = FIRST
            while day <= LAST:
                now = self.carer.get((number, day))
                before = self.carer.get((number, day - DAY))
                month = day.replace(day=1)
                group = (month, self.stream(number), self.age(number, day))
                if now is not None and before is None:
                    entries[group] += 1
                if now is None and before is not None:
                    exits[group] += 1
                if now is not None and before not in (now, None):
                    moves[month] += 1
                if now is not None and now != before:
                    begun[month, self.type[number, day]] += 1
                day += DAY
        return entries, exits, moves, begun

    def with_many(self, end: date) -> float:
        """Share of those in care on a 31 March with three carers or more in the year."""
        here = {number for number in self.born if (number, end) in self.carer}
        many = 0
        for number in here:
            nights = [end - i * DAY for i in range(366 if end.year % 4 else 367)]
            nights = [night for night in nights if night >= end.replace(year=end.year - 1)]
            many += len({self.carer[number, n] for n in nights if (number, n) in self.carer}) >= 3
        return many / len(here) if here else float("nan")


def _type(home: tuple[str, str]) -> str:
    return next(type_ for place, provider, type_ in PLACES if (place, provider) == home)


def _counted(table: pd.DataFrame, *columns: str, value: str) -> Counter:
    found: Counter = Counter()
    for row in table[table[value] > 0].to_dict("records"):
        key = tuple(row[c].date() if c == "month" else row[c] for c in columns)
        found[key if len(key) > 1 else key[0]] += int(row[value])
    return found


some_lives = st.lists(one_child, min_size=1, max_size=5)


@settings(max_examples=15, deadline=None)
@given(some_lives)
def test_counts_equal_a_count_of_every_day(lives: list) -> None:
    check_every_day(lives)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(some_lives)
def test_counts_equal_a_count_of_every_day_in_many_more_histories(lives: list) -> None:
    check_every_day(lives)


def check_every_day(lives: list) -> None:
    children, episodes = laid_out(lives)
    history = a_history(children, episodes, first=FIRST, last=LAST)
    by_day = ByDay(children, episodes)
    entries, exits, moves, begun = by_day.in_months()
    months = monthly(history)
    group = ("month", "stream", "age_group")
    assert _counted(months, *group, value="entries") == entries
    assert _counted(months, *group, value="exits") == exits
    assert _counted(moves_by_cause(history), "month", value="moves") == moves
    started = placements_started(history)
    assert _counted(started, "month", "type", value="placements") == begun
    assert exits_by_reason(history)["exits"].sum() == sum(exits.values())
    for day in (date(2021, 4, 1), date(2022, 2, 28), date(2022, 3, 31), date(2023, 3, 31)):
        here = Counter(
            (by_day.stream(n), by_day.age(n, day), by_day.type[n, day])
            for n in by_day.born
            if (n, day) in by_day.type
        )
        table = stock(history, day)
        assert _counted(table, "stream", "age_group", "type", value="children") == here
    measured = observed(history).set_index(["measure", "group", "period"])["value"]
    for end in (date(2022, 3, 31), date(2023, 3, 31)):
        found = measured.get(("three_or_more_placements", "", end.isoformat()), float("nan"))
        assert found == pytest.approx(by_day.with_many(end), nan_ok=True)


@settings(max_examples=15, deadline=None)
@given(st.lists(one_child, min_size=1, max_size=4), st.dates(FIRST, LAST))
def test_what_was_known_on_a_day_is_what_a_return_of_that_day_would_say(
    lives: list, on: date
) -> None:
    """A return cut at a day, and a history cut at that day, say the same."""
    children, episodes = laid_out(lives)
    cut = [
        {**e, "ended": None, "reason_ended": "", "reason_changed": ""}
        if e["ended"] and e["ended"] > on.isoformat()
        else e
        for e in episodes
        if e["started"] <= on.isoformat()
    ]
    # A period that began with a temporary placement has the type of what came after.
    begun_elsewhere = {e["child"] for e in episodes if e["rne"] == "S" and e["place"][0] == "T"}
    known = known_on(a_history(children, episodes, first=FIRST, last=LAST), on)
    direct = a_history(children, cut, first=FIRST, last=on)
    columns = ["child", "entered", "left", "reason", "entry_group", "dated"]
    pd.testing.assert_frame_equal(known.care[columns], direct.care[columns])
    columns = ["child", "order", "started", "ended", "type", "first_type", "provider", "cause"]
    tables = [
        table[~table["child"].isin(begun_elsewhere)][columns].reset_index(drop=True)
        for table in (known.placements, direct.placements)
    ]
    pd.testing.assert_frame_equal(*tables)
    pd.testing.assert_frame_equal(known.monthly, direct.monthly, check_dtype=False)


def many_lives(number: int, seed: int) -> list:
    """Lives as the strategies draw them, from a seed."""
    luck = np.random.default_rng(seed)

    def part() -> tuple:
        home = PLACES[luck.integers(0, 6)]
        return int(luck.integers(20, 400)), home, "P", "CARPL"

    def life() -> tuple:
        start = date(2020, 6, 1) + int(luck.integers(0, 900)) * DAY
        born = date(2009, 1, 1) + int(luck.integers(0, 3500)) * DAY
        parts = [part() for _ in range(luck.integers(1, 5))]
        return start, born, bool(luck.integers(0, 2)), [(8, parts, "E4A")]

    return [life() for _ in range(number)]


def test_an_empty_return_counts_nothing() -> None:
    history = a_history([], [], first=FIRST, last=LAST)
    assert len(monthly(history)) == 24 * 2 * 5
    assert monthly(history)[["entries", "exits"]].to_numpy().sum() == 0
    assert stock(history, LAST).empty
    found = observed(history)
    assert found.loc[found["measure"] == "children_in_care", "value"].sum() == 0


def test_months_and_dates_of_a_year_without_a_return_are_left_out() -> None:
    children = [child(0, "2010-01-01"), child(1, "2010-01-01")]
    episodes = [
        episode(0, "2021-06-01"),
        episode(1, "2022-06-01", "2022-08-01", rec="E4A"),  # not in any return, were it one
    ]
    history = a_history(children, episodes, last=date(2024, 3, 31), years=(2022, 2024))
    assert history.gaps == ((date(2022, 4, 1), date(2023, 3, 31)),)
    years = set(monthly(history)["month"].dt.strftime("%Y-%m"))
    assert {"2022-03", "2023-04"} <= years
    assert not {"2022-04", "2023-03"} & years
    found = observed(history)
    assert set(found.loc[found["measure"] == "entries", "period"]) == {
        *("2021-Q1", "2021-Q2", "2021-Q3", "2021-Q4", "2021-22"),
        *("2023-Q1", "2023-Q2", "2023-Q3", "2023-Q4", "2023-24"),
    }
    assert "2023-03-31" not in set(found["period"])


def test_history_may_hold_no_placements() -> None:
    """Counts need the periods of care alone."""
    full = a_history(*laid_out(many_lives(20, 1)), first=FIRST, last=LAST)
    bare = History(FIRST, LAST, children=full.children, care=full.care)
    assert stock(bare, LAST)["children"].sum() == stock(full, LAST)["children"].sum()
    assert set(stock(bare, LAST)["type"]) == {""}
    pd.testing.assert_frame_equal(monthly(bare), full.monthly)
    assert "moves" not in set(observed(bare)["measure"])
