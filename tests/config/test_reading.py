"""Files of configuration: what their model makes of them, and every fault that is in them, in words that help."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from stitcher.config import (
    Faults,
    FaultyConfigError,
    Model,
    Resource,
    _model,
    fault,
    faults,
    quote,
    read,
    read_all,
    read_into,
    unknown,
    validate,
)
from stitcher.config.condition import When
from stitcher.errors import ConfigError
from stitcher.yamlfile import load_with_lines


class Tcp(Model):
    type: Literal["tcp"]
    host: str
    port: int = Field(ge=1, le=65535)


class Disk(Model):
    type: Literal["file", "folder"]
    path: Path
    size: float = Field(default=1.0, gt=0)


@pytest.fixture(autouse=True)
def pipe() -> Iterator[type[Resource]]:
    """A kind of its own, known while a test runs."""

    class Pipe(Resource):
        kind: Literal["test-pipe"]
        destinations: tuple[Annotated[Tcp | Disk, Field(discriminator="type")], ...] = ()
        names: tuple[str, ...] = Field(default=(), max_length=2)
        late: Literal["amend", "drop"] = "drop"
        keep: bool = True
        labels: dict[str, str] = Field(default_factory=dict)
        when: When | None = None

    class Short(Resource):
        kind: Literal["test-short"]
        count: int | list[str] = 1

    yield Pipe
    del _model.KINDS["test-pipe"], _model.KINDS["test-short"]


FIELDS = "description, destinations, id, keep, kind, labels, late, names, when"
HEAD = "kind: test-pipe\nid: x\ndescription: d\n"


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "pipe.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def told(tmp_path: Path, text: str) -> list[str]:
    """The faults of a file, without its folder."""
    with pytest.raises(FaultyConfigError) as raised:
        read(written(tmp_path, text))
    lines = str(raised.value).splitlines()
    assert lines == [str(one) for one in raised.value.faults]
    return [line.removeprefix(f"{tmp_path}/") for line in lines]


def test_a_file_is_read_by_the_model_of_its_kind(tmp_path: Path, pipe: type[Resource]) -> None:
    text = (
        HEAD + "destinations:\n  - {type: tcp, host: h, port: 5}\n  - {type: folder, path: /tmp, size: 2}\nnames: [a]\n"
    )
    made: Any = read(written(tmp_path, text))
    assert type(made) is pipe
    assert made.destinations == (Tcp(type="tcp", host="h", port=5), Disk(type="folder", path=Path("/tmp"), size=2.0))
    assert made.names == ("a",)


def test_ten_faults_are_ten_lines_in_order(tmp_path: Path) -> None:
    text = (
        HEAD
        + """\
destinations:
  - {type: tcp, hots: h, port: 0}
  - type: tpc
  - type: file
    path: 5
names: x
late: drp
id: y
keep: "yes"
unknown: 1
"""
    )
    assert told(tmp_path, text) == [
        "pipe.yaml:5: destinations.0.host: the field is missing",
        "pipe.yaml:5: destinations.0.port: expected at least 1, found the number 0",
        "pipe.yaml:5: destinations.0.hots: no such field 'hots'; did you mean 'host'? known: host, port, type",
        "pipe.yaml:6: destinations.1.type: no destination type 'tpc'; did you mean 'tcp'? known: file, folder, tcp",
        "pipe.yaml:8: destinations.2.path: expected a path, found the number 5",
        "pipe.yaml:9: names: expected a list, found 'x'; write it as [value]",
        "pipe.yaml:10: late: no late 'drp'; did you mean 'drop'? known: amend, drop",
        "pipe.yaml:11: key 'id' was given before, in line 2; remove one",
        "pipe.yaml:12: keep: expected true or false, found 'yes'",
        "pipe.yaml:13: unknown: no such field 'unknown'; known: " + FIELDS,
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("names: [a, b, c]", "names: expected at most 2 entries, found 3"),
        ("names: [a, 5]", "names.1: expected text, found the number 5; put it in quotes"),
        ("names: [a, null]", "names.1: expected text, found nothing; put it in quotes"),
        ("names: {a: b}", "names: expected a list, found a mapping"),
        ("keep: 1", "keep: expected true or false, found the number 1"),
        ('keep: "true"', "keep: expected true or false, found 'true'; remove the quotes"),
        ("keep: [a]", "keep: expected true or false, found a list"),
        ("late: 5", "late: expected one of amend, drop, found the number 5"),
        ("labels: {a: 1}", "labels.a: expected text, found the number 1; put it in quotes"),
        ("labels: [a]", "labels: expected a mapping, found a list"),
        ("destinations: [x]", "destinations.0: expected a mapping, found 'x'"),
        ("destinations: [{path: x}]", "destinations.0.type: the field is missing"),
        ("destinations: [{type: tcp, host: h, port: 5.5}]", "port: expected a whole number, found the number 5.5"),
        (
            'destinations: [{type: tcp, host: h, port: "5"}]',
            "port: expected a whole number, found '5'; remove the quotes",
        ),
        ("destinations: [{type: tcp, host: h, port: true}]", "port: expected a whole number, found true"),
        ("destinations: [{type: tcp, host: h, port: 65536}]", "port: expected at most 65535, found the number 65536"),
        ("destinations: [{type: file, path: x, size: 0}]", "size: expected more than 0.0, found the number 0"),
        ("destinations: [{type: file, path: x, size: y}]", "size: expected a number, found 'y'"),
        ("destinations: [{type: [a], path: x}]", "destinations.0.type: no destination type"),
        ("when: x", "when: expected a mapping"),
        ("when: [x]", "when.0: expected a mapping, found 'x'"),
    ],
)
def test_a_fault_says_what_was_found_and_what_is_right(tmp_path: Path, text: str, expected: str) -> None:
    (line,) = told(tmp_path, HEAD + text + "\n")
    assert line.startswith("pipe.yaml:4: ")
    assert expected in line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("count: x", "count: expected a whole number or a list, found 'x'"),
        ("count: [5]", "count.0: expected text, found the number 5; put it in quotes"),
    ],
)
def test_what_no_member_of_a_union_takes_is_one_fault(tmp_path: Path, text: str, expected: str) -> None:
    (line,) = told(tmp_path, HEAD.replace("test-pipe", "test-short") + text)
    assert line == f"pipe.yaml:4: {expected}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- a", "expected a mapping that begins with 'kind:', found a list"),
        ("id: x", "kind: the field is missing; known: "),
        ("kind: 5", "kind: expected text, found the number 5; known: "),
        ("kind: test-pip", "kind: no kind 'test-pip'; did you mean 'test-pipe'?"),
        ("kind: test-pipe\nid: ''\ndescription: d", "id: expected at least 1 characters, found an empty text"),
    ],
)
def test_a_document_says_what_it_is(tmp_path: Path, text: str, expected: str) -> None:
    (line,) = told(tmp_path, text)
    assert expected in line


def test_a_fault_of_syntax_is_one_fault(tmp_path: Path) -> None:
    (line,) = told(tmp_path, HEAD + "names: [a\nlate: x\n")
    assert line.startswith("pipe.yaml:5: this is no YAML: ")


def test_a_file_may_hold_several_documents(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD + "---\n" + HEAD.replace("id: x", "id: y"))
    assert [one.id for one in read_all(path)] == ["x", "y"]
    with pytest.raises(FaultyConfigError, match=r"pipe\.yaml:5: expected one document"):
        read(path)


def test_what_code_finds_later_stands_with_the_rest(tmp_path: Path) -> None:
    found = Faults()
    path = written(tmp_path, HEAD + "names: [a, b]\n---\n" + HEAD + "late: drp\n")
    (one,) = read_into(path, found)
    found.add(one.document, ("names", 1), unknown("rule", "b", ["a", "B"]))
    with pytest.raises(ConfigError) as raised:
        found.end()
    assert [line.split("pipe.yaml:")[1] for line in str(raised.value).splitlines()] == [
        "4: names.1: no rule 'b'; did you mean 'B'? known: B, a",
        "9: late: no late 'drp'; did you mean 'drop'? known: amend, drop",
    ]


def test_a_validator_may_find_several_faults_further_down(tmp_path: Path) -> None:
    from pydantic import model_validator

    class Pair(Model):
        names: list[str]

        @model_validator(mode="after")
        def _different(self) -> "Pair":
            raise faults([(("names", 0), "first"), (("names", 1), "second")]) if self.names else fault("empty")

    path = written(tmp_path, "names:\n  - a\n  - b\n")
    found = Faults()
    assert validate(Pair, load_with_lines(path), found) is None
    assert [(one.line, one.where, one.message) for one in found.found] == [
        (2, "names.0", "first"),
        (3, "names.1", "second"),
    ]


def test_a_value_in_a_message_is_cut_and_shown_as_what_it_is(tmp_path: Path) -> None:
    assert quote("a\x1b[31m") == r"'a\x1b[31m'"
    assert quote("x" * 1000) == f"'{'x' * 59}…'"
    (line,) = told(tmp_path, HEAD + 'late: "\\e[2J' + "x" * 1000 + '"\n')
    assert "\x1b" not in line
    assert len(line) < 200
    (line,) = told(tmp_path, HEAD + '"\\e[2J' + "x" * 1000 + '": 1\n')
    assert "\x1b" not in line
    assert len(line) < 400


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.yaml: cannot read it"):
        read(tmp_path / "none.yaml")


def test_the_library_and_its_filter_do_not_import_pydantic() -> None:
    code = "import sys, stitcher, stitcher.cli.filter; assert 'pydantic' not in sys.modules, 'pydantic'"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
