"""The block `plan`: who answers for what. It belongs to one file, and says nothing of the model.

A file does not inherit the plan of the file it extends: what was signed off there was that file,
not what another makes of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sufficiency.scenario_file.checking import Locate
from sufficiency.scenario_file.merging import group_of
from sufficiency.scenario_file.options import Draft
from sufficiency.scenario_file.problems import Problems, did_you_mean, found
from sufficiency.scenario_file.reading import Node
from sufficiency.scenario_file.shape import PLAN


def without_plan(tree: Node) -> Node:
    """The tree of a file that another extends, without its plan."""
    if tree.child(PLAN) is None:
        return tree
    return replace(tree, content={k: v for k, v in group_of(tree).items() if k != PLAN})


def check_plan(
    values: Mapping[str, Any], drafts: Mapping[str, Draft], locate: Locate, problems: Problems
) -> None:
    """Note actions that name an option which the scenario does not have.

    Args:
        values: The scenario, as nested values; what is not of its type is left to validation.
        drafts: Its options.
        locate: Where its parts stand.
        problems: Where mistakes are noted.
    """
    plan = values.get(PLAN)
    actions = plan.get("actions") if isinstance(plan, Mapping) else None
    for place, action in enumerate(actions if isinstance(actions, list) else ()):
        named = action.get("option") if isinstance(action, Mapping) else None
        if isinstance(named, str) and named not in drafts:
            node, path = locate((PLAN, "actions", str(place), "option"))
            hint = did_you_mean(named, drafts) if drafts else "; the scenario has none"
            problems.add(node.where, path, f"no such option{found(named)}{hint}")
