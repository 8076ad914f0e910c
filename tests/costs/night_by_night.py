"""What a replication costs, worked out night by night in plain Python, from the definitions alone.

Slow and simple: whole pence through exact fractions, dates instead of day numbers, no arrays. It
shares with the program only the settings and the rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from math import exp, floor, inf
from statistics import NormalDist
from typing import Any

from sufficiency.rows import AGES, GROUPS, NEEDS, TYPES, Rows, Table
from sufficiency.scenario import Home, Scenario

YEAR = 365.25
UASC = [place for place, group in enumerate(GROUPS) if group.startswith("uasc")]
BIRTHDAYS = (1, 3, 5, 10, 11, 16)
"""Ages at which an allowance or the age band of a price changes."""
Row = dict[str, float]


def rows_of(table: Table) -> list[Row]:
    return [dict(zip(table.columns, row, strict=True)) for row in table.values.tolist()]


@cache
def exact(value: float) -> Fraction:
    return Fraction(str(value))


@cache
def dates_between(month: int, since: date, day: date) -> int:
    """Firsts of a month after a day and up to another; below 0 if the other comes before it."""
    dates = [date(year, month, 1) for year in range(2020, 2032)]
    return sum(since < d <= day for d in dates) - sum(day < d <= since for d in dates)


def half_up(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))


class Money:
    """Sums of pence by anything."""

    def __init__(self) -> None:
        self.sums: dict[Any, int] = defaultdict(int)

    def __getitem__(self, key: Any) -> int:
        return self.sums.get(key, 0)

    def add(self, key: Any, amount: int) -> None:
        self.sums[key] += amount


class Oracle:
    """Everything that is spent and received, with a night at a time."""

    def __init__(self, scenario: Scenario, rows: Rows) -> None:
        self.scenario, self.prices, self.rows = scenario, scenario.prices, rows
        self.length = int(rows.until)
        self.dates = [scenario.start + timedelta(days=d) for d in range(self.length)]
        self.year = [self._year(day) for day in self.dates]
        self.years = sorted({label for label in self.year if label})
        self.children = {row["child"]: row for row in rows_of(rows.care_periods)}
        self.placements = rows_of(rows.placements)
        self._known: dict[Any, Any] = {}
        """Prices that were asked for before."""
        self.by_month: dict[str, float] = defaultdict(float)
        """Net cost in pence, not rounded."""
        self.run_rate: dict[Any, float] = defaultdict(float)
        """Pence by type and night, not rounded."""
        self.nights, self.pence, self.uasc, self.constant = Money(), Money(), Money(), Money()
        self.full_year, self.high_cost, self.in_care = Money(), Money(), Money()
        self.fixed, self.void, self.voids, self.retainers = Money(), Money(), Money(), Money()
        self.recruitment, self.staying_put, self.programme = Money(), Money(), Money()
        self.income, self.capital = Money(), Money()
        self.level = date(int(self.prices.year[:4]) + 1, 3, 31)
        self._placements()
        self._homes()
        self._places_that_are_held()
        self._others()
        self._grant()
        self._shares()

    # ---- Time ----------------------------------------------------------------------------------

    def _year(self, day: date) -> str:
        """The financial year of a day, if the run has all of it."""
        begins = day.year - (day.month < 4)
        first, end = date(begins, 4, 1), date(begins + 1, 4, 1)
        if first < self.scenario.start or end > self.scenario.start + timedelta(self.length):
            return ""
        return f"{begins}-{(begins + 1) % 100:02d}"

    def nights_of(self, row: Row) -> list[int]:
        last = self.length if row["ended"] == inf else floor(row["ended"])
        return list(range(max(floor(row["started"]), 0), min(last, self.length)))

    def k(self, name: str, day: date, since: date | None = None) -> int:
        """Uplift dates after the price level up to a day; below 0 for those still to come."""
        uplift, since = self.prices.uplift.get(name), since or self.level  # type: ignore[call-overload]
        return dates_between(uplift.month if uplift else 4, since, day)

    def rate(self, name: str) -> tuple[Fraction, Fraction]:
        """Growth of new prices and of existing ones."""
        uplift = self.prices.uplift.get(name)  # type: ignore[call-overload]
        if uplift is None:
            return Fraction(0), Fraction(0)
        new = exact(uplift.new)
        existing = new if uplift.existing is None else exact(uplift.existing)
        return new, min(existing, exact(self.prices.cpi)) if uplift.at_most_cpi else existing

    def changes(self, name: str, day: date) -> bool:
        """Whether a price of this name may change, or a financial year begin, on a day."""
        uplift = self.prices.uplift.get(name)  # type: ignore[call-overload]
        uplifted = uplift is not None and (day.month, day.day) == (uplift.month, 1)
        risen = any(r.type == name and r.from_ == day for r in self.prices.rises)
        return (day.month, day.day) == (4, 1) or uplifted or risen

    # ---- Prices --------------------------------------------------------------------------------

    def line(self, type_: str, need: int, age: int) -> Any:
        """The line of the table that says most; of two the later."""
        best, says = None, -1
        for line in self.prices.table:
            fits = line.type == type_ and line.need in (None, NEEDS[need])
            if fits and line.age in (None, AGES[self.band(age)]):
                much = (line.need is not None) + (line.age is not None)
                if much >= says:
                    best, says = line, much
        return best

    @staticmethod
    def band(age: int) -> int:
        return sum(age >= start for start in (1, 5, 10, 16))

    def new_price(self, type_: str, need: int, age: int) -> tuple[Fraction, bool]:
        """A new placement at the price level; whether it is an allowance."""
        line = self.line(type_, need, age)
        if line is not None:
            return exact(line.new), False
        if self.prices.weekly.get(type_) is not None:  # type: ignore[call-overload]
            return exact(self.prices.weekly[type_]), False  # type: ignore[index]
        names = {0: "0-2", 1: "3-4", 2: "5-10", 3: "11-15", 4: "16-17"}
        band = names[sum(age >= start for start in (3, 5, 11, 16))]
        allowance = self.prices.allowance
        own = exact(allowance.weekly[self.scenario.authority.region][band])  # type: ignore[index]
        theirs = date(int(allowance.year[:4]) + 1, 3, 31)
        own *= (1 + self.rate(type_)[0]) ** self.k(type_, self.level, theirs)
        return own + exact(self.prices.fee[type_]), True  # type: ignore[index]

    def first_day_price(self, type_: str, need: int, age: int) -> tuple[Fraction, bool]:
        line = self.line(type_, need, age)
        if line is not None:
            return exact(line.new if line.existing is None else line.existing), False
        if type_ in self.prices.existing:
            return exact(self.prices.existing[type_]), False  # type: ignore[index]
        return self.new_price(type_, need, age)

    def block_price(self, type_: str) -> Fraction:
        if type_ in self.prices.block:
            return exact(self.prices.block[type_])  # type: ignore[index]
        plain = [x for x in self.prices.table if (x.type, x.need, x.age) == (type_, None, None)]
        return exact(plain[-1].new if plain else self.prices.weekly[type_])  # type: ignore[index]

    def factor(self, type_: str) -> Fraction:
        return exact(self.prices.factor.get(type_, 1.0))  # type: ignore[call-overload]

    def dearness(self, type_: str, child: float) -> Fraction:
        spread = self.prices.spread.get(type_, 0.0)  # type: ignore[call-overload]
        z = NormalDist().inv_cdf(self.children[child]["dearness"])
        return Fraction(exp(spread * z - spread**2 / 2))

    def weekly(self, row: Row, night: int, age: int) -> tuple[int, int]:
        """Pence a week of a placement in a night; the same at constant prices."""
        type_, day = TYPES[int(row["type"])].value, self.dates[night]
        rises = [r.weekly for r in self.prices.rises if r.type == type_ and r.from_ <= day]
        key = (*row.values(), self.k(type_, day), age, *rises)
        if str(key) not in self._known:
            self._known[str(key)] = self._weekly(row, day, age, rises)
        found: tuple[int, int] = self._known[str(key)]
        return found

    def _weekly(self, row: Row, day: date, age: int, rises: list[float]) -> tuple[int, int]:
        type_, need = TYPES[int(row["type"])].value, int(row["need"])
        new, existing = self.rate(type_)
        now, dearness = self.k(type_, day), self.dearness(type_, row["child"])
        plain, is_allowance = self.new_price(type_, need, age)
        level = plain
        if row["provider"] >= 0 and type_ in ("home_external", "supported"):
            level, dearness = self.block_price(type_), Fraction(1)
            price = level * (1 + existing) ** now
        elif row["started"] <= 0:
            price, was_allowance = self.first_day_price(type_, need, age)
            price *= (1 + (new if was_allowance else existing)) ** now
        elif is_allowance:
            price = plain * (1 + new) ** now
        else:
            then = self.k(type_, self.scenario.start + timedelta(floor(row["started"])))
            price = plain * (1 + new) ** then * (1 + existing) ** (now - then)
        paid = price * self.factor(type_) * dearness + sum(map(exact, rises))
        return (
            half_up(max(paid, Fraction(0)) * 100),
            half_up(level * self.factor(type_) * dearness * 100),
        )

    # ---- Placements ----------------------------------------------------------------------------

    def _placements(self) -> None:
        for row in self.placements:
            self._placement(row)

    def _placement(self, row: Row) -> None:
        type_ = TYPES[int(row["type"])].value
        birthdays = {a: floor(self.children[row["child"]]["born"] + a * YEAR) for a in range(1, 19)}
        uasc = int(self.children[row["child"]]["group"]) in UASC
        begun = self.scenario.start + timedelta(floor(row["started"]))
        nights, group, groups = self.nights_of(row), [], []
        cells: list[tuple[int, ...]] = []
        for night in nights:
            age = sum(day <= night for day in birthdays.values())
            day, label = self.dates[night], self.year[night]
            cell = (int(row["type"]), int(row["need"]), self.band(age))
            begins = label and date(int(label[:4]), 4, 1)
            is_new = int(bool(label) and begun >= begins)
            paid, constant = self.weekly(row, night, age)
            cut = self.changes(type_, day) or night in [birthdays[a] for a in BIRTHDAYS]
            if cut or not group:
                group = [(label, cell, is_new, uasc), paid, constant, 0]
                groups.append(group)
            group[3] += 1
            assert group[:3] == [(label, cell, is_new, uasc), paid, constant]
            cells.append((night, *cell))
            self.nights.add((*cell, is_new, label), 1)
            self.by_night(type_, night, paid / 7)
            dear = paid >= half_up(exact(self.prices.high_cost_from) * 100)
            self.high_cost.add(night, int(dear))
            self.in_care.add(night, 1)
        for (label, cell, is_new, of_uasc), paid, constant, many in groups:
            amount = half_up(Fraction(many * paid, 7))
            self.pence.add((*cell, is_new, label), amount)
            self.uasc.add((cell[0], label), amount * of_uasc)
            self.constant.add(label, half_up(Fraction(many * constant, 7)))
        for before, label in zip(self.years, self.years[1:], strict=False):
            eve = (date(int(label[:4]), 3, 31) - self.scenario.start).days
            if eve in nights:
                for night, *cell in cells:
                    sign = (self.year[night] == label) - (self.year[night] == before)
                    self.full_year.add((*cell, label), sign)

    def by_night(self, type_: str, night: int, pence: float, shared: bool = True) -> None:
        """Money of a night in the run rate and, less what others pay, in the month."""
        self.run_rate[type_, night] += pence
        health = self.prices.health_share.get(type_, 0.0)  # type: ignore[call-overload]
        education = self.prices.education_share.get(type_, 0.0)  # type: ignore[call-overload]
        self.month(night, pence * (1 - health - education) if shared else pence)

    def month(self, night: int, pence: float) -> None:
        self.by_month[self.dates[night].isoformat()[:7]] += pence

    # ---- By the place --------------------------------------------------------------------------

    def priced(
        self, name: str, weekly: Fraction, places: Iterable[int], into: Money, key: Any = None
    ) -> None:
        """Places by night at one price for all: rounded once for each price in a year."""
        existing, groups = self.rate(name)[1], []
        prices: dict[int, int] = {}
        for night, many in enumerate(places):
            day = self.dates[night]
            now = self.k(name, day)
            if now not in prices:
                prices[now] = half_up(weekly * (1 + existing) ** now * 100)
            pence = prices[now]
            if self.changes(name, day) or not groups:
                groups.append([self.year[night], pence, 0])
            groups[-1][2] += many
            if name in TYPES:
                self.by_night(name, night, pence * many / 7, shared=False)
            else:
                self.month(night, pence * many / 7)
        for label, pence, many in groups:
            into.add((key, label), half_up(Fraction(many * pence, 7)))
            if name in TYPES:
                level = half_up(weekly * 100)
                self.constant.add(label, half_up(Fraction(many * level, 7)))

    def children_in(self, night: int, type_: str, provider: int) -> int:
        """Children in a home, a block or the emergency beds in a night."""
        bed = type_ == "emergency_bed"
        return sum(
            self.there(row, night)
            for row in self.placements
            if TYPES[int(row["type"])] == type_
            and (row["provider"] >= 0 or bed)
            and max(row["provider"], 0) == provider
        )

    def _homes(self) -> None:
        for number, home in enumerate(self.scenario.homes):
            places = [self._places(home, night) for night in range(self.length)]
            open_ = [self._paid(home, night) for night in range(self.length)]
            factor = self.factor("home_own")
            if home.weekly_fixed is None:
                weekly = exact(self.prices.home_fixed_weekly_per_place) * factor
                self.priced("home_own", weekly, places, self.fixed, number)
            else:
                weekly = exact(home.weekly_fixed) * factor
                self.priced("home_own", weekly, map(int, open_), self.fixed, number)
            empty: dict[str, int] = defaultdict(int)
            whole: dict[str, int] = defaultdict(int)
            for night, many in enumerate(places):
                there = self.children_in(night, "home_own", number)
                empty[self.year[night]] += max(many - there, 0)
                whole[self.year[night]] += many
            for label in self.years:
                cost, of = self.fixed[number, label], whole[label]
                self.void.add(label, half_up(Fraction(cost * empty[label], of)) if of else cost)
            if (
                home.opens is not None
                and 0 <= (home.opens - self.scenario.start).days < self.length
            ):
                net = exact(home.capital) - exact(home.capital_grant)
                opens = (home.opens - self.scenario.start).days
                self.capital.add(self.year[opens], half_up(net * 100))

    def _paid(self, home: Home, night: int) -> bool:
        if home.closes is not None and self.dates[night] >= home.closes:
            return False
        if home.opens is None:
            return True
        month = YEAR / 12
        usable = (home.opens - self.scenario.start).days + home.registration_delay_months * month
        return night >= floor(usable - home.staffed_months_before * month)

    def _places(self, home: Home, night: int) -> int:
        waits = home.opens is None and night < floor(home.registration_delay_months * YEAR / 12)
        places = home.registered - home.awaiting_registration * waits
        return places * self._paid(home, night)

    def _places_that_are_held(self) -> None:
        beds = rows_of(self.rows.beds)
        for type_ in ("home_external", "supported", "emergency_bed"):
            providers = {r["provider"] for r in beds if TYPES[int(r["type"])] == type_}
            empty = [0] * self.length
            for night in range(self.length):
                for provider in providers:
                    places = sum(
                        r["guaranteed"]
                        for r in beds
                        if TYPES[int(r["type"])] == type_
                        and r["provider"] == provider
                        and floor(r["started"]) <= night < r["ended"]
                    )
                    there = self.children_in(night, type_, int(provider))
                    empty[night] += max(int(places) - there, 0)
            if type_ == "emergency_bed":
                weekly = exact(self.prices.retainer.get(type_, 0.0)) * self.factor(type_)  # type: ignore[call-overload]
                self.priced(type_, weekly, empty, self.retainers, type_)
            else:
                weekly = self.block_price(type_) * self.factor(type_)
                self.priced(type_, weekly, empty, self.voids, type_)

    @staticmethod
    def there(row: Row, night: int) -> bool:
        ended = row["ended"]
        return floor(row["started"]) <= night and (ended == inf or night < floor(ended))

    def _others(self) -> None:
        households, empty = rows_of(self.rows.households), [0] * self.length
        for night in range(self.length):
            for row in households:
                ends = min(row["stopped"], row["closed"])
                takes = floor(row["available"]) <= night and (ends == inf or night < floor(ends))
                lived_in = any(
                    TYPES[int(r["type"])] == "in_house"
                    and r["provider"] == row["household"]
                    and self.there(r, night)
                    for r in self.placements
                )
                empty[night] += takes and not lived_in
        weekly = exact(self.prices.retainer.get("in_house", 0.0)) * self.factor("in_house")
        self.priced("in_house", weekly, empty, self.retainers, "in_house")
        each, existing = exact(self.prices.recruitment_per_approval), self.rate("recruitment")[1]
        for row in households:
            night = floor(row["approved"])
            if row["origin"] > 0 and 0 <= night < self.length:
                now = self.k("recruitment", self.dates[night])
                pence = half_up(each * (1 + existing) ** now * 100)
                self.recruitment.add(self.year[night], pence)
                self.month(night, pence)
        guests = rows_of(self.rows.staying_put)
        many = [sum(self.there(r, night) for r in guests) for night in range(self.length)]
        weekly = exact(self.prices.staying_put_weekly)
        self.priced("staying_put", weekly, many, self.staying_put)
        for item in self.scenario.programme:
            nights = [n for n in range(self.length) if self.year[n] == item.year]
            if nights:
                self.programme.add(item.year, half_up(exact(item.amount) * 100))
            for night in nights:
                self.month(night, 100 * item.amount / len(nights))

    # ---- Income --------------------------------------------------------------------------------

    def _grant(self) -> None:
        terms = self.prices.uasc_grant
        for night in range(self.length):
            many = 0
            for row in self.placements:
                child = self.children[row["child"]]
                minor = night < floor(child["born"] + 18 * YEAR)
                many += self.there(row, night) and int(child["group"]) in UASC and minor
            full = many >= exact(terms.threshold) * exact(self.scenario.authority.child_population)
            rate = exact(terms.nightly_from_threshold if full else terms.nightly)
            self.income.add(("uasc", self.year[night]), many * half_up(rate * 100))
            self.month(night, -many * rate * 100.0)

    def _shares(self) -> None:
        for source, shares in (
            ("health", self.prices.health_share),
            ("education", self.prices.education_share),
        ):
            for type_, share in shares.items():
                for label in self.years:
                    place = TYPES.index(type_)  # type: ignore[arg-type]
                    paid = sum(
                        amount
                        for key, amount in self.pence.sums.items()
                        if (key[0], key[-1]) == (place, label)
                    )
                    self.income.add((source, label), half_up(exact(share) * paid))
