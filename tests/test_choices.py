from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sufficiency.answer.choices import best_of
from sufficiency.comparison.choices import (
    DISPLACED,
    SIDE_BY_SIDE,
    WHO_GAINS,
    chance_of_best,
    displaced,
    side_by_side,
    who_gains,
)
from sufficiency.errors import SufficiencyError
from sufficiency.results import Results, by_hand
from sufficiency.rows import TYPES, Key

DAY = "2026-03-31"
MEASURES = {
    "children_in_care": {"unit": "children", "better": ""},
    "average_children": {"unit": "children", "better": ""},
    "unmet_need": {"unit": "children", "better": "down"},
    "in_area_share": {"unit": "share", "better": "up"},
    "net_cost": {"unit": "£", "better": "down"},
}
Futures = Mapping[Key, Sequence[float]]


def results(folder: Path, options: Mapping[str, Futures], **settings: Any) -> Results:
    """Results of the numbers given for replications 1 and up; the central one is far away."""
    keys = list(next(iter(options.values())))
    values = np.array([[futures[key] for key in keys] for futures in options.values()], float)
    values = np.concatenate([np.full((*values.shape[:2], 1), -1e9), values], axis=2)
    settings |= {"measures": MEASURES}
    return by_hand(folder, values.swapaxes(1, 2), keys, list(options), **settings)


def by_type(**children: Sequence[float]) -> Futures:
    """Children by type on one day; of the types that are not named there are none."""
    many = len(next(iter(children.values())))
    return {
        Key("children_in_care", f"type={type_}", DAY): children.get(str(type_), [0.0] * many)
        for type_ in TYPES
    }


# --- side by side -----------------------------------------------------------------------------


def test_a_stock_is_averaged_over_the_days_after_the_first_and_money_is_added_up(
    tmp_path: Path,
) -> None:
    def futures(*added: float) -> Futures:
        return {
            Key("unmet_need", "", "2025-04-01"): [99, 99],
            Key("unmet_need", "", "2025-06-30"): [4, 6 + added[0]],
            Key("unmet_need", "", DAY): [8, 10],
            Key("net_cost", "", "2025-04"): [1e6, 1e6],
            Key("net_cost", "", "2025-26"): [12e6, 13e6],
            Key("net_cost", "", "2026-27"): [14e6, 15e6 + added[1]],
        }

    table = side_by_side(
        results(tmp_path / "run", {"baseline": futures(0, 0), "plan": futures(-4, 3e6)})
    ).set_index(["item", "option"])
    assert table.index.names + list(table.columns) == list(SIDE_BY_SIDE)
    unmet, money = table.loc["unmet_need"], table.loc["net_cost"]
    assert unmet["value"].tolist() == [(6 + 8) / 2, (6 + 6) / 2]
    assert unmet.loc["plan", "difference"] == -1.0
    assert money["value"].tolist() == [27e6, 28.5e6]
    assert money.loc["plan", "difference"] == 1.5e6
    assert money.loc["plan", "se"] == pytest.approx(np.std([0, 3e6], ddof=1) / np.sqrt(2))
    assert money.loc["plan", ["low95", "high95"]].tolist() == pytest.approx([0.075e6, 2.925e6])
    assert money["over"].unique().tolist() == ["total"]
    assert table.index.get_level_values("item").unique().tolist() == ["unmet_need", "net_cost"]


def test_better_and_best_are_counted_future_by_future_and_ties_are_shared(tmp_path: Path) -> None:
    key = Key("unmet_need", "", DAY)
    run = results(
        tmp_path / "run",
        {"baseline": {key: [5, 5, 5, 5]}, "a": {key: [4, 5, 6, 3]}, "b": {key: [4, 6, 7, 4]}},
    )
    table = side_by_side(run).set_index("option")
    # best: a and b tie; baseline and a tie; the baseline; a
    assert table["probability_best"].tolist() == [1.5 / 4, (0.5 + 0.5 + 1) / 4, 0.5 / 4]
    assert table.loc["a", "probability_better"] == 2.5 / 4
    assert table.loc["b", "probability_better"] == 0.5
    assert np.isnan(table.loc["baseline", "probability_better"])
    best = chance_of_best(run, "unmet_need")
    assert best["option"].tolist() == ["baseline", "a", "b"]
    assert best["probability_best"].tolist() == table["probability_best"].tolist()
    assert best["value"].tolist() == [5, 4.5, 5.25]


def test_more_is_best_where_the_measure_says_so(tmp_path: Path) -> None:
    key = Key("in_area_share", "", DAY)
    run = results(tmp_path / "run", {"baseline": {key: [0.5, 0.6]}, "plan": {key: [0.6, 0.55]}})
    assert chance_of_best(run, "in_area_share")["probability_best"].tolist() == [0.5, 0.5]
    assert side_by_side(run)["probability_better"].tolist()[1] == 0.5


def test_a_future_without_a_value_is_left_out(tmp_path: Path) -> None:
    key = Key("in_area_share", "", DAY)
    run = results(
        tmp_path / "run", {"baseline": {key: [np.nan, 0.5, 0.5]}, "plan": {key: [0.9, 0.6, 0.4]}}
    )
    assert chance_of_best(run, "in_area_share")["probability_best"].tolist() == [0.5, 0.5]
    none = {key: [np.nan, np.nan]}
    run = results(tmp_path / "none", {"baseline": none, "plan": none})
    assert chance_of_best(run, "in_area_share")["probability_best"].isna().all()


def test_a_difference_within_twice_its_error_is_not_called_one(tmp_path: Path) -> None:
    key = Key("unmet_need", "", DAY)
    base, n = [10.0] * 100, 100
    wide = [10.0 + (-1) ** i * 5 - 0.1 for i in range(n)]  # se about 0.5
    clear = [10.0 + (-1) ** i * 0.1 - 0.1 for i in range(n)]  # se about 0.01
    run = results(
        tmp_path / "run",
        {"baseline": {key: base}, "wide": {key: wide}, "clear": {key: clear}, "same": {key: base}},
    )
    verdicts = side_by_side(run).set_index("option")["verdict"]
    assert verdicts.to_dict() == {
        "baseline": "none", "wide": "unclear", "clear": "fewer", "same": "none",
    }  # fmt: skip


def test_one_future_tells_nothing(tmp_path: Path) -> None:
    key = Key("unmet_need", "", DAY)
    run = results(tmp_path / "run", {"baseline": {key: [5]}, "plan": {key: [1]}})
    assert side_by_side(run)["verdict"].tolist() == ["none", "unclear"]


def test_chance_of_best_says_what_it_cannot_tell(tmp_path: Path) -> None:
    key = Key("children_in_care", "type=in_house", DAY)
    run = results(tmp_path / "run", {"baseline": {key: [1]}, "plan": {key: [2]}})
    assert np.isnan(side_by_side(run)["probability_best"]).all()
    for name, said in (
        ("children in_house", "neither more nor less is better"),
        ("unmet_need", "was not measured"),
        ("happiness", "nothing that options are compared on"),
    ):
        with pytest.raises(SufficiencyError, match=said):
            chance_of_best(run, name)


# --- who gains --------------------------------------------------------------------------------


def test_who_gains_by_age_and_type_over_the_years_and_by_cohort(tmp_path: Path) -> None:
    def futures(more: float) -> Futures:
        return {
            Key("average_children", "type=in_house;age=10-15", "2025-26"): [10, 12, 11, 13],
            Key("average_children", "type=in_house;age=10-15", "2026-27"): [
                10 + more, 12 + more, 11 + more, 13 + 2 * more,
            ],
            Key("unmet_need", "age=10-15", DAY): [4 - more, 4, 4, 4],
            Key("unmet_need", "cohort=siblings", DAY): [6 - more, 6 - more, 6 - more, 6 - more],
        }  # fmt: skip

    run = results(tmp_path / "run", {"baseline": futures(0), "plan": futures(2)})
    table = who_gains(run, "plan")
    assert list(table.columns) == list(WHO_GAINS)
    assert table["group"].tolist() == ["type=in_house;age=10-15", "age=10-15", "cohort=siblings"]
    assert table["difference"].tolist() == [1.25, -0.5, -2.0]
    assert table["baseline"].tolist() == [11.5, 4.0, 6.0]
    assert table["verdict"].tolist() == ["unclear", "unclear", "fewer"]  # of four futures
    assert table["se"].tolist() == pytest.approx([0.25, 0.5, 0.0])
    assert np.isnan(table["probability_better"][0])
    assert table["probability_better"].tolist()[1:] == [0.625, 1.0]


# --- whom each place displaced ----------------------------------------------------------------


def shares(table: Any) -> dict[str, float]:
    return dict(zip(table["from"], table["share"].round(6), strict=True))


def test_shares_of_those_displaced_add_up_to_one(tmp_path: Path) -> None:
    n = 40
    base = by_type(in_house=[40.0] * n, ifa=[30.0] * n, home_external=[10.0] * n)
    plan = by_type(in_house=[48.0] * n, ifa=[24.0] * n, home_external=[8.0] * n)
    table = displaced(results(tmp_path / "run", {"baseline": base, "plan": plan}), "plan")
    assert list(table.columns) == list(DISPLACED)
    assert table["gained"].unique().tolist() == ["in_house"]
    assert table["gain"].unique().tolist() == [8.0]
    assert shares(table) == {
        "ifa": 0.75, "homes": 0.25, "supported": 0.0, "unregistered": 0.0, "kinship": 0.0,
        "elsewhere": 0.0, "not_in_care": 0.0,
    }  # fmt: skip
    assert table["verdict"].tolist() == ["displaced", "displaced", *["none"] * 5]


def test_an_own_home_gains_and_other_homes_make_way(tmp_path: Path) -> None:
    n = 40
    base = by_type(home_own=[2.0] * n, home_external=[10.0] * n, in_house=[40.0] * n)
    plan = by_type(home_own=[4.0] * n, home_external=[9.0] * n, in_house=[39.5] * n)
    table = displaced(results(tmp_path / "run", {"baseline": base, "plan": plan}), "plan")
    assert table["gained"].unique().tolist() == ["home_own"]
    told = shares(table)
    # the half child that is left would not have been in care without the option
    assert (told["in_house"], told["homes"], told["not_in_care"]) == (0.25, 0.5, 0.25)
    assert sum(told.values()) == pytest.approx(1.0)


def test_where_more_live_besides_the_share_is_below_zero(tmp_path: Path) -> None:
    n = 40
    base = by_type(in_house=[40.0] * n, ifa=[30.0] * n, supported=[5.0] * n)
    plan = by_type(in_house=[44.0] * n, ifa=[25.0] * n, supported=[6.0] * n)
    table = displaced(results(tmp_path / "run", {"baseline": base, "plan": plan}), "plan")
    row = table.set_index("from").loc["supported"]
    assert (row["fewer"], row["share"], row["verdict"]) == (-1.0, -0.25, "more")


def test_a_gain_that_cannot_be_told_has_no_shares(tmp_path: Path) -> None:
    noise = [5.0 * (-1) ** i for i in range(40)]
    base = by_type(in_house=[40.0] * 40, ifa=[30.0] * 40)
    plan = by_type(in_house=[40.2 + x for x in noise], ifa=[29.8 - x for x in noise])
    table = displaced(results(tmp_path / "run", {"baseline": base, "plan": plan}), "plan")
    assert table["gained"].unique().tolist() == [""]
    assert table[["share", "low95", "high95", "gain"]].isna().all(axis=None)
    assert table.set_index("from")["verdict"]["ifa"] == "unclear"


def test_the_interval_of_a_share_is_fiellers(tmp_path: Path) -> None:
    gain = [8.0, 10, 12, 6, 9, 11] * 10
    ifa = [6.0, 9, 8, 5, 8, 9] * 10
    base = by_type(in_house=[40.0] * 60, ifa=[30.0] * 60, home_external=[20.0] * 60)
    plan = by_type(
        in_house=[40 + g for g in gain],
        ifa=[30 - x for x in ifa],
        home_external=[20 - g + x for g, x in zip(gain, ifa, strict=True)],
    )
    table = displaced(results(tmp_path / "run", {"baseline": base, "plan": plan}), "plan")
    row = table.set_index("from").loc["ifa"]
    assert row["share"] == pytest.approx(45 / 56)
    # at each end the average of (displaced - end times gained) is as many errors from 0 as make a
    # finding of 60 futures: 1.96 + 2.37 / 29 + 2.82 / 29²
    for end in (row["low95"], row["high95"]):
        left = np.array(ifa) - end * np.array(gain)
        errors = left.mean() / (left.std(ddof=1) / np.sqrt(60))
        assert abs(errors) == pytest.approx(1.96 + 2.37 / 29 + 2.82 / 29**2)
    assert row["low95"] < row["share"] < row["high95"]


def test_errors_are_those_of_pairs_where_values_are_drawn(tmp_path: Path) -> None:
    key = Key("unmet_need", "", DAY)
    options = {"baseline": {key: [0] * 6}, "plan": {key: [1, 1, 5, 5, 9, 9]}}
    paired = side_by_side(results(tmp_path / "a", options, ranges=("x",)))
    assert paired["se"].iloc[1] == pytest.approx(4 / np.sqrt(3))


def test_a_run_that_measured_no_children_displaces_nobody(tmp_path: Path) -> None:
    key = Key("unmet_need", "", DAY)
    run = results(tmp_path / "run", {"baseline": {key: [1]}, "plan": {key: [1]}})
    assert list(displaced(run, "plan").columns) == list(DISPLACED)
    assert len(displaced(run, "plan")) == 0


@pytest.mark.parametrize(
    ("chances", "told"), [((0.5, 0.5), None), ((0.4, 0.6), ("more", 0.6)), ((1.0,), None)]
)
def test_none_is_called_best_where_all_are_best_equally_often(
    chances: tuple[float, ...], told: tuple[str, float] | None
) -> None:
    table = pd.DataFrame({"item": "unmet_need", "option": ["baseline", "more"][: len(chances)]})
    assert best_of(table.assign(probability_best=chances), "unmet_need") == told
