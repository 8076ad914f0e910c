"""From monthly counts to a forecast: which candidate, what is left out, what is said of it."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from sufficiency.errors import SufficiencyError
from sufficiency.forecast.candidates import FULL, LEVEL, NAIVE, POOL, REGRESSION, SHORT
from sufficiency.forecast.choosing import chosen
from sufficiency.forecast.forecasting import forecast
from sufficiency.forecast.result import Forecast
from sufficiency.forecast.rolling import Trial, origins, table

SEASON = {"non_uasc": [1.0] * 12, "uasc": [1.0] * 12}


def monthly(counts: object, stream: str = "non_uasc", first: str = "2020-04-01") -> pd.DataFrame:
    entries = np.asarray(counts, dtype=float)
    months = pd.date_range(first, periods=len(entries), freq="MS")
    return pd.DataFrame({"month": months, "stream": stream, "age_group": "all", "entries": entries})


def made(counts: pd.DataFrame, **settings: object) -> Forecast:
    asked = {"months": 12, "paths": 60, "seed": 1, "season": SEASON, **settings}
    return forecast(counts, **asked)  # type: ignore[arg-type]  # settings of a test


def poisson(mean: float, months: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).poisson(mean, months)


def test_both_streams_begin_in_the_month_after_the_last_count() -> None:
    both = pd.concat([monthly(poisson(9, 37)), monthly(poisson(2, 37), "uasc")])
    found = made(both)
    assert found.first == date(2023, 5, 1)
    assert {stream: paths.shape for stream, paths in found.paths.items()} == {
        "non_uasc": (60, 12),
        "uasc": (60, 12),
    }
    assert set(found.scores["candidate"]) == set(FULL)
    assert set(found.scores["span"]) == {"month", "twelve_months"}


def test_age_groups_of_a_month_are_added_up() -> None:
    counts = poisson(9, 20)
    whole = made(monthly(counts))
    parts = pd.concat([monthly(counts - 1), monthly(np.ones(20))])
    assert np.array_equal(made(parts).paths["non_uasc"], whole.paths["non_uasc"])


def test_the_same_seed_gives_the_same_paths_and_another_does_not() -> None:
    counts = monthly(poisson(9, 30))
    first, again = made(counts), made(counts)
    assert np.array_equal(first.paths["non_uasc"], again.paths["non_uasc"])
    assert not np.array_equal(first.paths["non_uasc"], made(counts, seed=2).paths["non_uasc"])


def test_what_happened_in_a_dated_shock_changes_neither_the_forecast_nor_a_score() -> None:
    calm, wild = poisson(9, 36), poisson(9, 36)
    wild[20:26] = 90
    shocks = pd.DataFrame(
        {"from": ["2021-12-01"], "to": ["2022-05-31"], "stream": [""], "note": ["pandemic"]}
    )
    kept, shocked = made(monthly(calm), shocks=shocks), made(monthly(wild), shocks=shocks)
    assert np.array_equal(kept.paths["non_uasc"], shocked.paths["non_uasc"])
    pd.testing.assert_frame_equal(kept.scores, shocked.scores)
    assert shocked.history.loc[shocked.history["left_out"], "entries"].tolist() == [90.0] * 6
    assert any("6 months are left out" in note for note in shocked.notes)


def test_a_shock_of_one_stream_leaves_the_other_alone() -> None:
    both = pd.concat([monthly(poisson(9, 24)), monthly(poisson(3, 24), "uasc")])
    shocks = pd.DataFrame(
        {"from": ["2021-04-15"], "to": ["2021-05-02"], "stream": ["uasc"], "note": ["hotel"]}
    )
    left_out = made(both, shocks=shocks).history.query("left_out")
    assert left_out["stream"].tolist() == ["uasc", "uasc"]  # April and May, both touched
    assert left_out["month"].dt.month.tolist() == [4, 5]


@pytest.mark.parametrize(("months", "words"), [(7, "no season"), (20, "n / \\(n \\+ 100\\)")])
def test_a_short_series_falls_back_to_the_base_and_says_so(months: int, words: str) -> None:
    found = made(monthly(poisson(9, months)))
    assert found.chosen == {"non_uasc": SHORT}
    assert str(months) in found.why["non_uasc"]
    assert any(pd.Series(found.notes).str.contains(words))


@pytest.fixture(scope="module")
def nothing() -> Forecast:
    return made(monthly(np.zeros(36)))


def test_a_series_of_nothing_but_zeros_is_forecast_as_hardly_anything(nothing: Forecast) -> None:
    found = nothing
    assert found.paths["non_uasc"].sum(axis=1).mean() < 1
    assert found.chosen["non_uasc"] in FULL


def test_a_candidate_that_fails_stands_in_the_scores_without_any(nothing: Forecast) -> None:
    scores = nothing.scores.set_index(["candidate", "span"])
    assert np.isnan(scores.loc[("exponential smoothing", "month"), "crps"])
    assert scores.loc[(POOL, "month"), "crps"] >= 0


def test_no_month_with_a_count_is_the_users_mistake() -> None:
    with pytest.raises(SufficiencyError, match="no month with a count"):
        made(monthly([np.nan, np.nan]))


def test_a_shock_over_the_whole_past_is_the_users_mistake() -> None:
    shocks = pd.DataFrame(
        {"from": ["2000-01-01"], "to": ["2099-01-01"], "stream": [""], "note": [""]}
    )
    with pytest.raises(SufficiencyError, match="left out as a shock"):
        made(monthly(poisson(9, 24)), shocks=shocks)


@pytest.mark.parametrize("wrong", [{"months": 0}, {"paths": 1}, {"seed": -1}])
def test_impossible_settings_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(SufficiencyError):
        made(monthly(poisson(9, 24)), **wrong)


# --- the test on the past -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("months", "expected"),
    [
        (72, (60, 57, 54, 51, 48, 45, 42, 39, 36)),
        (48, (36, 33, 30, 27, 24)),
        (36, (24,)),
        (26, (14,)),
        (20, ()),
    ],
)
def test_each_origin_has_a_year_after_it_and_enough_before(
    months: int, expected: tuple[int, ...]
) -> None:
    assert origins(months) == expected


def test_a_very_long_series_is_tested_on_its_latest_years_only() -> None:
    assert len(origins(240)) == 12
    assert min(origins(240)) == 240 - 12 - 33


def trial(origin: int, candidate: str, crps: float | None) -> Trial:
    spans = ("month", "twelve_months")
    scores = (
        None if crps is None else {s: dict.fromkeys(_NAMES, 0.0) | {"crps": crps} for s in spans}
    )
    return Trial(origin, candidate, scores, dict.fromkeys(spans, 0 if crps is None else 2))


_NAMES = ("crps", "pinball", "cover50", "cover80", "cover95", "bias")


def trials(**losses: list[float | None]) -> list[Trial]:
    return [
        trial(36 + 3 * place, name.replace("_", " "), loss)
        for name, values in losses.items()
        for place, loss in enumerate(values)
    ]


def test_the_default_stays_if_nobody_did_better() -> None:
    found = chosen(trials(pool=[4, 4, 4, 4], SARIMAX=[5, 5, 5, 5]))
    assert found.candidate == POOL
    assert "no other" in found.why


def test_a_candidate_that_is_always_clearly_better_is_chosen() -> None:
    found = chosen(trials(pool=[4, 4.1, 3.9, 4], SARIMAX=[3, 3.1, 2.9, 3]))
    assert found.candidate == "SARIMAX"
    assert "25%" in found.why


def test_a_candidate_that_is_better_by_luck_is_not_chosen() -> None:
    # better by 1, worse by 1, better by 1.2, worse by 0.8: 0.1 on average, its error about 1
    found = chosen(trials(pool=[4, 4, 4, 4], SARIMAX=[3, 5, 2.8, 4.8]))
    assert found.candidate == POOL
    assert "not more than chance" in found.why


def test_a_candidate_that_once_failed_is_not_chosen_however_good_it_was() -> None:
    found = chosen(trials(pool=[4, 4, 4, 4], SARIMAX=[1, 1, 1, None]))
    assert found.candidate == POOL


def test_two_origins_are_too_few_to_choose_by() -> None:
    found = chosen(trials(pool=[4, 4], SARIMAX=[1, 1]))
    assert found.candidate == POOL
    assert "too short" in found.why


def test_scores_are_means_over_forecasts_and_missing_where_a_candidate_failed() -> None:
    rows = table(trials(pool=[4, 2], SARIMAX=[1, None]))
    by = {(row["candidate"], row["span"]): row for row in rows}
    assert by["pool", "month"]["crps"] == 3
    assert by["pool", "month"]["forecasts"] == 4
    assert by["pool", "month"]["origins"] == 2
    assert np.isnan(float(str(by["SARIMAX", "month"]["crps"])))


def test_candidates_are_scored_on_months_they_have_not_seen() -> None:
    # the last year is ten times the rest: every candidate must have been surprised by it
    counts = np.r_[poisson(6, 24), poisson(60, 12)]
    scores = made(monthly(counts)).scores.set_index(["candidate", "span"])
    for candidate in (POOL, LEVEL, REGRESSION, NAIVE):
        assert scores.loc[(candidate, "month"), "bias"] < -10


@pytest.mark.slow
def test_eighty_and_95_per_cent_of_twelve_month_totals_lie_inside_their_ranges() -> None:
    """Level and season wander a little; tolerance from the binomial, at one in a thousand."""
    from scipy.stats import binom

    from sufficiency.forecast.candidates import paths_of
    from sufficiency.forecast.series import Series

    series, inside = 120, {80: 0, 95: 0}
    for number in range(series):
        rng = np.random.default_rng([8, number])
        steps = 0.03 * rng.standard_normal(72)
        season = 1 + 0.2 * np.sin(2 * np.pi * np.arange(72) / 12)
        mean = 14 * season * np.exp(np.cumsum(steps))
        counts = rng.negative_binomial(mean / 0.5, 1 / 1.5)
        past = Series(counts[:60].astype(float), 3, np.ones(12))
        paths = paths_of([POOL], past, 12, 400, (number,))[POOL]
        assert paths is not None
        total = counts[60:].sum()
        for coverage in inside:
            low, high = np.quantile(paths.sum(axis=1), [0.5 - coverage / 200, 0.5 + coverage / 200])
            inside[coverage] += int(low <= total <= high)
    for coverage, number in inside.items():
        low, high = binom.ppf([0.0005, 0.9995], series, coverage / 100)
        assert low <= number <= high, (coverage, number / series)
