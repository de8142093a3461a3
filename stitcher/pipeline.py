"""The corridor: bytes in, one JSON line for each event out.  No clock, no file, no socket; time is an argument.

    connector ─▶ framing ─▶ LAP 1: join ──Type=2──┐
     (bytes)     (lines)    Joiner, parsers       │ loop: the groups, in memory; with emit="aggregated" as JSON
                                                  ▼ to another collector, which comes to the same events
    destination ◀─ splice ◀─ rule ◀──────── LAP 2: render
                    (answer)  (fields it reads)

Lap 1 makes a group, lap 2 reads one.  A Type=2 event that comes in as a line is a group already: the joiner hands it on
as it is, so nothing goes round twice.

A rule says which fields it reads, and its answer is spliced into the bytes before the last brace; nothing is parsed
again.  Without a rule a chunk is two calls into the kernel, and no Python runs for a line or an event.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from typing import Final, Literal, NamedTuple

import orjson

from stitcher.core.framing import Block, LineFramer, SyslogFramer
from stitcher.errors import ConfigError
from stitcher.event import Group, Limits, Rejected, Unwrapped
from stitcher.kernel import Joiner, aggregate, render, splice
from stitcher.kernel._paths import TOP

Emit = Literal["events", "aggregated"]
Framing = Literal["lines", "syslog"]

DEFAULT_LIMITS: Final = Limits()
_FRAMERS: Final[dict[str, type[LineFramer] | type[SyslogFramer]]] = {"lines": LineFramer, "syslog": SyslogFramer}


class Drop(Enum):
    """The answer of a rule that wants an event gone."""

    DROP = "drop"


DROP: Final = Drop.DROP


class Rule(NamedTuple):
    """What is done for each event: `answer` is called with the values of the fields that `reads` names.

    A path is as `records.SYSCALL.interpreted.uid` (stitcher/kernel/_paths.py has them all); a value is None where the
    event has no such field.  The answer is None for nothing, DROP to drop the event, or a mapping whose keys become
    keys of the event; those that an event has anyway (`id`, `records`, …) are refused.
    """

    reads: tuple[str, ...]
    answer: Callable[..., Mapping[str, object] | Drop | None]


class Stitcher:
    """One corridor: feed it chunks of any number of sources, and write what comes back.

        stitcher = Stitcher()
        out.write(stitcher.feed(chunk, now))      as chunks come, cut anywhere
        out.write(stitcher.expire(now))           at stitcher.next_deadline()
        out.write(stitcher.close())               at the end

    `now` is in seconds of any clock that does not go back.  Where there is none (a file) leave it out: events then
    close by what they hold and by distance in lines.
    """

    def __init__(
        self,
        *,
        limits: Limits = DEFAULT_LIMITS,
        emit: Emit = "events",
        rule: Rule | None = None,
        keep_rejected: bool = False,
        aggregation: str = "audit",
    ) -> None:
        """`keep_rejected` keeps lines that could not be read for `take_rejected`; `aggregation` is the rule's name."""
        if emit not in ("events", "aggregated"):
            raise ConfigError(f"emit={emit!r}: no such output; known: events, aggregated")
        if rule and emit == "aggregated":
            raise ConfigError("a rule reads events, and emit='aggregated' ends before there are any; leave one out")
        self._joiner = Joiner(limits, _unwrap, keep_rejected)
        self._limits = limits
        self._emit = emit
        self._rule = _checked(rule) if rule else None
        self._aggregation = aggregation
        self._framers: list[LineFramer | SyslogFramer] = []
        self._dropped = 0
        self.source()

    def source(self, peer: bytes = b"", *, grace: float = 0.0, framing: Framing = "lines") -> int:
        """A number for one more source: a connection, a peer, files that belong together.  0 is there from the start.

        `peer` names the host where lines do not.  `grace` is for transports that reorder (UDP): the seconds that an
        ended event waits for records that were overtaken.  `framing` "syslog" takes octet counting, too.
        """
        if framing not in _FRAMERS:
            raise ConfigError(f"framing={framing!r}: no such framing; known: {', '.join(_FRAMERS)}")
        self._framers.append(_FRAMERS[framing](self._limits.max_line_bytes))
        return self._joiner.source(peer, grace)

    def feed(self, data: bytes, now: float = 0.0, source: int = 0) -> bytes:
        """Events that `data` ended, as JSON lines; mostly b"" for a little data."""
        return self._round(self._framers[source].push(data), now, source)

    def end(self, source: int) -> bytes:
        """The source has no more bytes (its connection closed): its unfinished last line is a line.

        Its open events are left to `expire`.
        """
        return self._round(self._framers[source].flush(), 0.0, source)

    def expire(self, now: float) -> bytes:
        """Events that have been silent too long."""
        return self._second_lap(self._joiner.expire(now))

    def close(self) -> bytes:
        """The end of everything: all that is held."""
        ended = [self.end(source) for source in range(len(self._framers))]
        return b"".join([*ended, self._second_lap(self._joiner.close())])

    def next_deadline(self) -> float | None:
        """When `expire` will next have something to do; None while nothing is open."""
        return self._joiner.next_deadline()

    def counts(self) -> dict[str, int]:
        """What happened so far, by event.COUNTERS and "dropped"."""
        return self._joiner.counts() | {"dropped": self._dropped}

    def held(self) -> tuple[int, int]:
        """How many events are open, and the bytes of their records."""
        return self._joiner.held()

    def take_rejected(self) -> list[Rejected]:
        """Lines that could not be read, since the last call; only with `keep_rejected`."""
        return self._joiner.take_rejected()

    def _round(self, blocks: list[Block], now: float, source: int) -> bytes:
        """Lap 1, the loop, lap 2."""
        events = [self._second_lap(self._first_lap(block, now, source)) for block in blocks]
        some = [data for data in events if data]
        return some[0] if len(some) == 1 else b"".join(some)

    def _first_lap(self, block: Block, now: float, source: int) -> list[Group]:
        return self._joiner.feed(block, source, now)

    def _second_lap(self, groups: list[Group]) -> bytes:
        if self._emit == "aggregated":
            return aggregate(groups, self._aggregation)
        if self._rule is None:
            return render(groups).data
        return self._ruled(groups, self._rule)

    def _ruled(self, groups: list[Group], rule: Rule) -> bytes:
        """Each event with its rule's answer in it."""
        rendered = render(groups, rule.reads)
        answer = rule.answer
        additions: list[bytes | None] = []
        for values in rendered.values:
            told = answer(*values)
            if told is DROP:
                self._dropped += 1
                additions.append(None)
            else:
                additions.append(_inside(told) if told else b"")
        return splice(rendered, additions)


@cache
def _parsers() -> Callable[[bytes], Unwrapped | Group | str | None]:
    """The parsers of wrapped lines, imported when the first one comes: many logs have none."""
    from stitcher.parsers import unwrap

    return unwrap


def _unwrap(line: bytes) -> Unwrapped | Group | str | None:
    return _parsers()(line)


def _checked(rule: Rule) -> Rule:
    """The rule, if its paths are ones; a rule that reads nothing is asked all the same."""
    try:
        render([], rule.reads)
    except ValueError as cause:
        raise ConfigError(f"rule: {cause}") from cause
    return rule if rule.reads else Rule(("id",), lambda _: rule.answer())


def _inside(told: Mapping[str, object]) -> bytes:
    """The JSON of a mapping without its first brace, and the end of the line."""
    if not TOP.isdisjoint(told):
        taken = ", ".join(sorted(TOP.intersection(told)))
        raise ConfigError(f"rule: an event has '{taken}' already; answer by another name")
    return orjson.dumps(told, default=dict, option=orjson.OPT_APPEND_NEWLINE)[1:]
