"""Linux UAPI headers in, names with their numbers out.

A header is read as text, not compiled: every `#define NAME expression` and every member of an enum is
kept, conditionals are ignored, and the first definition of a name wins.  That is how the headers
themselves work: an architecture's file comes first, and asm-generic defines what is still missing.
"""

import ast
import operator
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

CONTINUATION: Final = re.compile(r"\\\n")
COMMENT: Final = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
DIRECTIVE: Final = re.compile(r"^[ \t]*#.*$", re.MULTILINE)
DEFINE: Final = re.compile(r"^[ \t]*#([ \t]*)define[ \t]+(\w+)[ \t]+(\S.*)$", re.MULTILINE)
ENUM: Final = re.compile(r"\benum\b\s*(\w*)\s*\{([^{}]*)\}")

OCTAL: Final = re.compile(r"\b0([0-7]+)\b")
SUFFIX: Final = re.compile(r"\b(0[xX][0-9a-fA-F]+|[0-9]+)[uUlL]+\b")

OPERATORS: Final[dict[type[ast.operator], Callable[[int, int], int]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.LShift: operator.lshift,
}


class Symbols:
    """Names and the C expressions that define them, in reading order."""

    def __init__(self) -> None:
        self._expressions: dict[str, str] = {}

    def add(self, name: str, expression: str) -> None:
        """Keep a definition, unless there is one already or it only repeats the name of an enum's member."""
        if expression != name:
            self._expressions.setdefault(name, expression)

    def value(self, name: str) -> int:
        """Work out the number of a name; ValueError when its expression is more than arithmetic."""
        return self.evaluate(self.expression(name))

    def expression(self, name: str) -> str:
        """What a name is defined as, in C."""
        if name not in self._expressions:
            raise ValueError(f"'{name}' is not defined in the headers that were read")
        return self._expressions[name]

    def evaluate(self, expression: str) -> int:
        """Work out a C expression of numbers, characters and names; ValueError when it is more than arithmetic."""
        try:
            python = OCTAL.sub(r"0o\1", SUFFIX.sub(r"\1", expression))
            return self._evaluate(ast.parse(python.strip(), mode="eval").body)
        except SyntaxError as error:
            raise ValueError(f"'{expression}' is no arithmetic") from error

    def names(self, pattern: str) -> list[str]:
        """The names that a pattern covers, in reading order."""
        return [name for name in self._expressions if re.fullmatch(pattern, name)]

    def select(self, pattern: str) -> dict[int, str]:
        """Number -> name for every name that matches, sorted; of several names for a number the first read.

        The pattern covers the whole name; its group, if it has one, is the part that is kept.
        """
        chosen: dict[int, str] = {}
        for name in self._expressions:
            match = re.fullmatch(pattern, name)
            if match:
                chosen.setdefault(self.value(name), match[match.lastindex or 0])
        return dict(sorted(chosen.items()))

    def _evaluate(self, node: ast.expr) -> int:
        match node:
            case ast.Constant(value=int(number)):
                return number
            case ast.Constant(value=str(letter)) if len(letter) == 1:
                return ord(letter)
            case ast.Name(id=name):
                return self.value(name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self._evaluate(operand)
            case ast.BinOp(left=left, op=symbol, right=right) if type(symbol) in OPERATORS:
                return OPERATORS[type(symbol)](self._evaluate(left), self._evaluate(right))
        raise ValueError(f"cannot work out '{ast.unparse(node)}'")


class Headers:
    """A folder of UAPI headers with one folder per architecture: any-linux-any, x86-linux-any, ..."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def version(self) -> str:
        """The Linux version that the headers belong to, as "6.12"; a third number only if it is not 0."""
        symbols = self.read("any/linux/version.h")
        parts = [symbols.value(f"LINUX_VERSION_{part}") for part in ("MAJOR", "PATCHLEVEL", "SUBLEVEL")]
        return ".".join(str(part) for part in (parts if parts[2] else parts[:2]))

    def read(self, *paths: str, indented: bool = True) -> Symbols:
        """The definitions of some files, each written as "architecture/path", in the order given.

        indented=False leaves out what is written "# define", as prctl.h does for values of an option.
        """
        symbols = Symbols()
        for path in paths:
            text = self._text(path)
            for indent, name, expression in DEFINE.findall(text):
                if indented or not indent:
                    symbols.add(name, expression.strip())
            for _, name, expression in _members(text):
                symbols.add(name, expression)
        return symbols

    def enum(self, path: str, wanted: str) -> Symbols:
        """The members of one named enum."""
        symbols = Symbols()
        for enum, name, expression in _members(self._text(path)):
            if enum == wanted:
                symbols.add(name, expression)
        return symbols

    def _text(self, path: str) -> str:
        architecture, _, rest = path.partition("/")
        text = (self._folder / f"{architecture}-linux-any" / rest).read_text(encoding="utf-8")
        return COMMENT.sub(" ", CONTINUATION.sub(" ", text))


def _members(text: str) -> Iterator[tuple[str, str, str]]:
    """(enum, member, expression) of every enum; a member without a value is one more than the last."""
    for enum, body in ENUM.findall(DIRECTIVE.sub("", text)):
        following = "0"
        for member in filter(None, map(str.strip, body.split(","))):
            name, _, expression = (part.strip() for part in member.partition("="))
            yield enum, name, " ".join(expression.split()) or following
            following = f"{name} + 1"
