"""A line with a syslog header in front of its record in, the words of the header and the record out.

    <PRI>1 TIME HOST APP PROCID MSGID SD record        RFC 5424
    <PRI>Mmm dd hh:mm:ss HOST TAG[pid]: record         RFC 3164, also with a year, without HOST or without TAG
    2026-11-21T19:30:16.867643+00:00 HOST TAG: record  rsyslog's file format
    TAG: record    <PRI>record                         what is left of it behind some relays
    kernel: [ 1382.313297] audit: type=1300 audit(…)   the kernel's own printk form, through syslog or from dmesg

A header inside a header is a relay's: the inner one says where the record comes from.  The record begins exactly
behind the header.  Nothing looks for `type=` further on, because what a program logs is text that anybody may have
written: `sshd[1]: Invalid user type=…` is no record.

Every repeat in the patterns is possessive or bounded, so a hostile line costs no more than its length.
"""

import re
from typing import Final

from stitcher.event import Envelope, Unwrapped

#: longest stretch in front of a record that is remembered; RFC 5424 allows 255 bytes for the longest of its words
MAX_KNOWN_BYTES: Final = 512
#: remembered stretches: one for each host, program and second
MAX_KNOWN: Final = 4096
#: headers in one another: the sender's, and those of three relays
MAX_HEADERS: Final = 4

_CLOCK: Final = rb"[0-2][0-9]:[0-5][0-9]:[0-6][0-9]"
_RFC3164_TIME: Final = (
    rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ 0-3]?[0-9] (?:[12][0-9]{3} )?"
    + _CLOCK
    + rb"(?:\.[0-9]{1,9})?(?: [12][0-9]{3}(?=[ :\]]))?"
)
_ISO_TIME: Final = (
    rb"[12][0-9]{3}-[01][0-9]-[0-3][0-9][T ]" + _CLOCK + rb"(?:[.,][0-9]{1,9})?(?:Z|[+-][0-2][0-9]:?[0-5][0-9])?"
)
_TIME: Final = rb"(?:" + _RFC3164_TIME + rb"|" + _ISO_TIME + rb")"
#: how what is sought begins; a `{` is handed on to the JSON parser
_RECORD: Final = rb"(?:type=|node=|\{)"
_WORD: Final = rb"[^ ]{1,255}+"
_PRI: Final = rb"(?:<[0-9]{1,3}>)?+"
#: RFC 5424, 6.4: a message in UTF-8 begins with a byte order mark
_BOM: Final = rb" *+(?:\xef\xbb\xbf *+)?+"
#: RFC 5424, 6.3: in a parameter's value `"`, `\` and `]` are escaped; a bare `]` is in many
_ELEMENT: Final = rb'\[[^ \]="]{1,255}+(?: [^ \]="]{1,255}+="(?:[^"\\]++|\\.)*+")*+ *+\]'
_TAG: Final = rb"(?:(?!" + _RECORD + rb"|\[)(" + _WORD + rb")(?<=:)(?: ++|\Z))?+"
_RFC5424: Final = (
    rb"[1-9][0-9]{0,2} (-|"
    + _ISO_TIME
    + rb") (" + _WORD + rb") (" + _WORD + rb") " + _WORD + rb" " + _WORD
    + rb" (?:-|(?:" + _ELEMENT + rb")++)(?: |\Z)"
)  # fmt: skip
_RFC3164: Final = (
    rb"(" + _TIME + rb"):? ++"
    rb"(?:(?!" + _RECORD + rb"|" + _TIME + rb"|[\[<])(" + _WORD + rb")(?<!:)(?: ++|\Z))?+" + _TAG
)  # fmt: skip
#: dmesg -T
_DMESG: Final = rb"\[((?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) " + _RFC3164_TIME + rb")\] ++"
_HEADER: Final = re.compile(
    _BOM + _PRI + rb"(?:" + _RFC5424 + rb"|" + _RFC3164 + rb"|" + _DMESG + rb")", re.DOTALL
)  # fmt: skip
_NO_TIME: Final = re.compile(_BOM + _PRI + rb"(?:(?!audit: )" + _TAG + rb")?+")
_BEFORE_RECORD: Final = re.compile(
    _BOM
    + rb"(?:\[ *+[0-9]{1,10}\.[0-9]{1,9}\](?:\[ *+[TC][0-9]{1,10}\])?+ *+)?+"  # seconds since boot, task or CPU
    + rb"(?:audit: )?+(?:@cee: *+)?+(?="  # the cookie that rsyslog and others put in front of JSON
    + _RECORD
    + rb")"
)

#: what stood in front of a record: the words of it, and the offset of the record
_known: dict[bytes, tuple[Envelope, int]] = {}


def unwrap_syslog(line: bytes) -> Unwrapped | str | None:
    """Take the header off; the payload begins with `type=`, `node=` or `{`.

    None: no record begins behind it.  "": the line is a separator of ausearch, nothing at all.
    """
    at = line.find(b"type=", 0, MAX_KNOWN_BYTES)
    known = _known.get(line[:at]) if at > 0 else None
    if known is not None:
        return Unwrapped(known[0], line[known[1] :])
    if at < 0 and b"type=" not in line and b"{" not in line:
        return "" if is_separator(line) else None
    found = _read(line)
    if found is None:
        return None
    if at >= found[1]:  # the stretch ends where a record or its node= begins, so it says the same in front of any other
        if len(_known) >= MAX_KNOWN:
            _known.clear()
        _known[line[:at]] = found
    return Unwrapped(found[0], line[found[1] :])


def is_separator(line: bytes) -> bool:
    """True for what ausearch prints between events: `----` and `time->Thu Nov 21 …`."""
    return line.startswith(b"time->") or (line.startswith(b"----") and not line.strip(b"-"))


def _read(line: bytes) -> tuple[Envelope, int] | None:
    """The words of all headers, the inner ones first, and where the record begins behind them."""
    envelope = Envelope()
    at = 0
    for _ in range(MAX_HEADERS):
        found = _HEADER.match(line, at)
        if found is None:
            break
        envelope = _inside(envelope, found)
        at = found.end()
    if at == 0 and (bare := _NO_TIME.match(line)):
        envelope = Envelope(program=_program(bare[1] or b""))
        at = bare.end()
    record = _BEFORE_RECORD.match(line, at)
    return (envelope, record.end()) if record else None


def _inside(outer: Envelope, found: re.Match[bytes]) -> Envelope:
    time, host, app, plain_time, plain_host, tag, dmesg_time = found.groups()
    program = _program(tag) if tag else app
    return Envelope(
        _known_word(host or plain_host) or outer.host,
        _known_word(time or plain_time or dmesg_time) or outer.time,
        _known_word(program) or outer.program,
    )


def _known_word(word: bytes | None) -> bytes:
    """RFC 5424 writes `-` for what is not known."""
    return b"" if word is None or word == b"-" else word


def _program(tag: bytes) -> bytes:
    """b"audispd[12]:" -> b"audispd"."""
    return tag.partition(b"[")[0].removesuffix(b":")
