"""Time from claim lines to a fitted panel: 1,000,000 synthetic lines of 60,000 members over two years.

Usage: ``python benches/claims_to_panel.py [--lines 1000000] [--members 60000] [--repeat 3] [--most 30]``
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import pandas as pd

import atrisk as ar

SEED = 20240607
DAYS = 731  # 2023 and 2024
PARTIAL = 0.15  # share of members who come late, and of those who leave early
BEGIN = np.datetime64("2023-01-01")
#: Service line -> share of the claims, lines of a claim, its codes, mean dollars of a line.
KINDS = {
    "inpatient": (0.02, 8, {"type_of_bill": ["111", "0111", "117"]}, 1_800.0),
    "outpatient hospital": (0.08, 5, {"type_of_bill": ["131"], "procedure": ["80053", "71046", "36415"]}, 180.0),
    "emergency": (0.03, 4, {"revenue_code": ["0450", "450"], "procedure": ["99283", "99284"]}, 400.0),
    "physician visits": (0.35, 2, {"procedure": ["99213", "99214", "99203"], "place_of_service": ["11"]}, 95.0),
    "drugs": (0.40, 1, {"ndc": ["00002-1433-80", "00093505698", "0093-5056-98"]}, 60.0),
    "imaging": (0.12, 2, {"procedure": ["70551", "73721", "74177"], "place_of_service": ["22", "11"]}, 320.0),
}
LINES = {
    "inpatient": ar.claims.ServiceLine(type_of_bill=["11*", "12*"], unit="stay"),
    "emergency": ar.claims.ServiceLine(revenue_code="045*", unit="day"),
    "outpatient hospital": ar.claims.ServiceLine(type_of_bill="13*"),
    "physician visits": ar.claims.ServiceLine(procedure=["99202-99205", "99211-99215"], unit="line"),
    "imaging": ar.claims.ServiceLine(procedure="70010-79999", unit="line"),
    "drugs": ar.claims.ServiceLine(ndc="*", unit="line"),
}


def claim_lines(lines: int, members: int, *, dirty: float = 0.01) -> pd.DataFrame:
    """Return claim lines as text, as they come from files; ``dirty`` is the share of duplicates and of reversals."""
    random = np.random.default_rng(SEED)
    names = list(KINDS)
    shares = np.array([KINDS[name][0] for name in names])
    length = np.array([KINDS[name][1] for name in names])
    claims = int(lines / (shares @ length)) + 1
    kind = random.choice(len(names), size=claims, p=shares)
    claim = np.repeat(np.arange(claims), length[kind])[:lines]
    kind, lines = kind[claim], len(claim)
    first = np.searchsorted(claim, claim)
    day = random.integers(0, DAYS, claims)[claim]
    table = {
        "member_id": np.char.mod("M%07d", random.integers(0, members, claims))[claim].astype(object),
        "claim_id": np.char.mod("C%09d", claim).astype(object),
        "line": np.char.mod("%d", np.arange(lines) - first + 1).astype(object),
        "date": (BEGIN + day).astype(str).astype(object),
        "thru": (BEGIN + day + np.where(kind == 0, 4, 0)).astype(str).astype(object),
        "allowed": np.char.mod("%.2f", random.gamma(2.0, np.array([KINDS[n][3] / 2 for n in names])[kind])).astype(
            object
        ),
    }
    for field in ("type_of_bill", "place_of_service", "procedure", "revenue_code", "ndc"):
        column = np.full(lines, None, dtype=object)
        for at, name in enumerate(names):
            codes = KINDS[name][2].get(field)
            if codes:
                rows = np.flatnonzero(kind == at)
                column[rows] = np.array(codes, dtype=object)[random.integers(0, len(codes), len(rows))]
        table[field] = column
    frame = pd.DataFrame(table)
    again, back = (frame.iloc[random.integers(0, lines, int(dirty * lines))] for _ in range(2))
    frame = pd.concat([frame, again, back.assign(allowed="-" + back["allowed"])], ignore_index=True)
    return frame.iloc[:lines] if dirty == 0 else frame.iloc[-lines:].reset_index(drop=True)


def membership(members: int) -> pd.DataFrame:
    """Return a span for each member, most of both years, some from or to another day."""
    random = np.random.default_rng(SEED + 1)
    late, early = (random.random(members) < PARTIAL for _ in range(2))
    return pd.DataFrame(
        {
            "member_id": np.char.mod("M%07d", np.arange(members)),
            "start": BEGIN + np.where(late, random.integers(0, 300, members), 0),
            "end": BEGIN + np.where(early, random.integers(400, DAYS, members), DAYS - 1),
            "sex": random.choice(["F", "M"], members),
            "birth_date": np.datetime64("1940-01-01") + random.integers(0, 25_000, members),
            "risk_score": random.gamma(4.0, 0.25, members),
        }
    )


def main() -> None:
    """Make the tables, time the way to person-years and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--members", type=int, default=60_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--most", type=float, help="seconds that it may take")
    arguments = parser.parse_args()
    claims, spans = claim_lines(arguments.lines, arguments.members), membership(arguments.members)
    seconds = []
    for _ in range(arguments.repeat):
        start = time.perf_counter()
        years = ar.claims.person_years(claims, spans, LINES)
        there = time.perf_counter()
        estimates = ar.Utilization.fit(years)
        panel = years.panel()
        seconds.append((time.perf_counter() - start, there - start))
    control = years.report.control
    assert control.loc["in person-years", "cents"] == round(years.dollars.sum() * 100)
    print(years)
    print(years.report.table[["table", "problem", "rows", "dollars"]].to_string(index=False))
    print(estimates, panel, sep="\n")
    best, of_it = min(seconds)
    print(f"{len(claims):,} claim lines to a fitted panel: {best:.2f} s, of it to person-years {of_it:.2f} s")
    if arguments.most is not None:
        assert best <= arguments.most, f"took {best:.1f} s, more than {arguments.most:g}"


if __name__ == "__main__":
    main()
