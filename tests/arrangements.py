"""Random arrangements of all contracts over several payers, and what their care must come to, from claims alone."""

from decimal import Decimal
from functools import cached_property

import numpy as np
import pandas as pd

import atrisk as ar

PAYERS = ("Commercial", "Medicaid", "Medicare")
#: Name, events per 1,000, mean price, own cost, coinsurance, whether the provider gives it.
LINES = (
    ("drugs", 3_000, 70.0, 2.0, 0.25, False),
    ("stays", 200, 8_000.0, 6_000.0, 0.0, False),
    ("surgery", 300, 5_000.0, 3_500.0, 0.1, True),
    ("tests", 1_500, 40.0, 21.0, 0.1, True),
    ("visits", 3_000, 110.0, 64.0, 0.2, True),
)
OWN = [line[0] for line in LINES if line[5]]
#: Every operation opens a window of its own, in which drugs and stays may follow it.
EPISODE = ar.Episode(
    "surgery",
    trigger="surgery",
    window_days=45,
    care=[
        ar.EpisodeCare("stays", amount=ar.LogNormal(mean=2_000, cv=0.5), share=0.4),
        ar.EpisodeCare("drugs", amount=90.0, days=(0, 30)),
    ],
    death_rate=0.05,
    absorbs=False,
)
MEASURES = (ar.Measure("Checked", rate=0.6, sd_between=0.1), ar.Measure("Controlled", rate=0.4))
REPLICATE = 2


class Arrangement:
    """A random study of one arm.

    Attributes
    ----------
    borne : dict of (str, str) to (str, float)
        By payer and service: how it is paid for (``fee``, ``flat``, ``capitation``, ``retainer``, ``none``), and the
        level of the fee or the dollars of a visit.
    """

    def __init__(self, number):
        self.random = np.random.default_rng([2026, number])
        members = int(self.random.integers(20, 40))
        self.panel = ar.Population.from_frame(
            pd.DataFrame(
                {
                    "age": self.random.integers(1, 90, members),
                    "sex": self.random.choice(["female", "male"], members),
                    "risk_score": self.random.gamma(4.0, 0.25, members).round(3),
                    "payer": np.r_[PAYERS, self.random.choice(PAYERS, members - 3)],
                }
            )
        )
        self.borne, of_payers = {}, {}
        for payer in PAYERS:
            of_payers[payer] = [*self._base(payer), *self._some(self._riders(payer), 0.35)]
        shared = self._some(self._of_all(), 0.4)
        if self.random.random() < 0.4:
            shared.append(ar.Financing(credit_rate=0.08, deposit_rate=0.01))
        self.arm = ar.Arm(shared, payers=of_payers)
        services = [
            ar.Service(
                name,
                per_1000=rate,
                allowed=ar.LogNormal(mean=price, cv=0.9),
                own_cost=cost,
                coinsurance=share,
                delivered_by="provider" if own else "other_providers",
            )
            for name, rate, price, cost, share, own in LINES
        ]
        care = ar.Utilization(services=services, episodes=[EPISODE], fixed_cost_per_month=500)
        self.study = ar.Study(
            self.panel,
            care,
            {"Arm": self.arm},
            base_years=2,
            years=2,
            measures=MEASURES,
            seed=int(self.random.integers(1 << 40)),
        )
        self.results = self.study.run(1, first=REPLICATE, keep="payers", progress=False)
        self.statement = self.results.statement("Arm", replicate=REPLICATE)

    @cached_property
    def claims(self):
        """Claims of the performance years."""
        return self.study.claims(REPLICATE)

    @property
    def kinds(self):
        """Names of the contracts."""
        of_payers = [contract for contracts in self.arm.payers.values() for contract in contracts]
        return {type(contract).__name__ for contract in [*of_payers, *self.arm.contracts]}

    def _some(self, contracts, chance):
        return [contract for contract in contracts if self.random.random() < chance]

    def _between(self, low, high):
        return round(float(self.random.uniform(low, high)), 2)

    def _base(self, payer):
        """Divide the services over base payments; what none has stays with the payer at its price."""
        ways = ["fee", "capitation", "retainer", "flat", "none"]
        how = {name: str(self.random.choice(ways if name in OWN else ["capitation", "none"])) for name, *_ in LINES}
        level, visit = self._between(0.5, 1.5), self._between(20, 90)
        levels = {"fee": level, "flat": visit}
        self.borne |= {(payer, name): (way, levels.get(way, 1.0)) for name, way in how.items()}
        scope = {way: [name for name in how if how[name] == way] for way in ways}
        contracts = []
        if scope["fee"]:
            contracts.append(ar.FeeForService(fee_level=level, scope=scope["fee"]))
        if scope["capitation"]:
            contracts.append(
                ar.Capitation(
                    pmpm=self._between(50, 300),
                    scope=scope["capitation"],
                    claims_lag_months=int(self.random.integers(4)),
                )
            )
        if scope["retainer"]:
            contracts.append(
                ar.DirectPrimaryCare(
                    retainer_pmpm=self._between(20, 90), scope=scope["retainer"], sponsor_share=self._between(0, 1)
                )
            )
        if scope["flat"]:
            contracts.append(ar.CareManagementFee(pmpm=5, flat_visit_fee=visit, visit_scope=scope["flat"]))
        return contracts

    def _riders(self, payer):
        """Return riders of one payer, of which some are taken."""
        capitated = any(way == "capitation" for (of, _), (way, _) in self.borne.items() if of == payer)
        riders = [
            ar.CareManagementFee(pmpm=self._between(1, 20), prepaid_incentive_pmpm=2, incentive_earned_share=0.5),
            self._cover(),
            self._savings(),
            ar.Sequestration(rates=0.02),
            ar.PayForPerformance(
                withhold_rate=0.02, bonus_pmpm=3, penalty_rate=0.03, lag_years=int(self.random.integers(3))
            ),
            self._programme(),
            ar.Withhold(withhold_rate=0.1, returned_share=0.7, target_pmpm=self._between(50, 300)),
            ar.AdvancePayment(amount=self._between(10, 9_000)),
            self._bundle(),
        ]
        if capitated:
            bands = ((0.03, 0.08, 0.5), (0.08, None, 0.8))
            riders.append(ar.RiskCorridor(losses=bands, target_pmpm=self._between(50, 300), **self._taken_off()))
            riders.append(ar.MedicalLossRatioRebate(standard=0.85))
        else:
            riders.append(ar.RiskPool(budget_pmpm=self._between(50, 300), surplus_share=0.5, deficit_share=0.3))
        return riders

    def _cover(self):
        """Return a specific cover, now and then of claims that are paid in time alone."""
        late = {"basis": f"12/{self.random.integers(12, 19)}", "payment_lag_months": int(self.random.integers(12))}
        return ar.StopLoss(
            attachment_point=self._between(100, 9_000),
            ceded_share=0.8,
            premium_pmpm=self._between(1, 30),
            **(late if self.random.random() < 0.5 else {}),
        )

    def _taken_off(self):
        """Return what is taken off a benchmark or target."""
        score = {"quality_score": self._between(0, 1)}
        return score | {"discount_rate": self._between(0, 0.1), "quality_withhold_rate": self._between(0.01, 0.1)}

    def _savings(self):
        """Return two-sided shared savings, half of them with an interim settlement."""
        interim = {
            "interim_share": self._between(0.1, 1),
            "interim_claims_months": int(self.random.integers(1, 13)),
            "interim_month": int(self.random.integers(13, 21)),
        }
        return ar.SharedSavings(
            benchmark_pmpm=self._between(100, 300),
            sharing_rate=0.5,
            loss_rate=0.4,
            basis="allowed",
            distributed_share=self._between(0, 0.5),
            recovered_share=self._between(0, 0.5),
            quality_rule=str(self.random.choice(["none", "times_score", "all_or_nothing", "full_or_alternative"])),
            reduced_sharing=(0.5, 1) if self.random.random() < 0.5 else None,
            **self._taken_off(),
            **(interim if self.random.random() < 0.5 else {}),
        )

    def _programme(self):
        """Return a programme of Medicare that moves payments by a score."""
        lag = {"lag_years": int(self.random.integers(3))}
        if self.random.random() < 0.5:
            return ar.PayForPerformance.value_based_purchasing(fiscal_year=2024, slope=self._between(1, 4), **lag)
        year = int(self.random.choice([2019, 2021, 2022, 2025]))
        scaled = {"scaling_factor": self._between(0, 3)} | ({"exceptional_scaling_factor": 0.5} if year < 2025 else {})
        return ar.PayForPerformance.mips(payment_year=year, **scaled, **lag)

    def _bundle(self):
        """Return a bundle at a price; reconciled with the same dollars for every episode, or paid beforehand."""
        price = self._between(3_000, 9_000)
        if self.random.random() < 0.5:
            discount = self._between(0, 0.1)
            return ar.EpisodeBundle(episodes="surgery", kind="prospective", target_price=price, discount=discount)
        counts = self._between(3_000, 9_000)
        shares = {"sharing_rate": self._between(0, 1), "loss_rate": self._between(0, 1), "stop_loss_rate": 0.2}
        same = {"raise_to": counts, "truncate_at": counts}
        return ar.EpisodeBundle(episodes="surgery", target_price=price, **same, **shares)

    def _of_all(self):
        """Return riders with all payers, of which some are taken."""
        return [
            ar.StopLoss(kind="aggregate", attachment_point=self._between(10_000, 90_000), premium_pmpm=2),
            ar.Investment(amount=self._between(100, 9_000), month=3, life_months=int(self.random.integers(1, 40))),
            ar.AdministrativeCost(per_year=self._between(0, 999), pmpm=1, hours_per_measure=3, hourly_cost=40),
            ar.RepaymentMechanism(form="escrow", amount=self._between(10, 999)),
        ]

    def care(self):
        """Return what each account of care comes to, from the claims and how each service is borne.

        Claims, cost shares, purchased care, own costs of all who give care; dollars of both years.
        """
        claims = self.claims
        payer = np.asarray(self.panel.columns["payer"])[claims["member_ix"]]
        line = {name: (cost, share, own) for name, _, _, cost, share, own in LINES}
        totals = dict.fromkeys(("allowed", "claim", "cost_share", "purchased_care", "own_cost", "encounters"), 0.0)
        for of, service, price in zip(payer, claims["service"], claims["allowed"], strict=True):
            cost, share, own = line[service]
            way, level = self.borne[of, service]
            allowed = {"fee": level * price, "retainer": 0.0}.get(way, price)
            cost_share = share * allowed
            paid = level if way == "flat" else allowed - cost_share
            totals["allowed"] += allowed
            totals["cost_share"] += cost_share
            totals["own_cost"] += cost
            to = "claim" if way != "capitation" else "encounters" if own else "purchased_care"
            totals[to] += paid
        return totals

    def bundles(self):
        """Yield the payer and the path of each bundle, and the bundle."""
        for payer, contracts in self.arm.payers.items():
            for at, contract in enumerate(contracts):
                if isinstance(contract, ar.EpisodeBundle):
                    yield payer, f"Arm.payers[{payer}][{at}]", contract

    def operations(self, payer):
        """Return the operations on a payer's members, each of which opens an episode."""
        claims = self.study.claims(REPLICATE)
        mine = np.asarray(self.panel.columns["payer"])[claims["member_ix"]] == payer
        return claims[mine & (claims["service"] == "surgery").to_numpy()]

    def reconciled(self, payer, bundle):
        """Return gains and losses of both years of a bundle whose episodes all count for the same dollars."""
        gains, losses = 0.0, 0.0
        for _, operations in self.operations(payer).groupby("year"):
            target = len(operations) * bundle.target_price
            difference = target - len(operations) * bundle.truncate_at
            gains += bundle.sharing_rate * max(difference, 0.0)
            losses += min(bundle.loss_rate * max(-difference, 0.0), bundle.stop_loss_rate * target)
        return gains, losses

    def care_between(self, payer):
        """Return the least and the most that the windows of the first year may come to, paid, by months of claims.

        A window of 45 days from a time in its first month ends in the next month or the one after.
        """
        claims = self.study.claims(REPLICATE)
        share = claims["service"].map({name: share for name, _, _, _, share, _ in LINES}).astype(float)
        of_service = [self.borne[payer, service] for service in claims["service"]]
        level = np.array(
            [{"fee": level, "retainer": 0.0, "capitation": 0.0}.get(way, 1.0) for way, level in of_service]
        )
        paid = (claims["allowed"] * (1.0 - share)).to_numpy() * level
        month = (12 * (claims["year"] - 1) + claims["month"]).to_numpy()
        row = claims["member_ix"].to_numpy()
        least, most = 0.0, 0.0
        for at in np.flatnonzero(claims.index.isin(self.operations(payer).index) & (claims["year"] == 1).to_numpy()):
            later = (row == row[at]) & (month >= month[at]) & (month <= month[at] + 2)
            least += paid[at]
            most += paid[later].sum()
        return least, most

    def posted(self, account, path=None, incurred=None):
        """Return what the ledger has of an account, of one contract or of all, of a month or of all, dollars."""
        paths = self.statement.paths
        return float(
            sum(
                Decimal(amount)
                for position, (_, _, of), (month, _), amount in self.statement.transfers
                if of == account
                and (path is None or (position is not None and paths[position].startswith(path)))
                and incurred in (None, month)
            )
        )


def differences(found, expected, transfers):
    """Return the accounts of care whose ledger is not what claims come to, to half a cent for each transfer."""
    accounts = ("claim", "cost_share", "purchased_care", "own_cost")
    return [name for name in accounts if abs(found(name) - expected[name]) > 0.005 * transfers + 0.005]
