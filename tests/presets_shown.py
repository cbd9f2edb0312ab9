"""What the presets show in the engine: dollars of two simulated years, kept for all tests that look at them."""

from functools import cache

import numpy as np
import pandas as pd

import atrisk as ar

#: Members of one panel, and how many panels, each with a seed of its own: frames of claims stay below a gigabyte.
PANELS = {"commercial": (100_000, 3), "medicaid": (90_000, 2), "medicare": (40_000, 3)}
MEMBERS = {preset: members * panels for preset, (members, panels) in PANELS.items()}
SEED, BLOCKS = 700, 20
#: Studies of one seed share the luck of members with the same word and service: no two panels have the same seed.
SEEDS = {preset: SEED + 10 * position for position, preset in enumerate(PANELS)}


@cache
def world(preset):
    """Dollars by year and member, and of the first year by line and member."""
    members, panels = PANELS[preset]
    parts = [simulated(preset, members, SEEDS[preset] + panel) for panel in range(panels)]
    lines = {line: np.concatenate([of[line] for _, of in parts]) for line in parts[0][1]}
    return np.concatenate([dollars for dollars, _ in parts], axis=1), lines


def simulated(preset, members, seed):
    panel = ar.Population.synthetic(preset, members=members, seed=seed)
    study = ar.Study(panel, ar.Utilization.preset(preset), {"Fees": ar.FeeForService()}, years=2, seed=seed)
    claims = study.claims(0)
    member, year = claims["member_ix"].to_numpy(), claims["year"].to_numpy()
    dollars = np.bincount((year - 1) * members + member, claims["allowed"], minlength=2 * members)
    first = claims[year == 1]
    by_line = {
        line: np.bincount(of["member_ix"], of["allowed"], minlength=members) for line, of in first.groupby("service")
    }
    return dollars.reshape(2, members), by_line


@cache
def mixture():
    """Dollars of a sample in which each preset has its part of the persons; the uninsured are not in it."""
    persons = {name: float(figure_of(name, "persons")) for name in ar.presets.names()}
    scale = min(MEMBERS[name] / count for name, count in persons.items())
    parts = [world(name)[0][:, : int(scale * count)] for name, count in persons.items()]
    return np.concatenate(parts, axis=1)


def figure_of(preset, figure):
    rows = ar.presets.figures(preset).set_index("figure")["value"]
    return rows[figure]


def shown(dollars, figure):
    """A figure of the shape with its standard error from blocks of members."""
    value = ar.presets.shape(dollars)[figure]
    order = np.random.default_rng(1).permutation(dollars.shape[1])
    blocks = [ar.presets.shape(dollars[:, part])[figure] for part in np.array_split(order, BLOCKS)]
    return value, float(np.std(blocks, ddof=1)) / np.sqrt(BLOCKS)


def published(preset):
    """Rows of what is published, by figure."""
    return {row.figure: row for row in ar.presets.published(preset).itertuples()}


def table():
    """Everything that is published beside what is shown."""
    found = []
    for preset in (*ar.presets.names(), "mixture"):
        dollars = mixture() if preset == "mixture" else world(preset)[0]
        lines = {} if preset == "mixture" else world(preset)[1]
        known = published(preset)
        known |= {name: row for name, row in published("mixture").items() if name.startswith("stays.")}
        for figure, row in known.items():
            kind, _, line = figure.partition(".")
            if figure in ar.presets.shape(dollars):
                value, error = shown(dollars, figure)
            elif line in lines:
                value, error = ar.presets.shape(lines[line])[f"{kind}.any"], float("nan")
            else:
                continue
            found.append((preset, figure, float(row.value), value, error, row.source))
    return pd.DataFrame(found, columns=["preset", "figure", "published", "shown", "error", "source"])
