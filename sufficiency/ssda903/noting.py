"""Collecting findings while a return is read."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd

from sufficiency.ssda903.returns import Finding, Treatment
from sufficiency.ssda903.sources import finding


class Notes:
    """The findings so far, in the order in which they were made."""

    def __init__(self, findings: Iterable[Finding] = ()) -> None:
        self._findings = list(findings)

    def rows(
        self,
        rule: str,
        rows: pd.DataFrame,
        where: npt.NDArray[np.bool_] | pd.Series,
        treatment: Treatment,
        text: str,
        column: str = "",
    ) -> None:
        """Note something about some rows, which know their `file` and `row`, file by file."""
        if not where.any():
            return
        those = rows.loc[np.asarray(where), ["file", "row"]]
        for file, numbers in those.groupby("file", sort=True)["row"]:
            numbered = numbers.astype("int64").tolist()
            self._findings.append(finding(rule, text, treatment, numbered, str(file), column))

    def note(
        self,
        rule: str,
        count: int,
        treatment: Treatment,
        text: str,
        file: str = "",
        column: str = "",
    ) -> None:
        """Note something that is not about single rows."""
        if count:
            self._findings.append(Finding(rule, text, treatment, count, file, column))

    def all(self) -> tuple[Finding, ...]:
        """Every finding."""
        return tuple(self._findings)
