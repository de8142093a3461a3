"""Text in, named source fields out: the parse methods of normalizers, one file each.

    audit     a line of Linux audit                     audit.py
    cef       ArcSight's common event format            cef.py
    csv       columns                                   csv.py
    json      an object of JSON                         json_object.py
    kv        pairs such as `key=value`                 kv.py
    regexp    patterns with named groups                regexp.py
    syslog    RFC 5424, RFC 3164 and its relatives      syslog_message.py
    xml       elements and attributes                   xml.py

A method's file has a docstring that is its manual page, `Options` (a frozen dataclass, what may stand beside `type:`)
and `make(options) -> Parser`; `names(options)` tells the source fields if they are known beforehand.

A parser never raises: it gives the fields, or a word of text that says why it could not read.  That reason is one of
few, so it can be counted: it never quotes the line.  The time it takes grows with the length of the text and no faster.
"""

from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any, Final

#: source field -> text, number, true or false, null, or a list or an object of such; an absent field has no key
Fields = dict[str, Any]
Parser = Callable[[str], "Fields | str"]

#: method -> the file it is in; `json.py` and `syslog.py` take wrappers off lines of audit, which is something else
METHODS: Final = {
    "audit": "audit",
    "cef": "cef",
    "csv": "csv",
    "json": "json_object",
    "kv": "kv",
    "regexp": "regexp",
    "syslog": "syslog_message",
    "xml": "xml",
}


def module_of(name: str) -> ModuleType:
    """The file of a method; it is imported when a normalizer asks for it."""
    return import_module(f"stitcher.parsers.{METHODS[name]}")


def put(fields: Fields, name: str, value: str) -> None:
    """Add a value; a name that comes again gets a list of all its values, so that none is lost."""
    before = fields.get(name)
    if before is None:
        fields[name] = value
    elif isinstance(before, list):
        before.append(value)
    else:
        fields[name] = [before, value]
