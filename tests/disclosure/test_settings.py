from datetime import date

from sufficiency.disclosure.series import YEAR, Series
from sufficiency.disclosure.settings import FITTED, publishable
from sufficiency.scenario import Assumption, Edit, Observed, Option, Scenario, Study, as_tree
from sufficiency.scenario.paths import edit_tree
from sufficiency.scenario.study import PastValue
from sufficiency.scenario_file import load
from sufficiency.scenario_file.describing import option_lines, shown_tree

ENGLAND = load("england")


def study_with(**values):
    return ENGLAND.model_copy(update={"scenario": ENGLAND.scenario.model_copy(update=values)})


def observed(group, value, measure="exits", period="2026-27"):
    return Observed(
        measure=measure, group=group, period=period, value=value, source="DfE", use="check"
    )


def shown(study, gone=()):
    return publishable(study, gone, 6)


def test_an_assumption_that_counts_few_children_says_fewer_than_6():
    rows = (
        Assumption(path="authority.uasc_in_care", value=4, low=2.0, high=7.0, note="a note"),
        Assumption(path="authority.children_in_care", value=205),
        Assumption(path="fostering.recruitment.number", value=4),
    )
    few, many, plan = shown(ENGLAND.model_copy(update={"assumptions": rows})).assumptions
    assert (few.value, few.low, few.high, few.note) == ("fewer than 6", None, None, "a note")
    assert many.value == 205
    assert plan.value == 4


def test_a_rate_and_a_share_of_few_children_say_it_too():
    small = ENGLAND.scenario.authority.model_copy(update={"children_in_care": 50})
    rows = (
        Assumption(path="demand.uasc.per_100_in_care", value=8.0),
        Assumption(path="demand.uasc.per_100_in_care", value=14.0),
        Assumption(path="placement.mix_at_start", value={"in_house": 0.9, "home_own": 0.1}),
    )
    study = study_with(authority=small).model_copy(update={"assumptions": rows})
    assert [row.value for row in shown(study).assumptions] == ["fewer than 6", 14.0, "fewer than 6"]


def test_a_published_figure_of_few_children_goes_with_the_other_parts_of_its_whole():
    rows = (
        observed("", 100.0),
        observed("reason=adopted", 4.0),
        observed("reason=turned_18", 30.0),
        observed("stream=uasc", 12.0),
        observed("reason=turned_18", 31.0, period="2027-28"),
    )
    kept = shown(study_with(observed=rows)).scenario.observed
    assert [(row.group, row.value) for row in kept] == [
        ("", 100.0),
        ("stream=uasc", 12.0),
        ("reason=turned_18", 31.0),
    ]


def test_figures_ledger_and_budget_of_what_is_left_out_go_too():
    gone = [Series("cost", "type=secure", YEAR), Series("exits", "stream=uasc", YEAR)]
    study = study_with(
        observed=(observed("stream=uasc", 12.0),),
        history=(
            PastValue(
                measure="exits", group="stream=uasc", period="2020-21", value=14.0, source="DfE"
            ),
        ),
        ledger={"2026-27": {"secure": 400_000.0, "ifa": 2_000_000.0}},
    )
    scenario = shown(study, gone).scenario
    assert scenario.observed == ()
    assert scenario.history == ()
    assert scenario.ledger == {"2026-27": {"ifa": 2_000_000.0}}


def test_the_first_day_does_not_say_how_few_unaccompanied_children_there_are():
    few = ENGLAND.scenario.authority.model_copy(update={"uasc_in_care": 3})
    assert shown(study_with(authority=few)).scenario.authority.uasc_in_care is None
    many = ENGLAND.scenario.authority.model_copy(update={"uasc_in_care": 30})
    assert shown(study_with(authority=many)).scenario.authority.uasc_in_care == 30


def test_a_study_without_few_children_stays_as_it_is():
    study = Study(scenario=ENGLAND.scenario, options=ENGLAND.options)
    assert shown(study).scenario.start == study.scenario.start
    assert isinstance(shown(study).scenario.start, date)
    assert shown(study).options == study.options


def test_of_what_was_fitted_to_rows_of_children_only_that_is_said():
    rows = (
        Assumption(path="authority.children_in_care", value=81, confidence="fitted"),
        Assumption(path="authority.uasc_in_care", value=2, confidence="fitted"),
        Assumption(path="demand.uasc.ages", value={14: 0.0556, 15: 0.1111}, confidence="fitted"),
        Assumption(path="stays.by_group.1-4.leaving_per_year", value=[0.3, 0.1]),
        Assumption(
            path="stays.by_group.1-4.leaving_per_year.0", value=0.3, low=0.1, high=0.9,
            source="own return", note="weight 0.41 (n 3)", confidence="fitted",
        ),
        Assumption(path="stays.short", value=26.0, confidence="low"),
    )  # fmt: skip
    said = [
        (row.path.split(".")[-1], row.value, row.low, row.high, row.source, row.note)
        for row in shown(ENGLAND.model_copy(update={"assumptions": rows})).assumptions
    ]
    assert said == [
        ("children_in_care", 81, None, None, "", ""),
        ("uasc_in_care", "fewer than 6", None, None, "", ""),
        ("ages", FITTED, None, None, "", ""),
        ("0", FITTED, None, None, "own return", ""),
        ("short", 26.0, None, None, "", ""),
    ]


def test_files_that_are_not_published_are_not_identified():
    row = Assumption(path="authority.children.file", value="81 children (sha256 3f495bc56b31)")
    (said,) = shown(ENGLAND.model_copy(update={"assumptions": (row,)})).assumptions
    assert said.value == "81 children"


def test_what_an_option_changes_does_not_say_what_it_changes_from_where_that_is_few():
    path = "demand.uasc.direct_per_year"
    tree = edit_tree(as_tree(ENGLAND.scenario), (Edit(action="set", path=path, value=2.0),))
    study = Study(
        scenario=Scenario.model_validate(tree), assumptions=(Assumption(path=path, value=2.0),)
    )
    option = Option(name="more", edits=(Edit(action="set", path=path, value=9.0),))
    assert option_lines(option, shown_tree(study)) == [f"{path}: 2 -> 9"]
    assert option_lines(option, shown_tree(shown(study))) == [f"{path}: fewer than 6 -> 9"]
    more = Option(name="more", edits=(Edit(action="add", path=path, value=7.0),))
    assert option_lines(more, shown_tree(shown(study))) == [f"{path}: fewer than 6, and 7 more"]
