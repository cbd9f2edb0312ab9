"""Outpatient therapy of Medicare Part B: units from minutes, fees, and the price of patient-days step by step."""

from __future__ import annotations

from atrisk.therapy._figures import tables
from atrisk.therapy._price import explain, price
from atrisk.therapy._relative_values import fee_schedule, read_relative_values
from atrisk.therapy._units import units
from atrisk.therapy._visit import Visit

__all__ = ["Visit", "explain", "fee_schedule", "price", "read_relative_values", "tables", "units"]
