"""A text that is one object of JSON in, its tree out: fields inside fields are named by a dotted path.

    parse: {type: json, duplicates: last}
    example:
      line: '{"user": {"name": "anna", "groups": ["wheel", "adm"]}, "ok": true, "n": 7, "a.b": "dot"}'
      fields:
        user: {name: anna, groups: [wheel, adm]}
        ok: true
        n: 7
        a.b: dot

A normalizer names `user.name`, `user.groups` (a list), `user.groups.0` (its first value) and `a.b`: a key that has the
dot itself comes first.  A `@cee:` in front of the object is taken off.

duplicates   what counts when an object has one key twice: `last`, `first`, `list` (all of them), or `refuse`.
             `last` is five times quicker than the others, which is why it is the default; the others see that
             somebody put a second value into the text.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import orjson

from stitcher.parsers.method import Fields, Parser

#: objects and lists in one another; what logs has ten
MAX_DEPTH: Final = 128
#: digits of a number that surely fits into 64 bits; longer ones stay text
_MAX_DIGITS: Final = 18
_STRINGS: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_BRACKETS: Final = re.compile(r"[\[{]|[\]}]")

#: what may be half of a pair of surrogates, which is no text and can be written nowhere
_HALF: Final = re.compile(r"\\u[dD][89a-fA-F]")

Pairs = list[tuple[str, Any]]


@dataclass(frozen=True)
class Options:
    """What may stand beside `type: json`."""

    duplicates: Literal["last", "first", "list", "refuse"] = field(
        default="last", metadata={"description": "which value counts when an object has one key twice"}
    )


def make(options: Options) -> Parser:
    """A parser of objects."""
    load = _loader(options.duplicates)

    def parse(text: str) -> Fields | str:
        text = text.strip("\ufeff \t\r\n\0")
        if text.startswith("@cee:"):
            text = text[5:].lstrip()
        if not text.startswith("{"):
            return "no JSON object"
        if text.count("{") + text.count("[") > MAX_DEPTH and _depth(text) > MAX_DEPTH:
            return "JSON is nested too deep"
        try:
            tree = load(text)
        except _DuplicateError:
            return "JSON has a key twice"
        except ValueError:
            return "bad JSON"
        return tree if isinstance(tree, dict) else "no JSON object"

    return parse


def _depth(text: str) -> int:
    """How deep the brackets outside of quotes go."""
    depth = deepest = 0
    for bracket in _BRACKETS.findall(_STRINGS.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


class _DuplicateError(ValueError):
    """A key that was there before."""


def _loader(duplicates: str) -> Callable[[str], Any]:
    if duplicates == "last":
        return orjson.loads
    pairs = {"first": _first, "list": _list, "refuse": _refuse}[duplicates]
    decoder = json.JSONDecoder(object_pairs_hook=pairs, parse_int=_integer, parse_constant=_no_number)

    def load(text: str) -> Any:
        tree = decoder.decode(text)
        if _HALF.search(text):
            try:
                orjson.dumps(tree)
            except TypeError as cause:
                raise ValueError(str(cause)) from cause
        return tree

    return load


def _first(pairs: Pairs) -> Fields:
    return dict(reversed(pairs))


def _list(pairs: Pairs) -> Fields:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        all_values: dict[str, list[Any]] = {}
        for name, value in pairs:
            all_values.setdefault(name, []).append(value)
        fields = {name: values if len(values) > 1 else values[0] for name, values in all_values.items()}
    return fields


def _refuse(pairs: Pairs) -> Fields:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise _DuplicateError
    return fields


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= _MAX_DIGITS else digits


def _no_number(name: str) -> None:
    """NaN and Infinity are no JSON."""
    raise ValueError(name)
