"""Second opinion on random numbers: Philox written out, and the addresses of `docs/development/random-numbers.md`."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]
Columns = Mapping[str, npt.NDArray[Any]]
Terms = Mapping[str, Any]

SERVICE, FRAILTY, MONTH, SAMPLE = 1, 2, 3, 4
SERVICE_FRAILTY, SEVERITY = 6, 8
SHOCK, MARKET = 9, 10
ENROLMENT, ATTRIBUTION, CONDITION, RISK_SCORE = 11, 12, 13, 14
PROGRAMME, THINNING, EXTRA, EXTRA_MONTH, PARAMETER = 15, 16, 17, 18, 19
CLAIM_ORDER, EXTRA_ORDER, OUTCOME, MEASURE, MEASURE_RATE = 20, 21, 22, 23, 24
EPISODE, EPISODE_EFFECT = 25, 26

PHILOX_MULTIPLIERS = np.array([0xD2E7470EE14C6C93, 0xCA5A826395121157], dtype=np.uint64)
PHILOX_KEY_STEPS = np.array([0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B], dtype=np.uint64)
PHILOX_ROUNDS = 10
LOW_HALF = np.uint64(0xFFFFFFFF)
HALF_BITS = np.uint64(32)


def multiply_wide(a: U64, b: U64) -> tuple[U64, U64]:
    """High and low 64 bits of the 128-bit product a * b, from the four products of 32-bit halves."""
    a_high, a_low = a >> HALF_BITS, a & LOW_HALF
    b_high, b_low = b >> HALF_BITS, b & LOW_HALF
    low_low = a_low * b_low
    middle = a_high * b_low + (low_low >> HALF_BITS)
    other_middle = a_low * b_high + (middle & LOW_HALF)
    high = a_high * b_high + (middle >> HALF_BITS) + (other_middle >> HALF_BITS)
    return high, a * b


def philox(counter: npt.ArrayLike, key: npt.ArrayLike) -> U64:
    """Philox4x64-10: counters (..., 4) and keys (..., 2) that broadcast, word 0 first, to words (..., 4)."""
    counters, keys = np.asarray(counter, dtype=np.uint64), np.asarray(key, dtype=np.uint64)
    batch = np.broadcast_shapes(counters.shape[:-1], keys.shape[:-1])
    words = np.moveaxis(np.broadcast_to(counters, (*batch, 4)), -1, 0)
    pair = (2, *(1 for _ in batch))
    multipliers, steps = np.reshape(PHILOX_MULTIPLIERS, pair), np.reshape(PHILOX_KEY_STEPS, pair)
    even, odd = words[0::2], words[1::2]
    keys = np.moveaxis(np.broadcast_to(keys, (*batch, 2)), -1, 0)
    with np.errstate(over="ignore"):
        for _ in range(PHILOX_ROUNDS):
            high, low = multiply_wide(even, multipliers)
            even, odd = high[::-1] ^ odd ^ keys, low[::-1]
            keys = keys + steps
    return np.stack((even[0], odd[0], even[1], odd[1]), axis=-1)


def fnv1a(text: str, offset_basis: int, prime: int, bits: int) -> int:
    """FNV-1a hash of the UTF-8 bytes of a text."""
    value = offset_basis
    for byte in text.encode("utf-8"):
        value = ((value ^ byte) * prime) % (1 << bits)
    return value


def name_hash(name: str) -> int:
    """32-bit hash of the name of a service, a shock or a programme, or of a path."""
    return fnv1a(name, 2166136261, 16777619, 32)


def member_words(member_id: Sequence[int | str] | npt.NDArray[Any]) -> U64:
    """64-bit hashes of member identifiers, shape (members,); integers are hashed as decimal text.

    A panel without identifiers uses its row numbers unhashed: `np.arange(members, dtype=np.uint64)`.
    """
    hashes = [fnv1a(str(each), 14695981039346656037, 1099511628211, 64) for each in member_id]
    return np.array(hashes, dtype=np.uint64)


class Luck(NamedTuple):
    """What all addresses of one world have in common."""

    seed: int
    draw: int  # 0 unless draws of uncertain inputs are nested
    replicate: int


def address_words(luck: Luck, process: int, year: int | None, name: int, member: U64, block: npt.ArrayLike = 0) -> U64:
    """The blocks of words at addresses: member (n,) and block scalar or (n,) to words (n, 4)."""
    year_bits = 0 if year is None else year + 128
    key = np.array([luck.seed, process << 56 | year_bits << 48 | name], dtype=np.uint64)
    counter = np.zeros((len(member), 4), dtype=np.uint64)
    counter[:, 0] = block
    counter[:, 2] = luck.draw << 32 | luck.replicate  # episode and event, in word 1, are 0
    counter[:, 3] = member
    return philox(counter, key)


def uniform(word: U64) -> F64:
    """Uniform numbers in the open interval (0, 1), same shape as the words."""
    return np.asarray(((word >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52, dtype=np.float64)


def member_uniform(luck: Luck, process: int, year: int | None, name: int, member: U64) -> F64:
    """The one uniform that a process has for each member, shape (members,)."""
    return uniform(address_words(luck, process, year, name, member)[:, 0])


def frailty_uniform(luck: Luck, process: int, year: int | None, name: int, member: U64) -> F64:
    """The uniform of a frailty's part of a year, or without a year of that which is kept, shape (members,)."""
    part = 0 if year is None else year if year >= 1 else year - 1
    block = np.uint64(part // 4 % 2**64)
    return uniform(address_words(luck, process, None, name, member, block)[:, part % 4])


def shared_uniform(luck: Luck, process: int, year: int | None, name: int) -> float:
    """The one uniform that a process has for everyone: that of member 0."""
    return float(member_uniform(luck, process, year, name, np.zeros(1, dtype=np.uint64))[0])


def place(number: I64) -> tuple[I64, I64]:
    """Block of each event, by its number from 0, and its order within the block, from 0.

    Block 0 has three events, since the count stands before their amounts; all later ones have four.
    """
    early = number < 3
    return np.where(early, 0, 1 + (number - 3) // 4), np.where(early, number, (number - 3) % 4)


def chosen(words: U64, word: I64) -> U64:
    """One word of each block: words (n, 4) and positions (n,) to words (n,)."""
    return np.asarray(words[np.arange(len(word)), word])


def digit(word: U64, base: I64, position: I64) -> I64:
    """Digit of word / 2**64 in a base, counted from 0 behind the point, all shapes (n,)."""
    fraction, base_word = word, base.astype(np.uint64)
    found = np.zeros(len(word), dtype=np.int64)
    with np.errstate(over="ignore"):
        for step in range(int(position.max(initial=-1)) + 1):
            whole, fraction = multiply_wide(fraction, base_word)
            found = np.where(position == step, whole.astype(np.int64), found)
    return found
