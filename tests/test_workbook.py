from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from test_answer import CARERS, HOME, camden
from workbook_by_hand import saved, unsaved

from sufficiency.costs.definitions import COST_TYPES, PARTS
from sufficiency.results import Results, by_hand
from sufficiency.rows import Key
from sufficiency.scenario import Assumption, Budgeted, DatedChange, Option, Study
from sufficiency.workbook import SHEETS, book, write
from sufficiency.workbook.cells import clean, in_chart, one_line

NAMES = (
    "Summary", "Options", "Gap and unmet need", "Recruitment pipeline", "Cost by type and year",
    "Bridge", "Budget monitor", "Sensitivity", "Validation", "Assumptions", "Decisions",
    "Decisions and data logs", "Limits and review date", "Run record",
)  # fmt: skip
HEADER = 5
YEARS = ("2025-26", "2026-27", "2027-28")
BUDGET = {"2025-26": 7_000_000.0, "2026-27": 6_500_000.0, "2027-28": 7_500_000.0}
FEW = ("placements_needed", "places_usable", "unmet_need")
"""Measures beside money, where one sheet of homes is enough."""
LIVE = (
    "=1+1", "+44 20", "-3", "@SUM(A1)", "\t=1", "\r=1", " =cmd|' /C calc'!A0",
    "\N{FULLWIDTH EQUALS SIGN}1", "\N{FULLWIDTH PLUS SIGN}1", "\N{ZERO WIDTH SPACE}=1",
)  # fmt: skip


def study_of(options: Sequence[Option] = (CARERS, HOME), **changed: Any) -> Study:
    study = camden()
    scenario = study.scenario.model_copy(update={"observed": (), **changed})
    return study.model_copy(update={"scenario": scenario, "options": tuple(options)})


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Results:
    study = study_of(
        budget=BUDGET,
        budgeted={"2025-26": Budgeted(children={"ifa": 40.0}, unit_cost={"ifa": 1000.0})},
        ledger={"2025-26": {"ifa": 400_000.0}, "2024-25": {"supported": 60.0}},
    )
    return saved(tmp_path_factory.mktemp("run") / "camden", study)


@pytest.fixture(scope="module")
def path(run: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(run, tmp_path_factory.mktemp("book"))


@pytest.fixture(scope="module")
def read(path: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(path)


def rows_of(sheet: Worksheet) -> list[dict[str, Any]]:
    """The rows of the one table of a sheet, by heading."""
    ((_, area),) = sheet.tables.items()
    head, *rows = (
        [cell.value for cell in row] for row in sheet[area if isinstance(area, str) else area.ref]
    )
    return [dict(zip(head, row, strict=True)) for row in rows]


def parts_of(path: Path, pattern: str) -> Iterable[tuple[str, str]]:
    with zipfile.ZipFile(path) as file:
        for name in file.namelist():
            if re.fullmatch(pattern, name):
                yield name, file.read(name).decode()


# --- shape ------------------------------------------------------------------------------------


def test_the_sheets_are_there_in_order(read: openpyxl.Workbook) -> None:
    assert tuple(read.sheetnames) == NAMES == SHEETS


def test_each_sheet_has_one_table_at_a5_under_its_title(read: openpyxl.Workbook) -> None:
    names = []
    for sheet in read:
        (name,) = sheet.tables
        names.append(name.lower())
        assert sheet.tables[name].ref.startswith(f"A{HEADER}:")
        assert sheet.freeze_panes == f"A{HEADER + 1}"
        assert all(isinstance(sheet.cell(row, 1).value, str) for row in range(1, HEADER + 1))
        assert not sheet.merged_cells.ranges
        for row in rows_of(sheet):
            assert any(value is not None for value in row.values()), sheet.title
    assert len(set(names)) == len(NAMES)


def test_pages_are_a4_landscape_with_the_header_on_each(read: openpyxl.Workbook) -> None:
    for sheet in read:
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert sheet.print_title_rows == f"${HEADER}:${HEADER}"


def test_every_chart_has_words_titles_and_at_most_four_series(path: Path) -> None:
    drawings = [text for _, text in parts_of(path, r"xl/drawings/drawing\d+\.xml")]
    described = [
        d for text in drawings for d in re.findall(r'<xdr:cNvPr [^>]*descr="([^"]+)"', text)
    ]
    charts = [text for _, text in parts_of(path, r"xl/charts/chart\d+\.xml")]
    assert len(described) == sum(text.count("<xdr:graphicFrame") for text in drawings)
    assert len(described) == len(charts) >= 15
    assert all(len(words) > 60 for words in described)
    for chart in charts:
        assert chart.count("<c:title>") == 3
        assert 1 <= chart.count("<c:ser>") <= 4
        assert "3DChart" not in chart
        ElementTree.fromstring(chart)


def test_charts_have_the_numbers_of_the_tables(path: Path, read: openpyxl.Workbook) -> None:
    for _, chart in parts_of(path, r"xl/charts/chart\d+\.xml"):
        for reference, cached in re.findall(
            r"<c:val><c:numRef><c:f>(.*?)</c:f><c:numCache>(.*?)</c:numCache>", chart
        ):
            name, area = reference.rsplit("!", 1)
            cells = read[name.strip("'")][area.replace("$", "")]
            stored = [c[0].value for c in (cells if isinstance(cells, tuple) else ((cells,),))]
            drawn = [float(v) for v in re.findall(r"<c:v>(.*?)</c:v>", cached)]
            assert drawn == pytest.approx([v for v in stored if v is not None])


@pytest.mark.slow
def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    results = unsaved(tmp_path / "run", study_of(), replications=3, wanted=FEW)
    once, again = (write(results, tmp_path / name).read_bytes() for name in ("once", "again"))
    assert once == again


def test_a_workbook_that_cannot_be_made_leaves_none(
    run: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise OSError("no")

    monkeypatch.setattr(book, "sheets_of", lambda _: ())
    monkeypatch.setattr(book.drawing, "draw", fail)
    with pytest.raises(OSError, match="no"):
        write(run, tmp_path)
    assert not list(tmp_path.iterdir())


# --- numbers ----------------------------------------------------------------------------------


def money(read: openpyxl.Workbook, option: str, type_: str) -> dict[str, dict[str, Any]]:
    rows = rows_of(read["Cost by type and year"])
    return {r["Financial year"]: r for r in rows if (r["Option"], r["Type"]) == (option, type_)}


OPTIONS = {"baseline": "Doing nothing", CARERS.name: "Recruit 20 carers", HOME.name: "Two bed home"}


def test_costs_equal_the_summary(run: Results, read: openpyxl.Workbook) -> None:
    summary = run.summary().set_index(["option", "measure", "group", "period"])
    columns = {"Mean": "mean", "P10": "p10", "P50": "p50", "P80": "p80", "P90": "p90"}
    columns["Error of the mean"] = "se"
    for option, words in OPTIONS.items():
        for measure, group, type_ in (
            ("net_cost", "", "Net cost"),
            ("cost", "", "Spending in all"),
            ("income", "", "Income"),
            ("cost", "type=ifa", "Agency carers (IFA)"),
            ("cost", "type=recruitment", "Recruitment of carers"),
            ("capital", "", "Capital (in no total)"),
        ):
            found = money(read, words, type_)
            assert tuple(found) == (*YEARS, "whole run")
            for year in YEARS:
                row = summary.loc[option, measure, group, year]
                assert {h: found[year][h] for h in columns} == {
                    h: row[c] for h, c in columns.items()
                }


def test_types_add_up_to_the_cost_and_years_to_the_whole_run(
    run: Results, read: openpyxl.Workbook
) -> None:
    rows = rows_of(read["Cost by type and year"])
    aside = {"Net cost", "Income", "Spending in all", "Of it for empty places"}
    aside.add("Capital (in no total)")
    for option in OPTIONS.values():
        of = [row for row in rows if row["Option"] == option]
        assert len({row["Type"] for row in of} - aside) == len(COST_TYPES)
        for year in (*YEARS, "whole run"):
            types = sum(
                r["Mean"] for r in of if r["Financial year"] == year and r["Type"] not in aside
            )
            total = money(read, option, "Spending in all")[year]["Mean"]
            assert types == pytest.approx(total, abs=0.01)
    spent = money(read, "Doing nothing", "Net cost")
    assert spent["whole run"]["Mean"] == pytest.approx(sum(spent[y]["Mean"] for y in YEARS))
    places = [run.places[Key("net_cost", "", year)] for year in YEARS]
    futures = np.asarray(run.by_replication[0, 1:])[:, places].sum(axis=1)
    assert spent["whole run"]["P80"] == pytest.approx(np.percentile(futures, 80))


def test_every_bridge_leads_from_before_to_after(read: openpyxl.Workbook) -> None:
    rows = rows_of(read["Bridge"])
    size = len(PARTS) + 2
    bridges = [rows[at : at + size] for at in range(0, len(rows), size)]
    assert len(bridges) == (2 + 1) + 2 * (3 + 1)
    for before, *parts, after in bridges:
        named = {(r["Option"], r["From"], r["To"]) for r in (before, *parts, after)}
        assert len(named) == 1
        assert (before["Part"], after["Part"]) == ("Net cost before", "Net cost after")
        change = after["Mean"] - before["Mean"]
        assert sum(part["Mean"] for part in parts) == pytest.approx(change, abs=0.01)
        assert min(part["Mean"] for part in parts) < 0
    option = bridges[-1]
    assert option[0]["From"] == "Doing nothing, whole run"
    net = [money(read, words, "Net cost")["whole run"]["Mean"] for words in OPTIONS.values()]
    assert (option[0]["Mean"], option[-1]["Mean"]) == pytest.approx((net[0], net[2]))


def test_the_budget_monitor_says_how_often_it_is_overspent(
    run: Results, read: openpyxl.Workbook
) -> None:
    rows = [r for r in rows_of(read["Budget monitor"]) if r["Option"] == "Recruit 20 carers"]
    net = {r["Financial year"]: r for r in rows if r["What"] == "Net cost"}
    place = [run.places[Key("net_cost", "", year)] for year in YEARS]
    futures = np.asarray(run.by_replication[1, 1:])[:, place]
    for at, year in enumerate(YEARS):
        assert net[year]["Budgeted"] == BUDGET[year]
        assert net[year]["Chance of more than budgeted"] == (futures[:, at] > BUDGET[year]).mean()
        beyond = futures[:, at].mean() - BUDGET[year]
        assert net[year]["Beyond the budget, mean"] == pytest.approx(beyond)
    whole = net["whole run"]
    assert whole["Budgeted"] == 21_000_000
    assert whole["Chance of more than budgeted"] == (futures.sum(axis=1) > 21_000_000).mean()


def test_a_variance_is_volume_and_price(run: Results, read: openpyxl.Workbook) -> None:
    rows = [r for r in rows_of(read["Budget monitor"]) if r["Option"] == "Doing nothing"]
    (row,) = [r for r in rows if r["What"] == "Spending: Agency carers (IFA)"]
    values = np.asarray(run.by_replication[0, 1:])
    cost = values[:, run.places[Key("cost", "type=ifa", "2025-26")]].mean()
    children = values[:, run.places[Key("average_children", "type=ifa", "2025-26")]].mean()
    weeks = 365 / 7
    assert row["Budgeted"] == pytest.approx(40 * 1000 * weeks)
    assert row["Of it volume"] == pytest.approx((children - 40) * 1000 * weeks)
    assert row["Of it price"] == pytest.approx(cost - children * 1000 * weeks)
    (rest,) = [r for r in rows if r["What"].startswith("Spending and income: all the rest")]
    net = next(r for r in rows if r["What"] == "Net cost")
    assert row["Beyond the budget, mean"] + rest["Beyond the budget, mean"] == pytest.approx(
        net["Beyond the budget, mean"]
    )


def test_the_mean_unit_cost_times_the_mean_of_the_children_is_the_mean_cost(
    run: Results, read: openpyxl.Workbook
) -> None:
    rows = [r for r in rows_of(read["Budget monitor"]) if r["Financial year"] == "2025-26"]
    unit = next(r for r in rows if r["What"] == "Unit cost: Agency carers (IFA)")
    children = next(r for r in rows if r["What"] == "Children: Agency carers (IFA)")
    cost = np.asarray(run.by_replication[0, 1:])[:, run.places[Key("cost", "type=ifa", "2025-26")]]
    assert unit["Mean"] * children["Mean"] * 365 / 7 == pytest.approx(cost.mean())


def test_the_ledger_stands_beside_the_cost_of_its_year_or_of_the_first_day(
    run: Results, read: openpyxl.Workbook
) -> None:
    of_run, before = rows_of(read["Validation"])
    values = np.asarray(run.by_replication[0, 1:])
    cost = values[:, run.places[Key("cost", "type=ifa", "2025-26")]].mean()
    rate = values[:, run.places[Key("cost_run_rate", "type=supported", "2025-04-01")]].mean()
    assert (of_run["What"], of_run["Date or period"]) == (
        "Spending: Agency carers (IFA)",
        "2025-26",
    )
    assert of_run["Published or in the ledger"] == 400_000
    assert of_run["Simulated, mean"] == pytest.approx(cost)
    assert (before["Published or in the ledger"], before["Date or period"]) == (60, "2024-25")
    # A whole year of 365 days, at the prices before the uplift of 1 April 2025.
    assert before["Simulated, mean"] == pytest.approx(rate / 1.04)


def test_need_places_and_their_difference_equal_the_summary(
    run: Results, read: openpyxl.Workbook
) -> None:
    summary = run.summary().set_index(["option", "measure", "group", "period"])["mean"]
    rows = rows_of(read["Gap and unmet need"])
    assert len(rows) == 3 * 3 * (1 + 12)  # options, kinds, the first day and quarter ends
    row = next(
        r for r in rows if r["Option"] == "Two bed home" and r["Kind of home"] == "Foster family"
    )
    of = ("two_bed_home", "placements_needed"), ("two_bed_home", "places_usable")
    at = [summary[(*names, "kind=foster", row["Date"])] for names in of]
    assert (row["Needed, mean"], row["All places"]) == tuple(at)
    assert row["Gap: needed less all places"] == pytest.approx(at[0] - at[1])
    assert (
        row["Own places"] == summary["two_bed_home", "places_usable", "type=in_house", row["Date"]]
    )


def test_differences_of_options_are_those_of_the_futures(
    run: Results, read: openpyxl.Workbook
) -> None:
    place = [run.places[Key("net_cost", "", year)] for year in YEARS]
    net = np.asarray(run.by_replication[:, 1:])[:, :, place].sum(axis=2)
    rows = [r for r in rows_of(read["Options"]) if r["What"] == "Net cost"]
    assert [r["Option"] for r in rows] == list(OPTIONS.values())
    for at, row in enumerate(rows):
        assert row["Mean"] == pytest.approx(net[at].mean())
        assert row["Chance of being the best"] == pytest.approx((net.argmin(axis=0) == at).mean())
        if at:
            assert row["Difference to doing nothing, mean"] == pytest.approx(
                (net[at] - net[0]).mean()
            )
            assert row["Chance of better"] == (net[at] < net[0]).mean()
    saved_ = next(r for r in rows_of(read["Options"]) if r["What"].startswith("Saving: net saving"))
    assert saved_["Difference to doing nothing, mean"] == pytest.approx((net[0] - net[1]).mean())


def test_limits_say_when_to_look_again(read: openpyxl.Workbook) -> None:
    rows = rows_of(read["Limits and review date"])
    assert rows[0]["About"] == "Review date"
    assert rows[0]["What to know"].date() == date(2027, 2, 28)  # the run began on 31 August 2026


def test_a_run_without_a_whole_year_has_every_sheet(tmp_path: Path) -> None:
    keys = [Key("children_in_care", "", day) for day in ("2025-04-01", "2025-04-30")]
    keys.append(Key("net_cost", "", "2025-04"))
    results = by_hand(
        tmp_path / "short", np.full((1, 4, 3), 5.0), keys,
        measures={"children_in_care": {"unit": "children", "better": ""}},
        study=study_of(()), years=0.1,
    )  # fmt: skip
    read = openpyxl.load_workbook(write(results, tmp_path))
    assert tuple(read.sheetnames) == NAMES
    assert rows_of(read["Bridge"])[0]["Option"].startswith("Nothing of this was measured")


def test_numbers_that_are_none_leave_empty_cells(tmp_path: Path) -> None:
    results = unsaved(tmp_path / "run", study_of(()), replications=3, wanted=FEW)
    where = results.places[Key("unmet_need", "kind=foster", "2025-06-30")]
    needed = results.places[Key("placements_needed", "kind=foster", "2025-06-30")]
    raw = np.load(results.folder / "unfinished" / "values.npy", mmap_mode="r+")
    raw[:, :, where], raw[:, :, needed] = np.nan, np.inf
    raw.flush()
    read = openpyxl.load_workbook(write(results, tmp_path))
    row = rows_of(read["Gap and unmet need"])[1]
    assert row["Date"] == "2025-06-30"
    assert [row[f"Living elsewhere, {c}"] for c in ("mean", "P10", "P90")] == [None] * 3
    assert (row["Needed, mean"], row["Needed, P90"]) == (None, None)


# --- text that would be something else --------------------------------------------------------


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook in which everything that users write is live, or is no text at all."""
    options = [Option(name=text + "x", description=text, edits=CARERS.edits) for text in LIVE[:2]]
    options.append(Option(name="Sheet!A1" * 40, description="y" * 40_000, edits=HOME.edits))
    changes = (DatedChange(on=date(2026, 9, 1), path="fostering.leaving_per_year", to=LIVE[0]),)
    study = study_of(options, name="=HYPERLINK(1)", changes=changes)
    given = [
        Assumption(path=text, value=text, unit=text, source=text, note=text, confidence=text)
        for text in (*LIVE, "<r>a</r>", "a\x00\x1b\ud800\uffff\x85b", "=" + "z" * 40_000)
    ]
    study = study.model_copy(update={"assumptions": tuple(given), "warnings": LIVE})
    folder = tmp_path_factory.mktemp("hostile") / "run"
    results = unsaved(folder, study, replications=8, wanted=FEW)
    return write(results, tmp_path_factory.mktemp("hostile-book"))


def test_no_cell_is_a_formula_and_nothing_leads_outside(hostile: Path, path: Path) -> None:
    for file in (hostile, path):
        for name, text in parts_of(file, r".*\.(xml|rels)"):
            ElementTree.fromstring(text)
            assert "TargetMode" not in text
            if name.startswith("xl/worksheets/sheet"):
                assert "<f>" not in text
                assert "<f " not in text
        assert not list(parts_of(file, r".*(vba|macro|externalLink).*"))


def test_live_text_is_text_and_marked_as_such(hostile: Path) -> None:
    read = openpyxl.load_workbook(hostile)
    cells = [cell for sheet in read for row in sheet.iter_rows() for cell in row]
    texts = [cell for cell in cells if isinstance(cell.value, str)]
    assert all(cell.data_type == "s" for cell in texts)
    shown = [cell for cell in texts if re.match(r"[\s\u200b]*[=+\-@\uff1d\uff0b]", cell.value)]
    assert len(shown) > 6 * len(LIVE)
    assert all(cell.quotePrefix for cell in shown)
    said = {cell.value for cell in texts}
    for text in LIVE:
        assert text.replace("\r", "\n") in said
    assert not any(cell.quotePrefix for cell in texts if re.match(r"[A-Za-z]", cell.value))


def test_names_in_charts_refer_to_no_cell(hostile: Path) -> None:
    names = "|".join(map(re.escape, NAMES))
    for _, chart in parts_of(hostile, r"xl/charts/chart\d+\.xml"):
        for reference in re.findall(r"<c:f>(.*?)</c:f>", chart):
            assert re.fullmatch(rf"'?({names})'?!\$[A-Z]\$\d+(:\$[A-Z]\$\d+)?", reference)


def test_text_of_any_length_and_kind_fits_its_cell(hostile: Path) -> None:
    read = openpyxl.load_workbook(hostile)
    texts = [
        c.value for sheet in read for row in sheet.iter_rows() for c in row if c.data_type == "s"
    ]
    assert max(len(text) for text in texts) == 32_767
    assert "<r>a</r> " in texts
    assert "a\ufffd\ufffd\ufffd\ufffd\ufffdb" in texts
    long = [text for text in texts if text.startswith("Sheet!A1" * 3)]
    assert long
    assert len(long[0]) == 320


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a\r\nb\rc", "a\nb\nc"),
        ("tab\tstays", "tab\tstays"),
        ("\x0b\x7f", "\ufffd\ufffd"),
        ("\ufffe\ud800", "\ufffd\ufffd"),
        ("\U0001f600" * 20_000, "\U0001f600" * 16_383 + "…"),
        ("<r>x</r>", "<r>x</r> "),
    ],
)
def test_cleaned_text(text: str, kept: str) -> None:
    assert clean(text) == kept


def test_text_in_charts_is_short_and_no_reference() -> None:
    assert in_chart("=Sheet!A1\n") == "Sheet A1"
    assert len(in_chart("x" * 500)) == 200
    assert one_line("a\n b") == "a b"


@pytest.mark.slow
def test_a_small_run_of_camden_is_written_whole(tmp_path: Path) -> None:
    from sufficiency import experiment
    from sufficiency.comparison import compare
    from sufficiency.results import save

    results = experiment.run(
        camden(), replications=8, jobs=1, only=["recruit_20_carers"], out=tmp_path / "run"
    )
    done = save(results, comparison=compare(results), also=(write,))
    read = openpyxl.load_workbook(done.folder / "workbook.xlsx")
    assert tuple(read.sheetnames) == NAMES
    assert "workbook.xlsx" in done.manifest["files"]
    summary = done.summary().set_index(["option", "measure", "group", "period"])["mean"]
    for year in ("2025-26", "2029-30"):
        row = money(read, "Recruit 20 carers", "Net cost")[year]
        assert row["Mean"] == summary["recruit_20_carers", "net_cost", "", year]
    for sheet in read:
        assert not rows_of(sheet)[0][next(iter(rows_of(sheet)[0]))].startswith("Nothing of this")
