"""The study of the past period that a scenario's `validation` block describes."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError

from sufficiency.errors import SufficiencyError
from sufficiency.scenario import Assumption, Scenario, Study, past
from sufficiency.stays import reconcile

BLOCK = "validation"
IN_PLACE_OF = {
    f"{BLOCK}.children_in_care": "authority.children_in_care",
    f"{BLOCK}.uasc_in_care": "authority.uasc_in_care",
}
"""Values of the block that stand for a setting of the scenario, apart from those in `set`."""
EMPTIED = ("changes", "demand.surges")
"""What is about the run and not about the past (`scenario.past`)."""


def study_of_the_past(study: Study) -> Study:
    """The past period as a study of its own, without options.

    What is uncertain stays uncertain, except the values that the block replaces: these have the
    range that the block gives them, or none. Without a block the run itself is compared.

    Raises:
        SufficiencyError: The block does not fit the scenario.
    """
    rows = tuple(row for row in study.assumptions if not row.path.startswith("options."))
    if study.scenario.validation is None:
        return study.model_copy(update={"options": (), "assumptions": rows})
    replaced = (*replaced_paths(study.scenario), *EMPTIED)
    kept = [row for row in rows if not within(row.path, (*replaced, BLOCK))]
    scenario, warnings = past_scenario(study.scenario)
    return Study(
        scenario=scenario, assumptions=(*kept, *_rows_of_the_block(rows)), warnings=warnings
    )


def past_scenario(scenario: Scenario) -> tuple[Scenario, tuple[str, ...]]:
    """The authority as it was, with stays that agree with its entries; and warnings."""
    try:
        return reconcile(past(scenario))
    except ValidationError as error:
        told = (f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise SufficiencyError(f"{BLOCK}: the past is not possible: {'; '.join(told)}") from None
    except KeyError as error:
        raise SufficiencyError(f"{BLOCK}.set: no such setting: {error.args[0]}") from None
    except (ArithmeticError, TypeError, ValueError) as error:
        raise SufficiencyError(f"{BLOCK}: the past is not possible: {error}") from None


def replaced_paths(scenario: Scenario) -> tuple[str, ...]:
    """The settings that the block replaces, by path."""
    block = scenario.validation
    return () if block is None else (*IN_PLACE_OF.values(), *(block.set or {}))


def within(path: str, others: tuple[str, ...]) -> bool:
    """Whether a path is one of the others or lies inside one."""
    return any(path == other or path.startswith(f"{other}.") for other in others)


def _rows_of_the_block(rows: tuple[Assumption, ...]) -> Iterator[Assumption]:
    """What the block says of its values, as said of the settings that they stand for."""
    for row in rows:
        inside = row.path.removeprefix(f"{BLOCK}.set.")
        path = IN_PLACE_OF.get(row.path) or (inside if inside != row.path else None)
        if path is not None:
            yield row.model_copy(update={"path": path})
