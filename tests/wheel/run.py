"""Check a wheel and run `smoke.py` through it: every Python the wheel is for, with the oldest and the newest NumPy.

Interpreters are looked for on this machine; which were not found is said, and finding none is a failure. What every
environment computes must have the digest pinned in `digest.txt`: the same bits on all of them.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
DIGEST = HERE / "digest.txt"
PYTHONS = ("3.11", "3.12", "3.13")
# The oldest that has wheels for that Python; other requirements at the lowest version that the package allows.
OLDEST_NUMPY = {"3.11": "1.26", "3.12": "1.26", "3.13": "2.1"}
OLDEST_OTHERS = ("pandas==2.2.*", "narwhals==2.0.*")
LARGEST_WHEEL = 5_000_000


def check_file(wheel: Path) -> None:
    """Refuse a wheel that is too large, not for the stable ABI, or whose parts list does not name its crates."""
    size = wheel.stat().st_size
    if size >= LARGEST_WHEEL:
        raise SystemExit(f"{wheel.name} has {size:,} bytes, at most {LARGEST_WHEEL:,} may be")
    if not re.search(r"-cp311-abi3-(manylinux|musllinux|macosx|win)", wheel.name):
        raise SystemExit(f"{wheel.name} is no wheel of the stable ABI that an index takes")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        boms = [name for name in names if re.search(r"\.dist-info/sboms/.+\.cyclonedx\.json$", name)]
        parts = {part["name"] for name in boms for part in json.loads(archive.read(name)).get("components", ())}
        notes = [name for name in names if name.startswith(("tests/", "benches/", "docs/"))]
    if missing := {"pyo3", "serde_json", "rust_decimal", "pxfm"} - parts:
        raise SystemExit(f"the parts list of {wheel.name} lacks {', '.join(sorted(missing))}")
    if notes:
        raise SystemExit(f"{wheel.name} carries {notes[0]}")
    print(f"{wheel.name}: {size / 1e6:.2f} MB, {len(names)} files, {len(parts)} crates in its parts list")


def candidates(version: str) -> list[str]:
    """Where an interpreter of this version may be."""
    patch = version + ".*"
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    managed = [str(path / "bin" / "python") for path in sorted(pyenv.glob(patch), reverse=True)]
    launcher = shutil.which(f"python{version}")
    return [sys.executable, *managed, *([launcher] if launcher else [])]


def interpreter(version: str) -> str | None:
    """Find an interpreter of this version that can make an environment."""
    ask = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])"
    for path in candidates(version):
        answer = subprocess.run([path, "-c", ask], capture_output=True, text=True, check=False)
        if answer.returncode == 0 and answer.stdout.strip() == version:
            return path
    return None


def smoke(wheel: Path, python: str, requirements: tuple[str, ...]) -> dict[str, str]:
    """Install the wheel into an environment of its own, away from the sources, and run the smoke study."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([python, "-m", "venv", folder], check=True)
        own = Path(folder) / ("Scripts" if os.name == "nt" else "bin") / "python"
        install = [own, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:"]
        subprocess.run([*install, str(wheel.resolve()), *requirements], check=True)
        script = shutil.copy(HERE / "smoke.py", folder)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        ran = subprocess.run(
            [own, "-W", "error", script], cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, check=True
        )
    found: dict[str, str] = json.loads(ran.stdout)
    return found


def main() -> None:
    """Check the newest wheel of `dist` in every environment that can be made here."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheel", type=Path, help="a wheel, or a folder with one that fits this machine")
    parser.add_argument("--python", choices=PYTHONS, action="append", help="only this version; it must be there")
    parser.add_argument("--pin", action="store_true", help="a value-breaking change: write the digest found")
    given = parser.parse_args()
    wheels = sorted(given.wheel.glob("*.whl")) if given.wheel.is_dir() else [given.wheel]
    if len(wheels) != 1:
        raise SystemExit(f"one wheel is wanted, not {len(wheels)}: {', '.join(wheel.name for wheel in wheels)}")
    check_file(wheels[0])
    pythons = {version: interpreter(version) for version in given.python or PYTHONS}
    absent = [version for version, path in pythons.items() if path is None]
    if given.python and absent:
        raise SystemExit(f"no Python {', '.join(absent)} on this machine")
    digests = set()
    for version, path in pythons.items():
        if path is None:
            continue
        for requirements in ((f"numpy=={OLDEST_NUMPY[version]}.*", *OLDEST_OTHERS), ("numpy", "pandas", "narwhals")):
            found = smoke(wheels[0], path, requirements)
            digests.add(found["digest"])
            print("Python {python}, numpy {numpy}, pandas {pandas}, {machine}: {digest:.16}".format(**found))
    if absent:
        print(f"not tried, for want of an interpreter: Python {', '.join(absent)}")
    if not digests:
        raise SystemExit("no interpreter was found: nothing was tested")
    if given.pin and len(digests) == 1:
        DIGEST.write_text(digests.copy().pop() + "\n", encoding="ascii")
    pinned = DIGEST.read_text(encoding="ascii").strip()
    if digests != {pinned}:
        raise SystemExit(f"figures differ from those pinned ({pinned:.16}); if drawn values moved, say --pin")


if __name__ == "__main__":
    main()
