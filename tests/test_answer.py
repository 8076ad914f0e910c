from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from sufficiency import comparison
from sufficiency.answer import Answer, answer_of
from sufficiency.answer.effects import Effect, errors_to_tell
from sufficiency.answer.levels import Level, at_years, by_financial_year, course, needs, series
from sufficiency.answer.runs_screen import runs_text
from sufficiency.answer.screen import text
from sufficiency.answer.screens import WIDTH
from sufficiency.answer.words import MINUS, number, percent, signed, title
from sufficiency.comparison import Headline
from sufficiency.results.statistics import moments, percentiles, share_above
from sufficiency.scenario import Edit, Observed, Option, Study
from sufficiency.scenario_file import load

START = date(2025, 4, 1)
FUTURES = 60
TYPES = {
    "in_house": 57, "ifa": 51, "kinship": 32, "home_own": 3, "home_external": 20, "supported": 20,
    "emergency_bed": 0, "unregistered": 2, "parents": 12, "adoption": 4, "secure": 1, "other": 3,
}  # fmt: skip
NEEDED = {"foster": 121.0, "home": 22.0, "supported": 21.0}
USABLE = {
    "kind=foster": 117.0, "kind=home": 23.0, "kind=supported": 19.0,
    "type=in_house": 66.0, "type=home_own": 3.0,
}  # fmt: skip
BETTER = {"unmet_need": "down", "in_area_share": "up"}
CARERS = Option(
    name="recruit_20_carers",
    description="Recruit 20 foster carers (people) over a year.",
    edits=(
        Edit(action="set", path="fostering.recruitment.number", value=20),
        Edit(action="set", path="fostering.recruitment.unit", value="carers"),
    ),
)
HOME = Option(
    name="two_bed_home", description="Open a two-bed home.",
    edits=(Edit(action="set", path="emergency.beds", value=1),),
)  # fmt: skip


class Tables(NamedTuple):
    summary: pd.DataFrame
    comparison: pd.DataFrame
    headline: Headline
    study: Study


def quarter_ends(years: float) -> list[str]:
    firsts = [date(y, m, 1) for y in range(2025, 2037) for m in (1, 4, 7, 10)]
    eves = [first - timedelta(days=1) for first in firsts if first > START]
    return [START.isoformat(), *(d.isoformat() for d in eves[: round(years * 4)])]


def month_ends(years: float) -> list[str]:
    firsts = [date(y, m, 1) for y in range(2025, 2037) for m in range(1, 13)]
    eves = [first - timedelta(days=1) for first in firsts if first > START]
    return [START.isoformat(), *(d.isoformat() for d in eves[: round(years * 12)])]


@cache
def camden() -> Study:
    return load("camden")


def study_of(name: str = "Camden", options: Sequence[Option] = (CARERS, HOME)) -> Study:
    study = camden()
    observed = (
        Observed(
            measure="children_in_care", group="", period="2026-03-31", value=210,
            source="DfE", use="check",
        ),
        Observed(measure="moves", group="", period="2025-26", value=9, source="DfE", use="fit"),
    )  # fmt: skip
    scenario = study.scenario.model_copy(update={"name": name, "observed": observed})
    return study.model_copy(update={"scenario": scenario, "options": tuple(options)})


def tables(
    *,
    years: float = 5,
    end: float = 0.75,
    needed_end: float = 1.0,
    season: float = 3.0,
    total_end: float = 1.0,
    effects: Mapping[str, Mapping[str, float]] | None = None,
    noise: float = 3.0,
    study: Study | None = None,
) -> Tables:
    """Tables such as a run leaves.

    Args:
        years: Length of the run.
        end: In-house households and children at the end, as a share of those at the start.
        needed_end: Need at the end, as a share of need at the start.
        season: Children more in September than on average.
        total_end: Children in care at the end, as a share of those at the start.
        effects: What each option adds to children by type, once it has built up.
        noise: Standard deviation between futures, of levels; effects have half of it.
        study: What was run.
    """
    study = study or study_of()
    if effects is None:
        effects = {
            "recruit_20_carers": {"in_house": 8.2, "ifa": -7.4, "home_external": -0.8},
            "two_bed_home": {"home_own": 1.6, "home_external": -1.6},
        }
    made = _Made(years, noise)
    for option in ("baseline", *effects):
        _option(made, option, effects.get(option, {}), end, needed_end, season, total_end)
    return Tables(_summary(made), _comparison(made), comparison.headline(_Run(made)), study)


class _Made:
    def __init__(self, years: float, noise: float) -> None:
        self.years, self.noise = years, noise
        self.keys: list[tuple[str, str, str, str]] = []
        self.values: list[np.ndarray] = []
        self.luck = np.random.default_rng(1).normal(0, 1, (200, FUTURES + 1))

    def add(self, option, measure, group, periods, values, effect=0.0, scale=1.0) -> None:
        key = sum(map(ord, measure + group)) % 100
        for i, (period, value) in enumerate(zip(periods, values, strict=True)):
            share = min(1.0, i / max(1, 0.3 * len(periods)))
            future = value + self.noise * scale * share * self.luck[key]
            if option != "baseline" and effect:
                future = future + share * (effect + self.noise / 2 * scale * self.luck[100 + key])
            self.keys.append((option, measure, group, period))
            self.values.append(future if measure == "sufficiency_gap" else np.maximum(future, 0))


def _option(made, option, effects, end, needed_end, season, total_end) -> None:
    quarters, months = quarter_ends(made.years), month_ends(made.years)

    def line(first: float, share: float, dates: Sequence[str]) -> np.ndarray:
        return np.linspace(first, first * share, len(dates))

    wave = [season * np.cos(2 * np.pi * (int(day[5:7]) - 9) / 12) for day in months]
    made.add(option, "children_in_care", "", months, line(205, total_end, months) + wave)
    made.add(option, "foster_households", "", quarters, line(44, end, quarters))
    for type_, first in TYPES.items():
        share = end if type_ == "in_house" else 1.0
        scale = 0.2 if first < 10 else 1.0
        effect = effects.get(type_, 0.0)
        values = line(first, share, months)
        made.add(option, "children_in_care", f"type={type_}", months, values, effect, scale)
    for kind, first in NEEDED.items():
        made.add(
            option, "placements_needed", f"kind={kind}", quarters, line(first, needed_end, quarters)
        )
        made.add(option, "unmet_need", f"kind={kind}", quarters, line(5, 1, quarters), 0, 0.3)
        gap = line(first, needed_end, quarters) - USABLE[f"kind={kind}"]
        made.add(option, "sufficiency_gap", f"kind={kind}", quarters, gap)
    made.add(
        option, "unmet_need", "", quarters, line(15, 1, quarters), -effects.get("in_house", 0) / 8
    )
    for group, first in USABLE.items():
        made.add(option, "places_usable", group, quarters, line(first, 1, quarters))
        vacant = line(first / 8, 1, quarters)
        made.add(option, "places_vacant", group, quarters, vacant, 0, 0.1)
    flows = [f"{year}-{(year + 1) % 100:02d}" for year in range(2025, 2025 + int(made.years))]
    shares = np.linspace(0.14, 0.16, len(flows))
    made.add(option, "second_best_share", "", flows, shares, 0, 0.005)


KEYS = ["option", "measure", "group", "period"]
PERCENTS = {"p10": 0.1, "p50": 0.5, "p80": 0.8, "p90": 0.9, "low95": 0.025, "high95": 0.975}


class _Run:
    """As much of `Results` as the headline numbers need."""

    together = 2

    def __init__(self, made: _Made) -> None:
        self.options = tuple(dict.fromkeys(key[0] for key in made.keys))
        self.manifest = {"start": START.isoformat()}
        self.made = made

    def better(self, measure: str) -> str:
        return BETTER.get(measure, "")

    def futures(self, measure: str, group: str, option: str) -> pd.DataFrame:
        columns = {
            key[3]: value[1:]
            for key, value in zip(self.made.keys, self.made.values, strict=True)
            if key[:3] == (option, measure, group)
        }
        return pd.DataFrame(columns)


def _summary(made: _Made) -> pd.DataFrame:
    values = np.column_stack(made.values)[1:]
    mean, se, count = moments(values, together=2)
    table = pd.DataFrame(made.keys, columns=KEYS)
    table["unit"] = ["share" if m.endswith("_share") else "children" for m in table["measure"]]
    ranges = dict(zip(PERCENTS, percentiles(values, tuple(PERCENTS.values())), strict=True))
    return table.assign(mean=mean, se=se, **ranges, replications=count)


def _comparison(made: _Made) -> pd.DataFrame:
    base = {k[1:]: v for k, v in zip(made.keys, made.values, strict=True) if k[0] == "baseline"}
    pairs = [(k, v) for k, v in zip(made.keys, made.values, strict=True) if k[0] != "baseline"]
    table = pd.DataFrame([key for key, _ in pairs], columns=KEYS)
    table.insert(1, "against", "baseline")
    if not pairs:
        return table.assign(**dict.fromkeys(COMPARISON[5:], ()))
    differences = np.column_stack([value - base[key[1:]] for key, value in pairs])[1:]
    mean, se, _ = moments(differences, together=2)
    low, high = percentiles(differences, (0.025, 0.975))
    table["unit"], table["better"] = "children", [BETTER.get(m, "") for m in table["measure"]]
    sign = np.array([{"up": 1.0, "down": -1.0, "": np.nan}[b] for b in table["better"]])
    chance = share_above(sign * differences)
    return table.assign(difference=mean, se=se, low95=low, high95=high, probability_better=chance)


COMPARISON = [
    "option", "against", "measure", "group", "period", "unit", "better", "difference", "se",
    "low95", "high95", "probability_better",
]  # fmt: skip


def answer(**settings: object) -> Answer:
    made = tables(**settings)  # type: ignore[arg-type]  # settings of any type are passed on
    return answer_of(*made)


def level_of(mean: float, low: float, high: float, se: float = 0.1) -> Level:
    return Level("2030-03-31", mean, se, low, mean, high)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0"),
        (-0.04, "0"),
        (7.14, "7.1"),
        (3, "3"),
        (9.96, "10"),
        (-12.4, f"{MINUS}12"),
        (1205, "1,205"),
    ],
)
def test_numbers_are_whole_or_have_one_decimal_below_ten(value: float, written: str) -> None:
    assert number(value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [(8, "+8.0"), (-0.7, f"{MINUS}0.7"), (0.02, "0"), (-0.02, "0"), (11.6, "+12")],
)
def test_differences_carry_their_sign(value: float, written: str) -> None:
    assert signed(value) == written


def test_shares_are_per_cent() -> None:
    assert (percent(0.14), percent(0.014), percent(0.0)) == ("14%", "1.4%", "0%")


def test_option_names_are_read_as_words_and_cannot_move_the_cursor() -> None:
    assert title("recruit_20_carers") == "Recruit 20 carers"
    assert "\x1b" not in title("red\x1b[31m")


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("no_e_bed", "No E-bed"),
        ("e_bed", "E-bed"),
        ("eden_house_a_year_late", "Eden House a year late"),
        ("recruit_10_asian_households", "Recruit 10 Asian households"),
        ("specialist_uasc_offer", "Specialist UASC offer"),
        ("housing_pathway_16_17", "Housing pathway 16\N{EN DASH}17"),
        ("one_ifa_block", "One IFA block"),
        ("the_bed_for_blackpool", "The bed for blackpool"),
        ("unregistered_116_170", "Unregistered 116 170"),
    ],
)
def test_option_names_have_the_capitals_of_proper_words(option: str, words: str) -> None:
    assert title(option) == words


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        (level_of(57, 57, 57), level_of(43, 39, 46), "falls"),
        (level_of(43, 43, 43), level_of(57, 50, 60), "rises"),
        (level_of(57, 50, 60), level_of(52, 44, 60), "mostly falls"),
        (level_of(52, 44, 60), level_of(57, 50, 64), "mostly rises"),
        (level_of(57, 50, 60), level_of(56.5, 49, 60), "stays level"),
        (level_of(57, 57, 57), level_of(43, 39, 46, se=9), "stays level"),
        (level_of(57, 57, 57), level_of(43, 43, 43, se=float("nan")), "stays level"),
    ],
)
def test_a_course_is_claimed_only_where_it_can_be_told(
    first: Level, last: Level, found: str
) -> None:
    assert course(first, last) == found


def test_the_baseline_comes_first_and_says_which_way_it_goes() -> None:
    falling, rising, level = (answer(end=end) for end in (0.75, 1.25, 1.0))
    assert "live with in-house carers, down from 57" in falling.sentences[0]
    assert "live with in-house carers, up from 57" in rising.sentences[0]
    assert "live with in-house carers, no clear change from 57" in level.sentences[0]
    assert [part.course for part in falling.decline] == ["falls", "falls"]
    assert "it ends lower in 100% of futures" in falling.decline[1].sentence
    assert "ends lower" not in level.decline[0].sentence


def test_an_effect_smaller_than_the_error_of_its_mean_is_unclear() -> None:
    assert Effect("children ifa", 2, 0.3, 0.2, -4, 4).verdict == "unclear"
    assert Effect("children ifa", 2, 0.5, 0.2, -4, 4).verdict == "more"
    assert Effect("children ifa", 2, -0.5, 0.2, -4, 4).verdict == "fewer"
    assert Effect("children ifa", 2, -0.5, float("nan"), -4, 4).verdict == "unclear"
    assert Effect("children ifa", 2, 0.0, 0.0, 0.0, 0.0).verdict == "none"


def test_few_futures_need_a_larger_effect() -> None:
    # Student's t at 97.5%, 4 and 99 degrees of freedom
    assert errors_to_tell(10) == pytest.approx(2.776, abs=0.06)
    assert errors_to_tell(200) == pytest.approx(1.984, abs=0.01)


def test_sentences_say_plainly_what_cannot_be_told() -> None:
    made = answer(effects={"a": {"ifa": -9.0, "supported": 0.01}})
    sentence = made.options[0].sentence
    assert "8.7 fewer with agency carers" in sentence
    assert "Cannot be told from no change: supported accommodation" in sentence
    nothing = answer(effects={"a": {}}).options[0].sentence
    assert nothing == "After 2 years it has changed nothing in where children live."


def test_carers_households_places_and_children_are_four_numbers() -> None:
    recruits = answer().options[0].recruits
    assert recruits.startswith("20 carers are about 12 households, about 25 approved places;")
    assert "the net effect after 2 years is +" in recruits
    assert answer().options[1].recruits == ""


def recruits(**drive: object) -> str:
    edits = tuple(
        Edit(action="set", path=f"fostering.recruitment.{path.replace('__', '.')}", value=value)
        for path, value in {"number": 20, "unit": "carers", **drive}.items()
    )
    option = CARERS.model_copy(update={"edits": edits})
    study = study_of(options=(option, HOME))
    return answer_of(*tables(study=study)).options[0].recruits


def test_a_net_target_names_the_approvals_it_needs() -> None:
    said = recruits(basis="net", over_months=24)
    found = re.search(r"a net target, for which about (\d+) households are to be approved", said)
    assert found
    assert int(found[1]) > 12
    assert "more than that, because others leave; the net effect" in said
    assert "net target" not in recruits(basis="gross")


def test_recruits_for_siblings_are_not_counted_in_places_at_the_general_mean() -> None:
    said = recruits(basis="gross", profile__siblings=0.9)
    assert said.startswith("20 carers are about 12 households; the net effect")
    assert "approved places" not in said
    households = recruits(basis="gross", profile__siblings=0.9, unit="households")
    assert households.startswith("20 households are to be recruited; ")


def test_effects_are_those_of_the_tables_at_each_year_and_on_average() -> None:
    made = tables()
    told = answer_of(*made)
    assert told.years == (1, 2, 3, 5)
    row = made.comparison.query(
        "option == 'recruit_20_carers' and measure == 'children_in_care'"
        " and group == 'type=in_house' and period == '2027-03-31'"
    ).iloc[0]
    effect = told.options[0].effect("children in_house", 2)
    assert effect is not None
    assert effect.difference == pytest.approx(row["difference"])
    assert (effect.low, effect.high) == pytest.approx((row["low95"], row["high95"]))
    average = told.options[0].effect("children in_house", None)
    assert average is not None
    assert 0 < average.difference < effect.difference
    assert average.low < average.difference < average.high


def test_need_stands_beside_places_unmet_need_and_vacancies() -> None:
    made = tables()
    first = needs(made.summary)[0]
    assert (first.period, first.kind) == ("2025-04-01", "foster")
    assert (first.usable, first.own) == (117, 66)
    assert first.gap == pytest.approx(4)
    assert first.unmet is not None
    assert first.unmet.mean == pytest.approx(5)
    assert first.vacant == pytest.approx(117 / 8)


def test_values_that_do_not_exist_are_left_out() -> None:
    made = tables()
    missing = made.summary["measure"] == "second_best_share"
    made.summary.loc[missing, ["mean", "p10", "p50", "p90"]] = np.nan
    told = answer_of(*made)
    assert all("second best" not in row.words for row in told.missing)
    assert not len(series(made.summary, "second_best_share"))


def test_financial_years_are_not_months() -> None:
    rows = pd.DataFrame({"mean": 1.0}, index=["2027-04", "2027-28", "2027-Q1", "2027-03-31"])
    assert list(by_financial_year(rows).index) == ["2027-28"]


def test_years_end_at_the_last_date_before_the_anniversary() -> None:
    assert at_years(START, quarter_ends(4)) == {
        1: "2026-03-31", 2: "2027-03-31", 3: "2028-03-31", 4: "2029-03-31",
    }  # fmt: skip
    assert at_years(START, quarter_ends(0.5)) == {}


@pytest.mark.parametrize("years", [0.5, 1, 5, 10])
def test_the_screen_has_80_columns_and_ends_with_the_files(years: float) -> None:
    places = {"report": "report.html", "manifest": "manifest.json"}
    told = text(answer(years=years), places, details=True)
    assert max(map(len, told.splitlines())) <= WIDTH
    assert told.splitlines()[-2:] == ["report:   report.html", "manifest: manifest.json"]
    assert "falls" in told.split("NEED AGAINST PLACES")[0]
    assert "None" not in told
    assert "The simulation's error is another thing" in " ".join(told.split())


def test_the_screen_leaves_quarters_and_the_course_of_effects_to_the_report() -> None:
    """Two options: their effects once, a name, an average and a range each."""
    made = answer()
    short, long = text(made, {}), text(made, {}, details=True)
    assert len(short.splitlines()) < 50 < len(long.splitlines())
    assert all(sentence in " ".join(short.split()) for sentence in made.sentences)
    for heading in ("NEED AGAINST PLACES", "BY QUARTER", "CHILDREN WITH IN-HOUSE CARERS"):
        assert heading not in short
        assert heading in long
    assert "with --details" in short
    assert "with --details" not in long
    effects = short.split("WHAT EACH OPTION CHANGES")[1].split("\n\n")[0]
    assert effects.count("  95 futures in 100") == 2
    assert "chance of" not in effects


def test_the_screen_explains_a_question_mark_only_where_there_is_one() -> None:
    marked = text(answer(effects={"two_bed_home": {"in_house": 0.2}}, noise=6), {})
    assert "?" in marked.replace("“?”", "")
    assert marked.count("“?” marks an average that cannot be told from 0.") == 1
    clear = text(answer(effects={"two_bed_home": {"in_house": 60.0}}, noise=0.01), {})
    assert "?" not in clear


def test_the_screen_holds_large_authorities_and_long_names() -> None:
    name = "an_option_with_a_name_that_is_far_too_long_for_one_line_of_a_terminal_of_any_kind"
    made = tables(effects={name: {"in_house": 812.0, "ifa": -912.0}}, noise=40)
    counts = made.summary["unit"] != "share"
    made.summary.loc[counts, ["mean", "p10", "p90"]] *= 12.3
    told = text(answer_of(*made), {})
    assert max(map(len, told.splitlines())) <= WIDTH


def test_too_few_futures_are_said_to_be_few() -> None:
    made = tables()
    made.summary["replications"] = 4
    assert answer_of(*made).caution.startswith("Only 4 futures were simulated")
    assert answer().caution == ""


def test_a_run_without_options_has_an_answer() -> None:
    told = answer(effects={})
    assert (told.options, told.leading) == ((), None)
    assert text(told, {}).startswith("Camden, April 2025 to March 2030, 60 futures")


def test_runs_side_by_side_say_whether_they_had_the_same_luck() -> None:
    row = {
        "run": "B", "against": "A", "option": "baseline", "measure": "children_in_care",
        "group": "type=ifa", "period": "2030-03-31", "mean_against": 51.0, "mean": 44.0,
        "difference": -7.0, "low95": -11.0, "high95": -2.0, "paired": True,
    }  # fmt: skip
    told = runs_text(pd.DataFrame([row, {**row, "run": "C", "paired": False}]))
    assert "B against A: nothing is decided" in told
    assert "agency carers (IFA)" in told
    assert "-11 to -2" in told
    assert told.count("The same luck in both") == 1
    assert told.count("Not the same luck in both") == 1
    assert max(map(len, told.splitlines())) <= WIDTH


def test_children_who_go_to_family_and_friends_are_told_where_an_option_brings_them() -> None:
    offer = {"kinship_offer": {"kinship": 5.0, "ifa": -5.0}, "two_bed_home": {"home_own": 1.6}}
    found = answer(effects=offer, noise=1.0)
    kinship, home = found.options
    assert "more with family and friends" in kinship.sentence
    assert kinship.effect("children kinship", 2) is not None
    assert home.effect("children kinship", 2) is None
    _, _, told = text(found, {}).partition("WHAT EACH OPTION CHANGES")
    below = told.partition("Kinship offer")[2].partition("Two bed home")[0]
    assert "family and friends: +" in below
    assert told.count("family and friends") == 1
