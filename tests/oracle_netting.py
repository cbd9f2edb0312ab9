"""Second opinion on lines that are what they are with episodes: their own events are fewer by what episodes bring."""

import numpy as np

from oracle_effects import spread_of
from oracle_episodes import (
    care_of,
    condition_of,
    episodes_of,
    in_states,
    months_of,
    odds_of,
    shares_behind,
    window_of,
    with_odds,
)
from oracle_lines import growth, services_of
from oracle_panel import conditions_of, on_the_panel, relativity
from oracle_quantiles import mean_of, number_of
from oracle_random import F64, Columns, Terms
from oracle_terms import payer_levels


def state_chances(condition: Terms, columns: Columns, year: int) -> F64:
    """Chance of each state in a year before anything is drawn, shape (members, states); base years are as year 1."""
    transition: F64 = np.asarray(condition["transition"], dtype=np.float64)
    if condition.get("column") is not None:
        first = np.eye(len(transition))[np.asarray(columns[condition["column"]], dtype=np.int64)]
    else:
        first = np.tile(np.asarray(condition["shares"], dtype=np.float64), (len(columns["member"]), 1))
    return np.asarray(first @ np.linalg.matrix_power(transition, max(year, 1) - 1), dtype=np.float64)


def expected_relativity(spec: Terms, service: Terms, columns: Columns, year: int) -> F64:
    """What conditions are expected to multiply the rate of a line by, shape (members,)."""
    factor = np.ones(len(columns["member"]))
    for condition in conditions_of(spec):
        factors = (condition.get("relativities") or {}).get(service["whole"])
        if factors is not None:
            factor = factor * (state_chances(condition, columns, year) @ np.asarray(factors, dtype=np.float64))
    return factor


def expected_events(spec: Terms, columns: Columns, year: int) -> F64:
    """Events of a year that the panel's columns, trends and conditions lead to expect, shape (members, services)."""
    rates = [
        number_of(service, "per_1000")
        / 1000.0
        * columns["risk_score"]
        * on_the_panel(columns, year)[1]
        / 12.0
        * relativity(service, columns, year)
        * expected_relativity(spec, service, columns, year)
        * growth(spec, service, "trend", year)
        for service in services_of(spec)
    ]
    return np.asarray(np.stack(rates, axis=1), dtype=np.float64)


# ---------------------------------------------------------------------------------------------------------
# What one episode brings
# ---------------------------------------------------------------------------------------------------------


def parts_of_years(episode: Terms, care: Terms, odds: F64, months: F64) -> tuple[F64, F64]:
    """The part of care that comes in the year of its event, and in the next, of members there so many months."""
    first, last = months_of(care)
    dying = with_odds(number_of(episode, "death_rate", 0.0), odds) / window_of(episode)
    there = np.maximum(months, 1e-300)  # nobody who is not there has an event

    def lived(day: F64) -> F64:
        """What is given up to a delay: the integral of (1 - a d) (1 - d / n)."""
        return np.asarray(day - (dying + 1.0 / there) * day**2 / 2.0 + dying / there * day**3 / 3.0)

    if first == last:
        own = np.where(first < months, (1.0 - dying * first) * (1.0 - first / there), 0.0)
    else:
        end, start = np.minimum(last, months), np.minimum(first, months)
        own = (lived(end) - lived(start)) / (last - first)
    return np.asarray(own, dtype=np.float64), 1.0 - dying * (first + last) / 2.0 - own


def part_of_condition(episode: Terms, care: Terms, columns: Columns, year: int) -> F64:
    """The part of care that comes before its window ends and its member leaves, shape (members,)."""
    first, last = months_of(care)
    reach = np.minimum(on_the_panel(columns, year)[1], window_of(episode))
    if first == last:
        return np.where(first < reach, 1.0, 0.0)
    return np.asarray(np.clip((reach - first) / (last - first), 0.0, 1.0), dtype=np.float64)


def patients_with(episode: Terms, path: int | None, care: Terms, odds: F64) -> F64:
    """The part of patients who go a path and have its care, shape of the odds."""
    has = with_odds(number_of(care, "share", 1.0), odds)
    if path is None:
        return has
    behind = [np.ones(len(odds)), *(with_odds(share, odds) for share in shares_behind(episode))]
    return np.asarray((behind[path] - behind[path + 1]) * has, dtype=np.float64)


def expected_care(
    spec: Terms, columns: Columns, episode: Terms, path: int | None, care: Terms, year: int, first: int
) -> F64:
    """Events of a care that episodes of a kind are expected to bring in a year, shape (members,)."""
    own_odds, found = odds_of(episode, columns), np.zeros(len(columns["member"]))
    if episode.get("condition") is not None:
        condition = condition_of(spec, episode)
        affected = state_chances(condition, columns, year)[:, in_states(condition, episode)].sum(axis=1)
        part = affected * part_of_condition(episode, care, columns, year)
        for factor, weight in spread_of(episode):
            found += weight * part * patients_with(episode, path, care, own_odds * factor)
        return found
    trigger = [service["name"] for service in services_of(spec)].index(episode["trigger"])
    month, months = on_the_panel(columns, year)
    still_there = (month == 1) & (months > 0) & (year > first)
    now, before = (expected_events(spec, columns, each)[:, trigger] for each in (year, year - 1))
    of_before = on_the_panel(columns, year - 1)[1].astype(np.float64)
    for factor, weight in spread_of(episode):
        odds = own_odds * factor
        own = parts_of_years(episode, care, odds, months.astype(np.float64))[0]
        later = parts_of_years(episode, care, odds, of_before)[1]
        events = now * own + np.where(still_there, before * later, 0.0)
        found += weight * events * patients_with(episode, path, care, odds)
    return found


# ---------------------------------------------------------------------------------------------------------
# What is left of the lines
# ---------------------------------------------------------------------------------------------------------


def brought_dollars(spec: Terms, columns: Columns, year: int, first: int) -> F64:
    """Dollars that episodes are expected to bring each line in a year, shape (lines,)."""
    services = services_of(spec)
    names = [service["name"] for service in services]
    dollars, levels = np.zeros(len(names)), payer_levels(columns, services)
    for episode in episodes_of(spec):
        if not episode["within_lines"]:
            continue
        for path, care in care_of(episode):
            line = names.index(care["service"])
            events = expected_care(spec, columns, episode, path, care, year, first)
            dollars[line] += (events * levels[:, line]).sum() * mean_of(care["amount"])
    return dollars


def own_part(spec: Terms, columns: Columns, year: int, first: int) -> F64:
    """What the rate of each line is multiplied by, so that it costs the same with episodes, shape (lines,)."""
    services, brought = services_of(spec), brought_dollars(spec, columns, year, first)
    if not brought.any():
        return np.ones(len(services))
    prices = payer_levels(columns, services) * np.array([mean_of(service["allowed"]) for service in services])
    line = (expected_events(spec, columns, year) * prices).sum(axis=0)
    return np.asarray(1.0 - np.divide(brought, line, out=np.zeros(len(line)), where=brought > 0.0), dtype=np.float64)
