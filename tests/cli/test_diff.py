"""What must hold of `stitcher diff`: which events a change of a pipeline changes, field by field."""

import json
from pathlib import Path

import pytest
from recipes import STDOUT, pipeline
from shell import record, stitcher, whole

LINES = whole(1) + record("USER_LOGIN", 7, "pid=7 uid=0") + record("USER_LOGIN", 8, "pid=8 uid=0")
NO_SEVEN = 'filters:\n  - {name: no seven, drop: {field: serial, op: "=", value: 7}}\n'
ONLY_SEVEN = 'filters:\n  - {name: seven, keep: {field: serial, op: "=", value: 7}}\n'
SITE = "enrichments:\n  - {type: constant, target: site, value: plant 7}\n"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "audit.log"
    path.write_bytes(LINES)
    return path


def test_no_change_is_no_difference(tmp_path: Path, log: Path) -> None:
    run = stitcher("diff", "audit", pipeline(tmp_path, STDOUT.replace("out", "events", 1)), log, "--exit-code")
    assert (run.stdout, run.returncode) == (b"", 0)
    assert b"3 events before, 3 after; 0 changed, 0 only in audit, 0 only in " in run.stderr


def test_it_shows_changed_fields_and_events_that_only_one_side_has(tmp_path: Path, log: Path) -> None:
    old = pipeline(tmp_path, NO_SEVEN, STDOUT, name="old.yaml")
    new = pipeline(tmp_path, 'filters:\n  - {name: no eight, drop: {field: serial, op: "=", value: 8}}\n', SITE, STDOUT,
                   name="new.yaml")  # fmt: skip
    run = stitcher("diff", old, new, log)
    assert run.returncode == 0
    assert run.stdout.decode().splitlines() == [
        "changed: out: 1700000000.004:1",
        '  site: new: "plant 7"',
        "only new: out: 1700000000.004:7",
        "only old: out: 1700000000.004:8",
    ]
    assert run.stderr.decode().splitlines() == [
        f"stitcher: 2 events before, 2 after; 1 changed, 1 only in {old}, 1 only in {new}",
        f"stitcher: {old}: 1 dropped by 'no seven'",
        f"stitcher: {new}: 1 dropped by 'no eight'",
    ]


def test_a_value_that_changed_is_shown_as_it_was_and_is(tmp_path: Path, log: Path) -> None:
    old = pipeline(tmp_path, SITE, STDOUT, name="old.yaml")
    new = pipeline(tmp_path, SITE.replace("plant 7", 'say \\"x\\"').replace("value: ", 'value: "').replace("}", '"}'),
                   STDOUT, name="new.yaml")  # fmt: skip
    run = stitcher("diff", old, new, log)
    assert '  site: "plant 7" -> "say \\"x\\""' in run.stdout.decode().splitlines()


def test_json_is_one_line_a_difference(tmp_path: Path, log: Path) -> None:
    new = pipeline(tmp_path, ONLY_SEVEN, SITE, STDOUT.replace("out", "events", 1))
    run = stitcher("diff", "audit", new, log, "--json", "--exit-code")
    assert run.returncode == 1
    assert [json.loads(line) for line in run.stdout.splitlines()] == [
        {
            "destination": "events",
            "kind": "changed",
            "event": "1700000000.004:7",
            "changes": [{"field": "site", "before": None, "after": "plant 7"}],
        },
        {"destination": "events", "kind": "only old", "event": "1700000000.004:1", "changes": []},
        {"destination": "events", "kind": "only old", "event": "1700000000.004:8", "changes": []},
    ]


def test_an_event_keeps_its_name_in_another_schema(tmp_path: Path, log: Path) -> None:
    names = []
    for schema in ("audit", "ecs", "kuma", "ocsf", "laurel"):
        path = pipeline(tmp_path, f"destinations:\n  - {{name: out, to: stdout, schema: {schema}}}\n")
        other = pipeline(tmp_path, "destinations:\n  - {name: other, to: stdout}\n", name="other.yaml")
        run = stitcher("diff", other, path, log, "--json")
        names.append([one["event"] for one in map(json.loads, run.stdout.splitlines()) if one["kind"] == "only new"])
    assert names == [["1700000000.004:1", "1700000000.004:7", "1700000000.004:8"]] * 5


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        ("cef", "only old: out: CEF:0|Linux|auditd|"),
        ("csv", "only old: out: 2023-11-14T22:13:20.004Z,,1700000000.004:7,"),
        ("syslog", "only old: out: <"),
        ("text", "only old: out: 2023-11-14T22:13:20.004Z  1700000000.004:7  "),
    ],
)
def test_what_is_no_json_is_compared_whole(tmp_path: Path, log: Path, form: str, shown: str) -> None:
    where = f"destinations:\n  - {{name: out, to: stdout, format: {form}}}\n"
    old, new = pipeline(tmp_path, where, name="old.yaml"), pipeline(tmp_path, NO_SEVEN, where, name="new.yaml")
    run = stitcher("diff", old, new, log)
    (line,) = run.stdout.decode().splitlines()
    assert line.startswith(shown)
    assert "3 events before, 2 after; 0 changed, 1 only in " in run.stderr.decode()


def test_a_table_without_events_has_a_head_and_no_difference(tmp_path: Path) -> None:
    empty = tmp_path / "empty.log"
    empty.write_bytes(b"")
    path = pipeline(tmp_path, "destinations:\n  - {name: out, to: stdout, format: csv}\n")
    run = stitcher("diff", path, path, empty)
    assert (run.stdout, run.returncode) == (b"", 0)
    assert b"0 events before, 0 after" in run.stderr


def test_of_a_wrong_log_it_says_why_nothing_came_of_it(tmp_path: Path) -> None:
    log = tmp_path / "other.log"
    log.write_bytes(b"one\ntwo\n")
    run = stitcher("diff", "audit", "audit", log)
    assert run.stderr.decode().splitlines()[1] == "stitcher: both: 2 lines rejected (2 not_audit)"


def test_no_destination_is_opened(tmp_path: Path, log: Path) -> None:
    out = tmp_path / "out.jsonl"
    path = pipeline(tmp_path, f"destinations:\n  - {{name: out, to: 'file:{out}'}}\n")
    assert stitcher("diff", path, path, log).returncode == 0
    assert not out.exists()


def test_the_log_may_come_on_stdin(tmp_path: Path) -> None:
    run = stitcher("diff", "audit", pipeline(tmp_path, NO_SEVEN, STDOUT), "-", stdin=LINES)
    assert b"3 events before, 2 after" in run.stderr


@pytest.mark.parametrize(("log", "said"), [("/no/such.log", "no such file"), (".", "is a directory")])
def test_a_log_that_is_none_is_asked_wrongly(log: str, said: str) -> None:
    run = stitcher("diff", "audit", "audit", log)
    assert run.returncode == 2
    assert said in run.stderr.decode()


def test_a_faulty_pipeline_is_said_before_the_log_is_read(tmp_path: Path, log: Path) -> None:
    run = stitcher("diff", "audit", pipeline(tmp_path, "loop: nowhere\n"), log)
    assert (run.returncode, run.stdout) == (2, b"")
    assert b"own.yaml:6: loop: no loop 'nowhere'" in run.stderr


def test_a_strangers_bytes_do_not_reach_the_terminal(tmp_path: Path) -> None:
    log = tmp_path / "hostile.log"
    log.write_bytes(b'type=USER_LOGIN msg=audit(1700000000.004:7): acct="\x1b[2J\xff"\n')
    where = "destinations:\n  - {name: out, to: stdout, format: cef}\n"
    run = stitcher("diff", pipeline(tmp_path, where), pipeline(tmp_path, ONLY_SEVEN.replace("7}", "9}"), where,
                                                               name="new.yaml"), log)  # fmt: skip
    assert b"only old" in run.stdout
    assert run.stdout.decode().replace("\n", "").isprintable()
