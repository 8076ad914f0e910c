"""Which option: side by side on what matters, which is best, who gains, and who makes way for whom.

Everything is worked out within each replication, where all options meet the same children and the
same luck, and only then put together. A difference whose average is not about twice the
simulation's error of it cannot be told from none, and the column `verdict` says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from sufficiency.errors import SufficiencyError
from sufficiency.results.results import BASELINE, Results
from sufficiency.results.statistics import (
    PERCENTILES,
    Floats,
    errors_to_tell,
    moments,
    percentiles,
    share_above,
)
from sufficiency.rows import AGES, TYPES
from sufficiency.vocabulary import PlacementType as T

_SIGN = {"up": 1.0, "down": -1.0}
_ENDS = (PERCENTILES["low95"], PERCENTILES["high95"])
_PENCE = 6
"""Decimals that are compared for ties: far below a penny, above the error of adding up."""


class Item(NamedTuple):
    """One thing that options are judged by."""

    measure: str
    groups: tuple[str, ...]
    """Groups that are added up."""
    over: Literal["average", "total"]
    """Average over all dates after the first day (of measures without dates: over the complete
    financial years), or sum of the complete financial years."""


def _living(*types: str) -> Item:
    return Item("children_in_care", tuple(f"type={t}" for t in types), "average")


ITEMS: Mapping[str, Item] = {
    "children in_house": _living(T.IN_HOUSE),
    "children ifa": _living(T.IFA),
    "children homes": _living(T.HOME_OWN, T.HOME_EXTERNAL),
    "unmet_need": Item("unmet_need", ("",), "average"),
    "unregistered_nights": Item("unregistered_nights", ("",), "total"),
    "under_12_in_residential": Item("under_12_in_residential", ("",), "average"),
    "in_area_share": Item("in_area_share", ("",), "average"),
    "three_or_more_placements": Item("three_or_more_placements", ("",), "average"),
    "moves": Item("moves", ("",), "total"),
    "net_cost": Item("net_cost", ("",), "total"),
    "cost_per_child_week": Item("cost_per_child_week", ("",), "average"),
    "capital": Item("capital", ("",), "total"),
}
"""What options are set side by side on, in the order in which it is read: how many children live
where, whether each has the home planned, near, early in life with a family and for long, and what
it costs. Which way is better is the measure's own word; where it has none (how many live in-house
is a means, no end) nothing is better and nothing is best. Capital is in no other row."""

SIDE_BY_SIDE = (
    "item", "option", "measure", "unit", "over", "better", "value", "difference", "se", "low95",
    "high95", "verdict", "probability_better", "probability_best",
)  # fmt: skip
"""Columns of `side_by_side`: `value` is the option's own average over replications; `difference`
is to the baseline, `low95` and `high95` are where 95 replications in 100 lie; `verdict` is none (no
replication differs), unclear (cannot be told from none), more or fewer; ties are shared."""
WHO_GAINS = (
    "option", "measure", "group", "baseline", "difference", "se", "low95", "high95", "better",
    "probability_better", "verdict",
)  # fmt: skip
"""Columns of `who_gains`; as in `SIDE_BY_SIDE`, `baseline` is the baseline's average."""
DISPLACED = (
    "option", "gained", "gain", "from", "fewer", "se", "share", "low95", "high95", "verdict",
)  # fmt: skip
"""Columns of `displaced`. `gained`: the types in which more children live, joined by `;`, empty
where that cannot be told; `gain`: how many more on average; `from`: where fewer live; `fewer`: how
many fewer; `share`: fewer for each child gained. `low95` and `high95` are the simulation's error of
the share (Fieller's interval of a ratio of two averages), not a range of futures; empty where the
gain cannot be told from none. `verdict`: displaced, unclear, none, more (more live there too), or
unknown where the results lack a type that belongs there; then there is no number."""


def side_by_side(results: Results) -> pd.DataFrame:
    """Every option, the baseline first, on everything of `ITEMS` that was measured.

    Returns:
        One row per item and option: the columns of `SIDE_BY_SIDE`.
    """
    run = _Run(results)
    rows = (row for name, item in ITEMS.items() for row in _compared(run, name, item))
    return pd.DataFrame(rows, columns=SIDE_BY_SIDE)


def chance_of_best(results: Results, measure: str) -> pd.DataFrame:
    """How often each option is the best of all, doing nothing included; who ties shares.

    Args:
        results: A run with options.
        measure: A name of `ITEMS` of which more, or less, is better.

    Returns:
        One row per option: `option`, `value` (average) and `probability_best`, which adds up to 1.
    """
    if measure not in ITEMS:
        raise SufficiencyError(
            f"'{measure}' is nothing that options are compared on: {', '.join(ITEMS)}"
        )
    better = results.better(ITEMS[measure].measure)
    if better not in _SIGN:
        raise SufficiencyError(f"of '{measure}' neither more nor less is better, so none is best")
    values = _Run(results).values(ITEMS[measure])
    if values is None:
        raise SufficiencyError(f"'{measure}' was not measured in this run")
    means = [moments(futures[:, None]).mean[0] for futures in values]
    best = _best(values, _SIGN[better])
    return pd.DataFrame({"option": results.options, "value": means, "probability_best": best})


def who_gains(results: Results, option: str) -> pd.DataFrame:
    """Which children live elsewhere, and which have the home planned more often, with an option.

    `average_children` by type and age over the complete financial years, then `unmet_need` by age
    and cohort over all dates after the first day. There are some seventy rows: of so many, about
    three are told from none by chance alone.

    Returns:
        One row per measure and group: the columns of `WHO_GAINS`.
    """
    run = _Run(results)
    groups = [("average_children", f"type={t};age={a}") for t in TYPES for a in AGES]
    groups += [("unmet_need", f"age={a}") for a in AGES]
    groups += [key for key in run.groups("unmet_need") if key[1].startswith("cohort=")]
    rows = []
    for measure, group in groups:
        values = run.values(Item(measure, (group,), "average"))
        if values is not None:
            base, planned = values[0], values[results.options.index(option)]
            row: dict[str, Any] = {"option": option, "measure": measure, "group": group}
            row |= {"baseline": _mean(base), "better": results.better(measure)}
            rows.append(row | _difference(planned - base, results, row["better"]))
    return pd.DataFrame(rows, columns=WHO_GAINS)


def displaced(results: Results, option: str) -> pd.DataFrame:
    """From where the children come who fill the places that an option brings.

    Simulated, never assumed: the change in each type of placement over the change in the types that
    gain (in-house carers and own homes; where neither does, the type that gains most), on average
    over all dates after the first day. The shares add up to 1, children who would not have been in
    care at all (`not_in_care`) included.

    Returns:
        One row per type: the columns of `DISPLACED`; none where it is not known which types gain.
    """
    run = _Run(results)
    changes = {t: run.change(t, option) for t in map(str, TYPES)}
    known: dict[str, Floats] = {t: c for t, c in changes.items() if c is not None}
    gained = _gaining(known, results)
    if gained is None:
        return pd.DataFrame(columns=DISPLACED)
    rows = _displaced(known, gained, results)
    found = pd.DataFrame(rows, columns=[c for c in DISPLACED if c not in ("option", "gained")])
    return found.assign(option=option, gained=";".join(gained))[list(DISPLACED)]


class _Run:
    """The values of a run by measure and group, one row per option, one column per replication."""

    def __init__(self, results: Results) -> None:
        self.results = results
        self._start = str(results.manifest["start"])
        self._columns: dict[tuple[str, str], dict[str, int]] = {}
        for key, place in results.places.items():
            self._columns.setdefault((key.measure, key.group), {})[key.period] = place

    def groups(self, measure: str) -> list[tuple[str, str]]:
        """Every group of a measure, with the measure's name."""
        return [key for key in self._columns if key[0] == measure]

    def values(self, item: Item) -> Floats | None:
        """An item by option and replication from 1; None if it was not measured."""
        parts = [self._group(item.measure, group, item.over) for group in item.groups]
        known = [part for part in parts if part is not None]
        return reduce(np.add, known) if len(known) == len(parts) else None

    def change(self, type_: str, option: str) -> Floats | None:
        """Children more in a type of placement than in the baseline, by replication."""
        found = self.values(_living(type_))
        return None if found is None else found[self.results.options.index(option)] - found[0]

    def _group(self, measure: str, group: str, over: str) -> Floats | None:
        by_period = self._columns.get((measure, group), {})
        dates = [at for period, at in by_period.items() if _is_later(period, self._start)]
        years = [at for period, at in by_period.items() if _is_financial_year(period)]
        columns = dates if dates and over == "average" else years
        if not columns:
            return None
        found: Floats = np.asarray(self.results.by_replication[:, 1:][:, :, columns])
        known = ~np.isnan(found)
        total = np.where(known, found, 0.0).sum(axis=2)
        many = known.sum(axis=2)
        divisor = many if over == "average" else np.minimum(many, 1)
        each: Floats = np.where(many > 0, total / np.maximum(divisor, 1), np.nan)
        return each.round(_PENCE)


def _is_later(period: str, start: str) -> bool:
    return len(period) == len(start) and period > start


def _is_financial_year(period: str) -> bool:
    first, _, second = period.partition("-")
    return (first + second).isdigit() and int(second) == (int(first) + 1) % 100


def _compared(run: _Run, name: str, item: Item) -> Iterator[dict[str, Any]]:
    values = run.values(item)
    if values is None:
        return
    results, better = run.results, run.results.better(item.measure)
    best = _best(values, _SIGN[better]) if better in _SIGN else [np.nan] * len(values)
    for option, futures, chance in zip(results.options, values, best, strict=True):
        row: dict[str, Any] = {"item": name, "option": option, "measure": item.measure}
        row |= {"unit": results.unit(item.measure), "over": item.over, "better": better}
        row |= {"value": _mean(futures), "probability_best": float(chance)}
        row |= _difference(futures - values[0], results, better)
        if option == BASELINE:
            row["probability_better"] = np.nan
        yield row


def _best(values: Floats, sign: float) -> Floats:
    """Of each option, the share of replications in which none is better; who ties shares."""
    known = values[:, ~np.isnan(values).any(axis=0)] * sign
    if not known.shape[1]:
        return np.full(len(values), np.nan)
    at_top = known == known.max(axis=0)
    shares: Floats = (at_top / at_top.sum(axis=0)).mean(axis=1)
    return shares


def _mean(futures: Floats) -> float:
    return float(moments(futures[:, None]).mean[0])


def _difference(futures: Floats, results: Results, better: str) -> dict[str, Any]:
    """What is said of a paired difference."""
    column = futures[:, None]
    known = moments(column, results.together)
    low, high = percentiles(column, _ENDS)[:, 0]
    sign = _SIGN.get(better, np.nan)
    chance = float(share_above(column * sign)[0]) if better in _SIGN else np.nan
    mean, se = float(known.mean[0]), float(known.se[0])
    return {
        "difference": mean,
        "se": se,
        "low95": float(low),
        "high95": float(high),
        "probability_better": chance,
        "verdict": _verdict(futures, mean, se, results),
    }


def _verdict(futures: Floats, mean: float, se: float, results: Results) -> str:
    """Whether an average can be told from none: the rule of the answer, on its own numbers."""
    if not np.nan_to_num(futures).any():
        return "none"
    if not abs(mean) > errors_to_tell(results.replications) * se:  # an error may be unknown
        return "unclear"
    return "more" if mean > 0 else "fewer"


# --- who makes way for whom -------------------------------------------------------------------

_OWN = (T.IN_HOUSE, T.HOME_OWN)
_WHERE: Mapping[str, tuple[str, ...]] = {
    "in_house": (T.IN_HOUSE,),
    "ifa": (T.IFA,),
    "homes": (T.HOME_OWN, T.HOME_EXTERNAL),
    "supported": (T.SUPPORTED,),
    "unregistered": (T.UNREGISTERED,),
    "kinship": (T.KINSHIP,),
    "elsewhere": (T.EMERGENCY_BED, T.PARENTS, T.ADOPTION, T.SECURE, T.OTHER),
}
"""Where fewer children may live; what gains is left out of it."""


def _gaining(changes: Mapping[str, Floats], results: Results) -> tuple[str, ...] | None:
    """Types in which clearly more children live: the authority's own, else the one that most.

    None where the types that are known do not settle it.
    """
    if not all(t in changes for t in _OWN):
        return None
    more = {t: _mean(change) for t, change in changes.items() if _is_more(change, results)}
    own = tuple(str(t) for t in _OWN if t in more)
    if not own and len(changes) < len(TYPES):
        return None
    return own or tuple(sorted(more, key=lambda t: -more[t])[:1])


def _is_more(change: Floats, results: Results) -> bool:
    return str(_difference(change, results, "")["verdict"]) == "more"


def _displaced(
    changes: Mapping[str, Floats], gained: Sequence[str], results: Results
) -> Iterator[dict[str, Any]]:
    gain = _sum((changes[t] for t in gained), results)
    rest = {where: [t for t in types if t not in gained] for where, types in _WHERE.items()}
    rest = {where: types for where, types in rest.items() if types} | {"not_in_care": [*TYPES]}
    for where, types in rest.items():
        if any(t not in changes for t in types):
            numbers = dict.fromkeys(("fewer", "se", "share", "low95", "high95"), np.nan)
            yield {"gain": _mean(gain), "from": where, **numbers, "verdict": "unknown"}
            continue
        sign = 1 if where == "not_in_care" else -1
        futures = sign * _sum((changes[t] for t in types), results)
        told = _difference(futures, results, "")
        share, low, high = _share_of(futures, gain, results) if gained else (np.nan,) * 3
        yield {
            "gain": _mean(gain) if gained else np.nan,
            "from": where,
            "fewer": told["difference"],
            "se": told["se"],
            "share": share,
            "low95": low,
            "high95": high,
            "verdict": {"more": "displaced", "fewer": "more"}.get(told["verdict"], told["verdict"]),
        }


def _sum(parts: Iterable[Floats], results: Results) -> Floats:
    """Rounded, so that changes that cancel out in a replication are exactly none."""
    total: Floats = np.round(sum(parts, np.zeros(results.replications)), 3)
    return total


def _share_of(part: Floats, whole: Floats, results: Results) -> tuple[float, float, float]:
    """The ratio of two averages with Fieller's interval; empty where the whole may be nothing.

    The two are correlated, replication by replication; an average of the replications' own ratios
    would have no meaning where one of them gains nobody.
    """
    both = moments(np.column_stack([part, whole, part + whole, part - whole]), results.together)
    times = errors_to_tell(results.replications) ** 2
    (a, b), (var_a, var_b, var_sum, var_less) = both.mean[:2], times * both.se**2
    together = (var_sum - var_less) / 4
    square, middle, constant = b * b - var_b, a * b - together, a * a - var_a
    if not square > 0:
        return (np.nan,) * 3
    root = np.sqrt(max(middle**2 - square * constant, 0.0))
    return float(a / b), float((middle - root) / square), float((middle + root) / square)
