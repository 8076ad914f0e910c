"""What an unfinished run has done so far, on the disk: so that it can be stopped and completed.

A run works in `<name>.partial` and gets its name only when it is complete; a finished folder is
never touched. The values of all replications are one array on the disk, so that memory does not
grow with them; `done` says which of them count.
"""

from __future__ import annotations

import errno
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from sufficiency.errors import SufficiencyError
from sufficiency.results.files import (
    read_json,
    sync_folder,
    writable,
    write_json,
    write_text,
    writing,
)
from sufficiency.results.statistics import Floats
from sufficiency.rows import Key

PARTIAL = ".partial"
WORK = "unfinished"
"""Folder, inside an unfinished run, of what only an unfinished run needs."""
SETTLE_SECONDS = 2.0
"""Finished replications are known to be on the disk at least this often."""
BLOCK = 1 << 20
"""As many numbers are written at a time."""
FIRST_ROOM = 256
"""A run that ends when it is precise enough has room for so many replications at first."""


class Interrupted(SufficiencyError):  # noqa: N818 - nobody made an error
    """A run was stopped before its end; what it had finished is kept and can be completed."""

    exit_code = 3

    def __init__(self, folder: Path, why: str) -> None:
        self.folder = folder
        """The unfinished folder, for `--resume`."""
        super().__init__(f"{why}; what is finished is kept: go on with --resume {folder}")


@dataclass(frozen=True)
class Settings:
    """What decides the results of a run, and when it began."""

    name: str
    """Name of the scenario."""
    scenario_hash: str
    version: str
    seed: int
    replications: int
    """Futures simulated, at most while `precision` may end it before; the central one, number 0,
    comes on top."""
    years: float
    keep: int
    """Replications, the central one apart, whose child-level rows are kept."""
    options: tuple[str, ...]
    """The baseline, then the options."""
    ranges: tuple[str, ...]
    """Paths of the values that are drawn."""
    start: str
    """First day simulated, ISO 8601."""
    started: str
    """When the run began: local time, ISO 8601."""
    precision: float | None = None
    """The run ends as soon as the simulation's error of net cost is at most this share of it."""
    error: float | None = None
    """That error when it had ended: the largest of the baseline's and of the differences."""


@contextmanager
def stopping(folder: Path) -> Iterator[None]:
    """Turn Ctrl-C and a full disk into `Interrupted`: what is in the folder stays there."""
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted(folder, "interrupted") from None
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise Interrupted(folder, "the disk is full") from error


def partial_of(out: Path) -> Path:
    """The folder in which the run that ends in `out` works."""
    return out.with_name(out.name + PARTIAL)


def final_of(partial: Path) -> Path:
    """The folder in which a run ends."""
    return partial.with_name(partial.name.removesuffix(PARTIAL))


class Unfinished:
    """A run in its `.partial` folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.work = folder / WORK
        stated = read_json(self.work / "settings.json")
        for name in ("options", "ranges"):
            stated[name] = tuple(stated[name])
        self.settings = Settings(**stated)
        self._waiting: list[int] = []
        self._prefix = -1
        self._settled = time.monotonic()
        self._began = time.monotonic()
        self._open()

    @classmethod
    def create(
        cls,
        folder: Path,
        settings: Settings,
        scenario_yaml: str,
        beside: Mapping[str, str] | None = None,
    ) -> Unfinished:
        """Make the folder; that fails if there is one already.

        Args:
            folder: Where the run works.
            settings: What decides its results.
            scenario_yaml: The resolved scenario.
            beside: Name and text of the files that it names.
        """
        final = final_of(folder)
        with writable(final):
            if final.exists():
                raise SufficiencyError(f"{final} exists already; choose another folder with --out")
            folder.parent.mkdir(parents=True, exist_ok=True)
            try:
                folder.mkdir()
            except FileExistsError:
                message = f"an unfinished run is there: delete it, or go on with --resume {folder}"
                raise SufficiencyError(message) from None
            (folder / WORK / "kept").mkdir(parents=True)
        write_text(folder / "scenario.yaml", scenario_yaml)
        for name, text in (beside or {}).items():
            write_text(folder / name, text)
        write_json(folder / WORK / "settings.json", asdict(settings))
        return cls(folder)

    @classmethod
    def open(cls, folder: Path) -> Unfinished:
        """Find an unfinished run by its own name or by the name it will have."""
        partial = folder if folder.name.endswith(PARTIAL) else partial_of(folder)
        if (partial / WORK / "settings.json").is_file():
            return cls(partial)
        if (partial / "manifest.json").is_file():
            message = f"{partial} is complete but for its name: rename it to {final_of(partial)}"
        elif (folder / "manifest.json").is_file():
            message = f"{folder} is a finished run; there is nothing to resume"
        else:
            message = f"{folder} is not an unfinished run"
        raise SufficiencyError(message)

    def begin(self, keys: Sequence[Key], measures: Mapping[str, Mapping[str, str]]) -> None:
        """Make room for the replications, now that the keys of one are known.

        A run that does them all makes room for them all, so that a full disk shows at once.

        Args:
            keys: Names of its numbers.
            measures: Unit of each measure, and which way is better.
        """
        options, room = len(self.settings.options), self.settings.replications + 1
        if self.settings.precision is not None:
            room = min(room, FIRST_ROOM + 1)
        draws = max(1, len(self.settings.ranges))
        _allocate(self.work / "values.npy", (options, room, len(keys)), np.float64, np.nan)
        _allocate(self.work / "draws.npy", (room, draws), np.float64, np.nan)
        _allocate(self.work / "done.npy", (room,), np.bool_, False)
        content = {"measures": measures, "keys": [list(key) for key in keys]}
        write_json(self.work / "keys.json", content)  # last: its presence says that all is there
        self._open()

    def _open(self) -> None:
        self.begun = (self.work / "keys.json").is_file()
        if not self.begun:
            return
        content = read_json(self.work / "keys.json")
        self.measures: dict[str, dict[str, str]] = content["measures"]
        self.keys = tuple(Key(*key) for key in content["keys"])
        self._map()
        self._there = {int(r) for r in np.flatnonzero(self._done)}

    def _map(self) -> None:
        self._values = np.load(self.work / "values.npy", mmap_mode="r+")
        self._draws = np.load(self.work / "draws.npy", mmap_mode="r+")
        self._done = np.load(self.work / "done.npy", mmap_mode="r+")

    def put(
        self, replication: int, values: Floats, draw: Floats, kept: Mapping[str, Floats] | None
    ) -> None:
        """Keep what one replication left: a row of values for each option, and its rows."""
        if replication >= len(self._done):
            most = self.settings.replications + 1
            self._resize(min(most, max(2 * len(self._done), replication + 1)))
        self._values[:, replication] = values
        self._draws[replication, : len(draw)] = draw
        if kept is not None:
            with writing(self.work / "kept" / f"{replication}.npz") as file:
                np.savez(file, **kept)  # type: ignore[arg-type]  # numpy's stub has no room for names of arrays
        self._waiting.append(replication)
        self._there.add(replication)
        if time.monotonic() - self._settled > SETTLE_SECONDS:
            self.settle()

    def settle(self) -> None:
        """Write what is finished to the disk, and only then count it as done."""
        self._settled = time.monotonic()
        if not self.begun or not self._waiting:
            return
        self._values.flush()
        self._draws.flush()
        self._done[self._waiting] = True
        self._done.flush()
        self._waiting.clear()

    def close(self) -> None:
        """Settle, let go of the arrays, and add up the time spent."""
        self.settle()
        if self.begun:
            del self._values, self._draws, self._done
        spent = self.seconds() + time.monotonic() - self._began
        write_json(self.work / "seconds.json", {"seconds": round(spent, 3)})

    def seconds(self) -> float:
        """Seconds spent on it so far, earlier sittings included."""
        path = self.work / "seconds.json"
        return float(read_json(path)["seconds"]) if path.is_file() else 0.0

    def remaining(self) -> list[int]:
        """Replications that are not done."""
        return [r for r in range(self.settings.replications + 1) if r not in self._there]

    def complete(self) -> int:
        """The last replication before which none is missing."""
        last = self._prefix
        while last + 1 in self._there:
            last += 1
        self._prefix = last
        return last

    def measured(self, last: int, columns: Sequence[int]) -> Floats:
        """Options, replications 1 to `last`, and some of the keys."""
        return np.asarray(self._values[:, 1 : last + 1][:, :, columns])

    def end_at(self, last: int, error: float | None, scenario: tuple[str, str]) -> None:
        """Keep the replications up to one, as if no more had been asked for.

        Args:
            last: The last replication that counts.
            error: The error of net cost that was reached.
            scenario: The resolved scenario of a run of so many replications, and its hash.
        """
        self.settle()
        self._resize(last + 1)
        self._there = set(range(last + 1))
        text, digest = scenario
        write_text(self.folder / "scenario.yaml", text)
        self.settings = replace(self.settings, replications=last, error=error, scenario_hash=digest)
        write_json(self.work / "settings.json", asdict(self.settings))

    def _resize(self, room: int) -> None:
        """Make room for so many replications; wherever it is stopped, `done` claims no more."""
        self.settle()
        files = {"values": (1, np.nan), "draws": (0, np.nan), "done": (0, False)}
        order = reversed(files) if room < len(self._done) else iter(files)
        del self._values, self._draws, self._done
        for name in order:
            _resize(self.work / f"{name}.npy", room, *files[name])
        self._map()


def finish(partial: Path) -> Path:
    """Give a complete run its name."""
    final = final_of(partial)
    if final.exists():
        raise SufficiencyError(f"{final} exists already; the run is complete in {partial}")
    (partial / WORK / "settings.json").unlink()  # from here on it is complete, not unfinished
    shutil.rmtree(partial / WORK)
    sync_folder(partial)
    partial.rename(final)
    sync_folder(final.parent)
    return final


def _allocate(path: Path, shape: tuple[int, ...], kind: Any, value: float) -> None:
    """Make an array on the disk by writing all of it: a full disk shows here, as an error.

    A file that only claims its size, as `numpy.memmap` makes it, ends the program when the disk
    turns out to be full.
    """
    with writing(path) as file:
        _write_header(file, shape, np.dtype(kind))
        _fill(file, int(np.prod(shape)), np.dtype(kind), value)


def _resize(path: Path, room: int, axis: int, value: float) -> None:
    """Copy an array on the disk to one that is longer, or shorter, along an axis."""
    old = np.load(path, mmap_mode="r")
    if old.shape[axis] == room:
        return
    shape = (*old.shape[:axis], room, *old.shape[axis + 1 :])
    kept = min(room, old.shape[axis])
    each = int(np.prod(shape[axis + 1 :]))
    step = max(1, BLOCK // max(1, each))
    with writing(path) as file:
        _write_header(file, shape, old.dtype)
        for part in old.reshape(-1, *old.shape[axis:]):
            for start in range(0, kept, step):
                file.write(part[start : min(start + step, kept)].tobytes())
            _fill(file, (room - kept) * each, old.dtype, value)
        del part, old  # where a file that is mapped could not be replaced


def _write_header(file: BinaryIO, shape: tuple[int, ...], kind: np.dtype[Any]) -> None:
    header = {"descr": kind.str, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)


def _fill(file: BinaryIO, count: int, kind: np.dtype[Any], value: float) -> None:
    block: npt.NDArray[Any] = np.full(min(count, BLOCK), value, dtype=kind)
    for start in range(0, count, max(1, len(block))):
        file.write(block[: count - start].tobytes())
