"""Options that combine others: whose edits come in what order, and which contradict each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sufficiency.scenario_file.checking import Loc, plain
from sufficiency.scenario_file.options import Change, Draft
from sufficiency.scenario_file.problems import Problems, found, nearest, perhaps
from sufficiency.scenario_file.reading import About, Node

DEEPEST = 20
"""Options that combine options that combine options."""


def combine(drafts: Mapping[str, Draft], problems: Problems) -> None:
    """Give each option the edits of those it combines, before its own.

    Afterwards the edits of an option stand in the order in which a file can say them: `set`, once
    for each path and the option's own last, then `add`, those of one path added up.
    """
    takes_in: dict[str, frozenset[str]] = {}
    for draft in drafts.values():
        _combine(draft, drafts, takes_in, (), problems)


def _combine(
    draft: Draft,
    drafts: Mapping[str, Draft],
    takes_in: dict[str, frozenset[str]],
    inside: tuple[str, ...],
    problems: Problems,
) -> None:
    if draft.name in takes_in:
        return
    inside = (*inside, draft.name)
    taken: dict[str, Draft] = {}
    names: frozenset[str] = frozenset([draft.name])
    for item in _items(draft, problems):
        why_not = _why_not(item, drafts, inside)
        if not why_not:
            _combine(drafts[item.text], drafts, takes_in, inside, problems)
            again = sorted(names & takes_in[item.text])
            why_not = f"takes in '{again[0]}' more than once" if again else ""
        if why_not:
            problems.add(item.where, f"{draft.path}.combine", why_not)
            draft.usable = False
            continue
        other = drafts[item.text]
        _check_conflicts(draft, item, taken, problems, other)
        taken[other.name] = other
        names |= takes_in[other.name]
        draft.usable &= other.usable
    draft.changes = _tidied([c for other in taken.values() for c in other.changes] + draft.changes)
    takes_in[draft.name] = names


def _items(draft: Draft, problems: Problems) -> list[Node]:
    node = draft.node.child("combine")
    if node is None or node.content is None:
        return []
    if isinstance(node.content, list):
        return node.content
    text = f"must be a list of options{found(node.content)}"
    problems.add(node.where, f"{draft.path}.combine", text)
    draft.usable = False
    return []


def _why_not(item: Node, drafts: Mapping[str, Draft], inside: tuple[str, ...]) -> str:
    if not isinstance(item.content, str) or item.content not in drafts:
        return f"no such option{found(item.content)}{perhaps(nearest(item.text, drafts))}"
    if item.content in inside:
        return f"goes round in a circle: {' -> '.join((*inside, item.content))}"
    return "" if len(inside) <= DEEPEST else f"options combine more than {DEEPEST} deep"


def _check_conflicts(
    draft: Draft, item: Node, taken: Mapping[str, Draft], problems: Problems, other: Draft
) -> None:
    """Refuse two options that say different things about one setting."""
    for first in taken.values():
        for a in first.changes:
            for b in other.changes:
                if _conflict(a, b):
                    path = ".".join(a.path if len(a.path) < len(b.path) else b.path)
                    text = f"'{first.name}' and '{other.name}' change {path} in different ways"
                    problems.add(item.where, f"{draft.path}.combine", text)


def _conflict(a: Change, b: Change) -> bool:
    """Whether two edits of one setting, or of a part of it, cannot both hold."""
    shorter = min(len(a.path), len(b.path))
    if a.path[:shorter] != b.path[:shorter] or a.action == b.action == "add":
        return False
    if _goes_deeper(a, b) or _goes_deeper(b, a):
        return False
    return (a.action, a.path, plain(a.node)) != (b.action, b.path, plain(b.node))


def _goes_deeper(setting: Change, addition: Change) -> bool:
    """Whether one edit sets something in an item of a list to which the other only appends."""
    return addition.action == "add" and len(setting.path) > len(addition.path)


def _tidied(changes: list[Change]) -> list[Change]:
    settings: dict[Loc, Change] = {}
    additions: dict[Loc, Change] = {}
    for change in changes:
        if change.action == "set":
            settings.pop(change.path, None)
            settings[change.path] = change
        elif change.path in additions:
            additions[change.path] = _sum(additions[change.path], change)
        else:
            additions[change.path] = change
    return [*settings.values(), *additions.values()]


def _sum(first: Change, second: Change) -> Change:
    """Two additions to one setting as one."""
    a, b = first.node, second.node
    if isinstance(a.content, list) and isinstance(b.content, list):
        return replace(first, node=replace(a, content=[*a.content, *b.content]))
    total = a.content + b.content  # type: ignore[operator]  # both are known to be numbers
    node = Node(total, a.where, a.name, about=_sum_about(a, b), text=str(total))
    return replace(first, node=node)


def _sum_about(a: Node, b: Node) -> About | None:
    """What is known of a sum. The ends of ranges add up too: both are wrong in the same way."""
    abouts = [node.about for node in (a, b) if node.about is not None]
    if not abouts:
        return None
    sources = dict.fromkeys(about.source for about in abouts if about.source)
    low, high = (_sum_end(a, b, end) for end in ("low", "high"))
    return replace(abouts[0], low=low, high=high, source="; ".join(sources))


def _sum_end(a: Node, b: Node, end: str) -> float | None:
    ends = [getattr(node.about, end, None) for node in (a, b)]
    if ends == [None, None]:
        return None
    return sum(n.content if e is None else e for n, e in zip((a, b), ends, strict=True))  # type: ignore[misc]  # both are known to be numbers
