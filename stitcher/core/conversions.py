"""The text of a source field in, the value of an event's field out: the conversions of normalizers, compiled once.

A conversion is a function of a text and `now` (seconds since 1970).  It gives a text, a number, or FAILED, which says
that this text cannot be converted; it never raises.  "" is nothing: such a field is not written.

    lower, upper, trim, append, prepend, substring, replace, regexp, replaceWithRegexp
    decodeHexString, decodeBase64String, decodeBase64URLString
    number, time
"""

import re
from base64 import b64decode
from binascii import Error as NotBase64
from binascii import unhexlify
from collections.abc import Callable, Sequence
from datetime import tzinfo
from typing import Any, Final

from stitcher.core import times
from stitcher.core.regexps import Match, Pattern
from stitcher.kernel._record import text_of


class _Failed:
    """The value of what cannot be converted."""

    def __repr__(self) -> str:
        return "FAILED"


FAILED: Final = _Failed()

Convert = Callable[[str, float], Any]


#: whole numbers of the fields for numbers have 64 bits
_MAX_NUMBER: Final = 2**63
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,20}")
_PARTS: Final = re.compile(r"[+-]?(?:[0-9]{1,32}(?:\.[0-9]{0,32})?|\.[0-9]{1,32})(?:[eE][+-]?[0-9]{1,3})?")
_REFERENCE: Final = re.compile(r"\\(.?)", re.DOTALL)
_BLANKS: Final = re.compile(r"\s+")


def lower(text: str, _now: float) -> str:
    """Small letters."""
    return text.lower()


def upper(text: str, _now: float) -> str:
    """Capital letters."""
    return text.upper()


def trim(characters: str | None = None) -> Convert:
    """Without these characters at both ends; without blanks, if none are named."""
    return lambda text, _now: text.strip(characters)


def append(end: str) -> Convert:
    """With `end` behind it."""
    return lambda text, _now: text + end


def prepend(beginning: str) -> Convert:
    """With `beginning` in front of it."""
    return lambda text, _now: beginning + text


def substring(start: int, end: int | None = None) -> Convert:
    """The characters from `start`, counted from 0, up to and without `end`; below 0 they count from the end."""
    part = slice(start, end)
    return lambda text, _now: text[part]


def replace(what: str, to: str) -> Convert:
    """`to` wherever `what` was."""
    return lambda text, _now: text.replace(what, to)


def regexp(pattern: Pattern) -> Convert:
    """The first group of the first match, or all of the match if it has no groups; FAILED if there is none.

    A text that is longer than the pattern looks at cannot be converted either.
    """
    search, group, longest = pattern.search, 1 if pattern.groups else 0, pattern.limit

    def convert(text: str, _now: float) -> Any:
        found = search(text) if longest is None or len(text) <= longest else None
        return FAILED if found is None else found.group(group) or ""

    return convert


def replace_with_regexp(pattern: Pattern, to: str) -> Convert:
    r"""`to` wherever the pattern matches; \1 in it is the first group.  Raises ValueError for a wrong `to`."""
    sub, filled, longest = pattern.sub, replacement(to, pattern.groups), pattern.limit
    return lambda text, _now: sub(filled, text) if longest is None or len(text) <= longest else FAILED


def replacement(to: str, groups: int) -> Callable[[Match], str]:
    r"""What fills \0 (all that was found) to \9 in; \\ is a backslash.  Raises ValueError for all others."""
    pieces: list[str | int] = []
    at = 0
    for found in _REFERENCE.finditer(to):
        pieces.append(to[at : found.start()])
        at = found.end()
        if found[1] == "\\":
            pieces.append("\\")
        elif found[1] in tuple("0123456789") and int(found[1]) <= groups:
            pieces.append(int(found[1]))
        else:
            raise ValueError(f"'\\{found[1]}' is no group; the pattern has {groups}, and \\\\ is a backslash")
    pieces.append(to[at:])
    return lambda match: "".join(piece if isinstance(piece, str) else match.group(piece) or "" for piece in pieces)


def decode_hex(text: str, _now: float) -> Any:
    """The text whose bytes these digits are; blanks between them and a 0x in front are left out.

    A byte that is no UTF-8 becomes U+EF00 + byte, as everywhere in the house.
    """
    try:
        return text_of(unhexlify(_BLANKS.sub("", text).removeprefix("0x")))
    except ValueError:
        return FAILED


def decode_base64(text: str, _now: float) -> Any:
    """The text whose bytes these are, in the alphabet with + and /; the = at its end may be missing."""
    return _base64(text, b"+/")


def decode_base64_url(text: str, _now: float) -> Any:
    """The text whose bytes these are, in the alphabet with - and _; the = at its end may be missing."""
    return _base64(text, b"-_")


def _base64(text: str, alphabet: bytes) -> Any:
    text = _BLANKS.sub("", text).rstrip("=")
    if alphabet == b"-_" and ("+" in text or "/" in text):
        return FAILED
    try:
        return text_of(b64decode(text + "=" * (-len(text) % 4), alphabet, validate=True))
    except (NotBase64, ValueError):
        return FAILED


def number(text: str, _now: float) -> Any:
    """A whole number of 64 bits, or one with a point or an exponent."""
    text = text.strip()
    if _WHOLE.fullmatch(text):
        value = int(text)
        return value if -_MAX_NUMBER <= value < _MAX_NUMBER else FAILED
    if _PARTS.fullmatch(text):
        real = float(text)
        return real if abs(real) != float("inf") else FAILED
    return FAILED


def time(form: str = "auto", zone: tzinfo | None = None) -> Convert:
    """Milliseconds since 1970; forms are told in core/times.py.  Raises ValueError if there is no such form."""
    read = times.reader(form, zone)

    def convert(text: str, now: float) -> Any:
        instant = read(text, now)
        return FAILED if instant is None else instant

    return convert


def chain(steps: Sequence[Convert]) -> Convert:
    """One after the other; a number that came out of one is the next one's text."""
    if len(steps) == 1:
        return steps[0]
    first, *rest = steps

    def convert(text: str, now: float) -> Any:
        value = first(text, now)
        for step in rest:
            if value is FAILED:
                break
            value = step(value if isinstance(value, str) else str(value), now)
        return value

    return convert
