"""The checks of the engine on the screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sufficiency.answer.screens import (
    Block,
    Gap,
    Heading,
    Paragraph,
    Row,
    Screen,
    Table,
    columns,
    plain,
)
from sufficiency.verification.checks import FALSE_ALARM, LIMIT, Check, Verification
from sufficiency.verification.table import sentence

_HEADS = columns("compared with", "exact", "simulated", "±", "result", label="check", text=(0, 4))


def screen(found: Verification) -> Screen:
    """Checks on stripped copies, on the whole, what was stripped, a sentence."""
    options = _several(found.options, "option")
    stripped, whole = (_several(n, "future") for n in (found.replications, found.full))
    blocks = [
        Paragraph(f"{found.name}, {len(found.checks)} checks of the engine, seed {found.seed}"),
        Heading(f"On stripped copies, {stripped} each"),
        Table(_HEADS, tuple(map(_row, found.stripped))),
        Heading(f"On the whole scenario with {options}, {whole} each"),
        Table(_HEADS, tuple(map(_row, found.whole))),
        *_stripped("Stripped for Erlang B", found.pools),
        *_stripped("Stripped for M(t)/G/∞", found.seasons),
        Gap(),
        Paragraph(_about_chance()),
        Gap(),
        Paragraph(sentence(found)),
    ]
    return Screen(tuple(blocks))


def text(found: Verification) -> str:
    """The same as plain text: 80 columns, no colour, no markup."""
    return plain(screen(found))


def _several(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _about_chance() -> str:
    return (
        "± is the standard error of a mean over futures. Such a row holds within"
        f" {LIMIT:g} standard errors, a little more where they are estimated from few futures or"
        f" the row is the worst of many: a right engine misses once in {1 / FALSE_ALARM:,.0f}."
        " Should one fail, another --seed tells chance from error. Rows without ± must agree"
        " exactly."
    )


def _stripped(title: str, said: Sequence[str]) -> Iterator[Block]:
    yield Heading(f"{title}:")
    for one in said or ("nothing: the scenario has none of what would be taken out",):
        yield Paragraph(f"- {one}", hang=2)


def _row(check: Check) -> Row:
    error = "" if check.error is None else f"{check.error:.2g}"
    result = "holds" if check.holds else "FAILS"
    numbers = (_number(check.exact), _number(check.simulated))
    return Row((check.name, check.against, *numbers, error, result))


def _number(value: float) -> str:
    if abs(value) < 1e-6:
        return "0"
    return f"{value:,.0f}" if abs(value) >= 1000 or value.is_integer() else f"{value:.4g}"
