"""normalizers/schema-laurel.yaml in, what laurel makes of types, fields and addresses out."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from stitcher.kernel._record import bytes_of
from stitcher.kernel._sockaddr import sockaddr
from stitcher.resources import shipped
from stitcher.schemas._escapes import percent_escaped
from stitcher.schemas._fields import expect, texts
from stitcher.summary import Faults, Folder, Place, read_file

_KEYS: Final = (
    "kind", "id", "description", "schema", "version", "objects", "alone", "decimal", "hexadecimal", "octal", "nothing",
    "unsaid", "addresses",
)  # fmt: skip
#: bases of numbers, by their names in the table
_BASES: Final = {"decimal": 10, "hexadecimal": 16, "octal": 8}
_OF_ADDRESS: Final = ("size", "parts", "else", "hexadecimal")


class Address(NamedTuple):
    """How a family's address is told: `parts` are laurel's names with ours, of which the first that is known counts."""

    size: int
    parts: Mapping[str, tuple[str, ...]]
    otherwise: Any
    hexadecimal: tuple[str, ...]


class Table(NamedTuple):
    """What the file says; `bases` is 10, 16 or 8 by the name of a field that holds a number."""

    version: str
    objects: frozenset[str]
    alone: tuple[tuple[int, int], ...]
    bases: Mapping[str, int]
    nothing: frozenset[bytes]
    unsaid: Mapping[str, bytes]
    addresses: Mapping[str, Address]

    def is_object(self, number: int, name: str) -> bool:
        """Does a record of this type stand there as an object?"""
        return name in self.objects or any(first <= number <= last for first, last in self.alone if number)

    def address_of(self, data: bytes) -> dict[str, Any] | None:
        """The parts of a socket address; None for one that is too short, or of no family of the table.

        laurel reads all of them as little-endian, whatever the arch of the event.
        """
        parts = sockaddr(data, True)
        row = self.addresses.get(str(parts["family"])) if parts else None
        if parts is None or row is None or len(data) < row.size:
            return None
        told: dict[str, Any] = {"saddr_fam": parts["family"]}
        for name, ways in row.parts.items():
            value = next((parts[way] for way in ways if way in parts), row.otherwise)
            if isinstance(value, str):
                value = percent_escaped(bytes_of(value).partition(b"\0")[0])
            told[name] = f"0x{value:x}" if name in row.hexadecimal else value
        return told


def read_laurel(path: Folder | None = None) -> Table:
    """The table of laurel's form, the shipped one where no file is named; raises ConfigError with every fault."""
    faults = Faults()
    values, place = read_file(path or shipped("normalizers") / "schema-laurel.yaml", faults, "laurel")
    expect(place, values, _KEYS, _KEYS)
    addresses = values.get("addresses")
    if not isinstance(addresses, dict):
        place.fault("addresses", "expected families, each with size and parts")
        addresses = {}
    unsaid = values.get("unsaid")
    if not isinstance(unsaid, dict) or not all(isinstance(words, str) for words in unsaid.values()):
        place.fault("unsaid", "expected types, each with its words")
        unsaid = {}
    table = Table(
        str(values.get("version")),
        frozenset(texts(place, "objects", values.get("objects"))),
        tuple(_ranges(place, values.get("alone"))),
        {name: base for key, base in _BASES.items() for name in texts(place, key, values.get(key))},
        frozenset(text.encode() for text in texts(place, "nothing", values.get("nothing"))),
        {str(name): words.encode() + b" " for name, words in unsaid.items()},
        {str(family): _address(place, str(family), row) for family, row in addresses.items()},
    )
    faults.end()
    return table


def _ranges(place: Place, value: Any) -> list[tuple[int, int]]:
    pairs = value if isinstance(value, list) else [value]
    for pair in pairs:
        if not (isinstance(pair, list) and len(pair) == 2 and all(type(number) is int for number in pair)):
            place.fault("alone", f"expected pairs of the first and the last number, found {pair!r}")
            return []
    return [(first, last) for first, last in pairs]


def _address(place: Place, family: str, row: Any) -> Address:
    if not isinstance(row, dict) or not isinstance(row.get("parts"), dict) or type(row.get("size")) is not int:
        place.fault("addresses", f"expected size and parts, found {row!r}", family)
        return Address(0, {}, None, ())
    expect(place, row, _OF_ADDRESS)
    parts = {str(name): texts(place, "parts", ways) for name, ways in row["parts"].items()}
    return Address(row["size"], parts, row.get("else"), texts(place, "hexadecimal", row.get("hexadecimal", [])))
