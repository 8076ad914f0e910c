"""What a scenario tells of the time before it: checked, kept, and without any effect."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sufficiency.experiment.draws import ranges
from sufficiency.replication import MODEL
from sufficiency.scenario import PastValue
from sufficiency.scenario_file import ScenarioFileError, load
from sufficiency.scenario_file.writing import resolved_yaml

HEAD = "extends: england\nname: Test\nstart: 2025-04-01\nhistory:\n"
Write = Callable[..., Path]


def item(text: str) -> str:
    return f"  - {{{text}, source: DfE}}\n"


def test_the_past_is_read_and_kept_in_the_resolved_file(write: Write) -> None:
    body = HEAD + item("measure: children_in_care, period: 2021-03-31, value: 187")
    body += item("measure: entries, group: stream=uasc, period: 2024-25, value: 12")
    study = load(write(body), measures=MODEL.definitions)
    assert study.scenario.history == (
        PastValue(measure="children_in_care", period="2021-03-31", value=187, source="DfE"),
        PastValue(measure="entries", group="stream=uasc", period="2024-25", value=12, source="DfE"),
    )
    again = load(write(resolved_yaml(study), "resolved.yaml"), measures=MODEL.definitions)
    assert again.scenario == study.scenario


def test_the_past_is_no_assumption_is_not_drawn_and_changes_nothing_else(write: Write) -> None:
    without = load(write("extends: england\nname: Test\nstart: 2025-04-01\n", "without.yaml"))
    body = HEAD + item("measure: children_in_care, period: 2021-03-31, value: 187")
    told = load(write(body, "with.yaml"))
    assert told.scenario.model_copy(update={"history": ()}) == without.scenario
    assert ranges(told) == ranges(without)
    assert not [row for row in told.assumptions if row.path.startswith("history")]
    assert told.warnings == without.warnings


def test_every_mistake_in_the_past_is_named_in_one_message(write: Write) -> None:
    body = HEAD
    body += item("measure: children_in_car, period: 2021-03-31, value: 187")
    body += item("measure: children_in_care, group: stream=uasd, period: 2021-03-31, value: 1")
    body += item("measure: children_in_care, period: 2021-02-27, value: 1")
    body += item("measure: entries, period: last year, value: 1")
    body += item("measure: entries, period: 2021-03-31, value: 1")
    body += item("measure: entries, period: 2023-24, value: -1")
    body += item("measure: in_area_share, period: 2024-03-31, value: 55")
    body += item("measure: entries, period: 2022-23, value: 5")
    body += item("measure: entries, period: 2022-23, value: 6")
    with pytest.raises(ScenarioFileError) as caught:
        load(write(body), measures=MODEL.definitions)
    _, *lines = str(caught.value).split("\n")
    found = [line.strip().partition("history.")[2] for line in lines]
    assert [text[:9] for text in found] == [
        "0.measure", "1.group: ", "2.period:", "3.period:", "4.period:", "5.value: ", "6.value: ",
        "8: is giv",
    ]  # fmt: skip
    assert "did you mean 'children_in_care'?" in found[0]
    assert "first on line 12" in found[-1]


def test_a_misspelt_part_or_a_missing_source_is_named(write: Write) -> None:
    body = HEAD + "  - {measure: entries, period: 2023-24, value: 5, sauce: DfE}\n"
    body += "  - {measure: entries, period: 2022-23, value: 5}\n"
    with pytest.raises(ScenarioFileError) as caught:
        load(write(body))
    assert "history.0.sauce: no such setting; did you mean 'source'?" in str(caught.value)
    assert "history.1.source: is missing" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "past"),
    [
        ("measure: children_in_care, period: 2025-03-31", True),
        ("measure: children_in_care, period: 2025-04-01", False),
        ("measure: entries, period: 2025-26", False),
        ("measure: entries, period: 2024-Q4", True),
        ("measure: entries, period: 2025-Q1", False),
        ("measure: entries, period: 9999-00", False),
        ("measure: entries, period: 0000-Q1", True),
    ],
)
def test_what_is_not_past_is_warned_of_and_no_mistake(write: Write, text: str, past: bool) -> None:
    study = load(write(HEAD + item(f"{text}, value: 5")))
    said = [line for line in study.warnings if "history.0.period" in line]
    assert (not said) == past
    assert all("is not before the run, which begins on 2025-04-01" in line for line in said)


def test_an_option_cannot_have_a_past_of_its_own(write: Write) -> None:
    body = "extends: england\nname: Test\noptions:\n  a: {set: {history: []}}\n"
    with pytest.raises(ScenarioFileError) as caught:
        load(write(body))
    assert "history" in str(caught.value)
