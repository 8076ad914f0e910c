"""Who answers for a plan: owner, sign-off, decisions, actions, data. It changes no result."""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, StrictStr

from sufficiency.scenario.values import Day, Part, iso, tuples

Item = TypeVar("Item")

LONGEST = 500
"""Characters of a text."""
MOST = 50
"""Entries of a log: it is read by a panel."""


def _few(items: tuple[Item, ...]) -> tuple[Item, ...]:
    if len(items) > MOST:
        raise ValueError(f"must have at most {MOST} entries, not {len(items)}")
    return items


Words = Annotated[StrictStr, Field(min_length=1, max_length=LONGEST)]
"""A text, not too long for a page."""
Few = AfterValidator(_few)


class Decision(Part):
    """A decision about the plan or about how it was worked out: an entry of the decisions log."""

    on: Day | None = None
    """When."""
    what: Words
    """What was decided."""
    why: Words | None = None
    """The reason."""
    who: Words | None = None
    """Who decided it."""


class Action(Part):
    """Something to be done."""

    action: Words
    """What."""
    option: Words | None = None
    """The option of the scenario that says what it changes; left out: none, it is not simulated."""
    owner: Words | None = None
    """Who answers for it."""
    by: Day | None = None
    """By when."""


class DataUsed(Part):
    """Data on which the scenario rests: an entry of the data log."""

    what: Words
    """Which data."""
    from_: Annotated[Words | None, Field(alias="from")] = None
    """Where they come from."""
    as_of: Annotated[Words | None, BeforeValidator(iso)] = None
    """Date they belong to."""
    by: Words | None = None
    """Who provided or checked them."""


class Governance(Part):
    """Who answers for the plan and what was decided. It changes no result and no draw."""

    owner: Words | None = None
    """Who answers for the plan."""
    signed_off_by: Words | None = None
    """Who approved it."""
    review_by: Day | None = None
    """When it is to be looked at again; left out: six months after the run."""
    decisions: Annotated[tuple[Decision, ...], BeforeValidator(tuples), Few] = ()
    """The decisions log."""
    actions: Annotated[tuple[Action, ...], BeforeValidator(tuples), Few] = ()
    """What is to be done, by whom and by when."""
    data: Annotated[tuple[DataUsed, ...], BeforeValidator(tuples), Few] = ()
    """The data log, beside the sources that values have."""
