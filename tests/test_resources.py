"""Resources: read strictly, checked, and the defaults of the code are the defaults of the rule."""

import json
from pathlib import Path

import pytest

from stitcher import resources
from stitcher.errors import ConfigError
from stitcher.event import Limits, Unwrapped
from stitcher.parsers import unwrap
from stitcher.yamlfile import load

NORMALIZER = "{kind: wrapper, id: x, description: d, record: [], host: [], time: [], program: [], examples: []}"
AUDIT = resources.shipped("rules") / "audit.yaml"


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "some.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_rule_has_the_defaults_of_the_code() -> None:
    assert resources.limits() == Limits()
    assert [type(value) for value in resources.limits()] == [type(value) for value in Limits()]
    assert resources.aggregation().name == "audit"


def test_the_shipped_rule_says_why_each_bound_is_what_it_is() -> None:
    lines = AUDIT.read_text("utf-8").splitlines()
    assert sum(line.startswith("#") for line in lines) > len(Limits._fields)


@pytest.mark.parametrize("example", resources.wrapped().examples, ids=range(len(resources.wrapped().examples)))
def test_the_examples_of_the_wrapped_normalizer_hold(example: resources.Example) -> None:
    found = unwrap(example.line.encode())
    assert isinstance(found, Unwrapped)
    words = {**found.envelope._asdict(), "payload": found.payload}
    assert {key: value.decode() for key, value in words.items() if value} == example.expected


@pytest.mark.parametrize("key", ["record", "host", "time", "program"])
def test_each_name_of_the_wrapped_normalizer_is_looked_at(key: str) -> None:
    record = "type=CWD msg=audit(1.000:1): cwd=x"
    values: tuple[tuple[str, ...], ...] = getattr(resources.wrapped(), key)
    for path in values:
        value: object = record if key == "record" else "web01"
        for name in reversed(path):
            value = {name: value}
        assert isinstance(value, dict)
        found = unwrap(json.dumps(value if key == "record" else {"message": record, **value}).encode())
        assert isinstance(found, Unwrapped)
        assert found.payload == record.encode() if key == "record" else getattr(found.envelope, key) == b"web01"


def test_yaml_values_are_what_they_look_like(tmp_path: Path) -> None:
    text = "a: no\nb: yes\nc: 0755\nd: 12:30:45\non: true\ne: 5\nf: 1.5\ng: 2026-11-21\nh:\ni: null\nj: -1\nk: 1_000\n"
    text += "l: 0x1F\nm: .inf\n"
    assert load(written(tmp_path, text)) == {
        "a": "no", "b": "yes", "c": "0755", "d": "12:30:45", "on": True, "e": 5, "f": 1.5, "g": "2026-11-21",
        "h": None, "i": None, "j": -1, "k": "1_000", "l": "0x1F", "m": ".inf",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1\nb: 2\na: 3\n", r"some.yaml:3: key 'a' was given before, in line 1"),
        ("a:\n  - b: 1\n    b: 2\n", r"some.yaml:3: key 'b' was given before, in line 2"),
        ("1: x\n", r"some.yaml:1: a key must be text"),
        ("a: [1\nb: 2\n", r"some.yaml:2: "),
        ("a: !!python/object:os.system x\n", r"some.yaml:1: "),
        ("a: \x01\n", r"some.yaml: cannot read it"),
    ],
)
def test_faults_of_a_yaml_file_say_where_they_are(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        load(written(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.yaml: cannot read it"):
        load(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("late: amend", "late: maybe", "late: 'maybe' is not known; known: amend, drop"),
        (
            "timeout_seconds: 2.0",
            "timeout_second: 2.0",
            "timeout_second: no such field; did you mean 'timeout_seconds'",
        ),
        ("timeout_seconds: 2.0", "timeout_seconds: soon", "timeout_seconds: expected seconds from 0 up, found 'soon'"),
        ("max_event_records: 4096", "", "max_event_records: the field is missing"),
        ("max_event_records: 4096", "max_event_records: -1", "expected a whole number from 0 up, found -1"),
        ("max_event_records: 4096", "max_event_records: true", "expected a whole number from 0 up, found True"),
        (
            "identical: [ExternalID]",
            "identical: [DeviceHostName]",
            r"identical: expected \['ExternalID'\], which the kernel joins by, found \['DeviceHostName'\]; `stitcher",
        ),
        ("threshold: null", "threshold: 100", "threshold: expected None, which the kernel joins by, found 100"),
        ("separator: ", "separater: ", "separater: no such field; did you mean 'separator'"),
        ("kind: aggregation", "kind: wrapper", "kind: expected aggregation"),
        ("name: audit", "name: 5", "name: expected text, found 5"),
    ],
)
def test_faults_of_a_rule_are_named(tmp_path: Path, old: str, new: str, words: str) -> None:
    text = AUDIT.read_text("utf-8")
    assert old in text
    with pytest.raises(ConfigError, match=words):
        resources.read_aggregation(written(tmp_path, text.replace(old, new)))


def test_a_rule_with_other_bounds_gives_them(tmp_path: Path) -> None:
    text = AUDIT.read_text("utf-8").replace("timeout_seconds: 2.0", "timeout_seconds: 5").replace("amend\n", "drop\n")
    found = resources.read_aggregation(written(tmp_path, text))
    assert found.limits == Limits(timeout_seconds=5.0, late="drop")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- a\n", "expected a mapping that begins with 'kind: wrapper'"),
        ("kind: wrapper\nid: x\n", "description: the field is missing"),
        (NORMALIZER.replace("record: []", "record: a"), "record: expected a list, found 'a'"),
        (NORMALIZER.replace("host: []", "host: [1]"), r"host: expected a list of text, found \[1\]"),
        (NORMALIZER.replace("examples: []", "examples: [{a: 1}]"), "examples: each example has `line` and `expected`"),
    ],
)
def test_faults_of_a_normalizer_are_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        resources.read_wrapped(written(tmp_path, text))
