"""The statement of one arm in one replicate: every contract's settlement, and every transfer of the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from atrisk._arms import signed
from atrisk.statement import Line, Statement, in_unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

Step = tuple[int, str, int, str, str, str, str]
Transfer = tuple[int | None, tuple[str, str, str], tuple[int, int], str]


@dataclass(frozen=True, repr=False)
class ArmStatement(Statement):
    """What one arm owes and is owed in one replicate; made by :meth:`Results.statement`.

    Attributes
    ----------
    arm : str
        Name of the arm.
    replicate : int
        Absolute number of the replicate.
    """

    arm: str = ""
    replicate: int = 0
    paths: Sequence[str] = ()
    steps: Sequence[Step] = ()
    transfers: Sequence[Transfer] = ()

    @classmethod
    def of(cls, spec: dict[str, Any], replicate: int, both: dict[str, Any]) -> ArmStatement:
        """Make the statement of an arm, as it is specified, from what the core computed."""
        arm = spec["name"]
        notes = list(dict.fromkeys(note for each in signed(spec) for note in each.terms.get("notes", ())))
        lines = [
            Line(line, formula, in_unit(value, unit), unit) for _, _, _, line, formula, value, unit in both["steps"]
        ]
        title = f"Statement of {arm}, replicate {replicate}"
        steps, transfers = both["steps"], both["transfers"]
        paths = tuple(both["contracts"])
        return cls(
            title, lines, notes=notes, arm=arm, replicate=replicate, paths=paths, steps=steps, transfers=transfers
        )

    def to_frame(self) -> pd.DataFrame:
        """Return the computation of each contract.

        Returns
        -------
        pandas.DataFrame
            Columns ``contract`` (``arm[position]``, ``arm.payers[payer][position]``), ``kind``, ``year`` (1 is the
            first performance year), ``line``, ``formula``, ``value`` (``Decimal``) and ``unit`` (``dollars``,
            ``member_months`` or ``factor``).
        """
        import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

        rows = [
            (self.paths[position], kind, year, line, formula, in_unit(value, unit), unit)
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
            (None if position is None else self.paths[position], *parties, *months, in_unit(amount))
            for position, parties, months, amount in self.transfers
        ]
        names = ["contract", "from_party", "to_party", "account", "month_incurred", "month_cash", "amount"]
        return pd.DataFrame(rows, columns=names)

    def totals(self) -> pd.DataFrame:
        """Return what the provider received and paid, by account; it adds up to the provider's net of all years.

        What is incurred after the last year, such as the rest of an investment's life, is left out.

        Returns
        -------
        pandas.DataFrame
            Columns ``account``, ``with_party`` and ``provider_net`` (``Decimal`` dollars, below zero where the
            provider pays); the last row, ``total``, is the provider's net.
        """
        import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

        return pd.DataFrame(self._totals(), columns=["account", "with_party", "provider_net"])

    def _totals(self) -> list[tuple[str, str, Decimal]]:
        sums: dict[tuple[str, str], Decimal] = {}
        last = 12 * max(year for _, _, year, *_ in self.steps)
        for _, (payer, payee, account), (incurred, _), amount in self.transfers:
            if "provider" in (payer, payee) and incurred <= last:
                other, sign = (payee, -1) if payer == "provider" else (payer, 1)
                sums[account, other] = sums.get((account, other), Decimal(0)) + sign * in_unit(amount)
        rows = [(*key, amount) for key, amount in sums.items()]
        return [*rows, ("total", "", sum(sums.values(), Decimal(0)))]

    def waterfall_steps(self) -> list[tuple[str, Decimal]]:
        """Return the provider's net by account, as a waterfall draws it."""
        return [(f"{account}\n({other})" if other else "net", amount) for account, other, amount in self._totals()]

    def _repr_html_(self) -> str:
        totals = self.totals().to_html(index=False, formatters={"provider_net": "{:,}".format})
        return super()._repr_html_() + totals
