"""Syslog headers, printk forms and what only looks like a record."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stitcher.event import Envelope, Unwrapped
from stitcher.parsers import syslog, unwrap
from stitcher.parsers.syslog import unwrap_syslog

RECORD = b'type=CWD msg=audit(1795289395.635:164203): cwd="/srv"'
PRINTK = b'type=1307 audit(1795289395.635:164203): cwd="/srv"'
ISO = b"2026-11-21T19:30:16.867643+00:00"

#: what stands in front of a record: host, time, program
HEADERS = {
    b"<13>": ("", "", ""),
    b"<13>Nov 21 19:29:55 web01 audispd: ": ("web01", "Nov 21 19:29:55", "audispd"),
    b"Nov 21 19:29:55 web01 audispd: ": ("web01", "Nov 21 19:29:55", "audispd"),
    b"Nov  1 19:29:55 web01 audispd[1201]: ": ("web01", "Nov  1 19:29:55", "audispd"),
    b"Nov 1 19:29:55 web01 audisp-syslog: ": ("web01", "Nov 1 19:29:55", "audisp-syslog"),
    b"Nov 21 2026 19:29:55 web01 auditd: ": ("web01", "Nov 21 2026 19:29:55", "auditd"),
    b"Nov 21 19:29:55 2026 web01 auditd: ": ("web01", "Nov 21 19:29:55 2026", "auditd"),
    b"Nov 21 19:29:55.123456 web01 auditd: ": ("web01", "Nov 21 19:29:55.123456", "auditd"),
    b"<13>Nov 21 19:29:55 audispd: ": ("", "Nov 21 19:29:55", "audispd"),
    b"<13>Nov 21 19:29:55 audispd[7]: ": ("", "Nov 21 19:29:55", "audispd"),
    b"Nov 21 19:29:55 fe80::1%2 tag_audit_log: ": ("fe80::1%2", "Nov 21 19:29:55", "tag_audit_log"),
    b"Nov 21 19:29:55 web01 ": ("web01", "Nov 21 19:29:55", ""),
    b"Nov 21 19:29:55 ": ("", "Nov 21 19:29:55", ""),
    b"audispd: ": ("", "", "audispd"),
    b"<13>audispd[1]: ": ("", "", "audispd"),
    ISO + b" web01 audispd: ": ("web01", ISO.decode(), "audispd"),
    b"<190>" + ISO + b" web01 audispd: ": ("web01", ISO.decode(), "audispd"),
    b"2026-11-21 19:30:16,867 web01 audispd: ": ("web01", "2026-11-21 19:30:16,867", "audispd"),
    b"<182>1 " + ISO + b" web01 audispd - - -  ": ("web01", ISO.decode(), "audispd"),
    b"1 " + ISO + b" web01 audispd 12 ID47 - ": ("web01", ISO.decode(), "audispd"),
    b"<182>1 - - - - - - \xef\xbb\xbf": ("", "", ""),
    b'<1>1 2026-11-21T19:30:16Z web01 a - - [x@1 a="b"][y c="]\\"\\]" d="type=CWD "] ': (
        "web01",
        "2026-11-21T19:30:16Z",
        "a",
    ),
    b"<13>Nov 21 19:30:01 relay Nov 21 19:29:55 web01 audispd: ": ("web01", "Nov 21 19:29:55", "audispd"),
    b"<13>Nov 21 19:30:01 Nov 21 19:29:55 web01 audispd: ": ("web01", "Nov 21 19:29:55", "audispd"),
    b"<13>Nov 21 19:30:01 relay fwd: <14>Nov 21 19:29:55 audispd: ": ("relay", "Nov 21 19:29:55", "audispd"),
    b"<13>1 " + ISO + b" relay rsyslogd - - - Nov 21 19:29:55 web01 audispd: ": ("web01", "Nov 21 19:29:55", "audispd"),
    b"<13>Nov 21 19:30:01 relay rsyslogd: <14>1 - web01 - - - - ": ("web01", "Nov 21 19:30:01", "rsyslogd"),
}

PRINTK_HEADERS = {
    b"audit: ": ("", "", ""),
    b"[ 1382.313297] audit: ": ("", "", ""),
    b"<5>[1382.313297] audit: ": ("", "", ""),
    b"<5>audit: ": ("", "", ""),
    b"[    0.000000][    T0] audit: ": ("", "", ""),
    b"[Sat Nov 21 19:30:16 2026] audit: ": ("", "Sat Nov 21 19:30:16 2026", ""),
    b"Nov 21 19:30:16 web01 kernel: [ 1382.313297] audit: ": ("web01", "Nov 21 19:30:16", "kernel"),
    b"Nov 21 19:30:16 web01 kernel: [ 1382.313297] ": ("web01", "Nov 21 19:30:16", "kernel"),
    b"Nov 21 19:30:16 web01 kernel: audit: ": ("web01", "Nov 21 19:30:16", "kernel"),
    b"Nov 21 19:30:16 web01 kernel: ": ("web01", "Nov 21 19:30:16", "kernel"),
    ISO + b" web01 kernel: [ 1382.313297] audit: ": ("web01", ISO.decode(), "kernel"),
    b"<5>1 " + ISO + b" web01 kernel - - - [ 1382.313297] audit: ": ("web01", ISO.decode(), "kernel"),
}


def envelope(words: tuple[str, str, str]) -> Envelope:
    host, at, program = words
    return Envelope(host.encode(), at.encode(), program.encode())


@pytest.mark.parametrize(("header", "words"), HEADERS.items(), ids=[header.decode() for header in HEADERS])
def test_a_header_comes_off_and_its_words_are_kept(header: bytes, words: tuple[str, str, str]) -> None:
    for record in (RECORD, b"node=web01 " + RECORD):
        for _ in range(2):  # the second time from memory
            assert unwrap_syslog(header + record) == Unwrapped(envelope(words), record)


@pytest.mark.parametrize(("header", "words"), PRINTK_HEADERS.items(), ids=[key.decode() for key in PRINTK_HEADERS])
def test_the_kernels_own_form_is_read(header: bytes, words: tuple[str, str, str]) -> None:
    for _ in range(2):
        assert unwrap_syslog(header + PRINTK) == Unwrapped(envelope(words), PRINTK)


@pytest.mark.parametrize(
    "line",
    [
        b"sshd[1]: Invalid user " + RECORD,
        b"Nov 21 19:29:55 web01 sshd[1]: Invalid user " + RECORD,
        b"Nov 21 19:29:55 web01 sshd[1]: Invalid user: " + RECORD,
        b"<13>1 " + ISO + b" web01 sshd - - - Invalid user " + RECORD,
        b"<13>1 " + ISO + b' web01 sshd - - [x a="' + RECORD + b'"] nothing',
        b"Nov 21 19:29:55 web01 sshd: user: " + RECORD,
        b"Nov 21 19:30:16 web01 kernel: [ 1382.313297] x audit: " + PRINTK,
        b"x " + RECORD,
        b"Nov 21 19:29:55 web01 audit: CWD cwd=/",
        b"[   75.562344] kauditd_printk_skb: 62 callbacks suppressed",
        b"random text without a record",
        b"\xff\xfe\x00",
    ],
)
def test_what_does_not_begin_behind_the_header_is_no_record(line: bytes) -> None:
    assert unwrap_syslog(line) is None
    assert unwrap(line) is None


@pytest.mark.parametrize("line", [b"----", b"time->Thu Nov 21 19:29:55 2026"])
def test_separators_of_ausearch_are_nothing(line: bytes) -> None:
    assert unwrap(line) == ""


def test_escapes_of_rsyslog_stay_in_the_record() -> None:
    record = RECORD + b"#035AUID=\"root\" x='#011'"
    found = unwrap_syslog(b"Nov 21 19:29:55 web01 audispd: " + record)
    assert found == Unwrapped(Envelope(b"web01", b"Nov 21 19:29:55", b"audispd"), record)


def test_json_behind_a_header_fills_its_gaps_from_the_header() -> None:
    line = b'<14>Nov 21 19:30:01 relay vector: {"host":"web01","message":"type=CWD msg=audit(1.000:1): cwd=\\"/\\""}'
    assert unwrap(line) == Unwrapped(
        Envelope(b"web01", b"Nov 21 19:30:01", b"vector"), b'type=CWD msg=audit(1.000:1): cwd="/"'
    )
    assert unwrap(b"<14>Nov 21 19:30:01 relay app: @cee: {}") is None
    assert unwrap(b"<14>Nov 21 19:30:01 relay app: {") == "bad_json"


_parts = st.sampled_from(
    [
        *(part for header in (*HEADERS, *PRINTK_HEADERS) for part in (header, header[: len(header) // 2])),
        *(b"type=", b"node=x ", b"{", b" ", b":", b"[", b"]", b'"', b"\\", b"<13>", b"audit: ", b"\xef\xbb\xbf"),
        *(b"Nov 21 19:29:55 ", b'[x a="', b"1 - a b c d ", RECORD, PRINTK),
    ]
)


@given(st.lists(_parts | st.binary(max_size=6), max_size=10), st.lists(_parts, max_size=4))
def test_what_is_remembered_is_what_would_be_read(parts: list[bytes], others: list[bytes]) -> None:
    """A second line with the same beginning gets the same answer from memory as from reading it."""
    first = b"".join(parts)
    at = first.find(b"type=")
    for line in (first, first[: at + 5] + b"".join(others) if at >= 0 else first):
        found = unwrap_syslog(line)
        syslog._known.clear()
        assert unwrap_syslog(line) == found
        syslog._known.clear()
        unwrap_syslog(first)
        assert unwrap_syslog(line) == found
        if isinstance(found, Unwrapped):
            assert found.payload.startswith((b"type=", b"node=", b"{"))
            assert line.endswith(found.payload)


@pytest.mark.parametrize(
    "line",
    [
        b" " * 1_000_000 + b"type=",
        b"<13>1 - a b c d " + b'[x a="b"]' * 100_000 + b"type=",
        b"<13>1 - a b c d [x" + b' a="b"' * 150_000 + b"type=",
        b"<13>1 - a b c d [x a=" + b'"\\' * 500_000 + b"type=",
        b"Nov 21 19:29:55 " * 60_000 + b"type=",
        b"a: " * 300_000 + b"type=",
        b"[" * 1_000_000 + b"type=",
        b"[" + b" " * 1_000_000 + b"type=",
        b"x" * 1_000_000 + b": type=",
        b"-" * 1_000_000,
        b"Nov 21 19:29:55" + b" " * 1_000_000 + b"x" + b" " * 1_000_000 + b"type=x: ",
    ],
    ids=range(11),
)
def test_a_hostile_line_costs_no_more_than_its_length(line: bytes) -> None:
    started = time.process_time()
    unwrap(line)
    assert time.process_time() - started < 2.0


def test_memory_of_headers_is_bounded() -> None:
    for number in range(3 * syslog.MAX_KNOWN):
        unwrap_syslog(b"Nov 21 19:29:55 web%d audispd: " % number + RECORD)
    assert len(syslog._known) <= syslog.MAX_KNOWN
