"""What contradicts itself in a scenario file is said in one message, each mistake at its place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sufficiency.measures import MEASURES
from sufficiency.scenario_file import ScenarioFileError, load

HEAD = "extends: england\nname: Test\n"
PAST = "validation: {start: 2023-04-01, children_in_care: 440}\n"
Write = Callable[..., Path]


def mistakes(body: str, write: Write, head: str = HEAD) -> list[str]:
    """What is wrong with a file: line:column and words."""
    with pytest.raises(ScenarioFileError) as caught:
        load(write(head + body), measures=MEASURES)
    heading, *lines = str(caught.value).split("\n")
    assert heading == "child.yaml is not a valid scenario:"
    assert all(line.startswith("  child.yaml:") for line in lines)
    return [line.removeprefix("  child.yaml:") for line in lines]


def warnings(body: str, write: Write, head: str = HEAD) -> tuple[str, ...]:
    return load(write(head + body), measures=MEASURES).warnings


HOME = "homes: [{name: A, registered: 3, usable: 2, "

PROVISION = {
    "more usable beds than registered": (
        "homes: [{name: A, registered: 3, usable: 4}]\n",
        "3:42: homes.0.usable: usable (4) is more than registered (3)",
    ),
    "closes on the day it opens": (
        HOME + "opens: 2026-04-01, closes: 2026-04-01}]\n",
        "3:9: homes.0: it closes (2026-04-01) before it opens (2026-04-01)",
    ),
    "closes before it is registered": (
        HOME + "opens: 2026-04-01, registration_delay_months: 9, closes: 2026-12-01}]\n",
        "3:9: homes.0: it closes (2026-12-01) before it is registered, 9 months after it opens "
        "(2026-04-01)",
    ),
    "home for nobody": (
        HOME + "youngest: 12, oldest: 10}]\n",
        "3:9: homes.0: ages 12 to 10 cover nobody",
    ),
    "home for adults": (
        HOME + "oldest: 18}]\n",
        "3:53: homes.0.oldest: must be 17 or less (found 18)",
    ),
    "emergency beds for nobody": (
        "emergency: {youngest: 12, oldest: 9}\n",
        "3:12: emergency: ages 12 to 9 cover nobody",
    ),
    "households for nobody": (
        "fostering: {profile: {age_ranges: [{youngest: 9, oldest: 3, share: 1.0}]}}\n",
        "3:36: fostering.profile.age_ranges.0: ages 9 to 3 cover nobody under 18",
    ),
    "households for adults": (
        "fostering: {profile: {age_ranges: [{youngest: 18, oldest: 18, share: 1.0}]}}\n",
        "3:36: fostering.profile.age_ranges.0: ages 18 to 18 cover nobody under 18",
    ),
    "guaranteed share above one": (
        "supported: {block_guaranteed: 1.2}\n",
        "3:31: supported.block_guaranteed: must be 1 or less (found 1.2)",
    ),
    "guaranteed share in percent": (
        "external_homes: {block_guaranteed: 60}\n",
        "3:36: external_homes.block_guaranteed: must be 1 or less (found 60); a share: 60% is 0.6",
    ),
    "places that no mix of households gives": (
        "fostering: {approved_places_per_household: 3.5, places_mix: {'1': 1, '2': 0, '3': 0, "
        "'4': 0}}\n",
        "3:44: fostering.approved_places_per_household: households of 1 to 1 places (places_mix) "
        "cannot have 3.5 on average",
    ),
    "recruits for teenagers of a service that has no such households": (
        "fostering:\n  profile: {age_ranges: [{youngest: 0, oldest: 18, share: 1.0}]}\n"
        "  recruitment: {profile: {teenagers: 0.5}}\n",
        "5:38: fostering.recruitment.profile.teenagers: profile.age_ranges has no range for "
        "teenagers (from 8 or above to 16 or above)",
    ),
    "recruits for small children of a service for teenagers": (
        "fostering:\n  profile: {age_ranges: [{youngest: 11, oldest: 18, share: 1.0}]}\n"
        "  recruitment: {profile: {teenagers: 0.5}}\n",
        "5:38: fostering.recruitment.profile.teenagers: profile.age_ranges has ranges for "
        "teenagers only",
    ),
    "recruits for less than there is": (
        "fostering: {profile: {highest_need: {standard: 0, enhanced: 0, complex: 1}}}\n"
        "options: {a: {set: {fostering.recruitment.profile.complex: 0.5}}}\n",
        "4:60: options.a.fostering.recruitment.profile.complex: profile.highest_need has nobody "
        "who takes less than complex need",
    ),
    "where the own homes are": (
        "elsewhere: {in_area: {home_own: 1.0}}\n",
        "3:23: elsewhere.in_area.home_own: no such setting; each of the homes says it with its "
        "own 'in_area'",
    ),
    "how far the own homes are": (
        "elsewhere: {over_20_miles: {home_own: 1.0}}\n",
        "3:29: elsewhere.over_20_miles.home_own: no such setting; a home whose own 'in_area' is "
        "false is over 20 miles away",
    ),
    "where the own homes are, in an option": (
        "options: {a: {set: {elsewhere.in_area.home_own: 1.0}}}\n",
        "3:21: options.a.elsewhere.in_area.home_own: no such setting; each of the homes says it "
        "with its own 'in_area'",
    ),
    "where the own homes are, from a date": (
        "changes: [{on: 2026-04-01, path: elsewhere.in_area.home_own, to: 0.5}]\n",
        "3:34: changes.0.path: no such setting (found 'elsewhere.in_area.home_own'); each of the "
        "homes says it with its own 'in_area'",
    ),
    "where agencies are": (
        "elsewhere: {in_area: {ifa: 0.3}}\n",
        "3:23: elsewhere.in_area.ifa: no such setting; 'ifa.in_area' says it",
    ),
    "ages of children on remand": (
        "demand: {remand: {ages: {under_1: 1.0}}}\n",
        "3:26: demand.remand.ages.under_1: no such setting; allowed: 10-15, 16-17",
    ),
    "ethnic groups that do not add up": (
        "demand: {uasc: {ethnic_groups: {white: 0.5}}}\n",
        "3:32: demand.uasc.ethnic_groups: shares must add up to 1 (they add up to 1.42)",
    ),
    "growth that changes on a date": (
        "changes: [{on: 2026-04-01, path: demand.trend_per_year, to: 0.1}]\n",
        "3:34: changes.0.path: 'demand.trend_per_year' cannot change on a date: it counts from the "
        "first day",
    ),
    "part of the mix at the start that changes on a date": (
        "changes: [{on: 2026-04-01, path: placement.mix_at_start.ifa, to: 0.1}]\n",
        "3:34: changes.0.path: 'placement.mix_at_start.ifa' cannot change on a date: it is about "
        "the first day",
    ),
    "option that changes what it is compared with": (
        "options: {a: {set: {validation.start: 2023-04-01}}}\n",
        "3:21: options.a.validation.start: no option can change 'validation': it is the same for "
        "all that are compared",
    ),
}


@pytest.mark.parametrize("case", PROVISION)
def test_provision_that_contradicts_itself(case: str, write: Write) -> None:
    body, expected = PROVISION[case]
    assert mistakes(body, write) == [expected]


def test_all_of_it_comes_in_one_message_in_the_order_of_the_file(write: Write) -> None:
    body = """\
homes:
  - {name: A, registered: 3, usable: 4}
  - {name: B, registered: 3, usable: 2, opens: 2026-04-01, closes: 2026-01-01}
supported: {block_guaranteed: 1.2}
elsewhere: {in_area: {home_own: 1.0}}
emergency: {youngest: 12, oldest: 9}
validation:
  start: 2023-04-01
  children_in_care: 440
  set: {ifa.makret: 0.9}
  free: [moves.scal]
observed:
  - {measure: exits, period: 2023-24, value: 3, source: x, use: fit}
  - {measure: exits, period: 2023-24, value: 3, source: x, use: check}
  - {measure: entry, period: 2023-24, value: 3, source: x, use: check}
options:
  a: {set: {validation.years: 2}}
"""
    places = [line.partition(" ")[0] for line in mistakes(body, write)]
    assert places == [
        "4:38:", "5:5:", "6:31:", "7:23:", "8:12:", "12:9:", "13:10:", "16:5:", "17:15:", "19:13:",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "path",
    [
        "fostering.enquiries_per_year", "fostering.enquiry_to_application",
        "fostering.application_to_approval", "fostering.transfers_in_share",
        "fostering.transfers_out_share", "fostering.assessment.mean_days",
        "demand.uasc.transfer_scheme.quota", "demand.uasc.transfer_scheme.threshold",
        "demand.remand.per_100_in_care", "supported.block_guaranteed", "external_homes.market",
        "placement.disabled_share", "emergency.oldest",
    ],
)  # fmt: skip
def test_what_may_change_on_a_date(path: str, write: Write) -> None:
    head = f"{HEAD}authority: {{child_population: 60000}}\n"
    to = 1 if path.endswith(("quota", "days", "market", "oldest", "year")) else 0.5
    study = load(write(f"{head}changes: [{{on: 2026-04-01, path: {path}, to: {to}}}]\n"))
    assert [change.path for change in study.scenario.changes] == [path]


SHIPPED = ("england", "camden", "cambridgeshire", "harrow", "medway", "north_somerset")


@pytest.mark.parametrize("name", SHIPPED)
def test_one_typo_beside_a_shipped_scenario_is_one_line(name: str, write: Write) -> None:
    head = f"extends: {name}\nname: Test\n"
    assert mistakes("surge: 3\n", write, head) == ["3:1: surge: no such setting"]


def test_an_option_adds_to_a_default_beside_a_mistake(write: Write) -> None:
    add = "options: {a: {add: {supported.block_places: 2, %s}}}\n"
    right = add % "dynamic: 1"
    (line,) = mistakes(right, write)
    assert line.startswith("3:48: options.a.dynamic: no such setting")
    typo, wrong = mistakes("surge: 3\n" + add % "ifa.market: -9", write)
    assert typo == "3:1: surge: no such setting"
    assert wrong.startswith("4:60: options.a.ifa.market: must be above 0")
    (line,) = mistakes(add % "authority.uasc_in_care: 3", write)
    assert "options.a.authority.uasc_in_care: has no value to add to; use 'set'" in line


# ---- What is valid and yet hardly meant ----------------------------------------------------------

LATE = "{name: Late, registered: 2, usable: 2, opens: 2030-04-01}"


def test_a_home_that_opens_after_the_run_is_a_warning(write: Write) -> None:
    text = "the run ends on 2030-03-31, before this home opens (2030-04-01)"
    assert warnings(f"homes: [{LATE}]\n", write) == (f"child.yaml:3:55: homes.0.opens: {text}",)
    assert warnings(f"homes: [{LATE}]\nyears: 6\n", write) == ()
    option = f"options:\n  a: {{add: {{homes: [{LATE}]}}}}\n  b: {{combine: [a]}}\n"
    (warning,) = warnings(option, write)
    assert warning.startswith("child.yaml:4:")
    assert warning.endswith(f".opens: {text}")


def test_a_run_to_the_end_of_time_is_no_crash(write: Write) -> None:
    (told,) = warnings(f"start: 9999-01-01\nyears: 25\nhomes: [{LATE}]\n", write)
    assert told.endswith("prices of 2024-25 are taken to 9999 by their uplifts, over 7974 years")


def test_a_rise_after_the_run_and_prices_of_another_time_are_warnings(write: Write) -> None:
    rise = "{from: 2030-04-01, type: in_house, weekly: 20}"
    text = "the run ends on 2030-03-31, before this rise is paid (2030-04-01)"
    assert warnings(f"prices: {{rises: [{rise}]}}\n", write) == (
        f"child.yaml:3:25: prices.rises.0.from: {text}",
    )
    assert warnings(f"years: 6\nprices: {{rises: [{rise}]}}\n", write) == ()
    (old,) = warnings("prices: {year: 2015-16}\n", write)
    assert old.endswith("prices of 2015-16 are taken to 2025 by their uplifts, over 9 years")


def test_more_than_all_households_leaving_is_a_warning(write: Write) -> None:
    text = "fostering.leaving_per_year: more than all households would leave in a year"
    assert warnings("fostering: {leaving_per_year: 14}\n", write)[-1] == (
        f"child.yaml:3:31: {text} (found 14); a share: 14% is 0.14"
    )
    assert not any(text in line for line in warnings("fostering: {leaving_per_year: 1}\n", write))
    (warning,) = warnings("options: {a: {set: {fostering.leaving_per_year: 1.5}}}\n", write)
    assert warning == f"child.yaml:3:49: options.a.{text} (found 1.5)"


# ---- The transfer scheme and the children who live in the authority ------------------------------

SCHEME = "demand: {uasc: {transfer_scheme: {quota: 30}}}\n"
RESTS = (
    "rests on authority.child_population, which is another authority's (68200, "
    "scenarios/england.yaml:"
)

POPULATION = {
    "scheme": (SCHEME, "3:17: demand.uasc.transfer_scheme"),
    "rate for each child who lives there": (
        "demand: {entries_per_10000_children: 30}\n",
        "3:10: demand.entries_per_10000_children",
    ),
    "dated": (
        "changes: [{on: 2026-05-01, path: demand.uasc.transfer_scheme.threshold, to: 0.0007}]\n",
        "3:34: changes.0.path",
    ),
    "option": (
        "options:\n  a: {set: {demand.uasc.transfer_scheme.quota: 12}}\n  b: {combine: [a]}\n",
        "4:13: options.a.demand.uasc.transfer_scheme.quota",
    ),
    "past": (
        "validation: {start: 2021-04-01, children_in_care: 440, set: {demand: {uasc: "
        "{transfer_scheme: {threshold: 0.0007}}}}}\n",
        "3:96: validation.set.demand.uasc.transfer_scheme.threshold",
    ),
}


@pytest.mark.parametrize("case", POPULATION)
def test_a_transfer_scheme_needs_the_authoritys_own_child_population(
    case: str, write: Write
) -> None:
    body, place = POPULATION[case]
    (line,) = mistakes(body, write)
    assert line.startswith(f"{place}: {RESTS}")
    assert line.endswith("): state it too")
    assert load(write(HEAD + "authority: {child_population: 41000}\n" + body))


def test_the_population_may_stand_in_a_file_between(write: Write) -> None:
    write(HEAD + "authority: {children_in_care: 205, child_population: 41000}\n", "ours.yaml")
    assert warnings(SCHEME, write, "extends: ours\nname: Later\n") == ()
    write(HEAD + SCHEME, "ours.yaml")
    with pytest.raises(ScenarioFileError, match=r"ours\.yaml:3:17: .*transfer_scheme: rests on"):
        load(write("extends: ours\nname: Later\n"))


def test_an_option_may_bring_its_own_population(write: Write) -> None:
    both = "{authority.child_population: 50000, demand.uasc.transfer_scheme.quota: 12}"
    assert warnings(f"options: {{a: {{set: {both}}}}}\n", write) == ()


def test_children_in_care_without_a_population_are_a_warning(write: Write) -> None:
    (warning,) = warnings("authority: {children_in_care: 450}\n", write)
    assert warning.startswith(
        "child.yaml:3:31: the children in care are stated, but not authority.child_population"
    )
    assert warnings("authority: {children_in_care: 450, child_population: 60000}\n", write) == ()
    assert warnings("years: 3\n", write) == ()


@pytest.mark.parametrize("name", ["england", "camden"])
def test_shipped_scenarios_pass(name: str) -> None:
    assert load(name, measures=MEASURES).warnings == ()


# ---- Published values ----------------------------------------------------------------------------


def item(measure: str, period: str, use: str = "check", group: str = "") -> str:
    in_group = f'group: "{group}", ' if group else ""
    return (
        f"  - {{measure: {measure}, {in_group}period: {period}, value: 1, source: x, use: {use}}}\n"
    )


OBSERVED = {
    "no such measure": (
        item("exit", "2023-24"),
        "5:15: observed.0.measure: no such measure (found 'exit'); did you mean 'exits'?",
    ),
    "no such group": (
        item("exits", "2023-24", group="reason=adoptd"),
        "5:29: observed.0.group: 'exits' has no such group (found 'reason=adoptd'); did you mean "
        "'reason=adopted'?",
    ),
    "no group": (
        item("children_share", "2023-06-30"),
        "5:15: observed.0.measure: 'children_share' is not taken of everybody: name a 'group'",
    ),
    "no such year": (
        item("exits", "2023-25"),
        "5:30: observed.0.period: must be a date (2027-03-31), a month (2027-03), a quarter "
        "(2027-Q4) or a financial year (2027-28) (found '2023-25')",
    ),
    "no such date": (
        item("children_in_care", "2023-06-31"),
        "5:41: observed.0.period: must be a date (2027-03-31), a month (2027-03), a quarter "
        "(2027-Q4) or a financial year (2027-28) (found '2023-06-31')",
    ),
    "date of a flow": (
        item("exits", "2024-03-31"),
        "5:30: observed.0.period: 'exits' is taken in each quarter and financial year (found "
        "'2024-03-31')",
    ),
    "year of a stock": (
        item("children_in_care", "2023-24"),
        "5:41: observed.0.period: 'children_in_care' is taken on the first day of a run and the "
        "last of each month (found '2023-24')",
    ),
    "middle of a month": (
        item("children_in_care", "2023-08-15"),
        "5:41: observed.0.period: 'children_in_care' is taken on the first day of a run and the "
        "last of each month (found '2023-08-15')",
    ),
    "end of a month that ends no quarter": (
        item("in_area_share", "2023-08-31"),
        "5:38: observed.0.period: 'in_area_share' is taken on the first day of a run and the last "
        "of each quarter (found '2023-08-31')",
    ),
    "not a 31 March": (
        item("long_term_stability", "2023-09-30"),
        "5:44: observed.0.period: 'long_term_stability' is taken on each 31 March (found "
        "'2023-09-30')",
    ),
    "the input itself": (
        item("children_in_care", "2023-04-01"),
        "5:41: observed.0.period: this number is an input on the first day of the validation "
        "period: it can check nothing",
    ),
    "twice": (
        item("exits", "2023-24") * 2,
        "6:5: observed.1: is given twice (first on line 5)",
    ),
    "for fit and check": (
        item("exits", "2023-24", "fit") + item("exits", "2023-24"),
        "6:5: observed.1: is used for both fit and check (first on line 5): a value has one use",
    ),
    "for fit and check, its group in another order": (
        item("second_best_share", "2023-24", "fit", "kind=foster")
        + item("second_best_share", "2023-24", "check", "kind=foster"),
        "6:5: observed.1: is used for both fit and check (first on line 5): a value has one use",
    ),
}


@pytest.mark.parametrize("case", OBSERVED)
def test_a_published_value_that_cannot_be_compared(case: str, write: Write) -> None:
    items, expected = OBSERVED[case]
    assert mistakes(f"{PAST}observed:\n{items}", write) == [expected]


def test_the_order_of_the_parts_of_a_group_makes_no_other_value(write: Write) -> None:
    one, other = (item("exits", "2023-24", "fit", g) for g in ("a=1;b=2", "b=2;a=1"))
    with pytest.raises(ScenarioFileError, match=r"child\.yaml:6:5: observed\.1: is given twice"):
        load(write(f"{HEAD}{PAST}observed:\n{one}{other}"))


def test_without_measures_names_are_not_asked(write: Write) -> None:
    text = f"{HEAD}{PAST}observed:\n{item('exit', '2023-24', group='a=b')}"
    assert load(write(text)).scenario.observed[0].measure == "exit"


def test_uasc_on_the_first_day_are_an_input_where_they_are_stated(write: Write) -> None:
    uasc = item("children_in_care", "2025-04-01", group="stream=uasc")
    assert warnings(f"observed:\n{uasc}", write) == ()
    (line,) = mistakes(f"authority: {{uasc_in_care: 30}}\nobserved:\n{uasc}", write)
    assert line.startswith("5:63: observed.0.period: this number is an input on the first day of")


def test_a_value_of_another_year_is_a_warning(write: Write) -> None:
    inside, outside = item("exits", "2023-24"), item("exits", "2025-26")
    assert warnings(f"{PAST}observed:\n{inside}", write) == ()
    (warning,) = warnings(f"{PAST}observed:\n{inside}{outside}", write)
    assert warning == (
        "child.yaml:6:30: observed.1.period: 2025-26 is not within the validation period, "
        "2023-04-01 to 2024-03-31: this value of exits is never compared"
    )
    (warning,) = warnings(f"observed:\n{inside}{outside}", write)
    assert "observed.0.period: 2023-24 is not within the run, 2025-04-01 to 2030-03-31" in warning


@pytest.mark.parametrize("items", ["", "observed:\n" + item("exits", "2025-26")])
def test_a_past_without_a_published_value_is_one_warning(items: str, write: Write) -> None:
    assert warnings(PAST + items, write) == (
        "no observed value lies within the validation period, 2023-04-01 to 2024-03-31: there is "
        "nothing to compare",
    )


def test_a_year_that_is_not_simulated_whole_is_never_compared(write: Write) -> None:
    past = "validation: {start: 2023-07-01, years: 0.5, children_in_care: 440}\n"
    items = item("exits", "2023-24") + item("children_in_care", "2023-12-31")
    (warning,) = warnings(f"{past}observed:\n{items}", write)
    assert "2023-24 is not within the validation period, 2023-07-01 to 2023-12-31" in warning
