"""Dated changes: which settings may change during a run, and when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sufficiency.scenario import Edit, Scenario, as_tree
from sufficiency.scenario_file import shape
from sufficiency.scenario_file.building import BETWEEN_SETTINGS, built_with
from sufficiency.scenario_file.checking import Error, Loc, Locate, explain
from sufficiency.scenario_file.problems import Problems
from sufficiency.scenario_file.reading import Node

SECTIONS = (
    "demand", "stays", "placement", "moves", "step_across", "fostering", "ifa", "external_homes",
    "supported", "emergency",
)  # fmt: skip
"""Parts of a scenario whose settings may change on a date."""

FOSTERING = (
    "leaving_per_year", "approvals_per_year", "approvals_per_100_in_care", "enquiries_per_year",
    "enquiry_to_application", "application_to_approval", "enquiry_days", "assessment",
    "transfers_in_share", "transfer_days", "transfers_out_share", "closing_at_once",
    "winding_down_years_at_most", "staying_put", "match_chance",
)  # fmt: skip
"""Settings of fostering that may: rates, not the households there are on the first day."""

FIRST_DAY = (
    "stays.keep_stock_and_flow", "stays.long_stay_factor", "placement.mix_at_start",
    "placement.apart_at_start", "demand.yearly_variation", "demand.uasc.yearly_variation",
    "demand.forecast",
)  # fmt: skip
"""Settings that describe the first day or the run as a whole."""

GROWTH = ("trend_per_year", "growth_per_year", "market_growth_per_year")
"""Settings that are counted from the first day: another value later would change all of it."""


def check_changes(
    changes: Iterable[Any],
    run: tuple[date, date] | None,
    scenario: Scenario | None,
    locate: Locate,
    problems: Problems,
    *,
    sure: bool = True,
) -> None:
    """Note what is wrong with dated changes, beyond the types of their parts.

    Args:
        changes: Each with `on`, `path` and `to`; what is not so is left to validation.
        run: First and last day, where they are known.
        scenario: What they change, to try each value; None where there is nothing valid.
        locate: Where the parts of a change stand.
        problems: Where mistakes are noted.
        sure: False where the scenario stands in for one that is not valid itself.
    """
    seen: set[tuple[str, date]] = set()
    for place, change in enumerate(changes):
        on, path = change.get("on"), change.get("path")
        at = ("changes", str(place))
        if isinstance(on, date) and run is not None:
            _check_date(on, run, locate((*at, "on")), problems)
        if not isinstance(path, str):
            continue
        why_not = _why_not(path)
        if isinstance(on, date) and (path, on) in seen:
            why_not = why_not or f"changes twice on {on}"
        seen.add((path, on) if isinstance(on, date) else (path, date.min))
        if why_not:
            node, shown = locate((*at, "path"))
            problems.add(node.where, shown, why_not)
        elif scenario is not None and "to" in change:
            _check_value(scenario, path, change["to"], locate((*at, "to")), problems, sure)


def _check_date(
    on: date, run: tuple[date, date], place: tuple[Node, str], problems: Problems
) -> None:
    start, last = run
    if not start < on < last:
        node, shown = place
        text = f"must lie within the run, after {start} and before {last} (found {on})"
        problems.add(node.where, shown, text)


def _why_not(path: str) -> str:
    """Why a setting cannot change on a date, or nothing."""
    steps = tuple(path.split("."))
    annotation = shape.type_at(steps)
    if annotation is None:
        return shape.no_such(steps).replace("setting", f"setting (found '{path}')", 1)
    if steps[0] not in SECTIONS:
        return f"'{path}' cannot change on a date; allowed: settings of {', '.join(SECTIONS)}"
    if any(path == first or path.startswith(f"{first}.") for first in FIRST_DAY):
        return f"'{path}' cannot change on a date: it is about the first day"
    if steps[-1] in GROWTH:
        return f"'{path}' cannot change on a date: it counts from the first day"
    if steps[0] == "fostering" and (len(steps) == 1 or steps[1] not in FOSTERING):
        return f"'{path}' cannot change on a date; allowed of fostering: {', '.join(FOSTERING)}"
    if shape.is_single(annotation):
        return ""
    return f"'{path}' is not a single setting; name one in it"


def _check_value(
    scenario: Scenario,
    path: str,
    value: Any,
    place: tuple[Node, str],
    problems: Problems,
    sure: bool,
) -> None:
    node, shown = place
    _, errors = built_with(as_tree(scenario), (Edit(action="set", path=path, value=value),))
    if errors is None:
        if sure:
            problems.add(node.where, shown, f"'{path}' has no value of its own to change")
        return
    explain([e for e in errors if sure or not _between(e)], _at(path, node, shown), problems)


def _between(error: Error) -> bool:
    return error["type"] in BETWEEN_SETTINGS


def _at(path: str, node: Node, shown: str) -> Locate:
    """Where the parts of a change's value stand: `to` itself, or inside it."""
    steps = tuple(path.split("."))

    def locate(loc: Loc) -> tuple[Node, str]:
        rest = loc[len(steps) :] if loc[: len(steps)] == steps else ()
        inner = node
        for step in rest:
            inner = inner.child(step) or inner
        return inner, ".".join((shown, *rest))

    return locate
