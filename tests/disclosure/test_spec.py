import pytest

from sufficiency.disclosure.series import MONTH, POINT, QUARTER, YEAR, Series, frequency
from sufficiency.disclosure.spec import measures, told
from sufficiency.errors import SufficiencyError
from sufficiency.replication import MODEL


def test_it_is_known_of_every_measure_of_the_package_what_it_tells():
    assert measures() == set(MODEL.definitions)


def test_every_group_of_every_measure_has_an_answer():
    for name, info in MODEL.definitions.items():
        for group in info.groups:
            assert told(Series(name, group, YEAR)).column


def test_every_number_of_children_has_a_threshold():
    counted = [
        Series(name, group)
        for name, info in MODEL.definitions.items()
        if info.unit in ("children", "moves", "placements")
        for group in info.groups
    ]
    assert len(counted) > 200
    assert all(told(series).counts for series in counted)


def test_a_measure_that_nobody_has_looked_at_is_refused():
    with pytest.raises(SufficiencyError, match="not known what it tells of children"):
        told(Series("shoe_size", "type=ifa"))


def test_the_price_of_a_type_goes_with_its_children():
    of_homes = told(Series("children_in_care", "type=home_own")).column
    for measure in ("cost", "unit_cost", "cost_run_rate", "average_children", "places_filled"):
        assert told(Series(measure, "type=home_own", YEAR)).column == of_homes


def test_a_quarter_goes_with_its_year():
    year = Series("entries", "stream=uasc", YEAR)
    assert year in told(year._replace(frequency=QUARTER)).follows


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ("2027-03-31", POINT),
        ("2027-Q4", QUARTER),
        ("2027-28", YEAR),
        ("2099-00", YEAR),
        ("2027-04", MONTH),
        ("2027-12", MONTH),
    ],
)
def test_dates_and_periods_are_told_apart(period, expected):
    assert frequency(period) == expected
