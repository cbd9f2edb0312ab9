"""Episode bundle: the care of an episode for one price, reconciled afterwards or paid beforehand."""

from __future__ import annotations

import numbers as kinds
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from atrisk._errors import InputError
from atrisk._spec import known_term, plain, text, texts, whole
from atrisk.contracts._base import Contract
from atrisk.contracts._episode_programmes import EpisodeProgrammes
from atrisk.distributions import Distribution
from atrisk.episodes._by_cell import by_cell_spec, dollars_by_cell, names_of_episodes, refuse_crossed
from atrisk.rules._facts import given_facts, is_one
from atrisk.rules._rule import Rule
from atrisk.rules._tables import rows_of_terms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atrisk._types import Uncertain

    Rungs = Sequence[tuple[float, float]]

PLACE = "EpisodeBundle"
#: What the reconciliation looks at beside the rungs of discounts.
RECONCILED = (
    "discount",
    "best_score",
    "least_quality",
    "quality_gain_cut",
    "quality_loss_cut",
    "minimum_savings_rate",
    "minimum_loss_rate",
    "sharing_rate",
    "loss_rate",
    "stop_gain_rate",
    "stop_loss_rate",
)
OF_CASES = ("discount", "warranty_share", "case_ceded_share")
RUNGS = ("quality_discounts", "quality_loss_discounts")
BY_CELL = ("target_price", "truncate_at", "raise_to", "post_episode_threshold", "case_attachment")
#: What means nothing in the other kind.
ONLY = {
    "prospective": ("warranty_share", "case_attachment", "case_ceded_share", "aggregate_attachment_rate"),
    "retrospective": (*RECONCILED[1:], *RUNGS, "truncate_at", "raise_to", "post_episode_threshold"),
}
ADJUSTMENTS = ("difference", "below_minimum", "quality_adjustment", "sharing_adjustment", "limit_adjustment")
RECONCILIATION = (*((line, 1) for line in ADJUSTMENTS), ("post_episode_excess", -1), ("settlement", 1))
PROSPECTIVE = (("target", 1), ("borne", -1), ("aggregate_recovery", 1), ("margin", 1))
MONTHS = (12, 60)


@dataclass(frozen=True, kw_only=True)
class EpisodeBundle(EpisodeProgrammes, Contract):
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
        taken off the settlement.
    warranty_share : float, default 1
        Prospective: the part of readmissions inside the window, 0-1, that the provider bears; the payer pays the rest.
    case_attachment : float or mapping of cell to float, optional
        Prospective: dollars of a case, above which stop-loss repays ``case_ceded_share``.
    case_ceded_share : float, default 1
        Prospective: the part of a case above ``case_attachment``, 0-1, that stop-loss repays.
    aggregate_attachment_rate : float, optional
        Prospective: the multiple of all prices, 0-10, above which stop-loss repays what the cases cost.
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
    warranty_share: Uncertain = 1.0
    case_attachment: Uncertain | Mapping[Any, Uncertain] | None = None
    case_ceded_share: Uncertain = 1.0
    aggregate_attachment_rate: Uncertain | None = None
    settle_month: int = 21
    source: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse terms that break a rule; those that are uncertain are checked when a study is built."""
        names_of_episodes(f"{PLACE}.episodes", self.episodes)
        if self.kind not in ONLY:
            raise InputError(f"{PLACE}.kind", "must be retrospective or prospective", repr(self.kind))
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

    def _refuse_other_kind(self) -> None:
        other = "retrospective" if self.kind == "prospective" else "prospective"
        for name in ONLY[other]:
            value = getattr(self, name)
            if not _is(value, self.__dataclass_fields__[name].default):
                hint = f'it belongs to kind="{other}"'
                raise InputError(
                    f"{PLACE}.{name}", f"must be left out where the bundle is {self.kind}", repr(value), hint
                )

    def to_spec(self) -> dict[str, Any]:
        """Return the specification the core reads; what says so is the first of its notes."""
        spec = super().to_spec()["episode_bundle"] | self._rungs()
        spec |= {name: by_cell_spec(getattr(self, name)) for name in BY_CELL}
        spec["quality_measures"] = texts(f"{PLACE}.quality_measures", self.quality_measures)
        spec["episodes"] = names_of_episodes(f"{PLACE}.episodes", self.episodes)
        source = spec.pop("source")
        spec["notes"] = texts("notes", [*([source] if source else []), *self.notes])
        return {"episode_bundle": spec}

    def _rungs(self) -> dict[str, Any]:
        rule = "must be rungs of two numbers (score, discount)"
        given = {name: getattr(self, name) for name in RUNGS}
        return {
            name: None if rungs is None else rows_of_terms(f"{PLACE}.{name}", rungs, ("from", "gives"), rule)
            for name, rungs in given.items()
        }

    def rule(self) -> Rule:
        """Return the rule of the core that settles all episodes together."""
        if self.kind == "prospective":
            terms = {"aggregate_attachment_rate": self._known("aggregate_attachment_rate")}
            return Rule("prospective_bundle", terms, PLACE, PROSPECTIVE, self.notes, self.source)
        terms = {name: self._known(name) for name in RECONCILED} | self._rungs()
        needed = () if self.post_episode_threshold is None else ("post_episode", "post_episode_allowed")
        return Rule(
            "episode_reconciliation",
            terms,
            PLACE,
            RECONCILIATION,
            self.notes,
            self.source,
            {} if self.looks_at_quality() else {"quality_score": 0.0},
            needed,
        )

    def case_rule(self) -> Rule:
        """Return the rule of the core that settles an episode alone."""
        if self.kind == "prospective":
            unneeded = {} if "readmission" in self.needs() else {"readmission": 0.0}
            return Rule("prospective_case", {name: self._known(name) for name in OF_CASES}, PLACE, unneeded=unneeded)
        return Rule("episode_difference", {}, PLACE)

    def _known(self, name: str) -> Any:  # noqa: ANN401 - JSON
        return known_term(f"{PLACE}.{name}", getattr(self, name))

    def looks_at_quality(self) -> bool:
        """Say whether a term looks at the quality score."""
        cuts = _is(self.quality_gain_cut, 0) and _is(self.quality_loss_cut, 0)
        return not (cuts and self.least_quality is None and _is(self.quality_discounts, ()))

    def needs(self) -> list[str]:
        """Return the columns of episodes that the terms need beside ``cell``, ``target`` and ``actual``."""
        of_readmissions = self.kind == "prospective" and not _is(self.warranty_share, 1)
        of_the_time_after = self.post_episode_threshold is not None
        needs = {"readmission": of_readmissions, "post_episode": of_the_time_after}
        return [name for name, needed in needs.items() if needed]

    def cell_terms(self) -> dict[str, Any]:
        """Return the terms by cell that an episode meets, beside its price."""
        return {name: getattr(self, name) for name in BY_CELL[1:] if getattr(self, name) is not None}

    def checked_score(self, path: str, score: object) -> float:
        """Return a quality score that lies between 0 and the best."""
        from atrisk.episodes import _settle  # noqa: PLC0415 - keeps the import of atrisk quick

        return _settle.checked_score(path, score, plain(f"{PLACE}.best_score", self.best_score))

    def settle(
        self,
        frame: object = None,
        /,
        *,
        quality_score: Any = None,  # noqa: ANN401 - a number, or numbers by provider
        provider: str | None = None,
        **facts: Any,  # noqa: ANN401 - facts of the user's kind
    ) -> Any:  # noqa: ANN401 - a statement or a frame of the user's kind
        """Settle episodes in rows, or sums of episodes.

        Parameters
        ----------
        frame : data frame or mapping of columns, optional
            Episodes in rows: ``actual``, dollars of the episode; ``cell`` where a term is by cell; ``target``, dollars
            before ``discount``, where there is no ``target_price``, so that prices adjusted for the risk of each
            episode have their place; ``post_episode``, dollars after the episode, where there is a threshold;
            ``readmission``, dollars in ``actual``, where there is a warranty share below 1. Other columns are left
            alone.
        quality_score : float or mapping of provider to float, optional
            Score from 0 to ``best_score``, where the terms look at quality.
        provider : str, optional
            The column that tells providers apart: each is reconciled by itself.
        **facts
            Instead of a frame sums by name, each episode truncated already: ``target`` and ``actual``, where needed
            ``post_episode`` and ``post_episode_allowed``; of a prospective bundle ``target``, the sum of prices after
            the discount, ``actual``, ``payer_readmission`` and ``case_recovery``. Numbers give a statement, columns a
            frame.

        Returns
        -------
        EpisodeStatement, Statement or data frame
            Of one provider's episodes a statement, whose lines add up to the cent to ``settlement``, above 0 where the
            provider receives it, or in a prospective bundle to ``margin``, what the provider keeps of the prices; its
            ``episodes`` is the table of :meth:`by_episode`. With ``provider`` a frame with a row for each, in their
            order: their column, ``episodes``, the sums, and the lines.

        Raises
        ------
        InputError
            Where columns are missing (all are named), a cell has no price, a score is missing or out of its range, or
            a number is none, with its row.
        """
        if frame is None or (isinstance(frame, Mapping) and all(map(is_one, frame.values()))):
            by_name = facts if quality_score is None else facts | {"quality_score": quality_score}
            return self._settle_sums(frame, by_name, provider)
        if facts:
            rule = "must be left out where episodes are given in rows"
            raise InputError(f"{PLACE}.{next(iter(facts))}", rule, repr(next(iter(facts.values())))[:60])
        from atrisk.episodes import _settle  # noqa: PLC0415 - keeps the import of atrisk quick

        return _settle.settle_frame(self, frame, quality_score, provider)

    def _settle_sums(self, frame: object, facts: dict[str, Any], provider: str | None) -> Any:  # noqa: ANN401 - as settle
        if provider is not None:
            raise InputError(f"{PLACE}.provider", "must name a column of a frame", repr(provider))
        from atrisk.episodes import _settle  # noqa: PLC0415 - keeps the import of atrisk quick

        rule = self.rule()
        known = dict.fromkeys([*(name for name, *_ in rule.core.facts()), "quality_score"])
        return rule.settled(_settle.with_checked_score(self, given_facts(PLACE, frame, facts, list(known))))

    def by_episode(
        self,
        frame: object,
        /,
        *,
        quality_score: Any = None,  # noqa: ANN401 - a number, or numbers by provider
        provider: str | None = None,
    ) -> Any:  # noqa: ANN401 - a frame of the user's kind
        """Return what each episode comes to, a row for each in their order.

        Parameters
        ----------
        frame, quality_score, provider
            As in :meth:`settle`.

        Returns
        -------
        data frame
            ``target`` and ``actual``, dollars as they were given; ``truncated``, ``discounted_target`` (by the discount
            of the provider's score) and their ``difference``; or of a prospective bundle ``price``,
            ``payer_readmission``, ``borne``, ``case_recovery`` and ``margin``.
        """
        from atrisk.episodes import _settle  # noqa: PLC0415 - keeps the import of atrisk quick

        return _settle.by_episode(self, frame, quality_score, provider)


def _is(value: object, default: object) -> bool:
    """Say whether a term is what stands for nothing said: the same number, nothing, or no rungs."""
    if isinstance(default, tuple):
        return isinstance(value, (list, tuple)) and not value
    return value is default or (isinstance(value, (kinds.Real, Decimal)) and value == default)


def _uncertain(value: object) -> bool:
    """Say whether a term, or a part of it, is a distribution."""
    if isinstance(value, Mapping):
        return any(map(_uncertain, value.values()))
    if isinstance(value, (list, tuple)):
        return any(map(_uncertain, value))
    return isinstance(value, Distribution)
