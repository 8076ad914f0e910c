"""A return written as yearly SSDA903 files, with the overlap of years that real ones have.

The file of a year has every episode that was open at any time from 1 April to 31 March. What is
open on 31 March has no end in it, and stands in the next year's file again with the same beginning.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sufficiency.errors import SufficiencyError
from sufficiency.ssda903.returns import Return

if TYPE_CHECKING:
    import pandas as pd

Layout = Literal["folders", "flat"]
"""`folders`: `2023-24/episodes.csv`; `flat`: `episodes_2023-24.csv`."""

LETTERS_FOR_SEX_FROM = 2025
"""Year (by the one in which it ends) from which sex is a letter; before, 1 is male, 2 female."""

SEX = {True: {"male": "M", "female": "F", "": "U"}, False: {"male": "1", "female": "2", "": ""}}
NO_UPN, NO_UPN_UASC, NO_UPN_UNDER_5 = "UN5", "UN2", "UN1"
"""Codes for no pupil number: a made-up number might be a pupil's."""
OLDEST_WITHOUT_SCHOOL = 5
MOTHERS_FROM = 12
"""Age from which girls are asked whether they have a child."""


def year_label(year: int) -> str:
    """A financial year by the calendar year in which it ends: 2024 is `2023-24`."""
    return f"{year - 1}-{year % 100:02d}"


def write_return(
    returned: Return,
    folder: Path,
    *,
    layout: Layout = "folders",
    years: tuple[int, ...] | None = None,
    prefix: str = "SYN",
) -> tuple[Path, ...]:
    """Write the tables of each year; the folder must be new or empty.

    Args:
        returned: The return.
        folder: Where to write.
        layout: A folder for each year, or all files side by side.
        years: Only these (by the year in which they end): what had been returned by then.
        prefix: How the identifiers of children begin; a number follows.

    Returns:
        The files, in order.
    """
    check_empty(folder)
    files = []
    try:
        for year in returned.years if years is None else years:
            for name, table in tables_of(returned, year, prefix).items():
                label = year_label(year)
                file = folder / (f"{label}/{name}" if layout == "folders" else f"{name}_{label}")
                file = file.with_name(f"{file.name}.csv")
                file.parent.mkdir(parents=True, exist_ok=True)
                table.to_csv(file, index=False, encoding="utf-8", lineterminator="\r\n")
                files.append(file)
    except OSError as error:
        raise SufficiencyError(f"{folder} cannot be written: {error.strerror}") from None
    return tuple(files)


def check_empty(folder: Path) -> None:
    """Refuse a folder that has anything in it, or a file."""
    if folder.is_dir():
        if any(folder.iterdir()):
            raise SufficiencyError(f"{folder} is not empty; choose another folder")
    elif folder.exists():
        raise SufficiencyError(f"{folder} is a file, not a folder")


def tables_of(returned: Return, year: int, prefix: str) -> dict[str, pd.DataFrame]:
    """The tables of one year, as text: header, episodes and UASC."""
    import pandas as pd

    first, last = pd.Timestamp(year - 1, 4, 1), pd.Timestamp(year, 3, 31)
    every = returned.episodes
    here = (every["started"] <= last) & (every["ended"].isna() | (every["ended"] >= first))
    episodes = every[here]
    children = returned.children
    children = children[children["child"].isin(episodes["child"])]
    unaccompanied = children[children["uasc_until"] >= first]
    return {
        "header": _header(children, year, prefix),
        "episodes": _episodes(episodes, last, prefix),
        "uasc": _uasc(unaccompanied, year, prefix),
    }


def _episodes(episodes: pd.DataFrame, last: pd.Timestamp, prefix: str) -> pd.DataFrame:
    import pandas as pd

    closed = episodes["ended"] <= last
    located = episodes["in_area"].map({True: "IN", False: "OUT"}).fillna("")
    return pd.DataFrame(
        {
            "CHILD": _identifiers(episodes["child"], prefix),
            "DECOM": _dates(episodes["started"]),
            "RNE": episodes["rne"],
            "LS": episodes["legal_status"],
            "CIN": episodes["need"],
            "PLACE": episodes["place"],
            "PLACE_PROVIDER": episodes["provider"],
            "DEC": _dates(episodes["ended"].where(closed)),
            "REC": episodes["reason_ended"].where(closed, ""),
            "REASON_PLACE_CHANGE": episodes["reason_changed"].where(closed, ""),
            "HOME_POST": "",
            "PL_POST": "",
            "URN": episodes["urn"],
            "PL_LOCATION": located,
            "PL_DISTANCE": episodes["miles"]
            .map("{:.1f}".format, na_action="ignore")
            .astype(object)
            .fillna(""),
        }
    )


def _header(children: pd.DataFrame, year: int, prefix: str) -> pd.DataFrame:
    import pandas as pd

    sex = children["sex"].map(SEX[year >= LETTERS_FOR_SEX_FROM])
    turned = {age: children["born"] <= _years_before(year, age) for age in (5, MOTHERS_FROM)}
    upn = pd.Series(NO_UPN, index=children.index)
    upn = upn.where(turned[OLDEST_WITHOUT_SCHOOL], NO_UPN_UNDER_5)
    upn = upn.where(children["uasc_until"].isna(), NO_UPN_UASC)
    asked = (children["sex"] == "female") & turned[MOTHERS_FROM]
    return pd.DataFrame(
        {
            "CHILD": _identifiers(children["child"], prefix),
            "SEX": sex,
            "DOB": _dates(children["born"]),
            "ETHNIC": children["ethnic"],
            "UPN": upn,
            "MOTHER": asked.map({True: "0", False: ""}),
            "MC_DOB": "",
        }
    )


def _uasc(children: pd.DataFrame, year: int, prefix: str) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        {
            "CHILD": _identifiers(children["child"], prefix),
            "SEX": children["sex"].map(SEX[year >= LETTERS_FOR_SEX_FROM]),
            "DOB": _dates(children["born"]),
            "DUC": _dates(children["uasc_until"]),
        }
    )


def _years_before(year: int, age: int) -> pd.Timestamp:
    """Last day of birth of those who have reached an age on the last day of a year."""
    import pandas as pd

    return pd.Timestamp(date(year - age, 3, 31))


def _identifiers(children: pd.Series, prefix: str) -> pd.Series:
    return children.map(lambda child: f"{prefix}{child:06d}")


def _dates(days: pd.Series) -> pd.Series:
    """Dates as the return has them: 03/05/2024."""
    return days.dt.strftime("%d/%m/%Y").fillna("")
