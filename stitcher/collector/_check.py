"""Files of resources in, every fault of them out: what they hold, what they name, and whether their examples hold."""

import os
from collections.abc import Callable, Iterable, Iterator
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final, NamedTuple

from stitcher import resources, schemas, summary
from stitcher.collector._build import build_pipeline
from stitcher.collector._library import OTHER_KINDS, Entry, Library, entries_of, folders_of
from stitcher.collector._rest import check_rest
from stitcher.config import Fault, Faults, FaultyConfigError, Read, quote, read_into
from stitcher.config.examples import run_examples
from stitcher.config.trees import build
from stitcher.errors import ConfigError
from stitcher.yamlfile import load_all


class Checked(NamedTuple):
    """What was looked at, and what is wrong with it, sorted by file and line."""

    entries: tuple[Entry, ...]
    examples: int
    faults: tuple[str, ...]


def check(paths: Iterable[Path | Traversable], folders: Iterable[Path] = ()) -> Checked:
    """Every document of the files."""
    paths = list(paths)
    files = [path for path in paths if isinstance(path, Path)]
    library = Library([*dict.fromkeys(path.parent for path in files), *folders_of(folders, os.environ)], files)
    entries: list[Entry] = []
    faults: list[str] = []
    examples = 0
    for path in paths:
        found = list(entries_of(path))
        entries += found
        run = _Run(path, library)
        faults += run.faults(found)
        examples += run.examples
    return Checked(tuple(entries), examples, tuple(dict.fromkeys(faults)))


class _Run:
    """One file."""

    def __init__(self, path: Path | Traversable, library: Library) -> None:
        self.examples = 0
        self._path = path
        self._library = library

    def faults(self, entries: list[Entry]) -> Iterator[str]:
        others = [entry for entry in entries if entry.kind in OTHER_KINDS]
        if others:
            yield from self._other(others[0])
            return
        try:
            yield from self._documents()
        except ConfigError as cause:  # it cannot be read at all
            yield from str(cause).splitlines()

    def _documents(self) -> Iterator[str]:
        faults = Faults()
        reads = read_into(self._path, faults)
        for read in reads:
            self._whole(read, faults)
        documents = load_all(self._path).documents
        for document in documents:
            check_rest(document, self._library, faults)
        if documents and not any(True for _ in entries_of(self._path)):
            what = "resources are found by lines that begin with 'kind:' and 'id:'; write keys on lines of their own"
            faults.add(documents[0], (), what)
        _check_twins(reads, faults)
        yield from (str(one) for one in sorted(dict.fromkeys(faults.found), key=_place))

    def _whole(self, read: Read, faults: Faults) -> None:
        """What a document names must be there, and its examples must hold."""
        if read.model.kind == "pipeline":
            build_pipeline(read, self._library, faults)
        elif read.model.kind == "normalizer":
            tree = build(read, lambda name: self._library.find("normalizer", name, faults), faults)
            if tree is not None:
                self.examples += len(getattr(read.model, "examples", ()))
                faults.found += run_examples(read, tree)

    def _other(self, entry: Entry) -> Iterator[str]:
        try:
            _READERS[entry.kind](entry)
        except FaultyConfigError as cause:
            yield from map(str, cause.faults)
        except ConfigError as cause:
            yield from str(cause).splitlines()


def _check_twins(reads: list[Read], faults: Faults) -> None:
    """Two documents of one file that have one name: the second would never be found."""
    names = [(read.model.kind, read.model.id) for read in reads]
    for at, (kind, name) in enumerate(names):
        if (kind, name) in names[:at]:
            what = f"{quote(name)} is the id of another {kind} of this file too; choose an id of its own"
            faults.add(reads[at].document, ("id",), what)


def _place(fault: Fault) -> tuple[str, int]:
    return fault.path, fault.line


def _read_summary(entry: Entry) -> None:
    """The rules of summaries are read together, all of a folder."""
    faults = summary.Faults()
    summary.read_rules(Path(str(entry.path)).parent, faults)
    faults.end()


def _read_schema(entry: Entry) -> None:
    schemas.Schema(entry.path)


def _read_laurel(entry: Entry) -> None:
    schemas.read_laurel(entry.path)


def _read_fields(entry: Entry) -> None:
    faults = summary.Faults()
    schemas.read_table(entry.path, faults)
    faults.end()


def _read_format(entry: Entry) -> None:
    schemas.read_cef_keys(entry.path)


def _read_wrapper(entry: Entry) -> None:
    resources.read_wrapped(entry.path)


_READERS: Final[dict[str, Callable[[Entry], None]]] = {
    "summary": _read_summary,
    "schema": _read_schema,
    "laurel": _read_laurel,
    "fields": _read_fields,
    "format": _read_format,
    "wrapper": _read_wrapper,
}
