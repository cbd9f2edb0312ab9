"""Terms of Medicare's episode programmes by year: dated rows of a table, each with its source and how sure it is."""

from __future__ import annotations

from typing import Any

from atrisk import _shipped
from atrisk._errors import InputError
from atrisk._spec import flag, text, whole
from atrisk.rules import _presets

TERMS, PRICES = "programmes.csv", "price_rules.csv"
TEAM, CJR, BPCI_ADVANCED = "EpisodeBundle.team", "EpisodeBundle.cjr", "EpisodeBundle.bpci_advanced"
CATEGORIES = "team_discount"
ANY = "any"
#: Scores meet to nine decimals: a rung above a score begins one step later.
STEP = 1e-9


def table(file: str = TERMS) -> tuple[_presets.Row, ...]:
    """Return the rows of a table beside this file."""
    return _shipped.rows("atrisk.episodes", file)


def in_year(file: str, programme: str, year: int) -> list[_presets.Row]:
    """Return the rows of a programme in a year, refusing nothing."""
    rows = [row for row in table(file) if row["programme"] == programme]
    return [row for row in rows if int(row["first_year"]) <= year <= int(row["last_year"])]


def span(file: str, *programmes: str) -> tuple[int, int]:
    """Return the first and the last year of programmes."""
    rows = [row for row in table(file) if row["programme"] in programmes]
    return min(int(row["first_year"]) for row in rows), max(int(row["last_year"]) for row in rows)


def team(track: object, year: object, category: object, hospital: object, discounted: object) -> dict[str, Any]:
    """Return the terms of a track of the Transforming Episode Accountability Model."""
    year = whole(f"{TEAM}.year", year, *span(TERMS, "team_1", "team_2", "team_3"))
    number = whole(f"{TEAM}.track", track, 1, 3)
    rows = in_year(TERMS, f"team_{number}", year)
    _refuse_closed(rows, number, year, _hospital(hospital))
    of_category = _categories(category, year)
    if not flag(f"{TEAM}.discounted", discounted):
        found = {row["value"] for row in of_category}
        if len(found) > 1:
            told = ", ".join(f"{row['of']} {row['value']}" for row in of_category)
            hint = "give discounted prices, or a bundle for each"
            raise InputError(f"{TEAM}.category", "must have one discount", told, hint)
        rows = [*rows, *of_category]
    return _terms(f"TEAM track {number} {year}", rows) | {"episodes": tuple(row["of"] for row in of_category)}


def _hospital(hospital: object) -> str:
    kinds = {word for row in table() if row["item"] == "open_to" for word in row["value"].split()}
    given = text(f"{TEAM}.hospital", hospital)
    if given not in kinds:
        raise InputError(f"{TEAM}.hospital", f"must be one of {', '.join(sorted(kinds))}", repr(given))
    return given


def _refuse_closed(rows: list[_presets.Row], track: int, year: int, hospital: str) -> None:
    """Refuse a track that is not open to a hospital in a year, telling which are."""
    if any(row["item"] == "open_to" and {ANY, hospital} & set(row["value"].split()) for row in rows):
        return
    there = [(n, row) for n in (1, 2, 3) for row in in_year(TERMS, f"team_{n}", year) if row["item"] == "open_to"]
    told = "; ".join(f"{n} to {row['value'].replace(' ', ', ')}" for n, row in there)
    hint = f"hospital={hospital!r}"
    raise InputError(f"{TEAM}.track", f"must be a track that is open in {year}: {told}", str(track), hint)


def _categories(category: object, year: int) -> list[_presets.Row]:
    """Return the rows of the discounts of one category or of several."""
    rows = {row["of"]: row for row in in_year(TERMS, CATEGORIES, year)}
    rule = f"must be one of {', '.join(rows)}, or several of them"
    given = [category] if isinstance(category, str) else category
    if not isinstance(given, (list, tuple)) or not given or not all(isinstance(name, str) for name in given):
        raise InputError(f"{TEAM}.category", rule, repr(category))
    for name in given:
        if name not in rows:
            raise InputError(f"{TEAM}.category", rule, repr(name))
    return [rows[name] for name in given]


def cjr(performance_year: object, rural: object) -> dict[str, Any]:
    """Return the terms of the Comprehensive Care for Joint Replacement model in a performance year."""
    year = whole(f"{CJR}.performance_year", performance_year, *span(TERMS, "cjr"))
    is_rural = flag(f"{CJR}.rural", rural)
    rows = [row for row in in_year(TERMS, "cjr", year) if row["of"] != "rural"]
    of_rural = [row for row in in_year(TERMS, "cjr", year) if row["of"] == "rural" and is_rural]
    replaced = {row["item"] for row in of_rural}
    rows = [row for row in rows if row["item"] not in replaced] + of_rural
    return _terms(f"CJR performance year {year}", rows) | {"episodes": ("lejr",)}


def bpci_advanced(model_year: object, surgical: object) -> dict[str, Any]:
    """Return the terms of Bundled Payments for Care Improvement Advanced in a model year."""
    year = whole(f"{BPCI_ADVANCED}.model_year", model_year, *span(TERMS, "bpci_advanced"))
    kind = "surgical" if flag(f"{BPCI_ADVANCED}.surgical", surgical) else "medical"
    rows = [row for row in in_year(TERMS, "bpci_advanced", year) if row["of"] in {"", kind}]
    return _terms(f"BPCI Advanced model year {year}", rows) | {"episodes": (kind,)}


def _terms(name: str, rows: list[_presets.Row]) -> dict[str, Any]:
    """Return the terms that rows say, with what says so."""
    terms: dict[str, Any] = {}
    for row in rows:
        if row["item"] in {"gain_discount", "loss_discount"}:
            term = "quality_discounts" if row["item"] == "gain_discount" else "quality_loss_discounts"
            terms[term] = (*terms.get(term, ()), _rung(row))
        elif row["item"] != "open_to":
            terms[row["item"]] = float(row["value"])
    return terms | {"source": _presets.source(name, None, rows), "notes": _presets.notes(rows, described)}


def _rung(row: _presets.Row) -> tuple[float, float]:
    """Return a rung (score, discount); ``above`` a score is beyond it, ``from`` a score is at it."""
    word, score = row["of"].split()
    return (round(float(score) + STEP, 9) if word == "above" else float(score)), float(row["value"])


def described(row: _presets.Row) -> str:
    """Return a figure in words."""
    of = f" {row['of']}" if row["of"] else ""
    return f"{row['item']}{of} {row['value']}"
