"""What a run found: tables, comparisons, statements, and enough to run it again."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk import _core, _health, _kept, _rows, _summary, _versions
from atrisk._errors import InputError
from atrisk._rows import COLUMNS
from atrisk._spec import whole
from atrisk.arm_statement import ArmStatement
from atrisk.plot import Plot

if TYPE_CHECKING:
    import os

    import pandas as pd
    from numpy.typing import NDArray

    from atrisk._draws import Plan
    from atrisk.metrics import Figure, VarianceSplit
    from atrisk.report import Fit
    from atrisk.study import Study


class Results(_kept.Kept, _health.HealthFound):
    """The figures of every replicate and arm of a run; made by :meth:`Study.run`.

    Attributes
    ----------
    study : Study
        What was run.
    first : int
        Absolute number of the first replicate.
    replicates : int
        Number of replicates, over all draws.
    draws : int or None
        Number of nested draws of the uncertain inputs.
    cash : bool
        Whether cash moved in the month of each event, so that the figures of cash are known.
    spec : dict
        The whole specification but the members: seed, utilization, arms.
    versions : dict
        Versions of atrisk, numpy and Python.
    plot : Plot
        Pictures, as matplotlib axes.
    """

    def __init__(self, *, study: Study, figures: NDArray[np.float64], plan: Plan, cash: bool) -> None:
        self.study = study
        self.plan = plan
        self.first = plan.first
        self.cash = cash
        self.spec: dict[str, Any] = copy.deepcopy(study.spec)
        self.versions = _versions.current()
        self.plot = Plot(self)
        self._figures = figures
        self._figures.setflags(write=False)

    @property
    def arms(self) -> list[str]:
        """Names of the arms, in the order they were given."""
        return self.study.arms

    @property
    def replicates(self) -> int:
        """Number of replicates."""
        return len(self._figures)

    @property
    def draws(self) -> int | None:
        """Number of nested draws of the uncertain inputs that have run whole; None where draws are not nested."""
        inner = self.plan.inner
        return None if inner is None else self.replicates // inner

    @property
    def years(self) -> int:
        """Number of performance years."""
        return int(self._figures.shape[2])

    def values(
        self, figure: str, arm: str, *, year: int | None = None, payer: str | None = None
    ) -> NDArray[np.float64]:
        """One figure of one arm, one value per replicate.

        Parameters
        ----------
        figure : str
            A column of :meth:`to_pandas`, ``minimum_cash`` (dollars: the lowest month-end balance of the
            provider's cash, from 0) or ``minimum_cash_month`` (from 1).
        arm : str
            Name of an arm.
        year : int, optional
            One performance year, from 1; by default all of them: sums, and the lowest cash with its month.
        payer : str, optional
            Of one payer's members and what is settled with it, after a run with ``keep="payers"``; what is of no
            payer (fixed costs, contracts with all of them) is not in it. By default everything.

        Returns
        -------
        numpy.ndarray
            In the order of the replicates; with nested draws, those of the first draw come first.
        """
        names = _core.figure_names()
        if figure not in names:
            raise InputError("figure", f"must be one of {', '.join(names)}", repr(figure))
        if not self.cash and figure not in COLUMNS:
            raise InputError("figure", "must be known", repr(figure), "run with cash=True")
        if payer is not None:
            return _kept.of_payer(self, figure, arm, payer, year)
        of_years: NDArray[np.float64] = self._figures[:, self._arm_index(arm), :, names.index(figure)]
        if year is not None:
            return np.asarray(of_years[:, whole("year", year, 1, self.years) - 1])
        if self.years == 1:
            return of_years[:, 0]
        if figure in COLUMNS:
            return np.asarray(of_years.sum(axis=1))
        balances = self._figures[:, self._arm_index(arm), :, names.index("minimum_cash")]
        lowest = balances.argmin(axis=1)
        return np.asarray(of_years[np.arange(len(of_years)), lowest])

    def parameters(self) -> pd.DataFrame:
        """Uncertain inputs of each draw.

        Returns
        -------
        pandas.DataFrame
            A row for each draw, a column for each path; no columns where nothing is uncertain, and one row of means
            after a run with ``parameters="mean"``.
        """
        return _rows.parameters(self)

    def found(self, name: str, arm: str, *, year: int | None = None) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return what was found of an outcome or measure, one value per replicate.

        Parameters
        ----------
        name : str
            Name of an outcome or a measure.
        arm : str
            Name of an arm.
        year : int, optional
            One performance year, from 1; by default all of them together.

        Returns
        -------
        tuple of numpy.ndarray
            Events or members who meet the measure, and eligible members (those enrolled at all, for an outcome).
        """
        return _health.found(self, name, arm, year)

    def variance_split(
        self, arm: str, figure: str = "provider_net", *, year: int | None = None, relative_to: str | None = None
    ) -> VarianceSplit:
        """Split the variance of a figure into not knowing (between draws) and luck (within).

        Parameters
        ----------
        arm : str
            Name of an arm.
        figure : str, default "provider_net"
            As :meth:`values` takes it.
        year : int, optional
            One performance year, from 1; by default all of them together.
        relative_to : str, optional
            Name of an arm whose figure of the same replicate is taken off.

        Returns
        -------
        VarianceSplit
            Shares ``parameters`` and ``luck``, 0-1, each with its standard error.

        Raises
        ------
        InputError
            If draws are not nested: ``run(replicates, draws=200)``.
        """
        return _summary.variance_split(self, arm, figure, year, relative_to)

    def probability_of_loss(self, arm: str, *, horizon: str | int = "total", relative_to: str | None = None) -> Figure:
        """Return the chance that the provider's net is below zero, with its standard error.

        Errors of runs with a latin hypercube or Sobol design are those of independent draws, and on the safe side.

        Parameters
        ----------
        arm : str
            Name of an arm.
        horizon : {"total", "any_year"} or int, default "total"
            Over all performance years together, in at least one of them, or in one year (from 1).
        relative_to : str, optional
            Name of an arm whose net of the same replicate is taken off.
        """
        return _summary.probability_of_loss(self, arm, horizon, relative_to)

    @property
    def clusters(self) -> int | None:
        """How many independent groups the replicates are of, where they are not independent themselves."""
        whole_run = len(self._figures) == self.plan.replicates
        return self.plan.clusters if whole_run else self.draws

    def to_pandas(self) -> pd.DataFrame:
        """Every replicate as a row.

        Returns
        -------
        pandas.DataFrame
            Columns ``arm``, ``draw`` (of the uncertain inputs; 0 where none are drawn), ``replicate`` (absolute number;
            with nested draws that within the draw), ``year`` (incurred, from 1), ``member_months``, and in dollars
            ``allowed``, ``paid``, ``provider_revenue``, ``provider_cost``, ``provider_net``, ``payer_spend``,
            ``member_cost_share``; sorted by the first four. Meanings: the page "The model" of the documentation.
        """
        return _rows.every_replicate(self)

    def summary(self, *, year: int | None = None) -> pd.DataFrame:
        """One row per arm, every figure with its Monte Carlo standard error beside it (``_se``).

        Standard errors cluster by draw where draws are nested, and by pairs in an antithetic design.

        Parameters
        ----------
        year : int, optional
            One performance year, from 1; by default all of them together.

        Returns
        -------
        pandas.DataFrame
            Indexed by arm, in the order they were given. Dollars over the years unless said otherwise:
            ``provider_revenue_mean``, ``provider_cost_mean``, ``provider_net_mean``, ``provider_net_sd``,
            ``provider_net_quantile_05`` (1 replicate in 20 is worse), ``provider_net_tail_mean_05`` (mean of the worst
            twentieth: the tail value at risk of the loss, with its sign), ``provider_net_pmpm`` (dollars per member per
            month), ``probability_of_loss`` (of ``provider_net`` below zero), ``payer_spend_mean``,
            ``payer_spend_pmpm``, ``member_cost_share_mean``, ``minimum_cash_mean`` (lowest month-end balance;
            not after a run with ``cash=False``).
            What too few replicates leave undefined is missing; ``attrs["missing"]`` says why.
        """
        return _summary.table(self, {arm: _summary.summary_of(self, arm, year) for arm in self.arms})

    def compare(self, baseline: str, *, year: int | None = None) -> pd.DataFrame:
        """Paired differences of every other arm to a baseline arm, replicate by replicate.

        Parameters
        ----------
        baseline : str
            Name of the arm to compare with.
        year : int, optional
            One performance year, from 1; by default all of them together.

        Returns
        -------
        pandas.DataFrame
            Indexed by arm: mean differences in dollars over the years (arm − baseline) of provider net, revenue and
            cost, payer spend and member cost share, ``provider_net_sd`` of the difference, and
            ``probability_of_more`` (that the provider nets more than under the baseline); each with ``_se``.
        """
        self._arm_index(baseline)
        others = [arm for arm in self.arms if arm != baseline]
        return _summary.table(self, {arm: _summary.difference(self, arm, baseline, year) for arm in others})

    def statement(self, arm: str, *, replicate: int) -> ArmStatement:
        """Settle one replicate of one arm again in decimal, line by line.

        Gates decide as in the simulation (after ``cash=False`` but for the last digits of its sums). Every transfer
        of a statement is rounded to whole cents, as money moves, and the simulation rounds none: totals may differ
        by half a cent for each transfer.

        Parameters
        ----------
        arm : str
            Name of an arm.
        replicate : int
            Absolute number of a replicate; any that was run. With nested draws, counted over all of them.

        Returns
        -------
        ArmStatement
        """
        index = self._arm_index(arm)
        _versions.warn_of_others(self, ("atrisk",))
        replicate = whole("statement.replicate", replicate, self.first, self.first + self.replicates - 1)
        inner = self.plan.inner
        world = (0, replicate) if inner is None else divmod(replicate, inner)
        values = self.plan.rows(replicate - self.first, 1)
        row = None if values is None else values[0]
        both = self.study._core.statement(index, *world, row)  # noqa: SLF001 - its own package
        return ArmStatement.of(self.spec["arms"][index], replicate, both)

    def rerun(self) -> Results:
        """Build the study again from the recorded specification and run the same replicates: the same bits.

        Warns where results were saved by another version, whose bits may differ.
        """
        spread = self.plan.design in {"latin_hypercube", "sobol"}  # whose points NumPy and SciPy draw
        _versions.warn_of_others(self, ("atrisk", "numpy") if spread else ("atrisk",))
        given = self.study
        study = type(given).from_spec(given.population, self.spec, given.factors, given.measures, given.assumptions)
        plan = self.plan
        return study.run(
            plan.replicates // (plan.draws or 1) if len(self._figures) == plan.replicates else len(self._figures),
            draws=plan.draws,
            parameters=plan.parameters,
            design=plan.design,
            first=self.first,
            cash=self.cash,
            keep=[name for name, is_kept in self.spec.get("keep", {}).items() if is_kept],
            progress=False,
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write everything to one file, from which :func:`atrisk.load` makes these results again, bit for bit.

        Parameters
        ----------
        path : str or path
            Where to; a file that is there is replaced, once the new one is whole.

        Raises
        ------
        InputError
            If the panel has a column of objects that are no numbers, texts or dates.
        OSError
            If nothing can be written there.
        """
        from atrisk._saved import save  # noqa: PLC0415 - it knows results

        save(self, path)

    def report(  # noqa: PLR0913 - what a reader is told besides the figures
        self,
        path: str | os.PathLike[str],
        *,
        question: str = "",
        title: str | None = None,
        baseline: str | None = None,
        fit: Fit | None = None,
        unit: str = "dollars",
        date: str = "",
    ) -> None:
        """Write one HTML file for the people who decide: question, findings, panel, terms, figures, limits, manifest.

        It needs no network and no script, prints in black and white, and is the same bytes for the same results.
        Needs matplotlib (``pip install atrisk[plot]``).

        Parameters
        ----------
        path : str or path
            Where to; a file that is there is replaced, once the new one is whole.
        question : str, optional
            What is to be decided, printed first.
        title : str, optional
            By default the names of the arms.
        baseline : str, optional
            Name of the arm that the others are compared with; by default the first.
        fit : object, optional
            How well the model shows what was observed: its ``table`` (a frame), ``figure()`` (of matplotlib) and
            ``notes`` (texts) are printed.
        unit : str, default "dollars"
            Words for the unit of money, such as "1970s dollars".
        date : str, optional
            Printed as it is given; by default none, since the same results make the same bytes.

        Raises
        ------
        InputError
            If the baseline is no arm, or something else is not what it must be.
        ImportError
            If matplotlib is missing.
        OSError
            If nothing can be written there.
        """
        from atrisk.report import Told, report  # noqa: PLC0415 - only who writes one needs it

        told = Told(question=question, title=title, baseline=baseline, fit=fit, unit=unit, date=date)
        report(self, path, told)

    def _arm_index(self, arm: str) -> int:
        if arm not in self.arms:
            raise InputError("arm", f"must be one of {', '.join(self.arms)}", repr(arm))
        return self.arms.index(arm)

    def __repr__(self) -> str:
        return f"Results({_summary.title(self)})"

    def _repr_html_(self) -> str:
        return _summary.page(self)
