from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from test_charts import PALETTE
from test_report import MANIFEST, NASTY, Page, browser  # noqa: F401
from test_report import tables as answer_tables

from sufficiency.answer.choices import best_words, displaced_words, gains_words, screen_lines
from sufficiency.answer.words import MINUS
from sufficiency.charts import Chart
from sufficiency.charts.money import net_cost, option_bridge, year_bridge
from sufficiency.charts.option_costs import option_costs
from sufficiency.comparison.choices import DISPLACED, SIDE_BY_SIDE, WHO_GAINS
from sufficiency.comparison.pressure import Pressure
from sufficiency.comparison.savings import ITEMS, Savings
from sufficiency.comparison.yearly import WHOLE_RUN
from sufficiency.costs.definitions import PARTS
from sufficiency.report import Tables, page
from sufficiency.report.choosing import Choices, choice
from sufficiency.report.money import Money, costs

YEARS = ("2025-26", "2026-27", "2027-28")
AREA = "Camden"


def row(mean: float, spread: float = 1.0, se: float = 0.05) -> dict[str, float]:
    """What is said of a number in £ million, in pounds."""
    shape = {
        "mean": mean, "se": se, "p10": mean - spread, "p50": mean, "p80": mean + 0.6 * spread,
        "p90": mean + spread, "low95": mean - 1.5 * spread, "high95": mean + 1.5 * spread,
    }  # fmt: skip
    return {name: 1e6 * value for name, value in shape.items()}


def pressure(
    *levels: float,
    steps: Mapping[str, float] | None = None,
    se: float = 0.05,
    budget: Mapping[str, tuple[float, float]] | None = None,
    option: str = "baseline",
) -> Pressure:
    """Money of three years, or as many as there are levels, in £ million.

    Args:
        levels: Net cost by financial year.
        steps: Part of the change, the same in each year.
        se: Error of every mean.
        budget: Budget by year, and the share of futures that overspend it.
        option: Its name.
    """
    levels = levels or (12.0, 13.0, 14.0)
    years, steps = YEARS[: len(levels)], steps or {"price_new": 1.0}
    periods = [*zip(years, levels, strict=True), (WHOLE_RUN, sum(levels))]
    totals = [
        {"measure": measure, "period": period, **row(value), "margin": 0.6e6}
        for measure in ("net_cost", "cost")
        for period, value in periods
    ]
    bridge = [
        {"part": part, "period": year, **row(value, se=se if part in steps else 0.0)}
        for at, year in enumerate(years[1:], start=1)
        for part, value in {
            "before": levels[at - 1], **dict.fromkeys(PARTS, 0.0), **steps, "after": levels[at],
        }.items()
    ]  # fmt: skip
    whole = {"before": sum(levels) - sum(steps.values()), **dict.fromkeys(PARTS, 0.0), **steps}
    whole |= {"after": sum(levels)}
    beyond = [
        {"period": year, "budget": 1e6 * sum_, **row(1.0), "overspending": share}
        for year, (sum_, share) in (budget or {}).items()
    ]
    typed = [
        {"type": "ifa", "period": period, **row(value), "children": 40.0, "unit_cost": 950.0,
         "budgeted_children": 30.0, "budgeted_unit_cost": float("nan")}
        for period, value in periods
    ]  # fmt: skip
    lines = [{"line": "fostering_services", "period": p, **row(v)} for p, v in periods]
    return Pressure(
        option=option,
        futures=60,
        years=years,
        totals=pd.DataFrame(totals),
        budget=pd.DataFrame(beyond),
        types=pd.DataFrame(typed),
        variance=pd.DataFrame(columns=["period", "type", "variance", "volume", "price"]),
        income=pd.DataFrame(columns=["source", "period"]),
        section_251=pd.DataFrame(lines),
        bridge=pd.DataFrame(bridge, columns=["part", "period", *row(0)]),
        option_bridge=pd.DataFrame(
            [
                {"part": part, "period": WHOLE_RUN, **row(value, se=se if part in steps else 0.0)}
                for part, value in whole.items()
            ]
        ),
        high_cost=pd.DataFrame(
            [{"period": "2028-03-31", "mean": 3.1, "p10": 1.0, "p90": 5.0, "share": 0.015,
              "any": 1.0}]
        ),
    )  # fmt: skip


def compared(**differences: tuple[float, str]) -> pd.DataFrame:
    """Net cost side by side: options with the change in £ million and the verdict."""
    base = {
        "item": "net_cost", "option": "baseline", "measure": "net_cost", "unit": "£",
        "over": "total", "better": "down", "value": 39e6, "difference": 0.0, "se": 0.0,
        "low95": 0.0, "high95": 0.0, "verdict": "none", "probability_better": float("nan"),
        "probability_best": 0.25,
    }  # fmt: skip
    rows = [base]
    for option, (change, verdict) in differences.items():
        told = row(change)
        rows.append(
            base
            | {"option": option, "value": 39e6 + told["mean"], "difference": told["mean"]}
            | {"se": told["se"], "low95": told["low95"], "high95": told["high95"]}
            | {"verdict": verdict, "probability_better": 0.8, "probability_best": 0.75}
        )
    return pd.DataFrame(rows, columns=SIDE_BY_SIDE)


def some(chart: Chart | None) -> Chart:
    assert chart is not None
    return chart


def every() -> list[Chart]:
    return [
        some(net_cost(pressure(budget={"2025-26": (11.5, 0.8)}), AREA)),
        some(year_bridge(pressure(steps={"price_new": 1.5, "volume": -0.5}), AREA)),
        some(option_bridge(pressure(steps={"mix": -2.0, "recruitment": 0.5}, option="plan"), AREA)),
        some(option_costs(compared(plan=(-2, "fewer"), other=(1, "unclear")), AREA, YEARS)),
    ]


@pytest.mark.parametrize("place", range(4))
def test_a_chart_of_money_has_words_its_data_and_the_palette(place: int) -> None:
    chart = every()[place]
    assert 3 <= len(chart.title.split()) <= 10
    assert AREA in chart.subtitle
    assert "2025-26" in chart.subtitle
    assert "£" in chart.subtitle
    assert chart.alternative
    assert all(len(cells) == len(chart.columns) for cells in chart.rows)
    for panel in chart.panels:
        assert {mark.colour for mark in panel.key} <= PALETTE
        assert len([mark for mark in panel.key if mark.shape != "band"]) <= 4
        used = {trace.marker.color for trace in panel.figure.data if trace.type == "scatter"}
        assert {colour for colour in used if colour} <= PALETTE


# --- net cost by year -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("levels", "title"),
    [
        ((12.0, 13.0, 14.0), "Net cost rises from £12.0m to £14.0m by 2027-28"),
        ((14.0, 13.0, 12.0), "Net cost falls from £14.0m to £12.0m by 2027-28"),
        ((12.0, 13.0, 12.8), "Net cost probably rises to about £12.8m by 2027-28"),
        ((12.0, 13.0, 12.1), "Net cost shows no clear change to 2027-28"),
        ((12.0,), "Net cost is about £12.0m in 2025-26"),
    ],
)
def test_the_course_of_net_cost_is_said_as_far_as_it_can_be_told(
    levels: tuple[float, ...], title: str
) -> None:
    assert some(net_cost(pressure(*levels), AREA)).title == title


@pytest.mark.parametrize(
    ("share", "title"),
    [
        (0.83, "2025-26 net cost exceeds its budget in 83% of futures"),
        (0.2, "2025-26 net cost keeps within budget in 80% of futures"),
        (0.5, "2025-26 net cost may or may not exceed its budget"),
    ],
)
def test_with_a_budget_the_title_says_whether_it_holds(share: float, title: str) -> None:
    found = pressure(budget={"2025-26": (11.5, share), "2026-27": (12.0, 0.4)})
    chart = some(net_cost(found, AREA))
    assert chart.title == title
    assert [line.name for line in chart.panels[0].key] == [
        "average", "1 future in 5 costs more (P80)", "budget", "8 futures in 10",
    ]  # fmt: skip
    assert chart.rows[0][-1] == "11.50"
    assert chart.rows[2][-1] == ""  # of 2027-28 there is no budget


def test_one_year_still_shows_its_range() -> None:
    figure = some(net_cost(pressure(12.0), AREA)).panels[0].figure
    (bar,) = [trace for trace in figure.data if trace.line.width == 16]
    assert list(bar.x) == ["2025-26", "2025-26"]
    assert list(bar.y) == [11.0, 13.0]


# --- bridges ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "title"),
    [
        ({"price_new": 1.2, "volume": -0.2}, "Higher prices raise net cost most by 2027-28"),
        ({"volume": -1.0, "price_new": 0.2}, "Fewer nights cut net cost most by 2027-28"),
        ({"income": -1.0}, "Rising income cuts net cost most by 2027-28"),
        # dearer new placements: one part of price rises as the other falls
        (
            {"price_existing": -2.0, "price_new": 2.1, "mix": 0.6},
            "Dearer placements raise net cost most by 2027-28",
        ),
    ],
)
def test_a_bridge_names_what_moves_net_cost_most(steps: dict[str, float], title: str) -> None:
    assert some(year_bridge(pressure(steps=steps), AREA)).title == title


def test_nothing_is_named_where_no_part_can_be_told() -> None:
    chart = some(year_bridge(pressure(steps={"price_new": 0.4}, se=0.4), AREA))
    assert chart.title == "No single reason clearly changes net cost by 2027-28"
    assert chart.rows[0] == ("Prices of new placements", "+0.80", "cannot be told from no change")


def test_a_clear_reason_is_not_called_the_most_where_a_larger_one_is_not_clear() -> None:
    found = pressure(steps={"price_new": 1.2, "own_homes_fixed": 0.5})
    unsure = found.bridge["part"] == "price_new"
    found.bridge.loc[unsure, "se"] = 1e6
    assert some(year_bridge(found, AREA)).title == "Homes' fixed costs raise net cost by 2027-28"
    found.bridge.loc[unsure, "se"] = 1e3
    assert some(year_bridge(found, AREA)).title == "Higher prices raise net cost most by 2027-28"


def test_one_year_has_no_bridge_and_the_baseline_none_to_itself() -> None:
    assert year_bridge(pressure(12.0), AREA) is None
    alone = pressure()
    nothing = alone.option_bridge[alone.option_bridge["period"] == "never"]
    alone.__dict__["option_bridge"] = nothing
    assert option_bridge(alone, AREA) is None


def test_steps_begin_where_the_step_before_ended_and_may_go_below_zero() -> None:
    chart = some(option_bridge(pressure(steps={"mix": -3.0, "recruitment": 1.0}), AREA))
    assert chart.title == "Cheaper placements cut net cost most over three years"
    (bars,) = [trace for trace in chart.panels[0].figure.data if trace.type == "bar"]
    spans = [(base, base + size) for base, size in zip(bars.base, bars.x, strict=True)]
    assert spans == [(-3.0, 0.0), (-3.0, -2.0), (-2.0, 0.0)]  # mix, recruitment, all
    assert list(bars.customdata) == [f"{MINUS}£3.0m", "+£1.0m", f"{MINUS}£2.0m"]
    low, high = chart.panels[0].figure.layout.xaxis.range
    assert low < -3.0 < 0.0 < high


def test_what_is_too_small_for_a_step_of_its_own_is_in_the_last_so_that_steps_add_up() -> None:
    small = {"mix": -1.0, "recruitment": 0.5, "retainers": 0.003, "staying_put": 0.002}
    chart = some(option_bridge(pressure(steps=small), AREA))
    (bars,) = [trace for trace in chart.panels[0].figure.data if trace.type == "bar"]
    *steps, all_else, change = bars.customdata
    assert steps == [f"{MINUS}£1.0m", "+£500k"]
    assert (all_else, change) == ("+£5,000", f"{MINUS}£495k")
    assert chart.alternative[0].endswith(f"{MINUS}£495k.")
    assert chart.alternative[1].endswith("; all else +£5,000.")


def test_the_parts_in_the_table_add_up_to_the_change() -> None:
    chart = some(year_bridge(pressure(steps={"price_new": 1.25, "volume": -0.5}), AREA))
    assert [cells[1] for cells in chart.rows] == ["+2.50", f"{MINUS}1.00", "+1.50"]


# --- options ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "beginning"),
    [
        ({"a": (-2, "fewer"), "b": (1, "more")}, "One of two options lowers"),
        ({"a": (-2, "fewer"), "b": (-1, "fewer")}, "All two options lower"),
        ({"a": (2, "more"), "b": (0.1, "unclear")}, "No option clearly lowers"),
        ({"a": (0.1, "unclear"), "b": (-0.1, "unclear")}, "No option clearly changes"),
        ({"a": (-2, "fewer")}, "The option lowers"),
        ({"a": (2, "more")}, "The option raises"),
        ({"a": (-0.1, "unclear")}, "No clear change of"),
    ],
)
def test_the_title_counts_the_options_that_cost_less(
    options: dict[str, tuple[float, str]], beginning: str
) -> None:
    chart = some(option_costs(compared(**options), AREA, YEARS))
    assert chart.title == f"{beginning} net cost over three years"
    assert len(chart.title.split()) <= 10


def test_a_small_change_is_shown_in_thousands() -> None:
    assert "£ million" in some(option_costs(compared(a=(-2, "fewer")), AREA, YEARS)).subtitle
    table = compared(a=(-0.2, "fewer"))
    table[["low95", "high95"]] /= 10
    chart = some(option_costs(table, AREA, YEARS))
    assert "£ thousand" in chart.subtitle
    assert [x for trace in chart.panels[0].figure.data for x in trace.x] == [-200.0]


def test_markup_in_an_option_name_is_shown_as_text() -> None:
    chart = some(option_costs(compared(**{"<b>x</b>": (-2, "fewer")}), AREA, YEARS))
    (label,) = [y for trace in chart.panels[0].figure.data for y in trace.y]
    assert label == "&lt;b&gt;x&lt;/b&gt;"


# --- words ------------------------------------------------------------------------------------


def moved(*, gained: str = "in_house", **shares: float) -> pd.DataFrame:
    rows = [
        {"option": "plan", "gained": gained, "gain": 4.0, "from": where, "fewer": 4 * share,
         "se": 0.1, "share": share, "low95": share - 0.1, "high95": share + 0.1,
         "verdict": "displaced" if share > 0.1 else "unclear"}
        for where, share in shares.items()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=DISPLACED)


def test_whom_a_place_displaced_is_said_from_the_most_to_the_least() -> None:
    assert displaced_words(moved(homes=0.2, ifa=0.75, supported=0.05)) == (
        "Of every 100 children more with in-house carers (4 on average), 75 would have lived with"
        " agency carers and 20 in other children's homes."
    )
    assert "cannot be told where" in displaced_words(moved(ifa=0.05))
    assert displaced_words(moved(ifa=1.8).assign(gain=0.04)) == ""  # of no children, no hundred
    assert "cannot be told from no change" in displaced_words(moved(gained="", ifa=0.9))


def gains(**changes: tuple[float, str]) -> pd.DataFrame:
    rows = [
        {"option": "plan", "measure": "unmet_need", "group": group.replace("__", "="),
         "baseline": 5.0, "difference": change, "se": 0.1, "low95": change - 1,
         "high95": change + 1, "better": "down", "probability_better": 0.9, "verdict": verdict}
        for group, (change, verdict) in changes.items()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=WHO_GAINS)


def test_who_gains_is_said_only_where_it_can_be_told() -> None:
    told = gains(
        **{"age__10-15": (-0.6, "fewer"), "cohort__siblings": (-2.0, "fewer")},
        cohort__uasc=(-3.0, "unclear"),
    )
    assert gains_words(told).endswith("over the run: 2 siblings and 0.6 children of 10 to 15.")
    assert "is there a clear change" in gains_words(gains(cohort__uasc=(-3.0, "unclear")))
    assert "is there a clear change" in gains_words(gains(cohort__uasc=(-0.01, "fewer")))


def test_the_screen_says_which_is_best_and_whom_it_displaces_in_few_lines() -> None:
    lines = screen_lines(compared(plan=(-2, "fewer")), [moved(ifa=0.75), moved(ifa=0.5)])
    assert lines == (
        "WHICH OPTION IS BEST, doing nothing included",
        "Lowest net cost: “Plan”, best in 75% of futures",
        "Of 100 children gained by “Plan”, 75 would otherwise have lived with agency carers.",
    )
    assert screen_lines(compared(), []) == ()


def test_doing_nothing_may_be_the_best() -> None:
    table = compared(plan=(2, "more"))
    table["probability_best"] = [0.9, 0.1]
    assert best_words(table) == [
        "Lowest net cost: doing nothing, in 90% of futures the best of all choices, doing nothing"
        " included."
    ]


# --- the page ---------------------------------------------------------------------------------


def saved(*options: str) -> Savings:
    rows = [
        {"option": option, "item": item, "period": WHOLE_RUN, **row(1.0), "more": 0.9}
        for option in options
        for item in ITEMS
    ]
    paid = [{"option": o, "month": "2027-04", "share": 0.9, "at_once": 0.0} for o in options]
    moved_ = pd.DataFrame(columns=["option", "type", "period", "cost", "children", "children_se"])
    return Savings(YEARS, pd.DataFrame(rows), pd.DataFrame(paid), moved_)


OPTIONS = ("recruit_20_carers", NASTY)


def made() -> Tables:
    """A run with money and two options, one of them with a name that must stay text."""
    money = Money(
        pressure(budget={"2025-26": (11.5, 0.83)}),
        saved(*OPTIONS),
        pressure(steps={"mix": -2.0}, option=NASTY),
    )
    choices = Choices(
        compared(**{OPTIONS[0]: (-1, "fewer"), NASTY: (-2, "fewer")}),
        {option: moved(ifa=0.75) for option in OPTIONS},
        {option: gains(cohort__siblings=(-2.0, "fewer")) for option in OPTIONS},
    )
    effects = {option: {"in_house": 8.0} for option in OPTIONS}
    return Tables(*answer_tables(effects=effects), MANIFEST, money, choices)


@cache
def whole_page() -> Page:
    return Page(page(made()))


def test_what_it_costs_comes_before_the_options_and_which_to_choose_after_them() -> None:
    sections = [str(a["id"]) for a in whole_page().all("section")]
    places = [sections.index(name) for name in ("need", "costs", "options", "choice", "method")]
    assert places == sorted(places)
    figures = [str(a["id"]).removeprefix("chart-") for a in whole_page().all("figure")]
    money = ["net-cost", "year-bridge", "changes", "option-costs", "option-bridge"]
    assert [name for name in figures if name in money] == money
    assert "2025-26 net cost exceeds its budget in 83% of futures" in whole_page().text
    assert "April 2027" in whole_page().text
    assert "Whom each place displaced" in whole_page().text


def test_ids_stay_unique_with_money_on_the_page() -> None:
    ids = [a["id"] for _, a in whole_page().tags if "id" in a]
    assert len(ids) == len(set(ids))
    for _, attributes in whole_page().tags:
        assert attributes.get("aria-labelledby") in (None, *ids)


def test_markup_of_an_option_stays_text_in_the_parts_about_money() -> None:
    assert not whole_page().all("img")
    assert len(whole_page().all("script")) == 3  # the figures, the library, the page's own
    assert whole_page().text.count("onerror=alert(1)") >= 5
    assert "onerror" not in {name for _, given in whole_page().tags for name in given}


@pytest.mark.slow
def test_a_run_without_money_has_its_options_side_by_side() -> None:
    choices = Choices(compared(plan=(-2, "fewer")), {"plan": moved(ifa=0.75)}, {"plan": gains()})
    shown = choice(choices, None, AREA)
    assert not shown.charts
    assert [grid.name for grid in shown.grids] == ["displaced"]
    sections = [a["id"] for a in Page(page(made()._replace(money=None))).all("section")]
    assert "choice" in sections
    assert "costs" not in sections


def test_the_tables_of_money_say_what_the_pressure_says() -> None:
    money = Money(pressure(budget={"2025-26": (11.5, 0.83)}), saved("plan"))
    shown = costs(money, AREA, 10_000.0)
    grids: dict[str, Any] = {grid.name: grid for grid in shown.grids}
    rows = {
        r.words: [c.value for c in r.cells]
        for b in grids["net-cost-by-year"].blocks
        for r in b.rows
    }
    assert rows["Average"] == ["12.00", "13.00", "14.00", "39.00"]
    assert rows["P80"] == ["12.60", "13.60", "14.60", "39.60"]
    assert rows["Margin from mean to P80"] == ["0.60"] * 4
    assert rows["Share of futures that overspend"] == ["83%", "", "", ""]
    bridge = {r.words: [c.value for c in r.cells] for r in grids["bridge-by-year"].blocks[0].rows}
    assert bridge["Prices of new placements"] == ["+1.00", "+1.00"]
    assert bridge["Net cost of the year"] == ["13.00", "14.00"]
    assert set(bridge) == {
        "Net cost of the year before", "Prices of new placements", "Net cost of the year",
    }  # fmt: skip
    assert any("3.1 children" in line and "£10,000 a week" in line for line in shown.lead)
    assert any("£600k over 2025-26 to 2027-28" in line for line in shown.lead)
    assert any("£1.8m" in line for line in shown.lead)  # the own margins of three years


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("width", [1200, 320])
def test_the_figures_of_money_are_drawn_and_fit(
    browser: Any,  # noqa: F811
    tmp_path: Path,
    width: int,
) -> None:
    (tmp_path / "report.html").write_text(page(made()), encoding="utf-8")
    tab, said = browser.new_page(viewport={"width": width, "height": 900}), []
    try:
        tab.on("console", lambda message: said.append(message.text))
        tab.on("pageerror", lambda error: said.append(str(error)))
        tab.goto((tmp_path / "report.html").as_uri())
        tab.wait_for_function(
            "document.querySelectorAll('.plot .main-svg').length >="
            " document.querySelectorAll('.plot').length"
        )
        assert said == []
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        inside = (
            "id => { const f = document.querySelector(id + ' .plot').getBoundingClientRect();"
            " return [...document.querySelectorAll(id + ' .annotation, ' + id + ' .ytick')].every("
            "t => { const b = t.getBoundingClientRect();"
            " return b.left >= f.left - 1 && b.right <= f.right + 1; }); }"
        )
        for name in ("net-cost", "year-bridge", "option-costs", "option-bridge"):
            assert tab.evaluate(inside, f"#chart-{name}"), name
    finally:
        tab.close()
