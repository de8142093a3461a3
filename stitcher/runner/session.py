"""What comes out of the corridor to where it goes, and rejected lines to where those go; nothing stays in between."""

import gc
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import NamedTuple

from stitcher.connectors import Listener
from stitcher.destinations import Destination, make_destination
from stitcher.destinations.file import File
from stitcher.errors import DestinationError, StitcherError
from stitcher.pipeline import Corridor, Output, Plan
from stitcher.runner.loopback import LoopBack, loop_to

#: tells the user one line
Say = Callable[[str], None]
#: hears, after each chunk of a file, how many stored bytes and how many lines were read so far
Progress = Callable[[int, int], None]


class Result(NamedTuple):
    """How a run went: the counters, wall seconds, and the exit code that says whether all input was used."""

    counts: dict[str, int]
    seconds: float
    code: int


class Session:
    """A corridor whose outlets are destinations and whose rejected lines go to a file; used in `with`.

    Raises DestinationError with the number of events that were not written, the ones still held included.
    """

    def __init__(self, plan: Plan, say: Say, rejected: str | None = None, zero: float | None = None) -> None:
        """`rejected` is the path of the file for lines that could not be read; without one they are counted only.

        `zero` is the time of day, seconds since 1970, when the `now` of the corridor was 0; else that is the present.
        """
        started = time.monotonic()
        if plan.summarize or any(outlet.translated for outlet in plan.outlets):
            # rules are made of many parts that stay, and many values live for the length of a chunk, none of them in
            # circles: less is to be looked for
            gc.set_threshold(100_000, 50, 100)
        zero = time.time() if zero is None else zero
        self.corridor = Corridor(plan, keep_rejected=rejected is not None, midnight=zero)
        #: seconds spent in writing
        self.writing = 0.0
        self._started = started
        #: puts in one another: what goes round may be read while it is written
        self._puts = 0
        gc.freeze()
        self._rejected = File(rejected, say) if rejected is not None else None
        self._outlets = plan.outlets
        self._destinations: dict[int, Destination] = {
            at: make_destination(outlet.to, say) for at, outlet in enumerate(plan.outlets) if not outlet.loop
        }
        self._stack = ExitStack()

    def open(self) -> None:
        """Get every destination ready but those that lead back here."""
        for destination in self._destinations.values():
            self._open(destination)
        if self._rejected is not None:
            self._rejected.open()

    def open_loops(self, listeners: Sequence[Listener]) -> list[LoopBack]:
        """Get those ready that lead back to one of these listeners, which listens by now."""
        made: list[LoopBack] = []
        for at, outlet in enumerate(self._outlets):
            if outlet.loop:
                loop = loop_to(outlet.to, listeners)
                self._destinations[at] = loop
                self._open(loop)
                made.append(loop)
        return made

    def put(self, outputs: list[Output]) -> None:
        """Write events, and the lines that were rejected meanwhile."""
        started = time.monotonic()
        self._puts += 1
        for at, output in enumerate(outputs):
            try:
                self._write(output)
            except DestinationError as error:
                raise self._with_count(error, outputs[at + 1 :]) from error
        if self._rejected is not None:
            self._write_rejected(self._rejected)
        self._puts -= 1
        if not self._puts:
            self.writing += time.monotonic() - started

    def reopen(self) -> None:
        """Files are opened anew by their names: somebody has moved them away."""
        for destination in self._destinations.values():
            destination.reopen()
        if self._rejected is not None:
            self._rejected.reopen()

    def finish(self, code: int) -> Result:
        """Everything that is held leaves; nothing may follow."""
        self.put(self.corridor.end(0))
        self.put(self.corridor.close())
        for destination in self._destinations.values():
            destination.flush()
        return Result(self.corridor.counts(), time.monotonic() - self._started, code)

    def _open(self, destination: Destination) -> None:
        destination.open()
        self._stack.callback(destination.close)

    def _write(self, output: Output) -> None:
        destination = self._destinations[output.outlet]
        if output.one:
            destination.write_one(output.data)
        else:
            destination.write(output.data)

    def _with_count(self, error: DestinationError, behind: list[Output]) -> DestinationError:
        """The error with all that will not be written any more."""
        lost = error.unwritten + sum(map(_events, behind)) + sum(map(_events, self.corridor.close()))
        words = "1 event was" if lost == 1 else f"{lost} events were"
        return DestinationError(f"{error.what}; {words} not written", lost, error.way_out)

    def _write_rejected(self, rejected: File) -> None:
        lines = b"".join(line + b"\n" for _, line in self.corridor.take_rejected())
        if lines:
            try:
                rejected.write(lines)
            except DestinationError as error:
                what = f"--rejected {error.what}; {error.unwritten} rejected lines were not written"
                raise StitcherError(f"{what}; {error.way_out}") from error

    def __enter__(self) -> "Session":
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._rejected is not None:
            self._rejected.close()
        self._stack.close()


def _events(output: Output) -> int:
    return 1 if output.one else output.data.count(b"\n")
