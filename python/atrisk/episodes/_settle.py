"""Settles episode bundles on a user's own episodes: each one compared, then those of a provider together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError, a
from atrisk._frames import give_back, need, read_frame
from atrisk._spec import plain
from atrisk.episodes._by_cell import MOST_DOLLARS, OF_DOLLARS, labels, of_rows
from atrisk.episodes._sums import sums
from atrisk.rules._facts import numbers, refuse_near_misses
from atrisk.statement import Line, Statement, written

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from atrisk.contracts._own_episodes import OwnEpisodes

    Columns = dict[str, NDArray[np.float64]]

PLACE = "EpisodeBundle"
FACTS = ("cell", "target", "actual", "post_episode", "readmission")


@dataclass(frozen=True, repr=False)
class EpisodeStatement(Statement):
    """A statement of a provider's episodes, with the table of them.

    Attributes
    ----------
    episodes : data frame
        An episode in each row, of the kind that was given: what :meth:`EpisodeBundle.by_episode` returns.
    """

    episodes: Any = None


@dataclass(frozen=True)
class Episodes:
    """Episodes as they were given, as columns of numbers, with the group of each."""

    table: pd.DataFrame
    given: Columns
    group: NDArray[np.intp]
    providers: list[Any]

    def total(self, values: NDArray[np.float64] | float) -> NDArray[np.float64]:
        """Return the sum of each provider."""
        return sums(np.broadcast_to(np.asarray(values, dtype=np.float64), len(self.table)), self.group, self.n)

    @property
    def n(self) -> int:
        """How many providers there are."""
        return len(self.providers)


def read_episodes(bundle: OwnEpisodes, frame: object, provider: str | None) -> Episodes:
    """Return a user's episodes, refusing missing columns, cells without a price and what is no number."""
    table = read_frame(PLACE, frame)
    by_column = bundle.target_price is None
    wanted = ["actual", *(["target"] if by_column else []), *bundle.needs(), *([provider] if provider else [])]
    refuse_near_misses(PLACE, table.columns, (), [name for name in FACTS if name in {*wanted, "cell", "target"}])
    need(PLACE, table, wanted)
    if not by_column and "target" in table.columns:
        hint = "drop the column, or leave out target_price="
        raise InputError(f"{PLACE}.target", "must be given once", "a column and target_price", hint)
    given = {name: numbers(f"{PLACE}.{name}", table[name]) for name in ("actual", *bundle.needs())}
    if "readmission" in given:
        for row in np.flatnonzero(given["readmission"] > given["actual"]):
            told = f"{given['readmission'][row]:g}"
            raise InputError(f"{PLACE}.readmission[{row}]", "must be a part of actual: not above it", told)
    target = table["target"] if by_column else of_rows(PLACE, "target_price", bundle.target_price, table)
    given["target"] = numbers(f"{PLACE}.target", target)
    for fact, term in bundle.cell_terms().items():
        given[fact] = np.asarray(of_rows(PLACE, fact, term, table), dtype=np.float64)
    group, providers = _groups(table, provider)
    return Episodes(table, given, group, providers)


def _groups(table: pd.DataFrame, provider: str | None) -> tuple[NDArray[np.intp], list[Any]]:
    """Return the provider of each episode by its position among all of them, in their order."""
    if provider is None:
        return np.zeros(len(table), dtype=np.intp), [None]
    return labels(PLACE, table, provider, in_order=True)


def scores(bundle: OwnEpisodes, given: object, episodes: Episodes, provider: str | None) -> Columns:
    """Return the quality score of each provider, where the terms look at quality."""
    if not bundle.looks_at_quality():
        return {}
    path = f"{PLACE}.quality_score"
    if given is None:
        raise InputError(path, "must be given: these terms look at quality")
    if not isinstance(given, Mapping):
        return {"quality_score": np.full(episodes.n, bundle.checked_score(path, given))}
    if provider is None:
        raise InputError(path, "must be a number where there is one provider", a(given), "provider= names their column")
    missing = [str(name) for name in episodes.providers if name not in given]
    if missing:
        raise InputError(path, "must have every provider", f"none of {', '.join(missing[:12])}")
    each = [bundle.checked_score(f"{path}[{name}]", given[name]) for name in episodes.providers]
    return {"quality_score": np.array(each, dtype=np.float64)}


def reconciled(bundle: OwnEpisodes, episodes: Episodes, quality: Columns) -> tuple[Columns, Columns, Columns]:
    """Return the facts of every provider, the lines of its settlement, and those of its episodes."""
    if bundle.kind == "prospective":
        cases = bundle.case_rule().columns(_of(episodes, "target", "actual", "readmission", "case_attachment"))
        facts = {"target": episodes.total(cases["price"]), "actual": episodes.total(episodes.given["actual"])}
        facts |= {name: episodes.total(cases[name]) for name in ("payer_readmission", "case_recovery", "premium")}
        return facts, bundle.rule().columns(facts), cases
    compared = _of(episodes, "target", "actual", "truncate_at", "raise_to")
    truncated = bundle.case_rule().columns(compared)["truncated"]
    facts = {"target": episodes.total(episodes.given["target"]), "actual": episodes.total(truncated)} | quality
    if bundle.post_episode_threshold is not None:
        facts["post_episode"] = episodes.total(_checked(episodes.given["post_episode"], "post_episode"))
        facts["post_episode_allowed"] = episodes.total(episodes.given["post_episode_threshold"])
    lines = bundle.rule().columns(facts)
    each = bundle.case_rule().columns(compared | {"discount": lines["discount"][episodes.group]})
    return facts, lines, each


def _of(episodes: Episodes, *names: str) -> dict[str, NDArray[np.float64]]:
    return {name: episodes.given[name] for name in names if name in episodes.given}


def _checked(values: NDArray[np.float64], name: str) -> NDArray[np.float64]:
    for row in np.flatnonzero(~((values >= 0) & (values <= MOST_DOLLARS))):
        raise InputError(f"{PLACE}.{name}[{row}]", OF_DOLLARS, f"{values[row]:g}")
    return values


def settle_frame(bundle: OwnEpisodes, frame: object, quality_score: object, provider: str | None) -> Any:  # noqa: ANN401 - a statement or a frame of the user's kind
    """Settle episodes in rows: a statement, or with a column of providers a frame with a row for each of them."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    episodes = read_episodes(bundle, frame, provider)
    quality = scores(bundle, quality_score, episodes, provider)
    facts, lines, each = reconciled(bundle, episodes, quality)
    if provider is not None:
        count = np.bincount(episodes.group, minlength=episodes.n)
        if provider in {"episodes", *facts, *lines}:
            raise InputError(f"{PLACE}.provider", "must not be called as a line of the settlement", repr(provider))
        each_provider = pd.DataFrame({provider: episodes.providers, "episodes": count, **facts, **lines})
        return give_back(each_provider, frame)
    settled = bundle.rule().statement(**{name: value[0] for name, value in facts.items()})
    first = [Line("episodes", "rows of the frame", written(float(len(episodes.table)), "count"), "count")]
    if {"truncate_at", "raise_to"} & episodes.given.keys():
        spent = episodes.total(episodes.given["actual"])[0]
        first.append(Line("spending", "before it is truncated", written(spent, "dollars"), "dollars"))
    settled = replace(settled, lines=[*first, *settled.lines])
    return EpisodeStatement(**vars(settled), episodes=_table(frame, episodes, each, provider))


def by_episode(bundle: OwnEpisodes, frame: object, quality_score: object, provider: str | None) -> Any:  # noqa: ANN401 - a frame of the user's kind
    """Return the table of the episodes."""
    episodes = read_episodes(bundle, frame, provider)
    _, _, each = reconciled(bundle, episodes, scores(bundle, quality_score, episodes, provider))
    return _table(frame, episodes, each, provider)


def _table(frame: object, episodes: Episodes, each: Columns, provider: str | None) -> Any:  # noqa: ANN401 - a frame of the user's kind
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    named = [name for name in (provider, "cell") if name in episodes.table.columns]
    target = np.broadcast_to(episodes.given["target"], len(episodes.table))
    columns = {name: episodes.table[name] for name in named} | {"target": target, "actual": episodes.given["actual"]}
    table = pd.DataFrame(columns | each)
    if isinstance(frame, pd.DataFrame):
        table.index = frame.index
    return give_back(table, frame)


def checked_score(path: str, score: object, best: float) -> float:
    """Return a quality score within its range."""
    number = plain(path, score)
    if not 0 <= number <= best:
        hint = f"did you mean {number / 100:g}?" if best == 1 and number <= 100 else None  # noqa: PLR2004 - percent
        raise InputError(path, f"must be between 0 and {best:g}", f"{number:g}", hint)
    return number


def with_checked_score(bundle: OwnEpisodes, given: dict[str, Any]) -> dict[str, Any]:
    """Return sums by name, the quality scores among them checked."""
    if "quality_score" not in given:
        return given
    if not bundle.looks_at_quality():
        return {name: value for name, value in given.items() if name != "quality_score"}
    path, best = f"{PLACE}.quality_score", plain(f"{PLACE}.best_score", bundle.best_score)
    read = numbers(path, given["quality_score"])
    for row in np.flatnonzero(~((read >= 0) & (read <= best))):
        at = f"[{row}]" if read.ndim else ""
        checked_score(f"{path}{at}", read.flat[row].item(), best)
    return given
