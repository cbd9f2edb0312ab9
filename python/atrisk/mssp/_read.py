"""Public use files of the Medicare Shared Savings Program, all their years in one form.

The Centers for Medicare & Medicaid Services publish a file for every performance year, one row for each accountable
care organization (ACO). Names of columns, missing values, percent and share, flags and dates change from year to year;
``columns.csv`` lists under which names each column is known.
"""

from __future__ import annotations

import gzip
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atrisk._errors import InputError, a
from atrisk.mssp import _parse
from atrisk.mssp._tables import key, listed, table

if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike

    import pandas as pd

GZIP = b"\x1f\x8b"
FIRST_YEAR, LAST_YEAR = 2012, 2099
#: A year in a file name; what is written after "PY" or "year" goes before the days of a date.
YEARS = (r"(?:py|performance[ _-]*year|perf[ _-]*yr|puf)[ _-]*(20\d\d)(?!\d)", r"(?<!\d)(20\d\d)(?!\d)")
READERS: dict[str, Callable[[pd.Series[str], str], Any]] = {
    "text": lambda cells, _: _parse.words(cells),
    "flag": _parse.flags,
    "date": _parse.dates,
    "year": _parse.years,
    "count": _parse.numbers,
    "dollars": _parse.numbers,
    "score": _parse.numbers,
}
#: Columns that older files print as 0 and 1 and younger ones in dollars -> where 0 and 1 go.
FLAG_OR_DOLLARS = {
    "regional_adjustment": "regional_adjustment_positive",
    "revenue_loss_limit": "revenue_loss_limit_applies",
}


def read_puf(path: str | PathLike[str], *, performance_year: int | None = None) -> pd.DataFrame:
    """Read a public use file of performance year financial and quality results.

    Parameters
    ----------
    path : str or path
        The file as published, comma-separated; it may be gzip-compressed.
    performance_year : int, optional
        Calendar year that was settled, where neither a column nor the name of the file tells it.

    Returns
    -------
    pandas.DataFrame
        One row for each ACO in the order of the file, with

        - the columns of ``columns.csv``, which gives each its unit and meaning; those a file lacks are missing
          throughout. Dollars are dollars, ``historical_benchmark`` and what belongs to it dollars of a person-year.
          Rates and the quality score are shares, 0-1, however they are printed.
        - ``..._printed`` for every rate and the quality score: the published text;
        - ``..._half_unit`` likewise: half a unit of its last printed digit, a share;
        - ``quality_by_reporting``: reporting alone counted ("P4R"), there is no score;
        - all other columns under their published names, as numbers where all are numbers.

        Missing are "", "-", "*", "." and their like. Rows that are no ACO (totals, footnotes) are left out.

    Raises
    ------
    InputError
        If the path is no readable file of ACOs, lacks needed columns (all are named), holds a cell that cannot be
        understood or an ACO twice, or if its year cannot be known or contradicts ``performance_year``.

    Notes
    -----
    Source: "Performance Year Financial and Quality Results" public use files, performance years 2013-2024, Centers for
    Medicare & Medicaid Services; works of the US Government in the public domain. Read were those of 2014, 2016, 2017,
    2021 and 2023.
    """
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    source = Path(path)
    texts = _texts(source)
    named = _named(texts, source)
    texts = _acos(texts, named, source)
    columns: dict[str, Any] = {}
    for row in table("columns.csv"):
        columns |= _column(row, texts, named, source)
    columns["track"] = _track(texts, named, source)
    columns["performance_year"] = _year(columns["performance_year"], source, performance_year)
    _complete(columns)
    known = set(named.values()) | set(_track_columns(texts).values())
    columns |= {name: _other(texts[name]) for name in texts.columns if name not in known and name not in columns}
    frame = pd.DataFrame(columns)
    _once(frame, source)
    return frame.drop_duplicates().reset_index(drop=True)


def _texts(source: Path) -> pd.DataFrame:
    """Return the file as texts."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    if not source.is_file():
        raise InputError(str(source), "must be a file", "nothing there" if not source.exists() else "a folder")
    raw = source.read_bytes()
    raw = gzip.decompress(raw) if raw.startswith(GZIP) else raw
    decoded = _decoded(raw)
    if not decoded.strip():
        raise InputError(str(source), "must be a public use file", "an empty file")
    try:
        texts = pd.read_csv(io.StringIO(decoded), dtype=str, keep_default_na=False, index_col=False)
    except ValueError as error:
        raise InputError(str(source), "must be a comma-separated table", str(error).strip()) from error
    texts.columns = texts.columns.str.strip()
    return texts.fillna("")


def _decoded(raw: bytes) -> str:
    """Return the text, in the one encoding that fits: every file of bytes is Latin-1, few are UTF-8 by accident."""
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def _named(texts: pd.DataFrame, source: Path) -> dict[str, str]:
    """Return the published name of each column of columns.csv that the file has; complain of what it needs."""
    found: dict[str, str] = {}
    for name in texts.columns:
        found.setdefault(key(name), name)
    named, missing = {}, []
    for row in table("columns.csv"):
        published = next(
            (found[alias] for alias in [*listed(row["aliases"]), key(row["name"])] if alias in found), None
        )
        if published is not None:
            named[row["name"]] = published
        elif row["needed"] and not (row["name"] == "track" and _track_columns(texts)):
            missing.append(f"{row['name']} ({row['aliases'].split(';')[0]})")
    if missing:
        raise InputError(str(source), "must have the columns of a public use file", f"no {', '.join(missing)}")
    return named


def _acos(texts: pd.DataFrame, named: dict[str, str], source: Path) -> pd.DataFrame:
    """Return the rows that are ACOs: with an identifier that is no total, and any of the figures that all have."""
    identifier = texts[named["aco_id"]].str.strip().str.lower()
    said = [~_parse.is_missing(texts[named[name]]) for name in ("members", "benchmark", "spending")]
    is_aco = ~identifier.isin(_parse.MISSING) & ~identifier.str.startswith("total") & (said[0] | said[1] | said[2])
    if not is_aco.any():
        raise InputError(str(source), "must hold ACOs", "no row with an identifier and figures")
    return texts[is_aco].reset_index(drop=True)


def _column(row: dict[str, str], texts: pd.DataFrame, named: dict[str, str], source: Path) -> dict[str, Any]:
    """Return a column of columns.csv, and what is told of how it was printed."""
    name, unit = row["name"], row["unit"]
    published = named.get(name)
    path = f"{source.name}.{published}"
    if published is None:
        return _absent(name, unit, texts.index, printed=bool(row["percent_above"]))
    cells = texts[published]
    if not row["percent_above"]:
        return {name: READERS[unit](cells, path)}
    reported = cells.str.strip().str.lower() == _parse.REPORTED
    told = {"quality_by_reporting": reported} if unit == "score" else {}
    scored = cells.mask(reported, "") if told else cells
    read = _parse.shares(scored, path, float(row["percent_above"]))
    unit_column = f"{name}_half_unit"
    printed = _parse.words(cells)
    return {name: read, f"{name}_printed": printed, unit_column: _parse.half_unit(scored, read, unit_column)} | told


def _absent(name: str, unit: str, rows: pd.Index[Any], *, printed: bool) -> dict[str, Any]:
    """Return a column that the file lacks, of the same kind as where there is one."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    kinds = {"text": "object", "flag": "boolean", "date": "datetime64[ns]"}
    empty = pd.Series(None, index=rows, dtype=kinds.get(unit, "float64"))
    if not printed:
        return {name: empty}
    told = {f"{name}_printed": empty.astype(object).mask(empty.isna(), None), f"{name}_half_unit": empty}
    reported = {"quality_by_reporting": pd.Series(data=False, index=rows)} if unit == "score" else {}
    return {name: empty} | told | reported


def _track_columns(texts: pd.DataFrame) -> dict[str, str]:
    """Return the published column of each track, where a file has a column for each."""
    found = {key(name): name for name in texts.columns}
    pairs = ((row["track"], listed(row["columns"])) for row in table("track_names.csv"))
    return {track: found[alias] for track, aliases in pairs for alias in aliases if alias in found}


def _track(texts: pd.DataFrame, named: dict[str, str], source: Path) -> pd.Series[str]:
    """Return the track of each row, by one name in all years."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    if "track" in named:
        shown = texts[named["track"]]
        names = {word: row["track"] for row in table("track_names.csv") for word in listed(row["words"])}
        track = shown.map(key).map(names)
    else:
        marks = {
            name: _parse.flags(texts[column], f"{source.name}.{column}").fillna(value=False)
            for name, column in _track_columns(texts).items()
        }
        marked = pd.DataFrame(marks).astype(bool)
        if {"Track 1", "Track 1+"} <= set(marked.columns):
            marked["Track 1"] &= ~marked["Track 1+"]
        only = marked.sum(axis="columns") == 1
        track = marked.idxmax(axis="columns").astype("str").where(only)
        shown = marked.apply(lambda row: ", ".join(row.index[row]) or "none", axis="columns")
    unknown = track.isna()
    if unknown.any():
        row = int(unknown.to_numpy().argmax())
        path = f"{source.name}.{named.get('track', 'track')}[{row}]"
        raise InputError(path, "must be one track", repr(shown.iloc[row]), "track_names.csv lists them")
    return track


def _year(column: pd.Series[float], source: Path, given: int | None) -> int:
    """Return the performance year: as the file says, else as given, else as its name says."""
    if given is not None and (isinstance(given, bool) or not isinstance(given, int)):
        raise InputError("performance_year", "must be a year", a(given))
    told = sorted({int(year) for year in column.dropna()})
    if len(told) > 1 or (told and given not in {None, told[0]}):
        wanted = "one performance year" if given is None else f"performance year {given}"
        raise InputError(str(source), f"must be of {wanted}", ", ".join(map(str, told)))
    if told:
        return told[0]
    year = _year_of(source.name.lower()) if given is None else given
    if year is None or not FIRST_YEAR <= year <= LAST_YEAR:
        got = "no year" if year is None else str(year)
        hint = f"give performance_year=, {FIRST_YEAR} or later"
        raise InputError(str(source), "must tell its performance year in a column or its name", got, hint)
    return year


def _year_of(name: str) -> int | None:
    for pattern in YEARS:
        found = set(re.findall(pattern, name))
        if len(found) == 1:
            return int(found.pop())
    return None


def _complete(columns: dict[str, Any]) -> None:
    """Fill in what follows from other columns, and tell apart what one column says in two ways."""
    import numpy as np  # noqa: PLC0415 - as pandas
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    reckoned = columns["benchmark"] - columns["spending"]
    columns["savings"] = columns["savings"].fillna(reckoned)
    rate = columns["savings"] / columns["benchmark"]
    printed = columns["savings_rate"]
    # A small savings rate looks like a share where it is percent: the dollars know.
    apart = [float((printed / scale - rate).abs().sum()) for scale in (1.0, 100.0)]
    divisor = 100.0 if apart[1] < apart[0] else 1.0
    columns["savings_rate"] = (printed / divisor).fillna(rate)
    columns["savings_rate_half_unit"] /= divisor
    columns["disaster_adjustment"] = columns["disaster_adjustment"].abs()
    for dollars, flag in FLAG_OR_DOLLARS.items():
        values = columns[dollars]
        if values.notna().any() and values.dropna().isin([0.0, 1.0]).all():
            columns[flag] = pd.Series(values == 1.0, dtype="boolean").mask(values.isna())
            columns[dollars] = pd.Series(np.nan, index=values.index)


def _other(cells: pd.Series[str]) -> Any:  # noqa: ANN401 - numbers or texts
    read, refused = _parse.attempted(cells)
    return _parse.words(cells) if refused.any() else read


def _once(frame: pd.DataFrame, source: Path) -> None:
    """Refuse an ACO that stands twice in one agreement period with different figures."""
    different = frame.drop_duplicates()
    twice = different.loc[different.duplicated(["aco_id", "agreement_start"]), "aco_id"]
    if len(twice):
        raise InputError(str(source), "must hold every ACO once", ", ".join(sorted(set(twice.astype(str)))))
