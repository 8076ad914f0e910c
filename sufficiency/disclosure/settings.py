"""The values of a scenario that count few children, taken out of what is published of it.

The assumptions log and the published figures beside the simulated ones are part of the report.
Where a value says how many children of a group there are, and these are few, the log says *fewer
than six* instead. A rate per 100 children in care, and a share of them, say it too: they are put
back into children and treated alike, whoever published them.

What `calibrate` fitted to an authority's own records is a count of its children in another form: a
mean over a few with a known weight, a range as wide as they are few. Of these the log says only
that they were fitted.

What people wrote themselves is not looked through: names, descriptions, sources, notes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from fnmatch import fnmatch
from typing import Any, TypeVar

from sufficiency.disclosure.series import Series
from sufficiency.disclosure.spec import told
from sufficiency.scenario import Assumption, Given, Observed, Scenario, Study
from sufficiency.scenario.study import PastValue

_NUMBERS = (
    "authority.children_in_care",
    "authority.uasc_in_care",
    "validation.children_in_care",
    "validation.uasc_in_care",
    "validation.set.authority.*",
    "demand.entries_per_year",
    "demand.uasc_in_entries_per_year",
    "demand.forecast.yearly.*",
    "demand.uasc.direct_per_year",
    "demand.uasc.transfer_scheme.transfers_per_year",
    "demand.uasc.transfer_scheme.quota",
    "budgeted.*.children*",
)
"""Settings that are a number of children."""
_PER_100 = ("demand.entries_per_100_in_care*", "demand.*.per_100_in_care")
"""Settings that are children a year for each 100 in care."""
_SHARES = (
    "placement.mix_at_start*",
    "placement.disabled_share",
    "placement.for_want_at_start",
    "demand.ethnic_groups*",
)
"""Settings that are shares of the children in care."""
FITTED = "fitted to own records of children, not shown"
"""What stands in the place of a value that was counted or estimated from rows of children."""
_HASH = re.compile(r" \(sha256 [0-9a-f]+\)")
"""Identifies a file that is not published."""
_SHARES_OF_CHILDREN = ("children_share", "time_in_care_share")
"""Measures that are."""
Figure = TypeVar("Figure", Observed, PastValue)


def publishable(study: Study, gone: Collection[Series], threshold: int) -> Study:
    """A study without the values that count few children.

    Args:
        study: What was run.
        gone: Series that are left out: what was observed, budgeted and spent of them goes too.
        threshold: Fewer children than this, and not none, are few.
    """
    hidden = frozenset((series.measure, series.group) for series in gone)
    assumptions = _log(study, threshold)
    return study.model_copy(
        update={
            "scenario": _scenario(study.scenario, hidden, threshold),
            "assumptions": assumptions,
            "warnings": (),  # they name numbers, and are for whoever wrote the scenario
        }
    )


def few_words(threshold: int) -> str:
    """What stands in the place of a number of few children."""
    return f"fewer than {threshold}"


def _is_few(value: object, threshold: float) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and 0 < float(str(value)) < threshold


def _log(study: Study, threshold: int) -> tuple[Assumption, ...]:
    """The assumptions log, without what tells how few children there are."""
    fitted = frozenset(row.path for row in study.assumptions if _is_fitted(row))
    lists = {path[:at] for path in fitted for at, sign in enumerate(path) if sign == "."} - fitted
    return tuple(
        _open(row, study.scenario, threshold)
        for row in study.assumptions
        if row.path not in lists  # a list of values that have their own lines
    )


def _is_fitted(row: Assumption) -> bool:
    """Whether a value was estimated from rows of children; a count is looked at as one."""
    return row.confidence == "fitted" and not any(fnmatch(row.path, name) for name in _NUMBERS)


def _open(given: Assumption, scenario: Scenario, threshold: int) -> Assumption:
    """One line of the assumptions log; of few children it does not say how many."""
    if _is_fitted(given):
        return given.model_copy(update={"value": FITTED, "low": None, "high": None, "note": ""})
    if isinstance(given.value, str | Given):
        return given.model_copy(update={"value": _HASH.sub("", str(given.value))})
    times = _children_per(given.path, scenario.authority.children_in_care)
    if times is None:
        return given
    numbers = [given.value, given.low, given.high]
    values = [n for value in numbers for n in _numbers(value)]
    if not any(_is_few(value * times, threshold) for value in values):
        return given
    return given.model_copy(update={"value": few_words(threshold), "low": None, "high": None})


def _children_per(path: str, in_care: int) -> float | None:
    """How many children 1 of a setting stands for; None if it does not count any."""
    for patterns, times in ((_NUMBERS, 1.0), (_PER_100, in_care / 100), (_SHARES, float(in_care))):
        if any(fnmatch(path, pattern) for pattern in patterns):
            return times
    return None


def _numbers(value: Any) -> Iterable[float]:
    """The numbers in a value, whatever it is made of."""
    if isinstance(value, Mapping):
        for part in value.values():
            yield from _numbers(part)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield float(value)


def _scenario(scenario: Scenario, hidden: Collection[tuple[str, str]], few: int) -> Scenario:
    def shown(type_: str) -> bool:
        return ("cost", f"type={type_}") not in hidden

    authority = scenario.authority
    in_care = authority.children_in_care
    if _is_few(authority.uasc_in_care, few):
        authority = authority.model_copy(update={"uasc_in_care": None})
    validation = scenario.validation
    if validation is not None and _is_few(validation.uasc_in_care, few):
        validation = validation.model_copy(update={"uasc_in_care": None})
    budgeted = {
        year: of.model_copy(
            update={"children": _only(of.children, shown), "unit_cost": _only(of.unit_cost, shown)}
        )
        for year, of in scenario.budgeted.items()
    }
    return scenario.model_copy(
        update={
            "authority": authority,
            "validation": validation,
            "observed": _figures(scenario.observed, hidden, in_care, few),
            "history": _figures(scenario.history, hidden, in_care, few),
            "budgeted": budgeted,
            "ledger": {year: _only(spent, shown) for year, spent in scenario.ledger.items()},
        }
    )


def _only(values: Mapping[Any, Any], shown: Callable[[str], bool]) -> Mapping[Any, Any]:
    return {name: value for name, value in values.items() if shown(str(name))}


def _figures(
    rows: Sequence[Figure], hidden: Collection[tuple[str, str]], in_care: int, few: int
) -> tuple[Figure, ...]:
    """Figures of the past, without those of few children and those that would give these back."""
    told_few = [_tells_few(row, hidden, in_care, few) for row in rows]
    gone = {_division(row) for row, is_few in zip(rows, told_few, strict=True) if is_few}
    return tuple(
        row
        for row, is_few in zip(rows, told_few, strict=True)
        if not is_few and (not row.group or _division(row) not in gone)
    )


def _division(row: Observed | PastValue) -> tuple[str, str, tuple[str, ...]]:
    """What a figure is one part of: parts of the same whole give each other back."""
    names = tuple(part.split("=")[0] for part in row.group.split(";"))
    return (row.measure, row.period, names)


def _tells_few(
    row: Observed | PastValue, hidden: Collection[tuple[str, str]], in_care: int, few: int
) -> bool:
    if (row.measure, row.group) in hidden:
        return True
    if row.measure in _SHARES_OF_CHILDREN:
        return _is_few(row.value * in_care, few)
    return told(Series(row.measure, row.group)).counts and _is_few(row.value, few)
