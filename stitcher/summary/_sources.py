"""The name of a field in, as a rule has it, a function from the values of an event to its text out.

    .key          of the rule's own record, what it means or else as it is written
    .msg.key      of its inner msg='…'
    TYPE.key      of the first record of another type
    TYPE[*].key   of all records of a type
    <words>       worked out of several fields: see summary._computed
    =word         the word itself

The own record of a system call's rule, and what SYSCALL means, is SYSCALL or URINGOP; of a0 … a3 only what they mean
counts.  What says that there is nothing (`?`, `(null)`, `unset`) is None, like what is not there.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from stitcher.kernel._paths import compile_path
from stitcher.tables import RECORD_TYPES

Tree = dict[str, Any]
Values = tuple[Any, ...]
#: from the values of the paths and the own record's tree ({} where a system call is told)
Source = Callable[[Values, Tree], Any]
Nothing = frozenset[str | None]

#: values of nothing
EMPTY: Final[Nothing] = frozenset((None, "", "?", "(null)", "(none)", "n/a"))
#: and of nobody; of a login alone that is news
NOTHING: Final[Nothing] = EMPTY | {"unset"}
#: types of record that hold the fields of a system call
CALLS: Final = "SYSCALL|URINGOP"
#: types whose a0 … a3 are numbers that say nothing where they have no meaning
_NUMBERED: Final = ("SYSCALL", "SOCKETCALL")
_ARGUMENTS: Final = ("a0", "a1", "a2", "a3")
#: fields that are lists by nature; of another key that is there twice the first counts: the kernel writes each once
#: and puts what it was given behind, so that nobody can add a second that wins
_LISTS: Final = ("seperms", "key")
#: of msg='…' the last counts of what libaudit writes behind the words of its caller (lib/audit_logging.c)
_LAST: Final = ("exe", "hostname", "addr", "terminal", "res", "result")
_TYPES: Final = frozenset(RECORD_TYPES.values())
_FIELD: Final = re.compile(r"([A-Z][A-Z0-9_]*)?(\[\*\])?\.(msg\.)?([A-Za-z0-9_-]+)")


class Fields:
    """The paths that the rules read, each once, and the functions that read them."""

    def __init__(self, computed: Mapping[str, Callable[["Fields"], Source]]) -> None:
        self.paths: dict[str, int] = {}
        #: places that were asked for since somebody emptied it
        self.asked: set[int] = set()
        #: which value a source is, where it is one and no more
        self._places: dict[Source, int] = {}
        self._computed = computed
        #: sources that were made before, and what they asked for: rules ask for the same again and again
        self._known: dict[tuple[str, bool, Nothing], tuple[Source, set[int]]] = {}

    def index(self, path: str) -> int:
        """The place of a path among the values; raises ValueError where it is none."""
        if path not in self.paths:
            compile_path(path)
            self.paths[path] = len(self.paths)
        self.asked.add(self.paths[path])
        return self.paths[path]

    def first_of(self, ways: tuple[str, ...], of_call: bool, nothing: Nothing = NOTHING) -> Source | None:
        """The first of some fields that says something but `nothing`; None without any."""
        sources = [self.source(way, of_call, nothing) for way in ways]
        if len(sources) <= 1:
            return sources[0] if sources else None
        places = [self._places.get(source, -1) for source in sources]
        if -1 not in places:
            return _first(tuple(places), nothing)
        one, *others = sources

        def first(values: Values, own: Tree) -> Any:
            found = one(values, own)
            if found is None:
                for source in others:
                    found = source(values, own)
                    if found is not None:
                        break
            return found

        return first

    def source(self, way: str, of_call: bool, nothing: Nothing = NOTHING) -> Source:
        """One field; raises ValueError where there is no such name."""
        known = self._known.get((way, of_call, nothing))
        if known is None:
            before, self.asked = self.asked, set()
            try:
                known = self._known[way, of_call, nothing] = self._source(way, of_call, nothing), self.asked
            finally:
                self.asked = before
        self.asked |= known[1]
        return known[0]

    def _source(self, way: str, of_call: bool, nothing: Nothing) -> Source:
        if way.startswith("="):
            word = way[1:]
            return lambda _values, _own: word
        if way.startswith("<"):
            if way not in self._computed:
                raise ValueError(f"'{way}' is not worked out; known: {', '.join(self._computed)}")
            return self._computed[way](self)
        found = _FIELD.fullmatch(way)
        if found is None:
            raise ValueError(f"'{way}' is no field; expected .key, .msg.key, TYPE.key, TYPE[*].key or <words>")
        record, every, inner, key = found.groups()
        if record is None and not of_call:
            return _own(key, inner is not None, nothing)
        record = record or "SYSCALL"
        if record not in _TYPES:
            raise ValueError(f"'{way}': no record type '{record}'")
        if every:
            return _all(self.index(f"records.{record}[*].value.{key}"))
        section = "interpreted" if record in _NUMBERED and key in _ARGUMENTS else "value"
        record = CALLS if record == "SYSCALL" else record
        at = self.index(f"records.{record}.{section}.{inner or ''}{key}")
        source = _first((at,), nothing)
        self._places[source] = at
        return source


def _own(key: str, inner: bool, nothing: Nothing) -> Source:
    """A field of the record that speaks."""
    listed = key in _LISTS
    last = inner and key in _LAST

    def read(_: Values, own: Tree) -> Any:
        for section in ("interpreted", "fields"):
            tree = own.get(section)
            if inner and type(tree) is dict:
                tree = tree.get("msg")
            found = tree.get(key) if type(tree) is dict else None
            if listed and type(found) is list and found:
                return found
            if last and type(found) is list and found:
                found = found[-1]
            found = text(found, nothing)  # None for a meaning in parts: a label
            if found is not None:
                return found
        return None

    return read


def text(value: Any, nothing: Nothing = NOTHING) -> str | None:
    """A value as one text; None for nothing."""
    if type(value) is not str:
        if isinstance(value, list) and value:
            return text(value[0], nothing)
        if value is None or isinstance(value, (dict, list)):
            return None
        value = str(value)
    return None if value in nothing else value


def _first(places: tuple[int, ...], nothing: Nothing) -> Source:
    """The first of some values that says something, as one text."""

    def read(values: Values, _: Tree) -> Any:
        for at in places:
            value = values[at]
            if value is not None:
                if type(value) is not str:
                    value = text(value, nothing)
                if value not in nothing:
                    return value
        return None

    return read


def _all(index: int) -> Source:
    """One text for one record, a list for several."""

    def read(values: Values, _: Tree) -> Any:
        found = values[index]
        return (text(found[0]) if len(found) == 1 else found) if found else None

    return read
