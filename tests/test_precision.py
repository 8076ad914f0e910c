"""How many futures are enough, and runs that end when there are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy.stats import t
from typer.testing import CliRunner

from sufficiency import experiment
from sufficiency.cli import app
from sufficiency.comparison import compare
from sufficiency.errors import SufficiencyError
from sufficiency.experiment import precision, run
from sufficiency.experiment import running as running_module
from sufficiency.experiment.precision import (
    Looking,
    enough,
    error_of_mean,
    most_futures,
    relative_error,
    replications_needed,
    told,
)
from sufficiency.replication import Steps
from sufficiency.results import Interrupted, Results, load, save
from sufficiency.results import folder as folder_module
from sufficiency.results.folder import Unfinished
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
from sufficiency.scenario import Scenario, Study
from sufficiency.scenario_file import load as load_scenario

Floats = npt.NDArray[np.float64]

# --- the rule ---------------------------------------------------------------------------------


def test_the_error_of_a_mean_by_hand() -> None:
    column = np.array([[1.0], [2.0], [3.0], [4.0]])
    # Deviation 1.29099, ÷ 2; Student's t of three degrees of freedom is 3.18245.
    assert error_of_mean(column, 1)[0] == pytest.approx(3.18245 * 1.29099 / 2, rel=1e-5)
    # In pairs the means are 1.5 and 3.5: deviation 1.41421, ÷ √2; t of one is 12.7062.
    assert error_of_mean(column, 2)[0] == pytest.approx(12.7062, rel=1e-5)
    assert np.isnan(error_of_mean(column[:2], 2)[0])


def test_the_baseline_and_every_difference_have_to_be_precise() -> None:
    luck = np.tile([-1.0, 1.0], 50)  # error of the mean: 1.984 x 0.1005 = 0.1994
    baseline = 100.0 + luck
    same_luck = 90.0 + luck
    against = 100.0 - luck  # the difference has twice the error of the baseline
    assert relative_error(np.array([baseline, same_luck]), 1) == pytest.approx(0.001994, rel=1e-3)
    assert relative_error(np.array([baseline, against]), 1) == pytest.approx(0.003988, rel=1e-3)
    assert enough(np.array([baseline, same_luck]), 1, 0.003)
    assert not enough(np.array([baseline, against]), 1, 0.003)
    assert enough(np.array([baseline, against]), 1, 0.004)
    assert enough(np.array([-baseline]), 1, 0.003)


def test_nothing_is_known_of_a_share_of_nothing() -> None:
    assert not enough(np.array([[1.0, -1.0, 1.0, -1.0]]), 1, 0.9)
    assert enough(np.zeros((2, 4)), 1, 0.01)
    assert not enough(np.array([[5.0, 5.0]]), 2, 0.9)  # one draw tells no error


@pytest.mark.parametrize(("half_width", "together"), [(0.5, 1), (2.0, 1), (1.0, 2), (50.0, 2)])
def test_needed_is_the_least_number_whose_error_is_small_enough(
    half_width: float, together: int
) -> None:
    values = np.random.default_rng(1).normal(100, 10, 60)
    groups = values.reshape(-1, together).mean(axis=1)
    spread = groups.std(ddof=1)

    def error(number: int) -> float:
        return float(t.ppf(0.975, number - 1) * spread / np.sqrt(number))

    needed = replications_needed(values, together, half_width)
    number, rest = divmod(needed, together)
    assert rest == 0
    assert error(number) <= half_width
    assert number == 2 or error(number - 1) > half_width


def test_as_many_as_were_needed_give_the_precision_that_was_wanted() -> None:
    stream = np.random.default_rng(2)
    needed = replications_needed(stream.normal(0, 10, 4_000), 1, 1.0)
    assert needed == pytest.approx((1.96 * 10 / 1.0) ** 2, rel=0.1)
    missed = np.abs(stream.normal(0, 10, (2_000, needed)).mean(axis=1)) > 1.0
    assert missed.mean() == pytest.approx(0.05, abs=0.02)


@pytest.mark.parametrize(("values", "half_width"), [([1.0, 2.0], 1.0), ([1.0] * 8, 0.0)])
def test_needed_is_refused_where_it_cannot_be_told(values: list[float], half_width: float) -> None:
    with pytest.raises(ValueError, match="two groups"):
        replications_needed(np.array(values), 2, half_width)


def test_a_run_tries_ten_times_its_usual_number_at_most() -> None:
    assert most_futures(200) == 2_000
    assert most_futures(5_000) == 10_000
    assert most_futures(50_000) == 50_000


def test_looks_are_at_even_numbers_and_end_at_the_most() -> None:
    looking = Looking(1e-4, 1, 251)
    at: list[int] = []

    def futures(last: int) -> Floats:
        at.append(last)
        return np.array([np.resize([-99.0, 101.0, 101.0, -99.0], last)])

    assert looking.ended(29, futures) is None
    assert looking.ended(39, futures) is None
    assert looking.ended(400, futures) == 251
    assert at == [*range(30, 130, 10), 132, 144, 158, 172, 188, 206, 226, 248, 251]


def test_what_is_said_at_the_end() -> None:
    manifest = {"replications": 1_240, "precision": 0.01, "error": 0.00984}
    assert told(manifest) == (
        "Precision reached: with 1,240 futures the simulation's error of net cost is 0.98% of it"
        " (wanted: 1%)."
    )
    short = {**manifest, "replications": 100, "error": 0.02}
    assert told(short).startswith("Precision not reached: after 100 futures")
    assert told(short).endswith("It would take about -n 400.")
    assert told({**short, "precision": 1e-300}).endswith("more than can be run.")
    assert "no error of net cost can be told" in told({**manifest, "error": None})
    assert told({**manifest, "precision": None}) == told({}) == ""


# --- runs -------------------------------------------------------------------------------------

MONTHS = [f"2025-{month:02d}" for month in range(4, 13)] + ["2026-01", "2026-02", "2026-03"]
KEYS = tuple(Key("net_cost", "", label) for label in (*MONTHS, "2025-26"))
MOST = 40
SHARE = 0.035
"""Reached after some looks; `test_a_run_stops_...` fails if that ceases to be so."""


def spending(interrupted_at: int | None = None) -> Steps:
    """A simulation of net cost alone: £100 a month, with luck of the replication of £30 a month.

    The functions are made here so that they travel to a worker by themselves, without this module.
    """

    def table(kind: Any) -> Table:
        return Table(kind._fields, [])

    def simulate(scenario: Scenario, *, history: Scenario, replication: int) -> Rows:
        if replication == interrupted_at:
            raise KeyboardInterrupt
        monthly = np.random.default_rng([scenario.seed, replication]).normal(100, 30, 12)
        monthly += scenario.fostering.recruitment.number + (scenario.fostering.households or 0)
        empty = table(Household)
        return Rows(
            table(CarePeriod), table(Placement), table(Search), empty, empty, empty,
            365.0, 0, monthly, np.empty(0), np.empty(0),
        )  # fmt: skip

    def measure(scenario: Scenario, rows: Rows) -> Measured:
        return Measured(KEYS, np.append(rows.enquiries, rows.enquiries.sum()))

    def history_of(scenario: Scenario, baseline: Scenario) -> Scenario:
        return baseline

    definitions = {"net_cost": MeasureInfo("£", "down", "", "", "", ("",), "months_and_years")}
    return Steps(simulate, history_of, (measure,), definitions)


@pytest.fixture
def study(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> Study:
    """One option, one range, and looks from 6 futures on, after every other one."""
    monkeypatch.setattr(precision, "FIRST_LOOK", 6)
    monkeypatch.setattr(precision, "STEP", 2)
    loaded = load_scenario(tiny)
    return with_ranges(loaded.model_copy(update={"options": loaded.options[:1]}), HOUSEHOLDS)


HOUSEHOLDS = "fostering.households"


def with_ranges(study: Study, *paths: str) -> Study:
    """The same with no ranges but of these settings."""
    none = {"low": None, "high": None}
    rows = [r if r.path in paths else r.model_copy(update=none) for r in study.assumptions]
    return study.model_copy(update={"assumptions": tuple(rows)})


def finished(study: Study, out: str, **settings: Any) -> Results:
    settings = {"replications": MOST, "jobs": 1, "steps": spending(), "keep": 1, **settings}
    results = run(study, out=out, **settings)
    return save(results, comparison=compare(results))


def first_enough(results: Results, share: float) -> int | None:
    """The first look at which a whole run was precise enough, by the textbook."""
    total = results.by_replication[:, 1:, :12].sum(axis=-1)
    baseline = total[0]
    for number in range(6, results.replications + 1, 2):
        pairs = [
            values[:number].reshape(-1, 2).mean(axis=1)
            for values in (baseline, *(option - baseline for option in total[1:]))
        ]
        errors = [
            t.ppf(0.975, number // 2 - 1) * pair.std(ddof=1) / np.sqrt(number // 2)
            for pair in pairs
        ]
        if max(errors) <= share * baseline[:number].mean():
            return number
    return None


def same_tables(first: Results, second: Results) -> None:
    names = {p.relative_to(first.folder) for p in first.folder.rglob("*") if p.is_file()}
    assert names == {p.relative_to(second.folder) for p in second.folder.rglob("*") if p.is_file()}
    for name in sorted(names):
        if name.name != "manifest.json":
            assert (first.folder / name).read_bytes() == (second.folder / name).read_bytes(), name


def test_a_run_stops_where_it_is_first_precise_enough_and_equals_one_of_so_many(
    study: Study,
) -> None:
    whole, stopped = finished(study, "whole"), finished(study, "stopped", precision=SHARE)
    assert 8 < stopped.replications < MOST - 6
    assert stopped.replications == first_enough(whole, SHARE)
    assert stopped.manifest["precision"] == SHARE
    assert 0 < stopped.manifest["error"] <= SHARE
    assert set(stopped.summary()["replications"]) == {stopped.replications}
    assert stopped.by_replication.shape == (2, stopped.replications + 1, len(KEYS))
    assert len(stopped.table("draws")) == stopped.replications + 1
    plain = finished(study, "plain", replications=stopped.replications)
    same_tables(stopped, plain)
    unlike = {"started", "seconds", "precision", "error"}
    assert {k: v for k, v in stopped.manifest.items() if k not in unlike} == {
        k: v for k, v in plain.manifest.items() if k not in unlike
    }
    assert load("stopped").study.scenario.replications == stopped.replications


def test_it_stops_there_whatever_the_jobs_and_however_it_makes_room(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = finished(study, "one", precision=SHARE)
    monkeypatch.setattr(running_module, "WORTH_SECONDS", 0.0)
    monkeypatch.setattr(folder_module, "FIRST_ROOM", 3)
    monkeypatch.setattr(folder_module, "BLOCK", 7)
    same_tables(one, finished(study, "two", precision=SHARE, jobs=2))


@pytest.mark.parametrize("at", [pytest.param(0, marks=pytest.mark.slow), 9])
def test_it_can_be_interrupted_and_gone_on_with(
    study: Study, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_module, "FIRST_ROOM", 4)
    steps = spending(interrupted_at=at)
    with pytest.raises(Interrupted):
        run(study, out="run", replications=MOST, jobs=1, steps=steps, keep=1, precision=SHARE)
    with pytest.raises(SufficiencyError, match=r"precision was 0\.035, is 0\.5"):
        run(study, resume="run", jobs=1, steps=spending(), precision=0.5)
    resumed = run(study, resume="run", jobs=1, steps=spending())
    resumed = save(resumed, comparison=compare(resumed))
    same_tables(finished(study, "whole", precision=SHARE), resumed)


def test_stopped_while_it_drops_what_is_beyond_it_can_be_gone_on_with(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped_half_way(self: Unfinished, last: int, *rest: Any) -> None:
        self._resize(last + 1)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Unfinished, "end_at", stopped_half_way)
        with pytest.raises(Interrupted):
            run(
                study,
                out="run",
                replications=MOST,
                jobs=1,
                steps=spending(),
                keep=1,
                precision=SHARE,
            )
    again = run(study, resume="run", jobs=1, steps=spending())
    resumed = save(again, comparison=compare(again))
    same_tables(finished(study, "whole", precision=SHARE), resumed)


def test_a_precision_that_is_not_reached_is_told(study: Study) -> None:
    short = finished(study, "short", precision=1e-4, replications=11)
    assert short.replications == 11
    assert short.manifest["error"] > 1e-4
    assert told(short.manifest).startswith("Precision not reached: after 11 futures")


def test_the_most_is_ten_times_the_scenarios_number(study: Study) -> None:
    scenario = study.scenario.model_copy(update={"replications": 2})
    study = study.model_copy(update={"scenario": scenario})
    assert finished(study, "run", precision=1e-4, replications=None).replications == 20


def test_without_ranges_every_future_counts_by_itself(study: Study) -> None:
    found = finished(with_ranges(study), "run", precision=SHARE)
    values = found.by_replication[0, 1:, :12].sum(axis=-1)
    error = t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    assert found.manifest["error"] == pytest.approx(error / values.mean())


def test_progress_says_how_many_are_expected(study: Study) -> None:
    said: list[tuple[int, int]] = []
    found = finished(study, "run", precision=SHARE, progress=lambda *both: said.append(both))
    assert said[0] == (0, MOST + 1)
    assert said[2] == (2, 7)
    assert said[-1] == (found.replications + 1, found.replications + 1)
    assert all(done <= of <= MOST + 1 for done, of in said)


@pytest.mark.parametrize("share", [0.0, -0.01, 1.0, 5.0, float("nan"), float("inf")])
def test_a_precision_that_is_no_share_is_refused(study: Study, share: float) -> None:
    with pytest.raises(SufficiencyError, match="above 0 and below 1") as caught:
        run(study, out="run", precision=share, steps=spending())
    assert caught.value.exit_code == 2
    assert not list(Path().glob("run*"))


def test_a_run_without_a_whole_month_has_no_net_cost_to_be_precise_about(study: Study) -> None:
    with pytest.raises(SufficiencyError, match="without a whole month"):
        run(study, out="run", years=0.05, precision=0.1, steps=spending())


@pytest.mark.parametrize("share", ["0", "1.5", "nan", "five"])
def test_the_command_refuses_what_is_no_share(tiny: Path, share: str) -> None:
    result = CliRunner().invoke(app, ["run", str(tiny), "--precision", share, "--out", "run"])
    assert result.exit_code == 2
    assert "precision" in result.stderr
    assert "Traceback" not in result.stderr
    assert not list(Path().glob("run*"))


def test_the_command_passes_on_what_is_wanted(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    def refusing(study: Study, **settings: Any) -> Results:
        asked.update(settings)
        raise SufficiencyError("enough")

    monkeypatch.setattr(experiment, "run", refusing)
    CliRunner().invoke(app, ["run", str(tiny), "--precision", "0.02", "-n", "70"])
    assert (asked["precision"], asked["replications"]) == (0.02, 70)


@pytest.mark.slow
@pytest.mark.parametrize("quiet", [True, False])
def test_the_command_says_how_many_futures_it_took(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, *, quiet: bool
) -> None:
    monkeypatch.setattr(precision, "FIRST_LOOK", 6)
    words = ["run", str(tiny), "--only", "baseline", "--years", "0.25", "--jobs", "1",
             "--precision", "0.9", "-n", "8", "--out", "r"]  # fmt: skip
    more = ["--quiet"] if quiet else []
    result = CliRunner().invoke(app, [*words, *more], catch_exceptions=False)
    assert result.exit_code == 0
    said = result.stderr if quiet else result.stdout
    assert "Precision reached: with 6 futures the simulation's error" in said
    assert (result.stdout == "r\n") is quiet
