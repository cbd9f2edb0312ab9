"""Statements: a settlement line by line, with its formulas and sources, in cents that add up."""

from __future__ import annotations

import html
from dataclasses import dataclass, replace
from decimal import Context, Decimal
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes

CENT = Decimal("0.01")
WIDE = Context(prec=60)  # the core computes up to 10**27 dollars, in cents


def in_unit(value: str, unit: str = "dollars") -> Decimal:
    """Read a value with the decimals of its unit: dollars have cents."""
    return Decimal(value).quantize(CENT, context=WIDE) if unit == "dollars" else Decimal(value)


class Line(NamedTuple):
    """A line of a statement: what it is, how it is computed, its value and unit, and what says so."""

    line: str
    formula: str
    value: Decimal
    unit: str
    source: str = ""


@dataclass(frozen=True)
class Statement:
    """A settlement line by line.

    Attributes
    ----------
    title : str
        What is settled.
    lines : sequence of Line
        Facts, then what is computed from them, in order.
    waterfall : sequence of (str, int)
        The lines that add up, with their signs; the last one is their sum. Empty where lines do not add up.
    notes : sequence of str
        What a reader must know: terms that are recalled and were not checked against a text, above all.
    """

    title: str
    lines: Sequence[Line]
    waterfall: Sequence[tuple[str, int]] = ()
    notes: Sequence[str] = ()

    def __getitem__(self, line: str) -> Decimal:
        """Return the value of a line."""
        for each in self.lines:
            if each.line == line:
                return each.value
        raise KeyError(f"{line!r}: lines are {', '.join(each.line for each in self.lines)}")

    def to_frame(self) -> pd.DataFrame:
        """Return the lines: ``line``, ``formula``, ``value`` (``Decimal``), ``unit`` and ``source``."""
        import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

        return pd.DataFrame(list(self.lines), columns=list(Line._fields))

    def titled(self, title: str) -> Statement:
        """Return the same statement under another title."""
        return replace(self, title=title)

    def waterfall_steps(self) -> list[tuple[str, Decimal]]:
        """Return the lines that add up with their signs; the last one is their sum."""
        return [(line, sign * self[line]) for line, sign in self.waterfall]

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the lines that add up as a waterfall, in dollars.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure.
        """
        from atrisk._waterfall import waterfall  # noqa: PLC0415 - keeps the import of atrisk quick

        return waterfall(self.title, self.waterfall_steps(), ax)

    def __repr__(self) -> str:
        return "\n".join([self.title, self.to_frame().to_string(index=False), *self.notes])

    def _repr_html_(self) -> str:
        notes = "".join(f"<p>{html.escape(note)}</p>" for note in self.notes)
        table = self.to_frame().to_html(index=False, formatters={"value": "{:,}".format})
        return f"<p>{html.escape(self.title)}</p>{table}{notes}"
