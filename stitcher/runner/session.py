"""Bytes out of the corridor to where events go, and rejected lines to where those go; nothing stays in between."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Literal, NamedTuple

from stitcher.destinations import Destination, open_destination
from stitcher.destinations.file import File
from stitcher.errors import DestinationError, StitcherError
from stitcher.event import Limits
from stitcher.pipeline import Stitcher

#: tells the user one line
Say = Callable[[str], None]
#: hears, after each chunk of a file, how many stored bytes and how many lines were read so far
Progress = Callable[[int, int], None]


class Options(NamedTuple):
    """What a command was asked for, checked."""

    emit: Literal["events", "aggregated"] = "events"
    form: Literal["json", "text"] = "json"
    to: str = "stdout"
    rejected: str | None = None
    limits: Limits = Limits()
    keep_raw: bool = False
    summarize: bool = False


class Result(NamedTuple):
    """How a run went: the counters, wall seconds, and the exit code that says whether all input was used."""

    counts: dict[str, int]
    seconds: float
    code: int


class Session:
    """A Stitcher whose events go to a destination and whose rejected lines go to a file; used in `with`.

    Raises DestinationError with the number of events that were not written, the ones still held included.
    """

    def __init__(self, options: Options, say: Say) -> None:
        self.stitcher = Stitcher(
            limits=options.limits,
            emit=options.emit,
            keep_raw=options.keep_raw,
            summarize=options.summarize and options.form == "json",
            keep_rejected=options.rejected is not None,
        )
        #: seconds spent in writing
        self.writing = 0.0
        self._started = time.monotonic()
        self._text = options.form == "text"
        self._rejected = File(options.rejected, say) if options.rejected is not None else None
        self._destination: Destination = open_destination(options.to, say)
        if self._rejected is not None:
            self._rejected.open()

    def put(self, lines: bytes) -> None:
        """Write events, and the lines that were rejected meanwhile."""
        started = time.monotonic()
        if lines:
            try:
                self._write(lines)
            except DestinationError as error:
                raise self._with_count(error) from error
        if self._rejected is not None:
            self._write_rejected(self._rejected)
        self.writing += time.monotonic() - started

    def reopen(self) -> None:
        """Files are opened anew by their names: somebody has moved them away."""
        self._destination.reopen()
        if self._rejected is not None:
            self._rejected.reopen()

    def finish(self, code: int) -> Result:
        """Everything that is held leaves; nothing may follow."""
        self.put(self.stitcher.end(0))
        self.put(self.stitcher.close())
        self._destination.flush()
        return Result(self.stitcher.counts(), time.monotonic() - self._started, code)

    def _write(self, lines: bytes) -> None:
        if not self._text:
            self._destination.write(lines)
            return
        import orjson

        from stitcher.text import as_block

        events = lines.splitlines()
        for index, line in enumerate(events):
            text = as_block(orjson.loads(line)).encode("utf-8", "backslashreplace")
            try:
                self._destination.write_one(text)
            except DestinationError as error:
                error.unwritten = len(events) - index
                raise

    def _with_count(self, error: DestinationError) -> DestinationError:
        lost = error.unwritten + self.stitcher.close().count(b"\n")
        words = "1 event was" if lost == 1 else f"{lost} events were"
        return DestinationError(f"{error.what}; {words} not written", lost, error.way_out)

    def _write_rejected(self, rejected: File) -> None:
        lines = b"".join(line + b"\n" for _, line in self.stitcher.take_rejected())
        if lines:
            try:
                rejected.write(lines)
            except DestinationError as error:
                what = f"--rejected {error.what}; {error.unwritten} rejected lines were not written"
                raise StitcherError(f"{what}; {error.way_out}") from error

    def __enter__(self) -> "Session":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._rejected is not None:
            self._rejected.close()
        self._destination.close()
