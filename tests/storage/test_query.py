"""What must hold of searches, as data: what is found by which condition."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from stored import events_of, made, record, store

from stitcher.errors import ConfigError, InputError
from stitcher.storage import schema
from stitcher.storage.place import default_path
from stitcher.storage.query import Search, count, select
from stitcher.storage.reader import Reader
from stitcher.storage.times import parse_time

HOSTILE = "100%_x!y \"'\\; DROP TABLE events --"
OPEN = 'arch=c000003e syscall=2 success=no pid=8 uid=4294967295 auid=-1 exe="/opt/id" key=6101622063'
LOGIN = 'pid=70 uid=0 auid=4294967295 msg=\'op=login exe="/usr/sbin/sshd" res=success\'\x1dUID="root"'
LOG = (
    record("SYSCALL", 1, 'arch=c000003e syscall=59 success=yes pid=7 uid=0 auid=1000 exe="/usr/bin/id" key="exec"')
    + record("CWD", 1, 'cwd="/root/Straße"')
    + record("SYSCALL", 2, OPEN, "1700000010.500")
    + record("USER_LOGIN", 3, LOGIN, "1700000020.000")
    + record("PATH", 4, "name=" + HOSTILE.encode().hex().upper(), "1700000030.000")
    + b"node=web01 "
    + record("USER_LOGIN", 5, "pid=71 uid=7", "1700000040.000")
)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    path = tmp_path_factory.mktemp("storage") / "events.db"
    store(path, made(LOG))
    with Reader(path) as opened:
        yield opened


def serials(reader: Reader, search: Search, newest_first: bool = False, limit: int | None = None) -> list[int]:
    found = [
        int(line.partition('"serial":')[2].partition(",")[0])
        for line in reader.search(select(search, newest_first, limit))
    ]
    assert reader.count(count(search, limit)) == len(found)
    return found


@pytest.mark.parametrize(
    ("search", "found"),
    [
        (Search(), [1, 2, 3, 4, 5]),
        (Search(start=1700000010500), [2, 3, 4, 5]),
        (Search(end=1700000010500), [1]),
        (Search(start=1700000010500, end=1700000020001), [2, 3]),
        (Search(ids=("1700000000.004:1",)), [1]),
        (Search(ids=("1700000000.005:1",)), []),
        (Search(ids=("3", "1700000010.500:2")), [2, 3]),
        (Search(nodes=("web01",)), [5]),
        (Search(nodes=("web0%",)), []),
        (Search(types=("CWD",)), [1]),
        (Search(types=("user_login", "PATH")), [3, 4, 5]),
        (Search(types=("USER",)), []),
        (Search(syscalls=("execve",)), [1]),
        (Search(syscalls=("59", "open")), [1, 2]),
        (Search(keys=("exec",)), [1]),
        (Search(keys=("a",)), [2]),
        (Search(keys=("b c",)), [2]),
        (Search(keys=("b",)), []),
        (Search(users=("0",)), [1, 3]),
        (Search(users=("root",)), [3]),
        (Search(users=("1000",)), [1]),
        (Search(users=("-1",)), [2, 3]),
        (Search(users=("unset",)), [2, 3]),
        (Search(exes=("/usr/bin/id",)), [1]),
        (Search(exes=("id",)), [1, 2]),
        (Search(exes=("/usr/*",)), [1, 3]),
        (Search(exes=("/usr/bin/i[dx]", "sshd")), [1, 3]),
        (Search(pids=("7",)), [1]),
        (Search(pids=("7", "70")), [1, 3]),
        (Search(pids=("seven",)), []),
        (Search(success=True), [1, 3]),
        (Search(success=False), [2]),
        (Search(success=True, exes=("sshd",)), [3]),
        (Search(words=("LOGIN",)), [3, 5]),
        (Search(words=("login", "sshd")), [3]),
        (Search(words=("Straße",)), [1]),
        (Search(words=("100%_x!y \"'\\;",)), [4]),
        (Search(words=("100%%",)), []),
        (Search(words=("_x",)), [4]),
        (Search(words=("1_x",)), []),
        (Search(nodes=("x' OR 1 --",)), []),
    ],
    ids=str,
)
def test_what_is_found(reader: Reader, search: Search, found: list[int]) -> None:
    assert serials(reader, search) == found
    assert serials(reader, search, newest_first=True) == found[::-1]


def test_a_limit_takes_the_first_of_the_order(reader: Reader) -> None:
    assert serials(reader, Search(), limit=2) == [1, 2]
    assert serials(reader, Search(), newest_first=True, limit=2) == [5, 4]


def test_every_field_of_a_search_is_asked_for() -> None:
    given = Search(1, 2, ("1.002:3",), *[("x",)] * 7, True, ("x",))
    assert len(given) == len(Search._fields)
    for field in Search._fields:
        alone = Search(**{field: getattr(given, field)})
        assert select(alone) != select(Search()), field


@pytest.mark.parametrize("text", ["", "x", "1700000000.004", "1700000000.04:1", "1:2:3", "٣"])
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no id; write SECONDS"):
        select(Search(ids=(text,)))


NOW = datetime(2025, 7, 1, 15, 30, 0, 250_000, UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("now", "2025-07-01T15:30:00.250"),
        ("90s", "2025-07-01T15:28:30.250"),
        ("1h", "2025-07-01T14:30:00.250"),
        ("1h30m", "2025-07-01T14:00:00.250"),
        ("1.5d", "2025-06-30T03:30:00.250"),
        ("2W", "2025-06-17T15:30:00.250"),
        ("today", "2025-07-01T00:00"),
        ("Yesterday", "2025-06-30T00:00"),
        ("9:05", "2025-07-01T09:05"),
        ("12:00:30.5", "2025-07-01T12:00:30.500"),
        ("2025-06-01", "2025-06-01T00:00"),
        ("2025-06-01 12:00", "2025-06-01T12:00"),
        ("2025-06-01T12:00:00.004Z", "2025-06-01T12:00:00.004"),
        ("2025-06-01T12:00+03:00", "2025-06-01T09:00"),
        ("1751360412.007", "2025-07-01T09:00:12.007"),
        ("@1751360412", "2025-07-01T09:00:12"),
        ("1969-12-31", "1969-12-31T00:00"),
    ],
)
def test_times(text: str, moment: str) -> None:
    assert parse_time(text, NOW) == round(datetime.fromisoformat(f"{moment}+00:00").timestamp() * 1000)


@pytest.mark.parametrize("text", ["", "1", "h", "1y", "soon", "2025-13-01", "25:00", "01.07.2025", "1h ago", "1..5h"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no time; write 1h or 2d"):
        parse_time(text, NOW)


@pytest.mark.parametrize(
    ("environment", "uid", "path"),
    [
        ({"STITCHER_DB": "x.db", "HOME": "/home/a"}, 0, "x.db"),
        ({"HOME": "/root"}, 0, "/var/lib/stitcher/events.db"),
        ({"HOME": "/home/a"}, 1000, "/home/a/.local/state/stitcher/events.db"),
        ({"HOME": "/home/a", "XDG_STATE_HOME": "/state"}, 1000, "/state/stitcher/events.db"),
        (
            {"HOME": "/home/a", "XDG_STATE_HOME": "state", "STITCHER_DB": ""},
            1000,
            "/home/a/.local/state/stitcher/events.db",
        ),
    ],
)
def test_the_default_database(environment: dict[str, str], uid: int, path: str) -> None:
    assert str(default_path(environment, uid)) == path


def test_the_span_of_a_database(reader: Reader, tmp_path: Path) -> None:
    assert reader.span() == (5, 1700000000004, 1700000040000)
    store(tmp_path / "none.db")
    with Reader(tmp_path / "none.db") as empty:
        assert empty.span() == (0, None, None)


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such database; write one with --to sqlite:PATH"):
        Reader(tmp_path / "nowhere.db")
    (tmp_path / "empty.db").touch()
    with pytest.raises(InputError, match="empty; nothing was stored there yet"):
        Reader(tmp_path / "empty.db")
    (tmp_path / "text.db").write_text("some text " * 100)
    with pytest.raises(InputError, match="cannot read: file is not a database; check"):
        Reader(tmp_path / "text.db")
    store(tmp_path / "newer.db")
    with sqlite3.connect(tmp_path / "newer.db") as database:
        database.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    database.close()
    with pytest.raises(InputError, match="written by a newer stitcher: schema 2, and this one knows 1"):
        Reader(tmp_path / "newer.db")


def test_a_damaged_database_is_said_and_not_a_crash(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    store(path, events_of("debian12-6.1-interleaved.log", "debian12-6.1-arguments.log"))
    data = bytearray(path.read_bytes())
    data[8192:-4096] = b"\xa5" * (len(data) - 12288)
    path.write_bytes(data)
    with Reader(path) as reader, pytest.raises(InputError, match=r"cannot read: .*malformed"):
        list(reader.search(select(Search())))
