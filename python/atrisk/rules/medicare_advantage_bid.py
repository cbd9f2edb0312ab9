"""What Medicare pays a plan of Medicare Advantage: its bid, and a rebate where it bids below the benchmark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from atrisk.rules import _presets
from atrisk.rules._rule import Rule, Terms
from atrisk.rules._tables import rows_of_terms

TABLE = "medicare_advantage_bids.csv"
PRESET = "medicare_advantage"
PLACE = "MedicareAdvantageBid"


@dataclass(frozen=True, kw_only=True)
class MedicareAdvantageBid(Terms):
    """What is paid for a member and month, from benchmark and bid (42 USC 1395w-24(b)).

    A bid below the benchmark: bid × risk score, and a share of (benchmark − bid) × risk score as a rebate. A bid above
    it: benchmark × risk score, and each member pays the difference.

    Parameters
    ----------
    rebate_shares : sequence of (stars, share)
        The part of what is bid below the benchmark that comes back, 0-1, from so many stars on; nothing below the
        first.
    source : str, optional
        What says so; printed on statements.
    notes : sequence of str, optional
        What a reader of a statement must know.

    Examples
    --------
    >>> rule = ar.MedicareAdvantageBid.preset(year=2024)
    >>> rule.settle(benchmark=1_000, bid=900, stars=4)["payment"]
    Decimal('965.00')
    """

    rebate_shares: tuple[tuple[float, float], ...]
    source: str = ""
    notes: tuple[str, ...] = ()

    @classmethod
    def preset(cls, *, year: int) -> MedicareAdvantageBid:
        """Return the rebates of a payment year, from 2014.

        Parameters
        ----------
        year : int
            Payment year.

        Raises
        ------
        InputError
            Where the table has no such year, naming those there are.
        """
        rows = _presets.preset(f"{PLACE}.preset", TABLE, PRESET, year)
        return cls(
            rebate_shares=tuple((float(row["from"]), float(row["value"])) for row in rows),
            source=_presets.source(PRESET, year, rows),
            notes=_presets.notes(rows, lambda row: f"share {row['value']} from {row['from']} stars"),
        )

    def rule(self) -> Rule:
        """Return the rule of the core."""
        waterfall = [("base_payment", 1), ("rebate", 1), ("payment", 1)]
        terms = {"rebate_shares": _rows(f"{PLACE}.rebate_shares", self.rebate_shares)}
        return Rule("advantage_bid", terms, PLACE, waterfall, self.notes, self.source)

    def settle(self, frame: object = None, /, **facts: object) -> Any:  # noqa: ANN401 - a frame of the user's kind
        """Settle a member and month of a plan.

        Parameters
        ----------
        frame : data frame or mapping, optional
            Cases in rows, with the columns ``benchmark`` and ``bid``, dollars per member and month at a risk score of
            1, ``stars``, and ``risk_score``, by default 1; other columns are left alone, unless they look like facts.
        **facts
            The same by name: numbers give a :class:`Statement`, columns a frame; a number holds for every row.

        Returns
        -------
        Statement or data frame
            ``savings``, ``base_payment``, ``rebate``, ``payment`` and ``member_premium``, dollars, and
            ``rebate_share``. A frame is of the kind that was given.

        Raises
        ------
        InputError
            Where facts are missing, unknown, of several lengths, or no numbers, with their row.
        """
        return self.rule().settle(frame, **facts)


def _rows(path: str, given: object) -> list[dict[str, Any]]:
    """Return rows of a table as the core reads them, refusing what is none."""
    return rows_of_terms(path, given, ("from", "gives"), "must be rows of two numbers (stars, share)")
