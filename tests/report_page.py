"""Reads the page of a report as a browser would: its elements, its texts and its tables."""

from html.parser import HTMLParser

VOID = {"meta", "img", "br"}


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
