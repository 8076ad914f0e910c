"""Files that a scenario names: which they are, where they are, and their content in their place.

A file is named relative to the scenario file that names it, also where another file extends that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

from sufficiency.scenario.given import Given
from sufficiency.scenario_file.children_in_care import read_children
from sufficiency.scenario_file.entry_paths import read_entry_paths
from sufficiency.scenario_file.problems import Problems
from sufficiency.scenario_file.reading import Node

Steps = tuple[str, ...]
Read = Callable[[Path, date | None, Problems], Given | None]

READ: dict[Steps, Read] = {
    ("demand", "forecast", "file"): lambda path, _, problems: read_entry_paths(path, problems),
    ("authority", "children", "file"): read_children,
}
"""The settings that name a file, and how it is read."""
LAST_STEP = "file"


class FileName(str):
    """The name of a file, which knows the folder of the scenario file that says it."""

    folder: Path

    def __new__(cls, name: str, folder: Path) -> FileName:
        """The name, and where it stands."""
        made = super().__new__(cls, name)
        made.folder = folder
        return made

    @property
    def path(self) -> Path:
        """The file that is meant."""
        return (self.folder / str(self)).absolute()


def with_folder(node: Node, folder: Path, last: str = "") -> Node:
    """A tree in which every name of a file knows the folder of the file that says it."""
    content = node.content
    if isinstance(content, dict):
        inner = {name: with_folder(child, folder, name) for name, child in content.items()}
        changed = any(inner[name] is not child for name, child in content.items())
        return replace(node, content=inner) if changed else node
    if last.rpartition(".")[2] == LAST_STEP and type(content) is str:
        return replace(node, content=FileName(content, folder))
    return node


def without_lost(root: Node, folder: Path) -> Node:
    """The tree of one file without the children in care, if their file is not there any more."""
    section = root.child("authority")
    block = section.child("children") if section is not None else None
    node = block.child(LAST_STEP) if block is not None else None
    node = node.child("value") or node if node is not None else None
    lost = node is not None and not (folder / node.text).exists()
    if section is None or not lost:
        return root
    assert isinstance(section.content, dict)
    assert isinstance(root.content, dict)
    rest = {name: child for name, child in section.content.items() if name != "children"}
    return replace(root, content={**root.content, "authority": replace(section, content=rest)})


def with_content(tree: Node, problems: Problems) -> Node:
    """A merged tree with the content of the files it names; without what could not be read."""
    first = tree.child("start")
    start = first.content if first is not None and isinstance(first.content, date) else None
    for steps in READ:
        tree = _filled(tree, steps, start, problems)
    return tree


def _filled(tree: Node, steps: Steps, start: date | None, problems: Problems) -> Node:
    """The tree with one file read; without the group that names it where it cannot be."""
    section, group, last = (tree.child(steps[0]), *steps[1:])
    block = section.child(group) if section is not None else None
    node = block.child(last) if block is not None else None
    if section is None or block is None or node is None or not isinstance(node.content, FileName):
        return tree
    found = content_of(node, steps, start, problems)
    assert isinstance(section.content, dict)
    assert isinstance(block.content, dict)
    inside = dict(section.content)
    if found is None:
        del inside[group]
    else:
        inside[group] = replace(block, content={**block.content, last: found})
    section = replace(section, content=inside)
    assert isinstance(tree.content, dict)
    return replace(tree, content={**tree.content, steps[0]: section})


def content_of(
    node: Node, steps: Steps, start: date | None, problems: Problems, *, said_by: str = ""
) -> Node | None:
    """A node with the content of the file that it names, or None with what is wrong noted.

    Args:
        node: The node of the setting.
        steps: Path of the setting.
        start: First day of the run, if it is known.
        problems: Where mistakes are noted.
        said_by: Where in the scenario file the setting stands, if not at its own place.
    """
    assert isinstance(node.content, FileName)
    found = Problems()
    given = READ[steps](node.content.path, start, found)
    for problem in found:
        if problem.where.line:
            problems.add(*problem)
        else:  # about the file as a whole: where it is named
            path = ".".join((said_by, *steps)).lstrip(".")
            problems.add(node.where, path, f"{problem.where.file} {problem.text}")
    return None if given is None else replace(node, content=given)
