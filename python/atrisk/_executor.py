"""Sends ranges of replicates to anything with ``submit``, and gathers the figures in order.

A task names its study by a digest. Where data can be scattered (Dask) the study travels once to every worker, and
every task refers to it. Elsewhere the first tasks carry it, as many as there are workers; a worker that is asked for
a study it does not know says so, and is sent it with the task again.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from atrisk import _core, _worker
from atrisk._errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from atrisk._running import Run

TASKS_A_WORKER = 2
# The study an executor's workers were sent last, so that a further run of it need not send it again.
_sent_last: WeakKeyDictionary[Any, str] = WeakKeyDictionary()


def checked(executor: Any) -> Any:  # noqa: ANN401 - whatever the user has
    """Return an executor that can be used, refusing what cannot."""
    given = f"a {type(executor).__name__}"
    if not callable(getattr(executor, "submit", None)):
        hint = "concurrent.futures.ProcessPoolExecutor and dask.distributed.Client have it"
        raise InputError("run.executor", "must have submit(function, *arguments)", given, hint)
    if getattr(executor, "asynchronous", False) is True:
        raise InputError("run.executor", "must return results without await", f"{given}, asynchronous")
    return executor


def workers(executor: Any) -> int:  # noqa: ANN401 - whatever the user has
    """Return how many tasks an executor runs at a time, as far as it tells."""
    if _is_dask(executor):
        return max(1, sum(map(int, executor.nthreads().values())))
    most = getattr(executor, "_max_workers", None)
    return most if isinstance(most, int) and most > 0 else _core.default_threads()


def _is_dask(executor: object) -> bool:
    return any(kind.__module__.split(".")[0] == "distributed" for kind in type(executor).__mro__)


def blocks(
    executor: Any,  # noqa: ANN401 - whatever the user has
    study: _core.Study,
    payload: _worker.Payload,
    run: Run,
) -> Iterator[NDArray[np.float64]]:
    """Yield the figures of all chunks in order; a few tasks are under way at any time, none when this ends."""
    post, chunks = _Post(executor, payload), run.chunks
    under_way: deque[tuple[_worker.Task, Any]] = deque()
    done = sent = 0
    with _worker.lent(post.digest, study):
        try:
            while done < chunks.replicates:
                while sent < chunks.replicates and len(under_way) < post.most_under_way:
                    task = post.task(run, sent, chunks.following(sent))
                    under_way.append((task, post.send(task)))
                    sent += task.replicates
                task, future = under_way[0]
                answer = future.result()
                if answer.rows is None:
                    under_way[0] = (task, post.send_again(task, answer.worker))
                    continue
                under_way.popleft()
                post.informed.add(answer.worker)
                chunks.learn(task.replicates, answer.seconds)
                done += task.replicates
                yield answer.rows
            post.remember()
        finally:
            for _, future in under_way:
                future.cancel()


class _Post:
    """Sends tasks to an executor, and the study with those that need it."""

    def __init__(self, executor: Any, payload: _worker.Payload) -> None:  # noqa: ANN401 - whatever the user has
        self.digest = payload.digest()
        self.informed: set[_worker.Worker] = set()
        self.most_under_way = TASKS_A_WORKER * workers(executor)
        self._executor = executor
        self._sender = _worker.this_process()
        self._submit: Callable[..., Any] = executor.submit
        self._options: dict[str, bool] = {}
        self._payload: Any = payload
        self._scattered = _is_dask(executor)
        self._to_inform = 0
        if self._scattered:
            self._payload = executor.scatter(payload, broadcast=True, hash=False)
            self._options = {"pure": False}
            # Tasks of Dask run beside the main thread, which alone may say what becomes of an interrupt.
            executor.run(_worker.leave_interrupts_to, self._sender)
        elif self._known() != self.digest:
            self._to_inform = workers(executor)

    def task(self, run: Run, done: int, replicates: int) -> _worker.Task:
        rows = run.plan.rows(done, replicates)
        first, inner = run.first + done, run.plan.inner
        return _worker.Task(self.digest, first, replicates, run.cash, self._sender, inner, rows)

    def send(self, task: _worker.Task) -> Any:  # noqa: ANN401 - a future of any kind
        carried = self._scattered or self._to_inform > 0
        self._to_inform -= 1
        return self._submit(_worker.work, task, self._payload if carried else None, **self._options)

    def send_again(self, task: _worker.Task, worker: _worker.Worker) -> Any:  # noqa: ANN401 - a future of any kind
        """Send a task that met a worker without the study; one that has answered since knows it by now."""
        payload = None if worker in self.informed else self._payload
        self.informed.discard(worker)
        return self._submit(_worker.work, task, payload, **self._options)

    def remember(self) -> None:
        """Note that the workers of this executor know the study."""
        try:
            _sent_last[self._executor] = self.digest
        except TypeError:  # an executor that cannot be referred to weakly is told every time
            return

    def _known(self) -> str | None:
        try:
            return _sent_last.get(self._executor)
        except TypeError:
            return None
