"""Which settings a scenario has, read from the types of `Scenario` itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from sufficiency.scenario import Scenario
from sufficiency.scenario_file.problems import nearest

Path = tuple[str, ...]

IN_FILE_ONLY = ("extends", "options")
"""Names a file may have beside the settings of a scenario."""
PLAN = "plan"
"""The block of what is no setting of the model: owners, decisions, actions."""

EVERY_KEY = (
    "demand.entries_per_100_in_care",
    "stays.pathways",
    "stays.court",
    "stays.adoption",
    "stays.long_leaving_per_year",
    "stays.reasons",
    "placement.need",
    "placement.plan_at_entry",
    "placement.plan_weights",
    "moves.age_factor",
    "moves.kind_factor",
    "moves.to_home_after_breakdown",
    "moves.need_rises_after_breakdown",
    "ifa.match",
    "elsewhere.in_area",
    "elsewhere.over_20_miles",
)
"""Tables that need every one of their entries; in the others what is not named is 0."""

PLACES_ELSEWHERE = {
    "in_house": "fostering",
    "ifa": "ifa",
    "home_external": "external_homes",
    "supported": "supported",
}
"""Types of placement whose section says itself how many are in the area, or far away."""

MOVED = {
    f"elsewhere.{table}.{name}": f"'{section}.{table}' says it"
    for table in ("in_area", "over_20_miles")
    for name, section in PLACES_ELSEWHERE.items()
} | {
    "elsewhere.in_area.home_own": "each of the homes says it with its own 'in_area'",
    "elsewhere.over_20_miles.home_own": "a home whose own 'in_area' is false is over 20 miles away",
}
"""Settings that a file could be thought to have, and what says it instead."""


def bare(annotation: Any) -> Any:
    """A type without its constraints and without 'or nothing'."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in (Union, UnionType):
            (annotation,) = [a for a in get_args(annotation) if a is not NoneType]
        else:
            return annotation


def is_part(annotation: Any) -> bool:
    """Whether a type is a group of named settings."""
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def fields(part: type[BaseModel]) -> dict[str, Any]:
    """The settings of a part by the names of the file, with their types."""
    return {field.alias or name: field.annotation for name, field in part.model_fields.items()}


def inside(annotation: Any, step: str) -> Any:
    """The type one step further along a path, or None where there is no such step."""
    annotation = bare(annotation)
    if annotation is Any:
        return Any
    if is_part(annotation):
        return fields(annotation).get(step)
    arguments = get_args(annotation)
    if get_origin(annotation) is tuple:
        return arguments[0] if step.isdecimal() else None
    if is_table(annotation):
        allowed = names(annotation)
        return arguments[1] if not allowed or step in allowed else None
    return None


def is_table(annotation: Any) -> bool:
    """Whether a type is a table, with the names of one list."""
    origin = get_origin(annotation)
    return isinstance(origin, type) and issubclass(origin, Mapping)


def names(annotation: Any) -> list[str]:
    """The names that may stand in a group or table; empty where any may."""
    annotation = bare(annotation)
    if is_part(annotation):
        return list(fields(annotation))
    if is_table(annotation):
        key = bare(get_args(annotation)[0])
        return [str(name) for name in get_args(key)] if get_origin(key) is Literal else []
    return []


def type_at(path: Sequence[str]) -> Any:
    """The type of the setting at a path, or None where there is no such setting."""
    annotation: Any = Scenario
    for step in path:
        annotation = inside(annotation, step)
        if annotation is None:
            return None
    return annotation


def names_at(path: Sequence[str]) -> list[str]:
    """The names that may stand in the group at a path."""
    at = type_at(path)
    allowed = [] if at is None else names(at)
    return [*allowed, *IN_FILE_ONLY] if not path else allowed


def may_be_nothing(path: Sequence[str]) -> bool:
    """Whether the setting may be left empty."""
    annotation = type_at(path)
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    return NoneType in get_args(annotation)


def is_text(path: Sequence[str]) -> bool:
    """Whether the setting is free text."""
    return bare(type_at(path)) is str


def is_list(path: Sequence[str]) -> bool:
    """Whether the setting is a list."""
    return get_origin(bare(type_at(path))) is tuple


def is_single(annotation: Any) -> bool:
    """Whether a type is one value: a number, flag, word, or a table or list of such."""
    annotation = bare(annotation)
    if is_part(annotation):
        return annotation.__name__ in ("Distribution", "ByNeed", "NeedShares", "PathwayShares")
    if get_origin(annotation) is tuple:
        return not is_part(bare(get_args(annotation)[0]))
    return not is_table(annotation) or is_single(get_args(annotation)[1])


@cache
def all_paths() -> tuple[str, ...]:
    """Every dotted path of a scenario, outer before inner; lists are not entered."""
    return tuple(".".join(path) for path in _paths(Scenario, ()))


def _paths(annotation: Any, at: Path) -> Iterator[Path]:
    for name in names(annotation):
        yield (*at, name)
        yield from _paths(inside(annotation, name), (*at, name))


def no_such(path: Sequence[str]) -> str:
    """That there is no such setting, and which one may be meant."""
    instead = MOVED.get(".".join(path))
    if instead is not None:
        return f"no such setting; {instead}"
    near = nearest_path(path)
    return "no such setting" + ("" if near is None else f"; did you mean '{near}'?")


def nearest_path(path: Sequence[str]) -> str | None:
    """The existing path a mistaken one most likely means: the same ending, or a like spelling."""
    ending = "." + ".".join(path)
    same_ending = [known for known in all_paths() if known.endswith(ending)]
    if same_ending:
        return min(same_ending, key=len)
    return nearest(".".join(path), all_paths())
