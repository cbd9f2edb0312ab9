"""The panel of a preset: members with what is assumed of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from atrisk._seed import recorded_seed
from atrisk._spec import whole
from atrisk.population import Population
from atrisk.presets._people import members as drawn
from atrisk.presets._rows import Figures, known

if TYPE_CHECKING:
    from atrisk._seed import Seed

MOST_MEMBERS = 2**31 - 1


def panel(name: object, members: object, seed: Seed) -> Population:
    """Return a panel of a preset; see :meth:`Population.synthetic`."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    preset = known("synthetic.name", name)
    size = whole("synthetic.members", members, 1, MOST_MEMBERS)
    figures = Figures(preset)
    frame = pd.DataFrame(drawn(figures, size, recorded_seed(seed, "synthetic.seed"))).assign(payer=preset)
    return replace(Population.from_frame(frame), assumptions=figures.used)
