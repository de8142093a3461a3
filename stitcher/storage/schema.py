"""What the tables of a storage are, as data: columns, statements, and the marks by which a file is known as ours.

`events` has a row for each event, with what searches ask for; `lines` has the event itself, the JSON line as it came.
They are two tables, because a look through the rows of all events then need not step over their lines: a million
events are looked through in a quarter of a second, so no column but the time needs an index.

Plain SQLite 3.24 (2018) reads and writes it: no STRICT, no generated columns, no JSON functions.
"""

from typing import Final, NamedTuple

#: PRAGMA user_version; a change that an older stitcher would misread counts it up
VERSION: Final = 1
#: PRAGMA application_id: "STCH"
APPLICATION: Final = 0x53544348


class Column(NamedTuple):
    """One column of `events`: its name, its SQL type and what it holds."""

    name: str
    sql: str
    holds: str


COLUMNS: Final = (
    Column("seq", "INTEGER PRIMARY KEY", "number of the row, and of the line in `lines`; grows as events come"),
    Column(
        "time", "INTEGER NOT NULL", "the time of `id`, milliseconds since 1970; 0 for a flat event that does not say"
    ),
    Column(
        "serial", "INTEGER NOT NULL", "the serial of `id`; of a flat event a number below zero that stands for its ID"
    ),
    Column("node", "TEXT NOT NULL", "`node`; empty where not known"),
    Column("part", "INTEGER NOT NULL", "0, and counted up for what came with the same `id` and other records"),
    Column("id", "TEXT NOT NULL", "`id` of the event, SECONDS.MMM:SERIAL; of a flat event its ID"),
    Column("source", "TEXT", "who sent it: `peer` of the envelope"),
    Column("type", "TEXT", "type of the first record"),
    Column("types", "TEXT", "types of all records, each once, with spaces between them"),
    Column("syscall", "TEXT", "the system call by name; its number where it has none"),
    Column("syscall_number", "INTEGER", "the same as a number, which depends on the machine"),
    Column("keys", "TEXT", "keys of the audit rules; several with LF between them"),
    Column("auid", "INTEGER", "who logged in, as a number"),
    Column("auid_name", "TEXT", "the same by name"),
    Column("uid", "INTEGER", "as whom it was done"),
    Column("uid_name", "TEXT", "the same by name"),
    Column("pid", "INTEGER", "the process"),
    Column("exe", "TEXT", "the program"),
    Column("comm", "TEXT", "what the process calls itself"),
    Column("success", "INTEGER", "1 it was done, 0 it failed; NULL where the event does not say"),
    Column("complete", "INTEGER NOT NULL", "1 or 0, as in the event"),
    Column("closed_by", "TEXT", "as in the event"),
    Column("late", "INTEGER NOT NULL", "1 or 0, as in the event"),
    Column("count", "INTEGER", "how many lines were joined"),
)
NAMES: Final = tuple(column.name for column in COLUMNS)

_COLUMNS_SQL: Final = ",\n  ".join(f"{column.name} {column.sql}" for column in COLUMNS)
#: in the order in which they are executed
CREATE: Final = (
    f"CREATE TABLE events (\n  {_COLUMNS_SQL},\n  UNIQUE (time, serial, node, part)\n)",
    "CREATE TABLE lines (seq INTEGER PRIMARY KEY, json TEXT NOT NULL)",
    "CREATE VIEW whole AS SELECT events.*, lines.json FROM events JOIN lines USING (seq)",
    f"PRAGMA application_id = {APPLICATION}",
    f"PRAGMA user_version = {VERSION}",
)
_PLACES: Final = ", ".join("?" * len(COLUMNS))
#: a row whose key is there already is left out
INSERT_EVENT: Final = f"INSERT INTO events VALUES ({_PLACES}) ON CONFLICT (time, serial, node, part) DO NOTHING"  # noqa: S608
INSERT_LINE: Final = "INSERT INTO lines VALUES (?, ?)"
#: what `fault` is asked about
MARKS: Final = """
    SELECT application_id, user_version, (SELECT count(*) FROM sqlite_master)
    FROM pragma_application_id, pragma_user_version
"""


def fault(application: int, version: int, tables: int) -> str:
    """What is wrong with a database of these marks and that many tables; "" for ours, and for an empty one."""
    if not application and not version and not tables:
        return ""
    if application != APPLICATION:
        return "a database of something else than stitcher; choose another path"
    if version > VERSION:
        return f"written by a newer stitcher: schema {version}, and this one knows {VERSION}; use that stitcher"
    return "" if version == VERSION else f"schema {version} is not known, {VERSION} is; choose another path"
