"""Numbers that follow from a scenario's rates and the authority's size."""

from __future__ import annotations

from sufficiency.scenario.study import Scenario


def households_on_day_one(scenario: Scenario) -> int:
    """Approved in-house households on the first day."""
    stated = scenario.fostering.households
    per_child = scenario.fostering.households_per_100_in_care / 100
    return round(per_child * scenario.authority.children_in_care) if stated is None else stated


def winding_down_share(scenario: Scenario) -> float:
    """Share of households that wind down in a steady state: rate of closing x years it takes."""
    fostering = scenario.fostering
    return min(fostering.leaving_per_year * fostering.winding_down_years, 0.75)


def match_chance(scenario: Scenario) -> float:
    """Chance that a household suits a child whom its rules admit, in an authority of this size.

    Published vacancies and filled places are per household, whatever the size of the authority. A
    fixed chance per pair would leave half of a small authority's places vacant and hardly any of a
    large one's, which has more vacancies to look through but also spreads further.
    """
    size, stated = scenario.authority.children_in_care, scenario.fostering
    if not size or not stated.match_size:
        return stated.match_chance
    return min(1.0, stated.match_chance * stated.match_size / size)


def approvals_per_year(scenario: Scenario) -> float:
    """In-house households approved in a usual year, those from other agencies among them."""
    fostering = scenario.fostering
    if fostering.enquiries_per_year is not None:
        return fostering.enquiries_per_year * _share_approved(scenario)
    if fostering.approvals_per_year is not None:
        return fostering.approvals_per_year
    return fostering.approvals_per_100_in_care * scenario.authority.children_in_care / 100


def enquiries_per_year(scenario: Scenario) -> float:
    """Households that enquire in a usual year: stated, or as many as the usual approvals need."""
    return approvals_per_year(scenario) / _share_approved(scenario)


def _share_approved(scenario: Scenario) -> float:
    """Share of enquiries that end in approval."""
    fostering = scenario.fostering
    return fostering.enquiry_to_application * fostering.application_to_approval


def entries_by_age(scenario: Scenario) -> dict[str, float]:
    """Children, UASC and those on remand apart, who enter in a usual year, by age group."""
    demand, size = scenario.demand, scenario.authority.children_in_care
    per_100 = demand.entries_per_100_in_care
    total = sum(per_100.values())
    apart = demand.uasc_in_entries_per_year
    if demand.entries_per_10000_children is not None:
        published = demand.entries_per_10000_children * scenario.authority.child_population
        wanted = published / 10_000 - (remands_per_year(scenario) if apart is None else apart)
    elif demand.entries_per_year is not None:
        wanted = demand.entries_per_year - (uasc_and_remand(scenario) if apart is None else apart)
    else:
        return {age: rate * size / 100 for age, rate in per_100.items()}
    wanted = max(wanted, 0.0)
    return {age: rate / total * wanted if total else 0.0 for age, rate in per_100.items()}


def uasc_stated(scenario: Scenario) -> int | None:
    """UASC in care on the first day, if the scenario says it."""
    authority = scenario.authority
    return authority.uasc_in_care if authority.children is None else authority.children.file.uasc


def uasc_at_start(scenario: Scenario) -> tuple[float, float]:
    """UASC who enter in a year as things are on the first day: direct arrivals, and transfers.

    An authority that joins the transfer scheme later is sent nobody yet, so transfers are neither
    among those in care nor among the entries published.
    """
    direct, transfers = uasc_flows(scenario)
    joins = scenario.demand.uasc.transfer_scheme.joins
    return direct, 0.0 if joins is not None and joins > scenario.start else transfers


def uasc_and_remand(scenario: Scenario) -> float:
    """Unaccompanied children and children on remand who enter in a year as things are at first."""
    return sum(uasc_at_start(scenario)) + remands_per_year(scenario)


def settled(baseline: Scenario) -> Scenario:
    """The baseline, with what of its published entries is UASC and remands written down.

    Entries are published in all. An option that takes more transfers would otherwise have fewer
    other children, by just as many.
    """
    demand = baseline.demand
    if demand.entries_per_10000_children is not None:
        apart: float | None = remands_per_year(baseline)
    else:
        apart = None if demand.entries_per_year is None else uasc_and_remand(baseline)
    if demand.uasc_in_entries_per_year == apart:
        return baseline
    demand = demand.model_copy(update={"uasc_in_entries_per_year": apart})
    return baseline.model_copy(update={"demand": demand})


def remands_per_year(scenario: Scenario) -> float:
    """Children whom a court remands to the authority in a usual year."""
    return scenario.demand.remand.per_100_in_care * scenario.authority.children_in_care / 100


def uasc_flows(scenario: Scenario) -> tuple[float, float]:
    """UASC who enter in a usual year: direct arrivals, and transfers while below the threshold."""
    uasc = scenario.demand.uasc
    total = uasc.per_100_in_care * scenario.authority.children_in_care / 100
    scheme = uasc.transfer_scheme
    transfers = scheme.transfers_per_year
    direct = uasc.direct_per_year
    return (
        total * (1 - scheme.share_of_uasc) if direct is None else direct,
        total * scheme.share_of_uasc if transfers is None else transfers,
    )
