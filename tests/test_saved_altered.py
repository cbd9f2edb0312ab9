"""A saved file that was touched, cut off, foreign or forged is refused by its path, and runs nothing."""

import hashlib
import io
import json
import pickle
import zipfile

import numpy as np
import pytest

import atrisk as ar
from atrisk import _archive
from conftest import make_panel

RUN = {"progress": False}


@pytest.fixture
def small(tmp_path):
    """A small file of results, as bytes, and where to put others."""
    care = ar.Utilization(services=[ar.Service("visits", per_1000=4_000, allowed=110.0, own_cost=90.0)])
    results = ar.Study(make_panel(5), care, {"A": ar.FeeForService()}, seed=1).run(3, **RUN)
    path = tmp_path / "small.atrisk"
    results.save(path)
    return path.read_bytes(), tmp_path / "other.atrisk"


def test_every_flipped_byte_is_caught(small):
    data, path = small
    for place in range(len(data)):
        for flip in (0x01, 0x20, 0xFF) if place >= len(data) - _archive.LENGTH else (1 << place % 8,):
            path.write_bytes(data[:place] + bytes([data[place] ^ flip]) + data[place + 1 :])
            with pytest.raises(ar.InputError) as caught:
                ar.load(path)
            assert caught.value.path == str(path), place


def test_every_length_but_the_whole_is_caught(small):
    data, path = small
    for length in [*range(0, len(data), 7), len(data) - 1]:
        path.write_bytes(data[:length])
        with pytest.raises(ar.InputError, match="cut off"):
            ar.load(path)
    path.write_bytes(data + b" ")
    with pytest.raises(ar.InputError, match="cut off"):
        ar.load(path)
    path.write_bytes(data[:5] + data)
    with pytest.raises(ar.InputError, match="changed"):
        ar.load(path)


class Trap:
    """Raises when it is unpickled."""

    def __reduce__(self):
        return eval, ("1 / 0",)


def foreign_files():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("hello.txt", "hello")
    arrays = io.BytesIO()
    np.savez(arrays, figures=np.array([Trap()], dtype=object))
    return {
        "empty": b"",
        "text": b"arm,provider_net\n" * 100,
        "zip": buffer.getvalue(),
        "npz": arrays.getvalue(),
        "pickle": pickle.dumps(Trap()),
        "json": b'{"spec": {}}' * 50,
    }


@pytest.mark.parametrize(
    ("name", "data"), foreign_files().items(), ids=lambda each: each if isinstance(each, str) else ""
)
def test_foreign_files_are_refused(name, data, tmp_path):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ar.InputError, match=r"must be a file of results\.save"):
        ar.load(tmp_path / name)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nothing\.atrisk"):
        ar.load(tmp_path / "nothing.atrisk")
    with pytest.raises(OSError, match="Is a directory"):
        ar.load(tmp_path)


def sealed(data, path, edit, version=1):
    """A file that was altered by someone who knows how its digest is made."""
    entries = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            entries[name] = archive.read(name)
    compression = edit(entries) or zipfile.ZIP_STORED
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
        archive.comment = b" " * _archive.LENGTH
    body = buffer.getvalue()[: -_archive.LENGTH]
    comment = f"atrisk results, format {version:04}, sha256 {hashlib.sha256(body).hexdigest()}".encode()
    path.write_bytes(body + comment)


def edited(change):
    """Edit the JSON of a file."""

    def edit(entries):
        content = json.loads(entries["content.json"])
        changed = change(content)
        entries["content.json"] = json.dumps(content if changed is None else changed).encode()

    return edit


def npy(values, *, pickled=False):
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.asarray(values), version=(1, 0), allow_pickle=pickled)
    return buffer.getvalue()


def huge():
    head = npy(np.zeros((3, 1, 1, 10)))
    return head.replace(b"(3, 1, 1, 10)", b"(9**, 1, 1, 10)"[:13]), head.replace(b"(3, 1, 1, 10)", b"(999999999,) ")


def drop(name):
    return edited(lambda content: content.pop(name) and None)


def compressed(_):
    return zipfile.ZIP_DEFLATED


def untouched(_):
    return None


def as_list(_):
    return [1, 2]


FORGED = {
    "untouched but for its form": compressed,
    "pickled figures": lambda entries: entries.update({"figures.npy": npy([Trap()], pickled=True)}),
    "pickled column": lambda entries: entries.update({"columns/0.npy": npy([Trap()], pickled=True)}),
    "a bare pickle": lambda entries: entries.update({"figures.npy": pickle.dumps(Trap())}),
    "no array": lambda entries: entries.update({"figures.npy": b"\x93NUMPY\x01\x00"}),
    "a header that does not read": lambda entries: entries.update({"figures.npy": huge()[0]}),
    "a header of more than there is": lambda entries: entries.update({"figures.npy": huge()[1]}),
    "figures of another shape": lambda entries: entries.update({"figures.npy": npy(np.zeros((3, 2, 1, 10)))}),
    "figures of no dimension": lambda entries: entries.update({"figures.npy": npy(0.0)}),
    "figures of another kind": lambda entries: entries.update({"figures.npy": npy(np.zeros((3, 1, 1, 10), "f4"))}),
    "more figures than planned": lambda entries: entries.update({"figures.npy": npy(np.zeros((4, 1, 1, 10)))}),
    "no figures": lambda entries: entries.pop("figures.npy") and None,
    "fewer members": lambda entries: entries.update({"member_words.npy": npy(np.zeros(4, "u8"))}),
    "words that are none": lambda entries: entries.update({"member_words.npy": npy(["a"] * 5)}),
    "draws of nothing": lambda entries: entries.update({"inputs.npy": npy(np.zeros((3, 1)))}),
    "no content": lambda entries: entries.pop("content.json") and None,
    "no JSON": lambda entries: entries.update({"content.json": b"{"}),
    "deep JSON": lambda entries: entries.update({"content.json": b"[" * 100_000}),
    "another JSON": edited(as_list),
    "a spec of nothing": edited(lambda content: content.update(spec={})),
    "a spec that is none": edited(lambda content: content.update(spec="x")),
    "a spec that breaks a rule": edited(lambda content: content["spec"]["utilization"].update(frailty_cv=-1)),
    "a spec without years": edited(lambda content: content["spec"].pop("years") and None),
    "a spec of too many years": edited(lambda content: content["spec"].update(years=1e300)),
    "a seed that is none": edited(lambda content: content["spec"].update(seed="x")),
    "no parameters": edited(lambda content: content["spec"].pop("parameters") and None),
    "a foreign part": edited(lambda content: content["panel"].update(enrolment={"part": "os.system", "fields": {}})),
    "a part in the wrong place": edited(lambda content: content["panel"].update(enrolment={"tuple": [1]})),
    "a foreign distribution": edited(
        lambda content: content["panel"].update(enrolment={"distribution": "eval", "given": []})
    ),
    "a tag that is none": edited(lambda content: content["columns"][1].update(objects=[{"eval": "1 / 0"}])),
    "a missing value": edited(lambda content: content["columns"][1].update(objects=[])),
    "a decimal that is none": edited(lambda content: content["columns"][1].update(objects=[{"decimal": "x"}])),
    "a plan of no draws": edited(lambda content: content["plan"].update(draws=0)),
    "a plan of odd draws": edited(lambda content: content["plan"].update(draws=2)),
    "a plan of text": edited(lambda content: content["plan"].update(replicates="3")),
    "an unknown design": edited(lambda content: content["plan"].update(design="eval")),
    "measures that are none": edited(lambda content: content.update(measures=5)),
    "measures of text": edited(lambda content: content.update(measures={"tuple": ["x"]})),
    "assumptions of text": edited(lambda content: content.update(assumptions={"tuple": ["x"]})),
    "assumptions that are none": edited(lambda content: content.update(assumptions=5)),
    "versions that are none": edited(lambda content: content.update(versions=5)),
    **{f"no {name}": drop(name) for name in ("columns", "panel", "factors", "measures", "assumptions", "versions")},
    **{f"without {name}": drop(name) for name in ("spec", "plan", "cash")},
}


@pytest.mark.parametrize("name", FORGED)
def test_forged_files_are_refused_and_run_nothing(name, small):
    data, path = small
    sealed(data, path, untouched)
    assert ar.load(path).replicates == 3, "the forger knows the digest"
    sealed(data, path, FORGED[name])
    with pytest.raises(ar.InputError) as caught:
        ar.load(path)
    assert caught.value.path == str(path)
    assert caught.value.rule.startswith("must")


def test_a_newer_format_says_so(small):
    data, path = small
    sealed(data, path, untouched, version=2)
    with pytest.raises(ar.InputError, match=r"must be of format 1, got format 2 \(a newer atrisk reads it\)"):
        ar.load(path)
