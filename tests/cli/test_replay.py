"""What must hold of `stitcher replay`."""

import signal
import socket
from pathlib import Path

import pytest
from shell import PATIENCE, ended, events, listening, record, started, stitcher, until, whole

from stitcher.cli import cli

SAMPLES = Path(__file__).resolve().parent.parent.parent / "samples"


def test_lines_come_out_as_they_are(tmp_path: Path) -> None:
    log = tmp_path / "audit.log"
    log.write_bytes(b"# a comment\n" + whole(1) + b"last")
    run = stitcher("replay", log, "--speed", "max")
    assert run.stdout == log.read_bytes() + b"\n"
    assert "5 lines, " in run.stderr.decode()


@pytest.mark.parametrize("framing", ["lf", "octet"])
@pytest.mark.parametrize("syslog", ["rfc3164", "rfc5424", "none"])
def test_a_listener_makes_of_it_what_filter_makes_of_the_file(tmp_path: Path, framing: str, syslog: str) -> None:
    log = SAMPLES / "debian12-6.1-interleaved.log"
    out = tmp_path / "events.jsonl"
    with started("listen", "--tcp", "127.0.0.1:0", "--to", f"file:{out}") as process:
        to = f"tcp://127.0.0.1:{listening(process)}"
        args = ("--to", to, "--speed", "max", "--framing", framing, "--syslog", syslog, "--host", "web01")
        assert stitcher("replay", log, *args).returncode == 0
        process.send_signal(signal.SIGTERM)
        assert ended(process)[1:] == ("", 0)
    assert without_origin(out.read_bytes()) == without_origin(stitcher("filter", log).stdout)


def without_origin(out: bytes) -> list[object]:
    """Events without what only says how they came."""
    return [{key: event[key] for key in event if key not in ("node", "envelope")} for event in events(out)]


def test_datagrams_arrive_one_a_line(tmp_path: Path) -> None:
    log = tmp_path / "audit.log"
    log.write_bytes(whole(1))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(PATIENCE)
        stitcher("replay", log, "--speed", "max", "--to", f"udp://127.0.0.1:{receiver.getsockname()[1]}")
        assert [receiver.recv(70_000) for _ in range(3)] == whole(1).splitlines()


def test_the_pace_is_that_of_the_records_and_a_signal_ends_it(tmp_path: Path) -> None:
    log = tmp_path / "audit.log"
    log.write_bytes(record("USER_LOGIN", 1) + record("USER_LOGIN", 2, when="1700009999.000"))
    with started("replay", log, "--max-wait", "1000") as process:
        assert process.stdout
        assert process.stdout.readline() == record("USER_LOGIN", 1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
    assert (out, process.returncode) == (b"", 130)
    assert "1 line, " in err.decode()


def test_the_longest_wait_is_heard(tmp_path: Path) -> None:
    log = tmp_path / "audit.log"
    log.write_bytes(record("USER_LOGIN", 1) + record("USER_LOGIN", 2, when="1700009999.000"))
    assert len(stitcher("replay", log, "--max-wait", "0.1").stdout.splitlines()) == 2


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--speed", "fast"), "'fast' is no speed; write 1x, 10x, 0.5x or max"),
        (("--speed", "0x"), "is no speed"),
        (("--framing", "octet", "--to", "udp://h:1"), "a datagram is a frame already"),
        (("--host", "a b"), "no spaces"),
        (("--to", "tcp://h:1?format=syslog"), "for lines there are --syslog rfc5424 --framing octet"),
    ],
)
def test_what_was_asked_wrongly_ends_with_two(tmp_path: Path, args: tuple[str, ...], words: str) -> None:
    log = tmp_path / "audit.log"
    log.write_bytes(whole(1))
    run = stitcher("replay", log, *args)
    assert run.returncode == 2
    assert words in run.stderr.decode()


def test_a_receiver_that_comes_back_is_connected_again(tmp_path: Path) -> None:
    log = tmp_path / "audit.log"
    log.write_bytes(record("USER_LOGIN", 1) + record("USER_LOGIN", 2, when="1700000001.004"))
    server = socket.create_server(("127.0.0.1", 0))
    with server, started("replay", log, "--to", f"tcp://127.0.0.1:{server.getsockname()[1]}") as process:
        first, _ = server.accept()
        with first, first.makefile("rb") as lines:
            assert lines.readline() == record("USER_LOGIN", 1)
        again, _ = server.accept()
        with again, again.makefile("rb") as lines:
            assert lines.readline() == record("USER_LOGIN", 2, when="1700000001.004")
        until(lambda: process.poll() is not None)
        _, err, code = ended(process)
    assert code == 0
    assert "connecting again" in err


@pytest.mark.parametrize("name", ["filter", "replay", "listen", "search", "explain"])
def test_every_command_has_a_sentence_and_an_example(name: str) -> None:
    context = cli.make_context("stitcher", [name], resilient_parsing=True)
    command = cli.get_command(context, name)
    assert command
    assert command.short_help
    assert "Example:" in str(command.help)


def test_help_and_version_need_no_more_than_their_names() -> None:
    listed = stitcher("--help").stdout.decode()
    assert all(f"\n  {name} " in listed for name in ("filter", "replay", "listen", "search", "explain"))
    version = stitcher("--version").stdout.decode()
    assert version.startswith("stitcher ")
    assert "kernel: " in version
    assert "Python 3." in version
