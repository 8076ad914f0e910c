from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sufficiency import stays
from sufficiency.scenario import Assumption, Study, get_value, with_edits
from sufficiency.scenario.flows import uasc_and_remand
from sufficiency.scenario_file import ScenarioFileError, find, load, load_text
from sufficiency.scenario_file.assumptions import NOT_ASSUMED
from sufficiency.scenario_file.reading import MAX_NODES
from sufficiency.scenario_file.shape import EVERY_KEY, all_paths, type_at
from sufficiency.scenario_file.writing import resolved_yaml

HEAD = "extends: england\nname: Test\n"
Write = Callable[..., Path]


def complaint(text: str | bytes, write: Write, name: str = "child.yaml") -> list[str]:
    """The lines of the error that a file gives, its heading left out."""
    with pytest.raises(ScenarioFileError) as caught:
        load(write(text, name))
    heading, *lines = str(caught.value).split("\n")
    assert heading == f"{name} is not a valid scenario:"
    assert all(line.startswith("  ") for line in lines)
    return [line[2:] for line in lines]


def only(text: str | bytes, write: Write) -> str:
    (line,) = complaint(text, write)
    return line


@lru_cache
def shipped(name: str) -> Study:
    return load(name)


def row(study: Study, path: str) -> Assumption:
    (found,) = [a for a in study.assumptions if a.path == path]
    return found


def test_a_scenario_is_found_by_name_or_path(write: Write) -> None:
    assert find("camden").name == "camden.yaml"
    path = write(HEAD, "ours.yaml")
    assert find(path) == path
    assert find("ours").name == "ours.yaml"


def test_an_unknown_name_gets_a_suggestion_and_the_list(write: Write) -> None:
    write(HEAD, "ours.yaml")
    with pytest.raises(ScenarioFileError, match=r"no such file or shipped.*'camden'\?.*england"):
        find("camdne")
    with pytest.raises(ScenarioFileError, match=r"did you mean 'ours\.yaml'"):
        find("ors.yaml")


@pytest.mark.parametrize("name", ["", ".", "a\0b", "x" * 5000, "no/such/place", "/dev/null"])
def test_what_is_no_file_is_said_to_be_none(name: str, write: Write) -> None:
    write(HEAD)
    with pytest.raises(ScenarioFileError, match=r"folder|no such file|not a file"):
        find(name)


def test_the_error_is_the_users_mistake(write: Write) -> None:
    with pytest.raises(ScenarioFileError) as caught:
        load(write(""))
    assert caught.value.exit_code == 2


UNREADABLE: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "1:1: is empty"),
    "only comments": ("# nothing\n", "1:1: is empty"),
    "a list": ("- a\n- b\n", "1:1: must be a group of settings"),
    "one word": ("hello\n", "1:1: must be a group of settings"),
    "broken": (HEAD + "authority: {region: london\n", "4:1: not readable YAML: while parsing"),
    "a tab": (HEAD + "authority:\n\tregion: london\n", "4:1: not readable YAML: .*'.t'"),
    "not UTF-8": (b"name: A\nnote: \xa3 5\n", "2:7: is not UTF-8 text: save as UTF-8"),
    "UTF-16": ("name: A".encode("utf-16"), "1:1: is not UTF-8 text: save as UTF-8"),
    "a control character": ("name: A\x00\n", "1:1: not readable YAML"),
    "a repeated key": (HEAD + "years: 5\nyears: 6\n", r"4:1: years: is given twice \(first on l"),
    "an anchor": (HEAD + "authority: &a {region: london}\n", r"3:12: anchors and aliases \(&a\)"),
    "an alias": (HEAD + "years: *a\n", r"3:8: anchors and aliases \(\*a\)"),
    "a merge key": (HEAD + "authority:\n  <<: {region: london}\n", "4:3: merge keys .<<. are not"),
    "a tag": (HEAD + "years: !!float 5\n", r"3:8: tags \(.*float\) are not used"),
    "two documents": (HEAD + "---\nname: B\n", "3:1: a second document"),
    "a directive": ("%YAML 1.1\n---\nname: A\n", "1:1: a '%' directive is not used"),
    "a group as a name": (HEAD + "? {a: 1}\n: 2\n", "3:3: the name of a setting must be plain"),
    "too many values": ("a: [" + "1," * MAX_NODES + "]", "1:.*: holds more than 20,000 values"),
    "too deep": (HEAD + "years: " + "[" * 5000, "3:.*: is nested more than 25 deep"),
    "a deep block": ("".join(" " * n + f"k{n}:\n" for n in range(60)), ".*: is nested more than"),
    "too large": (b"#" * 1_000_001, " is larger than 1 MB"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_a_file_that_cannot_be_read_says_why_and_where(case: str, write: Write) -> None:
    text, expected = UNREADABLE[case]
    assert re.match(f"child.yaml:{expected}", only(text, write))


def test_a_bomb_of_aliases_does_no_harm(write: Write) -> None:
    bomb = "a: &a [1]\n" + "".join(f"b{n}: &b{n} [*a, *a, *a]\n" for n in range(200))
    assert any("anchors and aliases" in line for line in complaint(bomb, write))


def test_a_file_that_may_not_be_read_says_so(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(HEAD)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ScenarioFileError, match=r"child.yaml: cannot be read: Permission denied"):
        load(path)


def test_notepads_byte_order_mark_and_windows_lines_are_accepted(write: Write) -> None:
    text = "\ufeff" + HEAD.replace("\n", "\r\n") + "years: 3\r\n"
    assert load(write(text)).scenario.years == 3


def test_names_may_be_quoted_or_not(write: Write) -> None:
    text = HEAD + "fostering:\n  staying_put: {18: 0.5, '19': 0.4, \"20\": 0.3}\n"
    assert load(write(text)).scenario.fostering.staying_put["18"] == 0.5


def test_yaml_1_2_has_no_norway_and_no_octal(write: Write) -> None:
    assert load(write("extends: england\nname: NO\nreplications: 010\n")).scenario.name == "NO"
    assert load(Path("child.yaml")).scenario.replications == 10


HOMES = HEAD + "homes:\n  - {name: A, registered: 4, usable: 3}\n"

WRONG = {
    "unknown name": (
        HEAD + "demand:\n  entries_per_yaer: 5\n",
        "4:3: demand.entries_per_yaer: no such setting; did you mean 'entries_per_year'?",
    ),
    "unknown section": (
        HEAD + "fosterng: {}\n",
        "3:1: fosterng: no such setting; did you mean 'fostering'?",
    ),
    "name of another section": (
        HEAD + "households: 48\n",
        "3:1: households: no such setting; did you mean 'fostering.households'?",
    ),
    "dotted name in a file": (
        HEAD + "fostering.households: 48\n",
        "3:1: fostering.households: no such setting; here settings are nested: 'households' "
        "inside 'fostering'",
    ),
    "unknown entry of a table": (
        HEAD + "prices: {weekly: {iffa: 900}}\n",
        "3:19: prices.weekly.iffa: no such setting; did you mean 'ifa'?",
    ),
    "text for a number": (
        HEAD + "fostering: {households: forty}\n",
        "3:25: fostering.households: must be a whole number (found 'forty')",
    ),
    "quoted number": (
        HEAD + "years: '5'\n",
        "3:8: years: must be a number (found '5'); write 5",
    ),
    "percent": (
        HEAD + "ifa: {in_area: 31%}\n",
        "3:16: ifa.in_area: must be a number (found '31%'); write 0.31",
    ),
    "share above one": (
        HEAD + "ifa: {in_area: 31}\n",
        "3:16: ifa.in_area: must be 1 or less (found 31); a share: 31% is 0.31",
    ),
    "flag for a number": (
        HEAD + "years: true\n",
        "3:8: years: must be a number (found true)",
    ),
    "number for a flag": (
        HEAD + "step_across: {from_home: 1}\n",
        "3:26: step_across.from_home: must be true or false (found 1)",
    ),
    "number for a date": (
        HEAD + "start: 20260401\n",
        "3:8: start: must be a date like 2026-04-01 (found 20260401)",
    ),
    "date that is none": (
        HEAD + "start: 2026-02-30\n",
        "3:8: start: must be a date like 2026-04-01 (found '2026-02-30')",
    ),
    "time of day": (
        HEAD + "start: 2026-04-01T10:00:00\n",
        "3:8: start: must be a date like 2026-04-01 (found '2026-04-01T10:00:00')",
    ),
    "number for text": (
        HEAD.replace("Test", "3"),
        "2:7: name: must be text (found 3)",
    ),
    "broken number": (
        HEAD + "replications: 2.5\n",
        "3:15: replications: must be a whole number (found 2.5)",
    ),
    "endless number": (
        HEAD + f"replications: 0x{'f' * 90}\n",
        f"3:15: replications: must be a whole number (found '0x{'f' * 36}…)",
    ),
    "not a number": (
        HEAD + "demand: {trend_per_year: .nan}\n",
        "3:26: demand.trend_per_year: must be a finite number (found nan)",
    ),
    "too many": (
        HEAD + "years: 26\n",
        "3:8: years: must be 25 or less (found 26)",
    ),
    "nothing": (
        HEAD + "years: 0\n",
        "3:8: years: must be above 0 (found 0)",
    ),
    "empty": (
        HEAD + "years:\n",
        "3:1: years: must be a number (found nothing)",
    ),
    "one of a few": (
        HEAD + "fostering: {recruitment: {unit: carer}}\n",
        "3:33: fostering.recruitment.unit: must be one of households, carers, places "
        "(found 'carer'); did you mean 'carers'?",
    ),
    "list for a group": (
        HEAD + "authority: [1]\n",
        "3:12: authority: must be a group of settings (found a list)",
    ),
    "group for a list": (
        HEAD + "homes: {name: A}\n",
        "3:8: homes: must be a list (found a group of settings)",
    ),
    "wrong length": (
        HEAD + "demand: {month_index: [1, 2]}\n",
        "3:23: demand.month_index: must have 12 entries, not 2 (found a list)",
    ),
    "negative places": (
        HOMES + "  - {name: B, registered: -2, usable: 0}\n",
        "5:27: homes.1.registered: must be 0 or more (found -2)",
    ),
    "missing": (
        HOMES + "  - {name: B, registered: 2}\n",
        "5:5: homes.1.usable: is missing",
    ),
    "misspelt and so missing": (
        HOMES + "  - {nam: B, registered: 2, usable: 2}\n",
        "5:6: homes.1.nam: no such setting; did you mean 'name'?",
    ),
    "two homes of one name": (
        HOMES + "  - {name: A, registered: 2, usable: 2}\n",
        "4:3: homes: two homes are called 'A'",
    ),
    "more usable than registered": (
        HOMES + "  - name: B\n    registered: 2\n    usable: 3\n",
        "7:13: homes.1.usable: usable (3) is more than registered (2)",
    ),
    "closes before it opens": (
        HOMES + "  - {name: B, registered: 2, usable: 2, opens: 2026-01-01, closes: 2025-01-01}\n",
        "5:5: homes.1: it closes (2025-01-01) before it opens (2026-01-01)",
    ),
    "shares that do not add up": (
        HEAD + "moves:\n  causes: {planned: 0.5}\n",
        "4:11: moves.causes: shares must add up to 1 (they add up to 1.17)",
    ),
    "shares of a group": (
        HEAD + "stays: {pathways: {1-4: {long: 0.5}}}\n",
        "3:25: stays.pathways.1-4: pathway shares must add up to 1 (they add up to 1.24)",
    ),
    "more UASC than children": (
        HEAD + "authority: {children_in_care: 5, uasc_in_care: 6}\n",
        "3:48: authority.uasc_in_care: is more than authority.children_in_care",
    ),
    "staying put rises": (
        HEAD + "fostering: {staying_put: {'19': 0.9}}\n",
        "3:26: fostering.staying_put: staying_put needs shares at 18, 19 and 20, none above the "
        "one before",
    ),
    "incomplete distribution": (
        HEAD + "stays: {short: {distribution: gamma, mean_days: 30}}\n",
        "3:16: stays.short: gamma needs shape",
    ),
    "dates out of order": (
        HEAD + "demand:\n  surges:\n    - {from: 2026-05-01, to: 2026-04-01, extra_children: 9, "
        "stream: uasc}\n",
        "5:7: demand.surges.0: a surge must end after it begins (2026-05-01 to 2026-04-01)",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_is_said_in_words_at_its_place(case: str, write: Write) -> None:
    text, expected = WRONG[case]
    assert only(text, write) == f"child.yaml:{expected}"


SOURCED = {
    "value outside its range": (
        "{value: 5, low: 6, high: 7}",
        "3:24: years: the range from 6 to 7 does not contain 5",
    ),
    "half a range": (
        "{value: 5, low: 4}",
        "3:24: years: has 'low' alone; a range needs both low and high",
    ),
    "end that no value may have": (
        "{value: 5, low: -1, high: 9}",
        "3:24: years: the low end of the range must be above 0 (found -1)",
    ),
    "end that is no number": (
        "{value: 5, low: few, high: 9}",
        "3:24: years.low: must be a number (found 'few')",
    ),
    "misspelt": (
        "{value: 5, souce: x}",
        "3:19: years.souce: no such setting of a sourced value; did you mean 'source'?",
    ),
    "no value": (
        "{low: 4, high: 6}",
        "3:8: years: must be a number (found a group of settings); a sourced value gives its "
        "number as 'value'",
    ),
    "misspelt value": (
        "{vlaue: 4}",
        "3:8: years: must be a number (found a group of settings); a sourced value gives its "
        "number as 'value'",
    ),
    "sourced twice": (
        "{value: {value: 5}}",
        "3:24: years: is a sourced value inside a sourced value",
    ),
    "a list as source": (
        "{value: 5, source: [x]}",
        "3:27: years.source: must be text (found a list)",
    ),
}


@pytest.mark.parametrize("case", SOURCED)
def test_a_sourced_value_is_checked(case: str, write: Write) -> None:
    value, expected = SOURCED[case]
    assert complaint(f"{HEAD}years: {value}\n", write)[0] == f"child.yaml:{expected}"


def test_both_ends_of_a_range_must_be_valid_values(write: Write) -> None:
    lines = complaint(HEAD + "ifa: {in_area: {value: 0.3, low: -0.1, high: 1.2}}\n", write)
    assert [line.partition(": the ")[2] for line in lines] == [
        "high end of the range must be 1 or less (found 1.2)",
        "low end of the range must be 0 or more (found -0.1)",
    ]


def test_only_a_number_has_a_range(write: Write) -> None:
    text = HEAD + "authority: {region: {value: london, low: 1, high: 2}}\n"
    assert only(text, write).endswith(
        "authority.region: has a range, which only a single number can have"
    )


def test_a_unit_that_contradicts_the_inherited_one_names_both(write: Write) -> None:
    text = HEAD + "demand:\n  uasc: {per_100_in_care: {value: 100, unit: children a week}}\n"
    expected = (
        "child.yaml:4:46: demand.uasc.per_100_in_care: the unit 'children a week' contradicts "
        "'children a year per 100 in care', the unit of this setting"
    )
    assert only(text, write) == expected


def test_the_unit_of_a_table_holds_for_its_entries(write: Write) -> None:
    assert "contradicts '£ a week" in only(
        HEAD + "prices: {weekly: {ifa: {value: 40, unit: £ a day}}}\n", write
    )
    text = HEAD + "prices: {weekly: {ifa: {value: 950, unit: '£ a week, 2025-26'}}}\n"
    assert load(write(text)).scenario.prices.weekly["ifa"] == 950


def test_all_mistakes_of_all_kinds_come_in_one_message(write: Write) -> None:
    write("extends: england\nname: Parent\nyears: {value: 3, low: 4, high: 5}\n", "parent.yaml")
    text = """\
extends: parent
nmae: Test
years: many
years: 3
fostering:
  in_area: {value: 0.5, unit: kilometres, souce: x}
  match_chance: {value: 0.1, low: 0.1, high: 3}
  households: &x 5
moves: {causes: {planned: 0.9}}
homes: [{name: A, registered: 1, usable: 2}]
changes: [{on: 2019-01-01, path: fostering.matchchance, to: 1}]
options:
  a: {set: {fostering.recruitmnt.number: 1, ifa.in_area: 3}}
  b: {combine: [c]}
"""
    lines = [line.split(": ", 1) for line in complaint(text, write)]
    assert [place for place, _ in lines] == [
        "child.yaml:2:1",
        "child.yaml:3:8",
        "child.yaml:4:1",
        "child.yaml:6:43",
        "child.yaml:7:35",
        "child.yaml:8:15",
        "child.yaml:9:17",
        "child.yaml:10:42",
        "child.yaml:11:16",
        "child.yaml:11:34",
        "child.yaml:13:13",
        "child.yaml:13:58",
        "child.yaml:14:17",
        "parent.yaml:3:24",
    ]


def test_a_child_is_looked_for_beside_the_file_and_then_among_the_shipped(write: Write) -> None:
    write(HEAD + "years: 2\n", "camden.yaml")
    assert load(write("extends: camden\nname: C\n")).scenario.years == 2
    Path("folder").mkdir()
    write("extends: ../camden.yaml\nname: D\n", "folder/d.yaml")
    assert load("folder/d.yaml").scenario.years == 2
    assert load(write("extends: england\nname: E\n")).scenario.name == "E"


EXTENDS = {
    "unknown": ("extends: englnd\n", "1:10: extends: no such file.*'englnd'.*mean 'england'"),
    "list": ("extends: [a]\n", "1:10: extends: must be the name or path of one other file"),
    "itself": ("extends: child\n", "1:10: extends: goes round in a circle: child.yaml -> child"),
    "number": ("extends: 3\n", "1:10: extends: must be the name .*found 3"),
    "unreadable name": ('extends: "a\\0b"\n', "1:10: extends: no such file"),
}


@pytest.mark.parametrize("case", EXTENDS)
def test_a_file_that_cannot_be_extended(case: str, write: Write) -> None:
    text, expected = EXTENDS[case]
    assert re.match(f"child.yaml:{expected}", only(text + "name: A\n", write))


def test_what_is_wrong_beside_a_missing_parent_is_said_too(write: Write) -> None:
    lines = complaint("extends: nobody\nname: A\nyears: -1\nfosterng: {}\n", write)
    assert [line.split(": ")[1] for line in lines] == ["extends", "years", "fosterng"]


def test_a_circle_of_files_names_them(write: Write) -> None:
    write("extends: b\nname: A\n", "a.yaml")
    write("extends: child\nname: B\n", "b.yaml")
    assert "circle: child.yaml -> a.yaml -> b.yaml -> child.yaml" in only("extends: a\n", write)


def test_a_chain_has_an_end(write: Write) -> None:
    for n in range(12):
        write(f"extends: f{n + 1}\nname: A\n", f"f{n}.yaml")
    write("extends: england\n", "f12.yaml")
    assert "f8.yaml:1:10: extends: more than 10 files" in only("extends: f0\nname: A\n", write)


def test_a_mistake_in_a_parent_is_said_at_its_place_there(write: Write) -> None:
    write(HEAD + "years: 0\nfostering: {households: -1}\n", "parent.yaml")
    assert complaint("extends: parent\nname: Child\nyears: 2\n", write) == [
        "parent.yaml:4:25: fostering.households: must be 0 or more (found -1)"
    ]


def test_a_file_alone_must_be_complete(write: Write) -> None:
    lines = complaint("name: Alone\n", write)
    assert lines[0] == ("child.yaml:1:1: authority: is missing; 'extends: england' supplies it")
    assert len(lines) > 15


def test_a_table_that_needs_every_entry_says_which_is_missing(write: Write) -> None:
    text = resolved_yaml(shipped("england"))
    short = text.replace("value: {under_5: 0.8, ", "value: {")
    assert short != text
    assert only(short, write).endswith("moves.age_factor.under_5: is missing")


def test_the_tables_that_need_every_entry_exist() -> None:
    assert all(type_at(path.split(".")) is not None for path in EVERY_KEY)
    assert len(all_paths()) > 300


def test_groups_merge_and_values_and_lists_replace(write: Write) -> None:
    text = HEAD + "prices: {weekly: {ifa: 950}}\nhomes: [{name: A, registered: 2, usable: 1}]\n"
    scenario = load(write(text)).scenario
    england = shipped("england").scenario
    assert dict(scenario.prices.weekly) == {**england.prices.weekly, "ifa": 950}
    assert [home.name for home in scenario.homes] == ["A"]


def test_a_named_distribution_replaces_as_a_whole(write: Write) -> None:
    text = (
        HEAD
        + "stays: {short: {distribution: exponential, mean_days: 40}, court: {1-4: {sigma: 1}}}"
    )
    scenario = load(write(text)).scenario
    assert scenario.stays.short.median_days is None
    assert scenario.stays.court["1-4"].sigma == 1
    assert scenario.stays.court["1-4"].median_days is not None


def test_a_heading_with_nothing_below_changes_nothing(write: Write) -> None:
    study = load(write(HEAD + "fostering:\n  # households: 5\nprices:\noptions:\n"))
    assert study.scenario.fostering == shipped("england").scenario.fostering
    assert study.options == ()


def test_nothing_clears_what_may_be_left_out(write: Write) -> None:
    write(HEAD + "fostering: {households: 9}\nstays: {every_child: "
          "{distribution: exponential, mean_days: 9}}\n", "parent.yaml")  # fmt: skip
    text = "extends: parent\nfostering: {households: null}\nstays: {every_child: null}\n"
    scenario = load(write(text)).scenario
    assert scenario.fostering.households is None
    assert scenario.stays.every_child is None


def test_a_child_has_its_parents_options_and_may_change_them(tiny: Path, write: Write) -> None:
    text = "extends: tiny\noptions:\n  more_carers: {set: {fostering.recruitment.unit: carers}}\n"
    options = {option.name: option for option in load(write(text)).options}
    assert list(options) == ["more_carers", "new_home", "both"]
    assert {e.path: e.value for e in options["more_carers"].edits} == {
        "fostering.recruitment.number": 5,
        "fostering.recruitment.unit": "carers",
    }


def test_an_assumption_says_where_its_value_stands(tiny: Path) -> None:
    study = load(tiny)
    children = row(study, "authority.children_in_care")
    assert children.value == 40
    assert children.where == "tiny.yaml:7:29"
    said = (children.source, children.as_of, children.unit, children.confidence)
    assert said == ("made up", "2025-03-31", "children", "")
    assert row(study, "prices.weekly.ifa").where.startswith("scenarios/england.yaml:")


def test_an_overridden_value_keeps_its_unit_and_nothing_else(write: Write) -> None:
    study = load(write(HEAD + "fostering: {households_per_100_in_care: 20}\n"))
    changed = row(study, "fostering.households_per_100_in_care")
    assert changed.unit == "households"
    assert (changed.source, changed.low, changed.as_of, changed.confidence) == ("", None, "", "")


def test_an_entry_of_a_sourced_table_drops_the_source_for_itself_only(write: Write) -> None:
    study = load(write(HEAD + "prices: {allowance: {weekly: {london: {0-2: 210}}}}\n"))
    table = "prices.allowance.weekly"
    changed, kept = row(study, f"{table}.london.0-2"), row(study, f"{table}.london.3-4")
    assert (changed.value, changed.source) == (210, "")
    assert changed.unit == kept.unit != ""
    assert kept.source == row(shipped("england"), table).source
    assert not [a for a in study.assumptions if a.path == table]


def test_a_table_sourced_anew_as_a_whole_is_one_row(write: Write) -> None:
    causes = "{planned: 0.4, breakdown: 0.3, other: 0.3}"
    text = HEAD + f"moves: {{causes: {{value: {causes}, source: ours}}}}\n"
    changed = row(load(write(text)), "moves.causes")
    assert changed.source == "ours"
    assert changed.value == {"planned": 0.4, "breakdown": 0.3, "other": 0.3}


def test_a_sourced_value_may_stand_in_a_list_or_a_sourced_table(write: Write) -> None:
    home = "{name: A, registered: {value: 4, source: Ofsted, low: 3, high: 5}, usable: 3}"
    match = "{standard: {value: 0.8, low: 0.7, high: 0.9}, enhanced: 0.7, complex: 0.5}"
    study = load(write(f"{HEAD}homes: [{home}]\nexternal_homes: {{found_at_once: {match}}}\n"))
    assert row(study, "homes.0.registered").high == 5
    assert row(study, "external_homes.found_at_once.standard").low == 0.7
    assert row(study, "homes.0.usable").source == ""


def test_every_setting_has_a_row_or_belongs_to_one() -> None:
    study = shipped("camden")
    paths = {a.path for a in study.assumptions} | {"validation"}  # has tests of its own
    for path, value in leaves(study.scenario.model_dump(by_alias=True)):
        top = path.split(".")[0]
        covered = any(path == p or path.startswith(f"{p}.") for p in paths)
        label = top in NOT_ASSUMED
        usual = path.startswith("prices.uplift.") and path.endswith(".month") and value == 4
        assert covered or label or usual or path.endswith(".name") or not value, path


def leaves(value: Any, at: str = "") -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list | tuple):
        inner = {str(place): item for place, item in enumerate(value)}.items()
    else:
        return [(at[1:], value)]
    return [leaf for name, item in inner for leaf in leaves(item, f"{at}.{name}")]


def test_an_assumption_matches_the_scenario() -> None:
    study = shipped("camden")
    for assumption in study.assumptions:
        elsewhere = assumption.path.startswith(("options.", "validation.set."))
        if isinstance(assumption.value, int | float | str) and not elsewhere:
            assert get_value(study.scenario, assumption.path) == assumption.value


def test_a_default_that_no_file_states_has_a_row(write: Write) -> None:
    study = load(write(HOMES))
    assert row(study, "homes.0.match_chance").source == "default of the model"
    assert row(study, "homes.0.match_chance").where == ""


@pytest.mark.parametrize("name", ["medway", "camden"])
def test_what_of_the_entries_is_apart_is_derived(name: str) -> None:
    study = shipped(name)
    found = row(study, "demand.uasc_in_entries_per_year")
    assert found.value == uasc_and_remand(study.scenario)
    assert found.confidence == "derived"
    assert found.source == (
        "UASC and children on remand of the baseline, so that an option about them leaves the "
        "other children as they are"
    )


def test_nothing_is_apart_where_entries_are_rates() -> None:
    paths = [line.path for line in shipped("england").assumptions]
    assert "demand.uasc_in_entries_per_year" not in paths


def test_stock_and_flow_set_the_long_stay_factor() -> None:
    study = shipped("camden")
    factor = row(study, "stays.long_stay_factor")
    assert factor.value == study.scenario.stays.long_stay_factor != 1
    assert factor.confidence == "derived"
    assert "entries" in factor.source
    steady = stays.steady_state(study.scenario)["total"]
    assert steady == pytest.approx(study.scenario.authority.children_in_care, rel=0.01)


def test_a_stock_that_cannot_be_kept_is_a_warning(write: Write) -> None:
    study = load(write(HEAD + "demand: {entries_per_year: 5000}\n"))
    assert len(study.warnings) == 1
    assert "expect the number to drift" in study.warnings[0]


def test_extreme_stays_are_a_mistake_and_no_crash(write: Write) -> None:
    stay = "{distribution: lognormal, mean_days: 30, sigma: 1.0e+200}"
    lines = complaint(f"{HEAD}stays: {{short: {stay}}}\n", write)
    assert lines == [
        "child.yaml:3:1: stays: the lengths of stay are too extreme to work out how many children "
        "are in care"
    ]


def options_of(body: str, write: Write) -> dict[str, Any]:
    study = load(write(HOMES + "options:\n" + body))
    return {o.name: with_edits(study.scenario, o.edits) for o in study.options}


def test_an_option_sets_and_adds(write: Write) -> None:
    built = options_of(
        "  a: {set: {fostering.recruitment.number: 20, prices: {weekly: {ifa: 950}}}}\n"
        "  b: {add: {homes: [{name: B, registered: 2, usable: 2}], emergency.beds: 2}}\n"
        "  c: {set: {homes.0.usable: 1, fostering: {match_chance: {value: 0.2, source: x}}}}\n"
        "  nothing: {set: {}}\n",
        write,
    )
    assert built["a"].fostering.recruitment.number == 20
    assert built["a"].prices.weekly["ifa"] == 950
    assert built["a"].prices.weekly["secure"] == shipped("england").scenario.prices.weekly["secure"]
    assert [home.name for home in built["b"].homes] == ["A", "B"]
    assert built["b"].emergency.beds == shipped("england").scenario.emergency.beds + 2
    assert (built["c"].homes[0].usable, built["c"].fostering.match_chance) == (1, 0.2)
    assert built["nothing"].fostering == shipped("england").scenario.fostering


def test_an_option_may_give_a_table_an_entry_or_replace_a_distribution(write: Write) -> None:
    built = options_of(
        "  a: {set: {placement.plan_at_entry.1-4: {kin: 0.27, foster: 0.62, home: 0.05}}}\n"
        "  b: {set: {stays.short: {distribution: exponential, mean_days: 30}}}\n"
        "  c: {set: {stays.every_child: {distribution: exponential, mean_days: 30}}}\n",
        write,
    )
    assert built["a"].placement.plan_at_entry["1-4"]["home"] == 0.05
    assert built["b"].stays.short.sigma is None
    assert built["c"].stays.every_child.mean_days == 30


def test_combined_options_come_in_order_with_own_edits_last(write: Write) -> None:
    body = """\
  a: {set: {fostering.recruitment.number: 20}, add: {emergency.beds: 1}}
  b: {add: {homes: [{name: B, registered: 2, usable: 2}], emergency.beds: 2}}
  c: {add: {homes: [{name: C, registered: 2, usable: 2}]}, set: {homes.0.usable: 2}}
  all: {combine: [a, b, c], set: {fostering.recruitment.number: 30}}
  nested: {combine: [all]}
"""
    built = options_of(body, write)
    for name in ("all", "nested"):
        assert [home.name for home in built[name].homes] == ["A", "B", "C"]
        assert built[name].fostering.recruitment.number == 30
        assert built[name].emergency.beds == built["a"].emergency.beds + 2


def test_the_range_of_a_value_in_an_option_is_kept(write: Write) -> None:
    body = """\
options:
  a: {set: {fostering.match_chance: {value: 0.2, low: 0.1, high: 0.3, source: guess}}}
  b: {add: {homes: [{name: B, registered: {value: 3, low: 2, high: 4}, usable: 2}]}}
  c: {add: {emergency.beds: {value: 2, low: 1, high: 3, source: x}}}
  d: {add: {emergency.beds: 4}}
  all: {combine: [a, b, c, d]}
"""
    study = load(write(HOMES + body))
    chance = row(study, "options.a.fostering.match_chance")
    assert (chance.low, chance.high, chance.source) == (0.1, 0.3, "guess")
    assert chance.where == "child.yaml:6:45"
    assert row(study, "options.b.homes.0.registered").high == 4
    assert row(study, "options.all.homes.0.registered").low == 2
    beds = row(study, "options.all.emergency.beds")
    assert (beds.value, beds.low, beds.high) == (6, 5, 7)


def test_an_option_inherits_the_unit_and_may_not_contradict_it(write: Write) -> None:
    good = "options: {a: {set: {prices.weekly.ifa: {value: 900, source: x}}}}\n"
    assert row(load(write(HEAD + good)), "options.a.prices.weekly.ifa").unit.startswith("£ a week")
    bad = "options: {a: {set: {prices.weekly.ifa: {value: 900, unit: £ a day}}}}\n"
    assert "the unit '£ a day' contradicts '£ a week" in only(HEAD + bad, write)


OPTIONS = {
    "path that does not exist": (
        "a: {set: {fostering.recruitmnt.number: 20}}",
        "6:13: options.a.fostering.recruitmnt.number: no such setting; did you mean "
        "'fostering.recruitment.number'?",
    ),
    "only the end of a path": (
        "a: {set: {recruitment.number: 20}}",
        "6:13: options.a.recruitment.number: no such setting; did you mean "
        "'fostering.recruitment.number'?",
    ),
    "nested path that does not exist": (
        "a: {set: {fostering: {match_chnce: 0.2}}}",
        "6:25: options.a.fostering.match_chnce: no such setting; did you mean "
        "'fostering.match_chance'?",
    ),
    "path of an add": (
        "a: {add: {homs: []}}",
        "6:13: options.a.homs: no such setting; did you mean 'homes'?",
    ),
    "entry that no table has": (
        "a: {set: {prices.weekly: {iffa: 3}}}",
        "6:29: options.a.prices.weekly.iffa: no such setting; did you mean 'ifa'?",
    ),
    "item that is not there": (
        "a: {set: {homes.3.usable: 1}}",
        "6:13: options.a.homes.3: there is no item 3; the list has 1, from 0",
    ),
    "value that is not valid": (
        "a: {set: {fostering.recruitment.unit: carer}}",
        "6:41: options.a.fostering.recruitment.unit: must be one of households, carers, places "
        "(found 'carer'); did you mean 'carers'?",
    ),
    "item that is not valid": (
        "a: {add: {homes: [{name: B, registered: 2, usable: -1}]}}",
        "6:54: options.a.homes.1.usable: must be 0 or more (found -1)",
    ),
    "unknown name in an item": (
        "a: {add: {homes: [{name: B, registered: 2, usable: 1, opns: 3}]}}",
        "6:57: options.a.homes.1.opns: no such setting; did you mean 'opens'?",
    ),
    "name taken": (
        "a: {add: {homes: [{name: A, registered: 2, usable: 1}]}}",
        "6:20: options.a.homes: two homes are called 'A'",
    ),
    "shares that do not add up": (
        "a: {set: {moves.causes.planned: 0.9}}",
        "6:35: options.a.moves.causes: shares must add up to 1 (they add up to 1.57)",
    ),
    "range whose end is not valid": (
        "a: {set: {ifa.in_area: {value: 0.5, low: 0, high: 2}}}",
        "6:44: options.a.ifa.in_area: the high end of the range: must be 1 or less (found 2); a "
        "share: 2% is 0.02",
    ),
    "start": (
        "a: {set: {start: 2026-04-01}}",
        "6:13: options.a.start: no option can change 'start': it is the same for all that are "
        "compared",
    ),
    "group for a list": (
        "a: {add: {homes: {name: B}}}",
        "6:20: options.a.homes: must be a list of what to add (found a group of settings)",
    ),
    "adding to nothing": (
        "a: {add: {fostering.households: 3}}",
        "6:35: options.a.fostering.households: has no value to add to; use 'set'",
    ),
    "adding to a word": (
        "a: {add: {authority.region: 3}}",
        "6:31: options.a.authority.region: only a list or a number can be added to; use 'set'",
    ),
    "adding a word": (
        "a: {add: {emergency.beds: three}}",
        "6:29: options.a.emergency.beds: must be a number to add (found 'three')",
    ),
    "set twice": (
        "a: {set: {ifa.in_area: 0.3, ifa: {in_area: 0.4}}}",
        "6:37: options.a.ifa.in_area: is set twice",
    ),
    "not a group": (
        "a: {set: 3}",
        "6:12: options.a.set: must be a group of settings and values (found 3)",
    ),
    "says nothing": ("a: {}", "6:3: options.a: must be a group that says 'set', 'add' or"),
    "unknown part": (
        "a: {set: {}, ad: {}}",
        "6:16: options.a.ad: no such part; did you mean 'add'?",
    ),
    "description that is none": (
        "a: {set: {}, description: [x]}",
        "6:29: options.a.description: must be text (found a list)",
    ),
    "capital letters": (
        "Two Beds: {set: {}}",
        "6:3: options.Two Beds: is not a name for an option: small letters, digits and '_', and "
        "not 'baseline'",
    ),
    "baseline": ("baseline: {set: {}}", "6:3: options.baseline: is not a name for an option"),
    "unknown option": (
        "two_beds: {set: {}}\n  b: {combine: [two_bed]}",
        "7:17: options.b.combine: no such option (found 'two_bed'); did you mean 'two_beds'?",
    ),
    "no list": ("a: {combine: b}", "6:16: options.a.combine: must be a list of options (found 'b'"),
    "circle": (
        "a: {combine: [b]}\n  b: {combine: [a]}",
        "7:17: options.b.combine: goes round in a circle: a -> b -> a",
    ),
    "contradiction": (
        "a: {set: {emergency.beds: 1}}\n  b: {set: {emergency.beds: 2}}\n  c: {combine: [a, b]}",
        "8:20: options.c.combine: 'a' and 'b' change emergency.beds in different ways",
    ),
    "twice the same": (
        "a: {add: {emergency.beds: 1}}\n  b: {combine: [a]}\n  c: {combine: [a, b]}",
        "8:20: options.c.combine: takes in 'a' more than once",
    ),
    "only together impossible": (
        "a: {set: {homes.0.registered: 3}}\n  b: {set: {homes.0.awaiting_registration: 1}}\n"
        "  c: {combine: [a, b]}",
        "7:13",
    ),
}


@pytest.mark.parametrize("case", [name for name in OPTIONS if "only together" not in name])
def test_a_mistake_in_an_option_is_said_at_its_place(case: str, write: Write) -> None:
    body, expected = OPTIONS[case]
    line = only(f"{HOMES}options:\n  {body}\n", write)
    assert line.startswith(f"child.yaml:{expected}")
    assert line == f"child.yaml:{expected}" or case in ("says nothing", "baseline", "no list")


def test_options_that_are_only_together_impossible(write: Write) -> None:
    body = """\
options:
  a: {set: {homes.0.registered: 3}}
  b: {set: {homes.0.usable: 4}}
  c: {combine: [a, b]}
"""
    line = only(HOMES + body, write)
    assert line == (
        "child.yaml:7:29: options.c.homes.0.usable: usable (4) is more than registered (3)"
    )


def test_a_combined_option_repeats_no_mistake_of_the_others(write: Write) -> None:
    body = "options:\n  a: {set: {supported.in_area: 0.9}}\n  b: {combine: [a]}\n"
    line = only(HEAD + body, write)
    assert line == (
        "child.yaml:4:32: options.a.supported.in_area: in_area and over_20_miles add up to more "
        "than 1"
    )


@pytest.mark.slow
def test_options_combine_to_a_depth_and_do_not_explode(write: Write) -> None:
    chain = "".join(f"  o{n}: {{combine: [o{n + 1}]}}\n" for n in range(1500))
    body = f"options:\n{chain}  o1500: {{set: {{}}}}\n"
    assert "options combine more than 20 deep" in complaint(HEAD + body, write)[0]


CHANGES = {
    "before the run": (
        "{on: 2025-04-01, path: ifa.market, to: 0.9}",
        "4:10: changes.0.on: must lie within the run, after 2025-04-01 and before 2030-04-01 "
        "(found 2025-04-01)",
    ),
    "after the run": (
        "{on: 2031-04-01, path: ifa.market, to: 0.9}",
        "4:10: changes.0.on: must lie within the run, after 2025-04-01 and before 2030-04-01 "
        "(found 2031-04-01)",
    ),
    "path that does not exist": (
        "{on: 2026-04-01, path: ifa.makret, to: 0.9}",
        "4:28: changes.0.path: no such setting (found 'ifa.makret'); did you mean 'ifa.market'?",
    ),
    "first day": (
        "{on: 2026-04-01, path: stays.long_stay_factor, to: 0.9}",
        "4:28: changes.0.path: 'stays.long_stay_factor' cannot change on a date: it is about the "
        "first day",
    ),
    "section": (
        "{on: 2026-04-01, path: ifa, to: 0.9}",
        "4:28: changes.0.path: 'ifa' is not a single setting; name one in it",
    ),
    "list of parts": (
        "{on: 2026-04-01, path: demand.surges, to: []}",
        "4:28: changes.0.path: 'demand.surges' is not a single setting; name one in it",
    ),
    "value": (
        "{on: 2026-04-01, path: ifa.market, to: -1}",
        "4:44: changes.0.to: must be above 0 (found -1)",
    ),
    "entry of a table": (
        "{on: 2026-04-01, path: moves.causes, to: {planned: 0.5, breakdown: 2, other: 0.1}}",
        "4:72: changes.0.to.breakdown: must be 1 or less (found 2); a share: 2% is 0.02",
    ),
    "no date": (
        "{on: soon, path: ifa.market, to: 1}",
        "4:10: changes.0.on: must be a date like 2026-04-01 (found 'soon')",
    ),
    "no value": ("{on: 2026-04-01, path: ifa.market}", "4:5: changes.0.to: is missing"),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_mistake_in_a_dated_change(case: str, write: Write) -> None:
    change, expected = CHANGES[case]
    assert only(f"{HEAD}changes:\n  - {change}\n", write) == f"child.yaml:{expected}"


@pytest.mark.parametrize(
    "path",
    ["fostering.households", "fostering.profile.siblings", "prices.weekly", "homes", "years"],
)
def test_settings_that_cannot_change_on_a_date(path: str, write: Write) -> None:
    line = only(f"{HEAD}changes: [{{on: 2026-04-01, path: {path}, to: 1}}]\n", write)
    assert re.search(rf"changes.0.path: '{path}' cannot change on a date; allowed", line)


def test_dated_changes_of_all_sizes(write: Write) -> None:
    text = (
        HEAD
        + """\
changes:
  - {on: 2026-04-01, path: fostering.leaving_per_year, to: {value: 0.1, low: 0.05, high: 0.2}}
  - {on: 2027-04-01, path: fostering.leaving_per_year, to: 0.12}
  - {on: 2026-04-01, path: step_across.from_home, to: false}
  - {on: 2026-04-01, path: stays.short, to: {distribution: exponential, mean_days: 20}}
  - {on: 2026-04-01, path: demand.month_index, to: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]}
"""
    )
    study = load(write(text))
    assert [change.to for change in study.scenario.changes[:3]] == [0.1, 0.12, False]
    assert row(study, "changes.0.to").high == 0.2


def test_a_setting_changes_once_a_day(write: Write) -> None:
    change = "{on: 2026-04-01, path: ifa.market, to: 0.9}"
    line = only(f"{HEAD}changes:\n  - {change}\n  - {change}\n", write)
    assert line == "child.yaml:5:28: changes.1.path: changes twice on 2026-04-01"


def test_the_dated_changes_of_an_option_are_checked(write: Write) -> None:
    body = "options: {a: {add: {changes: [{on: 2020-01-01, path: ifa.market, to: 0.9}]}}}\n"
    line = only(HEAD + body, write)
    assert line.startswith("child.yaml:3:36: options.a.changes.0.on: must lie within the run")


CAMDEN = find("camden").read_text(encoding="utf-8").split("\n")
JUNK = st.sampled_from(
    [":", "-", "{", "}", "[", "]", "#", "&a", "*a", "!!x", "|", "'", '"', "?", "%", "\t", "\0",
     "-1", "1e99", ".nan", "null", "true", "0x" + "f" * 40, "value", "low", "<<: ", "---\n"]
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> str:
    lines = list(CAMDEN)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(lines) - 1))
        kind = draw(st.sampled_from(["delete", "duplicate", "replace", "insert", "cut"]))
        line = lines[place]
        middle = draw(st.integers(0, len(line)))
        lines[place : place + 1] = {
            "delete": [],
            "duplicate": [line, line],
            "replace": [draw(st.sampled_from(CAMDEN))],
            "insert": [line[:middle] + draw(st.one_of(JUNK, st.text(max_size=3))) + line[middle:]],
            "cut": [line[:middle] + line[middle + 1 :]],
        }[kind] or [""]
    return "\n".join(lines)


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated())
@example("homes: [[]]")
def test_a_mutated_file_is_valid_or_says_what_is_wrong(text: str) -> None:
    beside = find("camden").with_name("mutated.yaml")
    with contextlib.suppress(ScenarioFileError):
        assert load_text(text, beside).scenario.years > 0


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=60))
def test_any_bytes_are_valid_or_say_what_is_wrong(
    data: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "any-bytes.yaml"
    path.write_bytes(data)
    with pytest.raises(ScenarioFileError):
        load(path)


def test_children_whom_nobody_can_have_been_are_refused(write: Write) -> None:
    path = write("extends: england\ndemand: {entries_per_year: 0, uasc: {per_100_in_care: 0}}\n")
    with pytest.raises(ScenarioFileError, match="nobody enters care"):
        load(path)
