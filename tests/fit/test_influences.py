"""What each member adds to every kind of parameter, against leaving it out of the data and fitting again."""

import numpy as np
import pandas as pd
import pytest

from atrisk.fit import _families
from atrisk.fit._parameters import on_scale
from fitted_cases import drawn, quiet_fit

BASE = {"age": 0, "sex": "female"}
COPIES = 30
LEFT_OUT = range(0, 60, 10)


def with_non_users(frame):
    """Return the same with a sixth of the members who never use anything, and person-years without use."""
    rng = np.random.default_rng(9)
    never = rng.random(frame["member_id"].nunique()) < 1 / 6
    none = never[frame["member_id"]] | (rng.random(len(frame)) < 0.1)
    used = [name for name in frame.columns if name.endswith(("_events", "_dollars"))]
    return frame.assign(**{name: frame[name].where(~none, 0) for name in used})


def held(found, known):
    """Return frailties with the parts of members without use that are known."""
    for name, of in known.items():
        found = found.without_use(name, of.non_users, of.never)
    return found


CASES = {
    "four lines": (drawn(60, seed=8), {}),
    "a line alone": (drawn(60, seed=8).filter(regex="^(?!tests|drugs|transport)"), {}),
    "members without use": (with_non_users(drawn(60, seed=8, shared=0.4)), {}),
    "log-normal": (drawn(60, seed=8), {"family": "log_normal"}),
}
# Parameters that must be among those that are compared: each kind, and each way it is estimated.
KINDS = {
    "four lines": {
        "visits.per_1000",
        "visits.relativities.age.50",
        "visits.relativities.sex.male",
        "visits.frailty.cv",
        "visits.allowed.mean",
        "drugs.per_1000",
        "drugs.relativities.sex.male",
        "drugs.frailty.cv",
        "drugs.allowed.mean",
        "utilization.frailty.cv",
        "utilization.frailty.permanent_share",
        "utilization.severity_cv",
    },
    "a line alone": {"visits.frailty.cv", "visits.frailty.permanent_share", "utilization.severity_cv"},
    "members without use": {"utilization.frailty.cv", "utilization.frailty.permanent_share"},
    "log-normal": {"drugs.per_1000", "drugs.allowed.mean"},
}


@pytest.mark.parametrize("case", CASES)
def test_influence_is_what_a_member_moves(case, monkeypatch):
    """Every member is there 30 times; one of the 30 is left out, so that what is not linear is of a 30th.

    The influence of six members agrees with what they move within 2 % of their root mean square. The parts of members
    without use are taken as known, as the notes of a fit say: they are held at what all members tell.
    """
    frame, options = CASES[case]
    many = pd.concat(
        [frame.assign(member_id=frame["member_id"] * COPIES + copy) for copy in range(COPIES)], ignore_index=True
    )
    whole = quiet_fit(many, base=BASE, **options)
    assert {each.path for each in whole.parameters} >= KINDS[case]
    shared = whole.dispersion.shared
    if case == "members without use":
        assert any("taken as known" in note for note in whole.notes)
        known = {"": shared} | dict(whole.dispersion.own)
        assert {name for name, of in known.items() if of.users < 0.95} == {"", "visits", "tests"}
        monkeypatch.setattr(_families, "without_use", lambda _, found, __: held(found, known))
    moved = {each.path: [] for each in whole.parameters}
    for member in LEFT_OUT:
        rest = quiet_fit(many[many["member_id"] != member * COPIES], base=BASE, **options)
        values = {each.path: each for each in rest.parameters}
        for each in whole.parameters:
            assert values[each.path].scale == each.scale
            moved[each.path].append(on_scale(each.scale, each.value) - on_scale(each.scale, values[each.path].value))
    far = {}
    for each in whole.parameters:
        influence = each.influence[[member * COPIES for member in LEFT_OUT]]
        far[each.path] = float(np.sqrt(np.mean((np.array(moved[each.path]) - influence) ** 2 / np.mean(influence**2))))
    print(pd.Series(far).to_string())
    assert {path: value for path, value in far.items() if not value < 0.02} == {}
