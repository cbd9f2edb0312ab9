"""The statement of one arm in one replicate: every settlement line by line, in cents that add up."""

from __future__ import annotations

import html
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

CENT = Decimal("0.01")
WIDE = Context(prec=60)  # the core computes up to 10**27 dollars, in cents

Step = tuple[int, str, int, str, str, str, str]
Transfer = tuple[int | None, tuple[str, str, str], tuple[int, int], str]


@dataclass(frozen=True)
class Statement:
    """What one arm owes and is owed in one replicate; made by :meth:`Results.statement`.

    Attributes
    ----------
    arm : str
        Name of the arm.
    replicate : int
        Absolute number of the replicate.
    """

    arm: str
    replicate: int
    steps: list[Step]
    transfers: list[Transfer]

    def to_frame(self) -> pd.DataFrame:
        """Return the computation of each contract.

        Returns
        -------
        pandas.DataFrame
            Columns ``contract`` (``arm[position]``), ``kind``, ``year`` (1 is the first performance year), ``line``,
            ``formula``, ``value`` (``Decimal``) and ``unit`` (``dollars``, ``member_months`` or ``factor``).
        """
        import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

        rows = [
            (f"{self.arm}[{position}]", kind, year, line, formula, _in_unit(value, unit), unit)
            for position, kind, year, line, formula, value, unit in self.steps
        ]
        return pd.DataFrame(rows, columns=["contract", "kind", "year", "line", "formula", "value", "unit"])

    def ledger(self) -> pd.DataFrame:
        """Return every transfer of the replicate.

        Returns
        -------
        pandas.DataFrame
            Columns ``contract`` (missing for money that moves in any arm), ``from_party``, ``to_party``,
            ``account``, ``month_incurred``, ``month_cash`` (from 1) and ``amount`` (``Decimal`` dollars).
        """
        import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

        rows = [
            (None if position is None else f"{self.arm}[{position}]", *parties, *months, _in_unit(amount))
            for position, parties, months, amount in self.transfers
        ]
        names = ["contract", "from_party", "to_party", "account", "month_incurred", "month_cash", "amount"]
        return pd.DataFrame(rows, columns=names)

    def totals(self) -> pd.DataFrame:
        """Return what the provider received and paid, by account; it adds up to the provider's net.

        Returns
        -------
        pandas.DataFrame
            Columns ``account``, ``with_party`` and ``provider_net`` (``Decimal`` dollars, below zero where the
            provider pays); the last row, ``total``, is the provider's net.
        """
        import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

        sums: dict[tuple[str, str], Decimal] = {}
        for _, (payer, payee, account), _, amount in self.transfers:
            if "provider" in (payer, payee):
                other, sign = (payee, -1) if payer == "provider" else (payer, 1)
                sums[account, other] = sums.get((account, other), Decimal(0)) + sign * _in_unit(amount)
        rows = [(*key, amount) for key, amount in sums.items()]
        rows.append(("total", "", sum(sums.values(), Decimal(0))))
        return pd.DataFrame(rows, columns=["account", "with_party", "provider_net"])

    def __repr__(self) -> str:
        return f"Statement({self.arm!r}, replicate {self.replicate})\n{self.to_frame().to_string(index=False)}"

    def _repr_html_(self) -> str:
        title = f"<p>Statement of {html.escape(self.arm)}, replicate {self.replicate}</p>"
        steps = self.to_frame().to_html(index=False, formatters={"value": "{:,}".format})
        return title + steps + self.totals().to_html(index=False, formatters={"provider_net": "{:,}".format})


def _in_unit(value: str, unit: str = "dollars") -> Decimal:
    """Read a value with the decimals of its unit: dollars have cents."""
    return Decimal(value).quantize(CENT, context=WIDE) if unit == "dollars" else Decimal(value)
