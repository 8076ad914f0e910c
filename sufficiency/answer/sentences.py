"""The answer in three sentences: what happens, what it costs, what a plan changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from sufficiency.answer.effects import OptionAnswer
from sufficiency.answer.leading import (
    GOALS,
    Leading,
    change_words,
    first_planned,
    harms,
    leading,
)
from sufficiency.answer.levels import Course, Decline, Level, ends, from_first_day, series
from sufficiency.answer.money import Money, Saving, pounds, pounds_range
from sufficiency.answer.words import (
    NOT_SHOWN,
    RANGE_OF_DIFFERENCE,
    RANGE_OF_FUTURES,
    chance,
    count,
    number,
    title,
    when,
    whole,
    years_words,
)

_COURSES: dict[Course, str] = {
    "falls": "down from {}",
    "rises": "up from {}",
    "mostly falls": "in most futures fewer than the {} at the start",
    "mostly rises": "in most futures more than the {} at the start",
    "stays level": "no clear change from {}",
}
NOT_TOLD = "How many children will be in care, and where they live, is not told here."
"""Where none of the numbers is known."""
NO_OPTION = "No option was simulated, so what a plan would change is not known."
NOT_TOLD_OF_OPTIONS = "What the options change is not told here."
TOO_SHORT = "The run is too short to say what an option changes."


def sentences(
    summary: pd.DataFrame,
    declining: Sequence[Decline],
    options: Sequence[OptionAnswer],
    at: int | None,
    futures: int,
    money: Money | None = None,
    planned: Sequence[str] = (),
) -> tuple[str, ...]:
    """The three sentences; without money, two.

    Args:
        summary: As `summary.csv`.
        declining: What becomes of in-house fostering.
        options: What each option changes.
        at: The year after which options are compared; None in a run of less than a year.
        futures: Futures simulated of each option.
        money: What the run says of money, if it says anything.
        planned: Names of the options that the plan names, in its order.
    """
    cost = "" if money is None else money.cost
    plan = plan_words(options, at, money, planned)
    found = (nothing_decided(summary, declining, futures), cost, plan)
    return tuple(sentence for sentence in found if sentence)


# --- if nothing is decided --------------------------------------------------------------------


def nothing_decided(summary: pd.DataFrame, declining: Sequence[Decline], futures: int) -> str:
    """Children in care at the end, those in-house among them, and those without a home planned."""
    in_care = ends(from_first_day(series(summary, "children_in_care")))
    missing = ends(from_first_day(series(summary, "unmet_need")))
    carers = declining[0] if declining and "children" in declining[0].words else None
    parts: list[tuple[Level, str]] = []
    if in_care:
        parts.append((in_care[1], f"{whole(in_care[1].mean)} children are in care"))
    if carers:
        noun = "" if in_care else "children "
        parts.append((carers.last, f"{whole(carers.last.mean)} {noun}live with in-house carers"))
    if missing:
        noun = "" if in_care or carers else "children "
        parts.append((missing[1], f"{whole(missing[1].mean)} {noun}lack the home planned for them"))
    if not parts:
        return NOT_TOLD
    first, words = parts[0]
    text = [f"If nothing is decided, {words} in {when(first.period)} {_among(first, futures)}"]
    text += [words for _, words in parts[1:]]
    if carers:
        place = 1 if in_care else 0
        text[place] += f", {_since(carers, futures)}"
    return f"{'; '.join(text[:2])}{_and(text[2:])}."


def _and(rest: Sequence[str]) -> str:
    return "".join(f", and {words}" for words in rest)


def _among(level: Level, futures: int) -> str:
    if futures < 2:
        return "in the one future that was simulated"
    return f"on average ({RANGE_OF_FUTURES}: {level.range})"


def _since(carers: Decline, futures: int) -> str:
    """Compared with the first day; one future cannot tell a course."""
    first = whole(carers.first.mean)
    return f"{first} at the start" if futures < 2 else _COURSES[carers.course].format(first)


# --- what a plan changes ----------------------------------------------------------------------


def plan_words(
    options: Sequence[OptionAnswer],
    at: int | None,
    money: Money | None = None,
    planned: Sequence[str] = (),
) -> str:
    """What the plan changes, for whom and at what cost; without a plan, what does most.

    Args:
        options: What each option changes.
        at: The year after which they are compared; None in a run of less than a year.
        money: What the run says of money, if it says anything.
        planned: Names of the options that the plan names, in its order.
    """
    if not options:
        return NO_OPTION
    if at is None:
        return TOO_SHORT
    found = leading(options, at)
    first = first_planned(options, planned)
    if first is not None and (found is None or found.option.name != first.name):
        return _planned(first, found, len(options), at, money)
    if found is None:
        return _none_better(options, at, money)
    return f"{_who(found, len(options))}: {_told(found, at, money)}."


def _planned(
    option: OptionAnswer, best: Leading | None, many: int, at: int, money: Money | None
) -> str:
    """What the plan changes, and which option would change more."""
    own = leading([option], at)
    if own is not None:
        text = f"“{option.title}”, which is planned: {_told(own, at, money)}."
    else:
        text = _none_better([option], at, money)
        if text == NOT_TOLD_OF_OPTIONS:
            text = f"What “{option.title}”, which is planned, changes is not told here."
    if best is None:
        return text
    more = change_words(best.goal, best.effect, ranged=False)
    if own is not None and own.goal == best.goal:
        more = more.removesuffix(f" {best.goal.children}")
    return f"{text} {_who(best, many)}: {more}."


def _told(found: Leading, at: int, money: Money | None) -> str:
    """What an option changes and saves; without its subject."""
    text = f"after {years_words(at)} {_what(found)}"
    saving = next((s for s in _savings(money) if s.option == found.option.name), None)
    if saving is None or not saving.known:
        return text
    return f"{text}; it {saving_told(saving, _over(money))}"


def _savings(money: Money | None) -> Iterable[Saving]:
    return () if money is None else money.savings


def _who(found: Leading, many: int) -> str:
    name = f"“{found.option.title}”"
    if many == 1:
        return f"{name} makes a difference"
    text = f"{name} does most of {many} options"
    if len(found.alike) == 1:
        return f"{text}, with no clear lead over “{found.alike[0].title}”"
    return f"{text}, with no clear lead over {len(found.alike)} others" if found.alike else text


def _what(found: Leading) -> str:
    text = change_words(found.goal, found.effect)
    if found.displaced is not None:
        where = found.displaced.where.replace(" (IFA)", "")
        text += f", {number(-found.displaced.difference)} fewer {where}"
    if found.harm is not None:
        text += f", but {change_words(*found.harm, ranged=False)}"
    return text


def _over(money: Money | None) -> str:
    """Over which years something is saved."""
    if money is None or not money.years:
        return ""
    years = len(money.years)
    return f"in {money.years[0]}" if years == 1 else f"over {count(years)} years"


def saving_told(saving: Saving, over: str = "") -> str:
    """What an option saves, with its range and chance; without its subject.

    Args:
        saving: What the option saves.
        over: Over which years, in a sentence; empty: the text around it says so, and what the range
            is.
    """
    if not saving.known:
        return NOT_SHOWN
    size = pounds_like(abs(saving.mean), saving.low, saving.high)
    time = f" {over}" if over else ""
    named = f"{RANGE_OF_DIFFERENCE}: " if over else ""
    often = f"in {chance(saving.chance)} of futures"
    if not saving.differs:
        text = f"costs the same{time}"
    elif not saving.clear:
        text = f"may save or cost{time} ({named}{saving.range})"
    elif saving.mean > 0:
        text = f"saves {size}{time} ({named}{saving.range}) and costs less {often}"
    else:
        dearer = pounds_range(-saving.high, -saving.low)
        text = f"costs {size} more{time} ({named}{dearer}), but less {often}"
    return text + (f", {pounds(saving.capital)} of capital apart" if saving.capital else "")


def pounds_like(value: float, low: float, high: float) -> str:
    """Pounds in the unit of the range beside them, unless nothing would be left of them."""
    in_millions = pounds_range(low, high).endswith("m") and value >= 50_000
    return pounds_range(value, 1e6).split(" ")[0] if in_millions else pounds(value)


def _none_better(options: Sequence[OptionAnswer], at: int, money: Money | None) -> str:
    """That no option does what is wanted, which clearly does harm, and which saves all the same."""
    known = [goal for goal in GOALS if any(option.effect(goal.item, at) for option in options)]
    if not known:
        return NOT_TOLD_OF_OPTIONS
    alone = len(options) == 1
    who = f"“{options[0].title}” does not clearly bring" if alone else "No option clearly brings"
    wanted = " or ".join(f"{goal.better} {goal.children}" for goal in known)
    text = f"{who} {wanted} after {years_words(at)}"
    bad = [(o, g, e) for o in options for g, e in harms(o, at)]
    if bad:
        option, goal, effect = max(bad, key=lambda found: abs(found[2].difference))
        subject = "it" if alone else f"“{option.title}”"
        text += f"; {subject} leaves {change_words(goal, effect)}"
    names = {option.name for option in options}
    saving = [
        s for s in _savings(money) if s.known and s.clear and s.mean > 0 and s.option in names
    ]
    if saving:
        most = max(saving, key=lambda s: s.mean)
        subject = "it" if alone else f"“{title(most.option)}”"
        text += f"; {subject} {saving_told(most, _over(money))}"
    return f"{text}."
