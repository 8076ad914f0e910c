"""The places there are: foster households, agencies, homes, supported accommodation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, StrictStr, model_validator

from sufficiency.scenario.demand import Distribution
from sufficiency.scenario.placement import ByNeed, IfaAge, NeedShares, PlacesName
from sufficiency.scenario.values import (
    AddUp,
    Count,
    Day,
    Freeze,
    NotNegative,
    Number,
    Part,
    Positive,
    Share,
    TypeName,
    tuples,
)


class AgeRange(Part):
    """The ages a foster household takes, in whole years, both included."""

    youngest: Annotated[int, Field(strict=True, ge=0, le=18)]
    """Youngest."""
    oldest: Annotated[int, Field(strict=True, ge=0, le=18)]
    """Oldest."""
    share: Share
    """Share of households."""


class Profile(Part):
    """What households are like: each is a fact that a fostering service knows."""

    age_ranges: Annotated[tuple[AgeRange, ...], BeforeValidator(tuples), Field(min_length=1)]
    """The ages they take."""
    highest_need: NeedShares
    """The highest need they take."""
    siblings: Share
    """Share of households with two places or more that take sibling groups."""
    uasc: Share
    """Share that take unaccompanied children."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        total = sum(r.share for r in self.age_ranges)
        if abs(total - 1) > 1e-6:
            raise ValueError(f"shares of age ranges must add up to 1 (they add up to {total:.4g})")
        return self


class RecruitProfile(Part):
    """How recruits differ from the households there are; left out: they are alike."""

    teenagers: Share | None = None
    """Share that take teenagers (an age range that reaches 16)."""
    siblings: Share | None = None
    """Share that take sibling groups; these have two places or more."""
    uasc: Share | None = None
    """Share that take unaccompanied children."""


class Recruitment(Part):
    """A drive to recruit foster carers, on top of the usual approvals."""

    number: NotNegative
    """How many, in `unit`."""
    unit: Literal["households", "carers", "places"]
    """What is counted: 20 carers are about 12 households, and about 25 approved places."""
    basis: Literal["gross", "net"]
    """Gross: new approvals. Net: growth of the number of households that as many approvals over the
    drive would bring by its end."""
    from_: Annotated[Day | None, Field(alias="from")] = None
    """First day on which one of them may apply; left out: the start. Approval follows after the
    time of assessment (six months on average)."""
    over_months: Positive
    """Months over which they apply, evenly."""
    profile: RecruitProfile = RecruitProfile()


class Fostering(Part):
    """In-house foster households: how many, what they are like, how they come and go."""

    households: Count | None = None
    """Approved mainstream households on the first day; left out: `households_per_100_in_care`."""
    households_per_100_in_care: NotNegative
    """Households per 100 children in care."""
    carers_per_household: Positive
    """Approved carers (people) per household."""
    approved_places_per_household: Annotated[Positive, Field(ge=1, le=4)]
    """Mean approved places per household."""
    places_mix: Annotated[Mapping[PlacesName, Share], AddUp]
    """Households by approved places, tilted to the mean above."""
    leaving_per_year: NotNegative
    """Households that close in a year, as a share of those there are."""
    approvals_per_year: NotNegative | None = None
    """Households approved in a year; left out: `approvals_per_100_in_care`."""
    approvals_per_100_in_care: NotNegative
    """Households approved in a year per 100 children in care."""
    enquiry_to_application: Annotated[Share, Field(gt=0)]
    """Share of enquiries that become applications."""
    application_to_approval: Annotated[Share, Field(gt=0)]
    """Share of applications that end in approval."""
    assessment: Distribution
    """Time from application to approval."""
    first_available_days: NotNegative
    """Most days from approval until a household can take its first child."""
    profile: Profile
    blocked_share: Share
    """Share of households with two places or more that have one blocked for good."""
    winding_down_years: NotNegative
    """Mean years from the decision to stop until a household closes; with the rate of closing it
    says how many wind down on the first day and how often the others decide to."""
    closing_at_once: Share
    """Share of households that decide to stop and close at once, with children in placement."""
    winding_down_years_at_most: Positive
    """Years after which a household that winds down closes with children in placement."""
    staying_put: Annotated[Mapping[Literal["18", "19", "20"], Share], Freeze]
    """Share of those who turn 18 with a mainstream carer still there after 18, at 19, at 20."""
    match_chance: Share
    """Chance that a household suits a child whom its hard rules admit, at `match_size`."""
    match_size: Count | None = None
    """Children in care for which `match_chance` holds. In a smaller authority it is greater in
    proportion, so that a search meets as many suitable vacancies; left out: it holds as it is."""
    in_area: Share
    """Share of households inside the authority."""
    over_20_miles: Share
    """Share of households over 20 miles from home."""
    recruitment: Recruitment

    @model_validator(mode="after")
    def _falling(self) -> Self:
        s = self.staying_put
        if set(s) != {"18", "19", "20"} or not s["18"] >= s["19"] >= s["20"]:
            raise ValueError("staying_put needs shares at 18, 19 and 20, none above the one before")
        return self


class Ifa(Part):
    """Independent fostering agencies: a market."""

    places: Count | None = None
    """Limit on places; left out: none (a binding limit sends children to homes at once;
    the youngest go to an agency far away all the same, see `placement.distant_ifa_under`)."""
    growth_per_year: Annotated[Number, Field(gt=-1)] = 0.0
    """Growth of the limit a year."""
    match: Annotated[Mapping[IfaAge, ByNeed], Freeze]
    """Chance that a search finds a carer, by age and need."""
    market: Positive
    """Factor on every chance of a match: the width of the market."""
    sibling_match: Share
    """Factor on the chance for each further sibling to be placed together."""
    found_per_day: NotNegative
    """Chance a day that a continuing search finds a carer."""
    bridging_share: Share
    """Share of placements, made for want of an in-house carer, that are a short bridge."""
    bridging_days: NotNegative
    """Days during which a bridge may be followed by an in-house carer."""
    in_area: Share
    """Share of placements inside the authority."""
    over_20_miles: Share
    """Share of placements over 20 miles from home."""


class Home(Part):
    """A children's home of the authority's own."""

    name: StrictStr
    """Its name."""
    registered: Count
    """Places on the register."""
    usable: Count
    """Places that can really be filled at once; the rest is lost to matching and staffing."""
    opens: Day | None = None
    """First day, registration apart; left out: it is open on the first day."""
    registration_delay_months: NotNegative = 0.0
    """Months from `opens` to registration, when places can be used."""
    ramp_months: NotNegative = 0.0
    """Months over which places come into use after registration, one by one."""
    awaiting_registration: Count = 0
    """Further places of an open home that wait for registration (from the first day)."""
    closes: Day | None = None
    """Day on which it closes."""
    youngest: Annotated[int, Field(strict=True, ge=0, le=17)] = 8
    """Youngest age it takes."""
    match_chance: Share = 0.3
    """Chance that it suits a child who needs a home."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.usable > self.registered:
            raise ValueError(f"usable ({self.usable}) is more than registered ({self.registered})")
        if self.usable + self.awaiting_registration > self.registered:
            raise ValueError("usable and awaiting_registration are more than registered")
        if self.awaiting_registration and self.opens is not None:
            raise ValueError("awaiting_registration is for a home that is open on the first day")
        if self.opens and self.closes and self.closes <= self.opens:
            raise ValueError(f"it closes ({self.closes}) before it opens ({self.opens})")
        return self


class ExternalHomes(Part):
    """Children's homes of other providers."""

    found_at_once: ByNeed
    """Chance that a search finds a place at once, by need."""
    market: Positive
    """Factor on these chances: the width of the market."""
    found_per_day: NotNegative
    """Chance a day that a continuing search finds a place."""
    places: Count | None = None
    """Limit on places; left out: none."""
    block_places: Count = 0
    """Places bought in a block, tried before the spot market."""
    block_match: Share = 0.5
    """Chance that a vacant block place suits a child."""
    closing_per_year: NotNegative
    """Share of homes that close in a year; their children move."""
    in_area: Share
    """Share of placements inside the authority."""
    over_20_miles: Share
    """Share of placements over 20 miles from home."""


class Supported(Part):
    """Supported accommodation, for 16- and 17-year-olds only."""

    block_places: Count = 0
    """Places bought in a block, tried first."""
    block_match: Share
    """Chance that a vacant block place suits a young person."""
    spot: Share
    """Chance that a search of the spot market finds a place at once."""
    places: Count | None = None
    """Limit on spot places; left out: none."""
    found_per_day: NotNegative
    """Chance a day that a continuing search finds a place."""
    in_area: Share
    """Share of placements inside the authority."""
    over_20_miles: Share
    """Share of placements over 20 miles from home."""


class Emergency(Part):
    """Emergency beds: retained, for a few nights."""

    beds: Count
    """Beds."""
    maximum_nights: Positive
    """Longest stay."""


class Elsewhere(Part):
    """Where other placements are: they serve named children and are not capacity."""

    in_area: Annotated[Mapping[TypeName, Share], Freeze]
    """Share inside the authority, by type."""
    over_20_miles: Annotated[Mapping[TypeName, Share], Freeze]
    """Share over 20 miles from home, by type."""


class Prices(Part):
    """Prices by type, at the price level of the first year."""

    weekly: Annotated[Mapping[TypeName, NotNegative], Freeze]
    """£ per child and week."""
