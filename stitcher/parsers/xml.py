r"""A text that is one document of XML in, its elements and attributes under dotted paths out.

    parse: {type: xml, named: {Data: Name}}
    example:
      line: '<Event xmlns="u"><System><Provider Name="Disk"/><ID>7</ID></System><Data Name="User">anna</Data></Event>'
      fields: {Event.System.Provider.@Name: Disk, Event.System.ID: "7", Event.Data.User: anna}

An attribute is `PATH.@NAME`, the text of an element `PATH`.  Prefixes and declarations of name spaces are left out.
An element without text has no field of its own.  What is there several times is a list, in order.

named   elements that carry their name in an attribute: with `{Data: Name}`, `<Data Name="User">` is `Data.User`

A document type or an entity is refused, so nothing is ever looked up or expanded, and so are more than 64 elements in
one another, or a path of more than 1024 characters.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from stitcher.parsers.method import Fields, Parser, put

MAX_DEPTH: Final = 64
#: characters; without a bound, many elements under long names would cost their product
MAX_PATH: Final = 1024


@dataclass(frozen=True)
class Options:
    """What may stand beside `type: xml`."""

    named: Mapping[str, str] = field(
        default_factory=dict, metadata={"description": "element -> the attribute that holds its name"}
    )


class _RefusedError(Exception):
    """Why this document is not read."""


def make(options: Options) -> Parser:
    """A parser of documents."""
    named = dict(options.named)

    def parse(text: str) -> Fields | str:
        text = text.strip("\ufeff \t\r\n\0")
        if not text.startswith("<"):
            return "no XML"
        reader = _Reader(named)
        try:
            reader.read(text)
        except _RefusedError as why:
            return str(why)
        except expat.ExpatError:
            return "bad XML"
        return reader.fields or "no XML"

    return parse


class _Reader:
    """One document: expat calls these as it goes over the text."""

    def __init__(self, named: dict[str, str]) -> None:
        self.fields: Fields = {}
        self._named = named
        #: of the elements that are open: path, pieces of text
        self._open: list[tuple[str, list[str]]] = []

    def read(self, text: str) -> None:
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = _refuse
        parser.EntityDeclHandler = _refuse
        # lone surrogates are no UTF-8, and expat says so
        parser.Parse(text.encode("utf-8", "surrogatepass"), True)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        path = _local(tag)
        holder = self._named.get(path)
        if holder and (name := attributes.pop(holder, "")):
            path = f"{path}.{name}"
        if self._open:
            path = f"{self._open[-1][0]}.{path}"
        if len(self._open) >= MAX_DEPTH or len(path) > MAX_PATH:
            raise _RefusedError("XML is nested too deep")
        self._open.append((path, []))
        for name, value in attributes.items():
            if len(name) > MAX_PATH:
                raise _RefusedError("XML has a name too long")
            if name != "xmlns" and not name.startswith("xmlns:"):
                put(self.fields, f"{path}.@{_local(name)}", value)

    def _text(self, text: str) -> None:
        self._open[-1][1].append(text)

    def _end(self, _tag: str) -> None:
        path, pieces = self._open.pop()
        text = "".join(pieces).strip()
        if text:
            put(self.fields, path, text)


def _local(name: str) -> str:
    """Without the prefix of its name space."""
    return name.rpartition(":")[2]


def _refuse(*_: object) -> None:
    """Entities are how XML reads files and grows; no log needs them."""
    raise _RefusedError("XML has a document type")
