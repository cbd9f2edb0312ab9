"""A progress bar for those who wait, by tqdm where it is installed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Self

from atrisk._errors import InputError

if TYPE_CHECKING:
    from types import TracebackType


class Progress:
    """Counts finished replicates, on screen or in silence."""

    def __init__(self, replicates: int, wanted: bool | str) -> None:  # noqa: FBT001 - the three values of a switch
        if not isinstance(wanted, bool) and wanted != "auto":
            raise InputError("run.progress", 'must be True, False or "auto"', repr(wanted))
        self._bar: Any = None
        if wanted is True or (wanted == "auto" and _somebody_looks()):
            self._bar = _bar(replicates, required=wanted is True)

    def update(self, replicates: int) -> None:
        """Count finished replicates."""
        if self._bar is not None:
            self._bar.update(replicates)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()


def _somebody_looks() -> bool:
    in_notebook = "ipykernel" in sys.modules
    return in_notebook or (sys.stderr is not None and sys.stderr.isatty())


def _bar(replicates: int, *, required: bool) -> Any:  # noqa: ANN401 - tqdm is optional and untyped
    try:
        from tqdm.auto import tqdm  # noqa: PLC0415 - an optional dependency
    except ImportError:
        if required:
            message = "progress=True needs tqdm: pip install atrisk[notebook]"
            raise ImportError(message) from None
        return None
    return tqdm(total=replicates, unit="replicate", unit_scale=True, dynamic_ncols=True)
