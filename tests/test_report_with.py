"""`sufficiency report RUN --with FOLDER`: findings of other commands in the report of a run."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import lru_cache
from math import nan
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from corners import england
from test_answer import tables
from test_report import MANIFEST as RUN
from test_report import NASTY, page
from typer.testing import CliRunner

from sufficiency.answer import Answer, answer_of
from sufficiency.cli.commands import app
from sufficiency.errors import SufficiencyError
from sufficiency.report import Tables, believe, enough, find_out
from sufficiency.report.findings import FOUND, MANIFEST, Findings, identity, keep, read
from sufficiency.scenario import Assumption, Edit, Observed, Option, Study, with_values
from sufficiency.sensitivity.analysing import Needed, Sensitivity
from sufficiency.sensitivity.asked import Asked
from sufficiency.sensitivity.splitting import Ignorance, Part, Split
from sufficiency.sensitivity.tornado import Bar
from sufficiency.sensitivity.trials import Change
from sufficiency.targets import Target
from sufficiency.targets.curve import Dose, Share
from sufficiency.targets.goal import Goal
from sufficiency.targets.lever import Lever
from sufficiency.validation import Compared, Validated
from sufficiency.verification.checks import Check, Verification

RECRUITED = "fostering.recruitment.number"
CARERS = Option(name="carers", edits=(Edit(action="set", path=RECRUITED, value=20),))


@lru_cache
def study() -> Study:
    values = {"start": date(2025, 4, 1), "years": 2.0, "name": "Made up"}
    return Study(scenario=with_values(england(), values), options=(CARERS,))


def target() -> Target:
    goal = Goal(
        "x", "unmet_need", "kind=foster", "<=", 12.0, "2026-03-31", "children", "2026-03-31"
    )
    doses = tuple(
        Dose(v, 14 - v / 10, 0.2, 9.0, 19.0, Share(0.4 + v / 50, 0.3, 0.9, 40), -0.5, nan)
        for v in (0.0, 10.0, 20.0)
    )
    return Target(
        "Made up", Lever(RECRUITED, "", (0.0, 10.0, 20.0), True, 0.0), goal, 0.8, "least", 20.0,
        ((20.0, 20.0),), False, (10.0, 20.0), doses, 5.0, 40, 120, 0, 3.0,
        with_values(study().scenario, {RECRUITED: 20}),
    )  # fmt: skip


def sensitivity(option: str = "", **more: Any) -> Sensitivity:
    change = Change("0.5", 2e6, 1e5, True, 40)
    bars = (
        Bar("What limits the market of agencies (IFA)", "no limit", (change,), "decides", "note"),
        Bar("ifa.market", "1", (change, replace(change, mean=-3e6)), "range", "note"),
    )
    split = Split(1.0, 3.0, 0.25, (0.1, 0.4), 30)
    parts = (Part("ifa.market", 0.2, 0.05, True),)
    found = {
        "name": "Made up", "asked": Asked("net_cost", unit="£"), "option": option,
        "recruits": False, "years": 2.0, "added": 2, "seed": 7, "central": 1e7, "mean": 1e7,
        "error": 1e5, "low": 8e6, "high": 1.2e7, "replications": 60, "drawn": 2, "bars": bars,
        "ignorance": Ignorance(split, parts, 0.05, 0.75, False),
        "correlations": pd.DataFrame(
            [("ifa.market", 1.0, 0.5, 1.5, 0.4, 0.1)],
            columns=["path", "value", "low", "high", "correlation", "se"],
        ),
        "needed": (Needed(0.01, 500),), "shares": (), "simulated": 900, "seconds": 60.0,
    }  # fmt: skip
    return Sensitivity(**{**found, **more})


def published(value: float) -> Observed:
    return Observed(
        measure="children_in_care", group="", period="2024-03-31", value=value, source="DfE",
        use="check", note="a note",
    )  # fmt: skip


def validated() -> Validated:
    rows = (
        Compared(published(457.0), "children", 450.0, 430.0, 470.0, 1.0),
        Compared(published(490.0), "children", 450.0, 430.0, 470.0, 1.0),
        Compared(published(1.0), "children", why_not="no such date"),
    )
    inputs = (Assumption(path="validation.start", value="2023-04-01"),)
    ends = (date(2023, 4, 1), date(2025, 3, 31))
    return Validated("Made up", *ends, True, 40, 7, inputs, rows, (), ())


def verified() -> Verification:
    whole = (Check("one placement at a time", "faults in 9 placements", 0.0, 0.0, None, True),)
    stripped = (
        Check("every place taken", "Erlang B", 0.159, 0.3, 0.006, False, "+22 standard errors"),
    )
    return Verification("Made up", 7, 100, 10, 1, stripped, whole, ("no seasons",), ())


MADE: dict[str, Callable[[], Any]] = {
    "target": target, "sensitivity": sensitivity, "validation": validated,
    "verification": verified,
}  # fmt: skip


def kept(folder: Path, kind: str, **more: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    found = MADE[kind](**more)
    keep(found, study(), folder, option=getattr(found, "option", ""))
    return folder


@lru_cache
def usual() -> tuple[Tables, Answer]:
    made = tables()
    cost = made.summary.iloc[:1].assign(measure="net_cost", group="", period="2025-26", unit="£")
    summary = pd.concat([made.summary, cost], ignore_index=True)
    return Tables(*made, RUN)._replace(summary=summary), answer_of(*made)


def beside(findings: Findings) -> Tables:
    return usual()[0]._replace(findings=findings)


# --- kept and read back -----------------------------------------------------------------------


@pytest.mark.parametrize("kind", MADE)
def test_a_finding_is_read_back_as_it_was(tmp_path: Path, kind: str) -> None:
    (one,) = (x for part in read([kept(tmp_path / "f", kind)], study()) for x in part)
    made, found = MADE[kind](), one.found
    assert type(found) is type(made)
    assert one.stated.kind == kind
    if kind == "sensitivity":
        pd.testing.assert_frame_equal(found.correlations, made.correlations)
        found, made = (replace(x, correlations=None) for x in (found, made))
    assert repr(found) == repr(made)  # also where a number is missing: nan is not nan


def test_several_findings_of_a_kind_are_all_read(tmp_path: Path) -> None:
    folders = [kept(tmp_path / name, "target") for name in ("a", "b")]
    found = read([*folders, kept(tmp_path / "c", "verification"), folders[0]], study())
    assert (len(found.targets), len(found.verifications), len(found.validations)) == (2, 1, 0)


def test_a_finding_is_read_once_by_whatever_name_it_is_given(tmp_path: Path) -> None:
    folder = kept(tmp_path / "a", "target")
    try:
        (tmp_path / "also").symlink_to(folder)
    except OSError:
        pytest.skip("links may not be made here")
    found = read([folder, tmp_path / "also", tmp_path / "a" / ".." / "a"], study())
    assert len(found.targets) == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with a name here")
@pytest.mark.parametrize("file", [MANIFEST, FOUND])
def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(tmp_path: Path, file: str) -> None:
    folder = kept(tmp_path / "f", "target")
    (folder / file).unlink()
    os.mkfifo(folder / file)
    with pytest.raises(SufficiencyError, match=f"{file} is not a file"):
        read([folder], study())


@pytest.mark.parametrize(("name", "value"), [("futures", 10**400), ("futures", -1), ("seed", -5)])
def test_how_many_futures_and_which_seed_are_numbers_that_a_run_may_have(
    tmp_path: Path, name: str, value: int
) -> None:
    folder = kept(tmp_path / "f", "target")
    stated = json.loads((folder / MANIFEST).read_text("utf-8"))
    (folder / MANIFEST).write_text(json.dumps({**stated, name: value}), "utf-8")
    with pytest.raises(SufficiencyError, match="is not one of"):
        read([folder], study())


def test_the_identity_is_that_of_the_scenario_whatever_the_settings_of_a_run() -> None:
    scenario = study().scenario
    same = {"seed": 99, "replications": 7, "years": 1.0, "description": "Another text."}
    other = study().model_copy(update={"scenario": with_values(scenario, same)})
    assert identity(other) == identity(study())
    fewer = with_values(scenario, {"fostering.households": 3})
    assert identity(study().model_copy(update={"scenario": fewer})) != identity(study())
    ranged = (Assumption(path="ifa.market", value=1.0, low=0.5, high=2.0),)
    assert identity(study().model_copy(update={"assumptions": ranged})) != identity(study())


def test_findings_of_another_scenario_are_refused_all_in_one_message(tmp_path: Path) -> None:
    folders = [kept(tmp_path / kind, kind) for kind in ("target", "verification")]
    changed = with_values(study().scenario, {"fostering.households": 3})
    renamed = with_values(changed, {"name": "Elsewhere"})
    with pytest.raises(SufficiencyError) as refused:
        read([*folders, tmp_path / "none"], study().model_copy(update={"scenario": changed}))
    told = str(refused.value).splitlines()
    assert len(told) == 3
    assert told[0].endswith("its scenario Made up differs from that of the run: simulate it again")
    assert "there is no manifest.json" in told[2]
    with pytest.raises(SufficiencyError, match="it is of Made up, and the run of Elsewhere"):
        read(folders, study().model_copy(update={"scenario": renamed}))


def test_a_finding_about_an_option_needs_the_same_option(tmp_path: Path) -> None:
    folder = kept(tmp_path / "f", "sensitivity", option="carers")
    assert read([folder], study()).sensitivities[0].stated.option == "carers"
    fewer = Option(name="carers", edits=(Edit(action="set", path=RECRUITED, value=5),))
    for options in ((), (fewer,)):
        with pytest.raises(SufficiencyError, match="the run has no option 'carers'"):
            read([folder], study().model_copy(update={"options": options}))


def again(folder: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    """Change `found.json`, as somebody might who also mends its hash."""
    content = json.loads((folder / FOUND).read_text("utf-8"))
    text = json.dumps(change(content) or content)
    (folder / FOUND).write_text(text, "utf-8")
    stated = json.loads((folder / MANIFEST).read_text("utf-8"))
    stated["found"] = hashlib.sha256(text.encode()).hexdigest()
    (folder / MANIFEST).write_text(json.dumps(stated), "utf-8")


def test_what_was_changed_afterwards_is_refused(tmp_path: Path) -> None:
    folder = kept(tmp_path / "f", "target")
    (folder / FOUND).write_text((folder / FOUND).read_text("utf-8") + " ", "utf-8")
    with pytest.raises(SufficiencyError, match="has been changed since it was written"):
        read([folder], study())


@pytest.mark.parametrize("change", [
    lambda c: c.update(verdict="perhaps"),
    lambda c: c.update(doses="many"),
    lambda c: c.update(answer=None),
    lambda c: c.pop("goal"),
    lambda c: c.update(more=1),
    lambda c: c["lever"].update(path="no.such.setting"),
    lambda c: [1, 2],
])  # fmt: skip
def test_what_this_program_would_not_write_is_refused_without_a_traceback(
    tmp_path: Path, change: Callable[[dict[str, Any]], Any]
) -> None:
    folder = kept(tmp_path / "f", "target")
    again(folder, change)
    with pytest.raises(SufficiencyError, match=r"is not what sufficiency target writes"):
        read([folder], study())


@pytest.mark.parametrize("manifest", [
    "", "[]", "{}", '{"kind": "target"}', "[" * 100_000, "\xff",
    '{"kind": "run", "name": "x", "replications": 3}',
])  # fmt: skip
def test_another_manifest_is_refused(tmp_path: Path, manifest: str) -> None:
    (tmp_path / MANIFEST).write_text(manifest, "latin-1")
    with pytest.raises(SufficiencyError, match=r"manifest\.json is not one of target"):
        read([tmp_path], study())


# --- on the page ------------------------------------------------------------------------------


def test_a_target_is_drawn_in_its_part_with_its_own_source(tmp_path: Path) -> None:
    found = read([kept(tmp_path / name, "target") for name in "ab"], study())
    part = enough.exhibits(beside(found), usual()[1])
    assert [chart.name for chart in part.charts] == ["dose-response", "dose-response-2"]
    chart = part.charts[0]
    assert chart.source.startswith("sufficiency ")
    assert "target of Made up, 40 futures or more" in chart.source
    assert chart.elsewhere
    assert [row[0] for row in chart.rows] == ["0", "10", "20"]
    assert "With so few futures" in part.lead[0]


def test_a_tornado_and_rules_are_drawn_and_the_request_to_test_them_goes(tmp_path: Path) -> None:
    found = read([kept(tmp_path / "s", "sensitivity")], study())
    part = find_out.exhibits(beside(found), usual()[1])
    assert [chart.name for chart in part.charts] == ["tornado"]
    assert part.grids[0].blocks[0].heading == "What no publication settles"
    assert not any("sufficiency sensitivity SCENARIO" in line for line in part.lead)


def test_validation_and_verification_are_told_with_what_failed(tmp_path: Path) -> None:
    folders = [kept(tmp_path / kind, kind) for kind in ("validation", "verification")]
    part = believe.exhibits(beside(read(folders, study())), usual()[1])
    lead = " ".join(part.lead)
    assert "1 April 2023 to 31 March 2025, 40 futures: Of 2 checks that count, 1 lies" in lead
    assert "1 of 2 checks of Made up does not hold" in lead
    (chart,) = [chart for chart in part.charts if chart.name == "validation"]
    assert chart.title == "1 of 2 past figures lies inside the range"
    verification = part.grids[-1]
    assert [b.rows[0].cells[-1].value for b in verification.blocks] == ["FAILS", "holds"]


def test_what_the_page_withholds_is_not_shown_by_a_finding_either(tmp_path: Path) -> None:
    folders = [kept(tmp_path / kind, kind) for kind in ("target", "sensitivity", "validation")]
    found, (made, answer) = read(folders, study()), usual()
    gone = made.summary["measure"].isin(["unmet_need", "net_cost"])
    gone |= (made.summary["measure"] == "children_in_care") & (made.summary["group"] == "")
    less = made._replace(summary=made.summary[~gone], findings=found)
    assert enough.exhibits(less, answer).empty
    assert find_out.exhibits(less, answer).empty
    part = believe.exhibits(less, answer)
    assert "457" not in str(part.charts) + str(part.grids)


def test_text_of_a_finding_comes_out_as_text(tmp_path: Path) -> None:
    folder = kept(tmp_path / "s", "sensitivity", name=NASTY)
    nasty = kept(tmp_path / "t", "target")
    again(nasty, lambda c: c.update(name=NASTY))
    text = page(beside(read([folder, nasty], study())))
    assert "<script>alert" not in text
    assert "onerror=alert(1)&gt;" in text
    assert 'id="chart-tornado"' in text


def test_the_command_says_what_is_wrong_with_a_folder_and_writes_nothing(tmp_path: Path) -> None:
    gone = CliRunner().invoke(app, ["report", str(tmp_path / "none"), "--with", str(tmp_path)])
    assert gone.exit_code == 2
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_findings_of_the_shipped_commands_go_into_a_report(tiny: Path) -> None:
    """The whole way: a run, four commands with the same scenario, and one page."""

    def done(*words: str) -> str:
        found = CliRunner().invoke(app, [*words])
        assert found.exit_code in (0, 1), found.output
        return found.output

    observed = (
        "observed:\n  - {measure: children_in_care, period: 2026-03-31, value: 41, source: made"
        " up, use: check}\n"
    )
    tiny.write_text(tiny.read_text("utf-8") + observed, "utf-8")
    name = str(tiny)
    goal = "unmet_need[kind=foster] <= 3 by 2026-03-31"
    aim = ("target", name, "--lever", RECRUITED, "--from", "0", "--goal", goal, "--jobs", "1")
    done("run", name, "-q", "-n", "10", "--out", "run", "--jobs", "1")
    done(*aim, "--to", "4", "-n", "4", "--out", "t")
    done("sensitivity", name, "--futures", "4", "-n", "8", "--jobs", "1", "--out", "s")
    done("verify", name, "-n", "10", "--jobs", "1", "--out", "v", "-q")
    done("validate", name, "-n", "10", "--jobs", "1", "--out", "w", "-q")
    folders = [word for folder in "tsvw" for word in ("--with", folder)]
    done("report", "run", *folders, "--out", "page")
    text = Path("page/report.html").read_text("utf-8")
    for part in ("chart-dose-response", "chart-tornado", "table-validation-1",
                 "table-verification-1", "chart-published"):  # fmt: skip
        assert f'id="{part}"' in text, part
    tiny.write_text(tiny.read_text("utf-8").replace("value: 8, low: 6", "value: 9, low: 6"))
    done(*aim, "--to", "1", "-n", "2", "--out", "u")
    other = CliRunner().invoke(app, ["report", "run", "--with", "u", "--out", "again"])
    assert other.exit_code == 2
    assert "differs from that of the run" in other.output
    assert not Path("again").exists()
