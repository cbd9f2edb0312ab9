"""Members in columns: who is in the panel, when, with which risk score and payer."""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk import _columns, _core
from atrisk._errors import InputError
from atrisk._joiners import with_joiners
from atrisk._spec import plain
from atrisk.assumption import Assumption, checked
from atrisk.condition import Condition, RiskScores
from atrisk.enrolment import Attribution, Enrolment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from atrisk._seed import Seed

SHOWN_PAYERS = 5


@dataclass(frozen=True, eq=False)
class Population:
    """A panel of members; make one with :meth:`from_frame`. It cannot be changed: make another.

    Attributes
    ----------
    columns : mapping of str to numpy.ndarray
        One entry per member, read-only: ``age`` (years), ``sex`` ("female", "male"), ``risk_score`` (1.0 is the
        member the rates are for), ``entry_month`` and ``exit_month`` (1-12, both included), ``payer``,
        ``member_id``, and every further column of the frame.
    member_words : numpy.ndarray of uint64
        Word of each member in the addresses of its random numbers.
    enrolment : Enrolment or None
        Who leaves and who dies.
    attribution : Attribution or None
        Who counts where only those count who are attributed to the provider.
    conditions : tuple of Condition
        Conditions that members have and move through.
    risk_scores : RiskScores or None
        How risk scores are recorded.
    assumptions : tuple of Assumption
        What its figures rest on, for reports; nothing is computed from it.
    """

    columns: Mapping[str, NDArray[Any]]
    member_words: NDArray[np.uint64] = field(repr=False)
    enrolment: Enrolment | None = None
    attribution: Attribution | None = None
    conditions: Sequence[Condition] = ()
    risk_scores: RiskScores | None = None
    assumptions: Sequence[Assumption] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        given: Any = [self.conditions] if isinstance(self.conditions, Condition) else self.conditions
        if isinstance(given, str) or not isinstance(given, Iterable):
            raise InputError("population.conditions", "must be a list of Condition", f"a {type(given).__name__}")
        conditions = tuple(given)
        object.__setattr__(self, "conditions", conditions)
        object.__setattr__(self, "assumptions", checked("population.assumptions", self.assumptions))
        kinds = {"enrolment": Enrolment, "attribution": Attribution, "risk_scores": RiskScores}
        for name, kind in kinds.items():
            part = getattr(self, name)
            if part is not None and not isinstance(part, kind):
                raise InputError(f"population.{name}", f"must be a {kind.__name__}", f"a {type(part).__name__}")
        for position, condition in enumerate(conditions):
            if not isinstance(condition, Condition):
                path = f"population.conditions[{position}]"
                raise InputError(path, "must be a Condition", f"a {type(condition).__name__}")
        columns = {name: _columns.read_only(values) for name, values in self.columns.items()}
        object.__setattr__(self, "columns", MappingProxyType(columns))
        object.__setattr__(self, "member_words", _columns.read_only(self.member_words))

    @classmethod
    def from_frame(
        cls,
        frame: object,
        *,
        enrolment: Enrolment | None = None,
        attribution: Attribution | None = None,
        conditions: Sequence[Condition] = (),
        risk_scores: RiskScores | None = None,
    ) -> Population:
        """Make a panel from a data frame of members.

        Parameters
        ----------
        frame : pandas, polars or Arrow table
            One row per member. Needs ``age`` (years), ``sex`` ("female" or "male", "f" or "m") and
            ``risk_score`` (at least 0). May have ``member_id`` (else the row; a given identifier ties a member's
            luck to its name instead of its row), ``payer`` (else one payer), ``entry_month`` and ``exit_month``
            (first and last month enrolled, 1-12, both included; else the full year), ``entry_year`` and ``exit_year``
            (years of these months: 1 is the first performance year, 0 and below are base years). Without a year, an
            entry after January and an exit before December are of performance year 1, and who has neither was there
            before and stays. ``age`` is that in performance year 1. Further columns are kept.

        enrolment : Enrolment, optional
            Who leaves and who dies; by default nobody.
        attribution : Attribution, optional
            Who counts as the provider's; by default all.
        conditions : sequence of Condition, optional
            Conditions that members have and move through.
        risk_scores : RiskScores, optional
            How risk scores are recorded; by default as they are.

        Returns
        -------
        Population

        Raises
        ------
        InputError
            If a column is missing, empty or holds a value that cannot be: path, rule and value are named.
        """
        columns, words = _columns.from_frame(frame)
        panel = cls(
            columns=columns,
            member_words=words,
            enrolment=enrolment,
            attribution=attribution,
            conditions=conditions,
            risk_scores=risk_scores,
        )
        _core.check_population(panel.core_columns(), panel.payers)
        return panel

    @classmethod
    def synthetic(cls, name: str, *, members: int, seed: Seed = None) -> Population:
        """Make a panel of a preset's population, drawn from cited shares by age, sex and self-rated health.

        Parameters
        ----------
        name : str
            ``"commercial"`` (under 65 with any private insurance), ``"medicaid"`` (under 65 with public insurance
            only) or ``"medicare"`` (65 and over with Medicare); :func:`atrisk.presets.names`.
        members : int
            How many, at least 1.
        seed : int, numpy.random.Generator, numpy.random.SeedSequence or None
            Where the random numbers start; None draws one. With a seed a member is the same however many there are.

        Returns
        -------
        Population
            With ``self_rated_health`` as a further column, from which the risk score follows: expense relative to the
            preset's own mean, 1.0 in expectation and not in the sample. ``payer`` is the name of the preset. Its
            ``assumptions`` are the figures used, with their sources: summary tables of 2013 of the Medical Expenditure
            Panel Survey of the Agency for Healthcare Research and Quality.

        Raises
        ------
        InputError
            If there is no such preset, or a number is out of range.
        """
        from atrisk.presets._panel import panel  # noqa: PLC0415 - presets are made of panels

        return panel(name, members, seed)

    @classmethod
    def episodes(
        cls,
        *,
        volume_per_year: float,
        case_mix: object = None,
        payers: Mapping[str, float] | str | None = None,
        places: int = 100,
        seed: Seed = None,
    ) -> Population:
        """Make the caseload of a hospital or a group of surgeons, which brings episodes a year in place of a panel.

        Its rows are places for patients, few of which have an episode in a year. :func:`atrisk.episodes.care` returns
        the care that goes with it.

        Parameters
        ----------
        volume_per_year : float
            Episodes that are expected in a year, above 0: the number is Poisson with this mean.
        case_mix : mapping of str to distribution, mapping or value, or data frame, optional
            Columns of the patients, for relativities of episodes and services. A mapping draws each column by itself:
            from a distribution, from values with their shares (which come to 1), or one value for all. Rows of a frame
            are drawn together, with replacement, in proportion to a column ``share`` where there is one. By default
            everybody is a woman of 70, which matters only to relativities by age and sex.
        payers : str or mapping of str to float, optional
            The payer, or payers with their shares of the patients; by default one.
        places : int, default 100
            Rows for each expected episode, 1-10,000. A second event in the same place within the window is not told
            from the first patient's return, which happens to a part window_days / 365 / places of the episodes, 0.25 %
            of 90 days with 100. Time and memory grow with the rows.
        seed : int, numpy.random.Generator, numpy.random.SeedSequence or None
            Where the random numbers of ``case_mix`` and ``payers`` start; None draws one. With a seed a place is the
            same however many there are.

        Returns
        -------
        Population
            With ``volume_per_year`` / rows as every place's ``risk_score``, so that a service whose ``per_1000`` is
            1,000 has ``volume_per_year`` events. Figures per member per month say nothing of it.

        Raises
        ------
        InputError
            If a number is out of range, shares do not come to 1, or a column is one that the caseload makes.

        Notes
        -----
        Drawn once, with the seed: who each place is for. Drawn anew in each replicate and year: how many episodes
        there are, in which places and so for whom, when, and everything in them. A number of episodes that is known
        beforehand has no place here. Ages grow from year to year as those of members do.

        Examples
        --------
        >>> caseload = ar.Population.episodes(volume_per_year=200, case_mix={"frail": {"yes": 0.3, "no": 0.7}}, seed=1)
        >>> len(caseload), float(caseload.columns["risk_score"].sum().round(9))
        (20000, 200.0)
        """
        from atrisk._episode_places import caseload  # noqa: PLC0415 - caseloads are made of populations

        return caseload(volume_per_year, case_mix, payers, places, seed)

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel between processes as plain columns."""
        moves = (self.enrolment, self.attribution, self.conditions, self.risk_scores, self.assumptions)
        return type(self), (dict(self.columns), self.member_words, *moves)

    def to_spec(self) -> dict[str, Any]:
        """Return what the core reads of how the panel moves through the years."""
        return {
            "enrolment": None if self.enrolment is None else self.enrolment.to_spec(),
            "attribution": None if self.attribution is None else self.attribution.to_spec(),
            "conditions": [condition.to_spec() for condition in self.conditions],
            "risk_scores": None if self.risk_scores is None else self.risk_scores.to_spec(),
        }

    def with_joiners(self, share_per_year: float, *, years: int, selection: float = 0.0) -> Population:
        """Return the panel with members who join in performance years 2 to ``years``.

        Joiners are as members of the panel are, with luck of their own; they enter spread evenly over the months of
        their year, at the ages that the panel has then.

        Parameters
        ----------
        share_per_year : float
            Joiners of each year as a part of the panel, 0-10.
        years : int
            Last performance year in which members join, 2-20.
        selection : float, default 0
            Members are taken as patterns in proportion to their risk score to this power: below 0 the healthy join.
        """
        share = plain("with_joiners.share_per_year", share_per_year)
        return with_joiners(self, share, years, plain("with_joiners.selection", selection))

    def __len__(self) -> int:
        return len(self.member_words)

    @property
    def member_months(self) -> int:
        """Months of enrolment, over all members."""
        return int(np.sum(self.columns["exit_month"] - self.columns["entry_month"] + 1))

    @cached_property
    def payers(self) -> list[str]:
        """Names of the payers, sorted."""
        return sorted(set(self.columns["payer"].tolist()))

    def core_columns(self) -> dict[str, NDArray[Any]]:
        """Return the columns that cross to the core, in its types."""
        codes = {name: code for code, name in enumerate(self.payers)}
        payer = np.array([codes[name] for name in self.columns["payer"].tolist()], dtype=np.int64)
        names = ["age", "risk_score", "entry_month", "exit_month"]
        names += [name for name in ("entry_year", "exit_year") if name in self.columns]
        states = {condition.factor_name: condition.state_of(self.columns) for condition in self.conditions}
        known = {name: state for name, state in states.items() if state is not None}
        sex = np.select([self.columns["sex"] == "female", self.columns["sex"] == "male"], [0, 1], 2)
        codes_of = {"member": self.member_words, "payer": payer, "sex": sex}
        return codes_of | {name: self.columns[name] for name in names} | known

    def to_pandas(self) -> pd.DataFrame:
        """Return the panel as a pandas frame of its own, one row per member."""
        import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

        return pd.DataFrame({name: values.copy() for name, values in self.columns.items()})

    def __repr__(self) -> str:
        age, risk_score = self.columns["age"], self.columns["risk_score"]
        female = np.mean(self.columns["sex"] == "female")
        payers = self.payers[:SHOWN_PAYERS] + ["..."] * (len(self.payers) > SHOWN_PAYERS)
        return (
            f"Population({len(self):,} members, {self.member_months:,} member-months, "
            f"mean age {age.mean():.1f}, {female:.0%} female, mean risk score {risk_score.mean():.3f}, "
            f"payers: {', '.join(payers)})"
        )

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(repr(self))}</p>{self.to_pandas().head().to_html()}"
