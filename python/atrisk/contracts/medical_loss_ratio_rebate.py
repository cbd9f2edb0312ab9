"""Medical loss ratio rebate: what of its premiums or capitation is given back where too little of them went to care."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from atrisk._spec import known_term, texts, whole
from atrisk.contracts._base import Contract
from atrisk.rules import _presets
from atrisk.rules._rule import Rule, Terms
from atrisk.rules._tables import rows_of_terms

Rows = tuple[tuple[float, float], ...]

TABLE = "medical_loss_ratio_rebates.csv"
PLACE = "MedicalLossRatioRebate"
MOST_DECIMALS = 9


@dataclass(frozen=True, kw_only=True)
class MedicalLossRatioRebate(Contract, Terms):
    """A rebate where the medical loss ratio falls short of a standard (45 CFR part 158).

    In an arm premium is the capitation of the contracts before it, and claims are what the care borne out of it cost,
    less what corridors before it paid, plus what they took; each year by itself. With :meth:`settle` it settles figures
    of a user's own.

    medical loss ratio = (claims + quality improvement) / (premium − taxes and fees) + credibility adjustment, over the
    years that are averaged; rebate = (standard − medical loss ratio) × what it is given back on.

    Parameters
    ----------
    standard : float
        The least part of premiums to be spent on care and its improvement, 0-1.
    credibility : sequence of (life_years, factor), optional
        What is added to the ratio of so many life-years, 0-1, with straight lines between the rows. Fewer life-years
        than the first row are not credible: no rebate. By default all are credible and nothing is added.
    deductible_factors : sequence of (average_deductible, factor), optional
        What multiplies that at an average deductible in dollars, with straight lines between the rows; by default 1.
    ratio_decimals : int, optional
        Decimals to which the ratio is rounded, halves up; by default it is not.
    rebate_on : {"premium_less_taxes", "premium"}, default "premium_less_taxes"
        The premiums of the year of which the shortfall is given back.
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
    >>> rule = ar.MedicalLossRatioRebate.preset("individual", year=2024)
    >>> rule.settle(claims=7_200_000, premium=10_000_000, life_years=3_000)["rebate"]
    Decimal('310000.00')
    """

    standard: float
    credibility: Rows = ()
    deductible_factors: Rows = ()
    ratio_decimals: int | None = None
    rebate_on: Literal["premium_less_taxes", "premium"] = "premium_less_taxes"
    value_own_services_at: Literal["paid", "own_cost"] = "paid"
    settle_month: int = 21
    source: str = ""
    notes: tuple[str, ...] = ()

    @classmethod
    def preset(cls, name: str, *, year: int, **terms: Any) -> MedicalLossRatioRebate:  # noqa: ANN401 - terms
        """Return the federal rule of a market in a year; a state may ask for more.

        Parameters
        ----------
        name : str
            ``individual``, ``small_group``, ``large_group``, ``medicare_advantage`` or ``medicare_part_d``. The
            credibility factors of Medicare are those of the year's Rate Announcement and are not in the table: give
            them.
        year : int
            Year of the premiums.
        **terms
            Any other term: ``credibility`` of Medicare, or of an arm ``settle_month``.

        Raises
        ------
        InputError
            Where there is no such preset or year, naming those there are.
        """
        rows = _presets.preset("MedicalLossRatioRebate.preset", TABLE, name, year)
        one = {row["item"]: row["value"] for row in rows if not row["at"]}
        decimals = one.get("ratio_decimals")
        of_preset: dict[str, Any] = {
            "standard": float(one["standard"]),
            "credibility": _of(rows, "credibility"),
            "deductible_factors": _of(rows, "deductible_factor"),
            "ratio_decimals": None if decimals is None else int(decimals),
            "rebate_on": one["rebate_on"],
            "source": _presets.source(name, year, rows),
            "notes": _presets.notes(rows, _described),
        }
        return cls(**(of_preset | terms))

    def to_spec(self) -> dict[str, Any]:
        """Return the specification the core reads; what says so is the first of its notes."""
        spec = super().to_spec()["medical_loss_ratio_rebate"] | self._terms()
        source = spec.pop("source")
        spec["notes"] = texts("notes", [*([source] if source else []), *self.notes])
        return {"medical_loss_ratio_rebate": spec}

    def rule(self) -> Rule:
        """Return the rule of the core."""
        unneeded = {} if len(self.credibility) else {"life_years": 0.0}
        name = "medical_loss_ratio_rebate"
        return Rule(name, self._terms(), PLACE, notes=self.notes, source=self.source, unneeded=unneeded)

    def _terms(self) -> dict[str, Any]:
        decimals = self.ratio_decimals
        return {
            "standard": known_term(f"{PLACE}.standard", self.standard),
            "credibility": _rows(f"{PLACE}.credibility", self.credibility),
            "deductible_factors": _rows(f"{PLACE}.deductible_factors", self.deductible_factors),
            "ratio_decimals": decimals and whole(f"{PLACE}.ratio_decimals", decimals, 0, MOST_DECIMALS),
            "rebate_on": self.rebate_on,
        }

    def settle(self, frame: object = None, /, **facts: object) -> Any:  # noqa: ANN401 - a frame of the user's kind
        """Settle a year of an insurer in a state and market.

        Parameters
        ----------
        frame : data frame or mapping, optional
            Cases in rows, with the facts as columns; other columns are left alone, unless they look like facts.
        **facts
            The same by name: numbers give a :class:`Statement`, columns a frame; a number holds for every row.
            ``claims`` and ``premium`` of the year in dollars, ``life_years`` (member-months / 12) of all years that are
            averaged; ``life_years`` only where there is a credibility table. By default 0: ``quality_improvement`` and
            ``taxes_and_fees`` of the year; ``prior_costs`` and ``prior_premium`` (less taxes and fees) of earlier years
            averaged with it; ``average_deductible``, dollars per person.

        Returns
        -------
        Statement or data frame
            ``numerator`` and ``denominator``, dollars; ``credible``; ``base_credibility_factor``,
            ``deductible_factor``, ``credibility_adjustment``; ``medical_loss_ratio`` and ``shortfall``, parts;
            ``rebate_base`` and ``rebate``, dollars. A frame is of the kind that was given.

        Raises
        ------
        InputError
            Where facts are missing, unknown, of several lengths, or no numbers, with their row.
        """
        return self.rule().settle(frame, **facts)


def _rows(path: str, given: object) -> list[dict[str, Any]]:
    """Return rows of a table as the core reads them, refusing what is none."""
    return rows_of_terms(path, given, ("from", "gives"), "must be rows of two numbers (from, factor)")


def _of(rows: list[_presets.Row], item: str) -> Rows:
    return tuple((float(row["at"]), float(row["value"])) for row in rows if row["item"] == item and row["at"])


def _described(row: _presets.Row) -> str:
    at = f" at {row['at']}" if row["at"] else ""
    return f"{row['item']}{at} {row['value'] or 'unknown'}"
