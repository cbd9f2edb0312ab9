"""A patient-day as a statement: figures of the day, each code from units to what is paid, then the sums of the day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._payment import _tables
from atrisk.rules._rule import Rule
from atrisk.statement import Line, Statement, in_unit, written
from atrisk.therapy import _figures

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from atrisk.therapy._steps import Steps

RULES = ("therapy_allowed", "therapy_coverage", "therapy_payment")
GIVEN = "given"
UNIT = ("unit_minutes", "least_minutes")
OF_DAY = (
    "conversion_factor",
    "work_gpci",
    "practice_expense_gpci",
    "malpractice_gpci",
    "practice_expense_factor",
    "threshold",
    "review_threshold",
    "coinsurance_rate",
    "sequestration_rate",
)
OF_CODE = (
    "units",
    "work",
    "practice_expense",
    "malpractice",
    "rank",
    "full_units",
    "fee",
    "reduced_fee",
    "unreduced",
    "multiple_procedure_reduction",
    "charge_reduction",
    "assistant_factor",
    "assistant_reduction",
    "allowed",
    "charges_before",
    "threshold_remaining",
    "denied",
    "denied_amount",
    "covered",
    "deductible_left",
    "deductible",
    "coinsurance",
    "program_payment",
    "sequestration",
    "paid",
)
# Shown where they say something: what needs a fact, and what is no part of a line that is covered.
WITH = {"charge_reduction": "charge", "assistant_factor": "assistant", "assistant_reduction": "assistant"}
IF_DENIED = ("denied", "denied_amount", "threshold_remaining")
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
ROUNDED = "+ unit_minutes − least_minutes) ÷ unit_minutes, rounded down; once if untimed"
UNITS = {"cms": f"part of (timed minutes of the day {ROUNDED}", "ama": f"(minutes of the code {ROUNDED}"}
MEANINGS = {
    "rank": ("place by practice expense among the always-therapy lines of the patient's day at the provider", "count"),
    "full_units": (
        "units whose practice expense is paid in full: one of rank 1, all that are not always therapy",
        "count",
    ),
    "charges_before": ("threshold_used + allowed of the year before the line; on a day by code", "dollars"),
    "deductible_left": ("annual_deductible − deductible_met − deductible of the year before the line", "dollars"),
    "annual_deductible": ("what a patient pays of a year's covered services before Medicare pays", "dollars"),
    "deductible_met": ("met of annual_deductible before the lines", "dollars"),
    "threshold_used": ("allowed charges of the year before the lines", "dollars"),
    "unit_minutes": ("minutes of a unit", "count"),
    "least_minutes": ("least minutes that make one more unit", "count"),
    "minutes": ("minutes of the line", "count"),
}


class _Words:
    """What lines of a statement mean, and what says so."""

    def __init__(self, steps: Steps, given: Mapping[str, Any], rule: str) -> None:
        self.meanings = dict(MEANINGS)
        for name in RULES:
            core = Rule(name, {}, steps.lines.place).core
            facts = {fact: (text, unit) for fact, unit, text, _ in core.facts()}
            steps_of = {step: (text, unit) for step, unit, text in core.lines()}
            self.meanings = facts | steps_of | self.meanings
        self.meanings["units"] = (GIVEN if "units" in given else UNITS[rule], "count")
        if "conversion_factor" in given:
            text, unit = self.meanings["conversion_factor"]
            self.meanings["conversion_factor"] = (f"{text}: {GIVEN}", unit)
        self.sources = {
            name: "; ".join(dict.fromkeys(row["source"] for row in rows)) for name, rows in steps.used.items()
        }
        self.sources["annual_deductible"] = self.sources.get("deductible", "")
        self.sources |= dict.fromkeys(SUMS, SOURCE)

    def line(self, column: str, value: float, label: str = "") -> Line:
        """Return a line of a value, for a code or for the day."""
        formula, unit = self.meanings[column]
        # Amounts are in cents; a conversion factor has more decimals.
        in_cents = unit == "dollars" and column != "conversion_factor"
        read = in_unit(repr(float(value)), unit) if in_cents else written(float(value), unit)
        return Line(f"{label} {column}".lstrip(), formula, read, unit, self.sources.get(column, ""))


def statement(steps: Steps, given: Mapping[str, Any], rule: str) -> Statement:
    """Return the lines of one patient-day, which are priced, as a statement."""
    words = _Words(steps, given, rule)
    lines = [*_of_day(steps, given, words)]
    for row, label in enumerate(_labels(steps)):
        lines += _of_code(steps, given, words, row, label)
    for name in SUMS:
        formula, unit = words.meanings[name]
        total = sum(in_unit(repr(float(value)), unit) for value in steps.columns[name])
        lines.append(Line(name, f"sum over codes of: {formula}", in_unit(str(total), unit), unit, SOURCE))
    return Statement(_title(steps), lines, WATERFALL, _notes(steps, given))


def _of_day(steps: Steps, given: Mapping[str, Any], words: _Words) -> Iterator[Line]:
    """Return the figures that hold for all lines of the day; those that differ stand with their codes."""
    if "units" not in given:
        for name in UNIT:
            yield words.line(name, _figures.undated(name))
    for name in OF_DAY:
        if _one(steps, name):
            yield words.line(name, steps.columns[name][0])
    yield words.line("annual_deductible", float(steps.used["deductible"][0]["value"]))
    for name in ("deductible_met", "threshold_used"):
        value = np.unique(given.get(name, 0.0))
        if value.size == 1:
            yield words.line(name, value[0])


def _one(steps: Steps, name: str) -> bool:
    return np.unique(steps.columns[name]).size == 1


def _of_code(steps: Steps, given: Mapping[str, Any], words: _Words, row: int, label: str) -> Iterator[Line]:
    """Return the lines of a code, from minutes to what is paid."""
    for name in ("minutes", "charge", "kx_modifier", "threshold_used"):
        values = np.broadcast_to(np.asarray(given.get(name, np.nan), dtype=np.float64), (steps.lines.n,))
        of_day = name == "threshold_used" and np.unique(values).size == 1
        if not np.isnan(values[row]) and not of_day:
            yield words.line(name, values[row], label)
    for name in (*(name for name in OF_DAY if not _one(steps, name)), *OF_CODE):
        value = steps.columns[name][row]
        absent = np.isnan(value) or (name in WITH and WITH[name] not in given)
        if not absent and (name not in IF_DENIED or steps.columns["denied"][row]):
            yield words.line(name, value, label)


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
    if "conversion_factor" in given:
        notes.append("conversion_factor is given, in place of the table's")
    for name in ("deductible_met", "threshold_used"):
        if name not in given:
            notes.append(f"{name} is 0, as at the beginning of a year: give {name}=")
    return notes
