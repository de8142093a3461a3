"""The text behind `from:` of a pipeline in, the connector that it names out.

stdin              the standard input
file:PATH          a file, to its end; compressed ones are unpacked
tcp://HOST:PORT    peers over TCP
udp://HOST:PORT    datagrams
unix:PATH          peers on a unix socket
"""

import difflib
from pathlib import Path
from typing import Final, NamedTuple

from stitcher.address import Address, parse_address
from stitcher.connectors import Intake, Listener, Say
from stitcher.errors import ConfigError

#: every kind, and how it is written
KINDS: Final = {
    "stdin": "stdin",
    "file": "file:PATH",
    "tcp": "tcp://HOST:PORT",
    "udp": "udp://HOST:PORT",
    "unix": "unix:PATH",
}


class Place(NamedTuple):
    """Where bytes come from: with a path ("-" is stdin), or with an address."""

    kind: str
    path: str = ""
    address: Address = Address("", 0)

    @property
    def listens(self) -> bool:
        """True where peers come, False where there is an end."""
        return self.kind not in ("stdin", "file")

    def open(self, intake: Intake, say: Say) -> Listener:
        """Bind and listen; only where peers come.  Raises ConnectorError when that fails."""
        if self.kind == "tcp":
            from stitcher.connectors.tcp import listen_tcp

            return listen_tcp(self.address, intake, say)
        if self.kind == "udp":
            from stitcher.connectors.udp import listen_udp

            return listen_udp(self.address, intake, say)
        from stitcher.connectors.unix import listen_unix

        return listen_unix(Path(self.path), intake, say)


def place_of(text: str) -> Place:
    """What a text names; raises ConfigError where it names nothing."""
    kind, colon, rest = text.partition(":")
    if kind not in KINDS:
        near = difflib.get_close_matches(kind, KINDS, 1)
        guess = f"did you mean '{near[0]}'? " if near else ""
        raise ConfigError(f"no connector kind '{kind}'; {guess}known: {', '.join(KINDS.values())}")
    form = KINDS[kind]
    if kind == "stdin":
        if colon:
            raise ConfigError(f"{text}: write stdin alone")
        return Place(kind, "-")
    if form.endswith("PATH"):
        if not rest:
            raise ConfigError(f"{text}: the path is missing; write {form}")
        return Place(kind, rest)
    if not rest.startswith("//"):
        raise ConfigError(f"{text}: write {form}")
    return Place(kind, "", parse_address(rest[2:], kind))
