"""Names of a package that are imported when they are first asked for, so that importing the package stays quick."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def lazily(package: str, homes: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return ``__getattr__`` and ``__dir__`` of a package.

    Parameters
    ----------
    package : str
        Its name.
    homes : dict of str to str
        Name -> module that has it; a module that is asked for itself has an empty name.
    """

    def get(name: str) -> Any:  # noqa: ANN401 - whatever has that name
        if name not in homes:
            message = f"module {package!r} has no attribute {name!r}"
            raise AttributeError(message)
        home = homes[name]
        return getattr(import_module(home), name) if home else import_module(f"{package}.{name}")

    def names() -> list[str]:
        return sorted({*vars(import_module(package)), *homes})

    return get, names
