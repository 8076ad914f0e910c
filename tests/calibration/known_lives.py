"""Made-up authorities of which the truth is known: stays by piece, placements with frailty.

Times are drawn exactly and then put into whole days, as a return has them; a placement without a
night is not in it. Entries go back 18 years, so that many children are in care when the window
opens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from sufficiency.history.tables import History

YEAR = 365.25
FIRST = np.datetime64("2019-04-01")
YEARS = 6
LAST = np.datetime64("2025-03-31")
LONG_AGO = 18
BANDS = {
    "under_1": (0, 1), "1-4": (1, 5), "5-9": (5, 10), "10-15": (10, 16), "16-17": (16, 18),
    "uasc_under_16": (14, 16), "uasc_16-17": (16, 18),
}  # fmt: skip
_END = float((LAST - FIRST).astype(int) + 1)


def date_of(days: object) -> pd.Series:
    """Days since the window opened as dates."""
    whole = np.floor(np.asarray(days, dtype=float)).clip(-1e5, 1e5)
    return pd.Series(FIRST + whole.astype("int64").astype("timedelta64[D]")).astype("datetime64[s]")


def lasting(luck: np.random.Generator, hazard: Sequence[float], breaks: Sequence[float], n: int):
    """Times with a piecewise-constant hazard a day."""
    return reached(luck.exponential(size=n), hazard, breaks)


def reached(units, hazard: Sequence[float], breaks: Sequence[float]):
    """Times at which a piecewise-constant hazard has come to some amounts."""
    rates, knots = np.asarray(hazard, dtype=float), np.array([0.0, *breaks])
    before = np.concatenate([[0.0], np.cumsum(rates[:-1] * np.diff(knots))])
    piece = np.searchsorted(before, units, side="right") - 1
    some = rates[piece] > 0
    rate = np.where(some, rates[piece], 1.0)
    return np.where(some, knots[piece] + (units - before[piece]) / rate, np.inf)


def authority_of_stays(
    luck: np.random.Generator,
    per_year: Mapping[str, float],
    hazards: Mapping[str, Sequence[float]],
    breaks: Sequence[float],
) -> History:
    """Children of some entry groups who leave by known hazards (a day), or at 18."""
    parts = []
    for group, rate in per_year.items():
        n = luck.poisson(rate * (LONG_AGO + YEARS))
        entered = luck.uniform(-LONG_AGO * YEAR, _END, n)
        youngest, oldest = BANDS[group]
        age = luck.uniform(youngest, oldest, n) * YEAR
        left = entered + np.minimum(lasting(luck, hazards[group], breaks, n), 18 * YEAR - age)
        turned = left >= entered - age + 18 * YEAR
        columns = {"entered": entered, "left": left, "born": entered - age, "turned": turned}
        parts.append(pd.DataFrame(columns).assign(group=group))
    rows = pd.concat(parts, ignore_index=True)
    return _history(rows[np.floor(rows["left"]) >= 0].reset_index(drop=True))


def _history(rows: pd.DataFrame, placements: pd.DataFrame | None = None) -> History:
    there = np.floor(rows["left"]) >= _END
    uasc = rows["group"].str.startswith("uasc")
    care = pd.DataFrame(
        {
            "period": rows.index,
            "child": rows.index,
            "entered": date_of(rows["entered"]),
            "left": date_of(rows["left"]).where(~there),
            "reason": np.where(there, "", np.where(rows["turned"], "turned_18", "returned_home")),
            "entry_group": rows["group"],
            "stream": np.where(uasc, "uasc", "non_uasc"),
            "need": "N1",
            "legal_status": "V2",
            "remand": False,
            "dated": True,
        }
    )
    children = pd.DataFrame({"child": rows.index, "born": date_of(rows["born"])}).assign(
        sex="", ethnicity="", uasc=uasc
    )
    return History(
        first=FIRST.astype(object), last=LAST.astype(object), children=children, care=care,
        placements=placements,
    )  # fmt: skip


TYPES = {
    "foster": "in_house", "home": "home_external", "kin": "kinship", "parents": "parents",
}  # fmt: skip
BREAKS = (7.0, 30.0, 91.0, 182.0, 365.0, 730.0, 1826.0)


def authority_of_moves(
    luck: np.random.Generator,
    per_year: float,
    hazard: Sequence[float],
    ages: Sequence[float],
    kinds: Mapping[str, tuple[float, float]],
    variance: float,
) -> History:
    """Children who move by known hazards.

    Args:
        luck: Where numbers come from.
        per_year: Children who enter in a year.
        hazard: A day, by time in placement.
        ages: Factors of the four ages at the start of a placement.
        kinds: By kind: share of placements, factor.
        variance: Between children, of a lasting factor.
    """
    n = luck.poisson(per_year * (LONG_AGO + YEARS))
    entered = luck.uniform(-LONG_AGO * YEAR, _END, n)
    born = entered - luck.uniform(0, 17 * YEAR, n)
    left = np.minimum(entered + luck.exponential(YEAR / 0.35, n), born + 18 * YEAR)
    seen = np.floor(left) >= 0
    rows = pd.DataFrame({"entered": entered, "left": left, "born": born})[seen]
    rows = rows.reset_index(drop=True).assign(group="10-15")
    rows["turned"] = rows["left"] >= rows["born"] + 18 * YEAR
    frailty = luck.gamma(1 / variance, variance, len(rows)) if variance else np.ones(len(rows))
    names = list(kinds)
    shares, factors = (np.array([kinds[name][i] for name in names]) for i in (0, 1))
    placed: list[tuple[int, int, float, float, str, bool]] = []
    for child, row in enumerate(rows.itertuples()):
        at, homes = float(row.entered), []
        while at < row.left:
            kind = int(luck.choice(len(names), p=shares))
            years = (at - row.born) / YEAR
            factor = ages[int(np.searchsorted((5, 10, 16), years, side="right"))]
            unit = luck.exponential(size=1) / (frailty[child] * factor * factors[kind])
            end = min(at + float(reached(unit, hazard, BREAKS)[0]), float(row.left))
            if np.floor(end) > np.floor(at):
                homes.append((at, end, names[kind], end < row.left))
            at = end
        placed += [(child, order, *home) for order, home in enumerate(homes, start=1)]
    return _history(rows, _placements(placed, luck))


def _placements(placed: list[tuple[int, int, float, float, str, bool]], luck) -> pd.DataFrame:
    table = pd.DataFrame(placed, columns=["child", "order", "started", "ended", "kind", "moved"])
    table = table[(np.floor(table["ended"]) >= 0) & (np.floor(table["started"]) < _END)]
    table = table.reset_index(drop=True)
    there = np.floor(table["ended"]) >= _END
    cause = luck.choice(["planned", "breakdown", "other"], p=(0.33, 0.36, 0.31), size=len(table))
    kind = table["kind"].map(TYPES)
    return pd.DataFrame(
        {
            "period": table["child"],
            "child": table["child"],
            "order": table["order"],
            "started": date_of(table["started"]),
            "ended": date_of(table["ended"]).where(~there),
            "type": kind,
            "first_type": kind,
            "provider": "",
            "in_area": pd.array([True] * len(table), dtype="boolean"),
            "over_20_miles": pd.array([False] * len(table), dtype="boolean"),
            "cause": np.where(there, "", np.where(table["moved"], cause, "left_care")),
            "dated": True,
        }
    )
