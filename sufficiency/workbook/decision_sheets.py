"""Who answers for the plan: owner, sign-off and review date, decisions, actions and data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sufficiency.answer.review import review_of
from sufficiency.scenario import Governance
from sufficiency.workbook.cells import Cell
from sufficiency.workbook.contents import Contents, option_title
from sufficiency.workbook.sheets import Column, Sheet

DECISIONS = "Decisions"
NO_OWNER = "to be named"
NO_DATE = "not set"


def decisions(contents: Contents) -> Sheet:
    """What the scenario file states of owners, decisions, actions and data; it changes no number.

    Args:
        contents: What was run.
    """
    plan = contents.study.scenario.plan or Governance()
    return Sheet(
        name=DECISIONS,
        title="Decisions, actions and who answers for them",
        reading=(
            "What the block `plan` of the scenario file states. It changes no result; where it says"
            " nothing, nothing is made up.",
            "What each option changes in the model, and the sources of values, stand on the sheet"
            " Decisions and data logs.",
        ),
        table="Decisions",
        columns=(
            Column("Log", 16),
            Column("What", 70),
            Column("Why, or where from", 50),
            Column("Who", 30),
            Column("When", 16),
            Column("Option that simulates it", 36),
        ),
        rows=[*_plan(contents, plan), *_decided(plan), *_to_do(plan), *_data(plan)],
    )


def _plan(contents: Contents, plan: Governance) -> Iterable[Sequence[Cell]]:
    review = review_of(contents.study.scenario, contents.manifest)
    yield ("Plan", "Owner", "", plan.owner or NO_OWNER, "", "")
    yield ("Plan", "Sign-off", "", plan.signed_off_by or "not signed off", "", "")
    yield ("Plan", "Review", review.words, "", review.by or NO_DATE, "")


def _decided(plan: Governance) -> Iterable[Sequence[Cell]]:
    for item in plan.decisions:
        yield ("Decision", item.what, item.why or "", item.who or "", item.on or "", "")


def _to_do(plan: Governance) -> Iterable[Sequence[Cell]]:
    for item in plan.actions:
        option = option_title(item.option) if item.option else "no option"
        yield ("Action", item.action, "", item.owner or NO_OWNER, item.by or NO_DATE, option)


def _data(plan: Governance) -> Iterable[Sequence[Cell]]:
    for item in plan.data:
        yield ("Data", item.what, item.from_ or "", item.by or "", item.as_of or "", "")
