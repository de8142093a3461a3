"""Send events over UDP, one a datagram, without LF.

    stitcher filter audit.log --to udp://127.0.0.1:5140

UDP promises nothing; use it where a receiver knows nothing else.  An event over MAX_DATAGRAM_BYTES fits in no datagram:
it is not sent, but named on stderr and counted.  That nobody listens is said once and counted.
"""

import errno
import socket
import time
from typing import Final

from stitcher.address import Address
from stitcher.destinations import Say
from stitcher.destinations._target import Target
from stitcher.errors import DestinationError

#: 65,535 less the headers of IPv4 and UDP
MAX_DATAGRAM_BYTES: Final = 65_507
#: events too large that are named one by one; more are only counted
_NAMED: Final = 10
_NAME_BYTES: Final = 60
#: pause while the kernel has no buffer, seconds
_FULL_PAUSE: Final = 0.001


def make(target: Target, say: Say) -> "Udp":
    """The destination of `udp://HOST:PORT`."""
    target.takes()
    return Udp(target.address(), say)


class Udp:
    """One connected socket: so that the kernel tells when nobody listens."""

    def __init__(self, address: Address, say: Say) -> None:
        self.name = f"udp://{address}"
        self.too_large = 0
        self.refused = 0
        self._address = address
        self._say = say
        self._socket: socket.socket | None = None

    def open(self) -> None:
        """Find the address; nothing is sent yet."""
        try:
            family, kind, protocol, _, where = socket.getaddrinfo(*self._address, type=socket.SOCK_DGRAM)[0]
            self._socket = socket.socket(family, kind, protocol)
            self._socket.connect(where)
        except OSError as cause:
            what = f"{self.name}: cannot open: {(cause.strerror or str(cause)).lower()}"
            raise DestinationError(what, 0, "check the host") from cause

    def write(self, lines: bytes) -> None:
        """Each line as a datagram."""
        events = lines.split(b"\n")
        if not events[-1]:
            events.pop()
        for index, event in enumerate(events):
            self._write(event, len(events) - index)

    def write_one(self, event: bytes) -> None:
        """One datagram, without the LF at its end."""
        self._write(event.removesuffix(b"\n"), 1)

    def flush(self) -> None:
        """Nothing is held back."""

    def reopen(self) -> None:
        """An address is no name that could have moved."""

    def close(self) -> None:
        """Say what was not sent, and close."""
        if self.too_large > _NAMED:
            self._say(f"{self.name}: {self.too_large} events in all did not fit in a datagram and were not sent")
        if self.refused:
            self._say(f"{self.name}: nobody listened for at least {self.refused} of the events")
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _write(self, event: bytes, left: int) -> None:
        if len(event) > MAX_DATAGRAM_BYTES:
            self._leave_out(event)
            return
        while True:
            try:
                self._send(event)
            except ConnectionRefusedError:
                # the answer to an earlier datagram; this one was not sent yet
                self._was_refused()
            except OSError as cause:
                if cause.errno != errno.ENOBUFS:
                    what = f"{self.name}: cannot send: {(cause.strerror or str(cause)).lower()}"
                    raise DestinationError(what, left, "check the network, or use tcp://") from cause
                time.sleep(_FULL_PAUSE)
            else:
                return

    def _send(self, event: bytes) -> None:
        assert self._socket is not None
        self._socket.send(event)

    def _was_refused(self) -> None:
        self.refused += 1
        if self.refused == 1:
            self._say(f"{self.name}: nobody listens there (connection refused); sending goes on")

    def _leave_out(self, event: bytes) -> None:
        self.too_large += 1
        if self.too_large <= _NAMED:
            name = event[:_NAME_BYTES].decode("utf-8", "backslashreplace")
            self._say(
                f"{self.name}: not sent: an event of {len(event)} bytes fits in no datagram "
                f"({MAX_DATAGRAM_BYTES}); use tcp://: {name}…"
            )
