"""The values of one field in, one value out: how a sum field is summed, and how a long text is cut into parts.

Numbers are added, text is joined, lists are appended.  Where kinds meet, a list takes all else as parts of it, and text
takes numbers as text, so the kind of a sum does not depend on the order of the events.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Final

from stitcher.core._aggregation import text_of_any

#: numbers stay in here, which is what a field of KUMA holds and what JSON is written with
LARGEST: Final = (1 << 63) - 1
SMALLEST: Final = -1 << 63
#: the largest float
MOST: Final = 1.7976931348623157e308
#: bytes of a value up to which it is no load: identical and carried values are names, mostly
FREE_BYTES: Final = 255
#: one byte that was no UTF-8 (kernel._record.text_of)
_ESCAPED: Final = re.compile("[\uef80-\uefff]")

#: for one event the values of all sum fields, and 1, or 0 where it goes on from the part before
Row = tuple[list[Any], int]


def total(values: Iterable[Any], separator: str) -> Any:
    """The sum; None where there is nothing to sum.  None and empty text are nothing."""
    some = [value for value in values if value is not None and value != ""]
    if not some:
        return None
    try:
        return separator.join(some)
    except TypeError:
        return _mixed(some, separator)


def _mixed(values: list[Any], separator: str) -> Any:
    if any(isinstance(value, list | tuple) for value in values):
        return [part for value in values for part in (value if isinstance(value, list | tuple) else [text(value)])]
    if all(is_number(value) for value in values):
        return _bounded(sum(map(_bounded, values)))
    return separator.join(map(text, values))


def is_number(value: Any) -> bool:
    """A number that can be added; NaN cannot."""
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value


def _bounded(number: int | float) -> int | float:
    """A sum that leaves the range of a number stays at its end."""
    if isinstance(number, int):
        return max(SMALLEST, min(LARGEST, number))
    return max(-MOST, min(MOST, number))


def text(value: Any) -> str:
    """A value as a piece of text; true and false as JSON has them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return text_of_any(value)


def size_of(value: Any) -> int:
    """Bytes that a value holds, as they came; 8 for a number."""
    if isinstance(value, str):
        return len(value) if value.isascii() else _utf8(value)
    if isinstance(value, list | tuple):
        return sum(size_of(part) + 1 for part in value)
    if isinstance(value, dict):
        return sum(size_of(name) + size_of(part) + 2 for name, part in value.items())
    return 0 if value is None else 8


def _utf8(value: str) -> int:
    return len(value.encode("utf-8", "surrogatepass")) - 2 * len(_ESCAPED.findall(value))


def places(keys: Sequence[Any]) -> list[int]:
    """The places of events in the order of their keys: numbers, text, those without any; equal ones as they came."""
    return sorted(range(len(keys)), key=lambda at: (_rank(keys[at]), at))


def _rank(key: Any) -> tuple[int, int | float, str]:
    if is_number(key):
        return 0, key, ""
    written = text(key) if key is not None else ""
    if written.isascii() and written.isdigit() and len(written) <= 18:
        return 0, int(written), ""
    return (1, 0, written) if written else (2, 0, "")


def split(rows: Iterable[Row], bounds: Mapping[int, int], separator: str) -> Iterator[list[Row]]:
    """Rows in parts, in each of which the text of a bounded field, joined, has room; a piece is cut only if it must."""
    part: list[Row] = []
    lengths = dict.fromkeys(bounds, 0)
    for row in chain.from_iterable(_cut(one, bounds) for one in rows):
        added = {at: len(text(row[0][at])) if row[0][at] not in (None, "") else 0 for at in bounds}
        longer = {at: lengths[at] + added[at] + (len(separator) if lengths[at] and added[at] else 0) for at in bounds}
        if part and any(longer[at] > bounds[at] for at in bounds):
            yield part
            part, longer = [], added
        part.append(row)
        lengths = longer
    if part:
        yield part


def _cut(row: Row, bounds: Mapping[int, int]) -> Iterator[Row]:
    """A row whose texts are too long even alone, as several; what is not bounded stays in the first."""
    values, count = row
    long = {at: text(values[at]) for at, most in bounds.items() if values[at] is not None}
    times = max([-(-len(long[at]) // bounds[at]) for at in long], default=1)
    if times <= 1:
        yield row
        return
    for time in range(times):
        piece = [None if time else value for value in values]
        for at, written in long.items():
            piece[at] = written[time * bounds[at] : (time + 1) * bounds[at]] or None
        yield piece, 0 if time else count
