"""Risk corridor: payer and provider share what costs differ from a target, band by band."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from atrisk._errors import InputError
from atrisk._spec import names, texts
from atrisk.contracts._base import Contract
from atrisk.rules import _presets
from atrisk.rules._rule import Rule, Terms
from atrisk.rules._tables import rows_of_terms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atrisk._types import Uncertain

Band = tuple[float, float | None, float]

TABLE = "risk_corridors.csv"
TARGETS = "risk_corridor_targets.csv"
PARTIES = ("payer", "provider")


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
    discount_rate : float, default 0
        In an arm, the part of the target, 0-1, that is taken off it for the payer.
    quality_withhold_rate : float, default 0
        In an arm, the part of the discounted target, 0-1, that is taken off too and comes back times the quality score.
    quality_score : float, default 1
        In an arm, what quality comes to, 0-1.
    quality_measures : sequence of str, default ()
        In an arm, measures of the study whose scores, by weight, make the score of each year in place of
        ``quality_score``; one without eligible members does not count.
    value_own_services_at : {"paid", "own_cost"}, default "paid"
        In an arm, what the provider's own services count for: what is paid for such services less the members' cost
        share, or what giving them cost.
    episode_payments : {"counted", "apart"}, default "counted"
        In an arm, where shares are the provider's and the same members' episodes are in an :class:`EpisodeBundle`
        before the corridor: whether what bundles pay for them, less what they take, is a cost of the year, or is left
        aside.
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
    discount_rate: Uncertain = 0.0
    quality_withhold_rate: Uncertain = 0.0
    quality_score: Uncertain = 1.0
    quality_measures: Sequence[str] = ()
    value_own_services_at: Literal["paid", "own_cost"] = "paid"
    episode_payments: Literal["counted", "apart"] = "counted"
    settle_month: int = 21
    source: str = ""
    notes: tuple[str, ...] = ()

    @classmethod
    def preset(cls, name: str, *, year: int | None = None, **terms: Any) -> RiskCorridor:  # noqa: ANN401 - terms
        """Return the corridor of a programme in a year, with the discount and the quality withhold of its target.

        Parameters
        ----------
        name : str
            ``aca``, ``medicare_part_d``, ``aco_reach_global`` and ``aco_reach_professional`` (their years 2021 and 2022
            were called Direct Contracting), ``lead_global``, ``lead_professional``, ``next_generation_aco_a`` and
            ``next_generation_aco_b``, or ``michigan_pihp``.
        year : int, optional
            Plan or performance year; needed where bands are dated.
        **terms
            Any other term, or one in place of the preset's: of an arm ``target_pmpm`` or ``target_loss_ratio``. The
            other ``share_of`` says the same corridor by the other party's shares, each 1 less the preset's: so a
            provider who bears the costs out of a capitation has the corridor of ACO REACH with ``share_of="payer"``.

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
        targets = _targets(name, year)
        known = [row for row in targets if row["value"]]
        of_preset: dict[str, Any] = {row["figure"]: float(row["value"]) for row in known}
        of_preset |= {
            "losses": tuple(_band(row) for row in rows if row["side"] == "loss"),
            "gains": tuple(_band(row) for row in rows if row["side"] == "gain"),
            "share_of": rows[0]["share_of"],
            "source": _presets.source(name, year, [*rows, *known]),
            "notes": (
                *_presets.notes(rows, _described),
                *_presets.notes([row for row in known if row["figure"] not in terms], _figure),
                *(_unset(row) for row in targets if not row["value"] and row["figure"] not in terms),
            ),
        }
        if terms.get("share_of") in PARTIES and terms["share_of"] != of_preset["share_of"]:
            of_preset |= {side: others_shares(of_preset[side]) for side in ("losses", "gains")}
        return cls(**(of_preset | terms))

    def to_spec(self) -> dict[str, Any]:
        """Return the specification the core reads; what says so is the first of its notes."""
        spec = super().to_spec()["risk_corridor"] | self._bands()
        spec["quality_measures"] = names(self.quality_measures)
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
            Cases in rows, with the columns ``target`` (final: nothing is taken off it any more) and ``cost``, dollars;
            other columns are left alone, unless they look like facts.
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


def others_shares(given: tuple[Band, ...]) -> tuple[Band, ...]:
    """Return the bands of the other party, who has what the first does not share: all that lies in no band too."""
    others: list[Band] = []
    edge: float | None = 0.0
    for low, high, share in given:
        if edge is not None and low > edge:
            others.append((edge, low, 1.0))
        # In decimals, so that 1 less 0.35 is 0.65.
        rest = float(1 - Decimal(str(share)))
        others += [(low, high, rest)] if rest > 0 else []
        edge = high
    return (*others, (edge, None, 1.0)) if edge is not None else tuple(others)


def _targets(name: str, year: int | None) -> list[_presets.Row]:
    """Return what a programme takes off its target in a year, known or not; most have nothing of the kind."""
    rows = [row for row in _presets.table(TARGETS) if row["preset"] == name]
    return [row for row in rows if year is not None and int(row["first_year"]) <= year <= int(row["last_year"])]


def _figure(row: _presets.Row) -> str:
    return f"{row['figure']} {row['value']}"


def _unset(row: _presets.Row) -> str:
    return f"{row['figure']} is none unless it is given: {row['source']}"


def _band(row: _presets.Row) -> Band:
    return float(row["from"]), float(row["to"]) if row["to"] else None, float(row["share"])


def _described(row: _presets.Row) -> str:
    to = f" to {row['to']}" if row["to"] else " on"
    return f"share {row['share']} of {row['side']} from {row['from']}{to}"
