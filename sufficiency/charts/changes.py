"""What each option changes: averages with their ranges, by the type of placement displaced."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sufficiency.answer.effects import DISPLACED, FAMILY, IN_HOUSE, Effect, OptionAnswer, words_of
from sufficiency.answer.words import (
    NOT_SHOWN,
    RANGE_OF_DIFFERENCE,
    capital,
    count,
    listed,
    percent,
    years_words,
)
from sufficiency.charts.drawing import Chart, Dot, dot_panel

_LABELS = (
    "In-house<br>carers",
    "Agency<br>carers",
    "Own<br>homes",
    "Other<br>homes",
    "Supported<br>accomm.",
    "Unregis-<br>tered",
    "Family,<br>friends",
)
"""For a narrow column, in the order of `_TYPES`."""
_TYPES = (*DISPLACED, FAMILY)


def changes(options: Sequence[OptionAnswer], at: int | None, area: str) -> Chart | None:
    """What each option changes after some years, one figure each; None if there is nothing."""
    told = [(option, _by_type(option, at)) for option in options]
    told = [(option, effects) for option, effects in told if effects]
    if at is None or not told:
        return None
    extent = _extent([effect for _, effects in told for effect in effects])
    return Chart(
        name="changes",
        title=_title([option.effect(IN_HOUSE, at) for option, _ in told], at),
        subtitle=f"Children by where they live, {area}, change after {years_words(at)} against"
        " doing nothing",
        panels=tuple(
            dot_panel(option.title, list(map(_dot, effects)), extent, RANGE_OF_DIFFERENCE)
            for option, effects in told
        ),
        alternative=(
            *(_alternative(option, effects) for option, effects in told),
            *_hidden(effect.item for _, effects in told for effect in effects),
        ),
        columns=(
            "Option",
            "Where",
            "Average change",
            f"Range, {RANGE_OF_DIFFERENCE}",
            "Finding",
            "Chance of more",
        ),
        rows=tuple(_row(option, effect) for option, effects in told for effect in effects),
    )


def _by_type(option: OptionAnswer, at: int | None) -> list[Effect]:
    found = (option.effect(item, at) for item in _TYPES)
    return [effect for effect in found if effect is not None]


def _dot(effect: Effect) -> Dot:
    label = _LABELS[_TYPES.index(effect.item)]
    return Dot(label, effect.difference, effect.low, effect.high, effect.clear)


def _extent(effects: Iterable[Effect]) -> tuple[float, float]:
    ends = [0.0, *(end for effect in effects for end in (effect.low, effect.high))]
    room = 0.06 * (max(ends) - min(ends) or 1.0)
    return min(ends) - room, max(ends) + room


def _title(in_house: Sequence[Effect | None], at: int) -> str:
    adding = sum(1 for effect in in_house if effect is not None and effect.verdict == "more")
    end = f"children in-house after {years_words(at)}"
    if not any(in_house):
        return f"Change of {end} is {NOT_SHOWN}"
    if not adding:
        return f"No option clearly adds {end}"
    if len(in_house) == 1:
        return f"The option adds {end}"
    if adding == len(in_house):
        return f"All {count(adding)} options add {end}"
    verb = "adds" if adding == 1 else "add"
    return f"{capital(count(adding))} of {count(len(in_house))} options {verb} {end}"


def _hidden(shown: Iterable[str]) -> Iterable[str]:
    """What is not among the figures, which would seem not to change."""
    there = set(shown)
    hidden = [words_of(item) for item in DISPLACED if item not in there]
    if hidden:
        yield f"{capital(NOT_SHOWN)}: {listed(hidden)}."


def _alternative(option: OptionAnswer, effects: Sequence[Effect]) -> str:
    shown = "" if {effect.item for effect in effects} >= set(DISPLACED) else " shown"
    clear = [f"{effect.words} {effect.value}" for effect in effects if effect.clear]
    nothing = f"nothing{shown} that can be told from no change"
    return f"{option.title}: {', '.join(clear) or nothing}."


def _row(option: OptionAnswer, effect: Effect) -> tuple[str, ...]:
    finding = {
        "none": "no change in any future",
        "unclear": "cannot be told from no change",
        "more": "more",
        "fewer": "fewer",
    }[effect.verdict]
    chance = "" if effect.more is None else percent(effect.more)
    return option.title, capital(effect.words), effect.value, effect.range, finding, chance
