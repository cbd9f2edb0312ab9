"""The risk score at which Medicare Advantage pays: raw scores normalised, adjusted for coding and blended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from atrisk._errors import InputError
from atrisk._spec import known_term
from atrisk.rules import _presets
from atrisk.rules._rule import Rule, Terms

Model = tuple[float, float]

TABLE = "medicare_advantage_scores.csv"
PRESET = "medicare_advantage"
PLACE = "MedicareAdvantageScore"


@dataclass(frozen=True, kw_only=True)
class MedicareAdvantageScore(Terms):
    """The payment risk score of a year of Medicare Advantage, from raw scores.

    For each model score = raw / normalization, then × (1 − coding adjustment); their blend is the score that is paid.
    Each of the three steps is rounded to three decimals, halves away from zero.

    Parameters
    ----------
    coding_adjustment : float
        What scores lose because plans code more than fee-for-service, 0-1.
    v24 : (weight, normalization), optional
        The model CMS-HCC V24: its part of the blend, 0-1, and what its raw scores are divided by, 0.1-10. None: the
        year does without it.
    v28 : (weight, normalization), optional
        The same of the model CMS-HCC V28. The weights add up to 1.
    source : str, optional
        What says so; printed on statements.
    notes : sequence of str, optional
        What a reader of a statement must know; of a preset, which figures are recalled.

    Examples
    --------
    >>> ar.MedicareAdvantageScore.preset(year=2024).settle(raw_v24=1.4, raw_v28=1.234)["blended"]
    Decimal('1.148')
    """

    coding_adjustment: float
    v24: Model | None = None
    v28: Model | None = None
    source: str = ""
    notes: tuple[str, ...] = ()

    @classmethod
    def preset(cls, *, year: int) -> MedicareAdvantageScore:
        """Return the factors of a payment year, 2024 to 2026.

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
        values = {(row["model"], row["item"]): float(row["value"]) for row in rows}
        models = {
            model: (values[model, "weight"], values[model, "normalization"])
            for model in ("v24", "v28")
            if (model, "weight") in values
        }
        return cls(
            coding_adjustment=values["", "coding_adjustment"],
            v24=models.get("v24"),
            v28=models.get("v28"),
            source=_presets.source(PRESET, year, rows),
            notes=_presets.notes(rows, _described),
        )

    def rule(self) -> Rule:
        """Return the rule of the core."""
        models = {"v24": self.v24, "v28": self.v28}
        terms = {
            "coding_adjustment": known_term(f"{PLACE}.coding_adjustment", self.coding_adjustment),
            **{name: _model(f"{PLACE}.{name}", model) for name, model in models.items()},
        }
        needed = [f"raw_{name}" for name, model in models.items() if model is not None]
        return Rule("risk_score", terms, PLACE, notes=self.notes, source=self.source, needed=needed)

    def settle(self, frame: object = None, /, **facts: object) -> Any:  # noqa: ANN401 - a frame of the user's kind
        """Settle the scores of members, or of a plan on average.

        Parameters
        ----------
        frame : data frame or mapping, optional
            Cases in rows, with the columns ``raw_v24`` and ``raw_v28``, raw scores; other columns are left alone,
            unless they look like facts.
        **facts
            The same by name: numbers give a :class:`Statement`, columns a frame; a number holds for every row. The raw
            score of a model that the year does without is not needed and changes nothing.

        Returns
        -------
        Statement or data frame
            ``normalised_v24``, ``adjusted_v24``, ``normalised_v28``, ``adjusted_v28`` and ``blended``, factors;
            those of a model that the year does without are missing. A frame is of the kind that was given.

        Raises
        ------
        InputError
            Where facts are missing, unknown, of several lengths, or no numbers, with their row.
        """
        return self.rule().settle(frame, **facts)


def _model(path: str, given: object) -> dict[str, Any] | None:
    """Return a model as the core reads it, refusing what is none."""
    if given is None:
        return None
    if isinstance(given, str) or not isinstance(given, Iterable) or len(parts := list(given)) != 2:  # noqa: PLR2004
        raise InputError(path, "must be two numbers (weight, normalization)", repr(given))
    words = dict(zip(("weight", "normalization"), parts, strict=True))
    return {word: known_term(f"{path}.{word}", part) for word, part in words.items()}


def _described(row: _presets.Row) -> str:
    return " ".join(filter(None, (row["model"], row["item"], row["value"])))
