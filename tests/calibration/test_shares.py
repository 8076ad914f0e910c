from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from small_history import LAST, Life, Stay, history

from sufficiency.calibration.cells import rate, whole, wilson
from sufficiency.calibration.estimates import Estimate
from sufficiency.calibration.scenario_text import with_estimates
from sufficiency.calibration.shares import share_estimates
from sufficiency.history.tables import History
from sufficiency.scenario import Scenario
from sufficiency.scenario.price_rules import financial_year
from sufficiency.scenario_file import load


@pytest.fixture(scope="module")
def england() -> Scenario:
    return load("england").scenario


def found(past: History, base: Scenario) -> dict[str, Estimate]:
    estimates = share_estimates(past, base)
    assert len({estimate.path for estimate in estimates}) == len(estimates)
    with_estimates(base, estimates)  # a scenario accepts them
    return {estimate.path: estimate for estimate in estimates}


def one(type_: str, group: str = "10-15", **more: object) -> Life:
    """A child of twelve, placed once and still there."""
    return Life("2011-06-01", group, (Stay(type_, "2024-01-01"),), **more)  # type: ignore[arg-type]  # its fields


def test_wilsons_interval_is_the_textbook_one() -> None:
    low, high = wilson(5 / 50, 50)
    assert (round(low, 4), round(high, 4)) == (0.0435, 0.2136)
    assert wilson(0.3, 0) == (0.0, 1.0)
    assert wilson(0.0, 10)[0] == 0.0
    assert wilson(1.0, 10)[1] == 1.0


def test_rounded_shares_add_up_to_one() -> None:
    assert sum(whole(dict.fromkeys("abcdefg", 1 / 7)).values()) == pytest.approx(1, abs=1e-12)


def test_a_rate_of_no_events_is_known_for_what_it_is() -> None:
    nothing = rate("x", 0, 100.0, 0.1, k=5)
    # Ten events were expected: (0 + 5) events over (100 + 50) of exposure.
    assert nothing.value == pytest.approx(5 / 150, rel=1e-3)
    assert nothing.weight == pytest.approx(10 / 15)
    assert nothing.low < nothing.value < nothing.high < 0.1


def test_a_rate_without_exposure_is_the_bases() -> None:
    unseen = rate("x", 0, 0.0, 0.1)
    assert (unseen.value, unseen.weight, unseen.local) == (0.1, 0.0, None)


def test_the_plan_at_entry_is_the_first_placement_shrunk(england: Scenario) -> None:
    lives = [one("in_house")] * 10 + [one("home_external")] * 5 + [one("unregistered")] * 5
    plan = found(history(*lives), england)
    # England's shares of 10-15 times its weights: foster .627, home .1997, of 1.1156 in all.
    # 15 children, stopgaps left out; a fifth (19%) of homes is for want of a carer; k = 20.
    total = 0.154 * 1.427 + 0.627 + 0.041 * 1.099 + 0.154 * 1.297 + 0.023 + 0.001
    foster = (10 + 5 * 0.19 + 20 * 0.627 / total) / 35
    home = (5 * 0.81 + 20 * 0.154 * 1.297 / total) / 35
    path = "placement.plan_at_entry.10-15"
    assert plan[f"{path}.foster"].value == pytest.approx(foster, abs=1e-4)
    assert plan[f"{path}.home"].value == pytest.approx(home, abs=1e-4)
    assert plan[f"{path}.home"].n == 15
    assert plan[f"{path}.home"].weight == pytest.approx(15 / 35)
    assert "19%" in plan[f"{path}.home"].note
    assert "k = 20" in plan[f"{path}.home"].note
    assert plan["placement.plan_weights.kin"].value == 1
    assert plan["placement.kin_weight_court"].value == 1


def test_groups_of_which_nobody_entered_keep_the_bases_plan(england: Scenario) -> None:
    plan = found(history(one("in_house")), england)
    group = {p: e for p, e in plan.items() if p.startswith("placement.plan_at_entry.under_1.")}
    total = 0.22 * 1.427 + 0.64 + 0.04 * 1.099 + 0.10
    assert group["placement.plan_at_entry.under_1.kin"].value == pytest.approx(
        0.22 * 1.427 / total, abs=1e-4
    )
    assert all(e.weight == 0 and e.low is None for e in group.values())


def test_children_on_remand_and_earlier_entries_say_nothing_of_plans(england: Scenario) -> None:
    early = Life("2009-01-01", "10-15", (Stay("home_external", "2021-01-01"),))
    remanded = one("secure", remand=True)
    plan = found(history(early, remanded, one("in_house")), england)
    assert plan["placement.plan_at_entry.10-15.foster"].n == 1
    assert plan["placement.plan_at_entry.10-15.foster"].local == 1


def test_plans_after_a_move_are_by_kind_left_and_age(england: Scenario) -> None:
    fostered = Stay("in_house", "2024-01-01", "2024-03-01", "planned")
    moved = Life("2011-06-01", "10-15", (fostered, Stay("home_external", "2024-03-01")))
    broke = moved._replace(
        placements=(moved.placements[0]._replace(cause="breakdown"), moved.placements[1])
    )
    plan = found(history(*[moved] * 20, *[broke] * 7), england)
    home = plan["placement.plan_after_move.foster.10-15.home"]
    assert (home.n, home.local, home.weight) == (20, 1, 0.5)
    assert home.value == pytest.approx((1 + 0.12) / 2)
    assert "placement.plan_after_move.foster.16-17.home" not in plan


def test_who_began_in_a_stopgap_counts_where_they_lived_next(england: Scenario) -> None:
    waited = (Stay("unregistered", "2024-01-01", "2024-01-20", "step_across"),
              Stay("home_external", "2024-01-20"))  # fmt: skip
    lives = [Life("2011-06-01", "10-15", waited)] * 4 + [one("in_house")] * 6
    plan = found(history(*lives), england)
    assert plan["placement.plan_at_entry.10-15.home"].local == pytest.approx(4 * 0.81 / 10)


def test_plans_at_16_keep_the_bases_part_of_supported_accommodation(england: Scenario) -> None:
    """In a return these moves cannot be told from moves on, of which as many are taken off."""

    def moved(to: str, cause: str) -> Life:
        return Life("2007-01-01", "10-15", (Stay("in_house", "2024-01-01", "2024-03-01", cause),
                                            Stay(to, "2024-03-01")))  # fmt: skip

    lives = [*[moved("ifa", "planned")] * 33, *[moved("supported", "move_on")] * 9]
    plan = found(history(*lives, *[moved("supported", "other")] * 5), england)
    supported = plan["placement.plan_after_move.foster.16-17.supported"]
    assert supported.local == pytest.approx(0.34)
    assert supported.value == pytest.approx(0.34)
    assert supported.n == pytest.approx(33 / 0.66)
    assert plan["placement.plan_after_move.foster.16-17.foster"].local == pytest.approx(0.66)


def test_moves_across_to_the_planned_carer_are_no_plans_after_a_move(england: Scenario) -> None:
    def lives(start: str, end: str, cause: str, n: int) -> list[Life]:
        placements = (Stay(start, "2024-01-01", "2024-02-01", cause), Stay(end, "2024-02-01"))
        return [Life("2011-06-01", "10-15", placements)] * n

    past = history(
        *lives("home_external", "home_external", "planned", 20),
        *lives("home_external", "home_external", "other", 20),
        *lives("home_external", "in_house", "planned", 40),
        *lives("home_external", "in_house", "other", 10),
    )
    # As many planned as others elsewhere, so 10 of the 40 to a carer are plans after a move.
    foster = found(past, england)["placement.plan_after_move.home.10-15.foster"]
    assert foster.n == pytest.approx(60)
    assert foster.local == pytest.approx(20 / 60)


def test_the_youngest_are_counted_together_where_few(england: Scenario) -> None:
    small = Life("2022-01-01", "1-4", (Stay("in_house", "2024-01-01", "2024-02-01", "other"),
                                       Stay("ifa", "2024-02-01")))  # fmt: skip
    bigger = small._replace(born="2017-01-01", group="5-9")
    plan = found(history(*[small] * 4, *[bigger] * 12), england)
    assert plan["placement.plan_after_move.foster.under_5.foster"].n == 16
    assert plan["placement.plan_after_move.foster.5-9.foster"].n == 16


def test_where_children_live_is_counted_and_not_shrunk(england: Scenario) -> None:
    gone = Life("2011-01-01", "10-15", (Stay("ifa", "2024-01-01", "2024-06-01"),), "returned_home")
    mix = found(history(one("in_house"), one("ifa"), one("ifa"), one("kinship"), gone), england)
    shares = {p.split(".")[-1]: e for p, e in mix.items() if p.startswith("placement.mix_at_start")}
    assert {name: e.value for name, e in shares.items() if e.value} == {
        "in_house": 0.25, "ifa": 0.5, "kinship": 0.25,
    }  # fmt: skip
    assert {e.weight for e in shares.values()} == {1.0}
    assert mix["authority.children_in_care"].value == 4


def test_where_placements_are_has_three_bands(england: Scenario) -> None:
    def placed(in_area: bool | None, far: bool | None) -> Life:
        stay = Stay("ifa", "2024-01-01", in_area=in_area, over_20_miles=far)
        return Life("2011-06-01", "10-15", (stay,))

    lives = [placed(True, False)] * 3 + [placed(True, True)] + [placed(False, True)] * 3
    lives += [placed(False, False)] * 3 + [placed(None, None)] * 4
    where = found(history(*lives), england)
    # England: .31 inside; of those outside .27 / .69 are far. Ten are known, six outside.
    inside = (4 + 20 * 0.31) / 30
    far = (1 - inside) * (3 + 20 * 0.27 / 0.69) / 26
    assert where["ifa.in_area"].value == pytest.approx(inside, abs=1e-4)
    assert where["ifa.over_20_miles"].value == pytest.approx(far, abs=1e-4)
    assert where["ifa.over_20_miles"].local == pytest.approx(0.3)
    assert where["ifa.over_20_miles"].low < far < where["ifa.over_20_miles"].high


def test_who_enters_is_counted_by_stream(england: Scenario) -> None:
    uasc = Life("2007-06-01", "uasc_16-17", (Stay("supported", "2024-01-01"),), ethnicity="asian")
    who = found(history(one("ifa"), one("ifa", need="N2"), one("ifa", ethnicity=""), uasc), england)
    assert who["demand.ethnic_groups.white"].n == 2
    assert who["demand.uasc.ethnic_groups.asian"].local == 1
    assert who["demand.uasc.ages.16"].local == 1
    assert who["placement.disabled_share"].local == pytest.approx(1 / 3)
    assert who["authority.uasc_in_care"].value == 1


def test_remands_are_a_rate_of_the_children_in_care(england: Scenario) -> None:
    remanded = Life(
        "2008-06-01", "10-15", (Stay("secure", "2024-01-01", "2024-01-31"),), "other", remand=True
    )
    said = found(history(*[one("ifa")] * 50, remanded, remanded), england)
    # Two in two years of 50 children: 2 a year per 100; England's 0.6 would bring 0.6 in all.
    assert said["demand.remand.per_100_in_care"].local == pytest.approx(2.0, rel=2e-3)
    assert said["demand.remand.per_100_in_care"].value == pytest.approx(7 / (1 + 5 / 0.6), rel=2e-3)
    assert said["demand.remand.ages.10-15"].local == 1
    assert said["demand.remand.secure_share"].local == 1
    # Thirty days each, and five remands of 90 days as in England.
    assert said["demand.remand.days"].value["mean_days"] == pytest.approx(510 / 7, rel=1e-3)


def test_households_follow_from_children_in_house_where_no_register_is(england: Scenario) -> None:
    said = found(history(*[one("in_house")] * 63), england)["fostering.households"]
    assert (said.value, said.confidence, said.weight) == (50, "derived", 0.0)


def test_a_register_is_taken_as_it_is(england: Scenario) -> None:
    register = pd.DataFrame(
        {
            "label": [f"H{n}" for n in range(8)],
            "approved_places": [1, 2, 2, 2, 3, 3, 1, 2],
            "youngest": [0, 0, 0, 5, 5, 11, 0, 0],
            "oldest": [5, 5, 11, 13, 13, 18, 5, 11],
            "siblings": [True, True, False, True, True, False, None, True],
            "uasc": [False, False, False, False, True, False, False, False],
            "status": [""] * 8,
            "approved_on": pd.to_datetime(["2020-01-01"] * 6 + ["2024-01-01", "2025-06-01"]),
            "left_on": pd.to_datetime([None] * 5 + ["2024-04-01", None, None]),
        }
    )
    said = found(history(*[one("in_house")] * 100, households=register), england)
    # One left in April 2024 and one is approved after the last day: six are there.
    assert said["fostering.households"].value == 6
    assert said["fostering.approved_places_per_household"].value == pytest.approx(11 / 6, abs=1e-3)
    assert said["fostering.places_mix.2"].value == 0.5
    assert said["fostering.profile.uasc"].local == pytest.approx(1 / 6)
    assert said["fostering.profile.age_ranges"].value[0] == {
        "youngest": 0, "oldest": 5, "share": 0.5,
    }  # fmt: skip
    assert "fostering.profile.siblings" not in said  # known of four with two places: too few
    # Six of them two years, less the year after one had left; another came for 15 months.
    years = (5 * 731 + 366 + 456) / 365.25
    assert said["fostering.leaving_per_year"].local == pytest.approx(1 / years, rel=5e-3)
    assert said["fostering.approvals_per_year"].local == pytest.approx(0.5, rel=5e-3)


def priced(*rows: tuple[str, str, str, float | None, float | None, str | None]) -> pd.DataFrame:
    columns = ["type", "need", "age_band", "existing_weekly", "new_weekly", "as_of"]
    table = pd.DataFrame(list(rows), columns=columns)
    return table.assign(as_of=pd.to_datetime(table["as_of"]))


def test_prices_are_the_latest_of_each_need_and_age(england: Scenario) -> None:
    prices = priced(
        ("ifa", "", "", 800, 950, "2023-04-01"),
        ("ifa", "", "", 900, 980, "2024-04-01"),
        ("ifa", "complex", "16-17", None, 1100, "2024-04-01"),
        ("ifa", "complex", "", 1000, 1200, "2024-04-01"),
        ("supported", "standard", "", 1000, None, "2024-04-01"),
        ("supported", "complex", "", 1500, None, "2024-04-01"),
        ("moon_base", "", "", 5, 5, "2024-04-01"),
    )
    said = found(history(one("ifa"), prices=prices), england)
    assert said["prices.weekly.ifa"].value == 980
    assert said["prices.existing.ifa"].value == 900
    assert said["prices.table"].value == [
        {"type": "ifa", "need": "complex", "age": "16-17", "new": 1100},
        {"type": "ifa", "need": "complex", "new": 1200, "existing": 1000},
        {"type": "supported", "need": "standard", "new": 1000},
        {"type": "supported", "need": "complex", "new": 1500},
    ]
    assert said["prices.weekly.supported"].value == 1250  # where no line of the table says it
    assert "prices.existing.supported" not in said
    assert not any("moon" in path for path in said)
    assert "prices.year" not in said  # 1 April 2024 lies in 2024-25, England's year


def test_prices_of_another_year_bring_the_others_along(england: Scenario) -> None:
    """A price of 1 April 2025 is one of 2025-26, in force after the uplift of that day."""
    said = found(
        history(one("ifa"), prices=priced(("ifa", "", "", 900, 980, "2025-04-01"))), england
    )
    assert said["prices.year"].value == "2025-26"
    assert said["prices.weekly.ifa"].value == 980
    assert said["prices.weekly.home_external"].value == pytest.approx(6100 * 1.06)
    assert said["prices.home_fixed_weekly_per_place"].value == pytest.approx(4050 * 1.04)
    assert said["prices.fee.in_house"].value == pytest.approx(300.5 * 1.035, abs=0.005)
    assert "prices.weekly.in_house" not in said  # the allowance has a year of its own
    before = found(
        history(one("ifa"), prices=priced(("ifa", "", "", 900, 980, "2024-03-31"))), england
    )
    assert before["prices.year"].value == "2023-24"
    assert before["prices.weekly.supported"].value == pytest.approx(1200 / 1.04, abs=0.005)


def test_the_price_of_a_child_in_an_own_home_is_a_fixed_cost_of_its_places(
    england: Scenario,
) -> None:
    prices = priced(("home_own", "", "", 5000, None, "2025-03-31"))
    said = found(history(one("ifa"), prices=prices), england)
    assert said["prices.home_fixed_weekly_per_place"].value == 3750  # three places of four filled
    assert not any(path.startswith("prices.weekly") for path in said)


def test_a_price_without_a_date_is_that_of_the_last_day(england: Scenario) -> None:
    at = history(one("ifa"), prices=priced(("ifa", "", "", None, 980, None)))
    assert financial_year(at.last) == "2024-25"
    assert "prices.year" not in found(at, england)


def test_homes_are_those_still_open(england: Scenario) -> None:
    homes = pd.DataFrame(
        {
            "name": ["Old", "Now", "Soon"],
            "registered": [3, 4, 2],
            "usable": [3, None, 2],
            "opens": pd.to_datetime([None, "2020-01-01", "2026-01-01"]),
            "closes": pd.to_datetime(["2024-01-01", None, None]),
        }
    )
    said = found(history(one("ifa"), homes=homes), england)["homes"].value
    assert [home["name"] for home in said] == ["Now", "Soon"]
    assert said[0]["usable"] == 4
    assert said[1]["opens"] == date(2026, 1, 1)


def test_siblings_and_need_stay_the_bases(england: Scenario) -> None:
    paths = found(history(one("ifa")), england)
    assert not any("sibling_groups" in p or p.startswith("placement.need") for p in paths)


def test_plain_counts_give_the_stock_and_where_children_live(england: Scenario) -> None:
    stock = pd.DataFrame(
        {
            "date": pd.to_datetime(["2024-03-31", "2025-03-31", "2025-03-31", "2025-03-31"]),
            "stream": ["non_uasc", "non_uasc", "non_uasc", "uasc"],
            "age_group": ["all"] * 4,
            "type": ["ifa", "ifa", "in_house", "supported"],
            "children": [99, 30, 60, 10],
        }
    )
    said = found(History(first=date(2023, 4, 1), last=LAST, stock=stock), england)
    assert said["authority.children_in_care"].value == 100
    assert said["authority.uasc_in_care"].value == 10
    assert said["placement.mix_at_start.in_house"].value == 0.6
    assert not any(path.startswith(("ifa", "demand.remand")) for path in said)
    untyped = replace(History(first=date(2023, 4, 1), last=LAST), stock=stock.assign(type=""))
    assert not any("mix_at_start" in path for path in found(untyped, england))
