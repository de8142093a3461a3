"""What must hold of every destination: all arrives, what does not is counted."""

import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from stitcher.address import Address, parse_address
from stitcher.destinations import Destination, open_destination
from stitcher.destinations.tcp import Tcp
from stitcher.destinations.udp import MAX_DATAGRAM_BYTES, Udp
from stitcher.errors import ConfigError, DestinationError

LINES = b"".join(b'{"id":"%d"}\n' % number for number in range(500))


class Heard:
    """A place for what is said."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def __call__(self, line: str) -> None:
        self.lines.append(line)


@pytest.fixture
def heard() -> Heard:
    return Heard()


def into_file(folder: Path, heard: Heard) -> tuple[Destination, Callable[[], bytes]]:
    path = folder / "out"
    return open_destination(f"file:{path}", heard), path.read_bytes


def over_tcp(folder: Path, heard: Heard) -> tuple[Destination, Callable[[], bytes]]:
    server = socket.create_server(("127.0.0.1", 0))
    destination = open_destination(f"tcp://127.0.0.1:{server.getsockname()[1]}", heard)
    connection = server.accept()[0]
    server.close()

    def received() -> bytes:
        with connection, connection.makefile("rb") as stream:
            return stream.read()

    return destination, received


def over_udp(folder: Path, heard: Heard) -> tuple[Destination, Callable[[], bytes]]:
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    receiver.bind(("127.0.0.1", 0))
    destination = open_destination(f"udp://127.0.0.1:{receiver.getsockname()[1]}", heard)

    def received() -> bytes:
        found = []
        with receiver:
            receiver.setblocking(False)
            while True:
                try:
                    found.append(receiver.recv(70_000) + b"\n")
                except BlockingIOError:
                    return b"".join(found)

    return destination, received


@pytest.mark.parametrize("make", [into_file, over_tcp, over_udp])
def test_every_line_arrives(
    tmp_path: Path, heard: Heard, make: Callable[..., tuple[Destination, Callable[[], bytes]]]
) -> None:
    destination, received = make(tmp_path, heard)
    destination.write(LINES[:1100])
    destination.write(LINES[1100:] if LINES[1099:1100] == b"\n" else b"\n" + LINES[1100:])
    destination.write_one(b'{"id":"last"}\n')
    destination.flush()
    destination.close()
    assert received().replace(b"\n", b"").endswith(b'{"id":"last"}')
    assert heard.lines == []


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


@pytest.mark.parametrize("to", ["", "stdout:x", "sqlite:x", "tcp:h:1", "tcp://:1", "udp://h:0", "file:", "//"])
def test_what_is_no_destination_is_refused(to: str, heard: Heard) -> None:
    with pytest.raises(ConfigError, match="--to"):
        open_destination(to, heard)
