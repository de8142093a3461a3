"""Any source, by its normalizer and rules: blocks of lines in, what the destinations get out.

    line ─▶ normalizer ─▶ original ─▶ filters ─▶ rule ──Type=2──▶ loop: the normalizer again, with the JSON of the event
                             │                     │                   │
                             └── taken by no rule ─┴───────────────────┴─▶ filters ─▶ enrichments ─▶ destinations

Where the normalizer reads audit, lap 2 is the kernel's: the event is decoded there, as on the kernel's own road.
"""

from collections.abc import Sequence
from typing import Any, Final

import orjson

from stitcher.core.aggregator import PASSED, REFUSED, Aggregator
from stitcher.core.framing import Block
from stitcher.core.normalizer import SKIPPED, Normalizer, Refused
from stitcher.event import COMPLETE, COUNTERS, Group, Rejected
from stitcher.kernel._record import text_of
from stitcher.pipeline._flat import Event, FlatWay, Sieve, flat_way
from stitcher.pipeline._hearing import AGGREGATION, LINE, LOOP, NORMALIZER, ORIGINALS, Hear, Heard
from stitcher.pipeline._kernel_road import unwrap
from stitcher.pipeline._plan import Output, Plan
from stitcher.pipeline._relays import Relays
from stitcher.pipeline._second import SecondLap

#: what an original is told by, and what has been round
_ORIGINAL: Final = 1
_AGGREGATED: Final = 2
#: what a Type=2 event tells of its making, for the event that is made of it
_CARRIED: Final = ("ID", "BaseEventCount", "AggregationRuleName", "StartTime", "EndTime", "Hops")
#: the reason for which an event is refused that went round too often
_ROUND: Final = "went_round"
#: reasons that are counters of their own, by the kernel's names; others are a normalizer's words
_NAMED: Final = frozenset((*COUNTERS, _ROUND))
#: what is no part of an audit record
_TRAILING: Final = b" \r\0"
#: what is counted here; what the rules did is counted by them
_COUNTED: Final = (
    "lines", "records", "skipped", "aggregated", "rejected", "events", "complete", "partial", "limit", "timeout",
)  # fmt: skip


class GeneralRoad:
    """One normalizer, its aggregator, and the ways out."""

    def __init__(self, plan: Plan, keep_rejected: bool, midnight: float, hear: Hear | None = None) -> None:
        assert plan.normalizer is not None
        self._normalizer: Normalizer = plan.normalizer
        self._loop = plan.loop
        self._midnight = midnight
        self._now = 0.0
        self._longest = plan.limits.max_line_bytes
        self._hear = hear
        self._originals = Sieve(plan.originals, hear, ORIGINALS)
        self._aggregator = _aggregator(plan, hear)
        every = list(enumerate(plan.outlets))
        self._looped = looped = any(outlet.loop for outlet in plan.outlets)
        self._way = FlatWay(plan.filters, plan.enrichments, [one for one in every if not one[1].loop], hear)
        # filters and enrichments are for what has been round, where something goes round
        self._first = flat_way(plan, hear) if looped else self._way
        self._audit = plan.decodes
        self._second = SecondLap(plan, hear=hear) if plan.decodes and (plan.loop or looped) else None
        rule = plan.rules[0].name if plan.rules else plan.aggregation
        self._relays = Relays(rule, keep_rejected)
        self._peers: list[bytes] = []
        self._keep_rejected = keep_rejected
        self._rejected: list[Rejected] = []
        self._counts = dict.fromkeys(_COUNTED, 0)
        self._reasons = {_ROUND: 0}
        #: lines that the normalizer refused; its own counters have them, too
        self._refused = 0
        self.next_deadline = self._aggregator.next_deadline
        self.held = self._aggregator.held

    def source(self, peer: bytes, grace: float) -> int:
        """A number for one more source."""
        self._peers.append(peer)
        number = len(self._peers) - 1
        if grace:
            self._aggregator.reorders(number, grace)
        return number

    def feed(self, block: Block, source: int, now: float) -> list[Output]:
        """What the lines of a block brought about."""
        rows = bytes(block).split(b"\n")
        if not rows[-1]:
            rows.pop()
        self._counts["lines"] += len(rows)
        self._now = max(now, self._now)
        return [output for row in rows for output in self._line(row, source)]

    def expire(self, now: float) -> list[Output]:
        """Groups whose time is over."""
        self._now = max(now, self._now)
        return self._round(self._aggregator.expire(self._now))

    def close(self) -> list[Output]:
        """All that is held."""
        return self._round(self._aggregator.close())

    def counts(self) -> dict[str, int]:
        """What happened so far; "rejected: REASON" are lines that were rejected, by the words of their normalizer.

        What the kernel's join has a counter for has that name.
        """
        parts = [self._way.counts(), self._second.counts() if self._second else {}, self._normalizer_counts()]
        if self._first is not self._way:
            parts.append(self._first.counts())
        parts += [{"dropped": self._originals.dropped, **self._originals.counts}, self._joined_counts()]
        counts: dict[str, int] = {}
        for part in (*parts, self._counts, self._reasons, self._relays.counts):
            for name, count in part.items():
                counts[name] = counts.get(name, 0) + count
        return counts

    def _normalizer_counts(self) -> dict[str, int]:
        """What it left as it was: texts behind the first that it could not read, and values."""
        counts = self._normalizer.counts
        return {
            "not_parsed": sum(counts.not_parsed.values()) - self._refused,
            "not_converted": sum(counts.not_converted.values()),
        }

    def _joined_counts(self) -> dict[str, int]:
        """What the rules did; events are counted where they leave, and what went round where it is refused."""
        return {name: count for name, count in self._aggregator.counts().items() if name not in ("events", _ROUND)}

    def take_rejected(self) -> list[Rejected]:
        """Lines that could not be read, since the last call."""
        rejected, self._rejected = [*self._rejected, *self._relays.rejected], []
        self._relays.rejected = []
        return rejected

    def _line(self, row: bytes, source: int) -> list[Output]:
        line = row.rstrip(_TRAILING) if self._audit else row.removesuffix(b"\r")
        if self._hear is not None:
            self._hear(Heard(LINE, "", "came", None, row))
        if len(row) > self._longest:
            self._tell_line("too_long")
            self._reject(row, "too_long")
        elif not line:
            self._tell_line("skipped")
            self._counts["skipped"] += 1
        elif self._audit and (group := _joined(line)) is not None:
            return [*self._joined_elsewhere(line, group), *self._skip(source)]
        else:
            came = _aggregated(line)
            event = self._read(line, came)
            if event is not None and came is None:
                return self._original(event, source)
            if event is not None:
                return [*self._returned(event), *self._skip(source)]
        return self._skip(source)

    def _tell_line(self, outcome: str) -> None:
        """What became of a line that is no event, as far as nothing else tells it."""
        if self._hear is not None:
            self._hear(Heard(LINE, "", outcome))

    def _skip(self, source: int) -> list[Output]:
        """A line that is no original: it counts for what is left behind."""
        return self._round(self._aggregator.skip(source))

    def _joined_elsewhere(self, line: bytes, group: Group) -> list[Output]:
        """A Type=2 event of audit that came in as a line: to lap 2, or on as it is."""
        if self._second is None:
            self._relays.take(line, group)
            return self._first.take(self._relays.leave())
        self._counts["aggregated"] += 1
        if self._looped:
            return self._second.take([group])
        self._counts["events"] += 1
        self._counts["complete" if group.closed_by in COMPLETE else "partial"] += 1
        if group.closed_by in ("limit", "timeout"):
            self._counts[group.closed_by] += 1
        return self._second.take([group])

    def _returned(self, event: Event) -> list[Output]:
        """A Type=2 event of anything else that came in as a line, and was read."""
        if self._aggregator.went_round(event):
            self._tell_line(REFUSED)
            self._reject(orjson.dumps(event), _ROUND)
            return []
        return self._way.take([event]) if self._looped else self._leave([event])

    def _name_peer(self, event: Event, peer: str) -> None:
        """Who sent it: of audit a part of the envelope, as the kernel has it."""
        if self._audit:
            event.setdefault("Extra", {}).setdefault("peer", peer)
        else:
            event.setdefault("DeviceAddress", peer)

    def _read(self, line: bytes, came: Event | None) -> Event | None:
        """The event of a line, or of the JSON of one that goes round."""
        text = text_of(line)
        read = self._normalizer.read(text, self._midnight + self._now)
        event = None if isinstance(read, Refused) else self._typed(read, came)
        if self._hear is not None:
            steps = self._normalizer.explain(text, self._midnight + self._now)
            self._hear(Heard(NORMALIZER, "", "read", came, (steps, event)))
        if isinstance(read, Refused):
            self._refuse(line, read.reason)
        return event

    def _refuse(self, line: bytes, reason: str) -> None:
        """What the normalizer cannot read; what it skips is nothing at all."""
        self._refused += 1
        if reason == SKIPPED:
            self._tell_line("skipped")
            self._counts["skipped"] += 1
        else:
            self._reject(line, reason)

    def _typed(self, read: Event, came: Event | None) -> Event:
        """An original, with what a Type=2 event that went round tells of its making."""
        self._counts["records" if came is None else "aggregated"] += 1
        event = {"Type": _ORIGINAL, **read}
        if came is not None:
            event["Type"] = _ORIGINAL
            for name in _CARRIED:
                if name in came:
                    event.setdefault(name, came[name])
        return event

    def _original(self, event: Event, source: int) -> list[Output]:
        if peer := self._peers[source]:
            self._name_peer(event, text_of(peer))
        if not self._originals.keeps(event):
            return self._skip(source)
        fate, made = self._aggregator.push(event, self._now, source)
        if self._hear is not None:
            self._hear(Heard(AGGREGATION, "", fate, event, self._aggregator.counts()["guarded"]))
        outputs = self._round(made) if made else []
        if fate == PASSED:
            outputs += self._leave([event])
        elif fate == REFUSED:
            self._reject(orjson.dumps(event), _ROUND)
        return outputs

    def _round(self, made: Sequence[Event]) -> list[Output]:
        """Type=2 events of lap 1: into the loop, or out as they are."""
        if not made:
            return []
        if self._loop:
            return self._round_in_memory(made)
        # what our own end would refuse, because no line can hold it
        long = [event for event in made if len(orjson.dumps(event)) >= self._longest] if self._looped else []
        short = [event for event in made if event not in long]
        self._counts["events"] += len(short)
        return [*self._first.take(short), *self._round_in_memory(long)]

    def _round_in_memory(self, made: Sequence[Event]) -> list[Output]:
        if self._second is not None:
            return self._second.take(self._groups(made))
        read = (self._read(orjson.dumps(event), event) for event in made)
        return self._leave([event for event in read if event is not None])

    def _groups(self, made: Sequence[Event]) -> list[Group]:
        """What lap 2 reads; a rule that leaves the records out makes nothing that it could."""
        groups: list[Group] = []
        for event in made:
            line = orjson.dumps(event)
            found = unwrap(line)
            if isinstance(found, Group):
                groups.append(found)
                if self._hear is not None:
                    self._hear(Heard(LOOP, "", "decoded", event, found))
            else:
                self._reject(line, found if isinstance(found, str) else "not_audit")
        self._counts["events"] += len(groups)
        return groups

    def _leave(self, events: list[Event]) -> list[Output]:
        self._counts["events"] += len(events)
        return self._way.take(events)

    def _reject(self, line: bytes, reason: str) -> None:
        self._counts["rejected"] += 1
        name = reason if reason in _NAMED else f"rejected: {reason}"
        self._reasons[name] = self._reasons.get(name, 0) + 1
        if self._keep_rejected:
            self._rejected.append(Rejected(reason, line))


def _aggregator(plan: Plan, hear: Hear | None) -> Aggregator:
    fields = plan.rule_fields
    values = fields.values if fields and fields.names else None
    if hear is None:
        return Aggregator(plan.rules, values)
    from stitcher.core._watched import Watched

    def tell(did: str, rule: str, about: object, detail: object) -> None:
        hear(Heard(AGGREGATION, rule, did, about, detail))

    return Aggregator(plan.rules, values, make=lambda rule: Watched(rule, tell))


def _joined(line: bytes) -> Group | None:
    """The event that another collector joined, if the line is one."""
    if line.startswith((b"type=", b"node=")) or b"{" not in line:
        return None
    found = unwrap(line)
    return found if isinstance(found, Group) else None


def _aggregated(line: bytes) -> Event | None:
    """The Type=2 event that a line is, if it is one."""
    if not line.startswith(b"{") or b'"Type"' not in line:
        return None
    try:
        found: Any = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) and found.get("Type") == _AGGREGATED else None
