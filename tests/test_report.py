"""The report of a study: everything is in it, escaped, the same bytes again, and its figures are those of tables."""

import base64
import hashlib
import json
import re
from itertools import pairwise

import pytest

import atrisk as ar
from atrisk.report import _words
from conftest import make_arms, make_care, make_panel, make_rich_panel
from report_page import written

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")

QUIET = {"progress": False}


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
