"""Bytes in, text out in which a byte that cannot be shown is %xx: the escape of laurel."""

import re
from typing import Final

#: control characters, the two signs of the escape itself, and bytes that are no UTF-8
_ESCAPED: Final = re.compile("[\x00-\x1f%+\x7f\udc80-\udcff]")


def percent_escaped(value: bytes) -> str:
    """b"caf\\xe9 50%" -> "caf%e9 50%25"."""
    return _ESCAPED.sub(lambda found: f"%{ord(found[0]) & 0xFF:02x}", value.decode("utf-8", "surrogateescape"))
