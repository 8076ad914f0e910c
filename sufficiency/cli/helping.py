"""How help reads: commands in the order in which they are met, an example that can be copied."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

GROUPS: Mapping[str, Sequence[str]] = {
    "The question": ("run", "check", "changes", "new"),
    "A finished run": ("report", "pressure", "compare"),
    "How much, and what it hangs on": ("target", "sensitivity"),
    "Why believe it": ("validate", "verify", "reconcile", "backtest"),
    "Your own data": ("synthesise", "calibrate", "forecast"),
}
"""Headings of the list, and the commands below each; what is in none comes last."""
_OTHERS = "Other commands"
_TYPE = re.compile(r" <[^>]+>$")
_RANGE = re.compile(r"(; )?\b(\d+)<=x(?:<=(\d+))?|(; )?\bx>=\d+")
_LARGE = 10**9
"""Ends of a range that only a machine cares for."""
_WORD = re.compile(r"""(?:"[^"]*"|\S)+""")


class Helped(TyperCommand):
    """A command whose help speaks of settings, not of types."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write arguments and options: no types beside names, bounds in words."""
        for heading, kind in (("Arguments", "argument"), ("Options", "option")):
            params = [param for param in self.get_params(ctx) if param.param_type_name == kind]
            records = [record for p in params if (record := p.get_help_record(ctx)) is not None]
            if records:
                with formatter.section(heading):
                    formatter.write_dl([(_TYPE.sub("", n), _in_words(h)) for n, h in records])

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Name the arguments as the list below names them."""
        pieces = super().collect_usage_pieces(ctx)
        return [piece.replace("{", "").replace("}...", "").replace("}", "") for piece in pieces]

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the example so that it can be copied, over several lines if it is long."""
        write_example(self.epilog, formatter)


class Grouped(TyperGroup):
    """The program, whose help lists its commands in groups."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Names in the order of the groups."""
        return [name for _, names in self._groups() for name in names]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write a list for each group; no line is cut short."""
        for heading, names in self._groups():
            with formatter.section(heading):
                formatter.write_dl([(name, _short(self.commands[name])) for name in names])

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the example."""
        write_example(self.epilog, formatter)

    def _groups(self) -> list[tuple[str, list[str]]]:
        there = {name for name, command in self.commands.items() if not command.hidden}
        known = {name for names in GROUPS.values() for name in names}
        groups = {**GROUPS, _OTHERS: [name for name in self.commands if name not in known]}
        found = {head: [n for n in names if n in there] for head, names in groups.items()}
        return [(heading, names) for heading, names in found.items() if names]


class Program(typer.Typer):
    """The program, whose commands are all `Helped`."""

    def command(self, *args: Any, **kwargs: Any) -> Callable[..., Any]:
        """Register a command."""
        return super().command(*args, **{"cls": Helped, **kwargs})


def _short(command: Any) -> str:
    """The first paragraph of its help."""
    text = command.short_help or (command.help or "").strip().partition("\n\n")[0]
    return " ".join(text.split())


def _in_words(text: str) -> str:
    """A help text with its bounds in words, without those that nobody would pass."""
    text = _RANGE.sub(_bounds, text).replace("[; ", "[")
    return text.replace("  []", "")


def _bounds(found: re.Match[str]) -> str:
    low, high = found[2], found[3]
    if low is None or (high is not None and int(high) > _LARGE):
        return ""
    return f"{found[1] or ''}{int(low):,} to {int(high):,}"


def write_example(text: str | None, formatter: Any) -> None:
    """Write an example; the lines of a long one end as a shell continues them."""
    if not text:
        return
    lines, room = [""], formatter.width - 4
    for word in _WORD.findall(text):
        if lines[-1] and len(lines[-1]) + len(word) + 1 > room:
            lines[-1] += " \\"
            lines.append("   ")
        lines[-1] += f" {word}" if lines[-1] else word
    formatter.write_paragraph()
    for line in lines:
        formatter.write(f"  {line}\n")
