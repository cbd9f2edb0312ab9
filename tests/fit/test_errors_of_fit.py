"""Bad input of a fit: relativities, bands, bases, lines, members; the texts are the specification."""

import pytest

import atrisk as ar
from fitted_cases import drawn, quiet_fit
from test_errors import message

COLUMNS = "(the columns are age, sex, risk_score, plan)"


def fit(members=20, years=1, **how):
    frame = drawn(members, years)
    return ar.Utilization.fit(frame.assign(plan=frame["member_id"] % 3), **how)


@pytest.mark.parametrize(
    ("work", "text"),
    [
        (
            lambda: fit(relativities=("region",)),
            f"fit.relativities.region: must be a column that members differ by, got 'region' {COLUMNS}",
        ),
        (
            lambda: fit(relativities=("visits_events",)),
            f"fit.relativities.visits_events: must be a column that members differ by, got 'visits_events' {COLUMNS}",
        ),
        (
            lambda: fit(relativities="sex"),
            'fit.relativities: must be columns, or columns with bands, got a str (for example {"age": (0, 18, 65), '
            '"sex": None} or ("sex", "plan"))',
        ),
        (
            lambda: fit(relativities={"age": (20, 50)}),
            "fit.relativities.age: must begin at age 0, got 20",
        ),
        (
            lambda: fit(relativities={"age": ()}),
            "fit.relativities.age: must begin at age 0, got none",
        ),
        (
            lambda: fit(relativities={"age": (0, 17.5)}),
            "fit.relativities.age: must name whole ages up to 150, got 17.5",
        ),
        (
            lambda: fit(relativities={"age": (0, "old")}),
            "fit.relativities.age[1]: must be a finite number, got 'old'",
        ),
        (
            lambda: fit(relativities={"age": None}),
            "fit.relativities.age: must have bands, each from its bound on, got none (for example "
            '{"age": (0, 18, 65)})',
        ),
        (
            lambda: fit(relativities=("risk_score",)),
            "fit.relativities.risk_score: must have bands, each from its bound on, got none (for example "
            '{"risk_score": (0, 1, 2)})',
        ),
        (
            lambda: fit(relativities={"plan": (0, 2)}),
            "fit.relativities.plan: must be None: each value is a level, got (0, 2) (bands are for age and risk_score; "
            "give any other a column of its bands)",
        ),
        (
            lambda: fit(relativities=("sex",), base={"sex": "other"}),
            "fit.base.sex: must be one of its levels, got 'other' (they are ['female', 'male'])",
        ),
        (
            lambda: fit(relativities=("sex",), base={"age": 0}),
            "fit.base: must name relativities, got 'age'",
        ),
        (
            lambda: fit(relativities=("sex",), base="female"),
            'fit.base: must map columns to levels, got a str (for example {"sex": "female"})',
        ),
        (lambda: fit(19), "person_years: must be of at least 20 members, got 19"),
        (
            lambda: fit(family="two_point"),
            "fit.family: must be one of auto, gamma, log_normal, got 'two_point'",
        ),
        (
            lambda: ar.Utilization.fit(drawn(20, 1).assign(visits_dollars=0.0), relativities=None),
            "fit.visits: must have dollars, got none (leave the line out)",
        ),
        (
            lambda: ar.Utilization.fit(drawn(20, 1).assign(drugs_dollars=0.0), relativities=None),
            "fit.drugs: must be used by somebody, got nobody (leave the line out)",
        ),
        (
            lambda: ar.Utilization.fit(drawn(20, 1).assign(risk_score=0.0), relativities=None),
            "person_years.risk_score: must be above 0 for somebody, got only zeros",
        ),
        (
            lambda: ar.Utilization.fit(drawn(20, 1).assign(plan=[None] + ["a"] * 19), relativities=("plan",)),
            "person_years.plan[0]: must not be missing",
        ),
    ],
)
def test_what_is_refused(work, text):
    assert message(work) == text


def test_bands_of_risk_scores_are_those_of_the_care():
    """What a fit calls a band, the Service looks up as one: scores below and at the bound."""
    frame = drawn(200)
    found = quiet_fit(frame, relativities={"risk_score": (0, 0.9)}, base={"risk_score": 0})
    service = found.utilization.services[0]
    assert list(service.relativities["risk_score"]) == [0, 0.9]
    panel = ar.PersonYears.from_frame(frame).panel()
    factor = found.table.loc["visits.relativities.risk_score.0.9", "estimate"]
    expected = [factor if score >= 0.9 else 1.0 for score in panel.columns["risk_score"]]
    assert service.factor(panel).tolist() == pytest.approx(expected)
    text = message(lambda: quiet_fit(frame, relativities={"risk_score": (3.0,)}))
    assert text.startswith("fit.relativities.risk_score: must begin at or below the lowest value, 0.")


def test_notes_say_what_the_data_do_not_tell():
    alone = quiet_fit(drawn(60, 1)[["member_id", "year", "age", "sex", "visits_events", "visits_dollars"]])
    assert "with one service line its frailty is its own, and none is shared" in alone.notes
    assert "no member has two years: every frailty is taken as kept for good" in quiet_fit(drawn(300, 1)).notes
    everybody = drawn(60, 2).assign(drugs_dollars=lambda frame: frame["drugs_dollars"] + 1.0)
    assert "everybody uses drugs: how often is a guess" in quiet_fit(everybody).notes
