"""Random bundles of every term, and the shared savings and corridors that stand behind them."""

from dataclasses import replace

import atrisk as ar
from episode_kinds import CARES, KINDS, TRIGGERS, Draws

LINES = (*CARES, "knee", "stroke", "visits")
BANDS = ((0.0, 0.03, 0.25), (0.03, 0.2, 0.5), (0.3, None, 0.8))


class Contracts(Draws):
    """Contracts at random, of a study that has so many base years, and windows of events of so many days at most."""

    def __init__(self, seed, base_years):
        super().__init__(seed)
        self.base_years = base_years
        self.longest = 0

    def by_cell(self, kinds, low, high):
        one = self.between(low, high, 0)
        return one if self.chance(0.4) else {kind: self.between(low, high, 0) for kind in kinds}

    def maybe_by_cell(self, kinds, low, high, p=0.5):
        """Return a term of all kinds, of some of them, or none."""
        return self.by_cell(self.some(kinds), low, high) if self.chance(p) else None

    # Bundles

    def of_both_kinds(self, kinds):
        """Return terms that prospective and retrospective bundles have alike."""
        multipliers = {"sex": {"female": self.between(0.8, 1.2), "male": 1.0}, "risk_score": self.between(-0.3, 0.3)}
        return {
            "episodes": kinds,
            "target_price": self.by_cell(kinds, 7_000, 16_000),
            "target_multipliers": {name: multipliers[name] for name in self.some(list(multipliers))}
            if self.chance(0.5)
            else None,
            "baseline": self.baseline() if self.base_years and self.chance(0.5) else None,
            "services": self.some(LINES) if self.chance(0.4) else None,
            "settle_month": self.settle_month(),
        }

    def baseline(self):
        weights = [self.between(0, 1) for _ in range(self.base_years - 1)]
        weights = [*weights, round(1 - sum(weights), 2)] if sum(weights) <= 1 else None
        return ar.EpisodeBaseline(
            weights=weights if self.chance(0.6) else None,
            trend=self.between(-0.03, 0.06),
            own_share=self.one(1.0, self.between(0.2, 0.9)),
        )

    def retrospective(self, kinds, **terms):
        rungs = [(0, 0.06), (8, 0.03), (14, self.between(0, 0.03))]
        losses = [(0, 0.04), (8, 0.02), (14, 0.0)]
        quality = {
            "best_score": 20,
            **self.one({"quality_measures": ["checked", "readmitted"]}, {"quality_score": 13.5}),
        }
        laddered = {"quality_discounts": rungs, "quality_loss_discounts": losses if self.chance(0.5) else None}
        cuts = {
            "discount": self.between(0, 0.1),
            "quality_gain_cut": self.between(0, 0.3),
            "quality_loss_cut": self.between(0, 0.3),
            "least_quality": self.maybe(1, 19),
        }
        given = {
            "truncate_at": self.maybe_by_cell(kinds, 12_000, 40_000),
            "minimum_savings_rate": self.between(0, 0.03),
            "minimum_loss_rate": self.between(0, 0.03),
            "sharing_rate": self.between(0.3, 1),
            "loss_rate": self.between(0, 1),
            "stop_gain_rate": self.maybe(0.01, 0.2),
            "stop_loss_rate": self.maybe(0.01, 0.2),
        }
        if "chronic" not in kinds:
            given |= {"raise_to": self.maybe_by_cell(kinds, 1_000, 8_000)} | self.after(kinds)
        return ar.EpisodeBundle(**given | self.of_both_kinds(kinds) | quality | self.one(laddered, cuts) | terms)

    def after(self, kinds):
        """Return terms of the time after windows, as far as there is any that ends within a year."""
        days = min(self.one(14, 30, 90), 365 - self.longest)
        if days < 1 or self.chance(0.3):
            return {}
        return {"post_episode_threshold": self.by_cell(self.some(kinds), 100, 3_000), "post_episode_days": days}

    def prospective(self, kinds, **terms):
        both = self.of_both_kinds(kinds)
        returns = both["services"] or list(LINES)
        returns = [name for name in returns if name not in TRIGGERS]
        warranty = (
            {"readmission_services": self.some(returns), "warranty_share": self.between(0, 0.9)} if returns else {}
        )
        given = {
            "kind": "prospective",
            "discount": self.between(0, 0.1),
            "case_attachment": self.maybe_by_cell(kinds, 8_000, 20_000, 0.7),
            "case_ceded_share": self.between(0.5, 1),
            "aggregate_attachment_rate": self.maybe(0.8, 1.3, 0.7),
        }
        if given["case_attachment"] is not None or given["aggregate_attachment_rate"] is not None:
            given["stop_loss_premium"] = self.one(0.0, self.between(10, 900))
        return ar.EpisodeBundle(**given | both | (warranty if self.chance(0.6) else {}) | terms)

    def bundles(self, *, prospective):
        """Return a bundle of those who are attributed, of those who are not, or one of each for other episodes."""
        kinds = self.one(["knee"], ["chronic"], list(TRIGGERS), list(KINDS))
        others = [kind for kind in KINDS if kind not in kinds]
        ways = [self.retrospective, self.prospective] if prospective else [self.retrospective]
        if self.chance(0.25):
            return [self.one(*ways)(kinds, excludes_attributed=True)]
        made = [self.one(*ways)(kinds)]
        if others and self.chance(0.6):
            made.append(self.one(*ways)(others, excludes_attributed=True))
        return made[::-1] if self.chance(0.3) else made

    # What stands behind them

    def savings(self):
        terms = {
            "basis": self.one("allowed", "paid"),
            "sharing_rate": self.between(0.2, 0.8),
            "loss_rate": self.between(0.2, 0.8),
            "loss_limit_revenue_rate": self.maybe(0.2, 0.6, 0.3),
            "episode_payments": self.one("counted", "counted", "apart"),
            "settle_month": 30,
        }
        if self.chance(0.4):
            terms |= {"interim_share": self.between(0.1, 1), "interim_claims_months": 5, "interim_month": 14}
        if self.base_years and self.chance(0.6):
            every = self.one(None, 1, 2)
            return ar.SharedSavings(
                benchmark=ar.Benchmark(rebase_every=every), **terms, truncation=self.maybe(2e4, 6e4)
            )
        truncation = self.maybe(20_000, 60_000)
        terms |= {"truncation": truncation, "benchmark_truncated": truncation is not None}
        return ar.SharedSavings(benchmark_pmpm=self.between(1_000, 2_500), **terms)

    def corridor(self, share_of="provider"):
        low, high = (900, 2_400) if share_of == "provider" else (300, 900)
        return ar.RiskCorridor(
            losses=BANDS,
            share_of=share_of,
            target_pmpm=self.between(low, high),
            episode_payments=self.one("counted", "counted", "apart"),
            settle_month=self.settle_month(),
        )

    def riders(self):
        """Return what looks at what bundles paid."""
        return [make() for make in (self.savings, self.corridor) if self.chance(0.4)]

    def base(self):
        return self.one(
            ar.FeeForService(fee_level=self.between(0.8, 1.3)),
            ar.Capitation(pmpm=600, scope=["therapy", "stays"]),
            ar.FeeForService(scope=["knee"], fee_level=1.1),
        )

    def of_a_payer(self, *, prospective):
        """Return a base payment, bundles and what stands behind them; before them now and then what counts none."""
        base, bundles, riders = self.base(), self.bundles(prospective=prospective), self.riders()
        if isinstance(base, ar.Capitation) and self.chance(0.5):
            riders.append(self.corridor("payer"))
        if self.chance(0.15):
            return [base, *(replace(each, episode_payments="apart") for each in riders), *bundles]
        return [base, *bundles, *riders]
