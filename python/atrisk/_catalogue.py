"""The payment models there are: how each pays, who bears what, and how much risk it leaves on a reference panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atrisk import _shipped
from atrisk._spec import flag, whole

if TYPE_CHECKING:
    import pandas as pd

FILE = "catalogue.csv"
FEWEST = 20


def catalogue(*, risk: bool = True, replicates: int = 400, seed: int = 1) -> pd.DataFrame:
    """Show every payment model: its structure, who bears which risk, where it fits, its tags, and its computed risk.

    Parameters
    ----------
    risk : bool, default True
        Whether to compute what each leaves to the provider on the reference panel (some ten seconds, most of them for
        what falls into the windows of episodes); False shows the rest alone.
    replicates : int, default 400
        Simulated years of the reference panel, at least 20.
    seed : int, default 1
        Where their random numbers start.

    Returns
    -------
    pandas.DataFrame
        Indexed by model, from little risk to much where it is computed. ``contracts``, ``payment_structure``;
        ``price_risk``, ``use_risk``, ``severity_risk`` and ``quality_risk``: who bears that a unit of care costs more,
        that more of it is used, that single members are very ill, and that quality falls; ``best_fit``;
        ``lan_category`` (Health Care Payment Learning and Action Network, 2017), ``vbpr_payment_stream`` (HL7 Da Vinci
        value-based performance reporting), with ``source`` and ``confidence`` of these two. Computed:
        ``provider_net_sd_pmpm``, the standard deviation of the provider's net in dollars per member per month with its
        Monte Carlo standard error (``_se``), and ``risk_rank`` from 1, the least.

    Notes
    -----
    The reference panel is 2,000 members of the preset ``medicare`` for one year; the provider gives physician visits at
    80 % of their price, and every other service is others'. Bundles are for hospital stays with all care of their
    member for 30 days. Benchmarks, payments per member and prices of episodes are what the panel's care costs on
    average, so that no model gains by its price. What is computed holds for such a panel: a larger one
    has less luck, and a provider that gives more services has more volume of its own at stake.
    """
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    frame = pd.DataFrame(list(_shipped.rows("atrisk", FILE))).set_index("model")
    if not flag("catalogue.risk", risk):
        return frame
    from atrisk._reference import spread_of_models  # noqa: PLC0415 - builds studies

    n = whole("catalogue.replicates", replicates, FEWEST, 1_000_000)
    found = spread_of_models(list(frame.index), n, seed)
    frame = frame.join(found)
    frame["risk_rank"] = frame["provider_net_sd_pmpm"].rank(method="first").astype(int)
    return frame.sort_values("risk_rank")
