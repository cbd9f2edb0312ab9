"""Second opinion on episodes: windows that events and conditions open, their patients' ways, the care they bring."""

import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from oracle_effects import effects_of
from oracle_panel import conditions_of
from oracle_quantiles import number_of, quantile
from oracle_random import EPISODE, F64, I64, U64, Columns, Luck, Terms, address_words, name_hash, uniform
from oracle_terms import contracts_of

DAYS_OF_YEAR = 365.0
DAYS_OF_MONTH = DAYS_OF_YEAR / 12.0
BLOCKS = 16  # of each event: one of the patient, then one of each care


class Triggers(NamedTuple):
    """Events of one trigger, or years with a condition, of all years under one arm, every field (events,)."""

    row: I64  # row of the member
    year: I64  # 1 is the first performance year
    event: I64  # number of the event in the addresses of episodes
    start: F64  # months from the start of the first simulated year
    worse: F64  # factor of the odds of worse paths, and of care that is avoidable, that programmes make
    until: F64  # months at which the window ends at the latest
    episodes: F64  # how many the window counts as


class Opened(NamedTuple):
    """Episodes of one kind under one arm, every field (episodes,)."""

    row: I64
    year: I64  # of the event
    start: F64  # months
    end: F64  # months; not part of the window
    died: npt.NDArray[np.bool_]  # whether the patient's death is its end
    episodes: F64  # how many it counts as


def some_of(opened: Opened, which: npt.NDArray[np.bool_]) -> Opened:
    """Some of the episodes, in their order."""
    return Opened(
        row=opened.row[which],
        year=opened.year[which],
        start=opened.start[which],
        end=opened.end[which],
        died=opened.died[which],
        episodes=opened.episodes[which],
    )


class Brought(NamedTuple):
    """Care that the episodes of one kind bring, every field (events,)."""

    row: I64
    service: I64  # index of the line
    time: F64  # months
    amount: F64  # dollars of year 0


def episodes_of(spec: Terms) -> list[Terms]:
    """The kinds of episodes of a study."""
    return list(spec["utilization"].get("episodes") or [])


def run_out_years(spec: Terms) -> int:
    """Years after the last performance year that are simulated, as far as windows and the time after them reach."""
    signed = [terms for arm in spec["arms"] for _, terms in contracts_of(arm, "episode_bundle")]
    after = [number_of(terms, "post_episode_days", 0.0) for terms in signed if terms.get("post_episode_threshold")]
    windows = [number_of(episode, "window_days") for episode in episodes_of(spec)]
    return math.ceil((max(windows) + max(after, default=0.0)) / DAYS_OF_YEAR) if windows else 0


def with_odds(share: npt.ArrayLike, odds: npt.ArrayLike) -> F64:
    """A probability whose odds are multiplied."""
    p, o = np.asarray(share, dtype=np.float64), np.asarray(odds, dtype=np.float64)
    return np.asarray(o * p / (1.0 - p + o * p), dtype=np.float64)


def odds_of(episode: Terms, columns: Columns) -> F64:
    """The factor of each member's odds, shape (members,)."""
    if episode.get("factor") is None:
        return np.ones(len(columns["member"]))
    return np.asarray(columns[episode["factor"]], dtype=np.float64)


def window_of(episode: Terms) -> float:
    """Months that a window lasts."""
    return number_of(episode, "window_days") / DAYS_OF_MONTH


def months_of(care: Terms) -> tuple[float, float]:
    """First and last time, in months after the event, at which care may come."""
    return number_of(care, "from_day") / DAYS_OF_MONTH, number_of(care, "to_day") / DAYS_OF_MONTH


def shares_behind(episode: Terms) -> list[float]:
    """The part of patients whose path is a later one, for each path."""
    shares = [number_of(path, "share") for path in episode["paths"]]
    return [sum(shares[k + 1 :]) for k in range(len(shares))]


def condition_of(spec: Terms, episode: Terms) -> Terms:
    """The condition that opens an episode of a kind."""
    (found,) = [each for each in conditions_of(spec) if each["name"] == episode["condition"]]
    return found


def in_states(condition: Terms, episode: Terms) -> npt.NDArray[np.bool_]:
    """Which states of its condition open an episode, shape (states,): those that are named, or all but the first."""
    names = list(condition["states"])
    wanted = names[1:] if episode.get("states") is None else episode["states"]
    if set(wanted) - set(names):
        raise ValueError(f"no state is called {set(wanted) - set(names)}")
    return np.isin(names, wanted)


def care_of(episode: Terms) -> Iterator[tuple[int | None, Terms]]:
    """The care of an episode in the order of its numbers, with the path it belongs to; None for every path."""
    yield from ((None, care) for care in episode.get("care") or [])
    for k, path in enumerate(episode["paths"]):
        yield from ((k, care) for care in path.get("care") or [])


# ---------------------------------------------------------------------------------------------------------
# Windows
# ---------------------------------------------------------------------------------------------------------


def words_of(luck: Luck, episode: Terms, columns: Columns, triggers: Triggers, later: int) -> U64:
    """A block of each event's words, so many blocks after its first, shape (events, 4)."""
    words = np.zeros((len(triggers.row), 4), dtype=np.uint64)
    for year in np.unique(triggers.year).tolist():
        which = triggers.year == year
        member = columns["member"][triggers.row[which]]
        block = (BLOCKS * triggers.event[which] + later).astype(np.uint64)
        words[which] = address_words(luck, EPISODE, year, name_hash(episode["name"]), member, block)
    return words


def openers(triggers: Triggers, end: F64, *, absorbs: bool) -> npt.NDArray[np.bool_]:
    """Which events open an episode: where windows absorb, those outside the member's open one; ordered by member."""
    opens = np.ones(len(end), dtype=np.bool_)
    if not absorbs:
        return opens
    open_until: dict[int, float] = {}
    for event in np.lexsort((triggers.start, triggers.row)).tolist():
        row = int(triggers.row[event])
        opens[event] = triggers.start[event] >= open_until.get(row, -1.0)
        if opens[event]:
            open_until[row] = float(end[event])
    return opens


def follow(
    luck: Luck, episode: Terms, columns: Columns, triggers: Triggers, index: Mapping[str, int]
) -> tuple[Opened, Brought]:
    """The episodes that events of a trigger open, and the care that follows every event; lines by name."""
    effects = effects_of(luck, episode, columns)
    odds = (odds_of(episode, columns) * effects.odds)[triggers.row]
    u = uniform(words_of(luck, episode, columns, triggers, 0))
    window = window_of(episode)
    dies = u[:, 1] < with_odds(number_of(episode, "death_rate", 0.0), odds)
    end = np.minimum(triggers.start + np.where(dies, window * u[:, 2], window), triggers.until)
    behind = [with_odds(share, odds * triggers.worse) for share in shares_behind(episode)]
    path = np.sum([1.0 - u[:, 0] < worse for worse in behind], axis=0, dtype=np.int64)
    opens = openers(triggers, end, absorbs=bool(episode["absorbs"]) and episode.get("condition") is None)
    parts = []
    for k, (of_path, care) in enumerate(care_of(episode)):
        v = uniform(words_of(luck, episode, columns, triggers, 1 + k))
        first, last = months_of(care)
        time = triggers.start + first + (last - first) * v[:, 2]
        of_share = odds * triggers.worse if care.get("avoidable") else odds
        comes = (v[:, 0] < with_odds(number_of(care, "share", 1.0), of_share)) & (time < end)
        if of_path is not None:
            comes &= path == of_path
        row, service = triggers.row[comes], np.full(int(comes.sum()), index[care["service"]], dtype=np.int64)
        amount = quantile(care["amount"], v[comes, 1]) * effects.price[row]
        parts.append(Brought(row, service, time[comes], amount))
    opened = some_of(Opened(triggers.row, triggers.year, triggers.start, end, dies, triggers.episodes), opens)
    if not parts:
        nothing: I64 = np.zeros(0, dtype=np.int64)
        return opened, Brought(nothing, nothing, np.zeros(0), np.zeros(0))
    return opened, Brought(*(np.concatenate(column) for column in zip(*parts, strict=True)))
