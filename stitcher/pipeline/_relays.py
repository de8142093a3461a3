"""Type=2 events of audit that come in as lines and go on as such; collectors that send them to one another end it.

Each that passes them on counts a round in `Hops`, and one that had too many is refused, as rules do (core.aggregator).
"""

from typing import Any

import orjson

from stitcher.event import COMPLETE, Group, Rejected
from stitcher.kernel import aggregate

Event = dict[str, Any]


class Relays:
    """Takes them while lines are read, gives them when that is done."""

    def __init__(self, rule: str, keep_rejected: bool) -> None:
        """`rule` is what they will say as AggregationRuleName."""
        names = ("aggregated", "events", "complete", "partial", "limit", "timeout", "rejected", "went_round")
        self.counts = dict.fromkeys(names, 0)
        self.rejected: list[Rejected] = []
        self._rule = rule
        self._keep_rejected = keep_rejected
        self._events: list[Event] = []

    def take(self, line: bytes, group: Group) -> None:
        """A group, and the line that it came as."""
        from stitcher.core.aggregator import MAX_HOPS, hops_of

        hops = hops_of(_written(line))
        self.counts["aggregated"] += 1
        if hops > MAX_HOPS:
            self.counts["rejected"] += 1
            self.counts["went_round"] += 1
            self.rejected += [Rejected("went_round", line)] if self._keep_rejected else []
            return
        self.counts["events"] += 1
        self.counts["complete" if group.closed_by in COMPLETE else "partial"] += 1
        if group.closed_by in ("limit", "timeout"):
            self.counts[group.closed_by] += 1
        self._events.append({**orjson.loads(aggregate([group], self._rule)), "Hops": hops + 1})

    def leave(self) -> list[Event]:
        """Those that were taken since the last call."""
        events, self._events = self._events, []
        return events


def _written(line: bytes) -> object:
    """What the line says as `Hops`; it may have a header in front of its JSON."""
    if b'"Hops"' not in line:
        return None
    try:
        found = orjson.loads(line[line.index(b"{") :])
    except orjson.JSONDecodeError:
        return None
    return found.get("Hops") if isinstance(found, dict) else None
