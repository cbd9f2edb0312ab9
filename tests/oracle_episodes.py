"""Second opinion on episodes: windows that events open, their patients' ways, the care they bring, its place."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from oracle_lines import growth, services_of
from oracle_panel import MONTHS, on_the_panel, relativity
from oracle_quantiles import mean_of, number_of, quantile
from oracle_random import EPISODE, F64, I64, U64, Columns, Luck, Terms, address_words, name_hash, uniform
from oracle_terms import payer_levels

DAYS_OF_MONTH = 365.0 / 12.0
BLOCKS = 16  # of each event: one of the patient, then one of each care


class Triggers(NamedTuple):
    """Events of one trigger in all years under one arm, every field (events,)."""

    row: I64  # row of the member
    year: I64  # 1 is the first performance year
    event: I64  # number of the event in the addresses of episodes
    start: F64  # months from the start of the first simulated year
    worse: F64  # factor of the odds of worse paths that programmes make


class Opened(NamedTuple):
    """Episodes of one kind under one arm, every field (episodes,)."""

    row: I64
    year: I64  # of the event
    start: F64  # months
    end: F64  # months; not part of the window


class Brought(NamedTuple):
    """Care that the episodes of one kind bring, every field (events,)."""

    row: I64
    service: I64  # index of the line
    time: F64  # months
    amount: F64  # dollars of year 0


def episodes_of(spec: Terms) -> list[Terms]:
    """The kinds of episodes of a study."""
    return list(spec["utilization"].get("episodes") or [])


def with_odds(share: npt.ArrayLike, odds: npt.ArrayLike) -> F64:
    """A probability whose odds are multiplied."""
    p, o = np.asarray(share, dtype=np.float64), np.asarray(odds, dtype=np.float64)
    return np.asarray(o * p / (1.0 - p + o * p), dtype=np.float64)


def odds_of(episode: Terms, columns: Columns) -> F64:
    """The factor of each member's odds, shape (members,)."""
    if episode.get("factor") is None:
        return np.ones(len(columns["member"]))
    return np.asarray(columns[episode["factor"]], dtype=np.float64)


def months_of(care: Terms) -> tuple[float, float]:
    """First and last time, in months after the event, at which care may come."""
    return number_of(care, "from_day") / DAYS_OF_MONTH, number_of(care, "to_day") / DAYS_OF_MONTH


def shares_behind(episode: Terms) -> list[float]:
    """The part of patients whose path is a later one, for each path."""
    shares = [number_of(path, "share") for path in episode["paths"]]
    return [sum(shares[k + 1 :]) for k in range(len(shares))]


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
    odds = odds_of(episode, columns)[triggers.row]
    u = uniform(words_of(luck, episode, columns, triggers, 0))
    window = number_of(episode, "window_days") / DAYS_OF_MONTH
    dies = u[:, 1] < with_odds(number_of(episode, "death_rate", 0.0), odds)
    end = triggers.start + np.where(dies, window * u[:, 2], window)
    behind = [with_odds(share, odds * triggers.worse) for share in shares_behind(episode)]
    path = np.sum([1.0 - u[:, 0] < worse for worse in behind], axis=0, dtype=np.int64)
    opens = openers(triggers, end, absorbs=bool(episode["absorbs"]))
    parts = []
    for k, (of_path, care) in enumerate(care_of(episode)):
        v = uniform(words_of(luck, episode, columns, triggers, 1 + k))
        first, last = months_of(care)
        time = triggers.start + first + (last - first) * v[:, 2]
        comes = (v[:, 0] < with_odds(number_of(care, "share", 1.0), odds)) & (time < end)
        if of_path is not None:
            comes &= path == of_path
        service = np.full(int(comes.sum()), index[care["service"]], dtype=np.int64)
        parts.append(Brought(triggers.row[comes], service, time[comes], quantile(care["amount"], v[comes, 1])))
    opened = Opened(triggers.row[opens], triggers.year[opens], triggers.start[opens], end[opens])
    if not parts:
        nothing: I64 = np.zeros(0, dtype=np.int64)
        return opened, Brought(nothing, nothing, np.zeros(0), np.zeros(0))
    return opened, Brought(*(np.concatenate(column) for column in zip(*parts, strict=True)))


# ---------------------------------------------------------------------------------------------------------
# Within the lines
# ---------------------------------------------------------------------------------------------------------


def expected_events(spec: Terms, columns: Columns, year: int) -> F64:
    """Events of a year that the panel's columns and trends alone lead to expect, shape (members, services)."""
    rates = [
        number_of(service, "per_1000")
        / 1000.0
        * columns["risk_score"]
        * on_the_panel(columns, year)[1]
        / 12.0
        * relativity(service, columns, year)
        * growth(spec, service, "trend", year)
        for service in services_of(spec)
    ]
    return np.asarray(np.stack(rates, axis=1), dtype=np.float64)


def parts_of_years(episode: Terms, care: Terms, odds: F64) -> tuple[F64, F64]:
    """The part of care that comes in the year of its event, and in the next, shapes of the odds."""
    first, last = months_of(care)
    window = number_of(episode, "window_days") / DAYS_OF_MONTH
    mean, square = (first + last) / 2.0, (first * first + first * last + last * last) / 3.0
    dead = with_odds(number_of(episode, "death_rate", 0.0), odds)
    own = 1.0 - (dead / window + 1.0 / MONTHS) * mean + dead / (window * MONTHS) * square
    return own, 1.0 - dead * mean / window - own


def brought_dollars(spec: Terms, columns: Columns, year: int, first: int) -> F64:
    """Dollars that episodes are expected to bring each line in a year, shape (lines,)."""
    services = services_of(spec)
    names = [service["name"] for service in services]
    dollars, levels = np.zeros(len(names)), payer_levels(columns, services)
    for episode in episodes_of(spec):
        if not episode["within_lines"]:
            continue
        odds, trigger = odds_of(episode, columns), names.index(episode["trigger"])
        behind = [with_odds(share, odds) for share in shares_behind(episode)]
        reach = [np.ones(len(odds)), *behind]
        for path, care in care_of(episode):
            of_path: Any = 1.0 if path is None else reach[path] - reach[path + 1]
            line = names.index(care["service"])
            each = levels[:, line] * of_path * with_odds(number_of(care, "share", 1.0), odds) * mean_of(care["amount"])
            own, later = parts_of_years(episode, care, odds)
            found = (expected_events(spec, columns, year)[:, trigger] * each * own).sum()
            if year > first:
                month, months = on_the_panel(columns, year)
                before = expected_events(spec, columns, year - 1)[:, trigger]
                found += (before * each * later)[(month == 1) & (months > 0)].sum()
            dollars[line] += found
    return dollars


def own_part(spec: Terms, columns: Columns, year: int, first: int) -> F64:
    """What the rate of each line is multiplied by, so that it costs the same with episodes, shape (lines,)."""
    services, brought = services_of(spec), brought_dollars(spec, columns, year, first)
    if not brought.any():
        return np.ones(len(services))
    prices = payer_levels(columns, services) * np.array([mean_of(service["allowed"]) for service in services])
    line = (expected_events(spec, columns, year) * prices).sum(axis=0)
    return np.asarray(1.0 - np.divide(brought, line, out=np.zeros(len(line)), where=brought > 0.0), dtype=np.float64)
