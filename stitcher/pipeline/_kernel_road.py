"""Lap 1 by the kernel: blocks of lines in, what the destinations get out.

lines ─▶ join ──groups──▶ loop: SecondLap
                  │
                  └─ without a loop: Type=2 JSON to the destinations; what comes back as such goes to SecondLap
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING

import orjson

from stitcher.core.framing import Block
from stitcher.event import Group, Rejected, Unwrapped
from stitcher.kernel import Joiner, aggregate
from stitcher.pipeline._hearing import AGGREGATED, AGGREGATION, EVENT, Hear, Heard, name_of, one_by_one
from stitcher.pipeline._plan import AUDIT, Outlet, Output, Plan
from stitcher.pipeline._relays import Event, Relays
from stitcher.pipeline._rule import Rule
from stitcher.pipeline._second import SecondLap

if TYPE_CHECKING:
    from stitcher.pipeline._flat import FlatWay


class KernelRoad:
    """One Joiner, and both laps behind it."""

    def __init__(
        self, plan: Plan, rule: Rule | None = None, keep_rejected: bool = False, hear: Hear | None = None
    ) -> None:
        looped = any(outlet.loop for outlet in plan.outlets)
        self._second = SecondLap(plan, rule, hear) if plan.loop or looped else None
        self._first = None if plan.loop else _FirstLap(plan, hear)
        self._hear = hear
        self._returned: list[Group] = []
        self._returns = 0
        #: bytes of a line that our own end would refuse
        self._longest = plan.limits.max_line_bytes if looped else None
        self._rule = plan.aggregation
        # what goes to no other collector cannot come back, and what is explained goes nowhere
        sends = hear is None and any(outlet.to.startswith(("tcp:", "udp:")) for outlet in plan.outlets)
        self._relays = Relays(plan.aggregation, keep_rejected) if sends and not (plan.loop or looped) else None
        reader = self._unwrap_returned if looped else self._unwrap_relayed if self._relays else unwrap
        self._joiner = Joiner(plan.limits, reader, keep_rejected)
        self.source = self._joiner.source
        self.next_deadline = self._joiner.next_deadline
        self.held = self._joiner.held

    def feed(self, block: Block, source: int, now: float) -> list[Output]:
        """What the lines of a block brought about."""
        return self._leave(self._joiner.feed(block, source, now))

    def expire(self, now: float) -> list[Output]:
        """Events that have been silent too long."""
        return self._leave(self._joiner.expire(now))

    def close(self) -> list[Output]:
        """All that is held."""
        return self._leave(self._joiner.close())

    def counts(self) -> dict[str, int]:
        """What happened so far: event.COUNTERS, and what became of events behind the join."""
        counts = self._joiner.counts()
        counts["aggregated"] += self._returns
        # to the joiner they are nothing
        counts["skipped"] -= self._returns + (self._relays.counts["aggregated"] if self._relays else 0)
        parts = [part.counts() for part in (self._first, self._second) if part]
        for part in (*parts, self._relays.counts if self._relays else {}):
            for name, count in part.items():
                counts[name] = counts.get(name, 0) + count
        return counts

    def take_rejected(self) -> list[Rejected]:
        """Lines that could not be read, since the last call."""
        rejected = self._joiner.take_rejected()
        if self._relays and self._relays.rejected:
            rejected += self._relays.rejected
            self._relays.rejected = []
        return rejected

    def _leave(self, groups: Sequence[Group]) -> list[Output]:
        if self._hear is not None:
            # the kernel makes a Group anew each time that it is asked for one
            groups = list(groups)
            for group in (*groups, *self._returned):
                self._hear(Heard(AGGREGATION, "", "joined", group))
        if self._first is None:
            assert self._second is not None
            return self._second.take(groups)
        if self._longest is not None:
            groups = self._keep_long(groups, self._longest)
        outputs = self._first.take(groups)
        if self._returned and self._second is not None:
            returned, self._returned = self._returned, []
            outputs += self._second.take(returned)
        if self._relays and (events := self._relays.leave()):
            outputs += self._first.take_events(events)
        return outputs

    def _keep_long(self, groups: Sequence[Group], most: int) -> Sequence[Group]:
        """Those that a line can hold; others go round in memory.  A byte takes six in JSON at most."""
        long = [
            group
            for group in groups
            if len(group.message) + len(group.node) + sum(map(len, group.envelope)) > most // 8
            and len(aggregate([group], self._rule)) > most
        ]
        self._returned += long
        return [group for group in groups if group not in long]

    def _unwrap_returned(self, line: bytes) -> Unwrapped | Group | str | None:
        """A Type=2 event went round: it is not for the joiner, which would send it round again."""
        found = unwrap(line)
        if isinstance(found, Group):
            self._returned.append(found)
            self._returns += 1
            return ""
        return found

    def _unwrap_relayed(self, line: bytes) -> Unwrapped | Group | str | None:
        """A Type=2 event goes on, and counts its rounds."""
        found = unwrap(line)
        if isinstance(found, Group) and self._relays:
            self._relays.take(line, found)
            return ""
        return found


class _FirstLap:
    """Type=2 events as JSON."""

    def __init__(self, plan: Plan, hear: Hear | None = None) -> None:
        self._rule = plan.aggregation
        self._outlets = plan.outlets
        self._hear = hear
        self._way: FlatWay | None = None
        if plan.filters or plan.enrichments or any(map(_is_choosy, plan.outlets)):
            from stitcher.pipeline._flat import flat_way

            self._way = flat_way(plan, hear)

    def counts(self) -> dict[str, int]:
        return self._way.counts() if self._way else {}

    def take(self, groups: Sequence[Group]) -> list[Output]:
        if not groups:
            return []
        if self._hear is None:
            return self._take(groups)
        if self._way is None:
            return one_by_one(self._hear, self._take, groups, name_of(self._outlets), AGGREGATED)
        outputs: list[Output] = []
        for group in groups:
            # the way tells the rest
            self._hear(Heard(EVENT, AGGREGATED, "leaves", group))
            outputs += self._take([group])
        return outputs

    def _take(self, groups: Sequence[Group]) -> list[Output]:
        lines = aggregate(groups, self._rule)
        if self._way is None:
            return [Output(at, lines) for at in range(len(self._outlets))]
        return self._way.take([orjson.loads(line) for line in lines.splitlines()])

    def take_events(self, events: Sequence[Event]) -> list[Output]:
        """The same of events that were joined elsewhere."""
        if self._way is not None:
            return self._way.take(events)
        lines = b"".join([orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE) for event in events])
        return [Output(at, lines) for at in range(len(self._outlets))]


def _is_choosy(outlet: Outlet) -> bool:
    """It takes some events only, or in other words than the kernel's."""
    return bool(outlet.when) or (outlet.schema, outlet.form) != (AUDIT, "json")


@cache
def _parsers() -> Callable[[bytes], Unwrapped | Group | str | None]:
    """The parsers of wrapped lines, imported when the first one comes: many logs have none."""
    from stitcher.parsers import unwrap

    return unwrap


def unwrap(line: bytes) -> Unwrapped | Group | str | None:
    """What the parsers make of a line that is no bare record (stitcher.parsers.unwrap)."""
    return _parsers()(line)
