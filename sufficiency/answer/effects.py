"""What each option changes against doing nothing, by the type of placement displaced."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import pandas as pd

from sufficiency.answer.levels import (
    at_quarter_ends,
    at_years,
    series,
    side_by_side,
    year_of,
)
from sufficiency.answer.words import (
    NOT_SHOWN,
    RANGE_OF_DIFFERENCE,
    TYPE_WORDS,
    capital,
    listed,
    number,
    signed,
    spread,
    title,
    whole,
    years_words,
)
from sufficiency.comparison import MEAN, Headline
from sufficiency.results.statistics import errors_to_tell as errors_to_tell
from sufficiency.scenario import Option, Scenario, Study, with_edits
from sufficiency.simulation.fostering import gross_recruits
from sufficiency.simulation.timeline import history_of
from sufficiency.vocabulary import PlacementType

IN_HOUSE = f"children {PlacementType.IN_HOUSE}"
HOMES = "children homes"
DISPLACED = (
    IN_HOUSE,
    f"children {PlacementType.IFA}",
    f"children {PlacementType.HOME_OWN}",
    f"children {PlacementType.HOME_EXTERNAL}",
    f"children {PlacementType.SUPPORTED}",
    f"children {PlacementType.UNREGISTERED}",
)
"""The types between which options move children; items of the headline numbers."""
FAMILY = f"children {PlacementType.KINSHIP}"
"""Where only an option about family and friends moves children; told where one does."""
UNMET = "unmet_need"
OUTCOMES: Mapping[str, str] = {
    UNMET: "children without the home planned",
    "residential_for_want_of_carer": "children in a home for want of a carer",
    "in_area_share": "share living in the area",
}
"""Measures of which less, or more, is better: an option is judged by them."""
_WORDS: Mapping[str, str] = {
    **{f"children {type_}": words for type_, words in TYPE_WORDS.items()},
    HOMES: "children's homes in all",
    **OUTCOMES,
}


def words_of(item: str) -> str:
    """What an item is about."""
    return _WORDS[item]


@dataclass(frozen=True, slots=True)
class Effect:
    """What an option changes in one thing at one time, against doing nothing."""

    item: str
    """Children in a type of placement, or an outcome."""
    years: int | None
    """Years from the start; None for the average over all dates."""
    difference: float
    """Average difference to doing nothing."""
    se: float
    """The simulation's error of that average."""
    low: float
    """Low end of where 95 futures in 100 lie."""
    high: float
    """High end of it."""
    more: float | None = None
    """Share of futures with more than without the option, plus half the ties, if it is known."""
    better: float | None = None
    """Share of futures that are better, plus half the ties; None where nothing is better."""
    times: float = 2.0
    """An average is told from zero if it is more than so many times its error."""

    @property
    def words(self) -> str:
        """What it is about."""
        return words_of(self.item)

    @property
    def where(self) -> str:
        """Where children live, in a sentence."""
        people = "carers" in self.words or self.item == FAMILY
        return f"{'with' if people else 'in'} {self.words}"

    @property
    def share(self) -> bool:
        """Whether it is a share, shown in percentage points."""
        return self.item.endswith("_share")

    @property
    def verdict(self) -> Literal["none", "unclear", "more", "fewer"]:
        """Whether the average can be told from zero."""
        if not (self.difference or self.se or self.low or self.high):
            return "none"
        if (
            not abs(self.difference) > self.times * self.se or self.value == "0"
        ):  # an error may be unknown
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
        """The range of futures; nothing where no future differs."""
        if self.verdict == "none":
            return ""
        low, high = self._shown(self.low), self._shown(self.high)
        counts = self.years is not None and not self.share
        return spread(low, high) if counts else f"{number(low)} to {number(high)}"

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

    def effect(self, item: str, years: int | None) -> Effect | None:
        """The effect on one thing at one time."""
        wanted = (e for e in self.effects if e.item == item and e.years == years)
        return next(wanted, None)

    @property
    def items(self) -> tuple[str, ...]:
        """What there are effects on, in order."""
        return tuple(dict.fromkeys(effect.item for effect in self.effects))


def options(
    comparison: pd.DataFrame,
    headline: Headline,
    study: Study,
    years: Sequence[int],
    futures: int,
) -> tuple[OptionAnswer, ...]:
    """What each option changes, in the order of the tables."""
    times, at, start = errors_to_tell(futures), side_by_side(years), study.scenario.start
    told = {option.name: option for option in study.options}
    found = []
    for name in dict.fromkeys(comparison["option"].astype(str)):
        option = told.get(name, Option(name=name, edits=()))
        every = (
            *_from_headline(headline.differences, name, start, times),
            *_from_comparison(comparison, name, start, times),
        )
        effects = tuple(e for e in every if e.years is None or e.years in years)
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


def _from_headline(
    differences: pd.DataFrame, option: str, start: date, times: float
) -> Iterable[Effect]:
    """Where children live, and unmet need: by year, and on average over the run."""
    if not len(differences):
        return
    rows = differences[differences["option"] == option]
    for item in (*DISPLACED, FAMILY, HOMES, UNMET):
        found = [
            _effect(item, None if when == MEAN else year_of(start, when), row, times)
            for when, (_, row) in zip(
                rows.loc[rows["item"] == item, "when"].astype(str),
                rows[rows["item"] == item].iterrows(),
                strict=True,
            )
        ]
        if item != FAMILY or any(effect.clear for effect in found):
            yield from found


def _from_comparison(
    comparison: pd.DataFrame, option: str, start: date, times: float
) -> Iterable[Effect]:
    """The other outcomes, by year."""
    for outcome in OUTCOMES:
        if outcome != UNMET:
            rows = at_quarter_ends(series(comparison, outcome, "", option))
            for year, when in at_years(start, map(str, rows.index)).items():
                yield _effect(outcome, year, rows.loc[when], times)


def _effect(item: str, years: int | None, row: Any, times: float) -> Effect:
    difference, se, low, high = (float(row[c]) for c in ("difference", "se", "low95", "high95"))
    more, better = (_known(row.get(c)) for c in ("probability_more", "probability_better"))
    return Effect(item, years, difference, se, low, high, more, better, times)


def _known(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else float(value)


def _sentence(effects: Sequence[Effect], at: int | None) -> str:
    types = (*DISPLACED, FAMILY)
    now = [effect for effect in effects if effect.years == at and effect.item in types]
    if at is None:
        return "The run is too short to say what it changes."
    hidden = [words_of(item) for item in DISPLACED if item not in {effect.item for effect in now}]
    if not now:
        return f"What it changes in where children live is {NOT_SHOWN}."
    clear = sorted((e for e in now if e.clear), key=lambda e: -abs(e.difference))
    of_what = f", as far as that is shown. {_hidden(hidden)}" if hidden else "."
    if all(effect.verdict == "none" for effect in now):
        return f"After {years_words(at)} it has changed nothing in where children live{of_what}"
    if not clear:
        return (
            f"After {years_words(at)} no change in where children live can be told from"
            f" zero{of_what}"
        )
    told = "; ".join(
        f"{number(abs(e.difference))} {e.verdict} {e.where}{e.in_brackets}" for e in clear
    )
    unclear = [effect.words for effect in now if effect.verdict == "unclear"]
    rest = f" Cannot be told from no change: {listed(unclear)}." if unclear else ""
    return f"After {years_words(at)}, on average: {told}.{rest}" + (
        f" {_hidden(hidden)}" if hidden else ""
    )


def _hidden(words: Sequence[str]) -> str:
    return f"{capital(NOT_SHOWN)}: {listed(words)}."


def _recruits(study: Study, option: Option, effects: Sequence[Effect], at: int | None) -> str:
    """Carers, households, places and children are four units: say all of them."""
    if not any(edit.path.startswith("fostering.recruitment") for edit in option.edits):
        return ""
    text = _target(with_edits(study.scenario, option.edits), study.scenario)
    net = next((e for e in effects if (e.item, e.years) == (IN_HOUSE, at)), None)
    if net is None:
        return f"{text}."
    text += f"; the net effect after {years_words(at)} is {net.value} children with in-house"
    return f"{text} carers{net.in_brackets}."


def _target(scenario: Scenario, baseline: Scenario) -> str:
    """A recruitment target in the units it is not stated in, and the approvals it needs."""
    fostering = scenario.fostering
    drive, size = fostering.recruitment, fostering.approved_places_per_household
    per = {"households": 1.0, "carers": fostering.carers_per_household, "places": size}[drive.unit]
    households = drive.number / per
    units = [] if drive.unit == "households" else [f"about {whole(households)} households"]
    if not drive.profile.siblings:  # households that take siblings have more places than the mean
        units.append(f"about {whole(households * size)} approved places")
    text = f"{number(drive.number)} {drive.unit}"
    text += f" are {', '.join(units)}" if units else " are to be recruited"
    if drive.basis == "gross":
        return text
    approved = gross_recruits(scenario, history_of(scenario, baseline))
    more = ", more than that, because others leave" if approved > households else ""
    return f"{text}: a net target, for which about {approved} households are to be approved{more}"
