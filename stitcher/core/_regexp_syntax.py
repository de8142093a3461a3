"""The text of a regular expression in RE2's syntax in, a tree of what it matches out.

https://github.com/google/re2/wiki/Syntax is the source.  What only google-re2 knows is refused: classes of Unicode
(`\\pL`), one byte (`\\C`), octal numbers.
"""

import re
from typing import Final, NamedTuple

from stitcher.errors import ConfigError

#: first and last code point, sorted, with gaps between them
Ranges = tuple[tuple[int, int], ...]
LAST: Final = 0x10FFFF
#: of a repetition: RE2's own bound
MOST_REPEATS: Final = 1000
#: groups in groups
DEEPEST: Final = 100

_DIGITS: Final[Ranges] = ((0x30, 0x39),)
_SPACES: Final[Ranges] = ((0x09, 0x0A), (0x0C, 0x0D), (0x20, 0x20))
_WORD: Final[Ranges] = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
_NO_LF: Final[Ranges] = ((0, 9), (11, LAST))
_EVERY: Final[Ranges] = ((0, LAST),)
_PERL: Final = {"d": _DIGITS, "s": _SPACES, "w": _WORD}
_POSIX: Final[dict[str, Ranges]] = {
    "alnum": ((0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A)),
    "alpha": ((0x41, 0x5A), (0x61, 0x7A)),
    "ascii": ((0, 0x7F),),
    "blank": ((0x09, 0x09), (0x20, 0x20)),
    "cntrl": ((0, 0x1F), (0x7F, 0x7F)),
    "digit": _DIGITS,
    "graph": ((0x21, 0x7E),),
    "lower": ((0x61, 0x7A),),
    "print": ((0x20, 0x7E),),
    "punct": ((0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)),
    "space": ((0x09, 0x0D), (0x20, 0x20)),
    "upper": ((0x41, 0x5A),),
    "word": _WORD,
    "xdigit": ((0x30, 0x39), (0x41, 0x46), (0x61, 0x66)),
}
_CONTROLS: Final = {"a": 7, "f": 12, "t": 9, "n": 10, "r": 13, "v": 11}
_REPEAT: Final = re.compile(r"\{([0-9]{1,9})(,([0-9]{1,9})?)?\}")
_REPEATS: Final = re.compile(rf"[*+?]|{_REPEAT.pattern}")
_HEX: Final = re.compile(r"x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})")
_NAME: Final = re.compile(r"\?P?<([A-Za-z_][A-Za-z0-9_]*)>")
_FLAGS: Final = re.compile(r"\?([imsU]*)(?:-([imsU]+))?([:)])")


class Chars(NamedTuple):
    """One character of these; `fold`: in upper or lower case."""

    ranges: Ranges
    fold: bool


class Mark(NamedTuple):
    """A place between characters, as Python's `re` writes it."""

    source: str


class Series(NamedTuple):
    """One after another."""

    parts: "tuple[Node, ...]"


class Choice(NamedTuple):
    """One of these."""

    parts: "tuple[Node, ...]"


class Repeat(NamedTuple):
    """Several times; `high` is None where there is no bound."""

    part: "Node"
    low: int
    high: int | None
    lazy: bool


class Capture(NamedTuple):
    """A group that is remembered."""

    part: "Node"
    name: str


Node = Chars | Mark | Series | Choice | Repeat | Capture

START: Final = Mark(r"\A")
END: Final = Mark(r"\Z")
_LINE_END: Final = Mark("(?m:$)")
_ENDS: Final = (END, _LINE_END)
_MARKS: Final = {"A": START, "z": END, "b": Mark(r"(?a:\b)"), "B": Mark(r"(?!(?a:\b))")}


def parse(text: str, fold: bool) -> Node:
    """Raises ConfigError with the place of what cannot be read."""
    return _Parser(text, fold).whole()


class _Flags(NamedTuple):
    i: bool
    m: bool = False
    s: bool = False
    U: bool = False


class _Parser:
    def __init__(self, text: str, fold: bool) -> None:
        self._text = text
        self._at = 0
        self._flags = _Flags(fold)
        self._names: set[str] = set()
        self._depth = 0

    def whole(self) -> Node:
        node = self._choice()
        if self._at < len(self._text):
            raise self._fault("a ) without a (")
        return node

    def _fault(self, message: str) -> ConfigError:
        return ConfigError(f"{message}, at character {self._at + 1} of the pattern")

    def _take(self, text: str) -> bool:
        if self._text.startswith(text, self._at):
            self._at += len(text)
            return True
        return False

    def _scan(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self._text, self._at)
        if found:
            self._at = found.end()
        return found

    def _choice(self) -> Node:
        parts = [self._series()]
        while self._take("|"):
            parts.append(self._series())
        return parts[0] if len(parts) == 1 else Choice(tuple(parts))

    def _series(self) -> Node:
        parts: list[Node] = []
        while self._at < len(self._text) and self._text[self._at] not in "|)":
            if self._take("\\Q"):
                quoted, _, _ = self._text[self._at :].partition("\\E")
                self._at += len(quoted)
                self._take("\\E")
                parts += [self._char(ord(char)) for char in quoted]
            else:
                parts.append(self._atom())
            self._repeats(parts)
        return parts[0] if len(parts) == 1 else Series(tuple(parts))

    def _repeats(self, parts: list[Node]) -> None:
        """What is said of the last part."""
        before = self._at
        bounds = self._bounds()
        if bounds is None:
            return
        if not parts:
            self._at = before
            raise self._fault("nothing to repeat")
        lazy = self._take("?") != self._flags.U
        parts.append(Repeat(parts.pop(), *bounds, lazy))
        again = self._at
        if self._bounds() is not None:
            self._at = again
            raise self._fault("a repetition of a repetition; put the first one into (?:...)")

    def _bounds(self) -> tuple[int, int | None] | None:
        for sign, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._take(sign):
                return bounds
        before = self._at
        found = self._scan(_REPEAT)
        if not found:
            return None
        low = int(found[1])
        high = low if not found[2] else int(found[3]) if found[3] else None
        if max(low, high or 0) > MOST_REPEATS or (high is not None and high < low):
            self._at = before
            raise self._fault(f"{found[0]} is no repetition, or more than {MOST_REPEATS} times")
        return low, high

    def _atom(self) -> Node:
        char = self._text[self._at]
        if _REPEATS.match(self._text, self._at):
            raise self._fault("nothing to repeat")
        self._at += 1
        if char == "(":
            return self._group()
        if char == "[":
            return Chars(self._class(), self._flags.i)
        if char == ".":
            return Chars(_EVERY if self._flags.s else _NO_LF, False)
        if char == "^":
            return Mark("(?m:^)") if self._flags.m else START
        if char == "$":
            return _LINE_END if self._flags.m else END
        if char == "\\":
            return self._escape()
        return self._char(ord(char))

    def _char(self, code: int) -> Chars:
        return Chars(((code, code),), self._flags.i and chr(code).lower() != chr(code).upper())

    def _escape(self) -> Node:
        letter = self._text[self._at : self._at + 1]
        if letter in _MARKS and letter:
            self._at += 1
            return _MARKS[letter]
        ranges = self._escaped()
        return Chars(ranges, self._flags.i)

    def _escaped(self) -> Ranges:
        r"""What stands behind a backslash, in a class or outside: \d, \x41, \., \n."""
        letter = self._text[self._at : self._at + 1]
        if letter.lower() in _PERL and letter:
            self._at += 1
            ranges = _PERL[letter.lower()]
            return ranges if letter.islower() else without(ranges)
        if found := self._scan(_HEX):
            code = int(found[1] or found[2], 16)
            if code > LAST:
                raise self._fault(f"\\{found[0]} is no character")
            return ((code, code),)
        if letter in _CONTROLS and letter:
            self._at += 1
            return ((_CONTROLS[letter], _CONTROLS[letter]),)
        if letter and letter.isascii() and not letter.isalnum():
            self._at += 1
            return ((ord(letter), ord(letter)),)
        self._at -= 1
        raise self._fault(self._no_escape(letter))

    def _no_escape(self, letter: str) -> str:
        if letter in ("p", "P", "C") and letter:
            return f"\\{letter} is known where google-re2 is installed"
        if letter.isdigit():
            return f"\\{letter}: a back reference takes no linear time, and an octal number is written \\x.."
        if letter == "Z":
            return "\\Z is written \\z"
        return f"no escape '\\{letter}'" if letter else "a \\ at the end"

    def _class(self) -> Ranges:
        start = self._at - 1
        turned = self._take("^")
        found: list[tuple[int, int]] = []
        first = True
        while first or not self._take("]"):
            if self._at >= len(self._text):
                self._at = start
                raise self._fault("a [ without its ]")
            found += self._member()
            first = False
        ranges = merged(found)
        return without(ranges) if turned else ranges

    def _member(self) -> Ranges:
        if self._take("[:"):
            turned = self._take("^")
            name, end, _ = self._text[self._at :].partition(":]")
            if not end or name not in _POSIX:
                raise self._fault(f"no class '[:{name[:12]}:]'; known: {', '.join(_POSIX)}")
            self._at += len(name) + 2
            return without(_POSIX[name]) if turned else _POSIX[name]
        low = self._single()
        if len(low) != 1 or low[0][0] != low[0][1] or self._text[self._at : self._at + 1] != "-":
            return low
        if self._text[self._at + 1 : self._at + 2] in ("]", ""):
            return low
        self._at += 1
        high = self._single()
        if len(high) != 1 or high[0][1] < low[0][0] or high[0][0] != high[0][1]:
            raise self._fault("this is no range")
        return ((low[0][0], high[0][1]),)

    def _single(self) -> Ranges:
        char = self._text[self._at]
        self._at += 1
        return self._escaped() if char == "\\" else ((ord(char), ord(char)),)

    def _group(self) -> Node:
        start = self._at - 1
        outer = self._flags
        name: str | None = ""
        if found := self._scan(_NAME):
            name = found[1]
            if name in self._names:
                raise self._fault(f"the name '{name}' is given twice")
            self._names.add(name)
        elif found := self._scan(_FLAGS):
            on, off = found[1], found[2] or ""
            self._flags = outer._replace(**dict.fromkeys(on, True), **dict.fromkeys(off, False))
            if found[3] == ")":
                if _REPEATS.match(self._text, self._at):
                    raise self._fault("nothing to repeat")
                return Series(())
            name = None
        elif self._text[self._at : self._at + 1] == "?":
            raise self._fault(f"RE2 has no '({self._text[self._at : self._at + 3]}'; look-around takes no linear time")
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._fault(f"more than {DEEPEST} groups in one another")
        node = self._choice()
        if not self._take(")"):
            self._at = start
            raise self._fault("a ( without its )")
        self._depth -= 1
        self._flags = outer
        return node if name is None else Capture(node, name)


def merged(ranges: list[tuple[int, int]]) -> Ranges:
    """Sorted, and what touches is one."""
    out: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if out and low <= out[-1][1] + 1:
            out[-1] = (out[-1][0], max(out[-1][1], high))
        else:
            out.append((low, high))
    return tuple(out)


def without(ranges: Ranges) -> Ranges:
    """All other characters."""
    edges = [-1, *(edge for pair in ranges for edge in pair), LAST + 1]
    return tuple((low + 1, high - 1) for low, high in zip(edges[::2], edges[1::2], strict=True) if low + 1 < high)


def source(node: Node, fold: bool, cut: bool = False) -> str:
    """The tree as Python's `re` writes it.

    `fold`: it is compiled with IGNORECASE.  `cut`: what it searches is not the whole text, so it never sees the end.
    """
    if isinstance(node, Chars):
        text = _chars_source(node.ranges)
        return (
            text if node.fold == fold or node.ranges in (_NO_LF, _EVERY) else f"(?{'' if node.fold else '-'}i:{text})"
        )
    if isinstance(node, Mark):
        return "(?!)" if cut and node in _ENDS else node.source
    if isinstance(node, Series):
        return "".join(_in_series(part, fold, cut) for part in node.parts)
    if isinstance(node, Choice):
        return "|".join(source(part, fold, cut) for part in node.parts)
    if isinstance(node, Capture):
        return f"({f'?P<{node.name}>' if node.name else ''}{source(node.part, fold, cut)})"
    inner = source(node.part, fold, cut)
    if not isinstance(node.part, Chars | Capture):
        inner = f"(?:{inner})"
    return inner + _bounds_source(node.low, node.high) + ("?" if node.lazy else "")


def _in_series(part: Node, fold: bool, cut: bool) -> str:
    return f"(?:{source(part, fold, cut)})" if isinstance(part, Choice) else source(part, fold, cut)


def _bounds_source(low: int, high: int | None) -> str:
    known = {(0, None): "*", (1, None): "+", (0, 1): "?"}
    return known.get((low, high)) or (f"{{{low}}}" if low == high else f"{{{low},{'' if high is None else high}}}")


def _chars_source(ranges: Ranges) -> str:
    if ranges == _NO_LF:
        return "."
    if ranges == _EVERY:
        return "(?s:.)"
    if len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
        return re.escape(chr(ranges[0][0]))
    turned = ranges[-1:] != () and ranges[-1][1] == LAST
    inside = without(ranges) if turned else ranges
    if not inside:
        return r"[^\x00-\U0010ffff]"
    return f"[{'^' if turned else ''}{''.join(_range_source(low, high) for low, high in inside)}]"


def _range_source(low: int, high: int) -> str:
    return _code(low) if low == high else f"{_code(low)}-{_code(high)}"


def _code(code: int) -> str:
    return chr(code) if chr(code).isascii() and chr(code).isalnum() else f"\\U{code:08x}"
