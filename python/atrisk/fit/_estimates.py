"""What was estimated, with its errors: tables, draws, and the care it makes."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError, a
from atrisk._seed import recorded_seed
from atrisk._spec import plain, whole
from atrisk.fit._care import SEVERITY, SHARED, as_distribution, care_of
from atrisk.fit._line_fit import empty_levels, of_frailty, of_line
from atrisk.fit._parameters import NORMAL, Parameter, from_scale, on_scale, slope, variation

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from atrisk._seed import Seed
    from atrisk.fit._design import Design
    from atrisk.fit._dispersion import Dispersion
    from atrisk.fit._goodness import GoodnessOfFit
    from atrisk.fit._line_fit import LineFit
    from atrisk.fit._moments import Moment
    from atrisk.person_years import PersonYears
    from atrisk.utilization import Utilization


TOGETHER = 0.999  # of the correlations of estimates, in a study


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
        parameters = [each for line in lines for each in of_line(line, design, dispersion)]
        if dispersion.shared is not None:
            parameters += of_frailty(SHARED, dispersion.shared, "covariance of lines")
        if severity.value > 0.0:
            basis = "prices of a member apart in years and lines"
            parameters.append(variation(SEVERITY, severity.value, severity.influence, basis))
        notes = [*dispersion.notes, *(line.note for line in lines if line.note), *empty_levels(lines, design)]
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
        """Covariance of the estimates on their scales.

        These are logarithms; for permanent shares, of the odds. A coefficient of variation that is hardly told from 0
        is on the scale of its square.
        """
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
        """Return the care at other values of the parameters, such as a row of :meth:`draws`.

        Raises
        ------
        InputError
            If a path is none of the parameters, or a value no number.
        """
        values = {each.path: each.value for each in self.parameters}
        for path in draw.keys():  # noqa: SIM118 - of a row of a frame, too
            if path not in values:
                raise InputError("drawn", "must name parameters", repr(path), "the index of table has them")
        return care_of(self, values | {path: plain(f"drawn.{path}", value) for path, value in draw.items()})

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
                # The part that is each one's own keeps the matrix positive definite, prices of several payers too.
                found[here, there] = TOGETHER * float(one.influence @ other.influence) / (one.error * other.error)
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

        if not isinstance(manual, Mapping):
            raise InputError("credibility.manual", "must map lines to rates", a(manual), 'such as {"visits": 4_000}')
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
