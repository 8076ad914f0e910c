"""Whether entries, stays and children in care agree, and the factor at which they do."""

from __future__ import annotations

import math

from sufficiency.periods import YEAR
from sufficiency.scenario import (
    GROUP_NAMES,
    Scenario,
    entries_by_age,
    remands_per_year,
    settled,
    uasc_at_start,
    uasc_stated,
    with_values,
)
from sufficiency.stays.by_group import pieces_of
from sufficiency.stays.lengths import AGES, mean_remand_stay, mean_stay, mean_uasc_stay
from sufficiency.stays.once import once_per_scenario

_FACTOR_RANGE = (0.1, 10.0)


@once_per_scenario
def steady_state(scenario: Scenario) -> dict[str, float]:
    """Children in care to which constant entries and these stays lead, by stream and in total."""
    entries = entries_by_age(scenario)
    non_uasc = sum(entries[a.value] * mean_stay(scenario, i) for i, a in enumerate(AGES)) / YEAR
    uasc = sum(uasc_at_start(scenario)) * mean_uasc_stay(scenario) / YEAR
    remand = remands_per_year(scenario) * mean_remand_stay(scenario) / YEAR
    ceiling = most_with_transfers(scenario)
    direct = uasc_at_start(scenario)[0] * mean_uasc_stay(scenario) / YEAR
    uasc = min(uasc, max(ceiling, direct))
    total = non_uasc + uasc + remand
    return {"total": total, "uasc": uasc, "non_uasc": non_uasc, "remand": remand}


def most_with_transfers(scenario: Scenario) -> float:
    """UASC in care at whom transfers stop: at the threshold, or at the quota if that is lower."""
    scheme = scenario.demand.uasc.transfer_scheme
    threshold = scheme.threshold * scenario.authority.child_population
    return threshold if scheme.quota is None else min(threshold, scheme.quota)


def reconcile(scenario: Scenario) -> tuple[Scenario, tuple[str, ...]]:
    """Scale long stays so that entries x mean stay gives the stated children in care.

    A scenario that states both children in care and yearly entries says twice how long children
    stay. The factor multiplies the odds of the long pathway and divides the hazard of leaving it.
    Where UASC in care are stated too, the other children are matched with the others' entries: the
    number of UASC may well be about to change, as when an authority joins the transfer scheme.
    Where no factor within reach makes them agree, the nearest is taken and a warning returned.
    """
    stated = float(scenario.authority.children_in_care)
    adjusted = scenario = settled(scenario)
    warnings = _not_scaled(scenario)
    if scales_stays(scenario) and stated > 0:
        adjusted = with_values(scenario, {"stays.long_stay_factor": _factor(scenario, stated)})
    steady = steady_state(adjusted)["total"]
    if stated and abs(steady / stated - 1) > 0.10:
        what, then = "entries and stays lead", ": expect the number to drift"
        if scenario.demand.forecast is not None:  # what entries lead to is in its paths
            what, then = "without the forecast, the rates of entry and stays would lead", ""
        warnings += (
            f"{what} to {steady:.0f} children in care, "
            f"{steady / stated - 1:+.0%} of the {stated:.0f} stated{then}",
        )
    return adjusted, warnings


def scales_stays(scenario: Scenario) -> bool:
    """Whether stays are scaled so that entries and stated children in care agree."""
    stays = scenario.stays
    some_pathways = any(age not in pieces_of(scenario) for age in range(len(AGES)))
    return stays.keep_stock_and_flow and stays.every_child is None and some_pathways


def _not_scaled(scenario: Scenario) -> tuple[str, ...]:
    """That stays by time since entry are left as they are, where the file asks to scale stays."""
    groups = [GROUP_NAMES[place] for place in sorted(pieces_of(scenario))]
    if not groups or not scenario.stays.keep_stock_and_flow:
        return ()
    return (
        "stays.keep_stock_and_flow scales no stays by time since entry (stays.by_group: "
        f"{', '.join(groups)}); say false if all stays are from data",
    )


def _factor(scenario: Scenario, stated: float) -> float:
    """The long-stay factor at which the steady state meets the stated number (bisection)."""

    def excess(factor: float) -> float:
        stays = scenario.stays.model_copy(update={"long_stay_factor": factor})
        steady = steady_state(scenario.model_copy(update={"stays": stays}))
        uasc = uasc_stated(scenario)
        return (
            steady["total"] - stated
            if uasc is None
            else steady["total"] - steady["uasc"] + uasc - stated
        )

    low, high = _FACTOR_RANGE
    if excess(low) >= 0:
        return low
    if excess(high) <= 0:
        return high
    for _ in range(30):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if excess(middle) < 0 else (low, middle)
    return float(f"{math.sqrt(low * high):.6g}")
