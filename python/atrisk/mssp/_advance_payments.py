"""Advances on shared savings: advance investment payments, their recoupment, and savings paid in advance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk._frames import give_back
from atrisk._spec import term, whole
from atrisk.mssp._by_type import columns_of, refuse_missing
from atrisk.mssp._dated_terms import notes, rows_of, start_of, terms
from atrisk.rules._facts import as_frame
from atrisk.rules._rule import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

ADVANCES, PREPAID = "AdvancePayments", "PrepaidSavings"
ADVANCE_TERMS, PREPAID_TERMS = "advance_payment_terms.csv", "prepaid_savings_terms.csv"
LOWEST_PERCENTILE, HIGHEST_PERCENTILE = 1, 100
MOST = 10**9


def advance_investment_payments(members: object, *, agreement_start: object = None) -> Any:  # noqa: ANN401 - a frame of the user's kind
    """Compute advance investment payments by the rules of an agreement's start: :meth:`AdvancePayments.payments`.

    By default those of the first agreements that had them.
    """
    return AdvancePayments.preset(agreement_start).payments(members)


@dataclass(frozen=True, kw_only=True)
class AdvancePayments:
    """Payments to a new, low-revenue organization that it pays back out of savings.

    Parameters
    ----------
    one_time : float
        Dollars paid once, with the first quarter.
    quarters : int
        Quarterly payments at most.
    most_members : int
        Members that count at most: those with the highest scores.
    low_income_score : float
        Score of a member with low-income subsidy or dual status.
    unknown_score : float
        Score of a member whose area is not known.
    rates : sequence of (score, dollars)
        Dollars of a member's quarter from a score on.
    """

    one_time: float
    quarters: int
    most_members: int
    low_income_score: float
    unknown_score: float
    rates: tuple[tuple[float, float], ...]

    @classmethod
    def preset(cls, agreement_start: object = None) -> AdvancePayments:
        """Return the rules of agreements that start on a day or, given a year, in it; by default the first ones."""
        start = start_of(f"{ADVANCES}.agreement_start", ADVANCE_TERMS, agreement_start)
        given: dict[str, Any] = dict(terms(ADVANCE_TERMS, start))
        counts = {name: int(given[name]) for name in ("quarters", "most_members")}
        bands = rows_of("advance_payment_rates.csv", start)
        rates = tuple((float(row["score_from"]), float(row["quarterly_rate"])) for row in bands)
        return cls(**(given | counts), rates=rates)

    def payments(self, members: object) -> Any:  # noqa: ANN401 - a frame of the user's kind
        """Compute what is paid in each quarter.

        Parameters
        ----------
        members : data frame
            A row for each assigned member (of each quarter): ``low_income`` (low-income subsidy or dual status, true or
            false), ``area_deprivation`` (whole national percentile of the Area Deprivation Index, 1-100, missing where
            not known); where given, ``aco_id`` and ``quarter`` (1, 2, ..., all 1 without it).

        Returns
        -------
        data frame
            Of the kind that was given, one row for each organization and quarter, in order:

            - ``aco_id`` where given, ``quarter``
            - ``members``: assigned; ``members_counted``: of them those that count
            - ``mean_score``: mean risk factor score of those that count, points
            - ``quarterly_payment``, ``one_time_payment``, ``payment`` (their sum), dollars
            - ``advanced``: payments so far, dollars

        Raises
        ------
        InputError
            If columns are missing (all are named) or a number is out of its range.

        Notes
        -----
        Whether an organization is eligible (new, inexperienced, low revenue) is not checked.

        Source: 42 CFR 425.630.
        """
        import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

        given = columns_of(ADVANCES, members)
        missing = [name for name in ("low_income", "area_deprivation") if name not in given]
        if missing:
            raise InputError(ADVANCES, "must have a row for each member", f"no {', '.join(missing)}")
        refuse_missing(ADVANCES, given, [name for name in ("aco_id",) if name in given])
        scored = self._scores(given)
        scored["quarter"] = self._quarters(given, len(scored))
        groups = ["quarter"]
        if "aco_id" in given:
            scored["aco_id"] = given["aco_id"]
            groups = ["aco_id", "quarter"]
        best = scored.sort_values("score", ascending=False, kind="stable").groupby(groups).head(self.most_members)
        counted = best.groupby(groups, as_index=False).agg(
            members_counted=("score", "size"), mean_score=("score", "mean"), quarterly_payment=("rate", "sum")
        )
        paid = (
            scored.groupby(groups, as_index=False).size().rename(columns={"size": "members"}).merge(counted, on=groups)
        )
        paid["one_time_payment"] = np.where(paid["quarter"] == 1, float(self.one_time), 0.0)
        paid["payment"] = paid["quarterly_payment"] + paid["one_time_payment"]
        by = pd.Series(0, index=paid.index) if "aco_id" not in given else paid["aco_id"]
        return give_back(paid.assign(advanced=paid.groupby(by)["payment"].cumsum()), members)

    def _scores(self, given: Mapping[str, NDArray[Any]]) -> pd.DataFrame:
        import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

        places = pd.to_numeric(pd.Series(given["area_deprivation"]), errors="coerce").to_numpy("float64")
        told = ~pd.isna(given["area_deprivation"])
        whole_ones = (places >= LOWEST_PERCENTILE) & (places <= HIGHEST_PERCENTILE) & (places == np.round(places))
        wrong = told & ~whole_ones
        for row in np.flatnonzero(wrong):
            path = f"{ADVANCES}.area_deprivation[{row}]"
            raise InputError(
                path, "must be a whole percentile between 1 and 100, or missing", str(given["area_deprivation"][row])
            )
        rates = [{"from": term(score), "gives": term(rate)} for score, rate in self.rates]
        scores = {"low_income_score": term(self.low_income_score), "unknown_score": term(self.unknown_score)}
        rule = Rule("advance_payment_rate", scores | {"rates": rates}, ADVANCES)
        lines = rule.columns({"low_income": given["low_income"], "area_deprivation": places})
        return pd.DataFrame({"score": lines["risk_factor_score"], "rate": lines["quarterly_rate"]})

    def _quarters(self, given: Mapping[str, NDArray[Any]], n: int) -> list[int]:
        if "quarter" not in given:
            return [1] * n
        path = f"{ADVANCES}.quarter"
        return [whole(f"{path}[{row}]", quarter, 1, self.quarters) for row, quarter in enumerate(given["quarter"])]


def recoup_advances(frame: object = None, /, **facts: Any) -> Any:  # noqa: ANN401 - a frame of the user's kind
    """Recoup advances from earned savings, year by year, until they are paid back.

    Parameters
    ----------
    frame : data frame, optional
        A row for each settled year in order: ``advanced`` (all advances paid until this settlement, dollars),
        ``earned_savings`` (of the year, before recoupment, dollars; losses below 0), and where given ``leaves_early``
        (true or false: all is due) and ``aco_id``, which tells organizations apart. What earlier rows recouped, and
        what fell due with them, counts for later ones.
    **facts
        One year by name; ``recouped_before`` is what earlier years recouped.

    Returns
    -------
    data frame or Statement
        ``outstanding_before``, ``recouped`` (never above the year's savings), ``savings_paid``, ``due`` (by an
        organization that leaves early) and ``outstanding``, dollars; for a frame on its index.

    Raises
    ------
    InputError
        If columns or facts are missing (all are named), or a row has no ``aco_id`` where there is such a column.

    Notes
    -----
    Source: 42 CFR 425.630.
    """
    source = "42 CFR 425.630"
    waterfall = [("outstanding_before", 1), ("recouped", -1), ("due", -1), ("outstanding", 1)]
    rule = Rule("advance_recoupment", {}, "recoup_advances", waterfall, source=source)
    if frame is None:
        return rule.settle(**facts)
    given = columns_of(rule.place, frame) | {name: np.atleast_1d(np.asarray(value)) for name, value in facts.items()}
    missing = [name for name in ("advanced", "earned_savings") if name not in given]
    if missing:
        raise InputError(rule.place, "must have a row for each settled year", f"no {', '.join(missing)}")
    refuse_missing(rule.place, given, [name for name in ("aco_id",) if name in given])
    return as_frame(rule.place, _year_by_year(rule, given), frame, {})


def _year_by_year(rule: Rule, given: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[np.float64]]:
    """Settle the first years of all organizations, then their second ones with what the first recouped, and so on."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    n = len(given["advanced"])
    who = pd.Series(pd.factorize(np.asarray(given.get("aco_id", np.zeros(n))))[0])
    year = who.groupby(who).cumcount().to_numpy()
    before = np.zeros(n)
    lines = {name: np.empty(n) for name, *_ in rule.core.lines()}
    facts = {name: values for name, values in given.items() if name in {fact for fact, *_ in rule.core.facts()}}
    for rows in (np.flatnonzero(year == each) for each in range(int(year.max(initial=-1)) + 1)):
        recouped_before = before[who[rows]] + np.broadcast_to(given.get("recouped_before", np.zeros(n)), n)[rows]
        chosen = {name: np.broadcast_to(values, n)[rows] for name, values in facts.items()}
        settled = rule.columns(chosen | {"recouped_before": recouped_before})
        before[who[rows]] += settled["recouped"] + settled["due"]
        for name, values in settled.items():
            lines[name][rows] = values
    return lines


@dataclass(frozen=True, kw_only=True)
class PrepaidSavings:
    """Part of earlier savings that is paid before they are earned again.

    Parameters
    ----------
    prepaid_share : float
        Part of shared savings that is paid in advance, 0-1.
    savings_share : float
        Part of mean savings that counts as shared, 0-1.
    cap : float
        The most of the multiplier, a share of national spending, 0-1.
    payments : float
        Payments a year.
    notes : sequence of str, optional
        What a statement says below its lines.
    """

    prepaid_share: float
    savings_share: float
    cap: float
    payments: float
    notes: tuple[str, ...] = ()

    @classmethod
    def preset(cls, agreement_start: object = None) -> PrepaidSavings:
        """Return the rules of agreements that start on a day or, given a year, in it; by default the first ones."""
        start = start_of(f"{PREPAID}.agreement_start", PREPAID_TERMS, agreement_start)
        given: dict[str, Any] = dict(terms(PREPAID_TERMS, start))
        names = ("prepaid_share", "savings_share", "cap", "payments")
        return cls(**{name: given[name] for name in names}, notes=notes(rows_of(PREPAID_TERMS, start)))

    def settle(self, frame: object = None, /, **facts: Any) -> Any:  # noqa: ANN401 - a frame of the user's kind
        """Compute payments in advance.

        Parameters
        ----------
        frame : data frame, optional
            Cases in rows: ``savings_base_year_1``, ``savings_base_year_2`` (dollars of a person-year; losses below 0),
            ``proration`` (at most 1, for growth of the assigned population; 1 where not given),
            ``national_per_capita_all`` (dollars of a person-year) and ``person_years``.
        **facts
            The same by name: numbers give a :class:`Statement`, arrays a frame.

        Returns
        -------
        Statement or data frame
            ``mean_savings`` and ``multiplier``, dollars of a person-year; ``payment`` and ``payment_of_year``, dollars.

        Notes
        -----
        Source: 42 CFR 425.640.
        """
        names = ("prepaid_share", "savings_share", "cap", "payments")
        given = {name: term(getattr(self, name)) for name in names}
        rule = Rule("prepaid_savings", given, PREPAID, notes=self.notes, source="42 CFR 425.640")
        return rule.settle(frame, **facts)
