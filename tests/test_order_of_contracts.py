"""The order of contracts: what sees nothing of the payments it is computed from is refused, and nothing else."""

import doctest
import re
from pathlib import Path

import pytest

import atrisk as ar
from rider_cases import PAYERS, refused, two_payers

FEES = ar.FeeForService()
CAPITATION = ar.Capitation(pmpm=100)
BANDS = [(0.02, None, 0.5)]
CUT = ar.Sequestration(rates=0.02)
WITHHOLD = ar.Withhold(withhold_rate=0.1)
SAVINGS = ar.SharedSavings(benchmark_pmpm=100, sharing_rate=0.5)
ADVANCE = ar.AdvancePayment(amount=100)
REBATE = ar.MedicalLossRatioRebate(standard=0.85)
LOSS_RATIO = ar.RiskCorridor(losses=BANDS, target_loss_ratio=0.85)
TARGET = ar.RiskCorridor(losses=BANDS, target_pmpm=90)
COVER = ar.StopLoss(attachment_point=1_000, premium_pmpm=5)
QUALITY = ar.PayForPerformance(penalty_rate=0.05)
BONUS = ar.PayForPerformance(bonus_pmpm=1)
MEASURES = {"measures": [ar.Measure("m", rate=0.5)]}
VISITS = ar.Service("visits", per_1000=3_000, allowed=100.0)
TESTS = ar.Service("tests", per_1000=1_000, allowed=50.0)
STAYS = ar.Service("stays", per_1000=100, allowed=5_000.0, delivered_by="other_providers")


def text(first, name, second, of):
    return (
        f"{first}: must stand after the payments that it is computed from, got {name} before {second}, {of} "
        f"(a contract sees only what stands before it: put it after {second})"
    )


@pytest.mark.parametrize(
    ("contracts", "message"),
    [
        ([CUT, FEES], text("two[0]", "sequestration", "two[1]", "fee_for_service")),
        ([WITHHOLD, FEES], text("two[0]", "withhold", "two[1]", "fee_for_service")),
        ([COVER, WITHHOLD, CAPITATION], text("two[1]", "withhold", "two[2]", "capitation")),
        ([QUALITY, FEES], text("two[0]", "pay_for_performance", "two[1]", "fee_for_service")),
        ([LOSS_RATIO, CAPITATION], text("two[0]", "risk_corridor", "two[1]", "capitation")),
        ([REBATE, COVER, CAPITATION], text("two[0]", "medical_loss_ratio_rebate", "two[2]", "capitation")),
        ([FEES, ADVANCE, SAVINGS], text("two[1]", "advance_payment", "two[2]", "shared_savings")),
        (
            [FEES, ar.Sequestration(rates=0.02, accounts=["corridor_receipt"]), TARGET],
            text("two[1]", "sequestration", "two[2]", "risk_corridor"),
        ),
        (
            [FEES, ar.Sequestration(rates=0.02, accounts=["shared_savings"]), SAVINGS],
            text("two[1]", "sequestration", "two[2]", "shared_savings"),
        ),
    ],
)
def test_what_sees_nothing_is_refused(contracts, message):
    assert refused(contracts, **MEASURES) == message


@pytest.mark.parametrize(
    "contracts",
    [
        [FEES, CUT],
        [FEES, WITHHOLD, CUT],
        [FEES, CUT, WITHHOLD],
        # Nothing to see at all: it does nothing, and no order would mend it.
        [CUT, CAPITATION],
        [CAPITATION, CUT],
        [FEES, ADVANCE],
        # A bonus by members does not look at payments; a fixed target not at the capitation.
        [BONUS, FEES],
        [TARGET, CAPITATION],
        # A cover of the provider's own that the corridor is not to see.
        [CAPITATION, TARGET, COVER],
        [CAPITATION, COVER, TARGET],
        [CAPITATION, REBATE, TARGET],
        [SAVINGS, FEES],
    ],
)
def test_what_may_be_meant_is_settled(contracts):
    assert refused(contracts, **MEASURES) == "accepted"


def test_a_part_of_the_payments_is_enough():
    """Claims that no contract is about are paid in any arm; of two base payments one may be left uncut."""
    care = [VISITS, TESTS, STAYS]
    visits, tests = ar.FeeForService(scope=["visits"]), ar.FeeForService(scope=["tests"])
    assert refused([CUT, visits], care) == "accepted", "tests are paid at their price"
    assert refused([visits, CUT, tests], care) == "accepted"
    message = text("two[0]", "sequestration", "two[1]", "fee_for_service")
    assert refused([CUT, visits, tests], care) == message, "what others give is paid to others"


def test_payers_are_apart():
    """A payer's contract sees that payer's; one with all sees those of payers, which stand before it."""
    panel, (one, other) = two_payers(), PAYERS.values()
    message = text(f"two.payers[{one}][0]", "sequestration", f"two.payers[{one}][1]", "fee_for_service")

    def arm(first, second, *shared):
        return refused(ar.Arm(list(shared), payers={one: first, other: second}), panel=panel)

    assert arm([CUT, FEES], [FEES]) == message
    assert arm([FEES, CUT], [FEES]) == "accepted"
    assert arm([FEES], [FEES], CUT) == "accepted"
    assert arm([FEES, ADVANCE], [FEES], SAVINGS) == "accepted", "the savings of all payers are none of this one's"


def test_the_page_names_every_contract_and_its_example_runs():
    page = (Path(__file__).parents[1] / "docs/order.md").read_text(encoding="utf-8")
    code = "\n".join(re.findall(r"```python\n(.*?)```", page, re.DOTALL))
    test = doctest.DocTestParser().get_doctest(code, {}, "order", None, 0)
    assert test.examples
    assert doctest.DocTestRunner().run(test).failed == 0
    contracts = {name for name in ar.contracts.__all__ if name != "Contract"}
    rows = "\n".join(line.split("|")[1] for line in page.splitlines() if line.startswith("| `"))
    assert set(re.findall(r"`(\w+)`", rows)) == contracts
