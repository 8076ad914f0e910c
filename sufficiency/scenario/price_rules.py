"""What must hold between prices, and which financial years a run can be asked about.

The rules read plain nested values, as a file has them, and pass over what is not of its type: so a
file that is wrong in many places is told of all of them at once, and `Prices` refuses the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, get_args

from sufficiency.periods import calendar
from sufficiency.scenario.values import TypeName

ALLOWANCE_AGES = ("0-2", "3-4", "5-10", "11-15", "16-17")
"""Bands of the national minimum allowance."""
REGIONS = ("london", "south_east", "rest_of_england")
CARERS = ("in_house", "kinship")
"""Types of placement whose carers may get an allowance by the child's age."""

Mistake = tuple[tuple[str, ...], str]
"""Path of a setting among the prices, and what is wrong with it."""


def mistakes(prices: Mapping[str, Any]) -> Iterator[Mistake]:
    """What does not hold between prices."""
    for rule in (_unpriced, _ages_missing, _without_effect, _twice, _more_than_whole):
        yield from rule(prices)


def _group(of: Any, name: str) -> Mapping[str, Any]:
    value = of.get(name) if isinstance(of, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def _items(of: Mapping[str, Any], name: str) -> list[tuple[str, Mapping[str, Any]]]:
    value = of.get(name)
    items = value if isinstance(value, list | tuple) else ()
    return [(str(at), item) for at, item in enumerate(items) if isinstance(item, Mapping)]


def _unpriced(prices: Mapping[str, Any]) -> Iterator[Mistake]:
    weekly = _group(prices, "weekly")
    for type_ in get_args(TypeName):
        if weekly.get(type_) is not None or _priced_otherwise(prices, type_):
            continue
        if type_ in CARERS and type_ in _group(prices, "fee") and not prices.get("allowance"):
            yield ("allowance",), "is needed for carers who have a fee and no weekly price"
            continue
        instead = ", or an allowance and a fee" if type_ in CARERS else ""
        yield ("weekly", type_), f"needs a price (0 if it costs nothing){instead}"


def _priced_otherwise(prices: Mapping[str, Any], type_: str) -> bool:
    if gets_allowance(prices, type_):
        return True
    lines = [line for _, line in _items(prices, "table") if line.get("type") == type_]
    return any(line.get("need") is None and line.get("age") is None for line in lines)


def gets_allowance(prices: Mapping[str, Any], type_: str) -> bool:
    """Whether carers of a type are paid an allowance by age and a fee."""
    unpriced = _group(prices, "weekly").get(type_) is None
    has_allowance = prices.get("allowance") is not None
    return type_ in CARERS and unpriced and has_allowance and type_ in _group(prices, "fee")


def _ages_missing(prices: Mapping[str, Any]) -> Iterator[Mistake]:
    for region, ages in _group(_group(prices, "allowance"), "weekly").items():
        if region not in REGIONS:
            continue
        missing = [age for age in ALLOWANCE_AGES if isinstance(ages, Mapping) and age not in ages]
        if missing:
            yield ("allowance", "weekly", region), f"needs ages {', '.join(missing)}"


def _without_effect(prices: Mapping[str, Any]) -> Iterator[Mistake]:
    for type_ in _group(prices, "existing"):
        if gets_allowance(prices, type_):
            yield (
                ("existing", type_),
                "has no effect: all these carers get the allowance and the fee; state"
                f" 'prices.weekly.{type_}' too",
            )


def _twice(prices: Mapping[str, Any]) -> Iterator[Mistake]:
    """Lines of the table for the same children, and rises of a type on the same day."""
    for table, said_by in (("table", ("type", "need", "age")), ("rises", ("type", "from"))):
        seen: dict[tuple[str, ...], str] = {}
        for at, item in _items(prices, table):
            same = tuple(str(item.get(name)) for name in said_by)
            first = seen.setdefault(same, at)
            if first != at:
                what = "children" if table == "table" else "type and day"
                yield (table, at), f"is for the same {what} as prices.{table}.{first}"


def _more_than_whole(prices: Mapping[str, Any]) -> Iterator[Mistake]:
    health, education = _group(prices, "health_share"), _group(prices, "education_share")
    for type_ in get_args(TypeName):
        shares = [share.get(type_, 0.0) for share in (health, education)]
        if all(isinstance(share, int | float) for share in shares) and sum(shares) > 1:
            yield ("health_share", type_), "is more than 1 together with education_share"


def region_missing(prices: Mapping[str, Any], region: Any) -> Iterator[Mistake]:
    """That carers get an allowance, and there is none for the region they live in."""
    stated = _group(_group(prices, "allowance"), "weekly")
    if isinstance(region, str) and region not in stated:
        paid = [type_ for type_ in CARERS if gets_allowance(prices, type_)]
        if paid:
            text = f"has none for authority.region ('{region}'), where carers are paid by it"
            yield ("allowance", "weekly"), text


def years_of_run(start: date, years: float) -> tuple[str, ...]:
    """The financial years that a run covers from their first day to their last."""
    return calendar(start, years).years.labels


def year_before(start: date) -> str:
    """The last financial year that was over on a run's first day."""
    return financial_year(date(start.year - 1, start.month, 1))


def financial_year(day: date) -> str:
    """The financial year of a day: `2024-25`."""
    year = day.year - (day.month < 4)
    return f"{year}-{(year + 1) % 100:02d}"


def is_financial_year(label: str) -> bool:
    """Whether a label is that of a financial year, as `2024-25` is and `2024-26` is not."""
    parts = re.fullmatch(r"20(\d\d)-(\d\d)", label, re.ASCII)
    return parts is not None and int(parts[2]) == (int(parts[1]) + 1) % 100


def span(years: Sequence[str]) -> str:
    """Years that follow one another, in words."""
    if len(years) < 2:
        return years[0] if years else "none"
    return f"{years[0]} to {years[-1]}"
