"""Every replicate of a run as a row of a frame, and every draw of the uncertain inputs as a row of another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk import _core, _memory

if TYPE_CHECKING:
    import pandas as pd

    from atrisk.results import Results

BYTES_A_ROW = 2 * 12 * 8  # twelve columns, and once more while the frame is put together
COLUMNS = tuple(name for name in _core.figure_names() if not name.startswith("minimum_cash"))


def every_replicate(results: Results) -> pd.DataFrame:
    """Return the frame of :meth:`Results.to_pandas`."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    arms, n, years = sorted(results.arms), results.replicates, results.years
    rows = len(arms) * n * years
    what = f"to_pandas: {rows:,} rows need"
    _memory.refuse_more_than_available(what, BYTES_A_ROW * rows, "take single figures with values()")
    draw, replicate = _numbers(results)
    frame: dict[str, Any] = {
        "arm": np.repeat(np.array(arms, dtype=object), n * years),
        "draw": np.tile(np.repeat(draw, years), len(arms)),
        "replicate": np.tile(np.repeat(replicate, years), len(arms)),
        "year": np.tile(np.arange(1, years + 1, dtype=np.int64), len(arms) * n),
    }
    order = [results.arms.index(arm) for arm in arms]
    by_arm = np.moveaxis(results._figures, 1, 0)[order].reshape(rows, -1)  # noqa: SLF001 - its own package
    names = _core.figure_names()
    return pd.DataFrame(frame | {name: by_arm[:, names.index(name)] for name in COLUMNS})


def parameters(results: Results) -> pd.DataFrame:
    """Return the frame of :meth:`Results.parameters`."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    paths, inputs = results.study.uncertain_inputs, results.plan.inputs
    if inputs is None:
        return pd.DataFrame([results.study._core.parameter_means()], columns=paths)  # noqa: SLF001 - its own package
    numbers = pd.RangeIndex(results.first, results.first + len(inputs), name="draw")
    return pd.DataFrame(inputs, columns=paths, index=numbers)


def _numbers(results: Results) -> tuple[Any, Any]:
    """Return the numbers of the draw and of the replicate of each row of figures."""
    numbers = np.arange(results.first, results.first + results.replicates, dtype=np.int64)
    inner, inputs = results.plan.inner, results.plan.inputs
    if inner is not None:
        return numbers // inner, numbers % inner
    return (np.zeros_like(numbers) if inputs is None else numbers), numbers
