"""What memory there is, and a refusal in words before more than that is asked for."""

from __future__ import annotations

import os
from pathlib import Path

GIB = 2**30
CGROUP = Path("/sys/fs/cgroup")
OWN_GROUPS = Path("/proc/self/cgroup")
# Where the limit, the usage and what of it the kernel can drop stand: version 2, then version 1.
CGROUP_FILES = (
    ("", "memory.max", "memory.current", "inactive_file"),
    ("memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
)


def refuse_more_than_available(what: str, needed: float, hint: str) -> None:
    """Raise a MemoryError if more bytes are needed than this process can get."""
    available = available_bytes()
    if available is not None and needed > available:
        message = f"{what} {_gib(needed)} of memory, {_gib(available)} are available: {hint}"
        raise MemoryError(message)


def available_bytes() -> int | None:
    """Return the bytes this process can get: of the machine, its container, its limit; None if nothing tells."""
    known = [value for value in (_of_the_machine(), _of_the_process(), *_of_the_containers()) if value is not None]
    return min(known, default=None)


def _gib(size: float) -> str:
    return f"{size / GIB:,.1f} GiB" if size >= GIB / 10 else f"{size / GIB:,.3f} GiB"


def _of_the_machine() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        (line,) = (line for line in lines if line.startswith("MemAvailable:"))
        return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


def _of_the_process() -> int | None:
    """Return what is left under the limit of this process (``ulimit -v``)."""
    try:
        import resource  # noqa: PLC0415 - Unix has it

        most, _ = resource.getrlimit(resource.RLIMIT_AS)
        used = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (ImportError, OSError, ValueError):
        return None
    return None if most == resource.RLIM_INFINITY else max(0, most - used)


def _of_the_containers() -> list[int]:
    """Return what is left under the limit of each control group that holds this process."""
    left = []
    for hierarchy, limit, usage, droppable in CGROUP_FILES:
        root = CGROUP / hierarchy
        for group in _groups(root, hierarchy):
            size = _left(group / limit, group / usage, group / "memory.stat", droppable)
            if size is not None:
                left.append(size)
    return left


def _groups(root: Path, hierarchy: str) -> list[Path]:
    """Return the control group of this process and those around it, as far as they can be seen."""
    try:
        lines = OWN_GROUPS.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    paths = [path for _, kinds, path in (line.split(":", 2) for line in lines) if hierarchy in kinds.split(",")]
    groups = [root]
    for path in paths:
        own = root / path.strip("/")
        groups += [group for group in (own, *own.parents) if group.is_relative_to(root) and group != root]
    return groups


def _left(limit: Path, usage: Path, stat: Path, droppable: str) -> int | None:
    try:
        most, used = limit.read_text(encoding="ascii").strip(), int(usage.read_text(encoding="ascii"))
        facts = dict(line.split() for line in stat.read_text(encoding="ascii").splitlines())
        return None if most == "max" else max(0, int(most) - used + int(facts.get(droppable, 0)))
    except (OSError, ValueError):
        return None
