"""Second opinion on uncertain inputs: which value each draw has, and where it stands in a specification."""

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import special  # type: ignore[import-untyped,unused-ignore]

from oracle_quantiles import cholesky_root, normal_quantile, quantile
from oracle_random import F64, PARAMETER, Luck, Terms, name_hash, shared_uniform


def independent_uniforms(paths: Sequence[str], seed: int, draw: int, design: str) -> F64:
    """Uniforms of one draw before any correlation, shape (inputs,); mirrored pairs share an address."""
    if design == "plain":
        return np.array([shared_uniform(Luck(seed, draw, 0), PARAMETER, None, name_hash(path)) for path in paths])
    if design != "antithetic":
        raise ValueError(f"unknown design {design!r}")
    halves = independent_uniforms(paths, seed, draw // 2, "plain")
    return 1.0 - halves if draw % 2 else halves


def input_values(spec: Terms, draw: int, design: str = "plain") -> F64:
    """Values of the uncertain inputs in one draw, shape (inputs,), in the order of their paths."""
    parameters = spec["parameters"]
    inputs = parameters["inputs"]
    u = independent_uniforms([each["path"] for each in inputs], int(spec["seed"]), draw, design)
    if parameters.get("correlation") is not None:
        root = cholesky_root(parameters["correlation"])
        u = np.asarray(special.ndtr(root @ normal_quantile(u)), dtype=np.float64)
    values = [quantile(each["distribution"], u[i : i + 1])[0] for i, each in enumerate(inputs)]
    return np.array(values, dtype=np.float64)


def replaced(node: Any, steps: Sequence[str], value: float) -> None:
    """Put a value where a JSON pointer, in steps, leads."""
    step = steps[0].replace("~1", "/").replace("~0", "~")
    key: Any = int(step) if isinstance(node, list) else step
    if len(steps) == 1:
        node[key] = value
    else:
        replaced(node[key], steps[1:], value)


def with_inputs(spec: Terms, draw: int, design: str = "plain") -> Terms:
    """The specification with the uncertain inputs of one draw in their places."""
    inputs = (spec.get("parameters") or {}).get("inputs") or []
    if not inputs:
        return spec
    filled = copy.deepcopy(dict(spec))
    for each, value in zip(inputs, input_values(spec, draw, design), strict=True):
        for pointer in each["pointers"]:
            replaced(filled, pointer.split("/")[1:], float(value))
    return filled
