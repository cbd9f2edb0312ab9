"""Second opinion on service lines: what a service is made of, what names it, and how it grows."""

from typing import Any

from oracle_quantiles import number_of
from oracle_random import Terms, name_hash


def services_of(spec: Terms) -> list[Terms]:
    """The service lines of a study, refused where the hashes of their names are not usable.

    Care out of network is a line of its own; `whole` is the name of the service that a line belongs to.
    """
    lines = [line for service in spec["utilization"]["services"] for line in lines_of(service)]
    hashes = [name_hash(line["name"]) for line in lines]
    if 0 in hashes or len(set(hashes)) < len(hashes):
        raise ValueError("two service names have the same hash, or one has hash 0")
    return lines


def lines_of(service: Terms) -> list[Terms]:
    """One line of a service, or two where part of it is given out of network."""
    name, outside = service["name"], number_of(service, "out_of_network_rate", 0.0)
    common: dict[str, Any] = dict(service) | {"whole": name, "outside": False, "price_level": 1.0}
    if outside == 0.0:
        return [common]
    events = number_of(service, "per_1000")
    elsewhere = {
        "name": f"{name}, out of network",
        "per_1000": events * outside,
        "outside": True,
        "delivered_by": "other_providers",
        "price_level": number_of(service, "out_of_network_price", 1.0),
    }
    return [common | {"per_1000": events * (1.0 - outside)}, common | elsewhere]


def concerns(terms: Terms, service: Terms) -> bool:
    """Whether a shock, a programme or a capacity concerns a service line."""
    return terms.get("services") is None or service["whole"] in terms["services"]


def delivered_by(service: Terms) -> str:
    """The party that delivers a service."""
    party = service.get("delivered_by") or "provider"
    if party not in ("provider", "other_providers"):
        raise ValueError(f"nobody called {party!r} delivers care")
    return str(party)


def growth(spec: Terms, service: Terms, trend: str, year: int) -> float:
    """What a trend of the service and that of the utilization come to since year 0."""
    own, common = number_of(service, trend, 0.0), number_of(spec["utilization"], trend, 0.0)
    return float((1.0 + own) ** year * (1.0 + common) ** year)


def own_cost(service: Terms, year: int) -> float:
    """Dollars that giving one event of a line costs whoever delivers it."""
    return number_of(service, "own_cost", 0.0) * (1.0 + number_of(service, "own_cost_trend", 0.0)) ** year
