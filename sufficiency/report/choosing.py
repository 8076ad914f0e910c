"""Which option: the part of the page that sets options side by side and says who gains."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import pandas as pd

from sufficiency.answer.choices import (
    COHORT_WORDS,
    NOTHING,
    ages_of,
    best_words,
    displaced_words,
    gains_words,
)
from sufficiency.answer.levels import BASELINE
from sufficiency.answer.money import (
    AVOIDED,
    CAPITAL,
    CASHABLE,
    ITEM_WORDS,
    millions,
    pay_back_words,
    pounds,
    span,
)
from sufficiency.answer.pounds import more_millions, more_pounds, whole_pounds
from sufficiency.answer.words import (
    AGE_WORDS,
    NOT_SHOWN,
    RANGE_OF_DIFFERENCE,
    TYPE_WORDS,
    WITHHELD,
    capital,
    chance,
    listed,
    number,
    percent,
    signed,
    title,
    whole,
)
from sufficiency.charts import Chart
from sufficiency.charts.money import option_bridge
from sufficiency.charts.option_costs import option_costs
from sufficiency.comparison.choices import displaced, side_by_side, who_gains
from sufficiency.comparison.savings import NOT_KNOWN, Savings
from sufficiency.comparison.yearly import WHOLE_RUN
from sufficiency.report.grids import Block, Cell, Grid, Row
from sufficiency.report.money import Money
from sufficiency.results.results import Results

Write = Callable[[float], str]


class Choices(NamedTuple):
    """What is said of choice."""

    table: pd.DataFrame
    """As `comparison.choices.side_by_side`."""
    displaced: Mapping[str, pd.DataFrame]
    """Of each option."""
    gains: Mapping[str, pd.DataFrame]
    """Of each option."""


def choices_of_run(results: Results) -> Choices | None:
    """The options of a run side by side; None if it has none."""
    options = results.options[1:]
    if not options:
        return None
    return Choices(
        table=side_by_side(results),
        displaced={option: displaced(results, option) for option in options},
        gains={option: who_gains(results, option) for option in options},
    )


class Lines(NamedTuple):
    """A cell: a number and small lines under it."""

    value: str
    lines: list[str]


class Compared(NamedTuple):
    """A table of options: one row each, one column for each thing they are compared on."""

    name: str
    caption: str
    note: str
    heads: list[str]
    rows: list[tuple[str, list[Lines]]]


class Gains(NamedTuple):
    """Who gains from one option."""

    title: str
    displaced: str
    needs: str
    grids: list[Grid]


class Choice(NamedTuple):
    """The part of the page."""

    lead: list[str]
    how: str
    """How the tables are read."""
    charts: list[Chart]
    tables: list[Compared]
    grids: list[Grid]
    gains: list[Gains]


def choice(found: Choices, money: Money | None, area: str) -> Choice:
    """Everything that is shown of which option to choose.

    Args:
        found: Of the run.
        money: Of the run, if it has any.
        area: Name of the authority.
    """
    drawn = []
    grids = [_displaced(found.displaced, area)]
    if money is not None:
        drawn.append(option_costs(found.table, area, money.pressure.years))
        drawn.append(option_bridge(money.cheapest, area) if money.cheapest else None)
        grids.insert(0, _savings(money.savings, area))
    return Choice(
        lead=best_words(found.table),
        how=HOW_TO_READ,
        charts=[chart for chart in drawn if chart is not None],
        tables=[table for table in _compared(found.table, area) if table.heads],
        grids=[grid for grid in grids if grid.blocks],
        gains=[
            who
            for place, (option, rows) in enumerate(found.gains.items(), start=1)
            if any((who := _who_gains(place, option, rows, found, area))[1:])
        ],
    )


def _who_gains(place: int, option: str, rows: pd.DataFrame, found: Choices, area: str) -> Gains:
    grids = [grid for grid in _gains(place, option, rows, area) if grid.blocks]
    return Gains(title(option), displaced_words(found.displaced[option]), gains_words(rows), grids)


# --- side by side -----------------------------------------------------------------------------


class _Shown(NamedTuple):
    """How one item is written: its own level, and a change."""

    head: str
    level: Write
    change: Write


def _points(share: float) -> str:
    return signed(100 * share)


def _more_a_week(value: float) -> str:
    return f"+{whole_pounds(value)}" if value > 0 else whole_pounds(value)


_HOMES: Mapping[str, _Shown] = {
    "children in_house": _Shown("With in-house carers", number, signed),
    "children ifa": _Shown("With agency carers", number, signed),
    "children homes": _Shown("In children's homes", number, signed),
    "unmet_need": _Shown("Without the home planned", number, signed),
    "under_12_in_residential": _Shown("Under 12 in a home", number, signed),
    "unregistered_nights": _Shown("Unregistered nights", whole, signed),
}
_REST: Mapping[str, _Shown] = {
    "in_area_share": _Shown("In the area", percent, _points),
    "three_or_more_placements": _Shown("Three or more placements", percent, _points),
    "moves": _Shown("Moves", whole, signed),
    "net_cost": _Shown("Net cost", pounds, more_pounds),
    "cost_per_child_week": _Shown("Cost of a child-week", whole_pounds, _more_a_week),
    "capital": _Shown("Capital, apart", pounds, more_pounds),
}
HOW_TO_READ = (
    f"Each cell is the average change against {NOTHING} and where {RANGE_OF_DIFFERENCE} lie; a"
    " question mark says that the average cannot be told from no change. “Better” is the share of"
    f" futures that are better than {NOTHING}, “best” the share in which no other choice is better;"
    " ties are shared. Shares change in percentage points."
)


def _compared(table: pd.DataFrame, area: str) -> Iterable[Compared]:
    yield _table(table, _HOMES, "choice-homes", f"Options side by side: homes, {area}")
    yield _table(table, _REST, "choice-rest", f"Options side by side: stability and cost, {area}")


def _table(table: pd.DataFrame, shown: Mapping[str, _Shown], name: str, caption: str) -> Compared:
    known = {str(item): rows.set_index("option") for item, rows in table.groupby("item")}
    used = {item: how for item, how in shown.items() if item in known and _differs(known[item])}
    rows = [
        (
            capital(NOTHING) if option == BASELINE else title(option),
            [_lines(known[item].loc[option], option, how) for item, how in used.items()],
        )
        for option in dict.fromkeys(table["option"].astype(str))
    ]
    heads = [how.head + _over(known[item]) for item, how in used.items()]
    hidden = [h.head[:1].lower() + h.head[1:] for item, h in shown.items() if item not in known]
    note = f"(change against {NOTHING}{f'; {NOT_SHOWN}: {listed(hidden)}' if hidden else ''})"
    return Compared(name, caption, note, heads, rows)


def _over(rows: Any) -> str:
    return ", whole run" if rows["over"].iloc[0] == "total" else ", on average"


def _differs(rows: Any) -> bool:
    return bool((rows["verdict"] != "none").any())


def _lines(row: Any, option: str, how: _Shown) -> Lines:
    best = [] if pd.isna(row["probability_best"]) else [f"best {chance(row['probability_best'])}"]
    if option == BASELINE:
        return Lines(how.level(float(row["value"])), best)
    if row["verdict"] == "none":
        return Lines("no change", best)
    value = how.change(float(row["difference"]))
    mark = "?" if row["verdict"] == "unclear" or value in ("0", "£0") else ""
    low, high = (how.change(float(row[end])).removeprefix("+") for end in ("low95", "high95"))
    better = row["probability_better"]
    likely = [] if pd.isna(better) else [f"better {chance(better)}"]
    return Lines(value + mark, [f"{low} to {high}", *likely, *best])


# --- savings, who makes way, who gains --------------------------------------------------------


def _savings(saved: Savings, area: str) -> Grid:
    rows = saved.table[saved.table["period"] == WHOLE_RUN]
    paid = saved.pay_back.set_index("option")
    apart = ("income", "capital")  # most options change neither
    means = {item: rows.loc[rows["item"] == item, "mean"] for item in ITEM_WORDS}
    items = [i for i in ITEM_WORDS if means[i].notna().any() and (i not in apart or means[i].any())]

    def row(option: str) -> Row:
        known = rows[rows["option"] == option].set_index("item")
        cells = [_saving(known.loc[item], ranged=item == "net") for item in items]
        if not timed:
            return Row(title(option), cells)
        month, share = str(paid.loc[option, "month"]), float(paid.loc[option, "share"])
        within = "" if month == "" else f"in {chance(share)} of futures"
        return Row(title(option), [*cells, Cell(pay_back_words(month) or "no change", within)])

    timed = (paid["month"] != NOT_KNOWN).any()
    options = list(dict.fromkeys(rows["option"].astype(str)))
    return Grid(
        name="savings",
        caption=f"What each option saves against {NOTHING}",
        note=f"(£ million, nominal, {area}, {span(saved.years)} together; average, and below it"
        f" where {RANGE_OF_DIFFERENCE} lie; below 0 it costs more)",
        corner="Option",
        heads=[*(capital(ITEM_WORDS[item]) for item in items), *(["Paid back by"] * bool(timed))],
        blocks=[Block("", list(map(row, options)))] if options and items else [],
        lines=[*([AVOIDED] if "gross" in items else []), CASHABLE, CAPITAL],
    )


def _saving(row: Any, *, ranged: bool) -> Cell:
    range_ = f"{millions(row['low95'])} to {millions(row['high95'])}" if ranged else ""
    return Cell(more_millions(float(row["mean"])), range_)


_FROM_HEADS: Mapping[str, str] = {
    "in_house": "In\N{NON-BREAKING HYPHEN}house",
    "ifa": "Agency",
    "homes": "Other homes",
    "supported": "Supported",
    "unregistered": "Unregis\N{SOFT HYPHEN}tered",
    "kinship": "Family and friends",
    "elsewhere": "Elsewhere",
    "not_in_care": "Not in care",
}
"""For a narrow column: where children would have lived."""


_GAINED: Mapping[str, str] = {"in_house": "in-house", "home_own": "own homes"}
"""Where more live."""


def _displaced(found: Mapping[str, pd.DataFrame], area: str) -> Grid:
    told = {  # of no children more, no hundred
        option: rows
        for option, rows in found.items()
        if len(rows) and (not rows["gained"].iloc[0] or signed(float(rows["gain"].iloc[0])) != "0")
    }
    where = [
        name
        for name in _FROM_HEADS
        if any(
            (rows.loc[rows["from"] == name, "verdict"] != "none").any() for rows in told.values()
        )
    ]

    def row(option: str, rows: pd.DataFrame) -> Row:
        known = rows.set_index("from")
        gained, gain = str(rows["gained"].iloc[0]), float(rows["gain"].iloc[0])
        types = listed([_GAINED.get(t, TYPE_WORDS[t]) for t in gained.split(";")] if gained else [])
        first = Cell(signed(gain) if gained else "")
        return Row(
            f"{title(option)} ({types or 'cannot be told'})",
            [first, *(_share(known, name) for name in where)],
        )

    return Grid(
        name="displaced",
        caption="Whom each place displaced: where children would have lived without the option",
        note=f"(of 100 children more in the places that gain, {area}, on average over the run;"
        " below it the simulation's error at 95%)",
        corner="Option",
        heads=["Children more", *(_FROM_HEADS[name] for name in where)],
        blocks=[Block("", [row(option, rows) for option, rows in told.items()])] if told else [],
        lines=[
            "?: cannot be told from none. Below 0: more live there too. What a place saves is the"
            " price of the type displaced less its own, so this decides the money."
        ],
    )


def _share(known: Any, name: str) -> Cell:
    if name in known.index and known.loc[name, "verdict"] == "unknown":
        return Cell(WITHHELD)
    if name not in known.index or pd.isna(known.loc[name, "share"]):
        return Cell()
    row = known.loc[name]
    if row["verdict"] == "none":
        return Cell("0")
    mark = "?" if row["verdict"] == "unclear" else ""
    ends = (number(100 * row[end]) for end in ("low95", "high95"))
    return Cell(number(100 * row["share"]) + mark, " to ".join(ends))


def _gains(place: int, option: str, rows: pd.DataFrame, area: str) -> Iterable[Grid]:
    changes = {(type_, age): row for type_, age, row in ages_of(rows)}
    types = [type_ for type_ in TYPE_WORDS if any(key[0] == type_ for key in changes)]
    known = set(rows.loc[rows["measure"] == "average_children", "group"])
    there = {group.split(";")[0] for group in known} or {f"type={type_}" for type_ in TYPE_WORDS}
    hidden = [words for type_, words in TYPE_WORDS.items() if f"type={type_}" not in there]
    yield Grid(
        name=f"gains-{place}",
        caption=f"{title(option)}: who lives where instead, by age",
        note=f"(children on average over the financial years, change against {NOTHING}, {area};"
        f" below it where {RANGE_OF_DIFFERENCE} lie; ?: cannot be told from no change)",
        corner="Age",
        heads=[capital(TYPE_WORDS[type_]) for type_ in types],
        blocks=[
            Block("", [
                Row(capital(words), [
                    _change(changes.get((type_, age)), known=f"type={type_};age={age}" in known)
                    for type_ in types
                ])
                for age, words in AGE_WORDS.items()
            ])
        ] if types else [],
        lines=[f"{capital(NOT_SHOWN)}: {listed(hidden)}."] if hidden else [],
    )  # fmt: skip
    needs = rows[rows["measure"] == "unmet_need"]
    yield Grid(
        name=f"gains-need-{place}",
        caption=f"{title(option)}: children without the home planned for them",
        note=f"(on average over the run, {area}; change against {NOTHING}, below it where"
        f" {RANGE_OF_DIFFERENCE} lie; ?: cannot be told from no change; cohorts overlap)",
        corner="Who",
        heads=[capital(NOTHING), "Change", "Better in"],
        blocks=[Block("", [_need(row) for _, row in needs.iterrows()])] if len(needs) else [],
        lines=[
            "Of some seventy changes in the two tables about three would be told from none by"
            " chance alone."
        ],
    )


def _change(row: Any, *, known: bool = True) -> Cell:
    if not known:
        return Cell(WITHHELD)
    if row is None or row["verdict"] == "none":
        return Cell("0")
    value = signed(float(row["difference"]))
    mark = "?" if row["verdict"] == "unclear" or value == "0" else ""
    ends = " to ".join(number(float(row[end])) for end in ("low95", "high95"))
    return Cell(value + mark, ends)


def _need(row: Any) -> Row:
    kind, _, name = str(row["group"]).partition("=")
    words = AGE_WORDS[name] if kind == "age" else COHORT_WORDS.get(name, name)
    better = Cell("" if row["verdict"] == "none" else chance(row["probability_better"]))
    return Row(capital(words), [Cell(number(float(row["baseline"]))), _change(row), better])
