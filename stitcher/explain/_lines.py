"""Lines in, which of them became an event together out: lap 1, watched line by line.

The kernel's own Joiner does the joining; its counters tell what became of each line.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from stitcher.event import Envelope, Group, Limits, Unwrapped
from stitcher.kernel import Joiner
from stitcher.kernel._header import Header, parse_header

Unwrap = Callable[[bytes], "Unwrapped | Group | str | None"]

_TRAILING: Final = b" \r\0"
#: counters that say what became of a line, the telling ones first
_OUTCOMES: Final = (
    *("too_long", "bad_header", "bad_json", "not_audit"),
    *("aggregated", "skipped", "end_marks", "duplicates", "late_dropped"),
)
_UNREAD: Final = frozenset(("too_long", "bad_header", "bad_json", "not_audit", "skipped", "aggregated"))


class Joining(Protocol):
    """What does lap 1: the kernel's Joiner, or a collector with one in it."""

    def feed(self, data: bytes, source: int, now: float) -> Sequence[Group]:
        """The groups that these lines closed."""

    def close(self) -> Sequence[Group]:
        """All that is held."""

    def counts(self) -> Mapping[str, int]:
        """What happened so far."""


class Taken(NamedTuple):
    """A line as lap 1 took it; `outcome` is the name of the counter that it went to, or `joined`."""

    number: int
    line: bytes
    outcome: str
    payload: bytes
    node: bytes
    envelope: Envelope

    def id(self) -> str:
        """The id of the event that the line belongs to, empty where it has none."""
        header = parse_header(self.payload)
        return id_of(header) if header else ""


class Told(NamedTuple):
    """The lines of one event, and the event as lap 1 closed it; None for a line that is part of none."""

    lines: list[Taken]
    group: Group | None

    def id(self) -> str:
        """The id of the event."""
        return id_of(self.group) if self.group else self.lines[0].id()


def follow(lines: Iterable[bytes], unwrap: Unwrap, limits: Limits | None = None, peer: bytes = b"") -> Iterator[Told]:
    """Lead lines through lap 1 and tell which became an event together, in the order in which events end."""
    joiner = Joiner(limits or Limits(), unwrap)
    return follow_through(lines, unwrap, joiner, joiner.source(peer))


def follow_through(lines: Iterable[bytes], unwrap: Unwrap, joining: Joining, source: int = 0) -> Iterator[Told]:
    """The same through what does lap 1 already, as one of its sources."""
    return _Follower(unwrap, joining, source).follow(lines)


class _Follower:
    def __init__(self, unwrap: Unwrap, joining: Joining, source: int) -> None:
        self._unwrap = unwrap
        self._joiner = joining
        self._source = source
        self._before = self._joiner.counts()
        self._held: dict[str, list[Taken]] = {}

    def follow(self, lines: Iterable[bytes]) -> Iterator[Told]:
        for number, line in enumerate(lines, 1):
            groups = self._joiner.feed(line + b"\n", self._source, 0.0)
            taken = self._take(number, line)
            if taken.outcome == "aggregated":
                yield from (Told([taken], group) for group in groups)
                continue
            name = taken.id()
            if taken.outcome == "joined" or name in self._held:
                self._held.setdefault(name, []).append(taken)
            else:
                yield Told([taken], None)
            yield from map(self._gather, groups)
        yield from map(self._gather, self._joiner.close())
        for rest in self._held.values():
            yield from (Told([taken], None) for taken in rest)

    def _take(self, number: int, line: bytes) -> Taken:
        counts = self._joiner.counts()
        rose = {name for name, count in counts.items() if count > self._before[name]}
        self._before = counts
        outcome = next((name for name in _OUTCOMES if name in rose), "joined")
        if outcome in _UNREAD:
            return Taken(number, line, outcome, b"", b"", Envelope())
        return Taken(number, line, outcome, *unwrapped(line, self._unwrap))

    def _gather(self, group: Group) -> Told:
        """The lines that a group was made of, and what else came for its id meanwhile."""
        name = id_of(group)
        held = self._held.get(name, [])
        mine: list[Taken] = []
        for record in group.message.split(b"\n"):
            fitting = (taken for taken in held if taken.outcome == "joined" and taken.payload == record)
            first = next(fitting, None)
            if first is not None:
                of_host = (taken for taken in (first, *fitting) if _host(taken) in (group.node, b""))
                mine.append(first if _host(first) == group.node else next(of_host, first))
                held.remove(mine[-1])
        if not any(taken.outcome == "joined" for taken in held):
            mine += held
            self._held.pop(name, None)
        return Told(sorted(mine), group)


def unwrapped(line: bytes, unwrap: Unwrap) -> tuple[bytes, bytes, Envelope]:
    """(payload, node, envelope) of a line as the Joiner cuts it; the payload is empty where there is no record."""
    payload, envelope = line.rstrip(_TRAILING), Envelope()
    if not payload.startswith((b"type=", b"node=")):
        found = unwrap(payload) if payload else None
        if not isinstance(found, Unwrapped):
            return b"", b"", envelope
        envelope, payload = found
    if not payload.startswith(b"node="):
        return payload, b"", envelope
    node, _, payload = payload[5:].partition(b" type=")
    return b"type=" + payload, node, envelope


def id_of(part: Header | Group) -> str:
    """The id of an event: its time and serial."""
    return f"{part.seconds}.{part.milliseconds:03d}:{part.serial}"


def _host(taken: Taken) -> bytes:
    return taken.node or taken.envelope.host
