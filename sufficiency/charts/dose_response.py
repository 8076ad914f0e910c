"""Dose and response: a measure and the share of futures that meet a goal, by value of a lever."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from sufficiency.answer.target_page import columns, of_futures, plain, rows, shown, title
from sufficiency.charts.drawing import FIRST, SECOND, Chart, Line, Panel, curve_panel
from sufficiency.charts.knowing import setting
from sufficiency.targets.curve import Dose
from sufficiency.targets.searching import Target


def dose_response(target: Target) -> Chart:
    """The measure against the goal, and the share of futures that meet it."""
    doses = [dose for dose in target.doses if not math.isnan(dose.mean)]
    panels = (_measure(target, doses), _share(target, doses)) if doses else ()
    goal = target.goal
    group = f" ({goal.group})" if goal.group else ""
    return Chart(
        name="dose-response",
        title=title(target),
        subtitle=f"{goal.measure}{group}, {goal.period}, by “{setting(target.lever.path)}”,"
        f" {target.name}",
        panels=panels,
        alternative=tuple(_words(target, dose) for dose in (doses[:1] + doses[-1:])),
        columns=columns(target),
        rows=rows(target),
    )


def _measure(target: Target, doses: Sequence[Dose]) -> Panel:
    """Average and range of futures, and the line of the goal."""
    scale = 100 if target.goal.unit == "share" else 1
    unit = "%" if scale == 100 else target.goal.unit
    x = [str(dose.value) for dose in doses]
    goal = scale * target.goal.value
    band = _band(x, [(scale * dose.p10, scale * dose.p90) for dose in doses])
    lines = [
        Line("average", "average", x, [scale * dose.mean for dose in doses], FIRST),
        Line("goal", "goal", [x[0], x[-1]], [goal, goal], SECOND),
    ]
    low = min(goal, *band["p10"], 0)
    high = max(goal, *band["p90"])
    room = 0.08 * ((high - low) or 1.0)
    ends = (low - room if low < 0 else 0.0, high + room)
    return curve_panel(f"The measure, {unit}", lines, ("P10 to P90", band), ends=ends)


def _share(target: Target, doses: Sequence[Dose]) -> Panel:
    """The share of futures that meet the goal, and the share that is asked for."""
    x = [str(dose.value) for dose in doses]
    wanted = 100 * target.confidence
    band = _band(x, [(100 * dose.share.low, 100 * dose.share.high) for dose in doses])
    lines = [
        Line("share", "share", x, [100 * dose.share.value for dose in doses], FIRST),
        Line("asked for", "asked for", [x[0], x[-1]], [wanted, wanted], SECOND),
    ]
    heading = "Futures that meet the goal, %"
    return curve_panel(heading, lines, ("the simulation's error, 95%", band), ends=(0.0, 104.0))


def _band(x: Sequence[str], ends: Sequence[tuple[float, float]]) -> pd.DataFrame:
    low, high = zip(*ends, strict=True)
    return pd.DataFrame({"p10": low, "p90": high}, index=pd.Index(x))


def _words(target: Target, dose: Dose) -> str:
    unit = target.goal.unit
    return (
        f"With {plain(dose.value)} the average is {shown(dose.mean, unit)}, and the goal is met in"
        f" {100 * dose.share.value:.0f}% of futures; asked for: {of_futures(target)}."
    )
