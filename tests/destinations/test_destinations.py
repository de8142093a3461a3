"""What must hold of destinations beside their contract: what does not arrive is counted and said."""

import socket
import threading
from pathlib import Path

import pytest
from contract import Heard, Server, unframed

from stitcher.address import Address, parse_address
from stitcher.destinations import open_destination
from stitcher.destinations.tcp import Tcp
from stitcher.destinations.udp import MAX_DATAGRAM_BYTES, Udp
from stitcher.errors import ConfigError, DestinationError

LINES = b"".join(b'{"id":"%d"}\n' % number for number in range(500))


@pytest.fixture
def heard() -> Heard:
    return Heard()


def test_a_file_that_cannot_be_made_is_named(tmp_path: Path, heard: Heard) -> None:
    with pytest.raises(DestinationError, match="cannot open: no such file or directory; choose a path"):
        open_destination(f"file:{tmp_path}/nowhere/out", heard)


def test_what_did_not_fit_on_a_disk_is_counted(heard: Heard) -> None:
    destination = open_destination("file:/dev/full", heard)
    with pytest.raises(DestinationError, match="no space left") as error:
        destination.write(LINES)
    assert error.value.unwritten == 500
    destination.close()


def test_an_event_that_fits_in_no_datagram_is_named_and_left_out(heard: Heard) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(10)
        destination = Udp(Address(*receiver.getsockname()), heard)
        destination.open()
        large, fits = b'{"id":"large"' + b" " * MAX_DATAGRAM_BYTES, b"x" * 60_000
        destination.write(large + b"\n" + fits + b"\n")
        assert receiver.recv(70_000) == fits
        destination.close()
    assert destination.too_large == 1
    assert "not sent: an event of 65520 bytes fits in no datagram (65507)" in heard.lines[0]
    assert '{"id":"large"' in heard.lines[0]


def test_nobody_listening_to_datagrams_is_said_once(heard: Heard) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as gone:
        gone.bind(("127.0.0.1", 0))
        port = gone.getsockname()[1]
    destination = open_destination(f"udp://127.0.0.1:{port}", heard)
    destination.write(LINES)
    destination.close()
    assert [line.partition(": ")[2][:14] for line in heard.lines] == ["nobody listens", "nobody listene"]


def test_a_broken_connection_goes_on_with_the_line_that_was_cut(heard: Heard) -> None:
    """The receiver reads a little, hangs up and comes back; after that every line is there, from some line on."""
    many = b"".join(b'{"id":"%07d"}\n' % number for number in range(1_000_000))
    again: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def receive() -> None:
            first = server.accept()[0]
            first.recv(1000)
            first.close()
            second = server.accept()[0]
            with second, second.makefile("rb") as stream:
                again.append(stream.read())

        receiver = threading.Thread(target=receive)
        receiver.start()
        destination = Tcp(Address(*server.getsockname()), heard)
        destination.open()
        destination.write(many)
        destination.close()
        receiver.join()
    assert again[0].startswith(b'{"id":')
    assert many.endswith(again[0])
    assert "connecting again" in heard.lines[0]
    assert "may be lost" in heard.lines[1]


@pytest.mark.parametrize(
    ("text", "address"),
    [("h:1", ("h", 1)), (":514", ("", 514)), ("[::1]:6514", ("::1", 6514)), ("10.0.0.1:0", ("10.0.0.1", 0))],
)
def test_addresses(text: str, address: tuple[str, int]) -> None:
    assert parse_address(text, "--tcp") == address
    assert str(parse_address(text, "--tcp")) == text


@pytest.mark.parametrize("text", ["", "h", "h:", "h:x", "h:65536", "::1:514", "h:-1", "h:٣"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"--tcp .*: .*; "):
        parse_address(text, "--tcp")


@pytest.mark.parametrize(
    "to", ["", "stdout:x", "discard:", "nowhere:x", "tcp:h:1", "tcp://:1", "udp://h:0", "file:", "//"]
)
def test_what_is_no_destination_is_refused(to: str, heard: Heard) -> None:
    with pytest.raises(ConfigError, match="--to"):
        open_destination(to, heard)


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("file:x?max_byte=1", "did you mean 'max_bytes'"),
        ("file:x?max_bytes=", "'max_bytes=' is no option"),
        ("file:x?max_bytes=1T", "5000, 500K, 100M or 2G"),
        ("file:x?max_bytes=0", "5000, 500K, 100M or 2G"),
        ("file:x?max_seconds=1y", "3600, 90s, 15m, 12h or 1d"),
        ("file:x?max_bytes=1&keep=0", "a number from 1 on"),
        ("file:x?keep=7", "say with max_bytes or max_seconds when to rotate"),
        ("file:what?.jsonl", "needs one more at its end"),
        ("file:?max_bytes=1M", "the path is missing"),
        ("tcp://h:1?format=cef", "known are json, syslog"),
        ("tcp://h:1?format=syslog&facility=mail", "known are local0, local1"),
        ("tcp://h:1?facility=local1", "add that, or leave it out"),
        ("discard?x=1", "takes no options"),
    ],
)
def test_what_is_wrong_with_an_option_is_said(to: str, words: str, heard: Heard) -> None:
    with pytest.raises(ConfigError, match=r"--to ") as error:
        open_destination(to, heard)
    assert words in str(error.value)


def test_discard_counts(heard: Heard) -> None:
    destination = open_destination("discard", heard)
    destination.write(LINES)
    destination.write_one(b"two\nlines\n")
    destination.close()
    assert heard.lines == [f"discard: 501 events, {len(LINES) + 10} bytes dropped"]


EVENT = (
    b'{"id":"1751900000.007:50100","time":"2025-07-07T14:53:20.007Z","serial":50100,"node":"web 01",'
    b'"records":[{"type":"SYSCALL","fields":{}},{"type":"CWD","fields":{}}]}'
)
TYPE2 = b'{"Type":2,"DeviceHostName":"web01","StartTime":1751900000007,"Message":"type=CWD msg=audit(1.2:3): cwd"}'


@pytest.mark.parametrize(
    ("options", "event", "header"),
    [
        ("", EVENT, b"<134>1 2025-07-07T14:53:20.007Z web_01 stitcher - SYSCALL - "),
        ("&facility=local7", EVENT, b"<190>1 2025-07-07T14:53:20.007Z web_01 stitcher - SYSCALL - "),
        ("", TYPE2, b"<134>1 2025-07-07T14:53:20.007Z web01 stitcher - CWD - "),
        ("", b"free text", b"<134>1 - - stitcher - - - "),
        ("", b'{"time":"long ago","node":7,"records":[]}', b"<134>1 - - stitcher - - - "),
        ("", b'{"Type":2,"StartTime":9999999999999999999}', b"<134>1 - - stitcher - - - "),
        ("", b"[1]", b"<134>1 - - stitcher - - - "),
    ],
)
def test_the_header_of_syslog_says_what_the_event_says(options: str, event: bytes, header: bytes, heard: Heard) -> None:
    server = Server()
    destination = open_destination(f"tcp://127.0.0.1:{server.port}?format=syslog{options}", heard)
    destination.write(event + b"\n")
    destination.close()
    assert unframed(server.received()) == [header + event]


def test_a_broken_connection_goes_on_with_the_message_that_was_cut(heard: Heard) -> None:
    many = b"".join(b'{"id":"%07d"}\n' % number for number in range(300_000))
    with socket.create_server(("127.0.0.1", 0)) as server:
        again: list[bytes] = []

        def receive() -> None:
            first = server.accept()[0]
            first.recv(1000)
            first.close()
            with server.accept()[0] as second, second.makefile("rb") as stream:
                again.append(stream.read())

        receiver = threading.Thread(target=receive)
        receiver.start()
        destination = Tcp(Address(*server.getsockname()), heard, facility=16)
        destination.open()
        destination.write(many)
        destination.close()
        receiver.join()
    lines = [message.rpartition(b" ")[2] + b"\n" for message in unframed(again[0])]
    assert many.endswith(b"".join(lines))
