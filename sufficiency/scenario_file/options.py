"""The options of a file: plans as edits of the baseline.

An option says `set` (a path, or groups within groups, and the new value), `add` (items for a list,
or an amount for a number) and `combine` (names of other options, whose edits come first). What a
table does not name stays as it is, as when a file extends another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from sufficiency.scenario import Edit, Option
from sufficiency.scenario_file import shape
from sufficiency.scenario_file.checking import Loc, plain
from sufficiency.scenario_file.given_files import READ, FileName, content_of
from sufficiency.scenario_file.merging import group_of, handed_down, in_units_of, is_number
from sufficiency.scenario_file.problems import Problems, did_you_mean, found
from sufficiency.scenario_file.reading import Node

PARTS = ("description", "set", "add", "combine")
IN_COMMON = (
    "name", "description", "start", "years", "replications", "seed", "validation", "observed",
    "history", "ledger", shape.PLAN, *shape.IN_FILE_ONLY,
)  # fmt: skip
"""What the options of a scenario share with the baseline, so that they can be compared."""
CHILDREN = ("authority", "children")
YEARLY = ("demand", "forecast", "yearly")


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """One edit, with the node that holds its value."""

    action: str
    path: Loc
    node: Node

    def edit(self) -> Edit:
        """The edit itself."""
        value = plain(self.node, self.path)
        return Edit.model_validate(
            {"action": self.action, "path": ".".join(self.path), "value": value}
        )


@dataclass(slots=True, eq=False)
class Draft:
    """An option as its file has it; or the edits that make the past of a scenario."""

    name: str
    node: Node
    path: str
    """Where it stands in the file."""
    changes: list[Change] = field(default_factory=list)
    """Its own edits; once options are combined, those of the others before them."""
    usable: bool = True
    """Whether all its edits could be read."""

    def option(self) -> Option:
        """The option as the rest of the program knows it."""
        said = self.node.child("description")
        description = said.text if said is not None and said.content is not None else ""
        edits = tuple(change.edit() for change in self.changes)
        return Option(name=self.name, description=description, edits=edits)


def read_options(
    tree: Node, base: Mapping[str, Any], problems: Problems, *, sure: bool = True
) -> dict[str, Draft]:
    """The options of a file's tree, each with its own edits.

    Args:
        tree: What the files say, merged.
        base: Values of the baseline, which say what is a list and what a number.
        problems: Where mistakes are noted.
        sure: False where the baseline is not valid itself, so that its values are only those that
            files state: then what is missing may be a default of the model.
    """
    node = tree.child("options")
    if node is None or node.content is None:
        return {}
    if not isinstance(node.content, dict):
        text = f"must be a group of options by name{found(node.content)}"
        problems.add(node.where, "options", text)
        return {}
    drafts = {}
    for name, body in node.content.items():
        draft = drafts[name] = Draft(name, body, f"options.{name}")
        _check_heading(draft, problems)
        for action in ("set", "add"):
            draft.changes += _own_changes(draft, action, base, problems, sure)
        draft.changes = in_their_units(tree, draft, problems)
    return drafts


def _check_heading(draft: Draft, problems: Problems) -> None:
    node, name, path = draft.node, draft.name, draft.path
    if name == "baseline" or not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        text = "is not a name for an option: small letters, digits and '_', and not 'baseline'"
        problems.add(node.name, path, text)
    if not isinstance(node.content, dict) or not node.content.keys() & {"set", "add", "combine"}:
        problems.add(node.name, path, "must be a group that says 'set', 'add' or 'combine'")
    for part, body in group_of(node).items():
        if part not in PARTS:
            problems.add(body.name, f"{path}.{part}", f"no such part{did_you_mean(part, PARTS)}")
        elif part == "description" and isinstance(body.content, dict | list):
            problems.add(body.where, f"{path}.{part}", f"must be text{found(body.content)}")


def in_their_units(tree: Node, draft: Draft, problems: Problems) -> list[Change]:
    """The edits of a draft, with values in the units of the settings that they change."""
    changes = []
    for change in draft.changes:
        node = in_units_of(tree, change.node, change.path, problems, edits=draft.path)
        filled = _with_file(node, change.path, draft, problems)
        if filled is None:
            draft.usable = False
        else:
            changes.append(replace(change, node=filled))
    return changes


def _with_file(node: Node, at: Loc, draft: Draft, problems: Problems) -> Node | None:
    """A value with the content of the file it names, if it does; None where it cannot be read."""
    if isinstance(node.content, FileName) and at in READ:
        return content_of(node, at, None, problems, said_by=draft.path)
    inner: dict[str, Node] = {}
    for name, child in group_of(node).items():
        filled = _with_file(child, (*at, name), draft, problems)
        if filled is None:
            return None
        inner[name] = filled
    return replace(node, content=inner) if inner else node


def _own_changes(
    draft: Draft, action: str, base: Mapping[str, Any], problems: Problems, sure: bool
) -> list[Change]:
    body = draft.node.child(action)
    if body is None or body.content is None:
        return []

    refuse = refusing(draft, problems)
    if not isinstance(body.content, dict):
        refuse(body, (action,), f"must be a group of settings and values{found(body.content)}")
        return []
    make = partial(_additions, sure=sure) if action == "add" else settings_of
    return list(make(nested(known(body, (), _why_not, refuse), (), refuse), base, (), refuse))


Refuse = Callable[..., None]


def refusing(draft: Draft, problems: Problems) -> Refuse:
    """A way to note what is wrong with a draft, which then cannot be built."""

    def refuse(node: Node, at: Loc, text: str, *, name: bool = False) -> None:
        where = node.name if name else node.where
        problems.add(where, ".".join((draft.path, *at)), text)
        draft.usable = False

    return refuse


def known(node: Node, at: Loc, why_not: Callable[[Loc], str], refuse: Refuse) -> Node:
    """A group without the settings that do not exist or may not be set, each of them refused."""
    group = {}
    for name, child in group_of(node).items():
        steps = (*at, *name.split("."))
        annotation = shape.type_at(steps)
        reason = why_not(steps) or ("" if annotation is not None else shape.no_such(steps))
        if reason:
            refuse(child, steps, reason, name=True)
        elif shape.is_single(annotation) or not _is_open(child) or _lacks_dashes(child, steps):
            group[name] = child
        else:
            group[name] = known(child, steps, why_not, refuse)
    return replace(node, content=group)


def _why_not(steps: Loc) -> str:
    if steps[0] in IN_COMMON:
        return f"no option can change '{steps[0]}': it is the same for all that are compared"
    if steps[:2] == CHILDREN:
        return f"no option can change '{'.'.join(CHILDREN)}': who is in care is no plan"
    if steps[:3] == YEARLY:
        return f"no option can change '{'.'.join(YEARLY)}': change a rate, which scales the entries"
    return ""


def _is_open(node: Node) -> bool:
    """Whether a value is a group that may be set in part; a named distribution is one value."""
    return isinstance(node.content, dict) and "distribution" not in node.content


def _lacks_dashes(node: Node, at: Loc) -> bool:
    """Whether a group stands where a list is kept, and not for items of it by number."""
    return shape.is_list(at) and not all(name.split(".")[0].isdecimal() for name in group_of(node))


def nested(node: Node, at: Loc, refuse: Refuse) -> Node:
    """A group whose dotted names are groups within groups."""
    top: dict[str, Node] = {}
    for name, child in handed_down(node).items():
        first, *rest = name.split(".")
        inner = nested(child, (*at, first, *rest), refuse) if _is_open(child) else child
        for step in reversed(rest):
            inner = Node({step: inner}, child.name, child.name)
        top[first] = _joined(top[first], inner, (*at, first), refuse) if first in top else inner
    return replace(node, content=top, about=None)


def _joined(one: Node, other: Node, at: Loc, refuse: Refuse) -> Node:
    """Two groups of settings as one; they may not set the same thing."""
    if not (_is_open(one) and _is_open(other)):
        refuse(other, at, "is set twice", name=True)
        return other
    group = dict(group_of(one))
    for name, child in group_of(other).items():
        inside = (*at, name)
        group[name] = _joined(group[name], child, inside, refuse) if name in group else child
    return replace(one, content=group)


def settings_of(node: Node, base: Any, at: Loc, refuse: Refuse) -> Iterator[Change]:
    """The edits of a `set`: one for each value, or for a table that gains an entry."""
    for name, child in group_of(node).items():
        here, there = (*at, name), _entry(base, name)
        if isinstance(base, list) and there is None:
            refuse(child, here, f"there is no item {name}; the list has {len(base)}, from 0")
        elif not _is_open(child) or not isinstance(there, dict | list):
            yield Change("set", here, child)
        elif isinstance(there, dict) and any(entry not in there for entry in group_of(child)):
            # No edit of a single value can give a table an entry: set the whole table.
            yield Change("set", here, _filled(child, there))
        elif _lacks_dashes(child, here):
            yield Change("set", here, child)
        else:
            yield from settings_of(child, there, here, refuse)


def _entry(base: Any, name: str) -> Any:
    if isinstance(base, list):
        return base[int(name)] if name.isdecimal() and int(name) < len(base) else None
    return base.get(name) if isinstance(base, dict) else None


def _filled(child: Node, there: dict[str, Any]) -> Node:
    """A table with the entries that an option leaves alone, which then stand where it does."""
    entries = {name: _as_node(value, child) for name, value in there.items()}
    for name, node in group_of(child).items():
        inner = there.get(name)
        both = _is_open(node) and isinstance(inner, dict)
        entries[name] = _filled(node, inner) if both and isinstance(inner, dict) else node
    return replace(child, content=entries)


def _as_node(value: Any, at: Node) -> Node:
    make = partial(Node, where=at.where, name=at.name)
    if isinstance(value, dict):
        return make({name: _as_node(entry, at) for name, entry in value.items()})
    if isinstance(value, list):
        return make([_as_node(item, at) for item in value])
    return make(value, text=str(value))


def _additions(node: Node, base: Any, at: Loc, refuse: Refuse, *, sure: bool) -> Iterator[Change]:
    """The edits of an `add`."""
    for name, child in group_of(node).items():
        here, there = (*at, name), _entry(base, name)
        open_ended = isinstance(there, dict) or (there is None and not sure)
        if open_ended and isinstance(child.content, dict):
            yield from _additions(child, there, here, refuse, sure=sure)
            continue
        why_not = "" if there is None and not sure else _why_not_added(child, there)
        if why_not:
            refuse(child, here, why_not)
        else:
            yield Change("add", here, child)


def _why_not_added(child: Node, there: Any) -> str:
    if isinstance(there, list):
        fits = isinstance(child.content, list)
        return "" if fits else f"must be a list of what to add{found(child.content)}"
    if there is None:
        return "has no value to add to; use 'set'"
    if not is_number(there):
        return "only a list or a number can be added to; use 'set'"
    return "" if is_number(child.content) else f"must be a number to add{found(child.content)}"
