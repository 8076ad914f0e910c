"""The places there are: foster households, agencies, homes, supported accommodation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, StrictBool, StrictStr, model_validator

from sufficiency.periods import YEAR
from sufficiency.scenario.demand import Distribution, EthnicGroups
from sufficiency.scenario.placement import ByNeed, IfaAge, NeedShares, PlacesName
from sufficiency.scenario.values import (
    AddUp,
    Count,
    Day,
    ElsewhereName,
    Freeze,
    NotNegative,
    Number,
    Part,
    Positive,
    Share,
    Sum,
    Weekly,
    tuples,
)


class Located(Part):
    """Places some of which are in the area, some outside it within 20 miles, the others beyond."""

    in_area: Share
    """Share inside the authority."""
    over_20_miles: Share
    """Share outside the authority and over 20 miles from home."""

    @model_validator(mode="after")
    def _shares_of_one(self) -> Self:
        if self.in_area + self.over_20_miles > 1 + 1e-9:
            raise ValueError("in_area and over_20_miles add up to more than 1")
        return self


class AgeRange(Part):
    """The ages a foster household takes, in whole years, both included."""

    youngest: Annotated[int, Field(strict=True, ge=0, le=18)]
    """Youngest."""
    oldest: Annotated[int, Field(strict=True, ge=0, le=18)]
    """Oldest."""
    share: Share
    """Share of households."""

    @model_validator(mode="after")
    def _covers_somebody(self) -> Self:
        if self.oldest < self.youngest or self.youngest > 17:
            raise ValueError(f"ages {self.youngest} to {self.oldest} cover nobody under 18")
        return self

    @property
    def for_teenagers(self) -> bool:
        """Whether these are households for teenagers: up to 16 at least, and no small children."""
        return self.oldest >= 16 and self.youngest >= 8


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
    solo: Share
    """Share of households with two places or more that take a child with whom no other can live;
    the others' places stay empty meanwhile."""
    ethnic_groups: EthnicGroups
    """Households by ethnic group."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        total = sum(r.share for r in self.age_ranges)
        if abs(total - 1) > 1e-6:
            raise ValueError(f"shares of age ranges must add up to 1 (they add up to {total:.4g})")
        return self


class RecruitProfile(Part):
    """How recruits differ from the households there are; left out: they are alike."""

    teenagers: Share | None = None
    """Share that take teenagers (an age range from 8 or above that reaches 16)."""
    siblings: Share | None = None
    """Share that take sibling groups; these have two places or more."""
    uasc: Share | None = None
    """Share that take unaccompanied children."""
    complex: Share | None = None
    """Share that take children of complex need."""
    ethnic_groups: EthnicGroups | None = None
    """Recruits by ethnic group."""


class Recruitment(Part):
    """A drive to recruit foster carers, on top of the usual approvals."""

    number: NotNegative
    """How many, in `unit`."""
    unit: Literal["households", "carers", "places"]
    """What is counted: 20 carers are about 12 households, and about 25 approved places."""
    basis: Literal["gross", "net"]
    """Gross: new approvals. Net: growth of the number of households from the drive's first day
    until those who apply on its last have been assessed."""
    from_: Annotated[Day | None, Field(alias="from")] = None
    """First day on which one of them may apply; left out: the start. Approval follows after the
    time of assessment (six months on average)."""
    over_months: Positive
    """Months over which they apply, evenly."""
    profile: RecruitProfile = RecruitProfile()


class Fostering(Located):
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
    enquiries_per_year: NotNegative | None = None
    """Households that enquire in a year: then approvals follow from the two shares below; left out:
    as many as the usual approvals need."""
    approvals_per_100_in_care: NotNegative
    """Households approved in a year per 100 children in care."""
    enquiry_to_application: Annotated[Share, Field(gt=0)]
    """Share of enquiries that become applications."""
    application_to_approval: Annotated[Share, Field(gt=0)]
    """Share of applications that end in approval."""
    enquiry_days: Distribution
    """Time from enquiry to application."""
    assessment: Distribution
    """Time from application to approval, or until it is withdrawn."""
    transfers_in_share: Share
    """Share of approvals that are households which come from another agency."""
    transfer_days: Distribution
    """Time from application to approval of a household that comes from another agency."""
    transfers_out_share: Share
    """Share of households that decide to stop and go to another agency instead; the children who
    live with them stay with them."""
    choice_margin: NotNegative
    """Households wanted beyond those that replace leavers and follow growth, so that there is a
    choice, as a share of those there are. Used by the benchmark only, not by the simulation."""
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
    recruitment: Recruitment

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        s = self.staying_put
        if set(s) != {"18", "19", "20"} or not s["18"] >= s["19"] >= s["20"]:
            raise ValueError("staying_put needs shares at 18, 19 and 20, none above the one before")
        if self.enquiries_per_year is not None and self.approvals_per_year is not None:
            raise ValueError(
                "enquiries_per_year and approvals_per_year say the same: set one of them to null"
            )
        return self

    @model_validator(mode="after")
    def _places_possible(self) -> Self:
        sizes = [int(places) for places, share in self.places_mix.items() if share > 0]
        if not min(sizes) <= self.approved_places_per_household <= max(sizes):
            raise ValueError(
                f"approved_places_per_household: households of {min(sizes)} to {max(sizes)} places "
                f"(places_mix) cannot have {self.approved_places_per_household:g} on average"
            )
        return self

    @model_validator(mode="after")
    def _recruits_possible(self) -> Self:
        recruits, ages = self.recruitment.profile, self.profile.age_ranges
        kinds = {a.for_teenagers for a in ages if a.share > 0}
        if recruits.teenagers and True not in kinds:
            raise ValueError(
                "recruitment.profile.teenagers: profile.age_ranges has no range for teenagers "
                "(from 8 or above to 16 or above)"
            )
        if recruits.teenagers not in (None, 1.0) and False not in kinds:
            raise ValueError(
                "recruitment.profile.teenagers: profile.age_ranges has ranges for teenagers only"
            )
        if recruits.complex not in (None, 1.0) and self.profile.highest_need.complex >= 1:
            raise ValueError(
                "recruitment.profile.complex: profile.highest_need has nobody who takes less than "
                "complex need"
            )
        return self


class Ifa(Located):
    """Independent fostering agencies: a market."""

    places: Count | None = None
    """Limit on places; left out: none (a binding limit sends children to homes at once;
    the youngest go to an agency far away all the same, see `placement.distant_ifa_under`)."""
    growth_per_year: Annotated[Number, Field(gt=-1)] = 0.0
    """Growth of the limit a year."""
    market_growth_per_year: Annotated[Number, Field(gt=-1)] = 0.0
    """Growth a year, from the first day, of the chance that a search finds a place."""
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
    oldest: Annotated[int, Field(strict=True, ge=0, le=17)] = 17
    """Oldest age it takes."""
    in_area: StrictBool = True
    """Whether it is inside the authority; if not, it is over 20 miles from home."""
    match_chance: Share = 0.3
    """Chance that it suits a child who needs a home."""
    weekly_fixed: Weekly | None = None
    """£ a week that the whole home costs whether filled or not, at the price level of `prices`;
    left out: `prices.home_fixed_weekly_per_place` for each registered place."""
    staffed_months_before: NotNegative = 3.0
    """Months before its first place can be used from which the fixed cost is paid: staff are there
    before children are. Of a home that opens during the run."""
    capital: Sum = 0.0
    """£ of one-off capital, on the day it opens; shown apart from what is spent each year."""
    capital_grant: Sum = 0.0
    """£ of it that others pay."""

    @model_validator(mode="after")
    def _grant_of_capital(self) -> Self:
        if self.capital_grant > self.capital:
            raise ValueError("capital_grant is more than capital")
        return self

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.usable > self.registered:
            raise ValueError(f"usable ({self.usable}) is more than registered ({self.registered})")
        if self.usable + self.awaiting_registration > self.registered:
            raise ValueError("usable and awaiting_registration are more than registered")
        if self.awaiting_registration and self.opens is not None:
            raise ValueError("awaiting_registration is for a home that is open on the first day")
        if self.oldest < self.youngest:
            raise ValueError(f"ages {self.youngest} to {self.oldest} cover nobody")
        if self.opens and self.closes:
            if self.closes <= self.opens:
                raise ValueError(f"it closes ({self.closes}) before it opens ({self.opens})")
            if (self.closes - self.opens).days <= self.registration_delay_months * YEAR / 12:
                raise ValueError(
                    f"it closes ({self.closes}) before it is registered, "
                    f"{self.registration_delay_months:g} months after it opens ({self.opens})"
                )
        return self


class ExternalHomes(Located):
    """Children's homes of other providers."""

    found_at_once: ByNeed
    """Chance that a search finds a place at once, by need."""
    market: Positive
    """Factor on these chances: the width of the market."""
    found_per_day: NotNegative
    """Chance a day that a continuing search finds a place."""
    places: Count | None = None
    """Limit on spot places; left out: none."""
    growth_per_year: Annotated[Number, Field(gt=-1)] = 0.0
    """Growth of the limit a year."""
    market_growth_per_year: Annotated[Number, Field(gt=-1)] = 0.0
    """Growth a year, from the first day, of the chance that a search finds a place."""
    block_places: Count = 0
    """Places bought in a block, tried before the spot market."""
    block_guaranteed: Share = 1.0
    """Share of the block's places kept and paid for whether filled or not. The rest is sold to
    others too: a search finds one with the chance of the spot market."""
    block_match: Share = 0.5
    """Chance that a vacant block place suits a child."""
    closing_per_year: NotNegative
    """Share of homes that close in a year; their children move."""


class Supported(Located):
    """Supported accommodation, for 16- and 17-year-olds only."""

    block_places: Count = 0
    """Places bought in a block, tried first."""
    block_guaranteed: Share = 1.0
    """Share of the block's places kept and paid for whether filled or not. The rest is sold to
    others too: a search finds one with the chance of the spot market."""
    block_match: Share
    """Chance that a vacant block place suits a young person."""
    spot: Share
    """Chance that a search of the spot market finds a place at once."""
    market: Positive = 1.0
    """Factor on this chance: the width of the market."""
    places: Count | None = None
    """Limit on spot places; left out: none."""
    growth_per_year: Annotated[Number, Field(gt=-1)] = 0.0
    """Growth of the limit a year."""
    market_growth_per_year: Annotated[Number, Field(gt=-1)] = 0.0
    """Growth a year, from the first day, of the chance that a search finds a place."""
    found_per_day: NotNegative
    """Chance a day that a continuing search finds a place."""


class Emergency(Part):
    """Emergency beds: retained, for a few nights."""

    beds: Count
    """Beds."""
    maximum_nights: Positive
    """Longest stay."""
    youngest: Annotated[int, Field(strict=True, ge=0, le=17)] = 0
    """Youngest age they take."""
    oldest: Annotated[int, Field(strict=True, ge=0, le=17)] = 17
    """Oldest age they take."""

    @model_validator(mode="after")
    def _covers_somebody(self) -> Self:
        if self.oldest < self.youngest:
            raise ValueError(f"ages {self.youngest} to {self.oldest} cover nobody")
        return self


class Elsewhere(Part):
    """Where placements are of which no other section says it."""

    in_area: Annotated[Mapping[ElsewhereName, Share], Freeze]
    """Share inside the authority, by type."""
    over_20_miles: Annotated[Mapping[ElsewhereName, Share], Freeze]
    """Share over 20 miles from home, by type."""
