"""What is measured in pounds, and of what. Definitions only: the other modules work them out."""

from __future__ import annotations

from sufficiency.rows import AGES, TYPES, MeasureInfo

OTHER_TYPES = ("recruitment", "staying_put", "programme")
"""What money is spent on beside placements."""
COST_TYPES = (*(str(type_) for type_ in TYPES), *OTHER_TYPES)
"""Types of cost; they add up to the total."""
SOURCES = ("uasc", "health", "education")
"""Sources of income."""
PAID = ("home_own", "home_external", "supported", "emergency_bed")
"""Types of placement of which places are paid for whether filled or not."""
PARTS = (
    "price_existing", "price_new", "full_year_effect", "volume", "mix", "own_homes_fixed",
    "voids", "retainers", "recruitment", "staying_put", "programme", "income",
)  # fmt: skip
"""Parts of a bridge, in order; they add up to the change of net cost to the penny."""
LINES = {
    "residential_care": ("home_own", "home_external", "emergency_bed", "unregistered", "secure"),
    "fostering_services": ("in_house", "ifa", "recruitment"),
    "placed_with_family_and_friends": ("kinship",),
    "adoption_services": ("adoption",),
    "leaving_care_support": ("supported", "staying_put"),
    "other_children_looked_after_services": ("parents", "other", "programme"),
    "asylum_seeker_services_children": (),
}
"""Lines of the section 251 return and the types of cost that go there; what is spent on placements
of unaccompanied children goes to the last line, whatever the type."""

_OURS = "this model's"
_EVERYBODY = ("",)
_BY_TYPE = tuple(f"type={type_}" for type_ in TYPES)
_BY_COST_TYPE = tuple(f"type={type_}" for type_ in COST_TYPES)
_BY_TYPE_AND_AGE = tuple(f"type={type_};age={age}" for type_ in TYPES for age in AGES)

MEASURES: dict[str, MeasureInfo] = {
    "cost": MeasureInfo(
        "£",
        "down",
        "Spending before income, by what it is spent on; the types add up to the whole. Capital is"
        " not in it.",
        "Nights at the price of the night ÷ 7, fixed costs of own homes, empty places of blocks,"
        " retainers, recruitment, staying put and programmes, in the financial year, nominal.",
        _OURS,
        _EVERYBODY + _BY_COST_TYPE,
        "years",
    ),
    "income": MeasureInfo(
        "£",
        "",
        "Received for children: the Home Office's grant for unaccompanied children, contributions"
        " of health and education.",
        "Nights of unaccompanied children under 18 at the rate of the night + shares of the price.",
        "Home Office rates (evidence/supply.md §3e).",
        (*_EVERYBODY, *(f"source={source}" for source in SOURCES)),
        "years",
    ),
    "net_cost": MeasureInfo(
        "£",
        "down",
        "Spending less income.",
        "cost - income; months add up to the financial year.",
        _OURS,
        _EVERYBODY,
        "months_and_years",
    ),
    "budget_variance": MeasureInfo(
        "£",
        "down",
        "Net cost beyond the budget; above 0 is an overspend.",
        "net_cost - budget of the financial year; empty where there is no budget.",
        _OURS,
        _EVERYBODY,
        "years",
    ),
    "void_cost": MeasureInfo(
        "£",
        "down",
        "Paid for bed-nights in which no child slept. It is part of the cost.",
        "Own homes: fixed cost times nights unoccupied ÷ nights registered, before opening"
        " included. Blocks: guaranteed nights unoccupied times price. Emergency beds: nights empty"
        " times retainer.",
        _OURS,
        (*_EVERYBODY, *(f"type={type_}" for type_ in PAID)),
        "years",
    ),
    "own_homes_fixed_cost": MeasureInfo(
        "£",
        "down",
        "Fixed cost of own homes, filled or not, from before they open.",
        "Weeks paid times weekly fixed cost.",
        _OURS,
        _EVERYBODY,
        "years",
    ),
    "capital": MeasureInfo(
        "£",
        "",
        "One-off capital of homes that open, less grants; not part of the cost.",
        "capital - capital_grant of the homes that open in the financial year.",
        _OURS,
        _EVERYBODY,
        "years",
    ),
    "cost_per_child_week": MeasureInfo(
        "£",
        "down",
        "Placement cost of a week in care, on average over the children in care; by type, the part"
        " of it that the type makes up, so that types add up to the whole.",
        "cost of the types of placement ÷ (nights of all types ÷ 7), in the financial year.",
        _OURS,
        _EVERYBODY + _BY_TYPE,
        "years",
    ),
    "cost_per_child_week_constant_prices": MeasureInfo(
        "£",
        "down",
        "The same at the prices of `prices.year`: what is left is volume and mix.",
        "As cost_per_child_week, nothing uplifted and all placements at the price of new ones.",
        _OURS,
        _EVERYBODY,
        "years",
    ),
    "unit_cost": MeasureInfo(
        "£",
        "down",
        "Cost of a week of a child in this type of placement, empty places that are paid for"
        " included.",
        "cost of the type ÷ (its nights ÷ 7), in the financial year; empty where nobody was there.",
        _OURS,
        _BY_TYPE,
        "years",
    ),
    "cost_run_rate": MeasureInfo(
        "£",
        "down",
        "What the placements of a day would cost in a whole year at the prices of that day.",
        "Weekly prices of the placements, fixed costs and empty places paid for on the day times"
        " 365 ÷ 7; recruitment, staying put and programmes are not in it.",
        _OURS,
        _EVERYBODY + _BY_TYPE,
        "quarter_ends",
    ),
    "average_children": MeasureInfo(
        "children",
        "",
        "Children in care on average over the nights of the year, by type, and by type and age.",
        "Nights ÷ days of the financial year.",
        _OURS,
        _EVERYBODY + _BY_TYPE + _BY_TYPE_AND_AGE,
        "years",
    ),
    "high_cost_children": MeasureInfo(
        "children",
        "down",
        "Children whose placement costs `prices.high_cost_from` or more a week.",
        "At 31 March, at the price of the day.",
        "LGA high-cost placements survey: £10,000 a week or more.",
        _EVERYBODY,
        "marches",
    ),
    "high_cost_share": MeasureInfo(
        "share",
        "down",
        "Share of the children in care whose placement costs `prices.high_cost_from` or more a"
        " week.",
        "high_cost_children ÷ children in care, at 31 March.",
        "LGA high-cost placements survey: 1,510 placements in 2022/23, 1.8% of children in care.",
        _EVERYBODY,
        "marches",
    ),
    "section_251_cost": MeasureInfo(
        "£",
        "down",
        "Spending by line of the section 251 return; the lines add up to the cost.",
        "cost by type, mapped to lines; placements of unaccompanied children to their own line.",
        "Section 251 lines for children looked after; the mapping is this model's.",
        tuple(f"line={line}" for line in LINES),
        "years",
    ),
    "bridge": MeasureInfo(
        "£",
        "",
        "Why net cost differs from the year before, part by part.",
        "See `costs.bridge`; the parts add up to the change to the penny; empty in the first year.",
        "DESIGN §4 of this project: price, full-year effect, volume, mix, and the rest.",
        tuple(f"part={part}" for part in PARTS),
        "years",
    ),
    "option_bridge": MeasureInfo(
        "£",
        "",
        "Why net cost differs from the baseline's in the same year, part by part; 0 in the"
        " baseline.",
        "See `costs.bridge`; the parts add up to the difference to the penny; no full-year effect.",
        "As bridge.",
        tuple(f"part={part}" for part in PARTS),
        "years",
    ),
}
"""Every measure of money, and the children it is about."""
