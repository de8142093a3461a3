"""Nothing of a record is lost: its bytes are in the fields of its event, and with `keep_raw` it is there as it came."""

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any, Final

import kernel_inputs
import pytest
from corridor import join, sample, sample_names
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rebuilt import is_whole

from stitcher import ConfigError, Stitcher, records
from stitcher.event import Group

CORPORA: Final = Path(__file__).resolve().parent.parent.parent / "shared" / "corpora"
LOGS: Final = sorted(
    path.relative_to(CORPORA).as_posix()
    for pattern in ("*.log", "*.log.gz", "*.stream", "*.stream.gz", "*.json", "*.json.gz", "*.txt")
    for path in CORPORA.rglob(pattern)
    if path.name not in ("README.txt", "journald-short-iso.txt")
)
SAMPLES: Final = kernel_inputs.sample_lines()

_HEADER: Final = re.compile(
    rb"type=([A-Z0-9_]{1,64}(?:\[[0-9]{1,7}\])?) (?:msg=)?audit\(([0-9]{1,11}\.[0-9]{3}):([0-9]{1,10})\)(?::|(?= )) ?"
)
_EXECVE: Final = (b"EXECVE", b"1309", b"UNKNOWN[1309]")
_EOE: Final = (b"EOE", b"1320", b"UNKNOWN[1320]")

same_kernel = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, derandomize=True, max_examples=150
)
seeds = st.integers(0, 1 << 32)


# --- fields and text ----------------------------------------------------------------------------------------------


def bodies_of(rows: list[bytes]) -> Iterator[list[bytes]]:
    """The bodies that each record of an event was made of: EXECVE records are one, at the place of the first."""
    cut = [(found[1], row[found.end() :]) for row in rows if (found := _HEADER.match(row))]
    assert len(cut) == len(rows)
    executed = [body for name, body in cut if name in _EXECVE]
    for at, (name, body) in enumerate(cut):
        if name not in _EXECVE:
            yield [body]
        elif not any(other in _EXECVE for other, _ in cut[:at]):
            yield executed


def lost(kernel: Any, groups: list[Group]) -> list[Any]:
    """(is_whole, record, bodies) of each record that could not be found whole in its event."""
    found = []
    for group, line in zip(groups, kernel.render(groups).data.splitlines(), strict=True):
        event = json.loads(line)
        for record, bodies in zip(event["records"], bodies_of(group.message.split(b"\n")), strict=True):
            whole = is_whole(record, bodies, event.get("missing", []))
            if whole is not True:
                found.append((whole, record, bodies))
    return found


@pytest.mark.parametrize("name", sample_names())
def test_no_byte_of_a_sample_is_lost(kernel: Any, name: str) -> None:
    assert lost(kernel, join(kernel, [sample(name)]).groups) == []


@pytest.mark.parametrize("name", LOGS)
def test_no_byte_of_a_real_log_is_lost(kernel: Any, name: str) -> None:
    data = (CORPORA / name).read_bytes()
    groups = join(kernel, [gzip.decompress(data) if name.endswith(".gz") else data]).groups
    assert lost(kernel, groups[:2000]) == []


def odd_record(r: Random, serial: int) -> bytes:
    """A record of any kind with a good header and a body that may be damaged."""
    if r.random() < 0.3:
        line = r.choice(SAMPLES)
        found = _HEADER.search(line)
        name, body = (found[1], line[found.end() :]) if found else (b"CWD", b"cwd=/")
    else:
        line = kernel_inputs.record(r)
        name, body = line[5:].partition(b" ")[0], line.partition(b"):")[2].removeprefix(b" ")
    while r.random() < 0.3:
        body = kernel_inputs.damaged(body, r)
    return b"type=%b msg=audit(1700000000.004:%d): %b" % (name, serial, body.replace(b"\n", b" "))


@same_kernel
@given(seeds)
def test_no_byte_of_a_damaged_record_is_lost(kernel: Any, seed: int) -> None:
    """A body may be so odd that there are too many ways to read it; what could be decided is whole."""
    r = Random(seed)
    rows = [odd_record(r, serial - (r.random() < 0.2)) for serial in range(1, 12)]
    assert [found for found in lost(kernel, join(kernel, [b"\n".join(rows)]).groups) if found[0] is False] == []


#: a body of each shape
SHAPES: Final = (
    b'SYSCALL arch=c000003e syscall=59 items=2 pid=1 uid=0 comm=612062 exe="/bin/ls" key=(null)\x1dUID="root"',
    b'USER_CMD pid=1 uid=0 msg=\'cwd="/" cmd=6C73 exe="/usr/bin/sudo" free words terminal=pts/0 res=success\' UID="a"',
    b'AVC avc:  denied  { read write } for  pid=1 comm="x" scontext=u:r:t:s0 tclass=file permissive=0',
    b"CONFIG_CHANGE op=adding user id=1001 (old=1), new=2) old=3 and more words",
    b'EXECVE argc=3 a0="ls" a1_len=8 a1[0]="ab" a1[1]=2F20 a2=""',
    b"PROCTITLE proctitle=6C73002D6C",
)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.split()[0].decode())
def test_the_search_notices_whatever_is_taken_out_or_put_in(kernel: Any, shape: bytes) -> None:
    name, _, body = shape.partition(b" ")
    ((group,), _) = join(kernel, [b"type=%b msg=audit(1700000000.004:1): %b" % (name, body)])
    event = json.loads(kernel.render([group]).data)
    (record,) = event["records"]
    assert is_whole(record, [body], event.get("missing", [])) is True
    for other in (body + b" x", body + b" a=1", b"x " + body, body.replace(b"=", b"=0", 1), body[:-3]):
        assert is_whole(record, [other], []) is False
    for less in without_one(record):
        assert is_whole(less, [body], []) is False


def without_one(record: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The record less one field, one inner field, one argument, one half of a value or its text."""
    fields = record["fields"]
    for key, value in fields.items():
        yield {**record, "fields": {name: fields[name] for name in fields if name != key}}
        if isinstance(value, str) and len(value) > 1:
            yield {**record, "fields": {**fields, key: value[:-1]}}
        if isinstance(value, list):
            yield {**record, "fields": {**fields, key: value[1:]}}
        if isinstance(value, dict):
            yield from (
                {**record, "fields": {**fields, key: less["fields"]}} for less in without_one({"fields": value})
            )
    if "text" in record:
        yield {**record, "text": ""}
    if "uid" in record.get("interpreted", {}):
        yield {name: record[name] for name in record if name != "interpreted"}


# --- raw ----------------------------------------------------------------------------------------------------------


def through(stitcher: Stitcher, *chunks: bytes) -> list[dict[str, Any]]:
    out = b"".join([stitcher.feed(chunk) for chunk in chunks] + [stitcher.close()])
    return [json.loads(line) for line in out.splitlines()]


#: what may stand in front of a record: all of them say the same host, or none
FRONTS: Final = (
    b"",
    b"",
    b"node=web01 ",
    b"<14>Nov 14 22:13:20 web01 audispd: ",
    b"<14>1 2023-11-14T22:13:20.004Z web01 auditd 811 - - node=web01 ",
    b"[ 1382.313297] audit: ",
)


def expected(rows: list[bytes]) -> dict[str, list[bytes]]:
    """The records of each id in their order, without end marks, exact repeats once."""
    wanted: dict[str, list[bytes]] = {}
    for row in rows:
        found = _HEADER.match(row)
        assert found
        if found[1] not in _EOE:
            of_id = wanted.setdefault(f"{found[2].decode()}:{int(found[3])}", [])
            if row not in of_id:
                of_id.append(row)
    return wanted


def found_in(events: list[dict[str, Any]]) -> dict[str, list[bytes]]:
    """The same from events; an id may have late parts."""
    found: dict[str, list[bytes]] = {}
    for event in events:
        assert len(event["raw"]) == event["count"]
        found.setdefault(event["id"], []).extend(records(event))
    return found


@settings(deadline=None, derandomize=True)
@given(seeds, st.lists(st.integers(0, 1 << 20), max_size=8))
def test_raw_is_the_lines_that_came_however_they_are_cut(seed: int, cuts: list[int]) -> None:
    r = Random(seed)
    rows = [odd_record(r, r.randrange(1, 6)).rstrip(b" \r\0") for _ in range(r.randrange(1, 20))]
    rows = [row.replace(b"msg=", b"", 1) if r.random() < 0.2 else row for row in rows if _HEADER.match(row)]
    log = b"".join(r.choice(FRONTS) + row + r.choice((b"\n", b"\n", b" \r\n")) for row in rows)
    at = sorted({0, len(log), *(cut % (len(log) + 1) for cut in cuts)})
    events = through(Stitcher(keep_raw=True), *(log[start:end] for start, end in pairwise(at)))
    assert found_in(events) == expected(rows)


@given(st.lists(st.binary(max_size=40).map(lambda body: body.replace(b"\n", b"\r") + b"!"), unique=True, min_size=1))
def test_any_bytes_come_back(bodies: list[bytes]) -> None:
    rows = [b"type=CWD msg=audit(1700000000.004:1): " + body for body in bodies]
    (event,) = through(Stitcher(keep_raw=True), b"\n".join(rows))
    assert records(event) == rows


@pytest.mark.parametrize("name", sample_names())
def test_raw_stands_behind_the_native_keys_and_changes_nothing_else(name: str) -> None:
    plain = through(Stitcher(), sample(name))
    for event, bare in zip(through(Stitcher(keep_raw=True), sample(name)), plain, strict=True):
        assert [*event] == [*bare, "raw"]
        assert {key: event[key] for key in bare} == bare


@pytest.mark.parametrize("name", sample_names())
def test_raw_is_the_same_over_two_collectors_and_a_type_2_event_has_it_anyway(name: str) -> None:
    first = Stitcher(emit="aggregated", keep_raw=True)
    wire = first.feed(sample(name)) + first.close()
    events = through(Stitcher(keep_raw=True), sample(name))
    assert through(Stitcher(keep_raw=True), wire) == events
    assert [records(json.loads(line)) for line in wire.splitlines()] == [records(event) for event in events]


def test_an_event_without_raw_says_how_to_get_it() -> None:
    with pytest.raises(ConfigError, match="--keep-raw or keep_raw=True"):
        records({"id": "1700000000.004:1", "records": []})
