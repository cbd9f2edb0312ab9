"""What the figures do not say, made from what was run and what was not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk import metrics
from atrisk._arms import signed
from atrisk.report._words import PERCENT, number, pair, spaced, together

if TYPE_CHECKING:
    from collections.abc import Iterator

    from atrisk.report._facts import Facts

FEW = 10  # losses from which a chance of a loss begins to be known


def limits(facts: Facts) -> list[str]:
    """Return the limits, each a sentence."""
    return [
        *_errors(facts),
        *_not_knowing(facts),
        *_replicates(facts),
        *_care(facts),
        *_terms(facts),
        *_evidence(facts),
    ]


def _errors(facts: Facts) -> Iterator[str]:
    yield (
        "± is one Monte Carlo standard error: what another set of replicates would change. It says nothing of how "
        "wrong an input or the model may be."
    )
    if facts.results.plan.design in {"latin_hypercube", "sobol"}:
        design = spaced(facts.results.plan.design)
        yield f"Errors of the {design} design are those of independent draws, and on the safe side."


def _not_knowing(facts: Facts) -> Iterator[str]:
    paths = sorted(facts.uncertain)
    if not paths:
        yield "No input was given as uncertain: the spread is luck alone, as if every rate, trend and term were known."
    elif not facts.drawn:
        yield f"Uncertain inputs stand at their means, and what is not known is in no figure: {', '.join(paths)}."
    else:
        yield f"The spread holds luck and what is not known of {together(paths)}; every other input counts as known."
        if facts.results.draws is None:
            yield "Draws are not nested, so that the two parts of the spread are not told apart."
        else:
            yield from _split(facts)


def _split(facts: Facts) -> Iterator[str]:
    for arm in facts.arms:
        share, error = facts.results.variance_split(arm).parameters
        if share is not None:
            part = f"{pair(share, error, PERCENT)}\N{NO-BREAK SPACE}%"
            yield f"Not knowing makes {part} of the variance of the provider's net under {arm}."


def _replicates(facts: Facts) -> Iterator[str]:
    results = facts.results
    for frame in (facts.summary, facts.compared):
        if "missing" in frame.attrs:
            yield f"Some figures are not known: {frame.attrs['missing']}."
    if results.replicates < results.plan.replicates:
        yield (
            f"The run was interrupted: {number(results.replicates, 0)} of {number(results.plan.replicates, 0)} "
            "replicates are in the figures."
        )
    rare = []
    for arm in facts.arms:
        losses = int(np.count_nonzero(metrics.cents(results.values("provider_net", arm)) < 0))
        if min(losses, results.replicates - losses) < FEW:
            rare.append(f"{arm} ({losses} of {number(results.replicates, 0)})")
    if rare:
        yield f"Few replicates decide the chance of a loss of {together(rare)}: it is known only roughly."
    if not results.cash:
        yield "Cash was not followed by month: how low the balance falls is not known."


def _care(facts: Facts) -> Iterator[str]:
    arms = facts.spec["arms"]
    if not any(arm["response"] for arm in arms):
        yield "Volumes do not respond to incentives: care is the same under every arm, but for programmes."
    if not any(arm["programmes"] for arm in arms):
        yield "No arm has a programme that would change care."
    free = [
        service["name"]
        for service in facts.spec["utilization"]["services"]
        if service["delivered_by"] == "provider" and not float(service["own_cost"]) and not service.get("case_costs")
    ]
    if free:
        yield f"The provider delivers {together(free)} without a cost for each event."
    if not float(facts.spec["utilization"]["fixed_cost_per_month"]) and not facts.spec["utilization"]["capacity"]:
        yield "The provider has no fixed cost."


def _terms(facts: Facts) -> Iterator[str]:
    for arm in facts.spec["arms"]:
        for _, _, kind, terms in signed(arm):
            if terms.get("benchmark_pmpm") is not None and kind == "shared_savings":
                yield f"The benchmark of {arm['name']} is known without error: it is a fixed term."
            yield from _notes(arm["name"], terms)


def _notes(arm: str, terms: dict[str, Any]) -> Iterator[str]:
    for note in terms.get("notes", ()):
        yield f"{arm}: {note}"


def _evidence(facts: Facts) -> Iterator[str]:
    given = facts.results.study.assumptions
    if not given:
        yield "No assumptions were recorded, so that no figure here names its source."
    doubtful = [each.figure for each in given if each.confidence in {"assumed", "recalled", "doubtful"}]
    if doubtful:
        yield f"Assumed, recalled or doubtful, and read nowhere: {together(doubtful)}."
    if facts.told.fit is None:
        yield "Nothing here says how well the model shows what was observed: no goodness of fit was given."
