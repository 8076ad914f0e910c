"""Small counts into shares and rates: shrunk to England's by n / (n + k), with a 95% interval."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sufficiency.calibration.estimates import Estimate
from sufficiency.calibration.shrinking import shrunk_rate, weight

WORTH_OF_SHARES = 20.0
"""Children from whom a local share counts as much as England's: the k of n / (n + k), an
assumption. How much shares differ between authorities is not published by entry group."""
WORTH_OF_RATES = 5.0
"""Events, as many as England's rate would bring, from which a local rate counts as much as
England's (assumption)."""
DECIMALS = 4
_SCALE = 10.0**DECIMALS
_Z = 1.959964
"""Standard deviations within which 95% of a normal distribution lie."""


def wilson(share: float, n: float) -> tuple[float, float]:
    """Wilson's 95% interval of a share found among n."""
    if n <= 0:
        return 0.0, 1.0
    spread = _Z * _Z / n
    centre = (share + spread / 2) / (1 + spread)
    half = _Z * math.sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    return max(0.0, min(centre - half, share)), min(1.0, max(centre + half, share))


def shares(
    path: str,
    counts: Mapping[str, float],
    base: Mapping[str, float],
    *,
    k: float = WORTH_OF_SHARES,
    note: str = "",
) -> Iterator[Estimate]:
    """The entries of a table that adds up to 1, each shrunk to the base's entry.

    The interval is Wilson's at n + k: England's shares count as k children more.
    """
    names = [name for name in {**base, **counts} if base.get(name) or counts.get(name)]
    n = float(sum(counts.values()))
    heavy = weight(n, k)
    local = {name: counts.get(name, 0.0) / n if n else 0.0 for name in names}
    mixed = {name: heavy * local[name] + (1 - heavy) * base.get(name, 0.0) for name in names}
    for name, value in whole(mixed).items():
        low, high = wilson(value, n + k)
        yield Estimate(
            path=f"{path}.{name}",
            value=value,
            low=down(low),
            high=up(high),
            local=local[name] if n else None,
            base=base.get(name, 0.0),
            n=n,
            weight=heavy,
            note=_with_k(note, k),
            own=counts.get(name, 0.0),
        )


def share(
    path: str,
    count: float,
    n: float,
    base: float,
    *,
    k: float = WORTH_OF_SHARES,
    note: str = "",
    without_counts: str | None = None,
) -> Estimate:
    """One share, of n children of whom `count` are so, shrunk to the base's."""
    heavy = weight(n, k)
    local = count / n if n else None
    value = round(heavy * (local or 0.0) + (1 - heavy) * base, DECIMALS)
    low, high = wilson(value, n + k)
    return Estimate(
        path, value, down(low), up(high), local, base, n=n, weight=heavy, note=_with_k(note, k),
        own=min(count, n - count),
        without_counts=None if without_counts is None else _with_k(without_counts, k),
    )  # fmt: skip


def rate(
    path: str,
    events: float,
    exposure: float,
    base: float,
    *,
    k: float = WORTH_OF_RATES,
    unit: str = "",
    note: str = "",
) -> Estimate:
    """Events for each unit of exposure, shrunk to the base's rate.

    n is the number of events that the base's rate would bring, so that no event at all is known
    for what it is. The interval is that of the gamma posterior whose mean is the shrunk value.
    """
    from scipy.stats import gamma  # half a second, and a history of counts has no use for it

    if exposure <= 0:
        return Estimate(path, base, base=base, weight=0.0, unit=unit, note=note)
    value, heavy, _ = shrunk_rate(events, exposure, base, k)
    shape, at_risk = (events + k, exposure + k / base) if base > 0 else (events + 0.5, exposure)
    low, high = (float(gamma.ppf(p, shape, scale=1 / at_risk)) for p in (0.025, 0.975))
    value = short(value)
    return Estimate(
        path,
        value,
        min(short(low), value),
        max(short(high), value),
        events / exposure,
        base,
        n=events,
        weight=heavy,
        unit=unit,
        note=_with_k(note, k, "events that the base would bring"),
    )


def _with_k(note: str, k: float, what: str = "") -> str:
    """How it was worked out, and what it was shrunk with."""
    stated = f"k = {k:g}" + (f" {what}" if what else "")
    return f"{note}; {stated}" if note else stated


def whole(mixed: Mapping[str, float]) -> dict[str, float]:
    """Shares rounded so that they still add up to 1: the largest takes what is left."""
    rounded = {name: round(value, DECIMALS) for name, value in mixed.items()}
    if rounded:
        largest = max(rounded, key=lambda name: rounded[name])
        others = math.fsum(value for name, value in rounded.items() if name != largest)
        rounded[largest] = round(1 - others, DECIMALS)
    return rounded


def short(value: float) -> float:
    """A number to four significant digits."""
    return float(f"{value:.4g}")


def down(value: float) -> float:
    """The low end of a range, rounded away from the value."""
    return math.floor(value * _SCALE) / _SCALE


def up(value: float) -> float:
    """The high end of a range, rounded away from the value."""
    return math.ceil(value * _SCALE) / _SCALE


def plain(table: Mapping[Any, float]) -> dict[str, float]:
    """A table of a scenario by plain names."""
    return {str(name): value for name, value in table.items()}


def counted(names: Sequence[str]) -> dict[str, float]:
    """How often each name stands in a list."""
    found: dict[str, float] = {}
    for name in names:
        found[name] = found.get(name, 0.0) + 1
    return found
