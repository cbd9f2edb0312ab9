"""A study: one panel, its care, and the arms that are settled on the same simulated years."""

from __future__ import annotations

import html
import json
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk import _core, _kept, _memory
from atrisk._arms import Arrangement, arm_spec, in_words, member_columns, pairs
from atrisk._draws import drawn
from atrisk._errors import InputError
from atrisk._executor import checked
from atrisk._lasers import find_members
from atrisk._parameters import collect, correlation_matrix
from atrisk._pilot import find_chances
from atrisk._running import Run
from atrisk._seed import recorded_seed
from atrisk._spec import all_of, flag, known, whole
from atrisk._worker import Payload
from atrisk.arm import Arm
from atrisk.health import Measure, Outcome
from atrisk.population import Population
from atrisk.results import Results
from atrisk.utilization import Utilization

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from atrisk import exact
    from atrisk._seed import Seed
    from atrisk.assumption import Assumption

LARGEST_REPLICATE = 2**32 - 1
BYTES_AN_EVENT = 128


class Study:
    """A panel, its care and arms, ready to run; everything is checked when the study is built.

    Parameters
    ----------
    population : Population
        The panel.
    utilization : Utilization
        The care it uses.
    arms : mapping of str to contract or list of contracts
        Named arrangements, settled on the same simulated years; contracts of a list settle in its order.
        A sequence of (name, arrangement) pairs means the same.
    base_years : int, default 0
        Years before the first performance year, 0-10, which benchmarks are computed from; numbered 0, -1, ... They are
        years of the same members without programmes, and are simulated where a contract reads them.
    years : int, default 1
        Performance years, 1-20, numbered from 1.
    outcomes, measures : sequence of Outcome and of Measure, default ()
        What is counted of the members' health and measured of its quality, on the same paths: ``results.outcomes()``
        and ``results.measures()``.
    parameter_correlation : mapping of (str, str) to float, optional
        Correlation of uncertain inputs, by pairs of their paths, of the normals of a Gaussian copula; by default they
        are independent. ``study.uncertain_inputs`` lists the paths.
    seed : int, numpy.random.Generator, numpy.random.SeedSequence or None
        Where the random numbers start, 0 to 2**64 - 1; None draws one. It is recorded in every result.

    Raises
    ------
    InputError
        If anything breaks a rule: path, rule, value and often a hint are named.

    Examples
    --------
    >>> import pandas as pd
    >>> panel = ar.Population.from_frame(pd.DataFrame({"age": [70] * 500, "sex": "f", "risk_score": 1.0}))
    >>> care = ar.Utilization(services=[ar.Service("visits", per_1000=4_000, allowed=110.0, own_cost=90.0)])
    >>> study = ar.Study(panel, care, {"Fee-for-service": ar.FeeForService()}, seed=1)
    >>> study.run(replicates=100).summary().loc["Fee-for-service", "probability_of_loss"]
    np.float64(0.0)
    """

    def __init__(  # noqa: PLR0913 - the parts of a study
        self,
        population: Population,
        utilization: Utilization,
        arms: Mapping[str, Arrangement] | Sequence[tuple[str, Arrangement]],
        *,
        base_years: int = 0,
        years: int = 1,
        outcomes: Sequence[Outcome] = (),
        measures: Sequence[Measure] = (),
        parameter_correlation: Mapping[tuple[str, str], float] | None = None,
        seed: Seed = None,
    ) -> None:
        _expect("population", population, Population)
        _expect("utilization", utilization, Utilization)
        self.seed = recorded_seed(seed)
        self.population = population
        self.factors = utilization.factors(population)
        self.assumptions = (*population.assumptions, *utilization.assumptions)
        self.measures = all_of(Measure, "measures", measures)
        names = [service.name for service in utilization.services]
        health = (*all_of(Outcome, "outcomes", outcomes), *self.measures)
        self.factors |= {name: values for each in health for name, values in each.columns(population, names).items()}
        self.spec: dict[str, Any] = {
            "seed": self.seed,
            "base_years": known("study.base_years", base_years),
            "years": known("study.years", years),
            "population": population.to_spec(),
            "utilization": utilization.to_spec(),
            "arms": [arm_spec(name, arrangement) for name, arrangement in pairs(arms)],
            "outcomes": [each.to_spec(names) for each in health if isinstance(each, Outcome)],
            "measures": [each.to_spec(names) for each in self.measures],
        }
        self.factors |= member_columns(arms, population)
        find_members(self.spec, population)
        inputs = collect(self.spec)
        correlation = correlation_matrix([each["path"] for each in inputs], parameter_correlation)
        self.spec["parameters"] = {"inputs": inputs, "correlation": correlation}
        self._price_premiums()
        responses = [arm.response for _, arm in pairs(arms) if isinstance(arm, Arm) and arm.response is not None]
        if responses:
            self._build()  # whose rules come before any pilot
            find_chances(self.spec, max(response.pilot() for response in responses), self._build)
        self._core = self._build()

    def _price_premiums(self) -> None:
        from atrisk import exact  # noqa: PLC0415 - keeps the import of atrisk quick

        exact.price_premiums(self.spec, self.population, self._build)

    @classmethod
    def from_spec(
        cls,
        population: Population,
        spec: dict[str, Any],
        factors: Mapping[str, NDArray[np.float64]] | None = None,
        measures: Sequence[Measure] = (),
        assumptions: Sequence[Assumption] = (),
    ) -> Study:
        """Build a study again from its recorded specification (``results.spec``) and its members' factors."""
        study = cls.__new__(cls)
        study.seed = spec["seed"]
        study.population = population
        study.spec = spec
        study.factors = dict(factors or {})
        study.measures = tuple(measures)
        study.assumptions = tuple(assumptions)
        study._core = study._build()  # noqa: SLF001 - its own class
        return study

    def _build(self, spec: dict[str, Any] | None = None) -> _core.Study:
        columns = self.population.core_columns() | self.factors
        text = json.dumps(self.spec if spec is None else spec, allow_nan=False)
        return _core.Study(text, columns, self.population.payers)

    def responses(self) -> pd.DataFrame:
        """Show the factor by which each arm's incentives change the volume of each service.

        Returns
        -------
        pandas.DataFrame
            A row for each arm, a column for each service; 1 where nothing responds. Uncertain inputs at their means.
        """
        import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

        index = pd.Index(self.arms, name="arm")
        return pd.DataFrame(self._core.responses(), index=index, columns=self.services)

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel between processes as a specification and a panel."""
        return type(self).from_spec, (self.population, self.spec, self.factors, self.measures, self.assumptions)

    @property
    def uncertain_inputs(self) -> list[str]:
        """Paths of the inputs that were given as distributions, sorted."""
        return [each["path"] for each in self.spec["parameters"]["inputs"]]

    @property
    def years(self) -> int:
        """Number of performance years."""
        return int(float(self.spec["years"]))

    @property
    def base_years(self) -> int:
        """Number of base years."""
        return int(float(self.spec.get("base_years", 0)))

    @property
    def arms(self) -> list[str]:
        """Names of the arms, in the order they were given."""
        return [arm["name"] for arm in self.spec["arms"]]

    @property
    def services(self) -> list[str]:
        """Names of the services, in the order of their names."""
        return self._core.services()

    def memory_bytes(self, replicates: int) -> int:
        """Bytes a run needs: 80 × replicates × arms × years for results, 24 × members for the panel in the core.

        Each outcome and measure adds 16 × replicates × arms × years. Claims are never stored. The panel's own columns
        (``population.columns``) come on top, as they were given.
        """
        replicates = whole("memory_bytes.replicates", replicates, 1, 2**53)
        rows = replicates * len(self.arms) * self.years
        return 8 * self.row * rows + 24 * len(self.population)

    @property
    def row(self) -> int:
        """Figures kept of each replicate, arm and year."""
        return len(_core.figure_names()) + 2 * len(self.health) + _kept.width(self.spec, len(self.population.payers))

    @property
    def health(self) -> list[str]:
        """Names of the outcomes, then of the measures, that are looked at."""
        return [each["name"] for kind in ("outcomes", "measures") for each in self.spec[kind]]

    def run(  # noqa: PLR0913 - what to run, how, and how to show it
        self,
        replicates: int,
        *,
        draws: int | None = None,
        parameters: str = "drawn",
        design: str = "plain",
        first: int = 0,
        threads: int | None = None,
        executor: Any = None,  # noqa: ANN401 - whatever has submit
        chunk_replicates: int | None = None,
        cash: bool = True,
        keep: str | Sequence[str] = (),
        progress: bool | str = "auto",
    ) -> Results:
        """Simulate replicates and settle every arm on each of them.

        The figures of a replicate depend on its number alone: not on threads, executors or chunks, not on how many
        are run or on which.

        Parameters
        ----------
        replicates : int
            How many, at least 1; with ``draws`` so many of each draw.
        draws : int, optional
            Draws of the uncertain inputs, at least 2, each with luck of its own for all of its replicates: shows how
            much of the risk is not knowing. By default every replicate is a draw.
        parameters : {"drawn", "mean"}, default "drawn"
            Whether uncertain inputs are drawn or kept at their means, which leaves luck alone.
        design : {"plain", "antithetic", "latin_hypercube", "sobol"}, default "plain"
            How draws cover what is not known: independently; in pairs that mirror each other; or evenly, by
            ``scipy.stats.qmc`` (extra ``fit``), where the draws depend on their number.
        first : int, default 0
            Absolute number of the first replicate; ``run(1, first=417)`` looks at replicate 417 alone. 0 with ``draws``
            and with designs that depend on the number of draws.
        threads : int, optional
            How many threads of this process; by default one for each processor that it may use.
        executor : object, optional
            What runs the replicates instead of this process: a ``concurrent.futures.ProcessPoolExecutor``, a Dask
            ``Client``, or anything whose ``submit(function, *arguments)`` returns futures. Each task uses one thread.
        chunk_replicates : int, optional
            Replicates of one call into the core, or of one task of an executor; by default what takes a quarter of a
            second here, or three quarters as a task. No figure depends on it.
        cash : bool, default True
            Whether cash moves in the month of each event. False draws no months, which takes a fifth less time;
            ``minimum_cash`` and ``minimum_cash_month`` are then not known, all other figures are the same but
            for the last digits of their sums.
        keep : {"payers", "months"} or a sequence of them, default ()
            What to keep besides: the figures of each payer (``results.payers()``), 64 bytes for each replicate, arm,
            year and payer; the provider's cash month by month (``results.cash_balance(arm)``, ``results.plot.cash()``),
            480 bytes for each replicate, arm and year.
        progress : bool or "auto", default "auto"
            Whether to show a progress bar; "auto" shows one where a person is looking and tqdm is installed.

        Returns
        -------
        Results
            If interrupted (Ctrl-C), the replicates that had run, up to the first gap, with a warning.

        Raises
        ------
        InputError
            If a number is out of range.
        MemoryError
            If the results do not fit into the memory there is.
        KeyboardInterrupt
            If interrupted before any replicate had run.
        """
        asked, known_cash = _kept.kept(keep), flag("run.cash", cash)
        if asked["months"] and not known_cash:
            raise InputError("run.keep", "must not have months where cash=False", repr(keep))
        study = self._keeping(asked)
        replicates = whole("run.replicates", replicates, 1, LARGEST_REPLICATE + 1)
        plan = drawn(study, replicates, draws, parameters, design, first)
        if executor is not None and threads is not None:
            raise InputError(
                "run.threads", "must not be given with an executor, whose tasks use one each", f"{threads}"
            )
        run = Run(
            plan=plan,
            arms=len(study.arms),
            years=study.years,
            row=study.row,
            threads=None if threads is None else whole("run.threads", threads, 1, 1_024),
            executor=None if executor is None else checked(executor),
            chunk=None if chunk_replicates is None else whole("run.chunk_replicates", chunk_replicates, 1, 2**32),
            cash=known_cash,
        )
        figures = run.figures(study._core, study._payload, progress)  # noqa: SLF001 - its own class
        if len(figures) < plan.replicates:
            text = f"interrupted: the first {len(figures):,} of {plan.replicates:,} replicates are kept"
            warnings.warn(text, stacklevel=2)
        return Results(study=study, figures=figures, plan=plan, cash=run.cash)

    def _keeping(self, asked: dict[str, bool]) -> Study:
        """Return the study that keeps so much besides: this one, or the same with more or less."""
        if asked == dict.fromkeys(asked, False) | self.spec.get("keep", {}):
            return self
        spec = self.spec | {"keep": asked}
        return type(self).from_spec(self.population, spec, self.factors, self.measures, self.assumptions)

    def exact(self, results: Results | None = None, *, cells: int | None = None) -> exact.Exact:
        """Compute the figures that have a closed form, beside those of ``results``; see the page "Exact figures"."""
        from atrisk import exact  # noqa: PLC0415 - keeps the import of atrisk quick

        return exact.exact(self, results, cells=cells)

    def expected_recoveries(self) -> pd.DataFrame:
        """Show what every stop-loss cover is expected to recover beside its premium, dollars per member per month."""
        from atrisk import exact  # noqa: PLC0415 - keeps the import of atrisk quick

        return exact.expected_recoveries(self.spec, self.population)

    def claims(self, replicate: int = 0, *, base_years: bool = False) -> pd.DataFrame:
        """Look at one simulated world: every event of one replicate under the baseline, before any contract.

        Parameters
        ----------
        replicate : int, default 0
            Absolute number of the replicate; uncertain inputs are drawn as in a run of replicates by default.
        base_years : bool, default False
            Whether to show base years too.

        Returns
        -------
        pandas.DataFrame
            Columns ``member_id``, ``member_ix`` (row of the panel), ``year`` (1 is the first performance year),
            ``service``, ``month`` (1-12), ``allowed`` (dollars, at fee level 1).

        Raises
        ------
        MemoryError
            If so many events, at 128 bytes each on the way, do not fit into the memory there is.
        """
        import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

        replicate = whole("claims.replicate", replicate, 0, LARGEST_REPLICATE)
        expected = self._core.expected_events()
        what = f"claims: about {expected:,.0f} events need"
        _memory.refuse_more_than_available(what, BYTES_AN_EVENT * expected, "look at fewer members or services")
        rows = drawn(self, 1, None, "drawn", "plain", replicate).rows(0, 1)
        values = None if rows is None else rows[0]
        events = self._core.claims(0, replicate, values, flag("claims.base_years", base_years))
        member_ix = events["member"]
        return pd.DataFrame(
            {
                "member_id": self.population.columns["member_id"][member_ix],
                "member_ix": member_ix,
                "year": events["year"],
                "service": np.array(self.services, dtype=object)[events["service"]],
                "month": events["month"],
                "allowed": events["price"],
            }
        )

    def _payload(self) -> Payload:
        spec = json.dumps(self.spec, allow_nan=False)
        columns = self.population.core_columns() | self.factors
        return Payload(_core.__version__, spec, columns, self.population.payers)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th>{html.escape(arm['name'])}</th><td>{html.escape(in_words(arm))}</td></tr>"
            for arm in self.spec["arms"]
        )
        inputs = f"; uncertain: {', '.join(self.uncertain_inputs)}" if self.uncertain_inputs else ""
        years = f"{self.years} years after {self.base_years} base years" if self.base_years else f"{self.years} years"
        end = html.escape(f"{years}, seed {self.seed}{inputs}")
        return f"<p>{html.escape(repr(self.population))}</p><table>{rows}</table><p>{end}</p>"

    def __repr__(self) -> str:
        years = f", {self.years} years" if self.years > 1 else ""
        size = f"{len(self.population):,} members, {len(self.services)} services{years}"
        return f"Study({size}, arms: {self.arms}, seed={self.seed})"


def _expect(name: str, value: object, kind: type) -> None:
    if not isinstance(value, kind):
        raise InputError(f"study.{name}", f"must be a {kind.__name__}", f"a {type(value).__name__}")
