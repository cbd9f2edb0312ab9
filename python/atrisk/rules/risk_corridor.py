"""Risk corridor: payer and provider share what costs differ from a target, band by band."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from atrisk._errors import InputError
from atrisk._spec import term
from atrisk.rules._rule import Rule

Band = tuple[float, float | None, float]


@dataclass(frozen=True, kw_only=True)
class RiskCorridor:
    """Shares of what costs differ from a target, band by band.

    Parameters
    ----------
    losses : sequence of (from, to, share)
        Bands of costs above the target: parts of the target from which and to which (None: without end) the payer
        bears a share, 0-1.
    gains : sequence of (from, to, share), optional
        Bands of costs below it, of which the payer takes a share; by default those of losses.
    """

    losses: tuple[Band, ...]
    gains: tuple[Band, ...] | None = None

    def rule(self) -> Rule:
        """Return the rule of the core."""
        gains = self.losses if self.gains is None else self.gains
        terms = {"losses": bands("RiskCorridor.losses", self.losses), "gains": bands("RiskCorridor.gains", gains)}
        waterfall = [("payer_pays", 1), ("payer_takes", -1), ("settlement", 1)]
        return Rule("risk_corridor", terms, "RiskCorridor", waterfall)

    def settle(self, frame: object = None, /, **facts: object) -> Any:  # noqa: ANN401 - a frame of the user's kind
        """Settle a year of costs.

        Parameters
        ----------
        frame : data frame, optional
            Cases in rows, with the columns ``target`` and ``cost``, dollars.
        **facts
            The same by name: numbers give a :class:`Statement`, arrays a frame.

        Returns
        -------
        Statement or data frame
            ``loss``, ``gain``, ``payer_pays``, ``payer_takes`` and ``settlement``, dollars; the settlement is above 0
            where the payer pays.
        """
        return self.rule().settle(frame, **facts)


def bands(path: str, given: object) -> list[dict[str, Any]]:
    """Return bands as the core reads them, refusing what is none."""
    rule = "must be bands (from, to, share), where to may be None"
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise InputError(path, rule, repr(given))
    read = []
    for position, band in enumerate(given):
        if isinstance(band, str) or not isinstance(band, Iterable) or len(parts := list(band)) != 3:  # noqa: PLR2004
            raise InputError(f"{path}[{position}]", rule, repr(band))
        read.append(dict(zip(("from", "to", "share"), map(term, parts), strict=True)))
    return read
