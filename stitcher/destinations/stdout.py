"""Write events to the standard output.

    stitcher filter audit.log --to stdout

The default.  Every call is written at once, past Python's own buffer, so an event is visible as soon as it closed.
When the reader has gone away (`| head`) BrokenPipeError passes through: the command line ends as a filter should.
"""

import os
import select

from stitcher.destinations import Say
from stitcher.destinations._target import Target
from stitcher.errors import DestinationError

_FD = 1


def make(target: Target, say: Say) -> "Stdout":
    """The destination of `stdout`."""
    del say
    if target.text != "stdout":
        raise target.fault("write stdout; it has no path and takes no options")
    return Stdout()


class Stdout:
    """File descriptor 1."""

    name = "stdout"

    def open(self) -> None:
        """It is open already."""

    def write(self, lines: bytes) -> None:
        """All of it, however often the pipe fills up."""
        left = memoryview(lines)
        while left:
            try:
                left = left[os.write(_FD, left) :]
            except BlockingIOError:
                # another program made the pipe that we share non-blocking
                select.select([], [_FD], [])
            except BrokenPipeError:
                raise
            except OSError as cause:
                what = f"stdout: cannot write: {(cause.strerror or str(cause)).lower()}"
                raise DestinationError(what, bytes(left).count(b"\n"), "make room and read the input again") from cause

    def write_one(self, event: bytes) -> None:
        """The same: what an event looks like does not matter here."""
        try:
            self.write(event)
        except DestinationError as error:
            error.unwritten = 1
            raise

    def flush(self) -> None:
        """Nothing is held back."""

    def reopen(self) -> None:
        """It has no name."""

    def close(self) -> None:
        """It is not ours to close."""
