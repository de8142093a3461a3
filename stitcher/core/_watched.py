"""A Gatherer that tells what it does, for `stitcher explain`; without a listener there is none of these."""

from collections.abc import Callable
from typing import Any

from stitcher.core._aggregation import End, Event, Rule
from stitcher.core._gathering import Gatherer
from stitcher.core._held import Held, Home, Key

#: hears what the rule of a name did, with which event or group, and the group or (reason, Type=2 events)
Hear = Callable[[str, str, Any, Any], None]


class Watched(Gatherer):
    """Tells `joined`, `late`, `late_dropped`, `duplicate` and `end_mark` of an event, and `closed` of a group."""

    def __init__(self, rule: Rule, hear: Hear) -> None:
        super().__init__(rule)
        self._hear = hear
        self._event: Event = {}

    def _gather(
        self, group: Held | None, event: Event, values: Any, home: Home, key: Key, known: tuple[str, ...], hops: int
    ) -> None:
        self._event = event
        before = self.counts["duplicates"]
        super()._gather(group, event, values, home, key, known, hops)
        if self.counts["duplicates"] > before:
            self._hear("duplicate", self.rule.name, event, group)

    def _end_mark(self, group: Held | None, end: End) -> None:
        self._hear("end_mark", self.rule.name, self._event, None if group is None or group.closed else group)
        super()._end_mark(group, end)

    def _begin(self, group: Held | None, event: Event, home: Home, key: Key) -> Held | None:
        late = group is not None
        begun = super()._begin(group, event, home, key)
        if late:
            self._hear("late_dropped" if begun is None else "late", self.rule.name, event, begun)
        return begun

    def _append(self, group: Held, event: Event, pieces: list[Any], size: int, known: tuple[str, ...]) -> None:
        self._hear("joined", self.rule.name, event, group)
        super()._append(group, event, pieces, size, known)

    def _close(self, group: Held, reason: str) -> None:
        before = len(self._out)
        super()._close(group, reason)
        self._hear("closed", self.rule.name, group, (reason, self._out[before:]))
