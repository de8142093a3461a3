"""The EXECVE records of one event in, one argv out.

The kernel writes at most 7500 bytes a record (MAX_EXECVE_AUDIT_LEN in kernel/auditsc.c): a command line of more goes
on in further EXECVE records, and one long argument in pieces, `a1_len=20000 a1[0]=… a1[1]=…`, where `_len` counts the
characters as logged.  Records may come in any order: arguments are sorted by index and piece.
"""

import re
from typing import Final, NamedTuple

from stitcher.kernel._bounds import MAX_HOLES
from stitcher.kernel._record import PLAIN, Field, Record, unhex

_ARGUMENT: Final = re.compile(rb"a(0|[1-9][0-9]{0,6})(?:\[(0|[1-9][0-9]{0,6})\])?")
_LENGTH: Final = re.compile(rb"a(0|[1-9][0-9]{0,6})_len")
_COUNT: Final = re.compile(rb"[0-9]{1,7}")


class Merged(NamedTuple):
    """What is not argv, and argv; None where an argument is missing."""

    record: Record
    argv: list[bytes | None]


Argument = tuple[int, int, int, Field]


def merge_execve(records: list[Record], missing: list[str]) -> Merged:
    """Join EXECVE records; adds to `missing` what argc, the lengths or the piece numbers say is not there."""
    rest = Record([], [], [])
    arguments: list[Argument] = []
    lengths: dict[int, int] = {}
    for record in records:
        rest.words.extend(record.words)
        rest.suffix.extend(record.suffix)
        for field in record.fields:
            _sort_in(field, rest, arguments, lengths)
    arguments.sort(key=lambda argument: argument[:3])
    argv = _assemble(arguments, lengths, rest, missing)
    _check_lengths(lengths, argv, missing)
    _check_count(rest, argv, missing)
    return Merged(rest, argv)


def _sort_in(field: Field, rest: Record, arguments: list[Argument], lengths: dict[int, int]) -> None:
    key, value, _ = field
    if isinstance(value, list):
        rest.fields.append(field)
    elif found := _ARGUMENT.fullmatch(key):
        arguments.append((int(found[1]), int(found[2] or 0), len(arguments), field))
    elif (found := _LENGTH.fullmatch(key)) and _COUNT.fullmatch(value):
        lengths.setdefault(int(found[1]), int(value))
    elif key == b"argv":
        rest.words.append(b"argv=" + value)
    else:
        rest.fields.append(field)


def _assemble(
    arguments: list[Argument], lengths: dict[int, int], rest: Record, missing: list[str]
) -> list[bytes | None]:
    argv: list[bytes | None] = []
    holes = MAX_HOLES
    at = 0
    while at < len(arguments):
        index = arguments[at][0]
        end = at
        while end < len(arguments) and arguments[end][0] == index:
            end += 1
        gap = index - len(argv)
        if gap > holes:
            rest.fields.extend(field for _, _, _, field in arguments[at:])
            return argv
        holes -= gap
        argv.extend([None] * gap)
        argv.append(_join_pieces(index, arguments[at:end], lengths.get(index), rest, missing))
        at = end
    return argv


def _join_pieces(index: int, pieces: list[Argument], length: int | None, rest: Record, missing: list[str]) -> bytes:
    """One argument from its pieces; a piece that is there twice is kept as a field of its own."""
    decoded: list[bytes] = []
    logged = 0
    last = -1
    for _, number, _, field in pieces:
        _, value, quote = field
        if number == last or isinstance(value, list):
            rest.fields.append(field)
            continue
        last = number
        logged += len(value)
        decoded.append(unhex(value) if quote == PLAIN else value)
    if length is not None and logged < length:
        missing.append(f"argv[{index}] {logged}/{length}")
    elif length is None and len(decoded) <= last:
        missing.append(f"pieces of argv[{index}] {len(decoded)}/{last + 1}")
    return b"".join(decoded)


def _check_lengths(lengths: dict[int, int], argv: list[bytes | None], missing: list[str]) -> None:
    """A length of an argument of which no piece is there."""
    for index, length in sorted(lengths.items()):
        if length and (index >= len(argv) or argv[index] is None):
            missing.append(f"argv[{index}] 0/{length}")


def _check_count(rest: Record, argv: list[bytes | None], missing: list[str]) -> None:
    for key, value, quote in rest.fields:
        if key == b"argc" and quote == PLAIN and isinstance(value, bytes):
            there = len(argv) - argv.count(None)
            if _COUNT.fullmatch(value) and there < int(value):
                missing.append(f"argv {there}/{int(value)}")
            return
