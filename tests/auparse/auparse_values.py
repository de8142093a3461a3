"""An event of auparse and ours in, every pair of values out, in one form.

auparse writes text for people, we write JSON; these are differences of form, and none of them counts:

- auparse keeps the quotes and the hex of a raw value; we have unquoted and, where the field says so, decoded it.  Hex
  counts as the same only where auparse decodes it as well.
- auparse writes a control character as a backslash and three octal digits; ours is written so before it is compared.
- so is, in what was typed on a terminal, every byte beyond ASCII.
- bytes that are not UTF-8 are compared as bytes, whatever stands for them.
- auparse has several keys of one rule as several fields, we as one field with 0x01 in it.
- auparse puts 0x in front of a hex argument without a meaning; a meaning of ours is then an addition.
- an address of a socket is text with names of its own there and an object here: compared part by part.
- a security context that is an object here is text there: its parts with colons between them.
- pieces of an EXECVE argument, over all records of the event, are one argument here.
- a user or group without a name of the sender's has a name of *this* machine there: compared is the number.
"""

import grp
import json
import pwd
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from typing import Any, Final, NamedTuple

from stitcher.kernel._record import bytes_of
from stitcher.tables import RECORD_TYPES

Tree = dict[str, Any]
Key = tuple[str, str]

#: fields that hold a user or a group, by auparse's table of types
IDS: Final = frozenset(
    "auid uid euid suid fsuid ouid oauid old-auid iuid id inode_uid sauid obj_uid "
    "gid egid sgid fsgid ogid igid inode_gid obj_gid new_gid".split()
)
_UNSET: Final = {"4294967295", "-1"}
_ARGUMENT: Final = re.compile(r"a(\d+)(?:\[(\d+)\])?")
_TYPE: Final = re.compile(rb"type=(\S+)")
_HEX: Final = re.compile("(?:[0-9A-Fa-f]{2})+")
#: numbers that Ubuntu's kernels had for records which Linux got later
_UBUNTU: Final = {"1420": "MAC_TASK_CONTEXTS", "1421": "MAC_OBJ_CONTEXTS"}
_ADDRESS: Final = re.compile(r"\{ (?:saddr_)?fam=(\S+)(?: (.*))? \}", re.DOTALL)
#: auparse's names of the parts of an address, and ours
_PARTS: Final = {"laddr": "addr", "lport": "port", "path": "path", "nlnk-fam": "number", "nlnk-pid": "pid"}
_PART: Final = re.compile("({0})=(.*?)(?= (?:{0})=|\\Z)".format("|".join(_PARTS)), re.DOTALL)
#: lists that auparse writes with commas
_JOINED: Final = {"seperms"}


class Pair(NamedTuple):
    """Two values that should be one; None where one side has none."""

    record: str
    field: str
    #: type, records (how they are grouped), raw, meaning, beside (what a record of ours holds beside its fields)
    kind: str
    theirs: str | None
    ours: str | None
    #: number of the record's line, 0 where it has none of auparse's
    line: int = 0


def pairs(theirs: list[Tree], ours: list[Tree], lines: list[bytes]) -> Iterator[Pair]:
    """All pairs of one id: the events that auparse has of it, and ours."""
    mine = by_type(ours, lambda record: str(record["type"]))
    other = by_type(theirs, lambda record: _type(lines[record["line"] - 1], mine))
    yield Pair("", "", "records", _grouping(other), _grouping(mine))
    for name in {**other.records, **mine.records}:
        written, said = other.records.get(name, []), mine.records.get(name, [])
        if name == "EXECVE":
            written, said = [_one(written)] if written else [], [_argv(record) for record in said]
        for at in range(max(len(written), len(said))):
            record = written[at] if at < len(written) else None, said[at] if at < len(said) else None
            yield from _record(name, *record, lines)


class Sorted(NamedTuple):
    """Records in order by type, and the types of each event."""

    records: dict[str, list[Tree]]
    groups: list[list[str]]


def by_type(events: list[Tree], name_of: Callable[[Tree], str]) -> Sorted:
    """The records of some events by what `name_of` calls their type, in the order of their lines."""
    found = Sorted(defaultdict(list), [])
    for event in events:
        names = [name_of(record) for record in event["records"]]
        found.groups.append(names)
        for name, record in zip(names, event["records"], strict=True):
            found.records[name].append(record)
    for records in found.records.values():
        records.sort(key=lambda record: int(record.get("line", 0)))
    return found


def _grouping(events: Sorted) -> str | None:
    return " | ".join(" ".join(dict.fromkeys(names)) for names in events.groups) or None


def _type(line: bytes, ours: Sorted) -> str:
    """The type of a line as we call it: auparse has no name, and no number, for some."""
    name = _TYPE.search(line)[1].decode()  # type: ignore[index]
    digits = name.removeprefix("UNKNOWN[").removesuffix("]")
    if not digits.isdigit() or name in ours.records:
        return name
    other = _UBUNTU.get(digits, "")
    return other if other in ours.records else RECORD_TYPES.get(int(digits), name)


def _record(name: str, theirs: Tree | None, ours: Tree | None, lines: list[bytes]) -> Iterator[Pair]:
    line = theirs["line"] if theirs else 0
    yield Pair(name, "", "type", theirs["type"] if theirs else None, ours["type"] if ours else None, line)
    if theirs is None or ours is None:
        return
    named = _named(lines[line - 1])
    said = Flat(ours).found
    for field, value in theirs["fields"].items():
        rows = value if value and isinstance(value[0], list) else [value]
        have = said.pop(field, [])
        for at in range(max(len(rows), len(have))):
            raw, meaning = rows[at] if at < len(rows) else (None, None)
            text, best = have[at] if at < len(have) else (None, None)
            yield from _value(Pair(name, field, "", raw, meaning, line), text, best, field.upper() in named)
    for field, have in said.items():
        for text, best in have:
            if text is not None:
                yield Pair(name, field, "raw", None, written(text), line)
            if best is not None:
                yield Pair(name, field, "meaning", None, written(best), line)
    for key in ours.keys() - {"type", "fields", "interpreted"}:
        yield Pair(name, key, "beside", None, written(ours[key]), line)


def _value(theirs: Pair, text: Any, best: Any, named: bool) -> Iterator[Pair]:
    """The raw and the interpreted pair of one field; `theirs` brings both values of auparse."""
    name, field, _, raw, meaning, line = theirs
    ours = None if text is None else written(text)
    yield Pair(name, field, "raw", _raw(raw, meaning, ours, text), ours, line)
    if raw is not None and meaning is not None and (text is None or isinstance(best, dict)) and field == "saddr":
        yield from _address(name, meaning, best, line)
        return
    known = ours if best is None else written(best)
    yield Pair(name, field, "meaning", _meaning(field, raw, meaning, known, best is None, named), known, line)


def _raw(raw: str | None, meaning: str | None, ours: str | None, text: Any) -> str | None:
    """auparse's raw value in our form: without quotes, decoded where auparse decodes it and it is what we have."""
    if raw is None or ours is None or raw == ours:
        return raw
    plain = raw[1:-1] if len(raw) > 1 and raw[0] == raw[-1] and raw[0] in "\"'" else raw
    if (
        plain == raw != meaning
        and isinstance(text, str)
        and _HEX.fullmatch(raw)
        and bytes.fromhex(raw) == bytes_of(text)
    ):
        return ours
    return _escaped(plain)


def _meaning(
    field: str, raw: str | None, meaning: str | None, known: str | None, bare: bool, named: bool
) -> str | None:
    """auparse's interpreted value in our form."""
    if raw is None or known is None or meaning is None or meaning == known:
        return meaning
    if field in IDS and bare and not named and raw not in _UNSET and meaning in _local(raw):
        return known
    if known.startswith("unknown(") and meaning in _local(known[8:-1]):
        return known
    if field == "data" and meaning == _octal(known):
        return known
    if meaning == f"0x{raw}":
        return known if bare else None
    return meaning


def _octal(text: str) -> str:
    """Bytes beyond ASCII as a backslash and three octal digits."""
    return "".join(chr(byte) if byte < 128 else f"\\{byte:03o}" for byte in text.encode("utf-8", "surrogateescape"))


@cache
def _local(number: str) -> tuple[str, ...]:
    """What auparse may call a user or group on this machine."""
    if not number.isdigit() or int(number) >= 1 << 32:
        return ()
    signed = int(number) - (1 << 32) * (int(number) >> 31)
    names = [f"unknown({number})", f"unknown({signed})"]
    with suppress(KeyError):
        names.append(pwd.getpwuid(int(number)).pw_name)
    with suppress(KeyError):
        names.append(grp.getgrgid(int(number)).gr_name)
    return tuple(names)


def _address(name: str, meaning: str, ours: dict[str, Any] | None, line: int) -> Iterator[Pair]:
    left = {} if ours is None else {part: written(value) for part, value in ours.items()}
    found = _ADDRESS.fullmatch(meaning)
    if found is None:
        yield Pair(name, "saddr", "meaning", meaning, json.dumps(ours), line)
        return
    yield Pair(name, "saddr.family", "meaning", found[1], left.pop("family", None), line)
    rest = found[2] or ""
    if rest.startswith("path=") and "abstract" in left:
        yield Pair(name, "saddr.abstract", "meaning", rest, f"abstract={left.pop('abstract')}", line)
        rest = ""
    for part, value in _PART.findall(rest):
        yield Pair(name, f"saddr.{_PARTS[part]}", "meaning", value, left.pop(_PARTS[part], None), line)
    if rest and not _PART.match(rest):
        yield Pair(name, "saddr", "meaning", rest, ",".join(left) or None, line)
    for part, value in left.items():
        yield Pair(name, f"saddr.{part}", "meaning", None, value, line)


def _named(line: bytes) -> set[str]:
    """The keys of a line's suffix."""
    _, found, suffix = line.rpartition(b"\x1d")
    if not found or line.endswith(b"'"):
        return set()
    return {key.decode() for key in re.findall(rb"(?:\A| )([A-Z_-]+)=", suffix)}


class Flat:
    """The fields of one of our records as auparse has them: in order, the inner message behind the outer fields."""

    def __init__(self, record: Tree) -> None:
        #: field -> (text, meaning)
        self.found: dict[str, list[tuple[Any, Any]]] = defaultdict(list)
        self._add(record["fields"], record.get("interpreted", {}))

    def _add(self, fields: Tree, meanings: Tree) -> None:
        for key, value in fields.items():
            several = isinstance(value, list) and key not in _JOINED
            best = meanings.get(key)
            for at, one in enumerate(value if several else [value]):
                self._put(key, one, best[at] if several and isinstance(best, list) else best)
        for key in meanings.keys() - fields.keys():
            self.found[key].append((None, meanings[key]))

    def _put(self, key: str, value: Any, best: Any) -> None:
        if isinstance(value, dict):
            self._add(value, best or {})
        elif key == "key" and "\x01" in value:
            assert best == value.split("\x01")
            self.found[key].extend((one, None) for one in best)
        else:
            self.found[key].append((value, None if best == value else best))


def written(value: Any) -> str:
    """A value of ours as auparse would write it."""
    if isinstance(value, list):
        return ",".join(written(one) for one in value)
    if isinstance(value, dict):
        return ":".join(written(one) for one in value.values())
    if not isinstance(value, str):
        return json.dumps(value)
    if value.isprintable() and value.isascii():
        return value
    return _escaped(bytes_of(value).decode("utf-8", "surrogateescape"))


def _escaped(text: str) -> str:
    return re.sub("[\0-\x1f]", lambda found: f"\\{ord(found[0]):03o}", text)


def _one(records: list[Tree]) -> Tree:
    """EXECVE records of auparse as one, with the pieces of each argument joined."""
    pieces: dict[int, list[tuple[int, str, str]]] = defaultdict(list)
    rest: Tree = {}
    for record in records:
        for field, value in record["fields"].items():
            found = _ARGUMENT.fullmatch(field)
            if found and not isinstance(value[0], list):
                pieces[int(found[1])].append((int(found[2] or 0), *value))
            else:
                rest[field] = value
    for index, several in pieces.items():
        _, raw, meaning = zip(*sorted(several), strict=True)
        quoted = all(text.startswith('"') for text in raw)
        text = f'"{"".join(one[1:-1] for one in raw)}"' if quoted else "".join(raw)
        rest[f"argv[{index}]"] = [text, "".join(one or "" for one in meaning)]
    return {"type": "EXECVE", "line": records[0]["line"], "fields": rest}


def _argv(record: Tree) -> Tree:
    """Our EXECVE record with each argument as a field."""
    fields = dict(record["fields"])
    arguments = fields.pop("argv", [])
    fields.update({f"argv[{at}]": value for at, value in enumerate(arguments) if value is not None})
    return record | {"fields": fields}
