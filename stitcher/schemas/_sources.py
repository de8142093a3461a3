"""The values of many events' paths in, a column of values for each source that a mapping reads out.

    summary.KEY, summary.object.KEY, summary.subject.KEY      of the summary
    own.SECTION.KEY, own.type, own.text       of the record that the summary is about; nothing of a system call
    file.SECTION.KEY                          of the PATH record that names the summary's object
    own.all                                   all fields of the own record, inner ones as msg.KEY
    own.rest                                  fields of the own record that the mapping does not read otherwise
    rest                                      fields that the mapping does not read, of all records but those of system
                                              calls: TYPE.KEY and text
    raw                                       the records as they came, if they are kept
    milliseconds                              the time of the event since 1970
    made.NAME                                 what the mapping itself makes, under `made`

All else is a path (kernel._paths).
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, Final

from stitcher.kernel._paths import PathParts
from stitcher.schemas._convert import texts, tree_of
from stitcher.schemas._derived import Derived
from stitcher.schemas._make import maker, ways_of
from stitcher.schemas._rules import Rule
from stitcher.summary import Summarizer, sentence
from stitcher.tables import RECORD_TYPES

Tree = dict[str, Any]
#: the values of one source, event by event
Column = Sequence[Any]
#: of each event its summary, its own record and its place among the events
Told = list[tuple[Tree, Tree]]
Rows = Sequence[tuple[Any, ...]]

_PATHS: Final = "records.PATH[*].json"
_NAME: Final = "summary.object.name"
_NOTHING: Final[Tree] = {}
#: types that are read by paths of their own: system calls, and what comes with them
_READ: Final = ("SYSCALL", "URINGOP", "PATH", "CWD", "EXECVE", "PROCTITLE", "SOCKADDR", "EOE")
_MADE: Final = ("summary.", "own.", "file.", "made.")
#: sources of one word that are no paths
OTHERS: Final = ("raw", "rest", "milliseconds")
#: so many of the values that a mapping makes under one name are kept
_KEPT: Final = 1024
#: keys whose values are lists or objects
_STRUCTURED: Final = ("argv", "saddr", "subj", "obj", "seperms", "key", "rest", "all")


class Sources:
    """Which sources a mapping reads, and how their values are had."""

    def __init__(self, summarizer: Summarizer, ways: Iterable[str], made: Iterable[Rule] = ()) -> None:
        """`ways` are all sources of the mapping but those of `made`."""
        self._rules = {rule.name: rule for rule in made}
        sources = [way for rule in self._rules.values() for way in ways_of(rule)]
        wanted = list(dict.fromkeys((*ways, *sources, _NAME)))
        self._speak = summarizer.speak
        self._spoken_at = summarizer.records
        paths = [way for way in wanted if not way.startswith(_MADE) and way not in OTHERS]
        if "milliseconds" in wanted:
            paths.append("id")
        if any(way.startswith("file.") for way in wanted):
            paths.append(_PATHS)
        others = ""
        if "rest" in wanted:
            spoken = summarizer.reads[summarizer.records].removeprefix("records.").removesuffix("[*]").split("|")
            others = f"records.{'|'.join(sorted({*RECORD_TYPES.values()} - {*spoken, *_READ}))}[*]"
            paths.append(others)
        every = tuple(dict.fromkeys((*summarizer.reads, *paths)))
        self._at = {path: place for place, path in enumerate(every)}
        self._derived = Derived(every)
        #: what the kernel is asked for
        self.reads = self._derived.reads
        self._others_at = self._at.get(others, 0)
        self._taken = frozenset(one.split(".", 2)[2] for one in wanted if one.startswith("own.") and one.count(".") > 1)
        self._makers = {way: self._maker(way) for way in wanted if way not in self._at}

    def columns(self, rows: Rows, raws: Sequence[str | None] | None) -> "Columns":
        """The columns of some events, whose rows are the values of `reads`."""
        rows = self._derived.whole(rows)
        return Columns(rows, list(zip(*rows, strict=True)), self._at, self._makers, list(map(self._speak, rows)), raws)

    def _maker(self, way: str) -> Callable[["Columns"], Column]:
        """What makes the column of a source that is no path."""
        first, _, rest = way.partition(".")
        if way == "raw":
            return lambda columns: columns.raws or [None] * columns.count
        if way == "rest":
            return self._unread
        if way == "milliseconds":
            return lambda columns: milliseconds(columns.column("id"))
        if way == "summary.sentence":
            return lambda columns: [sentence(summary) if summary else None for summary, _ in columns.told]
        if first == "made":
            return _column_of(self._rules[way])
        if first == "own":
            read = _reader(rest, self._taken)
            return lambda columns: _sparse(columns.owns, read, columns.count)
        if first == "file":
            read_file = _reader(rest, frozenset())
            return lambda columns: _sparse(columns.files(), read_file, columns.count)
        part, _, key = rest.partition(".")
        if key:
            return lambda columns: [tree.get(key) for tree in columns.parts(part)]
        return lambda columns: [summary.get(part) for summary, _ in columns.told]

    def _unread(self, columns: "Columns") -> Column:
        """Fields of the records that no other source reads."""
        found: list[dict[str, str] | None] = []
        for row, (_, own) in zip(columns.rows, columns.told, strict=True):
            records = (*row[self._spoken_at], *row[self._others_at])
            found.append(_fields_of(records, own, self._taken) if records else None)
        return found


class Columns:
    """The columns of some events, each made when it is first asked for."""

    def __init__(
        self,
        rows: Rows,
        read: list[tuple[Any, ...]],
        at: dict[str, int],
        makers: dict[str, Callable[["Columns"], Column]],
        told: Told,
        raws: Sequence[str | None] | None,
    ) -> None:
        self.rows = rows
        self.count = len(rows)
        self.told = told
        self.raws = raws
        self._read = read
        self._at = at
        self._makers = makers
        #: the records that summaries are about, by the place of the event
        self.owns = [(place, own) for place, (_, own) in enumerate(told) if own]
        self._made: dict[str, Column] = {}
        self._files: list[tuple[int, Tree]] | None = None
        self._parts: dict[str, list[Tree]] = {}

    def column(self, way: str) -> Column:
        """The values of one source; lists are tuples, so that they can be looked up."""
        made = self._made.get(way)
        if made is None:
            at = self._at.get(way)
            made = self._makers[way](self) if at is None else self._read[at]
            if is_structured(way):
                made = [tuple(value) or None if type(value) is list else value for value in made]
            self._made[way] = made
        return made

    def parts(self, key: str) -> list[Tree]:
        """Of each event an object of its summary."""
        if key not in self._parts:
            self._parts[key] = [summary.get(key, _NOTHING) for summary, _ in self.told]
        return self._parts[key]

    def files(self) -> list[tuple[int, Tree]]:
        """PATH records that have the name of the summary's object, by the place of the event."""
        if self._files is None:
            paths_of, names = self.column(_PATHS), self.column(_NAME)
            found = (
                (place, _named(paths, name))
                for place, (paths, name) in enumerate(zip(paths_of, names, strict=True))
                if paths and type(name) is str
            )
            self._files = [(place, file) for place, file in found if file]
        return self._files


def _column_of(rule: Rule) -> Callable[[Columns], Column]:
    """What makes the column of a value that the mapping makes."""
    ways = ways_of(rule)
    make = maker(rule, {way: place for place, way in enumerate(ways)})

    def made(key: tuple[Any, ...]) -> Any:
        return make(tuple([list(value) if type(value) is tuple else value for value in key]))

    kept = lru_cache(_KEPT)(made)

    def column(columns: Columns) -> Column:
        keys = list(zip(*map(columns.column, ways), strict=True))
        try:
            return list(map(kept, keys))
        except TypeError:  # an object among the values
            return list(map(made, keys))

    return column


def _sparse(trees: list[tuple[int, Tree]], read: Callable[[Tree], Any], count: int) -> Column:
    """What some of the events have."""
    column: list[Any] = [None] * count
    for place, tree in trees:
        column[place] = read(tree)
    return column


def looked_up_by(column: Column) -> Column:
    """A column whose lists and objects are tuples, so that its values can be looked up; nothing in them is lost."""
    return [value if type(value) is str else _frozen(value) if value else None for value in column]


def _frozen(value: Any) -> Any:
    if type(value) is list:
        return tuple(value if value and type(value[0]) is str else [_frozen(one) for one in value])
    if type(value) is dict:
        return ("", *value, *[_frozen(one) if type(one) is not str else one for one in value.values()])
    return value


def milliseconds(ids: Column) -> list[int]:
    """The times of ids in milliseconds since 1970: of 1700000000.004:7 1700000000004."""
    return [int(text.partition(":")[0].replace(".", "")) for text in ids]


def is_structured(way: str) -> bool:
    """Is a value of this source mostly a list or an object?"""
    return "[*]" in way or way.rpartition(".")[2] in _STRUCTURED or way in ("missing", "raw")


@lru_cache(2048)
def _named(paths: tuple[str, ...], name: str) -> Tree | None:
    """The PATH record of this name; trees that are not to be changed."""
    for text in reversed(paths):
        record = tree_of(text)
        if record.get("interpreted", _NOTHING).get("path", record["fields"].get("name")) == name:
            return record
    return None


def _fields_of(records: Iterable[Tree], own: Tree, taken: frozenset[str]) -> dict[str, str] | None:
    """TYPE.KEY and text; of the own record without what is taken from it by name."""
    found: dict[str, str] = {}
    for record in records:
        for key, value in (texts(record["fields"]) or _NOTHING).items():
            if record is not own or key not in taken:
                found.setdefault(f"{record['type']}.{key}", value)
    return found or None


def _reader(way: str, taken: frozenset[str]) -> Callable[[Tree], Any]:
    """What a source reads of a record: `rest`, or as in a path."""
    if way == "all":
        return lambda tree: texts(tree.get("fields"))
    if way == "rest":
        return lambda tree: {
            key: value for key, value in (texts(tree.get("fields")) or _NOTHING).items() if key not in taken
        }
    if way in ("type", "text"):
        return lambda tree: tree.get(way)
    parts = PathParts(f"records.*.{way}")
    sections = ("interpreted", "fields") if parts.section == "value" else (parts.section,)
    *inner, key = parts.keys

    def read(tree: Tree) -> Any:
        for section in sections:
            found = tree.get(section)
            if inner and found is not None:
                found = found.get("msg")
            if type(found) is dict and (value := found.get(key)) is not None:
                return value
        return None

    return read
