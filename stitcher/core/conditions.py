"""A condition in, a function over the values of an event out: does it hold?

Everything that can be known before the first event is made once: sets, networks, patterns, lowered words.  A field that
is missing holds for no operator; `negate` turns that round, as KUMA's "If not" does.  docs/conditions.md has a table of
the operators.
"""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple, Protocol

from stitcher.core._operators import (
    Bits,
    Detected,
    Equals,
    Ordered,
    Subnets,
    Table,
    Texts,
    check_network,
    contains,
    ends_with,
    is_missing,
    matches,
    number_of,
    singles,
    starts_with,
    text_of,
    texts,
)
from stitcher.core.regexps import compile_pattern
from stitcher.errors import ConfigError

Holds = Callable[[Sequence[Any]], bool]
Tables = Mapping[str, Container[str]]
#: what a right operand is: values of any kind, numbers, words, networks, patterns, bits, names of tables, of
#: categories, or nothing
Right = Literal["any", "number", "text", "network", "pattern", "bit", "table", "category", "none"]

#: between the values of the fields that are the key of a dictionary
KEY_SEPARATOR: Final = "|"
#: what enrichment puts the answer of threat intelligence into
TI_FIELD: Final = "TI"
#: elements of a list on the right that are compared, where the right side is a field
MOST_OTHERS: Final = 256


class Operator(NamedTuple):
    """What an operator takes on its right, and what may be said besides."""

    right: Right
    #: `other`, a field on the right
    other: bool = False
    #: `case: false`
    case: bool = False


OPERATORS: Final[dict[str, Operator]] = {
    "=": Operator("any", other=True, case=True),
    "<": Operator("number", other=True),
    "<=": Operator("number", other=True),
    ">": Operator("number", other=True),
    ">=": Operator("number", other=True),
    "in": Operator("any", other=True, case=True),
    "inSubnet": Operator("network", other=True),
    "contains": Operator("text", other=True, case=True),
    "startsWith": Operator("text", other=True, case=True),
    "endsWith": Operator("text", other=True, case=True),
    "match": Operator("pattern", case=True),
    "hasBit": Operator("bit", other=True),
    "inDictionary": Operator("table"),
    "inTable": Operator("table"),
    "intersect": Operator("any", other=True, case=True),
    "exists": Operator("none"),
    "TIDetect": Operator("category"),
}


class Condition(NamedTuple):
    """One comparison; several fields are the key of a dictionary, `values` are alternatives."""

    fields: tuple[str, ...]
    op: str
    values: tuple[Any, ...] = ()
    other: str = ""
    case: bool = True
    negate: bool = False


class Group(NamedTuple):
    """Parts that are combined; those of a `not` with and."""

    kind: Literal["and", "or", "not"]
    parts: "tuple[Tree, ...]"


Tree = Condition | Group


class _Test(Protocol):
    """An operator with its right side."""

    @property
    def text(self) -> Callable[[str], bool]: ...
    @property
    def value(self) -> Callable[[object], bool]: ...


class Fields:
    """The names that conditions read, and their values of a flat event."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._places: dict[str, int] = {}
        self._dotted = False

    def index(self, name: str) -> int:
        """The place of a field; asked while conditions are compiled."""
        if name not in self._places:
            self._places[name] = len(self.names)
            self.names.append(name)
            self._dotted = self._dotted or "." in name
        return self._places[name]

    def values(self, event: Mapping[str, Any]) -> tuple[Any, ...]:
        """None for what is missing.  A dot goes down, `Extra.user`; a key with the dot in it wins."""
        if not self._dotted:
            return tuple(map(event.get, self.names))
        return tuple([event.get(name) if "." not in name else dig(event, name) for name in self.names])


def dig(event: object, name: str) -> Any:
    """The value of a name with dots, at whatever dot the keys are cut; None where there is none."""
    if not isinstance(event, Mapping):
        return None
    if name in event:
        return event[name]
    head, dot, rest = name.partition(".")
    return dig(event.get(head), rest) if dot else None


def names_of(tree: Tree) -> list[str]:
    """Every field that the condition reads, once, in order."""
    if isinstance(tree, Condition):
        return list(dict.fromkeys([*tree.fields, *([tree.other] if tree.other else [])]))
    return list(dict.fromkeys(name for part in tree.parts for name in names_of(part)))


def check_value(op: str, value: object) -> None:
    """Raises ConfigError where an operator cannot take this on its right."""
    right = OPERATORS[op].right
    if is_missing(value):
        raise ConfigError(f"nothing is ever {op} an empty value; use 'exists', with 'negate: true' for a missing field")
    if right == "number" and number_of(value) is None:
        raise ConfigError(f"{op} compares numbers; use a number")
    if right == "bit" and not (isinstance(number := number_of(value), int) and 0 <= number <= 63):
        raise ConfigError("expected the number of a bit, 0 to 63")
    if right == "network":
        check_network(value if isinstance(value, str) else str(value))
    if right in ("pattern", "table", "category") and not isinstance(value, str):
        raise ConfigError("expected text; put it in quotes")
    if right == "pattern":
        compile_pattern(str(value))


def compile_condition(tree: Tree, index: Callable[[str], int], tables: Tables | None = None) -> Holds:
    """`index` says where the value of a field stands; `tables` has the dictionaries by name.

    Raises ConfigError for an operator, a value or a dictionary that there is none of.
    """
    if isinstance(tree, Group):
        return _group(tree, index, tables or {})
    holds = _comparison(tree, index, tables or {})
    return _negated(holds) if tree.negate else holds


def _group(tree: Group, index: Callable[[str], int], tables: Tables) -> Holds:
    parts = [compile_condition(part, index, tables) for part in tree.parts]
    if not parts:
        raise ConfigError(f"an '{tree.kind}' without conditions")
    if tree.kind == "or":
        return _any_of(parts)
    return _negated(_all_of(parts)) if tree.kind == "not" else _all_of(parts)


def _negated(holds: Holds) -> Holds:
    return lambda values: not holds(values)


def _all_of(parts: list[Holds]) -> Holds:
    first, *rest = parts
    if not rest:
        return first
    if len(rest) == 1:
        second = rest[0]
        return lambda values: first(values) and second(values)
    if len(rest) == 2:
        second, third = rest
        return lambda values: first(values) and second(values) and third(values)
    return lambda values: all(part(values) for part in parts)


def _any_of(parts: list[Holds]) -> Holds:
    first, *rest = parts
    if not rest:
        return first
    if len(rest) == 1:
        second = rest[0]
        return lambda values: first(values) or second(values)
    if len(rest) == 2:
        second, third = rest
        return lambda values: first(values) or second(values) or third(values)
    return lambda values: any(part(values) for part in parts)


def _comparison(one: Condition, index: Callable[[str], int], tables: Tables) -> Holds:
    if one.op not in OPERATORS:
        raise ConfigError(f"no operator '{one.op}'; known: {', '.join(OPERATORS)}")
    if one.other:
        return _of_fields(one, index(one.fields[0]), index(one.other))
    if not one.values and OPERATORS[one.op].right not in ("none", "category"):
        raise ConfigError(f"{one.op} needs a value")
    for value in one.values:
        check_value(one.op, value)
    places = [index(name) for name in one.fields]
    if one.op == "exists":
        return _exists(places[0])
    test = _test(one, tables)
    if len(places) > 1:
        return _of_key(test, places)
    if isinstance(test, Equals):
        return _equals(test, places[0])
    return _plain(test, places[0])


def _test(one: Condition, tables: Tables) -> _Test:
    right = OPERATORS[one.op].right
    if right == "table":
        return Table([_table(str(name), tables) for name in one.values])
    if right == "category":
        return Detected(one.values)
    return _test_of(one.op, one.values, not one.case, True)


def _test_of(op: str, values: Iterable[Any], fold: bool, often: bool) -> _Test:
    """`often`: it is asked more than once."""
    if op in ("=", "in", "intersect"):
        return Equals(values, fold)
    if op == "hasBit":
        return Bits(values)
    if op == "inSubnet":
        return Subnets(values, often)
    if op in _TEXTUAL:
        return Texts(_TEXTUAL[op](list(texts(list(values))), fold))
    return Ordered(op, values)


def _table(name: str, tables: Tables) -> Container[str]:
    if name not in tables:
        raise ConfigError(f"no dictionary '{name}'; known: {', '.join(sorted(tables)) or 'none'}")
    return tables[name]


def _exists(place: int) -> Holds:
    return lambda values: not is_missing(values[place])


def _equals(test: Equals, place: int) -> Holds:
    """The commonest, made quick: one number, one text, several texts."""
    of_value = test.value
    if len(test.numbers) == 1 and len(test.texts) == 1:
        (number,) = test.numbers

        def is_number(values: Sequence[Any]) -> bool:
            left = values[place]
            if left.__class__ is int:
                return bool(left == number)
            return left is not None and of_value(left)

        return is_number
    if test.numbers or not test.exact:
        return _plain(test, place)
    if len(test.texts) > 1:
        wanted_texts = test.texts

        def is_one_of(values: Sequence[Any]) -> bool:
            left = values[place]
            if left.__class__ is str:
                return left in wanted_texts
            return left is not None and of_value(left)

        return is_one_of
    (wanted,) = test.texts

    def holds(values: Sequence[Any]) -> bool:
        left = values[place]
        if left.__class__ is str:
            return bool(left == wanted)
        return left is not None and of_value(left)

    return holds


def _plain(test: _Test, place: int) -> Holds:
    text, of_value = test.text, test.value

    def holds(values: Sequence[Any]) -> bool:
        left = values[place]
        if left.__class__ is str:
            return left != "" and text(left)
        return left is not None and of_value(left)

    return holds


def _of_key(test: _Test, places: list[int]) -> Holds:
    """Of several values, joined; a list is no part of a key."""
    text = test.text

    def holds(values: Sequence[Any]) -> bool:
        parts = [text_of(values[place]) for place in places]
        return all(parts) and text(KEY_SEPARATOR.join(map(str, parts)))

    return holds


def _of_fields(one: Condition, place: int, other: int) -> Holds:
    """Two fields of one event; what is on the right is known only then."""
    if not OPERATORS[one.op].other:
        raise ConfigError(f"{one.op} takes no field on its right")
    op, fold = one.op, not one.case
    equal = op in ("=", "in", "intersect")

    def holds(values: Sequence[Any]) -> bool:
        left, right = values[place], values[other]
        if is_missing(left) or is_missing(right):
            return False
        if equal and not fold and left.__class__ is str and right.__class__ is str:
            return bool(left == right)
        rights = singles(right)
        if op in _TEXTUAL:
            rights = list(texts(rights))[:MOST_OTHERS]
        return _test_of(op, rights, fold, False).value(left)

    return holds


_TEXTUAL: Final[dict[str, Callable[[list[str], bool], Callable[[str], bool]]]] = {
    "contains": contains,
    "startsWith": starts_with,
    "endsWith": ends_with,
    "match": matches,
}
