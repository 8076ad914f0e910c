"""From a tree to a validated `Scenario`, with every mistake in words and at its place."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, get_args

from pydantic import ValidationError

from sufficiency.scenario import Scenario
from sufficiency.scenario_file import shape
from sufficiency.scenario_file.merging import ABOUT, group_of, is_number
from sufficiency.scenario_file.problems import Problems, did_you_mean, found, nearest, perhaps
from sufficiency.scenario_file.reading import Node

Loc = tuple[str, ...]
Error = dict[str, Any]
Locate = Callable[[Loc], tuple[Node, str]]
"""From a path of the scenario to the nearest node of a file, and the path as messages show it."""

WORDS = {
    "missing": "is missing",
    "float_type": "must be a number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false",
    "string_type": "must be text",
    "string_too_short": "must not be empty",
    "string_too_long": "must have {max_length:,} characters or fewer",
    "date_type": "must be a date like 2026-04-01",
    "finite_number": "must be a finite number",
    "tuple_type": "must be a list",
    "dict_type": "must be a group of settings",
    "mapping_type": "must be a group of settings",
    "model_type": "must be a group of settings",
    "is_instance_of": "must be the name of a file",
    "greater_than_equal": "must be {ge:,.12g} or more",
    "greater_than": "must be above {gt:,.12g}",
    "less_than_equal": "must be {le:,.12g} or less",
    "less_than": "must be below {lt:,.12g}",
}
"""Pydantic's kinds of error in words; what is not here is said in its own."""


def plain(node: Node, at: Sequence[str] = ()) -> Any:
    """The values of a tree. A date where text belongs (a period) is the text as it is written."""
    if isinstance(node.content, dict):
        return {name: plain(child, (*at, name)) for name, child in node.content.items()}
    if isinstance(node.content, list):
        return [plain(child, (*at, str(place))) for place, child in enumerate(node.content)]
    if isinstance(node.content, date) and shape.is_text(at):
        return node.text
    return node.content


def settings(tree: Node) -> dict[str, Any]:
    """The values of a file's tree that belong to the scenario."""
    group = {k: v for k, v in group_of(tree).items() if k not in shape.IN_FILE_ONLY}
    return {name: plain(node, (name,)) for name, node in group.items()}


def locate_in(tree: Node) -> Locate:
    """A way to find where the settings of a file's tree stand."""

    def locate(loc: Loc) -> tuple[Node, str]:
        return descend(tree, loc), ".".join(loc)

    return locate


def descend(node: Node, steps: Iterable[str]) -> Node:
    """The node at a path, or the last one on the way to it."""
    for step in steps:
        child = node.child(step)
        if child is None:
            break
        node = child
    return node


def validated(tree: Node, problems: Problems, *, whole: bool = True) -> Scenario | None:
    """The scenario of a tree, or None with its problems noted.

    Args:
        tree: What the files say, merged.
        problems: Where mistakes are noted.
        whole: False where a file that is extended could not be read, so that much is missing.
    """
    values = settings(tree)
    scenario, errors = _attempt(values)
    unknown = [loc for loc in map(_unknown, errors) if loc is not None]
    if unknown:
        # Once more without them: one misspelt name must not hide what else is wrong beside it.
        scenario, more = None, _attempt(_without(values, unknown))[1]
        seen = {(e["type"], e["loc"]) for e in errors}
        errors += [e for e in more if (e["type"], e["loc"]) not in seen]
    if not whole:
        errors = [error for error in errors if error["type"] != "missing"]
    before = {error["loc"] for error in errors}
    explain(errors, locate_in(tree), problems)
    complete = not whole or _check_complete(tree, problems)
    _check_range_ends(tree, values, before, problems)
    return scenario if complete else None


def _attempt(values: dict[str, Any]) -> tuple[Scenario | None, list[Error]]:
    try:
        return Scenario.model_validate(values), []
    except ValidationError as error:
        return None, errors_of(error)


def errors_of(error: ValidationError) -> list[Error]:
    """Pydantic's errors with paths of text, as in the file."""
    found_errors = error.errors(include_url=False)
    return [{**item, "loc": tuple(str(s) for s in item["loc"])} for item in found_errors]


def _unknown(error: Error) -> Loc | None:
    """The path of a name that no setting has, if that is the error."""
    loc: Loc = error["loc"]
    if loc and loc[-1] == "[key]":
        # A name that is checked by a rule (a financial year) is wrong, not unknown.
        return None if error["type"] == "value_error" else loc[:-1]
    return loc if error["type"] == "extra_forbidden" else None


def _without(values: Any, paths: list[Loc]) -> Any:
    """A copy of nested values without those at the given paths."""
    if isinstance(values, list):
        items = list(enumerate(values))
        return [_without(v, [p[1:] for p in paths if p[:1] == (str(i),)]) for i, v in items]
    if not isinstance(values, dict):
        return values
    return {
        name: _without(value, [p[1:] for p in paths if p[:1] == (name,)])
        for name, value in values.items()
        if (name,) not in paths
    }


def explain(errors: list[Error], locate: Locate, problems: Problems) -> None:
    """Note errors of pydantic in the words of the file, at the place of the value."""
    unknown = [loc for loc in map(_unknown, errors) if loc is not None]
    meant = {(*loc[:-1], nearest(loc[-1], shape.names_at(loc[:-1]))) for loc in unknown}
    before = {problem.where for problem in problems}
    for error in errors:
        loc = error["loc"]
        if loc in meant or any(loc[: len(u)] == u and _unknown(error) != u for u in unknown):
            continue
        if locate(loc)[0].where not in before:  # else its text could not be read as a value
            _explain_one(error, locate, problems)


def _explain_one(error: Error, locate: Locate, problems: Problems) -> None:
    loc, text, given = error["loc"], error["msg"], error.get("input")
    unknown = _unknown(error)
    if unknown is not None:
        node, path = locate(unknown)
        problems.add(node.name, path, f"no such setting{_instead(unknown)}")
    elif error["type"] == "missing":
        node, path = locate(loc)
        problems.add(node.name, path, f"is missing{_supplied(loc)}")
    elif error["type"] == "value_error":
        loc, text = _aimed(loc, text.removeprefix("Value error, "))
        named = loc[-1:] == ("[key]",)
        node, path = locate(loc[:-1] if named else loc)
        problems.add(node.name if named else node.where, path, text)
    else:
        node, path = locate(loc)
        problems.add(node.where, path, _in_words(error, loc) + found(given) + _hint(error, loc))


def _instead(unknown: Loc) -> str:
    """What a name that no setting has may mean: one beside it, one elsewhere, or a nested one."""
    if ".".join(unknown) in shape.MOVED:
        return shape.no_such(unknown).removeprefix("no such setting")
    steps = (*unknown[:-1], *unknown[-1].split("."))
    if len(steps) > len(unknown) and shape.type_at(steps) is not None:
        return f"; here settings are nested: '{steps[-1]}' inside '{'.'.join(steps[:-1])}'"
    beside = did_you_mean(unknown[-1], shape.names_at(unknown[:-1]))
    elsewhere = shape.nearest_path(unknown[-1:])
    in_table = shape.is_table(shape.bare(shape.type_at(unknown[:-1])))
    if in_table or "did you mean" in beside or elsewhere is None:
        return beside
    return perhaps(elsewhere)


def _supplied(loc: Loc) -> str:
    return "; 'extends: england' supplies it" if len(loc) == 1 and loc != ("name",) else ""


def aim(error: Error) -> Loc:
    """What an error is about: where it is, or the setting that it names."""
    loc: Loc = error["loc"]
    if error["type"] != "value_error":
        return loc
    return _aimed(loc, error["msg"].removeprefix("Value error, "))[0]


def _aimed(loc: Loc, text: str) -> tuple[Loc, str]:
    """A rule between settings whose text begins with the name of one of them is about that one."""
    first, _, rest = text.partition(" ")
    steps = (*loc, *first.rstrip(":").split("."))
    if not rest or shape.type_at(steps) is None:
        return loc, text
    return steps, rest if "." in first or first.endswith(":") else text


def _in_words(error: Error, loc: Loc) -> str:
    kind, limits = error["type"], error.get("ctx", {})
    if kind == "literal_error":
        return f"must be one of {', '.join(_allowed(loc))}"
    if kind in ("too_short", "too_long"):
        least, most = limits.get("min_length"), limits.get("max_length")
        wanted = f"{least} or more" if most is None and least == 1 else str(least or most)
        return f"must have {wanted} entries, not {limits['actual_length']}"
    words = WORDS.get(kind)
    return error["msg"].lower() if words is None else words.format(**limits)


def _allowed(loc: Loc) -> list[str]:
    return [str(word) for word in get_args(shape.bare(shape.type_at(loc)))]


def _hint(error: Error, loc: Loc) -> str:
    """What the user may have meant, where that is easily said."""
    kind, given = error["type"], error.get("input")
    if kind == "literal_error":
        return perhaps(nearest(str(given), _allowed(loc)))
    if kind == "less_than_equal" and error["ctx"]["le"] == 1:
        return hint_for_share(given)
    if kind in ("float_type", "int_type"):
        return _hint_for_number(given)
    return ""


def hint_for_share(given: Any) -> str:
    """A share that was written as a percentage, as it should be."""
    return f"; a share: {given}% is {given / 100:g}" if 2 <= given <= 100 else ""


def _hint_for_number(given: object) -> str:
    if isinstance(given, dict) and any(n in ABOUT or nearest(n, ["value"]) for n in given):
        return "; a sourced value gives its number as 'value'"
    if not isinstance(given, str):
        return ""
    number = _as_number(given.rstrip("% ").replace(",", ""))
    if number is None or not math.isfinite(number):
        return ""
    return f"; write {number / 100 if given.strip().endswith('%') else number:g}"


def _as_number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _check_complete(tree: Node, problems: Problems) -> bool:
    """Note the entries that are missing from tables which need them all."""
    complete = True
    for path in shape.EVERY_KEY:
        steps = tuple(path.split("."))
        node = descend(tree, steps)
        table = group_of(node) if node is _node_at(tree, steps) else {}
        for name in shape.names_at(steps) if table else ():
            if name not in table:
                problems.add(node.name, f"{path}.{name}", "is missing")
                complete = False
    return complete


def _node_at(tree: Node, steps: Loc) -> Node | None:
    node: Node | None = tree
    for step in steps:
        node = None if node is None else node.child(step)
    return node


def _check_range_ends(
    tree: Node, values: dict[str, Any], wrong: set[Loc], problems: Problems
) -> None:
    """Refuse ranges whose ends would not be valid values; rules between settings are not asked."""
    ranged = {loc: node for loc, node in with_ranges(tree, ()) if loc not in wrong}
    for end in ("low", "high"):
        ends = {loc: getattr(node.about, end) for loc, node in ranged.items()}
        for error in _attempt(replaced(values, ends))[1]:
            node = ranged.get(error["loc"])
            if node is not None and node.about is not None:
                text = f"the {end} end of the range {_in_words(error, error['loc'])}"
                where = node.about.range_where or node.where
                problems.add(where, ".".join(error["loc"]), text + found(error.get("input")))


def with_ranges(node: Node, at: Loc) -> list[tuple[Loc, Node]]:
    """The values with a range, by path; those of options are not among them."""
    about = node.about
    if about is not None and None not in (about.low, about.high) and is_number(node.content):
        return [(at, node)]
    if isinstance(node.content, dict):
        children = [(k, v) for k, v in node.content.items() if at or k not in shape.IN_FILE_ONLY]
    elif isinstance(node.content, list):
        children = [(str(place), child) for place, child in enumerate(node.content)]
    else:
        return []
    return [item for step, child in children for item in with_ranges(child, (*at, step))]


def replaced(values: Any, new: dict[Loc, Any], at: Loc = ()) -> Any:
    """A copy of nested values in which those at the given paths are replaced."""
    if at in new:
        return new[at]
    if isinstance(values, dict):
        return {name: replaced(value, new, (*at, name)) for name, value in values.items()}
    if isinstance(values, list):
        return [replaced(value, new, (*at, str(i))) for i, value in enumerate(values)]
    return values
