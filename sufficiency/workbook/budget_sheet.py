"""The sheet that sets money, children and unit costs beside what was budgeted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sufficiency.answer.words import WITHHELD
from sufficiency.comparison.pressure import REST, Pressure, pressure
from sufficiency.comparison.yearly import WHOLE_RUN, budgets, financial_years, pence
from sufficiency.results.results import BASELINE
from sufficiency.results.statistics import share_above
from sufficiency.rows import TYPES
from sufficiency.scenario import Budgeted
from sufficiency.workbook.cells import Cell, Quantity
from sufficiency.workbook.contents import Contents, Figure, cost_words, option_title
from sufficiency.workbook.money_sheets import NET, millions, number
from sufficiency.workbook.sheets import Chart, Column, Series, Sheet

BUDGET = "Budget monitor"
_COLUMNS = (
    Column("Option", 26),
    Column("What", 40),
    Column("Financial year", 12),
    Column("Unit", 12),
    Column("Budgeted", 14, "£"),
    Column("Mean", 14, "£"),
    Column("P10", 14, "£"),
    Column("P50", 14, "£"),
    Column("P80", 14, "£"),
    Column("P90", 14, "£"),
    Column("Beyond the budget, mean", 14, "£"),
    Column("Of it volume", 14, "£"),
    Column("Of it price", 14, "£"),
    Column("Chance of more than budgeted", 12, "share"),
)
_BUDGETED = next(at for at, column in enumerate(_COLUMNS) if column.head == "Budgeted")


def budget(contents: Contents) -> Sheet:
    """Net cost, children and unit costs beside the budget."""
    rows: list[Sequence[Cell]] = []
    if financial_years(contents.results):
        for option in contents.options:
            rows += _net_cost(contents, option)
        for option in contents.options:
            rows += _by_type(contents, option)
    stated = bool(contents.study.scenario.budget)
    return Sheet(
        name=BUDGET,
        title="Budget monitor: net cost, children and unit costs beside the budget",
        reading=(
            "The budget is that of the scenario."
            if stated
            else "The scenario states no budget (budget:, budgeted:), so only what is simulated"
            " stands here.",
            "Beyond the budget: above 0 is an overspend. Volume: more or fewer children, at the"
            " budgeted unit cost; price: the rest. Unit costs are £ a child and week; their mean is"
            " the mean cost over the mean weeks of children, so that the two multiply.",
        ),
        table="Budget",
        columns=_COLUMNS,
        rows=rows,
        charts=tuple(_charts(contents, rows)),
    )


def _net_cost(contents: Contents, option: str) -> Iterable[Sequence[Cell]]:
    budget = contents.study.scenario.budget
    variance = contents.by_year("budget_variance", "", option)
    found = contents.by_year("net_cost", "", option)
    for year, figure in found.items():
        chance = chance_of_overspending(contents, option, [year]) if year in budget else None
        beyond = variance[year].mean if year in variance else None
        yield _row(
            option, NET, year, figure, budgeted=budget.get(year), beyond=beyond, chance=chance
        )
    total = contents.over_years("net_cost", "", option)
    if total is not None and all(year in budget for year in found):
        stated = sum(budget[year] for year in found)
        yield _row(
            option, NET, WHOLE_RUN, total,
            budgeted=stated, beyond=total.mean - stated,
            chance=chance_of_overspending(contents, option, [*found]),
        )  # fmt: skip


def chance_of_overspending(contents: Contents, option: str, years: Sequence[str]) -> float:
    """The share of futures that spend more than budgeted, ties half, in whole pence."""
    stated = budgets(contents.study.scenario.budget, years)[-1]
    spent = pence(contents.results, "net_cost", "", option, years).sum(axis=1)
    return float(share_above((spent - stated)[:, None])[0])


def _row(
    option: str,
    what: str,
    year: str,
    figure: Figure,
    *,
    budgeted: float | None = None,
    beyond: float | None = None,
    split: tuple[float | None, float | None] = (None, None),
    chance: float | None = None,
) -> Sequence[Cell]:
    """A line; its numbers in the unit of the figure."""
    unit = "£ a week" if what.startswith("Unit cost") else figure.unit
    of = (budgeted, figure.mean, figure.p10, figure.p50, figure.p80, figure.p90, beyond, *split)
    cells = (None if value is None else _number(float(value), unit) for value in of)
    return (option_title(option), what, year, unit, *cells, chance)


def _number(value: float, unit: str) -> Cell:
    return WITHHELD if value != value else Quantity(value, unit)


def _by_type(contents: Contents, option: str) -> Iterable[Sequence[Cell]]:
    """Children, unit cost and spending by type: those budgeted, and in the baseline all."""
    given = contents.study.scenario.budgeted
    found = pressure(contents.results, option)
    split = _splits(found)
    for type_ in map(str, TYPES):
        group = f"type={type_}"
        children = contents.by_year("average_children", group, option)
        if option != BASELINE or not any(f.mean for f in children.values()):
            children = {y: f for y, f in children.items() if _is_budgeted(given.get(y), type_)}
        words = cost_words(type_)
        unit_costs = _unit_costs(contents, found, type_)
        both = (("children", "Children", children), ("unit_cost", "Unit cost", unit_costs))
        for what, named, figures in both:
            name = f"{named}: {words}"
            for year, figure in figures.items():
                if year in children:
                    yield _beside(option, name, year, figure, given.get(year), what, type_)
        for year, row in split.get(type_, {}).items():
            spent = contents.by_year("cost", group, option).get(year)
            if spent is not None:
                yield _spending(option, words, year, spent, row)
    yield from _rest(option, split.get(REST, {}))


def _unit_costs(contents: Contents, of: Pressure, type_: str) -> Mapping[str, Figure]:
    """Unit cost by year, as the report and the monitor have it: mean cost over mean weeks."""
    means = of.types.set_index(["type", "period"])["unit_cost"]
    return {
        year: figure._replace(mean=float(means[type_, year]))
        for year, figure in contents.by_year("unit_cost", f"type={type_}", of.option).items()
        if (type_, year) in means.index
    }


def _is_budgeted(given: Budgeted | None, type_: str) -> bool:
    return given is not None and (type_ in given.children or type_ in given.unit_cost)


def _beside(
    option: str,
    name: str,
    year: str,
    figure: Figure,
    given: Budgeted | None,
    what: str,
    type_: str,
) -> Sequence[Cell]:
    stated = None if given is None else getattr(given, what).get(type_)
    beyond = None if stated is None else figure.mean - stated
    return _row(option, name, year, figure, budgeted=stated, beyond=beyond)


def _splits(of: Pressure) -> Mapping[str, Mapping[str, Any]]:
    """The variance of each type by year, and what is left."""
    found: dict[str, dict[str, Any]] = {}
    for row in of.variance.itertuples(index=False):
        found.setdefault(str(row.type), {})[str(row.period)] = row
    return found


def _spending(option: str, words: str, year: str, figure: Figure, row: Any) -> Sequence[Cell]:
    return _row(
        option, f"Spending: {words}", year, figure,
        budgeted=figure.mean - row.variance, beyond=row.variance, split=(row.volume, row.price),
    )  # fmt: skip


def _rest(option: str, of_years: Mapping[str, Any]) -> Iterable[Sequence[Cell]]:
    for year, row in of_years.items():
        blank = (None,) * 6
        beyond = _number(row.variance, "£")
        yield (
            option_title(option), "Spending and income: all the rest", year, "£",
            *blank, beyond, None, None, None,
        )  # fmt: skip


def _charts(contents: Contents, rows: Sequence[Sequence[Cell]]) -> Iterable[Chart]:
    """Net cost beside the budget if nothing is decided, where every year has one."""
    years = [y for y in contents.years if y in contents.study.scenario.budget]
    spent = contents.by_year("net_cost")
    if not rows or not years or not spent or len(years) < len(spent):
        return
    last = len(years) - 1
    names = {"Budgeted": "Budget", "P90": "P90", "P50": "P50", "P10": "P10"}
    told = "; ".join(
        f"{row[2]} budget {millions(_value(row, _BUDGETED))}, P50 {millions(_value(row, 7))},"
        f" chance of overspending {number(row, 13):.0%}"
        for row in rows[: last + 1]
    )
    yield Chart(
        kind="line",
        title="Net cost beside the budget, if nothing is decided",
        across="Financial year",
        up="£, nominal",
        unit="£",
        series=tuple(
            Series(name, head, "Financial year", 0, last, dashed=head in ("P90", "P10"))
            for head, name in names.items()
        ),
        description=f"Line chart of the budget and the P10, P50 and P90 of net cost: {told}.",
    )


def _value(row: Sequence[Cell], place: int) -> float:
    cell = row[place]
    return cell.value if isinstance(cell, Quantity) else 0.0
