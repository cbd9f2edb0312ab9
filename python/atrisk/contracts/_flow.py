"""Statements of shared savings made easy to read: where every dollar of savings or losses stays."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from atrisk.statement import CENT, Line

if TYPE_CHECKING:
    from atrisk.statement import Statement

ZERO = Decimal("0.00")
#: Lines that are about one side alone: what was saved, or what was overspent.
OF_SAVINGS = ("sharing_rate", "shared", "sequestered", "payment_limit", "earned")
OF_LOSSES = ("loss_rate", "shared_losses", "loss_limit", "limited_losses", "disaster_reduction", "owed")
#: Facts that matter to losses alone, or only where they are set.
FACTS_OF_LOSSES = ("disaster_share", "disaster_adjustment", "revenue", "revenue_loss_limit", "guardrail_benchmark")
ONLY_IF_SET = ("met_alternative_quality_standard", "low_revenue", "disaster_share", "disaster_adjustment")
OF_ADVANCES = ("advance_recouped", "cash")
#: Digits of a rate that is printed; a published one has fewer, and binary arithmetic adds noise behind them.
RATE_DIGITS = Decimal("1e-9")

#: Steps between savings or losses and what is paid, in the order of the computation.
ORDER = (
    "kept_by_payer",
    "sequestered",
    "above_payment_limit",
    "borne_by_payer",
    "above_loss_limit",
    "disaster_reduction",
    "months_not_owed",
)

#: What is added: line, its formula, and the line it follows.
Part = tuple[str, str, Decimal, str]


def with_flow(statement: Statement) -> Statement:
    """Return a statement of shared savings with the lines that lead from its savings or losses to what is paid.

    Parts of the savings stay with the payer, are sequestered or above the payment limit, and the rest is earned; parts
    of losses are borne by the payer, above the loss limit or taken back for a disaster, and the rest is owed. They are
    the steps of its waterfall and add up to the cent.
    """
    saved = statement["savings"] >= ZERO
    parts = _parts_of_savings(statement) if saved else _parts_of_losses(statement)
    lines: list[Line] = []
    for line in statement.lines:
        lines.append(line)
        lines += [
            Line(name, words, value, "dollars", line.source) for name, words, value, at in parts if at == line.line
        ]
    sign = -1 if saved else 1
    between = {name: value for name, _, value, _ in parts}
    between |= {name: statement[name] for name in ("sequestered", "disaster_reduction")}
    steps = [name for name in ORDER if between.get(name, ZERO) != ZERO]
    ends = ("savings", 1), (("earned", 1) if saved else ("owed", -1))
    return replace(statement, lines=lines, waterfall=(ends[0], *((name, sign) for name in steps), ends[1]))


def one_side(statement: Statement) -> Statement:
    """Return a statement without the lines of the side that did not happen and facts that changed nothing."""
    saved = statement["savings"] >= ZERO
    left_out = {*OF_LOSSES, *FACTS_OF_LOSSES} if saved else set(OF_SAVINGS)
    left_out |= {line.line for line in statement.lines if line.line in ONLY_IF_SET and line.value == 0}
    if statement["advance_recouped"] == 0:
        left_out |= set(OF_ADVANCES)
    lines = [_rounded(line) for line in statement.lines if line.line not in left_out]
    return replace(statement, lines=lines)


def _rounded(line: Line) -> Line:
    """Return the line with the digits of a rate that mean something."""
    if line.unit != "rate":
        return line
    rate = line.value.quantize(RATE_DIGITS).normalize()
    return line._replace(value=rate if rate != rate.to_integral() else rate.quantize(Decimal(1)))


def _parts_of_savings(statement: Statement) -> list[Part]:
    above = _beyond_a_cent(statement["shared"] - statement["sequestered"] - statement["earned"])
    kept = statement["savings"] - statement["sequestered"] - above - statement["earned"]
    parts = [("kept_by_payer", "savings − shared", kept, "shared")]
    if above:
        parts.append(("above_payment_limit", "shared − sequestered − payment_limit", above, "payment_limit"))
    return parts


def _parts_of_losses(statement: Statement) -> list[Part]:
    above = _beyond_a_cent(statement["shared_losses"] - statement["limited_losses"])
    reduced = statement["disaster_reduction"]
    months = _beyond_a_cent(statement["limited_losses"] - reduced - statement["owed"])
    borne = -statement["savings"] - above - reduced - months - statement["owed"]
    parts = [("borne_by_payer", "losses − shared_losses", borne, "shared_losses")]
    if above:
        parts.append(("above_loss_limit", "shared_losses − limited_losses", above, "limited_losses"))
    if months:
        words = "limited_losses − disaster_reduction − owed"
        parts.append(("months_not_owed", words, months, "disaster_reduction"))
    return parts


def _beyond_a_cent(dollars: Decimal) -> Decimal:
    """Return what is more than the rounding of lines to cents."""
    return dollars if dollars > CENT else ZERO
