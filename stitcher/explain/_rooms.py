"""A line in, what each room that it went through found: line, envelope, header, key, end."""

import re
from datetime import UTC, datetime
from typing import Final

from stitcher.event import Limits, Unwrapped
from stitcher.explain._lines import Taken, Unwrap, id_of
from stitcher.explain._story import Fact, LineStory
from stitcher.kernel._bounds import MAX_NODE_BYTES
from stitcher.kernel._header import EOE, PROCTITLE, Header, parse_header, stands_alone
from stitcher.kernel._record import text_of

_RIGHT_HEADER: Final = "type=NAME msg=audit(SECONDS.MMM:SERIAL): …, with node=NAME and a space in front or not"


def header_fault(payload: bytes) -> tuple[int, str] | None:
    """(offset, what should stand there) where `payload` stops being a header; None where it is one."""
    at = 0
    for pattern, right in _HEADER_PARTS:
        found = pattern.match(payload, at)
        if found is None:
            return at, right
        start, at = at, found.end()
        if right == _SERIAL and int(payload[start:at]) > 0xFFFFFFFF:
            return start, right
    return None


_SERIAL: Final = "a serial, at most 4294967295"
_HEADER_PARTS: Final = tuple(
    (re.compile(pattern), right)
    for pattern, right in (
        (rb"type=", "type="),
        (rb"[A-Z0-9_]{1,64}(?:\[[0-9]{1,7}\])?(?=[ ])", "a type: NAME, a number or UNKNOWN[number]"),
        (rb" (?:msg=)?audit\(", "one space and msg=audit("),
        (rb"[0-9]{1,11}(?![0-9])", "seconds, 1 to 11 digits"),
        (rb"\.", "a dot"),
        (rb"[0-9]{3}", "milliseconds, 3 digits"),
        (rb":", "a colon"),
        (rb"[0-9]{1,10}(?![0-9])", _SERIAL),
        (rb"\)(?::|(?= ))", "): behind the serial"),
    )
)


def tell_line(taken: Taken, unwrap: Unwrap, limits: Limits) -> LineStory:
    why = "spaces, CR or NUL at its end taken off" if taken.line.endswith((b" ", b"\r", b"\0")) else ""
    rooms = {"line": [Fact(f"{len(taken.line)} bytes", text_of(taken.line), why)]}
    header = parse_header(taken.payload)
    if header is None:
        rooms["envelope"] = _tell_unread(taken, unwrap, limits)
    else:
        rooms["envelope"] = _tell_envelope(taken)
        rooms["header"] = _tell_header(header, taken.payload)
        rooms["key"] = _tell_key(header, taken)
        rooms["end"] = [Fact(header.name, *_tell_end(header.number))]
    return LineStory(taken.number, taken.outcome, rooms)


def _tell_unread(taken: Taken, unwrap: Unwrap, limits: Limits) -> list[Fact]:
    """Why a line got no further than the envelope."""
    if taken.outcome == "aggregated":
        return [Fact("form", "JSON, an aggregated event (Type=2)", "another collector did lap 1")]
    if taken.outcome == "skipped":
        return [Fact("skipped", "nothing to read", "an empty line, or a separator of ausearch")]
    facts = [Fact("rejected", taken.outcome, _REJECTED.get(taken.outcome, ""))]
    if taken.outcome == "too_long":
        facts.append(Fact("limit", f"{limits.max_line_bytes} bytes", "auditd cuts its own lines at 8970"))
    elif taken.outcome == "bad_header":
        facts += _tell_fault(taken.line, unwrap)
    return [*facts, Fact("right is", _RIGHT_HEADER)] if taken.outcome != "too_long" else facts


def _tell_fault(line: bytes, unwrap: Unwrap) -> list[Fact]:
    """Where the header of a rejected line stops being one."""
    payload = line
    if not line.startswith((b"type=", b"node=")):
        found = unwrap(line)
        payload = found.payload if isinstance(found, Unwrapped) else line[max(line.find(b"type="), 0) :]
    inside = "" if line.endswith(payload) else ", counted in the record inside"
    before = len(line) - len(payload) if not inside else 0
    if payload.startswith(b"node="):
        node, space, rest = payload.partition(b" type=")
        if not space or len(node) > 5 + MAX_NODE_BYTES:
            right = f"expected a name of at most {MAX_NODE_BYTES} bytes and ' type='{inside}"
            return [Fact(f"at byte {before + 6}", text_of(payload[5:45]), right)]
        before += len(node) + 1
        payload = b"type=" + rest
    fault = header_fault(payload)
    if fault is None:
        return []
    at, right = fault
    return [
        Fact(f"at byte {before + at + 1}", text_of(payload[at : at + 40]) or "the end", f"expected {right}{inside}")
    ]


_REJECTED: Final = {
    "not_audit": "begins with neither type= nor node=, and no record was found in a syslog header or JSON object",
    "bad_header": "it looks like a record, but its header cannot be read",
    "bad_json": "it begins like JSON, but cannot be read as such, or holds no record",
    "too_long": "longer than the limit",
}
_NO_EVENT: Final = {
    "end_marks": "its event was closed before (by PROCTITLE) or has no records: nothing to end",
    "duplicates": "the very same record came before: counted and dropped",
    "late_dropped": "its event was closed before: dropped, as asked",
    "skipped": "nothing to read",
}


def tell_no_event(outcome: str) -> Fact:
    """Why a line is part of no event."""
    return Fact("no event", outcome, _NO_EVENT.get(outcome, _REJECTED.get(outcome, "")))


#: what the words in front of a record are, the telling ones first
_FORMS: Final = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (rb"\s*\{", "JSON with a record in it"),
        (rb"<[0-9]{1,3}>1 ", "syslog, RFC 5424"),
        (rb"<[0-9]{1,3}>", "syslog, RFC 3164 with priority"),
        (rb"[A-Z][a-z]{2} [ 0-9][0-9] [0-9]{2}:", "syslog, RFC 3164 as a file has it"),
        (rb"[0-9]{4}-[0-9]{2}-[0-9]{2}T", "syslog with an RFC 3339 time"),
        (rb"(?:kernel: )?(?:\[ *[0-9]+\.[0-9]+\] )?audit: ", "message of the kernel"),
    )
)


def _tell_envelope(taken: Taken) -> list[Fact]:
    for start in (b"type=", b"node="):
        if taken.line.startswith(start):
            return [Fact("form", "bare record", f"begins with {start.decode()}: nothing to take off")]
    form = next((name for pattern, name in _FORMS if pattern.match(taken.line)), "words in front of a record")
    facts = [Fact("form", form)]
    head, found, _ = taken.line.partition(b"node=" + taken.node if taken.node else taken.payload[:40])
    if found and not form.startswith("JSON"):
        facts.append(Fact("taken off", text_of(head)))
    facts += [Fact(name, text_of(value)) for name, value in taken.envelope._asdict().items() if value]
    return facts


def _tell_header(header: Header, payload: bytes) -> list[Fact]:
    written = text_of(payload[5 : payload.index(b" ")])
    if not header.number:
        why = "in no table: kept as it is, number unknown"
    elif written == header.name:
        why = f"RECORD_TYPES: {header.number}"
    else:
        why = f"written {written}; RECORD_TYPES: {header.number}" if not header.name.isdigit() else "in no table"
    form = "" if b"msg=audit(" in payload[: header.body] else "the kernel's printk form, without msg="
    time = datetime.fromtimestamp(header.seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return [
        Fact("type", header.name, why),
        Fact("time", f"{time}.{header.milliseconds:03d}Z", f"{header.seconds}.{header.milliseconds:03d}, UTC"),
        Fact("serial", str(header.serial), form),
    ]


def _tell_key(header: Header, taken: Taken) -> list[Fact]:
    if taken.node:
        node = Fact("node", text_of(taken.node), "node= of the line")
    elif taken.envelope.host:
        node = Fact("node", text_of(taken.envelope.host), "no node=: the host of the envelope")
    else:
        node = Fact("node", "", "empty: no node=, no host in an envelope; a peer's address would stand in")
    return [
        Fact("source", "this input", "lines of one connection, or of files named together, are one source"),
        node,
        Fact("id", id_of(header), "time and serial of the header"),
    ]


def _tell_end(number: int) -> tuple[str, str]:
    """How a record of this type ends its event, and why."""
    if number == EOE:
        return "ends it", "the kernel's end mark; it is counted and not kept"
    if number == PROCTITLE:
        return "ends it", "the kernel sends it last, and auditd's files have no other end"
    if stands_alone(number):
        return "stands alone", f"types {_range(number)} never have company"
    if number == 0:
        return "may go on", "a type without a number here; more may come until an end mark or silence"
    return "may go on", "a record of the kernel: more may come until EOE, PROCTITLE or silence"


def _range(number: int) -> str:
    if number < 1200:
        return "1000..1199 (user space; not LOGIN)"
    if number < 1300:
        return "1200..1299 (auditd's own)"
    return "2000 (KERNEL)" if number == 2000 else "2100..2999 (user space)"
