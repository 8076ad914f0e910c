"""What a backtest came to, in words that claim no more than its numbers bear."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from sufficiency.answer.words import capital, count, listed, percent, years_words
from sufficiency.backtest.backtesting import YEARS_BEFORE, Backtested
from sufficiency.backtest.comparing import FLAT, MARKOV, OURS, SHARES, STOCK
from sufficiency.backtest.judging import Judged, Subject
from sufficiency.backtest.scores import ENOUGH
from sufficiency.backtest.scores import SHARES as RANGES

PEER_WORDS = {FLAT: "carrying the last value forward", MARKOV: "the constant-rate model"}
SHORT = {OURS: "ours", FLAT: "flat", MARKOV: "Markov"}
_SUBJECTS = {
    (STOCK, ""): "children in care",
    (STOCK, "stream=uasc"): "UASC in care",
    ("entries", ""): "entries",
    ("entries", "stream=uasc"): "entries of UASC",
    ("exits", ""): "exits",
    ("moves", ""): "moves",
    ("three_or_more_placements", ""): "3+ placements in a year",
    ("three_or_more_in_two_years", ""): "3+ in two years",
    ("long_term_stability", ""): "same carer two years",
}


def named(subject: Subject) -> str:
    """What a line of the table is about."""
    if subject.by_type:
        return "children, each type of home"
    return _SUBJECTS[subject.measure, subject.groups[0]]


def day(when: date) -> str:
    """A year-end as it is said."""
    return f"31 March {when.year}"


def origins_words(origins: Sequence[date]) -> str:
    """The year-ends that were forecast from."""
    if len(origins) == 1:
        return f"one year-end, {day(origins[0])}"
    return f"{count(len(origins))} year-ends, {day(origins[0])} to {day(origins[-1])}"


def made(found: Backtested) -> str:
    """How it was made, in a sentence."""
    return (
        f"Forecast from {origins_words(found.origins)}, each with only what was known then:"
        f" calibrated towards {found.base}, {found.replications} futures,"
        f" up to {years_words(found.years_ahead)} ahead."
    )


def verdict(found: Backtested) -> str:
    """How ours did against its peers one year ahead, in one sentence."""
    rows = [row for row in found.judged if row.years_ahead == 1]
    told = [text for peer in (FLAT, MARKOV) if (text := _against(rows, peer))]
    words = capital(" and ".join(told))
    clear = _clear(found.judged)
    return f"One year ahead, our error is {_lower_first(words)}; {clear}."


def _against(rows: Sequence[Judged], peer: str) -> str:
    both = [row.against[peer].mean for row in rows if peer in row.against]
    if not both:
        return ""
    less = sum(apart < 0 for apart in both)
    return f"below that of {PEER_WORDS[peer]} in {less} of {len(both)} measures"


def _clear(rows: Sequence[Judged]) -> str:
    """What can be told from chance, at any lead."""
    most = max((len(row.origins) for row in rows), default=0)
    if most < ENOUGH:
        ends = "one year-end" if most == 1 else f"{count(most)} year-ends"
        return f"{ends} cannot tell whether anything is better or worse beyond chance"
    better, worse = list(differences(rows, -1)), list(differences(rows, 1))
    if not better and not worse:
        return "no difference can be told from chance"
    parts = []
    if worse:
        parts.append(f"clearly above it for {'; '.join(worse)}")
    if better:
        parts.append(f"clearly below it for {'; '.join(better)}")
    return f"it is {', and '.join(parts)}"


def differences(rows: Sequence[Judged], sign: int) -> Iterator[str]:
    """Measures whose error is clearly above (1) or below (-1) a peer's."""
    for row in rows:
        for peer, apart in row.against.items():
            if apart.clear and apart.mean * sign > 0:
                yield f"{named(row.subject)}, {years_words(row.years_ahead)} ahead ({SHORT[peer]})"


class Loss(NamedTuple):
    """A measure of which another forecast had a lower error, whether by chance or not."""

    row: Judged
    peer: str

    @property
    def sure(self) -> str:
        """Whether chance alone could have made it so."""
        return "yes" if self.row.against[self.peer].clear else "no"


def losses(found: Backtested) -> tuple[Loss, ...]:
    """Where ours lost."""
    return tuple(
        Loss(row, peer)
        for row in found.judged
        for peer, apart in row.against.items()
        if apart.mean > 0
    )


def losses_words(found: Backtested) -> str:
    """Where ours lost, in a sentence."""
    compared = sum(len(row.against) for row in found.judged)
    lost = losses(found)
    if not lost:
        return f"In none of {compared} comparisons did another forecast have a lower error."
    clear = sum(loss.row.against[loss.peer].clear for loss in lost)
    return (
        f"In {len(lost)} of {compared} comparisons another forecast had a lower error;"
        f" {'none' if clear == 0 else clear} of these differences can be told from chance."
    )


def coverage(found: Backtested) -> str:
    """How often what happened lay inside our ranges, over all numbers."""
    rows = [row for row in found.judged if not row.subject.by_type]
    weights = [row.numbers for row in rows]
    inside = np.average([row.errors[OURS].covers for row in rows], axis=0, weights=weights)
    both = zip(RANGES, inside.tolist(), strict=True)
    told = [f"{percent(held)} for {percent(wanted)}" for wanted, held in both]
    return (
        f"Of {sum(weights)} numbers, types of home apart, our ranges held {listed(told)}; numbers"
        " of the same date move together, so this is worth fewer."
    )


def figure(row: Judged, value: float) -> str:
    """An error in the unit of its measure: children, or percentage points."""
    if row.subject.measure in SHARES:
        return f"{100 * value:.1f} points"
    return f"{value:.1f}"


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


READING = (
    "The error is the continuous ranked probability score: the distance from what happened, less"
    " what honest uncertainty is forgiven; for a forecast without a range it is the plain distance."
    " Lower is better, in children (in percentage points for shares).",
    "Flat carries the last value forward, with ranges from past changes between years. Markov is a"
    " small constant-rate model of stocks and flows by type, with the rates of the three years"
    " before. Both know what ours knows at the year-end, and no more.",
    "A range of 80% should hold what happened four times in five. Where what happened equals the"
    " end of a range it counts in part, so that whole numbers are covered as often as the range"
    " says.",
)
LIMITS = (
    "There are few year-ends, and every error rests on as many: one odd year moves all of them.",
    "Numbers of one date move together (more entries are more children, and more with agencies), so"
    " many measures inside their ranges are not so many proofs. Forecasts two years ahead from"
    " neighbouring year-ends share a year.",
    "A return says nothing of carers and homes: their numbers are the base scenario's, in"
    " proportion to the children, at every year-end. Types of home suffer from it most.",
    f"A year-end needs {count(YEARS_BEFORE)} full years before it and one after it.",
    "A difference counts as clear if so large a one would come by chance in fewer than one backtest"
    " in twenty; with this many comparisons some would be clear by chance alone.",
)
