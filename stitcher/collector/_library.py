"""Folders in, the resources in their YAML files out: by kind and id, the first folder counts."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final, NamedTuple

from stitcher.config import Faults, Read, quote, read_into
from stitcher.errors import ConfigError
from stitcher.resources import shipped

#: more folders, separated by colons; they count before what was shipped
VARIABLE: Final = "STITCHER_RESOURCES"
#: folders inside of a folder of resources
FOLDERS: Final = ("normalizers", "rules")
#: kinds with readers of their own, which `check` knows
OTHER_KINDS: Final = frozenset(("summary", "schema", "laurel", "fields", "format", "wrapper"))
_HEAD: Final = re.compile(r"^\ufeff?(['\"]?)(kind|id|description)\1 *: *(.*?)\s*$", re.MULTILINE)
_DOCUMENTS: Final = re.compile(r"^---\s*$", re.MULTILINE)


class Entry(NamedTuple):
    """A document, as its first lines say."""

    kind: str
    id: str
    description: str
    path: Path | Traversable
    #: the document's number in its file
    at: int
    #: who has the same kind and id and does not count
    shadows: "tuple[Entry, ...]" = ()

    @property
    def origin(self) -> str:
        """The file, "shipped" in front of what came with stitcher."""
        return (
            str(self.path)
            if isinstance(self.path, Path) and not _is_shipped(self.path)
            else f"shipped {self.path.name}"
        )


class Library:
    """Resources by kind and id; files are read when they are asked for."""

    def __init__(self, folders: Iterable[Path], files: Iterable[Path] = ()) -> None:
        """`files` count before `folders`, and those before what the environment names and what was shipped."""
        self.entries: dict[tuple[str, str], Entry] = {}
        self._read: dict[tuple[str, int], Read | None] = {}
        for path in (*files, *_files(folders)):
            for entry in entries_of(path):
                key = entry.kind, entry.id
                first = self.entries.setdefault(key, entry)
                if first is not entry and str(first.path) != str(entry.path):
                    self.entries[key] = first._replace(shadows=(*first.shadows, entry))

    def ids(self, kind: str) -> list[str]:
        """The ids of a kind."""
        return sorted(one for found, one in self.entries if found == kind and one)

    def find(self, kind: str, name: str, faults: Faults) -> Read | None:
        """A resource; None where there is none, or where it cannot be read, and `faults` says why."""
        entry = self.entries.get((kind, name))
        if entry is None:
            return None
        key = str(entry.path), entry.at
        if key not in self._read:
            for read in read_into(entry.path, faults):
                self._read[str(entry.path), _place(read, entry)] = read
            self._read.setdefault(key, None)
        return self._read[key]


def folders_of(given: Iterable[Path], environ: Mapping[str, str]) -> list[Path]:
    """Where resources are sought beside what was shipped; raises ConfigError for a folder that there is none of."""
    named = [("--resources", str(one)) for one in given]
    named += [(f"${VARIABLE}", one) for one in environ.get(VARIABLE, "").split(os.pathsep) if one]
    for who, folder in named:
        if not os.path.isdir(folder):  # noqa: PTH112 - Path.is_dir raises where a name is too long
            raise ConfigError(f"{who}: no such folder {quote(folder)}; make it, or leave it out")
    return [Path(folder) for _, folder in named]


def entries_of(path: Path | Traversable) -> Iterator[Entry]:
    """The documents of a file, by what stands at the start of its lines."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return
    parts = [part for part in _DOCUMENTS.split(text) if part.strip()]
    for at, part in enumerate(parts):
        head = {name: _scalar(value) for _, name, value in reversed(_HEAD.findall(part))}
        if "kind" in head:
            yield Entry(head["kind"], head.get("id", ""), head.get("description", ""), path, at)


def _scalar(text: str) -> str:
    """What YAML reads there, without quotes and comment."""
    if text[:1] in ("'", '"'):
        return text[1:].partition(text[0])[0]
    return text.partition(" #")[0].rstrip()


def _place(read: Read, entry: Entry) -> int:
    kind, name = read.model.kind, read.model.id
    return next((one.at for one in entries_of(entry.path) if (one.kind, one.id) == (kind, name)), entry.at)


def _files(folders: Iterable[Path]) -> Iterator[Path | Traversable]:
    for folder in folders:
        for place in (folder, *(folder / name for name in FOLDERS)):
            yield from sorted(place.glob("*.yaml"))
    for name in FOLDERS:
        yield from sorted(
            (one for one in shipped(name).iterdir() if one.name.endswith(".yaml")), key=lambda one: one.name
        )


def _is_shipped(path: Path) -> bool:
    return any(str(path).startswith(str(shipped(name))) for name in FOLDERS)
