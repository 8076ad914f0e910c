"""Shares of children: the plan at entry and after a move, where they live, who they are.

A plan is not in a return: the first placement other than a stopgap stands for it. Everything is
counted by child or by placement, shrunk to the base by n / (n + k), and adds up to 1 where it must.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from sufficiency.calibration.authority import (
    authority_estimates,
    in_care,
    observed_years,
    stock_by_type,
)
from sufficiency.calibration.cells import (
    WORTH_OF_RATES,
    counted,
    plain,
    rate,
    share,
    shares,
    short,
    whole,
)
from sufficiency.calibration.estimates import Estimate
from sufficiency.calibration.locality import locality_estimates
from sufficiency.calibration.placed import in_order, placed
from sufficiency.calibration.provision import provision_estimates
from sufficiency.calibration.shrinking import weight
from sufficiency.history.tables import History
from sufficiency.periods import YEAR
from sufficiency.scenario import GROUP_NAMES, EntryGroupName, MoveAge, Scenario
from sufficiency.vocabulary import (
    KIND_OF_TYPE,
    Confidence,
    ExitReason,
    Kind,
    MoveCause,
    PlacementType,
    Stream,
)

if TYPE_CHECKING:
    import pandas as pd

HOMES_FOR_WANT_AT_ENTRY = 0.19
"""Share of entries to children's homes that are for want of a carer: what England's scenario comes
to (docs/model.md). The data do not say; 15 to 50% is thought possible."""
MERGED_BELOW = 10
"""Moves of a kind below which the two youngest age bands are counted together."""
_YOUNG: tuple[MoveAge, ...] = ("under_5", "5-9")
_MOVE_AGES: Mapping[MoveAge, tuple[float, float]] = {
    "under_5": (0, 5), "5-9": (5, 10), "10-15": (10, 16), "16-17": (16, 19),
}  # fmt: skip
_NEVER_IN_A_HOME = ("under_1", "1-4")
_BY_HAZARD = (MoveCause.PLANNED, MoveCause.OTHER)
"""Causes of moves after which the model draws a new plan."""
_FOR_WANT_NOTE = (
    f"of first placements in homes {HOMES_FOR_WANT_AT_ENTRY:.0%} count as a foster plan, for want"
    " of a carer: England's simulated share, as the data do not say"
)


def share_estimates(history: History, base: Scenario) -> list[Estimate]:
    """Shares, localities and provision of an authority, from what its history holds.

    Sibling groups cannot be told from a return, nor needs, nor what a search would have found:
    these stay the base's.
    """
    return [
        *authority_estimates(history, base),
        *_of_entrants(history, base),
        *_plans_at_entry(history, base),
        *_plans_after_move(history, base),
        *_mix_at_start(history, base),
        *locality_estimates(history, base),
        *provision_estimates(history, base),
    ]


# ---- Plans -------------------------------------------------------------------------------------


def _plans_at_entry(history: History, base: Scenario) -> Iterator[Estimate]:
    """First placements by entry group; groups without any keep the base's, its weights applied."""
    first = _first_placements(history)
    if first is None or first.empty:
        return
    kinds = first["type"].map(_kind)
    for group in GROUP_NAMES:
        found = counted(kinds[first["entry_group"] == group].tolist())
        note = "first placement other than a stopgap"
        if "home" in found and group not in _NEVER_IN_A_HOME:
            for_want = found["home"] * HOMES_FOR_WANT_AT_ENTRY
            found["home"] -= for_want
            found["foster"] = found.get("foster", 0.0) + for_want
            note += f"; {_FOR_WANT_NOTE}"
        path, planned = f"placement.plan_at_entry.{group}", _planned_in(base, group)
        yield from shares(path, found, planned, note=note) if found else _as_before(path, planned)
    yield from _weights_of_one(base)


def _as_before(path: str, planned: dict[str, float]) -> Iterator[Estimate]:
    """The base's plan of a group of which nobody entered, with the base's weights in it."""
    for kind, value in whole(planned).items():
        yield Estimate(
            f"{path}.{kind}", value, base=planned[kind], weight=0.0,
            source="the base's plan times its weights", confidence=Confidence.DERIVED.value,
            note="nobody of this group entered",
        )  # fmt: skip


def _first_placements(history: History) -> pd.DataFrame | None:
    """First placements of periods of care that began in the window, children on remand left out.

    Of children who began in a stopgap, the first after it: mostly the home that was planned.
    """
    if history.care is None or history.placements is None:
        return None
    import pandas as pd

    care = history.care
    seen = care[(care["entered"] >= pd.Timestamp(history.first)) & ~care["remand"].astype(bool)]
    placed = history.placements.sort_values(["period", "order"])
    begins = (placed["order"] == 1) & placed["dated"].astype(bool)
    placed = placed[placed["period"].isin(placed.loc[begins, "period"])]
    placed = placed.assign(type=_began_as(placed))
    first = placed[placed["type"].map(_kind) != ""].drop_duplicates("period")
    return first[["period", "type"]].merge(seen[["period", "entry_group"]], on="period")


def _began_as(placed: pd.DataFrame) -> pd.Series:
    """Type as which placements began: the same carer may become another type later."""
    return placed["first_type"] if "first_type" in placed else placed["type"]


def _planned_in(base: Scenario, group: EntryGroupName) -> dict[str, float]:
    """Plan at entry of the base with its weights applied, as it is drawn from."""
    plan, weights = base.placement.plan_at_entry[group], plain(base.placement.plan_weights)
    weighted = {kind: value * weights.get(kind, 1.0) for kind, value in plain(plan).items()}
    total = sum(weighted.values())
    return {kind: value / total for kind, value in weighted.items()} if total else weighted


def _weights_of_one(base: Scenario) -> Iterator[Estimate]:
    """Plans that are observed are drawn from as they are."""
    before = {f"plan_weights.{k}": v for k, v in plain(base.placement.plan_weights).items()}
    for name in ("kin_weight_court", "kin_weight_other"):
        before[name] = getattr(base.placement, name)
    for name, value in before.items():
        yield Estimate(
            f"placement.{name}", 1.0, base=value,
            source="1, as the plans at entry are observed: nothing is left to tune",
            confidence=Confidence.DERIVED.value,
        )  # fmt: skip


def _plans_after_move(history: History, base: Scenario) -> Iterator[Estimate]:
    """Kind of home after a planned or other move, by the kind left and age."""
    moved = _moves(history)
    if moved is None or moved.empty:
        return
    for kind, by_age in base.placement.plan_after_move.items():
        left = moved[moved["kind"] == kind]
        found = {
            age: _weighted(left[left["age"].between(low, high, inclusive="left")])
            for age, (low, high) in _MOVE_AGES.items()
        }
        pooled = any(0 < sum(found[age].values()) < MERGED_BELOW for age in _YOUNG)
        if pooled:
            both = {k: sum(found[a].get(k, 0.0) for a in _YOUNG) for a in _YOUNG for k in found[a]}
            found |= dict.fromkeys(_YOUNG, both)
        for age, plan in by_age.items():
            if sum(found[age].values()):
                path = f"placement.plan_after_move.{kind}.{age}"
                note = "where children moved to after a planned or other move"
                if pooled and age in _YOUNG:
                    note += "; under 10 counted together, being few"
                counts, usual = found[age], plain(plan)
                if age == "16-17" and kind != Kind.SUPPORTED.value:
                    counts = _with_supported(counts, usual)
                    note += (
                        "; the part of supported accommodation is the base's, as moves on hide it"
                    )
                yield from shares(path, counts, usual, note=note)


def _weighted(moved: pd.DataFrame) -> dict[str, float]:
    """Moves by the kind moved to, those that may have been moves across counted in part."""
    by_next = moved.groupby("next")["weight"].sum()
    return {str(kind): float(n) for kind, n in by_next.items() if n > 0}


def _with_supported(counts: dict[str, float], plan: dict[str, float]) -> dict[str, float]:
    """Put back the moves to supported accommodation that cannot be told from moves on.

    As many as the base's plan has: `moves` takes the same number off the moves on.
    """
    share = plan.get(Kind.SUPPORTED.value, 0.0)
    others = {kind: n for kind, n in counts.items() if kind != Kind.SUPPORTED.value}
    if not others or not 0 < share < 1:
        return counts
    return {**others, Kind.SUPPORTED.value: sum(others.values()) * share / (1 - share)}


def _moves(history: History) -> pd.DataFrame | None:
    """Planned and other moves: `kind` left, `next` kind, `age`, `weight`.

    Adoption has events of its own; so have moves on to supported accommodation, and moves across
    to the carer that was planned all along, which look planned: the weight is the chance that a
    move was none of these.
    """
    if history.placements is None or history.children is None or history.care is None:
        return None
    import pandas as pd

    rows, seen = in_order(history), placed(history)
    following = _began_as(rows).groupby(rows["period"]).shift(-1)
    table = pd.DataFrame(
        {
            "kind": rows["type"].map(_kind),
            "next": following.map(_kind, na_action="ignore"),
            "age": (rows["ended"] - rows["born"]).dt.days / YEAR,
            "weight": 1 - seen.acrossness,
        }
    )
    here = rows["cause"].isin([cause.value for cause in _BY_HAZARD]) & ~seen.to_supported
    observed = rows["ended"] >= pd.Timestamp(history.first)
    plain = table["next"].notna() & ~table["next"].isin(["", Kind.ADOPTION.value])
    return table[here & observed & plain & table["age"].notna()]


def _kind(type_: str) -> str:
    """Kind of home of a type of placement; none for a stopgap."""
    return str(KIND_OF_TYPE[PlacementType(type_)] or "")


# ---- Where children live, and who they are -----------------------------------------------------


def _mix_at_start(history: History, base: Scenario) -> Iterator[Estimate]:
    """Children in care on the last day by type of placement: counted, so nothing is shrunk."""
    found = stock_by_type(history)
    total = sum(found.values())
    if not total:
        return
    mix = plain(base.placement.mix_at_start)
    every = {name: found.get(name, 0.0) / total for name in {**mix, **found}}
    for name, value in whole(every).items():
        yield Estimate(
            f"placement.mix_at_start.{name}", value,
            local=every[name], base=mix.get(name, 0.0), n=total,
            note=f"counted on {history.last}: no sample, so no interval",
        )  # fmt: skip


def _of_entrants(history: History, base: Scenario) -> Iterator[Estimate]:
    """Who they are that enter: ethnic groups, disability, ages of UASC, children on remand."""
    if history.care is None or history.children is None:
        return
    import pandas as pd

    seen = history.care[history.care["entered"] >= pd.Timestamp(history.first)]
    seen = seen.merge(history.children[["child", "born", "ethnicity"]], on="child")
    remanded = seen["remand"].astype(bool)
    uasc = (seen["stream"] == Stream.UASC.value) & ~remanded
    for path, rows, usual in (
        ("demand.ethnic_groups", seen[~uasc], base.demand.ethnic_groups),
        ("demand.uasc.ethnic_groups", seen[uasc], base.demand.uasc.ethnic_groups),
    ):
        known = counted(rows.loc[rows["ethnicity"] != "", "ethnicity"].tolist())
        if known:
            yield from shares(path, known, plain(usual), note="children who entered")
    others = seen[~uasc & ~remanded]
    if len(others):
        yield share(
            "placement.disabled_share", float((others["need"] == "N2").sum()), len(others),
            base.placement.disabled_share, note="children who entered with need N2",
        )  # fmt: skip
    yield from _uasc_ages(seen[uasc], base)
    yield from _remands(seen[remanded], history, base)


def _uasc_ages(rows: pd.DataFrame, base: Scenario) -> Iterator[Estimate]:
    if rows.empty:
        return
    ages = ((rows["entered"] - rows["born"]).dt.days / YEAR).clip(14, 17).astype(int)
    found = counted(ages.astype(str).tolist())
    note = "whole years at entry; those under 14 count as 14"
    yield from shares("demand.uasc.ages", found, plain(base.demand.uasc.ages), note=note)


def _remands(rows: pd.DataFrame, history: History, base: Scenario) -> Iterator[Estimate]:
    """Children on remand: how many, how old, for how long, and the share in secure homes."""
    usual, size = base.demand.remand, in_care(history)
    if not size:
        return
    years = observed_years(history)
    yield rate(
        "demand.remand.per_100_in_care", len(rows), years * size / 100, usual.per_100_in_care,
        unit="children a year per 100 in care", note="entries with legal status J1",
    )  # fmt: skip
    if rows.empty:
        return
    found = counted(rows["entry_group"].where(rows["entry_group"] == "16-17", "10-15").tolist())
    yield from shares("demand.remand.ages", found, plain(usual.ages), note="age at entry")
    yield from _length_of_remand(rows, history, base)
    if history.placements is not None:
        placed = history.placements[history.placements["period"].isin(rows["period"])]
        types = _began_as(placed[placed["order"] == 1])
        secure = float((types == PlacementType.SECURE.value).sum())
        path, note = "demand.remand.secure_share", "first placements on remand"
        yield share(path, secure, len(types), usual.secure_share, note=note)


def _length_of_remand(rows: pd.DataFrame, history: History, base: Scenario) -> Iterator[Estimate]:
    """Mean length of a remand: days over endings, those cut off by the 18th birthday open."""
    import pandas as pd

    usual = base.demand.remand.days
    if usual.distribution != "exponential" or usual.mean_days is None:
        return
    until = rows["left"].fillna(pd.Timestamp(history.last) + pd.Timedelta(days=1))
    days = float((until - rows["entered"]).dt.days.sum())
    over = float((rows["left"].notna() & (rows["reason"] != ExitReason.TURNED_18.value)).sum())
    prior = WORTH_OF_RATES
    mean = (days + prior * usual.mean_days) / (over + prior)
    yield Estimate(
        "demand.remand.days", {"distribution": "exponential", "mean_days": short(mean)},
        local=days / over if over else None, base=usual.mean_days, n=over,
        weight=weight(over, prior), note="days over endings",
    )  # fmt: skip
