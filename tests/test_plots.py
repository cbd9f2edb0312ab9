"""Pictures of results: one row or line for each arm, told apart without colours, with names as they were written."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

import atrisk as ar
from conftest import make_arms, make_care, make_panel, make_rich_panel
from test_errors import message

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


@pytest.fixture(scope="module")
def months():
    """Two years of an arm that waits for its savings, one that is paid in advance, and one with a name of its own."""
    plt.switch_backend("Agg")
    fees = ar.FeeForService(scope=["visits"], fee_level=0.6)
    waiting = [fees, ar.SharedSavings(benchmark_pmpm=230.0, basis="allowed", sharing_rate=0.5)]
    arms = {"Waiting": waiting, "$5 and $6": ar.Capitation(pmpm=2_000)}
    care = ar.Utilization(services=make_care().services, fixed_cost_per_month=2_000)
    return ar.Study(make_panel(100), care, arms, years=2, seed=21).run(200, keep="months", **QUIET)


def legend_of(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def line_of(axes, label):
    [line] = [line for line in axes.lines if line.get_label() == label]
    return line


def edges_of(axes, label):
    """Lowest and highest of a part of the fan at each month."""
    [part] = [part for part in axes.collections if part.get_label() == label]
    points = part.get_paths()[0].vertices
    of_months = [points[points[:, 0] == month, 1] for month in np.unique(points[:, 0])]
    return np.array([(heights.min(), heights.max()) for heights in of_months]).T


def test_the_fan_is_the_named_percentiles_of_the_balance(months):
    axes = months.plot.cash("Waiting", opening_cash=30_000)
    balance = (30_000 + np.hstack([np.zeros((200, 1)), months.cash_balance("Waiting")])) / 1e3
    for label, ends in {"5th to 95th percentile": (0.05, 0.95), "25th to 75th percentile": (0.25, 0.75)}.items():
        np.testing.assert_allclose(edges_of(axes, label), np.quantile(balance, ends, axis=0), atol=1e-9)
    np.testing.assert_allclose(line_of(axes, "median").get_ydata(), np.median(balance, axis=0), atol=1e-9)
    assert axes.get_ylabel() == "cash of the provider (thousand dollars)"
    assert axes.get_xlabel() == "end of month, counted from the first performance year"
    assert axes.get_title() == "Waiting"
    plt.close("all")


def test_the_trough_is_marked_with_its_dollars_and_month(months):
    axes = months.plot.cash("Waiting", unit="$ of 1970")
    low = np.quantile(months.cash_balance("Waiting"), 0.05, axis=0)
    mark = line_of(axes, "lowest 5th percentile")
    assert mark.get_xdata()[0] == low.argmin() + 1
    assert mark.get_ydata()[0] == pytest.approx(low.min() / 1e3)
    [text] = axes.texts
    assert text.get_text() == f"{low.min():,.0f} $ of 1970, month {low.argmin() + 1}"
    assert low.min() < 0
    plt.close("all")


def test_cash_that_never_falls_is_lowest_at_its_start(months):
    axes = months.plot.cash("$5 and $6", opening_cash=1_000)
    assert line_of(axes, "lowest 5th percentile").get_xdata()[0] == 0
    assert [text.get_text() for text in axes.texts] == ["1,000 dollars, month 0"]
    plt.close("all")


def test_the_limit_of_credit_and_the_last_year_are_lines_told_apart(months):
    """Settlements run on to month 33, and so the end of the second year is drawn; without them it is the edge."""
    axes = months.plot.cash("Waiting", credit_limit=12_000)
    assert line_of(axes, "limit of credit").get_ydata()[0] == -12
    assert line_of(axes, "end of year 2").get_xdata()[0] == 24
    styles = {line.get_linestyle() for line in axes.lines if line.get_label() in legend_of(axes)[2:]}
    assert len(styles) == 4  # median, mark, limit, end
    other = legend_of(months.plot.cash("$5 and $6"))
    assert other == ["5th to 95th percentile", "25th to 75th percentile", "median", "lowest 5th percentile"]
    plt.close("all")


@pytest.mark.parametrize("arm", ["Waiting", "$5 and $6"])
def test_what_is_written_at_the_trough_is_within_the_axes(months, arm):
    axes = months.plot.cash(arm)
    axes.figure.canvas.draw()
    frame, [text] = axes.get_window_extent(), axes.texts
    box = text.get_window_extent()
    assert frame.x0 <= box.x0 < box.x1 <= frame.x1
    assert frame.y0 <= box.y0 < box.y1 <= frame.y1
    plt.close("all")


@pytest.mark.parametrize(("months_shown", "step"), [(13, 1), (22, 3), (46, 6), (73, 6), (121, 12), (289, 24)])
def test_ticks_are_parts_of_a_year_and_few(months_shown, step):
    from atrisk.plot import _months_between_ticks  # noqa: PLC0415 - what it is about

    assert _months_between_ticks(months_shown) == step
    assert len(range(0, months_shown, step)) <= 13


def test_dollars_that_are_none_are_refused(months):
    text = "cash.credit_limit: must be at least 0, got -5 (dollars that can be borrowed, without a sign)"
    assert message(lambda: months.plot.cash(credit_limit=-5)) == text
    assert message(lambda: months.plot.cash(opening_cash="1")) == "cash.opening_cash: must be a finite number, got '1'"
    assert message(lambda: months.plot.cash("none")).startswith("arm: must be one of")
