"""Values by their path in the file, and new scenarios with some of them changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from sufficiency.scenario.study import Edit, Scenario


def get_value(tree: object, path: str) -> Any:
    """The value at a dotted path of a model or mapping; KeyError names the first bad step."""
    for step in path.split("."):
        tree = _child(tree, step)
    return tree


def _child(tree: object, step: str) -> Any:
    if isinstance(tree, BaseModel):
        for name, field in type(tree).model_fields.items():
            if step in (name, field.alias):
                return getattr(tree, name)
        raise KeyError(step)
    if isinstance(tree, Mapping):
        return tree[step]
    if isinstance(tree, list | tuple) and step.isdecimal() and int(step) < len(tree):
        return tree[int(step)]
    raise KeyError(step)


def as_tree(scenario: Scenario) -> dict[str, Any]:
    """The scenario as nested plain dictionaries and lists, with the names of the file."""
    return _plain(scenario.model_dump(by_alias=True))  # type: ignore[no-any-return]  # a mapping comes out as a dict


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value


def edit_tree(tree: dict[str, Any], edits: tuple[Edit, ...]) -> dict[str, Any]:
    """A tree with edits made to it, in order; raises KeyError for a path that does not exist."""
    tree = _plain(tree)
    for edit in edits:
        *parents, last = edit.path.split(".")
        place = get_value(tree, ".".join(parents)) if parents else tree
        get_value(place, last)  # so that a path which does not exist is a KeyError
        key: Any = int(last) if isinstance(place, list) else last
        if edit.action == "set":
            place[key] = _plain(edit.value)
        elif isinstance(place[key], list):
            place[key] = [*place[key], *_plain(edit.value)]
        elif place[key] is None:
            raise KeyError(f"{last} has no value to add to")
        else:
            place[key] = place[key] + edit.value
    return tree


def with_values(scenario: Scenario, values: Mapping[str, Any]) -> Scenario:
    """A new scenario in which the values at the given paths are replaced, validated again."""
    edits = tuple(Edit(action="set", path=path, value=value) for path, value in values.items())
    return with_edits(scenario, edits)


def past(scenario: Scenario) -> Scenario:
    """The authority as it was in its `validation` period; stays are not reconciled yet.

    Dated changes and surges are about the run, so they count for the past only where `set` says so;
    forecasts and the children in care on its first day are about the run alone.
    """
    period = scenario.validation
    if period is None:
        return scenario
    values = {
        "start": period.start,
        "years": period.years,
        "authority.children_in_care": period.children_in_care,
        "authority.uasc_in_care": period.uasc_in_care,
        "authority.children": None,
        "changes": [],
        "demand.surges": [],
        "demand.forecast": None,
        **(period.set or {}),
    }
    return with_values(scenario, values)


def with_edits(scenario: Scenario, edits: tuple[Edit, ...]) -> Scenario:
    """A new scenario with an option's edits made, validated again."""
    return Scenario.model_validate(edit_tree(as_tree(scenario), edits)) if edits else scenario
