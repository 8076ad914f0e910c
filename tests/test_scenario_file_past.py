"""The `validation` block: what it sets, what a fit may move, and how both are checked and kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sufficiency import stays
from sufficiency.replication import MODEL
from sufficiency.scenario import Assumption, FrozenDict, Study, past
from sufficiency.scenario_file import ScenarioFileError, load
from sufficiency.scenario_file.describing import changes_lines, steady_state_lines
from sufficiency.scenario_file.writing import resolved_yaml, scenario_hash

HEAD = "extends: england\nname: Test\n"
BEGIN = "validation: {start: 2023-04-01, children_in_care: 440, "
Write = Callable[..., Path]


def mistakes(body: str, write: Write) -> list[str]:
    with pytest.raises(ScenarioFileError) as caught:
        load(write(HEAD + body))
    _, *lines = str(caught.value).split("\n")
    return [line.strip() for line in lines]


def rows(study: Study) -> dict[str, Assumption]:
    return {a.path: a for a in study.assumptions if a.path.startswith("validation")}


def set_of(study: Study) -> dict[str, Any]:
    assert study.scenario.validation is not None
    return dict(study.scenario.validation.set or {})


RICH = """\
validation:
  start: 2023-04-01
  children_in_care: {value: 440, low: 435, high: 445, source: DfE, as_of: 2023-03-31}
  set:
    fostering:
      households: {value: 60, low: 50, high: 70, source: register}
      match_chance: 0.11
      approvals_per_year: null
    ifa.market: 0.9
    homes.0.usable: 2
    placement.plan_at_entry.1-4: {foster: 0.62, home: 0.05}
    prices.weekly: {ifa: {value: 850, source: invoice}}
    demand.surges: [{from: 2023-06-01, to: 2023-08-31, extra_children: 12, stream: uasc}]
    changes: [{on: 2023-09-01, path: ifa.market, to: {value: 0.8, source: panel}}]
  free: [moves.scale, demand.uasc.season_strength]
observed:
  - {measure: exits, period: 2023-24, value: 150, source: DfE, use: check}
"""


def test_the_past_is_the_scenario_with_what_was_different(write: Write) -> None:
    study = load(write(HEAD + RICH))
    scenario, then = study.scenario, past(study.scenario)
    assert (then.start, then.years) == (date(2023, 4, 1), 1.0)
    assert then.authority.children_in_care == 440
    assert then.fostering.households == 60
    assert then.fostering.approvals_per_year is None
    assert (then.ifa.market, then.homes[0].usable) == (0.9, 2)
    assert then.placement.plan_at_entry["1-4"] == {
        "kin": 0.27, "foster": 0.62, "parents": 0.04, "other": 0.02, "home": 0.05,
    }  # fmt: skip
    assert then.prices.weekly["ifa"] == 850
    assert then.prices.weekly["secure"] == scenario.prices.weekly["secure"]
    assert [change.to for change in then.changes] == [0.8]
    assert [surge.extra_children for surge in then.demand.surges] == [12]
    assert (scenario.changes, scenario.demand.surges, scenario.ifa.market) == ((), (), 1.0)


def test_it_is_kept_as_one_value_for_each_path(write: Write) -> None:
    study = load(write(HEAD + RICH))
    assert list(set_of(study)) == [
        "fostering.households", "fostering.match_chance", "fostering.approvals_per_year",
        "ifa.market", "homes.0.usable", "placement.plan_at_entry.1-4", "prices.weekly.ifa",
        "demand.surges", "changes",
    ]  # fmt: skip
    assert isinstance(study.scenario.validation.set, FrozenDict)  # type: ignore[union-attr]  # it has a block
    assert study.scenario.validation.free == ("moves.scale", "demand.uasc.season_strength")  # type: ignore[union-attr]  # it has a block


def test_each_value_of_the_past_is_in_the_assumptions_log(write: Write) -> None:
    found = rows(load(write(HEAD + RICH)))
    stock, households = (
        found[f"validation.{n}"] for n in ("children_in_care", "set.fostering.households")
    )
    assert (stock.value, stock.low, stock.source, stock.as_of) == (440, 435, "DfE", "2023-03-31")
    assert (households.value, households.high, households.unit) == (60, 70, "")
    assert households.where == "child.yaml:8:27"
    assert found["validation.set.fostering.match_chance"].source == ""
    assert found["validation.set.fostering.approvals_per_year"].value is None
    assert found["validation.set.homes.0.usable"].value == 2
    assert found["validation.set.changes.0.to"].source == "panel"
    price = found["validation.set.prices.weekly.ifa"]
    assert (price.value, price.source, price.unit) == (850, "invoice", "£ a week, 2024-25")
    assert "validation.free" not in found
    assert "validation.start" not in found


def test_a_resolved_past_says_the_same_by_itself(write: Write) -> None:
    study = load(write(HEAD + RICH))
    text = resolved_yaml(study)
    again = load(write(text, "resolved.yaml"))
    assert again.scenario == study.scenario
    assert resolved_yaml(again) == text
    assert scenario_hash(again) == scenario_hash(study)
    bare = [a.model_copy(update={"where": ""}) for a in again.assumptions]
    assert bare == [a.model_copy(update={"where": ""}) for a in study.assumptions]


@pytest.mark.parametrize("block", ["set: {}", "set: null", "free: []", "uasc_in_care: null"])
def test_a_past_in_which_nothing_was_different(block: str, write: Write) -> None:
    study = load(write(f"{HEAD}{BEGIN}{block}}}\n"))
    assert set_of(study) == {}
    again = load(write(resolved_yaml(study), "resolved.yaml"))
    assert again.scenario == study.scenario
    assert past(study.scenario).moves == study.scenario.moves


def test_the_hash_follows_the_past(write: Write) -> None:
    base = scenario_hash(load(write(HEAD + RICH)))
    for old, new in (("0.11", "0.12"), ("low: 50", "low: 51"), ("440", "441"), ("0.9", "0.95")):
        assert scenario_hash(load(write(HEAD + RICH.replace(old, new)))) != base, new
    same = RICH.replace("source: register", "source: list")
    assert scenario_hash(load(write(HEAD + same))) == base


@pytest.mark.parametrize(
    "ours",
    [
        "set: {fostering.households: 55, ifa.market: {value: 0.7, source: ours}}",
        "set: {fostering: {households: 55}, ifa: {market: {value: 0.7, source: ours}}}",
    ],
)
def test_a_child_overrides_the_past_setting_by_setting(ours: str, write: Write) -> None:
    write(HEAD + RICH, "parent.yaml")
    study = load(write(f"extends: parent\nname: Child\nvalidation: {{{ours}}}\n"))
    values, found = set_of(study), rows(study)
    assert (values["fostering.households"], values["ifa.market"]) == (55, 0.7)
    assert values["fostering.match_chance"] == 0.11
    assert found["validation.set.fostering.households"].source == ""
    assert found["validation.set.ifa.market"].source == "ours"
    assert found["validation.children_in_care"].source == "DfE"
    assert "parent.yaml" in found["validation.set.homes.0.usable"].where


def test_a_child_may_have_no_past(write: Write) -> None:
    write(HEAD + RICH, "parent.yaml")
    study = load(write("extends: parent\nname: Child\nvalidation: null\nobserved: []\n"))
    assert study.scenario.validation is None
    assert rows(study) == {}


def test_changes_lists_the_past_value_by_value(write: Write) -> None:
    lines = changes_lines(write(HEAD + RICH))
    assert "  validation.start: none -> 2023-04-01" in lines
    assert "  validation.set.fostering.households: none -> 60" in lines
    assert "  validation.free: none -> [moves.scale, demand.uasc.season_strength]" in lines
    write(HEAD + RICH, "parent.yaml")
    child = write("extends: parent\nname: Child\nvalidation: {set: {ifa.market: 0.7}}\n")
    assert changes_lines(child)[1:] == [
        "  name: Test -> Child",
        "  validation.set.ifa.market: 0.9 -> 0.7",
    ]


def test_check_says_where_entries_and_stays_led_in_the_past(write: Write) -> None:
    study = load(write(f"{HEAD}{BEGIN}years: 2}}\n"))
    then, _ = stays.reconcile(past(study.scenario))
    assert stays.steady_state(then)["total"] == pytest.approx(440, rel=0.01)
    assert steady_state_lines(study)[-1] == (
        "in the past from 2023-04-01, children in care: 440 in the long run, 440 stated on the "
        "first day (+0%)"
    )


def test_a_past_that_drifts_is_a_warning(write: Write) -> None:
    study = load(write(f"{HEAD}{BEGIN}set: {{demand.entries_per_year: 900}}}}\n"))
    (drift, _) = study.warnings
    assert drift.startswith("in the validation period, entries and stays lead to ")
    assert "of the 440 stated: expect the number to drift" in drift


WRONG = {
    "unknown path": (
        "set: {fostering.housholds: 3}}",
        "3:62: validation.set.fostering.housholds: no such setting; did you mean "
        "'fostering.households'?",
    ),
    "unknown section": (
        "set: {fosterng.households: 3}}",
        "3:62: validation.set.fosterng.households: no such setting; did you mean "
        "'fostering.households'?",
    ),
    "unknown name in a group": (
        "set: {ifa: {makret: 3}}}",
        "3:68: validation.set.ifa.makret: no such setting; did you mean 'ifa.market'?",
    ),
    "first day": (
        "set: {start: 2023-04-01}}",
        "3:62: validation.set.start: is said by 'validation.start'",
    ),
    "number in care": (
        "set: {authority: {children_in_care: 4}}}",
        "3:74: validation.set.authority.children_in_care: is said by 'validation.children_in_care'",
    ),
    "seed": (
        "set: {seed: 4}}",
        "3:62: validation.set.seed: the past cannot have a 'seed' of its own",
    ),
    "past of a past": (
        "set: {validation.years: 4}}",
        "3:62: validation.set.validation.years: the past cannot have a 'validation' of its own",
    ),
    "set twice": (
        "set: {ifa.market: 0.9, ifa: {market: 0.8}}}",
        "3:85: validation.set.ifa.market: is set twice",
    ),
    "item that is not there": (
        "set: {homes.7.usable: 2}}",
        "3:62: validation.set.homes.7: there is no item 7; the list has 2, from 0",
    ),
    "value that is not valid": (
        "set: {ifa.market: {value: -1, source: x}}}",
        "3:82: validation.set.ifa.market: must be above 0 (found -1)",
    ),
    "range whose end is not valid": (
        "set: {ifa.in_area: {value: 0.3, low: 0.2, high: 30, source: x}}}",
        "3:93: validation.set.ifa.in_area: the high end of the range: must be 1 or less "
        "(found 30); a share: 30% is 0.3",
    ),
    "contradiction": (
        "set: {homes.0.usable: 7}}",
        "3:78: validation.set.homes.0.usable: usable (7) is more than registered (4)",
    ),
    "shares that do not add up": (
        "set: {moves.causes.planned: 0.9}}",
        "3:84: validation.set.moves.causes: shares must add up to 1 (they add up to 1.57)",
    ),
    "dated change outside the period": (
        "set: {changes: [{on: 2025-06-01, path: ifa.market, to: 0.9}]}}",
        "3:77: validation.set.changes.0.on: must lie within the run, after 2023-04-01 and before "
        "2024-03-31 (found 2025-06-01)",
    ),
    "dated change that is not valid": (
        "set: {changes: [{on: 2023-06-01, path: ifa.market, to: -1}]}}",
        "3:111: validation.set.changes.0.to: must be above 0 (found -1)",
    ),
    "nobody enters": (
        "set: {demand.entries_per_year: 0}}",
        "3:1: validation: nobody enters care (UASC apart), so there cannot be 440 children in "
        "care; for entries that stop on a day, use `changes` or an option",
    ),
    "unit": (
        "set: {prices.weekly.ifa: {value: 900, unit: £ a day}}}",
        "3:100: validation.set.prices.weekly.ifa: the unit '£ a day' contradicts '£ a week, "
        "2024-25', the unit of this setting",
    ),
    "no group": (
        "set: 3}",
        "3:61: validation.set: must be a group of settings (found 3)",
    ),
    "more UASC than children": (
        "uasc_in_care: 500}",
        "3:70: validation.uasc_in_care: is more than children_in_care",
    ),
    "no length": (
        "years: 0}",
        "3:63: validation.years: must be above 0 (found 0)",
    ),
    "unknown part": (
        "fre: []}",
        "3:56: validation.fre: no such setting; did you mean 'free'?",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_about_the_past_is_said_at_its_place(case: str, write: Write) -> None:
    body, expected = WRONG[case]
    assert mistakes(f"{BEGIN}{body}\n", write) == [f"child.yaml:{expected}"]


def test_a_past_needs_its_first_day_and_its_children(write: Write) -> None:
    assert mistakes("validation: {years: 2}\n", write) == [
        "child.yaml:3:1: validation.children_in_care: is missing",
        "child.yaml:3:1: validation.start: is missing",
    ]


def test_what_is_wrong_with_the_past_is_said_beside_other_mistakes(write: Write) -> None:
    found = mistakes(f"years: 0\n{BEGIN}set: {{ifa.market: -1}}, free: [moves.scal]}}\n", write)
    assert [line.split(": ")[:2] for line in found] == [
        ["child.yaml:3:8", "years"],
        ["child.yaml:4:74", "validation.set.ifa.market"],
        ["child.yaml:4:86", "validation.free.0"],
    ]


def test_a_mistake_about_the_past_in_a_parent_is_said_there(write: Write) -> None:
    write(f"{HEAD}{BEGIN}set: {{ifa: {{makret: 0.9}}}}}}\n", "parent.yaml")
    with pytest.raises(ScenarioFileError, match=r"\n  parent\.yaml:3:68: validation\.set\.ifa"):
        load(write("extends: parent\nname: Child\n"))


FREE = {
    "moves.scal": "cannot be moved: no such setting; did you mean 'moves.scale'?",
    "ifa.market": "cannot be moved: its value in the past is said by 'validation.set.ifa.market'",
    "authority.children_in_care": (
        "cannot be moved: its value in the past is said by 'validation.children_in_care'"
    ),
    "homes.0.usable": (
        "cannot be moved: it is in a list, which a file can only replace as a whole"
    ),
    "moves.causes": "must be the path of a number (found a group of settings)",
    "fostering": "must be the path of a number (found a group of settings)",
    "step_across.from_home": "must be the path of a number (found true)",
    "stays.long_stay_factor": (
        "cannot be moved: it is set so that entries and children in care agree"
    ),
    "seed": "cannot be moved: it is no assumption about the past",
    "changes": "cannot be moved: it is no assumption about the past",
    "ifa.places": "has no range to be moved in: give it 'low' and 'high'",
}


@pytest.mark.parametrize("path", FREE)
def test_a_value_that_a_fit_cannot_move(path: str, write: Write) -> None:
    body = f"{BEGIN}set: {{ifa.market: 0.9}}, free: [moves.scale, {path}]}}\n"
    assert mistakes(body, write) == [f"child.yaml:3:100: validation.free.1: '{path}' {FREE[path]}"]


def test_a_value_without_a_range_cannot_be_moved_and_with_one_it_can(write: Write) -> None:
    free = f"{BEGIN}free: [placement.disabled_share]}}\n"
    (line,) = mistakes(free, write)
    assert "give it 'low' and 'high' (its value stands at scenarios/england.yaml:" in line
    ranged = "placement: {disabled_share: {value: 0.02, low: 0.01, high: 0.04}}\n"
    assert load(write(HEAD + ranged + free))
    point = ranged.replace("0.01", "0.02").replace("0.04", "0.02")
    assert "has no range to be moved in" in mistakes(point + free, write)[0]


def test_a_value_is_freed_once(write: Write) -> None:
    (line,) = mistakes(f"{BEGIN}free: [moves.scale, moves.scale]}}\n", write)
    assert line == "child.yaml:3:76: validation.free.1: 'moves.scale' is named twice"


def test_a_child_may_override_a_value_that_its_parent_would_fit(write: Write) -> None:
    write(f"{HEAD}{BEGIN}free: [moves.scale, moves.frailty_varianc]}}\n", "parent.yaml")
    with pytest.raises(ScenarioFileError, match=r"parent\.yaml:3:76: .*'moves\.frailty_variance"):
        load(write("extends: parent\nname: Child\n"))
    write(f"{HEAD}{BEGIN}free: [moves.scale]}}\n", "parent.yaml")
    study = load(write("extends: parent\nname: Child\nmoves: {scale: 0.8}\n"))
    assert study.warnings[0] == (
        "parent.yaml:3:63: validation.free.0: 'moves.scale' has no range to be moved in: give it "
        "'low' and 'high' (its value stands at child.yaml:3:16)"
    )


def test_a_past_does_not_begin_after_the_run(write: Write) -> None:
    block = "validation: {start: %s, children_in_care: 440}\n"
    (line,) = mistakes(block % "2025-04-02", write)
    assert line.startswith(
        "child.yaml:3:21: validation.start: is later than the first day of the run (2025-04-01, "
        "scenarios/england.yaml:"
    )
    assert line.endswith("): no past (found 2025-04-02)")
    assert load(write(HEAD + block % "2025-04-01"))
    (line,) = mistakes("start: 2024-04-01\n" + block % "2024-05-01", write)
    assert line.startswith("child.yaml:4:21: validation.start: is later")


def test_values_to_fit_without_a_value_to_fit_to_are_a_warning(write: Write) -> None:
    body = (
        f"{HEAD}{BEGIN}free: [moves.scale]}}\nobserved: [{{measure: exits, period: 2023-24, "
        "value: 1, source: x, use: %s}]\n"
    )
    ranged = "moves: {scale: {value: 1, low: 0.5, high: 2}}\n"
    assert load(write(body % "check" + ranged)).warnings == (
        "child.yaml:3:62: validation.free: no observed value says 'use: fit', so there is nothing "
        "to fit these values to",
    )
    assert load(write(body % "fit" + ranged)).warnings == ()
    assert load(write(f"{HEAD}{BEGIN}free: []}}\n")).warnings == (
        "no observed value lies within the validation period, 2023-04-01 to 2024-03-31: there is "
        "nothing to compare",
    )


@pytest.mark.parametrize("start", ["0001-01-01", "9999-12-31"])
def test_a_past_at_the_end_of_time_is_no_crash(start: str, write: Write) -> None:
    observed = "observed: [{measure: exits, period: 2023-24, value: 1, source: x, use: fit}]\n"
    text = f"{HEAD}validation: {{start: {start}, years: 25, children_in_care: 440}}\n{observed}"
    if start > "2025":
        with pytest.raises(ScenarioFileError, match="is later than the first day of the run"):
            load(write(text))
    else:
        assert load(write(text)).scenario.validation is not None


@pytest.mark.parametrize(
    ("measure", "value", "said"),
    [
        ("in_area_share", "55", "must be 1 or less (found 55); a share: 55% is 0.55"),
        ("in_area_share", "-0.1", "must be 0 or more (found -0.1)"),
        ("children_in_care", "-5", "must be 0 or more (found -5)"),
        ("sufficiency_gap", "-5", ""),
        ("in_area_share", "1", ""),
        ("children_in_care", "0", ""),
    ],
)
def test_a_value_that_no_future_could_have_is_refused(
    measure: str, value: str, said: str, write: Write
) -> None:
    group = "kind=foster" if measure == "sufficiency_gap" else ""
    item = f"measure: {measure}, group: '{group}', period: 2024-03-31, value: {value}"
    file = write(f"{HEAD}{BEGIN}}}\nobserved:\n  - {{{item}, source: x, use: check}}\n")
    if not said:
        load(file, measures=MODEL.definitions)
        return
    with pytest.raises(ScenarioFileError) as caught:
        load(file, measures=MODEL.definitions)
    assert f":5:{str(item).index('value: ') + 13}: observed.0.value: {said}" in str(caught.value)


def test_no_number_is_advised_that_is_none(write: Write) -> None:
    (line,) = mistakes("ifa: {market: 'nan'}\n", write)
    assert line.endswith("must be a number (found 'nan')")
