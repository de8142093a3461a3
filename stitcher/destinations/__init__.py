"""Destinations: where events go.  One kind, one file, whose docstring is its manual page.

    stdout            the standard output, the default
    file:PATH         appended to a file
    tcp://HOST:PORT   JSON lines over one connection
    udp://HOST:PORT   one event a datagram

`open_destination` makes one of the text behind `--to`.  A destination blocks until what it was given has left; that
is the back-pressure of the house.  What it cannot get rid of it raises as DestinationError, with how many events that
were.
"""

import difflib
from collections.abc import Callable
from typing import Final, Protocol

from stitcher.address import Address, parse_address
from stitcher.errors import ConfigError

#: tells the user one line about something unusual
Say = Callable[[str], None]

_KINDS: Final = {"stdout": "stdout", "file": "file:PATH", "tcp": "tcp://HOST:PORT", "udp": "udp://HOST:PORT"}


class Destination(Protocol):
    """What every kind can do; each call may raise DestinationError."""

    name: str

    def open(self) -> None:
        """Get ready, before the first byte of input is read."""

    def write(self, lines: bytes) -> None:
        """Events as lines, LF behind each."""

    def write_one(self, event: bytes) -> None:
        """One event, whatever it looks like; it may hold LF."""

    def flush(self) -> None:
        """Let nothing stay here."""

    def close(self) -> None:
        """The last event was written."""


def open_destination(to: str, say: Say) -> Destination:
    """The destination that `to` names, opened.  Raises ConfigError for a text that names none."""
    destination = _make(to, say)
    destination.open()
    return destination


def _make(to: str, say: Say) -> Destination:
    kind, colon, rest = to.partition(":")
    if kind == "stdout" and not colon:
        from stitcher.destinations.stdout import Stdout

        return Stdout()
    if kind == "file":
        from stitcher.destinations.file import File

        if not rest:
            raise ConfigError(f"--to {to}: the path is missing; write file:PATH, for example file:events.jsonl")
        return File(rest)
    if kind == "tcp":
        from stitcher.destinations.tcp import Tcp

        return Tcp(_address(to, rest), say)
    if kind == "udp":
        from stitcher.destinations.udp import Udp

        return Udp(_address(to, rest), say)
    raise ConfigError(_unknown(to, kind))


def _address(to: str, rest: str) -> Address:
    if not rest.startswith("//"):
        raise ConfigError(f"--to {to}: write {_KINDS[to.partition(':')[0]]}")
    address = parse_address(rest[2:], "--to")
    if not address.host or not address.port:
        raise ConfigError(f"--to {to}: say where to: {_KINDS[to.partition(':')[0]]}")
    return address


def _unknown(to: str, kind: str) -> str:
    near = difflib.get_close_matches(kind, _KINDS, 1)
    guess = f"; did you mean '{near[0]}'?" if near else ";"
    return f"--to {to}: no destination kind '{kind}'{guess} known: {', '.join(_KINDS.values())}"
