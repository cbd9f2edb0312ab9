"""The contracts and programmes of an arm in sentences, and the units of their terms."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from atrisk._arms import in_words, signed
from atrisk._spec import snake_case
from atrisk.report._words import dollars, percent, shown, spaced, together

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from atrisk.report._facts import Facts

    Terms = dict[str, Any]

#: Units of terms by what their names end with, the first that fits; {money} is the unit of money.
UNITS = (
    (r"^aggregate_attachment_rate$", "multiple of all prices"),
    (
        r"^(target_price|truncate_at|raise_to|post_episode_threshold|case_attachment|stop_loss_premium)$",
        "{money} an episode",
    ),
    (r"^(discount|quality_gain_cut|quality_loss_cut)$", "share, 0 to 1"),
    (r"pmpm$", "{money} per member per month"),
    (r"(_rate|_share|share|reach|quality_score)$", "share, 0 to 1"),
    (r"trend$", "a year, as a share"),
    (r"_per_month$", "{money} a month"),
    (r"^per_year$", "{money} a year"),
    (r"^(month|first_month|last_month)$", "month, counted from the first of the study"),
    (r"_month$", "month, counted from the first of the year"),
    (r"_days$", "days"),
    (r"_months$", "months"),
    (r"_years$", "years"),
    (r"(attachment_point|limit|truncation|deductible|out_of_pocket_maximum|amount|opening_cash|_cost)$", "{money}"),
    (r"(fee_level|normalization|cap|cv)$", "factor"),
)


def unit_of(term: str, money: str) -> str:
    """Return the unit of a term; nothing where it has none or none is known."""
    return next((unit.format(money=money) for ending, unit in UNITS if re.search(ending, term)), "")


def in_sentences(facts: Facts, arm: dict[str, Any]) -> list[str]:
    """Return what an arm is, in sentences."""
    said = []
    for _, payer, kind, terms in signed(arm):
        sentence = SENTENCES.get(kind)
        scope = terms.get("scope")
        only = f" For {together(scope)} only." if scope else ""
        words = _documented(kind, {kind: terms}) if sentence is None else sentence(terms, facts.money)
        said.append((f"{payer}: " if payer else "") + words + only)
        said += terms.get("notes", ())
    if not said:
        said = ["No contract: the payer pays for all care at its price."]
    said += [_programme(each, facts.money) for each in arm["programmes"]]
    if arm["cost_sharing"]:
        said.append(f"Members pay as this arm says: {shown(arm['cost_sharing'])}.")
    if arm["response"] is not None:
        reference = arm["response"]["reference"] or "the first arm"
        said.append(f"Volumes respond to its incentives, against {reference}.")
    return said


def _fee_for_service(terms: Terms, _: str) -> str:
    level = float(terms["fee_level"])
    return "Fee-for-service: each event is paid " + (
        "its price." if level == 1.0 else f"{percent(level)} of its price."
    )


def _capitation(terms: Terms, money: str) -> str:
    growth = f", growing by {percent(float(terms['trend']))} a year" if float(terms["trend"]) else ""
    risk = ", times the recorded risk score" if terms["risk_adjusted"] else ""
    risk = ", times the factor of the member's age and sex" if terms.get("cells") else risk
    without = f" It does not bear {together(terms['carve_outs'])}." if terms.get("carve_outs") else ""
    payment = f"{dollars(terms['pmpm'], money)} per member per month{risk}{growth}"
    return f"Capitation: {payment}, whatever care is used.{without}"


def _risk_pool(terms: Terms, money: str) -> str:
    budget = f"a budget of {dollars(terms['budget_pmpm'], money)} per member per month"
    growth = f", growing by {percent(float(terms['trend']))} a year" if float(terms["trend"]) else ""
    share = percent(float(terms["surplus_share"]))
    owed = float(terms["deficit_share"])
    deficit = f", and owes {percent(owed)} of what it lacks" if owed else "; what it lacks is the payer's"
    return f"Risk pool: {budget}{growth}. The provider earns {share} of what care leaves of it{deficit}."


def _shared_savings(terms: Terms, money: str) -> str:
    against = "a benchmark computed from base years"
    if terms["benchmark_pmpm"] is not None:
        against = f"a benchmark of {dollars(terms['benchmark_pmpm'], money)} per member per month"
    share = percent(float(terms["sharing_rate"]))
    loss = terms["loss_rate"]
    losses = f", and owes {percent(float(loss))} of losses" if loss is not None and float(loss) else ""
    one_sided = "" if losses else "; losses are the payer's"
    return f"Shared savings: the provider earns {share} of savings against {against}{losses}{one_sided}."


def _stop_loss(terms: Terms, money: str) -> str:
    limit = "" if terms["limit"] is None else f", up to {dollars(terms['limit'], money)}"
    aggregate = terms.get("kind") == "aggregate"
    dollars_of = "the year of all members together" if aggregate else "each member's year"
    if terms["attachment_point"] is not None:
        above = dollars(terms["attachment_point"], money)
    else:
        expected = dollars(terms["expected_pmpm"], money)
        above = f"{percent(float(terms['attachment_rate']))} of {expected} per member per month"
    premium = f"{dollars(terms['premium_pmpm'], money)} per member per month"
    ceded = percent(float(terms["ceded_share"]))
    net = ", less what covers before it repay" if aggregate else ""
    said = (
        f"Stop-loss: a reinsurer bears {ceded} of {dollars_of} above {above}{limit}{net}, for a premium of {premium}."
    )
    return said + _cover_details(terms, money)


def _cover_details(terms: Terms, money: str) -> str:
    """Return what few covers say: members who attach elsewhere, late claims, the value of own services."""
    said = ""
    for laser in terms.get("lasers", ()):
        said += f" {laser['member_id']} attaches at {dollars(laser['attachment_point'], money)}."
    if terms.get("basis", "incurred") != "incurred":
        lag = f", {terms['payment_lag_months']} months after they are incurred"
        said += f" Claims are covered if paid in time ({terms['basis']}{lag})."
    if float(terms.get("value_own_services_at", 1)) != 1.0:
        said += f" The provider's own services count at {percent(float(terms['value_own_services_at']))}."
    return said


SENTENCES: dict[str, Callable[[Terms, str], str]] = {
    "fee_for_service": _fee_for_service,
    "capitation": _capitation,
    "risk_pool": _risk_pool,
    "shared_savings": _shared_savings,
    "stop_loss": _stop_loss,
}


def _documented(kind: str, contract: dict[str, Any]) -> str:
    """Return what the documentation of a contract says it is; without documentation, its terms."""
    for each in _kinds():
        if snake_case(each.__name__) == kind and each.__doc__:
            first = each.__doc__.splitlines()[0].replace("`", "")
            return f"{spaced(kind).capitalize()}: {first[0].lower()}{first[1:]}"
    return in_words({"name": "", "contracts": [contract]})


def _kinds() -> Iterator[type]:
    from atrisk.contracts import Contract  # noqa: PLC0415 - it knows arms

    below = list(Contract.__subclasses__())
    while below:
        kind = below.pop()
        yield kind
        below += kind.__subclasses__()


def _programme(terms: Terms, money: str) -> str:
    effect = float(terms["effect"])
    of = together(list(terms["services"])) if terms["services"] else "all services"
    if terms.get("episodes"):
        of = f"the odds of every worse path and of avoidable care of {together(list(terms['episodes']))}"
    way = "less" if effect < 0 else "more"
    cost = ""
    if float(terms["cost_pmpm"]) or float(terms["start_cost"]):
        monthly = f"{dollars(terms['cost_pmpm'], money)} a month for each member reached"
        cost = f" It costs {monthly} and {dollars(terms['start_cost'], money)} at the start."
    if float(terms.get("cost_per_episode", 0)):
        cost += f" Each episode that it reaches costs {dollars(terms['cost_per_episode'], money)}."
    return (
        f"Programme {terms['name']}: {percent(abs(effect))} {way} of {of} for the "
        f"{percent(float(terms['reach']))} of members that it reaches, from month "
        f"{shown(terms['start_month'])} on.{cost}"
    )
