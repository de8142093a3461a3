"""Receive lines over TCP from any number of peers.

    stitcher listen --tcp 0.0.0.0:6514

Each connection is a source of its own, named by the peer's IP address: two hosts behind one address stay apart while
both are connected.  Frames end with LF or are octet-counted (RFC 6587), told apart by the first frame of a connection.
Port 0 takes a free port; the one that was taken is in `name`.
"""

import socket

from stitcher.address import Address
from stitcher.connectors import Intake, Say
from stitcher.connectors._streams import BACKLOG, StreamListener
from stitcher.errors import ConnectorError


def listen_tcp(address: Address, intake: Intake, say: Say) -> StreamListener:
    """Bind and listen; an empty host is every address of this machine.  Raises ConnectorError when that fails."""
    try:
        listening = _bind(address)
    except OSError as cause:
        # what Python puts in brackets behind the words repeats the address
        what = (cause.strerror or str(cause)).partition(" (")[0].lower()
        raise ConnectorError(
            f"tcp {address}: cannot listen: {what}; choose an address of this machine and a free port, or 0 for any"
        ) from cause
    host, port = listening.getsockname()[:2]
    return StreamListener(listening, f"tcp {Address(host, port)}", intake, say, peer_name)


def _bind(address: Address) -> socket.socket:
    if not address.host and socket.has_dualstack_ipv6():
        return socket.create_server(("", address.port), family=socket.AF_INET6, backlog=BACKLOG, dualstack_ipv6=True)
    found = socket.getaddrinfo(address.host or "0.0.0.0", address.port, type=socket.SOCK_STREAM)  # noqa: S104
    return socket.create_server(found[0][4][:2], family=found[0][0], backlog=BACKLOG)


def peer_name(address: object) -> bytes:
    """The IP address of a peer, IPv4 in its own form even on an IPv6 socket."""
    host = address[0] if isinstance(address, tuple) else ""
    return str(host).removeprefix("::ffff:").encode()
