"""What tests of contracts that look at earlier ones share: worlds with a known law, transfers, closed forms."""

import numpy as np
from scipy import stats

import atrisk as ar
from closed_forms import mean, within
from conftest import make_panel

PAYERS = {"one": "Medicare", "other": "employer"}


def run(services, arms, *, panel=None, replicates=1, seed=11, **study):
    """Results of arms on a panel of a hundred members, by default one replicate."""
    services = [services] if isinstance(services, ar.Service) else services
    panel = make_panel(100) if panel is None else panel
    study = ar.Study(panel, ar.Utilization(services=services), arms, seed=seed, **study)
    return study.run(replicates, progress=False)


def one_month(premium, contracts, price=0.0):
    """The statement of a capitated member enrolled for one month, who has one stay elsewhere at this price."""
    panel = make_panel(1, exit_month=1)
    stay = ar.Service("stay", per_1000=12_000, allowed=float(price), delivered_by="other_providers")
    study = ar.Study(panel, ar.Utilization(services=[stay]), {"A": [ar.Capitation(pmpm=premium), *contracts]}, seed=5)
    once = next(replicate for replicate in range(50) if len(study.claims(replicate)) == 1)
    return study.run(1, first=once, progress=False).statement("A", replicate=once)


def lines_of(statement, kind, year=1):
    """Lines of a year of the contract of a kind."""
    frame = statement.to_frame()
    return frame[(frame["kind"] == kind) & (frame["year"] == year)].set_index("line")["value"]


def moved(statement, account):
    """Transfers of an account: from whom, to whom, months incurred and of cash, dollars."""
    ledger = statement.ledger()
    columns = ["from_party", "to_party", "month_incurred", "month_cash", "amount"]
    return ledger.loc[ledger["account"] == account, columns].to_records(index=False).tolist()


def total(statement, account):
    """Dollars of an account."""
    return sum((amount for *_, amount in moved(statement, account)), 0)


def two_payers(members=90):
    """A panel of which every third member is the one payer's."""
    return make_panel(members, payer=np.where(np.arange(members) % 3 == 0, PAYERS["one"], PAYERS["other"]))


def beside(values, function, events):
    """Whether a mean is within 4 standard errors of that of a function of a Poisson number of events."""
    n = np.arange(int(events + 20 * events**0.5 + 50))
    exact = float(function(n) @ stats.poisson(events).pmf(n))
    print(f"{mean(values)[0]:,.2f} ± {mean(values)[1]:,.2f}, exact {exact:,.2f}")
    return within(mean(values), exact)


def refused(contracts, services=None, **study):
    """The text with which an arm ``two`` of a capitation or these contracts is refused."""
    services = ar.Service("visits", per_1000=3_000, allowed=100.0) if services is None else services
    try:
        run(services, {"two": contracts}, **study)
    except ar.InputError as error:
        return str(error)
    return "accepted"


def other_party_pays(results, with_it, without):
    """Whether what an arm brings the provider beside another is what it costs the payer."""
    gained = results.values("provider_net", with_it) - results.values("provider_net", without)
    paid = results.values("payer_spend", with_it) - results.values("payer_spend", without)
    np.testing.assert_allclose(gained, paid, atol=1e-6)
    return gained
