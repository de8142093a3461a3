"""What must hold of `stitcher search`, and of the database that `--to sqlite` writes for it."""

import os
import pty
import re
import signal
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from shell import PATIENCE, command, ended, events, listening, record, send, started, stitcher, until, whole

LOG = (
    whole(1)
    + record("USER_LOGIN", 2, 'pid=9 uid=0 auid=1000 msg=\'op=login acct="mara" exe="/usr/sbin/sshd" res=failed\'')
    + b"node=web01 "
    + record("USER_LOGIN", 3, "pid=9 uid=0 auid=1000 msg='op=login res=success'", "1700000060.000")
)


@pytest.fixture
def db(tmp_path: Path) -> Path:
    path = tmp_path / "events.db"
    run = stitcher("filter", "--to", f"sqlite:{path}", stdin=LOG)
    assert (run.returncode, run.stdout, run.stderr) == (0, b"", b"")
    return path


@pytest.fixture
def found(db: Path) -> Callable[..., list[int]]:
    def serials(*args: str) -> list[int]:
        run = stitcher("search", "--db", db, "--output", "json", *args)
        assert run.returncode == (0 if run.stdout else 1)
        return [event["serial"] for event in events(run.stdout)]

    return serials


@pytest.mark.parametrize(
    ("args", "serials"),
    [
        ((), [1, 2, 3]),
        (("--newest",), [3, 2, 1]),
        (("--newest", "--limit", "1"), [3]),
        (("--start", "2023-11-14 22:14"), [3]),
        (("--since", "2023-11-14", "--until", "2023-11-14T22:14:20Z"), [1, 2]),
        (("--since", "1h"), []),
        (("--id", "1700000000.004:2"), [2]),
        (("--node", "web01"), [3]),
        (("--type", "user_login", "--type", "CWD"), [1, 2, 3]),
        (("--syscall", "execve"), [1]),
        (("--key", "exec"), [1]),
        (("--user", "1000"), [2, 3]),
        (("--exe", "sshd"), [2]),
        (("--pid", "9", "--success", "yes"), [3]),
        (("--success", "no"), [2]),
        (("MARA", "login"), [2]),
    ],
    ids=str,
)
def test_what_is_asked_for_is_found(found: Callable[..., list[int]], args: tuple[str, ...], serials: list[int]) -> None:
    assert found(*args) == serials


def test_json_is_what_the_filter_wrote(db: Path) -> None:
    assert stitcher("search", "--db", db, "--output", "json").stdout == stitcher("filter", stdin=LOG).stdout


def test_text_is_what_the_filter_writes_as_text(tmp_path: Path, db: Path) -> None:
    assert stitcher("search", "--db", db).stdout == stitcher("filter", "--format", "text", stdin=LOG).stdout
    raw = tmp_path / "raw.db"
    stitcher("filter", "--keep-raw", "--to", f"sqlite:{raw}", stdin=LOG)
    wanted = stitcher("filter", "--keep-raw", "--format", "text", stdin=LOG).stdout
    assert stitcher("search", "--db", raw, "--output", "text").stdout == wanted


def test_a_table_has_a_row_for_each_event(db: Path) -> None:
    rows = stitcher("search", "--db", db, "--output", "table").stdout.decode().splitlines()
    assert rows[0].split() == ["time", "node", "id", "what", "happened"]
    assert rows[3].split()[:3] == ["2023-11-14T22:14:20.000Z", "web01", "1700000060.000:3"]
    assert len(rows) == 4
    assert [row.rstrip() for row in rows] == rows


def test_a_table_on_a_terminal_folds_what_is_too_long(db: Path) -> None:
    ear, mouth = pty.openpty()
    run = subprocess.run(
        command("search", "--db", db, "--output", "table"), stdout=mouth, env=os.environ | {"COLUMNS": "80"}, check=True
    )
    os.close(mouth)
    assert run.returncode == 0
    shown = re.sub(r"\x1b\[[0-9;]*m", "", os.read(ear, 10_000).decode())
    os.close(ear)
    assert "1700000060.000:3" in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_count_says_how_many(db: Path) -> None:
    run = stitcher("search", "--db", db, "--count", "--type", "USER_LOGIN")
    assert (run.returncode, run.stdout) == (0, b"2\n")
    run = stitcher("search", "--db", db, "--count", "nothing like it")
    assert (run.returncode, run.stdout) == (1, b"0\n")


def test_nothing_found_says_what_there_is(db: Path) -> None:
    run = stitcher("search", "--db", db, "--since", "1h")
    assert (run.returncode, run.stdout) == (1, b"")
    said = "no such event; its 3 events are from 2023-11-14 22:13:20 to 2023-11-14 22:14:20 UTC"
    assert said in run.stderr.decode()


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--since", "soon"), "'soon' is no time; write 1h or 2d for that long ago"),
        (("--start", "1h", "--end", "2h"), "--end is not behind --start"),
        (("--id", "x"), "'x' is no id; write SECONDS.MMM:SERIAL"),
        (("--success", "maybe"), "maybe"),
        (("--limit", "0"), "0"),
        (("--db", "/nowhere/at/all.db"), "/nowhere/at/all.db: no such database; write one with --to sqlite:PATH"),
    ],
)
def test_what_was_asked_wrongly_is_said_and_ends_with_two(args: tuple[str, ...], words: str) -> None:
    run = stitcher("search", *args)
    assert run.returncode == 2
    assert words in run.stderr.decode()


def test_what_is_no_database_ends_with_one(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("some text " * 100)
    run = stitcher("search", "--db", tmp_path / "text")
    assert run.returncode == 1
    assert b"file is not a database; check that it is a database of stitcher" in run.stderr


def test_the_default_database_is_the_same_for_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a new folder" / "events.db"
    monkeypatch.setenv("STITCHER_DB", str(path))
    assert stitcher("filter", "--to", "sqlite", stdin=LOG).returncode == 0
    assert path.parent.stat().st_mode & 0o777 == 0o750
    assert stitcher("search", "--count").stdout == b"3\n"


def test_what_is_no_utf_8_is_found(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    stitcher("filter", "--to", f"sqlite:{path}", stdin=record("CWD", 1, "cwd=2F636166E9"))
    run = subprocess.run(
        [*map(os.fsencode, command("search", "--db", path, "--count")), b"/caf\xe9"], capture_output=True, check=False
    )
    assert run.stdout == b"1\n"


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("filter", "--to", "sqlite:x", "--format", "text"), "--to sqlite:x stores events in their own words"),
        (("filter", "--to", "sqlite:x", "--schema", "ecs"), "leave --schema and --format out"),
        (("replay", "samples/debian12-6.1-exec.log", "--to", "sqlite:x"), "make them with stitcher filter"),
        (("filter", "--to", "sqlite:"), "the path is missing; write sqlite:PATH"),
        (("filter", "--to", "sqlite:x?y=1"), "sqlite has no option 'y'; it takes none"),
    ],
)
def test_what_cannot_be_stored_is_said(args: tuple[str, ...], words: str) -> None:
    run = stitcher(*args)
    assert run.returncode == 2
    assert words in run.stderr.decode()


def test_reading_again_is_said_and_stores_nothing_twice(db: Path) -> None:
    run = stitcher("filter", "--to", f"sqlite:{db}", stdin=LOG)
    assert run.stderr.decode() == f"stitcher: sqlite:{db}: 3 events were stored already and left as it was\n"
    assert stitcher("search", "--db", db, "--count").stdout == b"3\n"


def test_events_can_be_searched_while_they_come(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    with started("listen", "--tcp", "127.0.0.1:0", "--to", f"sqlite:{path}") as process:
        with send(listening(process), whole(1)):
            until(lambda: stitcher("search", "--db", path, "--count").stdout == b"1\n")
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGTERM)
        assert ended(process) == ([], "", 0)
    assert stitcher("search", "--db", path, "--count").stdout == b"1\n"


def test_a_writer_that_waits_too_long_says_so(db: Path) -> None:
    with sqlite3.connect(db, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        run = subprocess.run(
            command("filter", "--to", f"sqlite:{db}"),
            input=whole(7),
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        other.execute("ROLLBACK")
    other.close()
    assert run.returncode == 1
    assert b"another process writes there; let each have a database of its own" in run.stderr
