r"""A line of ArcSight's common event format in, the fields of its header and its extension out.

    parse: cef
    example:
      line: 'CEF:0|Acme|Gate|1.2|100|Worm \| stopped|10|src=192.0.2.1 msg=a \= b, and more cs1Label=Rule cs1=r 7'
      fields:
        CEFVersion: "0"
        DeviceVendor: Acme
        DeviceProduct: Gate
        DeviceVersion: "1.2"
        DeviceEventClassID: "100"
        Name: Worm | stopped
        Severity: "10"
        src: 192.0.2.1
        msg: a = b, and more
        cs1Label: Rule
        cs1: r 7

The header's fields have these names; those of the extension are named as in the line.  Versions 0 and 1 are read.
A syslog header may come first; its words are `syslog.time`, `syslog.host` and so on (see `syslog`).

In the header `\|` and `\\` are escapes, in the extension `\=`, `\\`, `\n` and `\r`.  A value goes up to the next word
with a `=` behind it, so it may hold spaces; spaces at its ends are no part of it.  A key given twice is a list.  An
extension that uses the name of a header field is named `extension.NAME`, so that nobody's text takes its place.  Text
in front of the first key is in the field `words`.
"""

import re
from dataclasses import dataclass
from typing import Final

from stitcher.parsers import syslog_message
from stitcher.parsers.method import Fields, Parser, put

_PART: Final = r"((?:[^|\\]++|\\.)*+)"
_HEADER: Final = re.compile(
    r"CEF: ?([01])\|" + (_PART + r"\|") * 5 + _PART + r"(?:\||\Z)",
    re.DOTALL,
)
_KEY: Final = re.compile(r"(?:\A|(?<=[ \t]))([A-Za-z0-9_.\-\[\]]{1,256}+)=")
_HEADER_ESCAPE: Final = re.compile(r"\\([\\|])")
_ESCAPE: Final = re.compile(r"\\([\\=nr])")
_ESCAPED: Final = {"n": "\n", "r": "\r", "=": "=", "\\": "\\"}
_NAMES: Final = (
    "CEFVersion", "DeviceVendor", "DeviceProduct", "DeviceVersion", "DeviceEventClassID", "Name", "Severity",
)  # fmt: skip
_RESERVED: Final = frozenset((*_NAMES, "syslog", "extension"))


@dataclass(frozen=True)
class Options:
    """There are none."""


def make(_options: Options) -> Parser:
    """The one parser of CEF."""
    return parse


def parse(text: str) -> Fields | str:
    """The fields, or why there are none."""
    fields: Fields = {}
    if not text.startswith("CEF:"):
        outer = syslog_message.parse(text)
        if isinstance(outer, str):
            return "no CEF header"
        text = outer.pop("message", "")
        fields["syslog"] = outer
    header = _HEADER.match(text)
    if header is None:
        return "no CEF header"
    for name, value in zip(_NAMES, header.groups(), strict=True):
        if value:
            fields[name] = _HEADER_ESCAPE.sub(r"\1", value) if "\\" in value else value
    _extend(fields, text[header.end() :])
    return fields


def _extend(fields: Fields, text: str) -> None:
    text = text.strip(" \t\r\n\0")
    keys = list(_KEY.finditer(text))
    starts = [*(key.start() for key in keys), len(text)]
    if words := text[: starts[0]].strip(" \t"):
        fields["words"] = words
    for key, end in zip(keys, starts[1:], strict=True):
        value = text[key.end() : end].strip(" \t")
        if "\\" in value:
            value = _ESCAPE.sub(lambda found: _ESCAPED[found[1]], value)
        name = key[1]
        put(fields.setdefault("extension", {}) if name in _RESERVED else fields, name, value)
