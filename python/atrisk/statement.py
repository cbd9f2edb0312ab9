"""Statements: a settlement line by line, with its formulas and sources, in cents that add up."""

from __future__ import annotations

import html
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from atrisk._errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes

CENT = Decimal("0.01")
WIDE = Context(prec=60, rounding=ROUND_HALF_UP)  # the core computes up to 10**27 dollars, in cents
NO_DOLLARS = "it has no dollars; give payments or base payments where it takes them"
SHOWN_DECIMALS = 9  # of what is no money; the values themselves keep all


def in_unit(value: str, unit: str = "dollars") -> Decimal:
    """Read a value with the decimals of its unit: dollars have cents; nothing has no sign."""
    number = Decimal(value).quantize(CENT, context=WIDE) if unit == "dollars" else _short(Decimal(value))
    return abs(number) if number.is_zero() else number


def written(value: float, unit: str) -> Decimal:
    """Return a fact with the digits that were written, dollars at least in cents."""
    number = _short(Decimal(repr(float(value))))
    return in_unit(str(number)) if unit == "dollars" and _decimals(number) <= _decimals(CENT) else number


def _short(number: Decimal) -> Decimal:
    """Return a number without zeros at its end and without an exponent."""
    text = f"{number:f}"
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)


def _decimals(number: Decimal) -> int:
    return -int(number.as_tuple().exponent)


def shown(value: Decimal, unit: str) -> str:
    """Return a value as a person reads it: with thousands, switches in words."""
    if unit == "flag":
        return "yes" if value else "no"
    return f"{value if unit == 'dollars' else _short(round(value, SHOWN_DECIMALS)):,f}"


def _aligned(name: str, text: str, width: int) -> str:
    return text.rjust(width) if name == "value" else text.ljust(width)


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
        # Nothing has no sign.
        return [(line, sign * self[line] + 0) for line, sign in self.waterfall]

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the lines that add up as a waterfall, in dollars.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure.

        Raises
        ------
        InputError
            Where its lines do not add up to one amount.
        """
        from atrisk._waterfall import waterfall  # noqa: PLC0415 - keeps the import of atrisk quick

        steps = self.waterfall_steps()
        if not steps:
            dollars = [each.line for each in self.lines if each.unit == "dollars"]
            hint = f"to_frame() has {', '.join(dollars)} in dollars for a chart of your own" if dollars else NO_DOLLARS
            raise InputError(
                "Statement.plot", "must have lines that add up to one amount", f"none in {self.title}", hint
            )
        return waterfall(self.title, steps, ax)

    def table(self) -> pd.DataFrame:
        """Return the lines as text for a reader: ``line``, ``value``, ``unit`` and ``formula``."""
        frame = self.to_frame()
        frame["value"] = [shown(value, unit) for value, unit in zip(frame["value"], frame["unit"], strict=True)]
        return frame[[*(name for name in frame if name not in {"formula", "source"}), "formula"]].astype(str)

    def remarks(self) -> list[str]:
        """Return what stands below the lines: their sources, then the notes."""
        sources = dict.fromkeys(each.source for each in self.lines if each.source)
        return [*(f"Source: {source}" for source in sources), *(f"Note: {note}" for note in self.notes)]

    def __repr__(self) -> str:
        table = self.table()
        widths = {name: max([len(name), *map(len, table[name])]) for name in map(str, table)}
        rows: list[Any] = [{name: name for name in widths}, *table.to_dict("records")]
        lines = ["  ".join(_aligned(name, row[name], width) for name, width in widths.items()) for row in rows]
        return "\n".join([self.title, *(line.rstrip() for line in lines), *self.remarks()])

    def _repr_html_(self) -> str:
        table = self.table().to_html(index=False, border=0, justify="left")
        remarks = "".join(f"<p><small>{html.escape(remark)}</small></p>" for remark in self.remarks())
        return f"<p><b>{html.escape(self.title)}</b></p>{table}{remarks}"
