"""A group in, the JSON of its Type=2 event out: what travels between two collectors.

    {"Type":2,"ID":…,"ExternalID":"1700000000.004:1001","DeviceHostName":"web01","StartTime":ms,"EndTime":ms,
     "BaseEventCount":5,"AggregationRuleName":"audit","Extra":{"closed_by":"proctitle"},"Message":"type=… \ntype=…"}

`Extra` is strings only, as KUMA's field of that name: closed_by, late ("true"), and host, time, program, peer of the
envelope, each only where it is known.  `ID` depends on nothing but node, id and whether the event is late, so what is
read again after a crash has the same one; it has the form of a UUID, version 8 (RFC 9562, section 5.8).
"""

from collections.abc import Iterable
from typing import Any, Final

import orjson

from stitcher.event import Group
from stitcher.kernel._record import text_of

#: FNV-1a, 64 bits: the start value and the prime of the published hash; the second start value is the
#: hash of the first one's eight bytes, so that both halves differ
_START: Final = (0xCBF29CE484222325, 0x4645B230CECE75B2)
_PRIME: Final = 0x100000001B3
_MASK: Final = 0xFFFFFFFFFFFFFFFF


def aggregate(groups: Iterable[Group], rule: str = "audit") -> bytes:
    """One JSON line for each group."""
    return b"".join(orjson.dumps(_type2(group, rule), option=orjson.OPT_APPEND_NEWLINE) for group in groups)


def _type2(group: Group, rule: str) -> dict[str, Any]:
    at = group.seconds * 1000 + group.milliseconds
    external = f"{group.seconds}.{group.milliseconds:03d}:{group.serial}"
    event: dict[str, Any] = {"Type": 2, "ID": uuid_of(group.node, external.encode(), group.late)}
    event["ExternalID"] = external
    if group.node:
        event["DeviceHostName"] = text_of(group.node)
    event.update(StartTime=at, EndTime=at, BaseEventCount=group.count, AggregationRuleName=rule)
    extra = {"closed_by": group.closed_by}
    if group.late:
        extra["late"] = "true"
    extra |= {key: text_of(value) for key, value in group.envelope._asdict().items() if value}
    event["Extra"] = extra
    event["Message"] = text_of(group.message)
    return event


def uuid_of(node: bytes, external: bytes, late: bool) -> str:
    """A UUID of version 8 from two FNV-1a hashes."""
    name = node + b"\0" + external + (b"\1" if late else b"\0")
    high, low = (_fnv(start, name) for start in _START)
    high = high & 0xFFFFFFFFFFFF0FFF | 0x8000
    low = low & 0x3FFFFFFFFFFFFFFF | 0x8000000000000000
    text = f"{high:016x}{low:016x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _fnv(start: int, data: bytes) -> int:
    value = start
    for byte in data:
        value = (value ^ byte) * _PRIME & _MASK
    return value
