"""Which option does most, or that none does anything that can be told."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

from sufficiency.answer.effects import DISPLACED, IN_HOUSE, UNMET, Effect, OptionAnswer
from sufficiency.answer.words import RANGE_OF_DIFFERENCE, number, spread, whole
from sufficiency.scenario import Scenario


class Goal(NamedTuple):
    """Something that options are to change, and which way is better."""

    item: str
    better: Literal["more", "fewer"]
    children: str
    """The children it is about."""


GOALS = (
    Goal(IN_HOUSE, "more", "children with in-house carers"),
    Goal(UNMET, "fewer", "children without the home planned"),
)
"""In this order: an option does most if it brings most children to in-house carers; where none
does, if it leaves fewest without the home that is planned for them."""


class Leading(NamedTuple):
    """The option that does most."""

    option: OptionAnswer
    goal: Goal
    effect: Effect
    alike: tuple[OptionAnswer, ...]
    """Options that do no less as far as can be told."""
    displaced: Effect | None
    """Where most fewer children live for it, if that can be told."""
    harm: tuple[Goal, Effect] | None
    """What becomes worse by it, if that can be told."""


def leading(options: Sequence[OptionAnswer], at: int | None) -> Leading | None:
    """The option that does most; None if none does what can be told from nothing.

    Two options are told apart by the errors of both averages as if they were independent; within
    the same futures they are nearer, so a lead is claimed too seldom rather than too often.

    Args:
        options: What each changes.
        at: Years from the start.
    """
    for goal in GOALS:
        found = [(option, option.effect(goal.item, at)) for option in options]
        good = [(o, e) for o, e in found if e is not None and e.verdict == goal.better]
        if good:
            best, effect = max(good, key=lambda pair: abs(pair[1].difference))
            rest = [(option, other) for option, other in good if option is not best]
            alike = tuple(option for option, other in rest if not _more_than(effect, other))
            harm = next(iter(harms(best, at)), None)
            return Leading(best, goal, effect, alike, _displaced(best, goal, at), harm)
    return None


def planned_options(scenario: Scenario) -> tuple[str, ...]:
    """Names of the options that the actions of a scenario's plan name, in its order."""
    actions = () if scenario.plan is None else scenario.plan.actions
    return tuple(action.option for action in actions if action.option is not None)


def first_planned(options: Sequence[OptionAnswer], planned: Sequence[str]) -> OptionAnswer | None:
    """The first option that the plan names, if it was simulated.

    Args:
        options: What each changes.
        planned: Names of options, in the order of the plan.
    """
    by_name = {option.name: option for option in options}
    return next((by_name[name] for name in planned if name in by_name), None)


def to_tell(
    options: Sequence[OptionAnswer], at: int | None, planned: Sequence[str]
) -> Leading | None:
    """The option that a page is about: the plan's, or where it does nothing clear, the leading one.

    Args:
        options: What each changes.
        at: Years from the start.
        planned: Names of the options that the plan names.
    """
    first = first_planned(options, planned)
    own = None if first is None else leading([first], at)
    return own or leading(options, at)


def _more_than(effect: Effect, other: Effect) -> bool:
    apart = abs(effect.difference) - abs(other.difference)
    return apart > effect.times * math.hypot(effect.se, other.se)


def _displaced(option: OptionAnswer, goal: Goal, at: int | None) -> Effect | None:
    if goal.item != IN_HOUSE:
        return None
    found = [e for e in option.effects if e.years == at and e.item in DISPLACED]
    fewer = [e for e in found if e.verdict == "fewer"]
    return min(fewer, key=lambda effect: effect.difference, default=None)


def harms(option: OptionAnswer, at: int | None) -> list[tuple[Goal, Effect]]:
    """What becomes worse by an option, where that can be told."""
    found = [(goal, option.effect(goal.item, at)) for goal in GOALS]
    return [(g, e) for g, e in found if e is not None and e.clear and e.verdict != g.better]


def change_words(goal: Goal, effect: Effect, *, ranged: bool = True) -> str:
    """An effect in words: `8.9 more children with in-house carers`, and its range in brackets."""
    way = "more" if effect.difference > 0 else "fewer"
    text = f"{number(abs(effect.difference))} {way} {goal.children}"
    return f"{text} ({RANGE_OF_DIFFERENCE}: {range_words(effect)})" if ranged else text


def range_words(effect: Effect) -> str:
    """The range of an effect that has just been called more or fewer."""
    low, high = effect.low, effect.high
    if effect.difference < 0:
        low, high = -high, -low
    if round(low) >= 0:
        return spread(max(low, 0.0), high)
    ways = ("fewer", "more") if effect.difference > 0 else ("more", "fewer")
    return f"{whole(-low)} {ways[0]} to {whole(high)} {ways[1]}"
