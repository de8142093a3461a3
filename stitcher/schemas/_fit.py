"""Values that do not fit their fields: never dropped without a word.

A text that is too long is cut, and by the table's policy the whole of it (`spill`) or its rest in pieces (`split`) goes
to the field that the table calls `extra`; `overlong` there names the fields.  A value that is not of the field's type
goes there whole.  Both are counted.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple, Protocol

from stitcher.schemas._convert import OF_TYPE, text
from stitcher.schemas._fields import FieldTable, FieldType

#: counters of what did not fit
COUNTERS: Final = ("overlong", "unfit")


class Misfit(NamedTuple):
    """A value that did not fit; `size` is 0 where it was of the wrong type."""

    name: str
    value: str
    size: int


#: hears of what does not fit
Note = Callable[[Misfit], None]


class Field(Protocol):
    """What a value is held against: a rule, or a row of a table."""

    @property
    def name(self) -> str: ...
    @property
    def type(self) -> FieldType: ...


def fit(field: Field, value: Any, note: Note) -> Any:
    """The value as its field takes it, or None."""
    kind, size, listed = field.type
    if value is None or listed or kind == "any":
        return value
    made = value if kind == "text" and isinstance(value, str) else OF_TYPE[kind](value)
    if made is None:
        note(Misfit(field.name, text(value) or "", 0))
    elif size and len(made) > size:
        note(Misfit(field.name, made, size))
        return made[:size]
    return made


def settled(misfits: Iterable[Misfit], table: FieldTable) -> dict[str, str]:
    """What is written of misfits into `extra`, by name."""
    found: dict[str, str] = {}
    long: list[str] = []
    for name, value, size in misfits:
        if size:
            long.append(name)
        if not size or table.overlong == "spill":
            found[name] = value
        elif table.overlong == "split":
            starts = range(size, len(value), size)
            found |= {f"{name}.{at}": value[start : start + size] for at, start in enumerate(starts, 2)}
    if long:
        found["overlong"] = " ".join(dict.fromkeys(long))
    return found
