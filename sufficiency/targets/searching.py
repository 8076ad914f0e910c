"""The least value of a lever that meets a goal in a wanted share of futures.

Futures of all values have the same draws and the same luck, and none is simulated twice. A coarse
grid shows whether more of the lever always helps (or always harms); then halving finds the value at
which the share of futures reaches the confidence, and the values on either side of it get more
futures until their share can be told from the confidence. Where more sometimes helps and sometimes
harms, every value is looked at.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from sufficiency.errors import SufficiencyError
from sufficiency.experiment.variants import Variants
from sufficiency.replication import MODEL, Steps
from sufficiency.scenario import Scenario, Study
from sufficiency.targets.curve import Dose, difference, dose, falls
from sufficiency.targets.goal import Goal, read_goal
from sufficiency.targets.lever import Lever, check_values, read_lever, spread_out
from sufficiency.targets.trials import MORE_OF_MANY, Progress, Trials

COARSE = 5
"""Values of the first grid."""
CURVE = 9
"""Values of the dose-response curve at least, if there are so many."""
FINE = 41
"""Values that are looked at where halving cannot be trusted, at most."""
Verdict = Literal["least", "most", "some", "all", "none"]


@dataclass(frozen=True)
class Target:
    """What a search has found."""

    name: str
    """Of the scenario."""
    lever: Lever
    goal: Goal
    confidence: float
    verdict: Verdict
    """`least`: from `answer` up the goal is met; `most`: up to `answer`; `some`: in `spans`; `all`:
    at every value tried; `none`: at no value tried."""
    answer: float
    """The least, or most, value that meets it; of `none` the best value tried."""
    spans: tuple[tuple[float, float], ...]
    """Values that meet it, as first and last of those that follow one another."""
    told: bool
    """Whether the futures simulated tell the answer from the value before it."""
    unsure: tuple[float, float] | None
    """Values that the answer may be, for all that the futures simulated tell, if not told."""
    doses: tuple[Dose, ...]
    """What is known of each value looked at, by value."""
    further: float
    """What `Dose.further` is the effect of: so much more of the lever."""
    replications: int
    """Futures of each value at least."""
    simulated: int
    """Futures simulated in all."""
    reused: int
    """Futures that were needed again and not simulated again."""
    seconds: float
    scenario: Scenario
    """The scenario with the answer, at its central values."""

    def at(self, value: float) -> Dose:
        """What is known of a value."""
        return next(each for each in self.doses if each.value == value)


def find(
    study: Study,
    lever: str,
    low: float,
    high: float,
    goal: str,
    confidence: float = 0.8,
    *,
    step: float | None = None,
    option: str = "",
    replications: int | None = None,
    seed: int | None = None,
    years: float | None = None,
    jobs: int | None = None,
    steps: Steps | None = None,
    progress: Progress | None = None,
) -> Target:
    """Search a lever for the values that meet a goal.

    Args:
        study: The scenario and its options.
        lever: Path of a number.
        low: Lowest value to try.
        high: Highest.
        goal: As `targets.goal.FORM` says.
        confidence: Share of futures that must meet it.
        step: From one value to the next; left out: 1 for whole numbers, else a fortieth.
        option: The option in which the lever is moved; left out: the baseline.
        replications: Futures of each value to begin with; left out: as the scenario says.
        seed: Seed of the random numbers; left out: as the scenario says.
        years: Years simulated; left out: as the scenario says.
        jobs: Processes; left out: as many as there are cores.
        steps: Stand-ins for the simulation and measures of the model.
        progress: Called with the futures done and the number known to be needed.

    Raises:
        SufficiencyError: What was asked for is not possible: every mistake at once.
    """
    began = time.perf_counter()
    variants, moved, aim = _asked(
        study, (lever, low, high, step, option), goal, confidence, seed, years, jobs, steps
    )
    check_values(moved, variants)
    number = replications or study.scenario.replications
    trials = Trials(variants, moved, aim, confidence, number, progress)
    found = _search(trials)
    trials.finish()
    return _target(trials, found, time.perf_counter() - began)


def _asked(
    study: Study,
    of_lever: tuple[str, float, float, float | None, str],
    goal: str,
    confidence: float,
    seed: int | None,
    years: float | None,
    jobs: int | None,
    steps: Steps | None,
) -> tuple[Variants, Lever, Goal]:
    """What is searched, for what, or one error with every mistake."""
    problems: list[str] = []
    if not 0 < confidence < 1:
        problems.append(f"--confidence must be between 0 and 1 (found {confidence:g})")
    run = Variants(study, seed=seed, years=years).study.scenario
    moved = read_lever(study, *of_lever, problems)
    aim = read_goal(goal, run.start, run.years, (steps or MODEL).definitions, problems)
    if problems or moved is None or aim is None:
        raise SufficiencyError("\n".join(problems))
    keep = [(aim.measure, aim.group)]
    variants = Variants(study, seed=seed, years=years, jobs=jobs, keep=keep, steps=steps)
    return variants, moved, aim


@dataclass(frozen=True)
class _Found:
    """Places of values, by what they are to the goal."""

    verdict: Verdict
    answer: int
    enough: tuple[int, ...]
    """Values that meet it, of those looked at; where halving was used, the answer alone."""
    decided_by: tuple[int, ...]
    """Values whose share decides the answer."""


def _search(trials: Trials) -> _Found:
    values = len(trials.lever.values)
    trials.try_values(spread_out(values, COARSE))
    coarse = [trials.met(place) for place in trials.tried]
    helps, together = _helps(trials), trials.variants.together
    trials.try_values(spread_out(values, CURVE))
    for upwards in (helps, not helps):
        if not falls(coarse if upwards else coarse[::-1], together):
            return _halving(trials, upwards=upwards)
    return _every_value(trials)


def _helps(trials: Trials) -> bool:
    """Whether more of the lever seems to help, from its lowest to its highest value."""
    first, last = trials.tried[0], trials.tried[-1]
    together = trials.variants.together
    change, _ = difference(trials.met(last), trials.met(first), together)
    if change:
        return change > 0
    measure, _ = difference(trials.futures(last), trials.futures(first), together)
    return measure >= 0 if trials.goal.sign[0] == ">" else measure <= 0


def _halving(trials: Trials, *, upwards: bool) -> _Found:
    """The value at which enough futures meet the goal, where more of it never harms.

    Args:
        trials: With a coarse grid tried.
        upwards: Whether more helps; else less does, and the most is looked for.
    """
    verdict: Verdict = "least" if upwards else "most"
    while True:
        order = trials.tried if upwards else trials.tried[::-1]
        reaching = next((place for place in order if trials.enough(place)), None)
        if reaching is None:
            best = trials.best()
            if trials.settle([best]):
                continue
            return _Found("none", best, (), (best,))
        before = order[: order.index(reaching)][-1:]
        if before and abs(reaching - before[0]) > 1:
            trials.try_between(reaching, before[0])
            continue
        against = [p for p in order[order.index(reaching) :] if not trials.enough(p)]
        if trials.settle([*before, reaching, *against]):
            continue
        if any(trials.told(place) for place in against):  # more harms after all
            return _every_value(trials)
        verdict = verdict if before or against else "all"
        return _Found(verdict, reaching, (reaching,), (*before, reaching))


def _every_value(trials: Trials) -> _Found:
    """All values that meet the goal, where more sometimes helps and sometimes harms."""
    places = spread_out(len(trials.lever.values), FINE)
    trials.try_values([place for place in places if place not in trials.tried])
    while True:
        tried = trials.tried
        pairs = (pair for pair in pairwise(tried) if len(set(map(trials.enough, pair))) == 2)
        edges = {place for pair in pairs for place in pair}
        best = trials.best()
        if not trials.settle(sorted(edges or {best}), MORE_OF_MANY):
            break
    enough = tuple(place for place in tried if trials.enough(place))
    if not enough:
        return _Found("none", best, (), (best,))
    verdict: Verdict = "all" if len(enough) == len(tried) else "some"
    return _Found(verdict, enough[0], enough, tuple(sorted(edges or {best})))


# --- what comes of it ---------------------------------------------------------------------------


def _target(trials: Trials, found: _Found, seconds: float) -> Target:
    lever, values = trials.lever, trials.lever.values
    told, unsure = _told(trials, found)
    return Target(
        name=trials.variants.study.scenario.name,
        lever=lever,
        goal=trials.goal,
        confidence=trials.confidence,
        verdict=found.verdict,
        answer=values[found.answer],
        spans=_spans(trials, found),
        told=told,
        unsure=None if unsure is None else (values[unsure[0]], values[unsure[1]]),
        doses=_doses(trials),
        further=lever.further,
        replications=trials.number,
        simulated=trials.variants.simulated,
        reused=trials.asked - trials.variants.simulated,
        seconds=seconds,
        scenario=trials.variants.scenario(lever.variant(found.answer)),
    )


def _told(trials: Trials, found: _Found) -> tuple[bool, tuple[int, int] | None]:
    """Whether the answer is certain, and between which values it lies."""
    told = [place for place in trials.tried if trials.told(place)]
    if found.verdict not in ("least", "most"):
        return all(place in told for place in found.decided_by), None
    sign, last = (1, len(trials.lever.values) - 1) if found.verdict == "least" else (-1, 0)
    order = [place for place in trials.tried[::sign] if place in told]
    below = [p for p in order if sign * (found.answer - p) > 0 and not trials.enough(p)]
    above = [p for p in order if sign * (found.answer - p) <= 0 and trials.enough(p)]
    first = below[-1] + sign if below else abs(last - len(trials.lever.values) + 1)
    latest = above[0] if above else last
    return first == latest, None if first == latest else (min(first, latest), max(first, latest))


def _spans(trials: Trials, found: _Found) -> tuple[tuple[float, float], ...]:
    """Values that meet the goal, first and last of those that follow one another."""
    values = trials.lever.values
    low, high = values[0], values[-1]
    if found.verdict in ("none", "all"):
        return ((low, high),) if found.verdict == "all" else ()
    if found.verdict != "some":
        answer = values[found.answer]
        return ((answer, high),) if found.verdict == "least" else ((low, answer),)
    spans: list[tuple[float, float]] = []
    before = None
    for order, place in enumerate(trials.tried):
        if place not in found.enough:
            continue
        if before is not None and before == order - 1:
            spans[-1] = (spans[-1][0], values[place])
        else:
            spans.append((values[place], values[place]))
        before = order
    return tuple(spans)


def _doses(trials: Trials) -> tuple[Dose, ...]:
    """What is known of each value tried; of those of the curve also what a little more changes."""
    lever, together, same = trials.lever, trials.variants.together, trials.number
    found = {
        place: dose(lever.values[place], trials.futures(place), trials.goal, together, same)
        for place in trials.tried
    }
    for place, following in pairwise(spread_out(len(lever.values), CURVE)):
        change, error = difference(trials.futures(following), trials.futures(place), together)
        scale = lever.further / (lever.values[following] - lever.values[place])
        found[place] = replace(found[place], further=change * scale, further_se=error * scale)
    return tuple(found.values())
