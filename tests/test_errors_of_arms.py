"""Bad input of programmes; the texts are the specification."""

import pytest

import atrisk as ar
from engine_inputs import programme, study
from test_errors import message


@pytest.mark.parametrize(
    ("work", "text"),
    [
        (
            lambda: programme(services=["surgery"]),
            'ACO.programmes[0].services: must name services of the utilization, got "surgery" (the '
            "services are admissions, drugs, tests, visits)",
        ),
        (
            lambda: programme(services=[]),
            "ACO.programmes[0].services: must name at least one service, got none",
        ),
        (
            lambda: programme(effect=-15),
            "ACO.programmes[0].effect: must be between -1 (no care is left) and 9, got -15 (did you mean -0.15?)",
        ),
        (
            lambda: programme(effect=-1.5),
            "ACO.programmes[0].effect: must be between -1 (no care is left) and 9, got -1.5 (did you mean -0.015?)",
        ),
        (
            lambda: programme(effect=15),
            "ACO.programmes[0].effect: must be between -1 (no care is left) and 9, got 15",
        ),
        (
            lambda: programme(effect=float("nan")),
            "ACO.programmes[0].effect: must be between -1 (no care is left) and 9, got nan",
        ),
        (
            lambda: programme(reach=50),
            "ACO.programmes[0].reach: must be between 0 and 1, got 50 (did you mean 0.50?)",
        ),
        (
            lambda: programme(start_month=0),
            "ACO.programmes[0].start_month: must be a whole number of months between 1 and 240, got 0",
        ),
        (
            lambda: programme(start_month=1.5),
            "ACO.programmes[0].start_month: must be a whole number of months between 1 and 240, got 1.5",
        ),
        (
            lambda: programme(start_month=500),
            "ACO.programmes[0].start_month: must be a whole number of months between 1 and 240, got 500",
        ),
        (
            lambda: programme(ramp_months=-1),
            "ACO.programmes[0].ramp_months: must be a whole number of months between 0 and 240, got -1",
        ),
        (
            lambda: programme(cost_pmpm=-1),
            "ACO.programmes[0].cost_pmpm: must be a finite number of at least 0, got -1",
        ),
        (
            lambda: programme(start_cost="x"),
            'ACO.programmes[0].start_cost: must be a number, got "x"',
        ),
        (
            lambda: study(
                arms={
                    "ACO": ar.Arm(
                        ar.FeeForService(), programmes=[ar.Programme("a", effect=0.5), ar.Programme("a", effect=0.1)]
                    )
                }
            ),
            'ACO.programmes[1].name: must be a name of its own in its arm, got "a" twice',
        ),
        (
            lambda: study(arms={"ACO": ar.Arm(ar.FeeForService(), programmes=["care"])}),
            "ACO.programmes[0]: must be a Programme, got a str",
        ),
        (
            lambda: study(arms={"ACO": ar.Arm(ar.FeeForService(), programmes=[ar.Programme("", effect=0.5)])}),
            'ACO.programmes[0].name: must not be empty, got ""',
        ),
    ],
)
def test_programmes(work, text):
    assert message(work) == text
