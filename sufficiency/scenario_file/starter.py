"""A starter scenario from about a dozen published figures; all the rest comes from `england`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from sufficiency.scenario import (
    Scenario,
    entries_by_age,
    households_on_day_one,
    remands_per_year,
    uasc_flows,
)
from sufficiency.scenario.price_rules import financial_year, year_before
from sufficiency.scenario_file.figures import (
    BY_NAME,
    PUBLICATIONS,
    SHARES,
    Figure,
    why_not_a_figure,
)
from sufficiency.scenario_file.loading import load, load_text
from sufficiency.scenario_file.problems import (
    Problems,
    ScenarioFileError,
    Where,
    did_you_mean,
)

HEAD = """\
# {name}: a starter scenario, from published figures.
# A setting behind a '#' shows what a typical authority in England has. Put your own figure in its
# place, with its source, and take the '#' away. All the rest comes from `england`: `sufficiency
# check` lists every assumption, `sufficiency changes` what this file changes.
#
# Where figures are published:
{publications}
extends: england
name: {quoted}
# start: {start}
"""

NEEDS = {
    "foster_places": "foster_households",
    "foster_households_left": "foster_households",
    "own_home_places": "own_homes",
}
"""Figures that say something only beside another."""

USABLE = 0.75
"""Places of a home that can be filled, as in England's homes (3 of 4), until the council says."""


class Line(NamedTuple):
    """One setting of a starter scenario."""

    figures: tuple[str, ...]
    """The figures it rests on."""
    setting: str
    """Its name in the section."""
    value: Any
    """Its value, or England's where no figure was given."""
    given: bool


Figures = Mapping[str, Figure]


def new_scenario_text(name: str, figures: Mapping[str, Figure | float] | None = None) -> str:
    """A commented scenario file with the figures given, and England's commented out elsewhere.

    Raises:
        ScenarioFileError: The figures contradict each other or themselves.
    """
    given = {
        key: figure if isinstance(figure, Figure) else Figure(figure)
        for key, figure in (figures or {}).items()
    }
    _check(name, given)
    england = load("england").scenario
    sections = {
        "authority": _authority(given, england),
        "demand": _demand(given, england),
        "placement": _placement(given, england),
        "fostering": _fostering(given, england),
    }
    text = HEAD.format(
        name=" ".join(name.split()),
        publications="\n".join(f"#   {key}: {what}" for key, what in PUBLICATIONS.items()),
        quoted=json.dumps(name, ensure_ascii=False),
        start=england.start,
    )
    for section, lines in sections.items():
        text += "\n" + "\n".join(_section(section, list(lines), given)) + "\n"
    text += "\n" + "\n".join(_homes(given)) + "\n"
    text += "\n" + "\n".join(_money(england)) + "\n"
    text += "\n" + "\n".join(_past(given, england)) + "\n"
    text += "\n" + "\n".join(_observed(given, england)) + "\n"
    load_text(text, Path(f"{name}.yaml"))
    return text


def _check(name: str, given: Figures) -> None:
    problems = Problems()
    where = Where(name)
    for key, figure in given.items():
        if key not in BY_NAME:
            problems.add(where, key, f"no such figure{did_you_mean(key, BY_NAME)}")
            continue
        why_not = why_not_a_figure(BY_NAME[key], figure.value)
        if why_not:
            problems.add(where, key, why_not)
        needs = NEEDS.get(key)
        if needs is not None and (needs not in given or not given[needs].value):
            problems.add(where, key, f"needs '{needs}' beside it")
    total = sum(figure.value for key, figure in given.items() if key.startswith("share_"))
    if total > 1 + 1e-9:
        problems.add(where, "", f"the placement shares add up to {total:.4g}, more than 1")
    if problems:
        raise ScenarioFileError(name, problems, kind="set of figures")


def _line(given: Figures, figure: str, setting: str, england: Any) -> Line:
    known = given.get(figure)
    return Line((figure,), setting, england if known is None else known.value, known is not None)


def _authority(given: Figures, england: Scenario) -> Iterator[Line]:
    a = england.authority
    yield _line(given, "children_in_care", "children_in_care", a.children_in_care)
    yield _line(given, "uasc_in_care", "uasc_in_care", round(0.075 * a.children_in_care))
    yield _line(given, "child_population", "child_population", round(a.child_population))
    yield Line((), "region", a.region, False)


def _demand(given: Figures, england: Scenario) -> Iterator[Line]:
    usual_starts = sum(entries_by_age(england).values()) + remands_per_year(england)
    everybody = usual_starts + sum(uasc_flows(england))
    yield _line(given, "starts", "entries_per_year", round(everybody))
    usual = england.demand.uasc.per_100_in_care
    line = _line(given, "uasc_starts", "uasc: per_100_in_care", usual)
    size = england.authority.children_in_care
    stated = given["children_in_care"].value if "children_in_care" in given else size
    value = _short(100 * line.value / stated) if line.given and stated else usual
    yield line._replace(value=value, figures=("uasc_starts", "children_in_care"))


def _placement(given: Figures, england: Scenario) -> Iterator[Line]:
    usual = dict(england.placement.mix_at_start)
    stated = {key[6:]: figure.value for key, figure in given.items() if key.startswith("share_")}
    rest = sum(share for name, share in usual.items() if name not in stated)
    left = 1 - sum(stated.values())
    mix: dict[str, float] = {
        name: share * left / rest if rest else 0.0 for name, share in usual.items()
    }
    mix = _adding_up({name: _short(share) for name, share in (mix | stated).items()}, stated)
    yield Line(SHARES, "mix_at_start", mix, bool(stated))


def _adding_up(mix: dict[str, float], stated: Mapping[str, float]) -> dict[str, float]:
    """Shares that add up to 1 after rounding: the largest that nobody stated takes the rest."""
    free = [name for name in mix if name not in stated] or list(mix)
    largest = max(free, key=lambda name: mix[name])
    others = sum(share for name, share in mix.items() if name != largest)
    return {**mix, largest: round(1 - others, 6)}


def _fostering(given: Figures, england: Scenario) -> Iterator[Line]:
    f = england.fostering
    households = given["foster_households"].value if "foster_households" in given else 0
    yield _line(given, "foster_households", "households", households_on_day_one(england))
    for figure, setting, usual in (
        ("foster_places", "approved_places_per_household", f.approved_places_per_household),
        ("foster_households_left", "leaving_per_year", f.leaving_per_year),
    ):
        line = _line(given, figure, setting, usual)
        value = _short(line.value / households) if line.given else line.value
        yield line._replace(value=value, figures=(figure, "foster_households"))
    usual_approvals = f.approvals_per_100_in_care * england.authority.children_in_care / 100
    yield _line(given, "foster_households_approved", "approvals_per_year", _short(usual_approvals))


def _short(value: float) -> float:
    return float(f"{value:.4g}")


def _section(section: str, lines: list[Line], given: Figures) -> Iterator[str]:
    yield f"{section}:"
    for line in lines:
        yield from (f"  # {text}" for text in _comment(line, given))
        yield from _setting(line, given)


def _comment(line: Line, given: Figures) -> Iterator[str]:
    """What a setting is made from, and where that is published."""
    if line.figures == SHARES:
        yield "Children by type of placement (own; DfE). Types that nobody stated share the rest as"
        yield "in England; the shares must add up to 1."
    elif line.figures:
        first, *below = (_what(figure) for figure in line.figures)
        yield "; divided by: ".join([first, *(what[0].lower() + what[1:] for what in below)])
    elif line.setting == "region":
        yield "For the national minimum allowances: london, south_east or rest_of_england"


def _what(figure: str) -> str:
    return f"{BY_NAME[figure].what} ({BY_NAME[figure].published})"


def _setting(line: Line, given: Figures) -> Iterator[str]:
    *groups, setting = line.setting.split(": ")
    mark = "" if line.given else "# "
    for group in groups:
        yield f"  {mark}{group}:"
    indent = "  " * (1 + len(groups))
    value = _flow(line.value)
    about = _about([given[name] for name in line.figures if name in given])
    if line.given and about:
        value = f"{{value: {value}, {about}}}"
    yield f"{indent if line.given else '  ' + mark + indent[2:]}{setting}: {value}"


def _about(figures: list[Figure]) -> str:
    """Source and date of what a setting rests on."""
    sources = "; ".join(dict.fromkeys(f.source for f in figures if f.source))
    dates = "; ".join(dict.fromkeys(f.as_of for f in figures if f.as_of))
    stated = [("source", sources), ("as_of", dates)]
    return ", ".join(
        f"{name}: {json.dumps(text, ensure_ascii=False)}" for name, text in stated if text
    )


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_flow(entry)}" for name, entry in value.items()) + "}"
    return f"{value:.10g}" if isinstance(value, int | float) else str(value)


def _homes(given: Figures) -> Iterator[str]:
    yield f"# {_what('own_homes')}; {_what('own_home_places')}."
    yield "# A home needs a name and its registered and usable places; `england` shows what else."
    if "own_homes" not in given:
        yield "# homes:"
        yield "#   - {name: Our home, registered: 4, usable: 3}"
        return
    homes = int(given["own_homes"].value)
    if not homes:
        yield "homes: []"
        return
    places = int(given["own_home_places"].value) if "own_home_places" in given else 4 * homes
    about = _about([given[name] for name in ("own_homes", "own_home_places") if name in given])
    yield "homes:"
    for home in range(homes):
        registered = places // homes + (home < places % homes)
        stated = f"{{value: {registered}, {about}}}" if about else str(registered)
        usable = int(registered * USABLE + 0.5)
        why = "three of four, as in England"
        note = f'{{value: {usable}, source: "{why}", confidence: assumption}}'
        yield f"  - {{name: Own home {home + 1}, registered: {stated}, usable: {note}}}"


def _money(england: Scenario) -> Iterator[str]:
    """Where prices of one's own, the budget and the ledger go."""
    year, before = financial_year(england.start), year_before(england.start)
    yield "# £ a week of a new placement, and of those there on the first day, at the price level"
    yield "# of `year` (commissioning; finance). What is left out is England's."
    yield "# prices:"
    yield f"#   year: {england.prices.year}"
    for table in ("weekly", "existing"):
        yield f"#   {table}: {{ifa: {_flow(england.prices.weekly['ifa'])}}}"
    yield "# £ budgeted for placements, less income, by financial year of the run (budget book)."
    yield f"# budget: {{{year}: 0}}"
    yield "# £ spent by type of placement in the year before (general ledger), which"
    yield "# `sufficiency reconcile` sets beside what is modelled."
    yield f"# ledger: {{{before}: {{ifa: 0}}}}"


def _past(given: Figures, england: Scenario) -> Iterator[str]:
    """The year before the first day, to simulate and compare with what was published of it."""
    figure = "children_in_care_year_before"
    known = given.get(figure)
    mark = "" if known else "# "
    yield "# The year before, simulated from the number then: `sufficiency validate` sets it beside"
    yield "# the published values below. Without it, they are set beside the first year of the run."
    yield f"{mark}validation:"
    yield f"{mark}  start: {_year_before(england.start)}"
    if known is None:
        yield f"#   children_in_care: {england.authority.children_in_care}  # {_what(figure)}"
        return
    about = _about([known])
    value = f"{{value: {_flow(known.value)}, {about}}}" if about else _flow(known.value)
    yield f"  # {_what(figure)}"
    yield f"  children_in_care: {value}"
    yield "  # Of these, unaccompanied children; without it, as many as the flow of UASC leads to"
    yield "  # uasc_in_care: 0"


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1)


def _observed(given: Figures, england: Scenario) -> Iterator[str]:
    """Published values that are only compared with."""
    known_before = "children_in_care_year_before" in given
    live = any(figure in given for figure in ("leavers", "in_area_share"))
    # As long as every row stands behind a '#', so does the past that they are to be taken up with.
    first = england.start if live and not known_before else _year_before(england.start)
    year_end = (first.replace(year=first.year + 1) - timedelta(days=1)).isoformat()
    year = f"{first.year}-{(first.year + 1) % 100:02d}"
    rows = [("leavers", "exits", year, 180), ("in_area_share", "in_area_share", year_end, 0.55)]
    if known_before and "children_in_care" in given:
        rows.append(("children_in_care", "children_in_care", year_end, 0))
    any_given = any(figure in given for figure, *_ in rows)
    yield "# Published values to compare with; the simulation does not use them."
    yield "observed:" if any_given else "# observed:"
    for figure, measure, period, usual in rows:
        known = given.get(figure)
        mark = "" if known else "# "
        value = _flow(known.value if known else usual)
        usual_source = "not stated" if known else "who published it"
        source = json.dumps((known and known.source) or usual_source, ensure_ascii=False)
        yield f"  # {_what(figure)}"
        yield (
            f"  {mark}- {{measure: {measure}, period: {period}, value: {value}, "
            f"source: {source}, use: check}}"
        )
