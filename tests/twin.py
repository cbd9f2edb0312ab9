"""How the core is compared with its slow twin: figures, events and transfers."""

import numpy as np
import pandas as pd

import oracle
from atrisk import _core


def oracle_columns(study):
    """What the twin reads of a panel: the columns that cross to the core, and the names of the payers."""
    names = {"payer_name": study.population.columns["payer"]}
    return study.population.core_columns() | names | study.factors


def assert_figures_agree(study, results, twin):
    """Every figure by arm and year within a millionth, and the months of the lowest cash.

    Nets are differences of large sums: a millionth of those is what both can promise. Revenue is one of them where
    losses are paid back.
    """
    for index, arm in enumerate(study.arms):
        for year in range(1, study.years + 1):
            dollars = {name: results.values(name, arm, year=year) for name in _core.figure_names()}
            theirs = {name: twin[name][:, index, year - 1] for name in dollars}
            large = np.maximum(dollars["provider_cost"], dollars["provider_revenue"])
            for name, ours in dollars.items():
                if name == "minimum_cash_month":
                    assert (ours == theirs[name]).all(), (arm, year)
                    continue
                scale = np.abs(theirs[name])
                if name in {"provider_net", "provider_revenue", "minimum_cash"}:
                    scale = np.maximum(scale, large * (year if name == "minimum_cash" else 1))
                error = np.abs(ours - theirs[name]) / np.maximum(scale, 1.0)
                assert error.max() < 1e-6, (name, arm, year, int(error.argmax()), error.max())
            for name in study._core.health():
                found = np.stack(results.found(name, arm, year=year), axis=-1)
                wrong = np.flatnonzero((found != twin[f"found: {name}"][:, index, year - 1]).any(axis=1))
                assert not wrong.size, (name, arm, year, wrong)


def assert_events_agree(study, replicate, *, base_years=False):
    """Every event of the baseline in member, year, service, month and price; returns how many each year has."""
    columns = oracle_columns(study)
    world = oracle.simulate(study.spec, columns, replicate, base_years=base_years)
    shown = [year for year in world.years if (base_years or year >= 1) and year <= study.years]
    names = np.array([service["name"] for service in oracle.services_of(world.spec)])
    keys = ["member_ix", "year", "service", "month", "allowed"]
    theirs = pd.concat(
        pd.DataFrame(dict(zip(keys, (e.member_row, year, names[e.service], e.month, e.price), strict=True)))
        for year, e in ((year, oracle.arm_events(world, columns, {}, year)) for year in shown)
    )
    events = study.claims(replicate, base_years=base_years)
    ours, theirs = (frame.sort_values(keys)[keys].reset_index(drop=True) for frame in (events, theirs))
    assert len(ours) == len(theirs)
    for key in keys[:-1]:
        assert (ours[key].to_numpy() == theirs[key].to_numpy()).all(), key
    np.testing.assert_allclose(ours["allowed"], theirs["allowed"], rtol=1e-6, atol=1e-9)
    return theirs["year"].value_counts().to_dict()


def assert_agree(study, replicates, *, looked_at=5, first=0, **how):
    """Figures of all replicates, and the events of some, base years included; returns the figures of both."""
    results = study.run(replicates, first=first, progress=False, **how)
    twin = oracle.run(study.spec, oracle_columns(study), range(first, first + replicates), **how)
    assert_figures_agree(study, results, twin)
    for replicate in range(first, first + looked_at):
        assert_events_agree(study, replicate, base_years=True)
    return results, twin


#: Accounts of contracts that look at a year's transfers, of which statements see whole cents.
OF_EARLIER = {
    *("withheld", "withhold_returned", "sequestered", "corridor_receipt", "corridor_payment", "rebate", "interest"),
    *(
        "quality_payment",
        "quality_penalty",
        "advance",
        "advance_repaid",
        "distribution",
        "pool_surplus",
        "pool_deficit",
    ),
}


def roundings(both, *, riders):
    """Half cents that may lie between both sides of each group: one a transfer.

    Where riders are, two, since months of a year are rounded so that they add up, and one for each transfer of the year
    where a contract looks at these.
    """
    halves = both[["count", "count_ours"]].max(axis=1)
    if not riders:
        return halves
    year = (both.index.get_level_values("month_incurred") - 1) // 12
    earlier = both.index.get_level_values("account").isin(OF_EARLIER)
    return 2 * halves + halves.groupby(year).transform("sum") * earlier


def assert_transfers_agree(study, results, replicate, *, base_years, riders=False, spec=None):
    """Who pays whom on which account, incurred and moving in which month; statements round each of theirs to a cent."""
    keys = ["from_party", "to_party", "account", "month_incurred", "month_cash"]
    columns = oracle_columns(study)
    world = oracle.simulate(study.spec if spec is None else spec, columns, replicate, base_years=base_years)
    for index, arm in enumerate(study.arms):
        years = oracle.settle(world, columns, index)
        theirs = pd.DataFrame([each for year in years for each in year["ledger"]])
        ours = results.statement(arm, replicate=replicate).ledger()
        ours = ours[ours["amount"] != 0].assign(amount=ours["amount"].astype(float))
        ours, theirs = (frame.groupby(keys)["amount"].agg(["sum", "count"]) for frame in (ours, theirs))
        both = theirs.join(ours.add_suffix("_ours"), how="outer").fillna(0.0)
        error = (both["sum_ours"] - both["sum"]).abs() - 1e-6 * both["sum"].abs()
        wrong = error > 0.0051 * roundings(both, riders=riders)
        assert not wrong.any(), (arm, both[wrong])
