"""A model follows the data it made, and a wrong one is called out by the figure that it gets wrong."""

import numpy as np
import pytest

import atrisk as ar
import goodness_cases as cases
from atrisk.fit import goodness_of_fit
from atrisk.fit._goodness import _times
from atrisk.report import _pictures

SEED = 2_024


@pytest.fixture(scope="module")
def held_out():
    return cases.used_by(cases.people(1_500), cases.care(), SEED)


@pytest.fixture(scope="module")
def true(held_out):
    return goodness_of_fit(cases.care(), held_out, replicates=12, bootstraps=100)


def test_a_model_follows_the_data_it_made(true):
    """Of independent figures 0.3 % would be beyond 3 errors; of these 37, which are dependent, at most one."""
    print(true.table[["data", "model", "standardised"]].to_string(), *true.notes, sep="\n")
    far = true.table["standardised"].abs()
    assert len(far) == 37
    assert (far > 3.0).sum() <= 1
    assert true.within >= 0.9 * len(far)
    # Neither are they all suspiciously near.
    assert far.median() > 0.15


def test_standardised_differences_of_a_true_model_are_as_spread_as_said():
    """Over 12 tables of 300 members: 0.77 in the documentation's 30 of 500, of 31 dependent figures; ± 0.2."""
    tables = [cases.used_by(cases.people(300), cases.care(), 100 + number) for number in range(12)]
    fits = [goodness_of_fit(cases.care(), each, replicates=10, bootstraps=40) for each in tables]
    names = [name for name in fits[0].table.index if "more than" not in name and "excess" not in name]
    far = np.array([fit.table.loc[names, "standardised"] for fit in fits])
    spread = np.sqrt((far**2).mean())
    print(f"spread {spread:.2f}, beyond 2: {(np.abs(far) > 2.0).mean():.3f}")
    assert spread == pytest.approx(0.77, abs=0.2)
    assert (np.abs(far) > 2.0).mean() < 0.05


WRONG = {
    "no frailty": (
        {"common": 0.0, "own": 0.0},
        {
            "person-years without visits": -1,
            "variance of visits": -1,
            "relative variance net of Poisson of visits": -1,
            "relative covariance of visits and stays": -1,
            "correlation of log (1 + dollars), lag 1": -1,
        },
        {"mean events of visits", "mean events of stays"},
    ),
    "half the severity": (
        {"severity": 1.0},
        {"dollars in the top 1 %": -1, "dollars in the top 5 %": -1},
        {"mean events of visits", "person-years without visits", "variance of visits"},
    ),
    "no permanence": (
        {"kept": 0.0},
        {
            "correlation of log (1 + dollars), lag 1": -1,
            "correlation of log (1 + dollars), lag 3": -1,
            "correlation of log (1 + events of visits), lag 2": -1,
            "correlation of events of visits, lag 1": -1,
        },
        {"mean dollars", "mean events of visits", "dollars in the top 10 %", "variance of visits"},
    ),
    "half as many visits again": (
        {"rate": 4_500.0},
        {"mean events of visits": 1, "mean dollars of visits": 1, "person-years without visits": -1},
        {"mean events of stays", "mean dollars of drugs", "relative covariance of visits and stays"},
    ),
}


@pytest.mark.parametrize("error", WRONG)
def test_a_wrong_model_is_called_out_by_what_it_gets_wrong(held_out, error):
    terms, outside, right = WRONG[error]
    fit = goodness_of_fit(cases.care(**terms), held_out, replicates=8, bootstraps=60)
    for name, sign in outside.items():
        row = fit.table.loc[name]
        assert not row["within"], name
        assert sign * row["standardised"] > 2.0, name
        assert any(note.startswith(f"The model cannot follow the data: {name},") for note in fit.notes), name
    for name in right:
        assert fit.table.loc[name, "within"], name


def test_the_columns_are_what_they_say(true, held_out):
    table = true.table
    row = table.loc["mean dollars"]
    assert row["data"] == pytest.approx(held_out.dollars.mean(), rel=1e-12)
    assert row["unit"] == "dollars"
    assert np.allclose(
        table["difference"], table["model"] - table["data"], rtol=0, atol=1e-8 * table["data"].abs().max()
    )
    assert np.allclose(table["model_se"], table["model_sd"] / np.sqrt(12))
    assert (table["within"] == (table["difference"].abs() <= table["band"])).all()
    error = np.hypot(table["data_se"], table["model_sd"])
    assert np.allclose(table["standardised"], table["difference"] / error)
    assert table.loc["person-years without expense", "band"] == 0.02
    parts = [table.loc[f"dollars in the top {part} %", "band"] for part in (1, 5, 10, 20, 50)]
    assert parts == [0.03, 0.03, 0.03, 0.02, 0.01]
    assert table.loc["correlation of log (1 + dollars), lag 2", "band"] == 0.1
    assert row["band"] == pytest.approx(2.0 * np.hypot(row["data_se"], row["model_se"]), rel=1e-12)


def test_default_attachments_are_quantiles_of_the_data(true, held_out):
    for part in (0.90, 0.975, 0.99):
        amount = round(float(np.quantile(held_out.dollars, part)))
        above = held_out.dollars[held_out.dollars > amount]
        chance = true.table.loc[f"chance of more than {amount:,} dollars", "data"]
        assert chance == pytest.approx(len(above) / len(held_out), rel=1e-12)
        if len(above) >= 30:
            excess = true.table.loc[f"mean excess over {amount:,} dollars", "data"]
            assert excess == pytest.approx((above - amount).mean(), rel=1e-9)


def test_the_error_of_the_data_is_that_of_persons():
    """Four years alike are one observation: the error of the mean is sd / √members, not half of it; ± 15 %."""
    generator = np.random.default_rng(3)
    frame = cases.people(400)
    frame["drugs_dollars"] = np.repeat(generator.gamma(2.0, 50.0, 400), 4)
    table = ar.PersonYears.from_frame(frame)
    fit = goodness_of_fit(cases.care(), table, replicates=2, bootstraps=400)
    expected = table.dollars.std() / np.sqrt(400)
    assert fit.table.loc["mean dollars", "data_se"] == pytest.approx(expected, rel=0.15)


def test_quantiles_are_those_of_the_data(true, held_out):
    ordered = np.sort(held_out.dollars)
    for probability, row in true.quantiles.iterrows():
        assert row["data"] == ordered[int(np.ceil(probability * len(ordered) - 1e-6)) - 1]
    assert true.quantiles.index.max() == 0.999  # six of 6,000 person-years are beyond it


def test_the_same_seed_gives_the_same_figures_and_another_does_not(held_out):
    first, again, other = (
        goodness_of_fit(cases.care(), held_out, replicates=2, bootstraps=20, seed=s) for s in (5, 5, 6)
    )
    assert first.table.equals(again.table)
    assert (first.table["model"] != other.table["model"]).any()


def test_uncertain_inputs_are_drawn_anew_in_every_replicate(held_out):
    """Rates between 1,500 and 4,500 have a standard deviation of 3,000 / √12, far beyond that of luck; ± 50 %."""
    unsure = cases.care(rate=ar.Uniform(lower=1_500.0, upper=4_500.0))
    fit = goodness_of_fit(unsure, held_out, replicates=20, bootstraps=20)
    assert fit.table.loc["mean events of visits", "model_sd"] == pytest.approx(3.0 / np.sqrt(12.0), rel=0.5)


def test_groups_are_simulated_with_their_own_models_and_judged_together(held_out):
    few = cases.used_by(cases.people(20), cases.care(), SEED + 1)
    other = cases.used_by(cases.people(300), cases.care(rate=1_000.0), SEED + 2)
    groups = {"free": (cases.care(), held_out), "dear": (cases.care(rate=1_000.0), other), "few": (cases.care(), few)}
    fit = goodness_of_fit(groups, replicates=4, bootstraps=20)
    assert fit.person_years == len(held_out) + len(other) + len(few)
    assert fit.members == 1_820
    assert list(fit.groups) == ["free", "dear"]
    assert "few: Not judged by itself: 20 members; at least 30 are needed." in fit.notes
    alone = goodness_of_fit(cases.care(), held_out, replicates=4, bootstraps=20)
    assert fit.groups["free"].table.equals(alone.table)
    means = [fit.groups[name].table.loc["mean events of visits", "model"] for name in ("free", "dear")]
    pooled = fit.table.loc["mean events of visits", "model"]
    rest = (pooled * fit.person_years - means[0] * len(held_out) - means[1] * len(other)) / len(few)
    assert means[1] == pytest.approx(1.0, rel=0.2)
    assert rest == pytest.approx(3.0, rel=0.5)
    # Pooled although each is simulated by itself: what differs between groups is in the variance.
    assert fit.table.loc["mean events of visits", "within"]


def test_replicates_are_fewer_where_there_are_many_person_years():
    assert [_times(None, rows) for rows in (3_400, 25_000, 50_000, 100_000, 10**7)] == [20, 20, 10, 5, 5]


def test_it_is_said_in_words(true):
    text = repr(true)
    assert f"{true.within} of {len(true.table)} figures within their bands" in text
    assert "\n" not in text
    shown = true._repr_html_()
    assert "mean dollars of drugs" in shown
    assert "bands" in shown


def test_what_is_left_out_is_said_with_its_reason():
    table = cases.used_by(cases.people(40, years=2), cases.care(), SEED)
    fit = goodness_of_fit(cases.care(), table, replicates=2, bootstraps=20, attachments=[1e6, 100.0, 100.25])
    assert "Left out: correlations at lag 2: 0 pairs of years; at least 30 are needed." in fit.notes
    assert (
        "Left out: mean excess over 1,000,000 dollars: 0 person-years exceed it; at least 30 are needed." in fit.notes
    )
    assert "mean excess over 100 dollars" in fit.table.index
    assert "mean excess over 100.25 dollars" in fit.table.index
    assert fit.table.index.is_unique
    assert "correlation of log (1 + dollars), lag 1" in fit.table.index
    assert not [name for name in fit.table.index if name.endswith("lag 2")]
    blunt = next(note for note in fit.notes if note.startswith("The data cannot tell"))
    assert "dollars in the top 1 %" in blunt


def test_lines_that_nobody_used_are_left_out_where_they_cannot_be_compared():
    table = cases.used_by(cases.people(60), cases.care(), SEED).frame.assign(stays_events=0, stays_dollars=0.0)
    fit = goodness_of_fit(cases.care(), ar.PersonYears.from_frame(table), replicates=2, bootstraps=20)
    assert "Left out: relative variance net of Poisson of stays: undefined in the data." in fit.notes
    assert fit.table.loc["mean events of stays", "data"] == 0.0
    assert not fit.table.isna().any().any()


def test_gaps_and_partial_years_are_said():
    frame = cases.used_by(cases.people(60), cases.care(), SEED).frame
    frame = frame.drop(index=[1, 6]).assign(member_months=12.0)
    frame.loc[9, "member_months"] = 5.0  # the second year of the third member
    fit = goodness_of_fit(cases.care(), ar.PersonYears.from_frame(frame), replicates=2, bootstraps=20)
    assert any(note.startswith("2 times there are years without a row within a member's years") for note in fit.notes)
    assert any(note.startswith("1 years amid a member's years are not full") for note in fit.notes)


def test_the_page_names_its_units_and_nothing_overlaps(true):
    figure = true.figure()
    figure.draw_without_rendering()
    axes = figure.get_axes()
    assert len(axes) == 8
    for ax in axes[:7]:
        assert "(" in ax.get_ylabel() or "dollars" in ax.get_ylabel(), ax.get_title()
        assert ax.get_xlabel(), ax.get_title()
    boxes = [ax.get_tightbbox() for ax in axes]
    for position, box in enumerate(boxes):
        assert not [other for other in boxes[:position] if box.shrunk(0.98, 0.98).overlaps(other.shrunk(0.98, 0.98))]
    heights = [patch.get_height() for patch in axes[0].containers[1].patches]
    assert heights == pytest.approx(
        [100.0 * true.table.loc[f"dollars in the top {p} %", "data"] for p in (1, 5, 10, 20, 50)]
    )


def test_the_page_has_plain_numbers_where_a_style_reads_no_mathematics(true):
    with _pictures.style():
        figure = true.figure()
        figure.draw_without_rendering()
    for ax in figure.get_axes()[2:4]:
        for axis in (ax.xaxis, ax.yaxis):
            numbers = [float(label.get_text().replace(",", "")) for label in axis.get_majorticklabels()]
            assert numbers == pytest.approx(axis.get_majorticklocs())
            assert not any(label.get_text() for label in axis.get_minorticklabels())


def test_the_page_of_a_table_with_nothing_to_compare_is_drawn():
    table = ar.PersonYears.from_frame(cases.people(40, years=1)[["member_id", "year", "age", "sex", "drugs_dollars"]])
    care = ar.Utilization(services=[ar.Service("drugs", per_1000=0.0, allowed=10.0)])
    fit = goodness_of_fit(care, table, replicates=2, bootstraps=20)
    assert fit.table["within"].all()
    fit.figure().draw_without_rendering()


def test_mistakes_are_named(held_out):
    wrong = ar.Utilization(services=[ar.Service("visits", per_1000=1.0, allowed=1.0)])
    few = cases.used_by(cases.people(29), cases.care(), SEED)
    dollars = held_out.frame.drop(columns=["stays_events"])
    counted = ar.PersonYears.from_frame(dollars)
    mistakes = [
        (
            (wrong, held_out),
            {},
            "goodness_of_fit.care.services: must be the service lines of the person-years, drugs, st",
        ),
        (("care", held_out), {}, "goodness_of_fit.care: must be a Utilization, got a str"),
        ((cases.care(),), {}, "goodness_of_fit.held_out: must be PersonYears, got a NoneType"),
        ((cases.care(), held_out.frame), {}, "goodness_of_fit.held_out: must be PersonYears, got a DataFrame"),
        ((cases.care(), few), {}, "goodness_of_fit.held_out: must be of at least 30 members, got 29"),
        (({}, None), {}, "goodness_of_fit.care: must have groups, got none"),
        (({"a": (cases.care(), few)}, few), {}, "goodness_of_fit.held_out: must be left out with groups"),
        (({"a": cases.care()},), {}, r"goodness_of_fit\['a'\]: must be a pair of a Utilization and PersonYears"),
        (({"a": (wrong, few)},), {}, r"goodness_of_fit\['a'\].care.services: must be the service lines"),
        (
            ({"a": (cases.care(), few), "b": (cases.care(), counted)},),
            {},
            r"goodness_of_fit\['b'\]: must have the service lines of 'a' in their order, counted alike",
        ),
        ((cases.care(), held_out), {"replicates": 1}, "goodness_of_fit.replicates: must be a whole number between 2"),
        ((cases.care(), held_out), {"bootstraps": 2}, "goodness_of_fit.bootstraps: must be a whole number between 20"),
        ((cases.care(), held_out), {"seed": -1}, "goodness_of_fit.seed: must be a whole number"),
        (
            (cases.care(), held_out),
            {"attachments": [5.0, -1.0]},
            r"goodness_of_fit.attachments\[1\]: must be at least 0",
        ),
        ((cases.care(), held_out), {"attachments": [5.0, 5]}, r"goodness_of_fit.attachments\[1\]: .*each once, got 5"),
        ((cases.care(), held_out), {"attachments": 5.0}, "goodness_of_fit.attachments: must be a list of dollars"),
    ]
    for given, named, text in mistakes:
        with pytest.raises(ar.InputError, match=text):
            goodness_of_fit(*given, **named)


def test_a_notebook_shows_the_page_by_itself(true):
    shown = true.figure()._repr_png_()
    assert shown.startswith(b"\x89PNG")
    assert len(shown) > 50_000
