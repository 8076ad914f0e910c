"""The plain files of an authority that has counts and no return, made of a synthetic one."""

from __future__ import annotations

from pathlib import Path

from sufficiency.errors import SufficiencyError
from sufficiency.history.census import stock_at_year_ends
from sufficiency.history.counting import monthly
from sufficiency.history.from_return import from_return
from sufficiency.synthesis.synthesising import Synthetic


def save_counts(synthetic: Synthetic, folder: Path) -> tuple[Path, ...]:
    """Write `counts.csv` (months) and `stock.csv` (each 31 March) into a new or empty folder."""
    history = from_return(synthetic.returned)
    by_month = monthly(history)
    in_care = stock_at_year_ends(history)
    tables = {
        "counts.csv": by_month.assign(
            month=by_month["month"].dt.strftime("%Y-%m"), exits=by_month["exits"].astype(int)
        ),
        "stock.csv": in_care.assign(date=in_care["date"].dt.strftime("%Y-%m-%d")),
    }
    files = tuple(folder / name for name in tables)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file, table in zip(files, tables.values(), strict=True):
            table.to_csv(file, index=False, lineterminator="\n")
    except OSError as error:
        raise SufficiencyError(f"{folder} cannot be written: {error.strerror}") from None
    return files
