"""The text of a number in, the number out: the ways a log writes one, and nothing else counts as one."""

import re
from typing import Final

_PREFIXED: Final = re.compile(rb"0[xX][0-9a-fA-F]{1,16}|0[0-7]{0,22}|[1-9][0-9]{0,18}")
_DECIMAL: Final = re.compile(rb"-?[0-9]{1,18}")
_HEX: Final = re.compile(rb"(?:0[xX])?([0-9a-fA-F]{1,16})")
_OCTAL: Final = re.compile(rb"[0-7]{1,21}")


def number_of(value: bytes) -> int | None:
    """A C number: 0x is hex, a leading 0 octal; None where it is none or does not fit 64 bits."""
    if not _PREFIXED.fullmatch(value):
        return None
    if value[:2] in (b"0x", b"0X"):
        return int(value, 16)
    number = int(value, 8) if value.startswith(b"0") else int(value)
    return number if number < 1 << 64 else None


def hex_of(value: bytes) -> int | None:
    """A hex number with or without 0x; None where it is none."""
    found = _HEX.fullmatch(value)
    return int(found[1], 16) if found else None


def decimal_of(value: bytes) -> int | None:
    """A decimal number with at most 18 digits, perhaps negative; None where it is none."""
    return int(value) if _DECIMAL.fullmatch(value) else None


def octal_of(value: bytes) -> int | None:
    """An octal number with or without a leading 0; None where it is none or does not fit 32 bits."""
    number = int(value, 8) if _OCTAL.fullmatch(value) else None
    return number if number is not None and number < 1 << 32 else None
