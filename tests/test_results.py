from __future__ import annotations

import errno
import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from sufficiency.errors import SufficiencyError
from sufficiency.results import Interrupted, Results, by_hand, load, save
from sufficiency.results.files import read_csv, sha256, write_csv
from sufficiency.results.statistics import moments, percentiles, share_above
from sufficiency.results.tables import ROW_GROUP, child_level
from sufficiency.rows import CarePeriod, Household, Key, Placement, Search

DATES = ("2025-04-01", "2025-04-30", "2025-05-31", "2025-06-30")
KEYS = (
    *(Key("children_in_care", "type=ifa", day) for day in DATES),
    *(Key("children_in_care", "type=in_house", day) for day in DATES),
    Key("in_house_share", "", "2025-06-30"),
    Key("cost", "type=ifa", "2025-26"),
)
MEASURES = {
    "children_in_care": {"unit": "children", "better": ""},
    "in_house_share": {"unit": "share", "better": "up"},
    "cost": {"unit": "£", "better": "down"},
}
COLUMNS = [
    "option", "measure", "group", "period", "unit", "mean", "se",
    "p10", "p50", "p80", "p90", "low95", "high95", "replications",
]  # fmt: skip


def values(options: int = 2, replications: int = 10) -> np.ndarray:
    return np.random.default_rng(7).normal(50, 5, (options, replications + 1, len(KEYS)))


def made(
    folder: Path, numbers: np.ndarray, options: Sequence[str] = ("baseline", "more")
) -> Results:
    return by_hand(folder, numbers, KEYS, options, measures=MEASURES)


def test_summary_of_replications_by_hand(tmp_path: Path) -> None:
    numbers = np.full((1, 6, len(KEYS)), 3.0)
    numbers[0, :, 0] = [1000, 1, 2, 3, 4, 10]  # the central replication counts for nothing
    summary = made(tmp_path / "run", numbers, ["baseline"]).summary()
    assert list(summary.columns) == COLUMNS
    first, second = summary.iloc[0], summary.iloc[1]
    assert tuple(first[:5]) == ("baseline", "children_in_care", "type=ifa", DATES[0], "children")
    assert first["mean"] == 4.0
    assert first["se"] == pytest.approx(np.sqrt(50 / 4 / 5))
    assert [first[c] for c in ("p10", "p50", "p80", "p90")] == pytest.approx([1.4, 3, 5.2, 7.6])
    assert [first["low95"], first["high95"]] == pytest.approx([1.1, 9.4])
    assert first["replications"] == 5
    assert (second["mean"], second["se"], second["p10"], second["high95"]) == (3, 0, 3, 3)


def test_percentiles_are_those_of_numpy_without_the_missing() -> None:
    numbers = np.random.default_rng(1).normal(size=(37, 50))
    numbers[np.random.default_rng(2).random(numbers.shape) < 0.3] = np.nan
    shares = (0.025, 0.1, 0.5, 0.8, 0.975)
    assert percentiles(numbers, shares) == pytest.approx(
        np.nanpercentile(numbers, [100 * share for share in shares], axis=0)
    )


def test_what_has_no_value_is_left_out_and_counted() -> None:
    numbers = np.array([[1.0, np.nan, np.nan], [np.nan, np.nan, 5.0], [3.0, np.nan, np.nan]])
    known = moments(numbers)
    assert known.known.tolist() == [2, 0, 1]
    assert known.mean[0] == 2
    assert known.se[0] == 1
    assert np.isnan(known.mean[1])
    assert known.mean[2] == 5
    assert np.isnan(known.se[[1, 2]]).all()
    assert np.isnan(percentiles(numbers, (0.5,))[0, 1])
    assert np.isnan(share_above(numbers)[1])


def test_the_error_of_replications_that_share_a_draw_is_that_of_their_pairs() -> None:
    numbers = np.array([1.0, 1, 5, 5, 9, 9])[:, None]
    assert moments(numbers, together=2).se[0] == pytest.approx(np.std([1, 5, 9], ddof=1) / 3**0.5)
    assert moments(numbers).se[0] < moments(numbers, together=2).se[0]


def test_a_saved_run_has_all_files_and_says_the_same(tmp_path: Path) -> None:
    results = made(tmp_path / "run", values())
    before = {name: results.table(name) for name in ("measures", "census", "costs", "draws")}
    summary, numbers = results.summary(), np.array(results.by_replication)
    assert results.folder == tmp_path / "run.partial"
    saved = save(results)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run"]
    assert saved.folder == tmp_path / "run"
    assert {p.name for p in saved.folder.iterdir()} == {
        "manifest.json", "scenario.yaml", "summary.csv", "tables",
    }  # fmt: skip
    again = load(tmp_path / "run")
    assert again.keys == KEYS
    assert again.options == ("baseline", "more")
    assert isinstance(again.by_replication, np.memmap)
    assert (again.by_replication == numbers).all()
    assert (again.unit("cost"), again.better("cost"), again.better("no such")) == ("£", "down", "")
    pd.testing.assert_frame_equal(again.summary(), summary, rtol=1e-9)
    for name, table in before.items():
        pd.testing.assert_frame_equal(again.table(name), table)
    with pytest.raises(KeyError, match="there is no table 'moves'"):
        again.table("moves")


def test_the_manifest_has_the_hash_of_every_file(tmp_path: Path) -> None:
    folder = save(made(tmp_path / "run", values())).folder
    manifest = json.loads((folder / "manifest.json").read_text())
    files = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert set(manifest["files"]) == files - {"manifest.json", "scenario.yaml"}
    assert manifest["files"]["summary.csv"] == sha256(folder / "summary.csv")
    assert manifest["inputs"] == {"scenario.yaml": sha256(folder / "scenario.yaml")}
    assert manifest["replications"] == 10
    assert manifest["packages"]["numpy"] == np.__version__


def test_measures_are_one_row_per_number_in_order(tmp_path: Path) -> None:
    numbers = values(replications=2)
    table = made(tmp_path / "run", numbers).table("measures")
    assert list(table.columns) == ["replication", "option", "measure", "group", "period", "value"]
    assert table["value"].tolist() == numbers.swapaxes(0, 1).ravel().tolist()
    last = table.iloc[-1]
    assert tuple(last[:5]) == (2, "more", "cost", "type=ifa", "2025-26")


def test_measures_of_many_replications_come_in_pieces(tmp_path: Path) -> None:
    many = ROW_GROUP // (2 * len(KEYS)) + 5
    saved = save(made(tmp_path / "run", values(replications=many)))
    with pq.ParquetFile(saved.folder / "tables" / "measures.parquet") as file:
        assert file.num_row_groups == 2
        assert file.metadata.num_rows == (many + 1) * 2 * len(KEYS)


def test_the_values_of_many_replications_stay_on_the_disk(tmp_path: Path) -> None:
    keys = [Key("entries", "", str(number)) for number in range(5_000)]
    numbers = np.broadcast_to(np.float64(1.0), (1, 1_001, 5_000))
    array = by_hand(tmp_path / "run", numbers, keys).by_replication
    assert isinstance(array, np.memmap)
    assert array.shape == (1, 1_001, 5_000)


def test_census_has_the_ends_of_months(tmp_path: Path) -> None:
    results = made(tmp_path / "run", values())
    census = results.table("census")
    assert list(census.columns) == ["option", "month", "type", "mean", "p10", "p90"]
    assert len(census) == 2 * 2 * 3  # options, types, months; the first day is no month's end
    row = census[(census["option"] == "more") & (census["month"] == "2025-05")].iloc[0]
    summary = results.summary()
    same = summary[(summary["option"] == "more") & (summary["period"] == "2025-05-31")].iloc[0]
    assert (row["type"], row["mean"], row["p90"]) == ("ifa", same["mean"], same["p90"])


def test_costs_are_what_is_in_pounds(tmp_path: Path) -> None:
    costs = made(tmp_path / "run", values()).table("costs")
    assert costs["measure"].unique().tolist() == ["cost"]
    assert "p80" in costs.columns


def test_futures_are_replications_by_period(tmp_path: Path) -> None:
    numbers = values()
    table = made(tmp_path / "run", numbers).futures("children_in_care", "type=in_house", "more")
    assert list(table.columns) == list(DATES)
    assert list(table.index) == list(range(1, 11))
    assert (table.to_numpy() == numbers[1, 1:, 4:8]).all()


# --- child by child ---------------------------------------------------------------------------


def rows(kind: type, **given: float) -> list[float]:
    return [given.get(name, 0.0) for name in kind._fields]  # type: ignore[attr-defined]  # a named tuple's class


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    inf = np.inf
    tables = {
        "placements": [
            rows(
                Placement,
                child=7,
                type=1,
                started=-0.5,
                ended=inf,
                cause=-1,
                provider=-1,
                in_area=1,
            ),
            rows(Placement, child=8, type=0, started=10.9, ended=31.0, cause=1, provider=4),
        ],
        "care_periods": [
            rows(CarePeriod, child=7, born=-3652.5, left=5e6, group=5, reason=8, dearness=0.25)
        ],
        "searches": [rows(Search, got=7, registered=inf, in_house_vacancies=-1, no_ifa=1)],
        "households": [rows(Household, origin=3, highest_need=2, siblings=1, oldest=11, places=2)],
    }
    flat = {f"0.{name}": np.array(found) for name, found in tables.items()}
    flat |= {f"1.{name}": np.empty(0) for name in tables}
    np.savez(tmp_path / "3.npz", **flat)
    return tmp_path


def child_rows(kept: Path, name: str) -> pd.DataFrame:
    from datetime import date

    import pyarrow as pa

    parts = child_level(name, kept, ["baseline", "none"], [3], date(2025, 4, 1))
    return pa.concat_tables(parts).to_pandas()


def test_placements_have_words_and_dates(kept: Path) -> None:
    table = child_rows(kept, "placements")
    first, second = table.iloc[0], table.iloc[1]
    assert (first["replication"], first["option"], first["child"]) == (3, "baseline", 7)
    assert (first["type"], first["planned"], first["cause"]) == ("ifa", "foster", "entry")
    assert str(first["started"]) == "2025-03-31"
    assert pd.isna(first["ended"])
    assert pd.isna(first["provider"])
    assert first["in_area"]
    assert not first["over_20_miles"]
    assert (str(second["started"]), str(second["ended"])) == ("2025-04-11", "2025-05-02")
    assert (second["type"], second["cause"], second["provider"]) == ("in_house", "breakdown", 4)


def test_other_child_level_tables_have_words_too(kept: Path) -> None:
    child = child_rows(kept, "care_periods").iloc[0]
    assert (child["group"], child["reason"]) == ("uasc_under_16", "turned_18")
    assert str(child["born"]) == "2015-04-01"
    assert pd.isna(child["left"])  # a day that no calendar has
    assert child["dearness"] == 0.25
    search = child_rows(kept, "searches").iloc[0]
    assert search["got"] == "unregistered"
    assert pd.isna(search["registered"])
    assert pd.isna(search["in_house_vacancies"])
    assert search["no_ifa"]
    household = child_rows(kept, "households").iloc[0]
    assert (household["origin"], household["highest_need"]) == ("recruited", "complex")
    assert (household["siblings"], household["oldest"], household["places"]) == (True, 11, 2)


# --- CSV --------------------------------------------------------------------------------------


def test_text_that_a_spreadsheet_would_run_is_made_harmless(tmp_path: Path) -> None:
    texts = ["=1+1", "+a", "-b", "@c", "\td", "\re", "\nf", 'say "hi", twice', "plain", "", "'x"]
    table = pd.DataFrame({"group": texts, "mean": np.linspace(-5, 5, len(texts))})
    write_csv(tmp_path / "t.csv", table)
    raw = (tmp_path / "t.csv").read_bytes()
    lines = raw.decode().split("\n")
    assert lines[:5] == ["group,mean", "'=1+1,-5", "'+a,-4", "'-b,-3", "'@c,-2"]
    assert b'"\'\re"' in raw
    pd.testing.assert_frame_equal(read_csv(tmp_path / "t.csv", ["group"]), table)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (" =1+1", "' =1+1"),
        ("\N{FULLWIDTH EQUALS SIGN}1", "'\N{FULLWIDTH EQUALS SIGN}1"),
        ("\N{FULLWIDTH COMMERCIAL AT}a", "'\N{FULLWIDTH COMMERCIAL AT}a"),
        ("\N{NO-BREAK SPACE}+1", "'\N{NO-BREAK SPACE}+1"),
        ("\N{ZERO WIDTH SPACE}@a", "'\N{ZERO WIDTH SPACE}@a"),
        ("-3", "'-3"),
        ("+44 20", "'+44 20"),
        ("'=1", "''=1"),
        ("''-1", "'''-1"),
        ("'quoted'", "'quoted'"),
        ("a=1", "a=1"),
        (" plain", " plain"),
        ("007", "007"),
    ],
)
def test_what_only_looks_harmless_is_told_apart_and_read_back(
    tmp_path: Path, text: str, written: str
) -> None:
    table = pd.DataFrame({"group": [text], "mean": [-3.0]})
    write_csv(tmp_path / "t.csv", table)
    assert (tmp_path / "t.csv").read_text(encoding="utf-8") == f"group,mean\n{written},-3\n"
    pd.testing.assert_frame_equal(read_csv(tmp_path / "t.csv", ["group"]), table)


def test_numbers_among_words_stay_numbers(tmp_path: Path) -> None:
    mixed = pd.Series([-3, -2.5, np.int64(-1), "-3", True, None], dtype=object)
    write_csv(tmp_path / "t.csv", pd.DataFrame({"x": mixed}))
    assert (tmp_path / "t.csv").read_text().split("\n")[1:-1] == [
        "-3", "-2.5", "-1", "'-3", "True", "",
    ]  # fmt: skip


def test_numbers_have_up_to_ten_digits_and_missing_ones_are_empty(tmp_path: Path) -> None:
    numbers = [1 / 3, -0.0, 1e6, 12345678.125, np.nan, 2.0]
    write_csv(tmp_path / "t.csv", pd.DataFrame({"x": numbers, "n": range(6)}))
    lines = (tmp_path / "t.csv").read_bytes().split(b"\n")
    assert lines[1:] == [
        b"0.3333333333,0",
        b"0,1",
        b"1000000,2",
        b"12345678.12,3",
        b",4",
        b"2,5",
        b"",
    ]


# --- folders ----------------------------------------------------------------------------------


def contents(folder: Path) -> dict[str, tuple[bytes, int]]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def test_a_finished_folder_is_never_touched(tmp_path: Path) -> None:
    saved = save(made(tmp_path / "run", values()))
    before = contents(tmp_path)
    with pytest.raises(SufficiencyError, match="exists already") as caught:
        made(tmp_path / "run", values())
    assert caught.value.exit_code == 2
    with pytest.raises(SufficiencyError, match="never changed"):
        save(saved)
    with pytest.raises(SufficiencyError, match="exists already"):
        save(made(tmp_path / "other", values()), out=tmp_path / "run")
    assert {p: c for p, c in contents(tmp_path).items() if "other" not in p} == before


def test_a_folder_that_appears_during_the_run_is_not_touched(tmp_path: Path) -> None:
    results = made(tmp_path / "run", values())
    (tmp_path / "run").mkdir()
    with pytest.raises(SufficiencyError, match="exists already; the run is complete"):
        save(results)
    assert list((tmp_path / "run").iterdir()) == []


def test_an_unfinished_folder_is_not_begun_again(tmp_path: Path) -> None:
    made(tmp_path / "run", values())
    with pytest.raises(SufficiencyError, match="go on with --resume"):
        made(tmp_path / "run", values())
    with pytest.raises(SufficiencyError, match="unfinished"):
        load(tmp_path / "run.partial")
    with pytest.raises(SufficiencyError, match="not a folder of results"):
        load(tmp_path / "nothing")


def test_a_full_disk_leaves_only_the_unfinished_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = made(tmp_path / "run", values())
    room = iter(range(4))

    def fsync(_: int) -> None:
        if next(room, None) is None:
            raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        with pytest.raises(Interrupted, match="the disk is full") as caught:
            save(results)
    assert caught.value.exit_code == 3
    assert [path.name for path in tmp_path.iterdir()] == ["run.partial"]
    assert not list(tmp_path.rglob("*.draft"))
    saved = save(results)  # there is room again
    whole = save(made(tmp_path / "whole", values()))
    for name in ("summary.csv", "tables/measures.parquet"):
        assert (saved.folder / name).read_bytes() == (whole.folder / name).read_bytes()


def test_further_files_are_written_before_the_folder_gets_its_name(tmp_path: Path) -> None:
    def report(results: Results) -> None:
        assert results.folder.name == "run.partial"
        text = f"{len(results.summary())} {len(results.comparison())}"
        (results.folder / "report.html").write_text(text)

    comparison = pd.DataFrame({"option": ["more"], "difference": [1.0]})
    saved = save(made(tmp_path / "run", values()), comparison=comparison, also=[report])
    assert (saved.folder / "report.html").read_text() == f"{2 * len(KEYS)} 1"
    assert "report.html" in saved.manifest["files"]
    assert "comparison.csv" in saved.manifest["files"]


def test_results_can_be_saved_elsewhere(tmp_path: Path) -> None:
    saved = save(made(tmp_path / "run", values()), out=tmp_path / "kept" / "here")
    assert saved.folder == tmp_path / "kept" / "here"
    assert not (tmp_path / "run.partial").exists()
