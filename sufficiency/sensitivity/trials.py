"""A number under one assumption after another, on the same luck as with the central values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from sufficiency.costs import MEASURES as MONEY
from sufficiency.experiment.precision import error_of_mean
from sufficiency.experiment.variants import Variant, Variants
from sufficiency.replication import MODEL, Steps
from sufficiency.results.results import BASELINE
from sufficiency.results.statistics import Floats, moments
from sufficiency.scenario import Edit, Study
from sufficiency.sensitivity.asked import Asked, number_of
from sufficiency.sensitivity.repricing import Repriced, price_sets

Progress = Callable[[int, int], None]

CENTRAL = "central"


@dataclass(frozen=True)
class End:
    """What is assumed at one end of a bar."""

    name: str
    """No other end is called so."""
    words: str
    """The value, as it is read."""
    assumed: Mapping[str, float] = field(default_factory=dict)
    """Values of uncertain settings in place of the central ones, true of the past too."""
    edits: tuple[Edit, ...] = ()
    """Changes from the first day on."""
    study: Study | None = None
    """Another truth, of the past too; left out: the study itself."""


@dataclass(frozen=True, slots=True)
class Change:
    """How far the number is from the one with central values, on average over the futures."""

    words: str
    """What is assumed."""
    mean: float
    se: float
    """The simulation's error of it, from differences future by future."""
    clear: bool
    """Whether it is told from no change, at 95%."""
    futures: int


class Trials:
    """The number that is asked about, future by future, for one end after the other.

    Everything else that is uncertain keeps its central value, and a future has the same luck under
    every assumption. With an option, the number is the option less the baseline.
    """

    def __init__(self, study: Study, asked: Asked, option: str, **settings: Any) -> None:
        """Prepare; nothing is simulated yet.

        Args:
            study: The scenario and its options.
            asked: Which number.
            option: The option that is compared with the baseline; empty: the baseline's own level.
            settings: Seed, years, processes and stand-ins, as `Variants` has them.
        """
        self._asked, self._option = asked, option
        self._settings = {**settings, "central": True, "keep": {(asked.measure, asked.group)}}
        self._study = study
        self._variants: dict[int, tuple[Study, Variants]] = {}
        self._priced: Variants | None = None
        self._sets: frozenset[str] = frozenset()

    @property
    def simulated(self) -> int:
        """Futures simulated in all."""
        priced = self._priced.simulated if self._priced else 0
        return priced + sum(variants.simulated for _, variants in self._variants.values())

    def reprice(self, ends: Sequence[End]) -> None:
        """Have those of the ends that are about prices alone priced, not simulated one by one."""
        steps: Steps = self._settings.get("steps") or MODEL
        alone = [(e.name, e.assumed) for e in ends if not e.edits and e.study is None]
        sets = price_sets(self._study, self._option, alone)
        if not sets or not _is_money(steps, self._asked):
            return
        money = Repriced(steps, self._asked, sets)
        settings = {
            **self._settings,
            "steps": steps._replace(measures=(), money=money),
            "keep": {(name, self._asked.group) for name in sets},
        }
        self._priced = Variants(self._study, **settings)
        self._sets = frozenset(sets)

    def is_priced(self, end: End) -> bool:
        """Whether an end is priced, not simulated by itself; then it gets all futures there are."""
        return end.name in self._sets

    def run(self, ends: Sequence[End], futures: int, progress: Progress | None = None) -> None:
        """Bring the central values and each end to so many futures."""
        by_study: dict[int, dict[str, Variant]] = {}
        own = (End(CENTRAL, ""), *(end for end in ends if not self.is_priced(end)))
        for end in own:
            self._of(end)
            by_study.setdefault(self._key(end), {}).update(self._named(end))
        todo = [(self._variants[key][1], named) for key, named in by_study.items()]
        if self._priced is not None:
            todo.append((self._priced, self._named(End(CENTRAL, ""))))
        counts = [sum(max(futures - v.count(name), 0) for name in named) for v, named in todo]
        done, tell = 0, progress or (lambda _done, _of: None)
        for (variants, named), count in zip(todo, counts, strict=True):
            variants.run(named, futures, lambda d, _, at=done: tell(at + d, sum(counts)))  # type: ignore[misc]  # mypy infers no default
            done += count

    def values(self, end: End) -> Floats:
        """The number in each future of an end."""
        found = [number_of(futures, self._asked) for futures in self._futures(end)]
        if len(found) == 1:
            return found[0]
        first = min(map(len, found))
        return found[0][:first] - found[1][:first]

    def change(self, end: End) -> Change:
        """The change that an end makes against the central values, future by future."""
        there, central = self.values(end), self.values(End(CENTRAL, ""))
        number = min(len(there), len(central))
        return change_of(end.words, there[:number] - central[:number])

    def _futures(self, end: End) -> list[pd.DataFrame]:
        """By period: of the option, if there is one, and of the baseline."""
        group = self._asked.group
        if self._priced is not None and self.is_priced(end):
            names = self._named(End(CENTRAL, ""))
            return [self._priced.futures(name, end.name, group) for name in names]
        variants = self._of(end)
        return [variants.futures(name, self._asked.measure, group) for name in self._named(end)]

    def _of(self, end: End) -> Variants:
        study = end.study or self._study
        if id(study) not in self._variants:
            self._variants[id(study)] = (study, Variants(study, **self._settings))
        return self._variants[id(study)][1]

    def _key(self, end: End) -> int:
        return id(end.study or self._study)

    def _named(self, end: End) -> dict[str, Variant]:
        """The variants of an end: of the option, and of the baseline that it is compared with."""
        baseline = Variant(edits=end.edits, assumed=end.assumed)
        if not self._option:
            return {f"{end.name}|{BASELINE}": baseline}
        option = Variant(edits=end.edits, option=self._option, assumed=end.assumed)
        return {f"{end.name}|option": option, f"{end.name}|{BASELINE}": baseline}


def _is_money(steps: Steps, asked: Asked) -> bool:
    """Whether the number is of the money step."""
    return steps.money is not None and asked.measure in MONEY


def change_of(words: str, differences: Floats) -> Change:
    """A change and its error from its futures; those without a number are left out."""
    known = differences[~np.isnan(differences)]
    if len(known) == 0:
        return Change(words, float("nan"), float("nan"), False, 0)
    found = moments(known[:, None])
    mean, se = float(found.mean[0]), float(found.se[0])
    error = float(error_of_mean(known[:, None], 1)[0])
    clear = mean != 0 and (abs(mean) > error or len(set(known.tolist())) == 1 < len(known))
    return Change(words, mean, se, clear, len(known))
