from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from money_by_hand import MONTHS, WEEKS, YEARS, Case, run, study, study_with
from numpy.testing import assert_allclose, assert_array_equal

from sufficiency.answer.money import run_money
from sufficiency.answer.money_screen import blocks
from sufficiency.answer.screens import Screen, plain
from sufficiency.comparison.break_even import break_even
from sufficiency.comparison.savings import (
    AT_ONCE,
    NOT_IN_RUN,
    parts,
    pay_back,
    pay_back_months,
    savings,
)
from sufficiency.comparison.yearly import WHOLE_RUN
from sufficiency.costs.definitions import COST_TYPES, SOURCES
from sufficiency.results import Results, by_hand
from sufficiency.rows import Key

BASE = Case(
    cost={
        "ifa": [[100, 120], [100, 90]],
        "home_external": [[500, 500], [500, 700]],
        "in_house": [[50, 50], [50, 50]],
        "supported": [[80, 80], [80, 80]],
    },
    income={"uasc": [[10, 10], [10, 10]]},
    children={"ifa": [[4, 4], [4, 4]], "home_external": [[2, 2], [2, 4]]},
    void={"supported": [[5, 5], [5, 5]]},
)
PLAN = Case(
    cost={
        "ifa": [[90, 80], [100, 60]],
        "home_external": [[500, 400], [500, 500]],
        "in_house": [[55, 80], [55, 70]],
        "recruitment": [[30, 0], [30, 0]],
        "supported": [[90, 80], [80, 80]],
    },
    income={"uasc": [[10, 8], [10, 10]]},
    children={"ifa": [[3, 2], [4, 2]], "home_external": [[2, 1], [2, 2]], "in_house": [[1, 3]] * 2},
    void={"supported": [[15, 5], [5, 5]]},
)


@pytest.fixture
def results(tmp_path: Path) -> Results:
    return run(tmp_path / "r", {"baseline": BASE, "plan": PLAN})


def pounds(results: Results, item: str) -> list[list[float]]:
    return (parts(results, "plan")[item] / 100).tolist()


def test_a_saving_is_cost_avoided_less_cost_to_deliver_and_income_lost(results: Results) -> None:
    # In the first future's first year supported accommodation costs 10 more, all of it for empty
    # places of the block: that is no cost avoided, but a cost to deliver.
    assert pounds(results, "gross") == [[10, 140], [0, 230]]
    assert pounds(results, "deliver") == [[45, 30], [35, 20]]
    assert pounds(results, "income") == [[0, -2], [0, 0]]
    assert pounds(results, "net") == [[-35, 108], [-35, 210]]


def random_case(luck: np.random.Generator) -> Case:
    def table() -> list[list[float]]:
        return np.round(luck.uniform(0, 1e6, (5, 2)), 2).tolist()

    return Case(
        cost={type_: table() for type_ in COST_TYPES},
        income={source: table() for source in SOURCES},
        void={"supported": table(), "home_external": table(), "home_own": table()},
    )


def test_the_net_saving_is_exactly_the_fall_of_net_cost_in_every_future(tmp_path: Path) -> None:
    luck = np.random.default_rng(11)
    cases = {"baseline": random_case(luck), "plan": random_case(luck)}
    found = run(tmp_path / "r", cases)
    before, after = (
        np.rint(100 * found.futures("net_cost", "", option)[list(YEARS)].to_numpy())
        for option in cases
    )
    made = parts(found, "plan")
    assert_array_equal(made["net"], before - after)
    assert_array_equal(made["cashable"] + made["avoided"], made["net"])


def test_cashable_is_what_falls_below_the_first_year_the_rest_is_avoided(results: Results) -> None:
    # Net cost without the plan: 720 and 740, 720 and 910. With it 755 and 632, 755 and 700.
    assert pounds(results, "cashable") == [[-35, 88], [-35, 20]]
    assert pounds(results, "avoided") == [[0, 20], [0, 190]]


def test_a_budget_takes_the_place_of_the_first_year_in_its_year(tmp_path: Path) -> None:
    of = study_with(budget={"2026-27": 650.0})
    found = run(tmp_path / "r", {"baseline": BASE, "plan": PLAN}, of)
    assert pounds(found, "cashable") == [[-35, 18], [-35, 0]]
    assert pounds(found, "avoided") == [[0, 90], [0, 210]]


def test_savings_are_told_by_year_and_over_the_run(results: Results) -> None:
    table = savings(results).table.set_index(["item", "period"])
    net = table.loc["net"]
    assert net["mean"].tolist() == pytest.approx([-35, 159, 124])
    assert net.loc[WHOLE_RUN, ["low95", "high95"]].tolist() == pytest.approx([75.55, 172.45])
    assert net["more"].tolist() == [0, 1, 1]


def test_an_option_that_changes_nothing_saves_nothing_and_pays_nothing_back(
    tmp_path: Path,
) -> None:
    found = savings(run(tmp_path / "r", {"baseline": BASE, "plan": BASE}))
    assert (found.table[["mean", "low95", "high95"]].to_numpy() == 0).all()
    assert found.table["more"].unique().tolist() == [0.5]
    assert found.pay_back["month"].tolist() == [""]
    assert found.displaced.empty


def test_who_is_displaced_is_told_in_children_and_in_pounds(results: Results) -> None:
    rows = savings(results).displaced.set_index(["type", "period"])
    assert rows.loc[("ifa", "2026-27"), ["children", "cost"]].tolist() == pytest.approx([-2, -35])
    assert rows.loc[("home_external", "2026-27"), "children"] == pytest.approx(-1.5)
    assert rows.loc[("in_house", WHOLE_RUN), ["children", "cost"]].tolist() == pytest.approx(
        [2, 30]  # one child in the first year and three in the second, both of 365 days
    )
    assert rows.loc[("recruitment", "2025-26"), ["children", "cost"]].tolist() == [0, 30]
    assert "secure" not in rows.index.get_level_values("type")


# --- pay-back ---------------------------------------------------------------------------------


def test_the_month_of_pay_back_is_the_one_after_which_the_sum_stays_above_nothing() -> None:
    saving = np.array(
        [
            [-5, 2, 3, 1],  # sums -5, -3, 0, 1
            [-1, 3, -4, 3],  # sums -1, 2, -2, 1: paid back for good only in the last month
            [0, 0, 2, -1],  # nothing had to be paid first
            [-5, 1, 1, 1],  # never
            [2, 2, -1, -4],  # lost again at the end
            [0, 0, 0, 0],  # nothing differs
        ]
    )
    assert_array_equal(pay_back_months(saving), [2, 3, -1, np.inf, np.inf, np.nan])


def monthly(*savings_of: dict[int, float]) -> list[list[float]]:
    """Net cost by month of 100, less what is saved in some months, by future."""
    return [[100 - of.get(month, 0) for month in range(24)] for of in savings_of]


def paid(folder: Path, *of: dict[int, float], capital: float = 0) -> list[object]:
    flat = {"ifa": [[1200, 1200]] * len(of)}
    built = [[0, capital]] * len(of)
    cases = {
        "baseline": Case(cost=flat, monthly=monthly(*[{}] * len(of))),
        "plan": Case(cost=flat, monthly=monthly(*of), capital=built),
    }
    return list(pay_back(run(folder, cases), "plan").values())[1:]


def test_pay_back_is_the_month_by_which_most_futures_have_paid_back(tmp_path: Path) -> None:
    soon, late, never, at_once = {0: -5, 3: 5}, {0: -5, 20: 5}, {0: -5}, {7: 1}
    assert paid(tmp_path / "a", soon, late, never) == [MONTHS[20], pytest.approx(2 / 3), 0]
    assert paid(tmp_path / "b", soon, late, soon) == ["2025-07", 1, 0]
    assert paid(tmp_path / "c", soon, never, never) == [NOT_IN_RUN, pytest.approx(1 / 3), 0]
    assert paid(tmp_path / "d", at_once, at_once, never)[0] == AT_ONCE
    assert paid(tmp_path / "e", soon, late)[0] == MONTHS[20]  # half is not most


def test_capital_has_to_be_paid_back_from_the_first_month_of_its_year(tmp_path: Path) -> None:
    saves = dict.fromkeys(range(24), 2.0)
    # 26 are saved when 30 fall due in the second April (the 13th month); two months later 30 are.
    assert paid(tmp_path / "a", saves, capital=30) == [MONTHS[14], 1, 0]
    assert paid(tmp_path / "b", saves, capital=20)[0] == AT_ONCE
    assert paid(tmp_path / "c", saves, capital=49)[0] == NOT_IN_RUN


# --- break-even -------------------------------------------------------------------------------

PRICED = """
prices:
  year: 2025-26
  uplift: {home_own: {new: 0.1}, home_external: {new: 0.2}, supported: {new: 0.0}}
  weekly: {home_own: 100, supported: 1000}
  block: {supported: 900}
homes:
  - {name: Elm House, registered: 4, usable: 4, weekly_fixed: 8000}
  - {name: Dear House, registered: 1, usable: 1, weekly_fixed: 9000}
supported: {block_places: 10, block_guaranteed: 0.5}
options:
  plan:
    add:
      homes: [{name: Later, registered: 2, usable: 2, weekly_fixed: 3000, opens: 2026-06-01}]
"""


def test_a_home_breaks_even_where_its_fixed_cost_buys_as_many_places_elsewhere(
    tmp_path: Path,
) -> None:
    case = Case(
        cost={
            "home_external": [[2 * 5100 * WEEKS, 2 * 6100 * WEEKS]] * 2,
            "home_own": [[1000 * WEEKS + 3 * 100 * WEEKS, 1000 * WEEKS + 3 * 110 * WEEKS]] * 2,
        },
        children={"home_external": [[2, 2]] * 2, "home_own": [[3, 3]] * 2},
        fixed=[[1000 * WEEKS] * 2] * 2,
        void={"home_own": [[200 * WEEKS, 300 * WEEKS], [300 * WEEKS, 300 * WEEKS]]},
    )
    cases = {"baseline": case, "plan": case}
    found = break_even(run(tmp_path / "r", cases, study(PRICED)))
    rows = found[found["what"] == "home"].set_index(["name", "period"])
    elm = rows.loc["Elm House"]
    # A child costs 100 on top (110 a year later); the home 8,000, and 8,800 after the uplift.
    assert_allclose(elm["break_even"], [8000 / (4 * 5000), 8800 / (4 * 5990)], rtol=1e-6)
    assert_allclose(elm["simulated"], [0.75, 0.7], rtol=1e-6)
    assert np.isinf(rows.loc["Dear House", "break_even"]).all()
    later = rows.loc["Later"]  # of the option, in the years in which it is there
    assert later["option"].tolist() == ["plan"]
    assert_allclose(later["break_even"], [3300 / (2 * 5990)], rtol=1e-6)
    assert found.loc[found["name"] == "Elm House", "option"].tolist() == ["baseline"] * 2


def test_a_home_has_to_beat_what_bought_places_cost_after_contributions(tmp_path: Path) -> None:
    # A fifth of £5,000 is paid by others; nobody pays anything of the home's £8,000.
    shares = (
        "  health_share: {home_external: 0.15}\n  education_share: {home_external: 0.05}\nhomes:"
    )
    case = Case(
        cost={"home_external": [[2 * 5000 * WEEKS] * 2] * 2, "home_own": [[0, 0]] * 2},
        children={"home_external": [[2, 2]] * 2, "home_own": [[3, 3]] * 2},
    )
    shared = study(PRICED.replace("homes:", shares, 1))
    found = break_even(run(tmp_path / "r", {"baseline": case}, shared))
    elm = found[found["name"] == "Elm House"]
    assert_allclose(elm["bought_weekly"], 4000)
    assert_allclose(elm["break_even"], [8000 / (4 * 4000), 8800 / (4 * 4000)], rtol=1e-6)


def test_a_block_breaks_even_where_its_guarantee_buys_as_many_spot_places(
    tmp_path: Path,
) -> None:
    # Five places are guaranteed at £900; a fifth of what is paid for them is for empty ones.
    case = Case(
        cost={"supported": [[9000 * WEEKS] * 2] * 2},
        void={"supported": [[900 * WEEKS, 0]] * 2},
    )
    found = break_even(run(tmp_path / "r", {"baseline": case}, study(PRICED)))
    block_ = found[found["what"] == "block"]
    assert_allclose(block_["break_even"], [0.45, 0.45])
    assert_allclose(block_["simulated"], [0.4, 0.5], rtol=1e-6)
    dear = study(PRICED.replace("supported: 900", "supported: 1001"))
    found = break_even(run(tmp_path / "dear", {"baseline": case}, dear))
    assert np.isinf(found.loc[found["what"] == "block", "break_even"]).all()


# --- words ------------------------------------------------------------------------------------


def test_a_run_says_what_its_options_save_in_lines_that_fit_a_terminal(results: Results) -> None:
    lines = plain(Screen(tuple(blocks(run_money(results))))).splitlines()
    assert max(map(len, lines)) <= 80
    text = " ".join(" ".join(lines).split())
    # Over the run 1,460 and 1,630 in the two futures; 124 saved on average.
    assert "placements cost £1,500 net of income over 2025-26 to 2026-27" in text
    assert "Plan £120" in text
    assert "£80 to £170" in text


def test_a_budget_is_said_to_hold_or_not(tmp_path: Path) -> None:
    found = run(tmp_path / "r", {"baseline": BASE}, study_with(budget={"2026-27": 800.0}))
    assert run_money(found).sentences[-1] == (
        "The budget of 2026-27, £800, is overspent in 50% of futures; P50 is £20 over it."
    )


@pytest.mark.parametrize(
    ("years", "said"),
    [(0.75, "the run has no complete financial year"), (1.0, "What it costs is not shown here.")],
)
def test_a_run_without_money_says_whether_it_is_too_short_for_it(
    tmp_path: Path, years: float, said: str
) -> None:
    key = Key("entries", "", "2025-Q1")
    results = by_hand(tmp_path / "r", np.zeros((1, 3, 1)), [key], study=study(), years=years)
    found = run_money(results)
    assert said in plain(Screen(tuple(blocks(found))))
    assert found.savings == ()
