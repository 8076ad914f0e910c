from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from corners import england

from sufficiency.errors import SufficiencyError
from sufficiency.experiment import ReplicationError, run
from sufficiency.experiment.variants import Variant, Variants
from sufficiency.replication import Steps
from sufficiency.rows import Key, Measured, MeasureInfo, Rows, Table
from sufficiency.scenario import Assumption, Edit, Option, Scenario, Study, with_values
from sufficiency.scenario_file import load

KEYS = (Key("carers", "", "2025-26"), Key("leaving", "", "2025-26"), Key("past", "", "2025-26"))


def counted(calls: list[tuple[float, int]] | None = None, fails_at: int | None = None) -> Steps:
    """A simulation that costs nothing and shows what it was given; made here, to travel alone."""
    definitions = {key.measure: MeasureInfo("", "", "", "", "", ("",), "years") for key in KEYS}

    def simulate(scenario: Scenario, *, history: Scenario, replication: int) -> Rows:
        number = scenario.fostering.recruitment.number
        if calls is not None:
            calls.append((number, replication))
        if replication == fails_at:
            raise ZeroDivisionError("no carers")
        luck = np.random.default_rng([scenario.seed, replication]).normal()
        leaving = scenario.fostering.leaving_per_year
        numbers = np.array([number + luck, leaving, history.fostering.leaving_per_year])
        nothing = Table(("none",), [])
        return Rows(*[nothing] * 6, 365.0, 0, numbers, np.empty(0), np.empty(0))

    def measure(scenario: Scenario, rows: Rows) -> Measured:
        return Measured(KEYS, rows.enquiries)

    def history_of(scenario: Scenario, baseline: Scenario) -> Scenario:
        return baseline

    return Steps(simulate, history_of, (measure,), definitions)


def to(path: str, value: Any) -> Edit:
    return Edit(action="set", path=path, value=value)


def carers(number: float) -> tuple[Edit, ...]:
    return (to("fostering.recruitment.number", number),)


LEAVING = "fostering.leaving_per_year"


@pytest.fixture
def study() -> Study:
    """England for a year, with a rate and an option's value that are uncertain."""
    kept = {"start": date(2025, 4, 1), "years": 1.0, LEAVING: 0.15}
    options = (
        Option(name="more_carers", edits=carers(5.0)),
        Option(name="drawn", edits=(to("fostering.transfers_in_share", 0.2), *carers(6.0))),
    )
    rows = (
        Assumption(path=LEAVING, value=0.15, low=0.1, high=0.2),
        Assumption(path="options.drawn.fostering.recruitment.number", value=6.0, low=3, high=9),
    )
    return Study(scenario=with_values(england(), kept), options=options, assumptions=rows)


def values(variants: Variants, name: str, measure: str = "carers") -> list[float]:
    return variants.futures(name, measure).to_numpy().ravel().tolist()


@pytest.mark.parametrize("option", ["more_carers", "drawn"])
def test_a_variants_futures_are_those_of_the_same_option_in_a_run_bit_for_bit(
    study: Study, option: str
) -> None:
    steps = counted()
    results = run(study, replications=6, jobs=1, steps=steps)
    edits = next(o.edits for o in study.options if o.name == option)
    variants = Variants(study, jobs=1, steps=steps)
    variants.run({"mine": edits, "same": Variant(option=option), "base": ()}, 6)
    for key in KEYS:
        expected = results.futures(key.measure, "", option)
        assert variants.futures("mine", key.measure).equals(expected)
        assert variants.futures("same", key.measure).equals(expected)
        assert variants.futures("base", key.measure).equals(results.futures(key.measure))
    assert len(set(values(variants, "mine", "leaving"))) == 3  # drawn, and shared by neighbours


def test_the_model_itself_gives_the_same_futures_as_a_run(tiny: Path) -> None:
    study = load(tiny)
    results = run(study, replications=2, only=["new_home"], jobs=1)
    edits = next(o.edits for o in study.options if o.name == "new_home")
    variants = Variants(study, jobs=1)
    variants.run({"mine": edits}, 2)
    for measure, group in (("children_in_care", "type=home_own"), ("entries", "")):
        expected = results.futures(measure, group, "new_home")
        assert variants.futures("mine", measure, group).equals(expected)


def test_what_a_variant_sets_itself_is_not_drawn(study: Study) -> None:
    variants = Variants(study, jobs=1, steps=counted())
    variants.run({"set": Variant(carers(40.0), "drawn"), "drawn": Variant((), "drawn")}, 4)
    assert without_luck(variants, "set", study) == (pytest.approx([40.0] * 4))
    drawn = without_luck(variants, "drawn", study)
    assert len({round(value, 9) for value in drawn}) == 2


def without_luck(variants: Variants, name: str, study: Study) -> list[float]:
    found = values(variants, name)
    return [value - one for value, one in zip(found, luck(study, len(found)), strict=True)]


def luck(study: Study, replications: int) -> list[float]:
    seed = study.scenario.seed
    return [np.random.default_rng([seed, r]).normal() for r in range(1, replications + 1)]


def test_only_what_is_missing_is_simulated(study: Study) -> None:
    calls: list[tuple[float, int]] = []
    variants = Variants(study, jobs=1, steps=counted(calls))
    variants.run({"none": (), "ten": carers(10.0)}, 2)
    variants.run({"ten": carers(10.0), "twenty": carers(20.0)}, 4)
    variants.run({"ten": carers(10.0)}, 3)
    assert sorted(calls) == [
        *((0.0, r) for r in (1, 2)),
        *((10.0, r) for r in (1, 2, 3, 4)),
        *((20.0, r) for r in (1, 2, 3, 4)),
    ]
    assert variants.simulated == 10
    assert [variants.count(name) for name in ("none", "ten", "twenty", "thirty")] == [2, 4, 4, 0]


def test_central_variants_differ_in_luck_alone(study: Study) -> None:
    variants = Variants(study, jobs=1, central=True, steps=counted())
    variants.run({"base": (), "option": Variant((), "drawn")}, 4)
    assert variants.together == 1
    assert values(variants, "base", "leaving") == [0.15] * 4
    assert without_luck(variants, "option", study) == (pytest.approx([6.0] * 4))


def test_what_is_assumed_holds_in_the_past_too_and_what_is_set_does_not(study: Study) -> None:
    variants = Variants(study, jobs=1, central=True, steps=counted())
    asked = {
        "assumed": Variant(assumed={LEAVING: 0.2}),
        "set": Variant((to(LEAVING, 0.2),)),
        "option": Variant(
            option="drawn", assumed={"options.drawn.fostering.recruitment.number": 9.0}
        ),
    }
    variants.run(asked, 2)
    assert (
        values(variants, "assumed", "leaving") == values(variants, "assumed", "past") == [0.2] * 2
    )
    assert values(variants, "set", "leaving") == [0.2] * 2
    assert values(variants, "set", "past") == [0.15] * 2
    expected = [9 + one for one in luck(study, 2)]
    assert values(variants, "option") == pytest.approx(expected)


@pytest.mark.slow
def test_workers_give_the_same_futures_as_this_process(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sufficiency.experiment import variants as module

    asked = {"base": (), "ten": carers(10.0)}
    alone = Variants(study, jobs=1, steps=counted())
    alone.run(asked, 5)
    monkeypatch.setattr(module, "WORTH_SECONDS", 0.0)
    together = Variants(study, jobs=2, steps=counted(), keep=[("carers", "")])
    together.run(asked, 5)
    for name in asked:
        assert together.futures(name, "carers").equals(alone.futures(name, "carers"))
    with pytest.raises(KeyError, match="not kept"):
        together.futures("ten", "leaving")


def test_a_future_that_fails_is_told_with_its_number_and_variant(study: Study) -> None:
    variants = Variants(study, jobs=1, steps=counted(fails_at=2))
    with pytest.raises(ReplicationError, match="replication 2, option 'ten'"):
        variants.run({"ten": carers(10.0)}, 3)
    assert variants.count("ten") == 1


def test_variants_that_cannot_be_are_refused_before_anything_is_run(study: Study) -> None:
    variants = Variants(study, jobs=1, steps=counted())
    with pytest.raises(SufficiencyError, match=r"fostering\.recruitment\.number.*greater than"):
        variants.run({"less": carers(-1.0)}, 2)
    with pytest.raises(SufficiencyError, match="no setting 'recruit'"):
        variants.run({"unknown": (to("fostering.recruit", 1),)}, 2)
    with pytest.raises(SufficiencyError, match="no option 'x'"):
        variants.run({"x": Variant(option="x")}, 2)
    with pytest.raises(SufficiencyError, match="not uncertain: stays"):
        variants.run({"stays": Variant(assumed={"stays": 1.0})}, 2)
    variants.run({"ten": carers(10.0)}, 1)
    with pytest.raises(SufficiencyError, match="another variant is called 'ten'"):
        variants.run({"ten": carers(11.0)}, 2)
    assert variants.simulated == 1
