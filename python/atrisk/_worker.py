"""What runs where an executor's tasks run: builds a study once, remembers it by its digest, answers ranges of it."""

from __future__ import annotations

import os
import platform
import signal
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from atrisk import _core

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

MOST_STUDIES = 4
_built: dict[str, _core.Study] = {}
_lent: dict[str, _core.Study] = {}


class Worker(NamedTuple):
    """A process among those of all machines."""

    host: str
    process: int
    group: int


@dataclass(frozen=True, eq=False)
class Payload:
    """A study on its way to another process: as little as it can be built from."""

    version: str
    spec: str
    columns: dict[str, NDArray[Any]]
    payers: list[str]

    def digest(self) -> str:
        """Name this study by its content."""
        import hashlib  # noqa: PLC0415 - keeps the import of atrisk quick

        parts = hashlib.blake2b(digest_size=20)
        for text in (self.version, self.spec, *self.payers):
            parts.update(f"{len(text)}:{text}".encode())
        for name, values in sorted(self.columns.items()):
            parts.update(f"{name}:{values.dtype.str}:{len(values)}:".encode())
            parts.update(values.view("u1").data)
        return parts.hexdigest()


@dataclass(frozen=True)
class Task:
    """A range of replicates of a study."""

    digest: str
    first: int
    replicates: int
    cash: bool
    sender: Worker
    inner: int | None = None
    values: list[list[float]] | None = None


@dataclass(frozen=True, eq=False)
class Answer:
    """The figures of a task, and the seconds they took; no figures from a worker that does not know the study."""

    worker: Worker
    rows: NDArray[np.float64] | None = None
    seconds: float = 0.0


def this_process() -> Worker:
    """Name this process."""
    group = os.getpgrp() if hasattr(os, "getpgrp") else 0
    return Worker(platform.node(), os.getpid(), group)


def leave_interrupts_to(sender: Worker) -> None:
    """Ignore Ctrl-C in a worker process of the sender's group: terminals and notebooks send it to all of them."""
    here = this_process()
    its_worker = here.process != sender.process and (here.host, here.group) == (sender.host, sender.group)
    if its_worker and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def work(task: Task, payload: Payload | None = None) -> Answer:
    """Run a task on one thread."""
    worker = this_process()
    leave_interrupts_to(task.sender)
    study = _lent.get(task.digest) or _built.get(task.digest)
    if study is None and payload is None:
        return Answer(worker)
    if study is None:
        study = _build(task.digest, payload)
    start = time.perf_counter()
    rows = study.run(task.first, task.replicates, 1, task.cash, task.inner, task.values)
    return Answer(worker, rows, time.perf_counter() - start)


@contextmanager
def lent(digest: str, study: _core.Study) -> Iterator[None]:
    """Lend a study that is built already to tasks that happen to run in this process."""
    _lent[digest] = study
    try:
        yield
    finally:
        _lent.pop(digest, None)


def _build(digest: str, payload: Any) -> _core.Study:  # noqa: ANN401 - from another process
    here = _core.__version__
    if payload.version != here:
        message = f"a worker has atrisk {here}, the study comes from atrisk {payload.version}: install the same"
        raise RuntimeError(message)
    study = _core.Study(payload.spec, payload.columns, payload.payers)
    for oldest in list(_built)[: 1 - MOST_STUDIES]:
        _built.pop(oldest, None)
    _built[digest] = study
    return study
