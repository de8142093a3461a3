"""Bytes in, what each destination gets out.  No clock, no file, no socket; time is an argument.

    connector ─▶ framing ─▶ LAP 1: join ──Type=2──┐
     (bytes)     (lines)    road, parsers         │ loop: in memory; or as JSON through a destination, to this
                                                  ▼ collector or another, which comes to the same events
    destinations ◀─ router ◀─ enrichment ◀─ filter ◀─ LAP 2: decode

Lap 1 makes a group, lap 2 reads one; a Type=2 event that comes in as a line is a group already, so nothing goes round
twice.  The road is the kernel's for audit (_kernel_road), and the general one for anything else (_general_road).
"""

from typing import Final, Literal, Protocol

from stitcher.core.framing import Block, LineFramer, SyslogFramer
from stitcher.errors import ConfigError
from stitcher.event import Rejected
from stitcher.pipeline._hearing import Hear
from stitcher.pipeline._kernel_road import KernelRoad
from stitcher.pipeline._plan import Output, Plan
from stitcher.pipeline._rule import Rule

Framing = Literal["lines", "syslog"]

_FRAMERS: Final[dict[str, type[LineFramer] | type[SyslogFramer]]] = {"lines": LineFramer, "syslog": SyslogFramer}


class Road(Protocol):
    """Both laps."""

    def source(self, peer: bytes, grace: float) -> int:
        """A number for one more source."""

    def feed(self, block: Block, source: int, now: float) -> list[Output]:
        """What the lines of a block brought about."""

    def expire(self, now: float) -> list[Output]:
        """Events that have been silent too long."""

    def close(self) -> list[Output]:
        """All that is held."""

    def next_deadline(self) -> float | None:
        """When `expire` will next have something to do."""

    def counts(self) -> dict[str, int]:
        """What happened so far."""

    def held(self) -> tuple[int, int]:
        """How many events are open, and the bytes of their records."""

    def take_rejected(self) -> list[Rejected]:
        """Lines that could not be read, since the last call."""


class Corridor:
    """A plan at work: feed it chunks of any number of sources, and give every outlet its outputs.

    `now` is in seconds of any clock that does not go back.  Where there is none (a file) leave it out: events then
    close by what they hold and by distance in lines.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        rule: Rule | None = None,
        keep_rejected: bool = False,
        midnight: float = 0.0,
        hear: Hear | None = None,
    ) -> None:
        """`midnight` is the time of day, seconds since 1970, when `now` was 0: for times that lack their year.

        `hear` is told what happens to events, for `stitcher explain`.
        """
        self._road: Road = _road_of(plan, rule, keep_rejected, midnight, hear)
        self._max_line_bytes = plan.limits.max_line_bytes
        self._framers: list[LineFramer | SyslogFramer] = []
        self.next_deadline = self._road.next_deadline
        self.counts = self._road.counts
        self.held = self._road.held
        self.take_rejected = self._road.take_rejected
        self.expire = self._road.expire
        #: all that is held, as at the end; what comes back of it through a loop may still be fed
        self.release = self._road.close
        self.source()

    def source(self, peer: bytes = b"", *, grace: float = 0.0, framing: Framing = "lines") -> int:
        """A number for one more source: a connection, a peer, files that belong together.  0 is there from the start.

        `peer` names the host where lines do not.  `grace` is for transports that reorder (UDP): the seconds that an
        ended event waits for records that were overtaken.  `framing` "syslog" takes octet counting, too.
        """
        if framing not in _FRAMERS:
            raise ConfigError(f"framing={framing!r}: no such framing; known: {', '.join(_FRAMERS)}")
        self._framers.append(_FRAMERS[framing](self._max_line_bytes))
        return self._road.source(peer, grace)

    def feed(self, data: bytes, now: float = 0.0, source: int = 0) -> list[Output]:
        """What `data` brought about; mostly nothing for a little data."""
        return self._round(self._framers[source].push(data), now, source)

    def end(self, source: int) -> list[Output]:
        """The source has no more bytes (its connection closed): its unfinished last line is a line.

        Its open events are left to `expire`.
        """
        return self._round(self._framers[source].flush(), 0.0, source)

    def close(self) -> list[Output]:
        """The end of everything: all that is held."""
        ended = [output for source in range(len(self._framers)) for output in self.end(source)]
        return ended + self._road.close()

    def _round(self, blocks: list[Block], now: float, source: int) -> list[Output]:
        if len(blocks) == 1:
            return self._road.feed(blocks[0], source, now)
        return [output for block in blocks for output in self._road.feed(block, source, now)]


def _road_of(plan: Plan, rule: Rule | None, keep_rejected: bool, midnight: float, hear: Hear | None) -> Road:
    if plan.normalizer is None and not plan.rules:
        return KernelRoad(plan, rule, keep_rejected, hear)
    from stitcher.pipeline._general_road import GeneralRoad

    assert rule is None, "a rule of the library is asked about decoded events of audit"
    return GeneralRoad(plan, keep_rejected, midnight, hear)
