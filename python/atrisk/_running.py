"""The run of a study: in this process or by an executor, replicate after replicate, until done or interrupted."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk import _core, _executor, _memory
from atrisk._chunks import Chunks
from atrisk._progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from numpy.typing import NDArray

    from atrisk._draws import Plan
    from atrisk._worker import Payload

    Block = NDArray[np.float64]

SECONDS_A_CHUNK = 0.25
SECONDS_A_TASK = 0.75
HINT = "run them in parts with first=, or fewer"


@dataclass
class Run:
    """Which replicates of a study to run, and how; all numbers are checked.

    Parameters
    ----------
    plan : Plan
        The replicates, and the uncertain inputs of their draws.
    arms, years, row : int
        Arms and performance years of the study, and figures kept of each.
    threads : int or None
        Threads in this process; None for one for each processor.
    executor : object or None
        What runs the replicates instead of this process.
    chunk : int or None
        Replicates of a call or task; None to let their time decide.
    cash : bool
        Whether to draw the month of every event.
    """

    plan: Plan
    arms: int
    years: int
    row: int
    threads: int | None
    executor: Any
    chunk: int | None
    cash: bool

    def __post_init__(self) -> None:
        """Plan the chunks, and refuse what does not fit into memory."""
        self.first, self.replicates = self.plan.first, self.plan.replicates
        self.shape = (self.replicates, self.arms, self.years, self.row)
        self.row_size = self.shape[1] * self.shape[2] * self.shape[3]
        row_bytes = 8 * self.row_size
        if self.executor is None:
            at_once = min(self.threads or _core.default_threads(), self.replicates)
            self.chunks = Chunks(self.replicates, row_bytes, self.chunk, seconds=SECONDS_A_CHUNK, at_once=at_once)
            waiting = self.chunks.largest
        else:
            shares = _executor.TASKS_A_WORKER * _executor.workers(self.executor)
            self.chunks = Chunks(self.replicates, row_bytes, self.chunk, seconds=SECONDS_A_TASK, shares=shares)
            # All tasks under way may be done while the first is not.
            waiting = min(self.replicates, shares * self.chunks.largest)
        needed = row_bytes * (self.replicates + waiting)
        years = f" and {self.years} years" if self.years > 1 else ""
        _memory.refuse_more_than_available(
            f"run: {self.replicates:,} replicates of {self.arms:,} arms{years} need", needed, HINT
        )

    def figures(self, study: _core.Study, payload: Callable[[], Payload], progress: bool | str) -> Block:  # noqa: FBT001 - the three values of a switch
        """Return the figures of every replicate that has run: all, or after an interrupt those up to the first gap."""
        figures = np.empty(self.shape)
        done, replicates = 0, self.shape[0]
        with Progress(replicates, progress) as bar, closing(self._blocks(study, payload)) as blocks:
            try:
                for rows in blocks:
                    size = rows.size // self.row_size
                    figures[done : done + size] = rows.reshape(size, *self.shape[1:])
                    done += size
                    bar.update(size)
            except KeyboardInterrupt:
                if done == 0:
                    raise
        return figures[:done]

    def _blocks(self, study: _core.Study, payload: Callable[[], Payload]) -> Generator[Block, None, None]:
        if self.executor is None:
            yield from self._here(study)
        else:
            yield from _executor.blocks(self.executor, study, payload(), self)

    def _here(self, study: _core.Study) -> Iterator[Block]:
        done = 0
        while done < self.chunks.replicates:
            size = self.chunks.following(done)
            start = time.perf_counter()
            values, inner = self.plan.rows(done, size), self.plan.inner
            drawn = () if values is None and inner is None else (inner, values)
            rows = study.run(self.first + done, size, self.threads, self.cash, *drawn)
            self.chunks.learn(size, time.perf_counter() - start)
            done += size
            yield rows
