"""What each option changes: averages with their ranges, by the type of placement displaced."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sufficiency.answer.effects import DISPLACED, IN_HOUSE, Effect, OptionAnswer
from sufficiency.answer.words import RANGE_OF_DIFFERENCE, capital, count, percent, years_words
from sufficiency.charts.drawing import Chart, Dot, dot_panel

_LABELS = (
    "In-house<br>carers",
    "Agency<br>carers",
    "Own<br>homes",
    "Other<br>homes",
    "Supported<br>accomm.",
    "Unregis-<br>tered",
)
"""For a narrow column."""


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
        alternative=tuple(_alternative(option, effects) for option, effects in told),
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
    found = (option.effect(item, at) for item in DISPLACED)
    return [effect for effect in found if effect is not None]


def _dot(effect: Effect) -> Dot:
    label = _LABELS[DISPLACED.index(effect.item)]
    return Dot(label, effect.difference, effect.low, effect.high, effect.clear)


def _extent(effects: Iterable[Effect]) -> tuple[float, float]:
    ends = [0.0, *(end for effect in effects for end in (effect.low, effect.high))]
    room = 0.06 * (max(ends) - min(ends) or 1.0)
    return min(ends) - room, max(ends) + room


def _title(in_house: Sequence[Effect | None], at: int) -> str:
    adding = sum(1 for effect in in_house if effect is not None and effect.verdict == "more")
    end = f"children in-house after {years_words(at)}"
    if not adding:
        return f"No option clearly adds {end}"
    if len(in_house) == 1:
        return f"The option adds {end}"
    if adding == len(in_house):
        return f"All {count(adding)} options add {end}"
    verb = "adds" if adding == 1 else "add"
    return f"{capital(count(adding))} of {count(len(in_house))} options {verb} {end}"


def _alternative(option: OptionAnswer, effects: Iterable[Effect]) -> str:
    clear = [f"{effect.words} {effect.value}" for effect in effects if effect.clear]
    return f"{option.title}: {', '.join(clear) or 'nothing that can be told from no change'}."


def _row(option: OptionAnswer, effect: Effect) -> tuple[str, ...]:
    finding = {
        "none": "no change in any future",
        "unclear": "cannot be told from no change",
        "more": "more",
        "fewer": "fewer",
    }[effect.verdict]
    chance = "" if effect.more is None else percent(effect.more)
    return option.title, capital(effect.words), effect.value, effect.range, finding, chance
