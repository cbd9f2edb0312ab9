"""A study: one panel, its care, and the arms that are settled on the same simulated years."""

from __future__ import annotations

import html
import json
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk import _core
from atrisk._errors import InputError
from atrisk._progress import Progress
from atrisk._seed import recorded_seed
from atrisk._spec import text, whole
from atrisk.contracts import Contract
from atrisk.population import Population
from atrisk.results import Results
from atrisk.utilization import Utilization

if TYPE_CHECKING:
    import pandas as pd

    from atrisk._seed import Seed

Arrangement = Contract | Sequence[Contract]
LARGEST_REPLICATE = 2**32 - 1
SECONDS_A_CHUNK = 0.25


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
    years : int, default 1
        Performance years; this version simulates one, month by month.
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

    def __init__(
        self,
        population: Population,
        utilization: Utilization,
        arms: Mapping[str, Arrangement] | Sequence[tuple[str, Arrangement]],
        *,
        years: int = 1,
        seed: Seed = None,
    ) -> None:
        _expect("population", population, Population)
        _expect("utilization", utilization, Utilization)
        self.seed = recorded_seed(seed)
        self.population = population
        self.spec: dict[str, Any] = {
            "seed": self.seed,
            "years": _one_year(years),
            "utilization": utilization.to_spec(),
            "arms": [_arm_spec(name, arrangement) for name, arrangement in _pairs(arms)],
        }
        self._core = _build(population, self.spec)

    @classmethod
    def from_spec(cls, population: Population, spec: dict[str, Any]) -> Study:
        """Build a study again from its recorded specification (``results.spec``)."""
        study = cls.__new__(cls)
        study.seed = spec["seed"]
        study.population = population
        study.spec = spec
        study._core = _build(population, spec)  # noqa: SLF001 - its own class
        return study

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel between processes as a specification and a panel."""
        return type(self).from_spec, (self.population, self.spec)

    @property
    def arms(self) -> list[str]:
        """Names of the arms, in the order they were given."""
        return [arm["name"] for arm in self.spec["arms"]]

    @property
    def services(self) -> list[str]:
        """Names of the services, in the order of their names."""
        return self._core.services()

    def memory_bytes(self, replicates: int) -> int:
        """Bytes a run needs: 80 × replicates × arms for results, 24 × members for the panel in the core.

        Claims are never stored. The panel's own columns (``population.columns``) come on top, as they were given.
        """
        replicates = whole("memory_bytes.replicates", replicates, 1, 2**53)
        return 8 * len(_core.figure_names()) * replicates * len(self.arms) + 24 * len(self.population)

    def run(
        self,
        replicates: int,
        *,
        first: int = 0,
        threads: int | None = None,
        progress: bool | str = "auto",
    ) -> Results:
        """Simulate replicates and settle every arm on each of them.

        The figures of a replicate depend on its number alone: not on threads, on how many are run or on which.

        Parameters
        ----------
        replicates : int
            How many, at least 1.
        first : int, default 0
            Absolute number of the first one; ``run(1, first=417)`` looks at replicate 417 alone.
        threads : int, optional
            How many threads; by default one for each processor that this process may use.
        progress : bool or "auto", default "auto"
            Whether to show a progress bar; "auto" shows one where a person is looking and tqdm is installed.

        Returns
        -------
        Results
            If interrupted (Ctrl-C), the replicates that had run, with a warning.

        Raises
        ------
        InputError
            If a number is out of range.
        MemoryError
            If the results cannot be held.
        """
        replicates = whole("run.replicates", replicates, 1, LARGEST_REPLICATE + 1)
        first = whole("run.first", first, 0, LARGEST_REPLICATE + 1 - replicates)
        n_threads = None if threads is None else whole("run.threads", threads, 1, 1_024)
        figures = self._empty_figures(replicates)
        done, interrupted = 0, False
        with Progress(replicates, progress) as bar:
            try:
                for chunk in _chunks(replicates):
                    rows = self._core.run(first + done, chunk, n_threads)
                    figures[done : done + chunk] = rows.reshape(chunk, *figures.shape[1:])
                    done += chunk
                    bar.update(chunk)
            except KeyboardInterrupt:
                if done == 0:
                    raise
                interrupted = True
        if interrupted:
            warnings.warn(f"interrupted: the first {done:,} of {replicates:,} replicates are kept", stacklevel=2)
        return Results(study=self, figures=figures[:done], first=first)

    def claims(self, replicate: int = 0) -> pd.DataFrame:
        """Look at one simulated year: every event of one replicate, before any contract.

        Parameters
        ----------
        replicate : int, default 0
            Absolute number of the replicate.

        Returns
        -------
        pandas.DataFrame
            Columns ``member_id``, ``member_ix`` (row of the panel), ``service``, ``month`` (1-12), ``allowed``
            (dollars, at fee level 1).
        """
        import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

        events = self._core.claims(whole("claims.replicate", replicate, 0, LARGEST_REPLICATE))
        member_ix = events["member"].astype(np.int64)
        return pd.DataFrame(
            {
                "member_id": self.population.columns["member_id"][member_ix],
                "member_ix": member_ix,
                "service": np.array(self.services, dtype=object)[events["service"]],
                "month": events["month"].astype(np.int64),
                "allowed": events["price"],
            }
        )

    def _empty_figures(self, replicates: int) -> np.ndarray[Any, np.dtype[np.float64]]:
        try:
            return np.empty((replicates, len(self.arms), len(_core.figure_names())))
        except (MemoryError, ValueError):
            needed = self.memory_bytes(replicates) / 2**30
            message = f"replicates={replicates:,} need {needed:,.1f} GiB for results: run them in parts with first="
            raise MemoryError(message) from None

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th>{html.escape(arm['name'])}</th><td>{html.escape(_in_words(arm['contracts']))}</td></tr>"
            for arm in self.spec["arms"]
        )
        return f"<p>{html.escape(repr(self.population))}</p><table>{rows}</table><p>seed {self.seed}</p>"

    def __repr__(self) -> str:
        size = f"{len(self.population):,} members, {len(self.services)} services"
        return f"Study({size}, arms: {self.arms}, seed={self.seed})"


def _build(population: Population, spec: dict[str, Any]) -> _core.Study:
    return _core.Study(json.dumps(spec, allow_nan=False), population.core_columns(), population.payers)


def _in_words(contracts: list[dict[str, Any]]) -> str:
    """Return the contracts of an arm with the terms that were given."""
    given = [
        (kind, {name: value for name, value in terms.items() if value is not None})
        for [(kind, terms)] in map(dict.items, contracts)
    ]
    return "; ".join(
        f"{kind}({', '.join(f'{name}={value}' for name, value in terms.items())})" for kind, terms in given
    )


def _chunks(replicates: int) -> Iterator[int]:
    """Yield chunk sizes that take about a quarter of a second each, so that a person sees progress."""
    done, size = 0, 8
    while done < replicates:
        chunk = min(size, replicates - done)
        start = time.perf_counter()
        yield chunk
        seconds = max(time.perf_counter() - start, 1e-4)
        size = max(1, min(int(chunk * SECONDS_A_CHUNK / seconds), 8 * chunk, 1_000_000))
        done += chunk


def _one_year(years: object) -> int:
    if years != 1:
        hint = "one performance year is what this version simulates"
        raise InputError("study.years", "must be 1", f"{years}", hint)
    return 1


def _expect(name: str, value: object, kind: type) -> None:
    if not isinstance(value, kind):
        raise InputError(f"study.{name}", f"must be a {kind.__name__}", f"a {type(value).__name__}")


def _pairs(arms: object) -> list[tuple[Any, Any]]:
    if isinstance(arms, Mapping):
        return list(arms.items())
    if isinstance(arms, Contract) or not isinstance(arms, Sequence) or isinstance(arms, str):
        hint = 'for example {"Fee-for-service": ar.FeeForService()}'
        raise InputError("arms", "must name their arrangements", f"a {type(arms).__name__}", hint)
    for position, pair in enumerate(arms):
        if not (isinstance(pair, tuple) and len(pair) == 2):  # noqa: PLR2004 - a pair
            raise InputError(f"arms[{position}]", "must be a (name, arrangement) pair", f"a {type(pair).__name__}")
    return list(arms)


def _arm_spec(name: object, arrangement: object) -> dict[str, Any]:
    contracts = [arrangement] if isinstance(arrangement, Contract) else arrangement
    if not isinstance(contracts, Sequence) or isinstance(contracts, str):
        raise InputError(str(name), "must be a contract or a list of contracts", f"a {type(contracts).__name__}")
    for position, contract in enumerate(contracts):
        if not isinstance(contract, Contract) or type(contract) is Contract:
            raise InputError(f"{name}[{position}]", "must be a contract", f"a {type(contract).__name__}")
    return {"name": text("arms", name), "contracts": [contract.to_spec() for contract in contracts]}
