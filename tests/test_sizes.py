"""Absurd sizes: an answer within a second, in a process of its own that a hang or an abort would take down alone."""

import json
import os
import subprocess
import sys
from pathlib import Path
from select import select

import pytest

import atrisk as ar
from atrisk import _memory
from conftest import make_arms, make_care, make_panel

SERVER = """
import decimal, json, sys, time
sys.path.insert(0, {tests!r})
import numpy as np, pandas as pd
import atrisk as ar
from atrisk import _memory
from conftest import make_care, make_panel, make_services
_memory.available_bytes = lambda: 4 * 2**30
nan, inf, Decimal = float("nan"), float("inf"), decimal.Decimal
study = ar.Study(make_panel(5), make_care(), {{"A": ar.FeeForService()}}, seed=1)
results = study.run(3, progress=False)
def service(**fields):
    line = ar.Service(**({{"name": "a", "per_1000": 100, "allowed": 9.0}} | fields))
    return ar.Study(make_panel(5), ar.Utilization(services=[line]), {{"A": ar.FeeForService()}}, seed=1)
for line in sys.stdin:
    start = time.perf_counter()
    try:
        eval(line)
        answer = "fine"
    except Exception as error:
        answer = f"{{type(error).__name__}}: {{error}}"
    print(json.dumps([answer, time.perf_counter() - start]), flush=True)
"""


class Server:
    """A Python process that evaluates what it is asked; one that does not answer in time is replaced."""

    def __init__(self):
        self.process = None

    def ask(self, expression, seconds=1.0):
        if self.process is None or self.process.poll() is not None:
            self.start()
        self.process.stdin.write(expression + "\n")
        self.process.stdin.flush()
        ready, _, _ = select([self.process.stdout], [], [], seconds + 1.0)
        line = self.process.stdout.readline() if ready else ""
        if not line:
            self.process.kill()
            pytest.fail(f"{expression}: {'the process ended' if ready else 'no answer'}")
        answer, taken = json.loads(line)
        assert taken < seconds, expression
        return answer

    def start(self):
        code = SERVER.format(tests=str(Path(__file__).parent))
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.process = subprocess.Popen([sys.executable, "-c", code], **pipes)  # noqa: S603
        self.process.stdin.write("None\n")
        self.process.stdin.flush()
        assert json.loads(self.process.stdout.readline())[0] == "fine"


@pytest.fixture(scope="module")
def server():
    server = Server()
    yield server
    server.process.stdin.close()
    server.process.wait(10)
    server.process.stdout.close()


NO_NUMBERS = ["nan", "inf", "-inf", "True", "'7'", "[3]", "2.5", "Decimal('7')", "np.array([1, 2])", "1e308", "1j"]
OUT_OF_RANGE = ["-1", "-2**63", "10**15", "2**53 + 1", "10**400", "10**5000", "-10**5000", *NO_NUMBERS]
NUMBERS = {
    "run.replicates": "study.run({}, progress=False)",
    "run.first": "study.run(1, first={}, progress=False)",
    "run.threads": "study.run(1, threads={}, progress=False)",
    "run.chunk_replicates": "study.run(1, chunk_replicates={}, progress=False)",
    "claims.replicate": "study.claims({})",
    "statement.replicate": "results.statement('A', replicate={})",
}


@pytest.mark.parametrize("value", OUT_OF_RANGE)
@pytest.mark.parametrize("path", NUMBERS)
def test_numbers_out_of_range_are_named(server, path, value):
    assert server.ask(NUMBERS[path].format(value)).startswith(f"InputError: {path}: must be a whole number between")


@pytest.mark.parametrize("value", ["-1", "10**16", "10**5000", *NO_NUMBERS])
def test_memory_of_no_number(server, value):
    assert server.ask(f"study.memory_bytes({value})").startswith("InputError: memory_bytes.replicates: must be a whole")


@pytest.mark.parametrize(
    "expression",
    [
        "study.run(1, first=2**31, progress=False)",
        "study.run(3, threads=1_024, progress=False)",
        "study.run(3, chunk_replicates=2**31, progress=False)",
        "study.memory_bytes(2**53)",
        "study.memory_bytes(10**15)",
        "study.claims(2**31)",
        "study.run(np.int8(3), first=3.0, progress=False)",
        "service(per_1000=2**29).run(1, progress=False)",
        "ar.Study(make_panel(5, risk_score=0.0), make_care(), {'A': ar.FeeForService()}).claims()",
    ],
)
def test_large_numbers_that_are_no_trouble(server, expression):
    assert server.ask(expression) == "fine"


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (
            "study.run(2**31, progress=False)",
            "MemoryError: run: 2,147,483,648 replicates of 1 arms need 160.1 GiB of memory, 4.0 GiB are available: "
            "run them in parts with first=, or fewer",
        ),
        ("study.run(2**32, progress=False)", "MemoryError: run: 4,294,967,296 replicates of 1 arms need 320.1 GiB"),
        (
            "study.run(30_000_000, chunk_replicates=30_000_000, progress=False)",
            "MemoryError: run: 30,000,000 replicates of 1 arms need 4.5 GiB",
        ),
        (
            "ar.Study(make_panel(900), ar.Utilization(services=[ar.Service('a', per_1000=9e8, allowed=1.0)]),"
            " {'A': ar.FeeForService()}).claims()",
            "MemoryError: claims: about 810,000,000 events need 96.6 GiB of memory, 4.0 GiB are available: "
            "look at fewer members or services",
        ),
    ],
)
def test_what_does_not_fit_is_refused(server, expression, text):
    assert server.ask(expression).startswith(text)


ABSURD = ["2**31", "2**53", "10**15", "10**5000", "-10**5000", "-1", "nan", "inf", "True", "'x'", "None", "[]", "1e308"]
FIELDS = [
    "service(per_1000={})",
    "service(allowed={})",
    "service(own_cost={})",
    "service(coinsurance={})",
    "service(allowed=ar.LogNormal(mean={}, cv=1))",
    "service(allowed=ar.Gamma(mean=1, cv={}))",
    "make_panel(5, risk_score=[{}] * 5)",
    "make_panel(5, age=[{}] * 5)",
    "make_panel(5, entry_month=[{}] * 5)",
    "ar.Study(make_panel(5), make_care(frailty_cv={}), {{'A': ar.FeeForService()}})",
    "ar.Study(make_panel(5), make_care(), {{'A': ar.FeeForService()}}, seed={})",
    "ar.Study(make_panel(5), make_care(), {{'A': ar.FeeForService()}}, years={})",
    "ar.Study(make_panel(5), make_care(), {{'A': ar.Capitation(pmpm={})}})",
    "ar.Study(make_panel(5), make_care(), {{'A': ar.FeeForService(fee_level={})}})",
]


@pytest.mark.parametrize("field", FIELDS)
def test_absurd_inputs_are_answered(server, field):
    """Refused in words, or fine; never a hang, a panic or an error of another kind."""
    answers = {value: server.ask(field.format(value)) for value in ABSURD}
    odd = {value: answer for value, answer in answers.items() if not answer.startswith(("fine", "InputError: "))}
    assert not odd
    assert sum(answer != "fine" for answer in answers.values()) >= 5


def test_a_table_that_does_not_fit_is_refused(monkeypatch):
    results = ar.Study(make_panel(3), make_care(), make_arms(), seed=1).run(1_000, progress=False)
    monkeypatch.setattr(_memory, "available_bytes", lambda: 10**6)
    with pytest.raises(MemoryError, match=r"to_pandas: 6,000 rows need 0\.001 GiB of memory, 0\.001 GiB are available"):
        results.to_pandas()


def groups(tmp_path, monkeypatch, own, files):
    """A tree of control groups in place of the machine's."""
    for name, text in files.items():
        path = tmp_path / "cgroup" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="ascii")
    (tmp_path / "own").write_text(own, encoding="ascii")
    monkeypatch.setattr(_memory, "CGROUP", tmp_path / "cgroup")
    monkeypatch.setattr(_memory, "OWN_GROUPS", tmp_path / "own")


@pytest.mark.parametrize(
    ("own", "files", "left"),
    [
        # version 2, in a container that sees its own group as the root
        (
            "0::/\n",
            {"memory.max": "5000\n", "memory.current": "3000\n", "memory.stat": "anon 2\ninactive_file 100\n"},
            2_100,
        ),
        # version 2, the limit stands one group above
        (
            "0::/user.slice/job\n",
            {
                "user.slice/memory.max": "7000\n",
                "user.slice/memory.current": "8000\n",
                "user.slice/memory.stat": "anon 2\n",
                "user.slice/job/memory.max": "max\n",
                "user.slice/job/memory.current": "10\n",
                "user.slice/job/memory.stat": "anon 2\n",
            },
            0,
        ),
        # version 1
        (
            "5:cpu:/x\n4:memory:/docker/a\n",
            {
                "memory/docker/a/memory.limit_in_bytes": "9000\n",
                "memory/docker/a/memory.usage_in_bytes": "1000\n",
                "memory/docker/a/memory.stat": "total_inactive_file 500\n",
            },
            8_500,
        ),
    ],
)
def test_the_limit_of_a_container_counts(tmp_path, monkeypatch, own, files, left):
    groups(tmp_path, monkeypatch, own, files)
    assert _memory.available_bytes() == left


LIMITED = """
import resource, sys
sys.path.insert(0, {tests!r})
import atrisk as ar
from conftest import make_care, make_panel
study = ar.Study(make_panel(50), make_care(), {{"A": ar.FeeForService()}}, seed=1)
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 2**29, resource.RLIM_INFINITY))
print(study.run(100, progress=False, threads=2).replicates)
try:
    study.run(20_000_000, progress=False)
except MemoryError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what is used")
def test_the_limit_of_a_process_counts():
    code = LIMITED.format(tests=str(Path(__file__).parent))
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    ran, refused = shown.stdout.splitlines()
    assert ran == "100"
    assert refused.startswith("run: 20,000,000 replicates of 1 arms need 1.6 GiB of memory, 0.")


def test_without_a_limit_the_machine_counts(tmp_path, monkeypatch):
    files = {"memory.max": "max\n", "memory.current": "3000\n", "memory.stat": "anon 2\n"}
    groups(tmp_path, monkeypatch, "0::/\n", files)
    available = _memory.available_bytes()
    physical = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert physical / 1_000 < available <= physical
