"""The answer in three sentences: true of opposite findings, of none, and of what is withheld."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd
import pytest

from sufficiency.answer.effects import IN_HOUSE, UNMET, Effect, OptionAnswer
from sufficiency.answer.leading import leading, range_words, to_tell
from sufficiency.answer.levels import LIVING_IN_HOUSE, decline
from sufficiency.answer.money import Money, Saving
from sufficiency.answer.sentences import (
    NO_OPTION,
    NOT_TOLD,
    NOT_TOLD_OF_OPTIONS,
    TOO_SHORT,
    nothing_decided,
    plan_words,
    saving_told,
    sentences,
)
from sufficiency.answer.words import MINUS

IFA = "children ifa"
FIRST, LAST = "2025-04-01", "2030-03-31"
COST = "If nothing is decided, placements cost £87m."


def effect(item: str, value: float, se: float = 0.1, spread: float = 2.0) -> Effect:
    return Effect(item, 2, value, se, value - spread, value + spread)


def option(name: str, *effects: Effect) -> OptionAnswer:
    title = name.replace("_", " ").capitalize()
    return OptionAnswer(name, title, "", "", "", effects)


def saving(name: str, mean: float, spread: float = 1.0, **more: float | bool) -> Saving:
    """In £ million."""
    values = {"mean": mean * 1e6, "low": (mean - spread) * 1e6, "high": (mean + spread) * 1e6}
    chosen = {"chance": 0.9, "clear": True, "month": "", "share": 0.9, "cashable": 0.0}
    return Saving(name, **values, **{**chosen, "capital": 0.0, **more}, displaced="")  # type: ignore[arg-type]  # a dictionary of values of several types


def money(*savings: Saving) -> Money:
    return Money(("2025-26", "2029-30"), (), savings, COST)


COLUMNS = ("option", "measure", "group", "period", "mean", "se", "p10", "p50", "p90")


def summary(in_house: tuple[float, float, float] = (39, 25, 54)) -> pd.DataFrame:
    """205 children, 55 of them in-house, 18 without the home planned; at the end as given."""
    rows = []
    for measure, group, first, last in (
        ("children_in_care", "", 205, (203, 165, 248)),
        ("children_in_care", LIVING_IN_HOUSE, 55, in_house),
        ("unmet_need", "", 18, (21, 13, 30)),
    ):
        for period, (mean, low, high) in ((FIRST, (first,) * 3), (LAST, last)):
            rows.append(["baseline", measure, group, period, mean, 0.2, low, mean, high])
    return pd.DataFrame(rows, columns=COLUMNS)


def without(table: pd.DataFrame, measure: str, group: str = "") -> pd.DataFrame:
    return table[(table["measure"] != measure) | (table["group"] != group)]


def now(table: pd.DataFrame, futures: int = 60) -> str:
    return nothing_decided(table, decline(table, pd.DataFrame(), 2.0), futures)


# --- if nothing is decided --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("in_house", "words"),
    [
        ((39, 25, 54), "39 live with in-house carers, down from 55"),
        ((70, 60, 80), "70 live with in-house carers, up from 55"),
        ((45, 30, 60), "45 live with in-house carers, in most futures fewer than the 55"),
        ((65, 50, 80), "65 live with in-house carers, in most futures more than the 55"),
        ((55, 40, 70), "55 live with in-house carers, no clear change from 55"),
    ],
)
def test_the_course_of_in_house_care_is_told_as_it_is(
    in_house: tuple[float, float, float], words: str
) -> None:
    assert words in now(summary(in_house))


def test_the_first_sentence_has_children_carers_and_what_is_missing() -> None:
    assert now(summary()) == (
        "If nothing is decided, 203 children are in care in March 2030 on average (8 futures in"
        " 10: 165 to 248); 39 live with in-house carers, down from 55, and 21 lack the home planned"
        " for them."
    )


def test_one_future_has_no_range_and_no_course() -> None:
    assert now(summary(), futures=1) == (
        "If nothing is decided, 203 children are in care in March 2030 in the one future that was"
        " simulated; 39 live with in-house carers, 55 at the start, and 21 lack the home planned"
        " for them."
    )


def test_what_is_withheld_is_left_out_and_never_called_none() -> None:
    carers = without(summary(), "children_in_care", LIVING_IN_HOUSE)
    assert now(carers) == (
        "If nothing is decided, 203 children are in care in March 2030 on average (8 futures in"
        " 10: 165 to 248); 21 lack the home planned for them."
    )
    children = without(summary(), "children_in_care", "")
    assert now(children).startswith(
        "If nothing is decided, 39 children live with in-house carers in March 2030 on average"
    )
    missing = without(children, "unmet_need")
    assert now(missing) == (
        "If nothing is decided, 39 children live with in-house carers in March 2030 on average"
        " (8 futures in 10: 25 to 54), down from 55."
    )
    assert now(without(missing, "children_in_care", LIVING_IN_HOUSE)) == NOT_TOLD


# --- what a plan changes ----------------------------------------------------------------------

CARERS = option("recruit_20", effect(IN_HOUSE, 14.0, 0.4, 10.0), effect(IFA, -13.0))
FEWER = option("fewer_carers", effect(IN_HOUSE, -9.0), effect(UNMET, 3.0))
HOME = option("new_home", effect(IN_HOUSE, 0.01, 0.1), effect(UNMET, -1.5, 0.1, 2.0))
NOTHING = option("a_leaflet", effect(IN_HOUSE, 0.1, 0.2), effect(UNMET, -0.1, 0.2))


def test_the_option_that_does_most_is_named_with_whom_it_serves_and_what_it_saves() -> None:
    words = plan_words([HOME, CARERS], 2, money(saving("recruit_20", 2.0, 2.2, chance=0.95)))
    assert words == (
        "“Recruit 20” does most of 2 options: after 2 years 14 more children with in-house carers"
        " (95 futures in 100: 4 to 24), 13 fewer with agency carers; it saves £2.0m over two years"
        f" (95 futures in 100: {MINUS}£0.2m to £4.2m) and costs less in 95% of futures."
    )


def test_what_is_planned_is_told_first_though_another_option_does_more() -> None:
    few = option("recruit_5", effect(IN_HOUSE, 3.0, 0.4), effect(IFA, -2.0))
    saved = money(saving("recruit_5", 0.4, 0.2), saving("recruit_20", 2.0))
    assert plan_words([CARERS, few, HOME], 2, saved, ["unknown", "recruit_5", "new_home"]) == (
        "“Recruit 5”, which is planned: after 2 years 3 more children with in-house carers (95"
        " futures in 100: 1 to 5), 2 fewer with agency carers; it saves £400k over two years (95"
        " futures in 100: £200k to £600k) and costs less in 90% of futures. “Recruit 20” does most"
        " of 3 options: 14 more."
    )
    told = to_tell([CARERS, few], 2, ["recruit_5"])
    assert told is not None
    assert told.option == few
    assert plan_words([CARERS, few], 2, saved, ["recruit_20"]) == plan_words(
        [CARERS, few], 2, saved
    )


def test_of_a_plan_that_does_nothing_clear_or_is_not_shown_it_is_said() -> None:
    assert plan_words([CARERS, NOTHING], 2, None, ["a_leaflet"]) == (
        "“A leaflet” does not clearly bring more children with in-house carers or fewer children"
        " without the home planned after 2 years. “Recruit 20” does most of 2 options: 14 more"
        " children with in-house carers."
    )
    hidden = plan_words([CARERS, option("secret")], 2, None, ["secret"])
    assert hidden.startswith("What “Secret”, which is planned, changes is not told here. ")
    assert "no " not in hidden
    told = to_tell([CARERS, NOTHING], 2, ["a_leaflet"])
    assert told is not None
    assert told.option == CARERS
    assert to_tell([NOTHING], 2, ["a_leaflet"]) is None


def test_an_option_that_does_harm_is_never_the_one_that_does_most() -> None:
    assert leading([FEWER], 2) is None
    assert plan_words([FEWER], 2) == (
        "“Fewer carers” does not clearly bring more children with in-house carers or fewer children"
        " without the home planned after 2 years; it leaves 9 fewer children with in-house carers"
        " (95 futures in 100: 7 to 11)."
    )


def test_what_the_leading_option_makes_worse_is_said() -> None:
    mixed = option("mixed", effect(IN_HOUSE, 5.0), effect(UNMET, 2.0))
    assert plan_words([mixed], 2).endswith(", but 2 more children without the home planned.")


def test_where_nothing_can_be_told_no_option_is_named() -> None:
    words = plan_words([NOTHING, NOTHING], 2)
    assert words == (
        "No option clearly brings more children with in-house carers or fewer children without the"
        " home planned after 2 years."
    )


def test_an_option_that_only_saves_is_said_to_save() -> None:
    words = plan_words([NOTHING], 2, money(saving("a_leaflet", 2.0)))
    assert words.endswith(
        "; it saves £2.0m over two years (95 futures in 100: £1.0m to £3.0m) and costs less in 90%"
        " of futures."
    )
    dearer = plan_words([NOTHING], 2, money(saving("a_leaflet", -2.0)))
    assert "saves" not in dearer


def test_without_more_in_house_the_home_planned_decides() -> None:
    found = leading([NOTHING, HOME], 2)
    assert found is not None
    assert (found.option, found.goal.item) == (HOME, UNMET)
    assert "1.5 fewer children without the home planned" in plan_words([NOTHING, HOME], 2)


@pytest.mark.parametrize(
    ("others", "words"),
    [
        ([13.5], "does most of 2 options, with no clear lead over “Other 0”:"),
        ([13.5, 13.6], "does most of 3 options, with no clear lead over 2 others:"),
        ([6.0], "does most of 2 options:"),
    ],
)
def test_a_lead_is_claimed_only_where_it_is_clear(others: Sequence[float], words: str) -> None:
    rest = [option(f"other_{i}", effect(IN_HOUSE, v, 0.4)) for i, v in enumerate(others)]
    assert words in plan_words([*rest, CARERS], 2)


def test_without_options_or_time_or_numbers_it_is_said() -> None:
    assert plan_words([], 2) == NO_OPTION
    assert plan_words([CARERS], None) == TOO_SHORT
    assert plan_words([option("a"), option("b")], 2) == NOT_TOLD_OF_OPTIONS
    assert "in-house" not in plan_words([option("a", effect(UNMET, 0.1, 0.2))], 2)


def test_one_future_tells_no_difference() -> None:
    lone = option("lone", effect(IN_HOUSE, 14.0, math.nan, 0.0))
    assert plan_words([lone], 2).startswith("“Lone” does not clearly bring")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (saving("a", 2.0), "saves £2.0m (£1.0m to £3.0m) and costs less in 90% of futures"),
        (
            saving("a", -1.2, 0.5, chance=0.02),
            "costs £1.2m more (£0.7m to £1.7m), but less in 2% of futures",
        ),
        (saving("a", 0.2, clear=False), f"may save or cost ({MINUS}£0.8m to £1.2m)"),
        (saving("a", 0.0, 0.0, clear=False), "costs the same"),
        (
            saving("a", 0.5, capital=3e6),
            f"saves £0.5m ({MINUS}£0.5m to £1.5m) and costs less in 90% of futures, £3.0m of"
            " capital apart",
        ),
        (saving("a", math.nan), "not shown here"),
    ],
)
def test_a_saving_is_told_with_its_range_and_chance(given: Saving, words: str) -> None:
    assert saving_told(given) == words


@pytest.mark.parametrize(
    ("value", "spread", "words"),
    [
        (14.0, 10.0, "4 to 24"),
        (14.0, 16.0, "2 fewer to 30 more"),
        (-9.0, 3.0, "6 to 12"),
        (-9.0, 11.0, "2 more to 20 fewer"),
        (1.5, 1.9, "0 to 3"),
    ],
)
def test_a_range_keeps_the_way_of_its_average(value: float, spread: float, words: str) -> None:
    assert range_words(effect(IN_HOUSE, value, 0.1, spread)) == words


# --- together ---------------------------------------------------------------------------------


def test_there_are_three_sentences_of_about_forty_words() -> None:
    table = summary()
    told = sentences(
        table,
        decline(table, pd.DataFrame(), 2.0),
        [HOME, CARERS],
        2,
        60,
        money(saving("recruit_20", 2.0, 2.2)),
    )
    assert len(told) == 3
    assert told[1] == COST
    assert all(len(sentence.split()) <= 48 for sentence in told)


def test_without_money_there_is_no_sentence_about_it() -> None:
    table = summary()
    told = sentences(table, decline(table, pd.DataFrame(), 2.0), [CARERS], 2, 60)
    assert len(told) == 2
    assert "£" not in " ".join(told)
