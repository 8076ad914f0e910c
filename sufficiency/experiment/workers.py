"""Tasks in parallel, their results in the order in which they end."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Generator, Iterable
from typing import TypeVar

import joblib

Task = TypeVar("Task")
Done = TypeVar("Done")


def in_parallel(
    work: Callable[[Task], list[Done]], tasks: Iterable[Task], workers: int
) -> Generator[Done]:
    """What each task gives, one by one; tasks that nobody waits for any longer are given up."""
    parallel = joblib.Parallel(n_jobs=workers, return_as="generator_unordered", batch_size=1)
    batches = parallel(joblib.delayed(work)(task) for task in tasks)
    try:
        for batch in batches:
            yield from batch
    finally:
        with warnings.catch_warnings():  # that tasks are given up is what is wanted
            warnings.filterwarnings("ignore", r"\d+ tasks", UserWarning)
            batches.close()
