"""A patient-day as a statement: the units and fees of each code, then the day from fees down to what is paid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._payment import _tables
from atrisk.rules._rule import Rule
from atrisk.statement import Line, Statement, in_unit, written

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atrisk.therapy._steps import Steps

RULES = ("therapy_allowed", "therapy_coverage", "therapy_payment")
OF_CODE = ("units", "rank", "full_units", "fee", "reduced_fee", "allowed")
AT_FIRST = ("conversion_factor", "deductible_left")
SUMS = (
    "unreduced",
    "multiple_procedure_reduction",
    "charge_reduction",
    "assistant_reduction",
    "allowed",
    "denied_amount",
    "covered",
    "deductible",
    "coinsurance",
    "program_payment",
    "sequestration",
    "paid",
    "received",
)
WATERFALL = (
    ("unreduced", 1),
    ("multiple_procedure_reduction", -1),
    ("charge_reduction", -1),
    ("assistant_reduction", -1),
    ("denied_amount", -1),
    ("deductible", -1),
    ("coinsurance", -1),
    ("sequestration", -1),
    ("paid", 1),
)
SOURCE = "42 CFR 414.20-414.26 and 42 USC 1395w-4(b)(7), 1395m(v), 1395l"
RANK = ("rank by practice expense in the patient-day: the first unit of rank 1 is paid in full", "count")


def statement(steps: Steps, given: Mapping[str, Any]) -> Statement:
    """Return the lines of one patient-day, which are priced, as a statement."""
    meaning = {"rank": RANK}
    for rule in RULES:
        core = Rule(rule, {}, steps.lines.place).core
        meaning |= {name: (text, unit) for name, unit, text, _ in core.facts()}
        meaning |= {name: (text, unit) for name, unit, text in core.lines()}

    def line(column: str, value: float, label: str = "") -> Line:
        formula, unit = meaning[column]
        source = SOURCE if column in SUMS else ""
        return Line(f"{label} {column}".lstrip(), formula, written(float(value), unit), unit, source)

    lines = []
    labels = _labels(steps)
    minutes = np.broadcast_to(np.asarray(given.get("minutes", np.nan), dtype=np.float64), (steps.lines.n,))
    for row, label in enumerate(labels):
        if not np.isnan(minutes[row]):
            lines.append(
                Line(f"{label} minutes", "minutes of the line", written(float(minutes[row]), "count"), "count")
            )
        lines += [line(name, steps.columns[name][row], label) for name in OF_CODE if not _missing(steps, name, row)]
        if "assistant" in given:
            lines.append(line("assistant_factor", steps.columns["assistant_factor"][row], label))
        if steps.columns["denied"][row]:
            lines.append(line("threshold_remaining", steps.columns["threshold_remaining"][row], label))
    lines += [line(name, steps.columns[name][0]) for name in AT_FIRST]
    for name in SUMS:
        formula, unit = meaning[name]
        total = sum(in_unit(repr(float(value)), unit) for value in steps.columns[name])
        lines.append(Line(name, f"sum over codes of: {formula}", in_unit(str(total), unit), unit, SOURCE))
    return Statement(_title(steps), lines, WATERFALL, _notes(steps, given))


def _missing(steps: Steps, name: str, row: int) -> bool:
    return bool(np.isnan(steps.columns[name][row]))


def _labels(steps: Steps) -> list[str]:
    """Return the code of each line; the second line of a code has its number behind it."""
    seen: dict[str, int] = {}
    labels = []
    for code in steps.lines.code:
        name = steps.lines.codes.names[code]
        seen[name] = seen.get(name, 0) + 1
        labels.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return labels


def _title(steps: Steps) -> str:
    patient = steps.lines.by.get("patient")
    who = f", patient {patient[1][0]}" if patient else ""
    return f"Therapy on {steps.lines.by['date'][1][0]}{who}"


def _notes(steps: Steps, given: Mapping[str, Any]) -> list[str]:
    notes = []
    for figure, rows in steps.used.items():
        for row in rows:
            named = (
                f"{row['code']}, timed and always therapy or not" if figure == "codes" else f"{figure} {row['value']}"
            )
            notes += _tables.notes([row], named)
    for name in ("deductible_met", "threshold_used"):
        if name not in given:
            notes.append(f"{name} is 0, as at the beginning of a year: give {name}=")
    return notes
