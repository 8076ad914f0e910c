"""What each option changes against doing nothing, by the type of placement displaced."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from sufficiency.answer.levels import BASELINE, IN_HOUSE, at_quarter_ends, series
from sufficiency.answer.words import (
    RANGE_OF_DIFFERENCE,
    TYPE_WORDS,
    listed,
    number,
    signed,
    spread,
    title,
    whole,
    years_words,
)
from sufficiency.results.statistics import moments, percentiles, share_above
from sufficiency.scenario import Option, Study, with_edits
from sufficiency.vocabulary import PlacementType

Futures = Callable[[str, str, str], Any]
"""Measure, group and option to a table: one row per replication, one column per period."""
DISPLACED = (
    PlacementType.IN_HOUSE,
    PlacementType.IFA,
    PlacementType.HOME_OWN,
    PlacementType.HOME_EXTERNAL,
    PlacementType.SUPPORTED,
    PlacementType.UNREGISTERED,
)
"""The types between which options move children."""
OUTCOMES: Mapping[str, str] = {
    "unmet_need": "children without the home planned",
    "residential_for_want_of_carer": "in a home for want of a carer",
    "in_house_share": "share of fostered in-house",
    "in_area_share": "share living in the area",
}
"""Measures of which more, or less, is better: an option is judged by them."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What an option changes in one measure at one time."""

    measure: str
    group: str
    years: int | None
    """Years from the start; None for the average over all quarter ends."""
    difference: float
    """Average difference to doing nothing."""
    se: float
    """The simulation's error of that average."""
    low: float | None
    """Low end of where 95 futures in 100 lie; None if it is not known."""
    high: float | None
    """High end of it."""
    chance: float | None
    """Share of futures that are better, plus half the ties; None where nothing is better."""

    @property
    def words(self) -> str:
        """What it is about."""
        by_type = TYPE_WORDS.get(self.group.removeprefix("type="))
        return by_type or OUTCOMES.get(self.measure, self.measure)

    @property
    def share(self) -> bool:
        """Whether it is a share, shown in percentage points."""
        return self.measure.endswith("_share")

    @property
    def verdict(self) -> Literal["none", "unclear", "more", "fewer"]:
        """Whether the average can be told from zero: it must be twice the simulation's error."""
        if not (self.difference or self.se or self.low or self.high):
            return "none"
        if not abs(self.difference) > 2 * self.se or self.value == "0":  # an error may be unknown
            return "unclear"
        return "more" if self.difference > 0 else "fewer"

    @property
    def clear(self) -> bool:
        """Whether there is an effect on average."""
        return self.verdict in ("more", "fewer")

    @property
    def value(self) -> str:
        """The average difference; of shares, in percentage points."""
        return signed(self._shown(self.difference))

    @property
    def range(self) -> str:
        """The range of futures, or nothing if it is not known."""
        if self.low is None or self.high is None or self.verdict == "none":
            return ""
        return spread(self._shown(self.low), self._shown(self.high))

    @property
    def in_brackets(self) -> str:
        """The range with its name, or nothing."""
        return f" ({RANGE_OF_DIFFERENCE}: {self.range})" if self.range else ""

    def _shown(self, value: float) -> float:
        return 100 * value if self.share else value


@dataclass(frozen=True, slots=True)
class OptionAnswer:
    """One option against doing nothing."""

    name: str
    title: str
    description: str
    sentence: str
    """What it changes, in a sentence."""
    recruits: str
    """What its recruitment target means in households, places and children; else empty."""
    effects: tuple[Effect, ...]

    def effect(self, row: str, years: int | None) -> Effect | None:
        """The effect on one group or outcome at one time."""
        for effect in self.effects:
            if effect.years == years and row == (effect.group or effect.measure):
                return effect
        return None

    @property
    def rows(self) -> tuple[str, ...]:
        """The groups and outcomes that there are effects on, in order."""
        return tuple(dict.fromkeys(effect.group or effect.measure for effect in self.effects))


def options(
    comparison: pd.DataFrame,
    study: Study,
    years: Mapping[int, str],
    at: int | None,
    futures: Futures | None,
) -> tuple[OptionAnswer, ...]:
    """What each option of a comparison changes, in the order of the table."""
    told = {option.name: option for option in study.options}
    found = []
    for name in dict.fromkeys(comparison["option"].astype(str)):
        option = told.get(name, Option(name=name, edits=()))
        effects = tuple(_effects(comparison, name, years, futures))
        found.append(
            OptionAnswer(
                name=name,
                title=title(name),
                description=option.description,
                sentence=_sentence(effects, at),
                recruits=_recruits(study, option, effects, at),
                effects=effects,
            )
        )
    return tuple(found)


def _effects(
    comparison: pd.DataFrame,
    option: str,
    years: Mapping[int, str],
    futures: Futures | None,
) -> Iterable[Effect]:
    by_type = [("children_in_care", f"type={t}") for t in DISPLACED]
    for measure, group in [*by_type, *((outcome, "") for outcome in OUTCOMES)]:
        rows = at_quarter_ends(series(comparison, measure, group, option))
        for year, period in years.items():
            if period in rows.index:
                yield _effect(rows.loc[period], measure, group, year)
        if len(rows):
            yield _average(rows, measure, group, option, futures)


def _effect(row: Any, measure: str, group: str, years: int) -> Effect:
    columns = ("difference", "se", "low95", "high95", "probability_better")
    difference, se, low, high, chance = (float(row[column]) for column in columns)
    known = None if math.isnan(chance) else chance
    return Effect(measure, group, years, difference, se, low, high, known)


def _average(rows: Any, measure: str, group: str, option: str, futures: Futures | None) -> Effect:
    """The average over all quarter ends: its range can only come from the futures themselves."""
    if futures is None:
        mean, error = float(rows["difference"].mean()), float(rows["se"].max())
        return Effect(measure, group, None, mean, error, None, None, None)
    by_date = futures(measure, group, option) - futures(measure, group, BASELINE)
    averages = by_date[list(rows.index)].mean(axis="columns").to_numpy()[:, None]
    sign = {"up": 1, "down": -1}.get(str(rows["better"].iloc[0]), 0)
    mean, error, _ = (float(part[0]) for part in moments(averages, together=2))
    low, high = (float(part[0]) for part in percentiles(averages, (0.025, 0.975)))
    chance = float(share_above(sign * averages)[0]) if sign else None
    return Effect(measure, group, None, mean, error, low, high, chance)


def _sentence(effects: Sequence[Effect], at: int | None) -> str:
    now = [effect for effect in effects if effect.years == at and effect.group]
    clear = sorted((e for e in now if e.clear), key=lambda e: -abs(e.difference))
    if now and all(effect.verdict == "none" for effect in now):
        return f"After {years_words(at)} it has changed nothing in where children live."
    if not clear:
        return f"After {years_words(at)} no change in where children live can be told from zero."
    told = "; ".join(
        f"{number(abs(e.difference))} {e.verdict} {_where(e.words)}{e.in_brackets}" for e in clear
    )
    unclear = [effect.words for effect in now if effect.verdict == "unclear"]
    rest = f" Cannot be told from no change: {listed(unclear)}." if unclear else ""
    return f"After {years_words(at)}, on average: {told}.{rest}"


def _where(words: str) -> str:
    return f"{'with' if 'carers' in words else 'in'} {words}"


def _recruits(study: Study, option: Option, effects: Sequence[Effect], at: int | None) -> str:
    """Carers, households, places and children are four units: say all of them."""
    if not any(edit.path.startswith("fostering.recruitment") for edit in option.edits):
        return ""
    fostering = with_edits(study.scenario, option.edits).fostering
    drive, size = fostering.recruitment, fostering.approved_places_per_household
    per = {"households": 1.0, "carers": fostering.carers_per_household, "places": size}[drive.unit]
    households = drive.number / per
    units = "" if drive.unit == "households" else f"about {whole(households)} households, "
    text = f"{number(drive.number)} {drive.unit} are {units}about {whole(households * size)}"
    text += " approved places"
    net = next((e for e in effects if (e.group, e.years) == (IN_HOUSE, at)), None)
    if net is None:
        return f"{text}."
    text += f"; the net effect after {years_words(at)} is {net.value} children with in-house"
    text += f" carers{net.in_brackets}."
    if net.difference < households * size:
        text += " Carers leave, some places cannot be used, and a place is not always a match."
    return text
