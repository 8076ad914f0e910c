"""A synthetic return: simulate a scenario's past and write it down as an authority would have.

The whole course: the scenario is moved into the past (`authority`), simulated once, put into whole
days (`days`), and every child gets episodes (`legal`, `changes`, `episodes`). What is beyond the
model has luck of its own, one stream for each child, so that the simulation is not touched by it.
The model has nobody who returns to care: a child has one period of care here, where one in ten who
leave has had more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sufficiency.errors import SufficiencyError
from sufficiency.scenario import Scenario, Study
from sufficiency.simulation.system import simulate
from sufficiency.ssda903.returns import Return
from sufficiency.ssda903.writing import Layout, write_return
from sufficiency.synthesis import codes, truth
from sufficiency.synthesis.authority import authority_of
from sufficiency.synthesis.changes import pieces_of, with_carers_who_adopt, with_moves
from sufficiency.synthesis.codes import pick
from sufficiency.synthesis.days import Stay, birthday, stays_of
from sufficiency.synthesis.episodes import Episode, episodes_of
from sufficiency.synthesis.legal import course_of, tidied
from sufficiency.synthesis.short_breaks import short_breaks
from sufficiency.vocabulary import Ethnicity, ExitReason, Pathway, PlacementType

if TYPE_CHECKING:
    import pandas as pd

README = """\
Synthetic SSDA903 return: made up, about nobody
===============================================

These files were made by `sufficiency synthesise` from a simulation of the scenario "{name}"
({first:%d %B %Y} to {last:%d %B %Y}, seed {seed}). No row is about a real child, home or carer.

{children:,} children, {episodes:,} episodes, {years} years, one file of each table for each year.
What is open on 31 March has no end and stands in the next year's file again.

What the simulation does not know (legal statuses, changes with the same carer, temporary
placements, needs, the split of codes) follows published national shares or, where none are
published, assumptions. Nobody returns to care. Postcodes are blank; pupil numbers are the codes
for none. {short_breaks} children have short breaks only (V3, V4) and are not children in care.
"""
ADOPTION_STAGE_DAYS = 198
"""Usual days with adopters before the order, where the move lies beyond the run."""
_PURPOSE = 903
"""Tells these streams of numbers from those of the simulation."""


@dataclass(frozen=True)
class Synthetic:
    """A synthetic return and the truth behind it."""

    scenario: Scenario
    """What was simulated: the scenario in the past, in its size and with its seed."""
    returned: Return
    """The return, all years as one; those with short breaks only are in it too."""
    care: pd.DataFrame
    """The truth: one row per period of care, as `truth.care_table` describes them."""
    placements: pd.DataFrame
    """The truth: one row per placement, as `truth.placement_table` describes them."""
    short_breaks: int
    """Children of the return who have short breaks only."""


class _Child(NamedTuple):
    """A child of the return, by the model's number (below 0: has short breaks only)."""

    number: int
    born: int
    male: bool
    ethnic: str
    uasc_until: int | None
    episodes: list[Episode]


def synthesise(
    study: Study,
    years: int,
    *,
    replication: int = 0,
    children: int | None = None,
    seed: int | None = None,
) -> Synthetic:
    """Simulate the years before a scenario's first day and make a return of them.

    Values are the central ones in every replication; only the luck differs.

    Args:
        study: What the scenario file says; its options are no part of the past.
        years: Years of the return; it ends on the last 31 March before the first day.
        replication: Which luck.
        children: Children in care at first, if not as many as the scenario states.
        seed: Seed of the random numbers, if not the scenario's.
    """
    scenario = authority_of(study.scenario, years, children=children, seed=seed)
    rows = simulate(scenario, history=scenario, replication=replication)
    first, last = scenario.start, date(scenario.start.year + years, 3, 31)
    lived = [_lived(stay, scenario.seed, replication) for stay in stays_of(rows, first)]
    if not lived:
        raise SufficiencyError("nobody is in care in these years: there is nothing to return")
    luck = _luck(scenario.seed, replication)
    days = first.toordinal(), last.toordinal()
    breaks = [
        _on_breaks(born, episodes, luck)
        for born, episodes in short_breaks(scenario.authority.children_in_care, *days, luck)
    ]
    everybody = [child for child, _ in lived] + breaks
    number = dict(
        zip((c.number for c in everybody), luck.permutation(len(everybody)).tolist(), strict=True)
    )
    known = [one._replace(child=number[child.number]) for child, one in lived]
    return Synthetic(
        scenario=scenario,
        returned=_returned(everybody, number, first, last),
        care=truth.care_table(known, last),
        placements=truth.placement_table(known, first, last),
        short_breaks=len(breaks),
    )


def save(synthetic: Synthetic, folder: Path, *, layout: Layout = "folders") -> tuple[Path, ...]:
    """Write the yearly files, and a note that they are made up; the folder must be new or empty."""
    files = write_return(synthetic.returned, folder, layout=layout)
    returned, scenario = synthetic.returned, synthetic.scenario
    note = README.format(
        name=scenario.name,
        first=returned.first,
        last=returned.last,
        seed=scenario.seed,
        children=len(returned.children),
        episodes=len(returned.episodes),
        years=len(returned.years),
        short_breaks=synthetic.short_breaks,
    )
    readme = folder / "README.txt"
    try:
        readme.write_text(note, encoding="utf-8", newline="\n")
    except OSError as error:
        raise SufficiencyError(f"{readme} cannot be written: {error.strerror}") from None
    return (*files, readme)


def _luck(*key: int) -> np.random.Generator:
    """Numbers of their own for each key: nobody's depend on how many others there are."""
    # A negative number is no seed; none of ours is.
    return np.random.Generator(np.random.Philox(np.random.SeedSequence((_PURPOSE, *key))))


def _lived(stay: Stay, seed: int, replication: int) -> tuple[_Child, truth.Returned]:
    """A child who was in care, as the return and as the truth have them."""
    luck = _luck(seed, replication, stay.child)
    family = _luck(seed, replication, stay.family, 1)
    stay = with_carers_who_adopt(stay, luck)
    course = course_of(stay, _adoption(stay), luck)
    course = tidied(with_moves(course, stay, luck), stay.left)
    pieces = pieces_of(stay, course, luck)
    need = _need(stay, luck)
    male = bool(luck.random() < (codes.BOYS_UASC if stay.uasc else codes.BOYS))
    known = family.random() >= codes.ETHNIC_NOT_KNOWN
    shares = codes.ETHNIC[stay.ethnicity] if known else codes.NO_ETHNIC
    child = _Child(
        number=stay.child,
        born=stay.born,
        male=male,
        ethnic=pick(family, shares),
        uasc_until=_uasc_until(stay),
        episodes=episodes_of(stay, pieces, course, need, _reason_ended(stay, luck)),
    )
    return child, truth.Returned(stay.child, stay, male, known, need, course[0][1])


def _adoption(stay: Stay) -> int | None:
    """The day of the move to adopters, as far as it is known."""
    moved = next((h.started for h in stay.homes if h.type == PlacementType.ADOPTION), None)
    if moved is None and stay.reason == ExitReason.ADOPTED:
        return max(stay.entered, stay.left - ADOPTION_STAGE_DAYS)
    return moved


def _need(stay: Stay, luck: np.random.Generator) -> str:
    if stay.uasc:
        return "N8"
    if stay.disabled:
        return "N2"
    return pick(luck, codes.NEED_ON_REMAND if stay.pathway == Pathway.REMAND else codes.NEED)


def _uasc_until(stay: Stay) -> int | None:
    """When the child ceases to be unaccompanied: at 18, or when found to be older."""
    if not stay.uasc:
        return None
    found_older = stay.reason == ExitReason.AGE_ASSESSED_18
    return stay.left if found_older else birthday(stay.born, 18)


def _reason_ended(stay: Stay, luck: np.random.Generator) -> str:
    shares = codes.end_shares(stay.reason, stay.homes[-1].type, stay.pathway)
    code = pick(luck, shares)
    old = date.fromordinal(stay.left) < codes.NEW_GUARDIANS_FROM
    return codes.OLD_GUARDIANS.get(code, code) if old else code


def _on_breaks(born: int, episodes: list[Episode], luck: np.random.Generator) -> _Child:
    ethnic = pick(luck, codes.ETHNIC[Ethnicity.WHITE])
    male = bool(luck.random() < codes.BOYS)
    return _Child(episodes[0].child, born, male, ethnic, None, episodes)


def _returned(
    everybody: Sequence[_Child], number: dict[int, int], first: date, last: date
) -> Return:
    """The return of all years: what was open at some time from the first day to the last."""
    import pandas as pd

    begin, end = first.toordinal(), last.toordinal()
    kept = [
        e._replace(child=number[child.number])
        for child in everybody
        for e in child.episodes
        if e.ended >= begin and e.started <= end
    ]
    episodes = pd.DataFrame(kept, columns=Episode._fields)
    open_still = episodes["ended"] > end
    episodes["started"] = truth.dates(episodes["started"])
    episodes["ended"] = truth.dates(episodes["ended"].where(~open_still))
    for name in ("reason_ended", "reason_changed"):
        episodes[name] = episodes[name].where(~open_still, "")
    episodes["in_area"] = episodes["in_area"].astype("boolean")
    there = set(episodes["child"])
    return Return(
        children=_children([c for c in everybody if number[c.number] in there], number),
        episodes=episodes.sort_values(["child", "started"], ignore_index=True),
        first=first,
        last=last,
        years=tuple(range(first.year + 1, last.year + 1)),
        findings=(),
    )


def _children(everybody: Sequence[_Child], number: dict[int, int]) -> pd.DataFrame:
    import pandas as pd

    table = pd.DataFrame(
        {
            "child": [number[c.number] for c in everybody],
            "sex": ["male" if c.male else "female" for c in everybody],
            "born": truth.dates([c.born for c in everybody]),
            "ethnic": [c.ethnic for c in everybody],
            "uasc_until": truth.dates([c.uasc_until for c in everybody]),
        }
    )
    return table.sort_values("child", ignore_index=True)
