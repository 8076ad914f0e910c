"""The second contract: what a run leaves. Everything below it only reads tables.

`files` writes one file so that it is whole or absent; `folder` keeps what an unfinished run has
done; `statistics` turns futures into means and ranges; `tables` makes the tables; `results` holds
them together, saves and loads.
"""

from sufficiency.results.folder import Interrupted
from sufficiency.results.results import Results, by_hand, load, save

__all__ = ["Interrupted", "Results", "by_hand", "load", "save"]
