"""Small tables of claims and memberships that can be reckoned by eye."""

import pandas as pd

import atrisk as ar

VISITS = {"visits": ar.claims.ServiceLine(procedure="99202-99215", unit="line")}
PERIOD = ("2023-01-01", "2023-12-31")


def members(*spans, **columns):
    """Spans (member_id, start, end), women born in 1950 unless said otherwise."""
    given = spans or (("1", "2023-01-01", "2023-12-31"),)
    table = pd.DataFrame(given, columns=["member_id", "start", "end"])
    return table.assign(**({"sex": "F", "birth_date": "1950-03-15"} | columns))


def lines(*rows, **columns):
    """Lines (member_id, claim_id, date, allowed), visits unless said otherwise."""
    table = pd.DataFrame(rows, columns=["member_id", "claim_id", "date", "allowed"])
    return table.assign(**({"procedure": "99213"} | columns))


def made(claims, spans=None, service_lines=None, **options):
    """Person-years of one year."""
    given = {"period": PERIOD} | options
    return ar.claims.person_years(
        claims, members() if spans is None else spans, VISITS if service_lines is None else service_lines, **given
    )


def found(years, problem):
    """The row of the report that tells of a problem, as (rows, dollars, kind)."""
    table = years.report.table.set_index("problem")
    assert problem in table.index, list(table.index)
    row = table.loc[problem]
    return int(row["rows"]), row["dollars"], row["kind"]


def balanced(years):
    """Say whether the account sums up, and what is in the person-years is what it says."""
    control = years.report.control["cents"]
    parts = control.drop("all lines")
    return int(parts.sum()) == control["all lines"] and control["in person-years"] == round(years.dollars.sum() * 100)
