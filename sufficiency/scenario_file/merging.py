"""From the tree of a file to that of a scenario: sourced values unwrapped, `extends` followed.

The rules, in one place:

- A group that has the name `value` is a *sourced value*; it may stand anywhere, and its value may
  be a number, a list or a table.
- A child's groups and tables merge into the parent's, name by name; its values and lists replace.
  A named distribution is one value: one that says `distribution` replaces the parent's.
- A name with nothing behind it changes nothing where the parent has a group, so that a file may
  keep the heading of a section whose lines are all comments.
- A forecast is one value too: a file replaces yearly counts, and they a file.
- What a child overrides loses the parent's source, range, date, confidence and note, and keeps its
  unit. Entries of a sourced table that the child leaves alone keep the source of the table.
- Options merge in the same way: a child has its parent's options, and may redefine or add to them.
- The name of a file beside a scenario file is read relative to the file that says it.
- `validation.set` merges setting by setting, whichever way each file writes the paths (`past`).
"""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import Any

from sufficiency.scenario_file import shape
from sufficiency.scenario_file.given_files import with_content, with_folder
from sufficiency.scenario_file.problems import Problems, did_you_mean, found
from sufficiency.scenario_file.reading import (
    About,
    Node,
    display,
    read_file,
    shipped,
)

ABOUT = ("low", "high", "unit", "source", "as_of", "confidence", "note")
LONGEST_CHAIN = 10
FORECAST = ("demand", "forecast")


def is_number(value: object) -> bool:
    """Whether a value is a number; a flag is none, though Python thinks so."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def group_of(node: Node | None) -> dict[str, Node]:
    """The settings of a group; none where the value is no group."""
    return node.content if node is not None and isinstance(node.content, dict) else {}


def read_chain(root: Node, path: Path, problems: Problems) -> tuple[list[tuple[str, Node]], bool]:
    """A file's tree and those of the files it extends, nearest first; False if one is missing."""
    chain = [(display(path), _read(root, path, problems))]
    seen = [path.resolve()]
    while "extends" in group_of(root):
        node = group_of(root)["extends"]
        parent = _parent(node, path, seen, problems)
        tree = None if parent is None else read_file(parent, problems)
        if parent is None or tree is None:
            return chain, False
        root, path = tree, parent
        seen.append(path.resolve())
        chain.append((display(path), _read(root, path, problems)))
    return chain, True


def _read(root: Node, path: Path, problems: Problems) -> Node:
    """The tree of a file with bare values; names of files beside it know where that is."""
    return with_folder(_unwrapped(root, (), problems), path.parent)


def _parent(node: Node, path: Path, seen: list[Path], problems: Problems) -> Path | None:
    """The file that `extends` means: beside the file that says so, else a shipped one."""
    if not isinstance(node.content, str):
        text = f"must be the name or path of one other file{found(node.content)}"
        problems.add(node.where, "extends", text)
        return None
    name = node.content
    candidates = [path.parent / name, path.parent / f"{name}.yaml", shipped().get(name)]
    for candidate in candidates:
        if candidate is not None and _is_file(candidate):
            break
    else:
        others = {p.stem for p in path.parent.glob("*.yaml")} - {path.stem} | set(shipped())
        hint = did_you_mean(name, sorted(others))
        problems.add(node.where, "extends", f"no such file or shipped scenario{found(name)}{hint}")
        return None
    if candidate.resolve() in seen:
        circle = " -> ".join([*(p.name for p in seen), candidate.name])
        problems.add(node.where, "extends", f"goes round in a circle: {circle}")
        return None
    if len(seen) >= LONGEST_CHAIN:
        problems.add(node.where, "extends", f"more than {LONGEST_CHAIN} files extend one another")
        return None
    return candidate


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def merged(chain: list[tuple[str, Node]], problems: Problems) -> Node:
    """One tree of a file and those it extends, with the content of the files that they name."""
    trees = [tree for _, tree in reversed(chain)]
    tree = reduce(lambda parent, child: merge(parent, child, (), problems), trees)
    return with_content(tree, problems)


def _unwrapped(node: Node, at: shape.Path, problems: Problems) -> Node:
    """A tree whose sourced values are bare, with what they say of themselves beside them."""
    if isinstance(node.content, list):
        items = [_unwrapped(n, (*at, str(i)), problems) for i, n in enumerate(node.content)]
        return replace(node, content=items)
    if not isinstance(node.content, dict):
        return node
    if "value" in node.content and not _keeps_value(at):
        return _sourced(node, node.content, at, problems)
    group = {name: _unwrapped(n, (*at, name), problems) for name, n in node.content.items()}
    return replace(node, content=group)


def _keeps_value(at: shape.Path) -> bool:
    """Whether `value` is a name like any other here: in a list of observed values, for example."""
    return (
        not at
        or (at[0] in ("observed", "history", "changes") and len(at) <= 2)
        or (at[0] == "options" and len(at) <= 3)
    )


def _sourced(node: Node, group: dict[str, Node], at: shape.Path, problems: Problems) -> Node:
    path = ".".join(at)
    for name, extra in group.items():
        if name not in ("value", *ABOUT):
            text = f"no such setting of a sourced value{did_you_mean(name, ABOUT)}"
            problems.add(extra.name, f"{path}.{name}", text)
    inner = _unwrapped(group["value"], at, problems)
    if inner.about is not None:
        problems.add(inner.where, path, "is a sourced value inside a sourced value")
    about = _about({name: group[name] for name in ABOUT if name in group}, path, problems)
    _check_range(about, group, inner, path, problems)
    return replace(inner, name=node.name, about=about)


def _about(group: dict[str, Node], path: str, problems: Problems) -> About:
    says: dict[str, Any] = {}
    for name, node in group.items():
        if isinstance(node.content, dict | list):
            problems.add(node.where, f"{path}.{name}", f"must be text{found(node.content)}")
        elif name not in ("low", "high"):
            says[name] = node.text if node.content is not None else ""
        elif is_number(node.content):
            says[name] = node.content
        else:
            problems.add(node.where, f"{path}.{name}", f"must be a number{found(node.content)}")
    places = {name: node.where for name, node in group.items()}
    return About(
        **says, range_where=places.get("low", places.get("high")), unit_where=places.get("unit")
    )


def _check_range(
    about: About, group: dict[str, Node], inner: Node, path: str, problems: Problems
) -> None:
    stated = [name for name in ("low", "high") if name in group]
    if not stated:
        return
    where = group[stated[0]].where
    if len(stated) == 1:
        problems.add(where, path, f"has '{stated[0]}' alone; a range needs both low and high")
    elif not is_number(inner.content):
        problems.add(where, path, "has a range, which only a single number can have")
    elif about.low is not None and about.high is not None:
        low, high = about.low, about.high
        if not low <= inner.content <= high:  # type: ignore[operator]  # all three are known to be numbers
            text = f"the range from {low} to {high} does not contain {inner.text}"
            problems.add(where, path, text)


def merge(parent: Node, child: Node, at: shape.Path, problems: Problems) -> Node:
    """A parent's value overridden by a child's."""
    _check_unit(parent, child, at, problems)
    if not isinstance(parent.content, dict):
        return _with_unit(child, parent)
    if child.content is None and not shape.may_be_nothing(at):
        return parent
    if not isinstance(child.content, dict) or _replaces(child, parent, at):
        return _with_unit(child, parent)
    mine, yours = handed_down(parent), handed_down(child)
    group = dict(mine)
    for name, node in yours.items():
        group[name] = merge(mine[name], node, (*at, name), problems) if name in mine else node
    unit = (child.about and child.about.unit) or (parent.about and parent.about.unit)
    return replace(child, content=group, about=About(unit=unit) if unit else None)


def _replaces(child: Node, parent: Node, at: shape.Path) -> bool:
    """Whether a group is one value: a distribution, a forecast, or a table sourced anew."""
    if at == FORECAST and group_of(child).keys().isdisjoint(group_of(parent)):
        return bool(group_of(child))  # a file in place of yearly counts, or the other way round
    return "distribution" in group_of(child) or (child.about is not None and _covers(child, parent))


def _covers(child: Node, parent: Node) -> bool:
    """Whether a child's table has every entry of the parent's."""
    return all(
        name in group_of(child) and _covers(group_of(child)[name], entry)
        for name, entry in group_of(parent).items()
    )


def _with_unit(child: Node, parent: Node) -> Node:
    """A child's value, which keeps the parent's unit unless it states its own."""
    if parent.about is None or not parent.about.unit or (child.about and child.about.unit):
        return child
    return replace(child, about=replace(child.about or About(), unit=parent.about.unit))


def handed_down(table: Node) -> dict[str, Node]:
    """The entries of a table, each with the table's source and unit unless it has its own."""
    assert isinstance(table.content, dict)
    if table.about is None:
        return table.content
    about = table.about
    return {
        name: replace(node, about=about) if node.about is None else _with_unit(node, table)
        for name, node in table.content.items()
    }


def _check_unit(parent: Node, child: Node, at: shape.Path, problems: Problems) -> None:
    """Refuse a unit that contradicts the inherited one; what follows a comma is detail."""
    if child.about is None or parent.about is None:
        return
    ours, theirs = child.about.unit, parent.about.unit
    if ours and theirs and plain_unit(ours) != plain_unit(theirs):
        where = child.about.unit_where or child.where
        text = f"the unit '{ours}' contradicts '{theirs}', the unit of this setting"
        if not problems.at(where):
            problems.add(where, ".".join(at), text)


def plain_unit(unit: str) -> str:
    """A unit without its details and the way it is written."""
    return " ".join(unit.split(",")[0].lower().split())


def in_units_of(tree: Node, node: Node, at: shape.Path, problems: Problems, *, edits: str) -> Node:
    """A value that some edits give, in the unit of the setting unless it says the same.

    Args:
        tree: What the files say, merged.
        node: The value.
        at: Path of the setting.
        problems: Where mistakes are noted.
        edits: Where the edits stand in the file.
    """
    base, unit = tree, ""
    for step in at:
        child = base.child(step)
        if child is None:
            return node
        base, unit = child, (child.about.unit if child.about and child.about.unit else unit)
    if node.about is not None and unit:
        parent = replace(base, about=About(unit=unit))
        _check_unit(parent, node, (edits, *at), problems)
        node = _with_unit(node, parent)
    inside = {
        name: in_units_of(tree, entry, (*at, name), problems, edits=edits)
        for name, entry in group_of(node).items()
    }
    return replace(node, content=inside) if inside else node
