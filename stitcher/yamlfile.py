"""A YAML file in, plain values out, read strictly: the values of a log must not change on the way.

`load` is quick and stops at the first fault; `load_all` knows the line of every value and finds every fault.

YAML 1.1 makes False of `no`, 493 of `0755` and 45045 of `12:30:45`, and of a key given twice it keeps the last.  Here
true, false, null, decimal numbers are what they look like, all else is text, and a repeated key is refused.
"""

import re
from collections.abc import Callable, Hashable, Sequence
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import yaml

from stitcher.errors import ConfigError

if TYPE_CHECKING:
    _SafeLoader = yaml.SafeLoader
else:
    # the same in C, where PyYAML was built with it: 8 times quicker, and the rules of summaries are 1300 lines
    _SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


#: levels; PyYAML's own composer overflows the stack of C at some ten thousands
DEEPEST: Final = 100
#: values that stand in a file once more by aliases: nine levels of nine are a billion
MOST_COPIED: Final = 10_000


class _Loader(_SafeLoader):
    """SafeLoader without its surprises."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - the name and shape are PyYAML's

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        lines: dict[Any, int] = {}
        for key, _ in node.value:
            name, line = self.construct_object(key, deep=True), key.start_mark.line + 1
            if not isinstance(name, str):
                raise _FaultError(line, "a key must be text; put it in quotes")
            if name in lines:
                raise _FaultError(line, f"key '{name}' was given before, in line {lines[name]}; remove one")
            lines[name] = line
        return super().construct_mapping(node, deep)


def _truth(text: str) -> bool:
    return text == "true"


def _nothing(text: str) -> None:  # noqa: ARG001 - whatever it was written as
    return None


#: what is no text: its name in YAML, how it looks, and what is made of it
_SCALARS: Final[tuple[tuple[str, re.Pattern[str], Callable[[str], object]], ...]] = (
    ("bool", re.compile("true|false"), _truth),
    ("null", re.compile("null|~|"), _nothing),
    ("int", re.compile("-?(?:0|[1-9][0-9]*)"), int),
    ("float", re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+"), float),
)
_FIRST: Final = {"bool": "tf", "null": ["n", "~", ""], "int": "-0123456789", "float": "-0123456789"}
_TEXT_TAGS: Final = ("tag:yaml.org,2002:str",)
_PLAIN_TAGS: Final = ("!", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map")

for _tag, _pattern, _ in _SCALARS:
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern.pattern})\\Z"), list(_FIRST[_tag])
    )


class _FaultError(Exception):
    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


def load(path: Path | Traversable) -> object:
    """The one document of the file; raises ConfigError with `file:line:` for the first fault."""
    try:
        document: object = yaml.load(path.read_text("utf-8"), _Loader)  # noqa: S506 - a SafeLoader, only stricter
        return document
    except _FaultError as cause:
        raise ConfigError(f"{path}:{cause.line}: {cause}") from cause
    except yaml.MarkedYAMLError as cause:
        line = cause.problem_mark.line + 1 if cause.problem_mark else 1
        raise ConfigError(f"{path}:{line}: {cause.problem or cause.context}") from cause
    except (OSError, ValueError, yaml.YAMLError) as cause:
        raise ConfigError(f"{path}: cannot read it: {cause}") from cause


class LineFault(NamedTuple):
    """Something in a YAML file that is refused, while the rest of the file can be read."""

    line: int
    where: str
    message: str


class Document:
    """One document of a file: its values, and the line of each."""

    def __init__(self, path: Path | Traversable, values: object, root: "_Node") -> None:
        self.path = path
        self.values = values
        self._root = root

    def line_of(self, loc: Sequence[str | int]) -> int:
        """The line of a key or list item; of what is around it where there is none.

        Names that are no key, such as the tags of a union between two keys, are passed over.
        """
        return _walk(self._root, tuple(loc))[2].line

    def where(self, loc: Sequence[str | int]) -> tuple[str | int, ...]:
        """The same way without what is no key; a last name that is missing stays."""
        return _walk(self._root, tuple(loc))[1]

    def existing(self, loc: Sequence[str | int]) -> tuple[str | int, ...]:
        """The same way, as far as it is there."""
        found, way, _ = _walk(self._root, tuple(loc))
        return way[:found]

    def value_at(self, loc: Sequence[str | int]) -> object:
        """The value at that place, or the nearest around it."""
        return _walk(self._root, tuple(loc))[2].value


def _walk(node: "_Node", loc: tuple[str | int, ...]) -> tuple[int, tuple[str | int, ...], "_Node"]:
    """How many names of the way were found, the way, and where it ends.

    A name that is a key may be a tag all the same: the reading that finds more wins, and the key where both find as
    much.
    """
    if not loc:
        return 0, (), node
    head, rest = loc[0], loc[1:]
    kid = node.kids.get(head)
    if kid is None:
        return (0, loc, node) if not rest else _walk(node, rest)
    found, way, end = _walk(kid, rest)
    down = (found + 1, (head, *way), end)
    if found < len(rest) and isinstance(head, str):
        beside = _walk(node, rest)
        if beside[0] > down[0]:
            return beside
    return down


class Loaded(NamedTuple):
    """The documents of a file, and what was refused in it; a syntax error ends the documents."""

    documents: tuple[Document, ...]
    faults: tuple[LineFault, ...]


class _Node:
    """A value, the line where it or its key begins, and what is inside of it."""

    __slots__ = ("kids", "line", "size", "value")

    def __init__(self, value: object, line: int) -> None:
        self.value = value
        self.line = line
        self.kids: dict[str | int, _Node] = {}
        self.size = 1


def load_with_lines(path: Path | Traversable) -> Document:
    """The one document of the file; raises ConfigError with a line for each fault."""
    documents, faults = load_all(path)
    if len(documents) > 1 and not faults:
        faults = (LineFault(documents[1].line_of(()), "", "expected one document, found another one behind '---'"),)
    if faults:
        raise ConfigError("\n".join(f"{path}:{line}: {message}" for line, _, message in faults))
    return documents[0]


def load_all(path: Path | Traversable) -> Loaded:
    """Every document of the file, as strictly as `load`; raises ConfigError where it cannot be read at all.

    Of a key given twice the first value stays.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as cause:
        raise ConfigError(f"{path}: cannot read it: {cause}") from cause
    return _Reader(path, text).read()


class _Reader:
    """Makes values of the events of PyYAML's parser: it knows the lines, and what is deep or endless is not built."""

    def __init__(self, path: Path | Traversable, text: str) -> None:
        self._path = path
        self._text = text
        self._faults: list[LineFault] = []
        self._events = yaml.parse(text, _SafeLoader)
        self._anchors: dict[str, _Node | None] = {}
        self._way: list[str | int] = []
        self._copied = 0

    def read(self) -> Loaded:
        documents = []
        try:
            for event in self._events:
                if isinstance(event, yaml.DocumentStartEvent):
                    self._anchors = {}
                    root = self._node(next(self._events))
                    documents.append(Document(self._path, root.value, root))
        except _FaultError as cause:
            self._faults.append(LineFault(cause.line, "", str(cause)))
        except yaml.MarkedYAMLError as cause:
            line = cause.problem_mark.line + 1 if cause.problem_mark else 1
            self._faults.append(LineFault(line, "", f"this is no YAML: {cause.problem or cause.context}"))
        except yaml.reader.ReaderError as cause:
            line = self._text.count("\n", 0, cause.position) + 1
            self._faults.append(LineFault(line, "", f"this is no YAML: {cause.reason}"))
        if not documents and not self._faults:
            self._faults.append(LineFault(1, "", "the file is empty"))
        return Loaded(tuple(documents), tuple(self._faults))

    def _node(self, event: Any) -> _Node:
        line = _line(event)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event.anchor, line)
        if event.anchor:
            self._anchors[event.anchor] = None  # until it is whole
        if isinstance(event, yaml.ScalarEvent):
            node = _Node(self._scalar(event, line), line)
        elif len(self._way) >= DEEPEST:
            raise _FaultError(line, f"this is nested deeper than {DEEPEST} levels")
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self._sequence(line)
        else:
            node = self._mapping(line)
        if event.tag and not isinstance(event, yaml.ScalarEvent) and event.tag not in _PLAIN_TAGS:
            self._refuse(line, f"the tag '{event.tag}' is not known; remove it")
        if event.anchor:
            self._anchors[event.anchor] = node
        return node

    def _alias(self, name: str | None, line: int) -> _Node:
        if name is None or name not in self._anchors:
            raise _FaultError(line, f"no anchor '&{name}' before '*{name}'")
        node = self._anchors[name]
        if node is None:
            raise _FaultError(line, f"'*{name}' is inside of what '&{name}' names")
        self._copied += node.size
        if self._copied > MOST_COPIED:
            raise _FaultError(line, f"aliases repeat more than {MOST_COPIED} values; write them once")
        return node

    def _sequence(self, line: int) -> _Node:
        values: list[object] = []
        node = _Node(values, line)
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            self._add(node, len(values), event, _line(event))
            values.append(node.kids[len(values)].value)
        return node

    def _mapping(self, line: int) -> _Node:
        values: dict[str, object] = {}
        node = _Node(values, line)
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            at = _line(event)
            key = self._node(event).value
            if not isinstance(key, str):
                self._refuse(at, "a key must be text; put it in quotes")
                self._node(next(self._events))
            elif key in values:
                self._refuse(at, f"key '{key}' was given before, in line {node.kids[key].line}; remove one")
                self._node(next(self._events))
            else:
                self._add(node, key, next(self._events), at)
                values[key] = node.kids[key].value
        return node

    def _add(self, node: _Node, name: str | int, event: Any, line: int) -> None:
        self._way.append(name)
        made = self._node(event)
        self._way.pop()
        kid = _Node(made.value, line)
        kid.kids, kid.size = made.kids, made.size
        node.kids[name] = kid
        node.size += made.size

    def _scalar(self, event: Any, line: int) -> object:
        text: str = event.value
        tag = event.tag if event.tag and event.tag != "!" else ""
        if tag in _TEXT_TAGS or (not tag and not event.implicit[0]):
            return text
        for name, pattern, make in _SCALARS:
            if (not tag or tag == f"tag:yaml.org,2002:{name}") and pattern.fullmatch(text):
                try:
                    return make(text)
                except ValueError:  # more digits than Python reads
                    self._refuse(line, "this number has too many digits; put it in quotes")
                    return text
        if tag:
            self._refuse(line, f"the tag '{tag}' is not known, or does not fit; remove it")
        return text

    def _refuse(self, line: int, message: str) -> None:
        self._faults.append(LineFault(line, ".".join(map(str, self._way)), message))


def _line(event: Any) -> int:
    line: int = event.start_mark.line
    return line + 1
