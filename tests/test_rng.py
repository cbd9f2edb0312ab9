"""Random numbers with addresses: the same words as NumPy's Philox, at the addresses that are written down."""

import numpy as np

import oracle
from atrisk import _core


def numpy_block(counter, key):
    """Our block at a counter is NumPy's first block after it: NumPy counts before it draws."""
    as_integer = sum(int(word) << (64 * i) for i, word in enumerate(counter))
    before = (as_integer - 1) % 2**256
    words = np.array([(before >> (64 * i)) & (2**64 - 1) for i in range(4)], dtype=np.uint64)
    return np.random.Philox(counter=words, key=np.array(key, dtype=np.uint64)).random_raw(4)


def test_words_equal_numpy_on_random_keys_and_counters():
    rng = np.random.default_rng(3)
    for _ in range(500):
        counter = [int(word) for word in rng.integers(0, 2**64, 4, dtype=np.uint64)]
        key = [int(word) for word in rng.integers(0, 2**64, 2, dtype=np.uint64)]
        assert list(_core.philox(counter, key)) == numpy_block(counter, key).tolist()


def test_words_equal_numpy_where_the_counter_is_small_or_wraps():
    for counter in [[0, 0, 0, 0], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [2**64 - 1] * 4]:
        assert list(_core.philox(counter, [5, 9])) == numpy_block(counter, [5, 9]).tolist()


def test_member_words_are_hashes_of_the_text():
    names = ["a", "foobar", "member 17", "Müller"]
    assert _core.member_words(names).tolist() == oracle.member_words(names).tolist()
    assert _core.member_words(["foobar"])[0] == 0x85944171F73967E8
