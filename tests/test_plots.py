"""Pictures of results: one row or line for each arm, told apart without colours, with names as they were written."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

import atrisk as ar
from conftest import make_arms, make_care, make_panel, make_rich_panel

QUIET = {"progress": False}


@pytest.fixture(scope="module")
def results():
    plt.switch_backend("Agg")
    return ar.Study(make_rich_panel(), make_care(), make_arms(), years=2, seed=20).run(400, **QUIET)


def test_lines_are_told_apart_without_colours(results):
    lines = results.plot.exceedance().get_lines()[: len(results.arms)]
    dashes = {(line.get_linestyle(), str(line._unscaled_dash_pattern)) for line in lines}
    assert len(dashes) == len(results.arms)
    plt.close("all")


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
    plt.close("all")


def test_the_difference_is_paired(results):
    axes = results.plot.difference("ACO")
    others = [arm for arm in results.arms if arm != "ACO"]
    assert axes.get_xlabel() == "provider net of 2 years, less that under ACO (thousand dollars)"
    dots = [line.get_xdata()[0] for line in axes.get_lines() if line.get_marker() == "o"]
    expected = results.compare("ACO").loc[others, "provider_net_mean"] / 1e3
    assert dots == pytest.approx(expected.tolist())
    with pytest.raises(ar.InputError, match="must be one of"):
        results.plot.difference("none")
    plt.close("all")


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
    plt.close("all")
