"""Slow verification: a million executions of fuzzing, then the slow statistical tests; the last result is a page.

`make verify`. The page is written only when everything has passed; it belongs into the commit that was verified.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import NamedTuple

import numpy as np

import atrisk as ar

ROOT = Path(__file__).parents[1]
CAMPAIGN = re.compile(
    r"fuzz (?P<what>\w+): (?P<executions>\d+) executions in (?P<seconds>[\d.]+) s, (?P<rate>\d+) a second; "
    r"(?P<accepted>[\d.]+) % accepted, the others against (?P<rules>\d+) rules"
)
NO_TESTS = 5  # pytest's word for having collected none


class Item(NamedTuple):
    """One thing that was verified, with its figure."""

    what: str
    figure: str
    seconds: float


def run(command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a part and show what it says; its figures are read off what it printed."""
    print("$", " ".join(command), flush=True)
    ran = subprocess.run(
        command, cwd=ROOT, env=os.environ | environment, stdout=subprocess.PIPE, text=True, check=False
    )
    print(ran.stdout, flush=True)
    return ran


def fuzz(executions: int) -> list[Item]:
    """Fuzz the reader and the engine; a panic, a hang or a shortfall of executions is a failure."""
    cargo = ["cargo", "test", "--release", "--locked", "--quiet", "--test", "fuzz"]
    ran = run([*cargo, "--", "--nocapture", "--test-threads", "1"], ATRISK_FUZZ_EXECUTIONS=str(executions))
    if ran.returncode:
        raise SystemExit("fuzzing found a fault")
    found = [match.groupdict() for match in CAMPAIGN.finditer(ran.stdout)]
    total = sum(int(campaign["executions"]) for campaign in found)
    if total < executions:
        raise SystemExit(f"{total:,} executions of {executions:,}: the fuzz did not do what it was asked for")
    return [
        Item(
            f"fuzz, {campaign['what']}",
            f"{int(campaign['executions']):,} executions, {int(campaign['rate']):,} a second, "
            f"{campaign['accepted']} % accepted, the others against {campaign['rules']} rules; no panic, no hang",
            float(campaign["seconds"]),
        )
        for campaign in found
    ]


def printed(text: str) -> str:
    """Join the lines that a test printed, without the heading of their capture."""
    return "; ".join(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("---"))


def slow_tests() -> list[Item]:
    """Run the tests that are marked slow, each a row with the figures it printed."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "--quiet", "-m", "slow", "-o", "junit_logging=system-out"]
        ran = run([*command, f"--junitxml={report}"])
        if ran.returncode == NO_TESTS:
            return [Item("slow tests", "none are written yet", 0.0)]
        if ran.returncode:
            raise SystemExit("a slow test fails")
        cases = list(ET.parse(report).iter("testcase"))  # noqa: S314 - written by our own run
    return [
        Item(
            f"{case.get('classname', '').removeprefix('tests.')}: {case.get('name')}",
            printed(case.findtext("system-out", "")) or "passed",
            float(case.get("time", "0")),
        )
        for case in cases
    ]


def page(items: list[Item], seconds: float) -> str:
    """Lay the result out."""
    today = dt.datetime.now(tz=dt.UTC).date().isoformat()
    machine = f"{len(os.sched_getaffinity(0))} cores, {platform.machine()}, {platform.system()}"
    versions = f"atrisk {ar.__version__}, Python {platform.python_version()}, NumPy {np.__version__}"
    escaped = [(item.what, item.figure.replace("|", r"\|"), f"{item.seconds:,.0f}") for item in items]
    return "\n".join(
        [
            "# The last slow verification",
            "",
            f"Written by `make verify` on {today}: {versions}; {machine}; {seconds / 60:.0f} minutes. All passed.",
            "",
            "| what | figure | seconds |",
            "|---|---|---|",
            *(f"| {' | '.join(cells)} |" for cells in escaped),
            "",
        ]
    )


def main() -> None:
    """Run every part, then write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--executions", type=int, default=1_000_000, help="of the fuzz, a fifth through the engine")
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "development" / "verification.md")
    given = parser.parse_args()
    start = time.monotonic()
    items = [*fuzz(given.executions), *slow_tests()]
    given.output.write_text(page(items, time.monotonic() - start), encoding="utf-8")
    print(given.output.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
