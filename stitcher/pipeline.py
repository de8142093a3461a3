"""The corridor: bytes in, one JSON line for each event out.  No clock, no file, no socket; time is an argument.

    connector ─▶ framing ─▶ LAP 1: join ──Type=2──┐
     (bytes)     (lines)    Joiner, parsers       │ loop: the groups, in memory; with emit="aggregated" as JSON
                                                  ▼ to another collector, which comes to the same events
    destination ◀─ splice ◀─ summary, raw, rule ◀── LAP 2: render
                    (additions)       (fields they read)

Lap 1 makes a group, lap 2 reads one.  A Type=2 event that comes in as a line is a group already: the joiner hands it on
as it is, so nothing goes round twice.

A rule says which fields it reads, and its answer is spliced into the bytes before the last brace; nothing is parsed
again.  A summary and the records as they came (`raw`) are added in the same way and in the same splice.  Without any of
them a chunk is two calls into the kernel, and no Python runs for a line or an event.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from functools import cache
from typing import Any, Final, Literal, NamedTuple

import orjson

from stitcher.core.framing import Block, LineFramer, SyslogFramer
from stitcher.errors import ConfigError
from stitcher.event import Group, Limits, Rejected, Rendered, Unwrapped
from stitcher.kernel import Joiner, aggregate, render, splice
from stitcher.kernel._paths import TOP
from stitcher.kernel._record import bytes_of

Emit = Literal["events", "aggregated"]
Framing = Literal["lines", "syslog"]

DEFAULT_LIMITS: Final = Limits()
_LINE_END: Final = re.compile(rb"\n")
#: keys that an event has or may have of its own
_OWN_KEYS: Final = TOP | {"summary", "raw"}
_FRAMERS: Final[dict[str, type[LineFramer] | type[SyslogFramer]]] = {"lines": LineFramer, "syslog": SyslogFramer}


class Drop(Enum):
    """The answer of a rule that wants an event gone."""

    DROP = "drop"


DROP: Final = Drop.DROP


class Rule(NamedTuple):
    """What is done for each event: `answer` is called with the values of the fields that `reads` names.

    A path is as `records.SYSCALL.interpreted.uid` (stitcher/kernel/_paths.py has them all); a value is None where the
    event has no such field.  The answer is None for nothing, DROP to drop the event, or a mapping whose keys become
    keys of the event; those that events have of their own (`id`, `records`, `raw`, …) are refused.
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
        keep_raw: bool = False,
        summarize: bool = False,
        keep_rejected: bool = False,
        aggregation: str = "audit",
    ) -> None:
        """`keep_rejected` keeps lines that could not be read for `take_rejected`; `aggregation` is the rule's name.

        `keep_raw` gives each event the key `raw`, its records as they came (see `records`; a Type=2 event has them
        anyway), and `summarize` the key `summary`.
        """
        if emit not in ("events", "aggregated"):
            raise ConfigError(f"emit={emit!r}: no such output; known: events, aggregated")
        if (rule or summarize) and emit == "aggregated":
            who = "a rule" if rule else "a summary"
            raise ConfigError(f"{who} reads events, and emit='aggregated' ends before there are any; leave one out")
        self._joiner = Joiner(limits, _unwrap, keep_rejected)
        self._limits = limits
        self._emit = emit
        self._keep_raw = keep_raw
        self._additions = _Additions(rule, keep_raw, summarize) if rule or summarize else None
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
        if self._additions is None:
            return render(groups, raw=self._keep_raw).data
        rendered = self._additions.render(groups)
        additions = self._additions.make(rendered.values)
        self._dropped += additions.count(None)
        return splice(rendered, additions)


def records(event: Mapping[str, Any]) -> list[bytes]:
    """The records of an event as they came, in the order of arrival: of one with `raw`, or of a Type=2 event.

    A record is what a line holds from `type=` on, less spaces, CR and NUL at its end (docs/library.md, "Records as they
    came").  Raises ConfigError where the event was made without `keep_raw`.
    """
    raw = event.get("raw")
    if raw is None and isinstance(event.get("Message"), str):
        return bytes_of(event["Message"]).split(b"\n")
    if not isinstance(raw, list):
        raise ConfigError("the event has no 'raw'; make it with --keep-raw or keep_raw=True")
    return [bytes_of(text) for text in raw]


class _Additions:
    """What is written behind an event's native keys and `raw`: `summary`, then what a rule answers."""

    def __init__(self, rule: Rule | None, keep_raw: bool, summarize: bool) -> None:
        summary = _summarizer() if summarize else None
        asked = [one.reads for one in (summary, rule) if one]
        #: each path once
        self.reads = tuple(dict.fromkeys(path for reads in asked for path in reads))
        self._summary = self._asking(summary) if summary else None
        self._rule = self._asking(_checked(rule)) if rule else None
        self._keep_raw = keep_raw

    def render(self, groups: Sequence[Group]) -> Rendered:
        """The events, where each ends, and what is read of them."""
        if self.reads:
            return render(groups, self.reads, self._keep_raw)
        data = render(groups, raw=self._keep_raw).data
        ends = [found.end() for found in _LINE_END.finditer(data)]
        return Rendered(data, ends, [()] * len(ends))

    def make(self, values: Sequence[tuple[Any, ...]]) -> list[bytes | None]:
        """For each event the inside of a JSON object with its last brace and LF; None drops it."""
        rule, summary = self._rule, self._summary
        additions: list[bytes | None] = []
        for read in values:
            answer = rule(read) if rule else None
            if answer is DROP:
                additions.append(None)
                continue
            added: dict[str, object] = {}
            if summary and (told := summary(read)):
                added["summary"] = told
            if answer:
                _refuse_own_keys(answer)
                added.update(answer)
            additions.append(orjson.dumps(added, default=dict, option=orjson.OPT_APPEND_NEWLINE)[1:] if added else b"")
        return additions

    def _asking(self, rule: Rule) -> Callable[[tuple[Any, ...]], Any]:
        """The answer of a rule to all values that were read, of which it gets its own."""
        answer = rule.answer
        count = len(rule.reads)
        if rule.reads == self.reads:
            return lambda values: answer(*values)
        if rule.reads == self.reads[:count]:
            return lambda values: answer(*values[:count])
        at = [self.reads.index(path) for path in rule.reads]
        return lambda values: answer(*[values[index] for index in at])


@cache
def _parsers() -> Callable[[bytes], Unwrapped | Group | str | None]:
    """The parsers of wrapped lines, imported when the first one comes: many logs have none."""
    from stitcher.parsers import unwrap

    return unwrap


def _unwrap(line: bytes) -> Unwrapped | Group | str | None:
    return _parsers()(line)


def _summarizer() -> Rule:
    """Imported when it is asked for: its tables are YAML, which other runs need not wait for."""
    from stitcher.summary import summarizer

    made = summarizer()
    return Rule(made.reads, made.answer)


def _checked(rule: Rule) -> Rule:
    """The rule, if its paths are ones."""
    try:
        render([], rule.reads)
    except ValueError as cause:
        raise ConfigError(f"rule: {cause}") from cause
    return rule


def _refuse_own_keys(answer: Mapping[str, object]) -> None:
    if not _OWN_KEYS.isdisjoint(answer):
        taken = ", ".join(sorted(_OWN_KEYS.intersection(answer)))
        raise ConfigError(f"rule: '{taken}' is what an event has of its own; answer by another name")
