"""What must hold of `stitcher filter`."""

import bz2
import gzip
import json
import lzma
import os
import pty
import signal
import socket
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from shell import PATIENCE, command, ended, events, next_event, record, started, stitcher, until, whole

USER_LOGIN = record("USER_LOGIN", 7, "pid=1 uid=0 msg='op=login res=success'")


def test_files_make_events_on_stdout(tmp_path: Path) -> None:
    log = tmp_path / "audit.log"
    log.write_bytes(whole(1) + USER_LOGIN)
    run = stitcher("filter", log)
    assert (run.returncode, run.stderr) == (0, b"")
    assert [event["id"] for event in events(run.stdout)] == ["1700000000.004:1", "1700000000.004:7"]


@pytest.mark.parametrize("args", [(), ("-",)], ids=["without a name", "as a dash"])
def test_stdin_is_the_default(args: tuple[str, ...]) -> None:
    assert [event["count"] for event in events(stitcher("filter", *args, stdin=whole(1)).stdout)] == [3]


def test_a_redirected_file_is_read_like_a_named_one(tmp_path: Path) -> None:
    log = tmp_path / "audit.log"
    log.write_bytes(whole(1) + record("SYSCALL", 2))
    with log.open("rb") as given:
        run = subprocess.run(command("filter"), stdin=given, capture_output=True, timeout=PATIENCE, check=True)
    assert run.stdout == stitcher("filter", log).stdout


@pytest.mark.parametrize(
    "pack",
    [gzip.compress, bz2.compress, lzma.compress, zstandard.compress],
    ids=["gz", "bz2", "xz", "zst"],
)
def test_compressed_input_is_told_by_its_bytes(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    data = whole(1) + whole(2)
    log = tmp_path / "no-suffix"
    log.write_bytes(pack(data[:200]) + pack(data[200:]))
    assert len(events(stitcher("filter", log).stdout)) == 2
    assert len(events(stitcher("filter", stdin=log.read_bytes()).stdout)) == 2


def test_an_event_that_rotation_cut_comes_out_whole(tmp_path: Path) -> None:
    lines = whole(1).splitlines(keepends=True)
    old, new = tmp_path / "audit.log.1", tmp_path / "audit.log"
    old.write_bytes(b"".join(lines[:2]).rstrip(b"\n"))
    new.write_bytes(lines[2])
    (event,) = events(stitcher("filter", old, new).stdout)
    assert (event["complete"], event["count"]) == (True, 3)


def test_a_wrong_order_is_noticed_and_the_right_one_named(tmp_path: Path) -> None:
    new, old, older = (tmp_path / name for name in ("audit.log", "audit.log.1", "audit.log.2.gz"))
    new.write_bytes(whole(3, "1700000300.000"))
    old.write_bytes(whole(2, "1700000200.000"))
    older.write_bytes(gzip.compress(whole(1, "1700000100.000")))
    run = stitcher("filter", new, old, older)
    assert run.returncode == 0
    assert len(events(run.stdout)) == 3
    assert f"oldest first is: {older} {old} {new}" in run.stderr.decode()
    assert stitcher("filter", older, old, new).stderr == b""


def test_a_broken_archive_gives_what_was_readable_and_the_other_files(tmp_path: Path) -> None:
    cut, good = tmp_path / "cut.gz", tmp_path / "good"
    cut.write_bytes(gzip.compress(b"".join(whole(serial) for serial in range(1, 400)))[:-20])
    good.write_bytes(whole(1000))
    run = stitcher("filter", cut, good)
    serials = [event["serial"] for event in events(run.stdout)]
    assert serials[:300] == list(range(1, 301))
    assert 1000 in serials
    assert run.returncode == 1
    assert f"{cut}: broken gzip archive" in run.stderr.decode()


def test_an_event_is_shown_before_the_pipe_ends() -> None:
    with started("filter") as process:
        assert process.stdin
        process.stdin.write(whole(1))
        assert next_event(process)["closed_by"] == "proctitle"


def test_an_event_without_an_end_is_shown_after_the_timeout() -> None:
    with started("filter", "--timeout", "0.3") as process:
        assert process.stdin
        process.stdin.write(record("SYSCALL", 1))
        assert next_event(process)["closed_by"] == "timeout"


def test_a_named_pipe_is_live_input(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with started("filter", pipe) as process, pipe.open("wb", buffering=0) as writer:
        writer.write(whole(1))
        assert next_event(process)["complete"]


def test_being_held_up_by_the_reader_expires_nothing() -> None:
    """The group in the middle waits in the pipe longer than the timeout, because nobody reads the events."""
    first, last = record("SYSCALL", 9_999_999), record("PROCTITLE", 9_999_999)
    filling = b"".join(whole(serial) for serial in range(1, 4000))
    with started("filter", "--timeout", "0.5") as process:
        assert process.stdin
        writer = threading.Thread(target=_write_all, args=(process.stdin, first + filling + last))
        writer.start()
        writer.join(1.5)
        found, err, code = ended_after(process, writer)
    assert (err, code, len(found)) == ("", 0, 4000)
    assert [event["closed_by"] for event in found if event["serial"] == 9_999_999] == ["proctitle"]


def _write_all(stdin: object, data: bytes) -> None:
    assert hasattr(stdin, "write")
    view = memoryview(data)
    while view:
        view = view[stdin.write(view) :]
    stdin.close()  # type: ignore[attr-defined]


def ended_after(process: subprocess.Popen[bytes], writer: threading.Thread) -> tuple[list[dict[str, object]], str, int]:
    assert process.stdout
    assert process.stderr
    out = process.stdout.read()
    writer.join()
    return events(out), process.stderr.read().decode(), process.wait(PATIENCE)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)], ids=["SIGTERM", "SIGINT"])
def test_a_signal_writes_what_is_held(number: signal.Signals, code: int) -> None:
    with started("filter", "--summary") as process:
        assert process.stdin
        process.stdin.write(whole(1) + record("SYSCALL", 2))
        assert next_event(process)["serial"] == 1
        process.send_signal(number)
        found, err, ended_with = ended(process)
    assert [(event["serial"], event["closed_by"]) for event in found] == [(2, "end")]
    assert ended_with == code
    assert "4 lines, 2 events; 1 complete, 1 partial" in err


def test_a_hangup_is_nothing_to_a_plugin() -> None:
    with started("filter") as process:
        assert process.stdin
        process.stdin.write(whole(1) + record("SYSCALL", 2))
        assert next_event(process)["serial"] == 1
        process.send_signal(signal.SIGHUP)
        process.stdin.write(record("PROCTITLE", 2))
        assert next_event(process)["closed_by"] == "proctitle"
        _, _, code = ended(process)
    assert code == 0


def test_a_second_signal_kills_one_that_is_stuck() -> None:
    with started("filter") as process:
        assert process.stdin
        assert process.stdout
        writer = threading.Thread(target=_feed_for_ever, args=(process.stdin,), daemon=True)
        writer.start()
        process.stdout.read(1)
        # nobody reads on: it is stuck in writing
        until(lambda: _sleeps(process.pid))
        process.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == -signal.SIGTERM


def _feed_for_ever(stdin: object) -> None:
    assert hasattr(stdin, "write")
    try:
        for serial in range(1, 1_000_000):
            stdin.write(whole(serial))
    except OSError:
        return


def _sleeps(pid: int) -> bool:
    return "pipe_w" in Path(f"/proc/{pid}/wchan").read_text() or Path(f"/proc/{pid}/stat").read_text().split()[2] == "S"


def test_a_reader_that_goes_away_ends_it_quietly(tmp_path: Path) -> None:
    log = tmp_path / "audit.log"
    log.write_bytes(b"".join(whole(serial) for serial in range(1, 4000)))
    with started("filter", log) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.wait(PATIENCE) == -signal.SIGPIPE
        assert process.stderr.read() == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_says_how_many_events_were_not_written(tmp_path: Path) -> None:
    log = tmp_path / "audit.log"
    log.write_bytes(whole(1) + whole(2) + record("SYSCALL", 3))
    run = stitcher("filter", log, "--to", "file:/dev/full")
    assert run.returncode == 1
    assert "no space left on device; 3 events were not written" in run.stderr.decode()
    with Path("/dev/full").open("wb") as full:
        bare = subprocess.run(command("filter", log), stdout=full, stderr=-1, timeout=PATIENCE, check=False)
    assert bare.returncode == 1
    assert "stdout: cannot write: no space left on device; 3 events" in bare.stderr.decode()


@pytest.mark.parametrize("fd", [0, 1], ids=["stdin", "stdout"])
def test_a_closed_standard_stream_is_no_other_file(tmp_path: Path, fd: int) -> None:
    log = tmp_path / "audit.log"
    log.write_bytes(whole(1))
    args = ("filter",) if fd == 0 else ("filter", str(log))
    shell = ["sh", "-c", f'exec "$@" {fd}>&-', "sh", *command(*args)]
    run = subprocess.run(shell, stdin=-3, stdout=-1, stderr=-1, timeout=PATIENCE, check=False)
    assert run.returncode == 1
    assert b"bad file descriptor" in run.stderr
    assert log.read_bytes() == whole(1)


def test_rejected_lines_are_kept_raw(tmp_path: Path) -> None:
    kept = tmp_path / "rejected"
    run = stitcher("filter", "--rejected", kept, "--summary", stdin=b"hello \xff\n" + whole(1) + b"type=X\n")
    assert kept.read_bytes() == b"hello \xff\ntype=X\n"
    said = "5 lines, 1 event; 1 complete, 0 partial; 2 rejected (1 not_audit, 1 bad_header), 0 late, 0 duplicates;"
    assert said in run.stderr.decode()
    assert "lines/s" in run.stderr.decode()


def test_late_records_make_an_event_or_are_counted() -> None:
    data = whole(1) + whole(2) + record("PATH", 1, "item=0 name=/x")
    found = events(stitcher("filter", stdin=data).stdout)
    assert sorted((event["serial"], event.get("late", False)) for event in found) == [(1, False), (1, True), (2, False)]
    dropped = stitcher("filter", "--late", "drop", "--summary", stdin=data)
    assert len(events(dropped.stdout)) == 2
    assert "1 late and dropped" in dropped.stderr.decode()


def test_the_limits_are_heard() -> None:
    open_events = b"".join(record("SYSCALL", serial) for serial in range(1, 6))
    run = stitcher("filter", "--max-open-events", "2", stdin=open_events)
    assert [event["closed_by"] for event in events(run.stdout)] == ["limit"] * 3 + ["end"] * 2
    run = stitcher("filter", "--distance", "1", stdin=open_events)
    assert [event["closed_by"] for event in events(run.stdout)][:3] == ["timeout"] * 3
    run = stitcher("filter", "--max-line", "64", "--summary", stdin=whole(1))
    assert "1 rejected" in run.stderr.decode()


def test_an_aggregated_event_goes_through_another_filter() -> None:
    first = stitcher("filter", "--emit", "aggregated", stdin=whole(1))
    assert json.loads(first.stdout)["Type"] == 2
    assert stitcher("filter", stdin=first.stdout).stdout == stitcher("filter", stdin=whole(1)).stdout


def test_text_is_for_people() -> None:
    text = stitcher("filter", "--format", "text", stdin=whole(1)).stdout.decode()
    assert text.startswith("2023-11-14T22:13:20.004Z")
    assert "execve" in text


def test_the_records_are_kept_as_they_came_where_asked() -> None:
    (event,) = events(stitcher("filter", "--keep-raw", stdin=whole(1)).stdout)
    assert "\n".join(event["raw"]) + "\n" == whole(1).decode()
    assert [*event][-1] == "raw"


def test_in_text_the_records_stand_indented_under_their_event_and_steer_no_terminal() -> None:
    lines = record("USER_LOGIN", 7, "pid=1 uid=0 acct=\x1b[31m").rstrip() + b"\xff\n"
    plain = stitcher("filter", "--format", "text", stdin=lines).stdout.decode()
    text = stitcher("filter", "--format", "text", "--keep-raw", stdin=lines).stdout.decode()
    assert text == plain + "    type=USER_LOGIN msg=audit(1700000000.004:7): pid=1 uid=0 acct=\\x1b[31m\\xff\n"


def test_a_summary_is_in_the_event_where_asked() -> None:
    (event,) = events(stitcher("filter", "--summarize", stdin=whole(1)).stdout)
    (bare,) = events(stitcher("filter", stdin=whole(1)).stdout)
    assert [*event] == [*bare, "summary"]
    assert event["summary"]["outcome"] == "success"


def test_in_text_a_summary_is_asked_for_or_not_the_same() -> None:
    texts = [stitcher("filter", "--format", "text", *more, stdin=whole(1)).stdout for more in ((), ("--summarize",))]
    assert texts[0] == texts[1]


def test_events_are_appended_to_a_file(tmp_path: Path) -> None:
    out = tmp_path / "events.jsonl"
    out.write_bytes(b'{"cut":')
    for serial in (1, 2):
        assert stitcher("filter", "--to", f"file:{out}", stdin=whole(serial)).stdout == b""
    cut, *rest = out.read_bytes().splitlines()
    assert cut == b'{"cut":'
    assert [json.loads(line)["serial"] for line in rest] == [1, 2]


def test_a_terminal_sees_a_bar_only_for_files(tmp_path: Path) -> None:
    log = tmp_path / "audit.log"
    log.write_bytes(b"".join(whole(serial) for serial in range(1, 40_000)))
    assert "lines/s" in _on_a_terminal("filter", str(log))
    assert _on_a_terminal("filter") == ""


def _on_a_terminal(*args: str) -> str:
    """What a terminal on stderr gets to see."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command(*args), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    seen = b""
    try:
        while piece := os.read(ours, 65_536):
            seen += piece
    except OSError:
        pass
    assert process.wait(PATIENCE) == 0
    os.close(ours)
    return seen.decode()


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--to", "tpc://h:1"), "no destination kind 'tpc'; did you mean 'tcp'? known: stdout, file:PATH"),
        (("--to", "tcp://h"), "the port is missing; write HOST:PORT"),
        (("--to", "tcp://::1:5"), "write [::1]:5"),
        (("--to", "udp://h:99999"), "'99999' is no port"),
        (("--to", "file:"), "write file:PATH"),
        (("--schema", "esc"), "no schema 'esc'; did you mean 'ecs'?"),
        (("--schema", "x"), "known: audit, ecs, kuma"),
        (("--schema", "nowhere.yaml"), "nowhere.yaml: cannot read it"),
        (("--schema", "ecs", "--format", "cef"), "cef is written of the fields of kuma, not of 'ecs'"),
        (("--schema", "ecs", "--format", "csv"), "the schema 'ecs' is a tree, and csv has columns"),
        (("--schema", "ocsf", "--format", "cef"), "cef is written of the fields of kuma, not of 'ocsf'"),
        (("--schema", "ocsf", "--format", "csv"), "the schema 'ocsf' is a tree, and csv has columns"),
        (("--schema", "ecs", "--format", "text"), "leave --schema ecs out"),
        (("--schema", "ecs", "--summarize"), "--summarize adds to events of the schema audit"),
        (("--schema", "ecs", "--emit", "aggregated"), "--schema ecs shows decoded events"),
        (("--format", "text", "--emit", "aggregated"), "use --format json"),
        (("--summarize", "--emit", "aggregated"), "leave --emit aggregated or --summarize out"),
        (("--timeout", "0"), "0"),
        (("--frobnicate",), "--frobnicate"),
        (("/nowhere/at/all",), "/nowhere/at/all: no such file; check the path"),
        (("/",), "is a directory; name the files in it"),
    ],
)
def test_what_was_asked_wrongly_is_said_and_ends_with_two(args: tuple[str, ...], words: str) -> None:
    run = stitcher("filter", *args)
    assert run.returncode == 2
    assert words in run.stderr.decode()
    assert b"Traceback" not in run.stderr


def test_events_go_over_tcp() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        run = started("filter", "--to", f"tcp://127.0.0.1:{server.getsockname()[1]}")
        with run as process:
            connection, _ = server.accept()
            with connection:
                assert process.stdin
                process.stdin.write(whole(1))
                assert json.loads(connection.makefile("rb").readline())["serial"] == 1
            process.stdin.close()
            assert process.wait(PATIENCE) == 0


def test_nobody_there_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    run = stitcher("filter", "--to", f"tcp://127.0.0.1:{port}", stdin=whole(1))
    assert run.returncode == 1
    assert f"tcp://127.0.0.1:{port}: cannot connect: connection refused" in run.stderr.decode()
    assert "start the receiver" in run.stderr.decode()
