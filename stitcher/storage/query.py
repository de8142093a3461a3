"""What is sought in, an SQL statement and its values out; what a person wrote goes into the values alone.

Conditions of different kinds all have to hold; of one kind any of its values will do.  Words all have to be there.
"""

import json
import re
from typing import Any, Final, NamedTuple

_GLOB: Final = re.compile(r"[*?\[]")
_MEANT: Final = re.compile(r"[!%_]")
_ID: Final = re.compile(r"(?:([0-9]{1,11})\.([0-9]{3}):)?([0-9]{1,10})")
#: the ID of a flat event that a rule made
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
#: how audit says that nobody is there: -1 as an unsigned number
_UNSET: Final = {"-1": "4294967295"}


class Search(NamedTuple):
    """What is sought; nothing is everything."""

    #: milliseconds since 1970; `end` itself is outside
    start: int | None = None
    end: int | None = None
    #: SECONDS.MMM:SERIAL, or a serial alone; a UUID is the ID of a flat event
    ids: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()
    #: of any record in the event; of a flat event its class or its name
    types: tuple[str, ...] = ()
    #: by name or number
    syscalls: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    #: auid or uid, by name or number; of a flat event the source or destination user
    users: tuple[str, ...] = ()
    #: a whole path, a pattern, or without a slash the last part of a path
    exes: tuple[str, ...] = ()
    pids: tuple[str, ...] = ()
    success: bool | None = None
    #: anywhere in the line, in letters of either case
    words: tuple[str, ...] = ()


class Statement(NamedTuple):
    """SQL, and a value for each question mark in it."""

    sql: str
    values: list[Any]


#: field of Search -> what holds for one of its values, each question mark being that value
_CONDITIONS: Final = {
    "nodes": "node = ?",
    "types": "instr(' ' || types || ' ', ' ' || upper(?) || ' ')",
    "syscalls": "(syscall = ? OR syscall_number = ?)",
    "keys": "instr(char(10) || keys || char(10), char(10) || ? || char(10))",
    "users": "(auid = ? OR uid = ? OR auid_name = ? OR uid_name = ?)",
    "exes": "exe GLOB ?",
    "pids": "pid = ?",
}


#: flat events of one time have no order but that in which they came
_ORDER: Final = ("time", "max(serial, -1)", "node", "part", "seq")


def select(search: Search, newest_first: bool = False, limit: int | None = None) -> Statement:
    """The lines of the events that are sought, in the order of their times."""
    where = _where(search)
    order = ", ".join(f"{name} {'DESC' if newest_first else 'ASC'}" for name in _ORDER)
    sql = f"SELECT json FROM events JOIN lines USING (seq) WHERE {where.sql} ORDER BY {order}"  # noqa: S608
    return Statement(sql, where.values) if limit is None else Statement(f"{sql} LIMIT ?", [*where.values, limit])


def count(search: Search, limit: int | None = None) -> Statement:
    """How many they are, at most `limit`."""
    where = _where(search)
    lines = " JOIN lines USING (seq)" if search.words else ""
    sql = f"SELECT 1 FROM events{lines} WHERE {where.sql}"  # noqa: S608
    if limit is not None:
        where = Statement(where.sql, [*where.values, limit])
        sql += " LIMIT ?"
    return Statement(f"SELECT count(*) FROM ({sql})", where.values)  # noqa: S608


def _where(search: Search) -> Statement:
    """Every condition; one that is always true where nothing was asked."""
    parts: list[Statement] = []
    if search.start is not None:
        parts.append(Statement("time >= ?", [search.start]))
    if search.end is not None:
        parts.append(Statement("time < ?", [search.end]))
    if search.success is not None:
        parts.append(Statement("success = ?", [int(search.success)]))
    if search.ids:
        parts.append(_any([_id(text) for text in search.ids]))
    for field, sql in _CONDITIONS.items():
        if values := getattr(search, field):
            parts.append(_any([_condition(field, sql, value) for value in values]))
    parts += [Statement("json LIKE ? ESCAPE '!'", [_pattern(word)]) for word in search.words]
    return Statement(
        " AND ".join(part.sql for part in parts) or "1", [value for part in parts for value in part.values]
    )


def _any(parts: list[Statement]) -> Statement:
    return Statement(f"({' OR '.join(part.sql for part in parts)})", [value for part in parts for value in part.values])


def _condition(field: str, sql: str, value: str) -> Statement:
    if field == "exes":
        if "/" not in value:
            return Statement("(exe GLOB ? OR exe GLOB ?)", [value, f"*/{value}"])
        if not _GLOB.search(value):
            sql = "exe = ?"
    if field == "users":
        value = _UNSET.get(value, value)
    return Statement(sql, [value] * sql.count("?"))


def _id(text: str) -> Statement:
    """Raises ValueError where it is none."""
    if _UUID.fullmatch(text):
        return Statement("id = ? COLLATE NOCASE", [text])
    found = _ID.fullmatch(text)
    if found is None:
        raise ValueError(
            f"'{text}' is no id; write SECONDS.MMM:SERIAL as in an event, its serial alone, or the ID of a flat event"
        )
    seconds, milliseconds, serial = found.groups()
    if seconds is None:
        return Statement("serial = ?", [int(serial)])
    return Statement("(time = ? AND serial = ?)", [int(seconds + milliseconds), int(serial)])


def _pattern(word: str) -> str:
    """For LIKE, a word as it stands in JSON."""
    inside = json.dumps(word, ensure_ascii=False)[1:-1]
    return "%" + _MEANT.sub(r"!\g<0>", inside) + "%"
