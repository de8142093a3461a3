"""The YAML of normalizers/summary*.yaml in, its values with the lines they stand in out; faults are collected.

The reader of YAML gives values without lines, so a fault's line is looked up in the text: the files are written with
one rule for each `  - ` under a key at the margin.
"""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

from stitcher.errors import ConfigError
from stitcher.yamlfile import load

Folder = Path | Traversable
_ITEM: Final = re.compile(r" {0,2}- ")


class Faults:
    """What is wrong in all files; one ConfigError in the end."""

    def __init__(self) -> None:
        self._found: list[str] = []

    def add(self, text: str) -> None:
        self._found.append(text)

    def end(self) -> None:
        """Raise what was found, one line for each fault."""
        if self._found:
            raise ConfigError("\n".join(self._found))


class Place:
    """A file, or a rule of it, where a fault can be."""

    def __init__(self, path: Folder, lines: list[str], faults: Faults, start: int, end: int, name: str) -> None:
        self._path, self._lines, self._faults = path, lines, faults
        self._start, self._end, self._name = start, end, name
        #: the first lines of the rules of a section
        self._starts: dict[str, list[int]] = {}

    def fault(self, key: str, message: str, word: str = "") -> None:
        """`word` is what stands in the line that is wrong; the line of the key where it is left out."""
        where = f"{self._name}.{key}" if self._name and key else self._name or key
        self._faults.add(f"{self._path}:{self._line(word) or self._line(key) or self._start + 1}: {where}: {message}")

    def unknown(self, key: str, what: str, word: object, known: Iterator[str] | list[str]) -> None:
        """`word` is no such thing; says what comes near."""
        names = sorted(known)
        close = get_close_matches(str(word), names, 1)
        hint = f"did you mean '{close[0]}'?" if close else f"known: {', '.join(names[:12])}"
        self.fault(key, f"no {what} '{word}'; {hint}", str(word))

    def rule(self, section: str, index: int) -> "Place":
        """The place of one rule of a section."""
        if section not in self._starts:
            self._starts[section] = list(self._items(section))
        starts = self._starts[section]
        start = starts[index] if index < len(starts) else self._start
        end = starts[index + 1] if index + 1 < len(starts) else self._end
        return Place(self._path, self._lines, self._faults, start, end, f"{section}[{index}]")

    def _items(self, section: str) -> Iterator[int]:
        inside = False
        for number, line in enumerate(self._lines):
            if line and line[0] not in " #-":
                inside = line.startswith(f"{section}:")
            elif inside and _ITEM.match(line):
                yield number

    def _line(self, word: str) -> int | None:
        """The first line of this place with the word in it, counted from 1."""
        if not word:
            return None
        sought = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])")
        return next((n + 1 for n in range(self._start, self._end) if sought.search(self._lines[n])), None)


def read_file(path: Folder, faults: Faults, kind: str) -> tuple[dict[str, Any], Place]:
    """The mapping of a file, and its place; raises ConfigError where it is no YAML."""
    values = load(path)
    lines = path.read_text("utf-8").splitlines()
    place = Place(path, lines, faults, 0, len(lines), "")
    if not isinstance(values, dict):
        place.fault("", f"expected a mapping that begins with 'kind: {kind}'")
        return {}, place
    if values.get("kind") != kind:
        place.fault("kind", f"expected {kind}")
    for key in ("id", "description"):
        if not isinstance(values.get(key), str):
            place.fault(key, "expected text")
    return values, place
