"""The plan of a scenario file: owners, decisions, actions. It changes nothing that is computed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from sufficiency.experiment.draws import ranges
from sufficiency.scenario import Governance, Scenario, as_tree
from sufficiency.scenario.plan import LONGEST, MOST
from sufficiency.scenario_file import ScenarioFileError, load
from sufficiency.scenario_file.describing import assumption_rows, changes_lines, difference_lines
from sufficiency.scenario_file.schema import json_schema
from sufficiency.scenario_file.writing import resolved_yaml, scenario_hash

Write = Callable[..., Path]
HEAD = """\
extends: england
name: Ours
options:
  recruit_20: {set: {fostering.recruitment.number: 20}}
"""
PLAN = """\
plan:
  owner: Head of service
  signed_off_by: Director
  review_by: 2026-10-01
  decisions:
    - {on: 2025-02-01, what: Keep three beds, why: The rest wait, who: Panel}
  actions:
    - {action: Recruit, option: recruit_20, owner: Fostering, by: 2026-12-01}
    - {action: Ask other councils}
  data:
    - {what: The return, from: Case records, as_of: 2025-03-31, by: Data team}
"""


def said(body: str, write: Write) -> list[str]:
    """What is wrong with a file, without its name; the head has four lines."""
    with pytest.raises(ScenarioFileError) as caught:
        load(write(HEAD + body))
    _, *lines = str(caught.value).split("\n")
    return [line.strip().removeprefix("child.yaml:") for line in lines]


def test_a_plan_is_read_as_it_is_written(write: Write) -> None:
    plan = load(write(HEAD + PLAN)).scenario.plan
    assert plan is not None
    assert (plan.owner, plan.signed_off_by) == ("Head of service", "Director")
    assert plan.review_by == date(2026, 10, 1)
    (decision,) = plan.decisions
    assert (decision.on, decision.who) == (date(2025, 2, 1), "Panel")
    first, second = plan.actions
    assert (first.option, first.owner, first.by) == ("recruit_20", "Fostering", date(2026, 12, 1))
    assert (second.option, second.owner, second.by) == (None, None, None)
    (data,) = plan.data
    assert (data.from_, data.as_of) == ("Case records", "2025-03-31")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("plan: {ownr: A}\n", "5:8: plan.ownr: no such setting; did you mean 'owner'?"),
        (
            "plan: {actions: [{action: A, option: recruit_2}]}\n",
            "5:38: plan.actions.0.option: no such option (found 'recruit_2'); did you mean"
            " 'recruit_20'?",
        ),
        (
            "plan: {review_by: soon}\n",
            "5:19: plan.review_by: must be a date like 2026-04-01 (found 'soon')",
        ),
        ("plan: {actions: [{owner: A}]}\n", "5:18: plan.actions.0.action: is missing"),
        ("plan: {owner: ''}\n", "5:15: plan.owner: must not be empty (found '')"),
        ("plan: {owner: 7}\n", "5:15: plan.owner: must be text (found 7)"),
        (
            f"plan: {{owner: {'x' * (LONGEST + 1)}}}\n",
            f"5:15: plan.owner: must have {LONGEST} characters or fewer (found '{'x' * 38}…)",
        ),
        (
            "plan: {decisions: [" + "{what: a}, " * (MOST + 1) + "]}\n",
            f"5:19: plan.decisions: must have at most {MOST} entries, not {MOST + 1}",
        ),
    ],
)
def test_a_mistake_in_a_plan_is_told_at_its_place(body: str, problem: str, write: Write) -> None:
    assert said(body, write) == [problem]


def test_no_option_and_no_past_has_a_plan_of_its_own(write: Write) -> None:
    for body, path in (
        ("  other: {set: {plan.owner: A}}\n", "options.other.plan.owner"),
        (
            "validation: {start: 2024-04-01, children_in_care: 400, set: {plan.owner: A}}\n",
            "validation.set.plan.owner",
        ),
    ):
        (problem,) = said(body, write)
        assert path in problem


def test_a_plan_changes_nothing_that_is_computed(write: Write) -> None:
    """Not the hash either, so that a run can be resumed with another owner."""
    without, given = load(write(HEAD)), load(write(HEAD + PLAN, "with.yaml"))
    assert scenario_hash(given) == scenario_hash(without)
    assert ranges(given) == ranges(without)
    bare = given.scenario.model_copy(update={"plan": None})
    assert bare == without.scenario
    assert [row._replace() for row in assumption_rows(given)] == assumption_rows(without)


def test_a_plan_is_no_change_from_what_a_file_extends(write: Write) -> None:
    lines = changes_lines(write(HEAD + PLAN))
    assert not [line for line in lines if "plan" in line or "Head of service" in line]
    trees = (as_tree(load(write(HEAD + body)).scenario) for body in ("", PLAN))
    assert difference_lines(*trees) == []


def test_a_plan_is_not_handed_down_to_a_file_that_extends_it(write: Write) -> None:
    write(HEAD + PLAN, "parent.yaml")
    child = load(write("extends: parent.yaml\nname: Other\n", "other.yaml"))
    assert child.scenario.plan is None
    own = load(write("extends: parent.yaml\nname: Other\nplan: {owner: B}\n", "own.yaml"))
    assert own.scenario.plan == Governance(owner="B")
    assert [option.name for option in own.options] == ["recruit_20"]


def test_a_plan_is_in_the_resolved_scenario(write: Write) -> None:
    study = load(write(HEAD + PLAN))
    again = load(write(resolved_yaml(study), "resolved.yaml"))
    assert again.scenario.plan == study.scenario.plan is not None


def test_the_schema_knows_the_plan() -> None:
    parts = json_schema()["$defs"]
    assert parts["Governance"]["properties"].keys() == Governance.model_fields.keys()
    assert "from" in parts["DataUsed"]["properties"]
    assert Scenario.model_fields["plan"].default is None


def test_camden_has_a_plan_without_owners_that_its_report_does_not_name() -> None:
    study = load("camden")
    plan = study.scenario.plan
    assert plan is not None
    assert (plan.owner, plan.signed_off_by, plan.review_by) == (None, None, None)
    assert {(action.owner, action.by) for action in plan.actions} == {(None, None)}
    named = {action.option for action in plan.actions if action.option}
    assert named <= {option.name for option in study.options}
