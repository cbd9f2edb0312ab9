"""Goodness of fit: persons that were not used in a fit, beside the same persons simulated by the model."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from atrisk._errors import InputError, a
from atrisk._spec import plain, whole
from atrisk.fit._goodness_figures import CURVES, fewest
from atrisk.fit._goodness_judged import Judged
from atrisk.fit._goodness_notes import notes
from atrisk.fit._simulated import Layout, Sample, Simulated, checked, partial_years

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from atrisk.person_years import PersonYears
    from atrisk.utilization import Utilization

    Groups = Mapping[str, tuple[Utilization, PersonYears]]

PATH = "goodness_of_fit"
REPLICATES, FEWEST_REPLICATES, SIMULATED_ROWS = 20, 5, 500_000
SEEDS = 2**64
TABLE = ["data", "data_se", "model", "model_se", "model_sd", "difference", "band", "within", "standardised", "unit"]


@dataclass(frozen=True, eq=False)
class GoodnessOfFit:
    """Data beside model; made by :func:`goodness_of_fit`.

    Attributes
    ----------
    table : pandas.DataFrame
        A row for each figure, named in words: ``data`` and its standard error ``data_se`` (bootstrap over persons);
        ``model`` (mean over the replicates), its Monte Carlo error ``model_se`` and ``model_sd``, the standard
        deviation of one replicate, which is the sampling error of such a panel; ``difference`` (model less data);
        ``band`` (the largest difference that is allowed), ``within`` (whether it is within it); ``standardised``, the
        difference over √(data_se² + model_sd²); ``unit``.
    quantiles : pandas.DataFrame
        Quantiles of annual dollars, indexed by probability: ``data``, ``data_se``, ``model``, ``model_se``,
        ``model_sd`` (dollars).
    notes : list of str
        What the model cannot follow, what is open, and what was left out, in sentences.
    groups : mapping of str to GoodnessOfFit
        Where several groups were given, each by itself.
    replicates, person_years, members : int
        How many replicates were simulated, and how many of the data were compared.
    details : pandas.DataFrame
        What the page draws: the figures of ``table`` and the points of the curves, with their panel and place.
    """

    table: pd.DataFrame = field(repr=False)
    quantiles: pd.DataFrame = field(repr=False)
    notes: list[str] = field(repr=False)
    groups: Mapping[str, GoodnessOfFit] = field(repr=False)
    replicates: int
    person_years: int
    members: int
    details: pd.DataFrame = field(repr=False)

    def figure(self) -> Figure:
        """Draw data beside model on one page (A4, seven panels); needs matplotlib (``pip install atrisk[plot]``)."""
        from atrisk.fit._goodness_page import page  # noqa: PLC0415 - an optional dependency

        return page(self)

    @property
    def within(self) -> int:
        """Number of figures within their bands."""
        return int(self.table["within"].sum())

    def __repr__(self) -> str:
        return (
            f"GoodnessOfFit({self.within} of {len(self.table)} figures within their bands; {self.person_years:,} "
            f"person-years of {self.members:,} members, {self.replicates} replicates)"
        )

    def _repr_html_(self) -> str:
        said = "".join(f"<li>{html.escape(note)}</li>" for note in self.notes)
        shown = self.table.to_html(float_format="{:,.4g}".format)
        return f"<p>{html.escape(repr(self))}</p><ul>{said}</ul>{shown}"


def goodness_of_fit(  # noqa: PLR0913 - what to compare, and how closely
    care: Utilization | Groups,
    held_out: PersonYears | None = None,
    *,
    replicates: int | None = None,
    seed: int = 1,
    attachments: Sequence[float] | None = None,
    bootstraps: int = 200,
) -> GoodnessOfFit:
    """Simulate persons that were not used in a fit, and compare them with what they really used.

    Every member of the table is simulated through its own years, ages and risk scores; the sums of the events of a
    year are compared with the table's. Performance year 1 is the table's first year. Uncertain inputs are drawn anew
    in every replicate.

    Parameters
    ----------
    care : Utilization or mapping of str to (Utilization, PersonYears)
        The model. Several groups, such as insurance plans, each with a model of its own, are simulated one by one and
        put together: the figures are those of all, and ``groups`` has those of each.
    held_out : PersonYears, optional
        Persons that were not used in the fit, with the service lines of ``care`` by name; left out with groups.
        Lines whose events are not counted are compared in dollars alone.
    replicates : int, optional
        How often to simulate them, 2-10,000; by default 20 times, fewer where that is more than 500,000 person-years,
        but 5 times at least.
    seed : int, default 1
        Of the simulation and of the bootstrap, 0 to 2**64 - 1; groups have the seeds that follow each other.
    attachments : sequence of float, optional
        Annual dollars above which the mean excess is looked at; by default the quantiles 90, 97.5 and 99 % of the
        data, in whole dollars.
    bootstraps : int, default 200
        Samples of persons that the standard errors of the data come from, 20-100,000.

    Returns
    -------
    GoodnessOfFit

    Raises
    ------
    InputError
        If service lines differ, there are fewer than 30 members, or a number is out of range.

    Notes
    -----
    Formulas and bands are on the page "Goodness of fit". Bands are rows of ``fit/goodness_bands.csv``.
    """
    seed = whole(f"{PATH}.seed", seed, 0, SEEDS - 1)
    bootstraps = whole(f"{PATH}.bootstraps", bootstraps, 20, 100_000)
    amounts = None if attachments is None else _amounts(attachments)
    parts = _parts(care, held_out, amounts, seed)
    layout = Layout.joined([part.layout for part in parts])
    if layout.members < fewest():
        rule = f"must be of at least {fewest()} members"
        raise InputError(f"{PATH}.held_out", rule, str(layout.members))
    pooled = Judged(Sample.joined([part.observed for part in parts], layout), amounts)
    effort = _Effort(_times(replicates, len(layout.member)), bootstraps, seed)
    for replicate in range(effort.replicates):
        pooled.add(Sample.joined([part.simulate(replicate) for part in parts], layout))
    apart = {part.name: _result(part.judged, effort, part.told) for part in parts if part.judged}
    told = [f"{part.name}: {sentence}" if part.name else sentence for part in parts for sentence in part.told]
    return _result(pooled, effort, told, apart)


class _Effort(NamedTuple):
    replicates: int
    bootstraps: int
    seed: int


class _Part:
    """One group of persons and their model; judged by itself where there are several, of enough persons."""

    def __init__(
        self,
        name: str,
        model: tuple[object, object],
        seed: int,
        amounts: Sequence[float] | None,
        *,
        alone: bool,
    ) -> None:
        care, table = checked(f"{PATH}[{name!r}]" if name else PATH, *model)
        self.name = name
        self.layout = Layout.of(table)
        self.observed = Sample.observed(table, self.layout)
        self.lines = table.lines
        self.told = _told(table, self.layout)
        self._simulated = Simulated(care, table, self.layout, seed)
        few = self.layout.members < fewest()
        if few and not alone:
            self.told.append(f"Not judged by itself: {self.layout.members} members; at least {fewest()} are needed.")
        self.judged = None if alone or few else Judged(self.observed, amounts)

    def simulate(self, replicate: int) -> Sample:
        """Return a replicate of these persons, and take it in where they are judged by themselves."""
        sample = self._simulated.sample(replicate)
        if self.judged is not None:
            self.judged.add(sample)
        return sample


def _parts(care: object, held_out: object, amounts: Sequence[float] | None, seed: int) -> list[_Part]:
    if not isinstance(care, Mapping):
        return [_Part("", (care, held_out), seed, amounts, alone=True)]
    if held_out is not None:
        raise InputError(f"{PATH}.held_out", "must be left out with groups, which have their own", a(held_out))
    if not care:
        raise InputError(f"{PATH}.care", "must have groups", "none")
    parts = []
    for position, (name, model) in enumerate(care.items()):
        if not isinstance(model, (tuple, list)) or len(model) != 2:  # noqa: PLR2004 - a pair
            raise InputError(f"{PATH}[{name!r}]", "must be a pair of a Utilization and PersonYears", a(model))
        parts.append(_Part(str(name), (model[0], model[1]), (seed + position) % SEEDS, amounts, alone=False))
        if parts[0].lines != parts[-1].lines:
            first, here = (", ".join(line.name for line in part.lines) for part in (parts[0], parts[-1]))
            rule = f"must have the service lines of {parts[0].name!r} in their order, counted alike: {first}"
            raise InputError(f"{PATH}[{name!r}]", rule, here)
    return parts


def _told(table: PersonYears, layout: Layout) -> list[str]:
    """Return what is to be known of the data, a sentence each."""
    told = []
    gaps = layout.spells - layout.members
    if gaps:
        text = "years without a row within a member's years: what comes after is simulated as of another person"
        told.append(f"{gaps:,} times there are {text}, and no correlation reaches across.")
    partial = partial_years(table, layout)
    if partial:
        told.append(f"{partial:,} years amid a member's years are not full, but simulated as if they were.")
    return told


def _result(
    judged: Judged,
    effort: _Effort,
    told: list[str],
    groups: Mapping[str, GoodnessOfFit] | None = None,
) -> GoodnessOfFit:
    figures, undefined = judged.compared(effort.bootstraps, effort.seed)
    curves = figures["kind"].isin(CURVES)
    points = figures[figures["kind"] == "quantile"].set_index("x").rename_axis("probability")
    return GoodnessOfFit(
        table=figures[~curves].set_index("name").rename_axis("figure")[TABLE],
        quantiles=points[["data", "data_se", "model", "model_se", "model_sd"]],
        notes=[*notes(figures[~curves], judged.left_out(), undefined), *told],
        groups=MappingProxyType(dict(groups or {})),
        replicates=effort.replicates,
        person_years=len(judged.observed.total),
        members=judged.observed.layout.members,
        details=figures,
    )


def _amounts(given: object) -> list[float]:
    path = f"{PATH}.attachments"
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise InputError(path, "must be a list of dollars", repr(given))
    amounts = [plain(f"{path}[{position}]", each) for position, each in enumerate(given)]
    for position, amount in enumerate(amounts):
        if amount < 0.0 or amount in amounts[:position]:
            raise InputError(f"{path}[{position}]", "must be at least 0, each once", f"{amount:g}")
    return sorted(amounts)


def _times(replicates: object, rows: int) -> int:
    if replicates is None:
        return max(FEWEST_REPLICATES, min(REPLICATES, SIMULATED_ROWS // rows))
    return whole(f"{PATH}.replicates", replicates, 2, 10_000)
