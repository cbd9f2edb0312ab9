"""Rates and relativities: closed forms by hand, exposure, levels without use, and errors against the jackknife."""

import numpy as np
import pandas as pd
import pytest

import atrisk as ar
from atrisk.fit._design import design
from atrisk.fit._rates import rates, sums_of_members
from atrisk.person_years import PersonYears
from fitted_cases import BY, drawn, quiet_fit, without_each
from test_errors import message


def fitted(frame, relativities=None, base=None, line="visits"):
    """Return the design and the fitted rates of a line."""
    years = PersonYears.from_frame(frame)
    by = design(years, relativities, base)
    member = np.unique(years.frame["member_id"].to_numpy(), return_inverse=True)[1]
    return by, rates(line, years.frame[f"{line}_events"].to_numpy(dtype=float), by, member)


def small(**columns):
    """Four members of two years."""
    frame = {"member_id": [1, 1, 2, 2, 3, 3, 4, 4], "year": [1, 2] * 4, "age": 40, "sex": ["f"] * 4 + ["m"] * 4}
    frame |= {"visits_events": [1, 3, 0, 2, 0, 1, 1, 0], "visits_dollars": 50.0}
    return pd.DataFrame(frame | columns)


def test_a_rate_is_events_by_years_of_exposure():
    """8 events of 8 years; by months and scores 8 events of (4 × 6 / 12 × 2 + 4 × 3 / 12) = 5 years."""
    _, plain = fitted(small())
    assert np.exp(plain.coefficients) == pytest.approx([1.0])
    _, of_months = fitted(small(member_months=[6] * 4 + [3] * 4, risk_score=[2.0] * 4 + [1.0] * 4))
    assert np.exp(of_months.coefficients) == pytest.approx([8 / 5])
    assert of_months.mean == pytest.approx([1.6] * 4 + [0.4] * 4)


def test_one_factor_has_the_ratio_of_rates_of_totals():
    """Women 6 events in 4 years, men 2 in 4; with the mean weighted by exposure the base is the larger level."""
    by, found = fitted(small(), ("sex",), {"sex": "female"})
    assert by.names == [("sex", "male")]
    assert np.exp(found.coefficients) == pytest.approx([6 / 4, (2 / 4) / (6 / 4)])
    by, found = fitted(small(risk_score=[1.0] * 4 + [1.5] * 4), ("sex",))
    assert by.names == [("sex", "female")]
    assert np.exp(found.coefficients) == pytest.approx([2 / 6, (6 / 4) / (2 / 6)])


def test_the_influence_of_a_rate_is_a_members_own_surplus():
    """log(Σ used / Σ exposure): a member adds (used − rate × exposure) / Σ used: here (sums − 2) / 8."""
    _, found = fitted(small())
    assert found.influence[:, 0] == pytest.approx((np.array([4, 2, 1, 1]) - 2.0) / 8.0)


def test_the_clustered_sandwich_of_two_levels_by_hand():
    """The ratio of two independent rates has the variances of both: Σ over members (surplus / events of the level)²."""
    _, found = fitted(small(), ("sex",), {"sex": "female"})
    women, men = (np.array([4, 2]) - 3.0) / 6.0, (np.array([1, 1]) - 1.0) / 2.0
    assert found.influence[:, 0] == pytest.approx([*women, 0.0, 0.0])
    assert found.influence[:, 1] == pytest.approx([*-women, *men])


def test_totals_are_kept_in_every_level():
    """What is expected of every level is what was used in it, for a log-linear mean of any exposure."""
    by, found = fitted(drawn(300), BY)
    used = PersonYears.from_frame(drawn(300)).frame["visits_events"].to_numpy()
    assert by.matrix.T @ found.mean == pytest.approx(by.matrix.T @ used, rel=1e-9)


def test_a_level_without_use_has_the_rate_of_the_base_and_says_so():
    frame = drawn(80)
    frame.loc[frame["sex"] == "male", "visits_events"] = 0
    found = quiet_fit(frame, relativities=("sex",), base={"sex": "female"})
    assert "visits: too little use to tell sex male from the base; they have its rate" in found.notes
    assert "visits.relativities.sex.male" not in found.table.index
    assert "tests.relativities.sex.male" in found.table.index
    service = found.utilization.services[0]
    assert service.relativities == {"sex": {"female": 1.0, "male": 1.0}}
    exposure = (frame["member_months"] * frame["risk_score"]).sum() / 12_000.0
    assert found.table.loc["visits.per_1000", "estimate"] == pytest.approx(frame["visits_events"].sum() / exposure)


def test_a_base_without_use_is_taken_together_with_the_largest_level_that_has_some():
    """No woman used it: 4 events of 8 years for both, where a ratio to nothing would be without end."""
    _, found = fitted(small(visits_events=[0] * 4 + [2, 1, 1, 0]), ("sex",), {"sex": "female"})
    assert np.exp(found.coefficients) == pytest.approx([0.5, 1.0])
    assert found.free.tolist() == [True, False]
    plans = small(visits_events=[0, 0, 0, 0, 2, 1, 1, 0], plan=["a"] * 4 + ["b", "b", "b", "c"])
    by, found = fitted(plans, ("plan",))
    assert by.names == [("plan", "b"), ("plan", "c")]
    # Nobody of c used it either.
    assert np.exp(found.coefficients) == pytest.approx([4 / 8, 1.0, 1.0])
    assert not found.influence[:, 1:].any()


def test_bands_that_nobody_is_in_are_kept_so_that_any_panel_can_be_simulated():
    found = quiet_fit(drawn(80), relativities={"age": (0, 18, 50, 100)})
    assert list(found.utilization.services[0].relativities["age"]) == [0, 18, 50, 100]
    assert "nobody is of age 0, age 100; they have the base's rates" in found.notes
    panel = PersonYears.from_frame(drawn(80)).panel()
    study = ar.Study(panel, found.utilization, {"Fees": ar.FeeForService()}, seed=1)
    assert study.run(5, progress=False).values("allowed", "Fees").min() > 0.0


def test_errors_agree_with_the_jackknife():
    """Without each of 200 members in turn: errors within a tenth, influences member by member nearly the same."""
    frame = drawn(200, seed=5)
    _, found = fitted(frame, BY, {"age": 0, "sex": "female"})
    rest = without_each(frame, lambda rows: fitted(rows, BY, {"age": 0, "sex": "female"})[1].coefficients)
    moved = found.coefficients - rest
    assert np.sqrt((moved**2).sum(axis=0)) == pytest.approx(np.sqrt((found.influence**2).sum(axis=0)), rel=0.1)
    for place in range(moved.shape[1]):
        assert np.corrcoef(moved[:, place], found.influence[:, place])[0, 1] > 0.999
    # A member's years go together: taken one by one they would make the errors too small.
    alone = found.mean.copy()
    alone = PersonYears.from_frame(frame).frame["visits_events"].to_numpy() - alone
    naive = np.sqrt((alone**2).sum()) / found.mean.sum()
    clustered = np.sqrt((sums_of_members(alone, np.repeat(np.arange(200), 3)) ** 2).sum()) / found.mean.sum()
    assert clustered > 1.3 * naive


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (
            {"visits_events": 0},
            "fit.visits: must be used by somebody, got nobody (leave the line out)",
        ),
        (
            {"risk_score": [0.0] * 4 + [1.0] * 4},
            "fit.visits: must not be used at a risk score of 0, got 15 person-years (a risk score of 0 says that "
            "nothing is ever used; give them another score, or leave them out)",
        ),
        (
            {"gender": ["f"] * 4 + ["m"] * 4},
            "fit.visits: must have rates that can be told apart, got relativities that say one thing twice (use fewer "
            "columns, or fewer levels)",
        ),
    ],
)
def test_what_cannot_be_told(change, text):
    frame = small(**change)
    by = ("sex", "gender") if "gender" in change else ("sex",)
    many = pd.concat([frame.assign(member_id=frame["member_id"] + 10 * copy) for copy in range(5)])
    assert message(lambda: ar.Utilization.fit(many, relativities=by, base={"sex": "female"})) == text
