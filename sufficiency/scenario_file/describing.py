"""A scenario in words: the assumptions log, the steady state, and what a file changes."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sufficiency import stays
from sufficiency.scenario import (
    Assumption,
    Edit,
    Option,
    Scenario,
    Study,
    as_tree,
    get_value,
    past,
)
from sufficiency.scenario_file.assumptions import BLOCK
from sufficiency.scenario_file.checking import settings
from sufficiency.scenario_file.loading import load, read_files
from sufficiency.scenario_file.merging import is_number, merged
from sufficiency.scenario_file.population import stated_in
from sufficiency.scenario_file.problems import Problems
from sufficiency.scenario_file.reading import find, read_file
from sufficiency.scenario_file.shape import PLAN

NO_SOURCE = "no source"
LONGEST = 100
"""Characters of a value in a list of changes."""
WIDTH = 78
"""Characters of a line about entries: two stand before it."""
STREAM_WORDS = {"non_uasc": "children other than UASC", "uasc": "UASC"}


class AssumptionRow(NamedTuple):
    """One line of the assumptions log, as text."""

    path: str
    value: str
    range: str
    unit: str
    source: str
    confidence: str


def assumption_rows(study: Study) -> list[AssumptionRow]:
    """The assumptions log for people to read; a value without a source says so."""
    return [_row(assumption) for assumption in study.assumptions]


def _row(assumption: Assumption) -> AssumptionRow:
    a = assumption
    return AssumptionRow(
        path=a.path,
        value=compact(a.value),
        range="" if a.low is None else f"{compact(a.low)} to {compact(a.high)}",
        unit=a.unit,
        source=", ".join(part for part in (a.source, a.as_of) if part) or NO_SOURCE,
        confidence=a.confidence,
    )


def entry_lines(scenario: Scenario, *, of_yearly: bool = False) -> list[str]:
    """The entries that a run takes from its sample paths; nothing where the rates decide.

    Args:
        scenario: With sample paths in place of yearly counts.
        of_yearly: Whether they were made of yearly counts.
    """
    forecast = scenario.demand.forecast
    if forecast is None or forecast.file is None:
        return []
    given = forecast.file
    months = min(12, given.months)
    totals = {
        name: values[:, :months].sum(axis=1)
        for name in STREAM_WORDS
        if (values := given.columns.get(name)) is not None
    }
    means = [f"{sum_.mean():,.0f} {STREAM_WORDS[name]}" for name, sum_ in totals.items()]
    ends = np.quantile(sum(totals.values()), [0.1, 0.9])
    spread = " to ".join(dict.fromkeys(f"{end:,.0f}" for end in ends))
    when = "first month" if months == 1 else f"first {'twelve' if months == 12 else months} months"
    together = " together" if len(totals) > 1 else ""
    made = ", made of yearly counts" if of_yearly else ""
    rates = "The rates"
    if len(totals) == 1 and "uasc" in totals:
        rates = "The other children enter at their own rates; the rates of UASC"
    elif len(totals) == 1:
        rates = "UASC enter at their own rates; the rates of the others"
    text = (
        f"Entries are those of a forecast{made}: on average {' and '.join(means)} in the {when}"
        f" (80% of paths: {spread}{together}). {rates} only say how ages divide"
        " and what options scale."
    )
    return textwrap.wrap(text, WIDTH, break_on_hyphens=False)


def steady_state_lines(study: Study) -> list[str]:
    """The numbers in care to which the rates of entry and stays lead, beside those stated."""
    steady = stays.steady_state(study.scenario)
    stated = study.scenario.authority
    lines = [_steady("children in care", steady["total"], stated.children_in_care)]
    lines.append(_steady("unaccompanied children (UASC)", steady["uasc"], stated.uasc_in_care))
    agree = abs(steady["total"] - stated.children_in_care) <= 0.1 * stated.children_in_care
    rule = study.scenario.stays
    if stays.scales_stays(study.scenario) and agree:
        factor = f"{rule.long_stay_factor:.3g}"
        lines.append(f"long stays are scaled by {factor} so that entries and stock agree")
    if study.scenario.validation is not None:
        lines.append(_steady_in_the_past(study.scenario))
    return lines


def _steady_in_the_past(scenario: Scenario) -> str:
    then, _ = stays.reconcile(past(scenario))
    steady, stated = stays.steady_state(then)["total"], then.authority.children_in_care
    return f"in the past from {then.start}, {_steady('children in care', steady, stated)}"


def _steady(what: str, steady: float, stated: int | None) -> str:
    line = f"{what}: {steady:.0f} in the long run"
    if not stated:
        return line
    return f"{line}, {stated} stated on the first day ({round(steady / stated - 1, 2) + 0.0:+.0%})"


def states(name_or_path: str | Path, setting: str) -> bool:
    """Whether a scenario states a setting itself, or leaves it as in the file it rests on.

    A file that extends no other is what others rest on: what it states is its own authority's.

    Raises:
        ScenarioFileError: The file is not valid.
    """
    path, ignored = find(name_or_path), Problems()
    root = read_file(path, ignored)
    if root is None:
        return False
    own = read_files(root, path, ignored).chain[:-1]
    return any(stated_in(tree, tuple(setting.split("."))) is not None for _, tree in own)


def changes_lines(name_or_path: str | Path) -> list[str]:
    """What a scenario file changes from the file it extends, and each option from the baseline.

    Raises:
        ScenarioFileError: The file is not valid.
    """
    study = load(name_or_path)
    path, ignored = find(name_or_path), Problems()
    root = read_file(path, ignored)
    assert root is not None  # it has just been loaded
    files = read_files(root, path, ignored)
    lines = []
    if len(files.chain) == 1:
        lines.append(f"{files.chain[0][0]} extends no other file")
    else:
        lines.append(f"{files.chain[0][0]} changes from {files.chain[1][0]}:")
        old = settings(merged(files.chain[1:], ignored))
        lines += [f"  {line}" for line in _differences(old, settings(files.tree), "")]
    tree = as_tree(study.scenario)
    for option in study.options:
        lines += ["", f"option {option.name} changes from the baseline:"]
        lines += [f"  {line}" for line in option_lines(option, tree)]
    return lines


def shown_tree(study: Study) -> dict[str, Any]:
    """The scenario as nested values; words stand for numbers that the assumptions log withholds."""
    tree = as_tree(study.scenario)
    for row in study.assumptions:
        if not isinstance(row.value, str) or row.path.startswith("options."):
            continue
        within, _, name = row.path.rpartition(".")
        parent = get_value(tree, within) if within else tree
        if isinstance(parent, dict) and not isinstance(parent.get(name), str | None):
            parent[name] = row.value
    return tree


def option_lines(option: Option, baseline: Mapping[str, Any]) -> list[str]:
    """What an option changes from the baseline, given as nested values."""
    lines = [line for edit in option.edits for line in _edit_lines(edit, baseline)]
    return lines or ["(nothing)"]


def difference_lines(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """What differs between two scenarios given as nested values: `path: old -> new`."""
    return list(_differences(old, new, ""))


def _edit_lines(edit: Edit, baseline: Mapping[str, Any]) -> Iterator[str]:
    old = get_value(baseline, edit.path)
    if edit.action == "set":
        yield from _differences(old, edit.value, edit.path)
    elif isinstance(old, list):
        yield from (f"{edit.path}: + {compact(item)}" for item in edit.value)
    elif isinstance(old, str):  # withheld
        yield f"{edit.path}: {old}, and {compact(edit.value)} more"
    else:
        yield f"{edit.path}: {compact(old)} -> {compact(old + edit.value)}"


def _differences(old: Any, new: Any, at: str) -> Iterator[str]:
    if old == new and type(old) is type(new):
        return
    if old is None and isinstance(new, dict) and at.startswith(BLOCK):
        old = {}
    if isinstance(old, dict) and isinstance(new, dict) and "distribution" not in new:
        for name in [*old, *(name for name in new if name not in old)]:
            inside = f"{at}.{name}" if at else name
            if inside != PLAN:
                yield from _differences(old.get(name), new.get(name), inside)
    elif isinstance(new, list) and _has_items(new or old):
        before = old if isinstance(old, list) else []
        yield from (f"{at}: - {compact(item)}" for item in before if item not in new)
        yield from (f"{at}: + {compact(item)}" for item in new if item not in before)
    elif not (is_number(old) and is_number(new) and old == new):
        yield f"{at}: {compact(old)} -> {compact(new)}"


def _has_items(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(item, dict) for item in value)


def compact(value: Any) -> str:
    """A value on one line, cut short where it is long."""
    text = _compact(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _compact(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_compact(entry)}" for name, entry in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_compact(item) for item in value) + "]"
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.10g}"
    return value.isoformat() if isinstance(value, date) else str(value)
