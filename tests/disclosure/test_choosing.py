import numpy as np
import pytest
from children_by_hand import AGES, OPTIONS, TYPES, run_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reading_attacker import ranges, read

from sufficiency.disclosure import protect, relations
from sufficiency.disclosure.choosing import _Choice, choose
from sufficiency.disclosure.files import write_tables
from sufficiency.disclosure.numbers import Numbers
from sufficiency.disclosure.series import Means, Series
from sufficiency.errors import SufficiencyError

SHAPE = (len(TYPES), len(AGES))
few = st.integers(0, 9) | st.sampled_from((0, 0, 12, 30, 55))


@st.composite
def tables(draw):
    """By type and age; options move children between two types and change no age."""
    base = np.array(draw(st.lists(few, min_size=16, max_size=16))).reshape(SHAPE)
    other = base.copy()
    age, moved = draw(st.integers(0, 3)), draw(st.integers(0, 3))
    moved = min(moved, int(other[0, age]))
    other[0, age] -= moved
    other[1, age] += moved
    return np.stack([base, other])


def publication(folder, children):
    results = run_of(folder / "run", children)
    protected = protect(results)
    out = folder / "out"
    out.mkdir()
    write_tables(protected, results, out)
    return protected, out


def small(children):
    return (children > 0) & (children < 6)


def recovered(out, truth):
    """Small numbers that the attacker knows within a hundredth, or that stand in the files."""
    found = []
    for (option, group, when), (low, high) in ranges(out).items():
        value = truth(option, group)
        assert low == pytest.approx(low), "the published numbers contradict each other"
        assert low - 1e-5 <= value <= high + 1e-5
        if 0 < value < 6 and high - low < 0.01:
            found.append((option, group, when))
    return found


def truth_of(children):
    def truth(option, group):
        of = children[OPTIONS.index(option)]
        parts = dict(part.split("=") for part in group.split(";") if part)
        if "type" in parts:
            of = of[[TYPES.index(parts["type"])]]
        if "age" in parts:
            of = of[:, [AGES.index(parts["age"])]]
        return float(of.sum())

    return truth


def check_that_nothing_can_be_worked_out(folder, children):
    try:
        _, out = publication(folder, children)
    except SufficiencyError:  # even the totals are small: refused, so nothing is told
        assert not (folder / "out").exists()
        return
    for row in read(out / "summary.csv"):
        if row["measure"] != "children_share" and row["mean"] != "c":
            assert not 0 < float(row["mean"]) < 6
    assert recovered(out, truth_of(children)) == []


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables())
def test_no_small_number_can_be_worked_out_from_the_files_together(tmp_path_factory, children):
    check_that_nothing_can_be_worked_out(tmp_path_factory.mktemp("random"), children)


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables())
def test_no_small_number_can_be_worked_out_from_many_random_files(tmp_path_factory, children):
    check_that_nothing_can_be_worked_out(tmp_path_factory.mktemp("random"), children)


BIG = np.full(SHAPE, 20)
ONE_SMALL = BIG.copy()
ONE_SMALL[2, 1] = 3


def test_a_small_number_takes_three_others_with_it_in_a_table_of_two_divisions(tmp_path):
    protected, out = publication(tmp_path, np.stack([ONE_SMALL, ONE_SMALL]))
    gone = {row.group: row.why for row in protected.left_out}
    assert gone["type=kinship;age=1-4"] == "fewer than 6"
    others = {group for group, why in gone.items() if why != "fewer than 6"}
    assert len(others) == 3
    assert all(";" in group for group in others)
    assert recovered(out, truth_of(np.stack([ONE_SMALL, ONE_SMALL]))) == []


def test_totals_and_large_groups_stay_as_they_are(tmp_path):
    _, out = publication(tmp_path, np.stack([ONE_SMALL, ONE_SMALL]))
    means = {
        (row["measure"], row["group"], row["period"]): row["mean"]
        for row in read(out / "summary.csv")
        if row["option"] == "baseline"
    }
    assert means["children_in_care", "", "2027-03-31"] == "303"
    assert means["children_in_care", "type=kinship", "2027-03-31"] == "63"
    assert means["average_children", "type=kinship;age=1-4", "2026-27"] == "c"


def test_without_looking_at_sums_the_attacker_finds_the_number(tmp_path, monkeypatch):
    monkeypatch.setattr(_Choice, "run", lambda self: self.follow(self.numbers.small))
    children = np.stack([ONE_SMALL, ONE_SMALL])
    _, out = publication(tmp_path, children)
    assert ("baseline", "type=kinship;age=1-4", "year") in recovered(out, truth_of(children))


def test_with_one_kind_of_sum_forgotten_the_attacker_finds_the_number(tmp_path, monkeypatch):
    kept = relations._by_two

    def without_sums_over_types(there):
        return (one for one in kept(there) if not one.terms[0].series.group.startswith("age="))

    monkeypatch.setattr(relations, "_by_two", without_sums_over_types)
    children = np.stack([ONE_SMALL, ONE_SMALL])
    _, out = publication(tmp_path, children)
    assert recovered(out, truth_of(children))


def test_a_number_that_is_small_in_one_option_only_is_left_out_of_all(tmp_path):
    children = np.stack([BIG, ONE_SMALL])
    _, out = publication(tmp_path, children)
    rows = [row for row in read(out / "summary.csv") if row["group"] == "type=kinship;age=1-4"]
    assert {row["mean"] for row in rows} == {"c"}
    assert len(rows) == len(OPTIONS)
    rows = [row for row in read(out / "comparison.csv") if row["group"] == "type=kinship;age=1-4"]
    assert {row["difference"] for row in rows} == {"c"}


def test_numbers_that_are_always_none_stay_and_hide_nothing(tmp_path):
    children = np.stack([ONE_SMALL, ONE_SMALL]).copy()
    children[:, 3] = 0  # nobody in secure homes
    protected, out = publication(tmp_path, children)
    assert not any("secure" in row.group for row in protected.left_out)
    assert recovered(out, truth_of(children)) == []


def test_a_run_in_which_all_is_large_is_published_whole(tmp_path):
    protected, _ = publication(tmp_path, np.stack([BIG, BIG]))
    assert protected.left_out == ()
    assert protected.sentence.startswith("Small numbers: no group has fewer than six children")


def test_two_small_numbers_that_add_up_to_a_small_one_take_a_third_with_them(tmp_path):
    children = BIG.copy()
    children[2] = 0
    children[3] = 0
    children[2, 3], children[3, 3] = 2, 1  # kinship and secure: three children together
    both = np.stack([children, children])
    protected, out = publication(tmp_path, both)
    gone = {row.group for row in protected.left_out if row.measure == "children_in_care"}
    assert {"type=kinship", "type=secure"} < gone
    low, high = ranges(out)["baseline", "type=secure", "date"]
    assert high - low >= 6


def test_places_of_own_homes_are_known_so_all_usable_places_do_not_give_other_homes_back():
    numbers = {
        ("children_in_care", ""): 100.0,
        ("children_in_care", "type=in_house"): 90.0,
        ("children_in_care", "type=home_own"): 4.5,
        ("children_in_care", "type=home_external"): 5.5,
        ("places_usable", "kind=home"): 11.5,
        ("places_usable", "type=home_own"): 6.0,
        ("places_usable", "type=home_external"): 5.5,
        ("places_vacant", "type=home_external"): 0.0,  # a market: usable is filled
    }
    means = {
        Series(*name): Means(("2027-03-31",), np.array([[value]]))
        for name, value in numbers.items()
    }
    gone = choose(Numbers(means, 6))
    assert Series("children_in_care", "type=home_external") in gone
    assert Series("places_usable", "kind=home") in gone  # 11.5 less the 6 that the log states
    assert Series("children_in_care") not in gone
