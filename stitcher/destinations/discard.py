"""Count events and drop them.

    stitcher filter audit.log --to discard

For a look at how fast a log is read, and for counters alone (`--summary`).  At the end it says what was dropped.
"""

from stitcher.destinations import Say
from stitcher.destinations._target import Target


def make(target: Target, say: Say) -> "Discard":
    """The destination of `discard`."""
    if target.text != "discard":
        raise target.fault("write discard; it has no path and takes no options")
    return Discard(say)


class Discard:
    """Two counters."""

    name = "discard"

    def __init__(self, say: Say) -> None:
        self.events = 0
        self.bytes = 0
        self._say = say

    def open(self) -> None:
        """There is nothing to open."""

    def write(self, lines: bytes) -> None:
        """Count them."""
        self.events += lines.count(b"\n")
        self.bytes += len(lines)

    def write_one(self, event: bytes) -> None:
        """Count it."""
        self.events += 1
        self.bytes += len(event)

    def flush(self) -> None:
        """Nothing is held back."""

    def reopen(self) -> None:
        """Nothing is open."""

    def close(self) -> None:
        """Say the counters."""
        events = "1 event" if self.events == 1 else f"{self.events} events"
        self._say(f"discard: {events}, {self.bytes} bytes dropped")
