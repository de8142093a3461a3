"""JSON lines in, rows of a database file out: each call is one transaction, and one process writes.

What a call was given is in the database when it returns, and a reader sees it.  The journal is a write-ahead log, so
readers and the writer do not wait for each other, and a process that is killed leaves whole transactions.  Losing power
may lose the last ones (synchronous=NORMAL), but never what is consistent.

An event whose (time, serial, node) is there already is compared with what is there:

    the same line, or nothing that is not there        left out: a repeat
    all that is there, and perhaps more                takes its place
    something of its own                               stays beside it, with the next `part`

Of two flat events with one ID the one that was made of more takes the place of the other, and of equals the later one.
"""

import os
import sqlite3
from pathlib import Path
from typing import Final

from stitcher.errors import DestinationError
from stitcher.storage import schema
from stitcher.storage.rows import Batch, Row, contents_of, read

#: how long another writer is waited for, seconds
_PATIENCE: Final = 5.0
#: pages of the log after which they are brought into the database: 16 MiB, so that it happens in large pieces
_CHECKPOINT_PAGES: Final = 4000
#: what the log is cut to once it was larger, because a reader held it
_LOG_BYTES: Final = 67_108_864
_HELD: Final = """
    SELECT seq, part, json FROM events JOIN lines USING (seq) WHERE time = ? AND serial = ? AND node = ? ORDER BY part
"""
_LOCKED: Final = "locked"
_CHOOSE: Final = "choose a path in a folder that you may write to"
_ROOM: Final = "make room and read the input again: what is stored already is not stored twice"
#: where these columns of a row are
_SEQ, _TIME, _PART = (schema.NAMES.index(name) for name in ("seq", "time", "part"))
_LATE: Final = schema.NAMES.index("late")


class Writer:
    """One database file.  Every method raises DestinationError for what the database does not do."""

    def __init__(self, path: Path, name: str) -> None:
        """`name` is what errors call it."""
        #: events that were there already, and such that were replaced by one that holds more
        self.repeats = 0
        self.replaced = 0
        self._path = path
        self._name = name
        self._db: sqlite3.Connection | None = None

    def open(self) -> None:
        """Open the file, or make it, for its owner and group to read."""
        try:
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640))
        except OSError as cause:
            raise self._cannot("open", (cause.strerror or str(cause)).lower(), _CHOOSE) from cause
        # an absolute path cannot be one of the names that mean something to SQLite
        database = sqlite3.connect(self._path.absolute(), timeout=_PATIENCE, isolation_level=None)
        try:
            self._prepare(database)
        except sqlite3.Error as cause:
            database.close()
            raise self._cannot("open", str(cause), _way_out(cause, _CHOOSE)) from cause
        except DestinationError:
            database.close()
            raise
        self._db = database

    def add(self, lines: bytes) -> None:
        """Store events as JSON lines; after an error none of them is."""
        database = self._db
        assert database is not None
        try:
            database.execute("BEGIN IMMEDIATE")
            try:
                self._add(database, lines)
                database.execute("COMMIT")
            except BaseException:
                if database.in_transaction:  # a full disk has rolled back already
                    database.execute("ROLLBACK")
                raise
        except sqlite3.Error as cause:
            raise self._cannot("write", str(cause), _way_out(cause, _ROOM), lines.count(b"\n")) from cause
        except ValueError as cause:
            way_out = "a database takes events as --format json writes them"
            raise self._cannot("store", str(cause), way_out, lines.count(b"\n")) from cause

    def close(self) -> None:
        """Bring the log into the database, if nobody else has it open."""
        database, self._db = self._db, None
        if database is not None:
            try:
                database.close()
            except sqlite3.Error as cause:
                raise self._cannot("finish writing", str(cause), _way_out(cause, _ROOM)) from cause

    def _prepare(self, database: sqlite3.Connection) -> None:
        if fault := schema.fault(*database.execute(schema.MARKS).fetchone()):
            what, _, way_out = fault.partition("; ")
            raise self._cannot("open", what, way_out)
        (mode,) = database.execute("PRAGMA journal_mode = WAL").fetchone()
        if mode != "wal":
            raise self._cannot("open", "no write-ahead log is possible there", "choose a path on a local disk")
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
        database.execute(f"PRAGMA journal_size_limit = {_LOG_BYTES}")
        if not _tables(database):
            database.execute("BEGIN IMMEDIATE")
            # another writer may have been quicker
            for statement in () if _tables(database) else schema.CREATE:
                database.execute(statement)
            database.execute("COMMIT")

    def _add(self, database: sqlite3.Connection, lines: bytes) -> None:
        (last,) = database.execute("SELECT max(seq) FROM lines").fetchone()
        first = (last or 0) + 1
        batch = read(lines, first)
        usual = [row for row in batch.rows if not row[_LATE]]
        added = database.executemany(schema.INSERT_EVENT, usual).rowcount
        if added == len(batch.rows):
            database.executemany(schema.INSERT_LINE, enumerate(batch.lines, first))
        else:
            self._add_some(database, batch, first)

    def _add_some(self, database: sqlite3.Connection, batch: Batch, first: int) -> None:
        """The rows of some are there; others have the id of an event that is there, or are late."""
        there = {seq for (seq,) in database.execute("SELECT seq FROM events WHERE seq >= ?", (first,))}
        others = []
        for row, line in zip(batch.rows, batch.lines, strict=True):
            if row[_SEQ] in there:
                database.execute(schema.INSERT_LINE, (row[_SEQ], line))
            else:
                others.append((row, line))
        for row, line in others:
            self._settle(database, row, line)

    def _settle(self, database: sqlite3.Connection, row: Row, line: str) -> None:
        """Store an event beside, instead of, or not at all for those of its id that are there."""
        held = database.execute(_HELD, row[_TIME:_PART]).fetchall()
        parts = {part for _, part, _ in held}
        if any(json == line for _, _, json in held):
            self.repeats += 1
            return
        new = contents_of(line)
        for seq, part, json in held:
            old = contents_of(json)
            if new.holds(old):
                database.execute("DELETE FROM events WHERE seq = ?", (seq,))
                database.execute("DELETE FROM lines WHERE seq = ?", (seq,))
                parts.discard(part)
                self.replaced += 1
            elif old.holds(new):
                self.repeats += 1
                return
        free = 0 if 0 not in parts else max(parts) + 1
        database.execute(schema.INSERT_EVENT, (*row[:_PART], free, *row[_PART + 1 :]))
        database.execute(schema.INSERT_LINE, (row[_SEQ], line))

    def _cannot(self, do: str, what: str, way_out: str, unwritten: int = 0) -> DestinationError:
        return DestinationError(f"{self._name}: cannot {do}: {what}", unwritten, way_out)


def _tables(database: sqlite3.Connection) -> int:
    (tables,) = database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return int(tables)


def _way_out(cause: sqlite3.Error, otherwise: str) -> str:
    return "another process writes there; let each have a database of its own" if _LOCKED in str(cause) else otherwise
