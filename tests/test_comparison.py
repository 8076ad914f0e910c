from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sufficiency.comparison import COLUMNS, compare, compare_runs, headline, year_ends
from sufficiency.errors import SufficiencyError
from sufficiency.results import Results, by_hand, save
from sufficiency.rows import Key

UP, DOWN, NEITHER = (
    Key(name, "", "2026-03-31") for name in ("in_area_share", "unmet_need", "children_in_care")
)
MEASURES = {
    "in_area_share": {"unit": "share", "better": "up"},
    "unmet_need": {"unit": "children", "better": "down"},
    "children_in_care": {"unit": "children", "better": ""},
    "foster_households": {"unit": "households", "better": "up"},
}
Futures = Mapping[str, Mapping[Key, Sequence[float]]]


def results(folder: Path, futures: Futures, **settings: Any) -> Results:
    """Results of the numbers given for replications 1 and up; the central one is far away."""
    keys = list(next(iter(futures.values())))
    values = np.array([[of_option[key] for key in keys] for of_option in futures.values()])
    values = np.concatenate([np.full((*values.shape[:2], 1), -1e9), values], axis=2)
    return by_hand(
        folder, values.swapaxes(1, 2), keys, list(futures), measures=MEASURES, **settings
    )


def one(
    folder: Path, baseline: Sequence[float], option: Sequence[float], **settings: Any
) -> Results:
    keys = (UP, DOWN, NEITHER)
    futures = {"baseline": dict.fromkeys(keys, baseline), "plan": dict.fromkeys(keys, option)}
    return results(folder, futures, **settings)


def test_differences_are_taken_within_each_replication(tmp_path: Path) -> None:
    table = compare(one(tmp_path / "run", [10, 20, 30, 40], [11, 22, 33, 44]))
    assert list(table.columns) == list(COLUMNS)
    row = table.iloc[0]
    assert tuple(row[:7]) == (
        "plan", "baseline", "in_area_share", "", "2026-03-31", "share", "up",
    )  # fmt: skip
    assert row["difference"] == 2.5
    assert row["se"] == pytest.approx(np.std([1, 2, 3, 4], ddof=1) / 2)
    assert [row["low95"], row["high95"]] == pytest.approx([1.075, 3.925])


def test_better_counts_ties_half_and_is_empty_where_nothing_is_better(tmp_path: Path) -> None:
    table = compare(one(tmp_path / "run", [5, 5, 5, 5], [5, 6, 7, 4]))
    assert table["better"].tolist() == ["up", "down", ""]
    up, down, neither = table["probability_better"]
    assert (up, down) == (0.625, 0.375)
    assert np.isnan(neither)


def test_a_replication_without_a_value_in_one_of_the_two_is_left_out(tmp_path: Path) -> None:
    nan = np.nan
    row = compare(one(tmp_path / "run", [1, nan, 3, 4], [2, 2, nan, 3])).iloc[0]
    assert (row["difference"], row["probability_better"]) == (0.0, 0.5)
    assert (row["low95"], row["high95"]) == pytest.approx((-0.95, 0.95))
    empty = compare(one(tmp_path / "empty", [nan, 1], [1, nan])).iloc[0]
    assert empty[["difference", "se", "low95", "high95", "probability_better"]].isna().all()


def test_an_option_that_is_the_baseline_differs_by_exactly_nothing(tmp_path: Path) -> None:
    luck = np.random.default_rng(3).normal(size=11).tolist()
    table = compare(one(tmp_path / "run", luck, luck))
    assert (table[["difference", "se", "low95", "high95"]].to_numpy() == 0).all()
    assert table["probability_better"].tolist()[:2] == [0.5, 0.5]


def test_an_option_can_be_compared_with_another(tmp_path: Path) -> None:
    table = compare(one(tmp_path / "run", [1, 2], [5, 7]), against="plan")
    assert table["option"].unique().tolist() == ["baseline"]
    assert table["against"].unique().tolist() == ["plan"]
    assert table["difference"].iloc[0] == -4.5


def test_a_run_of_the_baseline_alone_compares_nothing(tmp_path: Path) -> None:
    table = compare(results(tmp_path / "run", {"baseline": {UP: [1, 2]}}))
    assert len(table) == 0
    assert list(table.columns) == list(COLUMNS)


def test_the_error_is_that_of_pairs_where_values_are_drawn(tmp_path: Path) -> None:
    plan = [1.0, 1.0, 5.0, 5.0, 9.0, 9.0]
    paired = compare(one(tmp_path / "a", [0] * 6, plan, ranges=("x",)))
    alone = compare(one(tmp_path / "b", [0] * 6, plan))
    assert paired["se"].iloc[0] == pytest.approx(4 / np.sqrt(3))
    assert alone["se"].iloc[0] < paired["se"].iloc[0]


# --- runs already made ------------------------------------------------------------------------


def test_runs_with_the_same_seed_are_paired(tmp_path: Path) -> None:
    first = one(tmp_path / "a", [10, 20, 30, 40], [0] * 4, name="A")
    second = one(tmp_path / "b", [11, 22, 33], [0] * 3, name="B")
    table = compare_runs(first, second)
    row = table.iloc[0]
    assert (row["run"], row["against"], row["option"]) == ("B", "A", "baseline")
    assert (row["mean_against"], row["mean"]) == (20, 22)
    assert row["difference"] == 2.0  # of the replications that both have
    assert row["probability_better"] == 1.0
    assert row["paired"]
    assert len(table) == 2 * 3


def test_runs_with_another_seed_are_not_paired(tmp_path: Path) -> None:
    first = one(tmp_path / "a", [10, 20, 30], [0] * 3, seed=1)
    second = one(tmp_path / "b", [11, 21, 31], [0] * 3, seed=2)
    assert not compare_runs(first, second)["paired"].any()
    third = one(tmp_path / "c", [11, 21, 31], [0] * 3, seed=1, version="0.0.1")
    assert not compare_runs(first, third)["paired"].any()


def test_means_and_change_of_runs_are_of_the_replications_they_share(tmp_path: Path) -> None:
    first = results(tmp_path / "a", {"baseline": {DOWN: [10, 20, 90, 90]}})
    second = results(tmp_path / "b", {"baseline": {DOWN: [11, 23]}})
    for table in (compare_runs(first, second), compare_runs(second, first)):
        row = table.iloc[0]
        assert {row["mean"], row["mean_against"]} == {15.0, 17.0}
        assert row["mean"] - row["mean_against"] == row["difference"]


def test_runs_share_only_some_options_and_measures(tmp_path: Path) -> None:
    first = save(one(tmp_path / "a", [1, 2], [3, 4]))
    other = results(tmp_path / "b", {"baseline": {DOWN: [5, 6]}, "another": {DOWN: [1, 1]}})
    table = compare_runs(first, other, first)
    assert table["run"].nunique() == 2
    shared = table[table["run"] == str(other.folder)]
    assert shared[["option", "measure", "difference"]].to_numpy().tolist() == [
        ["baseline", "unmet_need", 4.0]
    ]
    third = results(tmp_path / "c", {"baseline": {Key("moves", "", "2025-26"): [1, 2]}})
    with pytest.raises(SufficiencyError, match="no measure and period in common"):
        compare_runs(first, third)
    with pytest.raises(SufficiencyError, match="at least two"):
        compare_runs(first)


# --- the numbers of the answer ----------------------------------------------------------------

DAYS = ("2025-04-01", "2025-09-30", "2026-03-31", "2027-03-31")


def by_type(kind: str, *numbers: Sequence[float]) -> dict[Key, Sequence[float]]:
    return {
        Key("children_in_care", f"type={kind}", day): futures
        for day, futures in zip(DAYS, numbers, strict=True)
    }


def fostering(*households: Sequence[float]) -> dict[Key, Sequence[float]]:
    return {
        Key("foster_households", "", day): futures
        for day, futures in zip(DAYS, households, strict=True)
    }


@pytest.fixture
def run(tmp_path: Path) -> Results:
    same = by_type("home_own", [3, 3], [3, 3], [3, 3], [3, 3])
    return results(
        tmp_path / "run",
        {
            "baseline": {
                **by_type("in_house", [40, 40], [40, 40], [30, 38], [20, 36]),
                **by_type("home_external", [20, 20], [20, 20], [20, 20], [20, 20]),
                **same,
                **fostering([30, 30], [30, 30], [30, 30], [24, 33]),
            },
            "plan": {
                **by_type("in_house", [40, 40], [43, 40], [36, 40], [29, 36]),
                **by_type("home_external", [20, 20], [20, 20], [18, 20], [17, 19]),
                **same,
                **fostering([30, 30], [36, 36], [36, 36], [36, 36]),
            },
        },
    )


def test_headline_has_year_ends_and_the_mean(run: Results) -> None:
    table = headline(run).differences.set_index(["item", "when"])
    in_house = table.loc["children in_house"]
    assert list(in_house.index) == ["2026-03-31", "2027-03-31", "mean"]
    last = in_house.loc["2027-03-31"]
    assert (last["baseline"], last["value"], last["difference"]) == (28, 32.5, 4.5)
    assert last["probability_more"] == 0.75
    assert np.isnan(last["probability_better"])  # to live in-house is no aim in itself
    mean = in_house.loc["mean"]
    assert mean["difference"] == pytest.approx((3 + 0 + 6 + 2 + 9 + 0) / 6)
    assert [mean["p10"], mean["p90"]] == pytest.approx([2 / 3 + 0.1 * 16 / 3, 6 - 0.1 * 16 / 3])


def test_headline_adds_up_homes_and_knows_what_is_better(run: Results) -> None:
    table = headline(run).differences.set_index(["item", "when"])
    homes = table.loc[("children homes", "2027-03-31")]
    assert (homes["baseline"], homes["value"]) == (23, 21)
    households = table.loc[("foster_households", "2027-03-31")]
    assert (households["probability_better"], households["difference"]) == (1.0, 7.5)
    assert "unmet_need" not in table.index.get_level_values("item")  # it was not measured


def test_headline_says_how_the_baseline_declines(run: Results) -> None:
    table = headline(run).decline.set_index("item")
    in_house = table.loc["children in_house"]
    assert (in_house["from"], in_house["to"]) == ("2025-04-01", "2027-03-31")
    assert (in_house["first"], in_house["last"]) == (40, 28)
    assert in_house["change_percent"] == pytest.approx(-30)
    assert in_house["probability_less"] == 1.0
    assert table.loc["foster_households", "change_percent"] == pytest.approx((-20 + 10) / 2)
    assert table.loc["foster_households", "probability_less"] == 0.5


def test_year_ends_are_the_last_dates_of_each_year() -> None:
    from datetime import date

    quarters = ["2025-01-15", "2025-03-31", "2025-06-30", "2025-09-30", "2025-12-31", "2026-03-31"]
    assert year_ends(date(2025, 1, 15), quarters) == ["2025-12-31"]
    assert year_ends(date(2025, 4, 1), list(DAYS)) == ["2026-03-31", "2027-03-31"]
    assert year_ends(date(2025, 4, 1), ["2025-04-01"]) == []
