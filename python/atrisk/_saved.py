"""Results as a file: what was run, on whom, and every figure that was found, bit for bit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk import _archive, _core
from atrisk._draws import MEANS, Plan
from atrisk._errors import InputError
from atrisk._parameters import DESIGNS
from atrisk._saved_parts import choices, chosen, decoded, encoded
from atrisk._spec import all_of
from atrisk.assumption import checked
from atrisk.health import Measure
from atrisk.population import Population
from atrisk.results import Results
from atrisk.study import Study

if TYPE_CHECKING:
    import os

    from numpy.typing import NDArray

    Arrays = dict[str, NDArray[Any]]

PANEL = ("enrolment", "attribution", "conditions", "risk_scores", "assumptions")
PLAN = ("first", "replicates", "draws", "parameters", "design")


def save(results: Results, path: str | os.PathLike[str]) -> None:
    """Write results to a file; see :meth:`Results.save`."""
    study, plan = results.study, results.plan
    columns, arrays = _columns(study.population)
    arrays |= {f"factors/{place}": values for place, values in enumerate(study.factors.values())}
    arrays["figures"] = np.ascontiguousarray(results._figures)  # noqa: SLF001 - its own package
    if plan.inputs is not None:
        arrays["inputs"] = plan.inputs
    content = {
        "versions": results.versions,
        "spec": results.spec,
        "plan": {name: getattr(plan, name) for name in PLAN},
        "cash": results.cash,
        "columns": columns,
        "panel": {name: encoded(f"population.{name}", getattr(study.population, name)) for name in PANEL},
        "factors": list(study.factors),
        "measures": encoded("measures", study.measures),
        "assumptions": encoded("assumptions", study.assumptions),
    }
    _archive.write(path, content, arrays)


def load(path: str | os.PathLike[str]) -> Results:
    """Read results that were saved by :meth:`Results.save`: the same figures, bit for bit.

    They can do what results do: tables, plots, statements, reports, and run again. Reading a file can run no code.

    Parameters
    ----------
    path : str or path
        Where they were saved.

    Returns
    -------
    Results
        With the versions by which they were found; ``rerun()`` and ``statement()`` warn where this is another version
        of atrisk, whose bits may differ.

    Raises
    ------
    InputError
        If the file is none of these, was cut off or altered, is of a newer format, or holds a study that this version
        of atrisk cannot build.
    OSError
        If there is no such file, or it cannot be read.
    """
    content, arrays = _archive.read(path)
    try:
        return _results(content, arrays)
    except InputError as error:
        versions = content.get("versions")
        hint = f"it was written by atrisk {versions.get('atrisk')}" if isinstance(versions, dict) else None
        raise InputError(str(path), "must hold a study that can be built", str(error), hint) from None
    except _archive.WRONG as error:
        told = f"{type(error).__name__}: {error}"
        raise InputError(str(path), _archive.RULE, f"content that does not fit together: {told}") from None


def _columns(population: Population) -> tuple[list[dict[str, Any]], Arrays]:
    """Return the panel's columns: arrays as they are, and objects as different values and the place of each row."""
    told: list[dict[str, Any]] = []
    arrays: Arrays = {"member_words": population.member_words}
    for place, (name, values) in enumerate(population.columns.items()):
        plain = values.dtype.kind in "biufUmM"
        different, rows = (None, values) if plain else choices(f"population.{name}", values.tolist())
        told.append({"name": name, "objects": different})
        arrays[f"columns/{place}"] = rows
    return told, arrays


def _results(content: dict[str, Any], arrays: Arrays) -> Results:
    """Put results together from what a file holds."""
    population = _population(content, arrays)
    factors = {str(name): arrays[f"factors/{place}"] for place, name in enumerate(content["factors"])}
    measures = all_of(Measure, "measures", decoded(content["measures"]))
    assumptions = checked("assumptions", decoded(content["assumptions"]))
    study = Study.from_spec(population, content["spec"], factors, measures, assumptions)
    plan = Plan(**{name: content["plan"][name] for name in PLAN}, inputs=arrays.get("inputs"))
    figures = arrays["figures"]
    _check(study, plan, figures)
    results = Results(study=study, figures=figures, plan=plan, cash=bool(content["cash"]))
    results.versions = {str(name): str(version) for name, version in content["versions"].items()}
    return results


def _population(content: dict[str, Any], arrays: Arrays) -> Population:
    columns = {}
    for place, told in enumerate(content["columns"]):
        values = arrays[f"columns/{place}"]
        columns[str(told["name"])] = values if told["objects"] is None else chosen(told["objects"], values)
    words = arrays["member_words"]
    panel = Population(columns=columns, member_words=words, **{name: decoded(content["panel"][name]) for name in PANEL})
    _need(all(values.shape == words.shape for values in panel.columns.values()), "columns")
    _core.check_population(panel.core_columns(), panel.payers)
    return panel


def _check(study: Study, plan: Plan, figures: NDArray[Any]) -> None:
    """Refuse a plan or figures that cannot be those of the study."""
    n, *rest = figures.shape
    _need(figures.dtype == np.float64 and rest == [len(study.arms), study.years, study.row], "figures")
    whole = all(type(number) is int for number in (plan.first, plan.replicates, plan.draws or 1))
    _need(whole and plan.first >= 0 and 0 < n <= plan.replicates, "replicates")
    _need(plan.draws is None or (plan.draws > 1 and plan.replicates % plan.draws == 0), "draws")
    _need(plan.parameters in MEANS and plan.design in DESIGNS, "design")
    drawn = bool(study.uncertain_inputs) and plan.parameters == "drawn"
    _need(drawn == (plan.inputs is not None), "draws")
    if plan.inputs is not None:
        shape = (plan.draws or plan.replicates, len(study.uncertain_inputs))
        _need(plan.inputs.dtype == np.float64 and plan.inputs.shape == shape, "draws")


def _need(fits: object, what: str) -> None:
    if not fits:
        message = f"the {what} are not those of the study"
        raise ValueError(message)
