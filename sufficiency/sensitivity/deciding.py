"""The two assumptions that decide the money.

What a plan for more carers saves hangs on two things that nobody publishes (DESIGN.md §2): how many
of the entries to children's homes are for want of a carer, and what limits the market of agencies.
They lead the table whatever their size.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from sufficiency.experiment.variants import Variants
from sufficiency.replication import MODEL, Steps
from sufficiency.rows import KINDS, TYPES, Key, Measured, Rows
from sufficiency.scenario import Edit, Scenario, Study, settled, with_values
from sufficiency.sensitivity.tornado import Question
from sufficiency.sensitivity.trials import End
from sufficiency.vocabulary import Kind, PlacementType

WANT_OF_CARER = "Share of entries to homes that are for want of a carer"
IFA_LIMIT = "What limits the market of agencies (IFA)"
SHARES = (0.15, 0.50)
"""Ends of the share of entries to homes that are for want of a carer: 15% in the prototype's first
table of chances, about half in Ofsted's reading of plans (evidence/prototype.md §2, §5)."""
GROWTH = 0.03
"""A year. The agencies' share of mainstream places grew from 40% in 2018 to 45% in 2021-22
(evidence/supply.md §1), 3% a year; that it may shrink as fast is an assumption."""
OLDER = ("10-15", "16-17")
"""Ages for which a carer is scarce, so that the chance of finding one decides the share."""
CHANCES, HOMES = "ifa.match", "placement.plan_weights.home"

FUTURES = 16
"""Futures of each step of the search for the chances that make a share."""
STEPS = 6
"""Steps at most."""
CLOSE = (0.10, 0.03)
"""When the search ends: the logit of the share, the logarithm of the number in homes."""
WIDEST = (math.log(0.05), math.log(8.0))
"""Factors are looked for between these."""
SHARE = "homes_for_want_of_carer_share"

_HOMES, _AGENCIES = ("type=home_own", "type=home_external"), "type=ifa"


class Found(NamedTuple):
    """A truth with another share of entries to homes for want of a carer."""

    study: Study
    share: float
    """As simulated."""
    in_homes: float
    """Children in homes, on average over the run."""
    with_agencies: float
    """Children with agencies, on the first day."""
    chances: float
    """Factor on the chances that an agency has a carer for a child of 10 or over."""
    homes: float
    """Factor on the weight of a home in the plan."""


def homes_for_want(scenario: Scenario, rows: Rows) -> Measured:
    """Placements in homes that begin in the run; of how many the plan was a foster family."""
    placed = rows.placements
    types, began = placed.code("type"), placed["started"] >= 0
    homes = [TYPES.index(PlacementType.HOME_OWN), TYPES.index(PlacementType.HOME_EXTERNAL)]
    entries = began & np.isin(types, homes)
    wanted = entries & (placed.code("planned") == KINDS.index(Kind.FOSTER))
    keys = (Key(SHARE, "of=all", "run"), Key(SHARE, "of=wanted", "run"))
    return Measured(keys, np.array([float(entries.sum()), float(wanted.sum())]))


# --- the share of entries to homes ------------------------------------------------------------


class ShareSearch:
    """Looks for factors on chances and plans that make a share while as many live in homes."""

    def __init__(self, study: Study, **settings: Any) -> None:
        steps: Steps = settings.pop("steps", None) or MODEL
        watching = steps._replace(measures=(*steps.measures, homes_for_want), money=None)
        keep = {(SHARE, "of=all"), (SHARE, "of=wanted")}
        keep |= {("children_in_care", group) for group in (*_HOMES, _AGENCIES)}
        self._settings = {**settings, "steps": watching, "keep": keep, "central": True}
        self.study = study
        self.simulated = 0

    def at(self, chances: float, homes: float) -> Found:
        """What some factors make."""
        study = changed(self.study, chances, homes)
        variants = Variants(study, **self._settings)
        variants.run({"it": ()}, FUTURES)
        self.simulated += FUTURES
        counts = [
            variants.futures("it", SHARE, group).sum().iloc[0] for group in ("of=wanted", "of=all")
        ]
        in_homes = sum(
            float(variants.futures("it", "children_in_care", group).mean(axis=None))
            for group in _HOMES
        )
        agencies = float(variants.futures("it", "children_in_care", _AGENCIES).iloc[:, 0].mean())
        share = float(counts[0] / max(counts[1], 1.0))
        return Found(study, share, in_homes, agencies, chances, homes)

    def ends(self) -> tuple[Found, Found, Found]:
        """As it is, then with each of `SHARES`."""
        now = self.at(1.0, 1.0)
        low, high = (self._with(share, now) for share in SHARES)
        return now, low, high

    def _with(self, share: float, now: Found) -> Found:
        """Broyden's method on the logarithms of both factors; the closest that was looked at."""
        wanted = np.array([_logit(share), math.log(max(now.in_homes, 1e-9))])
        slopes = np.array([[-1.5, -1.0], [-0.3, 0.8]])
        at, there = np.zeros(2), _seen(now)
        best, missed = now, _missed(there, wanted)
        for _ in range(STEPS):
            step = np.clip(np.linalg.solve(slopes, wanted - there), -1.2, 1.2)
            after = np.clip(at + step, *WIDEST)
            step = after - at
            if not step.any():
                break
            found = self.at(*np.exp(after).tolist())
            seen = _seen(found)
            slopes = slopes + np.outer(seen - there - slopes @ step, step) / float(step @ step)
            at, there = after, seen
            if _missed(seen, wanted) < missed:
                best, missed = found, _missed(seen, wanted)
            if missed <= 1 or abs(np.linalg.det(slopes)) < 1e-6:
                break
        return best


def changed(study: Study, chances: float, homes: float) -> Study:
    """The study with factors on the chances for older children, and on plans for a home."""
    scenario = study.scenario
    rows = {
        age: {need: _times(chance, chances, age) for need, chance in row.model_dump().items()}
        for age, row in scenario.ifa.match.items()
    }
    weights = scenario.placement.plan_weights
    values = {CHANCES: rows, HOMES: weights.get("home", 1.0) * homes}
    return study.model_copy(update={"scenario": settled(with_values(scenario, values))})


def _times(chance: float, factor: float, age: str) -> float:
    return min(chance * factor, 1.0) if age in OLDER else chance


def _seen(found: Found) -> Any:
    return np.array([_logit(found.share), math.log(max(found.in_homes, 1e-9))])


def _missed(seen: Any, wanted: Any) -> float:
    """How far from what is wanted; 1 is close enough."""
    return float(np.max(np.abs(seen - wanted) / np.array(CLOSE)))


def _logit(share: float) -> float:
    inside = min(max(share, 0.005), 0.995)
    return math.log(inside / (1 - inside))


# --- the two questions ------------------------------------------------------------------------


def deciding(search: ShareSearch) -> tuple[tuple[Question, ...], tuple[Found, ...]]:
    """The two questions that lead the table, and what was found about the first of them."""
    found = search.ends()
    return (_want_of_carer(*found), ifa_limit(search.study.scenario, found[0])), found


def _want_of_carer(now: Found, low: Found, high: Found) -> Question:
    ends = tuple(
        End(f"{WANT_OF_CARER}|{side}", f"{found.share:.0%}", study=found.study)
        for side, found in (("low", low), ("high", high))
    )
    note = "; ".join(
        f"{found.share:.0%}: chances of an agency carer for children of 10 and over times"
        f" {found.chances:.2f}, weight of a home in the plan times {found.homes:.2f}"
        f" ({found.in_homes:.1f} children in homes, {now.in_homes:.1f} now)"
        for found in (low, high)
    )
    return Question(WANT_OF_CARER, f"{now.share:.0%}", ends, "decides", note)


def ifa_limit(scenario: Scenario, now: Found) -> Question:
    """A limit at the number of children whom agencies have today, against a market that grows."""
    places, stated = round(now.with_agencies), scenario.ifa.places
    limit = (_set("ifa.places", places),)
    growth = (_set("ifa.places", None), _set("ifa.market_growth_per_year", GROWTH))
    return Question(
        IFA_LIMIT,
        "no limit" if stated is None else f"limit of {stated} places",
        (
            End(f"{IFA_LIMIT}|low", f"limit of {places} places, today's number", edits=limit),
            End(f"{IFA_LIMIT}|high", f"no limit, {GROWTH:+.0%} a year", edits=growth),
        ),
        "decides",
        "From the first day on; the growth is of the chance that a search finds a carer.",
    )


def _set(path: str, value: Any) -> Edit:
    return Edit(action="set", path=path, value=value)
