"""Random arrangements of all contracts over several payers, and what their care must come to, from claims alone."""

import copy
from dataclasses import replace
from decimal import Decimal
from functools import cache, cached_property
from typing import NamedTuple

import numpy as np

import atrisk as ar
from arrangement_bundle_terms import bundle, bundles
from arrangement_bundles import expected_of, posted_of
from arrangement_panel import (
    AVOIDABLE,
    BASE_YEARS,
    LINES,
    MEASURES,
    PAYERS,
    PREVENTION,
    REPLICATE,
    YEARS,
    Between,
    care_of,
    people,
)
from arrangement_terms import base, of_all, riders
from oracle_panel import follow
from oracle_random import Luck
from twin import oracle_columns

MONTHS = 12
#: How many arrangements every run looks at.
QUICK = 120


class Claims(NamedTuple):
    """Claims of an arm in columns, (claims,) each."""

    row: np.ndarray  # row of the member
    year: np.ndarray  # 1 is the first performance year
    time: np.ndarray  # month, from 0 of the first base year
    early: np.ndarray  # when it is at the earliest, months
    late: np.ndarray  # and at the latest
    service: np.ndarray  # names
    price: np.ndarray  # dollars at fee level 1


class Arrangement:
    """A random study of one arm.

    Attributes
    ----------
    borne : dict of (str, str) to (str, float)
        By payer and service: how it is paid for (``fee``, ``flat``, ``capitation``, ``retainer``, ``none``), and the
        level of the fee or the dollars of a visit.
    """

    def __init__(self, number):
        random = Between(number)
        self.panel = people(random)
        self.payer = np.asarray(self.panel.columns["payer"])
        self.utilization = care_of(random)
        self.episodes = {episode.name: episode for episode in self.utilization.episodes}
        self.borne = {}
        self.arm = self._arm(random, attribution=self.panel.attribution is not None)
        self.seed = int(random.random.integers(1 << 40))
        self.study = self._study({"Arm": self.arm}, YEARS)
        self.results = self.study.run(1, first=REPLICATE, keep="payers", progress=False)
        self.statement = self.results.statement("Arm", replicate=REPLICATE)

    def _arm(self, random, *, attribution):
        """Return contracts with each payer and with all, and say how services are borne."""
        of_payers = {}
        # A bundle with all payers stands behind the contracts of each, which then cannot count it.
        with_all = random.chance(0.15)
        for payer in PAYERS:
            contracts, borne = base(random)
            self.borne |= {(payer, name): way for name, way in borne.items()}
            contracts += [] if with_all else bundles(random, attribution=attribution)
            capitated = any(way == "capitation" for way, _ in borne.values())
            of_payers[payer] = [*contracts, *random.some(riders(random, capitated=capitated, apart=with_all), 0.35)]
        shared = [bundle(random, ("chronic", "surgery"))] if with_all else []
        shared += random.some(of_all(random), 0.4)
        if random.chance(0.4):
            shared.append(ar.Financing(credit_rate=0.08, deposit_rate=0.01))
        return ar.Arm(shared, payers=of_payers, programmes=[PREVENTION] if random.chance(0.3) else [])

    def _study(self, arms, years):
        terms = {"base_years": BASE_YEARS, "years": years, "measures": MEASURES, "seed": self.seed}
        return ar.Study(self.panel, self.utilization, arms, **terms)

    @cached_property
    def all_claims(self):
        """Claims of the arm in base years, performance years and the year after, in which windows may end."""
        claims = self.baseline_claims
        if not self.arm.programmes:
            return claims
        stays = ~(np.isin(claims.service, list(AVOIDABLE)) & (claims.year >= 1))
        return Claims(*(column[stays] for column in claims))

    @cached_property
    def baseline_claims(self):
        """Claims of all these years without any programme."""
        frame = self._study({"Fees": ar.FeeForService()}, YEARS + 1).claims(REPLICATE, base_years=True)
        row, year, month = (frame[name].to_numpy(dtype=np.int64) for name in ("member_ix", "year", "month"))
        time, service = MONTHS * (year - 1 + BASE_YEARS) + month - 1, frame["service"].to_numpy(dtype=object)
        exact = (time - month + self.first_month(row, year) + self.day_of_controls)[service == "controls"]
        early, late = time.astype(float), np.nextafter(time + 1.0, 0.0)
        early[service == "controls"] = late[service == "controls"] = exact
        return Claims(row, year, time, early, late, service, frame["allowed"].to_numpy())

    @property
    def day_of_controls(self):
        """When controls are, months from the first month of the year in which their member is there."""
        (care,) = self.episodes["controls"].care
        return care.days[0] * MONTHS / 365

    def first_month(self, row, year):
        """Return the first month of each year, from 1, in which each member is there."""
        return np.array([self.standing[each].first[of] for of, each in zip(row, year, strict=True)], dtype=np.int64)

    @cached_property
    def claims(self):
        """Claims of the performance years."""
        claims = self.all_claims
        of_years = (claims.year >= 1) & (claims.year <= YEARS)
        return Claims(*(column[of_years] for column in claims))

    @cached_property
    def standing(self):
        """How members stand in each year: when they are there, whose they are, what they have."""
        years = range(1 - BASE_YEARS, YEARS + 2)
        return follow(self.study.spec, Luck(self.seed, 0, REPLICATE), oracle_columns(self.study), years)

    @cached_property
    def expected_of_bundles(self):
        """What bundles must move, by path and year."""
        return expected_of(self)

    @property
    def posted_of_bundles(self):
        """What bundles have moved."""
        return posted_of(self)

    @property
    def kinds(self):
        """Names of the contracts."""
        of_payers = [contract for contracts in self.arm.payers.values() for contract in contracts]
        return {type(contract).__name__ for contract in [*of_payers, *self.arm.contracts]}

    def contracts_of(self, payer, kind):
        """Return the contracts of a kind with a payer, or with all where there is none, and their paths."""
        given = self.arm.contracts if payer is None else self.arm.payers[payer]
        at = "Arm" if payer is None else f"Arm.payers[{payer}]"
        return [(f"{at}[{k}]", each) for k, each in enumerate(given) if isinstance(each, kind)]

    def members_of(self, payer, year, *, attributed=None):
        """Return which members are of a payer, or of any, and in a year attributed, or not, (members,)."""
        mine = np.ones(len(self.payer), dtype=bool) if payer is None else self.payer == payer
        return mine if attributed is None else mine & (self.standing[year].attributed == attributed)

    def levels(self, claims):
        """Return what the price of each claim is multiplied with: nothing where its member pays by the month."""
        levels = {key: {"fee": level, "retainer": 0.0}.get(way, 1.0) for key, (way, level) in self.borne.items()}
        pairs = zip(self.payer[claims.row], claims.service, strict=True)
        return np.array([levels[pair] for pair in pairs])

    def ways(self, claims):
        """Return how each claim is paid for."""
        return np.array([self.borne[pair][0] for pair in zip(self.payer[claims.row], claims.service, strict=True)])

    def care(self):
        """Return what each account of care comes to, from the claims and how each service is borne.

        Claims, cost shares, purchased care, own costs of all who give care; dollars of both years.
        """
        line = {name: (cost, share, own) for name, _, _, cost, share, own in LINES}
        totals = dict.fromkeys(("allowed", "claim", "cost_share", "purchased_care", "own_cost", "encounters"), 0.0)
        claims = self.claims
        for row, year, service, price in zip(claims.row, claims.year, claims.service, claims.price, strict=True):
            cost, share, own = line[service]
            way, level = self.borne[self.payer[row], service]
            allowed = {"fee": level * price, "retainer": 0.0}.get(way, price)
            cost_share = share * allowed
            # Of members of no medical home the price is paid and no flat fee.
            flat = way == "flat" and self.standing[year].attributed[row]
            paid = level if flat else allowed - cost_share
            totals["allowed"] += allowed
            totals["cost_share"] += cost_share
            totals["own_cost"] += cost
            to = "claim" if way != "capitation" else "encounters" if own else "purchased_care"
            totals[to] += paid
        return totals

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


@cache
def quick(number):
    """Return one of the arrangements that every run looks at; who changes one changes a copy."""
    return Arrangement(number)


def changed(arrangement, transfers):
    """Return an arrangement whose ledger has other transfers."""
    other = copy.copy(arrangement)
    other.statement = replace(arrangement.statement, transfers=transfers)
    return other


def differences(found, expected, transfers):
    """Return the accounts of care whose ledger is not what claims come to, to half a cent for each transfer."""
    accounts = ("claim", "cost_share", "purchased_care", "own_cost")
    return [name for name in accounts if abs(found(name) - expected[name]) > 0.005 * transfers + 0.005]
