"""The YAML of a mapping in (`normalizers/schema-*.yaml`), checked rules out; every fault is said with file and line.

docs/schemas.md explains a mapping.
"""

import re
from typing import Any, Final, NamedTuple

from stitcher.kernel._paths import compile_path
from stitcher.schemas._convert import CONVERSIONS
from stitcher.schemas._fields import ANYTHING, NO_TABLE, FieldTable, FieldType, expect, read_table, shipped_table
from stitcher.summary import Faults, Folder, Place, read_file

_KEYS: Final = ("kind", "id", "description", "schema", "fields", "tables", "made", "map")
_RULE: Final = ("from", "value", "as", "table", "else", "when", "unless", "differs", "all")
_CONDITIONS: Final = ("when", "unless")
_SHIPPED: Final = ("fields-ecs.yaml", "fields-kuma.yaml", "fields-ocsf.yaml")
#: how a source begins that is no path of the event, and what may follow
_SUMMARY: Final = re.compile(
    r"summary\.(?:category|action|outcome|error|from|how|script|sentence|(?:object|subject)\.[a-z_]+)"
)
_RECORD: Final = re.compile(r"(?:own|file)\.(?:type|text|(?:fields|interpreted|value)\.(?:msg\.)?[A-Za-z0-9_-]+)")
_MADE: Final = "made."
_NAME: Final = re.compile("[a-z_]+")
_OTHERS: Final = ("raw", "own.all", "own.rest", "rest", "milliseconds")

Ways = tuple[str, ...]


class Condition(NamedTuple):
    """It holds where `way` gives one of `words` (a list: has one of them), or with no words anything at all."""

    way: str
    words: tuple[str, ...]


class Rule(NamedTuple):
    """How a field is made: of the first of `ways` that says something, of a constant, or a constant where one does.

    With `parts` it is made of the first of these that makes anything, and of nothing else that stands here.
    """

    name: str
    place: Place
    type: FieldType
    ways: Ways
    constant: Any
    steps: tuple[str, ...]
    table: dict[str, Any] | None
    otherwise: Any
    when: tuple[Condition, ...]
    unless: tuple[Condition, ...]
    differs: str
    every: bool
    parts: tuple["Rule", ...] = ()


def parts_of(rule: Rule) -> tuple[Rule, ...]:
    """The rules that it is made of, or itself."""
    return rule.parts or (rule,)


class Mapping(NamedTuple):
    """What a file says; `made` are values that are no fields, which rules read as sources, `made.NAME`."""

    schema: str
    table: FieldTable
    made: tuple[Rule, ...]
    rules: tuple[Rule, ...]


def read_mapping(path: Folder, faults: Faults) -> Mapping:
    """The mapping of a file; what is wrong with it is added to `faults`."""
    values, place = read_file(path, faults, "schema")
    expect(place, values, _KEYS, ("schema", "map"))
    schema = values.get("schema")
    if "schema" in values and not isinstance(schema, str):
        place.fault("schema", f"expected the name of the schema, found {schema!r}")
    table = _table(path, place, values.get("fields"), faults)
    reader = _Reader(place, table, _tables(place, values.get("tables", {})))
    made, given = values.get("made", {}), values.get("map")
    if not isinstance(made, dict) or not all(isinstance(name, str) and _NAME.fullmatch(name) for name in made):
        place.fault("made", "expected names of small letters and _, each with where its value is from")
        made = {}
    if not isinstance(given, dict) or not given:
        place.fault("map", "expected the names of fields, each with where its value is from")
        given = {}
    values_made = tuple(reader.made(name, tree) for name, tree in made.items())
    return Mapping(str(schema), table, values_made, tuple(reader.rule(str(name), tree) for name, tree in given.items()))


def _table(path: Folder, place: Place, name: Any, faults: Faults) -> FieldTable:
    """A table beside the mapping, else one that came with stitcher."""
    if name is None:
        return NO_TABLE
    if not isinstance(name, str) or "/" in name or not name.endswith(".yaml"):
        place.fault("fields", f"expected the name of a file like fields-ecs.yaml, found {name!r}")
        return NO_TABLE
    beside = path.parent / name if hasattr(path, "parent") else None
    if beside is not None and beside.is_file():
        return read_table(beside, faults)
    if name not in _SHIPPED:
        place.fault("fields", f"there is no file '{name}' beside the mapping", name)
        return NO_TABLE
    return shipped_table(name)


def _tables(place: Place, given: Any) -> dict[str, dict[str, Any]]:
    if not isinstance(given, dict) or not all(isinstance(table, dict) for table in given.values()):
        place.fault("tables", "expected tables by name, each with what becomes of which word")
        return {}
    return given


class _Reader:
    """Reads the rules of one file."""

    def __init__(self, place: Place, table: FieldTable, tables: dict[str, dict[str, Any]]) -> None:
        self._place = place
        self._fields = table
        self._tables = tables
        self._names: set[str] = set()
        self._made: set[str] = set()

    def made(self, name: str, tree: Any) -> Rule:
        """A value that is no field; those behind it may read it."""
        rule = self._parts(f"{_MADE}{name}", tree, ANYTHING)
        self._made.add(rule.name)
        return rule

    def rule(self, name: str, tree: Any) -> Rule:
        return self._parts(name, tree, self._type(name))

    def _parts(self, name: str, tree: Any, known: FieldType) -> Rule:
        """A rule, or where there is a list of mappings the first of them that makes anything."""
        if not isinstance(tree, list) or not tree or not all(isinstance(part, dict) for part in tree):
            return self._part(name, tree, known)
        parts = tuple(self._part(name, part, known) for part in tree)
        return Rule(name, self._place, known, (), None, (), None, None, (), (), "", False, parts)

    def _part(self, name: str, tree: Any, known: FieldType) -> Rule:
        if not isinstance(tree, dict):
            tree = {"from": tree}
        for key in tree:
            if key not in _RULE:
                self._unknown(name, "key", key, list(_RULE))
        if "value" not in tree and "from" not in tree:
            self._fault(
                name, "expected 'from', paths, or 'value', a constant, or both: the constant where there is a value"
            )
        ways = self._ways(name, tree.get("from", ()))
        steps = self._list(name, "as", tree.get("as", ()))
        for step in steps:
            if step not in CONVERSIONS:
                self._unknown(name, "conversion", step, list(CONVERSIONS))
        differs = tree.get("differs", "")
        if differs:
            self._way(name, differs)
        if not isinstance(tree.get("all", False), bool):
            self._fault(name, "all: expected true or false")
        when, unless = (self._conditions(name, key, tree.get(key, {})) for key in _CONDITIONS)
        return Rule(
            name, self._place, known, ways, tree.get("value"), tuple(step for step in steps if step in CONVERSIONS),
            self._named_table(name, tree.get("table")), tree.get("else"), when, unless, str(differs),
            tree.get("all") is True,
        )  # fmt: skip

    def _type(self, name: str) -> FieldType:
        """The type of a field, which must be one and must not stand inside another."""
        found = self._fields.type_of(name.removesuffix(".*"))
        if found is None:
            self._unknown(name, "field", name, list(self._fields.types))
        for other in self._names:
            if name.startswith(f"{other}.") or other.startswith(f"{name}."):
                self._fault(name, f"'{other}' is a field, too, and one cannot be inside the other")
        self._names.add(name.removesuffix(".*") + "." if name.endswith(".*") else name)
        return found or FieldType("text")

    def _ways(self, name: str, given: Any) -> Ways:
        return tuple(way for way in self._list(name, "from", given) if self._way(name, way))

    def _way(self, name: str, way: Any) -> bool:
        """Is it a source?"""
        text = str(way)
        if text.startswith(_MADE):
            if text not in self._made:
                self._unknown(name, "made value", text, [*self._made])
            return text in self._made
        if text in _OTHERS or _SUMMARY.fullmatch(text) or _RECORD.fullmatch(text):
            return True
        try:
            compile_path(text)
        except ValueError as cause:
            known = (
                "a path of docs/event.md, summary.…, own.…, file.…, made.…, own.all, own.rest, rest, milliseconds, raw"
            )
            self._fault(name, f"'{text}' is no source: {cause}; expected {known}", text)
            return False
        return True

    def _list(self, name: str, key: str, given: Any) -> tuple[str, ...]:
        """One text or several."""
        if isinstance(given, str):
            return (given,)
        if isinstance(given, list | tuple) and all(isinstance(text, str) for text in given):
            return tuple(given)
        self._fault(name, f"{key}: expected text or a list of text, found {given!r}")
        return ()

    def _named_table(self, name: str, table: Any) -> dict[str, Any] | None:
        if table is not None and table not in self._tables:
            self._unknown(name, "table", table, list(self._tables))
            return {}
        return None if table is None else self._tables[table]

    def _conditions(self, name: str, key: str, given: Any) -> tuple[Condition, ...]:
        if not isinstance(given, dict):
            self._fault(name, f"{key}: expected sources, each with its words")
            return ()
        found = []
        for way, words in given.items():
            listed = isinstance(words, list) and all(isinstance(word, str) for word in words)
            if words is not True and not listed:
                self._fault(name, f"{key}: expected a list of text or true, found {words!r}; numbers need quotes")
            elif self._way(name, way):
                found.append(Condition(way, tuple(words) if isinstance(words, list) else ()))
        return tuple(found)

    def _fault(self, name: str, message: str, word: str = "") -> None:
        del word
        if name.startswith(_MADE):
            self._place.fault(name, message, f"{name.removeprefix(_MADE)}:")
        else:
            self._place.fault(f"map.{name}", message, f"{name}:" if name[0] != "@" else f'{name}":')

    def _unknown(self, name: str, what: str, word: object, known: list[str]) -> None:
        from difflib import get_close_matches

        close = get_close_matches(str(word), known, 1)
        hint = f"did you mean '{close[0]}'?" if close else f"known: {', '.join(sorted(known)[:12])}"
        self._fault(name, f"no {what} '{word}'; {hint}")
