"""Events for databases, and what is in one."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from stitcher.pipeline import Stitcher
from stitcher.storage.writer import Writer

SAMPLES = Path(__file__).resolve().parent.parent.parent / "samples"


def events_of(*names: str) -> bytes:
    """The events of samples, each read on its own."""
    return b"".join(made((SAMPLES / name).read_bytes()) for name in names)


def made(lines: bytes, **how: Any) -> bytes:
    """The events of audit lines."""
    stitcher = Stitcher(**how)
    return stitcher.feed(lines) + stitcher.close()


def writer(path: Path) -> Writer:
    opened = Writer(path, f"sqlite:{path}")
    opened.open()
    return opened


def store(path: Path, *batches: bytes) -> Writer:
    """Write batches, close, and give the writer with its counters."""
    opened = writer(path)
    for lines in batches:
        opened.add(lines)
    opened.close()
    return opened


def rows(path: Path, columns: str = "json", rest: str = "ORDER BY time, serial, node, part") -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute(f"SELECT {columns} FROM whole {rest}").fetchall()


def lines(path: Path) -> list[bytes]:
    """In the order in which they came."""
    return [line.encode() for (line,) in rows(path, "json", "ORDER BY seq")]


def record(kind: str, serial: int, body: str, when: str = "1700000000.004") -> bytes:
    return f"type={kind} msg=audit({when}:{serial}): {body}\n".encode()


SYSCALL = record(
    "SYSCALL", 1, 'arch=c000003e syscall=59 success=yes exit=0 pid=7 uid=0 auid=1000 exe="/bin/ls" key="a"'
)
CWD = record("CWD", 1, 'cwd="/root"')
PATH = record("PATH", 1, 'item=0 name="/etc/passwd"')
PROCTITLE = record("PROCTITLE", 1, 'proctitle="ls"')


def changed(line: bytes, **keys: Any) -> bytes:
    """An event with other keys, None for without."""
    event = json.loads(line) | keys
    kept = {key: value for key, value in event.items() if value is not None}
    return json.dumps(kept, separators=(",", ":")).encode() + b"\n"
