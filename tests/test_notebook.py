"""A real Jupyter kernel: Ctrl-C within half a second at a million members, what is kept, and the bar that moves."""

import time
from queue import Empty

import pytest

manager = pytest.importorskip("jupyter_client.manager")

MILLION = """
import numpy as np, pandas as pd, atrisk as ar, warnings
rng = np.random.default_rng(3)
n = 1_000_000
frame = pd.DataFrame({"age": rng.uniform(0, 90, n), "sex": "female", "risk_score": rng.gamma(2.0, 0.5, n)})
services = [
    ar.Service(name, per_1000=rate, allowed=ar.LogNormal(mean=mean, cv=cv))
    for name, rate, mean, cv in [
        ("primary", 3_200, 110, 0.5), ("specialist", 2_100, 160, 0.8), ("inpatient", 80, 15_000, 1.3),
        ("emergency", 300, 900, 1.0), ("drugs", 10_000, 60, 1.2),
    ]
]
care = ar.Utilization(services=services, frailty_cv=1.2)
study = ar.Study(ar.Population.from_frame(frame), care, {"FFS": ar.FeeForService()}, seed=1)
"""

POOL = """
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
pool = ProcessPoolExecutor(2, mp_context=get_context("spawn"))
there = study.run(4, executor=pool, progress=False)
print(there.replicates)
"""

DASK = """
import distributed
client = distributed.Client(distributed.LocalCluster(
    n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None))
pool = client
there = study.run(4, executor=pool, progress=False)
print(there.replicates)
"""

CHECK = """
undisturbed = study.run(results.replicates, progress=False{how})
print(results.replicates > 0, results._figures.tobytes() == undisturbed._figures.tobytes())
"""


class Kernel:
    """A kernel that runs cells and tells what they showed."""

    def __init__(self):
        self.manager, self.client = manager.start_new_kernel(kernel_name="python3")

    def start(self, code):
        """Begin a cell; its number is what :meth:`finish` waits for."""
        return self.client.execute(code)

    def finish(self, cell, timeout=90.0):
        """Messages of a cell, up to the one that says that the kernel is idle."""
        messages, end = [], time.perf_counter() + timeout
        while time.perf_counter() < end:
            try:
                message = self.client.get_iopub_msg(timeout=1.0)
            except Empty:
                continue
            if message["parent_header"].get("msg_id") != cell:
                continue
            messages.append(message)
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return messages
        pytest.fail("the kernel is not idle again")

    def run(self, code):
        messages = self.finish(self.start(code))
        assert not [message for message in messages if message["msg_type"] == "error"], messages
        return text_of(messages, "stdout")

    def interrupted(self, code, after):
        """Interrupt a cell; its messages, and the seconds until the kernel is idle."""
        cell = self.start(code)
        time.sleep(after)
        sent = time.perf_counter()
        self.manager.interrupt_kernel()
        messages = self.finish(cell)
        seconds = time.perf_counter() - sent
        print(f"idle {seconds:.3f} s after the interrupt")
        return messages, seconds

    def stop(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=False)


def text_of(messages, stream):
    """What a cell wrote to a stream."""
    streams = [message["content"] for message in messages if message["msg_type"] == "stream"]
    return "".join(content["text"] for content in streams if content["name"] == stream)


@pytest.fixture(scope="module")
def kernel():
    kernel = Kernel()
    yield kernel
    kernel.stop()


@pytest.fixture(scope="module")
def million(kernel):
    kernel.run(MILLION)
    return kernel


def test_an_interrupt_answers_and_keeps_what_has_run(million):
    messages, seconds = million.interrupted("results = study.run(100_000, progress=False)", after=2.0)
    assert seconds < 0.5
    assert "UserWarning: interrupted: the first" in text_of(messages, "stderr")
    assert not [message for message in messages if message["msg_type"] == "error"]
    assert million.run(CHECK.format(how=", threads=1")) == "True True\n"


def test_an_interrupt_before_anything_has_run(million):
    messages, seconds = million.interrupted("study.run(100_000, progress=False, threads=1)", after=0.1)
    assert seconds < 0.5
    (error,) = (message["content"] for message in messages if message["msg_type"] == "error")
    assert error["ename"] == "KeyboardInterrupt"
    assert million.run("print(study.run(1, progress=False).replicates)") == "1\n"


@pytest.mark.parametrize("look", ["study.claims()", "there.statement('FFS', replicate=0)"])
def test_looking_at_a_year_can_be_interrupted(million, look):
    million.run("there = study.run(1, progress=False)")
    messages, seconds = million.interrupted(look, after=0.15)
    assert seconds < 0.5
    (error,) = (message["content"] for message in messages if message["msg_type"] == "error")
    assert error["ename"] == "KeyboardInterrupt"


@pytest.mark.parametrize("setup", [POOL, DASK], ids=["pool", "dask"])
def test_an_interrupt_of_an_executor(million, setup):
    """The kernel's interrupt reaches the workers too; they leave it to the kernel, and go on being useful."""
    assert million.run(setup) == "4\n"
    messages, seconds = million.interrupted("results = study.run(100_000, executor=pool, progress=False)", after=2.5)
    assert seconds < 0.5
    shown = text_of(messages, "stderr")
    assert "UserWarning: interrupted: the first" in shown
    assert "Traceback" not in shown
    assert million.run(CHECK.format(how=", executor=pool")) == "True True\n"
    million.run("pool.shutdown()")


def test_the_bar_moves_in_a_notebook(kernel):
    kernel.run(MILLION.replace("1_000_000", "2_000"))
    messages = kernel.finish(kernel.start("results = study.run(10_000)"))
    shown = [message["content"]["data"] for message in messages if message["msg_type"] == "display_data"]
    widgets = [data for data in shown if "application/vnd.jupyter.widget-view+json" in data]
    assert len(widgets) == 1
    updates = [
        message["content"]["data"]["state"]["value"]
        for message in messages
        if message["msg_type"] == "comm_msg" and "value" in message["content"]["data"].get("state", {})
    ]
    counts = [value for value in updates if isinstance(value, (int, float))]
    assert len(counts) > 2
    assert counts == sorted(counts)
    assert counts[-1] == 10_000
