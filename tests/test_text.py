"""What must hold of an event as people read it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stitcher.event import Limits
from stitcher.kernel._reference import Joiner
from stitcher.kernel._render import event_of
from stitcher.text import argv_text, as_text, sockaddr_text, value_text, visible, word

HEADER = "msg=audit(1700000000.004:1001):"


def text_of(*records: str | bytes) -> str:
    """The event of these records, as text."""
    joiner = Joiner(Limits(), lambda line: None)
    lines = b"\n".join(record if isinstance(record, bytes) else record.encode() for record in records)
    source = joiner.source()
    (group,) = [*joiner.feed(lines, source, 0.0), *joiner.close()]
    return as_text(event_of(group))


EXECUTED = (
    (
        f"node=web01 type=SYSCALL {HEADER} arch=c000003e syscall=59 success=yes exit=0 auid=1000 uid=0 "
        'exe="/usr/bin/ls" key="exec"\x1dARCH=x86_64 SYSCALL=execve AUID="alice" UID="root"'
    ),
    f'node=web01 type=EXECVE {HEADER} argc=2 a0="ls" a1=2F746D702F612062',
    f"node=web01 type=PROCTITLE {HEADER} proctitle=6C73002F746D702F612062",
)


def test_an_event_is_a_headline_and_one_indented_line_for_each_record() -> None:
    assert text_of(*EXECUTED) == (
        "2023-11-14T22:13:20.004Z  web01  1700000000.004:1001  alice as root ran program /usr/bin/ls  key=exec  "
        "complete\n"
        "  SYSCALL    arch=x86_64 syscall=execve success=yes exit=0 auid=alice uid=root exe=/usr/bin/ls key=exec\n"
        "  EXECVE     argc=2 argv=ls '/tmp/a b'\n"
        "  PROCTITLE  proctitle=ls '/tmp/a b'\n"
    )


def test_an_error_is_shown_in_words_and_a_socket_as_address_and_port() -> None:
    text = text_of(
        f"type=SYSCALL {HEADER} arch=c000003e syscall=42 success=no exit=-111",
        f"type=SOCKADDR {HEADER} saddr=020000160A0000010000000000000000",
    )
    assert "failed to open connection to 10.0.0.1:22: ECONNREFUSED(Connection refused)" in text.splitlines()[0]
    assert text.splitlines()[2] == "  SOCKADDR  saddr=10.0.0.1:22"


def test_a_user_record_shows_what_was_done_by_whom_and_its_inner_fields() -> None:
    text = text_of(
        f"type=USER_CMD {HEADER} pid=7 uid=1000 auid=1000 msg='cwd=\"/\" cmd=636174202F65 terminal=pts/0 res=success'"
        '\x1dUID="alice" AUID="alice"'
    )
    headline, record = text.splitlines()
    assert headline.endswith("  alice ran command 'cat /e' (directory /)  complete")
    assert record == ("  USER_CMD  pid=7 uid=alice auid=alice msg={cwd=/ cmd='cat /e' terminal=pts/0 res=success}")


def test_an_access_vector_comes_before_the_system_call_that_it_is_about() -> None:
    text = text_of(
        f'type=AVC {HEADER} avc:  denied  {{ read write }} for  pid=1 comm="x"',
        f"type=SYSCALL {HEADER} arch=c000003e syscall=999 success=no exit=-13",
    )
    assert (
        "  process 'x' (pid 1) was denied access to object (permission read,write): EACCES(Permission denied)  " in text
    )
    assert "seperms=[read,write]" in text


def test_an_unfinished_event_says_why_and_what_is_missing() -> None:
    text = text_of(f"type=SYSCALL {HEADER} arch=c000003e syscall=59 items=2")
    assert text.splitlines()[0].endswith("incomplete: closed by end, missing PATH 0/2")


def test_words_that_are_no_fields_stand_in_double_quotes() -> None:
    assert text_of(f'type=KERNEL {HEADER} initial"ized').splitlines()[1] == '  KERNEL  "initial\\"ized"'


def test_free_words_cannot_close_their_quotes() -> None:
    assert text_of(f'type=KERNEL {HEADER} a \\" uid=0').splitlines()[1] == r'  KERNEL  "a \\\"" uid=0'
    assert text_of(f"type=KERNEL {HEADER} a \\").splitlines()[1] == r'  KERNEL  "a \\"'


def test_what_is_native_to_an_event_is_not_told_as_added() -> None:
    assert "added" not in as_text({"id": "1.000:1", "raw": ["type=X"], "summary": {}})


def test_a_stranger_cannot_forge_a_field_or_steer_the_terminal() -> None:
    forged = b"x uid=0 \x1b[2J\n".hex().upper()
    text = text_of(f"type=CWD {HEADER} cwd={forged}")
    assert text.splitlines()[1] == r"  CWD  cwd=$'x uid=0 \x1b[2J\x0a'"


def test_the_summary_that_an_event_has_is_the_one_that_is_told() -> None:
    summary = {"action": "deleted-file", "outcome": "success", "object": {"kind": "file", "name": "/a b"}}
    assert as_text({"id": "1.000:1", "complete": True, "summary": summary}) == (
        "1.000:1  somebody deleted file '/a b'  complete\n"
    )


def test_an_event_without_a_summary_is_told_by_its_record() -> None:
    assert (
        text_of(f"type=UNKNOWN[1999] {HEADER} op=x name=y")
        .splitlines()[0]
        .endswith("UNKNOWN[1999] x y  incomplete: closed by end")
    )


def test_what_a_rule_added_and_how_the_line_came_are_shown() -> None:
    text = as_text({"id": "1.000:1", "envelope": {"host": "web01"}, "asset": {"owner": "ops team", "rank": 3}})
    assert text == (
        "1.000:1  no records  incomplete: not said why\n"
        "  envelope  host=web01\n"
        "  added     asset={owner='ops team' rank=3}\n"
    )


@pytest.mark.parametrize(
    ("argument", "shown"),
    [
        ("ls", "ls"),
        ("", "''"),
        ("a b", "'a b'"),
        ("it's", "'it'\"'\"'s'"),
        ("привет", "'привет'"),
        ("x\u3164with", r"$'x\u3164with'"),
        ("x\u115f\u1160\uffa0\u2800", r"$'x\u115f\u1160\uffa0\u2800'"),
        ("a \ufe0f", r"$'a \ufe0f'"),
        ("e\u0301", r"$'e\u0301'"),
        ("\u05d0\u0628", r"$'\u05d0\u0628'"),
        ("it\u2019s", r"$'it\u2019s'"),
        ("caf\xe9", "'caf\xe9'"),
        ("$(id)", "'$(id)'"),
        ("\x1b[31m", r"$'\x1b[31m'"),
        ("'\\\n", r"$'\'\\\x0a'"),
        ("\uefff", r"$'\xff'"),
        ("\x9b", r"$'\u009b'"),
        ("\u202e", r"$'\u202e'"),
    ],
)
def test_an_argument_is_quoted_as_a_shell_would_take_it(argument: str, shown: str) -> None:
    assert word(argument) == shown


def test_an_argument_that_is_missing_is_told_from_one_that_says_so() -> None:
    assert argv_text(["ls", None, "<missing>"]) == "ls <missing> '<missing>'"


@pytest.mark.parametrize(
    ("parts", "shown"),
    [
        ({"family": "inet", "addr": "10.0.0.1", "port": 22}, "10.0.0.1:22"),
        ({"family": "inet6", "addr": "fe80::1", "port": 22, "scope": 2}, "[fe80::1%2]:22"),
        ({"family": "local", "path": "/run/x y"}, "'/run/x y'"),
        ({"family": "local", "abstract": "bus"}, "@bus"),
        ({"family": "local"}, "local"),
        ({"family": "netlink", "number": 16, "pid": 5, "groups": 0}, "netlink(pid=5,groups=0)"),
        ({"family": "unknown", "number": 900}, "unknown(number=900)"),
    ],
)
def test_a_socket_address_is_one_word(parts: dict[str, Any], shown: str) -> None:
    assert sockaddr_text(parts) == shown


def test_an_escape_and_a_text_that_looks_like_one_are_not_the_same() -> None:
    assert visible("\x1b") != visible("\\x1b")
    assert visible("\\\x1b") != visible("\\\\x1b")


def test_the_same_event_is_the_same_text() -> None:
    assert text_of(*EXECUTED) == text_of(*EXECUTED)


#: characters that have a meaning in one of the ways of quoting, or none at all
_TEXT = st.text("ax0d =,'\"\\\n\x1b\x9b\u202e\uef9b\uff21$`{}[]<>", max_size=8)
_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _TEXT | st.binary(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=8,
)
_RECORD = st.fixed_dictionaries({}, optional={"type": _ANY, "fields": _ANY, "interpreted": _ANY, "text": _ANY})
_EVENT = st.fixed_dictionaries(
    {},
    optional={
        "id": _ANY,
        "time": _ANY,
        "node": _ANY,
        "complete": _ANY,
        "closed_by": _ANY,
        "missing": _ANY,
        "late": _ANY,
        "envelope": _ANY,
        "records": st.lists(_RECORD | _ANY, max_size=3) | _ANY,
        "added": _ANY,
        "summary": _ANY,
    },
)


@given(_EVENT)
def test_any_shape_of_event_becomes_printable_lines(event: dict[str, Any]) -> None:
    text = as_text(event)
    assert text.endswith("\n")
    assert all(line.isprintable() for line in text.split("\n"))


@given(st.binary(max_size=80))
def test_any_bytes_in_a_record_become_printable_lines(body: bytes) -> None:
    text = text_of(f"type=SYSCALL {HEADER} ".encode() + body.replace(b"\n", b" "))
    assert all(line.isprintable() for line in text.split("\n"))


@given(_TEXT, _TEXT)
def test_two_values_never_look_the_same(one: str, other: str) -> None:
    assert (value_text(one) == value_text(other)) == (one == other)
    assert (visible(one) == visible(other)) == (one == other)
