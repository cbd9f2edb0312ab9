"""What it takes to make the same figures again: seed, versions, digests, and the whole specification."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk.report import _html
from atrisk.report._words import missing, number

if TYPE_CHECKING:
    from atrisk.report._facts import Facts
    from atrisk.results import Results

AGAIN = (
    "From a file that results.save() wrote, atrisk.load(path).rerun() makes the same figures again, bit for bit, with "
    "the same version of atrisk. Without one, Study.from_spec(population, spec, factors) builds the study from the "
    "specification below and the panel, which is not in this page; run it as the table says."
)


def manifest(facts: Facts) -> list[str]:
    """Return the manifest."""
    results = facts.results
    plan = results.plan
    rows = [
        ("seed", results.spec["seed"]),
        ("first replicate", plan.first),
        ("replicates", number(results.replicates, 0)),
        ("draws of what is uncertain", _draws(facts)),
        ("uncertain inputs", _inputs(facts)),
        ("design of the draws", plan.design),
        ("cash by month", "yes" if results.cash else "no"),
        *((f"version of {name}", version) for name, version in results.versions.items()),
        ("specification, SHA-256", hashlib.sha256(spec_text(results).encode()).hexdigest()),
        ("panel, SHA-256", panel_digest(results)),
    ]
    return [
        _html.table("Manifest", ("what", "value"), rows),
        _html.paragraph(AGAIN),
        _html.folded("The table of results with all digits, as JSON", all_digits(facts)),
        _html.folded("The whole specification, as JSON", spec_text(results)),
    ]


def _draws(facts: Facts) -> str:
    plan = facts.results.plan
    if plan.draws is not None:
        return f"{number(plan.draws, 0)}, each with {number(plan.replicates // plan.draws, 0)} replicates"
    return "one for each replicate" if facts.drawn else "none"


def _inputs(facts: Facts) -> str:
    if not facts.uncertain:
        return "none"
    return f"{len(facts.uncertain)}, {'drawn' if facts.drawn else 'at their means'}"


def spec_text(results: Results) -> str:
    """Return the specification as text, always the same for the same."""
    return json.dumps(results.spec, allow_nan=False, sort_keys=True, indent=1, ensure_ascii=False)


def all_digits(facts: Facts) -> str:
    """Return the summary with all digits; what is not known is null."""
    rows: dict[str, Any] = {
        str(arm): {str(name): None if missing(value) else float(value) for name, value in row.items()}
        for arm, row in facts.summary.to_dict("index").items()
    }
    return json.dumps(rows, allow_nan=False, indent=1, ensure_ascii=False)


def panel_digest(results: Results) -> str:
    """Return the SHA-256 of what crosses to the core of the members: columns, factors and payers."""
    study = results.study
    columns = study.population.core_columns() | study.factors
    digest = hashlib.sha256(json.dumps(study.population.payers).encode())
    for name in sorted(columns):
        digest.update(name.encode())
        values = np.ascontiguousarray(columns[name])
        digest.update(values.astype(values.dtype.newbyteorder("<")).tobytes())
    return digest.hexdigest()
