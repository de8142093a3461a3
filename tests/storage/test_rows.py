"""What must hold of the columns of an event."""

import json
from typing import Any

import pytest
from stored import CWD, PROCTITLE, SYSCALL, events_of, made, record

from stitcher.storage import schema
from stitcher.storage.rows import contents_of, read


def row(lines: bytes) -> dict[str, Any]:
    batch = read(lines, 1)
    assert len(batch.rows) == 1
    return dict(zip(schema.NAMES, batch.rows[0], strict=True))


def test_a_column_for_each_name_and_a_name_for_each_column() -> None:
    assert len(set(schema.NAMES)) == len(read(made(SYSCALL), 1).rows[0])


def test_the_columns_of_a_system_call() -> None:
    (line,) = [line for line in events_of("debian12-6.1-exec.log").splitlines(keepends=True) if b":48211" in line]
    found = row(line)
    assert found == found | {
        "seq": 1, "time": 1751360412007, "serial": 48211, "node": "", "part": 0, "id": "1751360412.007:48211",
        "type": "SYSCALL", "syscall": "execve", "syscall_number": "59", "keys": "exec", "exe": "/usr/bin/tar",
        "comm": "tar", "auid_name": "mara", "success": 1, "complete": True, "closed_by": "proctitle", "late": False,
    }  # fmt: skip
    assert found["types"].split() == ["SYSCALL", "EXECVE", "CWD", "PATH", "PROCTITLE"]


def test_the_columns_of_a_record_of_user_space() -> None:
    body = 'pid=811 uid=0 auid=1000 ses=1 msg=\'op=login acct="alice" exe="/usr/sbin/sshd" uid=7 res=failed\''
    found = row(made(b"node=web01 " + record("USER_LOGIN", 7, body)))
    assert found == found | {
        "node": "web01", "type": "USER_LOGIN", "types": "USER_LOGIN", "syscall": None, "pid": "811", "uid": "0",
        "exe": "/usr/sbin/sshd", "success": 0, "keys": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("body", "success"),
    [("success=yes", 1), ("success=no", 0), ("res=1", 1), ("res=failed", 0), ("res=?", None), ("pid=1", None)],
)
def test_how_it_went(body: str, success: int | None) -> None:
    assert row(made(record("USER_LOGIN", 1, body)))["success"] == success


def test_the_system_call_speaks_wherever_it_stands() -> None:
    found = row(made(record("AVC", 1, 'avc:  denied  { read } for  pid=99 comm="other"') + SYSCALL + PROCTITLE))
    assert (found["type"], found["pid"], found["exe"]) == ("AVC", "7", "/bin/ls")


def test_several_keys_and_those_of_other_records() -> None:
    two = SYSCALL.replace(b'key="a"', b"key=6101622063")
    found = row(made(record("CONFIG_CHANGE", 1, 'op=add_rule key="rule"') + two))
    assert found["keys"] == "rule\na\nb c"


@pytest.mark.parametrize(
    "body", ["exe=1 exe=2", "exe=", "auid=1 auid=2 auid=3", "syscall=1 syscall=2", "msg='pid=1' pid=2"]
)
def test_fields_that_repeat_or_are_empty_are_columns_all_the_same(body: str) -> None:
    found = row(made(record("SYSCALL", 1, body)))
    assert all(value is None or isinstance(value, str | int) for value in found.values())


def test_the_peer_is_the_source() -> None:
    from stitcher.pipeline import Stitcher

    stitcher = Stitcher()
    line = stitcher.feed(SYSCALL + PROCTITLE, 0.0, stitcher.source(b"10.0.0.7")) + stitcher.close()
    assert row(line)["source"] == json.loads(line)["envelope"]["peer"] == "10.0.0.7"


def test_every_sample_has_rows() -> None:
    from corridor import sample_names

    for name in sample_names():
        lines = events_of(name)
        assert len(read(lines, 1).rows) == lines.count(b"\n")


def test_what_an_event_holds() -> None:
    whole, cut = (contents_of(made(lines).decode()) for lines in (SYSCALL + CWD + PROCTITLE, SYSCALL + CWD))
    assert whole.holds(cut)
    assert not cut.holds(whole)
    assert whole.holds(whole)
