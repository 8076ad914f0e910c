"""The authority's own provision: foster households, children's homes, and (`prices`) prices.

From `households.csv`, `homes.csv` and `prices.csv`. A register is counted, not sampled: what it
says of households there are is taken as it is; rates of approval and closing shrink to the base.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sufficiency.calibration.authority import in_care, stock_by_type
from sufficiency.calibration.cells import (
    DECIMALS,
    counted,
    down,
    rate,
    short,
    up,
    whole,
    wilson,
)
from sufficiency.calibration.estimates import Estimate
from sufficiency.calibration.prices import price_estimates
from sufficiency.history.tables import History
from sufficiency.periods import YEAR
from sufficiency.scenario import Scenario, approvals_per_year, households_on_day_one
from sufficiency.vocabulary import Confidence, PlacementType

if TYPE_CHECKING:
    import pandas as pd

FILLED_PER_HOUSEHOLD = 1.26
"""Filled places per mainstream household in England, 31 March 2025 (Ofsted: 42,015 of 33,435)."""
MOST_PLACES = 4
"""Places of a household that a scenario tells apart."""
FEWEST_WITH_FACT = 5
"""Households of which a fact must be known before their share replaces the base's."""
_REGISTER, _HOMES = "own register of foster households", "own list of homes"
_GONE = ("left", "closed", "deregistered", "resigned")
_COUNTED = "counted in the register on the last day"
_HOME_FIELDS = (
    "registered", "usable", "opens", "registration_delay_months", "ramp_months",
    "awaiting_registration", "closes", "youngest", "oldest", "in_area", "weekly_fixed",
)  # fmt: skip
_WHOLE = ("registered", "usable", "awaiting_registration", "youngest", "oldest")
_DAYS = ("opens", "closes")


def provision_estimates(history: History, base: Scenario) -> Iterator[Estimate]:
    """Households, homes and prices; households from children in-house where nothing says more."""
    if history.households is not None and len(history.households):
        yield from _households(history.households, history, base)
    else:
        yield from _from_children(history, base)
    if history.homes is not None:
        yield from _homes(history.homes, history)
    if history.prices is not None:
        yield from price_estimates(history.prices, history.last, base)


# ---- Foster households -------------------------------------------------------------------------


def _from_children(history: History, base: Scenario) -> Iterator[Estimate]:
    """As many households as England has for so many children in-house."""
    living = stock_by_type(history).get(PlacementType.IN_HOUSE.value, 0.0)
    if living:
        yield Estimate(
            "fostering.households",
            max(1, round(living / FILLED_PER_HOUSEHOLD)),
            base=households_on_day_one(base),
            n=living,
            weight=0.0,
            unit="households",
            source="children in-house over England's filled places per household (Ofsted 2025)",
            confidence=Confidence.DERIVED.value,
            note=f"{living:.0f} children over {FILLED_PER_HOUSEHOLD}: put in your own number",
            without_counts="put in your own number",
        )


def _households(register: pd.DataFrame, history: History, base: Scenario) -> Iterator[Estimate]:
    there = register[_there(register, history)]
    if there.empty:
        return
    n = len(there)
    usual = base.fostering
    yield _counted("fostering.households", n, households_on_day_one(base), n, "households")
    yield from _places(there, base)
    ages = _age_ranges(there)
    if ages is not None:
        yield _counted("fostering.profile.age_ranges", ages, None, n)
    several = there[_number(there, "approved_places") >= 2]
    for name, rows, stated in (
        ("siblings", several, usual.profile.siblings),
        ("uasc", there, usual.profile.uasc),
    ):
        yield from _with_fact(name, rows, stated)
    yield from _flows(register, history, base)


def _there(register: pd.DataFrame, history: History) -> Any:
    """Which households are approved on the last day."""
    import pandas as pd

    last = pd.Timestamp(history.last)
    approved, left = _day(register, "approved_on"), _day(register, "left_on")
    status = register.get("status", pd.Series("", index=register.index)).fillna("").astype(str)
    gone = status.str.strip().str.lower().isin(_GONE) & left.isna()
    return ~(approved > last) & ~(left <= last) & ~gone


def _places(there: pd.DataFrame, base: Scenario) -> Iterator[Estimate]:
    """Approved places: the mean, and how many households have how many."""
    places = _number(there, "approved_places").dropna()
    places = places[places >= 1].clip(upper=MOST_PLACES).astype(int)
    if places.empty:
        return
    usual, n = base.fostering, len(places)
    mean = short(float(places.mean()))
    path = "fostering.approved_places_per_household"
    yield _counted(path, mean, usual.approved_places_per_household, n, "places")
    found = counted(places.astype(str).tolist())
    mix = whole({str(size): found.get(str(size), 0.0) / n for size in range(1, MOST_PLACES + 1)})
    for size, value in mix.items():
        stated = usual.places_mix.get(size, 0.0)  # type: ignore[call-overload]  # "1" to "4"
        yield _counted(f"fostering.places_mix.{size}", value, stated, n)


def _age_ranges(there: pd.DataFrame) -> list[dict[str, Any]] | None:
    """The ages that households take, each range with its share; None where too few are known."""
    youngest, oldest = _number(there, "youngest"), _number(there, "oldest")
    known = youngest.between(0, 17) & (oldest >= youngest)
    if known.sum() < FEWEST_WITH_FACT:
        return None
    pairs = list(
        zip(youngest[known].astype(int), oldest[known].clip(upper=18).astype(int), strict=True)
    )
    found = counted([f"{low} {high}" for low, high in sorted(pairs)])
    rounded = whole({pair: times / len(pairs) for pair, times in found.items()})
    return [
        {"youngest": int(pair.split()[0]), "oldest": int(pair.split()[1]), "share": value}
        for pair, value in rounded.items()
    ]


def _with_fact(name: str, rows: pd.DataFrame, stated: float) -> Iterator[Estimate]:
    """Share of households that take siblings or UASC, of those of which it is known."""
    if name not in rows:
        return
    known = rows[name].dropna().astype(bool)
    if len(known) < FEWEST_WITH_FACT:
        return
    found = float(known.mean())
    low, high = wilson(found, len(known))
    yield Estimate(
        f"fostering.profile.{name}", round(found, DECIMALS), down(low), up(high),
        found, stated, n=len(known), source=_REGISTER, note=_COUNTED,
    )  # fmt: skip


def _flows(register: pd.DataFrame, history: History, base: Scenario) -> Iterator[Estimate]:
    """Approvals and closings a year, over the years the register covers of those observed."""
    import pandas as pd

    approved, left = _day(register, "approved_on"), _day(register, "left_on")
    first, after = pd.Timestamp(history.first), pd.Timestamp(history.last) + pd.Timedelta(days=1)
    years = (after - first).days / YEAR  # a register has no gaps
    came = int(((approved >= first) & (approved < after)).sum())
    went = int(((left >= first) & (left < after)).sum())
    size = in_care(history) or base.authority.children_in_care
    if approved.notna().any():
        usual = approvals_per_year(base) * size / max(base.authority.children_in_care, 1)
        found = rate(
            "fostering.approvals_per_year", came, years, usual, unit="households a year",
            note="approvals dated in the register",
        )  # fmt: skip
        yield _from_register(found)
    if left.notna().any():  # without one date the register may hold only those still approved
        begun = approved.fillna(first).clip(lower=first)
        there = (left.fillna(after).clip(upper=after) - begun).dt.days.clip(lower=0)
        found = rate(
            "fostering.leaving_per_year", went, float(there.sum()) / YEAR,
            base.fostering.leaving_per_year, unit="share of households",
            note="closings dated in the register, over household-years",
        )  # fmt: skip
        yield _from_register(found)


def _from_register(found: Estimate) -> Estimate:
    from dataclasses import replace

    return replace(found, source=_REGISTER)


def _counted(path: str, value: Any, base: float | None, n: int, unit: str = "") -> Estimate:
    local = float(value) if isinstance(value, int | float) else None
    return Estimate(
        path, value, local=local, base=base, n=n, unit=unit, source=_REGISTER, note=_COUNTED
    )  # fmt: skip


# ---- Homes ---------------------------------------------------------------------------------------


def _homes(homes: pd.DataFrame, history: History) -> Iterator[Estimate]:
    """The authority's own homes as the list has them."""
    listed = [_home(row, history) for row in homes.to_dict("records")]
    kept = [home for home in listed if home is not None]
    yield Estimate("homes", kept, n=len(kept), source=_HOMES, note="as the list has them")


def _home(row: Mapping[str, Any], history: History) -> dict[str, Any] | None:
    """One home, with the settings that its row states; None for one that has closed."""
    import pandas as pd

    home: dict[str, Any] = {"name": str(row.get("name") or row.get("label") or "")}
    for name in _HOME_FIELDS:
        value = row.get(name)
        if value is None or pd.isna(value):
            continue
        if name in _DAYS:
            home[name] = pd.Timestamp(value).date()
        else:
            home[name] = bool(value) if name == "in_area" else float(value)
            home[name] = int(value) if name in _WHOLE else home[name]
    home.setdefault("usable", home.get("registered", 0))
    if home.get("closes") is not None and home["closes"] <= history.last:
        return None
    if home.get("opens") is not None and home["opens"] <= history.last:
        del home["opens"]  # it is open on the first day
    return home


def _number(table: pd.DataFrame, column: str) -> pd.Series:
    import pandas as pd

    if column not in table:
        return pd.Series(float("nan"), index=table.index)
    return pd.to_numeric(table[column], errors="coerce").astype(float)


def _day(table: pd.DataFrame, column: str) -> pd.Series:
    import pandas as pd

    if column not in table:
        return pd.Series(pd.NaT, index=table.index)
    return pd.to_datetime(table[column], errors="coerce")
