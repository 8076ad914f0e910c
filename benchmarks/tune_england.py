"""Set the values that nobody publishes, so that published figures come out of `england`.

One parameter follows one published figure, by `new = old x (published / simulated) ** gain`, for a
fixed number of rounds on the same random numbers. The run is the flat one of DESIGN.md: approvals
equal leavers, a long warm-up. Then the values are written into scenarios/england.yaml, in place.

    python benchmarks/tune_england.py              # tune and print
    python benchmarks/tune_england.py --write      # and write them into scenarios/england.yaml
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
from joblib import Parallel, delayed

from sufficiency.measures import measure
from sufficiency.rows import Rows
from sufficiency.scenario import Scenario, get_value, households_on_day_one, with_values
from sufficiency.scenario_file import load
from sufficiency.simulation.system import simulate
from sufficiency.stays import reconcile

ENGLAND = Path(__file__).parent.parent / "scenarios" / "england.yaml"
WARM_UP_YEARS = 12.0
WINDING = "years winding down"
FOR_WANT = "of children in homes, for want of a carer"


class Follows(NamedTuple):
    """A parameter, the published figure it follows, and how."""

    path: str
    figure: str
    published: float | None
    """None: the figure is the parameter itself (a steady state)."""
    gain: float
    low: float
    high: float


RULES = (
    Follows("fostering.match_chance", "filled_per_household", 1.26, 1.0, 0.01, 1.0),
    Follows(
        "fostering.blocked_share",
        "not_available_share_of_approved type=in_house",
        0.23,
        1.0,
        0.02,
        0.9,
    ),
    Follows("fostering.winding_down_years", WINDING, None, 0.7, 0.1, 4.0),
    Follows("placement.for_want_at_start", FOR_WANT, None, 0.7, 0.0, 0.9),
    Follows("ifa.sibling_match", "siblings_apart_share siblings=2", 0.26, -0.7, 0.3, 0.99),
    Follows("placement.plan_weights.kin", "children_share type=kinship", 0.155, 0.8, 0.2, 5.0),
    Follows("placement.plan_weights.home", "children_share kind=home", 0.115, 0.8, 0.2, 5.0),
    Follows("placement.plan_weights.parents", "children_share type=parents", 0.06, 0.8, 0.2, 5.0),
    Follows("moves.move_on_share", "children_share type=supported", 0.095, 1.0, 0.02, 0.98),
    Follows("moves.scale", "moves_per_child_year", 0.59, 1.0, 0.2, 3.0),
    Follows("external_homes.market", "children_share type=unregistered", 0.01, -0.3, 0.3, 1.3),
    Follows(
        "external_homes.found_per_day",
        "placement_length_mean type=unregistered",
        77.0,
        -0.7,
        0.0002,
        0.2,
    ),
)
"""Which parameter follows which published figure (evidence/supply.md §6, demand.md §2.7)."""

TIED = {"supported.found_per_day": 1.0, "ifa.found_per_day": 0.5}
"""Continuing searches that keep their ratio to the one of homes (evidence/prototype.md §5)."""


def flat(scenario: Scenario, warm_up_years: float = WARM_UP_YEARS) -> Scenario:
    """England with approvals equal to leavers, so that flat is possible."""
    leavers = scenario.fostering.leaving_per_year * households_on_day_one(scenario)
    return with_values(
        scenario,
        {"fostering.approvals_per_year": leavers, "warm_up_years": warm_up_years},
    )


def figures(scenario: Scenario, rows: Rows) -> dict[str, float]:
    """Mean over the run of each measure and group (stocks over dates, flows over years)."""
    measured = measure(scenario, rows)
    sums: dict[str, list[float]] = {}
    for key, value in zip(measured.keys, measured.values.tolist(), strict=True):
        sums.setdefault(f"{key.measure} {key.group}".strip(), []).append(value)
    out = {name: float(np.nanmean(v)) for name, v in sums.items() if not np.all(np.isnan(v))}
    out["children_share kind=home"] = (
        out["children_share type=home_own"] + out["children_share type=home_external"]
    )
    homes = out["children_share kind=home"] * out["children_in_care"]
    out[FOR_WANT] = out["residential_for_want_of_carer"] / max(homes, 1e-9)
    households, at = rows.households, rows.until - 1
    there = (households["approved"] <= at) & (households["closed"] > at)
    winding = there & (households["stopped"] <= at)
    share = float(winding.sum() / max(there.sum(), 1))
    out[WINDING] = share / max(scenario.fostering.leaving_per_year, 1e-9)
    return out


def _one(scenario: Scenario, replication: int) -> dict[str, float]:
    return figures(scenario, simulate(scenario, history=scenario, replication=replication))


def simulated(scenario: Scenario, replications: int, jobs: int) -> dict[str, float]:
    """Mean figures over replications."""
    runs = Parallel(n_jobs=jobs)(delayed(_one)(scenario, r) for r in range(1, replications + 1))
    names = sorted({name for run in runs for name in run})
    return {n: float(np.mean([run[n] for run in runs if n in run])) for n in names}


def next_value(rule: Follows, old: float, found: float) -> float:
    """One step of the fixed point; shares move in odds, so that they stay shares."""
    if rule.published is None:
        return old + rule.gain * (found - old)
    ratio = (rule.published / max(found, 1e-6)) ** rule.gain
    if rule.high <= 1.0 and rule.path != "external_homes.found_per_day":
        odds = old / (1 - old) * ratio
        return min(max(odds / (1 + odds), rule.low), rule.high)
    return min(max(old * ratio, rule.low), rule.high)


def tune(scenario: Scenario, rounds: int, replications: int, jobs: int) -> Scenario:
    """Turn every parameter towards its figure, `rounds` times."""
    for turn in range(rounds):
        found = simulated(flat(scenario), replications, jobs)
        values: dict[str, float] = {}
        for rule in RULES:
            old = float(get_value(scenario, rule.path))
            new = next_value(rule, old, found.get(rule.figure, 0.0))
            values[rule.path] = float(f"{new:.4g}")
            print(
                f"{turn:2d} {rule.path:34} {old:8.4f} -> {new:8.4f}   "
                f"{rule.figure}: {found.get(rule.figure, 0.0):.4f} "
                f"(published {rule.published if rule.published is not None else 'itself'})",
                flush=True,
            )
        found_per_day = values["external_homes.found_per_day"]
        values |= {path: float(f"{found_per_day * k:.4g}") for path, k in TIED.items()}
        scenario = with_values(scenario, values)
    return scenario


def write(scenario: Scenario) -> None:
    """Replace the tuned values in the file, leaving every other character as it is."""
    text = ENGLAND.read_text(encoding="utf-8")
    for path in [*(rule.path for rule in RULES), *TIED]:
        *parents, last = path.split(".")
        value = get_value(scenario, path)
        section = re.search(rf"^{parents[0]}:\n(?:[ #].*\n|\n)*", text, flags=re.M)
        assert section is not None, path
        block = section.group(0)
        pattern = (
            rf"(\b{last}: (?:{{value: )?)[0-9.e-]+"
            if len(parents) == 1
            else rf"(plan_weights:\n    value: {{[^}}]*\b{last}: )[0-9.e-]+"
        )
        changed, count = re.subn(pattern, rf"\g<1>{value:.4g}", block, count=1)
        assert count == 1, path
        text = text.replace(block, changed)
    ENGLAND.write_text(text, encoding="utf-8")


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--replications", type=int, default=24)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    scenario, _ = reconcile(load("england").scenario)
    scenario = tune(scenario, chosen.rounds, chosen.replications, chosen.jobs)
    if chosen.write:
        write(scenario)


if __name__ == "__main__":
    main()
