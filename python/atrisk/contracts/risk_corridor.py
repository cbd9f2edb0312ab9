"""Risk corridor: payer and provider share what costs differ from a target, band by band."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from atrisk._errors import InputError
from atrisk._spec import texts
from atrisk.contracts._base import Contract
from atrisk.rules import _presets
from atrisk.rules._rule import Rule, Terms
from atrisk.rules._tables import rows_of_terms

if TYPE_CHECKING:
    from atrisk._types import Uncertain

Band = tuple[float, float | None, float]

TABLE = "risk_corridors.csv"


@dataclass(frozen=True, kw_only=True)
class RiskCorridor(Contract, Terms):
    """Shares of what a year's costs differ from a target, band by band.

    In an arm costs are those of the care that the provider bears out of a capitation, less what stop-loss before the
    corridor repays; where shares are the provider's, of the care that the payer pays for. With :meth:`settle` it
    settles figures of a user's own.

    Parameters
    ----------
    losses : sequence of (from, to, share)
        Bands of costs above the target: parts of the target from which and to which (None: without end) a share, 0-1,
        is taken over.
    gains : sequence of (from, to, share), optional
        Bands of costs below it, of which a share is handed over; by default those of losses, ``()`` for none.
    share_of : {"payer", "provider"}, default "payer"
        Whose shares they are. The payer's: the provider or plan bears the costs and the payer takes a share of the
        difference, as in the corridors of the Affordable Care Act. The provider's: the payer bears the costs, as in
        ACO REACH.
    target_pmpm : float, optional
        In an arm, the target in dollars per member per month; this or ``target_loss_ratio``.
    target_loss_ratio : float, optional
        In an arm, the target as a part of the capitation of the contracts before the corridor, 0-1.
    value_own_services_at : {"paid", "own_cost"}, default "paid"
        In an arm, what the provider's own services count for: what is paid for such services less the members' cost
        share, or what giving them cost.
    settle_month : int, default 21
        In an arm, the month in which the cash moves, 12-60, counted from the start of the year.
    source : str, optional
        What says so; printed on statements.
    notes : sequence of str, optional
        What a reader of a statement must know; of a preset, which figures are recalled or doubtful.

    Examples
    --------
    >>> corridor = ar.RiskCorridor.preset("aca", year=2014)
    >>> corridor.settle(target=10_000_000, cost=11_000_000)["settlement"]
    Decimal('410000.00')
    """

    losses: tuple[Band, ...]
    gains: tuple[Band, ...] | None = None
    share_of: Literal["payer", "provider"] = "payer"
    target_pmpm: Uncertain | None = None
    target_loss_ratio: Uncertain | None = None
    value_own_services_at: Literal["paid", "own_cost"] = "paid"
    settle_month: int = 21
    source: str = ""
    notes: tuple[str, ...] = ()

    @classmethod
    def preset(cls, name: str, *, year: int | None = None, **terms: Any) -> RiskCorridor:  # noqa: ANN401 - terms
        """Return the corridor of a programme in a year.

        Parameters
        ----------
        name : str
            ``aca``, ``medicare_part_d``, ``aco_reach_global`` and ``aco_reach_professional`` (their years 2021 and 2022
            were called Direct Contracting), ``lead_global``, ``lead_professional``, ``next_generation_aco_a`` and
            ``next_generation_aco_b``, or ``michigan_pihp``.
        year : int, optional
            Plan or performance year; needed where bands are dated.
        **terms
            Any other term: of an arm ``target_pmpm`` or ``target_loss_ratio``.

        Raises
        ------
        InputError
            Where there is no such preset or year, naming those there are, or where some of its bands are not known.
        """
        rows = _presets.preset("RiskCorridor.preset", TABLE, name, year)
        for row in rows:
            if not row["share"]:
                raise InputError(
                    "RiskCorridor.preset",
                    f"must be a corridor whose bands are all known: {row['source']}",
                    f"{name} {year}",
                    "give losses=, gains= and share_of= yourself",
                )
        of_preset: dict[str, Any] = {
            "losses": tuple(_band(row) for row in rows if row["side"] == "loss"),
            "gains": tuple(_band(row) for row in rows if row["side"] == "gain"),
            "share_of": rows[0]["share_of"],
            "source": _presets.source(name, year, rows),
            "notes": _presets.notes(rows, _described),
        }
        return cls(**(of_preset | terms))

    def to_spec(self) -> dict[str, Any]:
        """Return the specification the core reads; what says so is the first of its notes."""
        spec = super().to_spec()["risk_corridor"] | self._bands()
        source = spec.pop("source")
        spec["notes"] = texts("notes", [*([source] if source else []), *self.notes])
        return {"risk_corridor": spec}

    def rule(self) -> Rule:
        """Return the rule of the core."""
        waterfall = [("payer_pays", 1), ("payer_takes", -1), ("settlement", 1)]
        return Rule("risk_corridor", self._bands(), "RiskCorridor", waterfall, self.notes, self.source)

    def _bands(self) -> dict[str, Any]:
        return {
            "losses": bands("RiskCorridor.losses", self.losses),
            "gains": None if self.gains is None else bands("RiskCorridor.gains", self.gains),
            "share_of": self.share_of,
        }

    def settle(self, frame: object = None, /, **facts: object) -> Any:  # noqa: ANN401 - a frame of the user's kind
        """Settle a year of costs.

        Parameters
        ----------
        frame : data frame or mapping, optional
            Cases in rows, with the columns ``target`` and ``cost``, dollars; other columns are left alone, unless
            they look like facts.
        **facts
            The same by name: numbers give a :class:`Statement`, columns a frame; a number holds for every row.

        Returns
        -------
        Statement or data frame
            ``loss``, ``gain``, ``payer_pays``, ``payer_takes`` and ``settlement``, dollars; the settlement is above 0
            where the payer pays. A frame is of the kind that was given.

        Raises
        ------
        InputError
            Where facts are missing, unknown, of several lengths, or no number of dollars, with its row.
        """
        return self.rule().settle(frame, **facts)


def bands(path: str, given: object) -> list[dict[str, Any]]:
    """Return bands as the core reads them, refusing what is none."""
    return rows_of_terms(path, given, ("from", "to", "share"), "must be bands (from, to, share), where to may be None")


def _band(row: _presets.Row) -> Band:
    return float(row["from"]), float(row["to"]) if row["to"] else None, float(row["share"])


def _described(row: _presets.Row) -> str:
    to = f" to {row['to']}" if row["to"] else " on"
    return f"share {row['share']} of {row['side']} from {row['from']}{to}"
