"""The past of a scenario: its `validation` block, what that sets, and what a fit may move.

`validation.set` is written as an option's `set`, and files that extend one another merge it setting
by setting, however each of them writes it. In a `Scenario` it is one value for each path.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from pydantic import ValidationError

from sufficiency.scenario import FrozenDict, Scenario, past
from sufficiency.scenario_file import shape
from sufficiency.scenario_file.assumptions import BLOCK
from sufficiency.scenario_file.building import build_options
from sufficiency.scenario_file.checking import Loc, errors_of, explain, plain
from sufficiency.scenario_file.merging import group_of, is_number
from sufficiency.scenario_file.options import (
    IN_COMMON,
    Draft,
    in_their_units,
    known,
    nested,
    refusing,
    settings_of,
)
from sufficiency.scenario_file.problems import Problems, found
from sufficiency.scenario_file.reading import Node

SET = f"{BLOCK}.set"
OWN = {
    "start": f"{BLOCK}.start",
    "years": f"{BLOCK}.years",
    "authority.children_in_care": f"{BLOCK}.children_in_care",
    "authority.uasc_in_care": f"{BLOCK}.uasc_in_care",
}
"""Settings of a scenario whose values in the past have a name of their own."""

EMPTIED = ("changes", "demand.surges")
"""What is about the run and counts for the past only where `validation.set` says so."""
OF_THE_RUN = ("demand.forecast", "authority.children")
"""What is about the run alone: the past has none."""

DERIVED = "stays.long_stay_factor"


class Past(NamedTuple):
    """The past of a scenario, as far as it could be built."""

    before: Scenario
    """The scenario at the start of the period, without `validation.set`."""
    scenario: Scenario | None
    """The past itself; None where something is wrong with it."""


def with_plain_set(tree: Node, problems: Problems) -> Node:
    """The tree of one file, its `validation.set` as groups within groups of known settings."""
    block = tree.child(BLOCK)
    node = None if block is None else block.child("set")
    if block is None or node is None or not isinstance(node.content, dict):
        return tree
    refuse = refusing(Draft(BLOCK, node, SET), problems)
    plain_set = nested(known(node, (), _why_not_set, refuse), (), refuse)
    block = replace(block, content={**group_of(block), "set": plain_set})
    return replace(tree, content={**group_of(tree), BLOCK: block})


def _why_not_set(steps: Loc) -> str:
    """Why the past cannot have a value of its own for a setting, or nothing."""
    own = OWN.get(".".join(steps))
    if own is not None:
        return f"is said by '{own}'"
    about = ".".join(steps[:2])
    if about in OF_THE_RUN:
        return f"the past has no '{about}': it is about the run"
    if steps[0] in IN_COMMON and steps[0] not in OWN:
        return f"the past cannot have a '{steps[0]}' of its own"
    return ""


def read_past(tree: Node, base: Mapping[str, Any], problems: Problems) -> Draft | None:
    """What `validation.set` of the merged files says, as edits; None without a block."""
    block = tree.child(BLOCK)
    if block is None or not isinstance(block.content, dict):
        return None
    _check_start(tree, block, problems)
    draft = Draft(BLOCK, block, SET)
    node = block.child("set")
    if node is not None and isinstance(node.content, dict):
        draft.changes = list(settings_of(node, base, (), refusing(draft, problems)))
        draft.changes = in_their_units(tree, draft, problems)
    return draft


def _check_start(tree: Node, block: Node, problems: Problems) -> None:
    """Note a past that begins after the run does."""
    run, then = tree.child("start"), block.child("start")
    first, day = run and run.content, then and then.content
    if run is None or then is None or not (isinstance(first, date) and isinstance(day, date)):
        return
    if day > first:
        text = f"is later than the first day of the run ({first}, {run.where}): no past{found(day)}"
        problems.add(then.where, OWN["start"], text)


def with_set(scenario: Scenario, draft: Draft) -> Scenario:
    """A scenario whose `validation.set` has one value for each path."""
    block = scenario.validation
    assert block is not None
    values = {".".join(change.path): change.edit().value for change in draft.changes}
    block = block.model_copy(update={"set": FrozenDict(values) if values else None})
    return scenario.model_copy(update={BLOCK: block})


def build_past(scenario: Scenario, draft: Draft, problems: Problems) -> Past | None:
    """The past of a valid scenario, what is wrong with it noted at its place."""
    block = scenario.validation
    assert block is not None
    bare = scenario.model_copy(update={BLOCK: block.model_copy(update={"set": None})})
    try:
        before = past(bare)
    except ValidationError as error:
        heading = replace(draft.node, where=draft.node.name)
        explain(errors_of(error), lambda _: (heading, BLOCK), problems)
        return None
    return Past(before, build_options({BLOCK: draft}, before, problems, sure=True).get(BLOCK))


def check_free(tree: Node, draft: Draft, file: str, problems: Problems) -> tuple[str, ...]:
    """Note the values under `validation.free` that a fit cannot move.

    Args:
        tree: What the files say, merged.
        draft: The past.
        file: Name of the file that extends the others.
        problems: Where mistakes are noted.

    Returns:
        Warnings: a file that is extended names a value of which this one says otherwise, or no
        published value is there to fit to.
    """
    node = draft.node.child("free")
    items = node.content if node is not None and isinstance(node.content, list) else []
    seen: set[str] = set()
    warnings = []
    for place, item in enumerate(items):
        if not isinstance(item.content, str):
            continue
        path, shown = item.content, f"{BLOCK}.free.{place}"
        never = "is named twice" if path in seen else _why_never_free(path)
        why_not = never or _why_not_free(path, tree, draft)
        seen.add(path)
        if never or (why_not and item.where.file == file):
            problems.add(item.where, shown, f"'{path}' {why_not}")
        elif why_not:
            warnings.append(f"{item.where}: {shown}: '{path}' {why_not}")
    if node is not None and items and not _has_value_to_fit(tree):
        text = "no observed value says 'use: fit', so there is nothing to fit these values to"
        warnings.append(f"{node.where}: {BLOCK}.free: {text}")
    return tuple(warnings)


def _has_value_to_fit(tree: Node) -> bool:
    node = tree.child("observed")
    items = node.content if node is not None and isinstance(node.content, list) else []
    uses = (item.child("use") for item in items)
    return any(use is not None and use.content == "fit" for use in uses)


def _why_never_free(path: str) -> str:
    """Why a fit can never move a setting, or nothing."""
    steps = tuple(path.split("."))
    if shape.type_at(steps) is None:
        return f"cannot be moved: {shape.no_such(steps)}"
    about_the_run = (*EMPTIED, *OF_THE_RUN)
    if steps[0] in IN_COMMON or any(_within(steps, tuple(e.split("."))) for e in about_the_run):
        return "cannot be moved: it is no assumption about the past"
    if path in OWN:
        return f"cannot be moved: its value in the past is said by '{OWN[path]}'"
    if any(shape.is_list(steps[:place]) for place in range(1, len(steps))):
        return "cannot be moved: it is in a list, which a file can only replace as a whole"
    return ""


def _why_not_free(path: str, tree: Node, draft: Draft) -> str:
    """Why a fit cannot move a value as the files have it, or nothing."""
    steps = tuple(path.split("."))
    for change in draft.changes:
        if _within(steps, change.path):
            said_by = ".".join((SET, *change.path))
            return f"cannot be moved: its value in the past is said by '{said_by}'"
    if path == DERIVED and _keeps_stock_and_flow(tree):
        return "cannot be moved: it is set so that entries and children in care agree"
    return _why_no_range(tree, steps)


def _why_no_range(tree: Node, steps: Loc) -> str:
    """Why a value has no range to be moved in, or nothing."""
    node: Node | None = tree
    for step in steps:
        node = None if node is None else node.child(step)
    if node is not None and not is_number(node.content):
        return f"must be the path of a number{found(plain(node, steps))}"
    about = None if node is None else node.about
    if about is None or about.low is None or about.high is None or about.low == about.high:
        stands = "" if node is None else f" (its value stands at {node.where})"
        return f"has no range to be moved in: give it 'low' and 'high'{stands}"
    return ""


def _within(steps: Loc, outer: Loc) -> bool:
    return steps[: len(outer)] == outer


def _keeps_stock_and_flow(tree: Node) -> bool:
    stays = tree.child("stays")
    node = None if stays is None else stays.child("keep_stock_and_flow")
    return node is None or node.content is not False
