"""Send events over one TCP connection: JSON lines, or syslog messages.

    stitcher filter audit.log --to tcp://127.0.0.1:5140
    stitcher filter audit.log --to 'tcp://127.0.0.1:5140?format=syslog&facility=local3'

    format=json       one line an event, the default
    format=syslog     each event as the message of a header of RFC 5424, counted as RFC 6587 has it: HOSTNAME is the
                      node, APP-NAME stitcher, MSGID the type of the first record, TIMESTAMP the time of the event
    facility=local0   local0 (the default) to local7, user, daemon or authpriv; the severity is always informational

The receiver sets the pace: while it does not read, nothing is read here either.  A connection that breaks is made
again, with growing pauses, and sending goes on with the first event that had not left completely; both are said on
stderr.  TCP itself has no receipt: what had left but was not read by the other side is lost with the connection.
"""

import socket
import time
from bisect import bisect_right
from itertools import accumulate
from typing import Final

from stitcher.address import Address
from stitcher.destinations import Say
from stitcher.destinations._target import Target
from stitcher.errors import DestinationError

#: pauses between attempts, seconds: a wrong address should be known soon, a restart of the receiver be waited for
FIRST_PAUSES: Final = (0.1, 0.3, 0.6)
LATER_PAUSES: Final = (0.1, 0.3, 1.0, 2.0, 4.0, 8.0)
_CONNECT_SECONDS: Final = 10.0


def make(target: Target, say: Say) -> "Tcp":
    """The destination of `tcp://HOST:PORT`."""
    from stitcher.destinations._syslog import FACILITIES

    target.takes("format", "facility")
    form = target.choice("format", ("json", "syslog"))
    facility = FACILITIES[target.choice("facility", tuple(FACILITIES))]
    if form == "json" and target.has("facility"):
        raise target.fault("a facility is for format=syslog; add that, or leave it out")
    return Tcp(target.address(), say, facility if form == "syslog" else None)


class Tcp:
    """One connection to one address."""

    def __init__(self, address: Address, say: Say, facility: int | None = None) -> None:
        """With a `facility` events leave as syslog messages."""
        self.name = f"tcp://{address}"
        self._address = address
        self._say = say
        self._facility = facility
        self._socket: socket.socket | None = None

    def open(self) -> None:
        """Connect."""
        self._connect(FIRST_PAUSES, 0)

    def write(self, lines: bytes) -> None:
        """All of it; after a broken connection from the start of the event that was cut."""
        if self._facility is not None:
            self._send_messages(lines.removesuffix(b"\n").split(b"\n") if lines else [], self._facility)
            return
        done = 0
        while (sent := self._send(lines, done)) is not None:
            # those that left whole are done
            done = lines.rfind(b"\n", 0, sent) + 1
            if done == len(lines):
                return
            self._connect_again(lines.count(b"\n", done))

    def write_one(self, event: bytes) -> None:
        """One event; after a broken connection from its start."""
        if self._facility is not None:
            self._send_messages([event.removesuffix(b"\n")], self._facility)
            return
        while self._send(event, 0) is not None:
            self._connect_again(1)

    def flush(self) -> None:
        """Nothing is held back here; the kernel sends at once."""

    def reopen(self) -> None:
        """An address is no name that could have moved."""

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

    def _send_messages(self, events: list[bytes], facility: int) -> None:
        from stitcher.destinations._syslog import message

        messages = [message(event, facility) for event in events]
        ends = list(accumulate(map(len, messages), initial=0))
        data = b"".join(messages)
        done = 0
        while (sent := self._send(data, ends[done])) is not None:
            done = bisect_right(ends, sent) - 1
            if done == len(messages):
                return
            self._connect_again(len(messages) - done)

    def _send(self, data: bytes, start: int) -> int | None:
        """None when all of it has left; else how far it went until the connection broke, which is said."""
        connection = self._socket
        assert connection is not None
        left = memoryview(data)[start:]
        try:
            if self._has_gone(connection):
                raise ConnectionResetError(0, "the other side closed the connection")
            while left:
                left = left[connection.send(left) :]
        except OSError as cause:
            self._say(f"{self.name}: {_words(cause)}; connecting again")
            return len(data) - len(left)
        return None

    def _has_gone(self, connection: socket.socket) -> bool:
        """True when the other side said goodbye; what it says otherwise is read and thrown away."""
        try:
            while said := connection.recv(65_536, socket.MSG_DONTWAIT):
                del said
        except BlockingIOError:
            return False
        return True

    def _connect_again(self, unwritten: int) -> None:
        self._connect(LATER_PAUSES, unwritten)
        self._say(f"{self.name}: connected again; events that were on their way may be lost")

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
