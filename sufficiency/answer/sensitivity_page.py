"""What a number hangs on: in words, as the parts of a page, and as a table."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from sufficiency.answer.money import pounds
from sufficiency.answer.page_parts import Part, Table
from sufficiency.answer.pounds import more_pounds
from sufficiency.answer.words import MINUS, capital, number, percent, signed, title
from sufficiency.sensitivity.analysing import Sensitivity
from sufficiency.sensitivity.asked import is_year
from sufficiency.sensitivity.deciding import IFA_LIMIT, WANT_OF_CARER
from sufficiency.sensitivity.splitting import SURE
from sufficiency.sensitivity.tornado import Bar
from sufficiency.sensitivity.trials import Change

CHART = "tornado"
SHOWN = 15
"""Bars shown, unless told otherwise."""
COLUMNS = (
    "assumption", "sort", "central", "end", "assumed", "change", "se", "told_from_no_change",
    "futures", "correlation", "correlation_se", "share_of_range", "share_of_range_se",
)  # fmt: skip
"""Columns of `sensitivity.csv`."""
MONEY = ("net_cost", "cost", "budget_variance")
"""Measures of which the prototype says what to expect."""


# --- numbers ----------------------------------------------------------------------------------


def amount(value: float, unit: str) -> str:
    """A number in its unit."""
    if math.isnan(value):
        return "-"
    if unit == "£":
        return pounds(value)
    return percent(value) if unit == "share" and value >= 0 else _plain(value, unit)


def more(value: float, unit: str) -> str:
    """A change, with its sign; of a share, in percentage points."""
    if math.isnan(value):
        return "-"
    if unit == "£":
        return more_pounds(value)
    return signed(100 * value) if unit == "share" else _small(value)


def _plain(value: float, unit: str) -> str:
    if unit == "share":
        return f"{signed(100 * value)} points"
    return number(value).replace("-", MINUS)


def _small(value: float) -> str:
    """A change below a tenth keeps two digits: it is not nothing."""
    text = signed(value)
    if text == "0" and value:
        text = f"{value:+.2g}".replace("-", MINUS)
    return text


def subject(found: Sensitivity) -> str:
    """The number in words: what, of whom, when."""
    asked = found.asked
    group = f" ({asked.group.replace('=', ' ').replace(';', ', ')})" if asked.group else ""
    what = f"{asked.measure.replace('_', ' ')}{group}"
    when = asked.period or ("whole run" if asked.unit == "£" else "on average or at the end")
    if found.option:
        what = f"{what} of '{title(found.option)}' less the baseline"
    return f"{what}, {when}"


# --- sentences --------------------------------------------------------------------------------


def lead(found: Sensitivity) -> tuple[str, ...]:
    """What it comes to: the first sentences."""
    return (_level(found), _split(found), *_leads(found), _most(found), _needed(found))


def _level(found: Sensitivity) -> str:
    unit = found.asked.unit
    error = "" if math.isnan(found.error) else f" (±\N{NO-BREAK SPACE}{amount(found.error, unit)})"
    saves = (
        " Below 0 the option costs less, and a change below 0 saves more."
        if found.option and unit == "£"
        else ""
    )
    return (
        f"{capital(subject(found))}: {amount(found.mean, unit)} on average{error};"
        f" 8 futures in 10 lie between {amount(found.low, unit)} and {amount(found.high, unit)}."
        f"{saves}"
    )


def _split(found: Sensitivity) -> str:
    if found.ignorance is None:
        return (
            "No value that matters here has a range: all of this spread is chance. Give values"
            " {value, low, high} in the scenario file to see what depends on them."
        )
    split = found.ignorance.split
    if math.isnan(split.share):
        return (
            f"What part of this spread is ignorance cannot be told: {split.pairs} pairs of futures."
        )
    low, high = split.interval
    return (
        f"Of this spread, {percent(split.share)} is ignorance, what values with a range make"
        f" ({percent(low)} to {percent(high)}); the rest is chance, which no data takes away."
        f"{_on_top(found)}"
    )


def _on_top(found: Sensitivity) -> str:
    """That the split knows nothing of what has no range."""
    if all(bar.sort == "range" for bar in found.bars):
        return ""
    return " What has no range, as the two assumptions that lead and the rules, comes on top."


def _leads(found: Sensitivity) -> Iterator[str]:
    for bar in found.bars:
        if bar.sort == "decides":
            ends = "; ".join(_end_words(change, found) for change in bar.changes)
            yield f"{bar.name} (now: {bar.central}): {ends}."


def _end_words(change: Change, found: Sensitivity) -> str:
    if not change.clear:
        return f"at {change.words} no change that can be told from chance"
    return f"at {change.words} {more(change.mean, found.asked.unit)}"


def _most(found: Sensitivity) -> str:
    longest = [bar for bar in found.bars if bar.sort != "decides" and bar.clear][:3]
    if not longest:
        return "No other assumption makes a change that can be told from chance."
    told = "; ".join(f"{bar.name} ({_span(bar, found)})" for bar in longest)
    return f"Of the other assumptions, these move it most: {told}."


def _span(bar: Bar, found: Sensitivity) -> str:
    unit = found.asked.unit
    return ", ".join(f"{more(c.mean, unit)} at {c.words}" for c in bar.changes)


def _needed(found: Sensitivity) -> str:
    if not found.needed:
        return "How many futures a precision takes cannot be told: it does not vary, or is 0."
    told = ", ".join(f"to {row.share:.0%}: {row.futures:,}" for row in found.needed)
    return (
        f"Futures needed to know this average, 19 times in 20: {told}. More futures make the"
        " average surer, not the range narrower."
    )


def expected(found: Sensitivity) -> tuple[str, ...]:
    """What a prototype found about the two assumptions that decide, and whether this agrees."""
    bars = {bar.name: bar for bar in found.bars if bar.sort == "decides"}
    in_years = is_year(found.asked.period or "2025-26")
    whole = found.asked.measure in MONEY and not found.asked.group and in_years
    if not found.recruits or not whole or not bars:
        return ()
    saves = amount(-found.central / found.added, found.asked.unit)
    compared = [
        f"now {saves} saved a year.",
        _agrees(bars, WANT_OF_CARER, 1, found),
        _agrees(bars, IFA_LIMIT, 0, found),
    ]
    return (
        "What to expect: an earlier throwaway model of a median authority (457 children, 20 more"
        " households, a year's average, 2024-25 prices) saved £0.46m a year with 15% of entries to"
        " homes for want of a carer, £0.83m with 37%, and £1.91m under a binding limit on agencies:"
        " the more children are in homes for want of a carer, the more new carers save.",
        " ".join(["Here:", *compared]),
    )


def _agrees(bars: Mapping[str, Bar], name: str, end: int, found: Sensitivity) -> str:
    bar = bars.get(name)
    if bar is None or len(bar.changes) <= end:
        return ""
    change = bar.changes[end]
    saves = amount(-(found.central + change.mean) / found.added, found.asked.unit)
    if not change.clear:
        verdict = "the change cannot be told from chance"
    else:
        verdict = "more is saved, as expected" if change.mean < 0 else "less is saved, unlike there"
    return f"{capital(change.words)}: {saves} ({verdict})."


def shown(found: Sensitivity, top: int) -> tuple[Bar, ...]:
    """The bars that are shown: those that decide, then so many."""
    leads = [bar for bar in found.bars if bar.sort == "decides"]
    return (*leads, *[bar for bar in found.bars if bar.sort != "decides"][:top])


def hidden(found: Sensitivity, top: int) -> str:
    """How many bars are not shown."""
    left = len(found.bars) - len(shown(found, top))
    return f"{left} more are in the table." if left else ""


def made(found: Sensitivity) -> str:
    """How it was made."""
    return (
        f"{found.simulated:,} futures simulated in {found.seconds:,.0f} seconds, seed {found.seed}:"
        f" {found.replications:,} in which all is drawn, the others at central values."
    )


# --- the page ---------------------------------------------------------------------------------


def parts(found: Sensitivity, top: int = SHOWN) -> tuple[Part, ...]:
    """The page's parts, the lead apart."""
    return (
        Part("One assumption after the other", _READING, _tables(found, top), (CHART,)),
        *_deciding(found),
        *_ignorance(found),
        *_correlations(found, top),
        Part("How to read it", _LIMITS),
    )


_READING = (
    "Each assumption is set to its low and its high end, all else as stated, in the same futures:"
    " the same luck, so that only the assumption differs. The ends of a range hold 19 draws in 20.",
    "All assumptions were looked at in a few futures first; those that lead in more. The table says"
    " how many.",
)
_LIMITS = (
    "A change that cannot be told from no change may still be there: it is small beside the error"
    " of the simulation. With many assumptions, one in twenty looks clear by luck alone.",
    "One assumption at a time says nothing of two together; the split of the range does.",
    "A range is what its author put in the scenario. What has no range is taken as known.",
)


def _tables(found: Sensitivity, top: int) -> tuple[Table, ...]:
    notes = tuple((bar.name, bar.note) for bar in shown(found, top) if bar.sort != "decides")
    what = Table("What they are", ("Assumption", "Meaning and source"), notes, text=True)
    return (_tornado(found, top), *([what] if notes else []))


def _tornado(found: Sensitivity, top: int) -> Table:
    rows = tuple(row for bar in shown(found, top) for row in _rows(bar, found))
    return Table(
        "Change of the average",
        ("Assumption", "Now", "If it is", "Change", "Error", "Finding", "Futures"),
        rows,
        f"Error: half the 95% interval is about twice this. {hidden(found, top)}".strip(),
    )


def _rows(bar: Bar, found: Sensitivity) -> Iterator[tuple[str, ...]]:
    unit = found.asked.unit
    for change in bar.changes:
        yield (
            bar.name,
            bar.central,
            change.words,
            more(change.mean, unit),
            amount(change.se, unit),
            finding(change),
            str(change.futures),
        )


def finding(change: Change) -> str:
    """Whether a change is told from none, in words."""
    if change.clear:
        return "clear"
    return "none at all" if change.mean == change.se == 0 else "cannot be told from no change"


def _deciding(found: Sensitivity) -> Iterator[Part]:
    bars = [bar for bar in found.bars if bar.sort == "decides"]
    if bars:
        rows = tuple((bar.name, bar.central, bar.note) for bar in bars)
        table = Table("How they were set", ("Assumption", "Now", "Ends"), rows, text=True)
        yield Part("The two that decide the money", (_WHY, *expected(found)), (table,))


_WHY = (
    "Two assumptions that nobody publishes decide what more carers save: how many entries to"
    " children's homes are for want of a carer (15% to 50%), and what limits the market of"
    " agencies. The first is set so that as many children live in homes as now, because that number"
    " is published; the share is that of placements in homes begun in the run whose plan was a"
    " foster family."
)


def _ignorance(found: Sensitivity) -> Iterator[Part]:
    if found.ignorance is None or math.isnan(found.ignorance.split.share):
        return
    told = [part for part in found.ignorance.parts if part.clear]
    rows = [(part.path, percent(part.share), f"± {percent(2 * part.se)}") for part in told]
    rows.append(("other ignorance", percent(found.ignorance.rest), ""))
    rows.append(("chance", percent(found.ignorance.chance), ""))
    one = " Too few futures for all at once: the strongest first." * found.ignorance.stepwise
    yield Part(
        "Ignorance and chance",
        (
            _split(found),
            "Other ignorance is what several assumptions make together, or too little to be told"
            f" from nothing; the rows add up to 100%. Chance alone would name an assumption in"
            f" fewer than one table of {1 / SURE:.0f}.{one}",
        ),
        (Table("Shares of the variance", ("Source", "Share", "Error (95%)"), tuple(rows)),),
    )


def _correlations(found: Sensitivity, top: int) -> Iterator[Part]:
    rows = tuple(
        (str(row.path), f"{row.correlation:+.2f}".replace("-", MINUS), f"± {1.96 * row.se:.2f}")
        for row in found.correlations.head(top).itertuples()
    )
    if rows:
        table = Table("Rank correlation", ("Assumption", "Correlation", "Error (95%)"), rows)
        yield Part(
            "What goes with it when all is drawn",
            ("Futures in which an assumption was drawn high, beside those in which it was low.",),
            (table,),
        )


# --- the file ---------------------------------------------------------------------------------


def records(found: Sensitivity) -> list[dict[str, Any]]:
    """The rows of `sensitivity.csv`: one for each end of every bar."""
    correlation = {str(row.path): row for row in found.correlations.itertuples()}
    share = {part.path: part for part in found.ignorance.parts} if found.ignorance else {}
    rows = []
    for bar in found.bars:
        near, part = correlation.get(bar.name), share.get(bar.name)
        for place, change in enumerate(bar.changes):
            values = (
                bar.name, bar.sort, bar.central, ("low", "high")[place], change.words, change.mean,
                change.se, "yes" if change.clear else "no", change.futures,
                near.correlation if near else math.nan, near.se if near else math.nan,
                part.share if part else math.nan, part.se if part else math.nan,
            )  # fmt: skip
            rows.append(dict(zip(COLUMNS, values, strict=True)))
    return rows
