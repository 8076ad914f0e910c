"""The pages in a browser: without a network, at every width, on paper, to assistive technology."""

from __future__ import annotations

import csv
import io
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from full_page import full_page
from test_every_chart import of_sheets
from test_report import browser as browser  # the fixture
from test_report import made

from sufficiency.report import page
from sufficiency.report.sheet import Section, Sheet, SheetTable, sheet_text

pytestmark = pytest.mark.browser
SVG = "{http://www.w3.org/2000/svg}"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WIDTHS = (1200, 768, 360, 320)
FIRED = "window.fired === undefined"
NASTY = (
    "<script>window.fired=1</script>\"><img src=x onerror=window.fired=1>'</script><b>bold</b>"
    "&amp;&lt;i&gt; <a href='javascript:window.fired=1'>x</a>${1}{{7*7}} </details></style>"
)
NASTY_NAME = "<b>Small</b>shire & =1+1"
OUTSIDE = """() => [...document.querySelectorAll('body *')].filter((part) => {
  if (part.closest('.scroll, .unseen, .skip, svg') || !part.getClientRects().length) return false;
  const { left, right, width } = part.getBoundingClientRect();
  return width > 0 && (right > document.documentElement.clientWidth + 0.5 || left < -0.5);
}).map((part) => part.outerHTML.slice(0, 120))"""
CUT = """() => [...document.querySelectorAll('.plot')].flatMap((plot) => {
  const box = plot.getBoundingClientRect();
  return [...plot.querySelectorAll('svg text')].filter((text) => {
    const { left, right, top, bottom, width } = text.getBoundingClientRect();
    const shown = width > 0 && text.textContent.trim() && !text.closest('.hoverlayer');
    return shown && (left < box.left - 1 || right > box.right + 1 || bottom > box.bottom + 1
      || top < box.top - 1);
  }).map((text) => `${plot.id}: ${text.textContent}`);
})"""
SMALL = """() => [...document.querySelectorAll('.plot svg text')].filter((text) => {
  const size = parseFloat(getComputedStyle(text).fontSize);
  return text.getBoundingClientRect().width > 0 && text.textContent.trim() && size < 12;
}).map((text) => text.textContent)"""
CROWDED = """() => [...document.querySelectorAll('.plot')].flatMap((plot) => {
  const found = [...plot.querySelectorAll('.xtick text')];
  const ticks = found.map((tick) => tick.getBoundingClientRect());
  ticks.sort((one, other) => one.left - other.left);
  return ticks.slice(1).some((tick, place) => tick.left < ticks[place].right + 4) ? [plot.id] : [];
})"""
UNDRAWN = """() => [...document.querySelectorAll('.plot')].filter(
  (plot) => !plot.querySelector('.trace, .points path, .js-line, .sankey-link, .bars path')
).map((plot) => plot.id)"""
FITTED = "plots.every((plot) => !plot.clientWidth || plot.clientWidth === plot.layout.width)"
SPACING = """
* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
    word-spacing: 0.16em !important; }
p { margin-bottom: 2em !important; }
"""


class Opened:
    """A page in a tab, and what it said to the console and asked of a network."""

    def __init__(self, context: Any, text: str, folder: Path) -> None:
        self.said: list[str] = []
        self.asked: list[str] = []
        self.tab = context.new_page()
        self.tab.on("console", lambda message: self.said.append(message.text))
        self.tab.on("pageerror", lambda error: self.said.append(str(error)))
        self.tab.on("request", lambda request: self.asked.append(request.url))
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "page.html").write_text(text, encoding="utf-8")
        self.tab.goto((folder / "page.html").as_uri())

    @property
    def outward(self) -> list[str]:
        return [url for url in self.asked if not url.startswith(("file:", "data:", "blob:"))]

    def wide(self, width: int) -> None:
        """Make the window so wide, and wait until the figures have followed."""
        self.tab.set_viewport_size({"width": width, "height": 900})
        for _ in range(100):  # not `wait_for_function`, which the page's policy forbids
            if self.tab.evaluate(FITTED):
                return
            self.tab.wait_for_timeout(100)
        raise AssertionError(f"figures do not follow a window of {width} px")

    def unfold(self, *, opened: bool = True) -> None:
        state = "true" if opened else "false"
        self.tab.evaluate(f"document.querySelectorAll('details').forEach(d => d.open = {state})")

    def overflow(self) -> list[str]:
        """What is wider than the window, and parts that stick out of it."""
        wide = self.tab.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return [*(["the page"] if wide > 0 else []), *self.tab.evaluate(OUTSIDE)]

    def violations(self) -> list[str]:
        from axe_playwright_python.sync_playwright import Axe

        options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
        found = Axe().run(self.tab, options=options).response["violations"]
        return [f"{v['id']}: {node['html'][:150]}" for v in found for node in v["nodes"]]

    def take(self, name: str, kind: str, folder: Path) -> bytes:
        """Download a chart, as a person does."""
        button = self.tab.locator(f"#chart-{name} button", has_text=kind)
        with self.tab.expect_download() as waiting:
            button.click()
        waiting.value.save_as(folder / "taken")
        return (folder / "taken").read_bytes()


@pytest.fixture(scope="module")
def opened(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opening]:
    """Open a page: each once, to be looked at by several tests."""
    context = browser.new_context(viewport={"width": 1200, "height": 900}, offline=True)
    found: dict[str, Opened] = {}

    def one(name: str) -> Opened:
        if name not in found:
            found[name] = Opened(context, PAGES[name](), tmp_path_factory.mktemp("pages"))
        found[name].tab.bring_to_front()
        return found[name]

    yield one
    context.close()


def sheet(text: str = "Made up") -> str:
    """A page of findings with every chart that such pages have."""
    rows = tuple((f"{text} {place}", "3", "-1") for place in range(3))
    tables = (SheetTable(f"Findings {text}", ("Rule", "Rows", "Change"), rows, text),)
    parts = (
        Section("Charts", (text,), charts=tuple(of_sheets().values())),
        Section("Findings", (text,), tables=tables),
        Section("More", (text,)),
    )
    return sheet_text(Sheet(text, text, text, (text,), parts, caution=text, note=text))


Opening = Callable[[str], Opened]
PAGES: dict[str, Callable[[], str]] = {
    "few": lambda: page(made()),
    "full": lambda: full_page().text,
    "nasty": lambda: full_page(NASTY, NASTY_NAME).text,
    "sheet": sheet,
}
ANY = pytest.mark.parametrize(
    "name",
    ["few", *(pytest.param(name, marks=pytest.mark.slow) for name in ("full", "nasty", "sheet"))],
)


@ANY
def test_a_page_opens_without_a_network_and_draws_every_chart(opened: Opening, name: str) -> None:
    at = opened(name)
    assert (at.said, at.outward) == ([], [])
    assert at.tab.evaluate("document.querySelectorAll('.plot').length") > 0
    assert at.tab.evaluate(UNDRAWN) == []


def test_where_there_is_room_the_contents_stand_beside_the_page(opened: Opening) -> None:
    at = opened("few")
    edge = "([name, side]) => document.querySelector(name).getBoundingClientRect()[side]"
    for part in (".answer", ".body"):
        assert at.tab.evaluate(edge, ["nav", "right"]) < at.tab.evaluate(edge, [part, "left"])
    at.wide(360)
    for above, below in ((".answer", "nav"), ("nav", ".body")):
        bottom, top = (at.tab.evaluate(edge, it) for it in ([above, "bottom"], [below, "top"]))
        assert bottom <= top
    at.wide(1200)


@ANY
def test_nothing_is_wider_than_the_window_or_cut_off(opened: Opening, name: str) -> None:
    at = opened(name)
    for width in WIDTHS if name != "few" else (WIDTHS[0], WIDTHS[-1]):
        at.wide(width)
        for unfolded in (False, True):
            at.unfold(opened=unfolded)
            assert at.overflow() == [], f"at {width} px"
        assert at.tab.evaluate(CUT) == [], f"at {width} px"
        assert at.tab.evaluate(SMALL) == [], f"at {width} px"
        assert at.tab.evaluate(CROWDED) == [], f"at {width} px"
    at.unfold(opened=False)
    at.wide(1200)
    assert at.said == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["full", "sheet"])
def test_nothing_breaks_the_accessibility_guidelines(opened: Opening, name: str) -> None:
    at = opened(name)
    for unfolded in (True, False):
        at.unfold(opened=unfolded)
        assert at.violations() == []


@ANY
def test_a_page_fits_paper(opened: Opening, name: str) -> None:
    at = opened(name)
    at.tab.set_viewport_size({"width": 680, "height": 1000})  # A4 less its margins
    at.tab.emulate_media(media="print")
    at.tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert at.overflow() == []
    assert at.tab.evaluate(CUT) == []
    hidden = "getComputedStyle(document.querySelector('.take')).display === 'none'"
    assert at.tab.evaluate(hidden)
    assert at.tab.evaluate("document.querySelectorAll('details.print:not([open])').length") == 0
    at.tab.evaluate("dispatchEvent(new Event('afterprint'))")
    at.tab.emulate_media(media="screen")
    assert at.tab.evaluate("document.querySelectorAll('details[open]').length") == 0
    at.wide(1200)
    assert at.said == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["full", "sheet"])
def test_wider_spacing_of_text_and_twice_the_size_lose_nothing(opened: Opening, name: str) -> None:
    at = opened(name)
    tag = at.tab.add_style_tag(content=SPACING)
    at.wide(600)  # 1200 at 200%
    assert at.overflow() == []
    tag.evaluate("tag => tag.remove()")
    at.wide(1200)


def test_everything_is_reached_by_keyboard_and_shows_it(opened: Opening) -> None:
    tab = opened("few").tab
    tab.evaluate("document.activeElement.blur()")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"
    for part in ("nav a", ".take button", "summary", ".scroll"):
        tab.focus(f"{part} >> nth=0") if part != ".scroll" else tab.evaluate(
            "document.querySelector('.scroll').focus({focusVisible: true})"
        )
        tab.keyboard.press("Shift")  # the last thing used is a keyboard
        assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


# --- downloads ----------------------------------------------------------------------------------


def names(at: Opened) -> list[str]:
    ids = at.tab.evaluate("[...document.querySelectorAll('figure')].map((it) => it.id)")
    return [str(name).removeprefix("chart-") for name in ids]


def check_picture(at: Opened, name: str, folder: Path) -> None:
    root = ElementTree.fromstring(at.take(name, "SVG", folder))
    assert root.tag == f"{SVG}svg"
    title = at.tab.inner_text(f"#title-{name}")
    assert root.findtext(f"{SVG}title") == title
    said = " ".join(" ".join(part.itertext()) for part in root.findall(f"{SVG}text"))
    for words in (title, at.tab.inner_text(f"#chart-{name} .subtitle")):
        assert words.split() == [word for word in words.split() if word in said]
    panels = at.tab.locator(f"#chart-{name} .plot").count()
    assert len(root.findall(f"{SVG}svg")) == panels
    assert all(len(list(part.iter(f"{SVG}path"))) > 0 for part in root.findall(f"{SVG}svg"))
    parts = [part.tag.removeprefix(SVG) for part in root.iter()]
    assert not {"script", "foreignObject", "image", "a", "b", "i"} & set(parts)
    assert not [name for part in root.iter() for name in part.attrib if name.startswith("on")]
    width, height = (float(root.attrib[side]) for side in ("width", "height"))
    bottom = max(
        float(p.attrib["y"]) + float(p.attrib["height"]) for p in root.findall(f"{SVG}svg")
    )
    assert bottom <= height
    image = at.take(name, "PNG", folder)
    assert image[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", image[16:24]) == (2 * width, 2 * height)
    assert pixels(image) == 255  # white ground at the edge


def pixels(image: bytes) -> int:
    """The first byte of the first row of a PNG: the red of its first pixel."""
    data, at = b"", 8
    while at < len(image):
        size, kind = struct.unpack(">I4s", image[at : at + 8])
        data += image[at + 8 : at + 8 + size] if kind == b"IDAT" else b""
        at += 12 + size
    return zlib.decompressobj().decompress(data, 2)[1]


def check_data(at: Opened, name: str, folder: Path) -> None:
    text = at.take(name, "CSV", folder).decode("utf-8")
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    shown = at.tab.evaluate(
        "(id) => [...document.querySelector(id).rows].map("
        "(row) => [...row.cells].map((cell) => cell.textContent))",
        f"#chart-{name} details.data table",
    )

    def plain(cell: str) -> str:
        return cell.replace("\u2060", "").replace("\u2212", "-").strip().lstrip("'")

    assert [[plain(cell) for cell in row] for row in rows] == [
        [plain(cell) for cell in row] for row in shown
    ]
    live = [cell for row in rows for cell in row if cell[:1] in set("=@\t\r")]
    assert live == []


def test_a_chart_is_taken_as_picture_and_as_data(opened: Opening, tmp_path: Path) -> None:
    at = opened("few")
    check_picture(at, "need", tmp_path)  # six panels, each with its key
    check_data(at, "need", tmp_path)
    with at.tab.expect_download() as waiting:
        at.tab.get_by_role("button", name="Download as CSV: ").first.click()
    assert waiting.value.suggested_filename == f"camden-{names(at)[0]}.csv"
    assert (at.said, at.outward) == ([], [])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["full", "nasty", "sheet"])
def test_every_chart_is_taken_as_picture_and_as_data(
    opened: Opening, tmp_path: Path, name: str
) -> None:
    at = opened(name)
    for chart in names(at):
        check_picture(at, chart, tmp_path)
        check_data(at, chart, tmp_path)
    assert (at.said, at.outward) == ([], [])
    assert at.tab.evaluate(FIRED)


def test_data_are_made_harmless_and_numbers_stay_numbers(opened: Opening) -> None:
    tab = opened("few").tab
    told = {
        "\u22121.5": "-1.5", "-1.5": "-1.5", "+2.3": "+2.3", "\u2212\u2060£1,200": "-£1,200",
        "12%": "12%", "\u22122 to 3": "\u22122 to 3", "+1 to +3": "+1 to +3", "+£1.2m": "+£1.2m",
        "=1+1": "'=1+1", "+A1": "'+A1", "-1+cmd": "'-1+cmd", "@SUM(A1)": "'@SUM(A1)",
        " \u200b=1": "'\u200b=1", "\uff1d1": "'\uff1d1", "'=1": "''=1", "April 2025": "April 2025",
    }  # fmt: skip
    assert {given: tab.evaluate("(text) => cell(text)", given) for given in told} == told


# --- text of users ------------------------------------------------------------------------------


@pytest.mark.slow
def test_markup_in_any_text_of_a_scenario_comes_out_as_text(opened: Opening) -> None:
    at = opened("nasty")
    assert at.said == []
    at.unfold()
    for hidden in ("beforeprint", "afterprint"):
        at.tab.evaluate(f"dispatchEvent(new Event('{hidden}'))")
    assert at.tab.evaluate(FIRED)
    own = "document.querySelectorAll('img, iframe, object, form, [onerror], [href^=javascript]')"
    assert at.tab.evaluate(f"{own}.length") == 0
    plain = opened("full")
    scripts = "document.querySelectorAll('script, style, b, i').length"
    assert at.tab.evaluate(scripts) == plain.tab.evaluate(scripts)
    shown = at.tab.evaluate("document.body.textContent")
    assert shown.count("<script>window.fired=1</script>") >= 8
    assert "<b>Small</b>shire" in at.tab.title()
    assert "${1}{{7*7}}" in shown  # no template ran over it


@pytest.mark.slow
def test_markup_in_a_sheet_comes_out_as_text(opened: Opening) -> None:
    PAGES["nasty sheet"] = lambda: sheet(NASTY)
    at = opened("nasty sheet")
    assert (at.said, at.outward) == ([], [])
    assert at.tab.evaluate(FIRED)
    assert at.tab.evaluate("document.querySelectorAll('img, [onerror]').length") == 0
