"""What was estimated, with its errors: tables, draws, and the care it makes."""

from __future__ import annotations

import html
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk._seed import recorded_seed
from atrisk._spec import plain, whole
from atrisk.fit._care import SEVERITY, SHARED, as_distribution, care_of, relativity_path
from atrisk.fit._parameters import NORMAL, Parameter, from_scale, on_scale, slope

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from atrisk._seed import Seed
    from atrisk.fit._design import Design
    from atrisk.fit._dispersion import Dispersion, Spread
    from atrisk.fit._goodness import GoodnessOfFit
    from atrisk.fit._moments import Moment, Used
    from atrisk.fit._severity import Severity
    from atrisk.person_years import PersonYears
    from atrisk.utilization import Utilization


@dataclass(frozen=True)
class LineFit:
    """A service line as fitted.

    Attributes
    ----------
    used : Used
        What was used, with the fitted mean: events, or dollars where events are not counted.
    price_influence : numpy.ndarray
        What each member adds to the logarithm of the mean price.
    severity : Severity
        Prices of events.
    rate_basis, price_basis : str
        What rate and price were estimated from.
    note : str
        What could not be told.
    """

    used: Used
    price_influence: NDArray[np.float64]
    severity: Severity
    rate_basis: str
    price_basis: str
    note: str

    @property
    def name(self) -> str:
        """The line."""
        return self.used.name

    @property
    def price(self) -> float:
        """Mean price of an event, dollars."""
        return self.severity.distribution.mean()

    @property
    def per_1000(self) -> float:
        """Events per 1,000 member-years at risk score 1 and relativities 1."""
        level = float(np.exp(self.used.rates.coefficients[0]))
        return 1_000.0 * (level if self.used.counted else level / self.price)


@dataclass(frozen=True, eq=False)
class Estimates:
    """Care fitted to person-years, with the errors of every estimate; made by :meth:`atrisk.Utilization.fit`.

    Attributes
    ----------
    parameters : tuple of Parameter
        The estimates.
    lines : tuple of LineFit
        The service lines.
    dispersion : Dispersion
        The frailties.
    members, person_years : int
        What it was fitted to.
    notes : tuple of str
        What the data could not tell, in words.
    """

    parameters: tuple[Parameter, ...]
    lines: tuple[LineFit, ...]
    dispersion: Dispersion
    design: Design
    members: int
    person_years: int
    source: str
    notes: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        person_years: PersonYears,
        design: Design,
        lines: Sequence[LineFit],
        dispersion: Dispersion,
        severity: Moment,
    ) -> Estimates:
        """Gather what was fitted."""
        parameters = [each for line in lines for each in _of_line(line, design, dispersion)]
        if dispersion.shared is not None:
            parameters += _of_frailty(SHARED, dispersion.shared, "covariance of lines")
        if severity.value > 0.0:
            cv, moved = float(np.sqrt(severity.value)), severity.influence / (2.0 * severity.value)
            basis = "prices of a member apart in years and lines"
            parameters.append(Parameter(SEVERITY, cv, moved, "log", "ratio", basis))
        notes = [*dispersion.notes, *(line.note for line in lines if line.note), *_empty_levels(lines, design)]
        return cls(
            parameters=tuple(parameters),
            lines=tuple(lines),
            dispersion=dispersion,
            design=design,
            members=person_years.members,
            person_years=len(person_years),
            source=repr(person_years),
            notes=tuple(notes),
        )

    @cached_property
    def covariance(self) -> pd.DataFrame:
        """Covariance of the estimates on their scales: logarithms, and for permanent shares those of the odds."""
        import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

        stacked = np.stack([parameter.influence for parameter in self.parameters])
        paths = [parameter.path for parameter in self.parameters]
        return pd.DataFrame(stacked @ stacked.T, index=paths, columns=paths)

    @property
    def table(self) -> pd.DataFrame:
        """Every estimate.

        Returns
        -------
        pandas.DataFrame
            Indexed by path: ``estimate``, ``standard_error``, ``low_95`` and ``high_95`` (the interval of 95 %, normal
            on the scale of :attr:`covariance`), ``unit``, ``basis``.
        """
        import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

        rows = []
        for each in self.parameters:
            at = on_scale(each.scale, each.value)
            low, high = from_scale(each.scale, np.array([at - NORMAL * each.error, at + NORMAL * each.error]))
            error = slope(each.scale, each.value) * each.error
            rows.append((each.path, each.value, error, low, high, each.unit, each.basis))
        names = ["parameter", "estimate", "standard_error", "low_95", "high_95", "unit", "basis"]
        return pd.DataFrame(rows, columns=names).set_index("parameter")

    def draws(self, n: int, *, seed: Seed = None) -> pd.DataFrame:
        """Draw parameters from what the data leave open: normal on the scale of :attr:`covariance`.

        Parameters
        ----------
        n : int
            How many, at least 1.
        seed : int, optional
            Which; the same seed gives the same.

        Returns
        -------
        pandas.DataFrame
            A row for each draw, a column for each parameter; :meth:`drawn` makes care of a row.
        """
        import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

        n = whole("draws.n", n, 1, 10_000_000)
        at = np.array([on_scale(each.scale, each.value) for each in self.parameters])
        values, vectors = np.linalg.eigh(self.covariance.to_numpy())
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        normals = np.random.default_rng(recorded_seed(seed)).standard_normal((n, len(at)))
        on = at + normals @ root.T
        columns = {each.path: from_scale(each.scale, on[:, place]) for place, each in enumerate(self.parameters)}
        return pd.DataFrame(columns)

    @cached_property
    def utilization(self) -> Utilization:
        """The care, every estimate at its value."""
        return care_of(self, {each.path: each.value for each in self.parameters})

    def drawn(self, draw: Mapping[str, float]) -> Utilization:
        """Return the care at other values of the parameters, such as a row of :meth:`draws`."""
        values = {each.path: each.value for each in self.parameters}
        return care_of(self, values | {path: float(draw[path]) for path in values if path in draw})

    def uncertain(self, *, payers: Sequence[str] = ("payer",)) -> Utilization:
        """Return the care with distributions in place of numbers: every replicate of a study draws its own.

        Rates, shared and own frailties, the severity and, as fee levels of the payers, mean prices are uncertain;
        relativities stay at their estimates. Give :meth:`correlation` to the study, for estimates of the same members
        go together.

        Parameters
        ----------
        payers : sequence of str, default ("payer",)
            Payers of the panel, whose fee levels carry the errors of mean prices.
        """
        values: dict[str, Any] = {each.path: each.value for each in self.parameters}
        for each in self._uncertain():
            if not each.path.endswith(".allowed.mean"):
                values[each.path] = as_distribution(each.scale, each.value, each.error)
        levels = {
            line.name: {payer: as_distribution("log", 1.0, each.error) for payer in payers}
            for line in self.lines
            for each in self._uncertain()
            if each.path == f"{line.name}.allowed.mean"
        }
        return care_of(self, values, levels)

    def correlation(self, *, payers: Sequence[str] = ("payer",)) -> dict[tuple[str, str], float]:
        """Return the correlations of the uncertain inputs, as ``Study(parameter_correlation=...)`` takes them."""
        paths = [(each, path) for each in self._uncertain() for path in _inputs(each.path, payers)]
        found = {}
        for place, (one, here) in enumerate(paths):
            for other, there in paths[:place]:
                together = float(one.influence @ other.influence) / (one.error * other.error)
                found[here, there] = 0.999 if one is other else together
        return found

    def _uncertain(self) -> list[Parameter]:
        known = [each for each in self.parameters if ".relativities." not in each.path]
        return [each for each in known if each.error > 0.0]

    def credibility(self, manual: Mapping[str, float], *, between_cv: float) -> pd.DataFrame:
        """Weigh the fitted rates against manual ones by Bühlmann's credibility.

        Parameters
        ----------
        manual : mapping of str to float
            Line -> events per 1,000 member-years at risk score 1 and relativities 1 that are expected without these
            data.
        between_cv : float
            Coefficient of variation of the true rates of such books about the manual one, above 0.

        Returns
        -------
        pandas.DataFrame
            Indexed by line: ``own``, ``standard_error``, ``manual``, ``credibility`` (0-1:
            ``(manual × between_cv)² / ((manual × between_cv)² + standard_error²)``) and ``per_1000``, the mean of own
            and manual by it; :meth:`drawn` makes care of ``{f"{line}.per_1000": ...}``.
        """
        import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

        spread = plain("credibility.between_cv", between_cv)
        if not spread > 0.0:
            raise InputError("credibility.between_cv", "must be above 0", f"{spread:g}")
        own, rows = self.table, {}
        for line, rate in manual.items():
            path = f"{line}.per_1000"
            if path not in own.index:
                known = ", ".join(each.name for each in self.lines)
                raise InputError("credibility.manual", "must name lines", repr(line), f"they are {known}")
            expected = plain(f"credibility.manual.{line}", rate)
            if not expected > 0.0:
                raise InputError(f"credibility.manual.{line}", "must be above 0", f"{expected:g}")
            fitted, error = own.loc[path, ["estimate", "standard_error"]].to_numpy(dtype=np.float64)
            believed = (expected * spread) ** 2 / ((expected * spread) ** 2 + error**2)
            rows[line] = (fitted, error, expected, believed, believed * fitted + (1.0 - believed) * expected)
        names = ["own", "standard_error", "manual", "credibility", "per_1000"]
        return pd.DataFrame.from_dict(rows, orient="index", columns=names)

    def goodness_of_fit(self, held_out: object, **options: Any) -> GoodnessOfFit:  # noqa: ANN401 - passed on
        """Compare the fitted care with persons who were not used in the fit.

        Parameters
        ----------
        held_out : PersonYears or data frame
            Other persons, with the same lines.
        **options
            As :func:`atrisk.fit.goodness_of_fit` takes them.
        """
        from atrisk.fit._goodness import goodness_of_fit  # noqa: PLC0415 - simulates, which a fit does not need
        from atrisk.person_years import person_years_of  # noqa: PLC0415

        return goodness_of_fit(self.utilization, person_years_of(held_out), **options)

    def __repr__(self) -> str:
        lines = ", ".join(line.name for line in self.lines)
        fitted = f"{len(self.parameters)} parameters of {len(self.lines)} lines"
        return f"Estimates({fitted} from {self.person_years:,} person-years of {self.members:,} members: {lines})"

    def _repr_html_(self) -> str:
        notes = "".join(f"<li>{html.escape(note)}</li>" for note in self.notes)
        return f"<p>{html.escape(repr(self))}</p>{self.table.to_html(float_format='{:,.4g}'.format)}<ul>{notes}</ul>"


def _inputs(path: str, payers: Sequence[str]) -> list[str]:
    service = path.removesuffix(".allowed.mean")
    return [f"{service}.fee_levels.{payer}" for payer in payers] if service != path else [path]


def _of_line(line: LineFit, design: Design, dispersion: Dispersion) -> list[Parameter]:
    """Return the parameters of a line: rate, relativities, frailty, price."""
    name, found = line.name, line.used.rates
    level = found.influence[:, 0] - (0.0 if line.used.counted else line.price_influence)
    unit = "events per 1,000 member-years"
    parameters = [Parameter(f"{name}.per_1000", line.per_1000, level, "log", unit, line.rate_basis)]
    for place, (column, of) in enumerate(design.names, start=1):
        if found.free[place]:
            value, path = float(np.exp(found.coefficients[place])), relativity_path(name, column, of)
            basis = line.rate_basis if line.used.counted else "annual dollars"
            parameters.append(Parameter(path, value, found.influence[:, place], "log", "ratio", basis))
    basis = "spread of counts" if line.used.counted else "dollars of a member in different years"
    parameters += _of_frailty(f"{name}.frailty", dispersion.own[name], basis)
    price = f"{name}.allowed.mean"
    parameters.append(Parameter(price, line.price, line.price_influence, "log", "dollars per event", line.price_basis))
    return parameters


def _of_frailty(path: str, spread: Spread, basis: str) -> list[Parameter]:
    """Return the parameters of a frailty: its cv, and the part that is kept where the data tell it."""
    if spread.cv == 0.0:
        return []
    kept, among, share = spread.kept, spread.among_users, spread.permanent_share
    moved = spread.users * spread.variance.influence
    parameters = [Parameter(f"{path}.cv", spread.cv, moved / (2.0 * among), "log", "ratio", basis)]
    if kept is not None and 0.0 < share < 1.0:
        influence = ((1.0 - spread.never) * kept.influence - share * moved) / among / (share * (1.0 - share))
        parameters.append(Parameter(f"{path}.permanent_share", share, influence, "logit", "share", "years of a member"))
    return parameters


def _empty_levels(lines: Sequence[LineFit], design: Design) -> list[str]:
    """Tell the levels that have no rate of their own: nobody in them used a line, or nobody of the base did."""
    notes = []
    for line in lines:
        names = zip(design.names, line.used.rates.free[1:], strict=True)
        alike = [f"{column} {level}" for (column, level), free in names if not free]
        if alike:
            notes.append(f"{line.name}: too little use to tell {', '.join(alike)} from the base; they have its rate")
    return notes
