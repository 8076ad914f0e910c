"""A YAML file into a tree of nodes that know where they stand, and nothing else.

Built from the parser's events rather than its objects: every value keeps its own position, a file
nested ten thousand deep costs nothing, and anchors, tags and merge keys are refused before they
are followed. Names are kept as they are written, so `18:` and `"18":` are the same setting.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.nodes import ScalarNode

from sufficiency.scenario.given import Given
from sufficiency.scenario_file.problems import (
    Problem,
    Problems,
    ScenarioFileError,
    Where,
    did_you_mean,
    nearest,
)

MAX_BYTES = 1_000_000
MAX_NODES = 20_000
MAX_DEPTH = 25

Scalar = str | int | float | bool | date | Given | None
"""A single value; `Given` is the content of a file that the scenario names."""


@dataclass(frozen=True, slots=True)
class About:
    """What a sourced value says about itself."""

    low: float | None = None
    high: float | None = None
    unit: str = ""
    source: str = ""
    as_of: str = ""
    confidence: str = ""
    note: str = ""
    range_where: Where | None = None
    """Position of the range."""
    unit_where: Where | None = None
    """Position of the unit."""


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A value of a file, a group or a list of them, with its position."""

    content: Scalar | dict[str, Node] | list[Node]
    where: Where
    name: Where
    """Position of its name in the group it belongs to; of the value itself, in a list."""
    about: About | None = None
    text: str = ""
    """A single value as it is written."""

    def child(self, step: str) -> Node | None:
        """The value at one step of a path."""
        if isinstance(self.content, dict):
            return self.content.get(step)
        if isinstance(self.content, list) and step.isdecimal() and len(step) < 6:
            return self.content[int(step)] if int(step) < len(self.content) else None
        return None


def shipped_folders() -> tuple[Path, ...]:
    """Where shipped scenarios are: in the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    return package / "shipped_scenarios", package.parent / "scenarios"


def shipped() -> dict[str, Path]:
    """Shipped scenarios by name."""
    found = (path for folder in shipped_folders() for path in sorted(folder.glob("*.yaml")))
    return {path.stem: path for path in reversed(list(found))}


def find(name_or_path: str | Path) -> Path:
    """The file meant by a path or by the name of a shipped scenario.

    Raises:
        ScenarioFileError: There is none; the message suggests one.
    """
    path = Path(name_or_path)
    candidates = [path, shipped().get(str(name_or_path)), Path(f"{name_or_path}.yaml")]
    for candidate in candidates:
        if candidate is not None and _is(candidate, os.path.isfile):
            return candidate
    problems = Problems()
    if _is(path, os.path.isdir):
        problems.add(Where(str(path)), "", "is a folder; give the file in it")
    elif _is(path, os.path.exists):
        problems.add(Where(str(path)), "", "is not a file")
    else:
        problems.add(Where(str(path)), "", f"no such file or shipped scenario{_others(path)}")
    raise ScenarioFileError(str(path), problems)


def named_from(folder: Path, name_or_path: str | Path) -> str:
    """A scenario as a file in a folder names it: its shipped name, or relative to the folder."""
    path = find(name_or_path)
    if path == shipped().get(str(name_or_path)):
        return str(name_or_path)
    try:
        return Path(os.path.relpath(path, folder.absolute())).as_posix()
    except ValueError:  # another drive
        return str(path.absolute())


def _is(path: Path, test: Any) -> bool:
    """Test a path; one that no file system could hold is simply not there."""
    try:
        return bool(test(path))
    except (OSError, ValueError):
        return False


def _others(path: Path) -> str:
    try:
        beside = [str(other) for other in path.parent.glob("*.yaml")]
    except (OSError, ValueError):
        beside = []
    near = nearest(str(path), [*shipped(), *beside])
    hint = did_you_mean(str(path), [near]) if near else ""
    return f"{hint}; shipped: {', '.join(sorted(shipped()))}"


def display(path: Path) -> str:
    """A path as messages show it: relative where it can be, and without where we are installed."""
    if path.absolute().parent in shipped_folders():
        return f"scenarios/{path.name}"
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def read_file(path: Path, problems: Problems) -> Node | None:
    """The tree of a file, or None where it cannot be read at all."""
    text = read_utf8(path, problems)
    return None if text is None else read_text(text, display(path), problems)


def read_utf8(path: Path, problems: Problems) -> str | None:
    """The text of a file of at most 1 MB, or None."""
    where = Where(display(path))
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        problems.add(where, "", f"cannot be read: {getattr(error, 'strerror', None) or error}")
        return None
    if len(data) > MAX_BYTES:
        problems.add(where, "", "is larger than 1 MB, which no file of settings is")
        return None
    return _decoded(data, where.file, problems)


def _decoded(data: bytes, file: str, problems: Problems) -> str | None:
    """The text of a file, which must be UTF-8; Notepad's byte order mark is accepted."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig", errors="replace")
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        problems.add(Where(file, line, column), "", "is not UTF-8 text: save as UTF-8")
        return None


def read_text(text: str, file: str, problems: Problems) -> Node | None:
    """The tree of a text, which must hold one group of settings."""
    root, found = _parsed(text, file)
    for problem in found:
        problems.add(*problem)
    return root


@lru_cache(maxsize=16)
def _parsed(text: str, file: str) -> tuple[Node | None, tuple[Problem, ...]]:
    """Tree and problems of a text; remembered, because nearly every file extends `england`."""
    problems = Problems()
    return _tree(text, file, problems), tuple(problems)


def _tree(text: str, file: str, problems: Problems) -> Node | None:
    builder = _Builder(file, problems)
    try:
        for event in _events(text):
            builder.take(event)
    except _TooMuchError:
        return None
    except YAMLError as error:
        problems.add(_position(error, file), "", f"not readable YAML: {_reason(error)}")
        return None
    root = builder.root
    if root is None or (root.content is None and not root.text):
        problems.add(Where(file, 1, 1), "", "is empty")
    elif not isinstance(root.content, dict):
        problems.add(root.where, "", "must be a group of settings, like 'name: Our council'")
    else:
        return root
    return None


def _events(text: str) -> Iterator[Event]:
    yield from YAML(typ="safe", pure=True).parse(text)


def _position(error: YAMLError, file: str) -> Where:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    return Where(file, mark.line + 1, mark.column + 1) if mark else Where(file, 1, 1)


def _reason(error: YAMLError) -> str:
    if isinstance(error, MarkedYAMLError):
        parts = [part for part in (error.context, error.problem) if part]
        return ", ".join(str(part).split("\n")[0] for part in parts)
    return str(error).split("\n")[0]


class _TooMuchError(Exception):
    """The file is too large or too deep to go on."""


@dataclass(slots=True)
class _Open:
    """A group or list whose end has not been reached."""

    content: dict[str, Node] | list[Node]
    where: Where
    name: Where
    key: str | None = None
    key_where: Where | None = None
    ignored: bool = False


class _Builder:
    """Turns the parser's events into nodes, noting what a scenario file may not contain."""

    def __init__(self, file: str, problems: Problems) -> None:
        self.root: Node | None = None
        self._file, self._problems = file, problems
        self._open: list[_Open] = []
        self._nodes = self._documents = 0
        self._scalars = YAML(typ="safe", pure=True)

    def take(self, event: Event) -> None:
        """Take the next event."""
        where = Where(self._file, event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, DocumentStartEvent):
            self._start_document(event, where)
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            done = self._open.pop()
            self._place(Node(done.content, done.where, done.name))
        elif isinstance(event, ScalarEvent | MappingStartEvent | SequenceStartEvent | AliasEvent):
            self._count(where)
            self._refuse(event, where)
            self._value(event, where)

    def _start_document(self, event: DocumentStartEvent, where: Where) -> None:
        self._documents += 1
        if self._documents > 1:
            self._problems.add(where, "", "a second document ('---') begins; a file holds one")
            raise _TooMuchError
        if event.version or event.tags:
            self._problems.add(Where(self._file, 1, 1), "", "a '%' directive is not used here")
            raise _TooMuchError

    def _count(self, where: Where) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self._problems.add(where, "", f"holds more than {MAX_NODES:,} values")
            raise _TooMuchError
        if len(self._open) > MAX_DEPTH:
            self._problems.add(where, "", f"is nested more than {MAX_DEPTH} deep")
            raise _TooMuchError

    def _refuse(self, event: Event, where: Where) -> None:
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
        if anchor:
            mark = f"*{anchor}" if isinstance(event, AliasEvent) else f"&{anchor}"
            text = f"anchors and aliases ({mark}) are not used here; write the value again"
            self._problems.add(where, "", text)
        elif tag:
            self._problems.add(where, "", f"tags ({tag}) are not used here; remove it")

    def _value(self, event: Event, where: Where) -> None:
        parent = self._open[-1] if self._open else None
        if parent is not None and isinstance(parent.content, dict) and parent.key is None:
            self._name(parent, event, where)
            return
        name = parent.key_where if parent is not None and parent.key_where else where
        if isinstance(event, MappingStartEvent):
            self._open.append(_Open({}, where, name))
        elif isinstance(event, SequenceStartEvent):
            self._open.append(_Open([], where, name))
        elif isinstance(event, ScalarEvent):
            where = where if event.value or event.style else name  # nothing stands nowhere
            self._place(Node(self._scalar(event), where, name, text=event.value))
        else:
            self._place(Node(None, where, name))

    def _name(self, parent: _Open, event: Event, where: Where) -> None:
        if not isinstance(event, ScalarEvent):
            self._problems.add(where, "", "the name of a setting must be plain text")
            raise _TooMuchError
        parent.key, parent.key_where = event.value, where
        content = parent.content
        assert isinstance(content, dict)
        if event.value == "<<" and event.style is None:
            text = "merge keys (<<) are not used here; 'extends' takes over another file"
            self._problems.add(where, "", text)
            parent.ignored = True
        elif event.value in content:
            first = content[event.value].name.line
            self._problems.add(where, event.value, f"is given twice (first on line {first})")
            parent.ignored = True

    def _place(self, node: Node) -> None:
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        if isinstance(parent.content, list):
            parent.content.append(node)
            return
        assert parent.key is not None
        if not parent.ignored:
            parent.content[parent.key] = node
        parent.key, parent.key_where, parent.ignored = None, None, False

    def _scalar(self, event: ScalarEvent) -> Scalar:
        """A single value by the rules of YAML 1.2; what cannot be one (2026-13-45) stays text."""
        if event.style is not None:
            return str(event.value)
        tag = self._scalars.resolver.resolve(ScalarNode, event.value, (True, False))
        try:
            value = self._scalars.constructor.construct_object(ScalarNode(tag, event.value))
        except (YAMLError, ValueError, OverflowError):
            return str(event.value)
        return value if _is_plain(value) else str(event.value)


def _is_plain(value: object) -> bool:
    """Whether a value is of a kind that settings have; times of day and endless numbers are not."""
    if isinstance(value, int):
        return abs(value) < 2**63
    return value is None or (
        isinstance(value, str | float | date) and not isinstance(value, datetime)
    )
