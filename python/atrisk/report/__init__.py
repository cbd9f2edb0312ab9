"""A report of a study: one page for the people who decide, made by :meth:`atrisk.Results.report`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atrisk._atomically import atomically
from atrisk.report import _found, _html, _limits, _manifest, _model, _pictures
from atrisk.report._facts import Facts, Fit, Told
from atrisk.report._words import UNKNOWN, missing, number, together

if TYPE_CHECKING:
    import os

    from atrisk.results import Results

FITTED = "What was observed, and what the model shows"

__all__ = ["Fit", "Told", "report"]


def report(results: Results, path: str | os.PathLike[str], told: Told) -> None:
    """Write the report of results to a file; see :meth:`Results.report`."""
    _pictures.need()
    content = _page(Facts(results, told)).encode("utf-8", "backslashreplace")
    with atomically(path) as file:
        file.write(content)


def _page(facts: Facts) -> str:
    title = facts.told.title or f"{together(facts.arms)}: what they do to the provider"
    return _html.page(
        title,
        _head(facts, title),
        _html.section("found", "What was found", _html.listed(_found.sentences(facts))),
        _html.section("results", "Results", *_found.results(facts), *_nets(facts)),
        _html.section("comparison", "Comparison", *_found.comparison(facts), *_differences(facts)),
        _html.section("arms", "Terms of each arm", *_model.arms(facts)),
        _html.section("panel", "The panel", *_model.panel(facts, _pictures.panel(facts))),
        _html.section("care", "The care it uses", *_model.care(facts)),
        *_fit(facts),
        _html.section("assumptions", "Assumptions and their sources", *_model.assumptions(facts)),
        _html.section("limits", "What the figures do not say", _html.listed(_limits.limits(facts))),
        _html.section("manifest", "How to make these figures again", *_manifest.manifest(facts)),
    )


def _head(facts: Facts, title: str) -> str:
    results = facts.results
    years = "one performance year" if results.years == 1 else f"{results.years} performance years"
    run = (
        f"{number(len(results.study.population), 0)} members, {years}, {number(results.replicates, 0)} simulated "
        f"replicates, all arms settled on the same ones. Money is in {facts.money}."
    )
    question = f'<p class="question">{_html.text(facts.told.question)}</p>\n' if facts.told.question else ""
    date = f"{_html.paragraph(facts.told.date)}\n" if facts.told.date else ""
    return f"<header>\n<h1>{_html.text(title)}</h1>\n{question}{_html.paragraph(run)}\n{date}</header>\n"


def _nets(facts: Facts) -> list[str]:
    arms = together(facts.arms)
    return [
        _html.picture(
            _pictures.distribution(facts),
            f"Distribution of the provider's net under {arms}, a row each. The table of results has the figures.",
            "How the provider's net is distributed: a histogram for each arm, each as high as its highest bar; below "
            "it a line from the 5th to the 95th percentile, and a dot at the mean.",
        ),
        _html.picture(
            _pictures.exceedance(facts),
            f"Curves of the chance that the provider nets at least as much, under {arms}.",
            "The chance that the provider nets at least as much.",
        ),
    ]


def _differences(facts: Facts) -> list[str]:
    if not facts.others:
        return []
    return [
        _html.picture(
            _pictures.difference(facts),
            f"Distribution of the provider's net under {together(facts.others)} less that under {facts.baseline} in "
            "the same replicates. The table above has the figures.",
            f"How much more or less the provider nets than under {facts.baseline} in the same replicates.",
        )
    ]


def _fit(facts: Facts) -> list[str]:
    """Return how well the model shows what was observed, where that is given."""
    fit = facts.told.fit
    if fit is None:
        return []
    frame = fit.table
    frame = frame.reset_index() if frame.index.name or frame.index.nlevels > 1 else frame
    rows = [[_cell(cell) for cell in row] for row in frame.itertuples(index=False)]
    head = [str(name) for name in frame.columns]
    with _pictures.style():
        image = _pictures.source(fit.figure())
    parts = [
        _html.table(FITTED, head, rows),
        _html.picture(image, "What was observed beside what the model shows; the table has the figures.", FITTED),
        _html.listed(fit.notes),
    ]
    return [_html.section("fit", "How well the model shows what was observed", *parts)]


def _cell(cell: object) -> str:
    """Return a cell of a table of any kind as a reader sees it."""
    if missing(cell):
        return UNKNOWN
    return number(cell) if isinstance(cell, float) else str(cell)
