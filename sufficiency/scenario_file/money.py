"""Prices, budgets and ledgers: whether they agree with one another, with the run and its units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sufficiency.scenario import Scenario, as_tree
from sufficiency.scenario.price_rules import (
    Mistake,
    is_financial_year,
    mistakes,
    region_missing,
    span,
    year_before,
    years_of_run,
)
from sufficiency.scenario_file.building import locate_in_option
from sufficiency.scenario_file.checking import Loc, Locate, locate_in
from sufficiency.scenario_file.merging import group_of, is_number, plain_unit
from sufficiency.scenario_file.options import Draft
from sufficiency.scenario_file.problems import Problems, found
from sufficiency.scenario_file.reading import Node

UNITS: Mapping[Loc, str] = {
    ("prices", "weekly"): "£ a week",
    ("prices", "existing"): "£ a week",
    ("prices", "table"): "£ a week",
    ("prices", "high_cost_from"): "£ a week",
    ("prices", "allowance", "weekly"): "£ a week",
    ("prices", "fee"): "£ a week",
    ("prices", "block"): "£ a week",
    ("prices", "retainer"): "£ a week",
    ("prices", "staying_put_weekly"): "£ a week",
    ("prices", "rises"): "£ a week",
    ("prices", "recruitment_per_approval"): "£",
    ("prices", "uasc_grant", "nightly"): "£ a night",
    ("prices", "uasc_grant", "nightly_from_threshold"): "£ a night",
    ("homes", "*", "weekly_fixed"): "£ a week",
    ("homes", "*", "capital"): "£",
    ("homes", "*", "capital_grant"): "£",
    ("programme", "*", "amount"): "£",
    ("budget",): "£",
    ("budgeted", "*", "children"): "children",
    ("budgeted", "*", "unit_cost"): "£ a week",
    ("ledger",): "£",
}
"""Units of money by setting, and of all that is inside it."""
LAST_YEAR = 9000
"""No date is so late that the calendar ends within a run."""
BY_YEAR = ("budget", "budgeted", "ledger")
"""Tables by financial year."""


def check_money(
    tree: Node,
    values: dict[str, Any],
    drafts: Mapping[str, Draft],
    built: Mapping[str, Scenario],
    problems: Problems,
    *,
    whole: bool = True,
    dated: bool = True,
) -> None:
    """Note what is wrong with the money of a baseline, and of its options.

    Args:
        tree: What the files say, merged.
        values: The same as nested values; what is not of its type is left to validation.
        drafts: The options as the file has them.
        built: The scenario of each that is valid.
        problems: Where mistakes are noted.
        whole: False where a file that is extended could not be read, so that prices are missing.
        dated: Whether what is said of financial years must lie in the run.
    """
    base = tuple(_mistakes(values, whole=whole, dated=dated))
    _note(base, locate_in(tree), problems)
    _check_units(tree, (), (), problems)
    for name, scenario in built.items():
        of_option = [
            wrong for wrong in _mistakes(as_tree(scenario), dated=dated) if wrong not in base
        ]
        _note(of_option, locate_in_option(drafts[name], values), problems)
    for draft in drafts.values():
        for change in draft.changes:
            _check_units(change.node, change.path, (draft.path,), problems)


def _note(wrong: tuple[Mistake, ...] | list[Mistake], locate: Locate, problems: Problems) -> None:
    for path, text in wrong:
        node, shown = locate(path)
        where = node.name if path[0] in BY_YEAR else node.where
        if not problems.at(where) or not problems.said(text):
            problems.add(where, shown, text)


def _mistakes(
    values: Mapping[str, Any], *, whole: bool = True, dated: bool = True
) -> Iterator[Mistake]:
    """What does not fit together, by path; of values that may be of any type."""
    prices = values.get("prices")
    if whole and isinstance(prices, Mapping):
        authority = values.get("authority")
        region = authority.get("region") if isinstance(authority, Mapping) else None
        for path, text in (*mistakes(prices), *region_missing(prices, region)):
            yield ("prices", *path), text
    start, years = values.get("start"), values.get("years")
    if not dated or not isinstance(start, date) or not isinstance(years, int | float):
        return
    if is_number(years) and 0 < years <= 25 and start.year < LAST_YEAR:
        yield from _years_outside(values, start, years_of_run(start, float(years)))
        yield from _rises_before(values, start)


def _years_outside(
    values: Mapping[str, Any], start: date, years: tuple[str, ...]
) -> Iterator[Mistake]:
    """Budgets, programmes and ledgers of years that have nothing to be compared with."""
    outside = f"is outside the run, whose whole financial years are {span(years)}"
    for table in BY_YEAR:
        stated = values.get(table)
        before = year_before(start)
        for year in stated if isinstance(stated, Mapping) else ():
            known = year in years or (table == "ledger" and year == before)
            if not known and is_financial_year(str(year)):
                also = f", and not {before}, the year before it" if table == "ledger" else ""
                yield (table, str(year)), outside + also
    programme = values.get("programme")
    for place, item in enumerate(programme if isinstance(programme, list) else ()):
        year = item.get("year") if isinstance(item, Mapping) else None
        if isinstance(year, str) and year not in years and is_financial_year(year):
            yield ("programme", str(place), "year"), outside + found(year)


def _rises_before(values: Mapping[str, Any], start: date) -> Iterator[Mistake]:
    prices = values.get("prices")
    rises = prices.get("rises") if isinstance(prices, Mapping) else None
    for place, rise in enumerate(rises if isinstance(rises, list) else ()):
        day = rise.get("from") if isinstance(rise, Mapping) else None
        if isinstance(day, date) and day < start:
            text = f"is before the run begins ({start}): put it into the price{found(day)}"
            yield ("prices", "rises", str(place), "from"), text


def _check_units(node: Node, at: Loc, edits: Loc, problems: Problems) -> None:
    """Note units that are not those of the settings, in a value and all that is inside it."""
    wanted = _unit_of(at)
    about = node.about
    if about is not None and about.unit and wanted is not None:
        where = about.unit_where or node.where
        if plain_unit(about.unit) != wanted and not problems.at(where):
            text = f"the unit '{about.unit}' contradicts '{wanted}', the unit of this setting"
            problems.add(where, ".".join((*edits, *at)), text)
    children: Mapping[str, Node] = group_of(node)
    if isinstance(node.content, list):
        children = {str(place): item for place, item in enumerate(node.content)}
    for name, child in children.items():
        if at or name in _HEADS:
            _check_units(child, (*at, name), edits, problems)


_HEADS = {setting[0] for setting in UNITS}


def _unit_of(at: Loc) -> str | None:
    """The unit of a setting, by the longest path that holds it."""
    for setting, unit in UNITS.items():
        inside = at[: len(setting)]
        if len(inside) == len(setting) and all(
            step in ("*", name) for step, name in zip(setting, inside, strict=True)
        ):
            return unit
    return None
