"""What is cited of the episodes of a procedure: each figure with its years, its source and how sure it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from atrisk._errors import InputError
from atrisk._shipped import rows
from atrisk._spec import text
from atrisk.assumption import Assumption

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atrisk._shipped import Row


def facts(procedure: str = "joint_replacement", kind: str | None = None) -> list[Assumption]:
    """Return the cited facts of a procedure's episodes, each with its years, source and confidence.

    Parameters
    ----------
    procedure : {"joint_replacement", "coronary_bypass"}
        Procedure. Of joint replacement shares of patients are cited, of coronary bypass payments alone.
    kind : str, optional
        ``"knee"``, ``"hip"`` or ``"fracture"`` of joint replacement; of coronary bypass ``"patients"``, whose least and
        most payment are cited, or ``"hospitals"``, of which the dearest quarter is laid beside the cheapest. By default
        all.

    Returns
    -------
    list of Assumption
        For ``Utilization(assumptions=...)``, so that reports name them. ``figure`` has the kind in front where all are
        asked for.

    Raises
    ------
    InputError
        If there is no such procedure or kind.

    Examples
    --------
    >>> cited = {fact.figure: float(fact.value) for fact in ar.episodes.facts("coronary_bypass", "patients")}
    >>> cited["most payment"]
    356850.0
    """
    known = rows("atrisk.episodes", "facts.csv")
    one_of("facts.procedure", procedure, dict.fromkeys(row["procedure"] for row in known))
    of = [row for row in known if row["procedure"] == procedure]
    if kind is not None:
        one_of(f"{procedure}.kind", kind, dict.fromkeys(row["kind"] for row in of))
    return [
        Assumption(
            figure=_figure(row) if kind is not None else f"{row['kind']}: {_figure(row)}",
            value=row["value"],
            unit=f"{row['unit']}, within {row['window_days']} days",
            year=row["years"],
            source=row["source"],
            confidence=row["confidence"],
        )
        for row in of
        if kind in (None, row["kind"])
    ]


def cited_window(procedure: str) -> int:
    """Return the days that the facts of a procedure are of, which are the same for all of them."""
    known = rows("atrisk.episodes", "facts.csv")
    (days,) = {row["window_days"] for row in known if row["procedure"] == procedure}
    return int(days)


def one_of(path: str, given: object, names: Mapping[str, Any] | list[str]) -> None:
    """Refuse a name that is none of those there are."""
    if text(path, given) not in names:
        raise InputError(path, f"must be one of {', '.join(names)}", repr(given))


def _figure(row: Row) -> str:
    return row["item"].replace("_", " ")
