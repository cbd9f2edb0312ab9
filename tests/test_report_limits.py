"""A report of what goes wrong: names that mean harm, runs that know little, things it cannot tell."""

import base64
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import atrisk as ar
from conftest import make_arms, make_care, make_panel
from report_page import written

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")

EVIL = "A<script>alert(1)</script>\"'& $x_1$ $5"
QUIET = {"progress": False}


def plain_study():
    """A study without uncertain inputs, of which one figure names its source."""
    source = ar.Assumption(
        figure="visits.per_1000", value="4,200", unit="per 1,000", year="2024", source="a guess", confidence="assumed"
    )
    care = ar.Utilization(services=make_care().services, assumptions=[source])
    return ar.Study(make_panel(50), care, make_arms(), seed=1)


class Fit:
    """A goodness of fit as other parts of the package give it, with texts that mean harm."""

    table = pd.DataFrame({"figure <b>": ["mean", EVIL], "observed": [204.35, np.nan], "model": [204.4, 1.5]})
    notes = (f"Read by {EVIL}.",)

    def figure(self):
        from matplotlib.figure import Figure  # noqa: PLC0415 - only here

        figure = Figure(figsize=(4, 2))
        figure.subplots().plot([0, 1], [0, 1], label=EVIL)
        return figure


def evil_study():
    columns = {"payer": EVIL, "state": np.where(np.arange(60) % 2, EVIL, "none")}
    frame = make_panel(60, **columns).to_pandas()
    condition = ar.Condition(EVIL, states=("none", EVIL), transition=[[1, 0], [0, 1]], column="state")
    panel = ar.Population.from_frame(frame, conditions=[condition])
    source = ar.Assumption(figure=EVIL, value=EVIL, unit=EVIL, year=EVIL, source=EVIL, confidence=EVIL)
    care = ar.Utilization(
        services=[ar.Service(EVIL, per_1000=4_000, allowed=100, own_cost=90)],
        trend=ar.Normal(0.03, 0.01),
        assumptions=[source],
    )
    programme = ar.Programme(EVIL, effect=-0.1, services=[EVIL], cost_pmpm=0.5)
    arms = {EVIL: ar.Arm(ar.FeeForService(scope=[EVIL]), programmes=[programme]), "_B": ar.Capitation(pmpm=35)}
    outcome = ar.Outcome(EVIL, per_member_year=0.2)
    return ar.Study(panel, care, arms, seed=1, outcomes=[outcome], measures=[ar.Measure(f"{EVIL}, too", rate=0.5)])


def test_names_cannot_write_the_page(tmp_path):
    results = evil_study().run(30, draws=4, **QUIET)
    told = dict.fromkeys(("question", "title", "unit", "date"), EVIL)
    page, text = written(results, tmp_path, fit=Fit(), **told)
    assert "script" not in {name for name, _ in page.elements}
    assert "<b>" not in text
    assert "<script" not in text
    assert page.headings[0] == (1, EVIL)
    assert page.headings.count((3, EVIL)) == 1
    assert any(row[0] == EVIL for row in page.tables["What the figures rest on"])
    assert page.tables["What was observed, and what the model shows"][2] == [EVIL, "\N{EN DASH}", "1.500"]
    assert f"Read by {EVIL}." in page.said("fit")
    assert f"Programme {EVIL}: 10\xa0% less" in page.said("arms")
    for image in page.of("img"):
        assert b"alert(1)</script>" not in base64.b64decode(image["src"].partition(",")[2])


def test_limits_are_those_of_the_run(tmp_path):
    uncertain = evil_study()
    page, _ = written(uncertain.run(30, draws=4, **QUIET), tmp_path)
    said = page.said("limits")
    assert "luck and what is not known of utilization.trend" in said
    assert "Not knowing makes" in said
    assert "No goodness of fit" not in said
    page, _ = written(uncertain.run(3, parameters="mean", cash=False, **QUIET), tmp_path)
    said = page.said("limits")
    assert "Uncertain inputs stand at their means, and what is not known is in no figure: utilization.trend" in said
    assert "too few replicates (3) for" in said
    assert "Cash was not followed by month" in said
    assert "minimum cash" not in page.said("results")
    assert "unknown" in page.said("results")
    page, _ = written(uncertain.run(4, design="latin_hypercube", **QUIET), tmp_path)
    assert "on the safe side" in page.said("limits")
    plain = written(plain_study().run(100, **QUIET), tmp_path)[0].said("limits")
    assert "No input was given as uncertain" in plain
    assert "The benchmark of ACO is known without error" in plain
    assert "Assumed, recalled or doubtful, and read nowhere: visits.per_1000" in plain
    assert "no goodness of fit was given" in plain
    assert "have a programme" not in plain.replace("No arm has a programme", "")


def test_a_study_without_sources_says_so(tmp_path):
    results = ar.Study(make_panel(50), make_care(), {"A": ar.FeeForService()}, seed=1).run(1, **QUIET)
    page, _ = written(results, tmp_path)
    assert "No assumptions were recorded with this study" in page.said("assumptions")
    assert "one arm alone" in page.said("comparison")
    assert "Against" not in page.said("found")
    assert len(page.of("img")) == 3


def test_interrupted_runs_say_so(tmp_path, monkeypatch):
    study = ar.Study(make_panel(50), make_care(), make_arms(), seed=1)
    core, calls = study._core, []

    class Interrupting:
        def run(self, *arguments):
            calls.append(arguments)
            if len(calls) == 2:
                raise KeyboardInterrupt
            return core.run(*arguments)

    monkeypatch.setattr(study, "_core", Interrupting())
    with pytest.warns(UserWarning, match="interrupted"):
        results = study.run(40, chunk_replicates=20, **QUIET)
    monkeypatch.undo()
    page, _ = written(results, tmp_path)
    assert "interrupted: 20 of 40 replicates are in the figures" in page.said("limits")


def test_what_it_cannot_tell_is_refused(tmp_path):
    results = plain_study().run(2, **QUIET)
    path = tmp_path / "report.html"
    with pytest.raises(ar.InputError, match=r"report\.baseline: must be one of Fee-for-service, "):
        results.report(path, baseline="none")
    with pytest.raises(ar.InputError, match=r"report\.question: must be text"):
        results.report(path, question=5)
    with pytest.raises(ar.InputError, match=r"report\.fit: must have table, figure\(\) and notes"):
        results.report(path, fit=5)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        results.report(tmp_path / "nowhere" / "report.html")
    assert list(tmp_path.iterdir()) == []


WITHOUT = """
import sys
sys.modules["matplotlib"] = None
import pandas as pd
import atrisk as ar
panel = ar.Population.from_frame(pd.DataFrame({"age": [50] * 9, "sex": "f", "risk_score": 1.0}))
care = ar.Utilization(services=[ar.Service("visits", per_1000=4_000, allowed=110.0)])
results = ar.Study(panel, care, {"A": ar.FeeForService()}, seed=1).run(2, progress=False)
try:
    results.report(sys.argv[1])
except ImportError as error:
    print(error)
"""


def test_without_matplotlib_it_says_what_is_missing(tmp_path):
    words = [sys.executable, "-c", WITHOUT, str(tmp_path / "report.html")]
    ran = subprocess.run(words, check=True, capture_output=True, text=True)  # noqa: S603 - its own code
    assert ran.stdout == "reports need matplotlib: pip install atrisk[plot]\n"
    assert list(tmp_path.iterdir()) == []
