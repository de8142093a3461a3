"""What must hold of flat events in a database: each once by time, ID and node, and found by what they say."""

import json
from pathlib import Path
from typing import Any

import pytest
from stored import CWD, PROCTITLE, SYSCALL, lines, made, rows, store

from stitcher.storage import schema
from stitcher.storage.query import Search, count, select
from stitcher.storage.reader import Reader
from stitcher.storage.rows import read

Event = dict[str, Any]

LOGIN: Event = {
    "Type": 1,
    "ID": "9a32d135-d98b-82c6-aafb-2a4044928d4b",
    "StartTime": 1751892800700,
    "DeviceHostName": "kestrel",
    "DeviceAddress": "192.0.2.7",
    "DeviceProcessName": "sshd",
    "DeviceProcessID": 3312,
    "DeviceEventClassID": "connection",
    "Name": "SSH login failed",
    "SourceUserName": "joren",
    "DestinationUserName": "admin",
    "DestinationUserID": 1001,
    "EventOutcome": "Failure",
    "Message": "Failed password for admin",
    "BaseEventCount": 3,
    "Extra": {"closed_by": "complete"},
}
PLAIN: Event = {"Type": 1, "StartTime": 1751892801000, "Message": "Server listening on :: port 22."}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.db"


def line(event: Event, **changes: Any) -> bytes:
    return json.dumps({key: value for key, value in (event | changes).items() if value is not None}).encode() + b"\n"


def row(event: Event) -> dict[str, Any]:
    return dict(zip(schema.NAMES, read(line(event), 1).rows[0], strict=True))


def test_the_columns_of_a_flat_event() -> None:
    found = row(LOGIN)
    assert len(found) == len(schema.NAMES)
    assert found == found | {
        "time": 1751892800700, "node": "kestrel", "part": 0, "id": LOGIN["ID"], "source": "192.0.2.7",
        "type": "connection", "types": "CONNECTION SSH LOGIN FAILED", "syscall": None, "keys": None,
        "auid_name": "joren", "uid": "1001", "uid_name": "admin", "pid": "3312", "exe": "sshd", "success": 0,
        "complete": True, "closed_by": "complete", "late": False, "count": 3,
    }  # fmt: skip
    assert found["serial"] < 0


@pytest.mark.parametrize(
    ("outcome", "success"),
    [("success", 1), ("sent", 1), ("failure", 0), ("Bounced", 0), ("deferred", None), (["success"], 1), (7, None)],
)
def test_how_it_went_by_its_outcome(outcome: object, success: int | None) -> None:
    assert row({"Type": 1, "EventOutcome": outcome})["success"] == success


def test_a_group_that_was_cut_is_not_complete() -> None:
    assert [row({"Type": 1, "Extra": {"closed_by": why}})["complete"] for why in ("timeout", "end", "removed")] == [
        False,
        False,
        True,
    ]


@pytest.mark.parametrize(
    "event",
    [
        {"Type": 1},
        {"Type": "x", "ID": "", "StartTime": "soon", "Extra": "text", "BaseEventCount": "many"},
        {"Type": 2, "ID": ["a"], "StartTime": 1 << 63, "Extra": [], "Message": ["x"], "BaseEventCount": 1 << 63},
        {"Type": None, "ID": {"x": "y"}, "DeviceHostName": 7, "DeviceProcessID": (1 << 64) - 1, "Name": "\0\ud7ff"},
        {"Type": 1, "StartTime": -5, "Timestamp": 1e300, "DeviceProcessID": 1e300, "EventOutcome": None},
    ],
)
def test_any_shape_of_a_flat_event_is_stored_once(path: Path, event: Event) -> None:
    data = json.dumps(event).encode() + b"\n"
    assert store(path, data, data).repeats == 1
    assert lines(path) == data.splitlines()
    assert rows(path, "time") == [(0,)]


def test_an_event_without_an_id_is_known_by_all_that_it_holds(path: Path) -> None:
    other_order = json.dumps(dict(reversed(PLAIN.items()))).encode() + b"\n"
    store(path, line(PLAIN), line(PLAIN), other_order, line(PLAIN, Message="another"), line(PLAIN, StartTime=5))
    assert [message for (message,) in rows(path, "json_extract(json, '$.Message')", "ORDER BY seq")] == [
        PLAIN["Message"],
        "another",
        PLAIN["Message"],
    ]


def test_one_id_at_two_times_or_of_two_nodes_is_two_events(path: Path) -> None:
    data = line(LOGIN) + line(LOGIN, StartTime=5) + line(LOGIN, DeviceHostName="osprey")
    assert store(path, data, data).repeats == 3
    assert len(lines(path)) == 3


def test_what_was_made_of_more_takes_the_place(path: Path) -> None:
    """A log that has grown: the group was cut at its end when it was read first."""
    cut = line(LOGIN, BaseEventCount=2, Message="cut", Extra={"closed_by": "end"})
    assert store(path, cut, line(LOGIN)).replaced == 1
    assert store(path, cut).repeats == 1
    assert lines(path) == line(LOGIN).splitlines()


def test_a_newer_normalizer_takes_the_place_of_an_older_one(path: Path) -> None:
    store(path, line(LOGIN, Name="as it was"), line(LOGIN))
    assert lines(path) == line(LOGIN).splitlines()


def test_what_went_round_stays_and_its_aggregate_goes(path: Path) -> None:
    store(path, line(LOGIN, Type=2), line(LOGIN), line(LOGIN, Type=2))
    assert lines(path) == line(LOGIN).splitlines()


def test_type_2_events_of_audit_stand_beside_the_decoded_ones(path: Path) -> None:
    log = b"node=web01 " + SYSCALL + b"node=web01 " + CWD + b"node=web01 " + PROCTITLE
    aggregated, decoded = made(log, emit="aggregated"), made(log)
    store(path, aggregated + decoded, decoded + aggregated)
    found = rows(path, "node, time, type, types, count, success")
    types = "SYSCALL CWD PROCTITLE"
    assert found == [
        ("web01", 1700000000004, "SYSCALL", types, 3, None),
        ("web01", 1700000000004, "SYSCALL", types, 3, 1),
    ]


def test_flat_events_of_one_time_come_in_the_order_in_which_they_were_stored(path: Path) -> None:
    names = [f"step {number}" for number in range(30)]
    store(path, b"".join(line(PLAIN, Message=name) for name in names))
    with Reader(path) as reader:
        for newest in (False, True):
            found = [json.loads(text)["Message"] for text in reader.search(select(Search(), newest_first=newest))]
            assert found == (names[::-1] if newest else names)


@pytest.mark.parametrize(
    ("search", "found"),
    [
        (Search(types=("connection",)), 1),
        (Search(types=("ssh login failed",)), 1),
        (Search(types=("SYSCALL",)), 2),
        (Search(nodes=("kestrel",)), 1),
        (Search(users=("admin",)), 1),
        (Search(users=("joren",)), 1),
        (Search(users=("1001",)), 1),
        (Search(exes=("sshd",)), 1),
        (Search(exes=("ss*",)), 1),
        (Search(exes=("ls",)), 1),
        (Search(pids=("3312",)), 1),
        (Search(success=False), 1),
        (Search(words=("failed PASSWORD",)), 1),
        (Search(ids=(LOGIN["ID"].upper(),)), 1),
        (Search(ids=("00000000-d98b-82c6-aafb-2a4044928d4b",)), 0),
        (Search(start=1751892800700, end=1751892800701), 1),
        (Search(), 4),
    ],
)
def test_a_search_finds_flat_events_beside_those_of_audit(path: Path, search: Search, found: int) -> None:
    store(path, line(LOGIN) + line(PLAIN) + made(SYSCALL + PROCTITLE) + made(SYSCALL, emit="aggregated"))
    with Reader(path) as reader:
        assert reader.count(count(search)) == found
        assert len(list(reader.search(select(search)))) == found
