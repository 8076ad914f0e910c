"""What to find out: ignorance against chance, and the assumptions that go with a number."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_answer import tables
from test_report import MANIFEST

from sufficiency.answer import Answer, answer_of
from sufficiency.charts.knowing import correlations_chart, ignorance_chart, setting
from sufficiency.report import Tables, find_out
from sufficiency.report.parts import Exhibits
from sufficiency.results.results import by_hand
from sufficiency.rows import Key
from sufficiency.sensitivity.asked import Asked
from sufficiency.sensitivity.correlating import rank_correlation
from sufficiency.sensitivity.knowing import Known, _told, known_of
from sufficiency.sensitivity.splitting import by_assumption

PAIRS = 60
PATHS = ["prices.weekly.home_external", "ifa.market", "homes.0.ramp_months"]


def known(ignorance: float, chance: float, option: str = "", seed: int = 3) -> Known:
    """Net cost of which the first assumption makes so much, and luck so much (deviations)."""
    rng = np.random.default_rng(seed)
    draws = rng.normal(size=(PAIRS, len(PATHS)))
    values = 1e6 * (50 + ignorance * draws[:, :1] + chance * rng.normal(size=(PAIRS, 2)))
    means = values.mean(axis=1)
    found = [(path, *rank_correlation(draws[:, n], means)) for n, path in enumerate(PATHS)]
    table = pd.DataFrame(found, columns=["path", "correlation", "se"])
    table = table.sort_values("correlation", key=abs, ascending=False)
    return Known(
        Asked("net_cost", unit="£"), option, float(values.mean()), float(values.min()),
        float(values.max()), by_assumption(values.reshape(-1), draws, PATHS), _told(table),
    )  # fmt: skip


@lru_cache
def usual() -> tuple[Tables, Answer]:
    made = tables()
    return Tables(*made, MANIFEST), answer_of(*made)


def shown(*found: Known) -> Exhibits:
    made, answer = usual()
    return find_out.exhibits(made._replace(known=found), answer)


@pytest.mark.parametrize(("ignorance", "chance", "title"), [
    (3.0, 0.5, "Most of the range of net cost is ignorance"),
    (0.3, 3.0, "Most of the range of net cost is chance"),
    (1.0, 1.0, "Whether ignorance or chance is larger cannot be told"),
])  # fmt: skip
def test_the_title_says_what_makes_most_of_the_range(
    ignorance: float, chance: float, title: str
) -> None:
    chart = ignorance_chart([known(ignorance, chance)], "Camden", "2025-26")
    assert chart is not None
    assert chart.title == title
    assert len(chart.title.split()) <= 10


def test_the_bars_are_parts_of_a_whole_with_the_interval_of_the_share() -> None:
    one = known(1.0, 1.0)
    chart = ignorance_chart([one], "Camden", "2025-26")
    assert chart is not None
    ignorance, chance, interval = chart.panels[0].figure.data
    assert ignorance.x[0] + chance.x[0] == pytest.approx(100)
    assert ignorance.x[0] == pytest.approx(50, abs=20)  # a variance of 1 each
    low, high = one.split.interval
    assert interval.x[0] + interval.error_x.array[0] == pytest.approx(100 * high, abs=0.1)
    assert interval.x[0] - interval.error_x.arrayminus[0] == pytest.approx(100 * low, abs=0.1)
    assert ignorance.marker.pattern.shape != chance.marker.pattern.shape  # not by colour alone


@pytest.mark.parametrize(("found", "title"), [
    ((known(3.0, 1.0), known(0.0, 1.0, "more_carers", 4)),
     "One assumption clearly goes with net cost, none with saving"),
    ((known(0.0, 1.0, seed=4), known(3.0, 1.0, "more_carers")),
     "One assumption clearly goes with saving"),
    ((known(0.0, 1.0, seed=4), known(0.0, 1.0, "more_carers", 4)),
     "No assumption clearly goes with net cost or saving"),
    ((known(0.0, 1.0, seed=4),), "No assumption clearly goes with net cost"),
])  # fmt: skip
def test_the_title_counts_the_assumptions_that_are_told_from_nothing(
    found: tuple[Known, ...], title: str
) -> None:
    chart = correlations_chart(found, "Camden", "2025-26")
    assert chart is not None
    assert chart.title == title
    assert len(chart.title.split()) <= 10


def test_what_is_not_told_is_drawn_open_and_called_so() -> None:
    chart = correlations_chart([known(3.0, 1.0)], "Camden", "2025-26")
    assert chart is not None
    told, open_ = chart.panels[0].figure.data
    assert [label.replace("<br>", " ") for label in told.y] == ["Prices: weekly: home external"]
    assert (told.marker.symbol, open_.marker.symbol) == ("circle", "circle-open")
    assert len(open_.y) == 2
    findings = [row[-1] for row in chart.rows]
    assert findings == ["goes with it", *["cannot be told from nothing"] * 2]
    assert "60 pairs of futures tell few of 3 assumptions apart" in " ".join(
        shown(known(3.0, 1.0)).lead
    )


def test_of_a_saving_more_is_above_nothing_and_not_below() -> None:
    cost = correlations_chart([known(3.0, 1.0)], "Camden", "2025-26")
    saving = correlations_chart([known(3.0, 1.0, "more_carers")], "Camden", "2025-26")
    assert cost is not None
    assert saving is not None
    assert float(cost.panels[0].figure.data[0].x[0]) > 0.5
    assert float(saving.panels[0].figure.data[0].x[0]) < -0.5


def test_the_sentence_says_how_much_narrower_the_range_would_be() -> None:
    one = known(3.0, 0.5)
    text = " ".join(shown(one).lead)
    share = one.split.share
    assert share > 0.9
    assert f"about {100 * (1 - (1 - share) ** 0.5):.0f}% narrower" in text
    assert "knowing one value alone would take away: Prices: weekly: home external" in text
    assert "no part of it that could be found out" in " ".join(shown(known(0.0, 1.0, seed=5)).lead)


def test_the_two_assumptions_that_nobody_publishes_are_named_with_their_command() -> None:
    text = " ".join(shown(known(1.0, 1.0)).lead)
    assert "entries to children's homes are for want of a carer (15% to 50%)" in text
    assert "what limits the market of agencies" in text
    assert "sufficiency sensitivity SCENARIO --option NAME" in text


def test_a_run_that_tells_nothing_has_no_such_part() -> None:
    assert shown().empty
    assert not shown().lead


def test_runs_without_ranges_or_with_few_pairs_say_nothing(tmp_path: Path) -> None:
    keys = (Key("net_cost", "", "2025-26"),)
    for futures, ranges in ((20, ()), (7, ("ifa.market",))):
        values = np.random.default_rng(1).normal(size=(1, futures + 1, 1))
        made = by_hand(tmp_path / str(futures), values, keys, ranges=ranges)
        assert known_of(made) == ()


def test_settings_are_read_as_words() -> None:
    assert setting("homes.0.ramp_months") == "Homes: 1: ramp months"
    assert setting("demand.uasc.season_strength") == "Demand: UASC: season strength"
    assert setting("ifa.market") == "IFA: market"
