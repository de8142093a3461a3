"""Rules in, flat lines of many events at once out: CEF and CSV.

A field with a dot in its name is a part of the field in front of it: with the others of its kind it is a JSON object in
a cell of CSV, and in CEF a key of its own.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

import orjson

from stitcher.errors import ConfigError
from stitcher.quoting import visible
from stitcher.resources import shipped
from stitcher.schemas._fields import FieldTable, expect, texts
from stitcher.schemas._fit import settled
from stitcher.schemas._json import tree_of_names
from stitcher.schemas._rules import Rule
from stitcher.schemas._sources import Columns
from stitcher.schemas._units import Noted, Unit
from stitcher.summary import Faults, Folder, read_file

_QUOTED: Final = frozenset(',"')
#: what stands in front of the name of a field that CEF has no key for
_ADDITIONAL: Final = "ad."

Fields = list[tuple[Sequence[str], Any]]


class CefKeys(NamedTuple):
    """What normalizers/format-cef.yaml has."""

    header: tuple[str, ...]
    keys: Mapping[str, str]


def read_cef_keys(path: Folder | None = None) -> CefKeys:
    """The keys of CEF, the shipped ones where no file is named; raises ConfigError."""
    faults = Faults()
    values, place = read_file(path or shipped("normalizers") / "format-cef.yaml", faults, "format")
    expect(place, values, ("kind", "id", "description", "header", "keys"), ("header", "keys"))
    keys = values.get("keys")
    if not isinstance(keys, dict) or not all(isinstance(key, str) for key in keys.values()):
        place.fault("keys", "expected fields, each with its key")
        keys = {}
    found = CefKeys(texts(place, "header", values.get("header")), keys)
    faults.end()
    return found


class Cef:
    """Writes `CEF:0|vendor|product|version|class|name|severity|key=value …` for each event."""

    head = ""

    def __init__(self, rules: Sequence[Rule], table: FieldTable) -> None:
        self._table = table
        names, self._keys = read_cef_keys()
        by_name = {rule.name: [rule] for rule in rules if rule.name in names}
        self._header = [Unit(by_name.get(name, []), 0, cef_bar) for name in names]
        self._extension = [Unit([rule], 0, self._pairs) for rule in rules if rule.name not in names]

    def lines(self, columns: Columns, noted: Noted) -> list[str]:
        """The lines, LF behind each."""
        headers = zip(*(unit.pieces(columns, noted) for unit in self._header), strict=True)
        extensions = list(map("".join, zip(*(unit.pieces(columns, noted) for unit in self._extension), strict=True)))
        for place, misfits in noted.items():
            found = settled(misfits, self._table)
            extensions[place] += self._pairs([((self._table.extra, name), value) for name, value in found.items()])
        return [
            f"CEF:0|{'|'.join(header)}|{extension[1:]}\n" for header, extension in zip(headers, extensions, strict=True)
        ]

    def _pairs(self, fields: Fields) -> str:
        return cef_pairs(fields, self._keys)


def cef_pairs(fields: Fields, keys: Mapping[str, str]) -> str:
    """The extension, a space in front of each pair; what `keys` has not is ad.NAME."""
    pairs = []
    for (*way, last), value in fields:
        if last == "*":
            pairs += [(f"{_ADDITIONAL}{_cef_key(key)}", one) for key, one in value.items()]
        elif way:
            pairs.append((f"{_ADDITIONAL}{_cef_key(last)}", value))
        else:
            pairs.append((keys.get(last, f"{_ADDITIONAL}{_cef_key(last)}"), value))
    return "".join(f" {key}={_cef_value(value)}" for key, value in pairs)


def cef_bar(fields: Fields) -> str:
    """A field of the header."""
    return visible(_text(fields[0][1])).replace("\\", "\\\\").replace("|", "\\|") if fields else ""


@lru_cache(4096)
def _cef_key(name: str) -> str:
    """A key has letters, digits, dots and _."""
    return "".join(char if char.isascii() and (char.isalnum() or char in "._") else "_" for char in name)


def _cef_value(value: Any) -> str:
    text = "\n".join(map(visible_line, _text(value).split("\n")))
    return text.replace("\\", "\\\\").replace("=", "\\=").replace("\n", "\\n")


def visible_line(text: str) -> str:
    """The text without anything that would end a line or steer a terminal."""
    return text if text.isprintable() else "".join(char if char.isprintable() else visible(char) for char in text)


class Csv:
    """Writes a line of cells for each event, as RFC 4180 has them, but with LF at the end and none inside."""

    def __init__(self, rules: Sequence[Rule], table: FieldTable) -> None:
        self._table = table
        columns: dict[str, list[Rule]] = {}
        for rule in rules:
            columns.setdefault(rule.name.partition(".")[0], []).append(rule)
        names = list(columns)
        if table.extra in columns:  # what did not fit is added to the last column
            names.remove(table.extra)
            names.append(table.extra)
        self._cells = [Unit(columns[name], 0, _comma) for name in names]
        self._last = names[-1] == table.extra
        #: the line above all others
        self.head = ",".join(names) + "\n"

    def lines(self, columns: Columns, noted: Noted) -> list[str]:
        """The lines, LF behind each."""
        cells = [unit.pieces(columns, noted) for unit in self._cells]
        if noted and self._last:
            cells[-1] = self._settled(cells[-1], noted)
        return [f"{','.join(row)}\n" for row in zip(*cells, strict=True)]

    def _settled(self, cells: Sequence[str], noted: Noted) -> list[str]:
        made = list(cells)
        for place, misfits in noted.items():
            found = made[place]
            tree = orjson.loads(found[1:-1].replace('""', '"')) if found else {}
            made[place] = _cell(orjson.dumps(tree | settled(misfits, self._table)).decode())
        return made


def _comma(fields: Fields) -> str:
    """A cell."""
    if len(fields) == 1 and len(fields[0][0]) == 1:
        return _cell(visible_line(_text(fields[0][1])))
    tree = tree_of_names(fields)
    return _cell(orjson.dumps(next(iter(tree.values()))).decode()) if tree else ""


def _cell(text: str) -> str:
    return text if _QUOTED.isdisjoint(text) else '"' + text.replace('"', '""') + '"'


def _text(value: Any) -> str:
    if type(value) is str:
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return " ".join(map(_text, value))
    return str(value) if isinstance(value, int | float) else orjson.dumps(value).decode()


#: forms of flat lines, by the name of their format
FLAT: Final[Mapping[str, Callable[[Sequence[Rule], FieldTable], Cef | Csv]]] = {"cef": Cef, "csv": Csv}


def check_flat(form: str, name: str, is_tree: bool) -> None:
    """Refuse a flat form for what is a tree; raises ConfigError."""
    if form == "csv" and is_tree:
        raise ConfigError(f"the schema '{name}' is a tree, and csv has columns; use json, or csv with audit or kuma")
