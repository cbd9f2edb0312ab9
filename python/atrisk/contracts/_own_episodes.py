"""Episodes of a user's own under an episode bundle: the rules that settle them, alone and together."""

from __future__ import annotations

import numbers as kinds
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from atrisk._errors import InputError
from atrisk._spec import known_term, plain
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
OF_CASES = ("discount", "warranty_share", "case_ceded_share", "stop_loss_premium")
RUNGS = ("quality_discounts", "quality_loss_discounts")
BY_CELL = ("target_price", "truncate_at", "raise_to", "post_episode_threshold", "case_attachment")
#: What is of a study: its members, its services and its years.
OF_STUDIES = ("services", "target_multipliers", "baseline", "excludes_attributed")
#: What means nothing in the other kind.
ONLY = {
    "prospective": (
        "warranty_share",
        "readmission_services",
        "case_attachment",
        "case_ceded_share",
        "aggregate_attachment_rate",
        "stop_loss_premium",
    ),
    "retrospective": (
        *RECONCILED[1:],
        *RUNGS,
        "quality_score",
        "quality_measures",
        "truncate_at",
        "raise_to",
        "post_episode_threshold",
        "post_episode_days",
    ),
}
ADJUSTMENTS = ("difference", "below_minimum", "quality_adjustment", "sharing_adjustment", "limit_adjustment")
RECONCILIATION = (*((line, 1) for line in ADJUSTMENTS), ("post_episode_excess", -1), ("settlement", 1))
PROSPECTIVE = (("target", 1), ("borne", -1), ("aggregate_recovery", 1), ("premium", -1), ("margin", 1))


class OwnEpisodes:
    """Base of episode bundles: what they make of episodes that a user has."""

    kind: Literal["retrospective", "prospective"]
    best_score: float
    quality_gain_cut: Uncertain
    quality_loss_cut: Uncertain
    quality_discounts: Rungs
    quality_loss_discounts: Rungs | None
    least_quality: float | None
    warranty_share: Uncertain
    stop_loss_premium: Uncertain
    target_price: Uncertain | Mapping[Any, Uncertain] | None
    post_episode_threshold: Uncertain | Mapping[Any, Uncertain] | None
    source: str
    notes: tuple[str, ...]

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
            paid = [] if says_nothing(self.stop_loss_premium, 0) else ["premium"]
            return Rule("prospective_bundle", terms, PLACE, PROSPECTIVE, self.notes, self.source, needed=tuple(paid))
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
        cuts = says_nothing(self.quality_gain_cut, 0) and says_nothing(self.quality_loss_cut, 0)
        return not (cuts and self.least_quality is None and says_nothing(self.quality_discounts, ()))

    def needs(self) -> list[str]:
        """Return the columns of episodes that the terms need beside ``cell``, ``target`` and ``actual``."""
        of_readmissions = self.kind == "prospective" and not says_nothing(self.warranty_share, 1)
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
            the discount, ``actual``, ``payer_readmission``, ``case_recovery`` and ``premium``, which is needed where
            stop-loss has one. Numbers give a statement, columns a frame.

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
        self._refuse_of_studies()
        if frame is None or (isinstance(frame, Mapping) and all(map(is_one, frame.values()))):
            by_name = facts if quality_score is None else facts | {"quality_score": quality_score}
            return self._settle_sums(frame, by_name, provider)
        if facts:
            rule = "must be left out where episodes are given in rows"
            raise InputError(f"{PLACE}.{next(iter(facts))}", rule, repr(next(iter(facts.values())))[:60])
        from atrisk.episodes import _settle  # noqa: PLC0415 - keeps the import of atrisk quick

        return _settle.settle_frame(self, frame, quality_score, provider)

    def _refuse_of_studies(self) -> None:
        for name in OF_STUDIES:
            if getattr(self, name):
                rule = "must be left out where own episodes are settled: their dollars and targets are given"
                raise InputError(f"{PLACE}.{name}", rule, repr(getattr(self, name))[:60])

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
            ``payer_readmission``, ``borne``, ``case_recovery``, ``premium`` and ``margin``.
        """
        from atrisk.episodes import _settle  # noqa: PLC0415 - keeps the import of atrisk quick

        self._refuse_of_studies()
        return _settle.by_episode(self, frame, quality_score, provider)


def says_nothing(value: object, default: object) -> bool:
    """Say whether a term is what stands for nothing said: the same number, nothing, or no rungs."""
    if isinstance(default, tuple):
        return isinstance(value, (list, tuple)) and not value
    return value is default or (isinstance(value, (kinds.Real, Decimal)) and value == default)
