"""The plan on a page, the logs of decisions, and when to look again."""

from __future__ import annotations

from datetime import date
from functools import cache

import pandas as pd
import pytest
from test_answer import CARERS, study_of, tables
from test_report import MANIFEST, NASTY
from test_sentences import effect, summary

from sufficiency.answer import Answer, answer_of
from sufficiency.answer.effects import IN_HOUSE, UNMET
from sufficiency.answer.levels import LIVING_IN_HOUSE, decline
from sufficiency.answer.review import months_after, review_of
from sufficiency.charts.plan import plan_chart
from sufficiency.report import Tables
from sufficiency.report.decisions import logs
from sufficiency.report.plan import (
    NO_CHANGE,
    NO_DATE,
    NO_OWNER,
    NOT_SIMULATED,
    SHOWN,
    effect_words,
    on_a_page,
)
from sufficiency.scenario import Action, Decision, Governance

RUN = {**MANIFEST, "started": "2026-08-31T23:15:00+00:00"}
PLAN = Governance(
    owner="Head of fostering",
    review_by=date(2027, 1, 31),
    decisions=(Decision(what="Recruit", why=NASTY, who="Panel", on=date(2025, 2, 1)),),
    actions=(
        Action(action="Recruit carers", option=CARERS.name, owner="Ann", by=date(2026, 3, 31)),
        Action(action="Write to all carers"),
    ),
)


@cache
def made() -> tuple[Tables, Answer]:
    """A run whose scenario has no plan, and its answer."""
    found = planned(Tables(*tables(study=study_of()), RUN), None)
    return found, answered(found)


def answered(found: Tables) -> Answer:
    return answer_of(found.summary, found.comparison, found.headline, found.study)


def planned(found: Tables, plan: Governance | None) -> Tables:
    scenario = found.study.scenario.model_copy(update={"plan": plan})
    return found._replace(study=found.study.model_copy(update={"scenario": scenario}))


# --- the plan on a page -----------------------------------------------------------------------


def test_the_numbers_go_from_today_to_the_end_and_to_the_option_that_does_most() -> None:
    grid = on_a_page(*made(), None).numbers
    assert grid.heads == [
        "April 2025", "March 2027", "March 2027, with “Recruit 20 carers”", "March 2030",
    ]  # fmt: skip
    (block,) = grid.blocks
    rows = {row.words: row.cells for row in block.rows}
    today, _, _, last = rows["With in-house carers"]
    assert today.value == "57"
    assert int(last.value) < 50
    assert " to " in last.range
    assert "Net cost of a year" not in rows


def test_numbers_that_are_withheld_are_left_out() -> None:
    found, _ = made()
    kept = found.summary[
        (found.summary["measure"] != "unmet_need") & (found.summary["group"] != LIVING_IN_HOUSE)
    ]
    left = found._replace(summary=kept)
    page = on_a_page(left, answered(left), None)
    (block,) = page.numbers.blocks
    assert [row.words for row in block.rows] == [
        "Children in care",
        "In-house households",
        "With agency carers",
        "In other children's homes",
    ]
    assert page.charts == []


def test_actions_have_their_effect_owner_and_date_and_none_is_made_up() -> None:
    found, answer = made()
    page = on_a_page(planned(found, PLAN), answer, None)
    assert page.actions.columns == ("Action", "Expected effect after 2 years", "Owner", "By")
    first, second = page.actions.rows
    assert first[0] == "Recruit carers (“Recruit 20 carers”)"
    assert "more with in-house carers (" in first[1]
    assert first[2:] == ("Ann", "31 March 2026")
    assert second == ("Write to all carers", NOT_SIMULATED, NO_OWNER, NO_DATE)
    assert page.note.endswith(" In the order of the scenario file.")


def test_the_page_is_about_the_option_that_the_plan_names_and_not_the_one_that_does_most() -> None:
    found, answer = made()
    other = next(option.name for option in answer.options if option.name != CARERS.name)
    plan = Governance(actions=(Action(action="Talk"), Action(action="Open it", option=other)))
    told = answered(planned(found, plan))
    assert told.sentences[-1].startswith("“Two bed home”")
    assert "“Recruit 20 carers” does most of 2 options" in told.sentences[-1]
    assert answer.sentences[-1].startswith("“Recruit 20 carers” does most of 2 options")


def test_without_stated_actions_the_options_stand_there_undecided() -> None:
    page = on_a_page(*made(), None)
    assert page.actions.caption == "What could be done: nothing is decided yet"
    assert [row[0] for row in page.actions.rows] == ["Recruit 20 carers", "Two bed home"]
    assert "own children's homes" in page.actions.rows[1][1]
    assert {row[2:] for row in page.actions.rows} == {(NO_OWNER, NO_DATE)}


def test_an_effect_says_what_is_gained_what_is_taken_and_that_nothing_can_be_told() -> None:
    kin = effect("children kinship", 5.0)
    carers, homes = effect(IN_HOUSE, -9.0), effect("children home_own", 1.0)
    assert effect_words([homes, kin, carers, effect(UNMET, -1.5)]) == (
        "5 more with family and friends (3 to 7); 9 fewer with in-house carers (7 to 11); 1.5 fewer"
        " without the home planned (0 to 4)"
    )
    assert effect_words([effect(IN_HOUSE, 4.0), kin]) == "4 more with in-house carers (2 to 6)"
    assert effect_words([effect(IN_HOUSE, 0.1), effect(UNMET, 0.1)]) == NO_CHANGE
    assert effect_words([]) == "not shown here"


def test_more_actions_than_fit_are_counted() -> None:
    many = Governance(actions=tuple(Action(action=f"Step {n}") for n in range(SHOWN + 3)))
    found, answer = made()
    page = on_a_page(planned(found, many), answer, None)
    assert len(page.actions.rows) == SHOWN
    assert "3 more: see “Decisions, owners and review”." in page.note
    (table,) = logs(planned(found, many), answer).tables
    assert len(table.rows) == SHOWN + 3


def test_the_chart_says_what_the_option_changes_or_how_things_go() -> None:
    found, answer = made()
    with_it = plan_chart(found.summary, "Camden", answer.leading, answer.decline)
    assert with_it is not None
    assert with_it.title == "8 more children with in-house carers after 2 years"
    assert {row[0] for row in with_it.rows} == {"Doing nothing", "With “Recruit 20 carers”"}
    assert "“Recruit 20 carers”" in with_it.subtitle  # the title says what, not by which
    figure = with_it.panels[0].figure
    nothing, option = sorted(note.y for note in figure.layout.annotations)
    assert option - nothing >= 0.19 * figure.layout.yaxis.range[1]


@pytest.mark.parametrize(
    ("in_house", "title"),
    [
        ((39, 25, 54), "Children with in-house carers fall from 55 to 39"),
        ((70, 60, 80), "Children with in-house carers rise from 55 to 70"),
        ((45, 30, 60), "Children with in-house carers probably fall to about 45"),
        ((55, 40, 70), "Children with in-house carers stay near 55 to 2030"),
    ],
)
def test_without_an_option_that_does_most_the_chart_says_how_things_go(
    in_house: tuple[float, float, float], title: str
) -> None:
    table = summary(in_house)
    alone = plan_chart(table, "Camden", None, decline(table, pd.DataFrame(), 2.0))
    assert alone is not None
    assert alone.title == title
    assert len(alone.title.split()) <= 10
    assert {row[0] for row in alone.rows} == {"Doing nothing"}


# --- decisions and review ---------------------------------------------------------------------


def test_the_logs_say_who_decided_what_and_what_is_missing() -> None:
    found, answer = made()
    stated = logs(planned(found, PLAN), answer)
    assert stated.lead == [
        "Owner of the plan: Head of fostering. Signed off by: not signed off.",
        "Review by 31 January 2027.",
    ]
    decided, to_do = stated.tables
    assert decided.rows == [("Recruit", NASTY, "Panel", "1 February 2025")]
    assert to_do.rows[1] == ("Write to all carers", "no option", NO_OWNER, NO_DATE)
    bare = logs(found, answer)
    assert bare.lead[0] == (
        "Owner of the plan: to be named. Signed off by: not signed off. The scenario file states no"
        " decision."
    )
    assert bare.tables == []


def test_the_next_quarter_after_the_run_says_when_to_look_earlier() -> None:
    found, answer = made()
    (grid,) = logs(found, answer).grids
    assert "30 September 2026" in grid.caption
    (block,) = grid.blocks
    rows = {row.words: row.cells for row in block.rows}
    known = found.summary.set_index(["option", "measure", "group", "period"])
    row = known.loc[("baseline", "foster_households", "", "2026-09-30")]
    low, high = rows["In-house foster households"][1].value.split(" to ")
    assert (int(low), int(high)) == (round(row["low95"]), round(row["high95"]))
    late = found._replace(manifest={**RUN, "started": "2031-01-01T00:00:00+00:00"})
    assert logs(late, answer).grids == []


@pytest.mark.parametrize(
    ("plan", "started", "by", "words"),
    [
        (
            None, "2026-08-31T23:15:00+00:00", date(2027, 2, 28),
            "Review by 28 February 2027: six months after this run, as is usual; no other date is"
            " stated.",
        ),
        (PLAN, "2026-08-31T23:15:00+00:00", date(2027, 1, 31), "Review by 31 January 2027."),
        (
            PLAN, "2027-03-01T08:00:00+00:00", date(2027, 1, 31),
            "Review by 31 January 2027. That had passed when this was run, on 1 March 2027.",
        ),
        (
            None, "", None,
            "No review date is stated, and the run does not say when it was made.",
        ),
    ],
)  # fmt: skip
def test_a_run_is_to_be_looked_at_again_when_it_is_stated_or_after_six_months(
    plan: Governance | None, started: str, by: date | None, words: str
) -> None:
    scenario = study_of().scenario.model_copy(update={"plan": plan})
    review = review_of(scenario, {"started": started})
    assert (review.by, review.words) == (by, words)


def test_months_end_where_the_shorter_month_ends() -> None:
    assert months_after(date(2026, 1, 15), 6) == date(2026, 7, 15)
    assert months_after(date(2027, 8, 31), 6) == date(2028, 2, 29)
