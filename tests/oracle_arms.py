"""Second opinion on what an arm does to care: programmes, responses, and the episodes that follow from both."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from oracle_episodes import Brought, Opened, Triggers, condition_of, episodes_of, follow, in_states, window_of
from oracle_lines import concerns, services_of
from oracle_panel import MONTHS, conditions_of, is_enrolled
from oracle_quantiles import number_of
from oracle_random import (
    EXTRA,
    EXTRA_MONTH,
    F64,
    I64,
    PROGRAMME,
    THINNING,
    Columns,
    Luck,
    Terms,
    address_words,
    chosen,
    member_uniform,
    name_hash,
    place,
    uniform,
)
from oracle_response import response_factor
from oracle_sharing import claim_words
from oracle_terms import payers_of
from oracle_world import Events, World, draw_counts, draw_prices, joined, numbered, picked


def ramp(programme: Terms, month: int) -> float:
    """The part of a programme's effect that is there in a month, counted from 1 of year 1."""
    start, steps = number_of(programme, "start_month", 1.0), number_of(programme, "ramp_months", 0.0)
    if month < start:
        return 0.0
    return 1.0 if steps == 0.0 else min(1.0, (month - start + 1.0) / steps)


def programme_factor(world: World, columns: Columns, programme: Terms, year: int) -> F64:
    """What a programme multiplies rates, or the odds of worse paths, by in each month, shape (members, 12)."""
    u = member_uniform(world.luck, PROGRAMME, None, name_hash(programme["name"]), columns["member"])
    reached = u < number_of(programme, "reach", 1.0)
    ramps = np.array([ramp(programme, MONTHS * (year - 1) + month) for month in range(1, MONTHS + 1)])
    return np.asarray(1.0 + reached[:, np.newaxis] * number_of(programme, "effect") * ramps, dtype=np.float64)


def odds_factor(world: World, columns: Columns, arm: Terms, episode: Terms, year: int) -> F64:
    """What an arm's programmes multiply odds by, of worse paths and avoidable care, by month, shape (members, 12)."""
    factor = np.ones((len(columns["member"]), MONTHS))
    for programme in arm.get("programmes") or []:
        if year >= 1 and episode["name"] in (programme.get("episodes") or ()):
            factor *= programme_factor(world, columns, programme, year)
    return factor


def arm_factor(world: World, columns: Columns, arm: Terms, service: Terms, year: int) -> F64:
    """What an arm's programmes and its response multiply the rate of a line by in each month, shape (members, 12)."""
    factor = np.ones((len(columns["member"]), MONTHS))
    if year < 1:
        return factor
    for programme in arm.get("programmes") or []:
        if not programme.get("episodes") and concerns(programme, service):
            factor *= programme_factor(world, columns, programme, year)
    if arm.get("response") is None:
        return factor
    index = [each["name"] for each in services_of(world.spec)].index(service["name"])
    return factor * response_factor(world.spec, arm, index, payers_of(columns)[0])


def stays(luck: Luck, year: int, service: Terms, columns: Columns, events: Events, factor: F64) -> Events:
    """The events of one service of the baseline that stay under a factor (members, 12)."""
    block, order = place(events.number)
    member = columns["member"][events.member_row]
    words = address_words(luck, THINNING, year, name_hash(service["name"]), member, block)
    kept = uniform(chosen(words, order)) < factor[events.member_row, events.month - 1]
    return picked(events, kept)


def added(world: World, year: int, index: int, columns: Columns, factor: F64) -> Events:
    """Further events of one service where its factor (members, 12) is above 1."""
    luck, service, member = world.luck, services_of(world.spec)[index], columns["member"]
    weights = np.maximum(factor - 1.0, 0.0) * is_enrolled(world.panel[year])
    months = world.panel[year].months
    rate = world.years[year].rates[:, index] * weights.sum(axis=1) / np.maximum(months, 1)
    row, number = numbered(draw_counts(luck, EXTRA, year, service, member, rate))
    price, case_cost = draw_prices(luck, EXTRA, year, service, member[row], number)
    block, order = place(number)
    words = address_words(luck, EXTRA_MONTH, year, name_hash(service["name"]), member[row], block)
    reached = np.cumsum(weights[row], axis=1)
    target = uniform(chosen(words, order)) * weights[row].sum(axis=1)
    month = np.argmax(reached >= target[:, np.newaxis], axis=1) + 1
    dearer = world.years[year].price_factors[row, index]
    services = np.full(len(row), index)
    added, after = np.ones(len(row), dtype=np.bool_), np.full(len(row), -1.0)
    return Events(row, services, number, month, price * dearer, case_cost, added, after)


def own_events(world: World, columns: Columns, arm: Terms, year: int) -> Events:
    """Events of one year under an arm's programmes and its response, without the care that episodes bring."""
    baseline = world.years[year].events
    if year < 1 or not (arm.get("programmes") or arm.get("response")):
        return baseline
    parts = []
    for index, service in enumerate(services_of(world.spec)):
        factor = arm_factor(world, columns, arm, service, year)
        own = picked(baseline, baseline.service == index)
        parts.append(stays(world.luck, year, service, columns, own, factor))
        if (factor > 1.0).any():
            parts.append(added(world, year, index, columns, factor))
    return joined(parts)


# ---------------------------------------------------------------------------------------------------------
# Episodes
# ---------------------------------------------------------------------------------------------------------


def times_of(world: World, columns: Columns, events: Events, year: int) -> F64:
    """When events of a year are, in months from the start of the first simulated year, shape (events,)."""
    words = claim_words(world.luck, year, services_of(world.spec), columns, events)
    part = np.where(events.place >= 0.0, events.place, words.astype(np.float64) * 2.0**-64)
    return np.asarray(MONTHS * (year - min(world.years)) + events.month - 1 + part, dtype=np.float64)


def event_numbers(world: World, events: Events, year: int) -> I64:
    """The numbers of events in the addresses of episodes, shape (events,)."""
    block, order = place(events.number)
    count = world.years[year].counts[events.member_row, events.service]
    before = np.where(count > 0, place(np.maximum(count - 1, 0))[0] + 1, 0)
    return np.asarray(4 * (block + events.added * before) + order, dtype=np.int64)


def triggers_of(world: World, columns: Columns, arm: Terms, episode: Terms, own: Mapping[int, Events]) -> Triggers:
    """The events of all years that open episodes of a kind, unless a window absorbs them."""
    names = [service["name"] for service in services_of(world.spec)]
    parts = []
    for year, events in own.items():
        these = picked(events, events.service == names.index(episode["trigger"]))
        worse = odds_factor(world, columns, arm, episode, year)[these.member_row, these.month - 1]
        number, start = event_numbers(world, these, year), times_of(world, columns, these, year)
        until, whole = np.full(len(number), np.inf), np.ones(len(number))
        parts.append(Triggers(these.member_row, np.full(len(number), year), number, start, worse, until, whole))
    return Triggers(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def years_with_condition(world: World, columns: Columns, arm: Terms, episode: Terms) -> Triggers:
    """The years in which members are in a state that opens episodes of a kind, at their first enrolled month."""
    condition, parts = condition_of(world.spec, episode), []
    opens = in_states(condition, episode)
    index = [each["name"] for each in conditions_of(world.spec)].index(condition["name"])
    for year, standing in world.panel.items():
        row = np.flatnonzero((standing.months > 0) & opens[standing.states[index]])
        before, month = MONTHS * (year - min(world.years)), standing.first[row] - 1
        parts.append(
            Triggers(
                row=row,
                year=np.full(len(row), year),
                event=np.zeros(len(row), dtype=np.int64),
                start=(before + month).astype(np.float64),
                worse=odds_factor(world, columns, arm, episode, year)[row, month],
                until=np.full(len(row), float(before + MONTHS)),
                episodes=np.minimum(standing.months[row], window_of(episode)) / window_of(episode),
            )
        )
    return Triggers(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def brought_in(world: World, brought: Brought, year: int) -> Events:
    """The care of one year that episodes bring, of members who are enrolled in its month."""
    month = np.floor(brought.time).astype(np.int64) - MONTHS * (year - min(world.years))
    here = (month >= 0) & (month < MONTHS)
    here[here] &= is_enrolled(world.panel[year])[brought.row[here], month[here]] > 0.0
    row, service, time = brought.row[here], brought.service[here], brought.time[here]
    price = brought.amount[here] * world.years[year].common_factors[row, service]
    count = len(row)
    return Events(
        row,
        service,
        np.full(count, -1),
        month[here] + 1,
        price,
        np.zeros(count),
        np.zeros(count, dtype=np.bool_),
        time - np.floor(time),
    )


class ArmCare(NamedTuple):
    """The care of one arm in all simulated years, and its episodes."""

    events: dict[int, Events]  # by year
    episodes: dict[str, Opened]  # by kind


def care_of_arm(world: World, columns: Columns, arm: Terms) -> ArmCare:
    """Everything that members use under an arm, a year of run-out included."""
    own = {year: own_events(world, columns, arm, year) for year in world.years}
    names = [service["name"] for service in services_of(world.spec)]
    index = {name: k for k, name in enumerate(names)}
    opened: dict[str, Opened] = {}
    care = {year: [events] for year, events in own.items()}
    for episode in episodes_of(world.spec):
        if episode.get("condition") is None:
            triggers = triggers_of(world, columns, arm, episode, own)
        else:
            triggers = years_with_condition(world, columns, arm, episode)
        opened[episode["name"]], brought = follow(world.luck, episode, columns, triggers, index)
        for year, parts in care.items():
            parts.append(brought_in(world, brought, year))
    return ArmCare({year: joined(parts) for year, parts in care.items()}, opened)


def arm_events(world: World, columns: Columns, arm: Terms, year: int) -> Events:
    """Events of one year under an arm's programmes and its response, and the care of its episodes."""
    if not episodes_of(world.spec):
        return own_events(world, columns, arm, year)
    return care_of_arm(world, columns, arm).events[year]
