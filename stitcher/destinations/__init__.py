"""Destinations: where events go.  One kind, one file, whose docstring is its manual page.

    stdout            the standard output, the default
    file:PATH         appended to a file, which may be rotated
    tcp://HOST:PORT   JSON lines or syslog messages over one connection
    udp://HOST:PORT   one event a datagram
    sqlite:PATH       stored where `stitcher search` finds them
    discard           counted and dropped

`open_destination` makes one of the text behind `--to`.  A destination blocks until what it was given has left; that
is the back-pressure of the house.  What it cannot get rid of it raises as DestinationError, with how many events that
were.
"""

import difflib
from collections.abc import Callable
from importlib import import_module
from typing import Final, Protocol

from stitcher.destinations._target import Target
from stitcher.errors import ConfigError

#: tells the user one line about something unusual
Say = Callable[[str], None]

#: every kind, and how it is written; the module of that name has a `make` that takes a Target and a Say
KINDS: Final = {
    "stdout": "stdout",
    "file": "file:PATH",
    "tcp": "tcp://HOST:PORT",
    "udp": "udp://HOST:PORT",
    "sqlite": "sqlite:PATH",
    "discard": "discard",
}
#: kinds that keep events for searches, and so take them in nothing but their own words, as JSON lines
_STORES: Final = frozenset(("sqlite",))


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

    def reopen(self) -> None:
        """Let go of what was opened by its name, and open what has that name now: SIGHUP came."""

    def close(self) -> None:
        """The last event was written."""


def stores(to: str) -> bool:
    """True where what `to` names takes events in nothing but their own words, as JSON lines."""
    return _kind_of(to) in _STORES


def open_destination(to: str, say: Say) -> Destination:
    """The destination that `to` names, opened.  Raises ConfigError for a text that names none."""
    destination = make_destination(to, say)
    destination.open()
    return destination


def make_destination(to: str, say: Say) -> Destination:
    """The destination that `to` names, not opened yet.  Raises ConfigError for a text that names none."""
    kind = _kind_of(to)
    if kind not in KINDS:
        raise ConfigError(_unknown(to, kind))
    target = Target(to, KINDS[kind])
    made: Destination = import_module(f"stitcher.destinations.{kind}").make(target, say)
    return made


def _kind_of(to: str) -> str:
    return to.partition(":")[0].partition("?")[0]


def _unknown(to: str, kind: str) -> str:
    near = difflib.get_close_matches(kind, KINDS, 1)
    guess = f"; did you mean '{near[0]}'?" if near else ";"
    return f"--to {to}: no destination kind '{kind}'{guess} known: {', '.join(KINDS.values())}"
