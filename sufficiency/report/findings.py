"""What other commands found about a scenario, kept in a folder so that its report can show it.

`target`, `sensitivity`, `validate` and `verify` each leave a `manifest.json`, which says what kind
of finding it is, of which scenario, and how it was made, and a `found.json` with all that charts
and sentences are made of. Both are read back with every check, as anybody may have changed them: a
finding is only ever numbers and text, and is drawn anew.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, get_type_hints

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from sufficiency.charts.look import Chart
from sufficiency.errors import SufficiencyError
from sufficiency.experiment.entries import with_paths
from sufficiency.report.grids import date_words
from sufficiency.results.files import read_json, sha256, writable, write_json, write_text
from sufficiency.results.results import version_of
from sufficiency.scenario import Given, Scenario, Study, as_tree, with_edits, with_values
from sufficiency.sensitivity.analysing import Sensitivity
from sufficiency.targets import Target
from sufficiency.validation import Validated
from sufficiency.verification.checks import Verification

MANIFEST, FOUND = "manifest.json", "found.json"
LARGEST = 20_000_000
"""Bytes of a file that is read back, at most."""
KINDS: Mapping[str, type] = {
    "target": Target,
    "sensitivity": Sensitivity,
    "validation": Validated,
    "verification": Verification,
}
"""What a folder may hold."""
COMMANDS: Mapping[str, str] = {
    "target": "target",
    "sensitivity": "sensitivity",
    "validation": "validate",
    "verification": "verify",
}
"""By which command each is made."""
NOT_COMPARED = (
    "description", "replications", "seed", "years", "budget", "budgeted", "ledger", "observed",
    "history", "plan",
)  # fmt: skip
"""Parts of a scenario that may differ between a run and a finding about the same scenario."""
_LEFT_OUT: Mapping[str, tuple[str, ...]] = {
    "target": ("scenario",),
    "sensitivity": ("correlations", "shares"),
}
"""What is not kept: it is made again from the scenario, or no page shows it."""
_CORRELATIONS = ("path", "value", "low", "high", "correlation", "se")


class Stated(BaseModel):
    """The manifest of a finding."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    kind: str
    name: str = Field(max_length=500)
    """Of the scenario."""
    scenario: str
    """What identifies it, settings of a run apart."""
    option: str = Field(max_length=500)
    """The option that it is about; empty: none, or all."""
    option_says: str
    """What identifies that."""
    version: str = Field(max_length=100)
    seed: int = Field(ge=0, lt=2**63)
    futures: int = Field(ge=0, le=10**9)
    made: str = Field(max_length=40)
    """When: local time, ISO 8601."""
    found: str
    """SHA-256 of `found.json`."""


class Finding(NamedTuple):
    """One finding and how it was made."""

    stated: Stated
    found: Any
    """A `Target`, `Sensitivity`, `Validated` or `Verification`."""

    @property
    def source(self) -> str:
        """Where its numbers come from, in a line."""
        made = self.stated
        return (
            f"sufficiency {made.version}, {COMMANDS[made.kind]} of {made.name}, {made.futures:,}"
            f" futures{' or more' * (made.kind == 'target')}{self._length}, seed {made.seed},"
            f" {date_words(made.made[:10])}"
        )

    @property
    def _length(self) -> str:
        """How long the run was, where the number is of the whole of it."""
        years = self.found.years if self.stated.kind == "sensitivity" else None
        return "" if years is None else f" of {years:g} year{'s' * (years != 1)}"


class Findings(NamedTuple):
    """What goes into a report beside its run."""

    targets: tuple[Finding, ...] = ()
    sensitivities: tuple[Finding, ...] = ()
    validations: tuple[Finding, ...] = ()
    verifications: tuple[Finding, ...] = ()


LEFT_OUT = (
    "A finding of another command is left out: it is about a number that is not in this report."
)


def not_shown(one: Finding, summary: pd.DataFrame) -> bool:
    """Whether a finding is about a number that the page has not, or withholds.

    Args:
        one: About a measure, of a group, on dates or over periods.
        summary: Of the page's run.
    """
    about = one.found.goal if one.stated.kind == "target" else one.found.asked
    return not_in(summary, about.measure, about.group, about.period)


def not_in(summary: pd.DataFrame, measure: str, group: str, period: str) -> bool:
    """Whether a summary has nothing of a measure and group as often as that period comes."""
    rows = summary[(summary["measure"] == measure) & (summary["group"].fillna("") == group)]
    return not any(not period or _form(p) == _form(period) for p in rows["period"].astype(str))


def _form(period: str) -> str:
    """A date, quarter, or month or year, by its form."""
    return "quarter" if "-Q" in period else "date" if len(period) == 10 else "months"


def redrawn(chart: Chart, one: Finding, place: int = 1) -> Chart:
    """A chart of a finding, with its own source, and a name that no other of its kind has."""
    name = chart.name if place == 1 else f"{chart.name}-{place}"
    return replace(chart, name=name, source=one.source, elsewhere=True)


# --- keeping ----------------------------------------------------------------------------------


def keep(
    found: Any, study: Study, folder: Path, *, option: str = "", seed: int | None = None
) -> None:
    """Write what a report needs of a finding into its folder.

    Args:
        found: A `Target`, `Sensitivity`, `Validated` or `Verification`.
        study: Of which it was found, as its file says.
        folder: Where to; it is there.
        option: The option that it is about.
        seed: Seed of the random numbers; left out: as the finding or the scenario says.
    """
    kind = next(name for name, type_ in KINDS.items() if isinstance(found, type_))
    with writable(folder):
        write_text(folder / FOUND, _text(kind, found))
        stated = Stated(
            kind=kind,
            name=study.scenario.name,
            scenario=identity(study),
            option=option,
            option_says=_says(study, option),
            version=version_of("sufficiency"),
            seed=getattr(found, "seed", study.scenario.seed) if seed is None else seed,
            futures=int(found.replications),
            made=datetime.now().astimezone().isoformat(timespec="seconds"),
            found=sha256(folder / FOUND),
        )
        write_json(folder / MANIFEST, stated.model_dump())


def identity(study: Study) -> str:
    """What identifies the scenario of a study, whatever the seed, length and futures of a run."""
    whole = with_paths(study)
    tree = {n: v for n, v in as_tree(whole.scenario).items() if n not in NOT_COMPARED}
    ranges = [
        (row.path, row.low, row.high)
        for row in whole.assumptions
        if row.low is not None and not row.path.startswith("options.")
    ]
    made_of = [row.source for row in whole.assumptions if row.confidence == "derived"]
    return _digest({"scenario": tree, "ranges": sorted(ranges), "made_of": sorted(made_of)})


def _says(study: Study, option: str) -> str:
    edits = [o.model_dump()["edits"] for o in study.options if o.name == option]
    return _digest(edits) if edits else ""


def _digest(content: Any) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> str:
    """A file by what it is called; its sources say what it was made of."""
    return type(value).__name__ if isinstance(value, Given) else str(value)


@cache
def _model(kind: str) -> type[BaseModel]:
    """A finding as it is kept: its own fields, with their types checked."""
    of, left_out = KINDS[kind], _LEFT_OUT.get(kind, ())
    names = [f.name for f in fields(of)] if is_dataclass(of) else list(of._fields)  # type: ignore[attr-defined]  # the others are named tuples
    hints = get_type_hints(of)
    kept: dict[str, Any] = {n: (hints[n], ...) for n in names if n not in left_out}
    if "correlations" in left_out:
        kept["correlations"] = (tuple[tuple[str, float, float, float, float, float], ...], ...)
    config = ConfigDict(extra="forbid", ser_json_inf_nan="strings", arbitrary_types_allowed=True)
    return create_model(f"Kept{of.__name__}", __config__=config, **kept)


def _text(kind: str, found: Any) -> str:
    model = _model(kind)
    values = {name: getattr(found, name) for name in model.model_fields}
    if "correlations" in values:
        rows = found.correlations[list(_CORRELATIONS)].itertuples(index=False)
        values["correlations"] = tuple(tuple(row) for row in rows)
    return model.model_construct(**values).model_dump_json(indent=1) + "\n"


# --- reading ----------------------------------------------------------------------------------


def read(folders: Sequence[Path], study: Study) -> Findings:
    """The findings of some folders, which must be of the scenario of a run.

    Args:
        folders: Written by `target`, `sensitivity`, `validate` or `verify`.
        study: The run's.

    Raises:
        SufficiencyError: Every folder that cannot be used, and why, in one message.
    """
    found: list[Finding] = []
    wrong: list[str] = []
    of_run = identity(study) if folders else ""
    given = {os.path.realpath(folder): folder for folder in folders}  # once, by whatever name
    for folder in given.values():
        try:
            found.append(_read(folder, study, of_run))
        except SufficiencyError as error:
            wrong.append(f"--with {folder}: {error}")
    if wrong:
        raise SufficiencyError("\n".join(wrong))
    kinds = (tuple(one for one in found if one.stated.kind == kind) for kind in KINDS)
    return Findings(*kinds)


def _read(folder: Path, study: Study, of_run: str) -> Finding:
    stated = _stated(folder)
    if stated.scenario != of_run:
        raise SufficiencyError(_another(stated.name, study))
    if stated.option_says != _says(study, stated.option):
        raise SufficiencyError(f"the run has no option '{stated.option}', or another one")
    path = folder / FOUND
    try:
        _check_size(path)
        if sha256(path) != stated.found:
            raise SufficiencyError(f"{FOUND} has been changed since it was written")
        kept = _model(stated.kind).model_validate_json(path.read_bytes())
        return Finding(stated, _found(stated, kept, study))
    except OSError as error:
        raise SufficiencyError(f"{FOUND} cannot be read: {error.strerror}") from None
    except (ValidationError, ValueError, TypeError, LookupError, RecursionError):
        raise SufficiencyError(f"{FOUND} is not what sufficiency {stated.kind} writes") from None


def _stated(folder: Path) -> Stated:
    what = "target, sensitivity, validate or verify"
    try:
        _check_size(folder / MANIFEST)
        stated = Stated.model_validate(read_json(folder / MANIFEST))
    except OSError:
        raise SufficiencyError(f"there is no {MANIFEST}: name a folder written by {what}") from None
    except (ValidationError, ValueError, TypeError, RecursionError):
        raise SufficiencyError(f"{MANIFEST} is not one of {what}") from None
    if stated.kind not in KINDS or not _is_time(stated.made):
        raise SufficiencyError(f"{MANIFEST} is not one of {what}")
    return stated


def _check_size(path: Path) -> None:
    """Refuse what would be read for ever: too large a file, a device, a pipe."""
    if path.stat().st_size > LARGEST:
        raise SufficiencyError(f"{path.name} is too large")
    if not path.is_file():
        raise SufficiencyError(f"{path.name} is not a file")


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _another(name: str, study: Study) -> str:
    if name != study.scenario.name:
        return f"it is of {name}, and the run of {study.scenario.name}"
    return f"its scenario {name} differs from that of the run: simulate it again"


def _found(stated: Stated, kept: BaseModel, study: Study) -> Any:
    """The finding as it was, with what was not kept made again."""
    values = {name: getattr(kept, name) for name in type(kept).model_fields}
    again: Mapping[str, Callable[[], dict[str, Any]]] = {
        "target": lambda: {"scenario": _with_answer(values, study)},
        "sensitivity": lambda: {
            "shares": (),
            "correlations": pd.DataFrame(values["correlations"], columns=list(_CORRELATIONS)),
        },
    }
    values |= again.get(stated.kind, dict)()
    return KINDS[stated.kind](**values)


def _with_answer(values: Mapping[str, Any], study: Study) -> Scenario:
    """The run's scenario with the answer of a target."""
    lever = values["lever"]
    edits: Iterable[Any] = (o.edits for o in study.options if o.name == lever.option)
    scenario = with_edits(study.scenario, next(iter(edits), ()))
    answer = values["answer"]
    return with_values(scenario, {lever.path: int(answer) if lever.whole else answer})
