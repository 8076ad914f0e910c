"""Which assumptions an answer hangs on: known answers of a linear case, and of its split."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from sufficiency.answer.sensitivity_page import expected, parts, records
from sufficiency.answer.sensitivity_screen import text
from sufficiency.charts.tornado import tornado_chart
from sufficiency.cli import app
from sufficiency.errors import SufficiencyError
from sufficiency.experiment import run
from sufficiency.experiment.draws import draws
from sufficiency.periods import calendar
from sufficiency.replication import MODEL, Range, Steps
from sufficiency.rows import (
    CarePeriod,
    Household,
    Key,
    Measured,
    MeasureInfo,
    Placement,
    Rows,
    Search,
    Table,
)
from sufficiency.scenario import (
    Assumption,
    Edit,
    Option,
    Scenario,
    Study,
    get_value,
    with_values,
)
from sufficiency.scenario_file import load
from sufficiency.sensitivity import correlations, split
from sufficiency.sensitivity.analysing import Sensitivity, analyse
from sufficiency.sensitivity.asked import Asked, labels_of, read_asked
from sufficiency.sensitivity.correlating import rank_correlation
from sufficiency.sensitivity.deciding import IFA_LIMIT, WANT_OF_CARER, ShareSearch
from sufficiency.sensitivity.splitting import by_assumption
from sufficiency.sensitivity.tornado import Bar, meaning_of
from sufficiency.sensitivity.trials import Change, End, Trials, change_of

SCALE, MARKET, CLOSING, SEASON = (
    "moves.scale", "ifa.market", "external_homes.closing_per_year", "demand.season_strength",
)  # fmt: skip
SLOPES = {SCALE: 10.0, MARKET: 4.0, CLOSING: 0.0}
"""The stand-in's number is 10 moves.scale + 4 ifa.market + luck; homes that close do nothing."""


def linear(slopes: Mapping[str, float], luck: float = 1.0) -> Steps:
    """A simulation that costs nothing: a number that is linear in settings, and luck."""

    def table(kind: Any) -> Table:
        return Table(kind._fields, [])

    def simulate(scenario: Scenario, *, history: Scenario, replication: int) -> Rows:
        by_chance = np.random.default_rng([scenario.seed, replication]).normal()
        level = sum(slope * get_value(scenario, path) for path, slope in slopes.items())
        gain = 2.0 * scenario.fostering.recruitment.number * scenario.ifa.market
        return Rows(
            table(CarePeriod), table(Placement), table(Search), table(Household),
            table(Household), table(Household), until=365.0, state_changes=1,
            enquiries=np.array([level + luck * by_chance - gain]), applications=np.empty(0),
            withdrawals=np.empty(0),
        )  # fmt: skip

    def measure(scenario: Scenario, rows: Rows) -> Measured:
        return Measured((Key("net_cost", "", "2025-26"),), rows.enquiries)

    def history_of(scenario: Scenario, baseline: Scenario) -> Scenario:
        return baseline

    info = MeasureInfo("£", "down", "", "", "", ("",), "years")
    return Steps(simulate, history_of, (measure,), {"net_cost": info})


def assumed(path: str, value: float, low: float, high: float) -> Assumption:
    return Assumption(path=path, value=value, low=low, high=high, source="made up")


@pytest.fixture(scope="module")
def study() -> Study:
    """Two assumptions that count, one that does nothing, one whose range is a point."""
    scenario = with_values(load("england").scenario, {"years": 1.0})
    return Study(
        scenario=scenario,
        options=(
            Option(
                name="recruit",
                edits=(Edit(action="set", path="fostering.recruitment.number", value=5),),
            ),
        ),
        assumptions=(
            assumed(SCALE, scenario.moves.scale, scenario.moves.scale - 0.2, 1.0),
            assumed(MARKET, 1.0, 0.7, 1.6),
            assumed(CLOSING, scenario.external_homes.closing_per_year, 0.01, 0.1),
            assumed(SEASON, 1.0, 1.0, 1.0),
        ),
    )


def analysed(study: Study, option: str = "", **over: Any) -> Sensitivity:
    settings = {"steps": linear(SLOPES), "jobs": 1, "decides": False, "replications": 12}
    asked = Asked("net_cost", unit="£")
    return analyse(study, asked, option, futures=12, **{**settings, **over})


@pytest.fixture(scope="module")
def level(study: Study) -> Sensitivity:
    return analysed(study)


@pytest.fixture(scope="module")
def difference(study: Study) -> Sensitivity:
    return analysed(study, "recruit")


# --- one assumption after the other -----------------------------------------------------------


def test_bars_have_the_size_and_order_of_a_linear_case(study: Study, level: Sensitivity) -> None:
    bars = level.bars
    scale = study.scenario.moves.scale
    assert [bar.name for bar in bars] == [MARKET, SCALE, CLOSING]  # 2.4 before 2.0
    low, high = bars[0].changes
    assert (low.mean, high.mean) == pytest.approx((4 * -0.3, 4 * 0.6))
    low, high = bars[1].changes
    assert (low.mean, high.mean) == pytest.approx((10 * -0.2, 10 * (1.0 - scale)))
    assert all(change.se < 1e-12 and change.clear for bar in bars[:2] for change in bar.changes)


def test_an_assumption_that_does_nothing_shows_exactly_0(level: Sensitivity) -> None:
    bar = next(bar for bar in level.bars if bar.name == CLOSING)
    assert [(c.mean, c.se, c.clear) for c in bar.changes] == [(0.0, 0.0, False)] * 2


def test_a_range_of_one_value_is_no_assumption_to_look_at(level: Sensitivity) -> None:
    assert level.drawn == 3
    assert SEASON not in [bar.name for bar in level.bars]


def test_ties_stand_in_the_order_of_their_names(study: Study) -> None:
    same = {SCALE: 1.0, MARKET: 1.0}
    value = study.scenario.moves.scale
    tied = (assumed(SCALE, value, value - 0.25, value), assumed(MARKET, 1.0, 0.75, 1.0))
    bars = analysed(study.model_copy(update={"assumptions": tied}), steps=linear(same)).bars
    assert [round(bar.size, 9) for bar in bars] == [0.25, 0.25]
    assert [bar.name for bar in bars] == [MARKET, SCALE]


def test_of_an_option_the_difference_from_the_baseline_is_asked(difference: Sensitivity) -> None:
    found = difference
    assert found.central == pytest.approx(-2 * 5 * 1.0)
    market, *others = found.bars
    assert market.name == MARKET
    assert [c.mean for c in market.changes] == pytest.approx([2 * 5 * 0.3, -2 * 5 * 0.6])
    assert not any(bar.clear for bar in others)


def test_all_are_looked_at_in_a_few_futures_and_the_leading_ones_in_more(study: Study) -> None:
    rows = [
        assumed(f"prices.weekly.{type_}", get_value(study.scenario, f"prices.weekly.{type_}"), 1, 9)
        for type_ in ("ifa", "supported", "secure", "other", "home_external", "unregistered")
    ]
    many = study.model_copy(update={"assumptions": (*study.assumptions[:3], *rows)})
    slopes = {**SLOPES, **{row.path: 0.0 for row in rows}}
    bars = analysed(many, steps=linear(slopes), replications=8).bars
    assert {bar.futures for bar in bars} <= {10, 12}
    assert bars[0].futures == 12


def test_a_change_is_clear_only_beyond_the_error_of_its_futures() -> None:
    near = change_of("", np.array([1.0, -1.0, 1.0, -0.6]))
    far = change_of("", np.array([1.0, 1.2, 0.8, 1.0]))
    assert (near.clear, far.clear) == (False, True)
    assert far.se == pytest.approx(math.sqrt(0.08 / 3 / 4))


def test_prices_are_priced_again_and_come_out_as_if_they_were_simulated(tiny: Path) -> None:
    loaded = load(tiny)
    asked = Asked("net_cost", unit="£")
    path = "prices.weekly.home_external"
    assert any(row.path == path for row in loaded.assumptions)
    ends = [End("dear", "9,000", assumed={path: 9_000.0}), End("cheap", "1", assumed={path: 1.0})]
    simulated = Trials(loaded, asked, "more_carers", jobs=1)
    priced = Trials(loaded, asked, "more_carers", jobs=1)
    priced.reprice(ends)
    for trials in (simulated, priced):
        trials.run(ends, 2)
    for end in ends:
        assert priced.values(end).tolist() == simulated.values(end).tolist()
    assert simulated.change(ends[0]) == priced.change(ends[0])
    assert priced.simulated < simulated.simulated


# --- ignorance and chance ---------------------------------------------------------------------


def two_piece_variance(down: float, up: float) -> float:
    """Of a value whose 95% range reaches so far below and above its centre, by hand.

    Each half is that of a normal distribution: E[x²] = (s² + t²) / 2, and E[x] = (t - s) / √(2π),
    as the mean of half a normal is s√(2/π), and each half has half of the draws.
    """
    s, t = down / 1.959964, up / 1.959964
    return (s * s + t * t) / 2 - (t - s) ** 2 / (2 * math.pi)


def drawn(*ranges: tuple[str, float, float, float], pairs: int) -> tuple[Any, list[str]]:
    named = tuple(Range(path, (), value, low, high, False) for path, value, low, high in ranges)
    return draws(named, 1, 2 * pairs)[1::2], [row.path for row in named]


def test_ignorance_by_assumption_is_slope_squared_times_the_variance_of_its_draws() -> None:
    values, names = drawn(("a", 10, 8, 16), ("b", 0, -4, 4), ("c", 1, 0, 2), pairs=800)
    luck = np.random.default_rng(7).normal(scale=4.0, size=1600)
    number = np.repeat(3 * values[:, 0] + values[:, 1], 2) + luck
    found = by_assumption(number, values, names)
    a, b, chance = 9 * two_piece_variance(2, 6), two_piece_variance(4, 4), 16.0
    shares = {part.path: part.share for part in found.parts}
    whole = a + b + chance
    assert shares["a"] == pytest.approx(a / whole, abs=0.03)
    assert shares["b"] == pytest.approx(b / whole, abs=0.03)
    assert shares["c"] == pytest.approx(0.0, abs=0.005)
    assert found.chance == pytest.approx(chance / whole, abs=0.03)
    assert found.split.variance == pytest.approx(whole, rel=0.08)
    clear = [part for part in found.parts if part.clear]
    assert [part.path for part in clear] == ["a", "b"]
    assert sum(p.share for p in clear) + found.rest + found.chance == pytest.approx(1.0)


def test_draws_of_whole_centres_with_ranges_that_are_not_are_no_whole_numbers() -> None:
    values, _ = drawn(("a", 0, -1, 1), pairs=8)
    assert len(np.unique(values)) == 8


def test_too_few_pairs_for_all_assumptions_together_look_at_each_by_itself() -> None:
    ranges = [(f"p{i}", 0.0, -1.0, 1.0) for i in range(30)]
    values, names = drawn(*ranges, pairs=40)
    found = by_assumption(np.repeat(values[:, 3], 2), values, names)
    assert found.stepwise
    assert found.parts[0].path == "p3"
    assert found.parts[0].share == pytest.approx(1.0, abs=0.01)


def test_of_many_assumptions_that_do_nothing_none_is_named_in_most_tables() -> None:
    source = np.random.default_rng(5)
    names = [f"p{i}" for i in range(50)]
    named = 0
    for _ in range(15):  # at 1 in 100 for each, two tables of five would name one
        shared = np.repeat(source.normal(size=60), 2)
        found = by_assumption(shared, source.uniform(size=(60, 50)), names)
        named += any(part.clear for part in found.parts)
    assert named <= 3  # 0.75 expected; more than 3 in 1 of 1,000


def test_futures_that_differ_by_luck_alone_are_all_chance() -> None:
    found = split(np.random.default_rng(3).normal(size=2_000))
    assert found.share < 0.05
    assert found.interval[0] == 0.0
    assert found.variance == pytest.approx(1.0, rel=0.1)


def test_pairs_that_agree_are_all_ignorance() -> None:
    found = split(np.repeat(np.array([1.0, 5.0, 2.0, 9.0]), 2))
    assert found.chance_variance == 0.0
    assert found.ignorance_variance == pytest.approx(np.var([1, 5, 2, 9], ddof=1))
    assert found.share == 1.0


def test_by_hand_of_four_pairs() -> None:
    # Within: (1 + 1 + 0 + 4) / 2 / 4 = 0.75. Means 1.5, 3.5, 7, 9: variance 34.1875 - ... by hand:
    # mean 5.25, squares 14.0625 + 3.0625 + 3.0625 + 14.0625 = 34.25, over 3; twice = 22.8333.
    found = split(np.array([1.0, 2, 3, 4, 7, 7, 8, 10]))
    assert found.chance_variance == pytest.approx(0.75)
    assert found.ignorance_variance == pytest.approx((2 * 34.25 / 3 - 0.75) / 2)


def test_the_interval_of_the_share_holds_it_about_19_times_in_20() -> None:
    source = np.random.default_rng(11)
    held = 0
    for _ in range(100):
        shared = np.repeat(source.normal(size=60), 2)
        low, high = split(shared + source.normal(size=120)).interval
        held += low <= 0.5 <= high
    assert 87 <= held <= 100


def test_nothing_is_said_of_a_number_that_never_varies_or_of_three_pairs() -> None:
    assert math.isnan(split(np.ones(40)).share)
    assert math.isnan(split(np.arange(6.0)).share)


def test_pairs_without_a_number_are_left_out() -> None:
    whole = np.array([1.0, 2, 3, 4, 7, 7, 8, 10])
    holed = np.concatenate([[np.nan, 1.0], whole, [3.0, np.nan]])
    assert split(holed) == split(whole)


@pytest.mark.slow
def test_shares_agree_with_sobol_indices_of_a_function_that_is_no_line() -> None:
    from scipy.stats import norm, sobol_indices

    def bent(x: Any) -> Any:
        return np.sin(x[0]) + 0.7 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 2 * np.sin(x[0])

    sd = 1 / 1.959964
    known = sobol_indices(
        func=bent, n=2**14, dists=[norm(scale=sd * w) for w in (1.5, 2.0, 2.0)], rng=1
    )
    values, names = drawn(
        ("a", 0, -1.5, 1.5), ("b", 0, -2.0, 2.0), ("c", 0, -2.0, 2.0), pairs=2_000
    )
    number = np.repeat(bent(values.T), 2)
    found = by_assumption(number, values, names)
    shares = {part.path: part.share for part in found.parts}
    for name, first in zip(names, known.first_order, strict=True):
        assert shares[name] == pytest.approx(first, abs=0.03)
    assert known.first_order[1] > 0.05  # a line would say nothing of it
    assert found.rest == pytest.approx(1 - known.first_order.sum(), abs=0.04)


# --- rank correlation -------------------------------------------------------------------------


def test_rank_correlation_of_a_run_ranks_what_counts(study: Study) -> None:
    results = run(study, replications=80, jobs=1, keep=0, steps=linear(SLOPES, luck=0.2))
    table = correlations(results, "net_cost").set_index("path")
    assert list(table.index[:2]) in ([MARKET, SCALE], [SCALE, MARKET])
    assert table.loc[CLOSING, "correlation"] == pytest.approx(0.0, abs=0.3)
    assert (table.loc[[MARKET, SCALE], "correlation"] > 0.3).all()
    assert table.loc[MARKET, ["value", "low", "high"]].tolist() == [1.0, 0.7, 1.6]


def test_with_an_option_the_correlation_is_that_of_the_difference(study: Study) -> None:
    results = run(study, replications=20, jobs=1, keep=0, steps=linear(SLOPES))
    table = correlations(results, "net_cost", option="recruit", against="baseline")
    assert table.iloc[0]["path"] == MARKET
    assert table.iloc[0]["correlation"] == pytest.approx(-1.0)
    with pytest.raises(SufficiencyError, match="no option 'recrut'; did you mean 'recruit'"):
        correlations(results, "net_cost", option="recrut")


def test_ranks_that_tie_share_their_mean() -> None:
    # Ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4: covariance 4.5, variances 4.5 and 5.
    found, se = rank_correlation(np.array([1.0, 2, 2, 3]), np.array([1.0, 2, 3, 4]))
    assert found == pytest.approx(4.5 / math.sqrt(4.5 * 5))
    assert se > 0
    assert rank_correlation(np.ones(4), np.arange(4.0)) == (0.0, 0.0)


# --- what is asked ----------------------------------------------------------------------------


def read(words: str, scenario: Scenario) -> Asked:
    return read_asked(words, MODEL.definitions, calendar(scenario.start, 3.0))


def test_a_measure_group_and_time_are_read(study: Study) -> None:
    of = study.scenario
    assert read("net_cost", of) == Asked("net_cost", "", "", "£")
    assert read(" net_cost in 2026-27 ", of).period == "2026-27"
    in_time = read("average_children[age=10-15;type=ifa] in 2026-27", of)
    assert in_time.group == "type=ifa;age=10-15"
    assert read("unmet_need[kind=foster] by 2027-05-01", of).period == "2027-03-31"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("net_cots", "did you mean 'net_cost'"),
        ("children_in_care[type=ifs]", "did you mean 'type=ifa'"),
        ("net_cost in 2036-37", "no value in 2036-37"),
        ("unmet_need by 2036-03-31", "no value by 2036-03-31"),
        ("section_251_cost", "name a group"),
        ("net cost", "MEASURE[GROUP] by DATE, or in YEAR"),
    ],
)
def test_what_cannot_be_asked_is_told_with_what_can(study: Study, words: str, told: str) -> None:
    with pytest.raises(SufficiencyError) as error:
        read(words, study.scenario)
    assert told in str(error.value)


def test_money_is_added_up_over_complete_years_and_all_else_is_not() -> None:
    labels = ["2025-04", "2025-26", "2026-27"]
    assert labels_of("net_cost", "£", labels) == (("2025-26", "2026-27"), "sum")
    assert labels_of("unit_cost", "£", labels) == (("2025-26", "2026-27"), "mean")
    assert labels_of("entries", "children", labels) == (("2025-26", "2026-27"), "mean")
    assert labels_of("unmet_need", "", ["2026-03-31", "2025-06-30"])[0] == ("2026-03-31",)


def test_a_run_without_a_complete_year_has_no_money_over_the_whole_run(study: Study) -> None:
    short = calendar(study.scenario.start, 0.5)
    with pytest.raises(SufficiencyError, match="no complete financial year"):
        read_asked("net_cost", MODEL.definitions, short)
    assert read_asked("net_cost in 2025-05", MODEL.definitions, short).period == "2025-05"


# --- words and files --------------------------------------------------------------------------


def test_a_study_without_ranges_says_so(study: Study) -> None:
    bare = study.model_copy(update={"assumptions": ()})
    found = analysed(bare)
    assert found.bars == ()
    assert found.ignorance is None
    assert "No value that matters here has a range" in text(found)
    assert tornado_chart(found, "here") is None
    assert records(found) == []


def test_the_screen_fits_80_columns_and_the_table_has_both_ends(difference: Sensitivity) -> None:
    found = difference
    assert max(map(len, text(found).splitlines())) <= 80
    rows = records(found)
    assert [row["end"] for row in rows[:2]] == ["low", "high"]
    assert rows[0]["assumption"] == MARKET
    assert rows[0]["correlation"] == pytest.approx(-1.0)
    told = {row[0]: row[1] for part in parts(found) for t in part.tables for row in t.rows}
    assert MARKET in told


def test_names_of_users_are_no_markup_in_the_chart(level: Sensitivity) -> None:
    chart = tornado_chart(level, "here")
    assert chart is not None
    labels = [str(label) for trace in chart.panels[0].figure.data for label in trace.y]
    assert any("IFA: market" in label for label in labels)
    assert not any("ifa.market" in cell for row in chart.rows for cell in row)
    assert len(chart.title.split()) <= 10


def test_what_an_earlier_model_found_stands_beside_options_that_recruit(
    level: Sensitivity, difference: Sensitivity
) -> None:
    leads = (
        Bar(
            WANT_OF_CARER,
            "20%",
            (Change("16%", 3.0, 0.1, True, 9), Change("50%", -9.0, 1.0, True, 9)),
            "decides",
        ),
        Bar(IFA_LIMIT, "no limit", (Change("limit", 5.0, 0.1, True, 9),), "decides"),
    )
    found = replace(difference, bars=(*leads, *difference.bars))
    said = " ".join(expected(found))
    assert "50%: £20 (more is saved, as expected)" in said  # 10 + 9 over a year, to tens of pounds
    assert "less is saved, unlike there" in said
    assert expected(replace(level, bars=found.bars)) == ()


def test_what_is_saved_a_year_is_of_the_years_that_are_asked_about(difference: Sensitivity) -> None:
    lead = Bar(WANT_OF_CARER, "20%", (Change("16%", 0.0, 0.1, True, 9),) * 2, "decides")
    found = replace(difference, bars=(lead,), years=5.0, central=-4e6)

    def saved(asked: Asked, added: int) -> str:
        return " ".join(expected(replace(found, asked=asked, added=added)))

    assert "now £4.0m saved a year" in saved(Asked("net_cost", "", "2027-28", "£"), 1)
    # five years from October hold four financial years
    assert "now £1.0m saved a year" in saved(Asked("net_cost", "", "", "£"), 4)
    for asked in (Asked("net_cost", "", "2027-04", "£"), Asked("cost", "type=ifa", "", "£")):
        assert saved(asked, 1) == ""  # a month, and a part, are not what the prototype speaks of


def test_the_split_is_said_to_leave_out_what_has_no_range(level: Sensitivity) -> None:
    lead = Bar(IFA_LIMIT, "no limit", (Change("limit", 5.0, 0.1, True, 9),), "decides")
    beside = " ".join(text(replace(level, bars=(lead, *level.bars))).split())
    assert "What has no range, as the two assumptions that lead" in beside
    assert "What has no range" not in " ".join(text(level).split())


def test_a_setting_is_explained_by_its_own_text(study: Study) -> None:
    assert "width of the market" in meaning_of(study.scenario, MARKET)
    assert "new placement" in meaning_of(study.scenario, "prices.weekly.ifa")
    assert meaning_of(study.scenario, "options.x.y") == ""


# --- the command ------------------------------------------------------------------------------


def test_every_mistake_of_the_command_is_in_one_message(tiny: Path) -> None:
    words = ["sensitivity", str(tiny), "--measure", "net_cots", "--option", "more_carrers"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 2
    assert "did you mean 'net_cost'" in done.output
    assert "did you mean 'more_carers'" in done.output


def test_a_folder_with_something_in_it_is_refused_before_anything_runs(tiny: Path) -> None:
    done = CliRunner().invoke(app, ["sensitivity", str(tiny), "--out", str(tiny.parent)])
    assert done.exit_code == 2
    assert "choose another folder" in done.output


@pytest.mark.slow
def test_the_command_writes_a_page_and_a_table_led_by_the_two_that_decide(tiny: Path) -> None:
    out = tiny.parent / "found"
    words = ["sensitivity", str(tiny), "-n", "12", "--futures", "4", "--jobs", "1"]
    done = CliRunner().invoke(app, [*words, "--option", "more_carers", "--out", str(out)])
    assert done.exit_code == 0, done.output
    lines = (out / "sensitivity.csv").read_text(encoding="utf-8").splitlines()
    assert lines[1].startswith("Share of entries to homes")
    assert lines[3].startswith("What limits the market")
    page = (out / "sensitivity.html").read_text(encoding="utf-8")
    assert "<h1" in page
    assert "more carers" in page.lower()


@pytest.mark.slow
def test_the_share_for_want_of_a_carer_is_made_while_as_many_live_in_homes() -> None:
    found = ShareSearch(load("camden"), jobs=1).ends()
    now, low, high = found
    assert low.share == pytest.approx(0.15, abs=0.03)
    assert high.share == pytest.approx(0.50, abs=0.06)
    assert low.chances > 1 > high.chances
    for end in (low, high):
        assert end.in_homes == pytest.approx(now.in_homes, rel=0.05)
    table = high.study.scenario.ifa.match
    assert table["under_10"] == now.study.scenario.ifa.match["under_10"]
