"""A real terminal: the bar is drawn, and Ctrl-C, which reaches every process of the group, ends cleanly."""

import os
import subprocess
import sys
import time
from pathlib import Path
from select import select

import pytest

pty = pytest.importorskip("pty", reason="terminals of Unix")
termios = pytest.importorskip("termios", reason="terminals of Unix")

PROGRAM = """
import fcntl, os, sys, termios
sys.path.insert(0, {tests!r})
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from conftest import make_care, make_panel
import atrisk as ar

def main():
    study = ar.Study(make_panel({members}), make_care(), {{"A": ar.FeeForService()}}, seed=1)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        executor = pool if {pool} else None
        here = set()
        while executor and len(here) < 2:  # a worker that is still starting may die of an interrupt
            here |= {{future.result() for future in [pool.submit(os.getpid) for _ in range(9)]}}
        results = study.run({replicates}, executor=executor)
        again = study.run(results.replicates, executor=executor, progress=False)
    print("kept", results.replicates, results._figures.tobytes() == again._figures.tobytes())

if __name__ == "__main__":
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    main()
"""


class Terminal:
    """A program at a terminal, which it controls: what is typed reaches it as from a keyboard."""

    def __init__(self, path, **program):
        path.write_text(PROGRAM.format(tests=str(Path(__file__).parent), **program), encoding="utf-8")
        self.keyboard, screen = pty.openpty()
        termios.tcsetwinsize(screen, (24, 100))
        ends = dict.fromkeys(("stdin", "stdout", "stderr"), screen)
        # However fast the machine, every chunk is drawn.
        every = os.environ | {"TQDM_MININTERVAL": "0"}
        self.process = subprocess.Popen([sys.executable, path], start_new_session=True, env=every, **ends)  # noqa: S603
        os.close(screen)
        self.shown = ""

    def read_until(self, stop, seconds=60):
        """Read what is shown until ``stop`` agrees or the program ends."""
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            if select([self.keyboard], [], [], 0.1)[0]:
                try:
                    self.shown += os.read(self.keyboard, 4_096).decode()
                except OSError:  # the last process has closed the screen
                    break
            if stop(self.shown):
                return
        if stop is not never:
            self.process.kill()
            self.close()
            pytest.fail(f"not shown: {self.shown}")

    def close(self):
        self.process.wait(30)
        os.close(self.keyboard)


def never(_):
    return False


def counts(shown):
    """The counts a bar has shown, as it writes them: 0.00, 512, 1.20k."""
    return [part.split("|")[-1].split("/")[0].strip() for part in shown.split("\r") if "replicate/s" in part]


def test_a_bar_is_drawn_and_moves(tmp_path):
    terminal = Terminal(tmp_path / "program.py", members=2_000, pool=False, replicates=4_000)
    terminal.read_until(never)
    terminal.close()
    drawn = counts(terminal.shown)
    assert len(set(drawn)) > 3, terminal.shown
    assert drawn[-1] == "4.00k"
    assert "100%" in terminal.shown
    assert "kept 4000 True" in terminal.shown


@pytest.mark.parametrize("pool", [False, True], ids=["here", "pool"])
def test_ctrl_c_typed_at_a_terminal(tmp_path, pool):
    terminal = Terminal(tmp_path / "program.py", members=20_000, pool=pool, replicates=10**6)
    terminal.read_until(lambda shown: len(set(counts(shown))) > 3)
    os.write(terminal.keyboard, b"\x03")
    typed = time.perf_counter()
    terminal.read_until(lambda shown: "interrupted: the first" in shown)
    assert time.perf_counter() - typed < 0.5
    terminal.read_until(never)
    terminal.close()
    assert terminal.process.returncode == 0
    assert "Traceback" not in terminal.shown
    (kept,) = (line.split() for line in terminal.shown.splitlines() if line.startswith("kept"))
    assert int(kept[1]) > 0
    assert kept[2] == "True"
