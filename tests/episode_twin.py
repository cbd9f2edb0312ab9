"""A slow twin of episode bundles in decimals, written from their rules and apart from the package."""

from decimal import ROUND_HALF_UP, Decimal, localcontext

CENT = Decimal("0.01")
NOTHING = Decimal(0)


def cents(amount):
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def exact(number):
    return Decimal(repr(number)) if isinstance(number, float) else Decimal(number)


def of_cell(term, cell):
    return exact(term[cell] if isinstance(term, dict) else term)


def counted(terms, episode):
    """What an episode counts for: no more than its cap, no less than its floor."""
    spent = exact(episode["actual"])
    if terms.get("raise_to") is not None:
        spent = max(spent, of_cell(terms["raise_to"], episode["cell"]))
    if terms.get("truncate_at") is not None:
        spent = min(spent, of_cell(terms["truncate_at"], episode["cell"]))
    return spent


def discount_at(rungs, score):
    """The discount of the last rung whose score is reached."""
    found = NOTHING
    for start, discount in rungs:
        if score >= exact(start):
            found = exact(discount)
    return found


def reconcile(terms, episodes, score):
    """What a provider receives for its episodes; below nothing it owes."""
    with localcontext(prec=60):
        return _reconcile(terms, episodes, exact(score))


def _reconcile(terms, episodes, score):
    def rate(name, default):
        value = terms.get(name)
        return exact(default if value is None else value)

    prices = sum((of_cell(terms["target_price"], each["cell"]) for each in episodes), NOTHING)
    spent = sum((counted(terms, each) for each in episodes), NOTHING)
    gain_rungs = terms.get("quality_discounts") or [(0, rate("discount", 0))]
    loss_rungs = terms.get("quality_loss_discounts") or gain_rungs
    part = score / rate("best_score", 1)
    gain_target = prices * (1 - discount_at(gain_rungs, score))
    loss_target = prices * (1 - discount_at(loss_rungs, score))
    if spent < gain_target:
        amount = gain_target - spent
        if cents(amount) < cents(gain_target * rate("minimum_savings_rate", 0)):
            amount = NOTHING
        poor = terms.get("least_quality") is not None and score < exact(terms["least_quality"])
        amount *= NOTHING if poor else 1 - rate("quality_gain_cut", 0) * (1 - part)
        amount *= rate("sharing_rate", 1)
        if terms.get("stop_gain_rate") is not None:
            amount = min(amount, gain_target * rate("stop_gain_rate", 0))
    else:
        amount = max(spent - loss_target, NOTHING)
        if cents(amount) < cents(loss_target * rate("minimum_loss_rate", 0)):
            amount = NOTHING
        amount *= (1 - rate("quality_loss_cut", 0) * part) * rate("loss_rate", 1)
        if terms.get("stop_loss_rate") is not None:
            amount = min(amount, loss_target * rate("stop_loss_rate", 0))
        amount = -amount
    if terms.get("post_episode_threshold") is not None:
        allowed = sum((of_cell(terms["post_episode_threshold"], each["cell"]) for each in episodes), NOTHING)
        amount -= max(sum((exact(each["post_episode"]) for each in episodes), NOTHING) - allowed, NOTHING)
    return cents(amount)


def margin(terms, episodes):
    """What a provider keeps of prices that are paid beforehand."""
    price, borne = NOTHING, NOTHING
    with localcontext(prec=60):
        for each in episodes:
            price += cents(of_cell(terms["target_price"], each["cell"]) * (1 - exact(terms["discount"])))
            own = exact(each["actual"]) - cents(exact(each["readmission"]) * (1 - exact(terms["warranty_share"])))
            above = max(own - of_cell(terms["case_attachment"], each["cell"]), NOTHING)
            borne += own - cents(above * exact(terms["case_ceded_share"]))
        above = max(borne - price * exact(terms["aggregate_attachment_rate"]), NOTHING)
        return price - borne + cents(above)
