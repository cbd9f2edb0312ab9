"""Episode bundle: the care of an episode for one price, reconciled afterwards or paid beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from zlib import crc32

import numpy as np

from atrisk._errors import InputError
from atrisk._relativities import column, factors
from atrisk._spec import fields, flag, names, term, text, texts, whole
from atrisk.contracts._base import Contract
from atrisk.contracts._episode_programmes import EpisodeProgrammes
from atrisk.contracts._own_episodes import BY_CELL, ONLY, PLACE, RUNGS, OwnEpisodes, says_nothing
from atrisk.distributions import Distribution
from atrisk.episode_baseline import EpisodeBaseline
from atrisk.episodes._by_cell import by_cell_spec, dollars_by_cell, names_of_episodes, refuse_crossed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from atrisk._types import Uncertain
    from atrisk.population import Population

    Rungs = Sequence[tuple[float, float]]

MONTHS = (12, 60)


@dataclass(frozen=True, kw_only=True)
class EpisodeBundle(EpisodeProgrammes, OwnEpisodes, Contract):
    """All care of an episode for one price: reconciled with what it cost, or paid beforehand.

    Retrospective: fees are paid as ever; afterwards the episodes of a provider, each truncated, are compared with their
    target prices, and of the difference of all together quality, a share and limits leave what is paid or owed, rounded
    to cents once. Prospective: the provider is paid a price for each case and bears what the case costs.
    With :meth:`settle` it settles episodes of a user's own. A target price is always the user's.

    Parameters
    ----------
    episodes : str or sequence of str
        Names of the kinds of episodes that the bundle covers.
    target_price : float or mapping of cell to float, optional
        Dollars for an episode, at least 0, before ``discount``: the same for all, or by price cell. Own episodes may
        have a column ``target`` instead.
    discount : float, default 0
        The part of the target price, 0-1, that is taken off for the payer.
    kind : {"retrospective", "prospective"}, default "retrospective"
        Whether the price is compared with what was paid, or paid itself.
    truncate_at, raise_to : float or mapping of cell to float, optional
        The most and the least dollars that an episode counts for. Target prices must come of episodes truncated alike.
    minimum_savings_rate, minimum_loss_rate : float, default 0
        The part of the target, 0-1, that a difference must reach; from it on it counts in full.
    sharing_rate, loss_rate : float, default 1
        The provider's share of gains and of losses, 0-1; a ``loss_rate`` of 0 is one-sided.
    stop_gain_rate, stop_loss_rate : float, optional
        The most that is paid or owed, as a part of the target of all episodes after the discount, 0-1.
    best_score : float, default 1
        The best quality score there is, above 0: TEAM has 100, CJR 20. By default scores are parts, as everywhere
        here, and a score of 70 is refused.
    quality_gain_cut, quality_loss_cut : float, default 0
        The part of gains that a score of 0 takes off, and the part of losses that the best score takes off, 0-1; both
        in a straight line between.
    quality_discounts : sequence of (score, discount), default ()
        Discounts, 0-1, from a score on, in place of ``discount``; the first from 0, none above the one before.
    quality_loss_discounts : sequence of (score, discount), optional
        The same where episodes cost more than their targets, none above that of gains at the same score; between the
        two targets nothing is paid or owed. By default those of gains.
    least_quality : float, optional
        A score below it is paid nothing; what is owed is owed.
    quality_score : float, optional
        In an arm, the score where no measures make it, 0 to ``best_score``.
    quality_measures : sequence of str, default ()
        In an arm, measures of the study whose mean score by weight, times ``best_score``, is the score.
    post_episode_threshold : float or mapping of cell to float, optional
        Dollars for an episode: what a provider's spending after its episodes exceeds them by, on average over all, is
        taken off the settlement. Own episodes have a column ``post_episode``.
    post_episode_days : int, default 30
        In an arm, how many days after the window are looked at: window and they end within 365 days.
    warranty_share : float, default 1
        Prospective: the part of readmissions inside the window, 0-1, that the provider bears; the payer pays the rest.
        In an arm, with ``readmission_services``.
    readmission_services : sequence of str, default ()
        In an arm, services whose events inside the window are readmissions.
    case_attachment : float or mapping of cell to float, optional
        Prospective: dollars of a case, above which stop-loss repays ``case_ceded_share``.
    case_ceded_share : float, default 1
        Prospective: the part of a case above ``case_attachment``, 0-1, that stop-loss repays.
    aggregate_attachment_rate : float, optional
        Prospective: the multiple of all prices, 0-10, above which stop-loss repays what the cases cost.
    stop_loss_premium : float, default 0
        Prospective: dollars an episode, paid for stop-loss of cases and of all of them.
    services : sequence of str, optional
        In an arm, the services whose dollars inside the window count, the one that opens it among them if it is to; by
        default all.
    target_multipliers : mapping of str to mapping or float, optional
        In an arm, what the target price of each member's episodes is multiplied with, by column of the panel: a
        multiplier for each value, or the change of its logarithm for a unit more than the panel's mean.
    baseline : EpisodeBaseline, optional
        In an arm, how base years of the study make the target price, whose own part of it then is ``target_price``.
    excludes_attributed : bool, default False
        In an arm, whether the bundle leaves out the episodes of members attributed to the provider, and is of the
        others': so that those whose care is in shared savings are in one of the two. By default it is of theirs.
    settle_month : int, default 21
        In an arm, the month in which the cash moves, 12-60, counted from the start of the year.
    source : str, optional
        What says so; printed on statements.
    notes : sequence of str, optional
        What a reader of a statement must know; of a preset, which figures are recalled or doubtful.

    Examples
    --------
    >>> import atrisk as ar
    >>> bundle = ar.EpisodeBundle.team(track=3, year=2027, category="lejr")
    >>> bundle.settle(target=2_000_000, actual=1_850_000, quality_score=70)["settlement"]
    Decimal('145500.00')
    """

    episodes: str | Sequence[str]
    target_price: Uncertain | Mapping[Any, Uncertain] | None = None
    discount: Uncertain = 0.0
    kind: Literal["retrospective", "prospective"] = "retrospective"
    truncate_at: Uncertain | Mapping[Any, Uncertain] | None = None
    raise_to: Uncertain | Mapping[Any, Uncertain] | None = None
    minimum_savings_rate: Uncertain = 0.0
    minimum_loss_rate: Uncertain = 0.0
    sharing_rate: Uncertain = 1.0
    loss_rate: Uncertain = 1.0
    stop_gain_rate: Uncertain | None = None
    stop_loss_rate: Uncertain | None = None
    best_score: float = 1.0
    quality_gain_cut: Uncertain = 0.0
    quality_loss_cut: Uncertain = 0.0
    quality_discounts: Rungs = ()
    quality_loss_discounts: Rungs | None = None
    least_quality: float | None = None
    quality_score: float | None = None
    quality_measures: Sequence[str] = ()
    post_episode_threshold: Uncertain | Mapping[Any, Uncertain] | None = None
    post_episode_days: int = 30
    warranty_share: Uncertain = 1.0
    readmission_services: Sequence[str] = ()
    case_attachment: Uncertain | Mapping[Any, Uncertain] | None = None
    case_ceded_share: Uncertain = 1.0
    aggregate_attachment_rate: Uncertain | None = None
    stop_loss_premium: Uncertain = 0.0
    services: Sequence[str] | None = None
    target_multipliers: Mapping[str, Mapping[Any, float] | float] | None = None
    baseline: EpisodeBaseline | None = None
    excludes_attributed: bool = False
    settle_month: int = 21
    source: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse terms that break a rule; those that are uncertain are checked when a study is built."""
        names_of_episodes(f"{PLACE}.episodes", self.episodes)
        if self.kind not in ONLY:
            raise InputError(f"{PLACE}.kind", "must be retrospective or prospective", repr(self.kind))
        self._check_of_studies()
        self._refuse_other_kind()
        whole(f"{PLACE}.settle_month", self.settle_month, *MONTHS)
        text(f"{PLACE}.source", self.source)
        texts(f"{PLACE}.notes", self.notes)
        if any(_uncertain(getattr(self, name)) for name in self.__dataclass_fields__):
            return
        for name in BY_CELL:
            if getattr(self, name) is not None:
                dollars_by_cell(f"{PLACE}.{name}", getattr(self, name))
        refuse_crossed(PLACE, self.raise_to, self.truncate_at)
        _ = self.rule().core, self.case_rule().core

    def _check_of_studies(self) -> None:
        for name in ("services", "readmission_services"):
            given = getattr(self, name)
            if given is not None and not isinstance(given, str):
                texts(f"{PLACE}.{name}", given)
        flag(f"{PLACE}.excludes_attributed", self.excludes_attributed)
        kinds: tuple[tuple[str, type, str], ...] = (
            ("baseline", EpisodeBaseline, "must be an EpisodeBaseline"),
            ("target_multipliers", Mapping, "must map columns of the panel to multipliers by value, or to a number"),
        )
        for name, kind, rule in kinds:
            given = getattr(self, name)
            if given is not None and not isinstance(given, kind):
                raise InputError(f"{PLACE}.{name}", rule, repr(given))

    def _refuse_other_kind(self) -> None:
        other = "retrospective" if self.kind == "prospective" else "prospective"
        for name in ONLY[other]:
            value = getattr(self, name)
            if not says_nothing(value, self.__dataclass_fields__[name].default):
                hint = f'it belongs to kind="{other}"'
                raise InputError(
                    f"{PLACE}.{name}", f"must be left out where the bundle is {self.kind}", repr(value), hint
                )

    def to_spec(self) -> dict[str, Any]:
        """Return the specification the core reads; what says so is the first of its notes."""
        by_itself = {*BY_CELL, *RUNGS, "episodes", "services", "readmission_services", "quality_measures"}
        by_itself |= {"target_multipliers", "baseline", "excludes_attributed", "source", "notes"}
        spec = {name: term(value) for name, value in fields(self).items() if name not in by_itself} | self._rungs()
        spec |= {name: by_cell_spec(getattr(self, name)) for name in BY_CELL}
        spec["episodes"] = names_of_episodes(f"{PLACE}.episodes", self.episodes)
        spec["services"] = names(self.services)
        spec["readmission_services"] = names(self.readmission_services) or None
        spec["quality_measures"] = texts(f"{PLACE}.quality_measures", self.quality_measures)
        spec["target_multipliers"] = self.factor_name if self.target_multipliers else None
        spec["baseline"] = None if self.baseline is None else self.baseline.to_spec()
        spec["excludes_attributed"] = flag(f"{PLACE}.excludes_attributed", self.excludes_attributed)
        spec["notes"] = texts("notes", [*([self.source] if self.source else []), *self.notes])
        return {"episode_bundle": spec}

    @property
    def factor_name(self) -> str:
        """Name under which the members' multipliers cross to the core; equal multipliers have the same."""
        columns = ", ".join(map(str, self.target_multipliers or ()))
        return f"factor:target {columns} {crc32(repr(self.target_multipliers).encode()):08x}"

    def member_columns(self, path: str, population: Population) -> dict[str, NDArray[np.float64]]:
        """Return the multiplier of each member's target prices, where there are any."""
        if not self.target_multipliers:
            return {}
        product = np.ones(len(population))
        for name, effect in self.target_multipliers.items():
            at = f"{path}.target_multipliers.{name}"
            product = product * factors(at, column(at, population, name), effect, "target price")
        return {self.factor_name: product}


def _uncertain(value: object) -> bool:
    """Say whether a term, or a part of it, is a distribution."""
    if isinstance(value, Mapping):
        return any(map(_uncertain, value.values()))
    if isinstance(value, (list, tuple)):
        return any(map(_uncertain, value))
    return isinstance(value, Distribution)
