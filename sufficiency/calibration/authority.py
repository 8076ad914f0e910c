"""The authority's own numbers on the last day: children in care, in all and by type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sufficiency.calibration.cells import counted
from sufficiency.calibration.children_file import turning_18
from sufficiency.calibration.estimates import Estimate
from sufficiency.history.tables import History
from sufficiency.periods import YEAR
from sufficiency.scenario import Scenario
from sufficiency.scenario_file.population import PUT_IN_YOURS, SCALED, scaled_population
from sufficiency.vocabulary import Confidence, Stream

if TYPE_CHECKING:
    import pandas as pd


def authority_estimates(history: History, base: Scenario) -> Iterator[Estimate]:
    """Children in care, UASC among them, and the children who live there."""
    children, uasc = in_care(history), uasc_in_care(history)
    usual, note = base.authority, f"counted on {history.last}: no sample, so no interval"
    if children is None:
        return
    yield Estimate(
        "authority.children_in_care", children,
        local=children, base=usual.children_in_care, n=children, unit="children", note=note,
    )  # fmt: skip
    if uasc is not None:
        stated = usual.uasc_in_care
        yield Estimate(
            "authority.uasc_in_care", uasc,
            local=uasc, base=stated, n=uasc, unit="children", note=note,
        )  # fmt: skip
    living = scaled_population(base, children)
    if living is not None:
        yield Estimate(
            "authority.child_population", living,
            base=usual.child_population, weight=0.0, unit="children",
            source=SCALED, confidence=Confidence.ASSUMPTION.value, note=PUT_IN_YOURS,
        )  # fmt: skip


def stated_population(children: int) -> Estimate:
    """The number of children who live there, as whoever calibrates states it."""
    return Estimate(
        "authority.child_population", children, local=children, n=children, unit="children",
        source="stated when calibrating", confidence=Confidence.MEDIUM.value,
    )  # fmt: skip


def in_care(history: History) -> int | None:
    """Children in care on the last day; None where it is not known."""
    if history.care is not None:
        return len(_there(history.care, history))
    latest = _latest(history)
    return None if latest is None else int(latest["children"].sum())


def uasc_in_care(history: History) -> int | None:
    """Unaccompanied children among them; None where streams are not known."""
    if history.care is not None:
        return int((_there(history.care, history)["stream"] == Stream.UASC.value).sum())
    latest = _latest(history)
    if latest is None or (latest["stream"] == "").any():
        return None
    return int(latest.loc[latest["stream"] == Stream.UASC.value, "children"].sum())


def stock_by_type(history: History) -> dict[str, float]:
    """Children in care on the last day by type of placement; empty where types are not known."""
    if history.placements is not None:
        lived = history.placements[history.placements["ended"].isna()]
        if history.care is not None:
            lived = lived[lived["period"].isin(_there(history.care, history)["period"])]
        return counted(lived["type"].tolist())
    latest = _latest(history)
    if latest is None or (latest["type"] == "").any():
        return {}
    by_type = latest.groupby("type")["children"].sum()
    return {str(name): float(children) for name, children in by_type.items() if children}


def observed_years(history: History) -> float:
    """Years observed, those without a return left out."""
    missing = sum((last - first).days + 1 for first, last in history.gaps)
    return ((history.last - history.first).days + 1 - missing) / YEAR


def _there(care: pd.DataFrame, history: History) -> pd.DataFrame:
    """Periods of care that are open on the last day and go on the day after."""
    return care[care["left"].isna() & ~care["child"].isin(turning_18(history))]


def _latest(history: History) -> pd.DataFrame | None:
    """Children in care at the latest date for which they were counted."""
    if history.stock is None or history.stock.empty:
        return None
    return history.stock[history.stock["date"] == history.stock["date"].max()]
