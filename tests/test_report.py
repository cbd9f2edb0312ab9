"""The report of a study: everything is in it, escaped, the same bytes again, and its figures are those of tables."""

import base64
import hashlib
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

import atrisk as ar
from atrisk.report import _words
from conftest import make_arms, make_care, make_panel, make_rich_panel

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")

EVIL = "A<script>alert(1)</script>\"'& $x_1$ $5"
VOID = {"meta", "img", "br"}
QUIET = {"progress": False}


class Page(HTMLParser):
    """Reads a page: its elements, the texts of each section, and its tables as rows of cells."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements, self.open, self.headings, self.tables = [], [], [], {}
        self.texts = {}
        self.section = None
        self.feed(text)
        self.close()
        assert self.open == [], "every element is closed"

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.elements.append((tag, attributes))
        if tag not in VOID:
            self.open.append(tag)
        if tag in {"section", "header"}:
            self.section = attributes.get("id", tag)
        if tag == "table":
            self.rows = []
        if tag == "tr":
            self.rows.append([])
        if tag in {"th", "td", "caption", "li", "h1", "h2", "h3", "pre"}:
            self.cell = ""

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        if tag in {"th", "td"}:
            self.rows[-1].append(self.cell)
        if tag == "caption":
            self.caption = self.cell
        if tag == "table":
            self.tables[self.caption] = self.rows
        if tag in {"h1", "h2", "h3"}:
            self.headings.append((int(tag[1]), self.cell))
        if tag == "pre":
            self.texts.setdefault("pre", []).append(self.cell)

    def handle_data(self, data):
        self.texts.setdefault(self.section, []).append(data)
        if self.open and hasattr(self, "cell"):
            self.cell += data

    def said(self, section):
        return "".join(self.texts[section])

    def of(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def written(results, tmp_path, **told):
    path = tmp_path / "report.html"
    results.report(path, **told)
    assert [each.name for each in tmp_path.iterdir()] == ["report.html"]
    text = path.read_text(encoding="utf-8")
    return Page(text), text


@pytest.fixture(scope="module")
def results():
    source = ar.Assumption(
        figure="visits.per_1000",
        value="4,200",
        unit="per 1,000 <member-years>",
        year="2024",
        source="A survey of R&D, http://example.org/table",
        confidence="assumed",
    )
    given = make_care()
    care = ar.Utilization(services=given.services, frailty_cv=0.9, fixed_cost_per_month=2_000.0, assumptions=[source])
    return ar.Study(make_rich_panel(), care, make_arms(), years=2, seed=20).run(400, **QUIET)


@pytest.fixture(scope="module")
def report(results, tmp_path_factory):
    return written(results, tmp_path_factory.mktemp("report"), question="Is it worth it?", baseline="ACO")


def read_pair(cell):
    """Return the figure and its error as they are printed, with the unit of their last digits."""
    value, error = (part.replace("\N{MINUS SIGN}", "-").replace(",", "") for part in cell.split("\xa0±\xa0"))
    decimals = len(value.partition(".")[2])
    return float(value), float(error), 0.5 * 10.0**-decimals


def by_figure(page, caption):
    """Return the printed pairs of the tables of a caption by (words, unit) and arm."""
    found = {}
    for name, rows in page.tables.items():
        if name.startswith(caption):
            head, *body = rows
            for row in body:
                found |= {(row[0], row[1], arm): cell for arm, cell in zip(head[2:], row[2:], strict=True)}
    assert found
    return found


@pytest.mark.parametrize(
    ("caption", "words", "frame"),
    [
        ("Results over 2 years", _words.FIGURES, lambda results: results.summary()),
        ("Differences to ACO over 2 years", _words.DIFFERENCES, lambda results: results.compare("ACO")),
    ],
)
def test_every_figure_stands_with_its_error_and_unit(report, results, caption, words, frame):
    page, _ = report
    printed = by_figure(page, caption)
    expected = frame(results)
    assert {name for name in expected.columns if not name.endswith("_se")} == set(words)
    assert len(printed) == len(words) * len(expected)
    for name, of in words.items():
        for arm in expected.index:
            value, error, half = read_pair(printed[of.name, of.unit.format(money="dollars"), arm])
            assert value == pytest.approx(expected.loc[arm, name] * of.scale, abs=half * 1.001 + 1e-9)
            assert error == pytest.approx(expected.loc[arm, f"{name}_se"] * of.scale, abs=half * 1.001 + 1e-9)


def test_chances_are_in_percent_and_money_in_dollars(report, results):
    page, _ = report
    printed = by_figure(page, "Results over 2 years")
    row = results.summary().loc["Capitation"]
    chance, _, _ = read_pair(printed["chance of a loss", "%", "Capitation"])
    assert 1 < chance == pytest.approx(100 * row["probability_of_loss"], abs=0.5)
    pmpm, _, _ = read_pair(printed["provider net", "dollars per member per month", "Capitation"])
    assert pmpm == pytest.approx(row["provider_net_pmpm"], abs=0.5)
    more = by_figure(page, "Differences to ACO over 2 years")["chance that the provider nets more", "%", "Capitation"]
    expected = 100 * results.compare("ACO").loc["Capitation", "probability_of_more"]
    assert 1 < read_pair(more)[0] == pytest.approx(expected, abs=0.5)


def test_years_are_told_one_by_one(report, results):
    page, _ = report
    for name in ("provider_net_mean", "probability_of_loss", "payer_spend_mean"):
        of = _words.FIGURES[name]
        found = {}
        for caption, rows in page.tables.items():
            if caption.startswith(f"By performance year: {of.name}"):
                for row in rows[1:]:
                    found |= {(row[0], arm): cell for arm, cell in zip(rows[0][1:], row[1:], strict=True)}
        assert len(found) == 2 * len(results.arms)
        for year in (1, 2):
            expected = results.summary(year=year)
            for arm in results.arms:
                value, _, half = read_pair(found[f"year {year}", arm])
                assert value == pytest.approx(expected.loc[arm, name] * of.scale, abs=half * 1.001)


def test_the_manifest_is_that_of_the_run(report, results):
    page, _ = report
    manifest = dict(page.tables["Manifest"][1:])
    assert manifest["seed"] == "20"
    assert manifest["replicates"] == "400"
    assert manifest["first replicate"] == "0"
    for name, version in results.versions.items():
        assert manifest[f"version of {name}"] == version
    summary, spec = page.texts["pre"]
    assert json.loads(spec) == results.spec
    assert manifest["specification, SHA-256"] == hashlib.sha256(spec.encode()).hexdigest()
    expected = {arm: dict(row) for arm, row in results.summary().iterrows()}
    assert json.loads(summary) == expected, "with all digits"


def test_the_panel_is_told_apart_by_its_digest(tmp_path):
    digests = set()
    for seed in (5, 6):
        study = ar.Study(make_rich_panel(seed=seed), make_care(), {"A": ar.FeeForService()}, seed=1)
        page, _ = written(study.run(20, **QUIET), tmp_path)
        digests.add(dict(page.tables["Manifest"][1:])["panel, SHA-256"])
    assert len(digests) == 2


def test_findings_say_what_the_figures_say(report, results):
    page, _ = report
    found = page.said("found")
    summary, compared = results.summary(), results.compare("ACO")
    for arm in results.arms:
        mean = f"{round(abs(summary.loc[arm, 'provider_net_mean'])):,}"
        assert re.search(rf"\${re.escape(mean)}\xa0±\xa0[\d,.]+ under “{re.escape(arm)}”", found), arm
    told = {
        arm: way
        for arm in compared.index
        for way in ("raises", "lowers", "changes")
        if f"“{arm}” {way} the provider's net by" in found
    }
    for arm, row in compared.iterrows():
        sure = abs(row["provider_net_mean"]) > 1.96 * row["provider_net_mean_se"]
        assert told[arm] == (("raises" if row["provider_net_mean"] > 0 else "lowers") if sure else "changes"), arm
    assert "Against “ACO”, in the same simulated years" in found


def test_luck_is_not_sold_as_a_difference(tmp_path):
    """Two arms whose difference is stop-loss at a price near its worth: ten replicates do not tell it."""
    cover = ar.StopLoss(attachment_point=20_000, premium_pmpm=30.0)
    arms = {"A": ar.Capitation(pmpm=185), "B": [ar.Capitation(pmpm=185), cover]}
    results = ar.Study(make_panel(400), make_care(), arms, seed=3).run(10, **QUIET)
    row = results.compare("A").loc["B"]
    assert abs(row["provider_net_mean"]) < 1.96 * row["provider_net_mean_se"]
    page, _ = written(results, tmp_path)
    assert "“B” changes the provider's net by" in page.said("found")
    assert "not told from luck" in page.said("found")


def test_sections_arms_and_sources_are_there(report, results):
    page, _ = report
    sections = [attributes["id"] for attributes in page.of("section")]
    assert sections == ["found", "results", "comparison", "arms", "panel", "care", "assumptions", "limits", "manifest"]
    assert page.headings[0][0] == 1
    assert all(after <= before + 1 for (before, _), (after, _) in pairwise(page.headings)), "no level is left out"
    assert [name for level, name in page.headings if level == 3] == results.arms
    assert "Is it worth it?" in page.said("header")
    terms = {row[0]: row[1:] for row in page.tables["Terms of ACO"][1:]}
    assert terms["2. shared savings: benchmark pmpm"] == ["190", "dollars per member per month"]
    assert terms["2. shared savings: minimum loss rate"] == ["0.015", "share, 0 to 1"]
    assert "earns 50\xa0% of savings against a benchmark of $190 per member per month" in page.said("arms")
    services = next(rows for caption, rows in page.tables.items() if caption.startswith("Service lines"))
    assert [row[0] for row in services[1:]] == ["visits", "admissions", "drugs", "tests"]
    assert services[1][1:8] == ["4,200", "110.00", "log normal mean 110, cv 0.7", "70.5", "provider", "20\xa0%", "none"]
    assert page.tables["What the figures rest on"][1] == [
        "visits.per_1000", "4,200", "per 1,000 <member-years>", "2024", "A survey of R&D, http://example.org/table",
        "assumed",
    ]  # fmt: skip
    panel = dict(row[:2] for row in page.tables["The panel"][1:])
    assert panel["members"] == "300"
    assert panel["members of the payer Medicare"] == "100"
    months = results.values("member_months", "ACO").mean()
    assert panel["member-months over 2 years, mean of all replicates"] == f"{months:,.0f}"


def test_pictures_are_within_and_told_in_words(report):
    page, text = report
    images = page.of("img")
    assert len(images) == 4
    for image in images:
        assert len(image["alt"]) > 40
        head, _, data = image["src"].partition(",")
        assert head == "data:image/svg+xml;base64"
        drawn = base64.b64decode(data)
        assert b"<svg" in drawn
        assert drawn.count(b"<path") > 20
    assert page.of("html") == [{"lang": "en"}]
    scopes = [attributes.get("scope") for attributes in page.of("th")]
    assert set(scopes) == {"col", "row"}
    assert "@media print" in text


def test_nothing_is_fetched_and_nothing_runs(report):
    page, text = report
    for _, attributes in page.elements:
        assert not {"href", "srcset", "action", "onload", "onerror"} & set(attributes)
        assert attributes.get("src", "data:").startswith("data:")
    assert not {"script", "link", "iframe", "object", "embed", "base", "form"} & {name for name, _ in page.elements}
    assert "@import" not in text
    assert "url(" not in text


def test_the_same_results_are_the_same_bytes_whatever_the_style(results, tmp_path):
    results.report(tmp_path / "one.html")
    with matplotlib.rc_context(
        {"axes.facecolor": "black", "font.size": 30, "svg.hashsalt": "other", "text.usetex": False}
    ):
        results.report(tmp_path / "two.html")
    results.save(tmp_path / "saved")
    ar.load(tmp_path / "saved").report(tmp_path / "three.html")
    first = (tmp_path / "one.html").read_bytes()
    assert first == (tmp_path / "two.html").read_bytes()
    assert first == (tmp_path / "three.html").read_bytes()
    results.report(tmp_path / "dated.html", date="26 November 2026")
    assert b"26 November 2026" in (tmp_path / "dated.html").read_bytes()
    assert b"2026" not in first.replace(b"20260", b"")


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


def test_limits_are_those_of_the_run(tmp_path, report):
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
    plain = report[0].said("limits")
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


def test_what_it_cannot_tell_is_refused(results, tmp_path):
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


def test_lines_are_told_apart_without_colours(results):
    lines = results.plot.exceedance().get_lines()[: len(results.arms)]
    dashes = {(line.get_linestyle(), str(line._unscaled_dash_pattern)) for line in lines}
    assert len(dashes) == len(results.arms)
    matplotlib.pyplot.close("all")


def test_the_distribution_has_a_row_for_each_arm(results):
    axes = results.plot.distribution(unit="1970s dollars")
    assert axes.get_xlabel() == "provider net of 2 years (thousand 1970s dollars)"
    assert [text.get_text().replace("\n", " ") for text in axes.get_yticklabels()] == results.arms
    dots = [line for line in axes.get_lines() if line.get_marker() == "o"]
    means = [results.values("provider_net", arm).mean() / 1e3 for arm in results.arms]
    assert [dot.get_xdata()[0] for dot in dots] == pytest.approx(means)
    spans = [line.get_xdata() for line in axes.get_lines() if line.get_linewidth() == 2.0]
    for arm, span in zip(results.arms, spans, strict=True):
        np.testing.assert_allclose(span, np.quantile(results.values("provider_net", arm), [0.05, 0.95]) / 1e3)
    matplotlib.pyplot.close("all")


def test_the_difference_is_paired(results):
    axes = results.plot.difference("ACO")
    others = [arm for arm in results.arms if arm != "ACO"]
    assert axes.get_xlabel() == "provider net of 2 years, less that under ACO (thousand dollars)"
    dots = [line.get_xdata()[0] for line in axes.get_lines() if line.get_marker() == "o"]
    expected = results.compare("ACO").loc[others, "provider_net_mean"] / 1e3
    assert dots == pytest.approx(expected.tolist())
    with pytest.raises(ar.InputError, match="must be one of"):
        results.plot.difference("none")
    matplotlib.pyplot.close("all")


def test_names_of_arms_are_no_formulas(tmp_path):
    """A dollar sign begins a formula in matplotlib, and an underscore hides a name: both are names here."""
    arms = {"$5 or $6_x": ar.FeeForService(), "_hidden": ar.Capitation(pmpm=30), r"$\frac$": ar.Capitation(pmpm=31)}
    results = ar.Study(make_panel(50), make_care(), arms, seed=1).run(30, **QUIET)
    for axes in (
        results.plot.exceedance(relative_to="$5 or $6_x"),
        results.plot.exceedance(),
        results.plot.distribution(),
    ):
        axes.figure.savefig(tmp_path / "drawn.png")
    legend = results.plot.exceedance().get_legend()
    assert [text.get_text() for text in legend.get_texts()] == list(arms)
    matplotlib.pyplot.close("all")


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (1234567.8, 2345.6, "1,234,568 ± 2,346"),
        (-0.1385, 0.00132, "−0.1385 ± 0.0013"),
        (12.345, 0.52, "12.35 ± 0.52"),
        (17.33, 1e-16, "17.33 ± 0.00"),
        (2_079_600.0, 0.0, "2,079,600 ± 0"),
        (-0.001, 0.9, "0.00 ± 0.90"),
        (0.0, 0.0, "0 ± 0"),
        (None, None, "\N{EN DASH}"),
        (5.0, None, "5.000 ± unknown"),
    ],
)
def test_figures_have_the_digits_that_their_errors_leave(value, error, text):
    assert _words.pair(value, error).replace("\xa0", " ") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("185.0", "185"),
        ("0.00041666666666666664", "0.00041666666666666664"),
        ("1000000", "1,000,000"),
        (True, "yes"),
        (None, "none"),
        (["a", "b"], "a, b"),
        ("nan", "nan"),
        ("007", "007"),
        ("1e-05", "0.00001"),
        ({"premium_pmpm": "1.50"}, "premium pmpm 1.5"),
    ],
)
def test_terms_keep_all_their_digits(value, text):
    assert _words.shown(value, whole=True) == text


def test_dollars_have_a_sign_and_other_money_its_name():
    assert _words.dollars("0.9", "1970s dollars") == "$0.90"
    assert _words.dollars("17.335", "dollars") == "$17.335"
    assert _words.dollars("-4000.0", "dollars") == "−$4,000"
    assert _words.dollars("4000", "euros") == "4,000 euros"
