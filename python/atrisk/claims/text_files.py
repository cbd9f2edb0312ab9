"""Claims as text files: several of them, compressed or not, of mixed encodings and unknown delimiter."""

from __future__ import annotations

import csv
import gzip
import io
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from atrisk._errors import InputError, a
from atrisk._spec import text

if TYPE_CHECKING:
    import pandas as pd

PATH = "claims.read_csv"
DELIMITERS = (",", "\t", "|", ";")
MARK = b"\xef\xbb\xbf"
GZIP = b"\x1f\x8b"
WIDE = (b"\xff\xfe", b"\xfe\xff")
AUTO = "auto"


def read_csv(path: object, *, encoding: str = AUTO) -> pd.DataFrame:
    """Read one or several text files of claims or memberships, every column as text.

    The delimiter is the one of comma, tab, pipe and semicolon that parts the first line most often. A line that is no
    UTF-8 is read as windows-1252 where it has bytes that only that has letters for, else as latin-1; lines of one file
    may differ.

    Parameters
    ----------
    path : str, pathlib.Path, or a list of them
        Files with a header, compressed with gzip or not. Several must have the same columns, in any order.
    encoding : str, default "auto"
        As described, or the name of an encoding that every line must have.

    Returns
    -------
    pandas.DataFrame
        Texts; an empty field is missing. ``attrs["report"]`` is a list with a dict for each file: ``path``,
        ``delimiter``, ``rows``, and ``lines``: how many lines were decoded as what.

    Raises
    ------
    InputError
        If a file is missing or empty, cannot be decoded, has a row longer or shorter than its header, a column twice,
        or other columns than the first file.

    Examples
    --------
    >>> import atrisk as ar
    >>> claims = ar.claims.read_csv(["claims_2023.txt.gz", "claims_2024.txt"])  # doctest: +SKIP
    """
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    if isinstance(path, (str, Path)):
        paths = [Path(path)]
    elif isinstance(path, Iterable):
        paths = [Path(each) for each in path]
    else:
        raise InputError(f"{PATH}.path", "must be a path or a list of paths", a(path))
    if not paths:
        raise InputError(f"{PATH}.path", "must have a file", "none")
    parts = [_read(each, text(f"{PATH}.encoding", encoding)) for each in paths]
    first = list(parts[0].columns)
    for each, part in zip(paths, parts, strict=True):
        if set(part.columns) != set(first):
            unlike = ", ".join(sorted(set(part.columns) ^ set(first)))
            raise InputError(f"{PATH}[{each}]", f"must have the columns of {paths[0]}", f"unlike are {unlike}")
    frame = pd.concat([part[first] for part in parts], ignore_index=True)
    frame.attrs["report"] = [report for part in parts for report in part.attrs["report"]]
    return frame


def _read(path: Path, encoding: str) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    place = f"{PATH}[{path}]"
    decoded, counts = _decoded(place, _bytes(place, path), encoding)
    # Fields may hold a quoted end of line: the first row is what the reader of the format calls the first row.
    delimiter = max(DELIMITERS, key=decoded.split("\n", 1)[0].count)
    header = [name.strip() for name in next(csv.reader(io.StringIO(decoded), delimiter=delimiter))]
    twice = [name for name, times in Counter(header).items() if times > 1]
    if twice:
        raise InputError(place, "must have each column once", f"{twice[0]!r} twice")
    _same_lengths(place, decoded, delimiter, len(header))
    try:
        frame = pd.read_csv(
            io.StringIO(decoded),
            sep=delimiter,
            names=header,
            header=0,
            dtype=str,
            keep_default_na=False,
            na_values=[""],
            index_col=False,
        )
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        raise InputError(place, "must be a text file of fields", str(error)) from None
    frame.attrs["report"] = [{"path": str(path), "delimiter": delimiter, "rows": len(frame), "lines": dict(counts)}]
    return frame


def _same_lengths(place: str, decoded: str, delimiter: str, width: int) -> None:
    """Refuse a row that is longer or shorter than the header, naming it; empty lines are none."""
    if '"' in decoded:
        counts = (len(row) for row in csv.reader(io.StringIO(decoded, newline=""), delimiter=delimiter))
    else:
        counts = (line.count(delimiter) + 1 if line.strip("\r") else 0 for line in decoded.split("\n"))
    try:
        for number, count in enumerate(counts):
            if count not in {0, width}:
                value = f"{count} fields in row {number}, {width} in the header"
                raise InputError(place, "must have rows as long as its header", value)
    except csv.Error as error:
        raise InputError(place, "must be a text file of fields", str(error)) from None


def _bytes(place: str, path: Path) -> bytes:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(place, "must be a file that can be read", error.strerror or str(error)) from None
    if raw.startswith(GZIP):
        try:
            raw = gzip.decompress(raw)
        except (OSError, EOFError) as error:
            raise InputError(place, "must be a whole gzip file", str(error)) from None
    if not raw.removeprefix(MARK).strip():
        raise InputError(place, "must have a header", "an empty file")
    return raw


def _decoded(place: str, raw: bytes, encoding: str) -> tuple[str, Counter[str]]:
    if encoding != AUTO:
        try:
            decoded = raw.decode(encoding)
        except LookupError:
            raise InputError(f"{PATH}.encoding", "must be an encoding or auto", repr(encoding)) from None
        except UnicodeDecodeError as error:
            raise InputError(place, f"must be {encoding}", f"byte {error.start}: {error.reason}") from None
        return decoded.removeprefix("\ufeff"), Counter({encoding: decoded.count("\n") + (not decoded.endswith("\n"))})
    if raw.startswith(WIDE):
        return _decoded(place, raw, "utf-16")
    marked = raw.startswith(MARK)
    raw = raw.removeprefix(MARK)
    known = "utf-8 with byte order mark" if marked else "utf-8"
    if raw.isascii() or _is_utf8(raw):
        return raw.decode(), Counter({known: raw.count(b"\n") + (not raw.endswith(b"\n"))})
    counts: Counter[str] = Counter()
    lines = raw.split(b"\n")
    if not lines[-1]:
        lines.pop()
    decoded = "\n".join(_line(line, known, counts) for line in lines)
    return decoded, counts


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _line(line: bytes, known: str, counts: Counter[str]) -> str:
    name, letters = known, "utf-8"
    if not _is_utf8(line):
        # Bytes 80-9F are letters and signs in windows-1252, and nothing in latin-1.
        windows = any(0x80 <= byte <= 0x9F for byte in line)  # noqa: PLR2004 - the bytes the two differ in
        name = letters = "windows-1252" if windows else "latin-1"
    try:
        decoded = line.decode(letters)
    except UnicodeDecodeError:
        name, decoded = "latin-1", line.decode("latin-1")
    counts[name] += 1
    return decoded
