"""A calibration as a scenario file that extends a base and says only what the data say."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, get_args

from sufficiency.calibration.estimates import FEWEST_TOLD, Calibrated, Estimate
from sufficiency.calibration.prices import with_ranges
from sufficiency.history.tables import History
from sufficiency.history.told import yaml_lines
from sufficiency.scenario import AddUp, Scenario, Study, as_tree, get_value
from sufficiency.scenario.price_rules import financial_year as financial_year
from sufficiency.scenario_file import shape
from sufficiency.vocabulary import Confidence

HEAD = """\
# {name}: calibrated from its own data by `sufficiency calibrate`, {years}.
# It extends `{extends}`: what is not here is as there. Each value is the local one and the base's,
# weighted by n / (n + k), so that small numbers lean on the base; its note says how. Ranges are 95%
# intervals. Shares that add up to 1 have theirs in the note: such shares are not drawn. Where a
# value rests on fewer than five children or events, the note does not tell their number.
# Not calibrated, as a return does not hold them: needs, sibling groups, the chance that a vacancy
# suits a child, and what the markets of agencies and homes offer. Where children live is as
# observed on the first day; how new placements divide between in-house carers and agencies then
# follows from the households and from these chances, which are those of the base.
"""
SMALL = "fewer than five of its own: leans on the base"
SMALL_PART = "fewer than five of its own in a part, which leans on the base"
ABOUT: Mapping[str, str] = {
    "authority": "Children in care on the first day.",
    "demand": "Who enters, and when.",
    "stays": "How long children stay, by age at entry: hazards of leaving by time since entry.",
    "placement": "Plans, as first and next placements show them, and where children live.",
    "moves": "When children move from one carer to another.",
    "fostering": "In-house foster households.",
    "homes": "The authority's own children's homes.",
    "elsewhere": "Where placements of other types are.",
    "prices": "£ a week, at the price level of `year`.",
}
"""A line above each section."""
INSTEAD: Mapping[str, tuple[str, ...]] = {
    "demand.entries_per_100_in_care": (
        "demand.entries_per_year", "demand.entries_per_10000_children", "demand.forecast",
    ),
    "demand.uasc.per_100_in_care": (
        "demand.uasc.direct_per_year", "demand.uasc.transfer_scheme.transfers_per_year",
    ),
    "fostering.approvals_per_year": ("fostering.enquiries_per_year",),
}  # fmt: skip
"""What a base may state instead of a setting, and then must not."""
Tree = dict[str, Any]


def scenario_text(
    calibrated: Calibrated,
    history: History,
    base: Study,
    *,
    name: str,
    extends: str = "england",
    children_file: str | None = None,
    entries_file: str | None = None,
    run_years: int | None = None,
) -> str:
    """A scenario file with every estimate, its range, its source and how it came about.

    Args:
        calibrated: What was estimated.
        history: What it was estimated from.
        base: The scenario that the file extends.
        name: Name of the authority.
        extends: How the file names the base.
        children_file: The file of the children in care on the first day, beside this one.
        entries_file: The file of sample paths of entries, beside this one.
        run_years: Years to simulate; None: the base's.
    """
    tree = _tree(with_ranges(calibrated.estimates, base), base.scenario)
    if children_file is not None:
        file = _given(children_file, "own return: true ages, placements and times since entry")
        tree.setdefault("authority", {})["children"] = {"file": file}
        tree["warm_up_years"] = _given(0, "the children in care are known: nothing to warm up")
    if entries_file is not None:
        file = _given(entries_file, "forecast from the own monthly entries: a path a replication")
        tree.setdefault("demand", {})["forecast"] = {"file": file}
    writer = _Writer(_source(history), history.last.isoformat(), _units(base))
    head = HEAD.format(name=" ".join(name.split()), years=years_of(history), extends=extends)
    lines = [
        f"extends: {_quoted(extends)}",
        f"name: {_quoted(name)}",
        f"description: {_quoted(_description(history, base))}",
        f"start: {history.last + timedelta(days=1)}",
    ]
    if run_years not in (None, base.scenario.years):
        lines.append(f"years: {run_years}")
    for section in _in_order(tree, ()):
        lines += ["", *_about(section), *writer.lines(tree[section], (section,), "")]
    lines += yaml_lines(history, _source(history))
    return head + "\n".join(lines) + "\n"


def _description(history: History, base: Study) -> str:
    """What the scenario is: the base's own description is of another authority."""
    what = "counts" if history.care is None else "return"
    return (
        f"Calibrated from its own {what}, {years_of(history)}, leaning on {base.scenario.name}"
        " where numbers are small."
    )


def with_estimates(base: Scenario, estimates: Iterable[Estimate]) -> Scenario:
    """The base with estimates in place of its values, checked: what the written file amounts to."""
    return Scenario.model_validate(_merged(as_tree(base), _values(_tree(estimates, base))))


def years_of(history: History) -> str:
    """The financial years observed: `2019-20 to 2024-25`."""
    labels = (financial_year(day) for day in (history.first, history.last))
    return " to ".join(dict.fromkeys(labels))


# ---- From paths to a tree ----------------------------------------------------------------------


def _tree(estimates: Iterable[Estimate], base: Scenario) -> Tree:
    """Estimates as nested groups, with what else must be said beside them."""
    tree = _grouped(estimates)
    _set_aside(tree, base)
    _complete(tree, as_tree(base))
    if "by_group" in tree.get("stays", {}):
        tree["stays"].setdefault("keep_stock_and_flow", False)
    return tree


def _grouped(estimates: Iterable[Estimate]) -> Tree:
    """Estimates by the steps of their paths; lists have places as names."""
    tree: Tree = {}
    for estimate in estimates:
        *groups, last = estimate.path.split(".")
        place = tree
        for group in groups:
            place = place.setdefault(group, {})
        place[last] = estimate
    return tree


def _set_aside(tree: Tree, base: Scenario) -> None:
    """Empty what the base states instead of a setting that is estimated."""
    for path, others in INSTEAD.items():
        if _has(tree, path):
            for other in others:
                if get_value(base, other) is not None and not _has(tree, other):
                    *groups, last = other.split(".")
                    place = tree
                    for group in groups:
                        place = place.setdefault(group, {})
                    place[last] = None


def _complete(tree: Tree, base: Any) -> None:
    """Fill the places of a list of which nothing was estimated with the base's."""
    for name, entry in tree.items():
        below = base.get(name) if isinstance(base, dict) else None
        if isinstance(entry, dict) and isinstance(below, list):
            whole = {
                str(place): entry.get(str(place)) or _given(value, "the base's: nothing was seen")
                for place, value in enumerate(below)
            }
            entry.clear()
            entry.update(whole)
        elif isinstance(entry, dict):
            _complete(entry, below)


def _given(value: Any, source: str) -> Estimate:
    """A value that follows from what else the file says."""
    return Estimate("", value, source=source, confidence=Confidence.DERIVED.value)


def _has(tree: Any, path: str) -> bool:
    for step in path.split("."):
        if not isinstance(tree, dict) or step not in tree:
            return False
        tree = tree[step]
    return True


def _is_list(group: Mapping[str, Any]) -> bool:
    """Whether the names are places in a list: 0, 1, 2 and so on, none missing."""
    return bool(group) and list(group) == [str(place) for place in range(len(group))]


def _values(tree: Any) -> Any:
    """The bare values of a tree."""
    if isinstance(tree, Estimate):
        return tree.value
    if not isinstance(tree, dict):
        return tree
    inner = {name: _values(entry) for name, entry in tree.items()}
    return list(inner.values()) if _is_list(tree) else inner


def _merged(base: Any, values: Any) -> Any:
    """A base's tree with values in place of its own, as files merge."""
    if not isinstance(base, dict) or not isinstance(values, dict) or "distribution" in values:
        return values
    return {**base, **{name: _merged(base.get(name), entry) for name, entry in values.items()}}


def _in_order(tree: Mapping[str, Any], at: tuple[str, ...]) -> list[str]:
    """Names of a group in the usual order of a file."""
    usual = {name: place for place, name in enumerate(shape.names_at(at))}
    return sorted(tree, key=lambda name: usual.get(name, len(usual)))


# ---- Writing -----------------------------------------------------------------------------------


class _Writer:
    """Writes groups over many lines, and a value with what is known of it on one."""

    def __init__(self, source: str, as_of: str, units: Mapping[str, str]) -> None:
        self.source = source
        self.as_of = as_of
        self.units = units

    def lines(self, node: Any, at: tuple[str, ...], indent: str) -> Iterator[str]:
        """A setting and all that is in it."""
        name = at[-1]
        if not isinstance(node, dict):
            yield f"{indent}{name}: {self._one(node, at)}"
        elif _is_leaves(node) and _is_one(node, at):
            yield f"{indent}{name}: {self._table(node, at)}"
        elif _is_list(node):
            yield f"{indent}{name}:"
            for place, item in node.items():
                text = self._table if _is_leaves(item) else self._one
                yield f"{indent}  - {text(item, (*at, place))}"
        else:
            yield f"{indent}{name}:"
            for child in _in_order(node, at):
                yield from self.lines(node[child], (*at, child), indent + "  ")

    def _one(self, node: Any, at: tuple[str, ...]) -> str:
        """One value on one line."""
        if not isinstance(node, Estimate) or node.value is None:
            return _flow(_values(node))
        drawn = node.low is not None and node.high is not None and _is_number(node.value)
        ends = {"low": node.low, "high": node.high} if drawn else {}
        return self._sourced(_flow(node.value), [node], at, ends, _words(node))

    def _table(self, group: Mapping[str, Any], at: tuple[str, ...]) -> str:
        """A table or list whose entries have one source between them."""
        rows = [entry for entry in group.values() if isinstance(entry, Estimate)]
        if not rows:
            return _flow(_values(group))
        return self._sourced(_flow(_values(group)), rows, at, {}, _words_of_table(group, rows))

    def _sourced(
        self, value: str, rows: Sequence[Estimate], at: tuple[str, ...], ends: Tree, note: str
    ) -> str:
        first = rows[0]
        unit = "" if self._has_unit(at) else first.unit
        says = {
            **{name: _end(end, first.value) for name, end in ends.items()},
            "unit": _quoted(unit) if unit else "",
            "source": _quoted(first.source or self.source),
            "as_of": self.as_of,
            "confidence": _quoted(first.confidence),
            "note": _quoted(note) if note else "",
        }
        about = ", ".join(f"{name}: {text}" for name, text in says.items() if text != "")
        return f"{{value: {value}, {about}}}"

    def _has_unit(self, at: tuple[str, ...]) -> bool:
        """Whether the base states the unit, which a file must not contradict."""
        return any(".".join(at[:steps]) in self.units for steps in range(1, len(at) + 1))


def _is_leaves(group: Any) -> bool:
    """Whether a group holds estimates and no further groups."""
    return isinstance(group, dict) and all(isinstance(e, Estimate) for e in group.values())


def _is_one(group: Mapping[str, Estimate], at: tuple[str, ...]) -> bool:
    """Whether a group is written as one value: shares of a whole, or a table without ranges."""
    type_ = shape.type_at(at)
    if at[0] == "prices":  # each has a note of its own
        return False
    return _adds_up(at) or (type_ is not None and shape.is_single(type_) and not _has_ranges(group))


def _has_ranges(group: Mapping[str, Estimate]) -> bool:
    return any(entry.low is not None for entry in group.values())


def _adds_up(at: tuple[str, ...]) -> bool:
    """Whether the entries of a table must add up to 1."""
    parent = shape.bare(shape.type_at(at[:-1])) if at[1:] else Scenario
    if shape.is_part(parent):
        fields = {field.alias or name: field for name, field in parent.model_fields.items()}
        return at[-1] in fields and AddUp in fields[at[-1]].metadata
    return AddUp in get_args(shape.type_at(at))


def _words(row: Estimate) -> str:
    """What a reader should know of one value, in a sentence."""
    range_ = "" if _is_number(row.value) or row.low is None else _range(row)
    parts = [_leaning(row), range_ and f"range {range_}", _note(row)]
    return "; ".join(part for part in parts if part)


def _words_of_table(group: Mapping[str, Estimate], rows: Sequence[Estimate]) -> str:
    """The same of a table: its weight, and the range and local value of each entry."""
    first = rows[0]
    # One small cell is enough: it is what the others leave of the whole.
    small = any(row.is_small and 0 < row.weight < 1 for row in rows)
    ranges = [
        f"{name} {_range(row)}"
        + (f" (local {_short(row.local)})" if row.local is not None and not small else "")
        for name, row in group.items()
        if row.low is not None
    ]
    weight = f"weight of the local shares {_short(first.weight)} (n {first.n:.0f})"
    if small:
        weight = SMALL if first.n < FEWEST_TOLD else SMALL_PART
    told = [weight] if 0 < first.weight < 1 else []
    told += [f"95% ranges: {', '.join(ranges)}"] if ranges else []
    note = _note(first)
    return "; ".join([*told, *([note] if note else [])])


def _note(row: Estimate) -> str:
    """How a value was worked out, without counts that are small."""
    hidden = row.is_small and row.without_counts is not None
    return (row.without_counts or "") if hidden else row.note


def _leaning(row: Estimate) -> str:
    """How far a value is the authority's own."""
    if row.local is None or row.weight in (0, 1):
        return ""
    if row.is_small:
        return SMALL
    base = "" if row.base is None else f", base {_short(row.base)}"
    return f"local {_short(row.local)}{base}, weight {_short(row.weight)} (n {row.n:.0f})"


def _range(row: Estimate) -> str:
    return f"{_short(row.low)} to {_short(row.high)}"


def _short(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"


def _about(section: str) -> list[str]:
    return [f"# {ABOUT[section]}"] if section in ABOUT else []


def _source(history: History) -> str:
    what = "own counts" if history.care is None else "own return"
    return f"{what}, {years_of(history)}"


def _units(base: Study) -> dict[str, str]:
    return {row.path: row.unit for row in base.assumptions if row.unit}


def _end(end: float, value: Any) -> str:
    """An end of a range: whole for a count, which accepts no other."""
    return str(round(end)) if isinstance(value, int) else _flow(end)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _flow(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_flow(entry)}" for name, entry in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:.10g}" if _is_number(value) else _quoted(str(value))
