"""What we assume about one authority: a frozen, validated `Scenario`, and its sources.

A `Scenario` holds plain numbers. Where each came from, and how uncertain it is, stands beside it in
`Assumption` rows keyed by the value's path (`fostering.households`). A `Study` is what a scenario
file says: the baseline, its options as edits of it, and the assumptions of both.

The text under each field is its description in the JSON Schema, in editors and in the docs.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, Self, TypeVar, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictStr,
    model_validator,
)

K = TypeVar("K")
V = TypeVar("V")


class FrozenDict(dict[K, V]):
    """A dictionary that cannot be changed, so that a frozen scenario is frozen all through."""

    def _refuse(self, *_: object, **__: object) -> Any:
        raise TypeError("a scenario cannot be changed; make a new one with `with_values`")

    __setitem__ = __delitem__ = pop = popitem = clear = update = setdefault = _refuse
    __ior__ = _refuse

    def __reduce__(self) -> tuple[type, tuple[dict[K, V]]]:
        return (type(self), (dict(self),))


def _tuples(value: object) -> object:
    """Accept a list where a tuple is kept (YAML knows lists only)."""
    return tuple(value) if isinstance(value, list) else value


Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
"""Any number."""
NotNegative = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0)]
"""A number, 0 or more."""
Positive = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0)]
"""A number above 0."""
Share = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0, le=1)]
"""A share, from 0 to 1."""
Count = Annotated[int, Field(strict=True, ge=0)]
"""A whole number, 0 or more."""
Day = Annotated[date, Field(strict=True)]
"""A date, year-month-day."""

AgeName = Literal["under_1", "1-4", "5-9", "10-15", "16-17"]
EntryGroupName = Literal["under_1", "1-4", "5-9", "10-15", "16-17", "uasc_under_16", "uasc_16-17"]
AGE_NAMES: tuple[AgeName, ...] = get_args(AgeName)
GROUP_NAMES: tuple[EntryGroupName, ...] = get_args(EntryGroupName)
NeedName = Literal["standard", "enhanced", "complex"]
KindName = Literal["foster", "home", "supported", "kin", "parents", "adoption", "secure", "other"]
TypeName = Literal[
    "in_house", "ifa", "kinship", "home_own", "home_external", "supported", "emergency_bed",
    "unregistered", "parents", "adoption", "secure", "other",
]  # fmt: skip
ReasonName = Literal[
    "returned_home", "relatives", "special_guardianship", "child_arrangements", "adopted",
    "independent", "other_authority", "age_assessed_18", "turned_18", "other",
]  # fmt: skip


def _iso(value: object) -> object:
    """Accept a YAML date where a period is named."""
    return value.isoformat() if isinstance(value, date) else value


def _total_one(value: Mapping[Any, float]) -> Mapping[Any, float]:
    total = sum(value.values())
    if abs(total - 1) > 1e-6:
        raise ValueError(f"shares must add up to 1 (they add up to {total:.4g})")
    return FrozenDict(value)


def _frozen(value: Mapping[K, V]) -> Mapping[K, V]:
    return FrozenDict(value)


Freeze = AfterValidator(_frozen)
AddUp = AfterValidator(_total_one)


class Part(BaseModel):
    """Base of every part of a scenario: immutable, and with no room for misspelt settings."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


MonthIndex = Annotated[
    tuple[NotNegative, ...], BeforeValidator(_tuples), Field(min_length=12, max_length=12)
]
"""Twelve factors, January first; they are scaled to a mean of 1."""


class Authority(Part):
    """The authority and the children it looks after on the first day."""

    children_in_care: Count
    """Children in care on the first day of the simulation."""
    uasc_in_care: Count | None = None
    """Of these, unaccompanied asylum-seeking children; left out: from the flow of UASC."""
    child_population: Positive
    """Children under 18 who live in the authority."""
    region: Literal["london", "south_east", "rest_of_england"]
    """Region for the national minimum allowances."""


class TransferScheme(Part):
    """The National Transfer Scheme for unaccompanied children."""

    joins: Day | None = None
    """First day on which the authority takes transfers; left out: it always has."""
    threshold: Share
    """UASC as a share of the child population, above which no child is transferred in."""
    transfers_per_year: NotNegative | None = None
    """Children transferred in a year below the threshold; left out: `share_of_uasc` of the flow."""
    share_of_uasc: Share
    """Share of the default flow of UASC that comes by transfer."""
    share_referred_on: Share
    """Share of those who arrive directly while above the threshold who are referred elsewhere."""
    referral_days: NotNegative
    """Days from arrival until a child referred elsewhere leaves."""


class Uasc(Part):
    """Unaccompanied asylum-seeking children: a stream of their own."""

    per_100_in_care: NotNegative
    """UASC who enter a year, direct and transferred, per 100 children in care at the start."""
    direct_per_year: NotNegative | None = None
    """UASC who arrive directly in a year; left out: the rest of `per_100_in_care`."""
    ages: Annotated[Mapping[Literal["14", "15", "16", "17"], Share], AddUp]
    """Age at entry, in whole years."""
    month_index: MonthIndex
    """Season of direct arrivals and transfers."""
    season_strength: NotNegative
    """Power to which the season is raised: 0 is no season, 1 the index as it stands."""
    yearly_variation: NotNegative
    """Variance of the factor by which a whole year differs from the next (gamma, mean 1)."""
    transfer_scheme: TransferScheme


class Surge(Part):
    """A dated peak: extra children over a period."""

    from_: Annotated[Day, Field(alias="from")]
    """First day."""
    to: Day
    """Last day."""
    extra_children: NotNegative
    """Children expected in addition, over the whole period."""
    stream: Literal["non_uasc", "uasc"]
    """Which stream they belong to."""
    ages: Literal["under_1", "1-4", "5-9", "10-15", "16-17", "all"] = "all"
    """Age at entry; `all`: as usual."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.to < self.from_:
            raise ValueError(f"a surge must end after it begins ({self.from_} to {self.to})")
        if self.stream == "uasc" and self.ages not in ("all", "10-15", "16-17"):
            raise ValueError("UASC are 14 to 17: `ages` must be all, 10-15 or 16-17")
        return self


class Demand(Part):
    """Who enters care, and when."""

    entries_per_100_in_care: Annotated[Mapping[AgeName, NotNegative], Freeze]
    """Children, UASC apart, who enter a year by age, per 100 in care at the start (then fixed)."""
    entries_per_10000_children: NotNegative | None = None
    """Children, UASC apart, who enter a year per 10,000 children; replaces the sum of the rates."""
    entries_per_year: NotNegative | None = None
    """Children of both streams who enter a year, as published; replaces the sum of the rates."""
    trend_per_year: Annotated[Number, Field(gt=-1)]
    """Growth of entries (UASC apart) a year from the start: 0.02 is 2% more each year."""
    month_index: MonthIndex
    """Season of entries, UASC apart."""
    season_strength: NotNegative
    """Power to which the season is raised: 0 is no season, 1 the index as it stands."""
    yearly_variation: NotNegative
    """Variance of the factor by which a whole year differs from the next (gamma, mean 1)."""
    sibling_groups: Annotated[Mapping[Literal["1", "2", "3", "4"], Share], AddUp]
    """Families entering under 16, by the number of children who enter together."""
    sibling_age_correlation: Share
    """Correlation of the ages of siblings (a Gaussian copula keeps each age group's rate)."""
    first_weeks_share: Share
    """Of those who enter under 1, the share who do so in the first four weeks of life."""
    uasc: Uasc
    surges: Annotated[tuple[Surge, ...], BeforeValidator(_tuples)] = ()
    """Dated peaks."""


class Distribution(Part):
    """A named distribution of a length of time."""

    distribution: Literal[
        "exponential", "lognormal", "weibull", "gamma", "piecewise_constant", "empirical"
    ]
    """Its name."""
    mean_days: Positive | None = None
    """Mean (exponential, weibull, gamma; lognormal if no median is given)."""
    median_days: Positive | None = None
    """Median (lognormal)."""
    sigma: Positive | None = None
    """Standard deviation of the logarithm (lognormal)."""
    shape: Positive | None = None
    """Shape (weibull, gamma); 1 is exponential."""
    breaks_days: Annotated[tuple[NotNegative, ...], BeforeValidator(_tuples)] = ()
    """Where the hazard changes (piecewise_constant): the start of each piece but the first."""
    hazards_per_day: Annotated[tuple[NotNegative, ...], BeforeValidator(_tuples)] = ()
    """Hazard of each piece (piecewise_constant)."""
    days: Annotated[tuple[NotNegative, ...], BeforeValidator(_tuples)] = ()
    """Observed lengths, each as likely (empirical)."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needs: dict[str, tuple[tuple[str, ...], ...]] = {
            "exponential": (("mean_days",),),
            "lognormal": (("median_days", "mean_days"), ("sigma",)),
            "weibull": (("mean_days",), ("shape",)),
            "gamma": (("mean_days",), ("shape",)),
            "piecewise_constant": (("hazards_per_day",),),
            "empirical": (("days",),),
        }
        for alternatives in needs[self.distribution]:
            if all(getattr(self, name) in (None, ()) for name in alternatives):
                raise ValueError(f"{self.distribution} needs {' or '.join(alternatives)}")
        if self.distribution == "piecewise_constant":
            if len(self.breaks_days) != len(self.hazards_per_day) - 1:
                raise ValueError("breaks_days must have one entry fewer than hazards_per_day")
            if list(self.breaks_days) != sorted(set(self.breaks_days)):
                raise ValueError("breaks_days must increase")
            if self.hazards_per_day[-1] <= 0:
                raise ValueError("the last hazard must be above 0, or some stays never end")
        return self


Reasons = Annotated[Mapping[ReasonName, Share], AddUp]


class PathwayShares(Part):
    """How stays divide into pathways, for one entry group."""

    short: Share
    """Home again within weeks."""
    court: Share
    """Through the court to kin: special guardianship, child arrangements, or home."""
    adoption: Share
    """Adopted."""
    long: Share
    """Long-term care, most until 18."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        total = self.short + self.court + self.adoption + self.long
        if abs(total - 1) > 1e-6:
            raise ValueError(f"pathway shares must add up to 1 (they add up to {total:.4g})")
        return self


class UascStay(Part):
    """How an unaccompanied child's stay ends before 18."""

    age_assessed_18: Share
    """Share found to be 18 or over."""
    other: Share
    """Share who leave otherwise before 18."""
    days: Distribution
    """Time to either."""


class Stays(Part):
    """How long children stay in care and why they leave. Nobody is in care past 18."""

    pathways: Annotated[Mapping[AgeName, PathwayShares], Freeze]
    """Share of each pathway, by age at entry, UASC apart."""
    short: Distribution
    """Length of a short stay."""
    court: Annotated[Mapping[AgeName, Distribution], Freeze]
    """Length of a stay that ends with an order to kin, by age at entry."""
    adoption: Annotated[Mapping[AgeName, Distribution], Freeze]
    """Time from entry to the adoption order, by age at entry."""
    long_leaving_per_year: Annotated[Mapping[AgeName, NotNegative], Freeze]
    """Hazard of leaving long-term care while under 16, by age at entry."""
    long_leaving_per_year_at_16: NotNegative
    """Hazard of leaving long-term care at 16 and 17."""
    uasc: UascStay
    reasons: Annotated[Mapping[Literal["short", "court", "long"], Reasons], Freeze]
    """Why a child left, by pathway."""
    keep_stock_and_flow: StrictBool
    """Scale stays so that entries and stated children in care agree (see `long_stay_factor`)."""
    long_stay_factor: Positive
    """Factor on the odds of the long pathway and against leaving it; set by stock and flow."""
    every_child: Distribution | None = None
    """One distribution for everybody instead of pathways (theory checks; local data)."""


class NeedShares(Part):
    """Shares of children by need."""

    standard: Share
    """Standard."""
    enhanced: Share
    """Enhanced."""
    complex: Share
    """Complex."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        total = self.standard + self.enhanced + self.complex
        if abs(total - 1) > 1e-6:
            raise ValueError(f"shares must add up to 1 (they add up to {total:.4g})")
        return self


class ByNeed(Part):
    """A chance for each need."""

    standard: Share
    """Standard need."""
    enhanced: Share
    """Enhanced need."""
    complex: Share
    """Complex need."""


Plan = Annotated[Mapping[KindName, Share], AddUp]
MoveAge = Literal["under_5", "5-9", "10-15", "16-17"]
NeedAge = Literal["under_5", "5-9", "10-17", "uasc"]
NEED_AGES: tuple[NeedAge, ...] = get_args(NeedAge)
PlacesName = Literal["1", "2", "3", "4"]
PLACES_NAMES: tuple[PlacesName, ...] = get_args(PlacesName)
IfaAge = Literal["under_10", "10-15", "16-17"]


class Placement(Part):
    """What kind of home children need: the plan at entry, after a move, and the mix on day one."""

    need: Annotated[Mapping[NeedAge, NeedShares], Freeze]
    """Need by age."""
    plan_at_entry: Annotated[Mapping[EntryGroupName, Plan], Freeze]
    """Planned kind of home at entry, before `plan_weights`."""
    plan_weights: Annotated[Mapping[KindName, Positive], Freeze]
    """Factors on the planned shares (then scaled to 1 again); foster is 1."""
    kin_weight_court: Positive
    """Further factor on a kin plan at entry for children on the court pathway."""
    kin_weight_other: Positive
    """Further factor on a kin plan at entry for children on other pathways."""
    plan_after_move: Annotated[Mapping[KindName, Annotated[Mapping[MoveAge, Plan], Freeze]], Freeze]
    """Planned kind after a planned or other move, by the kind the child leaves and age."""
    acceptable: Annotated[
        Mapping[KindName, Annotated[tuple[KindName, ...], BeforeValidator(_tuples)]], Freeze
    ]
    """Kinds to fall back on, in order, when no place of the planned kind is found."""
    youngest_in_home: NotNegative
    """Youngest age at which a child is placed in a home for want of a carer."""
    distant_ifa_under: NotNegative
    """Below this age a child for whom no carer matches goes to an agency far away."""
    mix_at_start: Annotated[Mapping[TypeName, Share], AddUp]
    """Where children live, as published: used to place those in care before the first day."""


class Moves(Part):
    """When and why children move."""

    hazard_per_day: Annotated[
        tuple[NotNegative, ...], BeforeValidator(_tuples), Field(min_length=8, max_length=8)
    ]
    """Hazard by time in placement: to 7, 30, 91, 182, 365, 730, 1826 days, and beyond."""
    scale: NotNegative
    """Factor on the whole hazard; emergent moves come on top."""
    frailty_variance: NotNegative
    """Variance between children of a lasting factor on the hazard (gamma, mean 1)."""
    age_factor: Annotated[Mapping[MoveAge, NotNegative], Freeze]
    """Factor by age at the start of the placement."""
    kind_factor: Annotated[Mapping[KindName, NotNegative], Freeze]
    """Factor by kind of home; a stopgap counts as other."""
    causes: Annotated[Mapping[Literal["planned", "breakdown", "other"], Share], AddUp]
    """Cause of a move that comes of the hazard."""
    to_home_after_breakdown: Annotated[Mapping[Literal["under_10", "10-17"], Share], Freeze]
    """Share of breakdowns after which the plan is a children's home."""
    move_on_share: Share
    """Share of children still in care at 16 who move on to supported accommodation before 18."""
    adoption_stage: Distribution
    """Time a child lives with adopters before the order."""


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

    age_ranges: Annotated[tuple[AgeRange, ...], BeforeValidator(_tuples), Field(min_length=1)]
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
    """Gross: new approvals. Net: growth of the number of households by the end of the drive."""
    from_: Annotated[Day | None, Field(alias="from")] = None
    """First day on which one of them may be approved; left out: the start."""
    over_months: Positive
    """Months over which they are approved, evenly."""
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
    """Chance that a household suits a child whom its hard rules admit."""
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
    """Limit on places; left out: none (a binding limit sends children to homes at once)."""
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


class StepAcross(Part):
    """Who may still move to the planned home. A settled child is not moved to save money."""

    from_home: StrictBool
    """Children in a home whose plan is a foster family."""
    from_ifa: Literal["bridging", "never", "always"]
    """From an agency to an in-house carer: while it is a short bridge, never, or always."""


class Prices(Part):
    """Prices by type, at the price level of the first year."""

    weekly: Annotated[Mapping[TypeName, NotNegative], Freeze]
    """£ per child and week."""


class DatedChange(Part):
    """A value that changes on a date."""

    on: Day
    """First day of the new value."""
    path: StrictStr
    """The setting, as in the file: `fostering.leaving_per_year`."""
    to: Any
    """The new value."""


class Observed(Part):
    """A published value to set beside the simulated one; never an input."""

    measure: StrictStr
    """Name of a measure."""
    group: StrictStr = ""
    """Group, as in summary.csv."""
    period: Annotated[StrictStr, BeforeValidator(_iso)]
    """Date, quarter or financial year it belongs to."""
    value: Number
    """The published value."""
    source: StrictStr
    """Who published it."""
    use: Literal["fit", "check"]
    """`fit`: it may be used to adjust free values. `check`: it is only ever compared with."""
    note: StrictStr = ""
    """What to know when comparing."""


class Scenario(Part):
    """A possible future of one authority: everything the simulation needs."""

    name: StrictStr
    """Name shown in tables and reports."""
    description: StrictStr = ""
    """One sentence for the report."""
    start: Day
    """First day; the children, carers and homes stated are those of this day."""
    years: Annotated[float, Field(strict=True, gt=0, le=25)]
    """Years simulated."""
    replications: Annotated[int, Field(strict=True, ge=1, le=100_000)]
    """Futures simulated for each option."""
    seed: Annotated[int, Field(strict=True, ge=0, lt=2**63)]
    """Seed of the random numbers."""
    warm_up_years: Annotated[float, Field(strict=True, ge=0, le=18)]
    """Years before the first day over which homes and carers settle into a usual state."""
    authority: Authority
    demand: Demand
    stays: Stays
    placement: Placement
    moves: Moves
    step_across: StepAcross
    fostering: Fostering
    ifa: Ifa
    homes: Annotated[tuple[Home, ...], BeforeValidator(_tuples)] = ()
    """The authority's own children's homes."""
    external_homes: ExternalHomes
    supported: Supported
    emergency: Emergency
    elsewhere: Elsewhere
    prices: Prices
    changes: Annotated[tuple[DatedChange, ...], BeforeValidator(_tuples)] = ()
    """Values that change on a date."""
    observed: Annotated[tuple[Observed, ...], BeforeValidator(_tuples)] = ()
    """Published values to compare with."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        a = self.authority
        if a.uasc_in_care is not None and a.uasc_in_care > a.children_in_care:
            raise ValueError("authority.uasc_in_care is more than authority.children_in_care")
        names = [home.name for home in self.homes]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"homes: two homes are called '{name}'")
        return self


class Assumption(Part):
    """Where one value comes from and how uncertain it is. One row of the assumptions log."""

    path: str
    """The setting."""
    value: Any
    """Its value."""
    low: float | None = None
    """Low end of its range."""
    high: float | None = None
    """High end of its range."""
    unit: str = ""
    """Unit."""
    source: str = ""
    """Who published it, or why it was chosen."""
    as_of: str = ""
    """Date it belongs to."""
    confidence: str = ""
    """How well it is supported."""
    note: str = ""
    """What to know about it."""
    where: str = ""
    """`file:line:column` of the value."""


class Edit(Part):
    """One change that an option makes to the baseline."""

    action: Literal["set", "add"]
    """`set` replaces a value; `add` appends to a list or adds to a number."""
    path: str
    """The setting."""
    value: Any
    """The new value, the items to append, or the amount to add."""


class Option(Part):
    """A plan to compare with the baseline."""

    name: str
    """Its name in the file."""
    description: str = ""
    """What the plan is, in a sentence."""
    edits: tuple[Edit, ...]
    """What it changes, in order."""


class Study(Part):
    """What a scenario file says: a baseline, options, and where the values come from."""

    scenario: Scenario
    """The baseline."""
    options: tuple[Option, ...] = ()
    """Plans to compare with it."""
    assumptions: tuple[Assumption, ...] = ()
    """Where values come from, in the order of the file."""
    warnings: tuple[str, ...] = ()
    """What a reader should know (a steady state far from the stated number)."""


def get_value(tree: object, path: str) -> Any:
    """The value at a dotted path of a model or mapping; KeyError names the first bad step."""
    for step in path.split("."):
        tree = _child(tree, step)
    return tree


def _child(tree: object, step: str) -> Any:
    if isinstance(tree, BaseModel):
        for name, field in type(tree).model_fields.items():
            if step in (name, field.alias):
                return getattr(tree, name)
        raise KeyError(step)
    if isinstance(tree, Mapping):
        return tree[step]
    if isinstance(tree, list | tuple) and step.isdecimal() and int(step) < len(tree):
        return tree[int(step)]
    raise KeyError(step)


def as_tree(scenario: Scenario) -> dict[str, Any]:
    """The scenario as nested plain dictionaries and lists, with the names of the file."""
    return _plain(scenario.model_dump(by_alias=True))  # type: ignore[no-any-return]


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value


def edit_tree(tree: dict[str, Any], edits: tuple[Edit, ...]) -> dict[str, Any]:
    """A tree with edits made to it, in order; raises KeyError for a path that does not exist."""
    tree = _plain(tree)
    for edit in edits:
        *parents, last = edit.path.split(".")
        place = get_value(tree, ".".join(parents)) if parents else tree
        get_value(place, last)  # so that a path which does not exist is a KeyError
        key: Any = int(last) if isinstance(place, list) else last
        if edit.action == "set":
            place[key] = _plain(edit.value)
        elif isinstance(place[key], list):
            place[key] = [*place[key], *_plain(edit.value)]
        elif place[key] is None:
            raise KeyError(f"{last} has no value to add to")
        else:
            place[key] = place[key] + edit.value
    return tree


def with_values(scenario: Scenario, values: Mapping[str, Any]) -> Scenario:
    """A new scenario in which the values at the given paths are replaced, validated again."""
    edits = tuple(Edit(action="set", path=path, value=value) for path, value in values.items())
    return with_edits(scenario, edits)


def with_edits(scenario: Scenario, edits: tuple[Edit, ...]) -> Scenario:
    """A new scenario with an option's edits made, validated again."""
    return Scenario.model_validate(edit_tree(as_tree(scenario), edits)) if edits else scenario


def households_on_day_one(scenario: Scenario) -> int:
    """Approved in-house households on the first day."""
    stated = scenario.fostering.households
    per_child = scenario.fostering.households_per_100_in_care / 100
    return round(per_child * scenario.authority.children_in_care) if stated is None else stated


def winding_down_share(scenario: Scenario) -> float:
    """Share of households that wind down in a steady state: rate of closing x years it takes."""
    fostering = scenario.fostering
    return min(fostering.leaving_per_year * fostering.winding_down_years, 0.75)


def approvals_per_year(scenario: Scenario) -> float:
    """In-house households approved in a usual year."""
    stated = scenario.fostering.approvals_per_year
    per_child = scenario.fostering.approvals_per_100_in_care / 100
    return per_child * scenario.authority.children_in_care if stated is None else stated


def entries_by_age(scenario: Scenario) -> dict[str, float]:
    """Children, UASC apart, who enter in a usual year, by age group."""
    demand, size = scenario.demand, scenario.authority.children_in_care
    per_100 = demand.entries_per_100_in_care
    total = sum(per_100.values())
    if demand.entries_per_10000_children is not None:
        wanted = demand.entries_per_10000_children * scenario.authority.child_population / 10_000
    elif demand.entries_per_year is not None:
        wanted = max(0.0, demand.entries_per_year - sum(uasc_flows(scenario)))
    else:
        return {age: rate * size / 100 for age, rate in per_100.items()}
    return {age: rate / total * wanted if total else 0.0 for age, rate in per_100.items()}


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
