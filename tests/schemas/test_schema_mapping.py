"""A mapping of one's own: every fault is said at once, with its file, its line and a way out."""

import json
import re
from pathlib import Path

import pytest
from corridor import sample
from documents import CWD, OPEN, SHADOW, TITLE, document, documents

from stitcher.errors import ConfigError
from stitcher.resources import shipped
from stitcher.schemas import SHIPPED, schema_of
from stitcher.schemas._convert import CONVERSIONS
from stitcher.schemas._fields import read_table
from stitcher.schemas._rules import _RULE
from stitcher.summary import Faults

HEAD = "kind: schema\nid: schema-own\ndescription: A mapping of a test\nschema: own\n"


def mapping(folder: Path, text: str, head: str = HEAD) -> str:
    path = folder / "own.yaml"
    path.write_text(head + text, "utf-8")
    return str(path)


def test_a_mapping_of_ones_own_is_read_from_its_file(tmp_path: Path) -> None:
    path = mapping(
        tmp_path,
        """
tables:
  levels: {failure: high, success: low}
map:
  when: time
  who.login: summary.subject.login
  what: {from: summary.action, as: words}
  level: {from: summary.outcome, table: levels, else: none}
  file: {from: summary.object.name, when: {summary.object.kind: [file]}}
  socket: {from: summary.object.name, when: {summary.object.kind: [socket]}}
  keys: {from: ["records.SYSCALL|URINGOP.value.key", summary.script], all: true}
  fixed: {value: 7}
  there: {from: summary.error, value: true}
  absent: {from: summary.from, value: true}
""",
    )
    assert document(schema_of(path), OPEN, CWD, SHADOW, TITLE) == {
        "when": "2023-11-14T22:13:20.004Z",
        "who": {"login": "mara"},
        "what": "opened file",
        "level": "high",
        "file": "/etc/shadow",
        "keys": ["shadow"],
        "fixed": 7,
        "there": True,
    }


def test_a_mapping_makes_values_that_are_no_fields_and_takes_the_first_of_several(tmp_path: Path) -> None:
    path = mapping(
        tmp_path,
        """
tables:
  kinds: {opened-file: "7.2"}
made:
  kind: {from: summary.action, table: kinds, when: {summary.object.name: true}}
  kind_of_all:
    - {from: made.kind}
    - {value: "0.0"}
  class: {from: made.kind_of_all, as: stem}
map:
  class: {from: made.class, as: number}
  number: {from: made.kind_of_all, as: digits}
  file: {from: summary.object.name, when: {made.kind: true}}
  pid:
    - {value: 0, when: {summary.outcome: [success]}}
    - {from: "records.SYSCALL|URINGOP.fields.pid", as: number, when: {made.class: ["7"]}}
  none:
    - {from: summary.script}
""",
    )
    schema = schema_of(path)
    whole = {"class": 7, "number": "72", "file": "/etc/shadow", "pid": 7}
    assert document(schema, OPEN, CWD, SHADOW, TITLE) == whole
    assert document(schema, OPEN.replace("pid=7 ", "pid=8 "), CWD, SHADOW, TITLE) == whole | {"pid": 8}
    assert document(schema, OPEN, CWD, TITLE) == {"class": 0, "number": "00"}
    assert document(schema, OPEN.replace("success=no", "success=yes"), TITLE) == {"class": 0, "number": "00", "pid": 0}


FAULTS = [
    ("made: {x: made.y, y: time}\nmap:\n  a: time\n", "own.yaml:5: made.x: no made value 'made.y'"),
    ("made: {kind: time}\nmap:\n  a: made.kinds\n", "map.a: no made value 'made.kinds'; did you mean 'made.kind'?"),
    ("made: [x]\nmap:\n  a: time\n", "made: expected names of small letters and _"),
    ("map:\n  a:\n    - {from: time}\n    - {form: time}\n", "map.a: no key 'form'; did you mean 'from'?"),
    ("map:\n  a: records.SYSCALL.exe\n", "own.yaml:6: map.a: 'records.SYSCALL.exe' is no source"),
    ("map:\n  a: time\n  b: summary.objekt.name\n", "own.yaml:7: map.b: 'summary.objekt.name' is no source"),
    ("map:\n  a: {from: time, as: numbre}\n", "map.a: no conversion 'numbre'; did you mean 'number'?"),
    ("map:\n  a: {from: time, tabel: x}\n", "map.a: no key 'tabel'; did you mean 'table'?"),
    (
        "tables: {level: {}}\nmap:\n  a: {from: time, table: levels}\n",
        "map.a: no table 'levels'; did you mean 'level'?",
    ),
    ("map:\n  a: {as: number}\n", "map.a: expected 'from', paths, or 'value'"),
    ("map:\n  a: {from: time, when: [x]}\n", "map.a: when: expected sources, each with its words"),
    ("map:\n  a: {from: time, when: {node: x}}\n", "map.a: when: expected a list of text or true, found 'x'"),
    ("map:\n  a: {from: {x: y}}\n", "map.a: from: expected text or a list of text"),
    ("map:\n  a: {from: time, all: often}\n", "map.a: all: expected true or false"),
    ("map:\n  a: time\n  a.b: id\n", "map.a.b: 'a' is a field, too"),
    ("map: []\n", "own.yaml:5: map: expected the names of fields"),
    ("mapp:\n  a: time\n", "no key 'mapp'; did you mean 'map'?"),
    ("tables: [x]\nmap:\n  a: time\n", "tables: expected tables by name"),
    ("fields: fields-esc.yaml\nmap:\n  a: time\n", "there is no file 'fields-esc.yaml' beside the mapping"),
    ("fields: ../x\nmap:\n  a: time\n", "expected the name of a file like fields-ecs.yaml"),
    ("fields: fields-kuma.yaml\nmap:\n  Nam: time\n", "map.Nam: no field 'Nam'; did you mean 'Name'?"),
]


@pytest.mark.parametrize(("text", "words"), FAULTS)
def test_a_fault_is_said_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(words)):
        schema_of(mapping(tmp_path, text))


def test_all_faults_are_said_at_once(tmp_path: Path) -> None:
    text = "map:\n  a: {from: time, as: numbre}\n  b: nowhere\n  c: {from: time, tabel: x}\n"
    with pytest.raises(ConfigError) as found:
        schema_of(mapping(tmp_path, text, HEAD.replace("schema: own\n", "")))
    assert len(str(found.value).splitlines()) == 4


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("{type: texxt, names: [a]}", "no type 'texxt'; did you mean 'text'?"),
        ("{type: text, size: long, names: [a]}", "expected how many characters fit, found 'long'"),
        ("{type: text, list: maybe, names: [a]}", "expected true or false"),
        ("{type: text, names: [a, a]}", "'a' stands here twice"),
        ("{type: text}", "the key is missing"),
        ("text", "expected a mapping with type and names"),
    ],
)
def test_a_table_of_fields_is_checked(tmp_path: Path, row: str, words: str) -> None:
    path = tmp_path / "fields-own.yaml"
    path.write_text(f'kind: fields\nid: x\ndescription: x\nversion: "1"\nfields:\n  - {row}\n', "utf-8")
    faults = Faults()
    read_table(path, faults)
    with pytest.raises(ConfigError, match=re.escape(words)):
        faults.end()


@pytest.mark.parametrize("name", sorted(CONVERSIONS))
@pytest.mark.parametrize(
    "value", [None, "", "x", "-", "=", "\0", 7, 1.5, True, [], ["a", None], [7], {}, {"a": {"b": ["c"]}}]
)
def test_no_conversion_stumbles_over_a_value(name: str, value: object) -> None:
    """A field that is there twice is a list, and a meaning may be an object: any source may have any shape."""
    if (name == "fields" and isinstance(value, list)) or name == "paths":
        value = ['{"type":"PATH","fields":{"name":"/a","nametype":"NORMAL"}}']
    json.dumps(CONVERSIONS[name](value))


@pytest.mark.parametrize(
    ("name", "value", "made"),
    [
        ("number", "42", 42),
        ("number", "-13", -13),
        ("number", "0x1f", None),
        ("number", "9" * 30, None),
        ("number", "٣", None),
        ("ip", "10.0.0.1", "10.0.0.1"),
        ("ip", "FE80::1%eth0", "fe80::1"),
        ("ip", "web01", None),
        ("family", "10.0.0.1", "ipv4"),
        ("family", "::1", "ipv6"),
        ("permissions", "0100640", "0640"),
        ("permissions", "0104755", "4755"),
        ("permissions", "file,640", None),
        ("base name", "/a/b/", "b"),
        ("base name", "/", None),
        ("directory", "/a", "/"),
        ("directory", "a", None),
        ("extension", "/a/b.tar.gz", "gz"),
        ("extension", "/a/.profile", None),
        ("stem", "1001.04", "1001"),
        ("stem", "1001", None),
        ("digits", "1001.04", "100104"),
        ("digits", "٣", None),
        ("kind of file", "0100640", "file"),
        ("kind of file", "020666", "character device"),
        ("kind of file", "file,640", None),
        ("milliseconds", "1700000000.004:7", 1700000000004),
        ("name", "EACCES(Permission denied)", "EACCES"),
        ("arguments", "a\0b c\0", ["a", "b c"]),
        ("arguments", ["a", None], ["a", ""]),
        ("command line", ["a", "b c", None], "a 'b c' <missing>"),
        ("command line", "a\0b c", "a 'b c'"),
        ("several", ["a"], None),
        ("unique", ["a", "b", "a"], ["a", "b"]),
    ],
)
def test_conversions_say_what_they_should(name: str, value: object, made: object) -> None:
    assert CONVERSIONS[name](value) == made


def test_every_shipped_mapping_is_read_without_a_fault() -> None:
    for path in (shipped("normalizers")).iterdir():
        if path.name.startswith("schema-") and path.name.endswith(".yaml"):
            # laurel's form is no mapping
            schema_of("laurel" if path.name == SHIPPED["laurel"] else str(path))


def test_the_mapping_of_the_manual_makes_what_the_manual_says(tmp_path: Path) -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "schemas.md").read_text("utf-8")
    (yaml,), (made,) = (
        re.findall(rf"^```{kind}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE) for kind in ("yaml", "watch")
    )
    path = mapping(tmp_path, yaml, "")
    first = next(iter(documents(path, sample("debian12-6.1-open-denied.log"))))
    assert json.dumps(first, separators=(",", ":")) == made.strip()


def test_every_conversion_and_key_is_documented() -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "schemas.md").read_text("utf-8")
    for word in [*CONVERSIONS, *_RULE]:
        assert f"`{word}`" in text, word
