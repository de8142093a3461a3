"""What must hold of `stitcher check`: every fault in one go, each where it stands."""

from pathlib import Path

import pytest
from recipes import pipeline
from shell import stitcher

FAULTY = """\
kind: pipeline
id: faulty
description: Every line that ends in a mark has a fault
conectors:  #! did you mean 'connectors'
  - from: stdin
normalizer: audti  #! did you mean 'audit'
aggregation: [audit, adit]  #! no aggregation rule 'adit'
filters:
  - name: both  #! either 'keep' or 'drop'
    keep: {field: Type, op: "=", value: 1}
    drop: {field: Type, op: "=", value: 2}
  - name: an operator
    drop: {field: Type, op: equals, value: 1}  #! no operator 'equals'
  - name: a field
    drop: {field: records.SYSCALL.feilds.uid, op: exists}  #! no field 'records.SYSCALL.feilds
  - name: a pattern
    drop: {field: records.SYSCALL.fields.exe, op: match, value: "(cat"}  #! ( without its )
enrichments:
  - {type: constnt, target: site, value: plant 7}  #! 'constnt'
keep_raw: "yes"  #! expected true or false
loop: memroy  #! did you mean 'memory'
destinations:
  - name: one
    to: tpc://127.0.0.1:5140  #! did you mean 'tcp'
  - name: one  #! 'one' is the name of another one too
    to: stdout
"""
LISTENS = "connectors:\n  - from: tcp://127.0.0.1:6514\n"


def marked(text: str) -> tuple[str, dict[int, str]]:
    """The text without its marks, and what is wrong by line."""
    lines = [line.partition("#!") for line in text.splitlines()]
    wrong = {at: what.strip() for at, (_, mark, what) in enumerate(lines, 1) if mark}
    return "".join(line.rstrip() + "\n" for line, _, _ in lines), wrong


def test_every_fault_is_said_in_one_run_with_its_line(tmp_path: Path) -> None:
    text, wrong = marked(FAULTY)
    path = tmp_path / "faulty.yaml"
    path.write_text(text, encoding="utf-8")
    run = stitcher("check", path)
    assert run.returncode == 2
    said = run.stdout.decode().splitlines()
    assert [line.split(": ")[0] for line in said] == [f"{path}:{line}" for line in wrong], "\n".join(said)
    for line, what in zip(said, wrong.values(), strict=True):
        assert what in line
    assert f"stitcher: {len(wrong)} faults in 1 file; 1 pipeline" in run.stderr.decode()
    assert len(wrong) >= 10


def test_run_says_the_same_faults_and_does_not_run(tmp_path: Path) -> None:
    text, _ = marked(FAULTY)
    path = tmp_path / "faulty.yaml"
    path.write_text(text, encoding="utf-8")
    run = stitcher("run", path)
    assert (run.returncode, run.stdout) == (2, b"")
    assert run.stderr.decode().removeprefix("stitcher: ") == stitcher("check", path).stdout.decode()


@pytest.mark.parametrize(
    ("text", "line", "fault"),
    [
        (
            f"{LISTENS}loop: none\ndestinations:\n  - {{name: loop, to: 'tcp://127.0.0.1:6515', loop: true}}\n",
            10,
            "destinations.0.loop: tcp://127.0.0.1:6515 is no tcp connector of this pipeline",
        ),
        (
            f"{LISTENS}destinations:\n  - {{name: to, to: 'tcp://127.0.0.1:6514'}}\n",
            9,
            "destinations.0.to: tcp://127.0.0.1:6514 is a connector of this pipeline: say 'loop: true'",
        ),
        (
            f"{LISTENS}destinations:\n  - {{name: loop, to: 'tcp://127.0.0.1:6514', loop: true}}\n",
            9,
            "destinations.0.loop: events go round in memory already",
        ),
        ("connectors:\n  - from: stdin\n  - from: tcp://:6514\n", 6, "connectors that listen and such as end"),
        ("connectors:\n  - from: ucp://:6514\n", 7, "connectors.0.from: no connector kind 'ucp'; did you mean"),
        ("connectors: []\n", 6, "connectors: the list is empty"),
        ("filters: 5\n", 6, "filters: expected a list, found the number 5"),
        ("enrichments:\n  - {type: constant, target: id}\n", 7, "'id' is what a decoded event has of its own"),
        ("destinations:\n  - {name: db, to: sqlite, format: cef}\n", 7, "stores events in their own words as JSON"),
        ("loop: none\ndestinations:\n  - {name: a, to: stdout, schema: ecs}\n", 8, "none are decoded here"),
    ],
)  # fmt: skip
def test_a_fault_says_what_is_right(tmp_path: Path, text: str, line: int, fault: str) -> None:
    path = pipeline(tmp_path, text)
    run = stitcher("check", path)
    assert run.returncode == 2
    assert f"{path}:{line}: " in run.stdout.decode()
    assert fault in run.stdout.decode()
    assert "1 fault in 1 file" in run.stderr.decode()


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("to: stdout, schema: ecs", "schema 'ecs' is made of decoded events of audit"),
        ("to: stdout, format: csv", "format 'csv' has the columns of a mapping, and flat events have any"),
    ],
)
def test_what_needs_decoded_events_is_refused_to_flat_ones(tmp_path: Path, words: str, fault: str) -> None:
    head = "kind: pipeline\nid: mail\ndescription: Mails\nnormalizer: postfix\naggregation: [postfix]\n"
    path = pipeline(tmp_path, f"destinations:\n  - {{name: one, {words}}}\n", head=head)
    run = stitcher("check", path)
    assert run.returncode == 2
    assert f"{path}:7: destinations.0." in run.stdout.decode()
    assert fault in run.stdout.decode()


def test_what_was_shipped_is_clean_and_its_examples_run() -> None:
    run = stitcher("check")
    assert (run.returncode, run.stdout) == (0, b"")
    assert b"no fault in " in run.stderr
    assert b" pipelines, " in run.stderr


@pytest.mark.parametrize(
    ("content", "line", "fault"),
    [
        (b"", 1, "the file is empty"),
        (b"- a\n", 1, "expected a mapping that begins with 'kind:', found a list; known: aggregation, normalizer"),
        (b"just words\n", 1, "expected a mapping that begins with 'kind:', found 'just words'"),
        (b"a: 1\n", 1, "kind: the field is missing; known: aggregation, normalizer, pipeline"),
        (b"kind: pipelin\n", 1, "kind: no kind 'pipelin'; did you mean 'pipeline'?"),
        (b"kind: pipeline\n  id: x\n", 2, "this is no YAML"),
        (b"kind: pipeline\nid: x\nid: y\n", 3, "key 'id' was given before, in line 2; remove one"),
    ],
)
def test_a_file_that_is_no_pipeline_says_what_it_is(tmp_path: Path, content: bytes, line: int, fault: str) -> None:
    path = tmp_path / "own.yaml"
    path.write_bytes(content)
    for command in ("check", "run"):
        run = stitcher(command, path)
        assert run.returncode == 2
        assert f"{path}:{line}: " in (run.stdout + run.stderr).decode()
        assert fault in (run.stdout + run.stderr).decode()


def test_a_folder_is_all_of_its_files_and_one_that_cannot_be_read_hides_no_other(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xff\xfe")
    (tmp_path / "inner").mkdir()
    pipeline(tmp_path / "inner", "loop: nowhere\n", name="b.yml")
    pipeline(tmp_path, name="c.yaml")
    run = stitcher("check", tmp_path)
    assert run.returncode == 2
    first, second = run.stdout.decode().splitlines()
    assert first.startswith(f"{tmp_path}/a.yaml: cannot read it")
    assert second.startswith(f"{tmp_path}/inner/b.yml:6: loop: no loop 'nowhere'")
    assert b"2 faults in 3 files; 2 pipelines" in run.stderr


@pytest.mark.parametrize(("name", "said"), [("", "no file of YAML in this folder"), ("no.yaml", "no such file")])
def test_a_path_without_yaml_is_asked_wrongly(tmp_path: Path, name: str, said: str) -> None:
    run = stitcher("check", tmp_path / name)
    assert run.returncode == 2
    assert said in run.stderr.decode()


def test_an_example_that_does_not_hold_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(
        "kind: normalizer\nid: own\ndescription: A test\nparse: json\nmap: {Name: name}\n"
        'examples:\n  - line: \'{"name": "a"}\'\n    expected: {Name: b}\n',
        encoding="utf-8",
    )
    run = stitcher("check", path)
    assert run.returncode == 2
    assert f"{path}:8: examples.0.expected.Name: expected 'b', found 'a'" in run.stdout.decode()
