"""What the tests of aggregation rules share: two rules, an event, and ways to read what comes out."""

from collections.abc import Iterable
from typing import Any

from stitcher.core.aggregator import TAKEN, Aggregator, End, Event, Rule

#: KUMA's rule with one key and one sum
PLAIN = Rule("logins", identical=("Host",), sum=("Message",))
#: one that remembers what it closed
JOINING = Rule(
    "mail", identical=("Queue",), sum=("Message",), ends=(End(lambda event: event.get("Last")),),
    lifetime_seconds=None, remember_events=10,
)  # fmt: skip


def event(message: str = "m", host: str = "web01", at: int = 1_750_000_000_000, **more: Any) -> Event:
    return {"Type": 1, "Host": host, "Queue": host, "Message": message, "StartTime": at, **more}


def fed(aggregator: Aggregator, *events: Event, now: float = 0.0, source: int = 0) -> list[Event]:
    """What came out while these were taken."""
    out: list[Event] = []
    for one in events:
        fate, ended = aggregator.push(one, now, source)
        assert fate == TAKEN
        out += ended
    return out


def all_of(rule: Rule, *events: Event) -> list[Event]:
    """Everything that a rule makes of these, at the end of the input at the latest."""
    aggregator = Aggregator([rule])
    return fed(aggregator, *events) + aggregator.close()


def told(events: Iterable[Event]) -> list[tuple[str, int, str]]:
    """What was summed, how many there were, and why it was over."""
    return [(one.get("Message", ""), one["BaseEventCount"], one["Extra"]["closed_by"]) for one in events]
