"""`Results`: what a run leaves, from the disk and only as much of it as is asked for."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import cache, cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sufficiency.errors import SufficiencyError
from sufficiency.results import tables
from sufficiency.results.files import (
    read_csv,
    read_json,
    sha256,
    write_csv,
    write_json,
    write_parquet,
)
from sufficiency.results.folder import (
    PARTIAL,
    WORK,
    Settings,
    Unfinished,
    finish,
    partial_of,
    stopping,
)
from sufficiency.results.statistics import Floats
from sufficiency.rows import Key
from sufficiency.scenario import Study
from sufficiency.scenario_file.loading import load as load_scenario
from sufficiency.scenario_file.writing import files_beside, resolved_yaml

BASELINE = "baseline"
"""Name of what every option is compared with."""
TEXT = ("option", "against", "measure", "group", "period", "unit", "better")
"""Columns of the CSV files that hold words."""
WHOLE = ("replications",)
"""Columns of the CSV files that hold whole numbers."""
PACKAGES = ("joblib", "numpy", "pandas", "pyarrow", "pydantic", "scipy", "simpy")
"""Packages whose versions the manifest states."""
_CHANGED = "{} is missing or has been changed since it was written: run the scenario again"
"""What is said of a folder of results that is not whole."""
TABLES = ("measures", "census", "costs", "draws", *tables.CHILD_LEVEL)


@dataclass(frozen=True, eq=False)
class Results:
    """What a run leaves: its study, its manifest, and tables made or read when asked for."""

    folder: Path
    """Where it is; ends with `.partial` until it is saved."""
    manifest: Mapping[str, Any]
    """Scenario, settings, versions and hashes."""
    options: tuple[str, ...]
    """The baseline, then the options."""
    keys: tuple[Key, ...]
    """Names of the numbers of a replication."""
    given: Study | None = field(default=None, repr=False)
    """The study that was run; of a saved run it is read from `scenario.yaml`."""
    temporary: bool = False
    """Whether the folder goes when this object does."""

    @cached_property
    def study(self) -> Study:
        """The scenario, its options, and where its values come from."""
        path = self.folder / "scenario.yaml"
        return self.given or load_scenario(path, of_a_run=True)

    @property
    def replications(self) -> int:
        """Futures simulated; the central one, number 0, comes on top."""
        return int(self.manifest["replications"])

    @property
    def together(self) -> int:
        """How many neighbouring replications share a draw of what is uncertain: 2, or 1."""
        return 2 if self.manifest["ranges"] else 1

    @property
    def by_replication(self) -> Floats:
        """Options, replications, keys; it stays on the disk and is read where it is looked at."""
        raw = self.folder / WORK / "values.npy"
        if raw.is_file():
            values: Floats = np.load(raw, mmap_mode="r")
            return values
        return self._saved_values

    @cached_property
    def _saved_values(self) -> Floats:
        """The values of a saved run, unpacked into an array on the disk."""
        shape = (self.replications + 1, len(self.options), len(self.keys))
        place = Path(tempfile.mkdtemp(prefix="sufficiency-"))
        weakref.finalize(self, shutil.rmtree, place, ignore_errors=True)
        array = np.lib.format.open_memmap(place / "values.npy", "w+", np.float64, shape)
        flat, at = array.reshape(-1), 0
        table = self.folder / "tables" / "measures.parquet"
        try:
            with pq.ParquetFile(table) as file:
                for group in range(file.num_row_groups):
                    column = file.read_row_group(group, columns=["value"])["value"]
                    flat[at : at + len(column)] = column.to_numpy()
                    at += len(column)
        except (FileNotFoundError, ValueError):  # what arrow cannot read is a ValueError too
            raise SufficiencyError(f"{self.folder}: {_CHANGED.format(table.name)}") from None
        values: Floats = array.swapaxes(0, 1)
        return values

    def unit(self, measure: str) -> str:
        """Unit of a measure."""
        return str(self.manifest["measures"].get(measure, {}).get("unit", ""))

    def better(self, measure: str) -> str:
        """`up` or `down`: which way is better; empty where neither is."""
        return str(self.manifest["measures"].get(measure, {}).get("better", ""))

    @cached_property
    def places(self) -> Mapping[Key, int]:
        """Where each key stands among the keys."""
        return {key: place for place, key in enumerate(self.keys)}

    def futures(self, measure: str, group: str = "", option: str = BASELINE) -> pd.DataFrame:
        """One row per replication from 1, one column per period of a measure and group."""
        columns = [place for key, place in self.places.items() if key[:2] == (measure, group)]
        values = self.by_replication[self.options.index(option), 1:][:, columns]
        return pd.DataFrame(
            values,
            columns=[self.keys[place].period for place in columns],
            index=pd.RangeIndex(1, len(values) + 1, name="replication"),
        ).sort_index(axis=1)

    def summary(self) -> pd.DataFrame:
        """One row per option, measure, group and period: the columns of `summary.csv`."""
        return self._summary.copy()

    @cached_property
    def _summary(self) -> pd.DataFrame:
        path = self.folder / "summary.csv"
        if path.is_file():
            return read_csv(path, TEXT, WHOLE)
        units = {name: self.unit(name) for name in self.manifest["measures"]}
        return tables.summary(self.by_replication, self.options, self.keys, units, self.together)

    def comparison(self) -> pd.DataFrame:
        """One row per option, measure, group and period, as saved: `comparison.csv`."""
        return read_csv(self.folder / "comparison.csv", TEXT)

    def table(self, name: str) -> pd.DataFrame:
        """One of the tables, by name; `measures` of a long run is large."""
        if name not in TABLES:
            raise KeyError(f"there is no table '{name}'; there are {', '.join(TABLES)}")
        path = self.folder / "tables" / f"{name}.parquet"
        if path.is_file():
            return pq.read_table(path).to_pandas()
        return pa.concat_tables(self.stream(name)).to_pandas()

    def stream(self, name: str) -> Iterator[Any]:
        """A table of an unsaved run as arrow tables, one after the other."""
        if name == "measures":
            return tables.measures(self.by_replication, self.options, self.keys)
        if name in tables.CHILD_LEVEL:
            kept = range(min(int(self.manifest["keep"]), self.replications) + 1)
            start = date.fromisoformat(self.manifest["start"])
            return tables.child_level(
                name, self.folder / WORK / "kept", self.options, list(kept), start
            )
        made = {"census": self._census, "costs": self._costs, "draws": self._draws}[name]()
        return iter([pa.Table.from_pandas(made, preserve_index=False)])

    def _census(self) -> pd.DataFrame:
        return tables.census(self._summary)

    def _costs(self) -> pd.DataFrame:
        return tables.costs(self._summary)

    def _draws(self) -> pd.DataFrame:
        values = np.load(self.folder / WORK / "draws.npy", mmap_mode="r")
        return tables.draws(values, self.manifest["ranges"])


def results_of(
    unfinished: Unfinished, study: Study | None = None, *, temporary: bool = False
) -> Results:
    """The results of a run that is complete but not saved."""
    settings = unfinished.settings
    manifest = {
        **asdict(settings),
        "options": list(settings.options),
        "ranges": list(settings.ranges),
        "seconds": unfinished.seconds(),
        "python": python_version(),
        "packages": {name: version_of(name) for name in PACKAGES},
        "measures": unfinished.measures,
    }
    folder, options, keys = unfinished.folder, settings.options, unfinished.keys
    results = Results(folder, manifest, options, keys, study, temporary)
    if temporary:
        weakref.finalize(results, shutil.rmtree, folder.parent, ignore_errors=True)
    return results


@cache
def version_of(package: str) -> str:
    """The installed version of a package."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def by_hand(
    folder: Path,
    values: Floats,
    keys: Sequence[Key],
    options: Sequence[str] = (BASELINE,),
    *,
    measures: Mapping[str, Mapping[str, str]] | None = None,
    study: Study | None = None,
    **settings: Any,
) -> Results:
    """Results of numbers that another program, or a test, has made: not saved yet.

    Args:
        folder: Where they will be; nothing may be there.
        values: Options, replications from 0, keys.
        keys: Names of the numbers.
        options: Names of the options, the baseline first.
        measures: Unit of each measure, and which way is better.
        study: What was run.
        settings: Those of `Settings` that matter.
    """
    stated = {
        "name": "By hand", "scenario_hash": "", "version": version_of("sufficiency"), "seed": 0,
        "replications": values.shape[1] - 1, "years": 1.0, "keep": -1, "options": tuple(options),
        "ranges": (), "start": "2025-04-01", "started": "", **settings,
    }  # fmt: skip
    yaml, beside = "", {}
    if study is not None:
        yaml, beside = resolved_yaml(study), files_beside(study)
    unfinished = Unfinished.create(partial_of(folder), Settings(**stated), yaml, beside)
    unfinished.begin(keys, measures or {})
    for replication in range(values.shape[1]):
        unfinished.put(replication, values[:, replication], np.empty(0), None)
    unfinished.close()
    return results_of(unfinished, study)


def save(
    results: Results,
    *,
    comparison: pd.DataFrame | None = None,
    out: Path | None = None,
    also: Iterable[Callable[[Results], object]] = (),
) -> Results:
    """Write the files of a run and give its folder its name; from then on it is never changed.

    Args:
        results: A run that is complete but not saved.
        comparison: The options against the baseline, for `comparison.csv`.
        out: Where to, if the run was not told.
        also: Writers of further files (report, workbook). Each gets the results with all tables
            written, and writes into their `folder`.
    """
    if not results.folder.name.endswith(PARTIAL):
        raise SufficiencyError(f"{results.folder} is a finished run, which is never changed")
    if results.temporary and out is None:
        raise SufficiencyError("say where the results are to be saved")
    if out is not None:
        results = _moved(results, out)
    with stopping(results.folder):
        written = _write(results, comparison)
        for write in also:
            write(written)
        _write_manifest(written)
        final = finish(results.folder)
    return load(final)


def _moved(results: Results, out: Path) -> Results:
    partial = partial_of(Path(out))
    for path in (Path(out), partial):
        if path.exists():
            raise SufficiencyError(f"{path} exists already; choose another folder")
    partial.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(results.folder, partial)
    return _at(results, partial)


def _at(results: Results, folder: Path) -> Results:
    """The same results, with nothing remembered of what is read from files."""
    return Results(folder, results.manifest, results.options, results.keys, results.given)


def _write(results: Results, comparison: pd.DataFrame | None) -> Results:
    folder = results.folder
    for stale in ("summary.csv", "comparison.csv", "manifest.json"):
        (folder / stale).unlink(missing_ok=True)  # of an earlier try that was stopped
    results = _at(results, folder)
    (folder / "tables").mkdir(exist_ok=True)
    for name in TABLES:
        write_parquet(folder / "tables" / f"{name}.parquet", results.stream(name))
    write_csv(folder / "summary.csv", results.summary())
    if comparison is not None:
        write_csv(folder / "comparison.csv", comparison)
    return _at(results, folder)


def _write_manifest(results: Results) -> None:
    folder = results.folder
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    hashes = {
        path.relative_to(folder).as_posix(): sha256(path)
        for path in files
        if WORK not in path.relative_to(folder).parts
    }
    inputs = {name: hashes.pop(name) for name in ("scenario.yaml", *_beside(results))}
    children = results.given.scenario.authority.children if results.given else None
    if children is not None:  # personal data: what they are is not copied, only identified
        inputs["authority.children"] = children.file.digest
    content = {**results.manifest, "inputs": inputs, "files": hashes}
    write_json(folder / "manifest.json", content)


def _beside(results: Results) -> list[str]:
    """The files that the resolved scenario names."""
    return [] if results.given is None else list(files_beside(results.given))


def load(folder: str | Path) -> Results:
    """A saved run; its tables are read when they are asked for."""
    folder = Path(folder)
    if folder.name.endswith(PARTIAL):
        raise SufficiencyError(f"{folder} is unfinished: complete it with --resume {folder}")
    try:
        manifest = read_json(folder / "manifest.json")
        if "publication" in manifest:
            raise SufficiencyError(
                f"{folder} is a publication, which has no tables: name the run it was made of"
            )
        summary = read_csv(folder / "summary.csv", TEXT, WHOLE)
        options = tuple(manifest["options"])
        rows = summary.loc[summary["option"] == options[0], list(Key._fields)]
    except (FileNotFoundError, NotADirectoryError):
        message = f"{folder} is not a folder of results (it needs manifest.json and summary.csv)"
        raise SufficiencyError(message) from None
    except (ValueError, LookupError, TypeError):
        raise SufficiencyError(
            f"{folder}: {_CHANGED.format('manifest.json or summary.csv')}"
        ) from None
    keys = tuple(Key(*row) for row in rows.itertuples(index=False))
    return Results(folder, manifest, options, keys)
