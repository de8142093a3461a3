"""Events as laurel writes them: what it does with bodies, types and values, and laurel itself where it is installed."""

import json
import re
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from corridor import join, sample, sample_names
from documents import CWD, OPEN, SHADOW, TITLE, document, line, lines
from hypothesis import given
from hypothesis import strategies as st
from laurel_program import CONFIGURATION, DIFFERENCES, PROGRAM, Pairs, differences, loads, run

import stitcher
from stitcher.errors import ConfigError
from stitcher.kernel import _reference as reference
from stitcher.kernel._record import text_of
from stitcher.pipeline import Stitcher
from stitcher.schemas import schema_of

PAGE = (Path(__file__).resolve().parent.parent.parent / "docs/schemas.md").read_text(encoding="utf-8")
#: bodies of MAC_STATUS, and the object that laurel made of each
BODIES: list[tuple[str, dict[str, Any]]] = [
    ("pid=-7 auid=4294967295 inode=0010 uid=x", {"pid": -7, "auid": 4294967295, "inode": 10, "uid": "x"}),
    ("pid=-0 ppid=9223372036854775807 exit=9223372036854775808", {"pid": 0, "ppid": 2**63 - 1, "exit": str(2**63)}),
    ("arch=0000abCD flags=zz code=ffffffffffffffff", {"arch": "0xabcd", "flags": "zz", "code": "0xffffffffffffffff"}),
    ("arch=10000000000000000 per=0x8", {"arch": "10000000000000000", "per": "0x8"}),
    ("mode=0100644", {"mode": "0o100644"}),
    ("mode=08", {"mode": "08"}),
    ('pid="10" mode="10" name="4142"', {"pid": "10", "mode": "10", "name": "4142"}),
    ("pid=? name=? comm=(null) exe= ses=", {"pid": "?", "name": None, "comm": None, "exe": None, "ses": None}),
    ("pid=(null) tty=(none) auid=unset", {"pid": "(null)", "tty": "(none)", "auid": "unset"}),
    ("name=4142 old=10 new=abc x=25410a7f2b", {"name": "AB", "old": "%10", "new": "abc", "x": "%25A%0a%7f%2b"}),
    ("name=C3A9 comm=C328 exe=eda080", {"name": "é", "comm": "%c3(", "exe": "%ed%a0%80"}),
    ('name="a%b+c" comm="x\'y" exe=\'q "r" s\'', {"name": "a%25b%2bc", "comm": "x'y", "exe": 'q "r" s'}),
    (
        "a=b=c subj==unconfined x={ b } y={b} z=a,b,",
        {"a": "b=c", "subj": "=unconfined", "x": "{ b }", "y": "{b}", "z": "a,b,"},
    ),
    ("x=a: y=fe80:: z=305419896(0x12345678)", {"x": "a:", "y": "fe80::", "z": "305419896(0x12345678)"}),
    ("  bar=1  foo=2", {"bar": "1", "foo": "2"}),
    ("", {}),
    ("netlabel: auid=1 ses=2", {"auid": 1, "ses": 2, "netlabel": None}),
    ("avc:  denied  { read write } for  pid=1", {"pid": 1, "denied": ["read", "write"]}),
    ("avc:  granted  { a_b } for pid=1", {"pid": 1, "granted": ["a_b"]}),
    ('uid=0\x1dUID="root" AUID="a b" GID=unknown(5)', {"uid": 0, "UID": "root", "AUID": "a b", "GID": "unknown(5)"}),
    ("uid=0 \x1dOUID=4142 pid=5 X=(null)", {"uid": 0, "OUID": "AB", "pid": 5, "X": None}),
    ('pid=1 msg=\'op=x acct="a" res=success\'\x1dUID="r"', {"pid": 1, "msg": 'op=x acct="a" res=success', "UID": "r"}),
    ("pid=1 msg='é \x01 % \\'", {"pid": 1, "msg": "é %01 %25 \\"}),
]
#: other records, and what laurel made of them
RECORDS: list[tuple[str, str, Any]] = [
    ("PROCTITLE", "proctitle=6100620063", {"ARGV": ["a", "b", "c"]}),
    ("PROCTITLE", "proctitle=6100006200", {"ARGV": ["a", "%00b"]}),
    ("PROCTITLE", 'proctitle="a b"', {"ARGV": ["a b"]}),
    ("PROCTITLE", "proctitle=(null)", {"proctitle": None}),
    ("PROCTITLE", "proctitle=7", {"ARGV": ["7"]}),
    ("CWD", 'cwd="/srv"', {"cwd": "/srv"}),
    ("EXECVE", 'argc=3 a0="x" a2=412042', {"argc": 3, "ARGV": ["x", None, "A B"]}),
    ("EXECVE", 'argc=2 a0="x" a1_len=4 a1[0]=4142 a1[1]=4344', {"argc": 2, "ARGV": ["x", "ABCD"]}),
    ("EXECVE", 'argc=2 a0="x" a1=25C3A9FF\x1dUID="u"', {"argc": 2, "UID": "u", "ARGV": ["x", "%25é%ff"]}),
    (
        "SOCKADDR",
        "saddr=020000357F0000010000000000000000",
        [{"SADDR": {"saddr_fam": "inet", "addr": "127.0.0.1", "port": 53}}],
    ),
    ("SOCKADDR", "saddr=020000357F000001", [{"saddr": "%02%00%005%7f%00%00%01"}]),
    (
        "SOCKADDR",
        "saddr=0A00003500000007FE80000000000000000000000000000102000000",
        [{"SADDR": {"saddr_fam": "inet6", "addr": "fe80::1", "port": 53, "flowinfo": 7, "scope_id": 2}}],
    ),
    ("SOCKADDR", "saddr=1000000007000000FF000000", [{"SADDR": {"saddr_fam": "netlink", "pid": 7, "groups": "0xff"}}]),
    (
        "SOCKADDR",
        "saddr=2800000016000000FFFFFFFF00000000",
        [{"SADDR": {"saddr_fam": "vsock", "cid": 4294967295, "port": 22}}],
    ),
    ("SOCKADDR", "saddr=01002F72756E2F78" + "00" * 102, [{"SADDR": {"saddr_fam": "local", "path": "/run/x"}}]),
    ("SOCKADDR", "saddr=0100002541FF" + "00" * 104, [{"SADDR": {"saddr_fam": "local", "path": "%25A%ff"}}]),
    ("SOCKADDR", "saddr=0100" + "00" * 108, [{"SADDR": {"saddr_fam": "local", "path": ""}}]),
    (
        "SOCKADDR",
        "saddr=01002F72756E2F780000\x1dSADDR={ saddr_fam=local path=/run/x }",
        [{"saddr": "%01%00/run/x%00%00"}],
    ),
    ("SOCKADDR", "saddr=(null)", [{"saddr": None}]),
    ("USER_LOGIN", "pid=1 msg='x'", {"pid": 1, "msg": "x"}),
    ("MAC_UNLBL_ALLOW", "netlabel: auid=1", {"auid": 1, "netlabel": None}),
    ("KERNEL", "state=initialized audit_enabled=0 res=1", {"state": "initialized", "audit_enabled": 0, "res": 1}),
    ("ANOM_LOGIN_FAILURES", "pid=1 msg='x'", {"pid": 1, "msg": "x"}),
    ("MAC_POLICY_LOAD", "policy loaded auid=1", [{"auid": 1}]),
    ("LOGIN", "pid=1 old-auid=4294967295 auid=0 res=1", [{"pid": 1, "old-auid": 4294967295, "auid": 0, "res": 1}]),
    ("UNKNOWN[1334]", "prog-id=12 op=LOAD", {"BPF": [{"prog-id": "%12", "op": "LOAD"}]}),
    ("UNKNOWN[1999]", "x=1", [{"x": "1"}]),
    ("UNKNOWN[99999]", "x=1", {"x": "1"}),
    (
        "SYSCALL",
        'arch=c000003e syscall=59 a0=1 a1=00ff a2=0 a3=0 pid=5\x1dARCH=foo SYSCALL=bar AUID="a"',
        {
            "arch": "0xc000003e",
            "syscall": 59,
            "pid": 5,
            "AUID": "a",
            "ARGV": ["0x1", "0xff", "0x0", "0x0"],
            "ARCH": "x86_64",
            "SYSCALL": "execve",
        },
    ),
    (
        "SYSCALL",
        "arch=c000003e syscall=9999 a0=1 a1=2 a2=3 a3=4",
        {"arch": "0xc000003e", "syscall": 9999, "ARGV": ["0x1", "0x2", "0x3", "0x4"]},
    ),
    (
        "SECCOMP",
        "sig=31 arch=c000003e syscall=59\x1dSYSCALL=execve",
        [{"sig": 31, "arch": "0xc000003e", "syscall": 59, "SYSCALL": "execve"}],
    ),
]
_CALL = "arch=c000003e syscall={} a0=1 a1=2 a2=3 a3={} pid=5"
#: events that no sample has, and where laurel differs
ODD = [
    [("SYSCALL", _CALL.format(1, 4)), ("SYSCALL", _CALL.format(2, 5))],
    [("SYSCALL", _CALL.format(462, 4))],
    [("SYSCALL", "arch=c00000f3 syscall=1 a0=1 a1=2 a2=3 a3=4")],
    [("SOCKADDR", "saddr=0900" + "31" * 20)],
    [("EXECVE", 'argc=2 a0="x" a1_len=4 a1[1]=4344 a1[0]=4142')],
]
#: pieces of bodies, a _ for each space in them
PIECES = (
    "a0= a1[0]= saddr= proctitle= pid= exit= msg=' avc:_denied_{_ }_for_ \" ' _ \x1d { } = 0200 41 -1 (null) % UID= x"
)
HOSTILE = st.lists(
    st.sampled_from([piece.replace("_", " ").encode() for piece in PIECES.split(" ")] + [b"\xff", b"\0"])
)
needs_laurel = pytest.mark.skipif(not PROGRAM, reason="laurel is not installed (Debian's package laurel, 0.5.1)")


def log_of(*events: list[tuple[str, str]]) -> bytes:
    """Events of some records, each with an id of its own and EOE at its end."""
    lines = [
        f"type={name} msg=audit(1700000000.004:{serial}): {body}"
        for serial, records in enumerate(events, 1)
        for name, body in [*records, ("EOE", "")]
    ]
    return "\n".join([*lines, ""]).encode()


def ours_of(log: bytes) -> list[Pairs]:
    corridor = Stitcher(schema="laurel")
    return [loads(text) for text in (corridor.feed(log) + corridor.close()).decode().split("\n")[:-1]]


def of(name: str, body: str) -> Any:
    """What is made of the only record of an event."""
    return document("laurel", f"type={name} msg=audit(1700000000.004:1): {body}")


@pytest.mark.parametrize(("body", "expected"), BODIES, ids=[body for body, _ in BODIES])
def test_fields_are_told_as_laurel_tells_them(body: str, expected: dict[str, Any]) -> None:
    found = of("MAC_STATUS", body)
    assert found == {"ID": "1700000000.004:1", "MAC_STATUS": [expected]}
    assert list(found["MAC_STATUS"][0]) == list(expected)


@pytest.mark.parametrize(("name", "body", "expected"), RECORDS, ids=[f"{name} {body}" for name, body, _ in RECORDS])
def test_records_are_told_as_laurel_tells_them(name: str, body: str, expected: Any) -> None:
    found = of(name, body)
    assert found == {"ID": "1700000000.004:1", **({name: expected} if "BPF" not in expected else expected)}


def test_an_event_has_a_key_for_each_type_in_the_order_of_its_records() -> None:
    other = SHADOW.replace("item=0", "item=1")
    found = document("laurel", *(f"node=web01 {text}" for text in (OPEN, CWD, SHADOW, other, TITLE)))
    assert list(found) == ["ID", "NODE", "SYSCALL", "CWD", "PATH", "PROCTITLE"]
    assert found["NODE"] == "web01"
    assert [record["item"] for record in found["PATH"]] == [0, 1]
    assert found["SYSCALL"]["UID"] == "root"


def test_what_laurel_does_not_read_is_written_all_the_same() -> None:
    assert of("TTY", "tty pid=1 data=6C73")["TTY"] == [{"pid": 1, "data": "ls", "text": "tty"}]
    assert of("AVC", "subj=/usr/sbin/cupsd (enforce) pid=1")["AVC"] == [{"subj": "/usr/sbin/cupsd (enforce)", "pid": 1}]
    assert of("LANDLOCK_ACCESS", "domain=1")["LANDLOCK_ACCESS"] == [{"domain": "1"}]
    assert of("USER_LOGIN", "user pid=1 msg='it's'\x1dUID=\"r\"")["USER_LOGIN"] == {
        "pid": 1, "msg": "it's", "UID": "r", "text": "user",
    }  # fmt: skip
    assert of("AVC", "avc:  denied  { read } for  pid=1 x y=2")["AVC"] == [
        {"denied": ["read"], "pid": 1, "y": "2", "text": "x"}
    ]
    assert of("1300", "arch=c000003e syscall=59 a0=1")["SYSCALL"]["SYSCALL"] == "execve"
    assert of("SYSCALL", "a0=zz a1=1")["SYSCALL"] == {"ARGV": ["zz", "0x1"]}


def test_what_comes_twice_is_a_list() -> None:
    assert of("CONFIG_CHANGE", 'key="a" key="b" key=(null)')["CONFIG_CHANGE"] == [{"key": ["a", "b", None]}]
    assert of("AVC", "avc:  denied  { read } for  denied=5 x=1")["AVC"] == [{"denied": ["5", ["read"]], "x": "1"}]
    found = ours_of(log_of(ODD[0]))
    assert [dict(call)["SYSCALL"] for call in dict(found[0])["SYSCALL"]] == ["write", "open"]


def test_names_that_the_tables_lack_are_those_of_the_sender() -> None:
    told = of("SYSCALL", "arch=c000003e syscall=9999 a0=1\x1dARCH=x86_64 SYSCALL=tide")["SYSCALL"]
    assert (told["ARCH"], told["SYSCALL"]) == ("x86_64", "tide")


@pytest.mark.parametrize("name", sample_names())
def test_a_document_is_the_same_whether_its_records_were_kept_or_made(name: str) -> None:
    groups = join(reference, [sample(name)]).groups
    raws = [text_of(group.message) for group in groups]
    kept = schema_of("laurel")
    rows = reference.render(groups, kept.reads).values
    made = [schema_of("laurel").lines([row], [raw])[0] for row, raw in zip(rows, raws, strict=True)]
    assert kept.lines(rows, raws) == made
    assert kept.lines(rows, raws) == made


@pytest.mark.parametrize(
    "body",
    [
        'exit=-13 a0=ffffff9c a1=7f a2=80000 a3=0 items=1 ppid=6 pid=7 auid=1000 comm="exit=1 a0=2 a1=3" x=%s',
        "exit=0 a0=0 a1=0 a2=0 a3=0 items=0 ppid=0 pid=0 comm=25",
        "exit=-0 a0=00 a1=FF a2=0 a3=0 items=0 ppid=0 pid=007 ",
        "exit=1 a0=1 a1=1 a2=1 a3=1 items=0 ppid=1 pid=1 pid=2 a4=5",
        "exit=99999999999999999999 a0=1 a1=1 a2=1 a3=1 items=0 ppid=1 pid=1 uid=0",
    ],
)
def test_a_call_with_other_numbers_is_the_call_that_would_have_been_made(body: str) -> None:
    calls = [f"type=SYSCALL msg=audit(1.000:1): arch=c000003e syscall=257 success=yes {body}"]
    calls.append(calls[0].replace("=1", "=31").replace("=0 ", "=5 "))
    kept = schema_of("laurel")
    for call in calls * 2:
        assert line(kept, call) == line(schema_of("laurel"), call)


@given(st.sampled_from(["PATH", "AVC", "USER_CMD", "SYSCALL", "EXECVE", "PROCTITLE", "SOCKADDR", "1300"]), HOSTILE)
def test_whatever_a_body_holds_becomes_a_document(name: str, pieces: list[bytes]) -> None:
    body = b"".join(pieces)
    header = f"type={name} msg=audit(1700000000.004:1): ".encode()
    made = schema_of("laurel")
    (first,) = lines(made, header + body)
    assert lines(made, header + body) == [first]
    assert json.loads(first)["ID"] == "1700000000.004:1"


@pytest.mark.parametrize("body", ["avc:  denied  {" + " " * 60_000, 'a="' * 20_000, "a={" * 20_000, "a= " * 20_000])
def test_a_long_body_takes_no_longer_than_its_length(body: str) -> None:
    start = process_time()
    of("AVC", body)
    assert process_time() - start < 2


def test_the_schema_is_there_in_the_library_and_behind_a_header_of_syslog() -> None:
    (event,) = stitcher.read([OPEN, CWD, SHADOW, TITLE], schema="laurel")
    assert event["PATH"][0]["mode"] == "0o100640"
    header, _, text = line(schema_of("laurel", "syslog"), OPEN, TITLE).partition("{")
    assert header == "<110>1 2023-11-14T22:13:20.004Z - stitcher - laurel - "
    assert json.loads("{" + text)["PROCTITLE"] == {"ARGV": ["cat", "/etc/shadow"]}


def test_what_does_not_go_together_is_refused() -> None:
    for form in ("csv", "cef"):
        with pytest.raises(ConfigError, match=r"use json"):
            schema_of("laurel", form)
    with pytest.raises(ConfigError, match=r"'laurel' has no field for the records as they came; leave keep_raw out"):
        Stitcher(schema="laurel", keep_raw=True)


def test_every_difference_stands_in_the_documentation() -> None:
    assert CONFIGURATION in PAGE
    rows = [f"| {one['laurel']} | {one['here']} | {one['why']} |" for one in DIFFERENCES]
    assert "\n| laurel 0.5.1 | here | why |\n|---|---|---|\n" + "\n".join(rows) + "\n\n" in PAGE


def in_front(log: bytes) -> bytes:
    """The lines that laurel takes: those without a header of syslog or a wrapper."""
    return b"".join(text for text in log.splitlines(keepends=True) if re.match(rb"node=|type=", text))


@needs_laurel
def test_laurel_itself_makes_the_same_of_the_records_here(tmp_path: Path) -> None:
    log = log_of(*([("MAC_STATUS", body)] for body, _ in BODIES), *([(name, body)] for name, body, _ in RECORDS))
    assert differences(run(log, tmp_path), ours_of(log)) == (set(), [])


@needs_laurel
def test_laurel_itself_makes_the_same_of_the_samples_but_for_the_differences(tmp_path: Path) -> None:
    logs = {name: in_front(sample(name)) for name in sample_names()} | {"odd": log_of(*ODD)}
    found: set[str] = set()
    for name, log in logs.items():
        folder = tmp_path / name
        folder.mkdir()
        some, unexplained = differences(run(log, folder), ours_of(log))
        assert unexplained == [], name
        found |= some
    assert found == {one["id"] for one in DIFFERENCES}
