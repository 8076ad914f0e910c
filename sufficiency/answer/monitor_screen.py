"""The budget monitor on the screen."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

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
from sufficiency.answer.money_screen import savings_blocks
from sufficiency.answer.movement_screen import movement_blocks
from sufficiency.answer.pounds import more_millions
from sufficiency.answer.screens import (
    Block,
    Gap,
    Heading,
    Paragraph,
    Row,
    Screen,
    Table,
    columns,
    explained,
)
from sufficiency.answer.words import (
    NOT_SHOWN,
    RANGE_OF_DIFFERENCE,
    RANGE_OF_FUTURES,
    TYPE_WORDS,
    WITHHELD,
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
from sufficiency.comparison.savings import AT_ONCE, NOT_IN_RUN, NOT_KNOWN
from sufficiency.comparison.yearly import WHOLE_RUN
from sufficiency.results.results import BASELINE

_LEAST = 5_000
"""Pounds below which a type that no child gains or loses is left out."""


def monitor(found: Monitor) -> Screen:
    """What one option of a run costs, saves, and how it has moved."""
    cost = found.pressure
    futures = "1 future" if cost.futures == 1 else f"{cost.futures:,} futures"
    blocks = [
        Paragraph(f"{found.name}, {span(cost.years)}, {futures}: {_what(cost.option)}"),
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
        *(movement_blocks(found.movement) if found.movement else ()),
    ]
    return Screen(explained(blocks))


def monitor_sentence(found: Monitor) -> str:
    """The one number of the monitor: net cost over the run."""
    cost = found.pressure
    totals = cost.totals.set_index(["measure", "period"])
    text = f"{found.name}, {_what(cost.option)}: net cost {span(cost.years)}"
    if ("net_cost", WHOLE_RUN) not in totals.index:
        return f"{text} {NOT_SHOWN}"
    net = totals.loc[("net_cost", WHOLE_RUN)]
    return f"{text} {pounds(net['p50'])} (P50), {pounds(net['p80'])} (P80)"


def _what(option: str) -> str:
    return "if nothing is decided" if option == BASELINE else title(option)


def _caution(futures: int) -> Iterator[Block]:
    if futures < FEW_FUTURES:
        yield Paragraph(f"Only {futures} simulated: P10, P80, P90 and chances are rough.")


def _told(value: float, write: Callable[[float], str] = millions) -> str:
    """A number; where it is not known, the mark for one that is withheld."""
    return WITHHELD if math.isnan(value) else write(value)


def _totals(found: Pressure) -> Iterator[Block]:
    net = found.totals[found.totals["measure"] == "net_cost"]
    if len(net):
        yield from _net_cost(net)
    rest = found.totals[found.totals["measure"] != "net_cost"]
    yield from _by_year(rest, "measure", MEASURE_WORDS, "OF WHICH, £m, average", found.years)


def _net_cost(net: pd.DataFrame) -> Iterator[Block]:
    yield Heading("NET COST by financial year, £m")
    names = ("p10", "p50", "p80", "p90", "mean", "margin")
    rows = (
        Row((capital(row["period"]), *(millions(row[name]) for name in names)))
        for _, row in net.iterrows()
    )
    yield Table(columns("P10", "P50", "P80", "P90", "mean", "P80 - mean"), tuple(rows))
    yield Paragraph(
        "P80: enough in 8 futures of 10. Means add up over the years, percentiles do not: the last"
        " column is the margin from mean to P80, year by year and for the run."
    )


def _budget(found: Pressure) -> Iterator[Block]:
    yield Heading("AGAINST THE BUDGET, £m")
    if found.budget.empty:
        yield Paragraph(
            "No budget is stated; a scenario states it as `budget: {2025-26: 15000000}`."
        )
        return
    rows = []
    for _, row in found.budget.iterrows():
        beyond = [_told(row[name], more_millions) for name in ("p50", "p80", "mean")]
        cells = (millions(row["budget"]), *beyond, _told(row["overspending"], chance))
        rows.append(Row((capital(row["period"]), *cells)))
    yield Table(columns("budget", "P50", "P80", "mean", "overspent"), tuple(rows))
    yield Paragraph("P50, P80, mean: net cost beyond the budget (+). Overspent: share of futures.")


def _bridges(found: Pressure) -> Iterator[Block]:
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
) -> Iterator[Block]:
    """Parts down, periods across: the mean of each, and where 8 futures in 10 lie."""
    if table[~table["part"].isin((BEFORE, AFTER))]["mean"].isna().all():
        return
    rows = table.set_index(["part", "period"])
    told = {**PART_WORDS, **(ends or {})}
    lines = [
        line
        for part, words in told.items()
        for line in _part(words, [rows.loc[(part, period)] for period in periods], part)
    ]
    yield Heading(heading)
    yield Table(columns(*periods), tuple(lines))
    yield Paragraph(
        f"Average, and {RANGE_OF_FUTURES} below it. The parts add up exactly, in every future and"
        " on average (figures are rounded, and parts of less than £5k left out); ranges do not add"
        " up."
    )


def _part(words: str, at: Sequence[pd.Series], part: str) -> Iterator[Row]:
    """One part of a bridge: a row of means, and a row of ranges where there is any."""
    if part in (BEFORE, AFTER):
        yield Row((words, *(_told(row["mean"]) for row in at)))
        return
    ranges = [f"{millions(row['p10'], 1)} to {millions(row['p90'], 1)}" for row in at]
    ranges = ["" if range_ in ("0.0 to 0.0", " to ") else range_ for range_ in ranges]
    means = [_told(row["mean"], more_millions) for row in at]
    if any(ranges) or set(means) != {"0.00"}:
        yield Row((words, *means))
    if any(ranges):
        yield Row(("", *ranges))


def _by_year(
    table: pd.DataFrame,
    column: str,
    words: Mapping[str, str],
    heading: str,
    years: Sequence[str],
) -> Iterator[Block]:
    """Means by year, what is named in a column down."""
    if table.empty:
        return
    means = table.set_index([column, "period"])["mean"]
    rows = (
        Row((words[name], *(_told(means.loc[(name, year)]) for year in years)))
        for name in dict.fromkeys(table[column])
    )
    yield Heading(heading)
    yield Table(columns(*years), tuple(rows))


# --- drivers ----------------------------------------------------------------------------------


def _types(found: Pressure) -> Iterator[Block]:
    """Children, unit cost and cost of each type in the first and the last year."""
    ends = list(dict.fromkeys((found.years[0], found.years[-1])))
    yield Heading("DRIVERS: children, cost of a child and week (£), and cost (£m), average")
    heads = [f"{head}\n{end}" for head in ("children", "£ a week", "£m") for end in ends]
    table = found.types.set_index(["type", "period"])
    rows = []
    for type_ in dict.fromkeys(found.types["type"]):
        at = [table.loc[(type_, end)] for end in ends]
        children = [_told(row["children"], number) if type_ in TYPE_WORDS else "" for row in at]
        units = [_unit_cost(row) for row in at]
        rows.append(
            Row((COST_WORDS[type_], *children, *units, *(_told(row["mean"]) for row in at)))
        )
    yield Table(columns(*heads), tuple(rows))
    yield Paragraph("Empty places that are paid for are in the cost of a child and week.")


def _unit_cost(row: pd.Series) -> str:
    """£ a week; nothing where no child lives so."""
    unknown = math.isnan(row["children"]) or (row["children"] > 0 and math.isnan(row["mean"]))
    return WITHHELD if unknown else weekly(row["unit_cost"]).removeprefix("£")


def _variance(found: Pressure) -> Iterator[Block]:
    """Children and unit cost against what the budget rests on."""
    types = found.types.set_index(["type", "period"])
    heads = (
        "children", "children\nbudgeted", "£ a week", "£ a week\nbudgeted",
        "£m for\nchildren", "£m for\nprice",
    )  # fmt: skip
    for year in dict.fromkeys(found.variance["period"]):
        yield Heading(f"AGAINST WHAT THE BUDGET OF {year} RESTS ON, average")
        rows = [
            _split(row, None if row["type"] == REST else types.loc[(row["type"], year)])
            for _, row in found.variance[found.variance["period"] == year].iterrows()
        ]
        yield Table(columns(*heads), tuple(rows))
    if len(found.variance):
        yield Paragraph(
            "£m over the budget because of the number of children (at the budgeted cost) and of"
            " price (prices, and who the children are)."
        )


def _split(row: pd.Series, there: pd.Series | None) -> Row:
    label = COST_WORDS[row["type"]]
    if there is None:
        return Row((label, "", "", "", "", "", _told(row["variance"], more_millions)))
    cells = (
        _told(there["children"], number),
        number(there["budgeted_children"]),
        _unit_cost(there),
        weekly(there["budgeted_unit_cost"]).removeprefix("£"),
        _told(row["volume"], more_millions),
        _told(row["price"], more_millions),
    )
    return Row((label, *cells))


def _high_cost(found: Pressure) -> Iterator[Block]:
    if found.high_cost.empty:
        return
    yield Heading("HIGH-COST PLACEMENTS on 31 March, children (in the cost above)")
    rows = []
    for _, row in found.high_cost.iterrows():
        range_ = spread(row["p10"], row["p90"])
        share = _told(row["share"], percent)
        cells = (number(row["mean"]), range_, share, chance(row["any"]))
        rows.append(Row((when(row["period"]), *cells)))
    yield Table(columns("average", RANGE_OF_FUTURES, "share", "any"), tuple(rows))
    yield Paragraph("Share: of the children in care. Any: futures with at least one.")


# --- options ----------------------------------------------------------------------------------


def _savings(found: Monitor) -> Iterator[Block]:
    option, table = found.pressure.option, found.savings.table
    if table.empty:
        return
    if option == BASELINE:
        yield Heading("WHAT EACH OPTION SAVES (more of each: --option NAME)")
        yield from savings_blocks(money_of(found.pressure, found.savings).savings)
        return
    own = table[table["option"] == option]
    heading = "WHAT IT SAVES, £m, average"
    yield from _by_year(own, "item", ITEM_WORDS, heading, found.pressure.years)
    yield Heading("OVER THE WHOLE RUN")
    at = own.set_index(["item", "period"])
    rows = []
    for item, words in ITEM_WORDS.items():
        row = at.loc[(item, WHOLE_RUN)]
        if item in ("income", "capital") and not row[["mean", "low95", "high95"]].any():
            continue
        range_ = pounds_range(row["low95"], row["high95"])
        rows.append(Row((words, _told(row["mean"], pounds), range_)))
    yield Table(columns("average", RANGE_OF_DIFFERENCE), tuple(rows))
    yield Paragraph(f"{AVOIDED} {CASHABLE}")
    yield from _paid_back(found.savings.pay_back.set_index("option").loc[option])
    yield from _displaced(found.savings.displaced, option)


def _paid_back(row: pd.Series) -> Iterator[Block]:
    if row["month"] in ("", NOT_KNOWN):
        return
    half = {AT_ONCE: "nothing has to be paid first", NOT_IN_RUN: "not within the run"}
    month = half.get(row["month"], pay_back_words(row["month"]))
    yield Gap()
    yield Paragraph(
        f"Paid back by half of the futures: {month}. {chance(row['share'])} of futures pay back"
        f" within the run; in {chance(row['at_once'])} nothing has to be paid first. {CAPITAL}"
    )


def _displaced(table: pd.DataFrame, option: str) -> Iterator[Block]:
    chosen = (table["option"] == option) & (table["period"] == WHOLE_RUN)
    rows = []
    for _, row in table[chosen].iterrows():
        if abs(row["children"]) < 0.05 and abs(row["cost"]) < _LEAST:
            continue
        people, range_ = "", ""
        if row["type"] in TYPE_WORDS:
            people = _told(row["children"], signed)
            range_ = f"{number(row['children_low95'])} to {number(row['children_high95'])}"
            range_ = "" if people == WITHHELD else range_
        rows.append(Row((COST_WORDS[row["type"]], people, range_, _told(row["cost"], pounds))))
    yield Heading("WHO LIVES ELSEWHERE FOR IT, over the run, against doing nothing")
    yield Table(columns("children", RANGE_OF_DIFFERENCE, "cost"), tuple(rows))


def _break_even(found: Monitor) -> Iterator[Block]:
    table = found.break_even[found.break_even["option"] == found.pressure.option]
    if table.empty:
        return
    years = found.pressure.years
    rows = [
        row
        for _, place in table.groupby(["what", "name"], sort=False)
        for row in _place(place.set_index("period").reindex(years))
    ]
    yield Heading("HOW FULL IT MUST BE to cost no more than places bought elsewhere")
    yield Table(columns(*years), tuple(rows))
    yield Paragraph(
        "Share of registered places; simulated: of all own homes together, from the day their staff"
        " are paid. Of a block: at least so much of it is used. Bought places cost what is left"
        " after contributions of health and education. Capital is not in it."
    )


def _place(rows: pd.DataFrame) -> Iterator[Row]:
    """One home or block: how full it must be, and how full it is, by year."""
    known = rows.dropna(subset=["name"])
    if known.empty:
        return
    first = known.iloc[0]
    yield Row((first["name"] if first["what"] == "home" else _BLOCKS[first["name"]],))
    yield Row(("  breaks even at", *map(_share, rows["break_even"])))
    yield Row(("  simulated", *map(_share, rows["simulated"])))


_BLOCKS = {
    "home_external": "block of children's homes",
    "supported": "block of supported accommodation",
}


def _share(value: float) -> str:
    if math.isnan(value):
        return ""
    return "never" if math.isinf(value) else percent(value)
