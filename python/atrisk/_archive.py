"""A file of arrays and one JSON text, with a digest that no changed byte gets past.

The file is an uncompressed zip of ``.npy`` arrays and ``content.json``, as ``numpy.load`` reads it. Its comment, the
last bytes of the file, names the format and the SHA-256 of every byte before it.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import zipfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from atrisk._atomically import atomically
from atrisk._errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Arrays = Mapping[str, NDArray[Any]]

FORMAT = 1
NAME = b"atrisk results, format "
DIGITS = 4
BLOCK = 2**20
CONTENT = "content.json"
RULE = "must be a file of results.save"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the first day of zip files: the same results are the same bytes
LENGTH = len(NAME) + DIGITS + len(b", sha256 ") + 64
#: The header of an array as NumPy writes it, here of numbers, dates and texts alone. NumPy's own reader parses Python.
HEADER = re.compile(
    rb"\x93NUMPY\x01\x00..\{'descr': '(?P<kind>[<>|][biufUmM]\d{1,9}(\[\w{1,9}\])?)', "
    rb"'fortran_order': (True|False), 'shape': \((?P<shape>[\d, ]{0,99})\), \} *\n",
    re.DOTALL,
)
LONGEST_HEADER = 512
#: What is raised by content that is not what it should be, whoever reads it.
WRONG = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    RecursionError,
    RuntimeError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
)


def write(path: str | os.PathLike[str], content: dict[str, Any], arrays: Arrays) -> None:
    """Write a file: whole, or not at all."""
    with atomically(path) as file:
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr(zipfile.ZipInfo(CONTENT, EPOCH), json.dumps(content, allow_nan=False))
            for name, values in arrays.items():
                with archive.open(zipfile.ZipInfo(f"{name}.npy", EPOCH), "w", force_zip64=True) as entry:
                    np.lib.format.write_array(entry, values, version=(1, 0), allow_pickle=False)
            archive.comment = b" " * LENGTH  # leaves room at the end
        end = file.seek(0, os.SEEK_END) - LENGTH
        digest = _digest(file, end)
        file.seek(end)
        file.write(_comment(digest))


def read(path: str | os.PathLike[str]) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Read a file back; it can run no code.

    Raises
    ------
    InputError
        If it is none of these files, of a newer format, cut off or altered.
    OSError
        If there is no such file, or it cannot be read.
    """
    with Path(path).open("rb") as file:
        _check(str(path), file)
        try:
            with zipfile.ZipFile(file) as archive:
                content = json.loads(archive.read(_stored(archive, CONTENT)))
                names = [name for name in archive.namelist() if name != CONTENT]
                return content, {name.removesuffix(".npy"): _array(archive, name) for name in names}
        except WRONG as error:
            raise InputError(str(path), RULE, f"content that does not read: {error}") from None


def _check(path: str, file: IO[bytes]) -> None:
    """Refuse a file that does not end as it should, or whose digest is not that of its bytes."""
    end = file.seek(0, os.SEEK_END) - LENGTH
    file.seek(max(end, 0))
    comment = file.read()
    number = comment[len(NAME) : len(NAME) + DIGITS]
    if end <= 0 or not comment.startswith(NAME) or not number.isdigit():
        raise InputError(path, RULE, "another file, or one that was cut off")
    if int(number) != FORMAT:
        hint = "a newer atrisk reads it" if int(number) > FORMAT else None
        raise InputError(path, f"must be of format {FORMAT}", f"format {int(number)}", hint)
    if comment != _comment(_digest(file, end)):
        raise InputError(path, "must be as results.save wrote it", "bytes that were changed")


def _digest(file: IO[bytes], end: int) -> str:
    """Return the SHA-256 of the bytes up to ``end``."""
    file.seek(0)
    digest = hashlib.sha256()
    while end > 0:
        block = file.read(min(end, BLOCK))
        digest.update(block)
        end -= len(block)
    return digest.hexdigest()


def _comment(digest: str) -> bytes:
    return NAME + f"{FORMAT:0{DIGITS}}, sha256 {digest}".encode()


def _stored(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    """Return an entry that takes no more room than its part of the file."""
    entry = archive.getinfo(name)
    if entry.compress_type != zipfile.ZIP_STORED or entry.compress_size != entry.file_size:
        message = f"{name} is compressed"
        raise ValueError(message)
    return entry


def _array(archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
    """Read an array, whose header may not promise more than the file has."""
    entry = _stored(archive, name)
    with archive.open(entry) as stream:
        head = HEADER.match(stream.read(LONGEST_HEADER))
    fits = head is not None and _size(head) == entry.file_size
    if not fits:
        message = f"{name} is no plain array"
        raise ValueError(message)
    with archive.open(entry) as stream:
        values: NDArray[Any] = np.lib.format.read_array(stream, allow_pickle=False)
    return values


def _size(head: re.Match[bytes]) -> int:
    """Return how many bytes an array with its header takes."""
    shape = [int(number) for number in head["shape"].split(b",") if number.strip()]
    return math.prod(shape) * np.dtype(head["kind"].decode()).itemsize + len(head[0])
