"""Ignorance against chance, and the assumptions that go with a number, from a run alone."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sufficiency.answer.money import pounds
from sufficiency.answer.words import MINUS, capital, count, percent, signed, title
from sufficiency.charts.drawing import (
    BLUE,
    INK,
    Bar,
    Chart,
    Dot,
    Mark,
    Panel,
    bar_panel,
    dot_panel,
    wrapped,
)
from sufficiency.sensitivity.knowing import NET_COST, Known
from sufficiency.sensitivity.splitting import Z

SHOWN = 6
"""Assumptions of each number that are drawn, the strongest first."""
_IGNORANCE = "ignorance: what is uncertain and could be found out"
_CHANCE = "chance: what no knowledge takes away"
_INTERVAL = "95% interval of the share"
_TOLD = ("goes with it; bar: 95% interval", "cannot be told from nothing")
_LABEL, _LETTER = 24, 7.0


def ignorance_chart(found: Sequence[Known], area: str, time: str) -> Chart | None:
    """How much of each range is ignorance, and how much chance; None where nothing is told.

    Args:
        found: How well each number is known.
        area: Name of the authority.
        time: What time the numbers are of.
    """
    told = [known for known in found if not math.isnan(known.split.share)]
    if not told:
        return None
    return Chart(
        name="ignorance",
        title=_split_title(told[0]),
        subtitle=f"Shares of the variance over futures, {area}, {time}, {told[0].split.pairs} pairs"
        f" of futures with the same assumptions{_about(told)}",
        panels=(_split_panel(told),),
        alternative=tuple(_split_words(known) for known in told),
        columns=("Number", "Average", "8 futures in 10", "Ignorance", "95% interval", "Chance"),
        rows=tuple(_split_row(known) for known in told),
    )


def name_of(known: Known) -> str:
    """What the number is."""
    if not known.option:
        return "Net cost over the run" if known.asked.measure == NET_COST else known.asked.measure
    what = "Saving of" if known.asked.measure == NET_COST else "Children more in-house with"
    return f"{what} “{title(known.option)}”"


def shown(known: Known, value: float) -> str:
    """A value of the number; of an option's cost, what it saves."""
    saves = known.option and known.asked.measure == NET_COST
    if known.asked.unit == "£":
        return pounds(-value if saves else value)
    return signed(value).removesuffix(".0")


def span(known: Known) -> str:
    """Where 8 futures in 10 lie."""
    ends = (known.low, known.high)
    if known.option and known.asked.measure == NET_COST:
        ends = (known.high, known.low)
    return " to ".join(shown(known, end) for end in ends)


def _split_title(known: Known) -> str:
    low, high = known.split.interval
    what = "the range of net cost" if not known.option else "the range of the saving"
    if known.asked.measure != NET_COST:
        what = "the range of children in-house"
    if low > 0.5:
        return f"Most of {what} is ignorance"
    if high < 0.5:
        return f"Most of {what} is chance"
    return "Whether ignorance or chance is larger cannot be told"


def _split_panel(told: Sequence[Known]) -> Panel:
    shares = [100 * known.split.share for known in told]
    bars = [
        Bar(_label(known), (share, 100 - share), f"{share:.0f}% ignorance")
        for known, share in zip(told, shares, strict=True)
    ]
    heading = "Share of the variance, %"
    panel = bar_panel(heading, bars, (_IGNORANCE, _CHANCE), write=lambda v: f"{v:.0f}%", end=100)
    ends = [[100 * end for end in known.split.interval] for known in told]
    panel.figure.add_scatter(
        x=[round(share, 2) for share in shares],
        y=[wrapped(bar.label) for bar in bars],
        mode="markers",
        marker={"size": 6, "color": "#FFFFFF", "line": {"color": INK, "width": 1.5}},
        error_x={
            "type": "data", "symmetric": False, "color": INK, "thickness": 2, "width": 5,
            "array": [
                round(high - share, 2) for (_, high), share in zip(ends, shares, strict=True)
            ],
            "arrayminus": [
                round(share - low, 2) for (low, _), share in zip(ends, shares, strict=True)
            ],
        },
        hoverinfo="skip",
        name=_INTERVAL,
    )  # fmt: skip
    return Panel(
        heading, panel.figure, (*panel.key, Mark("line", INK, "solid", "circle", _INTERVAL))
    )


def _about(told: Sequence[Known]) -> str:
    options = dict.fromkeys(known.option for known in told if known.option)
    return "".join(f"; the option is “{title(option)}”" for option in options)


def _label(known: Known) -> str:
    if not known.option:
        return "Net cost"
    return "Saving of the option" if known.asked.measure == NET_COST else "Children in-house"


def _split_words(known: Known) -> str:
    low, high = known.split.interval
    return (
        f"{name_of(known)}: {percent(known.split.share)} ignorance ({percent(low)} to"
        f" {percent(high)}), {percent(1 - known.split.share)} chance."
    )


def _split_row(known: Known) -> tuple[str, ...]:
    low, high = known.split.interval
    return (
        name_of(known), shown(known, known.mean), span(known), percent(known.split.share),
        f"{percent(low)} to {percent(high)}", percent(1 - known.split.share),
    )  # fmt: skip


# --- what goes with it ------------------------------------------------------------------------


def correlations_chart(found: Sequence[Known], area: str, time: str) -> Chart | None:
    """The assumptions that go with net cost and with what an option saves; None without any.

    Args:
        found: How well each number is known.
        area: Name of the authority.
        time: What time the numbers are of.
    """
    told = [known for known in found if known.asked.measure == NET_COST and len(known.correlations)]
    if not told:
        return None
    return Chart(
        name="correlations",
        title=_correlations_title(told),
        subtitle=f"Rank correlation of what was drawn with the number, {area}, {time},"
        f" {told[0].split.pairs} pairs of futures; the {SHOWN} strongest of each",
        panels=tuple(map(_correlations_panel, told)),
        alternative=tuple(map(_correlations_words, told)),
        columns=("Number", "Assumption", "Correlation", "Error (95%)", "Finding"),
        rows=tuple(row for known in told for row in _correlation_rows(known)),
    )


def _correlations_title(told: Sequence[Known]) -> str:
    numbers = [(_short(known), int(known.correlations["told"].sum())) for known in told]
    first, n = numbers[0]
    if not any(n for _, n in numbers):
        return f"No assumption clearly goes with {' or '.join(what for what, _ in numbers)}"
    if not n:
        first, n = numbers[1]
        numbers = numbers[1:]
    text = f"{capital(_few(n))} assumption{'s' * (n > 1)} clearly go{'es' * (n == 1)} with {first}"
    others = [f"{_few(m) if m else 'none'} with {what}" for what, m in numbers[1:]]
    return ", ".join([text, *others])


def _few(n: int) -> str:
    return count(n) if n else "none"


def _short(known: Known) -> str:
    return "saving" if known.option else "net cost"


def setting(path: str) -> str:
    """A setting's path in words."""
    steps = [f"{int(step) + 1}" if step.isdecimal() else title(step) for step in path.split(".")]
    words = [steps[0], *(step if step[:2].isupper() else _small(step) for step in steps[1:])]
    return ": ".join(words)


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]


def _correlations_panel(known: Known) -> Panel:
    rows = known.correlations.head(SHOWN)
    labels = [wrapped(setting(str(path)), _LABEL) for path in rows["path"]]
    signs = -1.0 if known.option else 1.0  # of a saving, not of a cost
    dots = [
        Dot(label, signs * float(r), _end(signs * r - Z * se), _end(signs * r + Z * se), bool(told))
        for label, r, se, told in zip(
            labels, rows["correlation"], rows["se"], rows["told"], strict=True
        )
    ]
    panel = dot_panel(name_of(known), dots, (-1.05, 1.05), "95% interval")
    longest = max(len(line) for label in labels for line in label.split("<br>"))
    panel.figure.update_layout(margin={"l": 14 + round(_LETTER * longest)})
    for trace, name in zip(panel.figure.data, _TOLD, strict=False):
        trace.name = name
    key = (Mark("dot", BLUE, "", "", _TOLD[0]), Mark("ring", BLUE, "", "", _TOLD[1]))
    return Panel(panel.heading, panel.figure, key)


def _end(value: float) -> float:
    return min(max(float(value), -1.0), 1.0)


def _correlations_words(known: Known) -> str:
    told = known.correlations[known.correlations["told"]]
    if not len(told):
        return f"{name_of(known)}: no assumption can be told from nothing."
    names = ", ".join(f"{setting(str(r.path))} ({_signed(r, known)})" for r in told.itertuples())
    return f"{name_of(known)} goes with: {names}."


def _correlation_rows(known: Known) -> list[tuple[str, ...]]:
    return [
        (
            name_of(known),
            setting(str(row.path)),
            _signed(row, known),
            f"± {Z * float(row.se):.2f}",
            "goes with it" if row.told else "cannot be told from nothing",
        )
        for row in known.correlations.head(SHOWN).itertuples()
    ]


def _signed(row: object, known: Known) -> str:
    value = float(row.correlation)  # type: ignore[attr-defined]  # a row of a table has no type
    return f"{-value if known.option else value:+.2f}".replace("-", MINUS)
