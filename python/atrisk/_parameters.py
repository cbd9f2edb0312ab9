"""Uncertain inputs: distributions given where a number is meant, found in a specification and drawn by design."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk._spec import UNCERTAIN, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from atrisk import _core

    Correlation = Mapping[tuple[str, str], float]

DESIGNS = ("plain", "antithetic", "latin_hypercube", "sobol")
SMALLEST = 2.0**-53


def collect(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """Take the distributions out of a specification, leaving their means, and tell where each stands.

    A programme is the same in every arm that has it, so that arms differ by what they do and not by what is not known.
    """
    found: dict[str, dict[str, Any]] = {}
    for pointer, owner, key in list(_uncertain(spec, "", None, None)):
        given = owner[key][UNCERTAIN]
        path, mean, written = path_of(spec, pointer), given.mean(), given.to_spec()
        if not np.isfinite(mean):
            raise InputError(path, "must have a finite mean", repr(given))
        owner[key] = mean
        each = found.setdefault(path, {"path": path, "pointers": [], "distribution": written})
        if each["distribution"] != written:
            hint = "give one of the programmes another name"
            raise InputError(path, "must be the same distribution in every arm", repr(given), hint)
        each["pointers"].append(pointer)
    return [found[path] for path in sorted(found)]


def _uncertain(node: Any, pointer: str, owner: Any, key: Any) -> Iterator[tuple[str, Any, Any]]:  # noqa: ANN401 - JSON
    if isinstance(node, dict):
        if UNCERTAIN in node:
            yield pointer, owner, key
            return
        for name, value in node.items():
            escaped = str(name).replace("~", "~0").replace("/", "~1")
            yield from _uncertain(value, f"{pointer}/{escaped}", node, name)
    elif isinstance(node, list):
        for position, value in enumerate(node):
            yield from _uncertain(value, f"{pointer}/{position}", node, position)


def path_of(spec: dict[str, Any], pointer: str) -> str:
    """Write a place in a specification as a person does: ``inpatient.per_1000``, ``ACO, two-sided[1].sharing_rate``.

    A programme is named by its own name, whatever arm it is in.
    """
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    if steps[0] == "utilization" and steps[1] in ("services", "episodes"):
        head, rest = spec["utilization"][steps[1]][int(steps[2])]["name"], steps[3:]
    elif steps[0] in ("outcomes", "measures"):
        head, rest = f"{steps[0]}.{spec[steps[0]][int(steps[1])]['name']}", steps[2:]
    elif steps[:2] == ["population", "conditions"]:
        head, rest = f"population.conditions.{spec['population']['conditions'][int(steps[2])]['name']}", steps[3:]
    elif steps[0] == "arms" and steps[2] == "contracts":
        head, rest = f"{spec['arms'][int(steps[1])]['name']}[{steps[3]}]", steps[5:]
    elif steps[0] == "arms" and steps[2] == "payers":
        arm = spec["arms"][int(steps[1])]
        head, rest = f"{arm['name']}.payers[{arm['payers'][int(steps[3])]['payer']}][{steps[5]}]", steps[7:]
    elif steps[0] == "arms" and steps[2] == "programmes":
        name = spec["arms"][int(steps[1])]["programmes"][int(steps[3])]["name"]
        head, rest = name, steps[4:]
    elif steps[0] == "arms":
        head, rest = spec["arms"][int(steps[1])]["name"], [step for step in steps[2:] if step]
    else:
        head, rest = steps[0], [step for step in steps[1:] if step]
    # A figure that holds for every cell stands under an empty name.
    return "".join([head, *(f"[{step}]" if step.isdigit() else f".{step}" for step in rest if step)])


def correlation_matrix(paths: list[str], given: object) -> list[list[Any]] | None:
    """Return the correlation of uncertain inputs as a matrix in the order of their paths."""
    if given is None:
        return None
    path = "study.parameter_correlation"
    if not isinstance(given, Mapping):
        hint = 'for example {("utilization.trend", "inpatient.per_1000"): 0.5}'
        raise InputError(path, "must be a mapping of pairs of paths to correlations", f"a {type(given).__name__}", hint)
    matrix: list[list[Any]] = [[float(row == column) for column in range(len(paths))] for row in range(len(paths))]
    for pair, value in given.items():
        for name in pair if isinstance(pair, tuple) else (pair,):
            if name not in paths:
                hint = f"the uncertain inputs are {', '.join(paths) or 'none'}"
                raise InputError(path, "must name uncertain inputs", repr(name), hint)
        if not isinstance(pair, tuple) or len(pair) != 2 or pair[0] == pair[1]:  # noqa: PLR2004 - a pair
            raise InputError(path, "must name pairs of different inputs", repr(pair))
        row, column = map(paths.index, pair)
        correlation = plain(f"{path}[{pair[0]!r}, {pair[1]!r}]", value)
        if not -1.0 <= correlation <= 1.0:
            raise InputError(f"{path}[{pair[0]!r}, {pair[1]!r}]", "must be between -1 and 1", f"{correlation:g}")
        if (pair[1], pair[0]) in given and given[pair[1], pair[0]] != value:
            raise InputError(path, "must give each pair once", f"{pair} and its reverse, with other values")
        matrix[row][column] = matrix[column][row] = correlation
    return matrix


def uniforms(study: _core.Study, design: str, first: int, draws: int, seed: int) -> NDArray[np.float64]:
    """Return independent uniforms of the uncertain inputs, a row for each draw."""
    inputs = len(study.parameter_paths())
    if design == "plain":
        return np.array(study.parameter_uniforms(list(range(first, first + draws))))
    if design == "antithetic":
        numbers = np.arange(first, first + draws)
        halves = np.array(study.parameter_uniforms((numbers // 2).tolist()))
        return np.where(numbers[:, None] % 2 == 0, halves, 1.0 - halves)
    try:
        from scipy.stats import qmc  # noqa: PLC0415 - an optional dependency
    except ImportError:
        message = f"a {design} design needs SciPy: pip install atrisk[fit]"
        raise ImportError(message) from None
    rng = np.random.default_rng(seed)
    if design == "sobol":
        sampler = qmc.Sobol(inputs, scramble=True, rng=rng) if _takes_rng(qmc.Sobol) else qmc.Sobol(inputs, seed=rng)
        points = sampler.random_base2(int(np.ceil(np.log2(max(draws, 1)))))[:draws]
    else:
        cube = (
            qmc.LatinHypercube(inputs, rng=rng)
            if _takes_rng(qmc.LatinHypercube)
            else qmc.LatinHypercube(inputs, seed=rng)
        )
        points = cube.random(draws)
    return np.asarray(np.clip(points, SMALLEST, 1.0 - SMALLEST), dtype=np.float64)


def _takes_rng(sampler: Any) -> bool:  # noqa: ANN401 - a class of SciPy
    import inspect  # noqa: PLC0415 - keeps the import of atrisk quick

    return "rng" in inspect.signature(sampler.__init__).parameters
