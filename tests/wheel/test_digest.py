"""The pinned digest of the wheel's smoke study is that of this build: a value that moved is pinned again, or mended."""

import importlib.util
from pathlib import Path

HERE = Path(__file__).parent


def test_the_digest_is_the_pinned_one():
    spec = importlib.util.spec_from_file_location("smoke", HERE / "smoke.py")
    smoke = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(smoke)
    assert smoke.digest() == (HERE / "digest.txt").read_text(encoding="utf-8").strip()
