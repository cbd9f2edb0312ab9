"""Who may know whom: data flows one way, contracts draw no random numbers, the core knows no Python."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOUNDATION = {"math", "rng", "distributions", "money", "terms", "error", "reading", "correlation"}

# What each module of the core may name of the others.
MAY_USE = {
    "math": set(),
    "error": set(),
    "rng": set(),
    "money": set(),
    "terms": {"money"},
    "reading": {"error"},
    # Settle a user's own figures.
    "rules": {"error", "money", "reading", "terms"},
    # Payment systems are rules; some have powers.
    "payment": {"error", "math", "money", "reading", "terms", "rules"},
    "distributions": {"math", "rng", "money", "error"},
    # Computes what the simulation draws, and knows nothing of it.
    "exact": FOUNDATION,
    "correlation": {"error", "money"},
    "population": FOUNDATION,
    # Who delivers a service is a party.
    "utilization": FOUNDATION | {"population", "ledger::Party"},
    "views": FOUNDATION | {"population", "utilization"},
    # Months and years are the population's.
    "ledger": {"money", "population::MONTHS", "population::MOST_YEARS"},
    "contracts": {
        "error",
        "money",
        "terms",
        "rules",
        "ledger",
        "views",
        "math",
        "population::Horizon",
        "population::MONTHS",
        "population::Sex",
        "population::grown",
        "utilization::ArmCare",
        "utilization::Capacity",
        "utilization::Collections",
        "utilization::CostSharing",
        "utilization::CostSharingSpec",
        "utilization::DAYS_OF_MONTH",
        "utilization::EpisodeTerms",
        "utilization::MOST_DAYS",
        "utilization::ProgrammeSpec",
        "utilization::Scoring",
        "utilization::health::Found",
        "utilization::ServiceTerms",
        "reading",
    },
    "study": FOUNDATION | {"population", "utilization", "views", "contracts", "ledger"},
    "python": FOUNDATION | {"exact", "population", "study", "contracts", "rules", "payment"},
}


def sources(module):
    single = ROOT / "src" / f"{module}.rs"
    return [single] if single.is_file() else sorted((ROOT / "src" / module).rglob("*.rs"))


def code_of(path):
    """Source without comments and without its tests."""
    text = path.read_text(encoding="utf-8").split("#[cfg(test)]\nmod tests")[0]
    return re.sub(r"//.*", "", text)


def named(code):
    """Paths into the crate that a source names, braces opened."""
    for path in re.findall(r"crate::((?:\w+::)*(?:\w+|\{[^}]*\}))", code):
        head, _, last = path.rpartition("::")
        names = re.split(r"[,\s]+", last.strip("{}")) if last.startswith("{") else [last]
        yield from (f"{head}::{name}".strip(":") for name in names if name)


def test_every_module_has_its_rule():
    modules = {path.stem for path in (ROOT / "src").iterdir()} - {"lib"}
    assert modules == set(MAY_USE)


@pytest.mark.parametrize("module", MAY_USE)
def test_arrows_point_one_way(module):
    allowed = MAY_USE[module] | {module}
    for source in sources(module):
        for path in named(code_of(source)):
            fits = any(path == rule or path.startswith(rule + "::") for rule in allowed)
            assert fits, f"{source.relative_to(ROOT)} must not use crate::{path}"


@pytest.mark.parametrize("module", ["contracts", "ledger"])
def test_contracts_draw_nothing(module):
    for source in sources(module):
        assert not re.search(r"\b(rng|rand|philox|open_uniform|quantile)\b", code_of(source)), source


def test_only_the_boundary_knows_python():
    knowing = [path for path in (ROOT / "src").rglob("*.rs") if re.search(r"\b(pyo3|numpy)\b", code_of(path))]
    assert {path.relative_to(ROOT / "src").parts[0] for path in knowing} == {"python"}


def test_files_open_with_a_sentence_and_stay_readable():
    for path in [*(ROOT / "src").rglob("*.rs"), *(ROOT / "python").rglob("*.py")]:
        lines = path.read_text(encoding="utf-8").splitlines()
        assert re.match(r'//! \S.*|"""\S.*', lines[0]), path
        assert len(lines) <= 400, (path, len(lines))


HEAVY = {"dask", "distributed", "IPython", "matplotlib", "narwhals", "pandas", "psutil", "scipy", "tqdm"}
IMPORT = """
import sys, time
import numpy
start = time.perf_counter()
import atrisk
print(time.perf_counter() - start, *{name.split(".")[0] for name in sys.modules})
"""


def test_import_is_quick_and_lazy():
    """Importing atrisk loads nothing heavy and takes, after NumPy, less than 200 ms; best of five fresh processes."""
    times = []
    for _ in range(5):
        shown = subprocess.run([sys.executable, "-c", IMPORT], capture_output=True, text=True, check=True)  # noqa: S603
        seconds, *modules = shown.stdout.split()
        assert not HEAVY & set(modules)
        times.append(float(seconds))
    print(f"import after NumPy: {min(times) * 1e3:.0f} ms")
    assert min(times) < 0.2


def test_every_process_of_the_generator_is_written_down():
    code = (ROOT / "src/rng/mod.rs").read_text(encoding="utf-8")
    enum = re.search(r"pub enum Process \{(.*?)\n\}", code, re.DOTALL)[1]
    numbers = {int(number): name.lower() for name, number in re.findall(r"(\w+) = (\d+),", enum)}
    page = (ROOT / "docs/development/random-numbers.md").read_text(encoding="utf-8")
    written = {int(number): name for number, name in re.findall(r"^\| (\d+) \| (\w+) \|", page, re.MULTILINE)}
    assert written == numbers
