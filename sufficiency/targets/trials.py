"""The values of a lever that have been tried, how often, and how often each meets the goal."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from sufficiency.experiment.variants import Variants
from sufficiency.results.statistics import Floats
from sufficiency.targets.curve import Share, share_of
from sufficiency.targets.goal import Goal
from sufficiency.targets.lever import Lever

MORE = 6
"""A value gets so many times the usual number of futures at most."""

MORE_OF_MANY = 2
"""The same where every value is looked at, and many of them may be in doubt."""
LIKELY = 12 + 2 * (MORE - 1)
"""A search is likely to need so many times the usual number of futures, or fewer."""

Progress = Callable[[int, int], None]


class Trials:
    """The values of a lever that have been tried, and how often."""

    def __init__(
        self,
        variants: Variants,
        lever: Lever,
        goal: Goal,
        confidence: float,
        number: int,
        progress: Progress | None = None,
    ) -> None:
        self.variants, self.lever, self.goal = variants, lever, goal
        self.confidence, self.number = confidence, number
        self.asked = 0
        self._progress = progress or (lambda _done, _of: None)
        self._shares: dict[int, Share] = {}

    @property
    def tried(self) -> list[int]:
        """Places of the values tried, in order."""
        return sorted(self._shares)

    def try_values(self, places: Sequence[int], futures: int | None = None) -> None:
        """Bring values to so many futures, or to the usual number."""
        wanted = futures or self.number
        named = {self._name(place): self.lever.variant(place) for place in places}
        before, likely = self.variants.simulated, LIKELY * self.number
        self.variants.run(
            named,
            wanted,
            lambda done, of: self._progress(before + done, max(before + of, likely)),
        )
        self.asked += wanted * len(places)
        for place in places:
            met = self.goal.met(self.futures(place))
            self._shares[place] = share_of(met, self.variants.together)

    def finish(self) -> None:
        """Tell that no more is needed."""
        self._progress(self.variants.simulated, self.variants.simulated)

    def futures(self, place: int) -> Floats:
        """The measure in each future of a value."""
        table = self.variants.futures(self._name(place), self.goal.measure, self.goal.group)
        values: Floats = table[self.goal.period].to_numpy()
        return values

    def met(self, place: int) -> Floats:
        """Whether each future of a value meets the goal."""
        return self.goal.met(self.futures(place))

    def share(self, place: int) -> Share:
        """The share of a value's futures that meets the goal."""
        return self._shares[place]

    def enough(self, place: int) -> bool:
        """Whether a value meets the goal often enough, by the futures so far."""
        return self.share(place).value >= self.confidence

    def best(self) -> int:
        """The value that meets the goal most often; of several, the one whose mean is nearest."""

        def nearness(place: int) -> tuple[float, float]:
            values = self.futures(place)
            known = values[~np.isnan(values)]
            share = self.share(place)
            if not share.futures:
                return (-1.0, 0.0)
            return (share.value, -self.goal.short_by(float(known.mean())))

        return max(self.tried, key=nearness)

    def told(self, place: int) -> bool:
        """Whether the share of a value can be told from the confidence."""
        return self.share(place).told_from(self.confidence)

    def try_between(self, first: int, second: int) -> None:
        """Try the value halfway between two, as often as the one that was tried more often."""
        done = max(self.variants.count(self._name(place)) for place in (first, second))
        self.try_values([(first + second) // 2], done)

    def settle(self, places: Sequence[int], more: int = MORE) -> bool:
        """Give values that are in doubt more futures; whether there were any.

        Args:
            places: Values that decide the answer.
            more: So many times the usual number at most.
        """
        most, count = more * self.number, self.variants.count
        done = {place: count(self._name(place)) for place in places if not self.told(place)}
        doubtful = {place: futures for place, futures in done.items() if futures < most}
        for futures in set(doubtful.values()):
            together = [place for place, had in doubtful.items() if had == futures]
            self.try_values(together, min(2 * futures, most))
        return bool(doubtful)

    def _name(self, place: int) -> str:
        return str(self.lever.values[place])
