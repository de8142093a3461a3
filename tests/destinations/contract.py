"""Every kind of destination, with a way to see what arrived there."""

import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from stitcher.pipeline import Stitcher

SAMPLES = Path(__file__).resolve().parent.parent.parent / "samples"


def events_of(name: str) -> bytes:
    """The events of a sample, as lines."""
    stitcher = Stitcher()
    return stitcher.feed((SAMPLES / name).read_bytes()) + stitcher.close()


class Heard:
    """A place for what is said."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def __call__(self, line: str) -> None:
        self.lines.append(line)


class Place(NamedTuple):
    """Where to send, and after the destination was closed, what came: events without their LF, in order."""

    to: str
    received: Callable[[], list[bytes]]


class Server:
    """Takes connections one behind the other, and keeps all that they send."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._data: list[bytes] = []
        self._thread = threading.Thread(target=self._take, daemon=True)
        self._thread.start()

    def received(self) -> bytes:
        """All of the first connection, which has ended."""
        self._thread.join(20)
        assert not self._thread.is_alive()
        return b"".join(self._data)

    def _take(self) -> None:
        with self._listening, self._listening.accept()[0] as connection, connection.makefile("rb") as stream:
            self._data.append(stream.read())


def unframed(data: bytes) -> list[bytes]:
    """The messages of octet counting (RFC 6587), read as a receiver would."""
    found = []
    while data:
        length, _, data = data.partition(b" ")
        found.append(data[: int(length)])
        assert len(found[-1]) == int(length)
        data = data[int(length) :]
    return found


@contextmanager
def stdout(folder: Path, capture: Any) -> Iterator[Place]:
    yield Place("stdout", lambda: capture.readouterr().out.encode().splitlines())


@contextmanager
def discard(folder: Path, capture: Any) -> Iterator[Place]:
    yield Place("discard", list)


@contextmanager
def file(folder: Path, capture: Any) -> Iterator[Place]:
    yield Place(f"file:{folder}/out", lambda: (folder / "out").read_bytes().splitlines())


@contextmanager
def rotated(folder: Path, capture: Any) -> Iterator[Place]:
    def received() -> list[bytes]:
        older = sorted(folder.glob("out.*"), key=lambda path: -int(path.suffix[1:]))
        return [line for path in (*older, folder / "out") for line in path.read_bytes().splitlines()]

    yield Place(f"file:{folder}/out?max_bytes=3K", received)


@contextmanager
def tcp(folder: Path, capture: Any) -> Iterator[Place]:
    server = Server()
    yield Place(f"tcp://127.0.0.1:{server.port}", lambda: server.received().splitlines())


@contextmanager
def syslog(folder: Path, capture: Any) -> Iterator[Place]:
    server = Server()
    to = f"tcp://127.0.0.1:{server.port}?format=syslog"
    yield Place(to, lambda: [message.split(b" ", 7)[7] for message in unframed(server.received())])


@contextmanager
def udp(folder: Path, capture: Any) -> Iterator[Place]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        receiver.bind(("127.0.0.1", 0))
        receiver.setblocking(False)

        def received() -> list[bytes]:
            found = []
            while True:
                try:
                    found.append(receiver.recv(70_000))
                except BlockingIOError:
                    return found

        yield Place(f"udp://127.0.0.1:{receiver.getsockname()[1]}", received)


@contextmanager
def sqlite(folder: Path, capture: Any) -> Iterator[Place]:
    path = folder / "events.db"
    yield Place(f"sqlite:{path}", lambda: stored(path))


def stored(path: Path) -> list[bytes]:
    """The lines of a database, in the order in which they came."""
    with closing(sqlite3.connect(path)) as database:
        return [line.encode() for (line,) in database.execute("SELECT json FROM whole ORDER BY seq")]


#: kind -> its places, one for each way in which it writes
PLACES = {
    "stdout": (stdout,),
    "discard": (discard,),
    "file": (file, rotated),
    "tcp": (tcp, syslog),
    "udp": (udp,),
    "sqlite": (sqlite,),
}
EVERY_PLACE = [place for places in PLACES.values() for place in places]
