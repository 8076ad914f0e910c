"""What it costs: net cost by financial year, and why it changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from sufficiency.answer.choices import NOTHING
from sufficiency.answer.levels import Level, course, level
from sufficiency.answer.money import millions, pounds, pounds_range, span
from sufficiency.answer.pounds import PART_WORDS, more_millions, more_pounds
from sufficiency.answer.words import (
    RANGE_OF_FUTURES,
    capital,
    chance,
    count,
    title,
)
from sufficiency.charts.drawing import (
    FIRST,
    SECOND,
    THIRD,
    Chart,
    Line,
    Panel,
    round_ticks,
    time_panel,
)
from sufficiency.charts.steps import Step, million_tick, step_panel
from sufficiency.comparison.pressure import AFTER, BEFORE, Pressure
from sufficiency.comparison.yearly import WHOLE_RUN
from sufficiency.costs.definitions import PARTS
from sufficiency.results.statistics import errors_to_tell

_MILLION = 1e6
_P80 = "1 future in 5 costs more (P80)"
_LEAST = 50.0
"""Pounds below which what is left over in a bridge is not shown."""
_TITLE_WORDS: Mapping[str, tuple[str, str]] = {
    "prices": ("Higher prices raise", "Lower prices cut"),
    "full_year_effect": ("Full-year effects raise", "Full-year effects cut"),
    "volume": ("More nights raise", "Fewer nights cut"),
    "mix": ("Dearer placements raise", "Cheaper placements cut"),
    "own_homes_fixed": ("Homes' fixed costs raise", "Homes' fixed costs cut"),
    "voids": ("Empty block places raise", "Fuller blocks cut"),
    "retainers": ("Retainers raise", "Retainers cut"),
    "recruitment": ("Recruiting carers raises", "Less recruiting cuts"),
    "staying_put": ("Staying put raises", "Less staying put cuts"),
    "programme": ("Programmes raise", "Programmes that end cut"),
    "income": ("Falling income raises", "Rising income cuts"),
}
"""The subject of a title, by whether net cost rises by it or falls."""


# --- by financial year ------------------------------------------------------------------------


def net_cost(found: Pressure, area: str) -> Chart | None:
    """Net cost by financial year with its range, against the budget; None if there is no year.

    Args:
        found: Of doing nothing.
        area: Name of the authority.
    """
    rows = _years(found.totals[found.totals["measure"] == "net_cost"])
    if not len(rows):
        return None
    budget = _years(found.budget)["budget"] if len(found.budget) else pd.Series(dtype=float)
    first, last = level(rows.iloc[0]), level(rows.iloc[-1])
    return Chart(
        name="net-cost",
        title=_net_cost_title(first, last, found.budget),
        subtitle=f"Net cost in £ million by financial year, nominal, {area},"
        f" {span(found.years)}, if nothing is decided; the axis does not begin at 0",
        panels=(_net_cost_panel(rows, budget),),
        alternative=_net_cost_words(first, last, found.budget),
        columns=(
            "Financial year", "Average", "P10", "P50", "P80", "P90", "Average to P80",
            *(["Budget"] if len(budget) else []),
        ),
        rows=tuple(_net_cost_row(str(year), row, budget) for year, row in rows.iterrows()),
    )  # fmt: skip


def _years(table: pd.DataFrame) -> Any:
    """The rows of financial years by year."""
    return table[table["period"] != WHOLE_RUN].set_index("period")


def _net_cost_panel(rows: Any, budget: Any) -> Panel:
    years = [str(year) for year in rows.index]
    scaled = rows[["mean", "p10", "p80", "p90"]] / _MILLION
    lines = [
        Line("average", "average", years, scaled["mean"].tolist(), FIRST),
        Line(_P80, "P80", years, scaled["p80"].tolist(), SECOND),
    ]
    if len(budget):
        stated = [str(year) for year in budget.index]
        label = "budget" if stated[-1] == years[-1] else ""
        lines.append(Line("budget", label, stated, (budget / _MILLION).tolist(), THIRD))
    panel = time_panel("Net cost", lines, (RANGE_OF_FUTURES, scaled), from_zero=False)
    low, high = panel.figure.layout.yaxis.range
    ticks = round_ticks(low, high, 7)
    panel.figure.update_yaxes(tickvals=ticks, ticktext=list(map(million_tick, ticks)))
    panel.figure.update_traces(hovertemplate="£%{y:,.2f}m", selector={"mode": "lines+markers"})
    panel.figure.update_layout(margin={"l": 58, "b": 48})
    if len(years) == 1:
        _add_bar(panel.figure, years[0], scaled.iloc[0])
    return panel


def _add_bar(figure: Any, year: str, row: Any) -> None:
    """Of one year a band has no width: its range is a bar."""
    figure.add_scatter(
        x=[year, year], y=[row["p10"], row["p90"]], mode="lines", hoverinfo="skip",
        line={"width": 16, "color": "rgba(18,67,109,0.18)"}, showlegend=False,
    )  # fmt: skip


def _net_cost_title(first: Level, last: Level, budget: pd.DataFrame) -> str:
    if len(budget):
        return _budget_title(budget.iloc[0])
    if first.period == last.period:
        return f"Net cost is about {pounds(first.mean)} in {first.period}"
    what = course(first, last)
    if what == "stays level":
        return f"Net cost shows no clear change to {last.period}"
    verb = what.removeprefix("mostly ")
    if what.startswith("mostly"):
        return f"Net cost probably {verb} to about {pounds(last.mean)} by {last.period}"
    return f"Net cost {verb} from {pounds(first.mean)} to {pounds(last.mean)} by {last.period}"


def _budget_title(row: Any) -> str:
    """Of the first year with a budget: the one that is decided."""
    over, year = float(row["overspending"]), row["period"]
    if over >= 0.6:
        return f"{year} net cost exceeds its budget in {chance(over)} of futures"
    if over <= 0.4:
        return f"{year} net cost keeps within budget in {chance(1 - over)} of futures"
    return f"{year} net cost may or may not exceed its budget"


def _net_cost_words(first: Level, last: Level, budget: pd.DataFrame) -> tuple[str, ...]:
    def words(at: Level) -> str:
        within = f"{RANGE_OF_FUTURES}: {pounds_range(at.p10, at.p90)}"
        return f"{pounds(at.mean)} in {at.period} on average ({within})"

    to = "" if first.period == last.period else f" and {words(last)}"
    beyond = [
        f"{row['period']}: a budget of {pounds(row['budget'])}, which net cost exceeds in"
        f" {chance(row['overspending'])} of futures."
        for _, row in budget.iterrows()
        if row["period"] != WHOLE_RUN
    ]
    return (f"Net cost: {words(first)}{to}.", *beyond)


def _net_cost_row(year: str, row: Any, budget: Any) -> tuple[str, ...]:
    numbers = (row[name] for name in ("mean", "p10", "p50", "p80", "p90"))
    known = [millions(float(budget[year])) if year in budget.index else ""] if len(budget) else []
    return (year, *map(millions, numbers), more_millions(row["margin"]), *known)


# --- why it changes ---------------------------------------------------------------------------


def year_bridge(found: Pressure, area: str) -> Chart | None:
    """Why net cost changes from the first financial year to the last.

    None if there is one only, or if any part of the change is not known: they would not add up.

    The parts of each year are added up: every year's bridge leads from the year before, so the sums
    lead from the first to the last.
    """
    if len(found.years) < 2 or not len(found.bridge):
        return None
    rows = found.bridge
    if rows["mean"].isna().any():
        return None
    parts = {name: rows[rows["part"] == name] for name in PARTS}
    # errors of sums over years are not known; their sum is an upper bound
    means = {name: float(part["mean"].sum()) for name, part in parts.items()}
    errors = {name: float(part["se"].sum()) for name, part in parts.items()}
    first, last = found.years[0], found.years[-1]
    ends = (_end(rows, BEFORE, found.years[1]), _end(rows, AFTER, last))
    return _bridge(
        "year-bridge",
        means,
        errors,
        found.futures,
        when=f"by {last}",
        subtitle=f"Why net cost changes in £ million, average of all futures, {area},"
        f" {first} to {last}, if nothing is decided",
        ends=(f"{pounds(ends[0])} in {first}", f"{pounds(ends[1])} in {last}"),
    )


def option_bridge(found: Pressure, area: str) -> Chart | None:
    """Why an option's net cost differs from the baseline's over the run.

    None of the baseline, or if any part of the difference is not known.
    """
    rows = found.option_bridge
    rows = rows[rows["period"] == WHOLE_RUN]
    if not len(rows) or rows["mean"].isna().any():
        return None
    by_part = rows.set_index("part")
    years = f"over {years_together(len(found.years))}"
    return _bridge(
        "option-bridge",
        {name: float(by_part.loc[name, "mean"]) for name in PARTS},
        {name: float(by_part.loc[name, "se"]) for name in PARTS},
        found.futures,
        when=years,
        subtitle=f"Why net cost of “{title(found.option)}” differs from {NOTHING}, in £ million,"
        f" average of all futures, {area}, {span(found.years)}",
        ends=(
            f"{pounds(float(by_part.loc[BEFORE, 'mean']))} {NOTHING}",
            f"{pounds(float(by_part.loc[AFTER, 'mean']))} with “{title(found.option)}”",
        ),
    )


def _end(rows: pd.DataFrame, part: str, year: str) -> float:
    return float(rows.loc[(rows["part"] == part) & (rows["period"] == year), "mean"].iloc[0])


def _bridge(
    name: str,
    means: Mapping[str, float],
    errors: Mapping[str, float],
    futures: int,
    *,
    when: str,
    subtitle: str,
    ends: tuple[str, str],
) -> Chart:
    parts = [part for part in PARTS if means[part] or errors[part]]
    steps = _steps(parts, means)
    change = sum(means.values())
    told = {part: abs(means[part]) > errors_to_tell(futures) * errors[part] for part in parts}
    panel = step_panel(
        "Parts of the change", [Step(capital(step.words), step.pounds) for step in steps]
    )
    return Chart(
        name=name,
        title=_bridge_title(means, errors, change, futures, when),
        subtitle=subtitle,
        panels=(panel,),
        alternative=(
            f"From {ends[0]} to {ends[1]}: {more_pounds(change)}.",
            "Of this: "
            + "; ".join(f"{step.words} {more_pounds(step.pounds)}" for step in steps)
            + ".",
        ),
        columns=("Part", "£ million", "Finding"),
        rows=(
            *(
                (
                    capital(PART_WORDS[part]),
                    more_millions(means[part]),
                    _finding(means[part], told=told[part]),
                )
                for part in parts
            ),
            ("Change in all", more_millions(change), ""),
        ),
    )


def _steps(parts: Sequence[str], means: Mapping[str, float]) -> list[Step]:
    """Parts that can be seen beside the largest, and the others together, so that they add up."""
    largest = max((abs(means[part]) for part in parts), default=0.0)
    shown = [part for part in parts if abs(means[part]) > largest / 200]
    rest = sum(means[part] for part in parts if part not in shown)
    steps = [Step(PART_WORDS[part], means[part]) for part in shown]
    return [*steps, Step("all else", rest)] if abs(rest) >= _LEAST else steps


def _finding(mean: float, *, told: bool) -> str:
    if not told:
        return "cannot be told from no change"
    return "adds" if mean > 0 else "takes off"


def _bridge_title(
    means: Mapping[str, float],
    errors: Mapping[str, float],
    change: float,
    futures: int,
    when: str,
) -> str:
    """The largest clear reason of those that move net cost in the direction in which it goes.

    Prices of existing and of new placements are one reason here: where new ones are dearer, one
    part rises and the other falls although no price changes.
    """
    both = {"prices": (means["price_existing"] + means["price_new"],
                       errors["price_existing"] + errors["price_new"])}  # fmt: skip
    both |= {part: (means[part], errors[part]) for part in PARTS[2:]}
    sign = 1 if change > 0 else -1
    clear = {
        part: mean
        for part, (mean, se) in both.items()
        if mean * sign > errors_to_tell(futures) * se
    }
    if not clear:
        return f"No single reason clearly changes net cost {when}"
    part = max(clear, key=lambda name: abs(clear[name]))
    # a reason of which nothing can be told may still be larger
    most = " most" if clear[part] * sign >= max(mean * sign for mean, _ in both.values()) else ""
    return f"{_TITLE_WORDS[part][0 if sign > 0 else 1]} net cost{most} {when}"


def years_together(years: int) -> str:
    """So many financial years, in a sentence."""
    return "one year" if years == 1 else f"{count(years)} years"
