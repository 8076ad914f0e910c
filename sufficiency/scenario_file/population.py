"""Settings that rest on the children who live in an authority, and whose number that is.

A file that says how many children are in care is about an authority of its own. If the number of
children who live there is still that of the file it extends, the threshold of the transfer scheme
is another authority's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sufficiency.scenario import Scenario
from sufficiency.scenario_file.checking import Loc
from sufficiency.scenario_file.merging import group_of
from sufficiency.scenario_file.options import Draft
from sufficiency.scenario_file.problems import Problems, Where, shown
from sufficiency.scenario_file.reading import Node

POPULATION = ("authority", "child_population")
CHILDREN = ("authority", "children_in_care")
SCALED = "England's children for each child in care (assumption)"
"""Source of a number of children that is in proportion to those in care."""
PUT_IN_YOURS = "not in the data: put in the ONS estimate; the transfer threshold rests on it"
"""What to know of it."""
RESTS_ON_IT = (("demand", "uasc", "transfer_scheme"), ("demand", "entries_per_10000_children"))
"""Settings that mean nothing without the number of children who live there."""

Places = Iterator[tuple[Where, str]]


def scaled_population(base: Scenario, children: int) -> int | None:
    """As many children as the base has for each child in care; None where that is not known."""
    usual = base.authority
    if not usual.children_in_care or not children:
        return None
    # At least 1: a number above 0 must be stated.
    return max(round(usual.child_population * children / usual.children_in_care), 1)


def check_population(
    chain: list[tuple[str, Node]],
    drafts: Mapping[str, Draft],
    past: Draft | None,
    problems: Problems,
) -> tuple[str, ...]:
    """Note settings that rest on another authority's population; return a warning if none does.

    Args:
        chain: Name and tree of a file and those it extends, nearest first.
        drafts: Its options.
        past: Its past.
        problems: Where mistakes are noted.
    """
    *own, (_, root) = chain
    if not own or any(stated_in(tree, POPULATION) for _, tree in own):
        return ()
    theirs = stated_in(root, POPULATION)
    from_where = f"{shown(theirs.content)}, {theirs.where}" if theirs else "not stated"
    whose = f"another authority's ({from_where})"
    said: set[Where] = set()
    for where, path in _resting(own, [*drafts.values(), *([past] if past else [])]):
        if where not in said:  # an option that combines others repeats theirs
            text = f"rests on authority.child_population, which is {whose}: state it too"
            problems.add(where, path, text)
            said.add(where)
    stated = [child for _, tree in own if (child := stated_in(tree, CHILDREN))]
    if said or not stated:
        return ()
    return (
        f"{stated[0].where}: the children in care are stated, but not authority.child_population: "
        f"the threshold of the transfer scheme rests on it, and it is {whose}",
    )


def _resting(own: list[tuple[str, Node]], drafts: list[Draft]) -> Places:
    """Where files, their options, dated changes and past set something that rests on it."""
    files = {name for name, _ in own}
    for _, tree in own:
        for steps in RESTS_ON_IT:
            node = stated_in(tree, steps)
            if node is not None and not (isinstance(node.content, dict) and not node.content):
                yield node.name, ".".join(steps)
        yield from _changed(tree)
    for draft in drafts:
        if any(change.path == POPULATION for change in draft.changes):
            continue
        for change in draft.changes:
            if change.node.where.file in files and _rests(change.path):
                yield change.node.name, ".".join((draft.path, *change.path))


def _changed(tree: Node) -> Places:
    """The dated changes of a file to such settings."""
    changes = tree.child("changes")
    items = changes.content if changes is not None and isinstance(changes.content, list) else ()
    for place, item in enumerate(items):
        path = group_of(item).get("path")
        if path is not None and isinstance(path.content, str) and _rests(path.content.split(".")):
            yield path.where, f"changes.{place}.path"


def _rests(steps: Loc | list[str]) -> bool:
    return any(tuple(steps[: len(rests)]) == rests for rests in RESTS_ON_IT)


def stated_in(tree: Node, steps: Loc) -> Node | None:
    """The node at a path of one file, if it says something there."""
    node: Node | None = tree
    for step in steps:
        node = None if node is None else node.child(step)
    return None if node is None or node.content is None else node
