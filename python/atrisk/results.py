"""What a run found: tables, comparisons, statements, and enough to run it again."""

from __future__ import annotations

import copy
import html
import platform
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk import _core, _memory, metrics
from atrisk._errors import InputError
from atrisk._spec import whole
from atrisk.plot import Plot
from atrisk.statement import Statement

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from atrisk.metrics import Figure
    from atrisk.study import Study

FIRST_YEAR = 1
QUANTILE = 0.05
BYTES_A_ROW = 2 * 12 * 8  # twelve columns, and once more while the frame is put together
COLUMNS = tuple(name for name in _core.figure_names() if not name.startswith("minimum_cash"))
COMPARED = ("provider_net", "provider_revenue", "provider_cost", "payer_spend", "member_cost_share")


class Results:
    """The figures of every replicate and arm of a run; made by :meth:`Study.run`.

    Attributes
    ----------
    study : Study
        What was run.
    first : int
        Absolute number of the first replicate.
    replicates : int
        Number of replicates.
    cash : bool
        Whether cash moved in the month of each event, so that the figures of cash are known.
    spec : dict
        The whole specification but the members: seed, utilization, arms.
    versions : dict
        Versions of atrisk, numpy and Python.
    plot : Plot
        Pictures, as matplotlib axes.
    """

    def __init__(self, *, study: Study, figures: NDArray[np.float64], first: int, cash: bool) -> None:
        self.study = study
        self.first = first
        self.cash = cash
        self.spec: dict[str, Any] = copy.deepcopy(study.spec)
        self.versions = {"atrisk": _core.__version__, "numpy": np.__version__, "python": platform.python_version()}
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

    def values(self, figure: str, arm: str) -> NDArray[np.float64]:
        """One figure of one arm, one value per replicate.

        Parameters
        ----------
        figure : str
            A column of :meth:`to_pandas`, ``minimum_cash`` (dollars: the lowest month-end balance of the
            provider's cash, from 0) or ``minimum_cash_month`` (from 1).
        arm : str
            Name of an arm.

        Returns
        -------
        numpy.ndarray
            In the order of the replicates.
        """
        names = _core.figure_names()
        if figure not in names:
            raise InputError("figure", f"must be one of {', '.join(names)}", repr(figure))
        if not self.cash and figure not in COLUMNS:
            raise InputError("figure", "must be known", repr(figure), "run with cash=True")
        return self._figures[:, self._arm_index(arm), names.index(figure)]

    def to_pandas(self) -> pd.DataFrame:
        """Every replicate as a row.

        Returns
        -------
        pandas.DataFrame
            Columns ``arm``, ``draw`` (0: parameters are certain), ``replicate`` (absolute number), ``year``
            (year incurred, from 1), ``member_months``, and in dollars ``allowed``, ``paid``,
            ``provider_revenue``, ``provider_cost``, ``provider_net``, ``payer_spend``, ``member_cost_share``;
            sorted by the first four. Meanings: the page "The model" of the documentation.
        """
        import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

        arms = sorted(self.arms)
        rows = len(arms) * self.replicates
        needed = BYTES_A_ROW * rows
        _memory.refuse_more_than_available(
            f"to_pandas: {rows:,} rows need", needed, "take single figures with values()"
        )
        numbers = np.arange(self.first, self.first + self.replicates, dtype=np.int64)
        frame: dict[str, Any] = {
            "arm": np.repeat(np.array(arms, dtype=object), self.replicates),
            "draw": np.zeros(len(arms) * self.replicates, dtype=np.int64),
            "replicate": np.tile(numbers, len(arms)),
            "year": np.full(len(arms) * self.replicates, FIRST_YEAR, dtype=np.int64),
        }
        frame |= {name: np.concatenate([self.values(name, arm) for arm in arms]) for name in COLUMNS}
        return pd.DataFrame(frame)

    def summary(self) -> pd.DataFrame:
        """One row per arm, every figure with its Monte Carlo standard error beside it (``_se``).

        Returns
        -------
        pandas.DataFrame
            Indexed by arm, in the order they were given. Dollars a year unless said otherwise:
            ``provider_revenue_mean``, ``provider_cost_mean``, ``provider_net_mean``, ``provider_net_sd``,
            ``provider_net_quantile_05`` (1 year in 20 is worse), ``provider_net_pmpm`` (dollars per member per
            month), ``probability_of_loss`` (of ``provider_net`` below zero), ``payer_spend_mean``,
            ``payer_spend_pmpm``, ``member_cost_share_mean``, ``minimum_cash_mean`` (lowest month-end balance;
            not after a run with ``cash=False``).
            What too few replicates leave undefined is missing; ``attrs["missing"]`` says why.
        """
        return self._table({arm: self._summary_of(arm) for arm in self.arms})

    def compare(self, baseline: str) -> pd.DataFrame:
        """Paired differences of every other arm to a baseline arm, replicate by replicate.

        Parameters
        ----------
        baseline : str
            Name of the arm to compare with.

        Returns
        -------
        pandas.DataFrame
            Indexed by arm: mean differences in dollars a year (arm − baseline) of provider net, revenue and
            cost, payer spend and member cost share, ``provider_net_sd`` of the difference, and
            ``probability_of_more`` (that the provider nets more than under the baseline); each with ``_se``.
        """
        self._arm_index(baseline)
        others = [arm for arm in self.arms if arm != baseline]
        return self._table({arm: self._difference(arm, baseline) for arm in others})

    def statement(self, arm: str, *, replicate: int) -> Statement:
        """Settle one replicate of one arm again in decimal, line by line.

        Gates decide as in the simulation (after ``cash=False`` but for the last digits of its sums). Every transfer
        of a statement is rounded to whole cents, as money moves, and the simulation rounds none: totals may differ
        by half a cent for each transfer.

        Parameters
        ----------
        arm : str
            Name of an arm.
        replicate : int
            Absolute number of a replicate; any that was run.

        Returns
        -------
        Statement
        """
        index = self._arm_index(arm)
        replicate = whole("statement.replicate", replicate, self.first, self.first + self.replicates - 1)
        both = self.study._core.statement(index, replicate)  # noqa: SLF001 - its own package
        return Statement(arm=arm, replicate=replicate, steps=both["steps"], transfers=both["transfers"])

    def rerun(self) -> Results:
        """Build the study again from the recorded specification and run the same replicates: the same bits."""
        study = type(self.study).from_spec(self.study.population, self.spec)
        return study.run(self.replicates, first=self.first, cash=self.cash, progress=False)

    def _summary_of(self, arm: str) -> dict[str, Figure]:
        net, spend = self.values("provider_net", arm), self.values("payer_spend", arm)
        months = self.values("member_months", arm)
        cash = {"minimum_cash_mean": metrics.mean(self.values("minimum_cash", arm))} if self.cash else {}
        return {
            "provider_revenue_mean": metrics.mean(self.values("provider_revenue", arm)),
            "provider_cost_mean": metrics.mean(self.values("provider_cost", arm)),
            "provider_net_mean": metrics.mean(net),
            "provider_net_sd": metrics.standard_deviation(net),
            "provider_net_quantile_05": metrics.quantile(net, QUANTILE),
            "provider_net_pmpm": metrics.mean(net / months),
            "probability_of_loss": metrics.probability(metrics.cents(net) < 0),
            "payer_spend_mean": metrics.mean(spend),
            "payer_spend_pmpm": metrics.mean(spend / months),
            "member_cost_share_mean": metrics.mean(self.values("member_cost_share", arm)),
        } | cash

    def _difference(self, arm: str, baseline: str) -> dict[str, Figure]:
        def paired(name: str) -> NDArray[np.float64]:
            return self.values(name, arm) - self.values(name, baseline)

        figures: dict[str, Figure] = {f"{name}_mean": metrics.mean(paired(name)) for name in COMPARED}
        figures["provider_net_sd"] = metrics.standard_deviation(paired("provider_net"))
        figures["probability_of_more"] = metrics.probability(metrics.cents(paired("provider_net")) > 0)
        return figures

    def _table(self, rows: dict[str, dict[str, Any]]) -> pd.DataFrame:
        import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

        flat = {
            arm: {
                key: part
                for name, pair in figures.items()
                for key, part in zip((name, f"{name}_se"), pair, strict=True)
            }
            for arm, figures in rows.items()
        }
        frame = pd.DataFrame.from_dict(flat, orient="index")
        frame.index.name = "arm"
        undefined = [name for name in frame.columns if frame[name].isna().any()]
        for name in undefined:
            frame[name] = frame[name].astype("Float64")
        if undefined:
            frame.attrs["missing"] = f"too few replicates ({self.replicates:,}) for {', '.join(undefined)}"
        frame.attrs["replicates"] = self.replicates
        return frame

    def _arm_index(self, arm: str) -> int:
        if arm not in self.arms:
            raise InputError("arm", f"must be one of {', '.join(self.arms)}", repr(arm))
        return self.arms.index(arm)

    def _title(self) -> str:
        members, seed = len(self.study.population), self.spec["seed"]
        numbers = f"replicates: {self.replicates:,} from {self.first:,}"
        return f"{members:,} members, 1 year, arms: {len(self.arms)}, {numbers}, seed {seed}"

    def __repr__(self) -> str:
        return f"Results({self._title()})"

    def _repr_html_(self) -> str:
        summary = self.summary()
        names = [name for name in summary.columns if not name.endswith("_se")]
        head = "".join(f"<th>{html.escape(arm)}</th>" for arm in self.arms)
        rows = "".join(
            f"<tr><th>{name}</th>"
            + "".join(f"<td>{_with_error(row[name], row[f'{name}_se'])}</td>" for _, row in summary.iterrows())
            + "</tr>"
            for name in names
        )
        note = "± one Monte Carlo standard error; dollars a year unless the name says otherwise"
        return f"<p>{self._title()}<br><small>{note}</small></p><table><tr><th></th>{head}</tr>{rows}</table>"


def _with_error(value: Any, error: Any) -> str:  # noqa: ANN401 - a float or a missing value
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    if pd.isna(value):
        return "-"
    if pd.isna(error):
        return f"{value:,.2f}"
    digits = 0 if abs(value) >= 10_000 else 2 if abs(value) > 1 else 4  # noqa: PLR2004 - what a person can read
    return f"{value:,.{digits}f} ± {error:,.{digits}f}"
