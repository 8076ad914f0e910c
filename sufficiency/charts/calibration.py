"""Fitted beside observed: how many are still in care by time since entry, and entries by month."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pandas as pd

from sufficiency.answer.fit_page import GROUP_WORDS
from sufficiency.answer.words import capital, percent
from sufficiency.calibration.estimates import Calibrated
from sufficiency.charts.drawing import (
    FIRST,
    SECOND,
    THIRD,
    Chart,
    Line,
    Panel,
    curve_panel,
    time_panel,
)
from sufficiency.periods import YEAR

FEWEST_AT_RISK = 10
"""Children still seen at a time since entry, below which the observed share says little."""
_Z = 1.96
_SURVIVAL_COLUMNS = (
    "Entry group", "Days since entry", "Observed", "Fitted", "Fitted, 95% from", "to", "Base",
    "Children seen",
)  # fmt: skip


def fit_charts(calibrated: Calibrated, area: str) -> tuple[Chart, ...]:
    """The charts of the page of fit, of the tables that there are."""
    made = (
        survival(calibrated.tables.get("survival"), area),
        entries(calibrated.tables.get("entries"), area),
    )
    return tuple(chart for chart in made if chart is not None)


# ---- Stays -------------------------------------------------------------------------------------


def survival(table: pd.DataFrame | None, area: str) -> Chart | None:
    """Share still in care by time since entry, by entry group; None where no stay is seen."""
    table = None if table is None else table[table["at_risk"] > 0]
    if table is None or table.empty:
        return None
    groups = list(dict.fromkeys(table["group"].tolist()))
    told = {group: table[table["group"] == group] for group in groups}
    return Chart(
        name="survival",
        title=_survival_title(table, len(groups)),
        subtitle=f"Share of children still in care by years since entry, 18th birthdays apart,"
        f" {area}; observed: Kaplan-Meier, while {FEWEST_AT_RISK} children or more are seen",
        panels=tuple(_survival_panel(group, rows) for group, rows in told.items()),
        alternative=tuple(_survival_words(group, rows) for group, rows in told.items()),
        columns=_SURVIVAL_COLUMNS,
        rows=tuple(_survival_rows(table)),
    )


def _survival_panel(group: str, rows: pd.DataFrame) -> Panel:
    years = [f"{day / YEAR:.3f}" for day in rows["day"]]
    x = ["0", *years]
    seen = rows[rows["kaplan_meier"].notna() & (rows["at_risk"] >= FEWEST_AT_RISK)]
    lines = [
        Line("fitted", "fitted", x, [1.0, *rows["fitted"]], FIRST),
        _observed(seen),
        Line("base", "base", x, [1.0, *rows["base"]], THIRD),
    ]  # fmt: skip
    band = pd.DataFrame(
        {"p10": [1.0, *rows["low"]], "p90": [1.0, *rows["high"]]}, index=pd.Index(x)
    )
    panel = curve_panel(_named(group), lines, ("95% of the fitted", band), ends=(0.0, 1.04))
    panel.figure.update_yaxes(tickformat=".0%", tickvals=[0, 0.25, 0.5, 0.75, 1])
    return panel


def _observed(seen: pd.DataFrame) -> Line:
    """The observed line; none where too few are seen, though the key names it."""
    if seen.empty:
        return Line("observed", "observed", [], [], SECOND)
    x = ["0", *(f"{day / YEAR:.3f}" for day in seen["day"])]
    return Line("observed", "observed", x, [1.0, *seen["kaplan_meier"]], SECOND)


def _survival_title(table: pd.DataFrame, groups: int) -> str:
    """In how many entry groups the observed shares agree with the fitted ones."""
    off = {str(row.group) for row in table.itertuples() if not agrees(row)}
    if not off:
        return "Fitted stays agree with those observed in every entry group"
    return f"Fitted stays agree with those observed in {groups - len(off)} of {groups} groups"


def agrees(row: Any) -> bool:
    """Whether an observed share can be told from the fitted one; too few children cannot."""
    if row.at_risk < FEWEST_AT_RISK or pd.isna(row.kaplan_meier) or pd.isna(row.se):
        return True
    by_chance = math.sqrt(max(row.fitted * (1 - row.fitted), 0.0) / row.at_risk)
    room = _Z * max(float(row.se), by_chance)  # where nobody left, no error can be estimated
    return bool(row.low - room <= row.kaplan_meier <= row.high + room)


def _survival_words(group: str, rows: pd.DataFrame) -> str:
    year = rows[rows["day"] == 365]
    row = (year if len(year) else rows).iloc[-1]
    few = pd.isna(row["kaplan_meier"]) or row["at_risk"] < FEWEST_AT_RISK
    seen = "too few to say" if few else percent(row["kaplan_meier"])
    return (
        f"{_named(group)}: still in care after {_after(row['day'])}: observed {seen}, fitted"
        f" {percent(row['fitted'])} ({percent(row['low'])} to {percent(row['high'])}), base"
        f" {percent(row['base'])}."
    )


def _after(days: float) -> str:
    return "a year" if days == 365 else f"{days:.0f} days"


def _survival_rows(table: pd.DataFrame) -> Iterator[tuple[str, ...]]:
    for row in table.itertuples():
        yield (
            _named(str(row.group)),
            f"{row.day:.0f}",
            "" if pd.isna(row.kaplan_meier) else percent(row.kaplan_meier),
            *(percent(share) for share in (row.fitted, row.low, row.high, row.base)),
            f"{row.at_risk:,}",
        )


def _named(group: str) -> str:
    return capital(GROUP_WORDS.get(group, group))


# ---- Entries -----------------------------------------------------------------------------------


def entries(table: pd.DataFrame | None, area: str) -> Chart | None:
    """Entries by month beside the fitted level and season; None where months are not known."""
    if table is None or table.empty or not {"month", "stream", "observed", "fitted"} <= {*table}:
        return None
    return Chart(
        name="entries",
        title="Entries by month, and the fitted level and season",
        subtitle=f"Children who entered care, by month, {area}",
        panels=tuple(_month_panel(str(s), rows) for s, rows in table.groupby("stream")),
        alternative=tuple(_month_words(str(s), rows) for s, rows in table.groupby("stream")),
        columns=("Stream", "Month", "Entered", "Fitted"),
        rows=tuple(
            (
                _stream(str(row.stream)),
                f"{row.month:%Y-%m}",
                f"{row.observed:.0f}",
                f"{row.fitted:.1f}",
            )
            for row in table.itertuples()
        ),
    )


def _month_panel(stream: str, rows: pd.DataFrame) -> Panel:
    months = [f"{month:%Y-%m-%d}" for month in rows["month"]]
    lines = [
        Line("entered", "entered", months, rows["observed"].tolist(), FIRST),
        Line("fitted level and season", "fitted", months, rows["fitted"].tolist(), SECOND),
    ]
    return time_panel(_stream(stream), lines)


def _month_words(stream: str, rows: pd.DataFrame) -> str:
    observed, fitted = (float(rows[column].mean()) for column in ("observed", "fitted"))
    return f"{_stream(stream)}: {observed:.1f} a month entered, {fitted:.1f} fitted."


def _stream(stream: str) -> str:
    return "Unaccompanied children" if stream == "uasc" else "Children other than unaccompanied"
