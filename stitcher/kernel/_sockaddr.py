"""The bytes of a struct sockaddr in, its parts by name out.

Family, netlink, vsock and packet numbers are in the byte order of the host that wrote the record; ports and addresses
are in network order (include/uapi/linux/{un,in,in6,netlink,vm_sockets,if_packet}.h).  A buffer that ends early gives
the parts that are whole.
"""

from collections.abc import Callable
from socket import AF_INET, AF_INET6, inet_ntop
from typing import Final

from stitcher.kernel._record import text_of
from stitcher.tables import FAMILIES

#: families from this one on do not exist; used to guess the byte order where no arch tells
_FAMILY_END: Final = 46

Parts = dict[str, object]


def sockaddr(data: bytes, little: bool | None) -> Parts | None:
    """{"family": "inet", "addr": "10.0.0.1", "port": 22} and the like; None for less than a family."""
    if len(data) < 2:
        return None
    if little is None:
        little = int.from_bytes(data[:2], "little") < _FAMILY_END
    family = _number(data, 0, 2, little)
    parts: Parts = {"family": FAMILIES.get(family, "unknown")}
    if family not in (1, 2, 10):
        parts["number"] = family
    reader = _READERS.get(family)
    if reader is not None:
        reader(data, little, parts)
    return parts


def _number(data: bytes, at: int, size: int, little: bool) -> int:
    return int.from_bytes(data[at : at + size], "little" if little else "big")


def _local(data: bytes, little: bool, parts: Parts) -> None:
    name = data[2:]
    if name[:1] == b"\0":
        name = name.rstrip(b"\0")
        if name:
            parts["abstract"] = text_of(name[1:])
    elif name:
        parts["path"] = text_of(name.partition(b"\0")[0])


def _inet(data: bytes, little: bool, parts: Parts) -> None:
    if len(data) >= 8:
        parts["addr"] = inet_ntop(AF_INET, data[4:8])
    if len(data) >= 4:
        parts["port"] = _number(data, 2, 2, False)


def _inet6(data: bytes, little: bool, parts: Parts) -> None:
    if len(data) >= 24:
        parts["addr"] = inet_ntop(AF_INET6, data[8:24])
    if len(data) >= 4:
        parts["port"] = _number(data, 2, 2, False)
    if len(data) >= 8 and (flow := _number(data, 4, 4, False)):
        parts["flow"] = flow
    if len(data) >= 28 and (scope := _number(data, 24, 4, little)):
        parts["scope"] = scope


def _netlink(data: bytes, little: bool, parts: Parts) -> None:
    if len(data) >= 8:
        parts["pid"] = _number(data, 4, 4, little)
    if len(data) >= 12:
        parts["groups"] = _number(data, 8, 4, little)


def _packet(data: bytes, little: bool, parts: Parts) -> None:
    if len(data) >= 8:
        parts["protocol"] = _number(data, 2, 2, False)
        parts["interface"] = _number(data, 4, 4, little)


def _vsock(data: bytes, little: bool, parts: Parts) -> None:
    if len(data) >= 12:
        parts["port"] = _number(data, 4, 4, little)
        parts["cid"] = _number(data, 8, 4, little)


_READERS: Final[dict[int, Callable[[bytes, bool, Parts], None]]] = {
    1: _local,
    2: _inet,
    10: _inet6,
    16: _netlink,
    17: _packet,
    40: _vsock,
}
