"""Send events as JSON lines over one TCP connection.

    stitcher filter audit.log --to tcp://127.0.0.1:5140

The receiver sets the pace: while it does not read, nothing is read here either.  A connection that breaks is made
again, with growing pauses, and sending goes on with the first event that had not left completely; both are said on
stderr.  TCP itself has no receipt: what had left but was not read by the other side is lost with the connection.
"""

import socket
import time
from typing import Final

from stitcher.address import Address
from stitcher.destinations import Say
from stitcher.errors import DestinationError

#: pauses between attempts, seconds: a wrong address should be known soon, a restart of the receiver be waited for
FIRST_PAUSES: Final = (0.1, 0.3, 0.6)
LATER_PAUSES: Final = (0.1, 0.3, 1.0, 2.0, 4.0, 8.0)
_CONNECT_SECONDS: Final = 10.0


class Tcp:
    """One connection to one address."""

    def __init__(self, address: Address, say: Say) -> None:
        self.name = f"tcp://{address}"
        self._address = address
        self._say = say
        self._socket: socket.socket | None = None

    def open(self) -> None:
        """Connect."""
        self._connect(FIRST_PAUSES, 0)

    def write(self, lines: bytes) -> None:
        """All of it; after a broken connection from the start of the line that was cut."""
        self._send(lines, lines.count(b"\n"))

    def write_one(self, event: bytes) -> None:
        """One event; after a broken connection from its start."""
        self._send(event, 1)

    def flush(self) -> None:
        """Nothing is held back here; the kernel sends at once."""

    def close(self) -> None:
        """Say that nothing follows; the kernel delivers what is on its way."""
        connection, self._socket = self._socket, None
        if connection is not None:
            try:
                connection.shutdown(socket.SHUT_WR)
                self._has_gone(connection)
            except OSError as cause:
                self._say(f"{self.name}: {_words(cause)} at the end; the last events may be lost")
            connection.close()

    def _send(self, data: bytes, events: int) -> None:
        done = 0
        while done < len(data):
            sent, cause = self._send_from(data, done)
            if cause is None:
                return
            # a single event begins again; of several those that left whole are done
            done = data.rfind(b"\n", 0, sent) + 1 if events > 1 else 0
            unwritten = data.count(b"\n", done) if events > 1 else events
            self._say(f"{self.name}: {_words(cause)}; connecting again")
            self._connect(LATER_PAUSES, unwritten)
            self._say(f"{self.name}: connected again; events that were on their way may be lost")

    def _send_from(self, data: bytes, done: int) -> tuple[int, OSError | None]:
        """How far it went, and what broke."""
        connection = self._socket
        assert connection is not None
        left = memoryview(data)[done:]
        try:
            if self._has_gone(connection):
                raise ConnectionResetError(0, "the other side closed the connection")
            while left:
                left = left[connection.send(left) :]
        except OSError as cause:
            return len(data) - len(left), cause
        return len(data), None

    def _has_gone(self, connection: socket.socket) -> bool:
        """True when the other side said goodbye; what it says otherwise is read and thrown away."""
        try:
            while said := connection.recv(65_536, socket.MSG_DONTWAIT):
                del said
        except BlockingIOError:
            return False
        return True

    def _connect(self, pauses: tuple[float, ...], unwritten: int) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        for pause in (*pauses, None):
            try:
                self._socket = socket.create_connection(self._address, timeout=_CONNECT_SECONDS)
            except OSError as cause:
                if pause is None:
                    what = f"{self.name}: cannot connect: {_words(cause)}"
                    raise DestinationError(what, unwritten, "start the receiver, or check host and port") from cause
                time.sleep(pause)
            else:
                self._socket.settimeout(None)
                return


def _words(cause: OSError) -> str:
    return (cause.strerror or str(cause)).lower()
