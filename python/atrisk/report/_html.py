"""Pieces of a page: every text of a study is escaped here, and nowhere else."""

from __future__ import annotations

import html
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def text(given: object) -> str:
    """Return a text as a page shows it, whatever signs it has."""
    return html.escape(str(given))


def paragraph(given: object) -> str:
    """Return a paragraph of plain text."""
    return f"<p>{text(given)}</p>"


def listed(items: Iterable[object]) -> str:
    """Return a list of plain texts; nothing where there are none."""
    each = "".join(f"<li>{text(item)}</li>" for item in items)
    return f"<ul>{each}</ul>" if each else ""


def section(name: str, heading: str, *parts: str) -> str:
    """Return a section of the page with its heading."""
    return f'<section id="{name}">\n<h2>{text(heading)}</h2>\n' + "\n".join(parts) + "\n</section>\n"


def table(
    caption: str, head: Sequence[object], rows: Iterable[Sequence[object]], *, numbers: Sequence[int] = ()
) -> str:
    """Return a table.

    Parameters
    ----------
    caption : str
        Printed above.
    head : sequence
        Headings of the columns.
    rows : iterable of sequences
        Cells, the first of which is the heading of its row.
    numbers : sequence of int
        Places of the columns that are figures, and stand to the right.
    """
    kind = dict.fromkeys(numbers, ' class="number"')
    top = "".join(f'<th scope="col"{kind.get(place, "")}>{text(name)}</th>' for place, name in enumerate(head))
    body = "\n".join(
        f'<tr><th scope="row">{text(first)}</th>'
        + "".join(f"<td{kind.get(place, '')}>{text(cell)}</td>" for place, cell in enumerate(rest, 1))
        + "</tr>"
        for first, *rest in rows
    )
    return (
        f'<div class="wide" tabindex="0"><table>\n<caption>{text(caption)}</caption>\n'
        f"<thead><tr>{top}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>"
    )


def picture(source: str, described: str, caption: str) -> str:
    """Return a picture with what it shows in words, for who cannot see it."""
    return f'<figure><img src="{source}" alt="{text(described)}">\n<figcaption>{text(caption)}</figcaption></figure>'


def folded(heading: str, content: str) -> str:
    """Return a text that is folded away until it is asked for."""
    return f"<details><summary>{text(heading)}</summary><pre>{text(content)}</pre></details>"


def page(title: str, *parts: str) -> str:
    """Return a whole page, with its style."""
    style = files("atrisk.report").joinpath("report.css").read_text(encoding="utf-8")
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{text(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n"
        + "".join(parts)
        + "</main>\n</body>\n</html>\n"
    )
