"""What adds up: sums that give back a number that was left out, if the others are there.

Sums hold for means exactly, because means of sums are sums of means. A few hold about: they are
taken as if they held exactly, which leaves out more, never less. Weeks at a price are a sum too
(of children times prices), with prices that a reader knows from the assumptions.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sufficiency.costs.definitions import COST_TYPES, LINES, PARTS
from sufficiency.disclosure.series import POINT, QUARTER, YEAR, Frequency, Series
from sufficiency.disclosure.spec import children, of_types
from sufficiency.measures.distance import DISTANCE_GROUPS, SEARCHED_GROUPS
from sufficiency.measures.flows import POSITIVE
from sufficiency.measures.journeys import STEPS, UASC, group_of
from sufficiency.measures.provision import CAPACITY
from sufficiency.vocabulary import AgeBand, Kind, MoveCause, PlacementType

HIDDEN = "not measured: "
"""Begins the name of a number that stands in no file, but follows from those that do."""


class Term(NamedTuple):
    """A series in a sum."""

    times: float
    series: Series


class Relation(NamedTuple):
    """Terms that add up to 0."""

    terms: tuple[Term, ...]
    exact: bool = True
    """Whether the factors are exact; else they stand for prices, or for weights about known."""


def _sum(whole: Series, parts: Iterable[Series], *, exact: bool = True) -> Relation:
    return Relation((Term(-1.0, whole), *(Term(1.0, part) for part in parts)), exact)


def hidden(name: str, frequency: Frequency = POINT) -> Series:
    """A number that stands in no file: what is left of a whole."""
    return Series(f"{HIDDEN}{name}", "", frequency)


PARTITIONS: Mapping[str, tuple[str, ...]] = {
    "children_in_care": ("age", "type", "stream", "ethnicity"),
    "average_children": ("type",),
    "placements_needed": ("kind",),
    "unmet_need": ("kind", "age"),
    "residential_for_want_of_carer": ("age",),
    "placement_distance": ("distance",),
    "entries": ("age", "stream"),
    "exits": ("age", "stream", "reason"),
    "placements_started": ("type",),
    "moves": ("cause", "nature"),
    "void_nights": ("type",),
    "void_cost": ("type",),
    "income": ("source",),
    "siblings_together_share": ("siblings",),
    "siblings_apart_share": ("siblings",),
    "same_ethnic_group_share": ("ethnicity",),
    "second_best_share": ("kind",),
    "foster_households_needed": ("part",),
}
"""By what a measure is divided so that the groups add up to everybody."""


def relations(
    found: Iterable[Series], priced: Collection[str], *, weeks_are_exact: bool = True
) -> list[Relation]:
    """Every sum that holds among some series, and the numbers hidden in them.

    Args:
        found: The series.
        priced: Types of cost that are paid for by the child, at a price above 0.
        weeks_are_exact: Whether the cost of a week times weeks is exact enough to show what is
            spent on young adults who stay put, as the rest of the cost.
    """
    there = frozenset(found)
    made = [
        *_partitions(there),
        *_by_two(there),
        *_time_in_care(),
        *_nested(),
        *_flows(),
        *_journeys(),
        *_places(),
        *_money(priced, weeks_are_exact),
    ]
    return [relation for relation in made if _holds(relation, there)]


def of_numbers(relation: Relation, column: Callable[[Series], Series]) -> Relation:
    """A sum of series as one of the numbers of which they are forms."""
    terms: dict[Series, float] = {}
    for term in relation.terms:
        name = column(term.series)
        terms[name] = terms.get(name, 0.0) + term.times
    return Relation(
        tuple(Term(times, name) for name, times in terms.items() if times), relation.exact
    )


def _holds(relation: Relation, there: frozenset[Series]) -> bool:
    return all(t.series in there or t.series.measure.startswith(HIDDEN) for t in relation.terms)


def _partitions(there: frozenset[Series]) -> Iterator[Relation]:
    for measure, names in PARTITIONS.items():
        when = {series.frequency for series in there if series.measure == measure}
        for name in names:
            for frequency in when:
                parts = _groups(there, measure, name, frequency)
                whole = Series(measure, "", frequency)
                if measure == "placement_distance":
                    whole = children()
                yield _sum(whole, parts, exact=not measure.endswith("_share"))


def _groups(
    there: Iterable[Series], measure: str, name: str, frequency: Frequency
) -> Sequence[Series]:
    """The series of a measure that are divided by one name and by nothing else."""
    return sorted(
        series
        for series in there
        if (series.measure, series.frequency) == (measure, frequency)
        and series.group.startswith(f"{name}=")
        and ";" not in series.group
    )


def _by_two(there: frozenset[Series]) -> Iterator[Relation]:
    """Tables of two divisions: types by age, and distance by age and by type."""
    ages = [series.group for series in _groups(there, "children_in_care", "age", POINT)]
    types = [series.group for series in _groups(there, "children_in_care", "type", POINT)]
    for type_ in types:
        cells = [Series("average_children", f"{type_};{age}", YEAR) for age in ages]
        yield _sum(Series("average_children", type_, YEAR), cells)
    for age in ages:  # the mean over a year's nights is about that over its month ends
        of_age = [Series("average_children", f"{type_};{age}", YEAR) for type_ in types]
        yield _sum(children(age), of_age)
        cells = [Series("placement_distance", f"{age};{where}") for where in DISTANCE_GROUPS]
        yield _sum(children(age), cells)
    for type_ in SEARCHED_GROUPS:
        cells = [Series("placement_distance", f"{where};{type_}") for where in DISTANCE_GROUPS]
        yield _sum(children(type_), cells)
    for where in DISTANCE_GROUPS:
        whole = Series("placement_distance", where)
        yield _sum(whole, [Series("placement_distance", f"{age};{where}") for age in ages])
        cells = [Series("placement_distance", f"{where};{type_}") for type_ in SEARCHED_GROUPS]
        yield _sum(whole, [*cells, hidden(f"other types, {where}")])
    for group in ("", *ages, *SEARCHED_GROUPS):
        yield _in_area_and_far(group)


def _in_area_and_far(group: str) -> Relation:
    """Children over 20 miles from home: those outside the area, and those inside it."""
    name = "distance=over_20_miles"
    cell = f"{group};{name}" if group.startswith("age=") else f"{name};{group}".rstrip(";")
    return _sum(
        Series("over_20_miles_share", group),
        [Series("placement_distance", cell), hidden(f"in area and far, {group}")],
    )


def _time_in_care() -> Iterator[Relation]:
    def band(name: str) -> Series:
        return Series("time_in_care", f"band={name}")

    short = [band(name) for name in ("under_6_months", "6_to_12_months", "1_to_2_years")]
    long = [band(name) for name in ("2_to_5_years", "5_years_or_more")]
    yield _sum(children(), [*short, *long])
    yield _sum(band("2_years_or_more"), long)


_HOMES = of_types(PlacementType.HOME_OWN, PlacementType.HOME_EXTERNAL)


def _nested() -> Iterator[Relation]:
    """Numbers of which one is part of the other: what is left is a number too."""
    everybody = Series("unmet_need")
    for kind in (Kind.FOSTER, Kind.HOME, Kind.SUPPORTED):
        unmet = Series("unmet_need", f"kind={kind}")
        yield _rest(Series("placements_needed", f"kind={kind}"), unmet)
    for cohort in ("siblings", "teenage", "disabled", "uasc"):
        yield _rest(everybody, Series("unmet_need", f"cohort={cohort}"))
    yield _rest(children("stream=uasc"), Series("unmet_need", "cohort=uasc"))
    yield _rest(everybody, Series("far_for_want_of_carer"))
    far = Series("placement_distance", "distance=over_20_miles")
    yield _rest(far, Series("far_for_want_of_carer"))
    (ifa,) = of_types(PlacementType.IFA)
    yield _rest(ifa, Series("ifa_for_want_of_in_house"))
    for name in ("residential_for_want_of_carer", "under_12_in_residential"):
        other = hidden(f"{name}: the rest")
        yield Relation((*(Term(-1.0, home) for home in _HOMES), Term(1.0, Series(name)),
                        Term(1.0, other)))  # fmt: skip
    for when in (QUARTER, YEAR):
        whole = Series("unregistered_children", "", when)
        yield _rest(whole, Series("unregistered_under_16", "", when))


def _rest(whole: Series, part: Series) -> Relation:
    name = f"{whole.measure} {whole.group} without {part.measure} {part.group}"
    return _sum(whole, [part, hidden(name, whole.frequency)])


def _flows() -> Iterator[Relation]:
    for when in (QUARTER, YEAR):
        for group in ("", "stream=uasc", "stream=non_uasc"):
            yield Relation(
                (
                    Term(1.0, children(group)),
                    Term(-1.0, Series("entries", group, when)),
                    Term(1.0, Series("exits", group, when)),
                )
            )
        began = Series("placements_started", "", when)
        yield _sum(began, [Series("entries", "", when), Series("moves", "", when)])
        adopted = Series("placements_started", f"type={PlacementType.ADOPTION}", when)
        yield _sum(adopted, [Series("moves", f"cause={MoveCause.TO_ADOPTION}", when)])
        for nature, causes in (
            ("positive", POSITIVE),
            ("not_positive", [cause for cause in MoveCause if cause not in POSITIVE]),
        ):
            parts = [Series("moves", f"cause={cause}", when) for cause in causes]
            yield _sum(Series("moves", f"nature={nature}", when), parts)
        positive = Series("moves", "nature=positive", when)
        yield _sum(Series("positive_moves_share", "", when), [positive])
        for group in ("", "siblings=2", "siblings=3", "siblings=4_or_more"):
            apart = Series("siblings_apart_share", group, when)
            yield _sum(Series("siblings_together_share", group, when), [apart], exact=False)


def _journeys() -> Iterator[Relation]:
    """Every child takes each step once, so what arrives at a home also leaves from it."""

    def cell(step: str, start: str, end: str) -> Series:
        return Series("journeys", group_of(step, start, end), YEAR)

    for step, (starts, ends) in STEPS.items():
        before, after = step.split("_to_")
        for start in starts:
            whole = hidden(f"journeys, {before} {start}", YEAR)
            yield _sum(whole, [cell(step, start, end) for end in ends])
        for end in ends:
            whole = hidden(f"journeys, {after} {end}", YEAR)
            yield _sum(whole, [cell(step, start, end) for start in starts])
    ages = [hidden(f"journeys, entry {age}", YEAR) for age in AgeBand]
    yield _sum(Series("entries", "stream=non_uasc", YEAR), ages)
    for age in (AgeBand.UNDER_1, AgeBand.FROM_1_TO_4, AgeBand.FROM_5_TO_9):  # no UASC so young
        yield _sum(Series("entries", f"age={age}", YEAR), [hidden(f"journeys, entry {age}", YEAR)])
    uasc = hidden(f"journeys, entry {UASC}", YEAR)
    yield _sum(Series("entries", "stream=uasc", YEAR), [uasc])


_KINDS = {
    Kind.FOSTER: (PlacementType.IN_HOUSE, PlacementType.IFA),
    Kind.HOME: (PlacementType.HOME_OWN, PlacementType.HOME_EXTERNAL),
    Kind.SUPPORTED: (PlacementType.SUPPORTED,),
}
_OWN = {Kind.FOSTER: PlacementType.IN_HOUSE, Kind.HOME: PlacementType.HOME_OWN}


def _places() -> Iterator[Relation]:
    for kind, types in _KINDS.items():
        group = f"kind={kind}"
        usable, filled = Series("places_usable", group), Series("places_filled", group)
        for measure in ("places_approved", "places_usable", "places_vacant"):
            yield _sum(Series(measure, group), [Series(measure, f"type={t}") for t in types])
        yield _sum(filled, of_types(*types))
        yield _sum(usable, [filled, Series("places_vacant", group)])
        needed = Series("placements_needed", group)
        yield _sum(needed, [usable, Series("sufficiency_gap", group)])
        if kind in _OWN:
            own = f"type={_OWN[kind]}"
            gap = Series("sufficiency_gap", f"{group};{own}")
            yield _sum(needed, [Series("places_usable", own), gap])
    for type_ in CAPACITY:
        group = f"type={type_}"
        usable, vacant = Series("places_usable", group), Series("places_vacant", group)
        yield _sum(usable, [children(group), vacant])
        approved, rest = Series("places_approved", group), Series("places_not_available", group)
        yield _sum(approved, [usable, rest])
        for share, part in (
            ("occupancy", children(group)),
            ("occupancy_of_approved", children(group)),
            ("vacant_share_of_approved", vacant),
            ("not_available_share_of_approved", rest),
        ):
            yield _sum(Series(share, group), [part], exact=False)


def _money(priced: Collection[str], weeks_are_exact: bool) -> Iterator[Relation]:
    """Cost of the types is children at a price, so it stands here as children.

    What all placements cost in a week, or would cost in a year, tells the cost within a hundredth.
    """
    spent = Series("cost", "", YEAR)
    yield _sum(spent, _spent(COST_TYPES, priced), exact=False)
    young_adults = [Series("staying_put")] if weeks_are_exact else []
    yield _sum(spent, [Series("cost_per_child_week", "", YEAR), *young_adults], exact=False)
    yield _sum(spent, [Series("cost_run_rate")], exact=False)
    yield _sum(spent, [Series("net_cost", "", YEAR), Series("income", "", YEAR)])
    yield _sum(Series("budget_variance", "", YEAR), [Series("net_cost", "", YEAR)])
    yield from _section_251(spent, priced)
    for measure in ("bridge", "option_bridge"):
        parts = [Series(measure, f"part={part}", YEAR) for part in PARTS]
        yield _sum(Series("net_cost", "", YEAR), parts)
        income = Series("income", "", YEAR)
        yield _sum(Series(measure, "part=income", YEAR), [income], exact=False)
        voids = [Series("void_cost", "", YEAR), hidden(f"{measure}: other voids", YEAR)]
        yield _sum(Series(measure, "part=voids", YEAR), voids, exact=False)
    uasc = Series("income", "source=uasc", YEAR)
    yield _sum(uasc, [children("stream=uasc")], exact=False)
    for type_ in (PlacementType.HOME_OWN, PlacementType.EMERGENCY_BED):  # beds are known
        for measure, when in (("void_cost", YEAR), ("void_nights", YEAR), ("void_nights", QUARTER)):
            void = Series(measure, f"type={type_}", when)
            yield _sum(void, of_types(type_), exact=False)


_WITH_UASC = ("fostering_services", "leaving_care_support")
"""Lines of types in which many unaccompanied children live: their cost is on its own line."""


def _section_251(spent: Series, priced: Collection[str]) -> Iterator[Relation]:
    lines = [Series("section_251_cost", f"line={line}", YEAR) for line in LINES]
    yield _sum(spent, lines)
    for line, types in LINES.items():
        if not types:
            continue
        parts = _spent(types, priced)
        if line in _WITH_UASC:
            parts.append(hidden(f"unaccompanied children in {line}", YEAR))
        yield _sum(Series("section_251_cost", f"line={line}", YEAR), parts, exact=False)


def _spent(types: Iterable[str], priced: Collection[str]) -> list[Series]:
    """The children, young adults and sums known to everybody that some costs are made of.

    Own homes are not among the children: what they cost does not hang on how many live there.
    """
    found = []
    for type_ in types:
        if type_ == "staying_put":
            found.append(Series("staying_put"))
        elif type_ in ("recruitment", "programme"):
            found.append(Series("cost", f"type={type_}", YEAR))
        elif type_ in priced and type_ != PlacementType.HOME_OWN:
            found += of_types(PlacementType(type_))
    return found
