"""The names that conditions, enrichments and mappings read of a decoded event in, the values of each event out."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from stitcher.kernel import render

Row = Sequence[Any]

#: a decoded event has been round, so it is an original again; as the source article has it
_ORIGINAL: Final = 1


class Reads:
    """Who reads what.  `index` is asked while things are compiled; then `rows` makes what they look into.

    A name is a path of the kernel (`records.SYSCALL.fields.uid`, kernel._paths), `Type`, a key of the summary
    (`summary.action`), or the target of an enrichment, which has no value until that has run.  Any other is of no
    decoded event: its value is None, and it stands in `unknown`.
    """

    def __init__(self, targets: Iterable[str] = ()) -> None:
        self.paths: list[str] = []
        self.unknown: list[str] = []
        self._targets = frozenset(targets)
        self._places: dict[str, int] = {}
        #: values that are no path's stand at the end of a row, from behind: index -1 is the last of these
        self._others: list[Any] = []
        self._told: list[tuple[int, tuple[str, ...]]] = []
        #: where the whole summary stands, if somebody reads a key of it: it is made once for all
        self.summary: int | None = None
        self._tell: Callable[[Row], dict[str, Any]] | None = None

    def index(self, name: str) -> int:
        """Where the value of this name will stand in a row."""
        if name not in self._places:
            self._places[name] = self._place(name)
        return self._places[name]

    def places(self, names: Iterable[str]) -> list[int]:
        """The same of several."""
        return [self.index(name) for name in names]

    def slot(self, name: str) -> int | None:
        """Where the target of an enrichment stands, if somebody reads it."""
        return self._places.get(name)

    def rows(self, values: Sequence[tuple[Any, ...]]) -> Sequence[Row]:
        """What the names stand for, event by event."""
        if not self._others:
            return values
        behind = self._others[::-1]
        rows = [[*read, *behind] for read in values]
        if self._tell is not None:
            for row in rows:
                self._put_told(row, self._tell(row))
        return rows

    def _place(self, name: str) -> int:
        if name in self._targets:
            return self._other(None)
        if name == "Type":
            return self._other(_ORIGINAL)
        if name.startswith("summary."):
            return self._told_place(tuple(name.split(".")[1:]))
        try:
            render([], (name,))
        except ValueError:
            self.unknown.append(name)
            return self._other(None)
        self.paths.append(name)
        return len(self.paths) - 1

    def _other(self, value: Any) -> int:
        self._others.append(value)
        return -len(self._others)

    def _told_place(self, keys: tuple[str, ...]) -> int:
        place = self._other(None)
        self._told.append((place, keys))
        if self._tell is None:
            from stitcher.summary import summarizer

            self.summary = self._other(None)
            made = summarizer()
            at = self.places(made.reads)
            self._tell = lambda row: made.answer(*[row[place] for place in at])
        return place

    def _put_told(self, row: list[Any], summary: dict[str, Any]) -> None:
        if self.summary is not None:
            row[self.summary] = summary
        for place, keys in self._told:
            value: Any = summary
            for key in keys:
                value = value.get(key) if isinstance(value, dict) else None
            row[place] = value
