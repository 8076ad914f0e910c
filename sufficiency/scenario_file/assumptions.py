"""The assumptions log: every value of a scenario with its source, range and place in a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sufficiency.scenario import Assumption, Scenario, as_tree
from sufficiency.scenario_file.checking import Loc, plain
from sufficiency.scenario_file.options import Draft
from sufficiency.scenario_file.reading import About, Node
from sufficiency.scenario_file.shape import PLAN

NOT_ASSUMED = (
    "name", "description", "start", "years", "replications", "seed", "observed", "history", PLAN,
)  # fmt: skip
"""Labels, the run itself, what it is only compared with, what was before it, who answers for it."""

BLOCK = "validation"
STOCK_THEN = ("children_in_care", "uasc_in_care")
"""What is assumed of the past beside the settings that were different."""

LABELS = ("name", "on", "path")
"""Names in the items of a list that say which one is meant."""

BY_DEFAULT = "default of the model"


def assumptions_of(
    tree: Node, scenario: Scenario, drafts: Mapping[str, Draft], past: Draft | None = None
) -> tuple[Assumption, ...]:
    """A row for every value, in the order of the file; then the sourced values of options.

    Args:
        tree: What the files say, merged.
        scenario: The same, validated.
        drafts: The options.
        past: What `validation.set` sets; each of its values has a row too.
    """
    rows: list[Assumption] = []
    values = as_tree(scenario)
    for name, value in values.items():
        if name == BLOCK:
            rows += _past_rows(past, value) if past is not None else ()
        elif name not in NOT_ASSUMED:
            rows += _rows(tree.child(name), value, (name,))
    for draft in drafts.values():
        for change in draft.changes:
            rows += _sourced_rows(change.node, ("options", draft.name, *change.path))
    return tuple(rows)


def _past_rows(past: Draft, block: Mapping[str, Any]) -> Iterator[Assumption]:
    """Rows of the children in care when the past begins, and of the values that were different."""
    for name in STOCK_THEN:
        yield from _rows(past.node.child(name), block[name], (BLOCK, name))
    for change in past.changes:
        value, at = plain(change.node, change.path), (BLOCK, "set", *change.path)
        if value is None and change.node.about is None:
            yield _row(change.node, at)
        else:
            yield from _rows(change.node, value, at)


def _rows(node: Node | None, value: Any, at: Loc) -> Iterator[Assumption]:
    if node is None:
        yield from _default_rows(value, at)
    elif node.about is not None and (_says_more_than_unit(node.about) or not _is_group(value)):
        yield _row(node, at)
        yield from _inner_rows(node, at)
    elif _is_group(value):
        unit = node.about.unit if node.about else ""
        for step, entry in _entries(value):
            if step not in LABELS:
                child = node.child(step)
                yield from _rows(child and _with_unit(child, unit), entry, (*at, step))
    elif value is not None:
        yield _row(node, at)
        yield from _inner_rows(node, at)


def _with_unit(node: Node, unit: str) -> Node:
    if not unit or node.about is not None:
        return node
    return Node(node.content, node.where, node.name, About(unit=unit), node.text)


def _says_more_than_unit(about: About) -> bool:
    texts = (about.source, about.confidence, about.note, about.as_of)
    return any(texts) or about.low is not None


def _is_group(value: Any) -> bool:
    """Whether a value has parts with rows of their own; a named distribution has not."""
    if isinstance(value, list):
        return any(isinstance(item, dict) for item in value)
    return isinstance(value, dict) and "distribution" not in value


def _entries(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return list(value.items())
    return [(str(place), item) for place, item in enumerate(value)]


def _default_rows(value: Any, at: Loc) -> Iterator[Assumption]:
    """Rows for what no file says; that there is none of something needs no row."""
    if _is_group(value):
        for step, entry in _entries(value):
            yield from _default_rows(entry, (*at, step))
    elif value and not needs_no_row(at):
        yield Assumption(path=".".join(at), value=value, source=BY_DEFAULT, confidence="assumption")


def needs_no_row(at: Loc) -> bool:
    """Whether a default is not worth a row: the month of an uplift, April for a dozen types."""
    return at[:2] == ("prices", "uplift") and at[-1] == "month"


def _sourced_rows(node: Node, at: Loc) -> Iterator[Assumption]:
    if node.about is not None:
        yield _row(node, at)
    yield from _inner_rows(node, at)


def _inner_rows(node: Node, at: Loc) -> Iterator[Assumption]:
    """Rows for sourced values inside a value."""
    if isinstance(node.content, dict):
        for name, child in node.content.items():
            yield from _sourced_rows(child, (*at, name))
    elif isinstance(node.content, list):
        for place, child in enumerate(node.content):
            yield from _sourced_rows(child, (*at, str(place)))


def _row(node: Node, at: Loc) -> Assumption:
    says = node.about or About()
    return Assumption(
        path=".".join(at),
        value=plain(node, at),
        low=says.low,
        high=says.high,
        unit=says.unit,
        source=says.source,
        as_of=says.as_of,
        confidence=says.confidence,
        note=says.note,
        where=str(node.where),
    )
