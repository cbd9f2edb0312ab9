"""What was simulated: the panel, the care it uses, and the terms of each arm."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk import _core
from atrisk._arms import signed
from atrisk.report import _html, _pictures
from atrisk.report._terms import in_sentences, unit_of
from atrisk.report._words import missing, number, percent, shown, spaced

if TYPE_CHECKING:
    from atrisk.report._facts import Facts

SHOWN_PAYERS = 12
UNNAMED = "payer"  # what a panel without a column of payers has
#: Terms of a service line with columns of their own; all others that are not zero are told in words.
COLUMNS = {"name", "per_1000", "allowed", "own_cost", "delivered_by", "coinsurance"}
#: What a term is worth where it changes nothing.
NOTHING: dict[str, tuple[Any, ...]] = {"out_of_network_price": (1.0,), "last_year_relativity": (1.0,), "cap": ()}
UNSET: tuple[Any, ...] = (None, 0.0, False, [], {}, "0.0", "0", "")
UNCERTAIN = " (uncertain; mean)"
UNSHOWN = {"column"}  # how the states of a condition cross to the core
BY_MEMBER = "by member"  # of a column that crosses to the core by its name
UNLISTED = {"by_case", "case_costs", "relativity"}


def panel(facts: Facts, image: str) -> list[str]:
    """Return the panel: its size, who is in it, who pays."""
    people = facts.results.study.population
    age, risk, sex = (people.columns[name] for name in ("age", "risk_score", "sex"))
    months = float(np.mean(facts.results.values("member_months", facts.arms[0])))
    rows = [
        ("members", number(len(people), 0), "persons"),
        (f"member-months {facts.span}, mean of all replicates", number(months, 0), "months"),
        ("age, mean", number(float(age.mean()), 1), "years"),
        (
            "age, from the youngest to the oldest",
            f"{number(float(age.min()), 1)} to {number(float(age.max()), 1)}",
            "years",
        ),
        ("female", percent(round(float(np.mean(sex == "female")), 3)), "of members"),
        ("risk score, mean", number(float(risk.mean()), 3), "1 is the member the rates are for"),
        ("risk score, standard deviation", number(float(risk.std()), 3), ""),
    ]
    payer = people.columns["payer"]
    named = people.payers if people.payers != [UNNAMED] else []
    rows += [
        (f"members of the payer {name}", number(int(np.sum(payer == name)), 0), "persons")
        for name in named[:SHOWN_PAYERS]
    ]
    if len(named) > SHOWN_PAYERS:
        rows.append(("further payers", number(len(named) - SHOWN_PAYERS, 0), ""))
    if not named:
        rows.append(("payers", "1", "without a name"))
    moves = [f"{spaced(name)}: {_in_words(terms)}" for name, terms in facts.spec["population"].items() if terms] or [
        "Nobody leaves, dies or changes state but by ageing; risk scores are recorded as they are."
    ]
    alt = "Two histograms of the members of the panel: by age for each sex, and by risk score."
    return [
        _html.table("The panel", ("what", "value", "unit"), rows, numbers=(1,)),
        _html.listed(moves),
        _html.picture(image, alt, f"The panel by age and sex, and by risk score{_pictures.beyond(risk)}."),
    ]


def care(facts: Facts) -> list[str]:
    """Return the service lines, and what holds for all of them."""
    given = facts.spec["utilization"]
    rows = [_service(facts, service) for service in given["services"]]
    head = (
        "service",
        "events per 1,000 member-years",
        f"price, mean ({facts.money} an event)",
        "price, distribution",
        f"own cost ({facts.money} an event)",
        "delivered by",
        "coinsurance",
        "further terms",
    )
    caption = "Service lines: rates of a member with risk score 1; prices and costs of the year before the first"
    rest = {name: value for name, value in given.items() if name != "services" and not _is_nothing(name, value)}
    common = [
        f"{spaced(name)}: {_in_words(value)}{_unit(name, facts)}{_mark(facts, f'utilization.{name}')}"
        for name, value in rest.items()
    ]
    return [_html.table(caption, head, rows, numbers=(1, 2, 4, 6)), _html.listed(common)]


def _service(facts: Facts, service: dict[str, Any]) -> tuple[str, ...]:
    name = service["name"]

    def marked(term: str, words: str) -> str:
        return words + _mark(facts, f"{name}.{term}")

    rest = {
        term: value
        for term, value in service.items()
        if term not in COLUMNS | UNLISTED and not _is_nothing(term, value)
    }
    further = [marked(term, f"{spaced(term)} {_in_words(value)}") for term, value in rest.items()]
    further += ["relativities by member"] if service["relativity"] else []
    further += ["own cost of each case besides"] if service.get("case_costs") else []
    mean, law = _price(service["allowed"])
    return (
        name,
        marked("per_1000", number(float(service["per_1000"]))),
        marked("allowed", mean),
        "listed cases" if service.get("by_case") else law,
        marked("own_cost", shown(service["own_cost"], whole=True)),
        spaced(service["delivered_by"]),
        marked("coinsurance", percent(float(service["coinsurance"]))),
        "; ".join(further) or "none",
    )


def _price(allowed: Any) -> tuple[str, str]:  # noqa: ANN401 - JSON
    """Return the mean of a price and its distribution in words."""
    if not isinstance(allowed, dict):
        return number(float(allowed), 2), "fixed"
    import json  # noqa: PLC0415 - only here

    mean = _core.Distribution("allowed", json.dumps(allowed)).moments()[0]
    return number(mean, 2), _in_words(allowed)


def _is_nothing(name: str, value: Any) -> bool:  # noqa: ANN401 - JSON
    return value in UNSET or value in NOTHING.get(name, ())


def _in_words(value: Any) -> str:  # noqa: ANN401 - JSON
    """Return terms in words, without those that change nothing."""
    if isinstance(value, dict):
        kept = {name: each for name, each in value.items() if name not in UNSHOWN and not _is_nothing(name, each)}
        words = {name: BY_MEMBER if name == "factor" else _in_words(each) for name, each in kept.items()}
        return ", ".join(f"{spaced(name)} {each}".strip() for name, each in words.items())
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "; ".join(map(_in_words, value))
    return shown(value)


def _mark(facts: Facts, path: str) -> str:
    """Return the mark of an input that is uncertain, of which the mean is shown."""
    return UNCERTAIN if path in facts.uncertain else ""


def _unit(name: str, facts: Facts) -> str:
    unit = unit_of(name, facts.money)
    return f" {unit}" if unit and "0 to 1" not in unit else ""


def arms(facts: Facts) -> list[str]:
    """Return each arm: in sentences, and all of its terms in a table."""
    parts = []
    for arm in facts.spec["arms"]:
        rows = []
        for position, (path, payer, kind, terms) in enumerate(signed(arm)):
            whose = f"{payer}: " if payer else ""
            rows += [
                (
                    f"{position + 1}. {whose}{spaced(kind)}: {spaced(term)}",
                    _value(term, value) + _sure(facts, f"{path}.{term}"),
                    unit_of(term, facts.money),
                )
                for term, value in terms.items()
                if value is not None and term != "notes" and value != []
            ]
        parts += [
            f"<h3>{_html.text(arm['name'])}</h3>",
            _html.listed(in_sentences(facts, arm)),
            _html.table(f"Terms of {arm['name']}", ("contract and term", "value", "unit"), rows, numbers=(1,)),
        ]
    return parts


def _value(term: str, value: Any) -> str:  # noqa: ANN401 - JSON
    """Return a term's value; of multipliers, which cross by the name of a column, what they are by."""
    by = re.fullmatch(r"factor:target (.+) [0-9a-f]{8}", value) if term == "target_multipliers" else None
    return f"by {by[1]}" if by else shown(value, whole=True)


def _sure(facts: Facts, path: str) -> str:
    start = re.compile(rf"{re.escape(path)}($|[.\[])")
    return UNCERTAIN if any(start.match(path) for path in facts.uncertain) else ""


def assumptions(facts: Facts) -> list[str]:
    """Return what the figures rest on, each with its source."""
    from atrisk.assumption import table  # noqa: PLC0415 - only here

    frame = table(facts.results.study.assumptions)
    if frame.empty:
        return [
            _html.paragraph("No assumptions were recorded with this study: nothing here says what its figures rest on.")
        ]
    rows = [["" if missing(cell) else cell for cell in row] for row in frame.to_numpy().tolist()]
    return [_html.table("What the figures rest on", tuple(frame.columns), rows, numbers=(1,))]
