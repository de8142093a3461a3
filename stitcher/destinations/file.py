"""Append events to a file.

    stitcher filter audit.log --to file:events.jsonl

The file is made when it is missing (for its owner and group to read) and never emptied.  When an earlier run was cut
in the middle of a line, that line is ended first, so that the next event begins on its own.
"""

import os

from stitcher.errors import DestinationError


class File:
    """One path, opened for appending."""

    def __init__(self, path: str) -> None:
        self.name = f"file:{path}"
        self._path = path
        self._fd = -1

    def open(self) -> None:
        """Open or make the file."""
        try:
            self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)
        except OSError as cause:
            # a named pipe or a terminal cannot be opened for both, or need not
            self._fd = self._open_for_writing(cause)
        if self._ends_inside_a_line():
            self.write(b"\n")

    def write(self, lines: bytes) -> None:
        """All of it, or DestinationError with how many lines are missing or cut."""
        left = memoryview(lines)
        try:
            while left:
                left = left[os.write(self._fd, left) :]
        except OSError as cause:
            what = f"{self.name}: cannot write: {(cause.strerror or str(cause)).lower()}"
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

    def close(self) -> None:
        """Close the file; a file system that writes late (NFS) may complain only here."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            try:
                os.close(fd)
            except OSError as cause:
                what = f"{self.name}: cannot finish writing: {(cause.strerror or str(cause)).lower()}"
                raise DestinationError(what, 0, "make room and read the input again") from cause

    def _open_for_writing(self, first: OSError) -> int:
        try:
            return os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        except OSError:
            what = f"{self.name}: cannot open: {(first.strerror or str(first)).lower()}"
            raise DestinationError(what, 0, "choose a path in a folder that you may write to") from first

    def _ends_inside_a_line(self) -> bool:
        try:
            size = os.lseek(self._fd, 0, os.SEEK_END)
            return size > 0 and os.pread(self._fd, 1, size - 1) != b"\n"
        except OSError:
            return False
