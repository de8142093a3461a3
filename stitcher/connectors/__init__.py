"""Connectors: where bytes come in.  One transport, one file.

    files    paths and stdin as chunks, compressed ones unpacked
    tcp      listening sockets for streams
    unix     the same on a path
    udp      datagrams
    _streams what tcp and unix share: accepting, reading, draining

A connector that listens is a `Listener`.  It reads what is there, gives it to an `Intake` and keeps nothing back: where
a line ends, which lines are one event and what time it is are not its business.
"""

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:  # asyncio takes as long to import as all of stitcher, and `filter` has no use for it
    import asyncio

#: how much is asked of a socket at once, bytes
READ_BYTES = 262_144

#: tells the user one line about something unusual
Say = Callable[[str], None]


class Intake(Protocol):
    """What a connector hands its bytes to."""

    def take_source(self, peer: bytes, *, grace: float = 0.0, framing: Literal["lines", "syslog"] = "lines") -> int:
        """A source for a peer that begins to send."""

    def feed(self, data: bytes, source: int) -> None:
        """Bytes that arrived now, cut anywhere."""

    def leave_source(self, source: int) -> None:
        """The peer has gone: its unfinished last line is a line."""


class Listener(Protocol):
    """A connector that waits for peers; `name` says where, with the port that was really bound."""

    name: str

    def start(self, loop: "asyncio.AbstractEventLoop") -> None:
        """Let `loop` call whenever something arrives."""

    def drain(self, but: Collection[tuple[str, int]] = ()) -> None:
        """Take no new peers, read what has arrived already, and close; but leave the peers at these addresses."""

    def read_from(self, host: str, port: int) -> int:
        """Read once what the peer at this address sent; 0 for nothing by now, -1 where there is none or it has left."""
