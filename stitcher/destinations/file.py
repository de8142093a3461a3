"""Append events to a file.

    stitcher filter audit.log --to file:events.jsonl
    stitcher filter audit.log --to 'file:events.jsonl?max_bytes=100M&max_seconds=1d&keep=7'

The file is made when it is missing (for its owner and group to read) and never emptied.  When an earlier run was cut
in the middle of a line, that line is ended first, so that the next event begins on its own.

    max_bytes=N     begin a new file before this one grows larger; N, or with K, M, G (of 1024)
    max_seconds=N   begin a new file in each period of N seconds, or of 15m, 12h, 1d.  Periods are counted from 1970 in
                    UTC, so 1d is a day there, also over a restart
    keep=N          keep N older files and remove the oldest; without it none is ever removed

The older files are PATH.1, PATH.2 and so on, the newest first.  An event is never cut: one that is larger than
`max_bytes` has a file of its own.  Whoever rotates by other means, logrotate say, renames PATH: before the next event
is written it is noticed that the file of that name is another one or gone, and PATH is made anew.  `listen` does so at
once when it gets SIGHUP.  Where renaming or making fails, writing goes on in the file that is open, and it is said.
"""

import os
import stat
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Final, NamedTuple

from stitcher.destinations import Say
from stitcher.destinations._target import Target
from stitcher.errors import DestinationError


class Rotation(NamedTuple):
    """When a new file is begun, and how many older ones stay; None is never, and all."""

    max_bytes: int | None = None
    max_seconds: int | None = None
    keep: int | None = None

    def __bool__(self) -> bool:
        return self.max_bytes is not None or self.max_seconds is not None


_NEVER: Final = Rotation()


def make(target: Target, say: Say) -> "File":
    """The destination of `file:PATH`."""
    target.takes("max_bytes", "max_seconds", "keep")
    rotation = Rotation(target.octets("max_bytes"), target.seconds("max_seconds"), target.number("keep"))
    if rotation.keep and not rotation:
        raise target.fault("keep says how many rotated files stay; say with max_bytes or max_seconds when to rotate")
    return File(target.path(), say, rotation)


class File:
    """One path, opened for appending."""

    def __init__(self, path: str, say: Say, rotation: Rotation = _NEVER) -> None:
        self.name = f"file:{path}"
        self._path = path
        self._say = say
        self._rotation = rotation
        self._fd = -1
        #: device and inode of what is open
        self._file = (0, 0)
        #: number of the period in which the last event was written
        self._period = 0
        #: something went wrong and was said
        self._said = False

    def open(self) -> None:
        """Open or make the file."""
        self._fd = self._opened()
        self._begin()

    def write(self, lines: bytes) -> None:
        """All of it, or DestinationError with how many lines are missing or cut."""
        self._follow()
        if not self._rotation:
            self._put(memoryview(lines), 0)
            return
        start = 0
        while start < len(lines):
            end = self._end_of_room(lines, start)
            self._put(memoryview(lines)[start:end], lines.count(b"\n", end))
            start = end

    def write_one(self, event: bytes) -> None:
        """The same, but not cut at its newlines."""
        self._follow()
        if self._rotation and self._is_over(len(event)):
            self._rotate()
        try:
            self._put(memoryview(event), 0)
        except DestinationError as error:
            error.unwritten = 1
            raise

    def flush(self) -> None:
        """Nothing is held back."""

    def reopen(self) -> None:
        """Let go of the file, and open or make the one that has its name now."""
        try:
            fd = self._opened()
        except DestinationError as error:
            self._say_once(f"{error.what}; writing goes on in the file that was open")
            return
        os.close(self._fd)
        self._fd = fd
        self._begin()

    def close(self) -> None:
        """Close the file; a file system that writes late (NFS) may complain only here."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            try:
                os.close(fd)
            except OSError as cause:
                what = f"{self.name}: cannot finish writing: {_words(cause)}"
                raise DestinationError(what, 0, "make room and read the input again") from cause

    def _opened(self) -> int:
        try:
            return os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)
        except OSError as first:
            # a named pipe or a terminal cannot be opened for both, or need not
            try:
                return os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
            except OSError:
                what = f"{self.name}: cannot open: {_words(first)}"
                raise DestinationError(what, 0, "choose a path in a folder that you may write to") from first

    def _begin(self) -> None:
        """What is to be known of the file that was opened."""
        status = os.fstat(self._fd)
        self._file = status.st_dev, status.st_ino
        if self._rotation and not stat.S_ISREG(status.st_mode):
            raise DestinationError(f"{self.name}: cannot rotate what is no regular file", 0, "leave the options out")
        self._period = self._period_of(status.st_mtime if status.st_size else time.time())
        if _ends_inside_a_line(self._fd, status.st_size):
            self._put(memoryview(b"\n"), 0)

    def _put(self, data: memoryview, behind: int) -> None:
        """Write; `behind` lines follow, which are lost as well if it fails."""
        left = data
        try:
            while left:
                left = left[os.write(self._fd, left) :]
        except OSError as cause:
            what = f"{self.name}: cannot write: {_words(cause)}"
            unwritten = bytes(left).count(b"\n") + behind
            raise DestinationError(what, unwritten, "make room and read the input again") from cause

    def _follow(self) -> None:
        """Open the path anew where it is no more the name of what is open."""
        try:
            status = os.stat(self._path)  # noqa: PTH116  # a Path costs more than the call
        except FileNotFoundError:
            self.reopen()
        except OSError:
            return  # nobody can tell
        else:
            if (status.st_dev, status.st_ino) != self._file:
                self.reopen()

    def _end_of_room(self, lines: bytes, start: int) -> int:
        """Up to where lines go into this file; begins a new one if it has no room for the first of them."""
        first = lines.find(b"\n", start) + 1 or len(lines)
        most = self._rotation.max_bytes
        if (self._is_over(first - start) and not self._rotate()) or most is None:
            return len(lines)
        room = most - os.fstat(self._fd).st_size
        if len(lines) - start <= room:
            return len(lines)
        return max(lines.rfind(b"\n", start, start + room) + 1 if room > 0 else 0, first)

    def _is_over(self, more: int) -> bool:
        """True where the file has something in it, and `more` bytes now do not belong into it."""
        size = os.fstat(self._fd).st_size
        most = self._rotation.max_bytes
        period = self._period_of(time.time())
        over = size > 0 and (period > self._period or (most is not None and size + more > most))
        if not size:
            self._period = period
        return over

    def _period_of(self, when: float) -> int:
        length = self._rotation.max_seconds
        return int(when // length) if length else 0

    def _rotate(self) -> bool:
        """Give the older files one more, and begin anew; False where that cannot be done."""
        try:
            for older, name in self._renames():
                Path(older).replace(name)
        except OSError as cause:
            self._say_once(f"{self.name}: cannot rotate: {_words(cause)}; writing goes on in the same file")
            return False
        self._said = False
        self.reopen()
        return not self._said

    def _renames(self) -> Iterator[tuple[str, str]]:
        """Old and new names, the oldest file first; what is not to be kept is removed before."""
        free = next(number for number in count(1) if not os.path.lexists(self._older(number)))
        keep = self._rotation.keep
        if keep is not None and free > keep:
            for number in range(keep, free):
                Path(self._older(number)).unlink()
            free = keep
        for number in range(free, 1, -1):
            yield self._older(number - 1), self._older(number)
        yield self._path, self._older(1)

    def _older(self, number: int) -> str:
        return f"{self._path}.{number}"

    def _say_once(self, what: str) -> None:
        """Until it works again."""
        if not self._said:
            self._say(what)
        self._said = True


def _ends_inside_a_line(fd: int, size: int) -> bool:
    try:
        return size > 0 and os.pread(fd, 1, size - 1) != b"\n"
    except OSError:
        return False


def _words(cause: OSError) -> str:
    return (cause.strerror or str(cause)).lower()
