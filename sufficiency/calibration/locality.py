"""Where placements are: in the area, outside it within 20 miles of home, or beyond, by type.

The model has three bands, so a placement inside the area is never also over 20 miles from home.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sufficiency.calibration.cells import DECIMALS, down, plain, share, up
from sufficiency.calibration.estimates import Estimate
from sufficiency.history.tables import History
from sufficiency.scenario import Scenario
from sufficiency.vocabulary import PlacementType

if TYPE_CHECKING:
    import pandas as pd

OF_A_SECTION = {
    PlacementType.IN_HOUSE: "fostering",
    PlacementType.IFA: "ifa",
    PlacementType.HOME_EXTERNAL: "external_homes",
    PlacementType.SUPPORTED: "supported",
}
"""Types whose own section says where they are."""
_NOT_A_SHARE = (PlacementType.HOME_OWN,)
"""Each own home is where it is."""


def locality_estimates(history: History, base: Scenario) -> Iterator[Estimate]:
    """Shares in the area and over 20 miles away of placements that began in the window, by type."""
    if history.placements is None:
        return
    import pandas as pd

    placed = history.placements
    began = placed["dated"].astype(bool) & (placed["started"] >= pd.Timestamp(history.first))
    for type_, rows in placed[began & placed["in_area"].notna()].groupby("type"):
        kind = PlacementType(str(type_))
        if kind not in _NOT_A_SHARE:
            yield from _of_type(kind, rows, base)


def _of_type(type_: PlacementType, rows: pd.DataFrame, base: Scenario) -> Iterator[Estimate]:
    """The two shares of one type; the second is a share of those outside the area first."""
    inside_path, far_path = _paths(type_)
    inside, far = _usual(type_, base)
    known = rows["in_area"].astype(bool)
    near = share(
        inside_path, float(known.sum()), len(rows), inside,
        note="placements that began in these years",
    )  # fmt: skip
    yield near
    outside = rows[~known & rows["over_20_miles"].notna()]
    if outside.empty:
        yield from _kept(far_path, near, inside, far)
        return
    beyond = share(
        far_path, float(outside["over_20_miles"].astype(bool).sum()), len(outside),
        far / (1 - inside) if inside < 1 else 0.0,
        note=f"of all placements; {len(outside)} outside the area have a distance",
        without_counts="of all placements",
    )  # fmt: skip
    yield _of_all(beyond, 1 - near.value, len(rows), float((~known).sum()), far)


def _kept(path: str, near: Estimate, inside: float, far: float) -> Iterator[Estimate]:
    """No distances: the base's share of those outside the area."""
    ratio = min(far / (1 - inside), 1.0) if inside < 1 else 0.0
    yield Estimate(
        path, round(ratio * (1 - near.value), DECIMALS), base=far, weight=0.0,
        note="no distances known: England's share of placements outside the area",
    )  # fmt: skip


def _of_all(of_outside: Estimate, outside: float, n: int, out: float, far: float) -> Estimate:
    """A share of the placements outside the area as a share of all."""
    low, high = of_outside.low or 0.0, of_outside.high or 0.0
    local = None if of_outside.local is None else of_outside.local * out / n
    return Estimate(
        of_outside.path,
        round(of_outside.value * outside, DECIMALS),
        down(low * outside),
        up(high * outside),
        local,
        far,
        n=of_outside.n,
        weight=of_outside.weight,
        note=of_outside.note,
        own=of_outside.own,
        without_counts=of_outside.without_counts,
    )


def _paths(type_: PlacementType) -> tuple[str, str]:
    section = OF_A_SECTION.get(type_)
    if section is not None:
        return f"{section}.in_area", f"{section}.over_20_miles"
    return f"elsewhere.in_area.{type_}", f"elsewhere.over_20_miles.{type_}"


def _usual(type_: PlacementType, base: Scenario) -> tuple[float, float]:
    section = OF_A_SECTION.get(type_)
    if section is not None:
        part = getattr(base, section)
        return part.in_area, part.over_20_miles
    table = base.elsewhere
    return plain(table.in_area)[type_.value], plain(table.over_20_miles)[type_.value]
