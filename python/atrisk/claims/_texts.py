"""Columns of identifiers and codes: factorised once, cleaned by their unique values alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

NOTHING = frozenset({"", "nan", "none", "null", "<na>", "na", "n/a", "."})
LONGEST_NOTHING = max(map(len, NOTHING))
WHOLE_FLOAT = re.compile(r"-?[0-9]+\.0+")
EXACT = 2.0**53


class Texts(NamedTuple):
    """A column as codes into its unique texts; -1 where it is missing."""

    codes: NDArray[np.int64]
    words: NDArray[Any]

    def of(self, row: int) -> str | None:
        """Return the text of a row."""
        return None if self.codes[row] < 0 else str(self.words[self.codes[row]])


class Read(NamedTuple):
    """Texts, and what was unusual in them: rows of written floats, and rows of floats too long to be exact."""

    texts: Texts
    floats: NDArray[np.bool_]
    inexact: NDArray[np.bool_]


def nothing(length: int) -> Texts:
    """Return a column that is missing throughout."""
    return Texts(np.full(length, -1, dtype=np.int64), np.zeros(0, dtype=object))


def read_texts(column: pd.Series[Any]) -> Read:
    """Read identifiers: 17, 17.0, "17.0" and " 17 " are the same, "0017" is another; blank and "NA" are missing."""
    codes, values = _factorised(column)
    cleaned = [_cleaned(value) for value in values]
    floats, inexact = np.zeros(len(values), dtype=bool), np.zeros(len(values), dtype=bool)
    for at, value in enumerate(values):
        if isinstance(value, str):
            floats[at] = "." in value and _is_whole(value)
        elif isinstance(value, (float, np.floating)):
            inexact[at] = abs(float(value)) >= EXACT
    texts = Texts(codes, np.array(values, dtype=object)) if cleaned == values else joined(codes, cleaned)
    return Read(texts, _flagged(codes, floats), _flagged(codes, inexact))


def joined(codes: NDArray[np.int64], cleaned: list[str | None]) -> Texts:
    """Return codes into unique words, where cleaning made equal words of different ones."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    onto, words = pd.factorize(np.array(cleaned, dtype=object)) if cleaned else (np.zeros(0, np.int64), np.zeros(0))
    lookup = np.append(np.asarray(onto, dtype=np.int64), -1)
    return Texts(lookup[codes], np.asarray(words, dtype=object))


def reworded(texts: Texts, words: list[str | None]) -> Texts:
    """Return a column with other words for its words, None where it means missing."""
    return joined(texts.codes, words)


def together(first: Texts, second: Texts) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[Any]]:
    """Return codes of two columns into one list of words, those of the first first."""
    place = {word: at for at, word in enumerate(first.words)}
    onto = np.array([place.setdefault(word, len(place)) for word in second.words], dtype=np.int64)
    codes = np.append(onto, -1)[second.codes]
    return first.codes, codes, np.array(list(place), dtype=object)


def pairs(first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return a code for each different pair of codes; they may be -1."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    width = int(second.max(initial=0)) + 2
    codes, _ = pd.factorize((first + 1) * width + (second + 1))
    return np.asarray(codes, dtype=np.int64)


def unlike_only_by_zeros(words: NDArray[Any]) -> tuple[str, ...]:
    """Return words that are another of them with further zeros in front, and those others."""
    bare: dict[str, list[str]] = {}
    for word in words:
        bare.setdefault(word.lstrip("0") or "0", []).append(str(word))
    return tuple(word for alike in bare.values() if len(alike) > 1 for word in alike)


def _factorised(column: pd.Series[Any]) -> tuple[NDArray[np.int64], list[Any]]:
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, categories = column.cat.codes.to_numpy(), column.cat.categories
        return codes.astype(np.int64), list(categories)
    try:
        codes, values = pd.factorize(column)
    except TypeError:  # lists and the like, which are read as they are written
        return _factorised(pd.Series([str(value) for value in column], dtype=object))
    return codes.astype(np.int64), np.asarray(values, dtype=object).tolist()


def _is_whole(text: str) -> bool:
    return WHOLE_FLOAT.fullmatch(text.strip()) is not None


def _cleaned(value: Any) -> str | None:  # noqa: ANN401 - whatever a column holds
    if isinstance(value, str) and len(value) > LONGEST_NOTHING and value.isascii() and value.isalnum():
        return value  # most are such
    if isinstance(value, (float, np.floating)):
        return str(int(value)) if np.isfinite(value) and value == int(value) else None if value != value else str(value)  # noqa: PLR0124
    # Halves of characters, which no encoding can write, are shown by their number.
    text = str(value).strip().encode("utf-8", "backslashreplace").decode()
    if text.lower() in NOTHING:
        return None
    return text.split(".", maxsplit=1)[0] if "." in text and _is_whole(text) else text


def _flagged(codes: NDArray[np.int64], flags: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.append(flags, False)[codes] if flags.any() else np.zeros(len(codes), dtype=bool)
