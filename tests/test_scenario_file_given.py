"""Files that a scenario names: read beside the file that names them, refused with every mistake."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sufficiency import experiment
from sufficiency.errors import SufficiencyError
from sufficiency.results import load as load_results
from sufficiency.results import save
from sufficiency.scenario import past
from sufficiency.scenario_file import load
from sufficiency.scenario_file.entry_paths import entry_paths_text, read_entry_paths
from sufficiency.scenario_file.problems import Problems, ScenarioFileError
from sufficiency.scenario_file.writing import files_beside, resolved_yaml, scenario_hash

Write = Callable[..., Path]

FORECAST = """\
extends: england
name: Ours
start: 2025-04-01
years: 0.25
replications: 4
warm_up_years: 0
authority: {children_in_care: 20, uasc_in_care: 2, child_population: 3000}
demand: {forecast: {file: entries.csv}}
"""
ENTRIES = """\
month,stream,path_1,path_2,path_3
2025-04,non_uasc,1,2,3
2025-05,non_uasc,0,2,4
2025-06,non_uasc,2,2,2
2025-04,uasc,0,0,1
2025-05,uasc,1,0,0
2025-06,uasc,0,0,0
"""
CHILDREN = """\
entered,born,entry_group,type,placement_started,ethnicity,in_area,over_20_miles
2020-01-05,2008-03-01,10-15,in_house,2021-01-01,white,1,0
2024-01-01,2023-02-03,under_1,ifa,,,,
2024-06-01,2007-12-01,uasc_16-17,supported,2025-01-01,black,0,1
"""
SECRET = "2008-03-01"
IN_CARE = """\
extends: england
name: Ours
years: 0.25
replications: 2
warm_up_years: 0
authority:
  children_in_care: 3
  uasc_in_care: 1
  child_population: 3000
  children: {file: ours.personal-data.csv}
"""


def mistakes(path: Path) -> list[str]:
    with pytest.raises(ScenarioFileError) as caught:
        load(path)
    return [str(problem) for problem in caught.value.problems]


# ---- Sample paths ------------------------------------------------------------------------------


def test_sample_paths_are_read_from_the_file_beside_the_scenario(write: Write) -> None:
    write(ENTRIES, "entries.csv")
    forecast = load(write(FORECAST)).scenario.demand.forecast
    assert forecast is not None
    assert forecast.file is not None
    assert forecast.file.columns["non_uasc"].tolist() == [[1, 0, 2], [2, 2, 2], [3, 4, 2]]
    assert forecast.file.columns["uasc"].tolist() == [[0, 1, 0], [0, 0, 0], [1, 0, 0]]


def test_a_byte_order_mark_blank_lines_and_windows_line_ends_do_no_harm(write: Write) -> None:
    write(ENTRIES, "entries.csv")
    plain = load(write(FORECAST)).scenario
    text = "\ufeff" + ENTRIES.replace("\n", "\r\n\r\n").replace(",2,", " , 2 ,")
    write(text.encode(), "entries.csv")
    assert load(write(FORECAST)).scenario == plain


def test_a_file_is_named_relative_to_the_file_that_says_so(tmp_path: Path, write: Write) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "base.yaml").write_text(FORECAST)
    (tmp_path / "base" / "entries.csv").write_text(ENTRIES)
    child = write("extends: base/base.yaml\nname: Child\n")
    assert load(child).scenario.demand.forecast == load("base/base.yaml").scenario.demand.forecast
    write(ENTRIES.replace("1,2,3", "7,8,9"), "mine.csv")
    own = write("extends: base/base.yaml\nname: Own\ndemand: {forecast: {file: mine.csv}}\n")
    forecast = load(own).scenario.demand.forecast
    assert forecast is not None
    assert forecast.file is not None
    assert forecast.file.columns["non_uasc"][:, 0].tolist() == [7, 8, 9]


def test_an_option_may_name_a_file_too(write: Write) -> None:
    write(ENTRIES, "entries.csv")
    write(ENTRIES.replace("1,2,3", "7,8,9"), "more.csv")
    options = "options:\n  more: {set: {demand.forecast.file: more.csv}}\n"
    study = load(write(FORECAST + options))
    assert study.options[0].edits[0].value.columns["non_uasc"][0, 0] == 7
    text = resolved_yaml(study)
    assert "file: entries.csv" in text
    assert "entries-2.csv" in text
    write(FORECAST + options.replace("more.csv", "nowhere.csv"))
    assert any(
        "options.more" in text and "nowhere.csv" in text for text in mistakes(Path("child.yaml"))
    )


def test_a_file_takes_the_place_of_yearly_counts_that_are_extended(write: Write) -> None:
    write(ENTRIES, "entries.csv")
    write(YEARLY, "base.yaml")
    child = write("extends: base\nname: Child\ndemand: {forecast: {file: entries.csv}}\n")
    forecast = load(child).scenario.demand.forecast
    assert forecast is not None
    assert forecast.file is not None
    assert forecast.yearly is None
    more = "extends: base\nname: Child\ndemand: {forecast: {yearly: {2023-24: 8}}}\n"
    forecast = load(write(more)).scenario.demand.forecast
    assert forecast is not None
    assert forecast.yearly == {"2024-25": 12, "2023-24": 8}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("path_2", "path_9", "entries.csv:1:4: must be 'path_2': the columns are"),
        ("month,stream", "stream,month", "entries.csv:1:1: must be 'month'"),
        ("2025-05,non_uasc,0", "2025-06,non_uasc,0", "entries.csv:3:1: month: must be the month"),
        (
            "2025-05,non_uasc,0",
            "2025-13,non_uasc,0",
            "entries.csv:3:1: month: must be a month like",
        ),
        ("2025-05,non_uasc,0", "2025-05,other,0", "entries.csv:3:2: stream: must be one of"),
        ("non_uasc,0,2,4", "non_uasc,0,2", "entries.csv:3:1: must have 5 columns, not 4"),
        ("non_uasc,0,2,4", "non_uasc,-1,2,4", "entries.csv:3:3: path_1: must be a whole number"),
        ("non_uasc,0,2,4", "non_uasc,0,2.5,4", "entries.csv:3:4: path_2: must be a whole number"),
        ("non_uasc,0,2,4", "non_uasc,0,2,", "entries.csv:3:5: path_3: must be a whole number"),
        ("non_uasc,0,2,4", "non_uasc,0,2,99999", "entries.csv:3:5: path_3: must be 9,999 or less"),
        ("2025-06,uasc,0,0,0\n", "", "entries.csv both streams must have the same months"),
        ("2025-0", "2026-0", "demand.forecast: begins in 2026-04, but the run in 2025-04"),
    ],
)
def test_each_mistake_is_said_at_its_row_and_column(
    write: Write, old: str, new: str, said: str
) -> None:
    write(ENTRIES.replace(old, new), "entries.csv")
    found = mistakes(write(FORECAST))
    assert any(said in text for text in found), found


def test_all_mistakes_are_in_one_message_and_a_flood_is_counted(write: Write) -> None:
    write(ENTRIES.replace(",0,", ",x,").replace(",2\n", ",y\n"), "entries.csv")
    found = mistakes(write(FORECAST + "seed: -1\n"))
    assert any("seed" in text for text in found)
    assert len([text for text in found if "whole number" in text]) == 5
    rows = [f"2025-{4 + k % 9:02d},non_uasc,-1,-1,-1" for k in range(60)]
    write("\n".join(["month,stream,path_1,path_2,path_3", *rows]), "entries.csv")
    assert any("more mistakes, which are not listed" in t for t in mistakes(write(FORECAST)))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04\x00\x00", "is not"),
        (b"\xff\xfe\x00m", "is not UTF-8"),
        (b"month,stream,path_1\n", "has no rows"),
        (b'month,stream,path_1\n"2025-04,uasc,1\n', "is not a CSV file"),
        (b"month,stream,path_1\n" + b"2025-04,uasc,1\n" * 2000, "has more than 624 rows"),
        (b"x" * 20_000_001, "is larger than 20 MB"),
    ],
)
def test_what_is_no_such_file_is_refused(write: Write, data: bytes, said: str) -> None:
    write(data, "entries.csv")
    found = mistakes(write(FORECAST))
    assert any(said in text for text in found), found


def test_a_file_that_is_not_there_is_said_where_it_is_named(write: Write) -> None:
    found = mistakes(write(FORECAST))
    assert found == [
        "child.yaml:8:27: demand.forecast.file: entries.csv cannot be read: "
        "no such file; it belongs beside the scenario file"
    ]
    found = mistakes(write(FORECAST.replace("entries.csv", ".")))
    assert any("cannot be read" in text for text in found)
    found = mistakes(write(FORECAST.replace("entries.csv", "12")))
    assert any("must be the name of a file" in text for text in found)


@settings(max_examples=60, deadline=None)
@given(
    edits=st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 4), st.text(max_size=6)), min_size=1, max_size=4
    )
)
def test_a_spoilt_file_is_refused_or_read_as_it_stands(
    edits: list[tuple[int, int, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    rows = list(csv.reader(StringIO(ENTRIES)))
    for row, column, text in edits:
        rows[row][column] = text
    path = tmp_path_factory.mktemp("spoilt") / "entries.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    problems = Problems()
    found = read_entry_paths(path, problems)
    assert (found is None) == bool(list(problems))
    if found is not None:
        stated = [[int(cell) for cell in row[2:]] for row in rows[1:]]
        assert sum(int(v.sum()) for v in found.columns.values()) == sum(map(sum, stated))


def test_paths_written_are_read_again(write: Write) -> None:
    path = write(ENTRIES, "entries.csv")
    found = read_entry_paths(path, Problems())
    assert found is not None
    again = read_entry_paths(write(entry_paths_text(found), "again.csv"), Problems())
    assert again == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("demand: {forecast: {}}", "state either `file` or `yearly`"),
        ("demand: {forecast: {yearly: {2024-26: 9}}}", "is not a financial year like 2024-25"),
        ("demand: {forecast: {yearly: {2024-25: -1}}}", "must be 0 or more"),
        ("demand: {forecast: {files: x}}", "did you mean 'file'"),
        ("demand: {forecast: {yearly: {2024-25: 9}}}\nstart: 2025-04-02", "first of a month"),
        (
            "changes: [{on: 2026-04-01, path: demand.forecast.file, to: x.csv}]",
            "cannot change on a date",
        ),
        ("options: {a: {set: {demand.forecast.yearly: {2024-25: 9}}}}", "change a rate"),
        ("options: {a: {set: {authority.children.file: x.csv}}}", "no option can change"),
    ],
)
def test_a_forecast_that_makes_no_sense_is_refused(write: Write, text: str, said: str) -> None:
    found = mistakes(write(f"extends: england\nname: X\n{text}\n"))
    assert any(said in line for line in found), found


def test_the_past_has_no_forecast(write: Write) -> None:
    write(ENTRIES, "entries.csv")
    block = "validation: {start: 2024-04-01, children_in_care: 20}\n"
    study = load(write(FORECAST + block))
    assert past(study.scenario).demand.forecast is None
    spoilt = block.replace("20}", "20, set: {demand.forecast.file: entries.csv}}")
    assert any("the past has no 'demand.forecast'" in t for t in mistakes(write(FORECAST + spoilt)))


# ---- Children in care --------------------------------------------------------------------------


def test_children_are_read_and_nothing_of_them_is_said(write: Write, tmp_path: Path) -> None:
    write(CHILDREN, "ours.personal-data.csv")
    study = load(write(IN_CARE))
    assert study.scenario.authority.children is not None
    file = study.scenario.authority.children.file
    assert (file.children, file.uasc) == (3, 1)
    text = resolved_yaml(study)
    assert f"file: {tmp_path / 'ours.personal-data.csv'}" in text
    said = f"{study!r} {text} {files_beside(study)}"
    assert SECRET not in said
    again = load(write(text, "again.yaml"))
    assert again.scenario == study.scenario
    assert scenario_hash(again) == scenario_hash(study)
    other = CHILDREN.replace(SECRET, "2008-03-02")
    write(other, "ours.personal-data.csv")
    assert scenario_hash(load(write(IN_CARE))) != scenario_hash(study)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("2020-01-05,", ",", "ours.personal-data.csv:2:1: entered: must not be empty"),
        ("2020-01-05", "05/01/2020", "ours.personal-data.csv:2:1: entered: must be a date like"),
        ("2020-01-05", "2020-02-30", "ours.personal-data.csv:2:1: entered: must be a date like"),
        ("2024-01-01,2023-02", "2025-04-01,2025-02", "3:1: entered: must be before the first day"),
        (SECRET, "2020-02-01", "2:2: born: is after the day of entry"),
        (SECRET, "2015-03-01", "2:3: entry_group: is not that of the age"),
        ("10-15", "10-14", "2:3: entry_group: must be one of"),
        ("in_house", "elsewhere", "2:4: type: must be one of"),
        ("2021-01-01", "2019-12-31", "2:5: placement_started: is before the day of entry"),
        ("2021-01-01", "2026-01-01", "2:5: placement_started: must be before the first day"),
        ("white", "mauve", "2:6: ethnicity: must be one of white"),
        ("white,1,0", "white,2,0", "2:7: in_area: must be 1 or 0"),
        ("2007-12-01", "2007-04-01", "4:2: born: the 18th birthday is not after the first day"),
        ("entry_group,type", "group,type", "1:3: no such column"),
        (",over_20_miles", "", "must have 7 columns, not 8"),
    ],
)
def test_a_mistake_in_the_file_of_children_says_the_place_and_not_the_content(
    write: Write, old: str, new: str, said: str
) -> None:
    write(CHILDREN.replace(old, new, 1), "ours.personal-data.csv")
    found = mistakes(write(IN_CARE))
    assert any(said in text for text in found), found
    assert not any(
        cell in text for text in found for cell in ("2020-01", "2008-", "2015-", "mauve")
    )


def test_the_numbers_stated_must_be_those_of_the_file(write: Write) -> None:
    write(CHILDREN, "ours.personal-data.csv")
    found = mistakes(write(IN_CARE.replace("children_in_care: 3", "children_in_care: 4")))
    assert any("says 4, but the file of authority.children has 3" in text for text in found)
    found = mistakes(write(IN_CARE.replace("uasc_in_care: 1", "uasc_in_care: 0")))
    assert any("says 0, but the file of authority.children has 1" in text for text in found)
    found = mistakes(write(IN_CARE.replace("warm_up_years: 0", "warm_up_years: 2")))
    assert any("warm_up_years: must be 0 with authority.children" in text for text in found)


def test_more_children_in_house_than_there_are_places_is_a_warning(write: Write) -> None:
    write(CHILDREN.replace("ifa", "home_own"), "ours.personal-data.csv")
    few = "fostering: {households: 0}\nhomes: []\n"
    warnings = " ".join(load(write(IN_CARE + few)).warnings)
    assert "1 children live in 'in_house', but the approved places of its households" in warnings
    assert "1 children live in 'home_own'" in warnings
    write(CHILDREN, "ours.personal-data.csv")
    assert "children live in" not in " ".join(load(write(IN_CARE)).warnings)


def test_the_past_does_not_know_the_children_of_today(write: Write) -> None:
    write(CHILDREN, "ours.personal-data.csv")
    block = "validation: {start: 2024-04-01, children_in_care: 20}\n"
    assert past(load(write(IN_CARE + block)).scenario).authority.children is None


# ---- Runs --------------------------------------------------------------------------------------


def run_folder(study: Any, out: Path, **more: Any) -> Path:
    return save(experiment.run(study, jobs=1, out=out, **more)).folder


def test_a_run_folder_runs_again(write: Write, tmp_path: Path) -> None:
    write(ENTRIES, "entries.csv")
    folder = run_folder(load(write(FORECAST)), tmp_path / "one")
    again = load(folder / "scenario.yaml")
    manifest = json.loads((folder / "manifest.json").read_text())
    assert scenario_hash(again) == manifest["scenario_hash"]
    assert set(manifest["inputs"]) == {"scenario.yaml", "entries.csv"}
    second = run_folder(again, tmp_path / "two")
    assert (second / "summary.csv").read_bytes() == (folder / "summary.csv").read_bytes()


def test_personal_data_is_identified_in_the_manifest_and_nowhere_copied(
    write: Write, tmp_path: Path
) -> None:
    write(CHILDREN, "ours.personal-data.csv")
    study = load(write(IN_CARE))
    folder = run_folder(study, tmp_path / "one")
    manifest = json.loads((folder / "manifest.json").read_text())
    assert study.scenario.authority.children is not None
    digest = study.scenario.authority.children.file.digest
    assert manifest["inputs"]["authority.children"] == digest
    for path in folder.rglob("*"):
        if path.suffix in (".csv", ".json", ".yaml"):
            assert SECRET not in path.read_text(), path
    (tmp_path / "ours.personal-data.csv").unlink()
    assert load_results(folder).study.scenario.authority.children is None  # the report still opens
    with pytest.raises(ScenarioFileError, match=r"ours\.personal-data\.csv"):
        load(folder / "scenario.yaml")


YEARLY = FORECAST.replace(
    "{file: entries.csv}", "{yearly: {2024-25: {value: 12, source: DfE-25, as_of: 2025-03-31}}}"
)


def test_yearly_counts_become_paths_when_a_run_begins(write: Write, tmp_path: Path) -> None:
    study = load(write(YEARLY))
    assert study.scenario.demand.forecast is not None
    assert study.scenario.demand.forecast.file is None
    results = experiment.run(study, jobs=1, out=tmp_path / "one")
    folder = save(results).folder
    paths = read_entry_paths(folder / "entries.csv", Problems())
    assert paths is not None
    assert paths.months == 3
    entered = load_results(folder).futures("entries", "stream=non_uasc")["2025-Q1"]
    assert entered.tolist() == paths.columns["non_uasc"][:4].sum(axis=1).tolist()
    row = next(r for r in load_results(folder).study.assumptions if "forecast" in r.path)
    assert row.path == "demand.forecast.file"
    assert "2024-25 12" in row.source
    assert "DfE-25" in row.source
    again = run_folder(load(folder / "scenario.yaml"), tmp_path / "two")
    assert (again / "summary.csv").read_bytes() == (folder / "summary.csv").read_bytes()


def test_a_replication_has_the_same_path_however_many_there_are_and_however_long(
    write: Write,
) -> None:
    study = load(write(YEARLY))
    few = experiment.run(study, jobs=1, replications=2)
    many = experiment.run(study, jobs=1, replications=5)
    np.testing.assert_array_equal(few.by_replication[:, :3], many.by_replication[:, :3])
    longer = experiment.run(study, jobs=1, replications=2, years=0.5)
    quarter = [r.futures("entries")["2025-Q1"].tolist() for r in (few, longer)]
    assert quarter[0] == quarter[1]


def test_a_run_with_yearly_counts_can_be_resumed(write: Write, tmp_path: Path) -> None:
    class StopError(KeyboardInterrupt):
        pass

    def stop(done: int, of: int) -> None:
        if done == 2:
            raise StopError

    study = load(write(YEARLY))
    whole = experiment.run(study, jobs=1, out=tmp_path / "whole")
    with pytest.raises(SufficiencyError, match="interrupted"):
        experiment.run(study, jobs=1, out=tmp_path / "cut", progress=stop)
    unfinished = tmp_path / "cut.partial"
    assert re.search(r"file: \{?.*entries\.csv", (unfinished / "scenario.yaml").read_text())
    resumed = experiment.run(load(unfinished / "scenario.yaml"), jobs=1, resume=unfinished)
    np.testing.assert_array_equal(resumed.by_replication, whole.by_replication)


@pytest.mark.parametrize(
    ("council", "started"),
    [
        ("camden", 109), ("cambridgeshire", 300), ("north_somerset", 106), ("medway", 156),
        ("harrow", 107),
    ],
)  # fmt: skip
def test_the_five_councils_forecast_from_their_published_count(council: str, started: int) -> None:
    forecast = load(council).scenario.demand.forecast
    assert forecast is not None
    assert forecast.yearly == {"2024-25": started}


def test_a_run_that_is_longer_than_its_forecast_is_refused_in_words(write: Write) -> None:
    write(ENTRIES, "entries.csv")
    with pytest.raises(SufficiencyError) as caught:
        experiment.run(load(write(FORECAST)), years=1.0)
    said = (
        "not possible: demand.forecast: covers 3 months, but the run needs 12: make a longer"
        " forecast with `sufficiency forecast --months 12`"
    )
    assert str(caught.value) == said
