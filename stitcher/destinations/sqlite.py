"""Store events in an SQLite database, where `stitcher search` finds them.

    stitcher filter audit.log --to sqlite:events.db
    stitcher filter audit.log --to sqlite

Without a path it is the database that `stitcher search` reads unless it is told another one: $STITCHER_DB, else
/var/lib/stitcher/events.db for root and ~/.local/state/stitcher/events.db for others; its folder is made.  The file is
made when it is missing, for its owner and group to read.

An event is stored once however often it comes: reading a log again changes nothing, and what was cut is completed.  An
event of the same id with other records, late ones say, is stored beside the first.  Each write is a transaction, so
what was written is there after a crash, and can be searched at once.  Events are stored in their own words, as
`--format json` writes them: decoded ones of audit, and the flat ones of other sources and of Type 2.  The file must not
be moved or removed while it is written.
"""

import os
from pathlib import Path

from stitcher.destinations import Say
from stitcher.destinations._target import Target
from stitcher.errors import DestinationError
from stitcher.storage.place import default_path
from stitcher.storage.writer import Writer


def make(target: Target, say: Say) -> "Sqlite":
    """The destination of `sqlite:PATH`, or of the default database."""
    target.takes()
    if target.text != "sqlite":
        return Sqlite(Path(target.path()), say)
    return Sqlite(default_path(os.environ, os.geteuid()), say, make_folder=True)


class Sqlite:
    """One database."""

    def __init__(self, path: Path, say: Say, make_folder: bool = False) -> None:
        self.name = f"sqlite:{path}"
        self._path = path
        self._say = say
        self._make_folder = make_folder
        self._writer = Writer(path, self.name)

    def open(self) -> None:
        """Open or make the database."""
        if self._make_folder:
            try:
                self._path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
            except OSError as cause:
                what = f"{self.name}: cannot make its folder: {(cause.strerror or str(cause)).lower()}"
                raise DestinationError(what, 0, "name another path: sqlite:PATH") from cause
        self._writer.open()

    def write(self, lines: bytes) -> None:
        """All of them, in one transaction; or none, and DestinationError."""
        if lines:
            self._writer.add(lines)

    def write_one(self, event: bytes) -> None:
        """One event, a JSON line as well."""
        try:
            self._writer.add(event)
        except DestinationError as error:
            error.unwritten = 1
            raise

    def flush(self) -> None:
        """Nothing is held back."""

    def reopen(self) -> None:
        """Nothing: a database must not be moved while it is open, for its log stays behind."""

    def close(self) -> None:
        """Close the database, and say what was in it before."""
        self._writer.close()
        if self._writer.repeats:
            self._say(f"{self.name}: {_events(self._writer.repeats)} stored already and left as it was")
        if self._writer.replaced:
            self._say(f"{self.name}: {_events(self._writer.replaced)} replaced by one that holds as much or more")


def _events(count: int) -> str:
    return "1 event was" if count == 1 else f"{count} events were"
