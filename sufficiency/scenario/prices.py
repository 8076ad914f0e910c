"""What places cost, what is received for children, and what was budgeted and spent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StrictBool,
    StrictStr,
    WithJsonSchema,
    model_validator,
)

from sufficiency.scenario.price_rules import is_financial_year, mistakes
from sufficiency.scenario.values import (
    AgeName,
    Day,
    Freeze,
    NeedName,
    NotNegative,
    Number,
    Part,
    Positive,
    Share,
    Sum,
    TypeName,
    Weekly,
    tuples,
)


def _financial_year(label: str) -> str:
    if not is_financial_year(label):
        begins = re.match(r"20(\d\d)(?!\d)", label, re.ASCII)
        meant = (
            f"; did you mean '20{begins[1]}-{(int(begins[1]) + 1) % 100:02d}'?" if begins else ""
        )
        raise ValueError(f"'{label[:10]}' is not a financial year like 2025-26{meant}")
    return label


FinancialYear = Annotated[
    StrictStr,
    AfterValidator(_financial_year),
    WithJsonSchema({"type": "string", "format": "financial-year"}),
]
"""April to March, as in 2025-26."""

Growth = Annotated[Number, Field(gt=-1, le=1)]
"""Growth a year, as a share; more than a doubling is a percentage by mistake."""
RegionName = Literal["london", "south_east", "rest_of_england"]
AllowanceAge = Literal["0-2", "3-4", "5-10", "11-15", "16-17"]
ALLOWANCE_STARTS = (0, 3, 5, 11, 16)
"""The age at which each band of the national minimum allowance begins."""
CarerType = Literal["in_house", "kinship"]
"""Types of placement whose carers get an allowance by the child's age."""
BlockType = Literal["home_external", "supported"]
"""Types of placement of which places are bought in a block."""
RetainedType = Literal["in_house", "emergency_bed"]
UpliftName = Literal[
    "in_house", "ifa", "kinship", "home_own", "home_external", "supported", "emergency_bed",
    "unregistered", "parents", "adoption", "secure", "other", "recruitment", "staying_put",
]  # fmt: skip


class Uplift(Part):
    """How a price grows."""

    new: Growth
    """Growth a year of the price of a new placement (market drift), of a fee or an allowance."""
    existing: Growth | None = None
    """Growth a year of the price of a placement that goes on (the contract's uplift); left out: as
    `new`, so that existing and new placements cost the same."""
    at_most_cpi: StrictBool = False
    """Whether an existing placement grows by `cpi` where that is less: min(x, CPI)."""
    month: Annotated[int, Field(strict=True, ge=1, le=12)] = 4
    """Month on whose first day both take effect, every year: the contract date."""


class PriceLine(Part):
    """The price of a type of placement for some children. The line that says most decides."""

    type: TypeName
    need: NeedName | None = None
    """Need; left out: any."""
    age: AgeName | None = None
    """Age band; left out: any."""
    new: Weekly
    """£ a week of a new placement."""
    existing: Weekly | None = None
    """£ a week of a placement that is there on the first day; left out: as new."""


class Rise(Part):
    """A rise (or cut) paid from a date for every placement of a type, existing and new."""

    from_: Annotated[Day, Field(alias="from")]
    """First day."""
    type: TypeName
    weekly: Annotated[Number, Field(ge=-1_000_000, le=1_000_000)]
    """£ a week on top; it does not grow."""


class Allowance(Part):
    """The national minimum allowance for foster carers."""

    year: FinancialYear
    """Financial year in which it is paid."""
    weekly: Annotated[Mapping[RegionName, Annotated[Mapping[AllowanceAge, Weekly], Freeze]], Freeze]
    """£ a week by region (`authority.region`) and the child's age."""


class UascGrant(Part):
    """The Home Office's grant for unaccompanied children."""

    nightly: Weekly = 0.0
    """£ a night and child under 18."""
    nightly_from_threshold: Weekly = 0.0
    """The same in authorities with at least `threshold`."""
    threshold: Share = 0.0007
    """Unaccompanied children as a share of the child population."""


class Prices(Part):
    """Prices and income, in £ at the price level of `year`; they grow as `uplift` says."""

    year: FinancialYear = "2024-25"
    """Price level: prices are those in force on the last day (31 March) of it. Every uplift after
    that day counts."""
    weekly: Annotated[Mapping[TypeName, Weekly | None], Freeze]
    """£ per child and week of a new placement, by type. Left empty, of in-house and kinship carers:
    the allowance for the child's age, and `fee`. Of an own home: what a child costs on top of the
    fixed cost of the home."""
    existing: Annotated[Mapping[TypeName, Weekly], Freeze] = {}
    """£ per child and week of the placements that are there on the first day; left out: as new."""
    table: Annotated[tuple[PriceLine, ...], BeforeValidator(tuples)] = ()
    """Prices by need and age, where they differ from `weekly`."""
    factor: Annotated[Mapping[TypeName, Annotated[Positive, Field(le=1000)]], Freeze] = {}
    """Factor on all prices of a type, its fixed costs included: what `reconcile` finds to agree
    with the ledger."""
    spread: Annotated[Mapping[TypeName, Annotated[NotNegative, Field(le=3)]], Freeze] = {}
    """Standard deviation of the logarithm of the price between children, by type: a skewed tail of
    very high prices (lognormal; the mean stays the price stated). 0: all pay the same."""
    high_cost_from: Positive = 10_000.0
    """£ a week from which a placement counts as high-cost (nominal)."""
    allowance: Allowance | None = None
    """Allowances by age and region, for carers whose `weekly` price is left empty."""
    fee: Annotated[Mapping[CarerType, Weekly], Freeze] = {}
    """£ a week on top of the allowance: fee and support of the carer, by type."""
    block: Annotated[Mapping[BlockType, Weekly], Freeze] = {}
    """£ a week of a place in a block, by type; left out: `weekly`. Guaranteed places are paid for
    whether filled or not."""
    home_fixed_weekly_per_place: Weekly = 0.0
    """£ a week and registered place that an own home costs whether filled or not, where the home
    does not say it with `weekly_fixed`."""
    retainer: Annotated[Mapping[RetainedType, Weekly], Freeze] = {}
    """£ a week of an emergency bed while it is empty, and of a foster household (available, not
    winding down) while no child lives with it."""
    staying_put_weekly: Weekly = 0.0
    """£ a week to carers with whom a young adult stays put."""
    recruitment_per_approval: Sum = 0.0
    """£ of recruiting and assessing one foster household, on the day of approval."""
    uplift: Annotated[Mapping[UpliftName, Uplift], Freeze] = {}
    """How each price grows; left out: not at all."""
    cpi: Growth = 0.0
    """Growth of consumer prices a year, for uplifts that follow it."""
    rises: Annotated[tuple[Rise, ...], BeforeValidator(tuples)] = ()
    """Rises paid for every placement of a type from a date: an allowance or fee above the usual."""
    uasc_grant: UascGrant = UascGrant()
    health_share: Annotated[Mapping[TypeName, Share], Freeze] = {}
    """Share of the price that the health service pays, by type."""
    education_share: Annotated[Mapping[TypeName, Share], Freeze] = {}
    """Share of the price that the education budget pays, by type."""

    @model_validator(mode="after")
    def _agree(self) -> Self:
        for path, text in mistakes(self.model_dump(by_alias=True)):
            raise ValueError(f"{'.'.join(path)}: {text}")
        return self


class Programme(Part):
    """A sum spent on a plan in a financial year: a project team, a campaign."""

    name: StrictStr
    """What it is."""
    year: FinancialYear
    """Financial year in which it is spent."""
    amount: Sum
    """£, nominal."""


class Budgeted(Part):
    """What a budget rests on."""

    children: Annotated[Mapping[TypeName, Annotated[NotNegative, Field(le=100_000)]], Freeze] = {}
    """Children on average over the year, by type of placement."""
    unit_cost: Annotated[Mapping[TypeName, Weekly], Freeze] = {}
    """£ a child and week, by type of placement."""
