"""What surgeons, hospitals or whoever treats patients do to their episodes."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk import _core
from atrisk._errors import InputError
from atrisk._relativities import column
from atrisk._spec import number, text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from atrisk._types import Uncertain
    from atrisk.population import Population


@dataclass(frozen=True)
class EpisodeEffect:
    """What the patients of one surgeon, hospital or place have in common: their odds and the prices of their care.

    Every value of a column of the panel has an effect of its own, which lasts over all years and is another in every
    world: it is not known how good a surgeon is. Episodes of several kinds with an effect of the same column have it
    together. The shares of an episode are those of a surgeon in the middle.

    Parameters
    ----------
    column : str
        Column of the panel that tells who treats each member; its name is the address of the random numbers, with the
        text of each value.
    log_odds_sd : float, default 0
        Standard deviation between them of the log odds of a worse path, of each further care and of death, 0-3.
    price_cv : float, default 0
        Coefficient of variation between them of the dollars of the care that the episode brings, 0-3: a log-normal
        factor of mean 1.
    """

    column: str
    _: KW_ONLY
    log_odds_sd: Uncertain = 0.0
    price_cv: Uncertain = 0.0

    @property
    def factor_name(self) -> str:
        """Name under which the members' values cross to the core."""
        return f"factor:effect {self.column}"

    def to_spec(self, episode: str) -> dict[str, Any]:
        """Return the specification the core reads."""
        return {
            "name": text(f"{episode}.effects.column", self.column),
            "factor": self.factor_name,
            "log_odds_sd": number(self.log_odds_sd),
            "price_cv": number(self.price_cv),
        }

    def values(self, episode: str, population: Population) -> NDArray[np.float64]:
        """Return the address of who treats each member."""
        path = f"{episode}.effects.{self.column}"
        texts = [str(value) for value in column(path, population, self.column).tolist()]
        addresses = {value: _core.name_hash(value) for value in dict.fromkeys(texts)}
        known: dict[int, str] = {}
        for value, address in addresses.items():
            if address in known:
                shared = f"{value!r} and {known[address]!r}, whose random numbers are the same"
                raise InputError(path, "must have values with addresses of their own", shared, "rename one of them")
            known[address] = value
        return np.array([addresses[value] for value in texts], dtype=np.float64)
