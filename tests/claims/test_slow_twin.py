"""A slow twin, line by line and day by day, finds the same person-years in random claims."""

import datetime as dt
from collections import Counter, defaultdict

import numpy as np
import pandas as pd
import pytest

import atrisk as ar
from claims_cases import lines, members

FIRST, LAST = dt.date(2023, 1, 1), dt.date(2024, 12, 31)
UNITS = ("claim", "line", "day", "stay")
ONE = dt.timedelta(days=1)


def tables(random, n):
    """Claims of few members, claims, days and amounts, so that everything collides; spans that overlap."""
    days = [FIRST + dt.timedelta(days=int(day)) for day in random.choice([-20, 0, 1, 3, 4, 40, 364, 365, 366, 800], n)]
    claims = lines(
        *zip(
            random.choice(["1", "2", "3", "9"], n),
            random.choice(["A", "B", "C"], n),
            [day.isoformat() for day in days],
            random.choice(["10.00", "20.00", "-10.00", "-20.00", "35.00", "0.25"], n),
            strict=True,
        ),
        procedure=random.choice(["99213", "99214", "J1885"], n),
        line=random.choice(["1", "2"], n),
    )
    claims["thru"] = [
        (day + dt.timedelta(days=int(more))).isoformat()
        for day, more in zip(days, random.integers(0, 4, n), strict=True)
    ]
    spans = []
    for member in ("1", "2", "3"):
        for _ in range(3):
            start = FIRST + dt.timedelta(days=int(random.integers(-30, 500)))
            spans.append(
                (member, start.isoformat(), (start + dt.timedelta(days=int(random.integers(0, 300)))).isoformat())
            )
    return claims, members(*spans, score=random.integers(1, 9, len(spans)))


def enrolled(spans):
    """Each member's days -> the score of the span that has the day: of overlapping ones the earlier."""
    days = defaultdict(dict)
    for span in sorted(spans.itertuples(), key=lambda each: (each.start, each.end)):
        day, last = dt.date.fromisoformat(span.start), dt.date.fromisoformat(span.end)
        while day <= last:
            if FIRST <= day <= LAST:
                days[span.member_id].setdefault(day, span.score)
            day += ONE
    return days


def kept(claims, days):
    """Lines that are care, as dicts with whole cents, after reversals, duplicates, strangers and netting."""
    rows = [dict(row._asdict(), cents=round(float(row.allowed) * 100)) for row in claims.itertuples()]
    reverse(rows)
    repeat(rows)
    return net(
        [row for row in rows if not row.get("out") and dt.date.fromisoformat(row["date"]) in days[row["member_id"]]]
    )


def reverse(rows):
    """Mark what cancels."""
    groups = defaultdict(lambda: ([], []))
    for row in rows:
        key = (row["member_id"], row["claim_id"], row["date"], row["procedure"], abs(row["cents"]))
        groups[key][row["cents"] < 0].append(row)
    for positive, negative in groups.values():
        for pair in zip(positive, negative, strict=False):
            for row in pair:
                row["out"] = True


def repeat(rows):
    """Mark what is said again."""
    seen = Counter()
    for row in sorted(rows, key=lambda each: not each.get("out")):
        same = tuple(row[name] for name in ("member_id", "claim_id", "date", "thru", "cents", "procedure", "line"))
        gone = row.get("out")
        if not gone and seen[same]:
            row["out"] = True
        seen[same] += not gone or row["cents"] < 0


def net(left):
    """Take negative lines off the largest of their claim; claims that come to nothing are no care."""
    by_claim = defaultdict(list)
    for row in left:
        by_claim[row["member_id"], row["claim_id"]].append(row)
    care = []
    for group in by_claim.values():
        debt = -sum(row["cents"] for row in group if row["cents"] < 0)
        if debt and sum(row["cents"] for row in group) <= 0:
            continue
        positive = sorted((row for row in group if row["cents"] >= 0), key=lambda each: -each["cents"])
        for row in positive:
            taken = min(debt, row["cents"])
            row["cents"], debt = row["cents"] - taken, debt - taken
        care += positive
    return care


def events(care, unit):
    """(member, service, first day) and cents of each event."""
    groups = defaultdict(list)
    for at, row in enumerate(care):
        service = "visits" if row["procedure"].startswith("992") else "other services"
        how = unit if service == "visits" else "claim"
        key = {"claim": row["claim_id"], "line": at, "day": row["date"], "stay": ""}[how]
        groups[row["member_id"], service, how, key].append(row)
    for (member, service, how, _), rows in groups.items():
        parts = [rows]
        if how == "stay":
            parts, last = [], None
            for row in sorted(rows, key=lambda each: each["date"]):
                if last is None or dt.date.fromisoformat(row["date"]) > last + ONE:
                    parts.append([])
                    last = dt.date.min
                parts[-1].append(row)
                last = max(last, dt.date.fromisoformat(row["thru"]))
        for part in parts:
            yield member, service, min(row["date"] for row in part), sum(row["cents"] for row in part)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("seed", range(15))
def test_person_years_are_those_of_the_slow_twin(seed, unit):
    claims, spans = tables(np.random.default_rng(seed), 120)
    rules = {"visits": ar.claims.ServiceLine(procedure="99202-99215", unit=unit)}
    made = ar.claims.person_years(claims, spans, rules, period=(FIRST, LAST), risk_score="score")
    days = enrolled(spans)
    found = list(events(kept(claims, days), unit))
    listed = made.events.assign(
        cents=(made.events["allowed"] * 100).round().astype(int), day=made.events["date"].astype(str)
    )
    assert sorted(found) == sorted(listed[["member_id", "service", "day", "cents"]].itertuples(index=False, name=None))
    months, scores = Counter(), Counter()
    for member, known in days.items():
        for day, score in known.items():
            part = 1 / pd.Timestamp(day).days_in_month
            months[member, day.year] += part
            scores[member, day.year] += part * score
    frame = made.frame.set_index(["member_id", "year"])
    assert frame["member_months"].to_dict() == pytest.approx(dict(months), abs=1e-8)
    assert frame["risk_score"].to_dict() == pytest.approx({key: scores[key] / months[key] for key in months}, abs=1e-8)
    for line in made.lines:
        counts, cents = Counter(), Counter()
        for member, service, day, amount in found:
            counts[member, int(day[:4])] += service == line.name
            cents[member, int(day[:4])] += amount * (service == line.name)
        assert frame[line.events].to_dict() == {key: counts[key] for key in frame.index}
        assert frame[line.dollars].to_dict() == {key: cents[key] / 100 for key in frame.index}
