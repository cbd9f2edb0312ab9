"""What a seed may be, and the number that is recorded for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk._spec import shown

if TYPE_CHECKING:
    # Naming them at run time would load NumPy's generators with the package.
    Seed = int | np.integer[Any] | np.random.Generator | np.random.SeedSequence | None

LARGEST_SEED = 2**64 - 1


def recorded_seed(seed: Seed, path: str = "study.seed") -> int:
    """Return the 64-bit number that a seed stands for; a Generator moves on by one number, None draws one."""
    if seed is None:
        seed = np.random.SeedSequence()
    if isinstance(seed, np.random.SeedSequence):
        return int(seed.generate_state(1, np.uint64)[0])
    if isinstance(seed, np.random.Generator):
        return int(seed.integers(0, LARGEST_SEED, dtype=np.uint64, endpoint=True))
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)):
        raise InputError(path, "must be a whole number, a Generator, a SeedSequence or None", repr(seed))
    if not 0 <= seed <= LARGEST_SEED:
        hint = "numpy.random.SeedSequence takes numbers of any size"
        raise InputError(path, "must be between 0 and 2**64 - 1", shown(seed), hint)
    return int(seed)
