"""Bytes that keys of a terminal send -> the names of the keys: what TTY records hold.  Reviewed by hand.

Sources: ECMA-48 and the xterm, linux and vt220 entries of terminfo (cursor, editing and function keys); the names are
those that `ausearch -i` prints.
"""

from typing import Final

_FUNCTION: Final = {
    **{b"\x1b[%d~" % number: f"F{place}" for place, number in enumerate((11, 12, 13, 14, 15, 17, 18, 19, 20, 21), 1)},
    **{b"\x1b[%d~" % number: f"F{place}" for place, number in enumerate((23, 24, 25, 26), 11)},
    **{b"\x1b[%d~" % number: f"F{place}" for place, number in enumerate((28, 29), 15)},
    **{b"\x1b[%d~" % number: f"F{place}" for place, number in enumerate((31, 32, 33, 34), 17)},
    **{b"\x1bO" + bytes((byte,)): f"F{place}" for place, byte in enumerate(b"PQRS", 1)},
    **{b"\x1b[[" + bytes((byte,)): f"F{place}" for place, byte in enumerate(b"ABCDE", 1)},
}
_CURSOR: Final = {b"A": "up", b"B": "down", b"C": "right", b"D": "left", b"F": "end", b"H": "home"}
_EDITING: Final = {1: "home", 2: "insert", 3: "delete", 4: "end", 5: "page-up", 6: "page-down", 7: "home", 8: "end"}

#: what begins with ESC
SEQUENCES: Final[dict[bytes, str]] = {
    **_FUNCTION,
    **{lead + key: name for key, name in _CURSOR.items() for lead in (b"\x1b[", b"\x1bO")},
    **{b"\x1b[%d~" % number: name for number, name in _EDITING.items()},
    b"\x1b[Z": "back-tab",
}

#: single control bytes; those that are not here are no key of their own
CONTROL: Final[dict[bytes, str]] = {
    **{bytes((byte,)): f"^{chr(byte + 64)}" for byte in range(1, 27)},
    b"\x08": "backspace",
    b"\t": "tab",
    b"\n": "nl",
    b"\r": "ret",
    b"\x1b": "esc",
    b"\x7f": "backspace",
}
