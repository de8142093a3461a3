"""What listening on a stream is, whatever the address: peers are accepted, read, and drained.

The sockets are read by callbacks of the event loop, not by asyncio's transports: so a drain can say exactly what it
still reads, and a callback that is held up by a slow destination holds up all reading (the peers' windows fill up).
"""

import asyncio
import errno
import socket
from collections.abc import Callable, Collection
from typing import Final

from stitcher.connectors import READ_BYTES, Intake, Say

#: connections that wait to be accepted
BACKLOG: Final = 1024
#: pause after the last file descriptor was used up, seconds
_FULL_PAUSE: Final = 1.0
#: a drain reads this much from one peer at most when the socket's buffer is smaller, bytes
_DRAIN_BYTES: Final = 1 << 20


class StreamListener:
    """Accepts peers on a listening socket and gives each a source of its own, in syslog framing.

    `peer_of` makes the name of a peer from what accept said.
    """

    def __init__(
        self, listening: socket.socket, name: str, intake: Intake, say: Say, peer_of: Callable[[object], bytes]
    ) -> None:
        listening.setblocking(False)
        self.name = name
        self._listening = listening
        self._intake = intake
        self._say = say
        self._peer_of = peer_of
        self._peers: dict[socket.socket, int] = {}
        self._addresses: dict[socket.socket, object] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Let `loop` call whenever a peer connects or sends."""
        self._loop = loop
        loop.add_reader(self._listening, self._accept)

    def read_from(self, host: str, port: int) -> int:
        """Read once what the peer at this address has sent; 0 for nothing by now, -1 where it has left."""
        while self._accept():
            pass
        peer = self._at((host, port))
        if peer is None:
            return -1
        size = self._read(peer)
        return size if peer in self._peers else -1

    def drain(self, but: Collection[tuple[str, int]] = ()) -> None:
        """Accept who waits already, stop listening, read what every peer has sent by now, close.

        Peers at the addresses `but` are left to `read_from`.
        """
        while self._accept():
            pass
        if self._loop is not None:
            self._loop.remove_reader(self._listening)
        self._listening.close()
        spared = {self._at(address) for address in but}
        for peer in [one for one in self._peers if one not in spared]:
            left = max(peer.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF), _DRAIN_BYTES)
            while left > 0 and (size := self._read(peer)):
                left -= size
            if peer in self._peers:
                self._leave(peer)

    def _accept(self) -> bool:
        """Accept one peer; False when nobody waits."""
        if self._listening.fileno() < 0:
            return False
        try:
            peer, address = self._listening.accept()
        except BlockingIOError:
            return False
        except OSError as cause:
            return self._refuse(cause)
        peer.setblocking(False)
        self._addresses[peer] = address
        self._peers[peer] = self._intake.take_source(self._peer_of(address), framing="syslog")
        if self._loop is not None:
            self._loop.add_reader(peer, self._read, peer)
        return True

    def _refuse(self, cause: OSError) -> bool:
        """A connection that broke before it was accepted is nobody's fault; no descriptors left is the operator's."""
        if cause.errno not in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM):
            return True
        self._say(
            f"{self.name}: cannot accept another peer: {(cause.strerror or '').lower()}; raise `ulimit -n`; waiting"
        )
        if self._loop is not None:
            self._loop.remove_reader(self._listening)
            self._loop.call_later(_FULL_PAUSE, self._resume)
        return False

    def _resume(self) -> None:
        if self._loop is not None and self._listening.fileno() >= 0:
            self._loop.add_reader(self._listening, self._accept)

    def _read(self, peer: socket.socket) -> int:
        """Read once; 0 when there is nothing more now or for ever."""
        try:
            data = peer.recv(READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return 0
        except OSError as cause:
            self._say(f"{self.name}: a peer's connection broke: {(cause.strerror or str(cause)).lower()}")
            data = b""
        if data:
            self._intake.feed(data, self._peers[peer])
        else:
            self._leave(peer)
        return len(data)

    def _at(self, address: tuple[str, int]) -> socket.socket | None:
        """The peer at a host and port."""
        host = address[0].encode()
        for peer, found in self._addresses.items():
            if isinstance(found, tuple) and found[1] == address[1] and self._peer_of(found) == host:
                return peer
        return None

    def _leave(self, peer: socket.socket) -> None:
        self._addresses.pop(peer, None)
        if self._loop is not None:
            self._loop.remove_reader(peer)
        peer.close()
        self._intake.leave_source(self._peers.pop(peer))
