"""What a check is, and when a simulated value agrees with an exact one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri, stdtrit

from sufficiency.verification.lives import Counted

Floats = npt.NDArray[np.float64]

LIMIT = 4.0
"""Standard errors by which a mean may miss the exact value, set before looking."""
FALSE_ALARM = 2 * float(ndtr(-LIMIT))
"""Chance that a right engine misses by more: once in 16,000, for each row of the table."""


NOTHING = "nothing to look at"


class Check(NamedTuple):
    """One row of the table."""

    name: str
    against: str
    """What it is compared with."""
    exact: float
    simulated: float
    error: float | None
    """Standard error of the simulated value; None where the two must be equal."""
    holds: bool
    detail: str = ""
    """What is wrong, if it does not hold."""


class Verification(NamedTuple):
    """What `verify` found."""

    name: str
    """Of the scenario."""
    seed: int
    replications: int
    """Of each stripped copy."""
    full: int
    """Of the full scenario and each option."""
    options: int
    stripped: tuple[Check, ...]
    """On stripped copies: against what is known on paper."""
    whole: tuple[Check, ...]
    """On the full scenario and its options: exact."""
    pools: tuple[str, ...]
    """What is different in the copy for Erlang B."""
    seasons: tuple[str, ...]
    """What is different in the copy for the number in care."""

    @property
    def checks(self) -> tuple[Check, ...]:
        """All rows."""
        return self.stripped + self.whole

    @property
    def holds(self) -> bool:
        """Whether all checks hold."""
        return all(check.holds for check in self.checks)


# ---- Exact -------------------------------------------------------------------------------------


def none_wrong(counts: Iterable[Counted], of: dict[str, str]) -> list[Check]:
    """One row for each kind of count: no fault in so many things looked at.

    Args:
        counts: Those of all runs.
        of: What is counted, by check.
    """
    total: dict[str, Counted] = {}
    for one in counts:
        so_far = total.get(one.check, Counted(one.check, 0, 0))
        total[one.check] = Counted(
            one.check,
            so_far.looked_at + one.looked_at,
            so_far.faults + one.faults,
            so_far.first or one.first,
        )
    return [
        Check(
            found.check,
            f"faults in {found.looked_at:,} {of[found.check]}" if found.looked_at else NOTHING,
            0.0,
            float(found.faults),
            None,
            found.faults == 0,
            found.first,
        )
        for found in total.values()
    ]


# ---- Statistical -------------------------------------------------------------------------------


def most_errors(replications: int) -> float:
    """Standard errors, estimated from so many replications, that a right engine rarely misses by.

    Student's t: with few replications the standard error itself is uncertain.
    """
    return float(-stdtrit(replications - 1, FALSE_ALARM / 2))


def largest_of(comparisons: int) -> float:
    """The same for the largest of several comparisons with known standard errors (Bonferroni)."""
    return float(-ndtri(FALSE_ALARM / 2 / max(comparisons, 1)))


def share_agrees(
    name: str, against: str, exact: Floats, happened: Sequence[int], of: Sequence[int]
) -> Check:
    """Compare a share with the exact one, which may differ from replication to replication.

    What is tested is how often it happened less the exact share of all: its mean is exactly 0,
    while a mean of shares would be biased by busy replications.
    """
    counts, wholes = np.asarray(happened, dtype=float), np.asarray(of, dtype=float)
    whole = max(float(wholes.sum()), 1.0)
    excess = counts - exact * wholes
    error = float(excess.std(ddof=1)) * len(excess) ** 0.5 / whole
    expected = float((exact * wholes).sum()) / whole
    found = float(counts.sum()) / whole
    holds = abs(found - expected) <= most_errors(len(excess)) * error
    detail = "" if holds else f"{(found - expected) / max(error, 1e-300):+.1f} standard errors"
    return Check(name, against, expected, found, error, holds, detail)


def means_agree(
    name: str, what: str, exact: Floats, counts: Floats, labels: Sequence[str]
) -> Check:
    """Compare Poisson counts, a row per replication, with exact means; show the worst column."""
    errors = np.sqrt(np.maximum(exact, 1e-300) / len(counts))
    away = (counts.mean(axis=0) - exact) / errors
    worst = int(np.argmax(np.abs(away)))
    holds = bool(abs(away[worst]) <= largest_of(len(exact)))
    return Check(
        name,
        f"{what}; of {len(exact)} dates the worst, {labels[worst]}",
        float(exact[worst]),
        float(counts[:, worst].mean()),
        float(errors[worst]),
        holds,
        "" if holds else f"{away[worst]:+.1f} standard errors on {labels[worst]}",
    )


def dispersion_agrees(name: str, against: str, exact: Floats, counts: Floats) -> Check:
    """Compare the squared distance from exact means, over the means, with the 1 of Poisson."""
    ratios = ((counts - exact) ** 2 / np.maximum(exact, 1e-300)).mean(axis=1)
    error = float(ratios.std(ddof=1)) / len(ratios) ** 0.5
    found = float(ratios.mean())
    holds = abs(found - 1) <= most_errors(len(ratios)) * error
    detail = "" if holds else f"{(found - 1) / max(error, 1e-300):+.1f} standard errors"
    return Check(name, against, 1.0, found, error, holds, detail)
