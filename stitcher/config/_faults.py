"""What pydantic found wrong in, lines for people out: place, what was found, what is right, a way out.

pipe.yaml:9: destinations.2.type: no destination type 'tpc'; did you mean 'tcp'? known: discard, file, stdout, tcp
"""

import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Any, Final, NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from stitcher.config._model import Context, Loc
from stitcher.errors import ConfigError
from stitcher.quoting import visible
from stitcher.yamlfile import Document, Loaded

#: characters of a value that are quoted, and of known names that are listed
LONGEST_VALUE: Final = 60
MOST_KNOWN: Final = 24
_LITERAL: Final = re.compile(r"'((?:[^'\\]|\\.)*)'")
#: what pydantic calls a key of a mapping
_KEY: Final = "[key]"
#: pydantic's name of a fault -> what would be right
_EXPECTED: Final = {
    "string_type": "text",
    "string_sub_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "path_type": "a path",
}
#: the same of bounds; filled from what pydantic says of the fault
_BOUNDS: Final = {
    "greater_than_equal": "at least {ge}",
    "greater_than": "more than {gt}",
    "less_than_equal": "at most {le}",
    "less_than": "less than {lt}",
    "multiple_of": "a multiple of {multiple_of}",
    "string_too_short": "at least {min_length} characters",
    "string_too_long": "at most {max_length} characters",
    "string_pattern_mismatch": "text that matches {pattern}",
    "finite_number": "a finite number",
}


class Fault(NamedTuple):
    """One thing that is wrong in a file; `where` is the way down to it."""

    path: str
    line: int
    where: str
    message: str

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{self.path}:{self.line}: {place}{self.message}"


class FaultyConfigError(ConfigError):
    """All faults of a configuration, a line for each."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


class Faults:
    """Collects what is wrong, in one file or several; one error in the end."""

    def __init__(self) -> None:
        self.found: list[Fault] = []

    def add(self, document: Document, loc: Loc, message: str) -> None:
        """Something that is wrong at a place of a document."""
        where = ".".join(visible(str(name)[:LONGEST_VALUE]) for name in document.where(loc))
        self.found.append(Fault(str(document.path), document.line_of(loc), where, message))

    def add_loaded(self, path: object, loaded: Loaded) -> None:
        """What the reader of YAML refused."""
        self.found += [Fault(str(path), line, visible(where), visible(text)) for line, where, text in loaded.faults]

    def add_invalid(self, document: Document, error: ValidationError, context: Context) -> None:
        """What a model refused; `context` was given to the validation."""
        for loc, message in _all_reworded(error.errors(include_url=False), document, context):
            self.add(document, loc, message)

    def end(self) -> None:
        """Raise what was found, sorted by file and line."""
        if self.found:
            raise FaultyConfigError(sorted(dict.fromkeys(self.found), key=lambda one: (one.path, one.line)))


def unknown(what: str, word: str, known: Iterable[str]) -> str:
    """ "no field 'pth'; did you mean 'path'? known: ...": for names that are sought in vain."""
    names = sorted(known)
    close = get_close_matches(word, names, 1) or get_close_matches(word.lower(), [name.lower() for name in names], 1)
    meant = next((name for name in names if close and name.lower() == close[0].lower()), "")
    hint = f"; did you mean '{meant}'?" if meant else ";"
    more = f" and {len(names) - MOST_KNOWN} more" if len(names) > MOST_KNOWN else ""
    listed = f"{hint} known: {', '.join(names[:MOST_KNOWN])}{more}" if names else ""
    return f"no {what} {quote(word)}{listed}"


def quote(value: object) -> str:
    """A value in a message: cut, and with nothing in it that a terminal would obey."""
    text = str(value)
    cut = text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
    return f"'{visible(cut)}'"


def found(value: object) -> str:
    """What stands there, in words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, str):
        return quote(value) if value else "an empty text"
    if isinstance(value, list | tuple):
        return "a list"
    return "a mapping" if isinstance(value, dict) else quote(value)


def _all_reworded(details: list[ErrorDetails], document: Document, context: Context) -> list[tuple[Loc, str]]:
    """What no member of a union takes is one fault, though pydantic has one for each."""
    places = [document.existing(_plain(detail)) for detail in details]
    out: list[tuple[Loc, str]] = []
    done: set[Loc] = set()
    for detail, place in zip(details, places, strict=True):
        if detail["type"] not in _EXPECTED:
            out += _reworded(detail, document, context)
        elif place not in done and not any(len(one) > len(place) and one[: len(place)] == place for one in places):
            done.add(place)
            beside = [one for one, its in zip(details, places, strict=True) if its == place]
            out.append((place, _wrong_type([one["type"] for one in beside], detail["input"])))
    return out


def _wrong_type(kinds: list[str], value: object) -> str:
    words = list(dict.fromkeys(_EXPECTED[kind] for kind in kinds if kind in _EXPECTED))
    if "a number" in words and "a whole number" in words:
        words.remove("a whole number")
    *others, last = words
    listed = f"{', '.join(others)} or {last}" if others else last
    return f"expected {listed}, found {found(value)}{'' if others else _way_out(kinds[0], value)}"


def _plain(detail: ErrorDetails) -> Loc:
    return tuple(name for name in detail["loc"] if name != _KEY)


def _reworded(detail: ErrorDetails, document: Document, context: Context) -> list[tuple[Loc, str]]:
    loc, kind = _plain(detail), detail["type"]
    if kind != "missing":
        loc = document.existing(loc)
    if kind == "stitcher":
        return [((*loc, *inner), message) for inner, message in detail["ctx"]["faults"]]
    if kind == "missing":
        return [(loc, "the field is missing")]
    if kind == "extra_forbidden":
        return [(loc, _unknown_key(loc, document, context))]
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return [_wrong_tag(detail, loc, document)]
    return [(loc, _wrong_value(detail, loc))]


def _unknown_key(loc: Loc, document: Document, context: Context) -> str:
    around = document.value_at(loc[:-1])
    reader = context.readers.get(id(around))
    names = [one.alias or name for name, one in reader.model_fields.items()] if reader else []
    return unknown("such field", str(loc[-1]), names)


def _wrong_tag(detail: ErrorDetails, loc: Loc, document: Document) -> tuple[Loc, str]:
    ctx = detail["ctx"]
    key = str(ctx["discriminator"]).strip("'")
    if detail["type"] == "union_tag_not_found":
        if not isinstance(detail["input"], dict):
            return loc, f"expected a mapping with '{key}', found {found(detail['input'])}"
        return (*loc, key), "the field is missing"
    names = [str(name) for name in document.where(loc) if isinstance(name, str)]
    what = f"{names[-1].removesuffix('s')} {key}" if names else key
    return (*loc, key), unknown(what, str(ctx["tag"]), _LITERAL.findall(str(ctx["expected_tags"])))


def _wrong_value(detail: ErrorDetails, loc: Loc) -> str:
    kind, value = detail["type"], detail["input"]
    ctx: dict[str, Any] = detail.get("ctx", {})
    if kind in _BOUNDS:
        return f"expected {_BOUNDS[kind].format(**ctx)}, found {found(value)}"
    if kind in ("too_short", "too_long"):
        bound = f"at least {ctx['min_length']}" if kind == "too_short" else f"at most {ctx['max_length']}"
        return f"expected {bound} entries, found {ctx['actual_length']}"
    if kind == "literal_error" and (names := _LITERAL.findall(str(ctx["expected"]))):
        name = next((str(name) for name in reversed(loc) if isinstance(name, str)), "value")
        return unknown(name, value, names) if isinstance(value, str) else _instead(names, value)
    if kind in ("value_error", "assertion_error"):
        return str(ctx["error"])
    return f"{detail['msg'][0].lower()}{detail['msg'][1:]}, found {found(value)}"


def _instead(names: list[str], value: object) -> str:
    return f"expected one of {', '.join(names)}, found {found(value)}"


def _way_out(kind: str, value: object) -> str:
    if kind in ("string_type", "string_sub_type") and isinstance(value, int | float | None):
        return "; put it in quotes"
    if kind in ("list_type", "tuple_type", "set_type", "frozen_set_type") and isinstance(value, str):
        return "; write it as [value]"
    if kind in ("int_type", "float_type", "bool_type") and isinstance(value, str):
        return "; remove the quotes" if _LIKE_NUMBER[kind](value) else ""
    return ""


def _like(pattern: str) -> Callable[[str], bool]:
    return lambda text: re.fullmatch(pattern, text) is not None


_LIKE_NUMBER: Final = {
    "int_type": _like("-?[0-9]+"),
    "float_type": _like(r"-?[0-9]+(\.[0-9]+)?"),
    "bool_type": _like("true|false"),
}
