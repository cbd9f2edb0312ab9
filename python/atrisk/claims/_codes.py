"""Codes of claim lines in one form, and the rules that choose among them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

FIELDS = ("type_of_bill", "place_of_service", "drg", "procedure", "revenue_code", "ndc")
WIDTHS = {"type_of_bill": 3, "place_of_service": 2, "drg": 3, "procedure": 5, "revenue_code": 4}
NDC_DIGITS, NDC_SHORT = 11, 10
NDC_PARTS = re.compile(r"(\d{4,5})-(\d{3,4})-(\d{1,2})", re.ASCII)
HINT = 'codes are exact ("23"), the beginning of codes ("11*") or a range ("99202-99215", "G0101-G0499")'
ANY = "*"


def in_form(field: str, code: str) -> str | None:
    """Return a code as it is compared.

    Types of bill lose the leading zero of their four-digit form; DRGs, places, revenue codes and all-digit procedure
    codes get back zeros that a spreadsheet took; drugs are written as eleven digits, 5-4-2.
    """
    if field == "ndc":
        return ndc(code)
    width = WIDTHS[field]
    code = code.upper()
    if not _digits(code):
        return code
    if len(code) == width + 1 and code[0] == "0":
        return code[1:]
    return code if field == "type_of_bill" else code.zfill(width)


def ndc(code: str) -> str | None:
    """Return a national drug code as eleven digits without dashes, 5-4-2; None for what is no such code.

    Ten digits with dashes are 4-4-2, 5-3-2 or 5-4-1, and the short part gets its zero. Digits without dashes get
    zeros in front: of ten digits nothing tells which part is short.
    """
    if parts := NDC_PARTS.fullmatch(code):
        labeler, product, package = parts[1], parts[2], parts[3]
        short = (len(labeler) < 5) + (len(product) < 4) + (len(package) < 2)  # noqa: PLR2004 - 5-4-2 is the form
        return f"{labeler:0>5}{product:0>4}{package:0>2}" if short <= 1 else None
    return code.zfill(NDC_DIGITS) if _digits(code) and len(code) <= NDC_DIGITS and int(code) else None


def _digits(code: str) -> bool:
    return code.isascii() and code.isdigit()


def is_short_ndc(code: str) -> bool:
    """Say whether a drug code is digits whose missing zero could stand in several places."""
    return _digits(code) and len(code) < NDC_DIGITS


def rules_of(path: str, field: str, given: object) -> tuple[str, ...]:
    """Return the rules for a field as texts, each checked."""
    if isinstance(given, (str, int, np.integer)) and not isinstance(given, bool):
        given = [given]
    if not isinstance(given, Iterable):
        raise InputError(path, "must be a code or a list of codes", repr(given), HINT)
    rules = tuple(str(each).strip().upper() for each in given)
    if not rules:
        raise InputError(path, "must have a code", "none", HINT)
    for rule in rules:
        _check(path, field, rule)
    return rules


def matches(field: str, rules: tuple[str, ...], words: NDArray[Any]) -> NDArray[np.bool_]:
    """Say of each word, already in form, whether a rule takes it."""
    tests = [_parsed(field, rule) for rule in rules]
    exact = {low for low, high in tests if high is None}
    starts = tuple(low for low, high in tests if high == ANY)
    ranges = [(low, high) for low, high in tests if high is not None and high != ANY]
    return np.array(
        [
            word in exact
            or (bool(starts) and word.startswith(starts))
            or any(_between(word, low, high) for low, high in ranges)
            for word in words
        ],
        dtype=bool,
    )


def _parsed(field: str, rule: str) -> tuple[str, str | None]:
    """Return (code, None), (beginning, "*") or (first, last)."""
    if rule.endswith(ANY):
        beginning = rule[:-1].replace("-", "") if field == "ndc" else rule[:-1]
        shortened = field == "type_of_bill" and beginning[:1] == "0"
        return (beginning[1:] if shortened else beginning), ANY
    low, dash, high = rule.partition("-")
    if not dash or NDC_PARTS.fullmatch(rule):
        return in_form(field, rule) or rule, None
    return in_form(field, low.strip()) or low, in_form(field, high.strip()) or high


def _between(word: str, low: str, high: str) -> bool:
    """Say whether a code lies in a range: of its form, with the letters that both ends share."""
    if not low <= word <= high or _shape(word) != _shape(low):
        return False
    ends = zip(word, low, high, strict=True)
    return all(here == first for here, first, last in ends if first == last and first.isalpha())


def _shape(code: str) -> str:
    return "".join("9" if letter.isdigit() else "A" for letter in code)


def _check(path: str, field: str, rule: str) -> None:
    if not rule or ANY in rule[:-1]:
        raise InputError(path, "must be a code, the beginning of codes, or a range", repr(rule), HINT)
    if field == "ndc" and not rule.endswith(ANY) and "-" not in rule and ndc(rule) is None:
        raise InputError(path, "must be a drug code of ten or eleven digits", repr(rule), HINT)
    low, high = _parsed(field, rule)
    if high in {None, ANY}:
        return
    if not low or not high or _shape(low) != _shape(high):
        raise InputError(path, "must be a range between codes of one form", repr(rule), HINT)
    if low > high:
        raise InputError(path, "must be a range from the lower to the higher code", repr(rule), f"{high}-{low}?")
