"""Random studies with episodes: several kinds, programmes and responses, bundles of every term, for the twin too."""

import atrisk as ar
from episode_contracts import Contracts
from episode_kinds import KINDS, Kinds, make_patients
from rider_studies import MEASURES, PAYERS


class Drawn(Contracts, Kinds):
    """Parts of a study at random, from a fixed seed."""

    def __init__(self, number, base_years):
        super().__init__([2028, number], base_years)

    def programmes(self):
        """Return programmes that avoid, add, and send patients elsewhere."""
        made = [
            ar.Programme("fewer", services=["knee", "drugs"], effect=self.between(-0.6, 0), reach=0.7, start_month=4),
            ar.Programme("more", services=["knee", "stroke", "stays"], effect=self.between(0, 0.9), ramp_months=5),
            ar.Programme(
                "home", episodes=["knee"], effect=self.between(-0.7, 0.5), reach=0.6, cost_pmpm=0.5, cost_per_episode=80
            ),
            ar.Programme("any", episodes=list(KINDS), effect=self.between(-0.5, 1), start_month=3, ramp_months=9),
        ]
        return [programme for programme in made if self.chance(0.5)]

    def arm(self, position, *, in_order):
        """Return an arm; prospective bundles only where no member pays in the order of claims."""
        response = (
            ar.Response("Arm 0", elasticity=0.4, member_elasticity=-0.2) if position and self.chance(0.4) else None
        )
        programmes = self.programmes() if position else []
        if self.chance(0.5):
            payers = {payer: self.of_a_payer(prospective=not in_order) for payer in PAYERS}
            return ar.Arm(self.riders(), payers=payers, programmes=programmes, response=response)
        return ar.Arm(self.of_a_payer(prospective=not in_order), programmes=programmes, response=response)


def make_study(number, *, arms=4, members=60):
    """Return a random study of several arms with episodes, of one to three years."""
    base_years = number % 3
    drawn = Drawn(number, base_years)
    care = drawn.utilization()
    drawn.longest = max(each.window_days for each in care.episodes if each.trigger)
    in_order = bool(care.cost_sharing)
    made = {f"Arm {position}": drawn.arm(position, in_order=in_order) for position in range(arms)}
    terms = {"base_years": base_years, "years": 1 + number // 3 % 3, "measures": MEASURES, "seed": 300 + number}
    return ar.Study(make_patients(members, number), care, made, **terms)
