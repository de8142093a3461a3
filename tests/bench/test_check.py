"""The benchmark's own check says "right" for what is right, and nothing else."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import orjson
import pytest

BENCH = Path(__file__).resolve().parent.parent.parent / "bench"

LOG = b"""type=SYSCALL msg=audit(1700000000.004:1): uid=1000 exe="/bin/ls"
type=EXECVE msg=audit(1700000000.004:1): argc=2 a0="ls"
type=EXECVE msg=audit(1700000000.004:1): a1="-l"
type=USER_LOGIN msg=audit(1700000000.005:2): pid=1 uid=0
type=PROCTITLE msg=audit(1700000000.004:1): proctitle="ls"
type=EOE msg=audit(1700000000.004:1):
type=USER_LOGIN msg=audit(1700000000.005:2): pid=1 uid=0
"""


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"bench_{name}", BENCH / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


check = load("check")


def events() -> list[dict[str, Any]]:
    """What a right collector makes of LOG."""
    records = [
        {"type": "SYSCALL", "fields": {"uid": "1000", "exe": "/bin/ls"}, "interpreted": {"uid": "alice"}},
        {"type": "EXECVE", "fields": {"argc": "2", "argv": ["ls", "-l"]}},
        {"type": "PROCTITLE", "fields": {"proctitle": "ls"}},
    ]
    login = [{"type": "USER_LOGIN", "fields": {"pid": "1", "uid": "0"}}]
    return [
        {"id": "1700000000.005:2", "count": 1, "records": login},
        {"id": "1700000000.004:1", "count": 4, "records": records, "who": "alice /bin/ls"},
    ]


def aggregated() -> list[dict[str, Any]]:
    lines = LOG.decode().splitlines()
    first = "\n".join((*lines[:3], lines[4]))
    return [
        {"ExternalID": "1700000000.005:2", "BaseEventCount": 1, "Message": lines[3]},
        {"ExternalID": "1700000000.004:1", "BaseEventCount": 4, "Message": first},
    ]


def verdict(tmp_path: Path, rows: list[dict[str, Any]], kind: str = "events") -> str:
    (tmp_path / "log").write_bytes(LOG)
    (tmp_path / "output").write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    answer: str = check.verdict(tmp_path / "log", tmp_path / "output", kind)
    return answer


@pytest.mark.parametrize(("rows", "kind"), [(events(), "events"), (events(), "rule"), (aggregated(), "aggregated")])
def test_a_right_output_is_right(tmp_path: Path, rows: list[dict[str, Any]], kind: str) -> None:
    assert verdict(tmp_path, rows, kind) == "right: 2 events, 5 records"


def test_a_lost_event_is_wrong(tmp_path: Path) -> None:
    assert verdict(tmp_path, events()[:1]).startswith("WRONG: 1 of 2 ids, 1 lost")


def test_an_event_that_came_twice_is_wrong(tmp_path: Path) -> None:
    assert "1 twice" in verdict(tmp_path, [*events(), events()[0]])


def test_a_lost_record_is_wrong(tmp_path: Path) -> None:
    rows = events()
    rows[1]["count"] = 3
    assert "1 with other records" in verdict(tmp_path, rows)


def test_a_record_that_is_counted_but_not_there_is_wrong(tmp_path: Path) -> None:
    rows = events()
    del rows[1]["records"][2]
    assert "4 of 5 records inside" in verdict(tmp_path, rows)


def test_an_event_of_another_log_is_wrong(tmp_path: Path) -> None:
    assert verdict(tmp_path, [*events(), events()[0] | {"id": "1.000:3"}]).startswith("WRONG: 3 of 2 ids")


def test_a_rule_that_answered_something_else_is_wrong(tmp_path: Path) -> None:
    rows = events()
    rows[1]["who"] = "1000 /bin/ls"
    assert verdict(tmp_path, rows, "rule").startswith("WRONG: ValueError")


@pytest.mark.parametrize("damage", [b"{", b"[]\n", b'{"id":1}\n'])
def test_an_output_that_cannot_be_read_is_wrong(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "log").write_bytes(LOG)
    (tmp_path / "output").write_bytes(damage)
    assert check.verdict(tmp_path / "log", tmp_path / "output").startswith("WRONG")


def test_the_benchmark_runs_and_finds_its_output_right() -> None:
    command = [
        sys.executable,
        str(BENCH / "run.py"),
        "--lines",
        "400",
        "--rounds",
        "1",
        "--kernel",
        "reference",
        "--samples",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("right: ") == 8
