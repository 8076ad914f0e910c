"""Every option built as a whole scenario, and what is wrong with it said at its own line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from sufficiency.scenario import Edit, Scenario, as_tree, edit_tree, get_value
from sufficiency.scenario_file.checking import (
    Error,
    Loc,
    Locate,
    aim,
    descend,
    errors_of,
    explain,
    replaced,
    with_ranges,
)
from sufficiency.scenario_file.options import Change, Draft
from sufficiency.scenario_file.problems import Problems
from sufficiency.scenario_file.reading import Node

Tree = dict[str, Any]
"""A scenario as nested values."""

BETWEEN_SETTINGS = ("value_error", "missing")
"""Errors that may be due to another setting than the one that is changed."""


def build_options(
    drafts: Mapping[str, Draft], baseline: Scenario, problems: Problems, *, sure: bool
) -> dict[str, Scenario]:
    """The scenario of each option that can be built.

    Args:
        drafts: The options.
        baseline: The scenario they change.
        problems: Where mistakes are noted.
        sure: False where the baseline stands in for one that is not valid itself: then rules
            between several settings are not asked.
    """
    built = {}
    base = as_tree(baseline)
    # Options that combine others last: they repeat the mistakes of those.
    for draft in sorted(drafts.values(), key=lambda draft: draft.node.child("combine") is not None):
        edits = draft.option().edits
        scenario = _built(draft, base, edits, problems, sure and draft.usable)
        if scenario is not None and draft.usable:
            built[draft.name] = scenario
            _check_range_ends(draft, base, edits, problems)
    return built


def _built(
    draft: Draft, base: Tree, edits: tuple[Edit, ...], problems: Problems, sure: bool
) -> Scenario | None:
    scenario, errors = built_with(base, edits)
    if scenario is not None:
        return scenario
    if errors is None:
        if sure:
            problems.add(draft.node.name, draft.path, "does not fit this scenario")
        return None
    if not sure:
        errors = [error for error in errors if _is_within(error["loc"], draft)]
    locate = locate_in_option(draft, base)
    if draft.node.child("combine") is not None:
        errors = [error for error in errors if not problems.at(locate(aim(error))[0].where)]
    explain(errors, locate, problems)
    return None


def _is_within(loc: Loc, draft: Draft) -> bool:
    """Whether a mistake lies in a value that an option gives, and not between several."""
    return any(loc[: len(change.path)] == change.path for change in draft.changes)


def built_with(
    base: Tree, edits: tuple[Edit, ...]
) -> tuple[Scenario, list[Error]] | tuple[None, list[Error] | None]:
    """A scenario with edits made, or what is wrong with it; None where they cannot be made."""
    try:
        return Scenario.model_validate(edit_tree(base, edits)), []
    except ValidationError as error:
        return None, errors_of(error)
    except (KeyError, TypeError, IndexError, ValueError):
        return None, None


def locate_in_option(draft: Draft, base: Tree) -> Locate:
    """A way to find where an option sets a value of its scenario; elsewhere, its own heading."""
    heading = replace(draft.node, where=draft.node.name)

    def locate(loc: Loc) -> tuple[Node, str]:
        shown = ".".join((draft.path, *loc))
        for change in reversed(draft.changes):
            if loc[: len(change.path)] == change.path:
                return _within(change, loc[len(change.path) :], base), shown
        for change in reversed(draft.changes):
            if change.path[: len(loc)] == loc:
                return change.node, shown
        return heading, shown

    return locate


def _within(change: Change, rest: Loc, base: Tree) -> Node:
    """The node within an edit's value; items that are added count from the end of the list."""
    if change.action == "add" and rest and isinstance(change.node.content, list):
        item = int(rest[0]) - len(get_value(base, ".".join(change.path)))
        rest = (str(item), *rest[1:]) if item >= 0 else ()
    return descend(change.node, rest)


def _check_range_ends(
    draft: Draft, base: Tree, edits: tuple[Edit, ...], problems: Problems
) -> None:
    """Refuse ranges in an option whose ends would not be valid values."""
    for place, change in enumerate(draft.changes):
        for at, node in with_ranges(change.node, change.path):
            for end in ("low", "high"):
                inner = {at[len(change.path) :]: getattr(node.about, end)}
                value = replaced(edits[place].value, inner)
                edit = edits[place].model_copy(update={"value": value})
                trial = (*edits[:place], edit, *edits[place + 1 :])
                errors = built_with(base, trial)[1] or []
                errors = [e for e in errors if e["type"] not in BETWEEN_SETTINGS]
                explain(errors, _at_range(node, draft.path, at, end), problems)


def _at_range(node: Node, path: str, at: Loc, end: str) -> Locate:
    where = (node.about and node.about.range_where) or node.where
    shown = f"{path}.{'.'.join(at)}: the {end} end of the range"
    return lambda _: (replace(node, where=where), shown)
