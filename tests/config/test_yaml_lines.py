"""YAML with lines: where each value stands, every fault at once, and nothing that eats memory."""

import tracemalloc
from pathlib import Path

import pytest

from stitcher.errors import ConfigError
from stitcher.yamlfile import DEEPEST, MOST_COPIED, load, load_all, load_with_lines


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "some.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def said(tmp_path: Path, text: str) -> list[tuple[int, str]]:
    """The faults of a file."""
    return [(fault.line, fault.message) for fault in load_all(written(tmp_path, text)).faults]


PIPE = """\
# a pipeline
kind: pipeline
destinations:
  - name: one
    tcp:
      host: h
      file: {path: p}
  - {name: two,
     to: x}
list: [a,
  b]
empty:
"""


def test_values_are_those_of_the_quick_reader(tmp_path: Path) -> None:
    text = "a: no\nb: 0755\nc: 12:30:45\nd: true\ne: -5\nf: 1.5\ng: '5'\n"
    text += "h:\ni: ~\nj: [1, {k: v}]\nl: |\n  x\n  y\nm: !!str 5\n"
    path = written(tmp_path, text)
    assert load_with_lines(path).values == load(path)


def test_every_shipped_file_reads_the_same_both_ways() -> None:
    root = Path(__file__).resolve().parent.parent.parent
    paths = [*(root / "rules").glob("*.yaml"), *(root / "normalizers").glob("*.yaml")]
    assert paths
    for path in paths:
        loaded = load_all(path)
        assert loaded.faults == ()
        if len(loaded.documents) == 1:
            assert loaded.documents[0].values == load(path)


@pytest.mark.parametrize(
    ("loc", "line", "where"),
    [
        ((), 2, ()),
        (("kind",), 2, ("kind",)),
        (("destinations",), 3, ("destinations",)),
        (("destinations", 0), 4, ("destinations", 0)),
        (("destinations", 0, "tcp", "host"), 6, ("destinations", 0, "tcp", "host")),
        (("destinations", 0, "tcp", "file", "path"), 7, ("destinations", 0, "tcp", "file", "path")),
        (("destinations", 1, "to"), 9, ("destinations", 1, "to")),
        (("list", 1), 11, ("list", 1)),
        (("empty",), 12, ("empty",)),
        # what is missing stands where it should be
        (("destinations", 1, "port"), 8, ("destinations", 1, "port")),
        (("none",), 2, ("none",)),
        # the tag of a union is no key, unless more is found with it as a key
        (("destinations", 1, "tcp", "to"), 9, ("destinations", 1, "to")),
        (("destinations", 0, "tcp", "name"), 5, ("destinations", 0, "tcp", "name")),
        (("destinations", 0, "tcp", "tcp", "host"), 6, ("destinations", 0, "tcp", "host")),
        (("destinations", 0, "http", "tcp", "ftp", "file", "path"), 7, ("destinations", 0, "tcp", "file", "path")),
    ],
)
def test_the_line_of_a_place(
    tmp_path: Path, loc: tuple[str | int, ...], line: int, where: tuple[str | int, ...]
) -> None:
    document = load_with_lines(written(tmp_path, PIPE))
    assert document.line_of(loc) == line
    assert document.where(loc) == where


def test_every_repeated_key_is_told_and_the_first_value_stays(tmp_path: Path) -> None:
    path = written(tmp_path, "a: 1\nb: {c: 1, c: 2}\na: 2\nd:\n  - e: 1\n    e: 2\na: 3\n")
    loaded = load_all(path)
    assert loaded.documents[0].values == {"a": 1, "b": {"c": 1}, "d": [{"e": 1}]}
    assert [(fault.line, fault.where, fault.message.split(";")[0]) for fault in loaded.faults] == [
        (2, "b", "key 'c' was given before, in line 2"),
        (3, "", "key 'a' was given before, in line 1"),
        (6, "d.0", "key 'e' was given before, in line 5"),
        (7, "", "key 'a' was given before, in line 1"),
    ]
    with pytest.raises(ConfigError) as told:
        load_with_lines(path)
    assert len(str(told.value).splitlines()) == 4


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: [1\nb: 2\n", 2, "this is no YAML: did not find expected ',' or ']'"),
        ("a: 1\nb:\n\tc: 1\n", 3, "this is no YAML: found character that cannot start any token"),
        ("a: é\nb: \x01\n", 2, "this is no YAML: control characters are not allowed"),
        ("a: 1\n1: x\n", 2, "a key must be text; put it in quotes"),
        ("? [a]\n: x\n", 1, "a key must be text; put it in quotes"),
        ("a: !!python/object:os.system x\n", 1, "is not known"),
        ("a:\n  b: !x {c: 1}\n", 2, "the tag '!x' is not known; remove it"),
        ("a: !!int x\n", 1, "is not known, or does not fit"),
        ("a: " + "9" * 5000 + "\n", 1, "too many digits"),
        ("", 1, "the file is empty"),
        ("# nothing\n", 1, "the file is empty"),
        ("a: 1\nb: *c\n", 2, "no anchor '&c' before '*c'"),
        ("a: &a\n  - *a\n", 2, "'*a' is inside of what '&a' names"),
        ("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), 1, f"deeper than {DEEPEST} levels"),
        ("[" * 200_000, 1, f"deeper than {DEEPEST} levels"),
        ("{a: " * 200_000, 1, f"deeper than {DEEPEST} levels"),
    ],
)
def test_what_is_refused_is_one_fault_with_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    ((at, message),) = said(tmp_path, text)
    assert at == line
    assert words in message


def test_an_alias_is_what_it_names(tmp_path: Path) -> None:
    document = load_with_lines(written(tmp_path, "a: &x\n  - {b: 1}\nc: *x\nd: &y text\ne: [*y, *y]\n"))
    assert document.values == {"a": [{"b": 1}], "c": [{"b": 1}], "d": "text", "e": ["text", "text"]}
    assert document.line_of(("c",)) == 3
    assert document.line_of(("c", 0, "b")) == 2


def test_a_bomb_of_aliases_is_refused_before_it_is_built(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 10)}]" for at in range(1, 30)]
    tracemalloc.start()
    ((line, message),) = said(tmp_path, "\n".join(lines))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert line == 4
    assert f"aliases repeat more than {MOST_COPIED} values" in message
    assert most < 5_000_000


def test_anchors_end_with_their_document(tmp_path: Path) -> None:
    assert said(tmp_path, "a: &x 1\n---\nb: *x\n") == [(3, "no anchor '&x' before '*x'")]


def test_documents_of_a_file_have_the_lines_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "a: 1\n---\nb: 2\n---\nc:\n  d: 3\n")
    first, second, third = load_all(path).documents
    assert [one.values for one in (first, second, third)] == [{"a": 1}, {"b": 2}, {"c": {"d": 3}}]
    assert third.line_of(("c", "d")) == 6
    with pytest.raises(ConfigError, match=r"some\.yaml:3: expected one document"):
        load_with_lines(path)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.yaml: cannot read it"):
        load_all(tmp_path / "none.yaml")
    path = tmp_path / "bytes.yaml"
    path.write_bytes(b"a: \xff\n")
    with pytest.raises(ConfigError, match=r"bytes\.yaml: cannot read it"):
        load_all(path)
