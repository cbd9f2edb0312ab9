"""Text files as they come: mixed encodings, any delimiter, several of them, compressed or not."""

import gzip

import pytest

import atrisk as ar

TABLE = "member_id,name\n0017,José\n18,Zoë\n"


def report_of(frame):
    return frame.attrs["report"][0]


def test_everything_is_text_and_empty_is_missing(tmp_path):
    path = tmp_path / "claims.csv"
    path.write_text('member_id,allowed,note\n0017,1.50,"a, b"\n18,,NA\n', encoding="utf-8")
    frame = ar.claims.read_csv(path)
    assert frame["member_id"].tolist() == ["0017", "18"]
    assert frame["allowed"].isna().tolist() == [False, True]
    assert frame["note"].tolist() == ["a, b", "NA"]
    assert report_of(frame) == {"path": str(path), "delimiter": ",", "rows": 2, "lines": {"utf-8": 3}}


@pytest.mark.parametrize("delimiter", [",", "\t", "|", ";"])
def test_the_delimiter_is_found(tmp_path, delimiter):
    path = tmp_path / "claims.txt"
    path.write_text(f"a{delimiter}b b{delimiter}c\n1{delimiter}2{delimiter}3\n", encoding="utf-8")
    frame = ar.claims.read_csv(str(path))
    assert frame.to_dict("list") == {"a": ["1"], "b b": ["2"], "c": ["3"]}
    assert report_of(frame)["delimiter"] == delimiter


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8 with byte order mark"), ("latin-1", "latin-1"), ("utf-16", "utf-16")],
)
def test_encodings_are_recognised(tmp_path, encoding, name):
    path = tmp_path / "names.csv"
    path.write_bytes(TABLE.encode(encoding))
    frame = ar.claims.read_csv(path)
    assert list(frame.columns) == ["member_id", "name"]
    assert frame["name"].tolist() == ["José", "Zoë"]
    assert name in report_of(frame)["lines"]


def test_lines_of_one_file_may_differ(tmp_path):
    path = tmp_path / "names.csv"
    lines = [b"name", "José".encode(), "José".encode("latin-1"), "“Zoë” Œ".encode("windows-1252"), b"\x81\xe9"]
    path.write_bytes(b"\n".join(lines))
    frame = ar.claims.read_csv(path)
    assert frame["name"].tolist() == ["José", "José", "“Zoë” Œ", "\x81é"]
    assert report_of(frame)["lines"] == {"utf-8": 2, "latin-1": 2, "windows-1252": 1}


def test_several_files_compressed_or_not_with_columns_in_any_order(tmp_path):
    first, second = tmp_path / "a.csv", tmp_path / "b.csv.gz"
    first.write_text("a,b\r\n1,2\r\n", encoding="utf-8")
    second.write_bytes(gzip.compress(b"b|a\n4|3\n"))
    frame = ar.claims.read_csv([first, second])
    assert frame.to_dict("list") == {"a": ["1", "3"], "b": ["2", "4"]}
    assert [each["rows"] for each in frame.attrs["report"]] == [1, 1]


@pytest.mark.parametrize(
    ("content", "options", "expected"),
    [
        (None, {}, "must be a file that can be read, got No such file"),
        (b"", {}, "must have a header, got an empty file"),
        (b"\xef\xbb\xbf\n", {}, "must have a header, got an empty file"),
        (b"\x1f\x8bnothing", {}, "must be a whole gzip file"),
        (gzip.compress(TABLE.encode())[:-9], {}, "must be a whole gzip file"),
        (b"a,a\n1,2\n", {}, "must have each column once, got 'a' twice"),
        (b"a,b\n1,2\n1,2,3\n", {}, "must have rows as long as its header"),
        (b"a,b\n1,2,3\n1,2\n", {}, "must have rows as long as its header"),
        (b"a,b\n1,2\n1\n", {}, "got 1 fields in row 2, 2 in the header"),
        (b'a,b\n"1,2",3\n"1,2"\n', {}, "got 1 fields in row 2, 2 in the header"),
        (b"a\n\xe9\n", {"encoding": "utf-8"}, "must be utf-8, got byte 2"),
        (b"a\n1\n", {"encoding": "klingon"}, "encoding: must be an encoding or auto, got 'klingon'"),
    ],
)
def test_files_that_cannot_be_are_refused_with_their_path(tmp_path, content, options, expected):
    path = tmp_path / "bad.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ar.InputError, match=expected) as error:
        ar.claims.read_csv(path, **options)
    assert "encoding" in options or str(path) in error.value.path


def test_files_of_unlike_columns_and_no_files_are_refused(tmp_path):
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text("a,b\n1,2\n", encoding="utf-8")
    second.write_text("a,c\n1,2\n", encoding="utf-8")
    with pytest.raises(ar.InputError, match=r"must have the columns of .*a\.csv, got unlike are b, c"):
        ar.claims.read_csv([first, second])
    with pytest.raises(ar.InputError, match="must have a file"):
        ar.claims.read_csv([])
    with pytest.raises(ar.InputError, match="must be a path or a list of paths, got an int"):
        ar.claims.read_csv(7)
