"""How many replicates to take at a time: as was asked for, or what takes about as long as a person waits gladly."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field

LARGEST_BYTES = 2**26
GROWTH = 8


@dataclass
class Chunks:
    """Sizes of consecutive chunks of a run.

    Parameters
    ----------
    replicates : int
        Replicates of the run.
    row_bytes : int
        Bytes of the figures of one replicate; a chunk that is not asked for stays below 64 MiB.
    asked : int or None
        Size of every chunk, if that was asked for.
    seconds : float
        How long a chunk may take.
    at_once : int, default 1
        Replicates that run at the same time: no chunk is smaller, so that no thread idles.
    shares : int, default 1
        Into how many chunks the last replicates are divided, so that no worker idles for long.
    """

    replicates: int
    row_bytes: int
    asked: int | None
    _: KW_ONLY
    seconds: float
    at_once: int = 1
    shares: int = 1
    _size: int = field(init=False)

    def __post_init__(self) -> None:
        self._size = self.at_once

    @property
    def largest(self) -> int:
        """Most replicates that a chunk will have."""
        return min(self.asked or max(self.at_once, LARGEST_BYTES // self.row_bytes), self.replicates)

    def following(self, taken: int) -> int:
        """Return the size of the chunk after so many replicates."""
        left = self.replicates - taken
        if self.asked is not None:
            return min(self.asked, left)
        return min(self._size, max(self.at_once, -(-left // self.shares)), left)

    def learn(self, replicates: int, seconds: float) -> None:
        """Note how long a chunk took."""
        fitting = int(replicates * self.seconds / max(seconds, 1e-4))
        self._size = max(self.at_once, min(fitting, GROWTH * replicates, self.largest))
