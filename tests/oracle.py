"""Second opinion: the flow from addresses to dollars in plain NumPy, written from the documents alone.

Nothing here is shared with the Rust core: random words come from a Philox written out below, quantiles are
exact (scipy.special) and not tables, and every result column is read off a list of transfers.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special  # type: ignore[import-untyped,unused-ignore]

U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]
Columns = Mapping[str, npt.NDArray[Any]]
Terms = Mapping[str, Any]

YEAR = 1  # the performance year
MONTHS = 12
PROCESS_SERVICE, PROCESS_FRAILTY, PROCESS_MONTH, PROCESS_SAMPLE = 1, 2, 3, 4

COLUMNS = (
    "member_months",
    "allowed",
    "paid",
    "provider_revenue",
    "provider_cost",
    "provider_net",
    "payer_spend",
    "member_cost_share",
    "minimum_cash",
    "minimum_cash_month",
)
INTEGER_COLUMNS = ("member_months", "minimum_cash_month")


class World(NamedTuple):
    """One replicate of one year; the events are ordered by service, then member row, then number."""

    counts: I64  # (members, services): events in the year
    frailty: F64  # (members,): mean 1
    member_row: I64  # (events,): row of the member, from 0
    service: I64  # (events,): index of the service, from 0
    number: I64  # (events,): number of the event within its member and service, from 0
    month: I64  # (events,): 1 to 12
    price: F64  # (events,): dollars drawn from `allowed`, before any fee level


class Care(NamedTuple):
    """The care of a world in dollars at the prices of one arm, summed two ways."""

    events_by_month: F64  # (services, 12): number of events
    allowed_by_month: F64  # (services, 12): dollars
    share_by_month: F64  # (services, 12): dollars owed by the members
    allowed_by_member: F64  # (members, services): dollars of the year
    paid_by_member: F64  # (members, services): dollars of the year, allowed less cost share


class Transfer(NamedTuple):
    """One movement of dollars; transfers of nothing are not written."""

    from_party: str
    to_party: str
    account: str
    service: int | None  # index of the service, where the transfer belongs to one
    month_incurred: int  # 1 is the first month of the performance year
    month_cash: int
    amount: float


# ---------------------------------------------------------------------------------------------------------
# Random numbers with addresses
# ---------------------------------------------------------------------------------------------------------

PHILOX_MULTIPLIERS = (np.uint64(0xD2E7470EE14C6C93), np.uint64(0xCA5A826395121157))
PHILOX_KEY_STEPS = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBB67AE8584CAA73B))
PHILOX_ROUNDS = 10
LOW_HALF = np.uint64(0xFFFFFFFF)
HALF_BITS = np.uint64(32)


def multiply_wide(a: U64, b: np.uint64) -> tuple[U64, U64]:
    """High and low 64 bits of the 128-bit product a * b, from the four products of 32-bit halves."""
    a_high, a_low = a >> HALF_BITS, a & LOW_HALF
    b_high, b_low = b >> HALF_BITS, b & LOW_HALF
    low_low = a_low * b_low
    middle = a_high * b_low + (low_low >> HALF_BITS)
    other_middle = a_low * b_high + (middle & LOW_HALF)
    high = a_high * b_high + (middle >> HALF_BITS) + (other_middle >> HALF_BITS)
    return high, a * b


def philox(counter: npt.ArrayLike, key: npt.ArrayLike) -> U64:
    """Philox4x64-10: counters (..., 4) and keys (..., 2) that broadcast, word 0 first, to words (..., 4)."""
    counters, keys = np.asarray(counter, dtype=np.uint64), np.asarray(key, dtype=np.uint64)
    with np.errstate(over="ignore"):
        c0, c1, c2, c3 = (counters[..., word] for word in range(4))
        k0, k1 = keys[..., 0], keys[..., 1]
        for _ in range(PHILOX_ROUNDS):
            high0, low0 = multiply_wide(c0, PHILOX_MULTIPLIERS[0])
            high1, low1 = multiply_wide(c2, PHILOX_MULTIPLIERS[1])
            c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
            k0, k1 = k0 + PHILOX_KEY_STEPS[0], k1 + PHILOX_KEY_STEPS[1]
    return np.stack(np.broadcast_arrays(c0, c1, c2, c3), axis=-1)


def fnv1a(text: str, offset_basis: int, prime: int, bits: int) -> int:
    """FNV-1a hash of the UTF-8 bytes of a text."""
    value = offset_basis
    for byte in text.encode("utf-8"):
        value = ((value ^ byte) * prime) % (1 << bits)
    return value


def name_hash(name: str) -> int:
    """32-bit hash of a service's name."""
    return fnv1a(name, 2166136261, 16777619, 32)


def member_words(member_id: Sequence[int | str] | npt.NDArray[Any]) -> U64:
    """64-bit hashes of member identifiers, shape (members,); integers are hashed as decimal text.

    A panel without identifiers uses its row numbers unhashed: `np.arange(members, dtype=np.uint64)`.
    """
    hashes = [fnv1a(str(each), 14695981039346656037, 1099511628211, 64) for each in member_id]
    return np.array(hashes, dtype=np.uint64)


def address_words(
    seed: int, process: int, year: int | None, name: int, replicate: int, member: U64, block: npt.ArrayLike
) -> U64:
    """The blocks of words at addresses: member (n,) and block scalar or (n,) to words (n, 4)."""
    year_bits = 0 if year is None else year + 128
    key = np.array([seed, process << 56 | year_bits << 48 | name], dtype=np.uint64)
    counter = np.zeros((len(member), 4), dtype=np.uint64)
    counter[:, 0] = block
    counter[:, 2] = replicate  # draw, the high half, is 0; so are episode and event in word 1
    counter[:, 3] = member
    return philox(counter, key)


def uniform(word: U64) -> F64:
    """Uniform numbers in the open interval (0, 1), same shape as the words."""
    return np.asarray(((word >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52, dtype=np.float64)


# ---------------------------------------------------------------------------------------------------------
# Quantiles
# ---------------------------------------------------------------------------------------------------------


def normal_quantile(u: F64) -> F64:
    """Standard normal quantile, taken from the nearer tail."""
    return np.asarray(np.where(u <= 0.5, special.ndtri(u), -special.ndtri(1.0 - u)), dtype=np.float64)


def log_normal_quantile(u: F64, mean: float, cv: float) -> F64:
    """Log-normal quantile in the unit of the mean."""
    variance = math.log1p(cv * cv)
    location = math.log(mean) - variance / 2.0
    return np.asarray(np.exp(location + math.sqrt(variance) * normal_quantile(u)), dtype=np.float64)


def gamma_quantile(u: F64, mean: float, cv: float) -> F64:
    """Gamma quantile in the unit of the mean, taken from the nearer tail; cv 0 is the mean itself."""
    if cv == 0.0:
        return np.full(u.shape, mean)
    shape, scale = 1.0 / (cv * cv), mean * cv * cv
    lower, upper = special.gammaincinv(shape, u), special.gammainccinv(shape, 1.0 - u)
    return np.asarray(scale * np.where(u <= 0.5, lower, upper), dtype=np.float64)


def poisson_reaches(n: F64, u: F64, rate: F64) -> npt.NDArray[np.bool_]:
    """Whether P(N ≤ n) ≥ u, above one half asked as P(N > n) ≤ 1 - u."""
    reaches = np.where(u <= 0.5, special.pdtr(n, rate) >= u, special.pdtrc(n, rate) <= 1.0 - u)
    return np.asarray(reaches, dtype=np.bool_)


def poisson_quantile(u: F64, rate: F64) -> I64:
    """The smallest n with P(N ≤ n) ≥ u for N Poisson, all shapes (n,).

    The search climbs by ones from 9 standard deviations under the mean, where P(N ≤ n) < exp(-40.5) is
    less than the smallest u, 2**-53.
    """
    n: F64 = np.maximum(np.floor(rate - 9.0 * np.sqrt(rate)), 0.0)
    short = np.flatnonzero(~poisson_reaches(n, u, rate))
    while short.size:
        n[short] += 1.0
        short = short[~poisson_reaches(n[short], u[short], rate[short])]
    return n.astype(np.int64)


def pareto_quantile(q: F64, shape: float, scale: float) -> F64:
    """Lomax quantile with probability q above it."""
    return np.asarray(scale * np.expm1(-np.log(q) / shape), dtype=np.float64)


def empirical_quantile(u: F64, values: Sequence[float], weights: Sequence[float] | None) -> F64:
    """The smallest listed value whose cumulated weight reaches u."""
    order = np.argsort(values)
    cumulated = np.cumsum(np.ones(len(values)) if weights is None else np.asarray(weights, dtype=np.float64)[order])
    first = np.searchsorted(cumulated / cumulated[-1], u, side="left")
    return np.asarray(np.asarray(values, dtype=np.float64)[order][np.minimum(first, len(values) - 1)])


def exceeding(allowed: Any, x: F64) -> F64:
    """P(X > x), shape of x, of the distributions that a mixture or a splice is made of here."""
    ((kind, terms),) = [pair for pair in allowed.items() if pair[0] != "weight"]
    if kind == "fixed":
        return np.where(x < number_of(terms, "value"), 1.0, 0.0)
    if kind == "log_normal":
        variance = math.log1p(number_of(terms, "cv") ** 2)
        with np.errstate(divide="ignore"):
            z = (np.log(np.maximum(x, 0.0) / number_of(terms, "mean")) + variance / 2.0) / math.sqrt(variance)
        return np.asarray(special.ndtr(-z), dtype=np.float64)
    if kind == "gamma":
        shape = number_of(terms, "cv") ** -2
        return np.asarray(special.gammaincc(shape, np.maximum(x, 0.0) * shape / number_of(terms, "mean")))
    if kind == "pareto":
        terms_of_tail = number_of(terms, "shape"), number_of(terms, "scale")
        return np.asarray(np.exp(-terms_of_tail[0] * np.log1p(np.maximum(x, 0.0) / terms_of_tail[1])))
    if kind == "mixture":
        total = sum(number_of(part, "weight") for part in terms["components"])
        parts = [number_of(part, "weight") / total * exceeding(part, x) for part in terms["components"]]
        return np.asarray(np.sum(parts, axis=0), dtype=np.float64)
    if kind == "spliced":
        at = np.array([number_of(terms, "at")])
        body, tail = exceeding(terms["body"], at), exceeding(terms["tail"], at)
        share = number_of(terms, "tail_probability", float(body[0]))
        low = share + (1.0 - share) * (exceeding(terms["body"], np.minimum(x, at)) - body) / (1.0 - body)
        return np.where(x <= at, low, share * exceeding(terms["tail"], np.maximum(x, at)) / tail)
    raise ValueError(f"unknown distribution {kind!r}")


def quantile_by_halving(allowed: Any, u: F64) -> F64:
    """The smallest x from 0 with P(X > x) ≤ 1 - u, by halving an interval a hundred times."""
    low, high = np.full(u.shape, -1e-12), np.full(u.shape, 1e13)
    for _ in range(100):
        # The geometric middle of what may be tiny, shifted so that 0 has a logarithm.
        middle = np.sqrt((low + 1e-11) * (high + 1e-11)) - 1e-11
        reached = exceeding(allowed, middle) <= 1.0 - u
        low, high = np.where(reached, low, middle), np.where(reached, middle, high)
    return high


def sample(allowed: Any, seed: int, n: int) -> F64:
    """The first n values that a distribution gives a person under a seed, shape (n,)."""
    blocks = np.arange((n + 3) // 4, dtype=np.uint64)
    member = np.zeros(len(blocks), dtype=np.uint64)
    words = address_words(seed, PROCESS_SAMPLE, None, 0, 0, member, blocks)
    return amount_quantile(allowed, uniform(words.ravel()[:n]))


def amount_quantile(allowed: Any, u: F64) -> F64:  # noqa: PLR0911 - a line for each family
    """Price in dollars per event, shape of u, from the `allowed` distribution of a service."""
    if not isinstance(allowed, Mapping):
        return np.full(u.shape, float(allowed))
    ((kind, terms),) = allowed.items()
    if kind == "fixed":
        return np.full(u.shape, number_of(terms, "value"))
    if kind == "log_normal":
        return log_normal_quantile(u, number_of(terms, "mean"), number_of(terms, "cv"))
    if kind == "gamma":
        return gamma_quantile(u, number_of(terms, "mean"), number_of(terms, "cv"))
    if kind == "pareto":
        return pareto_quantile(1.0 - u, number_of(terms, "shape"), number_of(terms, "scale"))
    if kind == "empirical":
        return empirical_quantile(u, terms["values"], terms.get("weights"))
    if kind in ("mixture", "spliced"):
        return quantile_by_halving(allowed, u)
    raise ValueError(f"unknown distribution {kind!r}")


# ---------------------------------------------------------------------------------------------------------
# From members to events
# ---------------------------------------------------------------------------------------------------------


def number_of(terms: Terms, name: str, default: float | None = None) -> float:
    """A term as a number; absent and None both mean the default, which a required term does not have."""
    value = terms.get(name)
    if value is not None:
        return float(value)
    if default is None:
        raise ValueError(f"{name} is required")
    return default


def services_of(spec: Terms) -> list[Terms]:
    """The services of a study, refused where the hashes of their names are not usable."""
    services = list(spec["utilization"]["services"])
    hashes = [name_hash(service["name"]) for service in services]
    if 0 in hashes or len(set(hashes)) < len(hashes):
        raise ValueError("two service names have the same hash, or one has hash 0")
    return services


def enrolled_months(columns: Columns) -> I64:
    """Months of enrolment of each member, shape (members,)."""
    return np.asarray(columns["exit_month"], dtype=np.int64) - columns["entry_month"] + 1


def draw_frailty(spec: Terms, member: U64, replicate: int) -> F64:
    """Frailty of each member, mean 1, shape (members,)."""
    cv = number_of(spec["utilization"], "frailty_cv", 0.0)
    words = address_words(int(spec["seed"]), PROCESS_FRAILTY, None, 0, replicate, member, 0)
    return gamma_quantile(uniform(words[:, 0]), 1.0, cv)


def draw_counts(spec: Terms, service: Terms, columns: Columns, frailty: F64, replicate: int) -> I64:
    """Events of one service in the year, shape (members,)."""
    name, member = name_hash(service["name"]), columns["member"]
    words = address_words(int(spec["seed"]), PROCESS_SERVICE, YEAR, name, replicate, member, 0)
    yearly = number_of(service, "per_1000") / 1000.0 * columns["risk_score"]
    return poisson_quantile(uniform(words[:, 0]), yearly * enrolled_months(columns) / 12.0 * frailty)


def draw_prices(spec: Terms, service: Terms, member: U64, number: I64, replicate: int) -> F64:
    """Price in dollars of each event, shape (events,), from the member word and number of each event."""
    early = number < 3  # these have words 1 to 3 of block 0, beside the count
    block = np.where(early, 0, 1 + (number - 3) // 4)
    word = np.where(early, 1 + number, (number - 3) % 4)
    name = name_hash(service["name"])
    words = address_words(int(spec["seed"]), PROCESS_SERVICE, YEAR, name, replicate, member, block)
    return amount_quantile(service["allowed"], uniform(words[np.arange(len(number)), word]))


def digit(word: int, base: int, position: int) -> int:
    """Digit of word / 2**64 in a base, counted from 0 behind the point."""
    shifted: int = word * base ** (position + 1)
    return (shifted >> 64) % base


def draw_months(spec: Terms, service: Terms, columns: Columns, row: I64, number: I64, replicate: int) -> I64:
    """Month of each event, 1 to 12, shape (events,), from the member row and number of each event."""
    name, member = name_hash(service["name"]), columns["member"][row]
    early = number < 3
    block = np.where(early, 0, 1 + (number - 3) // 4)  # of the prices: eight of these share a block of months
    word = np.where(early, number, (number - 3) % 4)
    words = address_words(int(spec["seed"]), PROCESS_MONTH, YEAR, name, replicate, member, block // 8)
    chosen = words[np.arange(len(number)), word]
    bases = enrolled_months(columns)[row]
    steps = [digit(int(w), int(base), int(d)) for w, base, d in zip(chosen, bases, block % 8, strict=True)]
    return np.asarray(columns["entry_month"][row], dtype=np.int64) + np.array(steps, dtype=np.int64)


def simulate(spec: Terms, columns: Columns, replicate: int) -> World:
    """Draw one world: frailty, counts, and the month and price of every event."""
    members = len(columns["member"])
    frailty = draw_frailty(spec, columns["member"], replicate)
    counts, rows, services, numbers, months, prices = [], [], [], [], [], []
    for index, service in enumerate(services_of(spec)):
        count = draw_counts(spec, service, columns, frailty, replicate)
        row = np.repeat(np.arange(members), count)
        number = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
        counts.append(count)
        rows.append(row)
        services.append(np.full(len(row), index))
        numbers.append(number)
        months.append(draw_months(spec, service, columns, row, number, replicate))
        prices.append(draw_prices(spec, service, columns["member"][row], number, replicate))
    return World(
        counts=np.stack(counts, axis=1),
        frailty=frailty,
        member_row=np.concatenate(rows),
        service=np.concatenate(services),
        number=np.concatenate(numbers),
        month=np.concatenate(months),
        price=np.concatenate(prices),
    )


# ---------------------------------------------------------------------------------------------------------
# From events to dollars
# ---------------------------------------------------------------------------------------------------------


def contracts_of(arm: Terms, kind: str | None = None) -> list[tuple[str, Terms]]:
    """The contracts of an arm as pairs of kind and terms, all of them or those of one kind."""
    pairs = [pair for contract in arm.get("contracts", ()) for pair in contract.items()]
    return [(each, terms or {}) for each, terms in pairs if kind in (None, each)]


def delivered_by(service: Terms) -> str:
    """The party that delivers a service."""
    party = service.get("delivered_by") or "provider"
    if party not in ("provider", "other_providers"):
        raise ValueError(f"nobody called {party!r} delivers care")
    return str(party)


def scope_of(terms: Terms, services: Sequence[Terms], default: Sequence[int]) -> list[int]:
    """Indices of the services in the scope of a contract."""
    if terms.get("scope") is None:
        return list(default)
    names = [service["name"] for service in services]
    return [names.index(name) for name in terms["scope"]]


def claimed_by(kind: str, terms: Terms, services: Sequence[Terms]) -> list[int]:
    """Indices of the services that a contract claims; only base payments claim any."""
    everything = range(len(services))
    own = [index for index in everything if delivered_by(services[index]) == "provider"]
    if kind == "capitation":
        return scope_of(terms, services, everything)
    if kind != "fee_for_service":
        return []
    claimed = scope_of(terms, services, own)
    if not set(claimed) <= set(own):
        raise ValueError("fee_for_service cannot claim what other providers deliver")
    return claimed


def bearers_of(arm: Terms, services: Sequence[Terms]) -> tuple[list[str | None], F64]:
    """For each service, the kind of base payment that bears it (None: the payer), and its fee level."""
    bearers: list[str | None] = [None] * len(services)
    fee_levels = np.ones(len(services))
    for kind, terms in contracts_of(arm):
        for index in claimed_by(kind, terms, services):
            if bearers[index] is not None:
                raise ValueError(f"two base payments claim {services[index]['name']!r}")
            bearers[index] = kind
            fee_levels[index] = number_of(terms, "fee_level", 1.0) if kind == "fee_for_service" else 1.0
    return bearers, fee_levels


def value_care(world: World, services: Sequence[Terms], fee_levels: F64) -> Care:
    """Value every event at the arm's fee levels, summed by service and month and by member and service."""
    coinsurance = np.array([number_of(service, "coinsurance", 0.0) for service in services])
    allowed = fee_levels[world.service] * world.price
    share = coinsurance[world.service] * allowed
    count, members = len(services), len(world.frailty)

    def by_month(weights: F64) -> F64:
        cell = world.service * MONTHS + world.month - 1
        return np.asarray(np.bincount(cell, weights, count * MONTHS), np.float64).reshape(count, MONTHS)

    def by_member(weights: F64) -> F64:
        cell = world.member_row * count + world.service
        return np.asarray(np.bincount(cell, weights, members * count), np.float64).reshape(members, count)

    return Care(
        events_by_month=by_month(np.ones(len(allowed))),
        allowed_by_month=by_month(allowed),
        share_by_month=by_month(share),
        allowed_by_member=by_member(allowed),
        paid_by_member=by_member(allowed - share),
    )


def whole_cents(dollars: float) -> float:
    """Dollars as a whole number of cents, half a cent rounded away from zero."""
    cents = abs(dollars) * 100.0
    whole = math.floor(cents)
    return math.copysign(whole + (cents - whole >= 0.5), dollars)


def shared_savings(terms: Terms, spending: float, member_months: int) -> tuple[float, float]:
    """Dollars earned and dollars owed by the provider, from the year's spending in dollars."""
    benchmark = number_of(terms, "benchmark_pmpm") * member_months
    savings = benchmark - spending
    losses = -savings
    savings_gate = whole_cents(number_of(terms, "minimum_savings_rate", 0.0) * benchmark)
    loss_gate = whole_cents(number_of(terms, "minimum_loss_rate", 0.0) * benchmark)
    earned = owed = 0.0
    if whole_cents(savings) > 0.0 and whole_cents(savings) >= savings_gate:
        limit = number_of(terms, "payment_limit_rate", math.inf) * benchmark
        earned = min(number_of(terms, "sharing_rate") * savings, limit)
    if whole_cents(losses) > 0.0 and whole_cents(losses) >= loss_gate:
        limit = number_of(terms, "loss_limit_rate", math.inf) * benchmark
        owed = min(number_of(terms, "loss_rate", 0.0) * losses, limit)
    return earned, owed


def savings_spending(terms: Terms, care: Care) -> float:
    """The year's dollars that shared savings measures, over all services, truncated member by member."""
    truncation = number_of(terms, "truncation", math.inf)
    if truncation < math.inf and not terms.get("benchmark_truncated"):
        raise ValueError("truncated spending against a benchmark that was not truncated")
    bases = {"allowed": care.allowed_by_member, "paid": care.paid_by_member}
    return math.fsum(np.minimum(bases[terms["basis"]].sum(axis=1), truncation))


def stop_loss_recovery(terms: Terms, covered: F64) -> float:
    """Dollars recovered from the reinsurer, from each member's covered dollars of the year, (members,)."""
    above = np.maximum(covered - number_of(terms, "attachment_point"), 0.0)
    layers = np.minimum(above, number_of(terms, "limit", math.inf))
    return number_of(terms, "ceded_share", 1.0) * math.fsum(layers)


def monthly(
    from_party: str, to_party: str, account: str, service: int | None, amounts: Iterable[float]
) -> list[Transfer]:
    """Transfers of months 1 to 12, cash in the month incurred."""
    return [
        Transfer(from_party, to_party, account, service, month, month, float(amount))
        for month, amount in enumerate(amounts, start=1)
        if amount != 0.0
    ]


def settled(from_party: str, to_party: str, account: str, month_cash: int, amount: float) -> list[Transfer]:
    """A transfer incurred in month 12 whose cash moves later."""
    return [Transfer(from_party, to_party, account, None, MONTHS, month_cash, amount)] if amount else []


def care_transfers(index: int, service: Terms, bearer: str | None, care: Care) -> list[Transfer]:
    """What moves because the members used one service."""
    deliverer = delivered_by(service)
    share = care.share_by_month[index]
    paid = care.allowed_by_month[index] - share
    own_cost = care.events_by_month[index] * number_of(service, "own_cost", 0.0)
    ledger = monthly("member", deliverer, "cost_share", index, share)
    ledger += monthly(deliverer, "suppliers", "own_cost", index, own_cost)
    if bearer != "capitation":
        ledger += monthly("payer", deliverer, "claim", index, paid)
    elif deliverer == "other_providers":
        ledger += monthly("provider", "other_providers", "purchased_care", index, paid)
    return ledger


def contract_transfers(kind: str, terms: Terms, care: Care, covered: Sequence[int], enrolled: I64) -> list[Transfer]:
    """What moves because of a contract itself; enrolled is members in each month, shape (12,)."""
    if kind == "capitation":
        return monthly("payer", "provider", "capitation", None, number_of(terms, "pmpm") * enrolled)
    if kind == "shared_savings":
        earned, owed = shared_savings(terms, savings_spending(terms, care), int(enrolled.sum()))
        month = int(number_of(terms, "settle_month", 21))
        ledger = settled("payer", "provider", "shared_savings", month, earned)
        return ledger + settled("provider", "payer", "shared_losses", month, owed)
    if kind == "stop_loss":
        premium = number_of(terms, "premium_pmpm") * enrolled
        recovery = stop_loss_recovery(terms, care.paid_by_member[:, covered].sum(axis=1))
        month = int(number_of(terms, "settle_month", 15))
        ledger = monthly("provider", "reinsurer", "stop_loss_premium", None, premium)
        return ledger + settled("reinsurer", "provider", "stop_loss_recovery", month, recovery)
    if kind != "fee_for_service":
        raise ValueError(f"unknown contract {kind!r}")
    return []


def stop_loss_scope(arm: Terms, terms: Terms, services: Sequence[Terms]) -> list[int]:
    """Indices of the services that a stop-loss covers."""
    everything = list(range(len(services)))
    capitations = contracts_of(arm, "capitation")
    capitated = [index for kind, each in capitations for index in claimed_by(kind, each, services)]
    return scope_of(terms, services, capitated if capitations else everything)


def members_by_month(columns: Columns) -> I64:
    """Members enrolled in each month, shape (12,)."""
    month = np.arange(1, MONTHS + 1)[:, np.newaxis]
    enrolled = (columns["entry_month"] <= month) & (month <= columns["exit_month"])
    return np.asarray(enrolled.sum(axis=1), dtype=np.int64)


def write_ledger(spec: Terms, arm: Terms, care: Care, columns: Columns) -> list[Transfer]:
    """Every transfer of one world under one arm."""
    services = services_of(spec)
    bearers, _ = bearers_of(arm, services)
    fixed_cost = number_of(spec["utilization"], "fixed_cost_per_month", 0.0)
    ledger = monthly("provider", "suppliers", "fixed_cost", None, [fixed_cost] * MONTHS)
    for index, service in enumerate(services):
        ledger += care_transfers(index, service, bearers[index], care)
    for kind, terms in contracts_of(arm):
        covered = stop_loss_scope(arm, terms, services) if kind == "stop_loss" else []
        ledger += contract_transfers(kind, terms, care, covered, members_by_month(columns))
    return ledger


def net_paid(ledger: Iterable[Transfer], party: str, counterparties: Iterable[str] | None = None) -> float:
    """Dollars paid by a party to the counterparties (None: to anyone), less what it receives from them."""
    others = None if counterparties is None else set(counterparties)
    amounts = []
    for transfer in ledger:
        if transfer.from_party == party and (others is None or transfer.to_party in others):
            amounts.append(transfer.amount)
        if transfer.to_party == party and (others is None or transfer.from_party in others):
            amounts.append(-transfer.amount)
    return math.fsum(amounts)


def minimum_cash(ledger: Sequence[Transfer]) -> tuple[float, int]:
    """The lowest month-end balance of the provider's cash in dollars, and the first month that has it."""
    last = max([MONTHS, *(transfer.month_cash for transfer in ledger)])
    flows: list[list[Transfer]] = [[] for _ in range(last)]
    for transfer in ledger:
        flows[transfer.month_cash - 1].append(transfer)
    balance = np.cumsum([-net_paid(flow, "provider") for flow in flows])
    lowest = int(np.argmin(balance))
    return float(balance[lowest]), lowest + 1


def settle(spec: Terms, columns: Columns, world: World, arm_index: int) -> dict[str, Any]:
    """Settle one world under one arm: the result columns in dollars (months in months) and the `ledger`."""
    arm = spec["arms"][arm_index]
    _, fee_levels = bearers_of(arm, services_of(spec))
    care = value_care(world, services_of(spec), fee_levels)
    ledger = write_ledger(spec, arm, care, columns)
    revenue = -net_paid(ledger, "provider", ("payer", "member"))
    cost = net_paid(ledger, "provider", ("suppliers", "other_providers", "reinsurer"))
    lowest, lowest_month = minimum_cash(ledger)
    return {
        "member_months": int(enrolled_months(columns).sum()),
        "allowed": math.fsum(care.allowed_by_member.flat),
        "paid": math.fsum(care.paid_by_member.flat),
        "provider_revenue": revenue,
        "provider_cost": cost,
        "provider_net": revenue - cost,
        "payer_spend": net_paid(ledger, "payer"),
        "member_cost_share": net_paid(ledger, "member"),
        "minimum_cash": lowest,
        "minimum_cash_month": lowest_month,
        "ledger": ledger,
    }


def run(spec: Terms, columns: Columns, replicates: Iterable[int]) -> dict[str, npt.NDArray[Any]]:
    """Result columns, each (replicates, arms), for absolute replicate numbers in the order given."""
    if int(spec.get("years", 1)) != 1:
        raise ValueError("only one year is simulated")
    arms = range(len(spec["arms"]))
    table = []
    for replicate in replicates:
        world = simulate(spec, columns, replicate)
        table.append([settle(spec, columns, world, arm) for arm in arms])
    return {
        name: np.array(
            [[cell[name] for cell in row] for row in table],
            dtype=np.int64 if name in INTEGER_COLUMNS else np.float64,
        ).reshape(len(table), len(arms))
        for name in COLUMNS
    }
