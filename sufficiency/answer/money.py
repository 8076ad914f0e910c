"""Money in plain words: what it costs if nothing is decided, and what each option saves."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from sufficiency.answer.words import (
    MINUS,
    NOT_SHOWN,
    TYPE_WORDS,
    WITHHELD,
    chance,
    listed,
    signed,
    when,
)
from sufficiency.comparison.pressure import AFTER, BEFORE, REST, Pressure, pressure
from sufficiency.comparison.savings import AT_ONCE, NOT_IN_RUN, NOT_KNOWN, Savings, savings
from sufficiency.comparison.yearly import WHOLE_RUN, financial_years
from sufficiency.periods import calendar
from sufficiency.results.results import Results
from sufficiency.results.statistics import errors_to_tell

COST_WORDS: Mapping[str, str] = {
    **TYPE_WORDS,
    "recruitment": "recruitment of carers",
    "staying_put": "staying put",
    "programme": "programmes",
    REST: "all else, less income",
}
"""What money is spent on."""
MEASURE_WORDS: Mapping[str, str] = {
    "net_cost": "net cost",
    "cost": "cost before income",
    "void_cost": "of it, empty places",
    "income": "income",
    "capital": "capital, apart",
}
"""Totals."""
PART_WORDS: Mapping[str, str] = {
    BEFORE: "net cost before",
    "price_existing": "price, existing",
    "price_new": "price, new",
    "full_year_effect": "full-year effect",
    "volume": "number of nights",
    "mix": "mix of placements",
    "own_homes_fixed": "own homes, fixed",
    "voids": "empty block places",
    "retainers": "retainers",
    "recruitment": "recruitment",
    "staying_put": "staying put",
    "programme": "programmes",
    "income": "income (more is -)",
    AFTER: "net cost after",
}
"""Parts of a bridge."""
SOURCE_WORDS: Mapping[str, str] = {
    "uasc": "Home Office, for UASC",
    "health": "health",
    "education": "education",
}
"""Sources of income."""
LINE_WORDS: Mapping[str, str] = {
    "residential_care": "residential care",
    "fostering_services": "fostering services",
    "placed_with_family_and_friends": "placed with family",
    "adoption_services": "adoption services",
    "leaving_care_support": "leaving care support",
    "other_children_looked_after_services": "other services",
    "asylum_seeker_services_children": "asylum seekers",
}
"""Lines of the section 251 return."""
ITEM_WORDS: Mapping[str, str] = {
    "gross": "cost avoided",
    "deliver": "cost to deliver",
    "income": "change of income",
    "net": "net saving",
    "cashable": "of it cashable",
    "avoided": "of it only avoided",
    "capital": "capital, apart",
}
"""Items of a saving."""
NO_MONEY = "No costs are shown: the run has no complete financial year, April to March."
MONEY_NOT_SHOWN = f"What it costs is {NOT_SHOWN}."
CASHABLE = (
    "Cashable is what brings net cost below the year's budget, or where there is none below that"
    " of the first year; the rest is growth that does not come. A year that costs more counts"
    " against it in full."
)
AVOIDED = (
    "Cost avoided is spent less on bought placements (agency carers, other providers' homes,"
    " supported accommodation, unregistered, secure and other placements); cost to deliver is the"
    " rise of everything else."
)
CAPITAL = "Pay-back counts capital from the first month of the year in which a home opens."


# --- pounds -----------------------------------------------------------------------------------


def pounds(value: float) -> str:
    """Pounds in as many digits as mean something: £12.3m, £340k, £4,200."""
    size = abs(value)
    if math.isnan(value):
        return ""
    if size >= 999_500:
        text = f"£{size / 1e6:,.0f}m" if size >= 99.95e6 else f"£{size / 1e6:.1f}m"
    elif size >= 9_950:
        text = f"£{size / 1e3:.0f}k"
    else:
        text = f"£{round(size, -2 if size >= 950 else -1):,.0f}"
    return f"{MINUS}{text}" if value < 0 and text != "£0" else text


def weekly(value: float) -> str:
    """Pounds a week, to three digits."""
    if math.isnan(value):
        return ""
    digits = 2 - math.floor(math.log10(abs(value))) if value else 0
    return f"£{round(value, min(digits, 0)):,.0f}".replace("£-", f"{MINUS}£")


def millions(value: float, digits: int = 2) -> str:
    """Millions of pounds for a table whose heading says so; nothing where nothing is known."""
    if math.isnan(value):
        return ""
    text = f"{value / 1e6:,.{digits}f}"
    return text.lstrip("-") if not text.strip("-0.") else text.replace("-", MINUS)


def pounds_range(low: float, high: float) -> str:
    """A range of pounds in one unit; one number where both ends are the same."""
    ends = pounds(low), pounds(high)
    if low and any(end.endswith("m") for end in ends):
        digits = 0 if max(abs(low), abs(high)) >= 99.95e6 else 1
        ends = _in_millions(low, digits), _in_millions(high, digits)
    return ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"


def _in_millions(value: float, digits: int) -> str:
    text = millions(value, digits)
    return f"{MINUS}£{text[1:]}m" if text.startswith(MINUS) else f"£{text}m"


def span(years: Sequence[str]) -> str:
    """Financial years, as they are named."""
    return years[0] if len(years) == 1 else f"{years[0]} to {years[-1]}"


# --- the few figures of a run -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Saving:
    """What one option saves over the run, in a line."""

    option: str
    mean: float
    """Net saving over the run; below 0 it costs more."""
    low: float
    """Low end of where 95 futures in 100 lie."""
    high: float
    """High end of it."""
    chance: float
    """Share of futures in which it saves, half the ties."""
    clear: bool
    """Whether the mean can be told from nothing."""
    month: str
    """Month of pay-back (see `comparison.savings`)."""
    share: float
    """Share of futures that pay back within the run."""
    cashable: float
    """Mean of what is cashable."""
    capital: float
    """Mean of the capital that it takes besides; 0 too where it is not known."""
    displaced: str
    """Who lives elsewhere for it, in a sentence; empty if nobody does."""

    @property
    def known(self) -> bool:
        """Whether it is known what it saves: a part of a run may not say."""
        return not math.isnan(self.mean)

    @property
    def differs(self) -> bool:
        """Whether any future costs more or less."""
        return bool(self.mean or self.low or self.high)

    @property
    def value(self) -> str:
        """The mean, with a question mark where it cannot be told from nothing."""
        if not self.known:
            return WITHHELD
        return pounds(self.mean) + ("" if self.clear or not self.differs else "?")

    @property
    def range(self) -> str:
        """The range of futures; nothing where no future differs."""
        return pounds_range(self.low, self.high) if self.known and self.differs else ""

    @property
    def pays_back(self) -> str:
        """When half of the futures have paid back."""
        return pay_back_words(self.month)


def pay_back_words(month: str) -> str:
    """A month of pay-back, as it is read."""
    if month in ("", AT_ONCE):
        return month
    if month == NOT_KNOWN:
        return WITHHELD
    return "not in the run" if month == NOT_IN_RUN else when(f"{month}-01")


@dataclass(frozen=True, slots=True)
class Money:
    """What a run says of money."""

    years: tuple[str, ...]
    """Its complete financial years; none, and nothing else is said."""
    sentences: tuple[str, ...]
    """What it costs if nothing is decided, and whether the budget holds."""
    savings: tuple[Saving, ...]
    """What each option saves, in the order of the run."""
    cost: str = ""
    """What it costs if nothing is decided, in one sentence; empty without a financial year."""


WITHOUT = Money((), (NO_MONEY,), ())
"""Of a run without a complete financial year."""


def run_money(results: Results) -> Money:
    """What a run says of money."""
    if not financial_years(results):
        return _without(results)
    return money_of(pressure(results), savings(results))


def _without(results: Results) -> Money:
    """Of a run without money: it is too short for it, or this part of it does not have it."""
    start = date.fromisoformat(str(results.manifest["start"]))
    years = calendar(start, float(results.manifest["years"])).years.labels
    return Money((), (MONEY_NOT_SHOWN,), (), MONEY_NOT_SHOWN) if years else WITHOUT


def money_of(found: Pressure, saved: Savings) -> Money:
    """The few figures that belong into the answer of a run.

    Args:
        found: The pressure of the baseline.
        saved: What the options save.
    """
    futures_of = _savings(saved, found)
    return Money(found.years, _sentences(found), futures_of, _in_a_sentence(found))


def _in_a_sentence(found: Pressure) -> str:
    """What it costs over the years, P50 and P80, and from the first year to the last."""
    net = found.totals[found.totals["measure"] == "net_cost"].set_index("period")
    if WHOLE_RUN not in net.index:
        return MONEY_NOT_SHOWN
    whole = net.loc[WHOLE_RUN]
    over = "in" if len(found.years) == 1 else "over"
    text = (
        f"If nothing is decided, placements cost {pounds(whole['p50'])} net of income {over}"
        f" {span(found.years)}"
    )
    if found.futures < 2:
        return f"{text} in the one future that was simulated."
    text += (
        f" in the middle future (P50), no more than {pounds(whole['p80'])} in 8 futures of 10 (P80)"
    )
    if len(found.years) == 1:
        return f"{text}."
    first, last = (pounds(net.loc[year, "mean"]) for year in (found.years[0], found.years[-1]))
    return f"{text}; on average {first} in the first year, {last} in the last."


def _sentences(found: Pressure) -> tuple[str, ...]:
    totals = found.totals.set_index(["measure", "period"])
    if ("net_cost", WHOLE_RUN) not in totals.index:
        return (MONEY_NOT_SHOWN,)
    net = totals.loc[("net_cost", WHOLE_RUN)]
    first, last = (totals.loc[("net_cost", year)] for year in (found.years[0], found.years[-1]))
    over = "in" if len(found.years) == 1 else "over"
    said = (
        f"If nothing is decided, placements cost {pounds(net['p50'])} net of income {over}"
        f" {span(found.years)} in the middle future (P50), and no more than {pounds(net['p80'])} in"
        " 8 futures of 10 (P80)."
    )
    course = (
        f"That is {pounds(first['mean'])} in {found.years[0]} and {pounds(last['mean'])} in"
        f" {found.years[-1]} on average, in the prices of each year."
    )
    budget = found.budget[found.budget["period"] != WHOLE_RUN]
    told = [_overspend(row) for _, row in budget.iterrows()]
    return (said, *([course] if len(found.years) > 1 else []), *told)


def _overspend(row: pd.Series) -> str:
    """Whether one year's budget holds."""
    beyond = row["p50"]
    middle = "over" if beyond > 0 else "under"
    return (
        f"The budget of {row['period']}, {pounds(row['budget'])}, is overspent in"
        f" {chance(row['overspending'])} of futures; P50 is {pounds(abs(beyond))} {middle} it."
    )


def _savings(saved: Savings, found: Pressure) -> tuple[Saving, ...]:
    whole = saved.table[saved.table["period"] == WHOLE_RUN].set_index(["option", "item"])
    paid = saved.pay_back.set_index("option")
    futures = found.futures
    return tuple(
        Saving(
            option=option,
            mean=float(net["mean"]),
            low=float(net["low95"]),
            high=float(net["high95"]),
            chance=float(net["more"]),
            clear=bool(abs(net["mean"]) > errors_to_tell(futures) * net["se"]),
            month=str(paid.loc[option, "month"]),
            share=float(paid.loc[option, "share"]),
            cashable=float(whole.loc[(option, "cashable"), "mean"]),
            capital=float(np.nan_to_num(whole.loc[(option, "capital"), "mean"])),
            displaced=displaced_words(saved, option, futures),
        )
        for option in paid.index
        for net in [whole.loc[(option, "net")]]
    )


def displaced_words(saved: Savings, option: str, futures: int) -> str:
    """Where more and fewer children live on average over the run, where that can be told."""
    chosen = (saved.displaced["option"] == option) & (saved.displaced["period"] == WHOLE_RUN)
    rows = saved.displaced[chosen]
    told = rows[rows["children"].abs() > errors_to_tell(futures) * rows["children_se"]]
    told = told[told["children"].abs() >= 0.05].sort_values("children", key=abs, ascending=False)
    words = [
        f"{signed(row['children'])} {COST_WORDS[row['type']]} ({pounds(row['cost']) or NOT_SHOWN})"
        for _, row in told.iterrows()
    ]
    return f"Children on average, and what they cost: {listed(words)}." if words else ""
