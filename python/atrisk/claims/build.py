"""Claim lines and memberships made into person-years, with an account of every line and cent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk._spec import text
from atrisk.claims._claim_table import ClaimTable, read_claims, tell_zeros
from atrisk.claims._dates import as_times
from atrisk.claims._events import CareLines, Events, events_of
from atrisk.claims._exposure import AGES, Years, exposure, fill_scores, period_of, year_rule
from atrisk.claims._membership import SEX_NAMES, USED, Membership, read_membership
from atrisk.claims._reasons import reasons_of
from atrisk.claims._report import CENTS, SET_ASIDE, ClaimsReport
from atrisk.claims._reversals import whole_claims
from atrisk.claims._telling import need_codes, tell_other, tell_quiet_months, tell_unborn
from atrisk.claims._texts import together
from atrisk.claims.service_lines import ServiceLine, assign, lines_of
from atrisk.person_years import Line, PersonYears

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

SCORE = "risk_score"
ON_PROBLEMS = ("report", "raise")


def person_years(  # noqa: PLR0913 - each is a choice of the user's
    claims: object,
    membership: object,
    service_lines: Mapping[str, ServiceLine | Sequence[ServiceLine]],
    *,
    claim_columns: Mapping[str, str] | None = None,
    member_columns: Mapping[str, str] | None = None,
    year: str = "calendar",
    period: tuple[object, object] | None = None,
    age_at: str = "mid-year",
    risk_score: str | None = None,
    other: str = "other services",
    on_problems: str = "report",
) -> PersonYears:
    """Make person-years of claim lines and spans of membership.

    Parameters
    ----------
    claims : pandas, polars or Arrow table, or mapping of columns
        A row for each claim line: ``member_id``, ``claim_id``, ``date`` (first day of service), ``allowed`` (dollars);
        may have ``line``, ``thru`` (last day), ``paid`` (dollars), ``type_of_bill``, ``place_of_service``, ``drg``,
        ``procedure``, ``revenue_code``, ``ndc`` and ``diagnosis``. Numbers, dates and texts are read as they are
        written.
    membership : pandas, polars or Arrow table, or mapping of columns
        A row for each span: ``member_id``, ``start``, ``end`` (last day; missing: still enrolled), ``sex``,
        ``birth_date`` (or ``age``, in the year in which the span begins); may have ``death_date`` and a risk score.
        Further columns are kept: those of the span with the most months in the year.
    service_lines : mapping of str to ServiceLine or list of ServiceLine
        The first that matches takes a claim line; of a list, any may match. See :func:`standard_lines`.
    claim_columns, member_columns : mapping of str to str, optional
        Name here -> name in the frame, where they differ.
    year : str, default "calendar"
        Or the first day of a month, such as ``"07-01"``, on which years of twelve months begin; they are named by the
        calendar year in which they begin.
    period : pair of dates, optional
        First and last day observed. By default the whole months from the first to the last date of service within
        enrolment: of days before and after, no claims are known.
    age_at : str, default "mid-year"
        Completed years on the first day of the year's seventh month, or ``"first-day"``: of the year. A child born
        later in the year has age 0.
    risk_score : str, optional
        Column of membership; by default ``risk_score`` if there is one, else all scores are 1. Of several spans the
        mean by months.
    other : str, default "other services"
        Name of the service line of what none takes; its events are claims.
    on_problems : str, default "report"
        ``"raise"`` refuses tables of which anything would be set aside or mended.

    Returns
    -------
    PersonYears
        Member-months are, month by month, the days enrolled over the days of the month. An event's dollars are those
        of the year of its first day. ``events`` has ``member_id``, ``year``, ``service``, ``allowed`` (dollars),
        ``date`` and ``dollars_known``; ``report`` is a :class:`ClaimsReport`. Where ``paid`` is given, the column
        ``paid_dollars`` is the sum of its lines that were kept.

    Raises
    ------
    InputError
        If a column is missing, a rule cannot be, no claim lies within enrolment, or as ``on_problems`` says.
    """
    lines, other = lines_of(service_lines, other)
    rule = year_rule(year)
    _choice("age_at", age_at, AGES)
    _choice("on_problems", on_problems, ON_PROBLEMS)
    report = ClaimsReport()
    table = read_claims(claims, claim_columns, report)
    need_codes(lines, table, report)
    spans = read_membership(membership, member_columns, _score_column(risk_score, membership, member_columns), report)
    tell_zeros(table.member, spans.words, report)
    _, member, _ = together(spans.words, table.member)
    member = np.where(member < len(spans.words.words), member, -2)
    inside = spans.spans_of(member, table.day) >= 0
    observed = period_of(period, table.day, inside)
    years = exposure(spans, observed, rule, age_at, report)
    fill_scores(spans, years, report)
    years = _usable(spans, years, report)
    reasons, cents, negative = reasons_of(table, member, inside, observed, years, report)
    kept = reasons.settle(table.cents)
    tell_quiet_months(table, kept, observed, report)
    service = assign(lines, table.codes, len(table))
    tell_other(table, service, kept, lines, other, report)
    tell_unborn(table, member, spans, kept, report)
    care = np.flatnonzero(kept & ~negative)
    if not len(care):
        raise InputError("claims.person_years", "must have claim lines that can be used", "none", report.in_words())
    claim = whole_claims(table)
    picked = CareLines(service, member, claim, table.day, table.thru, cents, table.known).of(care)
    units = [each[0].unit for each in lines.values()]
    events = events_of(picked, [*units, "claim"])
    names = [*lines, *([other] if (picked.service == len(lines)).any() else [])]
    made = _person_years(spans, years, events, names, report, _paid(table, member, kept, years))
    report.forget()
    if on_problems == "raise":
        report.refuse()
    return made


def _usable(spans: Membership, years: Years, report: ClaimsReport) -> Years:
    """Return the years of members whose sex and age are known."""
    members = spans.words.codes
    no_sex = spans.sex[years.member] < 0
    no_age = np.isnan(years.age)
    done = "the person-years and their claims are left out"
    for problem, wrong in (("sex unknown", no_sex), ("age or birth_date unknown or impossible", no_age & ~no_sex)):
        rows = np.unique(years.row[wrong])
        report.add("membership", problem, SET_ASIDE, rows, done, members=members)
    good = ~(no_sex | no_age)
    if not good.any():
        raise InputError("claims.person_years.membership", "must have members of known sex and age", "none")
    return years.only(good)


def _person_years(  # noqa: PLR0913, PLR0917 - all that a table of person-years is made of
    spans: Membership,
    years: Years,
    events: Events,
    names: list[str],
    report: ClaimsReport,
    paid: dict[str, NDArray[Any]],
) -> PersonYears:
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    at = years.find(events.member, events.day)
    lines = tuple(Line(name, counted=True) for name in names)
    columns: dict[str, Any] = {
        "member_id": spans.words.words[years.member],
        "year": years.year,
        "age": years.age,
        "sex": SEX_NAMES[spans.sex[years.member]],
        "risk_score": years.score,
        "member_months": years.months,
    }
    for position, line in enumerate(lines):
        rows = events.service == position
        columns[line.events] = np.bincount(at[rows], minlength=len(years.year))
        cents = np.zeros(len(years.year), dtype=np.int64)
        np.add.at(cents, at[rows], events.cents[rows])
        columns[line.dollars] = cents / CENTS
    columns |= paid
    further = [name for name in spans.frame.columns if name not in USED and name not in columns]
    columns |= {str(name): spans.frame[name].iloc[years.row].reset_index(drop=True) for name in further}
    frame = pd.DataFrame(columns).sort_values(["member_id", "year"], kind="stable", ignore_index=True)
    listed = pd.DataFrame(
        {
            "member_id": spans.words.words[events.member],
            "year": years.year[at],
            "service": np.array(names, dtype=object)[events.service],
            "allowed": events.cents / CENTS,
            "date": as_times(events.day).astype("datetime64[s]"),
            "dollars_known": events.known,
        }
    )
    return PersonYears(frame=frame, lines=lines, events=listed, report=report)


def _paid(
    table: ClaimTable, member: NDArray[np.int64], kept: NDArray[np.bool_], years: Years
) -> dict[str, NDArray[Any]]:
    if table.paid is None:
        return {}
    cents = np.zeros(len(years.year), dtype=np.int64)
    np.add.at(cents, years.find(member[kept], table.day[kept]), table.paid[kept])
    return {"paid_dollars": cents / CENTS}


def _choice(name: str, given: object, choices: tuple[str, ...]) -> None:
    if given not in choices:
        raise InputError(f"claims.person_years.{name}", f"must be one of {', '.join(choices)}", repr(given))


def _score_column(name: object, membership: object, columns: Mapping[str, str] | None) -> str:
    """Return the column of risk scores as it is called after renaming."""
    if name is None:
        return SCORE
    name = text("claims.person_years.risk_score", name)
    given: Any = membership
    names = [str(each) for each in getattr(given, "column_names", getattr(given, "columns", given))]
    back = {there: here for here, there in (columns or {}).items()}
    if name not in names and name not in (columns or {}):
        hint = f"the columns are {', '.join(names[:12])}"
        raise InputError("claims.person_years.risk_score", "must be a column of membership", repr(name), hint)
    return str(back.get(name, name))
