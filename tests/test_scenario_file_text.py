from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from sufficiency.measures import MEASURES
from sufficiency.scenario import Assumption, Study, past
from sufficiency.scenario_file import ScenarioFileError, find, load
from sufficiency.scenario_file.describing import (
    assumption_rows,
    changes_lines,
    compact,
    steady_state_lines,
)
from sufficiency.scenario_file.figures import KNOWN, Figure, read_figures
from sufficiency.scenario_file.problems import Problems
from sufficiency.scenario_file.reading import Node, read_file, shipped_folders
from sufficiency.scenario_file.schema import json_schema, schema_path, schema_text, write_schema
from sufficiency.scenario_file.starter import new_scenario_text
from sufficiency.scenario_file.writing import resolved_yaml, scenario_hash

Write = Callable[..., Path]


@lru_cache
def shipped(name: str) -> Study:
    return load(name)


RICH = """\
extends: england
name: Test
homes:
  - {name: A, registered: 4, usable: 3}
fostering: {households: {value: 48, low: 40, high: 55, source: register}}
prices: {weekly: {ifa: {value: 950, low: 900, high: 1000}}}
stays: {every_child: {distribution: empirical, days: [3, 5.5]}}
changes: [{on: 2026-04-01, path: ifa.market, to: {value: 0.9, low: 0.8, high: 1.0}}]
observed: [{measure: exits, period: 2025-26, value: 0, source: 'it: "said"', use: check}]
options:
  a: {description: "Yes: no", set: {fostering.match_chance: {value: 0.2, low: 0.1, high: 0.3}}}
  b: {add: {homes: [{name: B, registered: {value: 3, low: 2, high: 4}, usable: 0}]}}
  c: {combine: [a, b], set: {placement.plan_at_entry.1-4: {foster: 0.62, home: 0.05}}}
  d: {set: {}}
"""


def same(one: Study, other: Study) -> bool:
    def rows(study: Study) -> list[Assumption]:
        return [a.model_copy(update={"where": ""}) for a in study.assumptions]

    return (one.scenario, one.options, rows(one)) == (other.scenario, other.options, rows(other))


@pytest.mark.parametrize("name", ["england", "camden", "rich"])
def test_a_resolved_scenario_says_the_same_by_itself(name: str, write: Write) -> None:
    study = load(write(RICH)) if name == "rich" else shipped(name)
    text = resolved_yaml(study)
    assert "extends" not in text
    again = load(write(text, "resolved.yaml"))
    assert same(study, again)
    assert resolved_yaml(again) == text
    assert scenario_hash(again) == scenario_hash(study)


def test_the_hash_follows_what_is_computed_and_nothing_else(write: Write) -> None:
    base = scenario_hash(load(write(RICH)))
    assert len(base) == 64
    for old, new, differs in (
        ("source: register", "source: other", False),
        ("value: 48", "value: 49", True),
        ("high: 55", "high: 56", True),
        ("Yes: no", "No: yes", True),
        ("foster: 0.62, home: 0.05", "foster: 0.61, home: 0.06", True),
    ):
        changed = scenario_hash(load(write(RICH.replace(old, new))))
        assert (changed != base) is differs, new


def test_changes_are_listed_from_old_to_new(tiny: Path) -> None:
    lines = changes_lines(tiny)
    assert lines[0] == "tiny.yaml changes from scenarios/england.yaml:"
    assert "  name: England -> Tiny" in lines
    assert "  fostering.households: none -> 8" in lines
    assert "option more_carers changes from the baseline:" in lines
    assert "  fostering.recruitment.number: 0 -> 5" in lines
    home = "{name: New home, registered: 2, usable: 2, opens: 2025-10-01}"
    assert lines.count(f"  homes: + {home}") == 2
    assert not any("demand" in line for line in lines)


def test_changes_of_tables_lists_and_distributions_are_compact(write: Write) -> None:
    lines = changes_lines(write(RICH))
    england = shipped("england").scenario
    assert f"  prices.weekly.ifa: {compact(england.prices.weekly['ifa'])} -> 950" in lines
    assert "  homes: + {name: A, registered: 4, usable: 3}" in lines
    assert "  homes: - {name: Own home A, registered: 4, usable: 3, match_chance: 0.3}" in lines
    assert "  stays.every_child: none -> {distribution: empirical, days: [3, 5.5]}" in lines
    assert "  placement.plan_at_entry.1-4.home: none -> 0.05" in lines
    assert lines[-1] == "  (nothing)"
    assert all(len(line) < 250 for line in lines)


def test_a_file_that_extends_nothing_says_so() -> None:
    assert changes_lines("england") == ["scenarios/england.yaml extends no other file"]


def test_the_assumptions_log_flags_what_has_no_source(tiny: Path) -> None:
    rows = {line.path: line for line in assumption_rows(load(tiny))}
    assert rows["authority.children_in_care"].source == "made up, 2025-03-31"
    assert rows["fostering.households"].range == "6 to 10"
    assert rows["authority.child_population"].source == "no source"


def test_the_steady_state_is_set_beside_what_is_stated(tiny: Path) -> None:
    total, uasc, factor = steady_state_lines(load(tiny))
    assert total == "children in care: 40 in the long run, 40 stated on the first day (+0%)"
    assert "3 stated" in uasc
    assert "long stays are scaled by" in factor


GIVEN = {
    "children_in_care": Figure(320, "DfE 2025", "2025-03-31"),
    "uasc_in_care": Figure(25),
    "child_population": Figure(50_000, "ONS"),
    "starts": Figure(130, "DfE 2025"),
    "uasc_starts": Figure(16, "DfE 2025"),
    "leavers": Figure(120, "DfE 2025"),
    "in_area_share": Figure(0.6),
    "foster_households": Figure(80, "register"),
    "foster_places": Figure(150, "register"),
    "foster_households_left": Figure(12, 'the "old" register'),
    "foster_households_approved": Figure(6),
    "own_homes": Figure(3, "Ofsted"),
    "own_home_places": Figure(11, "Ofsted"),
    "share_in_house": Figure(0.3, "list"),
    "share_ifa": Figure(0.3, "list"),
}


def test_a_starter_scenario_loads_and_says_where_figures_are_published(write: Write) -> None:
    text = new_scenario_text("Our Borough")
    study = load(write(text, "ours.yaml"))
    assert study.scenario.name == "Our Borough"
    assert "# entries_per_year: 167" in text  # (30.3 + UASC 5.7 + remands 0.6) per 100 of 457
    assert study.scenario.authority == shipped("england").scenario.authority
    assert "Children looked after in England" in text
    for figure in KNOWN:
        assert figure.name.startswith("share_") or figure.what in text


def test_every_commented_setting_of_a_starter_can_be_taken_up(write: Write) -> None:
    head, body = new_scenario_text("Ours").split("extends:")
    taken = re.sub(r"(?m)^( *)# ((?:  )*(?:[a-z_0-9]+:|- \{))", r"\1\2", body)
    assert "# start" in body
    assert "# start" not in taken
    scenario = load(write(f"{head}extends:{taken}", "ours.yaml")).scenario
    england = shipped("england").scenario
    assert scenario.fostering.leaving_per_year == england.fostering.leaving_per_year
    assert scenario.fostering.households is not None
    assert [home.name for home in scenario.homes] == ["Our home"]
    assert len(scenario.observed) == 2


@pytest.mark.parametrize("figures", [{}, {"children_in_care_year_before": 310}])
def test_published_values_of_a_starter_lie_in_its_past(
    figures: dict[str, float], write: Write
) -> None:
    text = new_scenario_text("Ours", figures)
    assert re.search(r"(?m)^(# )?  start: 2024-04-01$", text)
    assert "measure: exits, period: 2024-25," in text
    assert "measure: in_area_share, period: 2025-03-31," in text


def test_all_of_a_starter_taken_up_can_be_compared(write: Write) -> None:
    head, body = new_scenario_text("Ours").split("extends:")
    taken = re.sub(r"(?m)^( *)# ((?:  )*(?:[a-z_0-9]+:|- \{))", r"\1\2", body)
    study = load(write(f"{head}extends:{taken}", "ours.yaml"), measures=MEASURES)
    assert not [line for line in study.warnings if "compare" in line]


def test_a_figure_of_the_run_stays_in_the_run(write: Write) -> None:
    text = new_scenario_text("Ours", {"leavers": 120})
    assert "measure: exits, period: 2025-26," in text
    study = load(write(text, "ours.yaml"), measures=MEASURES)
    assert not [line for line in study.warnings if "never compared" in line]


def test_the_figures_given_are_in_the_starter_with_their_sources(write: Write) -> None:
    study = load(write(new_scenario_text("Ours", GIVEN), "ours.yaml"))
    s = study.scenario
    assert (s.authority.children_in_care, s.authority.uasc_in_care) == (320, 25)
    assert s.authority.child_population == 50_000
    assert (s.demand.entries_per_year, s.demand.uasc.per_100_in_care) == (130, 5)
    assert s.fostering.households == 80
    assert s.fostering.approved_places_per_household == 150 / 80
    assert s.fostering.leaving_per_year == 0.15
    assert s.fostering.approvals_per_year == 6
    assert [home.registered for home in s.homes] == [4, 4, 3]
    mix = s.placement.mix_at_start
    usual = shipped("england").scenario.placement.mix_at_start
    assert (mix["in_house"], mix["ifa"]) == (0.3, 0.3)
    assert mix["supported"] / mix["parents"] == pytest.approx(
        usual["supported"] / usual["parents"], rel=1e-3
    )
    assert {(o.measure, o.value) for o in s.observed} == {("exits", 120), ("in_area_share", 0.6)}
    sources = {a.path: (a.source, a.as_of) for a in study.assumptions}
    assert sources["authority.children_in_care"] == ("DfE 2025", "2025-03-31")
    assert sources["fostering.leaving_per_year"][0] == 'the "old" register; register'


def test_the_number_a_year_before_makes_a_past_to_compare_with(write: Write) -> None:
    given = {**GIVEN, "children_in_care_year_before": Figure(310, "DfE 2024", "2024-03-31")}
    study = load(write(new_scenario_text("Ours", given), "ours.yaml"), measures=MEASURES)
    assert study.warnings == ()
    then = past(study.scenario)
    assert (then.start, then.authority.children_in_care) == (date(2024, 4, 1), 310)
    assert {(o.measure, o.period, o.value) for o in study.scenario.observed} == {
        ("exits", "2024-25", 120),
        ("in_area_share", "2025-03-31", 0.6),
        ("children_in_care", "2025-03-31", 320),
    }
    (row,) = [a for a in study.assumptions if a.path == "validation.children_in_care"]
    assert (row.source, row.as_of) == ("DfE 2024", "2024-03-31")


def test_a_starter_asks_for_the_population_where_the_children_are_given(write: Write) -> None:
    text = new_scenario_text("Ours", {"children_in_care": 320})
    (warning,) = load(write(text, "ours.yaml")).warnings
    assert "not authority.child_population" in warning


@pytest.mark.parametrize(
    "name", ["A: b", '"quoted"', "two\nlines", "# hash", "£ é 漢", "{x}", "- a"]
)
def test_any_name_will_do(name: str) -> None:
    assert new_scenario_text(name, {"children_in_care": 5})


@pytest.mark.parametrize("figure", KNOWN, ids=lambda figure: figure.name)
def test_every_figure_alone_makes_a_starter(figure: Any) -> None:
    given: dict[str, float] = {figure.name: 0.2 if figure.share else 30}
    if figure.name in ("foster_places", "foster_households_left"):
        given["foster_households"] = 30
    if figure.name == "own_home_places":
        given["own_homes"] = 8
    assert new_scenario_text("Ours", given)


BAD_FIGURES = {
    "unknown": ({"strats": 3}, "strats: no such figure; did you mean 'starts'?"),
    "negative": ({"starts": -3}, "starts: must be a whole number, 0 or more (found -3)"),
    "broken": ({"starts": 3.5}, "starts: must be a whole number, 0 or more (found 3.5)"),
    "not a number": ({"starts": float("nan")}, "starts: must be a whole number, 0 or more (found"),
    "percent": ({"share_ifa": 28}, "must be a share from 0 to 1 (found 28); 28% is 0.28"),
    "alone": ({"foster_places": 28}, "foster_places: needs 'foster_households' beside it"),
    "more than all": ({"share_ifa": 0.7, "share_in_house": 0.6}, "add up to 1.3, more than 1"),
    "contradiction": ({"children_in_care": 3, "uasc_in_care": 4}, "uasc_in_care: is more than"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_FIGURES)
def test_figures_that_make_no_scenario_are_refused(case: str) -> None:
    figures, words = BAD_FIGURES[case]
    with pytest.raises(ScenarioFileError) as caught:
        new_scenario_text("Ours", figures)
    assert words in str(caught.value)


def test_figures_are_read_from_yaml_and_csv(write: Write) -> None:
    yaml = "starts: 130\nchildren_in_care: {value: 320, source: DfE, as_of: 2025-03-31}\n"
    csv = (
        "\ufefffigure,value,source,as_of\nstarts,130,,\n\n"
        'children_in_care,"320",DfE,2025-03-31\nchild_population,"50,000",,\n'
    )
    expected = {"starts": Figure(130), "children_in_care": Figure(320, "DfE", "2025-03-31")}
    assert read_figures(write(yaml, "f.yaml")) == expected
    assert read_figures(write(csv, "f.csv")) == {**expected, "child_population": Figure(50_000)}


BAD_FILES = {
    "f.yaml": (
        "strats: 3\nstarts: {valu: 3}\nshare_ifa: 28\n",
        [
            "f.yaml:1:1: strats: no such figure; did you mean 'starts'?",
            "f.yaml:2:10: starts.valu: no such part; did you mean 'value'?",
            "f.yaml:2:1: starts: must be a number (found nothing)",
            "f.yaml:3:1: share_ifa: must be a share from 0 to 1 (found 28); 28% is 0.28",
        ],
    ),
    "f.csv": (
        "figure,value\nstrats,3\nstarts,many\nleavers,2\nleavers,3\n",
        [
            "f.csv:2:1: strats: no such figure; did you mean 'starts'?",
            "f.csv:3:1: starts: must be a number (found 'many')",
            "f.csv:5:1: leavers: is given twice",
        ],
    ),
    "g.csv": ("a,b\n1,2\n", ["g.csv:1:1: needs a first line with the columns figure, value, so"]),
    "h.csv": ("", ["h.csv:1:1: needs a first line with the columns figure, value, so"]),
    "i.csv": (b"figure,value\nstarts,\xff\n", ["i.csv:2:8: is not UTF-8 text: save as UTF-8"]),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_of_figures_says_all_its_mistakes(name: str, write: Write) -> None:
    text, expected = BAD_FILES[name]
    with pytest.raises(ScenarioFileError) as caught:
        read_figures(write(text, name))
    heading, *lines = str(caught.value).split("\n")
    assert heading == f"{name} is not a valid file of figures:"
    assert len(lines) == len(expected)
    for line in expected:
        assert any(found.strip().startswith(line) for found in lines), line


def test_a_missing_file_of_figures_says_so(write: Write) -> None:
    write("")
    with pytest.raises(ScenarioFileError, match=r"no\.csv: cannot be read: No such file"):
        read_figures("no.csv")


def test_the_schema_on_disk_is_up_to_date(tmp_path: Path) -> None:
    assert write_schema(tmp_path / "schema.json").read_text(encoding="utf-8") == schema_text()
    if schema_path().parent.is_dir():
        on_disk = schema_path().read_text(encoding="utf-8")
        assert on_disk == schema_text(), "run scenario_file.schema.write_schema()"


def test_the_schema_requires_nothing_and_allows_nothing_unknown() -> None:
    schema = json_schema()
    assert schema["$schema"].endswith("2020-12/schema")
    assert "required" not in schema_text().replace('"description"', "")
    for part in [schema, *schema["$defs"].values()]:
        if part.get("type") == "object":
            assert part["additionalProperties"] is False
    assert schema["properties"]["fostering"]["anyOf"][0] == {"$ref": "#/$defs/Fostering"}


def test_the_schema_explains_and_takes_bare_and_sourced_values() -> None:
    schema = json_schema()
    chance = schema["$defs"]["Fostering"]["properties"]["match_chance"]
    assert chance["description"].startswith("Chance that a household suits")
    bare, sourced = chance["anyOf"]
    assert bare == {"type": "number", "minimum": 0, "maximum": 1}
    inside = schema["$defs"][sourced["$ref"].rpartition("/")[2]]["properties"]
    assert inside["value"] == bare
    assert set(inside) == {
        "value", "low", "high", "unit", "source", "as_of", "confidence", "note",
    }  # fmt: skip


def test_the_schema_knows_the_past_and_leaves_its_settings_open() -> None:
    schema = json_schema()
    block = schema["properties"]["validation"]
    assert block["anyOf"] == [{"$ref": "#/$defs/Validation"}, {"type": "null"}]
    parts = schema["$defs"]["Validation"]["properties"]
    assert parts["free"]["items"] == {"type": "string"}
    assert "$ref" in parts["children_in_care"]["anyOf"][1]
    for fits, text in (
        (True, '{"validation": {"set": {"a.b": {"value": 3}}, "free": ["a.b"]}}'),
        (True, '{"validation": null}'),
        (False, '{"validation": {"free": [3]}}'),
        (False, '{"validation": {"fre": []}}'),
        (False, '{"elsewhere": {"in_area": {"home_own": 1}}}'),
    ):
        assert (misfit(json.loads(text), schema, schema["$defs"]) == "") is fits, text


def plain(node: Node) -> Any:
    """What an editor sees: dates are text."""
    if isinstance(node.content, dict):
        return {name: plain(child) for name, child in node.content.items()}
    if isinstance(node.content, list):
        return [plain(child) for child in node.content]
    return node.text if isinstance(node.content, date) else node.content


def misfit(value: Any, schema: Any, defs: dict[str, Any]) -> str:
    """Why a value does not fit a schema, or nothing: as much of the dialect as we write."""
    if "$ref" in schema:
        return misfit(value, defs[schema["$ref"].rpartition("/")[2]], defs)
    if "anyOf" in schema:
        tried = [misfit(value, choice, defs) for choice in schema["anyOf"]]
        return "" if "" in tried else "; ".join(tried)
    if not has_type(value, schema.get("type")):
        return f"{value!r} is not {schema['type']}"
    if "enum" in schema and value not in schema["enum"]:
        return f"{value!r} is not one of {schema['enum']}"
    if isinstance(value, list):
        return next(filter(None, (misfit(v, schema["items"], defs) for v in value)), "")
    if isinstance(value, dict):
        return misfit_of_group(value, schema, defs)
    return misfit_of_number(value, schema)


def misfit_of_group(value: dict[str, Any], schema: Any, defs: dict[str, Any]) -> str:
    for name, entry in value.items():
        inner = schema.get("properties", {}).get(name, schema.get("additionalProperties", True))
        allowed = schema.get("propertyNames", {}).get("enum", [name])
        if inner is False or name not in allowed:
            return f"{name} is not allowed"
        why = "" if inner is True else misfit(entry, inner, defs)
        if why:
            return f"{name}: {why}"
    return ""


def misfit_of_number(value: Any, schema: Any) -> str:
    low, high = schema.get("minimum", value), schema.get("maximum", value)
    return "" if value is None or low <= value <= high else f"{value} is out of range"


def has_type(value: Any, names: Any) -> bool:
    kinds = {
        "object": dict, "array": list, "string": str, "boolean": bool, "null": type(None),
        "integer": int, "number": (int, float),
    }  # fmt: skip
    wanted = [names] if isinstance(names, str) else names or list(kinds)
    fits = [name for name in wanted if isinstance(value, kinds[name])]
    return bool(fits) and not (isinstance(value, bool) and "boolean" not in fits)


SHIPPED = sorted(path.name for folder in shipped_folders() for path in folder.glob("*.yaml"))


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_scenarios_fit_the_schema(name: str) -> None:
    node = read_file(find(name.removesuffix(".yaml")), Problems())
    assert node is not None
    schema = json_schema()
    assert misfit(plain(node), schema, schema["$defs"]) == ""
    if importlib.util.find_spec("jsonschema"):
        import jsonschema

        jsonschema.Draft202012Validator(schema).validate(plain(node))


def test_what_does_not_fit_the_schema_is_noticed() -> None:
    schema = json_schema()
    for text in (
        '{"fosterng": {}}',
        '{"fostering": {"match_chance": 2}}',
        '{"fostering": {"match_chance": {"value": 0.1, "souce": "x"}}}',
        '{"prices": {"weekly": {"iffa": 3}}}',
        '{"step_across": {"from_ifa": "sometimes"}}',
        '{"options": {"a": {"sets": {}}}}',
    ):
        assert misfit(json.loads(text), schema, schema["$defs"]), text
