"""A scenario file, and what it extends, to a `Study`; or one message with every mistake."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from sufficiency import stays
from sufficiency.scenario import Scenario, Study, as_tree, entries_by_age
from sufficiency.scenario_file.assumptions import assumptions_of
from sufficiency.scenario_file.building import build_options, locate_in_option
from sufficiency.scenario_file.checking import locate_in, settings, validated
from sufficiency.scenario_file.combining import combine
from sufficiency.scenario_file.dated import check_changes
from sufficiency.scenario_file.merging import is_number, merged, read_chain
from sufficiency.scenario_file.options import Draft, read_options
from sufficiency.scenario_file.problems import Problems
from sufficiency.scenario_file.reading import Node, display, find, read_file, read_text

DERIVED = "stays.long_stay_factor"
DERIVED_FROM = "set so that entries x mean stay equals the stated children in care"


class Files(NamedTuple):
    """A file and those it extends, merged."""

    chain: list[tuple[str, Node]]
    """Name and tree of each, nearest first."""
    tree: Node
    """All of them as one."""
    whole: bool
    """Whether every file that is extended could be read."""


def load(name_or_path: str | Path) -> Study:
    """Read, merge and check a scenario file.

    Raises:
        ScenarioFileError: With every mistake in it, each at its line and column.
    """
    path = find(name_or_path)
    problems = Problems()
    root = read_file(path, problems)
    return _study(root, path, problems)


def load_text(text: str, path: Path) -> Study:
    """Check the text of a scenario file as if it stood at a path, without reading or writing it."""
    problems = Problems()
    return _study(read_text(text, display(path), problems), path, problems)


def read_files(root: Node, path: Path, problems: Problems) -> Files:
    """The tree of a file, merged with those of the files it extends."""
    chain, whole = read_chain(root, path, problems)
    return Files(chain, merged(chain, problems), whole)


def _study(root: Node | None, path: Path, problems: Problems) -> Study:
    study = None if root is None else _checked(read_files(root, path, problems), problems)
    problems.raise_if_any(display(path))
    assert study is not None
    return study


def _checked(files: Files, problems: Problems) -> Study | None:
    """The study, or None with its problems noted."""
    tree = files.tree
    scenario = validated(tree, problems, whole=files.whole)
    stand_in = scenario or _extended(files)
    values = as_tree(scenario) if scenario else settings(tree)
    sure = scenario is not None
    drafts = read_options(tree, values, problems)
    combine(drafts, problems)
    _check_changes(tree, values, stand_in, problems, sure=sure)
    if stand_in is not None:
        built = build_options(drafts, stand_in, problems, sure=sure)
        _check_changes_of_options(drafts, built, stand_in, problems)
    if scenario is None or problems:
        return None
    scenario, warnings = _reconciled(scenario, tree, problems)
    rows = assumptions_of(tree, scenario, drafts)
    rows = tuple(_derived(row, scenario) if row.path == DERIVED else row for row in rows)
    options = tuple(draft.option() for draft in drafts.values())
    return Study(scenario=scenario, options=options, assumptions=rows, warnings=warnings)


def _extended(files: Files) -> Scenario | None:
    """The scenario that the file extends: a stand-in for one that is not valid itself."""
    chain = files.chain[1:]
    if not chain or not files.whole:
        return None
    ignored = Problems()
    return validated(merged(chain, ignored), ignored)


def _check_changes(
    tree: Node,
    values: Mapping[str, Any],
    scenario: Scenario | None,
    problems: Problems,
    *,
    sure: bool,
) -> None:
    changes = values.get("changes")
    if isinstance(changes, list):
        whole = [change if isinstance(change, dict) else {} for change in changes]
        check_changes(whole, _run(values), scenario, locate_in(tree), problems, sure=sure)


def _run(values: Mapping[str, Any]) -> tuple[date, date] | None:
    """First and last day, or the end of time where the years are not valid."""
    start, years = values.get("start"), values.get("years")
    if not isinstance(start, date):
        return None
    known = is_number(years) and 0 < years <= 25 and start.year < date.max.year - 25  # type: ignore[operator]  # `known` says they are numbers
    return start, start + timedelta(days=365.25 * years) if known else date.max  # type: ignore[operator]  # `known` says they are numbers


def _check_changes_of_options(
    drafts: Mapping[str, Draft],
    built: Mapping[str, Scenario],
    baseline: Scenario,
    problems: Problems,
) -> None:
    for name, scenario in built.items():
        if scenario.changes == baseline.changes:
            continue
        values = as_tree(scenario)
        found = Problems()
        locate = locate_in_option(drafts[name], baseline)
        check_changes(values["changes"], _run(values), scenario, locate, found)
        for problem in found:
            if not problems.at(problem.where) and not problems.said(problem.text):
                problems.add(*problem)


def _reconciled(
    scenario: Scenario, tree: Node, problems: Problems
) -> tuple[Scenario, tuple[str, ...]]:
    stated = scenario.authority.children_in_care - (scenario.authority.uasc_in_care or 0)
    if stated > 0 and not any(entries_by_age(scenario).values()):
        node = tree.child("demand") or tree
        text = (
            f"nobody enters care (UASC apart), so there cannot be {stated} children in care; "
            "for entries that stop on a day, use `changes` or an option"
        )
        problems.add(node.name, "demand", text)
        return scenario, ()
    try:
        return stays.reconcile(scenario)
    except (ArithmeticError, ValueError):
        node = tree.child("stays") or tree
        text = "the lengths of stay are too extreme to work out how many children are in care"
        problems.add(node.name, "stays", text)
        return scenario, ()


def _derived(row: Any, scenario: Scenario) -> Any:
    """The row of the long-stay factor, where stock and flow have set it."""
    if not scenario.stays.keep_stock_and_flow or scenario.stays.every_child is not None:
        return row
    return row.model_copy(
        update={
            "value": scenario.stays.long_stay_factor,
            "low": None,
            "high": None,
            "source": DERIVED_FROM,
            "as_of": "",
            "confidence": "derived",
        }
    )
