"""Events out of a database file: opened for reading only, and never in the way of who writes it."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple

from stitcher.errors import ConfigError, InputError
from stitcher.storage import query, schema

#: how long a writer is waited for that is just bringing its log in, seconds
_PATIENCE: Final = 2.0


class Span(NamedTuple):
    """How many events there are, and the times of the first and the last in milliseconds; None where there is none."""

    events: int
    first: int | None
    last: int | None


class Reader:
    """One database file, used in `with`.  What SQLite cannot do is an InputError."""

    def __init__(self, path: Path) -> None:
        """Raises ConfigError where there is no file, InputError where it is not ours to read."""
        self._path = path
        if not path.exists():
            way_out = "write one with --to sqlite:PATH, or name another with --db PATH or STITCHER_DB"
            raise ConfigError(f"{path}: no such database; {way_out}")
        try:
            self._db = self._opened()
        except sqlite3.Error as cause:
            raise self._cannot(cause) from cause

    def search(self, wanted: query.Statement) -> Iterator[str]:
        """JSON lines without LF, of a statement of query.select."""
        try:
            for (line,) in self._db.execute(*wanted):
                yield line
        except sqlite3.Error as cause:
            raise self._cannot(cause) from cause

    def count(self, wanted: query.Statement) -> int:
        """The number of a statement of query.count."""
        try:
            (found,) = self._db.execute(*wanted).fetchone()
        except sqlite3.Error as cause:
            raise self._cannot(cause) from cause
        return int(found)

    def span(self) -> Span:
        """What the database holds."""
        try:
            (events,) = self._db.execute("SELECT count(*) FROM events").fetchone()
            (first,) = self._db.execute("SELECT min(time) FROM events").fetchone()
            (last,) = self._db.execute("SELECT max(time) FROM events").fetchone()
        except sqlite3.Error as cause:
            raise self._cannot(cause) from cause
        return Span(events, first, last)

    def _opened(self) -> sqlite3.Connection:
        try:
            return self._checked("mode=ro")
        except sqlite3.OperationalError:
            # who may not write into the folder cannot make the files of a log; without a log nobody writes now
            if self._path.with_name(self._path.name + "-wal").exists():
                raise
            return self._checked("mode=ro&immutable=1")

    def _checked(self, how: str) -> sqlite3.Connection:
        database = sqlite3.connect(
            f"{self._path.absolute().as_uri()}?{how}", uri=True, timeout=_PATIENCE, isolation_level=None
        )
        try:
            marks = database.execute(schema.MARKS).fetchone()
        except sqlite3.Error:
            database.close()
            raise
        if fault := schema.fault(*marks) or ("" if any(marks) else "empty; nothing was stored there yet"):
            database.close()
            raise InputError(f"{self._path}: {fault}")
        return database

    def _cannot(self, cause: sqlite3.Error) -> InputError:
        way_out = "check that it is a database of stitcher, and that you may read it"
        return InputError(f"{self._path}: cannot read: {cause}; {way_out}")

    def __enter__(self) -> "Reader":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()
