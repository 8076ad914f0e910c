"""Prices, programmes, budgets and ledgers in a scenario file: what may and may not be said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sufficiency.experiment.draws import ranges
from sufficiency.scenario import Scenario, Study, past, with_edits, with_values
from sufficiency.scenario_file import ScenarioFileError, load
from sufficiency.scenario_file.describing import changes_lines
from sufficiency.scenario_file.writing import resolved_yaml

HEAD = "extends: england\nname: Ours\nstart: 2025-04-01\nyears: 3\n"
Write = Callable[..., Path]


def said(body: str, write: Write) -> list[str]:
    """What is wrong with a file, without its name; the head has four lines."""
    with pytest.raises(ScenarioFileError) as caught:
        load(write(HEAD + body))
    _, *lines = str(caught.value).split("\n")
    return [line.strip().removeprefix("child.yaml:") for line in lines]


def option(study: Study, name: str) -> Scenario:
    (found,) = [o for o in study.options if o.name == name]
    return with_edits(study.scenario, found.edits)


# --- what may not be said ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (
            "prices: {weekly: {ifa: null}}\n",
            "5:24: prices.weekly.ifa: needs a price (0 if it costs nothing)",
        ),
        (
            "prices: {allowance: null}\n",
            "5:21: prices.allowance: is needed for carers who have a fee and no weekly price",
        ),
        (
            "prices: {weekly: {ifa: -1}}\n",
            "5:24: prices.weekly.ifa: must be 0 or more (found -1)",
        ),
        (
            "prices: {weekly: {ifa: £950}}\n",
            "5:24: prices.weekly.ifa: must be a number (found '£950')",
        ),
        (
            "prices: {weekly: {ifa: {value: 40, unit: £ a day}}}\n",
            "5:42: prices.weekly.ifa: the unit '£ a day' contradicts '£ a week, 2024-25', the unit "
            "of this setting",
        ),
        (
            "prices: {existing: {ifa: {value: 4000, unit: £ a month}}}\n",
            "5:46: prices.existing.ifa: the unit '£ a month' contradicts '£ a week', the unit of "
            "this setting",
        ),
        (
            "budget: {value: {2025-26: 9}, unit: £m}\n",
            "5:37: budget: the unit '£m' contradicts '£', the unit of this setting",
        ),
        (
            "prices: {existing: {iffa: 800}}\n",
            "5:21: prices.existing.iffa: no such setting; did you mean 'ifa'?",
        ),
        (
            "prices: {existing: {in_house: 480}}\n",
            "5:31: prices.existing.in_house: has no effect: all these carers get the allowance and "
            "the fee; state 'prices.weekly.in_house' too",
        ),
        (
            "prices: {block: {ifa: 800}}\n",
            "5:18: prices.block.ifa: no such setting; allowed: home_external, supported",
        ),
        (
            "prices: {retainer: {supported: 800}}\n",
            "5:21: prices.retainer.supported: no such setting; allowed: in_house, emergency_bed",
        ),
        (
            "prices: {fee: {ifa: 200}}\n",
            "5:16: prices.fee.ifa: no such setting; allowed: in_house, kinship",
        ),
        (
            "prices: {allowance: {weekly: {wales: {0-2: 180}}}}\n",
            "5:31: prices.allowance.weekly.wales: no such setting; allowed: london, south_east, "
            "rest_of_england",
        ),
        (
            "prices: {uplift: {ifa: {new: 0.4}, ifas: {new: 0.04}}}\n",
            "5:36: prices.uplift.ifas: no such setting; did you mean 'ifa'?",
        ),
        (
            "prices: {uplift: {ifa: {new: -1}}}\n",
            "5:30: prices.uplift.ifa.new: must be above -1 (found -1)",
        ),
        (
            "prices: {uplift: {ifa: {new: 4}}}\n",
            "5:30: prices.uplift.ifa.new: must be 1 or less (found 4); a share: 4% is 0.04",
        ),
        (
            "prices: {weekly: {ifa: 1e308}}\n",
            "5:24: prices.weekly.ifa: must be 1,000,000 or less (found 1e+308)",
        ),
        (
            "prices: {spread: {home_external: 20}}\n",
            "5:34: prices.spread.home_external: must be 3 or less (found 20)",
        ),
        (
            "budget: {2025-26: 1e300}\n",
            "5:19: budget.2025-26: must be 10,000,000,000 or less (found 1e+300)",
        ),
        (
            "prices: {uplift: {ifa: {month: 13}}}\n",
            "5:32: prices.uplift.ifa.month: must be 12 or less (found 13)",
        ),
        (
            "prices:\n  table:\n  - {type: ifa, age: 16-17, new: 1}\n"
            "  - {type: ifa, age: 16-17, new: 2}\n",
            "8:5: prices.table.1: is for the same children as prices.table.0",
        ),
        (
            "prices:\n  rises:\n  - {from: 2026-04-01, type: in_house, weekly: 10}\n"
            "  - {from: 2026-04-01, type: in_house, weekly: 15}\n",
            "8:5: prices.rises.1: is for the same type and day as prices.rises.0",
        ),
        (
            "prices:\n  rises:\n  - {from: 2025-03-31, type: in_house, weekly: 10}\n",
            "7:12: prices.rises.0.from: is before the run begins (2025-04-01): put it into the "
            "price (found 2025-03-31)",
        ),
        (
            "prices: {health_share: {secure: 0.7}, education_share: {secure: 0.4}}\n",
            "5:33: prices.health_share.secure: is more than 1 together with education_share",
        ),
        (
            "prices: {year: 2024/25}\n",
            "5:16: prices.year: '2024/25' is not a financial year like 2025-26; did you mean "
            "'2024-25'?",
        ),
        (
            "budget: {2025-27: 1}\n",
            "5:10: budget.2025-27: '2025-27' is not a financial year like 2025-26; did you mean "
            "'2025-26'?",
        ),
        (
            "budget: {next year: 1}\n",
            "5:10: budget.next year: 'next year' is not a financial year like 2025-26",
        ),
        (
            "budget: {2028-29: 1}\n",
            "5:10: budget.2028-29: is outside the run, whose whole financial years are 2025-26 to "
            "2027-28",
        ),
        (
            "budgeted: {2024-25: {children: {ifa: 20}}}\n",
            "5:12: budgeted.2024-25: is outside the run, whose whole financial years are 2025-26 "
            "to 2027-28",
        ),
        (
            "programme: [{name: A campaign, year: 2028-29, amount: 5}]\n",
            "5:38: programme.0.year: is outside the run, whose whole financial years are 2025-26 "
            "to 2027-28 (found '2028-29')",
        ),
        (
            "programme: [{name: A campaign, year: 2025-26, amount: -5}]\n",
            "5:55: programme.0.amount: must be 0 or more (found -5)",
        ),
        (
            "ledger: {2023-24: {ifa: 5}}\n",
            "5:10: ledger.2023-24: is outside the run, whose whole financial years are 2025-26 to "
            "2027-28, and not 2024-25, the year before it",
        ),
        (
            "ledger: {2024-25: {agencies: 5}}\n",
            "5:20: ledger.2024-25.agencies: no such setting; allowed: in_house, ifa, kinship,"
            " home_own, home_external, supported, emergency_bed, unregistered, parents, adoption,"
            " secure, other",
        ),
        (
            "homes: [{name: A, registered: 2, usable: 2, capital: 5, capital_grant: 6}]\n",
            "5:72: homes.0.capital_grant: capital_grant is more than capital",
        ),
    ],
)
def test_one_mistake(body: str, problem: str, write: Write) -> None:
    assert said(body, write) == [problem]


def test_every_mistake_is_told_at_once(write: Write) -> None:
    body = """\
prices:
  year: 2024
  weekly: {ifa: null, secure: null, iffa: 3}
  block: {ifa: 800}
  rises: [{from: 2020-04-01, type: in_house, weekly: 1}]
budget: {2024-25: 1, 2025-26: {value: 9, unit: £m}, 2026-28: 1}
ledger: {2020-21: {ifa: 5}}
"""
    found = [line.split(": ")[1] for line in said(body, write)]
    assert found == [
        "prices.year", "prices.weekly.ifa", "prices.weekly.secure", "prices.weekly.iffa",
        "prices.block.ifa", "prices.rises.0.from", "budget.2024-25", "budget.2025-26",
        "budget.2026-28", "ledger.2020-21",
    ]  # fmt: skip


def test_a_run_that_begins_within_a_year_has_whole_years_later(write: Write) -> None:
    head = HEAD.replace("2025-04-01", "2025-07-01")
    load(write(head + "budget: {2026-27: 5}\nledger: {2024-25: {ifa: 3}}\n"))
    with pytest.raises(ScenarioFileError, match=r"budget\.2025-26: is outside the run.* 2026-27"):
        load(write(head + "budget: {2025-26: 5}\n"))


def test_an_allowance_must_be_known_where_the_carers_live() -> None:
    england = load("england").scenario
    assert england.prices.allowance is not None
    only = {"london": dict(england.prices.allowance.weekly["london"])}
    with pytest.raises(ValueError, match=r"has none for authority.region \('rest_of_england'\)"):
        with_values(england, {"prices.allowance.weekly": only})
    paid = {"prices.weekly.in_house": 500, "prices.weekly.kinship": 250}
    with_values(england, {**paid, "prices.allowance.weekly": only})


def test_ages_of_an_allowance_are_complete() -> None:
    england = load("england").scenario
    with pytest.raises(ValueError, match="london: needs ages 3-4, 5-10, 11-15, 16-17"):
        with_values(england, {"prices.allowance.weekly": {"london": {"0-2": 180}}})


def test_mistakes_of_options_stand_at_their_lines(write: Write) -> None:
    body = """\
options:
  a: {set: {prices.weekly.ifa: null}}
  b: {add: {programme: [{name: Team, year: 2030-31, amount: 5}]}}
  c: {add: {prices.rises: [{from: 2024-04-01, type: ifa, weekly: 5}]}}
  d: {set: {budget: {2021-22: 5}, prices.existing: {ifa: {value: 8, unit: £ a day}}}}
  e: {set: {ledger: {2025-26: {ifa: 5}}}}
  f: {add: {prices.weekly.in_house: 20}}
  g: {combine: [b]}
"""
    assert said(body, write) == [
        "6:32: options.a.prices.weekly.ifa: needs a price (0 if it costs nothing)",
        "7:44: options.b.programme.0.year: is outside the run, whose whole financial years are "
        "2025-26 to 2027-28 (found '2030-31')",
        "8:35: options.c.prices.rises.0.from: is before the run begins (2025-04-01): put it into "
        "the price (found 2024-04-01)",
        "9:22: options.d.budget.2021-22: is outside the run, whose whole financial years are "
        "2025-26 to 2027-28",
        "9:75: options.d.prices.existing.ifa: the unit '£ a day' contradicts '£ a week', the unit "
        "of this setting",
        "10:13: options.e.ledger: no option can change 'ledger': it is the same for all that are "
        "compared",
        "11:37: options.f.prices.weekly.in_house: has no value to add to; use 'set'",
    ]


# --- what may be said --------------------------------------------------------------------------


def test_options_may_change_every_price(write: Write) -> None:
    body = """\
prices: {existing: {ifa: 850}}
options:
  a:
    set:
      prices.weekly.in_house: 550
      prices.uplift.ifa.new: 0.05
      prices.uplift.supported: {existing: 0.01, at_most_cpi: true, month: 9}
      prices.existing.home_external: 5500
      prices.block: {supported: 1100}
      budget: {2025-26: 30000000}
    add:
      programme: [{name: Team, year: 2025-26, amount: 57000}]
      prices.rises: [{from: 2026-04-01, type: in_house, weekly: 12.5}]
      prices.table: [{type: ifa, need: complex, new: 1300, existing: 1200}]
      prices.weekly.ifa: 50
"""
    path = write(HEAD + body)
    study = load(path)
    changed = option(study, "a")
    prices = changed.prices
    assert prices.weekly["in_house"] == 550
    assert (prices.weekly["ifa"], prices.existing) == (950, {"ifa": 850, "home_external": 5500})
    assert prices.uplift["ifa"].new == 0.05
    contract = prices.uplift["supported"]
    assert (contract.new, contract.existing, contract.at_most_cpi) == (0.04, 0.01, True)
    assert contract.month == 9
    assert [rise.weekly for rise in prices.rises] == [12.5]
    assert [line.existing for line in prices.table] == [1200]
    assert [item.amount for item in changed.programme] == [57_000]
    assert changed.budget == {"2025-26": 30_000_000}
    assert study.scenario.prices.weekly["in_house"] is None
    assert "  prices.weekly.in_house: none -> 550" in changes_lines(path)


def test_a_ledger_may_be_of_the_year_before_and_of_years_of_the_run(write: Write) -> None:
    ledger = "ledger: {2024-25: {ifa: 5}, 2027-28: {value: {ifa: 6}, source: outturn, unit: £}}\n"
    study = load(write(HEAD + ledger))
    assert study.scenario.ledger == {"2024-25": {"ifa": 5}, "2027-28": {"ifa": 6}}
    (row,) = [row for row in study.assumptions if row.path == "ledger.2027-28"]
    assert (row.source, row.unit) == ("outturn", "£")


def test_a_shorter_run_and_the_past_do_without_their_budgets(write: Write) -> None:
    """`run --years 1`, or `validate`: budgets of other years are no mistake of the file."""
    block = "validation: {start: 2023-04-01, children_in_care: 440}\n"
    scenario = load(write(HEAD + "budget: {2027-28: 5}\n" + block)).scenario
    assert with_values(scenario, {"years": 1}).budget == {"2027-28": 5}
    assert past(scenario).budget == {"2027-28": 5}


def test_money_survives_being_written_and_read_again(write: Write) -> None:
    body = """\
prices:
  weekly: {in_house: {value: 520, low: 500, high: 540, source: ledger}}
  existing: {ifa: 850}
  uplift: {ifa: {existing: 0.02, month: 10}}
  table: [{type: ifa, age: 16-17, new: 1000}]
  rises: [{from: 2026-04-01, type: kinship, weekly: {value: 5, source: plan}}]
programme: [{name: Team, year: 2025-26, amount: {value: 57000, unit: £, source: bid}}]
budget: {2025-26: {value: 30000000, source: council, unit: £}}
budgeted: {2025-26: {children: {ifa: 20}, unit_cost: {ifa: 900}}}
ledger: {2024-25: {ifa: 5000000}}
"""
    study = load(write(HEAD + body))
    again = load(write(resolved_yaml(study), "again.yaml"))
    assert again.scenario == study.scenario
    assert ranges(again) == ranges(study)


# --- England's prices --------------------------------------------------------------------------


def test_every_price_of_england_has_a_source_and_how_well_it_is_supported() -> None:
    rows = [row for row in load("england").assumptions if row.path.startswith("prices.")]
    assert len(rows) > 40
    assert [row.path for row in rows if not row.source or not row.confidence] == []
    money = [row for row in rows if "year" not in row.path and "share" not in row.path]
    assert [row.path for row in money if not row.unit] == []


@pytest.mark.parametrize("name", ["england", "camden"])
def test_the_prices_and_uplifts_that_matter_most_have_ranges(name: str) -> None:
    found = ranges(load(name))
    assert {"prices.weekly.home_external", "prices.uplift.ifa.new"} <= {one.path for one in found}


def test_a_home_of_its_own_costs_a_child_5400_at_three_places_of_four_filled() -> None:
    prices = load("england").scenario.prices
    assert prices.home_fixed_weekly_per_place / 0.75 == 5400
    assert prices.weekly["home_own"] == 0


def test_both_councils_can_recruit_20_carers_and_20_households() -> None:
    for name in ("camden", "medway"):
        study = load(name)
        for unit in ("carers", "households"):
            drive = option(study, f"recruit_20_{unit}").fostering.recruitment
            assert (drive.number, drive.unit, drive.basis) == (20, unit, "gross")


def test_a_shorter_run_can_be_read_again(write: Write) -> None:
    """`run --years 1` of a scenario with a change, a budget and a programme in a later year."""
    body = """\
authority: {children_in_care: 40, uasc_in_care: 3, child_population: 6000}
changes: [{on: 2027-09-01, path: ifa.market, to: 0.8}]
budget: {2025-26: 4, 2027-28: 5}
ledger: {2024-25: {ifa: 5}}
programme: [{name: Team, year: 2027-28, amount: 5}]
options: {a: {add: {programme: [{name: Drive, year: 2026-27, amount: 5}]}}}
"""
    study = load(write(HEAD + body))
    shorter = study.model_copy(update={"scenario": with_values(study.scenario, {"years": 1})})
    path = write(resolved_yaml(shorter), "run.yaml")
    again = load(path, of_a_run=True)
    assert again.scenario.budget == {"2025-26": 4}
    assert again.scenario.ledger == {"2024-25": {"ifa": 5}}
    assert len(again.scenario.programme) == len(again.scenario.changes) == 1
    with pytest.raises(ScenarioFileError, match=r"programme\.0\.year: is outside the run"):
        load(path)
