"""An event in, a syslog message of RFC 5424 out, counted as RFC 6587 has it.

    423 <134>1 2025-07-07T14:53:20.007Z web01 stitcher - SYSCALL - {"id":"1751900000.007:50100",…}

PRI is the facility and severity 6 (informational).  TIMESTAMP, HOSTNAME and MSGID are the event's time, its node and
the type of its first record, `-` where the event does not say.  Of a flat event they are StartTime (or Timestamp),
DeviceHostName and DeviceEventClassID, or of a Type=2 event of audit the type of the first record of Message.  There is
no byte order mark in front of the JSON, which is UTF-8 by its own rules and a mark would make it unreadable for many.
"""

import re
from typing import Any, Final

import orjson

from stitcher.event import is_flat, time_of, time_text

#: RFC 5424, 6.2.1: the names that a person may give, and their numbers
FACILITIES: Final = {f"local{number}": 16 + number for number in range(8)} | {"user": 1, "daemon": 3, "authpriv": 10}
_INFORMATIONAL: Final = 6
#: RFC 5424, 6: how long these words may be
_HOST_LENGTH: Final = 255
_MSGID_LENGTH: Final = 32
_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?Z")
_TYPE: Final = re.compile(r"type=([!-~]{1,32})")
#: words of a header are printable ASCII without a space
_NO_WORD: Final = re.compile(r"[^!-~]+")


def message(event: bytes, facility: int) -> bytes:
    """One counted message; `event` is a line without its LF, or anything else."""
    time, host, kind = _words(event)
    body = f"<{facility * 8 + _INFORMATIONAL}>1 {time} {host} stitcher - {kind} - ".encode() + event
    return b"%d %s" % (len(body), body)


def _words(event: bytes) -> tuple[str, str, str]:
    """TIMESTAMP, HOSTNAME and MSGID."""
    try:
        tree = orjson.loads(event)
    except orjson.JSONDecodeError:
        return "-", "-", "-"
    if not isinstance(tree, dict):
        return "-", "-", "-"
    words: tuple[object, object, object]
    if is_flat(tree):
        when, kind = time_of(tree), _TYPE.match(str(tree.get("Message")))
        said = kind[1] if kind else tree.get("DeviceEventClassID")
        words = None if when is None else time_text(when), tree.get("DeviceHostName"), said
    else:
        words = tree.get("time"), tree.get("node"), _first_type(tree.get("records"))
    time, host, name = words
    stamp = time if isinstance(time, str) and _TIME.fullmatch(time) else "-"
    return stamp, _word(host, _HOST_LENGTH), _word(name, _MSGID_LENGTH)


def _first_type(records: Any) -> object:
    first = records[0] if isinstance(records, list) and records else None
    return first.get("type") if isinstance(first, dict) else None


def _word(value: object, longest: int) -> str:
    return _NO_WORD.sub("_", value)[:longest] if isinstance(value, str) and value else "-"
