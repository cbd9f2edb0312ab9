"""Statements: facts as they were written, lines that add up in cents, frames, pages and pictures."""

import pickle
from decimal import Decimal

import matplotlib as mpl
import numpy as np
import pytest

import atrisk as ar

mpl.use("Agg")

ACA = ar.RiskCorridor.preset("aca", year=2014)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (100, "100.00"),
        (0.1, "0.10"),
        (10.25, "10.25"),
        (10.125, "10.125"),
        (1e-7, "0.0000001"),
        (1e11, "100000000000.00"),
    ],
)
def test_facts_stand_as_they_were_written(given, shown):
    assert f"{ACA.settle(target=given, cost=0)['target']:f}" == shown


def test_values_are_decimals_and_dollars_have_cents():
    frame = ACA.settle(target=100, cost=108.01).to_frame()
    assert list(frame.columns) == ["line", "formula", "value", "unit", "source"]
    assert [str(value) for value in frame["value"]] == ["100.00", "108.01", "8.01", "0.00", "2.51", "0.00", "2.51"]
    assert set(frame["unit"]) == {"dollars"}


@pytest.mark.parametrize("rule", [ACA, ar.Sequestration(rates=0.02)], ids=lambda rule: type(rule).__name__)
def test_lines_add_up_in_cents(rule):
    rng = np.random.default_rng(3)
    for one, other in rng.uniform(0, 1e6, (300, 2)):
        facts = {"amount": one} if isinstance(rule, ar.Sequestration) else {"target": one, "cost": other}
        *parts, (_, total) = rule.settle(**facts).waterfall_steps()
        assert sum(amount for _, amount in parts) == total
        assert all(amount == round(amount, 2) for _, amount in parts)


def test_nothing_has_no_sign():
    assert "-0.00" not in repr(ACA.settle(target=100, cost=100))
    assert not np.signbit(ACA.settle(target=[100], cost=[100])["settlement"]).any()


def test_text_and_page():
    statement = ACA.settle(target=10_000_000, cost=11_000_000)
    text = repr(statement)
    assert text.splitlines()[0] == "RiskCorridor"
    assert "settlement      410,000.00  dollars  payer_pays" in text
    assert "Source: preset aca 2014: 42 USC 18062(b)" in text
    page = ar.RiskCorridor(losses=[(0, 1, 1)], notes=("a < b",)).settle(target=1, cost=1)._repr_html_()
    assert "a &lt; b" in page
    assert "410,000.00" in statement._repr_html_()


def test_the_waterfall_ends_with_the_sum():
    ax = ACA.settle(target=10_000_000, cost=9_000_000).plot()
    widths = [patch.get_width() for patch in ax.patches]
    assert widths == [-410.0, -410.0], "what comes to nothing is left out"
    assert ax.patches[-1].get_x() == 0.0
    assert [text.get_text() for text in ax.texts] == ["−410.0", "−410.0"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["payer takes", "settlement"]
    low, high = ax.get_xlim()
    assert ax.get_xlabel() == "thousand dollars"
    assert low < -410
    assert high > 0
    mpl.pyplot.close(ax.figure)


def test_the_waterfall_of_an_arm_ends_with_its_net(study):
    results = study.run(2, progress=False)
    statement = results.statement("Capitation, covered", replicate=1)
    ax = statement.plot()
    widths = [patch.get_width() for patch in ax.patches]
    assert sum(widths[:-1]) == pytest.approx(widths[-1], abs=1e-6)
    scale = {"thousand dollars": 1e3, "million dollars": 1e6}[ax.get_xlabel()]
    net = results.values("provider_net", "Capitation, covered")[1]
    assert widths[-1] * scale == pytest.approx(net, abs=0.01 * len(widths))
    mpl.pyplot.close(ax.figure)
    assert "member_months" in repr(statement)


def test_what_does_not_add_up_is_not_drawn():
    statement = ar.MedicalLossRatioRebate(standard=0.8).settle(claims=1, premium=2)
    with pytest.raises(ar.InputError) as error:
        statement.plot()
    assert str(error.value) == (
        "Statement.plot: must have lines that add up to one amount, got none in MedicalLossRatioRebate (to_frame() has "
        "claims, premium, numerator, denominator, rebate_base, rebate in dollars for a chart of your own)"
    )
    with pytest.raises(ar.InputError, match=r"got none in mips.adjustment \(it has no dollars; give payments"):
        ar.mips.adjustment(60, year=2023).plot()


def test_rules_and_statements_survive_the_way_between_processes():
    assert pickle.loads(pickle.dumps(ACA)) == ACA  # noqa: S301 - our own bytes
    statement = ACA.settle(target=1, cost=2)
    assert pickle.loads(pickle.dumps(statement))["settlement"] == Decimal("0.76")  # noqa: S301
