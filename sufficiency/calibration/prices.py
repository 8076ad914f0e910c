"""The authority's own prices, from `prices.csv`.

Of each type, need and age band the latest row counts. A price is that of the financial year of its
date: it is in force then, and so on the 31 March that ends the year, unless contracts are uplifted
in another month than April. All prices of a scenario have one year, so what the base says of other
types is brought to that year by the base's own uplifts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from sufficiency.calibration.estimates import Estimate
from sufficiency.scenario import Scenario, Study
from sufficiency.scenario.price_rules import financial_year
from sufficiency.vocabulary import Confidence

if TYPE_CHECKING:
    import pandas as pd

OWN = "own prices"
BROUGHT = "the base's price, brought to this price level by its uplift"
FILLED = 0.75
"""Share of an own home's places that are filled, where only the price of a child is listed
(England's: evidence/supply.md §6)."""
OWN_HOMES = "home_own"
FIXED = "prices.home_fixed_weekly_per_place"
OF_A_TYPE = ("weekly", "existing", "fee", "block", "retainer")
"""Tables of prices by type of placement."""
OF_ONE_NAME = {
    "home_fixed_weekly_per_place": OWN_HOMES,
    "staying_put_weekly": "staying_put",
    "recruitment_per_approval": "recruitment",
}
"""Single prices, and the uplift that each follows."""


class Line(NamedTuple):
    """The latest price of a type of placement for some children."""

    type: str
    need: str
    age: str
    new: float
    existing: float | None


def price_estimates(prices: pd.DataFrame, last: date, base: Scenario) -> Iterator[Estimate]:
    """Prices by type, need and age, new and existing, and the year that they are of.

    Args:
        prices: As `prices.csv`.
        last: Last day of the data: the date of a price without one.
        base: What the scenario extends.
    """
    lines = [line for line in _lines(prices) if line.type in base.prices.weekly]
    if not lines:
        return
    own = [*_by_type(lines, base), *_table(lines, base, _year(prices, last))]
    yield from own
    year = _year(prices, last)
    if year != base.prices.year:
        yield Estimate("prices.year", year, source=OWN, note="financial year of the latest price")
        yield from _brought(base, year, {estimate.path for estimate in own})


def with_ranges(estimates: Iterable[Estimate], base: Study) -> list[Estimate]:
    """Estimates in which the base's prices, brought to another year, keep their ranges."""
    ranges = {row.path: (row.low, row.high) for row in base.assumptions if row.low is not None}
    kept = []
    for estimate in estimates:
        low, high = ranges.get(estimate.path, (None, None))
        if estimate.source == BROUGHT and estimate.base and low is not None and high is not None:
            growth = estimate.value / estimate.base
            estimate = replace(estimate, low=_pounds(low * growth), high=_pounds(high * growth))
        kept.append(estimate)
    return kept


def _lines(prices: pd.DataFrame) -> Iterator[Line]:
    """The latest row of each type, need and age band."""
    latest: dict[tuple[str, str, str], Mapping[str, Any]] = {}
    ordered = prices.sort_values("as_of", kind="stable") if "as_of" in prices else prices
    for row in ordered.to_dict("records"):
        latest[_word(row, "type"), _word(row, "need"), _word(row, "age_band")] = row
    for (type_, need, age), row in latest.items():
        existing, new = _amount(row, "existing_weekly"), _amount(row, "new_weekly")
        price = existing if new is None else new
        if price is not None:
            yield Line(type_, need, age, price, existing if existing != price else None)


def _word(row: Mapping[str, Any], column: str) -> str:
    value = row.get(column)
    return value if isinstance(value, str) else ""


def _amount(row: Mapping[str, Any], column: str) -> float | None:
    value = row.get(column)
    return None if value is None or value != value else _pounds(float(value))


def _pounds(amount: float) -> float:
    return round(amount, 2)


def _year(prices: pd.DataFrame, last: date) -> str:
    """The financial year of the latest price."""
    days = prices["as_of"].dropna() if "as_of" in prices else ()
    return financial_year(max(days).date() if len(days) else last)


def _by_type(lines: list[Line], base: Scenario) -> Iterator[Estimate]:
    """The price of a type: that of any child where it is listed, else the mean of what is."""
    usual = {str(type_): price for type_, price in base.prices.weekly.items()}
    for type_ in dict.fromkeys(line.type for line in lines):
        listed = [line for line in lines if line.type == type_]
        anybody = [line for line in listed if not line.need and not line.age]
        of = anybody or listed
        what = "as listed" if anybody else f"mean of the {len(of)} prices listed"
        new = _pounds(sum(line.new for line in of) / len(of))
        existing = _pounds(sum(_existing(line) for line in of) / len(of))
        if type_ == OWN_HOMES:
            yield _own_homes(new, len(of), base)
            continue
        yield _own(f"prices.weekly.{type_}", new, usual.get(type_), len(of), f"{what}: new")
        if existing != new:
            yield _own(f"prices.existing.{type_}", existing, None, len(of), f"{what}: existing")


def _existing(line: Line) -> float:
    return line.new if line.existing is None else line.existing


def _own(path: str, value: float, base: float | None, n: int, note: str) -> Estimate:
    return Estimate(path, value, local=value, base=base, n=n, source=OWN, note=note)


def _own_homes(price: float, n: int, base: Scenario) -> Estimate:
    """What a child in an own home costs, as what a place costs whether filled or not."""
    note = f"£{price:,.2f} for a child, at {FILLED:.0%} of places filled"
    usual = base.prices.home_fixed_weekly_per_place
    return _own(FIXED, _pounds(FILLED * price), usual, n, note)


def _table(lines: list[Line], base: Scenario, year: str) -> Iterator[Estimate]:
    """Prices by need and age; the base's lines of other types stay."""
    listed = [_cell(line) for line in lines if (line.need or line.age) and line.type != OWN_HOMES]
    own = {line.type for line in lines}
    others = [line.model_dump(exclude_none=True) for line in base.prices.table]
    kept = [_line_brought(line, base, year) for line in others if line["type"] not in own]
    if listed or len(kept) < len(others):
        note = "as listed" + ("; of types not listed, the base's" if kept else "")
        yield Estimate("prices.table", [*listed, *kept], n=len(listed), source=OWN, note=note)


def _cell(line: Line) -> dict[str, Any]:
    cell: dict[str, Any] = {"type": line.type}
    cell |= {name: word for name, word in (("need", line.need), ("age", line.age)) if word}
    cell["new"] = line.new
    return cell if line.existing is None else {**cell, "existing": line.existing}


def _line_brought(line: dict[str, Any], base: Scenario, year: str) -> dict[str, Any]:
    new = _pounds(line["new"] * _growth(base, line["type"], year))
    brought = {**line, "new": new}
    if "existing" in line:
        growth = _growth(base, line["type"], year, existing=True)
        brought["existing"] = _pounds(line["existing"] * growth)
    return brought


def _brought(base: Scenario, year: str, own: set[str]) -> Iterator[Estimate]:
    """The base's other prices at the price level of another year."""
    prices = base.prices
    for table in OF_A_TYPE:
        for type_, price in getattr(prices, table).items():
            growth = _growth(base, type_, year, existing=table in ("existing", "block", "retainer"))
            yield from _one_brought(f"prices.{table}.{type_}", price, growth, own)
    for name, type_ in OF_ONE_NAME.items():
        growth = _growth(base, type_, year, existing=type_ == OWN_HOMES)
        yield from _one_brought(f"prices.{name}", getattr(prices, name), growth, own)
    if prices.table and "prices.table" not in own:
        lines = [line.model_dump(exclude_none=True) for line in prices.table]
        brought = [_line_brought(line, base, year) for line in lines]
        yield Estimate("prices.table", brought, weight=0.0, source=BROUGHT)


def _one_brought(
    path: str, price: float | None, growth: float, own: set[str]
) -> Iterator[Estimate]:
    if price and path not in own:
        yield Estimate(
            path, _pounds(price * growth), base=price, weight=0.0, source=BROUGHT,
            confidence=Confidence.DERIVED.value, note=f"£{price:,.2f} by {growth - 1:+.1%}",
        )  # fmt: skip


def _growth(base: Scenario, type_: str, year: str, *, existing: bool = False) -> float:
    """How much a price grows from the base's year to another, by the base's uplift."""
    uplift = base.prices.uplift.get(type_)  # type: ignore[call-overload]  # a type without an uplift has none
    if uplift is None:
        return 1.0
    rate = uplift.new
    if existing and uplift.existing is not None:
        rate = min(uplift.existing, base.prices.cpi) if uplift.at_most_cpi else uplift.existing
    return float((1 + rate) ** (int(year[:4]) - int(base.prices.year[:4])))
