"""The exact engine: what a year costs without simulation, beside what was simulated."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk import metrics
from atrisk._arms import signed
from atrisk._errors import InputError
from atrisk._exact_arms import Part, refuse_unknown_contracts
from atrisk._exact_cover import NoClosedFormError, recovery, recovery_pmpm
from atrisk._exact_engine import Engine, ask, times

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from atrisk._arms import Signed
    from atrisk._exact_engine import Bracket
    from atrisk.metrics import Figure
    from atrisk.population import Population
    from atrisk.results import Results
    from atrisk.study import Study

QUANTILES = (0.05, 0.50, 0.95, 0.99)
TVAR = 0.95


@dataclass(frozen=True)
class Row:
    """One figure: exact, between its bounds, and as it was simulated.

    Attributes
    ----------
    arm : str
        Name of the arm.
    contract : str
        Position and kind of the contract, as ``[1] stop_loss`` or ``payers[Medicare][1] stop_loss``; empty for figures
        of the whole arm, and the payer alone where prices of payers differ.
    figure : str
        Name of the figure.
    value : float or None
        The exact figure, within discretisation; None where it is undefined, as an infinite variance.
    lower, upper : float or None
        The bracket: prices rounded down and up. Equal to ``value`` where there is a closed form.
    simulated, simulated_se : float or None
        The simulated figure and its Monte Carlo standard error, where it can be read off the results.
    """

    arm: str
    contract: str
    figure: str
    value: float | None
    lower: float | None
    upper: float | None
    simulated: float | None = None
    simulated_se: float | None = None


@dataclass(frozen=True)
class Exact:
    """Exact figures of a study's panel-year; made by :meth:`Study.exact`.

    Attributes
    ----------
    rows : tuple of Row
        The figures. Dollars a year unless the name says otherwise.
    cells : int or None
        Cells of the grids, where they were given.
    """

    rows: tuple[Row, ...] = field(repr=False)
    cells: int | None = None

    def to_pandas(self) -> pd.DataFrame:
        """Every figure as a row: arm, contract, figure, value, lower, upper, simulated, simulated_se."""
        import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

        frame = pd.DataFrame([vars(row) for row in self.rows])
        numbers = ["value", "lower", "upper", "simulated", "simulated_se"]
        return frame.astype(dict.fromkeys(numbers, "Float64"))

    def summary(self) -> pd.DataFrame:
        """Indexed by arm, contract and figure, with the distance of the simulation in its standard errors."""
        frame = self.to_pandas().set_index(["arm", "contract", "figure"])
        frame["standard_errors"] = (frame["simulated"] - frame["value"]) / frame["simulated_se"]
        return frame

    def figure(self, arm: str, figure: str, *, position: int | None = None, payer: str | None = None) -> Row:
        """Return one figure of an arm, or of the contract at a position of it or of its payer's contracts."""
        of = "" if payer is None else f"payers[{payer}]"
        for row in self.rows:
            here = row.contract == of if position is None else row.contract.startswith(f"{of}[{position}] ")
            if row.arm == arm and row.figure == figure and here:
                return row
        known = ", ".join(dict.fromkeys(row.figure for row in self.rows if row.arm == arm)) or "none"
        raise InputError("figure", f"must be one of {known}", repr(figure))

    def __repr__(self) -> str:
        return f"Exact({len(self.rows)} figures)\n{self.to_pandas().to_string(index=False)}"

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{html.escape(name)}</th>" for name in ("arm", "contract", "figure", "exact", "simulated"))
        rows = "".join(
            f"<tr><td>{html.escape(row.arm)}</td><td>{html.escape(row.contract)}</td><td>{row.figure}</td>"
            f"<td>{_shown(row.value)} [{_shown(row.lower)}, {_shown(row.upper)}]</td>"
            f"<td>{_shown(row.simulated)} ± {_shown(row.simulated_se)}</td></tr>"
            for row in self.rows
        )
        note = "exact [lower, upper]; simulated ± one Monte Carlo standard error; dollars a year unless said otherwise"
        return f"<p><small>{note}</small></p><table><tr>{head}</tr>{rows}</table>"


def exact(study: Study, results: Results | None = None, *, cells: int | None = None) -> Exact:
    """Compute the exact figures of a study, see :meth:`Study.exact`."""
    if results is not None and results.spec["utilization"] != study.spec["utilization"]:
        raise InputError("exact.results", "must be results of the same study", repr(results))
    engine = Engine(study.spec, study.population, cells)
    rows: list[Row] = []
    for arm in study.spec["arms"]:
        refuse_unknown_contracts(arm)
        rows += _arm_rows(engine, arm, results)
        for each in signed(arm):
            rows += _contract_rows(engine, arm, each, results)
    return Exact(rows=tuple(rows), cells=cells)


def premium_pmpm(  # noqa: PLR0913 - every term has a name of its own
    *,
    services: Sequence[Mapping[str, Any]],
    weights: Sequence[float],
    counts: Sequence[float],
    member_months: float,
    attachment_point: float,
    limit: float | None = None,
    ceded_share: float = 1.0,
    frailty_cv: float = 0.0,
    loading: float = 0.0,
    cells: int | None = None,
) -> float:
    """Price specific stop-loss: expected recovery per member per month × (1 + loading), in dollars.

    Parameters
    ----------
    services : sequence of mapping
        ``rate`` (events a year at weight 1), ``price`` (a distribution's specification, or a number) and
        ``weight`` (covered dollars for a dollar of the price).
    weights, counts : sequence of float
        Exposed risk (risk score × part of the year), and how many members have it.
    member_months : float
        Months of enrolment over all members, by which the expected recovery is divided.
    attachment_point, limit, ceded_share, loading
        Terms of :class:`StopLoss`.
    frailty_cv : float, default 0
        Coefficient of variation of the members' gamma frailty.
    cells : int, optional
        Cells of the grid, a power of two; by default as many as are affordable.
    """
    question = {
        "services": [{"frailty": "one", **service} for service in services],
        "frailty": {"gamma": {"cv": frailty_cv}},
        "weights": [float(weight) for weight in weights],
        "counts": [float(count) for count in counts],
    }
    mean = ask(question, attachment=attachment_point, limit=limit, cells=cells)["mean"][1]
    return ceded_share * float(mean) / member_months * (1.0 + loading)


def expected_recoveries(spec: Mapping[str, Any], population: Population) -> pd.DataFrame:
    """Show the expected recovery of every stop-loss cover beside its premium, see :meth:`Study.expected_recoveries`."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    rows: dict[str, dict[str, float | None]] = {}
    engine: Engine | None = None
    for arm, cover in _covers(spec):
        refuse_unknown_contracts(arm)
        engine = engine or Engine(spec, population, None)
        premium = float(cover.terms["premium_pmpm"])
        expected = _recovery_if_known(engine, arm, cover)
        rows[cover.path] = {
            "expected_recovery_pmpm": expected,
            "loading": premium / expected - 1.0 if expected is not None and expected > 0.0 else None,
            "premium_pmpm": premium,
        }
    columns = ["expected_recovery_pmpm", "loading", "premium_pmpm"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).astype("Float64").rename_axis("contract")


def price_premiums(spec: dict[str, Any], population: Population, check: Callable[[], object]) -> None:
    """Set the premium of every cover that has a loading instead; ``check`` refuses terms that break a rule first."""
    loaded: list[tuple[dict[str, Any], Signed, float]] = []
    for arm, cover in _covers(spec):
        path, terms = cover.path, cover.terms
        loading = terms.pop("loading", None)
        if (loading is None) == (terms["premium_pmpm"] is None):
            got = "neither" if loading is None else "both"
            hint = "a loading prices the cover at its expected recovery × (1 + loading)"
            raise InputError(f"{path}.premium_pmpm", "must be given, or loading instead of it", got, hint)
        if loading is not None:
            loaded.append((arm, cover, _loading(f"{path}.loading", loading)))
            terms["premium_pmpm"] = "0"
    if not loaded:
        return
    check()
    engine = Engine(spec, population, None)
    for arm, cover, loading in loaded:
        refuse_unknown_contracts(arm)
        cover.terms["premium_pmpm"] = repr(recovery_pmpm(engine, arm, cover) * (1.0 + loading))


def _recovery_if_known(engine: Engine, arm: Mapping[str, Any], cover: Signed) -> float | None:
    """Return the expected recovery per member per month; none for an aggregate cover without a closed form."""
    try:
        return recovery_pmpm(engine, arm, cover)
    except NoClosedFormError:
        return None


def _loading(path: str, given: object) -> float:
    try:
        loading = float(str(given))
    except ValueError:
        loading = math.nan
    if not 0.0 <= loading < math.inf:
        raise InputError(path, "must be a finite number of at least 0", str(given))
    return loading


def _covers(spec: Mapping[str, Any]) -> list[tuple[dict[str, Any], Signed]]:
    """Return every stop-loss cover with its arm."""
    return [(arm, each) for arm in spec["arms"] for each in signed(arm) if each.kind == "stop_loss"]


def _arm_rows(engine: Engine, arm: Mapping[str, Any], results: Results | None) -> list[Row]:
    """Return the figures of an arm; by payer where their prices differ."""
    rows = []
    for name, paid in (("allowed", False), ("paid", True)):
        for payers, weights in engine.arm_groups(arm, None, paid=paid):
            if payers is None:
                values = None if results is None else results.values(name, arm["name"])
                rows += _distribution_rows(engine, (arm["name"], "", name), {"weights": weights}, values)
            for payer in payers or ():
                question = {"weights": weights, "part": Part((payer,))}
                rows += _distribution_rows(engine, (arm["name"], f"payers[{payer}]", name), question, None)
    return rows


def _distribution_rows(
    engine: Engine,
    place: tuple[str, str, str],
    question: dict[str, Any],
    values: NDArray[np.float64] | None,
) -> list[Row]:
    answer = engine.ask(quantiles=QUANTILES, tvar=[TVAR], **question)
    arm, contract, name = place
    brackets: dict[str, Bracket] = {f"{name}_mean": answer["mean"], f"{name}_sd": answer["sd"]}
    simulated: dict[str, Figure] = {}
    if values is not None:
        simulated = {f"{name}_mean": metrics.mean(values), f"{name}_sd": metrics.standard_deviation(values)}
    for p, bracket in zip(QUANTILES, answer["quantiles"], strict=True):
        figure = f"{name}_quantile_{100 * p:02.0f}"
        brackets[figure] = bracket
        if values is not None:
            simulated[figure] = metrics.quantile(values, p)
    figure = f"{name}_tvar_{100 * TVAR:02.0f}"
    brackets[figure] = answer["tvar"][0]
    if values is not None:
        simulated[figure] = _tvar(values, TVAR)
    return [_row(arm, contract, key, bracket, simulated.get(key)) for key, bracket in brackets.items()]


def _row(arm: str, contract: str, figure: str, bracket: Bracket, simulated: Figure | None = None) -> Row:
    lower, value, upper = bracket
    found, error = simulated or (None, None)
    return Row(arm, contract, figure, value, lower, upper, found, error)


def _contract_rows(engine: Engine, arm: dict[str, Any], each: Signed, results: Results | None) -> list[Row]:
    name = arm["name"]
    label = f"{each.path.removeprefix(name).removeprefix('.')} {each.kind}"
    if each.kind == "shared_savings" and each.terms["truncation"] is not None:
        return _truncated_rows(engine, arm, (label, each))
    if each.kind != "stop_loss":
        return []
    try:
        mean, sd = recovery(engine, arm, each)
    except NoClosedFormError:
        return []  # a loading for it is refused, with the reason
    members, months = engine.members(each.payer), engine.member_months(each.payer)
    values = None if results is None else _simulated_recovery(engine, arm, each, results)
    found: tuple[Figure | None, Figure | None, Figure | None] = (None, None, None)
    if values is not None:
        whole = metrics.mean(values)
        found = (whole, _scaled(whole, 1.0 / members), _scaled(whole, 1.0 / months))
    return [
        _row(name, label, "recovery_mean", mean, found[0]),
        _row(name, label, "recovery_sd", sd, None if values is None else metrics.standard_deviation(values)),
        _row(name, label, "recovery_per_member_year", times(mean, 1.0 / members), found[1]),
        _row(name, label, "recovery_pmpm", times(mean, 1.0 / months), found[2]),
    ]


def _truncated_rows(engine: Engine, arm: dict[str, Any], place: tuple[str, Signed]) -> list[Row]:
    label, each = place
    limit = float(each.terms["truncation"])
    rows = []
    for payers, weights in engine.arm_groups(arm, each.payer, paid=each.terms["basis"] == "paid"):
        question = {"weights": weights, "limit": limit, "part": Part(payers)}
        of = label if payers is None or each.payer is not None else f"{label} of {', '.join(payers)}"
        rows += _distribution_rows(engine, (arm["name"], of, "truncated_spending"), question, None)
    return rows


def _scaled(figure: Figure, factor: float) -> Figure:
    value, error = figure
    return None if value is None else value * factor, None if error is None else error * factor


def _simulated_recovery(
    engine: Engine, arm: Mapping[str, Any], cover: Signed, results: Results
) -> NDArray[np.float64] | None:
    """Recoveries of each replicate, where another arm has the same contracts but this one."""

    def others(arm: Mapping[str, Any], without: str = "") -> list[tuple[str | None, str, dict[str, Any]]]:
        return [(each.payer, each.kind, each.terms) for each in signed(arm) if each.path != without]

    left = others(arm, cover.path)
    twin = next((other["name"] for other in engine.spec["arms"] if others(other) == left), None)
    # A later aggregate cover repays more where this one repays nothing.
    later = (each for each in signed(arm) if each.path != cover.path and each.terms.get("kind") == "aggregate")
    if twin is None or any(later):
        return None
    premium = float(cover.terms["premium_pmpm"]) * engine.member_months(cover.payer)
    return results.values("provider_cost", twin) - results.values("provider_cost", arm["name"]) + premium


def _tvar(values: NDArray[np.float64], p: float) -> Figure:
    """Return the mean of the 1 − p worst; its error is that of a mean of (v − q)⁺ / (1 − p), q the quantile."""
    quantile = float(np.quantile(values, p))
    excess = np.maximum(values - quantile, 0.0) / (1.0 - p)
    value, error = metrics.mean(excess)
    return quantile + value, error


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:,.2f}"
