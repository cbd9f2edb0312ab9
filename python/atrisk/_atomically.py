"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def atomically(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """Open a new file beside ``path`` to write and read, which takes its place when all has gone well.

    Raises
    ------
    OSError
        If the folder is missing or nothing can be written there.
    """
    wanted = Path(path)
    beside = wanted.with_name(f".{wanted.name}.{secrets.token_hex(6)}.part")
    try:
        with beside.open("x+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(wanted)
    finally:
        beside.unlink(missing_ok=True)
