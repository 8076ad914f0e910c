"""A scenario file, and what it extends, to a `Study`; or one message with every mistake."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from sufficiency import stays
from sufficiency.rows import MeasureInfo
from sufficiency.scenario import Scenario, Study, as_tree, entries_by_age, uasc_stated
from sufficiency.scenario_file.assumptions import BLOCK, assumptions_of
from sufficiency.scenario_file.building import build_options, locate_in_option
from sufficiency.scenario_file.checking import locate_in, settings, validated
from sufficiency.scenario_file.combining import combine
from sufficiency.scenario_file.dated import check_changes
from sufficiency.scenario_file.earlier import check_history
from sufficiency.scenario_file.given_files import without_lost
from sufficiency.scenario_file.hardly_meant import hardly_meant
from sufficiency.scenario_file.merging import is_number, merged, read_chain
from sufficiency.scenario_file.money import check_money
from sufficiency.scenario_file.observed import check_observed
from sufficiency.scenario_file.options import Draft, read_options
from sufficiency.scenario_file.past import (
    DERIVED,
    build_past,
    check_free,
    read_past,
    with_plain_set,
    with_set,
)
from sufficiency.scenario_file.plan import check_plan, without_plan
from sufficiency.scenario_file.population import check_population
from sufficiency.scenario_file.problems import Problems
from sufficiency.scenario_file.reading import Node, display, find, read_file, read_text

DERIVED_FROM = "set so that entries x mean stay equals the stated children in care"
APART = "demand.uasc_in_entries_per_year"
APART_FROM = (
    "UASC and children on remand of the baseline, so that an option about them leaves the other "
    "children as they are"
)


class Files(NamedTuple):
    """A file and those it extends, merged."""

    chain: list[tuple[str, Node]]
    """Name and tree of each, nearest first."""
    tree: Node
    """All of them as one."""
    whole: bool
    """Whether every file that is extended could be read."""
    of_a_run: bool = False
    """Whether it is what a run was made of, which may end before all that the file speaks of."""


Measures = Mapping[str, MeasureInfo]
"""The measures that there are, by name."""


def load(
    name_or_path: str | Path,
    *,
    measures: Measures | None = None,
    of_a_run: bool = False,
) -> Study:
    """Read, merge and check a scenario file.

    Args:
        name_or_path: A file, or the name of a shipped scenario.
        measures: With these, `observed` may name no others, nor groups that they do not have.
        of_a_run: Read what a run was made of: even where the file of the children in care is gone,
            as it should be one day (then without them), and where the run was made shorter than
            the scenario, so that a change or a programme is of a later year.

    Raises:
        ScenarioFileError: With every mistake in it, each at its line and column.
    """
    path = find(name_or_path)
    problems = Problems()
    root = read_file(path, problems)
    if root is not None and of_a_run:
        root = without_lost(root, path.parent)
    return _study(root, path, problems, measures, of_a_run=of_a_run)


def load_text(text: str, path: Path, *, measures: Measures | None = None) -> Study:
    """Check the text of a scenario file as if it stood at a path, without reading or writing it."""
    problems = Problems()
    return _study(read_text(text, display(path), problems), path, problems, measures)


def read_files(root: Node, path: Path, problems: Problems) -> Files:
    """The tree of a file, merged with those of the files it extends."""
    chain, whole = read_chain(root, path, problems)
    chain = [(name, with_plain_set(tree, problems)) for name, tree in chain]
    chain = [*chain[:1], *((name, without_plan(tree)) for name, tree in chain[1:])]
    return Files(chain, merged(chain, problems), whole)


def _study(
    root: Node | None,
    path: Path,
    problems: Problems,
    measures: Measures | None,
    *,
    of_a_run: bool = False,
) -> Study:
    study = None
    if root is not None:
        files = read_files(root, path, problems)._replace(of_a_run=of_a_run)
        study = _checked(files, problems, measures)
    problems.raise_if_any(display(path))
    assert study is not None
    return study


def _checked(files: Files, problems: Problems, measures: Measures | None) -> Study | None:
    """The study, or None with its problems noted."""
    tree = files.tree
    scenario = validated(tree, problems, whole=files.whole)
    values = as_tree(scenario) if scenario else settings(tree)
    drafts = read_options(tree, values, problems, sure=scenario is not None)
    combine(drafts, problems)
    period = read_past(tree, values, problems)
    if scenario is not None and period is not None:
        scenario = with_set(scenario, period)
    stand_in, sure = scenario or _extended(files), scenario is not None
    run = None if files.of_a_run else _run(values)
    _check_changes(tree, values, run, stand_in, problems, sure=sure)
    then, built = None, dict[str, Scenario]()
    if stand_in is not None:
        built = build_options(drafts, stand_in, problems, sure=sure)
        _check_changes_of_options(drafts, built, stand_in, problems, dated=run is not None)
        then = _past(stand_in, period, problems, sure=sure)
    dated = not files.of_a_run
    check_money(tree, values, drafts, built, problems, whole=files.whole, dated=dated)
    warnings = check_population(files.chain, drafts, period, problems)
    if period is not None:
        warnings += check_free(tree, period, files.chain[0][0], problems)
    warnings += check_observed(values, locate_in(tree), measures, problems)
    check_plan(values, drafts, locate_in(tree), problems)
    warnings += check_history(values, locate_in(tree), measures, problems)
    if scenario is None or problems:
        return None
    scenario, drift = _reconciled(scenario, tree, problems)
    if then is not None and period is not None:
        _, past_drift = _reconciled(then, tree, problems, block=period.node)
        drift += tuple(f"in the validation period, {text}" for text in past_drift)
    rows = assumptions_of(tree, scenario, drafts, period)
    options = tuple(draft.option() for draft in drafts.values())
    return Study(
        scenario=scenario,
        options=options,
        assumptions=tuple(_derived(row, scenario) for row in rows),
        warnings=drift + warnings + hardly_meant(tree, scenario, drafts, built),
    )


def _past(
    scenario: Scenario, period: Draft | None, problems: Problems, *, sure: bool
) -> Scenario | None:
    """The past of a scenario, what is wrong with it noted; None where there is none."""
    if period is None:
        return None
    if not sure:
        build_options({BLOCK: period}, scenario, problems, sure=False)
        return None
    then = build_past(scenario, period, problems)
    if then is None or then.scenario is None:
        return None
    _check_changes_of_options({BLOCK: period}, {BLOCK: then.scenario}, then.before, problems)
    return then.scenario


def _extended(files: Files) -> Scenario | None:
    """The scenario that the file extends: a stand-in for one that is not valid itself."""
    chain = files.chain[1:]
    if not chain or not files.whole:
        return None
    ignored = Problems()
    return validated(merged(chain, ignored), ignored)


def _check_changes(
    tree: Node,
    values: Mapping[str, Any],
    run: tuple[date, date] | None,
    scenario: Scenario | None,
    problems: Problems,
    *,
    sure: bool,
) -> None:
    changes = values.get("changes")
    if isinstance(changes, list):
        whole = [change if isinstance(change, dict) else {} for change in changes]
        check_changes(whole, run, scenario, locate_in(tree), problems, sure=sure)


def _run(values: Mapping[str, Any]) -> tuple[date, date] | None:
    """First and last day, or the end of time where the years are not valid."""
    start, years = values.get("start"), values.get("years")
    if not isinstance(start, date):
        return None
    known = is_number(years) and 0 < years <= 25 and start.year < date.max.year - 25  # type: ignore[operator]  # `known` says they are numbers
    return start, start + timedelta(days=365.25 * years) if known else date.max  # type: ignore[operator]  # `known` says they are numbers


def _check_changes_of_options(
    drafts: Mapping[str, Draft],
    built: Mapping[str, Scenario],
    baseline: Scenario,
    problems: Problems,
    *,
    dated: bool = True,
) -> None:
    for name, scenario in built.items():
        if scenario.changes == baseline.changes:
            continue
        values = as_tree(scenario)
        found = Problems()
        locate = locate_in_option(drafts[name], as_tree(baseline))
        check_changes(values["changes"], _run(values) if dated else None, scenario, locate, found)
        for problem in found:
            if not problems.at(problem.where) and not problems.said(problem.text):
                problems.add(*problem)


def _reconciled(
    scenario: Scenario, tree: Node, problems: Problems, *, block: Node | None = None
) -> tuple[Scenario, tuple[str, ...]]:
    """A scenario whose stays agree with its entries; the past has its problems at its block."""
    stated = scenario.authority.children_in_care - (uasc_stated(scenario) or 0)

    def refuse(section: str, text: str) -> tuple[Scenario, tuple[str, ...]]:
        node = block or tree.child(section) or tree
        problems.add(node.name, BLOCK if block else section, text)
        return scenario, ()

    if stated > 0 and not any(entries_by_age(scenario).values()):
        return refuse(
            "demand",
            f"nobody enters care (UASC apart), so there cannot be {stated} children in care; "
            "for entries that stop on a day, use `changes` or an option",
        )
    try:
        return stays.reconcile(scenario)
    except (ArithmeticError, ValueError):
        return refuse(
            "stays",
            "the lengths of stay are too extreme to work out how many children are in care",
        )


def _derived(row: Any, scenario: Scenario) -> Any:
    """The row of a value that is worked out from others; any other row as it is."""
    stays_agree = stays.scales_stays(scenario)
    apart = scenario.demand.uasc_in_entries_per_year
    if row.path == DERIVED and stays_agree:
        value, source = scenario.stays.long_stay_factor, DERIVED_FROM
    elif row.path == APART and apart is not None:
        value, source = apart, APART_FROM
    else:
        return row
    return row.model_copy(
        update={
            "value": value,
            "low": None,
            "high": None,
            "source": source,
            "as_of": "",
            "confidence": "derived",
        }
    )
