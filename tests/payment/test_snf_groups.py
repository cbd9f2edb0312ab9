"""Groups of skilled nursing from clinical inputs: every line of each table, points of conditions, what is refused."""

import itertools

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import atrisk as ar

RESIDENT = {
    "clinical_category": "medical_management",
    "function_score": 12,
    "acute_neurologic": False,
    "speech_comorbidity": False,
    "cognitive_impairment": False,
    "mechanically_altered_diet": False,
    "swallowing_disorder": False,
    "nursing_group": "PA1",
    "nta_points": 0,
}


def group(name, **facts):
    return ar.snf.groups({**RESIDENT, **facts})[name].item()


CATEGORIES = [
    "major_joint_replacement_or_spinal_surgery",
    "other_orthopedic",
    "medical_management",
    "non_orthopedic_surgery_and_acute_neurologic",
]


@pytest.mark.parametrize(("at", "category"), list(enumerate(CATEGORIES)))
@pytest.mark.parametrize(("score", "step"), [(0, 0), (5, 0), (6, 1), (9, 1), (10, 2), (23, 2), (24, 3)])
def test_a_ladder_of_function_scores(at, category, score, step):
    letter = "ABCDEFGHIJKLMNOP"[4 * at + step]
    assert group("therapy_group", clinical_category=category, function_score=score) == f"T{letter}"


def test_speech_counts_impairments_and_eating_problems():
    for flags in itertools.product([False, True], repeat=5):
        names = list(RESIDENT)[2:7]
        letter = "ABCDEFGHIJKL"[3 * sum(flags[:3]) + sum(flags[3:])]
        assert group("speech_group", **dict(zip(names, flags, strict=True))) == f"S{letter}"


@pytest.mark.parametrize(
    ("points", "letter"),
    [(0, "F"), (1, "E"), (2, "E"), (3, "D"), (5, "D"), (6, "C"), (8, "C"), (9, "B"), (11, "B"), (12, "A"), (60, "A")],
)
def test_a_ladder_of_points(points, letter):
    assert group("nta_group", nta_points=points) == f"N{letter}"


LADDERS = {
    "tracheostomy_and_ventilator": [(0, "ES3"), (14, "ES3"), (15, "CA")],
    "tracheostomy_or_ventilator": [(0, "ES2"), (14, "ES2"), (15, "CA")],
    "infection_isolation": [(0, "ES1"), (14, "ES1"), (16, "CA")],
    "special_care_high": [(0, "HDE"), (5, "HDE"), (6, "HBC"), (14, "HBC"), (15, "CA")],
    "special_care_low": [(5, "LDE"), (6, "LBC"), (14, "LBC"), (15, "CA")],
    "clinically_complex": [(5, "CDE"), (6, "CBC"), (14, "CBC"), (15, "CA"), (16, "CA")],
    "behavioral_and_cognitive": [(5, "PDE"), (6, "PBC"), (10, "PBC"), (11, "BAB"), (16, "BAB")],
    "reduced_physical_function": [(5, "PDE"), (6, "PBC"), (14, "PBC"), (15, "PA"), (16, "PA")],
}


@pytest.mark.parametrize(("category", "score", "stem"), [(name, *rung) for name in LADDERS for rung in LADDERS[name]])
def test_a_ladder_of_nursing(category, score, stem):
    case = {name: value for name, value in RESIDENT.items() if name != "nursing_group"}
    case |= {"nursing_category": category, "nursing_function_score": score}
    for depression, restorative in itertools.product([False, True], repeat=2):
        flags = {"depression": depression, "restorative_nursing": restorative}
        told = restorative if stem[0] in "PB" else depression
        expected = stem if stem[-1].isdigit() else f"{stem}{2 if told else 1}"
        assert ar.snf.groups(case, **flags)["nursing_group"].item() == expected


def test_every_nursing_group_can_be_reached():
    table = ar.snf.tables()["nursing_groups"]
    reached = {*table["group_without"], *table["group_with"]}
    indexes = ar.snf.tables()["case_mix_indexes"]
    assert reached == set(indexes.loc[indexes["component"] == "nursing", "group"])
    assert len(reached) == 25


def test_conditions_by_name():
    case = {name: value for name, value in RESIDENT.items() if name != "nta_points"}
    names = ["Diabetes mellitus", "IV medication (post-admit)", "HIV/AIDS"]
    row = ar.snf.groups(case, conditions=names).iloc[0]
    assert (row["nta_points"], row["nta_group"], row["aids"]) == (7, "NC", True)
    assert ar.snf.groups(case, conditions=[])["nta_group"].item() == "NF"
    every = ar.snf.tables()["conditions"]["condition"].tolist()
    assert ar.snf.groups(case, conditions=every)["nta_points"].item() == 75


def test_groups_are_priced_with_their_frame():
    """A resident with AIDS: the code does not tell it, the column does."""
    case = {**RESIDENT, "nta_points": [0, 2], "aids": [True, False]}
    grouped = ar.snf.groups(case)
    assert grouped["hipps"].tolist() == ["KAYF1", "KAYE1"]
    priced = ar.snf.price(grouped, fiscal_year=2026, area="rural", wage_index=1.0, days=5)
    assert priced["nta_group"].tolist() == ["NC", "NE"]
    assert ar.snf.groups(case, assessment="interim")["hipps"].tolist() == ["KAYF0", "KAYE0"]


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pa.table], ids=["pandas", "polars", "arrow"])
def test_frames_of_all_kinds_give_the_same(kind):
    rows = {name: [value] * 3 for name, value in RESIDENT.items()} | {"function_score": [0, 24, 6]}
    theirs = ar.snf.groups(kind(rows))
    assert isinstance(theirs, type(kind(rows)))
    assert np.asarray(theirs["hipps"]).tolist() == ["IAYF1", "LAYF1", "JAYF1"]


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({"clinical_category": "knee"}, r"^snf\.groups\.clinical_category: must be one of major_joint_.*, got 'knee'$"),
        ({"function_score": 25}, r"^snf\.groups\.function_score: must be between 0 and 24 points, got 25$"),
        (
            {"function_score": [3, 2.5]},
            r"^snf\.groups\.function_score\[1\]: must be a whole number of points, got 2\.5$",
        ),
        ({"swallowing_disorder": [0, 2]}, r"^snf\.groups\.swallowing_disorder\[1\]: must be true or false, got 2$"),
        ({"nursing_group": "ES4"}, r"^snf\.groups\.nursing_group: must be one of ES3, .*, PA1, got 'ES4'$"),
        ({"nta_points": -1}, r"^snf\.groups\.nta_points: must be between 0 and 83 points, got -1$"),
        ({"assessment": "first"}, r"^snf\.groups\.assessment: must be one of interim, five_day, got 'first'$"),
        (
            {"depression": True},
            r"^snf\.groups: must be given nursing_group or what makes it, got nursing_group and depression$",
        ),
        ({"conditions": []}, r"^snf\.groups: must be given nta_points or conditions, got both$"),
        ({"age": 3}, r"^snf\.groups\.age: must be one of clinical_category, .* got an unknown fact$"),
    ],
)
def test_what_is_refused(facts, text):
    with pytest.raises(ar.InputError, match=text):
        ar.snf.groups({**RESIDENT, **facts})


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (
            "HIV/AIDS",
            r"^snf\.groups\.conditions: must be a list of names, of one resident, got .* \(frames have nta_points\)$",
        ),
        (["Diabetes"], r"^snf\.groups\.conditions\[0\]: must be one of the 50 conditions, got 'Diabetes' \("),
        (["Malnutrition"] * 2, r"^snf\.groups\.conditions\[1\]: must be given once, got 'Malnutrition'$"),
    ],
)
def test_conditions_that_are_none(names, text):
    case = {name: value for name, value in RESIDENT.items() if name != "nta_points"}
    with pytest.raises(ar.InputError, match=text):
        ar.snf.groups(case, conditions=names)
    with pytest.raises(ar.InputError, match=r"^snf\.groups\.aids: must be true where HIV/AIDS is among the conditions"):
        ar.snf.groups(case, conditions=["HIV/AIDS"], aids=False)


def test_missing_facts_are_named_together():
    with pytest.raises(
        ar.InputError, match=r"^snf\.groups: must be given clinical_category, .*, nursing_group, nta_points"
    ):
        ar.snf.groups()
    case = {name: value for name, value in RESIDENT.items() if name != "nursing_group"}
    with pytest.raises(ar.InputError, match=r"^snf\.groups: must be given depression, restorative_nursing, got only "):
        ar.snf.groups(case, nursing_category="clinically_complex", nursing_function_score=3)
