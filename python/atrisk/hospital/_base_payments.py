"""Base payments by hospital, given as a mapping, a series or a frame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from atrisk import _frames as frames
from atrisk._errors import InputError

if TYPE_CHECKING:
    import pandas as pd


def base_payments_of(place: str, hospitals: pd.DataFrame, base_payments: object) -> pd.DataFrame:
    """Return hospitals with their ``base_payment``, refusing hospitals for which none is given."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    path = f"{place}.base_payments"
    if base_payments is None:
        return hospitals
    if isinstance(base_payments, pd.Series):
        base_payments = base_payments.to_dict()
    if isinstance(base_payments, Mapping) and "base_payment" not in base_payments:
        base_payments = {"facility_id": list(base_payments), "base_payment": list(base_payments.values())}
    table = frames.read_frame(path, base_payments)
    frames.need(path, table, ["facility_id", "base_payment"])
    table["facility_id"] = table["facility_id"].astype(str)
    frames.once(path, table, ["facility_id"])
    dollars = frames.numbers(path, table, "base_payment", 0.0, 1e12)
    frames.refuse_missing(path, "base_payment", dollars)
    found = pd.Series(dollars, index=table["facility_id"]).reindex(hospitals["facility_id"]).to_numpy()
    missing = hospitals["facility_id"][pd.isna(found)]
    if len(missing):
        shown = f"{len(missing)} without: {', '.join(missing[:5])}"
        raise InputError(path, "must be given for every hospital", shown)
    return hospitals.assign(base_payment=found)
