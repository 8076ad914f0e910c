"""What a scenario takes from a file beside it: sample paths of entries, and children in care.

In the file of the scenario each is the name of a CSV file; in a `Scenario` it is an opaque value,
read once and never copied. Two are equal if their content is, whatever their files are called.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import core_schema

Ints = npt.NDArray[np.int64]
Columns = Mapping[str, npt.NDArray[np.integer[Any]]]

STREAM_NAMES = ("non_uasc", "uasc")
"""The streams of which entries may be given."""
NOT_KNOWN = -1
"""In a column of `ChildrenGiven`: the file does not say."""


class Given:
    """Content of a file that a scenario names; the rest of a scenario is plain numbers."""

    what: ClassVar[str]
    """What the file holds, in a few words."""

    def __init__(self, columns: Columns, first: date | None, path: str) -> None:
        self.columns = {name: _frozen(values) for name, values in columns.items()}
        self.first = first
        self.path = path
        """Where it was read, empty if nowhere; no part of what it is."""

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the content."""
        content = hashlib.sha256(f"{type(self).__name__} {self.first}".encode())
        for name in sorted(self.columns):
            values = self.columns[name]
            content.update(f"{name} {values.shape}".encode())
            content.update(values.astype("<i8").tobytes())
        return content.hexdigest()

    def __eq__(self, other: object) -> bool:
        return self is other or (type(self) is type(other) and self.digest == other.digest)

    def __hash__(self) -> int:
        return hash(self.digest)

    def __str__(self) -> str:
        return f"{self.what}, sha256 {self.digest}"

    def __repr__(self) -> str:
        return f"<{self}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.columns, self.first, self.path)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Taken as it is: neither copied nor looked into."""
        same = core_schema.plain_serializer_function_ser_schema(lambda value: value)
        return core_schema.is_instance_schema(cls, serialization=same)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """In a scenario file it is the name of a file."""
        return {"type": "string", "format": "file-path"}


def _frozen(values: npt.NDArray[np.integer[Any]]) -> npt.NDArray[np.integer[Any]]:
    values = np.ascontiguousarray(values)
    if values.flags.writeable:
        values = values.copy()
        values.flags.writeable = False
    return values


class EntryPaths(Given):
    """Possible futures of monthly entries, by stream: a row for each path, a column for each month.

    Path k of both streams belongs together.
    """

    what = "sample paths of monthly entries"
    first: date
    """First day of the first month."""

    def __init__(self, columns: Columns, first: date, path: str = "") -> None:
        small = {name: values.astype(np.int32, copy=False) for name, values in columns.items()}
        super().__init__(small, first, path)

    @property
    def paths(self) -> int:
        """How many there are."""
        return int(next(iter(self.columns.values())).shape[0])

    @property
    def months(self) -> int:
        """Months that they cover."""
        return int(next(iter(self.columns.values())).shape[1])

    def __str__(self) -> str:
        about = f"{self.paths} paths of {self.months} months from {self.first.isoformat()[:7]}"
        return f"{about} (sha256 {self.digest[:12]})"

    def path_of(self, replication: int, months: int) -> Mapping[str, Ints]:
        """Entries by month of the path that a replication uses, by stream.

        Replication k uses path k, and after the last the first again; replication 0 the path whose
        total over the months is the median.
        """
        total = sum(values[:, :months].sum(axis=1) for values in self.columns.values())
        middle = np.argsort(np.asarray(total), kind="stable")[(self.paths - 1) // 2]
        row = int(middle) if replication == 0 else (replication - 1) % self.paths
        return {
            name: values[row, :months].astype(np.int64) for name, values in self.columns.items()
        }


class Misfit(NamedTuple):
    """A value of a row that does not fit the first day of a run."""

    row: int
    column: str
    text: str


class ChildrenGiven(Given):
    """The children in care on the first day: a value for each child in every column.

    Columns are those of `COLUMNS`: days as ordinals of dates, places in the enumerations of
    `vocabulary`, and 0 or 1. Nothing that prints this value says anything of a child.
    """

    what = "children in care on the first day"

    COLUMNS: ClassVar = (
        "entered", "born", "entry_group", "type", "placement_started", "ethnicity", "in_area",
        "over_20_miles",
    )  # fmt: skip

    def __init__(self, columns: Columns, first: None = None, path: str = "") -> None:
        super().__init__(columns, first, path)

    @property
    def children(self) -> int:
        """How many there are."""
        return len(self.columns["entered"])

    @property
    def uasc(self) -> int:
        """Unaccompanied children among them."""
        return int((self.columns["entry_group"] >= FIRST_UASC).sum())

    def __str__(self) -> str:
        return f"{self.children} {self.what} (sha256 {self.digest[:12]})"

    def misfits(self, start: date) -> list[Misfit]:
        """What cannot be true of children who are in care on a day."""
        day, columns = start.toordinal(), self.columns
        last_birthday = date(start.year - 18, start.month, min(start.day, 28)).toordinal()
        last_birthday += start.day - min(start.day, 28)
        born = columns["born"]
        youngest = np.array(YOUNGEST)[columns["entry_group"]] * 365.25
        wrong = {
            ("entered", "must be before the first day of the run"): columns["entered"] >= day,
            ("placement_started", "must be before the first day of the run"): (
                columns["placement_started"] >= day
            ),
            ("born", "the 18th birthday is not after the first day of the run"): (
                (born != NOT_KNOWN) & (born <= last_birthday)
            ),
            ("entered", "somebody of the entry group would be 18 on the first day of the run"): (
                (born == NOT_KNOWN) & (columns["entered"] - youngest < day - 18 * 365.25 + 2)
            ),
        }
        return [
            Misfit(int(row), column, text)
            for (column, text), here in wrong.items()
            for row in np.flatnonzero(here)
        ]


YOUNGEST = (0, 1, 5, 10, 16, 14, 16)
"""Age in years of the youngest of each entry group, where the date of birth is not known."""
FIRST_UASC = 5
"""Place of the first group of unaccompanied children in `EntryGroup`."""
