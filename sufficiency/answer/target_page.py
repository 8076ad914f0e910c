"""A target in words and tables: the same on screen and on its page."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from sufficiency.answer import screens
from sufficiency.answer.money import pounds
from sufficiency.answer.page_parts import Part, Table
from sufficiency.answer.screens import Screen
from sufficiency.answer.words import MINUS, capital, chance, number, percent, signed, when
from sufficiency.targets.curve import Dose
from sufficiency.targets.searching import Target

RECRUITED = "fostering.recruitment.number"
HOUSEHOLD_LEVERS = {
    RECRUITED: "recruited",
    "fostering.households": "on the first day",
    "fostering.approvals_per_year": "approved in a year",
}
"""Levers that count foster households, and what is said of them."""
COLUMNS = ("Value", "Average", "P10 to P90", "Meet the goal", "Next {} change the average by")
SIGN_WORDS = {">=": "at least", "<=": "at most", ">": "more than", "<": "less than"}
HOW_TO_READ = (
    "Average and P10 to P90 are of the same futures with each value of the lever: in one future of"
    " ten the measure is below P10, in one of ten above P90. The share that meets the goal is of"
    " all futures that a value had, more of them near the answer; beside it stands its range of"
    " 95%, the simulation's error. What the next few of the lever change in the average is taken"
    " future by future, each with the same draws and the same luck; “?” marks what cannot be told"
    " from 0."
)


# --- numbers ------------------------------------------------------------------------------------


def shown(value: float, unit: str) -> str:
    """A value of the measure."""
    if math.isnan(value):
        return "no value"
    if unit == "£":
        return pounds(value)
    if unit == "share":
        return percent(value)
    return number(value) if abs(value) >= 1 or not value else _small(value)


def _small(value: float) -> str:
    """A number below 1, such as moves in a child's year."""
    return f"{value:.2f}".replace("-", MINUS)


def changed(value: float, unit: str) -> str:
    """A change of the measure, with its sign."""
    if math.isnan(value):
        return ""
    if unit == "share":
        return f"{signed(100 * value)} points"
    sign = "+" if value > 0 else MINUS if value < 0 else ""
    if unit == "£":
        return f"{sign}{pounds(abs(value))}"
    return signed(value) if abs(value) >= 1 or not value else f"{sign}{_small(abs(value))}"


def plain(value: float) -> str:
    """A value of the lever."""
    return f"{value:,.10g}".replace("-", MINUS)


# --- sentences ----------------------------------------------------------------------------------


def of_futures(target: Target) -> str:
    """The share of futures that must meet it."""
    return f"{100 * target.confidence:.10g}% of futures"


def goal_words(target: Target) -> str:
    """What is asked for, in a sentence."""
    goal = target.goal
    group = f"[{goal.group}]" if goal.group else ""
    limit = shown(goal.value, goal.unit)
    unit = "" if goal.unit in ("£", "share") else f" {goal.unit}"
    time = f"on {when_words(goal.period)}" if len(goal.period) == 10 else f"in {goal.period}"
    text = f"{goal.measure}{group} {SIGN_WORDS[goal.sign]} {limit}{unit} {time}"
    moved = f" (the last known by {goal.asked})" if goal.asked != goal.period else ""
    return f"Goal: {text}{moved}, in at least {of_futures(target)}."


def when_words(period: str) -> str:
    """A census date with its day."""
    return f"{int(period[8:])} {when(period)}"


def lever_words(target: Target) -> str:
    """What is moved, and how far."""
    lever = target.lever
    where = f" in option {lever.option}" if lever.option else ""
    now = "nothing" if lever.now is None else plain(lever.now)
    return (
        f"Lever: {lever.path}{where}, from {plain(lever.values[0])} to {plain(lever.values[-1])} in"
        f" steps of {plain(lever.step)}; it is {now} in the scenario."
    )


def title(target: Target) -> str:
    """The finding, in ten words or fewer."""
    share, unit = of_futures(target), _unit(target)
    answer, meet = f"{plain(target.answer)}{unit}", "meet it" if unit else "meet the goal"
    exact = {"least": f"{answer} or more {meet}", "most": f"Up to {answer} {meet}"}
    about = {"least": f"About {answer} meet the goal", "most": f"Up to about {answer} meet it"}
    none = "tried meets" if target.told else "clearly meets"
    ends = {"some": "Some values meet the goal", "all": "Every value tried meets the goal"}
    what = {**(exact if target.told else about), **ends, "none": f"No value {none} the goal"}
    return f"{what[target.verdict]} in {share}"


def _unit(target: Target) -> str:
    """What a lever counts, where it is households, carers or places; else nothing."""
    path = target.lever.path
    if path not in HOUSEHOLD_LEVERS:
        return ""
    drive = target.scenario.fostering.recruitment
    return f" {drive.unit if path == RECRUITED else 'households'}"


def answer_words(target: Target) -> tuple[str, ...]:
    """What it comes to: the answer, how sure it is, and what it means in other units."""
    if not _moves(target):
        return (_verdict(target), _NOTHING_MOVES)
    found = (_verdict(target), _doubt(target), household_words(target), _unknown(target))
    return tuple(sentence for sentence in found if sentence)


_NOTHING_MOVES = (
    "The lever changes nothing here: the measure is the same in every future with each value"
    " tried. Another setting may hold it back, or it is not the one that is meant."
)


def _moves(target: Target) -> bool:
    """Whether any future differs from one value of the lever to another."""
    changes = [(d.further, d.further_se) for d in target.doses if not math.isnan(d.further)]
    return not changes or any(change or error > 0 for change, error in changes)


def _verdict(target: Target) -> str:
    low, high = plain(target.lever.values[0]), plain(target.lever.values[-1])
    answer, share = plain(target.answer), _share(target, target.answer)
    if target.verdict == "none":
        return (
            f"No value from {low} to {high} meets the goal. The nearest is {answer}, with which it"
            f" is met in {share}; {_short(target)}."
        )
    if target.verdict == "all":
        end = "lowest" if target.answer == target.lever.values[0] else "highest"
        return (
            f"Every value from {low} to {high} meets the goal: with the {end}, {answer}, it is met"
            f" in {share}."
        )
    if target.verdict == "some":
        spans = [plain(a) if a == b else f"{plain(a)} to {plain(b)}" for a, b in target.spans]
        return (
            f"More sometimes helps and sometimes harms. The goal is met with {_listed(spans)}; the"
            f" least is {answer}, with which it is met in {share}."
        )
    end = "least" if target.verdict == "least" else "most"
    return f"The {end} that meets the goal is {answer}: it is met in {share}.{_before(target)}"


def _share(target: Target, value: float) -> str:
    found = target.at(value).share
    return f"{100 * found.value:.1f}% of {found.futures:,} futures"


def _short(target: Target) -> str:
    """How far the futures at the best value are from the goal."""
    dose, goal = target.at(target.answer), target.goal
    far = goal.short_by(dose.mean)
    average = f"its average is {shown(dose.mean, goal.unit)}"
    if not far > 0:
        return f"{average}, which is on the right side, but not in enough futures"
    more = changed(far, goal.unit).lstrip("+")
    return f"{average}, {more} {'below' if goal.sign[0] == '>' else 'above'} what is asked"


def _before(target: Target) -> str:
    """The value next to the answer that does not meet the goal."""
    values = [dose.value for dose in target.doses]
    place = values.index(target.answer) + (-1 if target.verdict == "least" else 1)
    if not 0 <= place < len(values):
        return ""
    return f" With {plain(values[place])} it is met in {_share(target, values[place])}."


_HEDGE = (
    "Futures were added until it could be told from the value before it, which takes an early sign"
    " for an answer: read it as about this number, its neighbours may be as true."
)


def _doubt(target: Target) -> str:
    if target.told:
        return _HEDGE if target.verdict in ("least", "most") else ""
    if target.unsure is None:
        return (
            f"With so few futures this share cannot be told from {100 * target.confidence:.10g}%;"
            " more of them (-n) might tell."
        )
    low, high = (plain(value) for value in target.unsure)
    edge = target.lever.values[-1 if target.verdict == "least" else 0]
    beyond = edge in target.unsure and not _clear(target, edge)
    rest = ", or beyond the values tried" if beyond else ""
    return (
        f"With so few futures the {target.verdict} cannot be told exactly: it is one of {low} to"
        f" {high}{rest}. More futures (-n) narrow this."
    )


def _clear(target: Target, value: float) -> bool:
    return target.at(value).share.told_from(target.confidence)


def household_words(target: Target) -> str:
    """What an answer in foster households, carers or places is in the other two units."""
    path, fostering = target.lever.path, target.scenario.fostering
    if path not in HOUSEHOLD_LEVERS or not target.answer or target.verdict == "none":
        return ""
    drive, unit = fostering.recruitment, _unit(target).strip()
    per = {
        "households": 1.0,
        "carers": fostering.carers_per_household,
        "places": fostering.approved_places_per_household,
    }
    households = target.answer / per[unit]
    names = {"households": "households", "carers": "carers (people)", "places": "approved places"}
    others = [f"about {number(households * per[u])} {names[u]}" for u in per if u != unit]
    what = f"{plain(target.answer)} {names[unit]} {HOUSEHOLD_LEVERS[path]} are {_listed(others)}."
    if drive.profile.siblings:
        what += " Carers for siblings have more places."
    if path == RECRUITED and drive.basis == "net":
        what += " It is a net target: more are to be approved, because others leave."
    return what


def _unknown(target: Target) -> str:
    if not any(dose.share.futures < target.replications for dose in target.doses):
        return ""
    return "Futures in which the measure has no value count neither way."


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def effort_words(target: Target) -> str:
    """How many futures it took."""
    return (
        f"{target.simulated:,} futures simulated ({target.replications:,} or more of each of"
        f" {len(target.doses)} values) and {target.reused:,} used again, in"
        f" {target.seconds:,.0f} s."
    )


# --- tables -------------------------------------------------------------------------------------


def rows(target: Target) -> tuple[tuple[str, ...], ...]:
    """Each value tried: average, range, share of futures that meet the goal, and what more does."""
    return tuple(_row(dose, target.goal.unit) for dose in target.doses)


def _row(dose: Dose, unit: str) -> tuple[str, ...]:
    range_ = "" if math.isnan(dose.p10) else f"{shown(dose.p10, unit)} to {shown(dose.p90, unit)}"
    share = dose.share
    met = "" if math.isnan(share.value) else chance(share.value)
    sure = f" ({chance(share.low).rstrip('%')}-{chance(share.high)})" if met else ""
    return (plain(dose.value), shown(dose.mean, unit), range_, met + sure, _further(dose, unit))


def _further(dose: Dose, unit: str) -> str:
    if math.isnan(dose.further):
        return ""
    error = 1.96 * dose.further_se
    unclear = 0 < error >= abs(dose.further)
    beside = "" if math.isnan(error) else f" ±{changed(error, unit).lstrip('+')}"
    return f"{changed(dose.further, unit)}{'?' if unclear else ''}{beside}"


def columns(target: Target) -> tuple[str, ...]:
    """Headings of the table."""
    return tuple(name.format(plain(target.further)) for name in COLUMNS)


def parts(target: Target) -> tuple[Part, ...]:
    """The page below its lead: what each value does, and how it was found."""
    caption = f"{capital(target.goal.measure.replace('_', ' '))} by {target.lever.path}"
    return (
        Part(
            "Dose and response",
            (HOW_TO_READ,),
            (Table(caption, columns(target), rows(target)),),
        ),
        Part("How it was found", (goal_words(target), lever_words(target), effort_words(target))),
    )


def screen(target: Target, places: Mapping[str, Path | str]) -> Screen:
    """The whole answer.

    Args:
        target: What was found.
        places: What was written, and where.
    """
    answer = [screens.Paragraph(sentence) for sentence in answer_words(target)]
    blocks: list[screens.Block] = [
        screens.Paragraph(f"{target.name}: how much is enough?"),
        screens.Gap(),
        screens.Paragraph(goal_words(target)),
        screens.Paragraph(lever_words(target)),
        screens.Gap(),
        *answer,
        screens.Gap(),
        _table(target),
        screens.Paragraph(HOW_TO_READ),
        screens.Gap(),
        screens.Paragraph(effort_words(target)),
        screens.Gap(),
        screens.Files(places),
    ]
    return Screen(tuple(blocks))


def text(target: Target, places: Mapping[str, Path | str]) -> str:
    """The same as plain text: 80 columns, no colour, no markup."""
    return screens.plain(screen(target, places))


def _table(target: Target) -> screens.Table:
    heads = tuple(screens.Column(head) for head in columns(target))
    return screens.Table(heads, tuple(map(screens.Row, rows(target))))
