"""The table of checks as text: 80 columns, no colour, no markup."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from sufficiency.verification.checks import FALSE_ALARM, LIMIT, Check, Verification

WIDTH = 80
_COLUMNS = (23, 24, 7, 9, 6, 6)
_HEADINGS = ("check", "compared with", "exact", "simulated", "±", "result")


def text(found: Verification) -> str:
    """The whole table: checks on stripped copies, on the whole, what was stripped, a sentence."""
    options = _several(found.options, "option")
    stripped, whole = (_several(n, "future") for n in (found.replications, found.full))
    lines = [
        *_wrapped(f"{found.name}, {len(found.checks)} checks of the engine, seed {found.seed}"),
        "",
        *_wrapped(f"On stripped copies, {stripped} each"),
        *_rows(found.stripped),
        "",
        *_wrapped(f"On the whole scenario with {options}, {whole} each"),
        *_rows(found.whole),
        *_stripped("Stripped for Erlang B", found.pools),
        *_stripped("Stripped for M(t)/G/∞", found.seasons),
        "",
        *_wrapped(_about_chance()),
        "",
        *_wrapped(sentence(found)),
    ]
    return "\n".join(line.rstrip() for line in lines)


def _several(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def sentence(found: Verification) -> str:
    """What came out, in a sentence or two."""
    failed = [check for check in found.checks if not check.holds]
    if not failed:
        return f"All {len(found.checks)} checks of {found.name} hold."
    told = "; ".join(f"{check.name} ({check.detail})" for check in failed)
    verb = "does" if len(failed) == 1 else "do"
    return f"{len(failed)} of {len(found.checks)} checks of {found.name} {verb} not hold: {told}."


def _about_chance() -> str:
    return (
        "± is the standard error of a mean over futures. Such a row holds within"
        f" {LIMIT:g} standard errors, a little more where they are estimated from few futures or"
        f" the row is the worst of many: a right engine misses once in {1 / FALSE_ALARM:,.0f}."
        " Should one fail, another --seed tells chance from error. Rows without ± must agree"
        " exactly."
    )


def _stripped(title: str, said: Sequence[str]) -> Iterator[str]:
    yield ""
    yield f"{title}:"
    for one in said or ("nothing: the scenario has none of what would be taken out",):
        yield from textwrap.wrap(one, WIDTH, initial_indent="- ", subsequent_indent="  ")


def _rows(checks: Sequence[Check]) -> Iterator[str]:
    yield from _row(_HEADINGS)
    for check in checks:
        error = "" if check.error is None else f"{check.error:.2g}"
        result = "holds" if check.holds else "FAILS"
        numbers = (_number(check.exact), _number(check.simulated))
        yield from _row((check.name, check.against, *numbers, error, result))


def _row(cells: Sequence[str]) -> Iterator[str]:
    """Words to the left, over as many lines as they need; numbers to the right, on the first."""
    folded = [
        textwrap.wrap(cell, width) or [""] for cell, width in zip(cells, _COLUMNS, strict=True)
    ]
    for line in zip_longest(*folded, fillvalue=""):
        yield " ".join(
            f"{cell:<{width}}" if place in (0, 1, 5) else f"{cell:>{width}}"
            for place, (cell, width) in enumerate(zip(line, _COLUMNS, strict=True))
        )


def _number(value: float) -> str:
    if abs(value) < 1e-6:
        return "0"
    return f"{value:,.0f}" if abs(value) >= 1000 or value.is_integer() else f"{value:.4g}"


def _wrapped(sentence: str) -> list[str]:
    return textwrap.wrap(sentence, WIDTH, break_on_hyphens=False)
