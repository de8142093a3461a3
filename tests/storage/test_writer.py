"""What must hold of a database that is written: nothing is lost, nothing twice, and no reader is waited for."""

import json
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from stored import CWD, PATH, PROCTITLE, SAMPLES, SYSCALL, changed, events_of, lines, made, record, rows, store, writer

from stitcher.errors import DestinationError
from stitcher.pipeline import Stitcher
from stitcher.storage import schema

EVENTS = events_of("debian12-6.1-interleaved.log", "rhel9-5.14-lossy.log", "debian12-6.1-not-utf8.log")
WHOLE = made(SYSCALL + CWD + PATH + PROCTITLE)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.db"


def test_lines_come_back_as_they_were(path: Path) -> None:
    store(path, EVENTS)
    assert lines(path) == EVENTS.splitlines()


def test_every_sample_is_stored_and_again_changes_nothing(path: Path) -> None:
    names = sorted(log.name for log in SAMPLES.glob("*.log*"))
    every = events_of(*names)
    store(path, every)
    before = lines(path)
    assert {json.loads(line)["id"] for line in every.splitlines()} == {json.loads(line)["id"] for line in before}
    again = store(path, every)
    assert lines(path) == before
    assert (again.replaced, again.repeats) == (0, every.count(b"\n"))


def test_a_repeat_is_left_out_in_one_batch_too(path: Path) -> None:
    assert store(path, WHOLE + EVENTS + WHOLE, WHOLE).repeats == 2
    assert lines(path) == (WHOLE + EVENTS).splitlines()


def test_an_event_that_was_cut_is_completed(path: Path) -> None:
    cut = made(SYSCALL + CWD)
    assert store(path, cut, WHOLE).replaced == 1
    assert rows(path, "part, complete, json") == [(0, 1, WHOLE.decode().rstrip("\n"))]


def test_an_event_that_was_cut_comes_after_the_whole_one_and_is_left_out(path: Path) -> None:
    assert store(path, WHOLE, made(SYSCALL + CWD)).repeats == 1
    assert lines(path) == WHOLE.splitlines()


def test_late_records_are_stored_beside_their_event_however_often_they_come(path: Path) -> None:
    stitcher = Stitcher()
    live = stitcher.feed(SYSCALL + CWD + PROCTITLE + record("EOE", 1, "") + PATH) + stitcher.close()
    assert live.count(b"\n") == 2
    store(path, live)
    store(path, live)
    assert lines(path) == live.splitlines()
    assert rows(path, "part, late, types") == [(0, 0, "SYSCALL CWD PROCTITLE"), (1, 1, "PATH")]
    # read again from the file, where they stand together: one event that holds both
    store(path, WHOLE)
    assert lines(path) == WHOLE.splitlines()
    assert store(path, live).repeats == 2


def test_two_hosts_without_a_name_and_with_one_id_are_two_rows(path: Path) -> None:
    other = made(record("SYSCALL", 1, "arch=c000003e syscall=2 success=no pid=9") + PROCTITLE)
    store(path, WHOLE, other, other)
    assert rows(path, "part, syscall") == [(0, "execve"), (1, "open")]


def test_two_nodes_with_one_id_are_two_rows(path: Path) -> None:
    log = b"".join(b"node=%s %s" % (node, line) for line in WHOLE_LINES for node in (b"a", b"b"))
    store(path, made(log))
    assert rows(path, "node, part") == [("a", 0), ("b", 0)]


WHOLE_LINES = (SYSCALL + CWD + PATH + PROCTITLE).splitlines(keepends=True)


def test_what_was_added_to_an_event_is_not_replaced_by_an_event_without_it(path: Path) -> None:
    raw = made(SYSCALL + PROCTITLE, keep_raw=True)
    assert store(path, raw, made(SYSCALL + PROCTITLE)).repeats == 1
    assert lines(path) == raw.splitlines()
    summarized = made(SYSCALL + PROCTITLE, keep_raw=True, summarize=True)
    assert store(path, summarized).replaced == 1
    assert lines(path) == summarized.splitlines()


def test_a_newer_meaning_takes_the_place_of_an_older_one(path: Path) -> None:
    event = json.loads(WHOLE)
    event["records"][0]["interpreted"] = {"syscall": "older"}
    store(path, changed(WHOLE, records=event["records"]), WHOLE)
    assert lines(path) == WHOLE.splitlines()


def test_what_both_hold_alone_stays_twice(path: Path) -> None:
    one, other = made(SYSCALL + CWD + PROCTITLE), made(SYSCALL + PATH + PROCTITLE)
    store(path, one, other, one, other)
    assert lines(path) == (one + other).splitlines()
    store(path, WHOLE)
    assert lines(path) == WHOLE.splitlines()


@pytest.mark.parametrize("bad", [b'{"id":"1.004:1"}\n', b"[]\n", b"text\n", b"\xff\n", b'["Type"]\n', b"{}\n"])
def test_what_is_no_event_is_refused_with_all_of_its_batch(path: Path, bad: bytes) -> None:
    opened = writer(path)
    with pytest.raises(DestinationError, match=r"cannot store: .*; a database takes events as --format json") as error:
        opened.add(WHOLE + bad)
    assert error.value.unwritten == 2
    opened.add(WHOLE)
    opened.close()
    assert lines(path) == WHOLE.splitlines()


def test_the_file_is_for_its_owner_and_group(path: Path) -> None:
    opened = writer(path)
    opened.add(WHOLE)
    for name in (path, Path(f"{path}-wal")):
        assert stat.S_IMODE(name.stat().st_mode) == 0o640
    opened.close()


def test_a_database_of_a_newer_stitcher_is_left_alone(path: Path) -> None:
    store(path, WHOLE)
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    with pytest.raises(DestinationError, match="newer stitcher: schema 2, and this one knows 1; use that stitcher"):
        writer(path)


def test_somebody_else_s_database_is_left_alone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE notes (text)")
    before = path.read_bytes()
    with pytest.raises(DestinationError, match="something else than stitcher; choose another path"):
        writer(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["text", "folder", "missing/events.db"])
def test_what_is_no_database_is_said(tmp_path: Path, name: str) -> None:
    (tmp_path / "text").write_text("no database at all, but long enough to be taken for one" * 20)
    (tmp_path / "folder").mkdir()
    with pytest.raises(DestinationError, match=r"cannot open: .*; choose a path in a folder"):
        writer(tmp_path / name)


def test_a_name_that_means_something_to_sqlite_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    store(Path(":memory:"), WHOLE)
    assert lines(tmp_path / ":memory:") == WHOLE.splitlines()


def test_a_reader_in_the_middle_holds_up_no_writer_and_sees_what_was_when_it_began(path: Path) -> None:
    opened = writer(path)
    opened.add(WHOLE)
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM events").fetchone() == (1,)
        started = time.monotonic()
        opened.add(EVENTS)
        assert time.monotonic() - started < 2
        assert reader.execute("SELECT count(*) FROM events").fetchone() == (1,)
        reader.execute("COMMIT")
        assert reader.execute("SELECT count(*) FROM events").fetchone() == (1 + EVENTS.count(b"\n"),)
    opened.close()


def test_two_writers_take_turns(path: Path) -> None:
    one, other = writer(path), writer(path)
    for number in range(20):
        (one if number % 2 else other).add(made(record("USER_LOGIN", number, "pid=1")))
    one.close()
    other.close()
    assert len(lines(path)) == 20


def test_after_a_kill_the_database_is_whole_and_reading_again_completes_it(path: Path, tmp_path: Path) -> None:
    """Kills at different moments, each in the middle of writing; what follows is the rest, and nothing twice."""
    log = tmp_path / "audit.log"
    log.write_bytes(b"".join(line.replace(b":1)", b":%d)" % n) for n in range(1, 20_001) for line in WHOLE_LINES))
    command = [sys.executable, "-m", "stitcher", "filter", str(log), "--to", f"sqlite:{path}"]
    for size in (200_000, 2_000_000, 6_000_000):
        with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
            grown = [path, Path(f"{path}-wal")]
            while sum(file.stat().st_size for file in grown if file.exists()) < size and process.poll() is None:
                time.sleep(0.001)
            process.send_signal(signal.SIGKILL)
        assert process.returncode == -signal.SIGKILL
        with closing(sqlite3.connect(path)) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert database.execute("SELECT count(*) FROM events LEFT JOIN lines USING (seq) WHERE json IS NULL"
                                    " UNION ALL SELECT count(*) FROM lines WHERE seq NOT IN (SELECT seq FROM events)"
                                    ).fetchall() == [(0,), (0,)]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert lines(path) == made(log.read_bytes()).splitlines()
