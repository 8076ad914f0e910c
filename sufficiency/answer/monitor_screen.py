"""The budget monitor as text for a terminal: 80 columns, no colour, no markup."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence

import pandas as pd

from sufficiency.answer import FEW_FUTURES
from sufficiency.answer.money import (
    AVOIDED,
    CAPITAL,
    CASHABLE,
    COST_WORDS,
    ITEM_WORDS,
    LINE_WORDS,
    MEASURE_WORDS,
    PART_WORDS,
    SOURCE_WORDS,
    millions,
    money_of,
    pay_back_words,
    pounds,
    pounds_range,
    span,
    weekly,
)
from sufficiency.answer.money_screen import WIDTH, plain, savings_lines, wrapped
from sufficiency.answer.movement_screen import movement_lines
from sufficiency.answer.pounds import more_millions
from sufficiency.answer.words import (
    MINUS,
    RANGE_OF_DIFFERENCE,
    RANGE_OF_FUTURES,
    TYPE_WORDS,
    capital,
    chance,
    number,
    percent,
    signed,
    spread,
    title,
    when,
)
from sufficiency.comparison.monitoring import Monitor
from sufficiency.comparison.pressure import AFTER, BEFORE, REST, Pressure
from sufficiency.comparison.savings import AT_ONCE, NOT_IN_RUN
from sufficiency.comparison.yearly import WHOLE_RUN
from sufficiency.results.results import BASELINE

_LABEL = 24
_YEARS = 5
"""Financial years side by side; more go into a further table."""
_BRIDGES = 4
"""The same in a bridge, whose cells are ranges."""
_LEAST = 5_000
"""Pounds below which a type that no child gains or loses is left out."""


def monitor(found: Monitor) -> str:
    """What one option of a run costs, saves, and how it has moved, as text."""
    cost = found.pressure
    what = "if nothing is decided" if cost.option == BASELINE else title(cost.option)
    futures = "1 future" if cost.futures == 1 else f"{cost.futures:,} futures"
    lines = [
        *wrapped(f"{plain(found.name)}, {span(cost.years)}, {futures}: {what}"),
        *_caution(cost.futures),
        *_totals(cost),
        *_budget(cost),
        *_bridges(cost),
        *_variance(cost),
        *_types(cost),
        *_by_year(cost.income, "source", SOURCE_WORDS, "INCOME, £m, average", cost.years),
        *_by_year(
            cost.section_251, "line", LINE_WORDS, "SECTION 251 LINES, £m, average", cost.years
        ),
        *_high_cost(cost),
        *_savings(found),
        *_break_even(found),
        *(movement_lines(found.movement) if found.movement else ()),
    ]
    return "\n".join(line.rstrip() for line in lines).replace(MINUS, "-")


def _caution(futures: int) -> Iterator[str]:
    if futures < FEW_FUTURES:
        yield f"Only {futures} simulated: P10, P80, P90 and chances are rough."


def _totals(found: Pressure) -> Iterator[str]:
    yield from ("", "NET COST by financial year, £m")
    heads = ("P10", "P50", "P80", "P90", "mean", "P80 - mean")
    yield f"{'':<{_LABEL}}" + "".join(map("{:>9}".format, heads[:5])) + f"{heads[5]:>11}"
    totals = found.totals.set_index("measure")
    for _, row in totals.loc[["net_cost"]].iterrows():
        cells = [millions(row[name]) for name in ("p10", "p50", "p80", "p90", "mean")]
        label = capital(row["period"])
        yield (
            f"{label:<{_LABEL}}"
            + "".join(map("{:>9}".format, cells))
            + (f"{millions(row['margin']):>11}")
        )
    yield from wrapped(
        "P80: enough in 8 futures of 10. Means add up over the years, percentiles do not: the last"
        " column is the margin from mean to P80, year by year and for the run."
    )
    rest = found.totals[found.totals["measure"] != "net_cost"]
    yield from _by_year(rest, "measure", MEASURE_WORDS, "OF WHICH, £m, average", found.years)


def _budget(found: Pressure) -> Iterator[str]:
    yield from ("", "AGAINST THE BUDGET, £m")
    if found.budget.empty:
        yield "No budget is stated; a scenario states it as `budget: {2025-26: 15000000}`."
        return
    heads = ("budget", "P50", "P80", "mean", "overspent")
    yield f"{'':<{_LABEL}}" + "".join(map("{:>11}".format, heads))
    for _, row in found.budget.iterrows():
        cells = [
            millions(row["budget"]),
            *(more_millions(row[name]) for name in ("p50", "p80", "mean")),
        ]
        cells.append(chance(row["overspending"]))
        yield f"{capital(row['period']):<{_LABEL}}" + "".join(map("{:>11}".format, cells))
    yield "P50, P80, mean: net cost beyond the budget (+). Overspent: share of futures."


def _bridges(found: Pressure) -> Iterator[str]:
    title_ = "WHY IT CHANGES from the year before, £m"
    yield from _bridge(found.bridge, title_, [*found.years[1:]])
    title_ = "WHY IT DIFFERS from doing nothing, £m"
    ends = {BEFORE: "net cost, doing nothing", AFTER: "net cost of the option"}
    yield from _bridge(found.option_bridge, title_, [*found.years, WHOLE_RUN], ends)


def _bridge(
    table: pd.DataFrame,
    heading: str,
    periods: Sequence[str],
    ends: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """Parts down, periods across: the mean of each, and where 8 futures in 10 lie."""
    if table.empty:
        return
    rows = table.set_index(["part", "period"])
    for columns in _chunks(periods, _BRIDGES):
        yield from ("", heading)
        yield _cells("", columns, _BRIDGES)
        for part, words in {**PART_WORDS, **(ends or {})}.items():
            yield from _part(words, [rows.loc[(part, period)] for period in columns], part)
    yield from wrapped(
        f"Average, and {RANGE_OF_FUTURES} below it. The parts add up exactly, in every future and"
        " on average (figures are rounded, and parts of less than £5k left out); ranges do not add"
        " up."
    )


def _part(words: str, at: Sequence[pd.Series], part: str) -> Iterator[str]:
    """One part of a bridge: a line of means, and a line of ranges where there is any."""
    if part in (BEFORE, AFTER):
        yield _cells(words, [millions(row["mean"]) for row in at], _BRIDGES)
        return
    ranges = [f"{millions(row['p10'], 1)} to {millions(row['p90'], 1)}" for row in at]
    ranges = ["" if range_ == "0.0 to 0.0" else range_ for range_ in ranges]
    means = [more_millions(row["mean"]) for row in at]
    if any(ranges) or set(means) != {"0.00"}:
        yield _cells(words, means, _BRIDGES)
    if any(ranges):
        yield _cells("", ranges, _BRIDGES)


def _chunks(periods: Sequence[str], number: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(periods), number):
        yield periods[start : start + number]


def _cells(label: str, cells: Iterable[str], most: int = _YEARS) -> str:
    """A line of as many cells as there is room for."""
    width = (WIDTH - _LABEL) // most
    return f"{label:<{_LABEL}}" + "".join(f"{cell:>{width}}" for cell in cells)


def _by_year(
    table: pd.DataFrame,
    column: str,
    words: Mapping[str, str],
    heading: str,
    years: Sequence[str],
) -> Iterator[str]:
    """Means by year, what is named in a column down."""
    if table.empty:
        return
    rows = table.set_index([column, "period"])["mean"]
    for columns in _chunks(years, _YEARS):
        yield from ("", heading)
        yield _cells("", columns)
        for name in dict.fromkeys(table[column]):
            yield _cells(words[name], [millions(rows.loc[(name, year)]) for year in columns])


# --- drivers ----------------------------------------------------------------------------------


def _types(found: Pressure) -> Iterator[str]:
    """Children, unit cost and cost of each type in the first and the last year."""
    ends = list(dict.fromkeys((found.years[0], found.years[-1])))
    yield from ("", "DRIVERS: children, cost of a child and week (£), and cost (£m), average")
    wide = 9 * len(ends)
    heads = ("children", "£ a week", "£m")
    yield f"{'':<{_LABEL + 2}}" + "".join(f"{head:>{wide}}" for head in heads)
    yield f"{'':<{_LABEL + 2}}" + "".join(f"{end:>9}" for end in ends) * 3
    rows = found.types.set_index(["type", "period"])
    for type_ in dict.fromkeys(found.types["type"]):
        at = [rows.loc[(type_, end)] for end in ends]
        children = [number(row["children"]) if type_ in TYPE_WORDS else "" for row in at]
        units = [weekly(row["unit_cost"]).removeprefix("£") for row in at]
        costs = [millions(row["mean"]) for row in at]
        line = "".join(f"{cell:>9}" for cell in (*children, *units, *costs))
        yield f"{COST_WORDS[type_]:<{_LABEL + 2}}{line}"
    yield "Empty places that are paid for are in the cost of a child and week."


def _variance(found: Pressure) -> Iterator[str]:
    """Children and unit cost against what the budget rests on."""
    rows = found.types.set_index(["type", "period"])
    for year in dict.fromkeys(found.variance["period"]):
        yield from ("", f"AGAINST WHAT THE BUDGET OF {year} RESTS ON, average")
        heads = ("children", "budget", "£ a week", "budget", "children", "price")
        yield f"{'':<{_LABEL}}" + "".join(map("{:>9}".format, heads))
        for _, row in found.variance[found.variance["period"] == year].iterrows():
            yield _split(row, None if row["type"] == REST else rows.loc[(row["type"], year)])
    if len(found.variance):
        yield from wrapped(
            "£m over the budget because of the number of children (at the budgeted cost) and of"
            " price (prices, and who the children are)."
        )


def _split(row: pd.Series, there: pd.Series | None) -> str:
    label = f"{COST_WORDS[row['type']]:<{_LABEL}}"
    if there is None:
        return f"{label}{more_millions(row['variance']):>54}"
    cells = (
        number(there["children"]),
        number(there["budgeted_children"]),
        weekly(there["unit_cost"]).removeprefix("£"),
        weekly(there["budgeted_unit_cost"]).removeprefix("£"),
        more_millions(row["volume"]),
        more_millions(row["price"]),
    )
    return label + "".join(f"{cell:>9}" for cell in cells)


def _high_cost(found: Pressure) -> Iterator[str]:
    if found.high_cost.empty:
        return
    yield from ("", "HIGH-COST PLACEMENTS on 31 March, children (in the cost above)")
    yield f"{'':<{_LABEL}}{'average':>9}{RANGE_OF_FUTURES:>18}{'share':>9}{'any':>9}"
    for _, row in found.high_cost.iterrows():
        range_ = spread(row["p10"], row["p90"])
        cells = f"{number(row['mean']):>9}{range_:>18}{percent(row['share']):>9}"
        yield f"{when(row['period']):<{_LABEL}}{cells}{chance(row['any']):>9}"
    yield "Share: of the children in care. Any: futures with at least one."


# --- options ----------------------------------------------------------------------------------


def _savings(found: Monitor) -> Iterator[str]:
    option, table = found.pressure.option, found.savings.table
    if table.empty:
        return
    if option == BASELINE:
        yield from ("", "WHAT EACH OPTION SAVES (more of each: --option NAME)")
        yield from savings_lines(money_of(found.pressure, found.savings).savings)
        return
    own = table[table["option"] == option]
    heading = "WHAT IT SAVES, £m, average"
    yield from _by_year(own, "item", ITEM_WORDS, heading, found.pressure.years)
    rows = own.set_index(["item", "period"])
    yield from ("", f"{'OVER THE WHOLE RUN':<{_LABEL}}{'average':>11}{RANGE_OF_DIFFERENCE:>22}")
    for item, words in ITEM_WORDS.items():
        row = rows.loc[(item, WHOLE_RUN)]
        if item in ("income", "capital") and not row[["mean", "low95", "high95"]].any():
            continue
        range_ = pounds_range(row["low95"], row["high95"])
        yield f"{words:<{_LABEL}}{pounds(row['mean']):>11}{range_:>22}"
    yield from wrapped(f"{AVOIDED} {CASHABLE}")
    yield from _paid_back(found.savings.pay_back.set_index("option").loc[option])
    yield from _displaced(found.savings.displaced, option)


def _paid_back(row: pd.Series) -> Iterator[str]:
    if not row["month"]:
        return
    half = {AT_ONCE: "nothing has to be paid first", NOT_IN_RUN: "not within the run"}
    month = half.get(row["month"], pay_back_words(row["month"]))
    yield ""
    yield from wrapped(
        f"Paid back by half of the futures: {month}. {chance(row['share'])} of futures pay back"
        f" within the run; in {chance(row['at_once'])} nothing has to be paid first. {CAPITAL}"
    )


def _displaced(table: pd.DataFrame, option: str) -> Iterator[str]:
    chosen = (table["option"] == option) & (table["period"] == WHOLE_RUN)
    yield from ("", "WHO LIVES ELSEWHERE FOR IT, over the run, against doing nothing")
    yield f"{'':<{_LABEL}}{'children':>11}{RANGE_OF_DIFFERENCE:>19}{'cost':>9}"
    for _, row in table[chosen].iterrows():
        if abs(row["children"]) < 0.05 and abs(row["cost"]) < _LEAST:
            continue
        people, range_ = "", ""
        if row["type"] in TYPE_WORDS:
            people = signed(row["children"])
            range_ = f"{number(row['children_low95'])} to {number(row['children_high95'])}"
        label = f"{COST_WORDS[row['type']]:<{_LABEL}}"
        yield f"{label}{people:>11}{range_:>19}{pounds(row['cost']):>9}"


def _break_even(found: Monitor) -> Iterator[str]:
    table = found.break_even[found.break_even["option"] == found.pressure.option]
    if table.empty:
        return
    for columns in _chunks(found.pressure.years, _YEARS):
        yield from ("", "HOW FULL IT MUST BE to cost no more than places bought elsewhere")
        yield _cells("", columns)
        for _, rows in table.groupby(["what", "name"], sort=False):
            yield from _place(rows.set_index("period").reindex(columns))
    yield from wrapped(
        "Share of registered places; simulated: of all own homes together, from the day their staff"
        " are paid. Of a block: at least so much of it is used. Bought places cost what is left"
        " after contributions of health and education. Capital is not in it."
    )


def _place(rows: pd.DataFrame) -> Iterator[str]:
    """One home or block: how full it must be, and how full it is, by year."""
    known = rows.dropna(subset=["name"])
    if known.empty:
        return
    first = known.iloc[0]
    name = plain(first["name"]) if first["what"] == "home" else _BLOCKS[first["name"]]
    yield textwrap.shorten(name, WIDTH, placeholder="…")
    yield _cells("  breaks even at", map(_share, rows["break_even"]))
    yield _cells("  simulated", map(_share, rows["simulated"]))


_BLOCKS = {
    "home_external": "block of children's homes",
    "supported": "block of supported accommodation",
}


def _share(value: float) -> str:
    if math.isnan(value):
        return ""
    return "never" if math.isinf(value) else percent(value)
