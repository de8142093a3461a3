"""The conversions that a mapping may name: a value in, another out, or None where it is no such thing."""

import ipaddress
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

import orjson

from stitcher.quoting import value_text, word

Convert = Callable[[Any], Any]

#: what fits a number of 64 bits with a sign
_LARGEST: Final = 2**63 - 1
_DIGITS: Final = 20
#: the upper bits of a mode, <linux/stat.h>
_KINDS_OF_FILE: Final = {
    0o140000: "socket",
    0o120000: "symlink",
    0o100000: "file",
    0o060000: "block device",
    0o040000: "directory",
    0o020000: "character device",
    0o010000: "pipe",
}


def number(value: Any) -> int | None:
    """A whole number from its decimal digits; one that has a name as well ("EACCES(…)") is none."""
    if type(value) is str:
        digits = value[1:] if value[:1] == "-" else value
        if not (digits.isdecimal() and digits.isascii()) or len(digits) > _DIGITS:
            return None
        value = int(value)
    if type(value) is not int:
        return None
    return value if -_LARGEST - 1 <= value <= _LARGEST else None


def real(value: Any) -> float | None:
    """A number with or without a fraction."""
    whole = number(value)
    if whole is not None or not isinstance(value, str | float):
        return whole
    try:
        found = float(value)
    except ValueError:
        return None
    return found if abs(found) < float("inf") else None


@lru_cache(4096)
def _address(text: str) -> str | None:
    try:
        return str(ipaddress.ip_address(text.partition("%")[0]))
    except ValueError:
        return None


def ip(value: Any) -> str | None:
    """An address of IPv4 or IPv6 in its usual form, without a zone."""
    return _address(value) if isinstance(value, str) and len(value) <= 64 else None


def family(value: Any) -> str | None:
    """`ipv4` or `ipv6`, of an address."""
    address = ip(value)
    return None if address is None else "ipv6" if ":" in address else "ipv4"


def text(value: Any) -> str | None:
    """A text as it is, anything else as one line."""
    if type(value) is str or value is None:
        return value
    return value_text(value)


def boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def command_line(value: Any) -> str | None:
    """Arguments as they could be typed; one that did not come is <missing>.  Of a PROCTITLE they stand between NULs."""
    if isinstance(value, str) and "\0" in value:
        value = arguments(value)
    if not isinstance(value, list):
        return text(value)
    return " ".join("<missing>" if part is None else word(str(part)) for part in value)


def arguments(value: Any) -> list[str] | None:
    """Arguments, one that did not come as ""; of a PROCTITLE as it is written they stand between NULs."""
    if isinstance(value, str):
        return value.rstrip("\0").split("\0")
    return [part if isinstance(part, str) else "" for part in value] if isinstance(value, list) else None


def joined(value: Any) -> str | None:
    """The parts of a list with a space between them."""
    return " ".join(map(str, value)) if isinstance(value, list) else text(value)


def listed(value: Any) -> list[Any] | None:
    """A list as it is, anything else as the only part of one."""
    return value if isinstance(value, list) or value is None else [value]


def unique(value: Any) -> list[Any] | None:
    """Each part of a list once."""
    return list(dict.fromkeys(map(text, value))) if isinstance(value, list) else listed(value)


def spaced(value: Any) -> str | None:
    """A PROCTITLE as it is written with a space for each NUL."""
    return value.rstrip("\0").replace("\0", " ") if isinstance(value, str) else None


def count(value: Any) -> int | None:
    """How many parts a list has."""
    return len(value) if isinstance(value, list) else None


def first(value: Any) -> Any:
    """The first part of a list."""
    return next(iter(value), None) if isinstance(value, list) else value


def several(value: Any) -> Any:
    """A list of more than one part."""
    return value if isinstance(value, list) and len(value) > 1 else None


def base_name(value: Any) -> str | None:
    """What stands behind the last slash."""
    return (value.rstrip("/").rpartition("/")[2] or None) if isinstance(value, str) else None


def directory(value: Any) -> str | None:
    """What stands in front of the last slash."""
    if not isinstance(value, str) or "/" not in value:
        return None
    return value.rpartition("/")[0] or "/"


def extension(value: Any) -> str | None:
    """What stands behind the last dot of a name that does not begin with it."""
    name = base_name(value)
    front, dot, end = name.rpartition(".") if name else ("", "", "")
    return end if dot and front and end else None


def stem(value: Any) -> str | None:
    """What stands in front of the last dot."""
    return (value.rpartition(".")[0] or None) if isinstance(value, str) else None


def digits(value: Any) -> str | None:
    """The digits of a text, one behind the other: of 1001.04 100104."""
    return "".join(char for char in value if "0" <= char <= "9") or None if isinstance(value, str) else None


def kind_of_file(value: Any) -> str | None:
    """The word for what the mode of a file, as PATH has it, says of its kind: 0100640 is a file."""
    if not isinstance(value, str) or not value or len(value) > _DIGITS or value.strip("01234567"):
        return None
    return _KINDS_OF_FILE.get(int(value, 8) & 0o170000)


def permissions(value: Any) -> str | None:
    """Four octal digits of the mode of a file, as PATH has it: 0100640 is 0640."""
    if not isinstance(value, str) or not value or value.strip("01234567"):
        return None
    return f"0{value}"[-4:].rjust(4, "0")


def milliseconds(value: Any) -> int | None:
    """The time of an event's id since 1970: 1700000000.004:7 is 1700000000004."""
    return number(value.partition(":")[0].replace(".", "")) if isinstance(value, str) else None


def name(value: Any) -> str | None:
    """The name in front of words: of ENOENT(No such file or directory) ENOENT."""
    return value.partition("(")[0] if isinstance(value, str) else None


def words(value: Any) -> str | None:
    """opened-file as opened file."""
    return value.replace("-", " ") if isinstance(value, str) else None


@lru_cache(2048)
def tree_of(json: str) -> dict[str, Any]:
    """A record as a tree that is not to be changed, from its JSON."""
    tree: dict[str, Any] = orjson.loads(json)
    return tree


def tree_of_fields(value: Any) -> list[dict[str, Any]] | None:
    """Of whole records (records.TYPE[*].json) the fields of each."""
    if not isinstance(value, list):
        return None
    return [(tree_of(record) if isinstance(record, str) else record)["fields"] for record in value]


def paths(value: Any) -> str | None:
    """Of PATH records (records.PATH[*].json) each kind and name, as a shell would take the names."""
    fields = tree_of_fields(value) or []
    return (
        " ".join(f"{text(one.get('nametype')) or 'NORMAL'}={word(text(one.get('name')) or '')}" for one in fields)
        or None
    )


def texts(value: Any) -> dict[str, str] | None:
    """A mapping of names to texts; inner fields stand beside the others, as msg.NAME."""
    if not isinstance(value, dict):
        return None
    found: dict[str, str] = {}
    for key, part in value.items():
        if isinstance(part, dict):
            found |= {f"{key}.{inner}": text(one) or "" for inner, one in part.items()}
        else:
            found[key] = part if type(part) is str else text(part) or ""
    return found


def renamed(value: Mapping[str, str], table: Mapping[str, Any]) -> dict[str, Any]:
    """Names as a table has them; those that it has not (anybody may send them) are in one list, `other`, as NAME=VALUE.

    Inner fields are looked up without their msg. in front, behind the others.
    """
    known: dict[str, Any] = {}
    other = []
    for key, part in value.items():
        name = table.get(key.removeprefix("msg."))
        if isinstance(name, str) and name not in known:
            known[name] = part
        else:
            other.append(f"{key}={part}")
    if other:
        known["other"] = other
    return known


CONVERSIONS: Final[Mapping[str, Convert]] = {
    "number": number,
    "float": real,
    "ip": ip,
    "family": family,
    "boolean": boolean,
    "text": text,
    "lower": lambda value: value.lower() if isinstance(value, str) else None,
    "upper": lambda value: value.upper() if isinstance(value, str) else None,
    "words": words,
    "name": name,
    "milliseconds": milliseconds,
    "base name": base_name,
    "directory": directory,
    "extension": extension,
    "stem": stem,
    "digits": digits,
    "kind of file": kind_of_file,
    "permissions": permissions,
    "arguments": arguments,
    "spaced": spaced,
    "command line": command_line,
    "joined": joined,
    "list": listed,
    "unique": unique,
    "count": count,
    "first": first,
    "several": several,
    "fields": tree_of_fields,
    "paths": paths,
    "texts": texts,
}
#: what a field's type makes of a value
OF_TYPE: Final[Mapping[str, Convert]] = {
    "number": number,
    "float": real,
    "ip": ip,
    "boolean": boolean,
    "text": text,
    "date": text,
    "texts": texts,
    "any": lambda value: value,
}
