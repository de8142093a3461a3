"""What is read of an event's fields in, what the kernel is asked for out: one text for many fields of the same records.

The JSON of records stands for the fields in them, and of SYSCALL and URINGOP records the JSON without what each call
has of its own (`who`).  Logs repeat these texts, so the fields are taken out of a text once, and what is the same in
two events is seen at one look.
"""

from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import Any, Final

from stitcher.kernel._paths import OF_CALL, PathParts, compile_path
from stitcher.schemas._convert import tree_of
from stitcher.summary import CALL, RING
from stitcher.tables.fields import FIELDS, OVERRIDES

Row = tuple[Any, ...]

WHO: Final = "records.SYSCALL|URINGOP[*].who"
_CALLS: Final = frozenset(("SYSCALL", "URINGOP"))
_PATH: Final = frozenset(("PATH",))
#: of these single values are read: many processes have a title of their own, and of a CWD there is nothing else
_SINGLE: Final = frozenset(("CWD", "PROCTITLE"))
#: what never means anything
_PLAIN: Final = OF_CALL - FIELDS.keys() - {key for _, key in OVERRIDES}
#: texts whose fields are kept
_KEPT: Final = 2048


class Derived:
    """All paths that were asked for, from the values of those that the kernel is asked for (`reads`)."""

    def __init__(self, paths: Iterable[str]) -> None:
        wanted = tuple(map(_plainly, paths))
        parts = {path: PathParts(path) for path in wanted}
        texts = {path: text for path, cut in parts.items() if (text := _text_of(cut))}
        others = sorted({kind for path, text in texts.items() if text == _OTHERS for kind in parts[path].records})
        named = {_OTHERS: f"records.{'|'.join(others)}[*].json"}
        self.reads = tuple(dict.fromkeys(named.get(text, text) for path in wanted for text in (texts.get(path, path),)))
        self._texts = [
            (self.reads.index(named.get(text, text)), _Text([path for path in texts if texts[path] == text]))
            for text in dict.fromkeys(texts.values())
        ]
        have = [*self.reads, *(path for _, text in self._texts for path in text.paths)]
        #: one more, so that it is always a tuple
        self._pick = itemgetter(*map(have.index, wanted), 0)

    def whole(self, rows: Iterable[Row]) -> list[Row]:
        """The values of all paths in their order, and at the end one more."""
        made = []
        for row in rows:
            values = list(row)
            for at, text in self._texts:
                values += text[tuple(row[at])]
            made.append(self._pick(values))
        return made


class _Text(dict[tuple[str, ...], Sequence[Any]]):
    """By the texts of some records the values of fields in them, which are not to be changed."""

    def __init__(self, paths: Sequence[str]) -> None:
        super().__init__()
        self.paths = paths
        #: of each path what reads it, in which types of records, and what it is without them
        self._readers: list[tuple[Callable[[dict[str, Any]], Any], frozenset[str], Any]] = [
            (compile_path(path), frozenset(parts.records), [] if parts.every else None)
            for path, parts in zip(paths, map(PathParts, paths), strict=True)
        ]

    def __missing__(self, texts: tuple[str, ...]) -> Sequence[Any]:
        if len(self) >= _KEPT:
            self.clear()
        records = [tree_of(text) for text in texts]
        event = {"records": records}
        types = {record["type"] for record in records}
        found = self[texts] = [
            nothing if types.isdisjoint(asked) else read(event) for read, asked, nothing in self._readers
        ]
        return found


class Called(dict[Any, Any]):
    """By the texts of `who` the system call that a summary tells."""

    def __init__(self) -> None:
        super().__init__()
        self._text = _Text((RING, CALL))

    def __missing__(self, texts: tuple[str, ...]) -> Any:
        if len(self) >= _KEPT:
            self.clear()
        ring, call = self._text[texts]
        found = self[texts] = ring or call
        return found


def _plainly(path: str) -> str:
    """The path by which a field is read that has no meaning, so that it is not read twice."""
    front, section, key = path.rpartition(".value.")
    is_call = _CALLS.issuperset(front.removeprefix("records.").split("|"))
    return f"{front}.fields.{key}" if section and key in _PLAIN and is_call else path


#: stands for the records of all types that have no text of their own
_OTHERS: Final = "records"


def _text_of(parts: PathParts) -> str:
    """The path of the text that the value of a path is taken from; "" where it is read by itself."""
    types = frozenset(parts.records)
    if not types or "*" in types or (not _CALLS.isdisjoint(types) and not _CALLS.issuperset(types)):
        return ""
    if types == _PATH:
        return "records.PATH[*].json" if parts.section != "json" else ""
    if _CALLS.issuperset(types):
        if parts.section not in ("fields", "interpreted", "value") or len(parts.keys) > 1:
            return ""
        return WHO if parts.section == "interpreted" or parts.keys[0] not in OF_CALL else ""
    return _OTHERS if _SINGLE.isdisjoint(types) and _PATH.isdisjoint(types) else ""
