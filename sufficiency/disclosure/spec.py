"""What each measure tells of children, and so when it may not be published.

Every measure of the package has its line here; one that has none is refused. A measure

- *counts* children, young people or what happens to them (moves, placements begun): a mean
  above 0 and below the threshold is a small number;
- is a *share* of children: it is as small as its numerator, or as the rest, whichever is smaller;
- *follows* others: it tells no more than they do, and goes when one of them goes (a price per
  week, a length of stay, an occupancy, which tell of the children of the group);
- is *the same* as another: either tells the other, so both stay or both go;
- is *open*: it is about adults, places, or money of all children together.

Foster households and carers are open. They are approved adults, published by Ofsted for every
fostering service however small, and the plan is about nothing else. Places approved are open for
the same reason: the register says how many beds a home has. Young adults who stay put are people
whom the authority cared for as children: they count as children do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from sufficiency.disclosure.series import POINT, YEAR, Frequency, Series
from sufficiency.errors import SufficiencyError
from sufficiency.vocabulary import KIND_OF_TYPE, Kind, PlacementType

_Of = Callable[[str], tuple[Series, ...]]
"""Of a group: the series on which one of that group depends."""


class Whole(NamedTuple):
    """What a share is a share of: some series added up, or about so much of them."""

    series: tuple[Series, ...]
    part: float = 1.0
    mean: bool = False
    """Whether it is not a share of them but a mean over them."""


class Told(NamedTuple):
    """What one series tells."""

    column: Series
    """The number of which it is a form; its own, or that of which it tells all."""
    counts: bool = False
    """Whether its values are children."""
    follows: tuple[Series, ...] = ()
    """It goes when one of these goes."""
    whole: Whole | None = None
    """What it is a share of, if it is one."""
    known: bool = False
    """Whether everybody could work it out from what is public anyway: it hides nothing."""
    total: bool = False
    """Whether it is of everybody and says what the publication is for: it goes last."""
    harmless: bool = False
    """Whether it goes with others only for tidiness: by itself it tells nothing of children."""


class _Rule(NamedTuple):
    """What a measure tells, by group."""

    counts: bool = False
    same: _Of | None = None
    follows: _Of | None = None
    whole: Callable[[str, Frequency], Whole | None] | None = None
    known: bool = False
    total: bool = False
    harmless: bool = False


_TYPES = frozenset(map(str, PlacementType))
_OPEN = _Rule()
_KNOWN = _Rule(known=True)
_TOTAL = _Rule(total=True)
_COUNTS = _Rule(counts=True)


def children(group: str = "") -> Series:
    """Children in care of a group: of whom most else tells."""
    return Series("children_in_care", group, POINT)


def _children(group: str) -> tuple[Series, ...]:
    return (children(group),)


def _split(group: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in group.split(";") if part)


def of_types(*types: PlacementType) -> tuple[Series, ...]:
    """Children in care in some types of placement."""
    return tuple(children(f"type={type_}") for type_ in types)


_KIND_TYPES = {
    Kind.FOSTER: (PlacementType.IN_HOUSE, PlacementType.IFA),
    Kind.HOME: (PlacementType.HOME_OWN, PlacementType.HOME_EXTERNAL),
    Kind.SUPPORTED: (PlacementType.SUPPORTED,),
}


def _begun(group: str, when: Frequency) -> Whole:
    """About as many placements as began of a kind of home: those in its types."""
    kind = _split(group).get("kind")
    if kind is None:
        return Whole((Series("placements_started", "", when),))
    types = _KIND_TYPES[Kind(kind)]
    return Whole(tuple(Series("placements_started", f"type={type_}", when) for type_ in types))


def _own_carers(group: str, when: Frequency) -> Whole:
    """About as many placements as began with in-house carers, of an ethnic group."""
    begun = (Series("placements_started", f"type={PlacementType.IN_HOUSE}", when),)
    return Whole(begun, _ETHNIC_PART if group else 1.0)


_ETHNIC_PART = 0.2
"""One ethnic group of five: how many of its children began with own carers is not published."""
_WITH_SIBLINGS = {"": 0.58, "siblings=2": 0.26, "siblings=3": 0.19, "siblings=4_or_more": 0.13}
"""Share of those who enter care that enter with siblings: of groups of 1, 2, 3 and 4 children in
the proportions of `scenarios/england.yaml` (0.65, 0.20, 0.10, 0.05). An estimate, because how many
these were is not published."""


def _siblings(group: str, when: Frequency) -> Whole:
    return Whole((Series("entries", "", when),), _WITH_SIBLINGS.get(group, 0.1))


_LONG_IN_CARE = Series("time_in_care", "band=2_years_or_more", POINT)


def _distance(group: str, distance: str) -> Series:
    """Children of a type or age at a distance."""
    if not group:
        name = f"distance={distance}"
    elif group.startswith("age="):
        name = f"{group};distance={distance}"
    else:
        name = f"distance={distance};{group}"
    return Series("placement_distance", name, POINT)


def _whole_children(group: str, when: Frequency) -> Whole:
    return Whole((children(group),))


def _same_of_type(group: str) -> tuple[Series, ...]:
    """Of a type of placement: as its children. Of type and age: a number of its own."""
    return (children(group),) if ";" not in group else ()


_NAMED = {
    f"kind={kind}": f"type={type_}"
    for type_, kind in KIND_OF_TYPE.items()
    if kind in (Kind.KIN, Kind.PARENTS, Kind.ADOPTION, Kind.SECURE, Kind.OTHER)
}
"""Kinds of home that serve named children: whose plan it is lives there."""


def _needed(group: str) -> _Rule:
    """Of kinds that nobody searches for, those who need them are those who live there."""
    if group == "" or group in _NAMED:
        return _Rule(True, lambda _: (children(_NAMED.get(group, "")),))
    return _COUNTS


def _cost(group: str) -> _Rule:
    type_ = _split(group).get("type")
    if type_ is None:
        return _TOTAL
    if type_ in _TYPES:
        return _Rule(same=_children)
    if type_ == "staying_put":
        return _Rule(same=lambda _: (Series("staying_put", "", POINT),))
    return _KNOWN


def _void(group: str) -> _Rule:
    return _Rule(follows=_children) if group else _OPEN


def _places(group: str) -> _Rule:
    """Places of a type tell of its children; those of a kind are sums."""
    return _Rule(follows=_children, harmless=True) if group.startswith("type=") else _OPEN


_OWN_BEDS = (f"type={PlacementType.HOME_OWN}", f"type={PlacementType.EMERGENCY_BED}")


def _usable(group: str) -> _Rule:
    """Of the authority's own beds, the assumptions say how many can take a child."""
    return _places(group)._replace(known=group in _OWN_BEDS)


def _approved(group: str) -> _Rule:
    """Of markets, the places approved are the places filled."""
    market = (PlacementType.IFA, PlacementType.HOME_EXTERNAL, PlacementType.SUPPORTED)
    if group in [f"type={type_}" for type_ in market]:
        return _Rule(follows=_children)
    return _KNOWN if group.startswith("type=") else _OPEN


def _filled(group: str) -> _Rule:
    return _Rule(counts=True, same=_children if group.startswith("type=") else None)


def _length(group: str) -> _Rule:
    """How long the placements that ended had lasted: of a group that may be small."""
    if not group:
        return _OPEN
    types = _KIND_TYPES[Kind.HOME] if group == f"kind={Kind.HOME}" else ()
    of = of_types(*types) or (children(group),)
    began = tuple(Series("placements_started", series.group, YEAR) for series in of)
    return _Rule(follows=lambda _: (*of, *began))


def _income(group: str) -> _Rule:
    if group == "source=uasc":
        return _Rule(follows=lambda _: (children("stream=uasc"),))
    return _OPEN


def _section_251(group: str) -> _Rule:
    """Lines that are about one type of placement tell of its children."""
    follows = {
        "line=placed_with_family_and_friends": of_types(PlacementType.KINSHIP),
        "line=adoption_services": of_types(PlacementType.ADOPTION),
        "line=asylum_seeker_services_children": (children("stream=uasc"),),
    }.get(group, ())
    return _Rule(follows=lambda _: follows)


def _bridge(group: str) -> _Rule:
    if group == "part=staying_put":
        return _Rule(follows=lambda _: (Series("staying_put", "", POINT),))
    if group in ("part=recruitment", "part=programme", "part=own_homes_fixed"):
        return _KNOWN
    return _OPEN


def _moved(group: str) -> tuple[Series, ...]:
    return (Series("moves", group, YEAR),)


def _share(whole: Callable[[str, Frequency], Whole | None], follows: _Of | None = None) -> _Rule:
    return _Rule(whole=whole, follows=follows)


_IN_HOUSE, _IFA, _KINSHIP, _HOME_OWN, _HOME_EXTERNAL, _UNREGISTERED = (
    PlacementType.IN_HOUSE,
    PlacementType.IFA,
    PlacementType.KINSHIP,
    PlacementType.HOME_OWN,
    PlacementType.HOME_EXTERNAL,
    PlacementType.UNREGISTERED,
)

_RULES: Mapping[str, _Rule | Callable[[str], _Rule]] = {
    # children in care
    "children_in_care": lambda group: _Rule(counts=True, total=not group),
    "children_share": _Rule(same=_children),
    "average_children": lambda group: _Rule(True, None if ";" in group else _children),
    "time_in_care": _COUNTS,
    "time_in_care_share": _Rule(same=lambda group: (Series("time_in_care", group, POINT),)),
    "placements_needed": _needed,
    "unmet_need": _COUNTS,
    "ifa_for_want_of_in_house": _COUNTS,
    "residential_for_want_of_carer": _COUNTS,
    "under_12_in_residential": _COUNTS,
    "far_for_want_of_carer": _COUNTS,
    "in_house_share": _Rule(follows=lambda _: of_types(_IN_HOUSE, _IFA)),
    "own_provision_share": _Rule(follows=lambda _: of_types(_IN_HOUSE, _KINSHIP, _HOME_OWN)),
    "fostered_share": _Rule(follows=lambda _: of_types(_IN_HOUSE, _IFA, _KINSHIP)),
    "placement_distance": _COUNTS,
    "in_area_share": _Rule(follows=lambda group: (children(group), _distance(group, "in_area"))),
    "over_20_miles_share": _share(_whole_children, _children),
    "first_placements_in_area_share": _share(lambda _, when: Whole((Series("entries", "", when),))),
    "high_cost_children": _COUNTS,
    "high_cost_share": _Rule(same=lambda _: (Series("high_cost_children", "", POINT),)),
    "three_or_more_placements": _share(_whole_children),
    "three_or_more_in_two_years": _share(lambda *_: Whole((_LONG_IN_CARE,))),
    # under 16 and in care for two and a half years: at least about half of those of two years
    "long_term_stability": _share(lambda *_: Whole((_LONG_IN_CARE,), 0.5)),
    # what happens
    "entries": lambda group: _Rule(counts=True, total=not group),
    "exits": lambda group: _Rule(counts=True, total=not group),
    "placements_started": _COUNTS,
    "moves": _COUNTS,
    "journeys": _COUNTS,
    "moves_per_child_year": _Rule(same=_moved),
    "positive_moves_share": _share(lambda _, when: Whole((Series("moves", "", when),))),
    "second_best_share": _share(_begun),
    "days_to_place": _share(lambda group, when: _begun(group, when)._replace(mean=True)),
    "placement_length_mean": _length,
    "placement_length_median": _length,
    "siblings_together_share": _share(_siblings),
    "siblings_apart_share": _share(_siblings),
    "same_ethnic_group_share": _share(_own_carers),
    "unregistered_nights": _Rule(follows=lambda _: of_types(_UNREGISTERED)),
    "unregistered_children": _COUNTS,
    "unregistered_under_16": _COUNTS,
    # places
    "places_approved": _approved,
    "places_usable": _usable,
    "places_filled": _filled,
    "places_vacant": _places,
    "places_not_available": _usable,
    "occupancy": _places,
    "occupancy_of_approved": _places,
    "vacant_share_of_approved": _places,
    "not_available_share_of_approved": _places,
    "sufficiency_gap": _OPEN,
    "void_nights": _void,
    # households and carers
    "foster_enquiries": _OPEN,
    "foster_applications": _OPEN,
    "foster_applications_withdrawn": _OPEN,
    "foster_households_approved": _KNOWN,
    "foster_households_transferred_in": _OPEN,
    "foster_households_left": _OPEN,
    "foster_households_transferred_out": _OPEN,
    "foster_households_net": _OPEN,
    "foster_households": _KNOWN,
    "carers": _KNOWN,
    "filled_per_household": _Rule(follows=lambda _: of_types(_IN_HOUSE)),
    "foster_households_needed": _OPEN,
    "foster_households_short": _Rule(
        follows=lambda _: (
            *of_types(_IN_HOUSE),
            Series("ifa_for_want_of_in_house", "", POINT),
        )
    ),
    "staying_put": _COUNTS,
    # money
    "cost": _cost,
    "income": _income,
    "net_cost": _TOTAL,
    "budget_variance": _TOTAL,
    "void_cost": _void,
    "own_homes_fixed_cost": _KNOWN,
    "capital": _KNOWN,
    "cost_per_child_week": lambda group: _Rule(same=_children) if group else _OPEN,
    "cost_per_child_week_constant_prices": _Rule(
        follows=lambda _: (Series("cost_per_child_week", "", YEAR),)
    ),
    "unit_cost": _Rule(same=_children),
    "cost_run_rate": lambda group: _Rule(same=_children) if group else _OPEN,
    "section_251_cost": _section_251,
    "bridge": _bridge,
    "option_bridge": _bridge,
}


def measures() -> frozenset[str]:
    """The measures of which it is known what they tell."""
    return frozenset(_RULES)


def told(series: Series) -> Told:
    """What a series tells.

    Raises:
        SufficiencyError: Nobody has said what the measure tells.
    """
    rule = _RULES.get(series.measure)
    if rule is None:
        raise SufficiencyError(
            f"'{series.measure}' cannot be published: it is not known what it tells of children"
        )
    if not isinstance(rule, _Rule):
        rule = rule(series.group)
    column = series
    if rule.same is not None:
        (column,) = rule.same(series.group)
    return Told(
        column=column,
        counts=rule.counts,
        follows=(*_finer(series), *(rule.follows(series.group) if rule.follows else ())),
        whole=rule.whole(series.group, series.frequency) if rule.whole else None,
        known=rule.known,
        total=rule.total,
        harmless=rule.harmless,
    )


def _finer(series: Series) -> tuple[Series, ...]:
    """The year of which quarters or months are parts: it is their sum."""
    if series.frequency in (POINT, YEAR):
        return ()
    return (series._replace(frequency=YEAR),)
