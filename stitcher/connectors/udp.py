"""Receive syslog messages over UDP: one record, or several lines, a datagram.

    stitcher listen --udp 0.0.0.0:514

Each peer address is a source.  Datagrams overtake each other, so an event that has ended waits GRACE_SECONDS for
records that are on their way.  Peers are known by address without port: rsyslog changes its port at will.
"""

import asyncio
import socket
from collections.abc import Collection
from typing import Final

from stitcher.address import Address
from stitcher.connectors import Intake, Say
from stitcher.errors import ConnectorError

#: how long an ended event waits for records that were overtaken
GRACE_SECONDS: Final = 0.2
#: what the kernel is asked to hold while we are busy, bytes; it gives at most net.core.rmem_max
RECEIVE_BYTES: Final = 8_388_608
#: datagrams read before other sockets have their turn
_TURN: Final = 256
_MAX_DATAGRAM: Final = 65_535
#: peers that get a source of their own; those that follow share one, and are told apart by what their lines say
MAX_PEERS: Final = 65_536


class UdpListener:
    """Reads datagrams of one bound socket."""

    def __init__(self, bound: socket.socket, intake: Intake, say: Say) -> None:
        bound.setblocking(False)
        host, port = bound.getsockname()[:2]
        self.name = f"udp {Address(host, port)}"
        self._bound = bound
        self._intake = intake
        self._say = say
        self._sources: dict[str, int] = {}
        self._shared: int | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Let `loop` call whenever datagrams are there."""
        self._loop = loop
        loop.add_reader(self._bound, self._read)

    def read_from(self, host: str, port: int) -> int:
        """Datagrams have no connection that could be read alone."""
        del host, port
        return -1

    def drain(self, but: Collection[tuple[str, int]] = ()) -> None:
        """Read what the kernel holds by now, and close."""
        del but
        left = max(self._bound.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF), _MAX_DATAGRAM)
        while left > 0 and (size := self._read()):
            left -= size
        if self._loop is not None:
            self._loop.remove_reader(self._bound)
        self._bound.close()

    def _read(self) -> int:
        """Read up to one turn of datagrams; how many bytes that was."""
        batches: dict[int, list[bytes]] = {}
        size = 0
        for _ in range(_TURN):
            try:
                data, address = self._bound.recvfrom(_MAX_DATAGRAM)
            except (BlockingIOError, InterruptedError):
                break
            except OSError as cause:
                self._say(f"{self.name}: cannot receive: {(cause.strerror or str(cause)).lower()}")
                break
            size += len(data) + 1
            batches.setdefault(self._source(address[0]), []).append(data if data.endswith(b"\n") else data + b"\n")
        for source, datagrams in batches.items():
            self._intake.feed(b"".join(datagrams), source)
        return size

    def _source(self, host: str) -> int:
        source = self._sources.get(host)
        if source is not None:
            return source
        if len(self._sources) < MAX_PEERS:
            peer = host.removeprefix("::ffff:").encode()
            self._sources[host] = source = self._intake.take_source(peer, grace=GRACE_SECONDS)
            return source
        if self._shared is None:
            self._shared = self._intake.take_source(b"", grace=GRACE_SECONDS)
            self._say(f"{self.name}: over {MAX_PEERS} peers: those that follow share one source")
        return self._shared


def listen_udp(address: Address, intake: Intake, say: Say) -> UdpListener:
    """Bind; an empty host is every address of this machine.  Raises ConnectorError when that fails."""
    dual = not address.host and socket.has_dualstack_ipv6()
    try:
        host = address.host or ("::" if dual else "0.0.0.0")  # noqa: S104
        family, kind, protocol, _, where = socket.getaddrinfo(host, address.port, type=socket.SOCK_DGRAM)[0]
        bound = socket.socket(family, kind, protocol)
        if dual:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
        bound.bind(where)
    except OSError as cause:
        raise ConnectorError(
            f"udp {address}: cannot listen: {(cause.strerror or str(cause)).lower()}; "
            "choose an address of this machine and a free port, or 0 for any"
        ) from cause
    return UdpListener(bound, intake, say)
