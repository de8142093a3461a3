"""Type=2 events out of this collector and into it again, over TCP: the loop of the source article.

One thread writes and reads here, so writing must never wait for itself: what the connection does not take stays in a
buffer, and when that is full the other end of the connection, which is one of our own peers, is read until there is
room.  At the end the same is done until nothing is on its way.
"""

import socket
from collections.abc import Sequence
from typing import Final

from stitcher.address import Address, parse_address
from stitcher.connectors import Listener
from stitcher.errors import ConfigError, DestinationError

#: bytes that wait to be sent before our own end is read out of turn
MAX_WAITING: Final = 4_194_304


class LoopBack:
    """A destination for outlets that lead back."""

    def __init__(self, address: Address, own_end: Listener) -> None:
        self.name = f"tcp://{address}"
        self._address = address
        self._own_end = own_end
        self._waiting = bytearray()
        self._socket: socket.socket | None = None
        self._reading = False
        #: our address on the connection; known when it is open
        self.local = ("", 0)

    def open(self) -> None:
        """Connect to our own connector, which listens already."""
        try:
            self._socket = socket.create_connection(self._address, timeout=10.0)
        except OSError as cause:
            what = f"{self.name}: cannot connect to this collector's own connector: {(cause.strerror or '').lower()}"
            raise DestinationError(what, 0, "let a connector of this pipeline listen there") from cause
        self._socket.setblocking(False)
        host, port = self._socket.getsockname()[:2]
        self.local = str(host), int(port)
        if self._read() < 0:
            what = f"{self.name}: this collector's own connector did not accept it"
            raise DestinationError(what, 0, "raise `ulimit -n`")

    def write(self, lines: bytes) -> None:
        """Take them; what cannot leave at once leaves with what follows."""
        self._waiting += lines
        self._send()
        while len(self._waiting) > MAX_WAITING and not self._reading:
            self._make_room()

    def write_one(self, event: bytes) -> None:
        """One event, a line as well."""
        self.write(event)

    def flush(self) -> None:
        """Send all that waits."""
        while self._waiting:
            self._make_room()

    def reopen(self) -> None:
        """An address is no name that could have moved."""

    def drain(self) -> None:
        """Send all that waits, say goodbye, and read until that has arrived."""
        if self._socket is None:
            return
        self.flush()
        self._socket.shutdown(socket.SHUT_WR)
        while self._read() >= 0:
            pass

    def close(self) -> None:
        """Nothing is on its way any more."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _send(self) -> None:
        assert self._socket is not None
        try:
            while self._waiting:
                with memoryview(self._waiting) as view:
                    sent = self._socket.send(view)
                del self._waiting[:sent]
        except BlockingIOError:
            return
        except OSError as cause:
            raise self._cut((cause.strerror or str(cause)).lower()) from cause

    def _make_room(self) -> None:
        """Send, and read at the other end, which must be there: nothing else would ever take what waits."""
        self._send()
        if self._waiting and self._read() < 0:
            raise self._cut("its other end has left")

    def _cut(self, why: str) -> DestinationError:
        return DestinationError(f"{self.name}: {why}", self._waiting.count(b"\n"), "start again; the loop was cut")

    def _read(self) -> int:
        """Let our own end read once, which may lead to events, but never into the loop again."""
        self._reading = True
        try:
            return self._own_end.read_from(*self.local)
        finally:
            self._reading = False


def loop_to(to: str, listeners: Sequence[Listener]) -> LoopBack:
    """The destination that leads to the listener at `to`, tcp://HOST:PORT; port 0 is the first that listens on TCP."""
    address = parse_address(to.removeprefix("tcp://"), "loop")
    for listener in listeners:
        kind, _, place = listener.name.partition(" ")
        if kind != "tcp":
            continue
        own = parse_address(place, "loop")
        if address.port in (0, own.port):
            return LoopBack(Address(address.host or "127.0.0.1", own.port), listener)
    raise ConfigError(f"loop {to}: no connector of this pipeline listens there; give it a tcp connector on that port")
