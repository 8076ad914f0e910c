from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from money_by_hand import WEEKS, YEARS, Case, run, study, study_with
from typer.testing import CliRunner

from sufficiency.answer.money import millions, pounds, pounds_range, weekly
from sufficiency.cli import app
from sufficiency.comparison.movement import COMMON_YEARS, INCOME, movement
from sufficiency.comparison.pressure import AFTER, BEFORE, REST, pressure
from sufficiency.comparison.yearly import WHOLE_RUN
from sufficiency.costs.definitions import PARTS
from sufficiency.errors import SufficiencyError
from sufficiency.results import Results, by_hand, save
from sufficiency.rows import Key

BASE = Case(
    cost={"ifa": [[100, 200], [300, 100], [200, 300]], "in_house": [[50, 50]] * 3},
    income={"uasc": [[10, 10]] * 3},
    children={"ifa": [[2, 3], [4, 3], [3, 3]], "in_house": [[1, 1]] * 3},
)


BUDGET = """
budget: {2025-26: 200, 2026-27: 250}
budgeted:
  2025-26:
    children: {ifa: 2, kinship: 1}
    unit_cost: {ifa: 1, in_house: 5}
"""


def totals(results: Results, measure: str = "net_cost") -> pd.DataFrame:
    table = pressure(results).totals
    return table[table["measure"] == measure].set_index("period")


def test_money_is_added_up_in_each_future_before_percentiles_are_taken(tmp_path: Path) -> None:
    net = totals(run(tmp_path / "r", {"baseline": BASE}))
    assert list(net.index) == [*YEARS, WHOLE_RUN]
    # By future: 140 and 240, 340 and 140, 240 and 340; over the run 380, 480 and 580.
    assert net["mean"].tolist() == pytest.approx([240, 240, 480])
    assert net["p10"].tolist() == pytest.approx([160, 160, 400])  # not 320
    assert net["p80"].tolist() == pytest.approx([300, 300, 540])  # not 600


def test_the_margin_from_mean_to_p80_is_its_own_figure(tmp_path: Path) -> None:
    skewed = Case(cost={"ifa": [[0, 0], [0, 0], [90, 30]]})
    net = totals(run(tmp_path / "r", {"baseline": skewed}))
    assert net["p80"].tolist() == pytest.approx([54, 18, 72])
    assert net["margin"].tolist() == pytest.approx([24, 8, 32])


def test_cost_and_income_stand_beside_net_cost(tmp_path: Path) -> None:
    results = run(tmp_path / "r", {"baseline": BASE})
    assert totals(results, "cost")["mean"].tolist() == pytest.approx([250, 250, 500])
    assert totals(results, "income")["mean"].tolist() == [10, 10, 20]
    assert totals(results, "capital").empty  # nothing is built
    income = pressure(results).income
    assert income["source"].unique().tolist() == ["uasc"]


def test_what_is_paid_for_empty_places_stands_beside_the_cost_it_is_in(tmp_path: Path) -> None:
    empty = replace(BASE, void={"home_own": [[6, 0]] * 3, "supported": [[3, 3]] * 3})
    totals = pressure(run(tmp_path / "a", {"baseline": empty})).totals
    assert totals.loc[totals["measure"] == "void_cost", "mean"].tolist() == [9, 3, 12]
    none = pressure(run(tmp_path / "b", {"baseline": BASE})).totals
    assert "void_cost" not in set(none["measure"])


def test_the_chance_of_overspending_is_the_share_of_futures_beyond_the_budget(
    tmp_path: Path,
) -> None:
    found = pressure(run(tmp_path / "r", {"baseline": BASE}, study(BUDGET))).budget
    rows = found.set_index("period")
    assert rows["budget"].tolist() == [200, 250, 450]
    assert rows["overspending"].tolist() == pytest.approx([2 / 3, 1 / 3, 2 / 3])
    assert rows["p50"].tolist() == pytest.approx([40, -10, 30])
    assert rows["p80"].tolist() == pytest.approx([100, 50, 90])


def test_a_run_of_which_not_every_year_has_a_budget_has_none_over_all(tmp_path: Path) -> None:
    of = study_with(budget={"2026-27": 250.0})
    assert pressure(run(tmp_path / "r", {"baseline": BASE}, of)).budget["period"].tolist() == [
        "2026-27"
    ]
    assert pressure(run(tmp_path / "none", {"baseline": BASE})).budget.empty


def test_children_times_unit_cost_is_the_mean_cost(tmp_path: Path) -> None:
    found = pressure(run(tmp_path / "r", {"baseline": BASE}, study(BUDGET))).types
    ifa = found[found["type"] == "ifa"].set_index("period")
    assert ifa["mean"].tolist() == pytest.approx([200, 200, 400])
    assert ifa["children"].tolist() == pytest.approx([3, 3, 3])
    # 200 / (3 x 365 / 7); the mean of 100/2, 300/4 and 200/3 would be another number.
    assert ifa["unit_cost"].tolist() == pytest.approx([200 / (3 * WEEKS)] * 3)
    assert ifa["budgeted_children"].tolist()[0] == 2
    assert np.isnan(ifa["budgeted_children"].tolist()[1:]).all()
    kinship = found[(found["type"] == "kinship") & (found["period"] == YEARS[0])].iloc[0]
    assert (kinship["budgeted_children"], kinship["children"]) == (1, 0)
    assert np.isnan(kinship["unit_cost"])  # nobody was there
    assert "secure" not in set(found["type"])


def test_volume_and_price_make_up_the_variance_and_the_rest_is_told(tmp_path: Path) -> None:
    found = pressure(run(tmp_path / "r", {"baseline": BASE}, study(BUDGET))).variance
    assert found["type"].tolist() == ["ifa", REST]  # of the others one of the two is not stated
    ifa, rest = found.iloc[0], found.iloc[1]
    # Budgeted 2 children at £1 a week; there are 3, who cost 200.
    assert ifa["volume"] == pytest.approx(1 * WEEKS)
    assert ifa["price"] == pytest.approx(200 - 3 * WEEKS)
    assert ifa["variance"] == pytest.approx(200 - 2 * WEEKS)
    assert rest["variance"] + ifa["variance"] == pytest.approx(240 - 200)


def random_bridge() -> Case:
    """Random pence in every part; the second year's cost is what the parts lead to."""
    luck = np.random.default_rng(5)
    parts = {part: np.round(luck.normal(0, 1e6, (3, 2)), 2) for part in PARTS}
    first = np.round(luck.uniform(1e7, 2e7, 3), 2)
    second = np.round(first + sum(values[:, 1] for values in parts.values()), 2)
    return Case(cost={"ifa": np.column_stack([first, second])}, bridge=parts)


def test_the_means_of_the_parts_of_a_bridge_add_up_to_the_mean_change(tmp_path: Path) -> None:
    case = random_bridge()
    found = pressure(run(tmp_path / "r", {"baseline": case})).bridge
    assert found["period"].unique().tolist() == ["2026-27"]
    assert found["part"].tolist() == [BEFORE, *PARTS, AFTER]
    mean = found.set_index("part")["mean"]
    cost = np.asarray(case.cost["ifa"]).mean(axis=0)
    assert mean[[BEFORE, AFTER]].tolist() == pytest.approx(cost.tolist(), abs=1e-6)
    assert mean[BEFORE] + mean[list(PARTS)].sum() == pytest.approx(mean[AFTER], abs=1e-6)


def test_a_part_of_a_bridge_has_the_range_of_its_futures(tmp_path: Path) -> None:
    case = Case(
        cost={"ifa": [[10, 13], [10, 10], [10, 25]]},
        bridge={"volume": [[0, 5], [0, 0], [0, 10]], "mix": [[0, -2], [0, 0], [0, 5]]},
    )
    rows = pressure(run(tmp_path / "r", {"baseline": case})).bridge.set_index("part")
    assert rows.loc["volume", ["mean", "p10", "p90"]].tolist() == pytest.approx([5, 1, 9])
    assert rows.loc["mix", ["mean", "p10", "p90"]].tolist() == pytest.approx([1, -1.6, 4])


def test_the_bridge_to_an_option_has_every_year_and_the_run(tmp_path: Path) -> None:
    plan = Case(
        cost={"ifa": [[100, 170], [300, 100], [200, 300]], "in_house": [[50, 50]] * 3},
        income=BASE.income,
        option_bridge={"volume": [[0, -30], [0, 0], [0, 0]]},
    )
    results = run(tmp_path / "r", {"baseline": BASE, "plan": plan})
    rows = pressure(results, "plan").option_bridge.set_index(["period", "part"])["mean"]
    assert rows[(WHOLE_RUN, BEFORE)] == pytest.approx(480)
    assert rows[(WHOLE_RUN, "volume")] == pytest.approx(-10)
    assert rows[(WHOLE_RUN, AFTER)] == pytest.approx(470)
    assert rows[("2025-26", AFTER)] == pytest.approx(240)
    assert pressure(results).option_bridge.empty


def test_high_cost_placements_stand_apart(tmp_path: Path) -> None:
    case = Case(cost=BASE.cost, high_cost=[[0, 1], [0, 0], [4, 2]])
    found = pressure(run(tmp_path / "r", {"baseline": case})).high_cost.set_index("period")
    assert found["mean"].tolist() == pytest.approx([4 / 3, 1])
    assert found["any"].tolist() == pytest.approx([1 / 3, 2 / 3])
    assert found["share"].tolist() == pytest.approx([1 / 30, 1 / 40])


def test_a_run_without_a_complete_financial_year_says_so(tmp_path: Path) -> None:
    key = Key("entries", "", "2025-Q1")
    results = by_hand(tmp_path / "r", np.zeros((1, 3, 1)), [key], study=study())
    with pytest.raises(SufficiencyError, match="needs a complete financial year"):
        pressure(results)


# --- movement ---------------------------------------------------------------------------------

LATER = Case(
    cost={"ifa": [[110, 200], [300, 130], [200, 320]], "in_house": [[50, 50]] * 3},
    income=BASE.income,
)


def test_movement_is_paired_where_two_runs_had_the_same_luck(tmp_path: Path) -> None:
    earlier = run(tmp_path / "a", {"baseline": BASE})
    moved = movement(earlier, run(tmp_path / "b", {"baseline": LATER}))
    assert moved.paired
    rows = moved.net_cost.set_index("period")
    assert rows["change"].tolist() == pytest.approx([10 / 3, 50 / 3, 20])
    # Over both years the futures move by 10, 30 and 20.
    assert rows.loc[COMMON_YEARS, ["low95", "high95"]].tolist() == pytest.approx([10.5, 29.5])
    assert rows["p50_before"].tolist() == pytest.approx([240, 240, 480])
    assert rows["p50"].tolist() == pytest.approx([240, 240, 510])
    types = moved.types.set_index(["type", "period"])["change"]
    assert types[("ifa", COMMON_YEARS)] == pytest.approx(20)
    assert types[("in_house", COMMON_YEARS)] == 0
    # What is spent moves by 20; so does net cost, as income is the same.
    assert types[(INCOME, COMMON_YEARS)] == 0
    assert moved.assumptions == ()


def test_costs_by_type_less_income_move_as_net_cost_does(tmp_path: Path) -> None:
    earlier = run(tmp_path / "a", {"baseline": BASE})
    received = replace(LATER, income={"uasc": [[30, 0], [60, 0], [0, 90]]})
    moved = movement(earlier, run(tmp_path / "b", {"baseline": received}))
    common = moved.types[moved.types["period"] == COMMON_YEARS].set_index("type")["change"]
    before = sum(map(sum, BASE.income.get("uasc", ()))) / 3
    assert common[INCOME] == pytest.approx(60 - before)
    net = moved.net_cost.set_index("period").loc[COMMON_YEARS, "change"]
    assert net == pytest.approx(20 - (60 - before))
    assert common.drop(INCOME).sum() - common[INCOME] == pytest.approx(net)


def test_paired_movement_is_of_the_futures_that_both_runs_have(tmp_path: Path) -> None:
    fewer = Case(cost={"ifa": [[100, 200], [300, 100]]})
    earlier = run(tmp_path / "a", {"baseline": fewer})
    rows = movement(earlier, run(tmp_path / "b", {"baseline": LATER})).net_cost.set_index("period")
    assert rows.loc["2025-26", ["mean_before", "mean"]].tolist() == pytest.approx([200, 245])


def test_movement_between_runs_with_other_luck_has_no_range_but_an_error(tmp_path: Path) -> None:
    earlier = run(tmp_path / "a", {"baseline": BASE}, seed=1)
    for name, later in (("a", {"seed": 2}), ("b", {"version": "0"})):
        settings = {"seed": 1, **later}
        moved = movement(earlier, run(tmp_path / name / "run", {"baseline": LATER}, **settings))
        assert not moved.paired
        last = moved.net_cost.iloc[-1]
        assert np.isnan(last["low95"])
        # Net costs over the run: 380, 480, 580; then 390, 510 and 600.
        errors = [np.std(x, ddof=1) / np.sqrt(3) for x in ([380, 480, 580], [390, 510, 600])]
        assert last["se"] == pytest.approx(np.hypot(*errors))


def test_movement_names_the_assumptions_that_differ(tmp_path: Path) -> None:
    more = """
fostering: {households: {value: 9, low: 7, high: 10}}
options:
  plan: {set: {fostering.recruitment.number: 6}}
"""
    less = """
fostering: {households: {value: 9, low: 6, high: 10}, leaving_per_year: 0.1}
options:
  plan: {set: {fostering.recruitment.number: 5}}
"""
    cases = {"baseline": BASE, "plan": BASE}
    earlier, later = (
        run(tmp_path / name, cases, study(text)) for name, text in (("a", less), ("b", more))
    )
    found = movement(earlier, later, "plan").assumptions
    assert any(line.startswith("fostering.leaving_per_year: 0.1 -> ") for line in found)
    assert "fostering.households: range 6 to 10 -> 7 to 10" in found
    assert "option plan, set fostering.recruitment.number: 5 -> 6" in found
    assert not any("option" in line for line in movement(earlier, later).assumptions)


def test_movement_is_told_of_one_authority_and_of_years_in_common(tmp_path: Path) -> None:
    here = run(tmp_path / "a", {"baseline": BASE})
    renamed = run(tmp_path / "b", {"baseline": BASE}, name="Byhand, October")
    assert movement(renamed, here).paired
    elsewhere = study(name="Elsewhere", population=7000)
    other = run(tmp_path / "c", {"baseline": BASE}, elsewhere, name="Elsewhere")
    with pytest.raises(SufficiencyError, match="a run of 'Elsewhere', this one of 'Byhand'"):
        movement(other, here)
    past = run(tmp_path / "d", {"baseline": BASE}, first_year=2021, start="2021-04-01")
    with pytest.raises(SufficiencyError, match="no financial year in common: 2021-22 to 2022-23"):
        movement(past, here)
    # Of a run that begins a year earlier only the year in common is told, and not as a pair.
    older = run(tmp_path / "e", {"baseline": BASE}, first_year=2024, start="2024-04-01")
    moved = movement(older, here)
    assert (moved.years, moved.paired) == (("2025-26",), False)


# --- words ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12_345_678, "£12.3m"),
        (999_499, "£999k"),
        (999_600, "£1.0m"),
        (123_456_789, "£123m"),
        (340_123, "£340k"),
        (-340_123, "\N{MINUS SIGN}£340k"),
        (9_960, "£10k"),
        (4_236, "£4,200"),
        (944, "£940"),
        (-4, "£0"),
        (float("nan"), ""),
    ],
)
def test_pounds_have_as_many_digits_as_mean_something(value: float, text: str) -> None:
    assert pounds(value) == text


def test_other_words_for_money() -> None:
    assert [weekly(value) for value in (6112.4, 902.3, 0, 12_345)] == [
        "£6,110", "£902", "£0", "£12,300",
    ]  # fmt: skip
    assert [millions(value) for value in (1_234_567, -3_000, -340_000)] == [
        "1.23", "0.00", "\N{MINUS SIGN}0.34",
    ]  # fmt: skip
    assert pounds_range(-340_000, 1_200_000) == "\N{MINUS SIGN}£0.3m to £1.2m"  # one unit
    assert pounds_range(100, 101) == "£100"


# --- the command ------------------------------------------------------------------------------


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    of = study(BUDGET, ("plan",))
    plan = Case(
        cost={"ifa": [[100, 100], [300, 50], [200, 100]], "in_house": [[50, 90]] * 3},
        income=BASE.income,
        children={"ifa": [[2, 1], [4, 1], [3, 1]], "in_house": [[1, 3]] * 3},
    )
    return save(run(tmp_path / "run", {"baseline": BASE, "plan": plan}, of, to_save=True)).folder


def answer(*words: object, status: int = 0) -> str:
    found = CliRunner().invoke(app, ["pressure", *map(str, words)])
    assert found.exit_code == status, found.output
    assert "Traceback" not in found.output
    return found.output


def test_the_monitor_fits_a_terminal_and_its_file_has_what_it_shows(
    saved: Path, tmp_path: Path
) -> None:
    file = tmp_path / "all.csv"
    text = answer(saved, "--since", saved, "--option", "plan", "--out", file)
    assert max(map(len, text.splitlines()[:-1])) <= 80
    for heading in ("NET COST", "AGAINST THE BUDGET", "WHY IT DIFFERS", "DRIVERS", "SECTION 251",
                    "WHAT IT SAVES", "WHO LIVES ELSEWHERE", "MOVEMENT SINCE"):  # fmt: skip
        assert heading in text
    rows = pd.read_csv(file)
    tables = {"totals", "budget", "types", "variance", "bridge", "option_bridge", "section_251"}
    tables |= {"savings_table", "savings_pay_back", "savings_displaced", "moved_net_cost"}
    assert tables <= set(rows["table"])
    assert set(rows["option"]) == {"plan"}
    net = rows[(rows["table"] == "totals") & (rows["measure"] == "net_cost")]
    assert net["mean"].tolist() == pytest.approx([240, 490 / 3, 1210 / 3], abs=0.01)


def test_what_cannot_be_answered_is_one_message(saved: Path, tmp_path: Path) -> None:
    assert "it has baseline, plan" in answer(saved, "--option", "no_such", status=2)
    assert "is not a folder of results" in answer(tmp_path, status=2)
    assert "is not a folder of results" in answer(saved, "--since", tmp_path, status=2)
    assert "cannot be written" in answer(saved, "--out", tmp_path / "no" / "f.csv", status=2)
