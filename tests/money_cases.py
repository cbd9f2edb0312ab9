"""Studies of the provider's own money: an arm with its contracts beside the same arm without them."""

from decimal import Decimal

import numpy as np
import pytest

import atrisk as ar
from conftest import make_panel

#: Care that nobody uses, so that every dollar that moves is the contract's.
NO_CARE = ar.Service("visits", per_1000=0, allowed=100.0)
MEMBERS = 10


def study(*contracts, bare=None, payers=None, years=1, panel=None, services=(NO_CARE,), seed=4, **how):
    """Arm ``Bare`` has fees or what is given for them, arm ``A`` the contracts after it or those of its payers."""
    base = [ar.FeeForService()] if bare is None else bare
    arm = [*base, *contracts] if payers is None else ar.Arm(list(contracts), payers=payers)
    care = ar.Utilization(services=list(services))
    return ar.Study(panel or make_panel(MEMBERS), care, {"Bare": base, "A": arm}, years=years, seed=seed, **how)


def run(*contracts, replicates=1, **how):
    return study(*contracts, **how).run(replicates, progress=False)


def change(results, figure="provider_net"):
    """By replicate and year, what the contracts change in a figure."""
    years = range(1, results.years + 1)
    change = [results.values(figure, "A", year=year) - results.values(figure, "Bare", year=year) for year in years]
    return np.array(change).T


def transfers(results, account, replicate=0):
    """Transfers of an account as (from, to, month incurred, month of cash, dollars)."""
    ledger = results.statement("A", replicate=replicate).ledger()
    of = ledger[ledger["account"] == account]
    columns = ("from_party", "to_party", "month_incurred", "month_cash", "amount")
    return list(zip(*(of[column] for column in columns), strict=True))


def lines(results, kind, year=1, replicate=0):
    """The lines of a contract's statement in a year, in cents."""
    frame = results.statement("A", replicate=replicate).to_frame()
    of = frame[(frame["kind"] == kind) & (frame["year"] == year)]
    return dict(zip(of["line"], of["value"], strict=True))


def two_payers():
    """Nine members of whom each third is with Medicare."""
    return make_panel(9, payer=["Medicare", "employer", "employer"] * 3)


def refusal(*contracts, **how):
    """The text with which contracts are refused."""
    with pytest.raises(ar.InputError) as caught:
        study(*contracts, **how)
    return str(caught.value)


def cents(text):
    return Decimal(str(text)).quantize(Decimal("0.01"))
