"""The quick way of the reference kernel gives the bytes of the plain one: line_of against the tree of event_of."""

from itertools import islice
from typing import Final

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stitcher.event import CLOSED_BY, Envelope, Group, Limits
from stitcher.kernel import _plain
from stitcher.kernel._event import event_of
from stitcher.kernel._header import parse_header
from stitcher.kernel._join import Joiner
from stitcher.kernel._line import line_of
from stitcher.kernel._plain import COMMON, MEMORY_BYTES, SPECIAL, Memory

#: the same cases in every run
FIXED: Final = settings(derandomize=True, max_examples=600)

TYPES: Final = (
    "SYSCALL PATH CWD EXECVE PROCTITLE SOCKADDR MMAP AVC USER_AVC USER_CMD ADD_GROUP SECCOMP URINGOP MQ_OPEN LOGIN "
    "LANDLOCK_DOMAIN CRYPTO_KEY_USER 1300 UNKNOWN[1306] BRAND_NEW"
).split()
KEYS: Final = (
    "arch syscall success exit a0 a1 a2 a3 items pid auid uid gid ses comm exe key op name mode saddr flags sig "
    "proctitle res id obj_uid cap_fp code fp uring_op msg subj argc a0_len a1[0] argv UID AUID ARCH SYSCALL SADDR x-y.z"
).split()
VALUES: Final = (
    *b"0 1 4294967295 -1 -13 c000003e c00000b7 40000003 257 2 59 241 1b6 ffffff9c 0100644 0x12 9 2F62696E 2F6".split(),
    *b"610062 61016B 6100 020000160A000001 01002F746D70".split(),
    *b"(null) (none) ? a, b) (c) 'q' {x} =x x\"y it's \xff \xc3\xa9".split(),
    b'"x"', b'"2F62"', b'"a b"', b'"a"b"', b'"a",', b'"', b"'", b"", b"a b", b"\x01\\", b'"\xee\xbe\x80"', b"#035UID=x",
)  # fmt: skip
WORDS: Final = (b"word", b"", b"=", b"(op=x", b"avc:  denied  { read } for ", b"type=EOE msg=audit(1.000:1):", b"#035")

CALL: Final = (
    b"arch=c000003e syscall=257 success=no exit=-2 a0=ffffff9c a1=7f16 a2=90842 a3=1b6 items=1 ppid=1 pid=2 auid=1000 "
    b'uid=0 tty=(none) ses=4294967295 comm="ls" exe="/usr/bin/ls" key="opened"'
)
SAID: Final = (b'UID="root"', b"AUID=616E6E", b"GID=x", b"SADDR={ a b }", b'ID="g"', b"X=1", b"w")
NAMES: Final = b'\x1dARCH=x86_64 SYSCALL=openat AUID="ann" UID="root"'

tokens = st.builds(lambda key, value: key.encode() + b"=" + value, st.sampled_from(KEYS), st.sampled_from(VALUES))
parts = st.one_of(
    tokens, tokens, tokens, st.sampled_from(WORDS), st.binary(max_size=6).map(lambda b: b.replace(b"\n", b""))
)
runs = st.lists(parts, max_size=9).map(b" ".join)
plain_runs = st.lists(tokens, max_size=12, unique_by=lambda token: token.partition(b"=")[0]).map(b" ".join)
suffixes = st.one_of(
    st.just(b""),
    st.just(NAMES),
    st.lists(st.sampled_from(SAID), max_size=4).map(lambda names: b"\x1d" + b" ".join(names)),
)  # fmt: skip
arguments = st.lists(st.sampled_from(VALUES), max_size=5).map(
    lambda values: b" ".join((b"argc=%d" % len(values), *(b"a%d=%b" % row for row in enumerate(values))))
)
bodies = st.one_of(
    runs,
    plain_runs,
    st.builds(bytes.__add__, st.one_of(runs, plain_runs, st.just(CALL)), suffixes),
    st.builds(lambda outer, inner, end: b"%b msg='%b'%b" % (outer, inner, end), plain_runs, plain_runs, suffixes),
    st.builds(lambda front, end: front + b" auid=1000 uid=0" + end, plain_runs, suffixes),
    arguments,
)
stamps = st.sampled_from(
    (b" msg=audit(1700000000.004:7): ",) * 6 + (b" msg=audit(1.000:7):", b" audit(1700000000.004:7): ", b" ")
)
lines = st.builds(
    lambda name, stamp, body: b"type=" + name.encode() + stamp + body, st.sampled_from(TYPES), stamps, bodies
)
envelopes = st.sampled_from((Envelope(), Envelope(peer=b"10.0.0.7"), Envelope(b"web\xff", b"now", b"audispd")))
groups = st.builds(
    Group,
    seconds=st.sampled_from((1_700_000_000, 1, 99_999_999_999)),
    milliseconds=st.sampled_from((0, 4)),
    serial=st.sampled_from((7, 0xFFFFFFFF, 1 << 32)),
    node=st.sampled_from((b"", b"web01", b"\xff")),
    closed_by=st.sampled_from(CLOSED_BY[1:]),
    late=st.booleans(),
    count=st.integers(1, 9),
    envelope=envelopes,
    message=st.lists(lines, min_size=1, max_size=5).map(b"\n".join),
)


def group_of(*records: bytes) -> Group:
    return Group(1_700_000_000, 4, 7, b"", "eoe", False, len(records), Envelope(), b"\n".join(records))


def record(name: bytes, body: bytes) -> bytes:
    return b"type=" + name + b" msg=audit(1700000000.004:7): " + body


def by_the_tree(group: Group) -> bytes:
    return orjson.dumps(event_of(group), option=orjson.OPT_APPEND_NEWLINE)


@FIXED
@given(groups)
@example(group_of(record(b"SYSCALL", CALL + NAMES), record(b"PATH", b'item=0 name="/x" mode=0100644')))
@example(group_of(record(b"SOCKADDR", b"saddr=020000160A000001"), record(b"SYSCALL", CALL)))
@example(group_of(record(b"SECCOMP", b"auid=1 arch= saddr=0200 flags=0x12"), record(b"SYSCALL", CALL)))
@example(group_of(record(b"URINGOP", b"uring_op=18 items=0"), record(b"SYSCALL", CALL)))
@example(group_of(record(b"EXECVE", b"argc=1 a0=6C73"), record(b"CWD", b'cwd="/"'), record(b"EXECVE", b"a1=2D6C")))
@example(group_of(b"type=EOE", b"", b"type=SYSCALL"))
def test_the_quick_way_gives_the_bytes_of_the_tree(group: Group) -> None:
    assert line_of(group) == by_the_tree(group)
    assert line_of(group) == by_the_tree(group), "the second time, from memory"


@pytest.mark.parametrize("number", [1, 2, 62, 63, 64, 65, 200])
def test_the_number_of_fields_makes_no_difference(number: int) -> None:
    body = b" ".join(b"k%d=%d" % (at, at) for at in range(number))
    argv = b"argc=%d " % number + b" ".join(b'a%d="%d"' % (at, at) for at in range(number))
    group = group_of(record(b"PATH", body), record(b"EXECVE", argv), record(b"SYSCALL", CALL + b" " + body))
    assert line_of(group) == by_the_tree(group)


def test_common_records_do_go_the_quick_way() -> None:
    """Else the comparison above would compare the tree with itself."""
    line_of(group_of(record(b"SYSCALL", CALL + NAMES), record(b"CWD", b'cwd="/quick"')))
    assert b"a1=7f16" in SPECIAL[1300].tokens
    assert CALL.partition(b" auid=")[2] + NAMES in SPECIAL[1300].ends
    assert b'cwd="/quick"' in COMMON.tokens


def test_what_is_remembered_has_a_bound() -> None:
    def held() -> int:
        return sum(len(memory) for memory in Memory._every)

    most = MEMORY_BYTES // _plain._OVERHEAD
    for serial in range(3000):
        body = b" ".join(b"k%d=%b" % (at, b"%d" % serial * 100) for at in range(20))
        group = group_of(record(b"PATH", body), record(b"SYSCALL", CALL.replace(b"ls", b"%d" % serial)))
        line_of(group)
        assert held() <= most
        assert Memory._room >= 0
    assert line_of(group) == by_the_tree(group)


headers = st.builds(
    lambda *parts: b"".join(parts),
    st.sampled_from(
        (b"type=SYSCALL", b"type=1300", b"type=UNKNOWN[1334]", b"type=", b"type=low", b"type=A[", b"type=EOE")
    ),
    st.sampled_from((b" msg=audit(", b" audit(", b"  msg=audit(", b" msg=audit", b"")),
    st.sampled_from(
        (b"1.000:1", b"1.000:4294967295", b"1.000:4294967296", b"01.000:01", b"1.00:1", b"1.000:", b"1.000:2")
    ),
    st.sampled_from((b"): a=1", b"):", b"):b=2", b")", b"): ", b" ): a=1")),
)


@FIXED
@given(st.lists(headers, min_size=1, max_size=6))
def test_the_joiner_takes_what_has_a_header(rows: list[bytes]) -> None:
    """The stamp of the line before is not read again: what is taken, and into which event, stays the same."""
    joiner = Joiner(Limits(), lambda line: None)
    source = joiner.source()
    found = [*joiner.feed(b"\n".join(rows), source, 0.0), *joiner.close()]
    read = [header for row in rows if (header := parse_header(row.rstrip())) is not None]
    assert joiner.counts()["records"] == len(read)
    keys = {header[2:5] for header in read if header.name != "EOE"}
    assert {group[:3] for group in found} == keys
    for group in found:
        assert all(
            header[2:5] == group[:3] for header in islice(map(parse_header, group.message.split(b"\n")), 9) if header
        )
