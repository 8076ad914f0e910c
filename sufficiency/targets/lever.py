"""A lever: a number of the scenario, the values to try, and whether the scenario can have them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sufficiency.errors import SufficiencyError
from sufficiency.experiment.draws import NOT_DRAWN
from sufficiency.experiment.variants import Variant, Variants
from sufficiency.scenario import Edit, Study, get_value
from sufficiency.scenario_file.problems import did_you_mean, shown
from sufficiency.scenario_file.shape import bare, no_such, type_at

STEPS = 40
"""Steps from the lowest value to the highest, where none are asked for."""
MOST_VALUES = 10_001
CHECKED = 9
"""Values that are checked before anything is simulated, both ends among them."""
COUNTED = ("fostering.recruitment.number",)
"""Settings that hold any number and count people or households: they go in whole steps too."""


@dataclass(frozen=True, slots=True)
class Lever:
    """A number of the scenario that a search moves."""

    path: str
    option: str
    """The option it is moved in; empty for the baseline."""
    values: tuple[float, ...]
    """From the lowest, in even steps."""
    whole: bool
    now: float | None
    """Its value without any search; None where it has none."""

    @property
    def step(self) -> float:
        """From one value to the next."""
        return self.values[1] - self.values[0] if len(self.values) > 1 else 1.0

    @property
    def further(self) -> float:
        """What `five more` is: five units of what is counted, else five steps; at most all."""
        return min(5.0 if self.whole else 5 * self.step, self.values[-1] - self.values[0])

    def variant(self, place: int) -> Variant:
        """The scenario with one of the values."""
        value = self.values[place]
        edit = Edit(action="set", path=self.path, value=int(value) if self.whole else value)
        return Variant((edit,), self.option)


def read_lever(
    study: Study,
    path: str,
    low: float,
    high: float,
    step: float | None,
    option: str,
    problems: list[str],
) -> Lever | None:
    """The lever, or None after adding every mistake to `problems`."""
    known = len(problems)
    problems.extend(_wrong_range(low, high, step))
    names = [each.name for each in study.options]
    if option and option not in names:
        problems.append(f"--option: there is no option '{option}'{did_you_mean(option, names)}")
        return None
    if path.split(".")[0] in NOT_DRAWN:
        problems.append(f"--lever: {path} says what is run: it cannot be searched for")
        return None
    now, whole = _now(study, path, option, problems)
    if len(problems) > known:
        return None
    if whole and not all(value is None or float(value).is_integer() for value in (low, high, step)):
        problems.append(f"--lever: {path} is a whole number: so must --from, --to and --step be")
        return None
    return Lever(path, option, _values(low, high, step, whole=whole), whole, now)


def _wrong_range(low: float, high: float, step: float | None) -> list[str]:
    if not (math.isfinite(low) and math.isfinite(high)):
        return ["--from and --to must be numbers"]
    if low >= high:
        return [f"--from must be below --to (found {low:g} and {high:g})"]
    if step is None:
        return []
    if not 0 < step <= high - low:
        return [f"--step must be above 0 and at most {high - low:g} (found {step:g})"]
    if (high - low) / step >= MOST_VALUES:
        return [f"--step {step:g} makes more than {MOST_VALUES - 1:,} steps: choose a longer one"]
    return []


def _now(study: Study, path: str, option: str, problems: list[str]) -> tuple[float | None, bool]:
    """The lever's value as it is, and whether it takes whole numbers only."""
    try:
        scenario = Variants(study).scenario(Variant(option=option))
        value = get_value(scenario, path)
    except KeyError:
        problems.append(f"--lever: {path}: {no_such(path.split('.'))}")
        return None, False
    annotation = bare(type_at(path.split(".")))
    if isinstance(value, bool) or (
        not isinstance(value, int | float) and not (value is None and annotation in (int, float))
    ):
        problems.append(f"--lever: {path} is not a number (found {_kind(value)})")
        return None, False
    whole = annotation is int or isinstance(value, int) or path in COUNTED
    return value, whole


def _kind(value: Any) -> str:
    plain = isinstance(value, str | bool | list | tuple | dict | type(None))
    return shown(value) if plain else "a group of settings"


def _values(low: float, high: float, step: float | None, *, whole: bool) -> tuple[float, ...]:
    step = step or (1.0 if whole else (high - low) / STEPS)
    number = math.floor((high - low) / step + 1e-9)
    return tuple(round(low + place * step, 10) for place in range(number + 1))


def check_values(lever: Lever, variants: Variants) -> None:
    """Refuse values that the scenario refuses, with its reasons."""
    refused: dict[str, list[float]] = {}
    for place in spread_out(len(lever.values), CHECKED):
        try:
            variants.scenario(lever.variant(place))
        except SufficiencyError as error:
            refused.setdefault(str(error), []).append(lever.values[place])
    if refused:
        told = "".join(f"\n  {_span(values)}: {why}" for why, values in refused.items())
        raise SufficiencyError(f"--lever: the scenario refuses values of {lever.path}:{told}")


def spread_out(values: int, wanted: int) -> list[int]:
    """Places of so many values at most, evenly spread, both ends among them."""
    return sorted({round(place) for place in np.linspace(0, values - 1, min(values, wanted))})


def _span(values: Sequence[float]) -> str:
    first, last = f"{values[0]:g}", f"{values[-1]:g}"
    return first if first == last else f"{first} to {last}"
