"""What a shell offers when Tab is pressed: names of scenarios, options, measures, levers, runs.

A completion must be quick and may say nothing but its answers: files are read without the checks
of a scenario, nothing of the model is loaded, and whatever goes wrong, nothing is offered.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import typer

MEASURES = (
    "children_in_care", "children_share", "time_in_care", "time_in_care_share",
    "placements_needed", "unmet_need", "ifa_for_want_of_in_house",
    "residential_for_want_of_carer", "under_12_in_residential", "in_house_share",
    "own_provision_share", "fostered_share", "placement_distance", "in_area_share",
    "over_20_miles_share", "far_for_want_of_carer", "first_placements_in_area_share",
    "places_approved", "places_usable", "places_filled", "places_vacant", "places_not_available",
    "occupancy", "occupancy_of_approved", "vacant_share_of_approved",
    "not_available_share_of_approved", "sufficiency_gap", "void_nights", "foster_enquiries",
    "foster_applications", "foster_applications_withdrawn", "foster_households_approved",
    "foster_households_transferred_in", "foster_households_left",
    "foster_households_transferred_out", "foster_households_net", "foster_households", "carers",
    "filled_per_household", "staying_put", "foster_households_needed", "foster_households_short",
    "days_to_place", "unregistered_nights", "unregistered_children", "unregistered_under_16",
    "entries", "exits", "placements_started", "second_best_share", "moves",
    "positive_moves_share", "moves_per_child_year", "placement_length_mean",
    "placement_length_median", "siblings_together_share", "siblings_apart_share",
    "same_ethnic_group_share", "journeys", "three_or_more_placements",
    "three_or_more_in_two_years", "long_term_stability", "cost", "income", "net_cost",
    "budget_variance", "void_cost", "own_homes_fixed_cost", "capital", "cost_per_child_week",
    "cost_per_child_week_constant_prices", "unit_cost", "cost_run_rate", "average_children",
    "high_cost_children", "high_cost_share", "section_251_cost", "bridge", "option_bridge",
)  # fmt: skip
"""Names of all measures; a test compares them with the model's."""
_SCHEMA = "scenario.schema.json"
_OUTPUTS = Path("outputs")
_MOST_FILES = 20
"""Files that extend one another, at most."""
_NO_LEVERS = ("options", "observed", "changes", "validation", "history", "ledger", "budget", "plan")
"""Parts of a scenario file that hold no numbers of the run."""

_DRAWN = "Distribution"
"""What a number may be drawn from; its parameters are there only if it is stated so."""

Offer = Callable[[typer.Context, str], list[str]]


def _quietly(offers: Callable[[typer.Context, str], Iterable[str]]) -> Offer:
    """Offer what begins like the word so far; nothing where anything is wrong.

    The names of `offer`'s parameters are what typer goes by, so it does not wrap `offers`.
    """

    def offer(ctx: typer.Context, incomplete: str) -> list[str]:
        try:
            found = dict.fromkeys(offers(ctx, incomplete))
            return [word for word in found if word.startswith(incomplete)]
        except Exception:
            return []

    return offer


@_quietly
def scenarios(_: typer.Context, incomplete: str) -> Iterator[str]:
    """Shipped scenarios by name, and scenario files here or where the word so far points."""
    yield from _shipped()
    before, slash, _name = incomplete.rpartition("/")
    for ending in ("*.yaml", "*.yml"):
        for path in sorted(Path(before or ("/" if slash else ".")).glob(ending)):
            yield f"{before}{slash}{path.name}"


@_quietly
def sources(ctx: typer.Context, incomplete: str) -> Iterator[str]:
    """Scenarios, and folders that may hold data."""
    yield from scenarios(ctx, incomplete)
    before, slash, _name = incomplete.rpartition("/")
    for path in sorted(Path(before or ("/" if slash else ".")).iterdir()):
        if path.is_dir() and not path.name.startswith("."):
            yield f"{before}{slash}{path.name}"


@_quietly
def options(ctx: typer.Context, _: str) -> Iterator[str]:
    """Options of the scenario on the line, or of the run."""
    yield from _options_of(_named(ctx))


@_quietly
def several_options(ctx: typer.Context, incomplete: str) -> Iterator[str]:
    """The same in a list with commas, without those that are in it."""
    before, comma, _name = incomplete.rpartition(",")
    there = before.split(",")
    for name in ("baseline", *_options_of(_named(ctx))):
        if name not in there:
            yield f"{before}{comma}{name}"


@_quietly
def measures(_: typer.Context, __: str) -> Iterable[str]:
    """Names of measures."""
    return MEASURES


@_quietly
def levers(_: typer.Context, __: str) -> Iterator[str]:
    """Paths of the numbers that a scenario may state."""
    file = next(folder / _SCHEMA for folder in _folders() if (folder / _SCHEMA).is_file())
    schema = json.loads(file.read_text(encoding="utf-8"))
    parts = {name: part for name, part in schema["properties"].items() if name not in _NO_LEVERS}
    yield from _numbers({"properties": parts}, schema["$defs"], "")


@_quietly
def finished_runs(_: typer.Context, __: str) -> Iterator[str]:
    """Folders of finished runs, the newest first."""
    for folder in _newest("*/*/manifest.json"):
        is_a_run = (folder / "tables").is_dir()  # which a publication and a finding have not
        if is_a_run and not folder.name.endswith(".partial"):
            yield folder.as_posix()


@_quietly
def findings(_: typer.Context, __: str) -> Iterator[str]:
    """Folders of what other commands found, the newest first."""
    for folder in _newest("*/*/found.json"):
        yield folder.as_posix()


@_quietly
def unfinished_runs(_: typer.Context, __: str) -> Iterator[str]:
    """Folders of interrupted runs, the newest first."""
    for folder in sorted(_OUTPUTS.glob("*/*.partial"), key=lambda path: path.name, reverse=True):
        yield folder.as_posix()


# --- files, read without checks ------------------------------------------------------------------


def _folders() -> tuple[Path, ...]:
    """As `scenario_file.reading` has them, which would load the model."""
    package = Path(__file__).resolve().parent.parent
    return package / "shipped_scenarios", package.parent / "scenarios"


def _shipped() -> list[str]:
    return sorted({path.stem for folder in _folders() for path in folder.glob("*.yaml")})


def _newest(files: str) -> list[Path]:
    """Folders that hold a file of that name, by their date and time."""
    found = (file.parent for file in _OUTPUTS.glob(files))
    return sorted(found, key=lambda path: path.name, reverse=True)


def _named(ctx: typer.Context) -> Path:
    """The scenario file that the line is about: its own, or that of its run.

    An option that still waits for its value keeps the parser from giving arguments their names:
    then they stand among those left over.
    """
    names = ("run", "scenario", "source")
    told = next((str(value) for name in names if (value := ctx.params.get(name))), "")
    told = told or next(word for word in ctx.args if not word.startswith("-"))
    of_a_run = Path(told) / "scenario.yaml"
    return of_a_run if of_a_run.is_file() else _find(told)


def _find(name: str, beside: Path = Path()) -> Path:
    shipped = (folder / f"{name}.yaml" for folder in _folders())
    return next(path for path in (beside / name, *shipped) if path.is_file())


def _options_of(file: Path) -> Iterator[str]:
    """Options of a scenario file and of those it extends."""
    from ruamel.yaml import YAML

    for _ in range(_MOST_FILES):
        content = YAML(typ="safe").load(file)
        yield from content.get("options") or {}
        if "extends" not in content:
            return
        file = _find(str(content["extends"]), file.parent)


def _numbers(part: Any, known: dict[str, Any], at: str) -> Iterator[str]:
    """Paths of the numbers in a part of the schema."""
    for one in _variants(part, known):
        if one.get("type") in ("number", "integer"):
            yield at
        for name, inside in one.get("properties", {}).items():
            yield from _numbers(inside, known, f"{at}.{name}" if at else name)


def _variants(part: Any, known: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A part of the schema and what it may be instead; a value with its source is the value."""
    if "$ref" in part:
        name = part["$ref"].rpartition("/")[2]
        if name.startswith("sourced"):
            part = known[name].get("properties", {}).get("value", {})
            yield from _variants(part, known)
        elif name != _DRAWN:
            yield from _variants(known[name], known)
        return
    yield part
    for one in (*part.get("anyOf", ()), *part.get("oneOf", ()), *part.get("allOf", ())):
        yield from _variants(one, known)
