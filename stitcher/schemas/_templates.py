"""Lines that differ in nothing but numbers, made once: a line is kept as a template with holes for them.

Most events of a log are like one before, but for their id, time, process numbers, addresses in memory and results.
An event whose other values were all seen before takes the line that was made then, and its numbers are put in.

To find the holes the line is made of an event that has marks in their place: numbers that nobody can guess.  So a value
may be a hole where it gets into the line as it is: if it is digits or letters, and no rule looks at it more closely.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import repeat
from operator import itemgetter
from secrets import randbelow
from typing import Any, Final, NamedTuple

import orjson

from stitcher.schemas._derived import WHO, Called
from stitcher.schemas._fit import Misfit, fit
from stitcher.schemas._make import EMPTY, maker
from stitcher.schemas._rules import Rule
from stitcher.schemas._sources import Rows, is_structured, looked_up_by, milliseconds
from stitcher.schemas._units import is_hashable
from stitcher.summary import Summarizer

#: sources that are another in every event
_ALWAYS: Final = ("id", "time", "serial")
#: sources that mostly are
_MOSTLY: Final = tuple(
    f"records.{record}.{section}.{key}"
    for record in ("SYSCALL", "SYSCALL|URINGOP")
    for section, keys in (("fields", "pid ppid exit a0 a1 a2 a3"), ("value", "pid exit a0 a1 a2 a3"))
    for key in keys.split()
)
#: what a summary reads of these goes into it as it is if it is a number, but for 0
_OF_SUMMARY: Final = tuple(way for way in _MOSTLY if way.endswith((".value.exit", ".pid")))
#: all that is kept is forgotten at so many lines, or characters of lines; a longer line is not kept
ENTRIES: Final = 16384
CHARACTERS: Final = 25_165_824
LONGEST: Final = 16_384
#: letters of the longest value that fits a hole, and digits where it is to be a number
_LETTERS: Final = 32
_DIGITS: Final = 18
#: types of fields that hold numbers, and the conversion that makes one
_NUMBERS: Final = ("number", "float")
_NUMBER: Final = ("number",)
#: a field that holds fewer letters has no holes
_SMALLEST: Final = 40
#: the source that many rules convert, and that many processes have one of their own of; its longest value
_TITLE_OF: Final = "records.PROCTITLE.fields.proctitle"
_TITLE: Final = 512

#: makes lines, and says which of them are not to be kept
MakeLines = Callable[[Rows], tuple[list[str], set[int]]]


#: how all marks of this process begin, so that they are found at once
_FRONT: Final = str(10**8 + randbelow(9 * 10**8))


class _Template(NamedTuple):
    """A line in pieces, every other of which is a hole, and which values go there."""

    pieces: list[str]
    pick: Callable[[Any], tuple[Any, ...]]


class _Holes(dict[Any, Any]):
    """By the value of a source: _HOLE where it may be a hole, else the value itself."""

    def __init__(self, number: bool) -> None:
        super().__init__()
        self._number = number

    def __missing__(self, value: Any) -> Any:
        if len(self) >= ENTRIES:
            self.clear()
        found = self[value] = _HOLE if self._fits(value) else value
        return found

    def _fits(self, value: Any) -> bool:
        if type(value) is not str or not value.isascii() or value in EMPTY or value == "0":
            return False
        if self._number or value.isdecimal():
            return value.isdecimal() and value[0] != "0" and len(value) <= _DIGITS
        return value.isalnum() and len(value) <= _LETTERS


class _Texts(dict[Any, Any]):
    """By the value of a source that rules convert: _HOLE where that makes a hole, else the value itself."""

    def __init__(self, ways: Sequence[tuple[Rule, int, int]]) -> None:
        """Each rule comes with the number of its sources, and which of them this one is."""
        super().__init__()
        self._rules = [
            (rule, maker(rule, {way: at for at, way in enumerate(rule.ways)}), count, at) for rule, count, at in ways
        ]
        self.made = _Made(self.convert)

    def __missing__(self, value: Any) -> Any:
        if len(self) >= ENTRIES // 4:
            self.clear()
        found = self[value] = _HOLE if self.made[value] else value
        return found

    def convert(self, value: str) -> tuple[str, ...] | None:
        """What the rules make of a value; None where one of them makes nothing, or more than fits."""
        found = []
        misfits: list[Misfit] = []
        for rule, make, count, at in self._rules:
            made = fit(rule, make((None,) * at + (value,) + (None,) * (count - at - 1)), misfits.append)
            json = orjson.dumps(made).decode()
            if misfits or not made or json[0] not in '["':
                return None
            found.append(json[1:-1] if json[0] == '"' else json[2:-2])
        return tuple(found)


class _Made(dict[Any, tuple[str, ...]]):
    """By the value of a source what each rule makes of it, as it stands in JSON; () where it is no hole."""

    def __init__(self, convert: Callable[[str], tuple[str, ...] | None]) -> None:
        super().__init__()
        self._convert = convert

    def __missing__(self, value: Any) -> tuple[str, ...]:
        if len(self) >= ENTRIES // 4:
            self.clear()
        fits = type(value) is str and len(value) <= _TITLE
        found = self[value] = (self._convert(value) if fits else None) or ()
        return found


#: in a key the place of a value that is a hole
_HOLE: Final = object()


class Templates:
    """Makes lines of rows, with the lines that it has kept."""

    def __init__(
        self, reads: Sequence[str], rules: Iterable[Rule], summarizer: Summarizer, make: MakeLines, *, titles: bool
    ) -> None:
        """`reads` are the paths of a row; `titles`: the lines are JSON."""
        self._make = make
        used = list(rules)
        summary = frozenset(summarizer.reads) - frozenset(_OF_SUMMARY) - summarizer.of_calls.keys()
        plain = [way for way in (*_ALWAYS, *_MOSTLY) if way in reads and way not in summary and _is_written(way, used)]
        self._always = [reads.index(way) for way in plain if way in _ALWAYS]
        numbers = {way for rule in used for way in rule.ways if rule.type.type in _NUMBERS or rule.steps == _NUMBER}
        numbers.update(_OF_SUMMARY)  # of a call that makes a process, the summary takes only a number for it
        self._mostly = {reads.index(way): _Holes(way in numbers) for way in plain if way in _MOSTLY}
        #: system calls for which a summary looks at a value that is a hole for others
        self._looked_at_for = {
            at: summarizer.of_calls[reads[at]] for at in self._mostly if reads[at] in summarizer.of_calls
        }
        self._who = reads.index(WHO)
        self._called = Called()
        self._id = reads.index("id") if "id" in reads and reads.index("id") in self._always else -1
        marks = {at: _new_mark() for at in (*self._always, *self._mostly)}
        #: by place the value that stands there instead, and by its text which of a row's holes it is
        self._serial = reads.index("serial") if "serial" in reads else -1
        self._marks: dict[int, Any] = {at: int(mark) if reads[at] == "serial" else mark for at, mark in marks.items()}
        self._names = {mark: place for place, mark in enumerate(marks.values())}
        self._numbers = list(marks)
        if self._id >= 0:  # the time in milliseconds is made of the first half
            half = marks[self._id]
            self._marks[self._id] = f"{half}:{half}"
            self._names[f"{half}:{half}"] = self._names[half]
            self._names[half] = len(marks)
        self._timed = self._id >= 0 and any("milliseconds" in rule.ways for rule in used)
        self._title = reads.index(_TITLE_OF) if titles and _TITLE_OF in reads else -1
        self._texts = self._convert_title(used)
        words = sorted((word[len(_FRONT) :] for word in self._names), key=len, reverse=True)
        self._mark = re.compile(f"({_FRONT}(?:{'|'.join(words)}))") if words else None
        self._texts_of_records = frozenset(at for at, way in enumerate(reads) if way.endswith(("[*].json", "[*].who")))
        self._structured = frozenset(at for at, way in enumerate(reads) if is_structured(way)) - self._texts_of_records
        self._looked_at = [at for at in range(len(reads)) if at not in self._always]
        self._kept: dict[Any, _Template] = {}
        self._characters = 0

    def _convert_title(self, rules: list[Rule]) -> _Texts | None:
        """What holes the title of a process makes, if every rule that reads it makes one of its own."""
        some = [rule for rule in rules if _TITLE_OF in _looked_at(rule) and rule.constant is None]
        if self._title < 0 or any(
            rule.table is not None
            or rule.when
            or rule.unless
            or rule.differs
            or rule.every
            or not _goes_on(rule, rules)
            for rule in some
        ):
            return None
        texts = _Texts([(rule, len(rule.ways), rule.ways.index(_TITLE_OF)) for rule in some])
        mark = "\0".join(_new_mark() for _ in range(2))
        marks = texts.convert(mark)
        if (
            marks is None
            or len({*marks}) < len(marks)
            or not all(mark[:18] in one and mark[19:] in one for one in marks)
        ):
            return None
        self._marks[self._title] = mark
        self._names |= {one: len(self._numbers) + 1 + nth for nth, one in enumerate(marks)}
        return texts

    def lines(self, rows: Rows) -> list[str]:
        """A line for each row."""
        if self._mark is None:
            return self._make(rows)[0]
        read = list(zip(*rows, strict=True))
        keys = self._keys(read)
        try:
            found = list(map(self._kept.get, keys))
        except TypeError:
            found = [self._kept.get(key) if is_hashable(key) else None for key in keys]
        if None in found:
            self._add(rows, keys, found)
        holes: list[Iterable[Any]] = [map(str, read[at]) if at == self._serial else read[at] for at in self._numbers]
        holes.append(map(str, milliseconds(read[self._id])) if self._timed else read[0])
        titles: Iterable[tuple[str, ...]] = repeat((), len(rows))
        if self._texts is not None:
            made = self._texts.made
            titles = [made[title] if type(title) is str else () for title in read[self._title]]
        lines = []
        for one, row, title in zip(found, zip(*holes, strict=True), titles, strict=True):
            assert one is not None
            pieces = one.pieces[:]
            pieces[1::2] = one.pick(row + title)
            lines.append("".join(pieces))
        return lines

    def _keys(self, read: Sequence[Sequence[Any]]) -> list[Any]:
        """What lines are kept by: all values but those of the holes."""
        columns: list[Sequence[Any]] = []
        whos = list(map(tuple, read[self._who]))
        for at in self._looked_at:
            column = read[at]
            if at in self._texts_of_records:
                column = whos if at == self._who else list(map(tuple, column))
            elif at in self._structured:
                column = looked_up_by(column)
            elif at in self._mostly:
                column = self._numbers_of(at, column, whos)
            elif at == self._title and self._texts is not None:
                column = _mapped(self._texts, column)
            columns.append(column)
        return list(zip(*columns, strict=True)) if columns else [()] * len(read[0])

    def _numbers_of(self, at: int, column: Sequence[Any], whos: Sequence[tuple[str, ...]]) -> Sequence[Any]:
        """A column of values that may be holes, where no rule of the system call looks at them."""
        names = self._looked_at_for.get(at)
        mapped = _mapped(self._mostly[at], column)
        looking = {who for who in {*whos} if _is_of(self._called[who], names)} if names else None
        if not looking:
            return mapped
        return [value if who in looking else hole for value, hole, who in zip(column, mapped, whos, strict=True)]

    def _add(self, rows: Rows, keys: list[Any], found: list[_Template | None]) -> None:
        """Make the lines that were not kept, and keep them."""
        new: dict[Any, int] = {}
        places = []
        for place, one in enumerate(found):
            if one is None and (not is_hashable(keys[place]) or new.setdefault(keys[place], place) == place):
                places.append(place)
        lines, flawed = self._make([self._marked(rows[place]) for place in places])
        for place, (nth, line) in zip(places, enumerate(lines), strict=True):
            made = found[place] = self._template(line)
            if nth not in flawed and is_hashable(keys[place]):
                self._keep(keys[place], made)
        for place, one in enumerate(found):
            if one is None:
                found[place] = found[new[keys[place]]]

    def _marked(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        """The row with a mark for each value that may be a hole."""
        marked = list(row)
        for at in self._always:
            marked[at] = self._marks[at]
        for at, holes in self._mostly.items():
            if type(row[at]) is str and holes[row[at]] is _HOLE:
                calls = self._looked_at_for.get(at)
                if calls is None or not _is_of(self._called[tuple(row[self._who])], calls):
                    marked[at] = self._marks[at]
        if self._texts is not None and type(row[self._title]) is str and self._texts[row[self._title]] is _HOLE:
            marked[self._title] = self._marks[self._title]
        return tuple(marked)

    def _template(self, line: str) -> _Template:
        assert self._mark is not None
        parts = self._mark.split(line)
        places = [self._names[mark] for mark in parts[1::2]]
        if len(places) == 1:
            (one,) = places
            return _Template(parts, lambda values: (values[one],))
        return _Template(parts, itemgetter(*places) if places else lambda _: ())

    def _keep(self, key: Any, template: _Template) -> None:
        size = sum(map(len, template.pieces[::2]))
        if size > LONGEST:
            return
        self._characters += size
        if len(self._kept) >= ENTRIES or self._characters > CHARACTERS:
            self._kept.clear()
            self._characters = size
        self._kept[key] = template


def _looked_at(rule: Rule) -> list[str]:
    return [*rule.ways, *(one.way for one in (*rule.when, *rule.unless)), rule.differs]


def _is_written(way: str, rules: Sequence[Rule]) -> bool:
    """Do all rules that look at a source write its value as it is, or ask only whether it has one?"""
    looking = [rule for rule in rules if way in _looked_at(rule)]
    return all(_is_plain(rule, way) and (way not in rule.ways or _goes_on(rule, rules)) for rule in looking)


def _goes_on(rule: Rule, rules: Sequence[Rule]) -> bool:
    """Is what a rule makes a field, a constant, or a value that is written as it is by all that look at it?"""
    return not rule.name.startswith("made.") or rule.constant is not None or _is_written(rule.name, rules)


def _is_plain(rule: Rule, way: str) -> bool:
    """Does it write the value of a source as it is, or ask only whether it has one?"""
    if rule.differs or rule.every or any(one.way == way and one.words for one in (*rule.when, *rule.unless)):
        return False
    if way not in rule.ways:
        return True
    if rule.table is not None or rule.steps not in ((), _NUMBER):
        return False
    return rule.type.type in ("text", "date", "number", "any") and not 0 < rule.type.size < _SMALLEST


def _is_of(call: Any, calls: frozenset[str]) -> bool:
    """May it be one of these system calls?"""
    return type(call) is not str or call in calls


def _mapped(holes: dict[Any, Any], column: Sequence[Any]) -> list[Any]:
    try:
        return list(map(holes.__getitem__, column))
    except TypeError:
        return [holes[value] if is_hashable(value) else value for value in column]


def _new_mark() -> str:
    """A number that nobody can guess, so that no line has it by chance or ill will."""
    return f"{_FRONT}{randbelow(10**9):09}"
