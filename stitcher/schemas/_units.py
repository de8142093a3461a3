"""Rules whose fields are made together, and the pieces of output that they make for many events at once.

A log says the same again and again: who runs what, with which rights, on which files.  So a piece is kept by the values
that it was made of, in bounded memory, and a column of values becomes a column of pieces with one look-up for each.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from stitcher.schemas._fit import Misfit, fit
from stitcher.schemas._make import Key, maker, ways_of
from stitcher.schemas._rules import Rule, parts_of
from stitcher.schemas._sources import Columns, is_structured

#: the fields of a unit that have a value, with the parts of their names, in; a piece of output out
Encode = Callable[[list[tuple[Sequence[str], Any]]], str]
#: misfits by the place of the event
Noted = dict[int, list[Misfit]]

#: a memory begins anew at so many entries, or characters of pieces; a longer piece is not kept
ENTRIES: Final = 4096
CHARACTERS: Final = 1_048_576
LONGEST: Final = 4096
#: keys that are the same for all that a process does; what its programs are called
_WHO: Final = frozenset(
    "auid uid gid euid suid fsuid egid sgid fsgid tty ses comm exe subj key arch syscall success".split()
)
#: other sources that have not many values
_FEW: Final = frozenset(
    (
        "node",
        "envelope.host",
        "own.type",
        "own.fields.msg.hostname",
        "records.URINGOP.value.uring_op",
        *(f"summary.{key}" for key in "category action outcome error how subject.login subject.acting".split()),
        *(f"summary.object.{key}" for key in ("kind", "direction", "family")),
    )
)


class _Memory(dict[Any, str]):
    """Pieces by what they were made of."""

    def __init__(self, make: Callable[[Any], str]) -> None:
        super().__init__()
        self._make = make
        self._characters = 0

    def __missing__(self, key: Any) -> str:
        return self.keep(key, self._make(key))

    def keep(self, key: Any, piece: str) -> str:
        """Keep a piece if it is no giant; gives it back."""
        size = len(piece)
        if size <= LONGEST:
            self._characters += size
            if len(self) >= ENTRIES or self._characters > CHARACTERS:
                self.clear()
                self._characters = size
            self[key] = piece
        return piece


class Unit:
    """Some rules, and the pieces that their fields are together."""

    def __init__(self, rules: Sequence[Rule], inside: int, encode: Encode) -> None:
        """`inside`: how many parts of the names stand in front of the pieces already."""
        self.ways = tuple(dict.fromkeys(way for rule in rules for way in ways_of(rule)))
        places = {way: place for place, way in enumerate(self.ways)}
        self._rules = [(rule, rule.name.split(".")[inside:], maker(rule, places)) for rule in rules]
        self._encode = encode
        self._memory = _Memory(self._piece)
        self._flawed: dict[Any, list[Misfit]] = {}

    def pieces(self, columns: Columns, noted: Noted) -> Sequence[str]:
        """A piece for each event; "" where it has none of the fields."""
        keys: Sequence[Any] = list(zip(*map(columns.column, self.ways), strict=True)) or [()] * columns.count
        try:
            pieces = list(map(self._memory.__getitem__, keys))
        except TypeError:  # an object among the values
            pieces = [self._memory[key] if is_hashable(key) else self._piece(key) for key in keys]
        if self._flawed:
            for place, key in enumerate(keys):
                if found := self._flawed.get(key if is_hashable(key) else repr(key)):
                    noted.setdefault(place, []).extend(found)
        return pieces

    def _piece(self, key: Key) -> str:
        """What is made of the values of the sources."""
        values = tuple([list(value) if type(value) is tuple else value for value in key])
        misfits: list[Misfit] = []
        made = [(name, fit(rule, make(values), misfits.append)) for rule, name, make in self._rules]
        if misfits:
            self._remember_flaw(key if is_hashable(key) else repr(key), misfits)
        return self._encode([(name, value) for name, value in made if value is not None])

    def _remember_flaw(self, key: Any, misfits: list[Misfit]) -> None:
        if len(self._flawed) >= ENTRIES:
            self._memory.clear()
            self._flawed.clear()
        self._flawed[key] = misfits


def is_hashable(key: Any) -> bool:
    """Can it be looked up?"""
    try:
        hash(key)
    except TypeError:
        return False
    return True


def repeats(way: str) -> bool:
    """Does a log say the value of a source again and again?"""
    front, _, key = way.rpartition(".")
    return (
        way in _FEW
        or way.startswith("made.")
        or (front.startswith(("records.SYSCALL|URINGOP.", "records.SYSCALL.", "own.")) and key in _WHO)
    )


def family(rule: Rule) -> frozenset[Any]:
    """What a field depends on that does not repeat; fields of the same family are made together."""
    conditions = [condition for part in parts_of(rule) for condition in part.when]
    return frozenset(conditions) | frozenset(
        way.partition(".")[0] if way.startswith(("own.", "file.", "summary.")) and not is_structured(way) else way
        for way in ways_of(rule)
        if is_structured(way) or not repeats(way)
    )
