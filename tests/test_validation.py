from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom
from typer.testing import CliRunner, Result

from sufficiency.answer.published import fit_text, measure_words, range_of, sentence, text
from sufficiency.answer.validation_page import MARK, Section, page
from sufficiency.cli import app
from sufficiency.errors import SufficiencyError
from sufficiency.experiment import run
from sufficiency.experiment.draws import ranges
from sufficiency.replication import Steps
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
from sufficiency.scenario import Observed, Scenario, Study, with_values
from sufficiency.scenario_file import load, load_text
from sufficiency.stays import steady_state
from sufficiency.validation import (
    Validated,
    Verdict,
    fit,
    fitted_text,
    study_of_the_past,
    validate,
)
from sufficiency.validation.comparing import chance_of_so_many

SMALL = """\
extends: england
name: Small
start: 2025-04-01
years: 1
replications: 101
authority: {children_in_care: 60, child_population: 9000}
demand:
  entries_per_year: {value: 20, low: 10, high: 40, source: a count}
  surges:
    - stream: non_uasc
      from: 2025-06-01
      to: 2025-07-01
      extra_children: {value: 4, low: 2, high: 6}
fostering:
  households: {value: 12, low: 9, high: 15, source: made up}
  leaving_per_year: {value: 0.12, low: 0.1, high: 0.2}
ifa:
  market: {value: 1.0, low: 0.5, high: 1.5, source: made up}
moves:
  scale: {value: 0.8, low: 0.6, high: 1.0, source: made up}
options:
  more: {set: {fostering.recruitment.number: {value: 5, low: 1, high: 9}}}
"""
PAST = """\
validation:
  start: 2023-04-01
  years: 1
  children_in_care: {value: 55, low: 50, high: 60, source: old paper}
  uasc_in_care: 2
  set:
    fostering.households: {value: 10, low: 8, high: 11, source: old paper}
    fostering.leaving_per_year: 0.15
  free: [ifa.market, moves.scale]
"""


@pytest.fixture(scope="module")
def small() -> Study:
    return load_text(SMALL + PAST, Path("small.yaml"))


def seen(study: Study, *given: tuple[str, str, float], use: str = "check", note: str = "") -> Study:
    """The study with these published values: measure and group, period, value."""
    observed = []
    for name, period, value in given:
        measure, _, group = name.partition("[")
        observed.append(
            Observed.model_validate(
                {
                    "measure": measure,
                    "group": group.rstrip("]"),
                    "period": period,
                    "value": value,
                    "source": "a report",
                    "use": use,
                    "note": note,
                }
            )
        )
    scenario = study.scenario
    both = (*scenario.observed, *observed)
    return study.model_copy(update={"scenario": scenario.model_copy(update={"observed": both})})


def steps(
    numbers: Mapping[Key, Callable[[Scenario, int], float]],
    units: Mapping[str, str] | None = None,
) -> Steps:
    """A model that is nothing but these numbers, by scenario and replication."""
    empty = [Table(kind._fields, []) for kind in (CarePeriod, Placement, Search, Household)]

    def simulate(scenario: Scenario, *, history: Scenario, replication: int) -> Rows:
        return Rows(
            *empty, empty[3], empty[3],
            until=365.0, state_changes=0, enquiries=np.array([float(replication)]),
            applications=np.empty(0), withdrawals=np.empty(0),
        )  # fmt: skip

    def measure(scenario: Scenario, rows: Rows) -> Measured:
        number = int(rows.enquiries[0])
        values = [value(scenario, number) for value in numbers.values()]
        return Measured(tuple(numbers), np.array(values))

    names = dict.fromkeys(key.measure for key in numbers)
    known = {
        name: MeasureInfo((units or {}).get(name, ""), "", "", "", "", ("",), "years")
        for name in names
    }
    return Steps(simulate, lambda _, baseline: baseline, (measure,), known)


def told(
    small: Study, numbers: Mapping[str, Callable[[Scenario, int], float]], value: float = 1.0
) -> Validated:
    """Each of these measures beside one published value, in 101 futures."""
    study = seen(small, *((name, "2023-24", value) for name in numbers))
    keys = {Key(name, "", "2023-24"): number for name, number in numbers.items()}
    return validate(study, steps=steps(keys), jobs=1)


# --- the study of the past --------------------------------------------------------------------


def test_the_past_has_its_own_start_and_stock_and_stays_that_agree(small: Study) -> None:
    past = study_of_the_past(small)
    assert (past.scenario.start.isoformat(), past.scenario.years) == ("2023-04-01", 1.0)
    assert past.scenario.authority.children_in_care == 55
    assert past.scenario.authority.uasc_in_care == 2
    assert past.scenario.fostering.households == 10
    assert past.scenario.demand.surges == ()
    assert past.options == ()
    steady = steady_state(past.scenario)  # two of the 55 are UASC, of whom more are to come
    assert steady["total"] - steady["uasc"] == pytest.approx(53, abs=0.1)
    assert past.scenario.stays.long_stay_factor != small.scenario.stays.long_stay_factor


def test_what_the_past_replaces_is_drawn_from_the_range_it_gives_or_not_at_all(
    small: Study,
) -> None:
    drawn = {r.path: (r.low, r.high) for r in ranges(study_of_the_past(small))}
    assert drawn["fostering.households"] == (8, 11)
    assert drawn["authority.children_in_care"] == (50, 60)
    assert drawn["ifa.market"] == (0.5, 1.5)
    assert "fostering.leaving_per_year" not in drawn
    assert not [path for path in drawn if path.split(".")[0] in ("validation", "options")]
    assert not [path for path in drawn if path.startswith("demand.surges")]
    now = {r.path: (r.low, r.high) for r in ranges(small)}
    assert now["fostering.households"] == (9, 15)
    assert now["fostering.leaving_per_year"] == (0.1, 0.2)


def test_without_a_past_the_run_itself_is_compared(write: Callable[..., Path]) -> None:
    study = seen(load(write(SMALL)), ("children_in_care", "2025-04-01", 60))
    past = study_of_the_past(study)
    assert past.scenario == study.scenario
    assert past.options == ()
    found = validate(study, replications=3, jobs=1)
    assert not found.past
    assert found.rows[0].median == 60
    run_of_it = run(study, replications=3, jobs=1)
    same = run_of_it.futures("children_in_care").loc[:, "2026-03-31"].median()
    ends = seen(study, ("children_in_care", "2026-03-31", 60))
    assert validate(ends, replications=3, jobs=1).rows[1].median == same


# --- verdicts ---------------------------------------------------------------------------------


def test_median_and_range_are_those_of_the_futures_and_leave_out_the_central_one(
    small: Study,
) -> None:
    found = told(small, {"a": lambda _, r: 1e9 if r == 0 else 1000 + r})
    (row,) = found.rows
    assert (row.low, row.median, row.high) == pytest.approx((1006, 1051, 1096))
    assert found.replications == 101


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        (1006, Verdict.INSIDE),
        (1096, Verdict.INSIDE),
        (1005.9, Verdict.OUTSIDE),
        (1096.1, Verdict.OUTSIDE),
    ],
)
def test_the_ends_of_the_range_are_inside(small: Study, value: float, verdict: Verdict) -> None:
    found = told(small, {"a": lambda _, r: 1000.0 + r}, value)
    assert found.rows[0].verdict is verdict
    assert found.rows[0].counts


@pytest.mark.parametrize(
    ("number", "verdict"),
    [
        (lambda _, r: 100 + (r - 51) * 49 / 45, Verdict.INSIDE),  # ±49% around 100
        (lambda _, r: 100 + (r - 51) * 51 / 45, Verdict.NOT_INFORMATIVE),
        (lambda _, r: -100 + (r - 51) * 49 / 45, Verdict.OUTSIDE),
        (lambda _, r: 0.0, Verdict.OUTSIDE),  # always 0: 100 is impossible
        (lambda _, r: float(r > 95), Verdict.NOT_INFORMATIVE),  # median 0
        (lambda _, r: 100 if r <= 51 else np.nan, Verdict.INSIDE),
        (lambda _, r: 100 if r <= 50 else np.nan, Verdict.NOT_INFORMATIVE),
        (lambda _, r: np.nan, Verdict.NOT_SIMULATED),
    ],
)
def test_a_range_that_could_hardly_be_missed_is_not_informative(
    small: Study, number: Callable[[Scenario, int], float], verdict: Verdict
) -> None:
    (row,) = told(small, {"a": number}, 100).rows
    assert row.verdict is verdict
    assert row.counts is (verdict in (Verdict.INSIDE, Verdict.OUTSIDE))


def test_a_share_of_nothing_is_left_out(small: Study) -> None:
    (row,) = told(small, {"a": lambda _, r: 1000 + r if r > 10 else np.nan}).rows
    assert row.known == pytest.approx(91 / 101)
    assert row.median == 1056  # of 11 to 101


def test_what_was_not_simulated_says_why(small: Study) -> None:
    study = seen(
        small,
        ("a", "2024-25", 1),
        ("b", "2023-24", 1),
        ("a[type=ifa]", "2023-24", 1),
    )
    found = validate(study, steps=steps({Key("a", "", "2023-24"): lambda _, r: 1.0}), jobs=1)
    assert [row.verdict for row in found.rows] == [Verdict.NOT_SIMULATED] * 3
    assert "2023-04-01 to 2024-03-31) has no 2024-25: it has 2023-24" in found.rows[0].why_not
    assert "no measure 'b'" in found.rows[1].why_not
    assert "'type=ifa'" in found.rows[2].why_not
    assert found.counted == ()
    assert found.passed


def test_the_parts_of_a_group_may_stand_in_any_order(small: Study) -> None:
    study = seen(small, ("a[type=ifa;age=5-9]", "2023-24", 7))
    key = Key("a", "age=5-9;type=ifa", "2023-24")
    found = validate(study, steps=steps({key: lambda _, r: 7.0}), jobs=1)
    assert found.rows[0].verdict is Verdict.INSIDE


# --- more than chance allows ------------------------------------------------------------------


@pytest.mark.parametrize("checks", range(1, 12))
def test_the_chance_of_so_many_outside_is_the_tail_of_a_binomial(checks: int) -> None:
    for outside in range(checks + 1):
        expected = binom.sf(outside - 1, checks, 0.1)
        assert chance_of_so_many(outside, checks) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("inside", "outside", "passes"),
    # P(at least k of n): 1 of 1 0.1, 2 of 2 0.01, 2 of 4 0.0523, 2 of 3 0.028, 3 of 8 0.038
    [(0, 0, True), (0, 1, True), (0, 2, False), (2, 2, True), (1, 2, False), (5, 3, False)],
)
def test_checks_fail_only_if_more_lie_outside_than_chance_allows(
    small: Study, inside: int, outside: int, passes: bool
) -> None:
    numbers = {f"in_{k}": lambda _, r: 1.0 for k in range(inside)}
    numbers |= {f"out_{k}": lambda _, r: 2.0 for k in range(outside)}
    numbers |= {"vague": lambda _, r: float(r), "b": lambda _, r: np.nan}
    found = told(small, numbers)
    assert (len(found.counted), len(found.outside)) == (inside + outside, outside)
    assert found.passed is passes
    assert ("MORE" in sentence(found)) is not passes


def test_values_that_may_be_used_to_fit_do_not_count(small: Study) -> None:
    study = seen(small, *(("a", "2023-24", 2.0) for _ in range(5)), use="fit")
    found = validate(study, steps=steps({Key("a", "", "2023-24"): lambda _, r: 1.0}), jobs=1)
    assert {row.verdict for row in found.rows} == {Verdict.OUTSIDE}
    assert found.counted == ()
    assert found.passed


# --- courses ----------------------------------------------------------------------------------


def in_care(height: Mapping[str, float], group: str = "") -> dict[Key, Any]:
    """Children in care at month ends, in 101 futures 50 below to 50 above these heights."""
    return {
        Key("children_in_care", group, period): lambda _, r, h=h: h + (r - 51)
        for period, h in height.items()
    }


HEIGHTS = {
    "2023-04-01": 455, "2023-04-30": 470, "2023-05-31": 480, "2023-06-30": 490,
    "2023-07-31": 495, "2023-08-31": 500, "2023-09-30": 495, "2023-10-31": 490,
    "2023-11-30": 485, "2023-12-31": 480, "2024-01-31": 480, "2024-02-29": 480,
    "2024-03-31": 481,
}  # fmt: skip


def test_a_course_shows_every_month_beside_what_was_published(small: Study) -> None:
    study = seen(
        small,
        ("children_in_care", "2023-08-31", 503),
        ("children_in_care", "2024-03-31", 530),
        ("children_in_care[stream=uasc]", "2024-03-31", 23),
    )
    uasc = in_care(dict.fromkeys(HEIGHTS, 20), "stream=uasc")
    found = validate(study, steps=steps({**in_care(HEIGHTS), **uasc}), jobs=1)
    everybody, unaccompanied = found.courses
    assert [m.period for m in everybody.months] == list(HEIGHTS)
    first, august = everybody.months[0], everybody.months[5]
    assert (first.published, first.given) == (55, True)
    assert (august.published, august.median, august.given) == (503, 500, False)
    assert (august.low95, august.high95) == pytest.approx(
        (452, 548)
    )  # 452.5 to 547.5, in whole children
    assert [m.period for m in everybody.outside] == ["2024-03-31"]
    assert [[m.period for m in year] for year in everybody.peaks] == [["2023-08-31"]]
    assert everybody.highest is not None
    assert everybody.highest.period == "2024-03-31"
    assert everybody.reached == pytest.approx(21 / 101)  # 500 + 30 or more in August
    assert unaccompanied.months[0].published == 2
    assert unaccompanied.outside == ()
    said = " ".join(text(found).split())
    assert "highest at the end of August 2023 (500, in summer)" in said
    assert "530 on 2024-03-31, is reached in 21% of futures" in said
    assert "The month index of entries is an input" in said
    assert "outside the 95% band on 2024-03-31" in said


def test_a_peak_that_lasts_is_told_with_all_its_months(small: Study) -> None:
    study = seen(
        small, ("children_in_care", "2023-08-31", 503), ("children_in_care", "2023-09-30", 503)
    )
    flat = {**HEIGHTS, "2023-09-30": 500}
    found = validate(study, steps=steps(in_care(flat)), jobs=1)
    assert "August 2023 and September 2023 (500, partly in summer)" in " ".join(text(found).split())
    later = {**HEIGHTS, "2024-03-31": 510}
    found = validate(study, steps=steps(in_care(later)), jobs=1)
    assert "March 2024 (510, not in summer)" in " ".join(text(found).split())


def test_one_date_makes_no_course(small: Study) -> None:
    study = seen(small, ("children_in_care", "2023-08-31", 503))
    assert validate(study, steps=steps(in_care(HEIGHTS)), jobs=1).courses == ()


# --- fitting ----------------------------------------------------------------------------------

LUCK = np.random.default_rng(1).normal(size=200)


def linear(scenario: Scenario, r: int) -> float:
    return 100 * scenario.ifa.market + 10 * LUCK[r]


def bent(scenario: Scenario, r: int) -> float:
    return 50 * scenario.moves.scale**2 + 20 * scenario.ifa.market + 5 * LUCK[100 + r // 2]


MODEL = {
    Key("linear", "", "2023-24"): linear,
    Key("bent", "", "2023-24"): bent,
    Key("other", "", "2023-24"): lambda scenario, r: 1000.0 + r,
}


def fitted(study: Study, **settings: Any) -> Any:
    return fit(study, **{"steps": steps(MODEL), "jobs": 1, "replications": 60, **settings})


def test_the_fit_finds_the_values_that_made_the_published_ones(small: Study) -> None:
    luck = (10 * LUCK[1:61].mean(), 5 * LUCK[100 + np.arange(1, 61) // 2].mean())
    study = seen(
        small,
        ("linear", "2023-24", 100 * 0.8 + luck[0]),
        ("bent", "2023-24", 50 * 0.7**2 + 20 * 0.8 + luck[1]),
        use="fit",
    )
    found = fitted(study)
    market, scale = found.moved
    assert (market.path, market.before) == ("ifa.market", 1.0)
    assert market.after == pytest.approx(0.8, abs=0.005)
    assert scale.after == pytest.approx(0.7, abs=0.005)
    for target in found.targets:
        assert target.after == pytest.approx(target.observed.value, rel=0.01)
    assert found.targets[0].before == pytest.approx(100 + luck[0])
    assert not market.at_end


def test_a_value_on_which_nothing_published_depends_stays(small: Study) -> None:
    market, scale = fitted(seen(small, ("linear", "2023-24", 120), use="fit")).moved
    assert market.after == pytest.approx(1.2, abs=0.03)
    assert scale.after == scale.before == 0.8


def test_the_search_does_not_follow_luck(small: Study) -> None:
    """The average moves with the second value, but by no more than chance between futures."""

    def jumping(scenario: Scenario, r: int) -> float:
        return linear(scenario, r) + 5 * LUCK[(r + round(1000 * scenario.moves.scale)) % 200]

    study = seen(small, ("linear", "2023-24", 150), use="fit")
    shifted = with_values(small.scenario, {"moves.scale": 0.84})
    averages = [np.mean([jumping(s, r) for r in range(1, 61)]) for s in (small.scenario, shifted)]
    assert abs(averages[0] - averages[1]) > 0.1
    market, scale = fitted(study, steps=steps({Key("linear", "", "2023-24"): jumping})).moved
    assert scale.after == 0.8
    assert market.after == pytest.approx(1.5, abs=0.05)


def test_values_stay_in_their_ranges(small: Study) -> None:
    market, _ = fitted(seen(small, ("linear", "2023-24", 500), use="fit")).moved
    assert market.after == pytest.approx(1.5)
    assert market.after <= 1.5
    assert market.at_end


def test_checks_are_never_looked_at(small: Study) -> None:
    to_fit = seen(small, ("linear", "2023-24", 90), use="fit")
    first = fitted(seen(to_fit, ("bent", "2023-24", 30)))
    second = fitted(seen(to_fit, ("bent", "2023-24", 1e6), ("no_measure", "1900-01", 0)))
    assert first == second == fitted(to_fit)


@pytest.mark.slow
def test_a_fit_can_be_repeated_whatever_the_processes(
    small: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = seen(small, ("entries", "2023-24", 25), use="fit")
    free = study.scenario.validation.model_copy(update={"free": ("demand.entries_per_year",)})  # type: ignore[union-attr]  # it has one
    scenario = study.scenario.model_copy(update={"validation": free})
    study = study.model_copy(update={"scenario": scenario})
    monkeypatch.setattr("sufficiency.experiment.running.WORTH_SECONDS", 0.0)
    one, two = (fit(study, replications=6, jobs=jobs) for jobs in (1, 2))
    assert one == two


@pytest.mark.slow
def test_the_fit_finds_the_entries_that_the_model_was_given(small: Study) -> None:
    """With the model itself: entries simulated from 30 a year, a search that starts at 20."""
    assert small.scenario.validation is not None
    block = small.scenario.validation.model_copy(update={"free": ("demand.entries_per_year",)})
    scenario = small.scenario.model_copy(update={"validation": block})
    study = small.model_copy(update={"scenario": scenario})
    truth = with_values(scenario, {"demand.entries_per_year": 30.0})
    past = study_of_the_past(Study(scenario=truth))
    entries = run(past, replications=40, jobs=2).futures("entries")["2023-24"].mean()
    found = fit(seen(study, ("entries", "2023-24", entries), use="fit"), replications=40, jobs=2)
    assert found.moved[0].after == pytest.approx(30, abs=0.5)
    assert found.targets[0].after == pytest.approx(entries, abs=0.5)
    assert found.targets[0].before < entries - 5


@pytest.mark.parametrize(
    ("free", "use", "words"),
    [
        ([], "fit", "no free value"),
        (["ifa.market"], "check", "no published value with `use: fit`"),
        (["fostering.households"], "fit", "'fostering.households' cannot be fitted"),
        (["authority.children_in_care"], "fit", "the `validation` block sets it"),
        (["ifa.nonsense"], "fit", "no such setting"),
        (["fostering.first_available_days"], "fit", "no range"),
        (["demand.month_index.0"], "fit", "in a list"),
        (["demand.month_index"], "fit", "not a number"),
    ],
)
def test_what_cannot_be_fitted_is_said(small: Study, free: list[str], use: str, words: str) -> None:
    assert small.scenario.validation is not None
    block = small.scenario.validation.model_copy(update={"free": tuple(free)})
    scenario = small.scenario.model_copy(update={"validation": block})
    study = small.model_copy(update={"scenario": scenario})
    with pytest.raises(SufficiencyError, match=words) as caught:
        fitted(seen(study, ("linear", "2023-24", 90), use=use))
    assert caught.value.exit_code == 2


def test_a_fit_to_what_is_not_simulated_is_refused(small: Study) -> None:
    with pytest.raises(SufficiencyError, match="belongs to the period simulated: linear 2029-30"):
        fitted(seen(small, ("linear", "2029-30", 90), use="fit"))


def test_a_whole_number_is_fitted_as_one(write: Callable[..., Path]) -> None:
    past = PAST.replace(
        "    fostering.households: {value: 10, low: 8, high: 11, source: old paper}\n", ""
    )
    past = past.replace("[ifa.market, moves.scale]", "[fostering.households]")
    study = seen(load(write(SMALL + past)), ("a", "2023-24", 14.2), use="fit")
    number = {Key("a", "", "2023-24"): lambda scenario, r: float(scenario.fostering.households)}
    (households,) = fitted(study, steps=steps(number)).moved
    assert households.after == 14
    assert isinstance(households.after, int)


def test_the_fitted_scenario_extends_the_other_and_says_what_was_fitted(
    small: Study, write: Callable[..., Path]
) -> None:
    write(SMALL + PAST, "small.yaml")
    found = fitted(seen(small, ("linear", "2023-24", 90), use="fit"))
    Path("below").mkdir()
    for to in (Path("small_fitted.yaml"), Path("below/there.yaml")):
        to.write_text(fitted_text(found, "small.yaml", to), encoding="utf-8")
        study = load(to)
        assert study.scenario.ifa.market == found.moved[0].after
        rows = {row.path: row for row in study.assumptions}
        row = rows["ifa.market"]
        assert (row.confidence, row.low, row.high) == ("fitted", 0.5, 1.5)
        assert row.source == "fitted to linear 90 (2023-24); was 1 (made up)"
        assert study.scenario.validation == small.scenario.validation
        assert rows["fostering.households"].source == "made up"
    assert "extends: ../small.yaml" in Path("below/there.yaml").read_text(encoding="utf-8")
    assert "extends: camden" in fitted_text(found, "camden", Path("x.yaml"))
    said = fit_text(found)
    assert "ifa.market: 1 -> " in said
    assert max(map(len, said.splitlines())) <= 80


# --- words, page and command ------------------------------------------------------------------

SEEN = """\
observed:
  - {measure: children_in_care, period: 2023-06-30, value: 53, source: Panel, use: check}
  - measure: children_in_care
    group: stream=uasc
    period: 2024-03-31
    value: 4
    source: Panel | March
    use: check
  - measure: in_house_share
    period: 2024-03-31
    value: 0.999
    source: Panel
    use: check
    note: carers who foster for others are counted
  - {measure: exits, group: reason=adopted, period: 2024-25, value: 3, source: Panel, use: check}
  - {measure: cost_per_child_week, period: 2023-24, value: 1320, source: Panel, use: fit}
  - {measure: entries, period: 2023-24, value: 24, source: Panel, use: fit}
"""
QUICK = ["-n", "6", "--jobs", "1"]


def call(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)


def test_a_range_shows_on_which_side_the_published_value_lies(small: Study) -> None:
    found = told(small, {"a": lambda _, r: 99.7}, 100)
    assert found.rows[0].verdict is Verdict.OUTSIDE
    assert range_of(found.rows[0]) == "99.7"


def test_the_command_prints_80_plain_columns_and_ends_with_0(write: Callable[..., Path]) -> None:
    write(SMALL + PAST + SEEN, "small.yaml")
    result = call("validate", "small.yaml", *QUICK)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "Small, 1 April 2023 to 31 March 2024, 6 futures"
    assert max(map(len, lines)) <= 80
    assert "OUTSIDE" in result.stdout
    assert "99.9%" in result.stdout
    assert "£1,320" in result.stdout
    assert "\N{MINUS SIGN}" not in result.stdout
    assert "not simulated" in result.stdout
    assert "fit: " in result.stdout
    assert "Panel. Carers who foster for others" in result.stdout


def test_more_outside_than_chance_allows_ends_with_1(write: Callable[..., Path]) -> None:
    wrong = SEEN.replace("value: 53", "value: 300")
    write(SMALL + PAST + wrong, "small.yaml")
    result = call("validate", "small.yaml", *QUICK, "--quiet")
    assert result.exit_code == 1
    assert result.stdout.startswith("Small: Of 3 checks that count, 2 lie outside")
    assert result.stdout.count("\n") == 1
    assert result.stderr == ""


def test_the_command_writes_its_page_and_only_over_its_own(write: Callable[..., Path]) -> None:
    write(SMALL + PAST + SEEN, "small.yaml")
    write(SMALL.replace("name: Small", "name: Other") + PAST + SEEN, "other.yaml")
    words = ("validate", "small.yaml", "other.yaml", *QUICK, "--write", "docs.md")
    assert call(*words).exit_code == 0
    first = Path("docs.md").read_text(encoding="utf-8")
    assert first.startswith(f"{MARK}\n# Validation\n")
    assert (
        "    sufficiency validate small.yaml other.yaml --replications 6 --write docs.md" in first
    )
    assert [line for line in first.splitlines() if line.startswith("## ")] == [
        "## Small",
        "## Other",
    ]
    assert "Carers who foster for others are counted." in first
    assert "| Panel \\| March |" in first
    assert "| `children_in_care` | 55 (50 to 60) | old paper |" in first
    assert "2023-04-01 | 2 (input)" in first
    assert call(*words).exit_code == 0
    assert Path("docs.md").read_text(encoding="utf-8") == first
    Path("docs.md").write_text("# Mine\n", encoding="utf-8")
    refused = call(*words)
    assert refused.exit_code == 2
    assert "not written by this command" in refused.stderr
    assert Path("docs.md").read_text(encoding="utf-8") == "# Mine\n"


@pytest.mark.slow
def test_fit_writes_a_scenario_and_validates_it(write: Callable[..., Path]) -> None:
    write(
        SMALL + PAST.replace("ifa.market, moves.scale", "demand.entries_per_year") + SEEN,
        "small.yaml",
    )
    result = call("validate", "small.yaml", "--fit", *QUICK, "--write", "docs.md")
    assert result.exit_code == 0
    assert "fitted scenario: small_fitted.yaml" in result.stdout
    assert "Small (fitted), 1 April 2023" in result.stdout
    study = load("small_fitted.yaml")
    assert study.scenario.demand.entries_per_year != 20
    assert "- `demand.entries_per_year`: 20 →" in Path("docs.md").read_text(encoding="utf-8")
    again = call("validate", "small.yaml", "--fit", *QUICK)
    assert again.exit_code == 2
    assert again.stderr == "small_fitted.yaml exists already; choose another with --to\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("validate", "small.yaml"), "no published values to compare with"),
        (("validate", "small.yaml", "--to", "x.yaml"), "--to needs --fit"),
        (("validate", "small.yaml", "small.yaml", "--fit", "--to", "x.yaml"), "one SCENARIO"),
        (("validate", "small.yaml", "--fit"), "no published values to compare with"),
        (("validate", "camden", "small.yaml"), "Small has no published values"),
        (("validate", "nowhere.yaml"), "no such file"),
        (("validate", "small.yaml", "--write", "."), "cannot be written"),
        (("validate", "small.yaml", "--write", "no/where.md"), "there is no folder no"),
        (("validate", "small.yaml", "small.yaml", "--fit"), "exists already"),
        (("validate",), "Missing argument"),
    ],
)
def test_mistakes_end_with_2_and_one_message(
    write: Callable[..., Path], words: tuple[str, ...], said: str
) -> None:
    write(SMALL + PAST, "small.yaml")
    result = call(*words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_the_page_gives_the_reasons_of_the_file_and_makes_up_none(small: Study) -> None:
    study = seen(small, ("a", "2023-24", 9), note="the paper counts homes")
    study = seen(study, ("a", "2023-24", 8))
    found = validate(study, steps=steps({Key("a", "", "2023-24"): lambda _, r: 1.0}), jobs=1)
    lines = page([Section(found)], "the command").splitlines()
    reasons = [line for line in lines if line.startswith("- A, 2023-24")]
    assert reasons == [
        "- A, 2023-24 (check): published 9, above the 90% range 1. The paper counts homes.",
        "- A, 2023-24 (check): published 8, above the 90% range 1. The scenario file gives no"
        " reason.",
    ]


def test_a_check_outside_a_range_too_wide_to_count_is_named_everywhere(small: Study) -> None:
    found = told(small, {"good": lambda _, r: 1.0, "vague": lambda _, r: float(r)}, 1.0)
    assert (len(found.counted), len(found.outside), len(found.vague_outside)) == (1, 0, 1)
    assert sentence(found) == (
        "The one check that counts lies inside its 90% range. One check that is not informative"
        " lies outside its 90% range, and is not counted."
    )
    assert "informative;" in text(found)  # the column wraps
    written = page([Section(found)], "the command")
    assert "**not informative; outside**" in written
    reasons = [line for line in written.splitlines() if line.startswith("- Vague")]
    assert len(reasons) == 1
    assert "published 1, below the 90% range 6 to 96 (not informative)." in reasons[0]
    assert "hardly fail" not in written


def test_a_dated_change_of_the_past_is_given_with_its_date(write: Callable[..., Path]) -> None:
    change = "    changes: [{on: 2023-08-24, path: ifa.market, to: 0.9}]\n  free: ["
    study = load(write(SMALL + PAST.replace("  free: [", change)))
    study = seen(study, ("a", "2023-24", 1))
    found = validate(study, steps=steps({Key("a", "", "2023-24"): lambda _, r: 1.0}), jobs=1)
    lines = page([Section(found)], "the command").splitlines()
    assert "| from 24 August 2023: `ifa.market` | 0.9 |  |" in lines


def test_help_speaks_of_periods_and_measures_have_plain_names() -> None:
    assert "Futures simulated of each period" in " ".join(
        call("validate", "--help").stdout.replace("│", " ").split()
    )
    assert measure_words("first_placements_in_area_share", "") == "First placements in the area"
    assert measure_words("long_term_stability", "") == "Long-term stability"
    assert measure_words("children_share", "type=ifa") == "Share of children: agency carers (IFA)"
