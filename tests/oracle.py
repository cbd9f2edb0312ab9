"""Second opinion: the flow from addresses to dollars in plain NumPy, written from the documents alone.

Nothing here is shared with the Rust core: random words come from a Philox written out (`oracle_random`), quantiles are
exact and not tables (`oracle_quantiles`), uncertain inputs are put into the specification (`oracle_inputs`), worlds are
drawn member by member (`oracle_panel`, `oracle_lines`, `oracle_world`) under the terms of an arm (`oracle_terms`,
`oracle_response`, `oracle_arms`) with its episodes (`oracle_episodes`, `oracle_effects`), whose care belongs to lines
that have as much less (`oracle_netting`), members pay claim by claim (`oracle_sharing`), health is counted
(`oracle_health`), care is valued (`oracle_care`), contracts write transfers in their order (`oracle_transfers`;
`oracle_payments` for base payments, `oracle_savings`, `oracle_riders`, `oracle_quality` and `oracle_money` for what
stands on them; `oracle_bundles` with `oracle_cases` and `oracle_targets` for episodes; `oracle_earned` has the rule of
shared savings, `oracle_programmes` those of Medicare's quality programmes), and every result column is read off these
(`oracle_ledger`).
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from oracle_arms import arm_events
from oracle_inputs import input_values
from oracle_ledger import COLUMNS, settle
from oracle_lines import services_of
from oracle_quantiles import mean_of, number_of, quantile, sample
from oracle_random import Columns, Terms, member_words, philox
from oracle_terms import contracts_of
from oracle_world import World, simulate

__all__ = [
    "COLUMNS",
    "World",
    "arm_events",
    "input_values",
    "mean_of",
    "member_words",
    "philox",
    "quantile",
    "run",
    "sample",
    "services_of",
    "settle",
    "simulate",
]

INTEGER_COLUMNS = ("member_months", "minimum_cash_month")


def reads_base_years(spec: Terms) -> bool:
    """Whether a contract of any arm is settled against base years, pays for getting better, or by an earlier score."""
    signed = [pair for arm in spec["arms"] for pair in contracts_of(arm)]
    paying = [terms for kind, terms in signed if kind == "pay_for_performance"]
    ladders = [measure.get("ladder") or {} for terms in paying for measure in terms["measures"]]
    improving = any(ladder.get("improvement") is not None for ladder in ladders)
    late = any(number_of(terms, "lag_years", 0) > 0 for terms in paying)
    return improving or late or any(terms.get("benchmark") is not None for _, terms in signed)


def run(
    spec: Terms, columns: Columns, replicates: Iterable[int], *, draws: int | None = None, design: str = "plain"
) -> dict[str, npt.NDArray[Any]]:
    """Result columns, each (worlds, arms, years), for absolute replicate numbers in the order given.

    What is found of an outcome or a measure, `found: NAME`, is (worlds, arms, years, 2): its count and the eligible.

    With draws these are nested: all replicates of draw 0 come first.
    """
    arms, years = len(spec["arms"]), int(spec.get("years", 1))
    base_years = reads_base_years(spec)
    nested: list[int | None] = [None] if draws is None else list(range(draws))
    numbers = list(replicates)
    table = []
    for draw in nested:
        for replicate in numbers:
            world = simulate(spec, columns, replicate, draw=draw, base_years=base_years, design=design)
            table.append([settle(world, columns, arm) for arm in range(arms)])
    figures = {
        name: np.array(
            [[[cell[name] for cell in arm] for arm in row] for row in table],
            dtype=np.int64 if name in INTEGER_COLUMNS else np.float64,
        ).reshape(len(table), arms, years)
        for name in COLUMNS
    }
    health = [each["name"] for kind in ("outcomes", "measures") for each in spec.get(kind) or []]
    counts = {
        f"found: {name}": np.array([[[cell["found"][name] for cell in arm] for arm in row] for row in table])
        for name in health
    }
    return figures | counts
