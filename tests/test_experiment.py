from __future__ import annotations

import errno
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from sufficiency.comparison import compare
from sufficiency.errors import SufficiencyError
from sufficiency.experiment import ReplicationError, run
from sufficiency.experiment import running as running_module
from sufficiency.experiment.draws import draws, ranges
from sufficiency.experiment.running import chunk_size
from sufficiency.replication import Chunk, Outcome, Plan, Range, Steps, replicate
from sufficiency.results import Interrupted, Results, load, save
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
from sufficiency.scenario import Assumption, Edit, Option, Scenario, Study
from sufficiency.scenario_file import load as load_scenario

KEYS = (
    Key("children_in_care", "type=in_house", "2025-04-30"),
    Key("foster_households", "", "2025-04-30"),
    Key("in_house_share", "", "2025-Q1"),
)


def information(unit: str, better: Any) -> MeasureInfo:
    return MeasureInfo(unit, better, "", "", "", ("",), "month_ends")


def fake(fails_at: int | None = None, interrupted_at: int | None = None) -> Steps:
    """A simulation that costs nothing: luck by seed and replication, the level by the scenario.

    The functions are made here so that they travel to a worker by themselves, without this module.
    """

    def table(kind: type, *rows: tuple[float, ...]) -> Table:
        fields = kind._fields  # type: ignore[attr-defined]  # a named tuple's class; a number in these scenarios
        flat = [value for row in rows for value in row + (0.0,) * (len(fields) - len(row))]
        return Table(fields, flat)

    def simulate(scenario: Scenario, *, history: Scenario, replication: int) -> Rows:
        if replication == interrupted_at:
            raise KeyboardInterrupt
        if replication == fails_at and scenario.fostering.recruitment.number:
            raise ZeroDivisionError("no carers")
        luck = np.random.default_rng([scenario.seed, replication]).normal(size=2)
        households = scenario.fostering.households or 0
        number = households + scenario.fostering.recruitment.number
        return Rows(
            table(CarePeriod, (1.0, 0.0, 50.0)),
            table(Placement, (1.0, 0.0, 0.0, 0.0, 50.0, -1.0)),
            table(Search),
            table(Household),
            table(Household),
            table(Household),
            until=365.0,
            state_changes=2,
            enquiries=number + luck,
            applications=np.array([history.fostering.leaving_per_year]),
            withdrawals=np.empty(0),
        )

    def measure(scenario: Scenario, rows: Rows) -> Measured:
        return Measured(KEYS[:2], rows.enquiries)

    def share(scenario: Scenario, rows: Rows) -> Measured:
        value = rows.applications[0] if rows.enquiries[1] > 8 else np.nan
        return Measured(KEYS[2:], np.array([value]))

    def history_of(scenario: Scenario, baseline: Scenario) -> Scenario:
        return baseline

    definitions = {
        "children_in_care": information("children", ""),
        "foster_households": information("households", "up"),
        "in_house_share": information("share", "up"),
    }
    return Steps(simulate, history_of, (measure, share), definitions)


@pytest.fixture
def study(tiny: Path) -> Study:
    loaded = load_scenario(tiny)
    same = loaded.scenario.fostering.carers_per_household
    nothing = Edit(action="set", path="fostering.carers_per_household", value=same)
    options = (*loaded.options, Option(name="nothing", edits=(nothing,)))
    return loaded.model_copy(update={"options": options})


def finished(study: Study, out: str, **settings: Any) -> Results:
    settings = {"replications": 12, "jobs": 1, "steps": fake(), **settings}
    results = run(study, out=out, **settings)
    return save(results, comparison=compare(results))


def same_bytes(first: Results, second: Results) -> bool:
    names = [path.relative_to(first.folder) for path in first.folder.rglob("*") if path.is_file()]
    return all(
        (first.folder / name).read_bytes() == (second.folder / name).read_bytes()
        for name in names
        if name.name != "manifest.json"
    )


# --- what is uncertain ------------------------------------------------------------------------


def uncertain(*rows: tuple[str, float, float, float]) -> tuple[Range, ...]:
    return tuple(Range(path, (), value, low, high, False) for path, value, low, high in rows)


SOME = uncertain(("a", 10.0, 8.0, 16.0), ("b", 0.5, 0.1, 0.6), ("c", 1.0, 1.0, 2.0))


def test_two_neighbours_share_a_draw_and_others_do_not() -> None:
    values = draws(SOME, seed=1, replications=9)
    assert values.shape == (10, 3)
    assert values[0].tolist() == [10.0, 0.5, 1.0]
    assert (values[1:9:2] == values[2:10:2]).all()
    assert len(np.unique(values[1::2, 0])) == 5


def test_draws_do_not_change_when_more_are_asked_for() -> None:
    few, many = (draws(SOME, seed=1, replications=n) for n in (7, 3_001))
    assert (many[:8] == few).all()
    assert (draws(SOME, seed=2, replications=7)[1:] != few[1:])[:, 0].all()


def test_ranges_of_options_change_no_draw_of_the_baseline() -> None:
    more = (*SOME, *uncertain(("options.x.d", 3.0, 2.0, 4.0)))
    assert (draws(more, 1, 20)[:, :3] == draws(SOME, 1, 20)).all()


def test_a_range_that_is_added_or_taken_away_changes_no_other_draw() -> None:
    fewer = (SOME[0], SOME[2])
    assert (draws(SOME, 1, 20)[:, [0, 2]] == draws(fewer, 1, 20)).all()


def test_two_ranges_are_drawn_independently_of_each_other() -> None:
    ninety = uncertain(*((f"path.{number}", 0.0, -1.0, 1.0) for number in range(90)))
    apart = np.corrcoef(draws(ninety, 1, 400)[1::2].T)[np.triu_indices(90, 1)]
    assert np.abs(apart).max() < 5 / np.sqrt(200)  # 4,005 pairs of 200 independent numbers: 3.7
    assert apart.std() == pytest.approx(1 / np.sqrt(200), rel=0.1)


def test_sixteen_draws_are_one_from_each_sixteenth_of_a_range() -> None:
    z = norm.cdf(draws(uncertain(("a", 0.0, -norm.ppf(0.975), norm.ppf(0.975))), 5, 64)[1::2, 0])
    assert all(sorted((16 * z[at : at + 16]).astype(int)) == list(range(16)) for at in (0, 16))


def test_95_draws_in_100_are_within_the_range_and_half_below_the_central_value() -> None:
    values = draws(SOME[:2], seed=3, replications=8_192)[1::2]
    for column, drawn in zip(values.T, SOME, strict=False):
        assert np.mean(column < drawn.value) == pytest.approx(0.5, abs=0.002)
        assert np.mean(column < drawn.low) == pytest.approx(0.025, abs=0.005)
        assert np.mean(column > drawn.high) == pytest.approx(0.025, abs=0.005)
        spread = (drawn.high - drawn.value) / norm.ppf(0.975)
        above = column[column > drawn.value] - drawn.value
        assert above.mean() == pytest.approx(spread * np.sqrt(2 / np.pi), rel=0.03)


def test_a_value_whose_range_has_one_side_is_drawn_on_that_side() -> None:
    assert draws(SOME, seed=1, replications=100)[:, 2].min() == 1.0


def test_whole_numbers_are_drawn_whole() -> None:
    values = draws((SOME[0]._replace(whole=True),), seed=1, replications=50)
    assert (values == np.round(values)).all()
    assert len(np.unique(values)) > 3


def test_nothing_uncertain_draws_nothing() -> None:
    assert draws((), seed=1, replications=5).shape == (6, 0)


def test_ranges_are_those_of_numbers_in_the_scenario_and_its_options(study: Study) -> None:
    rows = (
        Assumption(path="fostering.households", value=8, low=6.5, high=10),
        Assumption(path="fostering.leaving_per_year", value=0.138, high=0.2),
        Assumption(path="fostering.carers_per_household", value=1.7),
        Assumption(path="fostering.profile", value={}, low=0, high=1),
        Assumption(path="years", value=1, low=1, high=2),
        Assumption(path="no.such", value=1, low=1, high=2),
        Assumption(path="options.more_carers.fostering.recruitment.number", value=5, low=3, high=6),
        Assumption(path="options.both.fostering.recruitment.number", value=5, low=3, high=6),
        Assumption(path="options.new_home.homes.0.usable", value=2, low=0.5, high=2),
    )
    found = ranges(study.model_copy(update={"assumptions": rows}))
    leaving = study.scenario.fostering.leaving_per_year
    number = "fostering.recruitment.number"
    assert found == (
        Range("fostering.households", (), 8, 7, 10, True),
        Range("fostering.leaving_per_year", (), leaving, leaving, 0.2, False),
        Range(
            f"options.more_carers.{number}", (("more_carers", number), ("both", number)),
            5, 3, 6, True,
        ),
        Range(
            "options.new_home.homes.0.usable", (("new_home", "homes.0.usable"),),
            2, 0.5, 2, False,
        ),
    )  # fmt: skip


def drawn_scenarios(study: Study, drawn: dict[Range, float]) -> tuple[dict[str, Scenario], Any]:
    """The scenarios of one draw, as the simulation gets them, and the values used."""
    seen: list[Scenario] = []
    steps = fake()

    def simulate(scenario: Scenario, **rest: Any) -> Rows:
        seen.append(scenario)
        return steps.simulate(scenario, **rest)

    names = ("baseline", *(option.name for option in study.options))
    spying = steps._replace(simulate=simulate)
    plan = Plan(study.scenario, study.options, names, tuple(drawn), 0, spying, KEYS)
    chunk = Chunk((1,), np.array([list(drawn.values())]))
    (outcome,) = replicate(plan, chunk)
    assert isinstance(outcome, Outcome)
    return dict(zip(names, seen, strict=True)), outcome.draw


def test_a_draw_reaches_the_baseline_and_every_option(study: Study) -> None:
    number = "fostering.recruitment.number"
    recruits = Range(f"options.more_carers.{number}", (("more_carers", number), ("both", number)),
                     5, 3, 6, True)  # fmt: skip
    usable = Range(
        "options.new_home.homes.0.usable", (("new_home", "homes.0.usable"),), 2, 1, 2, True
    )
    leaving = Range("fostering.leaving_per_year", (), 0.138, 0.1, 0.2, False)
    scenarios, used = drawn_scenarios(study, {leaving: 0.15, recruits: 4.0, usable: 1.0})
    assert used.tolist() == [0.15, 4.0, 1.0]
    assert {s.fostering.leaving_per_year for s in scenarios.values()} == {0.15}
    recruited = {name: s.fostering.recruitment.number for name, s in scenarios.items()}
    assert recruited == {"baseline": 0, "more_carers": 4, "new_home": 0, "both": 4, "nothing": 0}
    assert scenarios["new_home"].homes[-1].usable == 1
    assert scenarios["both"].homes[-1].usable == 2  # its own edit has no range
    assert scenarios["baseline"].homes == study.scenario.homes


def test_what_a_scenario_refuses_is_pulled_back(study: Study) -> None:
    share = Range("ifa.bridging_share", (), 0.31, 0.1, 0.9, False)
    usable = Range("homes.0.usable", (), 3, 3, 5, True)  # more than are registered
    other = Range("fostering.leaving_per_year", (), 0.138, 0.1, 0.2, False)
    scenarios, used = drawn_scenarios(study, {share: 1.2, usable: 5.0, other: 0.19})
    assert used.tolist() == [0.9, 3.0, 0.19]
    assert scenarios["both"].ifa.bridging_share == 0.9


def test_a_draw_is_pulled_back_in_every_option_if_one_refuses_it(study: Study) -> None:
    add = Edit(action="add", path="ifa.bridging_share", value=0.5)
    option = Option(name="nearer", edits=(add,))
    study = study.model_copy(update={"options": (*study.options, option)})
    drawn = Range("ifa.bridging_share", (), 0.31, 0.2, 0.4, False)
    scenarios, used = drawn_scenarios(study, {drawn: 0.55})
    assert used.tolist() == [0.4]
    assert scenarios["baseline"].ifa.bridging_share == 0.4
    assert scenarios["nearer"].ifa.bridging_share == 0.9


# --- runs -------------------------------------------------------------------------------------


def test_any_number_of_jobs_gives_the_same_bytes(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = finished(study, "one", jobs=1)
    monkeypatch.setattr(running_module, "WORTH_SECONDS", 0.0)
    two = finished(study, "two", jobs=2)
    assert same_bytes(one, two)
    assert one.manifest["files"] == two.manifest["files"]


def test_workers_load_no_tables_and_no_statistics() -> None:
    code = "import sys, sufficiency.replication; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"pandas", "pyarrow", "scipy.stats", "ruamel.yaml", "joblib"} & set(
        done.stdout.split()
    )


def test_an_option_that_changes_nothing_differs_by_exactly_nothing(study: Study) -> None:
    comparison = finished(study, "run").comparison()
    nothing = comparison[comparison["option"] == "nothing"]
    assert len(nothing) == len(KEYS)
    numbers = nothing[["difference", "se", "low95", "high95"]].to_numpy()
    assert (numbers == 0).all()
    better = nothing["probability_better"].to_numpy()
    assert np.isnan(better[0])
    assert better[1:].tolist() == [0.5, 0.5]


def test_only_some_options_are_run_with_the_same_numbers(study: Study) -> None:
    whole, some = finished(study, "whole"), finished(study, "some", only=["new_home", "baseline"])
    assert some.options == ("baseline", "new_home")
    place = whole.options.index("new_home")
    assert np.array_equal(some.by_replication[1], whole.by_replication[place], equal_nan=True)
    with pytest.raises(SufficiencyError, match="did you mean 'more_carers'"):
        run(study, only=["more_carer"], out="x")


def test_more_replications_begin_with_the_same_ones(study: Study) -> None:
    few, many = finished(study, "few"), finished(study, "many", replications=21)
    first = many.by_replication[:, :13]
    assert np.array_equal(first, few.by_replication, equal_nan=True)


def test_an_option_is_compared_with_what_the_baseline_spends_in_the_same_replication(
    study: Study,
) -> None:
    steps = fake()
    key = Key("option_bridge", "part=mix", "2025-26")

    def money(scenario: Scenario, rows: Rows, baseline: float | None) -> tuple[Measured, float]:
        spent = float(rows.enquiries[0])
        return Measured((key,), np.array([spent - (baseline or spent)])), spent

    definitions = {**steps.definitions, "option_bridge": information("£", "")}
    steps = steps._replace(money=money, definitions=definitions)
    results = finished(study, "run", steps=steps)
    values = results.by_replication
    assert results.keys[-1] == key
    assert (values[0, :, -1] == 0).all()
    assert np.allclose(values[1:, :, -1], values[1:, :, 0] - values[0, :, 0])
    assert np.allclose(values[results.options.index("more_carers"), 0, -1], 5)
    assert (values[results.options.index("nothing"), :, -1] == 0).all()


def test_the_seed_changes_the_numbers_and_the_years_reach_the_scenario(study: Study) -> None:
    first, other = finished(study, "first"), finished(study, "other", seed=5, years=0.5)
    assert (first.by_replication[:, :, 0] != other.by_replication[:, :, 0]).all()
    assert other.study.scenario.years == 0.5
    assert other.manifest["seed"] == 5
    with pytest.raises(SufficiencyError, match="not possible"):
        run(study, years=-1.0, out="x")


def test_draws_used_are_a_table(study: Study) -> None:
    table = finished(study, "run").table("draws")
    assert list(table.columns) == ["replication", "path", "value"]
    households = table[table["path"] == "fostering.households"]["value"]
    assert households.iloc[0] == 8
    assert (households.iloc[1::2].to_numpy() == households.iloc[2::2].to_numpy()).all()


def test_rows_of_the_first_replications_are_kept(study: Study) -> None:
    placements = finished(study, "run", keep=2).table("placements")
    assert sorted(placements["replication"].unique()) == [0, 1, 2]
    assert set(placements["option"]) == {"baseline", "more_carers", "new_home", "both", "nothing"}


def test_progress_counts_every_replication(study: Study) -> None:
    told: list[tuple[int, int]] = []
    finished(study, "run", replications=4, progress=lambda *both: told.append(both))
    assert told == [(0, 5), (1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]


def test_a_saved_run_reads_its_scenario_and_runs_again(study: Study) -> None:
    first = finished(study, "first")
    again = load("first")
    assert again.study.scenario == study.scenario.model_copy(update={"replications": 12})
    assert finished(again.study, "second").summary().equals(first.summary())


def test_without_a_folder_the_run_is_temporary(study: Study, tmp_path: Path) -> None:
    results = run(study, replications=3, jobs=1, steps=fake())
    temporary = results.folder.parent
    assert len(results.summary()) == 5 * len(KEYS)
    with pytest.raises(SufficiencyError, match="where"):
        save(results)
    saved = save(results, out=tmp_path / "kept")
    del results
    assert not temporary.exists()
    assert len(load(saved.folder).table("measures")) == 4 * 5 * len(KEYS)


def test_tasks_are_worth_it_and_progress_is_seen() -> None:
    assert chunk_size(1000, seconds=0.01, workers=2) == 26
    assert chunk_size(1000, seconds=0.3, workers=2) == 2
    assert chunk_size(16, seconds=0.01, workers=2) == 2
    assert chunk_size(1, seconds=0.01, workers=8) == 1


# --- stopping and going on --------------------------------------------------------------------


def interrupted(study: Study, out: str, at: int = 6, **settings: Any) -> Path:
    with pytest.raises(Interrupted, match="--resume") as caught:
        run(study, out=out, replications=12, jobs=1, steps=fake(interrupted_at=at), **settings)
    assert caught.value.exit_code == 3
    return caught.value.folder


def test_an_interrupted_run_keeps_what_is_finished(study: Study) -> None:
    folder = interrupted(study, "run")
    assert folder == Path("run.partial")
    assert not Path("run").exists()
    assert Unfinished.open(folder).remaining() == [6, 7, 8, 9, 10, 11, 12]


@pytest.mark.parametrize("at", [0, 1, 6])
def test_a_run_gone_on_with_equals_one_that_was_not_interrupted(study: Study, at: int) -> None:
    folder = interrupted(study, "run", at, keep=7)
    resumed = run(study, resume=folder, jobs=1, steps=fake())
    resumed = save(resumed, comparison=compare(resumed))
    assert resumed.folder == Path("run")
    assert same_bytes(finished(study, "whole", keep=7), resumed)


def test_ctrl_c_while_workers_run_stops_them(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running_module, "WORTH_SECONDS", 0.0)

    def stop(done: int, of: int) -> None:
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted):
        run(study, out="run", replications=12, jobs=2, steps=fake(), progress=stop)
    resumed = save(run(study, resume="run", jobs=2, steps=fake()))
    summary = finished(study, "whole").summary()
    assert resumed.summary().equals(summary)


def test_only_the_same_run_can_be_gone_on_with(study: Study) -> None:
    folder = interrupted(study, "run")
    changed = study.model_copy(update={"options": study.options[:1]})
    refused: Iterator[tuple[Study, dict[str, Any], str]] = iter(
        [
            (changed, {}, "scenario_hash"),
            (study, {"seed": 3}, "seed was"),
            (study, {"replications": 50}, "replications was 12, is 50"),
            (study, {"only": ["both"]}, "options was"),
            (study, {"out": "elsewhere"}, "not in elsewhere"),
        ]
    )
    for other, settings, words in refused:
        with pytest.raises(SufficiencyError, match=words) as caught:
            run(other, resume=folder, steps=fake(), **settings)
        assert caught.value.exit_code == 2
    with pytest.raises(SufficiencyError, match="not an unfinished run"):
        run(study, resume="nowhere", steps=fake())


def test_another_version_does_not_go_on(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = interrupted(study, "run")
    monkeypatch.setattr(running_module, "version_of", lambda _: "9.9")
    with pytest.raises(SufficiencyError, match=r"version was .*, is 9\.9"):
        run(study, resume=folder, steps=fake())


def test_a_finished_run_is_not_gone_on_with(study: Study) -> None:
    finished(study, "run")
    with pytest.raises(SufficiencyError, match="finished run"):
        run(study, resume="run", steps=fake())
    with pytest.raises(SufficiencyError, match="exists already") as caught:
        run(study, out="run", steps=fake())
    assert caught.value.exit_code == 2


def test_a_full_disk_keeps_what_is_finished(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    put: Callable[..., None] = Unfinished.put

    def full(self: Unfinished, replication: int, *rest: Any) -> None:
        if replication == 4:
            raise OSError(errno.ENOSPC, "No space left on device")
        put(self, replication, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(Unfinished, "put", full)
        with pytest.raises(Interrupted, match="the disk is full"):
            run(study, out="run", replications=12, jobs=1, steps=fake())
    assert not Path("run").exists()
    assert Unfinished.open(Path("run")).remaining()[0] == 4


def test_a_failing_replication_is_reported_with_its_option(study: Study) -> None:
    with pytest.raises(ReplicationError, match="ZeroDivisionError: no carers") as caught:
        run(study, out="run", replications=12, jobs=1, steps=fake(fails_at=3))
    assert (caught.value.exit_code, caught.value.replication) == (4, 3)
    assert caught.value.option == "more_carers"
    assert Unfinished.open(Path("run")).remaining()[0] == 3


def test_other_measures_than_those_of_the_central_replication_are_a_failure(study: Study) -> None:
    steps = fake()

    def measure(scenario: Scenario, rows: Rows) -> Measured:
        found = steps.measures[0](scenario, rows)
        few = rows.enquiries[0] < scenario.fostering.households  # type: ignore[operator]  # a named tuple's class; a number in these scenarios
        return Measured(found.keys[:1], found.values[:1]) if few else found

    odd = steps._replace(measures=(measure,))
    with pytest.raises(ReplicationError, match="its measures are not those of"):
        run(study, out="run", replications=12, jobs=1, steps=odd)
