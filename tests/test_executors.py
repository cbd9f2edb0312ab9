"""Executors: the same bits from pools, clusters and threads; what travels, what is under way, what comes back wrong."""

import gc
import pickle
import signal
import subprocess
import sys
import weakref
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

import numpy as np
import pandas as pd
import pytest

import atrisk as ar
from atrisk import _executor, _running, _worker
from conftest import make_arms, make_care, make_panel, make_rich_panel

REPLICATES = 150


def rich_study(seed=99):
    return ar.Study(make_rich_panel(), make_care(), make_arms(), seed=seed)


def bits(results):
    """All figures of a run, as bytes."""
    return results._figures.tobytes()


def run(study, replicates=REPLICATES, **how):
    return bits(study.run(replicates, progress=False, **how))


@pytest.fixture(scope="module", autouse=True)
def interrupts():
    """Heed Ctrl-C, here and in what is started from here: a shell has it ignored by what it runs in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="module")
def pool():
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        yield pool


@pytest.fixture(scope="module")
def dask():
    distributed = pytest.importorskip("distributed")
    how = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "host": "127.0.0.1", "dashboard_address": None}
    with distributed.LocalCluster(**how) as cluster, distributed.Client(cluster) as client:
        yield client


@pytest.fixture(scope="module")
def threads():
    with ThreadPoolExecutor(3) as threads:
        yield threads


@pytest.fixture(scope="module")
def reference():
    return run(rich_study(), threads=1, chunk_replicates=REPLICATES)


@pytest.mark.parametrize("chunk", [1, 64, REPLICATES, None])
@pytest.mark.parametrize("n", [1, 2, 3, 7, 16])
def test_threads_and_chunks_change_nothing(reference, n, chunk):
    assert run(rich_study(), threads=n, chunk_replicates=chunk) == reference


@pytest.mark.parametrize("chunk", [1, 64, REPLICATES, None])
@pytest.mark.parametrize("name", ["pool", "dask", "threads"])
def test_executors_and_chunks_change_nothing(reference, request, name, chunk):
    executor = request.getfixturevalue(name)
    assert run(rich_study(), executor=executor, chunk_replicates=chunk) == reference


@pytest.mark.parametrize("name", ["pool", "dask", "threads"])
def test_a_later_part_is_what_it_is_in_company(reference, request, name):
    executor = request.getfixturevalue(name)
    part = rich_study().run(40, first=100, executor=executor, progress=False)
    row = len(reference) // REPLICATES
    assert bits(part) == reference[100 * row : 140 * row]
    assert part.first == 100


@pytest.mark.parametrize("name", ["pool", "dask", "threads"])
def test_executors_leave_out_the_months_too(request, name):
    executor = request.getfixturevalue(name)
    results = rich_study().run(30, executor=executor, cash=False, progress=False)
    assert bits(results) == run(rich_study(), 30, cash=False)
    assert not results.cash


def random_study(number):
    """A study with everything drawn: members, enrolment, payers, services, prices, frailty, arms."""
    rng = np.random.default_rng(number)
    members = int(rng.integers(1, 60))
    entry = rng.integers(1, 13, members)
    panel = make_panel(
        members,
        risk_score=rng.gamma(1.5, 0.7, members),
        entry_month=entry,
        exit_month=rng.integers(entry, 13),
        payer=rng.choice(["A", "B", "C"], members),
        member_id=rng.permutation(10_000)[:members],
    )
    prices = [float, float, lambda mean: ar.Gamma(mean=mean, cv=0.8), lambda mean: ar.LogNormal(mean=mean, cv=1.5)]
    services = [
        ar.Service(
            f"service {i}",
            per_1000=float(rng.uniform(0, 5_000)),
            allowed=prices[rng.integers(4)](float(rng.uniform(5, 5_000))),
            own_cost=float(rng.uniform(0, 50)),
            delivered_by=str(rng.choice(["provider", "other_providers"])),
            coinsurance=float(rng.choice([0.0, 0.1, 0.35])),
        )
        for i in range(rng.integers(1, 4))
    ]
    care = ar.Utilization(services=services, frailty_cv=float(rng.choice([0.0, 0.0, 0.4, 1.5])))
    names = list(make_arms())
    chosen = [names[i] for i in rng.permutation(len(names))[: rng.integers(1, 5)] if names[i] != "Partial"]
    arms = {name: make_arms()[name] for name in chosen} or {"Fee-for-service": ar.FeeForService()}
    return ar.Study(panel, care, arms, seed=int(rng.integers(2**63)))


def test_two_hundred_random_studies_are_the_same_everywhere(pool, dask):
    seen = set()
    for number in range(200):
        rng = np.random.default_rng([7, number])
        study, replicates, first = random_study(number), int(rng.integers(1, 40)), int(rng.integers(0, 10**6))
        chunks = [int(rng.choice([1, 3, 64])), None]
        serial = run(study, replicates, first=first, threads=int(rng.integers(1, 8)), chunk_replicates=chunks[0])
        executor = dask if number % 4 == 0 else pool
        there = run(study, replicates, first=first, executor=executor, chunk_replicates=chunks[number % 2])
        assert there == serial, number
        seen.add(serial)
    assert len(seen) == 200


class Inline:
    """An executor of one process that runs nothing before its result is asked for, and tells what it was sent."""

    def __init__(self, interrupted_at=None):
        self._max_workers = 3
        self.futures, self.finished, self.most, self.sizes = [], 0, 0, []
        self.interrupted_at = interrupted_at

    def submit(self, function, *arguments):
        executor = self
        self.sizes.append(len(pickle.dumps(arguments)))

        class Later(Future):
            def result(self, timeout=None):
                if not self.done():
                    self.set_running_or_notify_cancel()
                    executor.finished += 1
                    if executor.finished == executor.interrupted_at:
                        raise KeyboardInterrupt
                    self.set_result(function(*arguments))
                return super().result(timeout)

        self.futures.append(Later())
        self.most = max(self.most, sum(not future.done() for future in self.futures))
        return self.futures[-1]


def test_few_tasks_are_under_way():
    executor = Inline()
    assert run(rich_study(), executor=executor, chunk_replicates=5) == run(rich_study())
    assert len(executor.futures) == 30
    assert executor.most == 2 * 3


def test_an_interrupt_keeps_what_has_come_and_cancels_what_has_not_begun():
    executor = Inline(interrupted_at=4)
    with pytest.warns(UserWarning, match="interrupted: the first 30 of 150 replicates are kept") as told:
        kept = rich_study().run(REPLICATES, executor=executor, chunk_replicates=10, progress=False)
    assert told[0].filename == __file__
    assert bits(kept) == run(rich_study(), 30)
    assert [future.cancelled() for future in executor.futures[4:]] == [True] * 5


def test_an_interrupt_before_anything_has_come_is_an_interrupt():
    executor = Inline(interrupted_at=1)
    with pytest.raises(KeyboardInterrupt):
        rich_study().run(REPLICATES, executor=executor, progress=False)
    assert all(future.cancelled() for future in executor.futures[1:])


def test_the_study_travels_once_to_each_worker():
    study, executor = ar.Study(make_panel(5_000), make_care(), make_arms(), seed=1), Inline()
    study.run(30, executor=executor, chunk_replicates=2, progress=False)
    carrying = [size > 100_000 for size in executor.sizes]
    assert carrying == [True] * 3 + [False] * 12
    executor.sizes.clear()
    study.run(30, first=30, executor=executor, chunk_replicates=2, progress=False)
    assert max(executor.sizes) < 1_000


def test_a_worker_that_does_not_know_the_study_is_told(pool):
    """The sender believes that the workers know it; they have never seen it, or have forgotten it."""
    for seed in range(6):
        study = rich_study(seed)
        _executor._sent_last[pool] = study._payload().digest()
        assert run(study, 40, executor=pool, chunk_replicates=3) == run(study, 40)


def test_a_worker_keeps_few_studies(monkeypatch):
    monkeypatch.setattr(_worker, "_built", {})
    digests = []
    for seed in range(7):
        payload = ar.Study(make_panel(3), make_care(), make_arms(), seed=seed)._payload()
        digests.append(payload.digest())
        task = _worker.Task(digests[-1], 0, 2, cash=True, sender=_worker.this_process())
        assert _worker.work(task).rows is None
        assert _worker.work(task, payload).rows is not None
        assert _worker.work(task).rows is not None
    assert list(_worker._built) == digests[-4:]
    assert len(set(digests)) == 7


def test_tasks_of_threads_use_the_study_that_is_there(threads, monkeypatch):
    monkeypatch.setattr(_worker, "_built", {})
    run(rich_study(), executor=threads)
    assert _worker._built == {}
    assert _worker._lent == {}


def test_a_worker_leaves_interrupts_to_a_sender_of_its_group():
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        run(rich_study(), 20, executor=pool)
        assert pool.submit(signal.getsignal, signal.SIGINT).result() == signal.SIG_IGN
    me = _worker.this_process()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as other:
        for sender in (me._replace(group=me.group + 1), me._replace(host="elsewhere")):
            other.submit(_worker.leave_interrupts_to, sender).result()
            assert other.submit(signal.getsignal, signal.SIGINT).result() != signal.SIG_IGN
        other.submit(_worker.leave_interrupts_to, me).result()
        assert other.submit(signal.getsignal, signal.SIGINT).result() == signal.SIG_IGN


def test_this_process_keeps_its_interrupts(threads):
    before = signal.getsignal(signal.SIGINT)
    for executor in (threads, Inline()):
        run(rich_study(), 20, executor=executor)
    assert signal.getsignal(signal.SIGINT) == before != signal.SIG_IGN


def test_a_wrong_input_comes_back_as_it_was(pool, dask):
    study = rich_study()
    study.spec["utilization"]["services"][0]["coinsurance"] = "50"
    expected = "visits.coinsurance: must be between 0 and 1, got 50 (did you mean 0.50?)"
    for executor in (pool, dask):
        with pytest.raises(ar.InputError) as caught:
            study.run(10, executor=executor, progress=False)
        assert str(caught.value) == expected
        assert caught.value.path == "visits.coinsurance"


def test_a_fault_of_the_core_comes_back_as_an_error(pool, dask):
    """Replicates beyond the last one there is: the core panics on its thread."""
    payload = rich_study()._payload()
    task = _worker.Task(payload.digest(), 2**32 - 1, 5, cash=True, sender=_worker.this_process())
    for future in (pool.submit(_worker.work, task, payload), dask.submit(_worker.work, task, payload)):
        with pytest.raises(RuntimeError, match="internal error, please report it: attempt to add with overflow"):
            future.result()


def test_a_worker_that_is_killed_ends_the_run(monkeypatch):
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as mortal:

        class Killing(_running.Progress):
            def update(self, _):
                for process in list(mortal._processes.values()):
                    process.kill()

        monkeypatch.setattr(_running, "Progress", Killing)
        with pytest.raises(BrokenProcessPool, match="terminated abruptly"):
            rich_study().run(10**6, executor=mortal, progress=False)


def test_another_version_is_refused(pool):
    payload = rich_study(seed=5)._payload()
    other = _worker.Payload("0.0.9", payload.spec, payload.columns, payload.payers)
    future = pool.submit(
        _worker.work, _worker.Task(other.digest(), 0, 1, cash=True, sender=_worker.this_process()), other
    )
    with pytest.raises(RuntimeError, match=r"a worker has atrisk .*, the study comes from atrisk 0\.0\.9"):
        future.result()


class Asynchronous(Inline):
    asynchronous = True


@pytest.mark.parametrize(
    ("how", "text"),
    [
        (
            {"executor": 4},
            "run.executor: must have submit(function, *arguments), got a int "
            "(concurrent.futures.ProcessPoolExecutor and dask.distributed.Client have it)",
        ),
        (
            {"executor": Asynchronous()},
            "run.executor: must return results without await, got a Asynchronous, asynchronous",
        ),
        (
            {"executor": Inline(), "threads": 2},
            "run.threads: must not be given with an executor, whose tasks use one each, got 2",
        ),
        (
            {"chunk_replicates": 0},
            "run.chunk_replicates: must be a whole number between 1 and 4,294,967,296, got 0",
        ),
    ],
)
def test_what_cannot_be_used_is_refused(how, text):
    with pytest.raises(ar.InputError) as caught:
        rich_study().run(3, progress=False, **how)
    assert str(caught.value) == text


def test_results_let_the_executor_go():
    executor = Inline()
    there = weakref.ref(executor)
    results = rich_study().run(20, executor=executor, progress=False)
    again = pickle.loads(pickle.dumps(results))  # noqa: S301 - our own bytes
    assert bits(again) == bits(results)
    del executor
    gc.collect()
    assert there() is None


def test_the_bar_moves_as_results_come(pool, monkeypatch):
    moved = []

    class Bar:
        def __init__(self, replicates, wanted):
            assert (replicates, wanted) == (REPLICATES, False)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            moved.append("closed")

        def update(self, replicates):
            moved.append(replicates)

    monkeypatch.setattr(_running, "Progress", Bar)
    run(rich_study(), executor=pool, chunk_replicates=40)
    assert moved == [40, 40, 40, 30, "closed"]


FORKED = """
import multiprocessing, sys, warnings
sys.path.insert(0, {tests!r})
from concurrent.futures import ProcessPoolExecutor
from conftest import make_arms, make_care, make_rich_panel
import atrisk as ar
study = ar.Study(make_rich_panel(), make_care(), make_arms(), seed=99)
before = study.run(60, threads=4, progress=False)._figures.tobytes()
def child(queue):
    queue.put(study.run(60, threads=4, progress=False)._figures.tobytes())
context = multiprocessing.get_context("fork")
queue = context.Queue()
process = context.Process(target=child, args=(queue,))
process.start()
assert queue.get(timeout=30) == before
process.join(30)
assert process.exitcode == 0
with ProcessPoolExecutor(2, mp_context=context) as pool:
    assert study.run(60, executor=pool, progress=False)._figures.tobytes() == before
assert study.run(60, threads=4, progress=False)._figures.tobytes() == before
print("same")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="fork is what Linux does")
def test_a_forked_child_runs_as_its_parent_did(request):
    code = FORKED.format(tests=str(request.path.parent))
    how = {"capture_output": True, "text": True, "timeout": 60}
    shown = subprocess.run([sys.executable, "-W", "error", "-c", code], check=False, **how)  # noqa: S603
    assert (shown.stdout.strip(), shown.returncode) == ("same", 0), shown.stderr


def test_tables_are_the_same(pool):
    study = rich_study()
    there, here = (study.run(50, progress=False, executor=executor).to_pandas() for executor in (pool, None))
    pd.testing.assert_frame_equal(there, here, check_exact=True)
