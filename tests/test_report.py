from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from test_answer import CARERS, study_of, tables

from sufficiency.answer import appendix
from sufficiency.report import Tables, page, write
from sufficiency.scenario import Assumption, Study

CHROMIUM = "/usr/bin/chromium"
MANIFEST = {
    "name": "Camden", "version": "0.1.0", "seed": 7, "replications": 60, "years": 5.0,
    "options": ["baseline"], "ranges": ["fostering.leaving_per_year"], "seconds": 31.2,
    "packages": {"numpy": "2.4.6"}, "measures": {},
}  # fmt: skip
NASTY = "<script>alert('x')</script><img src=x onerror=alert(1)>&amp;</style>"


class Page(HTMLParser):
    """Tags with their attributes, text outside scripts and styles, and the scripts."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.text = ""
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts.append(data)
        elif self._inside != "style":
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def made(study: Study | None = None, **settings: Any) -> Tables:
    return Tables(*tables(study=study, **settings), MANIFEST)


@pytest.fixture(scope="module")
def text() -> str:
    return page(made())


@pytest.fixture(scope="module")
def parsed(text: str) -> Page:
    return Page(text)


def test_the_page_names_its_scenario_and_says_the_answer_first(parsed: Page) -> None:
    assert ("html", {"lang": "en-GB"}) in parsed.tags
    before, after = parsed.text.split("If nothing is decided, 202 children are in care", maxsplit=1)
    assert "Camden" in before
    assert len(before) < 700
    assert "Recruit 20 carers" in after[:400]


def test_the_page_asks_for_nothing_outside_itself(text: str, parsed: Page) -> None:
    assert not parsed.all("link")
    assert not [a for a in parsed.all("script") if "src" in a]
    assert not {"img", "iframe", "object", "embed", "base", "form"} & {
        tag for tag, _ in parsed.tags
    }
    for _, attributes in parsed.tags:
        assert "srcset" not in attributes
        for target in (attributes.get(name) for name in ("href", "src", "action", "xlink:href")):
            assert target is None or target.startswith("#")
    plotly = max(parsed.scripts, key=len)
    assert not re.search(r"https?://|@import|url\(", text.replace(plotly, ""))


def test_a_policy_forbids_requests(parsed: Page) -> None:
    policy = next(a for a in parsed.all("meta") if "http-equiv" in a)
    assert policy["http-equiv"] == "Content-Security-Policy"
    assert policy["content"] == (
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline';"
        " img-src data: blob:"
    )


def test_plotly_is_inside_once(parsed: Page) -> None:
    assert sum(len(script) > 1_000_000 for script in parsed.scripts) == 1


def test_every_figure_has_a_title_words_and_its_data(text: str, parsed: Page) -> None:
    figures = parsed.all("figure")
    order = [figure["id"] for figure in figures]
    some = ["chart-children", "chart-in-house", "chart-need", "chart-where", "chart-changes"]
    assert [figure for figure in order if figure in some] == some
    assert text.count("<figcaption>") == len(figures)
    assert text.count("The data of this figure as a table") == len(figures)
    plots = [a for a in parsed.all("div") if a.get("class") == "plot"]
    drawn = json.loads(next(s for s in parsed.scripts if s.startswith('{"')))
    assert sorted(str(plot["id"]) for plot in plots) == sorted(drawn)
    assert all(plot["aria-hidden"] == "true" for plot in plots)


def test_ids_are_unique_and_labels_lead_somewhere(parsed: Page) -> None:
    ids = [a["id"] for _, a in parsed.tags if "id" in a]
    assert len(ids) == len(set(ids))
    for _, attributes in parsed.tags:
        label, target = attributes.get("aria-labelledby"), attributes.get("href") or "#"
        assert label is None or label in ids
        assert target == "#" or target[1:] in ids


def test_headings_do_not_skip_a_level(parsed: Page) -> None:
    levels = [int(tag[1]) for tag, _ in parsed.tags if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_text_of_a_scenario_is_shown_as_text(parsed: Page) -> None:
    option = CARERS.model_copy(update={"description": NASTY})
    study = study_of(NASTY, [option])
    rows = (*study.assumptions, Assumption(path="x", value=1, source=NASTY))
    nasty = Page(page(made(study.model_copy(update={"assumptions": rows}))))
    assert nasty.text.count("<script>alert('x')</script><img src=x onerror=alert(1)>") >= 3
    assert len(nasty.all("script")) == len(parsed.all("script"))
    assert not nasty.all("img")
    assert "onerror" not in {name for _, attributes in nasty.tags for name in attributes}


def test_markup_in_an_option_name_reaches_neither_page_nor_figure() -> None:
    nasty = Page(page(made(effects={NASTY: {"in_house": 8.0}})))
    assert not nasty.all("img")
    figures = next(s for s in nasty.scripts if s.startswith('{"'))
    assert "<" not in figures
    assert ">" not in figures


def test_each_option_says_what_it_changes_with_range_and_chance(parsed: Page) -> None:
    assert "fostering.recruitment.number: 0 -> 20" in parsed.text
    assert "20 carers are about 12 households, about 25 approved places" in parsed.text
    assert "more in 100%" in parsed.text
    assert "better in " in parsed.text
    assert "no change" in parsed.text


def test_published_figures_stand_beside_the_simulated(parsed: Page) -> None:
    rows = parsed.text[parsed.text.index("Published figures that are not inputs") :]
    assert "above the range" in rows  # 210 published, 202 simulated
    assert "not in these results" in rows


@pytest.mark.slow
def test_published_figures_of_other_periods_are_left_out() -> None:
    study = study_of()
    inside, _ = study.scenario.observed
    early = inside.model_copy(update={"period": "2021-03-31"})

    both = study.scenario.model_copy(update={"observed": (inside, early)})
    shown = Page(page(made(study.model_copy(update={"scenario": both})))).text
    assert "2021-03-31" not in shown
    scenario = study.scenario.model_copy(update={"observed": (early,)})
    told = appendix.observed(made().summary, scenario)
    assert told["rows"] == []
    early_only = Page(page(made(study.model_copy(update={"scenario": scenario}))))
    assert told["words"] in early_only.text  # though there is nothing to show beside it
    past = "sufficiency validate NAME compares them"
    assert (past if scenario.validation else "of another period than this run") in told["words"]


def test_all_assumptions_are_there_and_those_without_a_source_are_marked(text: str) -> None:
    study = study_of()
    for row in study.assumptions:
        assert re.sub(r"([._])", r"\1<wbr>", row.path) in text
    assert text.count('<span class="flag">no source</span>') == sum(
        not row.source and not row.as_of for row in study.assumptions
    )


def test_the_run_record_and_the_words_are_there(parsed: Page) -> None:
    record = parsed.text[parsed.text.index("What it takes to make the same run again") :]
    assert "numpy 2.4.6" in record
    assert "The simulation's error is another thing" in parsed.text
    assert "Children whose plan is this kind of home" in parsed.text  # as measures define it


def test_what_was_not_asked_for_is_not_in_the_run_record() -> None:
    assert appendix.record({"seed": 7, "precision": None, "error": None}) == [("Seed", "7")]


def test_the_same_tables_give_the_same_page(text: str) -> None:
    assert page(made()) == text


def test_a_run_without_options_or_published_figures_has_a_page() -> None:
    study = study_of(options=())
    scenario = study.scenario.model_copy(update={"observed": ()})
    bare = Page(page(made(study.model_copy(update={"scenario": scenario}), effects={})))
    headings = [a["id"] for a in bare.all("section")]
    assert "options" not in headings
    assert "believe" not in headings


def test_a_short_run_has_a_page() -> None:
    assert "None" not in Page(page(made(years=0.5))).text.split("Assumptions and their")[0]


def test_the_page_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    assert write(made(), folder) == folder / "report.html"
    before = (folder / "report.html").read_bytes()
    assert before.startswith(b"<!DOCTYPE html>")
    with pytest.raises(AttributeError):
        write(made()._replace(manifest=None), folder)  # type: ignore[arg-type]  # what is wrong is what is tested
    assert [path.name for path in folder.iterdir()] == ["report.html"]
    assert (folder / "report.html").read_bytes() == before


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """For the tests that open a page, here and elsewhere."""
    if not Path(CHROMIUM).exists():
        if os.environ.get("SUFFICIENCY_REQUIRE_BROWSER"):
            pytest.fail(f"there is no browser at {CHROMIUM}")
        pytest.skip(f"there is no browser at {CHROMIUM}")
    api = pytest.importorskip("playwright.sync_api")
    flags = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    with api.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield opened
        opened.close()
