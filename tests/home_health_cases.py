"""A period of home health care that tests vary, and what it is paid."""

from decimal import Decimal

import atrisk as ar

DISCIPLINES = [
    "skilled_nursing",
    "physical_therapy",
    "occupational_therapy",
    "speech_language_pathology",
    "medical_social_services",
    "home_health_aide",
]
CASE = {"weight": 1.1, "lupa_threshold": 4, "first_period": True, "wage_index": 1.05, "calendar_year": 2026}
TEN = CASE | {"skilled_nursing_visits": 10}


def price(**facts):
    return ar.home_health.price(facts).iloc[0]


def payment(**facts):
    return Decimal(str(price(**facts)["payment"])).quantize(Decimal("0.01"))


def without(*names, **more):
    return {name: value for name, value in TEN.items() if name not in names} | more
