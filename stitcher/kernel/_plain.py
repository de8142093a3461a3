"""Plain tokens in, ready JSON out: what `_line` remembers, so that what a log repeats is decoded once.

A plain token is `key=value` or `key="value"` between two spaces that reads the same wherever it stands: no quote, brace
or bracket is left open, and nothing in it could begin a suffix.  `Reading` holds what is remembered for record types
that read their keys alike; what a token means beyond itself (a0 of which system call?) is in a `Plan`.

Everything that is remembered has one bound in bytes, and is forgotten as a whole when it gets there: what a log
repeats is soon back.
"""

import re
from collections.abc import Sequence
from itertools import count
from typing import Any, ClassVar, Final, Generic, NamedTuple, TypeVar

from orjson import dumps

from stitcher.kernel._arguments import Context, argument_kinds, decider
from stitcher.kernel._event import CONTEXTUAL, DECODED, decode, kind_of, name_of, unknown
from stitcher.kernel._interpret import SIMPLE, arguments_of, interpret
from stitcher.kernel._record import DOUBLE, PLAIN, SUFFIX_KEYS, Record, read_suffix, text_of, trim, unhex
from stitcher.kernel._scene import call_context
from stitcher.tables import fields

#: a record of as many tokens is not plain
MAX_TOKENS: Final = 64
#: bytes that everything in here may hold, and the bytes of the largest entry
MEMORY_BYTES: Final = 16_777_216
MEMORY_ENTRY: Final = 2048
#: about what Python needs for an entry beside its bytes
_OVERHEAD: Final = 300

_PLAIN: Final = re.compile(rb"([A-Za-z0-9_.\-\[\]]{1,64})=(?:\"([^\"]*)\"|(?![\"'{])(.*))", re.DOTALL)
#: keys whose values other values depend on: plain only if short, and if nothing has to be taken off the value
_MAX_SOURCE: Final = 64
_SOURCES: Final = frozenset((b"arch", b"syscall", b"a0", b"a1", b"a2", b"a3", b"items"))

Key = TypeVar("Key")
Value = TypeVar("Value")
#: JSON of key and name, by key
Names = dict[str, bytes]


class NotPlainError(Exception):
    """A record that has to go the way of the tree; never leaves the kernel."""


class Memory(dict[Key, Value], Generic[Key, Value]):
    """A dict of what may be forgotten: all of them together have a bound, at which all of them begin anew."""

    _room: ClassVar[int] = MEMORY_BYTES
    _every: ClassVar[list["Memory[Any, Any]"]] = []

    def __init__(self) -> None:
        super().__init__()
        Memory._every.append(self)

    def keep(self, key: Key, value: Value, size: int) -> Value:
        """Remember `value`, whose bytes and those of its key are `size`; gives it back."""
        if size <= MEMORY_ENTRY:
            Memory._room -= size + _OVERHEAD
            if Memory._room < 0:
                for memory in Memory._every:
                    memory.clear()
                Memory._room = MEMORY_BYTES
            self[key] = value
        return value


_keys: Memory[str, str] = Memory()


def one_of(key: str) -> str:
    """The same object for the same key: tuples of keys are then quick to compare."""
    return _keys.get(key) or _keys.keep(key, key, len(key))


def value_of(token: bytes) -> tuple[bytes, bytes, int]:
    """Key, value and quote of a plain token, as `_record` reads them."""
    found = _PLAIN.fullmatch(token)
    if found is None or b"#035" in token:
        raise NotPlainError
    key, quoted, bare = found.groups()
    if key in SUFFIX_KEYS:
        raise NotPlainError
    return (key, trim(bare), PLAIN) if quoted is None else (key, quoted, DOUBLE)


#: key, JSON of key and value, JSON of key and meaning (empty where there is none, or where a Plan knows it)
Token = tuple[str, bytes, bytes]


class Tokens(Memory[bytes, Token]):
    """Tokens of records of type `number`; one that is not there yet is decoded, or a NotPlainError."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number
        #: keys whose value stands for itself wherever it is letters and digits; an exit= that means more has a sign
        self._verbatim: Memory[bytes, str] = Memory()

    def __missing__(self, token: bytes) -> Token:
        made = self.make(token)
        return self.keep(token, made, len(token) + len(made[1]) + len(made[2]))

    def make(self, token: bytes) -> Token:
        """Decode a token."""
        key, _, value = token.partition(b"=")
        name = self._verbatim.get(key)
        if name is not None and value.isalnum():
            return name, b'"%b":"%b"' % (key, value), b""
        return self.decode(*value_of(token), len(token))

    def decode(self, key: bytes, value: bytes, quote: int, size: int) -> Token:
        """Decode a token of `size` bytes that has no short way."""
        if key in _SOURCES and not (value and len(key) + 1 + len(value) == size <= _MAX_SOURCE):
            raise NotPlainError
        name, text, kind, meaning = decode(self.number, key, value, quote)
        name = one_of(name)
        if kind == "exit" or (kind not in SIMPLE and kind not in DECODED):
            self._verbatim.keep(key, name, len(key))
        meant = b""
        if meaning is not None:
            meant = b'"%b":%b' % (key, dumps(meaning))
            if kind == "proctitle":
                meant += b',"argv":' + dumps(arguments_of(unhex(value) if quote == PLAIN else value))
        return name, b'"%b":%b' % (key, dumps(text)), meant


class Arguments(Tokens):
    """Tokens of EXECVE records; the JSON of an argument goes without its key."""

    def make(self, token: bytes) -> Token:
        """Decode an argument."""
        key, value, quote = value_of(token)
        text = text_of(unhex(value) if quote == PLAIN else value)
        return one_of(key.decode("ascii")), dumps(text), b""


class Shape:
    """The keys of a record (each must be there once): of those in front of its end, where they stand."""

    _numbers = count()

    def __init__(self, keys: tuple[str, ...], end: tuple[str, ...], number: int) -> None:
        every = {*keys, *end}
        # the argv of a proctitle would have to follow all other meanings
        if len(every) < len(keys) + len(end) or ("proctitle" in every and len(every) > 1):
            raise NotPlainError
        self.at = {key: position for position, key in enumerate(keys)}
        kinds = [(position, kind_of(number, key)) for key, position in self.at.items()]
        self.contextual = [(position, kind) for position, kind in kinds if kind in CONTEXTUAL]
        self.arch, self.syscall, self.items = (self.at.get(key, -1) for key in ("arch", "syscall", "items"))
        self.number = next(self._numbers)


class End(NamedTuple):
    """The end of a record from its auid= on: its keys, JSON of fields and meanings, and names for what is in front."""

    keys: tuple[str, ...]
    text: bytes
    meaning: bytes
    names: Names


class Reading:
    """What is remembered of record types that read their keys alike."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.tokens = Tokens(number)
        self.shapes: Memory[tuple[tuple[str, ...], tuple[str, ...]], Shape] = Memory()
        self.ends: Memory[bytes, End] = Memory()
        self._names: Memory[bytes, Names] = Memory()

    def read(self, tokens: list[bytes]) -> tuple[tuple[str, ...], Sequence[bytes], Sequence[bytes]]:
        """Keys, JSON and meanings of tokens that are all plain."""
        if len(tokens) >= MAX_TOKENS:
            raise NotPlainError
        keys, texts, meanings = zip(*map(self.tokens.__getitem__, tokens), strict=False)
        return keys, texts, meanings

    def shape(self, keys: tuple[str, ...], end: tuple[str, ...] = ()) -> Shape:
        """The shape of a record with these keys."""
        return self.shapes.get((keys, end)) or self._new_shape(keys, end)

    def _new_shape(self, keys: tuple[str, ...], end: tuple[str, ...]) -> Shape:
        every = keys + end
        return self.shapes.keep((keys, end), Shape(keys, end, self.number), 64 * len(every) + sum(map(len, every)))

    def end(self, written: bytes) -> End:
        """The end of a record, as `written` behind auid=, with its suffix."""
        return self.ends.get(written) or self._new_end(written)

    def _new_end(self, written: bytes) -> End:
        body, names = self.split_suffix(written)
        keys, texts, meanings = self.read((b"auid=" + body).split(b" "))
        shape = self.shape(keys)
        if shape.contextual or shape.items >= 0:
            raise NotPlainError
        within = {key: name for key, name in names.items() if key in shape.at}
        front = {key: name for key, name in names.items() if key not in shape.at}
        said = [*meanings]
        say(within, shape, said)
        meaning = b",".join(filter(None, said))
        end = End(keys, b",".join(texts), meaning, front)
        return self.ends.keep(written, end, len(written) + len(end.text) + len(meaning) + 64 * (len(keys) + len(front)))

    def split_suffix(self, body: bytes) -> tuple[bytes, Names]:
        """A body without its suffix, and the names that it says."""
        if b"\x1d" not in body:
            return body, {}
        if body.endswith(b"'"):
            raise NotPlainError
        body, _, suffix = body.rpartition(b"\x1d")
        if b"msg='" in body and not body.endswith(b"'"):
            raise NotPlainError
        names = self._names.get(suffix)
        return body, self._new_names(suffix) if names is None else names

    def _new_names(self, suffix: bytes) -> Names:
        record = Record([], [], [])
        read_suffix(suffix, record)
        names = {}
        for key, value, quote in record.suffix:
            small = key.lower()
            name = name_of(self.number, small, value, quote)
            if name is None or unknown(name):
                raise NotPlainError
            # what an address means is better known from its bytes
            names[small.decode("ascii")] = b"" if small == b"saddr" else b'"%b":%b' % (small, dumps(name))
        if record.words or len(names) < len(record.suffix):
            raise NotPlainError
        return self._names.keep(suffix, names, 2 * len(suffix) + 100 * len(names))


#: readings of the types that have a meaning of their own for some key, and of all others
SPECIAL: Final = {number: Reading(number) for number, _ in fields.OVERRIDES}
COMMON: Final = Reading(0)
ARGUMENTS: Final = Arguments(0)


def say(names: Names, shape: Shape, meanings: list[bytes]) -> None:
    """Put the sender's own names into the places of their keys."""
    for key, name in names.items():
        position = shape.at.get(key)
        if position is None:
            raise NotPlainError
        if name:
            meanings[position] = name
        elif not meanings[position]:
            raise NotPlainError


class Plan(NamedTuple):
    """Which tokens of a shape mean something in a context."""

    number: int
    context: Context
    #: position and meaning of those that are the context themselves
    fixed: list[tuple[int, bytes]]
    #: position, kind, position of the argument it depends on
    steps: list[tuple[int, str, int]]


_plans: Memory[tuple[object, ...], Plan] = Memory()
_plan_numbers: Final = count()
_meanings: Memory[tuple[int, bytes, bytes], bytes] = Memory()


def own_plan(shape: Shape, arch: bytes, syscall: bytes) -> Plan:
    """The plan for a record with these tokens for arch= and (if there is one) syscall=."""
    key = shape.number, arch, syscall
    plan = _plans.get(key)
    if plan is None:
        written = [value_of(token) for token in (arch, syscall) if token]
        plan = _new_plan(shape, call_context(Record([*written], [], [])), syscall)
        _plans.keep(key, plan, len(arch) + len(syscall) + 500)
    return plan


def home_plan(shape: Shape, home: Context) -> Plan:
    """The plan for a record without arch=."""
    key = shape.number, home
    return _plans.get(key) or _plans.keep(key, _new_plan(shape, home, b""), 500)


def _new_plan(shape: Shape, context: Context, syscall: bytes) -> Plan:
    fixed = []
    steps = []
    arguments = argument_kinds(context)
    for position, kind in shape.contextual:
        before = -1
        if kind == "syscall" and context.syscall in fields.SUB_CALLS:
            before = shape.at.get("a0", -1)
        elif syscall and kind == "syscall":
            fixed.append((position, _meaning(context, kind, syscall, b"")))
            continue
        if kind.startswith("argument:"):
            index = int(kind.removeprefix("argument:"))
            if not arguments[index]:
                continue
            if (deciding := decider(arguments, index)) >= 0:
                before = shape.at.get(f"a{deciding}", -1)
        steps.append((position, kind, before))
    return Plan(next(_plan_numbers), context, fixed, steps)


def follow(plan: Plan, tokens: Sequence[bytes], meanings: list[bytes]) -> None:
    """Put the meanings that the plan knows into their places."""
    for position, meaning in plan.fixed:
        meanings[position] = meaning
    for position, kind, before in plan.steps:
        key = plan.number, tokens[position], tokens[before] if before >= 0 else b""
        known = _meanings.get(key)
        if known is None:
            known = _meaning(plan.context, kind, *key[1:])
            _meanings.keep(key, known, len(key[1]) + len(key[2]) + len(known))
        meanings[position] = known


def _meaning(context: Context, kind: str, token: bytes, before: bytes) -> bytes:
    key, value, _ = value_of(token)
    argument = before.partition(b"=")[2]
    meaning = interpret(kind, value, context._replace(arguments=(argument,) * 4) if before else context)
    return b"" if meaning is None else b'"%b":%b' % (key, dumps(meaning))
