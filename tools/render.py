"""Tables in, the text of a Python module of plain literals out, as `ruff format` would write it."""

from dataclasses import dataclass
from typing import Final

INDENT: Final = "    "

#: numbers from here on are written in hexadecimal, unless a table asks for it from 0 on
HEX_FROM: Final = 0x1000


@dataclass(frozen=True)
class Constant:
    """One assignment of a generated module; `source` is its right side."""

    name: str
    type: str
    source: str


def constant(name: str, kind: str, value: object, hex_from: int = HEX_FROM) -> Constant:
    return Constant(name, kind, literal(value, hex_from))


def module(summary: str, origin: str, constants: list[Constant]) -> str:
    """The whole text of a module: its summary, where it comes from, and its constants."""
    head = f'"""{summary}\n\n{origin}\n"""\n\nfrom typing import Final\n'
    return head + "".join(f"\n{item.name}: Final[{item.type}] = {item.source}\n" for item in constants)


def literal(value: object, hex_from: int, depth: int = 0) -> str:
    """A dict or a tuple one entry a line, except for a tuple of plain values."""
    match value:
        case dict():
            entries = [f"{literal(key, hex_from)}: {literal(item, hex_from, depth + 1)}" for key, item in value.items()]
            return _block("{", entries, "}", depth)
        case (single,):
            return f"({literal(single, hex_from)},)"
        case tuple() if any(isinstance(item, tuple) for item in value):
            return _block("(", [literal(item, hex_from, depth + 1) for item in value], ")", depth)
        case tuple():
            return f"({', '.join(literal(item, hex_from) for item in value)})"
        case int():
            return f"0x{value:X}" if value >= hex_from else str(value)
        case str() if '"' not in value and "\\" not in value:
            return f'"{value}"'
    raise ValueError(f"no literal for {value!r}")


def _block(opening: str, entries: list[str], closing: str, depth: int) -> str:
    lines = [f"{INDENT * (depth + 1)}{entry},\n" for entry in entries]
    return f"{opening}\n{''.join(lines)}{INDENT * depth}{closing}"
