"""The JSON Schema of scenario files, with which editors complete, explain and check them.

It is looser than loading: nothing is required, because a file may extend another, and rules
between settings are left out. Each setting may be bare or a sourced value.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from sufficiency.scenario import Scenario
from sufficiency.scenario_file.reading import shipped_folders

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FILE_NAME = "scenario.schema.json"

TABLES = ("Distribution", "ByNeed", "NeedShares", "PathwayShares")
"""Parts that are one value and may be sourced as a whole."""

NEVER_SOURCED = (
    "Observed", "PastValue", "DatedChange", "AgeRange",
    "Governance", "Decision", "Action", "DataUsed",
)  # fmt: skip
"""Parts whose settings say where they come from themselves, or belong to a sourced list."""

ABOUT: Schema = {
    "unit": {"type": "string", "description": "Its unit, which must not contradict the inherited."},
    "source": {"type": "string", "description": "Who published it, or why it was chosen."},
    "as_of": {"type": ["string", "number"], "description": "Date it belongs to."},
    "confidence": {
        "type": "string",
        "description": "How well it is supported: high, medium, low, assumption or derived.",
    },
    "note": {"type": "string", "description": "What to know about it."},
    "low": {"type": "number", "description": "Low end of its range."},
    "high": {"type": "number", "description": "High end of its range."},
}
"""What a sourced value says beside its value; the range is for numbers only."""

EXTENDS = (
    "The scenario whose values hold wherever this file says nothing: a shipped name or a path."
)
OPTIONS = "Plans to compare with the baseline, by name."
OPTION: Schema = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "description": {"type": "string", "description": "What the plan is, in a sentence."},
        "set": {
            "type": ["object", "null"],
            "description": "Settings and their new values: `fostering.recruitment.number: 20`.",
        },
        "add": {
            "type": ["object", "null"],
            "description": "Lists and the items to append to them, or numbers and what to add.",
        },
        "combine": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Names of other options, whose changes come first.",
        },
    },
}


def json_schema() -> Schema:
    """The schema of a scenario file, draft 2020-12."""
    whole = Scenario.model_json_schema(by_alias=True)
    sourced: dict[str, str] = {}
    parts = {name: _part(name, part, sourced) for name, part in whole.pop("$defs").items()}
    top = _part("Scenario", whole, sourced)
    top["properties"] = {
        "extends": {"type": "string", "description": EXTENDS},
        **top["properties"],
        "options": {
            "type": ["object", "null"],
            "description": OPTIONS,
            "propertyNames": {"pattern": "^(?!baseline$)[a-z][a-z0-9_]*$"},
            "additionalProperties": OPTION,
        },
    }
    values = {name: _sourced_part(json.loads(value)) for value, name in sourced.items()}
    return {"$schema": DIALECT, "title": "Scenario", **top, "$defs": {**parts, **ABOUT, **values}}


def schema_text() -> str:
    """The schema as the text of its file."""
    return json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"


def schema_path() -> Path:
    """Where the schema lies in a checkout: beside the shipped scenarios."""
    return shipped_folders()[1] / FILE_NAME


def write_schema(path: Path | None = None) -> Path:
    """Write the schema, by default beside the shipped scenarios."""
    path = schema_path() if path is None else path
    path.write_text(schema_text(), encoding="utf-8", newline="\n")
    return path


def _part(name: str, part: Schema, sourced: dict[str, str]) -> Schema:
    """A part without required settings, each of which may be sourced."""
    kept = {k: v for k, v in part.items() if k not in ("required", "title")}
    if name in NEVER_SOURCED:
        settings = {k: _untitled(v) for k, v in part["properties"].items()}
    else:
        settings = {k: _setting(v, sourced) for k, v in part["properties"].items()}
    return {**kept, "properties": settings}


def _setting(schema: Schema, sourced: dict[str, str]) -> Schema:
    """A setting, bare or sourced; a section of settings may also stand empty."""
    schema = _untitled(schema)
    words: Schema = {k: schema.pop(k) for k in ("description", "default") if k in schema}
    references = {c["$ref"].rpartition("/")[2] for c in _choices(schema) if "$ref" in c}
    if references - set(TABLES):
        return {"anyOf": [*_choices(schema), {"type": "null"}], **words}
    for choice in _choices(schema):
        _open_inside(choice, sourced)
    if all(_is_open(choice) for choice in _choices(schema)):
        return {**schema, **words}
    text = json.dumps(schema, sort_keys=True)
    # Named by content, so that a new setting leaves the rest of the file as it is.
    name = sourced.setdefault(text, f"sourced_{hashlib.sha256(text.encode()).hexdigest()[:6]}")
    return {"anyOf": [schema, {"$ref": f"#/$defs/{name}"}], **words}


def _open_inside(choice: Schema, sourced: dict[str, str]) -> None:
    """Let the entries of a table, and the numbers of a list, be sourced each for itself."""
    if choice.get("type") == "object" and choice["additionalProperties"] is not True:
        choice["additionalProperties"] = _setting(choice["additionalProperties"], sourced)
    elif choice.get("type") == "array" and choice["items"].get("type") == "number":
        choice["items"] = _setting(choice["items"], sourced)


def _choices(schema: Schema) -> list[Schema]:
    """The schemas of which a value fits one; that there may be none of it is left out."""
    return [c for c in schema.get("anyOf", [schema]) if c != {"type": "null"}]


def _is_open(schema: Schema) -> bool:
    """Whether anything fits: free text, a list of it, or settings by their paths."""
    if schema.get("type") == "array":
        return bool(schema["items"] == {"type": "string"})
    if schema.get("type") == "object":
        return schema["additionalProperties"] is True
    return not schema or (schema.get("type") == "string" and not schema.keys() & {"enum", "format"})


def _untitled(schema: Schema) -> Schema:
    return {key: value for key, value in schema.items() if key != "title"}


def _sourced_part(value: Schema) -> Schema:
    """A value with its source, and its range if it is a number."""
    says = [name for name in ABOUT if _is_number(value) or name not in ("low", "high")]
    return {
        "type": "object",
        "description": "A value with its source and, if it is uncertain, its range.",
        "additionalProperties": False,
        "properties": {"value": value, **{name: {"$ref": f"#/$defs/{name}"} for name in says}},
    }


def _is_number(value: Schema) -> bool:
    kinds = [value, *value.get("anyOf", [])]
    return any(kind.get("type") in ("number", "integer") for kind in kinds)
