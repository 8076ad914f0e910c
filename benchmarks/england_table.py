"""The table of DESIGN.md 'What must come out', measured, written into docs/model.md.

England with approvals equal to leavers, so that flat is possible; the mean of at least 40
replications over five years. Only rows marked *emergent* are evidence about the model: *tuned* rows
were set by tune_england.py, *forced* ones follow by arithmetic once those hold.

    python benchmarks/england_table.py             # print
    python benchmarks/england_table.py --write     # and write into docs/model.md
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
from joblib import Parallel, delayed
from tune_england import flat

from sufficiency.costs import cost_measures
from sufficiency.measures import measure
from sufficiency.rows import Rows
from sufficiency.scenario import Scenario, with_values
from sufficiency.scenario_file import load
from sufficiency.simulation.rules import FOSTER, HOME_EXTERNAL, HOME_OWN
from sufficiency.simulation.system import simulate

MODEL = Path(__file__).parent.parent / "docs" / "model.md"
BEGIN, END = "<!-- england table: begin -->", "<!-- england table: end -->"


class Row(NamedTuple):
    """A published figure and what is compared with it."""

    label: str
    figure: str
    published: float
    tolerance: float
    mark: str
    source: str
    scale: float = 1.0
    unit: str = ""


def share(label: str, figure: str, published: float, points: float, mark: str, source: str) -> Row:
    """A share, shown in per cent, with a tolerance in points."""
    return Row(label, figure, published, points, mark, source, 100.0, "%")


def within(
    label: str, figure: str, published: float, mark: str, source: str, unit: str = ""
) -> Row:
    """A value with a tolerance of 20% of itself."""
    return Row(label, figure, published, 0.2 * published, mark, source, 1.0, unit)


ROWS = (
    Row("filled places per household", "filled_per_household", 1.26, 0.12, "tuned", "supply §1a"),
    share(
        "of approved places: vacant",
        "vacant_share_of_approved type=in_house",
        16,
        4,
        "forced",
        "supply §1a",
    ),
    share(
        "of approved places: not available",
        "not_available_share_of_approved type=in_house",
        23,
        4,
        "tuned",
        "supply §1a",
    ),
    share("children in-house", "children_share type=in_house", 28, 3, "forced", "supply §6"),
    share("children with an agency", "children_share type=ifa", 25, 3, "forced", "supply §6"),
    share("children with kin", "children_share type=kinship", 15.5, 3, "tuned", "supply §6"),
    share("children in homes", "children_share kind=home", 11.5, 3, "tuned", "supply §6"),
    share(
        "children in supported accommodation",
        "children_share type=supported",
        9.5,
        3,
        "tuned",
        "supply §6",
    ),
    share("children with parents", "children_share type=parents", 6, 3, "tuned", "supply §6"),
    share(
        "children in unregistered placements",
        "children_share type=unregistered",
        1,
        3,
        "tuned",
        "supply §6",
    ),
    share("placed for adoption", "children_share type=adoption", 2.0, 1, "forced", "demand §2.3"),
    share("outside the area", "outside_area", 45, 5, "forced", "demand §2.8"),
    share("own provision", "own_provision_share", 45, 5, "forced", "demand §2.8"),
    Row("moves a child-year", "moves_per_child_year", 0.59, 0.06, "tuned", "demand §2.7"),
    Row(
        "breakdowns a child-year",
        "moves_per_child_year cause=breakdown",
        0.17,
        0.034,
        "forced",
        "demand §2.7",
    ),
    share(
        "three or more placements in the year",
        "three_or_more_placements",
        10,
        1.5,
        "emergent, but the move hazard was fitted to it",
        "demand §2.7",
    ),
    share(
        "three or more in two years",
        "three_or_more_in_two_years",
        23,
        3,
        "emergent, but the move hazard was fitted to it",
        "demand §2.7",
    ),
    share(
        "long-term stability",
        "long_term_stability",
        69,
        4,
        "emergent, but the move hazard was fitted to it",
        "demand §2.7",
    ),
    share("UASC share of children", "children_share stream=uasc", 7.5, 1, "forced", "demand §2.8"),
    within(
        "placement length in-house, mean",
        "placement_length_mean type=in_house",
        406,
        "emergent",
        "supply §1d",
        "d",
    ),
    within(
        "placement length in-house, median",
        "placement_length_median type=in_house",
        174,
        "emergent",
        "supply §1d",
        "d",
    ),
    within(
        "placement length home, mean",
        "placement_length_mean kind=home",
        444,
        "a factor was set in view of it",
        "supply §1d",
        "d",
    ),
    within(
        "placement length home, median",
        "placement_length_median kind=home",
        263,
        "a factor was set in view of it",
        "supply §1d",
        "d",
    ),
    within(
        "placement length supported, mean",
        "placement_length_mean type=supported",
        163,
        "a factor was set in view of it",
        "supply §1d",
        "d",
    ),
    within(
        "placement length supported, median",
        "placement_length_median type=supported",
        114,
        "a factor was set in view of it",
        "supply §1d",
        "d",
    ),
    share(
        "siblings apart at entry: pairs",
        "siblings_apart_share siblings=2",
        26,
        6,
        "tuned",
        "demand §2.7",
    ),
    share(
        "siblings apart at entry: threes",
        "siblings_apart_share siblings=3",
        43,
        6,
        "emergent",
        "demand §2.7",
    ),
    within(
        "placement length unregistered, mean",
        "placement_length_mean type=unregistered",
        77,
        "tuned",
        "supply §1d",
        "d",
    ),
    share(
        "entries to homes for want of a carer (15 to 50)",
        "homes_for_want",
        32.5,
        17.5,
        "emergent",
        "prototype §5",
    ),
    Row(
        "moves caused by a household leaving, a child-year (at most 0.012)",
        "moves_per_child_year cause=household_left",
        0.0065,
        0.0055,
        "a limit was set in view of it",
        "supply §1b",
    ),
    Row(
        "placement cost per child-week, 2024-25 prices",
        "cost_per_child_week_constant_prices",
        1320,
        80,
        "forced",
        "supply §3d",
        1.0,
        "£",
    ),
)

EXITS = (
    ("reason=returned_home", 19.2, "returned home"),
    ("reason=relatives", 5.2, "to relatives"),
    ("reason=special_guardianship", 11.9, "special guardianship"),
    ("reason=child_arrangements", 3.1, "child arrangements order"),
    ("reason=adopted", 8.8, "adopted"),
    ("reason=age_assessed_18", 1.0, "age assessed 18 or over"),
    ("reason=turned_18", 39.9, "18th birthday"),
    ("age=under_1", 5.1, "leavers under 1"),
    ("age=1-4", 18.1, "leavers 1-4"),
    ("age=5-9", 10.8, "leavers 5-9"),
    ("age=10-15", 14.1, "leavers 10-15"),
    ("age=16-17", 51.9, "leavers 16 and over"),
)
"""Per cent of those who left care in 2024-25 (DfE-25, evidence/demand.md §2.1 and §2.5)."""


def one(scenario: Scenario, replication: int) -> dict[str, tuple[float, ...]]:
    """Values of every measure and group of one replication, in order of date or year."""
    rows = simulate(scenario, history=scenario, replication=replication)
    out: dict[str, list[float]] = {}
    for found in (measure(scenario, rows), cost_measures(scenario, rows)[0]):
        for key, value in zip(found.keys, found.values.tolist(), strict=True):
            of_quarter_or_month = "-Q" in key.period or key.measure == "net_cost"
            if not of_quarter_or_month:
                out.setdefault(f"{key.measure} {key.group}".strip(), []).append(value)
    out["homes_for_want"] = [homes_for_want(rows)]
    return {name: tuple(values) for name, values in out.items()}


def homes_for_want(rows: Rows) -> float:
    """Share of placements in homes begun in the run whose plan was a foster family."""
    placed = rows.placements
    types, started = placed.code("type"), placed["started"] >= 0
    in_homes = started & ((types == HOME_OWN) | (types == HOME_EXTERNAL))
    return float((placed.code("planned")[in_homes] == FOSTER).mean())


def averages(runs: list[dict[str, tuple[float, ...]]]) -> dict[str, tuple[float, float]]:
    """Mean over dates and replications, and its standard error, of every measure and group."""
    out = {}
    for name in runs[0]:
        means = [float(np.nanmean(r[name])) for r in runs if not np.all(np.isnan(r[name]))]
        if means:
            out[name] = (float(np.mean(means)), float(np.std(means) / math.sqrt(len(means))))
    homes = [
        float(
            np.mean(r["children_share type=home_own"])
            + np.mean(r["children_share type=home_external"])
        )
        for r in runs
    ]
    out["children_share kind=home"] = (
        float(np.mean(homes)),
        float(np.std(homes) / math.sqrt(len(homes))),
    )
    inside = out["in_area_share"]
    out["outside_area"] = 1 - inside[0], inside[1]
    return out


def table(found: dict[str, tuple[float, float]]) -> list[str]:
    """The table as lines of Markdown."""
    lines = [
        "| measure | published | tolerance | simulated (± its error) | met | mark | source |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in ROWS:
        mean, se = found[row.figure]
        value, error = mean * row.scale, 1.96 * se * row.scale
        met = "yes" if abs(value - row.published) <= row.tolerance + 1e-9 else "**no**"
        lines.append(
            f"| {row.label} | {row.published:g}{row.unit} | ±{row.tolerance:g} | "
            f"{value:.4g} ± {error:.2g} | {met} | {row.mark} | {row.source} |"
        )
    left = found["exits"][0]
    for group, published, label in EXITS:
        mean, se = found[f"exits {group}"]
        value, error = 100 * mean / left, 196 * se / left
        met = "yes" if abs(value - published) <= 0.2 * published else "**no**"
        lines.append(
            f"| exits: {label} | {published:g}% | ±20% | {value:.3g} ± {error:.2g} | {met} | "
            "emergent, but the stay table was fitted to it | demand §2.1, §2.5 |"
        )
    return lines


def sizes(england: Scenario, replications: int, jobs: int) -> list[str]:
    """The same rates in authorities of other sizes: what is published is per household."""
    lines = [
        "| children in care | filled places per household | of approved vacant | in-house |",
        "|---|---|---|---|",
    ]
    for size in (100, 205, 457, 1_000, 2_000):
        values = {"authority.children_in_care": size, "authority.child_population": 150.0 * size}
        scenario = flat(with_values(england, {**values, "years": 2.0}), england.warm_up_years)
        runs = Parallel(n_jobs=jobs)(delayed(one)(scenario, r) for r in range(1, replications + 1))
        found = averages(runs)
        figures = ROWS[0].figure, ROWS[1].figure, "children_share type=in_house"
        filled, vacant, in_house = (found[name][0] for name in figures)
        lines.append(f"| {size:,} | {filled:.2f} | {vacant:.0%} | {in_house:.0%} |")
    return lines


def drift(runs: list[dict[str, tuple[float, ...]]]) -> list[str]:
    """Children in care at 0, 1 and 5 years: the test of the starting population."""
    lines = [
        "| children in care | first day | 1 year | 5 years | 0 to 1 year | 0 to 5 years | within |",
        "|---|---|---|---|---|---|---|",
    ]
    names = ["", *(f" type={t}" for t in (
        "in_house", "ifa", "kinship", "home_own", "home_external", "supported", "parents",
        "adoption", "unregistered", "other"))]  # fmt: skip
    for name in names:
        values = np.array([r[f"children_in_care{name}"] for r in runs])[:, [0, 12, 60]]
        start, year_1, year_5 = values.mean(axis=0)
        limit = max(0.02 * start if not name else 0.05 * start, 0.0 if not name else 2.0)
        worst = max(abs(year_1 - start), abs(year_5 - start))
        changes = [values[:, i] - values[:, 0] for i in (1, 2)]
        shown = " | ".join(
            f"{c.mean():+.1f} ± {1.96 * c.std() / math.sqrt(len(c)):.1f}" for c in changes
        )
        lines.append(
            f"| {name.replace(' type=', '') or 'all'} | {start:.1f} | {year_1:.1f} | "
            f"{year_5:.1f} | {shown} | {'yes' if worst <= limit else '**no**'} (±{limit:.1f}) |"
        )
    return lines


def unmet(runs: list[dict[str, tuple[float, ...]]]) -> str:
    """The line of unmet need, which the starting population does not settle at once."""
    start, year_1, year_5 = np.array([r["unmet_need"] for r in runs])[:, [0, 4, 20]].mean(axis=0)
    return (
        f"| *unmet need* | {start:.1f} | {year_1:.1f} | {year_5:.1f} | {year_1 - start:+.1f} | "
        f"{year_5 - start:+.1f} | no limit set |"
    )


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replications", type=int, default=80)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    england = load("england").scenario
    scenario = flat(england, england.warm_up_years)
    runs = Parallel(n_jobs=chosen.jobs)(
        delayed(one)(scenario, r) for r in range(1, chosen.replications + 1)
    )
    lines = [
        f"{chosen.replications} replications, {scenario.years:g} years, approvals equal leavers.",
        "",
        *table(averages(runs)),
        "",
        "The starting population (DESIGN.md: total within 2%, by type within 5% or 2 children):",
        "",
        *drift(runs),
        unmet(runs),
        "",
        "Authorities of other sizes, the same rates (12 replications each, two years):",
        "",
        *sizes(england, 12, chosen.jobs),
    ]
    print("\n".join(lines))
    if chosen.write:
        text = MODEL.read_text(encoding="utf-8")
        before, rest = text.split(BEGIN)
        _, after = rest.split(END)
        MODEL.write_text(f"{before}{BEGIN}\n{chr(10).join(lines)}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
