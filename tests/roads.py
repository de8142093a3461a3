"""The same lines down two roads: the kernel's joiner, and the aggregation rule in the generic path.

What `normalizers/audit.yaml` says is here a function of a few lines, so that what is compared is the aggregation.
"""

import json
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Final

from stitcher import resources
from stitcher.config import read
from stitcher.config.aggregation import AggregationRule, aggregator
from stitcher.core.aggregator import Event
from stitcher.event import Group, Limits
from stitcher.parsers import unwrap
from stitcher.parsers.audit import parse_audit

#: field of the parse method -> field of the event
MAPPING: Final = {
    "id": "ExternalID", "time_ms": "StartTime", "node": "DeviceHostName", "type": "DeviceEventClassID",
    "payload": "Message", "end": "S.End",
}  # fmt: skip
#: counters that both roads have
COUNTED: Final = (
    "events", "complete", "partial", "late", "late_dropped", "duplicates", "end_marks", "limit", "timeout",
)  # fmt: skip


@cache
def audit_rule() -> AggregationRule:
    """The shipped rule."""
    rule = read(resources.shipped("rules") / "audit.yaml")
    assert isinstance(rule, AggregationRule)
    return rule


def event_of(fields: dict[str, Any]) -> Event:
    """The original event of a line."""
    event: Event = {"Type": 1}
    event |= {MAPPING[name]: value for name, value in fields.items() if name in MAPPING}
    event["Extra"] = {name: fields[name] for name in ("host", "time", "program", "peer") if name in fields}
    return event


class Generic:
    """The aggregation rule as a joiner: the same calls, and Type=2 events."""

    def __init__(self, limits: Limits) -> None:
        self._aggregator = aggregator([audit_rule().model_copy(update=limits._asdict())])
        self._longest = limits.max_line_bytes
        self._peers: list[bytes] = []

    def source(self, peer: bytes = b"", grace: float = 0.0) -> int:
        self._peers.append(peer)
        number = len(self._peers) - 1
        self._aggregator.reorders(number, grace)
        return number

    def feed(self, lines: bytes, source: int, now: float) -> list[Event]:
        rows = lines.split(b"\n")
        if not rows[-1]:
            rows.pop()
        return [event for row in rows for event in self._line(row, source, now)]

    def _line(self, row: bytes, source: int, now: float) -> Sequence[Event]:
        if len(row) > self._longest:
            return self._aggregator.skip(source)
        fields = parse_audit(row, self._peers[source])
        if isinstance(fields, str):
            return self._aggregator.skip(source)
        return self._aggregator.push(event_of(fields), now, source).events

    def expire(self, now: float) -> list[Event]:
        return self._aggregator.expire(now)

    def close(self) -> list[Event]:
        return self._aggregator.close()

    def next_deadline(self) -> float | None:
        return self._aggregator.next_deadline()

    def held(self) -> tuple[int, int]:
        return self._aggregator.held()

    def counts(self) -> dict[str, int]:
        return self._aggregator.counts()


class Roads:
    """The same calls to both; each must give the same events, bytes held, deadline and counters."""

    def __init__(self, kernel: Any, limits: Limits, what: str = "") -> None:
        self._kernel = kernel
        self.what = what
        self.joiner = kernel.Joiner(limits, unwrap)
        self.generic = Generic(limits)
        #: all events so far
        self.events: list[Event] = []

    def source(self, peer: bytes = b"", grace: float = 0.0) -> int:
        self.joiner.source(peer, grace)
        return self.generic.source(peer, grace)

    def feed(self, lines: bytes, source: int = 0, now: float = 0.0) -> list[Event]:
        return self._compare(self.joiner.feed(lines, source, now), self.generic.feed(lines, source, now))

    def expire(self, now: float) -> list[Event]:
        return self._compare(self.joiner.expire(now), self.generic.expire(now))

    def close(self) -> list[Event]:
        return self._compare(self.joiner.close(), self.generic.close())

    def _compare(self, groups: Iterable[Group], events: list[Event]) -> list[Event]:
        theirs = [json.loads(line) for line in self._kernel.aggregate(groups).splitlines()]
        mine = [without_hops(event) for event in events]
        for at, (one, other) in enumerate(zip(mine, theirs, strict=False)):
            assert one == other, f"{self.what}, event {at}"
        assert len(mine) == len(theirs), self.what
        assert self.generic.held() == self.joiner.held(), self.what
        assert self.generic.next_deadline() == self.joiner.next_deadline(), self.what
        counts = self.joiner.counts()
        assert {name: self.generic.counts()[name] for name in COUNTED} == {name: counts[name] for name in COUNTED}
        self.events += mine
        return mine


def without_hops(event: Event) -> Event:
    """What the kernel writes: it has no counter of hops, because what went round is no line of lap 1."""
    return {name: value for name, value in event.items() if name != "Hops"}
