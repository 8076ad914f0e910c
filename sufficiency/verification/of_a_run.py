"""What must hold in every future of a finished run: recounted from its numbers alone.

Every number of a run is worked out on its own from the rows of children and homes. Here those that
must agree are added up again and set against each other, in every future of every option, by
nothing but sums: what made them is not asked. A number that a run does not have (or that is
withheld) makes a check impossible; it is left out then, not passed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sufficiency.replication import MODEL
from sufficiency.results.results import BASELINE, Results
from sufficiency.results.statistics import Floats
from sufficiency.rows import Key, MeasureInfo
from sufficiency.scenario import Option

HALF_A_PENNY = 0.005
"""Sums of money may differ by less than this, as sums of floating point numbers do."""
A_HAIR = 1e-6
"""The same of averages over a year."""
AT_A_TIME = 4_000_000
"""About as many numbers are looked at at a time, so that memory does not grow with the run."""
DEMAND = ("authority", "demand", "stays", "changes")
"""Settings that decide who enters and leaves; options that change none of them share children."""


class Held(NamedTuple):
    """One check: what must hold, and what was found."""

    what: str
    compared: int
    """Sums that were compared, in all futures of all options."""
    wrong: int
    """How many of them do not agree."""
    first: str = ""
    """The first that does not, in words."""

    @property
    def holds(self) -> bool:
        """Whether all agree."""
        return not self.wrong


class _Sum(NamedTuple):
    """Keys whose values add up to the same as others'."""

    label: str
    """Date, period or type that it is about."""
    these: tuple[Key, ...]
    those: tuple[Key, ...]
    less: tuple[Key, ...] = ()
    """Taken off those."""


@dataclass(frozen=True)
class _Rule:
    """One check within each option."""

    what: str
    sums: tuple[_Sum, ...]
    within: float = 0.0


class _Across(NamedTuple):
    """One check between each option and the baseline."""

    what: str
    options: tuple[str, ...]
    sums: tuple[_Sum, ...]
    """Of the option; the difference from the baseline's must be that of `those`."""
    within: float = 0.0


_GROUPS: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "Types of placement add up to all children": (("children_in_care", ("type",)),),
    "Ages, streams and ethnic groups add up to all children": (
        ("children_in_care", ("age",)),
        ("children_in_care", ("stream",)),
        ("children_in_care", ("ethnicity",)),
    ),
    "Entries and exits by age, stream and reason add up to all": (
        ("entries", ("age",)),
        ("entries", ("stream",)),
        ("exits", ("age",)),
        ("exits", ("stream",)),
        ("exits", ("reason",)),
    ),
    "Moves by cause add up to all moves": (("moves", ("cause",)), ("moves", ("nature",))),
}
"""Children counted in groups that leave nobody out, by what must hold."""
_MONEY: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "Costs by type add up to the cost, and sources of income to income": (
        ("cost", ("type",)),
        ("income", ("source",)),
    ),
}


def checks_of_run(
    results: Results, definitions: Mapping[str, MeasureInfo] | None = None
) -> tuple[Held, ...]:
    """Recount a run: each check that its numbers allow.

    Args:
        results: A run.
        definitions: The measures there are, with all their groups; left out: those of the model.
    """
    run = _Run(results, definitions or MODEL.definitions)
    found = [_within(results, rule) for rule in run.rules() if rule.sums]
    across = [_against_baseline(results, rule) for rule in run.across() if rule.sums]
    return tuple(held for held in (*found, *across) if held.compared)


@dataclass(frozen=True)
class _Run:
    """Which checks the numbers of a run allow."""

    results: Results
    definitions: Mapping[str, MeasureInfo]

    def rules(self) -> Iterator[_Rule]:
        """Those within each option."""
        yield _Rule(
            "Children at the end of a quarter are those at its start, plus entries, less exits",
            tuple(self._flow("children_in_care", "entries", "exits")),
        )
        for what, asked in _GROUPS.items():
            yield _Rule(what, tuple(s for one in asked for s in self._whole(*one)))
        yield _Rule(
            "Foster households at the end of a quarter are those at its start, plus approved, less"
            " left",
            tuple(
                self._flow(
                    "foster_households", "foster_households_approved", "foster_households_left"
                )
            ),
        )
        yield _Rule(
            "Places filled are the children who live there; usable are filled and vacant places",
            tuple(self._places()),
        )
        for what, asked in _MONEY.items():
            sums = tuple(s for one in asked for s in self._whole(*one))
            yield _Rule(what, sums, HALF_A_PENNY)
        yield _Rule(
            "Net cost is cost less income, and that of the months adds up to the year's",
            tuple(self._net_cost()),
            HALF_A_PENNY,
        )
        yield _Rule(
            "The parts of the bridge add up to the change of net cost, to the penny",
            tuple(self._bridge()),
            HALF_A_PENNY,
        )

    def across(self) -> Iterator[_Across]:
        """Those between an option and the baseline."""
        options = self.results.options[1:]
        edits = {option.name: option for option in self.results.study.options}
        alike = tuple(name for name in options if name in edits and _shares_children(edits[name]))
        yield _Across(
            "As many children enter and leave in every option as with doing nothing",
            alike,
            tuple(_Sum(k.period, (k,), ()) for k in self._keys("entries", "exits")),
        )
        nothing = tuple(name for name in options if name in edits and not edits[name].edits)
        yield _Across(
            "An option that changes nothing differs by nothing",
            nothing,
            tuple(_Sum(_named(key), (key,), ()) for key in self.results.keys) if nothing else (),
        )
        parts = self._all_groups("option_bridge", "part")
        yield _Across(
            "The parts of an option's bridge add up to what it changes in net cost, to the penny",
            options,
            tuple(
                _Sum(key.period, (key,), those)
                for key in self._keys("net_cost")
                if (those := self._known(Key("option_bridge", part, key.period) for part in parts))
            ),
            HALF_A_PENNY,
        )

    # --- what can be added up -----------------------------------------------------------------

    def _keys(self, *measures: str) -> list[Key]:
        return [key for key in self.results.keys if key.measure in measures and not key.group]

    def _known(self, keys: Iterable[Key]) -> tuple[Key, ...]:
        """The keys, or none of them where the run lacks one."""
        wanted = tuple(keys)
        return wanted if all(key in self.results.places for key in wanted) else ()

    def _all_groups(self, measure: str, dimension: str) -> tuple[str, ...]:
        """The groups of a measure by one thing."""
        info = self.definitions.get(measure)
        prefix = f"{dimension}="
        groups = info.groups if info else ()
        return tuple(g for g in groups if g.startswith(prefix) and ";" not in g)

    def _whole(self, measure: str, dimensions: Sequence[str]) -> Iterator[_Sum]:
        """Groups that add up to everybody."""
        for dimension in dimensions:
            groups = self._all_groups(measure, dimension)
            for key in self._keys(measure):
                parts = self._known(Key(measure, group, key.period) for group in groups)
                if parts:
                    yield _Sum(f"{measure} by {dimension}, {key.period}", (key,), parts)

    def _flow(self, stock: str, added: str, gone: str) -> Iterator[_Sum]:
        """What is there at the end of a quarter."""
        for key in self._keys(added):
            if "-Q" not in key.period:
                continue
            first, last = self._ends(key.period)
            before, after = Key(stock, "", first), Key(stock, "", last)
            out = Key(gone, "", key.period)
            if self._known((before, after, key, out)):
                yield _Sum(key.period, (after,), (before, key), (out,))

    def _ends(self, quarter: str) -> tuple[str, str]:
        """Labels of the censuses before the first and on the last day of a quarter."""
        year, number = int(quarter[:4]), int(quarter[-1])
        months = year * 12 + 3 * number  # April is the month after the third of a year
        first, after = (date(m // 12, m % 12 + 1, 1) for m in (months, months + 3))
        start = self.results.study.scenario.start
        before = first if first == start else first - timedelta(days=1)
        return before.isoformat(), (after - timedelta(days=1)).isoformat()

    def _places(self) -> Iterator[_Sum]:
        for key in self.results.keys:
            if key.measure != "places_filled" or not key.group.startswith("type="):
                continue
            children = key._replace(measure="children_in_care")
            usable = key._replace(measure="places_usable")
            vacant = key._replace(measure="places_vacant")
            label = f"{key.group.removeprefix('type=')}, {key.period}"
            if self._known((children,)):
                yield _Sum(label, (key,), (children,))
            if self._known((usable, vacant)):
                yield _Sum(label, (usable,), (key, vacant))

    def _net_cost(self) -> Iterator[_Sum]:
        for cost in self._keys("cost"):
            net, income = (cost._replace(measure=name) for name in ("net_cost", "income"))
            if self._known((net, income)):
                yield _Sum(cost.period, (net,), (cost,), (income,))
            year = int(cost.period[:4])
            labels = [f"{year}-{m:02d}" for m in range(4, 13)]
            labels += [f"{year + 1}-{m:02d}" for m in range(1, 4)]
            months = self._known(Key("net_cost", "", label) for label in labels)
            if months and self._known((net,)):
                yield _Sum(cost.period, (net,), months)

    def _bridge(self) -> Iterator[_Sum]:
        parts = self._all_groups("bridge", "part")
        years = sorted(key.period for key in self._keys("cost"))
        for before, after in pairwise(years):
            nets = (Key("net_cost", "", after), Key("net_cost", "", before))
            bridge = self._known(Key("bridge", part, after) for part in parts)
            if bridge and self._known(nets):
                yield _Sum(after, nets[:1], (*bridge, nets[1]))


def _shares_children(option: Option) -> bool:
    """Whether an option leaves alone who enters and leaves care."""
    return not any(edit.path.split(".")[0] in DEMAND for edit in option.edits)


def _named(key: Key) -> str:
    return " ".join(part for part in key if part)


# --- adding up --------------------------------------------------------------------------------


def _within(results: Results, rule: _Rule) -> Held:
    """Look at every option and future."""
    return _counted(results, rule.what, rule.sums, range(len(results.options)), rule.within, None)


def _against_baseline(results: Results, rule: _Across) -> Held:
    """The same of differences from the baseline, which has the same futures."""
    places = [results.options.index(name) for name in rule.options]
    base = results.options.index(BASELINE) if places else None
    return _counted(results, rule.what, rule.sums, places, rule.within, base)


def _counted(
    results: Results,
    what: str,
    sums: Sequence[_Sum],
    options: Iterable[int],
    within: float,
    against: int | None,
) -> Held:
    compared = wrong = 0
    first = ""
    at = _looked_up(results, sums)
    for option in options:
        for start, block in _blocks(results, option):
            level = None if against is None else _block(results, against, start, len(block))
            for one, (these, those, less) in zip(sums, at, strict=True):
                left = block[:, these].sum(axis=1)
                if level is not None:
                    left = left - level[:, these].sum(axis=1)
                right = block[:, those].sum(axis=1) - block[:, less].sum(axis=1)
                known = ~(np.isnan(left) | np.isnan(right))
                bad = known & (np.abs(left - right) > within)
                compared += int(known.sum())
                wrong += int(bad.sum())
                if not first and bad.any():
                    row = int(np.argmax(bad))
                    found = (float(left[row]), float(right[row]))
                    first = _words(results.options[option], start + row, one.label, *found)
    return Held(what, compared, wrong, first)


def _looked_up(results: Results, sums: Sequence[_Sum]) -> list[tuple[npt.NDArray[np.intp], ...]]:
    """Where the keys of each sum stand."""

    def found(keys: tuple[Key, ...]) -> npt.NDArray[np.intp]:
        return np.array([results.places[key] for key in keys], dtype=np.intp)

    return [(found(one.these), found(one.those), found(one.less)) for one in sums]


def _blocks(results: Results, option: int) -> Iterator[tuple[int, Floats]]:
    """The futures of an option from the central one, some at a time, each with its first."""
    rows = max(1, AT_A_TIME // max(1, len(results.keys)))
    for start in range(0, results.replications + 1, rows):
        yield start, _block(results, option, start, rows)


def _block(results: Results, option: int, start: int, rows: int) -> Floats:
    return np.asarray(results.by_replication[option, start : start + rows])


def _words(option: str, future: int, label: str, left: float, right: float) -> str:
    return f"{option}, future {future}, {label}: {left:,.10g} against {right:,.10g}"
