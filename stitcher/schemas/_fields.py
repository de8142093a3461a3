"""A table of fields in (`normalizers/fields-*.yaml`), what may be written out: names with their types and sizes."""

from functools import cache
from typing import Any, Final, NamedTuple

from stitcher.resources import shipped
from stitcher.summary import Faults, Folder, Place, read_file

#: text; a number; an address; RFC 3339; true or false; a mapping of names to texts
TYPES: Final = ("text", "number", "float", "ip", "date", "boolean", "texts")
#: what becomes of a text that is too long
POLICIES: Final = ("truncate", "spill", "split")
_KEYS: Final = ("kind", "id", "description", "version", "overlong", "extra", "own", "fields")
_ROW: Final = ("type", "size", "list", "names")


class FieldType(NamedTuple):
    """What a field holds; a `size` of 0 is no bound."""

    type: str
    size: int = 0
    listed: bool = False


#: of a field that no table speaks of
ANYTHING: Final = FieldType("any")


class FieldTable(NamedTuple):
    """The fields of a schema; `own` are the beginnings of names that may be written without standing here."""

    version: str
    types: dict[str, FieldType]
    own: tuple[str, ...]
    overlong: str
    extra: str

    def type_of(self, name: str) -> FieldType | None:
        """The type of a field; None where there is no such field."""
        parent, dot, _ = name.rpartition(".")
        while dot:
            if parent in self.own:
                return ANYTHING
            if parent in self.types and self.types[parent].type == "texts":
                return FieldType("text")
            parent, dot, _ = parent.rpartition(".")
        if not self.types or name in self.own:
            return ANYTHING
        return self.types.get(name) or self._extended(name)

    def _extended(self, name: str) -> FieldType | None:
        """Of a row `S.*`: S. and a name of letters and digits."""
        front, _, name = name.partition(".")
        return self.types.get(f"{front}.*") if name.isascii() and name.isalnum() else None


#: of a mapping that names no table: every field may be written
NO_TABLE: Final = FieldTable("", {}, (), "truncate", "")


@cache
def shipped_table(name: str) -> FieldTable:
    """A table that came with stitcher; raises ConfigError."""
    faults = Faults()
    table = read_table(shipped("normalizers") / name, faults)
    faults.end()
    return table


def read_table(path: Folder, faults: Faults) -> FieldTable:
    """The table of a file; what is wrong with it is added to `faults`."""
    values, place = read_file(path, faults, "fields")
    expect(place, values, _KEYS, ("version", "fields"))
    overlong = values.get("overlong", "truncate")
    if overlong not in POLICIES:
        place.unknown("overlong", "policy", overlong, list(POLICIES))
    types: dict[str, FieldType] = {}
    rows = values.get("fields")
    if not isinstance(rows, list):
        place.fault("fields", "expected a list of rows with type and names")
        rows = []
    for index, row in enumerate(rows):
        _row(place.rule("fields", index), row, types)
    extra, own = values.get("extra", ""), values.get("own", [])
    return FieldTable(str(values.get("version")), types, texts(place, "own", own), str(overlong), str(extra))


def _row(place: Place, row: Any, types: dict[str, FieldType]) -> None:
    if not isinstance(row, dict):
        place.fault("", "expected a mapping with type and names")
        return
    expect(place, row, _ROW, ("type", "names"))
    kind, size, listed = row.get("type"), row.get("size", 0), row.get("list", False)
    if kind not in TYPES:
        place.unknown("type", "type", kind, list(TYPES))
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        place.fault("size", f"expected how many characters fit, found {size!r}")
        size = 0
    if not isinstance(listed, bool):
        place.fault("list", f"expected true or false, found {listed!r}")
    for name in texts(place, "names", row.get("names")):
        if name in types:
            place.fault("names", f"'{name}' stands here twice; remove one", name)
        types[name] = FieldType(str(kind), size, listed is True)


def expect(place: Place, values: dict[str, Any], known: tuple[str, ...], required: tuple[str, ...] = ()) -> None:
    """These keys and no others."""
    for key in values:
        if key not in known:
            place.unknown(str(key), "key", key, list(known))
    for key in required:
        if key not in values:
            place.fault(key, "the key is missing")


def texts(place: Place, key: str, value: Any) -> tuple[str, ...]:
    """A list of text."""
    if isinstance(value, list) and all(isinstance(text, str) for text in value):
        return tuple(value)
    place.fault(key, f"expected a list of text, found {value!r}; numbers need quotes")
    return ()
