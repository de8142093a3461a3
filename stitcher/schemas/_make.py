"""A rule in, a function from the values of its sources to the value of its field out."""

from collections.abc import Callable
from typing import Any, Final

from stitcher.schemas._convert import CONVERSIONS, OF_TYPE, Convert, renamed
from stitcher.schemas._rules import Condition, Rule, parts_of
from stitcher.summary import NOTHING

#: the values of some sources
Key = tuple[Any, ...]
Make = Callable[[Key], Any]
Test = Callable[[Key], bool]
#: the place of a source among the values
Places = dict[str, int]

#: values of nothing and of nobody
EMPTY: Final = NOTHING | {"4294967295"}


def ways_of(rule: Rule) -> list[str]:
    """Everything that a field depends on, each once."""
    ways: dict[str, None] = {}
    for part in parts_of(rule):
        conditions = [condition.way for condition in (*part.when, *part.unless)]
        ways |= dict.fromkeys([*part.ways, *conditions, *([part.differs] if part.differs else [])])
    return list(ways)


def maker(rule: Rule, places: Places) -> Make:
    """The value of a field; None where it has none.  It may still not fit the field (_fit)."""
    if rule.parts:
        makers = [maker(part, places) for part in rule.parts]
        return lambda key: next((found for make in makers if (found := make(key)) is not None), None)
    make = _converted(rule, _value(rule, [places[way] for way in rule.ways]))
    if rule.ways and rule.constant is not None:
        make = _instead(rule.constant, make)
    tests = [_test(condition, places) for condition in rule.when]
    refusals = [_test(condition, places) for condition in rule.unless]
    if rule.differs:
        refusals.append(_same([places[way] for way in rule.ways], places[rule.differs]))
    otherwise = rule.otherwise

    def made(key: Key) -> Any:
        if not all(test(key) for test in tests) or any(test(key) for test in refusals):
            return None
        found = make(key)
        return otherwise if found is None else found

    return made


def says_nothing(value: Any) -> bool:
    """Is it a value of nothing or of nobody?"""
    return value in EMPTY if type(value) is str else value is None or value == [] or value == {}


def _value(rule: Rule, places: list[int]) -> Make:
    """What the sources say, before it is converted; for `all` a list of what each of them says."""
    constant, table = rule.constant, rule.table
    if not places:
        return lambda _: constant
    if rule.every:
        return lambda key: [key[place] for place in places]
    if table is not None:
        return lambda key: _looked_up([key[place] for place in places], table)

    def first(key: Key) -> Any:
        return next((key[place] for place in places if not says_nothing(key[place])), None)

    return first


def _instead(constant: Any, make: Make) -> Make:
    """A constant where there is a value."""
    return lambda key: None if make(key) is None else constant


def _looked_up(values: list[Any], table: dict[str, Any]) -> Any:
    """What a table has for the first value that it knows; a mapping of names is renamed by it."""
    for value in values:
        if isinstance(value, dict):
            return renamed(value, table) or None
        if isinstance(value, str) and value in table:
            return table[value]
    return None


def _converted(rule: Rule, make: Make) -> Make:
    steps: list[Convert] = [CONVERSIONS[step] for step in rule.steps]
    if rule.type.type == "text" and rule.ways and rule.table is None:
        steps.append(OF_TYPE["text"])
    one = _steps(steps)
    if rule.every:
        return lambda key: _every(make(key), one, rule.type.listed or rule.type.type == "any")
    if rule.type.listed:
        kind = OF_TYPE[rule.type.type]
        before = _steps([CONVERSIONS[step] for step in rule.steps])
        return lambda key: _list(before(make(key)), kind)
    return lambda key: one(make(key))


def _steps(steps: list[Convert]) -> Convert:
    """One conversion behind the other, until there is nothing left."""

    def convert(value: Any) -> Any:
        for step in steps:
            if says_nothing(value):
                return None
            value = step(value)
        return None if says_nothing(value) else value

    return convert


def _every(values: list[Any], convert: Convert, listed: bool) -> Any:
    """Every part of every value that says something, once; as one text where the field is no list."""
    found: dict[Any, None] = {}
    for value in values:
        for part in value if isinstance(value, list) else (value,):
            one = convert(part)
            if one is not None:
                found[one if isinstance(one, str | int) else str(one)] = None
    if not found:
        return None
    return list(found) if listed else " ".join(map(str, found))


def _list(value: Any, kind: Convert) -> Any:
    """A list of what fits the type."""
    made = [kind(part) for part in (value if isinstance(value, list) else [value]) if part is not None]
    return [part for part in made if part is not None] or None


def _test(condition: Condition, places: Places) -> Test:
    place, words = places[condition.way], frozenset(condition.words)
    if not words:
        return lambda key: not says_nothing(key[place])

    def test(key: Key) -> bool:
        value = key[place]
        if isinstance(value, list):
            return any(isinstance(part, str) and part in words for part in value)
        return isinstance(value, str) and value in words

    return test


def _same(places: list[int], other: int) -> Test:
    return lambda key: next((key[place] for place in places if key[place] is not None), None) == key[other]
