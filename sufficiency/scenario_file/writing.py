"""A study back to a file: the resolved scenario, runnable again, and what identifies it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.representer import SafeRepresenter

from sufficiency.scenario import Assumption, EntryPaths, Given, Option, Study, as_tree
from sufficiency.scenario.price_rules import year_before, years_of_run
from sufficiency.scenario_file.assumptions import BLOCK, NOT_ASSUMED, needs_no_row
from sufficiency.scenario_file.entry_paths import entry_paths_text
from sufficiency.scenario_file.money import BY_YEAR
from sufficiency.scenario_file.shape import PLAN

ENTRIES = "entries.csv"
"""Name of the file of the baseline's forecast, beside the resolved scenario."""
CHANGES_NOTHING = ("history", PLAN)
"""What a run does not depend on."""
HEADING = "# The resolved scenario of a run: all that its files say, in one. It runs again.\n"


class _Representer(SafeRepresenter):
    """Writes a value again instead of an alias, which scenario files may not contain."""

    def ignore_aliases(self, data: Any) -> bool:
        """No value is written as a reference to another."""
        return True


def resolved_yaml(study: Study) -> str:
    """A file that says by itself all that a study says; loading it gives the same study.

    The paths of a forecast are in files beside it (`files_beside`). Children in care are personal
    data, which are not copied: their file is named where it is.
    """
    rows = {row.path: row for row in study.assumptions}
    names = _names_beside(study)
    tree = _named(_within_run(as_tree(study.scenario)), names)
    content = {
        name: _section(value, name, rows)
        for name, value in tree.items()
        if value is not None and (name in NOT_ASSUMED or _has_row(value, name, rows))
    }
    if study.options:
        content["options"] = {o.name: _option(o, rows, names) for o in study.options}
    return file_text(content, HEADING)


def _within_run(tree: dict[str, Any]) -> dict[str, Any]:
    """A scenario without the budgets of years that a run, made shorter, does not cover."""
    kept = (year_before(tree["start"]), *years_of_run(tree["start"], tree["years"]))
    tables = {name: tree[name] for name in BY_YEAR}
    within = {name: {y: v for y, v in table.items() if y in kept} for name, table in tables.items()}
    return {**tree, **within}


def files_beside(study: Study) -> dict[str, str]:
    """Name and text of each file that the resolved scenario names."""
    return {name: entry_paths_text(given) for given, name in _names_beside(study).items()}


def _names_beside(study: Study) -> dict[EntryPaths, str]:
    """The forecasts of a study, the baseline's first, each with the name of its file."""
    values = (as_tree(study.scenario), *(e.value for o in study.options for e in o.edits))
    found = dict.fromkeys(
        given for value in values for given in _given_in(value) if isinstance(given, EntryPaths)
    )
    names = (ENTRIES, *(f"entries-{number}.csv" for number in range(2, len(found) + 1)))
    return dict(zip(found, names, strict=False))


def _given_in(value: Any) -> Iterator[Given]:
    if isinstance(value, Given):
        yield value
    elif isinstance(value, Mapping):
        for entry in value.values():
            yield from _given_in(entry)


def _named(value: Any, names: Mapping[EntryPaths, str]) -> Any:
    """Nested values with the name of a file in place of its content."""
    if isinstance(value, Given):
        return names[value] if isinstance(value, EntryPaths) else value.path
    if isinstance(value, dict):
        return {name: _named(entry, names) for name, entry in value.items()}
    return value


def _section(value: Any, name: str, rows: Mapping[str, Assumption]) -> Any:
    if name == BLOCK:
        return _past(value, rows)
    return _sourced(value, name, rows) if name in NOT_ASSUMED else _stated(value, name, rows)


def _past(block: Mapping[str, Any], rows: Mapping[str, Assumption]) -> dict[str, Any]:
    """The validation block; a setting that was empty in the past is said to be so."""
    stated = {name: value for name, value in block.items() if value not in (None, [])}
    content = {name: _sourced(value, f"{BLOCK}.{name}", rows) for name, value in stated.items()}
    edits = stated.get("set", {})
    if edits:
        content["set"] = {
            path: _sourced(value, f"{BLOCK}.set.{path}", rows) for path, value in edits.items()
        }
    return content


def _stated(value: Any, path: str, rows: Mapping[str, Assumption]) -> Any:
    """A value without the parts that no file stated: none of something, by default."""
    if isinstance(value, dict) and path not in rows:
        stated = {
            name: entry for name, entry in value.items() if _has_row(entry, f"{path}.{name}", rows)
        }
        return {name: _stated(entry, f"{path}.{name}", rows) for name, entry in stated.items()}
    if isinstance(value, list) and path not in rows:
        return [_stated(item, f"{path}.{place}", rows) for place, item in enumerate(value)]
    return _sourced(value, path, rows)


def _has_row(value: Any, path: str, rows: Mapping[str, Assumption]) -> bool:
    return path in rows or (bool(value) and not needs_no_row(tuple(path.split("."))))


def _sourced(value: Any, path: str, rows: Mapping[str, Assumption]) -> Any:
    """A value with its source, range and unit beside it, wherever a row has one."""
    if isinstance(value, dict):
        inner: Any = {
            name: _sourced(entry, f"{path}.{name}", rows)
            for name, entry in value.items()
            if entry is not None and not (entry == [] and "distribution" in value)
        }
    elif isinstance(value, list):
        inner = [_sourced(item, f"{path}.{place}", rows) for place, item in enumerate(value)]
    else:
        inner = value
    about = _about(rows[path]) if path in rows else {}
    return {"value": inner, **about} if about else inner


def _about(row: Assumption) -> dict[str, Any]:
    says = {
        "low": _short(row.low),
        "high": _short(row.high),
        "unit": row.unit,
        "source": row.source,
        "as_of": row.as_of,
        "confidence": row.confidence,
        "note": row.note,
    }
    return {name: value for name, value in says.items() if value not in (None, "")}


def _short(end: float | None) -> float | None:
    """The end of a range, a whole number if it can be: a count accepts no other."""
    return end if end is None or end != int(end) else int(end)


def _option(
    option: Option, rows: Mapping[str, Assumption], names: Mapping[EntryPaths, str]
) -> dict[str, Any]:
    body: dict[str, Any] = {"description": option.description} if option.description else {}
    for edit in option.edits:
        path = f"options.{option.name}.{edit.path}"
        body.setdefault(edit.action, {})[edit.path] = _sourced(
            _named(edit.value, names), path, rows
        )
    return body if option.edits else {**body, "set": {}}


def scenario_hash(study: Study) -> str:
    """SHA-256 of what a study computes: values, options and ranges, not sources or plans."""
    ranges = [(row.path, row.low, row.high) for row in study.assumptions if row.low is not None]
    tree = as_tree(study.scenario)
    content = {
        "scenario": {k: v for k, v in tree.items() if k not in CHANGES_NOTHING},
        "options": [option.model_dump() for option in study.options],
        "ranges": sorted(ranges),
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), default=_hashed)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _hashed(value: Any) -> str:
    return value.digest if isinstance(value, Given) else str(value)


def file_text(content: Mapping[str, Any], heading: str) -> str:
    """A scenario file of some content, below a heading."""
    yaml = YAML(typ="safe", pure=True)
    yaml.Representer = _Representer
    yaml.default_flow_style = None  # tables and sourced values on one line, groups on many
    yaml.allow_unicode = True
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]  # a switch that ruamel types as None
    yaml.width = 4096
    text = StringIO()
    yaml.dump(content, text)
    return heading + text.getvalue()
